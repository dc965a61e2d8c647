//! One thread that writes the log and keeps the figures, so that patients never wait for either.

use super::statistics::{Second, Stall, Statistics, StepStatistics, Wait, latency_histogram};
use crate::journey::Journey;
use hdrhistogram::Histogram;
use onetrip_history::{Action, LogWriter, Lost, Operation, Outcome, Refusal};
use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, TryRecvError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Something a patient tells the recorder.
pub(super) enum Event {
    /// A patient of the plan was started; when its steps are intended.
    Planned(Vec<u64>),
    /// A request is over. `step` is `None` for questions about unknown outcomes.
    Request { operation: Box<Operation<'static>>, step: Option<usize>, lag_us: Option<u64> },
    /// A step is over for the patient.
    Step { step: usize, intended_at: u64, end_at: u64, gave_up: bool },
    /// The patient is gone.
    Patient { end: PatientEnd, slot_wait_us: Option<u64> },
}

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

/// The recorder looks in so often; were it woken for every request, waking it would cost more than its work.
const NAP: Duration = Duration::from_millis(50);
/// Events between two looks at the time.
const TAKEN_AT_ONCE: u32 = 512;
/// A stall shorter than this is none.
const STALL_US: u64 = 250_000;
/// How many stalls are kept.
const STALLS_MAX: usize = 100;

#[derive(Clone, Default)]
struct SecondGathering {
    second: Second,
    response: Option<Histogram<u64>>,
}

pub(super) struct Recorder<W: Write> {
    log: LogWriter<W>,
    statistics: Statistics,
    response: Histogram<u64>,
    seconds: Vec<SecondGathering>,
    last_done_at: u64,
    /// When answered requests were answered and sent.
    answers: Vec<(u64, u64)>,
    in_flight: Arc<AtomicU64>,
    progress: Arc<Mutex<Progress>>,
    /// Values by which patients know themselves, for the final reads.
    known_as: Vec<String>,
    patient_of: HashMap<(usize, String), u64>,
    claims: HashMap<String, i64>,
    claimed: HashMap<String, String>,
    capacities: HashMap<String, i64>,
    slot_capacity: i64,
}

/// What the recorder hands back.
pub(super) struct Recorded<W: Write> {
    pub(super) log: LogWriter<W>,
    pub(super) statistics: Statistics,
    /// Plan's number of the patient known by a value, per value the final reads ask for.
    pub(super) patient_of: HashMap<(usize, String), u64>,
}

impl<W: Write> Recorder<W> {
    pub(super) fn new(
        log: LogWriter<W>,
        journey: &Journey,
        capacities: HashMap<String, i64>,
        in_flight: Arc<AtomicU64>,
        progress: Arc<Mutex<Progress>>,
    ) -> Recorder<W> {
        let values = journey.fresh_values();
        let known_as = journey
            .finals
            .iter()
            .filter_map(|read| read.patient.as_ref())
            .map(|(_, value)| values.name(*value).to_owned())
            .collect();
        Recorder {
            log,
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
            progress,
            known_as,
            patient_of: HashMap::new(),
            claims: HashMap::new(),
            claimed: HashMap::new(),
            capacities,
            slot_capacity: i64::from(journey.slot_capacity),
        }
    }

    /// Records until all patients are gone.
    pub(super) fn record(mut self, events: &Receiver<Event>) -> io::Result<Recorded<W>> {
        let mut flushed_at = Instant::now();
        loop {
            match self.take_some(events) {
                Ok(TAKEN_AT_ONCE) => {}
                Ok(_) => std::thread::sleep(NAP),
                Err(None) => break,
                Err(Some(error)) => return Err(error),
            }
            if flushed_at.elapsed() >= Duration::from_millis(250) {
                self.log.flush()?;
                self.publish();
                flushed_at = Instant::now();
            }
        }
        self.publish();
        for gathering in &mut self.seconds {
            if let Some(response) = &gathering.response {
                gathering.second.p50_us = response.value_at_quantile(0.5);
                gathering.second.p99_us = response.value_at_quantile(0.99);
                gathering.second.max_us = response.max();
            }
        }
        self.statistics.seconds = self.seconds.iter().map(|gathering| gathering.second).collect();
        self.statistics.stalls = stalls_of(self.answers);
        Ok(Recorded { log: self.log, statistics: self.statistics, patient_of: self.patient_of })
    }

