//! The inspection of several hospitals over some weeks.

use super::chance::{Chances, Population, chances};
use super::form::{VisitForm, fill_in};
use super::plan::{Plan, PlannedVisit, patient_stream, plan};
use super::question::{Evidence, Question, questions};
use super::rules::{RuleKind, Standing, is_off_hours, is_visited_off_hours};
use super::sight::Eyes;
use super::story::{StoryStep, story};
use crate::film::{PatientId, Visits};
use crate::replicate::{Progress, ReplicateError, ReplicationCount, RunResults, RunSettings, replicate};
use crate::scorecard::{Scorecard, of_run};
use crate::statistics::StatisticsError;
use crate::statistics::interval::Level;
use crate::statistics::passing::together::Visit;
use onetrip_models::hospital::Hospital;
use onetrip_models::hospital::spec::PatientGroup;
use onetrip_models::system::System;
use onetrip_models::text::Text;
use onetrip_models::watch::Record;
use onetrip_scenarios::targets::{Answers, Date, TargetDocument};
use onetrip_sim::engine::RunError;
use onetrip_sim::observer::Happening;
use onetrip_sim::stream::RunKey;
use rayon::prelude::*;

/// A hospital that is inspected.
#[derive(Clone, Copy)]
pub struct Inspected<'a> {
    /// Its name in tables.
    pub name: &'a str,
    /// The hospital, ready to run.
    pub system: &'a System,
    /// What people answered about it.
    pub answers: &'a Answers,
}

/// How hospitals are inspected.
#[derive(Clone, Copy, Debug)]
pub struct InspectSettings {
    /// The one number from which all randomness follows.
    pub rng_seed: u64,
    /// Simulated days; the clusters of every interval.
    pub replications: u32,
    /// Weeks of the period.
    pub weeks: u32,
    /// Visits to each hospital over the period.
    pub visits: u32,
    /// Judged on this day; without one all stages are past.
    pub on: Option<Date>,
    /// Confidence level.
    pub level: Level,
}

/// A visit that took place.
#[derive(Clone, Debug)]
pub struct LiveVisit {
    /// What was planned.
    pub planned: PlannedVisit,
    /// The patient whom the inspector was.
    pub patient: PatientId,
    /// Class of patient, by its place in the description.
    pub class: usize,
    /// The very patient who was asked for, when the same inspector came before.
    pub is_same_patient: bool,
    /// Came at off hours.
    pub came_off_hours: bool,
    /// What happened.
    pub story: Vec<StoryStep>,
    /// What the visit showed, by question.
    pub figures: Vec<Option<f64>>,
    /// The form.
    pub form: VisitForm,
}

/// All that the inspection of one hospital came to.
#[derive(Clone, Debug)]
pub struct HospitalInspection {
    /// The document held against the whole run.
    pub card: Scorecard,
    /// The measured checks.
    pub questions: Vec<Question>,
    /// The visits, in order.
    pub visits: Vec<LiveVisit>,
    /// Whom the inspectors might have been.
    pub population: Population,
    /// The population comes at off hours only.
    pub is_off_hours: bool,
    /// The chances to pass.
    pub chances: Chances,
    /// The run.
    pub results: RunResults,
}

