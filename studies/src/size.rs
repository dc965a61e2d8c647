//! How many are enough: the smallest number, or the cheapest combination of several, that holds a target with a stated
//! probability.
//!
//! The target is a statement about days: the value of a measure, averaged over independent days (the value that a run
//! reports), keeps its limit. Designs are checked with the feasibility procedure of
//! [`crate::statistics::selection::feasibility`], whose answer is right with the stated probability for every design
//! that is off the limit by more than a tolerance; within the tolerance either answer is accepted.
//!
//! 1. A curve over the range, all designs under the same luck, shows whether more is never worse.
//! 2. Where it is so, one knob is found by halving and several by dominance in the order of cost; otherwise every number
//!    is checked.
//! 3. Beside the answer: the queueing answer ([`queueing`]), the rule "1 per 50,000 visits" ([`rule`]), and a schedule by
//!    hour ([`hours`]).

mod bench;
mod curve;
pub mod hours;
mod knob;
mod limits;
mod one;
pub mod queueing;
pub mod rule;
mod several;

pub use curve::{CurvePoint, Monotonicity};
pub use knob::{Knob, Turns};
pub use limits::{ConditionLimit, Limits, limits};

use crate::condition::{Condition, ConditionError};
use crate::replicate::Progress;
use crate::statistics::StatisticsError;
use crate::statistics::interval::Level;
use crate::statistics::selection::Guarantee;
use crate::statistics::selection::feasibility::Side;
use bench::Bench;
use hours::HourSchedule;
use onetrip_models::system::System;
use onetrip_sim::engine::RunError;
use queueing::QueueingAnswer;
use std::time::Duration;

/// Replications of each point of the curve, and of the account that the queueing answer is read from.
pub const CURVE_REPLICATIONS: u32 = 20;

/// What is to be found.
pub struct SizeProblem<'a> {
    /// The numbers that can be chosen; at least one.
    pub knobs: Vec<Knob>,
    /// What must hold, all together; at least one.
    pub target: Vec<Condition>,
    /// What one more of each knob costs, in any unit; 1 each where nothing is known.
    pub costs: Vec<f64>,
    /// Makes the system with these numbers.
    pub build: &'a (dyn Fn(&[u32]) -> Result<System, BuildError> + Sync),
}

/// Why a design could not be made, in the words of who made it.
pub type BuildError = Box<dyn std::error::Error + Send + Sync>;

/// How it is searched for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SizeSettings {
    /// The one number from which all randomness follows.
    pub rng_seed: u64,
    /// Independent days in each replication.
    pub days: u32,
    /// The probability with which the answer must be right.
    pub level: Level,
    /// How far from the limit either answer is accepted, as a share of the limit.
    pub tolerance_share: f64,
    /// No design is replicated more often than this in one check.
    pub at_most: u32,
    /// No replication is begun after this long; `None` for as long as it takes.
    pub time_limit: Option<Duration>,
}

/// How the answer was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// One knob, by halving: more is never worse.
    Halving,
    /// One knob, number by number: more is sometimes worse.
    EveryNumber,
    /// Several knobs, in the order of cost, leaving out what dominance decides.
    Dominance,
}

/// How the search ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// An answer, as sure as promised.
    Found,
    /// None of the designs holds the target, as sure as promised.
    NoneHolds,
    /// Replications ran out before a check was as sure as promised; the answer is the best guess.
    Unsure,
    /// Stopped, or out of time: no answer.
    Stopped,
}

/// One check of one design.
#[derive(Clone, Debug, PartialEq)]
pub struct DesignCheck {
    /// The numbers, one a knob.
    pub design: Vec<u32>,
    /// Which condition of the target.
    pub condition: usize,
    /// Whether it was declared to hold.
    pub is_feasible: bool,
    /// Mean over the replications used.
    pub mean: f64,
    /// Replications used.
    pub replication_count: u32,
    /// Whether the answer is as sure as promised.
    pub guarantee: Guarantee,
}

