//! The run as the hall sees it: how many patients stood there how long.

use crate::engine::Wait;
use serde::Serialize;

/// What patients lived through on their way to a slot.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct HallView {
    /// Patients who came.
    pub patient_count: u64,
    /// Patients who got a slot.
    pub got_count: u64,
    /// Of them, those who waited over a second.
    pub over_1_s_count: u64,
    /// Over ten seconds.
    pub over_10_s_count: u64,
    /// Over a minute.
    pub over_60_s_count: u64,
    /// Patients who went home because an answer took too long.
    pub gave_up_count: u64,
    /// Patients who were refused until they went home.
    pub turned_away_count: u64,
}

impl HallView {
    /// Of the waits of a run.
    pub fn of(wait: &Wait) -> HallView {
        HallView {
            patient_count: wait.patient_count,
            got_count: wait.got_count,
            over_1_s_count: wait.longer_than(1_000_000),
            over_10_s_count: wait.longer_than(10_000_000),
            over_60_s_count: wait.longer_than(60_000_000),
            gave_up_count: wait.gave_up_count,
            turned_away_count: wait.turned_away_count,
        }
    }
}

/// What a system that serves so many patients an hour does to the waits of a day: each patient waits until the system
/// is done with those before (Lindley's recursion with constant service). Arrivals in µs, in order; waits in µs.
pub fn hall_waits(arrivals_us: impl IntoIterator<Item = u64>, patients_per_hour: f64) -> Vec<u64> {
    let service_us = 3.6e9 / patients_per_hour;
    let mut free_at = 0.0_f64;
    arrivals_us
        .into_iter()
        .map(|at| {
            let begin_at = free_at.max(at as f64);
            free_at = begin_at + service_us;
            (begin_at - at as f64).round() as u64
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crowd_beyond_the_edge_waits_longer_and_longer() {
        // One patient a minute where the system serves one in two: the n-th waits n minutes.
        let waits = hall_waits((0..10).map(|n| n * 60_000_000), 30.0);
        assert_eq!(waits, (0..10).map(|n| n * 60_000_000).collect::<Vec<_>>());
        assert_eq!(hall_waits([0, 60_000_000, 120_000_000], 60.0), [0, 0, 0]);
    }
}
