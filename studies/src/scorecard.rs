//! The scorecard: a target document held against what a run measured, what the hospital's description says and what a
//! person answered.
//!
//! A measured check is met or missed only when its whole interval lies on one side of the bar; else it is not sure yet. Where a
//! bar leaves no exception, one exception misses it, and it is met when none was seen and few can be left.
//! What no run computes says so, and what nobody said stays open: no verdict is made up.
//!
//! ```
//! use onetrip_scenarios::targets::{self, Answers, HospitalClass};
//! use onetrip_studies::scorecard::{Counted, Findings, MeasuredValue, Verdict, evaluate};
//!
//! let measured = |id: &str| {
//!     (id == "registration.on_site.wait_time.mean")
//!         .then_some(MeasuredValue { value: 180.0, low: 171.0, high: 189.0, n: 20 })
//! };
//! let counted = |id: &str| (id == "booking.channels.count").then_some(Counted::Number(4.0));
//! let findings = Findings { measured: &measured, counted: &counted, answers: &Answers::default() };
//! let form = targets::document("shaoxing-2018").unwrap();
//! let card = evaluate(form, HospitalClass::Municipal.into(), None, &findings);
//! assert_eq!(card.check("shaoxing-2018/3a").unwrap().verdict, Verdict::Met);
//! assert_eq!(card.item("shaoxing-2018/1").unwrap().verdict, Verdict::Missed);
//! assert_eq!(card.item("shaoxing-2018/10").unwrap().verdict, Verdict::NotSimulatedYet);
//! ```

mod judge;
mod reason;
mod run;
mod score;

pub use run::{of_run, standing_of};
pub use score::{PointsResult, Score};

use judge::Judgement;
use onetrip_models::text::Text;
use onetrip_scenarios::targets::{
    Answers, Basis, Comparison, Date, Demand, EvidenceKind, HospitalStanding, Target, TargetDocument, Unit,
};
use serde::Serialize;

/// What a run says about one figure, in seconds, shares from 0 to 1, or plain numbers.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct MeasuredValue {
    /// Its value.
    pub value: f64,
    /// Lower end of its 95 % interval; not finite when there is none.
    pub low: f64,
    /// Upper end of its 95 % interval; not finite when there is none.
    pub high: f64,
    /// How many observations it rests on.
    pub n: u64,
}

/// What the description of a hospital says about one figure.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(untagged)]
pub enum Counted {
    /// A number: seconds, a share from 0 to 1, or how many.
    Number(f64),
    /// Yes or no.
    Flag(bool),
    /// Which things there are; where a number is asked for, how many.
    Words(Vec<String>),
}

/// All that is known about a hospital, by id of the figure. A lookup gives `None` for what it does not know.
#[derive(Clone, Copy)]
pub struct Findings<'a> {
    /// What the run measured.
    pub measured: &'a dyn Fn(&str) -> Option<MeasuredValue>,
    /// What the description of the hospital says.
    pub counted: &'a dyn Fn(&str) -> Option<Counted>,
    /// What a person answered.
    pub answers: &'a Answers,
}

/// Is a target met?
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Yes: for a measured figure, with its whole 95 % interval.
    Met,
    /// No: for a measured figure, with its whole 95 % interval.
    Missed,
    /// The interval holds the bar, or there is no interval.
    NotSureYet,
    /// Nobody has said.
    NotAssessed,
    /// No run computes this figure yet.
    NotSimulatedYet,
    /// It is not asked of this hospital, or not on this day.
    NotApplicable,
}

/// A document held against a hospital.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Scorecard {
    /// Id of the document.
    pub document: String,
    /// Its name.
    pub title: Text,
    /// What the hospital is.
    pub hospital: HospitalStanding,
    /// The day it is judged on; without one all stages are past.
    pub on: Option<Date>,
    /// The document's headings, in its order.
    pub groups: Vec<GroupResult>,
    /// The document's rows, in its order.
    pub items: Vec<ItemResult>,
    /// Verdicts of all items.
    pub summary: Summary,
    /// Points, in a document that scores.
    pub score: Option<Score>,
}

