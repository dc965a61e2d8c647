//! Arrivals at instants and at planned times.

use super::{arrivals, assert_share, assert_uniform, minutes, normal_cdf, run};
use crate::arrival::{ArrivalError, ArrivalSource, ArrivalStream, BatchSize, DayFactor, PlannedArrivals};
use crate::distribution::Distribution;
use crate::time::SimTime;

/// Every ten minutes from 8:00 on.
fn planned(count: u32, punctuality: Distribution, no_show_share: f64) -> PlannedArrivals {
    let planned_at = (0..count).map(|index| minutes(480.0 + 10.0 * f64::from(index))).collect();
    PlannedArrivals { planned_at, punctuality, no_show_share }
}

#[test]
fn instants_are_kept_exactly() {
    let instants = [1.0, 2.0, 2.0, 50.0].map(minutes);
    let source = ArrivalSource::at_instants("bus", &instants).unwrap();
    let all = arrivals(&source, run(0));
    assert_eq!(all.iter().map(|arrival| (arrival.at, arrival.index)).collect::<Vec<_>>(), {
        (0..4).map(|index| (instants[index], index as u64)).collect::<Vec<_>>()
    });
    assert_eq!(arrivals(&source.clone().with_until(minutes(50.0)), run(0)).len(), 3);
    assert_eq!(source.with_until(minutes(2.0)).expected_count(), 1.0);
}

#[test]
fn without_lateness_or_absence_the_plan_is_kept() {
    let source =
        ArrivalSource::planned("booked", planned(30, Distribution::constant(0.0).unwrap(), 0.0)).unwrap();
    let all = arrivals(&source, run(0));
    assert_eq!(all.iter().map(|arrival| arrival.at).collect::<Vec<_>>(), source.planned_at().unwrap());
    assert_eq!(source.expected_count(), 30.0);
}

#[test]
fn punctuality_follows_its_law_and_arrivals_are_in_order_of_coming() {
    let punctuality = Distribution::uniform(-900.0, 1200.0).unwrap();
    let source = ArrivalSource::planned("booked", planned(50, punctuality, 0.0)).unwrap();
    let mut stream = ArrivalStream::begin(&source, run(0));
    let mut units = Vec::new();
    for replication in 0..1_000 {
        stream.restart(run(replication));
        let all: Vec<_> = stream.by_ref().collect();
        assert!(all.is_sorted_by_key(|arrival| arrival.at));
        let planned_at = |index: u64| source.planned_at().unwrap()[index as usize].as_seconds();
        units.extend(
            all.iter().map(|arrival| (arrival.at.as_seconds() - planned_at(arrival.index) + 900.0) / 2100.0),
        );
        let mut indices: Vec<u64> = all.iter().map(|arrival| arrival.index).collect();
        indices.sort_unstable();
        assert!(indices.into_iter().eq(0..50));
    }
    assert_uniform("punctuality", units);
}

#[test]
fn the_share_on_time_is_that_of_the_law() {
    let punctuality = Distribution::normal(-300.0, 600.0).unwrap();
    let source = ArrivalSource::planned("booked", planned(50, punctuality, 0.0)).unwrap();
    let (mut late, mut count) = (0, 0);
    for replication in 0..1_000 {
        for arrival in arrivals(&source, run(replication)) {
            count += 1;
            late += usize::from(arrival.at > source.planned_at().unwrap()[arrival.index as usize]);
        }
    }
    assert_share("late", late, count, 1.0 - normal_cdf(0.5));
}

#[test]
fn no_shows_have_their_share_and_keep_their_luck() {
    let punctuality = Distribution::normal(0.0, 600.0).unwrap();
    let source = |share| ArrivalSource::planned("booked", planned(50, punctuality.clone(), share)).unwrap();
    assert_eq!(source(0.2).expected_count(), 40.0);
    let mut came = 0;
    for replication in 0..1_000 {
        let all = arrivals(&source(0.0), run(replication));
        let fewer = arrivals(&source(0.2), run(replication));
        let fewest = arrivals(&source(0.4), run(replication));
        assert!(fewest.iter().all(|arrival| fewer.contains(arrival)));
        assert!(fewer.iter().all(|arrival| all.contains(arrival)));
        came += fewer.len();
    }
    assert_share("came", came, 50_000, 0.8);
    assert!(arrivals(&source(1.0), run(0)).is_empty());
}

#[test]
fn who_would_come_before_the_run_comes_at_its_start() {
    let plan = PlannedArrivals {
        planned_at: vec![minutes(5.0), minutes(1.0)],
        punctuality: Distribution::constant(-120.0).unwrap(),
        no_show_share: 0.0,
    };
    let all = arrivals(&ArrivalSource::planned("booked", plan).unwrap(), run(0));
    let expected = [(SimTime::ZERO, 1), (minutes(3.0), 0)];
    assert_eq!(all.iter().map(|arrival| (arrival.at, arrival.index)).collect::<Vec<_>>(), expected);
}

#[test]
fn planned_batches_count_their_customers_whether_they_come_or_not() {
    let sizes = BatchSize::weighted(&[(1, 1.0), (3, 1.0)]).unwrap();
    let source = |share| {
        let plan = planned(200, Distribution::normal(0.0, 900.0).unwrap(), share);
        ArrivalSource::planned("families", plan).unwrap().with_batches(sizes.clone())
    };
    let all = arrivals(&source(0.0), run(0));
    let some = arrivals(&source(0.5), run(0));
    let mut indices: Vec<u64> = all.iter().map(|arrival| arrival.index).collect();
    indices.sort_unstable();
    assert!(indices.into_iter().eq(0..all.len() as u64));
    assert!(some.len() < all.len() && some.iter().all(|arrival| all.contains(arrival)));
    assert_eq!(source(0.5).expected_count(), 200.0 * 0.5 * 2.0);
}

#[test]
fn lists_refuse_what_they_cannot_do() {
    let [early, late] = [1.0, 2.0].map(minutes);
    let unordered = ArrivalSource::at_instants("bus", &[late, early]).unwrap_err();
    assert_eq!(unordered, ArrivalError::Unordered { what: "instant", at: early, before: late });
    let source = ArrivalSource::at_instants("bus", &[early]).unwrap();
    assert_eq!(source.scaled(1.1).unwrap_err(), ArrivalError::ListHasNoRate);
    let factor = DayFactor::gamma(0.1).unwrap();
    assert_eq!(source.with_day_factor(factor).unwrap_err(), ArrivalError::ListHasNoRate);
    let plan = planned(1, Distribution::constant(0.0).unwrap(), 1.5);
    assert_eq!(ArrivalSource::planned("booked", plan).unwrap_err(), ArrivalError::NoShowShare { share: 1.5 });
    assert_eq!(BatchSize::fixed(0), Err(ArrivalError::BatchSize { size: 0.0 }));
    assert!(BatchSize::geometric(0.9).is_err() && BatchSize::weighted(&[]).is_err());
}
