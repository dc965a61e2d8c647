//! Where designs are made and run: in parallel, under luck that depends on nothing but the replication.

use super::{DesignCheck, SizeError, SizeProblem, SizeSettings, side};
use crate::condition::ConditionError;
use crate::replicate::Progress;
use crate::statistics::StatisticsError;
use crate::statistics::interval::Level;
use crate::statistics::selection::feasibility::{Constraint, Sizing, check_all, smallest_feasible};
use crate::statistics::selection::{Request, Systems};
use onetrip_models::account::Account;
use onetrip_models::system::{Runner, System};
use onetrip_sim::stream::RunKey;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::time::Instant;

/// Replications between two looks of a check: enough to keep some threads busy, and the same on every machine.
const LOOK_EVERY: usize = 8;
/// Replications before a design is decided upon.
const FIRST_STAGE: usize = 20;
/// Runs begun between two looks at whether to stop.
const CHUNK: usize = 32;
/// The replications of curves and accounts, far from those of checks.
pub(super) const COMMON_FIRST: u32 = 1 << 30;

/// A system with the places of the target's measures among its own.
struct Made {
    system: System,
    indices: Vec<usize>,
}

/// Designs that are made once and run again and again.
pub(super) struct Bench<'a> {
    pub(super) problem: &'a SizeProblem<'a>,
    pub(super) settings: &'a SizeSettings,
    progress: &'a dyn Progress,
    began_at: Instant,
    made: BTreeMap<Vec<u32>, Made>,
    values: BTreeMap<(Vec<u32>, u32), Vec<f64>>,
    replication_count: u64,
    event_count: u64,
    is_stopped: bool,
}

/// What one replication came to.
struct Outcome {
    values: Vec<f64>,
    event_count: u64,
}

