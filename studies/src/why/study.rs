//! The study: causes over replications, and the visits that are told step by step.

use super::attribution::{Attribution, Ended, Keeping, Told};
use super::cause::Cause;
use super::ledger::Ledger;
use crate::film::PatientId;
use crate::replicate::{Progress, ReplicateError, RunResults, RunSettings, Witness, replicate_watched};
use crate::statistics::interval::{self, Estimate};
use onetrip_models::system::System;
use onetrip_sim::engine::RunError;
use onetrip_sim::model::Exit;
use onetrip_sim::stream::RunKey;
use std::collections::BTreeSet;

/// By what the median and the worst visit are chosen.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum By {
    /// The time from arrival to departure.
    #[default]
    Sojourn,
    /// The time lost to the patient.
    Wait,
}

impl By {
    fn value(self, visit: &Ended) -> u64 {
        match self {
            By::Sojourn => visit.sojourn().as_micros(),
            By::Wait => visit.waited.as_micros(),
        }
    }
}

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub struct WhySettings {
    /// How the system is run.
    pub run: RunSettings,
    /// What decides who is the median and who the worst.
    pub by: By,
    /// Somebody of the first day whose visit is to be told as well.
    pub patient: Option<PatientId>,
}

/// Why a visit is told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Teller {
    /// Half of the completed visits of the day took no longer.
    Median,
    /// No completed visit of the day took longer.
    Worst,
    /// It was asked for.
    Asked,
}

/// A visit told step by step, and why it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ToldVisit {
    /// Why this one.
    pub teller: Teller,
    /// The visit.
    pub told: Told,
}

/// A mean time a visit with its interval over replications.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Share {
    /// The station (`None`: at none), where it is of one.
    pub station: Option<usize>,
    /// The cause.
    pub cause: Cause,
    /// Seconds a visit; `None` where no visit ended.
    pub estimate: Option<Estimate>,
}

/// What was found.
#[derive(Clone, Debug)]
pub struct Why {
    /// The runs.
    pub results: RunResults,
    /// Sums over all of them.
    pub ledger: Ledger,
    /// Mean time inside.
    pub sojourn: Option<Estimate>,
    /// Mean time lost.
    pub waited: Option<Estimate>,
    /// Mean time a visit by cause, in the order of the causes.
    pub by_cause: Vec<Share>,
    /// The same by station and cause, where any time was spent.
    pub by_station: Vec<Share>,
    /// Visits that ended on the first day of the first replication.
    pub first_day_count: usize,
    /// The median, the worst, and whoever was asked for; nobody where nobody came.
    pub visits: Vec<ToldVisit>,
}

