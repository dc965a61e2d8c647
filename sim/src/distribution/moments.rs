//! Mean and variance of every law, in closed form (truncated normal: by quadrature).

use super::Law;
use super::truncated_normal::standard_moments;

impl Law {
    pub(super) fn mean(&self) -> f64 {
        match self {
            Law::Constant(value) => *value,
            Law::Uniform { low, high } => low + (high - low) / 2.0,
            Law::Triangular { low, mode, high } => (low + mode + high) / 3.0,
            Law::Exponential { mean } => *mean,
            Law::Gamma { shape, scale } => shape * scale,
            Law::Lognormal { mu, sigma } => (mu + sigma * sigma / 2.0).exp(),
            Law::Weibull { shape, scale } => scale * weibull_mean(*shape),
            Law::LogLogistic { shape, scale } => scale * log_logistic_mean(*shape),
            Law::Hyperexponential { shares, means } => weighted(shares, means.iter().copied()),
            Law::Normal { mean, .. } => *mean,
            Law::TruncatedNormal { centre, sd, low, high } => {
                centre + sd * standard_moments((low - centre) / sd, (high - centre) / sd).mean
            }
            Law::Beta { alpha, beta, low, high } => low + (high - low) * alpha / (alpha + beta),
            Law::Sample { sorted } => sorted.iter().sum::<f64>() / sorted.len() as f64,
            Law::InterpolatedSample { sorted } => {
                sorted.windows(2).map(|pair| (pair[0] + pair[1]) / 2.0).sum::<f64>()
                    / (sorted.len() - 1) as f64
            }
            Law::Histogram { edges, shares } => {
                weighted(shares, edges.windows(2).map(|bin| (bin[0] + bin[1]) / 2.0))
            }
            Law::Mixture { shares, components } => weighted(shares, components.iter().map(Law::mean)),
            Law::Shifted { offset, law } => offset + law.mean(),
        }
    }

    /// `None` where it is infinite. Sums of squares are taken about the mean, so that nothing cancels.
    pub(super) fn variance(&self) -> Option<f64> {
        let square = |x: f64| x * x;
        let about = self.mean();
        Some(match self {
            Law::Constant(_) => 0.0,
            Law::Uniform { low, high } => square(high - low) / 12.0,
            Law::Triangular { low, mode, high } => (square(high - low) - (mode - low) * (high - mode)) / 18.0,
            Law::Exponential { mean } => square(*mean),
            Law::Gamma { shape, scale } => shape * square(*scale),
            Law::Lognormal { sigma, .. } => square(about) * (sigma * sigma).exp_m1(),
            Law::Weibull { shape, .. } => square(about) * weibull_cv_squared(*shape),
            Law::LogLogistic { shape, .. } => {
                if *shape <= 2.0 {
                    return None;
                }
                square(about) * log_logistic_cv_squared(std::f64::consts::PI / shape)
            }
            Law::Hyperexponential { shares, means } => {
                weighted(shares, means.iter().map(|mean| mean * mean + square(mean - about)))
            }
            Law::Normal { sd, .. } => square(*sd),
            Law::TruncatedNormal { centre, sd, low, high } => {
                square(*sd) * standard_moments((low - centre) / sd, (high - centre) / sd).variance
            }
            Law::Beta { alpha, beta, low, high } => {
                let sum = alpha + beta;
                square(high - low) * (alpha / sum) * (beta / sum) / (sum + 1.0)
            }
            Law::Sample { sorted } => {
                sorted.iter().map(|value| square(value - about)).sum::<f64>() / sorted.len() as f64
            }
            Law::InterpolatedSample { sorted } => {
                sorted.windows(2).map(|pair| square_about(about, pair[0], pair[1])).sum::<f64>()
                    / (sorted.len() - 1) as f64
            }
            Law::Histogram { edges, shares } => {
                weighted(shares, edges.windows(2).map(|bin| square_about(about, bin[0], bin[1])))
            }
            Law::Mixture { shares, components } => {
                let mut sum = 0.0;
                for (share, law) in shares.iter().zip(components) {
                    sum += share * (law.variance()? + square(law.mean() - about));
                }
                sum
            }
            Law::Shifted { law, .. } => return law.variance(),
        })
    }
}

fn weighted(shares: &[f64], values: impl Iterator<Item = f64>) -> f64 {
    shares.iter().zip(values).map(|(share, value)| share * value).sum()
}

/// Mean of (x - about)² for x uniform between `low` and `high`.
fn square_about(about: f64, low: f64, high: f64) -> f64 {
    let (a, b) = (low - about, high - about);
    (a * a + a * b + b * b) / 3.0
}

/// Mean of the Weibull law of scale 1: Γ(1 + 1/shape).
pub(super) fn weibull_mean(shape: f64) -> f64 {
    libm::tgamma(1.0 + 1.0 / shape)
}

/// Γ(1 + 2/shape) / Γ(1 + 1/shape)² - 1; falls as the shape grows.
pub(super) fn weibull_cv_squared(shape: f64) -> f64 {
    (libm::lgamma(1.0 + 2.0 / shape) - 2.0 * libm::lgamma(1.0 + 1.0 / shape)).exp_m1()
}

/// Mean of the log-logistic law of median 1: θ / sin θ with θ = π / shape.
pub(super) fn log_logistic_mean(shape: f64) -> f64 {
    let angle = std::f64::consts::PI / shape;
    angle / angle.sin()
}

/// tan θ / θ - 1 with θ = π / shape below π/2 (the second moment over the squared mean, less 1); grows with θ.
pub(super) fn log_logistic_cv_squared(angle: f64) -> f64 {
    if angle < 0.03 {
        // Taylor series of tan, as the difference would cancel; the next term is below 1e-14 of the sum.
        let square = angle * angle;
        square * (1.0 / 3.0 + square * (2.0 / 15.0 + square * (17.0 / 315.0 + square * (62.0 / 2835.0))))
    } else {
        angle.tan() / angle - 1.0
    }
}
