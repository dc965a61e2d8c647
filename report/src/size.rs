//! A sizing as a document: what `onetrip size --json` prints, and what its tables, plots and page are made from.
//! Durations are in seconds, shares from 0 to 1; what does not exist is `null`.

pub mod page;
pub mod terminal;

use crate::document::{Figure, Unit};
use crate::facts::RunFacts;
use crate::figures::{count, counted};
use crate::folder::{FolderError, FolderKind};
use crate::methods::{self, Experiment, MethodsSection};
use crate::phrases;
use crate::setting::title_of;
use crate::stress::name_of;
use crate::words::{Language, Words};
use onetrip_models::system::System;
use onetrip_studies::condition::Condition;
use onetrip_studies::size::hours::{HourSchedule, server_hours};
use onetrip_studies::size::queueing::{QueueingAnswer, Theory};
use onetrip_studies::size::rule::RuleVerdict;
use onetrip_studies::size::{
    CurvePoint, DesignCheck, Ending, Knob, Method, Monotonicity, SizeResults, SizeSettings, Turns,
};
use onetrip_studies::statistics::selection::Guarantee;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// The word under the key `format`.
pub const FORMAT: &str = "onetrip-size/1";

/// The folder of a sizing.
pub const FOLDER: FolderKind = FolderKind {
    written_by: "sizing",
    sign: ("size.json", FORMAT),
    may_hold: |name| name == "size.html" || name == "size.json",
};

/// Writes the folder; the page opens in `language`. A folder from an earlier sizing is replaced.
///
/// # Errors
/// When the place is taken by something that is not from a sizing, or the system refuses. Nothing is then changed.
pub fn write_folder(path: &Path, document: &SizeDocument, language: Language) -> Result<(), FolderError> {
    let page = page::render(document, language).map_err(|source| FolderError::file("size.html", source))?;
    let files = [("size.html", page), ("size.json", document.to_json())];
    FOLDER.write(path, &files.map(|(name, text)| (name.to_owned(), text.into_bytes())))
}

/// The result of a sizing.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "onetrip size")]
pub struct SizeDocument {
    /// `onetrip-size/1`.
    #[schemars(extend("const" = FORMAT))]
    pub format: String,
    /// Name of the scenario, as on the command line.
    pub scenario: String,
    /// Its title.
    pub title: Words,
    /// What was found out, in sentences: the answer first.
    pub findings: Vec<Words>,
    /// How it ended: `found`, `none_holds`, `unsure` (replications ran out) or `stopped`.
    pub ending: String,
    /// The numbers that could be chosen.
    pub knobs: Vec<KnobPart>,
    /// What had to hold.
    pub target: Vec<TargetCondition>,
    /// The numbers found, one a knob.
    pub answer: Option<Vec<u32>>,
    /// What they cost, where costs or several knobs were given.
    pub cost: Option<f64>,
    /// Other combinations of the same cost that hold the target.
    pub as_cheap: Vec<Vec<u32>>,
    /// How it was searched.
    pub search: SearchPart,
    /// The value along the range, all numbers under the same luck.
    pub curve: Vec<CurvePart>,
    /// What queueing theory says; `null` where the target limits no wait at the station that is sized.
    pub queueing: Option<QueueingPart>,
    /// The rule "one machine per 50,000 visits a year"; `null` where it does not apply.
    pub rule: Option<RulePart>,
    /// A schedule by hour, where one was asked for and found.
    pub schedule: Option<SchedulePart>,
    /// How it was made: the 24 items of STRESS-DES.
    pub methods: Vec<MethodsSection>,
}

/// A number that could be chosen.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct KnobPart {
    /// As it was written.
    pub path: String,
    /// What it is called.
    pub title: Words,
    /// First number tried.
    pub from: u32,
    /// Last number tried.
    pub to: u32,
    /// The number that the scenario has, where it is known.
    pub present: Option<u32>,
    /// What one more costs.
    pub cost: f64,
}

/// A condition of the target.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct TargetCondition {
    /// As it was written.
    pub text: String,
    /// The measure.
    pub measure: String,
    /// Its title.
    pub title: Words,
    /// Its unit.
    pub unit: Unit,
    /// The relation, `<=`.
    pub relation: String,
    /// The limit in that unit.
    pub limit: f64,
    /// How far from the limit either answer was accepted, in that unit.
    pub tolerance: f64,
    /// Whether more is never worse along the curve; where it is not, the step that makes it worse, in words.
    pub more_is_worse: Option<Words>,
}

