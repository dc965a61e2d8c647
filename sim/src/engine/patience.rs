//! Patience and re-ranking: what happens to those who wait before they are called.

use super::Engine;
use super::service::COUNTED;
use crate::customer::Whereabouts;
use crate::event_list::{Event, EventKind, EventRank};
use crate::model::{Done, Model, StationId};
use crate::observer::{Happening, Observer};
use crate::station::special;
use crate::time::{SimSpan, SimTime};

impl<S: Copy + Default> Engine<S> {
    pub(super) fn plan_patience(&mut self, index: usize, patience: SimSpan) {
        let ends_at = self.clock.saturating_add(patience);
        let ticket = self.events.plan(ends_at, EventRank::Patience, EventKind::PatienceEnd, index);
        self.arena.records[index].ticket = ticket;
    }

    /// Plans the end of patience and the re-ranking of someone who has just begun to wait.
    pub(super) fn wait_patiently(&mut self, index: usize, patience: SimSpan) {
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
        let at = StationId(record.station);
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
}
