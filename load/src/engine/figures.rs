//! The figures of a run, summed up from what was noted while it was sent.

use super::recorder::PatientEnd;
use super::statistics::{Second, Stall, Statistics, StepStatistics, Wait, latency_histogram};
use crate::journey::Journey;
use hdrhistogram::{Counter, Histogram};
use onetrip_history::{Instants, Lost, Outcome, Refusal};
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

/// Where a run stands, for whoever watches.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Progress {
    /// µs since its start.
    pub at_us: u64,
    /// Steps that the plan wanted sent in the last whole second.
    pub asked_rate: u64,
    /// Requests sent in it.
    pub offered_rate: u64,
    /// Requests in flight.
    pub in_flight: u64,
    /// Requests sent so far.
    pub sent_count: u64,
    /// Requests without a useful answer so far.
    pub error_count: u64,
    /// Median response so far, in µs.
    pub p50_us: u64,
    /// 95th percentile so far, in µs.
    pub p95_us: u64,
    /// 99th percentile so far, in µs.
    pub p99_us: u64,
    /// Slots oversold so far, by acknowledgements.
    pub oversold_count: u64,
}

/// A stall shorter than this is none.
const STALL_US: u64 = 250_000;
/// How many stalls are kept.
const STALLS_MAX: usize = 100;

/// Where a word stands among those of the notes.
pub(super) type Word = Range<usize>;

/// What is noted of a run while it is sent.
pub(super) enum Noted {
    /// A patient was started; a step of theirs is intended at this instant.
    Planned(u64),
    /// A request is over. `step` is `None` for questions about unknown outcomes.
    Request { at: Instants, outcome: Outcome, step: Option<usize>, lag_us: Option<u64>, in_flight: u64 },
    /// A claim on a slot was acknowledged.
    Claimed { claim: Word, slot: Word },
    /// The end of a claim was acknowledged.
    GivenBack { claim: Word },
    /// A step is over for the patient.
    StepOver { step: usize, end_at: u64, response_us: u64, gave_up: bool },
    /// A patient is gone.
    PatientGone { end: PatientEnd, slot_wait_us: Option<u64> },
}

#[derive(Clone, Default)]
struct SecondGathering {
    second: Second,
    response: Option<Histogram<u32>>,
}

/// Sums up the figures of a run.
pub(super) struct Figures {
    statistics: Statistics,
    response: Histogram<u64>,
    seconds: Vec<SecondGathering>,
    last_done_at: u64,
    /// When answered requests were answered and sent.
    answers: Vec<(u64, u64)>,
    claims: FxHashMap<String, i64>,
    claimed: FxHashMap<String, String>,
    capacities: HashMap<String, i64>,
    slot_capacity: i64,
}

impl Figures {
    /// Of a journey, whose slots have these capacities where they have not the usual one.
    pub(super) fn new(journey: &Journey, capacities: HashMap<String, i64>) -> Figures {
        Figures {
            statistics: Statistics {
                steps: journey.steps.iter().map(|step| StepStatistics::new(&step.name)).collect(),
                seconds: Vec::new(),
                stalls: Vec::new(),
                wait: Wait::new(),
                lag: latency_histogram(),
                in_flight_most: 0,
                broken_off: BTreeMap::new(),
                oversold_count: 0,
                end_us: 0,
            },
            response: latency_histogram(),
            seconds: Vec::new(),
            last_done_at: 0,
            answers: Vec::new(),
            claims: FxHashMap::default(),
            claimed: FxHashMap::default(),
            capacities,
            slot_capacity: i64::from(journey.slot_capacity),
        }
    }

    /// The figures of all that was noted.
    pub(super) fn finish(mut self) -> Statistics {
        for gathering in &mut self.seconds {
            if let Some(response) = &gathering.response {
                gathering.second.p50_us = response.value_at_quantile(0.5);
                gathering.second.p99_us = response.value_at_quantile(0.99);
                gathering.second.max_us = response.max();
            }
        }
        self.statistics.seconds = self.seconds.iter().map(|gathering| gathering.second).collect();
        self.statistics.stalls = stalls_of(self.answers);
        self.statistics
    }

    fn second(&mut self, at_us: u64) -> &mut SecondGathering {
        let index = (at_us / 1_000_000) as usize;
        if index >= self.seconds.len() {
            self.seconds.resize_with(index + 1, SecondGathering::default);
        }
        &mut self.seconds[index]
    }

    /// Adds what was noted; its words are within `words`.
    pub(super) fn add(&mut self, noted: Noted, words: &str) {
        match noted {
            Noted::Planned(at) => self.second(at).second.asked_count += 1,
            Noted::Request { at, outcome, step, lag_us, in_flight } => {
                if let Some(lag_us) = lag_us {
                    put(&mut self.statistics.lag, lag_us);
                }
                self.request(at, outcome, step, in_flight);
            }
            Noted::Claimed { claim, slot } => self.claim(&words[claim], &words[slot]),
            Noted::GivenBack { claim } => {
                if let Some(slot) = self.claimed.remove(&words[claim]) {
                    *self.claims.entry(slot).or_default() -= 1;
                }
            }
            Noted::StepOver { step, end_at, response_us, gave_up } => {
                let figures = &mut self.statistics.steps[step];
                put(&mut figures.response, response_us);
                figures.gave_up_count += u64::from(gave_up);
                put(&mut self.response, response_us);
                let response = &mut self.second(end_at).response;
                put(response.get_or_insert_with(second_histogram), response_us);
            }
            Noted::PatientGone { end, slot_wait_us } => self.patient_gone(end, slot_wait_us),
        }
    }

