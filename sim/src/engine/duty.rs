//! Opening hours: servers come and go by the clock, and what becomes of the work in hand and of those who wait.

use super::Engine;
use crate::event_list::{EventKind, EventRank};
use crate::model::{Done, Model, StationId};
use crate::observer::{Happening, Observer, Servers};
use crate::station::{Duty, WaitingAtClosing, WorkInHand, special};
use crate::time::{SimSpan, SimTime};

impl<S: Copy + Default> Engine<S> {
    /// Puts the first servers on duty and plans the first changes of shift.
    pub(super) fn open_stations<O: Observer<S>>(&mut self, observer: &mut O) {
        for place in 0..self.plans.len() {
            let station = &mut self.stations[place];
            match &self.plans[place].duty {
                Duty::Always(count) => {
                    station.on_duty.set(u64::from(*count), SimTime::ZERO);
                    station.idle = i64::from(*count);
                    self.tell_of_servers(observer, place);
                }
                Duty::Unlimited => station.idle = i64::MAX / 4,
                Duty::Shifts { .. } => self.plan_shift_change(place, SimTime::ZERO),
            }
        }
    }

    fn plan_shift_change(&mut self, place: usize, day_began_at: SimTime) {
        let Duty::Shifts { changes, repeats_daily } = &self.plans[place].duty else { return };
        let station = &mut self.stations[place];
        let (position, day_began_at) = match changes.get(station.next_change) {
            Some(_) => (station.next_change, day_began_at),
            None if *repeats_daily && !changes.is_empty() => (0, day_began_at + SimSpan::DAY),
            None => return,
        };
        station.next_change = position;
        let at = day_began_at + changes[position].0;
        self.events.plan(at, EventRank::Control, EventKind::ShiftChange, place);
    }

    /// A change of shift.
    #[cold]
    pub(super) fn change_shift<M: Model<State = S>, O: Observer<S>>(
        &mut self,
        model: &mut M,
        observer: &mut O,
        place: usize,
    ) {
        let now = self.clock;
        let Duty::Shifts { changes, repeats_daily } = &self.plans[place].duty else { return };
        let (offset, count) = changes[self.stations[place].next_change];
        let day_began_at = if *repeats_daily {
            SimTime::from_micros(now.as_micros() - offset.as_micros())
        } else {
            SimTime::ZERO
        };
        self.stations[place].next_change += 1;
        self.plan_shift_change(place, day_began_at);

        let rule = self.plans[place].waiting_at_closing;
        let hands_over = self.plans[place].work_in_hand == WorkInHand::HandOver;
        let station = &mut self.stations[place];
        let (before, after) = (station.on_duty.level(), u64::from(count));
        // Where nobody is left to hand work over to, who has it stays as well.
        let is_needed = station.queue.level() > 0 || hands_over && station.present_of(after) == 0;
        if after < before && rule == WaitingAtClosing::Serve && is_needed {
            station.staying += station.present_of(before) - station.present_of(after);
        } else if after > before {
            // Those who stayed on are part of the new shift.
            station.staying = station.staying.saturating_sub(after - before);
        }
        station.on_duty.set(after, now);
        self.adjust_capacity(observer, place);
        if self.stations[place].idle < 0 {
            self.stop_work_in_hand(model, observer, place, self.plans[place].work_in_hand);
        }
        self.note_overtime(place);
        self.call_waiting(observer, place);
        if rule == WaitingAtClosing::SendAway && after == 0 || self.nobody_comes(place) {
            self.clear_queue(model, observer, place);
        }
    }

    /// Recomputes idle servers after servers came or went.
    pub(super) fn adjust_capacity<O: Observer<S>>(&mut self, observer: &mut O, place: usize) {
        let station = &mut self.stations[place];
        station.idle = station.serving_capacity() as i64 - station.busy.level() as i64;
        let on_duty = station.on_duty.level();
        let down = on_duty - station.present_of(on_duty).min(station.units_in_order());
        station.down.set(down, self.clock);
        self.tell_of_servers(observer, place);
    }

