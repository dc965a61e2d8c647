//! Random networks and hospitals from one number: whatever a file can state, the books balance, and an observer who keeps books of its
//! own from what happens comes to the same whole numbers. A failure prints the number; `ONETRIP_SWARM=NUMBER` repeats it.

mod causes;
mod dice;
mod hospitals;
mod ledger;

use crate::door;
use crate::watching::{film, first_start};
use dice::Dice;
use ledger::{Ledger, Rules};
use onetrip_models::network::NetworkSpec;
use onetrip_models::system::System;
use onetrip_models::watch::Record;
use onetrip_scenarios::reader::Document;
use onetrip_sim::engine::RunError;
use onetrip_sim::observer::Happening;
use onetrip_sim::time::{SimSpan, SimTime};
use onetrip_studies::film::Film;
use onetrip_studies::replicate::{ReplicationCount, RunSettings, Silent, replicate};
use onetrip_studies::statistics::interval::Level;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

const NETWORKS: u64 = 1_500;

/// Calls `check` with many numbers, or with the one that is asked for, and names the number that fails.
fn for_each_number(count: u64, check: impl Fn(u64)) {
    let asked = std::env::var("ONETRIP_SWARM").ok().map(|text| text.parse::<u64>().expect("a whole number"));
    let numbers = asked.map_or(1..count + 1, |number| number..number + 1);
    for number in numbers {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| check(number))) {
            eprintln!("swarm number {number}: repeat with ONETRIP_SWARM={number}");
            resume_unwind(panic);
        }
    }
}

fn spec_of(system: &System) -> &NetworkSpec {
    match system {
        System::Network(network) => network.spec(),
        _ => panic!("a network is needed"),
    }
}

#[test]
fn an_independent_observer_comes_to_the_same_books() {
    let mut deadlocks = 0;
    let deadlocked = std::cell::RefCell::new(&mut deadlocks);
    for_each_number(NETWORKS, |number| {
        let text = Dice::new(number).network();
        let system = door::written(&text);
        let mut account = system.account();
        let mut seen = Film::default();
        let end = match system.runner().run_watched(door::luck(number, 0), &mut account, &mut seen) {
            Ok(end) => end,
            // Random circles of stations that block may lock; that it is found is what is wanted.
            Err(RunError::Deadlock { .. }) => return **deadlocked.borrow_mut() += 1,
            Err(error) => panic!("{error}\n{text}"),
        };
        let ledger = Ledger::of(Rules::of_network(spec_of(&system)), seen.records(), end.at);
        ledger.compare(&account.statistics, &text);
    });
    assert!(deadlocks < NETWORKS / 10, "{deadlocks} deadlocks");
}

/// One thread, two threads, and once more: the same bits.
#[test]
fn threads_do_not_change_a_bit() {
    for_each_number(25, |number| {
        let text = Dice::new(1_000 + number).network();
        let system = door::written(&text);
        let settings = RunSettings {
            rng_seed: number,
            replications: ReplicationCount::Fixed(5),
            days: 1,
            level: Level::P95,
        };
        let with_threads = |count: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(count).build().expect("threads");
            pool.install(|| replicate(&system, &settings, &Silent))
        };
        match (with_threads(1), with_threads(2)) {
            (Ok(one), Ok(two)) => {
                assert_eq!(one.account, two.account, "{text}");
                assert_eq!(one.event_count, two.event_count);
                for (one, two) in one.measures.iter().zip(&two.measures) {
                    let bits = |values: &[Option<f64>]| -> Vec<Option<u64>> {
                        values.iter().map(|value| value.map(f64::to_bits)).collect()
                    };
                    assert_eq!(bits(&one.values), bits(&two.values), "{text}");
                }
            }
            (one, two) => assert_eq!(one.err(), two.err(), "{text}"),
        }
    });
}

/// A machine that has run before runs as a new one does.
#[test]
fn a_run_leaves_nothing_behind() {
    for_each_number(25, |number| {
        let text = Dice::new(2_000 + number).network();
        let system = door::written(&text);
        let mut used = system.runner();
        let mut other = system.account();
        let first = used.run(door::luck(number, 7), &mut other);
        if first.is_err() {
            return;
        }
        let (mut again, mut fresh) = (system.account(), system.account());
        let ends = (
            used.run(door::luck(number, 8), &mut again),
            system.runner().run(door::luck(number, 8), &mut fresh),
        );
        assert_eq!(ends.0, ends.1, "{text}");
        if ends.0.is_ok() {
            assert_eq!(again, fresh, "{text}");
        }
    });
}

/// What happens to customers of all sources but the last.
fn of_others(film: &Film, bystander: u8) -> Vec<Record> {
    film.records().iter().filter(|record| record.source != bystander).copied().collect()
}

#[test]
fn nobody_notices_a_station_that_concerns_others() {
    for_each_number(60, |number| {
        let text = Dice::new(3_000 + number).network();
        let bystander = |servers: u32, mean: &str| {
            format!(
                "{text}\n[[arrivals]]\nname = \"bystanders\"\nrate = \"20 per hour\"\nuntil = \"8 h\"\nclass = \"c0\"\n\
                 journey = [\"aside\"]\n[[station]]\nname = \"aside\"\nservers = {servers}\n\
                 service_time = {{ law = \"exponential\", mean = \"{mean}\" }}\n"
            )
        };
        let system = door::written(&text);
        let own = spec_of(&system).sources.len() as u8;
        let luck = door::luck(number, 0);
        let run = |text: &str| film(&door::written(text), luck);
        let (Ok(without), Ok(one), Ok(other)) =
            (film(&system, luck), run(&bystander(1, "2 min")), run(&bystander(3, "9 min")))
        else {
            return;
        };
        assert_eq!(of_others(&without, own), of_others(&one, own), "{text}");
        assert_eq!(of_others(&one, own), of_others(&other, own), "{text}");
    });
}

