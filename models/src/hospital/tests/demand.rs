//! Who comes, and when.

use super::cases::*;
use crate::hospital::spec::*;
use onetrip_sim::observer::Happening;
use onetrip_sim::stream::RunKey;
use onetrip_sim::time::SimSpan;

fn arrivals_of_days(spec: HospitalSpec, days: u32) -> Vec<f64> {
    let hospital = open(spec);
    let mut runner = hospital.runner();
    (0..days)
        .map(|day| {
            let mut account = hospital.account();
            runner.run(RunKey::new(5, 0, day), &mut account).expect("the books balance");
            account.statistics.accounting_total().arrived as f64
        })
        .collect()
}

fn mean_and_variance(values: &[f64]) -> (f64, f64) {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    (mean, values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (count - 1.0))
}

#[test]
fn walk_ins_of_a_day_are_poisson() {
    let mut spec = tiny();
    spec.demand.visits_per_day = 50.0;
    let (mean, variance) = mean_and_variance(&arrivals_of_days(spec, 2000));
    // Standard errors: 0.158 of the mean; 50 √(2/2000) (1 + 1/100) = 1.6 of the variance.
    assert!((mean - 50.0).abs() < 4.5 * 0.158, "{mean}");
    assert!((variance - 50.0).abs() < 4.5 * 1.6, "{variance}");
}

#[test]
fn the_day_factor_makes_busy_days_and_quiet_days() {
    let mut spec = tiny();
    spec.demand.visits_per_day = 100.0;
    spec.demand.day_factor_cv = 0.3;
    let (mean, variance) = mean_and_variance(&arrivals_of_days(spec, 2000));
    // Negative binomial: 100 + 100² · 0.09 = 1000; its estimate has a standard error of about 36.
    assert!((mean - 100.0).abs() < 4.5 * 0.71, "{mean}");
    assert!((variance - 1000.0).abs() < 4.5 * 36.0, "{variance}");
}

#[test]
fn bookings_not_kept_are_made_up_for_in_the_number_of_bookings() {
    let mut spec = tiny();
    book(&mut spec, 80.0);
    spec.demand.no_show_share = 0.2;
    let arrived = arrivals_of_days(spec.clone(), 500);
    let (mean, variance) = mean_and_variance(&arrived);
    // 100 bookings, each kept with 0.8.
    assert!((mean - 80.0).abs() < 4.5 * (16.0_f64 / 500.0).sqrt(), "{mean}");
    assert!((variance - 16.0).abs() < 4.5 * 1.0, "{variance}");
    let hospital = open(spec);
    let account = run_day(&hospital, DAY);
    let kept = value(&hospital, &account, "visits.arrived.mean").expect("a number");
    assert_eq!(value(&hospital, &account, "booking.no_show_share"), Some((100.0 - kept) / 100.0));
}

#[test]
fn bookings_follow_the_profile_up_to_the_capacity_of_a_segment() {
    let mut spec = tiny();
    spec.check_in.phone_share = 1.0;
    spec.departments[0].segments =
        Some(SegmentRule { length: SimSpan::from_whole_minutes(60), capacity_per_doctor: 30.0 });
    spec.demand.profile = vec![
        ProfilePiece { from: hour(8.0), to: hour(9.0), weight: 6.0 },
        ProfilePiece { from: hour(9.0), to: hour(12.0), weight: 3.0 },
    ];
    for (wanted, expected, without_slot) in [
        // 54 by 6 : 1 : 1 : 1 would be 36, so six of the first hour go to the others.
        (54.0, [30, 8, 8, 8], 0.0),
        (90.0, [30, 20, 20, 20], 0.0),
        (150.0, [30, 30, 30, 30], 30.0),
    ] {
        book(&mut spec, wanted);
        let hospital = open(spec.clone());
        let (account, records) = watch_day(&hospital, DAY);
        let mut by_hour = [0; 4];
        for record in records.iter().filter(|record| record.happening == Happening::Arrived) {
            by_hour[record.at.hour_of_day() - 8] += 1;
        }
        assert_eq!(by_hour, expected, "{wanted}");
        let missed = value(&hospital, &account, "booking.without_slot.mean").expect("a number");
        // Rounded up or down by luck, on average as it is.
        assert!((missed - without_slot).abs() <= 1.0, "{missed}");
    }
}

#[test]
fn walk_ins_come_by_the_profile_and_only_to_departments_still_open() {
    let mut spec = tiny();
    spec.demand.visits_per_day = 3000.0;
    spec.registration.phone_share_of_walk_ins = 1.0;
    spec.check_in.phone_share = 1.0;
    spec.departments = vec![
        department("mornings", vec![session(8.0, 12.0, 40)]),
        department("all_day", vec![session(8.0, 12.0, 40), session(13.0, 17.0, 40)]),
    ];
    spec.demand.profile = vec![
        ProfilePiece { from: hour(8.0), to: hour(10.0), weight: 2.0 },
        ProfilePiece { from: hour(14.0), to: hour(15.0), weight: 1.0 },
    ];
    let hospital = open(spec);
    let account = run_day(&hospital, DAY);
    let joined = |id: &str| account.statistics.stations[station(&hospital, id)].joined as f64;
    // A third in the mornings-only department (half of two thirds), two thirds in the other.
    let share =
        joined("consultation.mornings") / (joined("consultation.mornings") + joined("consultation.all_day"));
    assert!((share - 1.0 / 3.0).abs() < 0.04, "{share}");
    assert_eq!(value(&hospital, &account, "visits.left_without_being_seen_share"), Some(0.0));
}

#[test]
fn departments_take_only_the_patients_they_admit() {
    let mut spec = municipal();
    spec.demand.visits_per_day = 2000.0;
    let hospital = open(spec);
    let account = run_day(&hospital, DAY);
    let seen = |id: &str, class: usize| account.statistics.waits(station(&hospital, id), class).count;
    let child = 5;
    assert!(seen("consultation.department_19", child) > 20);
    assert_eq!(seen("consultation.department_18", child), 0);
    for class in (0..7).filter(|&class| class != child) {
        assert_eq!(seen("consultation.department_19", class), 0);
    }
}

#[test]
fn bookings_without_a_number_in_hand_collect_it_at_registration() {
    let mut spec = tiny();
    book(&mut spec, 30.0);
    spec.demand.booking_channels[0].gives_number_in_hand = false;
    let hospital = open(spec);
    let account = run_day(&hospital, DAY);
    assert_eq!(value(&hospital, &account, "registration.windows.served.mean"), Some(30.0));
}
