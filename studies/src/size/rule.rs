//! The rule "one self-service machine per 50,000 visits a year": what it gives a hospital, whether that is enough, and
//! where it breaks.
//!
//! The rule knows the year. Queues are made by the busiest hour and by the seconds that a visit takes at the machines:
//! the boundary between enough and not is computed with Erlang C in steady state over the busiest hour.

use super::bench::Bench;
use super::curve::{CurvePoint, draw};
use super::queueing::{QueueingAnswer, Wait};
use super::{Knob, SizeError, SizeProblem, SizeSettings};
use crate::condition::Condition;
use crate::replicate::Progress;
use crate::theory::Mmc;
use onetrip_models::measure::Statistic;
use onetrip_models::system::System;
use onetrip_scenarios::hospital::ShiftTable;

/// Visits in a year for one machine.
pub const VISITS_PER_MACHINE: f64 = 50_000.0;
/// Shares of a day's visits in its busiest hour for which the boundary is computed.
const PEAK_SHARES: [f64; 8] = [0.10, 0.12, 0.14, 0.16, 0.18, 0.20, 0.25, 0.30];
const STATION: &str = "registration.kiosks";

/// What the rule comes to.
#[derive(Clone, PartialEq, Debug)]
pub struct RuleVerdict {
    /// Visits in a year.
    pub annual_visits: f64,
    /// Machines by the rule, for the whole hospital.
    pub count: u32,
    /// Machines elsewhere in the hospital that count towards the rule.
    pub elsewhere: u32,
    /// The number that was tried in the hall: the rule's less those elsewhere, at least 1.
    pub tried: u32,
    /// The values with that number.
    pub point: CurvePoint,
    /// Whether they hold the target; the answer is as sure as the search.
    pub holds: bool,
    /// What is needed in the hall.
    pub needed: Option<u32>,
    /// Where it breaks.
    pub boundary: Option<Boundary>,
}

/// Where a number of machines stops being enough.
#[derive(Clone, PartialEq, Debug)]
pub struct Boundary {
    /// Visits on a mean day.
    pub visits_per_day: f64,
    /// Uses of the machines per visit.
    pub uses_per_visit: f64,
    /// Share of the day's uses in the busiest hour of this hospital.
    pub peak_share: f64,
    /// Seconds at the machines per visit in this hospital, those who use none included.
    pub seconds_per_visit: f64,
    /// For shares of the busiest hour, the most seconds per visit.
    pub rows: Vec<BoundaryRow>,
}

/// One share of the busiest hour.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct BoundaryRow {
    /// Share of the day's visits in the busiest hour.
    pub peak_share: f64,
    /// The most seconds per visit with the rule's number.
    pub seconds_by_rule: f64,
    /// The most seconds per visit with the number needed.
    pub seconds_by_need: Option<f64>,
}

/// Holds the rule against the target. Nothing for knobs other than the kiosks of registration, and for systems that are
/// no hospitals.
///
/// # Errors
/// As [`super::size`].
pub fn assess(
    problem: &SizeProblem<'_>,
    settings: &SizeSettings,
    answer: Option<u32>,
    queueing: Option<&QueueingAnswer>,
    progress: &dyn Progress,
) -> Result<Option<RuleVerdict>, SizeError> {
    let [knob] = &problem.knobs[..] else { return Ok(None) };
    if knob.station() != STATION {
        return Ok(None);
    }
    let mut bench = Bench::new(problem, settings, progress);
    let System::Hospital(hospital) = bench.system(&[present(knob)])? else { return Ok(None) };
    let spec = hospital.spec().clone();
    if spec.annual_visits <= 0.0 {
        return Ok(None);
    }
    let count = (spec.annual_visits / VISITS_PER_MACHINE).ceil() as u32;
    let elsewhere = ShiftTable::at("settlement.kiosks", &spec).map_or(0, |table| table.most());
    let tried = count.saturating_sub(elsewhere).max(1);
    let design = vec![tried];
    let points = draw(&mut bench, std::slice::from_ref(&design));
    let Some(mut points) = bench.or_stopped(points)? else { return Ok(None) };
    let mut holds = true;
    let level = settings.level.shared_by(problem.target.len());
    for condition in 0..problem.target.len() {
        let checks = bench.check(std::slice::from_ref(&design), condition, level, 0);
        let Some(checks) = bench.or_stopped(checks)? else { return Ok(None) };
        holds &= checks.iter().all(|check| check.is_feasible);
    }
    let boundary = queueing.and_then(|queueing| {
        let condition = &problem.target[queueing.condition];
        boundary(queueing, condition, spec.demand.visits_per_day, tried, answer)
    });
    Ok(Some(RuleVerdict {
        annual_visits: spec.annual_visits,
        count,
        elsewhere,
        tried,
        point: points.remove(0),
        holds,
        needed: answer,
        boundary,
    }))
}

