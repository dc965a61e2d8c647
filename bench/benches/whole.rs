//! Whole runs of networks and hospitals that come with the program, from their files. `cargo bench -p bench --bench whole`.

use bench::systems;
use divan::{Bencher, counter::ItemsCount};

fn main() {
    divan::main();
}

/// Networks that finish soon, or are cut short.
const NETWORKS: [(&str, &str); 8] = [
    ("model-a", "arrivals.customers.at_most=100000"),
    ("model-b", "run.until=drained"),
    ("erlang-c", ""),
    ("erlang-a", ""),
    ("priority-preemptive", ""),
    ("processor-sharing", ""),
    ("tandem-blocking", ""),
    ("morning-clinic", ""),
];

#[divan::bench(args = NETWORKS.map(|(name, _)| name), sample_count = 10)]
fn network(bencher: Bencher, name: &str) {
    let setting = NETWORKS.iter().find(|(other, _)| *other == name).map_or("", |&(_, setting)| setting);
    let settings: Vec<&str> = Some(setting).filter(|setting| !setting.is_empty()).into_iter().collect();
    let network = systems::shipped(name, &settings).expect("it is shipped");
    let events = systems::run(&network, 1).events;
    bencher.counter(ItemsCount::new(events)).bench_local(|| systems::run(&network, 1));
}

/// Hospitals, with so many days in a run.
const HOSPITALS: [(&str, u32); 4] =
    [("hangzhou-2018-12", 2), ("county-2016", 8), ("township", 100), ("village-clinic", 1000)];

#[divan::bench(args = HOSPITALS.map(|(name, _)| name), sample_count = 10)]
fn hospital(bencher: Bencher, name: &str) {
    let days = HOSPITALS.iter().find(|(other, _)| *other == name).map_or(1, |&(_, days)| days);
    let hospital = systems::shipped(name, &[]).expect("it is shipped");
    let events = systems::run(&hospital, days).events;
    bencher.counter(ItemsCount::new(events)).bench_local(|| systems::run(&hospital, days));
}

/// What stands between the command line and the first event.
#[divan::bench]
fn reading_and_compiling_model_b(bencher: Bencher) {
    bencher.bench(|| systems::shipped("model-b", &[]).map(|network| network.runner()).is_ok());
}
