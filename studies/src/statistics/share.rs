//! Shares: how many of all, with the interval of Clopper and Pearson, also where patients come in days.

use super::error::{StatisticsError, positive};
use super::interval::{self, Estimate, Interval, Level};
use super::laws::{beta_quantile, student_quantile};
use super::running::Moments;
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
/// queued behind one another), with an interval that knows it. Every replication with patients counts alike, be it busy
/// or quiet: it is the chance of a patient drawn at random from a replication drawn at random.
///
/// The variance of the replications' shares gives an effective number of patients p(1−p)/variance, reduced for the few
/// degrees of freedom by (t with n−1 ÷ t with R−1)², never above the number counted; Clopper and Pearson's interval is
/// taken at that size (Korn and Graubard, *Survey Methodology* 24, 1998). If every patient or none met the condition
/// the replications count as single trials: the share of a replication lies in 0…1, so the bound (α/2)^(1/R) holds for
/// whatever happens within a day. A single replication gives no interval.
///
/// # Errors
/// No patients in any replication, or more within than in all.
pub fn share_of_replications(tallies: &[Tally], level: Level) -> Result<Estimate, StatisticsError> {
    if let Some(wrong) = tallies.iter().find(|tally| tally.within > tally.total) {
        let (part, whole) = (wrong.within as f64, wrong.total as f64);
        return Err(StatisticsError::PartExceedsWhole { name: "patients of a replication", part, whole });
    }
    let counted = || tallies.iter().filter(|tally| tally.total > 0);
    let shares: Moments = counted().map(|tally| tally.within as f64 / tally.total as f64).collect();
    let patients = counted().map(|tally| tally.total as f64).sum();
    let replications = shares.count() as usize;
    let value = shares.mean().ok_or(StatisticsError::TooFew { name: "patients", given: 0, needed: 1 })?;
    let interval = shares.standard_error().map(|standard_error| {
        let effective = effective_size(value, standard_error, patients, replications, level);
        clopper_pearson(value * effective, effective, level)
    });
    Ok(Estimate { value, interval, observation_count: replications })
}

/// The mean of the shares of replications, together of `trials` patients or events (`None` for shares of time), with
/// Student's interval cut at 0 and 1, beyond which no share lies.
///
/// Where all of the trials met the condition, or none, replications do not differ and Student has nothing to say. Then the
/// interval is Clopper and Pearson's of all trials, taken as independent: so many trials without exception leave up to
/// 1 − (α/2)^(1/n) for exceptions. Days on which nothing ever differs show no dependence that could be allowed for; where a
/// whole day can go otherwise (queues, breakdowns) only more days tell. A single replication gives no interval.
///
/// # Errors
/// No shares, one that is not finite, or no trials.
pub fn mean_of_shares(
    shares: &[f64],
    trials: Option<u64>,
    level: Level,
) -> Result<Estimate, StatisticsError> {
    let estimate = interval::mean(shares, level)?.within(&(0.0..=1.0));
    let interval = match (estimate.interval, trials) {
        (Some(student), _) => Some(student),
        (None, Some(trials)) if estimate.is_constant() && [0.0, 1.0].contains(&estimate.value) => {
            let trials = trials as f64;
            positive("number of trials", trials)?;
            Some(clopper_pearson(estimate.value * trials, trials, level))
        }
        (None, _) => None,
    };
    Ok(Estimate { interval, ..estimate })
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
    fn all_of_a_few_trials_leave_doubt_and_all_of_many_leave_little() {
        let low = |trials| mean_of_shares(&[1.0; 3], Some(trials), Level::P95).unwrap().interval.unwrap().low;
        assert!((low(12) - 0.025_f64.powf(1.0 / 12.0)).abs() < 1e-12 && low(12) < 0.74);
        assert!(low(24_000) > 0.9998);
        let none = mean_of_shares(&[0.0; 3], Some(12), Level::P95).unwrap().interval.unwrap();
        assert!(none.low == 0.0 && (none.high - (1.0 - low(12))).abs() < 1e-12);
        // One replication tells nothing of others, and a share between the ends that never moves is no count.
        assert_eq!(mean_of_shares(&[1.0], Some(12), Level::P95).unwrap().interval, None);
        assert_eq!(mean_of_shares(&[0.5; 3], Some(12), Level::P95).unwrap().interval, None);
        assert_eq!(mean_of_shares(&[1.0; 3], None, Level::P95).unwrap().interval, None);
        assert!(mean_of_shares(&[1.0; 3], Some(0), Level::P95).is_err());
    }

    #[test]
    fn no_share_lies_beyond_nothing_and_all() {
        let estimate = mean_of_shares(&[1.0, 1.0, 0.7], Some(90), Level::P95).unwrap();
        let interval = estimate.interval.unwrap();
        assert!((estimate.value - 0.9).abs() < 1e-12 && interval.high == 1.0 && interval.low < 0.5);
    }

    #[test]
    fn a_quiet_day_counts_as_much_as_a_busy_one() {
        let tallies = [
            Tally { within: 10, total: 10 },
            Tally { within: 0, total: 0 },
            Tally { within: 500, total: 1000 },
            Tally { within: 30, total: 40 },
        ];
        let estimate = share_of_replications(&tallies, Level::P95).unwrap();
        assert_eq!((estimate.value, estimate.observation_count), (0.75, 3));
        assert!(share_of_replications(&tallies[1..2], Level::P95).is_err());
    }

    #[test]
    fn all_patients_of_all_days_leave_the_doubt_of_the_days() {
        let estimate = share_of_replications(&[Tally { within: 500, total: 500 }; 10], Level::P95).unwrap();
        assert!((estimate.interval.unwrap().low - 0.025_f64.powf(0.1)).abs() < 1e-12);
        let single = share_of_replications(&[Tally { within: 5, total: 9 }], Level::P95).unwrap();
        assert_eq!(single.interval, None);
    }
}
