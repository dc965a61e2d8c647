//! Watching a run. The engine is compiled once for each kind of observer; with [`Nobody`] watching, nothing is left of
//! it in the loop.

use crate::customer::Customer;
use crate::model::{Exit, StationId};
use crate::time::{SimSpan, SimTime};

/// What an observer is told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Happening {
    /// Came in from outside.
    Arrived,
    /// Joined a station: its queue, or a free server at once.
    Joined(StationId),
    /// Service started (or was resumed after an interruption).
    Started(StationId),
    /// Service was broken off; the customer waits again and is resumed where it stopped.
    Interrupted(StationId),
    /// Service was broken off; the customer waits again and is served all over.
    Undone(StationId),
    /// Service was completed.
    Served(StationId),
    /// Did not join.
    Balked(StationId),
    /// Left the queue out of patience.
    Reneged(StationId),
    /// Found the station full.
    Refused(StationId),
    /// Was sent away at closing.
    SentAway(StationId),
    /// The machine failed and the model was asked.
    BrokenDown(StationId),
    /// Served, but held at the station because the next one is full.
    Blocked(StationId),
    /// Began a pause of the given length and kind.
    Paused {
        /// Length.
        time: SimSpan,
        /// Kind, as the model numbers them.
        kind: u8,
    },
    /// Left.
    Left(Exit),
}

/// Who can serve at a station.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Servers {
    /// Servers on duty and not out, and those who stay after their duty until the queue is empty.
    pub present: u64,
    /// Machines in order; as many as anybody wants where none breaks down.
    pub in_order: u64,
}

/// Someone who watches.
pub trait Observer<S> {
    /// False for those who look at nothing.
    const WATCHES: bool = true;

    /// Called at each happening, in the order in which they happen. `slot` names the customer while inside (it is
    /// reused after leaving; the model's state carries the lasting identity).
    fn observe(&mut self, at: SimTime, happening: Happening, slot: usize, customer: &Customer<S>);

    /// Called when the servers of a station come or go, fail or are repaired. Before the first call nobody is there.
    /// Stations with unlimited servers are never told of.
    #[inline(always)]
    fn observe_servers(&mut self, _at: SimTime, _station: StationId, _servers: Servers) {}
}

/// Nobody watches.
#[derive(Clone, Copy, Default, Debug)]
pub struct Nobody;

impl<S> Observer<S> for Nobody {
    const WATCHES: bool = false;

    #[inline(always)]
    fn observe(&mut self, _: SimTime, _: Happening, _: usize, _: &Customer<S>) {}
}

impl<S, O: Observer<S>> Observer<S> for &mut O {
    const WATCHES: bool = O::WATCHES;

    #[inline(always)]
    fn observe(&mut self, at: SimTime, happening: Happening, slot: usize, customer: &Customer<S>) {
        (**self).observe(at, happening, slot, customer);
    }

    #[inline(always)]
    fn observe_servers(&mut self, at: SimTime, station: StationId, servers: Servers) {
        (**self).observe_servers(at, station, servers);
    }
}
