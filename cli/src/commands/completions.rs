//! `onetrip completions`: what a shell needs to complete the commands.

use crate::arguments::{Arguments, both};
use crate::console::Console;
use crate::failure::Outcome;
use clap_complete::Shell;

#[derive(clap::Args, Debug)]
#[command(
    about = both("Print a completion script for a shell", "输出命令行补全脚本"),
    after_help = both(
        "Examples:\n  onetrip completions bash > ~/.local/share/bash-completion/completions/onetrip\n  \
         onetrip completions zsh > ~/.zfunc/_onetrip\n  onetrip completions fish > ~/.config/fish/completions/onetrip.fish",
        "示例：\n  onetrip completions bash > ~/.local/share/bash-completion/completions/onetrip\n  \
         onetrip completions zsh > ~/.zfunc/_onetrip\n  onetrip completions fish > ~/.config/fish/completions/onetrip.fish"
    )
)]
pub(crate) struct Completions {
    #[arg(value_enum, help = both("The shell", "命令行外壳"))]
    shell: Shell,
}

impl Completions {
    pub(crate) fn execute(self, console: &mut Console) -> anyhow::Result<Outcome> {
        let mut script = Vec::new();
        let mut parser = Arguments::parser(console.language);
        clap_complete::generate(self.shell, &mut parser, "onetrip", &mut script);
        console.print(&String::from_utf8_lossy(&script))?;
        Ok(Outcome::Done)
    }
}
