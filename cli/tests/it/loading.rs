//! `onetrip load` and `onetrip desk` as processes: what is said before anything is sent, and what limits of the system do.

use crate::program::{ended, onetrip_in, program, says};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

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
fn a_plan_in_which_nobody_comes_is_refused_and_not_written() {
    let folder = tempfile::tempdir().unwrap();
    let wrong = [
        (&["township", "--from", "10:00", "--to", "09:00"][..], "--from before --to"),
        (
            &["township", "--from", "26:00"],
            "`--from <TIME>` does not accept `26:00`; accepted: a time of day",
        ),
        (&["--rate", "60", "--for", "1 ms"], "a longer --for"),
        (&["--rate", "0"], "`--rate <PATIENTS>` does not accept `0`; accepted: a number above 0"),
        (
            &["--rate", "60", "--for", "5"],
            "`--for <TIME>` does not accept `5`; accepted: a duration with its unit",
        ),
    ];
    for (more, said) in wrong {
        let arguments = [&["load", "plan", "--journey", "desk", "--plan-out", "plan"], more].concat();
        onetrip_in(folder.path(), &arguments).refused(&[said]);
    }
    assert!(folder.path().read_dir().unwrap().next().is_none());
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
    // How late a busy machine sends is not the question here.
    let arguments = [
        &["load", "run", "--journey", "one.toml", "--rate", "360000", "--for", "1 s"][..],
        &["--lag-bound", "1 min", "--target", &url],
    ]
    .concat();
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

#[test]
fn the_desk_serves_more_connections_than_it_was_started_for() {
    let folder = tempfile::tempdir().unwrap();
    let program = program(&["desk", "--listen", "127.0.0.1:0"]);
    let mut shell = Command::new("sh");
    shell.args(["-c", "ulimit -Sn 64 && exec \"$@\"", "sh"]).arg(program.get_program());
    shell.args(program.get_args()).current_dir(folder.path()).stdout(Stdio::piped());
    let mut desk = Killed(shell.spawn().unwrap());
    let mut line = String::new();
    BufReader::new(desk.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.trim().strip_prefix("http://").unwrap();
    // All of them stay open until the last is answered.
    let mut crowd = Vec::new();
    for _ in 0..200 {
        let mut connection = TcpStream::connect(address).unwrap();
        connection.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        connection.write_all(b"GET /healthz HTTP/1.1\r\nHost: desk\r\n\r\n").unwrap();
        crowd.push(connection);
    }
    for (index, connection) in crowd.iter_mut().enumerate() {
        let mut start = [0; 12];
        connection.read_exact(&mut start).unwrap_or_else(|error| panic!("connection {index}: {error}"));
        assert_eq!(&start, b"HTTP/1.1 200");
    }
}

/// A process that is gone when the test is.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        // It may have ended on its own.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
