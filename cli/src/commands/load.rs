//! `onetrip load`: simulated patients sent to a real booking and payment system.

use crate::arguments::both;
use crate::console::Console;
use crate::failure::Outcome;
use crate::inputs::{is_path, read_file, unknown};
use crate::interrupt::Interrupt;
use crate::scenario::ScenarioArguments;
use anyhow::{Context, anyhow, bail};
use clap::Subcommand;
use onetrip_history::{CheckOptions, Evidence, History, Language, Property, Replay, check, extract};
use onetrip_load::capacity::{Edge, Search, Trial};
use onetrip_load::engine::{HttpTransport, PacedClock, Progress, Settings, Stop, Target};
use onetrip_load::journey::{self, Journey};
use onetrip_load::metrics::serve_metrics;
use onetrip_load::plan::{Arrivals, Crowd, Plan, PlanOptions, PlanReader, visits_of, write_plan};
use onetrip_load::replay::replay;
use onetrip_load::report::{RunOutcome, RunReport, hall_waits, histogram_text, junit};
use onetrip_load::session::{Session, verify};
use onetrip_load::threshold::Threshold;
use onetrip_models::system::System;
use onetrip_scenarios::quantity::{parse_clock, parse_duration};
use onetrip_scenarios::reader::Document;
use serde_json::json;
use std::fs::{self, File};
use std::io::{BufReader, BufWriter, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

#[derive(clap::Args, Debug)]
#[command(
    about = both(
        "Send simulated patients to a real booking and payment system, and prove that it stayed correct",
        "向真实的预约缴费系统发送模拟患者，并检验其是否始终正确"
    ),
    after_help = both(EXAMPLES, EXAMPLES_ZH)
)]
pub(crate) struct Load {
    #[command(subcommand)]
    command: LoadCommand,
}

#[derive(Subcommand, Debug)]
enum LoadCommand {
    #[command(
        about = both("Send a plan and judge what came of it", "发送计划并判定结果"),
        after_help = both(RUN_EXAMPLES, RUN_EXAMPLES_ZH)
    )]
    Run(Box<RunArguments>),
    #[command(
        about = both("Write the plan of a run without sending anything", "仅生成计划，不发送"),
        after_help = both(
            "Example:\n  onetrip load plan township --journey desk --plan-out day.plan",
            "示例：\n  onetrip load plan township --journey desk --plan-out day.plan"
        )
    )]
    Plan(Box<PlanArguments>),
    #[command(
        about = both("Check a journey file and show all mistakes at once", "检查旅程文件，一次列出全部问题"),
        after_help = both("Example:\n  onetrip load check ours.toml", "示例：\n  onetrip load check ours.toml")
    )]
    Check(CheckArguments),
    #[command(
        about = both("Judge the log of a run", "判定运行日志"),
        after_help = both(
            "Example:\n  onetrip load verify run.log --extract small.log",
            "示例：\n  onetrip load verify run.log --extract small.log"
        )
    )]
    Verify(VerifyArguments),
    #[command(
        about = both("Send the requests of a log again", "重放日志中的请求"),
        after_help = both(
            "Example:\n  onetrip load replay small.log --target http://127.0.0.1:8080",
            "示例：\n  onetrip load replay small.log --target http://127.0.0.1:8080"
        )
    )]
    Replay(ReplayArguments),
}

const EXAMPLES: &str = "\
In one minute:
  onetrip desk --fault check-then-act &
  onetrip load run --journey desk --target http://127.0.0.1:8080 --rate 36000 --for 10s";

const EXAMPLES_ZH: &str = "\
一分钟上手：
  onetrip desk --fault check-then-act &
  onetrip load run --journey desk --target http://127.0.0.1:8080 --rate 36000 --for 10s";

