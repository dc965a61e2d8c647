//! A document's targets held against the run.

use crate::words::Words;
use onetrip_scenarios::targets::{self, Date, TargetDocument};
use onetrip_studies::scorecard::{self, CheckResult, Counted, ItemResult, PointsResult, Scorecard, Summary};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The document that was held against the run, and how that came out.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ScorecardPart {
    /// Id of the document.
    pub document: String,
    /// Its name.
    pub title: Words,
    /// Where it holds.
    pub place: Words,
    /// When it was issued: a day, a month or a year.
    pub issued: String,
    /// Class of the hospital, as far as targets ask.
    pub hospital_class: String,
    /// Grade of the hospital.
    pub hospital_grade: String,
    /// The day it is judged on; `null` when all stages are past.
    pub on: Option<String>,
    /// Its headings.
    pub groups: Vec<TargetGroup>,
    /// How many items have each verdict.
    pub summary: TargetSummary,
    /// Points, in a document that scores.
    pub score: Option<ScorePart>,
    /// The words its lists use.
    pub words: std::collections::BTreeMap<String, Words>,
}

/// A heading of the document.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct TargetGroup {
    /// Short name.
    pub id: String,
    /// What stands over its items.
    pub title: Words,
    /// Verdicts of its items.
    pub summary: TargetSummary,
}

/// How many items have each verdict.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct TargetSummary {
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

/// Points of a document, or of an item: `held + lost + not_sure + not_assessed = most`, except for a bonus, which is
/// never lost.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ScorePart {
    /// What there is.
    pub most: f64,
    /// What is kept (or gained) whatever else turns out.
    pub held: f64,
    /// What is lost for certain.
    pub lost: f64,
    /// What could be lost where a run is not sure yet.
    pub not_sure: f64,
    /// What could be lost (or gained) where nobody has said or no run computes.
    pub not_assessed: f64,
    /// The least the total can turn out to be, bonus included.
    pub at_least: f64,
    /// The most the total can turn out to be, bonus included.
    pub at_most: f64,
}

/// Is a target met?
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Yes: for a measured figure, with its whole interval.
    Met,
    /// No: for a measured figure, with its whole interval.
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

/// How it is known whether a target is met.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceKind {
    /// A run computes it, with an interval.
    Measured,
    /// It is read from the description of the hospital.
    Counted,
    /// A person answers for it.
    Attested,
}

/// How the figure is held against the threshold.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    /// The figure must not be greater.
    AtMost,
    /// The figure must not be smaller.
    AtLeast,
    /// The figure must be the same.
    Equals,
    /// The list must hold every word of the threshold.
    All,
}

/// Where a threshold comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TargetBasis {
    /// The document asks for this figure.
    Demanded,
    /// The document reports this figure as reached.
    Reported,
    /// The document asks for the thing without a figure; this is how it is read here.
    Reading,
}

/// A number, a yes or no, or a list of words.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Finding {
    /// A number: seconds, a share from 0 to 1, or how many.
    Number(f64),
    /// Yes or no.
    Flag(bool),
    /// Which things there are.
    Words(Vec<String>),
}

/// One item of the document. Its value, interval, threshold and unit are those of the check that decides its verdict
/// (the first with that verdict).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct TargetPart {
    /// Id, such as `shaoxing-2018/3`.
    pub id: String,
    /// Id of its heading.
    pub group: String,
    /// What is asked.
    pub title: Words,
    /// Its place in the document.
    pub source: String,
    /// How the deciding check is known.
    pub kind: EvidenceKind,
    /// The verdict of its checks together.
    pub verdict: Verdict,
    /// The figure found.
    pub value: Option<Finding>,
    /// Lower end of its interval, when it was measured.
    pub low: Option<f64>,
    /// Upper end of its interval, when it was measured.
    pub high: Option<f64>,
    /// The bar.
    pub threshold: Option<Finding>,
    /// Unit of the figure and the bar, when they are numbers.
    pub unit: Option<super::Unit>,
    /// How the figure is held against the bar.
    pub comparison: Comparison,
    /// Why the verdict is what it is.
    pub reason: Words,
    /// Its points, in a document that scores.
    pub points: Option<f64>,
    /// The points it has lost for certain.
    pub points_lost: Option<f64>,
    /// All its checks.
    pub checks: Vec<CheckPart>,
}

/// One check of an item.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct CheckPart {
    /// Its id.
    pub id: String,
    /// What is asked.
    pub title: Words,
    /// How it is known.
    pub kind: EvidenceKind,
    /// Id of its figure.
    pub measure: Option<String>,
    /// How the figure is held against the bar.
    pub comparison: Comparison,
    /// Where the bar comes from.
    pub basis: TargetBasis,
    /// Counts for points only.
    pub optional: bool,
    /// The verdict.
    pub verdict: Verdict,
    /// The figure found.
    pub value: Option<Finding>,
    /// Lower end of its interval, when it was measured.
    pub low: Option<f64>,
    /// Upper end of its interval, when it was measured.
    pub high: Option<f64>,
    /// Observations it rests on, when it was measured.
    pub n: Option<u64>,
    /// The bar on this day for this hospital.
    pub threshold: Option<Finding>,
    /// Unit of the figure and the bar, when they are numbers.
    pub unit: Option<super::Unit>,
    /// Since when it is asked for, or from when it will be.
    pub due_by: Option<String>,
    /// Why the verdict is what it is.
    pub reason: Words,
    /// Who answered, when a person did.
    pub answer: Option<AnswerPart>,
}

/// Who answered a check.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct AnswerPart {
    /// The role of who answered.
    pub by: Option<String>,
    /// The day.
    pub on: Option<String>,
    /// What else was said.
    pub note: Option<String>,
}

