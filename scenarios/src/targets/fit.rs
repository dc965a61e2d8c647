//! Whether the parts of a check fit together.

use super::document::EvidenceKind;
use super::threshold::{Comparison, Quantity, Threshold, Unit};
use crate::reader::{Mistake, Place, Table};

/// An attested check has no measure, every other has one; `place` is that of the measure.
pub(super) fn check_measure(table: &Table<'_>, place: &Place, kind: EvidenceKind, has_measure: bool) {
    match (kind, has_measure) {
        (EvidenceKind::Attested, true) => {
            table.report(
                place,
                Mistake::new("an attested check has no measure")
                    .accepted("`kind` = \"counted\" or \"measured\""),
            );
        }
        (EvidenceKind::Measured | EvidenceKind::Counted, false) => {
            table.report(
                &table.place(),
                Mistake::missing("`measure` is missing").accepted("`measure` = the id of the figure"),
            );
        }
        _ => {}
    }
}

/// The unit a figure's id promises: a bare `10` for ten minutes would be read as ten seconds.
fn unit_of(measure: &str) -> Option<Unit> {
    if measure.split('.').any(|word| word.ends_with("_time")) {
        Some(Unit::Seconds)
    } else if measure.ends_with("share") {
        Some(Unit::Share)
    } else {
        None
    }
}

/// A threshold fits the comparison, the kind of evidence and the unit of the measure.
pub(super) fn check_threshold(
    table: &Table<'_>,
    place: &Place,
    comparison: Comparison,
    threshold: &Threshold,
    kind: EvidenceKind,
    measure: Option<&str>,
) {
    let unit = measure.and_then(unit_of);
    let accepted = match (comparison, threshold) {
        (Comparison::AtMost | Comparison::AtLeast, Threshold::Flag(_) | Threshold::Words(_)) => {
            "a number, a share or a duration; or `comparison` = \"equals\" or \"all\""
        }
        (Comparison::Equals, Threshold::Words(_)) => "`comparison` = \"all\"",
        (Comparison::All, Threshold::Quantity(_) | Threshold::Flag(_) | Threshold::LastYear { .. }) => {
            "a list of words"
        }
        (_, Threshold::LastYear { .. }) if kind != EvidenceKind::Measured => "`kind` = \"measured\"",
        (_, Threshold::Flag(_) | Threshold::Words(_)) if kind == EvidenceKind::Measured => {
            "a number, a share or a duration, because a run measures nothing else"
        }
        (_, Threshold::Quantity(Quantity { value, .. })) if !value.is_finite() => "a finite number",
        (_, Threshold::Quantity(quantity)) => match unit {
            Some(Unit::Seconds) if quantity.unit != Unit::Seconds => {
                "a duration with its unit, such as \"10 min\""
            }
            Some(Unit::Share) if quantity.unit != Unit::Share => "a share, such as \"40 %\"",
            _ => return,
        },
        _ => return,
    };
    table.report(place, Mistake::new("the threshold does not fit the check").accepted(accepted));
}
