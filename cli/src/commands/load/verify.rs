//! `onetrip load verify`: a log judged again.

use super::language;
use crate::arguments::both;
use crate::console::Console;
use crate::failure::Outcome;
use anyhow::Context;
use onetrip_history::{CheckOptions, Evidence, History, Property, check, extract};
use onetrip_load::session::verify;
use std::fs::File;
use std::io::BufReader;
use std::path::PathBuf;

#[derive(clap::Args, Debug)]
pub(super) struct VerifyArguments {
    #[arg(help = both("The log", "日志文件"))]
    log: PathBuf,

    #[arg(long, value_name = "FILE", help = both(
        "Write the requests that show the first violation as a log of their own", "将首个违反的相关请求写成独立日志"
    ))]
    extract: Option<PathBuf>,
}

impl VerifyArguments {
    pub(super) fn execute(self, console: &mut Console) -> anyhow::Result<Outcome> {
        let report = verify(&self.log)?;
        if let Some(path) = &self.extract
            && let Some((property, evidence)) = first_evidence(&report)
        {
            let mut log = BufReader::new(File::open(&self.log)?);
            let sink = File::create(path).with_context(|| format!("`{}`", path.display()))?;
            let count = extract(&mut log, property, evidence, sink)?;
            console.remark(&format!("{}: {count} ({})", path.display(), property.name()));
            // The extract must show the same by itself.
            let small = History::read(BufReader::new(File::open(path)?))?;
            if !check(&small, &CheckOptions::default()).violated().any(|violated| violated == property) {
                console.remark(console.say(
                    "the extract alone does not show the violation; it needs the whole log",
                    "仅凭摘录不能说明问题，须使用完整日志",
                ));
            }
        }
        if console.is_json {
            console.print_json(&report)?;
        } else {
            console.print_prose(&report.text(language(console)))?;
        }
        let is_intact = report.violation_count() == 0;
        Ok(if is_intact { Outcome::Done } else { Outcome::DoesNotHold })
    }
}

fn first_evidence(report: &onetrip_history::Report) -> Option<(Property, &Evidence)> {
    report.findings.iter().find_map(|finding| Some((finding.property, finding.evidence.first()?)))
}
