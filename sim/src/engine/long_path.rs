//! The long path: stations with bounded room, pre-emption, several servers a customer, sharing, re-ranking or a draw of who
//! is next, those that hold customers for the next place, and any that is in overtime just now.

use super::Engine;
use super::service::COUNTED;
use crate::model::{Done, Model, StationId, Visit};
use crate::observer::{Happening, Observer};
use crate::station::special;
use crate::time::SimSpan;

impl<S: Copy + Default> Engine<S> {
    /// A customer reaches the station: see [`Engine::join`].
    pub(super) fn join_long<O: Observer<S>>(
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
        record.order = visit.order;
        record.server_count = visit.server_count.max(1);
        let turned_away = if station.customers() >= station.capacity {
            self.statistics.stations[place].refused += 1;
            Some((Done::Refused, Happening::Refused(visit.station)))
        } else if station.idle < i64::from(record.server_count)
            && station.customers() >= u64::from(visit.balk_at)
        {
            self.statistics.stations[place].balked += 1;
            Some((Done::Balked, Happening::Balked(visit.station)))
        } else {
            None
        };
        if let Some((done, happening)) = turned_away {
            observer.observe(now, happening, index, record);
            return Some(done);
        }
        station.joined += 1;
        observer.observe(now, Happening::Joined(visit.station), index, record);
        if station.is(special::SHARING) {
            self.join_sharing(observer, index);
            return None;
        }
        let takes_over = station.idle < i64::from(record.server_count)
            && station.is(special::PRE_EMPTS)
            && self.pre_empt(observer, place, visit.rank);
        // Nobody overtakes those who wait, even when servers are idle because the first in line needs several.
        let station = &self.stations[place];
        let may_start = takes_over
            || station.idle >= i64::from(self.arena.records[index].server_count)
                && (station.queue.level() == 0 || !station.is(special::MULTI));
        if may_start {
            self.seize(observer, index);
            return None;
        }
        self.enqueue(index, false);
        self.wait_patiently(index, visit.patience);
        if self.stations[place].is(special::MULTI) {
            // Servers may be idle because the first of a worse rank needs several.
            self.call_waiting(observer, place);
        }
        None
    }

    /// A service is over; true when the customer is free to go.
    pub(super) fn end_long_service<M: Model<State = S>, O: Observer<S>>(
        &mut self,
        model: &mut M,
        observer: &mut O,
        index: usize,
    ) -> bool {
        let place = usize::from(self.arena.records[index].station);
        self.stations[place].count_served(self.clock);
        if self.has_blocking {
            self.end_service_with_blocking(model, observer, index);
            return false;
        }
        self.release(observer, index);
        true
    }

    /// Takes servers and starts service.
    fn seize<O: Observer<S>>(&mut self, observer: &mut O, index: usize) {
        let now = self.clock;
        let record = &mut self.arena.records[index];
        let place = usize::from(record.station);
        let count = u64::from(record.server_count);
        let station = &mut self.stations[place];
        station.idle -= count as i64;
        station.busy.set(station.busy.level() + count, now);
        station.extra_servers += count - 1;
        station.list(index, record, now);
        self.serve(observer, place, index);
        self.note_overtime(place);
    }

    /// Gives free servers to those who wait.
    pub(super) fn call_waiting<O: Observer<S>>(&mut self, observer: &mut O, place: usize) {
        while self.stations[place].queue.level() > 0 && self.stations[place].idle > 0 {
            let next = self.choose_next(place);
            if i64::from(self.arena.records[next].server_count) > self.stations[place].idle
                && self.stations[place].is(special::MULTI)
            {
                break;
            }
            self.dequeue(next);
            self.seize(observer, next);
        }
        self.send_home(observer, place);
    }

    /// Gives back the servers of someone whose service is over.
    pub(super) fn release<O: Observer<S>>(&mut self, observer: &mut O, index: usize) {
        let record = &self.arena.records[index];
        let (place, count) = (usize::from(record.station), record.server_count);
        self.stations[place].strike_off(&mut self.arena.records, index);
        self.give_back(observer, place, count);
    }

    /// Gives servers back to those who wait here; the place that is free then is for [`Engine::fill_place`].
    pub(super) fn give_back<O: Observer<S>>(&mut self, observer: &mut O, place: usize, server_count: u16) {
        self.free_servers(place, server_count);
        self.note_overtime(place);
        self.call_waiting(observer, place);
    }

    fn free_servers(&mut self, place: usize, server_count: u16) {
        let count = u64::from(server_count.max(1));
        let station = &mut self.stations[place];
        station.idle += count as i64;
        station.busy.set(station.busy.level() - count, self.clock);
        station.extra_servers -= count - 1;
    }

    /// Frees the server of the worst in service for a better rank, the latest started among equals; whether it did. Of
    /// more services under way than there are servers for, some are being finished after their server's duty, and only
    /// the others can be taken over.
    fn pre_empt<O: Observer<S>>(&mut self, observer: &mut O, place: usize, rank: u8) -> bool {
        let (station, records) = (&self.stations[place], &self.arena.records);
        let key = |&index: &u32| {
            let record = &records[index as usize];
            (record.lane, record.since_at, record.ticket)
        };
        let Some(victim) = station.in_service.iter().copied().max_by_key(key) else { return false };
        let is_as_good = |index: &&u32| records[**index as usize].lane <= rank;
        let not_to_be_had =
            station.in_service.iter().filter(is_as_good).count() as u64 + station.blocked.level();
        if records[victim as usize].lane <= rank || not_to_be_had >= station.serving_capacity() {
            return false;
        }
        self.interrupt(observer, victim as usize, SimSpan::ZERO);
        true
    }

    /// Breaks a service off; the customer goes to the head of the queue with the rest of the work, or at least
    /// `least_work` of it. The server is idle afterwards.
    pub(super) fn interrupt<O: Observer<S>>(&mut self, observer: &mut O, index: usize, least_work: SimSpan) {
        let place = self.break_off(index);
        let now = self.clock;
        let record = &mut self.arena.records[index];
        let ends_at = record.since_at + record.work;
        record.work = ends_at.since(now).max(least_work);
        record.hour = COUNTED;
        let at = StationId(record.station);
        let happening =
            if least_work > SimSpan::ZERO { Happening::Undone(at) } else { Happening::Interrupted(at) };
        observer.observe(now, happening, index, record);
        self.enqueue(index, true);
        self.note_overtime(place);
    }

    /// Takes a customer out of service; returns the station.
    pub(super) fn break_off(&mut self, index: usize) -> usize {
        let record = &mut self.arena.records[index];
        record.ticket = 0;
        let (place, count) = (usize::from(record.station), record.server_count);
        self.stations[place].strike_off(&mut self.arena.records, index);
        self.free_servers(place, count);
        self.statistics.stations[place].interrupted += 1;
        place
    }
}
