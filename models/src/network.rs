//! The plain queueing network: sources of customers, stations, and journeys between them, as a researcher states them.
//!
//! [`NetworkSpec`] is the description, free of any file format; [`Network`] is the description compiled for running;
//! what a run of it counts is turned into measures by the rules in `network/measures.rs`.

mod check;
mod measures;
mod program;
mod runner;
mod spec;
mod straighten;

pub use measures::MeanOver;
pub use runner::{Network, NetworkRunner};
pub use spec::{
    Balking, Choice, NetworkError, NetworkRun, NetworkSource, NetworkSpec, NetworkStation, Places,
    RouteTable, StationGroup, Step,
};
