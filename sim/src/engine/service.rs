//! Joining a station, being served, releasing the server.
//!
//! There are three paths, told apart by the bits of [`Station::special`]. With none set, a station is plain: first come
//! first served by rank, one server a customer, nobody counted but by number. Rules that only say who is next, or that
//! keep a list or a sum besides ([`special::LONG_PATH`] clear), go the same way with a few more steps, compiled apart so
//! that the plain station does not pay for them. Everything else takes the long path (`engine/long_path.rs`).

use super::Engine;
use crate::customer::{Customer, Whereabouts};
use crate::event_list::{Event, EventKind, EventList, EventRank};
use crate::model::{Done, Model, StationId, Visit, VisitParts};
use crate::observer::{Happening, Observer};
use crate::station::{Station, special};
use crate::time::{SimSpan, SimTime};

/// The hour of customers whose wait is already counted.
pub(super) const COUNTED: u8 = u8::MAX;

/// Starts service now, with a server taken, the wait counted and the instant noted in the record.
#[inline(always)]
fn start<S, O: Observer<S>>(
    events: &mut EventList,
    observer: &mut O,
    now: SimTime,
    index: usize,
    record: &mut Customer<S>,
) {
    record.whereabouts = Whereabouts::InService;
    let ends_at = now.saturating_add(record.work);
    record.ticket = events.plan(ends_at, EventRank::Release, EventKind::ServiceEnd, index);
    observer.observe(now, Happening::Started(StationId(record.station)), index, record);
}

impl<S: Copy + Default> Engine<S> {
    /// A customer reaches a station: is served, waits (`None`), or does not get in (why).
    #[inline(always)]
    pub(super) fn join<O: Observer<S>>(
        &mut self,
        observer: &mut O,
        index: usize,
        visit: Visit,
    ) -> Option<Done> {
        if self.stations[visit.station.index()].special != 0 {
            return self.join_by_rule(observer, index, visit.into_parts());
        }
        self.enter::<O, true>(observer, index, visit)
    }

    #[inline(never)]
    fn join_by_rule<O: Observer<S>>(
        &mut self,
        observer: &mut O,
        index: usize,
        parts: VisitParts,
    ) -> Option<Done> {
        let visit = Visit::from_parts(parts);
        if self.stations[visit.station.index()].is(special::LONG_PATH) {
            return self.join_long(observer, index, visit);
        }
        self.enter::<O, false>(observer, index, visit)
    }

    /// Begins service where a server is idle, else waits. A server is idle only while nobody waits.
    #[inline(always)]
    fn enter<O: Observer<S>, const IS_PLAIN: bool>(
        &mut self,
        observer: &mut O,
        index: usize,
        visit: Visit,
    ) -> Option<Done> {
        let now = self.clock;
        let place = visit.station.index();
        let station = &mut self.stations[place];
        let record = &mut self.arena.records[index];
        record.ask(now, self.hour, &visit);
        if station.idle > 0 {
            station.idle -= 1;
            station.joined += 1;
            station.busy.rise(now);
            if !IS_PLAIN {
                station.list(index, record, now);
            }
            observer.observe(now, Happening::Joined(visit.station), index, record);
            let row = self.statistics.row_of_waits(place, record.class());
            self.statistics.record(row, self.hour, SimSpan::ZERO);
            start(&mut self.events, observer, now, index, record);
            return None;
        }
        if station.present() >= u64::from(visit.balk_at) {
            self.statistics.stations[place].balked += 1;
            observer.observe(now, Happening::Balked(visit.station), index, record);
            return Some(Done::Balked);
        }
        station.joined += 1;
        observer.observe(now, Happening::Joined(visit.station), index, record);
        record.whereabouts = Whereabouts::Waiting;
        if !IS_PLAIN {
            record.order = visit.order;
            station.waiting_work = station.waiting_work.wrapping_add(record.work.as_micros());
        }
        station.occupied_lanes |= 1 << visit.rank;
        let lane = &mut self.lanes[station.lane_base as usize + usize::from(visit.rank)];
        if IS_PLAIN {
            lane.push_back(&mut self.arena.records, index);
        } else {
            station.line_up(lane, &mut self.arena.records, index);
        }
        self.count_in(place);
        if visit.patience < SimSpan::FOREVER {
            self.plan_patience(index, visit.patience);
        }
        None
    }