    fn request(&mut self, at: Instants, outcome: Outcome, step: Option<usize>, in_flight: u64) {
        let (answered, failed) = match outcome {
            Outcome::Ok(_) => (true, false),
            Outcome::Refused(_, refusal) => (true, refusal == Refusal::Overloaded),
            Outcome::Unknown(Lost::ServerError) => (true, true),
            Outcome::Unknown(_) | Outcome::NotSent => (false, true),
        };
        if let Some(step) = step {
            let figures = &mut self.statistics.steps[step];
            figures.sent_count += 1;
            match outcome {
                Outcome::Ok(_) => figures.ok_count += 1,
                Outcome::Refused(_, refusal) => *figures.refused.entry(refusal.name()).or_default() += 1,
                Outcome::Unknown(lost) => *figures.unknown.entry(lost.name()).or_default() += 1,
                Outcome::NotSent => figures.not_sent_count += 1,
            }
            if answered {
                put(&mut figures.service, at.done_at - at.sent_at);
            }
            self.second(at.sent_at).second.sent_count += 1;
            let second = &mut self.second(at.done_at).second;
            second.answered_count += u64::from(answered);
            second.error_count += u64::from(failed);
            second.in_flight_most = second.in_flight_most.max(in_flight + 1);
        }
        if answered {
            self.answers.push((at.done_at, at.sent_at));
            self.last_done_at = self.last_done_at.max(at.done_at);
        }
        self.statistics.end_us = self.statistics.end_us.max(at.done_at);
    }

    /// Counts acknowledged claims on slots, for the eye; the checker judges exactly.
    fn claim(&mut self, claim: &str, slot: &str) {
        if self.claimed.contains_key(claim) {
            return;
        }
        self.claimed.insert(claim.to_owned(), slot.to_owned());
        let count = self.claims.entry(slot.to_owned()).or_default();
        *count += 1;
        let capacity = self.capacities.get(slot).copied().unwrap_or(self.slot_capacity);
        if *count == capacity + 1 {
            self.statistics.oversold_count += 1;
        }
    }

    fn patient_gone(&mut self, end: PatientEnd, slot_wait_us: Option<u64>) {
        let wait = &mut self.statistics.wait;
        wait.patient_count += 1;
        if let Some(wait_us) = slot_wait_us {
            wait.got_count += 1;
            put(&mut wait.waits, wait_us);
        }
        match end {
            PatientEnd::Done => {}
            PatientEnd::GaveUp => wait.gave_up_count += 1,
            PatientEnd::TurnedAway => wait.turned_away_count += 1,
            PatientEnd::Stopped => wait.stopped_count += 1,
            PatientEnd::BrokenOff(why) => *self.statistics.broken_off.entry(why).or_default() += 1,
        }
    }

    /// Where the run stands, with so many requests in flight.
    pub(super) fn progress(&self, in_flight: u64) -> Progress {
        let second =
            (self.last_done_at / 1_000_000).checked_sub(1).and_then(|at| self.seconds.get(at as usize));
        let last = second.map(|gathering| gathering.second).unwrap_or_default();
        let at = |quantile| self.response.value_at_quantile(quantile);
        Progress {
            at_us: self.last_done_at,
            asked_rate: last.asked_count,
            offered_rate: last.sent_count,
            in_flight,
            sent_count: self.statistics.sent_count(),
            error_count: self.statistics.error_count(),
            p50_us: at(0.5),
            p95_us: at(0.95),
            p99_us: at(0.99),
            oversold_count: self.statistics.oversold_count,
        }
    }
}

/// The times in which two requests or more were waiting and none was answered, the longest first.
fn stalls_of(mut answers: Vec<(u64, u64)>) -> Vec<Stall> {
    answers.sort_unstable();
    let mut stalls = Vec::new();
    // The two requests that were sent first, of those answered from here on.
    let mut earliest = [u64::MAX; 2];
    for index in (0..answers.len()).rev() {
        let (done_at, sent_at) = answers[index];
        earliest[1] = earliest[1].min(sent_at);
        earliest.sort_unstable();
        let before = index.checked_sub(1).map_or(0, |index| answers[index].0);
        let from_us = before.max(earliest[1]);
        if done_at.saturating_sub(from_us) >= STALL_US {
            stalls.push(Stall { from_us, until_us: done_at });
        }
    }
    stalls.sort_by_key(|stall| (std::cmp::Reverse(stall.until_us - stall.from_us), stall.from_us));
    stalls.truncate(STALLS_MAX);
    stalls
}

/// Adds a time, however long; a histogram knows none below 1 µs.
fn put<C: Counter>(histogram: &mut Histogram<C>, us: u64) {
    histogram.record(us.max(1)).expect("a histogram that resizes itself takes every time");
}

/// One second's responses: as small as they allow, for a run has thousands of them.
fn second_histogram() -> Histogram<u32> {
    let mut histogram = Histogram::new(3).expect("three digits are few enough");
    histogram.auto(true);
    histogram
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_time_is_too_long_for_a_figure() {
        for us in [0, 1, 999, 59_999_999, 3_600_000_000] {
            let (mut whole, mut second) = (latency_histogram(), second_histogram());
            put(&mut whole, us);
            put(&mut second, us);
            for longest in [whole.max(), second.max()] {
                assert!(longest.abs_diff(us.max(1)) as f64 <= 1e-3 * us as f64 + 1.0, "{longest} of {us}");
            }
        }
    }

    #[test]
    fn a_stall_lasts_from_the_second_waiting_request_or_the_last_answer_until_somebody_is_answered() {
        let answers =
            vec![(10_000, 0), (900_000, 500_000), (900_100, 20_000), (900_200, 30_000), (900_300, 880_000)];
        assert_eq!(stalls_of(answers), [Stall { from_us: 30_000, until_us: 900_000 }]);
        assert_eq!(stalls_of(vec![(900_000, 0)]), [], "one slow request alone is no stall of the server");
    }
}
