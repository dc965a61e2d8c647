//! `onetrip check` and `onetrip schema`.

use crate::program::{onetrip, onetrip_in, says};
use serde_json::json;
use std::fs;

#[test]
fn files_of_every_kind_can_be_checked() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, arguments: &[&str]| {
        fs::write(folder.path().join(name), onetrip(arguments).done()).unwrap();
    };
    write("pharmacy.toml", &["show", "mm1-pharmacy", "--toml"]);
    write("answers.toml", &["targets", "shaoxing-2018", "--form"]);
    fs::copy("../seeds/ningbo-2016.toml", folder.path().join("ningbo-2016.toml")).unwrap();
    let checked = |name: &str| onetrip_in(folder.path(), &["check", name]).done();
    says(&checked("pharmacy.toml"), &["pharmacy.toml: a scenario of 1 station, with"]);
    says(&checked("answers.toml"), &["answers.toml: ", "answers to `shaoxing-2018`"]);
    says(&checked("ningbo-2016.toml"), &["a target document of 8 items"]);
}

#[test]
fn mistakes_are_listed_for_people_and_for_programs() {
    let folder = tempfile::tempdir().unwrap();
    let text = onetrip(&["show", "mm1-pharmacy", "--toml"]).done();
    fs::write(folder.path().join("wrong.toml"), text.replace("servers = 1", "servers = \"many\"")).unwrap();
    onetrip_in(folder.path(), &["check", "wrong.toml"]).refused(&[
        "wrong.toml:18:",
        "servers",
        "many",
        "accepted",
    ]);

    let ended = onetrip_in(folder.path(), &["check", "wrong.toml", "--json"]);
    assert_eq!(ended.code, Some(2));
    let found: serde_json::Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(found["usable"], false);
    assert_eq!(found["findings"][0]["line"], 18);
    assert_eq!(found["findings"][0]["file"], "wrong.toml");

    let sound = onetrip_in(folder.path(), &["check", "missing.toml"]);
    sound.refused(&["cannot read the file `missing.toml`"]);
    fs::write(folder.path().join("wide.toml"), [0xff, 0xfe, 0x66, 0x00]).unwrap();
    onetrip_in(folder.path(), &["check", "wide.toml"])
        .refused(&["`wide.toml` is UTF-16 text", "saved as UTF-8"]);
    // 名 in GBK.
    fs::write(folder.path().join("gbk.toml"), b"a = 1\nb = \"\xc3\xfb\"").unwrap();
    onetrip_in(folder.path(), &["check", "gbk.toml"])
        .refused(&["`gbk.toml`, line 2: not UTF-8 text, from byte 11 on", "saved as UTF-8"]);
    fs::write(folder.path().join("empty.toml"), "").unwrap();
    onetrip_in(folder.path(), &["check", "empty.toml"]).refused(&[
        "`format` is missing",
        "network/1",
        "hospital/1",
        "region/1",
        "onetrip-targets-1",
        "onetrip-answers-1",
    ]);
    fs::write(folder.path().join("answers.toml"), onetrip(&["targets", "ningbo-2016", "--form"]).done())
        .unwrap();
    onetrip_in(folder.path(), &["run", "answers.toml"])
        .refused(&["this is a file of answers, where a scenario is wanted", "goes behind `--answers`"]);
}

#[test]
fn a_sound_file_has_no_findings() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.toml"), onetrip(&["show", "erlang-a", "--toml"]).done()).unwrap();
    let checked = onetrip_in(folder.path(), &["check", "a.toml", "--json"]).json();
    assert_eq!(checked, json!({ "usable": true, "findings": [] }));
}

#[test]
fn every_schema_is_a_json_schema() {
    let of_input = ["hospital", "network", "region", "targets", "answers", "journey"];
    let of_results =
        ["result", "region-result", "comparison", "sizing", "inspection", "why", "sweep", "stress", "load"];
    for format in of_input.into_iter().chain(of_results) {
        let schema = onetrip(&["schema", format]).json();
        assert!(jsonschema::meta::is_valid(&schema), "{format}");
        assert_eq!(schema["type"], "object", "{format}");
    }
    onetrip(&["schema", "hospitl"]).refused(&["hospitl"]);
}

#[test]
fn shipped_scenarios_satisfy_their_schema() {
    let of_scenarios = [
        ("network", "mm1-pharmacy"),
        ("network", "cafe-jackson"),
        ("network", "morning-clinic"),
        ("hospital", "hangzhou-2018-06"),
        ("region", "zhejiang-day"),
    ];
    for (format, scenario) in of_scenarios {
        let schema = onetrip(&["schema", format]).json();
        let validator = jsonschema::validator_for(&schema).unwrap();
        let text = onetrip(&["show", scenario, "--toml"]).done();
        let table: toml::Table = toml::from_str(&text).unwrap();
        let value = serde_json::to_value(table).unwrap();
        let mistakes: Vec<String> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
        assert!(mistakes.is_empty(), "{scenario}: {mistakes:?}");
    }
}
