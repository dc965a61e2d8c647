//! Opening and closing the books of a run, and counting everything again at the end.

use super::{Engine, RunEnd, RunError};
use crate::customer::{NOBODY, Whereabouts};
use crate::event_list::{EventKind, EventRank};
use crate::lanes::Lane;
use crate::model::{Model, Visit};
use crate::observer::Observer;
use crate::station::{Duty, Integral, special};
use crate::statistics::Statistics;
use crate::stream::RunKey;
use crate::time::{SimSpan, SimTime};
use std::collections::VecDeque;

impl<S: Copy + Default> Engine<S> {
    /// Empties the house and opens the books; those of the warm-up, if there is one, are thrown away later.
    pub(super) fn begin<O: Observer<S>>(
        &mut self,
        observer: &mut O,
        run: RunKey,
        statistics: &mut Statistics,
    ) {
        assert_eq!(self.layout, statistics.layout(), "the books were made for another plan");
        self.run = run;
        self.clock = SimTime::ZERO;
        self.has_gone_back = false;
        self.hour = 0;
        self.period_began_at = SimTime::ZERO;
        self.finished = false;
        self.error = None;
        self.events.clear();
        self.arena.clear();
        self.stations.iter_mut().for_each(|station| station.clear());
        self.lanes.fill(Lane::EMPTY);
        self.blocked.iter_mut().for_each(|waiting| waiting.clear());
        self.deadlines.clear();
        self.inside = Integral::default();
        self.earlier_events = 0;
        self.is_counting = self.warm_up == SimSpan::ZERO;
        if self.is_counting {
            std::mem::swap(&mut self.statistics, statistics);
        } else {
            self.statistics.clear();
            self.events.plan(SimTime::ZERO + self.warm_up, EventRank::Control, EventKind::WarmUpEnd, 0);
        }
        self.plan_tick();
        self.open_stations(observer);
        self.start_units();
        self.plan_outages();
    }

    fn plan_tick(&mut self) {
        let period = if self.layout.hour_count == 1 { SimSpan::DAY } else { SimSpan::HOUR };
        self.events.plan(self.clock + period, EventRank::Control, EventKind::Tick, 0);
    }

    /// The turn of the hour: integrals are collected under the hour that ends.
    #[cold]
    pub(super) fn turn_hour<M: Model<State = S>>(&mut self, model: &M) {
        self.events.retune(self.clock);
        self.collect();
        self.hour = (self.hour + 1) % self.layout.hour_count;
        if self.hour == 0 {
            self.collect_totals();
        }
        self.plan_tick();
        if self.arena.inside_count == 0 {
            self.finish_if_drained(model);
        }
        self.check_event_numbers();
        if self.has_blocking {
            let count = self.deadlocked_count();
            if count > 0 {
                self.fail_run(RunError::Deadlock { at: self.clock, inside: count });
            }
        }
    }

    /// Used-up event numbers spoil the order at ties. Asked at every tick and at the end, before anyone sees a result.
    fn check_event_numbers(&mut self) {
        if self.events.is_worn_out() {
            self.fail_run(RunError::TooManyEvents { at: self.clock });
        }
    }

    /// How many customers wait for one another's places in circles that nothing under way can ever open.
    fn deadlocked_count(&self) -> u64 {
        // Full stations where every server is held and nobody can leave the queue: no place comes free here unless one
        // of the held moves on.
        let is_stuck = |place: usize| {
            let (station, plan) = (&self.stations[place], &self.plans[place]);
            station.customers() >= station.capacity
                && station.busy.level() == station.blocked.level()
                && plan.breakdown.is_none()
                && plan.outages.is_empty()
                && !matches!(plan.duty, Duty::Shifts { .. })
        };
        let mut stuck: Vec<bool> = (0..self.plans.len()).map(is_stuck).collect();
        for record in &self.arena.records {
            // A ticket of someone who waits is the end of patience, or the promotion before it.
            if record.whereabouts == Whereabouts::Waiting && record.ticket != 0 {
                stuck[usize::from(record.station)] = false;
            }
        }
        let held = |(target, waiting): (usize, &VecDeque<(u32, Visit)>)| {
            let holders = waiting.iter().map(|(index, _)| self.arena.records[*index as usize].station);
            holders.map(|holder| (usize::from(holder), target)).collect::<Vec<_>>()
        };
        let held: Vec<(usize, usize)> = self.blocked.iter().enumerate().flat_map(held).collect();
        while let Some(&(free, _)) = held.iter().find(|&&(from, to)| stuck[from] && !stuck[to]) {
            stuck[free] = false;
        }
        held.iter().filter(|(from, to)| stuck[*from] && stuck[*to]).count() as u64
    }

