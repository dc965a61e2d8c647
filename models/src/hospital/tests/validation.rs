//! Descriptions that are wrong, and what can be counted from those that are right.

use super::cases::*;
use crate::hospital::spec::*;
use crate::hospital::{Hospital, HospitalError};
use onetrip_sim::distribution::Distribution;
use onetrip_sim::time::SimSpan;

#[test]
fn all_problems_are_named_at_once_by_their_paths() {
    let mut spec = municipal();
    spec.demand.booked_share = 1.5;
    spec.demand.classes[3].walking_factor = 0.0;
    spec.demand.profile.swap(0, 1);
    spec.departments[2].id = "Two Words".to_owned();
    spec.departments[4].id = spec.departments[3].id.clone();
    spec.departments[8].id = "walk_in".to_owned();
    spec.departments[5].examination_shares.push(("x_ray".to_owned(), 0.1));
    spec.departments[6].first_time = Distribution::uniform(-1.0, 5.0).expect("rising");
    spec.departments[7].sessions[1].from = hour(11.0);
    spec.registration.windows.shifts[0].to = hour(7.0);
    spec.settlement.before_pharmacy =
        Some(SettlementPoint { modes: ModeShares { in_room: 0.5, kiosk: 0.0, phone: 0.5, window: 0.0 } });
    spec.pharmacy.windows.clear();
    spec.consultation.pattern.clear();
    let Err(HospitalError::Invalid { problems }) = Hospital::new(spec) else { panic!("it is wrong") };
    let paths: Vec<&str> = problems.iter().map(|problem| problem.path.as_str()).collect();
    assert_eq!(
        paths,
        [
            "demand.profile[1].from",
            "demand.booked_share",
            "demand.classes[3].walking_factor",
            "registration.windows.shifts[0].to",
            "consultation.pattern",
            "departments[2].id",
            "departments[4].id",
            "departments[5].examination_shares[6]",
            "departments[6].first_time",
            "departments[7].sessions[1].from",
            "departments[8].id",
            "settlement.before_pharmacy.modes.in_room",
            "pharmacy.windows",
        ]
    );
    assert!(problems[1].problem.contains("1.5"), "{}", problems[1]);
}

#[test]
fn hospitals_of_the_tests_are_right() {
    assert_eq!(tiny().validate(), Ok(()));
    assert_eq!(municipal().validate(), Ok(()));
}

#[test]
fn facts_follow_from_the_description_or_are_stated() {
    let mut spec = municipal();
    spec.departments[0].segments = None;
    spec.settlement.instruments = ["cash", "card"].map(str::to_owned).to_vec();
    spec.facts.insert("rescue_centres.kinds".to_owned(), Fact::List(vec!["stroke".to_owned()]));
    spec.facts.insert("portal.joined".to_owned(), Fact::YesNo(true));
    spec.facts.insert("payment.instruments.count".to_owned(), Fact::Number(7.0));
    let facts = spec.counted_facts();
    let number = |id: &str| facts.get(id).cloned();
    assert_eq!(number("booking.channels.count"), Some(Fact::Number(3.0)));
    assert_eq!(number("rescue_centres.count"), Some(Fact::Number(1.0)));
    assert_eq!(number("portal.joined"), Some(Fact::YesNo(true)));
    assert_eq!(number("payment.instruments.count"), Some(Fact::Number(7.0)), "what is stated wins");
    assert_eq!(number("registration.priority_windows.count"), Some(Fact::Number(3.0)));
    // 40 machines for 2.4 million visits.
    assert_eq!(number("kiosks.per_50000_visits"), Some(Fact::Number(40.0 / 48.0)));
    assert_eq!(number("slots.segment_length.max"), Some(Fact::Time(SimSpan::from_whole_minutes(30))));
    assert_eq!(number("slots.departments_with_segments.share"), Some(Fact::Number(0.95)));
    assert_eq!(number("settlement.outpatient_modes.count"), Some(Fact::Number(4.0)));
    assert_eq!(number("no.such.fact"), None);
}
