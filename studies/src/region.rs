//! A day of many facilities: a city, a province, a country.
//!
//! Within a day facilities are independent, so each is run by itself, patient by patient, under a key of its own
//! (class of facility, number), and what it counts is added to its class and its shard. Accounts are whole numbers:
//! the result has the same bits whatever the number of threads and whoever ran which facility. Memory holds an account a
//! class for the region and for each thread, however many facilities there are.

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
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

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

/// A machine for one class, with what it counted of the present shard.
struct Machine {
    runner: Runner,
    account: Account,
}

impl Machine {
    fn new(class: &FacilityClass) -> Self {
        Machine { runner: class.system.runner(), account: class.system.account() }
    }
}

/// A thread's machines, one a class that it has met.
type Worker = Vec<Option<Machine>>;

/// Most facilities that a worker takes at a time.
const MOST_TAKEN: u64 = 64;

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
    let worker = |_| region.classes.iter().map(|_| None).collect();
    let mut workers: Vec<Worker> = (0..rayon::current_num_threads()).map(worker).collect();
    let tally = Tally::default();
    let mut is_cut_short = false;
    for shard in 0..region.shards.len() {
        if progress.is_stopped() {
            is_cut_short = true;
            break;
        }
        let ranges: Vec<Range<u64>> = dealt.iter().map(|shards| shards[shard].clone()).collect();
        run_shard(region, run, &ranges, &mut workers, &|came, facilities| {
            tally.add(came, facilities);
            progress
                .advance(tally.patients.load(Ordering::Relaxed), tally.facilities.load(Ordering::Relaxed));
        })?;
        for (index, class) in region.classes.iter().enumerate() {
            let mut account = class.system.account();
            for machine in workers.iter_mut().filter_map(|worker| worker[index].as_mut()) {
                account.merge(&machine.account);
                machine.account.clear();
            }
            classes[index].shards.push(ShardClass {
                facility_count: ranges[index].end - ranges[index].start,
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

/// How far the work has come.
#[derive(Default)]
struct Tally {
    patients: AtomicU64,
    facilities: AtomicU64,
}

impl Tally {
    fn add(&self, patients: u64, facilities: u64) {
        self.patients.fetch_add(patients, Ordering::Relaxed);
        self.facilities.fetch_add(facilities, Ordering::Relaxed);
    }
}

/// The facilities of one class in a shard that nobody has taken yet.
struct Untaken {
    next: AtomicU64,
    end: u64,
}

impl Untaken {
    /// The next few, fewer towards the end, so that all workers finish together.
    fn take(&self, worker_count: u64) -> Option<Range<u64>> {
        let mut from = self.next.load(Ordering::Relaxed);
        loop {
            let left = self.end.saturating_sub(from);
            if left == 0 {
                return None;
            }
            let until = from + (left / (2 * worker_count)).clamp(1, MOST_TAKEN);
            match self.next.compare_exchange_weak(from, until, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return Some(from..until),
                Err(moved) => from = moved,
            }
        }
    }
}

/// Runs the facilities of a shard, class by class; whoever is free takes the next few.
fn run_shard(
    region: &Region,
    run: RunKey,
    ranges: &[Range<u64>],
    workers: &mut [Worker],
    took: &(dyn Fn(u64, u64) + Sync),
) -> Result<(), RegionError> {
    let untaken: Vec<Untaken> =
        ranges.iter().map(|range| Untaken { next: AtomicU64::new(range.start), end: range.end }).collect();
    let worker_count = workers.len() as u64;
    let is_failed = AtomicBool::new(false);
    let first_failure: Mutex<Option<(usize, u64, RunError)>> = Mutex::new(None);
    workers.par_iter_mut().with_max_len(1).for_each(|worker| {
        for (place, (machine, class)) in worker.iter_mut().zip(&region.classes).enumerate() {
            let kind = Purpose::named(&class.id);
            while !is_failed.load(Ordering::Relaxed)
                && let Some(taken) = untaken[place].take(worker_count)
            {
                let count = taken.end - taken.start;
                let machine = machine.get_or_insert_with(|| Machine::new(class));
                let before = machine.account.statistics.accounting_total().arrived;
                for index in taken {
                    if let Err(error) = machine.runner.run(run.place(kind, index), &mut machine.account) {
                        is_failed.store(true, Ordering::Relaxed);
                        let mut first = first_failure.lock().unwrap_or_else(PoisonError::into_inner);
                        if first.as_ref().is_none_or(|earlier| (place, index) < (earlier.0, earlier.1)) {
                            *first = Some((place, index, error));
                        }
                        return;
                    }
                }
                took(machine.account.statistics.accounting_total().arrived - before, count);
            }
        }
    });
    match first_failure.into_inner().unwrap_or_else(PoisonError::into_inner) {
        Some((place, index, source)) => {
            Err(RegionError::Run { class: region.classes[place].id.clone(), index, source })
        }
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
            let estimate = Estimate { value, interval: half.map(around), observation_count: by_shard.len() };
            Some(estimate.within(&class.system.measures()[index].unit.range()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use onetrip_scenarios::hospital::read_hospital;
    use onetrip_scenarios::reader::EvidenceRule;

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

    /// Village clinics in three shards, and a stop before the last one.
    struct TwoShards(AtomicU64);

    impl RegionProgress for TwoShards {
        fn advance(&self, _: u64, facilities: u64) {
            self.0.fetch_max(facilities, Ordering::Relaxed);
        }

        fn is_stopped(&self) -> bool {
            self.0.load(Ordering::Relaxed) >= 40
        }
    }

    #[test]
    fn any_number_of_threads_gives_the_same_bits_and_shards_are_whole() {
        let document = onetrip_scenarios::library::find("village-clinic").expect("shipped").document();
        let reading = read_hospital(document, EvidenceRule::Optional).expect("it reads");
        let hospital = Hospital::new(reading.value.hospital).expect("it is sound");
        let class = |id: &str, count| FacilityClass {
            id: id.to_owned(),
            title: Text::same(id),
            system: System::Hospital(hospital.clone()),
            count,
        };
        let region = Region { classes: vec![class("here", 50), class("there", 10)], ..region(&[1.0; 3]) };
        let run = |threads: usize, progress: &TwoShards| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
            pool.install(|| run_region(&region, 3, 0, Level::P95, progress)).expect("the books balance")
        };
        let alone = run(1, &TwoShards(AtomicU64::new(0)));
        let many = run(4, &TwoShards(AtomicU64::new(0)));
        assert_eq!((alone.facility_count, many.facility_count), (41, 41), "two of three shards are run");
        assert!(alone.is_cut_short && many.is_cut_short);
        for (one, other) in alone.classes.iter().zip(&many.classes) {
            assert!(one.account == other.account);
            assert_eq!(one.measures, other.measures);
            assert_eq!(one.shards.len(), 2);
        }
    }

    #[test]
    fn weights_must_make_sense() {
        assert!(matches!(region(&[0.0]).deal(3), Err(RegionError::Weights { .. })));
        assert!(matches!(region(&[2.0, -1.0]).deal(3), Err(RegionError::Weights { .. })));
    }
}
