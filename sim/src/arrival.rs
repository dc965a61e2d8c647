//! Arrivals: when customers come, described once and replayed for every replication.
//!
//! An [`ArrivalSource`] says how they come: by a rate that changes over time, by gaps, at listed instants, or at
//! planned times with lateness and no-shows; in batches or alone; more on some days than on others. An
//! [`ArrivalStream`] delivers the arrivals of one run in order of time.
//!
//! **Luck stays with the customer.** Whatever decides the `k`-th arrival (or batch) is drawn from the entity
//! (source, `k`), under the purposes `interarrival`, `arrival.batch_size`, `arrival.punctuality` and
//! `arrival.no_show`; the day-level factor comes from `<source>.day_factor`. A scenario that raises the demand or
//! moves the lateness leaves everyone's other numbers untouched. Models must not draw for these four purposes.
//!
//! ```
//! use onetrip_sim::arrival::{ArrivalSource, ArrivalStream, RateProfile};
//! use onetrip_sim::stream::RunKey;
//! use onetrip_sim::time::{SimSpan, SimTime};
//!
//! let at = |hours: u64| SimTime::ZERO + SimSpan::from_whole_minutes(60 * hours);
//! let profile = RateProfile::once(&[(at(8), 60.0), (at(12), 0.0)]).unwrap();
//! let source = ArrivalSource::poisson("walk_ins", profile);
//! assert_eq!(source.expected_count(), 240.0);
//! let mut stream = ArrivalStream::begin(&source, RunKey::new(1, 0, 0));
//! let first = stream.next().unwrap();
//! assert!(first.at >= at(8) && first.index == 0);
//! assert!(stream.peek() >= first.at);
//! ```

mod batch;
mod day_factor;
mod error;
mod planned;
mod rate_profile;
mod stream;
#[cfg(test)]
mod tests;
mod walk;

pub use batch::BatchSize;
pub use day_factor::DayFactor;
pub use error::ArrivalError;
pub use planned::PlannedArrivals;
pub use rate_profile::{RateProfile, RateSegment};
pub use stream::{Arrival, ArrivalStream};

use crate::distribution::Distribution;
use crate::stream::Purpose;
use crate::time::SimTime;
use std::sync::Arc;

/// How the customers of one source come.
#[derive(Clone, Debug)]
pub struct ArrivalSource {
    purpose: Purpose,
    pattern: Pattern,
    batch_size: BatchSize,
    day_factor: Option<(Purpose, DayFactor)>,
    until: SimTime,
    own_day_factor: Purpose,
}

#[derive(Clone, Debug)]
enum Pattern {
    Poisson(RateProfile),
    Renewal { gap: Distribution, starts_at: SimTime, first: FirstArrival },
    Instants(Arc<[SimTime]>),
    Planned(Arc<PlannedArrivals>),
}

/// When the first customer of a source with given gaps comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FirstArrival {
    /// At the start itself.
    AtStart,
    /// One gap after the start.
    AfterOneGap,
}

impl ArrivalSource {
    fn new(name: &str, pattern: Pattern) -> Self {
        ArrivalSource {
            purpose: Purpose::named(name),
            pattern,
            batch_size: BatchSize::one(),
            day_factor: None,
            until: SimTime::NEVER,
            own_day_factor: Purpose::named(&format!("{name}.day_factor")),
        }
    }

    /// A Poisson process whose rate follows `profile`. `name` is the dotted path under which everything random
    /// about these customers is drawn.
    pub fn poisson(name: &str, profile: RateProfile) -> Self {
        ArrivalSource::new(name, Pattern::Poisson(profile))
    }

    /// Independent gaps of one law (in seconds) from `starts_at` on.
    ///
    /// # Errors
    /// When a gap could be negative, or is 0 on average.
    pub fn renewal(
        name: &str,
        gap: Distribution,
        starts_at: SimTime,
        first: FirstArrival,
    ) -> Result<Self, ArrivalError> {
        if !gap.is_never_negative() || gap.mean() <= 0.0 {
            return Err(ArrivalError::Gap { lowest: gap.support().0, mean: gap.mean() });
        }
        Ok(ArrivalSource::new(name, Pattern::Renewal { gap, starts_at, first }))
    }

    /// Exactly at these instants, which must not go back in time.
    ///
    /// # Errors
    /// When an instant is before the one it follows.
    pub fn at_instants(name: &str, instants: &[SimTime]) -> Result<Self, ArrivalError> {
        if let Some(index) = (1..instants.len()).find(|&index| instants[index] < instants[index - 1]) {
            return Err(ArrivalError::Unordered {
                what: "instant",
                at: instants[index],
                before: instants[index - 1],
            });
        }
        Ok(ArrivalSource::new(name, Pattern::Instants(instants.into())))
    }

