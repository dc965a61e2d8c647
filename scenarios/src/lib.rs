//! The papers at the desk: every file format that goes in or out, and the scenarios that come with the program.

pub mod flu;
pub mod hospital;
pub mod law;
pub mod library;
pub mod load;
pub mod network;
pub mod profile;
pub mod quantity;
pub mod reader;
pub mod region;
pub mod targets;
