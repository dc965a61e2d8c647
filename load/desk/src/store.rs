//! Where the records live: a trait, SQLite embedded, PostgreSQL, and a rehearsal that writes nothing.

mod postgres;
mod rehearsal;
mod sqlite;

use std::future::Future;
use std::pin::Pin;

pub(crate) use postgres::PostgresStore;
use rehearsal::Rehearsal;
pub(crate) use sqlite::SqliteStore;

use crate::ledger::{Answer, CommandError, Ledger};

/// Work for one transaction. It may be called again from the start when the store had to give up a first try.
pub(crate) type Job = Box<dyn FnMut(&mut dyn Ledger) -> Result<Answer, CommandError> + Send>;

/// An answer to come.
pub(crate) type Reply<'a> = Pin<Box<dyn Future<Output = Result<Answer, CommandError>> + Send + 'a>>;

/// A durable store of records.
pub(crate) trait Store: Send + Sync {
    /// Runs a job as one transaction, serialisable with all others; the answer arrives after it is on disk.
    /// A job that answers an error has no effect.
    fn write(&self, job: Job) -> Reply<'_>;

    /// Runs a job on a snapshot that holds everything acknowledged before the call. Nothing it writes is kept.
    fn read(&self, job: Job) -> Reply<'_>;

    /// Finishes what is under way and closes the files.
    fn close(&self);

    /// Commits so far, for the metrics.
    fn commit_count(&self) -> u64;
}
