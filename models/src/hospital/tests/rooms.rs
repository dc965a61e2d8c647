//! The rules of each room.

use super::cases::*;
use crate::hospital::Activity;
use crate::hospital::spec::*;
use onetrip_sim::distribution::Distribution;
use onetrip_sim::observer::Happening;
use onetrip_sim::station::WaitingAtClosing;
use onetrip_sim::time::SimSpan;

const HALF_HOUR: SimSpan = SimSpan::from_whole_minutes(30);

/// Patients who go straight to the doctor.
fn straight_to_the_doctor() -> HospitalSpec {
    let mut spec = tiny();
    spec.check_in.phone_share = 1.0;
    spec.registration.phone_share_of_walk_ins = 1.0;
    spec.departments[0].segments = Some(SegmentRule { length: hour(4.0), capacity_per_doctor: 100.0 });
    spec
}

#[test]
fn two_booked_patients_are_called_for_each_walk_in() {
    let mut spec = straight_to_the_doctor();
    spec.demand.visits_per_day = 40.0;
    spec.demand.booked_share = 0.5;
    let first_second =
        ProfilePiece { from: hour(8.0), to: hour(8.0) + SimSpan::from_whole_seconds(1), weight: 1.0 };
    spec.demand.profile = vec![first_second];
    let hospital = open(spec);
    let (_, records) = watch_day(&hospital, DAY);
    let place = station(&hospital, "consultation.general");
    let sources: Vec<u8> = records
        .iter()
        .filter(|record| matches!(record.happening, Happening::Started(at) if at.index() == place))
        .map(|record| record.source)
        .collect();
    // The first finds the doctor free; from then on the pattern rules while both lanes have somebody.
    assert_eq!(sources[..10], [0, 0, 0, 1, 0, 0, 1, 0, 0, 1]);
    let booked = sources.iter().filter(|&&source| source == 0).count();
    assert_eq!(booked, 20);
}

#[test]
fn booked_patients_are_called_in_the_order_of_their_segments() {
    let mut spec = straight_to_the_doctor();
    book(&mut spec, 40.0);
    spec.demand.profile = vec![ProfilePiece { from: hour(8.0), to: hour(12.0), weight: 1.0 }];
    spec.demand.punctuality = Distribution::uniform(-7200.0, 600.0).expect("rising");
    spec.departments[0].segments = Some(SegmentRule { length: HALF_HOUR, capacity_per_doctor: 100.0 });
    let hospital = open(spec);
    let (_, records) = watch_day(&hospital, DAY);
    let segment = |customer: u32| (customer >> 15) & 0xFF;
    let mut waiting: Vec<u32> = Vec::new();
    let mut overtaken = 0;
    for record in &records {
        match record.happening {
            Happening::Joined(_) => waiting.push(record.customer),
            Happening::Started(_) => {
                let position = waiting.iter().position(|&other| other == record.customer).expect("joined");
                waiting.remove(position);
                overtaken += usize::from(position > 0);
                assert!(waiting.iter().all(|&other| segment(other) >= segment(record.customer)));
            }
            _ => {}
        }
    }
    assert!(overtaken > 5, "somebody of an earlier segment came later: {overtaken}");
}

#[test]
fn priority_classes_go_first_among_those_of_their_lane() {
    let mut spec = straight_to_the_doctor();
    book(&mut spec, 30.0);
    spec.demand.classes =
        vec![class("ordinary", PatientGroup::Ordinary, 0.5), class("elderly", PatientGroup::Elderly, 0.5)];
    let hospital = open(spec);
    let (_, records) = watch_day(&hospital, DAY);
    let classes: Vec<u8> = records
        .iter()
        .filter(|record| matches!(record.happening, Happening::Started(_)))
        .map(|record| record.class)
        .collect();
    // All come at eight; the first to reach the doctor is whoever has the first number.
    assert!(classes[1..].is_sorted_by(|a, b| a >= b), "{classes:?}");
    assert!(classes.contains(&0) && classes.contains(&1));
}

