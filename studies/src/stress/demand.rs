//! How much demand a system bears: the largest demand at which each target still holds.
//!
//! Demand is a knob of [`crate::size`], turned the other way round: the smallest number is the largest demand, so that
//! "more is never worse" reads "less demand is never worse". Decisions are those of the feasibility check, right
//! together with the stated probability for demands whose value is off the limit by more than the tolerance.

use crate::condition::Condition;
use crate::replicate::{
    Progress, ReplicateError, ReplicationCount, RunResults, RunSettings, replicate_side_by_side,
};
use crate::size::{
    BuildError, CurvePoint, DesignCheck, Ending, Knob, Limits, SizeError, SizeProblem, SizeSettings, Turns,
    limits,
};
use onetrip_models::system::System;

/// The demands that are looked at, in thousandths of today's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DemandRange {
    from: u32,
    to: u32,
    step: u32,
}

impl DemandRange {
    /// Demands from `from` to `to` (1 is today's), `step` apart, to three decimals; the last step is made whole. `None`
    /// unless 0 < `from` < `to` ≤ 100 and the step fits in between.
    pub fn new(from: f64, to: f64, step: f64) -> Option<DemandRange> {
        let whole =
            |factor: f64| (factor.is_finite() && factor > 0.0).then(|| (factor * 1000.0).round() as u32);
        let (from, to, step) = (whole(from)?, whole(to)?, whole(step)?);
        let fits = from > 0 && step > 0 && to <= 100_000 && from + step <= to;
        fits.then_some(DemandRange { from, to, step })
    }

    /// How many steps lie between the ends.
    fn steps(self) -> u32 {
        (self.to - self.from).div_ceil(self.step)
    }

    /// The demand of a number of the knob: 0 is the largest.
    fn factor(self, number: u32) -> f64 {
        let below = self.step.saturating_mul(number);
        f64::from(self.to.saturating_sub(below).max(self.from)) / 1000.0
    }

    /// The step, as a share of today's demand.
    pub fn step(self) -> f64 {
        f64::from(self.step) / 1000.0
    }
}

/// What is asked.
pub struct DemandProblem<'a> {
    /// The system at today's demand.
    pub system: &'a System,
    /// The demands that are looked at.
    pub range: DemandRange,
    /// What must hold, each by itself; at least one.
    pub target: Vec<Condition>,
}

/// How far one condition holds.
#[derive(Clone, Debug, PartialEq)]
pub struct TargetLimit {
    /// How the search ended: found, holds nowhere in the range, unsure, stopped.
    pub ending: Ending,
    /// The largest demand that holds it.
    pub largest: Option<f64>,
    /// The next demand of the range, which does not; `None` when all of the range holds.
    pub breaks_at: Option<f64>,
}

/// The value at one demand.
#[derive(Clone, Debug, PartialEq)]
pub struct DemandPoint {
    /// The demand, 1 is today's.
    pub factor: f64,
    /// What the curve knows of it.
    pub point: CurvePoint,
}

/// One station at a demand.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StationLoad {
    /// Hours that people wait here in a run, all together.
    pub waiting_hours: f64,
    /// Busy ÷ on duty in its busiest hour (of the whole run where hours are not told apart).
    pub busiest_share: Option<f64>,
}

/// The stations at the smallest demand, at the largest that holds the first target to break, and one step on.
#[derive(Clone, Debug)]
pub struct Bottleneck {
    /// The demands.
    pub factors: Vec<f64>,
    /// (station, demand): what it bears.
    pub loads: Vec<Vec<StationLoad>>,
    /// The station whose waiting grew most from the first to the last.
    pub worst: usize,
}

/// What the search came to.
#[derive(Clone, Debug)]
pub struct DemandLimits {
    /// One a condition.
    pub targets: Vec<TargetLimit>,
    /// Which breaks first, where any does within the range.
    pub breaks_first: Option<usize>,
    /// The values along the range, smallest demand first.
    pub curve: Vec<DemandPoint>,
    /// Where it breaks, where a target does within the range.
    pub bottleneck: Option<Bottleneck>,
    /// All checks, with demands.
    pub checks: Vec<(f64, DesignCheck)>,
    /// Replications run in all.
    pub replication_count: u64,
    /// Arrivals and services in all.
    pub event_count: u64,
    /// Stopped before everything was known.
    pub is_cut_short: bool,
}

