//! Reading a log line by line, with the number of the line in every error.

use crate::record::{FORMAT_VERSION, Header, Record};
use schemars::JsonSchema;
use serde::Serialize;
use std::io::{self, BufRead};
use thiserror::Error;

/// Why a log cannot be read. Nothing read before it is wrong.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LogError {
    /// The source failed.
    #[error("line {line}: cannot be read")]
    Io {
        /// Line that was to come, from 1.
        line: u64,
        /// What the source said.
        source: io::Error,
    },
    /// The first line is no header.
    #[error(
        "line 1: not a log of onetrip: the first line must be {{\"header\":{{\"version\":{FORMAT_VERSION},…}}}}"
    )]
    NoHeader,
    /// The header is of another version.
    #[error("line 1: version {found} of the log format, this program reads version {FORMAT_VERSION}")]
    Version {
        /// Version read.
        found: u64,
    },
    /// A line, not the last, is no record.
    #[error("line {line}: {source}")]
    Line {
        /// Line, from 1.
        line: u64,
        /// What is wrong with it, and in which column.
        source: serde_json::Error,
    },
    /// A second header.
    #[error("line {line}: a second header; a log has one run")]
    SecondHeader {
        /// Line, from 1.
        line: u64,
    },
    /// Something after the end.
    #[error("line {line}: a record after the end of the log")]
    AfterEnd {
        /// Line, from 1.
        line: u64,
    },
    /// Records disagree with one another.
    #[error("line {line}: {what}")]
    Disagreement {
        /// Line, from 1.
        line: u64,
        /// What is wrong, and what would be right.
        what: String,
    },
}

/// The last line was cut off in the middle, as by a crash.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct TornLine {
    /// Its number, from 1.
    pub line: u64,
    /// How many bytes of it there are.
    pub byte_count: u64,
}

/// Reads the records of a log, one at a time. A last line without its newline that is no record is torn: it is told
/// apart, not an error.
#[derive(Debug)]
pub struct LogReader<R: BufRead> {
    source: R,
    header: Header,
    bytes: Vec<u8>,
    line: u64,
    ended: bool,
    torn: Option<TornLine>,
}

impl<R: BufRead> LogReader<R> {
    /// Opens a log by reading its header.
    ///
    /// # Errors
    /// The source's; [`LogError::NoHeader`] and [`LogError::Version`].
    pub fn new(mut source: R) -> Result<Self, LogError> {
        let mut bytes = Vec::new();
        source.read_until(b'\n', &mut bytes).map_err(|source| LogError::Io { line: 1, source })?;
        let value: serde_json::Value = serde_json::from_slice(&bytes).map_err(|_| LogError::NoHeader)?;
        let found = value.pointer("/header/version").and_then(serde_json::Value::as_u64);
        match found {
            None => return Err(LogError::NoHeader),
            Some(found) if found != u64::from(FORMAT_VERSION) => return Err(LogError::Version { found }),
            Some(_) => {}
        }
        let header = match serde_json::from_slice(&bytes) {
            Ok(Record::Header(header)) => header,
            Ok(_) => return Err(LogError::NoHeader),
            Err(source) => return Err(LogError::Line { line: 1, source }),
        };
        Ok(LogReader { source, header, bytes, line: 1, ended: false, torn: None })
    }

    /// The header.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Number of the line read last, from 1.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// Whether the line that ends a log has been read.
    pub fn has_ended(&self) -> bool {
        self.ended
    }

    /// The torn last line, once [`Self::next_record`] has returned `None`.
    pub fn torn(&self) -> Option<TornLine> {
        self.torn
    }

    /// The next record, or `None` after the last whole line.
    ///
    /// # Errors
    /// [`LogError`], with the number of the line.
    pub fn next_record(&mut self) -> Result<Option<Record<'_>>, LogError> {
        loop {
            self.bytes.clear();
            let line = self.line + 1;
            let count = self
                .source
                .read_until(b'\n', &mut self.bytes)
                .map_err(|source| LogError::Io { line, source })?;
            if count == 0 {
                return Ok(None);
            }
            self.line = line;
            if !self.bytes.trim_ascii().is_empty() {
                break;
            }
        }
        let line = self.line;
        if self.ended {
            return Err(LogError::AfterEnd { line });
        }
        match record_of(&self.bytes) {
            Ok(Record::Header(_)) => Err(LogError::SecondHeader { line }),
            Ok(record) => {
                self.ended = matches!(record, Record::End(_));
                Ok(Some(record))
            }
            Err(_) if self.bytes.last() != Some(&b'\n') => {
                self.torn = Some(TornLine { line, byte_count: self.bytes.len() as u64 });
                Ok(None)
            }
            Err(source) => Err(LogError::Line { line, source }),
        }
    }
}

/// The record that a line is. That the line is text is looked at once and not for each of its words.
fn record_of(line: &[u8]) -> serde_json::Result<Record<'_>> {
    match std::str::from_utf8(line) {
        Ok(text) => serde_json::from_str(text),
        Err(_) => serde_json::from_slice(line),
    }
}
