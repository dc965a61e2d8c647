//! One knob and several conditions, each with an answer of its own: which number is the smallest that holds it.

use super::bench::Bench;
use super::curve::{CurvePoint, Monotonicity, draw, evenly, monotonicity};
use super::{DesignCheck, Ending, SizeError, SizeProblem, SizeSettings};
use crate::replicate::Progress;
use crate::statistics::selection::Guarantee;

/// The smallest number that holds one condition.
#[derive(Clone, Debug, PartialEq)]
pub struct ConditionLimit {
    /// How the search for it ended.
    pub ending: Ending,
    /// The number, where one holds it.
    pub smallest: Option<u32>,
}

/// What the search came to.
#[derive(Clone, Debug)]
pub struct Limits {
    /// One a condition; all are right together with the stated probability.
    pub by_condition: Vec<ConditionLimit>,
    /// All checks in their order.
    pub checks: Vec<DesignCheck>,
    /// The values along the range, all under the same luck.
    pub curve: Vec<CurvePoint>,
    /// For each condition, whether more is never worse along the curve.
    pub monotonicity: Vec<Monotonicity>,
    /// Replications run in all.
    pub replication_count: u64,
    /// Arrivals and services in all.
    pub event_count: u64,
}

/// Finds, for each condition by itself, the smallest number of the only knob that holds it: by halving where more is
/// never worse, else number by number. Conditions share the error allowed.
///
/// # Errors
/// A bad problem or one of several knobs, a design that cannot be made or run, or a stop before the curve was known.
pub fn limits(
    problem: &SizeProblem<'_>,
    settings: &SizeSettings,
    progress: &dyn Progress,
) -> Result<Limits, SizeError> {
    problem.check(settings)?;
    let [knob] = &problem.knobs[..] else { return Err(SizeError::Nothing { what: "one number to find" }) };
    let mut bench = Bench::new(problem, settings, progress);
    let (from, to) = (*knob.between.start(), *knob.between.end());
    let along: Vec<Vec<u32>> = evenly(from, to).into_iter().map(|number| vec![number]).collect();
    let all: Vec<Vec<u32>> = (from..=to).map(|number| vec![number]).collect();
    let count = problem.target.len();
    let level = settings.level.shared_by(count);
    let mut limits = Limits {
        by_condition: vec![ConditionLimit { ending: Ending::Stopped, smallest: None }; count],
        checks: Vec::new(),
        curve: draw(&mut bench, &along)?,
        monotonicity: Vec::new(),
        replication_count: 0,
        event_count: 0,
    };
    for condition in 0..count {
        limits.monotonicity.push(monotonicity(&bench, &along, condition)?);
    }
    for condition in 0..count {
        let searched = if limits.monotonicity[condition] == Monotonicity::Holds {
            bench.halve(&all, condition, level)
        } else {
            bench
                .check(&all, condition, level, 0)
                .map(|checks| (checks.iter().position(|check| check.is_feasible), checks))
        };
        let Some((smallest, checks)) = bench.or_stopped(searched)? else { break };
        let is_sure = checks.iter().all(|check| check.guarantee == Guarantee::Held);
        let ending = match (is_sure, smallest) {
            (false, _) => Ending::Unsure,
            (true, Some(_)) => Ending::Found,
            (true, None) => Ending::NoneHolds,
        };
        limits.by_condition[condition] =
            ConditionLimit { ending, smallest: smallest.map(|at| from + at as u32) };
        limits.checks.extend(checks);
    }
    limits.replication_count = bench.replication_count();
    limits.event_count = bench.event_count();
    Ok(limits)
}
