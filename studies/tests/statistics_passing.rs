//! The chance to pass an inspection against exact values: exponential, lognormal and M/M/c waits, 1 to 50 visits.

use onetrip_sim::stream::{Purpose, RunKey, Stream};
use onetrip_studies::statistics::Level;
use onetrip_studies::statistics::integration::GaussLegendre;
use onetrip_studies::statistics::laws::{normal_quantile, normal_share_below};
use onetrip_studies::statistics::passing::{Criterion, passing};
use statrs::function::gamma::gamma_lr;

/// A law of waits in minutes: how to draw from it, and the exact chance that the mean of n is at most a limit.
struct Law {
    name: &'static str,
    quantile: fn(f64) -> f64,
    exact: fn(usize, f64) -> f64,
    limits: [f64; 2],
}

const LAWS: [Law; 3] = [
    Law { name: "exponential", quantile: exponential, exact: exponential_mean, limits: [8.0, 12.0] },
    Law { name: "lognormal", quantile: lognormal, exact: lognormal_mean, limits: [9.0, 13.0] },
    Law { name: "M/M/5", quantile: queue, exact: queue_mean, limits: [2.0, 6.0] },
];

/// Mean 10.
fn exponential(unit: f64) -> f64 {
    -10.0 * (1.0 - unit).ln()
}

fn exponential_mean(n: usize, limit: f64) -> f64 {
    gamma_lr(n as f64, n as f64 * limit / 10.0)
}

/// Median 8, standard deviation 0.7 of the logarithm (mean 10.2).
const SPREAD: f64 = 0.7;

fn lognormal(unit: f64) -> f64 {
    8.0 * (SPREAD * normal_quantile(unit)).exp()
}

/// For one visit the normal law; beyond, the inversion of the characteristic function by Gil-Pelaez,
/// P(S ≤ s) = ½ − (1/π)∫ Im(e^(−its) φ(t)ⁿ)/t dt, with φ by quadrature: nothing of it is a convolution on a grid.
fn lognormal_mean(n: usize, limit: f64) -> f64 {
    if n == 1 {
        return normal_share_below((limit / 8.0).ln() / SPREAD);
    }
    let sum = limit * n as f64;
    let normal: Vec<(f64, f64)> = GaussLegendre::new(400)
        .on(-7.0, 7.0)
        .into_iter()
        .map(|(z, weight)| {
            (8.0 * (SPREAD * z).exp(), weight * (-0.5 * z * z).exp() / std::f64::consts::TAU.sqrt())
        })
        .collect();
    let integrand = |t: f64| {
        let (re, im) = normal.iter().fold((0.0, 0.0), |(re, im), (x, weight)| {
            (re + weight * (t * x).cos(), im + weight * (t * x).sin())
        });
        let size = (re * re + im * im).sqrt().powi(n as i32);
        size * (n as f64 * im.atan2(re) - t * sum).sin() / t
    };
    // |φ(t)|ⁿ falls like exp(−n·36·t²/2) at first; the panels follow the scale of the sum.
    let scale = 1.0 / (6.0 * (n as f64).sqrt());
    let rule = GaussLegendre::new(24);
    let integral: f64 = (0..24)
        .map(|panel| rule.integral(f64::from(panel) * scale, f64::from(panel + 1) * scale, integrand))
        .sum();
    0.5 - integral / std::f64::consts::PI
}

/// 5 servers, 0.45 arrivals a minute, 10 minutes of service each.
const RATE: f64 = 5.0 / 10.0 - 0.45;

/// The share that waits at all, by Erlang's formula.
fn erlang_c() -> f64 {
    let (load, servers) = (4.5_f64, 5);
    let mut blocked = 1.0;
    for server in 1..=servers {
        blocked = load * blocked / (f64::from(server) + load * blocked);
    }
    let utilisation = load / f64::from(servers);
    blocked / (1.0 - utilisation * (1.0 - blocked))
}

fn queue(unit: f64) -> f64 {
    let waiting = erlang_c();
    if unit < 1.0 - waiting { 0.0 } else { -((1.0 - unit) / waiting).ln() / RATE }
}

fn queue_mean(n: usize, limit: f64) -> f64 {
    some_wait_mean(erlang_c(), RATE, n, limit)
}

/// A visit waits with chance `waiting`, and then exponentially: k of n wait (binomial), and their waits add up to a gamma
/// law.
fn some_wait_mean(waiting: f64, rate: f64, n: usize, limit: f64) -> f64 {
    let mut term = (1.0 - waiting).powi(n as i32);
    let mut sum = term;
    for k in 1..=n {
        term *= (n - k + 1) as f64 / k as f64 * waiting / (1.0 - waiting);
        sum += term * gamma_lr(k as f64, rate * limit * n as f64);
    }
    sum
}

fn stream(name: &str, replication: u32) -> Stream {
    RunKey::new(2024, replication, 0).entity(Purpose::named(name), 0).stream(Purpose::named("wait"))
}

#[test]
fn the_characteristic_function_inverts_to_the_known_law_of_one_lognormal() {
    // Two visits by direct integration over the first: ∫ Φ((ln((s − x)/8))/σ) f(x) dx.
    for limit in [4.0, 9.0, 13.0] {
        let sum: f64 = 2.0 * limit;
        let top = (sum / 8.0).ln() / SPREAD;
        let direct = GaussLegendre::new(400).integral(-8.0, top, |z| {
            let rest = sum - 8.0 * (SPREAD * z).exp();
            let density = (-0.5 * z * z).exp() / std::f64::consts::TAU.sqrt();
            if rest > 0.0 { density * normal_share_below((rest / 8.0).ln() / SPREAD) } else { 0.0 }
        });
        assert!(
            (direct - lognormal_mean(2, limit)).abs() < 1e-4,
            "{limit}: {direct} {}",
            lognormal_mean(2, limit)
        );
    }
}

