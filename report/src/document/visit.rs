//! Where the time of a visit goes.

use super::{Figure, MeasurePart};
use crate::facts::{RunFacts, VisitMeasure};
use crate::words::Words;
use onetrip_sim::statistics::Statistics;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The time of a visit by what it is spent on.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct VisitTime {
    /// Who is counted.
    pub definition: Words,
    /// All of it, in seconds.
    pub total_s: f64,
    /// What it is spent on; the parts add up to the total.
    pub parts: Vec<PartOfVisit>,
}

/// What part of a visit goes on one thing.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct PartOfVisit {
    /// Word for it: `queueing`, `being_served`, `walking`, `waiting_for_results` …
    pub id: String,
    /// Name shown.
    pub title: Words,
    /// Seconds of a visit, with interval where a measure gives one.
    #[serde(flatten)]
    pub time_s: Figure,
}

impl VisitTime {
    /// From the measures that the facts name; else from the engine's integrals, which every system has.
    pub(super) fn new(
        statistics: &Statistics,
        facts: &RunFacts<'_>,
        measures: &[MeasurePart],
    ) -> Option<VisitTime> {
        if facts.visit_measures.is_empty() {
            return from_integrals(statistics, facts);
        }
        let part = |wanted: &VisitMeasure| {
            let measure = measures.iter().find(|measure| measure.id == wanted.measure)?;
            measure.figure.value?;
            Some(PartOfVisit { id: wanted.id.clone(), title: wanted.title.clone(), time_s: measure.figure })
        };
        let parts: Vec<PartOfVisit> = facts.visit_measures.iter().filter_map(part).collect();
        let first = facts
            .visit_measures
            .iter()
            .find_map(|wanted| measures.iter().find(|measure| measure.id == wanted.measure));
        VisitTime::of(parts, first.map(|measure| measure.definition.clone()).unwrap_or_default())
    }

    fn of(parts: Vec<PartOfVisit>, definition: Words) -> Option<VisitTime> {
        let total_s: f64 = parts.iter().filter_map(|part| part.time_s.value).sum();
        (total_s > 0.0).then_some(VisitTime { definition, total_s, parts })
    }
}

/// Time inside = queueing + pauses + the rest, per customer who came.
fn from_integrals(statistics: &Statistics, facts: &RunFacts<'_>) -> Option<VisitTime> {
    let arrived = statistics.accounting_total().arrived;
    if arrived == 0 {
        return None;
    }
    let each = |micros: u128| micros as f64 / 1e6 / arrived as f64;
    let queue_areas = statistics.stations.iter().flat_map(|station| &station.queue_area);
    let queueing: u128 = queue_areas.sum();
    let pauses: u128 = statistics.pauses.iter().map(|cell| u128::from(cell.sum_micros)).sum();
    let blocked: u128 = statistics.stations.iter().map(|station| station.blocked_area).sum();
    let served = statistics.inside_area.saturating_sub(queueing + pauses + blocked);
    let mut parts = vec![
        PartOfVisit::bare("queueing", Words::new("queueing", "排队"), each(queueing)),
        PartOfVisit::bare("being_served", Words::new("being served", "接受服务"), each(served)),
    ];
    if blocked > 0 {
        parts.push(PartOfVisit::bare("blocked", Words::new("held up", "受阻滞留"), each(blocked)));
    }
    for (kind, cell) in statistics.pauses.iter().enumerate().filter(|(_, cell)| cell.sum_micros > 0) {
        let named = facts.scenario.pause_kinds.get(kind);
        let id = named.map_or_else(|| format!("pause_{kind}"), |pause| pause.id.clone());
        let title = named.map_or_else(|| Words::same(&id), |pause| pause.title.clone());
        parts.push(PartOfVisit::bare(&id, title, each(u128::from(cell.sum_micros))));
    }
    let definition = Words::new(
        "Time inside after the warm-up per customer who came, whatever became of them.",
        "预热期后在内停留时间，按每位到达者平均，不论结果如何。",
    );
    VisitTime::of(parts, definition)
}

impl PartOfVisit {
    fn bare(id: &str, title: Words, seconds: f64) -> PartOfVisit {
        PartOfVisit { id: id.to_owned(), title, time_s: Figure::bare(Some(seconds)) }
    }
}
