//! Draws against the exact law: Kolmogorov–Smirnov, mean and variance, all over 100,000 draws.

use super::cdf;
use crate::distribution::{AliasTable, Distribution, Law, Sampler, Spread};
use crate::stream::{EntityKey, Purpose, RunKey};
use crate::time::SimSpan;
use statrs::distribution::{ChiSquared, ContinuousCDF};

const DRAW_COUNT: u64 = 100_000;
const RNG_SEEDS: [u64; 3] = [1, 20_180_601, u64::MAX];

/// One law of each kind and branch of its sampler, and whether its fourth moment is tame enough for a normal test
/// of the variance.
fn laws() -> Vec<(&'static str, Distribution, bool)> {
    let made = |name, law: Result<Distribution, _>, light| (name, law.expect(name), light);
    let exponential = Distribution::exponential(4.0).unwrap();
    let normal = Distribution::normal(30.0, 2.0).unwrap();
    let infinity = f64::INFINITY;
    vec![
        made("uniform", Distribution::uniform(-900.0, 1200.0), true),
        made("triangular", Distribution::triangular(2.0, 3.0, 9.0), true),
        made("triangular with its peak at the end", Distribution::triangular(2.0, 9.0, 9.0), true),
        made("exponential", Distribution::exponential(381.0), true),
        made("Erlang of 2", Distribution::erlang(2, 90.0), true),
        made("Erlang of 12", Distribution::erlang(12, 90.0), true),
        made("gamma below 1", Distribution::gamma(0.3, 10.0), true),
        made("gamma of a shape too small for a table", Distribution::gamma(0.1, 10.0), true),
        made("gamma of a shape too large for a table", Distribution::gamma(2e6, 1e-4), true),
        made("gamma above 1", Distribution::gamma(2.7, 10.0), true),
        made("lognormal", Distribution::lognormal_with_mean(90.0, Spread::Cv(0.6)), true),
        made("wide lognormal", Distribution::lognormal_with_mean(90.0, Spread::Cv(2.0)), false),
        made(
            "lognormal too wide for a table",
            Distribution::lognormal_with_mean(90.0, Spread::Cv(9.0)),
            false,
        ),
        made("Weibull below 1", Distribution::weibull(0.7, 60.0), true),
        made("Weibull above 1", Distribution::weibull(2.4, 60.0), true),
        made("log-logistic", Distribution::log_logistic(9.0, 60.0), true),
        made("log-logistic without a variance", Distribution::log_logistic(1.8, 60.0), false),
        made("hyperexponential", Distribution::hyperexponential_with_mean(90.0, Spread::Cv(1.5)), true),
        made("three branches", Distribution::hyperexponential(&[1.0, 2.0, 1.0], &[5.0, 20.0, 60.0]), true),
        made("normal", Distribution::normal(-5.0, 7.0), true),
        made("normal cut at 0", Distribution::truncated_normal(60.0, 40.0, 0.0, infinity), true),
        made("normal cut on both sides", Distribution::truncated_normal(60.0, 40.0, 20.0, 75.0), true),
        made("normal cut to a sliver", Distribution::truncated_normal(60.0, 40.0, 58.0, 63.0), true),
        made("upper tail of a normal", Distribution::truncated_normal(0.0, 10.0, 25.0, infinity), true),
        made("lower tail of a normal", Distribution::truncated_normal(0.0, 10.0, -infinity, -25.0), true),
        made("piece of a tail", Distribution::truncated_normal(0.0, 10.0, 30.0, 36.0), true),
        made("short piece of a tail", Distribution::truncated_normal(0.0, 10.0, 30.0, 32.0), true),
        made("normal cut to a mean", Distribution::truncated_normal_with_mean(50.0, Spread::Cv(0.8)), true),
        made("beta", Distribution::beta(2.0, 5.0, 10.0, 70.0), true),
        made("beta with an open end", Distribution::beta(0.5, 1.5, 10.0, 70.0), true),
        made("beta by its mean", Distribution::beta_with_mean(25.0, Spread::Sd(9.0), 10.0, 70.0), true),
        made("interpolated sample", Distribution::interpolated_sample(&[4.0, 1.0, 9.0, 2.5]), true),
        made("histogram", Distribution::histogram(&[0.0, 1.0, 5.0, 6.0, 20.0], &[3.0, 0.0, 5.0, 1.0]), true),
        made("mixture", Distribution::mixture(&[0.7, 0.3], &[exponential.clone(), normal]), true),
        made("shifted", exponential.shifted(30.0), true),
        made("shifted twice", exponential.shifted(-30.0).and_then(|law| law.shifted(5.0)), true),
        made("scaled", Distribution::gamma(2.0, 3.0).and_then(|law| law.scaled(1.5)), true),
    ]
}

