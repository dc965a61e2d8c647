//! Coverage of what a run and a comparison report: over 1,000 macro-replications of queues with exact answers, the 95 %
//! intervals of means, p90, shares and paired differences hold the exact value 93.6 to 96.4 % of the time.
//!
//! A measure over customers is a ratio, and a quantile of a finite run is off by the order of 1/length; runs are long
//! enough for that to be small against the interval.

use onetrip_models::network::Network;
use onetrip_models::system::System;
use onetrip_scenarios::network::read_network;
use onetrip_scenarios::reader::Document;
use onetrip_studies::compare::compare;
use onetrip_studies::replicate::{ReplicationCount, RunSettings, Silent, replicate, replicate_side_by_side};
use onetrip_studies::statistics::interval::{Level, paired_difference};
use onetrip_studies::theory::Mmc;
use onetrip_studies::theory::transient::{StaffedSegment, TransientStation};
use rayon::prelude::*;

const MACRO_COUNT: u64 = 1_000;

fn system(text: &str, assignments: &[&str]) -> System {
    let mut document = Document::parse("hall.toml", text);
    assignments.iter().for_each(|assignment| document.set(assignment));
    let reading = read_network(document).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    System::Network(Network::new(reading.value).unwrap())
}

fn settings(rng_seed: u64, replications: u32, days: u32) -> RunSettings {
    RunSettings { rng_seed, replications: ReplicationCount::Fixed(replications), days, level: Level::P95 }
}

/// Runs a thousand macro-replications and holds the share of intervals that contain each exact value to the band.
fn covers(system: &System, exact: &[(&str, f64)], replications: u32, days: u32) {
    let places: Vec<usize> = exact
        .iter()
        .map(|(id, _)| system.measures().iter().position(|measure| measure.id == *id).expect("a measure"))
        .collect();
    let held: Vec<Vec<bool>> = (0..MACRO_COUNT)
        .into_par_iter()
        .map(|index| {
            let results = replicate(system, &settings(1_000 + index, replications, days), &Silent).unwrap();
            places
                .iter()
                .zip(exact)
                .map(|(&place, (_, value))| {
                    let estimate = results.measures[place].estimate.expect("somebody came");
                    estimate.interval.expect("waits vary").contains(*value)
                })
                .collect()
        })
        .collect();
    for (at, (id, value)) in exact.iter().enumerate() {
        let share = held.iter().filter(|row| row[at]).count() as f64 / MACRO_COUNT as f64;
        println!("{id}: exact {value:.6}, covered {:.1} %", share * 100.0);
        assert!((0.936..=0.964).contains(&share), "{id}: {:.1} %", share * 100.0);
    }
}

const STEADY: &str = include_str!("coverage/steady.toml");
const MORNING: &str = include_str!("coverage/morning.toml");

#[test]
fn intervals_of_a_steady_hall_cover_mean_p90_and_share() {
    let exact = Mmc::new(120.0 / 3600.0, 1.0 / 120.0, 6).unwrap();
    covers(
        &system(STEADY, &[]),
        &[
            ("kiosk.wait_time.mean", exact.mean_wait_time()),
            ("kiosk.wait_time.p90", exact.wait_quantile(0.9).unwrap()),
            ("kiosk.waited_share", exact.wait_probability()),
        ],
        30,
        1,
    );
}

/// The morning of `coverage/morning.toml`, minute by minute: rates per hour by hour, three servers, services of 2 min.
const RATES: [f64; 4] = [40.0, 80.0, 60.0, 20.0];
const SERVICE_S: f64 = 120.0;
const SERVERS: u32 = 3;

