//! Visits whose every instant is worked out by hand.

use super::cases::*;
use crate::hospital::Activity;
use crate::hospital::spec::*;
use onetrip_sim::observer::Happening;
use onetrip_sim::time::SimSpan;

fn one_segment(spec: &mut HospitalSpec) {
    spec.departments[0].segments = Some(SegmentRule { length: hour(4.0), capacity_per_doctor: 100.0 });
}

/// Two booked patients at eight o'clock: check-in at one desk (20 s), one doctor (300 s), cashier (45 s), laboratory
/// (120 s, report after 600 s), back to the doctor (120 s), cashier, a payment by phone (20 s), pharmacy (40 + 80 s);
/// a minute's walk each time.
fn two_patients() -> HospitalSpec {
    let mut spec = tiny();
    book(&mut spec, 2.0);
    one_segment(&mut spec);
    spec.examinations = vec![modality("laboratory", 1, seconds(120.0), seconds(600.0))];
    spec.departments[0].examination_shares = vec![("laboratory".to_owned(), 1.0)];
    spec.departments[0].medicine_share = 1.0;
    let only = |in_room, kiosk, phone, window| {
        Some(SettlementPoint { modes: ModeShares { in_room, kiosk, phone, window } })
    };
    spec.settlement.after_consultation = only(0.0, 0.0, 0.0, 1.0);
    spec.settlement.before_pharmacy = only(0.0, 0.0, 1.0, 0.0);
    spec
}

#[test]
fn two_visits_take_the_times_worked_out_by_hand() {
    let hospital = open(two_patients());
    let (account, records) = watch_day(&hospital, DAY);
    let called = |id: &str| calls(&hospital, &records, id).iter().map(|call| call.0).collect::<Vec<_>>();
    assert_eq!(called("check_in.desks"), [60.0, 80.0]);
    assert_eq!(called("consultation.general"), [80.0, 380.0, 1325.0, 1625.0]);
    assert_eq!(called("settlement.windows"), [440.0, 740.0, 1505.0, 1805.0]);
    assert_eq!(called("examination.laboratory"), [545.0, 845.0]);
    assert_eq!(called("pharmacy.windows"), [1630.0, 1930.0]);
    let left: Vec<f64> = records
        .iter()
        .filter(|record| matches!(record.happening, Happening::Left(_)))
        .map(|record| clock(record.at))
        .collect();
    assert_eq!(left, [1750.0, 2050.0]);

    let seconds = |activity| hospital.time_spent_micros(&account, 0, activity) as f64 / 1e6;
    assert_eq!(seconds(Activity::Queueing), 20.0 + 280.0);
    assert_eq!(seconds(Activity::Served), 2.0 * 790.0);
    assert_eq!(seconds(Activity::Walking), 2.0 * 360.0);
    assert_eq!(seconds(Activity::AwaitingResults), 2.0 * 600.0);
    assert_eq!(seconds(Activity::Early) + seconds(Activity::Preparing), 0.0);

    let value = |id: &str| value(&hospital, &account, id).unwrap_or_else(|| panic!("nobody in {id}"));
    assert_eq!(value("visits.sojourn_time.mean"), 1900.0);
    assert_eq!(value("visits.sojourn_time.max"), 2050.0);
    assert_eq!(value("consultation.wait_time.mean"), 140.0);
    assert_eq!(value("consultation.returning.wait_time.mean"), 0.0);
    assert_eq!(value("settlement.payments_per_visit.mean"), 3.0);
    assert_eq!(value("settlement.smart_share"), 2.0 / 6.0);
    assert_eq!(value("settlement.modes.window_share"), 4.0 / 6.0);
    assert_eq!(value("pharmacy.ready_on_arrival_share"), 0.0);
    assert_eq!(value("examination.booked_in_one_go_share"), 1.0);
    assert_eq!(value("visits.another_trip_share"), 0.0);
    assert_eq!(value("consultation.general.queue_length.max"), 1.0);
    // 280 s of queueing in a session of four hours.
    assert!((value("consultation.general.queue_length.mean") - 280.0 / 14_400.0).abs() < 1e-12);
}

