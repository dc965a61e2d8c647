//! The hospitals that come with the program.

use super::*;
use crate::reader::{Origin, Provenance};

fn shipped(name: &str) -> Reading<HospitalScenario> {
    let document = Document::parse(format!("{name}.toml"), hospital_text(name).unwrap());
    read_hospital(document, EvidenceRule::Required)
        .unwrap_or_else(|wrong| panic!("{}", wrong.render(Ink::Plain)))
}

#[test]
fn every_number_of_every_shipped_hospital_says_where_it_comes_from() {
    for (name, _) in SHIPPED {
        let reading = shipped(name);
        assert!(reading.warnings.is_empty(), "{}", reading.warnings.render(Ink::Plain));
        let of_file = reading.provenance.iter().filter(|one| one.origin == Origin::File);
        let counted = of_file.clone().count();
        assert!(counted > 60, "{name} lists {counted} numbers");
        for number in of_file {
            let evidence = &number.evidence;
            assert!(
                evidence.source.is_some() != evidence.assumption,
                "{name}: {}: either, not both",
                number.path
            );
        }
    }
}

/// What the report of December 2018 says changed since June, and the size of which is in the report or assumed.
const DOCUMENTED_CHANGES: [&str; 8] = [
    "registration.phone_share_of_walk_ins", // line 70: same-day registration on all channels
    "settlement.after_consultation",        // line 72: 92.68 % smart settlement
    "settlement.instruments",               // line 72: five named instruments
    "settlement.third_party_platforms",
    "settlement.identity_documents", // line 72: electronic health card
    "examination_booking",           // lines 74, 78: one centre
    "examination",                   // line 74: all bookings smart
    "fact",                          // lines 70 to 88: what is counted
];

#[test]
fn december_is_june_with_only_the_documented_changes() {
    let (june, december) = (shipped("hangzhou-2018-06"), shipped("hangzhou-2018-12"));
    let own: Vec<&Provenance> =
        december.provenance.iter().filter(|one| one.file == "hangzhou-2018-12.toml").collect();
    for number in &own {
        let path = number.path.as_str();
        let is_documented = DOCUMENTED_CHANGES.iter().any(|change| {
            path.strip_prefix(change).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        });
        assert!(is_documented, "{path}");
    }
    for change in DOCUMENTED_CHANGES {
        assert!(own.iter().any(|number| number.path.starts_with(change)), "{change} is not changed");
    }
    // The hospitals themselves, without what the list allows.
    let (june, mut december) = (june.value.hospital, december.value.hospital);
    december.id = june.id.clone();
    december.registration.phone_share_of_walk_ins = june.registration.phone_share_of_walk_ins;
    december.settlement.after_consultation = june.settlement.after_consultation;
    december.settlement.instruments = june.settlement.instruments.clone();
    december.settlement.third_party_platforms = june.settlement.third_party_platforms.clone();
    december.settlement.identity_documents = june.settlement.identity_documents.clone();
    december.examination_booking.single = june.examination_booking.single;
    december.examination_booking.several = june.examination_booking.several;
    december.examination_booking.centre_shifts = june.examination_booking.centre_shifts.clone();
    for (before, now) in june.examinations.iter().zip(&mut december.examinations) {
        if let (Some(before), Some(now)) = (before.timed, &mut now.timed) {
            now.share = before.share;
        }
    }
    december.facts = june.facts.clone();
    assert_eq!(june, december);
}

#[test]
fn the_figures_of_the_documents_are_in_the_shipped_hospitals() {
    let december = shipped("hangzhou-2018-12").value.hospital;
    let number = |facts: &std::collections::BTreeMap<String, Fact>, id: &str| match facts.get(id) {
        Some(Fact::Number(number)) => *number,
        other => panic!("{id}: {other:?}"),
    };
    let facts = december.counted_facts();
    let share = |id: &str, expected: f64| assert!((number(&facts, id) - expected).abs() < 1e-12, "{id}");
    share("booking.timed_slots_online.share", 0.9825);
    share("booking.online_slots_to_primary_care.share", 0.4798);
    assert_eq!(number(&facts, "centres.one_stop.count"), 4.0);
    assert!((december.settlement.after_consultation.unwrap().modes.window - (1.0 - 0.9268)).abs() < 1e-12);
    assert!(
        december
            .examinations
            .iter()
            .filter(|one| one.counts_as_timed)
            .all(|one| one.timed.unwrap().share == 1.0)
    );

    let county = shipped("county-2016").value.hospital;
    // One machine for 50,000 visits a year, and 30 % of bills at machines and in the room.
    assert_eq!(number(&county.counted_facts(), "kiosks.per_50000_visits"), 1.0);
    let modes = county.settlement.after_consultation.unwrap().modes;
    assert!((modes.in_room + modes.kiosk - 0.3).abs() < 1e-12);

    let township = shipped("township").value.hospital;
    assert_eq!(number(&township.facts, "prescription.long_prescriptions.weeks"), 12.0);
    for (hospital, low, high) in
        [(&december, 7000.0, 9000.0), (&county, 1500.0, 2500.0), (&township, 20.0, 200.0)]
    {
        let visits = hospital.demand.visits_per_day;
        assert!((low..=high).contains(&visits), "{}: {visits}", hospital.id);
    }
}
