//! The same days with and without a disturbance.
//!
//! Each day is run twice under the same luck: undisturbed, and with the disturbance. Differences are therefore its work
//! alone. A station is *affected* when, in some step of [`STEP`] from the beginning of the disturbance on, its queue is
//! longer by at least one patient on average and surely so (paired, 99.9 %). Where it breaks *first* is the station
//! affected in the earliest step; of several, the one with the longest extra queue in that step.

use super::passage::{Passage, Span, StationPassage, compare_passages};
use super::recovery::{self, STEP, band, by_step, recovered_at, step_begins_at, step_of};
use super::sighted::{SightedDay, Visit};
use crate::film::PatientId;
use crate::replicate::{
    Progress, ReplicateError, ReplicationCount, RunResults, RunSettings, Witness, watch_side_by_side,
};
use crate::statistics::StatisticsError;
use crate::statistics::interval::{Estimate, Level, mean, paired_difference};
use crate::statistics::quantile::quantile;
use crate::statistics::share::share;
use onetrip_models::account::Account;
use onetrip_models::hospital::LATEST_END;
use onetrip_models::system::System;
use onetrip_models::watch::{Record, Watcher};
use onetrip_sim::engine::RunEnd;
use onetrip_sim::model::Exit;
use onetrip_sim::time::{SimSpan, SimTime};
use std::collections::BTreeMap;

/// A longer stay counts from here on.
pub const NOTICED: SimSpan = SimSpan::from_whole_minutes(1);
/// How sure a longer queue must be in a step.
const SURELY: f64 = 0.999;
/// By how many patients.
const AT_LEAST: f64 = 1.0;

/// What is compared, and how.
pub struct DisturbanceProblem<'a> {
    /// Without the disturbance.
    pub base: &'a System,
    /// With it.
    pub disturbed: &'a System,
    /// When it begins.
    pub from: SimTime,
    /// When it is over; `None` when it lasts all day.
    pub to: Option<SimTime>,
}

/// How many days, under which luck.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DisturbanceSettings {
    /// The one number from which all randomness follows.
    pub rng_seed: u64,
    /// Replications; at least 2.
    pub replications: u32,
    /// Independent days in each.
    pub days: u32,
    /// Confidence level of the intervals.
    pub level: Level,
}

/// What the disturbance costs, a replication.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Costs {
    /// Patients who stay longer by [`NOTICED`] or more, or leave without being seen because of it.
    pub patients_affected: Estimate,
    /// Patients who came, in the undisturbed days.
    pub patients: Estimate,
    /// Patients who come on top of these.
    pub extra_patients: Estimate,
    /// More waiting in queues, all patients together, in seconds.
    pub extra_waiting_s: Estimate,
    /// More patients who leave without being seen.
    pub extra_left_unseen: Estimate,
    /// More work beyond the schedule, all servers together, in seconds.
    pub extra_overtime_s: Estimate,
    /// How much later the last patient leaves, in seconds, a day.
    pub last_patient_later_s: Estimate,
}

/// How long a queue takes to be itself again, over days.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RecoveryTime {
    /// Mean over days, in seconds from the end of the disturbance.
    pub mean_s: Estimate,
    /// Median over days, with its order-statistic interval.
    pub median_s: Estimate,
    /// Nine days of ten are done by then.
    pub p90_s: Estimate,
    /// Share of days on which it happens before the station's last hour of duty is over.
    pub before_closing_share: Estimate,
}

/// One station with and without.
#[derive(Clone, Debug, PartialEq)]
pub struct StationCourse {
    /// The station, by its place in the system.
    pub station: usize,
    /// The mean number waiting in each step, undisturbed.
    pub base: Vec<Estimate>,
    /// The same, disturbed.
    pub disturbed: Vec<Estimate>,
    /// Up to so many is usual, step by step.
    pub band: Vec<u32>,
    /// The first step in which the queue is longer by at least one patient and surely so; `None` where it never is.
    pub shows_in: Option<usize>,
    /// The largest mean difference of a step, in patients.
    pub most_extra: f64,
    /// From the end of the disturbance; `None` for stations that are not affected, or where there is no end.
    pub recovery: Option<RecoveryTime>,
}