#[test]
fn more_than_half_an_hour_after_the_segment_the_place_is_lost() {
    // The segment ends at 8:30, check-in is a minute's walk after arrival.
    for (offset, late_share) in [(3540.0, 0.0), (3541.0, 1.0)] {
        let mut spec = straight_to_the_doctor();
        book(&mut spec, 3.0);
        spec.departments[0].sessions = vec![session(8.0, 8.5, 1), session(9.0, 12.0, 1)];
        spec.demand.profile = vec![ProfilePiece { from: hour(8.0), to: hour(8.5), weight: 1.0 }];
        spec.departments[0].segments = Some(SegmentRule { length: HALF_HOUR, capacity_per_doctor: 100.0 });
        spec.demand.punctuality = seconds(offset);
        let hospital = open(spec);
        let account = run_day(&hospital, DAY);
        assert_eq!(value(&hospital, &account, "consultation.late_share"), Some(late_share));
        let walk_in = value(&hospital, &account, "consultation.walk_in.wait_time.mean");
        assert_eq!(walk_in.is_some(), late_share > 0.0);
        assert_eq!(value(&hospital, &account, "consultation.segment_held_share"), None, "nobody was on time");
    }
}

#[test]
fn a_segment_is_held_when_its_patient_is_called_before_it_ends() {
    let mut spec = straight_to_the_doctor();
    // Ten patients of 300 s at 8:00, doctor from 8:01: those called at 8:26 and before are within the half hour.
    book(&mut spec, 10.0);
    spec.departments[0].segments = Some(SegmentRule { length: HALF_HOUR, capacity_per_doctor: 10.0 });
    spec.demand.punctuality = seconds(-60.0);
    spec.demand.profile = vec![ProfilePiece { from: hour(8.0), to: hour(8.5), weight: 1.0 }];
    let hospital = open(spec);
    let account = run_day(&hospital, DAY);
    assert_eq!(value(&hospital, &account, "consultation.segment_held_share"), Some(0.6));
}

#[test]
fn walk_ins_beyond_the_numbers_of_all_sessions_go_home() {
    let mut spec = straight_to_the_doctor();
    spec.demand.visits_per_day = 60.0;
    spec.departments[0].sessions = vec![session(8.0, 12.0, 2), session(13.0, 17.0, 2)];
    for session in &mut spec.departments[0].sessions {
        session.walk_in_limit = Some(12);
    }
    let hospital = open(spec);
    let (account, records) = watch_day(&hospital, DAY);
    let value = |id: &str| value(&hospital, &account, id).unwrap_or_else(|| panic!("nobody in {id}"));
    assert_eq!(value("visits.completed.mean"), 24.0);
    assert_eq!(value("registration.without_number.mean"), value("visits.arrived.mean") - 24.0);
    let called = calls(&hospital, &records, "consultation.general");
    assert!(called[11].0 < hour(4.0).as_seconds());
    assert_eq!(called[12].0, hour(5.0).as_seconds(), "the thirteenth is called when the afternoon begins");
}

#[test]
fn those_unseen_at_the_end_of_a_session_are_counted() {
    let mut spec = straight_to_the_doctor();
    book(&mut spec, 60.0);
    spec.consultation.waiting_at_session_end = WaitingAtClosing::SendAway;
    let hospital = open(spec);
    let account = run_day(&hospital, DAY);
    let value = |id: &str| value(&hospital, &account, id).unwrap_or_else(|| panic!("nobody in {id}"));
    // Four hours less a minute, 300 s each, the last in overtime.
    assert_eq!(value("visits.completed.mean"), 48.0);
    assert_eq!(value("consultation.found_doctors_gone.mean"), 12.0);
    assert_eq!(value("visits.left_without_being_seen_share"), 12.0 / 60.0);
    assert_eq!(value("consultation.general.overtime.mean"), 60.0);
}