/// Why nothing was found.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum WhyError {
    /// The runs failed.
    #[error("{0}")]
    Replicate(#[from] ReplicateError),
    /// The day of the told visits was given up.
    #[error("the first day, watched again: {0}")]
    Run(#[from] RunError),
    /// Nobody of that name ended a visit on the first day.
    #[error("no visit of patient {}:{} ended on the first day of the first replication", patient.source, patient.number)]
    UnknownPatient {
        /// Who was asked for.
        patient: PatientId,
        /// Who of the same source ended a visit: the numbers nearest to the one asked for, in rising order.
        near: Vec<PatientId>,
        /// How many did, of the same source.
        count: usize,
    },
    /// A defect of the program: causes do not add up to the time inside.
    #[error("causes of patient {}:{} add up to {explained} µs, not to the {spent} µs inside", patient.source, patient.number)]
    Unbalanced {
        /// Of whom.
        patient: PatientId,
        /// What the causes add up to.
        explained: u64,
        /// From arrival to departure.
        spent: u64,
    },
}

/// One replication in microseconds.
struct Sums {
    visit_count: u64,
    sojourn: u64,
    waited: u64,
    /// (place, cause)
    times: Vec<u64>,
}

/// What the replications came to, one after the other.
struct Gathering {
    ledger: Ledger,
    replications: Vec<Sums>,
    first_day: Vec<Ended>,
    unbalanced: Option<WhyError>,
}

impl Gathering {
    fn hear(&mut self, witness: Attribution) {
        let Attribution { ledger, first_run, unbalanced, .. } = witness;
        if let Some(found) = unbalanced {
            self.unbalanced.get_or_insert(WhyError::Unbalanced {
                patient: found.patient,
                explained: found.explained.as_micros(),
                spent: found.spent.as_micros(),
            });
        }
        assert!(ledger.is_balanced(), "sums by station and by class are of the same visits");
        let times = ledger.places().flat_map(|place| {
            let ledger = &ledger;
            ledger.causes().map(move |cause| ledger.of_station(place, cause))
        });
        self.replications.push(Sums {
            visit_count: ledger.visit_count,
            sojourn: ledger.sojourn_micros,
            waited: ledger.waited_micros,
            times: times.collect(),
        });
        self.ledger.merge(&ledger);
        if !first_run.is_empty() {
            self.first_day = first_run;
        }
    }
}

/// Runs a system, puts every instant of every visit down to a cause, and tells the visits asked for.
///
/// # Errors
/// When the runs fail, or nobody ended a visit under the number asked for.
pub fn find_causes(
    system: &System,
    settings: &WhySettings,
    progress: &dyn Progress,
) -> Result<Why, WhyError> {
    if let Some(patient) = settings.patient {
        find(patient, &first_day(system, settings)?)?;
    }
    let mut gathering = Gathering {
        ledger: Ledger::of(system),
        replications: Vec::new(),
        first_day: Vec::new(),
        unbalanced: None,
    };
    let witness = |replication| {
        let keeping = Keeping { first_run: replication == 0, ..Keeping::default() };
        Attribution::new(system, keeping)
    };
    let results = replicate_watched(system, &settings.run, progress, &witness, &mut |witness| {
        gathering.hear(witness);
    })?;
    if let Some(unbalanced) = gathering.unbalanced {
        return Err(unbalanced);
    }
    let visits = tell(system, settings, &gathering.first_day)?;
    let level = settings.run.level;
    let per_visit = |micros: &dyn Fn(&Sums) -> u64| {
        let sums = gathering.replications.iter().filter(|sums| sums.visit_count > 0);
        let seconds = sums.map(|sums| micros(sums) as f64 / sums.visit_count as f64 / 1e6);
        interval::mean(&seconds.collect::<Vec<f64>>(), level).ok()
    };
    let ledger = &gathering.ledger;
    let cause_count = Cause::count(ledger.pause_kind_count());
    let of_cause = |cause: Cause| {
        let micros = move |sums: &Sums| sums.times.iter().skip(cause.index()).step_by(cause_count).sum();
        Share { station: None, cause, estimate: per_visit(&micros) }
    };
    let of_place = |(index, place): (usize, Option<usize>)| {
        let spent = ledger.causes().filter(move |&cause| ledger.of_station(place, cause) > 0);
        spent.map(move |cause| (index * cause_count + cause.index(), place, cause))
    };
    let by_station = ledger.places().enumerate().flat_map(of_place).map(|(cell, station, cause)| Share {
        station,
        cause,
        estimate: per_visit(&move |sums| sums.times[cell]),
    });
    Ok(Why {
        sojourn: per_visit(&|sums| sums.sojourn),
        waited: per_visit(&|sums| sums.waited),
        by_cause: ledger.causes().map(of_cause).collect(),
        by_station: by_station.collect(),
        first_day_count: gathering.first_day.len(),
        visits,
        ledger: gathering.ledger,
        results,
    })
}

/// Watches the first day of the first replication.
fn watch_first_day(
    system: &System,
    settings: &WhySettings,
    keeping: Keeping,
) -> Result<Attribution, WhyError> {
    let mut witness = Attribution::new(system, keeping);
    let mut account = system.account();
    witness.begin_run();
    let key = RunKey::new(settings.run.rng_seed, 0, 0);
    let end = system.runner().run_watched(key, &mut account, &mut witness)?;
    witness.end_run(end);
    Ok(witness)
}

fn first_day(system: &System, settings: &WhySettings) -> Result<Vec<Ended>, WhyError> {
    let keeping = Keeping { first_run: true, ..Keeping::default() };
    Ok(watch_first_day(system, settings, keeping)?.first_run)
}

/// How many are named to somebody who asks for a patient that there is none of.
const NEAR: usize = 4;

fn find(patient: PatientId, day: &[Ended]) -> Result<(), WhyError> {
    if day.iter().any(|visit| visit.patient == patient) {
        return Ok(());
    }
    let mut near: Vec<PatientId> =
        day.iter().map(|visit| visit.patient).filter(|other| other.source == patient.source).collect();
    let count = near.len();
    near.sort_by_key(|other| (other.number.abs_diff(patient.number), other.number));
    near.truncate(NEAR);
    near.sort_unstable();
    Err(WhyError::UnknownPatient { patient, near, count })
}

/// The median and the worst of the completed visits, of all where none was completed.
fn chosen(day: &[Ended], by: By) -> Vec<(Teller, PatientId)> {
    let mut ranked: Vec<(u64, PatientId)> = day
        .iter()
        .filter(|visit| visit.exit == Exit::Completed)
        .map(|visit| (by.value(visit), visit.patient))
        .collect();
    if ranked.is_empty() {
        ranked = day.iter().map(|visit| (by.value(visit), visit.patient)).collect();
    }
    ranked.sort_unstable();
    let (Some(worst), Some(median)) = (ranked.last(), ranked.get(ranked.len().saturating_sub(1) / 2)) else {
        return Vec::new();
    };
    vec![(Teller::Median, median.1), (Teller::Worst, worst.1)]
}

/// Watches the first day once more, for those who are told.
fn tell(system: &System, settings: &WhySettings, day: &[Ended]) -> Result<Vec<ToldVisit>, WhyError> {
    let mut tellers = chosen(day, settings.by);
    tellers.extend(settings.patient.map(|patient| (Teller::Asked, patient)));
    let told: BTreeSet<PatientId> = tellers.iter().map(|(_, patient)| *patient).collect();
    let witness = watch_first_day(system, settings, Keeping { told, ..Keeping::default() })?;
    let of = |(teller, patient): (Teller, PatientId)| {
        let told = witness.told.iter().find(|told| told.visit.patient == patient)?;
        Some(ToldVisit { teller, told: told.clone() })
    };
    Ok(tellers.into_iter().filter_map(of).collect())
}
