//! `onetrip run`.

use crate::program::{onetrip, onetrip_in, program, says};
use std::fs;
use std::io::{BufRead, BufReader};
use std::process::Stdio;

#[test]
fn a_run_shows_waits_stations_and_what_became_of_everybody() {
    let text = onetrip(&["run", "mm1-pharmacy"]).done();
    says(
        &text,
        &["Drive-through pharmacy", "20 replications", "rng seed 1", "mean wait", "Stations", "pharmacist"],
    );
    says(&text, &["came in 20 runs", "left with everything done"]);
    assert!(!text.contains('\u{1b}'), "colours reach a pipe");
}

#[test]
fn the_default_scenario_runs_without_an_argument() {
    says(&onetrip(&["run", "--replications", "2"]).done(), &["2 replications", "came in"]);
}

#[test]
fn a_hospital_day_ends_in_a_scorecard() {
    let text = onetrip(&["run", "township", "--replications", "3"]).done();
    says(
        &text,
        &["time in hospital", "Where the time of a visit goes", "walking", "Scorecard", "shaoxing-2018"],
    );
    let result = onetrip(&["run", "township", "--replications", "5", "--json"]).json();
    assert_eq!(result["scorecard"]["hospital_class"], "township");
    let targets = result["targets"].as_array().unwrap();
    assert_eq!(targets.len(), 31);
    assert_eq!(targets[0]["id"], "shaoxing-2018/1");
    // Registered documents of a city come before the usual one.
    let result = onetrip(&["run", "hangzhou-2018-06", "--replications", "2", "--json"]).json();
    assert_eq!(result["scorecard"]["document"], "hangzhou-2018");
}

#[test]
fn answers_settle_what_no_run_can_measure() {
    let folder = tempfile::tempdir().unwrap();
    let answers = "format = \"onetrip-answers-1\"\ndocument = \"shaoxing-2018\"\n";
    let item = |answers: &str| {
        fs::write(folder.path().join("answers.toml"), answers).unwrap();
        let arguments = [
            "run",
            "township",
            "--replications",
            "2",
            "--json",
            "--targets",
            "shaoxing-2018",
            "--answers",
            "answers.toml",
        ];
        let result = onetrip_in(folder.path(), &arguments).json();
        let of = |id: &str| {
            let items = result["targets"].as_array().unwrap();
            let checks: Vec<_> = items.iter().flat_map(|item| item["checks"].as_array().unwrap()).collect();
            checks.iter().find(|check| check["id"] == id).unwrap()["verdict"].as_str().unwrap().to_owned()
        };
        attested(&result).into_iter().map(|id| (of(&id), id)).collect::<Vec<_>>()
    };
    let open = item(answers);
    let (_, id) =
        open.iter().find(|(verdict, _)| verdict == "not_assessed").expect("something is attested").clone();
    let told = format!("{answers}[[answer]]\nid = \"{id}\"\nanswer = true\n");
    let answered = item(&told);
    assert_eq!(answered.iter().find(|(_, one)| *one == id).unwrap().0, "met");
}

