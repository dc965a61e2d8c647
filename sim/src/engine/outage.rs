//! Outages: servers who are on duty by the schedule and cannot serve for a stated time.

use super::Engine;
use crate::event_list::{EventKind, EventRank};
use crate::model::Model;
use crate::observer::Observer;
use crate::station::{Duty, Outage, WaitingAtOutage};
use crate::time::SimTime;

impl<S: Copy + Default> Engine<S> {
    /// Plans all outages of a run. They are numbered in the order of the stations.
    pub(super) fn plan_outages(&mut self) {
        let outages = self.plans.iter().flat_map(|plan| &plan.outages);
        for (number, outage) in outages.enumerate() {
            let (from, to) = (SimTime::ZERO + outage.from, SimTime::ZERO + outage.to);
            self.events.plan(from, EventRank::Control, EventKind::OutageBegin, number);
            self.events.plan(to, EventRank::Release, EventKind::OutageEnd, number);
        }
    }

    /// The station and the outage of this number.
    fn outage(&self, number: usize) -> Option<(usize, Outage)> {
        let plans = self.plans.iter().enumerate();
        plans.flat_map(|(place, plan)| plan.outages.iter().map(move |outage| (place, *outage))).nth(number)
    }

    /// Servers are lost. Those who had stayed on for the queue are among them.
    #[cold]
    pub(super) fn begin_outage<M: Model<State = S>, O: Observer<S>>(
        &mut self,
        model: &mut M,
        observer: &mut O,
        number: usize,
    ) {
        let Some((place, outage)) = self.outage(number) else { return };
        let station = &mut self.stations[place];
        station.out += u64::from(outage.server_count);
        let beyond_duty = u64::from(outage.server_count).saturating_sub(station.on_duty.level());
        station.staying = station.staying.saturating_sub(beyond_duty);
        self.adjust_capacity(observer, place);
        if self.stations[place].idle < 0 {
            self.stop_work_in_hand(model, observer, place, outage.work_in_hand);
        }
        self.note_overtime(place);
        self.call_waiting(observer, place);
        let nobody_serves = self.stations[place].serving_capacity() == 0;
        if nobody_serves && (outage.waiting == WaitingAtOutage::SendAway || self.nobody_comes(place)) {
            self.clear_queue(model, observer, place);
        }
    }

    /// They are back.
    #[cold]
    pub(super) fn end_outage<O: Observer<S>>(&mut self, observer: &mut O, number: usize) {
        let Some((place, outage)) = self.outage(number) else { return };
        self.stations[place].out -= u64::from(outage.server_count);
        self.adjust_capacity(observer, place);
        self.note_overtime(place);
        self.call_waiting(observer, place);
    }

    /// Whether nobody is on duty or staying on here, and no shift is to come: there is no opening that those who are
    /// held could wait for, or an outage has taken everyone who would have stayed on for them.
    pub(super) fn nobody_comes(&self, place: usize) -> bool {
        let station = &self.stations[place];
        let Duty::Shifts { changes, repeats_daily: false } = &self.plans[place].duty else { return false };
        let is_over = changes[station.next_change.min(changes.len())..].iter().all(|&(_, count)| count == 0);
        station.on_duty.level() + station.staying == 0 && is_over
    }
}
