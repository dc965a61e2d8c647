//! `onetrip new`.

use crate::program::{onetrip_in, says};
use std::fs;

#[test]
fn a_new_file_is_sound_runs_and_carries_remarks() {
    let folder = tempfile::tempdir().unwrap();
    let starts = [
        (vec!["new", "hospital"], "hospital.toml"),
        (vec!["new", "clinic", "--network"], "clinic.toml"),
        (vec!["new", "mine.toml", "--from", "erlang-a"], "mine.toml"),
        (vec!["new", "december", "--from", "hangzhou-2018-12"], "december.toml"),
    ];
    for (arguments, file) in starts {
        says(&onetrip_in(folder.path(), &arguments).done(), &[file, "onetrip check", "onetrip run"]);
        onetrip_in(folder.path(), &["check", file]).done();
        says(
            &onetrip_in(folder.path(), &["run", file, "--replications", "3"]).done(),
            &["3 replications", "came in"],
        );
    }
    for file in ["hospital.toml", "clinic.toml"] {
        let text = fs::read_to_string(folder.path().join(file)).unwrap();
        assert!(text.lines().filter(|line| line.contains("# ")).count() >= 15, "{file}");
    }
}

#[test]
fn a_file_that_is_there_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("clinic.toml");
    fs::write(&path, "mine").unwrap();
    onetrip_in(folder.path(), &["new", "clinic"]).refused(&["`clinic.toml` is there already"]);
    assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
    onetrip_in(folder.path(), &["new", "other", "--from", "clinc"])
        .refused(&["no scenario is called `clinc`"]);
    assert!(!folder.path().join("other.toml").exists());
    onetrip_in(folder.path(), &["new", "no/such/folder/clinic"]).refused(&["cannot write the file"]);
}
