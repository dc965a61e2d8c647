//! `onetrip size`: the smallest number that holds a target, or the cheapest combination of several.

use crate::arguments::both;
use crate::command_line::command_line;
use crate::console::{Console, said};
use crate::failure::{Interrupted, Outcome};
use crate::help::{Examples, plain};
use crate::interrupt::Interrupt;
use crate::progress::RunProgress;
use crate::scenario::{Chosen, ScenarioArguments, compile};
use crate::settings::{DaysArgument, SearchArguments, WorkArguments};
use anyhow::{Context, anyhow, bail};
use onetrip_models::hospital::spec::Shift;
use onetrip_models::system::System;
use onetrip_report::facts::RunFacts;
use onetrip_report::size::{FOLDER, SizeDocument, SizeFacts, terminal, write_folder};
use onetrip_report::words::Words;
use onetrip_scenarios::load;
use onetrip_scenarios::reader::Document;
use onetrip_studies::condition::WrittenTarget;
use onetrip_studies::size::hours::{HourSchedule, schedule};
use onetrip_studies::size::{
    BuildError, Ending, Knob, SizeError, SizeProblem, SizeResults, SizeSettings, Turns, rule, size,
};
use std::ops::RangeInclusive;
use std::path::PathBuf;

#[derive(clap::Args, Debug)]
#[command(
    about = both(
        "Find the smallest number (kiosks, windows, scanners) that holds a target, or the cheapest combination",
        "求满足目标的最小数量（自助机、窗口、检查设备），或成本最低的组合"
    ),
    after_help = EXAMPLES.in_both()
)]
pub(crate) struct Size {
    #[command(flatten)]
    scenario: ScenarioArguments,

    #[arg(
        long,
        value_name = "PATH",
        required = true,
        help = both(
            "The number to find: a path as for --set, or NAME.count for all shifts of a hospital's windows, kiosks or \
             machines; may be repeated",
            "要求的数量：路径写法同 --set；医院的窗口、自助机、设备可用“名称.count”表示全部班次；可多次使用"
        )
    )]
    find: Vec<String>,

    #[arg(
        long,
        value_name = "A..B",
        value_parser = range_of,
        help = both(
            "The numbers to try for each --find, both ends included [default: 1..60]",
            "每个 --find 的取值范围，含两端 [默认 1..60]"
        )
    )]
    between: Vec<RangeInclusive<u32>>,

    #[arg(
        long,
        value_name = "CONDITION",
        required = true,
        help = both(
            "What must hold: MEASURE <= QUANTITY (or >=, <, >); several are joined by `and`",
            "需满足的条件：指标 <= 数值（或 >=、<、>）；多个条件用 and 连接"
        )
    )]
    until: Vec<String>,

    #[arg(
        long,
        value_name = "PATH=COST …",
        help = both(
            "What one more costs, for several --find; 1 each when absent",
            "多个 --find 时每增加一个的成本；不填均为 1"
        )
    )]
    cost: Vec<String>,

    #[arg(
        long,
        help = both(
            "Also suggest a schedule by hour. For one --find that is a hospital's NAME.count and a target on waits there",
            "同时给出分时段排班建议；仅适用于单个 --find 为医院“名称.count”且目标为该处等候时间的情形"
        )
    )]
    each_hour: bool,

    #[command(flatten)]
    search: SearchArguments,

    #[command(flatten)]
    days: DaysArgument,

    #[command(flatten)]
    work: WorkArguments,

    #[arg(
        long,
        value_name = "DIR",
        help = both("Write size.html and size.json into this folder", "将 size.html 与 size.json 写入该文件夹")
    )]
    out: Option<PathBuf>,
}

const EXAMPLES: Examples = Examples {
    calls: &[
        plain(
            "onetrip size kiosks-5 --find station.kiosk.servers --between 3..12 --until 'kiosk.wait_time.p90 <= 2 min'",
        ),
        plain(
            "onetrip size county-2016 --find registration.windows.count --between 1..20 --until 'registration.on_site.wait_time.p90 <= 10 min' --out report",
        ),
        plain(
            "onetrip size county-2016 --find registration.kiosks.count --between 6..24 --find registration.windows.count --between 4..12 --until 'registration.on_site.wait_time.p90 <= 10 min' --cost 'registration.kiosks.count=30000 registration.windows.count=80000'",
        ),
        plain(
            "onetrip size township --find registration.windows.count --between 1..5 --each-hour --until 'registration.windows.wait_time.mean <= 5 min'",
        ),
    ],
    note: Some((
        "The condition speaks of the mean over days of a day's value, as `onetrip run` shows it. For the kiosks of \
         registration the rule \"1 per 50,000 visits\" is judged too. --each-hour begins with what each hour needs \
         by itself, adds where most time is lost and takes back where it can; it needs a shift table, so it does \
         not work for a plain `servers = 5`. Ctrl-C stops and shows what is known.",
        "条件针对各日数值的平均（与 `onetrip run` 一致）。求挂号自助机数量时，同时评判“每5万人次1台”规则。\
         --each-hour 以各小时单独所需为起点，在损失时间最多处增加、可减处减少；需要班次表，不适用于单一的 `servers \
         = 5`。按 Ctrl-C 停止并显示已知结果。",
    )),
};

