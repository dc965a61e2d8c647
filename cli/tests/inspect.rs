//! `onetrip inspect` as a person meets it.

use onetrip_report::inspection::document::InspectionDocument;
use serde_json::Value;
use std::process::{Command, Output};

fn onetrip(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_onetrip"));
    command.args(arguments).env("ONETRIP_LANG", "en").output().expect("the binary runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A health centre, quickly.
const QUICK: [&str; 7] = ["inspect", "township", "--replications", "4", "--weeks", "2", "--no-search"];

fn with(more: &[&str]) -> Output {
    onetrip(&[&QUICK, more].concat())
}

#[test]
fn the_summary_tells_every_visit_and_the_chances() {
    let out = with(&[]);
    assert_eq!(out.status.code(), Some(0), "{}", text(&out.stderr));
    let said = text(&out.stdout);
    assert!(said.contains("visit 1, week 1") && said.contains("visit 2, week 2"), "{said}");
    assert!(said.contains("chance to pass, one visit / all 2"), "{said}");
    let chinese = text(&with(&["--lang", "zh"]).stdout);
    assert!(chinese.contains("第1次，第1周") && chinese.contains("通过概率"), "{chinese}");
}

#[test]
fn json_keeps_to_its_schema_and_repeats_to_the_byte() {
    let out = with(&["--json"]);
    let value: Value = serde_json::from_slice(&out.stdout).expect("JSON");
    let validator = jsonschema::validator_for(&InspectionDocument::json_schema()).expect("a schema");
    assert!(validator.is_valid(&value));
    assert_eq!(value["hospitals"][0]["items"].as_array().map(Vec::len), Some(31));
    assert_eq!(value["hospitals"][0]["inspections"][0]["rows"].as_array().map(Vec::len), Some(31));
    assert_eq!(out.stdout, with(&["--json", "--threads", "1"]).stdout);
}

#[test]
fn the_folder_is_complete_or_absent() {
    let place = tempfile::tempdir().expect("a place");
    let folder = place.path().join("inspection");
    let folder_name = folder.to_str().expect("UTF-8");
    assert_eq!(with(&["--out", folder_name]).status.code(), Some(0));
    let mut names: Vec<String> = std::fs::read_dir(&folder)
        .expect("it is there")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    assert_eq!(names, ["inspection.html", "inspection.json", "township.docx", "township.xlsx"]);
    // Again over the earlier one; but not over somebody's own file.
    assert_eq!(with(&["--out", folder_name]).status.code(), Some(0));
    std::fs::write(folder.join("mine.txt"), "mine").expect("a file");
    let refused = with(&["--out", folder_name]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stderr).contains("mine.txt"));
    assert_eq!(std::fs::read_to_string(folder.join("mine.txt")).expect("untouched"), "mine");
    assert_eq!(
        std::fs::read_dir(place.path()).expect("the place").count(),
        1,
        "nothing half written is left"
    );
}

#[test]
fn several_hospitals_are_ranked_and_a_follow_up_is_of_one() {
    let out = onetrip(&[
        "inspect",
        "township",
        "county-2016",
        "--set",
        "demand.visits_per_day=150",
        "--replications",
        "3",
        "--weeks",
        "1",
        "--no-search",
    ]);
    let said = text(&out.stdout);
    assert!(out.status.success(), "{}", text(&out.stderr));
    assert!(said.contains("Bulletin") && said.contains("  1. "), "{said}");
    let out = onetrip(&["inspect", "township", "county-2016", "--look-back", "township"]);
    assert_eq!(out.status.code(), Some(2));
    let out = with(&["--look-back", "township"]);
    assert!(text(&out.stdout).contains("follow-up at township"));
}

#[test]
fn bad_input_is_refused_with_what_would_be_accepted() {
    for (arguments, said) in [
        (vec!["inspect", "erlang-b"], "plain network"),
        (vec!["inspect", "no-such-place"], "no-such-place"),
        (vec!["inspect", "township", "--visits", "0"], "--visits"),
        (vec!["inspect", "township", "--cost", "robot=3"], "kiosk"),
        (vec!["inspect", "township", "--targets", "shaoxing"], "shaoxing-2018"),
        (vec!["inspect", "township", "county-2016", "--answers", "one.toml"], "--answers"),
    ] {
        let out = onetrip(&arguments);
        assert_eq!(out.status.code(), Some(2), "{arguments:?}");
        assert!(text(&out.stderr).contains(said), "{arguments:?}: {}", text(&out.stderr));
        assert!(out.stdout.is_empty());
    }
}