const RUN_EXAMPLES: &str = "\
Examples:
  onetrip load run township --journey desk --target http://127.0.0.1:8080 --speed 60
  onetrip load run --journey fhir-if-match --target http://127.0.0.1:8090/fhir --rate 3600 --for 30s
  onetrip load run --journey desk --target http://127.0.0.1:8080 --rate 3600 --find-capacity 'p99 <= 1 s and violations = 0'
  onetrip load run --plan day.plan --journey desk --target … --require 'p99 <= 1 s' --html run.html --junit run.xml

Exit codes: 0 done; 1 a threshold is crossed or a property violated; 2 bad input; 3 void, the load was not offered.";

const RUN_EXAMPLES_ZH: &str = "\
示例：
  onetrip load run township --journey desk --target http://127.0.0.1:8080 --speed 60
  onetrip load run --journey fhir-if-match --target http://127.0.0.1:8090/fhir --rate 3600 --for 30s
  onetrip load run --journey desk --target http://127.0.0.1:8080 --rate 3600 --find-capacity 'p99 <= 1 s and violations = 0'
  onetrip load run --plan day.plan --journey desk --target … --require 'p99 <= 1 s' --html run.html --junit run.xml

退出码：0 完成；1 越过阈值或违反性质；2 输入有误；3 无效（未能提供计划的负载）。";

#[derive(clap::Args, Debug)]
struct JourneyArguments {
    #[arg(
        long,
        value_name = "JOURNEY",
        help = both(
            "What patients do on the wire: desk, fhir-if-match, fhir-transaction, fhir-conditional-create, \
             fhir-hold-book, fhir-naive, pretix, or a file of your own",
            "患者的请求流程：desk、fhir-if-match、fhir-transaction、fhir-conditional-create、fhir-hold-book、fhir-naive、\
             pretix，或自备文件"
        )
    )]
    journey: String,

    #[arg(
        long = "journey-set",
        value_name = "PATH=VALUE",
        help = both("Change a value of the journey; may be repeated", "修改旅程文件中的值；可多次使用")
    )]
    journey_set: Vec<String>,
}

impl JourneyArguments {
    fn read(&self, console: &Console) -> anyhow::Result<Arc<Journey>> {
        let mut document = journey_document(&self.journey, console)?;
        self.journey_set.iter().for_each(|assignment| document.set(assignment));
        let reading = journey::read_journey(document)?;
        console.remark_findings(&reading.warnings);
        Ok(Arc::new(reading.value))
    }
}

fn journey_document(wanted: &str, console: &Console) -> anyhow::Result<Document> {
    if let Some(shipped) = journey::find(wanted) {
        return Ok(shipped.document());
    }
    if !is_path(wanted) {
        let known: Vec<&str> = journey::shipped().iter().map(|journey| journey.name).collect();
        return Err(unknown(("journey", "旅程"), wanted, &known, console));
    }
    read_file(wanted, console)
}

#[derive(clap::Args, Debug)]
struct PlanArguments {
    #[arg(help = both(
        "The scenario whose patients are sent, by name or file; with --rate none is needed",
        "发送其患者的情景名称或文件；使用 --rate 时可不填"
    ))]
    scenario: Option<String>,

    #[command(flatten)]
    journey: JourneyArguments,

    #[arg(long, default_value_t = 1, value_name = "NUMBER", help = both("The number from which all randomness follows", "随机种子"))]
    rng_seed: u64,

    #[arg(long, default_value_t = 0, value_name = "NUMBER", help = both("Which day of the scenario", "情景中的第几天"))]
    day: u32,

    #[arg(long, default_value_t = 1.0, value_name = "FACTOR", help = both(
        "How many times faster than the clock the day passes", "时间压缩倍数"
    ))]
    speed: f64,

    #[arg(long, default_value_t = 1.0, value_name = "FACTOR", help = both(
        "How many times the patients of the scenario", "患者数量倍数"
    ))]
    demand: f64,

    #[arg(long, value_name = "TIME", help = both("Only patients from this time of day on", "仅发送此时刻之后到达的患者"))]
    from: Option<String>,

    #[arg(long, value_name = "TIME", help = both("Only patients before this time of day", "仅发送此时刻之前到达的患者"))]
    to: Option<String>,

    #[arg(long, value_name = "PATIENTS", help = both(
        "A plain crowd of so many patients an hour (Poisson) in place of a scenario", "不用情景，按每小时人数（泊松）产生患者"
    ))]
    rate: Option<f64>,

    #[arg(long = "for", default_value = "30 s", value_name = "TIME", help = both(
        "How long the crowd arrives", "人群到达的时长"
    ))]
    length: String,

    #[arg(long, value_name = "FILE", help = both("Write the plan here", "将计划写入文件"))]
    plan_out: Option<PathBuf>,
}