/// Walk-ins at the kiosk of a hall with one window.
fn kiosk_hall() -> HospitalSpec {
    let mut spec = tiny();
    spec.demand.visits_per_day = 50.0;
    spec.registration.kiosks.shifts = vec![Shift::hours(7.0, 17.0, 2)];
    spec.registration.prefers_kiosk_share = 1.0;
    spec
}

#[test]
fn whom_a_kiosk_fails_is_helped_at_the_counter_or_at_a_window() {
    for help in [0, 1] {
        let mut spec = kiosk_hall();
        spec.registration.kiosks.failed_use_share = 1.0;
        spec.registration.kiosks.help_shifts = vec![Shift::hours(7.0, 17.0, help)];
        let hospital = open(spec);
        let account = run_day(&hospital, DAY);
        let value = |id: &str| value(&hospital, &account, id).unwrap_or_else(|| panic!("nobody in {id}"));
        let arrived = value("visits.arrived.mean");
        assert!(arrived > 20.0);
        assert_eq!(value("registration.kiosks.failed_use_share"), 1.0);
        assert_eq!(value("registration.kiosks.served.mean"), arrived);
        let served_by = if help == 1 { "registration.help" } else { "registration.windows" };
        assert_eq!(value(&format!("{served_by}.served.mean")), arrived);
        assert_eq!(value("visits.completed.mean"), arrived);
    }
}

#[test]
fn whose_kiosk_breaks_down_goes_to_the_help_counter() {
    let mut spec = kiosk_hall();
    spec.registration.kiosks.task_times.register = seconds(240.0);
    spec.registration.kiosks.help_shifts = vec![Shift::hours(7.0, 17.0, 1)];
    spec.registration.kiosks.failures = Some(MachineFailures {
        time_to_failure: Distribution::exponential(900.0).expect("a mean above 0"),
        repair_time: seconds(60.0),
    });
    let hospital = open(spec);
    let account = run_day(&hospital, DAY);
    let kiosks = &account.statistics.stations[station(&hospital, "registration.kiosks")];
    let help = &account.statistics.stations[station(&hospital, "registration.help")];
    assert!(kiosks.interrupted > 0);
    assert_eq!(help.completed, kiosks.interrupted);
    assert_eq!(kiosks.joined, kiosks.completed + kiosks.interrupted);
}

#[test]
fn the_shortest_queue_per_server_is_taken_by_those_without_a_preference() {
    let mut spec = kiosk_hall();
    spec.registration.prefers_kiosk_share = 0.0;
    spec.demand.visits_per_day = 200.0;
    // Equal service times, two kiosks for one window: two thirds go to the kiosks.
    spec.registration.kiosks.task_times.register = seconds(60.0);
    let hospital = open(spec);
    let account = run_day(&hospital, DAY);
    let served = |id: &str| account.statistics.stations[station(&hospital, id)].completed as f64;
    let kiosk_share =
        served("registration.kiosks") / (served("registration.kiosks") + served("registration.windows"));
    assert!((kiosk_share - 2.0 / 3.0).abs() < 0.05, "{kiosk_share}");
}

#[test]
fn only_the_classes_they_are_for_use_priority_windows() {
    let mut spec = tiny();
    spec.demand.visits_per_day = 60.0;
    spec.registration.priority_windows.shifts = vec![Shift::hours(7.0, 17.0, 1)];
    spec.demand.classes =
        vec![class("ordinary", PatientGroup::Ordinary, 0.7), class("military", PatientGroup::Military, 0.3)];
    let hospital = open(spec);
    let account = run_day(&hospital, DAY);
    let priority = station(&hospital, "registration.priority_windows");
    assert_eq!(account.statistics.waits(priority, 0).count, 0);
    assert!(account.statistics.waits(priority, 1).count > 5);
}

