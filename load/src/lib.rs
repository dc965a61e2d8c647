//! The crowd at the gate: simulated patients sent over HTTP to a real booking and payment system, at the instants a
//! plan gives them, and the proof of what that system did to them.

pub mod engine;
pub mod journey;
pub mod plan;
