//! `onetrip load run`: a plan sent and judged.

use super::language;
use super::live::Live;
use super::plan::{PlanArguments, plan_words};
use super::target::TargetArguments;
use crate::arguments::both;
use crate::console::Console;
use crate::failure::Outcome;
use crate::help::{Examples, plain};
use crate::interrupt::Interrupt;
use crate::values::{above_zero, duration};
use anyhow::Context;
use onetrip_load::engine::{Progress, Settings, Stop};
use onetrip_load::journey::Journey;
use onetrip_load::metrics::serve_metrics;
use onetrip_load::plan::{Plan, PlanReader};
use onetrip_load::report::{RunOutcome, RunReport, histogram_text, junit};
use onetrip_load::session::{self, Session};
use onetrip_load::threshold::Threshold;
use onetrip_report::whole_file::WholeFile;
use onetrip_report::words::Words;
use onetrip_sim::time::SimSpan;
use std::fs::File;
use std::io::{self, BufReader, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

pub(super) const EXAMPLES: Examples = Examples {
    calls: &[
        plain("onetrip load run township --journey desk --target http://127.0.0.1:8080 --speed 60"),
        plain(
            "onetrip load run --journey fhir-if-match --target http://127.0.0.1:8090/fhir --rate 3600 --for 30s",
        ),
        plain(
            "onetrip load run township --journey desk --target http://127.0.0.1:8080 --rate 3600 --find-capacity 'p99 <= 1 s and violations = 0'",
        ),
        plain(
            "onetrip load run --plan day.plan --journey desk --target … --require 'p99 <= 1 s' --html run.html --junit run.xml",
        ),
    ],
    note: Some((
        "Exit codes: 0 done; 1 a threshold is crossed, or a property violated whatever the load was; 2 bad input; 3 \
         void, the load was not offered and nothing was found violated; 130 stopped by Ctrl-C, the report is of \
         what ran.",
        "退出码：0 完成；1 越过阈值，或发现违反性质（无论负载是否达到计划）；2 输入有误；3 \
         无效（未能提供计划的负载，且未发现违反）；130 被 Ctrl-C 中断，报告为已完成部分。",
    )),
};

#[derive(clap::Args, Debug)]
pub(super) struct RunArguments {
    #[command(flatten)]
    pub(super) plan: PlanArguments,

    #[arg(long = "plan", value_name = "FILE", help = both("Send this plan", "发送此计划文件"))]
    plan_file: Option<PathBuf>,

    #[command(flatten)]
    target: TargetArguments,

    #[arg(long, value_parser = above_zero, value_name = "REQUESTS", help = both(
        "Most requests a second; a run held back by it is void", "每秒请求数上限；受限的运行判为无效"
    ))]
    rate_limit: Option<f64>,

    #[arg(long, value_name = "COUNT", help = both(
        "Most requests in flight; a run that reaches it is void", "同时进行的请求上限；达到即判为无效"
    ))]
    in_flight_max: Option<usize>,

    #[arg(long, value_parser = duration, value_name = "TIME", help = both(
        "How late the generator may send (p99) [default: a tenth of the mean gap, at least 1 ms]",
        "允许的发送延迟（p99）[默认为平均间隔的十分之一，至少 1 毫秒]"
    ))]
    lag_bound: Option<SimSpan>,

    #[arg(long = "require", value_name = "CONDITION", help = both(
        "What must hold, such as 'p99 <= 1 s and violations = 0'; may be repeated",
        "必须成立的条件，如 'p99 <= 1 s and violations = 0'；可多次使用"
    ))]
    require: Vec<String>,

    #[arg(long, value_name = "CONDITION", help = both(
        "Find the largest number of patients an hour for which this holds, beginning with --rate, and what that limit does \
         to the waits of the hospital that is named",
        "寻找使条件成立的每小时最大患者数（从 --rate 开始），并推算该上限对所选医院等候时间的影响"
    ))]
    find_capacity: Option<String>,

    #[arg(long, default_value = "load.log", value_name = "FILE", help = both("Where the log goes", "日志文件"))]
    log: PathBuf,

    #[arg(long, value_name = "FILE", help = both("Write an HTML report", "生成 HTML 报告"))]
    pub(super) html: Option<PathBuf>,

    #[arg(long, value_name = "FILE", help = both("Write JUnit XML", "生成 JUnit XML"))]
    junit: Option<PathBuf>,

    #[arg(long, value_name = "FILE", help = both(
        "Write the percentiles of all responses (.hgrm)", "写出全部响应时间的分位数（.hgrm）"
    ))]
    hgrm: Option<PathBuf>,

    #[arg(long, value_name = "ADDRESS", help = both("Serve Prometheus metrics here", "在此地址提供 Prometheus 指标"))]
    metrics: Option<SocketAddr>,
}

