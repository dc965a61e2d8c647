//! A day of many facilities: a city, a province, a country.
//!
//! Within a day facilities are independent, so each is run by itself, patient by patient, under a key of its own
//! (class of facility, number), and what it counts is added to its class and its shard. Accounts are whole numbers:
//! the result has the same bits whatever the number of threads and whoever ran which facility. Memory holds one account
//! a class and one a thread, however many facilities there are.

use crate::statistics::interval::{self, Estimate, Level};
use onetrip_models::account::Account;
use onetrip_models::hospital::{Hospital, HospitalError};
use onetrip_models::system::{Runner, System};
use onetrip_models::text::Text;
use onetrip_scenarios::region::RegionSpec;
use onetrip_sim::engine::RunError;
use onetrip_sim::statistics::Accounting;
use onetrip_sim::stream::{Purpose, RunKey};
use rayon::prelude::*;
use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Facilities of one kind.
#[derive(Clone, Debug)]
pub struct FacilityClass {
    /// Short name, also the stem of the facilities' luck.
    pub id: String,
    /// Shown name.
    pub title: Text,
    /// What each of them is like.
    pub system: System,
    /// How many there are.
    pub count: u64,
}

/// A part of the region that is reported by itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Shard {
    /// Short name.
    pub id: String,
    /// Shown name.
    pub title: Text,
    /// Weight by which facilities are dealt out.
    pub weight: f64,
}

/// A region.
#[derive(Clone, Debug)]
pub struct Region {
    /// Short name.
    pub id: String,
    /// Shown name.
    pub title: Text,
    /// Its facilities.
    pub classes: Vec<FacilityClass>,
    /// Its parts; at least one.
    pub shards: Vec<Shard>,
}

/// One class in one shard.
#[derive(Clone, Debug)]
pub struct ShardClass {
    /// Facilities.
    pub facility_count: u64,
    /// Where their patients are accounted for.
    pub accounting: Accounting,
    /// The class's measures, pooled over the facilities of the shard.
    pub values: Vec<Option<f64>>,
}

/// What one class of facility came to.
#[derive(Clone, Debug)]
pub struct ClassResults {
    /// Everything its facilities counted.
    pub account: Account,
    /// Its measures over all facilities; intervals over the shards, whose facilities are independent of each other.
    pub measures: Vec<Option<Estimate>>,
    /// By shard.
    pub shards: Vec<ShardClass>,
}

/// What a region came to.
#[derive(Clone, Debug)]
pub struct RegionResults {
    /// One a class.
    pub classes: Vec<ClassResults>,
    /// Arrivals and services.
    pub event_count: u64,
    /// Facilities run.
    pub facility_count: u64,
    /// Stopped before all were run; shards that were begun are complete, later ones absent.
    pub is_cut_short: bool,
}

/// Why a region could not be run.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RegionError {
    /// A facility's day was given up.
    #[error("facility {index} of class `{class}`: {source}")]
    Run {
        /// The class.
        class: String,
        /// The facility's number in it.
        index: u64,
        /// Why.
        source: RunError,
    },
    /// Weights that are negative, or nothing to deal out to.
    #[error("weights of shards add up to {sum}; more than 0 is needed, and none below 0")]
    Weights {
        /// Their sum.
        sum: f64,
    },
    /// Stopped before the first shard was finished.
    #[error("stopped before the first shard was finished")]
    NothingFinished,
}

/// Who watches a region being run, and may stop it.
pub trait RegionProgress: Sync {
    /// So many patients have come and gone so far.
    fn advance(&self, patients: u64, facilities: u64);

    /// True when no more shards are to be begun.
    fn is_stopped(&self) -> bool {
        false
    }
}

