//! A hospital: one day of outpatient care, patient by patient.
//!
//! [`spec::HospitalSpec`] is the description, free of any file format. [`Hospital`] is the description compiled:
//! stations for the engine and rooms (`hospital/rooms/`) that decide where a patient goes next. Every draw is keyed by
//! the patient and a dotted purpose, so two hospitals that share an rng seed share the luck of every patient, and a
//! change of one station leaves the draws of all others untouched.

mod booking;
mod books;
mod day;
mod floor_plan;
mod measures;
mod model;
mod patient;
mod rooms;
pub mod spec;
#[cfg(test)]
mod tests;
mod visitor;

pub use booking::Booking;
pub use books::{Activity, PauseKind};
pub use model::LATEST_END;

use crate::account::Account;
use crate::measure::{Measure, Statistic};
use crate::system::StationLabel;
use crate::text::Text;
use crate::watch::{Record, Unwatched, Watcher};
use books::Books;
use day::{Day, DemandTerms};
use floor_plan::FloorPlan;
use measures::{Figure, Reader};
use model::DayModel;
use onetrip_sim::Customer;
use onetrip_sim::engine::{Engine, Horizon, PlanError, RunEnd, RunError, RunPlan};
use onetrip_sim::model::StationId;
use onetrip_sim::observer::{Happening, Observer, Servers};
use onetrip_sim::station::{Duty, StationPlan};
use onetrip_sim::statistics::Layout;
use onetrip_sim::stream::RunKey;
use onetrip_sim::time::{SimSpan, SimTime};
use patient::Patient;
use spec::{HospitalSpec, SpecProblem};
use std::sync::Arc;

/// Why a description cannot be run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HospitalError {
    /// Values that make no sense.
    #[error("the description of the hospital has {} problems; the first is {}", problems.len(), problems[0])]
    Invalid {
        /// All of them, at least one.
        problems: Vec<SpecProblem>,
    },
    /// Stations that the engine cannot run.
    #[error("the hospital's stations cannot be run")]
    Plan(#[from] PlanError),
}

/// A description, checked and compiled.
#[derive(Clone, Debug)]
pub struct Hospital {
    compiled: Arc<Compiled>,
}

#[derive(Debug)]
struct Compiled {
    spec: HospitalSpec,
    plan: FloorPlan,
    demand: DemandTerms,
    run_plan: RunPlan,
    layout: Layout,
    classes: Vec<Text>,
    counter_count: usize,
    stations: Vec<StationLabel>,
    measures: Vec<Measure>,
    figures: Vec<Figure>,
}

impl Hospital {
    /// Checks and compiles a description.
    ///
    /// # Errors
    /// All problems of the description, or what the engine has against its stations.
    pub fn new(spec: HospitalSpec) -> Result<Self, HospitalError> {
        spec.validate().map_err(|problems| HospitalError::Invalid { problems })?;
        let (plan, builder) = floor_plan::build(&spec);
        let closes_at = builder.stations.iter().filter_map(|station| match &station.duty {
            Duty::Shifts { changes, .. } => changes.last().map(|&(at, _)| at),
            Duty::Always(_) | Duty::Unlimited => None,
        });
        let closes_at = closes_at.max().unwrap_or(SimSpan::ZERO);
        let run_plan = RunPlan {
            stations: builder.stations,
            class_count: spec.demand.classes.len(),
            pause_kind_count: PauseKind::ALL.len(),
            keeps_hours: true,
            warm_up: SimSpan::ZERO,
            horizon: Horizon::Drained {
                at_earliest: SimTime::ZERO + closes_at,
                at_latest: SimTime::ZERO + model::LATEST_END,
            },
        };
        let layout = Engine::<Patient>::new(run_plan.clone())?.layout();
        let (measures, figures) = measures::catalogue(&spec, &plan, &builder.labels, &builder.open_times);
        Ok(Hospital {
            compiled: Arc::new(Compiled {
                demand: DemandTerms::new(&spec, &plan),
                classes: spec.demand.classes.iter().map(|class| class.name.clone()).collect(),
                counter_count: builder.keeper.count(),
                stations: builder.labels,
                spec,
                plan,
                run_plan,
                layout,
                measures,
                figures,
            }),
        })
    }

    /// The description.
    pub fn spec(&self) -> &HospitalSpec {
        &self.compiled.spec
    }

