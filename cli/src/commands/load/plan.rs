//! `onetrip load plan`, and how a plan is asked for.

use super::check::JourneyArguments;
use super::run::write_whole_with;
use crate::arguments::both;
use crate::console::Console;
use crate::failure::Outcome;
use crate::scenario::ScenarioArguments;
use crate::values::{above_zero, duration, time_of_day};
use anyhow::{Context, bail};
use onetrip_load::journey::Journey;
use onetrip_load::plan::{Arrivals, Crowd, Plan, PlanOptions, visits_of, write_plan};
use onetrip_report::figures::count;
use onetrip_report::words::Words;
use onetrip_sim::time::{SimSpan, SimTime};
use std::io::BufWriter;
use std::path::PathBuf;

/// How long a crowd arrives by the clock, in µs, where nothing is said.
const LENGTH_USUAL_US: f64 = 30e6;

#[derive(clap::ValueEnum, Clone, Copy, Debug)]
enum CrowdArrivals {
    Poisson,
    Uniform,
}

#[derive(clap::Args, Debug)]
pub(super) struct PlanArguments {
    #[arg(help = both(
        "The scenario whose patients are sent, by name or file; with --rate none is needed",
        "发送其患者的情景名称或文件；使用 --rate 时可不填"
    ))]
    pub(super) scenario: Option<String>,

    #[command(flatten)]
    pub(super) journey: JourneyArguments,

    #[arg(long, default_value_t = 1, value_name = "NUMBER", help = both("The number from which all randomness follows", "随机种子"))]
    pub(super) rng_seed: u64,

    #[arg(long, default_value_t = 0, value_name = "NUMBER", help = both("Which day of the scenario", "情景中的第几天"))]
    day: u32,

    #[arg(long, default_value_t = 1.0, value_parser = above_zero, value_name = "FACTOR", help = both(
        "How many times faster than the clock the day passes", "时间压缩倍数"
    ))]
    pub(super) speed: f64,

    #[arg(long, default_value_t = 1.0, value_parser = above_zero, value_name = "FACTOR", help = both(
        "How many times the patients of the scenario", "患者数量倍数"
    ))]
    pub(super) demand: f64,

    #[arg(long, value_parser = time_of_day, value_name = "TIME", help = both("Only patients from this time of day on", "仅发送此时刻之后到达的患者"))]
    from: Option<SimTime>,

    #[arg(long, value_parser = time_of_day, value_name = "TIME", help = both("Only patients before this time of day", "仅发送此时刻之前到达的患者"))]
    to: Option<SimTime>,

    #[arg(long, value_parser = above_zero, value_name = "PATIENTS", help = both(
        "A plain crowd of so many patients an hour in place of a scenario", "不用情景，按每小时人数产生患者"
    ))]
    pub(super) rate: Option<f64>,

    #[arg(long, value_enum, default_value_t = CrowdArrivals::Poisson, value_name = "HOW", help = both(
        "How the crowd's patients follow each other: independently, or at equal distances",
        "人群的到达方式：相互独立（poisson）或等间隔（uniform）"
    ))]
    arrivals: CrowdArrivals,

    #[arg(long = "for", value_parser = duration, value_name = "TIME", help = both(
        "How much of the day the crowd arrives [default: what passes in 30 s]",
        "人群到达的时长（按情景时间）[默认为实际 30 秒内经过的时长]"
    ))]
    length: Option<SimSpan>,

    #[arg(long, value_name = "FILE", help = both("Write the plan here", "将计划写入文件"))]
    plan_out: Option<PathBuf>,
}

/// How long a plan takes, about: in seconds, or in minutes where there are two or more.
pub(super) fn length_words(plan: &Plan) -> [String; 2] {
    match plan.length_us().div_ceil(1_000_000) {
        seconds @ ..120 => [format!("{seconds} s"), format!("{seconds} 秒")],
        seconds => {
            let minutes = seconds.div_ceil(60);
            [format!("{minutes} min"), format!("{minutes} 分钟")]
        }
    }
}

/// What a plan comes to.
pub(super) fn plan_words(plan: &Plan) -> Words {
    let [en, zh] = length_words(plan);
    let [patients, steps] = [plan.header.patient_count, plan.header.step_count].map(count);
    Words::new(
        format!("{patients} patients, {steps} steps, about {en}"),
        format!("{patients} 名患者，{steps} 个步骤，约 {zh}"),
    )
}

impl PlanArguments {
    fn options(&self) -> PlanOptions {
        PlanOptions {
            rng_seed: self.rng_seed,
            day: self.day,
            speed: self.speed,
            demand: self.demand,
            from_us: self.from.map(SimTime::as_micros),
            to_us: self.to.map(SimTime::as_micros),
        }
    }

    /// How long the crowd arrives, in µs of the day.
    pub(super) fn length_us(&self) -> u64 {
        self.length.map_or((LENGTH_USUAL_US * self.speed).round() as u64, SimSpan::as_micros)
    }

    pub(super) fn crowd(&self, per_hour: f64, journey: &Journey) -> Plan {
        let options = PlanOptions { from_us: None, to_us: None, ..self.options() };
        let arrivals = match self.arrivals {
            CrowdArrivals::Poisson => Arrivals::Poisson,
            CrowdArrivals::Uniform => Arrivals::Uniform,
        };
        let crowd = Crowd { per_hour: per_hour * self.demand, length_us: self.length_us(), arrivals };
        let name = format!("{} patients per hour", (per_hour * 100.0).round() / 100.0);
        Plan::new(&name, crowd.visits(self.rng_seed), journey, &options)
    }

    pub(super) fn make(&self, journey: &Journey, console: &Console) -> anyhow::Result<Plan> {
        let plan = match self.rate {
            Some(per_hour) => self.crowd(per_hour, journey),
            None => {
                let chosen = ScenarioArguments::of(self.scenario.as_deref()).choose(console)?;
                let options = self.options();
                let visits = visits_of(&chosen.system, &options).context("the day could not be simulated")?;
                Plan::new(&chosen.wanted, visits, journey, &options)
            }
        };
        if plan.patients.is_empty() {
            bail!(console.say(
                "the plan has no patient; accepted: a --from before --to, in hours in which patients arrive, a longer --for, \
                 or a higher --rate or --demand",
                "计划中没有患者；请让 --from 早于 --to 且在有患者到达的时段内，或延长 --for，或提高 --rate、--demand"
            ));
        }
        if let Some(path) = &self.plan_out {
            write_whole_with(path, |file| write_plan(BufWriter::new(file), &plan.header, &plan.patients))?;
        }
        Ok(plan)
    }

    pub(super) fn execute(self, console: &mut Console) -> anyhow::Result<Outcome> {
        let journey = self.journey.read(console)?;
        let plan = self.make(&journey, console)?;
        if console.is_json {
            console.print_json(&plan.header)?;
        } else {
            console.print(&format!("{}\n", plan_words(&plan).in_language(console.language)))?;
        }
        Ok(Outcome::Done)
    }
}