#[test]
fn the_peak_counts_those_who_join_in_its_hours() {
    let mut spec = tiny();
    spec.demand.visits_per_day = 100.0;
    spec.demand.peak_hour_share = 0.3;
    let piece = |from: f64, to: f64, weight: f64| ProfilePiece { from: hour(from), to: hour(to), weight };
    spec.demand.profile = vec![piece(7.75, 8.75, 0.6), piece(8.75, 10.75, 0.4)];
    // 8 to 9 holds 0.45 + 0.05.
    assert_eq!(spec.demand.peak_hours(), [8]);
    let hospital = open(spec);
    let account = run_day(&hospital, DAY);
    let windows = station(&hospital, "registration.windows");
    let joined = account.statistics.waits_by_hour(windows, 0)[8];
    let peak = value(&hospital, &account, "registration.on_site.peak.wait_time.mean").expect("somebody came");
    // The model's mark is cut to 64 µs.
    assert!((peak - joined.mean_seconds().expect("somebody came")).abs() < 64e-6);
}

/// Two examinations for everybody, all constants.
fn two_examinations() -> HospitalSpec {
    let mut spec = straight_to_the_doctor();
    book(&mut spec, 3.0);
    spec.examinations = vec![
        modality("laboratory", 3, seconds(60.0), seconds(0.0)),
        modality("ultrasound", 3, seconds(60.0), seconds(0.0)),
    ];
    spec.departments[0].examination_shares =
        vec![("laboratory".to_owned(), 1.0), ("ultrasound".to_owned(), 1.0)];
    spec
}

#[test]
fn every_point_that_asks_for_money_is_one_payment() {
    let phone = ModeShares { in_room: 0.0, kiosk: 0.0, phone: 1.0, window: 0.0 };
    let point = Some(SettlementPoint { modes: phone });
    for (together, after_care, payments) in [(false, 0.0, 6.0), (true, 0.0, 5.0), (true, 1.0, 1.0)] {
        let mut spec = two_examinations();
        spec.departments[0].medicine_share = 1.0;
        spec.settlement.registration_fee = true;
        spec.settlement.after_consultation = point;
        spec.settlement.before_examination = point;
        spec.settlement.before_pharmacy = point;
        spec.settlement.pays_examinations_together = together;
        spec.settlement.after_care_share = after_care;
        let hospital = open(spec);
        let account = run_day(&hospital, DAY);
        let value = |id: &str| value(&hospital, &account, id);
        // The fee, after each of two consultations, the examinations, the medicine.
        assert_eq!(value("settlement.payments_per_visit.mean"), Some(payments));
        assert_eq!(value("settlement.smart_share"), Some(1.0));
        assert_eq!(value("settlement.modes.after_care_share"), Some(after_care));
        assert_eq!(value("settlement.electronic_receipt_share"), Some(1.0));
    }
}

#[test]
fn examinations_are_booked_at_one_stop_or_each_at_its_desk() {
    let booking = |in_room_share, centre_share, desk_share| {
        let mut spec = two_examinations();
        spec.examination_booking.several = SeveralBooking { in_room_share, centre_share, desk_share };
        let hospital = open(spec);
        let account = run_day(&hospital, DAY);
        let served = |id: &str| account.statistics.stations[station(&hospital, id)].completed;
        let share = value(&hospital, &account, "examination.booked_in_one_go_share");
        (share, served("examination_booking.centre"), served("examination_booking.desks"))
    };
    assert_eq!(booking(1.0, 0.0, 0.0), (Some(1.0), 0, 0));
    assert_eq!(booking(0.0, 1.0, 0.0), (Some(1.0), 3, 0));
    assert_eq!(booking(0.0, 0.0, 1.0), (Some(0.0), 0, 6));
}