impl PlanArguments {
    fn options(&self) -> anyhow::Result<PlanOptions> {
        let clock = |text: &Option<String>| {
            text.as_deref()
                .map(|text| {
                    parse_clock(text).map(|at| at.as_micros()).map_err(|error| anyhow!("`{text}`: {error}"))
                })
                .transpose()
        };
        if !(self.speed > 0.0 && self.speed.is_finite() && self.demand > 0.0 && self.demand.is_finite()) {
            bail!("--speed and --demand must be numbers above 0");
        }
        Ok(PlanOptions {
            rng_seed: self.rng_seed,
            day: self.day,
            speed: self.speed,
            demand: self.demand,
            from_us: clock(&self.from)?,
            to_us: clock(&self.to)?,
        })
    }

    fn system(&self, console: &Console) -> anyhow::Result<(String, System)> {
        let chosen = ScenarioArguments::of(self.scenario.as_deref()).choose(console)?;
        Ok((chosen.wanted, chosen.system))
    }

    fn length_us(&self) -> anyhow::Result<u64> {
        let span = parse_duration(&self.length).map_err(|error| anyhow!("--for: {error}"))?;
        Ok(span.as_micros())
    }

    fn crowd(&self, per_hour: f64, journey: &Journey) -> anyhow::Result<Plan> {
        if !(per_hour > 0.0 && per_hour.is_finite()) {
            bail!("--rate must be a number of patients an hour above 0");
        }
        let options = PlanOptions { from_us: None, to_us: None, ..self.options()? };
        let crowd = Crowd {
            per_hour: per_hour * self.demand,
            length_us: self.length_us()?,
            arrivals: Arrivals::Poisson,
        };
        let name = format!("{per_hour} patients per hour");
        Ok(Plan::new(&name, crowd.visits(self.rng_seed), journey, &options))
    }

    fn make(&self, journey: &Journey, console: &Console) -> anyhow::Result<Plan> {
        let plan = match self.rate {
            Some(per_hour) => self.crowd(per_hour, journey)?,
            None => {
                let (name, system) = self.system(console)?;
                let options = self.options()?;
                let visits = visits_of(&system, &options).context("the day could not be simulated")?;
                Plan::new(&name, visits, journey, &options)
            }
        };
        if let Some(path) = &self.plan_out {
            let file = File::create(path).with_context(|| format!("`{}`", path.display()))?;
            write_plan(BufWriter::new(file), &plan.header, &plan.patients)?;
        }
        Ok(plan)
    }
}

#[derive(clap::Args, Debug)]
struct TargetArguments {
    #[arg(long, value_name = "URL", help = both(
        "Base address of the system under test", "被测系统的基础地址"
    ))]
    target: String,

    #[arg(long, value_name = "HOST", help = both(
        "Confirms that this other machine may be put under load; may be repeated", "确认可对该主机施加负载；可多次使用"
    ))]
    allow_host: Vec<String>,

    #[arg(long, value_name = "FILE", help = both("Certificates to trust", "信任的证书文件"))]
    ca: Option<PathBuf>,

    #[arg(long, help = both("Speak HTTP/2", "使用 HTTP/2"))]
    http2: bool,
}

