//! One long run: intervals of means over customers by batch means, with the warm-up cut by MSER-5.
//!
//! One replication says nothing of others, but a network that runs on and on (not until it is empty) brings many customers one
//! after the other. Their waits and times inside, in the order in which they are known, are cut by MSER-5 and averaged in
//! [`BATCH_COUNT`] batches; von Neumann's test tells whether these are long enough to be taken for unrelated. Where they are
//! not, or the warm-up would take half of the run, the measure keeps its plain mean and has no interval.

use crate::film::PatientId;
use crate::replicate::RunResults;
use crate::statistics::interval::Level;
use crate::statistics::steady_state::{BatchMeans, WarmUp, batch_means, mser_5};
use onetrip_models::network::{MeanOver, Network};
use onetrip_models::system::System;
use onetrip_models::watch::{Record, Watcher};
use onetrip_sim::engine::{Horizon, RunError};
use onetrip_sim::model::Exit;
use onetrip_sim::observer::Happening;
use onetrip_sim::stream::RunKey;
use onetrip_sim::time::SimTime;
use std::collections::HashMap;

/// Batches: of the ten to thirty that Schmeiser advises.
pub const BATCH_COUNT: usize = 20;
/// Fewer customers than this are no long run.
const CUSTOMERS_MIN: usize = 10 * BATCH_COUNT;
/// Batches count as related when von Neumann's test gives less.
const P_VALUE_MIN: f64 = 0.01;

/// A mean over the customers of one long run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LongRunMean {
    /// Which measure, by its place in the list.
    pub measure: usize,
    /// Customers counted, warm-up by MSER-5 included.
    pub customer_count: usize,
    /// Where MSER-5 cuts.
    pub warm_up: WarmUp,
    /// The batches of what is left; `None` where the cut is not to be trusted or the batches are related.
    pub batches: Option<BatchMeans>,
}

/// Gives means over customers their intervals by batch means, where the results are of one run of a network that runs on; does
/// nothing to others. The run is watched once more: the same luck gives the same customers.
///
/// # Errors
/// When the run was given up.
pub fn judge_long_run(system: &System, results: &mut RunResults) -> Result<(), RunError> {
    let System::Network(network) = system else { return Ok(()) };
    let is_one = results.replication_count == 1 && results.settings.days == 1;
    if !is_one || !matches!(network.spec().run.horizon, Horizon::At(_)) {
        return Ok(());
    }
    let mut series = Series::new(network);
    let mut account = network.account();
    let key = RunKey::new(results.settings.rng_seed, 0, 0);
    network.runner().run_watched(key, &mut account, &mut series)?;
    let level = results.settings.level;
    results.long_run = series.means.iter().filter_map(|mean| mean.judged(level)).collect();
    for mean in &results.long_run {
        if let Some(batches) = mean.batches {
            let possible = system.measures()[mean.measure].unit.range();
            results.measures[mean.measure].estimate = Some(batches.estimate.within(&possible));
        }
    }
    Ok(())
}

/// The observations of one measure.
struct MeanSeries<'a> {
    measure: usize,
    over: MeanOver<'a>,
    seconds: Vec<f64>,
}

impl MeanSeries<'_> {
    /// Nothing for few customers.
    fn judged(&self, level: Level) -> Option<LongRunMean> {
        let customer_count = self.seconds.len();
        if customer_count < CUSTOMERS_MIN {
            return None;
        }
        let warm_up = mser_5(&self.seconds).ok()?;
        let batches = batch_means(&self.seconds[warm_up.observation_count..], BATCH_COUNT, level).ok();
        let is_unrelated = |batches: &BatchMeans| {
            batches.estimate.interval.is_some()
                && batches.independence_p_value.is_none_or(|p_value| p_value >= P_VALUE_MIN)
        };
        let batches = batches.filter(|batches| warm_up.is_trusted && is_unrelated(batches));
        Some(LongRunMean { measure: self.measure, customer_count, warm_up, batches })
    }
}

/// A customer inside.
struct Inside {
    arrived_at: SimTime,
    /// When the queue was joined in which the customer waits.
    joined_at: Option<SimTime>,
}

/// Watches a run and keeps what its means are formed of.
struct Series<'a> {
    /// Nothing is counted before.
    counted_from: SimTime,
    means: Vec<MeanSeries<'a>>,
    inside: HashMap<PatientId, Inside>,
}

impl<'a> Series<'a> {
    fn new(network: &'a Network) -> Self {
        let mean =
            |measure| Some(MeanSeries { measure, over: network.mean_over(measure)?, seconds: Vec::new() });
        Series {
            counted_from: SimTime::ZERO + network.spec().run.warm_up,
            means: (0..network.measures().len()).filter_map(mean).collect(),
            inside: HashMap::new(),
        }
    }

    fn started(&mut self, record: &Record, station: usize) {
        let inside = self.inside.get_mut(&PatientId::of(record));
        // An interrupted service that goes on is no second wait.
        let Some(joined_at) = inside.and_then(|inside| inside.joined_at.take()) else { return };
        let (seconds, class) = (record.at.since(joined_at).as_seconds(), usize::from(record.class));
        for mean in &mut self.means {
            if let MeanOver::Waits { stations, classes } = mean.over
                && stations.contains(&station)
                && classes.contains(&class)
            {
                mean.seconds.push(seconds);
            }
        }
    }

