//! A comparison as a document: what `onetrip compare --json` prints, and what its tables, plots and page are made from.
//! Differences are alternative − base. Durations are in seconds, shares from 0 to 1; what does not exist is `null`.

pub mod page;
pub(crate) mod reasons;
pub(crate) mod sentences;
pub mod terminal;

use crate::document::{Figure, Unit};
use crate::facts::RunFacts;
use crate::figures::counted;
use crate::folder::{FolderError, FolderKind};
use crate::methods::{self, Experiment, MethodsSection};
use crate::phrases;
use crate::setting::titled;
use crate::words::{Language, Words};
use onetrip_models::system::System;
use onetrip_studies::compare::mechanism::Mechanism;
use onetrip_studies::compare::{Comparison, MeasureComparison};
use onetrip_studies::replicate::RunResults;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// The word under the key `format`.
pub const FORMAT: &str = "onetrip-compare/1";

/// The folder of a comparison.
pub const FOLDER: FolderKind = FolderKind {
    written_by: "comparison",
    sign: ("compare.json", FORMAT),
    may_hold: |name| name == "compare.html" || name == "compare.json",
};

/// Writes the folder; the page opens in `language`. A folder from an earlier comparison is replaced.
///
/// # Errors
/// When the place is taken by something that is not from a comparison, or the system refuses. Nothing is then changed.
pub fn write_folder(path: &Path, document: &CompareDocument, language: Language) -> Result<(), FolderError> {
    let page =
        page::render(document, language).map_err(|source| FolderError::file("compare.html", source))?;
    let files = [("compare.html", page), ("compare.json", document.to_json())];
    FOLDER.write(path, &files.map(|(name, text)| (name.to_owned(), text.into_bytes())))
}

/// The result of a comparison.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "onetrip compare")]
pub struct CompareDocument {
    /// `onetrip-compare/1`.
    #[schemars(extend("const" = FORMAT))]
    pub format: String,
    /// What the others are compared with.
    pub base: ComparedPart,
    /// How all of them were run.
    pub run: CompareRun,
    /// The others.
    pub alternatives: Vec<AlternativePart>,
    /// How it was made: the 24 items of STRESS-DES.
    pub methods: Vec<MethodsSection>,
}

/// A scenario that was compared.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ComparedPart {
    /// Name, as on the command line.
    pub id: String,
    /// Title.
    pub title: Words,
    /// What was set of it, `PATH=VALUE`.
    pub set: Vec<String>,
    /// The same with the titles of the values.
    pub changes: Vec<Words>,
}

impl ComparedPart {
    /// A scenario by its name and title, with what was set of it.
    pub fn new(id: &str, title: Words, set: &[String], system: &System) -> ComparedPart {
        let changes = set.iter().map(|assignment| titled(assignment, system)).collect();
        ComparedPart { id: id.to_owned(), title, set: set.to_vec(), changes }
    }
}

/// How the scenarios were run.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct CompareRun {
    /// The one number from which all randomness follows; the same for all.
    pub rng_seed: u64,
    /// Replications of each.
    pub replications: u32,
    /// Independent days (or runs) in each replication.
    pub days: u32,
    /// The level at which all intervals of all alternatives hold together.
    pub level: f64,
    /// Version of the program.
    pub version: String,
    /// The command that repeats the comparison.
    pub command: String,
    /// Arrivals and completed services simulated, over all.
    pub events: u64,
    /// Stopped before the end that was asked for.
    pub cut_short: bool,
}

/// An alternative beside the base.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct AlternativePart {
    /// The scenario.
    pub scenario: ComparedPart,
    /// A sentence for each difference that is sure, the most important first.
    pub findings: Vec<Words>,
    /// The measures that were asked for: by default the headlines and those that differ.
    pub measures: Vec<DifferencePart>,
    /// Measures that both have and that are not in the list because nothing differs.
    pub unchanged: u64,
    /// Where the time of a visit went; empty for systems that do not keep it.
    pub time_of_visit: Vec<TimePart>,
    /// How single patients fared on the first day.
    pub patients: PatientsPart,
    /// Measures that only one of the two has, or that had nobody to count in some replication.
    pub left_out: Vec<String>,
    /// Listed measures for which sharing luck did not help.
    pub pairing_does_not_help: Vec<String>,
}

/// One measure in both.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct DifferencePart {
    /// Dotted name.
    pub id: String,
    /// Unit of the values.
    pub unit: Unit,
    /// Short title.
    pub title: Words,
    /// Who is counted, from which instant to which, over which hours.
    pub definition: Words,
    /// Shown first.
    pub headline: bool,
    /// In the base.
    pub base: Figure,
    /// In the alternative.
    pub alternative: Figure,
    /// Alternative − base; the interval holds together with all others.
    pub difference: Figure,
    /// The difference as a share of the base, where that is not 0.
    pub relative_difference: Option<f64>,
    /// p-value adjusted for all statements (Holm).
    pub family_p_value: f64,
    /// Whether it surely differs.
    pub different: bool,
    /// Variance of the difference ÷ sum of the variances: the share of replications needed of those that independent
    /// runs would need.
    pub variance_ratio: Option<f64>,
    /// Correlation of the paired values.
    pub correlation: Option<f64>,
    /// Of a mean wait that surely differs: what surely differs at its station too and moves waits the same way, the largest
    /// change first.
    pub because: Vec<ChangePart>,
}