impl TargetArguments {
    fn open(&self, secrets: Vec<(String, String)>) -> anyhow::Result<(Target, Arc<HttpTransport>)> {
        let target = Target::parse(&self.target, &self.allow_host)?;
        let transport = HttpTransport::new(target.clone(), secrets, self.ca.as_deref(), self.http2)?;
        Ok((target, Arc::new(transport)))
    }
}

#[derive(clap::Args, Debug)]
struct RunArguments {
    #[command(flatten)]
    plan: PlanArguments,

    #[arg(long = "plan", value_name = "FILE", help = both("Send this plan", "发送此计划文件"))]
    plan_file: Option<PathBuf>,

    #[command(flatten)]
    target: TargetArguments,

    #[arg(long, value_name = "REQUESTS", help = both(
        "Most requests a second; a run held back by it is void", "每秒请求数上限；受限的运行判为无效"
    ))]
    rate_limit: Option<f64>,

    #[arg(long, value_name = "COUNT", help = both(
        "Most requests in flight; a run that reaches it is void", "同时进行的请求上限；达到即判为无效"
    ))]
    in_flight_max: Option<usize>,

    #[arg(long, value_name = "TIME", help = both(
        "How late the generator may send (p99) [default: a tenth of the mean gap, at least 1 ms]",
        "允许的发送延迟（p99）[默认为平均间隔的十分之一，至少 1 毫秒]"
    ))]
    lag_bound: Option<String>,

    #[arg(long = "require", value_name = "CONDITION", help = both(
        "What must hold, such as 'p99 <= 1 s and violations = 0'; may be repeated",
        "必须成立的条件，如 'p99 <= 1 s and violations = 0'；可多次使用"
    ))]
    require: Vec<String>,

    #[arg(long, value_name = "CONDITION", help = both(
        "Find the largest number of patients an hour for which this holds, beginning with --rate",
        "寻找使条件成立的每小时最大患者数，从 --rate 开始"
    ))]
    find_capacity: Option<String>,

    #[arg(long, default_value = "load.log", value_name = "FILE", help = both("Where the log goes", "日志文件"))]
    log: PathBuf,

    #[arg(long, value_name = "FILE", help = both("Write an HTML report", "生成 HTML 报告"))]
    html: Option<PathBuf>,

    #[arg(long, value_name = "FILE", help = both("Write JUnit XML", "生成 JUnit XML"))]
    junit: Option<PathBuf>,

    #[arg(long, value_name = "FILE", help = both(
        "Write the percentiles of all responses (.hgrm)", "写出全部响应时间的分位数（.hgrm）"
    ))]
    hgrm: Option<PathBuf>,

    #[arg(long, value_name = "ADDRESS", help = both("Serve Prometheus metrics here", "在此地址提供 Prometheus 指标"))]
    metrics: Option<SocketAddr>,
}

#[derive(clap::Args, Debug)]
struct CheckArguments {
    #[arg(help = both("The file, or a journey that comes with the program", "文件或随程序附带的旅程"))]
    journey: String,
}

#[derive(clap::Args, Debug)]
struct VerifyArguments {
    #[arg(help = both("The log", "日志文件"))]
    log: PathBuf,

    #[arg(long, value_name = "FILE", help = both(
        "Write the requests that show the first violation as a log of their own", "将首个违反的相关请求写成独立日志"
    ))]
    extract: Option<PathBuf>,
}

#[derive(clap::Args, Debug)]
struct ReplayArguments {
    #[arg(help = both("The log", "日志文件"))]
    log: PathBuf,

    #[command(flatten)]
    target: TargetArguments,

    #[arg(long, value_name = "JOURNEY", help = both(
        "Journey whose secret headers are to be sent too", "需同时发送其密钥请求头的旅程"
    ))]
    journey: Option<String>,
}

