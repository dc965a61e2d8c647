//! What came of a run, for people and for machines.

mod hall;
mod html;
mod machine;
mod text;

pub use hall::HallView;
pub use machine::{histogram_text, junit};
pub(crate) use text::time;

use crate::engine::{Latency, RunRecord, Second, Soundness, Stall, Statistics, StepStatistics};
use crate::plan::PlanHeader;
use crate::threshold::{Judgement, Threshold};
use onetrip_history::{Language, Report as Verdicts};
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;
use std::collections::BTreeMap;

/// A finished run, judged.
#[derive(Debug)]
pub struct RunReport {
    /// What the plan was made of.
    pub plan: PlanHeader,
    /// System under test.
    pub target: String,
    /// Wall clock at instant 0.
    pub started_at: String,
    /// Whether it was stopped before its end.
    pub stopped: bool,
    /// Figures.
    pub statistics: Statistics,
    /// Whether the load was that of the plan.
    pub soundness: Soundness,
    /// Lists that could not be read after the run.
    pub failures: Vec<String>,
    /// What the checker found.
    pub verdict: Verdicts,
    /// What was asked, and whether it holds.
    pub judgements: Vec<Judgement>,
}

/// How a run is to end a program.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RunOutcome {
    /// Sound, and everything asked holds.
    Holds,
    /// Sound, and something asked does not hold, or a violation was found whatever the load was: exit code 1.
    DoesNotHold,
    /// The figures are worth nothing, and nothing was disproved: exit code 3.
    Void,
}

impl RunReport {
    /// Judges a run.
    pub fn new<W>(
        record: RunRecord<W>,
        target: String,
        verdict: Verdicts,
        threshold: &Threshold,
    ) -> (RunReport, W) {
        let RunRecord { plan, started_at, statistics, soundness, stopped, failures, log } = record;
        let mut report = RunReport {
            plan,
            target,
            started_at,
            stopped,
            statistics,
            soundness,
            failures,
            verdict,
            judgements: Vec::new(),
        };
        report.judgements = threshold.judge(&report);
        (report, log)
    }

    /// How it is to end a program. Where nothing was asked, violations alone fail it. A violation is proven by the requests
    /// and answers that show it, so it fails a run whose load was not that of the plan as well.
    pub fn outcome(&self) -> RunOutcome {
        let is_disproved = match self.judgements.as_slice() {
            [] => self.verdict.violation_count() > 0,
            judgements => judgements.iter().any(|judgement| judgement.is_disproved),
        };
        match () {
            () if is_disproved => RunOutcome::DoesNotHold,
            () if !self.soundness.void.is_empty() => RunOutcome::Void,
            () if self.judgements.iter().all(|judgement| judgement.holds) => RunOutcome::Holds,
            () => RunOutcome::DoesNotHold,
        }
    }

    /// Why nothing follows from the times, or from anything where the run is void.
    fn void_reasons(&self, language: Language) -> impl Iterator<Item = String> {
        let head = match (self.outcome(), language) {
            (RunOutcome::Void, Language::English) => "Void: ",
            (RunOutcome::Void, Language::Chinese) => "无效：",
            (_, Language::English) => "The times are void: ",
            (_, Language::Chinese) => "时间数据无效：",
        };
        self.soundness.void.iter().map(move |reason| format!("{head}{}", reason.words()[language as usize]))
    }

    /// The scenario's name; a plain crowd, which the plan names in English, in the reader's language.
    fn scenario(&self, language: Language) -> String {
        let rate = self.plan.scenario.strip_suffix(" patients per hour");
        match (language, rate) {
            (Language::Chinese, Some(rate)) => format!("每小时 {rate} 名患者"),
            _ => self.plan.scenario.clone(),
        }
    }

    /// The JSON Schema of [`RunReport::to_json`].
    pub fn json_schema() -> serde_json::Value {
        let settings = SchemaSettings::draft2020_12().for_serialize();
        settings.into_generator().into_root_schema_for::<Figures<'static>>().to_value()
    }