/// Mean wait, p90 and share who wait, of all who come in a morning.
fn morning() -> (f64, f64, f64) {
    // Nobody comes after the fourth hour; the rest is for those still waiting.
    let rate_at = |minute: usize| RATES.get(minute / 60).copied().unwrap_or(0.0) / 3600.0;
    let minutes = 10 * 60;
    let segments = (0..minutes).map(|minute| StaffedSegment {
        span_time: 60.0,
        arrival_rate: rate_at(minute),
        server_count: SERVERS,
    });
    let outcomes =
        TransientStation::new(1.0 / SERVICE_S, 0.0, segments.collect()).unwrap().from_empty().unwrap();
    let all: f64 = RATES.iter().sum();
    let waited: f64 = outcomes.iter().map(|minute| minute.mean_queue_length * 60.0).sum();
    let (mut waits, mut tails) = (0.0, Vec::new());
    let mut before = vec![1.0];
    for (minute, outcome) in outcomes.into_iter().enumerate() {
        waits += rate_at(minute) * 60.0 * outcome.wait_probability;
        let at = |law: &[f64], n: usize| law.get(n).copied().unwrap_or(0.0);
        let longest = before.len().max(outcome.occupancy_at_end.len());
        let middle: Vec<f64> =
            (0..longest).map(|n| 0.5 * (at(&before, n) + at(&outcome.occupancy_at_end, n))).collect();
        tails.push((rate_at(minute) * 60.0, middle));
        before = outcome.occupancy_at_end;
    }
    // With n present, n − c + 1 services must end, at rate cμ: more than so long with the Poisson probability of at most n − c.
    let tail = |longer_than_s: f64| {
        let mean = f64::from(SERVERS) * longer_than_s / SERVICE_S;
        let mut at_most = vec![(-mean).exp()];
        let mut term = at_most[0];
        for k in 1..400 {
            term *= mean / f64::from(k);
            at_most.push(at_most[at_most.len() - 1] + term);
        }
        let share = |law: &[f64]| -> f64 {
            law.iter()
                .enumerate()
                .skip(SERVERS as usize)
                .map(|(n, p)| p * at_most[(n - SERVERS as usize).min(399)])
                .sum()
        };
        tails.iter().map(|(weight, law)| weight * share(law)).sum::<f64>() / all
    };
    let (mut low, mut high) = (0.0, 3600.0);
    while high - low > 1e-6 {
        let middle = 0.5 * (low + high);
        if tail(middle) > 0.1 { low = middle } else { high = middle }
    }
    (waited / all, high, waits / all)
}

#[test]
fn intervals_of_a_morning_with_a_peak_cover_mean_p90_and_share() {
    let (mean, p90, share) = morning();
    covers(
        &system(MORNING, &[]),
        &[("window.wait_time.mean", mean), ("window.wait_time.p90", p90), ("window.waited_share", share)],
        10,
        60,
    );
}

#[test]
fn intervals_of_paired_differences_cover_the_effect_of_a_kiosk() {
    let (base, alternative) = (system(STEADY, &["station.kiosk.servers=5"]), system(STEADY, &[]));
    let hall = |servers| Mmc::new(120.0 / 3600.0, 1.0 / 120.0, servers).unwrap();
    let exact = [
        ("kiosk.wait_time.mean", hall(6).mean_wait_time() - hall(5).mean_wait_time()),
        ("kiosk.wait_time.p90", hall(6).wait_quantile(0.9).unwrap() - hall(5).wait_quantile(0.9).unwrap()),
        ("kiosk.waited_share", hall(6).wait_probability() - hall(5).wait_probability()),
    ];
    let level = Level::P95;
    let held: Vec<[bool; 3]> = (0..MACRO_COUNT)
        .into_par_iter()
        .map(|index| {
            let settings = settings(9_000 + index, 30, 1);
            let results = replicate_side_by_side(&[&base, &alternative], &settings, &Silent).unwrap();
            let comparison = compare((&base, &results[0]), (&alternative, &results[1]), level).unwrap();
            let count = comparison.measures.len();
            exact.map(|(id, exact)| {
                // The family's level on all measures, the single one's on this: each interval is Student's.
                let of_one = comparison.measures.iter().find(|one| one.measure.id == id).unwrap();
                let family = of_one.difference.interval.unwrap();
                assert!((family.level - level.shared_by(count).share()).abs() < 1e-12);
                let place = base.measures().iter().position(|one| one.id == id).unwrap();
                let values = |at: usize| -> Vec<f64> {
                    results[at].measures[place].values.iter().copied().flatten().collect()
                };
                let alone = paired_difference(&values(0), &values(1), level).unwrap();
                assert_eq!(alone.value, of_one.difference.value);
                alone.interval.unwrap().contains(exact)
            })
        })
        .collect();
    for (at, (id, exact)) in exact.iter().enumerate() {
        let share = held.iter().filter(|held| held[at]).count() as f64 / MACRO_COUNT as f64;
        println!("difference of {id}: exact {exact:.4}, covered {:.1} %", share * 100.0);
        assert!((0.936..=0.964).contains(&share), "{id}: {:.1} %", share * 100.0);
    }
}

#[test]
fn an_unchanged_system_differs_from_itself_by_exactly_nothing() {
    let (base, same) = (system(STEADY, &[]), system(STEADY, &["station.kiosk.servers=6"]));
    let results = replicate_side_by_side(&[&base, &same], &settings(4, 5, 2), &Silent).unwrap();
    let comparison = compare((&base, &results[0]), (&same, &results[1]), Level::P95).unwrap();
    assert!(comparison.left_out.is_empty(), "{:?}", comparison.left_out);
    for one in &comparison.measures {
        assert_eq!((one.difference.value, one.difference.interval), (0.0, None), "{}", one.measure.id);
        assert!(!one.is_different && one.family_p_value == 1.0);
    }
    let patients = comparison.patients;
    assert_eq!((patients.shorter, patients.longer, patients.median_difference_s), (0, 0, 0.0));
    assert!(patients.paired > 1_000 && patients.paired == patients.equal);
}
