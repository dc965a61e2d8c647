//! Sums over visits, in whole microseconds: by station, hour of the day and cause, and by class and cause.

use super::attribution::{Ended, Piece};
use super::cause::Cause;
use onetrip_models::system::System;
use onetrip_sim::model::{Exit, StationId};
use onetrip_sim::time::{SimSpan, SimTime};

const HOURS: usize = 24;

/// What the visits of one or more runs were spent on. Sums of the same system add up in any order to the same bits.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ledger {
    station_count: usize,
    class_count: usize,
    pause_kind_count: usize,
    /// (station or none, hour, cause) in microseconds.
    time: Vec<u64>,
    /// (class, cause) in microseconds.
    class_time: Vec<u64>,
    /// Visits by class.
    class_visits: Vec<u64>,
    /// Visits that spent time at a station or on the way to it.
    users: Vec<u64>,
    /// Visits that ended.
    pub visit_count: u64,
    /// Of these, with everything done.
    pub completed_count: u64,
    /// Time inside of the visits that ended, in microseconds.
    pub sojourn_micros: u64,
    /// Of these, lost to the patients.
    pub waited_micros: u64,
    /// Visits that began during the warm-up and are left out.
    pub early_count: u64,
    /// Visits that had not ended when the run did, and are left out.
    pub inside_count: u64,
    /// Runs.
    pub run_count: u64,
}

impl Ledger {
    /// An empty one for a system.
    pub fn of(system: &System) -> Ledger {
        let layout = system.account().statistics.layout();
        let causes = Cause::count(layout.pause_kind_count);
        Ledger {
            station_count: layout.station_count,
            class_count: layout.class_count,
            pause_kind_count: layout.pause_kind_count,
            time: vec![0; (layout.station_count + 1) * HOURS * causes],
            class_time: vec![0; layout.class_count * causes],
            class_visits: vec![0; layout.class_count],
            users: vec![0; layout.station_count],
            visit_count: 0,
            completed_count: 0,
            sojourn_micros: 0,
            waited_micros: 0,
            early_count: 0,
            inside_count: 0,
            run_count: 0,
        }
    }

    /// Kinds of pause there are.
    pub fn pause_kind_count(&self) -> usize {
        self.pause_kind_count
    }

    /// The causes there are.
    pub fn causes(&self) -> impl Iterator<Item = Cause> {
        Cause::all(self.pause_kind_count)
    }

    fn cause_count(&self) -> usize {
        Cause::count(self.pause_kind_count)
    }

    /// A visit has ended.
    pub(super) fn enter(&mut self, visit: &Ended, pieces: &[Piece]) {
        let (causes, class) = (self.cause_count(), usize::from(visit.class));
        self.visit_count += 1;
        self.completed_count += u64::from(visit.exit == Exit::Completed);
        self.sojourn_micros += visit.sojourn().as_micros();
        self.waited_micros += visit.waited.as_micros();
        self.class_visits[class] += 1;
        let mut seen: Vec<StationId> = Vec::new();
        for piece in pieces {
            let cause = piece.cause.index();
            self.class_time[class * causes + cause] += piece.time().as_micros();
            let place = match piece.station {
                Some(station) if !seen.contains(&station) => {
                    seen.push(station);
                    self.users[station.index()] += 1;
                    station.index()
                }
                Some(station) => station.index(),
                None => self.station_count,
            };
            let mut at = piece.from;
            while at < piece.to {
                let next_hour = at.as_micros() / SimSpan::HOUR.as_micros() + 1;
                let next = SimTime::from_micros(next_hour * SimSpan::HOUR.as_micros()).min(piece.to);
                let cell = (place * HOURS + at.hour_of_day()) * causes + cause;
                self.time[cell] += next.since(at).as_micros();
                at = next;
            }
        }
    }

    /// Adds the sums of other runs of the same system.
    pub fn merge(&mut self, other: &Ledger) {
        assert_eq!(self.time.len(), other.time.len(), "only ledgers of one system add up");
        for (mine, theirs) in [
            (&mut self.time, &other.time),
            (&mut self.class_time, &other.class_time),
            (&mut self.class_visits, &other.class_visits),
            (&mut self.users, &other.users),
        ] {
            mine.iter_mut().zip(theirs).for_each(|(mine, theirs)| *mine += theirs);
        }
        for (mine, theirs) in [
            (&mut self.visit_count, other.visit_count),
            (&mut self.completed_count, other.completed_count),
            (&mut self.sojourn_micros, other.sojourn_micros),
            (&mut self.waited_micros, other.waited_micros),
            (&mut self.early_count, other.early_count),
            (&mut self.inside_count, other.inside_count),
            (&mut self.run_count, other.run_count),
        ] {
            *mine += theirs;
        }
    }

    /// Time put down to a cause at a station (`None`: at none) in an hour of the day, in microseconds.
    pub fn at(&self, station: Option<usize>, hour: usize, cause: Cause) -> u64 {
        let place = station.unwrap_or(self.station_count);
        self.time[(place * HOURS + hour) * self.cause_count() + cause.index()]
    }

    /// The same over all hours.
    pub fn of_station(&self, station: Option<usize>, cause: Cause) -> u64 {
        (0..HOURS).map(|hour| self.at(station, hour, cause)).sum()
    }

    /// The same over all stations and none.
    pub fn of_hour(&self, hour: usize, cause: Cause) -> u64 {
        self.places().map(|place| self.at(place, hour, cause)).sum()
    }

    /// Time put down to a cause, in microseconds.
    pub fn of_cause(&self, cause: Cause) -> u64 {
        self.classes().map(|class| self.of_class(class, cause)).sum()
    }

    /// The same for one class.
    pub fn of_class(&self, class: usize, cause: Cause) -> u64 {
        self.class_time[class * self.cause_count() + cause.index()]
    }

    /// Visits of a class.
    pub fn class_visit_count(&self, class: usize) -> u64 {
        self.class_visits[class]
    }

    /// Visits that spent time at a station or on the way to it.
    pub fn user_count(&self, station: usize) -> u64 {
        self.users[station]
    }

    /// The stations, then none.
    pub fn places(&self) -> impl Iterator<Item = Option<usize>> + use<> {
        (0..self.station_count).map(Some).chain([None])
    }

    /// The classes.
    pub(super) fn classes(&self) -> std::ops::Range<usize> {
        0..self.class_count
    }

    /// Whether the causes add up to the time inside, by class and by station and hour.
    pub fn is_balanced(&self) -> bool {
        let by_class: u64 = self.class_time.iter().sum();
        let by_place: u64 = self.time.iter().sum();
        by_class == self.sojourn_micros && by_place == self.sojourn_micros
    }
}
