//! `kill -9` in mid-load: what the desk acknowledged is there afterwards, and retries with the same key settle what was
//! unknown. The desk runs in a process of its own, which is this test program started again.

use crate::desk::{QUICK, SPEED};
use crate::ground::{crowd_in_haste, send_to, shipped};
use onetrip_desk::{Database, Desk, Options};
use onetrip_history::{Language, LogReader, Outcome, Record};
use onetrip_load::plan::Arrivals;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

const DATABASE: &str = "ONETRIP_TEST_DESK_DATABASE";
const LISTEN: &str = "ONETRIP_TEST_DESK_LISTEN";

/// Serves where the environment asks for it; otherwise there is nothing to do.
#[test]
fn desk_process() {
    let (Ok(database), Ok(listen)) = (std::env::var(DATABASE), std::env::var(LISTEN)) else { return };
    let mut options = Options::new(Database::Sqlite(PathBuf::from(database)));
    options.listen = listen.parse().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime
        .block_on(Desk::serve(options, |address| {
            let mut out = std::io::stdout();
            writeln!(out, "\nserving {address}").and_then(|()| out.flush()).unwrap();
        }))
        .unwrap();
}

struct DeskProcess {
    child: Child,
    address: SocketAddr,
}

impl DeskProcess {
    fn start(database: &Path, listen: SocketAddr) -> DeskProcess {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "crash::desk_process", "--nocapture"])
            .env(DATABASE, database)
            .env(LISTEN, listen.to_string())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = lines
            .find_map(|line| line.unwrap().strip_prefix("serving ").map(|text| text.parse().unwrap()))
            .unwrap();
        DeskProcess { child, address }
    }

    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for DeskProcess {
    fn drop(&mut self) {
        // It may be dead already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_desk_killed_in_mid_load_loses_nothing_it_acknowledged() {
    let folder = TempDir::new().unwrap();
    let database = folder.path().join("desk.sqlite");
    let mut desk = DeskProcess::start(&database, "127.0.0.1:0".parse().unwrap());
    let address = desk.address;
    let mut set = QUICK.to_vec();
    set.extend(["retries=9", "patience=\"10 min\"", "timeout=\"5 s\"", "step.pay.again=\"30 %\""]);
    let journey = shipped("desk", &set);
    let plan = crowd_in_haste(&journey, 150, 4_000_000, (Arrivals::Poisson, 12), SPEED);
    let killing = tokio::task::spawn_blocking(move || {
        for _ in 0..2 {
            std::thread::sleep(Duration::from_millis(1_500));
            desk.kill();
            desk = DeskProcess::start(&database, address);
        }
        desk
    });
    let judged = send_to(&format!("http://{address}"), &journey, plan).await;
    drop(killing.await.unwrap());
    let text = judged.report.text(Language::English);
    assert_eq!(judged.record.failures, Vec::<String>::new());
    assert_eq!(judged.report.violation_count(), 0, "{text}");
    let mut log = LogReader::new(&judged.record.log[..]).unwrap();
    let mut is_known: BTreeMap<String, bool> = BTreeMap::new();
    let mut lost_count = 0;
    while let Some(record) = log.next_record().unwrap() {
        let Record::Operation(operation) = record else { continue };
        let known = matches!(operation.outcome, Outcome::Ok(_) | Outcome::Refused(..));
        lost_count += u64::from(!known);
        if let Some(key) = operation.key {
            *is_known.entry(key.to_string()).or_default() |= known;
        }
    }
    assert!(lost_count > 0, "the kill hit nobody");
    let unresolved: Vec<&String> =
        is_known.iter().filter(|(_, known)| !**known).map(|(key, _)| key).collect();
    assert!(unresolved.is_empty(), "{unresolved:?}");
}
