//! `onetrip completions`: what a shell needs to complete the commands.

use crate::arguments::both;
use crate::completing::VARIABLE;
use crate::console::Console;
use crate::failure::Outcome;
use crate::help::{Examples, plain};
use anyhow::Context;
use clap_complete::Shell;
use clap_complete::env::Shells;

/// The program as it is found on the path.
const PROGRAM: &str = "onetrip";

/// Zsh loads a file of its function path at the first Tab as a function of the file's name, and wants an answer from it.
const FIRST_TAB_OF_ZSH: &str = r#"if [ "$funcstack[1]" = "_onetrip" ]; then
    _clap_dynamic_completer_onetrip "$@"
fi
"#;

#[derive(clap::Args, Debug)]
#[command(
    about = both("Print a completion script for a shell", "输出命令行补全脚本"),
    after_help = EXAMPLES.in_both()
)]
pub(crate) struct Completions {
    #[arg(value_enum, help = both("The shell", "命令行外壳"))]
    shell: Shell,
}

const EXAMPLES: Examples = Examples {
    calls: &[
        plain("onetrip completions bash > ~/.local/share/bash-completion/completions/onetrip"),
        plain("onetrip completions zsh > ~/.zfunc/_onetrip"),
        plain("onetrip completions fish > ~/.config/fish/completions/onetrip.fish"),
    ],
    note: Some((
        "The script asks the program what can be typed next: commands, options, scenarios, target documents, \
         measures and files. `onetrip` must be on the path. After an upgrade write the script again.",
        "补全时由脚本向程序询问可输入的内容：命令、选项、情景、目标文件、指标与文件。`onetrip` 须在 PATH 中；\
         程序升级后请重新生成脚本。",
    )),
};

impl Completions {
    pub(crate) fn execute(self, console: &mut Console) -> anyhow::Result<Outcome> {
        let shells = Shells::builtins();
        let shell = self.shell.to_string();
        let completer = shells.completer(&shell).with_context(|| format!("nothing is known of `{shell}`"))?;
        let mut script = Vec::new();
        completer.write_registration(VARIABLE, PROGRAM, PROGRAM, PROGRAM, &mut script)?;
        if self.shell == Shell::Zsh {
            script.extend_from_slice(FIRST_TAB_OF_ZSH.as_bytes());
        }
        console.print(&String::from_utf8_lossy(&script))?;
        Ok(Outcome::Done)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_tab_of_zsh_calls_what_the_script_defines() {
        let mut script = Vec::new();
        let shells = Shells::builtins();
        let zsh = shells.completer("zsh").unwrap();
        zsh.write_registration(VARIABLE, PROGRAM, PROGRAM, PROGRAM, &mut script).unwrap();
        let defined = String::from_utf8(script).unwrap();
        assert!(defined.contains("function _clap_dynamic_completer_onetrip()"), "{defined}");
        assert!(FIRST_TAB_OF_ZSH.contains("_clap_dynamic_completer_onetrip"));
    }
}
