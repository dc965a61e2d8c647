//! studies

pub mod statistics;
pub mod theory;
