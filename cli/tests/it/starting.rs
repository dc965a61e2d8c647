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

/// The remarks are in the person's language, and all else is the same but for texts in files.
#[test]
fn a_new_file_is_remarked_in_chinese_too() {
    let folder = tempfile::tempdir().unwrap();
    for (kind, name) in [(vec![], "hospital"), (vec!["--network"], "clinic")] {
        let write = |language: &str| -> (String, serde_json::Value) {
            let file = format!("{name}.toml");
            let arguments = [vec!["new", name, "--lang", language], kind.clone()].concat();
            onetrip_in(folder.path(), &arguments).done();
            let numbers = onetrip_in(folder.path(), &["show", &file, "--json"]).json()["numbers"].take();
            let text = fs::read_to_string(folder.path().join(&file)).unwrap();
            fs::remove_file(folder.path().join(file)).unwrap();
            (text, numbers)
        };
        let ((english, numbers), (chinese, same)) = (write("en"), write("zh"));
        let values = |numbers: &serde_json::Value| -> Vec<(String, String)> {
            let of = |one: &serde_json::Value, key: &str| one[key].as_str().unwrap().to_owned();
            numbers.as_array().unwrap().iter().map(|one| (of(one, "path"), of(one, "value"))).collect()
        };
        assert_eq!(values(&numbers), values(&same));
        assert!(values(&numbers).len() > 10);
        let remarks = |text: &str| text.lines().filter(|line| line.contains("# ")).count();
        assert!(remarks(&chinese) + 2 >= remarks(&english), "{chinese}");
        assert!(chinese.lines().next().unwrap().contains("。"), "{chinese}");
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
