//! The commands, one a file.

mod check;
mod compare;
mod completions;
mod desk;
mod explain;
mod inspect;
mod load;
mod new;
mod region;
mod run;
mod scenarios;
mod schema;
mod show;
mod size;
mod stress;
mod sweep;
mod targets;
mod validate;
mod why;

use crate::console::Console;
use crate::failure::Outcome;
use clap::Subcommand;

/// What the program is asked to do.
#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    Run(run::Run),
    Compare(compare::Compare),
    Size(size::Size),
    Why(why::Why),
    Sweep(sweep::Sweep),
    Stress(Box<stress::Stress>),
    Scenarios(scenarios::Scenarios),
    Show(show::Show),
    New(new::New),
    Check(check::Check),
    Targets(targets::Targets),
    Explain(explain::Explain),
    Inspect(Box<inspect::Inspect>),
    Validate(validate::Validate),
    Load(load::Load),
    Desk(desk::Desk),
    Schema(schema::Schema),
    Completions(completions::Completions),
}

impl Command {
    /// Does it.
    pub(crate) fn execute(self, console: &mut Console) -> anyhow::Result<Outcome> {
        match self {
            Command::Run(command) => command.execute(console),
            Command::Compare(command) => command.execute(console),
            Command::Size(command) => command.execute(console),
            Command::Why(command) => command.execute(console),
            Command::Sweep(command) => command.execute(console),
            Command::Stress(command) => command.execute(console),
            Command::Scenarios(command) => command.execute(console),
            Command::Show(command) => command.execute(console),
            Command::New(command) => command.execute(console),
            Command::Check(command) => command.execute(console),
            Command::Targets(command) => command.execute(console),
            Command::Explain(command) => command.execute(console),
            Command::Inspect(command) => command.execute(console),
            Command::Validate(command) => command.execute(console),
            Command::Load(command) => command.execute(console),
            Command::Desk(command) => command.execute(console),
            Command::Schema(command) => command.execute(console),
            Command::Completions(command) => command.execute(console),
        }
    }
}
