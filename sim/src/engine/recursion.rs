//! One station that everybody visits once, first come first served: who comes next and when servers are free is all that
//! happens, and no event list is needed.
//!
//! Whoever comes starts when the first of the servers is free (Kiefer and Wolfowitz, *On the theory of queues with many
//! servers*, Trans. AMS 78, 1955; with one server it is Lindley's recursion). Starts are in the order of arrivals, so all
//! that is kept is when each server is free, and the starts that are still to come. What is counted is to the last bit
//! what the events of the main loop count, and the house is left as they would leave it, so that closing the books and the
//! audit are the same. Runs that are watched go by events.

use super::{Engine, Horizon, RunError};
use crate::customer::Whereabouts;
use crate::event_list::MAX_INDEX;
use crate::model::{Model, Step};
use crate::observer::Observer;
use crate::station::{Duty, Floor};
use crate::statistics::Statistics;
use crate::time::SimTime;
use std::collections::VecDeque;

/// With more servers than that, events are quicker: a newcomer's end of service is put in order among all of theirs.
const MOST_SERVERS: u32 = 64;

/// Time integrals over the observed time.
#[derive(Default)]
struct Areas {
    waiting: u128,
    busy: u128,
    inside: u128,
}

impl<S: Copy + Default> Engine<S> {
    /// Whether this run counts the same by [`Engine::serve_in_turn`] as by events.
    pub(super) fn needs_no_events<M: Model<State = S>, O: Observer<S>>(
        &self,
        model: &M,
        end_at: SimTime,
    ) -> bool {
        let [station] = &self.stations[..] else { return false };
        let warm_up_ends_at = SimTime::ZERO + self.warm_up;
        !O::WATCHES
            && model.is_single_visit()
            && station.special == 0
            && self.plans[0].outages.is_empty()
            && self.plans[0].rank_count == 1
            && matches!(self.plans[0].duty, Duty::Always(1..=MOST_SERVERS))
            && self.layout.hour_count == 1
            && (self.is_counting || self.horizon == Horizon::At(end_at) && end_at > warm_up_ends_at)
            && !matches!(self.horizon, Horizon::Drained { at_earliest, .. } if at_earliest > SimTime::ZERO)
            && model.next_arrival_at() <= end_at
            && end_at < SimTime::NEVER
    }

