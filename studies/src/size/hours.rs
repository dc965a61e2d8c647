//! A schedule by hour: how many serve in each hour so that the target holds with as few hours of work as a search by
//! hand would find.
//!
//! It begins with what each hour needs by itself (modified offered load, [`super::queueing`]), is simulated, gets one more
//! in the hour where most time is lost until the target holds, and then gives back one at a time where it still holds.
//! Every step is checked by simulation; the schedule is good, not proven the cheapest.

use super::bench::Bench;
use super::queueing::{QueueingAnswer, place_of};
use super::several::Purse;
use super::{BuildError, CURVE_REPLICATIONS, DesignCheck, SizeError, SizeProblem, SizeSettings};
use crate::condition::Condition;
use crate::replicate::Progress;
use crate::statistics::selection::Guarantee;
use onetrip_models::hospital::spec::Shift;
use onetrip_models::system::System;
use onetrip_scenarios::hospital::ShiftTable;
use onetrip_sim::time::SimSpan;

/// Times that one more is added.
const ROUNDS: usize = 80;
const STEP_MINUTES: u64 = 5;

/// Who is on duty in each hour.
#[derive(Clone, PartialEq, Debug)]
pub struct HourSchedule {
    /// The station.
    pub station: String,
    /// The shifts, one an hour of opening.
    pub shifts: Vec<Shift>,
    /// Whether the target holds with them.
    pub holds: bool,
    /// Whether every check was as sure as promised.
    pub is_sure: bool,
    /// Hours of work in a day.
    pub server_hours: f64,
    /// Mean of the first condition's measure in the last check that held.
    pub value: Option<f64>,
    /// The assignment that puts it into the scenario.
    pub assignment: String,
}

/// Hours of work of a day's shifts.
pub fn server_hours(shifts: &[Shift]) -> f64 {
    shifts
        .iter()
        .map(|shift| f64::from(shift.count) * shift.to.saturating_sub(shift.from).as_seconds() / 3600.0)
        .sum()
}

/// Finds a schedule for a shift table, from the load that the flat answer had.
///
/// # Errors
/// As [`super::size`].
pub fn schedule(
    table: &ShiftTable,
    target: &[Condition],
    build: &(dyn Fn(&[Shift]) -> Result<System, BuildError> + Sync),
    queueing: &QueueingAnswer,
    settings: &SizeSettings,
    progress: &dyn Progress,
) -> Result<Option<HourSchedule>, SizeError> {
    let pieces = pieces(&table.shifts);
    if pieces.is_empty() || queueing.needed_by_hour.len() < 24 {
        return Ok(None);
    }
    let shifts_of = |counts: &[u32]| -> Vec<Shift> {
        pieces.iter().zip(counts).map(|(piece, &count)| Shift { count, ..*piece }).collect()
    };
    let by_counts = |counts: &[u32]| build(&shifts_of(counts));
    let problem =
        SizeProblem { knobs: Vec::new(), target: target.to_vec(), costs: Vec::new(), build: &by_counts };
    let mut bench = Bench::new(&problem, settings, progress);
    let mut search = Search { purse: Purse::new(settings.level), checks: Vec::new() };
    let mut counts: Vec<u32> =
        pieces.iter().map(|piece| queueing.needed_by_hour[hour_of(piece)].max(1)).collect();
    let mut is_held = false;
    for _ in 0..ROUNDS {
        let checked = search.holds(&mut bench, &counts);
        let Some(holds) = bench.or_stopped(checked)? else { return Ok(None) };
        if holds {
            is_held = true;
            break;
        }
        let worst = worst_piece(&mut bench, &counts, &pieces, table);
        let Some(worst) = bench.or_stopped(worst)? else { return Ok(None) };
        counts[worst] += 1;
    }
    let mut value = is_held.then(|| search.first_mean()).flatten();
    if is_held {
        // From the piece with most hands to spare.
        let spare = |at: &usize| f64::from(counts[*at]) - queueing.load.offered(hour_of(&pieces[*at]));
        let mut order: Vec<usize> = (0..pieces.len()).collect();
        order.sort_by(|a, b| spare(b).total_cmp(&spare(a)).then(a.cmp(b)));
        for at in order {
            if counts[at] < 2 {
                continue;
            }
            counts[at] -= 1;
            let checked = search.holds(&mut bench, &counts);
            match bench.or_stopped(checked)? {
                Some(true) => value = search.first_mean(),
                Some(false) => counts[at] += 1,
                None => {
                    counts[at] += 1;
                    break;
                }
            }
        }
    }
    let shifts = shifts_of(&counts);
    Ok(Some(HourSchedule {
        station: table.station.clone(),
        holds: is_held,
        is_sure: search.checks.iter().all(|check| check.guarantee == Guarantee::Held),
        server_hours: server_hours(&shifts),
        value,
        assignment: table.assignment(&shifts),
        shifts,
    }))
}

