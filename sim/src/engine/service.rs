//! Joining a station, being served, releasing the server, leaving the queue.
//!
//! The short path is for stations whose [`Station::special`] bits are clear: first come first served by rank, one server
//! a customer, nobody counted but by number. Everything else takes the long path, kept out of line.

use super::{Engine, RunError};
use crate::customer::{Customer, Whereabouts};
use crate::event_list::{Event, EventKind, EventList, EventRank};
use crate::lanes::Lane;
use crate::model::{Done, Model, Step, Visit};
use crate::observer::{Happening, Observer};
use crate::station::{Discipline, Station, WhenFull, special};
use crate::stream::Purpose;
use crate::time::{SimSpan, SimTime};

/// The hour of customers whose wait is already counted.
pub(super) const COUNTED: u8 = u8::MAX;

/// Starts service, with a server taken and the wait counted.
#[inline(always)]
fn start<S, O: Observer<S>>(
    events: &mut EventList,
    observer: &mut O,
    now: SimTime,
    index: usize,
    record: &mut Customer<S>,
) {
    record.since_at = now;
    record.whereabouts = Whereabouts::InService;
    let ends_at = now.saturating_add(record.work);
    record.ticket = events.plan(ends_at, EventRank::Release, EventKind::ServiceEnd, index);
    observer.observe(now, Happening::Started(crate::model::StationId(record.station)), index, record);
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
        let now = self.clock;
        let place = visit.station.index();
        let station = &mut self.stations[place];
        let record = &mut self.arena.records[index];
        record.since_at = now;
        record.work = visit.service_time;
        record.station = visit.station.0;
        record.lane = visit.rank;
        record.server_count = 1;
        record.hour = self.hour as u8;
        if station.special != 0 {
            return self.join_special(observer, index, visit);
        }
        if station.idle > 0 {
            station.idle -= 1;
            station.joined += 1;
            station.busy.rise(now);
            observer.observe(now, Happening::Joined(visit.station), index, record);
            self.statistics.record_wait(place, record.class(), self.hour, SimSpan::ZERO);
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
        station.occupied_lanes |= 1 << visit.rank;
        self.lanes[station.lane_base as usize + usize::from(visit.rank)]
            .push_back(&mut self.arena.records, index);
        self.count_in(place);
        if visit.patience < SimSpan::FOREVER {
            self.plan_patience(index, visit.patience);
        }
        None
    }

    /// One more waits.
    #[inline(always)]
    fn count_in(&mut self, place: usize) {
        let station = &mut self.stations[place];
        station.queue.rise(self.clock);
        if station.queue.level > station.longest_queue {
            station.longest_queue = station.queue.level;
            station.longest_queue_at = self.clock;
        }
    }

    fn plan_patience(&mut self, index: usize, patience: SimSpan) {
        let ends_at = self.clock.saturating_add(patience);
        let ticket = self.events.plan(ends_at, EventRank::Patience, EventKind::PatienceEnd, index);
        self.arena.records[index].ticket = ticket;
    }

    /// Starts service, with a server already taken, for someone who may have waited.
    #[inline(always)]
    pub(super) fn serve<O: Observer<S>>(&mut self, observer: &mut O, place: usize, index: usize) {
        let now = self.clock;
        let record = &mut self.arena.records[index];
        if record.hour != COUNTED {
            let wait = now - record.since_at;
            self.statistics.record_wait(place, record.class(), usize::from(record.hour), wait);
        }
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
        let now = self.clock;
        let index = event.index();
        let record = &mut self.arena.records[index];
        if record.ticket != event.ticket() {
            return false;
        }
        record.ticket = 0;
        let place = usize::from(record.station);
        observer.observe(now, Happening::Served(crate::model::StationId(record.station)), index, record);
        let station = &mut self.stations[place];
        station.completed += 1;
        station.last_service_end_at = now;
        if station.special != 0 {
            return self.end_special_service(model, observer, index);
        }
        // A server of a station on the short path is free: the next customer, or idle.
        debug_assert!(station.idle >= 0, "servers who owe time are on the long path");
        if station.queue.level > 0 {
            station.queue.fall(now);
            let rank = station.occupied_lanes.trailing_zeros();
            let lane = &mut self.lanes[station.lane_base as usize + rank as usize];
            let next = lane.pop_front(&mut self.arena.records);
            if lane.is_empty() {
                station.occupied_lanes &= !(1 << rank);
            }
            self.serve(observer, place, next);
        } else {
            station.idle += 1;
            station.busy.fall(now);
        }
        true
    }

    #[inline(never)]
    fn end_special_service<M: Model<State = S>, O: Observer<S>>(
        &mut self,
        model: &mut M,
        observer: &mut O,
        index: usize,
    ) -> bool {
        if self.has_blocking {
            self.end_service_with_blocking(model, observer, index);
            return false;
        }
        self.release_special(observer, index);
        true
    }

    /// Where stations block, the next place is asked for before the server is given back.
    #[cold]
    fn end_service_with_blocking<M: Model<State = S>, O: Observer<S>>(
        &mut self,
        model: &mut M,
        observer: &mut O,
        index: usize,
    ) {
        let place = usize::from(self.arena.records[index].station);
        let step = self.ask(model, index, Done::Served);
        let mut stays = false;
        if let Step::Visit(visit) = step {
            let target = visit.station.index();
            stays = target == place;
            let present = self.stations[target].customers();
            // Who would balk at the crowd does not wait for a place in it either.
            let is_blocked = !stays
                && self.plans[target].when_full == WhenFull::Block
                && present >= self.stations[target].capacity
                && present < u64::from(visit.balk_at);
            if is_blocked {
                self.strike_off(index);
                let record = &mut self.arena.records[index];
                record.whereabouts = Whereabouts::Blocked;
                record.since_at = self.clock;
                observer.observe(self.clock, Happening::Blocked(visit.station), index, record);
                self.blocked[target].push_back((index as u32, visit));
                let level = self.stations[place].blocked.level + 1;
                self.stations[place].blocked.set(level, self.clock);
                return;
            }
        }
        self.release_special(observer, index);
        if stays {
            // Back into the same station before anybody from outside takes the place.
            self.direct(model, observer, index, step);
            self.fill_place(observer, place);
        } else {
            self.fill_place(observer, place);
            self.direct(model, observer, index, step);
        }
    }

    /// A place at a bounded station is free: whoever was first held up for it moves in, which may free another place.
    pub(super) fn fill_place<O: Observer<S>>(&mut self, observer: &mut O, place: usize) {
        while self.stations[place].customers() < self.stations[place].capacity
            && let Some((index, visit)) = self.blocked[place].pop_front()
        {
            let index = index as usize;
            let held = usize::from(self.arena.records[index].station);
            let level = self.stations[held].blocked.level - 1;
            self.stations[held].blocked.set(level, self.clock);
            // Move in first, so that the chain of places this frees finds the place taken.
            let server_count = self.arena.records[index].server_count;
            let refused = self.join(observer, index, visit);
            debug_assert!(refused.is_none(), "there is room");
            self.give_back(observer, held, server_count);
            self.fill_place(observer, held);
            if refused.is_some() {
                self.fail_run(RunError::NoWay { at: self.clock, station: self.plans[place].name.clone() });
                return;
            }
        }
    }

    #[inline(never)]
    fn join_special<O: Observer<S>>(&mut self, observer: &mut O, index: usize, visit: Visit) -> Option<Done> {
        let now = self.clock;
        let place = visit.station.index();
        let station = &mut self.stations[place];
        let record = &mut self.arena.records[index];
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
        if station.idle < i64::from(record.server_count) && station.is(special::LISTS_SERVICE) {
            self.pre_empt(observer, place, visit.rank);
        }
        // Nobody overtakes those who wait, even when servers are idle because the first in line needs several.
        let station = &self.stations[place];
        let may_start = station.idle >= i64::from(self.arena.records[index].server_count)
            && (station.queue.level == 0 || !station.is(special::MULTI));
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

    /// Plans the end of patience and the re-ranking of someone who has just begun to wait.
    fn wait_patiently(&mut self, index: usize, patience: SimSpan) {
        let place = usize::from(self.arena.records[index].station);
        match self.plans[place].promotion {
            Some(promotion) if self.arena.records[index].lane > promotion.to_rank => {
                if self.deadlines.len() <= index {
                    self.deadlines.resize(index + 1, SimTime::NEVER);
                }
                self.deadlines[index] = self.clock.saturating_add(patience);
                if patience <= promotion.after {
                    self.plan_patience(index, patience);
                } else {
                    let at = self.clock.saturating_add(promotion.after);
                    let ticket = self.events.plan(at, EventRank::Patience, EventKind::Promotion, index);
                    self.arena.records[index].ticket = ticket;
                }
            }
            _ if patience < SimSpan::FOREVER => self.plan_patience(index, patience),
            _ => {}
        }
    }

    /// Someone who waited long enough moves to a better rank.
    #[cold]
    pub(super) fn promote(&mut self, event: Event) {
        let index = event.index();
        let record = self.arena.records[index];
        if record.ticket != event.ticket() || record.whereabouts != Whereabouts::Waiting {
            return;
        }
        let place = usize::from(record.station);
        let Some(promotion) = self.plans[place].promotion else { return };
        self.unlink(index);
        self.arena.records[index].lane = promotion.to_rank;
        self.arena.records[index].ticket = 0;
        self.link(index, false);
        let deadline = self.deadlines[index];
        if deadline < SimTime::NEVER {
            self.plan_patience(index, deadline.since(self.clock));
        }
    }

    /// Takes servers and starts service on the long path.
    fn seize<O: Observer<S>>(&mut self, observer: &mut O, index: usize) {
        let now = self.clock;
        let record = &mut self.arena.records[index];
        let place = usize::from(record.station);
        let count = u64::from(record.server_count);
        let work = record.work;
        let station = &mut self.stations[place];
        station.idle -= count as i64;
        station.busy.set(station.busy.level + count, now);
        station.extra_servers += count - 1;
        if station.is(special::LISTS_SERVICE) {
            record.previous = station.in_service.len() as u32;
            station.in_service.push(index as u32);
        }
        if station.is(special::WORK) {
            station.ends_sum = station.ends_sum.wrapping_add((now + work).as_micros());
        }
        self.serve(observer, place, index);
        self.note_overtime(place);
    }

    /// Joins the queue; `at_head` for someone whose service was interrupted.
    pub(super) fn enqueue(&mut self, index: usize, at_head: bool) {
        self.arena.records[index].whereabouts = Whereabouts::Waiting;
        self.arena.records[index].since_at = self.clock;
        self.link(index, at_head);
        let place = usize::from(self.arena.records[index].station);
        self.count_in(place);
        let work = self.arena.records[index].work;
        let station = &mut self.stations[place];
        station.waiting_work = station.waiting_work.wrapping_add(work.as_micros());
    }

    fn link(&mut self, index: usize, at_head: bool) {
        let record = &self.arena.records[index];
        let place = usize::from(record.station);
        let station = &mut self.stations[place];
        station.occupied_lanes |= 1 << record.lane;
        let lane = &mut self.lanes[station.lane_base as usize + usize::from(record.lane)];
        let records = &mut self.arena.records;
        if at_head || self.plans[place].discipline == Discipline::LastComeFirstServed {
            lane.push_front(records, index);
        } else if self.plans[place].is_ordered {
            lane.push_sorted(records, index);
        } else {
            lane.push_back(records, index);
        }
    }

    fn unlink(&mut self, index: usize) {
        let record = &self.arena.records[index];
        let station = &mut self.stations[usize::from(record.station)];
        let rank = record.lane;
        let lane: &mut Lane = &mut self.lanes[station.lane_base as usize + usize::from(rank)];
        lane.remove(&mut self.arena.records, index);
        if lane.is_empty() {
            station.occupied_lanes &= !(1 << rank);
        }
    }

    /// Leaves the queue, to be served or for good.
    pub(super) fn dequeue(&mut self, index: usize) {
        self.unlink(index);
        let record = &self.arena.records[index];
        let station = &mut self.stations[usize::from(record.station)];
        station.queue.fall(self.clock);
        station.waiting_work = station.waiting_work.wrapping_sub(record.work.as_micros());
    }

    /// Who is next in a queue that is not empty.
    fn choose_next(&mut self, place: usize) -> usize {
        let station = &mut self.stations[place];
        let first_rank = station.occupied_lanes.trailing_zeros();
        let head =
            |station: &Station, rank: u32| self.lanes[(station.lane_base + rank) as usize].head as usize;
        match &self.plans[place].discipline {
            Discipline::Random => {
                station.draw_count += 1;
                let key = self.run.entity(station.purpose, station.draw_count);
                let lane = self.lanes[(station.lane_base + first_rank) as usize];
                let count = lane.iter(&self.arena.records).count() as u32;
                let chosen = key.stream(Purpose::named("discipline")).below(count) as usize;
                lane.iter(&self.arena.records).nth(chosen).unwrap_or(lane.head as usize)
            }
            Discipline::Interleaved(pattern) => {
                let (before, from) = pattern.split_at(station.pattern_position);
                let turns = from.iter().chain(before).copied();
                let mut next = station.pattern_position;
                for rank in turns.map(u32::from) {
                    next = if next + 1 == pattern.len() { 0 } else { next + 1 };
                    if station.occupied_lanes & (1 << rank) != 0 {
                        station.pattern_position = next;
                        return head(station, rank);
                    }
                }
                head(station, first_rank)
            }
            _ => head(station, first_rank),
        }
    }

    /// Gives free servers of a station on the long path to those who wait.
    pub(super) fn call_waiting<O: Observer<S>>(&mut self, observer: &mut O, place: usize) {
        while self.stations[place].queue.level > 0 && self.stations[place].idle > 0 {
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

    /// A service on the long path is over: its server is given back.
    pub(super) fn release_special<O: Observer<S>>(&mut self, observer: &mut O, index: usize) {
        let record = &self.arena.records[index];
        let (place, count) = (usize::from(record.station), record.server_count);
        self.strike_off(index);
        self.give_back(observer, place, count);
    }

    /// Takes a customer off the list of those in service, and what is left of the service off the work.
    fn strike_off(&mut self, index: usize) {
        let record = &self.arena.records[index];
        let position = record.previous as usize;
        let station = &mut self.stations[usize::from(record.station)];
        if station.is(special::LISTS_SERVICE) && station.in_service.get(position) == Some(&(index as u32)) {
            station.in_service.swap_remove(position);
            if let Some(&moved) = station.in_service.get(position) {
                self.arena.records[moved as usize].previous = position as u32;
            }
        }
        if station.is(special::WORK) {
            let record = &self.arena.records[index];
            let ends_at = (record.since_at + record.work).as_micros();
            station.ends_sum = station.ends_sum.wrapping_sub(ends_at);
        }
    }

    /// Gives servers back to those who wait here; the place that is free then is for [`Engine::fill_place`].
    fn give_back<O: Observer<S>>(&mut self, observer: &mut O, place: usize, server_count: u16) {
        self.free_servers(place, server_count);
        self.note_overtime(place);
        self.call_waiting(observer, place);
    }

    fn free_servers(&mut self, place: usize, server_count: u16) {
        let count = u64::from(server_count.max(1));
        let station = &mut self.stations[place];
        station.idle += count as i64;
        station.busy.set(station.busy.level - count, self.clock);
        station.extra_servers -= count - 1;
    }

    /// Makes room for a better rank by interrupting the worst in service, the latest started among equals.
    fn pre_empt<O: Observer<S>>(&mut self, observer: &mut O, place: usize, rank: u8) {
        if self.plans[place].discipline != Discipline::PreemptiveResume {
            return;
        }
        let records = &self.arena.records;
        let key = |&index: &u32| {
            let record = &records[index as usize];
            (record.lane, record.since_at, record.ticket)
        };
        let Some(victim) = self.stations[place].in_service.iter().copied().max_by_key(key) else { return };
        if records[victim as usize].lane > rank {
            self.interrupt(observer, victim as usize, SimSpan::ZERO);
        }
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
        let at = crate::model::StationId(record.station);
        let happening =
            if least_work > SimSpan::ZERO { Happening::Undone(at) } else { Happening::Interrupted(at) };
        observer.observe(now, happening, index, record);
        self.enqueue(index, true);
        self.note_overtime(place);
    }

    /// Takes a customer out of service; returns the station.
    pub(super) fn break_off(&mut self, index: usize) -> usize {
        self.strike_off(index);
        let record = &mut self.arena.records[index];
        record.ticket = 0;
        let (place, count) = (usize::from(record.station), record.server_count);
        self.free_servers(place, count);
        self.statistics.stations[place].interrupted += 1;
        place
    }

    /// Patience has run out, unless the customer was called meanwhile.
    #[cold]
    pub(super) fn end_patience<M: Model<State = S>, O: Observer<S>>(
        &mut self,
        model: &mut M,
        observer: &mut O,
        event: Event,
    ) {
        let index = event.index();
        let record = self.arena.records[index];
        if record.ticket != event.ticket() || record.whereabouts != Whereabouts::Waiting {
            return;
        }
        let place = usize::from(record.station);
        self.statistics.stations[place].reneged += 1;
        self.quit_queue(index);
        let at = crate::model::StationId(record.station);
        observer.observe(self.clock, Happening::Reneged(at), index, &self.arena.records[index]);
        if self.stations[place].is(special::MULTI) {
            self.call_waiting(observer, place);
        }
        self.send_home(observer, place);
        if self.has_blocking {
            self.fill_place(observer, place);
        }
        self.proceed(model, observer, index, Done::Reneged);
    }

    /// Leaves the queue without service.
    pub(super) fn quit_queue(&mut self, index: usize) {
        self.dequeue(index);
        let record = &mut self.arena.records[index];
        record.ticket = 0;
        let (place, class) = (usize::from(record.station), record.class());
        if record.hour != COUNTED {
            self.statistics.record_given_up(place, class, self.clock - record.since_at);
        }
    }

    fn join_sharing<O: Observer<S>>(&mut self, observer: &mut O, index: usize) {
        let now = self.clock;
        let record = &mut self.arena.records[index];
        record.whereabouts = Whereabouts::InService;
        record.ticket = 0;
        let place = usize::from(record.station);
        self.statistics.record_wait(place, record.class(), usize::from(record.hour), SimSpan::ZERO);
        observer.observe(now, Happening::Started(crate::model::StationId(record.station)), index, record);
        let work = record.work;
        let station = &mut self.stations[place];
        let server_count = station.on_duty.level;
        station.sharing.join(now, server_count, index, work);
        self.recount_sharing(place, 1);
        self.plan_sharing_end(place);
    }

    /// Splits those present into as many as there are servers, and the rest.
    fn recount_sharing(&mut self, place: usize, change: i64) {
        let station = &mut self.stations[place];
        let present = (station.present() as i64 + change) as u64;
        let busy = present.min(station.on_duty.level);
        station.busy.set(busy, self.clock);
        station.queue.set(present - busy, self.clock);
        if station.queue.level > station.longest_queue {
            station.longest_queue = station.queue.level;
            station.longest_queue_at = self.clock;
        }
    }

    fn plan_sharing_end(&mut self, place: usize) {
        let station = &mut self.stations[place];
        station.sharing_ticket = match station.sharing.next_end_at(station.on_duty.level) {
            Some(at) => {
                self.events.plan(at.max(self.clock), EventRank::Release, EventKind::SharingEnd, place)
            }
            None => 0,
        };
    }

    #[cold]
    pub(super) fn end_shared_service<M: Model<State = S>, O: Observer<S>>(
        &mut self,
        model: &mut M,
        observer: &mut O,
        event: Event,
    ) {
        let place = event.index();
        let now = self.clock;
        let station = &mut self.stations[place];
        if station.sharing_ticket != event.ticket() {
            return;
        }
        let Some(index) = station.sharing.finish(now, station.on_duty.level) else { return };
        station.completed += 1;
        station.last_service_end_at = now;
        let at = crate::model::StationId(place as u16);
        observer.observe(now, Happening::Served(at), index, &self.arena.records[index]);
        self.recount_sharing(place, -1);
        self.plan_sharing_end(place);
        if self.has_blocking {
            self.fill_place(observer, place);
        }
        self.proceed(model, observer, index, Done::Served);
    }
}
