//! A whole load test over real sockets: make ready, send, close the log, check it, judge.

use crate::engine::{
    Asker, EngineError, HttpTransport, PacedClock, Progress, Run, RunRecord, Settings, Stop, Target, execute,
    prepare,
};
use crate::journey::Journey;
use crate::plan::{PatientPlan, PlanError, PlanHeader};
use crate::report::RunReport;
use crate::threshold::Threshold;
use onetrip_history::{CheckOptions, History, LogError, check};
use rustix::process::getpriority_process;
use rustix::thread::disable_transparent_huge_pages;
use std::fs::File;
use std::io::{self, BufReader, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use thiserror::Error;
use thread_priority::{
    DeadlineFlags, RealtimeThreadSchedulePolicy, ThreadPriority, ThreadSchedulePolicy,
    set_thread_priority_and_policy,
};
use tokio::runtime::{Builder, Runtime};

/// Time between making ready and instant 0.
const LEAD_TIME: Duration = Duration::from_millis(50);

/// The shortest slice of a processor that Linux takes a thread's word for.
const SLICE: Duration = Duration::from_micros(100);
/// `SCHED_FLAG_KEEP_POLICY` of Linux: what is told is told about the policy that the thread has, which stays.
const KEEP_POLICY: DeadlineFlags = DeadlineFlags::from_bits_retain(8);
/// The thread that asks.
const THIS_THREAD: u64 = 0;

/// Why a load test could not be made.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SessionError {
    /// The engine.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The log cannot be made or read back.
    #[error("the log `{}` cannot be used", path.display())]
    LogFile {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The log contradicts itself.
    #[error(transparent)]
    Log(#[from] LogError),
    /// No threads, sockets or clock.
    #[error("the system gives no means to run")]
    System(#[from] io::Error),
}

/// Everything a load test needs beside its plan.
#[derive(Clone)]
pub struct Session {
    /// Journey.
    pub journey: Arc<Journey>,
    /// Where requests go.
    pub target: Target,
    /// How they get there.
    pub transport: Arc<HttpTransport>,
    /// Settings of the engine.
    pub settings: Settings,
    /// What is asked of the run.
    pub threshold: Threshold,
    /// Where the log goes.
    pub log: PathBuf,
}

impl Session {
    /// Sends a plan and judges what came of it.
    ///
    /// # Errors
    /// [`SessionError`].
    pub async fn run<P>(
        &self,
        header: PlanHeader,
        patients: P,
        stop: Stop,
        progress: Arc<Mutex<Progress>>,
    ) -> Result<RunReport, SessionError>
    where
        P: Iterator<Item = Result<PatientPlan, PlanError>>,
    {
        let log_error = |source| SessionError::LogFile { path: self.log.clone(), source };
        let clock = PacedClock::start(Duration::ZERO)?;
        let asker = Asker { clock: &clock, transport: &self.transport, target: Some(&self.target) };
        let prepared = prepare(asker, &self.journey, &self.settings.run).await.map_err(EngineError::from)?;
        let file = File::options()
            .create(true)
            .truncate(true)
            .read(true)
            .write(true)
            .open(&self.log)
            .map_err(log_error)?;
        let run = Run {
            clock: PacedClock::start(LEAD_TIME)?,
            transport: Arc::clone(&self.transport),
            target: Some(self.target.clone()),
            journey: Arc::clone(&self.journey),
            prepared,
            settings: self.settings.clone(),
            stop,
            progress,
        };
        let mut record: RunRecord<File> = execute(run, header, patients, file).await?;
        record.log.seek(SeekFrom::Start(0)).map_err(log_error)?;
        let history = History::read(BufReader::new(&record.log))?;
        let verdict = check(&history, &CheckOptions::default());
        Ok(RunReport::new(record, self.target.to_string(), verdict, &self.threshold).0)
    }
}

/// The reactor that a load test runs on: one thread, so that a due patient is woken where the sockets and the timer are.
///
/// # Errors
/// When the system gives none.
pub fn runtime() -> io::Result<Runtime> {
    // The kernel clears a huge page whole when its first byte is touched: milliseconds in which nobody is sent. A kernel that
    // has none has nothing to refuse.
    let _ = disable_transparent_huge_pages(true);
    ask_for_short_slices();
    // In a crowd of patients who are ready, sockets and timer are looked at after each few of them. All waiting is by the
    // paced clock: the runtime's own would be looked at in every turn.
    Builder::new_current_thread().event_interval(8).enable_io().build()
}

/// Has this thread, and those it starts, let in as soon as they wake. Whoever is in first keeps the processor until his slice is
/// over, and a tick of the kernel later: up to four milliseconds in which nobody is sent. To one who asks for little it gives way
/// at once, without privileges, since Linux 6.12; an older one hears it and does nothing.
pub fn ask_for_short_slices() {
    // The word would be taken for that about the priority too, so a thread that others are to go before says nothing.
    if getpriority_process(None) != Ok(0) {
        return;
    }
    let slice =
        ThreadPriority::Deadline { runtime: SLICE, deadline: SLICE, period: SLICE, flags: KEEP_POLICY };
    let policy = ThreadSchedulePolicy::Realtime(RealtimeThreadSchedulePolicy::Deadline);
    // Where it is refused, requests go out as late as they would have without.
    let _ = set_thread_priority_and_policy(THIS_THREAD, slice, policy);
}

/// Checks a log.
///
/// # Errors
/// When it cannot be read.
pub fn verify(path: &Path) -> Result<onetrip_history::Report, SessionError> {
    let file = File::open(path).map_err(|source| SessionError::LogFile { path: path.to_owned(), source })?;
    let history = History::read(BufReader::new(file))?;
    Ok(check(&history, &CheckOptions::default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_sends_asks_for_short_slices_unless_others_are_to_go_before() {
        let slice_ns = std::thread::spawn(|| {
            let _runtime = runtime().unwrap();
            let told = std::fs::read_to_string("/proc/thread-self/sched").unwrap_or_default();
            let line = told.lines().find(|line| line.starts_with("se.slice "))?;
            line.rsplit(' ').next()?.parse::<u128>().ok()
        });
        // A kernel that tells no slice has none to ask for.
        let Some(slice_ns) = slice_ns.join().unwrap() else { return };
        let goes_behind = getpriority_process(None) != Ok(0);
        assert_eq!(slice_ns == SLICE.as_nanos(), !goes_behind, "{slice_ns} ns");
    }
}
