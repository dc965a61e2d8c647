//! How a desk is started.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use thiserror::Error;

use crate::fault::Fault;

/// Where the desk keeps its records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Database {
    /// A SQLite file, created when absent. One desk per file.
    Sqlite(PathBuf),
    /// A PostgreSQL database; the desk creates its tables (`desk_…`). Several desks may share it.
    Postgres(String),
}

/// An address of a kind of database that the desk does not know.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{scheme}://` is no database of the desk's; accepted: the path of a SQLite file, or `postgres://…`")]
pub struct DatabaseError {
    /// What stood before `://`.
    pub scheme: String,
}

impl FromStr for Database {
    type Err = DatabaseError;

    /// Reads `postgres://…` (or `postgresql://…`) as PostgreSQL, and what is no URL as a file's path.
    fn from_str(text: &str) -> Result<Self, DatabaseError> {
        match text.split_once("://") {
            Some(("postgres" | "postgresql", _)) => Ok(Self::Postgres(text.to_owned())),
            Some((scheme, _)) => Err(DatabaseError { scheme: scheme.to_owned() }),
            None => Ok(Self::Sqlite(PathBuf::from(text))),
        }
    }
}

/// Everything a desk is told at its start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where the records live.
    pub database: Database,
    /// How long a locked place is kept when the request does not say.
    pub hold_time: Duration,
    /// Longest hold a request may ask for.
    pub hold_time_max: Duration,
    /// Mistakes switched on.
    pub faults: Vec<Fault>,
    /// Longest request body read, in bytes.
    pub body_bytes_max: usize,
}

impl Options {
    /// A desk without faults on a free loopback port; locks last 15 minutes, the custom of slot pools.
    pub fn new(database: Database) -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            database,
            hold_time: Duration::from_secs(15 * 60),
            hold_time_max: Duration::from_secs(24 * 60 * 60),
            faults: Vec::new(),
            body_bytes_max: 1 << 20,
        }
    }
}

/// The rules the counter goes by. All checks on is the honest desk; each one off is a fault.
#[derive(Debug, Clone)]
pub(crate) struct Rules {
    pub(crate) hold_time: Duration,
    pub(crate) hold_time_max: Duration,
    pub(crate) capacity_checked: bool,
    pub(crate) versions_checked: bool,
    pub(crate) keys_kept: bool,
    pub(crate) expiry_final: bool,
    pub(crate) settled_once: bool,
    pub(crate) moves_checked: bool,
}

impl Rules {
    pub(crate) fn new(options: &Options) -> Self {
        let has = |name: &str| options.faults.iter().any(|fault| fault.name() == name);
        Self {
            hold_time: options.hold_time,
            hold_time_max: options.hold_time_max,
            capacity_checked: true,
            versions_checked: true,
            keys_kept: !has("no-idempotency"),
            expiry_final: !has("late-expiry"),
            settled_once: !has("double-settlement"),
            moves_checked: !has("illegal-move"),
        }
    }

    /// The second half of check-then-act.
    pub(crate) fn without_looking(&self) -> Self {
        Self { capacity_checked: false, versions_checked: false, ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_is_a_file_or_a_url_of_a_kind_that_is_known() {
        assert_eq!("desk.sqlite".parse(), Ok(Database::Sqlite("desk.sqlite".into())));
        let url = "postgresql://me@localhost/desk";
        assert_eq!(url.parse(), Ok(Database::Postgres(url.to_owned())));
        let error = "mysql://localhost/desk".parse::<Database>().unwrap_err().to_string();
        assert!(
            error.contains("`mysql://`") && error.contains("accepted: the path of a SQLite file"),
            "{error}"
        );
    }
}
