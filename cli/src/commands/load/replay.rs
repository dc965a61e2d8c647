//! `onetrip load replay`: a log sent again.

use super::check::journey_document;
use super::target::TargetArguments;
use crate::arguments::both;
use crate::console::Console;
use crate::failure::Outcome;
use anyhow::Context;
use onetrip_history::Replay;
use onetrip_load::engine::PacedClock;
use onetrip_load::journey;
use onetrip_load::replay::replay;
use onetrip_load::session;
use std::fs::File;
use std::io::BufReader;
use std::path::PathBuf;
use std::time::Duration;

#[derive(clap::Args, Debug)]
pub(super) struct ReplayArguments {
    #[arg(help = both("The log", "日志文件"))]
    log: PathBuf,

    #[command(flatten)]
    target: TargetArguments,

    #[arg(long, value_name = "JOURNEY", help = both(
        "Journey whose secret headers are to be sent too", "需同时发送其密钥请求头的旅程"
    ))]
    journey: Option<String>,
}

impl ReplayArguments {
    pub(super) fn execute(self, console: &mut Console) -> anyhow::Result<Outcome> {
        let file = File::open(&self.log).with_context(|| format!("`{}`", self.log.display()))?;
        let recorded = Replay::read(BufReader::new(file))?;
        let secrets = match &self.journey {
            None => Vec::new(),
            Some(wanted) => journey::read_journey(journey_document(wanted, console)?)?
                .value
                .secrets(|name| std::env::var(name).ok())?,
        };
        let (_, transport) = self.target.open(secrets)?;
        let runtime = session::runtime().context("no reactor to run on")?;
        let _in_runtime = runtime.enter();
        let clock = PacedClock::start(Duration::from_millis(50))?;
        let done = runtime.block_on(replay(recorded, clock, transport, Duration::from_secs(30)));
        if console.is_json {
            console.print_json(&done)?;
        } else {
            let mut text = String::new();
            for one in &done {
                text.push_str(&format!(
                    "{:>6} {:<16} {} → {} ({:?})\n",
                    one.operation,
                    one.step,
                    one.request,
                    one.word(),
                    one.recorded
                ));
            }
            console.print(&text)?;
        }
        Ok(Outcome::Done)
    }
}
