//! `onetrip why` as a person runs it.

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

const TOWNSHIP: [&str; 6] = ["why", "township", "--replications", "3", "--rng-seed", "7"];

fn township(more: &[&str]) -> Vec<&'static str> {
    let more: Vec<&'static str> =
        more.iter().map(|word| &*Box::leak((*word).to_owned().into_boxed_str())).collect();
    TOWNSHIP.into_iter().chain(more).collect()
}

fn list<'a>(value: &'a Value, key: &str) -> &'a Vec<Value> {
    value[key].as_array().unwrap_or_else(|| panic!("`{key}` is a list"))
}

fn micros<'a>(parts: impl IntoIterator<Item = &'a Value>) -> u64 {
    parts.into_iter().map(|part| part["time_us"].as_u64().expect("whole microseconds")).sum()
}

#[test]
fn causes_stations_hours_classes_and_steps_add_up_to_the_microsecond() {
    for arguments in [township(&["--json"]), vec!["why", "morning-clinic", "--replications", "2", "--json"]] {
        let document = json(&arguments);
        let inside = document["visits"]["sojourn_us"].as_u64().expect("a sum");
        assert!(inside > 0);
        assert_eq!(micros(list(&document, "causes")), inside);
        for by in ["stations", "hours", "classes"] {
            let all = list(&document, by).iter().flat_map(|part| list(part, "causes"));
            assert_eq!(micros(all), inside, "{by}");
        }
        assert_eq!(list(&document, "told").len(), 2);
        for told in list(&document, "told") {
            let steps = list(told, "steps");
            assert_eq!(micros(steps), told["sojourn_us"].as_u64().expect("a sum"));
            assert_eq!(steps.first().expect("a step")["from_s"], told["arrived_at_s"]);
            assert_eq!(steps.last().expect("a step")["to_s"], told["left_at_s"]);
            assert!(steps.windows(2).all(|pair| pair[0]["to_s"] == pair[1]["from_s"]));
        }
        let means: f64 =
            list(&document, "causes").iter().filter_map(|cause| cause["time_s"]["value"].as_f64()).sum();
        let mean = document["visits"]["sojourn_s"]["value"].as_f64().expect("a mean");
        assert!((means - mean).abs() < 1e-6, "{means} {mean}");
    }
}

#[test]
fn the_json_has_the_schema_that_is_published() {
    let schema = json(&["schema", "why"]);
    let validator = jsonschema::validator_for(&schema).expect("the schema is one");
    for arguments in
        [township(&["--json"]), vec!["why", "mm1-pharmacy", "--replications", "2", "--by", "wait", "--json"]]
    {
        let errors: Vec<String> =
            validator.iter_errors(&json(&arguments)).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:?}");
    }
    assert!(!validator.is_valid(&serde_json::json!({ "format": "onetrip-why/1" })));
}

#[test]
fn it_is_said_in_both_languages() {
    let english = text(&onetrip(&township(&[])).stdout);
    for said in ["inside, a mean visit loses", "By station", "By hour", "The median visit", "leaves"] {
        assert!(english.contains(said), "{said}\n{english}");
    }
    let chinese = text(&onetrip(&township(&["--lang", "zh"])).stdout);
    for said in ["按站点", "按时段", "在院时间居中的就诊", "排在他人之后", "离院"] {
        assert!(chinese.contains(said), "{said}\n{chinese}");
    }
}

#[test]
fn the_command_in_the_document_repeats_it_to_the_bit_on_any_number_of_threads() {
    let document = json(&township(&["--threads", "2", "--json"]));
    let command = document["run"]["command"].as_str().expect("a command");
    let shell = format!("{command} --threads 1 --json").replacen("onetrip", env!("CARGO_BIN_EXE_onetrip"), 1);
    let output = Command::new("sh").args(["-c", &shell]).output().expect("a shell runs");
    let again: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(document, again);
}

