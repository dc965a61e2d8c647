//! The probability that several items pass together, by drawing inspections from the visits of a run.

use super::{Criterion, probit_interval};
use crate::statistics::error::{StatisticsError, at_least, finite, positive};
use crate::statistics::interval::{Estimate, Interval, Level};
use crate::statistics::share::{Tally, share_of_replications};
use onetrip_sim::stream::Stream;

/// One visit: what each item measured, in the order of the criteria; `None` where the visit did not touch the item
/// (no examination ordered, nothing paid).
pub type Visit = Vec<Option<f64>>;

/// The outcome of drawn inspections.
#[derive(Clone, Debug, PartialEq)]
pub struct Together {
    /// The probability that all items pass in the same inspection.
    pub all: Estimate,
    /// Each item's own share of drawn inspections passed (for its chance with an interval use [`super::passing`]).
    pub item_shares: Vec<f64>,
    /// Of the inspections that failed, the share in which each item failed: the item most likely to fail is the one
    /// with the largest. 0 where none failed.
    pub blame_shares: Vec<f64>,
    /// Standard error of `all` that comes from drawing a finite number of inspections.
    pub drawing_error: f64,
}

/// The probability that an inspection of `visit_count` visits meets all criteria at once. Items of one visit go
/// together (who arrives late waits long everywhere), so the product of the items' chances would be wrong; whole
/// visits are drawn with replacement, each by drawing a replication that has visits and then one of its visits,
/// `inspection_count` times.
///
/// An item that none of the drawn visits touched has nothing against it and passes. The interval combines the error
/// of drawing with the doubt of the replications: the influence of a replication is n times what the inspections
/// that drew from it passed more often (the infinitesimal jackknife, Efron, *Journal of the American Statistical
/// Association* 109, 2014, cleared of the noise of drawing), on the probit scale. Draw some 1,000 inspections per
/// visit for it to be of use. If all inspections passed, or none, the bound is that of single visits which meet (or
/// miss) every criterion alone.
///
/// # Errors
/// No criteria, visits or inspections, a limit not above 0, a visit with another number of items than criteria, or
/// a value not finite.
pub fn passing_together(
    replications: &[Vec<Visit>],
    criteria: &[Criterion],
    visit_count: usize,
    inspection_count: usize,
    level: Level,
    stream: &mut Stream,
) -> Result<Together, StatisticsError> {
    let days = checked(replications, criteria)?;
    at_least("inspected visits", visit_count, 1)?;
    at_least("inspections", inspection_count, 1)?;

    let mut passed = 0_usize;
    let mut failures = vec![0_usize; criteria.len()];
    let mut drawn = vec![Tally { within: 0, total: 0 }; days.len()];
    let mut sources = vec![0; visit_count];
    let mut sums = vec![(0.0, 0_u32); criteria.len()];
    for _ in 0..inspection_count {
        sums.fill((0.0, 0));
        for source in &mut sources {
            *source = stream.below(days.len() as u32) as usize;
            let visits = days[*source];
            let visit = &visits[stream.below(visits.len() as u32) as usize];
            for (sum, value) in sums.iter_mut().zip(visit) {
                if let Some(value) = value {
                    *sum = (sum.0 + value, sum.1 + 1);
                }
            }
        }
        let mut has_passed = true;
        for ((criterion, &(sum, count)), failed) in criteria.iter().zip(&sums).zip(&mut failures) {
            if count > 0 && !criterion.is_met_by(sum / f64::from(count)) {
                has_passed = false;
                *failed += 1;
            }
        }
        passed += usize::from(has_passed);
        for &source in &sources {
            drawn[source].total += 1;
            drawn[source].within += u64::from(has_passed);
        }
    }

    let count = inspection_count as f64;
    let value = passed as f64 / count;
    let drawing_variance = value * (1.0 - value) / count;
    let interval = if days.len() < 2 {
        None
    } else if passed == 0 || passed == inspection_count {
        Some(bound_of_single_visits(&days, criteria, visit_count, passed > 0, level)?)
    } else {
        let variance = influence_variance(&drawn, value, visit_count, inspection_count);
        probit_interval(value, (variance + drawing_variance).sqrt(), days.len(), level)
    };
    let failed = (inspection_count - passed).max(1) as f64;
    Ok(Together {
        all: Estimate { value, interval, observation_count: days.len() },
        item_shares: failures.iter().map(|&failures| 1.0 - failures as f64 / count).collect(),
        blame_shares: failures.iter().map(|&failures| failures as f64 / failed).collect(),
        drawing_error: drawing_variance.sqrt(),
    })
}

