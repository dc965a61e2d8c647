//! Cases without luck: every instant is known.

use super::{case, exact};
use crate::door;
use crate::watching::{film, lines};

/// Lines of the trace of a shipped file that contain `what`.
fn trace(scenario: &str, what: &str) -> Vec<String> {
    let system = door::shipped(scenario, &[]);
    let film = film(&system, door::luck(1, 0)).expect("it runs");
    lines(&system, &film).into_iter().filter(|line| line.contains(what)).collect()
}

/// The instants at the start of each line.
fn minutes(lines: &[String]) -> Vec<f64> {
    lines
        .iter()
        .map(|line| line.split(' ').next().and_then(|at| at.parse().ok()).expect("an instant"))
        .collect()
}

/// Exact values whose names begin so, in the order of the case.
fn listed(id: u32, stem: &str) -> Vec<f64> {
    let case = case(id, "");
    let named = case.quantities.iter().filter(|quantity| quantity.name.starts_with(stem));
    named.map(|quantity| quantity.exact).collect()
}

#[test]
fn who_finds_three_balks_at_known_instants() {
    assert_eq!(minutes(&trace("balking-ciw", "balks")), listed(41, "balked_at"));
    assert_eq!(minutes(&trace("balking-ciw", "starts"))[..2], listed(41, "service_started_at"));
    assert_eq!(minutes(&trace("balking-ciw", "ends"))[..2], listed(41, "service_ended_at"));
}

#[test]
fn half_are_refused_where_nobody_can_wait() {
    let variant = "arrivals 1..100, service 1.5";
    let ends = minutes(&trace("no-queue-half", "ends"));
    assert_eq!(ends.len() as f64, exact(44, variant, "served_count"));
    assert_eq!(trace("no-queue-half", "refused").len() as f64, exact(44, variant, "refused_count"));
    assert_eq!(ends.last().copied(), Some(exact(44, variant, "ended_at")));
}

#[test]
fn servers_are_released_before_anybody_comes() {
    let variant = "arrivals 0..9, service 1";
    assert_eq!(trace("no-queue-ties", "ends").len() as f64, exact(44, variant, "served_count"));
    assert_eq!(trace("no-queue-ties", "refused").len() as f64, exact(44, variant, "refused_count"));
}

#[test]
fn a_small_request_does_not_overtake_a_large_one() {
    assert_eq!(minutes(&trace("strict-order", "starts")), listed(45, "service_started_at"));
    assert_eq!(
        trace("strict-order", "starts"),
        ["0 large1 starts crew", "10 large2 starts crew", "10 small1 starts crew"]
    );
}

#[test]
fn utilisation_counts_servers_on_duty() {
    let system = door::shipped("shift-utilisation", &[]);
    let results = door::run(&system, 1, 1);
    let found = results.measure(&system, "desk.utilisation_share").expect("a measure").values[0];
    assert_eq!(found, Some(exact(47, "", "utilisation_share")));
}