/// The scorecard, and its items apart.
pub(super) fn parts(card: Option<(&TargetDocument, &Scorecard)>) -> (Option<ScorecardPart>, Vec<TargetPart>) {
    let Some((document, card)) = card else { return (None, Vec::new()) };
    let groups = card
        .groups
        .iter()
        .map(|group| TargetGroup {
            id: group.id.clone(),
            title: (&group.title).into(),
            summary: group.summary.into(),
        })
        .collect();
    let score = card.score.map(|score| ScorePart {
        at_least: score.at_least,
        at_most: score.at_most,
        ..ScorePart::from(score.points)
    });
    let part = ScorecardPart {
        document: card.document.clone(),
        title: (&card.title).into(),
        place: (&document.place).into(),
        issued: document.issued.clone(),
        hospital_class: card.hospital.class.word().to_owned(),
        hospital_grade: card.hospital.grade.word().to_owned(),
        on: day(card.on),
        groups,
        summary: card.summary.into(),
        score,
        words: document.words.iter().map(|(word, text)| (word.clone(), text.into())).collect(),
    };
    (Some(part), card.items.iter().map(TargetPart::from).collect())
}

fn day(date: Option<Date>) -> Option<String> {
    date.map(|date| date.to_string())
}

impl From<&ItemResult> for TargetPart {
    fn from(item: &ItemResult) -> TargetPart {
        let checks: Vec<CheckPart> = item.checks.iter().map(CheckPart::from).collect();
        let verdict = item.verdict.into();
        let deciding =
            checks.iter().find(|check| check.verdict == verdict && !check.optional).or(checks.first());
        TargetPart {
            id: item.id.clone(),
            group: item.group.clone(),
            title: (&item.title).into(),
            source: item.source.clone(),
            kind: deciding.map_or(EvidenceKind::Attested, |check| check.kind),
            verdict,
            value: deciding.and_then(|check| check.value.clone()),
            low: deciding.and_then(|check| check.low),
            high: deciding.and_then(|check| check.high),
            threshold: deciding.and_then(|check| check.threshold.clone()),
            unit: deciding.and_then(|check| check.unit),
            comparison: deciding.map_or(Comparison::Equals, |check| check.comparison),
            reason: (&item.reason).into(),
            points: item.points.map(|points| points.most),
            points_lost: item.points.map(|points| points.lost),
            checks,
        }
    }
}

impl From<&CheckResult> for CheckPart {
    fn from(check: &CheckResult) -> CheckPart {
        CheckPart {
            id: check.id.clone(),
            title: (&check.title).into(),
            kind: match check.kind {
                targets::EvidenceKind::Measured => EvidenceKind::Measured,
                targets::EvidenceKind::Counted => EvidenceKind::Counted,
                targets::EvidenceKind::Attested => EvidenceKind::Attested,
            },
            measure: check.measure.clone(),
            comparison: match check.comparison {
                targets::Comparison::AtMost => Comparison::AtMost,
                targets::Comparison::AtLeast => Comparison::AtLeast,
                targets::Comparison::Equals => Comparison::Equals,
                targets::Comparison::All => Comparison::All,
            },
            basis: match check.basis {
                targets::Basis::Demanded => TargetBasis::Demanded,
                targets::Basis::Reported => TargetBasis::Reported,
                targets::Basis::Reading => TargetBasis::Reading,
            },
            optional: check.optional,
            verdict: check.verdict.into(),
            value: check.value.as_ref().map(Finding::from),
            low: check.low,
            high: check.high,
            n: check.n,
            threshold: check.threshold.as_ref().map(Finding::from),
            unit: check.unit.map(|unit| match unit {
                targets::Unit::Seconds => super::Unit::Seconds,
                targets::Unit::Share => super::Unit::Share,
                targets::Unit::Count => super::Unit::Count,
            }),
            due_by: day(check.due_by),
            reason: (&check.reason).into(),
            answer: check.attestation.as_ref().map(|said| AnswerPart {
                by: said.by.clone(),
                on: day(said.on),
                note: said.note.clone(),
            }),
        }
    }
}

impl From<&Counted> for Finding {
    fn from(counted: &Counted) -> Finding {
        match counted {
            Counted::Number(number) => Finding::Number(*number),
            Counted::Flag(flag) => Finding::Flag(*flag),
            Counted::Words(words) => Finding::Words(words.clone()),
        }
    }
}

impl From<scorecard::Verdict> for Verdict {
    fn from(verdict: scorecard::Verdict) -> Verdict {
        match verdict {
            scorecard::Verdict::Met => Verdict::Met,
            scorecard::Verdict::Missed => Verdict::Missed,
            scorecard::Verdict::NotSureYet => Verdict::NotSureYet,
            scorecard::Verdict::NotAssessed => Verdict::NotAssessed,
            scorecard::Verdict::NotSimulatedYet => Verdict::NotSimulatedYet,
            scorecard::Verdict::NotApplicable => Verdict::NotApplicable,
        }
    }
}

impl From<Summary> for TargetSummary {
    fn from(summary: Summary) -> TargetSummary {
        let Summary { met, missed, not_sure_yet, not_assessed, not_simulated_yet, not_applicable } = summary;
        TargetSummary { met, missed, not_sure_yet, not_assessed, not_simulated_yet, not_applicable }
    }
}

impl From<PointsResult> for ScorePart {
    fn from(points: PointsResult) -> ScorePart {
        ScorePart {
            most: points.most,
            held: points.held,
            lost: points.lost,
            not_sure: points.not_sure,
            not_assessed: points.not_assessed,
            at_least: points.held,
            at_most: points.held + points.not_sure + points.not_assessed,
        }
    }
}
