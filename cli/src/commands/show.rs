//! `onetrip show`: every number of a scenario, and where it comes from.

use crate::arguments::both;
use crate::console::Console;
use crate::failure::Outcome;
use crate::help::{Examples, plain};
use crate::scenario::ScenarioArguments;
use crate::table::{Column, table};
use onetrip_models::text::Text;
use onetrip_report::figures::counted;
use onetrip_report::words::Language;
use onetrip_scenarios::reader::{Origin, Provenance};
use onetrip_scenarios::region::RegionSpec;
use serde_json::json;

#[derive(clap::Args, Debug)]
#[command(
    about = both(
        "Show every number of a scenario and where it comes from",
        "列出情景的每个数字及其来源"
    ),
    after_help = EXAMPLES.in_both()
)]
pub(crate) struct Show {
    #[command(flatten)]
    scenario: ScenarioArguments,

    #[arg(
        long,
        conflicts_with_all = ["set", "is_json"],
        help = both("Print the file itself", "输出情景文件原文")
    )]
    toml: bool,
}

const EXAMPLES: Examples = Examples {
    calls: &[plain("onetrip show mm1-pharmacy"), plain("onetrip show mm1-pharmacy --toml > mine.toml")],
    note: Some(("The paths in the first column are what --set takes.", "首列路径即 --set 所用路径。")),
};

impl Show {
    pub(crate) fn execute(self, console: &mut Console) -> anyhow::Result<Outcome> {
        if self.toml {
            let document = self.scenario.document(console)?;
            console.print(document.text())?;
            return Ok(Outcome::Done);
        }
        if let Some(reading) = self.scenario.region(console)? {
            let RegionSpec { title, about, .. } = &reading.value;
            return self.show(title, about, &reading.provenance, console);
        }
        let chosen = self.scenario.choose(console)?;
        self.show(chosen.title(), chosen.description(), &chosen.provenance, console)
    }

    fn show(
        &self,
        title: &Text,
        description: &Text,
        numbers: &[Provenance],
        console: &mut Console,
    ) -> anyhow::Result<Outcome> {
        if console.is_json {
            console.print_json(&json!({
                "id": self.scenario.scenario,
                "title": { "en": title.en, "zh": title.zh },
                "description": { "en": description.en, "zh": description.zh },
                "numbers": numbers,
            }))?;
            return Ok(Outcome::Done);
        }
        let mut text = format!("{}\n", console.say(&title.en, &title.zh));
        if !description.en.is_empty() {
            text.push_str(&format!("{}\n", console.say(&description.en, &description.zh)));
        }
        let columns = [
            (console.say("number", "项目"), Column::Path),
            (console.say("value", "取值"), Column::Words),
            ("n", Column::Number),
            (console.say("where it comes from", "来源"), Column::Words),
        ];
        let rows = numbers.iter().map(|number| row(number, console)).collect();
        text.push_str(&format!("\n{}\n\n{}\n", table(&columns, rows), tally(numbers, console)));
        console.print(&text)?;
        Ok(Outcome::Done)
    }
}

fn row(number: &Provenance, console: &Console) -> Vec<String> {
    let evidence = &number.evidence;
    let mut parts: Vec<String> = Vec::new();
    match number.origin {
        Origin::CommandLine => {
            let replaced = number.replaced.as_deref().unwrap_or(console.say("nothing", "无"));
            parts.push(format!("--set ({}: {replaced})", console.say("in the file", "文件中")));
        }
        Origin::Default => {
            parts.push(console.say("assumption: default of the format", "假设：格式默认值").to_owned())
        }
        Origin::File => {
            parts.extend(evidence.assumption.then(|| console.say("assumption", "假设").to_owned()));
            parts.extend(evidence.source.clone());
            parts.extend(evidence.note.clone());
            if parts.is_empty() {
                parts.push(console.say("not said", "未说明").to_owned());
            }
        }
    }
    let n = evidence.n.map(|n| n.to_string()).unwrap_or_default();
    vec![number.path.clone(), number.value.clone(), n, parts.join(console.say("; ", "；"))]
}

/// How many numbers rest on what.
fn tally(numbers: &[Provenance], console: &Console) -> String {
    let count = |holds: &dyn Fn(&Provenance) -> bool| numbers.iter().filter(|number| holds(number)).count();
    let in_file = |number: &Provenance| number.origin == Origin::File;
    let sourced = count(&|number| in_file(number) && number.evidence.source.is_some());
    let assumed = count(&|number| in_file(number) && number.evidence.assumption);
    let defaults = count(&|number| number.origin == Origin::Default);
    let set = count(&|number| number.origin == Origin::CommandLine);
    match console.language {
        Language::Chinese => format!(
            "共{}项：{sourced}项有来源，{assumed}项为假设，{defaults}项取格式默认值，{set}项由 --set 设定",
            numbers.len()
        ),
        Language::English => format!(
            "{}: {sourced} with a source, {assumed} assumed, {defaults} by default of the format, {set} set on the \
             command line",
            counted(numbers.len() as u64, "number", "numbers")
        ),
    }
}
