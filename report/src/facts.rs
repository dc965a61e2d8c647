//! What the results of a run do not say of themselves: the scenario in words, the command, the sources.

use crate::document::{PauseKind, ScenarioKind, ScenarioPart};
use crate::words::Words;
use onetrip_models::hospital::{self, Activity, LATEST_END};
use onetrip_models::network::NetworkSpec;
use onetrip_models::text::Text;
use onetrip_scenarios::hospital::HospitalScenario;
use onetrip_scenarios::reader::Provenance;
use onetrip_scenarios::region::RegionSpec;
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
            Horizon::Drained { at_latest, .. } => (at_latest, true),
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

    /// A hospital day in words.
    pub fn of_hospital(scenario: &HospitalScenario) -> ScenarioPart {
        let title = if scenario.title == Text::default() { &scenario.hospital.name } else { &scenario.title };
        ScenarioPart::of_a_day(&scenario.hospital.id, title, &scenario.hospital.name)
    }

    /// A day of a region's hospitals in words.
    pub fn of_region(spec: &RegionSpec) -> ScenarioPart {
        ScenarioPart::of_a_day(&spec.id, &spec.title, &spec.about)
    }

    fn of_a_day(id: &str, title: &Text, description: &Text) -> ScenarioPart {
        ScenarioPart {
            id: id.to_owned(),
            title: title.into(),
            description: description.into(),
            kind: ScenarioKind::Hospital,
            warm_up_s: 0.0,
            ends_at_s: LATEST_END.as_seconds(),
            ends_when_empty: true,
            sources: vec![
                Words::new("patients who have booked", "预约患者"),
                Words::new("walk-in patients", "未预约患者"),
            ],
            pause_kinds: hospital::PauseKind::ALL
                .iter()
                .map(|kind| PauseKind { id: kind.id().to_owned(), title: title_of(*kind) })
                .collect(),
        }
    }
}

fn title_of(kind: hospital::PauseKind) -> Words {
    match kind {
        hospital::PauseKind::Walking => Words::new("walking", "步行"),
        hospital::PauseKind::AwaitingResults => Words::new("waiting for results", "等待结果"),
        hospital::PauseKind::AwaitingMedicine => Words::new("waiting for medicine", "等待配药"),
        hospital::PauseKind::AwaitingSession => Words::new("waiting for the session", "等待出诊"),
        hospital::PauseKind::AwaitingSlot => Words::new("waiting for the booked time", "等待预约时间"),
        hospital::PauseKind::Preparing => Words::new("getting ready for an examination", "检查前准备"),
        hospital::PauseKind::PayingByPhone => Words::new("paying by phone", "手机支付"),
    }
}

impl VisitMeasure {
    /// The parts of a hospital visit.
    pub fn of_hospital() -> Vec<VisitMeasure> {
        let title = |activity: Activity| match activity {
            Activity::Queueing => Words::new("queueing", "排队"),
            Activity::Served => Words::new("being served", "接受服务"),
            Activity::Walking => Words::new("walking", "步行"),
            Activity::AwaitingResults => Words::new("waiting for results or medicine", "等待结果或配药"),
            Activity::Early => {
                Words::new("early: before the session or the booked time", "早到：等待出诊或预约时间")
            }
            Activity::Preparing => Words::new("getting ready for examinations", "检查前准备"),
        };
        Activity::ALL
            .into_iter()
            .map(|activity| VisitMeasure {
                id: activity.id().to_owned(),
                title: title(activity),
                measure: format!("visits.time.{}.mean", activity.id()),
            })
            .collect()
    }
}
