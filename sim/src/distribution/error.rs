//! What is wrong with a law's parameters.

use std::borrow::Cow;

/// A parameter no such law can have. The caller adds the place it was read from.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{law}: {what} is {value}; accepted is {accepted}")]
pub struct DistributionError {
    /// The law that was to be made, such as `log-logistic`.
    pub law: &'static str,
    /// The parameter, such as `cv` or `weight 3`.
    pub what: Cow<'static, str>,
    /// The value it was given.
    pub value: f64,
    /// What would have been accepted.
    pub accepted: Cow<'static, str>,
}

/// `Ok` when `holds`, else the error.
pub(super) fn require(
    law: &'static str,
    what: impl Into<Cow<'static, str>>,
    value: f64,
    holds: bool,
    accepted: impl Into<Cow<'static, str>>,
) -> Result<(), DistributionError> {
    if holds {
        return Ok(());
    }
    Err(DistributionError { law, what: what.into(), value, accepted: accepted.into() })
}

/// Parameters stay within these, so that no square, ratio or change of unit leaves the range of a float.
const SMALLEST: f64 = 1e-30;
const LARGEST: f64 = 1e30;

pub(super) fn finite(law: &'static str, what: &'static str, value: f64) -> Result<(), DistributionError> {
    require(law, what, value, value.abs() <= LARGEST, "a number from -1e30 to 1e30")
}

pub(super) fn positive(law: &'static str, what: &'static str, value: f64) -> Result<(), DistributionError> {
    require(law, what, value, (SMALLEST..=LARGEST).contains(&value), "a number above 0 (from 1e-30 to 1e30)")
}

/// Weights divided by their sum, so that they are shares.
pub(crate) fn shares(law: &'static str, weights: &[f64]) -> Result<Vec<f64>, DistributionError> {
    for (index, &weight) in weights.iter().enumerate() {
        let holds = weight.is_finite() && weight >= 0.0;
        require(law, format!("weight {}", index + 1), weight, holds, "a number of 0 or more")?;
    }
    // From 0.0, as the sum of no numbers is -0.0.
    let sum = weights.iter().fold(0.0, |sum, weight| sum + weight);
    require(law, "sum of the weights", sum, sum.is_finite() && sum > 0.0, "a number above 0")?;
    Ok(weights.iter().map(|weight| weight / sum).collect())
}

/// As many of `what` as there are of `of`.
pub(super) fn same_count(
    law: &'static str,
    what: &'static str,
    count: usize,
    expected: usize,
    of: &'static str,
) -> Result<(), DistributionError> {
    let accepted = || format!("{expected}, {of}");
    if count == expected { Ok(()) } else { require(law, what, count as f64, false, accepted()) }
}
