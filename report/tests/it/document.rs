//! The document of a run: held to its schema, and to the results it is made from.

use crate::clinic;
use onetrip_report::document::{RunDocument, Verdict};

fn of_clinic(targets: &str) -> RunDocument {
    let system = clinic::system();
    let results = clinic::results(&system);
    clinic::document(&system, &results, targets)
}

#[test]
fn the_document_fits_its_schema_and_reads_back_unchanged() {
    let validator = jsonschema::validator_for(&RunDocument::json_schema()).unwrap();
    for targets in ["shaoxing-2018", "hangzhou-2018", "shaoxing-tcm-2022"] {
        let document = of_clinic(targets);
        let text = document.to_json();
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        let mistakes: Vec<String> =
            validator.iter_errors(&value).map(|mistake| mistake.to_string()).collect();
        assert!(mistakes.is_empty(), "{mistakes:?}");
        let back: RunDocument = serde_json::from_str(&text).unwrap();
        assert!(back == document, "{targets}");
    }
}

#[test]
fn the_schema_refuses_what_is_not_a_run() {
    let validator = jsonschema::validator_for(&RunDocument::json_schema()).unwrap();
    let mut value = serde_json::to_value(of_clinic("hangzhou-2018")).unwrap();
    assert!(validator.is_valid(&value));
    value["stations"][0]["wait_time_s"]["p90"] = "ten minutes".into();
    assert!(!validator.is_valid(&value));
    value["stations"][0]["wait_time_s"]["p90"] = 600.0.into();
    value["format"] = "onetrip-run/2".into();
    assert!(!validator.is_valid(&value));
    value["format"] = "onetrip-run/1".into();
    value.as_object_mut().unwrap().remove("accounting");
    assert!(!validator.is_valid(&value));
}

#[test]
fn figures_of_a_station_are_those_of_its_measures() {
    let document = of_clinic("hangzhou-2018");
    let station = document.stations.iter().find(|station| station.id == "registration").unwrap();
    let measure = document.measure("registration.wait_time.p90").unwrap().figure;
    let wait = station.wait_time_s.figure(|wait| wait.p90);
    assert_eq!((wait.value, wait.low, wait.high), (measure.value, measure.low, measure.high));
    assert_eq!(measure.n, 12);
    let longest = station.wait_time_s.longest.unwrap();
    assert!(longest >= station.wait_time_s.value.max.unwrap());
    let distribution = station.wait_time_s.distribution.as_ref().unwrap();
    assert!(distribution.at_most_s.is_sorted() && *distribution.at_most_s.last().unwrap() <= longest);
    // The mean queue over the day is that of its hours (the day is observed from 0 to 20 h).
    let by_hour = station.by_hour.as_ref().unwrap();
    let hours: f64 = by_hour.queue_length.iter().flatten().sum();
    assert!((hours / 20.0 - station.queue_length.unwrap()).abs() < 1e-9);
    for hour in 8..11 {
        let (low, high) = (by_hour.queue_length_p10[hour].unwrap(), by_hour.queue_length_p90[hour].unwrap());
        assert!(low < by_hour.queue_length[hour].unwrap() && by_hour.queue_length[hour].unwrap() < high);
    }
}

#[test]
fn the_parts_of_a_visit_add_up_to_the_time_inside() {
    let system = clinic::system();
    let results = clinic::results(&system);
    let document = clinic::document(&system, &results, "hangzhou-2018");
    let visit = document.visit_time.unwrap();
    let parts: f64 = visit.parts.iter().filter_map(|part| part.time_s.value).sum();
    assert!((parts - visit.total_s).abs() < 1e-9);
    let statistics = &results.account.statistics;
    let inside = statistics.inside_area as f64 / 1e6 / statistics.accounting_total().arrived as f64;
    assert!((visit.total_s - inside).abs() < 1e-6);
    // Everybody walks 240 s but those who run out of patience, and those who are tested 180 s more.
    let walking = visit.parts.iter().find(|part| part.id == "walking").unwrap().time_s.value.unwrap();
    assert!((walking - (240.0 + 0.35 * 180.0)).abs() < 15.0, "{walking}");
}

#[test]
fn everybody_who_came_is_accounted_for() {
    let account = of_clinic("hangzhou-2018").accounting;
    assert_eq!(account.runs, 12);
    assert_eq!(account.arrived, account.completed + account.left_without_being_seen + account.still_inside);
    assert_eq!(account.arrived, account.by_class.iter().map(|class| class.arrived).sum::<u64>());
}

#[test]
fn an_item_shows_the_check_that_decides_it() {
    let document = of_clinic("shaoxing-2018");
    assert_eq!(document.targets.len(), 31);
    for item in &document.targets {
        let deciding = item.checks.iter().find(|check| check.verdict == item.verdict && !check.optional);
        if let Some(check) = deciding {
            assert_eq!(
                (&item.value, item.low, item.kind),
                (&check.value, check.low, check.kind),
                "{}",
                item.id
            );
        }
    }
    let item = document.targets.iter().find(|item| item.id == "shaoxing-2018/3").unwrap();
    assert_eq!(item.verdict, Verdict::Missed, "{item:?}");
}
