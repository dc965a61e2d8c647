//! The load test of a hospital itself: how much demand it bears before targets break, and what an outage, absent staff or
//! a week of flu does to a day.
//!
//! - [`demand`]: the largest demand at which each target still holds, found by the procedures of [`crate::size`] with
//!   demand as the number that is turned.
//! - [`disturbance`]: the same days with and without a disturbance, watched patient by patient: what it costs, where it
//!   shows first, and how long the queues need to be themselves again ([`recovery`]).

pub mod demand;
pub mod disturbance;
pub mod passage;
pub mod recovery;
mod sighted;

use crate::condition::Condition;
use crate::scorecard::{Counted, Findings, evaluate, standing_of};
use onetrip_models::hospital::spec::HospitalSpec;
use onetrip_models::measure::Measure;
use onetrip_scenarios::targets::{Answers, Comparison, Date, EvidenceKind, Quantity, TargetDocument, Unit};

/// What a target document asks of the measures of a hospital, as conditions: on a day, or, without one, when all stages
/// are past. What is counted or attested is no matter of a run and is left out, as are limits of 0, from which no
/// tolerance follows.
pub fn conditions_of(
    document: &TargetDocument,
    hospital: &HospitalSpec,
    measures: &[Measure],
    on: Option<Date>,
) -> Vec<Condition> {
    let findings = Findings { measured: &|_| None, counted: &|_| None, answers: &Answers::default() };
    let card = evaluate(document, standing_of(hospital), on, &findings);
    let mut conditions: Vec<Condition> = Vec::new();
    for check in card.items.iter().flat_map(|item| &item.checks) {
        let relation = match check.comparison {
            Comparison::AtMost => crate::condition::Relation::AtMost,
            Comparison::AtLeast => crate::condition::Relation::AtLeast,
            Comparison::Equals | Comparison::All => continue,
        };
        let measure = check.measure.as_ref().and_then(|id| measures.iter().find(|one| &one.id == id));
        let (Some(measure), Some(Counted::Number(limit))) = (measure, &check.threshold) else { continue };
        let unit = check.unit.unwrap_or(Unit::Count);
        let limit_text = Quantity { value: *limit, unit }.wording().en;
        let condition = Condition { measure: measure.clone(), relation, limit: *limit, limit_text };
        if check.kind == EvidenceKind::Measured && *limit != 0.0 && !conditions.contains(&condition) {
            conditions.push(condition);
        }
    }
    conditions
}
