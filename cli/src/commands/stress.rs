//! `onetrip stress`: load-test the hospital itself, by more demand, outages, absent doctors, a week of influenza.

mod planned;

use crate::arguments::both;
use crate::command_line::command_line;
use crate::console::{Console, said};
use crate::failure::{Interrupted, Outcome};
use crate::help::{Examples, plain};
use crate::judging::TargetArguments;
use crate::progress::RunProgress;
use crate::scenario::{Chosen, ScenarioArguments};
use crate::settings::{SearchArguments, WorkArguments, percent};
use anyhow::{Context, anyhow, bail};
use clap::ValueEnum;
use onetrip_report::facts::RunFacts;
use onetrip_report::stress::{
    DemandFacts, DisturbanceFacts, FOLDER, StressDocument, StressFacts, terminal, write_folder,
};
use onetrip_report::words::Words;
use onetrip_scenarios::quantity::parse_share;
use onetrip_studies::compare::compare;
use onetrip_studies::condition::{Condition, WrittenTarget};
use onetrip_studies::replicate::ReplicateError;
use onetrip_studies::size::SizeError;
use onetrip_studies::stress::conditions_of;
use onetrip_studies::stress::demand::{DemandProblem, DemandRange, demand_limits};
use onetrip_studies::stress::disturbance::{
    DisturbanceError, DisturbanceProblem, DisturbanceSettings, disturbance,
};
use std::path::PathBuf;

#[derive(clap::Args, Debug)]
#[command(
    about = both(
        "Load-test the hospital itself: more demand, outages, absent doctors, a flu week; what breaks, how fast it recovers",
        "对医院本身做压力测试：需求上升、停机、医生缺勤、流感周；何处先失守、多久恢复"
    ),
    after_help = EXAMPLES.in_both(),
    // What only one kind of stress uses is not given to the other.
    mut_arg("tolerance", |arg| arg.conflicts_with_all(DISTURBANCES)),
    mut_arg("at_most", |arg| arg.conflicts_with_all(DISTURBANCES)),
    mut_arg("time_limit", |arg| arg.conflicts_with_all(DISTURBANCES)),
)]
pub(crate) struct Stress {
    #[command(flatten)]
    scenario: ScenarioArguments,

    #[arg(
        long,
        value_name = "A..B",
        conflicts_with_all = DISTURBANCES,
        help = both(
            "Raise demand from A to B (1.0 is today's) and say how much each target bears",
            "需求由 A 增至 B（1.0 为现状），求每项目标可承受的最大需求"
        )
    )]
    demand: Option<String>,

    #[arg(
        long,
        value_name = "P",
        default_value = "5%",
        conflicts_with_all = DISTURBANCES,
        help = both("With --demand: how far demands lie apart", "与 --demand 合用：需求步长")
    )]
    step: String,

    #[arg(
        long,
        value_name = "STATION",
        help = both(
            "A station without servers from --from to --to: kiosks, windows, an examination, settlement.phone …; may be \
             repeated",
            "在 --from 至 --to 间停止服务的处所：自助机、窗口、检查项目、settlement.phone 等；可多次使用"
        )
    )]
    outage: Vec<String>,

    #[arg(
        long,
        value_name = "DEPARTMENT[=N]",
        help = both(
            "N doctors of a department (1 when N is left out) do not come, all day or from --from to --to; in a plain \
             network, servers of a station; may be repeated",
            "某科室 N 名医生（省略为1）缺勤，全天或 --from 至 --to；普通网络则为某站点的服务台；可多次使用"
        )
    )]
    absent: Vec<String>,

    #[arg(
        long,
        help = both(
            "A week of influenza: more patients without a booking in the departments it reaches (assumed factors, shown)",
            "流感周：相关科室未预约患者增多（倍数为假设值，会列出）"
        )
    )]
    flu: bool,

    #[arg(
        long,
        value_name = "TIME",
        conflicts_with = "demand",
        help = both("When the outage or absence begins, such as `09:00`", "停机或缺勤的开始时间，如 `09:00`")
    )]
    from: Option<String>,

    #[arg(
        long,
        value_name = "TIME",
        conflicts_with = "demand",
        help = both("When it is over, such as `11:00`", "结束时间，如 `11:00`")
    )]
    to: Option<String>,

    #[arg(
        long,
        value_enum,
        default_value_t = InHand::Finish,
        conflicts_with = "demand",
        help = both(
            "What becomes of services under way when it begins: they are finished, or broken off and resumed later",
            "开始时正在进行的服务如何处理：做完（finish），或中断、稍后继续（hand-over）"
        )
    )]
    work_in_hand: InHand,

    #[arg(
        long,
        value_name = "CONDITION",
        conflicts_with = "targets",
        help = both(
            "What should hold: MEASURE <= QUANTITY (or >=, <, >); may be repeated. Without it, what the target document \
             asks of measures",
            "应满足的条件：指标 <= 数值（或 >=、<、>），可多次使用；不填则取目标文件对指标的要求"
        )
    )]
    until: Vec<String>,

    #[command(flatten)]
    targets: TargetArguments,

    #[arg(
        long,
        value_name = "N",
        default_value_t = 40,
        conflicts_with = "demand",
        value_parser = clap::value_parser!(u32).range(3..=1000),
        help = both(
            "Replications with and without an outage, absence or flu week; --demand runs as many as each answer needs, up \
             to --at-most",
            "停机、缺勤或流感周的重复次数（有无各一次）；--demand 按结论所需自行决定次数，上限为 --at-most"
        )
    )]
    replications: u32,

    #[command(flatten)]
    search: SearchArguments,

    #[arg(
        long,
        value_name = "N",
        value_parser = clap::value_parser!(u32).range(1..),
        help = both(
            "Independent days in each replication [default: 1, in a flu week 7]",
            "每次重复中的独立天数 [默认1，流感周为7]"
        )
    )]
    days: Option<u32>,

    #[command(flatten)]
    work: WorkArguments,

    #[arg(
        long,
        value_name = "DIR",
        help = both(
            "Write stress.html, stress.json and the plots into this folder",
            "将 stress.html、stress.json 与图表写入该文件夹"
        )
    )]
    out: Option<PathBuf>,
}