fn range_of(text: &str) -> Result<RangeInclusive<u32>, String> {
    let accepted = || format!("`{text}` is no range; accepted: two whole numbers, such as `1..60`");
    let (from, to) = text.split_once("..").ok_or_else(accepted)?;
    let number = |text: &str| text.trim().trim_start_matches('=').parse::<u32>().map_err(|_| accepted());
    let (from, to) = (number(from)?, number(to)?);
    if from > to {
        return Err(format!("`{text}` is empty; the first number must not be above the second"));
    }
    Ok(from..=to)
}

impl Size {
    pub(crate) fn execute(self, console: &mut Console) -> anyhow::Result<Outcome> {
        let chosen = self.scenario.choose(console)?;
        let knobs = self.knobs(&chosen, console)?;
        let costs = self.costs(&knobs, console)?;
        let written: WrittenTarget = self.until.join(" and ").parse()?;
        let target = written.resolve(chosen.system.measures())?;
        let settings = self.search.settings(self.work.rng_seed, self.days.days());
        if let Some(folder) = &self.out {
            FOLDER.check(folder)?;
        }
        let document = self.scenario.document(console)?;
        let make = |assignments: &[String]| self.made(&document, assignments);
        // Mistakes in the paths are found before anything is run.
        make(&knobs.iter().flat_map(|knob| knob.assignments(*knob.between.start())).collect::<Vec<_>>())?;
        let build = |design: &[u32]| -> Result<System, BuildError> {
            let assignments: Vec<String> =
                knobs.iter().zip(design).flat_map(|(knob, &number)| knob.assignments(number)).collect();
            make(&assignments).map_err(|error| format!("{error:#}").into())
        };
        let problem =
            SizeProblem { knobs: knobs.clone(), target: target.clone(), costs: costs.clone(), build: &build };
        let progress = RunProgress::new(console.say("replications", "重复"), console)?;
        let results = match self.work.on_threads(|| size(&problem, &settings, &progress))? {
            Err(SizeError::NothingFinished) => return Err(Interrupted.into()),
            results => results?,
        };
        let answer = results.answer.as_ref().and_then(|answer| answer.first().copied());
        let queueing = results.queueing.as_ref();
        let rule =
            self.work.on_threads(|| rule::assess(&problem, &settings, answer, queueing, &progress))??;
        let by_hour = match self.each_hour {
            true => {
                let base = (&knobs[0], &problem, &settings);
                self.work.on_threads(|| self.schedule(base, &results, &make, &progress))??
            }
            false => None,
        };
        drop(progress);
        if self.each_hour && by_hour.is_none() {
            console.remark(console.say(
                "no schedule by hour: there is no answer to begin with, or the target limits no wait at that station",
                "未给出分时段排班：尚无结论可作起点，或目标不是该处的等候时间",
            ));
        }
        let document = SizeDocument::new(&SizeFacts {
            scenario: chosen.wanted.clone(),
            title: Words::from(chosen.title()),
            knobs: &knobs,
            costs: &costs,
            target: &target,
            settings: &settings,
            results: &results,
            rule: rule.as_ref(),
            schedule: by_hour.as_ref(),
            system: &chosen.system,
            run: RunFacts {
                command: command_line(&self.words(&chosen)),
                version: env!("CARGO_PKG_VERSION").to_owned(),
                ..chosen.facts()
            },
        });
        if let Some(folder) = &self.out {
            write_folder(folder, &document, console.language)?;
            let written = console.say("written:", "已写入：");
            console.remark(&format!("{written} {}", folder.join("size.html").display()));
        }
        if console.is_json {
            console.print(&document.to_json())?;
        } else {
            console.print(&terminal::render(&document, console.language, console.width()))?;
        }
        Ok(match results.answer {
            Some(_) => Outcome::Done,
            None if results.ending == Ending::Stopped && Interrupt::was_asked() => Outcome::Stopped,
            None => Outcome::DoesNotHold,
        })
    }

