//! The parts: streams, samplers, arrivals, statistics, and the engine with one thing turned up at a time.
//!
//! `cargo bench -p bench --bench parts`. The engine's own parts are not public; they are timed through the smallest
//! network that is made of them.

use bench::systems;
use divan::{Bencher, black_box, counter::ItemsCount};
use onetrip_sim::arrival::{ArrivalSource, ArrivalStream, BatchSize, RateProfile};
use onetrip_sim::distribution::{AliasTable, Distribution, Spread};
use onetrip_sim::stream::{Purpose, RunKey, Stream};
use onetrip_sim::tally::bins;
use onetrip_sim::time::SimSpan;

fn main() {
    divan::main();
}

const DRAWS: u64 = 10_000;

fn stream(index: u64) -> Stream {
    RunKey::new(1, 0, 0).entity(Purpose::named("bench"), index).stream(Purpose::named("draws"))
}

#[divan::bench]
fn stream_of_a_key_and_its_first_number(bencher: Bencher) {
    let key = RunKey::new(1, 0, 0).source(Purpose::named("bench"));
    bencher.counter(ItemsCount::new(DRAWS)).bench(|| {
        (0..DRAWS).fold(0, |sum: u64, index| {
            sum.wrapping_add(key.entity(index).stream(Purpose::named("draws")).bits())
        })
    });
}

#[divan::bench(args = ["exponential", "lognormal", "gamma", "gamma of shape 1/2", "weibull", "triangular", "uniform"])]
fn sampler(bencher: Bencher, law: &str) {
    let law = match law {
        "exponential" => Distribution::exponential(60.0),
        "lognormal" => Distribution::lognormal_with_mean(60.0, Spread::Cv(0.8)),
        "gamma" => Distribution::gamma_with_mean(60.0, Spread::Cv(0.6)),
        "gamma of shape 1/2" => Distribution::gamma_with_mean(60.0, Spread::Cv(2.0_f64.sqrt())),
        "weibull" => Distribution::weibull(1.5, 60.0),
        "triangular" => Distribution::triangular(30.0, 60.0, 90.0),
        _ => Distribution::uniform(30.0, 90.0),
    };
    let sampler = law.expect("a law").sampler();
    let mut stream = stream(0);
    bencher
        .counter(ItemsCount::new(DRAWS))
        .bench_local(|| (0..DRAWS).fold(SimSpan::ZERO, |sum, _| sum + sampler.draw(&mut stream)));
}

#[divan::bench(args = [2, 30, 1000])]
fn choice_by_share(bencher: Bencher, count: usize) {
    let table = AliasTable::new(&vec![1.0 / count as f64; count]);
    let mut stream = stream(1);
    bencher
        .counter(ItemsCount::new(DRAWS))
        .bench_local(|| (0..DRAWS).fold(0, |sum: usize, _| sum.wrapping_add(table.draw(&mut stream))));
}

#[divan::bench(args = ["constant rate", "rate by hour", "batches"])]
fn arrivals_of_a_day(bencher: Bencher, kind: &str) {
    let mut by_hour = [100.0; 24];
    by_hour[9] = 1700.0;
    let profile = if kind == "constant rate" {
        RateProfile::constant(1000.0)
    } else {
        RateProfile::by_hour_of_day(&by_hour)
    };
    let mut source = ArrivalSource::poisson("patients", profile.expect("a profile"));
    if kind == "batches" {
        source = source.with_batches(BatchSize::geometric(2.0).expect("a mean"));
    }
    let mut replication = 0;
    bencher.counter(ItemsCount::new(DRAWS)).bench_local(|| {
        replication += 1;
        let stream = ArrivalStream::begin(&source, RunKey::new(1, replication, 0));
        stream.take(DRAWS as usize).fold(0, |sum: u64, arrival| sum.wrapping_add(arrival.index))
    });
}

#[divan::bench]
fn bin_of_a_duration(bencher: Bencher) {
    let spans: Vec<SimSpan> = (0..DRAWS).map(|i| SimSpan::from_micros(i * i * 37)).collect();
    bencher
        .counter(ItemsCount::new(DRAWS))
        .bench_local(|| spans.iter().fold(0, |sum, &span| sum + bins::index(span)));
}

#[divan::bench]
fn merging_two_accounts_of_model_b(bencher: Bencher) {
    let network = systems::shipped("model-b", &[]).expect("it is shipped");
    let mut runner = network.runner();
    let mut other = network.account();
    runner.run(RunKey::new(1, 0, 0), &mut other).expect("the run ends");
    let mut sum = network.account();
    bencher.bench_local(|| sum.statistics.merge(black_box(&other.statistics)));
}

const EVENTS: u64 = 200_000;

/// Events by the clock only: each is planned once and taken once, with so many pending.
#[divan::bench(args = [100, 1_000, 10_000, 100_000], sample_count = 10)]
fn event_with_so_many_pending(bencher: Bencher, pending: u64) {
    let network = systems::delay(pending, EVENTS);
    let events = systems::run(&network, 1).events;
    bencher.counter(ItemsCount::new(events)).bench_local(|| systems::run(&network, 1));
}

/// A queue that is used to nine tenths, by its number of servers, and nothing else: no event list is needed.
#[divan::bench(args = [1, 10, 64], sample_count = 10)]
fn event_at_a_lone_queue_of_so_many_servers(bencher: Bencher, server_count: u32) {
    let network = systems::lone_queue(server_count, EVENTS);
    let events = systems::run(&network, 1).events;
    bencher.counter(ItemsCount::new(events)).bench_local(|| systems::run(&network, 1));
}

/// Two queues in a row that are used to nine tenths, by their number of servers: what a station does.
#[divan::bench(args = [1, 10, 100, 1000], sample_count = 10)]
fn event_at_queues_of_so_many_servers(bencher: Bencher, server_count: u32) {
    let network = systems::tandem(server_count, EVENTS);
    let events = systems::run(&network, 1).events;
    bencher.counter(ItemsCount::new(events)).bench_local(|| systems::run(&network, 1));
}

/// A floor of stations, three random ones visited each.
#[divan::bench(args = [3, 30, 300, 3000], sample_count = 10)]
fn event_on_a_floor_of_so_many_stations(bencher: Bencher, station_count: u16) {
    let network = systems::floor(station_count, 4, EVENTS);
    let events = systems::run(&network, 1).events;
    bencher.counter(ItemsCount::new(events)).bench_local(|| systems::run(&network, 1));
}
