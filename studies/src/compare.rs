//! What-if: systems compared replication by replication under common random numbers.
//!
//! Replication r of the base and replication r of an alternative share the luck of every patient, so their difference is
//! the effect of the change and little else. Differences of all measures are one family of statements: their intervals
//! hold together (Bonferroni), and whether a measure differs is decided by Holm's procedure at the same level.

pub mod mechanism;

use crate::replicate::RunResults;
use crate::statistics::StatisticsError;
use crate::statistics::interval::{self, Estimate, Level};
use crate::statistics::multiple::compare_family;
use crate::statistics::variance_reduction::{VarianceReduction, variance_reduction};
use mechanism::Mechanism;
use onetrip_models::account::Account;
use onetrip_models::measure::Measure;
use onetrip_models::system::System;
use onetrip_models::watch::{Record, Watcher};
use onetrip_sim::engine::RunError;
use onetrip_sim::observer::Happening;
use onetrip_sim::stream::RunKey;
use onetrip_sim::time::SimTime;
use std::collections::BTreeMap;

/// One measure of an alternative beside the base.
#[derive(Clone, Debug)]
pub struct MeasureComparison {
    /// The measure, as the base defines it.
    pub measure: Measure,
    /// Its value in the base.
    pub base: Estimate,
    /// Its value in the alternative.
    pub alternative: Estimate,
    /// Alternative − base; the interval holds together with those of all other measures.
    pub difference: Estimate,
    /// p-value adjusted for the family (Holm).
    pub family_p_value: f64,
    /// Whether it differs, at the level of the family.
    pub is_different: bool,
    /// What common random numbers saved.
    pub variance_reduction: VarianceReduction,
}

/// How the patients of the first day fared, one by one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PatientPairs {
    /// Patients who come in both and complete their visit in both.
    pub paired: u64,
    /// Who complete it only in the base.
    pub only_in_base: u64,
    /// Who complete it only in the alternative.
    pub only_in_alternative: u64,
    /// Of the paired: shorter stay in the alternative.
    pub shorter: u64,
    /// Of the paired: exactly as long.
    pub equal: u64,
    /// Of the paired: longer stay.
    pub longer: u64,
    /// Median over the paired of alternative − base, in seconds.
    pub median_difference_s: f64,
}

/// An alternative beside the base.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// The measures that both have and both could evaluate in every replication.
    pub measures: Vec<MeasureComparison>,
    /// By what the mean waits that surely differ became longer or shorter.
    pub mechanisms: Vec<Mechanism>,
    /// Ids that only one of the two has, or that had nobody to count in some replication.
    pub left_out: Vec<String>,
    /// How single patients fared on the first day of the first replication.
    pub patients: PatientPairs,
}