/// How it was searched.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct SearchPart {
    /// `halving`, `every_number` or `dominance`.
    pub method: String,
    /// The probability with which the answer is right, as a share.
    pub confidence: f64,
    /// The one number from which all randomness follows.
    pub rng_seed: u64,
    /// Independent days in each replication.
    pub days: u32,
    /// Most replications of a design in one check.
    pub at_most: u32,
    /// Replications run in all.
    pub replications: u64,
    /// Arrivals and completed services simulated in all.
    pub events: u64,
    /// The command that repeats the search.
    pub command: String,
    /// Version of the program.
    pub version: String,
    /// All checks in their order.
    pub checks: Vec<CheckOfDesign>,
}

/// One check of one design.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct CheckOfDesign {
    /// The numbers.
    pub design: Vec<u32>,
    /// Which condition, from 0.
    pub condition: usize,
    /// Whether it was declared to hold.
    pub holds: bool,
    /// Mean over the replications used.
    pub mean: f64,
    /// Replications used.
    pub replications: u32,
    /// Whether the answer is as sure as promised.
    pub sure: bool,
}

/// One point of the curve.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct CurvePart {
    /// The numbers.
    pub design: Vec<u32>,
    /// For each condition, the mean over days with its interval.
    pub values: Vec<Figure>,
    /// Share of days on which all conditions held on that very day.
    pub days_held: Figure,
}

/// What queueing theory says.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct QueueingPart {
    /// The station, by its dotted name.
    pub station: String,
    /// Name shown.
    pub title: Words,
    /// `steady_state` (Erlang C) or `whole_day` (Kolmogorov equations).
    pub theory: String,
    /// Which condition it answers, from 0.
    pub condition: usize,
    /// The smallest number that holds it.
    pub needed: Option<u32>,
    /// Arrivals per hour at the station: by hour of the day, or one figure.
    pub arrivals_per_hour: Vec<f64>,
    /// Mean time of service in seconds.
    pub service_time_s: f64,
    /// For each hour the smallest number that holds the condition in that hour by itself.
    pub needed_by_hour: Vec<u32>,
    /// The value by theory at numbers of the curve.
    pub curve: Vec<(u32, f64)>,
}

/// The rule "one machine per 50,000 visits a year".
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct RulePart {
    /// Visits in a year.
    pub annual_visits: f64,
    /// Machines by the rule, for the whole hospital.
    pub by_rule: u32,
    /// Machines elsewhere in the hospital.
    pub elsewhere: u32,
    /// The number tried in the hall.
    pub tried: u32,
    /// The values with that number.
    pub values: Vec<Figure>,
    /// Whether the target holds with it.
    pub holds: bool,
    /// What is needed in the hall.
    pub needed: Option<u32>,
    /// Visits on a mean day.
    pub visits_per_day: Option<f64>,
    /// Uses of the machines per visit.
    pub uses_per_visit: Option<f64>,
    /// Share of the day's uses in the busiest hour here.
    pub peak_share: Option<f64>,
    /// Seconds at the machines per visit here.
    pub seconds_per_visit: Option<f64>,
    /// Where it breaks.
    pub boundary: Vec<BoundaryPart>,
}

/// The boundary at one share of the busiest hour.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct BoundaryPart {
    /// Share of the day's visits in the busiest hour.
    pub peak_share: f64,
    /// The most seconds at the machines per visit with the rule's number.
    pub seconds_by_rule: f64,
    /// The most seconds with the number needed.
    pub seconds_by_need: Option<f64>,
}

/// A schedule by hour.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct SchedulePart {
    /// The station, by its dotted name.
    pub station: String,
    /// Name shown.
    pub title: Words,
    /// Shifts: from, to (seconds since midnight), how many.
    pub shifts: Vec<(f64, f64, u32)>,
    /// Whether the target holds with them.
    pub holds: bool,
    /// Whether every check was as sure as promised.
    pub sure: bool,
    /// Hours of work in a day.
    pub server_hours: f64,
    /// Hours of work with the flat answer.
    pub flat_server_hours: Option<f64>,
    /// The first condition's value.
    pub value: Option<f64>,
    /// What to set in the scenario.
    pub assignment: String,
}

/// What a document is made of.
pub struct SizeFacts<'a> {
    /// Name of the scenario, as on the command line.
    pub scenario: String,
    /// Its title.
    pub title: Words,
    /// The knobs.
    pub knobs: &'a [Knob],
    /// Their costs, where they were given or there are several.
    pub costs: &'a [f64],
    /// The target.
    pub target: &'a [Condition],
    /// How it was searched.
    pub settings: &'a SizeSettings,
    /// What it came to.
    pub results: &'a SizeResults,
    /// The rule, where it applies.
    pub rule: Option<&'a RuleVerdict>,
    /// The schedule, where one was found.
    pub schedule: Option<&'a HourSchedule>,
    /// The scenario's system.
    pub system: &'a System,
    /// The scenario in words, its sources, the command that repeats the search.
    pub run: RunFacts<'a>,
}

