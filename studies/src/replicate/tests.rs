//! Replications come in order, whoever runs them.

use super::*;
use onetrip_models::network::Network;
use onetrip_scenarios::library;
use onetrip_scenarios::load::{Scenario, load};

fn clinic(set: &str) -> System {
    let mut document = library::find("mm1-pharmacy").expect("shipped").document();
    document.set(set);
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
