//! Replications of one system, spread over threads, merged in order.
//!
//! A replication is one or more independent days under luck of its own. What it measures goes into a list by
//! replication; what it counts goes into one account. Counts are whole numbers and values are kept by index, so the
//! result has the same bits on one thread as on sixty-four. Each thread has a machine and accounts that serve from the
//! first replication to the last; where precision may end the work in the middle of a block, the account of each
//! replication is kept until that is known.
//!
//! Intervals are Student's, over replications: patients of one day share its crowds, so only replications are
//! independent observations. That holds for means, shares and quantiles alike; Clopper–Pearson and order statistics are
//! for independent single visits ([`crate::statistics::passing`]), and for shares that are 0 or 1 in every replication
//! ([`mean_of_shares`]).

mod loads;
#[cfg(test)]
mod tests;

pub use loads::{StationLoad, StationLoads};

use crate::long_run::LongRunMean;
use crate::statistics::interval::{self, Estimate, Level};
use crate::statistics::replications::{Precision, Replications, Rule, State};
use crate::statistics::share::mean_of_shares;
use onetrip_models::account::Account;
use onetrip_models::measure::Unit;
use onetrip_models::system::{Runner, System};
use onetrip_models::watch::{Unwatched, Watcher};
use onetrip_sim::engine::{RunEnd, RunError};
use onetrip_sim::statistics::Statistics;
use onetrip_sim::stream::RunKey;
use rayon::prelude::*;
use std::ops::Range;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// How many replications.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ReplicationCount {
    /// So many.
    Fixed(u32),
    /// As many as every headline measure needs, but no more than `at_most`.
    Enough {
        /// How narrow intervals must be. An absolute precision is in seconds and holds for durations only.
        precision: Precision,
        /// The limit.
        at_most: u32,
    },
}

/// How a system is run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RunSettings {
    /// The one number from which all randomness follows.
    pub rng_seed: u64,
    /// How many replications.
    pub replications: ReplicationCount,
    /// Independent days in each.
    pub days: u32,
    /// Confidence level of the intervals.
    pub level: Level,
}

/// Who watches the work, and may stop it.
pub trait Progress: Sync {
    /// So many replications are done; of how many, where that is known.
    fn advance(&self, done: u32, of: Option<u32>);

    /// True when what is finished is to be kept and no more begun.
    fn is_stopped(&self) -> bool {
        false
    }

    /// A first look: `values(system, measure)` are the values of the replications done so far.
    fn look(&self, _values: &dyn Fn(usize, usize) -> Vec<Option<f64>>) {}
}

/// Nobody watches.
pub struct Silent;

impl Progress for Silent {
    fn advance(&self, _: u32, _: Option<u32>) {}
}

/// Watches all runs of one replication.
pub trait Witness: Watcher + Send {
    /// A run is about to begin.
    fn begin_run(&mut self);

    /// The run has ended; the account is of the replication so far.
    fn end_run(&mut self, end: RunEnd, account: &Account);
}

impl Witness for Unwatched {
    fn begin_run(&mut self) {}

    fn end_run(&mut self, _: RunEnd, _: &Account) {}
}

/// What one measure came to.
#[derive(Clone, Debug, PartialEq)]
pub struct MeasureResult {
    /// Value and interval over replications; `None` where nobody was there to be counted in any.
    pub estimate: Option<Estimate>,
    /// The number of replications this measure needed for the precision asked for, where one was asked for and met.
    pub needed: Option<u64>,
    /// The value of each replication.
    pub values: Vec<Option<f64>>,
}

/// What the replications came to.
#[derive(Clone, Debug)]
pub struct RunResults {
    /// One result a measure of the system, in its order.
    pub measures: Vec<MeasureResult>,
    /// All replications added up.
    pub account: Account,
    /// Replications that count.
    pub replication_count: u32,
    /// How they were run.
    pub settings: RunSettings,
    /// Arrivals and services.
    pub event_count: u64,
    /// Stopped before the end that was asked for.
    pub is_cut_short: bool,
    /// Headline measures whose precision was not met within the limit.
    pub imprecise: Vec<usize>,
    /// How long the queues were in each hour of each replication.
    pub queues_by_hour: HourlyQueues,
    /// What every station had to do in each replication.
    pub loads: StationLoads,
    /// The means of one long run, where [`crate::long_run`] has judged it.
    pub long_run: Vec<LongRunMean>,
}

/// The queues of every replication by hour of the day, where the system keeps figures by hour: one replication is one
/// observation of a day's shape, so the band around it needs them apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HourlyQueues {
    hour_count: usize,
    station_count: usize,
    /// (replication, station, hour): time integral of the number waiting, in customer-microseconds.
    areas: Vec<u64>,
    /// (replication, hour): observed time in microseconds.
    observed: Vec<u64>,
}

