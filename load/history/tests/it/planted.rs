//! One mistake among very many operations is found, and shrunk to a few of them.

use crate::clean::judge;
use crate::hospital::Day;
use crate::system::Fault;
use onetrip_history::{CheckOptions, History, Property, check};
use std::time::Instant;

const PLANTED: [(Fault, Property); 4] = [
    (Fault::DoubleSale, Property::SlotOrder),
    (Fault::DoubleSettlement, Property::SettledOnce),
    (Fault::LostConfirmation, Property::AcknowledgedKept),
    (Fault::IllegalMove, Property::LegalMoves),
];

/// The log of the first day, from `rng_seed` on, in which the mistake can be told from the answers at all.
fn planted(fault: Fault, property: Property, operation_count: u64) -> Vec<u8> {
    (1..20)
        .filter_map(|rng_seed| Day::large(rng_seed, operation_count).with(fault).log())
        .find(|log| judge(log).violated().any(|violated| violated == property))
        .unwrap_or_else(|| panic!("{fault:?} is not found in any of twenty days"))
}

#[test]
fn one_mistake_in_a_hundred_thousand_operations_is_found_and_shrunk_to_six() {
    for (fault, property) in PLANTED {
        let log = planted(fault, property, 100_000);
        let report = judge(&log);
        assert!(report.operation_count > 80_000, "{}", report.operation_count);
        let finding = report.finding(property);
        assert_eq!(finding.violation_count, 1, "{fault:?}: {finding:#?}");
        assert!((1..=6).contains(&finding.evidence[0].operations.len()), "{fault:?}: {finding:#?}");
    }
}

/// `cargo test --release -p onetrip-history -- --ignored --nocapture million`
#[test]
#[ignore = "a million operations, timed; run it in release mode on a quiet machine"]
fn one_mistake_in_a_million_operations_is_found_within_five_seconds() {
    for (fault, property) in PLANTED {
        let log = planted(fault, property, 1_250_000);
        let start = Instant::now();
        let history = History::read(&log[..]).unwrap();
        let read_time = start.elapsed();
        let report = check(&history, &CheckOptions::default());
        let whole_time = start.elapsed();
        println!(
            "{fault:?}: {} operations, {} MB ({} bytes each), read in {read_time:.2?}, read and judged in {whole_time:.2?}",
            report.operation_count,
            log.len() / 1_000_000,
            log.len() as u64 / report.operation_count,
        );
        assert!(report.operation_count >= 1_000_000, "{}", report.operation_count);
        assert_eq!(report.finding(property).violation_count, 1);
        assert!(report.finding(property).evidence[0].operations.len() <= 6);
        assert!(whole_time.as_secs_f64() <= 5.0);
    }
}

#[test]
fn thousands_of_requests_on_two_slots_with_a_quarter_unanswered_are_decided() {
    let mut caught_count = 0;
    for rng_seed in 0..2 {
        let crowd = Day { patient_count: 1_000, slot_count: 2, capacity: 4, ..Day::small(rng_seed) };
        let day = Day { span_us: 8_000_000, unanswered_share: 0.25, ..crowd };
        let report = judge(&day.log().unwrap());
        assert_eq!(report.violation_count(), 0, "rng_seed {rng_seed}");
        for property in [Property::SlotOrder, Property::CurrentReads, Property::JustRefusals] {
            assert_eq!(report.finding(property).unjudged_count, 0, "rng_seed {rng_seed}: {property:?}");
        }
        let Some(log) = day.with(Fault::DoubleSale).log() else { continue };
        caught_count += usize::from(judge(&log).violated().any(|property| property == Property::SlotOrder));
    }
    assert!(caught_count > 0);
}
