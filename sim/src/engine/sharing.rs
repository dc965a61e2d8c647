//! Stations that serve everyone present at once, each at a share of their speed.

use super::Engine;
use crate::customer::Whereabouts;
use crate::event_list::{Event, EventKind, EventRank};
use crate::model::{Done, Model, StationId};
use crate::observer::{Happening, Observer};
use crate::time::SimSpan;

impl<S: Copy + Default> Engine<S> {
    pub(super) fn join_sharing<O: Observer<S>>(&mut self, observer: &mut O, index: usize) {
        let now = self.clock;
        let record = &mut self.arena.records[index];
        record.whereabouts = Whereabouts::InService;
        record.ticket = 0;
        let place = usize::from(record.station);
        let row = self.statistics.row_of_waits(place, record.class());
        self.statistics.record(row, usize::from(record.hour), SimSpan::ZERO);
        observer.observe(now, Happening::Started(StationId(record.station)), index, record);
        let work = record.work;
        let station = &mut self.stations[place];
        let server_count = station.on_duty.level();
        station.sharing.join(now, server_count, index, work);
        self.recount_sharing(place, 1);
        self.plan_sharing_end(place);
    }

    /// Splits those present into as many as there are servers, and the rest.
    fn recount_sharing(&mut self, place: usize, change: i64) {
        let station = &mut self.stations[place];
        let present = (station.present() as i64 + change) as u64;
        let busy = present.min(station.on_duty.level());
        station.busy.set(busy, self.clock);
        station.queue.set(present - busy, self.clock);
        if station.queue.level() > station.longest_queue {
            station.longest_queue = station.queue.level();
            station.longest_queue_at = self.clock;
        }
    }

    fn plan_sharing_end(&mut self, place: usize) {
        let station = &mut self.stations[place];
        station.sharing_ticket = match station.sharing.next_end_at(station.on_duty.level()) {
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
        let Some(index) = station.sharing.finish(now, station.on_duty.level()) else { return };
        station.completed += 1;
        station.last_service_end_at = now;
        let at = StationId(place as u16);
        observer.observe(now, Happening::Served(at), index, &self.arena.records[index]);
        self.recount_sharing(place, -1);
        self.plan_sharing_end(place);
        if self.has_blocking {
            self.fill_place(observer, place);
        }
        self.proceed(model, observer, index, Done::Served);
    }
}
