//! Every mistake is called by its name, and the evidence repeats it on its own.

use crate::clean::judge;
use crate::hospital::Day;
use crate::system::Fault;
use onetrip_history::{History, Property, Replay, extract};
use std::io::Cursor;

/// In how many of 60 small days a fault leads to a violation of a property.
fn days_with(fault: Fault, property: Property) -> (usize, usize) {
    let (mut day_count, mut caught_count) = (0, 0);
    for rng_seed in 0..60 {
        let Some(log) = Day::small(rng_seed).with(fault).log() else { continue };
        day_count += 1;
        let report = judge(&log);
        if report.violated().any(|violated| violated == property) {
            caught_count += 1;
            repeats_itself(&log, property, rng_seed);
        }
    }
    (caught_count, day_count)
}

/// The evidence, written as a log of its own, shows the same violation; it is small.
fn repeats_itself(log: &[u8], property: Property, rng_seed: u64) {
    let report = judge(log);
    let evidence = &report.finding(property).evidence[0];
    let mut small = Vec::new();
    let count = extract(&mut Cursor::new(log), property, evidence, &mut small).unwrap();
    assert!(count < report.operation_count, "rng_seed {rng_seed}");
    let again = judge(&small);
    assert!(
        again.violated().any(|violated| violated == property),
        "rng_seed {rng_seed}: {property:?} is not violated in its own evidence {evidence:#?}\n{}",
        String::from_utf8_lossy(&small)
    );
    assert_eq!(History::read(&small[..]).unwrap().header().shows.as_deref(), Some(property.name()));
    assert_eq!(Replay::read(&small[..]).unwrap().left_out_count, count, "the simulated day has no templates");
}

fn always(fault: Fault, property: Property) {
    let (caught_count, day_count) = days_with(fault, property);
    assert!(day_count >= 30, "{fault:?} found occasion in only {day_count} days");
    assert_eq!(caught_count, day_count, "{fault:?} as {property:?}");
}

fn mostly(fault: Fault, property: Property) {
    let (caught_count, day_count) = days_with(fault, property);
    assert!(day_count >= 20, "{fault:?} found occasion in only {day_count} days");
    assert!(caught_count * 2 >= day_count, "{fault:?} as {property:?}: {caught_count} of {day_count}");
}

#[test]
fn a_payment_booked_twice_is_always_found() {
    always(Fault::DoubleSettlement, Property::SettledOnce);
    always(Fault::DoubleSettlement, Property::SumsMatch);
}

#[test]
fn a_confirmation_forgotten_is_found() {
    mostly(Fault::LostConfirmation, Property::AcknowledgedKept);
}

#[test]
fn a_move_backwards_is_found() {
    mostly(Fault::IllegalMove, Property::LegalMoves);
}

#[test]
fn a_slot_sold_twice_is_found() {
    mostly(Fault::DoubleSale, Property::SlotOrder);
    // Surely simultaneous claims are fewer than claims without an order.
    let (caught_count, _) = days_with(Fault::DoubleSale, Property::SlotCapacity);
    assert!(caught_count >= 6, "{caught_count}");
}

#[test]
fn a_needless_refusal_is_found() {
    mostly(Fault::NeedlessRefusal, Property::JustRefusals);
}

#[test]
fn a_stale_read_is_found() {
    mostly(Fault::StaleRead, Property::CurrentReads);
}

#[test]
fn a_late_expiry_is_found() {
    mostly(Fault::LateExpiry, Property::SlotOrder);
    // It takes somebody to want the place while it is kept for nobody.
    let (caught_count, _) = days_with(Fault::LateSweep, Property::JustRefusals);
    assert!(caught_count >= 6, "{caught_count}");
}

#[test]
fn a_missing_idempotency_is_found() {
    let mut caught_by = [0; 3];
    let properties = [Property::SettledOnce, Property::SameKeySameAnswer, Property::JustRefusals];
    for rng_seed in 0..60 {
        // Half of the days have places for a second booking, the others need the place it takes.
        let slot_count = if rng_seed % 2 == 0 { 100 } else { 10 };
        let day = Day { patient_count: 100, slot_count, unanswered_share: 0.25, ..Day::small(rng_seed) };
        let log = day.with(Fault::NoIdempotency).log().unwrap();
        let report = judge(&log);
        for (caught, property) in caught_by.iter_mut().zip(properties) {
            if report.violated().any(|violated| violated == property) {
                *caught += 1;
                repeats_itself(&log, property, rng_seed);
            }
        }
    }
    assert!(caught_by.iter().all(|&count| count >= 6), "{caught_by:?}");
}

#[test]
fn a_double_refund_is_found() {
    mostly(Fault::DoubleRefund, Property::SumsMatch);
}

#[test]
fn a_cancellation_forgotten_is_found() {
    mostly(Fault::LostCancellation, Property::AcknowledgedKept);
    // The slot tells it where the place was not sold again.
    let (caught_count, _) = days_with(Fault::LostCancellation, Property::FinalSlotState);
    assert!(caught_count >= 3, "{caught_count}");
}
