//! Runs against the reference desk: honest, it is clean; with a fault, the fault is caught by name.

use crate::ground::{Judged, crowd_in_haste, send_to, shipped};
use onetrip_desk::{Database, Desk, Options};
use onetrip_history::{Language, Property, Verdict};
use onetrip_load::engine::VoidReason;
use onetrip_load::plan::Arrivals;
use onetrip_load::report::{RunOutcome, RunReport, histogram_text, junit};
use onetrip_load::threshold::Threshold;
use tempfile::TempDir;

/// How a run is made: fault, journey's settings, patients.
struct Trial<'a> {
    fault: Option<&'a str>,
    journey: &'a str,
    set: &'a [&'a str],
    patient_count: u64,
}

/// A visit of minutes takes about a second.
pub(crate) const SPEED: f64 = 100.0;

/// Few slots and short pauses, so that patients meet.
pub(crate) const QUICK: [&str; 2] = ["retry_pause=\"50 ms\"", "prepare.slots.repeat=40"];

impl Trial<'_> {
    async fn run(&self) -> Judged {
        let folder = TempDir::new().unwrap();
        let mut options = Options::new(Database::Sqlite(folder.path().join("desk.sqlite")));
        options.faults.extend(self.fault.map(|fault| fault.parse::<onetrip_desk::Fault>().unwrap()));
        let desk = Desk::start(options).await.unwrap();
        let base = if self.journey == "desk" { "" } else { "/fhir" };
        let set = [&QUICK[..], self.set].concat();
        let journey = shipped(self.journey, &set);
        let plan = crowd_in_haste(&journey, self.patient_count, 1_500_000, (Arrivals::Poisson, 7), SPEED);
        let judged = send_to(&format!("http://{}{base}", desk.address()), &journey, plan).await;
        desk.stop().await.unwrap();
        assert_eq!(judged.record.failures, Vec::<String>::new());
        assert!(judged.record.statistics.broken_off.is_empty(), "{:?}", judged.record.statistics.broken_off);
        judged
    }

    async fn violated(&self) -> Vec<Property> {
        let judged = self.run().await;
        assert!(judged.report.ended);
        judged.report.violated().collect()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_honest_desk_is_found_correct_in_every_property_it_can_be_asked_about() {
    let trial = Trial { fault: None, journey: "desk", set: &[], patient_count: 150 };
    let judged = trial.run().await;
    let text = judged.report.text(Language::English);
    assert_eq!(judged.report.violation_count(), 0, "{text}");
    for finding in &judged.report.findings {
        assert_eq!(finding.verdict, Verdict::Holds, "{text}");
    }
    let statistics = &judged.record.statistics;
    assert_eq!(judged.record.soundness.void, []);
    assert!(statistics.wait.got_count >= 30, "{:?}", statistics.wait);
    assert_eq!(statistics.wait.patient_count, judged.record.plan.patient_count);
    assert!(statistics.sent_count() > 500);
    let threshold = Threshold::parse("violations = 0 and p99 <= 60 s and settled-once = 0").unwrap();
    let (report, _) = RunReport::new(judged.record, "the desk".to_owned(), judged.report, &threshold);
    assert_eq!(report.outcome(), RunOutcome::Holds);
    let json = report.to_json();
    assert_eq!(json["thresholds"].as_array().unwrap().len(), 3);
    assert_eq!(json["hall"]["patient_count"], json["plan"]["patient_count"]);
    for (language, words) in
        [(Language::English, ["got a slot", "PASSED"]), (Language::Chinese, ["取得号源", "通过"])]
    {
        let text = report.text(language);
        assert!(words.iter().all(|word| text.contains(word)), "{text}");
        let html = report.html(language);
        assert_eq!(html.matches("<svg").count(), 6, "three plots in each language");
        assert!(html.contains("got a slot") && html.contains("取得号源"));
        assert!(!html.contains("http-equiv") && !html.contains("src="), "the file needs nothing else");
    }
    let xml = junit(&report);
    assert!(xml.contains("tests=\"17\" failures=\"0\""), "{xml}");
    let percentiles = histogram_text(&report.statistics.response());
    assert!(percentiles.lines().any(|line| line.starts_with("#[Max")), "{percentiles}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn overselling_repeating_and_losing_are_caught() {
    let oversold =
        Trial { fault: Some("check-then-act:window=60ms"), journey: "desk", set: &[], patient_count: 120 };
    let judged = oversold.run().await;
    assert!(judged.report.ended);
    let violated: Vec<_> = judged.report.violated().collect();
    assert!(violated.contains(&Property::SlotCapacity), "{violated:?}");
    assert!(violated.contains(&Property::FinalCapacity), "{violated:?}");
    a_late_generator_voids_the_times_and_no_violation(judged);
    let repeated = Trial {
        fault: Some("no-idempotency"),
        journey: "desk",
        set: &["values.slot_capacity=\"4\"", "step.lock.double_tap=\"40 %\""],
        patient_count: 80,
    };
    let violated = repeated.violated().await;
    assert!(violated.contains(&Property::SameKeySameAnswer), "{violated:?}");
    let lost =
        Trial { fault: Some("lost-acknowledgement:every=25"), journey: "desk", set: &[], patient_count: 60 };
    let violated = lost.violated().await;
    assert!(violated.contains(&Property::AcknowledgedKept), "{violated:?}");
}

fn a_late_generator_voids_the_times_and_no_violation(oversold: Judged) {
    let nothing_asked = Threshold::default();
    let (mut report, _) =
        RunReport::new(oversold.record, "the desk".to_owned(), oversold.report, &nothing_asked);
    report.soundness.void = vec![VoidReason::SentLate { lag_p99_us: 90_000, bound_us: 1_000 }];
    assert_eq!(report.outcome(), RunOutcome::DoesNotHold);
    let text = report.text(Language::English);
    assert!(text.contains("The times are void: requests went out late"), "{text}");
    assert!(text.contains("FAILED: the violations stand"), "{text}");
    for (asked, outcome) in [
        ("violations = 0", RunOutcome::DoesNotHold),
        ("p99 <= 1 s and slot-capacity = 0", RunOutcome::DoesNotHold),
        ("p99 <= 1 s", RunOutcome::Void),
        ("p99 <= 1 us and settled-once = 0", RunOutcome::Void),
        ("settled-once >= 1", RunOutcome::Void),
    ] {
        report.judgements = Threshold::parse(asked).unwrap().judge(&report);
        assert_eq!(report.outcome(), outcome, "{asked}");
    }
    assert!(report.text(Language::Chinese).contains("无效：请求发出过晚"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn paying_twice_illegal_moves_stale_reads_and_late_expiry_are_caught() {
    let paid = Trial {
        fault: Some("double-settlement"),
        journey: "desk",
        set: &["step.pay.again=\"40 %\""],
        patient_count: 60,
    };
    let violated = paid.violated().await;
    assert!(violated.contains(&Property::OneSuccessReply), "{violated:?}");
    let moved = Trial {
        fault: Some("illegal-move"),
        journey: "desk",
        set: &["step.no-show.share=\"50 %\""],
        patient_count: 60,
    };
    let violated = moved.violated().await;
    assert!(violated.contains(&Property::LegalMoves), "{violated:?}");
    let stale = Trial { fault: Some("stale-read:age=2s"), journey: "desk", set: &[], patient_count: 120 };
    let violated = stale.violated().await;
    assert!(violated.contains(&Property::CurrentReads), "{violated:?}");
    let late = Trial {
        fault: Some("late-expiry"),
        journey: "desk",
        set: &[
            "hold_time=\"300 ms\"",
            "values.hold_time_ms=\"300\"",
            "expiry_slack=\"100 ms\"",
            "step.pay.dawdle={share=\"60 %\", time=\"90 s\"}",
            "prepare.slots.repeat=15",
        ],
        patient_count: 90,
    };
    let violated = late.violated().await;
    assert!(violated.contains(&Property::SlotOrder), "{violated:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_desk_that_stands_still_shows_it_in_the_tail_and_a_slow_disk_in_every_write() {
    let stall = Trial {
        fault: Some("stall:period=1500ms,length=500ms"),
        journey: "desk",
        set: &[],
        patient_count: 120,
    };
    let judged = stall.run().await;
    let statistics = &judged.record.statistics;
    assert!(!statistics.stalls.is_empty());
    assert!(statistics.response().value_at_quantile(0.99) > 300_000);
    assert_eq!(judged.report.violation_count(), 0, "{}", judged.report.text(Language::English));
    let slow = Trial { fault: Some("slow-disk:time=80ms"), journey: "desk", set: &[], patient_count: 30 };
    let judged = slow.run().await;
    let lock = judged.record.statistics.steps.iter().find(|step| step.name == "lock").unwrap();
    assert!(lock.service.value_at_quantile(0.01) >= 79_000, "{}", lock.service.value_at_quantile(0.01));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_whole_visit_by_fhir_is_correct_on_the_desk_however_it_is_booked() {
    for journey in ["fhir-if-match", "fhir-transaction", "fhir-conditional-create", "fhir-hold-book"] {
        let set = ["prepare.slots.repeat=30", "values.slot_minutes=\"5\"", "step.slip.share=\"50 %\""];
        let judged = Trial { fault: None, journey, set: &set, patient_count: 40 }.run().await;
        let text = judged.report.text(Language::English);
        assert_eq!(judged.report.violation_count(), 0, "{journey}: {text}");
        for property in [
            Property::SlotCapacity,
            Property::FinalCapacity,
            Property::AcknowledgedKept,
            Property::LegalMoves,
            Property::SettledOnce,
            Property::OneSuccessReply,
            Property::SumsMatch,
            Property::PaidBeforeDispense,
        ] {
            assert_eq!(judged.report.finding(property).verdict, Verdict::Holds, "{journey}: {text}");
        }
        let done_count = |name: &str| {
            judged.record.statistics.steps.iter().find(|step| step.name == name).unwrap().ok_count
        };
        assert!(judged.record.statistics.wait.got_count >= 10, "{journey}");
        assert!(done_count("perform") >= 3 && done_count("dispense") >= 5, "{journey}");
        assert!(done_count("fulfil") >= done_count("perform") + 3, "{journey}: some need no examination");
        assert_eq!(done_count("slip"), 0, "{journey}: the desk refuses it");
    }
}