    /// Brings the areas that are kept by hour up to date.
    fn collect(&mut self) {
        let (now, hour) = (self.clock, self.hour);
        self.statistics.observed_time[hour] += u128::from((now - self.period_began_at).as_micros());
        self.period_began_at = now;
        self.inside.collect(now, &mut self.statistics.inside_area);
        for (station, account) in self.stations.iter_mut().zip(&mut self.statistics.stations) {
            station.queue.collect(now, &mut account.queue_area[hour]);
            station.busy.collect(now, &mut account.busy_area[hour]);
            station.on_duty.collect(now, &mut account.duty_area[hour]);
        }
    }

    /// Brings the other areas up to date, at least once a day.
    fn collect_totals(&mut self) {
        let now = self.clock;
        for (station, account) in self.stations.iter_mut().zip(&mut self.statistics.stations) {
            station.overtime.collect(now, &mut account.overtime_area);
            station.down.collect(now, &mut account.down_area);
            station.blocked.collect(now, &mut account.blocked_area);
        }
    }

    /// The warm-up is over: its books are thrown away, and those inside count as arrived.
    #[cold]
    pub(super) fn end_warm_up(&mut self, statistics: &mut Statistics) {
        self.collect();
        self.collect_totals();
        self.earlier_events = self.count_events();
        self.notes.enter(&mut self.statistics);
        std::mem::swap(&mut self.statistics, statistics);
        self.is_counting = true;
        self.stations.iter_mut().for_each(|station| station.forget_counts());
        self.arena.admitted_count = 0;
        for record in self.arena.records.iter().filter(|record| record.whereabouts != Whereabouts::Outside) {
            self.statistics.accounting[record.class()].arrived += 1;
        }
    }

    fn count_events(&self) -> u64 {
        self.arena.admitted_count + self.stations.iter().map(|station| station.completed).sum::<u64>()
    }

    /// Closes the books and counts everything again.
    pub(super) fn close_books<M: Model<State = S>>(
        &mut self,
        model: &mut M,
        end_at: SimTime,
        statistics: &mut Statistics,
    ) -> Result<RunEnd, RunError> {
        if !self.finished {
            self.clock = end_at;
        }
        self.check_event_numbers();
        self.collect();
        self.collect_totals();
        self.notes.enter(&mut self.statistics);
        let now = self.clock;
        for record in &self.arena.records {
            if record.whereabouts == Whereabouts::Outside {
                continue;
            }
            model.stay(now, record);
            self.statistics.accounting[record.class()].still_inside += 1;
            if record.whereabouts == Whereabouts::Waiting {
                let place = usize::from(record.station);
                self.statistics.record_unfinished(place, record.class(), now - record.since_at);
            }
        }
        for (station, account) in self.stations.iter().zip(&mut self.statistics.stations) {
            account.joined += station.joined;
            account.completed += station.completed;
            account.waiting_at_end += station.queue.level();
            account.in_service_at_end += station.busy.level() - station.blocked.level();
            // Among equal queues the earliest, as when accounts are merged.
            let is_earlier = station.longest_queue_at < account.longest_queue_at;
            if station.longest_queue > account.longest_queue
                || (station.longest_queue == account.longest_queue && is_earlier)
            {
                account.longest_queue = station.longest_queue;
                account.longest_queue_at = station.longest_queue_at;
            }
            account.last_service_end_at = account.last_service_end_at.max(station.last_service_end_at);
        }
        let events = self.earlier_events + self.count_events();
        self.statistics.run_count += 1;
        self.statistics.events += events;
        let audit = self.audit();
        if self.is_counting {
            std::mem::swap(&mut self.statistics, statistics);
        }
        match self.error.take() {
            Some(error) => Err(error),
            None if self.has_gone_back => Err(RunError::TimeWentBack { at: now }),
            None => audit.map(|()| RunEnd { at: now, events }),
        }
    }

