//! Writing a log: one line per record, buffered, in whole lines only.

use crate::line::push_operation;
use crate::operation::Operation;
use crate::record::{End, FORMAT_VERSION, FinalState, Header, Record, SlotDeclaration, Template};
use crate::state::ObjectKind;
use serde::Serialize;
use std::io::{self, Write};

/// Lines are gathered up to this size before they are handed on, so that a crash tears at most one of them.
const BUFFER_BYTES: usize = 256 * 1024;

/// A record borrowed for writing, with the same shape as [`Record`]; operations are lines of their own making.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
enum Line<'r> {
    Header(&'r Header),
    Template(&'r Template),
    Slot(&'r SlotDeclaration<'r>),
    Final(&'r FinalState<'r>),
    End(&'r End),
}

/// Lines of a log that wait for being handed on.
#[derive(Debug, Default)]
pub struct LogLines {
    bytes: Vec<u8>,
    template_count: u32,
    operation_count: u64,
    handed_on_count: u64,
}

impl LogLines {
    fn push(&mut self, line: &Line<'_>) {
        serde_json::to_writer(&mut self.bytes, line).expect("memory takes every record");
        self.bytes.push(b'\n');
    }

    /// Adds a finished operation. Operations may come in any order of time.
    pub fn operation(&mut self, operation: &Operation<'_>) {
        self.operation_count += 1;
        push_operation(&mut self.bytes, operation);
    }

    /// The lines so far, whole and in order, to be written behind those taken before; the next gather in `room`.
    pub fn take(&mut self, mut room: Vec<u8>) -> Vec<u8> {
        room.clear();
        self.handed_on_count += self.bytes.len() as u64;
        std::mem::replace(&mut self.bytes, room)
    }
}

/// Writes a log to anything that takes bytes. Give it the file itself, not a buffered one: it has its own buffer.
#[derive(Debug)]
pub struct LogWriter<W: Write> {
    sink: W,
    lines: LogLines,
}

impl<W: Write> LogWriter<W> {
    /// Starts a log with its header. The header's version is set to the one this crate writes.
    ///
    /// # Errors
    /// None before the buffer is handed on; later calls return the sink's.
    pub fn new(sink: W, header: &Header) -> io::Result<Self> {
        let lines = LogLines { bytes: Vec::with_capacity(BUFFER_BYTES + 8192), ..LogLines::default() };
        let mut log = LogWriter { sink, lines };
        let header = Header { version: FORMAT_VERSION, ..header.clone() };
        log.line(&Line::Header(&header))?;
        log.flush()?;
        Ok(log)
    }

    /// Goes on with a log whose lines were gathered apart from its sink: see [`Self::into_parts`].
    pub fn from_parts(sink: W, lines: LogLines) -> Self {
        LogWriter { sink, lines }
    }

    /// The sink, and the lines that it has not got yet: for one who gathers lines while another writes them.
    pub fn into_parts(self) -> (W, LogLines) {
        (self.sink, self.lines)
    }

    fn line(&mut self, line: &Line<'_>) -> io::Result<()> {
        self.lines.push(line);
        self.hand_on_much()
    }

    fn hand_on_much(&mut self) -> io::Result<()> {
        if self.lines.bytes.len() >= BUFFER_BYTES { self.flush() } else { Ok(()) }
    }

    /// Declares the shape of requests and returns the index by which operations name it; the template's own index is
    /// ignored.
    ///
    /// # Errors
    /// The sink's.
    pub fn template(&mut self, template: &Template) -> io::Result<u32> {
        let index = self.lines.template_count;
        self.lines.template_count += 1;
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
        self.lines.operation(operation);
        self.hand_on_much()
    }

    /// Writes what was read of one object after the run had come to rest.
    ///
    /// # Errors
    /// The sink's.
    pub fn final_state(&mut self, state: &FinalState<'_>) -> io::Result<()> {
        self.line(&Line::Final(state))
    }

    /// Hands all lines so far to the sink.
    ///
    /// # Errors
    /// The sink's.
    pub fn flush(&mut self) -> io::Result<()> {
        let lines = self.lines.take(Vec::new());
        self.sink.write_all(&lines)?;
        self.lines.bytes = lines;
        self.lines.bytes.clear();
        self.sink.flush()
    }

    /// Closes the log: every request sent is in it, those in flight as unknown. `listed` names the kinds of which the
    /// final states hold every object of the run. Returns the sink.
    ///
    /// # Errors
    /// The sink's.
    pub fn end(mut self, listed: &[ObjectKind]) -> io::Result<W> {
        let end = End { operation_count: self.lines.operation_count, listed: listed.to_vec() };
        self.line(&Line::End(&end))?;
        self.flush()?;
        Ok(self.sink)
    }

    /// How many operations were written.
    pub fn operation_count(&self) -> u64 {
        self.lines.operation_count
    }

    /// How many bytes the log has so far.
    pub fn byte_count(&self) -> u64 {
        self.lines.handed_on_count + self.lines.bytes.len() as u64
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
