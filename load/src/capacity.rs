//! Finding the edge: the largest number of patients an hour that a system serves within bounds and intact.

use crate::report::{RunOutcome, RunReport};
use crate::threshold::Judgement;
use serde::Serialize;
use std::future::Future;

/// One trial.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Trial {
    /// Patients an hour.
    pub per_hour: f64,
    /// Whether everything asked held.
    pub holds: bool,
    /// Whether the figures are worth nothing, because the generator could not offer the load.
    pub is_void: bool,
    /// 99th percentile of the response, in µs.
    pub p99_us: u64,
    /// Violations found.
    pub violation_count: u64,
    /// The bounds that did not hold, with what was found.
    pub broken: Vec<Judgement>,
}

impl Trial {
    /// Of a judged run.
    pub fn of(per_hour: f64, report: &RunReport) -> Trial {
        Trial {
            per_hour,
            holds: report.outcome() == RunOutcome::Holds,
            is_void: report.outcome() == RunOutcome::Void,
            p99_us: report.statistics.response().value_at_quantile(0.99),
            violation_count: report.verdict.violation_count(),
            broken: report.judgements.iter().filter(|judgement| !judgement.holds).cloned().collect(),
        }
    }
}

/// How the edge is looked for.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Search {
    /// Patients an hour of the first trial.
    pub start_per_hour: f64,
    /// Patients an hour below which a trial would have next to nobody, so that none is made.
    pub least_per_hour: f64,
    /// The edge is known to within this share of itself.
    pub tolerance: f64,
    /// At most so many trials.
    pub trial_max: usize,
}

/// What was found.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
pub struct Edge {
    /// Largest number of patients an hour at which everything held; `None` when nothing did.
    pub per_hour: Option<f64>,
    /// Smallest at which something did not; `None` when none was reached.
    pub beyond_per_hour: Option<f64>,
    /// Whether the search ended because the generator could not offer more.
    pub generator_bound: bool,
    /// Whether it was stopped before its end.
    pub is_stopped: bool,
    /// All trials in their order.
    pub trials: Vec<Trial>,
}

impl Edge {
    /// The trial in which the smallest rate beyond the edge failed for the second time.
    pub fn beyond(&self) -> Option<&Trial> {
        let beyond = self.beyond_per_hour?;
        self.trials.iter().rev().find(|trial| trial.per_hour == beyond && !trial.holds)
    }
}

impl Search {
    /// Doubles until something does not hold, then halves the distance between what holds and what does not. A failed
    /// trial is repeated once, so that one hiccup of a busy machine is not taken for the edge. A trial that gives nothing
    /// was stopped, and the search with it.
    ///
    /// # Errors
    /// Those of the trials.
    pub async fn run<E, F: Future<Output = Result<Option<Trial>, E>>>(
        &self,
        mut trial: impl FnMut(f64) -> F,
    ) -> Result<Edge, E> {
        let mut edge = Edge::default();
        let mut rate = self.start_per_hour;
        while edge.trials.len() < self.trial_max {
            let Some(mut found) = trial(rate).await? else {
                edge.is_stopped = true;
                break;
            };
            if !found.holds && edge.trials.len() + 1 < self.trial_max {
                edge.trials.push(found);
                let Some(again) = trial(rate).await? else {
                    edge.is_stopped = true;
                    break;
                };
                found = again;
            }
            if found.is_void {
                edge.generator_bound = true;
            }
            if found.holds {
                edge.per_hour = Some(edge.per_hour.map_or(rate, |best| best.max(rate)));
            } else {
                edge.beyond_per_hour = Some(edge.beyond_per_hour.map_or(rate, |least| least.min(rate)));
            }
            edge.trials.push(found);
            rate = match (edge.per_hour, edge.beyond_per_hour) {
                (Some(best), None) => best * 2.0,
                (None, Some(least)) if least >= 2.0 * self.least_per_hour => least / 2.0,
                (Some(best), Some(least)) if (least - best) > self.tolerance * best => (best * least).sqrt(),
                _ => break,
            };
        }
        Ok(edge)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search(edge: f64, start_per_hour: f64) -> Edge {
        let search = Search { start_per_hour, least_per_hour: 3.0, tolerance: 0.05, trial_max: 60 };
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let trial = async |per_hour: f64| {
            let holds = per_hour <= edge;
            let figures =
                Trial { per_hour, holds, is_void: false, p99_us: 0, violation_count: 0, broken: Vec::new() };
            Ok::<_, ()>(Some(figures))
        };
        runtime.block_on(search.run(trial)).unwrap()
    }

    #[test]
    fn the_edge_is_found_within_its_tolerance_from_below_and_from_above() {
        for start in [10.0, 777.0, 90_000.0] {
            let edge = search(1_234.0, start);
            let (best, least) = (edge.per_hour.unwrap(), edge.beyond_per_hour.unwrap());
            assert!(best <= 1_234.0 && least > 1_234.0 && least <= 1.05 * best, "{best} {least}");
            assert!(edge.trials.len() < 30);
            assert_eq!(edge.beyond().unwrap().per_hour, least);
        }
    }

    #[test]
    fn a_system_that_never_holds_has_no_edge_and_is_not_asked_for_nobody() {
        let edge = search(0.0, 100.0);
        assert_eq!(edge.per_hour, None);
        let tried: Vec<f64> = edge.trials.iter().map(|trial| trial.per_hour).collect();
        assert_eq!(tried, [100.0, 100.0, 50.0, 50.0, 25.0, 25.0, 12.5, 12.5, 6.25, 6.25, 3.125, 3.125]);
    }
}
