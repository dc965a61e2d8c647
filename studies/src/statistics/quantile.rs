//! Quantiles: order statistics with exact binomial ranks, and quantiles of patients grouped in replications.

use super::error::{StatisticsError, at_least, finite, probability};
use super::interval::{Estimate, Interval, Level, ratio_with_error};
use super::laws::{binomial_share_at_most, student_quantile};

/// The ranks (from 1) of the order statistics that bracket a quantile, and the level they achieve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ranks {
    /// Rank of the lower end.
    pub low: usize,
    /// Rank of the upper end.
    pub high: usize,
    /// The probability that the interval between them holds the quantile: exact for continuous laws, a lower bound
    /// otherwise.
    pub level: f64,
}

/// The exact ranks for the `share`-quantile of `count` independent observations: the largest lower rank and the
/// smallest upper rank whose tails are each at most (1 − level)/2 (David and Nagaraja, *Order Statistics*, 3rd ed.,
/// §7.1: the level is P(low ≤ B < high) for B binomial). `None` where the sample is too small for such ranks.
pub fn order_statistic_ranks(count: usize, share: f64, level: Level) -> Option<Ranks> {
    let tail = 0.5 * level.error_share();
    let at_most = |rank: usize| binomial_share_at_most(count as u64, share, rank as u64);
    // The number of ranks r in 0..count whose P(B ≤ r) is within the tail is the largest lower rank.
    let (mut low, mut beyond) = (0, count);
    while low < beyond {
        let middle = low + (beyond - low) / 2;
        if at_most(middle) <= tail {
            low = middle + 1;
        } else {
            beyond = middle;
        }
    }
    let (mut before, mut high) = (0, count);
    while before < high {
        let middle = before + (high - before) / 2;
        if at_most(middle) >= 1.0 - tail {
            high = middle;
        } else {
            before = middle + 1;
        }
    }
    // `high` is the smallest r with P(B ≤ r) ≥ 1 − tail, so rank r + 1 has P(B ≥ r + 1) ≤ tail.
    let high = high + 1;
    (low >= 1 && high <= count).then(|| Ranks { low, high, level: at_most(high - 1) - at_most(low - 1) })
}

/// The smallest value with at least `share` of the observations at or below it. `sorted` is not empty.
fn smallest_reaching(sorted: &[f64], share: f64) -> f64 {
    let rank = (share * sorted.len() as f64 - 1e-9).ceil().max(1.0) as usize;
    sorted[rank.min(sorted.len()) - 1]
}

/// The `share`-quantile of independent observations, between the order statistics of
/// [`order_statistic_ranks`]. The value is the smallest observation with at least that share at or below it; the
/// interval carries the level achieved, at least the one asked for.
///
/// # Errors
/// No observations, one that is not finite, or a share not between 0 and 1.
pub fn quantile(values: &[f64], share: f64, level: Level) -> Result<Estimate, StatisticsError> {
    probability("share of the quantile", share)?;
    at_least("observations", values.len(), 1)?;
    finite("observations", values)?;
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let interval = order_statistic_ranks(sorted.len(), share, level).map(|ranks| Interval {
        low: sorted[ranks.low - 1],
        high: sorted[ranks.high - 1],
        level: ranks.level,
    });
    Ok(Estimate { value: smallest_reaching(&sorted, share), interval, observation_count: sorted.len() })
}

