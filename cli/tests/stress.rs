//! `onetrip stress` as a person runs it.

use serde_json::Value;
use std::process::{Command, Output};

fn onetrip(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_onetrip"));
    command.args(arguments).env_remove("ONETRIP_LANG").env("LC_ALL", "C").output().expect("the binary runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("output is UTF-8")
}

fn assert_as_the_schema_says(output: &Output) -> Value {
    assert!(output.status.success(), "{}", text(&output.stderr));
    let document: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let schema: Value =
        serde_json::from_slice(&onetrip(&["schema", "stress"]).stdout).expect("the schema is JSON");
    let errors: Vec<String> = jsonschema::validator_for(&schema)
        .expect("the schema is one")
        .iter_errors(&document)
        .map(|error| error.to_string())
        .collect();
    assert!(errors.is_empty(), "{errors:?}");
    document
}

const OUTAGE: [&str; 10] = [
    "stress",
    "township",
    "--outage",
    "registration.windows",
    "--from",
    "09:00",
    "--to",
    "10:00",
    "--replications",
    "5",
];

#[test]
fn an_outage_is_told_in_both_languages_and_as_a_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("report");
    let mut words = OUTAGE.to_vec();
    let place = out.to_str().expect("a plain path");
    words.extend(["--out", place]);
    let english = onetrip(&words);
    assert!(english.status.success(), "{}", text(&english.stderr));
    let said = text(&english.stdout);
    assert!(said.contains("It shows first at: registration windows"), "{said}");
    let chinese = text(&onetrip(&[&OUTAGE[..], &["--lang", "zh"]].concat()).stdout);
    assert!(chinese.contains("最先显现于挂号窗口"), "{chinese}");
    let page = std::fs::read_to_string(out.join("stress.html")).expect("the page");
    assert!(page.contains("STRESS-DES") && page.contains("压力测试") && page.contains("<svg"));
    for file in ["stress.json", "queues.en.svg", "queues.zh.svg"] {
        assert!(out.join(file).is_file(), "{file}");
    }
}

#[cfg(unix)]
#[test]
fn ctrl_c_keeps_what_is_finished_and_ends_with_exit_code_130() {
    let outage = ["--outage", "registration.windows", "--from", "09:00", "--to", "10:00"];
    let long = ["--replications", "1000", "--days", "10"];
    let mut command = Command::new(env!("CARGO_BIN_EXE_onetrip"));
    command.args(["stress", "hangzhou-2018-12"]).args(outage).args(long);
    command.env_remove("ONETRIP_LANG").env("LC_ALL", "C");
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let child = command.spawn().expect("the binary runs");
    std::thread::sleep(std::time::Duration::from_secs(2));
    let signalled = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(signalled.expect("kill runs").success());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(130), "{}", text(&output.stderr));
    // A slow machine may not have finished two replications by then.
    let (said, remarked) = (text(&output.stdout), text(&output.stderr));
    assert!(
        said.contains("Stopped early") || remarked.contains("before anything was finished"),
        "{remarked}"
    );
}

#[test]
fn an_outage_as_json_is_as_its_schema_says() {
    let output = onetrip(&[&OUTAGE[..], &["--json"]].concat());
    let document = assert_as_the_schema_says(&output);
    let first = &document["disturbance"]["stations"][0];
    assert_eq!(
        (first["id"].as_str(), first["affected"].as_bool()),
        (Some("registration.windows"), Some(true))
    );
    assert!(document["disturbance"]["recovery"]["mean_s"]["value"].as_f64().is_some_and(|time| time > 0.0));
    assert!(document["disturbance"]["targets"].as_array().is_some_and(|targets| !targets.is_empty()));
}

#[test]
fn absent_doctors_and_a_flu_week_are_days_that_do_not_end_before_closing() {
    let output = onetrip(&[
        "stress",
        "township",
        "--absent",
        "general_practice",
        "--flu",
        "--days",
        "1",
        "--replications",
        "4",
        "--json",
    ]);
    let document = assert_as_the_schema_says(&output);
    assert_eq!(document["disturbance"]["to_s"], Value::Null);
    // The absence, the surges, and that their factors are assumptions.
    assert_eq!(document["stress"].as_array().map(Vec::len), Some(3));
}

#[test]
fn a_kiosk_hall_bears_so_much_demand() {
    let output = onetrip(&[
        "stress",
        "kiosks-5",
        "--set",
        "run.horizon=3 days",
        "--demand",
        "0.8..1.4",
        "--step",
        "10%",
        "--tolerance",
        "20%",
        "--until",
        "kiosk.wait_time.mean <= 2 min",
        "--json",
    ]);
    let document = assert_as_the_schema_says(&output);
    // 120 an hour, two minutes each, five kiosks: the mean wait is 66 s at 100 % of demand, 131 s at 110 %.
    let largest = document["demand"]["targets"][0]["largest_demand"].as_f64().expect("some demand holds");
    assert!((largest - 1.0).abs() < 0.101, "{largest}");
    assert_eq!(document["demand"]["stations"][0]["id"], "kiosk");
}

#[test]
fn bad_input_ends_with_exit_code_2_and_says_what_would_be_accepted() {
    let times = ["--from", "09:00", "--to", "11:00"];
    let with_times = |words: &[&'static str]| [words, &times].concat();
    for (words, expected) in [
        (vec![], "nothing says what the stress is"),
        (with_times(&["--outage", "registration.window"]), "did you mean `registration.windows`"),
        (vec!["--outage", "registration.windows"], "has no time"),
        (vec!["--outage", "registration.windows", "--from", "11:00", "--to", "09:00"], "is not before"),
        (vec!["--outage", "registration.windows", "--from", "22:00", "--to", "23:00"], "nobody is on duty"),
        (vec!["--outage", "registration.windows", "--from", "nine", "--to", "11:00"], "--from `nine`"),
        (vec!["--absent", "general_practise"], "did you mean `general_practice`"),
        (vec!["--absent", "general_practice=many"], "has no number"),
        (vec!["--absent", "general_practice=500"], "at most"),
        (vec!["--demand", "2.0..1.0"], "is empty"),
        (vec!["--demand", "much"], "is no range"),
        (vec!["--demand", "1.0..1.01"], "no step"),
    ] {
        let output = onetrip(&[&["stress", "township"][..], &words].concat());
        assert_eq!(output.status.code(), Some(2), "{words:?}: {}", text(&output.stdout));
        assert!(text(&output.stderr).contains(expected), "{words:?}: {}", text(&output.stderr));
    }
}
