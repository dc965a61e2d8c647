//! A policy document as targets: what is asked, of whom, by when, and how it is known.

use super::date::Date;
use super::standing::{Audience, HospitalStanding};
use super::threshold::{Comparison, Quantity, Threshold};
use onetrip_models::text::Text;
use serde::Serialize;
use std::collections::BTreeMap;

/// A document that sets targets.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct TargetDocument {
    /// Short name, such as `shaoxing-2018`; every id of the document begins with it.
    pub id: String,
    /// Full name.
    pub title: Text,
    /// Where it holds.
    pub place: Text,
    /// When it was issued, as far as it says: a day, a month or a year.
    pub issued: String,
    /// What can be earned in all: the sum of the points of its items.
    pub points: Option<f64>,
    /// What can be earned on top.
    pub bonus_points: Option<f64>,
    /// Its headings, in its order.
    pub groups: Vec<Group>,
    /// The words its lists use.
    pub words: BTreeMap<String, Text>,
    /// Figures it reports that belong to no item.
    pub observed: Vec<Observed>,
    /// Its rows, in its order.
    pub targets: Vec<Target>,
}

/// A heading of a document.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Group {
    /// Short name.
    pub id: String,
    /// What stands over its items.
    pub title: Text,
}

/// One row of a document. It is met when its checks are.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Target {
    /// Id, such as `shaoxing-2018/3`.
    pub id: String,
    /// Id of its heading.
    pub group: String,
    /// What is asked, in our words.
    pub title: Text,
    /// Its place in the document.
    pub source: String,
    /// Whom it is asked of.
    pub applies_to: Vec<Audience>,
    /// By when, when the document says.
    pub deadlines: Vec<Deadline>,
    /// What it earns, in a document that scores.
    pub points: Option<Points>,
    /// When it does not arise.
    pub exemption: Option<Exemption>,
    /// What can be true or false about it; at least one.
    pub checks: Vec<Check>,
    /// Figures the document reports about it that no check is held to.
    pub observed: Vec<Observed>,
    /// What else a reader must know.
    pub note: Option<Text>,
}

/// One thing that is true or false about a target.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Check {
    /// Id: that of its target when it is the only one, else with a letter, such as `shaoxing-2018/3a`.
    pub id: String,
    /// What is asked, in our words.
    pub title: Text,
    /// How it is known.
    pub kind: EvidenceKind,
    /// Id of the figure; attested checks have none.
    pub measure: Option<String>,
    /// How the figure is held against the threshold.
    pub comparison: Comparison,
    /// The bar, when it is the same at every stage and for everyone.
    pub threshold: Option<Threshold>,
    /// Where the bar comes from.
    pub basis: Basis,
    /// Whom it is asked of; empty means whom the target is asked of.
    pub applies_to: Vec<Audience>,
    /// By when; empty means by when the target is asked for.
    pub deadlines: Vec<Deadline>,
    /// What is lost when it is missed.
    pub deduction: Option<Deduction>,
    /// What is gained when it is met.
    pub addition: Option<Addition>,
    /// Counts for points only, not for the verdict of the target.
    pub optional: bool,
    /// Figures the document reports for it.
    pub observed: Vec<Observed>,
    /// What else a reader must know.
    pub note: Option<Text>,
}

/// How it is known whether a check is met.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceKind {
    /// A run computes it, with an interval.
    Measured,
    /// It is read from the description of the hospital.
    Counted,
    /// A person answers for it.
    Attested,
}

impl EvidenceKind {
    /// Every kind: its word, itself, and what it means.
    pub const OPTIONS: &'static [(&'static str, EvidenceKind, &'static str)] = &[
        ("measured", EvidenceKind::Measured, "computed by a run, with an interval"),
        ("counted", EvidenceKind::Counted, "read from the description of the hospital"),
        ("attested", EvidenceKind::Attested, "answered for by a person"),
    ];
}

/// Where the bar of a check comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// The document asks for this figure.
    Demanded,
    /// The document reports this figure as reached.
    Reported,
    /// The document asks for the thing without a figure; this is how we read it.
    Reading,
}

impl Basis {
    /// Every basis: its word, itself, and what it means.
    pub const OPTIONS: &'static [(&'static str, Basis, &'static str)] = &[
        ("demanded", Basis::Demanded, "the document asks for this figure"),
        ("reported", Basis::Reported, "the document reports this figure as reached"),
        ("reading", Basis::Reading, "the document gives no figure; this is how it is read here"),
    ];
}

/// A stage by which something is asked for.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Deadline {
    /// For whom; empty means everyone the check is asked of.
    pub audiences: Vec<Audience>,
    /// The last day.
    pub by: Date,
    /// The bar of this stage, when it has one of its own.
    pub threshold: Option<Threshold>,
    /// Share (0 to 1) of the area's hospitals that must be there by then; one hospital alone cannot meet or miss it.
    pub share_of_hospitals: Option<f64>,
}

/// What a target earns at most.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Points {
    /// Points that are there to be lost.
    Ordinary(f64),
    /// Points that are there to be gained.
    Bonus(f64),
}

