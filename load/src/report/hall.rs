//! The run as the hall sees it: how many patients stood there how long.

use crate::engine::Wait;
use schemars::JsonSchema;
use serde::Serialize;

/// What patients lived through on their way to a slot.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, JsonSchema)]
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
