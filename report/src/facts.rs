//! What the results of a run do not say of themselves: the scenario in words, the command, the sources.

use crate::document::{PauseKind, ScenarioKind, ScenarioPart};
use crate::words::Words;
use onetrip_models::network::NetworkSpec;
use onetrip_scenarios::reader::Provenance;
use onetrip_scenarios::targets::TargetDocument;
use onetrip_sim::engine::Horizon;
use onetrip_studies::scorecard::Scorecard;

/// What a [`crate::document::RunDocument`] needs beside the results.
#[derive(Clone, Debug)]
pub struct RunFacts<'a> {
    /// The scenario in words.
    pub scenario: ScenarioPart,
    /// The command that repeats the run.
    pub command: String,
    /// Version of the program.
    pub version: String,
    /// Every number of the scenario and where it comes from; empty for a scenario that was built in code.
    pub inputs: &'a [Provenance],
    /// The targets that were held against the run, and how that came out.
    pub targets: Option<(&'a TargetDocument, &'a Scorecard)>,
    /// The measures that together are the time of a visit, in the order shown; empty to take the time of a visit from
    /// the engine's integrals (queueing, being served, pauses by kind).
    pub visit_measures: Vec<VisitMeasure>,
}

/// A measure that is part of the time of a visit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VisitMeasure {
    /// Word for the part: `queueing`, `being_served`, `walking`, `waiting_for_results` …
    pub id: String,
    /// Name shown.
    pub title: Words,
    /// Id of the measure, in seconds.
    pub measure: String,
}

impl ScenarioPart {
    /// A plain network in words.
    pub fn of_network(spec: &NetworkSpec) -> ScenarioPart {
        let (ends_at, ends_when_empty) = match spec.run.horizon {
            Horizon::At(end) => (end, false),
            Horizon::Drained { at_latest } => (at_latest, true),
        };
        ScenarioPart {
            id: spec.name.clone(),
            title: (&spec.title).into(),
            description: (&spec.description).into(),
            kind: ScenarioKind::Network,
            warm_up_s: spec.run.warm_up.as_seconds(),
            ends_at_s: ends_at.as_seconds(),
            ends_when_empty,
            sources: spec.sources.iter().map(|source| Words::same(&source.name)).collect(),
            pause_kinds: spec
                .pause_kinds
                .iter()
                .map(|kind| PauseKind { id: kind.clone(), title: Words::same(kind) })
                .collect(),
        }
    }
}
