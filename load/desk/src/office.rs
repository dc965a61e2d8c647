//! The office behind both faces: runs commands on the store, keeps idempotency keys, and makes the mistakes
//! that were switched on.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::clock::Clock;
use crate::counter::{Counter, once};
use crate::fault::Fault;
use crate::ledger::{Answer, CommandError, StoreError};
use crate::metrics::Metrics;
use crate::options::{Database, Options, Rules};
use crate::refusal::Refusal;
use crate::store::{Job, PostgresStore, SqliteStore, Store};

/// What a request wants done, possibly more than once.
pub(crate) type Act = Arc<dyn Fn(&mut Counter<'_>) -> Result<Answer, CommandError> + Send + Sync>;

/// How a face words a refusal.
pub(crate) type Refuse = fn(&Refusal) -> Answer;

/// An idempotency key and the request it came with.
#[derive(Debug, Clone)]
pub(crate) struct RequestKey {
    pub(crate) key: String,
    pub(crate) request: String,
}

/// More remembered reads than this are forgotten all at once; only the stale-read fault remembers any.
const STALE_READS_MAX: usize = 100_000;

pub(crate) struct Office {
    store: Box<dyn Store>,
    rules: Arc<Rules>,
    pub(crate) metrics: Metrics,
    pub(crate) body_bytes_max: usize,
    started_at: Instant,
    write_count: AtomicU64,
    check_then_act: Option<Duration>,
    lost_every: Option<u64>,
    stall: Option<(Duration, Duration)>,
    stale_age: Option<Duration>,
    stale_reads: Mutex<HashMap<String, (Instant, Answer)>>,
}

impl Office {
    pub(crate) async fn open(options: &Options) -> Result<Self, StoreError> {
        let clock = Arc::new(Clock::default());
        let mut slow_disk_time = Duration::ZERO;
        let (mut check_then_act, mut lost_every, mut stall, mut stale_age) = (None, None, None, None);
        for fault in &options.faults {
            match *fault {
                Fault::CheckThenAct { window } => check_then_act = Some(window),
                Fault::LostAcknowledgement { every } => lost_every = Some(every),
                Fault::Stall { period, length } => stall = Some((period, length)),
                Fault::SlowDisk { time } => slow_disk_time = time,
                Fault::StaleRead { age } => stale_age = Some(age),
                Fault::NoIdempotency | Fault::LateExpiry | Fault::DoubleSettlement | Fault::IllegalMove => {}
            }
        }
        let store: Box<dyn Store> = match &options.database {
            Database::Sqlite(path) => Box::new(SqliteStore::open(path, clock, slow_disk_time)?),
            Database::Postgres(url) => Box::new(PostgresStore::open(url, clock, slow_disk_time).await?),
        };
        Ok(Self {
            store,
            rules: Arc::new(Rules::new(options)),
            metrics: Metrics::new(),
            body_bytes_max: options.body_bytes_max,
            started_at: Instant::now(),
            write_count: AtomicU64::new(0),
            check_then_act,
            lost_every,
            stall,
            stale_age,
            stale_reads: Mutex::default(),
        })
    }

    /// Does something at most once per key and answers when it is on disk.
    pub(crate) async fn write(&self, key: Option<RequestKey>, act: Act, refuse: Refuse) -> Answer {
        let mut rules = self.rules.clone();
        if let Some(window) = self.check_then_act {
            let looked = self.store.read(self.job(rules.clone(), None, act.clone(), refuse)).await;
            if let Err(error) = looked {
                return failed(error, refuse);
            }
            tokio::time::sleep(window).await;
            self.metrics.fault_fired("check-then-act");
            rules = Arc::new(rules.without_looking());
        }
        let key = key.filter(|_| rules.keys_kept);
        let mut job = self.job(rules, key, act, refuse);
        let write_index = self.write_count.fetch_add(1, Ordering::Relaxed) + 1;
        let lost = self.lost_every.is_some_and(|every| write_index.is_multiple_of(every));
        if lost {
            self.metrics.fault_fired("lost-acknowledgement");
            job = Box::new(move |ledger| Err(CommandError::Undone(Box::new(job(ledger)?))));
        }
        self.store.write(job).await.unwrap_or_else(|error| failed(error, refuse))
    }

    /// Looks something up. `what` names it for the stale-read fault.
    pub(crate) async fn read(&self, what: String, act: Act, refuse: Refuse) -> Answer {
        if let Some(age) = self.stale_age {
            let reads = self.stale_reads.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some((at, answer)) = reads.get(&what)
                && at.elapsed() <= age
            {
                self.metrics.fault_fired("stale-read");
                return answer.clone();
            }
        }
        let job = self.job(self.rules.clone(), None, act, refuse);
        let answer = self.store.read(job).await.unwrap_or_else(|error| failed(error, refuse));
        if self.stale_age.is_some() {
            let mut reads = self.stale_reads.lock().unwrap_or_else(PoisonError::into_inner);
            if reads.len() >= STALE_READS_MAX {
                reads.clear();
            }
            reads.insert(what, (Instant::now(), answer.clone()));
        }
        answer
    }

    /// Stores the expiries that are due.
    pub(crate) async fn sweep(&self) {
        const DUE_MAX: usize = 500;
        let rules = self.rules.clone();
        let job: Job = Box::new(move |ledger| {
            let count = Counter { rules: &rules, ledger }.expire_due(DUE_MAX)?;
            Ok(Answer::plain(200, count.into()))
        });
        if let Ok(answer) = self.store.write(job).await {
            let count = answer.body.as_u64().and_then(|count| usize::try_from(count).ok()).unwrap_or(0);
            self.metrics.swept(count);
        }
    }

    /// How often to sweep: often enough that short holds of tests end on time, seldom enough to cost nothing.
    pub(crate) fn sweep_period(&self) -> Duration {
        (self.rules.hold_time / 20).clamp(Duration::from_millis(5), Duration::from_millis(100))
    }

    /// While the stall fault holds the desk still: how long from now.
    pub(crate) fn stalled_for(&self) -> Option<Duration> {
        let (period, length) = self.stall?;
        let phase_ns = self.started_at.elapsed().as_nanos() % period.as_nanos().max(1);
        let phase = Duration::from_nanos(u64::try_from(phase_ns).unwrap_or(0));
        (phase < length).then(|| length - phase)
    }

    pub(crate) fn metrics_text(&self) -> String {
        self.metrics.text(self.store.commit_count())
    }

    pub(crate) fn close(&self) {
        self.store.close();
    }

    fn job(&self, rules: Arc<Rules>, key: Option<RequestKey>, act: Act, refuse: Refuse) -> Job {
        Box::new(move |ledger| {
            let mut counter = Counter { rules: &rules, ledger };
            match &key {
                Some(key) => once(&mut counter, &key.key, &key.request, &mut |counter| act(counter), refuse),
                None => act(&mut counter),
            }
        })
    }
}

fn failed(error: CommandError, refuse: Refuse) -> Answer {
    match error {
        CommandError::Refused(refusal) => refuse(&refusal),
        CommandError::Undone(answer) => *answer,
        CommandError::Store(StoreError::Closed) => {
            refuse(&Refusal::failure(503, "the desk is shutting down"))
        }
        CommandError::Store(error) => refuse(&Refusal::failure(500, error.to_string())),
    }
}
