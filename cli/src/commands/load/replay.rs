//! `onetrip load replay`: a log sent again.

use super::check::journey_document;
use super::run::run_mark;
use super::target::TargetArguments;
use crate::arguments::both;
use crate::console::Console;
use crate::failure::Outcome;
use anyhow::Context;
use onetrip_history::Replay;
use onetrip_load::engine::{Asker, PacedClock, prepare};
use onetrip_load::journey;
use onetrip_load::replay::{rebinding, replay};
use onetrip_load::session;
use std::fs::File;
use std::io::BufReader;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

#[derive(clap::Args, Debug)]
pub(super) struct ReplayArguments {
    #[arg(help = both("The log", "日志文件"))]
    log: PathBuf,

    #[command(flatten)]
    target: TargetArguments,

    #[arg(long, value_name = "JOURNEY", help = both(
        "Journey that makes fresh slots and whose secret headers are sent too [default: that of the log, if it comes with \
         the program]",
        "用于准备新号源并同时发送其密钥请求头的旅程 [默认：日志所用旅程（随程序提供时）]"
    ))]
    journey: Option<String>,
}

impl ReplayArguments {
    pub(super) fn execute(self, console: &mut Console) -> anyhow::Result<Outcome> {
        let file = File::open(&self.log).with_context(|| format!("`{}`", self.log.display()))?;
        let recorded = Replay::read(BufReader::new(file))?;
        let of_log = Some(&recorded.header.journey).filter(|name| journey::find(name).is_some());
        let journey = match self.journey.as_ref().or(of_log) {
            None => None,
            Some(wanted) => Some(journey::read_journey(journey_document(wanted, console)?)?.value),
        };
        let secrets = journey.as_ref().map(|journey| journey.secrets(|name| std::env::var(name).ok()));
        let (target, transport) = self.target.open(secrets.transpose()?.unwrap_or_default())?;
        let runtime = session::runtime().context("no reactor to run on")?;
        let _in_runtime = runtime.enter();
        let mark = run_mark();
        let prepared = match journey.map(Arc::new) {
            None => None,
            Some(journey) => {
                let clock = PacedClock::start(Duration::ZERO)?;
                let asker = Asker { clock: &clock, transport: &transport, target: Some(&target) };
                Some(runtime.block_on(prepare(asker, &journey, &mark))?)
            }
        };
        let rebinding = rebinding(&recorded, &mark, prepared.iter().flat_map(|prepared| prepared.slots()));
        let clock = PacedClock::start(Duration::from_millis(50))?;
        let done = runtime.block_on(replay(recorded, rebinding, clock, transport, Duration::from_secs(30)));
        if console.is_json {
            console.print_json(&done)?;
        } else {
            let mut text = String::new();
            for one in &done {
                text.push_str(&format!(
                    "{:>6} {:<16} {} → {} ({} {})\n",
                    one.operation,
                    one.step,
                    one.request,
                    one.word(),
                    console.say("recorded:", "原记录："),
                    one.recorded_word()
                ));
            }
            console.print(&text)?;
        }
        Ok(Outcome::Done)
    }
}
