//! The arrivals of one run, in order of time.

use super::batch::BatchSampler;
use super::day_factor::DayFactorSampler;
use super::planned::{BATCH_SIZE, PlannedQueue};
use super::walk::RateWalk;
use super::{ArrivalSource, FirstArrival, Pattern};
use crate::distribution::{Sampler, unit_exponential};
use crate::stream::{EntityKey, Purpose, RunKey, SourceKey};
use crate::time::{SimSpan, SimTime};
use std::sync::Arc;

const INTERARRIVAL: Purpose = Purpose::named("interarrival");

/// One customer's coming.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// When.
    pub at: SimTime,
    /// Which customer of the source; no two arrivals of a run share one.
    pub index: u64,
    /// The customer's luck, `run.entity(source.purpose(), index)`; at hand here, so that nobody computes it twice.
    pub key: EntityKey,
}

/// The arrivals of a source in one run. An iterator whose next instant can be seen beforehand; nothing is allocated
/// after [`ArrivalStream::begin`].
#[derive(Clone, Debug)]
pub struct ArrivalStream {
    source: Purpose,
    keys: SourceKey,
    until: SimTime,
    pattern: PatternStream,
    batches: BatchSampler,
    day_factor: Option<DayFactorSampler>,
    factor: f64,
    /// 1 / factor: by how much gaps are longer.
    stretch: f64,
    /// The batch after the one that is being delivered.
    batch_index: u64,
    left_in_batch: u32,
    /// At [`SimTime::NEVER`] when all have come.
    next: Arrival,
}

#[derive(Clone, Debug)]
enum PatternStream {
    Poisson(RateWalk),
    Renewal { gap: Sampler, starts_at: SimTime, first: FirstArrival, last_at: SimTime },
    Instants(Arc<[SimTime]>),
    Planned(PlannedQueue),
}

impl ArrivalStream {
    /// The arrivals of `source` in the run of this key.
    pub fn begin(source: &ArrivalSource, run: RunKey) -> Self {
        let pattern = match &source.pattern {
            Pattern::Poisson(profile) => PatternStream::Poisson(RateWalk::new(profile, source.until)),
            Pattern::Renewal { gap, starts_at, first } => PatternStream::Renewal {
                gap: gap.sampler(),
                starts_at: *starts_at,
                first: *first,
                last_at: *starts_at,
            },
            Pattern::Instants(instants) => PatternStream::Instants(Arc::clone(instants)),
            Pattern::Planned(planned) => PatternStream::Planned(PlannedQueue::new(planned)),
        };
        let mut stream = ArrivalStream {
            source: source.purpose,
            keys: run.source(source.purpose),
            until: source.until,
            pattern,
            batches: source.batch_size.sampler(),
            day_factor: source.day_factor.as_ref().map(|(purpose, factor)| factor.sampler(*purpose)),
            factor: 1.0,
            stretch: 1.0,
            batch_index: 0,
            left_in_batch: 0,
            next: Arrival { at: SimTime::NEVER, index: 0, key: EntityKey::default() },
        };
        stream.restart(run);
        stream
    }

    /// Begins afresh for another run, in the memory it has.
    pub fn restart(&mut self, run: RunKey) {
        self.keys = run.source(self.source);
        self.factor = self.day_factor.as_ref().map_or(1.0, |factor| factor.draw(run));
        self.stretch = 1.0 / self.factor;
        self.batch_index = 0;
        self.next.index = 0;
        match &mut self.pattern {
            PatternStream::Poisson(walk) => walk.restart(),
            PatternStream::Renewal { starts_at, last_at, .. } => *last_at = *starts_at,
            PatternStream::Instants(_) => {}
            PatternStream::Planned(queue) => queue.restart(run, self.source, &self.batches),
        }
        self.load_batch();
    }

    /// When the next customer comes; [`SimTime::NEVER`] when all have come.
    #[inline(always)]
    pub fn peek(&self) -> SimTime {
        self.next.at
    }

    /// The next customer, where [`ArrivalStream::peek`] says that there is one.
    #[inline(always)]
    pub fn take_next(&mut self) -> Arrival {
        let arrival = self.next;
        self.next.index += 1;
        self.left_in_batch -= 1;
        if self.left_in_batch > 0 {
            self.next.key = self.keys.entity(self.next.index);
        } else {
            self.load_batch();
        }
        arrival
    }

    /// The day-level factor of this run; 1 where the source has none.
    pub fn day_factor(&self) -> f64 {
        self.factor
    }

    /// Makes the first of the next batch the next customer.
    #[inline(never)]
    fn load_batch(&mut self) {
        let batch_index = self.batch_index;
        self.batch_index += 1;
        let key = self.keys.entity(batch_index);
        let at = match &mut self.pattern {
            PatternStream::Poisson(walk) => {
                walk.advance(unit_exponential(&mut key.stream(INTERARRIVAL)) * self.stretch)
            }
            PatternStream::Renewal { gap, first, last_at, .. } => {
                if batch_index > 0 || *first == FirstArrival::AfterOneGap {
                    let micros = gap.draw_micros(&mut key.stream(INTERARRIVAL)) * self.stretch;
                    *last_at = last_at.saturating_add(SimSpan::from_micros_rounded(micros));
                }
                *last_at
            }
            PatternStream::Instants(instants) => {
                instants.get(batch_index as usize).copied().unwrap_or(SimTime::NEVER)
            }
            PatternStream::Planned(queue) => {
                match queue.take_first() {
                    Some(expected) if expected.at < self.until => {
                        self.left_in_batch = expected.size;
                        let index = expected.first_index;
                        let key = self.keys.entity(index);
                        self.next = Arrival { at: expected.at, index, key };
                    }
                    _ => self.next.at = SimTime::NEVER,
                }
                return;
            }
        };
        self.left_in_batch = self.batches.draw(|| key.stream(BATCH_SIZE));
        self.next.at = if at < self.until { at } else { SimTime::NEVER };
        let index = self.next.index;
        self.next.key = if index == batch_index { key } else { self.keys.entity(index) };
    }
}

impl Iterator for ArrivalStream {
    type Item = Arrival;

    /// The next customer, or `None` when all have come.
    fn next(&mut self) -> Option<Arrival> {
        (self.peek() < SimTime::NEVER).then(|| self.take_next())
    }
}
