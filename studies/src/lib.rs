//! The questions: replications, comparisons, regions, scorecards, and the statistics and exact theory under them.
//!
//! Only this crate starts threads for simulation. Results never depend on how many there are.

pub mod compare;
pub mod condition;
pub mod design;
pub mod film;
pub mod inspection;
pub mod long_run;
pub mod region;
pub mod replicate;
pub mod scorecard;
pub mod size;
pub mod statistics;
pub mod stress;
pub mod sweep;
pub mod theory;
pub mod validate;
pub mod why;
