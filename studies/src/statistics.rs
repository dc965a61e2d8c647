//! Statistics of replicated runs: intervals, replication numbers, selection of designs, chances of passing.
//!
//! Functions on numbers only: nothing here runs a simulation, reads a file or knows a hospital. What needs samples
//! on demand (ranking and selection, feasibility) takes them through [`selection::Systems`]; what needs chance
//! takes a keyed stream. Nothing returns NaN: where the data allow no interval, there is none.

pub mod error;
pub mod integration;
pub mod interval;
pub mod laws;
pub mod multiple;
pub mod passing;
pub mod quantile;
pub mod replications;
pub mod running;
pub mod selection;
pub mod share;
pub mod steady_state;
pub mod variance_reduction;

pub use error::StatisticsError;
pub use interval::{Estimate, Interval, Level};
