//! What a model tells the engine, and what the engine asks it. A model decides *where to next*; stations, queues and
//! clocks are the engine's.

use crate::customer::Customer;
use crate::station::Floor;
use crate::time::{SimSpan, SimTime};

/// Names a station of a run by its place in the plan.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct StationId(pub u16);

impl StationId {
    /// The place in the plan, for indexing.
    #[inline(always)]
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// A visit to one station: what the customer asks of it.
#[derive(Clone, Copy, Debug)]
pub struct Visit {
    /// Where.
    pub station: StationId,
    /// Service time once called; drawn by the model, so that it belongs to the customer.
    pub service_time: SimSpan,
    /// Lane in the queue: 0 is called first.
    pub rank: u8,
    /// Order within the lane, smaller first; equal ones by time of joining. 0 for plain first come first served.
    pub order: u32,
    /// How long the customer waits before leaving the queue; [`SimSpan::FOREVER`] for the patient.
    pub patience: SimSpan,
    /// The customer does not join when this many customers or more are present (waiting or in service) and no server
    /// is free; `u32::MAX` for one who always joins.
    pub balk_at: u32,
    /// Servers seized together, mostly 1.
    pub server_count: u16,
}

impl Visit {
    /// A patient customer of the first rank who needs one server.
    #[inline(always)]
    pub fn new(station: StationId, service_time: SimSpan) -> Self {
        Visit {
            station,
            service_time,
            rank: 0,
            order: 0,
            patience: SimSpan::FOREVER,
            balk_at: u32::MAX,
            server_count: 1,
        }
    }
}

/// A visit taken apart. Passed on in this form to functions that are not inlined, it does not keep the caller from holding
/// the visit itself in registers.
pub(crate) type VisitParts = (StationId, SimSpan, u8, u32, SimSpan, u32, u16);

impl Visit {
    #[inline(always)]
    pub(crate) fn into_parts(self) -> VisitParts {
        let Visit { station, service_time, rank, order, patience, balk_at, server_count } = self;
        (station, service_time, rank, order, patience, balk_at, server_count)
    }

    #[inline(always)]
    pub(crate) fn from_parts(parts: VisitParts) -> Self {
        let (station, service_time, rank, order, patience, balk_at, server_count) = parts;
        Visit { station, service_time, rank, order, patience, balk_at, server_count }
    }
}

/// Where to next.
#[derive(Clone, Copy, Debug)]
pub enum Step {
    /// To a station.
    Visit(Visit),
    /// Nowhere for a while: walking, waiting for a result, thinking.
    Pause {
        /// How long.
        time: SimSpan,
        /// Index of the kind under which the time is counted (see `Layout::pause_kind_count`).
        kind: u8,
    },
    /// Out.
    Leave(Exit),
}

/// How a customer leaves.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Exit {
    /// With everything done.
    Completed,
    /// Without having been served.
    WithoutBeingSeen,
}

/// What has just ended for a customer whom the engine asks the model about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Done {
    /// A service, completed.
    Served,
    /// A pause.
    Paused,
    /// The customer saw the queue and did not join.
    Balked,
    /// Patience ran out in the queue.
    Reneged,
    /// The station was full.
    Refused,
    /// The station closed, before or during service.
    SentAway,
    /// The machine failed during service and the station's rule is to ask the model.
    BrokenDown,
}

/// A system of customers and stations, as the engine sees it. All calls are resolved at compile time.
pub trait Model {
    /// What the model keeps of a customer inside; 16 bytes keep a record within one cache line.
    type State: Copy + Default;

    /// When the next customer arrives from outside; [`SimTime::NEVER`] when nobody does any more. Never earlier than
    /// the arrival before.
    fn next_arrival_at(&self) -> SimTime;

    /// True when every customer makes one visit, waits there as long as it takes, with one server, and leaves: a lone
    /// queue. [`Model::arrive`] then always answers with that visit, and nobody needs to be asked again.
    fn is_single_visit(&self) -> bool {
        false
    }

    /// The customer due at `now` comes in: fills the state of the fresh record and says which class it is counted
    /// under and where it goes first.
    fn arrive(&mut self, now: SimTime, state: &mut Self::State, floor: Floor<'_>) -> (u8, Step);

    /// Something has ended for a customer at `station` (the last one visited): where to next?
    fn proceed(
        &mut self,
        now: SimTime,
        customer: &mut Customer<Self::State>,
        station: StationId,
        done: Done,
        floor: Floor<'_>,
    ) -> Step;

    /// The run ends at `now`, and this customer is still inside.
    fn stay(&mut self, _now: SimTime, _customer: &Customer<Self::State>) {}
}
