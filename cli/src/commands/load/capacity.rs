//! The edge of a system, and what it does to a hospital's day.

use super::live::Live;
use super::run::{RunArguments, run_mark, run_plan, write_whole};
use crate::commands::compare::Compare;
use crate::console::Console;
use crate::failure::Outcome;
use crate::scenario::ScenarioArguments;
use anyhow::Context;
use onetrip_load::capacity::{Edge, Search, Trial};
use onetrip_load::engine::{Progress, Stop};
use onetrip_load::session::Session;
use onetrip_report::compare::{CompareDocument, page, terminal};
use serde_json::json;
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
        let search =
            Search { start_per_hour: self.plan.rate.unwrap_or(3_600.0), tolerance: 0.05, trial_max: 40 };
        let live = Live::show(progress, console);
        let edge = runtime.block_on(search.run(async |per_hour: f64| {
            let plan = self.plan.crowd(per_hour, &session.journey)?;
            let mut session = session.clone();
            session.settings.run = run_mark();
            let report = run_plan(&session, plan, stop.clone(), Arc::clone(progress)).await?;
            if report.stopped {
                return anyhow::Ok(None);
            }
            let trial = Trial::of(per_hour, &report);
            live.note(console, &trial_line(&trial, console));
            Ok(Some(trial))
        }))?;
        drop(live);
        let hall = match edge.per_hour {
            Some(per_hour) if !edge.is_stopped => self.hall(per_hour, console)?,
            _ => None,
        };
        if let (Some(path), Some(hall)) = (&self.html, &hall) {
            write_whole(path, &page::render(hall, console.language)?)?;
        }
        if console.is_json {
            console.print_json(&json!({ "edge": edge, "hall": hall }))?;
        } else {
            console.print(&edge_text(&edge, console))?;
            self.tell_hall(hall.as_ref(), console)?;
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
            Some(hall) => format!(
                "\n{}\n{}",
                console.say(
                    "In the hospital: every registration and every payment by phone or machine waits for this system as \
                     one patient of the load test.",
                    "在医院中：每次手机或自助机的挂号与缴费，均按负载测试中的一名患者在该系统排队。",
                ),
                terminal::render(hall, console.language, console.width(), true)
            ),
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

fn trial_line(trial: &Trial, console: &Console) -> String {
    let word = match trial {
        Trial { is_void: true, .. } => console.say("void: requests went out late", "无效：请求发出过晚"),
        Trial { holds: true, .. } => console.say("holds", "成立"),
        Trial { holds: false, .. } => console.say("does not hold", "不成立"),
    };
    format!(
        "{:.0} {}: {word} (p99 {:.1} ms, {} {})",
        trial.per_hour,
        console.say("patients/h", "名患者/小时"),
        trial.p99_us as f64 / 1e3,
        trial.violation_count,
        console.say("violations", "处违反"),
    )
}

fn edge_text(edge: &Edge, console: &Console) -> String {
    let mut text = match (edge.per_hour, edge.beyond_per_hour) {
        (None, _) if edge.is_stopped => {
            console.say("stopped before any rate held\n", "已中断，尚无任何速率成立\n").to_owned()
        }
        (None, _) => console.say("no rate was served within bounds\n", "任何速率都未能满足条件\n").to_owned(),
        (Some(per_hour), beyond) => {
            let least = format!(
                "{} {per_hour:.0} {}",
                console.say("The system serves", "系统每小时可服务"),
                console.say("patients an hour within bounds", "名患者")
            );
            match beyond {
                Some(beyond) if console.say("en", "zh") == "en" => {
                    format!("{least}; at {beyond:.0} it does not.\n")
                }
                Some(beyond) => format!("{least}；{beyond:.0} 名时不再满足条件。\n"),
                None => format!("{least}.\n"),
            }
        }
    };
    if edge.generator_bound {
        text.push_str(console.say(
            "The generator could not offer more: the edge of the system may lie beyond.\n",
            "发送端已达上限：系统的极限可能更高。\n",
        ));
    }
    text
}
