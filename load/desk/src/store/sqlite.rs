//! SQLite, embedded: one writer that commits many commands at once, and readers that never wait for it.
//!
//! WAL with `synchronous=FULL`: the log is flushed to the disk at every commit, so an acknowledged command
//! survives `kill -9` and a power cut (with `NORMAL` only the former). The flush is dear, so commands that
//! arrive while one is under way share the next; each has its own savepoint, so one refusal undoes one command.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, params};
use tokio::sync::{Semaphore, oneshot};

use super::{Job, Rehearsal, Reply, Store};
use crate::clock::Clock;
use crate::domain::{Kind, Moment};
use crate::ledger::{Answer, CommandError, Ledger, LinkChange, Remembered, Row, StoreError};

/// Long rows live in tables ordered by number, so that new ones fill the last page instead of dirtying one page
/// each; only short keys are kept in their own order.
const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS records (
    serial INTEGER PRIMARY KEY, kind INTEGER NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL,
    changed_at INTEGER NOT NULL, due_at INTEGER, text TEXT NOT NULL, UNIQUE (kind, id)
);
CREATE INDEX IF NOT EXISTS records_by_kind ON records (kind);
CREATE INDEX IF NOT EXISTS records_due ON records (due_at) WHERE due_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS links (
    kind INTEGER NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, serial INTEGER NOT NULL,
    PRIMARY KEY (kind, name, value, serial)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS answers (
    number INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, request TEXT NOT NULL, answer TEXT NOT NULL
);
";

/// More commands than this wait for the next commit, so that no answer waits for a very long batch.
const BATCH_COMMANDS_MAX: usize = 512;
/// Connections for reading; more would only fight for the processors.
const READERS_MAX: usize = 8;

struct Command {
    job: Job,
    reply: oneshot::Sender<Result<Answer, CommandError>>,
}

pub(crate) struct SqliteStore {
    commands: Mutex<Option<Sender<Command>>>,
    writer: Mutex<Option<JoinHandle<()>>>,
    readers: Arc<Mutex<Vec<Connection>>>,
    reader_places: Arc<Semaphore>,
    path: PathBuf,
    clock: Arc<Clock>,
    commits: Arc<AtomicU64>,
    /// Locked while the desk runs; the system gives it back however the process ends.
    _lock: File,
}

impl SqliteStore {
    /// Opens or creates the file. `slow_disk_time` is a fault: every commit takes that much longer.
    pub(crate) fn open(path: &Path, clock: Arc<Clock>, slow_disk_time: Duration) -> Result<Self, StoreError> {
        let lock = lock_file(path)?;
        let writer = connect(path)?;
        writer.execute_batch(SCHEMA)?;
        let serial: i64 =
            writer.query_row("SELECT coalesce(max(serial), 0) FROM records", [], |r| r.get(0))?;
        let (sender, receiver) = channel();
        let commits = Arc::new(AtomicU64::new(0));
        let ledger = SqliteLedger { connection: writer, clock: clock.clone(), serial };
        let counter = commits.clone();
        let handle = std::thread::Builder::new()
            .name("desk-writer".into())
            .spawn(move || write_batches(ledger, &receiver, &counter, slow_disk_time))
            .map_err(|_| StoreError::Closed)?;
        Ok(Self {
            commands: Mutex::new(Some(sender)),
            writer: Mutex::new(Some(handle)),
            readers: Arc::default(),
            reader_places: Arc::new(Semaphore::new(READERS_MAX)),
            path: path.to_owned(),
            clock,
            commits,
            _lock: lock,
        })
    }
}

fn lock_file(path: &Path) -> Result<File, StoreError> {
    let mut lock_path = path.as_os_str().to_owned();
    lock_path.push(".lock");
    let failed = |source| StoreError::LockFile { path: lock_path.to_string_lossy().into_owned(), source };
    let file = File::options().create(true).append(true).open(&lock_path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse { path: path.display().to_string() }),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}

fn connect(path: &Path) -> Result<Connection, StoreError> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(Duration::from_secs(10))?;
    connection.set_prepared_statement_cache_capacity(64);
    connection.execute_batch(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-16384;",
    )?;
    Ok(connection)
}

