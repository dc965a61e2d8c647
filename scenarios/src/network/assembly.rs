//! From what is written to the network: names find each other, and what only the whole can show is checked.

use super::arrivals::{RawClasses, RawJourney, RawSource};
use super::format::{ONLY_CLASS, RawNetwork, Row};
use super::stability::warn_of_growth;
use super::station::{Order, RawStation};
use super::steps::{RawChoice, RawStep, RawVisit, RawWhat, Rule};
use crate::reader::{At, Mistake, Place, Table};
use onetrip_models::network::{
    Balking, Choice, Network, NetworkRun, NetworkSource, NetworkSpec, NetworkStation, Places, RouteTable,
    StationGroup, Step,
};
use onetrip_sim::distribution::Distribution;
use onetrip_sim::engine::Horizon;
use onetrip_sim::model::StationId;
use onetrip_sim::station::{Discipline, Duty, StationPlan, WhenFull};

/// Shares that add up to the whole, to a tenth of a percent, as numbers that do so exactly.
pub(super) fn whole(table: &Table<'_>, place: &Place, shares: impl Iterator<Item = f64>) -> Option<Vec<f64>> {
    let parts: Vec<f64> = shares.collect();
    let sum: f64 = parts.iter().sum();
    if (sum - 1.0).abs() > 0.001 + 1e-9 {
        let percent = (sum * 1e4).round() / 100.0;
        let mistake = Mistake::new(format!("the shares add up to {percent} %"));
        table.report(place, mistake.accepted("shares that add up to 100 %"));
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
    check_end(table, &raw.run, &raw.sources);
    let Hall { groups, pause_kinds, .. } = hall;
    let groups = groups.into_iter().map(|group| StationGroup { name: group.name, stations: group.stations });
    let mut spec = NetworkSpec {
        name: String::new(),
        title: raw.title.clone(),
        description: raw.description.clone(),
        pause_kinds,
        stations: stations.into_iter().collect::<Option<Vec<_>>>()?.into_iter().flatten().collect(),
        groups: groups.collect(),
        sources: sources.into_iter().collect::<Option<_>>()?,
        routes: routes?,
        run: raw.run,
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
        if source.arrivals.expected_count().is_infinite() {
            let mistake = Mistake::new("customers never stop coming, so the run never drains");
            let accepted = "`until` or `at_most` on the arrivals, or `horizon` alone in `[run]`";
            table.report(&source.name.place, mistake.accepted(accepted));
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

/// Several stations under one name.
struct Group {
    name: String,
    stations: Vec<StationId>,
}

/// All names, while a file is put together.
struct Hall<'a> {
    table: &'a Table<'a>,
    classes: Vec<&'a str>,
    /// Numbered names included.
    stations: Vec<String>,
    groups: Vec<Group>,
    pause_kinds: Vec<String>,
}

impl<'a> Hall<'a> {
    fn new(table: &'a Table<'a>, raw: &RawNetwork, classes: Vec<&'a str>) -> Self {
        let (mut stations, mut groups) = (Vec::new(), Vec::new());
        for station in &raw.stations {
            let name = &station.name.value;
            let Some(count) = station.count else {
                stations.push(name.clone());
                continue;
            };
            let first = stations.len();
            stations.extend((1..=count).map(|number| format!("{name}.{number}")));
            let members = (first..stations.len()).map(|place| StationId(place as u16)).collect();
            groups.push(Group { name: name.clone(), stations: members });
        }
        let names: Vec<At<String>> = raw.sources.iter().map(|source| source.name.clone()).collect();
        table.distinct(&names, "source of customers");
        Hall { table, classes, stations, groups, pause_kinds: Vec::new() }
    }

    fn add_written_groups(&mut self, raw: &RawNetwork) {
        let stations = raw.stations.iter().map(|station| &station.name);
        let names: Vec<At<String>> =
            stations.chain(raw.groups.iter().map(|group| &group.name)).cloned().collect();
        self.table.distinct(&names, "station or group");
        for group in &raw.groups {
            let members: Vec<Option<Vec<StationId>>> =
                group.stations.iter().map(|name| self.places(name)).collect();
            self.table.distinct(&group.stations, "station in this group");
            if let Some(members) = members.into_iter().collect::<Option<Vec<_>>>() {
                let stations = members.into_iter().flatten().collect();
                self.groups.push(Group { name: group.name.value.clone(), stations });
            }
        }
    }

    fn station(&self, name: &At<String>) -> Option<StationId> {
        if let Some(group) = self.groups.iter().find(|group| group.name == name.value) {
            let mistake = Mistake::new(format!("`{}` is {} stations", name.value, group.stations.len()));
            let first = &self.stations[group.stations[0].index()];
            self.table.report(&name.place, mistake.accepted(format!("one of them, such as `{first}`")));
            return None;
        }
        let known: Vec<&str> = self.stations.iter().map(String::as_str).collect();
        if let Some(place) = known.iter().position(|known| *known == name.value) {
            return Some(StationId(place as u16));
        }
        self.report_unknown(name, &known);
        None
    }

    /// A station, or all of a group.
    fn places(&self, name: &At<String>) -> Option<Vec<StationId>> {
        if let Some(group) = self.groups.iter().find(|group| group.name == name.value) {
            return Some(group.stations.clone());
        }
        if let Some(place) = self.stations.iter().position(|known| *known == name.value) {
            return Some(vec![StationId(place as u16)]);
        }
        let known: Vec<&str> = self
            .groups
            .iter()
            .map(|group| group.name.as_str())
            .chain(self.stations.iter().map(String::as_str))
            .collect();
        self.report_unknown(name, &known);
        None
    }

    fn report_unknown(&self, name: &At<String>, known: &[&str]) {
        // Thirty departments are better named once.
        let shown: Vec<String> =
            known.iter().filter(|name| !name.contains('.')).map(|name| format!("`{name}`")).collect();
        let mistake = Mistake::new(format!("there is no station `{}`", name.value));
        let mistake = mistake.accepted(shown.join(", ")).nearest(&name.value, known.iter().copied());
        self.table.report(&name.place, mistake);
    }

    fn class(&self, name: &At<String>) -> Option<usize> {
        self.table.reference(name, "class", &self.classes)
    }

    /// One entry a class: those named, and `rest` for the others.
    fn by_class<T: Clone>(&self, rest: Option<&T>, named: &[(At<String>, T)]) -> Option<Vec<Option<T>>> {
        let mut all: Vec<Option<T>> = vec![rest.cloned(); self.classes.len()];
        let mut known = true;
        for (class, value) in named {
            match self.class(class) {
                Some(index) => all[index] = Some(value.clone()),
                None => known = false,
            }
        }
        known.then_some(all)
    }

    fn source(&mut self, raw: &RawSource, network: &RawNetwork) -> Option<NetworkSource> {
        let classes = self.source_classes(raw);
        let mut journey = Journey { visits: Vec::new(), again: None };
        let steps = match &raw.journey {
            RawJourney::Steps(steps) => self.steps(steps, &mut journey, network),
            RawJourney::Routed(from) => self.follow(from, network).map(|step| vec![step]),
        };
        let mut steps = steps?;
        if let Some(again) = &journey.again {
            keep_station(&mut steps, again);
        }
        Some(NetworkSource {
            name: raw.name.value.clone(),
            arrivals: raw.arrivals.clone(),
            at_most: raw.at_most,
            classes: classes?,
            journey: steps,
        })
    }

    fn source_classes(&self, raw: &RawSource) -> Option<Vec<(usize, f64)>> {
        match &raw.classes {
            RawClasses::Unsaid if self.classes.len() == 1 => Some(vec![(0, 1.0)]),
            RawClasses::Unsaid => {
                let names: Vec<String> = self.classes.iter().map(|name| format!("`{name}`")).collect();
                let mistake = Mistake::missing("nothing says of which class these customers are");
                let accepted =
                    format!("`class` = one of {}, or `classes` with their shares", names.join(", "));
                self.table.report(&raw.place, mistake.accepted(accepted));
                None
            }
            RawClasses::One(class) => Some(vec![(self.class(class)?, 1.0)]),
            RawClasses::Shared(shares) => {
                let indices: Vec<Option<usize>> = shares.iter().map(|(class, _)| self.class(class)).collect();
                let place = shares.first().map_or(&raw.place, |(class, _)| &class.place);
                let parts = whole(self.table, place, shares.iter().map(|(_, share)| share.part()))?;
                Some(indices.into_iter().collect::<Option<Vec<_>>>()?.into_iter().zip(parts).collect())
            }
        }
    }

    fn steps(&mut self, raw: &[RawStep], journey: &mut Journey, network: &RawNetwork) -> Option<Vec<Step>> {
        // All steps are resolved before the first mistake decides.
        let steps: Vec<Option<Step>> = raw.iter().map(|step| self.step(step, journey, network)).collect();
        steps.into_iter().collect()
    }

    fn step(&mut self, raw: &RawStep, journey: &mut Journey, network: &RawNetwork) -> Option<Step> {
        let named = |made: String| raw.name.clone().unwrap_or(made);
        match &raw.what {
            RawWhat::Visit(visit) => self.visit(raw, visit, journey),
            RawWhat::Again { what, service_time, by_class } => {
                let service_time = self.own_laws(&raw.place, service_time.as_ref(), by_class)?;
                let visits: Vec<&str> = journey.visits.iter().map(String::as_str).collect();
                self.table.reference(what, "visit certain to have been made before", &visits)?;
                if let Some(other) = journey.again.as_ref().filter(|other| **other != what.value) {
                    let mistake = Mistake::new(format!("this journey already goes back to `{other}`"));
                    self.table.report(&what.place, mistake.accepted("one place to go back to in a journey"));
                    return None;
                }
                journey.again = Some(what.value.clone());
                Some(Step::Again { name: named(what.value.clone()), service_time })
            }
            RawWhat::Pause { time, kind } => {
                let found = self.pause_kinds.iter().position(|known| known == kind);
                let index = found.unwrap_or_else(|| {
                    self.pause_kinds.push(kind.clone());
                    self.pause_kinds.len() - 1
                });
                Some(Step::Pause { name: named(kind.clone()), time: time.clone(), kind: index as u8 })
            }
            RawWhat::Chance { share, then, otherwise } => {
                let name = named(format!("to_{}", first_place(then).unwrap_or("leave")));
                let mut ways = self.ways([then, otherwise].into_iter(), journey, network);
                let (otherwise, then) = (ways.pop()?, ways.pop()?);
                Some(Step::Chance { name, share: share.part(), then: then?, otherwise: otherwise? })
            }
            RawWhat::Choose { branches } => {
                let first = branches.iter().find_map(|(_, steps)| first_place(steps));
                let name = named(format!("to_{}", first.unwrap_or("leave")));
                let sum: f64 = branches.iter().map(|(share, _)| share.part()).sum();
                let ways = self.ways(branches.iter().map(|(_, steps)| steps), journey, network);
                let ways =
                    branches.iter().zip(ways).map(|((share, _), steps)| Some((share.part() / sum, steps?)));
                Some(Step::Choose { name, branches: ways.collect::<Option<_>>()? })
            }
            RawWhat::Repeat { steps, again_share } => {
                let name = named(format!("round_{}", first_place(steps).unwrap_or("pause")));
                let steps = self.steps(steps, journey, network)?;
                Some(Step::Repeat { name, again_share: again_share.part(), steps })
            }
            RawWhat::Follow { from } => self.follow(from, network),
        }
    }

    /// Ways of which a customer takes one: afterwards only the visits made on all of them are certain.
    fn ways<'b>(
        &mut self,
        ways: impl Iterator<Item = &'b Vec<RawStep>>,
        journey: &mut Journey,
        network: &RawNetwork,
    ) -> Vec<Option<Vec<Step>>> {
        let before = journey.visits.len();
        let mut certain: Option<Vec<String>> = None;
        let steps = ways.map(|way| {
            let steps = self.steps(way, journey, network);
            let made = journey.visits.split_off(before);
            certain = Some(match certain.take() {
                None => made,
                Some(others) => others.into_iter().filter(|visit| made.contains(visit)).collect(),
            });
            steps
        });
        let steps = steps.collect();
        journey.visits.extend(certain.unwrap_or_default());
        steps
    }

    fn follow(&self, from: &At<String>, network: &RawNetwork) -> Option<Step> {
        let station = self.station(from)?;
        if network.routing.is_none() {
            let mistake = Mistake::new("there is no routing table to follow");
            self.table.report(&from.place, mistake.accepted("a table `[routing]`"));
            return None;
        }
        Some(Step::Follow { from: station })
    }

    fn visit(&self, raw: &RawStep, visit: &RawVisit, journey: &mut Journey) -> Option<Step> {
        let service_time = self.own_laws(&raw.place, visit.service_time.as_ref(), &visit.by_class);
        let members: Vec<Option<Vec<StationId>>> =
            visit.places.iter().map(|name| self.places(name)).collect();
        self.table.distinct(&visit.places, "station in this visit");
        let stations: Vec<StationId> = members.into_iter().collect::<Option<Vec<_>>>()?.concat();
        let choice = self.choice(raw, visit, &stations)?;
        let names: Vec<&str> = visit.places.iter().map(|name| name.value.as_str()).collect();
        let name = raw.name.clone().unwrap_or_else(|| names.join("_or_"));
        journey.visits.push(name.clone());
        let places = Places { name, stations, choice };
        Some(Step::Visit { places, service_time: service_time?, remember: false })
    }

    fn choice(&self, raw: &RawStep, visit: &RawVisit, stations: &[StationId]) -> Option<Choice> {
        let count = stations.len();
        match &visit.choice {
            _ if count == 1 && !matches!(visit.choice, RawChoice::Unsaid) => {
                let mistake = Mistake::new("there is only one station, and nothing to choose");
                self.table.report(&raw.place, mistake.accepted("`visit` alone, or several stations"));
                None
            }
            RawChoice::Unsaid if count == 1 => Some(Choice::Only),
            RawChoice::Unsaid => {
                let mistake = Mistake::missing(format!("nothing says which of {count} stations is visited"));
                let accepted = "`by` = \"shortest_queue\", \"least_work\" or \"random\" beside `visit`, or `shares`, or \
                                `by_class`";
                self.table.report(&raw.place, mistake.accepted(accepted));
                None
            }
            RawChoice::By(Rule::ShortestQueue) => Some(Choice::ShortestQueue),
            RawChoice::By(Rule::LeastWork) => Some(Choice::LeastWork),
            RawChoice::By(Rule::Random) => Some(Choice::ByShare(vec![1.0 / count as f64; count])),
            RawChoice::Shares(shares) => {
                let mut parts = vec![0.0; count];
                for (name, share) in shares {
                    parts[self.member(name, stations)?] = share.part();
                }
                let place = &shares.first()?.0.place;
                whole(self.table, place, parts.into_iter()).map(Choice::ByShare)
            }
            RawChoice::ByClass(ways) => {
                let mut positions = vec![None; self.classes.len()];
                for (class, name) in ways {
                    positions[self.class(class)?] = Some(self.member(name, stations)?);
                }
                self.complete(&raw.place, "nothing says where customers of class", positions)
                    .map(Choice::ByClass)
            }
        }
    }

    /// The place of a station in a list of stations.
    fn member(&self, name: &At<String>, stations: &[StationId]) -> Option<usize> {
        let known: Vec<&str> =
            stations.iter().map(|station| self.stations[station.index()].as_str()).collect();
        self.table.reference(name, "station in this visit", &known)
    }

    /// Reports the classes that have no entry.
    fn complete<T>(&self, place: &Place, lacking: &str, entries: Vec<Option<T>>) -> Option<Vec<T>> {
        let missing: Vec<&str> = entries
            .iter()
            .zip(&self.classes)
            .filter(|(entry, _)| entry.is_none())
            .map(|(_, name)| *name)
            .collect();
        if !missing.is_empty() {
            let mistake = Mistake::missing(format!("{lacking} `{}` stand", missing.join("`, `")));
            self.table.report(place, mistake.accepted("an entry for every class"));
        }
        entries.into_iter().collect()
    }

    /// Service times of one step, where it has its own.
    fn own_laws(
        &self,
        place: &Place,
        rest: Option<&Distribution>,
        named: &[(At<String>, Distribution)],
    ) -> Option<Option<Vec<Distribution>>> {
        if rest.is_none() && named.is_empty() {
            return Some(None);
        }
        let laws = self.by_class(rest, named)?;
        self.complete(place, "in the service times of this visit no customers of class", laws).map(Some)
    }

    fn routes(&self, raw: &RawNetwork) -> Option<Option<RouteTable>> {
        let Some(routing) = &raw.routing else { return Some(None) };
        let mut rows = vec![vec![(1.0, None)]; self.stations.len()];
        let mut sound = true;
        for (from, ways) in routing {
            match (self.places(from), self.row(from, ways)) {
                (Some(from), Some(row)) => {
                    from.iter().for_each(|station| rows[station.index()].clone_from(&row))
                }
                _ => sound = false,
            }
        }
        sound.then_some(Some(RouteTable { rows }))
    }

    fn row(&self, from: &At<String>, ways: &Row) -> Option<Vec<(f64, Option<StationId>)>> {
        let targets: Vec<Option<StationId>> = ways.iter().map(|(to, _)| self.station(to)).collect();
        let sum: f64 = ways.iter().map(|(_, share)| share.part()).sum();
        if sum > 1.0 + 0.001 + 1e-9 {
            let percent = (sum * 1e4).round() / 100.0;
            let mistake = Mistake::new(format!("the shares add up to {percent} %"));
            self.table.report(&from.place, mistake.accepted("at most 100 %; the rest leaves"));
            return None;
        }
        let targets = targets.into_iter().collect::<Option<Vec<_>>>()?;
        // A tenth of a percent is a matter of rounding, as in every list of shares.
        let total = if (sum - 1.0).abs() <= 0.001 + 1e-9 { sum } else { 1.0 };
        let mut row: Vec<(f64, Option<StationId>)> =
            ways.iter().zip(targets).map(|((_, share), to)| (share.part() / total, Some(to))).collect();
        if total == 1.0 && sum < 1.0 {
            row.push((1.0 - sum, None));
        }
        Some(row)
    }

    fn stations_of(&self, raw: &RawStation, network: &RawNetwork) -> Option<Vec<NetworkStation>> {
        let laws = self.by_class(raw.service_time.as_ref(), &raw.service_time_by_class);
        let patience = self.by_class(raw.patience.as_ref(), &raw.patience_by_class);
        let balk_at = self.by_class(raw.balk_at.as_ref(), &raw.balk_at_by_class);
        let needed = self.by_class(raw.servers_needed.as_ref(), &raw.servers_needed_by_class);
        let rank = self.ranks(raw);
        let discipline = self.discipline(raw, rank.as_deref());
        let diverts_to = match &raw.divert_to {
            Some(other) => self.station(other).map(Some),
            None => Some(None),
        };
        let laws = laws.and_then(|laws| {
            if raw.service_time.is_none() && raw.service_time_by_class.is_empty() {
                let mistake = Mistake::missing("`service_time` is missing");
                let accepted = "`service_time` = a duration such as \"4.5 min\", or a table with a law";
                self.table.report(&raw.place, mistake.accepted(accepted));
                return None;
            }
            self.complete(&raw.place, "in `service_time_by_class` no customers of class", laws)
        });
        let balking = match &raw.balk_shares {
            Some(shares) => {
                let shares = shares.value.iter().map(|share| share.part()).collect();
                Some(vec![Balking::ByPresent(shares); self.classes.len()])
            }
            None => balk_at.map(|counts| {
                counts.into_iter().map(|count| count.map_or(Balking::Never, Balking::AtPresent)).collect()
            }),
        };
        let (rank, server_count) = (rank?, needed?.into_iter().map(|count| count.unwrap_or(1) as u16));
        let server_count: Vec<u16> = server_count.collect();
        let rank_count = rank
            .iter()
            .copied()
            .max()
            .unwrap_or(0)
            .max(raw.promotion.as_ref().map_or(0, |promotion| promotion.value.to_rank));
        let plan = StationPlan {
            duty: raw.duty.clone(),
            discipline: discipline?,
            rank_count: rank_count + 1,
            capacity: raw.capacity,
            when_full: raw.when_full,
            work_in_hand: raw.work_in_hand,
            waiting_at_closing: raw.waiting_at_closing,
            breakdown: raw.breakdown.clone(),
            promotion: raw.promotion.as_ref().map(|promotion| promotion.value),
            is_multi_server: server_count.iter().any(|&count| count > 1),
            ..StationPlan::new(raw.name.value.clone(), 1)
        };
        self.check_features(raw, &plan, network);
        self.check_servers(raw, &server_count);
        let station = NetworkStation {
            plan,
            service_time: laws?,
            rank,
            patience: patience?,
            balking: balking?,
            server_count,
            diverts_to: diverts_to?,
        };
        let Some(count) = raw.count else { return Some(vec![station]) };
        let numbered = |number| {
            let mut one = station.clone();
            one.plan.name = format!("{}.{number}", raw.name.value);
            one
        };
        Some((1..=count).map(numbered).collect())
    }

    fn ranks(&self, raw: &RawStation) -> Option<Vec<u8>> {
        let Some(written) = &raw.ranks else {
            let lanes_of_their_own = !raw.pattern.is_empty();
            let rank = |class| if lanes_of_their_own { class as u8 } else { 0 };
            return Some((0..self.classes.len()).map(rank).collect());
        };
        let ranks = self.by_class(None, &written.value)?;
        let ranks = self.complete(&written.place, "among the ranks no customers of class", ranks)?;
        Some(ranks.into_iter().map(|rank| rank as u8).collect())
    }

    fn discipline(&self, raw: &RawStation, rank: Option<&[u8]>) -> Option<Discipline> {
        let refuse = |place: &Place, message: &str, accepted: &str| {
            self.table.report(place, Mistake::new(message).accepted(accepted));
            None
        };
        let is_plain = raw.order.value == Order::Fifo;
        if raw.preemptive.value && (!is_plain || !raw.pattern.is_empty()) {
            return refuse(
                &raw.preemptive.place,
                "pre-emption goes with first come first served alone",
                "`discipline = \"fifo\"` without `pattern`",
            );
        }
        if let Some(first) = raw.pattern.first() {
            let pattern: Vec<Option<usize>> = raw.pattern.iter().map(|class| self.class(class)).collect();
            if !is_plain {
                return refuse(
                    &first.place,
                    "turns are taken first come first served within each class",
                    "`discipline = \"fifo\"` with `pattern`",
                );
            }
            let pattern = pattern.into_iter().collect::<Option<Vec<_>>>()?;
            let rank = rank?;
            return Some(Discipline::Interleaved(pattern.into_iter().map(|class| rank[class]).collect()));
        }
        Some(match raw.order.value {
            _ if raw.preemptive.value => Discipline::PreemptiveResume,
            Order::Fifo => Discipline::FirstComeFirstServed,
            Order::Lifo => Discipline::LastComeFirstServed,
            Order::Random => Discipline::Random,
            Order::ProcessorSharing => Discipline::ProcessorSharing,
        })
    }

    /// Features that have no joint meaning; the engine refuses the rest.
    fn check_features(&self, raw: &RawStation, plan: &StationPlan, network: &RawNetwork) {
        let report = |message: &str, accepted: &str| {
            self.table.report(&raw.name.place, Mistake::new(message).accepted(accepted));
        };
        let is_shared = plan.discipline == Discipline::ProcessorSharing;
        if is_shared && network.stations.iter().any(|other| other.when_full == WhenFull::Block) {
            report(
                "a station with processor sharing has no server that waits for a full station to have room",
                "`when_full = \"refuse\"` everywhere, or another discipline here",
            );
        }
        if is_shared && (raw.patience.is_some() || !raw.patience_by_class.is_empty()) {
            report(
                "with processor sharing nobody waits, so nobody's patience runs out",
                "no `patience` here",
            );
        }
        if plan.duty == Duty::Unlimited && (raw.capacity.is_some() || plan.breakdown.is_some()) {
            report(
                "unlimited servers can neither break down nor be full",
                "a number of servers, or neither `capacity` nor `breakdown`",
            );
        }
        if !plan.is_multi_server {
            return;
        }
        if plan.discipline != Discipline::FirstComeFirstServed {
            report(
                "seizing several servers is possible only first come first served",
                "`discipline = \"fifo\"`",
            );
        }
        if plan.breakdown.is_some() {
            report("servers that are seized together cannot break down", "no `breakdown` here");
        }
    }

    fn check_servers(&self, raw: &RawStation, needed: &[u16]) {
        let most = match &raw.duty {
            Duty::Always(count) => *count,
            Duty::Unlimited => return,
            Duty::Shifts { changes, .. } => changes.iter().map(|change| change.1).max().unwrap_or(0),
        };
        if let Some((class, count)) =
            self.classes.iter().zip(needed).find(|(_, count)| u32::from(**count) > most)
        {
            let mistake = Mistake::new(format!("class `{class}` needs {count} servers at once"));
            self.table.report(&raw.name.place, mistake.accepted(format!("at most the {most} there are")));
        }
    }
}

/// What a journey has named so far.
struct Journey {
    /// Visits that are certain to have been made.
    visits: Vec<String>,
    /// The visit to which it goes back.
    again: Option<String>,
}

/// Marks the visits whose station is to be kept.
fn keep_station(steps: &mut [Step], name: &str) {
    for step in steps {
        match step {
            Step::Visit { places, remember, .. } => *remember |= places.name == name,
            Step::Chance { then, otherwise, .. } => {
                keep_station(then, name);
                keep_station(otherwise, name);
            }
            Step::Choose { branches, .. } => {
                branches.iter_mut().for_each(|branch| keep_station(&mut branch.1, name))
            }
            Step::Repeat { steps, .. } => keep_station(steps, name),
            _ => {}
        }
    }
}

/// The first place that steps lead to, for names.
fn first_place(steps: &[RawStep]) -> Option<&str> {
    steps.iter().find_map(|step| match &step.what {
        _ if step.name.is_some() => step.name.as_deref(),
        RawWhat::Visit(visit) => visit.places.first().map(|place| place.value.as_str()),
        RawWhat::Again { what, .. } => Some(what.value.as_str()),
        RawWhat::Pause { kind, .. } => Some(kind.as_str()),
        RawWhat::Chance { then, otherwise, .. } => first_place(then).or_else(|| first_place(otherwise)),
        RawWhat::Choose { branches } => branches.iter().find_map(|(_, steps)| first_place(steps)),
        RawWhat::Repeat { steps, .. } => first_place(steps),
        RawWhat::Follow { from } => Some(from.value.as_str()),
    })
}
