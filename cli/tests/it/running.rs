//! `onetrip run`.

use crate::program::{onetrip, onetrip_in, program, says};
use std::fs;
use std::io::{BufRead, BufReader};
use std::process::Stdio;

#[test]
fn a_run_shows_waits_stations_and_what_became_of_everybody() {
    let text = onetrip(&["run", "mm1-pharmacy"]).done();
    says(&text, &["Drive-through pharmacy", "20 replications", "rng seed 1", "mean wait", "Stations", "pharmacist"]);
    says(&text, &["came in 20 runs", "left with everything done"]);
    assert!(!text.contains('\u{1b}'), "colours reach a pipe");
}

#[test]
fn the_default_scenario_runs_without_an_argument() {
    says(&onetrip(&["run", "--replications", "2"]).done(), &["2 replications", "came in"]);
}

#[test]
fn json_is_what_the_published_schema_says() {
    let schema = onetrip(&["schema", "result"]).json();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for scenario in ["mm1-pharmacy", "clinic-transient", "model-b"] {
        let result = onetrip(&["run", scenario, "--replications", "3", "--json"]).json();
        let mistakes: Vec<String> = validator.iter_errors(&result).map(|error| error.to_string()).collect();
        assert!(mistakes.is_empty(), "{scenario}: {mistakes:?}");
        assert_eq!(result["scenario"]["id"], scenario);
        let accounting = &result["accounting"];
        let count = |key: &str| accounting[key].as_u64().unwrap();
        let gone = count("completed") + count("left_without_being_seen") + count("still_inside");
        assert_eq!(count("arrived"), gone, "{scenario}");
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes_on_one_thread_and_on_two() {
    let run = |threads: &str, seed: &str| {
        let arguments =
            ["run", "er-triage", "--replications", "6", "--threads", threads, "--rng-seed", seed, "--json"];
        onetrip(&arguments).done()
    };
    assert_eq!(run("1", "5"), run("2", "5"));
    assert_ne!(run("1", "5"), run("1", "6"));
}

#[test]
fn the_command_in_the_result_repeats_it() {
    let first = onetrip(&["run", "erlang-a", "--set", "station.desk.servers=6", "--precision", "10%", "--json"]).json();
    let command = first["run"]["command"].as_str().unwrap().to_owned();
    let mut words: Vec<&str> = command.split(' ').skip(1).collect();
    words.push("--json");
    assert_eq!(onetrip(&words).json(), first);
}

#[test]
fn precision_decides_how_many_replications_there_are() {
    let replications = |precision: &str| {
        let result = onetrip(&["run", "mm1-pharmacy", "--precision", precision, "--json"]).json();
        assert_eq!(result["run"]["imprecise"], serde_json::json!([]));
        let waits = result["measures"].as_array().unwrap();
        let wait = waits.iter().find(|measure| measure["id"] == "pharmacist.wait_time.mean").unwrap();
        let half_width = 0.5 * (wait["high"].as_f64().unwrap() - wait["low"].as_f64().unwrap());
        (result["run"]["replications"].as_u64().unwrap(), half_width / wait["value"].as_f64().unwrap())
    };
    let (few, _) = replications("10%");
    let (many, share) = replications("2%");
    assert!(few < many, "{few} and {many}");
    assert!(share <= 0.02, "{share}");
}

#[test]
fn what_is_set_changes_the_run_and_is_on_record() {
    let arguments = ["run", "mm1-pharmacy", "--set", "station.pharmacist.servers=2", "--json"];
    let result = onetrip(&arguments).json();
    let inputs = result["inputs"].as_array().unwrap();
    let servers = inputs.iter().find(|input| input["path"] == "station.pharmacist.servers").unwrap();
    assert_eq!((&servers["origin"], &servers["replaced"]), (&"command_line".into(), &"1".into()));
    let busy = result["stations"][0]["utilisation_share"].as_f64().unwrap();
    assert!((busy - 0.25).abs() < 0.02, "{busy}");
}

#[test]
fn unknown_scenarios_are_answered_with_the_nearest_names() {
    onetrip(&["run", "mm1-pharmcy"]).refused(&["no scenario is called `mm1-pharmcy`", "did you mean `mm1-pharmacy`"]);
    onetrip(&["run", "no/such/file.toml"]).refused(&["cannot read the file `no/such/file.toml`"]);
}

#[test]
fn wrong_settings_are_answered_in_their_own_text() {
    onetrip(&["run", "mm1-pharmacy", "--set", "station.pharmacst.servers=2"]).refused(&["--set", "pharmacist"]);
    onetrip(&["run", "mm1-pharmacy", "--set", "station.pharmacist.servers=none"]).refused(&["servers", "whole number"]);
    onetrip(&["run", "mm1-pharmacy", "--set", "nonsense"]).refused(&["this is not an assignment", "PATH=VALUE"]);
    onetrip(&["run", "--precision", "5"]).refused(&["`5` is no precision", "accepted"]);
    onetrip(&["run", "--replications", "0"]).refused(&["--replications"]);
    onetrip(&["run", "--replications", "3", "--precision", "5%"]).refused(&["--precision"]);
    onetrip(&["run", "--nonsense"]).refused(&["--nonsense"]);
}

#[test]
fn targets_are_asked_of_hospitals_only() {
    onetrip(&["run", "mm1-pharmacy", "--targets", "shaoxing-2018"]).refused(&["is a plain network", "accepted"]);
}

#[test]
fn all_mistakes_of_a_file_come_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let broken = "format = \"network/1\"\ntitle = \"broken\"\n[run]\nhorizon = \"10\"\n\
                  [[arrivals]]\nname = \"a\"\nrate = \"60\"\njourney = [\"dsk\"]\n\
                  [[station]]\nname = \"desk\"\nservrs = 2\nservice_time = \"1 min\"\n";
    fs::write(folder.path().join("broken.toml"), broken).unwrap();
    onetrip_in(folder.path(), &["run", "broken.toml"]).refused(&[
        "broken.toml:4",
        "broken.toml:7",
        "broken.toml:11",
        "did you mean `servers`?",
        "findings",
    ]);
}

#[test]
fn a_reader_that_has_seen_enough_is_a_normal_end() {
    let mut child = program(&["run", "model-b", "--replications", "2", "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    assert_eq!(first, "{\n");
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
}

#[cfg(unix)]
#[test]
fn an_interrupt_keeps_what_is_finished_and_a_second_one_ends_at_once() {
    use std::process::Command;
    use std::thread::sleep;
    use std::time::Duration;
    let interrupt = |id: u32| {
        assert!(Command::new("kill").args(["-INT", &id.to_string()]).status().unwrap().success());
    };
    let long = ["run", "model-b", "--replications", "4000000", "--json"];
    let child = program(&long).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    sleep(Duration::from_millis(1500));
    interrupt(child.id());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let result: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(result["run"]["cut_short"], true);
    let done = result["run"]["replications"].as_u64().unwrap();
    assert!((1..4_000_000).contains(&done), "{done}");
    assert_eq!(result["accounting"]["arrived"].as_u64().unwrap(), result["accounting"]["completed"].as_u64().unwrap());

    // One replication of a day that is far too long to finish: only a second interrupt ends it.
    let endless = ["run", "mm1-simmer", "--set", "run.horizon=3000000 days", "--replications", "1"];
    let child = program(&endless).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    sleep(Duration::from_millis(700));
    interrupt(child.id());
    sleep(Duration::from_millis(300));
    interrupt(child.id());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    assert!(output.stdout.is_empty());
}
