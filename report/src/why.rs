//! The causes of waiting as a document: what `onetrip why --json` prints, and what its tables, timelines and page are made
//! from. Durations are in seconds, instants in seconds since midnight of the first day; sums that must be exact are in
//! whole microseconds as well. What does not exist is `null`.

pub mod folder;
pub mod page;
mod parts;
mod sentences;
mod tables;
pub mod terminal;
pub(crate) mod wording;

use crate::document::{Figure, InputPart, ScenarioPart};
use crate::facts::RunFacts;
use crate::methods::{self, Experiment, MethodsSection};
use crate::phrases;
use crate::words::{Language, Words};
use onetrip_models::system::System;
use onetrip_studies::replicate::RunResults;
use onetrip_studies::why::{By, Why};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The word under the key `format`.
pub const FORMAT: &str = "onetrip-why/1";

/// Why patients wait.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "onetrip why")]
pub struct WhyDocument {
    /// `onetrip-why/1`.
    #[schemars(extend("const" = FORMAT))]
    pub format: String,
    /// What was run.
    pub scenario: ScenarioPart,
    /// How it was run.
    pub run: WhyRun,
    /// Whose time it is.
    pub visits: VisitsPart,
    /// What stands out, in sentences.
    pub findings: Vec<Words>,
    /// The causes, with what each took of a visit. Their times add up to the time inside.
    pub causes: Vec<CausePart>,
    /// The same by station, the largest loss first; the last may be the time at no station.
    pub stations: Vec<StationCauses>,
    /// The same by hour of the day, hours in which anybody was inside.
    pub hours: Vec<HourCauses>,
    /// The same by class of patient.
    pub classes: Vec<ClassCauses>,
    /// The median and the worst of all completed visits, and whoever was asked for, told step by step.
    pub told: Vec<ToldPart>,
    /// How it was made: the 24 items of STRESS-DES.
    pub methods: Vec<MethodsSection>,
}

/// How the scenario was run.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct WhyRun {
    /// The one number from which all randomness follows.
    pub rng_seed: u64,
    /// Replications.
    pub replications: u32,
    /// Independent days (or runs) in each replication.
    pub days: u32,
    /// Confidence level of the intervals.
    pub level: f64,
    /// What decides who is the median and who the worst.
    pub by: ByPart,
    /// Version of the program.
    pub version: String,
    /// The command that repeats it.
    pub command: String,
    /// Arrivals and completed services simulated.
    pub events: u64,
    /// Stopped before the end that was asked for.
    pub cut_short: bool,
}

/// What decides who is the median and who the worst.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ByPart {
    /// The time from arrival to departure.
    Sojourn,
    /// The time lost to the patient.
    Wait,
}

impl From<By> for ByPart {
    fn from(by: By) -> ByPart {
        match by {
            By::Sojourn => ByPart::Sojourn,
            By::Wait => ByPart::Wait,
        }
    }
}

/// Whose time it is.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct VisitsPart {
    /// Visits that ended, over all replications; all figures are of these.
    pub ended: u64,
    /// Of these, with everything done.
    pub completed: u64,
    /// Not counted, as they began during the warm-up.
    pub began_in_warm_up: u64,
    /// Not counted, as they had not ended when the run did.
    pub still_inside: u64,
    /// Mean time from arrival to departure, in seconds.
    pub sojourn_s: Figure,
    /// Mean time lost, in seconds: the causes that are waits.
    pub wait_s: Figure,
    /// Sum of the times inside, in microseconds; the causes add up to it exactly.
    pub sojourn_us: u64,
}

/// A cause.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct CausePart {
    /// Word for it.
    pub id: String,
    /// Name shown.
    pub title: Words,
    /// What is put down to it.
    pub definition: Words,
    /// Whether this time is lost to the patient.
    pub wait: bool,
    /// Mean time of a visit, in seconds.
    pub time_s: Figure,
    /// Share of the time inside.
    pub share: f64,
    /// Sum over all visits, in microseconds.
    pub time_us: u64,
}

