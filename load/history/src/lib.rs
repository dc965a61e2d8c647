//! What a load test did and what came of it, kept in a log, and the proof from that log that the system under test
//! stayed correct.
//!
//! A run's engine writes every request with its answer through a [`LogWriter`]. Afterwards, or from any log,
//! [`History::read`] loads it and [`check`] judges it: no slot sold twice, every payment settled once, nothing
//! acknowledged and then lost, only legal moves, and for every slot an order of its requests that explains all
//! answers. Where there is none, the few requests that show it are singled out; [`extract`] writes them as a log of
//! their own and [`Replay`] makes requests of it again.
//!
//! ```
//! use onetrip_history::*;
//!
//! let header = Header::new("one clinic", 7, "desk", "http://127.0.0.1:8080", "2027-03-01T08:00:00Z");
//! let mut log = LogWriter::new(Vec::new(), &header)?;
//! let book = log.template(&Template {
//!     index: 0, // given by the log
//!     method: "POST".into(),
//!     path: "/slots/{0}/appointments".into(),
//!     headers: vec![("idempotency-key".into(), "{1}".into())],
//!     body: String::new(),
//!     captures: vec![Capture { name: "appointment".into(), from: "/id".into() }],
//! })?;
//! for (id, appointment) in [(1, "a-17"), (2, "a-18")] {
//!     let at = Instants { intended_at: id * 1_000, sent_at: id * 1_000 + 20, done_at: id * 1_000 + 900 };
//!     log.operation(&Operation {
//!         slot: Some("s-3".into()),
//!         appointment: Some(appointment.into()),
//!         template: Some(book),
//!         arguments: vec!["s-3".into(), format!("key-{id}").into()],
//!         captured: vec![("appointment".into(), appointment.into())],
//!         ..Operation::new(id, id, "book", Action::Book, at, Outcome::Ok(201))
//!     })?;
//! }
//! let bytes = log.end(&[])?;
//!
//! let report = check(&History::read(&bytes[..])?, &CheckOptions::default());
//! let finding = report.finding(Property::SlotOrder);
//! assert_eq!(finding.verdict, Verdict::Violated);
//! assert_eq!(finding.evidence[0].operations, [1, 2]);
//!
//! let mut small = Vec::new();
//! extract(&mut std::io::Cursor::new(&bytes), Property::SlotOrder, &finding.evidence[0], &mut small)?;
//! let replay = Replay::read(&small[..])?;
//! assert_eq!(Rebinding::new().request(&replay.steps[1])?.path, "/slots/s-3/appointments");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The format
//!
//! JSON lines. The first is `{"header":{…}}`, the last `{"end":{…}}`; in between, in any order, `template`, `slot`,
//! `operation` and `final` ([`Record`]). Instants are microseconds from the start of the run, money is in the smallest
//! unit of its currency, fields that do not apply are left out, unknown fields are refused. Lines are written whole, so
//! a crash tears at most the last one; a log without its end may lack requests that were in flight, and properties
//! that need all of them are then called not checkable.
//!
//! No network, no clock, no threads: the same log always gives the same report.

mod check;
mod extract;
mod history;
mod line;
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
pub use writer::{LogLines, LogWriter};
