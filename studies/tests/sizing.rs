//! The number found is the number needed: random kiosk problems whose answer queueing theory has exactly.
//!
//! Forty problems are everyday; two hundred by `cargo test -p onetrip-studies --test sizing -- --ignored`.

use onetrip_models::network::{
    Balking, Choice, Network, NetworkRun, NetworkSource, NetworkSpec, NetworkStation, Places, Step,
};
use onetrip_models::system::System;
use onetrip_models::text::Text;
use onetrip_sim::arrival::{ArrivalSource, RateProfile};
use onetrip_sim::distribution::Distribution;
use onetrip_sim::engine::Horizon;
use onetrip_sim::model::StationId;
use onetrip_sim::station::StationPlan;
use onetrip_sim::stream::{Purpose, RunKey, Stream};
use onetrip_sim::time::{SimSpan, SimTime};
use onetrip_studies::condition::WrittenTarget;
use onetrip_studies::replicate::Silent;
use onetrip_studies::size::{
    BuildError, Ending, Knob, Method, SizeProblem, SizeResults, SizeSettings, Turns, size,
};
use onetrip_studies::statistics::interval::Level;
use onetrip_studies::theory::staffing::{WaitCriterion, smallest_server_count};
use onetrip_studies::theory::transient::{StaffedSegment, TransientStation};

/// A hall with kiosks whose number is to be found.
struct Hall {
    /// Arrivals per hour: the same all the time, or hour by hour over a day of their number.
    rates: Vec<f64>,
    service_time_s: f64,
    /// Mean wait of the day, or share and wait.
    limit: Limit,
}

#[derive(Clone, Copy)]
enum Limit {
    Mean(f64),
    P90(f64),
}

impl Hall {
    fn system(&self, kiosks: u32) -> Result<System, BuildError> {
        let hour = |hour: usize| SimTime::ZERO + SimSpan::from_whole_minutes(60 * hour as u64);
        let (profile, run) = match self.rates[..] {
            [rate] => (
                RateProfile::constant(rate)?,
                NetworkRun {
                    horizon: Horizon::At(SimTime::ZERO + SimSpan::from_whole_minutes(60 * 26)),
                    warm_up: SimSpan::from_whole_minutes(120),
                    keeps_hours: false,
                    replications: None,
                },
            ),
            _ => {
                let mut segments: Vec<(SimTime, f64)> =
                    self.rates.iter().enumerate().map(|(index, &rate)| (hour(index), rate)).collect();
                segments.push((hour(self.rates.len()), 0.0));
                (
                    RateProfile::once(&segments)?,
                    NetworkRun {
                        horizon: Horizon::Drained { at_earliest: SimTime::ZERO, at_latest: hour(72) },
                        warm_up: SimSpan::ZERO,
                        keeps_hours: true,
                        replications: None,
                    },
                )
            }
        };
        let places = Places { name: "kiosk".into(), stations: vec![StationId(0)], choice: Choice::Only };
        let spec = NetworkSpec {
            name: "hall".into(),
            title: Text::same("hall"),
            description: Text::same("hall"),
            classes: vec!["patients".into()],
            pause_kinds: Vec::new(),
            stations: vec![NetworkStation {
                plan: StationPlan::new("kiosk", kiosks),
                service_time: vec![Distribution::exponential(self.service_time_s)?],
                rank: vec![0],
                patience: vec![None],
                balking: vec![Balking::Never],
                server_count: vec![1],
                diverts_to: None,
            }],
            groups: Vec::new(),
            sources: vec![NetworkSource {
                name: "patients".into(),
                arrivals: ArrivalSource::poisson("patients", profile),
                at_most: None,
                classes: vec![(0, 1.0)],
                journey: vec![Step::Visit { places, service_time: None, remember: false }],
            }],
            routes: None,
            run,
        };
        Ok(System::Network(Network::new(spec)?))
    }

    fn condition(&self) -> String {
        match self.limit {
            Limit::Mean(limit) => format!("kiosk.wait_time.mean <= {limit} s"),
            Limit::P90(limit) => format!("kiosk.wait_time.p90 <= {limit} s"),
        }
    }

