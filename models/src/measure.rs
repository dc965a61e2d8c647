//! Measures: figures with a definition. Every figure that leaves the house carries who is counted, from which instant to
//! which, over which hours, and in which unit.

use crate::text::Text;
use std::ops::RangeInclusive;

/// The unit of a measure's value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unit {
    /// Seconds.
    Seconds,
    /// A share, 0 to 1.
    Share,
    /// A number of customers, patients, payments …
    Count,
    /// So many per hour.
    PerHour,
}

impl Unit {
    /// The unit's symbol in machine-readable output.
    pub fn symbol(self) -> &'static str {
        match self {
            Unit::Seconds => "s",
            Unit::Share => "1",
            Unit::Count => "count",
            Unit::PerHour => "per_hour",
        }
    }

    /// What a value in this unit can be: nothing here is ever negative.
    pub fn range(self) -> RangeInclusive<f64> {
        match self {
            Unit::Share => 0.0..=1.0,
            Unit::Seconds | Unit::Count | Unit::PerHour => 0.0..=f64::INFINITY,
        }
    }
}

/// How a measure's value comes from the observations of one replication; decides the interval that goes with it.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Statistic {
    /// A mean over customers.
    Mean,
    /// A quantile over customers, 0 to 1.
    Quantile(f64),
    /// The largest.
    Maximum,
    /// A share of customers or of events.
    Share,
    /// A mean over time.
    TimeAverage,
    /// A number counted.
    Total,
}

/// One measure.
#[derive(Clone, Debug, PartialEq)]
pub struct Measure {
    /// Dotted name, `registration.on_site.wait_time.mean`.
    pub id: String,
    /// Unit of the value.
    pub unit: Unit,
    /// How the value is formed.
    pub statistic: Statistic,
    /// Short title.
    pub title: Text,
    /// Who is counted, from which instant to which, over which hours.
    pub definition: Text,
    /// Shown first, and decides how many replications are enough.
    pub is_headline: bool,
}
