//! The bar a figure is held to.

use onetrip_models::text::Text;
use serde::Serialize;

/// The unit of a figure in results: durations in seconds, shares from 0 to 1, everything else a plain number. Written
/// with the symbols that measures have.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub enum Unit {
    /// A duration in seconds.
    #[serde(rename = "s")]
    Seconds,
    /// A part of a whole, 0 to 1.
    #[serde(rename = "1")]
    Share,
    /// A number of things.
    #[serde(rename = "count")]
    Count,
}

/// A number with its unit.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct Quantity {
    /// The number, in `unit`.
    pub value: f64,
    /// Its unit.
    pub unit: Unit,
}

impl Quantity {
    /// A duration in seconds.
    pub fn seconds(value: f64) -> Quantity {
        Quantity { value, unit: Unit::Seconds }
    }

    /// A part of a whole, 0 to 1.
    pub fn share(value: f64) -> Quantity {
        Quantity { value, unit: Unit::Share }
    }

    /// A number of things.
    pub fn count(value: f64) -> Quantity {
        Quantity { value, unit: Unit::Count }
    }

    /// The quantity as a person writes it, in English and Chinese: minutes from one minute up, percent, plain numbers,
    /// with at most two decimals.
    pub fn wording(self) -> Text {
        self.wording_to(2)
    }

    /// The same with at most `decimals` decimals.
    pub fn wording_to(self, decimals: usize) -> Text {
        let plain = |value: f64| plain(value, decimals);
        match self.unit {
            Unit::Seconds if self.value.abs() >= 60.0 => {
                let minutes = plain(self.value / 60.0);
                Text::new(format!("{minutes} min"), format!("{minutes}分钟"))
            }
            Unit::Seconds => {
                let seconds = plain(self.value);
                Text::new(format!("{seconds} s"), format!("{seconds}秒"))
            }
            Unit::Share => {
                let percent = plain(self.value * 100.0);
                Text::new(format!("{percent} %"), format!("{percent}%"))
            }
            Unit::Count => {
                let number = plain(self.value);
                Text::new(number.clone(), number)
            }
        }
    }
}

/// At most so many decimals, without trailing zeros.
fn plain(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    if decimals == 0 {
        return text;
    }
    let short = text.trim_end_matches('0').trim_end_matches('.');
    if short == "-0" { "0".to_owned() } else { short.to_owned() }
}

/// How a figure is held against its threshold.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    /// The figure must not be greater.
    AtMost,
    /// The figure must not be smaller.
    AtLeast,
    /// The figure must be the same.
    Equals,
    /// The list must hold every word of the threshold.
    All,
}

impl Comparison {
    /// Every comparison: its word, itself, and what it means.
    pub const OPTIONS: &'static [(&'static str, Comparison, &'static str)] = &[
        ("at_most", Comparison::AtMost, "the figure must not be greater than the threshold"),
        ("at_least", Comparison::AtLeast, "the figure must not be smaller than the threshold"),
        ("equals", Comparison::Equals, "the figure or the answer must be the threshold"),
        ("all", Comparison::All, "the list must hold every word of the threshold"),
    ];
}

/// What a figure is held against.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(untagged)]
pub enum Threshold {
    /// A number with its unit.
    Quantity(Quantity),
    /// Yes or no.
    Flag(bool),
    /// Words that must all be there.
    Words(Vec<String>),
    /// The hospital's own figure of the year before, under this measure.
    LastYear {
        /// Id of the figure of the year before.
        last_year: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_written_as_a_person_would() {
        let english = |quantity: Quantity| quantity.wording().en;
        assert_eq!(english(Quantity::seconds(600.0)), "10 min");
        assert_eq!(english(Quantity::seconds(165.6)), "2.76 min");
        assert_eq!(english(Quantity::seconds(45.0)), "45 s");
        assert_eq!(english(Quantity::share(0.9825)), "98.25 %");
        assert_eq!(english(Quantity::share(1.0)), "100 %");
        assert_eq!(english(Quantity::count(5.0)), "5");
        assert_eq!(english(Quantity::count(-0.001)), "0");
        assert_eq!(Quantity::share(0.09999).wording_to(3).en, "9.999 %");
        assert_eq!(Quantity::count(120.0).wording_to(0).en, "120");
        assert_eq!(Quantity::seconds(600.0).wording().zh, "10分钟");
    }
}
