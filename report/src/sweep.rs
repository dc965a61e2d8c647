//! A sweep as a document: what `onetrip sweep --json` prints, and what its table, plots and page are made from.
//! Durations are in seconds, shares from 0 to 1; the values of a variable are in the unit it was written in; what does
//! not exist is `null`.

pub mod folder;
pub mod journal;
mod methods;
pub mod page;
mod sentences;
mod table;
pub mod terminal;

use crate::document::{Figure, Unit};
use crate::facts::RunFacts;
use crate::methods::{MethodsSection, of_study};
use crate::setting::title_of;
use crate::words::{Language, Words};
use onetrip_models::measure::Measure;
use onetrip_models::system::System;
use onetrip_studies::design::Scale;
use onetrip_studies::sweep::{
    DesignChoice, Luck, PointResult, Sensitivity, SensitivityError, Setting, SweepPlan, SweepResults,
    SweepSettings, Variable,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The word under the key `format`.
pub const FORMAT: &str = "onetrip-sweep/1";

/// The result of a sweep.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "onetrip sweep")]
pub struct SweepDocument {
    /// `onetrip-sweep/1`.
    #[schemars(extend("const" = FORMAT))]
    pub format: String,
    /// Name of the scenario, as on the command line.
    pub scenario: String,
    /// Its title.
    pub title: Words,
    /// What was set of it at every point, `PATH=VALUE`.
    pub set: Vec<String>,
    /// What was found out, in sentences.
    pub findings: Vec<Words>,
    /// How it was run.
    pub run: SweepRun,
    /// What was varied.
    pub variables: Vec<VariablePart>,
    /// What was measured.
    pub measures: Vec<MeasurePart>,
    /// The points, in the order of the design.
    pub points: Vec<PointPart>,
    /// What the design says of each variable, a measure after another; empty for designs that only spread points.
    pub sensitivities: Vec<SensitivityPart>,
    /// How it was made: the 24 items of STRESS-DES.
    pub methods: Vec<MethodsSection>,
}

/// How a sweep was run.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct SweepRun {
    /// How the values are spread.
    pub design: DesignKind,
    /// Blocks of Saltelli's matrix, or trajectories; `null` for designs that only spread points.
    pub blocks: Option<u64>,
    /// The one number from which all randomness follows.
    pub rng_seed: u64,
    /// Replications of each point.
    pub replications: u32,
    /// Independent days (or runs) in each replication.
    pub days: u32,
    /// Whether all points share their luck (common random numbers).
    pub common_luck: bool,
    /// Confidence level of the intervals.
    pub level: f64,
    /// Replications run in all; points alike are run once.
    pub runs: u64,
    /// Arrivals and completed services simulated in all.
    pub events: u64,
    /// Version of the program.
    pub version: String,
    /// The command that repeats the sweep.
    pub command: String,
}

/// How the values are spread.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DesignKind {
    /// Every combination.
    Grid,
    /// A Latin hypercube.
    LatinHypercube,
    /// A scrambled Sobol sequence.
    SobolSequence,
    /// Saltelli's matrix, for Sobol' indices.
    SobolIndices,
    /// Morris's trajectories, for elementary effects.
    Morris,
}

/// A variable.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct VariablePart {
    /// As it was written.
    pub text: String,
    /// The path that is set.
    pub path: String,
    /// What it is called.
    pub title: Words,
    /// The unit of its numbers; empty for plain numbers and choices.
    pub unit: String,
    /// Its column in the table, with the unit in its name.
    pub column: String,
    /// Whether its values are evenly spread in the logarithm.
    pub log: bool,
    /// The values it may take, where they are a list.
    pub levels: Vec<Value>,
}

/// What a variable is set to.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Value {
    /// A number in the variable's unit.
    Number(f64),
    /// A choice that is no number.
    Choice(String),
}

/// A measure.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct MeasurePart {
    /// Dotted name.
    pub id: String,
    /// Unit of the values.
    pub unit: Unit,
    /// Short title.
    pub title: Words,
    /// Who is counted, from which instant to which, over which hours.
    pub definition: Words,
}

/// A point.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct PointPart {
    /// Its number, from 1.
    pub point: u64,
    /// The value of each variable.
    pub values: Vec<Value>,
    /// The value of each measure: the mean over replications with its interval.
    pub results: Vec<Figure>,
}

/// What the design says of the variables for one measure.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct SensitivityPart {
    /// The measure.
    pub measure: String,
    /// One entry a variable; empty where there is nothing to say, which `remark` explains.
    pub variables: Vec<VariableSensitivity>,
    /// Why there is nothing to say.
    pub remark: Option<Words>,
}

