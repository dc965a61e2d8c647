//! Busy days and quiet days: one factor on all rates of a run.

use crate::distribution::{Distribution, DistributionError, Sampler, Spread};
use crate::stream::{Purpose, RunKey};

const DAY_FACTOR: Purpose = Purpose::named("day_factor");

/// A factor of mean 1, drawn once per run, by which the arrival rate is multiplied. A Poisson count of mean m then
/// has variance m + m² cv², as counts of real days do, rather than m.
#[derive(Clone, Debug, PartialEq)]
pub struct DayFactor {
    law: Distribution,
    shared: Option<Purpose>,
}

impl DayFactor {
    /// A gamma factor; daily counts become negative binomial.
    ///
    /// # Errors
    /// When the cv is neither 0 nor between 0.001 and 100.
    pub fn gamma(cv: f64) -> Result<Self, DistributionError> {
        Ok(DayFactor { law: Distribution::gamma_with_mean(1.0, Spread::Cv(cv))?, shared: None })
    }

    /// A lognormal factor.
    ///
    /// # Errors
    /// When the cv is neither 0 nor between 0.001 and 100.
    pub fn lognormal(cv: f64) -> Result<Self, DistributionError> {
        Ok(DayFactor { law: Distribution::lognormal_with_mean(1.0, Spread::Cv(cv))?, shared: None })
    }

    /// Drawn under `path` rather than `<source>.day_factor`, so that all sources that name the same path and law have
    /// their busy days together.
    pub fn shared_as(self, path: &str) -> Self {
        DayFactor { shared: Some(Purpose::named(path)), ..self }
    }

    pub(super) fn shared_purpose(&self) -> Option<Purpose> {
        self.shared
    }

    pub(super) fn sampler(&self, purpose: Purpose) -> DayFactorSampler {
        DayFactorSampler { purpose, sampler: self.law.sampler() }
    }
}

#[derive(Clone, Debug)]
pub(super) struct DayFactorSampler {
    purpose: Purpose,
    sampler: Sampler,
}

impl DayFactorSampler {
    pub(super) fn draw(&self, run: RunKey) -> f64 {
        self.sampler.draw_value(&mut run.entity(self.purpose, 0).stream(DAY_FACTOR))
    }
}
