//! No false alarm: a correct system is found correct, whatever its requests suffer.

use crate::hospital::Day;
use onetrip_history::{CheckOptions, History, Property, Report, Verdict, check};

pub(crate) fn judge(log: &[u8]) -> Report {
    check(&History::read(log).unwrap(), &CheckOptions::default())
}

#[test]
fn a_correct_system_is_never_accused_in_a_thousand_days() {
    let mut checked = [0; Property::ALL.len()];
    let (mut operation_count, mut unknown_count) = (0, 0);
    for rng_seed in 0..1_000 {
        let report = judge(&Day::small(rng_seed).log().unwrap());
        let accused: Vec<_> =
            report.findings.iter().filter(|finding| finding.verdict == Verdict::Violated).collect();
        assert!(accused.is_empty(), "rng_seed {rng_seed}: {accused:#?}");
        operation_count += report.operation_count;
        unknown_count += report.unknown_count;
        for finding in &report.findings {
            assert_ne!(
                (finding.property, finding.unjudged_count),
                (Property::SlotOrder, 1),
                "rng_seed {rng_seed}: the search gave up"
            );
            checked[finding.property as usize] += finding.checked_count;
        }
    }
    // The days must be hard enough to mean something.
    assert!(operation_count > 100_000, "{operation_count}");
    assert!(unknown_count > 5_000, "{unknown_count}");
    for property in Property::ALL {
        assert!(checked[property as usize] >= 1_000, "{property:?} was checked {checked:?} times");
    }
}
