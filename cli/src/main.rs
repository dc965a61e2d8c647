//! The binary `onetrip`: what a person types, what it starts, and what the person is shown.
//!
//! One file a command in `commands/`; each holds its arguments with their help, and what it does.

mod arguments;
mod command_line;
mod commands;
mod completing;
mod console;
#[cfg(test)]
mod examples;
mod failure;
mod help;
mod inputs;
mod interrupt;
mod judging;
mod language;
mod misuse;
mod progress;
mod scenario;
mod settings;
mod sockets;
mod suggestion;
mod table;
mod values;
mod watching;
mod wrapping;

use crate::arguments::Arguments;
use crate::console::Console;
use crate::failure::Outcome;
use crate::interrupt::Interrupt;
use std::process::ExitCode;

/// A load test allocates on one thread what another frees, at which the C library's allocator is slow.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let language = language::wanted(std::env::args_os().skip(1));
    completing::answer(language);
    let arguments = Arguments::read(language);
    let mut console = Console::new(&arguments, language);
    match arguments.command.execute(&mut console) {
        // What was kept is not what was asked for. A target that was found missed stays missed.
        Ok(Outcome::Done) if Interrupt::was_asked() => Outcome::Stopped.exit_code(),
        Ok(outcome) => outcome.exit_code(),
        Err(failure) => failure::tell(&failure, &console),
    }
}
