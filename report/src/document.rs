//! The result of a run as a document: what `--json` prints, `result.json` holds, and every table, plot and page is made
//! from. Durations are in seconds, instants in seconds since the run began (for a hospital: since midnight), shares
//! from 0 to 1. What does not exist is `null`.

mod accounting;
mod figure;
mod scenario;
mod station;
mod target;
mod visit;

pub use accounting::{AccountingPart, ClassAccounting};
pub use figure::{Figure, Unit};
pub use scenario::{InputOrigin, InputPart, LongRunPart, PauseKind, RunPart, ScenarioKind, ScenarioPart};
pub use station::{ByHour, LongestQueue, StationPart, WaitDistribution, WaitFigures, WaitTimes};
pub use target::{
    AnswerPart, CheckPart, Comparison, EvidenceKind, Finding, ScorePart, ScorecardPart, TargetBasis,
    TargetGroup, TargetPart, TargetSummary, Verdict,
};
pub use visit::{PartOfVisit, VisitTime};

use crate::facts::RunFacts;
use crate::words::Words;
use onetrip_models::system::System;
use onetrip_studies::replicate::RunResults;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The word under the key `format` of a run's result.
pub const FORMAT: &str = "onetrip-run/1";

/// The result of a run.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "onetrip run")]
pub struct RunDocument {
    /// `onetrip-run/1`.
    #[schemars(extend("const" = FORMAT))]
    pub format: String,
    /// What was run.
    pub scenario: ScenarioPart,
    /// How it was run.
    pub run: RunPart,
    /// What was measured, each figure with its definition.
    pub measures: Vec<MeasurePart>,
    /// The stations.
    pub stations: Vec<StationPart>,
    /// Where the time of a visit goes; `null` where nobody came.
    pub visit_time: Option<VisitTime>,
    /// The document whose targets were held against the run.
    pub scorecard: Option<ScorecardPart>,
    /// Its items with their verdicts.
    pub targets: Vec<TargetPart>,
    /// What became of everybody who came.
    pub accounting: AccountingPart,
    /// Every number of the scenario and where it comes from.
    pub inputs: Vec<InputPart>,
}

/// One measure and what it came to.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct MeasurePart {
    /// Dotted name.
    pub id: String,
    /// Unit of the value.
    pub unit: Unit,
    /// Value and interval.
    #[serde(flatten)]
    pub figure: Figure,
    /// Short title.
    pub title: Words,
    /// Who is counted, from which instant to which, over which hours.
    pub definition: Words,
    /// Shown first, and decides how many replications are enough.
    pub headline: bool,
    /// Replications this measure needed for the precision asked for, where one was asked for and met.
    pub needed: Option<u64>,
}

impl RunDocument {
    /// The document of a run.
    pub fn new(system: &System, results: &RunResults, facts: &RunFacts<'_>) -> RunDocument {
        let measures: Vec<MeasurePart> = system
            .measures()
            .iter()
            .zip(&results.measures)
            .map(|(measure, result)| MeasurePart {
                id: measure.id.clone(),
                unit: measure.unit.into(),
                figure: Figure::of(result.estimate),
                title: (&measure.title).into(),
                definition: (&measure.definition).into(),
                headline: measure.is_headline,
                needed: result.needed,
            })
            .collect();
        let (scorecard, targets) = target::parts(facts.targets);
        let stations = station::parts(system, results, &measures);
        RunDocument {
            format: FORMAT.to_owned(),
            scenario: facts.scenario.clone(),
            run: RunPart::new(system, results, facts),
            visit_time: VisitTime::new(&results.account.statistics, facts, &measures),
            stations,
            measures,
            scorecard,
            targets,
            accounting: AccountingPart::new(system, &results.account.statistics),
            inputs: facts.inputs.iter().map(InputPart::from).collect(),
        }
    }

    /// The measure with this id.
    pub fn measure(&self, id: &str) -> Option<&MeasurePart> {
        self.measures.iter().find(|measure| measure.id == id)
    }

    /// The measures shown first.
    pub fn headline(&self) -> impl Iterator<Item = &MeasurePart> {
        self.measures.iter().filter(|measure| measure.headline)
    }

    /// Stations where anybody can wait, those where most time is lost first.
    pub fn stations_by_waiting(&self) -> Vec<&StationPart> {
        let mut stations: Vec<&StationPart> =
            self.stations.iter().filter(|station| station.has_queue).collect();
        stations.sort_by(|a, b| b.time_waited_s().total_cmp(&a.time_waited_s()));
        stations
    }

    /// The document as indented JSON, with a line end.
    pub fn to_json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).expect("a document of plain values can be written");
        text.push('\n');
        text
    }

    /// The JSON Schema that describes this document.
    pub fn json_schema() -> serde_json::Value {
        schemars::schema_for!(RunDocument).to_value()
    }
}