fn write_batches(
    mut ledger: SqliteLedger,
    commands: &Receiver<Command>,
    commits: &AtomicU64,
    slow_disk_time: Duration,
) {
    while let Ok(first) = commands.recv() {
        let mut answered = Vec::new();
        let committed = (|| -> Result<(), StoreError> {
            ledger.run("BEGIN IMMEDIATE")?;
            let mut next = Some(first);
            while let Some(mut command) = next {
                let answer = ledger.attempt(&mut command.job)?;
                answered.push((command.reply, answer));
                next = if answered.len() < BATCH_COMMANDS_MAX { commands.try_recv().ok() } else { None };
            }
            if !slow_disk_time.is_zero() {
                std::thread::sleep(slow_disk_time);
            }
            ledger.run("COMMIT")
        })();
        match committed {
            Ok(()) => {
                commits.fetch_add(1, Ordering::Relaxed);
                for (reply, answer) in answered {
                    // A client that hung up does not want its answer.
                    let _ = reply.send(answer);
                }
            }
            Err(error) => {
                let _ = ledger.run("ROLLBACK");
                let text = error.to_string();
                for (reply, _) in answered {
                    let failure = rusqlite::Error::SqliteFailure(
                        rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_ABORT),
                        Some(text.clone()),
                    );
                    let _ = reply.send(Err(StoreError::Sqlite(failure).into()));
                }
            }
        }
    }
}

impl Store for SqliteStore {
    fn write(&self, job: Job) -> Reply<'_> {
        Box::pin(async move {
            let (reply, answer) = oneshot::channel();
            let sent = {
                let commands = self.commands.lock().unwrap_or_else(PoisonError::into_inner);
                commands.as_ref().map(|sender| sender.send(Command { job, reply }))
            };
            match sent {
                Some(Ok(())) => answer.await.map_err(|_| StoreError::Closed)?,
                _ => Err(StoreError::Closed.into()),
            }
        })
    }

    fn read(&self, mut job: Job) -> Reply<'_> {
        let (readers, clock, path) = (self.readers.clone(), self.clock.clone(), self.path.clone());
        let places = self.reader_places.clone();
        Box::pin(async move {
            let place = places.acquire_owned().await.map_err(|_| StoreError::Closed)?;
            let read = move || -> Result<Answer, CommandError> {
                let idle = readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
                let connection = match idle {
                    Some(connection) => connection,
                    None => connect(&path)?,
                };
                let mut ledger = SqliteLedger { connection, clock, serial: 0 };
                ledger.run("BEGIN")?;
                let answer = job(&mut Rehearsal::new(&mut ledger));
                ledger.run("COMMIT")?;
                readers.lock().unwrap_or_else(PoisonError::into_inner).push(ledger.connection);
                drop(place);
                answer
            };
            tokio::task::spawn_blocking(read).await.map_err(|_| StoreError::Closed)?
        })
    }

    fn close(&self) {
        drop(self.commands.lock().unwrap_or_else(PoisonError::into_inner).take());
        if let Some(writer) = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take() {
            // A writer that panicked has nothing left to finish.
            let _ = writer.join();
        }
        self.readers.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn commit_count(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }
}

struct SqliteLedger {
    connection: Connection,
    clock: Arc<Clock>,
    serial: i64,
}

impl SqliteLedger {
    fn run(&self, statement: &str) -> Result<(), StoreError> {
        self.connection.prepare_cached(statement)?.execute([])?;
        Ok(())
    }

    fn attempt(&mut self, job: &mut Job) -> Result<Result<Answer, CommandError>, StoreError> {
        self.run("SAVEPOINT command")?;
        let answer = job(self);
        if answer.is_err() {
            self.run("ROLLBACK TO command")?;
        }
        self.run("RELEASE command")?;
        Ok(answer)
    }