    fn tell_of_servers<O: Observer<S>>(&self, observer: &mut O, place: usize) {
        let station = &self.stations[place];
        let present = station.present_of(station.on_duty.level()) + station.staying;
        let servers = Servers { present, in_order: station.units_in_order() };
        observer.observe_servers(self.clock, StationId(place as u16), servers);
    }

    /// More services are under way than there are servers on duty.
    pub(super) fn stop_work_in_hand<M: Model<State = S>, O: Observer<S>>(
        &mut self,
        model: &mut M,
        observer: &mut O,
        place: usize,
        rule: WorkInHand,
    ) {
        if rule == WorkInHand::Finish {
            return;
        }
        while self.stations[place].idle < 0 {
            // The latest begun first; who is held by a full station stays.
            let begun = |&&index: &&u32| {
                let record = &self.arena.records[index as usize];
                (record.since_at, record.ticket)
            };
            let Some(&last) = self.stations[place].in_service.iter().max_by_key(begun) else { return };
            let index = last as usize;
            if rule == WorkInHand::HandOver {
                self.interrupt(observer, index, SimSpan::ZERO);
            } else {
                self.break_off(index);
                self.send_away(model, observer, place, index);
            }
        }
    }

    /// Everyone who waits is sent away.
    pub(super) fn clear_queue<M: Model<State = S>, O: Observer<S>>(
        &mut self,
        model: &mut M,
        observer: &mut O,
        place: usize,
    ) {
        // The model may send someone straight back; each is asked once.
        for _ in 0..self.stations[place].queue.level() {
            let lane = self.stations[place].occupied_lanes.trailing_zeros();
            if self.stations[place].queue.level() == 0 {
                break;
            }
            let index = self.lanes[(self.stations[place].lane_base + lane) as usize].head as usize;
            self.quit_queue(index);
            self.send_away(model, observer, place, index);
        }
    }

    fn send_away<M: Model<State = S>, O: Observer<S>>(
        &mut self,
        model: &mut M,
        observer: &mut O,
        place: usize,
        index: usize,
    ) {
        self.statistics.stations[place].sent_away += 1;
        let at = StationId(place as u16);
        observer.observe(self.clock, Happening::SentAway(at), index, &self.arena.records[index]);
        if self.has_blocking {
            self.fill_place(observer, place);
        }
        self.proceed(model, observer, index, Done::SentAway);
    }

    /// Servers who stayed on go home once nobody waits.
    pub(super) fn send_home<O: Observer<S>>(&mut self, observer: &mut O, place: usize) {
        let station = &mut self.stations[place];
        if station.staying > 0 && station.queue.level() == 0 && station.idle > 0 {
            let leaving = station.staying.min(station.idle as u64);
            station.staying -= leaving;
            station.idle -= leaving as i64;
            self.tell_of_servers(observer, place);
        }
        self.note_overtime(place);
    }

    /// Keeps the overtime integral, and keeps a station in overtime on the long path.
    #[inline(always)]
    pub(super) fn note_overtime(&mut self, place: usize) {
        let station = &self.stations[place];
        let is_over =
            station.busy.level() > station.on_duty.level() || station.idle < 0 || station.staying > 0;
        if is_over || station.is(special::OVERTIME) {
            self.keep_overtime(place);
        }
    }

    #[cold]
    #[inline(never)]
    fn keep_overtime(&mut self, place: usize) {
        let plan = &self.plans[place];
        if !matches!(plan.duty, Duty::Shifts { .. }) && plan.outages.is_empty() {
            return;
        }
        let station = &mut self.stations[place];
        let overtime = station.busy.level().saturating_sub(station.on_duty.level());
        if overtime != station.overtime.level() {
            station.overtime.set(overtime, self.clock);
        }
        if station.idle < 0 || station.staying > 0 || overtime > 0 {
            station.special |= special::OVERTIME;
        } else {
            station.special &= !special::OVERTIME;
        }
    }
}
