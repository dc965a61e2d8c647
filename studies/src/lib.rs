//! studies

pub mod statistics;
