//! The log and the figures, kept by whoever sends: every request is a line and a few sums, at once and in place. Another
//! thread writes the lines to their file, so that nobody who sends waits for a disk.

use super::statistics::{Second, Stall, Statistics, StepStatistics, Wait, latency_histogram};
use super::stop::StopHandle;
use crate::journey::Journey;
use hdrhistogram::{Counter, Histogram};
use onetrip_history::{Action, LogLines, Lost, Operation, Outcome, Refusal};
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How a journey ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum PatientEnd {
    Done,
    GaveUp,
    TurnedAway,
    Stopped,
    BrokenOff(String),
}

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

/// So often the lines are written and the progress is told.
const KEEP_EVERY: Duration = Duration::from_millis(250);
/// A stall shorter than this is none.
const STALL_US: u64 = 250_000;
/// How many stalls are kept.
const STALLS_MAX: usize = 100;

#[derive(Clone, Default)]
struct SecondGathering {
    second: Second,
    response: Option<Histogram<u32>>,
}

/// Gathers the lines of the log and the figures of a run.
pub(super) struct Recorder {
    lines: LogLines,
    statistics: Statistics,
    response: Histogram<u64>,
    seconds: Vec<SecondGathering>,
    last_done_at: u64,
    /// When answered requests were answered and sent.
    answers: Vec<(u64, u64)>,
    in_flight: Arc<AtomicU64>,
    /// Values by which patients know themselves, for the final reads.
    known_as: Vec<String>,
    patient_of: HashMap<(usize, String), u64>,
    claims: FxHashMap<String, i64>,
    claimed: FxHashMap<String, String>,
    capacities: HashMap<String, i64>,
    slot_capacity: i64,
}

/// What the recorder hands back.
pub(super) struct Recorded {
    pub(super) lines: LogLines,
    pub(super) statistics: Statistics,
    /// Plan's number of the patient known by a value, per value the final reads ask for.
    pub(super) patient_of: HashMap<(usize, String), u64>,
}

pub(super) fn locked(recorder: &Mutex<Recorder>) -> MutexGuard<'_, Recorder> {
    recorder.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Writes the lines of a log and tells the progress, until nobody holds the other end of `over`; then gives the sink back.
/// A sink that fails stops the run.
pub(super) fn keep<W: Write>(
    mut sink: W,
    recorder: &Mutex<Recorder>,
    progress: &Mutex<Progress>,
    (over, stop): (&Receiver<()>, &StopHandle),
) -> io::Result<W> {
    let mut lines = Vec::new();
    loop {
        let is_over = over.recv_timeout(KEEP_EVERY) != Err(RecvTimeoutError::Timeout);
        let now;
        (lines, now) = {
            let mut recorder = locked(recorder);
            (recorder.lines.take(lines), recorder.progress())
        };
        *progress.lock().unwrap_or_else(PoisonError::into_inner) = now;
        if let Err(error) = sink.write_all(&lines).and_then(|()| sink.flush()) {
            stop.stop();
            return Err(error);
        }
        if is_over {
            return Ok(sink);
        }
    }
}

impl Recorder {
    pub(super) fn new(
        lines: LogLines,
        journey: &Journey,
        capacities: HashMap<String, i64>,
        in_flight: Arc<AtomicU64>,
    ) -> Recorder {
        let values = journey.fresh_values();
        let known_as = journey
            .finals
            .iter()
            .filter_map(|read| read.patient.as_ref())
            .map(|(_, value)| values.name(*value).to_owned())
            .collect();
        Recorder {
            lines,
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
            in_flight,
            known_as,
            patient_of: HashMap::new(),
            claims: FxHashMap::default(),
            claimed: FxHashMap::default(),
            capacities,
            slot_capacity: i64::from(journey.slot_capacity),
        }
    }

    /// Sums up when all patients are gone; nothing is left behind.
    pub(super) fn finish(&mut self) -> Recorded {
        for gathering in &mut self.seconds {
            if let Some(response) = &gathering.response {
                gathering.second.p50_us = response.value_at_quantile(0.5);
                gathering.second.p99_us = response.value_at_quantile(0.99);
                gathering.second.max_us = response.max();
            }
        }
        let mut statistics = self.statistics.clone();
        statistics.seconds = self.seconds.iter().map(|gathering| gathering.second).collect();
        statistics.stalls = stalls_of(std::mem::take(&mut self.answers));
        Recorded {
            lines: std::mem::take(&mut self.lines),
            statistics,
            patient_of: std::mem::take(&mut self.patient_of),
        }
    }

