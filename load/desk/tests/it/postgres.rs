//! The same on PostgreSQL: on the server that `ONETRIP_TEST_POSTGRES` names, or on one started here.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::ground::Ground;
use crate::races::{WAYS, Way, race};
use crate::{bulk, expiry, fhir, journey, money};

/// A PostgreSQL server of this test's own.
struct Server {
    bin: PathBuf,
    data: PathBuf,
    url: String,
    _folder: TempDir,
}

/// The newest installed server's programs.
fn installed() -> Option<PathBuf> {
    let mut folders: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .ok()?
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .filter(|bin| bin.join("initdb").exists() && bin.join("pg_ctl").exists())
        .collect();
    folders.sort();
    folders.pop()
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

/// A program of the server, which refuses to run as root.
fn program(bin: &Path, name: &str) -> Command {
    let path = bin.join(name);
    let mut command = if is_root() {
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--"]).arg(path);
        command
    } else {
        Command::new(path)
    };
    command.current_dir("/").stdout(Stdio::null()).stderr(Stdio::null());
    command
}

impl Server {
    fn start() -> Option<Self> {
        let bin = installed()?;
        let folder = TempDir::new().ok()?;
        if is_root() {
            let owned = Command::new("chown").arg("postgres").arg(folder.path()).status();
            if !owned.is_ok_and(|status| status.success()) {
                return None;
            }
        }
        let data = folder.path().join("data");
        let port = std::net::TcpListener::bind("127.0.0.1:0").ok()?.local_addr().ok()?.port();
        let made = program(&bin, "initdb")
            .arg("-D")
            .arg(&data)
            .args(["-U", "sim", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"])
            .status();
        let options = format!(
            "-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={} -c fsync=off",
            folder.path().display()
        );
        let started = made.is_ok_and(|status| status.success())
            && program(&bin, "pg_ctl")
                .arg("-D")
                .arg(&data)
                .args(["-w", "-t", "30", "-l"])
                .arg(folder.path().join("log"))
                .args(["-o", &options, "start"])
                .status()
                .is_ok_and(|status| status.success());
        let url = format!("postgres://sim@127.0.0.1:{port}/postgres");
        started.then_some(Self { bin, data, url, _folder: folder })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let stopped =
            program(&self.bin, "pg_ctl").arg("-D").arg(&self.data).args(["-m", "immediate", "stop"]).status();
        if !stopped.is_ok_and(|status| status.success()) {
            eprintln!("the test's PostgreSQL at {} did not stop", self.url);
        }
    }
}

/// Where to test, and the server to stop afterwards if it is our own.
fn ground() -> Option<(Ground, Option<Server>)> {
    if let Ok(url) = std::env::var("ONETRIP_TEST_POSTGRES") {
        return Some((Ground::Postgres(url), None));
    }
    let server = Server::start();
    if server.is_none() {
        eprintln!("skipped: no PostgreSQL; set ONETRIP_TEST_POSTGRES=postgres://… or install postgresql");
    }
    server.map(|server| (Ground::Postgres(server.url.clone()), Some(server)))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn postgresql_keeps_the_same_promises() {
    let Some((ground, _server)) = ground() else { return };
    for way in WAYS {
        race(&ground, way, 1).await;
    }
    race(&ground, Way::LockPay, 6).await;
    money::keys_act_once(&ground).await;
    money::concurrent_repeats_settle_once(&ground).await;
    money::different_payments_for_one_invoice_settle_once(&ground).await;
    expiry::late_requests_are_refused(&ground).await;
    expiry::payment_and_expiry_race(&ground, 6).await;
    fhir::transactions_roll_back(&ground).await;
    fhir::whole_day_by_fhir(&ground).await;
    journey::whole_day(&ground).await;
    bulk::many_operations(&ground, 6).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "minutes long: run nightly with --ignored --nocapture"]
async fn a_hundred_thousand_operations_are_clean_on_postgresql() {
    let Some((ground, _server)) = ground() else { return };
    bulk::many_operations(&ground, 560).await;
}
