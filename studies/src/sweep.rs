//! Many scenarios in one study: values of the scenario are varied by a design, every point of it is run, and the outputs
//! say how each variable acts.
//!
//! All points share their luck unless they are asked to have luck of their own: replication r of every point draws the
//! same numbers for the same patient, so differences between points are effects of the values. A run is one replication
//! of one point; it is kept ([`Ledger`]) the moment it is finished and its values depend on nothing but the point and the
//! replication, so a study that was broken off goes on from what was kept and ends with the same bits.

mod plan;
mod runs;
mod variable;
mod writing;

pub use plan::{DesignChoice, Sensitivity, SweepPlan};
pub use runs::{check, sweep};
pub use variable::{Setting, Variable};
pub use writing::VariableError;

use crate::design::DesignError;
use crate::statistics::interval::{Estimate, Level};
use onetrip_models::measure::Measure;
use onetrip_models::system::System;
use onetrip_sim::engine::RunError;
use std::io;

/// Why a point could not be made, in the words of who made it.
pub type BuildError = crate::size::BuildError;

/// Whose luck a point has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Luck {
    /// Replication r is the same luck at every point (common random numbers).
    Common,
    /// Every point has luck of its own.
    Own,
}

/// What is studied.
pub struct SweepProblem<'a> {
    /// The points.
    pub plan: &'a SweepPlan,
    /// What is measured at each; a measure that a point does not have has no value there.
    pub measures: &'a [Measure],
    /// Makes the system with these assignments (`PATH=VALUE`).
    pub build: &'a (dyn Fn(&[String]) -> Result<System, BuildError> + Sync),
}

/// How it is run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SweepSettings {
    /// The one number from which all randomness follows, that of the design too.
    pub rng_seed: u64,
    /// Replications of each point.
    pub replications: u32,
    /// Independent days in each.
    pub days: u32,
    /// Whose luck a point has.
    pub luck: Luck,
    /// Confidence level of the intervals.
    pub level: Level,
}

/// One replication of one point, finished.
#[derive(Clone, Debug, PartialEq)]
pub struct FinishedRun {
    /// The point, from 0.
    pub point: usize,
    /// The replication, from 0.
    pub replication: u32,
    /// Arrivals and services.
    pub event_count: u64,
    /// The value of each measure; `None` where nobody was there to be counted.
    pub values: Vec<Option<f64>>,
}

/// Where finished runs are kept. Called from many threads, in any order.
pub trait Ledger: Sync {
    /// Keeps a run.
    ///
    /// # Errors
    /// When it cannot be kept; the study is then broken off.
    fn keep(&self, run: &FinishedRun) -> io::Result<()>;
}

/// Nothing is kept but the results.
pub struct Forgetful;

impl Ledger for Forgetful {
    fn keep(&self, _: &FinishedRun) -> io::Result<()> {
        Ok(())
    }
}

/// What one point came to.
#[derive(Clone, Debug, PartialEq)]
pub struct PointResult {
    /// The value of each variable.
    pub values: Vec<f64>,
    /// Each measure over the replications.
    pub measures: Vec<Option<Estimate>>,
}

/// What a study came to.
#[derive(Clone, Debug)]
pub struct SweepResults {
    /// One result a point, in the order of the plan.
    pub points: Vec<PointResult>,
    /// For each measure what the design says of the variables; `None` where it is not a design for sensitivities.
    pub sensitivities: Option<Vec<Result<Sensitivity, SensitivityError>>>,
    /// Runs that the results rest on.
    pub run_count: u64,
    /// Their arrivals and services.
    pub event_count: u64,
}

/// Why a measure has no sensitivities.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SensitivityError {
    /// At some points nobody was there to be counted.
    #[error("{point_count} points have no value")]
    NoValue {
        /// How many points.
        point_count: usize,
    },
    /// The outputs are of no use.
    #[error(transparent)]
    Design(#[from] DesignError),
}

/// Why a study failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SweepError {
    /// Too little to do.
    #[error("`{what}` is 0; at least 1 is needed")]
    Nothing {
        /// Which setting.
        what: &'static str,
    },
    /// A point could not be made.
    #[error("point {} ({at}): {source}", point + 1)]
    Build {
        /// The point, from 0.
        point: usize,
        /// Its values.
        at: String,
        /// Why.
        source: BuildError,
    },
    /// A run was given up.
    #[error("point {} ({at}), replication {replication}: {source}", point + 1)]
    Run {
        /// The point, from 0.
        point: usize,
        /// Its values.
        at: String,
        /// Which replication, from 0.
        replication: u32,
        /// Why.
        source: RunError,
    },
    /// A run could not be kept.
    #[error("a finished run could not be kept: {0}")]
    Keep(#[source] io::Error),
    /// A run that was kept comes out otherwise today.
    #[error(
        "point {} ({at}), replication {replication} was kept with other values than this program computes; \
         accepted: the program that began the study, or a new folder",
        point + 1
    )]
    Moved {
        /// The point, from 0.
        point: usize,
        /// Its values.
        at: String,
        /// Which replication, from 0.
        replication: u32,
    },
    /// Stopped before all runs were finished.
    #[error("stopped after {finished} of {of} runs")]
    Stopped {
        /// Runs finished, those of earlier sessions too.
        finished: u64,
        /// Runs of the study.
        of: u64,
    },
}