impl<'a> Bench<'a> {
    pub(super) fn new(
        problem: &'a SizeProblem<'a>,
        settings: &'a SizeSettings,
        progress: &'a dyn Progress,
    ) -> Bench<'a> {
        Bench {
            problem,
            settings,
            progress,
            began_at: Instant::now(),
            made: BTreeMap::new(),
            values: BTreeMap::new(),
            replication_count: 0,
            event_count: 0,
            is_stopped: false,
        }
    }

    pub(super) fn replication_count(&self) -> u64 {
        self.replication_count
    }

    pub(super) fn event_count(&self) -> u64 {
        self.event_count
    }

    /// How far from the limit of a condition either answer is accepted.
    pub(super) fn tolerance(&self, condition: usize) -> f64 {
        self.problem.target[condition].limit.abs() * self.settings.tolerance_share
    }

    /// A result, or nothing where the work was stopped; other failures remain.
    pub(super) fn or_stopped<T>(&self, result: Result<T, SizeError>) -> Result<Option<T>, SizeError> {
        match result {
            Ok(value) => Ok(Some(value)),
            Err(SizeError::NothingFinished) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn make(&mut self, design: &[u32]) -> Result<(), SizeError> {
        if self.made.contains_key(design) {
            return Ok(());
        }
        let build = (self.problem.build)(design);
        let system = build.map_err(|source| SizeError::Build { design: design.to_vec(), source })?;
        let indices = self
            .problem
            .target
            .iter()
            .map(|condition| {
                let id = &condition.measure.id;
                let found = system.measures().iter().position(|measure| &measure.id == id);
                found.ok_or_else(|| SizeError::Measure {
                    design: design.to_vec(),
                    source: ConditionError::UnknownMeasure { id: id.clone(), near: Vec::new() },
                })
            })
            .collect::<Result<Vec<usize>, SizeError>>()?;
        self.made.insert(design.to_vec(), Made { system, indices });
        Ok(())
    }

    /// The system with these numbers.
    pub(super) fn system(&mut self, design: &[u32]) -> Result<&System, SizeError> {
        self.make(design)?;
        Ok(&self.made[design].system)
    }

    /// Sees to it that the values of these replications are known.
    pub(super) fn run(&mut self, wanted: &[(Vec<u32>, u32)]) -> Result<(), SizeError> {
        for (design, _) in wanted {
            self.make(design)?;
        }
        let mut missing: Vec<(Vec<u32>, u32)> =
            wanted.iter().filter(|job| !self.values.contains_key(*job)).cloned().collect();
        missing.sort();
        missing.dedup();
        for chunk in missing.chunks(CHUNK) {
            let is_late = self.settings.time_limit.is_some_and(|limit| self.began_at.elapsed() >= limit);
            if self.is_stopped || is_late || self.progress.is_stopped() {
                self.is_stopped = true;
                return Err(SizeError::NothingFinished);
            }
            let (made, problem, settings) = (&self.made, self.problem, self.settings);
            let outcomes: Vec<Outcome> = chunk
                .par_iter()
                .map_init(
                    || None,
                    |machine, (design, replication)| {
                        run_one(&made[design], (design, *replication), problem, settings, machine)
                    },
                )
                .collect::<Result<_, SizeError>>()?;
            for (job, outcome) in chunk.iter().zip(outcomes) {
                self.event_count += outcome.event_count;
                self.replication_count += 1;
                self.values.insert(job.clone(), outcome.values);
            }
            self.progress.advance(u32::try_from(self.replication_count).unwrap_or(u32::MAX), None);
        }
        Ok(())
    }

    /// The value of a condition's measure in one replication that was run.
    pub(super) fn value(&self, design: &[u32], replication: u32, condition: usize) -> f64 {
        self.values[&(design.to_vec(), replication)][condition]
    }

    /// Replications of one design added up, under the luck of the curve.
    pub(super) fn account(&mut self, design: &[u32], count: u32) -> Result<Account, SizeError> {
        if self.is_stopped || self.progress.is_stopped() {
            self.is_stopped = true;
            return Err(SizeError::NothingFinished);
        }
        self.make(design)?;
        let (system, settings) = (&self.made[design].system, self.settings);
        let accounts = (0..count)
            .into_par_iter()
            .map(|index| {
                let replication = COMMON_FIRST + index;
                let mut account = system.account();
                run_days(&mut system.runner(), &mut account, settings, replication)
                    .map_err(|source| SizeError::Run { design: design.to_vec(), replication, source })?;
                Ok(account)
            })
            .collect::<Result<Vec<Account>, SizeError>>()?;
        self.replication_count += u64::from(count);
        let mut sum = system.account();
        accounts.iter().for_each(|account| sum.merge(account));
        self.event_count += sum.statistics.events;
        Ok(sum)
    }

    fn constraint(&self, condition: usize, level: Level) -> Constraint {
        let asked = &self.problem.target[condition];
        Constraint {
            level,
            first_stage: FIRST_STAGE,
            look_every: LOOK_EVERY,
            replications_max: Some(self.settings.at_most as usize),
            ..Constraint::new(side(asked), asked.limit, self.tolerance(condition))
        }
    }

    /// The smallest of these designs that holds a condition, by halving.
    pub(super) fn halve(
        &mut self,
        designs: &[Vec<u32>],
        condition: usize,
        level: Level,
    ) -> Result<(Option<usize>, Vec<DesignCheck>), SizeError> {
        let constraint = self.constraint(condition, level);
        let mut asked = Asked { bench: self, designs, condition, first: 0, stride: 0, failure: None };
        let sizing = smallest_feasible(&mut asked, designs.len(), &constraint);
        let Sizing { smallest, checks, .. } = asked.settled(sizing)?;
        Ok((smallest, checks.into_iter().map(|check| named(check, designs, condition)).collect()))
    }

    /// Checks designs, each on the replications from `first` on.
    pub(super) fn check(
        &mut self,
        designs: &[Vec<u32>],
        condition: usize,
        level: Level,
        first: u32,
    ) -> Result<Vec<DesignCheck>, SizeError> {
        let constraint = self.constraint(condition, level);
        let mut asked = Asked { bench: self, designs, condition, first, stride: 0, failure: None };
        let checks = check_all(&mut asked, designs.len(), &constraint);
        let checks = asked.settled(checks)?;
        Ok(checks.into_iter().map(|check| named(check, designs, condition)).collect())
    }

    /// A face for procedures that ask for replications of designs.
    pub(super) fn asked<'b>(&'b mut self, designs: &'b [Vec<u32>], condition: usize) -> Asked<'b, 'a> {
        Asked { bench: self, designs, condition, first: 0, stride: 0, failure: None }
    }
}

