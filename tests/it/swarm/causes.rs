//! Causes of waiting in random networks and hospitals: they add up, and to what the engine's own books say.

use super::{Dice, for_each_number};
use crate::door;
use onetrip_models::system::System;
use onetrip_sim::station::Discipline;
use onetrip_sim::time::SimSpan;
use onetrip_studies::replicate::{ReplicateError, ReplicationCount, RunSettings, Silent};
use onetrip_studies::statistics::interval::Level;
use onetrip_studies::why::{By, Cause, Why, WhyError, WhySettings, find_causes};

const NETWORKS: u64 = 400;
const HOSPITALS: u64 = 25;

fn explained(system: &System, number: u64, text: &str) -> Option<Why> {
    let run = RunSettings {
        rng_seed: number,
        replications: ReplicationCount::Fixed(2),
        days: 1,
        level: Level::P95,
    };
    match find_causes(system, &WhySettings { run, by: By::Wait, patient: None }, &Silent) {
        Ok(why) => Some(why),
        // Random circles of stations that block may lock.
        Err(WhyError::Replicate(ReplicateError::Run { .. })) => None,
        Err(error) => panic!("{error}\n{text}"),
    }
}

#[test]
fn causes_add_up_to_the_time_inside() {
    let all_ended = std::cell::Cell::new(0);
    for_each_number(NETWORKS, |number| {
        let text = Dice::new(5_000 + number).network();
        let system = door::written(&text);
        let Some(why) = explained(&system, number, &text) else { return };
        check(&why, &text);
        if why.ledger.inside_count == 0 && system.warm_up() == SimSpan::ZERO {
            all_ended.set(all_ended.get() + 1);
            compare(&system, &why, &text);
        }
    });
    if std::env::var("ONETRIP_SWARM").is_err() {
        assert!(all_ended.get() > NETWORKS / 8, "{} networks were drained", all_ended.get());
    }
}

#[test]
fn causes_add_up_in_hospitals_too() {
    for_each_number(HOSPITALS, |number| {
        let text = Dice::new(12_000 + number).hospital(false);
        let system = door::hospital(&text, &[]);
        let Some(why) = explained(&system, number, &text) else { return };
        check(&why, &text);
        if why.ledger.inside_count == 0 {
            compare(&system, &why, &text);
        }
    });
}

/// Sums of all visits, and the steps of those that are told.
fn check(why: &Why, text: &str) {
    assert!(why.ledger.is_balanced(), "{text}");
    for visit in &why.visits {
        let pieces = &visit.told.pieces;
        assert!(pieces.windows(2).all(|pair| pair[0].to == pair[1].from), "{text}\n{pieces:?}");
        let spent: u64 = pieces.iter().map(|piece| piece.time().as_micros()).sum();
        assert_eq!(spent, visit.told.visit.sojourn().as_micros(), "{text}");
    }
}

/// Where everybody left, time in line and in service is what the engine integrated.
fn compare(system: &System, why: &Why, text: &str) {
    let (ledger, statistics) = (&why.ledger, &why.results.account.statistics);
    assert_eq!(u128::from(ledger.sojourn_micros), statistics.inside_area, "{text}");
    for (kind, paused) in statistics.pauses.iter().enumerate() {
        assert_eq!(ledger.of_cause(Cause::Pause(kind as u8)), paused.sum_micros, "{text}");
    }
    for (place, plan) in system.station_plans().into_iter().enumerate() {
        let is_shared = plan.discipline == Discipline::ProcessorSharing;
        if is_shared || plan.is_multi_server {
            continue;
        }
        let books = &statistics.stations[place];
        let of = |is_wanted: &dyn Fn(Cause) -> bool| -> u128 {
            let wanted = ledger.causes().filter(|&cause| is_wanted(cause));
            wanted.map(|cause| u128::from(ledger.of_station(Some(place), cause))).sum()
        };
        let name = &plan.name;
        assert_eq!(of(&Cause::is_in_line), books.queue_area.iter().sum::<u128>(), "{name}\n{text}");
        let served = of(&|cause| matches!(cause, Cause::Served | Cause::ServedInVain));
        assert_eq!(served + books.blocked_area, books.busy_area.iter().sum::<u128>(), "{name}\n{text}");
    }
}