/// The visits of each replication that has any.
fn checked<'a>(
    replications: &'a [Vec<Visit>],
    criteria: &[Criterion],
) -> Result<Vec<&'a [Visit]>, StatisticsError> {
    at_least("criteria", criteria.len(), 1)?;
    for criterion in criteria {
        positive("limit", criterion.limit())?;
    }
    let days: Vec<&[Visit]> =
        replications.iter().map(Vec::as_slice).filter(|visits| !visits.is_empty()).collect();
    at_least("visits", days.len(), 1)?;
    for visit in days.iter().copied().flatten() {
        if visit.len() != criteria.len() {
            let (left, right) = (criteria.len(), visit.len());
            return Err(StatisticsError::UnequalLengths {
                name: "criteria and items of a visit",
                left,
                right,
            });
        }
        let values: Vec<f64> = visit.iter().map(|value| value.unwrap_or(0.0)).collect();
        finite("items of a visit", &values)?;
    }
    Ok(days)
}

/// The variance of the chance over replications, from how inspections fared that drew from each.
fn influence_variance(drawn: &[Tally], value: f64, visit_count: usize, inspection_count: usize) -> f64 {
    let days = drawn.len() as f64;
    let n = visit_count as f64;
    let squares: f64 = drawn
        .iter()
        .filter(|tally| tally.total > 0)
        .map(|tally| (n * (tally.within as f64 / tally.total as f64 - value)).powi(2))
        .sum();
    let noise = n * value * (1.0 - value) / inspection_count as f64;
    (squares / (days * (days - 1.0)) - noise).max(0.0)
}

