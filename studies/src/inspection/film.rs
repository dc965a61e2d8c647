//! A simulated day, watched: every patient's visit, happening by happening, and the story it tells.

use onetrip_models::account::Account;
use onetrip_models::hospital::{Hospital, PauseKind};
use onetrip_models::watch::{Record, Watcher};
use onetrip_sim::engine::RunError;
use onetrip_sim::model::{Exit, StationId};
use onetrip_sim::observer::Happening;
use onetrip_sim::stream::RunKey;
use onetrip_sim::time::{SimSpan, SimTime};

/// Who a patient of a day is: the same person in every hospital that shares the rng seed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct PatientId {
    /// 0 for those who booked, 1 for walk-ins.
    pub source: u8,
    /// Number within the source.
    pub number: u32,
}

impl PatientId {
    fn of(record: &Record) -> PatientId {
        PatientId { source: record.source, number: record.customer }
    }

    /// Came with a booking.
    pub fn is_booked(self) -> bool {
        self.source == 0
    }
}

/// A day with everything that happened, patient by patient.
#[derive(Clone, Debug)]
pub struct Film {
    records: Vec<Record>,
}

#[derive(Default)]
struct Camera(Vec<Record>);

impl Watcher for Camera {
    fn watch(&mut self, record: Record) {
        self.0.push(record);
    }
}

impl Film {
    /// Watches one day.
    ///
    /// # Errors
    /// When the run was given up.
    pub fn shoot(hospital: &Hospital, run: RunKey) -> Result<(Film, Account), RunError> {
        let mut account = hospital.account();
        let mut camera = Camera::default();
        hospital.runner().run_watched(run, &mut account, &mut camera)?;
        let mut records = camera.0;
        records.sort_by_key(PatientId::of);
        Ok((Film { records }, account))
    }

    /// The visits, each as its records in the order in which they happened, by patient.
    pub fn visits(&self) -> impl Iterator<Item = (PatientId, &[Record])> {
        self.records
            .chunk_by(|a, b| PatientId::of(a) == PatientId::of(b))
            .filter_map(|records| Some((PatientId::of(records.first()?), records)))
    }

    /// The visit of one patient.
    pub fn visit(&self, patient: PatientId) -> Option<&[Record]> {
        let from = self.records.partition_point(|record| PatientId::of(record) < patient);
        let length = self.records[from..].partition_point(|record| PatientId::of(record) == patient);
        (length > 0).then(|| &self.records[from..from + length])
    }
}

/// What a patient does for a while.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Doing {
    /// Comes in.
    Arriving,
    /// Walks; to a station, where one comes next.
    Walking(Option<StationId>),
    /// Waits in a queue.
    Queueing(StationId),
    /// Waits in a queue and gives it up, or is sent away.
    QueueingInVain(StationId),
    /// Is served.
    Served(StationId),
    /// Is served until the machine fails.
    BrokenOff(StationId),
    /// Finds a queue too long, or no room, and goes on.
    TurnedAway(StationId),
    /// Something else than walking that is no queue.
    Pausing(PauseKind),
    /// Leaves, with everything done that could be done.
    Leaving,
    /// Leaves without having been seen.
    LeavingUnseen,
}

impl Doing {
    /// Time that is lost to the patient: queues, and waiting for sessions, booked times, results and medicine.
    pub fn is_wait(self) -> bool {
        match self {
            Doing::Queueing(_) | Doing::QueueingInVain(_) => true,
            Doing::Pausing(kind) => matches!(
                kind,
                PauseKind::AwaitingResults
                    | PauseKind::AwaitingMedicine
                    | PauseKind::AwaitingSession
                    | PauseKind::AwaitingSlot
            ),
            _ => false,
        }
    }
}

/// One step of a visit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StoryStep {
    /// When it began.
    pub from: SimTime,
    /// When it was over.
    pub to: SimTime,
    /// What it was.
    pub doing: Doing,
}

impl StoryStep {
    /// How long it took.
    pub fn time(&self) -> SimSpan {
        self.to.since(self.from)
    }
}

/// The story of a visit: its records as steps, each with its beginning and end. Steps that took no time at a station are
/// kept, queues that did not have to be waited in are not.
pub fn story(records: &[Record]) -> Vec<StoryStep> {
    let mut steps: Vec<StoryStep> = Vec::new();
    let mut since: Option<SimTime> = None;
    for (index, record) in records.iter().enumerate() {
        let at = record.at;
        let mut push = |from: SimTime, to: SimTime, doing: Doing| steps.push(StoryStep { from, to, doing });
        match record.happening {
            Happening::Arrived => push(at, at, Doing::Arriving),
            Happening::Joined(_) | Happening::Blocked(_) => since = Some(at),
            Happening::Started(station) => {
                let joined_at = since.unwrap_or(at);
                if joined_at < at {
                    push(joined_at, at, Doing::Queueing(station));
                }
                since = Some(at);
            }
            Happening::Served(station) => push(since.unwrap_or(at), at, Doing::Served(station)),
            Happening::Interrupted(station) | Happening::BrokenDown(station) => {
                push(since.unwrap_or(at), at, Doing::BrokenOff(station));
                since = Some(at);
            }
            Happening::Reneged(station) | Happening::SentAway(station) => {
                push(since.unwrap_or(at), at, Doing::QueueingInVain(station));
            }
            Happening::Balked(station) | Happening::Refused(station) => {
                push(at, at, Doing::TurnedAway(station));
            }
            Happening::Paused { time, kind } => {
                let kind = PauseKind::ALL.get(usize::from(kind)).copied().unwrap_or(PauseKind::Walking);
                let doing = match kind {
                    PauseKind::Walking => Doing::Walking(next_station(&records[index + 1..])),
                    other => Doing::Pausing(other),
                };
                push(at, at + time, doing);
            }
            Happening::Left(Exit::Completed) => push(at, at, Doing::Leaving),
            Happening::Left(Exit::WithoutBeingSeen) => push(at, at, Doing::LeavingUnseen),
        }
    }
    steps
}

/// The station joined right after a walk.
fn next_station(records: &[Record]) -> Option<StationId> {
    match records.first()?.happening {
        Happening::Joined(station) => Some(station),
        _ => None,
    }
}
