//! Watching a run without knowing the model: each happening with the lasting number of the customer.

use onetrip_sim::model::StationId;
use onetrip_sim::observer::{Happening, Servers};
use onetrip_sim::time::SimTime;

/// One happening.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    /// When.
    pub at: SimTime,
    /// The customer's number within the run, in the order of arrival of its source.
    pub customer: u32,
    /// The arrival source, for systems with several.
    pub source: u8,
    /// The class the customer is counted under.
    pub class: u8,
    /// The rank in the queue of the station last asked for; 0 before the first.
    pub rank: u8,
    /// What happened.
    pub happening: Happening,
}

/// Someone who watches any system.
pub trait Watcher {
    /// False for [`Unwatched`], so that nothing is prepared for nobody.
    const WATCHES: bool = true;

    /// Called at each happening, in the order in which they happen.
    fn watch(&mut self, record: Record);

    /// Called when the servers of a station come or go, fail or are repaired; before the first call nobody is there.
    fn watch_servers(&mut self, _at: SimTime, _station: StationId, _servers: Servers) {}
}

/// Nobody watches.
#[derive(Clone, Copy, Default, Debug)]
pub struct Unwatched;

impl Watcher for Unwatched {
    const WATCHES: bool = false;

    #[inline(always)]
    fn watch(&mut self, _: Record) {}
}