/// Time put down to a cause.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct CauseTime {
    /// The cause, by its word.
    pub cause: String,
    /// Mean time of a visit, in seconds.
    pub time_s: Figure,
    /// Sum over all visits, in microseconds.
    pub time_us: u64,
}

/// The time at a station and on the way to it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct StationCauses {
    /// Dotted name; `null` for time at no station and on the way to none.
    pub id: Option<String>,
    /// Name shown.
    pub title: Words,
    /// Share of the visits that spent any time here.
    pub users_share: f64,
    /// Mean time of a visit, in seconds, over all visits.
    pub time_s: Figure,
    /// Of it, lost to patients.
    pub wait_s: Figure,
    /// The causes that took any time here.
    pub causes: Vec<CauseTime>,
}

/// An hour of the day.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct HourCauses {
    /// The hour that begins at …
    pub hour: u8,
    /// How many of the counted patients were inside, averaged over the hour and the days.
    pub patients: Figure,
    /// Of these, those who lost this time.
    pub waiting: Figure,
    /// Of these, by what held them at that instant.
    pub causes: Vec<HourCause>,
}

/// How many patients a cause held in an hour.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct HourCause {
    /// The cause, by its word.
    pub cause: String,
    /// Patients, averaged over the hour and the days.
    pub patients: Figure,
    /// Sum over all visits, in microseconds.
    pub time_us: u64,
}

/// A class of patient.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ClassCauses {
    /// Name shown.
    pub title: Words,
    /// Its visits.
    pub visits: u64,
    /// Mean time inside, in seconds: the time of its visits ÷ their number.
    pub sojourn_s: Figure,
    /// Of it, lost to the patient.
    pub wait_s: Figure,
    /// The causes that took any time of it.
    pub causes: Vec<ClassCause>,
}

/// Time of a class put down to a cause.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ClassCause {
    /// The cause, by its word.
    pub cause: String,
    /// Mean time of a visit of the class, in seconds.
    pub time_s: Figure,
    /// Sum over its visits, in microseconds.
    pub time_us: u64,
}

/// Why a visit is told.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TellerPart {
    /// Half of all completed visits took no longer.
    Median,
    /// No completed visit took longer.
    Worst,
    /// It was asked for.
    Asked,
}

/// A visit told step by step: its critical path, since a patient does one thing at a time.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ToldPart {
    /// Why this one.
    pub teller: TellerPart,
    /// The replication, from 1.
    pub replication: u32,
    /// The day (or run) of it, from 1.
    pub day: u32,
    /// Arrival source, by name.
    pub source: String,
    /// Number within the source.
    pub number: u32,
    /// Who it is, for people.
    pub patient: Words,
    /// What `--patient` takes to tell this visit.
    pub asked_by: String,
    /// Class of patient.
    pub class: Words,
    /// With everything done.
    pub completed: bool,
    /// Came in.
    pub arrived_at_s: f64,
    /// Left.
    pub left_at_s: f64,
    /// From arrival to departure, in seconds.
    pub sojourn_s: f64,
    /// The same in microseconds; the steps add up to it exactly.
    pub sojourn_us: u64,
    /// Of it, lost to the patient, in seconds.
    pub wait_s: f64,
    /// The steps, without a gap from arrival to departure.
    pub steps: Vec<StepPart>,
}

/// One step of a visit.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct StepPart {
    /// When it began.
    pub from_s: f64,
    /// When it was over.
    pub to_s: f64,
    /// How long it took, in microseconds.
    pub time_us: u64,
    /// What the patient did.
    pub what: Words,
    /// Its cause, by its word.
    pub cause: String,
    /// Whether this time is lost to the patient.
    pub wait: bool,
    /// The station it belongs to, by its dotted name.
    pub station: Option<String>,
    /// Others who were called during the wait in line that begins with this step.
    pub others_called: Option<u32>,
    /// Of these, who had come later.
    pub others_later: Option<u32>,
}

