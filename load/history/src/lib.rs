//! What a load test did and what came of it, kept in a log, and the proof from that log that the system under test
//! stayed correct.
//!
//! A run's engine writes every request with its answer through a [`LogWriter`]. Afterwards, or from any log,
//! [`History::read`] loads it and [`check`] judges it: no slot sold twice, every payment settled once, nothing
//! acknowledged and then lost, only legal moves, and for every slot an order of its requests that explains all
//! answers. Where there is none, the few requests that show it are singled out; [`extract`] writes them as a log of
//! their own and [`Replay`] makes requests of it again.
//!
//! No network, no clock, no threads: the same log always gives the same report.

mod check;
mod extract;
mod history;
mod operation;
mod reader;
mod record;
mod replay;
mod report;
mod state;
mod text;
mod writer;

pub use check::{CheckOptions, check};
pub use extract::{ExtractError, extract};
pub use history::History;
pub use operation::{Action, Instants, Lost, Operation, Outcome, Refusal, Seen};
pub use reader::{LogError, LogReader, TornLine};
pub use record::{Capture, End, FORMAT_VERSION, FinalState, Header, Record, SlotDeclaration, Template};
pub use replay::{Rebinding, Replay, ReplayStep, Request, TemplateError};
pub use report::{Evidence, Finding, Language, Property, Report, Verdict};
pub use state::{ObjectKind, State};
pub use text::Text;
pub use writer::LogWriter;
