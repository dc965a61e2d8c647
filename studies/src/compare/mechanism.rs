//! By what a wait becomes longer or shorter: where the mean wait at a station surely differs, what else surely differs
//! there and moves waits the same way.
//!
//! The wait at a station follows from who comes when, how long each is served, and how many serve. So for each such
//! station the same paired replications are asked whether more or fewer come, whether they come closer together, whether
//! services are longer, and whether more are on duty; for a measure of several stations, whether more go to those where
//! the wait is long. All these questions are one family (Holm). What differs by less than [`MATTERS`] is not named, and
//! neither is what would have moved the wait the other way.

use super::MeasureComparison;
use crate::replicate::{RunResults, StationLoad};
use crate::statistics::StatisticsError;
use crate::statistics::interval::{Estimate, Level, mean};
use crate::statistics::multiple::compare_family;
use onetrip_models::system::System;

/// The smallest change that is named, as a share of what it was.
pub const MATTERS: f64 = 0.01;

/// What moves the wait at a station.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Driver {
    /// Customers who join, a day or run.
    Customers,
    /// How close together they come: the share of a day's customers who join in the busiest hour.
    Crowding,
    /// Mean time of a service, in seconds: busy server time ÷ services completed.
    ServiceTime,
    /// Server time on duty by the schedule, in seconds a day or run.
    OnDuty,
    /// Of several stations: which of them people go to. The mean wait that the base's waits would have if they spread over
    /// the stations as in the alternative, in seconds.
    Spread,
}

/// What surely differs, and by how much.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Change {
    /// What it is.
    pub driver: Driver,
    /// In the base.
    pub base: Estimate,
    /// In the alternative.
    pub alternative: Estimate,
}

/// By what a mean wait changes.
#[derive(Clone, PartialEq, Debug)]
pub struct Mechanism {
    /// The measure, by its id.
    pub measure: String,
    /// What surely differs and moves the wait as it moved, the largest change first; empty where nothing of this kind does.
    pub changes: Vec<Change>,
}

/// One value a replication in each of the two.
struct Question {
    measure: usize,
    driver: Driver,
    base: Vec<f64>,
    alternative: Vec<f64>,
}

/// The mechanisms of all mean waits that surely differ.
pub(super) fn find(
    base: (&System, &RunResults),
    alternative: (&System, &RunResults),
    measures: &[MeasureComparison],
    level: Level,
) -> Result<Vec<Mechanism>, StatisticsError> {
    let mut moved: Vec<&MeasureComparison> = Vec::new();
    let mut questions = Vec::new();
    for one in measures.iter().filter(|one| one.is_different) {
        let Some(pairs) = stations_of(base.0, alternative.0, &one.measure.id) else { continue };
        questions.extend(asked(moved.len(), &pairs, base.1, alternative.1));
        moved.push(one);
    }
    let mut mechanisms: Vec<Mechanism> =
        moved.iter().map(|one| Mechanism { measure: one.measure.id.clone(), changes: Vec::new() }).collect();
    if questions.is_empty() {
        return Ok(mechanisms);
    }
    let pairs: Vec<(&[f64], &[f64])> =
        questions.iter().map(|question| (&question.base[..], &question.alternative[..])).collect();
    for (question, found) in questions.iter().zip(compare_family(&pairs, level)?) {
        let change = Change {
            driver: question.driver,
            base: mean(&question.base, level)?,
            alternative: mean(&question.alternative, level)?,
        };
        let wait = moved[question.measure].difference.value;
        if found.is_different && change.size() >= MATTERS && change.moves_wait() * wait > 0.0 {
            mechanisms[question.measure].changes.push(change);
        }
    }
    for mechanism in &mut mechanisms {
        mechanism.changes.sort_by(|a, b| b.size().total_cmp(&a.size()));
    }
    Ok(mechanisms)
}

impl Change {
    /// How much it changes, as a share of the larger of the two.
    fn size(&self) -> f64 {
        let (base, alternative) = (self.base.value.abs(), self.alternative.value.abs());
        let larger = base.max(alternative);
        if larger > 0.0 { (self.alternative.value - self.base.value).abs() / larger } else { 0.0 }
    }

    /// Positive where it makes waits longer, negative where it makes them shorter.
    fn moves_wait(&self) -> f64 {
        let difference = self.alternative.value - self.base.value;
        if self.driver == Driver::OnDuty { -difference } else { difference }
    }
}

