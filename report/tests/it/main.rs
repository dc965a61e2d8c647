//! What is written of a run, held to its promises.

mod clinic;
mod document;
mod event_log;
mod folder;
mod page;
mod terminal;
