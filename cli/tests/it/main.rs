//! The binary as a person meets it: what is typed, what is printed, how it ends.

mod checking;
mod documents;
mod examples;
mod loading;
mod program;
mod running;
mod speaking;
mod starting;
mod sweeping;
mod validating;
