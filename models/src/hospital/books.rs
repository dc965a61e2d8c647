//! What the model counts beside the engine: whole numbers in one row, handed out to the rooms when they are set up.

use super::patient::Stage;
use onetrip_sim::tally::{Cell, bins};
use onetrip_sim::time::{SimSpan, SimTime};

/// What a patient's time is spent on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Activity {
    /// In a queue, or waiting for an interrupted service to be resumed.
    Queueing = 0,
    /// Being served.
    Served = 1,
    /// Walking.
    Walking = 2,
    /// Waiting for a report, or for medicine being prepared.
    AwaitingResults = 3,
    /// Waiting for a session or a booked time to begin.
    Early = 4,
    /// Getting ready for an examination.
    Preparing = 5,
}

impl Activity {
    /// All, in the order of their numbers.
    pub const ALL: [Activity; 6] = [
        Activity::Queueing,
        Activity::Served,
        Activity::Walking,
        Activity::AwaitingResults,
        Activity::Early,
        Activity::Preparing,
    ];

    /// What the time of a stage that is a pause is spent on.
    #[inline(always)]
    pub(super) fn during(stage: Stage) -> Activity {
        const TABLE: [Activity; Stage::ALL.len()] = {
            let mut table = [Activity::Walking; Stage::ALL.len()];
            let mut index = 0;
            while index < table.len() {
                table[index] = PauseKind::of(Stage::ALL[index]).activity();
                index += 1;
            }
            table
        };
        TABLE[stage as usize]
    }

    /// Word for it, part of measure ids.
    pub fn id(self) -> &'static str {
        match self {
            Activity::Queueing => "queueing",
            Activity::Served => "being_served",
            Activity::Walking => "walking",
            Activity::AwaitingResults => "waiting_for_results",
            Activity::Early => "early",
            Activity::Preparing => "preparing",
        }
    }
}

/// Kinds of pause, as the engine counts them and watchers see them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum PauseKind {
    /// Walking.
    Walking = 0,
    /// Waiting for reports.
    AwaitingResults = 1,
    /// Waiting for medicine that is being prepared.
    AwaitingMedicine = 2,
    /// Waiting for a session to begin.
    AwaitingSession = 3,
    /// Waiting for the booked time of an examination.
    AwaitingSlot = 4,
    /// Getting ready for an examination.
    Preparing = 5,
    /// Paying by phone.
    PayingByPhone = 6,
}

impl PauseKind {
    /// All, in the order of their numbers.
    pub const ALL: [PauseKind; 7] = [
        PauseKind::Walking,
        PauseKind::AwaitingResults,
        PauseKind::AwaitingMedicine,
        PauseKind::AwaitingSession,
        PauseKind::AwaitingSlot,
        PauseKind::Preparing,
        PauseKind::PayingByPhone,
    ];

    /// What it is counted as.
    pub const fn activity(self) -> Activity {
        match self {
            PauseKind::Walking => Activity::Walking,
            PauseKind::AwaitingResults | PauseKind::AwaitingMedicine => Activity::AwaitingResults,
            PauseKind::AwaitingSession | PauseKind::AwaitingSlot => Activity::Early,
            PauseKind::Preparing => Activity::Preparing,
            PauseKind::PayingByPhone => Activity::Served,
        }
    }

    /// Time that is lost to the patient: sessions, booked times, results and medicine that are not there yet.
    pub fn is_wait(self) -> bool {
        matches!(self.activity(), Activity::AwaitingResults | Activity::Early)
    }

    /// Word for it.
    pub fn id(self) -> &'static str {
        match self {
            PauseKind::Walking => "walking",
            PauseKind::AwaitingResults => "awaiting_results",
            PauseKind::AwaitingMedicine => "awaiting_medicine",
            PauseKind::AwaitingSession => "awaiting_session",
            PauseKind::AwaitingSlot => "awaiting_booked_time",
            PauseKind::Preparing => "preparing",
            PauseKind::PayingByPhone => "paying_by_phone",
        }
    }

    /// The kind of a stage that is a pause.
    #[inline(always)]
    pub(super) const fn of(stage: Stage) -> PauseKind {
        match stage {
            Stage::AwaitingResults => PauseKind::AwaitingResults,
            Stage::AwaitingMedicine => PauseKind::AwaitingMedicine,
            Stage::AwaitingSession => PauseKind::AwaitingSession,
            Stage::AwaitingSlot => PauseKind::AwaitingSlot,
            Stage::Preparing => PauseKind::Preparing,
            Stage::PayingByPhone => PauseKind::PayingByPhone,
            _ => PauseKind::Walking,
        }
    }
}

