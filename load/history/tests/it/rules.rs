//! Each property on histories small enough to judge by eye.

use crate::clean::judge;
use onetrip_history::{
    Action, FinalState, Header, Instants, LogWriter, Lost, ObjectKind, Operation, Outcome, Property, Refusal,
    Seen, SlotDeclaration, State, Verdict,
};

const OK: Outcome = Outcome::Ok(200);
const LOST: Outcome = Outcome::Unknown(Lost::Timeout);
const TAKEN: Outcome = Outcome::Refused(409, Refusal::Taken);

/// Builds a log with instants in milliseconds.
struct Log {
    writer: LogWriter<Vec<u8>>,
    count: u64,
}

impl Log {
    fn new() -> Log {
        Log::with(|_| {})
    }

    fn with(change: impl FnOnce(&mut Header)) -> Log {
        let mut header = Header::new("by hand", 0, "test", "http://127.0.0.1:1", "2027-03-01T08:00:00Z");
        header.expiry_slack_us = 0;
        change(&mut header);
        Log { writer: LogWriter::new(Vec::new(), &header).unwrap(), count: 0 }
    }

    /// Adds an operation of a patient between two instants; `fill` names its objects. Returns its id.
    fn add(
        &mut self,
        patient: u64,
        action: Action,
        span_ms: (u64, u64),
        outcome: Outcome,
        fill: impl FnOnce(&mut Operation<'static>),
    ) -> u64 {
        self.count += 1;
        let (sent_at, done_at) = (span_ms.0 * 1_000, span_ms.1 * 1_000);
        let at = Instants { intended_at: sent_at, sent_at, done_at };
        let mut operation = Operation::new(self.count, patient, action.name(), action, at, outcome);
        fill(&mut operation);
        self.writer.operation(&operation).unwrap();
        self.count
    }

    fn book(
        &mut self,
        patient: u64,
        appointment: &'static str,
        span_ms: (u64, u64),
        outcome: Outcome,
    ) -> u64 {
        self.add(patient, Action::Book, span_ms, outcome, |op| {
            op.slot = Some("s".into());
            op.appointment = matches!(outcome, Outcome::Ok(_)).then(|| appointment.into());
        })
    }

    fn pay(
        &mut self,
        key: &'static str,
        payment: &'static str,
        span_ms: (u64, u64),
        outcome: Outcome,
    ) -> u64 {
        self.add(1, Action::Pay, span_ms, outcome, |op| {
            op.invoice = Some("i".into());
            op.key = Some(key.into());
            op.amount = Some(100);
            op.payment = matches!(outcome, Outcome::Ok(_)).then(|| payment.into());
        })
    }

    fn at_end(
        &mut self,
        kind: ObjectKind,
        id: &'static str,
        state: State,
        fill: impl FnOnce(&mut FinalState<'_>),
    ) {
        let mut found = FinalState::new(kind, id, state);
        fill(&mut found);
        self.writer.final_state(&found).unwrap();
    }

    fn appointment_at_end(&mut self, id: &'static str, patient: u64, state: State) {
        self.at_end(ObjectKind::Appointment, id, state, |found| {
            found.slot = Some("s".into());
            found.patient = Some(patient);
        });
    }

    fn payment_at_end(&mut self, id: &'static str, key: &'static str) {
        self.at_end(ObjectKind::Payment, id, State::Settled, |found| {
            found.invoice = Some("i".into());
            found.key = Some(key.into());
            found.amount = Some(100);
        });
    }

    fn invoice_at_end(&mut self, state: State) {
        self.at_end(ObjectKind::Invoice, "i", state, |found| found.amount = Some(100));
    }

    /// Ends the log; the properties that are violated, and the operations shown for the first of them.
    fn violated(self) -> (Vec<Property>, Vec<u64>) {
        let listed = [ObjectKind::Slot, ObjectKind::Appointment, ObjectKind::Payment, ObjectKind::Invoice];
        let report = judge(&self.writer.end(&listed).unwrap());
        let properties: Vec<Property> = report.violated().collect();
        let operations = properties
            .first()
            .map(|&property| report.finding(property).evidence[0].operations.clone())
            .unwrap_or_default();
        (properties, operations)
    }
}

#[test]
fn two_bookings_of_one_place_one_after_the_other_are_a_double_sale() {
    let mut log = Log::new();
    log.book(1, "a", (0, 10), OK);
    log.book(2, "b", (20, 30), OK);
    log.appointment_at_end("a", 1, State::Booked);
    log.appointment_at_end("b", 2, State::Booked);
    let (properties, operations) = log.violated();
    assert_eq!(properties, [Property::SlotCapacity, Property::FinalCapacity, Property::SlotOrder]);
    assert_eq!(operations, [1, 2]);
}

#[test]
fn a_cancellation_of_unknown_outcome_excuses_the_second_booking() {
    let mut log = Log::new();
    log.book(1, "a", (0, 10), OK);
    log.add(1, Action::Cancel, (12, 60), LOST, |op| op.appointment = Some("a".into()));
    log.book(2, "b", (20, 30), OK);
    log.appointment_at_end("a", 1, State::Cancelled);
    log.appointment_at_end("b", 2, State::Booked);
    assert_eq!(log.violated().0, []);
}

#[test]
fn six_patients_told_of_one_appointment_are_a_double_sale() {
    let mut log = Log::new();
    for patient in 0..6 {
        log.book(patient, "a", (0, 10), OK);
    }
    let (properties, operations) = log.violated();
    assert!(properties.starts_with(&[Property::SlotCapacity, Property::SlotOrder]), "{properties:?}");
    assert_eq!(operations.len(), 2);
}

#[test]
fn places_taken_before_the_run_count() {
    for (taken_count, expected) in [(1, vec![]), (2, vec![Property::SlotOrder])] {
        let mut log = Log::new();
        log.writer.slot(&SlotDeclaration { id: "s".into(), capacity: 3, taken_count }).unwrap();
        log.book(1, "a", (0, 10), OK);
        log.book(2, "b", (20, 30), OK);
        let violated: Vec<_> =
            log.violated().0.into_iter().filter(|&property| property == Property::SlotOrder).collect();
        assert_eq!(violated, expected);
    }
}

#[test]
fn a_refusal_needs_a_taken_place_or_one_that_may_be_taken() {
    let judge = |other: Option<(u64, u64, Outcome)>| {
        let mut log = Log::new();
        if let Some((from, until, outcome)) = other {
            log.book(1, "a", (from, until), outcome);
        }
        log.book(2, "b", (20, 30), TAKEN);
        let outcome = other.map(|(.., outcome)| outcome);
        if outcome == Some(OK) {
            log.appointment_at_end("a", 1, State::Booked);
        }
        log.violated().0
    };
    assert_eq!(judge(None), [Property::JustRefusals]);
    assert_eq!(judge(Some((0, 10, OK))), []);
    assert_eq!(judge(Some((25, 60, OK))), []);
    assert_eq!(judge(Some((31, 60, OK))), [Property::JustRefusals]);
    assert_eq!(judge(Some((0, 10, LOST))), []);
    assert_eq!(judge(Some((31, 60, LOST))), [Property::JustRefusals]);
}

#[test]
fn a_hold_may_be_confirmed_only_until_it_lapses_and_frees_its_place_then() {
    let judge = |confirm_ms: (u64, u64), confirmed: Outcome, other_ms: (u64, u64), other: Outcome| {
        let mut log = Log::with(|header| header.hold_time_us = Some(50_000));
        log.add(1, Action::Hold, (0, 10), OK, |op| {
            op.slot = Some("s".into());
            op.hold = Some("h".into());
        });
        log.add(1, Action::Confirm, confirm_ms, confirmed, |op| op.hold = Some("h".into()));
        log.book(2, "b", other_ms, other);
        if other == OK {
            log.appointment_at_end("b", 2, State::Booked);
        }
        log.violated().0
    };
    let expired = Outcome::Refused(410, Refusal::Expired);
    // Lapses between 50 and 60 ms.
    assert_eq!(judge((40, 45), OK, (90, 95), TAKEN), []);
    assert_eq!(judge((55, 70), OK, (90, 95), TAKEN), []);
    assert_eq!(judge((61, 70), OK, (90, 95), TAKEN), [Property::SlotOrder]);
    assert_eq!(judge((61, 70), expired, (90, 95), OK), []);
    assert_eq!(judge((61, 70), expired, (90, 95), TAKEN), [Property::JustRefusals]);
    assert_eq!(judge((30, 40), expired, (90, 95), OK), [Property::JustRefusals]);
    assert_eq!(judge((61, 70), expired, (30, 49), OK), [Property::SlotCapacity, Property::SlotOrder]);
}

#[test]
fn an_unknown_booking_that_was_found_afterwards_counts_as_made() {
    for (resolves, expected) in [(None, false), (Some(1), true)] {
        let mut log = Log::new();
        log.book(1, "a", (0, 60), LOST);
        log.add(1, Action::ReadAppointment, (70, 80), OK, |op| {
            op.slot = Some("s".into());
            op.appointment = Some("a".into());
            op.resolves = resolves;
            op.seen.push(Seen { kind: ObjectKind::Appointment, id: "a".into(), state: State::Booked });
        });
        log.book(2, "b", (90, 99), OK);
        log.appointment_at_end("b", 2, State::Booked);
        assert_eq!(log.violated().0.contains(&Property::SlotOrder), expected);
    }
}

#[test]
fn four_success_replies_and_one_settlement_are_told_apart() {
    let mut log = Log::new();
    log.pay("k1", "p", (0, 10), OK);
    log.pay("k2", "p", (0, 10), OK);
    log.payment_at_end("p", "k1");
    log.invoice_at_end(State::Balanced);
    assert_eq!(log.violated(), (vec![Property::OneSuccessReply], vec![1, 2]));

    // The same key tried again is one request.
    let mut log = Log::new();
    log.pay("k1", "p", (0, 10), OK);
    log.pay("k1", "p", (20, 30), OK);
    log.payment_at_end("p", "k1");
    log.invoice_at_end(State::Balanced);
    assert_eq!(log.violated().0, []);
}

#[test]
fn one_success_reply_and_two_settlements_are_told_apart() {
    let mut log = Log::new();
    log.pay("k", "p", (0, 10), LOST);
    log.pay("k", "q", (20, 30), OK);
    log.payment_at_end("p", "k");
    log.payment_at_end("q", "k");
    log.invoice_at_end(State::Balanced);
    assert_eq!(log.violated(), (vec![Property::SettledOnce, Property::SumsMatch], vec![1, 2]));
}

#[test]
fn a_balanced_invoice_without_payment_and_a_cancelled_one_with_it_do_not_add_up() {
    for (state, paid, expected) in [
        (State::Balanced, false, vec![Property::SumsMatch]),
        (State::Balanced, true, vec![]),
        (State::Issued, false, vec![]),
        (State::Cancelled, true, vec![Property::SumsMatch]),
    ] {
        let mut log = Log::new();
        if paid {
            log.payment_at_end("p", "k");
        }
        log.invoice_at_end(state);
        assert_eq!(log.violated().0, expected, "{state:?} {paid}");
    }
}

#[test]
fn an_acknowledged_payment_missing_from_the_ledger_is_lost() {
    let mut log = Log::new();
    log.pay("k", "p", (0, 10), OK);
    assert_eq!(log.violated(), (vec![Property::AcknowledgedKept], vec![1]));
    let mut log = Log::new();
    log.add(1, Action::Pay, (0, 10), OK, |op| {
        op.invoice = Some("i".into());
        op.key = Some("k".into());
    });
    assert_eq!(log.violated(), (vec![Property::AcknowledgedKept], vec![1]));
}

#[test]
fn medicines_are_not_handed_over_before_anybody_paid() {
    for (paid_ms, outcome, expected) in [
        ((0, 10), OK, vec![]),
        ((15, 60), LOST, vec![]),
        ((31, 40), OK, vec![Property::PaidBeforeDispense]),
        ((0, 10), Outcome::Refused(402, Refusal::Other), vec![Property::PaidBeforeDispense]),
    ] {
        let mut log = Log::new();
        log.pay("k", "p", paid_ms, outcome);
        log.add(1, Action::Dispense, (20, 30), OK, |op| op.invoice = Some("i".into()));
        if outcome == OK {
            log.payment_at_end("p", "k");
            log.invoice_at_end(State::Balanced);
        }
        assert_eq!(log.violated().0, expected, "{paid_ms:?} {outcome:?}");
    }
}

#[test]
fn a_status_may_neither_go_back_nor_skip() {
    let judge = |first: State, second: State, second_ms: (u64, u64)| {
        let mut log = Log::new();
        for (state, span_ms) in [(first, (0, 10)), (second, second_ms)] {
            log.add(1, Action::Change, span_ms, OK, |op| {
                op.appointment = Some("a".into());
                op.wants = Some(state);
            });
        }
        log.appointment_at_end("a", 1, second);
        log.violated().0.contains(&Property::LegalMoves)
    };
    assert!(judge(State::Fulfilled, State::Proposed, (20, 30)));
    assert!(judge(State::Proposed, State::Fulfilled, (20, 30)));
    assert!(!judge(State::Booked, State::Arrived, (20, 30)));
    assert!(!judge(State::Booked, State::Booked, (20, 30)));
    // Overlapping requests may have come in the other order.
    assert!(!judge(State::Fulfilled, State::Arrived, (5, 30)));
}

#[test]
fn what_was_booked_must_be_there_unless_somebody_took_it_back() {
    let judge = |found: State, taken_back: Option<Outcome>| {
        let mut log = Log::new();
        log.book(1, "a", (0, 10), OK);
        if let Some(outcome) = taken_back {
            log.add(1, Action::Cancel, (20, 30), outcome, |op| op.appointment = Some("a".into()));
        }
        log.appointment_at_end("a", 1, found);
        log.violated().0
    };
    assert_eq!(judge(State::Booked, None), []);
    assert_eq!(judge(State::Absent, None), [Property::AcknowledgedKept]);
    assert_eq!(judge(State::Pending, None), [Property::AcknowledgedKept]);
    assert_eq!(judge(State::Cancelled, None), [Property::AcknowledgedKept]);
    assert_eq!(judge(State::Cancelled, Some(OK)), []);
    assert_eq!(judge(State::Cancelled, Some(LOST)), []);
    assert_eq!(judge(State::Booked, Some(LOST)), []);
    assert_eq!(judge(State::Booked, Some(OK)), [Property::AcknowledgedKept]);
    assert_eq!(
        judge(State::Cancelled, Some(Outcome::Refused(409, Refusal::Stale))),
        [Property::AcknowledgedKept]
    );
}

#[test]
fn a_hold_that_has_lapsed_need_not_be_kept() {
    let judge = |last_ms: (u64, u64), confirmed: bool| {
        let mut log = Log::with(|header| header.hold_time_us = Some(60_000_000));
        let mut ask = |action, span_ms| {
            log.add(1, action, span_ms, OK, |op| {
                op.slot = Some("s".into());
                op.appointment = Some("a".into());
            })
        };
        ask(Action::Hold, (0, 10));
        if confirmed {
            ask(Action::Confirm, (20, 30));
        }
        log.add(2, Action::Book, last_ms, TAKEN, |op| op.slot = Some("other".into()));
        log.appointment_at_end("a", 1, State::Absent);
        log.violated().0.contains(&Property::AcknowledgedKept)
    };
    assert!(!judge((60_100, 60_200), false));
    // Its time was not over, and what is confirmed does not lapse.
    assert!(judge((30_000, 30_100), false));
    assert!(judge((60_100, 60_200), true));
}

#[test]
fn one_key_has_one_answer() {
    let judge = |second: Outcome, appointment: &'static str| {
        let mut log = Log::with(|header| header.slot_capacity = 2);
        for (id, outcome, span_ms) in [("a", OK, (0, 10)), (appointment, second, (20, 30))] {
            log.add(1, Action::Book, span_ms, outcome, |op| {
                op.slot = Some("s".into());
                op.key = Some("k".into());
                op.appointment = (outcome == OK).then(|| id.into());
            });
            if outcome == OK && (id == "a") == (span_ms.0 == 0) {
                log.appointment_at_end(id, 1, State::Booked);
            }
        }
        log.violated().0
    };
    assert_eq!(judge(OK, "a"), []);
    assert_eq!(judge(OK, "b"), [Property::SameKeySameAnswer]);
    assert_eq!(judge(Outcome::Refused(409, Refusal::Repeated), "a"), []);
    assert!(judge(TAKEN, "a").contains(&Property::SameKeySameAnswer));
}

#[test]
fn a_hot_slot_with_many_unknown_outcomes_is_still_decided() {
    for (last_is_free, expected) in [(true, vec![]), (false, vec![Property::CurrentReads])] {
        let mut log = Log::with(|header| header.slot_capacity = 5);
        for round in 0..2_000 {
            let start = round * 10;
            let id: &'static str = Box::leak(format!("a{round}").into_boxed_str());
            log.book(round, id, (start, start + 25), OK);
            log.add(round, Action::Cancel, (start + 26, start + 30), OK, |op| {
                op.appointment = Some(id.into())
            });
            if round % 4 == 0 {
                // Never heard of again, and surely never done: the slot stays usable.
                log.add(90_000 + round, Action::Cancel, (start, start + 60), LOST, |op| {
                    op.appointment = Some(id.into());
                });
            }
            log.appointment_at_end(id, round, State::Cancelled);
        }
        let state = if last_is_free { State::Free } else { State::Busy };
        log.add(1, Action::ReadSlot, (90_000, 90_010), OK, |op| {
            op.slot = Some("s".into());
            op.seen.push(Seen { kind: ObjectKind::Slot, id: "s".into(), state });
        });
        assert_eq!(log.violated().0, expected);
    }
}

#[test]
fn the_report_for_people_says_what_is_violated_and_by_which_operations() {
    use onetrip_history::Language;
    let mut log = Log::new();
    log.book(1, "a", (0, 10), OK);
    log.book(2, "b", (20, 30), OK);
    let report = judge(&log.writer.end(&[]).unwrap());
    let english = report.text(Language::English);
    assert!(english.starts_with("2 operations, 0 of unknown outcome, 1 slots\n"), "{english}");
    assert!(english.contains("slot-order             VIOLATED ×1 (1 checked)"), "{english}");
    assert!(english.contains("slot s: no order of the acknowledged requests"), "{english}");
    assert!(english.contains("[operations 1, 2]"), "{english}");
    assert!(
        english.contains("settled-once           not checkable: no payment has an invoice and a key"),
        "{english}"
    );
    let chinese = report.text(Language::Chinese);
    assert!(chinese.contains("违反 ×1") && chinese.contains("[操作 1, 2]"), "{chinese}");
}

#[test]
fn every_property_says_what_it_means_in_both_languages() {
    use onetrip_history::Language;
    let mut names: Vec<_> = Property::ALL.iter().map(|property| property.name()).collect();
    names.dedup();
    assert_eq!(names.len(), Property::ALL.len());
    let report = judge(&Log::new().writer.end(&[]).unwrap());
    for property in Property::ALL {
        assert_eq!(report.finding(property).property, property);
        assert!(matches!(report.finding(property).verdict, Verdict::NotCheckable { .. }));
        assert!(property.meaning(Language::English).ends_with(['.', ')']));
        assert!(property.meaning(Language::Chinese).ends_with(['。', '）']));
    }
}