    /// At planned times, more or less, and not everyone. The index of an arrival is that of its planned time.
    ///
    /// # Errors
    /// When the share of no-shows is not between 0 and 1.
    pub fn planned(name: &str, planned: PlannedArrivals) -> Result<Self, ArrivalError> {
        if !(0.0..=1.0).contains(&planned.no_show_share) {
            return Err(ArrivalError::NoShowShare { share: planned.no_show_share });
        }
        Ok(ArrivalSource::new(name, Pattern::Planned(Arc::new(planned))))
    }

    /// Every arrival becomes a batch of customers who come at the same instant, each with an index of their own.
    pub fn with_batches(mut self, batch_size: BatchSize) -> Self {
        self.batch_size = batch_size;
        self
    }

    /// The whole rate of a run is multiplied by one factor of mean 1, drawn once per run.
    ///
    /// # Errors
    /// When the source is a list of instants or planned times, which have no rate.
    pub fn with_day_factor(mut self, factor: DayFactor) -> Result<Self, ArrivalError> {
        if matches!(self.pattern, Pattern::Instants(_) | Pattern::Planned(_)) {
            return Err(ArrivalError::ListHasNoRate);
        }
        self.day_factor = Some((factor.shared_purpose().unwrap_or(self.own_day_factor), factor));
        Ok(self)
    }

    /// Nobody comes at `until` or later.
    pub fn with_until(mut self, until: SimTime) -> Self {
        self.until = until;
        self
    }

    /// The same source with its rate multiplied by `factor`; 1 changes no bit.
    ///
    /// # Errors
    /// When the factor is negative or not finite (0 too where gaps are given), takes the rate out of its range, or
    /// the source is a list.
    pub fn scaled(&self, factor: f64) -> Result<Self, ArrivalError> {
        let mut scaled = self.clone();
        match &mut scaled.pattern {
            Pattern::Poisson(profile) => *profile = profile.scaled(factor)?,
            Pattern::Renewal { gap, .. } => {
                if !(factor > 0.0 && factor.is_finite()) {
                    return Err(ArrivalError::Factor { factor });
                }
                *gap = gap.scaled(1.0 / factor)?;
            }
            Pattern::Instants(_) | Pattern::Planned(_) => return Err(ArrivalError::ListHasNoRate),
        }
        Ok(scaled)
    }

    /// The purpose under which the customers of this source are entities: customer `index` is
    /// `run.entity(source.purpose(), index)`.
    pub fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// The instant from which nobody comes any more; [`SimTime::NEVER`] without a limit.
    pub fn until(&self) -> SimTime {
        self.until
    }

    /// The planned instants, in order of customer index (without batches); `None` where nothing is planned.
    pub fn planned_at(&self) -> Option<&[SimTime]> {
        match &self.pattern {
            Pattern::Planned(planned) => Some(&planned.planned_at),
            _ => None,
        }
    }

    /// How many customers come in a run, on average; infinite where there is no end to them.
    ///
    /// Exact for a rate profile and for instants. With gaps, by the renewal theorem's two leading terms. With planned
    /// times, as if everyone were punctual.
    pub fn expected_count(&self) -> f64 {
        let batches = match &self.pattern {
            Pattern::Poisson(profile) => profile.expected_count(SimTime::ZERO, self.until),
            Pattern::Renewal { gap, starts_at, first } => {
                if self.until == SimTime::NEVER {
                    f64::INFINITY
                } else if self.until <= *starts_at {
                    0.0
                } else {
                    let mean = gap.mean();
                    let variance = gap.variance().unwrap_or(mean * mean);
                    let at_start = if *first == FirstArrival::AtStart { 1.0 } else { 0.0 };
                    let gaps = self.until.since(*starts_at).as_seconds() / mean;
                    (gaps + (variance / (mean * mean) - 1.0) / 2.0 + at_start).max(0.0)
                }
            }
            Pattern::Instants(instants) => instants.partition_point(|&at| at < self.until) as f64,
            Pattern::Planned(planned) => {
                let in_time = planned.planned_at.iter().filter(|&&at| at < self.until).count();
                in_time as f64 * (1.0 - planned.no_show_share)
            }
        };
        batches * self.batch_size.mean()
    }
}
