//! Service and interarrival laws, as far as formulas need them: moments, distribution function, transform.

use super::{TheoryError, at_least_one, in_range, not_negative, positive};
use statrs::function::erf::erfc;
use statrs::function::gamma::gamma_lr;

/// A law of durations.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Law {
    /// Always the same.
    Constant {
        /// The duration.
        mean: f64,
    },
    /// Exponential.
    Exponential {
        /// Its mean.
        mean: f64,
    },
    /// Erlang: the sum of equal exponential stages.
    Erlang {
        /// Mean of the whole.
        mean: f64,
        /// Stages in it.
        stage_count: u32,
    },
    /// Uniform between two durations.
    Uniform {
        /// The shortest.
        low: f64,
        /// The longest.
        high: f64,
    },
    /// Lognormal.
    Lognormal {
        /// Its mean.
        mean: f64,
        /// Standard deviation ÷ mean.
        cv: f64,
    },
    /// A mixture of two exponentials that contribute half of the mean each ("balanced means").
    Hyperexponential {
        /// Its mean.
        mean: f64,
        /// Standard deviation ÷ mean; above 1.
        cv: f64,
    },
}

impl Law {
    /// The law itself, once its parameters are known to mean something.
    ///
    /// # Errors
    /// A mean that is not above zero, no stage, an interval that is reversed or starts below zero, a coefficient of
    /// variation that is not above zero, or for a hyperexponential below one.
    pub fn checked(self) -> Result<Self, TheoryError> {
        match self {
            Law::Constant { mean } | Law::Exponential { mean } => positive("mean", mean).map(|_| ())?,
            Law::Erlang { mean, stage_count } => {
                positive("mean", mean)?;
                at_least_one("stage count", stage_count)?;
            }
            Law::Uniform { low, high } => {
                not_negative("low", low)?;
                in_range("high", high, high > low, "a finite number above low")?;
            }
            Law::Lognormal { mean, cv } => {
                positive("mean", mean)?;
                positive("coefficient of variation", cv)?;
            }
            Law::Hyperexponential { mean, cv } => {
                positive("mean", mean)?;
                in_range("coefficient of variation", cv, cv >= 1.0, "a finite number of at least 1")?;
            }
        }
        Ok(self)
    }

    /// The mean.
    pub fn mean(&self) -> f64 {
        match *self {
            Law::Constant { mean } | Law::Exponential { mean } => mean,
            Law::Erlang { mean, .. } | Law::Lognormal { mean, .. } | Law::Hyperexponential { mean, .. } => {
                mean
            }
            Law::Uniform { low, high } => 0.5 * (low + high),
        }
    }

    /// The squared coefficient of variation: variance ÷ mean².
    pub fn squared_cv(&self) -> f64 {
        match *self {
            Law::Constant { .. } => 0.0,
            Law::Exponential { .. } => 1.0,
            Law::Erlang { stage_count, .. } => f64::from(stage_count).recip(),
            Law::Uniform { low, high } => ((high - low) / (high + low)).powi(2) / 3.0,
            Law::Lognormal { cv, .. } | Law::Hyperexponential { cv, .. } => cv * cv,
        }
    }

    /// The mean of the square: mean²·(1 + cv²).
    pub fn second_moment(&self) -> f64 {
        self.mean().powi(2) * (1.0 + self.squared_cv())
    }

    /// The probability of a duration of at most `time`.
    pub fn distribution(&self, time: f64) -> f64 {
        if time < 0.0 {
            return 0.0;
        }
        match *self {
            Law::Constant { mean } => f64::from(u8::from(time >= mean)),
            Law::Exponential { mean } => -(-time / mean).exp_m1(),
            Law::Erlang { stage_count, mean } if time > 0.0 => {
                let stages = f64::from(stage_count);
                gamma_lr(stages, stages * time / mean)
            }
            Law::Erlang { .. } => 0.0,
            Law::Uniform { low, high } => ((time - low) / (high - low)).clamp(0.0, 1.0),
            Law::Lognormal { mean, cv } if time > 0.0 => {
                let (location, scale) = lognormal_parameters(mean, cv);
                0.5 * erfc((location - time.ln()) / (scale * std::f64::consts::SQRT_2))
            }
            Law::Lognormal { .. } => 0.0,
            Law::Hyperexponential { mean, cv } => {
                balanced_phases(mean, cv).map(|(weight, rate)| -weight * (-rate * time).exp_m1()).iter().sum()
            }
        }
    }

