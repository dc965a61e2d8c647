//! `onetrip sweep`: many scenarios in one study, and what each varied value does.

mod points;

use crate::arguments::both;
use crate::command_line::command_line;
use crate::console::{Console, said};
use crate::failure::Outcome;
use crate::help::{Examples, plain};
use crate::progress::RunProgress;
use crate::scenario::{Chosen, ScenarioArguments};
use crate::settings::{DaysArgument, WorkArguments};
use crate::suggestion::{listed, names_near};
use anyhow::bail;
use clap::ValueEnum;
use onetrip_models::measure::Measure;
use onetrip_report::facts::RunFacts;
use onetrip_report::sweep::folder::{FOLDER, write_results};
use onetrip_report::sweep::journal::{Journal, MANIFEST_FORMAT, Manifest};
use onetrip_report::sweep::{SweepDocument, SweepFacts, terminal};
use onetrip_report::words::{Language, Words};
use onetrip_scenarios::load::Scenario;
use onetrip_studies::statistics::interval::Level;
use onetrip_studies::sweep::{
    DesignChoice, FinishedRun, Forgetful, Ledger, Luck, SweepError, SweepPlan, SweepProblem, SweepResults,
    SweepSettings, sweep,
};
use points::Points;
use std::path::{Path, PathBuf};

#[derive(clap::Args, Debug)]
#[command(
    about = both(
        "Vary values of a scenario over a grid or a spread of points: tables, plots, and which of them matters",
        "在网格或散布点上改变情景数值：数据表、图形，以及哪些因素重要"
    ),
    after_help = EXAMPLES.in_both()
)]
pub(crate) struct Sweep {
    #[command(flatten)]
    scenario: ScenarioArguments,

    #[arg(
        long,
        value_name = "PATH=VALUES",
        required = true,
        help = both(
            "What to vary: a path as for --set (or NAME.count of a hospital) with a list `1,2,4`, `fifo,lifo` or a range \
             `1..10`, `1..10 step 3`, `2 min..6 min`, `2 min..6 min in 9`, `1 min..60 min log`; may be repeated",
            "变量：路径写法同 --set（医院可用“名称.count”），取值为列表 `1,2,4`、`fifo,lifo` 或范围 `1..10`、`1..10 step 3`、\
             `2 min..6 min`、`2 min..6 min in 9`（分 9 个值）、`1 min..60 min log`（对数）；可多次使用"
        )
    )]
    vary: Vec<String>,

    #[arg(
        long,
        value_enum,
        default_value_t = Spread::Grid,
        help = both(
            "How points are spread: every combination, a Latin hypercube, or a Sobol sequence",
            "布点方式：全部组合（grid）、拉丁超立方（lhs）或 Sobol 序列（sobol）"
        )
    )]
    design: Spread,

    #[arg(
        long,
        value_enum,
        conflicts_with = "design",
        help = both(
            "Find out which variable matters: Sobol' indices (shares of the variance) or Morris's screening (few runs)",
            "敏感度分析：Sobol 指数（方差占比）或 Morris 筛选（运行次数少）"
        )
    )]
    sensitivity: Option<Analysis>,

    #[arg(
        long,
        value_name = "N",
        value_parser = clap::value_parser!(u32).range(1..=1 << 20),
        help = both(
            "Points of lhs and sobol [default: 64]; with --sensitivity sobol blocks of d + 2 points, a power of two \
             [default: 64]; with morris trajectories of d + 1 points [default: 20]",
            "lhs 与 sobol 的点数 [默认 64]；--sensitivity sobol 的块数（每块 d+2 点，须为 2 的幂）[默认 64]；\
             morris 的轨迹数（每条 d+1 点）[默认 20]"
        )
    )]
    points: Option<u32>,

    #[arg(
        long,
        value_name = "ID,ID…",
        value_delimiter = ',',
        help = both(
            "What to measure (see `onetrip explain`); the headlines of the scenario when absent",
            "输出指标（见 `onetrip explain`）；不填则为情景的主要指标"
        )
    )]
    measures: Vec<String>,

    #[arg(
        long,
        value_name = "N",
        value_parser = clap::value_parser!(u32).range(1..),
        help = both(
            "Replications of each point [default: what the scenario asks for, else 10]",
            "每点的重复次数 [默认取情景设定，否则为 10]"
        )
    )]
    replications: Option<u32>,

    #[command(flatten)]
    days: DaysArgument,

    #[command(flatten)]
    work: WorkArguments,

    #[arg(
        long,
        help = both(
            "Give every point luck of its own; without it all points share theirs, which makes differences sharper",
            "各点使用独立的随机数；默认各点共用随机数，差异更清晰"
        )
    )]
    own_luck: bool,

    #[arg(
        long,
        value_name = "DIR",
        help = both(
            "Keep every finished run in this folder and write the table, the page and the plots there. After Ctrl-C or a \
             crash the same command goes on from there",
            "将每次完成的运行保存在该文件夹，并写入数据表、页面与图形；中断或崩溃后以相同命令续跑"
        )
    )]
    out: Option<PathBuf>,
}