/// A heading and the verdicts under it.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct GroupResult {
    /// Its id.
    pub id: String,
    /// What stands over its items.
    pub title: Text,
    /// Verdicts of its items.
    pub summary: Summary,
    /// Points of its items, bonus apart, in a document that scores.
    pub points: Option<PointsResult>,
}

/// How many items have each verdict.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Summary {
    /// Items that are met.
    pub met: usize,
    /// Items that are missed.
    pub missed: usize,
    /// Items that more replications would settle.
    pub not_sure_yet: usize,
    /// Items that wait for somebody's word.
    pub not_assessed: usize,
    /// Items that no run computes yet.
    pub not_simulated_yet: usize,
    /// Items that are not asked of this hospital, or not on this day.
    pub not_applicable: usize,
}

/// One row of the document with its verdict.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct ItemResult {
    /// Its id.
    pub id: String,
    /// Id of its heading.
    pub group: String,
    /// What is asked.
    pub title: Text,
    /// Its place in the document.
    pub source: String,
    /// The verdict of its checks together.
    pub verdict: Verdict,
    /// Why.
    pub reason: Text,
    /// Its checks.
    pub checks: Vec<CheckResult>,
    /// Its points, in a document that scores.
    pub points: Option<PointsResult>,
}

/// One check with its verdict.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct CheckResult {
    /// Its id.
    pub id: String,
    /// What is asked.
    pub title: Text,
    /// How it is known.
    pub kind: EvidenceKind,
    /// Id of its figure.
    pub measure: Option<String>,
    /// How the figure is held against the bar.
    pub comparison: Comparison,
    /// Where the bar comes from.
    pub basis: Basis,
    /// Counts for points only.
    pub optional: bool,
    /// The verdict.
    pub verdict: Verdict,
    /// The figure found.
    pub value: Option<Counted>,
    /// Lower end of its 95 % interval, when it was measured.
    pub low: Option<f64>,
    /// Upper end of its 95 % interval, when it was measured.
    pub high: Option<f64>,
    /// Observations it rests on, when it was measured.
    pub n: Option<u64>,
    /// The bar on this day for this hospital.
    pub threshold: Option<Counted>,
    /// Unit of the figure and the bar, when they are numbers.
    pub unit: Option<Unit>,
    /// Since when it is asked for, or from when it will be.
    pub due_by: Option<Date>,
    /// Why the verdict is what it is.
    pub reason: Text,
    /// Who answered, when a person did.
    pub attestation: Option<Attestation>,
}

/// Who answered a check.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Attestation {
    /// The role of who answered.
    pub by: Option<String>,
    /// The day.
    pub on: Option<Date>,
    /// What else was said.
    pub note: Option<String>,
}

impl Summary {
    fn add(&mut self, verdict: Verdict) {
        let count = match verdict {
            Verdict::Met => &mut self.met,
            Verdict::Missed => &mut self.missed,
            Verdict::NotSureYet => &mut self.not_sure_yet,
            Verdict::NotAssessed => &mut self.not_assessed,
            Verdict::NotSimulatedYet => &mut self.not_simulated_yet,
            Verdict::NotApplicable => &mut self.not_applicable,
        };
        *count += 1;
    }

    /// How many items there are.
    pub fn total(&self) -> usize {
        self.met
            + self.missed
            + self.not_sure_yet
            + self.not_assessed
            + self.not_simulated_yet
            + self.not_applicable
    }
}

impl Scorecard {
    /// The item with this id.
    pub fn item(&self, id: &str) -> Option<&ItemResult> {
        self.items.iter().find(|item| item.id == id)
    }

    /// The check with this id.
    pub fn check(&self, id: &str) -> Option<&CheckResult> {
        self.items.iter().flat_map(|item| &item.checks).find(|check| check.id == id)
    }
}

