//! The edge of a system, and what it does to a hospital's day.

use super::live::Live;
use super::plan::length_words;
use super::run::{RunArguments, run_mark, run_plan, write_whole};
use crate::commands::compare::Compare;
use crate::console::Console;
use crate::failure::Outcome;
use crate::scenario::ScenarioArguments;
use anyhow::{Context, bail};
use onetrip_load::capacity::{Edge, Search, Trial};
use onetrip_load::engine::{Progress, Stop};
use onetrip_load::plan::Plan;
use onetrip_load::session::Session;
use onetrip_load::threshold::Judgement;
use onetrip_report::compare::page::{self, Origin};
use onetrip_report::compare::{CompareDocument, terminal};
use onetrip_report::figures::count;
use onetrip_report::words::{Language, Words};
use serde_json::json;
use std::path::Path;
use std::sync::{Arc, Mutex};

/// What is told of a day behind the limit.
const MEASURES: [&str; 8] = [
    "booking_system.wait_time.mean",
    "booking_system.wait_time.p95",
    "booking_system.utilisation_share",
    "registration.on_site.wait_time.mean",
    "consultation.wait_time.mean",
    "visits.sojourn_time.mean",
    "visits.sojourn_time.p95",
    "visits.left_without_being_seen_share",
];

/// A trial of fewer patients tells nothing.
const PATIENTS_LEAST: f64 = 10.0;

/// In a shorter time by the clock, in µs, a system may put off what it cannot serve.
const ARRIVALS_LEAST_US: f64 = 1e6;

/// Replications of the day on either side.
const REPLICATIONS: u32 = 20;

/// The limit of a system that answers at once: one patient a microsecond, the unit of simulated time.
const NO_LIMIT_PER_HOUR: f64 = 3.6e9;

impl RunArguments {
    /// Looks for the edge and tells it. When it is stopped, what was tried until then.
    pub(super) fn find_edge(
        &self,
        runtime: &tokio::runtime::Runtime,
        session: &Session,
        (stop, progress): (&Stop, &Arc<Mutex<Progress>>),
        console: &mut Console,
    ) -> anyhow::Result<Outcome> {
        if self.html.is_some() && self.plan.scenario.is_none() {
            bail!(
                "{}",
                console.say(
                    "with --find-capacity, --html is the page of a hospital's day behind the limit: name a hospital, as in \
                     `onetrip load run township …`",
                    "与 --find-capacity 合用时，--html 生成医院一天在该上限下的页面：请指定医院，如 `onetrip load run township …`",
                )
            );
        }
        // Told by the clock, as the system meets them: a day that passes faster brings as many more.
        let faster = self.plan.speed * self.plan.demand;
        let start_per_hour = self.plan.rate.unwrap_or(3_600.0) * faster;
        let plan = |per_hour: f64| self.plan.crowd(per_hour / faster, &session.journey);
        let first = plan(start_per_hour);
        let length_us = self.plan.length_us() as f64;
        if length_us / self.plan.speed < ARRIVALS_LEAST_US {
            bail!("{}", too_short_words(self.plan.speed).in_language(console.language));
        }
        let least_per_hour = PATIENTS_LEAST * faster * 3.6e9 / length_us;
        let search = Search { start_per_hour, least_per_hour, tolerance: 0.05, trial_max: 40 };
        console.remark(trial_time_words(&first).in_language(console.language));
        let live = Live::show(progress, None, console);
        let edge = runtime.block_on(search.run(async |per_hour: f64| {
            let mut session = session.clone();
            session.settings.run = run_mark();
            let report = run_plan(&session, plan(per_hour), stop.clone(), Arc::clone(progress)).await?;
            if report.stopped {
                return anyhow::Ok(None);
            }
            let trial = Trial::of(per_hour, &report);
            live.note(console, trial_words(&trial).in_language(console.language));
            Ok(Some(trial))
        }))?;
        drop(live);
        let hall = match edge.per_hour {
            Some(per_hour) if !edge.is_stopped => self.hall(per_hour, console)?,
            _ => None,
        };
        if let (Some(path), Some(hall)) = (&self.html, &hall) {
            let findings: Vec<Words> = answer(&edge).into_iter().chain([hospital_words()]).collect();
            let trials: Vec<Words> = edge.trials.iter().map(trial_words).collect();
            let origin = Origin { findings: &findings, trials: &trials };
            write_whole(path, &page::render_behind(origin, hall, console.language)?)?;
        }
        if console.is_json {
            console.print_json(&json!({ "edge": edge, "hall": hall }))?;
        } else {
            // Every trial was told as it ended.
            for words in answer(&edge).into_iter().chain(hall.is_some().then(hospital_words)) {
                console.print_prose(&format!("{}\n", words.in_language(console.language)))?;
            }
            self.tell_hall(hall.as_ref(), console)?;
        }
        if let (Some(path), None) = (&self.html, &hall) {
            console.remark(no_page_words(path, &edge).in_language(console.language));
        }
        Ok(match edge.per_hour {
            _ if edge.is_stopped => Outcome::Stopped,
            Some(_) => Outcome::Done,
            None => Outcome::DoesNotHold,
        })
    }

