//! The result of an inspection as a document: what `--json` prints, `inspection.json` holds, and page, form and sheet are
//! made from. Durations are in seconds, instants in seconds since midnight, shares from 0 to 1.

use crate::document::{Figure, Finding, ScorePart, Unit, Verdict};
use crate::methods::MethodsSection;
use crate::words::Words;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The word under the key `format`.
pub const FORMAT: &str = "onetrip-inspection/1";

/// An inspection of one or more hospitals.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "onetrip inspect")]
pub struct InspectionDocument {
    /// `onetrip-inspection/1`.
    #[schemars(extend("const" = FORMAT))]
    pub format: String,
    /// Version of the program.
    pub version: String,
    /// The command that repeats the inspection.
    pub command: String,
    /// The number from which all randomness follows.
    pub rng_seed: u64,
    /// Simulated days.
    pub replications: u32,
    /// Confidence level of the intervals.
    pub level: f64,
    /// Weeks of the period.
    pub weeks: u32,
    /// Visits to each hospital over the period.
    pub visits: u32,
    /// Id of the document whose form is filled in.
    pub document: String,
    /// Its name.
    pub title: Words,
    /// Its headings.
    pub groups: Vec<GroupPart>,
    /// The rules of the inspections, and how the plan stands to them.
    pub rules: Vec<RulePart>,
    /// The hospitals, in the order given.
    pub hospitals: Vec<HospitalPart>,
    /// The weekly bulletin, the whole period last; empty for a single hospital.
    pub bulletin: Vec<BulletinPart>,
}

/// A heading of the document.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct GroupPart {
    /// Its id.
    pub id: String,
    /// What stands over its items.
    pub title: Words,
}

/// A rule of the inspections.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct RulePart {
    /// Word for it.
    pub id: String,
    /// What it asks.
    pub title: Words,
    /// Its place in the document.
    pub source: Words,
    /// What of it is our reading.
    pub reading: Option<Words>,
    /// `kept`, `not_kept`, `does_not_arise`.
    pub standing: String,
    /// Where and why not.
    pub remark: Option<Words>,
}

/// One hospital and what the inspectors found.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct HospitalPart {
    /// Name of the scenario.
    pub name: String,
    /// Name of the hospital.
    pub title: Words,
    /// Its class, as far as targets ask.
    pub class: String,
    /// Visits that inspectors might have made.
    pub possible_visits: u64,
    /// Only those that come at off hours.
    pub off_hours_only: bool,
    /// The rows of the document.
    pub items: Vec<ItemPart>,
    /// The visits.
    pub inspections: Vec<VisitPart>,
    /// All measured items together in one visit.
    pub measured_in_one: Figure,
    /// All measured items together over all visits of the period.
    pub measured_in_all: Figure,
    /// The chance of the whole form as far as it is known: 0 when an item is missed whatever visits show. Open items are
    /// taken as met. `null` where nothing is measured.
    pub passes: Option<f64>,
    /// Items that are missed whatever visits show.
    pub missed_for_certain: Vec<String>,
    /// Items with something nobody has said or no run computes.
    pub open: Vec<String>,
    /// The measured item most likely to fail.
    pub weakest: Option<String>,
    /// The search for the cheapest change that makes it safe.
    pub change: Option<ChangePart>,
    /// The follow-up after a rectification.
    pub look_back: Option<LookBackPart>,
    /// Points, in a document that scores.
    pub score: Option<ScorePart>,
    /// How it was made: the 24 items of STRESS-DES.
    pub methods: Vec<MethodsSection>,
    /// Bonus points gained for certain and at most, where the document has them.
    pub bonus: Option<ScorePart>,
}