impl HourlyQueues {
    /// A replication more. Nothing is kept of systems that do not tell the hours apart.
    fn add(&mut self, statistics: &Statistics) {
        let layout = statistics.layout();
        if layout.hour_count < 2 {
            return;
        }
        // 2^64 customer-microseconds are half a million customers waiting a year.
        let whole = |area: &u128| u64::try_from(*area).unwrap_or(u64::MAX);
        (self.hour_count, self.station_count) = (layout.hour_count, layout.station_count);
        self.areas.extend(statistics.stations.iter().flat_map(|station| &station.queue_area).map(whole));
        self.observed.extend(statistics.observed_time.iter().map(whole));
    }

    /// The replications of another list, behind one's own.
    fn append(&mut self, other: &HourlyQueues) {
        (self.hour_count, self.station_count) = (other.hour_count, other.station_count);
        self.areas.extend_from_slice(&other.areas);
        self.observed.extend_from_slice(&other.observed);
    }

    /// The hours told apart: 24, or 0.
    pub fn hour_count(&self) -> usize {
        self.hour_count
    }

    /// The mean number waiting at a station in an hour, in each replication that observed that hour.
    pub fn queue_lengths(&self, station: usize, hour: usize) -> impl Iterator<Item = f64> + '_ {
        let (hours, stations) = (self.hour_count, self.station_count);
        let replications = self.observed.len().checked_div(hours).unwrap_or(0);
        (0..replications).filter_map(move |replication| {
            let observed = self.observed[replication * hours + hour];
            let area = self.areas[(replication * stations + station) * hours + hour];
            (observed > 0).then(|| area as f64 / observed as f64)
        })
    }
}

/// Why a study failed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ReplicateError {
    /// A run was given up.
    #[error("replication {replication}, day {day}: {source}")]
    Run {
        /// Which replication, from 0.
        replication: u32,
        /// Which day of it, from 0.
        day: u32,
        /// Why.
        source: RunError,
    },
    /// Stopped before the first replication was finished.
    #[error("stopped before the first replication was finished")]
    NothingFinished,
    /// Nothing to do.
    #[error("`{what}` is 0; at least 1 is needed")]
    Nothing {
        /// Which setting.
        what: &'static str,
    },
}

/// The result of one replication.
struct Replicate<W> {
    values: Vec<Option<f64>>,
    queues_by_hour: HourlyQueues,
    loads: StationLoads,
    /// Where it is not in the sum of its worker already.
    account: Option<Account>,
    witness: W,
}

/// A thread's machine for one system.
struct Worker {
    runner: Runner,
    /// Empty between replications.
    account: Account,
    /// What its replications counted.
    sum: Account,
}

/// The threads' machines for one system.
struct Crew<'a> {
    system: &'a System,
    workers: Vec<Worker>,
    /// Replications keep their accounts, for whether they count is not known yet.
    keeps_accounts: bool,
}

impl<'a> Crew<'a> {
    fn new(system: &'a System, keeps_accounts: bool) -> Self {
        let worker = || Worker { runner: system.runner(), account: system.account(), sum: system.account() };
        let workers = (0..rayon::current_num_threads()).map(|_| worker()).collect();
        Crew { system, workers, keeps_accounts }
    }

    /// Runs replications; whoever is free takes the next.
    fn run<W: Witness>(
        &mut self,
        settings: &RunSettings,
        block: Range<u32>,
        witness: &(impl Fn(u32) -> W + Sync),
    ) -> Result<Vec<Replicate<W>>, ReplicateError> {
        let (system, keeps_accounts) = (self.system, self.keeps_accounts);
        let next = AtomicU32::new(block.start);
        let work = |worker: &mut Worker| {
            let mut done = Vec::new();
            loop {
                let replication = next.fetch_add(1, Ordering::Relaxed);
                if replication >= block.end {
                    return done;
                }
                let result = worker.run(system, settings, replication, keeps_accounts, witness(replication));
                let is_failed = result.is_err();
                done.push((replication, result));
                if is_failed {
                    return done;
                }
            }
        };
        let mut all: Vec<_> =
            self.workers.par_iter_mut().map(work).collect::<Vec<_>>().into_iter().flatten().collect();
        all.sort_by_key(|(replication, _)| *replication);
        all.into_iter().map(|(_, result)| result).collect()
    }
}