/// Arguments that disturb days, which raising demand does not.
const DISTURBANCES: [&str; 3] = ["outage", "absent", "flu"];

/// What becomes of services under way.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum InHand {
    /// They are finished.
    Finish,
    /// They are broken off and resumed later.
    HandOver,
}

const EXAMPLES: Examples = Examples {
    calls: &[
        plain(
            "onetrip stress county-2016 --demand 1.0..2.0 --until 'registration.on_site.wait_time.p90 <= 20 min'",
        ),
        plain(
            "onetrip stress hangzhou-2018-12 --outage registration.kiosks --from 09:00 --to 11:00 --out report",
        ),
        plain(
            "onetrip stress hangzhou-2018-12 --outage settlement.phone --outage settlement.in_room --from 09:00 --to 11:00",
        ),
        plain("onetrip stress county-2016 --absent internal_medicine=2 --absent surgery"),
        plain("onetrip stress county-2016 --flu"),
        plain("onetrip stress kiosks-5 --outage kiosk --from '50 h' --to '50.5 h'"),
    ],
    note: Some((
        "Every day is run with and without the disturbance under the same luck. Patients leave kiosks that go dark \
         for another place; before windows, rooms and doctors they keep their places. A scenario can state the same \
         by [[outage]] and [[surge]]. --step, --tolerance, --at-most and --time-limit go with --demand, \
         which finds the number of replications by itself. Ctrl-C stops and shows what is finished.",
        "每一天都在相同随机数下有无扰动各运行一次。自助机停用时患者改去别处；在窗口、诊室与检查室前则保留位次。\
         情景文件可用 [[outage]] 与 [[surge]] 写明同样内容。--step、--tolerance、--at-most、--time-limit 与 \
         --demand 合用，重复次数由其自行决定。按 Ctrl-C 停止并显示已完成部分。",
    )),
};

/// Days of a week of influenza.
const WEEK: u32 = 7;

impl Stress {
    pub(crate) fn execute(self, console: &mut Console) -> anyhow::Result<Outcome> {
        let chosen = self.scenario.choose(console)?;
        let is_disturbed = !self.outage.is_empty() || !self.absent.is_empty() || self.flu;
        let target = self.target(&chosen, console)?;
        if let Some(folder) = &self.out {
            FOLDER.check(folder)?;
        }
        match &self.demand {
            Some(range) => self.demand(&chosen, range, target, console),
            None if is_disturbed => self.disturb(&chosen, &target, console),
            None => bail!(console.say(
                "nothing says what the stress is; accepted: --demand A..B, or one or several of --outage STATION, \
                 --absent DEPARTMENT[=N] and --flu",
                "未说明施加何种压力；请给出 --demand A..B，或 --outage 处所、--absent 科室[=N]、--flu 之一或多项"
            )),
        }
    }