impl Load {
    pub(crate) fn execute(self, console: &mut Console) -> anyhow::Result<Outcome> {
        match self.command {
            LoadCommand::Run(arguments) => arguments.execute(console),
            LoadCommand::Plan(arguments) => {
                let journey = arguments.journey.read(console)?;
                let header = arguments.make(&journey, console)?.header;
                if console.is_json {
                    console.print_json(&header)?;
                } else {
                    let text = format!("{} patients, {} steps\n", header.patient_count, header.step_count);
                    console.print(&text)?;
                }
                Ok(Outcome::Done)
            }
            LoadCommand::Check(arguments) => {
                let reading = journey::read_journey(journey_document(&arguments.journey, console)?)?;
                console.remark_findings(&reading.warnings);
                let journey = reading.value;
                let steps: Vec<&str> = journey.steps.iter().map(|step| step.name.as_str()).collect();
                if console.is_json {
                    console.print_json(&json!({ "usable": true, "name": journey.name, "steps": steps }))?;
                } else {
                    let text = format!("{}: {}\n{}\n", journey.name, steps.join(" → "), journey.about);
                    console.print(&text)?;
                }
                Ok(Outcome::Done)
            }
            LoadCommand::Verify(arguments) => arguments.execute(console),
            LoadCommand::Replay(arguments) => arguments.execute(console),
        }
    }
}

fn language(console: &Console) -> Language {
    if console.say("en", "zh") == "zh" { Language::Chinese } else { Language::English }
}

/// A mark that tells the objects of this run from those of others.
fn run_mark() -> String {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    format!("{:x}", since.as_millis())
}

impl RunArguments {
    fn session(&self, journey: &Arc<Journey>, threshold: Threshold) -> anyhow::Result<Session> {
        let secrets = journey.secrets(|name| std::env::var(name).ok())?;
        let (target, transport) = self.target.open(secrets)?;
        let mut settings = Settings::new(run_mark());
        if self.rate_limit.is_some_and(|rate| rate.is_nan() || rate <= 0.0) {
            bail!("--rate-limit must be a number of requests a second above 0");
        }
        settings.rate_limit = self.rate_limit;
        settings.in_flight_max = self.in_flight_max;
        settings.lag_bound_us = match &self.lag_bound {
            None => None,
            Some(text) => {
                Some(parse_duration(text).map_err(|error| anyhow!("--lag-bound: {error}"))?.as_micros())
            }
        };
        let journey = Arc::clone(journey);
        Ok(Session { journey, target, transport, settings, threshold, log: self.log.clone() })
    }

    fn execute(self, console: &mut Console) -> anyhow::Result<Outcome> {
        let journey = self.plan.journey.read(console)?;
        let mut threshold = Threshold::default();
        for text in &self.require {
            threshold = threshold.with(Threshold::parse(text)?);
        }
        let runtime = tokio::runtime::Runtime::new().context("no threads to run on")?;
        let (stop_handle, stop) = Stop::new();
        let interrupt = Interrupt::listen(console)?;
        let progress: Arc<Mutex<Progress>> = Arc::default();
        let _in_runtime = runtime.enter();
        tokio::spawn(async move {
            while !interrupt.is_asked() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            stop_handle.stop();
        });
        if let Some(address) = self.metrics {
            runtime.block_on(serve_metrics(address, Arc::clone(&progress))).context("--metrics")?;
        }
        if let Some(text) = &self.find_capacity {
            let session = self.session(&journey, threshold.with(Threshold::parse(text)?))?;
            return self.find_edge(&runtime, &session, &stop, console);
        }
        let session = self.session(&journey, threshold)?;
        let viewer = watch(&progress, console);
        let report = match &self.plan_file {
            Some(path) => {
                let file = File::open(path).with_context(|| format!("`{}`", path.display()))?;
                let reader = PlanReader::new(BufReader::new(file))?;
                reader.expect_journey(&journey)?;
                let header = reader.header().clone();
                runtime.block_on(session.run(header, reader, stop, progress))?
            }
            None => {
                let plan = self.plan.make(&journey, console)?;
                runtime.block_on(run_plan(&session, plan, stop, progress))?
            }
        };
        viewer.abort();
        self.deliver(&report, console)?;
        Ok(match report.outcome() {
            RunOutcome::Holds => Outcome::Done,
            RunOutcome::DoesNotHold => Outcome::DoesNotHold,
            RunOutcome::Void => Outcome::Void,
        })
    }

