//! The log and the checker against a simulated hospital whose every mistake is known.

mod clean;
mod faults;
mod hospital;
mod log;
mod planted;
mod rules;
mod system;
