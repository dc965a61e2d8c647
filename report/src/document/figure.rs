//! A figure: a value, and how sure it is.

use onetrip_models::measure;
use onetrip_studies::statistics::interval::Estimate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A value with its interval over replications.
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Figure {
    /// The value; `null` where nobody was there to be counted.
    pub value: Option<f64>,
    /// Lower end of its interval; `null` where there is none.
    pub low: Option<f64>,
    /// Upper end of its interval; `null` where there is none.
    pub high: Option<f64>,
    /// Independent observations (replications) it rests on.
    pub n: u64,
}

/// The unit of a figure.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub enum Unit {
    /// Seconds.
    #[serde(rename = "s")]
    Seconds,
    /// A share, 0 to 1.
    #[serde(rename = "1")]
    Share,
    /// A number of things.
    #[serde(rename = "count")]
    Count,
    /// So many per hour.
    #[serde(rename = "per_hour")]
    PerHour,
}

impl Figure {
    /// What was estimated, or nothing.
    pub(crate) fn of(estimate: Option<Estimate>) -> Figure {
        estimate.map_or(Figure::default(), |estimate| Figure {
            value: Some(estimate.value),
            low: estimate.interval.map(|interval| interval.low),
            high: estimate.interval.map(|interval| interval.high),
            n: estimate.observation_count as u64,
        })
    }

    /// A value without an interval.
    pub(crate) fn bare(value: Option<f64>) -> Figure {
        Figure { value, ..Figure::default() }
    }

    /// The largest of the value and the ends of its interval, without its sign; 0 where there is none.
    pub(crate) fn largest(&self) -> f64 {
        [self.value, self.low, self.high].into_iter().flatten().fold(0.0, |most, end| most.max(end.abs()))
    }

    /// How far the interval reaches from the value, on the side where it reaches further.
    pub fn reach(&self) -> Option<f64> {
        let value = self.value?;
        Some((self.high? - value).max(value - self.low?))
    }
}

impl From<measure::Unit> for Unit {
    fn from(unit: measure::Unit) -> Unit {
        match unit {
            measure::Unit::Seconds => Unit::Seconds,
            measure::Unit::Share => Unit::Share,
            measure::Unit::Count => Unit::Count,
            measure::Unit::PerHour => Unit::PerHour,
        }
    }
}

impl Unit {
    /// The symbol in machine-readable output.
    pub fn symbol(self) -> &'static str {
        match self {
            Unit::Seconds => "s",
            Unit::Share => "1",
            Unit::Count => "count",
            Unit::PerHour => "per_hour",
        }
    }
}
