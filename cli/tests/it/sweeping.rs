//! `onetrip sweep`: the table, the plots, the sensitivities, and taking up again what was broken off.

use crate::program::{ended, onetrip, program, says};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const JOURNAL: &str = "journal.txt";

fn words<'a>(words: &'a [&'a str], more: &[&'a str]) -> Vec<&'a str> {
    words.iter().chain(more).copied().collect()
}

/// Six points of the pharmacy window: one or two pharmacists, three rates.
const PHARMACY: [&str; 9] = [
    "sweep",
    "mm1-pharmacy",
    "--vary",
    "station.pharmacist.servers=1..2",
    "--vary",
    "arrivals.cars.rate=6 per hour..10 per hour in 3",
    "--replications",
    "4",
    "--measures=pharmacist.wait_time.mean,pharmacist.utilisation_share",
];

#[test]
fn every_point_is_a_row_of_the_table_and_the_document_keeps_its_schema() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("rates");
    let document = onetrip(&words(&PHARMACY, &["--json", "--out", out.to_str().unwrap()])).json();
    let schema = onetrip(&["schema", "sweep"]).json();
    let errors: Vec<String> = jsonschema::validator_for(&schema)
        .unwrap()
        .iter_errors(&document)
        .map(|error| error.to_string())
        .collect();
    assert!(errors.is_empty(), "{errors:?}");
    let table = fs::read_to_string(out.join("sweep.csv")).unwrap();
    let mut lines = table.lines();
    assert_eq!(
        lines.next().unwrap(),
        "point,station.pharmacist.servers,arrivals.cars.rate_per_hour,measure,unit,mean,low,high,n"
    );
    let rows: Vec<Vec<&str>> = lines.map(|line| line.split(',').collect()).collect();
    assert_eq!(rows.len(), 6 * 2);
    assert_eq!(rows[2][..5], ["2", "1", "8", "pharmacist.wait_time.mean", "s"]);
    assert!(rows.iter().all(|row| row[8] == "4"));
    // 10 an hour of 3 min each keep one pharmacist busy half of the time, two a quarter.
    let busy = |row: &[&str]| row[5].parse::<f64>().unwrap();
    assert!((busy(&rows[5]) - 0.5).abs() < 0.03 && (busy(&rows[11]) - 0.25).abs() < 0.02, "{table}");
    assert_eq!(document["points"].as_array().unwrap().len(), 6);
    let page = fs::read_to_string(out.join("sweep.html")).unwrap();
    says(
        &page,
        &["What acts, and how much", "<svg", "What was measured", "Methods", "Common random numbers"],
    );
    for plot in ["heat-map-pharmacist.wait_time.mean.zh.svg", "lines-pharmacist.utilisation_share.en.svg"] {
        assert!(fs::read_to_string(out.join(plot)).unwrap().contains("</svg>"), "{plot}");
    }
}

#[test]
fn what_was_found_is_said_in_both_languages() {
    let english = onetrip(&PHARMACY).done();
    says(&english, &["grid · 6 points", "under the same luck", "pharmacist: number = 2", "All points"]);
    let chinese = onetrip(&words(&PHARMACY, &["--lang", "zh"])).done();
    says(&chinese, &["网格设计", "共用随机数", "介于", "全部设计点"]);
}