/// The number that the scenario has.
fn present(knob: &Knob) -> u32 {
    match &knob.turns {
        super::Turns::Shifts(table) => table.most(),
        super::Turns::Value => *knob.between.start(),
    }
}

fn boundary(
    queueing: &QueueingAnswer,
    condition: &Condition,
    visits_per_day: f64,
    by_rule: u32,
    by_need: Option<u32>,
) -> Option<Boundary> {
    let wait = match condition.measure.statistic {
        Statistic::Quantile(share) => Wait::Quantile { share, at_most_s: condition.limit },
        Statistic::Mean => Wait::Mean { at_most_s: condition.limit },
        _ => return None,
    };
    let load = &queueing.load;
    let daily = load.daily_arrivals();
    if load.arrivals_per_hour.len() < 2 || visits_per_day <= 0.0 || daily <= 0.0 {
        return None;
    }
    let uses_per_visit = daily / visits_per_day;
    let seconds = |peak_share: f64, machines: u32| {
        most_seconds(wait, visits_per_day * peak_share * uses_per_visit / 3600.0, machines) * uses_per_visit
    };
    Some(Boundary {
        visits_per_day,
        uses_per_visit,
        peak_share: load.arrivals_per_hour.iter().copied().fold(0.0, f64::max) / daily,
        seconds_per_visit: uses_per_visit * load.service_time_s,
        rows: PEAK_SHARES
            .iter()
            .map(|&peak_share| BoundaryRow {
                peak_share,
                seconds_by_rule: seconds(peak_share, by_rule),
                seconds_by_need: by_need.map(|machines| seconds(peak_share, machines)),
            })
            .collect(),
    })
}

/// The longest mean service, in seconds, at which so many machines hold the wait for arrivals at this rate a second.
fn most_seconds(wait: Wait, arrival_rate: f64, machines: u32) -> f64 {
    let criterion = wait.criterion();
    let holds = |service_time: f64| {
        let station = Mmc::new(arrival_rate, 1.0 / service_time, machines);
        station.ok().and_then(|station| criterion.holds_for(&station).ok()).unwrap_or(false)
    };
    let (mut low, mut high) = (0.0, f64::from(machines) / arrival_rate);
    while high - low > 1e-6 * high {
        let middle = 0.5 * (low + high);
        if holds(middle) { low = middle } else { high = middle }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_boundary_is_where_erlang_s_formula_turns() {
        let wait = Wait::Quantile { share: 0.99, at_most_s: 300.0 };
        let seconds = most_seconds(wait, 120.0 / 3600.0, 6);
        let tail = |s: f64| Mmc::new(120.0 / 3600.0, 1.0 / s, 6).unwrap().wait_tail(300.0).unwrap();
        assert!(tail(seconds * 0.999) <= 0.01 && tail(seconds * 1.001) > 0.01, "{seconds}");
        // Six hold services of two minutes, five do not (`theory::staffing`).
        assert!(seconds > 120.0 && most_seconds(wait, 120.0 / 3600.0, 5) < 120.0);
    }

    #[test]
    fn more_machines_and_flatter_days_stand_longer_visits() {
        let wait = Wait::Mean { at_most_s: 60.0 };
        assert!(most_seconds(wait, 0.1, 12) > most_seconds(wait, 0.1, 8));
        assert!(most_seconds(wait, 0.1, 8) > most_seconds(wait, 0.2, 8));
    }
}
