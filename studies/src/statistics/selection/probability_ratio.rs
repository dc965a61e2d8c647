//! Wald's sequential probability ratio test of a share.

use crate::statistics::error::{StatisticsError, probability};
use serde::{Deserialize, Serialize};

/// Which share the trials speak for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Not decided yet.
    Undecided,
    /// The lower share or less.
    Lower,
    /// The upper share or more.
    Upper,
}

/// A running test whether a share is at most `lower` or at least `upper`, on independent trials such as whole
/// inspections passed or failed (Wald, *Annals of Mathematical Statistics* 16, 1945). Between the two shares either
/// verdict is accepted.
///
/// The logarithm of the likelihood ratio is compared with ln((1−β)/α) above and ln(β/(1−α)) below: ± 2.944 for
/// α = β = 0.05. The first verdict stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProbabilityRatioTest {
    success_step: f64,
    failure_step: f64,
    lower_bound: f64,
    upper_bound: f64,
    log_ratio: f64,
    trial_count: u64,
    verdict: Verdict,
}

impl ProbabilityRatioTest {
    /// A test of `lower` against `upper` that errs with at most `upper_error` where the share is `lower` (α) and
    /// with at most `lower_error` where it is `upper` (β), up to the overshoot of the last trial.
    ///
    /// # Errors
    /// Shares or errors outside 0…1, or `lower` not below `upper`, or errors that add up to 1 or more.
    pub fn new(lower: f64, upper: f64, upper_error: f64, lower_error: f64) -> Result<Self, StatisticsError> {
        probability("lower share", lower)?;
        probability("upper share", upper)?;
        probability("error of an upper verdict", upper_error)?;
        probability("error of a lower verdict", lower_error)?;
        probability("sum of both errors", upper_error + lower_error)?;
        crate::statistics::error::positive("distance from lower to upper share", upper - lower)?;
        Ok(ProbabilityRatioTest {
            success_step: (upper / lower).ln(),
            failure_step: ((1.0 - upper) / (1.0 - lower)).ln(),
            lower_bound: (lower_error / (1.0 - upper_error)).ln(),
            upper_bound: ((1.0 - lower_error) / upper_error).ln(),
            log_ratio: 0.0,
            trial_count: 0,
            verdict: Verdict::Undecided,
        })
    }

    /// Adds a trial. After a verdict nothing changes any more.
    pub fn push(&mut self, is_success: bool) -> Verdict {
        if self.verdict == Verdict::Undecided {
            self.trial_count += 1;
            self.log_ratio += if is_success { self.success_step } else { self.failure_step };
            if self.log_ratio >= self.upper_bound {
                self.verdict = Verdict::Upper;
            } else if self.log_ratio <= self.lower_bound {
                self.verdict = Verdict::Lower;
            }
        }
        self.verdict
    }

    /// The verdict so far.
    pub fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// Trials used for the verdict so far.
    pub fn trial_count(&self) -> u64 {
        self.trial_count
    }

    /// The bounds of the logarithm of the likelihood ratio, lower and upper.
    pub fn bounds(&self) -> (f64, f64) {
        (self.lower_bound, self.upper_bound)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_the_logarithm_of_nineteen() {
        let (low, high) = ProbabilityRatioTest::new(0.8, 0.9, 0.05, 0.05).unwrap().bounds();
        assert!((high - 19.0_f64.ln()).abs() < 1e-14 && (low + 19.0_f64.ln()).abs() < 1e-14);
        assert!((high - 2.944).abs() < 1e-3);
    }

    #[test]
    fn the_first_trial_beyond_a_bound_decides_and_the_verdict_stands() {
        // Steps ln(0.9/0.8) = 0.1178 and ln(0.1/0.2) = −0.6931: 25 successes or 5 failures.
        let mut test = ProbabilityRatioTest::new(0.8, 0.9, 0.05, 0.05).unwrap();
        assert_eq!((0..24).map(|_| test.push(true)).last(), Some(Verdict::Undecided));
        assert_eq!(test.push(true), Verdict::Upper);
        assert_eq!((test.push(false), test.trial_count()), (Verdict::Upper, 25));
        let mut test = ProbabilityRatioTest::new(0.8, 0.9, 0.05, 0.05).unwrap();
        assert_eq!((0..4).map(|_| test.push(false)).last(), Some(Verdict::Undecided));
        assert_eq!(test.push(false), Verdict::Lower);
    }

    #[test]
    fn shares_in_the_wrong_order_are_refused() {
        assert!(ProbabilityRatioTest::new(0.9, 0.8, 0.05, 0.05).is_err());
        assert!(ProbabilityRatioTest::new(0.8, 0.9, 0.6, 0.6).is_err());
        assert!(ProbabilityRatioTest::new(0.0, 0.9, 0.05, 0.05).is_err());
    }
}
