//! The probability that an inspection passes: a few live visits, judged by their mean.
//!
//! A hospital whose mean is below a target may still fail: the inspector meets a handful of patients, and a long
//! tail shows in a handful. Visits are drawn as inspectors make them: for each visit a day (a replication) at random,
//! busy or quiet, and then one of the visits of that day. Visits are independent of each other (different weeks,
//! different days); several visits on one day would share the luck of that day and are not described by this.

mod grid;
pub mod together;

use self::grid::Grid;
use super::error::{StatisticsError, at_least, finite, positive};
use super::interval::{Estimate, Interval, Level, student_half_width};
use super::laws::{normal_density, normal_quantile, normal_share_below};
use super::running::Moments;
use super::share::{Tally, share_of_replications};
use serde::{Deserialize, Serialize};

/// When the mean over the inspected visits passes. Limits are above 0, in the unit of the values.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Criterion {
    /// The mean is at most this (a wait, a walk).
    MeanAtMost(f64),
    /// The mean is at least this (minutes with the doctor).
    MeanAtLeast(f64),
}

impl Criterion {
    fn limit(self) -> f64 {
        match self {
            Criterion::MeanAtMost(limit) | Criterion::MeanAtLeast(limit) => limit,
        }
    }

    /// Whether a mean meets the criterion.
    pub fn is_met_by(self, mean: f64) -> bool {
        match self {
            Criterion::MeanAtMost(limit) => mean <= limit,
            Criterion::MeanAtLeast(limit) => mean >= limit,
        }
    }
}

/// Beyond this distance from 0 and 1 a chance is given its interval by the delta method.
const EDGE: f64 = 1e-9;

/// Chances this close to 0 and 1 are rounding of sums.
const ROUNDING: f64 = 1e-12;

/// The probability that the mean over `visit_count` visits meets a criterion, from the visits of each replication
/// (values 0 or more), with an interval that knows that visits of one replication share its luck. Replications without
/// visits say nothing and are left out.
///
/// For one visit it is a share ([`share_of_replications`]). For more it is the exact n-fold convolution of the
/// empirical law of a visit (no resampling, so no error of its own but that of the grid, well below 0.001), in which
/// every replication has the same weight. The interval is the delta method's: the influence of a visit on the chance is n
/// times its chance to pass with the other n − 1 drawn at random (von Mises, *Annals of Mathematical Statistics* 18,
/// 1947), averaged by replication; it is taken on the probit scale, on which the chance is close to linear in the mean,
/// so that it stays within 0…1. The n visits may fall on one day here as often as chance has it, in 1 of R pairs; an
/// inspection that never comes twice on a day differs by less than the interval is wide.
///
/// Where the sample leaves no doubt (a chance within 1e-9 of 0 or 1) the interval is the better of two bounds: from
/// the share of single visits on the right side of the limit, and from mean and variance (Cantelli's inequality at
/// the unfavourable ends of their intervals). A single replication, or replications that do not differ at all, give
/// no interval.
///
/// # Errors
/// No visits, a value below 0 or not finite, a limit not above 0, or a visit count of 0.
pub fn passing<R: AsRef<[f64]>>(
    replications: &[R],
    criterion: Criterion,
    visit_count: usize,
    level: Level,
) -> Result<Estimate, StatisticsError> {
    at_least("inspected visits", visit_count, 1)?;
    positive("limit", criterion.limit())?;
    let days: Vec<&[f64]> =
        replications.iter().map(AsRef::as_ref).filter(|visits| !visits.is_empty()).collect();
    at_least("visits", days.len(), 1)?;
    for visits in &days {
        finite("visits", visits)?;
        if let Some(index) = visits.iter().position(|&value| value < 0.0) {
            return Err(StatisticsError::Negative { name: "visits", index, value: visits[index] });
        }
    }
    if visit_count == 1 {
        return share_of_replications(&good_visits(&days, criterion), level);
    }
    let grid = Grid::new(&days, criterion.limit(), visit_count);
    let chance = |value: f64| match criterion {
        Criterion::MeanAtMost(_) => grid.share_at_most(value),
        Criterion::MeanAtLeast(_) => grid.share_at_least(value),
    };
    let (value, error_of_one) = over_days(&days, chance);
    let value = if value < ROUNDING {
        0.0
    } else if value > 1.0 - ROUNDING {
        1.0
    } else {
        value
    };
    let observation_count = days.len();
    let interval = if observation_count < 2 {
        None
    } else if !(EDGE..=1.0 - EDGE).contains(&value) {
        Some(beyond_doubt(&days, criterion, visit_count, value, level)?)
    } else {
        probit_interval(value, visit_count as f64 * error_of_one, observation_count, level)
    };
    Ok(Estimate { value, interval, observation_count })
}

