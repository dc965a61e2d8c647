//! A stress test as a document: what `onetrip stress --json` prints, and what its tables, plots and page are made from.
//! Durations are in seconds, instants in seconds since midnight, shares from 0 to 1; what does not exist is `null`.

mod demand;
mod disturbance;
mod methods;
pub mod page;
mod passage;
pub mod terminal;

pub use demand::{DemandFacts, DemandPart, DemandPointPart, DemandTarget, LoadPart, LoadedStation};
pub use disturbance::{
    CostsPart, CoursePart, DisturbanceFacts, DisturbancePart, RecoveryPart, StationPart, VerdictPart,
};

use crate::facts::RunFacts;
use crate::folder::{FolderError, FolderKind};
use crate::methods::{Experiment, MethodsSection, of_study};
use crate::words::{Language, Words};
use onetrip_models::system::System;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// The word under the key `format`.
pub const FORMAT: &str = "onetrip-stress/1";

/// The folder of a stress test.
pub const FOLDER: FolderKind = FolderKind {
    written_by: "stress test",
    sign: ("stress.json", FORMAT),
    may_hold: |name| {
        let plots = ["demand.en.svg", "demand.zh.svg", "queues.en.svg", "queues.zh.svg"];
        name == "stress.html" || name == "stress.json" || plots.contains(&name)
    },
};

/// Writes the folder; the page opens in `language`. A folder from an earlier stress test is replaced.
///
/// # Errors
/// When the place is taken by something that is not from a stress test, or the system refuses. Nothing is then changed.
pub fn write_folder(path: &Path, document: &StressDocument, language: Language) -> Result<(), FolderError> {
    let page = page::render(document, language).map_err(|source| FolderError::file("stress.html", source))?;
    let mut files = vec![("stress.html".to_owned(), page), ("stress.json".to_owned(), document.to_json())];
    for plot in page::plots(document) {
        files.extend(Language::ALL.map(|language| {
            (format!("{}.{}.svg", plot.name, language.tag()), plot.svg(language).to_owned())
        }));
    }
    let files: Vec<(String, Vec<u8>)> =
        files.into_iter().map(|(name, text)| (name, text.into_bytes())).collect();
    FOLDER.write(path, &files)
}

/// The result of a stress test.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "onetrip stress")]
pub struct StressDocument {
    /// `onetrip-stress/1`.
    #[schemars(extend("const" = FORMAT))]
    pub format: String,
    /// Name of the scenario, as on the command line.
    pub scenario: String,
    /// Its title.
    pub title: Words,
    /// What was done to it.
    pub stress: Vec<Words>,
    /// What was found out, the answer first.
    pub findings: Vec<Words>,
    /// How it was run.
    pub run: StressRun,
    /// How much demand it bears, where that was asked.
    pub demand: Option<DemandPart>,
    /// What a disturbance does, where one was asked for.
    pub disturbance: Option<DisturbancePart>,
    /// How it was made: the 24 items of STRESS-DES.
    pub methods: Vec<MethodsSection>,
}

/// How it was run.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct StressRun {
    /// The one number from which all randomness follows.
    pub rng_seed: u64,
    /// Replications: run in all where demand is searched, else of each of the two.
    pub replications: u64,
    /// Independent days in each replication.
    pub days: u32,
    /// The probability with which answers are right together, and the level of intervals.
    pub level: f64,
    /// Arrivals and completed services simulated.
    pub events: u64,
    /// Stopped before the end.
    pub cut_short: bool,
    /// The command that repeats it.
    pub command: String,
    /// Version of the program.
    pub version: String,
}

/// What every stress test says of itself.
pub struct StressFacts<'a> {
    /// Name of the scenario, as on the command line.
    pub scenario: String,
    /// Its title.
    pub title: Words,
    /// What was done to it.
    pub stress: Vec<Words>,
    /// The scenario's system, undisturbed.
    pub system: &'a System,
    /// The scenario in words, its sources, the command that repeats it.
    pub run: RunFacts<'a>,
}

impl StressDocument {
    /// The document of a search for the demand that targets bear.
    pub fn of_demand(facts: &StressFacts<'_>, demand: &DemandFacts<'_>) -> StressDocument {
        let (settings, limits) = (demand.settings, demand.limits);
        let run = StressRun {
            rng_seed: settings.rng_seed,
            replications: limits.replication_count,
            days: settings.days,
            level: settings.level.share(),
            events: limits.event_count,
            cut_short: limits.is_cut_short,
            command: facts.run.command.clone(),
            version: facts.run.version.clone(),
        };
        let part = DemandPart::new(demand);
        let (findings, made) = (demand::findings(&part), methods::of_demand(&part, settings.at_most));
        StressDocument { demand: Some(part), ..StressDocument::new(facts, run, findings, made) }
    }

    /// The document of a disturbance.
    pub fn of_disturbance(facts: &StressFacts<'_>, disturbance: &DisturbanceFacts<'_>) -> StressDocument {
        let (settings, found) = (disturbance.settings, disturbance.disturbance);
        let run = StressRun {
            rng_seed: settings.rng_seed,
            replications: found.undisturbed.replication_count.into(),
            days: settings.days,
            level: settings.level.share(),
            events: found.undisturbed.event_count + found.disturbed.event_count,
            cut_short: found.undisturbed.is_cut_short,
            command: facts.run.command.clone(),
            version: facts.run.version.clone(),
        };
        let part = DisturbancePart::new(disturbance);
        let findings = disturbance::findings(&part, settings.days);
        let made = methods::of_disturbance(&run);
        StressDocument { disturbance: Some(part), ..StressDocument::new(facts, run, findings, made) }
    }

    fn new(
        facts: &StressFacts<'_>,
        run: StressRun,
        findings: Vec<Words>,
        (aims, estimation): (Words, Words),
    ) -> StressDocument {
        let experiment = Experiment {
            aims,
            scenarios: methods::scenarios(facts),
            estimation,
            rng_seed: run.rng_seed,
            version: run.version.clone(),
            command: run.command.clone(),
            events: Some(run.events),
            result: "stress.json",
        };
        StressDocument {
            format: FORMAT.to_owned(),
            scenario: facts.scenario.clone(),
            title: facts.title.clone(),
            stress: facts.stress.clone(),
            findings,
            run,
            demand: None,
            disturbance: None,
            methods: of_study(facts.system, &facts.run, &experiment),
        }
    }

    /// The document as indented JSON, with a line end.
    pub fn to_json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).expect("a document of plain values can be written");
        text.push('\n');
        text
    }

    /// The JSON Schema that describes this document.
    pub fn json_schema() -> serde_json::Value {
        schemars::schema_for!(StressDocument).to_value()
    }
}

/// A name shown, or the id where there is none.
pub(crate) fn name_of(title: &onetrip_models::text::Text, id: &str) -> Words {
    let words = Words::from(title);
    if words.is_empty() { Words::same(id) } else { words }
}
