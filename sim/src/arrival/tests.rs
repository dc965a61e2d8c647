//! Arrivals against the laws they claim to follow.

mod listed;
mod poisson;
mod rates;
mod renewal;

use super::{Arrival, ArrivalSource, ArrivalStream};
use crate::stream::RunKey;
use crate::time::{SimSpan, SimTime};
use statrs::distribution::{ChiSquared, ContinuousCDF, Normal};

fn minutes(minutes: f64) -> SimTime {
    SimTime::ZERO + SimSpan::from_seconds(60.0 * minutes)
}

fn run(replication: u32) -> RunKey {
    RunKey::new(20_180_601, replication, 0)
}

fn arrivals(source: &ArrivalSource, run: RunKey) -> Vec<Arrival> {
    ArrivalStream::begin(source, run).collect()
}

/// Refuses a mean of `count` draws at p < 1e-6.
#[track_caller]
fn assert_mean(what: &str, found: f64, expected: f64, variance: f64, count: f64) {
    let z = (found - expected) / (variance / count).sqrt();
    assert!(z.abs() < 4.9, "{what}: {found} instead of {expected}, z {z}");
}

/// Refuses a chi-square statistic at p < 1e-6 on either side.
#[track_caller]
fn assert_chi_square(what: &str, statistic: f64, freedom: f64) {
    let law = ChiSquared::new(freedom).unwrap();
    let p = law.sf(statistic).min(law.cdf(statistic));
    assert!(p > 1e-6, "{what}: chi square {statistic} of {freedom}, p {p}");
}

fn mean_and_variance(values: &[f64]) -> (f64, f64) {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    (mean, values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (count - 1.0))
}

/// Kolmogorov's √n · D against the uniform law on 0..1; refused at p < 1e-6.
#[track_caller]
fn assert_uniform(what: &str, mut values: Vec<f64>) {
    values.sort_by(f64::total_cmp);
    let count = values.len() as f64;
    let gap = |(index, &value): (usize, &f64)| {
        (value - index as f64 / count).max((index + 1) as f64 / count - value)
    };
    let distance = values.iter().enumerate().map(gap).fold(0.0, f64::max) * count.sqrt();
    assert!(distance < 2.7, "{what}: √n D = {distance}");
}

/// Refuses a share of `count` trials at p < 1e-6.
#[track_caller]
fn assert_share(what: &str, hits: usize, count: usize, share: f64) {
    assert_mean(what, hits as f64 / count as f64, share, share * (1.0 - share), count as f64);
}

/// The standard normal law at z, for expectations.
fn normal_cdf(z: f64) -> f64 {
    Normal::standard().cdf(z)
}
