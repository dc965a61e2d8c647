//! How many come at once.

use super::ArrivalError;
use crate::distribution::{AliasTable, shares, unit_exponential};
use crate::stream::Stream;
use std::sync::Arc;

const LARGEST: u32 = 1_000_000;

/// The law of the number of customers who come at the same instant.
#[derive(Clone, Debug, PartialEq)]
pub struct BatchSize {
    law: Law,
}

#[derive(Clone, Debug, PartialEq)]
enum Law {
    Fixed(u32),
    Geometric { mean: f64 },
    Weighted { sizes: Vec<u32>, shares: Vec<f64> },
}

impl BatchSize {
    /// Everyone comes alone.
    pub fn one() -> Self {
        BatchSize { law: Law::Fixed(1) }
    }

    /// Always `size`.
    ///
    /// # Errors
    /// When the size is 0 or above a million.
    pub fn fixed(size: u32) -> Result<Self, ArrivalError> {
        require(f64::from(size), (1..=LARGEST).contains(&size))?;
        Ok(BatchSize { law: Law::Fixed(size) })
    }

    /// One, and another with chance 1 - 1/mean, and so on: sizes 1, 2, 3 … with P(n) = (1 - 1/mean)ⁿ⁻¹ / mean.
    ///
    /// # Errors
    /// When the mean is below 1 or above a million.
    pub fn geometric(mean: f64) -> Result<Self, ArrivalError> {
        require(mean, mean >= 1.0 && mean <= f64::from(LARGEST))?;
        Ok(BatchSize { law: if mean == 1.0 { Law::Fixed(1) } else { Law::Geometric { mean } } })
    }

    /// Each of these sizes in proportion to its weight.
    ///
    /// # Errors
    /// When a size is 0 or above a million, or the weights are negative or all 0.
    pub fn weighted(sizes_and_weights: &[(u32, f64)]) -> Result<Self, ArrivalError> {
        let (sizes, weights): (Vec<u32>, Vec<f64>) = sizes_and_weights.iter().copied().unzip();
        for &size in &sizes {
            require(f64::from(size), (1..=LARGEST).contains(&size))?;
        }
        Ok(BatchSize { law: Law::Weighted { sizes, shares: shares("batch size", &weights)? } })
    }

    /// The mean number in a batch.
    pub fn mean(&self) -> f64 {
        match &self.law {
            Law::Fixed(size) => f64::from(*size),
            Law::Geometric { mean } => *mean,
            Law::Weighted { sizes, shares } => {
                sizes.iter().zip(shares).map(|(&size, share)| f64::from(size) * share).sum()
            }
        }
    }

    pub(super) fn sampler(&self) -> BatchSampler {
        match &self.law {
            Law::Fixed(size) => BatchSampler::Fixed(*size),
            Law::Geometric { mean } => {
                BatchSampler::Geometric { others_per_unit: -1.0 / (-1.0 / mean).ln_1p() }
            }
            Law::Weighted { sizes, shares } => {
                BatchSampler::Weighted(Arc::new((AliasTable::new(shares), sizes.as_slice().into())))
            }
        }
    }
}

fn require(size: f64, holds: bool) -> Result<(), ArrivalError> {
    if holds { Ok(()) } else { Err(ArrivalError::BatchSize { size }) }
}

#[derive(Clone, Debug)]
pub(super) enum BatchSampler {
    Fixed(u32),
    /// The whole part of an exponential of this mean is geometric from 0 on.
    Geometric {
        others_per_unit: f64,
    },
    Weighted(Arc<(AliasTable, Box<[u32]>)>),
}

impl BatchSampler {
    /// The size, from a stream that is opened only where it is needed.
    #[inline]
    pub(super) fn draw(&self, stream: impl FnOnce() -> Stream) -> u32 {
        match self {
            BatchSampler::Fixed(size) => *size,
            BatchSampler::Geometric { others_per_unit } => {
                1 + ((unit_exponential(&mut stream()) * others_per_unit) as u32).min(u32::MAX - 1)
            }
            BatchSampler::Weighted(table) => table.1[table.0.draw(&mut stream())],
        }
    }
}