    /// The whole run.
    #[inline(never)]
    pub(super) fn serve_in_turn<M: Model<State = S>>(
        &mut self,
        model: &mut M,
        end_at: SimTime,
        statistics: &mut Statistics,
    ) {
        let from = SimTime::ZERO + self.warm_up;
        if !self.is_counting {
            std::mem::swap(&mut self.statistics, statistics);
            self.is_counting = true;
            self.period_began_at = from;
            let mut thrown_away = 0;
            self.stations[0].on_duty.collect(from, &mut thrown_away);
        }
        let server_count = self.stations[0].idle as usize;
        // In rising order.
        let mut free_at = [SimTime::ZERO; MOST_SERVERS as usize];
        let free_at = &mut free_at[..server_count];
        let mut starts: VecDeque<SimTime> = VecDeque::new();
        let mut areas = Areas::default();
        let (mut arrived, mut completed, mut joined, mut completed_before) = (0, 0, 0, 0);
        let (mut longest, mut longest_at, mut last_end_at) = (None, SimTime::ZERO, SimTime::ZERO);
        loop {
            let at = model.next_arrival_at();
            if at > end_at {
                break;
            }
            let mut state = S::default();
            let floor = Floor { stations: &self.stations, now: &at };
            let (class, step) = model.arrive(at, &mut state, floor);
            let Step::Visit(visit) = step else {
                unreachable!("the model says that everybody makes a visit")
            };
            arrived += 1;
            let start_at = at.max(free_at[0]);
            let ends_at = start_at.saturating_add(visit.service_time);
            put_in_order(free_at, ends_at);

            // An arrival at the end of the warm-up comes after it, a start or an end of someone who was there before it.
            let comes_late = at >= from;
            if comes_late && longest.is_none() {
                longest = Some(still_to_come(&mut starts, from));
            }
            let waiting = still_to_come(&mut starts, at);
            if start_at > at {
                starts.push_back(start_at);
                if longest.is_some_and(|longest| waiting + 1 > longest) {
                    (longest, longest_at) = (Some(waiting + 1), at);
                }
                if waiting + 1 + server_count > MAX_INDEX {
                    self.fail_run(RunError::TooManyInside { at });
                    break;
                }
            }
            let (statistics, class) = (&mut self.statistics, usize::from(class));
            joined += u64::from(comes_late);
            statistics.accounting[class].arrived += u64::from(comes_late || ends_at > from);
            if start_at <= end_at && (comes_late || start_at > from) {
                statistics.record(statistics.row_of_waits(0, class), 0, start_at - at);
            }
            let clip = |at: SimTime| at.clamp(from, end_at).as_micros();
            areas.waiting += u128::from(clip(start_at) - clip(at));
            areas.busy += u128::from(clip(ends_at) - clip(start_at));
            areas.inside += u128::from(clip(ends_at) - clip(at));
            if ends_at > end_at {
                let whereabouts =
                    if start_at > end_at { Whereabouts::Waiting } else { Whereabouts::InService };
                self.keep_inside(state, class as u8, at, whereabouts);
            } else if comes_late || ends_at > from {
                completed += 1;
                last_end_at = ends_at.max(last_end_at);
                statistics.accounting[class].completed += 1;
                statistics.record(statistics.row_of_sojourns(class), 0, ends_at - at);
            } else {
                completed_before += 1;
            }
        }

        let is_empty = self.arena.inside_count == 0 && model.next_arrival_at() == SimTime::NEVER;
        self.finished |= is_empty && self.horizon != Horizon::At(end_at);
        self.clock = if is_empty && self.finished { free_at[server_count - 1] } else { end_at };
        self.earlier_events = completed_before;
        self.arena.admitted_count = arrived;
        let longest = longest.unwrap_or_else(|| still_to_come(&mut starts, from));
        let station = &mut self.stations[0];
        (station.joined, station.completed) = (joined, completed);
        (station.longest_queue, station.longest_queue_at) = (longest as u64, longest_at);
        station.last_service_end_at = last_end_at;
        let inside = self.arena.inside_count;
        let waiting = self.lanes[0].iter(&self.arena.records).count() as u64;
        // Levels without a past: their integrals are in the areas.
        station.queue.set(waiting, self.clock);
        station.busy.set(inside - waiting, self.clock);
        station.idle -= (inside - waiting) as i64;
        self.inside.set(inside, self.clock);
        let account = &mut self.statistics.stations[0];
        account.queue_area[0] += areas.waiting;
        account.busy_area[0] += areas.busy;
        self.statistics.inside_area += areas.inside;
    }

    /// Someone who is still there when the run ends.
    fn keep_inside(&mut self, state: S, class: u8, arrived_at: SimTime, whereabouts: Whereabouts) {
        let index = self.arena.admit();
        let record = &mut self.arena.records[index];
        (record.state, record.class, record.whereabouts) = (state, class, whereabouts);
        (record.arrived_at, record.since_at) = (arrived_at, arrived_at);
        (record.station, record.server_count) = (0, 1);
        if whereabouts == Whereabouts::Waiting {
            self.stations[0].occupied_lanes = 1;
            self.lanes[0].push_back(&mut self.arena.records, index);
        }
    }
}

/// The first server that is free takes a customer until `ends_at`. Without a branch: where in the order that is nobody
/// can foretell.
#[inline(always)]
fn put_in_order(free_at: &mut [SimTime], ends_at: SimTime) {
    let last = free_at.len() - 1;
    for place in 0..last {
        free_at[place] = free_at[place].max(ends_at).min(free_at[place + 1]);
    }
    free_at[last] = free_at[last].max(ends_at);
}

/// How many starts are after `now`; those up to it are forgotten.
#[inline(always)]
fn still_to_come(starts: &mut VecDeque<SimTime>, now: SimTime) -> usize {
    while starts.front().is_some_and(|&start_at| start_at <= now) {
        starts.pop_front();
    }
    starts.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_stay_in_the_order_in_which_they_are_free() {
        let at = SimTime::from_micros;
        let mut free_at = [at(0), at(0), at(0)];
        let mut sorted = [0, 0, 0];
        for ends_at in [5, 3, 9, 4, 4, 20, 9, 30, 9] {
            put_in_order(&mut free_at, at(ends_at.max(sorted[0])));
            sorted[0] = ends_at.max(sorted[0]);
            sorted.sort_unstable();
            assert_eq!(free_at, sorted.map(at));
        }
        let mut one = [at(7)];
        put_in_order(&mut one, at(8));
        assert_eq!(one, [at(8)]);
    }
}