    /// The report as JSON.
    pub fn to_json(&self) -> serde_json::Value {
        let steps: Vec<StepFigures<'_>> = self
            .statistics
            .steps
            .iter()
            .map(|step| StepFigures {
                name: &step.name,
                sent_count: step.sent_count,
                ok_count: step.ok_count,
                refused: &step.refused,
                unknown: &step.unknown,
                not_sent_count: step.not_sent_count,
                gave_up_count: step.gave_up_count,
                response: Latency::of(&step.response),
                service: Latency::of(&step.service),
            })
            .collect();
        let figures = Figures {
            outcome: self.outcome(),
            plan: &self.plan,
            target: &self.target,
            started_at: &self.started_at,
            stopped: self.stopped,
            soundness: &self.soundness,
            request_rate: self.statistics.rate(),
            sent_count: self.statistics.sent_count(),
            error_count: self.statistics.error_count(),
            response: Latency::of(&self.statistics.response()),
            service: Latency::of(&self.statistics.service()),
            steps,
            hall: HallView::of(&self.statistics.wait),
            stalls: &self.statistics.stalls,
            seconds: &self.statistics.seconds,
            broken_off: &self.statistics.broken_off,
            unread_lists: &self.failures,
            verdict: &self.verdict,
            thresholds: &self.judgements,
        };
        serde_json::to_value(figures).unwrap_or_default()
    }
}

/// One step of the journey.
#[derive(Serialize, JsonSchema)]
struct StepFigures<'r> {
    /// Its name.
    name: &'r str,
    /// Requests sent, retries included.
    sent_count: u64,
    /// Requests acknowledged.
    ok_count: u64,
    /// Requests refused, by why.
    refused: &'r BTreeMap<&'static str, u64>,
    /// Requests of which nobody knows what they did, by why.
    unknown: &'r BTreeMap<&'static str, u64>,
    /// Requests of which not a byte went out.
    not_sent_count: u64,
    /// Patients who went home while they waited for it.
    gave_up_count: u64,
    /// From the intended instant to the last answer of the step, in µs.
    response: Latency,
    /// From sending to the answer of one request, in µs.
    service: Latency,
}

/// A load test and what came of it.
#[derive(Serialize, JsonSchema)]
struct Figures<'r> {
    /// How it ended.
    outcome: RunOutcome,
    /// What its plan was made of.
    plan: &'r PlanHeader,
    /// System under test.
    target: &'r str,
    /// Wall clock at instant 0.
    started_at: &'r str,
    /// Whether it was stopped before its end.
    stopped: bool,
    /// Whether the load was that of the plan.
    soundness: &'r Soundness,
    /// Mean requests a second.
    request_rate: f64,
    /// Requests sent.
    sent_count: u64,
    /// Requests without a useful answer.
    error_count: u64,
    /// Responses of all steps together, in µs.
    response: Latency,
    /// Services of all steps together, in µs.
    service: Latency,
    /// By step, in the order of the journey.
    steps: Vec<StepFigures<'r>>,
    /// What patients lived through on their way to a slot.
    hall: HallView,
    /// Times in which nobody was answered.
    stalls: &'r [Stall],
    /// By second.
    seconds: &'r [Second],
    /// Journeys that broke off, by what was missing.
    broken_off: &'r BTreeMap<String, u64>,
    /// Lists that could not be read after the run.
    unread_lists: &'r [String],
    /// What the checker found.
    verdict: &'r Verdicts,
    /// What was asked, and whether it holds.
    thresholds: &'r [Judgement],
}

/// The times of a step that a person is shown, in µs: p50, p95, p99, p99.9 and longest response, p99 of service. `None` where
/// fewer were seen than it takes for one to lie beyond: that quantile would be the longest under another name.
fn times_us(step: &StepStatistics) -> [Option<u64>; 6] {
    let (response, service) = (Latency::of(&step.response), Latency::of(&step.service));
    let [p50, p95, p99, p999, longest] = quantiles_us(&response);
    let [_, _, service_p99, ..] = quantiles_us(&service);
    [p50, p95, p99, p999, longest, service_p99]
}

fn quantiles_us(latency: &Latency) -> [Option<u64>; 5] {
    let among = |least: u64, us: u64| (latency.count >= least).then_some(us);
    [
        among(1, latency.p50_us),
        among(20, latency.p95_us),
        among(100, latency.p99_us),
        among(1_000, latency.p999_us),
        among(1, latency.max_us),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::latency_histogram;

    #[test]
    fn a_quantile_is_told_when_enough_were_seen_for_one_to_lie_beyond() {
        let told = |count: u64| {
            let mut histogram = latency_histogram();
            (0..count).for_each(|at| histogram.record(1_000 + at).unwrap());
            quantiles_us(&Latency::of(&histogram)).map(|us| us.is_some())
        };
        assert_eq!(told(0), [false; 5]);
        assert_eq!(told(19), [true, false, false, false, true]);
        assert_eq!(told(20), [true, true, false, false, true]);
        assert_eq!(told(999), [true, true, true, false, true]);
        assert_eq!(told(1_000), [true; 5]);
    }
}
