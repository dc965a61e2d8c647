//! Laws by mean and spread give that mean and spread back; impossible ones are refused.

use crate::distribution::{Distribution, DistributionError, Law, Spread};
use statrs::distribution as reference;

type WithMean = fn(f64, Spread) -> Result<Distribution, DistributionError>;

#[track_caller]
fn assert_close(name: &str, found: f64, expected: f64, tolerance: f64) {
    assert!((found / expected - 1.0).abs() < tolerance, "{name}: {found} instead of {expected}");
}

#[test]
fn mean_and_spread_come_back() {
    let laws: [(&str, WithMean, &[f64]); 10] = [
        ("uniform", Distribution::uniform_with_mean, &[0.01, 0.3, 0.577]),
        ("triangular", Distribution::triangular_with_mean, &[0.01, 0.3, 0.408]),
        ("normal", Distribution::normal_with_mean, &[0.01, 0.3, 3.0]),
        ("Erlang", Distribution::erlang_with_mean, &[0.1, 0.5, 0.577_350_269_189_625_8, 1.0]),
        ("gamma", Distribution::gamma_with_mean, &[0.001, 0.2, 1.0, 2.5, 100.0]),
        ("lognormal", Distribution::lognormal_with_mean, &[0.001, 0.2, 1.0, 2.5, 100.0]),
        ("Weibull", Distribution::weibull_with_mean, &[0.001, 0.2, 1.0, 2.5, 100.0]),
        ("log-logistic", Distribution::log_logistic_with_mean, &[0.001, 0.01, 0.2, 1.0, 2.5, 100.0]),
        ("hyperexponential", Distribution::hyperexponential_with_mean, &[1.0, 1.2, 3.0, 100.0]),
        ("truncated normal", Distribution::truncated_normal_with_mean, &[0.001, 0.2, 0.7, 0.95, 0.998]),
    ];
    for (name, make, cvs) in laws {
        for mean in [0.004, 1.0, 381.0, 1e6] {
            for &cv in cvs {
                for spread in [Spread::Cv(cv), Spread::Sd(cv * mean)] {
                    let law = make(mean, spread).expect(name);
                    assert_close(name, law.mean(), mean, 1e-9);
                    assert_close(name, law.coefficient_of_variation().unwrap(), cv, 1e-9);
                }
            }
        }
    }
    for (mean, sd) in [(12.0, 1.0), (25.0, 9.0), (69.0, 2.0)] {
        let law = Distribution::beta_with_mean(mean, Spread::Sd(sd), 10.0, 70.0).unwrap();
        assert_close("beta", law.mean(), mean, 1e-9);
        assert_close("beta", law.standard_deviation().unwrap(), sd, 1e-9);
    }
}

/// The round trip above would not see a formula that is wrong in both directions.
#[test]
fn moments_agree_with_an_independent_library() {
    fn check(name: &str, law: Distribution, exact: &impl statrs::statistics::Distribution<f64>) {
        assert_close(name, law.mean(), exact.mean().unwrap(), 1e-9);
        assert_close(name, law.variance().unwrap(), exact.variance().unwrap(), 1e-9);
    }
    let triangular = reference::Triangular::new(2.0, 9.0, 3.0).unwrap();
    check("triangular", Distribution::triangular(2.0, 3.0, 9.0).unwrap(), &triangular);
    check("gamma", Distribution::gamma(2.7, 10.0).unwrap(), &reference::Gamma::new(2.7, 0.1).unwrap());
    check("Erlang", Distribution::erlang(4, 20.0).unwrap(), &reference::Erlang::new(4, 0.2).unwrap());
    check(
        "lognormal",
        Distribution::lognormal(1.0, 0.8).unwrap(),
        &reference::LogNormal::new(1.0, 0.8).unwrap(),
    );
    for shape in [0.5, 0.9, 1.7, 12.0] {
        let exact = reference::Weibull::new(shape, 60.0).unwrap();
        check("Weibull", Distribution::weibull(shape, 60.0).unwrap(), &exact);
    }
    check("beta", Distribution::beta(2.0, 5.0, 0.0, 1.0).unwrap(), &reference::Beta::new(2.0, 5.0).unwrap());
    // Log-logistic of shape 4: mean (π/4)/sin(π/4) = π√2/4, second moment (π/2)/sin(π/2) = π/2.
    let law = Distribution::log_logistic(4.0, 1.0).unwrap();
    let pi = std::f64::consts::PI;
    assert_close("log-logistic", law.mean(), pi * 2.0_f64.sqrt() / 4.0, 1e-12);
    assert_close("log-logistic", law.variance().unwrap(), pi / 2.0 - pi * pi / 8.0, 1e-12);
    // Half-normal: mean √(2/π), variance 1 - 2/π.
    let law = Distribution::truncated_normal(0.0, 1.0, 0.0, f64::INFINITY).unwrap();
    assert_close("half-normal", law.mean(), (2.0 / pi).sqrt(), 1e-13);
    assert_close("half-normal", law.variance().unwrap(), 1.0 - 2.0 / pi, 1e-12);
    // A sliver is uniform to first order: variance width²/12.
    let law = Distribution::truncated_normal(0.0, 1.0, 1.0, 1.0 + 1e-4).unwrap();
    assert_close("sliver", law.variance().unwrap(), 1e-8 / 12.0, 1e-7);
    // Two exponentials of means 1 and 3, half each: second moment (2 + 18)/2, so variance 10 - 4.
    let law = Distribution::hyperexponential(&[1.0, 1.0], &[1.0, 3.0]).unwrap();
    assert_close("hyperexponential", law.variance().unwrap(), 6.0, 1e-14);
}

