//! One transaction's view of the stored records: what the counter needs from a store, and typed records on top.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use thiserror::Error;

use crate::domain::{Entity, Kind, Link, Moment};
use crate::refusal::Refusal;

/// The store failed. The transaction had no effect, unless the variant's doc says otherwise.
#[derive(Debug, Error)]
pub enum StoreError {
    /// SQLite said no.
    #[error("sqlite: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// PostgreSQL said no, or the connection broke; after a broken commit the effect is unknown.
    #[error("postgresql: {}", .0.as_db_error().map_or_else(|| .0.to_string(), ToString::to_string))]
    Postgres(#[from] tokio_postgres::Error),
    /// No connection to PostgreSQL.
    #[error("postgresql pool: {0}")]
    Pool(#[from] deadpool_postgres::PoolError),
    /// A stored record is not what this version of the desk writes.
    #[error("record {kind} `{id}` cannot be read: {source}")]
    Record {
        /// Kind of the record.
        kind: &'static str,
        /// Its id.
        id: String,
        /// What was wrong.
        source: serde_json::Error,
    },
    /// Another desk has the SQLite file open; two writers would give out the same numbers.
    #[error("`{path}` is in use by another desk; stop it, or name another file")]
    InUse {
        /// The database's path.
        path: String,
    },
    /// The lock file beside the SQLite file cannot be made.
    #[error("cannot create `{path}`: {source}")]
    LockFile {
        /// Path of the lock file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The desk is shutting down.
    #[error("the store is closed")]
    Closed,
}

/// Why a command did not succeed.
#[derive(Debug, Error)]
pub(crate) enum CommandError {
    /// The rules forbid it; nothing was changed.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The lost-acknowledgement fault: undo everything, and answer this.
    #[error("undone on purpose")]
    Undone(Box<Answer>),
}

/// What a face sends back; kept with its idempotency key, so that a repetition gets the same.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Answer {
    /// HTTP status.
    pub(crate) status: u16,
    /// JSON body.
    pub(crate) body: Value,
    /// Version for the `ETag`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) version: Option<i64>,
    /// `Location` of a created resource.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) location: Option<String>,
}

impl Answer {
    /// An answer without headers.
    pub(crate) fn plain(status: u16, body: Value) -> Self {
        Self { status, body, version: None, location: None }
    }
}

/// A stored record as the store sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    /// What it is.
    pub(crate) kind: Kind,
    /// Its id within its kind.
    pub(crate) id: String,
    /// Order of creation over all kinds; pages go by it.
    pub(crate) serial: i64,
    /// 1 when created, one more at each change.
    pub(crate) version: i64,
    /// Last change.
    pub(crate) changed_at: Moment,
    /// When the desk must look at it again by itself.
    pub(crate) due_at: Option<Moment>,
    /// The record as JSON text.
    pub(crate) text: String,
}

/// How a key's indexed links change with a put.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct LinkChange {
    /// No longer true.
    pub(crate) removed: Vec<Link>,
    /// New.
    pub(crate) added: Vec<Link>,
}

/// One transaction. In a store with many writers `get` and `reserve` also lock until its end.
pub(crate) trait Ledger {
    /// The present instant.
    fn now(&mut self) -> Moment;

    /// The next number for a new record; numbers of transactions that failed are not given out again.
    fn next_serial(&mut self) -> Result<i64, StoreError>;

    /// Reads a record that the transaction may change.
    fn get(&mut self, kind: Kind, id: &str) -> Result<Option<Row>, StoreError>;

    /// Reads a record without locking it.
    fn peek(&mut self, kind: Kind, id: &str) -> Result<Option<Row>, StoreError>;

    /// Writes a record: created at version 1, changed at any other.
    fn put(&mut self, row: &Row, links: &LinkChange) -> Result<(), StoreError>;

    /// Records with an indexed link, by serial, after `after_serial`.
    fn find(
        &mut self,
        kind: Kind,
        link: (&str, &str),
        after_serial: i64,
        limit: usize,
    ) -> Result<Vec<Row>, StoreError>;

    /// All records of a kind, by serial, after `after_serial`.
    fn list(&mut self, kind: Kind, after_serial: i64, limit: usize) -> Result<Vec<Row>, StoreError>;

    /// Records whose due instant has come.
    fn due(&mut self, now: Moment, limit: usize) -> Result<Vec<(Kind, String)>, StoreError>;

    /// Keeps every other transaction that reserves the same name waiting.
    fn reserve(&mut self, name: &str) -> Result<(), StoreError>;

    /// Takes an idempotency key for this transaction; `None` when it was new, else what it stands for.
    fn claim_key(&mut self, key: &str, request: &str) -> Result<Option<Remembered>, StoreError>;

