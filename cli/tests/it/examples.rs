//! The examples in the help texts do what they say: those that take no long work and no server are run as they stand.

#[path = "../../src/examples.rs"]
mod calls;

use crate::program::{onetrip, program};
use calls::calls_in_lines;
use std::path::Path;

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
    // 1 is no mistake: with --require-targets it says that one is missed.
    let is_done = matches!(ended.status.code(), Some(0 | 1));
    assert!(is_done, "{}\n{}", example.join(" "), String::from_utf8_lossy(&ended.stderr));
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