fn patient(rng_seed: u64, index: u64) -> EntityKey {
    RunKey::new(rng_seed, 0, 0).entity(Purpose::named("walk_ins"), index)
}

/// As a run draws: the first number of each patient's own stream.
fn one_each(sampler: &Sampler, rng_seed: u64) -> Vec<f64> {
    let purpose = Purpose::named("registration.service_time");
    (0..DRAW_COUNT).map(|index| sampler.draw_value(&mut patient(rng_seed, index).stream(purpose))).collect()
}

/// All from one stream, one after another.
fn all_from_one(sampler: &Sampler, rng_seed: u64) -> Vec<f64> {
    let mut stream = patient(rng_seed, 0).stream(Purpose::named("machine.repair_time"));
    (0..DRAW_COUNT).map(|_| sampler.draw_value(&mut stream)).collect()
}

/// Kolmogorov's √n · D.
fn distance(mut draws: Vec<f64>, curve: impl Fn(f64) -> f64) -> f64 {
    draws.sort_by(f64::total_cmp);
    let count = draws.len() as f64;
    let mut farthest = 0.0_f64;
    for (index, &draw) in draws.iter().enumerate() {
        let exact = curve(draw);
        farthest = farthest.max(exact - index as f64 / count).max((index + 1) as f64 / count - exact);
    }
    farthest * count.sqrt()
}

/// P(√n D > 3.0) = 2 exp(-18) = 3e-8; with 37 laws, 3 seeds and 2 ways to draw, 7e-6 in all.
const FARTHEST: f64 = 3.0;

#[test]
fn draws_follow_the_exact_law() {
    for (name, distribution, _) in laws() {
        let sampler = distribution.sampler();
        for rng_seed in RNG_SEEDS {
            for draws in [one_each(&sampler, rng_seed), all_from_one(&sampler, rng_seed)] {
                let distance = distance(draws, |x| cdf(&distribution.law, x));
                assert!(distance < FARTHEST, "{name}, rng seed {rng_seed}: √n D = {distance}");
            }
        }
    }
}

#[test]
fn the_distance_finds_a_law_that_is_slightly_off() {
    let drawn = Distribution::lognormal_with_mean(90.0, Spread::Cv(0.6)).unwrap();
    for (mean, cv) in [(93.0, 0.6), (90.0, 0.63)] {
        let claimed = Distribution::lognormal_with_mean(mean, Spread::Cv(cv)).unwrap();
        let distance = distance(one_each(&drawn.sampler(), 1), |x| cdf(&claimed.law, x));
        assert!(distance > FARTHEST, "mean {mean}, cv {cv}: √n D = {distance}");
    }
}

#[test]
fn means_and_variances_of_draws_agree_with_the_formulas() {
    let count = DRAW_COUNT as f64;
    for (name, distribution, light) in laws() {
        let Some(variance) = distribution.variance() else { continue };
        for rng_seed in RNG_SEEDS {
            let draws = one_each(&distribution.sampler(), rng_seed);
            let mean = draws.iter().sum::<f64>() / count;
            let z = (mean - distribution.mean()) / (variance / count).sqrt();
            assert!(z.abs() < 5.0, "{name}, rng seed {rng_seed}: mean {mean}, z {z}");
            if !light {
                continue;
            }
            let power =
                |exponent: i32| draws.iter().map(|draw| (draw - mean).powi(exponent)).sum::<f64>() / count;
            let z = (power(2) - variance) / ((power(4) - power(2).powi(2)) / count).sqrt();
            assert!(z.abs() < 5.0, "{name}, rng seed {rng_seed}: variance {}, z {z}", power(2));
        }
    }
}

/// Pearson's test, refused at p < 1e-6; an index of share 0 must never come.
fn assert_shares(name: &str, counts: &[u64], shares: &[f64]) {
    let total = counts.iter().sum::<u64>() as f64;
    let mut statistic = 0.0;
    let mut freedom = -1.0;
    for (&count, &share) in counts.iter().zip(shares) {
        if share == 0.0 {
            assert_eq!(count, 0, "{name}: a share of 0 was drawn");
            continue;
        }
        freedom += 1.0;
        statistic += (count as f64 - total * share).powi(2) / (total * share);
    }
    if freedom > 0.0 {
        let p = ChiSquared::new(freedom).unwrap().sf(statistic);
        assert!(p > 1e-6, "{name}: chi square {statistic} of {freedom}, p {p}");
    }
}

