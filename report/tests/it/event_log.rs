//! Event logs: whole, in order, and nothing left over.

use crate::clinic;
use onetrip_models::watch::Watcher;
use onetrip_report::document::PauseKind;
use onetrip_report::event_log::{EventLog, EventLogSettings};
use onetrip_report::visits::VisitTable;
use onetrip_report::words::{Language, Words};
use onetrip_sim::stream::RunKey;
use quick_xml::events::Event;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

fn watch(path: &Path, language: Language, days: u32) -> usize {
    let system = clinic::system();
    let kinds = [
        PauseKind { id: "walking".into(), title: Words::new("walking", "步行") },
        PauseKind { id: "results".into(), title: Words::new("waiting for results", "等候结果") },
    ];
    let settings = EventLogSettings { day: "2018-12-31".parse().unwrap(), language, pause_kinds: &kinds };
    let mut log = EventLog::create(path, &system, &settings).unwrap();
    let mut visits = VisitTable::new(&system);
    for day in 0..days {
        log.begin_run(0, day);
        let key = RunKey::new(7, 0, day);
        system.runner().run_watched(key, &mut system.account(), &mut log).unwrap();
        // The same luck gives the same visits.
        system.runner().run_watched(key, &mut system.account(), &mut visits).unwrap();
    }
    log.finish().unwrap();
    visits.into_visits().len()
}

#[test]
fn rows_are_in_order_and_every_service_that_starts_is_completed_or_under_way() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("day.csv");
    let visits = watch(&path, Language::English, 1);
    let mut reader = csv::Reader::from_path(&path).unwrap();
    assert_eq!(
        reader.headers().unwrap(),
        vec!["patient", "class", "activity", "lifecycle", "station", "timestamp", "encounter_status"]
    );
    let rows: Vec<Vec<String>> =
        reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect();
    assert!(rows.iter().map(|row| &row[5]).is_sorted());
    assert!(rows.iter().all(|row| row[5].starts_with("2018-12-31T") && row[5].ends_with("+08:00")));
    let of = |activity: &str, lifecycle: &str| {
        rows.iter().filter(|row| row[2] == activity && row[3] == lifecycle).count()
    };
    assert_eq!(of("arrival", "complete"), visits);
    let statuses: BTreeMap<&str, usize> =
        rows.iter().filter(|row| row[2] == "departure").fold(BTreeMap::new(), |mut counts, row| {
            *counts.entry(row[6].as_str()).or_default() += 1;
            counts
        });
    assert!(statuses["finished"] > 600 && statuses["cancelled"] > 0 && statuses.len() == 2, "{statuses:?}");
    assert_eq!(of("pharmacy", "start"), of("pharmacy", "complete"));
    assert_eq!(of("registration", "schedule"), of("registration", "start") + of("registration", "withdraw"));
    assert_eq!(of("walking", "start"), of("walking", "complete"));
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 1, "no partial file is left");
}

#[test]
fn xes_holds_one_trace_a_visit_with_its_events_in_order() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("day.XES");
    let visits = watch(&path, Language::Chinese, 2);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains("value=\"检验科\"") && text.contains("value=\"等候结果\""));
    let mut reader = quick_xml::Reader::from_str(&text);
    let (mut traces, mut last, mut ids) = (0, String::new(), Vec::new());
    let mut is_of_trace = false;
    loop {
        match reader.read_event().unwrap() {
            Event::Eof => break,
            Event::Start(element) if element.name().as_ref() == "trace" => {
                traces += 1;
                last.clear();
                is_of_trace = true;
            }
            Event::Start(element) if element.name().as_ref() == "event" => is_of_trace = false,
            Event::Empty(element) if traces > 0 => {
                let of = |name: &str| {
                    let attribute = element.try_get_attribute(name).unwrap().unwrap();
                    attribute.value.into_owned()
                };
                match (of("key").as_str(), is_of_trace) {
                    ("time:timestamp", false) => {
                        assert!(last <= of("value"), "{last} then {}", of("value"));
                        last = of("value");
                    }
                    ("concept:name", true) => ids.push(of("value")),
                    _ => {}
                }
            }
            _ => {}
        }
    }
    assert_eq!(traces, visits);
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), visits, "cases of two days do not share a name");
    // The second day stands on the next day of the calendar, over the end of the year.
    assert!(text.contains("2018-12-31T08:") && text.contains("2019-01-01T08:"));
}

#[test]
fn a_log_that_is_given_up_leaves_nothing_behind() {
    let system = clinic::system();
    let place = tempfile::tempdir().unwrap();
    let settings = EventLogSettings {
        day: "2018-12-03".parse().unwrap(),
        language: Language::English,
        pause_kinds: &[],
    };
    let mut log = EventLog::create(&place.path().join("day.xes"), &system, &settings).unwrap();
    system.runner().run_watched(RunKey::new(7, 0, 0), &mut system.account(), &mut log).unwrap();
    drop(log);
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
}

#[test]
fn a_log_that_cannot_be_made_names_its_file() {
    let system = clinic::system();
    let settings = EventLogSettings {
        day: "2018-12-03".parse().unwrap(),
        language: Language::English,
        pause_kinds: &[],
    };
    let refusal = EventLog::create(Path::new("no/such/folder/log.csv"), &system, &settings).err().unwrap();
    assert!(refusal.to_string().contains("no/such/folder/log.csv"), "{refusal}");
    const { assert!(<EventLog as Watcher>::WATCHES) };
}
