//! What is wrong with a description of arrivals.

use crate::distribution::DistributionError;
use crate::time::{SimSpan, SimTime};

/// A description no arrivals can follow. The caller adds the place it was read from.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ArrivalError {
    /// A rate is negative, not a number, or more than one a microsecond.
    #[error("rate from {starts_at:?} on is {per_hour:?} per hour; accepted is 0 to 3600000000")]
    Rate {
        /// Where the segment starts.
        starts_at: SimTime,
        /// Its rate.
        per_hour: f64,
    },
    /// A rate profile without a segment.
    #[error("rate profile has no segment; accepted is one or more")]
    NoSegment,
    /// Instants that must rise do not.
    #[error("{what} at {at:?} follows {before:?}; accepted is a later one")]
    Unordered {
        /// `segment` or `instant`.
        what: &'static str,
        /// The one out of order.
        at: SimTime,
        /// The one before it.
        before: SimTime,
    },
    /// Something lies outside the period of a repeating profile.
    #[error("rate profile repeats every {period:?}; {at:?} is not within the first period")]
    BeyondPeriod {
        /// The offending instant.
        at: SimTime,
        /// The period.
        period: SimSpan,
    },
    /// A factor on the demand is out of range.
    #[error(
        "factor on the arrival rate is {factor}; accepted is a finite number of 0 or more (gaps: above 0)"
    )]
    Factor {
        /// The factor.
        factor: f64,
    },
    /// Gaps that could be negative or are all 0.
    #[error(
        "gaps between arrivals start at {lowest} s with mean {mean} s; accepted are gaps of 0 or more, mean above 0"
    )]
    Gap {
        /// The smallest gap of the law.
        lowest: f64,
        /// Its mean.
        mean: f64,
    },
    /// A share of no-shows outside 0..=1.
    #[error("share of no-shows is {share}; accepted is 0 to 1")]
    NoShowShare {
        /// The share.
        share: f64,
    },
    /// A batch that nobody is in, or a mean size out of range.
    #[error("batch size is {size}; accepted is 1 to 1000000")]
    BatchSize {
        /// The size or mean size.
        size: f64,
    },
    /// A factor was put on a list of instants or planned times.
    #[error("listed and planned arrivals have no rate to be multiplied; accepted is a rate profile or gaps")]
    ListHasNoRate,
    /// A law within the description is impossible.
    #[error(transparent)]
    Law(#[from] DistributionError),
}
