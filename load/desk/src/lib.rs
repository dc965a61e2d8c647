//! A small real booking and payment server to try load tests on: SQLite or PostgreSQL underneath, its own JSON
//! face and FHIR R4 above, and a list of known mistakes that can be switched on.
//!
//! What it guarantees, without faults, also under `kill -9`:
//! * a slot never has more held and sold places than its capacity, whatever the way of booking;
//! * an answered write is on disk, and a write has happened either whole or not at all;
//! * an idempotency key acts once: the same request again gets the same answer, another request is refused;
//! * an invoice is settled at most once, and paying a registration books its place in the same transaction;
//! * every change of state is one of the legal moves of [`domain`].
//!
//! Naive FHIR clients (read a slot, see it free, write it busy, post the appointment) are served as they ask:
//! the slot's state is theirs to write while it has no appointment. What the desk refuses, with 409, is the
//! appointment beyond capacity.

mod clock;
mod counter;
pub mod domain;
mod faces;
mod fault;
mod ledger;
mod metrics;
mod office;
mod options;
mod refusal;
mod server;
mod store;

pub use fault::{FAULTS, Fault, FaultError, FaultGuide};
pub use ledger::StoreError;
pub use options::{Database, Options};
pub use refusal::Refusal;
pub use server::{Desk, DeskError, RunningDesk};