/// Something that moves the wait at a station, and surely differs.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ChangePart {
    /// What it is.
    pub driver: DriverPart,
    /// In the base.
    pub base: Figure,
    /// In the alternative.
    pub alternative: Figure,
}

/// What moves the wait at a station.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DriverPart {
    /// How many come, a day (or run).
    Customers,
    /// The share of a day's customers who come in the busiest hour.
    Crowding,
    /// Mean time of a service, in seconds.
    ServiceTime,
    /// Time of servers on duty by the schedule, in seconds a day (or run).
    OnDuty,
    /// Of several stations: the mean wait of the base, and what it would be if people spread over the stations as in the
    /// alternative, in seconds.
    Spread,
}

/// One activity of a visit.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct TimePart {
    /// Word for the activity.
    pub id: String,
    /// Name shown.
    pub title: Words,
    /// Mean time of a visit in the base, in seconds.
    pub base_s: f64,
    /// Mean time in the alternative, in seconds.
    pub alternative_s: f64,
    /// Alternative − base, in seconds, with its interval.
    pub difference_s: Figure,
    /// Whether it surely differs.
    pub different: bool,
}

/// How the patients of the first day of the first replication fared, one by one.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct PatientsPart {
    /// Who come in both and complete their visit in both.
    pub paired: u64,
    /// Who complete it only in the base.
    pub only_in_base: u64,
    /// Who complete it only in the alternative.
    pub only_in_alternative: u64,
    /// Shorter stay in the alternative.
    pub shorter: u64,
    /// Exactly as long.
    pub equal: u64,
    /// Longer stay.
    pub longer: u64,
    /// Median of alternative − base, in seconds.
    pub median_difference_s: f64,
}

/// Which measures are listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Listed {
    /// Headlines and those that differ.
    Usual,
    /// These, by id.
    Named(Vec<String>),
    /// All.
    All,
}

/// An alternative, run and compared.
pub struct Compared<'a> {
    /// The scenario.
    pub scenario: ComparedPart,
    /// Its system.
    pub system: &'a System,
    /// Its results.
    pub results: &'a RunResults,
    /// The comparison with the base.
    pub comparison: &'a Comparison,
}

