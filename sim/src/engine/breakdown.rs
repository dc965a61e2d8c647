//! Breakdowns: every server of such a station fails and is repaired on its own, by calendar time.

use super::Engine;
use crate::event_list::{EventKind, EventRank};
use crate::model::{Done, Model, StationId};
use crate::observer::{Happening, Observer};
use crate::station::{AfterFailure, StationPlan};
use crate::stream::{EntityKey, Purpose};
use crate::time::SimSpan;

const TIME_TO_FAILURE: Purpose = Purpose::named("time_to_failure");
const REPAIR_TIME: Purpose = Purpose::named("repair_time");
const WHO_IS_HIT: Purpose = Purpose::named("who_is_hit");

/// One machine of a station that breaks down.
pub(super) struct Unit {
    place: usize,
    number: u64,
    key: EntityKey,
    round: u32,
}

/// The machines of all stations that break down, in the order of the plan.
pub(super) fn units(plans: &[StationPlan]) -> Vec<Unit> {
    let mut units = Vec::new();
    for (place, plan) in plans.iter().enumerate().filter(|(_, plan)| plan.breakdown.is_some()) {
        for number in 0..u64::from(plan.largest_server_count()) {
            units.push(Unit { place, number, key: EntityKey::default(), round: 0 });
        }
    }
    units
}

impl<S: Copy + Default> Engine<S> {
    /// Plans the first failure of every machine.
    pub(super) fn start_units(&mut self) {
        for index in 0..self.units.len() {
            let unit = &mut self.units[index];
            let purpose = self.stations[unit.place].purpose;
            unit.key = self.run.entity(purpose.item(1), unit.number);
            unit.round = 0;
            self.plan_failure(index);
        }
    }

    fn plan_failure(&mut self, index: usize) {
        let unit = &self.units[index];
        let Some(breakdown) = &self.plans[unit.place].breakdown else { return };
        let time = breakdown.time_to_failure.draw(&mut unit.key.stream_of_round(TIME_TO_FAILURE, unit.round));
        let at = self.clock.saturating_add(time);
        self.events.plan(at, EventRank::Control, EventKind::Failure, index);
    }

    /// A machine fails.
    #[cold]
    pub(super) fn fail<M: Model<State = S>, O: Observer<S>>(
        &mut self,
        model: &mut M,
        observer: &mut O,
        index: usize,
    ) {
        let unit = &self.units[index];
        let place = unit.place;
        let Some(breakdown) = &self.plans[place].breakdown else { return };
        let after_failure = breakdown.after_failure;
        let repair_time = breakdown.repair_time.draw(&mut unit.key.stream_of_round(REPAIR_TIME, unit.round));
        let hit = unit.key.stream_of_round(WHO_IS_HIT, unit.round).unit();
        let at = self.clock.saturating_add(repair_time);
        self.events.plan(at, EventRank::Release, EventKind::Repair, index);

        self.statistics.stations[place].failures += 1;
        let station = &mut self.stations[place];
        let in_order = station.units_in_order();
        station.failed_units += 1;
        self.adjust_capacity(observer, place);
        // Machines are alike: the one that fails is any of those in order, in use or not.
        let in_service = self.stations[place].in_service.len();
        let position = (hit * in_order as f64) as usize;
        let victim = if position < in_service {
            Some(self.stations[place].in_service[position] as usize)
        } else {
            None
        };
        if let Some(customer) = victim {
            match after_failure {
                AfterFailure::Resume => self.interrupt(observer, customer, SimSpan::ZERO),
                AfterFailure::Restart => {
                    let work = self.arena.records[customer].work;
                    self.interrupt(observer, customer, work);
                }
                AfterFailure::AskModel => {
                    self.break_off(customer);
                    let at = StationId(place as u16);
                    observer.observe(
                        self.clock,
                        Happening::BrokenDown(at),
                        customer,
                        &self.arena.records[customer],
                    );
                }
            }
            self.note_overtime(place);
            self.call_waiting(observer, place);
            if after_failure == AfterFailure::AskModel {
                if self.has_blocking {
                    self.fill_place(observer, place);
                }
                self.proceed(model, observer, customer, Done::BrokenDown);
            }
        }
    }

    /// A machine is repaired.
    #[cold]
    pub(super) fn repair<O: Observer<S>>(&mut self, observer: &mut O, index: usize) {
        let unit = &mut self.units[index];
        unit.round += 1;
        let place = unit.place;
        self.stations[place].failed_units -= 1;
        self.adjust_capacity(observer, place);
        self.note_overtime(place);
        self.call_waiting(observer, place);
        self.plan_failure(index);
    }
}