/// One row of the document at one hospital.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ItemPart {
    /// Its id.
    pub id: String,
    /// Id of its heading.
    pub group: String,
    /// What is asked.
    pub title: Words,
    /// Its place in the document.
    pub source: String,
    /// Since when, or from when on, it is asked.
    pub due_by: Option<String>,
    /// The verdict of the whole run.
    pub verdict: Verdict,
    /// What each check asks.
    pub checks: Vec<CheckAsked>,
    /// Some figure of it comes from visits.
    pub measured: bool,
    /// What decides it beside the visits: `met`, `missed`, `open`, `not_asked`.
    pub rest: String,
    /// The chance that its measured figures pass in one visit.
    pub one_visit: Figure,
    /// The chance that they pass over all visits.
    pub all_visits: Figure,
    /// Of inspections that fail, the share in which this item does.
    pub blame_share: f64,
    /// Its points, in a document that scores.
    pub points: Option<ScorePart>,
    /// The points are there to be gained.
    pub is_bonus: bool,
}

/// What one check asks, and what the whole run says.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct CheckAsked {
    /// Its id.
    pub id: String,
    /// What is asked.
    pub title: Words,
    /// The bar in words; empty for a plain yes.
    pub bar: Words,
    /// The bar.
    pub threshold: Option<Finding>,
    /// Unit of the figure.
    pub unit: Option<Unit>,
    /// Id of the figure.
    pub measure: Option<String>,
    /// The verdict of the whole run.
    pub verdict: Verdict,
    /// How the figure is spread over visits.
    pub spread: Option<SpreadPart>,
    /// The same in words.
    pub spread_words: Words,
}

/// How a figure is spread over the visits that touched it.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct SpreadPart {
    /// How many visits.
    pub visits: u64,
    /// Of all visits.
    pub touched_share: f64,
    /// Mean.
    pub mean: f64,
    /// Median.
    pub median: f64,
    /// 90 % at most.
    pub p90: f64,
    /// Largest.
    pub maximum: f64,
    /// Good enough alone.
    pub good_share: f64,
}

/// One visit of an inspector.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct VisitPart {
    /// Number at this hospital, from 1.
    pub number: u32,
    /// Week of the period, from 1.
    pub week: u32,
    /// The simulated day, by replication.
    pub day: u32,
    /// Came with a booking.
    pub booked: bool,
    /// Number of the patient within bookings or walk-ins.
    pub patient: u32,
    /// Class of patient.
    pub class: Words,
    /// Came at off hours.
    pub off_hours: bool,
    /// Ids of the groups this visit is charged with.
    pub groups: Vec<String>,
    /// When the inspector came in.
    pub arrived_at_s: f64,
    /// When the inspector left.
    pub left_at_s: f64,
    /// Time spent waiting.
    pub waited_s: f64,
    /// What happened.
    pub story: Vec<StepPart>,
    /// The form.
    pub rows: Vec<RowPart>,
}

/// One step of a visit.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct StepPart {
    /// When it began.
    pub from_s: f64,
    /// When it was over.
    pub to_s: f64,
    /// The patient waited.
    pub wait: bool,
    /// What it was.
    pub what: Words,
}

/// One row of a filled-in form.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct RowPart {
    /// Id of the item.
    pub item: String,
    /// `passes`, `fails`, `not_touched`, `by_hand`, `not_asked`.
    pub mark: String,
    /// The mark in words.
    pub mark_words: Words,
    /// Its fields, one a check.
    pub fields: Vec<FieldPart>,
}

impl RowPart {
    /// Nothing of it is asked of this hospital.
    pub(super) fn is_not_asked(&self) -> bool {
        self.fields.iter().all(|field| field.mark == "not_asked")
    }

    /// How many fields are worth showing: one says that nothing is asked.
    pub(super) fn shown_fields(&self) -> usize {
        if self.is_not_asked() { self.fields.len().min(1) } else { self.fields.len() }
    }
}

/// One field of a filled-in form.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct FieldPart {
    /// Id of the check.
    pub check: String,
    /// As the row's.
    pub mark: String,
    /// The mark in words.
    pub mark_words: Words,
    /// `visit`, `records`, `description`, `answer`, `hand`.
    pub source: String,
    /// The source in words.
    pub source_words: Words,
    /// What stands there.
    pub value: Option<Finding>,
    /// The same in words; empty where a person has to write.
    pub value_words: Words,
}