/// The stations whose mean wait a measure is, in the base and in the alternative, where both have the same.
fn stations_of(base: &System, alternative: &System, id: &str) -> Option<Vec<(usize, usize)>> {
    let of = |system: &System| -> Option<Vec<usize>> {
        let measure = system.measures().iter().position(|measure| measure.id == id)?;
        Some(system.stations_of_mean_wait(measure)?.to_vec())
    };
    let (mine, theirs) = (of(base)?, of(alternative)?);
    let is_same =
        |(&mine, &theirs): (&usize, &usize)| base.stations()[mine].id == alternative.stations()[theirs].id;
    let are_same = mine.len() == theirs.len() && mine.iter().zip(&theirs).all(is_same);
    are_same.then(|| mine.into_iter().zip(theirs).collect())
}

/// What is asked of the stations of one measure; what cannot be told in every replication of both is left out.
fn asked(
    measure: usize,
    pairs: &[(usize, usize)],
    base: &RunResults,
    alternative: &RunResults,
) -> Vec<Question> {
    let days = f64::from(base.settings.days);
    let question = |driver, values: Option<(Vec<f64>, Vec<f64>)>| {
        let (base, alternative) = values?;
        Some(Question { measure, driver, base, alternative })
    };
    if let &[(mine, theirs)] = pairs {
        let values = |of: &dyn Fn(&StationLoad) -> Option<f64>| {
            let series = |results: &RunResults, station| -> Option<Vec<f64>> {
                results.loads.of_station(station).map(of).collect()
            };
            Some((series(base, mine)?, series(alternative, theirs)?))
        };
        let seconds = |micros: u64| micros as f64 / 1e6;
        let all = [
            question(Driver::Customers, values(&|load| Some(load.joined as f64 / days))),
            question(Driver::Crowding, values(&StationLoad::crowding)),
            question(
                Driver::ServiceTime,
                values(&|load| {
                    (load.completed > 0).then(|| seconds(load.busy_micros) / load.completed as f64)
                }),
            ),
            question(Driver::OnDuty, values(&|load| Some(seconds(load.duty_micros) / days))),
        ];
        return all.into_iter().flatten().collect();
    }
    question(Driver::Spread, spread(pairs, base, alternative)).into_iter().collect()
}

impl StationLoad {
    /// The share of the customers who join in the busiest hour.
    fn crowding(&self) -> Option<f64> {
        (self.in_busiest_hour > 0).then(|| self.in_busiest_hour as f64 / self.wait_count as f64)
    }
}

/// The mean wait of the base, and what it would be with the alternative's shares of the stations.
fn spread(
    pairs: &[(usize, usize)],
    base: &RunResults,
    alternative: &RunResults,
) -> Option<(Vec<f64>, Vec<f64>)> {
    let by_replication = |results: &RunResults, stations: &dyn Fn(&(usize, usize)) -> usize| {
        let loads: Vec<Vec<&StationLoad>> =
            pairs.iter().map(|pair| results.loads.of_station(stations(pair)).collect()).collect();
        let replications = loads.first().map_or(0, Vec::len);
        let of = |replication: usize| loads.iter().map(|station| *station[replication]).collect();
        (0..replications).map(of).collect::<Vec<Vec<StationLoad>>>()
    };
    let mine = by_replication(base, &|pair| pair.0);
    let theirs = by_replication(alternative, &|pair| pair.1);
    let series = |weights: &[Vec<StationLoad>]| -> Option<Vec<f64>> {
        weights.iter().zip(&mine).map(|(weights, waits)| reweighted(weights, waits)).collect()
    };
    Some((series(&mine)?, series(&theirs)?))
}

