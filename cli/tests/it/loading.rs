//! What `onetrip load` says before it sends anything.

use crate::program::{ended, onetrip_in, program, says};
use std::process::Command;

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

#[test]
fn a_machine_without_sockets_left_makes_the_run_void() {
    let folder = tempfile::tempdir().unwrap();
    // A server whose system takes connections, and that answers none.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let journey = "format = \"journey/1\"\nname = \"one\"\ntimeout = \"1 s\"\nretries = 0\n\
                   [[step]]\nname = \"ask\"\naction = \"other\"\npath = \"/\"\n";
    std::fs::write(folder.path().join("one.toml"), journey).unwrap();
    let arguments =
        ["load", "run", "--journey", "one.toml", "--rate", "360000", "--for", "1 s", "--target", &url];
    let with_files = |limits: &str| {
        let program = program(&arguments);
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("{limits} && exec \"$@\""), "sh"]).arg(program.get_program());
        ended(shell.args(program.get_args()).current_dir(folder.path()).output().unwrap())
    };
    let few = with_files("ulimit -n 64");
    assert_eq!(few.code, Some(3), "{}{}", few.out, few.remarks);
    says(&few.out, &["requests were not sent", "no socket left", "ulimit -Hn"]);
    // What the program may raise itself is no limit.
    let raised = with_files("ulimit -Sn 64");
    assert_ne!(raised.code, Some(3), "{}{}", raised.out, raised.remarks);
    assert!(!raised.out.contains("not-sent"), "{}", raised.out);
}