/// How points are spread.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Spread {
    /// Every combination.
    Grid,
    /// A Latin hypercube.
    Lhs,
    /// A Sobol sequence.
    Sobol,
}

/// A design that says which variable matters.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Analysis {
    /// Sobol' indices.
    Sobol,
    /// Morris's screening.
    Morris,
}

const EXAMPLES: Examples = Examples {
    calls: &[
        plain("onetrip sweep kiosks-5 --vary station.kiosk.servers=4..9"),
        plain(
            "onetrip sweep mm1-pharmacy --vary 'arrivals.cars.rate=6 per hour..15 per hour in 10' --vary 'station.pharmacist.service_time.mean=2 min..3.5 min in 7' --out rates",
        ),
        plain(
            "onetrip sweep county-2016 --vary registration.windows.count=4..12 --vary registration.kiosks.count=2,4,8,12 --replications 5 --out windows",
        ),
        plain(
            "onetrip sweep mm1-pharmacy --vary 'arrivals.cars.rate=6 per hour..12 per hour' --vary 'station.pharmacist.service_time.mean=2 min..4 min' --sensitivity sobol --points 128 --out which",
        ),
        plain(
            "onetrip sweep county-2016 --vary registration.windows.count=4..12 --vary pharmacy.windows.count=3..9 --vary 'registration.kiosks.task_times.collect_number.mean=20 s..60 s' --sensitivity morris --replications 3",
        ),
    ],
    note: Some((
        "Numbers written without a point are whole: `1..3` is 1, 2, 3 and `1.0..3.0` all between. A grid takes five \
         values of a continuous range, or so many as `in N` says. With --out, DIR holds sweep.csv (one row a point \
         and measure), sweep.json, sweep.html and the plots when all is done, and the runs so far while it is at \
         work.",
        "不带小数点的数为整数：`1..3` 即 1、2、3，`1.0..3.0` 为其间任意值。网格对连续范围取 5 个值，或按 `in N` \
         指定。使用 --out 时，运行中 DIR 保存已完成的运行，全部完成后写入 sweep.csv（每点每指标一行）、sweep.json、\
         sweep.html 及图形。",
    )),
};

/// Points of a spread design, unless it is said how many.
const POINTS: u32 = 64;
/// Trajectories of Morris, unless it is said how many.
const TRAJECTORIES: u32 = 20;
/// Replications of each point, unless the scenario or the person says how many.
const REPLICATIONS: u32 = 10;

