//! Choosing among designs by simulation: the best one, or the smallest one that holds a target.
//!
//! The procedures ask for replications as they go and report how many they used. They differ in what they promise
//! and in what they may share:
//!
//! | procedure | promise | common random numbers |
//! | --- | --- | --- |
//! | [`indifference::kim_nelson`], [`indifference::kim_nelson_updated`] | the best, if it leads by δ | yes, and they gain by it |
//! | [`two_stage::rinott`], [`two_stage::dudewicz_dalal`] | the best, if it leads by δ | no |
//! | [`screening::good_selection`] | one within δ of the best; for many designs | no |
//! | [`budget::allocate_optimally`] | none; the likeliest best within a budget | no |
//! | [`feasibility`] | each design on the right side of a limit, or within the tolerance | not needed |
//! | [`probability_ratio`] | a share on the right side of two | not needed |

pub mod budget;
pub mod feasibility;
pub mod indifference;
pub mod probability_ratio;
pub mod screening;
pub mod two_stage;

use super::error::{StatisticsError, at_least, positive};
use super::interval::Level;
use super::running::Moments;
use serde::{Deserialize, Serialize};

/// One replication of one system, asked for by a procedure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Request {
    /// Which system, from 0.
    pub system: usize,
    /// Which replication, from 0. With common random numbers the same index means the same luck in every system.
    pub replication: usize,
}

/// Systems that can be sampled. Any closure `FnMut(system, replication) -> f64` is one; a simulation that runs the
/// requests of a batch in parallel implements the trait itself.
pub trait Systems {
    /// The results of a batch of replications, in the order of the requests. A request is never repeated. A run that
    /// failed answers NaN: the procedure then stops with an error.
    fn sample(&mut self, requests: &[Request]) -> Vec<f64>;
}

impl<F: FnMut(usize, usize) -> f64> Systems for F {
    fn sample(&mut self, requests: &[Request]) -> Vec<f64> {
        requests.iter().map(|request| self(request.system, request.replication)).collect()
    }
}

/// Which mean is the best.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Goal {
    /// The largest mean (patients seen).
    Largest,
    /// The smallest mean (minutes waited).
    Smallest,
}

impl Goal {
    /// +1 or −1: what turns the goal into "the largest".
    fn sign(self) -> f64 {
        match self {
            Goal::Largest => 1.0,
            Goal::Smallest => -1.0,
        }
    }
}

/// What is to be selected, and how surely.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Problem {
    /// Which mean is the best.
    pub goal: Goal,
    /// The smallest difference of means worth detecting (δ), in the unit of the measure, above 0.
    pub indifference: f64,
    /// The probability with which the selection must be right.
    pub level: Level,
    /// Replications of every system before anything is decided (n₀), at least 2; 10 to 20 are usual.
    pub first_stage: usize,
    /// Replications of each survivor between two looks of a sequential procedure, at least 1. One wastes none; more
    /// give a parallel simulation something to do and only make the selection surer.
    pub look_every: usize,
    /// No system is replicated more often than this; `None` for as often as the promise needs.
    pub replications_max: Option<usize>,
}

impl Problem {
    /// A problem with n₀ = 10, 95 %, a look at every replication and no limit on them.
    pub fn new(goal: Goal, indifference: f64) -> Problem {
        Problem {
            goal,
            indifference,
            level: Level::P95,
            first_stage: 10,
            look_every: 1,
            replications_max: None,
        }
    }

    fn check(&self, system_count: usize) -> Result<(), StatisticsError> {
        positive("indifference", self.indifference)?;
        at_least("systems", system_count, 1)?;
        at_least("replications between two looks", self.look_every, 1)?;
        at_least("replications in the first stage", self.first_stage, 2)
    }

    fn limit(&self) -> usize {
        self.replications_max.unwrap_or(usize::MAX).max(self.first_stage)
    }
}

/// Whether a selection keeps the promise of its procedure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Guarantee {
    /// The procedure ran to its end.
    Held,
    /// Replications ran out first: the best so far, without promise.
    LimitReached,
}

/// The outcome of a selection.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Selection {
    /// The selected system.
    pub best: usize,
    /// Systems not ruled out when the procedure ended, in order; the selected one is among them.
    pub survivors: Vec<usize>,
    /// The mean of each system over its replications (for [`two_stage::dudewicz_dalal`] the weighted mean), in the
    /// unit of the measure.
    pub means: Vec<f64>,
    /// Replications used of each system.
    pub replication_counts: Vec<usize>,
    /// Whether the promise holds.
    pub guarantee: Guarantee,
}

impl Selection {
    /// Replications used in all.
    pub fn replication_count(&self) -> usize {
        self.replication_counts.iter().sum()
    }
}

/// What a procedure has seen of each system, with signs turned so that the largest mean is the best.
struct Observed {
    sign: f64,
    moments: Vec<Moments>,
}

impl Observed {
    fn new(goal: Goal, system_count: usize) -> Self {
        Observed { sign: goal.sign(), moments: vec![Moments::new(); system_count] }
    }

    /// Runs the requests, refuses results that are not finite, adds them up and returns them (signs turned).
    fn run(&mut self, systems: &mut impl Systems, requests: &[Request]) -> Result<Vec<f64>, StatisticsError> {
        let mut values = systems.sample(requests);
        if values.len() != requests.len() {
            let (left, right) = (requests.len(), values.len());
            return Err(StatisticsError::UnequalLengths { name: "requests and results", left, right });
        }
        super::error::finite("results of a batch", &values)?;
        for (request, value) in requests.iter().zip(&mut values) {
            *value *= self.sign;
            self.moments[request.system].push(*value);
        }
        Ok(values)
    }

    /// Replicates each of `which` until it has `targets[system]` replications.
    fn top_up(
        &mut self,
        systems: &mut impl Systems,
        which: &[usize],
        targets: &[usize],
    ) -> Result<(), StatisticsError> {
        let requests: Vec<Request> = which
            .iter()
            .flat_map(|&system| {
                (self.count(system)..targets[system]).map(move |replication| Request { system, replication })
            })
            .collect();
        self.run(systems, &requests).map(|_| ())
    }

    fn count(&self, system: usize) -> usize {
        self.moments[system].count() as usize
    }

    fn mean(&self, system: usize) -> f64 {
        self.moments[system].mean().unwrap_or(f64::NEG_INFINITY)
    }

    fn variance(&self, system: usize) -> f64 {
        self.moments[system].variance().unwrap_or(0.0)
    }

    /// The system with the largest mean of `which`; of equals the first.
    fn best_of(&self, which: &[usize]) -> usize {
        which.iter().copied().reduce(|a, b| if self.mean(b) > self.mean(a) { b } else { a }).unwrap_or(0)
    }

    fn selection(self, survivors: Vec<usize>, guarantee: Guarantee) -> Selection {
        Selection {
            best: self.best_of(&survivors),
            survivors,
            means: self.moments.iter().map(|moments| self.sign * moments.mean().unwrap_or(0.0)).collect(),
            replication_counts: self.moments.iter().map(|moments| moments.count() as usize).collect(),
            guarantee,
        }
    }
}