struct Search {
    purse: Purse,
    checks: Vec<DesignCheck>,
}

impl Search {
    fn holds(&mut self, bench: &mut Bench<'_>, counts: &[u32]) -> Result<bool, SizeError> {
        super::several::holds_all(bench, counts, &mut self.purse, &mut self.checks)
    }

    /// The mean of the first condition in the latest check of it.
    fn first_mean(&self) -> Option<f64> {
        self.checks.iter().rev().find(|check| check.condition == 0).map(|check| check.mean)
    }
}

/// The piece in whose hour those who joined waited longest in all; who joined before the doors opened counts for the
/// first piece after.
fn worst_piece(
    bench: &mut Bench<'_>,
    counts: &[u32],
    pieces: &[Shift],
    table: &ShiftTable,
) -> Result<usize, SizeError> {
    let Some(place) = place_of(bench.system(counts)?, &table.station) else { return Ok(0) };
    let account = bench.account(counts, CURVE_REPLICATIONS / 2)?;
    let statistics = &account.statistics;
    let classes = statistics.layout().class_count;
    let mut waited = vec![0_u128; pieces.len()];
    for hour in 0..24 {
        let total: u128 = (0..classes)
            .map(|class| u128::from(statistics.waits_by_hour(place, class)[hour].sum_micros))
            .sum();
        let piece = pieces.iter().position(|piece| hour_of(piece) >= hour).unwrap_or(pieces.len() - 1);
        waited[piece] += total;
    }
    let worst = (0..pieces.len()).max_by_key(|&at| (waited[at], std::cmp::Reverse(at)));
    Ok(worst.unwrap_or(0))
}

fn hour_of(piece: &Shift) -> usize {
    ((piece.from.as_seconds() / 3600.0).floor() as usize).min(23)
}

/// The hours of opening, cut at full hours.
fn pieces(shifts: &[Shift]) -> Vec<Shift> {
    let is_open = |minute: u64| {
        let at = SimSpan::from_whole_minutes(minute);
        shifts.iter().any(|shift| shift.count > 0 && shift.from <= at && at < shift.to)
    };
    let mut pieces: Vec<Shift> = Vec::new();
    for step in 0..(24 * 60 / STEP_MINUTES) {
        let minute = step * STEP_MINUTES;
        if !is_open(minute) {
            continue;
        }
        let (from, to) =
            (SimSpan::from_whole_minutes(minute), SimSpan::from_whole_minutes(minute + STEP_MINUTES));
        match pieces.last_mut() {
            Some(last) if last.to == from && !minute.is_multiple_of(60) => last.to = to,
            _ => pieces.push(Shift { from, to, count: 1 }),
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opening_hours_are_cut_at_full_hours() {
        let pieces = pieces(&[Shift::hours(7.5, 12.0, 3), Shift::hours(13.0, 14.5, 1)]);
        let hours: Vec<(f64, f64)> = pieces
            .iter()
            .map(|piece| (piece.from.as_seconds() / 3600.0, piece.to.as_seconds() / 3600.0))
            .collect();
        assert_eq!(
            hours,
            [(7.5, 8.0), (8.0, 9.0), (9.0, 10.0), (10.0, 11.0), (11.0, 12.0), (13.0, 14.0), (14.0, 14.5)]
        );
        assert_eq!(server_hours(&pieces), 6.0);
    }
}
