//! `onetrip compare`: what a change does, patient by patient under the same luck.

use crate::arguments::both;
use crate::command_line::command_line;
use crate::console::{Console, said};
use crate::failure::{Interrupted, Outcome};
use crate::help::{Examples, plain};
use crate::progress::RunProgress;
use crate::scenario::{Chosen, ScenarioArguments};
use crate::settings::{SettingsArguments, percent, repeating_words};
use crate::values::level;
use anyhow::{Context, bail};
use onetrip_report::compare::{
    CompareDocument, Compared, ComparedPart, FOLDER, Listed, terminal, write_folder,
};
use onetrip_report::facts::RunFacts;
use onetrip_report::words::Words;
use onetrip_studies::compare::{Comparison, check_pairing, compare};
use onetrip_studies::replicate::{Progress, ReplicateError, RunResults, replicate_side_by_side};
use onetrip_studies::statistics::interval::{Level, paired_difference};
use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

#[derive(clap::Args, Debug)]
#[command(
    about = both(
        "Compare scenarios under the same luck: what surely differs, by how much, and where the time went",
        "在共用随机数下对比情景：哪些指标确有差异、差多少、时间去向"
    ),
    after_help = EXAMPLES.in_both()
)]
pub(crate) struct Compare {
    #[arg(
        help = both(
            "The base: a scenario by its name (see `onetrip scenarios`), or a file",
            "基准：情景名称（见 `onetrip scenarios`）或文件路径"
        )
    )]
    base: String,

    #[arg(
        value_name = "ALTERNATIVE",
        help = both(
            "Scenarios to compare with it; the base itself, changed by --set, when none is named",
            "与基准对比的情景；不填则为按 --set 修改后的基准自身"
        )
    )]
    alternatives: Vec<String>,

    #[arg(
        long = "set",
        value_name = "PATH=VALUE",
        help = both(
            "Change a value of the alternatives, such as `--set registration.kiosks.count=40`; may be repeated",
            "修改方案中的数值，如 `--set registration.kiosks.count=40`；可多次使用"
        )
    )]
    set: Vec<String>,

    #[arg(
        long,
        value_name = "PATH=VALUE",
        help = both("Change a value of the base; may be repeated", "修改基准中的数值；可多次使用")
    )]
    base_set: Vec<String>,

    #[command(flatten)]
    settings: SettingsArguments,

    #[arg(
        long,
        value_name = "P",
        default_value = "95%",
        value_parser = level,
        help = both("Level at which all intervals hold together", "全部区间同时成立的置信度")
    )]
    level: Level,

    #[arg(
        long = "measure",
        value_name = "ID",
        conflicts_with = "all",
        help = both(
            "Show this measure (see `onetrip explain`); may be repeated. Without it: headlines and what differs",
            "只显示该指标（见 `onetrip explain`），可多次使用；不填则显示主要指标与存在差异的指标"
        )
    )]
    measures: Vec<String>,

    #[arg(long, help = both("Show all measures", "显示全部指标"))]
    all: bool,

    #[arg(
        long,
        value_name = "DIR",
        help = both("Write compare.html and compare.json into this folder", "将 compare.html 与 compare.json 写入该文件夹")
    )]
    out: Option<PathBuf>,
}

const EXAMPLES: Examples = Examples {
    calls: &[
        plain("onetrip compare hangzhou-2018-12 --set registration.kiosks.count=40"),
        plain("onetrip compare hangzhou-2018-06 hangzhou-2018-12 --replications 50"),
        plain("onetrip compare kiosks-5 kiosks-6 kiosks-7 --out report"),
        plain(
            "onetrip compare clinic.toml --base-set registration.windows.count=2 --set registration.windows.count=3 --level 99%",
        ),
        plain("onetrip compare kiosks-5 kiosks-6 --measure kiosk.wait_time.mean --json"),
    ],
    note: Some((
        "NAME.count of a hospital (registration.kiosks.count) sets the most on duty at a time; the other shifts \
         keep their proportion. Replication r of all scenarios shares the luck of every patient, so differences are \
         effects of the change.",
        "医院情景中“名称.count”（如 registration.kiosks.count）设定同时在岗的最多数量，其余班次按比例调整。\
         各情景的同一次重复共用每名患者的随机数，差值即为改动的效果。",
    )),
};

/// A scenario with what is set of it, as typed.
struct Side {
    chosen: Chosen,
    set: Vec<String>,
}

impl Side {
    fn choose(scenario: &str, set: Vec<String>, console: &Console) -> anyhow::Result<Side> {
        let arguments = ScenarioArguments { scenario: scenario.to_owned(), set };
        let chosen = arguments.choose(console)?;
        Ok(Side { chosen, set: arguments.set })
    }

