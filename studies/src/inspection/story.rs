//! The story that a watched visit tells: what the patient did, from when to when.

use onetrip_models::hospital::PauseKind;
use onetrip_models::watch::Record;
use onetrip_sim::model::{Exit, StationId};
use onetrip_sim::observer::Happening;
use onetrip_sim::time::{SimSpan, SimTime};

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
            Doing::Pausing(kind) => kind.is_wait(),
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
            Happening::Interrupted(station) | Happening::Undone(station) | Happening::BrokenDown(station) => {
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