    /// The smallest number, exactly.
    fn exact(&self) -> u32 {
        let service_rate = 1.0 / self.service_time_s;
        match (&self.rates[..], self.limit) {
            (&[rate], limit) => {
                let criterion = match limit {
                    Limit::Mean(at_most) => WaitCriterion::MeanWaitTime { at_most },
                    Limit::P90(longer_than) => WaitCriterion::WaitTail { longer_than, at_most_share: 0.1 },
                };
                smallest_server_count(rate / 3600.0, service_rate, criterion).unwrap()
            }
            (_, Limit::Mean(limit)) => (1..).find(|&kiosks| self.mean_wait_of_day(kiosks) <= limit).unwrap(),
            (_, Limit::P90(_)) => unreachable!("days are asked for their mean"),
        }
    }

    /// All waiting of a day ÷ all who come (Little), until the last has gone.
    fn mean_wait_of_day(&self, kiosks: u32) -> f64 {
        let work: f64 = self.rates.iter().sum::<f64>() * self.service_time_s / 3600.0;
        let rest = vec![0.0; 4 + (work / f64::from(kiosks)) as usize];
        let segments = self.rates.iter().chain(&rest).map(|rate| StaffedSegment {
            span_time: 3600.0,
            arrival_rate: rate / 3600.0,
            server_count: kiosks,
        });
        let station = TransientStation::new(1.0 / self.service_time_s, 0.0, segments.collect()).unwrap();
        let waited: f64 =
            station.from_empty().unwrap().iter().map(|hour| hour.mean_queue_length * 3600.0).sum();
        waited / self.rates.iter().sum::<f64>()
    }

    fn sized(&self, between: std::ops::RangeInclusive<u32>, rng_seed: u64) -> SizeResults {
        let build = |design: &[u32]| self.system(design[0]);
        let measures = self.system(1).unwrap();
        let target = self.condition().parse::<WrittenTarget>().unwrap().resolve(measures.measures()).unwrap();
        let knob = Knob { path: "station.kiosk.servers".into(), between, turns: Turns::Value };
        let problem = SizeProblem { knobs: vec![knob], target, costs: vec![1.0], build: &build };
        size(&problem, &settings(rng_seed), &Silent).unwrap()
    }
}

fn settings(rng_seed: u64) -> SizeSettings {
    SizeSettings {
        rng_seed,
        days: 1,
        level: Level::P95,
        tolerance_share: 0.1,
        at_most: 500,
        time_limit: None,
    }
}

/// A problem drawn at random; every second one is a day with its hours.
fn drawn(index: u32) -> Hall {
    let purpose = Purpose::named("kiosk problems");
    let mut stream: Stream = RunKey::new(2018, index, 0).entity(purpose, 0).stream(purpose);
    let mut between = |low: f64, high: f64| low + (high - low) * stream.unit();
    let service_time_s = between(30.0, 180.0).round();
    if index.is_multiple_of(2) {
        let rate = between(30.0, 300.0).round();
        let limit = between(0.3, 2.0) * service_time_s;
        let limit = if index.is_multiple_of(4) { Limit::Mean(0.5 * limit) } else { Limit::P90(limit) };
        Hall { rates: vec![rate], service_time_s, limit }
    } else {
        let peak = between(60.0, 300.0);
        let rates =
            [0.4, 1.0, 0.9, 0.6, 0.2, 0.4, 0.5, 0.3].map(|share| (peak * share * between(0.8, 1.2)).round());
        Hall { rates: rates.to_vec(), service_time_s, limit: Limit::Mean(between(0.3, 1.5) * service_time_s) }
    }
}

/// How many of so many problems are answered within one of the exact number.
fn within_one(count: u32) -> u32 {
    let mut right = 0;
    for index in 0..count {
        let hall = drawn(index);
        let exact = hall.exact();
        let results = hall.sized(1..=(2 * exact + 6), u64::from(index) + 1);
        let found = results.answer.as_ref().map_or(0, |answer| answer[0]);
        if found.abs_diff(exact) > 1 {
            println!("problem {index}: {} needs {exact}, found {found}", hall.condition());
        } else {
            right += 1;
        }
        let theory = results.queueing.expect("a wait at the knob's own station has a queueing answer");
        let says = theory.needed.expect("some number is enough");
        assert!(says.abs_diff(exact) <= 1, "problem {index}: theory beside says {says}, exact {exact}");
    }
    right
}

#[test]
fn forty_random_kiosk_problems_are_answered_within_one() {
    let right = within_one(40);
    assert!(right >= 38, "{right} of 40");
}