    fn knobs(&self, chosen: &Chosen, console: &Console) -> anyhow::Result<Vec<Knob>> {
        if self.between.len() > self.find.len() {
            bail!(said!(
                console,
                "--between is given {} times for {} --find; accepted: at most one each",
                "给出了{}个 --between、{}个 --find；每个 --find 最多一个 --between",
                self.between.len(),
                self.find.len()
            ));
        }
        let knobs: Vec<Knob> = self
            .find
            .iter()
            .enumerate()
            .map(|(at, path)| {
                let between = self.between.get(at).cloned().unwrap_or(1..=60);
                Knob::new(path, between, chosen.hospital())
            })
            .collect();
        let is_table = |knob: &Knob| matches!(knob.turns, Turns::Shifts(_));
        if self.each_hour && (knobs.len() != 1 || !is_table(&knobs[0])) {
            bail!(console.say(
                "--each-hour needs one --find that is a shift table of a hospital, such as registration.windows.count",
                "--each-hour 需要恰好一个 --find，且为医院的班次表，如 registration.windows.count"
            ));
        }
        Ok(knobs)
    }

    fn costs(&self, knobs: &[Knob], console: &Console) -> anyhow::Result<Vec<f64>> {
        let mut costs = vec![1.0; knobs.len()];
        for part in
            self.cost.iter().flat_map(|text| text.split([' ', ',', ';'])).filter(|part| !part.is_empty())
        {
            let read = part.split_once('=').and_then(|(path, cost)| {
                let at = knobs.iter().position(|knob| knob.path == path)?;
                Some((at, cost.parse::<f64>().ok().filter(|cost| cost.is_finite() && *cost > 0.0)?))
            });
            let (at, cost) = read.ok_or_else(|| {
                let paths: Vec<&str> = knobs.iter().map(|knob| knob.path.as_str()).collect();
                anyhow!(said!(
                    console,
                    "`{part}` is no cost; accepted: PATH=NUMBER above 0, with PATH one of {}",
                    "`{part}` 不是成本；写法为 路径=正数，路径可用：{}",
                    paths.join(", ")
                ))
            })?;
            costs[at] = cost;
        }
        Ok(costs)
    }

    /// The scenario with what is set and these assignments.
    fn made(&self, document: &Document, assignments: &[String]) -> anyhow::Result<System> {
        let mut document = document.clone();
        self.scenario.set.iter().for_each(|assignment| document.set(assignment));
        assignments.iter().for_each(|assignment| document.set_by("--find", assignment));
        compile(&load::load(document)?.value).with_context(|| format!("`{}`", self.scenario.scenario))
    }

    fn schedule(
        &self,
        (knob, problem, settings): (&Knob, &SizeProblem<'_>, &SizeSettings),
        results: &SizeResults,
        make: &(dyn Fn(&[String]) -> anyhow::Result<System> + Sync),
        progress: &RunProgress,
    ) -> anyhow::Result<Option<HourSchedule>> {
        let (Turns::Shifts(table), Some(queueing)) = (&knob.turns, &results.queueing) else {
            return Ok(None);
        };
        let build = |shifts: &[Shift]| -> Result<System, BuildError> {
            make(&[table.assignment(shifts)]).map_err(|error| format!("{error:#}").into())
        };
        Ok(schedule(table, &problem.target, &build, queueing, settings, progress)?)
    }

    /// The words of the command line, with every default written out.
    fn words(&self, chosen: &Chosen) -> Vec<String> {
        let mut words = vec!["onetrip".to_owned(), "size".to_owned(), chosen.wanted.clone()];
        let mut add = |flag: &str, value: String| words.extend([flag.to_owned(), value]);
        self.scenario.set.iter().for_each(|set| add("--set", set.clone()));
        for (at, path) in self.find.iter().enumerate() {
            let between = self.between.get(at).cloned().unwrap_or(1..=60);
            add("--find", path.clone());
            add("--between", format!("{}..{}", between.start(), between.end()));
        }
        self.until.iter().for_each(|until| add("--until", until.clone()));
        self.cost.iter().for_each(|cost| add("--cost", cost.clone()));
        add("--days", self.days.days().to_string());
        add("--rng-seed", self.work.rng_seed.to_string());
        words.extend(self.search.words());
        if self.each_hour {
            words.push("--each-hour".to_owned());
        }
        words
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_has_two_ends_and_both_are_tried() {
        assert_eq!(range_of("1..60"), Ok(1..=60));
        assert_eq!(range_of(" 3 ..=4"), Ok(3..=4));
        for wrong in ["", "5", "6..5", "a..b", "1..", "-1..4"] {
            assert!(range_of(wrong).is_err(), "{wrong}");
        }
    }
}
