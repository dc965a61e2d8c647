//! What `onetrip load` says before it sends anything.

use crate::program::{onetrip_in, says};

const CROWD: [&str; 8] = ["--journey", "desk", "--rate", "360", "--speed", "60", "--for", "10min"];

#[test]
fn a_plan_says_how_many_it_sends_and_how_long_that_takes() {
    let folder = tempfile::tempdir().unwrap();
    let plan = |more: &[&str]| {
        let arguments = [&["load", "plan"], &CROWD[..], more].concat();
        onetrip_in(folder.path(), &arguments).done()
    };
    says(&plan(&[]), &["patients, ", "steps, about ", " s"]);
    says(&plan(&["--lang", "zh"]), &["名患者，", "个步骤，约 ", " 秒"]);
}

#[test]
fn no_edge_is_looked_for_by_trials_that_a_system_can_put_off() {
    let folder = tempfile::tempdir().unwrap();
    let target = ["load", "run", "--target", "http://127.0.0.1:9", "--find-capacity", "p99 <= 1 s"];
    let arguments = [&target[..], &CROWD[..6], &["--for", "30 s"]].concat();
    onetrip_in(folder.path(), &arguments).refused(&["--for is too short at --speed 60", "60 s or more"]);
    assert!(folder.path().read_dir().unwrap().next().is_none());
}
