//! What common random numbers have saved, or cost.

use super::error::{StatisticsError, at_least};
use super::interval::differences;
use super::running::Moments;
use serde::{Deserialize, Serialize};

/// The effect of pairing two systems' replications by common random numbers.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct VarianceReduction {
    /// Var(A − B) ÷ (Var A + Var B): the share of replications needed with pairing of those needed without. `None`
    /// if neither system varies.
    pub variance_ratio: Option<f64>,
    /// Correlation of the paired results; `None` if either does not vary.
    pub correlation: Option<f64>,
}

impl VarianceReduction {
    /// Whether pairing has not helped: a ratio of 1 or more, to be told to the reader. The usual cause is a stream
    /// that serves different purposes in the two scenarios.
    pub fn is_warning(&self) -> bool {
        self.variance_ratio.is_some_and(|ratio| ratio >= 1.0)
    }
}

/// Measures the effect of pairing on two systems' replications.
///
/// # Errors
/// Different lengths, fewer than two pairs, or values not finite.
pub fn variance_reduction(base: &[f64], alternative: &[f64]) -> Result<VarianceReduction, StatisticsError> {
    let paired = differences(base, alternative)?;
    at_least("pairs", paired.len(), 2)?;
    let variance = |values: &[f64]| values.iter().copied().collect::<Moments>().variance().unwrap_or(0.0);
    let (of_base, of_alternative, of_difference) = (variance(base), variance(alternative), variance(&paired));
    let apart = of_base + of_alternative;
    let scale = (of_base * of_alternative).sqrt();
    Ok(VarianceReduction {
        variance_ratio: (apart > 0.0).then(|| of_difference / apart),
        correlation: (scale > 0.0).then(|| ((apart - of_difference) / (2.0 * scale)).clamp(-1.0, 1.0)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn perfect_pairing_saves_everything_and_opposite_luck_warns() {
        let base = [1.0, 4.0, 2.0, 8.0];
        let same = variance_reduction(&base, &base.map(|x| x + 3.0)).unwrap();
        assert_eq!((same.variance_ratio, same.correlation, same.is_warning()), (Some(0.0), Some(1.0), false));
        let opposite = variance_reduction(&base, &base.map(|x| -x)).unwrap();
        assert!((opposite.variance_ratio.unwrap() - 2.0).abs() < 1e-12 && opposite.is_warning());
    }

    #[test]
    fn systems_that_do_not_vary_have_no_ratio() {
        let none = variance_reduction(&[1.0, 1.0], &[2.0, 2.0]).unwrap();
        assert_eq!((none.variance_ratio, none.correlation, none.is_warning()), (None, None, false));
        assert!(variance_reduction(&[1.0, 2.0], &[1.0]).is_err());
    }
}