#[test]
fn all_mistakes_are_answered_before_any_run() {
    onetrip(&["sweep", "mm1-pharmacy", "--vary", "servers", "--vary", "a=3", "--vary", "b=9..3"]).refused(&[
        "--vary `servers`: there is no `=`",
        "`a=3`: `3` is a single value",
        "`b=9..3`: `9` is not below `3`",
    ]);
    let vary = |texts: &[&str]| {
        let varied = texts.iter().flat_map(|text| ["--vary", text]);
        onetrip(&["sweep", "mm1-pharmacy"].into_iter().chain(varied).collect::<Vec<_>>())
    };
    vary(&[
        "station.pharmacist.server=1..3",
        "arrivals.cars.rate=6..9",
        "station.pharmacist.service_time.mean=0 min,2 min",
    ])
    .refused(&["did you mean `servers`?", "6 has no unit", "0 min", "--vary"]);
    vary(&["station.pharmacist.servers=1..3", "station.pharmacist.servers=5..6"]).refused(&["varied twice"]);
    onetrip(&words(&PHARMACY, &["--points", "9"])).refused(&["`in N` behind a range"]);
    onetrip(&words(&PHARMACY, &["--sensitivity", "sobol", "--points", "9"])).refused(&["power of two"]);
    let wrong = ["--measures", "pharmacist.wait.mean"];
    onetrip(&words(&PHARMACY[..4], &wrong)).refused(&["no measure", "did you mean"]);
    onetrip(&["sweep", "county-2016", "--vary", "registration.kiosk.count=1..3"])
        .refused(&["counts nothing here", "registration.kiosks.count"]);
}

/// Runs that take some tens of milliseconds each.
fn slow<'a>(out: &'a str, threads: &'a str) -> Vec<&'a str> {
    words(&PHARMACY, &["--set", "run.horizon=600 days", "--out", out, "--threads", threads])
}

fn started(arguments: &[&str]) -> Child {
    program(arguments).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Waits until some runs are in the journal.
fn wait_for_runs(folder: &Path, count: usize) {
    for _ in 0..6_000 {
        let text = fs::read_to_string(folder.join(JOURNAL)).unwrap_or_default();
        if text.matches('\n').count() >= count {
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    panic!("no run was finished within 30 s");
}

/// All files of a folder but the journal, whose lines come in the order in which runs happened to finish. The command in
/// the document names no folder.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let name = |entry: &fs::DirEntry| entry.file_name().into_string().unwrap();
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap).filter(|entry| name(entry) != JOURNAL);
    entries.map(|entry| (name(&entry), fs::read(entry.path()).unwrap())).collect()
}

#[test]
fn a_killed_sweep_goes_on_and_ends_with_the_same_bytes_on_any_number_of_threads() {
    let folder = tempfile::tempdir().unwrap();
    let (whole, broken) = (folder.path().join("whole"), folder.path().join("broken"));
    onetrip(&slow(whole.to_str().unwrap(), "2")).done();
    let out = broken.to_str().unwrap();
    for count in [2, 7] {
        let mut child = started(&slow(out, "1"));
        wait_for_runs(&broken, count);
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(!broken.join("sweep.csv").exists(), "nothing is half written");
    }
    // A line that the crash cut off.
    let mut journal = fs::read(broken.join(JOURNAL)).unwrap();
    let kept = journal.iter().filter(|byte| **byte == b'\n').count();
    journal.extend(b"3 1 7");
    fs::write(broken.join(JOURNAL), journal).unwrap();
    let resumed = onetrip(&slow(out, "2"));
    says(&resumed.remarks, &[&format!("going on from before: {kept} runs")]);
    resumed.done();
    let (whole, broken) = (files(&whole), files(&broken));
    assert_eq!(whole.keys().collect::<Vec<_>>(), broken.keys().collect::<Vec<_>>());
    assert!(whole.len() > 10);
    for (name, bytes) in &whole {
        assert!(bytes == &broken[name], "{name} differs");
    }
}

#[cfg(unix)]
#[test]
fn ctrl_c_keeps_what_is_finished_and_says_how_to_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("rates");
    let child = started(&slow(out.to_str().unwrap(), "1"));
    wait_for_runs(&out, 1);
    let asked = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(asked.success());
    let ended = ended(child.wait_with_output().unwrap());
    assert_eq!(ended.code, Some(130), "{}", ended.remarks);
    says(&ended.remarks, &["stopping", "of 24 runs are kept in", "the same command goes on from there"]);
    assert!(!out.join("sweep.csv").exists());
}