#[test]
fn a_sample_gives_each_value_its_share() {
    let values = [7.0, 3.0, 3.0, 11.0, 5.0];
    let sampler = Distribution::sample(&values).unwrap().sampler();
    for rng_seed in RNG_SEEDS {
        let draws = one_each(&sampler, rng_seed);
        let counts =
            [3.0, 5.0, 7.0, 11.0].map(|value| draws.iter().filter(|&&draw| draw == value).count() as u64);
        assert_eq!(counts.iter().sum::<u64>(), DRAW_COUNT, "a value outside the sample was drawn");
        assert_shares("sample", &counts, &[0.4, 0.2, 0.2, 0.2]);
    }
}

#[test]
fn an_alias_table_gives_each_index_its_share() {
    let many: Vec<f64> = (0..101).map(|index| f64::from(index) / 5050.0).collect();
    let tables: [&[f64]; 5] = [&[1.0], &[0.5, 0.5], &[0.0, 0.1, 0.0, 0.2, 0.7, 0.0], &[0.999, 0.001], &many];
    for shares in tables {
        let table = AliasTable::new(shares);
        for rng_seed in RNG_SEEDS {
            let mut stream = patient(rng_seed, 0).stream(Purpose::named("choice"));
            let mut counts = vec![0_u64; shares.len()];
            for _ in 0..DRAW_COUNT {
                counts[table.draw(&mut stream)] += 1;
            }
            assert_shares(&format!("{} shares", shares.len()), &counts, shares);
        }
    }
}

#[test]
fn durations_are_rounded_microseconds_and_never_negative() {
    let mut stream = patient(1, 0).stream(Purpose::named("service_time"));
    let constant = Distribution::constant(0.1).unwrap().sampler();
    assert_eq!(constant.draw(&mut stream), SimSpan::from_micros(100_000));
    assert_eq!(constant.draw_value(&mut stream), 0.1);
    let early = Distribution::constant(-20.0).unwrap().sampler();
    assert_eq!(early.draw(&mut stream), SimSpan::ZERO);
    assert_eq!(early.draw_micros(&mut stream), -2e7);
    let endless = Distribution::constant(1e12).unwrap().sampler();
    assert_eq!(endless.draw(&mut stream), SimSpan::from_micros((1 << 52) - 1), "142 years");
    let long = Distribution::constant(4.5e9).unwrap().sampler();
    assert_eq!(long.draw(&mut stream), SimSpan::from_micros(4_500_000_000_000_000));
    for (seconds, micros) in [(0.4e-6, 0), (0.6e-6, 1), (1.4e-6, 1), (1.6e-6, 2)] {
        let short = Distribution::constant(seconds).unwrap().sampler();
        assert_eq!(short.draw(&mut stream), SimSpan::from_micros(micros));
    }
    let law = Distribution::normal(0.0, 1.0).unwrap().sampler();
    for index in 0..1_000 {
        let purpose = Purpose::named("service_time");
        let value = law.draw_value(&mut patient(1, index).stream(purpose));
        let span = law.draw(&mut patient(1, index).stream(purpose));
        assert_eq!(span, SimSpan::from_seconds(value.max(0.0)));
    }
}

#[test]
fn a_factor_of_one_changes_no_bit_and_other_factors_keep_the_luck() {
    for (name, distribution, _) in laws() {
        let plain = one_each(&distribution.sampler(), 7);
        let same = one_each(&distribution.scaled(1.0).unwrap().sampler(), 7);
        assert!(plain.iter().zip(&same).all(|(a, b)| a.to_bits() == b.to_bits()), "{name}: bits moved");
        let doubled = one_each(&distribution.scaled(2.0).unwrap().sampler(), 7);
        let worst = plain
            .iter()
            .zip(&doubled)
            .map(|(a, b)| (b - 2.0 * a).abs() / (1.0 + a.abs()))
            .fold(0.0, f64::max);
        assert!(worst < 1e-9, "{name}: doubling moved a draw by {worst}");
    }
}

#[test]
fn samplers_stay_small() {
    assert!(size_of::<Sampler>() <= 40, "{} bytes", size_of::<Sampler>());
}

#[test]
fn a_law_of_nothing_but_atoms_is_recognised() {
    assert_eq!(Distribution::sample(&[3.0, 3.0]).unwrap().law, Law::Constant(3.0));
    assert!(Distribution::exponential(3.0).unwrap().scaled(0.0).unwrap().sampler().is_constant());
}