/// The search for the cheapest change.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ChangePart {
    /// Id of the item.
    pub item: String,
    /// The chance wanted.
    pub wanted: f64,
    /// The chance as it is.
    pub present: f64,
    /// All that was tried.
    pub tried: Vec<TriedPart>,
    /// The cheapest that is enough or perhaps enough, by its place among those tried.
    pub cheapest: Option<usize>,
    /// The cheapest that is surely enough.
    pub cheapest_sure: Option<usize>,
    /// What the costs rest on.
    pub costs: Vec<CostPart>,
}

/// A cost, in yuan a year.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct CostPart {
    /// Word for it.
    pub id: String,
    /// Yuan a year.
    pub yuan: f64,
    /// For what.
    pub what: Words,
    /// Nobody gave it: it stands as an assumption.
    pub assumed: bool,
}

/// A change that was tried.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct TriedPart {
    /// The lever.
    pub lever: String,
    /// Its size.
    pub size: u32,
    /// In words.
    pub title: Words,
    /// The same for `--set`.
    pub set: Vec<String>,
    /// Yuan a year.
    pub cost_yuan: f64,
    /// The chance of the item over all visits after it.
    pub chance: Figure,
    /// `surely` when the whole interval reaches the chance wanted, `perhaps` when only the estimate does, else `no`.
    pub enough: String,
}

/// The follow-up after a rectification.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct LookBackPart {
    /// Name of the scenario after the change.
    pub name: String,
    /// The measured figures before and after.
    pub figures: Vec<BeforeAfter>,
    /// Items whose row changed, with the chance to pass.
    pub items: Vec<ItemBeforeAfter>,
    /// The visits of the follow-up, in order.
    pub inspections: Vec<VisitPart>,
    /// Inspectors who could be the very same patient again.
    pub same_patients: u32,
    /// All measured items over all visits, before.
    pub measured_before: Figure,
    /// All measured items over all visits, after.
    pub measured_after: Figure,
}

/// A figure before and after.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct BeforeAfter {
    /// Id of the check.
    pub check: String,
    /// What is asked.
    pub title: Words,
    /// Unit.
    pub unit: Unit,
    /// Mean of the days before.
    pub before: f64,
    /// Mean of the days after.
    pub after: f64,
    /// After − before, by day under the same luck.
    pub difference: Figure,
    /// Chance to pass over all visits, before.
    pub chance_before: Option<f64>,
    /// The same, after.
    pub chance_after: Option<f64>,
}

/// An item before and after.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ItemBeforeAfter {
    /// Id of the item.
    pub item: String,
    /// What is asked.
    pub title: Words,
    /// Verdict of the whole run before.
    pub before: Verdict,
    /// Verdict of the whole run after.
    pub after: Verdict,
}

/// One table of the bulletin.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct BulletinPart {
    /// The week; `null` for the whole period.
    pub week: Option<u32>,
    /// Hospitals, best first.
    pub rows: Vec<BulletinRowPart>,
}

/// One line of the bulletin.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct BulletinRowPart {
    /// Place; equal ones share it.
    pub rank: usize,
    /// Name of the scenario.
    pub hospital: String,
    /// Name of the hospital.
    pub title: Words,
    /// Visits.
    pub visits: usize,
    /// Items good on every visit that met with them.
    pub passed: usize,
    /// Items not good on at least one.
    pub failed: usize,
    /// Items to be filled in by hand.
    pub by_hand: usize,
    /// Passed ÷ judged.
    pub passed_share: Option<f64>,
    /// Points held, in a document that scores.
    pub points: Option<f64>,
    /// Figures of the visits: check and mean.
    pub figures: Vec<BulletinFigure>,
}

/// A figure in the bulletin.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct BulletinFigure {
    /// Id of the check.
    pub check: String,
    /// What is asked.
    pub title: Words,
    /// Unit.
    pub unit: Unit,
    /// Mean over the visits that met with it.
    pub mean: Option<f64>,
}

impl InspectionDocument {
    /// The document as indented JSON, with a line end.
    pub fn to_json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).expect("a document of plain values can be written");
        text.push('\n');
        text
    }

    /// The JSON Schema that describes this document.
    pub fn json_schema() -> serde_json::Value {
        schemars::schema_for!(InspectionDocument).to_value()
    }
}