/// Ids of the attested checks that a yes or no settles.
fn attested(result: &serde_json::Value) -> Vec<String> {
    let items = result["targets"].as_array().unwrap();
    let checks = items.iter().flat_map(|item| item["checks"].as_array().unwrap());
    let settled = checks.filter(|check| check["kind"] == "attested" && check["threshold"] == true);
    settled.map(|check| check["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_missed_target_decides_the_exit_code_only_when_required() {
    let arguments = ["run", "county-2016", "--replications", "4", "--targets", "shaoxing-2018"];
    let text = onetrip(&arguments).done();
    says(&text, &["✗ missed"]);
    let required: Vec<&str> = arguments.into_iter().chain(["--require-targets"]).collect();
    let ended = onetrip(&required);
    assert_eq!((ended.code, ended.out), (Some(1), text));
    // On a day before all deadlines nothing can be missed that has one.
    let result =
        onetrip(&["run", "county-2016", "--replications", "2", "--on", "2010-01-01", "--json"]).json();
    assert_eq!(result["scorecard"]["on"], "2010-01-01");
    onetrip(&["run", "county-2016", "--on", "tomorrow"]).refused(&["`tomorrow` is not a day"]);
}

#[test]
fn the_folder_holds_the_report_and_what_is_not_ours_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let run = ["run", "township", "--replications", "3", "--out", "report"];
    let ended = onetrip_in(folder.path(), &run);
    assert!(ended.remarks.contains("report.html"), "{}", ended.remarks);
    ended.done();
    let report = folder.path().join("report");
    for name in ["report.html", "result.json", "visits.csv", "stations.csv", "queues.en.svg"] {
        assert!(fs::metadata(report.join(name)).unwrap().len() > 0, "{name}");
    }
    let visits = fs::read_to_string(report.join("visits.csv")).unwrap();
    let printed = onetrip_in(folder.path(), &["run", "township", "--replications", "3", "--json"]).done();
    assert_eq!(fs::read_to_string(report.join("result.json")).unwrap(), printed);
    assert!(visits.lines().count() > 50, "{}", visits.lines().count());
    onetrip_in(folder.path(), &run).done();

    fs::write(report.join("thesis.txt"), "mine").unwrap();
    onetrip_in(folder.path(), &run).refused(&["thesis.txt", "accepted"]);
    assert_eq!(fs::read_to_string(report.join("thesis.txt")).unwrap(), "mine");
    fs::write(folder.path().join("file"), "mine").unwrap();
    onetrip_in(folder.path(), &["run", "township", "--out", "file"])
        .refused(&["`file` exists and is not a folder"]);
    onetrip_in(folder.path(), &["run", "township", "--out", "file/below"]).refused(&["file/below"]);
    let empty = tempfile::tempdir().unwrap();
    onetrip_in(empty.path(), &["run", "township", "--out", "."])
        .refused(&["`.` is where you are", "accepted"]);
}

#[test]
fn event_logs_are_csv_or_xes_by_their_name() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["log.csv", "log.xes"] {
        onetrip_in(folder.path(), &["run", "township", "--replications", "2", "--event-log", name]).done();
    }
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    assert!(read("log.csv").lines().count() > 500);
    assert!(read("log.xes").starts_with("<?xml"));
    assert!(read("log.xes").contains("<trace>"));
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(left.len(), 2);
    onetrip_in(folder.path(), &["run", "township", "--event-log", "no/such/log.csv"])
        .refused(&["no/such/log.csv"]);
}