impl Worker {
    fn run<W: Witness>(
        &mut self,
        system: &System,
        settings: &RunSettings,
        replication: u32,
        keeps_account: bool,
        mut witness: W,
    ) -> Result<Replicate<W>, ReplicateError> {
        for day in 0..settings.days {
            let key = RunKey::new(settings.rng_seed, replication, day);
            let failure = |source| ReplicateError::Run { replication, day, source };
            witness.begin_run();
            let end = self.runner.run_watched(key, &mut self.account, &mut witness).map_err(failure)?;
            witness.end_run(end, &self.account);
        }
        let values = system.evaluate(&self.account);
        let mut queues_by_hour = HourlyQueues::default();
        queues_by_hour.add(&self.account.statistics);
        let loads = StationLoads::of(&self.account.statistics);
        let account = if keeps_account {
            Some(std::mem::replace(&mut self.account, system.account()))
        } else {
            self.sum.merge(&self.account);
            self.account.clear();
            None
        };
        Ok(Replicate { values, queues_by_hour, loads, account, witness })
    }
}

/// Runs replications until enough are done or `progress` says stop.
///
/// # Errors
/// The first run, by index, that was given up; or nothing finished.
pub fn replicate(
    system: &System,
    settings: &RunSettings,
    progress: &dyn Progress,
) -> Result<RunResults, ReplicateError> {
    replicate_watched(system, settings, progress, &|_| Unwatched, &mut |_| {})
}

/// The same, each replication before a witness of its own: `witness(replication)` is called on the thread that runs it,
/// `hear` in the order of the replications, for those that count.
///
/// # Errors
/// As [`replicate`].
pub fn replicate_watched<W: Witness>(
    system: &System,
    settings: &RunSettings,
    progress: &dyn Progress,
    witness: &(impl Fn(u32) -> W + Sync),
    hear: &mut dyn FnMut(W),
) -> Result<RunResults, ReplicateError> {
    let mut results =
        watch_side_by_side(&[system], settings, progress, witness, &mut |_, heard| hear(heard))?;
    results.pop().ok_or(ReplicateError::Nothing { what: "systems" })
}

/// Runs several systems under the same luck, block by block beside each other, so that all have the same replications
/// whenever the work is stopped. Where precision decides, the system that needs most decides for all.
///
/// # Errors
/// As [`replicate`].
pub fn replicate_side_by_side(
    systems: &[&System],
    settings: &RunSettings,
    progress: &dyn Progress,
) -> Result<Vec<RunResults>, ReplicateError> {
    watch_side_by_side(systems, settings, progress, &|_| Unwatched, &mut |_, _| {})
}

/// The same with witnesses, as [`replicate_watched`]: `hear(system, witness)` hears those of a replication system by
/// system before those of the next.
///
/// # Errors
/// As [`replicate`].
pub fn watch_side_by_side<W: Witness>(
    systems: &[&System],
    settings: &RunSettings,
    progress: &dyn Progress,
    witness: &(impl Fn(u32) -> W + Sync),
    hear: &mut dyn FnMut(usize, W),
) -> Result<Vec<RunResults>, ReplicateError> {
    if settings.days == 0 {
        return Err(ReplicateError::Nothing { what: "days" });
    }
    let (limit, precision) = match settings.replications {
        ReplicationCount::Fixed(count) => (count, None),
        ReplicationCount::Enough { precision, at_most } => (at_most, Some(precision)),
    };
    if limit == 0 {
        return Err(ReplicateError::Nothing { what: "replications" });
    }
    let mut all: Vec<Gathering> =
        systems.iter().map(|system| Gathering::new(system, settings.level, precision)).collect();
    let mut crews: Vec<Crew> = systems.iter().map(|system| Crew::new(system, precision.is_some())).collect();
    let mut block_size = if precision.is_some() { 8 } else { rayon::current_num_threads() as u32 };
    let largest_block = if precision.is_some() { 64 } else { 256 };
    let mut count = 0;
    let mut is_stopped = false;
    let is_enough = |all: &[Gathering]| all.iter().all(Gathering::is_enough);
    while count < limit && !is_enough(&all) {
        if progress.is_stopped() {
            is_stopped = true;
            break;
        }
        let block = count..limit.min(count + block_size);
        let began_at = Instant::now();
        let mut results = crews
            .iter_mut()
            .map(|crew| Ok(crew.run(settings, block.clone(), witness)?.into_iter()))
            .collect::<Result<Vec<_>, ReplicateError>>()?;
        for _ in block {
            for (system, (gathering, replicates)) in all.iter_mut().zip(&mut results).enumerate() {
                if let Some(replicate) = replicates.next() {
                    hear(system, gathering.add(replicate));
                }
            }
            count += 1;
            if is_enough(&all) {
                break;
            }
        }
        // Blocks of about a quarter of a second: long enough to fill the threads, short enough to stop within.
        if began_at.elapsed() < Duration::from_millis(125) && block_size < largest_block {
            block_size *= 2;
        }
        progress.advance(count, precision.is_none().then_some(limit));
        progress.look(&|system, measure| all[system].values[measure].clone());
    }
    if count == 0 {
        return Err(ReplicateError::NothingFinished);
    }
    let gathered = all.into_iter().zip(crews);
    Ok(gathered.map(|(gathering, crew)| gathering.finish(crew, settings, is_stopped)).collect())
}

