//! studies

pub mod compare;
pub mod design;
pub mod replicate;
pub mod scorecard;
pub mod statistics;
pub mod theory;
