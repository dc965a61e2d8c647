//! A run from its plan to its closed log.

use super::clock::Clock;
use super::figures::{Figures, Progress};
use super::lists::{Asker, FetchError, Prepared, now_text, read_finals};
use super::patient::{Limiter, LoggedForm, Patient, Shared};
use super::recorder::{Recorder, keep, locked};
use super::settings::{Settings, Soundness, VoidReason};
use super::statistics::{Latency, Statistics};
use super::stop::Stop;
use super::target::Target;
use super::transport::{SendFailure, Transport};
use crate::journey::{Incoming, Journey, WireRequest};
use crate::plan::{PatientPlan, PlanError, PlanHeader};
use onetrip_history::{Header, LogLines, LogWriter, SlotDeclaration};
use std::future::Future;
use std::io::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use thiserror::Error;
use tokio::sync::Semaphore;

/// Patients are made ready this long before their first step at the least, in µs.
const AHEAD_US: u64 = 200_000;
/// And together with all who follow within this time, in µs: one wake-up for many.
const TOGETHER_US: u64 = 50_000;
/// So many at once; then whoever is due goes first.
const AT_ONCE: u64 = 16;

/// Why a run could not be made.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum EngineError {
    /// The plan cannot be read.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The log cannot be written.
    #[error("the log cannot be written")]
    Log(#[from] io::Error),
    /// A preparation failed.
    #[error("the system could not be made ready")]
    Prepare(#[from] FetchError),
}

/// Everything a run needs beside its plan.
pub struct Run<C, T> {
    /// Clock.
    pub clock: C,
    /// How requests go out.
    pub transport: Arc<T>,
    /// Where they go, for the log and for pages that follow by address.
    pub target: Option<Target>,
    /// Journey.
    pub journey: Arc<Journey>,
    /// What its preparations made.
    pub prepared: Prepared,
    /// Settings.
    pub settings: Settings,
    /// Stops it.
    pub stop: Stop,
    /// Where it tells how it stands.
    pub progress: Arc<Mutex<Progress>>,
}

/// A finished run.
#[derive(Debug)]
pub struct RunRecord<W> {
    /// What the plan was made of.
    pub plan: PlanHeader,
    /// Wall clock at instant 0.
    pub started_at: String,
    /// Figures.
    pub statistics: Statistics,
    /// Whether the load was that of the plan.
    pub soundness: Soundness,
    /// Whether it was stopped before its end.
    pub stopped: bool,
    /// Lists that could not be read after it.
    pub failures: Vec<String>,
    /// The closed log.
    pub log: W,
}

/// Sends a plan and closes its log.
///
/// # Errors
/// [`EngineError`]; the log then ends where it was.
pub async fn execute<C, T, W, P>(
    run: Run<C, T>,
    header: PlanHeader,
    patients: P,
    sink: W,
) -> Result<RunRecord<W>, EngineError>
where
    C: Clock,
    T: Transport,
    W: Write + Send + 'static,
    P: Iterator<Item = Result<PatientPlan, PlanError>>,
{
    let started_at = now_text();
    let mut log = LogWriter::new(sink, &log_header(&header, &run.journey, run.target.as_ref(), &started_at))?;
    for (id, capacity, taken_count) in &run.prepared.slots {
        let slot = SlotDeclaration { id: id.as_str().into(), capacity: *capacity, taken_count: *taken_count };
        log.slot(&slot)?;
    }
    let forms = declare(&mut log, &run.journey)?;
    let (sink, lines) = log.into_parts();
    let shared = Arc::new(share(&run, &header, (forms, lines), &started_at));
    let handle = run.stop.handle();
    let (writing, over) = mpsc::channel();
    let keeper = {
        let (recorder, progress) = (Arc::clone(&shared.recorder), run.progress);
        let capacities =
            run.prepared.slots.iter().map(|(id, capacity, _)| (id.clone(), i64::from(*capacity))).collect();
        let figures = Figures::new(&run.journey, capacities);
        let handle = handle.clone();
        let keeping = move || keep(sink, figures, &recorder, &progress, (&over, &handle));
        std::thread::Builder::new().name("log".to_owned()).spawn(keeping)?
    };
    let sent = send(&shared, &run.stop, patients, run.settings.drain_time_us).await;
    drop(writing);
    let (sink, figures) = keeper.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
    let started_count = sent?;
    let (lines, patient_of) = locked(&shared.recorder).finish();
    let mut statistics = figures.finish();
    statistics.in_flight_most = shared.in_flight_most.load(Ordering::Relaxed);
    let asker = Asker { clock: &run.clock, transport: &run.transport, target: run.target.as_ref() };
    let finals = read_finals(asker, &run.journey, &run.prepared, &patient_of).await;
    let mut log = LogWriter::from_parts(sink, lines);
    for state in &finals.states {
        log.final_state(state)?;
    }
    let log = log.end(&finals.listed)?;
    let stopped = handle.is_stopped();
    let missed_count = if stopped { 0 } else { header.patient_count.saturating_sub(started_count) };
    let soundness = judge(&statistics, &shared, &run.settings, missed_count);
    let failures = finals.failures.iter().map(ToString::to_string).collect();
    Ok(RunRecord { plan: header, started_at, statistics, soundness, stopped, failures, log })
}

/// What all patients of a run share.
fn share<C: Clock, T: Transport>(
    run: &Run<C, T>,
    header: &PlanHeader,
    ((forms, questions), lines): (Declared, LogLines),
    started_at: &str,
) -> Shared<C, Arc<T>> {
    let mut values = run.prepared.values.clone();
    values.set_by_name("run", run.settings.run.clone());
    values.set_by_name("now", started_at);
    let in_flight = Arc::new(AtomicU64::new(0));
    let recorder = Recorder::new(lines, &run.journey, Arc::clone(&in_flight));
    Shared {
        clock: run.clock.clone(),
        transport: Arc::clone(&run.transport),
        journey: Arc::clone(&run.journey),
        pools: run.prepared.pools.clone(),
        values,
        forms,
        questions,
        run: run.settings.run.clone(),
        key: run.journey.names.find("key"),
        recorder: Arc::new(Mutex::new(recorder)),
        rng_seed: header.rng_seed,
        speed: header.speed,
        next_id: AtomicU64::new(1),
        in_flight,
        in_flight_most: AtomicU64::new(0),
        places: run.settings.in_flight_max.map(Semaphore::new),
        bounded_count: AtomicU64::new(0),
        exhausted_count: AtomicU64::new(0),
        limiter: run.settings.rate_limit.map(Limiter::new),
    }
}

/// Starts every patient shortly before the first step and waits until all are gone, no longer than `drain_time_us` after
/// the last step was due. Gives how many were started.
async fn send<C: Clock, T: Transport>(
    shared: &Arc<Shared<C, T>>,
    stop: &Stop,
    patients: impl Iterator<Item = Result<PatientPlan, PlanError>>,
    drain_time_us: u64,
) -> Result<u64, PlanError> {
    let (alive, mut all_gone) = tokio::sync::mpsc::channel::<()>(1);
    let mut stopped = stop.listener();
    let mut started_count = 0;
    let mut last_at = 0;
    let mut ready_until = 0;
    for patient in patients {
        let patient = patient?;
        let Some(&(_, first_at)) = patient.steps.first() else {
            started_count += 1;
            continue;
        };
        if first_at >= ready_until {
            ready_until = first_at + TOGETHER_US;
            let due = shared.clock.wait_until(first_at.saturating_sub(AHEAD_US));
            if stopped.unless_stopped(due).await.is_none() {
                break;
            }
        } else if started_count % AT_ONCE == 0 {
            tokio::task::yield_now().await;
        }
        started_count += 1;
        last_at = last_at.max(patient.steps.last().map_or(0, |&(_, at)| at));
        locked(&shared.recorder).planned(patient.steps.iter().map(|&(_, at)| at));
        let patient = Patient::new(Arc::clone(shared), stop.clone(), patient);
        let alive = alive.clone();
        // Boxed, because the runtime moves a task several times before it runs it.
        let life = Box::pin(patient.live());
        tokio::spawn(async move {
            life.await;
            drop(alive);
        });
    }
    drop(alive);
    let left_us = last_at.saturating_sub(shared.clock.now_us()) + drain_time_us;
    if shared.clock.within(left_us, all_gone.recv()).await.is_none() {
        stop.handle().stop();
        all_gone.recv().await;
    }
    Ok(started_count)
}

impl<T: Transport> Transport for Arc<T> {
    fn send(&self, request: WireRequest<'_>) -> impl Future<Output = Result<Incoming, SendFailure>> + Send {
        (**self).send(request)
    }
}

fn log_header(header: &PlanHeader, journey: &Journey, target: Option<&Target>, started_at: &str) -> Header {
    let target = target.map_or_else(|| "simulated".to_owned(), ToString::to_string);
    let mut log = Header::new(&header.scenario, header.rng_seed, &journey.name, target, started_at);
    log.slot_capacity = journey.slot_capacity;
    log.hold_time_us = journey.hold_time_us;
    log.expiry_slack_us = journey.expiry_slack_us;
    log
}

type Declared = (Vec<LoggedForm>, Vec<Option<LoggedForm>>);

/// Declares the shapes of all requests.
fn declare<W: Write>(log: &mut LogWriter<W>, journey: &Journey) -> io::Result<Declared> {
    let values = journey.fresh_values();
    let (mut forms, mut questions) = (Vec::new(), Vec::new());
    for step in &journey.steps {
        let (template, arguments) = step.form.template(&step.captures, &values);
        forms.push(LoggedForm { template: log.template(&template)?, arguments });
        questions.push(match &step.asking {
            None => None,
            Some(asking) => {
                let (template, arguments) = asking.form.template(&asking.captures, &values);
                Some(LoggedForm { template: log.template(&template)?, arguments })
            }
        });
    }
    Ok((forms, questions))
}

fn judge<C, T>(
    statistics: &Statistics,
    shared: &Shared<C, T>,
    settings: &Settings,
    missed_count: u64,
) -> Soundness {
    let lag = Latency::of(&statistics.lag);
    let rate = statistics.rate();
    let gap_us = if rate > 0.0 { 1e6 / rate } else { 0.0 };
    let lag_bound_us = settings.lag_bound_us.unwrap_or(1_000.max((gap_us / 10.0) as u64));
    let held_count = shared.limiter.as_ref().map_or(0, |limiter| limiter.held_count.load(Ordering::Relaxed));
    let exhausted_count = shared.exhausted_count.load(Ordering::Relaxed);
    let bounded_count = shared.bounded_count.load(Ordering::Relaxed);
    let mut void = Vec::new();
    if statistics.sent_count() == 0 {
        void.push(VoidReason::Empty);
    }
    if lag.p99_us > lag_bound_us {
        void.push(VoidReason::SentLate { lag_p99_us: lag.p99_us, bound_us: lag_bound_us });
    }
    if held_count > 0 {
        void.push(VoidReason::HeldBack { request_count: held_count });
    }
    if bounded_count > 0 {
        void.push(VoidReason::InFlightBound { request_count: bounded_count });
    }
    if exhausted_count > 0 {
        void.push(VoidReason::SocketsExhausted { request_count: exhausted_count });
    }
    if missed_count > 0 {
        void.push(VoidReason::NotStarted { patient_count: missed_count });
    }
    Soundness { lag, lag_bound_us, in_flight_most: statistics.in_flight_most, void }
}