    /// Starts service, with a server already taken, for someone who may have waited.
    #[inline(always)]
    pub(super) fn serve<O: Observer<S>>(&mut self, observer: &mut O, place: usize, index: usize) {
        let now = self.clock;
        let record = &mut self.arena.records[index];
        if record.hour != COUNTED {
            let wait = now - record.since_at;
            let row = self.statistics.row_of_waits(place, record.class());
            self.notes.add(&mut self.statistics, row, usize::from(record.hour), wait);
        }
        record.since_at = now;
        start(&mut self.events, observer, now, index, record);
    }

    /// A service ends, unless it was broken off meanwhile; true when the customer is free to go.
    #[inline(always)]
    pub(super) fn end_service<M: Model<State = S>, O: Observer<S>>(
        &mut self,
        model: &mut M,
        observer: &mut O,
        event: Event,
    ) -> bool {
        let now = event.at();
        let index = event.index();
        let record = &mut self.arena.records[index];
        if record.ticket != event.ticket() {
            return false;
        }
        record.ticket = 0;
        let place = usize::from(record.station);
        observer.observe(now, Happening::Served(StationId(record.station)), index, record);
        if self.stations[place].special != 0 {
            return self.end_service_by_rule(model, observer, index);
        }
        self.hand_on::<O, true>(observer, place, index);
        true
    }

    #[inline(never)]
    fn end_service_by_rule<M: Model<State = S>, O: Observer<S>>(
        &mut self,
        model: &mut M,
        observer: &mut O,
        index: usize,
    ) -> bool {
        let place = usize::from(self.arena.records[index].station);
        if self.stations[place].is(special::LONG_PATH) {
            return self.end_long_service(model, observer, index);
        }
        self.hand_on::<O, false>(observer, place, index);
        true
    }

    /// A server is free: it serves the next customer, or is idle.
    #[inline(always)]
    fn hand_on<O: Observer<S>, const IS_PLAIN: bool>(
        &mut self,
        observer: &mut O,
        place: usize,
        index: usize,
    ) {
        let now = self.clock;
        let station = &mut self.stations[place];
        debug_assert!(station.idle >= 0, "servers who owe time are on the long path");
        station.count_served(now);
        if !IS_PLAIN {
            station.strike_off(&mut self.arena.records, index);
        }
        if station.queue.level() > 0 {
            station.queue.fall(now);
            let rank =
                if IS_PLAIN { station.occupied_lanes.trailing_zeros() } else { station.turn_of_rank() };
            let lane = &mut self.lanes[station.lane_base as usize + rank as usize];
            let next = lane.pop_front(&mut self.arena.records);
            if lane.is_empty() {
                station.occupied_lanes &= !(1 << rank);
            }
            if !IS_PLAIN {
                let record = &mut self.arena.records[next];
                station.waiting_work = station.waiting_work.wrapping_sub(record.work.as_micros());
                station.list(next, record, now);
            }
            self.serve(observer, place, next);
        } else {
            station.idle += 1;
            station.busy.fall(now);
        }
    }
}

impl<S> Customer<S> {
    /// Notes what a visit asks of the station.
    #[inline(always)]
    pub(super) fn ask(&mut self, now: SimTime, hour: usize, visit: &Visit) {
        self.since_at = now;
        self.work = visit.service_time;
        self.station = visit.station.0;
        self.lane = visit.rank;
        self.server_count = 1;
        self.hour = hour as u8;
    }
}

impl Station {
    /// A service is over.
    #[inline(always)]
    pub(super) fn count_served(&mut self, now: SimTime) {
        self.completed += 1;
        self.last_service_end_at = now;
    }

    /// Someone begins service: is listed, and the work counted, where the plan asks for that.
    #[inline(always)]
    pub(super) fn list<S>(&mut self, index: usize, record: &mut Customer<S>, now: SimTime) {
        if self.is(special::LISTS_SERVICE) {
            record.previous = self.in_service.len() as u32;
            self.in_service.push(index as u32);
        }
        if self.is(special::WORK) {
            self.ends_sum = self.ends_sum.wrapping_add((now + record.work).as_micros());
        }
    }

    /// Takes a customer off the list of those in service, and what is left of the service off the work.
    #[inline(always)]
    pub(super) fn strike_off<S>(&mut self, records: &mut [Customer<S>], index: usize) {
        if self.is(special::LISTS_SERVICE) {
            let position = records[index].previous as usize;
            if self.in_service.get(position) == Some(&(index as u32)) {
                self.in_service.swap_remove(position);
                if let Some(&moved) = self.in_service.get(position) {
                    records[moved as usize].previous = position as u32;
                }
            }
        }
        if self.is(special::WORK) {
            let record = &records[index];
            let ends_at = (record.since_at + record.work).as_micros();
            self.ends_sum = self.ends_sum.wrapping_sub(ends_at);
        }
    }
}
