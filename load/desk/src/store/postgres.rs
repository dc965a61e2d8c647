//! PostgreSQL: every command a transaction of its own connection, serialised by row locks.
//!
//! READ COMMITTED with `SELECT … FOR UPDATE` on every record a command may change, taken in one order
//! (slot, booking, order, charge, invoice), and advisory locks where the thing to guard does not exist yet.
//! SERIALIZABLE would be simpler to argue but aborts nearly every racer for a popular slot.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod};
use tokio::runtime::Handle;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Config, NoTls};

use super::sqlite::{answer_text, remembered};
use super::{Job, Rehearsal, Reply, Store};
use crate::clock::Clock;
use crate::domain::{Kind, Moment};
use crate::ledger::{Answer, CommandError, Ledger, LinkChange, Remembered, Row, StoreError};

const SCHEMA: &str = "
SELECT pg_advisory_lock(7301);
CREATE SEQUENCE IF NOT EXISTS desk_serials;
CREATE TABLE IF NOT EXISTS desk_records (
    kind BIGINT NOT NULL, id TEXT NOT NULL, serial BIGINT NOT NULL, version BIGINT NOT NULL,
    changed_at BIGINT NOT NULL, due_at BIGINT, text TEXT NOT NULL, PRIMARY KEY (kind, id)
);
CREATE UNIQUE INDEX IF NOT EXISTS desk_records_by_serial ON desk_records (kind, serial);
CREATE INDEX IF NOT EXISTS desk_records_due ON desk_records (due_at) WHERE due_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS desk_links (
    kind BIGINT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, serial BIGINT NOT NULL,
    PRIMARY KEY (kind, name, value, serial)
);
CREATE TABLE IF NOT EXISTS desk_answers (key TEXT NOT NULL PRIMARY KEY, request TEXT NOT NULL, answer TEXT);
SELECT pg_advisory_unlock(7301);
";

const CONNECTION_COUNT: usize = 16;
/// A command that lost a deadlock this often has met something worse than bad luck.
const ATTEMPTS_MAX: u32 = 8;

pub(crate) struct PostgresStore {
    pool: Pool,
    clock: Arc<Clock>,
    commits: AtomicU64,
    slow_disk_time: Duration,
}

impl PostgresStore {
    /// Connects and creates the tables. `slow_disk_time` is a fault: every commit takes that much longer.
    pub(crate) async fn open(
        url: &str,
        clock: Arc<Clock>,
        slow_disk_time: Duration,
    ) -> Result<Self, StoreError> {
        let config: Config = url.parse()?;
        let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let manager = Manager::from_config(config, NoTls, recycling);
        // The builder fails only for time limits without a runtime, and none is set.
        let pool =
            Pool::builder(manager).max_size(CONNECTION_COUNT).build().map_err(|_| StoreError::Closed)?;
        pool.get().await?.batch_execute(SCHEMA).await?;
        Ok(Self { pool, clock, commits: AtomicU64::new(0), slow_disk_time })
    }

    async fn ledger(&self) -> Result<PostgresLedger, StoreError> {
        let client = self.pool.get().await?;
        Ok(PostgresLedger { client, handle: Handle::current(), clock: self.clock.clone() })
    }
}

