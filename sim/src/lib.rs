//! The clockwork: time, random streams, event list, stations, tallies. No hospital word in it.
//!
//! A *plan* ([`engine::RunPlan`]) lists stations; a *model* ([`model::Model`]) creates customers and decides where they go
//! next; the *engine* ([`engine::Engine`]) moves the clock from event to event and keeps the account
//! ([`statistics::Statistics`]). Models plug in statically; watching a run ([`observer::Observer`]) costs nothing when
//! nobody watches.

pub mod arrival;
mod customer;
pub mod distribution;
pub mod engine;
mod event_list;
mod lanes;
pub mod model;
pub mod observer;
mod sharing;
pub mod station;
pub mod statistics;
pub mod stream;
pub mod tally;
pub mod time;

pub use customer::Customer;
