//! The measured checks of a document as questions that a visit can answer.

use super::sight::Sight;
use crate::scorecard::{Counted, Scorecard, Verdict};
use crate::statistics::passing::Criterion;
use onetrip_models::measure::Measure;
use onetrip_scenarios::targets::{Comparison, EvidenceKind, Quantity, Unit};

/// Where an inspector has a measured figure from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Evidence {
    /// From the visit itself.
    Seen(Sight),
    /// From the hospital's records of the day: no single visit shows it.
    Records,
}

/// One measured check that is asked of a hospital, with its bar.
#[derive(Clone, PartialEq, Debug)]
pub struct Question {
    /// Place of its item in the document.
    pub item: usize,
    /// Place of the check in its item.
    pub check: usize,
    /// Id of the check.
    pub id: String,
    /// Id of the figure.
    pub measure: String,
    /// Where the inspector has it from.
    pub evidence: Evidence,
    /// When a mean over visits passes.
    pub criterion: Criterion,
    /// The bar.
    pub bar: Quantity,
    /// Counts for points only, not for the verdict of its item.
    pub is_optional: bool,
}

impl Question {
    /// Whether a figure, alone, is good enough.
    pub fn is_met_by(&self, figure: f64) -> bool {
        self.criterion.is_met_by(figure)
    }
}

/// The questions of a document to a hospital, in the document's order: measured checks that are asked now, have a bar
/// above 0, and that a run of this hospital computes.
pub fn questions(card: &Scorecard, measures: &[Measure]) -> Vec<Question> {
    let mut questions = Vec::new();
    for (item_index, item) in card.items.iter().enumerate() {
        for (check_index, check) in item.checks.iter().enumerate() {
            let is_asked = check.kind == EvidenceKind::Measured && check.verdict != Verdict::NotApplicable;
            let (Some(id), Some(Counted::Number(bar)), true) = (&check.measure, &check.threshold, is_asked)
            else {
                continue;
            };
            let criterion = match check.comparison {
                Comparison::AtMost => Criterion::MeanAtMost(*bar),
                Comparison::AtLeast => Criterion::MeanAtLeast(*bar),
                Comparison::Equals | Comparison::All => continue,
            };
            if *bar <= 0.0 || !measures.iter().any(|measure| measure.id == *id) {
                continue;
            }
            questions.push(Question {
                item: item_index,
                check: check_index,
                id: check.id.clone(),
                measure: id.clone(),
                evidence: Sight::of_measure(id).map_or(Evidence::Records, Evidence::Seen),
                criterion,
                bar: Quantity { value: *bar, unit: check.unit.unwrap_or(Unit::Count) },
                is_optional: check.optional,
            });
        }
    }
    questions
}