/// How one variable acts on a measure. Either the two indices or the three effects are there.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct VariableSensitivity {
    /// The path of the variable.
    pub path: String,
    /// First-order Sobol' index: the share of the variance that would vanish if this variable alone were known.
    pub first: Option<Figure>,
    /// Total Sobol' index: the share that would remain if all others were known.
    pub total: Option<Figure>,
    /// Mean elementary effect, in the unit of the measure per full range of the variable.
    pub mean_effect: Option<Figure>,
    /// Mean absolute elementary effect, μ*.
    pub mean_absolute_effect: Option<Figure>,
    /// Standard deviation of the elementary effects, σ.
    pub effect_sd: Option<Figure>,
}

/// What a document is made of.
pub struct SweepFacts<'a> {
    /// Name of the scenario, as on the command line.
    pub scenario: String,
    /// Its title.
    pub title: Words,
    /// What was set of it.
    pub set: &'a [String],
    /// The plan.
    pub plan: &'a SweepPlan,
    /// What was measured.
    pub measures: &'a [Measure],
    /// How it was run.
    pub settings: &'a SweepSettings,
    /// What it came to.
    pub results: &'a SweepResults,
    /// The scenario's system, before anything is varied.
    pub system: &'a System,
    /// The scenario in words, its sources, the command that repeats the sweep.
    pub run: RunFacts<'a>,
}

impl SweepDocument {
    /// The document of a sweep.
    pub fn new(facts: &SweepFacts<'_>) -> SweepDocument {
        let plan = facts.plan;
        let mut document = SweepDocument {
            format: FORMAT.to_owned(),
            scenario: facts.scenario.clone(),
            title: facts.title.clone(),
            set: facts.set.to_vec(),
            findings: Vec::new(),
            run: run_part(facts),
            variables: plan.variables().iter().map(|one| variable_part(one, facts.system)).collect(),
            measures: facts.measures.iter().map(measure_part).collect(),
            points: facts
                .results
                .points
                .iter()
                .enumerate()
                .map(|(at, point)| point_part(at, point, plan.variables()))
                .collect(),
            sensitivities: sensitivity_parts(facts),
            methods: Vec::new(),
        };
        document.findings = sentences::findings(&document);
        document.methods = of_study(facts.system, &facts.run, &methods::experiment(&document));
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
        schemars::schema_for!(SweepDocument).to_value()
    }

    /// What the variable at a path is called.
    pub(crate) fn name_of<'a>(&'a self, path: &'a str, language: Language) -> &'a str {
        let variable = self.variables.iter().find(|variable| variable.path == path);
        variable.map_or(path, |variable| variable.title.in_language(language))
    }

    /// The different values of a variable at the points, in rising order or that of the list.
    pub(crate) fn axis(&self, variable: usize) -> Vec<Value> {
        let listed = &self.variables[variable].levels;
        if !listed.is_empty() {
            return listed.clone();
        }
        let mut numbers: Vec<f64> =
            self.points.iter().filter_map(|point| point.values[variable].number()).collect();
        numbers.sort_by(f64::total_cmp);
        numbers.dedup();
        numbers.into_iter().map(Value::Number).collect()
    }
}

impl Value {
    /// The number, where it is one.
    pub fn number(&self) -> Option<f64> {
        match self {
            Value::Number(number) => Some(*number),
            Value::Choice(_) => None,
        }
    }

    /// The value without its unit.
    pub fn text(&self) -> String {
        match self {
            Value::Number(number) => number.to_string(),
            Value::Choice(text) => text.clone(),
        }
    }
}

impl From<Setting> for Value {
    fn from(setting: Setting) -> Value {
        match setting {
            Setting::Number(number) => Value::Number(number),
            Setting::Choice(text) => Value::Choice(text),
        }
    }
}

impl VariablePart {
    /// Its title with its unit.
    pub(crate) fn heading(&self, language: Language) -> String {
        let title = self.title.in_language(language);
        match (self.unit.is_empty(), language) {
            (true, _) => title.to_owned(),
            (false, Language::English) => format!("{title} ({})", self.unit),
            (false, Language::Chinese) => format!("{title}（{}）", self.unit_in(language)),
        }
    }

    /// A value with its unit.
    pub(crate) fn shown(&self, value: &Value, language: Language) -> String {
        format!("{} {}", value.text(), self.unit_in(language)).trim_end().to_owned()
    }

