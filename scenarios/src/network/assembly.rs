//! From what is written to the network: names find each other, and what only the whole can show is checked.

use super::arrivals::RawSource;
use super::format::{ONLY_CLASS, RawNetwork};
use super::hall::Hall;
use super::stability::warn_of_growth;
use crate::reader::{At, Mistake, Place, Table};
use onetrip_models::network::{
    Choice, Network, NetworkRun, NetworkSource, NetworkSpec, NetworkStation, StationGroup, Step,
};
use onetrip_sim::engine::Horizon;

/// Shares that add up to the whole, to a tenth of a percent, as numbers that do so exactly.
pub(super) fn whole(table: &Table<'_>, place: &Place, shares: impl Iterator<Item = f64>) -> Option<Vec<f64>> {
    let parts: Vec<f64> = shares.collect();
    let sum: f64 = parts.iter().sum();
    if let Some(mistake) = Mistake::of_parts("the shares", sum) {
        table.report(place, mistake);
        return None;
    }
    Some(parts.iter().map(|part| part / sum).collect())
}

pub(super) fn assemble(table: &Table<'_>, raw: RawNetwork) -> Option<NetworkSpec> {
    let classes = class_names(table, &raw.classes);
    let class_names: Vec<&str> = classes.iter().map(String::as_str).collect();
    let mut hall = Hall::new(table, &raw, class_names);
    hall.add_written_groups(&raw);
    let routes = hall.routes(&raw);
    let sources: Vec<Option<NetworkSource>> =
        raw.sources.iter().map(|source| hall.source(source, &raw)).collect();
    let stations: Vec<Option<Vec<NetworkStation>>> =
        raw.stations.iter().map(|station| hall.stations_of(station, &raw)).collect();
    if let Some(run) = &raw.run {
        check_end(table, run, &raw.sources);
    }
    let mut stations: Vec<NetworkStation> =
        stations.into_iter().collect::<Option<Vec<_>>>()?.into_iter().flatten().collect();
    hall.add_outages(raw.outages.as_ref()?, &mut stations)?;
    // Sources that are not there were not understood, and that was said.
    if sources.is_empty() {
        return None;
    }
    let Hall { groups, pause_kinds, .. } = hall;
    let groups = groups.into_iter().map(|group| StationGroup { name: group.name, stations: group.stations });
    let mut spec = NetworkSpec {
        name: String::new(),
        title: raw.title.clone()?,
        description: raw.description.clone()?,
        pause_kinds,
        stations,
        groups: groups.collect(),
        sources: sources.into_iter().collect::<Option<_>>()?,
        routes: routes?,
        run: raw.run?,
        classes,
    };
    track_work(&mut spec);
    // The last line of defence: what the model refuses beyond what was checked here, it refuses with its own words.
    if let Err(error) = Network::new(spec.clone()) {
        table.report(&table.place(), Mistake::missing(error.to_string()));
        return None;
    }
    warn_of_growth(table, &spec, &raw);
    Some(spec)
}

fn class_names(table: &Table<'_>, written: &[At<String>]) -> Vec<String> {
    if written.is_empty() {
        return vec![ONLY_CLASS.to_owned()];
    }
    table.distinct(written, "class");
    for class in written.iter().filter(|class| ["source", "n", "assumption", "note"].contains(&&*class.value))
    {
        let mistake = Mistake::new(format!("`{}` says where a number comes from", class.value));
        table.report(&class.place, mistake.accepted("another name for the class"));
    }
    written.iter().map(|class| class.value.clone()).collect()
}

/// A run that waits for the last customer must have one.
fn check_end(table: &Table<'_>, run: &NetworkRun, sources: &[RawSource]) {
    if !matches!(run.horizon, Horizon::Drained { .. }) {
        return;
    }
    for source in sources.iter().filter(|source| source.at_most.is_none()) {
        let is_endless = source.arrivals.as_ref().is_some_and(|one| one.expected_count().is_infinite());
        if is_endless {
            let mistake = Mistake::new("customers never stop coming, so the run never drains");
            let accepted = "`until` or `at_most` on the arrivals, or `horizon` alone in `[run]`";
            table.report(&source.place, mistake.accepted(accepted));
        }
    }
}

/// Stations that are chosen by least work keep their work.
fn track_work(spec: &mut NetworkSpec) {
    fn mark(steps: &[Step], stations: &mut [NetworkStation]) {
        for step in steps {
            match step {
                Step::Visit { places, .. } if places.choice == Choice::LeastWork => {
                    for place in &places.stations {
                        stations[place.index()].plan.tracks_work = true;
                    }
                }
                Step::Chance { then, otherwise, .. } => {
                    mark(then, stations);
                    mark(otherwise, stations);
                }
                Step::Choose { branches, .. } => {
                    branches.iter().for_each(|branch| mark(&branch.1, stations));
                }
                Step::Repeat { steps, .. } => mark(steps, stations),
                _ => {}
            }
        }
    }
    spec.sources.iter().for_each(|source| mark(&source.journey, &mut spec.stations));
}
