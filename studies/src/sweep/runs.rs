//! The runs of a study: spread over threads, kept as they finish, put together in the order of the plan.

use super::{
    FinishedRun, Ledger, Luck, PointResult, Sensitivity, SensitivityError, SweepError, SweepPlan,
    SweepProblem, SweepResults, SweepSettings,
};
use crate::design::{Bootstrap, Outputs};
use crate::replicate::Progress;
use crate::statistics::interval::{self, Estimate};
use onetrip_models::account::Account;
use onetrip_models::measure::Measure;
use onetrip_models::system::{Runner, System};
use onetrip_sim::stream::RunKey;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};

/// Runs for which systems are made ahead: enough to keep many threads busy, few enough to hold in memory.
const RUNS_AHEAD: usize = 512;

/// Makes every distinct point once, so that no mistake waits until hours later. The mistakes come in the order of the
/// points; `None` where the work was stopped.
pub fn check<E: Send>(
    plan: &SweepPlan,
    make: impl Fn(&[String]) -> Result<System, E> + Sync,
    progress: &dyn Progress,
) -> Option<Vec<(usize, E)>> {
    let points: Vec<usize> = plan.distinct().collect();
    let of = u32::try_from(points.len()).ok();
    let done = AtomicU32::new(0);
    let mistakes = points
        .into_par_iter()
        .map(|point| {
            if progress.is_stopped() {
                return None;
            }
            let mistake = make(&plan.assignments(point)).err().map(|error| (point, error));
            progress.advance(done.fetch_add(1, Ordering::Relaxed) + 1, of);
            Some(mistake)
        })
        .collect::<Option<Vec<_>>>()?;
    Some(mistakes.into_iter().flatten().collect())
}

/// Runs every point of the plan as often as it is asked, but for the runs that are `known` already.
///
/// # Errors
/// A point that cannot be made, a run that was given up or cannot be kept, a known run that comes out otherwise, or a
/// stop before the end; what is finished has been kept.
pub fn sweep(
    problem: &SweepProblem<'_>,
    settings: &SweepSettings,
    known: Vec<FinishedRun>,
    ledger: &dyn Ledger,
    progress: &dyn Progress,
) -> Result<SweepResults, SweepError> {
    for (what, count) in [("days", settings.days), ("replications", settings.replications)] {
        if count == 0 {
            return Err(SweepError::Nothing { what });
        }
    }
    let work = Work { problem, settings };
    let wanted = work.jobs();
    let mut runs: BTreeMap<Job, FinishedRun> = known.into_iter().map(|run| (job_of(&run), run)).collect();
    let missing: Vec<Job> = wanted.iter().filter(|job| !runs.contains_key(*job)).copied().collect();
    if let (Some(run), false) = (runs.values().next(), missing.is_empty()) {
        work.verify(run)?;
    }
    let of = u32::try_from(missing.len()).ok();
    let done = AtomicU32::new(0);
    for jobs in missing.chunks(RUNS_AHEAD) {
        let systems = work.systems(jobs)?;
        let finished = jobs
            .par_iter()
            .map_init(
                || None,
                |machine, &job| {
                    if progress.is_stopped() {
                        return Ok(None);
                    }
                    let run = work.run(&systems[&job.0], job, machine)?;
                    ledger.keep(&run).map_err(SweepError::Keep)?;
                    progress.advance(done.fetch_add(1, Ordering::Relaxed) + 1, of);
                    Ok(Some(run))
                },
            )
            .collect::<Result<Vec<Option<FinishedRun>>, SweepError>>()?;
        runs.extend(finished.into_iter().flatten().map(|run| (job_of(&run), run)));
        let is_cut_short = jobs.iter().any(|job| !runs.contains_key(job));
        if is_cut_short {
            let finished = wanted.iter().filter(|job| runs.contains_key(*job)).count() as u64;
            return Err(SweepError::Stopped { finished, of: wanted.len() as u64 });
        }
    }
    Ok(work.results(&runs))
}

/// A point and a replication of it.
type Job = (usize, u32);

fn job_of(run: &FinishedRun) -> Job {
    (run.point, run.replication)
}

/// A system with the places of the measures among its own.
struct Made {
    system: System,
    places: Vec<Option<usize>>,
}

/// A machine kept by a thread, with the point it is for.
type Machine = Option<(usize, Runner, Account)>;