/// Without sampling error: the sample is the law itself, at 20,000 even shares.
#[test]
fn the_grid_adds_less_than_a_thousandth() {
    for law in &LAWS {
        let sample: Vec<f64> = (0..20_000).map(|i| (law.quantile)((f64::from(i) + 0.5) / 20_000.0)).collect();
        for n in [1, 2, 3, 5, 10, 20, 35, 50] {
            for limit in law.limits {
                let exact = (law.exact)(n, limit);
                let most = passing(&[&sample], Criterion::MeanAtMost(limit), n, Level::P95).unwrap().value;
                assert!(
                    (most - exact).abs() < 1e-3,
                    "{} n {n} limit {limit}: {most}, exact {exact}",
                    law.name
                );
            }
        }
    }
}

/// From a run of 60 days: within 0.005 and four standard errors of the exact value, for every number of visits.
#[test]
fn sampled_chances_are_near_the_exact_ones_for_1_to_50_visits() {
    for law in &LAWS {
        let days: Vec<Vec<f64>> = (0..60)
            .map(|day| {
                let mut stream = stream(law.name, day);
                (0..100).map(|_| (law.quantile)(stream.unit())).collect()
            })
            .collect();
        for n in 1..=50 {
            let limit = law.limits[n % 2];
            let exact = (law.exact)(n, limit);
            let chance = passing(&days, Criterion::MeanAtMost(limit), n, Level::P95).unwrap();
            let standard_error = chance.interval.unwrap().half_width() / 2.0;
            let error = (chance.value - exact).abs();
            assert!(
                error < 0.005 + 4.0 * standard_error,
                "{} n {n}: {} exact {exact}",
                law.name,
                chance.value
            );
            let least = passing(&days, Criterion::MeanAtLeast(limit), n, Level::P95).unwrap();
            assert!((least.value + chance.value - 1.0).abs() < if n == 1 { 0.2 } else { 1e-9 });
        }
    }
}

/// 200 runs each: the intervals hold the exact chance about as often as they say, also where the visits of a day come
/// in groups of eight with the same luck.
#[test]
fn intervals_hold_the_exact_chance_whether_days_are_alike_or_not() {
    for (law, n, limit) in
        [(0, 1, 12.0), (0, 5, 12.0), (0, 30, 9.0), (1, 10, 11.0), (2, 3, 6.0), (2, 20, 5.0)]
    {
        let law = &LAWS[law];
        let exact = (law.exact)(n, limit);
        for is_clustered in [false, true] {
            let mut held = 0;
            for run in 0..200 {
                let days: Vec<Vec<f64>> = (0..30)
                    .map(|day| {
                        let mut stream = stream(law.name, run * 1000 + day);
                        let luck: Vec<f64> = (0..40).map(|_| (law.quantile)(stream.unit())).collect();
                        (0..40).map(|visit| luck[if is_clustered { visit / 8 } else { visit }]).collect()
                    })
                    .collect();
                let chance = passing(&days, Criterion::MeanAtMost(limit), n, Level::P95).unwrap();
                held += u32::from(chance.interval.unwrap().contains(exact));
            }
            let share = f64::from(held) / 200.0;
            assert!((0.90..=0.995).contains(&share), "{} n {n} clustered {is_clustered}: {share}", law.name);
        }
    }
}

/// Inspectors come on days drawn alike. On half of the days 20 come and nobody waits, on the others 80 do and all wait 15 min
/// in the mean: half of the visits wait, although four fifths of the patients do.
#[test]
fn quiet_and_busy_days_count_alike_whatever_the_number_of_their_patients() {
    for (n, limit) in [(1, 10.0), (2, 9.0), (5, 9.0), (12, 8.0), (50, 8.0)] {
        let exact = some_wait_mean(0.5, 1.0 / 15.0, n, limit);
        let of_patients = some_wait_mean(0.8, 1.0 / 15.0, n, limit);
        let (mut held, mut sum, runs) = (0, 0.0, 200);
        for run in 0..runs {
            let days: Vec<Vec<f64>> = (0..60)
                .map(|day| {
                    let mut stream = stream("days", run * 1000 + day);
                    let is_busy = stream.unit() < 0.5;
                    let wait = |stream: &mut Stream| -15.0 * (1.0 - stream.unit()).ln();
                    if is_busy { (0..80).map(|_| wait(&mut stream)).collect() } else { vec![0.0; 20] }
                })
                .collect();
            let chance = passing(&days, Criterion::MeanAtMost(limit), n, Level::P95).unwrap();
            sum += chance.value;
            held += u32::from(chance.interval.unwrap().contains(exact));
        }
        let (mean, share) = (sum / f64::from(runs), f64::from(held) / f64::from(runs));
        assert!((mean - exact).abs() < 0.02, "n {n}: {mean}, exact {exact}");
        assert!((exact - of_patients).abs() > 0.1, "n {n}: the question tells them apart");
        assert!((0.90..=0.995).contains(&share), "n {n}: intervals hold {share}");
    }
}
