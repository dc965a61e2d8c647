//! What queueing theory says of a station beside what simulation says: exact for a steady M/M/c, approximate for a day.
//!
//! The load is read from the runs of the answer: who joined in which hour, and how long serving took. A station whose
//! figures are not kept by hour is taken as M/M/c in steady state. Otherwise the day is M_t/M/c_t by the Kolmogorov
//! equations ([`crate::theory::transient`]) in steps of five minutes, with the servers of the shift table. Services are
//! exponential there, whatever their law in the scenario, and nobody chooses another queue: where that is not so the
//! answer is approximate, and a difference from simulation is the worth of simulating.

use super::bench::Bench;
use super::{CURVE_REPLICATIONS, CurvePoint, Knob, SizeError, Turns};
use crate::condition::Condition;
use crate::theory::infinite::RateProfile;
use crate::theory::staffing::{DayStart, WaitCriterion, modified_offered_load, smallest_server_count};
use crate::theory::transient::{StaffedSegment, TransientStation};
use crate::theory::{Mmc, TheoryError};
use onetrip_models::account::Account;
use onetrip_models::measure::Statistic;
use onetrip_models::system::System;
use onetrip_sim::time::SimSpan;
use statrs::function::gamma::gamma_ur;
use std::collections::BTreeMap;

/// Length of a step of the day, in seconds.
const STEP_S: f64 = 300.0;
const STEPS_PER_HOUR: usize = 12;
/// Probabilities below this are not followed.
const NEGLIGIBLE: f64 = 1e-12;
/// Largest number that is tried.
const MOST: u32 = 4096;

/// How the answer was computed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Theory {
    /// Erlang C in steady state.
    SteadyState,
    /// The Kolmogorov equations over a day.
    WholeDay,
}

/// What a station has to do.
#[derive(Clone, PartialEq, Debug)]
pub struct StationLoad {
    /// Customers who joined and were served, per hour: one figure for each hour of the day, or one for all.
    pub arrivals_per_hour: Vec<f64>,
    /// Mean time of service in seconds.
    pub service_time_s: f64,
}

impl StationLoad {
    /// Work arriving in an hour, in servers.
    pub fn offered(&self, hour: usize) -> f64 {
        self.arrivals_per_hour[hour] * self.service_time_s / 3600.0
    }

    /// Customers of a day, where figures are by hour.
    pub fn daily_arrivals(&self) -> f64 {
        self.arrivals_per_hour.iter().sum()
    }
}

/// What queueing theory says.
#[derive(Clone, PartialEq, Debug)]
pub struct QueueingAnswer {
    /// The station.
    pub station: String,
    /// How it was computed.
    pub theory: Theory,
    /// The condition it answers.
    pub condition: usize,
    /// What the station has to do.
    pub load: StationLoad,
    /// The smallest number that holds the condition.
    pub needed: Option<u32>,
    /// For each hour, the smallest number that would hold the condition in that hour by itself (modified offered load);
    /// empty where figures are not by hour.
    pub needed_by_hour: Vec<u32>,
    /// The value of the measure at numbers of the curve, where the station is not overwhelmed.
    pub curve: Vec<(u32, f64)>,
}

/// The wait that a condition speaks of.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Wait {
    Mean { at_most_s: f64 },
    Quantile { share: f64, at_most_s: f64 },
}

impl Wait {
    /// The wait at this station that a condition limits, if it limits one.
    fn of(condition: &Condition, station: &str) -> Option<Wait> {
        let id = condition.measure.id.as_str();
        let room = station.split('.').next().unwrap_or(station);
        let is_here = id.strip_prefix(station).is_some_and(|rest| rest.starts_with(".wait_time"))
            || (id.starts_with("registration.on_site.wait_time") && room == "registration");
        if !is_here || !condition.relation.wants_small() {
            return None;
        }
        match condition.measure.statistic {
            Statistic::Mean => Some(Wait::Mean { at_most_s: condition.limit }),
            Statistic::Quantile(share) => Some(Wait::Quantile { share, at_most_s: condition.limit }),
            _ => None,
        }
    }

    pub(super) fn criterion(self) -> WaitCriterion {
        match self {
            Wait::Mean { at_most_s } => WaitCriterion::MeanWaitTime { at_most: at_most_s },
            Wait::Quantile { share, at_most_s } => {
                WaitCriterion::WaitTail { longer_than: at_most_s, at_most_share: 1.0 - share }
            }
        }
    }
}