struct Work<'a> {
    problem: &'a SweepProblem<'a>,
    settings: &'a SweepSettings,
}

impl Work<'_> {
    /// The point whose runs count for this one. Under common luck, points alike have the same results.
    fn runs_as(&self, point: usize) -> usize {
        match self.settings.luck {
            Luck::Common => self.problem.plan.first_alike(point),
            Luck::Own => point,
        }
    }

    /// All runs of the study, point by point.
    fn jobs(&self) -> Vec<Job> {
        let points = 0..self.problem.plan.points().len();
        points.filter(|point| self.runs_as(*point) == *point).flat_map(|point| self.jobs_of(point)).collect()
    }

    fn jobs_of(&self, point: usize) -> impl Iterator<Item = Job> + use<> {
        (0..self.settings.replications).map(move |replication| (point, replication))
    }

    fn make(&self, point: usize) -> Result<Made, SweepError> {
        let plan = self.problem.plan;
        let system = (self.problem.build)(&plan.assignments(point)).map_err(|source| SweepError::Build {
            point,
            at: plan.described(point),
            source,
        })?;
        let place = |wanted: &Measure| system.measures().iter().position(|measure| measure.id == wanted.id);
        let places = self.problem.measures.iter().map(place).collect();
        Ok(Made { system, places })
    }

    /// The systems of some runs.
    fn systems(&self, jobs: &[Job]) -> Result<BTreeMap<usize, Made>, SweepError> {
        let mut points: Vec<usize> = jobs.iter().map(|job| job.0).collect();
        points.dedup();
        points.into_par_iter().map(|point| Ok((point, self.make(point)?))).collect()
    }

    fn run(&self, made: &Made, job: Job, machine: &mut Machine) -> Result<FinishedRun, SweepError> {
        let (point, replication) = job;
        if machine.as_ref().is_none_or(|(kept, ..)| *kept != point) {
            *machine = None;
        }
        let (_, runner, account) =
            machine.get_or_insert_with(|| (point, made.system.runner(), made.system.account()));
        account.clear();
        let luck = match self.settings.luck {
            Luck::Common => replication,
            // Luck repeats after 2^32 runs.
            Luck::Own => (point as u32).wrapping_mul(self.settings.replications).wrapping_add(replication),
        };
        for day in 0..self.settings.days {
            let key = RunKey::new(self.settings.rng_seed, luck, day);
            runner.run(key, account).map_err(|source| SweepError::Run {
                point,
                at: self.problem.plan.described(point),
                replication,
                source,
            })?;
        }
        let all = made.system.evaluate(account);
        let values = made.places.iter().map(|place| place.and_then(|place| all[place])).collect();
        Ok(FinishedRun { point, replication, event_count: account.statistics.events, values })
    }

    /// Runs a known run again: another program, or a file that the scenario takes in and that has changed, shows here.
    fn verify(&self, known: &FinishedRun) -> Result<(), SweepError> {
        let (point, replication) = job_of(known);
        let again = self.run(&self.make(point)?, (point, replication), &mut None)?;
        if again == *known {
            return Ok(());
        }
        Err(SweepError::Moved { point, at: self.problem.plan.described(point), replication })
    }

    fn results(&self, runs: &BTreeMap<Job, FinishedRun>) -> SweepResults {
        let plan = self.problem.plan;
        let estimate = |point: usize, measure: usize| -> Option<Estimate> {
            let values: Vec<f64> =
                self.jobs_of(self.runs_as(point)).filter_map(|job| runs[&job].values[measure]).collect();
            let mean = interval::mean(&values, self.settings.level).ok()?;
            Some(mean.within(&self.problem.measures[measure].unit.range()))
        };
        let measure_count = self.problem.measures.len();
        let points: Vec<PointResult> = plan
            .points()
            .iter()
            .enumerate()
            .map(|(point, values)| PointResult {
                values: values.clone(),
                measures: (0..measure_count).map(|measure| estimate(point, measure)).collect(),
            })
            .collect();
        let sensitivities =
            (0..measure_count).into_par_iter().map(|measure| self.sensitivity(runs, measure)).collect();
        let jobs = self.jobs();
        SweepResults {
            points,
            sensitivities,
            run_count: jobs.len() as u64,
            event_count: jobs.iter().map(|job| runs[job].event_count).sum(),
        }
    }

    /// What the design says of one measure; `None` where it is not one for sensitivities.
    fn sensitivity(
        &self,
        runs: &BTreeMap<Job, FinishedRun>,
        measure: usize,
    ) -> Option<Result<Sensitivity, SensitivityError>> {
        let plan = self.problem.plan;
        if !plan.has_sensitivities() {
            return None;
        }
        let values = |point: usize| -> Vec<Option<f64>> {
            self.jobs_of(self.runs_as(point)).map(|job| runs[&job].values[measure]).collect()
        };
        let rows: Vec<Vec<Option<f64>>> = (0..plan.points().len()).map(values).collect();
        let outputs = match self.settings.luck {
            // Only replications in which somebody was counted at every point.
            Luck::Common => {
                let is_whole = |replication: &usize| rows.iter().all(|row| row[*replication].is_some());
                let whole: Vec<usize> = (0..self.settings.replications as usize).filter(is_whole).collect();
                let row = |row: &Vec<Option<f64>>| whole.iter().filter_map(|at| row[*at]).collect();
                Outputs::under_common_luck(rows.iter().map(row).collect())
            }
            Luck::Own => Outputs::under_own_luck(
                rows.iter().map(|row| row.iter().copied().flatten().collect()).collect(),
            ),
        };
        if outputs.have_gaps() {
            let point_count = rows.iter().filter(|row| row.contains(&None)).count();
            return Some(Err(SensitivityError::NoValue { point_count }));
        }
        let SweepSettings { level, rng_seed, .. } = *self.settings;
        let bootstrap = Bootstrap { level, rng_seed, ..Bootstrap::default() };
        plan.sensitivity(&outputs, bootstrap).map(|read| read.map_err(SensitivityError::from))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{DesignChoice, Forgetful, Variable};
    use super::*;
    use crate::replicate::Silent;
    use crate::size::BuildError;
    use onetrip_models::network::Network;
    use onetrip_scenarios::library;
    use onetrip_scenarios::load::{Scenario, load};
    use std::sync::Mutex;

    /// The pharmacy window over fifty days, changed by some assignments.
    fn pharmacy(assignments: &[String]) -> Result<System, BuildError> {
        let mut document = library::find("mm1-pharmacy").ok_or("embedded")?.document();
        document.set("run.horizon=51 days");
        assignments.iter().for_each(|assignment| document.set(assignment));
        match load(document)?.value {
            Scenario::Network(spec) => Ok(System::Network(Network::new(*spec)?)),
            Scenario::Hospital(_) => Err("a network".into()),
        }
    }

    const WAIT: &str = "pharmacist.wait_time.mean";

    fn measures() -> Vec<Measure> {
        let system = pharmacy(&[]).unwrap();
        let all = system.measures().iter();
        all.filter(|measure| [WAIT, "pharmacist.utilisation_share"].contains(&measure.id.as_str()))
            .cloned()
            .collect()
    }

    fn plan(texts: &[&str], choice: DesignChoice) -> SweepPlan {
        let variables = texts.iter().map(|text| Variable::read(text, None).unwrap()).collect();
        SweepPlan::new(variables, choice, 1).unwrap()
    }

    const SETTINGS: SweepSettings = SweepSettings {
        rng_seed: 1,
        replications: 3,
        days: 1,
        luck: Luck::Common,
        level: interval::Level::P95,
    };

    fn run_all(
        plan: &SweepPlan,
        settings: &SweepSettings,
        known: Vec<FinishedRun>,
        ledger: &dyn Ledger,
        progress: &dyn Progress,
    ) -> Result<SweepResults, SweepError> {
        let problem = SweepProblem { plan, measures: &measures(), build: &pharmacy };
        sweep(&problem, settings, known, ledger, progress)
    }

    /// Keeps runs in a list.
    #[derive(Default)]
    struct Kept(Mutex<Vec<FinishedRun>>);

    impl Ledger for Kept {
        fn keep(&self, run: &FinishedRun) -> std::io::Result<()> {
            self.0.lock().unwrap().push(run.clone());
            Ok(())
        }
    }

    /// Stops after so many runs.
    struct StopAfter(u32, AtomicU32);

    impl Progress for StopAfter {
        fn advance(&self, done: u32, _: Option<u32>) {
            self.1.fetch_max(done, Ordering::SeqCst);
        }

        fn is_stopped(&self) -> bool {
            self.1.load(Ordering::SeqCst) >= self.0
        }
    }

    fn on_threads<T: Send>(count: usize, work: impl FnOnce() -> T + Send) -> T {
        rayon::ThreadPoolBuilder::new().num_threads(count).build().unwrap().install(work)
    }

    const TWO: [&str; 2] = ["station.pharmacist.servers=1..2", "arrivals.cars.rate=6 per hour,9 per hour"];

    #[test]
    fn a_study_that_was_broken_off_ends_with_the_same_bits_on_any_number_of_threads() {
        let plan = plan(&TWO, DesignChoice::Grid);
        let whole = run_all(&plan, &SETTINGS, Vec::new(), &Forgetful, &Silent).unwrap();
        assert_eq!((whole.points.len(), whole.run_count), (4, 12));
        for (threads, runs_before) in [(1, 1), (4, 5)] {
            let kept = Kept::default();
            let stop = StopAfter(runs_before, AtomicU32::new(0));
            let stopped =
                on_threads(threads, || run_all(&plan, &SETTINGS, Vec::new(), &kept, &stop)).unwrap_err();
            let known = kept.0.into_inner().unwrap();
            assert!(
                matches!(stopped, SweepError::Stopped { finished, of: 12 } if finished == known.len() as u64)
            );
            assert!(!known.is_empty() && known.len() < 12);
            let rest = Kept::default();
            let resumed =
                on_threads(5 - threads, || run_all(&plan, &SETTINGS, known.clone(), &rest, &Silent));
            assert_eq!(rest.0.into_inner().unwrap().len(), 12 - known.len());
            let resumed = resumed.unwrap();
            assert_eq!((resumed.points, resumed.event_count), (whole.points.clone(), whole.event_count));
        }
    }

    #[test]
    fn a_run_that_comes_out_otherwise_than_it_was_kept_stops_the_study() {
        let plan = plan(&TWO, DesignChoice::Grid);
        let kept = Kept::default();
        let stop = StopAfter(2, AtomicU32::new(0));
        let _stopped = run_all(&plan, &SETTINGS, Vec::new(), &kept, &stop).unwrap_err();
        let mut known = kept.0.into_inner().unwrap();
        known.sort_by_key(job_of);
        known[0].values[0] = known[0].values[0].map(|value| value + 1e-9);
        let moved = run_all(&plan, &SETTINGS, known, &Forgetful, &Silent).unwrap_err();
        assert!(matches!(moved, SweepError::Moved { .. }), "{moved}");
    }

    #[test]
    fn points_share_their_luck_unless_they_are_to_have_their_own() {
        let plan = plan(&["station.pharmacist.service_time.mean=3 min,3.0001 min"], DesignChoice::Grid);
        let apart = |luck| {
            let settings = SweepSettings { luck, ..SETTINGS };
            let results = run_all(&plan, &settings, Vec::new(), &Forgetful, &Silent).unwrap();
            let wait = |point: usize| results.points[point].measures[0].unwrap().value;
            (wait(1) - wait(0)).abs()
        };
        assert!(apart(Luck::Common) < 0.1, "{}", apart(Luck::Common));
        assert!(apart(Luck::Own) > 0.1, "{}", apart(Luck::Own));
    }

    #[test]
    fn points_alike_are_run_once() {
        let plan = plan(&["station.pharmacist.servers=1..2"], DesignChoice::SobolIndices(8));
        let results = run_all(&plan, &SETTINGS, Vec::new(), &Forgetful, &Silent).unwrap();
        assert_eq!((results.points.len(), results.run_count), (24, 6));
        let sensitivities = results.sensitivities.unwrap();
        let Ok(Sensitivity::SobolIndices(indices)) = &sensitivities[0] else { panic!("{sensitivities:?}") };
        assert!((indices[0].total.value - 1.0).abs() < 1e-9, "the only variable makes all the variance");
    }

    #[test]
    fn all_points_that_cannot_be_made_are_told_before_any_run() {
        let plan = plan(&["station.pharmacist.servers=0,1", "run.warm_up=1 day,60 days"], DesignChoice::Grid);
        let mistakes = check(&plan, pharmacy, &Silent).unwrap();
        let points: Vec<usize> = mistakes.iter().map(|(point, _)| *point).collect();
        assert_eq!(points, [0, 1, 3], "{mistakes:?}");
    }
}