/// The mean over days of a day's mean of what a visit counts for, and its standard error (0 for one day).
fn over_days(days: &[&[f64]], counts_for: impl Fn(f64) -> f64) -> (f64, f64) {
    let of_day =
        |visits: &&[f64]| visits.iter().map(|&value| counts_for(value)).sum::<f64>() / visits.len() as f64;
    let moments: Moments = days.iter().map(of_day).collect();
    (moments.mean().unwrap_or(0.0), moments.standard_error().unwrap_or(0.0))
}

/// The interval of a chance strictly between 0 and 1 with a standard error, on the probit scale; `None` without
/// spread.
fn probit_interval(
    value: f64,
    standard_error: f64,
    observation_count: usize,
    level: Level,
) -> Option<Interval> {
    let point = normal_quantile(value);
    let half = student_half_width(standard_error, observation_count, level) / normal_density(point);
    (standard_error > 0.0).then(|| Interval {
        low: normal_share_below(point - half),
        high: normal_share_below(point + half),
        level: level.share(),
    })
}

/// For each replication, how many visits would pass alone.
fn good_visits(days: &[&[f64]], criterion: Criterion) -> Vec<Tally> {
    let good = |visits: &[f64]| visits.iter().filter(|&&value| criterion.is_met_by(value)).count() as u64;
    days.iter().map(|visits| Tally { within: good(visits), total: visits.len() as u64 }).collect()
}

/// The interval where the sample shows only passes or only fails.
fn beyond_doubt(
    days: &[&[f64]],
    criterion: Criterion,
    visit_count: usize,
    value: f64,
    level: Level,
) -> Result<Interval, StatisticsError> {
    let alone = share_of_replications(&good_visits(days, criterion), level)?;
    let (low, high) = alone.interval.map_or((0.0, 1.0), |interval| (interval.low, interval.high));
    let surprise = surprise_at_most(days, criterion.limit(), visit_count, level);
    let count = visit_count as f64;
    Ok(if value > 0.5 {
        Interval { low: low.powf(count).max(1.0 - surprise), high: 1.0, level: level.share() }
    } else {
        Interval { low: 0.0, high: (1.0 - (1.0 - high).powf(count)).min(surprise), level: level.share() }
    })
}

