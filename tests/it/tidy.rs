//! The house rules that a machine can read: every file begins with what it is, none is long, one word per concept, no
//! `unsafe`, nothing left for later.

use std::path::{Path, PathBuf};

/// A file is read in one sitting.
const MOST_LINES: usize = 600;

/// Words that are not said here, and what is said instead (`docs/glossary.md`, British spelling).
const NOT_SAID: [(&str, &str); 14] = [
    ("utilization", "utilisation"),
    ("baulk", "balk"),
    ("behavior", "behaviour"),
    ("random seed", "rng seed"),
    ("Random seed", "rng seed"),
    ("random_seed", "rng_seed"),
    ("warmup", "warm_up"),
    ("waiting_time", "wait_time"),
    ("time_in_system", "sojourn_time"),
    ("TODO", "an issue"),
    ("todo!(", "the thing itself"),
    ("unimplemented!(", "the thing itself"),
    ("FIXME", "an issue"),
    ("dbg!(", "nothing"),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().expect("the repository")
}

/// All files under the root with one of these endings, but what is built or brought in: path from the root, and text.
fn files(endings: &[&str]) -> Vec<(String, String)> {
    let root = root();
    let (mut folders, mut found) = (vec![root.clone()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("readable").flatten() {
            let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
            if name.starts_with('.') || name == "target" || name == "node_modules" {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| endings.iter().any(|one| ending == *one)) {
                let from_root = path.strip_prefix(&root).expect("under the root");
                let place = from_root.to_string_lossy().replace('\\', "/");
                found.push((place, std::fs::read_to_string(&path).expect("UTF-8")));
            }
        }
    }
    assert!(found.len() > 20, "the repository is not found under {}", root.display());
    found.sort();
    found
}

fn report(what: &str, found: &[String]) {
    assert!(found.is_empty(), "{what}:\n{}", found.join("\n"));
}

#[test]
fn every_file_begins_with_what_it_is() {
    let bare = files(&["rs"]).into_iter().filter(|(_, text)| !text.starts_with("//!"));
    report("no `//!` in the first line", &bare.map(|(place, _)| place).collect::<Vec<_>>());
}

#[test]
fn no_file_is_long() {
    let lengths = files(&["rs"]).into_iter().map(|(place, text)| (place, text.lines().count()));
    let long = lengths.filter(|&(_, lines)| lines > MOST_LINES);
    let long = long.map(|(place, lines)| format!("{place}: {lines} lines"));
    report("longer than a sitting", &long.collect::<Vec<_>>());
}

#[test]
fn one_word_is_said_for_one_thing() {
    let mut found = Vec::new();
    for (place, text) in files(&["rs", "md", "html"]) {
        if place == "tests/it/tidy.rs" {
            continue;
        }
        for (line, number) in text.lines().zip(1..) {
            for (word, instead) in NOT_SAID.iter().filter(|(word, _)| line.contains(word)) {
                found.push(format!("{place}:{number}: `{word}`; said here: {instead}"));
            }
        }
    }
    report("words of others", &found);
}

#[test]
fn nothing_is_unsafe() {
    let mut found = Vec::new();
    for (place, text) in files(&["rs"]).into_iter().filter(|(place, _)| place != "tests/it/tidy.rs") {
        for (line, number) in text.lines().zip(1..) {
            let code = line.split("//").next().unwrap_or_default();
            if code.contains("unsafe {") || code.contains("unsafe fn") || code.contains("unsafe impl") {
                found.push(format!("{place}:{number}"));
            }
        }
    }
    report("unsafe", &found);
}
