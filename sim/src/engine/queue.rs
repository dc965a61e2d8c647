//! Queues: who joins them where, who is called next, and leaving them from anywhere.

use super::Engine;
use crate::customer::{Customer, Whereabouts};
use crate::lanes::Lane;
use crate::station::{Discipline, Station, special};
use crate::stream::Purpose;

impl<S: Copy + Default> Engine<S> {
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

    /// One more waits.
    #[inline(always)]
    pub(super) fn count_in(&mut self, place: usize) {
        let station = &mut self.stations[place];
        station.queue.rise(self.clock);
        if station.queue.level() > station.longest_queue {
            station.longest_queue = station.queue.level();
            station.longest_queue_at = self.clock;
        }
    }

    pub(super) fn link(&mut self, index: usize, at_head: bool) {
        let record = &self.arena.records[index];
        let station = &mut self.stations[usize::from(record.station)];
        station.occupied_lanes |= 1 << record.lane;
        let lane = &mut self.lanes[station.lane_base as usize + usize::from(record.lane)];
        if at_head {
            lane.push_front(&mut self.arena.records, index);
        } else {
            station.line_up(lane, &mut self.arena.records, index);
        }
    }

    pub(super) fn unlink(&mut self, index: usize) {
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
    pub(super) fn choose_next(&mut self, place: usize) -> usize {
        let station = &mut self.stations[place];
        let lane = self.lanes[(station.lane_base + station.turn_of_rank()) as usize];
        if self.plans[place].discipline != Discipline::Random {
            return lane.head as usize;
        }
        station.draw_count += 1;
        let key = self.run.entity(station.purpose, station.draw_count);
        let count = lane.iter(&self.arena.records).count() as u32;
        let chosen = key.stream(Purpose::named("discipline")).below(count) as usize;
        lane.iter(&self.arena.records).nth(chosen).unwrap_or(lane.head as usize)
    }
}

impl Station {
    /// Joins a lane by the station's rule.
    #[inline(always)]
    pub(super) fn line_up<S>(&self, lane: &mut Lane, records: &mut [Customer<S>], index: usize) {
        if self.is(special::LAST_FIRST) {
            lane.push_front(records, index);
        } else if self.is(special::SORTED) {
            lane.push_sorted(records, index);
        } else {
            lane.push_back(records, index);
        }
    }

    /// The rank that is served next: the first with anyone waiting, from where the pattern of turns stands, or from the
    /// best rank.
    #[inline(always)]
    pub(super) fn turn_of_rank(&mut self) -> u32 {
        for _ in 0..self.pattern.len() {
            let rank = u32::from(self.pattern[self.pattern_position]);
            self.pattern_position += 1;
            if self.pattern_position == self.pattern.len() {
                self.pattern_position = 0;
            }
            if self.occupied_lanes & (1 << rank) != 0 {
                return rank;
            }
        }
        self.occupied_lanes.trailing_zeros()
    }
}
