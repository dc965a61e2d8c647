//! Laws by their mean and spread, the way measurements are reported.

use super::error::{finite, positive, require};
use super::moments::{log_logistic_cv_squared, log_logistic_mean, weibull_cv_squared, weibull_mean};
use super::solve::bisect;
use super::truncated_normal::standard_moments;
use super::{Distribution, DistributionError};

type Made = Result<Distribution, DistributionError>;

/// How far a law spreads about its mean.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Spread {
    /// Standard deviation ÷ mean.
    Cv(f64),
    /// Standard deviation, in the unit of the law.
    Sd(f64),
}

impl Spread {
    fn name_and_value(self) -> (&'static str, f64) {
        match self {
            Spread::Cv(cv) => ("cv", cv),
            Spread::Sd(sd) => ("sd", sd),
        }
    }

    /// The sd that is meant, when it is a number of 0 or more. The mean may be negative.
    fn checked_sd(self, law: &'static str, mean: f64) -> Result<f64, DistributionError> {
        finite(law, "mean", mean)?;
        let (what, value) = self.name_and_value();
        require(law, what, value, (0.0..=1e30).contains(&value), "a number of 0 or more")?;
        Ok(match self {
            Spread::Cv(cv) => cv * mean.abs(),
            Spread::Sd(sd) => sd,
        })
    }

    /// The cv that is meant, when it lies between two bounds. The mean is positive.
    fn checked_cv(
        self,
        law: &'static str,
        mean: f64,
        (lowest, highest): (f64, f64),
    ) -> Result<f64, DistributionError> {
        positive(law, "mean", mean)?;
        let (what, value) = self.name_and_value();
        let unit = if matches!(self, Spread::Cv(_)) { 1.0 } else { mean };
        let (low, high) = (lowest * unit, highest * unit);
        require(law, what, value, (low..=high).contains(&value), format!("a number from {low} to {high}"))?;
        Ok(value / unit)
    }
}

/// The constant law where the spread is 0, else what `make` makes of a cv between the bounds.
fn shrinking(
    law: &'static str,
    mean: f64,
    spread: Spread,
    bounds: (f64, f64),
    make: impl FnOnce(f64) -> Made,
) -> Made {
    if spread.name_and_value().1 == 0.0 {
        positive(law, "mean", mean)?;
        return Distribution::constant(mean);
    }
    make(spread.checked_cv(law, mean, bounds)?)
}

/// Laws by their mean and spread. The mean is positive unless said otherwise. A spread of 0 gives a constant, except
/// for the laws that have no such limit. An error says the range of spread the law can have.
impl Distribution {
    /// Uniform, √3 sd to each side of `mean`, which may be anything.
    pub fn uniform_with_mean(mean: f64, spread: Spread) -> Made {
        let half_width = 3.0_f64.sqrt() * spread.checked_sd("uniform", mean)?;
        Distribution::uniform(mean - half_width, mean + half_width)
    }

    /// Symmetric triangular, √6 sd to each side of `mean`, which may be anything.
    pub fn triangular_with_mean(mean: f64, spread: Spread) -> Made {
        let half_width = 6.0_f64.sqrt() * spread.checked_sd("triangular", mean)?;
        Distribution::triangular(mean - half_width, mean, mean + half_width)
    }

    /// Normal; `mean` may be anything.
    pub fn normal_with_mean(mean: f64, spread: Spread) -> Made {
        Distribution::normal(mean, spread.checked_sd("normal", mean)?)
    }

    /// Erlang with 1 / cv² stages, which must be a whole number (to one part in 10⁶).
    pub fn erlang_with_mean(mean: f64, spread: Spread) -> Made {
        const LAW: &str = "Erlang";
        let stages = spread.checked_cv(LAW, mean, (0.001, 1.0))?.powi(-2);
        let whole = stages.round();
        let accepted =
            "a whole number, as for cv 1, 0.7071068, 0.5773503 or 0.5 (the gamma law takes any cv)";
        require(LAW, "number of stages 1 / cv²", stages, (stages / whole - 1.0).abs() <= 1e-6, accepted)?;
        Distribution::erlang(whole as u32, mean)
    }

    /// Gamma with shape 1 / cv². The cv is 0 or 0.001 to 100.
    pub fn gamma_with_mean(mean: f64, spread: Spread) -> Made {
        shrinking("gamma", mean, spread, (0.001, 100.0), |cv| {
            Distribution::gamma(1.0 / (cv * cv), mean * (cv * cv))
        })
    }

