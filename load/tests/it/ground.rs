//! Journeys, plans and runs for tests.

use onetrip_history::{CheckOptions, History, Report, check};
use onetrip_load::engine::{
    Asker, Clock, HttpTransport, PacedClock, Run, RunRecord, Settings, Stop, Target, TimerClock, Transport,
    execute, prepare,
};
use onetrip_load::journey::{self, Journey};
use onetrip_load::plan::{Arrivals, Crowd, Plan, PlanOptions};
use onetrip_scenarios::reader::Document;
use std::sync::Arc;
use std::time::Duration;

pub(crate) fn read(mut document: Document, set: &[&str]) -> Arc<Journey> {
    set.iter().for_each(|assignment| document.set(assignment));
    Arc::new(journey::read_journey(document).unwrap_or_else(|mistakes| panic!("{mistakes}")).value)
}

pub(crate) fn shipped(name: &str, set: &[&str]) -> Arc<Journey> {
    read(journey::find(name).unwrap().document(), set)
}

/// A crowd of patients over a time, planned for a journey.
pub(crate) fn crowd(
    journey: &Journey,
    patient_count: u64,
    length_us: u64,
    arrivals: Arrivals,
    rng_seed: u64,
) -> Plan {
    crowd_in_haste(journey, patient_count, length_us, (arrivals, rng_seed), 1.0)
}

/// The same with the patients' own times compressed; they arrive over `length_us` all the same.
pub(crate) fn crowd_in_haste(
    journey: &Journey,
    patient_count: u64,
    length_us: u64,
    (arrivals, rng_seed): (Arrivals, u64),
    speed: f64,
) -> Plan {
    let length_us = (length_us as f64 * speed) as u64;
    let per_hour = patient_count as f64 * 3.6e9 / length_us as f64;
    let visits = Crowd { per_hour, length_us, arrivals }.visits(rng_seed);
    Plan::new("crowd", visits, journey, &PlanOptions { rng_seed, speed, ..PlanOptions::default() })
}

/// A finished run with its verdicts.
pub(crate) struct Judged {
    pub(crate) record: RunRecord<Vec<u8>>,
    pub(crate) report: Report,
}

/// Sends a plan through a transport.
pub(crate) async fn send<C: Clock, T: Transport>(
    clock: impl Fn() -> C,
    transport: T,
    target: Option<Target>,
    journey: &Arc<Journey>,
    plan: Plan,
    settings: Settings,
) -> RunRecord<Vec<u8>> {
    let transport = Arc::new(transport);
    let asker = Asker { clock: &clock(), transport: &transport, target: target.as_ref() };
    let prepared = prepare(asker, journey, &settings.run).await.unwrap();
    let run = Run {
        clock: clock(),
        transport,
        target,
        journey: Arc::clone(journey),
        prepared,
        settings,
        stop: Stop::new().1,
        progress: Arc::default(),
    };
    execute(run, plan.header, plan.patients.into_iter().map(Ok), Vec::new()).await.unwrap()
}

/// Sends a plan under paused time.
pub(crate) async fn send_paused<T: Transport>(
    transport: T,
    journey: &Arc<Journey>,
    plan: Plan,
    settings: Settings,
) -> RunRecord<Vec<u8>> {
    send(TimerClock::start, transport, None, journey, plan, settings).await
}

/// Sends a plan over sockets and checks what came of it.
pub(crate) async fn send_to(url: &str, journey: &Arc<Journey>, plan: Plan) -> Judged {
    let target = Target::parse(url, &[]).unwrap();
    let transport = HttpTransport::new(target.clone(), Vec::new(), None, false).unwrap();
    // The machine of a test may be busy; lateness is judged elsewhere.
    let settings =
        Settings { lag_bound_us: Some(10_000_000), ..Settings::new(format!("t{}", std::process::id())) };
    let clock = || PacedClock::start(Duration::from_millis(20)).unwrap();
    let record = send(clock, transport, Some(target), journey, plan, settings).await;
    let history = History::read(&record.log[..]).unwrap();
    let report = check(&history, &CheckOptions::default());
    Judged { record, report }
}