    fn part(&self) -> ComparedPart {
        let title = Words::from(self.chosen.title());
        ComparedPart::new(&self.chosen.wanted, title, &self.set, &self.chosen.system)
    }
}

impl Compare {
    /// A scenario with one change beside itself with another, where another command asks for it.
    pub(super) fn of_change(
        scenario: &str,
        (base_set, set): (Vec<String>, Vec<String>),
        measures: &[&str],
        (replications, rng_seed): (u32, u64),
    ) -> Compare {
        Compare {
            base: scenario.to_owned(),
            alternatives: vec![scenario.to_owned()],
            set,
            base_set,
            settings: SettingsArguments::fixed(replications, rng_seed),
            level: Level::P95,
            measures: measures.iter().map(|&id| id.to_owned()).collect(),
            all: false,
            out: None,
        }
    }

    pub(crate) fn execute(self, console: &mut Console) -> anyhow::Result<Outcome> {
        let document = self.document(console)?;
        if let Some(folder) = &self.out {
            write_folder(folder, &document, console.language)?;
            let written = console.say("written:", "已写入：");
            console.remark(&format!("{written} {}", folder.join("compare.html").display()));
        }
        if console.is_json {
            console.print(&document.to_json())?;
        } else {
            let all = self.all || !self.measures.is_empty();
            let text = terminal::render(&document, console.language, console.width(), all);
            console.print(&text)?;
        }
        Ok(Outcome::Done)
    }

    /// Runs all sides and compares them.
    pub(super) fn document(&self, console: &Console) -> anyhow::Result<CompareDocument> {
        let (base, alternatives) = self.sides(console)?;
        let listed = self.listed(&base.chosen, console)?;
        if let Some(folder) = &self.out {
            FOLDER.check(folder)?;
        }
        let settings = self.settings.settings(&base.chosen.scenario);
        for side in &alternatives {
            check_pairing(&base.chosen.system, &side.chosen.system, self.settings.rng_seed())
                .with_context(|| format!("`{}`", side.chosen.wanted))?;
        }
        let mut systems = vec![&base.chosen.system];
        systems.extend(alternatives.iter().map(|side| &side.chosen.system));
        let progress = FirstLook::new(&base.chosen, &alternatives[0].chosen, console)?;
        let results = self.settings.on_threads(|| replicate_side_by_side(&systems, &settings, &progress))?;
        drop(progress);
        let results = match results {
            Err(ReplicateError::NothingFinished) => return Err(Interrupted.into()),
            results => results?,
        };
        let comparisons = self.compared(&base, &alternatives, &results)?;
        let parts: Vec<Compared<'_>> = alternatives
            .iter()
            .zip(&results[1..])
            .zip(&comparisons)
            .map(|((side, results), comparison)| Compared {
                scenario: side.part(),
                system: &side.chosen.system,
                results,
                comparison,
            })
            .collect();
        let mut words = self.words();
        words.extend(repeating_words(&settings));
        Ok(CompareDocument::new(
            (base.part(), &base.chosen.system, &results[0]),
            &parts,
            &listed,
            &RunFacts {
                command: command_line(&words),
                version: env!("CARGO_PKG_VERSION").to_owned(),
                ..base.chosen.facts()
            },
            self.level.share(),
        ))
    }

    /// The base and what it is compared with.
    fn sides(&self, console: &Console) -> anyhow::Result<(Side, Vec<Side>)> {
        let base = Side::choose(&self.base, self.base_set.clone(), console)?;
        let mut alternatives = Vec::new();
        for name in &self.alternatives {
            alternatives.push(Side::choose(name, self.set.clone(), console)?);
        }
        if alternatives.is_empty() {
            if self.set.is_empty() {
                bail!(console.say(
                    "there is nothing to compare with; accepted: a second scenario, or `--set PATH=VALUE` to compare \
                     the base with itself changed",
                    "没有可对比的方案；请给出第二个情景，或用 `--set 路径=数值` 将基准与修改后的自身对比"
                ));
            }
            let set = self.base_set.iter().chain(&self.set).cloned().collect();
            alternatives.push(Side::choose(&self.base, set, console)?);
        }
        Ok((base, alternatives))
    }