impl Store for PostgresStore {
    fn write(&self, mut job: Job) -> Reply<'_> {
        Box::pin(async move {
            let mut ledger = self.ledger().await?;
            let slow_disk_time = self.slow_disk_time;
            let work = move || -> Result<Answer, CommandError> {
                let mut attempt = 1;
                loop {
                    ledger.run("BEGIN ISOLATION LEVEL READ COMMITTED")?;
                    let answer = job(&mut ledger);
                    match answer {
                        Ok(answer) => {
                            std::thread::sleep(slow_disk_time);
                            ledger.run("COMMIT")?;
                            return Ok(answer);
                        }
                        Err(error) => {
                            ledger.run("ROLLBACK")?;
                            if attempt == ATTEMPTS_MAX || !lost_a_conflict(&error) {
                                return Err(error);
                            }
                            attempt += 1;
                        }
                    }
                }
            };
            let answer = tokio::task::spawn_blocking(work).await.map_err(|_| StoreError::Closed)?;
            self.commits.fetch_add(u64::from(answer.is_ok()), Ordering::Relaxed);
            answer
        })
    }

    fn read(&self, mut job: Job) -> Reply<'_> {
        Box::pin(async move {
            let mut ledger = self.ledger().await?;
            let work = move || -> Result<Answer, CommandError> {
                ledger.run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?;
                let answer = job(&mut Rehearsal::new(&mut ledger));
                ledger.run("ROLLBACK")?;
                answer
            };
            tokio::task::spawn_blocking(work).await.map_err(|_| StoreError::Closed)?
        })
    }

    fn close(&self) {
        self.pool.close();
    }

    fn commit_count(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }
}

fn lost_a_conflict(error: &CommandError) -> bool {
    let CommandError::Store(StoreError::Postgres(error)) = error else { return false };
    matches!(
        error.code(),
        Some(&SqlState::T_R_DEADLOCK_DETECTED)
            | Some(&SqlState::T_R_SERIALIZATION_FAILURE)
            | Some(&SqlState::UNIQUE_VIOLATION)
    )
}

struct PostgresLedger {
    client: Object,
    handle: Handle,
    clock: Arc<Clock>,
}

