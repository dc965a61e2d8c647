//! A violation found, cut down to the few requests that show it, and shown again by sending these.

use crate::desk::{QUICK, SPEED};
use crate::ground::{crowd_in_haste, send_to, shipped};
use onetrip_desk::{Database, Desk, Options};
use onetrip_history::{Property, Replay, extract};
use onetrip_load::engine::{Asker, HttpTransport, PacedClock, Target, prepare};
use onetrip_load::plan::Arrivals;
use onetrip_load::replay::{rebinding, replay};
use std::io::Cursor;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slot_sold_twice_is_sold_twice_again_by_the_few_requests_that_show_it() {
    let folder = TempDir::new().unwrap();
    let mut options = Options::new(Database::Sqlite(folder.path().join("desk.sqlite")));
    options.faults.push("check-then-act:window=400ms".parse().unwrap());
    let desk = Desk::start(options).await.unwrap();
    let url = format!("http://{}", desk.address());
    let journey = shipped("desk", &[QUICK[0], "prepare.slots.repeat=6"]);
    let plan = crowd_in_haste(&journey, 20, 500_000, (Arrivals::Poisson, 7), SPEED);
    let judged = send_to(&url, &journey, plan).await;
    let shown = judged.report.finding(Property::SlotCapacity).evidence.first().expect("a slot sold twice");

    let mut small = Vec::new();
    let mut log = Cursor::new(&judged.record.log);
    extract(&mut log, Property::SlotCapacity, shown, &mut small).unwrap();
    let recorded = Replay::read(&small[..]).unwrap();
    assert!(recorded.steps.len() <= 6, "{} requests", recorded.steps.len());
    let target = Target::parse(&url, &[]).unwrap();
    let transport = Arc::new(HttpTransport::new(target.clone(), Vec::new(), None, false).unwrap());
    let clock = PacedClock::start(Duration::ZERO).unwrap();
    let asker = Asker { clock: &clock, transport: &transport, target: Some(&target) };
    let fresh = prepare(asker, &journey, "again").await.unwrap();
    let rebinding = rebinding(&recorded, "again", fresh.slots());
    let clock = PacedClock::start(Duration::from_millis(20)).unwrap();
    let done = replay(recorded, rebinding, clock, transport, Duration::from_secs(30)).await;
    desk.stop().await.unwrap();

    let locks: Vec<_> = done.iter().filter(|one| one.step == "lock").collect();
    assert_eq!(locks.len(), 2, "{done:?}");
    assert_eq!(locks[0].request, locks[1].request, "both ask for one slot");
    assert!(locks.iter().all(|lock| lock.status == Some(201) && lock.recorded_word() == "201"), "{done:?}");
}
