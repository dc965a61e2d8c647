//! Writing a log: one line per record, buffered, in whole lines only.

use crate::operation::Operation;
use crate::record::{End, FORMAT_VERSION, FinalState, Header, Record, SlotDeclaration, Template};
use crate::state::ObjectKind;
use serde::Serialize;
use std::io::{self, Write};

/// Lines are gathered up to this size before they are handed on, so that a crash tears at most one of them.
const BUFFER_BYTES: usize = 256 * 1024;

/// A record borrowed for writing, with the same shape as [`Record`].
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
enum Line<'r> {
    Header(&'r Header),
    Template(&'r Template),
    Slot(&'r SlotDeclaration<'r>),
    Operation(&'r Operation<'r>),
    Final(&'r FinalState<'r>),
    End(&'r End),
}

/// Writes a log to anything that takes bytes. Give it the file itself, not a buffered one: it has its own buffer.
#[derive(Debug)]
pub struct LogWriter<W: Write> {
    sink: W,
    buffer: Vec<u8>,
    template_count: u32,
    operation_count: u64,
    byte_count: u64,
}

impl<W: Write> LogWriter<W> {
    /// Starts a log with its header. The header's version is set to the one this crate writes.
    ///
    /// # Errors
    /// None before the buffer is handed on; later calls return the sink's.
    pub fn new(sink: W, header: &Header) -> io::Result<Self> {
        let buffer = Vec::with_capacity(BUFFER_BYTES + 8192);
        let mut log = LogWriter { sink, buffer, template_count: 0, operation_count: 0, byte_count: 0 };
        let header = Header { version: FORMAT_VERSION, ..header.clone() };
        log.line(&Line::Header(&header))?;
        log.flush()?;
        Ok(log)
    }

    fn line(&mut self, line: &Line<'_>) -> io::Result<()> {
        let before = self.buffer.len();
        serde_json::to_writer(&mut self.buffer, line)?;
        self.buffer.push(b'\n');
        self.byte_count += (self.buffer.len() - before) as u64;
        if self.buffer.len() >= BUFFER_BYTES { self.flush() } else { Ok(()) }
    }

    /// Declares the shape of requests and returns the index by which operations name it; the template's own index is
    /// ignored.
    ///
    /// # Errors
    /// The sink's.
    pub fn template(&mut self, template: &Template) -> io::Result<u32> {
        let index = self.template_count;
        self.template_count += 1;
        self.line(&Line::Template(&Template { index, ..template.clone() }))?;
        Ok(index)
    }

    /// Declares a slot that differs from the header's defaults. Before or after the operations on it.
    ///
    /// # Errors
    /// The sink's.
    pub fn slot(&mut self, slot: &SlotDeclaration<'_>) -> io::Result<()> {
        self.line(&Line::Slot(slot))
    }

    /// Writes a finished operation. Operations may come in any order of time.
    ///
    /// # Errors
    /// The sink's.
    pub fn operation(&mut self, operation: &Operation<'_>) -> io::Result<()> {
        self.operation_count += 1;
        self.line(&Line::Operation(operation))
    }

    /// Writes what was read of one object after the run had come to rest.
    ///
    /// # Errors
    /// The sink's.
    pub fn final_state(&mut self, state: &FinalState<'_>) -> io::Result<()> {
        self.line(&Line::Final(state))
    }

    /// Hands all lines so far to the sink. The engine calls it about once a second.
    ///
    /// # Errors
    /// The sink's.
    pub fn flush(&mut self) -> io::Result<()> {
        self.sink.write_all(&self.buffer)?;
        self.buffer.clear();
        self.sink.flush()
    }

    /// Closes the log: every request sent is in it, those in flight as unknown. `listed` names the kinds of which the
    /// final states hold every object of the run. Returns the sink.
    ///
    /// # Errors
    /// The sink's.
    pub fn end(mut self, listed: &[ObjectKind]) -> io::Result<W> {
        let end = End { operation_count: self.operation_count, listed: listed.to_vec() };
        self.line(&Line::End(&end))?;
        self.flush()?;
        Ok(self.sink)
    }

    /// How many operations were written.
    pub fn operation_count(&self) -> u64 {
        self.operation_count
    }

    /// How many bytes the log has so far.
    pub fn byte_count(&self) -> u64 {
        self.byte_count
    }

    /// Writes a record as it was read, for extracts; templates keep their index.
    pub(crate) fn record(&mut self, record: &Record<'_>) -> io::Result<()> {
        match record {
            Record::Header(header) => self.line(&Line::Header(header)),
            Record::Template(template) => self.line(&Line::Template(template)),
            Record::Slot(slot) => self.slot(slot),
            Record::Operation(operation) => self.operation(operation),
            Record::Final(state) => self.final_state(state),
            Record::End(end) => self.line(&Line::End(end)),
        }
    }
}
