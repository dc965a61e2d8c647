//! Distribution functions and quantiles that the methods share, with the precision each holds.

use statrs::function::beta::{beta_reg, ln_beta};
use statrs::function::erf::{erfc, erfc_inv};
use statrs::function::gamma::ln_gamma;
use std::f64::consts::{PI, SQRT_2};

/// Density of the standard normal law.
pub fn normal_density(x: f64) -> f64 {
    (-0.5 * x * x).exp() / (2.0 * PI).sqrt()
}

/// Probability that a standard normal variable is at most `x`, with a relative error below 1e-10 also in the lower
/// tail.
pub fn normal_share_below(x: f64) -> f64 {
    0.5 * erfc(-x / SQRT_2)
}

/// The point below which a standard normal variable lies with `probability` (0 < probability < 1), to 1e-10, with one
/// Newton step on the distribution function.
pub fn normal_quantile(probability: f64) -> f64 {
    let start = -SQRT_2 * erfc_inv(2.0 * probability);
    let density = normal_density(start);
    if density > 0.0 { start - (normal_share_below(start) - probability) / density } else { start }
}

/// Density of Student's t law with `freedom` degrees of freedom.
pub fn student_density(freedom: f64, t: f64) -> f64 {
    let log =
        -0.5 * freedom.ln() - ln_beta(0.5 * freedom, 0.5) - 0.5 * (freedom + 1.0) * (t * t / freedom).ln_1p();
    log.exp()
}

/// Probability that a Student t variable with `freedom` degrees of freedom is at most `t`.
pub fn student_share_below(freedom: f64, t: f64) -> f64 {
    let tail = 0.5 * beta_reg(0.5 * freedom, 0.5, freedom / (freedom + t * t));
    if t > 0.0 { 1.0 - tail } else { tail }
}

/// The point below which a Student t variable lies with `probability` (0 < probability < 1).
///
/// Solved for the upper tail by Newton's method from the normal quantile, kept between brackets, so that the tables
/// of t are met to about 1e-14 whatever the library's inverse does.
pub fn student_quantile(freedom: f64, probability: f64) -> f64 {
    let tail = probability.min(1.0 - probability);
    if tail == 0.5 {
        return 0.0;
    }
    let excess = |t: f64| 0.5 * beta_reg(0.5 * freedom, 0.5, freedom / (freedom + t * t)) - tail;
    let (mut low, mut high) = (0.0, 2.0 * (1.0 - normal_quantile(tail)));
    while excess(high) > 0.0 {
        low = high;
        high *= 2.0;
    }
    let mut t = 0.5 * (low + high);
    for _ in 0..200 {
        let value = excess(t);
        if value > 0.0 {
            low = t;
        } else {
            high = t;
        }
        let newton = t + value / student_density(freedom, t);
        let next = if newton > low && newton < high { newton } else { 0.5 * (low + high) };
        let done = (next - t).abs() <= 1e-15 * t;
        t = next;
        if done {
            break;
        }
    }
    if probability < 0.5 { -t } else { t }
}

/// Density of the square root of a chi-squared variable with `freedom` degrees of freedom. Smooth at 0 for every
/// whole number of degrees, which the chi-squared density is not.
pub fn chi_density(freedom: f64, s: f64) -> f64 {
    if s <= 0.0 {
        return if freedom == 1.0 { (2.0 / PI).sqrt() } else { 0.0 };
    }
    let half = 0.5 * freedom;
    ((1.0 - half) * std::f64::consts::LN_2 - ln_gamma(half) + (freedom - 1.0) * s.ln() - 0.5 * s * s).exp()
}

/// The point below which a beta variable with shapes `a` and `b` lies with `probability`, by bisection on the
/// regularised incomplete beta function. Shapes are above 0; they need not be whole.
pub fn beta_quantile(a: f64, b: f64, probability: f64) -> f64 {
    let (mut low, mut high) = (0.0_f64, 1.0_f64);
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            break;
        }
        if beta_reg(a, b, middle) < probability {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

/// Probability of at most `successes` successes in `trials` independent trials, each with chance `share`.
pub fn binomial_share_at_most(trials: u64, share: f64, successes: u64) -> f64 {
    if successes >= trials || share <= 0.0 {
        1.0
    } else if share >= 1.0 {
        0.0
    } else {
        beta_reg((trials - successes) as f64, successes as f64 + 1.0, 1.0 - share)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn student_quantiles_are_those_of_the_tables() {
        // Closed forms: one degree (Cauchy) tan(π(p−½)); two degrees (2p−1)/√(2p(1−p)); four degrees by radicals.
        for p in [0.6_f64, 0.9, 0.975, 0.9995, 0.1] {
            assert!((student_quantile(1.0, p) / (PI * (p - 0.5)).tan() - 1.0).abs() < 1e-12);
            let two = (2.0 * p - 1.0) / (2.0 * p * (1.0 - p)).sqrt();
            assert!((student_quantile(2.0, p) / two - 1.0).abs() < 1e-12);
            let alpha = 4.0 * p * (1.0 - p);
            let q = ((alpha.sqrt().acos() / 3.0).cos()) / alpha.sqrt();
            let four = (p - 0.5).signum() * 2.0 * (q - 1.0).sqrt();
            assert!((student_quantile(4.0, p) / four - 1.0).abs() < 1e-12);
        }
        assert!((student_quantile(29.0, 0.975) - 2.045_230).abs() < 1e-6);
    }

    #[test]
    fn normal_quantile_inverts_the_distribution_function_deep_into_the_tail() {
        for p in [1e-12, 1e-6, 0.025, 0.5, 0.9, 0.975] {
            assert!((normal_share_below(normal_quantile(p)) / p - 1.0).abs() < 1e-11, "{p}");
        }
        assert!((normal_quantile(0.975) - 1.959_963_984_540_054).abs() < 1e-10);
    }

    #[test]
    fn binomial_shares_add_up_from_the_single_terms() {
        let (trials, share) = (7_u64, 0.3_f64);
        let mut sum = 0.0;
        let mut term = 0.7_f64.powi(7);
        for successes in 0..=7 {
            sum += term;
            assert!((binomial_share_at_most(trials, share, successes) - sum).abs() < 1e-13);
            term *= (trials - successes) as f64 / (successes + 1) as f64 * share / (1.0 - share);
        }
    }

    #[test]
    fn beta_quantile_meets_closed_forms() {
        // Beta(a, 1) has the distribution function x^a.
        assert!((beta_quantile(3.0, 1.0, 0.2) - 0.2_f64.cbrt()).abs() < 1e-14);
        assert!((beta_quantile(1.0, 5.0, 0.975) - (1.0 - 0.025_f64.powf(0.2))).abs() < 1e-14);
    }
}