    fn completed(&mut self, record: &Record, arrived_at: SimTime) {
        let (seconds, class) = (record.at.since(arrived_at).as_seconds(), usize::from(record.class));
        for mean in &mut self.means {
            if let MeanOver::Sojourns { classes } = mean.over
                && classes.contains(&class)
            {
                mean.seconds.push(seconds);
            }
        }
    }
}

impl Watcher for Series<'_> {
    fn watch(&mut self, record: Record) {
        let customer = PatientId::of(&record);
        let is_counted = record.at >= self.counted_from;
        match record.happening {
            Happening::Arrived => {
                self.inside.insert(customer, Inside { arrived_at: record.at, joined_at: None });
            }
            Happening::Joined(_) => {
                if let Some(inside) = self.inside.get_mut(&customer) {
                    inside.joined_at = Some(record.at);
                }
            }
            Happening::Started(station) if is_counted => self.started(&record, station.index()),
            Happening::Left(exit) => {
                let inside = self.inside.remove(&customer);
                if let Some(inside) = inside.filter(|_| is_counted && exit == Exit::Completed) {
                    self.completed(&record, inside.arrived_at);
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replicate::{ReplicationCount, RunSettings, Silent, replicate};
    use onetrip_scenarios::library;
    use onetrip_scenarios::load::{Scenario, load};

    fn network(name: &str, set: &[&str]) -> System {
        let mut document = library::find(name).expect("shipped").document();
        set.iter().for_each(|set| document.set(set));
        let Ok(Scenario::Network(spec)) = load(document).map(|reading| reading.value) else {
            panic!("a shipped network reads")
        };
        System::Network(Network::new(*spec).expect("it is sound"))
    }

    fn one_run(system: &System, rng_seed: u64) -> RunResults {
        let replications = ReplicationCount::Fixed(1);
        let settings = RunSettings { rng_seed, replications, days: 1, level: Level::P95 };
        replicate(system, &settings, &Silent).expect("the books balance")
    }

    /// What is watched is what the account counts: the plain mean of a series is the value of its measure.
    #[test]
    fn the_series_of_a_mean_are_those_of_its_measure() {
        for name in ["mm1-pharmacy", "kiosks-5", "cafe-jackson", "erlang-a", "er-triage", "balking-ciw"] {
            let system = network(name, &[]);
            let System::Network(plain) = &system else { panic!("it is a network") };
            let results = one_run(&system, 3);
            let (mut series, mut account) = (Series::new(plain), plain.account());
            plain.runner().run_watched(RunKey::new(3, 0, 0), &mut account, &mut series).expect("a run");
            assert!(!series.means.is_empty(), "{name}");
            for mean in series.means.iter().filter(|mean| !mean.seconds.is_empty()) {
                let plain = mean.seconds.iter().sum::<f64>() / mean.seconds.len() as f64;
                let counted = results.measures[mean.measure].estimate.expect("somebody came").value;
                let id = &system.measures()[mean.measure].id;
                assert!((plain - counted).abs() <= 1e-6 * counted.max(1.0), "{name} {id}: {plain} {counted}");
            }
        }
    }

    /// The mean wait of the M/M/1 pharmacy is exactly 3 min, the time inside 6.
    #[test]
    fn one_long_run_holds_the_exact_means_as_often_as_it_says() {
        let system = network("mm1-pharmacy", &["run.horizon=\"60 days\"", "run.warm_up=\"0 min\""]);
        let (mut held, mut given, runs) = (0, 0, 120);
        for rng_seed in 0..runs {
            let mut results = one_run(&system, rng_seed);
            assert!(results.measures.iter().flat_map(|one| one.estimate).all(|one| one.interval.is_none()));
            judge_long_run(&system, &mut results).expect("a run");
            for (id, exact) in [("pharmacist.wait_time.mean", 180.0), ("system.sojourn_time.mean", 360.0)] {
                let estimate = results.measure(&system, id).expect("measured").estimate.expect("many came");
                given += u32::from(estimate.interval.is_some());
                held += u32::from(estimate.interval.is_some_and(|interval| interval.contains(exact)));
            }
        }
        // MSER-5 is not to be trusted in about a tenth of such runs.
        assert!(given >= 2 * runs as u32 * 8 / 10, "{given} intervals of {runs} runs");
        let share = f64::from(held) / f64::from(given);
        // Three standard errors of 120 independent runs are 0.06.
        assert!((0.89..=0.995).contains(&share), "{share}");
    }

    #[test]
    fn the_warm_up_of_a_run_that_starts_crowded_is_cut_and_short_runs_are_left_alone() {
        let short = network("mm1-pharmacy", &["run.horizon=\"10 h\"", "run.warm_up=\"0 min\""]);
        let mut results = one_run(&short, 1);
        judge_long_run(&short, &mut results).expect("a run");
        assert!(results.long_run.is_empty());
        // So busy that neighbouring batches of few customers go together.
        let busy = "station.pharmacist.service_time.mean=\"5.9 min\"";
        let busy = network("mm1-pharmacy", &[busy, "run.horizon=\"3 days\"", "run.warm_up=\"0 min\""]);
        let withheld = (0..20).filter(|&rng_seed| {
            let mut results = one_run(&busy, rng_seed);
            judge_long_run(&busy, &mut results).expect("a run");
            results.long_run.iter().all(|mean| mean.batches.is_none())
        });
        assert!(withheld.count() >= 12);
    }
}