    fn deliver(&self, report: &RunReport, console: &mut Console) -> anyhow::Result<()> {
        let language = language(console);
        let write =
            |path: &Path, text: &str| fs::write(path, text).with_context(|| format!("`{}`", path.display()));
        if let Some(path) = &self.html {
            write(path, &report.html(language))?;
        }
        if let Some(path) = &self.junit {
            write(path, &junit(report))?;
        }
        if let Some(path) = &self.hgrm {
            write(path, &histogram_text(&report.statistics.response()))?;
        }
        if console.is_json {
            console.print_json(&report.to_json())
        } else {
            Ok(console.print(&report.text(language))?)
        }
    }

    fn find_edge(
        &self,
        runtime: &tokio::runtime::Runtime,
        session: &Session,
        stop: &Stop,
        console: &mut Console,
    ) -> anyhow::Result<Outcome> {
        let search =
            Search { start_per_hour: self.plan.rate.unwrap_or(3_600.0), tolerance: 0.05, trial_max: 40 };
        let edge = runtime.block_on(search.run(async |per_hour: f64| {
            let plan = self.plan.crowd(per_hour, &session.journey)?;
            let mut session = session.clone();
            session.settings.run = run_mark();
            let report = run_plan(&session, plan, stop.clone(), Arc::default()).await?;
            if report.stopped {
                return Err(anyhow::Error::from(crate::failure::Interrupted));
            }
            let trial = Trial::of(per_hour, &report);
            console.remark(&format!(
                "{per_hour:.0}/h: {} (p99 {:.1} ms, {} {})",
                if trial.holds {
                    console.say("holds", "成立")
                } else {
                    console.say("does not hold", "不成立")
                },
                trial.p99_us as f64 / 1e3,
                trial.violation_count,
                console.say("violations", "处违反"),
            ));
            Ok(trial)
        }))?;
        self.tell_edge(&edge, console)?;
        Ok(if edge.per_hour.is_some() { Outcome::Done } else { Outcome::DoesNotHold })
    }

    fn tell_edge(&self, edge: &Edge, console: &mut Console) -> anyhow::Result<()> {
        let mut days = Vec::new();
        if let (Some(per_hour), Some(_)) = (edge.per_hour, &self.plan.scenario) {
            let (_, system) = self.plan.system(console)?;
            for demand in [1.0, 1.5, 2.0] {
                let options = PlanOptions { demand, ..self.plan.options()? };
                let mut arrivals: Vec<u64> =
                    visits_of(&system, &options)?.iter().map(|visit| visit.arrive_at).collect();
                arrivals.sort_unstable();
                let mut waits = hall_waits(arrivals, per_hour);
                waits.sort_unstable();
                let count = waits.len().max(1);
                let mean_s = waits.iter().sum::<u64>() as f64 / count as f64 / 1e6;
                let over_10_min = waits.iter().filter(|&&wait| wait > 600_000_000).count();
                let p95_s = waits.get(count * 95 / 100).copied().unwrap_or(0) as f64 / 1e6;
                days.push(json!({
                    "demand": demand, "patient_count": waits.len(), "mean_wait_seconds": mean_s,
                    "p95_wait_seconds": p95_s, "over_10_min_count": over_10_min,
                }));
            }
        }
        if console.is_json {
            return console.print_json(&json!({ "edge": edge, "hall": days }));
        }
        let mut text = match edge.per_hour {
            None => {
                format!("{}\n", console.say("no rate was served within bounds", "任何速率都未能满足条件"))
            }
            Some(per_hour) => format!("{per_hour:.0} {}\n", console.say("patients per hour", "名患者/小时")),
        };
        if edge.generator_bound {
            text.push_str(console.say(
                "the generator could not offer more: the edge of the system may lie beyond\n",
                "发送端已达上限：系统的极限可能更高\n",
            ));
        }
        for day in &days {
            text.push_str(&format!(
                "× {}: {} {}; {} {:.1} s, p95 {:.1} s; {} {}\n",
                day["demand"],
                day["patient_count"],
                console.say("patients", "名患者"),
                console.say("mean wait at the gate", "入口平均等待"),
                day["mean_wait_seconds"].as_f64().unwrap_or(0.0),
                day["p95_wait_seconds"].as_f64().unwrap_or(0.0),
                day["over_10_min_count"],
                console.say("wait over 10 min", "名等待超过 10 分钟"),
            ));
        }
        Ok(console.print(&text)?)
    }
}

