//! The time-varying Poisson process, its day-level factor and its batches.

use super::{
    arrivals, assert_chi_square, assert_mean, assert_share, assert_uniform, mean_and_variance, minutes, run,
};
use crate::arrival::{Arrival, ArrivalSource, ArrivalStream, BatchSize, DayFactor, RateProfile};
use crate::stream::{Purpose, RunKey};
use crate::time::{SimSpan, SimTime};
use statrs::distribution::{Discrete, Geometric, Poisson};

const RUN_COUNT: u32 = 4_000;

/// Minutes at which the rate changes, and the rates from there on: a slow start, a silence, a peak of two minutes.
const CHANGES: [(f64, f64); 6] =
    [(0.0, 6.0), (60.0, 0.0), (119.0, 600.0), (121.0, 3.0), (180.0, 60.0), (210.0, 0.0)];

fn peaked() -> RateProfile {
    RateProfile::once(&CHANGES.map(|(at, per_hour)| (minutes(at), per_hour))).unwrap()
}

/// The segment someone came in.
fn segment(at: SimTime) -> usize {
    CHANGES.iter().rposition(|&(starts_at, _)| at >= minutes(starts_at)).unwrap()
}

#[test]
fn counts_of_every_segment_are_poisson_and_independent() {
    let profile = peaked();
    let source = ArrivalSource::poisson("walk_ins", profile.clone());
    let mut counts = vec![Vec::new(); CHANGES.len()];
    let mut stream = ArrivalStream::begin(&source, run(0));
    for replication in 0..RUN_COUNT {
        stream.restart(run(replication));
        let mut of_run = [0_u32; CHANGES.len()];
        stream.by_ref().for_each(|arrival| of_run[segment(arrival.at)] += 1);
        counts.iter_mut().zip(of_run).for_each(|(all, count)| all.push(f64::from(count)));
    }
    let runs = f64::from(RUN_COUNT);
    let end_of = |index: usize| CHANGES.get(index + 1).map_or(SimTime::NEVER, |&(at, _)| minutes(at));
    for (index, counts) in counts.iter().enumerate() {
        let expected = profile.expected_count(minutes(CHANGES[index].0), end_of(index));
        if expected == 0.0 {
            assert!(
                counts.iter().all(|&count| count == 0.0),
                "someone came in segment {index}, where nobody can"
            );
            continue;
        }
        let (mean, variance) = mean_and_variance(counts);
        assert_mean(&format!("segment {index}"), mean, expected, expected, runs);
        assert_chi_square(&format!("dispersion of {index}"), variance / expected * (runs - 1.0), runs - 1.0);
        let law = Poisson::new(expected).unwrap();
        let (mut statistic, mut cells, mut left) = (0.0, 0.0, 1.0);
        let mut left_count = runs;
        for value in 0..200_u32 {
            let share = law.pmf(u64::from(value));
            if share * runs < 8.0 {
                continue;
            }
            let found = counts.iter().filter(|&&count| count == f64::from(value)).count() as f64;
            statistic += (found - share * runs).powi(2) / (share * runs);
            (cells, left, left_count) = (cells + 1.0, left - share, left_count - found);
        }
        statistic += (left_count - left * runs).powi(2) / (left * runs);
        assert_chi_square(&format!("law of {index}"), statistic, cells);
    }
    for (earlier, later) in [(0, 2), (2, 3), (3, 4), (0, 4)] {
        let (a, b) = (&counts[earlier], &counts[later]);
        let ((mean_a, variance_a), (mean_b, variance_b)) = (mean_and_variance(a), mean_and_variance(b));
        let product = a.iter().zip(b).map(|(a, b)| (a - mean_a) * (b - mean_b)).sum::<f64>() / runs;
        let correlation = product / (variance_a * variance_b).sqrt();
        assert!((correlation * runs.sqrt()).abs() < 4.9, "{earlier} and {later}: correlation {correlation}");
    }
}

#[test]
fn a_peak_of_two_minutes_gets_its_exact_share() {
    let profile = peaked();
    let source = ArrivalSource::poisson("walk_ins", profile.clone());
    assert_eq!(profile.expected_count(minutes(119.0), minutes(121.0)), 20.0);
    let all: Vec<Arrival> =
        (0..RUN_COUNT).flat_map(|replication| arrivals(&source, run(replication))).collect();
    let in_peak = all.iter().filter(|arrival| segment(arrival.at) == 2).count();
    assert_share("share in the peak", in_peak, all.len(), 20.0 / source.expected_count());
}

#[test]
fn within_a_segment_arrivals_are_uniform() {
    let source = ArrivalSource::poisson("walk_ins", peaked());
    let all: Vec<Arrival> =
        (0..RUN_COUNT).flat_map(|replication| arrivals(&source, run(replication))).collect();
    for (index, pair) in CHANGES.windows(2).enumerate().filter(|(_, pair)| pair[0].1 > 0.0) {
        let (start, end) = (minutes(pair[0].0).as_seconds(), minutes(pair[1].0).as_seconds());
        let of_segment = all.iter().filter(|arrival| segment(arrival.at) == index);
        let places = of_segment.map(|arrival| (arrival.at.as_seconds() - start) / (end - start)).collect();
        assert_uniform(&format!("segment {index}"), places);
    }
}

