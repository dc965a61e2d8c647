//! The curve: the value at numbers along the range, all under the same luck, and whether more is never worse.

use super::bench::{Bench, COMMON_FIRST};
use super::{CURVE_REPLICATIONS, SizeError};
use crate::statistics::interval::{Estimate, mean};
use crate::statistics::multiple::paired_p_value;
use crate::statistics::share::share;

/// Points of a curve at most, before those around the answer are added.
const POINTS: u32 = 16;

/// One design on the curve.
#[derive(Clone, Debug, PartialEq)]
pub struct CurvePoint {
    /// The numbers, one a knob.
    pub design: Vec<u32>,
    /// For each condition, the mean over days with its interval.
    pub values: Vec<Estimate>,
    /// Share of days on which all conditions held on that very day, with its interval.
    pub days_held: Estimate,
}

/// Whether more is never worse for a condition.
#[derive(Clone, Debug, PartialEq)]
pub enum Monotonicity {
    /// No step along the curve makes it worse by more than the tolerance.
    Holds,
    /// From the first number to the second it gets worse, by this much on average.
    Broken {
        /// The design before the step.
        from: Vec<u32>,
        /// The design after it.
        to: Vec<u32>,
        /// How much worse, in the unit of the measure.
        by: f64,
    },
}

/// Numbers evenly over a range, both ends among them.
pub(super) fn evenly(from: u32, to: u32) -> Vec<u32> {
    let steps = (to - from).clamp(1, POINTS - 1);
    let mut numbers: Vec<u32> = (0..=steps)
        .map(|step| {
            from + ((u64::from(to - from) * u64::from(step) + u64::from(steps) / 2) / u64::from(steps)) as u32
        })
        .collect();
    numbers.dedup();
    numbers
}

/// The curve at these designs.
pub(super) fn draw(bench: &mut Bench<'_>, designs: &[Vec<u32>]) -> Result<Vec<CurvePoint>, SizeError> {
    let jobs: Vec<(Vec<u32>, u32)> = designs
        .iter()
        .flat_map(|design| (0..CURVE_REPLICATIONS).map(move |index| (design.clone(), COMMON_FIRST + index)))
        .collect();
    bench.run(&jobs)?;
    let level = bench.settings.level;
    designs
        .iter()
        .map(|design| {
            let by_condition: Vec<Vec<f64>> =
                (0..bench.problem.target.len()).map(|condition| values(bench, design, condition)).collect();
            let holds = |day: usize| {
                let target = bench.problem.target.iter().zip(&by_condition);
                target.into_iter().all(|(one, values)| one.relation.holds(values[day], one.limit))
            };
            let held = (0..CURVE_REPLICATIONS as usize).filter(|&day| holds(day)).count() as u64;
            Ok(CurvePoint {
                design: design.clone(),
                values: by_condition
                    .iter()
                    .map(|values| mean(values, level))
                    .collect::<Result<Vec<_>, _>>()?,
                days_held: share(held, CURVE_REPLICATIONS.into(), level)?,
            })
        })
        .collect()
}

fn values(bench: &Bench<'_>, design: &[u32], condition: usize) -> Vec<f64> {
    (0..CURVE_REPLICATIONS).map(|index| bench.value(design, COMMON_FIRST + index, condition)).collect()
}

/// Whether any step along these designs, smallest first, makes a condition worse: by more than the tolerance on average,
/// and surely so (paired tests, their error shared among the steps).
pub(super) fn monotonicity(
    bench: &Bench<'_>,
    designs: &[Vec<u32>],
    condition: usize,
) -> Result<Monotonicity, SizeError> {
    let sign = if bench.problem.target[condition].relation.wants_small() { 1.0 } else { -1.0 };
    let error = bench.settings.level.error_share() / designs.len().max(2) as f64;
    for pair in designs.windows(2) {
        let (before, after) = (values(bench, &pair[0], condition), values(bench, &pair[1], condition));
        let worse = before.iter().zip(&after).map(|(a, b)| sign * (b - a)).sum::<f64>() / before.len() as f64;
        if worse > bench.tolerance(condition) && paired_p_value(&before, &after)? <= 2.0 * error {
            return Ok(Monotonicity::Broken { from: pair[0].clone(), to: pair[1].clone(), by: worse });
        }
    }
    Ok(Monotonicity::Holds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_have_both_ends_and_no_number_twice() {
        assert_eq!(evenly(1, 5), [1, 2, 3, 4, 5]);
        assert_eq!(evenly(7, 7), [7]);
        let many = evenly(1, 60);
        assert_eq!((many.len(), many[0], many[15]), (16, 1, 60));
        assert!(many.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