/// Finds how much demand each condition bears.
///
/// # Errors
/// A bad target, a system whose demand cannot be multiplied or that cannot be run, or a stop before anything was known.
pub fn demand_limits(
    problem: &DemandProblem<'_>,
    settings: &SizeSettings,
    progress: &dyn Progress,
) -> Result<DemandLimits, SizeError> {
    let range = problem.range;
    let build = |design: &[u32]| -> Result<System, BuildError> {
        Ok(problem.system.with_demand(range.factor(design[0]))?)
    };
    let knob = Knob { path: "demand".to_owned(), between: 0..=range.steps(), turns: Turns::Value };
    let sizing =
        SizeProblem { knobs: vec![knob], target: problem.target.clone(), costs: vec![1.0], build: &build };
    let found: Limits = limits(&sizing, settings, progress)?;
    let targets: Vec<TargetLimit> = found
        .by_condition
        .iter()
        .map(|one| TargetLimit {
            ending: one.ending,
            largest: one.smallest.map(|number| range.factor(number)),
            breaks_at: match (one.smallest, one.ending) {
                (Some(0), _) | (None, Ending::Stopped) => None,
                (Some(number), _) => Some(range.factor(number - 1)),
                (None, _) => Some(range.factor(range.steps())),
            },
        })
        .collect();
    let breaks_first = breaks_first(&targets);
    let mut curve: Vec<DemandPoint> = found
        .curve
        .into_iter()
        .map(|point| DemandPoint { factor: range.factor(point.design[0]), point })
        .collect();
    curve.sort_by(|a, b| a.factor.total_cmp(&b.factor));
    let looked = breaks_first.map(|at| bottleneck(problem, &targets[at], settings, progress)).transpose()?;
    let is_cut_short = found.by_condition.iter().any(|one| one.ending == Ending::Stopped);
    Ok(DemandLimits {
        targets,
        breaks_first,
        curve,
        bottleneck: looked.flatten(),
        checks: found.checks.into_iter().map(|check| (range.factor(check.design[0]), check)).collect(),
        replication_count: found.replication_count,
        event_count: found.event_count,
        is_cut_short,
    })
}

/// Of the targets that hold somewhere, the one that breaks at the least demand; else the first that holds nowhere.
fn breaks_first(targets: &[TargetLimit]) -> Option<usize> {
    let breaking = targets.iter().enumerate().filter_map(|(at, one)| Some((at, one.breaks_at?, one.largest)));
    let in_order = |a: &(usize, f64, Option<f64>), b: &(usize, f64, Option<f64>)| {
        a.2.is_none().cmp(&b.2.is_none()).then(a.1.total_cmp(&b.1))
    };
    breaking.min_by(in_order).map(|(at, ..)| at)
}

/// Where waiting grows when the first target breaks; `None` where the work was stopped.
fn bottleneck(
    problem: &DemandProblem<'_>,
    first: &TargetLimit,
    settings: &SizeSettings,
    progress: &dyn Progress,
) -> Result<Option<Bottleneck>, SizeError> {
    let lowest = problem.range.factor(problem.range.steps());
    let mut factors: Vec<f64> =
        [Some(lowest), first.largest, first.breaks_at].into_iter().flatten().collect();
    factors.dedup();
    let made = factors.iter().map(|&factor| problem.system.with_demand(factor));
    let systems = made
        .collect::<Result<Vec<System>, _>>()
        .map_err(|error| SizeError::Build { design: Vec::new(), source: error.into() })?;
    let run = RunSettings {
        rng_seed: settings.rng_seed,
        replications: ReplicationCount::Fixed(crate::size::CURVE_REPLICATIONS),
        days: settings.days,
        level: settings.level,
    };
    let side_by_side: Vec<&System> = systems.iter().collect();
    let results = match replicate_side_by_side(&side_by_side, &run, progress) {
        Ok(results) => results,
        Err(ReplicateError::Run { replication, source, .. }) => {
            return Err(SizeError::Run { design: Vec::new(), replication, source });
        }
        Err(_) => return Ok(None),
    };
    let loads: Vec<Vec<StationLoad>> = (0..problem.system.stations().len())
        .map(|station| results.iter().map(|results| load_of(results, station)).collect())
        .collect();
    let growth = |loads: &Vec<StationLoad>| match (loads.first(), loads.last()) {
        (Some(first), Some(last)) if loads.len() > 1 => last.waiting_hours - first.waiting_hours,
        (_, Some(last)) => last.waiting_hours,
        _ => 0.0,
    };
    let worst = (0..loads.len()).max_by(|&a, &b| growth(&loads[a]).total_cmp(&growth(&loads[b])));
    Ok(worst.map(|worst| Bottleneck { factors, loads, worst }))
}

fn load_of(results: &RunResults, station: usize) -> StationLoad {
    let statistics = &results.account.statistics;
    let account = &statistics.stations[station];
    let runs = statistics.run_count.max(1) as f64;
    let waiting: u128 = account.queue_area.iter().sum();
    let hours = account.busy_area.iter().zip(&account.duty_area).filter(|(_, duty)| **duty > 0);
    StationLoad {
        waiting_hours: waiting as f64 / 3.6e9 / runs,
        // Overtime is in an hour's busy time, so an hour can be busier than its schedule.
        busiest_share: hours.map(|(busy, duty)| (*busy as f64 / *duty as f64).min(1.0)).reduce(f64::max),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn demands_run_from_the_largest_down_and_end_at_the_smallest() {
        let range = DemandRange::new(1.0, 2.0, 0.3).unwrap();
        let factors: Vec<f64> = (0..=range.steps()).map(|number| range.factor(number)).collect();
        assert_eq!(factors, [2.0, 1.7, 1.4, 1.1, 1.0]);
        for (from, to, step) in
            [(2.0, 1.0, 0.1), (1.0, 1.0, 0.1), (0.0, 1.0, 0.1), (1.0, 1.05, 0.1), (1.0, f64::NAN, 0.1)]
        {
            assert_eq!(DemandRange::new(from, to, step), None);
        }
    }
}