impl Sweep {
    pub(crate) fn execute(self, console: &mut Console) -> anyhow::Result<Outcome> {
        let chosen = self.scenario.choose(console)?;
        let choice = self.choice(console)?;
        if let Some(folder) = &self.out {
            FOLDER.check(folder)?;
        }
        let points = Points::new(&self.scenario, &chosen, &self.vary, console)?;
        let plan = SweepPlan::new(points.variables().to_vec(), choice, self.work.rng_seed)?;
        let measures = self.measured(&chosen, console)?;
        let settings = SweepSettings {
            rng_seed: self.work.rng_seed,
            replications: self.replications_of(&chosen),
            days: self.days.days(),
            luck: if self.own_luck { Luck::Own } else { Luck::Common },
            level: Level::P95,
        };
        let progress = RunProgress::new(console.say("points checked", "检查设计点"), console)?;
        if self.work.on_threads(|| points.check(&plan, &progress))??.is_none() {
            return Ok(stopped(0, None, console));
        }
        points.remark_doubts(&plan, console);
        let progress = progress.next(console.say("runs", "运行"))?;
        let kept = match &self.out {
            Some(folder) => {
                let manifest = self.manifest(&chosen, &settings, &measures, choice, points.text());
                Some(Journal::open(folder, &manifest)?)
            }
            None => None,
        };
        let (journal, known) = kept.map_or((None, Vec::new()), |(journal, known)| (Some(journal), known));
        say_known(&known, console);
        let ledger: &dyn Ledger = journal.as_ref().map_or(&Forgetful, |journal| journal);
        let build = |assignments: &[String]| points.build(assignments);
        let problem = SweepProblem { plan: &plan, measures: &measures, build: &build };
        let results = self.work.on_threads(|| sweep(&problem, &settings, known, ledger, &progress))?;
        drop(progress);
        let results = match results {
            Err(SweepError::Stopped { finished, of }) => {
                return Ok(stopped(finished, self.out.as_deref().map(|folder| (folder, of)), console));
            }
            results => results?,
        };
        let document = self.document((&chosen, &plan), &measures, &settings, &results);
        if let Some(folder) = &self.out {
            write_results(folder, &document, console.language)?;
            let written = console.say("written:", "已写入：");
            console.remark(&format!("{written} {}", folder.join("sweep.html").display()));
        }
        if console.is_json {
            console.print(&document.to_json())?;
        } else {
            console.print(&terminal::render(&document, console.language, console.width()))?;
        }
        Ok(Outcome::Done)
    }

    fn choice(&self, console: &Console) -> anyhow::Result<DesignChoice> {
        let count = |default: u32| self.points.unwrap_or(default) as usize;
        Ok(match (self.sensitivity, self.design) {
            (Some(Analysis::Sobol), _) => DesignChoice::SobolIndices(count(POINTS)),
            (Some(Analysis::Morris), _) => DesignChoice::Morris(count(TRAJECTORIES)),
            (None, Spread::Lhs) => DesignChoice::LatinHypercube(count(POINTS)),
            (None, Spread::Sobol) => DesignChoice::SobolSequence(count(POINTS)),
            (None, Spread::Grid) if self.points.is_some() => bail!(console.say(
                "a grid has the points of its values, so --points says nothing of it; accepted: `in N` behind a range, or \
                 `--design lhs`",
                "网格的点由取值决定，--points 不适用；可在范围后写 `in N`，或用 `--design lhs`"
            )),
            (None, Spread::Grid) => DesignChoice::Grid,
        })
    }

    fn replications_of(&self, chosen: &Chosen) -> u32 {
        let of_scenario = match &chosen.scenario {
            Scenario::Network(spec) => spec.run.replications,
            Scenario::Hospital(_) => None,
        };
        self.replications.or(of_scenario).unwrap_or(REPLICATIONS)
    }

    /// The measures asked for, or the headlines.
    fn measured(&self, chosen: &Chosen, console: &Console) -> anyhow::Result<Vec<Measure>> {
        let all = chosen.system.measures();
        if self.measures.is_empty() {
            return Ok(all.iter().filter(|measure| measure.is_headline).cloned().collect());
        }
        let known: Vec<&str> = all.iter().map(|measure| measure.id.as_str()).collect();
        let mut wanted: Vec<&str> = self.measures.iter().map(|id| id.trim()).collect();
        let mut seen = std::collections::BTreeSet::new();
        wanted.retain(|id| seen.insert(*id));
        let unknown: Vec<String> = wanted
            .iter()
            .filter(|id| !known.contains(id))
            .map(|id| {
                let near = names_near(id, &known);
                let meant = if near.is_empty() {
                    String::new()
                } else {
                    let near = listed(&near);
                    said!(console, "; did you mean {near}?", "；是否指 {near}？")
                };
                said!(console, "there is no measure `{id}`{meant}", "没有指标 `{id}`{meant}")
            })
            .collect();
        if !unknown.is_empty() {
            let unknown = unknown.join("\n");
            bail!(said!(
                console,
                "{unknown}; `onetrip explain` lists them",
                "{unknown}；`onetrip explain` 列出全部指标"
            ));
        }
        Ok(wanted.iter().filter_map(|id| all.iter().find(|measure| measure.id == *id)).cloned().collect())
    }