#[test]
fn json_is_what_the_published_schema_says() {
    let schema = onetrip(&["schema", "result"]).json();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for scenario in ["mm1-pharmacy", "clinic-transient", "model-b", "hangzhou-2018-12"] {
        let result = onetrip(&["run", scenario, "--replications", "3", "--json"]).json();
        let mistakes: Vec<String> = validator.iter_errors(&result).map(|error| error.to_string()).collect();
        assert!(mistakes.is_empty(), "{scenario}: {mistakes:?}");
        assert_eq!(result["scenario"]["id"], scenario);
        let accounting = &result["accounting"];
        let count = |key: &str| accounting[key].as_u64().unwrap();
        let gone = count("completed") + count("left_without_being_seen") + count("still_inside");
        assert_eq!(count("arrived"), gone, "{scenario}");
        let measure_of =
            |id: String| result["measures"].as_array().unwrap().iter().find(move |one| one["id"] == *id);
        for station in result["stations"].as_array().unwrap() {
            let id = station["id"].as_str().unwrap();
            for (figure, measure) in [
                (&station["queue_length"], "queue_length.mean"),
                (&station["utilisation_share"], "utilisation_share"),
                (&station["wait_time_s"]["mean"], "wait_time.mean"),
                (&station["wait_time_s"]["p90"], "wait_time.p90"),
            ] {
                if let Some(measure) = measure_of(format!("{id}.{measure}")) {
                    assert_eq!(figure, &measure["value"], "{scenario}: {id}: {measure}");
                }
            }
        }
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
    let first =
        onetrip(&["run", "erlang-a", "--set", "station.desk.servers=6", "--precision", "10%", "--json"])
            .json();
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
    onetrip(&["run", "mm1-pharmcy"])
        .refused(&["no scenario is called `mm1-pharmcy`", "did you mean `mm1-pharmacy`"]);
    onetrip(&["run", "no/such/file.toml"]).refused(&["cannot read the file `no/such/file.toml`"]);
}

#[test]
fn wrong_settings_are_answered_in_their_own_text() {
    onetrip(&["run", "mm1-pharmacy", "--set", "station.pharmacst.servers=2"])
        .refused(&["--set", "pharmacist"]);
    onetrip(&["run", "mm1-pharmacy", "--set", "station.pharmacist.servers=none"])
        .refused(&["servers", "whole number"]);
    onetrip(&["run", "mm1-pharmacy", "--set", "nonsense"])
        .refused(&["this is not an assignment", "PATH=VALUE"]);
    onetrip(&["run", "--precision", "5"]).refused(&["`5` is no precision", "accepted"]);
    onetrip(&["run", "--replications", "0"]).refused(&["--replications"]);
    onetrip(&["run", "--replications", "3", "--precision", "5%"]).refused(&["--precision"]);
    onetrip(&["run", "--nonsense"]).refused(&["--nonsense"]);
}

#[test]
fn targets_are_asked_of_hospitals_only() {
    onetrip(&["run", "mm1-pharmacy", "--targets", "shaoxing-2018"])
        .refused(&["is a plain network", "accepted"]);
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
    assert_eq!(output.status.code(), Some(130));
    let result: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(result["run"]["cut_short"], true);
    let done = result["run"]["replications"].as_u64().unwrap();
    assert!((1..4_000_000).contains(&done), "{done}");
    assert_eq!(
        result["accounting"]["arrived"].as_u64().unwrap(),
        result["accounting"]["completed"].as_u64().unwrap()
    );

    // One replication of a day that is far too long to finish: only a second interrupt ends it.
    let endless = ["run", "mm1-simmer", "--set", "run.horizon=36500 days", "--replications", "1"];
    let child = program(&endless).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    sleep(Duration::from_millis(700));
    interrupt(child.id());
    sleep(Duration::from_millis(300));
    interrupt(child.id());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    assert!(output.stdout.is_empty());
}

#[test]
fn a_region_runs_like_a_hospital_and_keeps_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["run", "hangzhou-city", "--out", "day", "--json"];
    let result = onetrip_in(folder.path(), &arguments).json();
    let validator = jsonschema::validator_for(&onetrip(&["schema", "region-result"]).json()).unwrap();
    let mistakes: Vec<String> = validator.iter_errors(&result).map(|error| error.to_string()).collect();
    assert!(mistakes.is_empty(), "{mistakes:?}");
    let accounting = &result["accounting"];
    let of = |key: &str| accounting[key].as_u64().unwrap();
    assert_eq!(of("arrived"), of("completed") + of("left_without_being_seen") + of("still_inside"));
    let day = folder.path().join("day");
    let page = fs::read_to_string(day.join("report.html")).unwrap();
    says(&page, &["Municipal hospitals", "市属医院", "Area 16", "onetrip run hangzhou-city --rng-seed 1"]);
    let items = result["methods"]
        .as_array()
        .unwrap()
        .iter()
        .map(|section| section["items"].as_array().unwrap().len());
    assert_eq!(items.sum::<usize>(), 24);
    says(&page, &["STRESS-DES", "23 County hospitals (`county-2016`)", "县级医院23家（`county-2016`）"]);
    let lines = |name: &str| fs::read_to_string(day.join(name)).unwrap().lines().count();
    assert_eq!((lines("facilities.csv"), lines("parts.csv")), (1 + 3, 1 + 16));
    // A folder of a hospital's run is not replaced by a region's, nor the other way round.
    onetrip_in(folder.path(), &["run", "village-clinic", "--replications", "2", "--out", "day"])
        .refused(&["facilities.csv"]);
}
