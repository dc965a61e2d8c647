//! Arrivals with gaps of any law.

use super::{arrivals, assert_mean, assert_uniform, mean_and_variance, minutes, run};
use crate::arrival::{ArrivalError, ArrivalSource, ArrivalStream, BatchSize, DayFactor, FirstArrival};
use crate::distribution::{Distribution, Spread};
use crate::time::SimTime;

#[test]
fn constant_gaps_tick_like_a_clock() {
    let gap = Distribution::constant(90.0).unwrap();
    for (first, count, first_at) in [(FirstArrival::AtStart, 7, 60.0), (FirstArrival::AfterOneGap, 6, 61.5)] {
        let source = ArrivalSource::renewal("tick", gap.clone(), minutes(60.0), first).unwrap();
        let all = arrivals(&source.with_until(minutes(70.0)), run(0));
        let expected: Vec<SimTime> =
            (0..count).map(|index| minutes(first_at + 1.5 * f64::from(index))).collect();
        assert_eq!(all.iter().map(|arrival| arrival.at).collect::<Vec<_>>(), expected);
    }
}

#[test]
fn gaps_follow_their_law() {
    let gap = Distribution::weibull(0.8, 40.0).unwrap();
    let source = ArrivalSource::renewal("walk_ins", gap, SimTime::ZERO, FirstArrival::AtStart).unwrap();
    let at: Vec<f64> =
        ArrivalStream::begin(&source, run(0)).take(100_001).map(|arrival| arrival.at.as_seconds()).collect();
    let units = at.windows(2).map(|pair| 1.0 - (-((pair[1] - pair[0]) / 40.0).powf(0.8)).exp()).collect();
    assert_uniform("Weibull gaps", units);
}

#[test]
fn the_expected_count_is_the_mean_count() {
    for (cv, first) in
        [(0.4, FirstArrival::AtStart), (1.0, FirstArrival::AfterOneGap), (1.5, FirstArrival::AtStart)]
    {
        let gap = Distribution::gamma_with_mean(60.0, Spread::Cv(cv)).unwrap();
        let source = ArrivalSource::renewal("walk_ins", gap, minutes(10.0), first).unwrap();
        let source = source.with_until(minutes(310.0));
        let counts: Vec<f64> =
            (0..4_000).map(|replication| arrivals(&source, run(replication)).len() as f64).collect();
        let (mean, variance) = mean_and_variance(&counts);
        assert_mean(&format!("cv {cv}"), mean, source.expected_count(), variance, 4_000.0);
    }
}

#[test]
fn demand_scales_gaps_and_keeps_the_luck() {
    let gap = Distribution::exponential(60.0).unwrap();
    let source = ArrivalSource::renewal("walk_ins", gap, SimTime::ZERO, FirstArrival::AfterOneGap).unwrap();
    let source = source.with_until(minutes(1_000.0));
    let plain = arrivals(&source, run(0));
    assert_eq!(plain, arrivals(&source.scaled(1.0).unwrap(), run(0)));
    let doubled = arrivals(&source.scaled(2.0).unwrap(), run(0));
    for (plain, doubled) in plain.iter().zip(&doubled) {
        assert!((plain.at.as_seconds() / 2.0 - doubled.at.as_seconds()).abs() < 1e-3);
        assert_eq!(plain.key, doubled.key);
    }
    assert_eq!(source.scaled(0.0).unwrap_err(), ArrivalError::Factor { factor: 0.0 });
}

#[test]
fn a_day_factor_divides_the_gaps() {
    let gap = Distribution::constant(60.0).unwrap();
    let source = ArrivalSource::renewal("tick", gap, SimTime::ZERO, FirstArrival::AfterOneGap).unwrap();
    let source = source.with_day_factor(DayFactor::gamma(0.5).unwrap()).unwrap();
    let mut stream = ArrivalStream::begin(&source, run(3));
    let expected = 60.0 / stream.day_factor();
    assert_ne!(stream.day_factor(), 1.0);
    assert!((stream.next().unwrap().at.as_seconds() - expected).abs() < 1e-6);
}

#[test]
fn batches_keep_the_gaps() {
    let gap = Distribution::exponential(60.0).unwrap();
    let source = ArrivalSource::renewal("walk_ins", gap, SimTime::ZERO, FirstArrival::AfterOneGap).unwrap();
    let alone: Vec<SimTime> =
        arrivals(&source.clone().with_until(minutes(100.0)), run(0)).iter().map(|a| a.at).collect();
    let pairs = source.with_until(minutes(100.0)).with_batches(BatchSize::fixed(2).unwrap());
    let pairs: Vec<SimTime> = arrivals(&pairs, run(0)).iter().map(|arrival| arrival.at).collect();
    assert_eq!(pairs, alone.iter().flat_map(|&at| [at, at]).collect::<Vec<_>>());
}

#[test]
fn impossible_gaps_are_refused() {
    for gap in [Distribution::uniform(-1.0, 5.0).unwrap(), Distribution::constant(0.0).unwrap()] {
        let source = ArrivalSource::renewal("walk_ins", gap, SimTime::ZERO, FirstArrival::AtStart);
        assert!(matches!(source, Err(ArrivalError::Gap { .. })));
    }
}