#[test]
fn examinations_booked_to_a_time_wait_for_it_and_the_full_ones_need_another_trip() {
    let mut spec = two_examinations();
    spec.departments[0].examination_shares.remove(0);
    spec.examinations[1].shifts = vec![Shift::hours(8.0, 9.0, 1)];
    spec.examinations[1].timed =
        Some(TimedBooking { share: 1.0, segment_length: HALF_HOUR, capacity_per_machine: 1.0 });
    let hospital = open(spec);
    let (account, records) = watch_day(&hospital, DAY);
    // Consultations end at 360, 660 and 960 s; the first examination is at once, the second at 8:30, then it is full.
    assert_eq!(calls(&hospital, &records, "examination.ultrasound"), [(420.0, 0), (1800.0, 1)]);
    assert_eq!(hospital.time_spent_micros(&account, 0, Activity::Early), 1_080_000_000);
    let value = |id: &str| value(&hospital, &account, id);
    assert_eq!(value("examination.postponed_share"), Some(1.0 / 3.0));
    assert_eq!(value("visits.another_trip_share"), Some(1.0 / 3.0));
    assert_eq!(value("examination.timed_booking_share"), Some(1.0));
    assert_eq!(value("consultation.with_results_same_day.mean"), Some(2.0));
}

#[test]
fn preparation_comes_before_the_queue_and_is_no_waiting() {
    let mut spec = two_examinations();
    spec.departments[0].examination_shares.remove(0);
    spec.examinations[1].preparation_time = seconds(240.0);
    let hospital = open(spec);
    let (account, records) = watch_day(&hospital, DAY);
    assert_eq!(calls(&hospital, &records, "examination.ultrasound")[0], (660.0, 0));
    assert_eq!(hospital.time_spent_micros(&account, 0, Activity::Preparing), 720_000_000);
    assert_eq!(value(&hospital, &account, "examination.wait_time.mean"), Some(0.0));
}

#[test]
fn results_after_the_last_session_need_another_trip() {
    let mut spec = two_examinations();
    spec.examinations[1].report_time = seconds(5.0 * 3600.0);
    let hospital = open(spec);
    let account = run_day(&hospital, DAY);
    let value = |id: &str| value(&hospital, &account, id);
    assert_eq!(value("consultation.results_unseen.mean"), Some(3.0));
    assert_eq!(value("visits.another_trip_share"), Some(1.0));
    assert_eq!(value("visits.completed.mean"), Some(3.0));
}

#[test]
fn patients_with_results_are_called_in_their_own_turn() {
    let mut spec = straight_to_the_doctor();
    spec.demand.visits_per_day = 40.0;
    spec.demand.classes.push(class("returning_with_results", PatientGroup::ReturningWithResults, 1.0));
    spec.consultation.pattern = vec![Lane::WalkIn, Lane::Returning];
    let first_second =
        ProfilePiece { from: hour(8.0), to: hour(8.0) + SimSpan::from_whole_seconds(1), weight: 1.0 };
    spec.demand.profile = vec![first_second];
    let hospital = open(spec);
    let (account, records) = watch_day(&hospital, DAY);
    let place = station(&hospital, "consultation.general");
    let classes: Vec<u8> = records
        .iter()
        .filter(|record| matches!(record.happening, Happening::Started(at) if at.index() == place))
        .map(|record| record.class)
        .collect();
    assert_eq!(classes[1..9], [0, 1, 0, 1, 0, 1, 0, 1]);
    // A consultation with results is shorter, and orders nothing.
    assert_eq!(value(&hospital, &account, "consultation.with_results_same_day.mean"), Some(0.0));
}

#[test]
fn a_closed_pharmacy_means_another_trip() {
    let mut spec = straight_to_the_doctor();
    book(&mut spec, 4.0);
    spec.departments[0].medicine_share = 1.0;
    spec.pharmacy.windows = vec![Shift::hours(7.0, 8.0, 1)];
    let hospital = open(spec);
    let account = run_day(&hospital, DAY);
    let value = |id: &str| value(&hospital, &account, id);
    assert_eq!(value("pharmacy.found_closed.mean"), Some(4.0));
    assert_eq!(value("visits.another_trip_share"), Some(1.0));
    assert_eq!(value("pharmacy.ready_on_arrival_share"), None);
}

