//! Mean times by place, hour and class with intervals over replications: what each replication came to, in microseconds.

use super::cause::Cause;
use super::ledger::Ledger;
use crate::statistics::interval::{self, Estimate, Level};
use onetrip_models::measure::Unit;
use onetrip_sim::time::SimSpan;

/// One replication.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Sums {
    visit_count: u64,
    /// (place, cause)
    by_place: Vec<u64>,
    /// (hour, cause)
    by_hour: Vec<u64>,
    /// (class, cause)
    by_class: Vec<u64>,
    /// By class.
    class_visits: Vec<u64>,
}

/// The replications, one after the other.
#[derive(Clone, Debug, PartialEq)]
pub struct Times {
    level: Level,
    pause_kind_count: usize,
    /// The number of hours of this name that all replications saw.
    hours_seen: [f64; 24],
    replications: Vec<Sums>,
}

impl Times {
    pub(super) fn new(level: Level, pause_kind_count: usize) -> Times {
        Times { level, pause_kind_count, hours_seen: [0.0; 24], replications: Vec::new() }
    }

    /// A replication more.
    pub(super) fn add(&mut self, ledger: &Ledger) {
        let causes: Vec<Cause> = ledger.causes().collect();
        let each = |time: &dyn Fn(Cause) -> u64| causes.iter().map(|&cause| time(cause)).collect::<Vec<_>>();
        self.replications.push(Sums {
            visit_count: ledger.visit_count,
            by_place: ledger
                .places()
                .flat_map(|place| each(&|cause| ledger.of_station(place, cause)))
                .collect(),
            by_hour: (0..24).flat_map(|hour| each(&|cause| ledger.of_hour(hour, cause))).collect(),
            by_class: ledger
                .classes()
                .flat_map(|class| each(&|cause| ledger.of_class(class, cause)))
                .collect(),
            class_visits: ledger.classes().map(|class| ledger.class_visit_count(class)).collect(),
        });
    }

    /// How often the hours of the day were seen: at least once a run, more often when runs last for days.
    pub(super) fn saw(&mut self, observed_micros: &[u128], run_count: u64) {
        let hour_micros = SimSpan::HOUR.as_micros() as f64;
        let all = observed_micros.iter().sum::<u128>() as f64 / hour_micros / 24.0;
        for (hour, seen) in self.hours_seen.iter_mut().enumerate() {
            let hours = match observed_micros.get(hour) {
                Some(micros) if observed_micros.len() > 1 => *micros as f64 / hour_micros,
                _ => all,
            };
            *seen = hours.max(run_count as f64).max(1.0);
        }
    }

    /// Sums of a row of causes, from where it begins.
    fn sum(&self, row: &[u64], at: usize, is_meant: &dyn Fn(Cause) -> bool) -> u64 {
        let causes = Cause::all(self.pause_kind_count).filter(|&cause| is_meant(cause));
        causes.map(|cause| row[at * Cause::count(self.pause_kind_count) + cause.index()]).sum()
    }

    fn a_visit(&self, micros: impl Fn(&Sums) -> u64) -> Option<Estimate> {
        let sums = self.replications.iter().filter(|sums| sums.visit_count > 0);
        let seconds = sums.map(|sums| micros(sums) as f64 / sums.visit_count as f64 / 1e6);
        let mean = interval::mean(&seconds.collect::<Vec<f64>>(), self.level).ok()?;
        Some(mean.within(&Unit::Seconds.range()))
    }

    /// Mean seconds a visit that are put down to these causes.
    pub fn of_all(&self, is_meant: &dyn Fn(Cause) -> bool) -> Option<Estimate> {
        let places = |sums: &Sums| sums.by_place.len() / Cause::count(self.pause_kind_count);
        self.a_visit(|sums| (0..places(sums)).map(|place| self.sum(&sums.by_place, place, is_meant)).sum())
    }

    /// The same at a station (`None`: at none), over all visits.
    pub fn of_station(&self, station: Option<usize>, is_meant: &dyn Fn(Cause) -> bool) -> Option<Estimate> {
        let places = self.replications.first()?.by_place.len() / Cause::count(self.pause_kind_count);
        let place = station.unwrap_or(places - 1);
        self.a_visit(|sums| self.sum(&sums.by_place, place, is_meant))
    }

    /// Mean number of patients whom these causes held in an hour of the day.
    pub fn of_hour(&self, hour: usize, is_meant: &dyn Fn(Cause) -> bool) -> Option<Estimate> {
        let each = self.hours_seen[hour] / self.replications.len().max(1) as f64;
        let hour_micros = SimSpan::HOUR.as_micros() as f64;
        let patients = self
            .replications
            .iter()
            .map(|sums| self.sum(&sums.by_hour, hour, is_meant) as f64 / hour_micros / each);
        let mean = interval::mean(&patients.collect::<Vec<f64>>(), self.level).ok()?;
        Some(mean.within(&Unit::Count.range()))
    }

    /// Mean seconds a visit of a class: its time ÷ its visits over all replications, so that days with many count as many.
    pub fn of_class(&self, class: usize, is_meant: &dyn Fn(Cause) -> bool) -> Option<Estimate> {
        let seconds =
            self.replications.iter().map(|sums| self.sum(&sums.by_class, class, is_meant) as f64 / 1e6);
        let visits = self.replications.iter().map(|sums| sums.class_visits[class] as f64);
        let (seconds, visits) = (seconds.collect::<Vec<f64>>(), visits.collect::<Vec<f64>>());
        let mean = interval::ratio(&seconds, &visits, self.level).ok()?;
        Some(mean.within(&Unit::Seconds.range()))
    }
}
