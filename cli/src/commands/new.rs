//! `onetrip new`: a scenario of the person's own, from a commented start.

use crate::arguments::both;
use crate::console::Console;
use crate::failure::Outcome;
use crate::help::{Examples, plain, told};
use crate::inputs::{Accepted, unknown};
use anyhow::{Context, bail};
use onetrip_scenarios::{hospital, library};
use serde_json::json;
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};

/// What a new network file holds, with remarks in English and in Chinese.
const NETWORK_STARTERS: [&str; 2] = [include_str!("new/network.toml"), include_str!("new/network.zh.toml")];

#[derive(clap::Args, Debug)]
#[command(
    about = both(
        "Write a scenario of your own, with comments that say what can be changed",
        "新建自己的情景文件，附注释说明可修改之处"
    ),
    after_help = EXAMPLES.in_both()
)]
pub(crate) struct New {
    #[arg(help = both(
        "Name of the scenario; the file is NAME.toml. A file that is there already is left alone",
        "情景名称，文件为 NAME.toml；已存在的文件不会被覆盖"
    ))]
    name: String,

    #[arg(
        long,
        value_name = "SCENARIO",
        help = both("Start from a scenario that comes with the program", "以附带情景为起点")
    )]
    from: Option<String>,

    #[arg(
        long,
        conflicts_with = "from",
        help = both("Start with a plain queueing network instead of a hospital", "新建普通排队网络，而非医院")
    )]
    network: bool,
}

const EXAMPLES: Examples = Examples {
    calls: &[
        told("onetrip new mine", "writes mine.toml, a small hospital", "新建 mine.toml（小型医院）"),
        told(
            "onetrip new mine --from township",
            "writes mine.toml, a copy of a shipped scenario",
            "复制附带情景为 mine.toml 供修改",
        ),
        told(
            "onetrip new hall --network",
            "writes hall.toml, a queueing network",
            "新建 hall.toml（排队网络）",
        ),
        plain("onetrip check mine.toml && onetrip run mine.toml"),
    ],
    note: None,
};

impl New {
    pub(crate) fn execute(self, console: &mut Console) -> anyhow::Result<Outcome> {
        let text = match &self.from {
            None if self.network => console.say(NETWORK_STARTERS[0], NETWORK_STARTERS[1]),
            None => console.say(hospital::starter(), hospital::starter_in_chinese()),
            Some(from) => match library::find(from) {
                Some(scenario) => scenario.text,
                None => {
                    let known: Vec<&str> = library::all().iter().map(|scenario| scenario.name).collect();
                    return Err(unknown(("scenario", "情景"), Accepted::Name, from, &known, console));
                }
            },
        };
        if self.name.trim().is_empty() || self.name == ".toml" {
            bail!(
                console
                    .say(
                        "the name is empty; accepted: a name such as `clinic`",
                        "名称为空；可用：如 `clinic` 的名称"
                    )
                    .to_owned()
            );
        }
        let path = match self.name.strip_suffix(".toml") {
            Some(_) => self.name.clone(),
            None => format!("{}.toml", self.name),
        };
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(mut file) => file.write_all(text.as_bytes()).with_context(|| format!("`{path}`"))?,
            Err(error) if error.kind() == ErrorKind::AlreadyExists => bail!(
                "`{path}` {}",
                console.say(
                    "is there already and is left as it is; accepted: another name",
                    "已存在，未作改动；请换一个名称"
                )
            ),
            Err(error) => {
                return Err(error).with_context(|| {
                    format!("{} `{path}`", console.say("cannot write the file", "无法写入文件"))
                });
            }
        }
        if console.is_json {
            console.print_json(&json!({ "file": path }))?;
        } else {
            let next = console.say("written; next:", "已写入；接下来：");
            console.print(&format!("{path} {next} onetrip check {path} && onetrip run {path}"))?;
        }
        Ok(Outcome::Done)
    }
}