/// The station's place among the statistics of a system.
pub(super) fn place_of(system: &System, station: &str) -> Option<usize> {
    system.stations().iter().position(|label| label.id == station)
}

/// What a station had to do in these runs; nothing where nobody came.
pub(super) fn load_of(system: &System, account: &Account, station: usize) -> Option<StationLoad> {
    let statistics = &account.statistics;
    let layout = statistics.layout();
    let own = &statistics.stations[station];
    let joined = |hour: usize| {
        (0..layout.class_count).map(|class| statistics.waits_by_hour(station, class)[hour].count).sum::<u64>()
    };
    let hours = |hour: usize| match system {
        // Every hour of the clock comes once a day, also those that the last patient does not live to see.
        System::Hospital(_) => statistics.run_count as f64,
        System::Network(_) => statistics.observed_time[hour] as f64 / 3.6e9,
    };
    let arrivals_per_hour: Vec<f64> = (0..layout.hour_count)
        .map(|hour| if hours(hour) > 0.0 { joined(hour) as f64 / hours(hour) } else { 0.0 })
        .collect();
    let busy: u128 = own.busy_area.iter().sum();
    let is_used = own.completed > 0 && arrivals_per_hour.iter().any(|&rate| rate > 0.0);
    is_used
        .then(|| StationLoad { arrivals_per_hour, service_time_s: busy as f64 / 1e6 / own.completed as f64 })
}

/// The queueing answer beside the simulated one; nothing where the target limits no wait at the knob's station.
pub(super) fn beside(
    bench: &mut Bench<'_>,
    knob: &Knob,
    answer: &[u32],
    curve: &[CurvePoint],
) -> Result<Option<QueueingAnswer>, SizeError> {
    let station = knob.station();
    let limited = bench.problem.target.iter().map(|condition| Wait::of(condition, station));
    let Some((condition, wait)) = limited.enumerate().find_map(|(index, wait)| Some((index, wait?))) else {
        return Ok(None);
    };
    let Some(place) = place_of(bench.system(answer)?, station) else { return Ok(None) };
    let account = bench.account(answer, CURVE_REPLICATIONS)?;
    let Some(load) = load_of(bench.system(answer)?, &account, place) else { return Ok(None) };
    let numbers: Vec<u32> = curve.iter().map(|point| point.design[0]).collect();
    Ok(answer_of(knob, condition, wait, load, &numbers).ok())
}

fn answer_of(
    knob: &Knob,
    condition: usize,
    wait: Wait,
    load: StationLoad,
    numbers: &[u32],
) -> Result<QueueingAnswer, TheoryError> {
    let service_rate = 1.0 / load.service_time_s;
    let rates: Vec<f64> = load.arrivals_per_hour.iter().map(|per_hour| per_hour / 3600.0).collect();
    let station = knob.station().to_owned();
    if let [rate] = rates[..] {
        let value = |servers: u32| {
            let station = Mmc::new(rate, service_rate, servers).ok()?;
            match wait {
                Wait::Mean { .. } => Some(station.mean_wait_time()),
                Wait::Quantile { share, .. } => station.wait_quantile(share).ok(),
            }
        };
        return Ok(QueueingAnswer {
            station,
            theory: Theory::SteadyState,
            condition,
            needed: Some(smallest_server_count(rate, service_rate, wait.criterion())?),
            needed_by_hour: Vec::new(),
            curve: numbers.iter().filter_map(|&number| Some((number, value(number)?))).collect(),
            load,
        });
    }
    let profile = RateProfile::equal_spans(3600.0, &rates)?;
    let needed_by_hour = modified_offered_load(&profile, service_rate, wait.criterion(), DayStart::Empty)?;
    let work_s = load.daily_arrivals() * load.service_time_s;
    // A number whose servers cannot do the work of the day while they are open fails without being computed.
    let can_do = |number: u32| work_s < staffed_seconds(knob, number);
    let holds = |number: u32| -> Result<bool, TheoryError> {
        Ok(can_do(number) && Day::new(knob, number, &rates, service_rate)?.holds(wait))
    };
    let (mut fails, mut enough) = (0, 1);
    while !holds(enough)? {
        (fails, enough) = (enough, enough * 2);
        if enough > MOST {
            break;
        }
    }
    while enough <= MOST && enough - fails > 1 {
        let middle = fails + (enough - fails) / 2;
        if holds(middle)? { enough = middle } else { fails = middle }
    }
    let mut curve = Vec::new();
    for &number in numbers.iter().filter(|&&number| can_do(number)) {
        curve.push((number, Day::new(knob, number, &rates, service_rate)?.value(wait)));
    }
    Ok(QueueingAnswer {
        station,
        theory: Theory::WholeDay,
        condition,
        needed: (enough <= MOST).then_some(enough),
        needed_by_hour,
        curve,
        load,
    })
}

