//! The folder of a run: all of it or nothing, and nobody else's files.

use crate::clinic;
use onetrip_report::document::RunDocument;
use onetrip_report::folder::FolderError;
use onetrip_report::folder::run::{FOLDER, Report, write_folder};
use onetrip_report::visits::{Outcome, Visit, VisitTable};
use onetrip_report::words::Language;
use onetrip_sim::stream::RunKey;
use onetrip_sim::time::SimSpan;
use std::fs;
use std::path::Path;

fn watched_day() -> (RunDocument, Vec<Visit>) {
    let system = clinic::system();
    let document = clinic::document(&system, &clinic::results(&system), "shaoxing-2018");
    let mut table = VisitTable::new(&system);
    let mut account = system.account();
    system.runner().run_watched(RunKey::new(7, 0, 0), &mut account, &mut table).unwrap();
    let visits = table.into_visits();
    assert_eq!(visits.len() as u64, account.statistics.accounting_total().arrived);
    (document, visits)
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn the_folder_holds_page_plots_tables_and_result() {
    let (document, visits) = watched_day();
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("deep").join("report");
    let report = Report { document: &document, visits: &visits, language: Language::Chinese };
    write_folder(&folder, &report).unwrap();
    let expected = [
        "measures.csv",
        "queues.en.svg",
        "queues.zh.svg",
        "report.html",
        "result.json",
        "stations.csv",
        "targets.csv",
        "utilisation.en.svg",
        "utilisation.zh.svg",
        "visit-time.en.svg",
        "visit-time.zh.svg",
        "visits.csv",
        "waits.en.svg",
        "waits.zh.svg",
    ];
    assert_eq!(names(&folder), expected);
    assert_eq!(names(&place.path().join("deep")), ["report"], "nothing is left beside the folder");
    let result: RunDocument =
        serde_json::from_str(&fs::read_to_string(folder.join("result.json")).unwrap()).unwrap();
    assert!(result == document);
    for (name, rows) in [
        ("measures.csv", document.measures.len()),
        ("stations.csv", document.stations.len()),
        ("targets.csv", document.targets.iter().map(|item| item.checks.len()).sum()),
        ("visits.csv", visits.len()),
    ] {
        let mut reader = csv::Reader::from_path(folder.join(name)).unwrap();
        assert_eq!(reader.records().filter(Result::is_ok).count(), rows, "{name}");
    }
    for name in expected.iter().filter(|name| name.ends_with(".svg")) {
        let text = fs::read_to_string(folder.join(name)).unwrap();
        let mut reader = quick_xml::Reader::from_str(&text);
        while reader.read_event().unwrap() != quick_xml::events::Event::Eof {}
    }
}

#[test]
fn every_column_of_the_tables_is_explained_in_the_documents() {
    let (document, visits) = watched_day();
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("report");
    write_folder(&folder, &Report { document: &document, visits: &visits, language: Language::English })
        .unwrap();
    let text = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/results.md")).unwrap();
    for table in ["measures.csv", "stations.csv", "targets.csv", "visits.csv"] {
        let (_, section) = text.split_once(&format!("## `{table}`")).unwrap();
        let section = section.split("\n## ").next().unwrap();
        let mut reader = csv::Reader::from_path(folder.join(table)).unwrap();
        for column in reader.headers().unwrap() {
            // The columns of pauses are named by the scenario.
            let is_of_scenario =
                document.scenario.pause_kinds.iter().any(|kind| column == format!("{}_time_s", kind.id));
            assert!(is_of_scenario || section.contains(&format!("`{column}`")), "{table}: `{column}`");
        }
    }
}

#[test]
fn a_folder_of_an_earlier_run_is_replaced_and_any_other_is_left_alone() {
    let (document, _) = watched_day();
    let report = Report { document: &document, visits: &[], language: Language::English };
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("report");
    fs::create_dir(&folder).unwrap();
    write_folder(&folder, &report).unwrap();
    fs::write(folder.join("visits.csv"), "of another run").unwrap();
    write_folder(&folder, &report).unwrap();
    assert!(!folder.join("visits.csv").exists(), "nothing of the earlier run is left");

    fs::write(folder.join("notes.txt"), "mine").unwrap();
    let refusal = write_folder(&folder, &report).unwrap_err();
    assert!(
        matches!(&refusal, FolderError::NotOurs { stranger, .. } if stranger == "notes.txt"),
        "{refusal}"
    );
    assert_eq!(fs::read_to_string(folder.join("notes.txt")).unwrap(), "mine");
    assert!(refusal.to_string().contains("accepted: a new folder"));

    let other = place.path().join("other");
    fs::create_dir(&other).unwrap();
    fs::write(other.join("result.json"), "{}").unwrap();
    assert!(matches!(write_folder(&other, &report), Err(FolderError::NotOurs { .. })));
    assert!(matches!(write_folder(&folder.join("notes.txt"), &report), Err(FolderError::NotAFolder { .. })));
    assert_eq!(names(place.path()), ["other", "report"]);
}

#[test]
fn a_place_that_cannot_be_written_is_named() {
    let (document, _) = watched_day();
    let report = Report { document: &document, visits: &[], language: Language::English };
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join("file"), "").unwrap();
    let nowhere = place.path().join("file").join("report");
    let refusal = write_folder(&nowhere, &report).unwrap_err();
    assert!(refusal.to_string().contains("file"), "{refusal}");
    let refusal = FOLDER.check(&nowhere).unwrap_err();
    assert!(refusal.to_string().contains("file"), "told before the work is done: {refusal}");
    assert!(!FOLDER.check(&place.path().join("new").join("report")).unwrap());
    assert_eq!(names(place.path()), ["file"], "asking leaves nothing behind");
}

#[test]
fn the_time_of_every_visit_adds_up_to_the_microsecond() {
    let (document, visits) = watched_day();
    for visit in visits.iter().filter(|visit| visit.outcome == Outcome::Completed) {
        let mut spent = visit.queueing_time + visit.served_time + visit.blocked_time;
        visit.paused_time.iter().for_each(|&time| spent += time);
        assert_eq!(Some(visit.arrived_at + spent), visit.left_at, "{visit:?}");
        assert!(visit.service_count >= 3 && visit.served_time > SimSpan::ZERO);
    }
    let count = |outcome| visits.iter().filter(|visit| visit.outcome == outcome).count();
    let inside = count(Outcome::StillInside);
    assert!(visits.iter().filter(|visit| visit.left_at.is_none()).count() == inside);
    assert!(count(Outcome::Completed) > 600 && document.accounting.arrived > 7000);
}