/// Holds a document against a hospital: on a day, or, without one, when all stages are past.
pub fn evaluate(
    document: &TargetDocument,
    hospital: HospitalStanding,
    on: Option<Date>,
    findings: &Findings<'_>,
) -> Scorecard {
    let items: Vec<ItemResult> = document
        .targets
        .iter()
        .map(|target| evaluate_target(document, target, hospital, on, findings))
        .collect();
    let summary_of = |belongs: &dyn Fn(&ItemResult) -> bool| {
        let mut summary = Summary::default();
        items.iter().filter(|item| belongs(item)).for_each(|item| summary.add(item.verdict));
        summary
    };
    let groups = document
        .groups
        .iter()
        .map(|group| {
            let of_group = |item: &ItemResult| item.group == group.id;
            GroupResult {
                id: group.id.clone(),
                title: group.title.clone(),
                summary: summary_of(&of_group),
                points: score::sum_of_ordinary(items.iter().filter(|item| of_group(item))),
            }
        })
        .collect();
    let summary = summary_of(&|_| true);
    let score = Score::of(&items);
    Scorecard {
        document: document.id.clone(),
        title: document.title.clone(),
        hospital,
        on,
        groups,
        items,
        summary,
        score,
    }
}

fn evaluate_target(
    document: &TargetDocument,
    target: &Target,
    hospital: HospitalStanding,
    on: Option<Date>,
    findings: &Findings<'_>,
) -> ItemResult {
    let is_exempt = target.exemption.as_ref().is_some_and(|exemption| {
        let said = findings.answers.get(&target.id).and_then(|answer| answer.exempt);
        said.unwrap_or_else(|| (findings.counted)(&exemption.measure) == Some(Counted::Flag(exemption.is)))
    });
    let judged: Vec<(Judgement, CheckResult)> = target
        .checks
        .iter()
        .map(|check| {
            let demand = target.demand(check, hospital, on);
            let judgement = if is_exempt {
                Judgement::not_applicable(reason::exempt())
            } else {
                judge::judge(document, check, demand, findings)
            };
            let due_by = match demand {
                Demand::Now { due_by, .. } => due_by,
                Demand::NotYet(by) => Some(by),
                Demand::NotAsked => None,
            };
            let measured = judgement.measured;
            let result = CheckResult {
                id: check.id.clone(),
                title: check.title.clone(),
                kind: check.kind,
                measure: check.measure.clone(),
                comparison: check.comparison,
                basis: check.basis,
                optional: check.optional,
                verdict: judgement.verdict,
                value: judgement.value.clone(),
                low: measured.map(|value| value.low).filter(|low| low.is_finite()),
                high: measured.map(|value| value.high).filter(|high| high.is_finite()),
                n: measured.map(|value| value.n),
                threshold: judgement.threshold.clone(),
                unit: judgement.unit,
                due_by,
                reason: judgement.reason.clone(),
                attestation: judgement.attestation.clone(),
            };
            (judgement, result)
        })
        .collect();
    let points = target.points.map(|points| {
        let of_checks = target.checks.iter().zip(judged.iter().map(|(judgement, _)| judgement));
        score::points_of(points, of_checks, findings.answers)
    });
    let checks: Vec<CheckResult> = judged.into_iter().map(|(_, result)| result).collect();
    let verdict = together(&checks);
    ItemResult {
        id: target.id.clone(),
        group: target.group.clone(),
        title: target.title.clone(),
        source: target.source.clone(),
        verdict,
        reason: reason::of_item(verdict, &checks),
        checks,
        points,
    }
}

/// The verdict of an item: missed when one check is; else open in the way that needs most to be settled; met when every
/// check that is asked is met.
fn together(checks: &[CheckResult]) -> Verdict {
    let counts = |verdict: Verdict| checks.iter().any(|check| !check.optional && check.verdict == verdict);
    [Verdict::Missed, Verdict::NotSureYet, Verdict::NotSimulatedYet, Verdict::NotAssessed, Verdict::Met]
        .into_iter()
        .find(|verdict| counts(*verdict))
        .unwrap_or(Verdict::NotApplicable)
}

#[cfg(test)]
mod tests;