/// Servers on duty at a time of the day, in seconds, when the knob is at this number.
fn servers_at(knob: &Knob, number: u32, at_s: f64) -> u32 {
    match &knob.turns {
        Turns::Value => number,
        Turns::Shifts(table) => {
            let at = SimSpan::from_seconds(at_s);
            let on_duty = |shift: &&onetrip_models::hospital::spec::Shift| shift.from <= at && at < shift.to;
            table.scaled(number).iter().filter(on_duty).map(|shift| shift.count).sum()
        }
    }
}

fn staffed_seconds(knob: &Knob, number: u32) -> f64 {
    let steps = 24 * STEPS_PER_HOUR;
    (0..steps).map(|step| f64::from(servers_at(knob, number, step as f64 * STEP_S)) * STEP_S).sum()
}

/// Arrivals of a stretch, and what they find.
struct Found {
    weight: f64,
    servers: u32,
    /// Until somebody serves, in seconds.
    opens_in_s: f64,
    occupancy: Vec<f64>,
}

/// A day of the station.
struct Day {
    found: Vec<Found>,
    service_rate: f64,
}

impl Day {
    fn new(knob: &Knob, number: u32, rates: &[f64], service_rate: f64) -> Result<Day, TheoryError> {
        let first = rates.iter().position(|&rate| rate > 0.0).unwrap_or(0) * STEPS_PER_HOUR;
        let last = rates.iter().rposition(|&rate| rate > 0.0).map_or(0, |hour| (hour + 1) * STEPS_PER_HOUR);
        let servers: Vec<u32> =
            (0..24 * STEPS_PER_HOUR).map(|step| servers_at(knob, number, step as f64 * STEP_S)).collect();
        let segments = (first..last).map(|step| StaffedSegment {
            span_time: STEP_S,
            arrival_rate: rates[step / STEPS_PER_HOUR],
            server_count: servers[step],
        });
        let outcomes = TransientStation::new(service_rate, 0.0, segments.collect())?.from_empty()?;
        let mut found = Vec::new();
        let mut before = vec![1.0];
        for (step, outcome) in (first..last).zip(outcomes) {
            let after = outcome.occupancy_at_end;
            let opens = servers[step..].iter().position(|&count| count > 0);
            // Whoever comes when nobody will serve any more that day is turned away.
            if let Some(ahead) = opens.filter(|_| rates[step / STEPS_PER_HOUR] > 0.0) {
                let longest = before.len().max(after.len());
                let at = |law: &[f64], n: usize| law.get(n).copied().unwrap_or(0.0);
                found.push(Found {
                    weight: rates[step / STEPS_PER_HOUR] * STEP_S,
                    servers: servers[step + ahead],
                    opens_in_s: if ahead == 0 { 0.0 } else { (ahead as f64 - 0.5) * STEP_S },
                    occupancy: (0..longest).map(|n| 0.5 * (at(&before, n) + at(&after, n))).collect(),
                });
            }
            before = after;
        }
        Ok(Day { found, service_rate })
    }

    fn weight(&self) -> f64 {
        self.found.iter().map(|found| found.weight).sum()
    }

    /// The mean wait over all who come, in seconds.
    fn mean_wait_s(&self) -> f64 {
        let total: f64 = self
            .found
            .iter()
            .map(|found| {
                let rate = f64::from(found.servers) * self.service_rate;
                let behind = |n: usize| {
                    let ahead = (n as f64 - f64::from(found.servers) + 1.0).max(0.0);
                    found.opens_in_s + ahead / rate
                };
                let mean: f64 = found.occupancy.iter().enumerate().map(|(n, share)| share * behind(n)).sum();
                found.weight * mean
            })
            .sum();
        total / self.weight()
    }