impl WhyDocument {
    /// The document of what was found.
    pub fn new(system: &System, why: &Why, facts: &RunFacts<'_>, by: By) -> WhyDocument {
        let results = &why.results;
        let ledger = &why.ledger;
        let mut document = WhyDocument {
            format: FORMAT.to_owned(),
            run: WhyRun {
                rng_seed: results.settings.rng_seed,
                replications: results.replication_count,
                days: results.settings.days,
                level: results.settings.level.share(),
                by: by.into(),
                version: facts.version.clone(),
                command: facts.command.clone(),
                events: results.event_count,
                cut_short: results.is_cut_short,
            },
            visits: VisitsPart {
                ended: ledger.visit_count,
                completed: ledger.completed_count,
                began_in_warm_up: ledger.early_count,
                still_inside: ledger.inside_count,
                sojourn_s: Figure::of(why.times.of_all(&|_| true)),
                wait_s: Figure::of(why.times.of_all(&|cause| cause.is_wait(system))),
                sojourn_us: ledger.sojourn_micros,
            },
            findings: Vec::new(),
            causes: parts::causes(system, why, &facts.scenario),
            stations: parts::stations(system, why),
            hours: parts::hours(system, why),
            classes: parts::classes(system, why),
            told: parts::told(system, why, &facts.scenario),
            methods: methods::of_study(system, facts, &experiment(results, facts)),
            scenario: facts.scenario.clone(),
        };
        document.findings = sentences::of(&document);
        document
    }

    /// The document as indented JSON, with a line end.
    pub fn to_json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).expect("a document of plain values can be written");
        text.push('\n');
        text
    }

    /// The JSON Schema that describes this document.
    pub fn json_schema() -> serde_json::Value {
        schemars::schema_for!(WhyDocument).to_value()
    }

    /// A cause by its word.
    pub(crate) fn cause(&self, id: &str) -> Option<&CausePart> {
        self.causes.iter().find(|cause| cause.id == id)
    }

    /// The cause that holds most of those who lose their time in an hour.
    pub(crate) fn main_wait<'a>(&self, hour: &'a HourCauses) -> Option<&'a HourCause> {
        let is_wait = |one: &&HourCause| self.cause(&one.cause).is_some_and(|cause| cause.wait);
        hour.causes.iter().filter(is_wait).max_by_key(|one| one.time_us)
    }

    /// Title of the scenario in a language.
    pub(crate) fn title(&self, language: Language) -> &str {
        self.scenario.title.or_name(&self.scenario.id, language)
    }
}

/// What was done with the scenario, for the methods.
fn experiment(results: &RunResults, facts: &RunFacts<'_>) -> Experiment {
    let percent = phrases::percent(results.settings.level.share());
    let size = (results.replication_count, results.settings.days);
    let of = |language| phrases::replications_of(facts.scenario.kind, size, language);
    let inputs: Vec<InputPart> = facts.inputs.iter().map(InputPart::from).collect();
    Experiment {
        aims: Words::new(
            "To find what patients wait for: every instant of every visit is put down to one cause.",
            "查明患者因何等候：将每次就诊的每一时刻归于一个原因。",
        ),
        scenarios: methods::scenarios(&inputs),
        estimation: Words::new(
            format!(
                "{}, all independent; mean times a visit by cause, station and hour, one value a replication; {percent} % intervals \
                 by Student's t over replications, for a class of the ratio of time to visits. Causes add up to the time inside in every visit, to the microsecond.",
                of(Language::English)
            ),
            format!(
                "{}，相互独立；按原因、站点与时段取每次就诊平均时间，每次重复一个值；以重复间的Student t给出{percent}%置信区间，患者类别取时间与就诊数之比的区间。\
                 每次就诊各原因之和逐微秒等于在院时间。",
                of(Language::Chinese)
            ),
        ),
        rng_seed: results.settings.rng_seed,
        version: facts.version.clone(),
        command: facts.command.clone(),
        events: Some(results.event_count),
        result: "why.json",
    }
}
