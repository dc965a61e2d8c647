//! Intervals of means: Student's t over replications, paired differences, ratios of sums.

use super::error::{StatisticsError, at_least, finite, probability};
use super::laws::student_quantile;
use super::running::Moments;
use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;

/// A confidence level, strictly between 0 and 1.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Level(f64);

impl Level {
    /// 90 %.
    pub const P90: Level = Level(0.90);
    /// 95 %, the usual one.
    pub const P95: Level = Level(0.95);
    /// 99 %.
    pub const P99: Level = Level(0.99);

    /// The level given as a share, 0.95 for 95 %.
    pub fn new(share: f64) -> Result<Level, StatisticsError> {
        probability("confidence level", share)?;
        Ok(Level(share))
    }

    /// The level as a share between 0 and 1.
    pub fn share(self) -> f64 {
        self.0
    }

    /// The probability of error that the level leaves: 1 − level.
    pub fn error_share(self) -> f64 {
        1.0 - self.0
    }

    /// The level each of `statement_count` statements must have so that all hold together with this one
    /// (Bonferroni, any dependence). A count of 0 is taken as 1.
    pub fn shared_by(self, statement_count: usize) -> Level {
        Level(1.0 - (1.0 - self.0) / statement_count.max(1) as f64)
    }
}

impl TryFrom<f64> for Level {
    type Error = StatisticsError;

    fn try_from(share: f64) -> Result<Level, StatisticsError> {
        Level::new(share)
    }
}

impl From<Level> for f64 {
    fn from(level: Level) -> f64 {
        level.0
    }
}

/// A two-sided confidence interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// Lower end, included.
    pub low: f64,
    /// Upper end, included.
    pub high: f64,
    /// The level that holds, as a share: the one asked for, or for order statistics the one achieved.
    pub level: f64,
}

impl Interval {
    /// Whether `value` lies within, ends included.
    pub fn contains(&self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }

    /// Half of the distance between the ends.
    pub fn half_width(&self) -> f64 {
        0.5 * (self.high - self.low)
    }
}

/// An estimated figure and how sure it is.
///
/// There is no interval where the data carry no information on their own spread: a single observation, or
/// observations that are all alike (`is_constant`; the value may be exact or the sample too small to see variation,
/// the numbers cannot tell). Then `interval` is `None`, never NaN and never of zero width.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The point estimate.
    pub value: f64,
    /// Its interval, if the data allow one.
    pub interval: Option<Interval>,
    /// How many independent observations (usually replications) it rests on.
    pub observation_count: usize,
}

impl Estimate {
    /// Whether several observations were all alike, so that no interval could be given.
    pub fn is_constant(&self) -> bool {
        self.interval.is_none() && self.observation_count > 1
    }

    /// An estimate with Student's interval: value ± t·standard error, with `observation_count` − 1 degrees of
    /// freedom. No interval for fewer than two observations or no spread.
    pub fn student(value: f64, standard_error: f64, observation_count: usize, level: Level) -> Estimate {
        let interval = (observation_count > 1 && standard_error > 0.0).then(|| {
            let half = student_half_width(standard_error, observation_count, level);
            Interval { low: value - half, high: value + half, level: level.share() }
        });
        Estimate { value, interval, observation_count }
    }

    /// The same with its interval cut to what the value can be. No true value is lost by that, and none covered more often.
    pub fn within(self, possible: &RangeInclusive<f64>) -> Estimate {
        let cut = |interval: Interval| Interval {
            low: interval.low.max(*possible.start()),
            high: interval.high.min(*possible.end()),
            ..interval
        };
        Estimate { interval: self.interval.map(cut), ..self }
    }
}

/// Half-width of Student's interval: t quantile with n − 1 degrees of freedom times the standard error.
/// `observation_count` is at least 2.
pub fn student_half_width(standard_error: f64, observation_count: usize, level: Level) -> f64 {
    student_quantile((observation_count - 1) as f64, 0.5 + 0.5 * level.share()) * standard_error
}

/// The mean of independent observations (one per replication) with Student's interval.
///
/// # Errors
/// No observations, or one that is not finite.
pub fn mean(values: &[f64], level: Level) -> Result<Estimate, StatisticsError> {
    finite("observations", values)?;
    let moments: Moments = values.iter().copied().collect();
    moments.estimate(level).ok_or(StatisticsError::TooFew { name: "observations", given: 0, needed: 1 })
}

/// The differences alternative − base, replication by replication.
///
/// # Errors
/// Different numbers of replications (the pairing is broken), or an observation that is not finite.
pub fn differences(base: &[f64], alternative: &[f64]) -> Result<Vec<f64>, StatisticsError> {
    if base.len() != alternative.len() {
        let (left, right) = (base.len(), alternative.len());
        return Err(StatisticsError::UnequalLengths { name: "base and alternative", left, right });
    }
    finite("base", base)?;
    finite("alternative", alternative)?;
    Ok(base.iter().zip(alternative).map(|(base, alternative)| alternative - base).collect())
}

/// The mean difference alternative − base of paired replications, with Student's interval of the differences. A
/// scenario compared with itself gives exactly 0 and no interval.
///
/// # Errors
/// As [`differences`], or no pairs.
pub fn paired_difference(
    base: &[f64],
    alternative: &[f64],
    level: Level,
) -> Result<Estimate, StatisticsError> {
    mean(&differences(base, alternative)?, level)
}

