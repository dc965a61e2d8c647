//! `onetrip run`: simulate a scenario, hold it against targets, show and keep the results.

use crate::arguments::both;
use crate::command_line::command_line;
use crate::commands::region;
use crate::console::{Console, said};
use crate::failure::{Interrupted, Outcome};
use crate::help::{Examples, plain, told};
use crate::inputs::read_file;
use crate::judging::TargetArguments;
use crate::progress::RunProgress;
use crate::scenario::{Chosen, ScenarioArguments};
use crate::settings::{SettingsArguments, repeating_words};
use crate::watching::Watch;
use anyhow::bail;
use onetrip_report::document::RunDocument;
use onetrip_report::event_log::{EventLog, EventLogSettings};
use onetrip_report::facts::RunFacts;
use onetrip_report::folder::run::{FOLDER, Report, write_folder};
use onetrip_report::terminal;
use onetrip_report::visits::VisitTable;
use onetrip_scenarios::reader::Reading;
use onetrip_scenarios::region::RegionSpec;
use onetrip_scenarios::targets::{Answers, TargetDocument, read_answers};
use onetrip_sim::stream::RunKey;
use onetrip_studies::long_run::judge_long_run;
use onetrip_studies::replicate::{ReplicateError, RunResults, RunSettings, replicate};
use onetrip_studies::scorecard::{self, Scorecard, Verdict};
use std::borrow::Cow;
use std::path::PathBuf;

#[derive(clap::Args, Debug)]
#[command(
    about = both(
        "Simulate a scenario: waits, queues, where the time goes, and the targets that are met",
        "模拟情景：等候、排队、时间去向与达标情况"
    ),
    after_help = EXAMPLES.in_both()
)]
pub(crate) struct Run {
    #[command(flatten)]
    scenario: ScenarioArguments,

    #[command(flatten)]
    settings: SettingsArguments,

    #[command(flatten)]
    targets: TargetArguments,

    #[arg(
        long,
        value_name = "FILE",
        help = both(
            "Answers to what no run can measure (see `onetrip targets DOC --form`)",
            "人工作答文件（见 `onetrip targets 文件 --form`）"
        )
    )]
    answers: Option<String>,

    #[arg(
        long,
        help = both("End with exit code 1 when a target is missed", "有目标未达标时以退出码 1 结束")
    )]
    require_targets: bool,

    #[arg(
        long,
        value_name = "DIR",
        help = both(
            "Write the report, plots, tables and result.json into this folder",
            "将报告、图表、数据表与 result.json 写入该文件夹"
        )
    )]
    out: Option<PathBuf>,

    #[arg(
        long,
        value_name = "FILE",
        help = both(
            "Write every step of every visit of the first run: CSV, or XES when the name ends so",
            "写出首次运行的逐步事件日志：CSV，文件名以 .xes 结尾则为 XES"
        )
    )]
    event_log: Option<PathBuf>,
}

const EXAMPLES: Examples = Examples {
    calls: &[
        told("onetrip run", "the default scenario", "默认情景"),
        plain("onetrip run mm1-pharmacy --replications 50"),
        plain("onetrip run clinic.toml --set registration.windows.count=3 --precision 2%"),
        plain("onetrip run township --targets shaoxing-2018 --answers answers.toml --require-targets"),
        told(
            "onetrip run township --out report",
            "a report to open in a browser",
            "生成可用浏览器打开的报告",
        ),
        plain("onetrip run township --json | jq '.measures[0]'"),
    ],
    note: Some((
        "Ctrl-C stops, and keeps and shows what is finished; a second one ends at once.",
        "按 Ctrl-C 停止，保留并显示已完成部分；再按一次立即退出。",
    )),
};

/// The day an event log begins with when nobody says: a Monday.
const FIRST_DAY: &str = "2018-12-03";

/// A target document with what people answered to it.
struct Asked {
    document: Cow<'static, TargetDocument>,
    answers: Answers,
}

