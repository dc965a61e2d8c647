//! `onetrip scenarios`: what comes with the program.

use crate::arguments::both;
use crate::console::Console;
use crate::failure::Outcome;
use crate::help::{Examples, plain};
use crate::table::{Column, table};
use onetrip_scenarios::library;
use onetrip_scenarios::load::FormatKind;
use serde_json::{Value, json};

#[derive(clap::Args, Debug)]
#[command(
    about = both("List the scenarios that come with the program", "列出随程序附带的情景"),
    after_help = EXAMPLES.in_both()
)]
pub(crate) struct Scenarios {}

const EXAMPLES: Examples =
    Examples { calls: &[plain("onetrip scenarios"), plain("onetrip scenarios --json")], note: None };

impl Scenarios {
    pub(crate) fn execute(self, console: &mut Console) -> anyhow::Result<Outcome> {
        let scenarios = library::all();
        if console.is_json {
            let listed: Vec<Value> = scenarios
                .iter()
                .map(|scenario| {
                    let title = scenario.title();
                    let kind = match scenario.kind {
                        FormatKind::Network => "network",
                        FormatKind::Hospital => "hospital",
                        FormatKind::Region => "region",
                    };
                    json!({ "id": scenario.name, "kind": kind, "title": { "en": title.en, "zh": title.zh } })
                })
                .collect();
            console.print_json(&listed)?;
            return Ok(Outcome::Done);
        }
        let rows = scenarios
            .iter()
            .map(|scenario| {
                let title = scenario.title();
                let kind = match scenario.kind {
                    FormatKind::Network => console.say("network", "网络"),
                    FormatKind::Hospital => console.say("hospital", "医院"),
                    FormatKind::Region => console.say("region", "区域"),
                };
                let title = console.say(&title.en, &title.zh).to_owned();
                vec![scenario.name.to_owned(), kind.to_owned(), title]
            })
            .collect();
        let columns = [
            (console.say("scenario", "情景"), Column::Name),
            (console.say("kind", "类型"), Column::Name),
            (console.say("title", "标题"), Column::Words),
        ];
        let mut text = table(&columns, rows);
        text.push_str(console.say(
            "\n\n`onetrip run NAME` runs one; `onetrip show NAME` lists its numbers and where they come from;\n\
             `onetrip new MINE --from NAME` makes a file of your own from it.\n",
            "\n\n`onetrip run 名称` 运行；`onetrip show 名称` 列出其数字与来源；\n\
             `onetrip new 新名称 --from 名称` 以其为基础新建自己的文件。\n",
        ));
        console.print(&text)?;
        Ok(Outcome::Done)
    }
}
