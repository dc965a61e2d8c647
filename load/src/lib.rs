//! The crowd at the gate: simulated patients sent over HTTP to a real booking and payment system, at the instants a
//! plan gives them, and the proof of what that system did to them.
//!
//! A [`plan`] says who asks for what when; a [`journey`] says it on the wire; the [`engine`] sends it, open loop, and
//! writes a log that `onetrip-history` judges; [`report`] and [`threshold`] tell people and programs what came of it;
//! [`capacity`] finds how many patients an hour the system bears; [`replay`] sends a log again.

pub mod capacity;
pub mod engine;
pub mod journey;
pub mod metrics;
pub mod plan;
pub mod replay;
pub mod report;
pub mod session;
pub mod threshold;
