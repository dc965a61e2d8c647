//! The clockwork: time, random streams, event list, stations, tallies. No hospital word in it.

pub mod distribution;
pub mod stream;
pub mod time;