/// A ratio of sums over replications, such as minutes waited ÷ patients, with the interval of its linearisation.
///
/// The value is Σy/Σx; the residuals y − value·x of each replication give the standard error
/// √(Σe²/(R(R−1))) ÷ x̄ (Cochran, *Sampling Techniques*, 3rd ed., §6.4), with R − 1 degrees of freedom. It counts
/// every patient once; the mean of the replications' means would count a quiet day as much as a busy one.
///
/// # Errors
/// Different lengths, none, values not finite, or denominators that do not add up to more than 0.
pub fn ratio(numerators: &[f64], denominators: &[f64], level: Level) -> Result<Estimate, StatisticsError> {
    let (value, standard_error) = ratio_with_error(numerators, denominators)?;
    Ok(Estimate::student(value, standard_error, numerators.len(), level))
}

/// The ratio of sums and its linearised standard error (0 for a single replication).
pub(crate) fn ratio_with_error(
    numerators: &[f64],
    denominators: &[f64],
) -> Result<(f64, f64), StatisticsError> {
    if numerators.len() != denominators.len() {
        let (left, right) = (numerators.len(), denominators.len());
        return Err(StatisticsError::UnequalLengths { name: "numerators and denominators", left, right });
    }
    at_least("replications", numerators.len(), 1)?;
    finite("numerators", numerators)?;
    finite("denominators", denominators)?;
    let whole: f64 = denominators.iter().sum();
    super::error::positive("sum of denominators", whole)?;
    let count = numerators.len() as f64;
    let value = numerators.iter().sum::<f64>() / whole;
    if numerators.len() < 2 {
        return Ok((value, 0.0));
    }
    let squares: f64 = numerators.iter().zip(denominators).map(|(y, x)| (y - value * x).powi(2)).sum();
    Ok((value, (squares / (count * (count - 1.0))).sqrt() * count / whole))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_reaches_no_further_than_the_value_can() {
        let wait = mean(&[0.0, 0.0, 3.0], Level::P95).unwrap();
        assert!(wait.interval.unwrap().low < 0.0);
        let cut = wait.within(&(0.0..=f64::INFINITY));
        assert_eq!((cut.value, cut.observation_count), (wait.value, wait.observation_count));
        assert_eq!(cut.interval, Some(Interval { low: 0.0, ..wait.interval.unwrap() }));
        let share = wait.within(&(0.0..=1.0));
        assert_eq!(share.interval.map(|interval| (interval.low, interval.high)), Some((0.0, 1.0)));
        assert_eq!(Estimate::student(2.0, 0.0, 5, Level::P95).within(&(0.0..=1.0)).interval, None);
    }

    #[test]
    fn one_observation_or_no_spread_gives_no_interval() {
        let single = mean(&[4.0], Level::P95).unwrap();
        assert_eq!((single.value, single.interval, single.is_constant()), (4.0, None, false));
        let alike = mean(&[4.0; 7], Level::P95).unwrap();
        assert_eq!((alike.value, alike.interval, alike.is_constant()), (4.0, None, true));
        assert_eq!(
            mean(&[], Level::P95),
            Err(StatisticsError::TooFew { name: "observations", given: 0, needed: 1 })
        );
        assert!(mean(&[1.0, f64::NAN], Level::P95).is_err());
    }

    #[test]
    fn a_mean_has_the_interval_of_the_textbook() {
        // 1..5: mean 3, s = √2.5, t(4; .975) = 2.776445105.
        let estimate = mean(&[1.0, 2.0, 3.0, 4.0, 5.0], Level::P95).unwrap();
        let half = 2.776_445_105_198 * (2.5_f64 / 5.0).sqrt();
        let interval = estimate.interval.unwrap();
        assert!((interval.low - (3.0 - half)).abs() < 1e-11 && (interval.half_width() - half).abs() < 1e-11);
    }

    #[test]
    fn a_scenario_compared_with_itself_differs_by_exactly_zero() {
        let waits = [1.25, 7.0, 0.1, 3.3];
        let difference = paired_difference(&waits, &waits, Level::P95).unwrap();
        assert_eq!((difference.value, difference.interval), (0.0, None));
        assert!(paired_difference(&waits, &waits[1..], Level::P95).is_err());
    }

    #[test]
    fn a_ratio_counts_every_patient_once() {
        // Two days of 10 and 30 patients waiting 5 and 9 minutes each: 320/40 = 8; residuals ∓30.
        let estimate = ratio(&[50.0, 270.0], &[10.0, 30.0], Level::P95).unwrap();
        assert_eq!(estimate.value, 8.0);
        let standard_error = (1800.0_f64 / 2.0).sqrt() / 20.0;
        let half = student_quantile(1.0, 0.975) * standard_error;
        assert!((estimate.interval.unwrap().half_width() - half).abs() < 1e-9);
        assert!(ratio(&[0.0], &[0.0], Level::P95).is_err());
    }

    #[test]
    fn levels_outside_nought_and_one_are_refused() {
        for share in [0.0, 1.0, -3.0, 95.0, f64::NAN] {
            assert!(Level::new(share).is_err(), "{share}");
        }
        assert!((Level::P95.shared_by(31).error_share() - 0.05 / 31.0).abs() < 1e-15);
    }
}
