//! One knob: the curve, then halving where more is never worse, else number by number.

use super::bench::Bench;
use super::curve::{draw, evenly, monotonicity};
use super::{DesignCheck, Ending, Knob, Method, Monotonicity, SizeError, SizeResults};
use crate::statistics::selection::Guarantee;

/// Numbers beside the answer whose curve is drawn, on either side.
const AROUND: u32 = 3;

pub(super) fn search(bench: &mut Bench<'_>, knob: &Knob) -> Result<SizeResults, SizeError> {
    let (from, to) = (*knob.between.start(), *knob.between.end());
    let coarse = evenly(from, to);
    let mut results = SizeResults {
        ending: Ending::Stopped,
        answer: None,
        method: Method::Halving,
        cost: None,
        as_cheap: Vec::new(),
        checks: Vec::new(),
        curve: Vec::new(),
        monotonicity: Vec::new(),
        tolerances: (0..bench.problem.target.len()).map(|one| bench.tolerance(one)).collect(),
        replication_count: 0,
        event_count: 0,
        queueing: None,
        schedule: None,
    };
    let designs: Vec<Vec<u32>> = coarse.iter().map(|&number| vec![number]).collect();
    results.curve = draw(bench, &designs)?;
    results.monotonicity = (0..bench.problem.target.len())
        .map(|condition| monotonicity(bench, &designs, condition))
        .collect::<Result<_, _>>()?;
    let is_monotone = results.monotonicity.iter().all(|one| *one == Monotonicity::Holds);
    results.method = if is_monotone { Method::Halving } else { Method::EveryNumber };
    let all: Vec<Vec<u32>> = (from..=to).map(|number| vec![number]).collect();
    let searched = if is_monotone { halve(bench, &all) } else { check_every(bench, &all) };
    let Some(found) = bench.or_stopped(searched)? else { return Ok(results) };
    let is_sure = found.checks.iter().all(|check| check.guarantee == Guarantee::Held);
    results.ending = match (is_sure, &found.smallest) {
        (false, _) => Ending::Unsure,
        (true, Some(_)) => Ending::Found,
        (true, None) => Ending::NoneHolds,
    };
    results.checks = found.checks;
    if let Some(smallest) = found.smallest {
        let number = from + smallest as u32;
        let around = number.saturating_sub(AROUND).max(from)..=(number.saturating_add(AROUND)).min(to);
        let mut numbers: Vec<u32> = coarse.into_iter().chain(around).collect();
        numbers.sort_unstable();
        numbers.dedup();
        let designs: Vec<Vec<u32>> = numbers.into_iter().map(|number| vec![number]).collect();
        let curve = draw(bench, &designs);
        if let Some(curve) = bench.or_stopped(curve)? {
            results.curve = curve;
        }
        results.cost = Some(bench.problem.cost(&[number]));
        results.answer = Some(vec![number]);
    }
    Ok(results)
}

struct Found {
    /// Position in the range.
    smallest: Option<usize>,
    checks: Vec<DesignCheck>,
}

/// For each condition the smallest that holds it; the largest of these holds all. The conditions share the error.
fn halve(bench: &mut Bench<'_>, all: &[Vec<u32>]) -> Result<Found, SizeError> {
    let count = bench.problem.target.len();
    let level = bench.settings.level.shared_by(count);
    let mut found = Found { smallest: Some(0), checks: Vec::new() };
    for condition in 0..count {
        let (smallest, checks) = bench.halve(all, condition, level)?;
        found.checks.extend(checks);
        found.smallest = found.smallest.zip(smallest).map(|(so_far, this)| so_far.max(this));
    }
    Ok(found)
}

/// Every number with every condition; the smallest that holds all.
fn check_every(bench: &mut Bench<'_>, all: &[Vec<u32>]) -> Result<Found, SizeError> {
    let count = bench.problem.target.len();
    let level = bench.settings.level.shared_by(count);
    let mut holds = vec![true; all.len()];
    let mut found = Found { smallest: None, checks: Vec::new() };
    for condition in 0..count {
        let checks = bench.check(all, condition, level, 0)?;
        holds.iter_mut().zip(&checks).for_each(|(holds, check)| *holds &= check.is_feasible);
        found.checks.extend(checks);
    }
    found.smallest = holds.iter().position(|&holds| holds);
    Ok(found)
}
