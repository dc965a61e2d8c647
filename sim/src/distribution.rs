//! Probability laws: what a scenario says about a duration, a patience, a lateness.
//!
//! A [`Distribution`] is a checked description: it knows its moments, can be scaled and shifted, and compiles to a
//! [`Sampler`] for the hot loop. A law is unit-free; where it stands for a time, its unit is the second, and a
//! sampler turns it into microseconds.
//!
//! ```
//! use onetrip_sim::distribution::{Distribution, Spread};
//! use onetrip_sim::stream::{Purpose, RunKey};
//!
//! let service_time = Distribution::lognormal_with_mean(90.0, Spread::Cv(0.6)).unwrap();
//! let sampler = service_time.sampler();
//! let patient = RunKey::new(1, 0, 0).entity(Purpose::named("walk_ins"), 17);
//! let span = sampler.draw(&mut patient.stream(Purpose::named("registration.service_time")));
//! assert!(span.as_seconds() > 0.0);
//! ```

mod alias;
mod error;
mod moments;
mod natural;
mod quantile;
mod sampler;
mod solve;
#[cfg(test)]
mod tests;
mod truncated_normal;
mod with_mean;

pub use alias::AliasTable;
pub use error::DistributionError;
pub(crate) use error::shares;
pub use sampler::Sampler;
pub(crate) use sampler::unit_exponential;
pub use with_mean::Spread;

use error::{finite, require};

/// A probability law on the real line, with valid parameters and a finite mean.
#[derive(Clone, Debug, PartialEq)]
pub struct Distribution {
    law: Law,
}

#[derive(Clone, Debug, PartialEq)]
enum Law {
    Constant(f64),
    Uniform {
        low: f64,
        high: f64,
    },
    Triangular {
        low: f64,
        mode: f64,
        high: f64,
    },
    Exponential {
        mean: f64,
    },
    /// Also Erlang's law, when the shape is whole.
    Gamma {
        shape: f64,
        scale: f64,
    },
    /// exp(`mu` + `sigma` z).
    Lognormal {
        mu: f64,
        sigma: f64,
    },
    Weibull {
        shape: f64,
        scale: f64,
    },
    /// `scale` is the median.
    LogLogistic {
        shape: f64,
        scale: f64,
    },
    Hyperexponential {
        shares: Vec<f64>,
        means: Vec<f64>,
    },
    Normal {
        mean: f64,
        sd: f64,
    },
    /// Normal(`centre`, `sd`) given that it falls between `low` and `high`.
    TruncatedNormal {
        centre: f64,
        sd: f64,
        low: f64,
        high: f64,
    },
    Beta {
        alpha: f64,
        beta: f64,
        low: f64,
        high: f64,
    },
    /// Each of the values with the same chance.
    Sample {
        sorted: Vec<f64>,
    },
    /// A cumulative curve that is straight between neighbouring values.
    InterpolatedSample {
        sorted: Vec<f64>,
    },
    Histogram {
        edges: Vec<f64>,
        shares: Vec<f64>,
    },
    Mixture {
        shares: Vec<f64>,
        components: Vec<Law>,
    },
    Shifted {
        offset: f64,
        law: Box<Law>,
    },
}

impl Distribution {
    /// The mean; always finite.
    pub fn mean(&self) -> f64 {
        self.law.mean()
    }

    /// The variance, or `None` where it is infinite (a log-logistic law of shape 2 or less).
    pub fn variance(&self) -> Option<f64> {
        self.law.variance()
    }

    /// The standard deviation, or `None` where it is infinite.
    pub fn standard_deviation(&self) -> Option<f64> {
        self.variance().map(f64::sqrt)
    }

    /// Standard deviation ÷ mean; `None` where either is not a positive finite number.
    pub fn coefficient_of_variation(&self) -> Option<f64> {
        let mean = self.mean();
        if mean > 0.0 { self.standard_deviation().map(|sd| sd / mean) } else { None }
    }

    /// The smallest and the largest value the law can give (infinite where there is no bound).
    pub fn support(&self) -> (f64, f64) {
        self.law.support()
    }

    /// Whether the law never gives a negative value, so that it can stand for a duration.
    pub fn is_never_negative(&self) -> bool {
        self.support().0 >= 0.0
    }

    /// Whether every draw is the same.
    pub fn is_constant(&self) -> bool {
        matches!(self.law, Law::Constant(_))
    }

    /// The law of `factor` times the value. A factor of 1 changes no bit of any draw; 0 gives the constant 0.
    ///
    /// # Errors
    /// When the factor is negative, not finite, or neither 0 nor between a billionth and a billion.
    pub fn scaled(&self, factor: f64) -> Result<Distribution, DistributionError> {
        let holds = factor == 0.0 || (1e-9..=1e9).contains(&factor);
        require("scaled law", "factor", factor, holds, "0, or a number from 1e-9 to 1e9")?;
        Ok(Distribution { law: if factor == 0.0 { Law::Constant(0.0) } else { self.law.scaled(factor) } })
    }

