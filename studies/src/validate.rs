//! Is the engine right, here and now? The published cases of [`crate::theory`] that the shipped networks state, simulated
//! on the user's own machine and held to their exact values.
//!
//! A mean over independent replications must lie within [`FARTHEST`] standard errors of the exact value; a case without
//! luck must give it exactly. What is held to which figure is a row of `validate/rows.rs`.

mod rows;
mod sightings;

pub use rows::ROWS;

use crate::film::Film;
use crate::replicate::Progress;
use crate::statistics::interval::{self, Interval, Level};
use crate::theory::{Case, cases};
use onetrip_models::account::Account;
use onetrip_models::measure::Unit;
use onetrip_models::network::{Network, NetworkError};
use onetrip_models::system::{Runner, System};
use onetrip_scenarios::library;
use onetrip_scenarios::load::{self, Scenario};
use onetrip_scenarios::reader::Diagnostics;
use onetrip_sim::engine::RunError;
use onetrip_sim::stream::RunKey;
use onetrip_sim::time::{SimSpan, SimTime};
use rayon::prelude::*;
use serde::Serialize;
use sightings::{inside_at, instants, wait_of};

/// Beyond this many standard errors a mean is wrong: by chance alone once in 2,100 figures.
pub const FARTHEST: f64 = 3.5;

/// What a case without luck may be off by: the rounding of one division.
const ROUNDING: f64 = 1e-9;

/// A shipped network and the published case it states.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// Name of the shipped network.
    pub scenario: &'static str,
    /// What is set for this purpose: long enough that a ratio of two sums is off by far less than its standard error.
    pub set: &'static [&'static str],
    /// Number of the case.
    pub case_id: u32,
    /// Variant of the case; empty where there is one only.
    pub variant: &'static str,
    /// Replications; 1 where nothing is left to luck.
    pub replications: u32,
    /// The quantities of the case, and how each is read off a run.
    pub readings: &'static [(&'static str, Reading)],
}

/// How a quantity is read off a run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Reading {
    /// A measure of the system.
    Measure(&'static str),
    /// How many are inside at this instant, in minutes from the start.
    InsideAt(f64),
    /// The wait of the customer with this number, from 0, before service.
    WaitOf(u32),
    /// How often this happens.
    Count(Event),
    /// When this happens for the n-th time, from 1.
    NthAt(Event, usize),
    /// When this happens for the last time.
    LastAt(Event),
}

/// What can be read off a watched run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A service starts.
    Started,
    /// A service ends.
    Served,
    /// Somebody does not join.
    Balked,
    /// Somebody finds the station full.
    Refused,
    /// Somebody leaves.
    Left,
}

impl Reading {
    /// Whether the engine's own statistics do not tell, so that the run has to be watched.
    fn is_watched(self) -> bool {
        !matches!(self, Reading::Measure(_))
    }
}

/// One figure held to its exact value. Times are in the unit of the case.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Held {
    /// Number of the case.
    pub case: u32,
    /// Variant of the case; empty where there is one only.
    pub variant: &'static str,
    /// The system.
    pub title: &'static str,
    /// Where the case is from.
    pub source: &'static str,
    /// The shipped network that states it.
    pub scenario: &'static str,
    /// The quantity.
    pub quantity: &'static str,
    /// Unit of its values; empty for counts and shares.
    pub unit: &'static str,
    /// The exact value.
    pub exact: f64,
    /// The mean over replications; `None` when no replication had anybody to count.
    pub simulated: Option<f64>,
    /// Its 95 % interval; `None` where nothing is left to luck.
    pub interval: Option<Interval>,
    /// Distance from the exact value in standard errors; `None` where nothing is left to luck.
    pub z: Option<f64>,
    /// Replications.
    pub replications: u32,
    /// Whether the figure is right.
    pub holds: bool,
}

/// What was held, and how it came out.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Validation {
    /// Every figure, in the order of the cases.
    pub figures: Vec<Held>,
    /// Figures that are not right.
    pub failed: usize,
    /// Quantities of the published cases that no shipped network's run gives.
    pub not_stated: usize,
    /// Stopped before all cases were simulated.
    pub is_cut_short: bool,
}