/// Cantelli's bound on the chance that the mean of n visits falls on the other side of the limit than the mean of
/// all, v/(v + gap²) with v = variance/n, at the unfavourable ends of the intervals of both. 1 where it says nothing.
fn surprise_at_most(days: &[&[f64]], limit: f64, visit_count: usize, level: Level) -> f64 {
    let with_half_width = |counts_for: &dyn Fn(f64) -> f64| {
        let (value, standard_error) = over_days(days, counts_for);
        (value, student_half_width(standard_error, days.len(), level))
    };
    let (mean, doubt_of_mean) = with_half_width(&|value| value);
    let (variance, doubt_of_variance) = with_half_width(&|value| (value - mean).powi(2));
    // Days that do not differ say nothing of how much days may differ.
    if doubt_of_mean <= 0.0 || doubt_of_variance <= 0.0 {
        return 1.0;
    }
    let gap = (limit - mean).abs() - doubt_of_mean;
    let variance = (variance + doubt_of_variance) / visit_count as f64;
    if gap > 0.0 { variance / (variance + gap * gap) } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_visit_is_the_share_of_good_visits() {
        let days = [vec![1.0, 5.0, 9.0, 12.0], vec![2.0, 10.0, 30.0, 3.0]];
        let chance = passing(&days, Criterion::MeanAtMost(10.0), 1, Level::P95).unwrap();
        assert_eq!(chance.value, 0.75);
        let chance = passing(&days, Criterion::MeanAtLeast(10.0), 1, Level::P95).unwrap();
        assert_eq!(chance.value, 3.0 / 8.0);
    }

    #[test]
    fn whole_minutes_are_counted_exactly() {
        // 0 or 20 min, even chances, limit 10: the mean passes if at most half of the visits are long.
        let days = [vec![0.0, 20.0], vec![20.0, 0.0], vec![0.0, 20.0]];
        for (n, exact) in [(2, 0.75), (3, 0.5), (4, 11.0 / 16.0), (5, 0.5), (6, 42.0 / 64.0)] {
            let most = passing(&days, Criterion::MeanAtMost(10.0), n, Level::P95).unwrap();
            let least = passing(&days, Criterion::MeanAtLeast(10.0), n, Level::P95).unwrap();
            assert!((most.value - exact).abs() < 1e-12, "{n}: {}", most.value);
            assert!((least.value - exact).abs() < 1e-12, "{n}: {}", least.value);
            assert!(most.is_constant());
        }
    }

    #[test]
    fn a_walk_that_takes_exactly_the_limit_passes_among_uneven_waits() {
        // Two thirds of visits take exactly 5, the rest an irrational time beyond: two visits pass with (2/3)².
        let days = [vec![5.0, 5.0, 5.0 * 2.0_f64.sqrt()], vec![5.0, 5.0, 5.0 * 3.0_f64.sqrt()]];
        let chance = passing(&days, Criterion::MeanAtMost(5.0), 2, Level::P95).unwrap();
        assert!((chance.value - 4.0 / 9.0).abs() < 1e-12, "{}", chance.value);
    }

    #[test]
    fn a_mean_below_the_limit_does_not_save_a_long_tail() {
        // Mean 9 below 10 in both; one hospital is even, the other sends every tenth patient for 81 minutes.
        let even = vec![vec![8.0, 10.0, 9.0, 9.0, 8.5, 9.5, 9.0, 8.0, 10.0, 9.0]; 8];
        let long = vec![vec![1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 81.0]; 8];
        let criterion = Criterion::MeanAtMost(10.0);
        assert!(passing(&even, criterion, 5, Level::P95).unwrap().value > 0.999_999);
        let chance = passing(&long, criterion, 5, Level::P95).unwrap().value;
        assert!((chance - 0.9_f64.powi(5)).abs() < 1e-9, "{chance}");
    }

    #[test]
    fn what_is_beyond_doubt_keeps_the_doubt_of_the_sample() {
        let days: Vec<Vec<f64>> = (0..30)
            .map(|day| (0..40).map(|visit| f64::from((day * 7 + visit * 11) % 50) / 10.0).collect())
            .collect();
        let sure = passing(&days, Criterion::MeanAtMost(10.0), 20, Level::P95).unwrap();
        let interval = sure.interval.unwrap();
        assert_eq!((sure.value, interval.high), (1.0, 1.0));
        assert!(interval.low > 0.99 && interval.low < 1.0, "{interval:?}");
        let hopeless = passing(&days, Criterion::MeanAtLeast(10.0), 20, Level::P95).unwrap();
        assert_eq!((hopeless.value, hopeless.interval.unwrap().low), (0.0, 0.0));
        assert!(hopeless.interval.unwrap().high < 0.01);
    }

    #[test]
    fn a_quiet_day_counts_as_much_as_a_busy_one() {
        // Two visits on the quiet day always pass, on the busy one never; half of the inspections come on each.
        let days = [vec![1.0; 2], vec![30.0; 500], Vec::new()];
        let one = passing(&days, Criterion::MeanAtMost(10.0), 1, Level::P95).unwrap();
        let two = passing(&days, Criterion::MeanAtMost(10.0), 2, Level::P95).unwrap();
        assert_eq!((one.value, one.observation_count), (0.5, 2));
        assert!((two.value - 0.25).abs() < 1e-12, "{}", two.value);
    }

    #[test]
    fn bad_questions_are_refused() {
        let days = [vec![1.0]];
        assert!(passing(&days, Criterion::MeanAtMost(0.0), 2, Level::P95).is_err());
        assert!(passing(&days, Criterion::MeanAtMost(1.0), 0, Level::P95).is_err());
        assert!(passing(&[vec![-1.0]], Criterion::MeanAtMost(1.0), 2, Level::P95).is_err());
        assert!(passing::<Vec<f64>>(&[], Criterion::MeanAtMost(1.0), 2, Level::P95).is_err());
        assert_eq!(passing(&days, Criterion::MeanAtMost(2.0), 2, Level::P95).unwrap().interval, None);
    }
}