impl TargetCondition {
    /// The condition as people read it.
    pub(crate) fn asked(&self, language: Language) -> String {
        phrases::asked(&self.title, &self.relation, self.limit, self.unit, language)
    }
}

impl SizeDocument {
    /// The document of a sizing.
    pub fn new(facts: &SizeFacts<'_>) -> SizeDocument {
        let results = facts.results;
        let mut document = SizeDocument {
            format: FORMAT.to_owned(),
            scenario: facts.scenario.clone(),
            title: facts.title.clone(),
            findings: Vec::new(),
            ending: match results.ending {
                Ending::Found => "found",
                Ending::NoneHolds => "none_holds",
                Ending::Unsure => "unsure",
                Ending::Stopped => "stopped",
            }
            .to_owned(),
            knobs: facts
                .knobs
                .iter()
                .zip(facts.costs)
                .map(|(knob, &cost)| knob_part(knob, cost, facts.system))
                .collect(),
            target: target(facts),
            answer: results.answer.clone(),
            cost: results.cost,
            as_cheap: results.as_cheap.clone(),
            search: search(facts),
            curve: results.curve.iter().map(curve_part).collect(),
            queueing: results.queueing.as_ref().map(|answer| queueing_part(answer, facts.system)),
            rule: facts.rule.map(rule_part),
            schedule: facts.schedule.map(|schedule| schedule_part(schedule, facts)),
            methods: methods::of_study(facts.system, &facts.run, &experiment(facts)),
        };
        document.findings = terminal::findings(&document);
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
        schemars::schema_for!(SizeDocument).to_value()
    }

    /// The value of a condition at a design of the curve.
    pub(crate) fn value_at(&self, design: &[u32], condition: usize) -> Option<&Figure> {
        self.curve.iter().find(|point| point.design == design)?.values.get(condition)
    }
}

fn experiment(facts: &SizeFacts<'_>) -> Experiment {
    let (results, settings) = (facts.results, facts.settings);
    let conditions: Vec<String> = facts.target.iter().map(Condition::to_string).collect();
    let conditions = conditions.join(" and ");
    let ranges: Vec<String> = facts
        .knobs
        .iter()
        .map(|knob| format!("{} {}..{}", knob.path, knob.between.start(), knob.between.end()))
        .collect();
    let ranges = ranges.join(", ");
    let aims = match facts.knobs.len() {
        1 => Words::new(
            format!("To find the smallest number that holds {conditions}."),
            format!("求满足 {conditions} 的最小数量。"),
        ),
        _ => Words::new(
            format!("To find the cheapest combination that holds {conditions}."),
            format!("求满足 {conditions} 的最低成本组合。"),
        ),
    };
    let (percent, most) = (phrases::percent(settings.level.share()), settings.at_most);
    let tolerance = phrases::percent(settings.tolerance_share);
    Experiment {
        aims,
        scenarios: Words::new(
            format!(
                "The scenario with these numbers varied: {ranges}. Everything else is as its file states it."
            ),
            format!("情景文件，仅改变下列数量：{ranges}；其余与文件一致。"),
        ),
        estimation: Words::new(
            format!(
                "Numbers are checked one after another, each with replications added until the mean over days surely \
                 lies on one side of the limit (fully sequential feasibility check after Andradóttir and Kim), at most \
                 {most} a check. All numbers share the luck of every customer. The answer is right with probability \
                 {percent} % for numbers that are off the limit by more than {tolerance} % of it. {} in all.",
                counted(results.replication_count, "replication", "replications")
            ),
            format!(
                "逐个检验各数量，逐次增加重复，直至日均值可靠地位于限值一侧（Andradóttir与Kim的完全序贯可行性检验），\
                 单次检验最多{most}次；各数量共用每名顾客的随机数。偏离限值超过其{tolerance}%的数量，结论正确概率为{percent}%。\
                 合计{}次重复。",
                count(results.replication_count)
            ),
        ),
        rng_seed: settings.rng_seed,
        version: facts.run.version.clone(),
        command: facts.run.command.clone(),
        events: Some(results.event_count),
        result: "size.json",
    }
}

fn knob_part(knob: &Knob, cost: f64, system: &System) -> KnobPart {
    let present = match &knob.turns {
        Turns::Shifts(table) => Some(table.most()),
        Turns::Value => None,
    };
    KnobPart {
        path: knob.path.clone(),
        title: title_of(&knob.path, system),
        from: *knob.between.start(),
        to: *knob.between.end(),
        present,
        cost,
    }
}