/// Why a comparison was refused.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CompareError {
    /// The two were not run alike, so their replications are no pairs.
    #[error("the pairing is broken: {what} is {base} in the base and {alternative} in the alternative")]
    Unpaired {
        /// What differs.
        what: &'static str,
        /// In the base.
        base: String,
        /// In the alternative.
        alternative: String,
    },
    /// No patient of the one comes in the other: their arrivals are drawn under other names.
    #[error(
        "the pairing is broken: none of the {base} patients of the base's first day comes in the alternative \
         ({alternative} patients); arrival sources that are compared must have the same names"
    )]
    NoCommonPatients {
        /// Patients of the base's first day.
        base: u64,
        /// Patients of the alternative's.
        alternative: u64,
    },
    /// Nothing to compare.
    #[error("the two have no measure in common")]
    NothingInCommon,
    /// Fewer than two replications.
    #[error("{0}")]
    Statistics(#[from] StatisticsError),
    /// The first day could not be run again to be watched.
    #[error("{0}")]
    Run(#[from] RunError),
}

/// Compares the results of an alternative with those of the base.
///
/// # Errors
/// When the pairing is broken, nothing is in common, or there are fewer than two replications.
pub fn compare(
    base: (&System, &RunResults),
    alternative: (&System, &RunResults),
    level: Level,
) -> Result<Comparison, CompareError> {
    let patients = pair_patients(base, alternative)?;
    let mut left_out = Vec::new();
    let mut found: Vec<(&Measure, Vec<f64>, Vec<f64>)> = Vec::new();
    for (index, measure) in base.0.measures().iter().enumerate() {
        let other = alternative.0.measures().iter().position(|other| other.id == measure.id);
        let values = |results: &RunResults, index: usize| -> Option<Vec<f64>> {
            results.measures[index].values.iter().copied().collect()
        };
        let pair = other.and_then(|other| Some((values(base.1, index)?, values(alternative.1, other)?)));
        match pair {
            Some((mine, theirs)) => found.push((measure, mine, theirs)),
            None => left_out.push(measure.id.clone()),
        }
    }
    for measure in alternative.0.measures() {
        if !base.0.measures().iter().any(|other| other.id == measure.id) {
            left_out.push(measure.id.clone());
        }
    }
    if found.is_empty() {
        return Err(CompareError::NothingInCommon);
    }
    let pairs: Vec<(&[f64], &[f64])> = found.iter().map(|(_, a, b)| (&a[..], &b[..])).collect();
    let family = compare_family(&pairs, level)?;
    let measures = found
        .iter()
        .zip(family)
        .map(|((measure, mine, theirs), statement)| {
            Ok(MeasureComparison {
                measure: (*measure).clone(),
                base: interval::mean(mine, level)?.within(&measure.unit.range()),
                alternative: interval::mean(theirs, level)?.within(&measure.unit.range()),
                difference: statement.difference,
                family_p_value: statement.family_p_value,
                is_different: statement.is_different,
                variance_reduction: variance_reduction(mine, theirs)?,
            })
        })
        .collect::<Result<Vec<_>, StatisticsError>>()?;
    let mechanisms = mechanism::find(base, alternative, &measures, level)?;
    Ok(Comparison { measures, mechanisms, left_out, patients })
}

/// Checks that the two were run alike and pairs the patients of the first day.
fn pair_patients(
    base: (&System, &RunResults),
    alternative: (&System, &RunResults),
) -> Result<PatientPairs, CompareError> {
    let unpaired = |what, base: u64, alternative: u64| {
        let (base, alternative) = (base.to_string(), alternative.to_string());
        Err(CompareError::Unpaired { what, base, alternative })
    };
    let (mine, theirs) = (&base.1.settings, &alternative.1.settings);
    if mine.rng_seed != theirs.rng_seed {
        return unpaired("the rng seed", mine.rng_seed, theirs.rng_seed);
    }
    if mine.days != theirs.days {
        return unpaired("the number of days", mine.days.into(), theirs.days.into());
    }
    let (mine, theirs) = (base.1.replication_count, alternative.1.replication_count);
    if mine != theirs {
        return unpaired("the number of replications", mine.into(), theirs.into());
    }
    pair_first_day(base.0, alternative.0, base.1.settings.rng_seed)
}

/// Refuses two systems in whose first day nobody of the one comes in the other: known before anything else is run.
///
/// # Errors
/// When the pairing is broken, or the first day was given up.
pub fn check_pairing(base: &System, alternative: &System, rng_seed: u64) -> Result<(), CompareError> {
    pair_first_day(base, alternative, rng_seed).map(|_| ())
}

fn pair_first_day(base: &System, alternative: &System, rng_seed: u64) -> Result<PatientPairs, CompareError> {
    let key = RunKey::new(rng_seed, 0, 0);
    let (stays, others) = (watch_stays(base, key)?, watch_stays(alternative, key)?);
    let common = stays.keys().filter(|patient| others.contains_key(patient)).count();
    if common == 0 && !stays.is_empty() && !others.is_empty() {
        return Err(CompareError::NoCommonPatients {
            base: stays.len() as u64,
            alternative: others.len() as u64,
        });
    }
    Ok(count_pairs(&stays, &others))
}

/// A patient: the name of the source, and the number in it.
type Patient = (String, u32);

/// A patient's stay in microseconds, when completed.
type Stays = BTreeMap<Patient, Option<u64>>;

fn count_pairs(stays: &Stays, others: &Stays) -> PatientPairs {
    let completed = |stays: &Stays, patient: &Patient| stays.get(patient).copied().flatten();
    let mut differences: Vec<i64> = Vec::new();
    let (mut only_in_base, mut only_in_alternative) = (0, 0);
    for (patient, stay) in stays {
        match (stay, completed(others, patient)) {
            (Some(mine), Some(theirs)) => differences.push(theirs as i64 - *mine as i64),
            (Some(_), None) => only_in_base += 1,
            (None, Some(_)) => only_in_alternative += 1,
            (None, None) => {}
        }
    }
    only_in_alternative +=
        others.iter().filter(|(patient, stay)| stay.is_some() && !stays.contains_key(patient)).count() as u64;
    differences.sort_unstable();
    let median = match differences.len() {
        0 => 0.0,
        count => (differences[(count - 1) / 2] as f64 + differences[count / 2] as f64) / 2.0,
    };
    PatientPairs {
        paired: differences.len() as u64,
        only_in_base,
        only_in_alternative,
        shorter: differences.iter().filter(|&&difference| difference < 0).count() as u64,
        equal: differences.iter().filter(|&&difference| difference == 0).count() as u64,
        longer: differences.iter().filter(|&&difference| difference > 0).count() as u64,
        median_difference_s: median / 1e6,
    }
}

/// Who came on one day, and how long each stayed.
fn watch_stays(system: &System, key: RunKey) -> Result<Stays, RunError> {
    struct Stay<'a> {
        sources: Vec<&'a str>,
        arrived: BTreeMap<Patient, SimTime>,
        stays: Stays,
    }
    impl Watcher for Stay<'_> {
        fn watch(&mut self, record: Record) {
            let source = self.sources.get(usize::from(record.source)).copied().unwrap_or_default();
            let patient = (source.to_owned(), record.customer);
            match record.happening {
                Happening::Arrived => {
                    self.arrived.insert(patient.clone(), record.at);
                    self.stays.insert(patient, None);
                }
                Happening::Left(onetrip_sim::model::Exit::Completed) => {
                    if let Some(arrived_at) = self.arrived.remove(&patient) {
                        self.stays.insert(patient, Some((record.at - arrived_at).as_micros()));
                    }
                }
                _ => {}
            }
        }
    }
    let mut watcher = Stay { sources: system.sources(), arrived: BTreeMap::new(), stays: Stays::new() };
    let mut account: Account = system.account();
    system.runner().run_watched(key, &mut account, &mut watcher)?;
    Ok(watcher.stays)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patients_are_paired_one_by_one() {
        let stays = |list: &[(u32, Option<u64>)]| {
            list.iter().map(|&(n, stay)| (("patients".to_owned(), n), stay)).collect::<Stays>()
        };
        let base = stays(&[(0, Some(100)), (1, Some(200)), (2, None), (3, Some(50)), (4, Some(10))]);
        let alternative =
            stays(&[(0, Some(80)), (1, Some(200)), (2, Some(5)), (3, None), (4, Some(40)), (9, Some(1))]);
        let pairs = count_pairs(&base, &alternative);
        assert_eq!((pairs.paired, pairs.shorter, pairs.equal, pairs.longer), (3, 1, 1, 1));
        assert_eq!((pairs.only_in_base, pairs.only_in_alternative), (1, 2));
        assert_eq!(pairs.median_difference_s, 0.0);
    }
}