    /// The day of the hospital that was named, behind a system that serves so many patients an hour, beside the same day
    /// behind one that answers at once. `None` when no hospital was named.
    fn hall(&self, per_hour: f64, console: &Console) -> anyhow::Result<Option<CompareDocument>> {
        let Some(scenario) = &self.plan.scenario else { return Ok(None) };
        let chosen = ScenarioArguments::of(Some(scenario)).choose(console)?;
        let Some(hospital) = chosen.hospital() else { return Ok(None) };
        let behind = |per_hour: f64| {
            let mut set = vec![format!("booking_system.patients_per_hour={per_hour:.1}")];
            if self.plan.demand != 1.0 {
                let visits = hospital.demand.visits_per_day * self.plan.demand;
                set.push(format!("demand.visits_per_day={visits}"));
            }
            set
        };
        let compare = Compare::of_change(
            scenario,
            (behind(NO_LIMIT_PER_HOUR), behind(per_hour)),
            &MEASURES,
            (REPLICATIONS, self.plan.rng_seed),
        );
        let document = compare.document(console).with_context(|| format!("the day of `{scenario}`"))?;
        Ok(Some(document))
    }

    fn tell_hall(&self, hall: Option<&CompareDocument>, console: &mut Console) -> anyhow::Result<()> {
        let text = match hall {
            Some(hall) => {
                format!("\n{}", terminal::render(hall, console.language, console.width(), true))
            }
            None if self.plan.scenario.is_some() => return Ok(()),
            None => console
                .say(
                    "Name a hospital (such as `onetrip load run township …`) to see what this limit does to its day.\n",
                    "指定一家医院（如 `onetrip load run township …`）可查看该上限对其一天的影响。\n",
                )
                .to_owned(),
        };
        Ok(console.print(&text)?)
    }
}

/// How long a trial takes, told before the first.
fn trial_time_words(plan: &Plan) -> Words {
    let [en, zh] = length_words(plan);
    Words::new(
        format!(
            "A trial takes about {en}, and there may be a dozen; --for and --speed make them shorter. Ctrl-C ends the search with \
             what was found."
        ),
        format!(
            "每次试验约需 {zh}，可能要试十余次；可用 --for 与 --speed 缩短。按 Ctrl-C 结束搜索并给出已有结果。"
        ),
    )
}

/// Why no rate is looked for.
fn too_short_words(speed: f64) -> Words {
    let least_s = speed * ARRIVALS_LEAST_US / 1e6;
    Words::new(
        format!(
            "--for is too short at --speed {speed}: patients would arrive for less than a second, in which a system can put off \
             what it cannot serve; make it {least_s} s or more, or leave it out for 30 s by the clock"
        ),
        format!(
            "--for 在 --speed {speed} 下过短：患者到达的实际时间不足 1 秒，系统可把来不及处理的请求推后；请设为 {least_s} s 以上，\
             或省略此项（实际 30 秒）"
        ),
    )
}

