//! The rooms: what a hospital (and the plain queueing network) is made of, on top of the clockwork.
//!
//! A description (plain data, free of any file format) is compiled to a [`system::System`]; a system has measures, and
//! makes runners, which add to accounts. No IO, no wall clock, no threads.

pub mod account;
pub mod hospital;
pub mod measure;
pub mod network;
pub mod stress;
pub mod system;
pub mod text;
pub mod watch;