/// What it came to.
#[derive(Clone, Debug)]
pub struct Disturbance {
    /// What it costs.
    pub costs: Costs,
    /// All stations; affected ones first, in the order in which it shows.
    pub stations: Vec<StationCourse>,
    /// All affected stations together.
    pub recovery: Option<RecoveryTime>,
    /// What passes through the stations from its beginning to its end, where that surely differs, the largest difference
    /// first; nothing where it lasts all day.
    pub passages: Vec<StationPassage>,
    /// The measures without it.
    pub undisturbed: RunResults,
    /// The measures with it, of the same replications.
    pub disturbed: RunResults,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DisturbanceError {
    /// A run was given up, or nothing was finished.
    #[error("{0}")]
    Replicate(#[from] ReplicateError),
    /// Too little to say anything.
    #[error("{0}")]
    Statistics(#[from] StatisticsError),
}

/// One day, kept only as far as it is needed.
struct Day {
    /// By station.
    courses: Vec<recovery::QueueCourse>,
    longest: Vec<Vec<u32>>,
    means: Vec<Vec<f64>>,
    last_left_at: SimTime,
    waited_s: f64,
    visits: BTreeMap<PatientId, Visit>,
    /// By station.
    passages: Vec<Passage>,
}

/// One replication of one system, watched.
struct Sighting {
    station_count: usize,
    step_count: usize,
    span: Option<Span>,
    /// The day that is being watched.
    sighted: SightedDay,
    days: Vec<Day>,
    left_unseen: u64,
    overtime_s: f64,
}

/// A day with and without.
struct Pair {
    base: Day,
    disturbed: Day,
    affected: u64,
    patients: [u64; 2],
}

/// A replication with and without.
struct Twin {
    days: Vec<Pair>,
    /// Over all days, by station.
    passages: [Vec<Passage>; 2],
    left_unseen: [u64; 2],
    overtime_s: [f64; 2],
}

/// Runs the days, each once with and once without, and holds them against each other.
///
/// # Errors
/// A run that was given up, fewer than two replications, or a stop before anything was finished.
pub fn disturbance(
    problem: &DisturbanceProblem<'_>,
    settings: &DisturbanceSettings,
    progress: &dyn Progress,
) -> Result<Disturbance, DisturbanceError> {
    let run = RunSettings {
        rng_seed: settings.rng_seed,
        replications: ReplicationCount::Fixed(settings.replications),
        days: settings.days,
        level: settings.level,
    };
    let (station_count, step_count) = (problem.base.stations().len(), problem.step_count());
    let mut twins: Vec<Twin> = Vec::new();
    let mut undisturbed: Option<Sighting> = None;
    let results = watch_side_by_side(
        &[problem.base, problem.disturbed],
        &run,
        progress,
        &|_| Sighting::new(station_count, step_count, problem.span()),
        &mut |_, sighting| match undisturbed.take() {
            None => undisturbed = Some(sighting),
            Some(base) => twins.push(Twin::of(base, sighting)),
        },
    )?;
    if twins.len() < 2 {
        return Err(ReplicateError::NothingFinished.into());
    }
    let days: Vec<&Pair> = twins.iter().flat_map(|twin| &twin.days).collect();
    let stations = courses(problem, &days, settings.level)?;
    let (stations, recovery) = recoveries(problem, &days, stations, settings.level)?;
    let costs = costs(&twins, settings.level)?;
    let passed: Vec<[&[Passage]; 2]> =
        twins.iter().map(|twin| twin.passages.each_ref().map(Vec::as_slice)).collect();
    let passages = compare_passages(&passed, settings.days, settings.level)?;
    let mut results = results.into_iter();
    let (Some(undisturbed), Some(disturbed)) = (results.next(), results.next()) else {
        return Err(ReplicateError::Nothing { what: "systems" }.into());
    };
    Ok(Disturbance { costs, stations, recovery, passages, undisturbed, disturbed })
}

impl DisturbanceProblem<'_> {
    /// Steps that are looked at: until the latest end of a day after the disturbance.
    fn step_count(&self) -> usize {
        step_of(self.to.unwrap_or(self.from) + LATEST_END)
    }

    /// From its beginning to its end; `None` when it lasts all day.
    fn span(&self) -> Option<Span> {
        self.to.map(|to| Span { from: self.from, to })
    }
}

impl Sighting {
    fn new(station_count: usize, step_count: usize, span: Option<Span>) -> Sighting {
        Sighting {
            station_count,
            step_count,
            span,
            sighted: SightedDay::new(station_count, span),
            days: Vec::new(),
            left_unseen: 0,
            overtime_s: 0.0,
        }
    }
}

impl Watcher for Sighting {
    fn watch(&mut self, record: Record) {
        self.sighted.watch(record);
    }
}

impl Witness for Sighting {
    fn begin_run(&mut self) {
        self.sighted = SightedDay::new(self.station_count, self.span);
    }

    fn end_run(&mut self, _: RunEnd, account: &Account) {
        self.days.push(Day::of(std::mem::take(&mut self.sighted), self.step_count));
        let statistics = &account.statistics;
        self.left_unseen = statistics.accounting_total().left_without_being_seen;
        let overtime: u128 = statistics.stations.iter().map(|station| station.overtime_area).sum();
        self.overtime_s = overtime as f64 / 1e6;
    }
}

impl Day {
    fn of(day: SightedDay, step_count: usize) -> Day {
        let by_steps: Vec<_> = day.courses.iter().map(|course| by_step(course, step_count)).collect();
        let (longest, means) = by_steps.into_iter().unzip();
        // Whole microseconds are summed, so the order of visits does not matter.
        let waited: u64 = day.visits.values().map(|visit| visit.waited.as_micros()).sum();
        Day {
            passages: day.passages(),
            courses: day.courses,
            longest,
            means,
            last_left_at: day.last_left_at,
            waited_s: waited as f64 / 1e6,
            visits: day.visits,
        }
    }
}

impl Twin {
    fn of(base: Sighting, disturbed: Sighting) -> Twin {
        let pair = |(mut base, mut disturbed): (Day, Day)| {
            let visits = [&mut base, &mut disturbed].map(|day| std::mem::take(&mut day.visits));
            base.courses.clear();
            Pair {
                affected: affected(&visits[0], &visits[1]),
                patients: visits.map(|visits| visits.len() as u64),
                base,
                disturbed,
            }
        };
        let passages = [&base, &disturbed].map(|sighting| {
            let mut sum = vec![Passage::default(); sighting.days.first().map_or(0, |day| day.passages.len())];
            for day in &sighting.days {
                sum.iter_mut().zip(&day.passages).for_each(|(sum, passage)| sum.add(passage));
            }
            sum
        });
        Twin {
            passages,
            left_unseen: [base.left_unseen, disturbed.left_unseen],
            overtime_s: [base.overtime_s, disturbed.overtime_s],
            days: base.days.into_iter().zip(disturbed.days).map(pair).collect(),
        }
    }
}

/// Patients who come in both and fare noticeably worse in the second, and those who come only there and are not seen.
fn affected(base: &BTreeMap<PatientId, Visit>, disturbed: &BTreeMap<PatientId, Visit>) -> u64 {
    let is_worse = |before: &Visit, after: &Visit| match (before.left, after.left) {
        (Some((left_at, Exit::Completed)), Some((later, Exit::Completed))) => {
            let (stay, longer) = (left_at - before.arrived_at, later - after.arrived_at);
            longer >= stay + NOTICED
        }
        (Some((_, Exit::Completed)), _) => true,
        _ => false,
    };
    let pairs = base.iter().filter_map(|(patient, before)| Some((before, disturbed.get(patient)?)));
    pairs.filter(|(before, after)| is_worse(before, after)).count() as u64
}

fn costs(twins: &[Twin], level: Level) -> Result<Costs, StatisticsError> {
    let values = |of: &dyn Fn(&Twin) -> f64| -> Vec<f64> { twins.iter().map(of).collect() };
    let paired = |of: &dyn Fn(&Twin, usize) -> f64| {
        paired_difference(&values(&|twin| of(twin, 0)), &values(&|twin| of(twin, 1)), level)
    };
    let all = |twin: &Twin, of: &dyn Fn(&Pair) -> f64| twin.days.iter().map(of).sum::<f64>();
    let later = |pair: &Pair| pair.disturbed.last_left_at.as_seconds() - pair.base.last_left_at.as_seconds();
    let waited = |pair: &Pair, which: usize| [&pair.base, &pair.disturbed][which].waited_s;
    Ok(Costs {
        patients_affected: mean(&values(&|twin| all(twin, &|pair| pair.affected as f64)), level)?,
        patients: mean(&values(&|twin| all(twin, &|pair| pair.patients[0] as f64)), level)?,
        extra_patients: paired(&|twin, which| all(twin, &|pair| pair.patients[which] as f64))?,
        extra_waiting_s: paired(&|twin, which| all(twin, &|pair| waited(pair, which)))?,
        extra_left_unseen: paired(&|twin, which| twin.left_unseen[which] as f64)?,
        extra_overtime_s: paired(&|twin, which| twin.overtime_s[which])?,
        last_patient_later_s: mean(
            &values(&|twin| all(twin, &later) / twin.days.len().max(1) as f64),
            level,
        )?,
    })
}

/// Curves and bands of all stations, and where the disturbance shows.
fn courses(
    problem: &DisturbanceProblem<'_>,
    days: &[&Pair],
    level: Level,
) -> Result<Vec<StationCourse>, StatisticsError> {
    let surely = Level::new(SURELY)?;
    let first = step_of(problem.from);
    (0..problem.base.stations().len())
        .map(|station| {
            let of_step = |step: usize, day: &dyn Fn(&Pair) -> &Day| -> Vec<f64> {
                days.iter().map(|pair| day(pair).means[station][step]).collect()
            };
            let (mut base, mut disturbed) = (Vec::new(), Vec::new());
            let (mut shows_in, mut most_extra) = (None, 0.0_f64);
            for step in 0..problem.step_count() {
                let (before, after) =
                    (of_step(step, &|pair| &pair.base), of_step(step, &|pair| &pair.disturbed));
                let difference = paired_difference(&before, &after, surely)?;
                let low = difference.interval.map_or(difference.value, |interval| interval.low);
                if step >= first && difference.value >= AT_LEAST && low > 0.0 {
                    shows_in = shows_in.or(Some(step));
                    most_extra = most_extra.max(difference.value);
                }
                base.push(mean(&before, level)?);
                disturbed.push(mean(&after, level)?);
            }
            let longest: Vec<Vec<u32>> = days.iter().map(|pair| pair.base.longest[station].clone()).collect();
            let band = band(&longest, problem.step_count());
            Ok(StationCourse { station, base, disturbed, band, shows_in, most_extra, recovery: None })
        })
        .collect()
}

/// Affected stations first, with the time each needs, and all together.
fn recoveries(
    problem: &DisturbanceProblem<'_>,
    days: &[&Pair],
    mut stations: Vec<StationCourse>,
    level: Level,
) -> Result<(Vec<StationCourse>, Option<RecoveryTime>), StatisticsError> {
    let extra_where_it_shows = |one: &StationCourse| {
        one.shows_in.map_or(0.0, |step| one.disturbed[step].value - one.base[step].value)
    };
    stations.sort_by(|a, b| {
        let order = |one: &StationCourse| one.shows_in.unwrap_or(usize::MAX);
        order(a).cmp(&order(b)).then(extra_where_it_shows(b).total_cmp(&extra_where_it_shows(a)))
    });
    let Some(to) = problem.to else { return Ok((stations, None)) };
    let mut last: Vec<(f64, bool)> = vec![(0.0, true); days.len()];
    for one in stations.iter_mut().filter(|one| one.shows_in.is_some()) {
        let since = one.shows_in.map_or(to, |step| to.max(step_begins_at(step)));
        let closes_at = problem.base.hours_of(one.station).last().map_or(SimTime::ZERO, |hours| hours.1);
        let times: Vec<(f64, bool)> = days
            .iter()
            .map(|pair| {
                let at = recovered_at(&pair.disturbed.courses[one.station], &one.band, since);
                // Within the band from the start: on that day it was never beyond.
                let time = if at == since { SimSpan::ZERO } else { at - to };
                (time.as_seconds(), at <= closes_at)
            })
            .collect();
        one.recovery = Some(RecoveryTime::of(&times, level)?);
        for (last, time) in last.iter_mut().zip(times) {
            *last = (last.0.max(time.0), last.1 && time.1);
        }
    }
    let is_affected = stations.iter().any(|one| one.shows_in.is_some());
    let recovery = is_affected.then(|| RecoveryTime::of(&last, level)).transpose()?;
    Ok((stations, recovery))
}

impl RecoveryTime {
    fn of(times: &[(f64, bool)], level: Level) -> Result<RecoveryTime, StatisticsError> {
        let seconds: Vec<f64> = times.iter().map(|time| time.0).collect();
        let in_time = times.iter().filter(|time| time.1).count() as u64;
        Ok(RecoveryTime {
            mean_s: mean(&seconds, level)?,
            median_s: quantile(&seconds, 0.5, level)?,
            p90_s: quantile(&seconds, 0.9, level)?,
            before_closing_share: share(in_time, times.len() as u64, level)?,
        })
    }
}

/// When the steps with anything to show begin and end, for plots: from the first to the last step in which anybody
/// waits at one of these stations, with or without.
pub fn shown_steps(stations: &[&StationCourse]) -> Option<std::ops::Range<usize>> {
    let is_busy = |step: &usize| {
        stations.iter().any(|one| one.base[*step].value > 0.01 || one.disturbed[*step].value > 0.01)
    };
    let step_count = stations.first()?.base.len();
    let first = (0..step_count).find(is_busy)?;
    let last = (0..step_count).rev().find(is_busy)?;
    Some(first..last + 1)
}

/// Hours since the start of the day at which a step begins.
pub fn hour_of_step(step: usize) -> f64 {
    step as f64 * STEP.as_seconds() / 3600.0
}