    fn rows(&self, statement: &str, values: &[&dyn rusqlite::ToSql]) -> Result<Vec<Row>, StoreError> {
        let mut statement = self.connection.prepare_cached(statement)?;
        let rows = statement.query_map(values, |row| {
            let number: i64 = row.get(0)?;
            let kind = Kind::ALL
                .into_iter()
                .find(|kind| kind.number() == number)
                .ok_or(rusqlite::Error::IntegralValueOutOfRange(0, number))?;
            Ok(Row {
                kind,
                id: row.get(1)?,
                serial: row.get(2)?,
                version: row.get(3)?,
                changed_at: Moment(row.get(4)?),
                due_at: row.get::<_, Option<i64>>(5)?.map(Moment),
                text: row.get(6)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

const SELECT: &str = "SELECT kind, id, serial, version, changed_at, due_at, text FROM records";

impl Ledger for SqliteLedger {
    fn now(&mut self) -> Moment {
        self.clock.now()
    }

    fn next_serial(&mut self) -> Result<i64, StoreError> {
        self.serial += 1;
        Ok(self.serial)
    }

    fn get(&mut self, kind: Kind, id: &str) -> Result<Option<Row>, StoreError> {
        self.peek(kind, id)
    }

    fn peek(&mut self, kind: Kind, id: &str) -> Result<Option<Row>, StoreError> {
        const BY_ID: &str = "SELECT kind, id, serial, version, changed_at, due_at, text FROM records WHERE kind = ?1 AND id = ?2";
        Ok(self.rows(BY_ID, &[&kind.number(), &id])?.pop())
    }

    fn put(&mut self, row: &Row, links: &LinkChange) -> Result<(), StoreError> {
        let due_at = row.due_at.map(|at| at.0);
        if row.version == 1 {
            self.connection
                .prepare_cached(
                    "INSERT INTO records (kind, id, serial, version, changed_at, due_at, text)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                )?
                .execute(params![
                    row.kind.number(),
                    row.id,
                    row.serial,
                    row.version,
                    row.changed_at.0,
                    due_at,
                    row.text
                ])?;
        } else {
            self.connection
                .prepare_cached(
                    "UPDATE records SET version = ?3, changed_at = ?4, due_at = ?5, text = ?6
                     WHERE kind = ?1 AND id = ?2",
                )?
                .execute(params![
                    row.kind.number(),
                    row.id,
                    row.version,
                    row.changed_at.0,
                    due_at,
                    row.text
                ])?;
        }
        for link in &links.removed {
            self.connection
                .prepare_cached(
                    "DELETE FROM links WHERE kind = ?1 AND name = ?2 AND value = ?3 AND serial = ?4",
                )?
                .execute(params![row.kind.number(), link.name, link.value, row.serial])?;
        }
        for link in &links.added {
            self.connection
                .prepare_cached("INSERT INTO links (kind, name, value, serial) VALUES (?1, ?2, ?3, ?4)")?
                .execute(params![row.kind.number(), link.name, link.value, row.serial])?;
        }
        Ok(())
    }

    fn find(
        &mut self,
        kind: Kind,
        link: (&str, &str),
        after_serial: i64,
        limit: usize,
    ) -> Result<Vec<Row>, StoreError> {
        self.rows(
            "SELECT r.kind, r.id, r.serial, r.version, r.changed_at, r.due_at, r.text
             FROM links l JOIN records r ON r.serial = l.serial
             WHERE l.kind = ?1 AND l.name = ?2 AND l.value = ?3 AND l.serial > ?4
             ORDER BY l.serial LIMIT ?5",
            &[&kind.number(), &link.0, &link.1, &after_serial, &(limit as i64)],
        )
    }

    fn list(&mut self, kind: Kind, after_serial: i64, limit: usize) -> Result<Vec<Row>, StoreError> {
        self.rows(
            &format!("{SELECT} WHERE kind = ?1 AND serial > ?2 ORDER BY serial LIMIT ?3"),
            &[&kind.number(), &after_serial, &(limit as i64)],
        )
    }

    fn due(&mut self, now: Moment, limit: usize) -> Result<Vec<(Kind, String)>, StoreError> {
        let rows = self.rows(
            &format!("{SELECT} WHERE due_at <= ?1 ORDER BY due_at, kind, id LIMIT ?2"),
            &[&now.0, &(limit as i64)],
        )?;
        Ok(rows.into_iter().map(|row| (row.kind, row.id)).collect())
    }

    fn reserve(&mut self, _name: &str) -> Result<(), StoreError> {
        Ok(())
    }

    fn claim_key(&mut self, key: &str, _request: &str) -> Result<Option<Remembered>, StoreError> {
        // The only writer: nobody else can take the key before it is remembered.
        let known: Option<(String, String)> = self
            .connection
            .prepare_cached("SELECT request, answer FROM answers WHERE key = ?1")?
            .query_row(params![key], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        known.map(|(request, answer)| remembered(key, request, &answer)).transpose()
    }

    fn remember(&mut self, key: &str, request: &str, answer: &Answer) -> Result<(), StoreError> {
        let text = answer_text(key, answer)?;
        self.connection
            .prepare_cached("INSERT INTO answers (key, request, answer) VALUES (?1, ?2, ?3)")?
            .execute(params![key, request, text])?;
        Ok(())
    }

    fn mark(&mut self) -> Result<(), StoreError> {
        self.run("SAVEPOINT act")
    }

    fn rewind(&mut self) -> Result<(), StoreError> {
        self.run("ROLLBACK TO act")
    }
}

pub(super) fn answer_text(key: &str, answer: &Answer) -> Result<String, StoreError> {
    serde_json::to_string(answer).map_err(|source| unreadable_answer(key, source))
}

pub(super) fn remembered(key: &str, request: String, answer: &str) -> Result<Remembered, StoreError> {
    let answer = serde_json::from_str(answer).map_err(|source| unreadable_answer(key, source))?;
    Ok(Remembered { request, answer })
}

fn unreadable_answer(key: &str, source: serde_json::Error) -> StoreError {
    StoreError::Record { kind: "answer", id: key.to_owned(), source }
}
