//! Replications come in order, whoever runs them.

use super::*;
use onetrip_models::network::Network;
use onetrip_scenarios::library;
use onetrip_scenarios::load::{Scenario, load};
use onetrip_scenarios::reader::Document;

fn clinic(set: &str) -> System {
    let mut document = library::find("mm1-pharmacy").expect("shipped").document();
    document.set(set);
    compiled(document)
}

fn compiled(document: Document) -> System {
    let Ok(Scenario::Network(spec)) = load(document).map(|reading| reading.value) else {
        panic!("a shipped network reads")
    };
    System::Network(Network::new(*spec).expect("it is sound"))
}

fn settings(replications: ReplicationCount) -> RunSettings {
    RunSettings { rng_seed: 5, replications, days: 2, level: Level::P95 }
}

fn on_threads<T: Send>(count: usize, work: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new().num_threads(count).build().expect("threads").install(work)
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    let (base, alternative) =
        (clinic("station.pharmacist.servers=1"), clinic("station.pharmacist.servers=2"));
    let precision = Precision::Relative(0.1);
    for replications in [ReplicationCount::Fixed(23), ReplicationCount::Enough { precision, at_most: 200 }] {
        let run = |threads| {
            on_threads(threads, || {
                replicate_side_by_side(&[&base, &alternative], &settings(replications), &Silent)
            })
            .expect("the books balance")
        };
        let alone = run(1);
        for threads in [2, 5] {
            for (one, many) in alone.iter().zip(run(threads)) {
                assert_eq!(one.measures, many.measures, "{threads} threads");
                assert!(one.account == many.account, "{threads} threads");
                assert_eq!(one.queues_by_hour, many.queues_by_hour);
                assert_eq!(one.replication_count, many.replication_count);
            }
        }
    }
}

/// Three days without a single exception are sure when many came and not when few did.
#[test]
fn a_share_that_is_nothing_in_every_replication_keeps_the_doubt_of_its_count() {
    let high = |days| {
        let mut document = library::find("mm1-pharmacy").expect("shipped").document();
        ["run.horizon=\"1 h\"", "run.warm_up=\"0 min\""].iter().for_each(|set| document.set(set));
        let system = compiled(document);
        let settings = RunSettings { days, ..settings(ReplicationCount::Fixed(3)) };
        let results = replicate(&system, &settings, &Silent).expect("the books balance");
        let share = results.measure(&system, "system.left_without_being_seen_share").expect("measured");
        let estimate = share.estimate.expect("somebody came");
        let arrived = results.account.statistics.accounting_total().arrived as f64;
        let high = estimate.interval.expect("of a count").high;
        assert_eq!((estimate.value, estimate.observation_count), (0.0, 3));
        assert!((high - (1.0 - 0.025_f64.powf(1.0 / arrived))).abs() < 1e-12, "{high} of {arrived}");
        high
    };
    assert!(high(1) > 0.05 && high(50) < 0.01);
}