/// The mean of the waits at some stations, in seconds, with as many people at each as `weights` has; `None` where one of
/// them has people there and `waits` has none, or nobody is anywhere.
fn reweighted(weights: &[StationLoad], waits: &[StationLoad]) -> Option<f64> {
    let (mut waited_micros, mut count) = (0.0, 0);
    for (weight, waits) in weights.iter().zip(waits).filter(|(weight, _)| weight.wait_count > 0) {
        let wait = (waits.wait_count > 0).then(|| waits.waited_micros as f64 / waits.wait_count as f64)?;
        waited_micros += weight.wait_count as f64 * wait;
        count += weight.wait_count;
    }
    (count > 0).then(|| waited_micros / 1e6 / count as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::compare;
    use crate::replicate::{ReplicationCount, RunSettings, Silent, replicate_side_by_side};
    use onetrip_models::network::Network;
    use onetrip_scenarios::network::read_network;
    use onetrip_scenarios::reader::Document;

    fn hall(text: &str) -> System {
        let reading =
            read_network(Document::parse("hall.toml", text)).unwrap_or_else(|error| panic!("{error}"));
        System::Network(Network::new(reading.value).unwrap())
    }

    /// What is found between two halls for a measure.
    fn found(base: &str, alternative: &str, measure: &str) -> Vec<Change> {
        let (base, alternative) = (hall(base), hall(alternative));
        let replications = ReplicationCount::Fixed(60);
        let settings = RunSettings { rng_seed: 3, replications, days: 1, level: Level::P95 };
        let results = replicate_side_by_side(&[&base, &alternative], &settings, &Silent).unwrap();
        let comparison = compare((&base, &results[0]), (&alternative, &results[1]), settings.level).unwrap();
        let of = |one: &&Mechanism| one.measure == measure;
        comparison.mechanisms.iter().find(of).map_or_else(Vec::new, |one| one.changes.clone())
    }

    fn drivers(changes: &[Change]) -> Vec<Driver> {
        changes.iter().map(|change| change.driver).collect()
    }

    fn windows(rate: u32, servers: u32, service_s: u32) -> String {
        format!(
            "format = \"network/1\"\ntitle = \"hall\"\nrun = {{ horizon = \"12 h\" }}\n\
             [[arrivals]]\nname = \"patients\"\nrate = \"{rate} per hour\"\njourney = [\"window\"]\n\
             [[station]]\nname = \"window\"\nservers = {servers}\n\
             service_time = {{ law = \"exponential\", mean = \"{service_s} s\" }}\n"
        )
    }

    #[test]
    fn a_wait_is_put_down_to_what_was_changed_and_to_nothing_else() {
        let base = windows(110, 4, 120);
        let wait = "window.wait_time.mean";
        let served_faster = found(&base, &windows(110, 4, 100), wait);
        assert_eq!(drivers(&served_faster), [Driver::ServiceTime]);
        let [before, after] = [served_faster[0].base.value, served_faster[0].alternative.value];
        assert!((before / 120.0 - 1.0).abs() < 0.05 && (after / before - 100.0 / 120.0).abs() < 0.01);
        let staffed = found(&base, &windows(110, 5, 120), wait);
        assert_eq!(drivers(&staffed), [Driver::OnDuty]);
        assert_eq!(
            [staffed[0].base.value, staffed[0].alternative.value],
            [4.0 * 12.0 * 3600.0, 5.0 * 12.0 * 3600.0]
        );
        assert_eq!(drivers(&found(&base, &windows(90, 4, 120), wait)), [Driver::Customers]);
        assert_eq!(found(&base, &base, wait), []);
    }

    #[test]
    fn what_would_have_moved_the_wait_the_other_way_is_not_named() {
        // Fewer come, and each is served for so much longer that they wait longer all the same.
        let changes = found(&windows(110, 4, 120), &windows(90, 4, 155), "window.wait_time.mean");
        assert_eq!(drivers(&changes), [Driver::ServiceTime]);
    }

    fn clockwork(every: &str) -> String {
        format!(
            "format = \"network/1\"\ntitle = \"hall\"\nrun = {{ until = \"drained\", by_hour = true }}\n\
             [[arrivals]]\nname = \"patients\"\nat = {{ from = \"0 min\", every = \"{every}\", count = 60 }}\n\
             journey = [\"window\"]\n\
             [[station]]\nname = \"window\"\nservers = 1\nservice_time = \"2 min\"\n"
        )
    }

    #[test]
    fn the_same_patients_over_two_hours_instead_of_one_come_half_as_close_together() {
        let changes = found(&clockwork("1 min"), &clockwork("2 min"), "window.wait_time.mean");
        assert_eq!(drivers(&changes), [Driver::Crowding]);
        assert_eq!([changes[0].base.value, changes[0].alternative.value], [1.0, 0.5]);
    }

    #[test]
    fn a_mean_over_two_stations_falls_when_more_go_where_nobody_waits() {
        let load = |waits: u64, waited_s: u64| StationLoad {
            wait_count: waits,
            waited_micros: waited_s * 1_000_000,
            ..StationLoad::default()
        };
        // 80 wait 30 s each and 20 not at all: 24 s. With 50 and 50 the same waits make 15 s.
        let (mine, theirs) = ([load(80, 2_400), load(20, 0)], [load(50, 9_999), load(50, 77)]);
        assert_eq!(reweighted(&mine, &mine), Some(24.0));
        assert_eq!(reweighted(&theirs, &mine), Some(15.0));
        // Where the base has nobody, nobody knows the wait.
        assert_eq!(reweighted(&theirs, &[load(80, 2_400), load(0, 0)]), None);
    }
}
