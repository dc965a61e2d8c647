//! What a person or a machine reads of a run.
//!
//! A [`document::RunDocument`] is made once from the results; everything else is made from it: JSON, the tables of the
//! terminal, plots, the HTML page and the folder that holds them. Event logs are written while a run is watched.

pub mod compare;
pub mod document;
pub mod event_log;
pub mod facts;
pub mod figures;
pub mod folder;
mod html;
pub mod inspection;
pub mod methods;
pub mod page;
mod phrases;
pub mod plots;
pub mod region;
mod setting;
pub mod size;
pub mod stress;
mod study;
pub mod sweep;
pub mod tables;
pub mod terminal;
pub mod visits;
pub mod whole_file;
pub mod why;
pub mod words;
