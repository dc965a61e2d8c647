//! The study: causes over replications, and the visits that are told step by step.

use super::attribution::{Attribution, Ended, Keeping, Lengths, Told};
use super::ledger::Ledger;
use super::times::Times;
use crate::film::PatientId;
use crate::replicate::{Progress, ReplicateError, RunResults, RunSettings, Witness, replicate_watched};
use onetrip_models::system::System;
use onetrip_sim::engine::RunError;
use onetrip_sim::model::Exit;
use onetrip_sim::stream::RunKey;

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
    /// What decides, in microseconds.
    pub(super) fn value(self, visit: &Ended) -> u64 {
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
    /// Somebody whose visit is to be told as well, and when.
    pub patient: Option<(PatientId, Day)>,
}

/// A day (or run) of the study: of which replication, and which of it, both from 0.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Day {
    /// The replication.
    pub replication: u32,
    /// The day of it.
    pub day: u32,
}

/// Why a visit is told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Teller {
    /// Half of all completed visits took no longer.
    Median,
    /// No completed visit took longer.
    Worst,
    /// It was asked for.
    Asked,
}

/// A visit told step by step, and why it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ToldVisit {
    /// Why this one.
    pub teller: Teller,
    /// When it was.
    pub day: Day,
    /// The visit.
    pub told: Told,
}

/// What was found.
#[derive(Clone, Debug)]
pub struct Why {
    /// The runs.
    pub results: RunResults,
    /// Sums over all of them.
    pub ledger: Ledger,
    /// Mean times with their intervals.
    pub times: Times,
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
    /// The day of a told visit was given up.
    #[error("a day, watched again: {0}")]
    Run(#[from] RunError),
    /// Nobody of that name ended a visit on that day.
    #[error(
        "no visit of patient {}:{} ended on day {} of replication {}",
        patient.source, patient.number, day.day + 1, day.replication + 1
    )]
    UnknownPatient {
        /// Who was asked for.
        patient: PatientId,
        /// When.
        day: Day,
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

/// What the replications came to, one after the other.
struct Gathering {
    ledger: Ledger,
    times: Times,
    /// By replication, then by run.
    lengths: Vec<Vec<Lengths>>,
    unbalanced: Option<WhyError>,
}

impl Gathering {
    fn hear(&mut self, witness: Attribution) {
        let Attribution { ledger, lengths, unbalanced, .. } = witness;
        if let Some(found) = unbalanced {
            self.unbalanced.get_or_insert(WhyError::Unbalanced {
                patient: found.patient,
                explained: found.explained.as_micros(),
                spent: found.spent.as_micros(),
            });
        }
        assert!(ledger.is_balanced(), "sums by station and by class are of the same visits");
        self.times.add(&ledger);
        self.ledger.merge(&ledger);
        self.lengths.push(lengths);
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
    let asked = settings.patient.map(|(patient, day)| asked(system, settings, patient, day)).transpose()?;
    let ledger = Ledger::of(system);
    let mut gathering = Gathering {
        times: Times::new(settings.run.level, ledger.pause_kind_count()),
        ledger,
        lengths: Vec::new(),
        unbalanced: None,
    };
    let witness = |_| Attribution::new(system, Keeping::Lengths(settings.by));
    let results = replicate_watched(system, &settings.run, progress, &witness, &mut |witness| {
        gathering.hear(witness);
    })?;
    if let Some(unbalanced) = gathering.unbalanced {
        return Err(unbalanced);
    }
    let mut visits = Vec::new();
    for (teller, day, length) in chosen(&gathering.lengths) {
        visits.extend(tell(system, settings, teller, day, length)?);
    }
    visits.extend(asked);
    let Gathering { ledger, mut times, .. } = gathering;
    times.saw(&results.account.statistics.observed_time, ledger.run_count);
    Ok(Why { times, visits, ledger, results })
}

/// Watches a day again and keeps its visits: the same luck gives the same visits.
fn watch(system: &System, settings: &WhySettings, day: Day) -> Result<Vec<Told>, WhyError> {
    let mut witness = Attribution::new(system, Keeping::Whole);
    let mut account = system.account();
    let key = RunKey::new(settings.run.rng_seed, day.replication, day.day);
    witness.begin_run();
    let end = system.runner().run_watched(key, &mut account, &mut witness)?;
    witness.end_run(end, &account);
    Ok(witness.told)
}

/// How many are named to somebody who asks for a patient that there is none of.
const NEAR: usize = 4;

/// The visit that was asked for.
fn asked(
    system: &System,
    settings: &WhySettings,
    patient: PatientId,
    day: Day,
) -> Result<ToldVisit, WhyError> {
    let all = watch(system, settings, day)?;
    if let Some(told) = all.iter().find(|told| told.visit.patient == patient) {
        return Ok(ToldVisit { teller: Teller::Asked, day, told: told.clone() });
    }
    let patients = all.iter().map(|told| told.visit.patient);
    let mut near: Vec<PatientId> = patients.filter(|other| other.source == patient.source).collect();
    let count = near.len();
    near.sort_by_key(|other| (other.number.abs_diff(patient.number), other.number));
    near.truncate(NEAR);
    near.sort_unstable();
    Err(WhyError::UnknownPatient { patient, day, near, count })
}

/// The lengths of the median and of the worst of all completed visits, of all visits where none was completed, and the
/// first day with such a visit.
fn chosen(replications: &[Vec<Lengths>]) -> Vec<(Teller, Day, u64)> {
    let is_completed = replications.iter().flatten().any(|run| !run.completed.is_empty());
    let of_run = |run: &'_ Lengths| if is_completed { run.completed.clone() } else { run.others.clone() };
    let mut ranked: Vec<u64> = replications.iter().flatten().flat_map(of_run).collect();
    ranked.sort_unstable();
    let (Some(&worst), Some(&median)) = (ranked.last(), ranked.get(ranked.len().saturating_sub(1) / 2))
    else {
        return Vec::new();
    };
    let day_of = |length: u64| {
        let days = replications.iter().enumerate().flat_map(|(replication, runs)| {
            let day = move |(day, run)| (Day { replication: replication as u32, day: day as u32 }, run);
            runs.iter().enumerate().map(day)
        });
        days.into_iter().find(|(_, run)| of_run(run).contains(&length)).map(|(day, _)| day)
    };
    let tellers = [(Teller::Median, median), (Teller::Worst, worst)];
    tellers.into_iter().filter_map(|(teller, length)| Some((teller, day_of(length)?, length))).collect()
}

/// The visit of this length on a day; of several the first by source and number, of those completed where there are any.
fn tell(
    system: &System,
    settings: &WhySettings,
    teller: Teller,
    day: Day,
    length: u64,
) -> Result<Option<ToldVisit>, WhyError> {
    let all = watch(system, settings, day)?;
    let as_long = all.into_iter().filter(|told| settings.by.value(&told.visit) == length);
    let first = as_long.min_by_key(|told| (told.visit.exit != Exit::Completed, told.visit.patient));
    Ok(first.map(|told| ToldVisit { teller, day, told }))
}