#[test]
fn medicine_prepared_on_the_way_is_ready_or_waited_for() {
    for (preparation, ready, starts) in [(30.0, 1.0, 1630.0), (140.0, 0.0, 1710.0)] {
        let mut spec = two_patients();
        spec.pharmacy.pre_dispensing =
            Some(PreDispensing { share: 1.0, preparation_time: seconds(preparation) });
        let hospital = open(spec);
        let (account, records) = watch_day(&hospital, DAY);
        // The prescription is paid at 1570; the patient stands in the pharmacy a minute later.
        assert_eq!(calls(&hospital, &records, "pharmacy.windows")[0].0, starts);
        assert_eq!(value(&hospital, &account, "pharmacy.ready_on_arrival_share"), Some(ready));
        let last = records.iter().rfind(|record| matches!(record.happening, Happening::Left(_)));
        // Handed over in 40 s, as nothing has to be picked.
        assert_eq!(last.map(|record| clock(record.at)), Some(starts + 300.0 + 40.0));
    }
}

#[test]
fn paying_in_the_room_lengthens_the_consultation_and_saves_the_way() {
    let mut spec = two_patients();
    spec.settlement.after_consultation =
        Some(SettlementPoint { modes: ModeShares { in_room: 1.0, kiosk: 0.0, phone: 0.0, window: 0.0 } });
    let hospital = open(spec);
    let (_, records) = watch_day(&hospital, DAY);
    let called = |id: &str| calls(&hospital, &records, id).iter().map(|call| call.0).collect::<Vec<_>>();
    assert_eq!(called("consultation.general")[..2], [80.0, 395.0]);
    assert!(called("settlement.windows").is_empty());
    assert_eq!(called("examination.laboratory")[0], 80.0 + 315.0 + 60.0);
}

#[test]
fn who_comes_before_the_session_waits_for_it_outside_the_queue() {
    let mut spec = two_patients();
    spec.demand.punctuality = seconds(-1800.0);
    let hospital = open(spec);
    let (account, records) = watch_day(&hospital, DAY);
    assert_eq!(calls(&hospital, &records, "consultation.general")[..2], [(0.0, 0), (300.0, 1)]);
    // Checked in at 7:31:20 and 7:31:40.
    let early = hospital.time_spent_micros(&account, 0, Activity::Early) as f64 / 1e6;
    assert_eq!(early, 1720.0 + 1700.0);
    assert_eq!(value(&hospital, &account, "consultation.wait_time.mean"), Some(150.0));
    assert_eq!(value(&hospital, &account, "consultation.segment_held_share"), Some(1.0));
}

#[test]
fn doctors_who_begin_late_keep_their_patients_waiting_in_the_queue() {
    let mut spec = two_patients();
    spec.departments[0].sessions[0].late_start = SimSpan::from_whole_minutes(15);
    let hospital = open(spec);
    let (account, records) = watch_day(&hospital, DAY);
    assert_eq!(calls(&hospital, &records, "consultation.general")[..2], [(900.0, 0), (1200.0, 1)]);
    let waits = 820.0 + 1100.0;
    assert_eq!(value(&hospital, &account, "consultation.wait_time.mean"), Some(waits / 2.0));
}

#[test]
fn walking_follows_the_pace_of_the_patient_and_the_way() {
    let mut spec = two_patients();
    spec.demand.classes[0].walking_factor = 1.5;
    spec.walking.between = vec![WalkingTime {
        from: Place::Departments,
        to: Place::Entrance,
        time: SimSpan::from_whole_minutes(4),
    }];
    let hospital = open(spec);
    let (_, records) = watch_day(&hospital, DAY);
    assert_eq!(calls(&hospital, &records, "check_in.desks")[0].0, 360.0);
    assert_eq!(calls(&hospital, &records, "settlement.windows")[0].0, 360.0 + 20.0 + 300.0 + 90.0);
}
