//! The engine: sends what a plan intends at the instants it intends, whatever the server does, and writes down both
//! clocks of every request.
//!
//! It is written over a [`Clock`] and a [`Transport`], so that the same code runs against real sockets, paced by a timer
//! of the kernel ([`PacedClock`]), and under paused time in tests ([`TimerClock`]).

mod answer;
mod clock;
mod connections;
mod connector;
mod figures;
mod http;
mod lists;
mod pacer;
mod patient;
mod recorder;
mod run;
mod settings;
mod statistics;
mod stop;
mod streams;
mod target;
mod transport;

pub use self::http::{HttpTransport, TransportError};
pub use clock::{Clock, TimerClock};
pub use figures::Progress;
pub use lists::{Asker, FetchError, PoolRows, Prepared, prepare};
pub use pacer::PacedClock;
pub use run::{EngineError, Run, RunRecord, execute};
pub use settings::{Settings, Soundness, VoidReason};
pub use statistics::{Latency, Second, Stall, Statistics, StepStatistics, Wait, latency_histogram};
pub use stop::{Stop, StopHandle};
pub use target::{Target, TargetError};
pub use transport::{SendFailure, Transport};