    fn manifest(
        &self,
        chosen: &Chosen,
        settings: &SweepSettings,
        measures: &[Measure],
        choice: DesignChoice,
        scenario_text: &str,
    ) -> Manifest {
        Manifest {
            format: MANIFEST_FORMAT.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            scenario: chosen.wanted.clone(),
            scenario_text: scenario_text.to_owned(),
            set: self.scenario.set.clone(),
            vary: self.vary.clone(),
            design: match choice {
                DesignChoice::Grid => "grid".to_owned(),
                DesignChoice::LatinHypercube(count) => format!("{count} points of a Latin hypercube"),
                DesignChoice::SobolSequence(count) => format!("{count} points of a Sobol sequence"),
                DesignChoice::SobolIndices(count) => format!("Sobol' indices by {count} blocks"),
                DesignChoice::Morris(count) => format!("{count} trajectories of Morris"),
            },
            replications: settings.replications,
            days: settings.days,
            rng_seed: settings.rng_seed,
            common_luck: settings.luck == Luck::Common,
            measures: measures.iter().map(|measure| measure.id.clone()).collect(),
        }
    }

    fn document(
        &self,
        (chosen, plan): (&Chosen, &SweepPlan),
        measures: &[Measure],
        settings: &SweepSettings,
        results: &SweepResults,
    ) -> SweepDocument {
        SweepDocument::new(&SweepFacts {
            scenario: chosen.wanted.clone(),
            title: Words::from(chosen.title()),
            set: &self.scenario.set,
            plan,
            measures,
            settings,
            results,
            system: &chosen.system,
            run: RunFacts {
                command: command_line(&self.words(chosen, settings, measures)),
                version: env!("CARGO_PKG_VERSION").to_owned(),
                ..chosen.facts()
            },
        })
    }

    /// The words of the command line, with every default written out.
    fn words(&self, chosen: &Chosen, settings: &SweepSettings, measures: &[Measure]) -> Vec<String> {
        let mut words = vec!["onetrip".to_owned(), "sweep".to_owned(), chosen.wanted.clone()];
        let mut add = |flag: &str, value: String| words.extend([flag.to_owned(), value]);
        self.scenario.set.iter().for_each(|set| add("--set", set.clone()));
        self.vary.iter().for_each(|vary| add("--vary", vary.clone()));
        let name = |value: Option<clap::builder::PossibleValue>| {
            value.map_or_else(String::new, |value| value.get_name().to_owned())
        };
        let default = match self.sensitivity {
            Some(analysis) => {
                add("--sensitivity", name(analysis.to_possible_value()));
                Some(if analysis == Analysis::Morris { TRAJECTORIES } else { POINTS })
            }
            None => {
                add("--design", name(self.design.to_possible_value()));
                (self.design != Spread::Grid).then_some(POINTS)
            }
        };
        if let Some(default) = default {
            add("--points", self.points.unwrap_or(default).to_string());
        }
        let ids: Vec<&str> = measures.iter().map(|measure| measure.id.as_str()).collect();
        add("--measures", ids.join(","));
        add("--replications", settings.replications.to_string());
        add("--days", self.days.days().to_string());
        add("--rng-seed", self.work.rng_seed.to_string());
        if self.own_luck {
            words.push("--own-luck".to_owned());
        }
        words
    }
}

/// Says where the work goes on from.
fn say_known(known: &[FinishedRun], console: &Console) {
    if known.is_empty() {
        return;
    }
    let count = known.len();
    console.remark(&match console.language {
        Language::Chinese => format!("继续先前的工作：已有{count}次运行完成"),
        Language::English => format!("going on from before: {count} runs are finished already"),
    });
}

/// Says what has been kept, and how to go on.
fn stopped(finished: u64, kept: Option<(&Path, u64)>, console: &Console) -> Outcome {
    console.remark(&match (kept, console.language) {
        (Some((folder, of)), Language::Chinese) => {
            format!("已中断：{of}次运行中的{finished}次已保存在 `{}`，以相同命令可继续", folder.display())
        }
        (Some((folder, of)), Language::English) => format!(
            "stopped: {finished} of {of} runs are kept in `{}`; the same command goes on from there",
            folder.display()
        ),
        (None, Language::Chinese) => {
            "已中断，未保存任何结果；使用 `--out DIR` 可保存已完成部分并续跑".to_owned()
        }
        (None, Language::English) => {
            "stopped, and nothing is kept; with `--out DIR` finished runs are kept to go on from".to_owned()
        }
    });
    Outcome::Stopped
}