type Values<'a> = &'a [&'a (dyn ToSql + Sync)];

impl PostgresLedger {
    fn run(&mut self, statement: &str) -> Result<(), StoreError> {
        self.handle.block_on(self.client.batch_execute(statement))?;
        Ok(())
    }

    fn execute(&mut self, statement: &str, values: Values<'_>) -> Result<u64, StoreError> {
        let (client, handle) = (&self.client, &self.handle);
        Ok(handle.block_on(async {
            let statement = client.prepare_cached(statement).await?;
            client.execute(&statement, values).await
        })?)
    }

    fn query(&mut self, statement: &str, values: Values<'_>) -> Result<Vec<tokio_postgres::Row>, StoreError> {
        let (client, handle) = (&self.client, &self.handle);
        Ok(handle.block_on(async {
            let statement = client.prepare_cached(statement).await?;
            client.query(&statement, values).await
        })?)
    }

    fn rows(&mut self, statement: &str, values: Values<'_>) -> Result<Vec<Row>, StoreError> {
        self.query(statement, values)?
            .into_iter()
            .map(|row| {
                let number: i64 = row.try_get(0)?;
                // A kind of a later version of the desk has no rules here: show nothing of it.
                let Some(kind) = Kind::ALL.into_iter().find(|kind| kind.number() == number) else {
                    return Ok(None);
                };
                Ok(Some(Row {
                    kind,
                    id: row.try_get(1)?,
                    serial: row.try_get(2)?,
                    version: row.try_get(3)?,
                    changed_at: Moment(row.try_get(4)?),
                    due_at: row.try_get::<_, Option<i64>>(5)?.map(Moment),
                    text: row.try_get(6)?,
                }))
            })
            .filter_map(Result::transpose)
            .collect()
    }
}

const SELECT: &str = "SELECT kind, id, serial, version, changed_at, due_at, text FROM desk_records";

impl Ledger for PostgresLedger {
    fn now(&mut self) -> Moment {
        self.clock.now()
    }

    fn next_serial(&mut self) -> Result<i64, StoreError> {
        let rows = self.query("SELECT nextval('desk_serials')", &[])?;
        rows.first().map_or(Err(StoreError::Closed), |row| Ok(row.try_get(0)?))
    }

    fn get(&mut self, kind: Kind, id: &str) -> Result<Option<Row>, StoreError> {
        let statement = format!("{SELECT} WHERE kind = $1 AND id = $2 FOR UPDATE");
        Ok(self.rows(&statement, &[&kind.number(), &id])?.pop())
    }

    fn peek(&mut self, kind: Kind, id: &str) -> Result<Option<Row>, StoreError> {
        let statement = format!("{SELECT} WHERE kind = $1 AND id = $2");
        Ok(self.rows(&statement, &[&kind.number(), &id])?.pop())
    }

    fn put(&mut self, row: &Row, links: &LinkChange) -> Result<(), StoreError> {
        let (kind, due_at) = (row.kind.number(), row.due_at.map(|at| at.0));
        if row.version == 1 {
            self.execute(
                "INSERT INTO desk_records (kind, id, serial, version, changed_at, due_at, text)
                 VALUES ($1, $2, $3, $4, $5, $6, $7)",
                &[&kind, &row.id, &row.serial, &row.version, &row.changed_at.0, &due_at, &row.text],
            )?;
        } else {
            self.execute(
                "UPDATE desk_records SET version = $3, changed_at = $4, due_at = $5, text = $6
                 WHERE kind = $1 AND id = $2",
                &[&kind, &row.id, &row.version, &row.changed_at.0, &due_at, &row.text],
            )?;
        }
        for link in &links.removed {
            self.execute(
                "DELETE FROM desk_links WHERE kind = $1 AND name = $2 AND value = $3 AND serial = $4",
                &[&kind, &link.name, &link.value, &row.serial],
            )?;
        }
        for link in &links.added {
            self.execute(
                "INSERT INTO desk_links (kind, name, value, serial) VALUES ($1, $2, $3, $4)",
                &[&kind, &link.name, &link.value, &row.serial],
            )?;
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
             FROM desk_links l JOIN desk_records r ON r.kind = l.kind AND r.serial = l.serial
             WHERE l.kind = $1 AND l.name = $2 AND l.value = $3 AND l.serial > $4
             ORDER BY l.serial LIMIT $5",
            &[&kind.number(), &link.0, &link.1, &after_serial, &(limit as i64)],
        )
    }

    fn list(&mut self, kind: Kind, after_serial: i64, limit: usize) -> Result<Vec<Row>, StoreError> {
        let statement = format!("{SELECT} WHERE kind = $1 AND serial > $2 ORDER BY serial LIMIT $3");
        self.rows(&statement, &[&kind.number(), &after_serial, &(limit as i64)])
    }

    fn due(&mut self, now: Moment, limit: usize) -> Result<Vec<(Kind, String)>, StoreError> {
        let statement = format!("{SELECT} WHERE due_at <= $1 ORDER BY due_at, kind, id LIMIT $2");
        let rows = self.rows(&statement, &[&now.0, &(limit as i64)])?;
        Ok(rows.into_iter().map(|row| (row.kind, row.id)).collect())
    }

    fn reserve(&mut self, name: &str) -> Result<(), StoreError> {
        self.query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", &[&name])?;
        Ok(())
    }

    fn claim_key(&mut self, key: &str, request: &str) -> Result<Option<Remembered>, StoreError> {
        // The insert waits for another transaction with the same key, so the answer is there or the key is ours.
        let claimed = self.execute(
            "INSERT INTO desk_answers (key, request) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING",
            &[&key, &request],
        )?;
        if claimed == 1 {
            return Ok(None);
        }
        let rows = self.query("SELECT request, answer FROM desk_answers WHERE key = $1", &[&key])?;
        let Some(row) = rows.first() else { return Ok(None) };
        match row.try_get::<_, Option<String>>(1)? {
            Some(answer) => Ok(Some(remembered(key, row.try_get(0)?, &answer)?)),
            None => Ok(None),
        }
    }

    fn remember(&mut self, key: &str, _request: &str, answer: &Answer) -> Result<(), StoreError> {
        let text = answer_text(key, answer)?;
        self.execute("UPDATE desk_answers SET answer = $2 WHERE key = $1", &[&key, &text])?;
        Ok(())
    }

    fn mark(&mut self) -> Result<(), StoreError> {
        self.run("SAVEPOINT act")
    }

    fn rewind(&mut self) -> Result<(), StoreError> {
        self.run("ROLLBACK TO act")
    }
}
