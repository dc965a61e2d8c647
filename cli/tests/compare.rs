//! `onetrip compare` as a person runs it.

use serde_json::Value;
use std::process::{Command, Output};

fn onetrip(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_onetrip"));
    command.args(arguments).env_remove("ONETRIP_LANG").env("LC_ALL", "C").output().expect("the binary runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("output is UTF-8")
}

fn json(arguments: &[&str]) -> Value {
    let output = onetrip(arguments);
    assert!(output.status.success(), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("output is JSON")
}

const SHORT: [&str; 4] = ["--replications", "12", "--set", "run.horizon=3 days"];

fn kiosks(more: &[&str]) -> Vec<String> {
    let words = ["compare", "kiosks-5", "kiosks-6", "--base-set", "run.horizon=3 days"];
    words.iter().chain(&SHORT).chain(more).map(|word| (*word).to_owned()).collect()
}

fn run(words: &[String]) -> Output {
    onetrip(&words.iter().map(String::as_str).collect::<Vec<_>>())
}

#[test]
fn one_more_kiosk_shortens_the_wait_and_the_page_says_so() {
    let output = run(&kiosks(&[]));
    let said = text(&output.stdout);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(said.contains("Kiosk (mean wait) falls by"), "{said}");
    let output = run(&kiosks(&["--lang", "zh"]));
    assert!(text(&output.stdout).contains("缩短"), "{}", text(&output.stdout));
}

#[test]
fn the_json_has_the_schema_that_is_published() {
    let words = kiosks(&["--json"]);
    let document: Value = serde_json::from_slice(&run(&words).stdout).expect("JSON");
    let schema = onetrip_report::compare::CompareDocument::json_schema();
    let errors: Vec<String> = jsonschema::validator_for(&schema)
        .expect("the schema is one")
        .iter_errors(&document)
        .map(|error| error.to_string())
        .collect();
    assert!(errors.is_empty(), "{errors:?}");
    let wait = document["alternatives"][0]["measures"]
        .as_array()
        .and_then(|all| all.iter().find(|one| one["id"] == "kiosk.wait_time.mean"))
        .expect("a headline");
    assert_eq!(wait["different"], true);
    assert!(wait["difference"]["high"].as_f64().expect("an interval") < 0.0);
    assert!(wait["variance_ratio"].as_f64().expect("a ratio") < 1.0);
}

#[test]
fn an_unchanged_scenario_differs_from_itself_by_exactly_nothing() {
    let document = json(&[
        "compare",
        "township",
        "--set",
        "registration.windows.count=1",
        "--replications",
        "4",
        "--all",
        "--json",
    ]);
    let alternative = &document["alternatives"][0];
    let measures = alternative["measures"].as_array().expect("a list");
    assert!(measures.len() > 100, "{}", measures.len());
    for measure in measures {
        assert_eq!(measure["difference"]["value"].as_f64(), Some(0.0), "{}", measure["id"]);
        assert_eq!(measure["different"], false, "{}", measure["id"]);
    }
    assert_eq!(alternative["patients"]["shorter"], 0);
    assert_eq!(alternative["patients"]["longer"], 0);
    assert!(alternative["findings"].as_array().expect("a list").is_empty());
}

#[test]
fn the_command_in_the_document_repeats_it_to_the_bit() {
    let document: Value = serde_json::from_slice(&run(&kiosks(&["--json"])).stdout).expect("JSON");
    let command = document["run"]["command"].as_str().expect("a command").to_owned();
    let shell = format!("{command} --json").replacen("onetrip", env!("CARGO_BIN_EXE_onetrip"), 1);
    let output = Command::new("sh").args(["-c", &shell]).output().expect("a shell runs");
    let again: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(document, again);
}

#[test]
fn a_broken_pairing_is_refused_with_the_reason() {
    // Nobody of the one comes in the other: their sources have different names.
    // So many replications would take hours: it is known before they begin.
    let output = onetrip(&["compare", "kiosks-5", "mm1-pharmacy", "--replications", "1000000"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    let said = text(&output.stderr);
    assert!(said.contains("pairing is broken") || said.contains("no measure in common"), "{said}");
}

#[test]
fn bad_input_ends_with_exit_code_2() {
    for (arguments, expected) in [
        (vec!["compare", "kiosks-5"], "nothing to compare"),
        (vec!["compare", "kiosk-5", "kiosks-6"], "did you mean `kiosks-5`"),
        (vec!["compare", "kiosks-5", "kiosks-6", "--measure", "kiosk.wait.mean"], "there is no measure"),
        (vec!["compare", "kiosks-5", "--set", "station.kiosk.server=3"], "servers"),
        (vec!["compare", "kiosks-5", "kiosks-6", "--level", "95"], "95%"),
    ] {
        let output = onetrip(&arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(text(&output.stderr).contains(expected), "{arguments:?}: {}", text(&output.stderr));
    }
}

#[test]
fn the_folder_holds_a_page_in_both_languages_and_the_json() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().join("new").display().to_string();
    let output = run(&kiosks(&["--out", &place]));
    assert!(output.status.success(), "{}", text(&output.stderr));
    let read = |name: &str| std::fs::read_to_string(format!("{place}/{name}")).expect("a file");
    let page = read("compare.html");
    assert!(page.contains("lang=\"zh\"") && page.contains("<svg") && page.contains("falls by"));
    let parsed: Value = serde_json::from_str(&read("compare.json")).expect("JSON");
    assert_eq!(parsed["format"], "onetrip-compare/1");
}