fn target(facts: &SizeFacts<'_>) -> Vec<TargetCondition> {
    let results = facts.results;
    let one = |(index, condition): (usize, &Condition)| TargetCondition {
        text: condition.to_string(),
        measure: condition.measure.id.clone(),
        title: (&condition.measure.title).into(),
        unit: condition.measure.unit.into(),
        relation: condition.relation.sign().to_owned(),
        limit: condition.limit,
        tolerance: results.tolerances.get(index).copied().unwrap_or_default(),
        more_is_worse: match results.monotonicity.get(index) {
            Some(Monotonicity::Broken { from, to, .. }) => Some(Words::new(
                format!("from {} to {}", numbers(from), numbers(to)),
                format!("由{}增至{}", numbers(from), numbers(to)),
            )),
            _ => None,
        },
    };
    facts.target.iter().enumerate().map(one).collect()
}

fn search(facts: &SizeFacts<'_>) -> SearchPart {
    let (results, settings) = (facts.results, facts.settings);
    let check = |check: &DesignCheck| CheckOfDesign {
        design: check.design.clone(),
        condition: check.condition,
        holds: check.is_feasible,
        mean: check.mean,
        replications: check.replication_count,
        sure: check.guarantee == Guarantee::Held,
    };
    SearchPart {
        method: match results.method {
            Method::Halving => "halving",
            Method::EveryNumber => "every_number",
            Method::Dominance => "dominance",
        }
        .to_owned(),
        confidence: settings.level.share(),
        rng_seed: settings.rng_seed,
        days: settings.days,
        at_most: settings.at_most,
        replications: results.replication_count,
        events: results.event_count,
        command: facts.run.command.clone(),
        version: facts.run.version.clone(),
        checks: results.checks.iter().map(check).collect(),
    }
}

fn curve_part(point: &CurvePoint) -> CurvePart {
    CurvePart {
        design: point.design.clone(),
        values: point.values.iter().map(|value| Figure::of(Some(*value))).collect(),
        days_held: Figure::of(Some(point.days_held)),
    }
}

fn queueing_part(answer: &QueueingAnswer, system: &System) -> QueueingPart {
    QueueingPart {
        station: answer.station.clone(),
        title: station_title(&answer.station, system),
        theory: match answer.theory {
            Theory::SteadyState => "steady_state",
            Theory::WholeDay => "whole_day",
        }
        .to_owned(),
        condition: answer.condition,
        needed: answer.needed,
        arrivals_per_hour: answer.load.arrivals_per_hour.clone(),
        service_time_s: answer.load.service_time_s,
        needed_by_hour: answer.needed_by_hour.clone(),
        curve: answer.curve.clone(),
    }
}

/// What people call a station.
fn station_title(id: &str, system: &System) -> Words {
    let label = system.stations().iter().find(|label| label.id == id);
    label.map_or_else(|| Words::same(id), |label| name_of(&label.title, &label.id))
}

fn rule_part(rule: &RuleVerdict) -> RulePart {
    let boundary = rule.boundary.as_ref();
    RulePart {
        annual_visits: rule.annual_visits,
        by_rule: rule.count,
        elsewhere: rule.elsewhere,
        tried: rule.tried,
        values: rule.point.values.iter().map(|value| Figure::of(Some(*value))).collect(),
        holds: rule.holds,
        needed: rule.needed,
        visits_per_day: boundary.map(|boundary| boundary.visits_per_day),
        uses_per_visit: boundary.map(|boundary| boundary.uses_per_visit),
        peak_share: boundary.map(|boundary| boundary.peak_share),
        seconds_per_visit: boundary.map(|boundary| boundary.seconds_per_visit),
        boundary: boundary.map_or_else(Vec::new, |boundary| {
            let row = |row: &onetrip_studies::size::rule::BoundaryRow| BoundaryPart {
                peak_share: row.peak_share,
                seconds_by_rule: row.seconds_by_rule,
                seconds_by_need: row.seconds_by_need,
            };
            boundary.rows.iter().map(row).collect()
        }),
    }
}

fn schedule_part(schedule: &HourSchedule, facts: &SizeFacts<'_>) -> SchedulePart {
    let flat = match (facts.knobs, &facts.results.answer) {
        ([Knob { turns: Turns::Shifts(table), .. }], Some(answer)) => {
            Some(server_hours(&table.scaled(answer[0])))
        }
        _ => None,
    };
    SchedulePart {
        station: schedule.station.clone(),
        title: station_title(&schedule.station, facts.system),
        shifts: schedule
            .shifts
            .iter()
            .map(|shift| (shift.from.as_seconds(), shift.to.as_seconds(), shift.count))
            .collect(),
        holds: schedule.holds,
        sure: schedule.is_sure,
        server_hours: schedule.server_hours,
        flat_server_hours: flat,
        value: schedule.value,
        assignment: schedule.assignment.clone(),
    }
}

/// The numbers of a design, `12, 4`.
pub(crate) fn numbers(design: &[u32]) -> String {
    design.iter().map(u32::to_string).collect::<Vec<_>>().join(", ")
}