    /// What should hold: the conditions, else what the target document asks.
    fn target(&self, chosen: &Chosen, console: &Console) -> anyhow::Result<Vec<Condition>> {
        let measures = chosen.system.measures();
        if !self.until.is_empty() {
            let written: WrittenTarget = self.until.join(" and ").parse()?;
            return Ok(written.resolve(measures)?);
        }
        let Some(hospital) = chosen.hospital() else {
            if self.targets.is_given() {
                bail!(console.say(
                    "target documents are for hospitals; accepted for a plain network: --until 'MEASURE <= QUANTITY'",
                    "目标文件只针对医院；普通网络请用 --until '指标 <= 数值'"
                ));
            }
            if self.demand.is_some() {
                bail!(console.say(
                    "nothing says what should hold; accepted: --until 'MEASURE <= QUANTITY'",
                    "未说明应满足的条件；请给出 --until '指标 <= 数值'"
                ));
            }
            return Ok(Vec::new());
        };
        let document = self.targets.document(&chosen.wanted, console)?;
        Ok(conditions_of(&document, hospital, measures, self.targets.day.on))
    }

    fn days(&self) -> u32 {
        self.days.unwrap_or(if self.flu { WEEK } else { 1 })
    }

    fn demand(
        &self,
        chosen: &Chosen,
        range: &str,
        target: Vec<Condition>,
        console: &mut Console,
    ) -> anyhow::Result<Outcome> {
        let range = self.range_of(range, console)?;
        if target.is_empty() {
            bail!(console.say(
                "the target document asks nothing of measures; accepted: --until 'MEASURE <= QUANTITY'",
                "目标文件未对指标提出要求；请给出 --until '指标 <= 数值'"
            ));
        }
        let settings = self.search.settings(self.work.rng_seed, self.days());
        let problem = DemandProblem { system: &chosen.system, range, target: target.clone() };
        let progress = RunProgress::new(console.say("replications", "重复"), console)?;
        let limits = match self.work.on_threads(|| demand_limits(&problem, &settings, &progress))? {
            Err(SizeError::NothingFinished) => return Err(Interrupted.into()),
            limits => limits?,
        };
        let asked = self.demand.clone().unwrap_or_default();
        let said = Words::new(
            format!("Demand is raised over {asked} of today's, in steps of {}.", self.step),
            format!("需求在现状的 {asked} 倍范围内上升，步长{}。", self.step),
        );
        let facts = DemandFacts {
            system: &chosen.system,
            range,
            target: &target,
            settings: &settings,
            limits: &limits,
        };
        let document = StressDocument::of_demand(&self.facts(chosen, vec![said]), &facts);
        drop(progress);
        self.tell(&document, console)?;
        let holds = limits.targets.iter().any(|one| one.largest.is_some());
        Ok(self.outcome(limits.is_cut_short, holds))
    }

    /// Stopped by the person: what is finished was shown.
    fn outcome(&self, is_cut_short: bool, holds: bool) -> Outcome {
        match (is_cut_short && self.search.time_limit.is_none(), holds) {
            (true, _) => Outcome::Stopped,
            (false, true) => Outcome::Done,
            (false, false) => Outcome::DoesNotHold,
        }
    }

    fn disturb(
        &self,
        chosen: &Chosen,
        target: &[Condition],
        console: &mut Console,
    ) -> anyhow::Result<Outcome> {
        let planned = self.planned(chosen, console)?;
        let settings = DisturbanceSettings {
            rng_seed: self.work.rng_seed,
            replications: self.replications,
            days: self.days(),
            level: self.search.confidence,
        };
        let problem = DisturbanceProblem {
            base: &chosen.system,
            disturbed: &planned.disturbed,
            from: planned.from,
            to: planned.to,
        };
        let progress = RunProgress::new(console.say("replications", "重复"), console)?;
        let found = match self.work.on_threads(|| disturbance(&problem, &settings, &progress))? {
            Err(DisturbanceError::Replicate(ReplicateError::NothingFinished)) => {
                return Err(Interrupted.into());
            }
            found => found?,
        };
        drop(progress);
        let (base, disturbed) = (&found.undisturbed, &found.disturbed);
        let sides = ((&chosen.system, base), (&planned.disturbed, disturbed));
        let comparison = compare(sides.0, sides.1, self.search.confidence)?;
        let document = StressDocument::of_disturbance(
            &self.facts(chosen, planned.said),
            &DisturbanceFacts {
                systems: (&chosen.system, &planned.disturbed),
                times: (planned.from, planned.to),
                comparison: &comparison,
                settings: &settings,
                disturbance: &found,
                target,
            },
        );
        self.tell(&document, console)?;
        Ok(self.outcome(base.is_cut_short, true))
    }