#[test]
fn a_patient_of_the_first_day_is_told_under_the_name_of_the_table_of_visits() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().join("run").display().to_string();
    let run = ["run", "township", "--replications", "1", "--rng-seed", "7", "--out", &place];
    assert!(onetrip(&run).status.success());
    let table = std::fs::read_to_string(format!("{place}/visits.csv")).expect("a table");
    let cells: Vec<Vec<&str>> = table.lines().map(|line| line.split(',').collect()).collect();
    let column = |name: &str| cells[0].iter().position(|known| *known == name).expect("a column");
    let row = cells[1..].iter().find(|row| row[column("outcome")] == "completed").expect("a visit");
    let patient = format!("{}:{}", row[column("source")], row[column("number")]);
    let document = json(&township(&["--patient", &patient, "--json"]));
    let told = list(&document, "told").last().expect("the one asked for");
    assert_eq!(told["teller"], "asked");
    let seconds = |name: &str| row[column(name)].parse::<f64>().expect("a number");
    assert_eq!(told["sojourn_s"].as_f64(), Some(seconds("sojourn_time_s")));
    let queueing = list(told, "steps").iter().filter(|step| {
        ["behind_others", "overtaken", "not_open_yet", "off_duty", "machine_down"]
            .contains(&step["cause"].as_str().expect("a word"))
    });
    let queueing = micros(queueing) as f64 / 1e6;
    assert!((queueing - seconds("queueing_time_s")).abs() < 1e-6, "{queueing}");
}

#[test]
fn bad_input_ends_with_exit_code_2_and_what_would_be_accepted() {
    for (arguments, expected) in [
        (vec!["why", "townshp"], "did you mean `township`"),
        (township(&["--patient", "17"]), "`walk_ins`"),
        (township(&["--patient", "nobody:1"]), "SOURCE:NUMBER"),
        (township(&["--patient", "walk_ins:9999999"]), "accepted: one of the"),
        (township(&["--by", "luck"]), "sojourn"),
        (vec!["why", "mm1-pharmacy", "--replications", "1", "--patient", "one"], "SOURCE:NUMBER"),
        (vec!["why", "township", "--out", env!("CARGO_MANIFEST_DIR")], "which no explanation wrote"),
    ] {
        let output = onetrip(&arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
        assert!(text(&output.stderr).contains(expected), "{arguments:?}: {}", text(&output.stderr));
    }
}

#[test]
fn the_folder_holds_page_table_json_and_plots() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().join("new").display().to_string();
    for _ in 0..2 {
        let output = onetrip(&township(&["--out", &place]));
        assert!(output.status.success(), "{}", text(&output.stderr));
    }
    let read = |name: &str| std::fs::read_to_string(format!("{place}/{name}")).expect("a file");
    let page = read("why.html");
    for part in ["lang=\"zh\"", "<svg", "STRESS-DES", "关键路径", "onetrip why township"] {
        assert!(page.contains(part), "{part}");
    }
    assert!(!page.contains("<script") && !page.contains("http-equiv"));
    let parsed: Value = serde_json::from_str(&read("why.json")).expect("JSON");
    assert_eq!(parsed["format"], "onetrip-why/1");
    let inside = parsed["visits"]["sojourn_us"].as_u64().expect("a sum");
    let table = read("why.csv");
    let header: Vec<&str> = table.lines().next().expect("a header").split(',').collect();
    assert_eq!(&header[4..6], ["cause", "time_us"]);
    let all = table.lines().skip(1).filter(|line| line.starts_with("all,"));
    let sum: u64 =
        all.map(|line| line.split(',').nth(5).expect("a cell").parse::<u64>().expect("a number")).sum();
    assert_eq!(sum, inside);
    for plot in ["stations", "hours", "median-visit", "worst-visit"] {
        for language in ["en", "zh"] {
            assert!(read(&format!("{plot}.{language}.svg")).starts_with("<svg"), "{plot} {language}");
        }
    }
}