/// A mark that tells the objects of this run from those of others.
pub(super) fn run_mark() -> String {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    format!("{:x}", since.as_millis())
}

impl RunArguments {
    fn session(&self, journey: &Arc<Journey>, threshold: Threshold) -> anyhow::Result<Session> {
        let secrets = journey.secrets(|name| std::env::var(name).ok())?;
        let (target, transport) = self.target.open(secrets)?;
        let mut settings = Settings::new(run_mark());
        settings.rate_limit = self.rate_limit;
        settings.in_flight_max = self.in_flight_max;
        settings.lag_bound_us = self.lag_bound.map(SimSpan::as_micros);
        let journey = Arc::clone(journey);
        Ok(Session { journey, target, transport, settings, threshold, log: self.log.clone() })
    }

    pub(super) fn execute(self, console: &mut Console) -> anyhow::Result<Outcome> {
        let journey = self.plan.journey.read(console)?;
        let mut threshold = Threshold::default();
        for text in &self.require {
            threshold = threshold.with(Threshold::parse(text)?);
        }
        let runtime = session::runtime().context("no reactor to run on")?;
        let (stop_handle, stop) = Stop::new();
        let interrupt = Interrupt::listen(console)?;
        let progress: Arc<Mutex<Progress>> = Arc::default();
        let _in_runtime = runtime.enter();
        tokio::spawn(async move {
            interrupt.asked().await;
            stop_handle.stop();
        });
        if let Some(address) = self.metrics {
            runtime.block_on(serve_metrics(address, Arc::clone(&progress))).context("--metrics")?;
        }
        if let Some(text) = &self.find_capacity {
            let session = self.session(&journey, threshold.with(Threshold::parse(text)?))?;
            return self.find_edge(&runtime, &session, (&stop, &progress), console);
        }
        let session = self.session(&journey, threshold)?;
        let report = match &self.plan_file {
            Some(path) => {
                let _live = Live::show(&progress, None, console);
                let file = File::open(path).with_context(|| format!("`{}`", path.display()))?;
                let reader = PlanReader::new(BufReader::new(file))?;
                reader.expect_journey(&journey)?;
                let header = reader.header().clone();
                runtime.block_on(session.run(header, reader, stop, progress))?
            }
            None => {
                let plan = self.plan.make(&journey, console)?;
                let live = Live::show(&progress, Some(plan.length_us()), console);
                if live.is_watched() {
                    live.note(console, run_words(&plan).in_language(console.language));
                }
                runtime.block_on(run_plan(&session, plan, stop, progress))?
            }
        };
        self.deliver(&report, console)?;
        Ok(match report.outcome() {
            RunOutcome::Void => Outcome::Void,
            RunOutcome::DoesNotHold => Outcome::DoesNotHold,
            RunOutcome::Holds if report.stopped => Outcome::Stopped,
            RunOutcome::Holds => Outcome::Done,
        })
    }

    fn deliver(&self, report: &RunReport, console: &mut Console) -> anyhow::Result<()> {
        let language = language(console);
        if let Some(path) = &self.html {
            write_whole(path, &report.html(language))?;
        }
        if let Some(path) = &self.junit {
            write_whole(path, &junit(report))?;
        }
        if let Some(path) = &self.hgrm {
            write_whole(path, &histogram_text(&report.statistics.response()))?;
        }
        if console.is_json {
            console.print_json(&report.to_json())
        } else {
            Ok(console.print_prose(&report.text(language))?)
        }
    }
}

/// What is about to be sent, told before the first request.
fn run_words(plan: &Plan) -> Words {
    let Words { en, zh } = plan_words(plan);
    Words::new(
        format!(
            "{en}; --speed, --from and --to (or --for) make it shorter. Ctrl-C ends it with a report of what ran."
        ),
        format!("{zh}；可用 --speed、--from 与 --to（或 --for）缩短。按 Ctrl-C 结束并给出已完成部分的报告。"),
    )
}

pub(super) async fn run_plan(
    session: &Session,
    plan: Plan,
    stop: Stop,
    progress: Arc<Mutex<Progress>>,
) -> anyhow::Result<RunReport> {
    let Plan { header, patients } = plan;
    Ok(session.run(header, patients.into_iter().map(Ok), stop, progress).await?)
}

/// Writes a file, which is whole or not there.
pub(super) fn write_whole(path: &Path, text: &str) -> anyhow::Result<()> {
    write_whole_with(path, |mut file| file.write_all(text.as_bytes()))
}

/// Has a file written, which is whole or not there.
pub(super) fn write_whole_with(
    path: &Path,
    write: impl FnOnce(File) -> io::Result<()>,
) -> anyhow::Result<()> {
    let said = || format!("cannot write `{}`", path.display());
    let (whole, file) = WholeFile::begin(path).with_context(said)?;
    write(file).and_then(|()| whole.finish()).with_context(said)
}