    /// The stations, in the order in which the engine numbers them.
    pub fn stations(&self) -> &[StationLabel] {
        &self.compiled.stations
    }

    /// What the engine is told of the stations, in the same order.
    pub fn station_plans(&self) -> &[StationPlan] {
        &self.compiled.run_plan.stations
    }

    /// The classes of patient, in the order of the statistics.
    pub fn classes(&self) -> &[Text] {
        &self.compiled.classes
    }

    /// What can be measured.
    pub fn measures(&self) -> &[Measure] {
        &self.compiled.measures
    }

    /// The value of each measure; `None` where nobody was there to be counted.
    pub fn evaluate(&self, account: &Account) -> Vec<Option<f64>> {
        let mut reader = Reader::new(account);
        self.compiled.figures.iter().map(|figure| reader.value(figure)).collect()
    }

    /// Of how many each share is.
    pub(crate) fn trials(&self, account: &Account) -> Vec<Option<u64>> {
        let measured = self.compiled.figures.iter().zip(&self.compiled.measures);
        let is_share = |measure: &Measure| measure.statistic == Statistic::Share;
        measured.map(|(figure, measure)| figure.trials(account).filter(|_| is_share(measure))).collect()
    }

    /// The stations of which a measure is the mean wait of all who are served there.
    pub fn stations_of_mean_wait(&self, measure: usize) -> Option<&[usize]> {
        self.compiled.figures.get(measure)?.stations_of_mean_wait()
    }

    /// Time that the patients of a class (by its place in the description) spent in an activity, in µs. The activities
    /// of a class add up to the time its patients spent inside.
    pub fn time_spent_micros(&self, account: &Account, class: usize, activity: Activity) -> u64 {
        books::time_spent(&account.counters, class, activity)
    }

    /// An empty account of the right shape.
    pub fn account(&self) -> Account {
        Account::new(self.compiled.layout, self.compiled.counter_count)
    }

    /// A machine that runs days of this hospital one after the other.
    pub fn runner(&self) -> HospitalRunner {
        let compiled = &self.compiled;
        HospitalRunner {
            engine: Engine::new(compiled.run_plan.clone()).expect("the same plan was accepted before"),
            day: Day::new(&compiled.plan),
            books: Books::new(compiled.layout.class_count),
            compiled: Arc::clone(compiled),
        }
    }
}

/// An engine and a hospital's day.
pub struct HospitalRunner {
    engine: Engine<Patient>,
    day: Day,
    books: Books,
    compiled: Arc<Compiled>,
}

impl HospitalRunner {
    /// Runs one day and adds to the account.
    ///
    /// # Errors
    /// When the run was given up; the account is then not to be used.
    pub fn run(&mut self, run: RunKey, account: &mut Account) -> Result<RunEnd, RunError> {
        self.run_watched(run, account, &mut Unwatched)
    }

    /// Runs one day, watched. Sources of patients: 0 are bookings, 1 walk-ins.
    ///
    /// # Errors
    /// As [`HospitalRunner::run`].
    pub fn run_watched<W: Watcher>(
        &mut self,
        run: RunKey,
        account: &mut Account,
        watcher: &mut W,
    ) -> Result<RunEnd, RunError> {
        let Compiled { plan, demand, .. } = &*self.compiled;
        self.books.open(&mut account.counters);
        self.day.begin(demand, plan, run, &mut self.books);
        let mut model = DayModel { plan, day: &mut self.day, books: &mut self.books };
        let end = self.engine.run(&mut model, &mut Window { watcher }, run, &mut account.statistics);
        self.books.close(&mut account.counters);
        end
    }
}

/// Lends a watcher to the engine.
struct Window<'a, W> {
    watcher: &'a mut W,
}

impl<W: Watcher> Observer<Patient> for Window<'_, W> {
    #[inline(always)]
    fn observe(&mut self, at: SimTime, happening: Happening, _slot: usize, customer: &Customer<Patient>) {
        if !W::WATCHES {
            return;
        }
        let number = customer.state.number;
        let (source, class) = (u8::from(!number.is_booked()), customer.class() as u8);
        let rank = customer.rank();
        self.watcher.watch(Record { at, customer: number.index(), source, class, rank, happening });
    }

    #[inline(always)]
    fn observe_servers(&mut self, at: SimTime, station: StationId, servers: Servers) {
        self.watcher.watch_servers(at, station, servers);
    }
}
