//! The examples in the help texts do what they say: those that take no long work and no server are run as they stand.

#[path = "../../src/examples.rs"]
mod calls;

use crate::program::{onetrip, program};
use calls::calls_in_lines;
use std::path::Path;

/// How the examples of a study are cut short: what is put in the place of what they say, or behind it.
const SHORT: [(&str, &[(&str, &str)]); 6] = [
    ("compare", &[("--replications", "2")]),
    ("why", &[("--replications", "2")]),
    ("sweep", &[("--replications", "1"), ("--points", "2")]),
    ("inspect", &[("--replications", "2")]),
    ("size", &[("--at-most", "20"), ("--time-limit", "0.2 s")]),
    ("stress", &[("--replications", "3")]),
];

/// Commands whose examples take a moment.
const QUICK: [&str; 9] =
    ["scenarios", "show", "new", "check", "targets", "explain", "schema", "completions", "run"];

fn examples_of(command: &str) -> Vec<Vec<String>> {
    let help = onetrip(&[command, "--help"]).done();
    let (_, examples) = help.split_once("Examples:\n").unwrap();
    calls_in_lines(examples)
}

/// Runs an example in a folder where the files are that it speaks of; a run is cut to two replications.
fn run(example: &[String], folder: &Path) {
    let mut words: Vec<&str> = example[1..].iter().map(String::as_str).collect();
    let is_sized = words.iter().any(|word| ["--replications", "--precision"].contains(word));
    if words[0] == "run" && !is_sized {
        words.extend(["--replications", "2"]);
    }
    let ended = program(&words).current_dir(folder).output().unwrap();
    // 1 is no mistake: with --require-targets it says that one is missed. 130 says that a time limit came too early.
    let is_limited = words.contains(&"--time-limit");
    let is_done =
        matches!(ended.status.code(), Some(0 | 1)) || is_limited && ended.status.code() == Some(130);
    assert!(is_done, "{}\n{}", example.join(" "), String::from_utf8_lossy(&ended.stderr));
}

/// An example of a study with less work to do.
fn cut_short(example: &[String], shorter: &[(&str, &str)]) -> Vec<String> {
    let has = |word: &str| example.iter().any(|known| known == word);
    let mut words = example.to_vec();
    for &(flag, value) in shorter {
        let is_search = has("--demand") && flag == "--replications";
        let is_grid = flag == "--points" && !has("--sensitivity") && !has("--design");
        match words.iter().position(|word| word == flag) {
            Some(at) => words[at + 1] = value.to_owned(),
            None if is_search => words.extend(["--time-limit", "0.2 s"].map(str::to_owned)),
            None if is_grid => {}
            None => words.extend([flag, value].map(str::to_owned)),
        }
    }
    if example[1] == "inspect" {
        words.push("--no-search".to_owned());
    }
    words
}

/// Runs the examples of studies, cut short, those of each command in a folder of their own, and gives back how many there are.
fn run_cut_short(commands: &[&str]) -> usize {
    let form = onetrip(&["targets", "shaoxing-2018", "--form", "--class", "county"]).done();
    let mut count = 0;
    for (command, shorter) in SHORT.iter().filter(|(command, _)| commands.contains(command)) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("answers.toml"), &form).unwrap();
        run(&["onetrip", "new", "clinic"].map(str::to_owned), folder.path());
        for example in examples_of(command).iter().filter(|example| example[1] == *command) {
            run(&cut_short(example, shorter), folder.path());
            count += 1;
        }
    }
    count
}

#[test]
fn examples_of_studies_are_accepted_and_come_to_an_end() {
    let count = run_cut_short(&["compare", "why", "size"]);
    assert!(count >= 15, "{count} examples");
}

#[test]
fn examples_of_larger_studies_are_accepted_and_come_to_an_end() {
    let count = run_cut_short(&["sweep", "stress", "inspect"]);
    assert!(count >= 15, "{count} examples");
}

#[test]
fn quick_examples_of_the_help_run_as_they_stand() {
    let folder = tempfile::tempdir().unwrap();
    let form = onetrip(&["targets", "shaoxing-2018", "--form", "--class", "county"]).done();
    std::fs::write(folder.path().join("answers.toml"), form).unwrap();
    let mut count = 0;
    for command in QUICK {
        for example in examples_of(command) {
            // `onetrip new` leaves alone what is there already.
            if example[1] == "new" {
                let _ = std::fs::remove_file(folder.path().join(format!("{}.toml", example[2])));
            }
            if example[1] == "check" && !folder.path().join(&example[2]).exists() {
                run(&["onetrip", "new", &example[2]].map(str::to_owned), folder.path());
            }
            run(&example, folder.path());
            count += 1;
        }
    }
    assert!(count >= 25, "{count} examples");
}
