//! Hospital files: what is read, what is refused, and where the numbers of the shipped ones come from.

mod shipped;

use super::*;
use crate::reader::{Ink, extensible_json_schema};
use onetrip_models::hospital::spec::{AdmittedPatients, Fact, Lane};
use onetrip_sim::distribution::Distribution;
use onetrip_sim::time::SimSpan;

fn read_text(text: &str, set: &[&str]) -> Result<HospitalScenario, Diagnostics> {
    let mut document = Document::parse("ours.toml", text);
    set.iter().for_each(|assignment| document.set(assignment));
    read_hospital(document, EvidenceRule::Optional).map(|reading| reading.value)
}

fn hospital(text: &str, set: &[&str]) -> HospitalSpec {
    read_text(text, set).unwrap_or_else(|wrong| panic!("{}", wrong.render(Ink::Plain))).hospital
}

/// Line, key and message of each mistake.
fn mistakes(text: &str, set: &[&str]) -> Vec<String> {
    let found = read_text(text, set).expect_err("the input is bad");
    found.iter().map(|one| format!("{}: {}: {}", one.line, one.key, one.message)).collect()
}

/// The starter with one line changed.
fn changed(from: &str, to: &str) -> String {
    assert!(starter().contains(from), "{from}");
    starter().replacen(from, to, 1)
}

#[test]
fn the_starter_is_read_in_full() {
    let reading = read_hospital(Document::parse("dir/ours.toml", starter()), EvidenceRule::Required)
        .unwrap_or_else(|wrong| panic!("{}", wrong.render(Ink::Plain)));
    assert!(reading.warnings.is_empty(), "{}", reading.warnings);
    let hospital = reading.value.hospital;
    assert_eq!((hospital.id.as_str(), hospital.name.zh.as_str()), ("ours", "我们的医院"));
    assert_eq!(hospital.demand.profile.len(), 5);
    assert_eq!(hospital.demand.booking_channels[1].id, "phone");
    assert_eq!(hospital.demand.classes[1].walking_factor, 1.4);
    assert_eq!(hospital.registration.priority_windows.task_times, hospital.registration.windows.task_times);
    assert_eq!(hospital.consultation.pattern, [Lane::Booked, Lane::Booked, Lane::WalkIn, Lane::Returning]);
    let [internal, surgery] = hospital.departments.as_slice() else { panic!("two departments") };
    assert_eq!(internal.admits, AdmittedPatients::Everyone);
    assert_eq!(internal.sessions[1].late_start, SimSpan::from_whole_minutes(5));
    assert_eq!((internal.sessions[0].doctor_count, surgery.sessions[1].doctor_count), (7, 4));
    assert_eq!((internal.first_time.mean().round(), surgery.first_time.mean().round()), (360.0, 300.0));
    assert_eq!(internal.examination_shares[0], ("laboratory".to_owned(), 0.25));
    assert_eq!(hospital.settlement.after_consultation.unwrap().modes.window, 0.4);
    assert_eq!(hospital.settlement.before_pharmacy, None);
    assert_eq!(hospital.examination_booking.single.desk_share, 0.2);
    assert_eq!(hospital.walking.between[0].time, SimSpan::from_whole_seconds(30));
    assert_eq!(hospital.facts["registration.same_day"], Fact::YesNo(true));
}

#[test]
fn values_are_set_in_whatever_file_says_them() {
    let text = "format = \"hospital/1\"\nextends = \"township\"\n[demand]\nvisits_per_day = 90\n";
    let ours = hospital(text, &["demand.no_show_share=3 %", "registration.windows.task_times.register=50 s"]);
    let township = hospital(hospital_text("township").unwrap(), &[]);
    assert_eq!(ours.demand.visits_per_day, 90.0);
    assert_eq!(ours.demand.no_show_share, 0.03);
    assert_eq!(ours.registration.windows.task_times.register, Distribution::constant(50.0).unwrap());
    assert_eq!(ours.departments, township.departments);
    assert_eq!(ours.name, township.name);
}

#[test]
fn a_file_that_extends_another_says_where_its_own_numbers_come_from() {
    let text = r#"
format = "hospital/1"
extends = "township"
[registration]
returning_registers_share = "1 %"
[settlement]
source = "our own books"
n = 4000
electronic_receipt_share = "7 %"
[[department]]
id = "general_practice"
doctors = { morning = 2 }
"#;
    let document = Document::parse("ours.toml", text);
    let found = read_hospital(document, EvidenceRule::Required).expect_err("two numbers have no evidence");
    let keys: Vec<&str> = found.iter().map(|one| one.key.as_str()).collect();
    assert_eq!(keys, ["registration.returning_registers_share", "department[0].doctors"]);

    let document = Document::parse("ours.toml", text);
    let reading = read_hospital(document, EvidenceRule::Optional).unwrap();
    let find = |path: &str| reading.provenance.iter().find(|one| one.path == path).unwrap();
    let receipts = find("settlement.electronic_receipt_share");
    assert_eq!(
        (receipts.evidence.source.as_deref(), receipts.evidence.n),
        (Some("our own books"), Some(4000))
    );
    assert_eq!(receipts.file, "ours.toml");
    assert!(receipts.replaced.is_some());
    let visits = find("demand.visits_per_day");
    assert_eq!(visits.file, "township.toml");
    assert!(visits.evidence.assumption || visits.evidence.source.is_some());
    assert!(find("settlement.times.window").evidence.assumption, "the base keeps its own evidence");
}