#[test]
fn those_who_come_when_everything_is_over_are_turned_away() {
    let mut spec = straight_to_the_doctor();
    spec.demand.visits_per_day = 30.0;
    spec.demand.profile = vec![ProfilePiece { from: hour(12.0), to: hour(13.0), weight: 1.0 }];
    let hospital = open(spec);
    let account = run_day(&hospital, DAY);
    let value = |id: &str| value(&hospital, &account, id);
    assert_eq!(value("visits.came_too_late.mean"), value("visits.arrived.mean"));
    assert_eq!(value("visits.left_without_being_seen_share"), Some(1.0));
}

#[test]
fn phones_wait_for_a_booking_system_at_its_limit_and_for_none_without_one() {
    let phone = ModeShares { in_room: 0.0, kiosk: 0.0, phone: 1.0, window: 0.0 };
    let day = |limit: Option<f64>, pays: bool| {
        let mut spec = straight_to_the_doctor();
        spec.demand.visits_per_day = 30.0;
        let first_second =
            ProfilePiece { from: hour(8.0), to: hour(8.0) + SimSpan::from_whole_seconds(1), weight: 1.0 };
        spec.demand.profile = vec![first_second];
        spec.departments[0].medicine_share = 1.0;
        spec.settlement.after_consultation = pays.then_some(SettlementPoint { modes: phone });
        spec.booking_system = limit.map(|patients_per_hour| BookingSystem { patients_per_hour });
        let hospital = open(spec);
        let account = run_day(&hospital, DAY);
        (hospital, account)
    };
    let (hospital, account) = day(Some(60.0), false);
    let arrived = value(&hospital, &account, "visits.arrived.mean").unwrap();
    let longest = value(&hospital, &account, "booking_system.wait_time.max").unwrap();
    assert!(arrived > 10.0 && (longest - 60.0 * (arrived - 1.0)).abs() < 1.0, "{arrived} {longest}");
    let (hospital, account) = day(Some(60.0), true);
    let served = value(&hospital, &account, "booking_system.served.mean");
    assert_eq!(served, Some(2.0 * arrived), "each registers once and pays once");
    // One that answers within the unit of time is as good as none.
    let (fast, fast_account) = day(Some(3.6e9), true);
    let (none, none_account) = day(None, true);
    let stay = |hospital, account| value(hospital, account, "visits.sojourn_time.mean").unwrap();
    assert!((stay(&fast, &fast_account) - stay(&none, &none_account)).abs() < 0.001);
    assert!(stay(&hospital, &account) > stay(&none, &none_account));
    assert!(none.stations().iter().all(|label| label.id != "booking_system"));
}

#[test]
fn a_registration_at_a_kiosk_goes_through_the_booking_system_and_one_at_a_window_does_not() {
    let served = |spec: HospitalSpec| {
        let limited =
            HospitalSpec { booking_system: Some(BookingSystem { patients_per_hour: 3600.0 }), ..spec };
        let hospital = open(limited);
        let account = run_day(&hospital, DAY);
        let value = |id: &str| value(&hospital, &account, id);
        (value("booking_system.served.mean"), value("visits.arrived.mean"))
    };
    let mut windows = tiny();
    windows.demand.visits_per_day = 20.0;
    assert_eq!(served(windows.clone()).0, Some(0.0));
    let mut kiosks = windows;
    kiosks.registration.kiosks.shifts = vec![Shift::hours(7.5, 17.0, 2)];
    kiosks.registration.prefers_kiosk_share = 1.0;
    let (through, arrived) = served(kiosks);
    assert_eq!(through, arrived);
    assert!(arrived > Some(5.0));
}