    /// The share of all who come that wait longer than this: with n present at c servers, n − c + 1 must end first, and
    /// they end at rate cμ.
    fn tail(&self, longer_than_s: f64) -> f64 {
        let mut known: BTreeMap<(u32, u64), Vec<f64>> = BTreeMap::new();
        let mut total = 0.0;
        for found in &self.found {
            let left_s = longer_than_s - found.opens_in_s;
            if left_s < 0.0 {
                total += found.weight;
                continue;
            }
            let row = known.entry((found.servers, left_s.to_bits())).or_default();
            let mean = f64::from(found.servers) * self.service_rate * left_s;
            let servers = found.servers as usize;
            for (n, share) in found.occupancy.iter().enumerate().skip(servers) {
                if *share < NEGLIGIBLE {
                    continue;
                }
                while row.len() <= n - servers {
                    let ended = row.len() as f64;
                    row.push(if mean > 0.0 { gamma_ur(ended + 1.0, mean) } else { 1.0 });
                }
                total += found.weight * share * row[n - servers];
            }
        }
        total / self.weight()
    }

    fn holds(&self, wait: Wait) -> bool {
        match wait {
            Wait::Mean { at_most_s } => self.mean_wait_s() <= at_most_s,
            Wait::Quantile { share, at_most_s } => self.tail(at_most_s) <= 1.0 - share,
        }
    }

    fn value(&self, wait: Wait) -> f64 {
        let Wait::Quantile { share, .. } = wait else { return self.mean_wait_s() };
        let is_within = |at_s: f64| self.tail(at_s) <= 1.0 - share;
        if is_within(0.0) {
            return 0.0;
        }
        let mut high = 60.0;
        while !is_within(high) && high < 86_400.0 {
            high *= 2.0;
        }
        let mut low = 0.0;
        while high - low > 0.5 {
            let middle = 0.5 * (low + high);
            if is_within(middle) { high = middle } else { low = middle }
        }
        high
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kiosks() -> Knob {
        Knob { path: "station.kiosk.servers".into(), between: 1..=20, turns: Turns::Value }
    }

    #[test]
    fn a_flat_day_is_a_steady_station_after_its_start() {
        let rates = [120.0 / 3600.0; 24];
        let service_rate = 1.0 / 120.0;
        for servers in [5, 6, 8] {
            let day = Day::new(&kiosks(), servers, &rates, service_rate).unwrap();
            let steady = Mmc::new(rates[0], service_rate, servers).unwrap();
            assert!((day.mean_wait_s() / steady.mean_wait_time() - 1.0).abs() < 0.02);
            assert!((day.tail(120.0) / steady.wait_tail(120.0).unwrap() - 1.0).abs() < 0.02);
            let wait = Wait::Quantile { share: 0.9, at_most_s: 60.0 };
            let exact = steady.wait_quantile(0.9).unwrap();
            assert!((day.value(wait) - exact).abs() < 0.02 * exact + 1.0, "{servers}");
        }
    }

    #[test]
    fn the_smallest_number_of_a_steady_station_is_erlang_s() {
        let load = StationLoad { arrivals_per_hour: vec![120.0], service_time_s: 120.0 };
        let wait = Wait::Quantile { share: 0.99, at_most_s: 300.0 };
        let answer = answer_of(&kiosks(), 0, wait, load, &[3, 4, 5, 6]).unwrap();
        assert_eq!((answer.needed, answer.theory), (Some(6), Theory::SteadyState));
        // Four servers have as much work as they can do: no steady state.
        assert_eq!(answer.curve.iter().map(|point| point.0).collect::<Vec<_>>(), [5, 6]);
    }

    #[test]
    fn whoever_comes_before_the_doors_open_waits_for_them() {
        let table = onetrip_scenarios::hospital::ShiftTable {
            key: "k".into(),
            station: "s".into(),
            shifts: vec![onetrip_models::hospital::spec::Shift::hours(8.0, 12.0, 1)],
        };
        let knob = Knob { path: "s.count".into(), between: 1..=9, turns: Turns::Shifts(table) };
        let mut rates = [0.0; 24];
        rates[7] = 60.0 / 3600.0;
        let day = Day::new(&knob, 9, &rates, 1.0 / 10.0).unwrap();
        // On average half an hour, and a little for those who stand before them.
        assert!((1800.0..1900.0).contains(&day.mean_wait_s()), "{}", day.mean_wait_s());
        assert!((day.tail(1800.0) - 0.5).abs() < 0.06, "{}", day.tail(1800.0));
    }
}
