//! How many replications: the sequential rule of Hoad, Robinson and Davies, and Law's relative precision.

use super::error::{StatisticsError, positive};
use super::interval::{Estimate, Interval, Level, student_half_width};
use super::running::Moments;
use serde::{Deserialize, Serialize};

/// How narrow the interval of a mean must be: the half-width is compared with this.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Precision {
    /// A share of the absolute value of the mean: 0.05 asks for ± 5 %.
    Relative(f64),
    /// In the unit of the measure.
    Absolute(f64),
    /// Whichever of the two is met first. For measures that may be near 0, where no share of the mean is ever met.
    Either {
        /// A share of the absolute value of the mean.
        relative: f64,
        /// In the unit of the measure.
        absolute: f64,
    },
}

impl Precision {
    /// The relative precision γ adjusted to γ/(1 + γ): the error is to be a share of the true mean, of which only an
    /// estimate is known (Law, *Simulation Modeling and Analysis*, §9.4.1). γ = 0.05 gives 0.047619.
    pub fn relative_to_true_mean(gamma: f64) -> Precision {
        Precision::Relative(gamma / (1.0 + gamma))
    }

    /// The half-width accepted for a mean. 0 for a relative precision of a mean of 0.
    pub fn accepted_half_width(self, mean: f64) -> f64 {
        match self {
            Precision::Relative(relative) => relative * mean.abs(),
            Precision::Absolute(absolute) => absolute,
            Precision::Either { relative, absolute } => absolute.max(relative * mean.abs()),
        }
    }

    fn check(self) -> Result<(), StatisticsError> {
        match self {
            Precision::Relative(relative) => positive("relative precision", relative),
            Precision::Absolute(absolute) => positive("absolute precision", absolute),
            Precision::Either { relative, absolute } => {
                positive("relative precision", relative)?;
                positive("absolute precision", absolute)
            }
        }
    }
}

/// The rule by which a measure says that it has seen enough replications.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// How narrow the interval must be.
    pub precision: Precision,
    /// Confidence level of the interval.
    pub level: Level,
    /// First number of replications at which the precision is looked at (n₀), at least 2.
    pub first_look: u64,
    /// How many further replications must keep the precision (kLimit), scaled with the number of replications once
    /// that exceeds 100. 0 looks not ahead.
    pub look_ahead: u64,
}

impl Rule {
    /// The published settings: first look after 3 replications, 5 ahead, 95 %.
    pub fn with_precision(precision: Precision) -> Rule {
        Rule { precision, level: Level::P95, first_look: 3, look_ahead: 5 }
    }

    /// How many replications beyond number `n` must keep the precision: kLimit·max(n, 100)/100, rounded down.
    pub fn look_ahead_from(&self, n: u64) -> u64 {
        self.look_ahead * n.max(100) / 100
    }
}

/// Where a measure stands after the latest replication.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Fewer replications than the first look.
    TooFew,
    /// The interval is too wide.
    TooWide,
    /// The precision has been met without a break since replication `since`; more are needed to trust it.
    LookingAhead {
        /// The first replication number of the unbroken run.
        since: u64,
    },
    /// Enough: replication number `needed` met the precision and all of the look-ahead kept it. Stays so, whatever
    /// is pushed afterwards.
    Satisfied {
        /// The number of replications the measure needs.
        needed: u64,
    },
}

/// One measure's running decision on the number of replications: push the result of each replication in order.
///
/// The rule is the algorithm of Hoad, Robinson and Davies (*Journal of the Operational Research Society* 61, 2010):
/// the deviation d = t·s/(√n·|mean|) must fall to the precision at some n ≥ n₀ and stay there for f(n) further
/// replications; then n is the answer. Use one per measure; a run is over when all are satisfied.
///
/// Observations that are all alike have a half-width of 0 and meet any precision: a measure that has not moved for
/// the look-ahead is taken as known. For rare events use shares ([`super::share`]), whose intervals stay honest at 0.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Replications {
    rule: Rule,
    moments: Moments,
    state: State,
}

impl Replications {
    /// No replications yet.
    ///
    /// # Errors
    /// A precision that is not above 0, or a first look before the second replication.
    pub fn new(rule: Rule) -> Result<Replications, StatisticsError> {
        rule.precision.check()?;
        super::error::at_least("replications at the first look", rule.first_look as usize, 2)?;
        Ok(Replications { rule, moments: Moments::new(), state: State::TooFew })
    }

    /// Adds the result of the next replication.
    ///
    /// # Errors
    /// A result that is not finite; it is not counted.
    pub fn push(&mut self, value: f64) -> Result<State, StatisticsError> {
        if !value.is_finite() {
            let index = self.moments.count() as usize;
            return Err(StatisticsError::NotFinite { name: "replications", index, value });
        }
        self.moments.push(value);
        let count = self.moments.count();
        if !matches!(self.state, State::Satisfied { .. }) && count >= self.rule.first_look {
            self.state = if self.is_precise() {
                let since = match self.state {
                    State::LookingAhead { since } => since,
                    _ => count,
                };
                if count - since >= self.rule.look_ahead_from(since) {
                    State::Satisfied { needed: since }
                } else {
                    State::LookingAhead { since }
                }
            } else {
                State::TooWide
            };
        }
        Ok(self.state)
    }

    fn is_precise(&self) -> bool {
        self.half_width().is_some_and(|half| half <= self.accepted())
    }

    fn accepted(&self) -> f64 {
        self.rule.precision.accepted_half_width(self.moments.mean().unwrap_or(0.0))
    }

    /// Where the measure stands.
    pub fn state(&self) -> State {
        self.state
    }