/// Why a case could not be simulated. Neither happens to the networks as they are shipped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ValidateError {
    /// A row names a network, a case, a quantity or a measure that does not exist.
    #[error("`{scenario}`: there is no {what} `{name}`")]
    Missing {
        /// The network of the row.
        scenario: &'static str,
        /// What is missing.
        what: &'static str,
        /// Its name.
        name: String,
    },
    /// The network's file has mistakes.
    #[error("{0}")]
    Mistakes(#[from] Diagnostics),
    /// The network cannot be compiled.
    #[error("{0}")]
    Network(#[from] NetworkError),
    /// A run was given up.
    #[error("`{scenario}`: {source}")]
    Run {
        /// The network.
        scenario: &'static str,
        /// Why.
        source: RunError,
    },
}

/// Simulates the rows and holds every figure to its exact value.
///
/// # Errors
/// The first row that could not be simulated.
pub fn validate(rows: &[&Row], rng_seed: u64, progress: &dyn Progress) -> Result<Validation, ValidateError> {
    let published = cases();
    let mut figures = Vec::new();
    let mut is_cut_short = false;
    for (done, row) in rows.iter().enumerate() {
        if progress.is_stopped() {
            is_cut_short = true;
            break;
        }
        figures.extend(hold(row, &published, rng_seed)?);
        progress.advance(done as u32 + 1, Some(rows.len() as u32));
    }
    let stated: usize = ROWS.iter().map(|row| row.readings.len()).sum();
    let known: usize = published.iter().map(|case| case.quantities.len()).sum();
    let failed = figures.iter().filter(|figure| !figure.holds).count();
    Ok(Validation { figures, failed, not_stated: known - stated, is_cut_short })
}

/// A row, ready to run.
struct Ready {
    system: System,
    row: Row,
    /// For each reading the index of its measure.
    measures: Vec<Option<usize>>,
    is_watched: bool,
    /// Tells the luck of one row from that of the others, so that they err independently.
    luck: u32,
}

fn hold(row: &Row, published: &[Case], rng_seed: u64) -> Result<Vec<Held>, ValidateError> {
    let missing =
        |what, name: &str| ValidateError::Missing { scenario: row.scenario, what, name: name.to_owned() };
    let case = published.iter().find(|case| case.id == row.case_id && case.variant == row.variant);
    let case = case.ok_or_else(|| missing("case", &format!("{} {}", row.case_id, row.variant)))?;
    let ready = Ready::new(row)?;
    let replications = ready.replications(rng_seed)?;
    let mut figures = Vec::new();
    for (index, (quantity, _)) in row.readings.iter().enumerate() {
        let exact = case.exact(quantity).ok_or_else(|| missing("quantity", quantity))?;
        let unit = ready.unit(index, case);
        let in_unit = unit.map_or(1.0, |(_, seconds)| seconds);
        let values: Vec<f64> =
            replications.iter().filter_map(|values| values[index]).map(|value| value / in_unit).collect();
        figures.push(Held {
            case: case.id,
            variant: case.variant,
            title: case.title,
            source: case.source,
            scenario: row.scenario,
            quantity,
            unit: unit.map_or("", |(name, _)| name),
            ..Held::of(&values, exact, row.replications)
        });
    }
    Ok(figures)
}

impl Held {
    /// The values of the replications beside the exact one; what was held is filled in by the caller.
    fn of(values: &[f64], exact: f64, replications: u32) -> Held {
        let estimate = interval::mean(values, Level::P95).ok();
        let simulated = estimate.map(|estimate| estimate.value);
        let interval = estimate.and_then(|estimate| estimate.interval);
        let z = simulated.zip(standard_error(values)).map(|(simulated, error)| (simulated - exact) / error);
        let is_exact = |value: f64| (value - exact).abs() <= ROUNDING * exact.abs().max(1.0);
        let holds = match z {
            Some(z) => z.abs() < FARTHEST,
            None => simulated.is_some_and(is_exact),
        };
        Held {
            case: 0,
            variant: "",
            title: "",
            source: "",
            scenario: "",
            quantity: "",
            unit: "",
            exact,
            simulated,
            interval,
            z,
            replications,
            holds,
        }
    }
}

/// The standard error of the mean; `None` where values do not differ.
fn standard_error(values: &[f64]) -> Option<f64> {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (count - 1.0);
    (values.len() > 1 && variance > 0.0).then(|| (variance / count).sqrt())
}

impl Ready {
    fn new(row: &Row) -> Result<Ready, ValidateError> {
        let missing =
            |what, name: &str| ValidateError::Missing { scenario: row.scenario, what, name: name.to_owned() };
        let shipped = library::find(row.scenario).ok_or_else(|| missing("shipped network", row.scenario))?;
        let mut document = shipped.document();
        row.set.iter().for_each(|assignment| document.set(assignment));
        let Scenario::Network(spec) = load::load(document)?.value else {
            return Err(missing("shipped network", row.scenario));
        };
        let system = System::Network(Network::new(*spec)?);
        let index_of = |id: &str| system.measures().iter().position(|measure| measure.id == id);
        let mut measures = Vec::new();
        for (_, reading) in row.readings {
            measures.push(match reading {
                Reading::Measure(id) => Some(index_of(id).ok_or_else(|| missing("measure", id))?),
                _ => None,
            });
        }
        let is_watched = row.readings.iter().any(|(_, reading)| reading.is_watched());
        let known = ROWS.iter().position(|known| known.scenario == row.scenario).unwrap_or(ROWS.len());
        Ok(Ready { system, row: *row, measures, is_watched, luck: known as u32 })
    }

    /// Name and length in seconds of the unit of a reading, where its value is a time.
    fn unit(&self, index: usize, case: &Case) -> Option<(&'static str, f64)> {
        let is_time = match (self.row.readings[index].1, self.measures[index]) {
            (Reading::Measure(_), Some(measure)) => self.system.measures()[measure].unit == Unit::Seconds,
            (Reading::InsideAt(_) | Reading::Count(_), _) => false,
            _ => true,
        };
        is_time.then_some(match case.time_unit {
            "s" => ("s", 1.0),
            "h" => ("h", 3600.0),
            // Times of a case without a unit are minutes in its file.
            unit => (unit, 60.0),
        })
    }

    /// The value of each reading in each replication.
    fn replications(&self, rng_seed: u64) -> Result<Vec<Vec<Option<f64>>>, ValidateError> {
        (0..self.row.replications)
            .into_par_iter()
            .map_init(
                || (self.system.runner(), Film::default()),
                |(runner, film), replication| {
                    let key = RunKey::new(rng_seed, replication, self.luck);
                    self.replicate(runner, film, key)
                        .map_err(|source| ValidateError::Run { scenario: self.row.scenario, source })
                },
            )
            .collect()
    }

    fn replicate(
        &self,
        runner: &mut Runner,
        film: &mut Film,
        key: RunKey,
    ) -> Result<Vec<Option<f64>>, RunError> {
        let mut account: Account = self.system.account();
        if self.is_watched {
            film.clear();
            runner.run_watched(key, &mut account, film)?;
        } else {
            runner.run(key, &mut account)?;
        }
        let values = self.system.evaluate(&account);
        let read = |(index, (_, reading)): (usize, &(&str, Reading))| match (*reading, self.measures[index]) {
            (Reading::Measure(_), measure) => values[measure?],
            (Reading::InsideAt(minutes), _) => {
                Some(inside_at(film, SimTime::ZERO + SimSpan::from_seconds(minutes * 60.0)) as f64)
            }
            (Reading::WaitOf(customer), _) => wait_of(film, customer),
            (Reading::Count(event), _) => Some(instants(film, event).count() as f64),
            (Reading::NthAt(event, n), _) => instants(film, event).nth(n - 1),
            (Reading::LastAt(event), _) => instants(film, event).last(),
        };
        Ok(self.row.readings.iter().enumerate().map(read).collect())
    }
}