    /// Its unit in a language, where it is a usual one.
    fn unit_in(&self, language: Language) -> &str {
        const UNITS: [(&str, &str); 5] =
            [("s", "秒"), ("min", "分钟"), ("h", "小时"), ("per hour", "每小时"), ("per minute", "每分钟")];
        let usual = UNITS.iter().find(|(en, _)| *en == self.unit);
        usual.map_or(&self.unit, |(en, zh)| language.pick(en, zh))
    }
}

impl DesignKind {
    /// Whether it says by itself how variables act.
    pub(crate) fn has_sensitivities(self) -> bool {
        matches!(self, DesignKind::SobolIndices | DesignKind::Morris)
    }
}

impl From<DesignChoice> for DesignKind {
    fn from(choice: DesignChoice) -> DesignKind {
        match choice {
            DesignChoice::Grid => DesignKind::Grid,
            DesignChoice::LatinHypercube(_) => DesignKind::LatinHypercube,
            DesignChoice::SobolSequence(_) => DesignKind::SobolSequence,
            DesignChoice::SobolIndices(_) => DesignKind::SobolIndices,
            DesignChoice::Morris(_) => DesignKind::Morris,
        }
    }
}

fn run_part(facts: &SweepFacts<'_>) -> SweepRun {
    let SweepFacts { settings, results, plan, .. } = facts;
    SweepRun {
        design: plan.choice().into(),
        blocks: match plan.choice() {
            DesignChoice::SobolIndices(count) | DesignChoice::Morris(count) => Some(count as u64),
            _ => None,
        },
        rng_seed: settings.rng_seed,
        replications: settings.replications,
        days: settings.days,
        common_luck: settings.luck == Luck::Common,
        level: settings.level.share(),
        runs: results.run_count,
        events: results.event_count,
        version: facts.run.version.clone(),
        command: facts.run.command.clone(),
    }
}

fn variable_part(variable: &Variable, system: &System) -> VariablePart {
    let levels = match variable.parameter().scale() {
        Scale::Levels(levels) => levels.iter().map(|level| variable.setting(*level).into()).collect(),
        _ => Vec::new(),
    };
    VariablePart {
        text: variable.text().to_owned(),
        path: variable.path().to_owned(),
        title: title_of(variable.path(), system),
        unit: variable.unit().to_owned(),
        column: table::column(variable.path(), variable.unit()),
        log: matches!(variable.parameter().scale(), Scale::Log { .. }),
        levels,
    }
}

fn measure_part(measure: &Measure) -> MeasurePart {
    MeasurePart {
        id: measure.id.clone(),
        unit: measure.unit.into(),
        title: (&measure.title).into(),
        definition: (&measure.definition).into(),
    }
}

fn point_part(at: usize, point: &PointResult, variables: &[Variable]) -> PointPart {
    PointPart {
        point: at as u64 + 1,
        values: variables.iter().zip(&point.values).map(|(one, value)| one.setting(*value).into()).collect(),
        results: point.measures.iter().map(|estimate| Figure::of(*estimate)).collect(),
    }
}

fn sensitivity_parts(facts: &SweepFacts<'_>) -> Vec<SensitivityPart> {
    let Some(sensitivities) = &facts.results.sensitivities else { return Vec::new() };
    let part = |(measure, said): (&Measure, &Result<Sensitivity, SensitivityError>)| {
        let (variables, remark) = match said {
            Ok(sensitivity) => (variables_of(sensitivity), None),
            Err(error) => (Vec::new(), Some(sentences::no_sensitivity(error))),
        };
        SensitivityPart { measure: measure.id.clone(), variables, remark }
    };
    facts.measures.iter().zip(sensitivities).map(part).collect()
}

fn variables_of(sensitivity: &Sensitivity) -> Vec<VariableSensitivity> {
    let figure = |estimate| Some(Figure::of(Some(estimate)));
    match sensitivity {
        Sensitivity::SobolIndices(indices) => indices
            .iter()
            .map(|index| VariableSensitivity {
                path: index.name.clone(),
                first: figure(index.first),
                total: figure(index.total),
                ..VariableSensitivity::default()
            })
            .collect(),
        Sensitivity::Morris(effects) => effects
            .iter()
            .map(|effect| VariableSensitivity {
                path: effect.name.clone(),
                mean_effect: figure(effect.mean),
                mean_absolute_effect: figure(effect.mean_absolute),
                effect_sd: figure(effect.sd),
                ..VariableSensitivity::default()
            })
            .collect(),
    }
}