    /// Keeps the answer to the key just taken.
    fn remember(&mut self, key: &str, request: &str, answer: &Answer) -> Result<(), StoreError>;

    /// A point to come back to.
    fn mark(&mut self) -> Result<(), StoreError>;

    /// Undoes everything since [`Ledger::mark`].
    fn rewind(&mut self) -> Result<(), StoreError>;
}

/// An idempotency key's first use.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Remembered {
    /// The request that came with it.
    pub(crate) request: String,
    /// What was answered.
    pub(crate) answer: Answer,
}

#[derive(Serialize, Deserialize)]
struct Stored<T> {
    facts: T,
    #[serde(skip_serializing_if = "Map::is_empty", default)]
    body: Map<String, Value>,
}

/// A record with its facts.
#[derive(Debug, Clone)]
pub(crate) struct Record<T> {
    /// Its id within its kind.
    pub(crate) id: String,
    /// Order of creation.
    pub(crate) serial: i64,
    /// The version stored; 0 before the first save.
    pub(crate) version: i64,
    /// Last change.
    pub(crate) changed_at: Moment,
    /// What the desk knows.
    pub(crate) facts: T,
    /// Elements a FHIR client sent that the desk has no rule about.
    pub(crate) body: Map<String, Value>,
    stored_links: Vec<Link>,
}

impl<T: Entity> Record<T> {
    /// A record not yet saved.
    pub(crate) fn new(id: String, serial: i64, facts: T, body: Map<String, Value>) -> Self {
        Self { id, serial, version: 0, changed_at: Moment(0), facts, body, stored_links: Vec::new() }
    }

    /// Reads a stored row.
    ///
    /// # Errors
    /// [`StoreError::Record`] when the text is not a record of this kind.
    pub(crate) fn from_row(row: Row) -> Result<Self, StoreError> {
        let stored: Stored<T> = serde_json::from_str(&row.text).map_err(|source| StoreError::Record {
            kind: row.kind.name(),
            id: row.id.clone(),
            source,
        })?;
        let stored_links = indexed_links(&stored.facts);
        Ok(Self {
            id: row.id,
            serial: row.serial,
            version: row.version,
            changed_at: row.changed_at,
            facts: stored.facts,
            body: stored.body,
            stored_links,
        })
    }

    /// Writes the record as its next version.
    ///
    /// # Errors
    /// What the store says.
    pub(crate) fn save(&mut self, ledger: &mut dyn Ledger) -> Result<(), StoreError> {
        self.version += 1;
        self.changed_at = ledger.now();
        let links = indexed_links(&self.facts);
        let change = LinkChange {
            removed: self.stored_links.iter().filter(|link| !links.contains(link)).cloned().collect(),
            added: links.iter().filter(|link| !self.stored_links.contains(link)).cloned().collect(),
        };
        let stored = Stored { facts: &self.facts, body: std::mem::take(&mut self.body) };
        let text = serde_json::to_string(&stored);
        self.body = stored.body;
        let text =
            text.map_err(|source| StoreError::Record { kind: T::KIND.name(), id: self.id.clone(), source })?;
        let row = Row {
            kind: T::KIND,
            id: self.id.clone(),
            serial: self.serial,
            version: self.version,
            changed_at: self.changed_at,
            due_at: self.facts.due_at(),
            text,
        };
        ledger.put(&row, &change)?;
        self.stored_links = links;
        Ok(())
    }

    /// How the desk's own face shows it: the facts with id and version.
    pub(crate) fn view(&self) -> Value {
        let facts = serde_json::to_value(&self.facts).unwrap_or(Value::Null);
        frame(&self.id, self.version, self.changed_at, facts)
    }
}

/// How the desk's own face shows a row.
///
/// # Errors
/// [`StoreError::Record`] when the text is no record.
pub(crate) fn view_row(row: &Row) -> Result<Value, StoreError> {
    let stored: Stored<Value> = serde_json::from_str(&row.text).map_err(|source| StoreError::Record {
        kind: row.kind.name(),
        id: row.id.clone(),
        source,
    })?;
    Ok(frame(&row.id, row.version, row.changed_at, stored.facts))
}

fn frame(id: &str, version: i64, changed_at: Moment, facts: Value) -> Value {
    let mut view = Map::new();
    view.insert("id".into(), id.into());
    view.insert("version".into(), version.into());
    view.insert("changed_at".into(), changed_at.to_string().into());
    if let Value::Object(facts) = facts {
        view.extend(facts);
    }
    Value::Object(view)
}

fn indexed_links<T: Entity>(facts: &T) -> Vec<Link> {
    let mut links: Vec<Link> = facts.links().into_iter().filter(|link| link.indexed).collect();
    links.sort();
    links.dedup();
    links
}
