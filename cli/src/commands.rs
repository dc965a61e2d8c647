//! The commands, one a file.

mod check;
mod completions;
mod explain;
mod new;
mod run;
mod scenarios;
mod schema;
mod show;
mod targets;
mod validate;

use crate::console::Console;
use crate::failure::Outcome;
use clap::Subcommand;

/// What the program is asked to do.
#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    Run(run::Run),
    Scenarios(scenarios::Scenarios),
    Show(show::Show),
    New(new::New),
    Check(check::Check),
    Targets(targets::Targets),
    Explain(explain::Explain),
    Validate(validate::Validate),
    Schema(schema::Schema),
    Completions(completions::Completions),
}

impl Command {
    /// Does it.
    pub(crate) fn execute(self, console: &mut Console) -> anyhow::Result<Outcome> {
        match self {
            Command::Run(command) => command.execute(console),
            Command::Scenarios(command) => command.execute(console),
            Command::Show(command) => command.execute(console),
            Command::New(command) => command.execute(console),
            Command::Check(command) => command.execute(console),
            Command::Targets(command) => command.execute(console),
            Command::Explain(command) => command.execute(console),
            Command::Validate(command) => command.execute(console),
            Command::Schema(command) => command.execute(console),
            Command::Completions(command) => command.execute(console),
        }
    }
}
