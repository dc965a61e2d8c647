//! What the measures do not say, read off the account or a watched run.

use super::{FARTHEST, case, exact, z_score};
use crate::door;
use crate::watching::{arrival, film, first_start};
use onetrip_models::system::System;
use onetrip_sim::observer::Happening;
use onetrip_sim::time::{SimSpan, SimTime};
use onetrip_studies::film::Film;
use rayon::prelude::*;

/// A number of each of many replications.
fn of_each<T: Send>(system: &System, rng_seed: u64, count: u32, read: impl Fn(&Film) -> T + Sync) -> Vec<T> {
    (0..count)
        .into_par_iter()
        .map(|replication| {
            let film = film(system, door::luck(rng_seed, replication)).expect("it runs");
            read(&film)
        })
        .collect()
}

fn assert_close(what: &str, values: &[f64], exact: f64) {
    let z = z_score(values, exact);
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    println!("{what}: {mean:.6}, exact {exact:.6}, z {z:.2}");
    assert!(z.abs() < FARTHEST, "{what}: {mean}, exact {exact}, z {z}");
}

/// How many are inside at an instant.
fn inside_at(film: &Film, at: SimTime) -> f64 {
    let before = film.records().iter().take_while(|record| record.at <= at);
    let change = |happening: Happening| match happening {
        Happening::Arrived => 1.0,
        Happening::Left(_) => -1.0,
        _ => 0.0,
    };
    before.map(|record| change(record.happening)).sum()
}

fn minutes(count: u64) -> SimTime {
    SimTime::ZERO + SimSpan::from_whole_minutes(count)
}

#[test]
fn the_clinic_day_has_its_exact_waits_and_overtime() {
    let system = door::shipped("clinic-transient", &[]);
    let results = door::run(&system, 19, 40_000);
    for (quantity, measure) in
        [("wait_time.mean", "doctor.wait_time.mean"), ("overtime.mean", "doctor.overtime.mean")]
    {
        let values: Vec<f64> =
            results.measure(&system, measure).expect(measure).values.iter().copied().flatten().collect();
        assert_close(measure, &values, exact(19, "", quantity));
    }
    let last = of_each(&system, 19, 40_000, |film| {
        let (came_at, started_at) =
            (arrival(film, 15).expect("came"), first_start(film, 15).expect("served"));
        (started_at - came_at).as_seconds()
    });
    assert_close("wait of the last patient", &last, exact(19, "", "wait_time.mean[16]"));
}

#[test]
fn the_rush_hour_has_its_exact_crowds() {
    let system = door::shipped("mt-m3-transient", &[]);
    let crowds = of_each(&system, 38, 20_000, |film| [60, 120, 180].map(|at| inside_at(film, minutes(at))));
    for (index, at) in [60, 120, 180].into_iter().enumerate() {
        let values: Vec<f64> = crowds.iter().map(|crowd| crowd[index]).collect();
        let quantity = format!("occupancy.mean.at_{at}");
        assert_close(&quantity, &values, case(38, "").exact(&quantity).expect("known"));
    }
    let results = door::run(&system, 38, 20_000);
    let average = results.measure(&system, "window.occupancy.mean").expect("a measure");
    let values: Vec<f64> = average.values.iter().copied().flatten().collect();
    assert_close("occupancy over three hours", &values, case(38, "").exact("occupancy.mean").expect("known"));
}

#[test]
fn the_crowd_follows_the_daily_wave_with_the_exact_lag() {
    // The second of two days counts: e^{-μ·24 h} = 6e-6 is left of the empty start.
    let system = door::shipped("mt-m-infinity", &["run.warm_up=0 s", "run.horizon=49 h"]);
    let instants = [6, 12, 18, 24];
    let crowds =
        of_each(&system, 37, 12_000, |film| instants.map(|hour| inside_at(film, minutes(60 * (24 + hour)))));
    for (index, hour) in instants.into_iter().enumerate() {
        let values: Vec<f64> = crowds.iter().map(|crowd| crowd[index]).collect();
        let quantity = format!("occupancy.mean.at_{hour}");
        assert_close(&quantity, &values, case(37, "").exact(&quantity).expect("known"));
    }
    // m(t) = m + a sin(2πt/24 − φ): the four instants give the phase, batches of 200 days its spread.
    let lags: Vec<f64> = crowds
        .chunks(200)
        .map(|batch| {
            let mean =
                |index: usize| batch.iter().map(|crowd| crowd[index]).sum::<f64>() / batch.len() as f64;
            let phase = (mean(1) - mean(3)).atan2(mean(0) - mean(2));
            phase * 24.0 / std::f64::consts::TAU * 3600.0
        })
        .collect();
    assert_close("lag", &lags, exact(37, "", "occupancy.lag_time"));
}

#[test]
fn impatient_callers_wait_with_the_exact_probability() {
    let system = door::shipped("erlang-a", &["run.horizon=20 days"]);
    let shares: Vec<f64> = (0..150)
        .into_par_iter()
        .map_init(
            || system.runner(),
            |runner, replication| {
                let mut account = system.account();
                runner.run(door::luck(12, replication), &mut account).expect("it runs");
                let served = account.statistics.wait_histogram(0, 0);
                let at_once = served.share_within(SimSpan::ZERO).expect("somebody") * served.count() as f64;
                let gave_up = account.statistics.given_up(0, 0).count as f64;
                (served.count() as f64 - at_once + gave_up) / (served.count() as f64 + gave_up)
            },
        )
        .collect();
    assert_close("P(wait)", &shares, exact(12, "", "wait_probability"));
}

#[test]
fn few_wait_for_a_kiosk_longer_than_five_minutes() {
    for (scenario, variant, rng_seed) in
        [("kiosks-5", "5 kiosks", 115), ("kiosks-6", "6 kiosks", 116), ("kiosks-7", "7 kiosks", 117)]
    {
        let system = door::shipped(scenario, &["run.horizon=20 days"]);
        let shares: Vec<f64> = (0..150)
            .into_par_iter()
            .map_init(
                || system.runner(),
                |runner, replication| {
                    let mut account = system.account();
                    runner.run(door::luck(rng_seed, replication), &mut account).expect("it runs");
                    let within =
                        account.statistics.wait_histogram(0, 0).share_within(SimSpan::from_seconds(300.0));
                    1.0 - within.expect("somebody")
                },
            )
            .collect();
        assert_close(scenario, &shares, exact(11, variant, "wait_time.share_over_300"));
    }
}

#[test]
fn three_servers_are_all_idle_a_ninth_of_the_time() {
    let system = door::shipped("mm3-ciw", &["run.warm_up=0 s", "run.horizon=12 days"]);
    let begin_at = minutes(2 * 24 * 60);
    let end_at = minutes(12 * 24 * 60);
    let shares = of_each(&system, 6, 400, |film| {
        let (mut inside, mut since, mut empty) = (0_i64, SimTime::ZERO, SimSpan::ZERO);
        let mut close = |inside: i64, since: SimTime, until: SimTime| {
            if inside == 0 {
                empty += until.min(end_at).since(since.max(begin_at));
            }
        };
        for record in film.records() {
            let change = match record.happening {
                Happening::Arrived => 1,
                Happening::Left(_) => -1,
                _ => continue,
            };
            close(inside, since, record.at);
            (inside, since) = (inside + change, record.at);
        }
        close(inside, since, end_at);
        empty.as_seconds() / (end_at - begin_at).as_seconds()
    });
    assert_close("empty", &shares, exact(6, "", "empty_probability"));
}
