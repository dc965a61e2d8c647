//! The library's public door: the text of a file becomes a system that runs.

use onetrip_models::hospital::Hospital;
use onetrip_models::network::{Network, NetworkSpec};
use onetrip_models::system::System;
use onetrip_scenarios::library;
use onetrip_scenarios::load::{Scenario, load};
use onetrip_scenarios::reader::{Document, Ink};
use onetrip_sim::stream::RunKey;
use onetrip_studies::replicate::{ReplicationCount, RunResults, RunSettings, Silent, replicate};
use onetrip_studies::statistics::interval::Level;

/// The network that a document describes.
pub(crate) fn spec(document: Document) -> NetworkSpec {
    let reading = load(document).unwrap_or_else(|mistakes| panic!("{}", mistakes.render(Ink::Plain)));
    match reading.value {
        Scenario::Network(spec) => *spec,
        _ => panic!("a network is needed"),
    }
}

/// A hospital described by a text, with settings as of the command line.
pub(crate) fn hospital(text: &str, settings: &[&str]) -> System {
    let mut document = Document::parse("test.toml", text);
    settings.iter().for_each(|setting| document.set(setting));
    let reading = load(document).unwrap_or_else(|mistakes| panic!("{}\n{text}", mistakes.render(Ink::Plain)));
    match reading.value {
        Scenario::Hospital(described) => System::Hospital(
            Hospital::new(described.hospital).expect("the reader lets only sound hospitals through"),
        ),
        _ => panic!("a hospital is needed"),
    }
}

/// A network that comes with the program, with settings as of the command line.
pub(crate) fn shipped(name: &str, settings: &[&str]) -> System {
    let scenario = library::find(name).unwrap_or_else(|| panic!("no scenario `{name}`"));
    let mut document = scenario.document();
    settings.iter().for_each(|setting| document.set(setting));
    compiled(spec(document))
}

/// A network described by a text.
pub(crate) fn written(text: &str) -> System {
    compiled(spec(Document::parse("test.toml", text)))
}

fn compiled(spec: NetworkSpec) -> System {
    System::Network(Network::new(spec).expect("the reader lets only sound networks through"))
}

/// Replications on all threads.
pub(crate) fn run(system: &System, rng_seed: u64, replications: u32) -> RunResults {
    let settings = RunSettings {
        rng_seed,
        replications: ReplicationCount::Fixed(replications),
        days: 1,
        level: Level::P95,
    };
    replicate(system, &settings, &Silent).unwrap_or_else(|error| panic!("{error}"))
}

/// The luck of one replication, the same as in [`run`].
pub(crate) fn luck(rng_seed: u64, replication: u32) -> RunKey {
    RunKey::new(rng_seed, replication, 0)
}