    fn second(&mut self, at_us: u64) -> &mut SecondGathering {
        let index = (at_us / 1_000_000) as usize;
        if index >= self.seconds.len() {
            self.seconds.resize_with(index + 1, SecondGathering::default);
        }
        &mut self.seconds[index]
    }

    /// A patient of the plan was started, whose steps are intended at these instants.
    pub(super) fn planned(&mut self, instants: impl Iterator<Item = u64>) {
        for at in instants {
            self.second(at).second.asked_count += 1;
        }
    }

    /// A request is over. `step` is `None` for questions about unknown outcomes.
    pub(super) fn request(&mut self, operation: &Operation<'_>, step: Option<usize>, lag_us: Option<u64>) {
        if let Some(lag_us) = lag_us {
            put(&mut self.statistics.lag, lag_us);
        }
        self.count(operation, step);
        self.lines.operation(operation);
    }

    /// A step is over for the patient.
    pub(super) fn step_over(&mut self, step: usize, intended_at: u64, end_at: u64, gave_up: bool) {
        let response_us = end_at.saturating_sub(intended_at);
        let figures = &mut self.statistics.steps[step];
        put(&mut figures.response, response_us);
        figures.gave_up_count += u64::from(gave_up);
        put(&mut self.response, response_us);
        let response = &mut self.second(end_at).response;
        put(response.get_or_insert_with(second_histogram), response_us);
    }

    /// A patient is gone.
    pub(super) fn patient_gone(&mut self, end: PatientEnd, slot_wait_us: Option<u64>) {
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

    fn count(&mut self, operation: &Operation<'_>, step: Option<usize>) {
        let at = operation.at;
        let in_flight = self.in_flight.load(Ordering::Relaxed);
        let (answered, failed) = match operation.outcome {
            Outcome::Ok(_) => (true, false),
            Outcome::Refused(_, refusal) => (true, refusal == Refusal::Overloaded),
            Outcome::Unknown(Lost::ServerError) => (true, true),
            Outcome::Unknown(_) | Outcome::NotSent => (false, true),
        };
        if let Some(step) = step {
            let figures = &mut self.statistics.steps[step];
            figures.sent_count += 1;
            match operation.outcome {
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
        for (index, name) in self.known_as.iter().enumerate() {
            if let Some((_, value)) = operation.captured.iter().find(|(known, _)| **known == **name) {
                self.patient_of.entry((index, value.to_string())).or_insert(operation.patient);
            }
        }
        self.count_claim(operation);
    }

    /// Counts acknowledged claims on slots, for the eye; the checker judges exactly.
    fn count_claim(&mut self, operation: &Operation<'_>) {
        let Outcome::Ok(_) = operation.outcome else { return };
        let Some(claim) = operation.appointment.as_deref().or(operation.hold.as_deref()) else { return };
        match (operation.action, operation.slot.as_deref()) {
            (Action::Book | Action::Confirm, Some(slot)) if !self.claimed.contains_key(claim) => {
                self.claimed.insert(claim.to_owned(), slot.to_owned());
                let count = self.claims.entry(slot.to_owned()).or_default();
                *count += 1;
                let capacity = self.capacities.get(slot).copied().unwrap_or(self.slot_capacity);
                if *count == capacity + 1 {
                    self.statistics.oversold_count += 1;
                }
            }
            (Action::Cancel, _) => {
                if let Some(slot) = self.claimed.remove(claim) {
                    *self.claims.entry(slot).or_default() -= 1;
                }
            }
            _ => {}
        }
    }

    /// Where the run stands.
    fn progress(&self) -> Progress {
        let second =
            (self.last_done_at / 1_000_000).checked_sub(1).and_then(|at| self.seconds.get(at as usize));
        let last = second.map(|gathering| gathering.second).unwrap_or_default();
        let at = |quantile| self.response.value_at_quantile(quantile);
        Progress {
            at_us: self.last_done_at,
            asked_rate: last.asked_count,
            offered_rate: last.sent_count,
            in_flight: self.in_flight.load(Ordering::Relaxed),
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
