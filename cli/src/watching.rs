//! Runs watched by several at once.

use onetrip_models::watch::{Record, Watcher};
use onetrip_report::event_log::EventLog;
use onetrip_report::visits::VisitTable;

/// Those who watch.
pub(crate) struct Watch {
    /// Writes down every happening of every run.
    log: Option<EventLog>,
    /// Gathers the visits of the first run.
    visits: Option<VisitTable>,
    run_count: u32,
}

impl Watch {
    pub(crate) fn new(log: Option<EventLog>, visits: Option<VisitTable>) -> Watch {
        Watch { log, visits, run_count: 0 }
    }

    /// A run is about to be watched.
    pub(crate) fn begin_run(&mut self, replication: u32, day: u32) {
        self.run_count += 1;
        if let Some(log) = &mut self.log {
            log.begin_run(replication, day);
        }
    }

    /// What they have seen.
    pub(crate) fn finish(self) -> (Option<EventLog>, Option<VisitTable>) {
        (self.log, self.visits)
    }
}

impl Watcher for Watch {
    fn watch(&mut self, record: Record) {
        if let Some(log) = &mut self.log {
            log.watch(record);
        }
        if let Some(visits) = &mut self.visits
            && self.run_count == 1
        {
            visits.watch(record);
        }
    }
}