/// If every drawn visit meets all criteria alone, so do their means; if every visit touches and misses some one
/// criterion alone, that criterion fails. Both bound the chance by the share of single visits.
fn bound_of_single_visits(
    days: &[&[Visit]],
    criteria: &[Criterion],
    visit_count: usize,
    is_pass: bool,
    level: Level,
) -> Result<Interval, StatisticsError> {
    let tallies = |is_counted: &dyn Fn(&Visit) -> bool| -> Vec<Tally> {
        let within = |visits: &[Visit]| visits.iter().filter(|visit| is_counted(visit)).count() as u64;
        days.iter().map(|visits| Tally { within: within(visits), total: visits.len() as u64 }).collect()
    };
    let lowest = |tallies: Vec<Tally>| -> Result<f64, StatisticsError> {
        Ok(share_of_replications(&tallies, level)?.interval.map_or(0.0, |interval| interval.low))
    };
    let n = visit_count as f64;
    if is_pass {
        let is_good = |visit: &Visit| {
            criteria
                .iter()
                .zip(visit)
                .all(|(criterion, value)| value.is_none_or(|value| criterion.is_met_by(value)))
        };
        let low = lowest(tallies(&is_good))?.powf(n);
        return Ok(Interval { low, high: 1.0, level: level.share() });
    }
    let mut surest_miss = 0.0_f64;
    for (item, criterion) in criteria.iter().enumerate() {
        let is_miss = |visit: &Visit| visit[item].is_some_and(|value| !criterion.is_met_by(value));
        surest_miss = surest_miss.max(lowest(tallies(&is_miss))?);
    }
    Ok(Interval { low: 0.0, high: 1.0 - surest_miss.powf(n), level: level.share() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use onetrip_sim::stream::{Purpose, RunKey};

    fn stream() -> Stream {
        RunKey::new(11, 0, 0).entity(Purpose::named("inspection"), 0).stream(Purpose::named("draw"))
    }

    /// Two items that fail in the same tenth of visits: alone 0.9 each, together 0.9 and not 0.81.
    fn linked() -> Vec<Vec<Visit>> {
        (0..20)
            .map(|day| {
                (0..50)
                    .map(|visit| {
                        let is_bad = (day * 3 + visit) % 10 == 0;
                        if is_bad { vec![Some(99.0), Some(1.0)] } else { vec![Some(5.0), Some(8.0)] }
                    })
                    .collect()
            })
            .collect()
    }

    #[test]
    fn items_of_one_visit_fail_together() {
        let criteria = [Criterion::MeanAtMost(10.0), Criterion::MeanAtLeast(5.0)];
        let together = passing_together(&linked(), &criteria, 1, 40_000, Level::P95, &mut stream()).unwrap();
        assert!((together.all.value - 0.9).abs() < 4.0 * together.drawing_error + 1e-12);
        assert_eq!(together.item_shares, vec![together.all.value; 2]);
        assert_eq!(together.blame_shares, vec![1.0; 2]);
    }

    #[test]
    fn a_mean_criterion_agrees_with_the_exact_convolution() {
        let criteria = [Criterion::MeanAtMost(30.0), Criterion::MeanAtLeast(0.5)];
        let days = linked();
        let waits: Vec<Vec<f64>> =
            days.iter().map(|visits| visits.iter().filter_map(|visit| visit[0]).collect()).collect();
        let exact = super::super::passing(&waits, criteria[0], 4, Level::P95).unwrap();
        let together = passing_together(&days, &criteria, 4, 40_000, Level::P95, &mut stream()).unwrap();
        assert!((together.all.value - exact.value).abs() < 4.0 * together.drawing_error);
        assert!(together.all.interval.unwrap().contains(exact.value));
    }

    #[test]
    fn items_never_touched_pass() {
        let days = vec![vec![vec![None, Some(1.0)]; 5]; 6];
        let criteria = [Criterion::MeanAtMost(1.0), Criterion::MeanAtMost(2.0)];
        let together = passing_together(&days, &criteria, 3, 100, Level::P95, &mut stream()).unwrap();
        assert_eq!((together.all.value, together.blame_shares), (1.0, vec![0.0; 2]));
        let low = together.all.interval.unwrap().low;
        assert!((low - 0.025_f64.powf(1.0 / 6.0).powi(3)).abs() < 1e-12, "{low}");
        let never = [Criterion::MeanAtMost(1.0), Criterion::MeanAtMost(0.5)];
        let together = passing_together(&days, &never, 3, 100, Level::P95, &mut stream()).unwrap();
        assert_eq!((together.all.value, together.blame_shares), (0.0, vec![0.0, 1.0]));
        assert!(together.all.interval.unwrap().high < 1.0);
    }

    #[test]
    fn bad_questions_are_refused() {
        let days = vec![vec![vec![Some(1.0)]]];
        let criterion = [Criterion::MeanAtMost(1.0)];
        let ask = |days: &[Vec<Visit>], criteria: &[Criterion], visits, inspections| {
            passing_together(days, criteria, visits, inspections, Level::P95, &mut stream()).is_err()
        };
        assert!(ask(&days, &[], 1, 1) && ask(&days, &criterion, 0, 1) && ask(&days, &criterion, 1, 0));
        assert!(ask(&[], &criterion, 1, 1) && ask(&days, &[criterion[0]; 2], 1, 1));
        assert!(ask(&[vec![vec![Some(f64::NAN)]]], &criterion, 1, 1));
    }
}
