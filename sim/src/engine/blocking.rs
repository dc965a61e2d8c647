//! Full stations that block: whoever is held after a service, and how places that come free are filled.

use super::{Engine, RunError};
use crate::customer::Whereabouts;
use crate::model::{Done, Model, Step};
use crate::observer::{Happening, Observer};
use crate::station::WhenFull;

impl<S: Copy + Default> Engine<S> {
    /// Where stations block, the next place is asked for before the server is given back.
    #[cold]
    pub(super) fn end_service_with_blocking<M: Model<State = S>, O: Observer<S>>(
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
                self.stations[place].strike_off(&mut self.arena.records, index);
                let record = &mut self.arena.records[index];
                record.whereabouts = Whereabouts::Blocked;
                record.since_at = self.clock;
                observer.observe(self.clock, Happening::Blocked(visit.station), index, record);
                self.blocked[target].push_back((index as u32, visit));
                let level = self.stations[place].blocked.level() + 1;
                self.stations[place].blocked.set(level, self.clock);
                return;
            }
        }
        self.release(observer, index);
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
            let level = self.stations[held].blocked.level() - 1;
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
}
