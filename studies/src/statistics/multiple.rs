//! Many statements at once: error shared among them, so that all hold together.

use super::error::{StatisticsError, at_least, probability};
use super::interval::{Estimate, Level, differences, mean};
use super::laws::student_share_below;
use super::running::Moments;
use serde::{Deserialize, Serialize};

/// The two-sided p-value of Student's paired test that two systems do not differ on average. Pairs that differ by a
/// constant other than 0 give 0, pairs that never differ give 1.
///
/// # Errors
/// Different lengths, fewer than two pairs, or values not finite.
pub fn paired_p_value(base: &[f64], alternative: &[f64]) -> Result<f64, StatisticsError> {
    let differences = differences(base, alternative)?;
    at_least("pairs", differences.len(), 2)?;
    let moments: Moments = differences.into_iter().collect();
    let (mean, error) = (moments.mean().unwrap_or(0.0), moments.standard_error().unwrap_or(0.0));
    if mean == 0.0 {
        return Ok(1.0);
    }
    if error == 0.0 {
        return Ok(0.0);
    }
    Ok(2.0 * student_share_below((moments.count() - 1) as f64, -(mean / error).abs()))
}

/// Bonferroni's adjusted p-values: each multiplied by their number, at most 1.
///
/// # Errors
/// A p-value outside 0…1.
pub fn bonferroni(p_values: &[f64]) -> Result<Vec<f64>, StatisticsError> {
    check(p_values)?;
    Ok(p_values.iter().map(|p| (p * p_values.len() as f64).min(1.0)).collect())
}

/// Holm's adjusted p-values (*Scandinavian Journal of Statistics* 6, 1979), in the order given: the i-th smallest of
/// m is multiplied by m − i + 1 and is never below a smaller one's. They hold the family's level under any
/// dependence, and reject whatever Bonferroni rejects and more.
///
/// # Errors
/// A p-value outside 0…1.
pub fn holm(p_values: &[f64]) -> Result<Vec<f64>, StatisticsError> {
    check(p_values)?;
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|&left, &right| p_values[left].total_cmp(&p_values[right]));
    let mut adjusted = vec![0.0; p_values.len()];
    let mut floor = 0.0_f64;
    for (smaller_count, &index) in order.iter().enumerate() {
        let factor = (p_values.len() - smaller_count) as f64;
        floor = floor.max((p_values[index] * factor).min(1.0));
        adjusted[index] = floor;
    }
    Ok(adjusted)
}

fn check(p_values: &[f64]) -> Result<(), StatisticsError> {
    match p_values.iter().find(|p| !(0.0..=1.0).contains(*p)) {
        Some(&value) => Err(StatisticsError::NotAProbability { name: "p-value", value }),
        None => Ok(()),
    }
}

/// One measure of a family compared at once.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// Mean difference alternative − base; the intervals of the whole family hold together at the family's level
    /// (Bonferroni).
    pub difference: Estimate,
    /// p-value of the paired test by itself.
    pub p_value: f64,
    /// p-value adjusted for the family (Holm).
    pub family_p_value: f64,
    /// Whether the measure differs, at the family's level.
    pub is_different: bool,
}

/// Compares many measures of two systems, each a series of paired replications (base, alternative), so that all
/// statements together err with at most 1 − `level`.
///
/// # Errors
/// A pair of different lengths, of fewer than two replications, or with values not finite.
pub fn compare_family(pairs: &[(&[f64], &[f64])], level: Level) -> Result<Vec<Comparison>, StatisticsError> {
    probability("confidence level", level.share())?;
    let each = level.shared_by(pairs.len());
    let p_values = pairs
        .iter()
        .map(|(base, alternative)| paired_p_value(base, alternative))
        .collect::<Result<Vec<_>, _>>()?;
    let family = holm(&p_values)?;
    pairs
        .iter()
        .zip(p_values.iter().zip(family))
        .map(|((base, alternative), (&p_value, family_p_value))| {
            let difference = mean(&differences(base, alternative)?, each)?;
            let is_different = family_p_value <= level.error_share();
            Ok(Comparison { difference, p_value, family_p_value, is_different })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holm_and_bonferroni_follow_a_worked_example() {
        let p = [0.01, 0.04, 0.03, 0.005];
        assert_eq!(bonferroni(&p).unwrap(), vec![0.04, 0.16, 0.12, 0.02]);
        let adjusted = holm(&p).unwrap();
        for (got, expected) in adjusted.iter().zip([0.03, 0.06, 0.06, 0.02]) {
            assert!((got - expected).abs() < 1e-15, "{adjusted:?}");
        }
        assert!(holm(&[0.5, 1.5]).is_err() && bonferroni(&[f64::NAN]).is_err());
    }

    #[test]
    fn paired_p_value_is_student_s() {
        // Differences 1, 2, 3: t = 2·√3/1 with 2 degrees; two-sided p = 1 − t/√(2 + t²).
        let t = 2.0 * 3.0_f64.sqrt();
        let p = paired_p_value(&[0.0, 0.0, 0.0], &[1.0, 2.0, 3.0]).unwrap();
        assert!((p - (1.0 - t / (2.0 + t * t).sqrt())).abs() < 1e-13);
        assert_eq!(paired_p_value(&[1.0, 2.0], &[1.0, 2.0]).unwrap(), 1.0);
        assert_eq!(paired_p_value(&[1.0, 2.0], &[2.0, 3.0]).unwrap(), 0.0);
    }

    #[test]
    fn a_family_shares_its_error() {
        let base = [1.0, 2.0, 3.0, 4.0];
        let shifted = [2.0, 3.1, 3.9, 5.05];
        let noise = [1.1, 1.9, 3.2, 3.8];
        let family = compare_family(&[(&base, &shifted), (&base, &noise)], Level::P95).unwrap();
        assert!(family[0].is_different && !family[1].is_different);
        assert!((family[0].difference.interval.unwrap().level - 0.975).abs() < 1e-15);
        assert!((family[0].family_p_value - 2.0 * family[0].p_value).abs() < 1e-15);
    }
}
