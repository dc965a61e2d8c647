//! `onetrip check`: everything that is wrong with a file, at once.

use crate::arguments::both;
use crate::console::Console;
use crate::failure::Outcome;
use crate::help::{Examples, plain};
use crate::inputs::{is_path, read_file, target_document};
use crate::scenario::compile;
use anyhow::Context;
use onetrip_models::text::Text;
use onetrip_report::figures::counted;
use onetrip_scenarios::reader::{Diagnostic, Diagnostics, Document, EvidenceRule};
use onetrip_scenarios::targets::{self, answers_to_nothing, read_answers, read_document};
use onetrip_scenarios::{load, region};
use serde_json::json;

#[derive(clap::Args, Debug)]
#[command(
    about = both(
        "Check a file (scenario, targets or answers) and show all mistakes at once",
        "检查文件（情景、目标或作答），一次列出全部问题"
    ),
    after_help = EXAMPLES.in_both()
)]
pub(crate) struct Check {
    #[arg(help = both("The file", "文件"))]
    file: String,

    #[arg(
        long,
        value_name = "DOC",
        help = both(
            "For answers: the target document they answer, when it is a file of your own",
            "检查作答文件时：所答目标文件的路径（自备文件时使用）"
        )
    )]
    targets: Option<String>,
}

const EXAMPLES: Examples = Examples {
    calls: &[
        plain("onetrip check clinic.toml"),
        plain("onetrip check answers.toml"),
        plain("onetrip check clinic.toml --json"),
    ],
    note: Some((
        "Ends with 0 when the file can be used, and 2 when not.",
        "文件可用时退出码为 0，否则为 2。",
    )),
};

impl Check {
    pub(crate) fn execute(self, console: &mut Console) -> anyhow::Result<Outcome> {
        let document = read_file(&self.file, console)?;
        let checked = match load::written_at(&document, "format").as_deref() {
            Some(word) if word == targets::FORMAT => check_targets(document),
            Some(word) if word == targets::ANSWERS_FORMAT => self.check_answers(document, console)?,
            Some(region::FORMAT) => check_region(document),
            _ if load::kind_of(&document).is_some() => check_scenario(document, &self.file)?,
            _ => Err(load::unknown_format(document, &load::format_words())),
        };
        match checked {
            Ok(sound) => {
                if console.is_json {
                    let findings: Vec<&Diagnostic> =
                        sound.warnings.iter().flat_map(Diagnostics::iter).collect();
                    console.print_json(&json!({ "usable": true, "findings": findings }))?;
                } else {
                    sound.warnings.iter().for_each(|warnings| console.remark_findings(warnings));
                    let what = console.say(&sound.what.en, &sound.what.zh);
                    let text = format!("{}: {what}", self.file);
                    console.print(&text)?;
                }
                Ok(Outcome::Done)
            }
            Err(mistakes) => {
                if console.is_json {
                    console.print_json(&json!({ "usable": false, "findings": mistakes }))?;
                }
                Err(mistakes.into())
            }
        }
    }

    fn check_answers(&self, text: Document, console: &Console) -> anyhow::Result<Checked> {
        let written = load::written_at(&text, "document").unwrap_or_default();
        if self.targets.is_none() && targets::document(&written).is_none() && !is_path(&written) {
            return Ok(Err(answers_to_nothing(text)));
        }
        let wanted = self.targets.as_deref().unwrap_or(&written);
        let document = target_document(wanted, console)?;
        Ok(read_answers(text, &document).map(|answers| {
            let (id, count) = (&document.id, answers.iter().count() as u64);
            Sound {
                what: Text::new(
                    format!("{} to `{id}`", counted(count, "answer", "answers")),
                    format!("对 `{id}` 的{count}项作答"),
                ),
                warnings: None,
            }
        }))
    }
}

/// What a file turned out to be, or why it cannot be used.
type Checked = Result<Sound, Diagnostics>;

/// A file that can be used.
struct Sound {
    what: Text,
    warnings: Option<Diagnostics>,
}

fn check_targets(text: Document) -> Checked {
    let reading = read_document(text)?;
    let (items, checks) = (reading.value.targets.len() as u64, reading.value.checks().count() as u64);
    Ok(Sound {
        what: Text::new(
            format!(
                "a target document of {} with {}",
                counted(items, "item", "items"),
                counted(checks, "check", "checks")
            ),
            format!("目标文件，{items}个条目，{checks}项检查"),
        ),
        warnings: Some(reading.warnings),
    })
}

fn check_region(text: Document) -> Checked {
    let reading = region::read_region(text, EvidenceRule::Optional)?;
    let kinds = reading.value.facilities.len() as u64;
    let facilities: u64 = reading.value.facilities.iter().map(|kind| kind.count).sum();
    Ok(Sound {
        what: Text::new(
            format!(
                "a region of {} of {}",
                counted(facilities, "facility", "facilities"),
                counted(kinds, "kind", "kinds")
            ),
            format!("区域，{kinds}类共{facilities}家机构"),
        ),
        warnings: Some(reading.warnings),
    })
}

fn check_scenario(text: Document, file: &str) -> anyhow::Result<Checked> {
    let reading = match load::load(text) {
        Ok(reading) => reading,
        Err(mistakes) => return Ok(Err(mistakes)),
    };
    let system = compile(&reading.value).with_context(|| format!("`{file}`"))?;
    let (stations, measures) = (system.stations().len() as u64, system.measures().len() as u64);
    Ok(Ok(Sound {
        what: Text::new(
            format!(
                "a scenario of {}, with {}",
                counted(stations, "station", "stations"),
                counted(measures, "measure", "measures")
            ),
            format!("情景，{stations}个服务点，{measures}项指标"),
        ),
        warnings: Some(reading.warnings),
    }))
}
