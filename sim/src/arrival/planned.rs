//! Planned times: who comes early, late, or not at all.

use super::batch::BatchSampler;
use crate::distribution::{Distribution, Sampler};
use crate::stream::{Purpose, RunKey};
use crate::time::SimTime;
use std::sync::Arc;

const PUNCTUALITY: Purpose = Purpose::named("arrival.punctuality");
const NO_SHOW: Purpose = Purpose::named("arrival.no_show");
pub(super) const BATCH_SIZE: Purpose = Purpose::named("arrival.batch_size");

/// Planned times and how well they are kept.
#[derive(Clone, Debug, PartialEq)]
pub struct PlannedArrivals {
    /// The planned instants, in any order; the place in this list is the customer's index.
    pub planned_at: Vec<SimTime>,
    /// Arrival minus planned time in seconds, negative when early (such as `uniform(-900, 1200)` or `normal`).
    /// Who would come before the run starts comes at its start.
    pub punctuality: Distribution,
    /// Chance of not coming, 0 to 1, each independently.
    pub no_show_share: f64,
}

/// One who comes, or a batch that does.
#[derive(Clone, Copy, Debug)]
pub(super) struct Expected {
    pub(super) at: SimTime,
    pub(super) first_index: u64,
    pub(super) size: u32,
}

/// Those of one run who come, in order of arrival.
#[derive(Clone, Debug)]
pub(super) struct PlannedQueue {
    planned: Arc<PlannedArrivals>,
    punctuality: Sampler,
    coming: Vec<Expected>,
    delivered_count: usize,
}

impl PlannedQueue {
    pub(super) fn new(planned: &Arc<PlannedArrivals>) -> Self {
        PlannedQueue {
            planned: Arc::clone(planned),
            punctuality: planned.punctuality.sampler(),
            coming: Vec::with_capacity(planned.planned_at.len()),
            delivered_count: 0,
        }
    }

    /// Draws everyone's luck for a run. Indices are counted over all planned batches, also those who do not come,
    /// so that they depend on neither punctuality nor no-shows.
    pub(super) fn restart(&mut self, run: RunKey, source: Purpose, batches: &BatchSampler) {
        self.coming.clear();
        self.delivered_count = 0;
        let mut first_index = 0;
        for (batch_index, &planned_at) in self.planned.planned_at.iter().enumerate() {
            let key = run.entity(source, batch_index as u64);
            let size = batches.draw(|| key.stream(BATCH_SIZE));
            if key.stream(NO_SHOW).unit() >= self.planned.no_show_share {
                let lateness = self.punctuality.draw_micros(&mut key.stream(PUNCTUALITY)).round() as i64;
                let at = SimTime::from_micros(planned_at.as_micros().saturating_add_signed(lateness));
                self.coming.push(Expected { at, first_index, size });
            }
            first_index += u64::from(size);
        }
        self.coming.sort_unstable_by_key(|expected| (expected.at, expected.first_index));
    }

    pub(super) fn take_first(&mut self) -> Option<Expected> {
        let first = self.coming.get(self.delivered_count).copied();
        self.delivered_count += 1;
        first
    }
}