#[test]
fn a_spread_of_zero_gives_the_constant() {
    let laws: [WithMean; 8] = [
        Distribution::uniform_with_mean,
        Distribution::triangular_with_mean,
        Distribution::normal_with_mean,
        Distribution::gamma_with_mean,
        Distribution::lognormal_with_mean,
        Distribution::weibull_with_mean,
        Distribution::log_logistic_with_mean,
        Distribution::truncated_normal_with_mean,
    ];
    for make in laws {
        assert_eq!(make(90.0, Spread::Cv(0.0)).unwrap().law, Law::Constant(90.0));
        assert_eq!(make(90.0, Spread::Sd(0.0)).unwrap().law, Law::Constant(90.0));
    }
}

#[test]
fn impossible_laws_are_refused_with_what_would_be_accepted() {
    let nan = f64::NAN;
    let refused: Vec<(Result<Distribution, DistributionError>, &str)> = vec![
        (Distribution::constant(nan), "constant: value is NaN"),
        (Distribution::uniform(3.0, 2.0), "uniform: high is 2; accepted is a number of 3 (low) or more"),
        (Distribution::triangular(1.0, 5.0, 4.0), "triangular: mode is 5; accepted is a number from 1 to 4"),
        (Distribution::exponential(0.0), "exponential: mean is 0"),
        (Distribution::erlang(0, 5.0), "Erlang: number of stages is 0; accepted is 1 or more"),
        (Distribution::erlang_with_mean(5.0, Spread::Cv(0.9)), "Erlang: number of stages 1 / cv² is 1.23"),
        (Distribution::gamma(-1.0, 5.0), "gamma: shape is -1"),
        (
            Distribution::gamma_with_mean(5.0, Spread::Cv(-0.5)),
            "gamma: cv is -0.5; accepted is a number from 0.001",
        ),
        (Distribution::lognormal_with_mean(-5.0, Spread::Cv(0.5)), "lognormal: mean is -5"),
        (Distribution::weibull_with_mean(5.0, Spread::Cv(nan)), "Weibull: cv is NaN"),
        (Distribution::log_logistic(1.0, 5.0), "log-logistic: shape is 1; accepted is a number above 1"),
        (Distribution::log_logistic_with_mean(5.0, Spread::Sd(f64::INFINITY)), "log-logistic: sd is inf"),
        (
            Distribution::hyperexponential_with_mean(10.0, Spread::Sd(9.0)),
            "hyperexponential: sd is 9; accepted is a number from 10 to 1000",
        ),
        (
            Distribution::hyperexponential(&[1.0], &[1.0, 2.0]),
            "hyperexponential: number of means is 2; accepted is 1",
        ),
        (Distribution::truncated_normal(0.0, 1.0, 31.0, 32.0), "truncated normal: low is 31"),
        (Distribution::truncated_normal(0.0, 1.0, 2.0, 2.0), "truncated normal: high is 2"),
        (Distribution::truncated_normal_with_mean(5.0, Spread::Cv(1.0)), "truncated normal: cv is 1"),
        (
            Distribution::beta_with_mean(5.0, Spread::Sd(5.0), 0.0, 10.0),
            "beta: sd is 5; accepted is a number above 0",
        ),
        (Distribution::beta_with_mean(11.0, Spread::Sd(5.0), 0.0, 10.0), "beta: mean is 11"),
        (Distribution::sample(&[]), "sample: number of values is 0; accepted is 1 or more"),
        (Distribution::sample(&[1.0, nan]), "sample: value 2 is NaN"),
        (Distribution::interpolated_sample(&[1.0]), "sample: number of values is 1; accepted is 2 or more"),
        (Distribution::histogram(&[0.0, 1.0], &[1.0, 2.0]), "histogram: number of edges is 2; accepted is 3"),
        (
            Distribution::histogram(&[0.0, 1.0, 1.0], &[1.0, 2.0]),
            "histogram: edge is 1; accepted is a number above 1",
        ),
        (Distribution::histogram(&[0.0], &[]), "histogram: sum of the weights is 0"),
        (
            Distribution::mixture(&[0.0], &[Distribution::constant(1.0).unwrap()]),
            "mixture: sum of the weights is 0",
        ),
        (Distribution::constant(1.0).unwrap().scaled(-1.0), "scaled law: factor is -1; accepted is 0"),
    ];
    for (law, message) in refused {
        let found = law.expect_err(message).to_string();
        assert!(found.starts_with(message), "{found:?} does not start with {message:?}");
    }
}

#[test]
fn the_variance_is_none_where_it_is_infinite() {
    let heavy = Distribution::log_logistic(2.0, 60.0).unwrap();
    assert!(heavy.mean().is_finite());
    assert_eq!(heavy.variance(), None);
    let mixed = Distribution::mixture(&[1.0, 1.0], &[heavy, Distribution::constant(1.0).unwrap()]).unwrap();
    assert_eq!(mixed.variance(), None);
}

#[test]
fn bounds_tell_whether_a_law_can_stand_for_a_duration() {
    assert!(Distribution::exponential(5.0).unwrap().is_never_negative());
    assert!(!Distribution::normal(500.0, 1.0).unwrap().is_never_negative());
    assert!(!Distribution::exponential(5.0).unwrap().shifted(-1.0).unwrap().is_never_negative());
    assert_eq!(Distribution::uniform(-900.0, 1200.0).unwrap().support(), (-900.0, 1200.0));
}