/// What a missed check loses. A target never loses more than its points.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Deduction {
    /// So many points.
    Once(f64),
    /// So many points for every one over, or short of, the threshold.
    Each(f64),
    /// Between two numbers of points, at the inspector's choice.
    Judged {
        /// The fewest.
        from: f64,
        /// The most.
        to: f64,
    },
}

/// What a check that is met gains. A target never has more than its points.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Addition {
    /// So many points.
    Once(f64),
    /// So many points for every one there is.
    Each(f64),
}

/// When a target does not arise at a hospital; its points are then kept.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Exemption {
    /// Id of a yes-or-no figure of the hospital's description.
    pub measure: String,
    /// The value with which the target does not arise.
    pub is: bool,
}

/// A figure the document reports.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Observed {
    /// Id of the figure, when it is one a check is held to.
    pub measure: Option<String>,
    /// The figure.
    pub value: Quantity,
    /// The document says "more than".
    pub or_more: bool,
    /// A day, month or year (`2018-06`), or two of them (`2018-01/2018-10`; `../2018-10` when the start is not given).
    pub period: String,
    /// What was counted, and of whom.
    pub what: Text,
    /// Its place in the document, when not that of its target.
    pub source: Option<String>,
}

/// What a check asks of one hospital on one day.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Demand<'a> {
    /// It is not asked of this hospital.
    NotAsked,
    /// It is asked, but not before this day.
    NotYet(Date),
    /// It is asked now.
    Now {
        /// The bar.
        threshold: &'a Threshold,
        /// Since when, when the document says.
        due_by: Option<Date>,
    },
}

impl Target {
    /// What one of this target's checks asks of a hospital: on a day, or, without one, when all stages are past.
    ///
    /// A stage is in force from its last day on; the latest one in force decides.
    pub fn demand<'a>(
        &'a self,
        check: &'a Check,
        hospital: HospitalStanding,
        on: Option<Date>,
    ) -> Demand<'a> {
        let includes = |audiences: &[Audience]| audiences.iter().any(|audience| audience.includes(hospital));
        let audiences = if check.applies_to.is_empty() { &self.applies_to } else { &check.applies_to };
        if !includes(audiences) {
            return Demand::NotAsked;
        }
        let deadlines = if check.deadlines.is_empty() { &self.deadlines } else { &check.deadlines };
        let mut stages: Vec<&Deadline> = deadlines
            .iter()
            .filter(|stage| stage.audiences.is_empty() || includes(&stage.audiences))
            .collect();
        stages.sort_by_key(|stage| stage.by);
        if stages.is_empty() {
            return match &check.threshold {
                Some(threshold) if deadlines.is_empty() => Demand::Now { threshold, due_by: None },
                _ => Demand::NotAsked,
            };
        }
        let in_force = stages.iter().rev().find(|stage| on.is_none_or(|day| stage.by <= day));
        match in_force {
            None => Demand::NotYet(stages[0].by),
            Some(stage) => match stage.threshold.as_ref().or(check.threshold.as_ref()) {
                Some(threshold) => Demand::Now { threshold, due_by: Some(stage.by) },
                None => Demand::NotAsked,
            },
        }
    }
}

impl TargetDocument {
    /// The target with this id.
    pub fn target(&self, id: &str) -> Option<&Target> {
        self.targets.iter().find(|target| target.id == id)
    }

    /// The check with this id, and its target.
    pub fn check(&self, id: &str) -> Option<(&Target, &Check)> {
        self.checks().find(|(_, check)| check.id == id)
    }

    /// All checks in the order of the document, each with its target.
    pub fn checks(&self) -> impl Iterator<Item = (&Target, &Check)> {
        self.targets.iter().flat_map(|target| target.checks.iter().map(move |check| (target, check)))
    }

    /// The figures this document is held to, by id, with how each is known. Figures of the year before and those of
    /// exemptions are counted.
    pub fn measures(&self) -> BTreeMap<&str, EvidenceKind> {
        let mut measures = BTreeMap::new();
        for target in &self.targets {
            if let Some(exemption) = &target.exemption {
                measures.insert(exemption.measure.as_str(), EvidenceKind::Counted);
            }
            for check in &target.checks {
                if let Some(measure) = &check.measure {
                    measures.insert(measure.as_str(), check.kind);
                }
                let stages = check.deadlines.iter().filter_map(|stage| stage.threshold.as_ref());
                for threshold in check.threshold.iter().chain(stages) {
                    if let Threshold::LastYear { last_year } = threshold {
                        measures.insert(last_year.as_str(), EvidenceKind::Counted);
                    }
                }
            }
        }
        measures
    }

    /// Everything the document reports, in its order: its own figures, then those of its targets and their checks.
    pub fn all_observed(&self) -> impl Iterator<Item = &Observed> {
        let of_targets = self.targets.iter().flat_map(|target| {
            target.observed.iter().chain(target.checks.iter().flat_map(|check| check.observed.iter()))
        });
        self.observed.iter().chain(of_targets)
    }

    /// A word of a list in both languages. A hospital may have more than the document asks for: a word that it does not explain
    /// is explained by another of the program's documents, or stands for itself.
    pub fn word(&self, word: &str) -> Text {
        let known =
            self.words.get(word).or_else(|| super::documents().iter().find_map(|one| one.words.get(word)));
        known.cloned().unwrap_or_else(|| Text::new(word.replace('_', " "), word))
    }
}