async fn run_plan(
    session: &Session,
    plan: Plan,
    stop: Stop,
    progress: Arc<Mutex<Progress>>,
) -> anyhow::Result<RunReport> {
    let Plan { header, patients } = plan;
    Ok(session.run(header, patients.into_iter().map(Ok), stop, progress).await?)
}

/// Shows on a terminal how a run stands.
fn watch(progress: &Arc<Mutex<Progress>>, console: &Console) -> tokio::task::JoinHandle<()> {
    let progress = Arc::clone(progress);
    let language = language(console);
    let is_seen = std::io::IsTerminal::is_terminal(&std::io::stderr()) && !console.is_json;
    tokio::spawn(async move {
        if !is_seen {
            return;
        }
        loop {
            tokio::time::sleep(Duration::from_millis(250)).await;
            let now = *progress.lock().unwrap_or_else(PoisonError::into_inner);
            let ms = |us: u64| us as f64 / 1e3;
            let (asked, offered, in_flight, errors, oversold) = match language {
                Language::English => ("asked", "sent", "in flight", "errors", "oversold"),
                Language::Chinese => ("计划", "发送", "进行中", "错误", "超售"),
            };
            let line = format!(
                "\r\x1b[K{:6.1} s  {asked} {}/s  {offered} {}/s  {in_flight} {}  {errors} {}  p50 {:.1} p95 {:.1} p99 {:.1} \
                 ms  {oversold} {}",
                now.at_us as f64 / 1e6,
                now.asked_rate,
                now.offered_rate,
                now.in_flight,
                now.error_count,
                ms(now.p50_us),
                ms(now.p95_us),
                ms(now.p99_us),
                now.oversold_count,
            );
            // A closed terminal is nobody's concern.
            let _ = write!(std::io::stderr(), "{line}");
        }
    })
}

impl VerifyArguments {
    fn execute(self, console: &mut Console) -> anyhow::Result<Outcome> {
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
            console.print(&report.text(language(console)))?;
        }
        let is_intact = report.violation_count() == 0;
        Ok(if is_intact { Outcome::Done } else { Outcome::DoesNotHold })
    }
}

fn first_evidence(report: &onetrip_history::Report) -> Option<(Property, &Evidence)> {
    report.findings.iter().find_map(|finding| Some((finding.property, finding.evidence.first()?)))
}

impl ReplayArguments {
    fn execute(self, console: &mut Console) -> anyhow::Result<Outcome> {
        let file = File::open(&self.log).with_context(|| format!("`{}`", self.log.display()))?;
        let recorded = Replay::read(BufReader::new(file))?;
        let secrets = match &self.journey {
            None => Vec::new(),
            Some(wanted) => journey::read_journey(journey_document(wanted, console)?)?
                .value
                .secrets(|name| std::env::var(name).ok())?,
        };
        let (_, transport) = self.target.open(secrets)?;
        let runtime = tokio::runtime::Runtime::new().context("no threads to run on")?;
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