impl Region {
    /// Compiles a description.
    ///
    /// # Errors
    /// What keeps a hospital from being simulated. Readers of files have checked that already.
    pub fn new(spec: &RegionSpec) -> Result<Self, HospitalError> {
        let classes = spec.facilities.iter().map(|kind| {
            let system = System::Hospital(Hospital::new(kind.hospital.clone())?);
            Ok(FacilityClass { id: kind.id.clone(), title: kind.title.clone(), system, count: kind.count })
        });
        let shards = spec.shards.iter().map(|shard| Shard {
            id: shard.id.clone(),
            title: shard.title.clone(),
            weight: shard.weight,
        });
        Ok(Region {
            id: spec.id.clone(),
            title: spec.title.clone(),
            classes: classes.collect::<Result<_, HospitalError>>()?,
            shards: shards.collect(),
        })
    }

    /// Facilities over all classes.
    pub fn facility_count(&self) -> u64 {
        self.classes.iter().map(|class| class.count).sum()
    }

    /// Deals the facilities of a class out to the shards by largest remainder; shard by shard, a range of numbers.
    fn deal(&self, count: u64) -> Result<Vec<Range<u64>>, RegionError> {
        let sum: f64 = self.shards.iter().map(|shard| shard.weight).sum();
        if sum.is_nan() || sum <= 0.0 || self.shards.iter().any(|shard| shard.weight < 0.0) {
            return Err(RegionError::Weights { sum });
        }
        let exact: Vec<f64> = self.shards.iter().map(|shard| count as f64 * shard.weight / sum).collect();
        let mut dealt: Vec<u64> = exact.iter().map(|share| share.floor() as u64).collect();
        let mut order: Vec<usize> = (0..exact.len()).collect();
        order.sort_by(|&a, &b| (exact[b].fract()).total_cmp(&exact[a].fract()).then(a.cmp(&b)));
        let rest = count.saturating_sub(dealt.iter().sum());
        order.iter().cycle().take(rest as usize).for_each(|&shard| dealt[shard] += 1);
        let mut next = 0;
        Ok(dealt
            .into_iter()
            .map(|share| {
                let range = next..next + share;
                next += share;
                range
            })
            .collect())
    }
}

/// A thread's machine for one class, with what it counted of the present shard.
struct Worker {
    runner: Runner,
    account: Account,
}

/// Facilities that a thread takes at a time.
const TAKE: u64 = 16;

/// Runs one day of a region.
///
/// # Errors
/// The first facility, by class and number, whose day was given up; bad weights; or nothing finished.
pub fn run_region(
    region: &Region,
    rng_seed: u64,
    day: u32,
    level: Level,
    progress: &dyn RegionProgress,
) -> Result<RegionResults, RegionError> {
    let run = RunKey::new(rng_seed, 0, day);
    let thread_count = rayon::current_num_threads();
    let dealt = region.classes.iter().map(|class| region.deal(class.count)).collect::<Result<Vec<_>, _>>()?;
    let mut classes: Vec<ClassResults> = region
        .classes
        .iter()
        .map(|class| ClassResults {
            account: class.system.account(),
            measures: Vec::new(),
            shards: Vec::new(),
        })
        .collect();
    let mut pools: Vec<Vec<Worker>> = region.classes.iter().map(|_| Vec::new()).collect();
    let (patients, facilities) = (AtomicU64::new(0), AtomicU64::new(0));
    let mut is_cut_short = false;
    for (shard, _) in region.shards.iter().enumerate() {
        if progress.is_stopped() {
            is_cut_short = true;
            break;
        }
        for (index, class) in region.classes.iter().enumerate() {
            let range = dealt[index][shard].clone();
            let pool = &mut pools[index];
            while pool.len() < thread_count.min(range.end.saturating_sub(range.start) as usize) {
                pool.push(Worker { runner: class.system.runner(), account: class.system.account() });
            }
            let tally =
                || progress.advance(patients.load(Ordering::Relaxed), facilities.load(Ordering::Relaxed));
            run_range(class, run, range.clone(), pool, &|came| {
                patients.fetch_add(came, Ordering::Relaxed);
                facilities.fetch_add(TAKE, Ordering::Relaxed);
                tally();
            })?;
            let mut account = class.system.account();
            for worker in pool.iter_mut() {
                account.merge(&worker.account);
                worker.account.clear();
            }
            classes[index].shards.push(ShardClass {
                facility_count: range.end - range.start,
                accounting: account.statistics.accounting_total(),
                values: class.system.evaluate(&account),
            });
            classes[index].account.merge(&account);
        }
    }
    if classes.iter().all(|class| class.shards.is_empty()) {
        return Err(RegionError::NothingFinished);
    }
    for (results, class) in classes.iter_mut().zip(&region.classes) {
        results.measures = over_shards(results, class, level);
    }
    Ok(RegionResults {
        event_count: classes.iter().map(|class| class.account.statistics.events).sum(),
        facility_count: classes
            .iter()
            .flat_map(|class| &class.shards)
            .map(|shard| shard.facility_count)
            .sum(),
        classes,
        is_cut_short,
    })
}