    /// The Laplace–Stieltjes transform E\[e^(−sX)\] at `s` of at least 0. The lognormal's is numerical (trapezoidal
    /// rule over the normal variable, which converges to the last digits).
    pub fn transform(&self, s: f64) -> f64 {
        match *self {
            Law::Constant { mean } => (-s * mean).exp(),
            Law::Exponential { mean } => (1.0 + s * mean).recip(),
            Law::Erlang { mean, stage_count } => {
                let stages = f64::from(stage_count);
                (1.0 + s * mean / stages).powf(-stages)
            }
            Law::Uniform { low, high } => {
                let width = s * (high - low);
                let ratio = if width > 0.0 { -(-width).exp_m1() / width } else { 1.0 };
                (-s * low).exp() * ratio
            }
            Law::Lognormal { mean, cv } => {
                let (location, scale) = lognormal_parameters(mean, cv);
                let step = 1.0 / 64.0;
                let terms = (-64 * 9..=64 * 9).map(|index| {
                    let z = f64::from(index) * step;
                    (-0.5 * z * z - s * (location + scale * z).exp()).exp()
                });
                terms.sum::<f64>() * step / std::f64::consts::TAU.sqrt()
            }
            Law::Hyperexponential { mean, cv } => {
                balanced_phases(mean, cv).map(|(weight, rate)| weight * rate / (rate + s)).iter().sum()
            }
        }
    }
}

/// Location and scale of the normal whose exponential has this mean and coefficient of variation.
fn lognormal_parameters(mean: f64, cv: f64) -> (f64, f64) {
    let variance = (cv * cv).ln_1p();
    (mean.ln() - 0.5 * variance, variance.sqrt())
}

/// Weight and rate of the two phases: p = (1 + sqrt((cv²−1)/(cv²+1)))/2, rates 2p/mean and 2(1−p)/mean.
fn balanced_phases(mean: f64, cv: f64) -> [(f64, f64); 2] {
    let square = cv * cv;
    let tilt = ((square - 1.0) / (square + 1.0)).sqrt();
    [0.5 * (1.0 + tilt), 0.5 * (1.0 - tilt)].map(|weight| (weight, 2.0 * weight / mean))
}

#[cfg(test)]
mod tests {
    use super::super::close::assert_close;
    use super::*;

    const LAWS: [Law; 6] = [
        Law::Constant { mean: 1.5 },
        Law::Exponential { mean: 1.5 },
        Law::Erlang { mean: 1.5, stage_count: 3 },
        Law::Uniform { low: 0.5, high: 2.5 },
        Law::Lognormal { mean: 1.5, cv: 0.5 },
        Law::Hyperexponential { mean: 1.5, cv: 2.0 },
    ];

    #[test]
    fn the_distribution_function_has_the_stated_moments() {
        for law in LAWS {
            let step = 0.002;
            let (mut mean, mut second) = (0.0, 0.0);
            for index in 0..60_000 {
                let time = (f64::from(index) + 0.5) * step;
                let tail = 1.0 - law.distribution(time);
                mean += tail * step;
                second += 2.0 * time * tail * step;
            }
            assert_close(mean, law.mean(), 1e-5);
            assert_close(second, law.second_moment(), 1e-5);
        }
    }

    #[test]
    fn the_transform_starts_at_one_and_falls_with_the_mean() {
        for law in LAWS {
            assert_close(law.transform(0.0), 1.0, 1e-14);
            let s = 1e-4;
            let series = 1.0 - s * law.mean() + 0.5 * s * s * law.second_moment();
            assert_close(law.transform(s), series, 1e-10);
        }
    }

    #[test]
    fn laws_without_meaning_are_refused() {
        for law in [
            Law::Constant { mean: 0.0 },
            Law::Erlang { mean: 1.0, stage_count: 0 },
            Law::Uniform { low: 2.0, high: 1.0 },
            Law::Uniform { low: -1.0, high: 1.0 },
            Law::Lognormal { mean: 1.0, cv: 0.0 },
            Law::Hyperexponential { mean: 1.0, cv: 0.5 },
        ] {
            assert!(law.checked().is_err(), "{law:?}");
        }
    }
}