/// Why an inspection failed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum InspectError {
    /// Plain networks have no targets.
    #[error("`{name}` is a plain network; inspectors visit hospitals")]
    NoHospital {
        /// Its name.
        name: String,
    },
    /// Nothing to do.
    #[error("`{what}` is 0; at least 1 is needed")]
    Nothing {
        /// Which setting.
        what: &'static str,
    },
    /// Nobody came on a day that was to be visited.
    #[error("`{name}`: no patient joined a queue on day {replication}, so no inspector can be one")]
    NobodyCame {
        /// The hospital.
        name: String,
        /// The replication.
        replication: u32,
    },
    /// Stopped by the person.
    #[error("stopped before the inspection was finished")]
    Stopped,
    /// The run behind it failed.
    #[error("{0}")]
    Replicate(#[from] ReplicateError),
    /// A watched day was given up.
    #[error("replication {replication}: {source}")]
    Run {
        /// Which replication.
        replication: u32,
        /// Why.
        source: RunError,
    },
    /// The figures do not allow the statistics.
    #[error("{0}")]
    Statistics(#[from] StatisticsError),
}

/// Inspects hospitals by a document: the plan, and what it came to at each.
///
/// # Errors
/// When a system is no hospital, a setting is 0, the work was stopped, or a run failed.
pub fn inspect(
    hospitals: &[Inspected<'_>],
    document: &TargetDocument,
    settings: &InspectSettings,
    progress: &dyn Progress,
) -> Result<(Plan, Vec<HospitalInspection>), InspectError> {
    let counts = [
        ("hospitals", hospitals.len() as u32),
        ("replications", settings.replications),
        ("weeks", settings.weeks),
        ("visits", settings.visits),
    ];
    if let Some((what, _)) = counts.into_iter().find(|(_, count)| *count == 0) {
        return Err(InspectError::Nothing { what });
    }
    let ranks = hospitals
        .iter()
        .map(|one| Ok(hospital_of(one)?.spec().rank))
        .collect::<Result<Vec<_>, InspectError>>()?;
    let InspectSettings { weeks, visits, replications, rng_seed, .. } = *settings;
    let mut plan = plan(&ranks, weeks, visits, document.groups.len(), replications, rng_seed);
    let mut all = Vec::with_capacity(hospitals.len());
    for (index, one) in hospitals.iter().enumerate() {
        let planned: Vec<PlannedVisit> = plan.of_hospital(index).cloned().collect();
        let inspection = inspect_one(one, document, settings, &planned, &[], progress)?;
        if is_visited_off_hours(ranks[index]) && inspection.visits.iter().any(|visit| !visit.came_off_hours) {
            let remark = Text::new(
                format!("nobody could come to `{}` at off hours, so other hours were taken", one.name),
                format!("“{}”非工作时间无人可就诊，改用其他时间", one.name),
            );
            plan.restate(RuleKind::OffHours, Standing::NotKept, Some(remark));
        }
        all.push(inspection);
    }
    Ok((plan, all))
}

pub(super) fn hospital_of<'a>(inspected: &Inspected<'a>) -> Result<&'a Hospital, InspectError> {
    match inspected.system {
        System::Hospital(hospital) => Ok(hospital),
        System::Network(_) => Err(InspectError::NoHospital { name: inspected.name.to_owned() }),
    }
}

/// Inspects one hospital; `wanted` are the patients whom the inspectors were before, by visit.
pub(super) fn inspect_one(
    inspected: &Inspected<'_>,
    document: &TargetDocument,
    settings: &InspectSettings,
    planned: &[PlannedVisit],
    wanted: &[PatientId],
    progress: &dyn Progress,
) -> Result<HospitalInspection, InspectError> {
    let hospital = hospital_of(inspected)?;
    let run_settings = RunSettings {
        rng_seed: settings.rng_seed,
        replications: ReplicationCount::Fixed(settings.replications),
        days: 1,
        level: settings.level,
    };
    let results = replicate(inspected.system, &run_settings, progress)?;
    if results.is_cut_short {
        return Err(InspectError::Stopped);
    }
    let spec = hospital.spec();
    let card = of_run(document, spec, hospital.measures(), &results, inspected.answers, settings.on);
    let questions = questions(&card, hospital.measures());
    let (population, is_off_hours) = survey(hospital, &questions, settings, progress)?;
    let scene = Scene { inspected, hospital, questions: &questions, card: &card, settings, is_off_hours };
    let visits = planned
        .par_iter()
        .enumerate()
        .map(|(index, planned)| scene.live(planned, wanted.get(index).copied()))
        .collect::<Result<Vec<_>, InspectError>>()?;
    let chances =
        chances(&card, &questions, &population, settings.visits, settings.rng_seed, settings.level)?;
    Ok(HospitalInspection { card, questions, visits, population, is_off_hours, chances, results })
}

/// A day watched, with whom an inspector might be.
struct Day {
    visits: Visits,
    /// The day's own figure of each question that is read off the records.
    records: Vec<Option<f64>>,
    run: RunKey,
}

fn watch(
    hospital: &Hospital,
    questions: &[Question],
    rng_seed: u64,
    replication: u32,
) -> Result<Day, InspectError> {
    let run = RunKey::new(rng_seed, replication, 0);
    let (visits, account) =
        Visits::of_day(hospital, run).map_err(|source| InspectError::Run { replication, source })?;
    let needs_records = questions.iter().any(|question| question.evidence == Evidence::Records);
    let values = if needs_records { hospital.evaluate(&account) } else { Vec::new() };
    let of_day = |question: &Question| {
        let index = hospital.measures().iter().position(|measure| measure.id == question.measure)?;
        values.get(index).copied().flatten()
    };
    Ok(Day { visits, records: questions.iter().map(of_day).collect(), run })
}

/// Inspectors are ordinary patients, where the hospital knows such, whom the hospital takes in: who finds everything
/// closed has seen nothing.
fn may_be_inspector(hospital: &Hospital, visit: &[Record]) -> bool {
    let classes = &hospital.spec().demand.classes;
    let is_ordinary = |class: usize| {
        classes.get(class).is_some_and(|class| class.group == PatientGroup::Ordinary)
            || !classes.iter().any(|class| class.group == PatientGroup::Ordinary)
    };
    let joined = |record: &Record| matches!(record.happening, Happening::Joined(_));
    visit.first().is_some_and(|first| is_ordinary(usize::from(first.class))) && visit.iter().any(joined)
}

