//! The scale of an axis that shows a measure: its unit, its symbol, its ticks.

use super::canvas::{nice_limit, tick};
use crate::document::{Figure, Unit};
use crate::figures::TimeScale;
use crate::words::Language;

/// How the values of a measure are drawn.
pub(super) struct Scale {
    /// The value that is 1 on the axis.
    pub(super) one: f64,
    /// What stands behind numbers of the axis; empty for counts.
    pub(super) symbol: String,
}

impl Scale {
    /// The scale for values of this unit up to `largest`.
    pub(super) fn of(unit: Unit, largest: f64, language: Language) -> Scale {
        let time = TimeScale::of(largest);
        let (one, symbol) = match unit {
            Unit::Seconds => (time.seconds(), time.symbol(language)),
            Unit::Share => (0.01, "%"),
            Unit::Count => (1.0, ""),
            Unit::PerHour => (1.0, language.pick("/h", "/小时")),
        };
        Scale { one, symbol: symbol.to_owned() }
    }

    /// A title with the unit of the axis behind it.
    pub(super) fn titled(&self, title: &str, language: Language) -> String {
        match (self.symbol.is_empty(), language) {
            (true, _) => title.to_owned(),
            (false, Language::English) => format!("{title} ({})", self.symbol),
            (false, Language::Chinese) => format!("{title}（{}）", self.symbol),
        }
    }
}

/// The upper end of a figure's interval, as far as it is drawn: a share of a whole has none above the whole.
pub(super) fn upper(figure: &Figure, unit: Unit) -> Option<f64> {
    let value = figure.value?;
    let high = figure.high.unwrap_or(value);
    Some(if unit == Unit::Share && value <= 1.0 { high.min(1.0) } else { high })
}

/// A round end of an axis from 0 that reaches `largest`, and its ticks.
pub(super) fn from_zero(largest: f64) -> (f64, Vec<(f64, String)>) {
    let (top, step) = nice_limit(largest);
    let ticks = (0..=(top / step).round() as i32).map(|at| f64::from(at) * step);
    (top, ticks.map(|value| (value, tick(value))).collect())
}