    /// The law of the value plus `offset`, which may be negative.
    ///
    /// # Errors
    /// When the offset is not finite.
    pub fn shifted(&self, offset: f64) -> Result<Distribution, DistributionError> {
        finite("shifted law", "offset", offset)?;
        Ok(Distribution { law: self.law.shifted(offset) })
    }

    /// The law in the form the hot loop draws from, with seconds turned into microseconds.
    pub fn sampler(&self) -> Sampler {
        Sampler::compile(&self.law.scaled(sampler::MICROS_PER_UNIT))
    }
}

impl Law {
    /// `factor` must be positive.
    fn scaled(&self, factor: f64) -> Law {
        let all = |values: &[f64]| values.iter().map(|value| value * factor).collect();
        match self {
            Law::Constant(value) => Law::Constant(value * factor),
            Law::Uniform { low, high } => Law::Uniform { low: low * factor, high: high * factor },
            Law::Triangular { low, mode, high } => {
                Law::Triangular { low: low * factor, mode: mode * factor, high: high * factor }
            }
            Law::Exponential { mean } => Law::Exponential { mean: mean * factor },
            Law::Gamma { shape, scale } => Law::Gamma { shape: *shape, scale: scale * factor },
            Law::Lognormal { mu, sigma } => Law::Lognormal { mu: mu + factor.ln(), sigma: *sigma },
            Law::Weibull { shape, scale } => Law::Weibull { shape: *shape, scale: scale * factor },
            Law::LogLogistic { shape, scale } => Law::LogLogistic { shape: *shape, scale: scale * factor },
            Law::Hyperexponential { shares, means } => {
                Law::Hyperexponential { shares: shares.clone(), means: all(means) }
            }
            Law::Normal { mean, sd } => Law::Normal { mean: mean * factor, sd: sd * factor },
            Law::TruncatedNormal { centre, sd, low, high } => Law::TruncatedNormal {
                centre: centre * factor,
                sd: sd * factor,
                low: low * factor,
                high: high * factor,
            },
            Law::Beta { alpha, beta, low, high } => {
                Law::Beta { alpha: *alpha, beta: *beta, low: low * factor, high: high * factor }
            }
            Law::Sample { sorted } => Law::Sample { sorted: all(sorted) },
            Law::InterpolatedSample { sorted } => Law::InterpolatedSample { sorted: all(sorted) },
            Law::Histogram { edges, shares } => Law::Histogram { edges: all(edges), shares: shares.clone() },
            Law::Mixture { shares, components } => Law::Mixture {
                shares: shares.clone(),
                components: components.iter().map(|law| law.scaled(factor)).collect(),
            },
            Law::Shifted { offset, law } => {
                Law::Shifted { offset: offset * factor, law: Box::new(law.scaled(factor)) }
            }
        }
    }

    fn shifted(&self, offset: f64) -> Law {
        match self {
            Law::Constant(value) => Law::Constant(value + offset),
            Law::Uniform { low, high } => Law::Uniform { low: low + offset, high: high + offset },
            Law::Normal { mean, sd } => Law::Normal { mean: mean + offset, sd: *sd },
            Law::Shifted { offset: already, law } => {
                Law::Shifted { offset: already + offset, law: law.clone() }
            }
            other => Law::Shifted { offset, law: Box::new(other.clone()) },
        }
    }

    fn support(&self) -> (f64, f64) {
        match self {
            Law::Constant(value) => (*value, *value),
            Law::Uniform { low, high }
            | Law::Triangular { low, high, .. }
            | Law::TruncatedNormal { low, high, .. }
            | Law::Beta { low, high, .. } => (*low, *high),
            Law::Exponential { .. }
            | Law::Gamma { .. }
            | Law::Lognormal { .. }
            | Law::Weibull { .. }
            | Law::LogLogistic { .. }
            | Law::Hyperexponential { .. } => (0.0, f64::INFINITY),
            Law::Normal { .. } => (f64::NEG_INFINITY, f64::INFINITY),
            Law::Sample { sorted } | Law::InterpolatedSample { sorted } => {
                (sorted[0], sorted[sorted.len() - 1])
            }
            Law::Histogram { edges, .. } => (edges[0], edges[edges.len() - 1]),
            Law::Mixture { components, .. } => components
                .iter()
                .map(Law::support)
                .fold((f64::INFINITY, f64::NEG_INFINITY), |all, one| (all.0.min(one.0), all.1.max(one.1))),
            Law::Shifted { offset, law } => {
                let (low, high) = law.support();
                (low + offset, high + offset)
            }
        }
    }
}