/// What the search came to.
#[derive(Clone, Debug)]
pub struct SizeResults {
    /// How it ended.
    pub ending: Ending,
    /// The numbers, one a knob.
    pub answer: Option<Vec<u32>>,
    /// How it was found.
    pub method: Method,
    /// What the answer costs.
    pub cost: Option<f64>,
    /// Other designs of the same cost that hold the target too, when several knobs were turned; the answer is the one
    /// with the best value of the first condition.
    pub as_cheap: Vec<Vec<u32>>,
    /// All checks in their order.
    pub checks: Vec<DesignCheck>,
    /// The value at designs along the range, all under the same luck.
    pub curve: Vec<CurvePoint>,
    /// For each condition, whether more is never worse along the curve.
    pub monotonicity: Vec<Monotonicity>,
    /// How far from the limit either answer was accepted, a condition, in the unit of its measure.
    pub tolerances: Vec<f64>,
    /// Replications run in all.
    pub replication_count: u64,
    /// Arrivals and services in all.
    pub event_count: u64,
    /// What queueing theory says, where the knob counts the servers of a station.
    pub queueing: Option<QueueingAnswer>,
    /// A schedule by hour, where one was asked for and could be found.
    pub schedule: Option<HourSchedule>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SizeError {
    /// Nothing to find or nothing to hold.
    #[error("`{what}` is missing; at least one is needed")]
    Nothing {
        /// What.
        what: &'static str,
    },
    /// An empty range.
    #[error(
        "`{path}` between {from} and {to}: the range is empty; the first number must not be above the second"
    )]
    EmptyRange {
        /// The knob.
        path: String,
        /// First number.
        from: u32,
        /// Last number.
        to: u32,
    },
    /// More designs than can be ordered by cost in reasonable time.
    #[error("the ranges have {count} combinations; at most {limit} are accepted")]
    TooMany {
        /// How many.
        count: u64,
        /// The limit.
        limit: u64,
    },
    /// A limit from which no tolerance follows.
    #[error(
        "the limit of `{condition}` is 0, so a tolerance in per cent of it is 0; a limit above 0 is needed"
    )]
    ZeroLimit {
        /// The condition.
        condition: String,
    },
    /// A cost that is negative or not a number.
    #[error("the cost of `{path}` is {cost}; a number above 0 is accepted")]
    Cost {
        /// The knob.
        path: String,
        /// The cost.
        cost: f64,
    },
    /// The system with these numbers cannot be made.
    #[error("with {}: {source}", named(design))]
    Build {
        /// The numbers, one a knob.
        design: Vec<u32>,
        /// Why.
        source: BuildError,
    },
    /// The system with these numbers lacks a measure of the target.
    #[error("with {}: {source}", named(design))]
    Measure {
        /// The numbers, one a knob.
        design: Vec<u32>,
        /// Which.
        source: ConditionError,
    },
    /// A replication in which nobody was there to be counted.
    #[error(
        "with {}: `{measure}` has no value in replication {replication}, since nobody is counted in it",
        named(design)
    )]
    NoValue {
        /// The numbers, one a knob.
        design: Vec<u32>,
        /// The measure.
        measure: String,
        /// The replication.
        replication: u32,
    },
    /// A run was given up.
    #[error("with {}, replication {replication}: {source}", named(design))]
    Run {
        /// The numbers, one a knob.
        design: Vec<u32>,
        /// The replication.
        replication: u32,
        /// Why.
        source: RunError,
    },
    /// Statistics refused a setting.
    #[error("{0}")]
    Statistics(#[from] StatisticsError),
    /// Stopped before anything was known.
    #[error("stopped before anything was finished")]
    NothingFinished,
}

fn named(design: &[u32]) -> String {
    let numbers: Vec<String> = design.iter().map(u32::to_string).collect();
    format!("`{}`", numbers.join(", "))
}

impl SizeProblem<'_> {
    fn check(&self, settings: &SizeSettings) -> Result<(), SizeError> {
        if self.knobs.is_empty() {
            return Err(SizeError::Nothing { what: "a number to find" });
        }
        if self.target.is_empty() {
            return Err(SizeError::Nothing { what: "a condition" });
        }
        if settings.days == 0 {
            return Err(SizeError::Nothing { what: "days" });
        }
        for knob in &self.knobs {
            if knob.between.is_empty() {
                let (from, to) = (*knob.between.start(), *knob.between.end());
                return Err(SizeError::EmptyRange { path: knob.path.clone(), from, to });
            }
        }
        for (knob, &cost) in self.knobs.iter().zip(&self.costs) {
            if !cost.is_finite() || cost <= 0.0 {
                return Err(SizeError::Cost { path: knob.path.clone(), cost });
            }
        }
        if let Some(condition) = self.target.iter().find(|condition| condition.limit == 0.0) {
            return Err(SizeError::ZeroLimit { condition: condition.to_string() });
        }
        Ok(())
    }

    /// What a design costs.
    fn cost(&self, design: &[u32]) -> f64 {
        design.iter().zip(&self.costs).map(|(&number, cost)| f64::from(number) * cost).sum()
    }
}

/// The side of the limit that a condition allows.
fn side(condition: &Condition) -> Side {
    if condition.relation.wants_small() { Side::AtMost } else { Side::AtLeast }
}

/// Finds the smallest number, or the cheapest combination.
///
/// # Errors
/// A bad problem, a design that cannot be made or run, or a stop before anything was known.
pub fn size(
    problem: &SizeProblem<'_>,
    settings: &SizeSettings,
    progress: &dyn Progress,
) -> Result<SizeResults, SizeError> {
    problem.check(settings)?;
    let mut bench = Bench::new(problem, settings, progress);
    let found = match &problem.knobs[..] {
        [knob] => one::search(&mut bench, knob),
        _ => several::search(&mut bench),
    };
    let mut results = found?;
    if let (Some(answer), [knob]) = (&results.answer, &problem.knobs[..]) {
        let queueing = queueing::beside(&mut bench, knob, answer, &results.curve);
        results.queueing = bench.or_stopped(queueing)?.flatten();
    }
    results.replication_count = bench.replication_count();
    results.event_count = bench.event_count();
    Ok(results)
}