    /// Takes what is there, and gives how much it was; `Err(None)` when all patients are gone.
    fn take_some(&mut self, events: &Receiver<Event>) -> Result<u32, Option<io::Error>> {
        for taken in 0..TAKEN_AT_ONCE {
            match events.try_recv() {
                Ok(event) => self.take(event)?,
                Err(TryRecvError::Empty) => return Ok(taken),
                Err(TryRecvError::Disconnected) => return Err(None),
            }
        }
        Ok(TAKEN_AT_ONCE)
    }

    fn second(&mut self, at_us: u64) -> &mut SecondGathering {
        let index = (at_us / 1_000_000) as usize;
        if index >= self.seconds.len() {
            self.seconds.resize_with(index + 1, SecondGathering::default);
        }
        &mut self.seconds[index]
    }

    fn take(&mut self, event: Event) -> io::Result<()> {
        match event {
            Event::Planned(instants) => {
                for at in instants {
                    self.second(at).second.asked_count += 1;
                }
            }
            Event::Request { operation, step, lag_us } => {
                if let Some(lag_us) = lag_us {
                    self.statistics.lag.saturating_record(lag_us.max(1));
                }
                self.count(&operation, step);
                self.log.operation(&operation)?;
            }
            Event::Step { step, intended_at, end_at, gave_up } => {
                let response_us = end_at.saturating_sub(intended_at).max(1);
                let figures = &mut self.statistics.steps[step];
                figures.response.saturating_record(response_us);
                figures.gave_up_count += u64::from(gave_up);
                self.response.saturating_record(response_us);
                let response = &mut self.second(end_at).response;
                response.get_or_insert_with(latency_histogram).saturating_record(response_us);
            }
            Event::Patient { end, slot_wait_us } => {
                let wait = &mut self.statistics.wait;
                wait.patient_count += 1;
                if let Some(wait_us) = slot_wait_us {
                    wait.got_count += 1;
                    wait.waits.saturating_record(wait_us.max(1));
                }
                match end {
                    PatientEnd::Done => {}
                    PatientEnd::GaveUp => wait.gave_up_count += 1,
                    PatientEnd::TurnedAway => wait.turned_away_count += 1,
                    PatientEnd::Stopped => wait.stopped_count += 1,
                    PatientEnd::BrokenOff(why) => *self.statistics.broken_off.entry(why).or_default() += 1,
                }
            }
        }
        Ok(())
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
                Outcome::Refused(_, refusal) => {
                    *figures.refused.entry(refusal_word(refusal)).or_default() += 1
                }
                Outcome::Unknown(lost) => *figures.unknown.entry(lost_word(lost)).or_default() += 1,
                Outcome::NotSent => figures.not_sent_count += 1,
            }
            if answered {
                figures.service.saturating_record((at.done_at - at.sent_at).max(1));
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

    fn publish(&self) {
        let second =
            (self.last_done_at / 1_000_000).checked_sub(1).and_then(|at| self.seconds.get(at as usize));
        let last = second.map(|gathering| gathering.second).unwrap_or_default();
        let at = |quantile| self.response.value_at_quantile(quantile);
        let now = Progress {
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
        };
        *self.progress.lock().unwrap_or_else(PoisonError::into_inner) = now;
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

fn refusal_word(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::Taken => "taken",
        Refusal::Stale => "stale",
        Refusal::Expired => "expired",
        Refusal::NotFound => "not-found",
        Refusal::Repeated => "repeated",
        Refusal::Overloaded => "overloaded",
        Refusal::Invalid => "invalid",
        Refusal::Other => "other",
    }
}

fn lost_word(lost: Lost) -> &'static str {
    match lost {
        Lost::Timeout => "timeout",
        Lost::Broken => "broken",
        Lost::ServerError => "server-error",
        Lost::Stopped => "stopped",
        Lost::StillOpen => "still-open",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stall_lasts_from_the_second_waiting_request_or_the_last_answer_until_somebody_is_answered() {
        let answers =
            vec![(10_000, 0), (900_000, 500_000), (900_100, 20_000), (900_200, 30_000), (900_300, 880_000)];
        assert_eq!(stalls_of(answers), [Stall { from_us: 30_000, until_us: 900_000 }]);
        assert_eq!(stalls_of(vec![(900_000, 0)]), [], "one slow request alone is no stall of the server");
    }
}
