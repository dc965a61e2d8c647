//! `onetrip size` as a person runs it.

use serde_json::Value;
use std::process::{Command, Output};

fn onetrip(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_onetrip"));
    command.args(arguments).env_remove("ONETRIP_LANG").env("LC_ALL", "C").output().expect("the binary runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("output is UTF-8")
}

const KIOSKS: [&str; 10] = [
    "size",
    "kiosks-5",
    "--set",
    "run.horizon=3 days",
    "--find",
    "station.kiosk.servers",
    "--between",
    "5..10",
    "--until",
    "kiosk.wait_time.p90 <= 60 s",
];

fn kiosks(more: &[&str]) -> Output {
    onetrip(&KIOSKS.iter().chain(more).copied().collect::<Vec<_>>())
}

/// 120 an hour, 2 min each: five kiosks have their p90 at 3.4 min, six at 63 s, seven at 0.
const EXACT: u64 = 7;

#[test]
fn the_smallest_number_of_kiosks_is_found_with_the_answer_of_erlang_beside_it() {
    let output = kiosks(&["--json"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let document: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let found = document["answer"][0].as_u64().expect("an answer");
    assert!(found.abs_diff(EXACT) <= 1, "{found}");
    let theory = document["queueing"]["needed"].as_u64().expect("an answer");
    assert!(theory.abs_diff(EXACT) <= 1, "{theory}");
    assert_eq!(document["search"]["method"], "halving");
    let schema = onetrip_report::size::SizeDocument::json_schema();
    let errors: Vec<String> = jsonschema::validator_for(&schema)
        .expect("the schema is one")
        .iter_errors(&document)
        .map(|error| error.to_string())
        .collect();
    assert!(errors.is_empty(), "{errors:?}");
}

#[test]
fn the_answer_is_a_sentence_in_both_languages() {
    let english = text(&kiosks(&[]).stdout);
    assert!(english.contains("is the smallest number that holds the target"), "{english}");
    let chinese = text(&kiosks(&["--lang", "zh"]).stdout);
    assert!(chinese.contains("是满足目标的最小数量"), "{chinese}");
}

#[test]
fn a_target_that_nothing_holds_ends_with_exit_code_1() {
    let mut words = KIOSKS.to_vec();
    words[7] = "5..5";
    let output = onetrip(&words);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("No number in the range holds the target"));
}

#[test]
fn a_township_s_windows_are_sized_by_their_shift_table() {
    let output = onetrip(&[
        "size",
        "township",
        "--find",
        "registration.windows.count",
        "--between",
        "1..4",
        "--until",
        "registration.windows.wait_time.mean <= 2 min",
        "--each-hour",
        "--json",
    ]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let document: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert!(document["answer"][0].as_u64().is_some_and(|number| (1..=4).contains(&number)));
    let schedule = &document["schedule"];
    assert_eq!(schedule["holds"], true, "{schedule}");
    assert!(schedule["shifts"].as_array().is_some_and(|shifts| shifts.len() >= 8));
    assert_eq!(document["knobs"][0]["present"], 1);
}

#[test]
fn bad_input_ends_with_exit_code_2() {
    let size = |find: &str, between: &str, until: &str| {
        onetrip(&["size", "county-2016", "--find", find, "--between", between, "--until", until])
    };
    let wait = "registration.on_site.wait_time.p90 <= 10 min";
    for (output, expected) in [
        (size("registration.kiosk.count", "1..3", wait), "registration.kiosks.count"),
        (size("registration.kiosks.count", "9..3", wait), "empty"),
        (size("registration.kiosks.count", "1..3", "wait <= 10 min"), "there is no measure `wait`"),
        (size("registration.kiosks.count", "1..3", "registration.on_site.wait_time.p90 <= 10"), "no unit"),
        (size("registration.kiosks.number", "1..3", wait), "number"),
    ] {
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output.stderr).contains(expected), "{expected}: {}", text(&output.stderr));
    }
}