#[test]
fn a_name_that_cannot_be_extended_is_reported_alone() {
    let text = "format = \"hospital/1\"\nextends = \"county-2015\"\n[demand]\nvisits_per_day = 90\n";
    let found = read_text(text, &[]).unwrap_err();
    assert_eq!(found.len(), 1, "{found}");
    let expected = "ours.toml:2:11: extends: there is no hospital `county-2015` to extend; did you mean `county-2016`?; \
                    accepted: \"hangzhou-2018-06\", \"hangzhou-2018-12\", ";
    assert!(found.to_string().starts_with(expected), "{found}");
}

#[test]
fn what_the_model_refuses_is_shown_where_the_file_says_it() {
    let text = changed("profile = {", "profile = { \"07:00-08:00\" = \"1 %\", ");
    assert_eq!(
        mistakes(&text, &[]),
        ["21: demand.profile.07:30-08:30: `07:30-08:30` overlaps with `07:00-08:00`"]
    );
    let text = changed("desk_shifts = { \"08:00-12:00\" = 2, \"13:00-17:00\" = 1 }", "desk_shifts = {}")
        .replace("first_time = { law = \"lognormal\", mean = \"5 min\", cv = 0.6 }", "admits = \"children\"")
        .replace("capacity_per_doctor = 4", "capacity_per_doctor = 4\n[walking.nothing]")
        .replace("kiosk_shifts = { \"07:30-17:00\" = 2 }", "kiosk_shifts = {}");
    let found = mistakes(&text, &[]);
    assert_eq!(found.len(), 4, "{found:#?}");
    assert!(
        found.iter().any(|one| one.contains("check_in.kiosk_shifts: nobody is on duty all day")),
        "{found:#?}"
    );
    assert!(found.iter().any(|one| one.contains("department[1].admits: no class of patient")), "{found:#?}");
    assert!(found.iter().any(|one| one.contains("walking.nothing: unknown key")), "{found:#?}");
    assert!(
        found.iter().any(|one| one.contains("examination_booking.desk_shifts: nobody is on duty")),
        "{found:#?}"
    );
}

#[test]
fn a_problem_with_a_common_term_is_shown_in_consultation() {
    let text = changed("hours = \"13:30-16:30\"", "hours = \"11:00-16:30\"");
    let found = mistakes(&text, &[]);
    assert!(found.iter().all(|one| one.contains("consultation.session[1]")), "{found:#?}");
    assert!(!found.is_empty());
}

#[test]
fn sections_in_order_are_checked_beside_broken_ones() {
    let text = changed("visits_per_day = 400", "visits_per_day = \"many\"")
        .replace("kiosk_shifts = { \"07:30-17:00\" = 2 }", "kiosk_shifts = {}");
    let found = mistakes(&text, &[]);
    assert_eq!(found.len(), 2, "{found:#?}");
    assert!(found[0].contains("demand.visits_per_day: a text is not accepted here"), "{found:#?}");
    assert!(found[1].contains("check_in.kiosk_shifts: nobody is on duty all day"), "{found:#?}");
}

#[test]
fn what_no_department_is_told_is_missing() {
    let text = changed("medicine_share = \"60 %\"\n", "");
    let found = mistakes(&text, &[]);
    assert_eq!(found.len(), 2, "{found:#?}");
    assert!(found[0].contains("department[0]: `medicine_share` is missing, here and in `consultation`"));
}

#[test]
fn the_schema_accepts_whole_files_and_changes() {
    let schema = extensible_json_schema("onetrip hospital", &HOSPITAL);
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    let as_json = |text: &str| serde_json::to_value(toml::from_str::<toml::Table>(text).unwrap()).unwrap();
    let shipped = SHIPPED.map(|(_, text)| text);
    for text in shipped.into_iter().chain([starter()]) {
        let errors: Vec<String> =
            validator.iter_errors(&as_json(text)).map(|e| format!("{}: {e}", e.instance_path())).collect();
        assert_eq!(errors, Vec::<String>::new());
    }
    for bad in [
        "format = \"hospital/1\"\n",
        "format = \"hospital/1\"\nextends = \"township\"\n[demand]\nvisits = 3\n",
        "format = \"hospital/1\"\nextends = \"township\"\n[pharmacy]\npicking_time = { law = \"gama\" }\n",
        &changed("rank = \"county\"", "rank = \"national\""),
    ] {
        assert!(!validator.is_valid(&as_json(bad)), "{bad}");
        assert!(read_text(bad, &[]).is_err(), "{bad}");
    }
}