fn named(
    check: crate::statistics::selection::feasibility::Check,
    designs: &[Vec<u32>],
    condition: usize,
) -> DesignCheck {
    DesignCheck {
        design: designs[check.system].clone(),
        condition,
        is_feasible: check.is_feasible,
        mean: check.mean,
        replication_count: check.replication_count as u32,
        guarantee: check.guarantee,
    }
}

/// A machine kept by a thread, with the design it is for.
type Machine = Option<(Vec<u32>, Runner, Account)>;

fn run_one(
    made: &Made,
    (design, replication): (&[u32], u32),
    problem: &SizeProblem<'_>,
    settings: &SizeSettings,
    machine: &mut Machine,
) -> Result<Outcome, SizeError> {
    if machine.as_ref().is_none_or(|(kept, ..)| kept != design) {
        *machine = Some((design.to_vec(), made.system.runner(), made.system.account()));
    }
    let Some((_, runner, account)) = machine else { return Err(SizeError::NothingFinished) };
    account.clear();
    run_days(runner, account, settings, replication).map_err(|source| SizeError::Run {
        design: design.to_vec(),
        replication,
        source,
    })?;
    let all = made.system.evaluate(account);
    let values = made
        .indices
        .iter()
        .zip(&problem.target)
        .map(|(&index, condition)| {
            all[index].ok_or_else(|| SizeError::NoValue {
                design: design.to_vec(),
                measure: condition.measure.id.clone(),
                replication,
            })
        })
        .collect::<Result<Vec<f64>, SizeError>>()?;
    Ok(Outcome { values, event_count: account.statistics.events })
}

fn run_days(
    runner: &mut Runner,
    account: &mut Account,
    settings: &SizeSettings,
    replication: u32,
) -> Result<(), onetrip_sim::engine::RunError> {
    for day in 0..settings.days {
        runner.run(RunKey::new(settings.rng_seed, replication, day), account)?;
    }
    Ok(())
}

/// Designs as a procedure sees them.
pub(super) struct Asked<'b, 'a> {
    bench: &'b mut Bench<'a>,
    designs: &'b [Vec<u32>],
    condition: usize,
    first: u32,
    /// How far apart the replications of neighbouring designs lie; 0 for common random numbers.
    stride: u32,
    failure: Option<SizeError>,
}

impl Asked<'_, '_> {
    /// From now on each design has replications of its own.
    pub(super) fn with_luck_of_their_own(&mut self) {
        self.stride = self.bench.settings.at_most.max(FIRST_STAGE as u32) + 1;
    }

    /// The procedure's result; a run that failed goes before what the procedure made of it.
    pub(super) fn settled<T>(self, result: Result<T, StatisticsError>) -> Result<T, SizeError> {
        match self.failure {
            Some(failure) => Err(failure),
            None => Ok(result?),
        }
    }
}

impl Systems for Asked<'_, '_> {
    fn sample(&mut self, requests: &[Request]) -> Vec<f64> {
        let jobs: Vec<(Vec<u32>, u32)> = requests
            .iter()
            .map(|request| {
                let first = self.first.wrapping_add(self.stride.wrapping_mul(request.system as u32));
                (self.designs[request.system].clone(), first.wrapping_add(request.replication as u32))
            })
            .collect();
        if self.failure.is_none()
            && let Err(failure) = self.bench.run(&jobs)
        {
            self.failure = Some(failure);
        }
        if self.failure.is_some() {
            return vec![f64::NAN; requests.len()];
        }
        jobs.iter()
            .map(|(design, replication)| self.bench.value(design, *replication, self.condition))
            .collect()
    }
}
