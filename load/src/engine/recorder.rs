//! The log and the figures, kept by whoever sends: every request is a line and a few numbers, noted at once and in place.
//! Another thread writes the lines to their file and sums the numbers up, so that nobody who sends waits for a disk, and so
//! that the memory of the figures is visited for many requests at a time.

use super::figures::{Figures, Noted, Progress, Word};
use super::stop::StopHandle;
use crate::journey::Journey;
use onetrip_history::{Action, LogLines, Operation, Outcome};
use std::collections::HashMap;
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

/// So often the lines are written and the progress is told.
const KEEP_EVERY: Duration = Duration::from_millis(250);

/// What was noted and is not summed yet, with the words in it one behind the other.
#[derive(Default)]
struct Notes {
    noted: Vec<Noted>,
    words: String,
}

impl Notes {
    fn word(&mut self, text: &str) -> Word {
        let from = self.words.len();
        self.words.push_str(text);
        from..self.words.len()
    }

    /// Sums them up, and is empty.
    fn sum_into(&mut self, figures: &mut Figures) {
        for noted in self.noted.drain(..) {
            figures.add(noted, &self.words);
        }
        self.words.clear();
    }
}

/// Gathers the lines of the log and what the figures are made of.
pub(super) struct Recorder {
    lines: LogLines,
    notes: Notes,
    in_flight: Arc<AtomicU64>,
    /// Values by which patients know themselves, for the final reads.
    known_as: Vec<String>,
    patient_of: HashMap<(usize, String), u64>,
}

pub(super) fn locked(recorder: &Mutex<Recorder>) -> MutexGuard<'_, Recorder> {
    recorder.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Writes the lines of a log, sums up the figures and tells the progress, until nobody holds the other end of `over`; then
/// gives the sink back. A sink that fails stops the run.
pub(super) fn keep<W: Write>(
    mut sink: W,
    mut figures: Figures,
    recorder: &Mutex<Recorder>,
    progress: &Mutex<Progress>,
    (over, stop): (&Receiver<()>, &StopHandle),
) -> io::Result<(W, Figures)> {
    let (mut lines, mut notes) = (Vec::new(), Notes::default());
    loop {
        let is_over = over.recv_timeout(KEEP_EVERY) != Err(RecvTimeoutError::Timeout);
        let in_flight = {
            let mut recorder = locked(recorder);
            lines = recorder.lines.take(lines);
            std::mem::swap(&mut recorder.notes, &mut notes);
            recorder.in_flight.load(Ordering::Relaxed)
        };
        if let Err(error) = sink.write_all(&lines).and_then(|()| sink.flush()) {
            stop.stop();
            return Err(error);
        }
        notes.sum_into(&mut figures);
        *progress.lock().unwrap_or_else(PoisonError::into_inner) = figures.progress(in_flight);
        if is_over {
            return Ok((sink, figures));
        }
    }
}

impl Recorder {
    pub(super) fn new(lines: LogLines, journey: &Journey, in_flight: Arc<AtomicU64>) -> Recorder {
        let values = journey.fresh_values();
        let known_as = journey
            .finals
            .iter()
            .filter_map(|read| read.patient.as_ref())
            .map(|(_, value)| values.name(*value).to_owned())
            .collect();
        Recorder { lines, notes: Notes::default(), in_flight, known_as, patient_of: HashMap::new() }
    }

    /// What is left when all patients are gone: lines that nobody has taken, and the plan's number of the patient known by a
    /// value, per value the final reads ask for.
    pub(super) fn finish(&mut self) -> (LogLines, HashMap<(usize, String), u64>) {
        (std::mem::take(&mut self.lines), std::mem::take(&mut self.patient_of))
    }

    /// A patient of the plan was started, whose steps are intended at these instants.
    pub(super) fn planned(&mut self, instants: impl Iterator<Item = u64>) {
        self.notes.noted.extend(instants.map(Noted::Planned));
    }

    /// A request is over. `step` is `None` for questions about unknown outcomes.
    pub(super) fn request(&mut self, operation: &Operation<'_>, step: Option<usize>, lag_us: Option<u64>) {
        let in_flight = self.in_flight.load(Ordering::Relaxed);
        let Operation { at, outcome, .. } = *operation;
        self.notes.noted.push(Noted::Request { at, outcome, step, lag_us, in_flight });
        self.note_claim(operation);
        for (index, name) in self.known_as.iter().enumerate() {
            if let Some((_, value)) = operation.captured.iter().find(|(known, _)| **known == **name) {
                self.patient_of.entry((index, value.to_string())).or_insert(operation.patient);
            }
        }
        self.lines.operation(operation);
    }

    /// An acknowledged claim on a slot, or the end of one.
    fn note_claim(&mut self, operation: &Operation<'_>) {
        let Outcome::Ok(_) = operation.outcome else { return };
        let Some(claim) = operation.appointment.as_deref().or(operation.hold.as_deref()) else { return };
        let noted = match (operation.action, operation.slot.as_deref()) {
            (Action::Book | Action::Confirm, Some(slot)) => {
                Noted::Claimed { claim: self.notes.word(claim), slot: self.notes.word(slot) }
            }
            (Action::Cancel, _) => Noted::GivenBack { claim: self.notes.word(claim) },
            _ => return,
        };
        self.notes.noted.push(noted);
    }

    /// A step is over for the patient.
    pub(super) fn step_over(&mut self, step: usize, intended_at: u64, end_at: u64, gave_up: bool) {
        let response_us = end_at.saturating_sub(intended_at);
        self.notes.noted.push(Noted::StepOver { step, end_at, response_us, gave_up });
    }

    /// A patient is gone.
    pub(super) fn patient_gone(&mut self, end: PatientEnd, slot_wait_us: Option<u64>) {
        self.notes.noted.push(Noted::PatientGone { end, slot_wait_us });
    }
}
