//! Waits against their whole law. Waits of one run depend on one another, so each replication gives one customer, far
//! enough from the empty start.

use super::{FARTHEST, exact};
use crate::door;
use crate::watching::{arrival, film, first_start};
use onetrip_sim::observer::Happening;
use onetrip_studies::theory::Mmc;
use rayon::prelude::*;

const SAMPLE: u32 = 10_000;

/// The wait and the time inside of one customer of each replication, in minutes, in rising order.
fn one_of_each(scenario: &str, rng_seed: u64, customer: u32, horizon: &str) -> (Vec<f64>, Vec<f64>) {
    let settings = ["run.warm_up=0 s".to_owned(), format!("run.horizon={horizon}")];
    let system = door::shipped(scenario, &settings.each_ref().map(String::as_str));
    let pairs: Vec<(f64, f64)> = (0..SAMPLE)
        .into_par_iter()
        .map(|replication| {
            let film = film(&system, door::luck(rng_seed, replication)).expect("it runs");
            let came_at = arrival(&film, customer).expect("came");
            let wait = first_start(&film, customer).expect("served") - came_at;
            let mut own = film.records().iter().filter(|record| record.customer == customer);
            let left = own.find(|record| matches!(record.happening, Happening::Left(_))).expect("left");
            (wait.as_minutes(), (left.at - came_at).as_minutes())
        })
        .collect();
    let (mut waits, mut sojourns): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
    waits.sort_by(f64::total_cmp);
    sojourns.sort_by(f64::total_cmp);
    (waits, sojourns)
}

/// The largest distance between the sample's distribution function and the exact one, in 1/√n. The exact one may have an
/// atom at zero; the distance is taken at and after each value above it.
fn kolmogorov_smirnov(sorted: &[f64], tail: impl Fn(f64) -> f64) -> f64 {
    let count = sorted.len() as f64;
    let at_zero = sorted.partition_point(|&value| value <= 0.0);
    let atom = (at_zero as f64 / count - (1.0 - tail(0.0))).abs();
    let beyond = sorted.iter().enumerate().skip(at_zero).map(|(index, &value)| {
        let exact = 1.0 - tail(value);
        ((index + 1) as f64 / count - exact).abs().max((exact - index as f64 / count).abs())
    });
    beyond.fold(atom, f64::max) * count.sqrt()
}

/// Kolmogorov's law is beyond this once in a thousand times: 2 exp(−2 · 1.95²) = 0.001.
const LARGEST: f64 = 1.95;

#[test]
fn waits_and_sojourns_follow_the_laws_of_m_m_c() {
    // Customer 300 of the pharmacy comes 51 relaxation times (1/(μ(1−√ρ)²) = 35 min) after the start, customer 400 of
    // the three servers 41 times 49 min, customer 900 of the kiosks 90 times 5 min.
    for (scenario, rates, customer, horizon) in [
        ("mm1-pharmacy", (1.0 / 6.0, 1.0 / 3.0, 1), 300, "6 days"),
        ("mm3-ciw", (0.2, 0.1, 3), 400, "4 days"),
        ("kiosks-5", (2.0, 0.5, 5), 900, "14 h"),
    ] {
        let station = Mmc::new(rates.0, rates.1, rates.2).expect("stable");
        let (waits, sojourns) = one_of_each(scenario, 48, customer, horizon);
        let waits = kolmogorov_smirnov(&waits, |time| station.wait_tail(time).expect("a time"));
        let sojourns = kolmogorov_smirnov(&sojourns, |time| station.sojourn_tail(time).expect("a time"));
        println!("{scenario}: waits {waits:.2}, sojourns {sojourns:.2}");
        assert!(waits < LARGEST, "{scenario}: waits are {waits} away");
        assert!(sojourns < LARGEST, "{scenario}: sojourns are {sojourns} away");
    }
}

#[test]
fn the_test_of_laws_sees_a_wrong_law() {
    let (waits, _) = one_of_each("mm1-pharmacy", 48, 300, "6 days");
    // Services 4 % slower than they are.
    let other = Mmc::new(1.0 / 6.0, 1.0 / 3.12, 1).expect("stable");
    assert!(kolmogorov_smirnov(&waits, |time| other.wait_tail(time).expect("a time")) > LARGEST);
}

#[test]
fn the_time_inside_spreads_as_much_as_its_mean() {
    // Exponential: sd = mean = 10. For an exponential law the variance of n independent values has the relative
    // standard error √(8/n).
    let (_, sojourns) = one_of_each("mm1-benchmark", 4, 6000, "5 days");
    let count = sojourns.len() as f64;
    let mean = sojourns.iter().sum::<f64>() / count;
    let variance = sojourns.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (count - 1.0);
    let exact = exact(4, "", "sojourn_time.sd") / 60.0;
    let z = (variance / (exact * exact) - 1.0) / (8.0 / count).sqrt();
    assert!(z.abs() < FARTHEST, "sd {}, exact {exact}, z {z}", variance.sqrt());
}
