//! The binary `onetrip`: what a person types, what it starts, and what the person is shown.
//!
//! One file a command in `commands/`; each holds its arguments with their help, and what it does.

mod arguments;
mod command_line;
mod commands;
mod console;
mod failure;
mod inputs;
mod interrupt;
mod language;
mod progress;
mod scenario;
mod settings;
mod suggestion;
mod table;
mod watching;

use crate::arguments::Arguments;
use crate::console::Console;
use std::process::ExitCode;

/// A load test allocates on one thread what another frees, at which the C library's allocator is slow.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let language = language::wanted(std::env::args_os().skip(1));
    let arguments = Arguments::read(language);
    let mut console = Console::new(&arguments, language);
    match arguments.command.execute(&mut console) {
        Ok(outcome) => outcome.exit_code(),
        Err(failure) => failure::tell(&failure, &console),
    }
}