impl CompareDocument {
    /// The document of a comparison.
    pub fn new(
        base: (ComparedPart, &System, &RunResults),
        alternatives: &[Compared<'_>],
        listed: &Listed,
        facts: &RunFacts<'_>,
        level: f64,
    ) -> CompareDocument {
        let (scenario, system, results) = base;
        let events = alternatives.iter().map(|one| one.results.event_count).sum::<u64>();
        let (command, version) = (facts.command.clone(), facts.version.clone());
        let experiment = Experiment {
            aims: aims(alternatives.len()),
            scenarios: scenarios(&scenario, alternatives),
            estimation: estimation(results, level),
            rng_seed: results.settings.rng_seed,
            version: version.clone(),
            command: command.clone(),
            events: Some(events + results.event_count),
            result: "compare.json",
        };
        CompareDocument {
            format: FORMAT.to_owned(),
            methods: methods::of_study(system, facts, &experiment),
            base: scenario,
            run: CompareRun {
                rng_seed: results.settings.rng_seed,
                replications: results.replication_count,
                days: results.settings.days,
                level,
                version,
                command,
                events: events + results.event_count,
                cut_short: results.is_cut_short,
            },
            alternatives: alternatives
                .iter()
                .map(|one| alternative((system, results), one, listed))
                .collect(),
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
        schemars::schema_for!(CompareDocument).to_value()
    }
}

fn aims(alternatives: usize) -> Words {
    match alternatives {
        1 => Words::new(
            "To find what the alternative changes, patient by patient under the same luck.",
            "在共用随机数下逐患者比较方案相对基准的变化。",
        ),
        _ => Words::new(
            format!(
                "To find what {alternatives} alternatives change, patient by patient under the same luck."
            ),
            format!("在共用随机数下逐患者比较{alternatives}个方案相对基准的变化。"),
        ),
    }
}

fn scenarios(base: &ComparedPart, alternatives: &[Compared<'_>]) -> Words {
    let named = |part: &ComparedPart| {
        if part.set.is_empty() { part.id.clone() } else { format!("{} ({})", part.id, part.set.join(", ")) }
    };
    let others: Vec<String> = alternatives.iter().map(|one| named(&one.scenario)).collect();
    Words::new(
        format!("Base: {}. Alternatives: {}.", named(base), others.join("; ")),
        format!("基准：{}。方案：{}。", named(base), others.join("；")),
    )
}

fn estimation(results: &RunResults, level: f64) -> Words {
    let (replications, days) = (results.replication_count, results.settings.days);
    let percent = phrases::percent(level);
    let cut = |text: &'static str| if results.is_cut_short { text } else { "" };
    Words::new(
        format!(
            "{} of each scenario, {} in each; replication r of \
             all scenarios draws the same numbers for the same customer. Paired differences; their Student intervals \
             hold together at {percent} % (Bonferroni), and whether a measure differs is decided by Holm's \
             procedure.{}",
            counted(replications.into(), "independent replication", "independent replications"),
            counted(days.into(), "day or run", "days or runs"),
            cut(" The run was stopped before the end that was asked for.")
        ),
        format!(
            "各情景独立重复{replications}次，每次{days}天（轮）；各情景第r次重复中同一顾客取相同随机数。采用配对差值，\
             其Student置信区间以{percent}%同时成立（Bonferroni），差异判定用Holm法。{}",
            cut("运行提前终止。")
        ),
    )
}

/// An alternative beside the base.
pub(crate) fn alternative(
    base: (&System, &RunResults),
    one: &Compared<'_>,
    listed: &Listed,
) -> AlternativePart {
    let Comparison { measures, mechanisms, left_out, patients } = one.comparison;
    let mut parts: Vec<DifferencePart> = measures
        .iter()
        .map(|measure| {
            let of = |mechanism: &&Mechanism| mechanism.measure == measure.measure.id;
            DifferencePart::new(measure, mechanisms.iter().find(of))
        })
        .collect();
    let findings = sentences::of(&parts);
    let time_of_visit = time_of_visit(base, one, &parts);
    let total = parts.len();
    parts.retain(|part| match listed {
        Listed::Usual => part.headline || part.different,
        Listed::Named(ids) => ids.contains(&part.id),
        Listed::All => true,
    });
    sentences::by_importance(&mut parts);
    AlternativePart {
        scenario: one.scenario.clone(),
        findings,
        unchanged: (total - parts.len()) as u64,
        time_of_visit,
        patients: PatientsPart {
            paired: patients.paired,
            only_in_base: patients.only_in_base,
            only_in_alternative: patients.only_in_alternative,
            shorter: patients.shorter,
            equal: patients.equal,
            longer: patients.longer,
            median_difference_s: patients.median_difference_s,
        },
        left_out: left_out.clone(),
        pairing_does_not_help: parts
            .iter()
            .filter(|part| part.variance_ratio.is_some_and(|ratio| ratio >= 1.0))
            .map(|part| part.id.clone())
            .collect(),
        measures: parts,
    }
}

impl DifferencePart {
    fn new(one: &MeasureComparison, mechanism: Option<&Mechanism>) -> DifferencePart {
        let base = one.base.value.abs();
        DifferencePart {
            id: one.measure.id.clone(),
            unit: one.measure.unit.into(),
            title: (&one.measure.title).into(),
            definition: (&one.measure.definition).into(),
            headline: one.measure.is_headline,
            base: Figure::of(Some(one.base)),
            alternative: Figure::of(Some(one.alternative)),
            difference: Figure::of(Some(one.difference)),
            relative_difference: (base > 0.0).then(|| one.difference.value / base),
            family_p_value: one.family_p_value,
            different: one.is_different,
            variance_ratio: one.variance_reduction.variance_ratio,
            correlation: one.variance_reduction.correlation,
            because: mechanism.iter().flat_map(|one| &one.changes).map(ChangePart::new).collect(),
        }
    }
}

/// The time of a visit by activity: values from the accounts, intervals from the measures of the same name.
fn time_of_visit(
    (system, results): (&System, &RunResults),
    one: &Compared<'_>,
    parts: &[DifferencePart],
) -> Vec<TimePart> {
    let mean = |system: &System, results: &RunResults| -> Option<Vec<(&'static str, f64)>> {
        let spent = system.time_spent_micros(&results.account)?;
        let arrived = results.account.statistics.accounting_total().arrived.max(1) as f64;
        Some(
            spent
                .into_iter()
                .map(|(activity, micros)| (activity.id(), micros as f64 / 1e6 / arrived))
                .collect(),
        )
    };
    let (Some(before), Some(after)) = (mean(system, results), mean(one.system, one.results)) else {
        return Vec::new();
    };
    before
        .into_iter()
        .zip(after)
        .map(|((id, base_s), (_, alternative_s))| {
            let measure = parts.iter().find(|part| part.id == format!("visits.time.{id}.mean"));
            let bare = Figure::bare(Some(alternative_s - base_s));
            let title = measure.map_or_else(|| Words::same(id), |part| part.title.clone());
            TimePart {
                id: id.to_owned(),
                title: after_colon(&title),
                base_s,
                alternative_s,
                difference_s: measure.map_or(bare, |part| part.difference),
                different: measure.is_some_and(|part| part.different),
            }
        })
        .collect()
}

fn after_colon(title: &Words) -> Words {
    let cut =
        |text: &str, colon: &str| text.split_once(colon).map_or(text, |(_, rest)| rest).trim().to_owned();
    Words::new(cut(&title.en, ":"), cut(&title.zh, "："))
}
