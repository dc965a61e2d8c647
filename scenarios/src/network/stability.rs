//! A warning for networks where more work arrives than the servers can do.

use super::format::RawNetwork;
use crate::reader::{Mistake, Table};
use onetrip_models::network::{Balking, Choice, NetworkSpec, NetworkStation, Step};
use onetrip_sim::engine::Horizon;
use onetrip_sim::station::Duty;
use onetrip_sim::time::{SimSpan, SimTime};

/// Work that arrives at each station, in servers kept busy, for customers that come at one a second.
struct Load<'a> {
    spec: &'a NetworkSpec,
    /// Classes of the source with their shares.
    classes: &'a [(usize, f64)],
    /// Seconds of work a second.
    work: Vec<f64>,
}

/// Warns of stations whose queue grows without end in a long run. Customers who choose the shortest queue are taken to
/// spread by the number of servers, and what patience, balking and capacity hold back is not counted: such stations are
/// left out, as are networks in which somebody goes round for ever.
pub(super) fn warn_of_growth(table: &Table<'_>, spec: &NetworkSpec, raw: &RawNetwork) {
    let Horizon::At(end_at) = spec.run.horizon else { return };
    let mut work = vec![0.0; spec.stations.len()];
    for source in &spec.sources {
        let endless = source.at_most.is_none() && source.arrivals.until() == SimTime::NEVER;
        if !endless || !source.arrivals.expected_count().is_infinite() {
            continue;
        }
        // Over ten thousand days a daily profile is its mean.
        let long = SimTime::ZERO + SimSpan::from_whole_minutes(10_000 * 24 * 60);
        let per_second = source.arrivals.clone().with_until(long).expected_count() / long.as_seconds();
        let mut load = Load { spec, classes: &source.classes, work: vec![0.0; work.len()] };
        if load.add(&source.journey, 1.0).is_none() {
            return;
        }
        work.iter_mut().zip(&load.work).for_each(|(all, one)| *all += per_second * one);
    }
    let places = raw
        .stations
        .iter()
        .flat_map(|station| std::iter::repeat_n(&station.service_place, station.count.unwrap_or(1) as usize));
    for ((station, work), place) in spec.stations.iter().zip(&work).zip(places) {
        let Some(servers) = mean_servers(station, end_at) else { continue };
        if *work >= servers * (1.0 - 1e-9) && !is_held_back(station) {
            let name = &station.plan.name;
            let message = format!(
                "at `{name}` work for {work:.2} servers arrives at {servers:.2}, so its queue grows without end"
            );
            table.report(
                place,
                Mistake::warning(message).accepted("less work than servers, for a steady state"),
            );
        }
    }
}

fn is_held_back(station: &NetworkStation) -> bool {
    station.plan.capacity.is_some()
        || station.patience.iter().any(Option::is_some)
        || station.balking.iter().any(|balking| *balking != Balking::Never)
}

/// Servers on duty on average; `None` where there is no limit, or the run is too short for an average over days.
fn mean_servers(station: &NetworkStation, end_at: SimTime) -> Option<f64> {
    match &station.plan.duty {
        Duty::Unlimited => None,
        Duty::Always(count) => Some(f64::from(*count)),
        Duty::Shifts { repeats_daily: false, .. } => None,
        Duty::Shifts { .. } if end_at.since(SimTime::ZERO) <= SimSpan::DAY => None,
        Duty::Shifts { changes, .. } => {
            let day = SimSpan::DAY.as_seconds();
            let ends = changes.iter().skip(1).map(|change| change.0.as_seconds()).chain([day]);
            let spans = changes.iter().zip(ends);
            let since_midnight = changes.first().map_or(day, |change| change.0.as_seconds());
            let at_night = changes.last().map_or(0.0, |change| f64::from(change.1)) * since_midnight;
            let by_day: f64 =
                spans.map(|((from, count), to)| f64::from(*count) * (to - from.as_seconds())).sum();
            Some((by_day + at_night) / day)
        }
    }
}

impl Load<'_> {
    /// Adds the work of steps that a customer takes `times` times on average; `None` where that is for ever.
    fn add(&mut self, steps: &[Step], times: f64) -> Option<()> {
        let mut last: Vec<(usize, f64)> = Vec::new();
        for step in steps {
            match step {
                Step::Visit { places, service_time, .. } => {
                    last = self.shares(
                        &places.stations.iter().map(|s| s.index()).collect::<Vec<_>>(),
                        &places.choice,
                    );
                    self.add_visits(&last, times, service_time.as_deref());
                }
                Step::Again { service_time, .. } => {
                    let stations = last.clone();
                    self.add_visits(&stations, times, service_time.as_deref());
                }
                Step::Pause { .. } => {}
                Step::Chance { share, then, otherwise, .. } => {
                    self.add(then, times * share)?;
                    self.add(otherwise, times * (1.0 - share))?;
                }
                Step::Choose { branches, .. } => {
                    branches.iter().try_for_each(|(share, steps)| self.add(steps, times * share))?;
                }
                Step::Repeat { again_share, steps, .. } => {
                    if *again_share > 1.0 - 1e-9 {
                        return None;
                    }
                    self.add(steps, times / (1.0 - again_share))?;
                }
                Step::Follow { from } => self.follow(from.index(), times)?,
            }
        }
        Some(())
    }

    fn shares(&self, stations: &[usize], choice: &Choice) -> Vec<(usize, f64)> {
        match choice {
            Choice::Only => vec![(stations[0], 1.0)],
            Choice::ByShare(shares) => stations.iter().copied().zip(shares.iter().copied()).collect(),
            Choice::ByClass(positions) => {
                self.classes.iter().map(|&(class, share)| (stations[positions[class]], share)).collect()
            }
            Choice::ShortestQueue | Choice::LeastWork => {
                let servers = |place: usize| match self.spec.stations[place].plan.duty {
                    Duty::Always(count) => f64::from(count),
                    _ => 1.0,
                };
                let all: f64 = stations.iter().map(|&place| servers(place)).sum();
                stations.iter().map(|&place| (place, servers(place) / all)).collect()
            }
        }
    }

    fn add_visits(
        &mut self,
        stations: &[(usize, f64)],
        times: f64,
        own: Option<&[onetrip_sim::distribution::Distribution]>,
    ) {
        for &(place, share) in stations {
            let station = &self.spec.stations[place];
            let laws = own.unwrap_or(&station.service_time);
            let mean: f64 = self
                .classes
                .iter()
                .map(|&(class, share)| share * laws[class].mean() * f64::from(station.server_count[class]))
                .sum();
            self.work[place] += times * share * mean;
        }
    }

    /// The traffic equations of the routing table, by following the customers round until hardly any are left.
    fn follow(&mut self, from: usize, times: f64) -> Option<()> {
        let routes = self.spec.routes.as_ref()?;
        let mut here = vec![0.0; self.spec.stations.len()];
        here[from] = times;
        for _ in 0..10_000 {
            let mut next = vec![0.0; here.len()];
            for (place, &visits) in here.iter().enumerate().filter(|(_, visits)| **visits > 0.0) {
                self.add_visits(&[(place, 1.0)], visits, None);
                for &(share, to) in &routes.rows[place] {
                    if let Some(to) = to {
                        next[to.index()] += visits * share;
                    }
                }
            }
            here = next;
            if here.iter().sum::<f64>() < 1e-9 * times {
                return Some(());
            }
        }
        None
    }
}