impl Run {
    pub(crate) fn execute(self, console: &mut Console) -> anyhow::Result<Outcome> {
        if let Some(region) = self.scenario.region(console)? {
            return self.run_region(&region, console);
        }
        let chosen = self.scenario.choose(console)?;
        let asked = self.asked(&chosen, console)?;
        let settings = self.settings.settings(&chosen.scenario);
        let watch = self.watch(&chosen, console)?;
        let results = self.simulate(&chosen, &settings, console)?;
        let card = asked.as_ref().and_then(|asked| self.judge(asked, &chosen, &results));
        let document = RunDocument::new(
            &chosen.system,
            &results,
            &RunFacts {
                command: self.repeating_command(&chosen, &settings),
                version: env!("CARGO_PKG_VERSION").to_owned(),
                inputs: &chosen.provenance,
                targets: asked.as_ref().map(|asked| asked.document.as_ref()).zip(card.as_ref()),
                ..chosen.facts()
            },
        );
        if console.is_json {
            console.print(&document.to_json())?;
        } else {
            let text = terminal::render(&document, console.language, console.width());
            console.print(&text)?;
        }
        self.keep(watch, &chosen, &settings, &document, console)?;
        Ok(self.outcome(card.as_ref()))
    }

    /// Whoever watches the first replication; the places of what is written are checked before the work begins.
    fn watch(&self, chosen: &Chosen, console: &Console) -> anyhow::Result<Watch> {
        if let Some(folder) = &self.out {
            FOLDER.check(folder)?;
        }
        let facts = chosen.facts();
        let day = match self.targets.day.on {
            Some(day) => day,
            None => FIRST_DAY.parse()?,
        };
        let settings =
            EventLogSettings { day, language: console.language, pause_kinds: &facts.scenario.pause_kinds };
        let log = self
            .event_log
            .as_ref()
            .map(|path| EventLog::create(path, &chosen.system, &settings))
            .transpose()?;
        Ok(Watch::new(log, self.out.is_some().then(|| VisitTable::new(&chosen.system))))
    }

    /// Writes the files that were asked for. The first replication is run once more, watched: the same luck gives the
    /// same visits.
    fn keep(
        &self,
        mut watch: Watch,
        chosen: &Chosen,
        settings: &RunSettings,
        document: &RunDocument,
        console: &Console,
    ) -> anyhow::Result<()> {
        if self.out.is_none() && self.event_log.is_none() {
            return Ok(());
        }
        let (mut runner, mut account) = (chosen.system.runner(), chosen.system.account());
        // Only the log tells of more than one day.
        let days = if self.event_log.is_some() { settings.days } else { 1 };
        for day in 0..days {
            watch.begin_run(0, day);
            runner.run_watched(RunKey::new(settings.rng_seed, 0, day), &mut account, &mut watch)?;
        }
        let written = console.say("written:", "已写入：");
        let (log, visits) = watch.finish();
        if let (Some(log), Some(path)) = (log, &self.event_log) {
            log.finish()?;
            console.remark(&format!("{written} {}", path.display()));
        }
        if let (Some(visits), Some(folder)) = (visits, &self.out) {
            let visits = visits.into_visits();
            write_folder(folder, &Report { document, visits: &visits, language: console.language })?;
            console.remark(&format!("{written} {}", folder.join("report.html").display()));
        }
        Ok(())
    }

