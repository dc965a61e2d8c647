//! The account of runs of one system: the engine's statistics and the model's own counters.

use onetrip_sim::statistics::{Layout, Statistics};

/// What one or more runs counted. Whole numbers only, so accounts add up to the same bits in any order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Account {
    /// Waits, queues and servers, kept by the engine.
    pub statistics: Statistics,
    /// What the model counts beside; the model knows which is which.
    pub counters: Vec<u64>,
}

impl Account {
    /// An empty account.
    pub fn new(layout: Layout, counter_count: usize) -> Self {
        Account { statistics: Statistics::new(layout), counters: vec![0; counter_count] }
    }

    /// Forgets everything, keeping the memory.
    pub fn clear(&mut self) {
        self.statistics.clear();
        self.counters.fill(0);
    }

    /// Adds the account of other runs of the same system.
    pub fn merge(&mut self, other: &Account) {
        assert_eq!(self.counters.len(), other.counters.len(), "only accounts of one system add up");
        self.statistics.merge(&other.statistics);
        self.counters.iter_mut().zip(&other.counters).for_each(|(mine, theirs)| *mine += theirs);
    }
}