/// The `share`-quantile over all patients of all replications, with an interval that allows for patients of one
/// replication being alike in luck.
///
/// The share at or below the estimate has a linearised variance over replications; the shares `share` ± t·error are
/// read back as quantiles of all patients (Woodruff, *Journal of the American Statistical Association* 47, 1952).
/// No interval for a single replication, or where the upper share would reach beyond the largest observation. If
/// the replications do not differ at all, the patients count as independent.
///
/// # Errors
/// As [`quantile`].
pub fn quantile_of_replications<R: AsRef<[f64]>>(
    replications: &[R],
    share: f64,
    level: Level,
) -> Result<Estimate, StatisticsError> {
    probability("share of the quantile", share)?;
    let mut sorted: Vec<f64> = replications.iter().flat_map(|values| values.as_ref()).copied().collect();
    at_least("observations", sorted.len(), 1)?;
    finite("observations", &sorted)?;
    sorted.sort_by(f64::total_cmp);
    let value = smallest_reaching(&sorted, share);
    let within: Vec<f64> = replications
        .iter()
        .map(|values| values.as_ref().iter().filter(|&&observation| observation <= value).count() as f64)
        .collect();
    let total: Vec<f64> = replications.iter().map(|values| values.as_ref().len() as f64).collect();
    let (reached, mut standard_error) = ratio_with_error(&within, &total)?;
    if standard_error == 0.0 {
        standard_error = (share * (1.0 - share) / sorted.len() as f64).sqrt();
    }
    let count = replications.len();
    let interval = (count > 1)
        .then(|| student_quantile((count - 1) as f64, 0.5 + 0.5 * level.share()) * standard_error)
        .filter(|half| share - half > 0.0 && reached.max(share) + half < 1.0)
        .map(|half| Interval {
            low: smallest_reaching(&sorted, share - half),
            high: smallest_reaching(&sorted, share + half + 1.0 / sorted.len() as f64),
            level: level.share(),
        });
    Ok(Estimate { value, interval, observation_count: count })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_of_the_median_are_those_of_the_tables() {
        // Sign-test tables at 95 %: n = 10 ranks 2 and 9 (97.85 %), n = 20 ranks 6 and 15 (95.86 %).
        let ten = order_statistic_ranks(10, 0.5, Level::P95).unwrap();
        assert_eq!((ten.low, ten.high), (2, 9));
        assert!((ten.level - (1.0 - 2.0 * 11.0 / 1024.0)).abs() < 1e-12);
        let twenty = order_statistic_ranks(20, 0.5, Level::P95).unwrap();
        assert_eq!((twenty.low, twenty.high), (6, 15));
        assert!((twenty.level - 0.958_61).abs() < 1e-5);
    }

    #[test]
    fn a_quantile_too_far_out_for_the_sample_has_no_interval() {
        assert_eq!(order_statistic_ranks(5, 0.5, Level::P95), None);
        let few = quantile(&[1.0, 2.0, 3.0], 0.9, Level::P95).unwrap();
        assert_eq!((few.value, few.interval), (3.0, None));
        // 0.9^n ≤ 0.025 first holds at n = 36.
        assert!(order_statistic_ranks(35, 0.9, Level::P95).is_none());
        assert!(order_statistic_ranks(36, 0.9, Level::P95).is_some());
    }

    #[test]
    fn a_quantile_is_the_smallest_value_that_reaches_the_share() {
        let values: Vec<f64> = (1..=100).map(f64::from).collect();
        assert_eq!(quantile(&values, 0.9, Level::P95).unwrap().value, 90.0);
        assert_eq!(quantile(&values, 0.901, Level::P95).unwrap().value, 91.0);
        assert!(quantile(&values, 1.0, Level::P95).is_err());
    }

    #[test]
    fn days_alike_within_widen_the_interval_of_a_quantile() {
        let apart: Vec<Vec<f64>> = (0..50).map(|day| vec![f64::from(day); 20]).collect();
        let mixed: Vec<Vec<f64>> = (0..50)
            .map(|day| (0..20).map(|patient| f64::from((day + patient * 17) % 50)).collect())
            .collect();
        let wide = quantile_of_replications(&apart, 0.5, Level::P95).unwrap();
        let narrow = quantile_of_replications(&mixed, 0.5, Level::P95).unwrap();
        assert_eq!(wide.value, narrow.value);
        assert!(wide.interval.unwrap().half_width() > 3.0 * narrow.interval.unwrap().half_width());
    }
}