#[test]
fn another_command_in_the_same_folder_is_refused_with_what_differs() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    onetrip(&words(&PHARMACY, &["--out", out])).done();
    onetrip(&words(&PHARMACY, &["--out", out, "--rng-seed", "2", "--days", "2"])).refused(&[
        "holds another sweep",
        "--rng-seed: 1 there, 2 here",
        "--days: 1 there, 2 here",
        "a new folder",
    ]);
    // The same command again finds everything done.
    let again = onetrip(&words(&PHARMACY, &["--out", out]));
    says(&again.remarks, &["24 runs are finished already"]);
    again.done();
}

/// Wait of M/M/1 in minutes: ρ·m/(1 − ρ) with ρ = λ·m.
fn wait(per_hour: f64, minutes: f64) -> f64 {
    let busy = per_hour / 60.0 * minutes;
    busy * minutes / (1.0 - busy)
}

/// First-order and total indices of the rate and of the service time, by quadrature over the two ranges.
fn exact_indices() -> [(f64, f64); 2] {
    const STEPS: usize = 400;
    let at = |low: f64, high: f64, index: usize| low + (high - low) * (index as f64 + 0.5) / STEPS as f64;
    let table: Vec<Vec<f64>> =
        (0..STEPS).map(|i| (0..STEPS).map(|j| wait(at(6.0, 12.0, i), at(2.0, 4.0, j))).collect()).collect();
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let variance = |values: &[f64]| {
        let centre = mean(values);
        values.iter().map(|value| (value - centre).powi(2)).sum::<f64>() / values.len() as f64
    };
    let by_rate: Vec<f64> = table.iter().map(|row| mean(row)).collect();
    let by_time: Vec<f64> =
        (0..STEPS).map(|j| mean(&table.iter().map(|row| row[j]).collect::<Vec<_>>())).collect();
    let all = variance(&table.concat());
    let (rate, time) = (variance(&by_rate) / all, variance(&by_time) / all);
    [(rate, 1.0 - time), (time, 1.0 - rate)]
}

const WHICH: [&str; 12] = [
    "sweep",
    "mm1-pharmacy",
    "--vary",
    "arrivals.cars.rate=6 per hour..12 per hour",
    "--vary",
    "station.pharmacist.service_time.mean=2 min..4 min",
    "--measures",
    "pharmacist.wait_time.mean",
    "--replications",
    "1",
    "--set",
    "run.horizon=200 days",
];

#[test]
fn sobol_indices_of_a_window_are_those_of_its_formula() {
    let document = onetrip(&words(&WHICH, &["--sensitivity", "sobol", "--points", "128", "--json"])).json();
    assert_eq!(document["points"].as_array().unwrap().len(), 128 * 4);
    let variables = document["sensitivities"][0]["variables"].as_array().unwrap();
    for (variable, (first, total)) in variables.iter().zip(exact_indices()) {
        for (figure, exact) in [(&variable["first"], first), (&variable["total"], total)] {
            let number = |key: &str| figure[key].as_f64().unwrap();
            assert!((number("value") - exact).abs() < 0.15, "{exact} {variable:#}");
            assert!(number("low") < exact && exact < number("high"), "{exact} {variable:#}");
        }
    }
}

#[test]
fn morris_ranks_the_variables_of_a_window_and_says_what_one_does_over_its_range() {
    let document = onetrip(&words(&WHICH, &["--sensitivity", "morris", "--points", "20", "--json"])).json();
    let effects = document["sensitivities"][0]["variables"].as_array().unwrap();
    let of = |variable: &Value, figure: &str| variable[figure]["value"].as_f64().unwrap() / 60.0;
    let absolute: Vec<f64> = effects.iter().map(|one| of(one, "mean_absolute_effect")).collect();
    // More arrivals and longer services lengthen the wait; the service time does so more.
    assert!(absolute[1] > absolute[0] && absolute[0] > 1.0, "{absolute:?}");
    for variable in effects {
        assert!(
            (of(variable, "mean_effect") - of(variable, "mean_absolute_effect")).abs() < 0.2,
            "{variable:#}"
        );
    }
    let text = onetrip(&words(&WHICH, &["--sensitivity", "morris", "--points", "4"])).done();
    says(&text, &["Morris screening", "what matters most is pharmacist: service time, mean", "μ*"]);
}