#[test]
fn arrivals_are_in_order_of_time_with_the_key_of_their_index() {
    let source = ArrivalSource::poisson("walk_ins", peaked());
    let all = arrivals(&source, run(3));
    assert!(all.is_sorted_by_key(|arrival| arrival.at));
    for (index, arrival) in all.iter().enumerate() {
        assert_eq!(arrival.index, index as u64);
        assert_eq!(arrival.key, run(3).entity(Purpose::named("walk_ins"), index as u64));
    }
}

#[test]
fn what_is_peeked_is_what_comes() {
    let mut stream = ArrivalStream::begin(&ArrivalSource::poisson("walk_ins", peaked()), run(1));
    loop {
        let seen = stream.peek();
        let Some(arrival) = stream.next() else { break };
        assert_eq!(arrival.at, seen);
    }
    assert_eq!(stream.peek(), SimTime::NEVER);
    assert_eq!(stream.next(), None);
}

#[test]
fn a_restart_is_a_fresh_beginning() {
    let day_factor = DayFactor::gamma(0.3).unwrap();
    let source = ArrivalSource::poisson("walk_ins", peaked()).with_day_factor(day_factor).unwrap();
    let source = source.with_batches(BatchSize::geometric(1.7).unwrap());
    let mut stream = ArrivalStream::begin(&source, run(1));
    stream.by_ref().take(10).for_each(drop);
    stream.restart(run(2));
    assert_eq!(stream.collect::<Vec<_>>(), arrivals(&source, run(2)));
}

#[test]
fn demand_scaled_by_one_changes_no_bit_and_more_demand_brings_everyone_forward() {
    let source = ArrivalSource::poisson("walk_ins", peaked());
    let plain = arrivals(&source, run(5));
    assert_eq!(plain, arrivals(&source.scaled(1.0).unwrap(), run(5)));
    let more = arrivals(&source.scaled(1.2).unwrap(), run(5));
    assert!(more.len() >= plain.len());
    assert!(plain.iter().zip(&more).all(|(plain, more)| more.at <= plain.at && more.key == plain.key));
    assert!(arrivals(&source.scaled(0.0).unwrap(), run(5)).is_empty());
}

#[test]
fn the_same_day_every_day_is_the_profile_laid_end_to_end() {
    let mut per_hour = [0.0; 24];
    (per_hour[8], per_hour[9], per_hour[23]) = (50.0, 10.0, 4.0);
    let repeating = RateProfile::by_hour_of_day(&per_hour).unwrap();
    let days = 0..6;
    let hour = |day: u64, hour: u64| SimTime::ZERO + SimSpan::from_whole_minutes((day * 24 + hour) * 60);
    let segments: Vec<_> =
        days.flat_map(|day| (0..24).map(move |index| (hour(day, index), per_hour[index as usize]))).collect();
    let laid_out =
        ArrivalSource::poisson("walk_ins", RateProfile::once(&segments).unwrap()).with_until(hour(6, 0));
    let repeated = ArrivalSource::poisson("walk_ins", repeating).with_until(hour(6, 0));
    assert_eq!(repeated.expected_count(), 6.0 * 64.0);
    let (laid_out, repeated) = (arrivals(&laid_out, run(1)), arrivals(&repeated, run(1)));
    assert_eq!(laid_out.len(), repeated.len());
    for (a, b) in laid_out.iter().zip(&repeated) {
        assert!(
            a.at.since(b.at).max(b.at.since(a.at)) <= SimSpan::from_micros(1),
            "{:?} and {:?}",
            a.at,
            b.at
        );
    }
}

#[test]
fn a_rate_that_is_all_but_nothing_skips_whole_periods() {
    // One in 10⁴ years: a walk hour by hour would take 10⁸ steps for each.
    let mut per_hour = [0.0; 24];
    per_hour[10] = 1.0 / (365.0 * 1e4);
    let source = ArrivalSource::poisson("rare", RateProfile::by_hour_of_day(&per_hour).unwrap());
    let first: Vec<f64> = (0..2_000)
        .map(|replication| ArrivalStream::begin(&source, run(replication)).peek())
        .inspect(|at| assert_eq!(at.hour_of_day(), 10))
        .map(|at| 1.0 - (-at.as_seconds() / (365.0 * 1e4 * 86_400.0)).exp())
        .collect();
    assert_uniform("first of the rare", first);
    let silent = ArrivalSource::poisson("silent", RateProfile::by_hour_of_day(&[0.0; 24]).unwrap());
    assert_eq!(ArrivalStream::begin(&silent, run(0)).peek(), SimTime::NEVER);
}

#[test]
fn nobody_comes_at_the_limit_or_later() {
    let source = ArrivalSource::poisson("walk_ins", RateProfile::constant(3_600.0).unwrap());
    let source = source.with_until(minutes(30.0));
    assert_eq!(source.expected_count(), 1_800.0);
    let all = arrivals(&source, run(0));
    assert!(all.iter().all(|arrival| arrival.at < minutes(30.0)));
    assert_mean("count", all.len() as f64, 1_800.0, 1_800.0, 1.0);
}