    /// Lognormal with sigma² = ln(1 + cv²). The cv is 0 or 0.001 to 100.
    pub fn lognormal_with_mean(mean: f64, spread: Spread) -> Made {
        shrinking("lognormal", mean, spread, (0.001, 100.0), |cv| {
            let variance_of_log = (cv * cv).ln_1p();
            Distribution::lognormal(mean.ln() - variance_of_log / 2.0, variance_of_log.sqrt())
        })
    }

    /// Weibull; the shape is found numerically. The cv is 0 or 0.001 to 100.
    pub fn weibull_with_mean(mean: f64, spread: Spread) -> Made {
        shrinking("Weibull", mean, spread, (0.001, 100.0), |cv| {
            let difference = |log_shape: f64| weibull_cv_squared(log_shape.exp()) - cv * cv;
            let shape = bisect(0.05_f64.ln(), 2000.0_f64.ln(), difference).exp();
            Distribution::weibull(shape, mean / weibull_mean(shape))
        })
    }

    /// Log-logistic; the shape is found numerically and is above 2, as a cv is asked for (up to 2 the variance is
    /// infinite). The cv is 0 or 0.001 to 100.
    pub fn log_logistic_with_mean(mean: f64, spread: Spread) -> Made {
        shrinking("log-logistic", mean, spread, (0.001, 100.0), |cv| {
            let difference = |angle: f64| log_logistic_cv_squared(angle) - cv * cv;
            let shape = std::f64::consts::PI / bisect(1e-4, std::f64::consts::FRAC_PI_2, difference);
            Distribution::log_logistic(shape, mean / log_logistic_mean(shape))
        })
    }

    /// Hyperexponential of two branches with balanced means, each carrying half of the mean (Whitt, *Approximating
    /// a point process by a renewal process*, 1982). The cv is 1 to 100.
    pub fn hyperexponential_with_mean(mean: f64, spread: Spread) -> Made {
        let cv_squared = spread.checked_cv("hyperexponential", mean, (1.0, 100.0))?.powi(2);
        let imbalance = ((cv_squared - 1.0) / (cv_squared + 1.0)).max(0.0).sqrt();
        // The rarer share as a product, as 1 - imbalance would cancel: (1 - r)(1 + r) = 1 - r² = 2 / (cv² + 1).
        let common = (1.0 + imbalance) / 2.0;
        let rare = 1.0 / (cv_squared + 1.0) / (1.0 + imbalance);
        Distribution::hyperexponential(&[common, rare], &[mean / (2.0 * common), mean / (2.0 * rare)])
    }

    /// Normal cut at 0, with this mean and spread after the cut. The cv is 0 or 0.001 to 0.998; it would be 1 in the
    /// limit, the exponential law.
    pub fn truncated_normal_with_mean(mean: f64, spread: Spread) -> Made {
        shrinking("truncated normal", mean, spread, (0.001, 0.998), |cv| {
            // With the cut at z = α, the standard law above it has mean m(α) - α over the cut and cv rising in α.
            let difference = |cut: f64| {
                let moments = standard_moments(cut, f64::INFINITY);
                moments.variance.sqrt() / (moments.mean - cut) - cv
            };
            let cut = bisect(-1.0 / cv - 10.0, 30.0, difference);
            let sd = mean / (standard_moments(cut, f64::INFINITY).mean - cut);
            Distribution::truncated_normal(-cut * sd, sd, 0.0, f64::INFINITY)
        })
    }

    /// Beta stretched to `low`..`high`. The mean lies between the two, and the sd is above 0 and below
    /// √((mean - low) (high - mean)).
    pub fn beta_with_mean(mean: f64, spread: Spread, low: f64, high: f64) -> Made {
        const LAW: &str = "beta";
        let inside = mean > low && mean < high;
        require(LAW, "mean", mean, inside, format!("a number between {low} (low) and {high} (high)"))?;
        let sd = spread.checked_sd(LAW, mean)?;
        let highest = ((mean - low) * (high - mean)).sqrt();
        require(LAW, "sd", sd, sd > 0.0 && sd < highest, format!("a number above 0 and below {highest}"))?;
        let share = (mean - low) / (high - low);
        let sum = (highest / sd).powi(2) - 1.0;
        Distribution::beta(share * sum, (1.0 - share) * sum, low, high)
    }
}
