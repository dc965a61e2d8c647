//! Anything that can be run: one face for every study, whatever is inside.

use crate::account::Account;
use crate::hospital::{Activity, Hospital, HospitalRunner};
use crate::measure::Measure;
use crate::network::{Network, NetworkRunner};
use crate::text::Text;
use crate::watch::{Unwatched, Watcher};
use onetrip_sim::engine::{RunEnd, RunError};
use onetrip_sim::station::StationPlan;
use onetrip_sim::stream::RunKey;
use onetrip_sim::time::SimSpan;

/// A station as people know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StationLabel {
    /// Dotted name, the stem of its measures.
    pub id: String,
    /// Name shown.
    pub title: Text,
    /// Whether anybody can wait there.
    pub has_queue: bool,
}

/// A described system, compiled and ready to run.
#[derive(Clone, Debug)]
pub enum System {
    /// A plain queueing network.
    Network(Network),
    /// A hospital.
    Hospital(Hospital),
}

/// A machine that runs one system again and again; one a thread.
pub enum Runner {
    /// Of a plain queueing network.
    Network(Box<NetworkRunner>),
    /// Of a hospital.
    Hospital(Box<HospitalRunner>),
}

impl System {
    /// What can be measured.
    pub fn measures(&self) -> &[Measure] {
        match self {
            System::Network(network) => network.measures(),
            System::Hospital(hospital) => hospital.measures(),
        }
    }

    /// The value of each measure; `None` where nobody was there to be counted.
    pub fn evaluate(&self, account: &Account) -> Vec<Option<f64>> {
        match self {
            System::Network(network) => network.evaluate(account),
            System::Hospital(hospital) => hospital.evaluate(account),
        }
    }

    /// For each measure that is a share of something counted, how many were counted: patients, orders, payments. `None` for
    /// all others, shares of time among them.
    pub fn trials(&self, account: &Account) -> Vec<Option<u64>> {
        match self {
            System::Network(network) => network.trials(account),
            System::Hospital(hospital) => hospital.trials(account),
        }
    }

    /// The stations of which a measure, by its place in the list, is the mean wait of all who are served there; `None`
    /// for measures of other kinds.
    pub fn stations_of_mean_wait(&self, measure: usize) -> Option<&[usize]> {
        match self {
            System::Network(network) => network.stations_of_mean_wait(measure),
            System::Hospital(hospital) => hospital.stations_of_mean_wait(measure),
        }
    }

    /// The stations, in the order of the statistics.
    pub fn stations(&self) -> &[StationLabel] {
        match self {
            System::Network(network) => network.stations(),
            System::Hospital(hospital) => hospital.stations(),
        }
    }

    /// What the engine is told of the stations, in the order of the statistics.
    pub fn station_plans(&self) -> Vec<&StationPlan> {
        match self {
            System::Network(network) => network.spec().stations.iter().map(|station| &station.plan).collect(),
            System::Hospital(hospital) => hospital.station_plans().iter().collect(),
        }
    }

    /// Time at the start of a run that is simulated but not counted.
    pub fn warm_up(&self) -> SimSpan {
        match self {
            System::Network(network) => network.spec().run.warm_up,
            System::Hospital(_) => SimSpan::ZERO,
        }
    }

    /// The classes of customer, in the order of the statistics.
    pub fn classes(&self) -> &[Text] {
        match self {
            System::Network(network) => network.classes(),
            System::Hospital(hospital) => hospital.classes(),
        }
    }

    /// The sources of customers, in the order of [`crate::watch::Record::source`].
    pub fn sources(&self) -> Vec<&str> {
        match self {
            System::Network(network) => {
                network.spec().sources.iter().map(|source| source.name.as_str()).collect()
            }
            System::Hospital(_) => vec!["bookings", "walk_ins"],
        }
    }

    /// What customers' time was spent on, over all classes, in microseconds, where the system keeps that. The parts add
    /// up to the time all customers spent inside.
    pub fn time_spent_micros(&self, account: &Account) -> Option<Vec<(Activity, u64)>> {
        match self {
            System::Network(_) => None,
            System::Hospital(hospital) => {
                let classes = 0..hospital.classes().len();
                let total = |activity| {
                    classes.clone().map(|class| hospital.time_spent_micros(account, class, activity)).sum()
                };
                Some(Activity::ALL.iter().map(|&activity| (activity, total(activity))).collect())
            }
        }
    }

    /// An empty account of the right shape.
    pub fn account(&self) -> Account {
        match self {
            System::Network(network) => network.account(),
            System::Hospital(hospital) => hospital.account(),
        }
    }

    /// A new machine.
    pub fn runner(&self) -> Runner {
        match self {
            System::Network(network) => Runner::Network(Box::new(network.runner())),
            System::Hospital(hospital) => Runner::Hospital(Box::new(hospital.runner())),
        }
    }
}

impl Runner {
    /// Runs once and adds to the account.
    ///
    /// # Errors
    /// When the run was given up; the account is then not to be used.
    pub fn run(&mut self, run: RunKey, account: &mut Account) -> Result<RunEnd, RunError> {
        self.run_watched(run, account, &mut Unwatched)
    }

    /// Runs once, watched.
    ///
    /// # Errors
    /// As [`Runner::run`].
    pub fn run_watched<W: Watcher>(
        &mut self,
        run: RunKey,
        account: &mut Account,
        watcher: &mut W,
    ) -> Result<RunEnd, RunError> {
        match self {
            Runner::Network(runner) => runner.run_watched(run, account, watcher),
            Runner::Hospital(runner) => runner.run_watched(run, account, watcher),
        }
    }
}