/// Why there is no page, which is that of a hospital's day behind the limit.
fn no_page_words(path: &Path, edge: &Edge) -> Words {
    let [en, zh] = match edge.per_hour {
        None => ["no limit was found", "此次未找到上限"],
        Some(_) if edge.is_stopped => ["the search was stopped before", "搜索在此之前已中断"],
        Some(_) => ["no hospital was named", "未指定医院"],
    };
    let path = path.display();
    Words::new(
        format!("`{path}` is not written: it is the page of a hospital's day behind the limit, and {en}."),
        format!("未生成 `{path}`：该页面展示医院一天在系统上限下的情况，而{zh}。"),
    )
}

fn rate_text(per_hour: f64) -> String {
    count(per_hour.round() as u64)
}

fn trial_words(trial: &Trial) -> Words {
    let (per_hour, violation_count) = (rate_text(trial.per_hour), trial.violation_count);
    let p99_ms = trial.p99_us as f64 / 1e3;
    let [en, zh] = match trial {
        Trial { is_void: true, .. } => {
            ["void: the load was not that of the plan", "无效：实际负载与计划不符"]
        }
        Trial { holds: true, .. } => ["holds", "成立"],
        Trial { holds: false, .. } => ["does not hold", "不成立"],
    };
    Words::new(
        format!("{per_hour} patients/h: {en} (p99 {p99_ms:.1} ms, {violation_count} violations)"),
        format!("{per_hour} 名患者/小时：{zh}（p99 {p99_ms:.1} ms，{violation_count} 处违反）"),
    )
}

/// The bounds that broke, with what was found.
fn broken_words(trial: &Trial) -> Words {
    use onetrip_history::Language;
    let said = |language: Language, is: [&str; 2], between: &str| {
        let one = |judgement: &Judgement| {
            format!("`{}`{}{}{}", judgement.condition, is[0], judgement.found_in(language), is[1])
        };
        trial.broken.iter().map(one).collect::<Vec<_>>().join(between)
    };
    Words::new(
        said(Language::English, [" (found: ", ")"], " and "),
        said(Language::Chinese, ["（实测：", "）"], "与"),
    )
}

/// Where the edge is, and what broke beyond it.
fn answer(edge: &Edge) -> Vec<Words> {
    let mut answer = vec![match edge.per_hour {
        None if edge.is_stopped => Words::new("Stopped before any rate held.", "已中断，尚无任何速率成立。"),
        None => Words::new("No rate was served within bounds.", "任何速率都未能满足条件。"),
        Some(per_hour) => {
            let per_hour = rate_text(per_hour);
            Words::new(
                format!("The system serves {per_hour} patients an hour within bounds."),
                format!("系统每小时可在限度内服务 {per_hour} 名患者。"),
            )
        }
    }];
    if let Some(beyond) = edge.beyond() {
        let per_hour = rate_text(beyond.per_hour);
        answer.push(if beyond.is_void || beyond.broken.is_empty() {
            Words::new(
                format!("At {per_hour} the requests went out late: it is the generator that could not offer more, and the \
                         edge of the system may lie beyond."),
                format!("{per_hour} 名时请求发出过晚：是发送端已达上限，系统的极限可能更高。"),
            )
        } else {
            let broken = broken_words(beyond);
            Words::new(
                format!("At {per_hour} it does not: {} does not hold.", broken.in_language(Language::English)),
                format!("{per_hour} 名时不再满足条件：{}不成立。", broken.in_language(Language::Chinese)),
            )
        });
    }
    answer
}

fn hospital_words() -> Words {
    Words::new(
        "In the hospital: every registration and every payment by phone or machine waits for this system as one patient of \
         the load test.",
        "在医院中：每次手机或自助机的挂号与缴费，均按负载测试中的一名患者在该系统排队。",
    )
}