    /// Counts customers, queues and servers again by walking the lists.
    fn audit(&self) -> Result<(), RunError> {
        let agree = |what: &str, station: Option<usize>, counted: u64, found: u64| {
            if counted == found {
                return Ok(());
            }
            let what = match station {
                Some(place) => format!("{what} at station `{}`", self.plans[place].name),
                None => what.to_owned(),
            };
            Err(RunError::Audit { what, counted, found })
        };
        let mut inside = 0;
        let mut serving = vec![0_u64; self.plans.len()];
        for record in &self.arena.records {
            match record.whereabouts {
                Whereabouts::Outside => continue,
                Whereabouts::InService | Whereabouts::Blocked => {
                    serving[usize::from(record.station)] += u64::from(record.server_count.max(1));
                }
                Whereabouts::Pausing | Whereabouts::Waiting => {}
            }
            inside += 1;
        }
        agree("customers inside", None, self.arena.inside_count, inside)?;
        agree("customers inside, by time integral", None, self.inside.level(), inside)?;
        for (place, station) in self.stations.iter().enumerate() {
            let first = station.lane_base as usize;
            let lanes = &self.lanes[first..first + usize::from(self.plans[place].rank_count.max(1))];
            let waiting = lanes.iter().map(|lane| lane.iter(&self.arena.records).count() as u64).sum::<u64>();
            if station.is(special::SHARING) {
                agree("customers present", Some(place), station.present(), serving[place])?;
                continue;
            }
            agree("customers waiting", Some(place), station.queue.level(), waiting)?;
            agree("servers busy", Some(place), station.busy.level(), serving[place])?;
            let linked = lanes.iter().filter(|lane| lane.head != NOBODY).count() as u64;
            agree("lanes occupied", Some(place), u64::from(station.occupied_lanes.count_ones()), linked)?;
        }
        if self.is_counting {
            for (class, account) in self.statistics.accounting.iter().enumerate() {
                let ended = account.completed + account.left_without_being_seen + account.still_inside;
                if account.arrived != ended {
                    let what = format!("customers of class {class} who ended somewhere");
                    agree(&what, None, account.arrived, ended)?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::customer::Customer;
    use crate::engine::{Horizon, RunPlan};
    use crate::model::{Done, Exit, StationId, Step};
    use crate::observer::Nobody;
    use crate::station::{Floor, StationPlan};

    /// Customers who leave as they come, at these seconds.
    struct Arrivals(Vec<u64>);

    impl Model for Arrivals {
        type State = ();

        fn next_arrival_at(&self) -> SimTime {
            self.0.first().map_or(SimTime::NEVER, |&at| SimTime::ZERO + SimSpan::from_whole_seconds(at))
        }

        fn arrive(&mut self, _now: SimTime, _state: &mut (), _floor: Floor<'_>) -> (u8, Step) {
            self.0.remove(0);
            (0, Step::Leave(Exit::Completed))
        }

        fn proceed(
            &mut self,
            _now: SimTime,
            _customer: &mut Customer<()>,
            _station: StationId,
            _done: Done,
            _floor: Floor<'_>,
        ) -> Step {
            Step::Leave(Exit::Completed)
        }
    }

    #[test]
    fn a_run_whose_clock_was_set_back_is_refused_and_the_next_one_is_not() {
        let end_at = SimTime::ZERO + SimSpan::HOUR;
        let plan = RunPlan {
            stations: vec![StationPlan::new("window", 1)],
            class_count: 1,
            pause_kind_count: 0,
            keeps_hours: false,
            warm_up: SimSpan::ZERO,
            horizon: Horizon::At(end_at),
        };
        let mut engine = Engine::<()>::new(plan).unwrap();
        let mut statistics = Statistics::new(engine.layout());
        let mut run = |seconds: &[u64]| {
            let mut arrivals = Arrivals(seconds.to_vec());
            engine.run(&mut arrivals, &mut Nobody, RunKey::new(1, 0, 0), &mut statistics)
        };
        assert_eq!(run(&[10, 5]), Err(RunError::TimeWentBack { at: end_at }));
        assert_eq!(run(&[5, 10]).unwrap().at, end_at);
    }
}
