//! What the engine does, step by step, against traces worked by hand. Minutes throughout.

mod blocking;
mod breakdowns;
mod closing;
mod outages;
mod queues;

use crate::door;
use crate::watching::{film, lines};
use onetrip_models::system::System;

/// A network that runs until it is drained; `body` may begin with keys of the top level.
fn network(body: &str) -> System {
    door::written(&format!(
        "format = \"network/1\"\ntitle = \"hand-worked\"\nrun = {{ until = \"drained\" }}\n{body}"
    ))
}

/// The lines of a run, without those that only say that someone joins.
fn trace(body: &str) -> Vec<String> {
    let system = network(body);
    let film = film(&system, door::luck(1, 0)).unwrap_or_else(|error| panic!("{error}"));
    lines(&system, &film).into_iter().filter(|line| !line.contains(" joins ")).collect()
}

/// A source `name` with arrivals at these minutes and one step.
fn source(name: &str, at: &str, journey: &str) -> String {
    let at: Vec<String> = at.split(' ').map(|minute| format!("\"{minute} min\"")).collect();
    format!("[[arrivals]]\nname = \"{name}\"\nat = [{}]\njourney = {journey}\n", at.join(", "))
}

/// The value of a measure in one run.
fn value(body: &str, measure: &str) -> Option<f64> {
    let system = network(body);
    let results = door::run(&system, 1, 1);
    results.measure(&system, measure).unwrap_or_else(|| panic!("no measure {measure}")).values[0]
}