/// Runs the facilities of a range; whoever is free takes the next few.
fn run_range(
    class: &FacilityClass,
    run: RunKey,
    range: Range<u64>,
    pool: &mut [Worker],
    took: &(dyn Fn(u64) + Sync),
) -> Result<(), RegionError> {
    let kind = Purpose::named(&class.id);
    let next = AtomicU64::new(range.start);
    let is_failed = AtomicBool::new(false);
    let first_failure: Mutex<Option<(u64, RunError)>> = Mutex::new(None);
    pool.par_iter_mut().for_each(|worker| {
        while !is_failed.load(Ordering::Relaxed) {
            let from = next.fetch_add(TAKE, Ordering::Relaxed);
            if from >= range.end {
                break;
            }
            let before = worker.account.statistics.accounting_total().arrived;
            for index in from..range.end.min(from + TAKE) {
                if let Err(error) = worker.runner.run(run.place(kind, index), &mut worker.account) {
                    is_failed.store(true, Ordering::Relaxed);
                    let mut first = first_failure.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
                    if first.as_ref().is_none_or(|(earlier, _)| index < *earlier) {
                        *first = Some((index, error));
                    }
                    return;
                }
            }
            took(worker.account.statistics.accounting_total().arrived - before);
        }
    });
    match first_failure.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner()) {
        Some((index, source)) => Err(RegionError::Run { class: class.id.clone(), index, source }),
        None => Ok(()),
    }
}

/// The class's measures: the value over all facilities, the interval from the spread between shards.
fn over_shards(results: &ClassResults, class: &FacilityClass, level: Level) -> Vec<Option<Estimate>> {
    let pooled = class.system.evaluate(&results.account);
    pooled
        .iter()
        .enumerate()
        .map(|(index, value)| {
            let value = (*value)?;
            let by_shard: Vec<f64> = results.shards.iter().filter_map(|shard| shard.values[index]).collect();
            let spread = interval::mean(&by_shard, level).ok()?;
            let half = spread.interval.map(|interval| interval.half_width());
            let around = |half: f64| interval::Interval {
                low: value - half,
                high: value + half,
                level: level.share(),
            };
            Some(Estimate { value, interval: half.map(around), observation_count: by_shard.len() })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region(weights: &[f64]) -> Region {
        let shard = |(index, &weight): (usize, &f64)| Shard {
            id: index.to_string(),
            title: Text::same(index.to_string()),
            weight,
        };
        Region {
            id: "test".into(),
            title: Text::same("test"),
            classes: Vec::new(),
            shards: weights.iter().enumerate().map(shard).collect(),
        }
    }

    #[test]
    fn facilities_are_dealt_out_by_weight_and_none_is_lost() {
        let dealt = region(&[1.0, 1.0, 1.0]).deal(100).expect("good weights");
        assert_eq!(dealt, [0..34, 34..67, 67..100]);
        let dealt = region(&[5.0, 3.0, 2.0, 0.0]).deal(7).expect("good weights");
        assert_eq!(dealt.iter().map(|range| range.end - range.start).sum::<u64>(), 7);
        assert_eq!(dealt[3], 7..7);
    }

    #[test]
    fn weights_must_make_sense() {
        assert!(matches!(region(&[0.0]).deal(3), Err(RegionError::Weights { .. })));
        assert!(matches!(region(&[2.0, -1.0]).deal(3), Err(RegionError::Weights { .. })));
    }
}