#[test]
fn a_day_factor_spreads_the_counts_of_days() {
    let (mean, cv, runs) = (150.0, 0.2, f64::from(RUN_COUNT));
    let profile = RateProfile::once(&[(SimTime::ZERO, mean), (minutes(60.0), 0.0)]).unwrap();
    for factor in [DayFactor::gamma(cv).unwrap(), DayFactor::lognormal(cv).unwrap()] {
        let source = ArrivalSource::poisson("walk_ins", profile.clone()).with_day_factor(factor).unwrap();
        let mut stream = ArrivalStream::begin(&source, run(0));
        let (mut counts, mut factors) = (Vec::new(), Vec::new());
        for replication in 0..RUN_COUNT {
            stream.restart(run(replication));
            factors.push(stream.day_factor());
            counts.push(stream.by_ref().count() as f64);
        }
        let (mean_factor, variance_of_factor) = mean_and_variance(&factors);
        assert_mean("factor", mean_factor, 1.0, cv * cv, runs);
        // The standard error of a variance is about √(2/n) of it, and some more for the skewed factor.
        let tolerance = 4.9 * (2.4 / runs).sqrt();
        assert!((variance_of_factor / (cv * cv) - 1.0).abs() < tolerance, "variance {variance_of_factor}");
        let (mean_count, variance) = mean_and_variance(&counts);
        let expected = mean * (1.0 + mean * cv * cv);
        assert_mean("count", mean_count, mean, expected, runs);
        assert!((variance / expected - 1.0).abs() < tolerance, "variance {variance} instead of {expected}");
    }
}

#[test]
fn sources_may_share_their_busy_days() {
    let source =
        |name, factor: DayFactor| ArrivalSource::poisson(name, peaked()).with_day_factor(factor).unwrap();
    let factor = |name, factor| ArrivalStream::begin(&source(name, factor), run(9)).day_factor();
    let (own, shared) =
        (DayFactor::gamma(0.3).unwrap(), DayFactor::gamma(0.3).unwrap().shared_as("day.demand"));
    assert_ne!(factor("adults", own.clone()), factor("children", own));
    assert_eq!(factor("adults", shared.clone()), factor("children", shared));
}

#[test]
fn batches_come_together_and_indices_stay_unique() {
    let sizes = BatchSize::weighted(&[(1, 5.0), (2, 3.0), (4, 2.0)]).unwrap();
    assert!((sizes.mean() - 1.9).abs() < 1e-12);
    let profile = RateProfile::constant(60.0).unwrap();
    let source =
        ArrivalSource::poisson("visitors", profile).with_until(minutes(20_000.0)).with_batches(sizes);
    let all = arrivals(&source, run(0));
    assert!(all.iter().enumerate().all(|(index, arrival)| {
        arrival.index == index as u64 && arrival.key == run(0).entity(source.purpose(), index as u64)
    }));
    let batches: Vec<usize> = all.chunk_by(|a, b| a.at == b.at).map(<[Arrival]>::len).collect();
    for (size, share) in [(1, 0.5), (2, 0.3), (4, 0.2)] {
        let found = batches.iter().filter(|&&batch| batch == size).count();
        assert_share(&format!("batches of {size}"), found, batches.len(), share);
    }
    assert_mean("batches", batches.len() as f64, 20_000.0, 20_000.0, 1.0);
}

#[test]
fn geometric_batches_follow_their_law() {
    let profile = RateProfile::constant(60.0).unwrap();
    let source = ArrivalSource::poisson("visitors", profile).with_until(minutes(20_000.0));
    let source = source.with_batches(BatchSize::geometric(2.5).unwrap());
    assert!((source.expected_count() - 50_000.0).abs() < 1e-6);
    let all = arrivals(&source, run(0));
    let batches: Vec<usize> = all.chunk_by(|a, b| a.at == b.at).map(<[Arrival]>::len).collect();
    let law = Geometric::new(1.0 / 2.5).unwrap();
    for size in 1..=8 {
        let found = batches.iter().filter(|&&batch| batch == size).count();
        assert_share(&format!("batches of {size}"), found, batches.len(), law.pmf(size as u64));
    }
}

#[test]
fn batches_of_one_are_no_batches() {
    let source = ArrivalSource::poisson("walk_ins", peaked());
    let ones = source.clone().with_batches(BatchSize::weighted(&[(1, 1.0)]).unwrap());
    assert_eq!(arrivals(&source, run(4)), arrivals(&ones, run(4)));
}

#[test]
fn runs_differ() {
    let source = ArrivalSource::poisson("walk_ins", peaked());
    assert_ne!(arrivals(&source, RunKey::new(1, 0, 0)), arrivals(&source, RunKey::new(1, 0, 1)));
    assert_ne!(arrivals(&source, RunKey::new(1, 0, 0)), arrivals(&source, RunKey::new(2, 0, 0)));
}