    /// The number of replications the measure needs, once it is satisfied.
    pub fn needed(&self) -> Option<u64> {
        match self.state {
            State::Satisfied { needed } => Some(needed),
            _ => None,
        }
    }

    /// Mean, spread and count so far.
    pub fn moments(&self) -> &Moments {
        &self.moments
    }

    /// The mean so far with its interval.
    pub fn estimate(&self) -> Option<Estimate> {
        self.moments.estimate(self.rule.level)
    }

    /// The interval so far, also where it has no width.
    pub fn interval(&self) -> Option<Interval> {
        let (mean, half) = (self.moments.mean()?, self.half_width()?);
        Some(Interval { low: mean - half, high: mean + half, level: self.rule.level.share() })
    }

    /// Half of the interval's width; `None` before the second replication.
    pub fn half_width(&self) -> Option<f64> {
        let standard_error = self.moments.standard_error()?;
        Some(student_half_width(standard_error, self.moments.count() as usize, self.rule.level))
    }

    /// The half-width as a share of the mean (d_n/100); `None` before the second replication, or where the mean is 0
    /// and the observations differ.
    pub fn deviation_share(&self) -> Option<f64> {
        let (mean, half) = (self.moments.mean()?, self.half_width()?);
        if half == 0.0 {
            Some(0.0)
        } else if mean == 0.0 {
            None
        } else {
            Some(half / mean.abs())
        }
    }

    /// A forecast of the number of replications at which the precision will be met: the half-width shrinks with the
    /// root of the number. `None` before the second replication or where no number will do (a mean of 0 with a
    /// relative precision).
    pub fn forecast(&self) -> Option<u64> {
        let (half, accepted, count) = (self.half_width()?, self.accepted(), self.moments.count());
        if half <= accepted {
            return Some(count);
        }
        let forecast = (count as f64 * (half / accepted).powi(2)).ceil();
        (accepted > 0.0 && forecast < 1e15).then_some(forecast as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(precision: Precision, look_ahead: u64) -> Rule {
        Rule { look_ahead, ..Rule::with_precision(precision) }
    }

    fn feed(rule: Rule, values: impl IntoIterator<Item = f64>) -> Replications {
        let mut replications = Replications::new(rule).unwrap();
        for value in values {
            replications.push(value).unwrap();
        }
        replications
    }

    #[test]
    fn look_ahead_grows_only_beyond_a_hundred_replications() {
        let rule = rule(Precision::Relative(0.05), 5);
        assert_eq!([3, 100, 119, 120, 250].map(|n| rule.look_ahead_from(n)), [5, 5, 5, 6, 12]);
    }

    #[test]
    fn precision_must_hold_through_the_look_ahead() {
        let calm = [10.0, 10.1, 9.9, 10.0, 10.05, 9.95, 10.0, 10.0];
        let satisfied = feed(rule(Precision::Relative(0.05), 5), calm);
        assert_eq!(satisfied.state(), State::Satisfied { needed: 3 });
        assert_eq!(feed(rule(Precision::Relative(0.05), 5), calm[..7].to_vec()).needed(), None);
        // The outlier at number 5 breaks the run that began at 3.
        let broken =
            feed(rule(Precision::Relative(0.05), 5), [10.0, 10.1, 9.9, 10.0, 20.0, 10.0, 10.0, 10.0]);
        assert_eq!(broken.state(), State::TooWide);
    }

    #[test]
    fn without_look_ahead_the_first_precise_replication_decides() {
        let replications = feed(rule(Precision::Absolute(0.5), 0), [10.0, 10.1, 9.9, 55.0]);
        assert_eq!(replications.needed(), Some(3));
    }

    #[test]
    fn a_mean_of_nought_is_never_relatively_precise_but_may_be_absolutely() {
        // The running mean of 1, −1, 0, 0, … after the second is exactly 0.
        let values = || [1.0, -1.0].into_iter().chain(std::iter::repeat_n(0.0, 198));
        let relative = feed(rule(Precision::Relative(0.05), 5), values());
        assert_eq!(
            (relative.state(), relative.deviation_share(), relative.forecast()),
            (State::TooWide, None, None)
        );
        let either = feed(rule(Precision::Either { relative: 0.05, absolute: 0.5 }, 5), values());
        assert!(either.needed().is_some());
    }

    #[test]
    fn what_never_varies_is_known_after_the_look_ahead() {
        let replications = feed(rule(Precision::Relative(0.05), 5), [0.0; 8]);
        assert_eq!(replications.needed(), Some(3));
        assert_eq!(replications.deviation_share(), Some(0.0));
    }

    #[test]
    fn the_forecast_follows_the_root_of_the_number() {
        let replications = feed(rule(Precision::Absolute(0.1), 5), [1.0, 2.0, 3.0, 4.0]);
        let half = replications.half_width().unwrap();
        assert_eq!(replications.forecast(), Some((4.0 * (half / 0.1).powi(2)).ceil() as u64));
    }

    #[test]
    fn precision_relative_to_the_true_mean_is_law_s() {
        let Precision::Relative(adjusted) = Precision::relative_to_true_mean(0.05) else { panic!() };
        assert!((adjusted - 0.047_62).abs() < 1e-5);
    }

    #[test]
    fn bad_rules_and_results_are_refused() {
        assert!(Replications::new(rule(Precision::Relative(0.0), 5)).is_err());
        assert!(Replications::new(Rule { first_look: 1, ..rule(Precision::Absolute(1.0), 5) }).is_err());
        let mut replications = Replications::new(rule(Precision::Absolute(1.0), 5)).unwrap();
        assert!(replications.push(f64::NAN).is_err());
        assert_eq!(replications.moments().count(), 0);
    }
}
