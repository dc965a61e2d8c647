//! Shares: how many of all, with the interval of Clopper and Pearson, also where patients come in days.

use super::error::{StatisticsError, positive};
use super::interval::{Estimate, Interval, Level, ratio_with_error};
use super::laws::{beta_quantile, student_quantile};
use serde::{Deserialize, Serialize};

/// The interval of Clopper and Pearson (*Biometrika* 26, 1934) for `successes` of `trials`, both allowed to be
/// fractional (effective sizes). It covers at least at the level asked for, whatever the true share.
fn clopper_pearson(successes: f64, trials: f64, level: Level) -> Interval {
    let tail = 0.5 * level.error_share();
    let low = if successes <= 0.0 { 0.0 } else { beta_quantile(successes, trials - successes + 1.0, tail) };
    let high = if successes >= trials {
        1.0
    } else {
        beta_quantile(successes + 1.0, trials - successes, 1.0 - tail)
    };
    Interval { low, high, level: level.share() }
}

/// The share of independent trials that succeeded, with its Clopper–Pearson interval. There is always an interval:
/// none of n still leaves up to 1 − (α/2)^(1/n).
///
/// # Errors
/// No trials, or more successes than trials.
pub fn share(successes: u64, trials: u64, level: Level) -> Result<Estimate, StatisticsError> {
    let (part, whole) = (successes as f64, trials as f64);
    positive("number of trials", whole)?;
    if successes > trials {
        return Err(StatisticsError::PartExceedsWhole { name: "trials", part, whole });
    }
    let interval = Some(clopper_pearson(part, whole, level));
    Ok(Estimate { value: part / whole, interval, observation_count: trials as usize })
}

/// How many patients of one replication there were, and how many of them met a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Patients who met the condition.
    pub within: u64,
    /// All patients counted.
    pub total: u64,
}

/// The share of patients who met a condition, over replications within which patients are alike in luck (they
/// queued behind one another), with an interval that knows it.
///
/// The value is the ratio of sums. Its linearised variance over replications gives an effective number of patients
/// p(1−p)/variance, reduced for the few degrees of freedom by (t with n−1 ÷ t with R−1)², never above the number
/// counted; Clopper and Pearson's interval is taken at that size (Korn and Graubard, *Survey Methodology* 24, 1998).
/// If every patient or none met the condition the replications count as single trials: the share of a replication
/// lies in 0…1, so the bound (α/2)^(1/R) holds for whatever happens within a day. A single replication gives no
/// interval.
///
/// # Errors
/// No replications, no patients in any of them, or more within than in all.
pub fn share_of_replications(tallies: &[Tally], level: Level) -> Result<Estimate, StatisticsError> {
    if let Some(wrong) = tallies.iter().find(|tally| tally.within > tally.total) {
        let (part, whole) = (wrong.within as f64, wrong.total as f64);
        return Err(StatisticsError::PartExceedsWhole { name: "patients of a replication", part, whole });
    }
    let within: Vec<f64> = tallies.iter().map(|tally| tally.within as f64).collect();
    let total: Vec<f64> = tallies.iter().map(|tally| tally.total as f64).collect();
    let (value, standard_error) = ratio_with_error(&within, &total)?;
    let replications = tallies.len();
    let patients: f64 = total.iter().sum();
    let interval = (replications > 1).then(|| {
        let effective = effective_size(value, standard_error, patients, replications, level);
        clopper_pearson(value * effective, effective, level)
    });
    Ok(Estimate { value, interval, observation_count: replications })
}

/// The number of independent patients that would know the share as well as these replications do.
fn effective_size(value: f64, standard_error: f64, patients: f64, replications: usize, level: Level) -> f64 {
    if value <= 0.0 || value >= 1.0 {
        return patients.min(replications as f64);
    }
    if standard_error <= 0.0 {
        return patients;
    }
    let point = 0.5 + 0.5 * level.share();
    let few = student_quantile((replications - 1) as f64, point);
    let many = student_quantile((patients - 1.0).max(1.0), point);
    let size = value * (1.0 - value) / (standard_error * standard_error) * (many / few).powi(2);
    // The interval needs at least a fraction of a trial on either side to be defined.
    size.clamp(1.0, patients)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_has_the_published_interval() {
        // 4 of 20 at 95 %: 0.0573 to 0.4366 (Clopper and Pearson's chart, recomputed in many tables).
        let interval = share(4, 20, Level::P95).unwrap().interval.unwrap();
        assert!((interval.low - 0.057_33).abs() < 1e-5 && (interval.high - 0.436_61).abs() < 1e-5);
    }

    #[test]
    fn none_or_all_still_leave_doubt() {
        let none = share(0, 10, Level::P95).unwrap().interval.unwrap();
        assert_eq!(none.low, 0.0);
        assert!((none.high - (1.0 - 0.025_f64.powf(0.1))).abs() < 1e-12);
        let all = share(10, 10, Level::P95).unwrap().interval.unwrap();
        assert!((all.low - 0.025_f64.powf(0.1)).abs() < 1e-12 && all.high == 1.0);
        assert!(share(3, 2, Level::P95).is_err() && share(0, 0, Level::P95).is_err());
    }

    #[test]
    fn days_that_agree_within_count_as_single_trials() {
        let tallies: Vec<Tally> =
            (0..40).map(|day| Tally { within: if day % 4 == 0 { 0 } else { 100 }, total: 100 }).collect();
        let together = share_of_replications(&tallies, Level::P95).unwrap();
        let days = share(30, 40, Level::P95).unwrap();
        assert_eq!(together.value, 0.75);
        let (a, b) = (together.interval.unwrap(), days.interval.unwrap());
        assert!((a.low - b.low).abs() < 0.01 && (a.high - b.high).abs() < 0.01, "{a:?} {b:?}");
    }

    #[test]
    fn all_patients_of_all_days_leave_the_doubt_of_the_days() {
        let estimate = share_of_replications(&[Tally { within: 500, total: 500 }; 10], Level::P95).unwrap();
        assert!((estimate.interval.unwrap().low - 0.025_f64.powf(0.1)).abs() < 1e-12);
        let single = share_of_replications(&[Tally { within: 5, total: 9 }], Level::P95).unwrap();
        assert_eq!(single.interval, None);
    }
}