    /// A region is one day of many facilities: no replications, no targets, no event log.
    fn run_region(&self, region: &Reading<RegionSpec>, console: &mut Console) -> anyhow::Result<Outcome> {
        if self.settings.asks_repetition() {
            bail!(said!(
                console,
                "`{}` is a region of many facilities, and one day of it is run; accepted: none of --replications, \
                 --precision, --at-most and --days",
                "`{}` 是多家机构组成的区域，只运行一天；请去掉 --replications、--precision、--at-most、--days",
                self.scenario.scenario
            ));
        }
        if self.asks_targets() || self.event_log.is_some() {
            bail!(
                "`{}` {}",
                self.scenario.scenario,
                console.say(
                    "is a region of many facilities; accepted: one hospital (see `onetrip scenarios`), or none of \
                     --targets, --answers, --on, --require-targets and --event-log",
                    "是多家机构组成的区域；请选用单个医院（见 `onetrip scenarios`），\
                     或去掉 --targets、--answers、--on、--require-targets、--event-log"
                )
            );
        }
        let mut words = vec!["onetrip".to_owned(), "run".to_owned(), self.scenario.scenario.clone()];
        for assignment in &self.scenario.set {
            words.extend(["--set".to_owned(), assignment.clone()]);
        }
        words.extend(["--rng-seed".to_owned(), self.settings.rng_seed().to_string()]);
        let command = command_line(&words);
        region::run(region, &self.settings, command, self.out.as_deref(), console)
    }

    /// The target document to hold the hospital against, with the answers; none for a plain network.
    fn asked(&self, chosen: &Chosen, console: &Console) -> anyhow::Result<Option<Asked>> {
        if chosen.hospital().is_none() {
            if self.asks_targets() {
                bail!(
                    "`{}` {}",
                    chosen.wanted,
                    console.say(
                        "is a plain network, and targets are asked of hospitals; accepted: a hospital (see `onetrip \
                         scenarios`), or none of --targets, --answers, --on and --require-targets",
                        "是普通网络，目标只针对医院；请选用医院情景（见 `onetrip scenarios`），\
                         或去掉 --targets、--answers、--on、--require-targets"
                    )
                );
            }
            return Ok(None);
        }
        let document = self.targets.document(&chosen.wanted, console)?;
        let answers = match &self.answers {
            Some(file) => read_answers(read_file(file, console)?, &document)?,
            None => Answers::default(),
        };
        Ok(Some(Asked { document, answers }))
    }

    fn asks_targets(&self) -> bool {
        self.targets.is_given() || self.answers.is_some() || self.require_targets
    }

    fn simulate(
        &self,
        chosen: &Chosen,
        settings: &RunSettings,
        console: &Console,
    ) -> anyhow::Result<RunResults> {
        let progress = RunProgress::new(console.say("replications", "重复"), console)?;
        let results = self.settings.on_threads(|| replicate(&chosen.system, settings, &progress))?;
        match results {
            Err(ReplicateError::NothingFinished) => Err(Interrupted.into()),
            results => {
                let mut results = results?;
                judge_long_run(&chosen.system, &mut results)?;
                Ok(results)
            }
        }
    }

    fn judge(&self, asked: &Asked, chosen: &Chosen, results: &RunResults) -> Option<Scorecard> {
        let measures = chosen.system.measures();
        let hospital = chosen.hospital()?;
        let day = self.targets.day.on;
        Some(scorecard::of_run(&asked.document, hospital, measures, results, &asked.answers, day))
    }

    fn outcome(&self, card: Option<&Scorecard>) -> Outcome {
        let is_missed =
            card.is_some_and(|card| card.items.iter().any(|item| item.verdict == Verdict::Missed));
        if self.require_targets && is_missed { Outcome::DoesNotHold } else { Outcome::Done }
    }

    /// The command that repeats the run to the bit, with every default written out.
    fn repeating_command(&self, chosen: &Chosen, settings: &RunSettings) -> String {
        let mut words = vec!["onetrip".to_owned(), "run".to_owned(), chosen.wanted.clone()];
        for assignment in &self.scenario.set {
            words.extend(["--set".to_owned(), assignment.clone()]);
        }
        words.extend(repeating_words(settings));
        words.extend(self.targets.words());
        words.extend(self.answers.iter().flat_map(|file| ["--answers".to_owned(), file.clone()]));
        command_line(&words)
    }
}