/// Arrivals, and for each customer and station how long each service took.
type Draws = (Vec<(u8, u32, SimTime)>, BTreeMap<(u8, u32, u16), Vec<SimSpan>>);

fn draws(film: &Film) -> Draws {
    let (mut arrivals, mut services) = (Vec::new(), BTreeMap::new());
    let mut began: BTreeMap<(u8, u32), SimTime> = BTreeMap::new();
    for record in film.records() {
        let who = (record.source, record.customer);
        match record.happening {
            Happening::Arrived => arrivals.push((record.source, record.customer, record.at)),
            Happening::Started(_) => {
                began.insert(who, record.at);
            }
            Happening::Served(station) => {
                let times: &mut Vec<SimSpan> = services.entry((who.0, who.1, station.0)).or_default();
                times.push(record.at - began[&who]);
            }
            _ => {}
        }
    }
    (arrivals, services)
}

#[test]
fn a_change_at_one_station_moves_no_arrival_and_no_other_service() {
    for_each_number(60, |number| {
        let text = Dice::new(4_000 + number).plain_network();
        let run = |settings: &[&str]| {
            let mut document = Document::parse("test.toml", text.as_str());
            settings.iter().for_each(|setting| document.set(setting));
            let network = onetrip_models::network::Network::new(door::spec(document)).expect("sound");
            film(&System::Network(network), door::luck(number, 0))
                .unwrap_or_else(|error| panic!("{error}\n{text}"))
        };
        let before = draws(&run(&[]));
        let after = draws(&run(&["station.s0.servers=7", "station.s0.service_time=11 min"]));
        assert_eq!(before.0, after.0, "{text}");
        let elsewhere = |draws: &Draws| {
            draws
                .1
                .iter()
                .filter(|((.., station), _)| *station != 0)
                .map(|(k, v)| (*k, v.clone()))
                .collect::<Vec<_>>()
        };
        assert_eq!(elsewhere(&before), elsewhere(&after), "{text}");
    });
}

/// Lindley's recursion, W' = max(0, W + S − gap), as a second kernel for single servers.
#[test]
fn the_event_kernel_agrees_with_lindleys_recursion_to_the_microsecond() {
    for_each_number(40, |number| {
        let mut dice = Dice::new(5_000 + number);
        let text = format!(
            "format = \"network/1\"\ntitle = \"one server\"\nrun = {{ until = \"drained\" }}\n[[arrivals]]\nname = \"a\"\n\
             gap = {}\nat_most = 500\njourney = [\"desk\"]\n[[station]]\nname = \"desk\"\nservers = 1\nservice_time = {}\n",
            dice.law(6.0),
            dice.law(5.0)
        );
        let seen = film(&door::written(&text), door::luck(number, 0)).expect("it runs");
        let (arrivals, services) = draws(&seen);
        let (mut wait, mut came_before, mut service_before) = (SimSpan::ZERO, SimTime::ZERO, SimSpan::ZERO);
        assert_eq!(arrivals.len(), 500);
        for (index, (_, customer, came_at)) in arrivals.iter().enumerate() {
            if index > 0 {
                wait = (wait + service_before).saturating_sub(*came_at - came_before);
            }
            assert_eq!(first_start(&seen, *customer), Some(*came_at + wait), "customer {customer}\n{text}");
            (came_before, service_before) = (*came_at, services[&(0, *customer, 0)][0]);
        }
    });
}

/// Whoever watches a lone queue sees events; nobody watching, there are none, and the account is the same.
#[test]
fn a_lone_queue_is_counted_alike_by_events_and_without_them() {
    for_each_number(300, |number| {
        let mut dice = Dice::new(9_000 + number);
        let runs = [
            "until = \"drained\"",
            "until = \"drained\", horizon = \"40 hours\"",
            "horizon = \"40 hours\"",
            "horizon = \"40 hours\", warm_up = \"1000 min\"",
            "horizon = \"3 days\", warm_up = \"1 day\"",
        ];
        let servers = 1 + number % 12;
        let text = format!(
            "format = \"network/1\"\ntitle = \"lone queue\"\nclasses = [\"a\", \"b\"]\nrun = {{ {} }}\n\
             [[arrivals]]\nname = \"one\"\nclass = \"a\"\ngap = {}\nat_most = 500\njourney = [\"desk\"]\n\
             [[arrivals]]\nname = \"two\"\nclass = \"b\"\ngap = {}\nat_most = 300\njourney = [\"desk\"]\n\
             [[station]]\nname = \"desk\"\nservers = {servers}\nservice_time = {}\n",
            runs[number as usize % runs.len()],
            dice.law(6.0),
            dice.law(10.0),
            dice.law(4.0 * servers as f64)
        );
        let system = door::written(&text);
        let (mut by_events, mut without) = (system.account(), system.account());
        let mut runner = system.runner();
        for replication in 0..2 {
            let luck = door::luck(number, replication);
            let watched = system.runner().run_watched(luck, &mut by_events, &mut Film::default());
            assert_eq!(runner.run(luck, &mut without), watched, "{text}");
        }
        assert!(without.statistics.events > 0, "{text}");
        assert_eq!(without, by_events, "{text}");
    });
}
