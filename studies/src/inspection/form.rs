//! The form of one visit: what the inspector puts into each row, and where it comes from.

use super::question::{Evidence, Question};
use crate::scorecard::{Scorecard, Verdict};
use onetrip_scenarios::targets::EvidenceKind;
use serde::Serialize;

/// How a row of the form looks after a visit.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// Good.
    Passes,
    /// Not good.
    Fails,
    /// The visit had nothing to do with it.
    NotTouched,
    /// To be filled in by hand.
    ByHand,
    /// Not asked of this hospital, or not yet.
    NotAsked,
}

/// Where what stands in a field comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldSource {
    /// The visit itself.
    Visit,
    /// The hospital's records of the day.
    Records,
    /// The description of the hospital.
    Description,
    /// An answer of a person.
    Answer,
    /// Nothing yet.
    Hand,
}

/// One field: a check of the row's item.
#[derive(Clone, PartialEq, Debug)]
pub struct Field {
    /// Place of the check in its item.
    pub check: usize,
    /// The question it answers, when it is a measured one.
    pub question: Option<usize>,
    /// The figure of the visit, or of the day's records.
    pub figure: Option<f64>,
    /// How it looks.
    pub mark: Mark,
    /// Where it comes from.
    pub source: FieldSource,
}

/// One row: an item of the document.
#[derive(Clone, PartialEq, Debug)]
pub struct Row {
    /// Place of the item in the document.
    pub item: usize,
    /// How it looks.
    pub mark: Mark,
    /// Its fields.
    pub fields: Vec<Field>,
}

/// The form of a visit.
#[derive(Clone, PartialEq, Debug)]
pub struct VisitForm {
    /// The rows, in the document's order.
    pub rows: Vec<Row>,
}

/// Fills in the form. `figures` has one entry a question.
pub fn fill_in(card: &Scorecard, questions: &[Question], figures: &[Option<f64>]) -> VisitForm {
    let rows = card.items.iter().enumerate().map(|(item_index, item)| {
        let fields: Vec<Field> = item
            .checks
            .iter()
            .enumerate()
            .map(|(check_index, check)| {
                let question = questions.iter().position(|q| q.item == item_index && q.check == check_index);
                if let Some(index) = question {
                    let figure = figures.get(index).copied().flatten();
                    let mark = match figure {
                        Some(figure) if questions[index].is_met_by(figure) => Mark::Passes,
                        Some(_) => Mark::Fails,
                        None => Mark::NotTouched,
                    };
                    let source = match questions[index].evidence {
                        Evidence::Seen(_) => FieldSource::Visit,
                        Evidence::Records => FieldSource::Records,
                    };
                    return Field { check: check_index, question, figure, mark, source };
                }
                let (mark, source) = match check.verdict {
                    Verdict::NotApplicable => (Mark::NotAsked, FieldSource::Hand),
                    Verdict::Met | Verdict::Missed if check.kind != EvidenceKind::Measured => {
                        let mark = if check.verdict == Verdict::Met { Mark::Passes } else { Mark::Fails };
                        let is_answer = check.attestation.is_some();
                        (mark, if is_answer { FieldSource::Answer } else { FieldSource::Description })
                    }
                    _ => (Mark::ByHand, FieldSource::Hand),
                };
                Field { check: check_index, question: None, figure: None, mark, source }
            })
            .collect();
        let counts =
            |mark: Mark| fields.iter().any(|field| !item.checks[field.check].optional && field.mark == mark);
        let order = [Mark::Fails, Mark::ByHand, Mark::Passes, Mark::NotTouched];
        let mark = order.into_iter().find(|mark| counts(*mark)).unwrap_or(Mark::NotAsked);
        Row { item: item_index, mark, fields }
    });
    VisitForm { rows: rows.collect() }
}

impl VisitForm {
    /// How many rows have a mark.
    pub fn count(&self, mark: Mark) -> usize {
        self.rows.iter().filter(|row| row.mark == mark).count()
    }
}