    /// Shows the document, and writes the folder that was asked for.
    fn tell(&self, document: &StressDocument, console: &mut Console) -> anyhow::Result<()> {
        if let Some(folder) = &self.out {
            write_folder(folder, document, console.language)?;
            let written = console.say("written:", "已写入：");
            console.remark(&format!("{written} {}", folder.join("stress.html").display()));
        }
        if console.is_json {
            console.print(&document.to_json())?;
        } else {
            console.print(&terminal::render(document, console.language, console.width()))?;
        }
        Ok(())
    }

    fn facts<'a>(&self, chosen: &'a Chosen, stress: Vec<Words>) -> StressFacts<'a> {
        StressFacts {
            scenario: chosen.wanted.clone(),
            title: Words::from(chosen.title()),
            stress,
            system: &chosen.system,
            run: RunFacts {
                command: command_line(&self.words(chosen)),
                version: env!("CARGO_PKG_VERSION").to_owned(),
                ..chosen.facts()
            },
        }
    }

    fn range_of(&self, text: &str, console: &Console) -> anyhow::Result<DemandRange> {
        let step = parse_share(&self.step).ok().map(|share| share.part()).with_context(|| {
            said!(
                console,
                "--step `{}` is no share; accepted: a share such as `5%`",
                "--step `{}` 不是比例；写法如 `5%`",
                self.step
            )
        })?;
        let accepted = console.say(
            "accepted: two factors of today's demand, the smaller first, such as `1.0..2.0`",
            "写法为现状需求的两个倍数，小者在前，如 `1.0..2.0`",
        );
        let numbers = text.split_once("..").and_then(|(from, to)| {
            Some((from.trim().parse::<f64>().ok()?, to.trim().trim_start_matches('=').parse::<f64>().ok()?))
        });
        let (from, to) = numbers.ok_or_else(|| {
            anyhow!(said!(
                console,
                "--demand `{text}` is no range; {accepted}",
                "--demand `{text}` 不是范围；{accepted}"
            ))
        })?;
        if from >= to {
            bail!(said!(
                console,
                "--demand `{text}` is empty; {accepted}",
                "--demand `{text}` 为空；{accepted}"
            ));
        }
        DemandRange::new(from, to, step).ok_or_else(|| {
            anyhow!(said!(
                console,
                "--demand `{text}` in steps of {} has no step within; {accepted}, up to 100",
                "--demand `{text}` 按步长{}不足一步；{accepted}，最大 100",
                self.step
            ))
        })
    }

    /// The words of the command line, with every default written out.
    fn words(&self, chosen: &Chosen) -> Vec<String> {
        let mut words = vec!["onetrip".to_owned(), "stress".to_owned(), chosen.wanted.clone()];
        let mut add = |flag: &str, value: String| words.extend([flag.to_owned(), value]);
        self.scenario.set.iter().for_each(|set| add("--set", set.clone()));
        if let Some(demand) = &self.demand {
            add("--demand", demand.clone());
            add("--step", self.step.clone());
        }
        self.outage.iter().for_each(|place| add("--outage", place.clone()));
        self.absent.iter().for_each(|absent| add("--absent", absent.clone()));
        for (flag, value) in [("--from", &self.from), ("--to", &self.to)] {
            value.iter().for_each(|value| add(flag, value.clone()));
        }
        self.until.iter().for_each(|until| add("--until", until.clone()));
        if self.demand.is_none() {
            let in_hand = if self.work_in_hand == InHand::Finish { "finish" } else { "hand-over" };
            add("--work-in-hand", in_hand.to_owned());
            add("--replications", self.replications.to_string());
        }
        add("--days", self.days().to_string());
        add("--rng-seed", self.work.rng_seed.to_string());
        words.extend(self.targets.words());
        match self.demand {
            Some(_) => words.extend(self.search.words()),
            None => words.extend(["--confidence".to_owned(), percent(self.search.confidence.share())]),
        }
        if self.flu {
            words.push("--flu".to_owned());
        }
        words
    }
}