/// What has been gathered so far.
struct Gathering {
    level: Level,
    count: u32,
    account: Account,
    values: Vec<Vec<Option<f64>>>,
    queues_by_hour: HourlyQueues,
    loads: StationLoads,
    /// The headline measures that decide, with their rules.
    deciding: Vec<(usize, Replications)>,
}

/// What a precision asks of measures in this unit. An absolute one is in seconds and says nothing about the others.
fn precision_for(unit: Unit, precision: Precision) -> Option<Precision> {
    match (precision, unit) {
        (Precision::Relative(_), _) | (_, Unit::Seconds) => Some(precision),
        (Precision::Either { relative, .. }, _) => Some(Precision::Relative(relative)),
        (Precision::Absolute(_), _) => None,
    }
}

impl Gathering {
    fn new(system: &System, level: Level, precision: Option<Precision>) -> Self {
        let headline = system.measures().iter().enumerate().filter(|(_, measure)| measure.is_headline);
        let deciding = headline
            .filter_map(|(index, measure)| {
                let precision = precision_for(measure.unit, precision?)?;
                let rule = Rule { level, ..Rule::with_precision(precision) };
                Some((index, Replications::new(rule).ok()?))
            })
            .collect();
        Gathering {
            level,
            count: 0,
            account: system.account(),
            values: vec![Vec::new(); system.measures().len()],
            queues_by_hour: HourlyQueues::default(),
            loads: StationLoads::default(),
            deciding,
        }
    }

    /// Adds a replication, and gives back who watched it.
    fn add<W>(&mut self, replicate: Replicate<W>) -> W {
        self.count += 1;
        replicate.account.iter().for_each(|account| self.account.merge(account));
        self.queues_by_hour.append(&replicate.queues_by_hour);
        self.loads.append(&replicate.loads);
        for (index, rule) in &mut self.deciding {
            if let Some(value) = replicate.values[*index] {
                // Values come from counts and are finite; a measure that is not decides nothing.
                let _ = rule.push(value);
            }
        }
        for (all, value) in self.values.iter_mut().zip(replicate.values) {
            all.push(value);
        }
        replicate.witness
    }

    fn is_enough(&self) -> bool {
        let is_known = |rule: &Replications| {
            matches!(rule.state(), State::Satisfied { .. }) || rule.moments().count() == 0
        };
        !self.deciding.is_empty() && self.count >= 3 && self.deciding.iter().all(|(_, rule)| is_known(rule))
    }

    fn finish(mut self, crew: Crew, settings: &RunSettings, is_stopped: bool) -> RunResults {
        crew.workers.iter().for_each(|worker| self.account.merge(&worker.sum));
        let needed = |index: usize| {
            let (_, rule) = self.deciding.iter().find(|(deciding, _)| *deciding == index)?;
            rule.needed()
        };
        let (trials, described) = (crew.system.trials(&self.account), crew.system.measures());
        let measures = self
            .values
            .iter()
            .enumerate()
            .map(|(index, values)| {
                let present: Vec<f64> = values.iter().copied().flatten().collect();
                let unit = described[index].unit;
                let estimate = match unit {
                    Unit::Share => mean_of_shares(&present, trials[index], self.level),
                    Unit::Seconds | Unit::Count | Unit::PerHour => {
                        interval::mean(&present, self.level).map(|mean| mean.within(&unit.range()))
                    }
                };
                MeasureResult { estimate: estimate.ok(), needed: needed(index), values: values.clone() }
            })
            .collect();
        let imprecise = self
            .deciding
            .iter()
            .filter(|(_, rule)| rule.moments().count() > 0 && rule.needed().is_none())
            .map(|&(index, _)| index)
            .collect();
        RunResults {
            measures,
            event_count: self.account.statistics.events,
            account: self.account,
            replication_count: self.count,
            settings: *settings,
            is_cut_short: is_stopped,
            imprecise,
            queues_by_hour: self.queues_by_hour,
            loads: self.loads,
            long_run: Vec::new(),
        }
    }
}

impl RunResults {
    /// The result of a measure by its id.
    pub fn measure<'a>(&'a self, system: &System, id: &str) -> Option<&'a MeasureResult> {
        let index = system.measures().iter().position(|measure| measure.id == id)?;
        self.measures.get(index)
    }
}
