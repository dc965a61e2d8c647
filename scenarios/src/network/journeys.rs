//! Sources, journeys and the routing table with their names resolved.

use super::arrivals::{RawClasses, RawJourney, RawSource};
use super::format::{RawNetwork, Row};
use super::hall::Hall;
use super::steps::{RawChoice, RawStep, RawVisit, RawWhat, Rule};
use crate::quantity::is_whole;
use crate::reader::{At, Mistake, Place};
use onetrip_models::network::{Choice, NetworkSource, Places, RouteTable, Step};
use onetrip_sim::distribution::Distribution;
use onetrip_sim::model::StationId;

/// What a journey has named so far.
struct Journey {
    /// Visits that are certain to have been made.
    visits: Vec<String>,
    /// The visit to which it goes back.
    again: Option<String>,
}

impl Hall<'_> {
    pub(super) fn source(&mut self, raw: &RawSource, network: &RawNetwork) -> Option<NetworkSource> {
        let classes = raw.classes.as_ref().and_then(|classes| self.source_classes(raw, classes));
        let mut journey = Journey { visits: Vec::new(), again: None };
        let steps = match raw.journey.as_ref()? {
            RawJourney::Steps(steps) => self.steps(steps, &mut journey, network),
            RawJourney::Routed(from) => self.follow(from, network).map(|step| vec![step]),
        };
        let mut steps = steps?;
        if let Some(again) = &journey.again {
            keep_station(&mut steps, again);
        }
        Some(NetworkSource {
            name: raw.name.as_ref()?.value.clone(),
            arrivals: raw.arrivals.clone()?,
            at_most: raw.at_most,
            classes: classes?,
            journey: steps,
        })
    }

    fn source_classes(&self, raw: &RawSource, classes: &RawClasses) -> Option<Vec<(usize, f64)>> {
        match classes {
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
                let sum: f64 = shares.iter().map(|(_, share)| share.part()).sum();
                let parts = shares.iter().map(|(_, share)| share.part() / sum);
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
            RawWhat::Broken => None,
            RawWhat::Visit(visit) => self.visit(raw, visit, journey),
            RawWhat::Again { what, service_time, by_class } => {
                let service_time = self.own_laws(&raw.place, service_time.as_ref(), by_class)?;
                let visits: Vec<&str> = journey.visits.iter().map(String::as_str).collect();
                if !visits.contains(&what.value.as_str()) {
                    self.report_unvisited(what, &visits);
                    return None;
                }
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
                let sum: f64 = parts.iter().sum();
                Some(Choice::ByShare(parts.iter().map(|part| part / sum).collect()))
            }
            RawChoice::ByClass(ways) => {
                let mut positions = vec![None; self.classes.len()];
                for (class, name) in ways {
                    positions[self.class(class)?] = Some(self.member(name, stations)?);
                }
                self.complete(&raw.place, "`by_class`", positions).map(Choice::ByClass)
            }
        }
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
        self.complete(place, "`service_time_by_class`", laws).map(Some)
    }

    pub(super) fn routes(&self, raw: &RawNetwork) -> Option<Option<RouteTable>> {
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
            let mistake = Mistake::of_sum("the shares", sum);
            self.table.report(&from.place, mistake.accepted("at most 100 %; the rest leaves"));
            return None;
        }
        let targets = targets.into_iter().collect::<Option<Vec<_>>>()?;
        // A tenth of a percent is a matter of rounding, as in every list of shares.
        let total = if is_whole(sum) { sum } else { 1.0 };
        let mut row: Vec<(f64, Option<StationId>)> =
            ways.iter().zip(targets).map(|((_, share), to)| (share.part() / total, Some(to))).collect();
        if total == 1.0 && sum < 1.0 {
            row.push((1.0 - sum, None));
        }
        Some(row)
    }

    fn report_unvisited(&self, what: &At<String>, visits: &[&str]) {
        let names: Vec<String> = visits.iter().map(|visit| format!("`{visit}`")).collect();
        let accepted = match names.as_slice() {
            [] => "a visit before, not only by chance".to_owned(),
            names => format!("an earlier visit: {}", names.join(", ")),
        };
        let mistake = Mistake::new(format!("`{}` is not certain to have been visited before", what.value));
        let mistake = mistake.accepted(accepted).nearest(&what.value, visits.iter().copied());
        self.table.report(&what.place, mistake);
    }
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
        RawWhat::Broken => None,
        RawWhat::Visit(visit) => visit.places.first().map(|place| place.value.as_str()),
        RawWhat::Again { what, .. } => Some(what.value.as_str()),
        RawWhat::Pause { kind, .. } => Some(kind.as_str()),
        RawWhat::Chance { then, otherwise, .. } => first_place(then).or_else(|| first_place(otherwise)),
        RawWhat::Choose { branches } => branches.iter().find_map(|(_, steps)| first_place(steps)),
        RawWhat::Repeat { steps, .. } => first_place(steps),
        RawWhat::Follow { from } => Some(from.value.as_str()),
    })
}