fn came_off_hours(visit: &[Record]) -> bool {
    visit.first().is_some_and(|first| is_off_hours(first.at))
}

fn figures_of(eyes: &Eyes, questions: &[Question], day: &Day, visit: &[Record]) -> Visit {
    let figure = |(question, of_day): (&Question, &Option<f64>)| match question.evidence {
        Evidence::Seen(sight) => eyes.look(sight, day.run, visit),
        Evidence::Records => *of_day,
    };
    questions.iter().zip(&day.records).map(figure).collect()
}

/// Everybody whom an inspector might be, on every day; at off hours where the rules ask for it and anybody comes then.
/// The flag tells whether it is so.
///
/// # Errors
/// When a day was given up, or the work was stopped.
pub fn survey(
    hospital: &Hospital,
    questions: &[Question],
    settings: &InspectSettings,
    progress: &dyn Progress,
) -> Result<(Population, bool), InspectError> {
    let eyes = Eyes::new(hospital);
    let days = (0..settings.replications)
        .into_par_iter()
        .map(|replication| {
            if progress.is_stopped() {
                return Err(InspectError::Stopped);
            }
            let day = watch(hospital, questions, settings.rng_seed, replication)?;
            let visits = day.visits.iter().filter(|(_, visit)| may_be_inspector(hospital, visit));
            let row = |(_, visit): (PatientId, &[Record])| {
                (came_off_hours(visit), figures_of(&eyes, questions, &day, visit))
            };
            Ok(visits.map(row).collect::<Vec<(bool, Visit)>>())
        })
        .collect::<Result<Vec<_>, InspectError>>()?;
    let anybody_off_hours = days.iter().flatten().any(|(is_off, _)| *is_off);
    let off_hours_only = is_visited_off_hours(hospital.spec().rank) && anybody_off_hours;
    let keep = |day: Vec<(bool, Visit)>| {
        // On a day without anybody at off hours inspectors come at other hours, as [`Scene::choose`] has it.
        let off_hours_only = off_hours_only && day.iter().any(|(is_off, _)| *is_off);
        day.into_iter().filter(|(is_off, _)| *is_off || !off_hours_only).map(|(_, figures)| figures).collect()
    };
    Ok((Population { replications: days.into_iter().map(keep).collect() }, off_hours_only))
}

/// What the visits to one hospital have in common.
struct Scene<'a> {
    inspected: &'a Inspected<'a>,
    hospital: &'a Hospital,
    questions: &'a [Question],
    card: &'a Scorecard,
    settings: &'a InspectSettings,
    is_off_hours: bool,
}

impl Scene<'_> {
    /// Sends an inspector, as one of the day's patients.
    fn live(&self, planned: &PlannedVisit, wanted: Option<PatientId>) -> Result<LiveVisit, InspectError> {
        let day = watch(self.hospital, self.questions, self.settings.rng_seed, planned.replication)?;
        let patient = self.choose(&day, planned, wanted)?;
        let visit = day.visits.of(patient).unwrap_or_default();
        let figures = figures_of(&Eyes::new(self.hospital), self.questions, &day, visit);
        Ok(LiveVisit {
            planned: planned.clone(),
            patient,
            class: visit.first().map_or(0, |first| usize::from(first.class)),
            is_same_patient: wanted.is_none_or(|wanted| wanted == patient),
            came_off_hours: came_off_hours(visit),
            story: story(visit),
            form: fill_in(self.card, self.questions, &figures),
            figures,
        })
    }

    fn choose(
        &self,
        day: &Day,
        planned: &PlannedVisit,
        wanted: Option<PatientId>,
    ) -> Result<PatientId, InspectError> {
        let everybody: Vec<(PatientId, bool)> = day
            .visits
            .iter()
            .filter(|(_, visit)| may_be_inspector(self.hospital, visit))
            .map(|(patient, visit)| (patient, came_off_hours(visit)))
            .collect();
        if let Some(wanted) = wanted.filter(|wanted| everybody.iter().any(|(patient, _)| patient == wanted)) {
            return Ok(wanted);
        }
        let mut candidates: Vec<PatientId> = everybody
            .iter()
            .filter(|(_, is_off)| *is_off || !self.is_off_hours)
            .map(|(patient, _)| *patient)
            .collect();
        if candidates.is_empty() {
            candidates = everybody.iter().map(|(patient, _)| *patient).collect();
        }
        if candidates.is_empty() {
            let (name, replication) = (self.inspected.name.to_owned(), planned.replication);
            return Err(InspectError::NobodyCame { name, replication });
        }
        let index = patient_stream(self.settings.rng_seed, planned).below(candidates.len() as u32);
        Ok(candidates[index as usize])
    }
}