#[test]
#[ignore = "two hundred problems take minutes; run by `-- --ignored`"]
fn two_hundred_random_kiosk_problems_are_answered_within_one() {
    let right = within_one(200);
    println!("{right} of 200 within one");
    assert!(right >= 190, "{right} of 200");
}

#[test]
fn the_same_seed_gives_the_same_answer_and_the_same_checks() {
    let hall = drawn(2);
    let (first, second) = (hall.sized(1..=40, 7), hall.sized(1..=40, 7));
    assert_eq!((first.answer, first.checks), (second.answer, second.checks));
    assert_eq!(first.curve, second.curve);
    assert_eq!(first.method, Method::Halving);
}

#[test]
fn a_target_that_no_number_holds_is_said_so() {
    // Six kiosks for four at work on average: 8.5 s of wait, where one second is asked for. Five at most for five at work:
    // the queue grows without end, and waits differ by hours from day to day, beside a tolerance of half a second.
    for (rate, limit, range) in [(240.0, 1.0, 5..=6), (300.0, 5.0, 1..=5)] {
        let hall = Hall { rates: vec![rate], service_time_s: 60.0, limit: Limit::Mean(limit) };
        let results = hall.sized(range, 1);
        assert_eq!((results.ending, results.answer), (Ending::NoneHolds, None));
        assert!(results.checks.iter().all(|check| check.replication_count <= 500));
    }
}

#[test]
fn a_condition_that_more_makes_worse_is_checked_number_by_number() {
    // Utilisation falls with every kiosk: the only numbers that keep it high are the small ones.
    let hall = Hall { rates: vec![120.0], service_time_s: 60.0, limit: Limit::Mean(1.0) };
    let build = |design: &[u32]| hall.system(design[0]);
    let measures = hall.system(1).unwrap();
    let text = "kiosk.utilisation_share >= 45 % and kiosk.wait_time.mean <= 60 s";
    let target = text.parse::<WrittenTarget>().unwrap().resolve(measures.measures()).unwrap();
    let knob = Knob { path: "station.kiosk.servers".into(), between: 3..=8, turns: Turns::Value };
    let problem = SizeProblem { knobs: vec![knob], target, costs: vec![1.0], build: &build };
    let results = size(&problem, &settings(3), &Silent).unwrap();
    assert_eq!(results.method, Method::EveryNumber);
    assert_eq!(results.answer, Some(vec![3]));
}

#[test]
fn two_knobs_are_turned_to_the_cheapest_combination() {
    // Two halls in one: each needs its own number, whatever the other has.
    let text = include_str!("sizing/two-halls.toml");
    let build = |design: &[u32]| -> Result<System, BuildError> {
        let mut document = onetrip_scenarios::reader::Document::parse("two-halls.toml", text);
        document.set(&format!("station.kiosk.servers={}", design[0]));
        document.set(&format!("station.window.servers={}", design[1]));
        let reading =
            onetrip_scenarios::network::read_network(document).map_err(|error| error.to_string())?;
        Ok(System::Network(Network::new(reading.value)?))
    };
    let measures = build(&[1, 1]).unwrap();
    let text = "kiosk.wait_time.mean <= 60 s and window.wait_time.mean <= 90 s";
    let target = text.parse::<WrittenTarget>().unwrap().resolve(measures.measures()).unwrap();
    let knob = |path: &str| Knob { path: path.into(), between: 1..=14, turns: Turns::Value };
    let knobs = vec![knob("station.kiosk.servers"), knob("station.window.servers")];
    let problem = SizeProblem { knobs, target, costs: vec![1.0, 3.0], build: &build };
    let results = size(&problem, &settings(11), &Silent).unwrap();
    let exact = |rate: f64, service_s: f64, at_most: f64| {
        smallest_server_count(rate / 3600.0, 1.0 / service_s, WaitCriterion::MeanWaitTime { at_most })
            .unwrap()
    };
    assert_eq!(
        results.answer,
        Some(vec![exact(200.0, 90.0, 60.0), exact(90.0, 150.0, 90.0)]),
        "{:?}",
        results.checks.len()
    );
    // Combinations one below lie close to a target: they are decided all the same, or found to be within the tolerance.
    assert_eq!(results.ending, Ending::Found);
    let cost = results.answer.map(|answer| f64::from(answer[0]) + 3.0 * f64::from(answer[1]));
    assert_eq!(results.cost, cost);
    assert!(results.checks.len() < 60, "{} checks for 196 combinations", results.checks.len());
}