    fn listed(&self, base: &Chosen, console: &Console) -> anyhow::Result<Listed> {
        if self.all {
            return Ok(Listed::All);
        }
        if self.measures.is_empty() {
            return Ok(Listed::Usual);
        }
        let known: Vec<&str> = base.system.measures().iter().map(|measure| measure.id.as_str()).collect();
        if let Some(unknown) = self.measures.iter().find(|id| !known.contains(&id.as_str())) {
            let near = crate::suggestion::names_near(unknown, &known);
            let meant = if near.is_empty() {
                String::new()
            } else {
                let near = crate::suggestion::listed(&near);
                said!(console, "; did you mean {near}?", "；是否指 {near}？")
            };
            bail!(said!(
                console,
                "there is no measure `{unknown}`{meant}; `onetrip explain` lists them",
                "没有指标 `{unknown}`{meant}；`onetrip explain` 列出全部指标"
            ));
        }
        Ok(Listed::Named(self.measures.clone()))
    }

    /// Each alternative with the base; all alternatives are one family.
    fn compared(
        &self,
        base: &Side,
        alternatives: &[Side],
        results: &[RunResults],
    ) -> anyhow::Result<Vec<Comparison>> {
        let level = self.level.shared_by(alternatives.len());
        let base = (&base.chosen.system, &results[0]);
        alternatives
            .iter()
            .zip(&results[1..])
            .map(|(side, results)| {
                compare(base, (&side.chosen.system, results), level)
                    .with_context(|| format!("`{}`", side.chosen.wanted))
            })
            .collect()
    }

    /// The words of the command line, but those of the settings.
    fn words(&self) -> Vec<String> {
        let mut words = vec!["onetrip".to_owned(), "compare".to_owned(), self.base.clone()];
        words.extend(self.alternatives.iter().cloned());
        for (flag, values) in
            [("--base-set", &self.base_set), ("--set", &self.set), ("--measure", &self.measures)]
        {
            words.extend(values.iter().flat_map(|value| [flag.to_owned(), value.clone()]));
        }
        if self.all {
            words.push("--all".to_owned());
        }
        words.extend(["--level".to_owned(), percent(self.level.share())]);
        words
    }
}

/// The bar of a run, and a first interval on a terminal as soon as there is one.
struct FirstLook<'a> {
    bar: RunProgress,
    console: &'a Console,
    /// Title, unit, and places of the first headline in the base and the first alternative.
    headline: Option<(Words, onetrip_models::measure::Unit, usize, usize)>,
    is_shown: AtomicBool,
    done: AtomicU32,
    is_last: AtomicBool,
}

impl<'a> FirstLook<'a> {
    fn new(base: &Chosen, alternative: &Chosen, console: &'a Console) -> anyhow::Result<FirstLook<'a>> {
        let others = alternative.system.measures();
        let headline =
            base.system.measures().iter().enumerate().filter(|(_, measure)| measure.is_headline).find_map(
                |(place, measure)| {
                    let other = others.iter().position(|other| other.id == measure.id)?;
                    Some((Words::from(&measure.title), measure.unit, place, other))
                },
            );
        Ok(FirstLook {
            bar: RunProgress::new(console.say("replications", "重复"), console)?,
            console,
            headline,
            is_shown: AtomicBool::new(false),
            done: AtomicU32::new(0),
            is_last: AtomicBool::new(false),
        })
    }
}

impl Progress for FirstLook<'_> {
    fn advance(&self, done: u32, of: Option<u32>) {
        self.done.store(done, Ordering::Relaxed);
        self.is_last.store(of == Some(done), Ordering::Relaxed);
        self.bar.advance(done, of);
    }

    fn is_stopped(&self) -> bool {
        self.bar.is_stopped()
    }

    fn look(&self, values: &dyn Fn(usize, usize) -> Vec<Option<f64>>) {
        let Some((title, unit, place, other)) = &self.headline else { return };
        let is_over = self.is_shown.load(Ordering::Relaxed) || self.is_last.load(Ordering::Relaxed);
        if is_over || !std::io::stderr().is_terminal() {
            return;
        }
        let pairs = values(0, *place).into_iter().zip(values(1, *other));
        let (base, alternative): (Vec<f64>, Vec<f64>) = pairs.filter_map(|(a, b)| a.zip(b)).unzip();
        let Ok(difference) = paired_difference(&base, &alternative, Level::P95) else { return };
        self.is_shown.store(true, Ordering::Relaxed);
        let done = self.done.load(Ordering::Relaxed);
        let language = self.console.language;
        self.console.remark(&terminal::first_look(title, (*unit).into(), difference, done, language));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_reads_the_command_line_back() {
        let words = ["onetrip", "--until", "a <= 10 min"].map(str::to_owned);
        assert_eq!(command_line(&words), "onetrip --until 'a <= 10 min'");
    }
}