/// Hands out places in the row of counters.
#[derive(Debug)]
pub(super) struct BookKeeper {
    taken: usize,
}

impl BookKeeper {
    /// The first places keep the time of the classes by activity.
    pub(super) fn new(class_count: usize) -> Self {
        BookKeeper { taken: class_count * Activity::ALL.len() }
    }

    pub(super) fn counter(&mut self) -> Counter {
        self.taken += 1;
        Counter(self.taken - 1)
    }

    pub(super) fn wait_book(&mut self) -> WaitBook {
        let base = self.taken;
        self.taken += WaitBook::LENGTH;
        WaitBook(base)
    }

    pub(super) fn count(&self) -> usize {
        self.taken
    }
}

/// One counter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Counter(usize);

impl Counter {
    pub(super) fn value(self, counters: &[u64]) -> u64 {
        counters[self.0]
    }
}

/// Waits of some group of patients: a histogram, then counts by hour of joining, then sums by hour of joining.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct WaitBook(usize);

impl WaitBook {
    const LENGTH: usize = bins::COUNT + 48;

    /// Counts by bin of a histogram.
    pub(super) fn bin_counts(self, counters: &[u64]) -> &[u64] {
        &counters[self.0..self.0 + bins::COUNT]
    }

    /// Those who joined in an hour of the day.
    pub(super) fn hour(self, counters: &[u64], hour: usize) -> Cell {
        let counts = self.0 + bins::COUNT;
        Cell { count: counters[counts + hour], sum_micros: counters[counts + 24 + hour] }
    }
}

/// The books of a run being written.
#[derive(Debug)]
pub(super) struct Books {
    /// (class, activity): time spent in it so far. In the place of queueing, which is all the rest, stands the time
    /// spent inside: Σ instants of leaving − Σ instants of coming in.
    times: Vec<[u64; Activity::ALL.len()]>,
    counters: Vec<u64>,
}

impl Books {
    pub(super) fn new(class_count: usize) -> Self {
        Books { times: vec![Default::default(); class_count], counters: Vec::new() }
    }

    /// Begins a run that adds to `counters`, which are given back at the end.
    pub(super) fn open(&mut self, counters: &mut Vec<u64>) {
        std::mem::swap(&mut self.counters, counters);
        self.times.fill(Default::default());
    }

    /// Ends the run: everybody has left.
    pub(super) fn close(&mut self, counters: &mut Vec<u64>) {
        for [inside, elsewhere @ ..] in &mut self.times {
            elsewhere.iter().for_each(|time| *inside = inside.wrapping_sub(*time));
        }
        for (counter, time) in self.counters.iter_mut().zip(self.times.iter().flatten()) {
            *counter = counter.wrapping_add(*time);
        }
        std::mem::swap(&mut self.counters, counters);
    }

    /// A patient of a class comes in.
    #[inline(always)]
    pub(super) fn come_in(&mut self, class: usize, now: SimTime) {
        let inside = &mut self.times[class][Activity::Queueing as usize];
        *inside = inside.wrapping_sub(now.as_micros());
    }

    /// A patient of a class leaves.
    #[inline(always)]
    pub(super) fn leave(&mut self, class: usize, now: SimTime) {
        let inside = &mut self.times[class][Activity::Queueing as usize];
        *inside = inside.wrapping_add(now.as_micros());
    }

    /// Time of a class in an activity other than queueing that is over.
    #[inline(always)]
    pub(super) fn add_time(&mut self, class: usize, activity: Activity, time: SimSpan) {
        self.times[class][activity as usize] += time.as_micros();
    }

    #[inline(always)]
    pub(super) fn count(&mut self, counter: Counter) {
        self.counters[counter.0] += 1;
    }

    #[inline(always)]
    pub(super) fn add(&mut self, counter: Counter, number: u64) {
        self.counters[counter.0] += number;
    }

    #[inline(always)]
    pub(super) fn record_wait(&mut self, book: WaitBook, joined_at: SimTime, started_at: SimTime) {
        let wait = started_at.since(joined_at);
        let hours = book.0 + bins::COUNT + joined_at.hour_of_day();
        self.counters[book.0 + bins::index(wait)] += 1;
        self.counters[hours] += 1;
        self.counters[hours + 24] += wait.as_micros();
    }
}

/// Time a class spent in an activity, in µs.
pub(super) fn time_spent(counters: &[u64], class: usize, activity: Activity) -> u64 {
    counters[class * Activity::ALL.len() + activity as usize]
}
