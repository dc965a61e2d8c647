//! End-to-end tests. Every system comes through the library's public door, as a file.

/// How a file becomes a system that runs.
mod door;
/// What a run looks like from outside.
mod watching;

/// Broken files and the answers to them.
mod bad_files;
/// Features of the engine against traces worked by hand.
mod engine;
/// Random networks and hospitals from one number: books, threads, common luck.
mod swarm;
/// Cases of queueing theory as files: exact values, coverage of intervals, laws of waits.
mod theory;
/// House rules that a machine can read.
mod tidy;
