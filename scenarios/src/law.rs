//! Laws of time in files: a plain duration is a constant, a table names its law and parameters.
//!
//! ```toml
//! service_time = "4.5 min"
//! service_time = { law = "exponential", mean = "2 min" }
//! service_time = { law = "lognormal", mean = "1.5 min", cv = 0.8, source = "time study", n = 1009 }
//! service_time = { law = "gamma", shape = 2.5, scale = "40 s", shift = "30 s" }
//! service_time = { law = "mixture", components = [
//!     { share = "70 %", of = "2 min" },
//!     { share = "30 %", of = { law = "uniform", min = "3 min", max = "8 min" } },
//! ] }
//! ```
//!
//! Every law may be given in the ways listed for it in the reference; no way says a thing twice. In the
//! result the unit is the second, as in [`onetrip_sim::distribution`].

mod forms;

use crate::quantity::write_duration;
use crate::reader::key::{Kind, Numbers, Shape};
use crate::reader::kinds::{Offset, Seconds};
use crate::reader::{Item, Mistake, Union};
use onetrip_sim::distribution::Distribution;
use onetrip_sim::time::SimSpan;

pub use forms::LAW;

static LAW_TABLE: Union<Distribution> = Union { spec: &LAW, read: forms::READERS };

/// A law of durations: it never gives less than zero.
pub struct TimeLaw;

/// A law of offsets from a planned instant: below zero is early.
pub struct OffsetLaw;

const TIME_LAW_ACCEPTED: &str = "a duration such as \"4.5 min\", or a table with a law such as \
     `{ law = \"lognormal\", mean = \"1.5 min\", cv = 0.8 }`";
const OFFSET_LAW_ACCEPTED: &str = "a duration such as \"-5 min\" (early), or a table with a law such as \
     `{ law = \"normal\", mean = \"-5 min\", sd = \"10 min\" }`";

impl Kind for TimeLaw {
    type Out = Distribution;

    fn read(&self, item: &Item<'_>) -> Option<Distribution> {
        let law = read_law(item, &Seconds::ANY, TIME_LAW_ACCEPTED)?;
        if law.is_never_negative() {
            return Some(law);
        }
        let lowest = law.support().0;
        let mistake = if lowest.is_finite() {
            let early = write_duration(SimSpan::from_seconds(-lowest));
            Mistake::new(format!("the law goes down to -{early}, and a duration cannot be negative"))
        } else {
            Mistake::new("the law has no lowest value, and a duration cannot be negative")
        };
        item.report(
            mistake.accepted("a law from zero upwards, such as truncated_normal, gamma or lognormal"),
        );
        None
    }

    fn shape(&self) -> Shape {
        Shape::Any(vec![Shape::Sourced(Box::new(Seconds::ANY.shape())), Shape::Union(&LAW)])
    }

    fn numbers(&self) -> Numbers {
        Numbers::Within
    }
}

impl Kind for OffsetLaw {
    type Out = Distribution;

    fn read(&self, item: &Item<'_>) -> Option<Distribution> {
        read_law(item, &Offset, OFFSET_LAW_ACCEPTED)
    }

    fn shape(&self) -> Shape {
        Shape::Any(vec![Shape::Sourced(Box::new(Offset.shape())), Shape::Union(&LAW)])
    }

    fn numbers(&self) -> Numbers {
        Numbers::Within
    }
}

fn read_law<K: Kind<Out = f64>>(item: &Item<'_>, constant: &K, accepted: &str) -> Option<Distribution> {
    if item.is_table() && !item.is_sourced_value() {
        return LAW_TABLE.read(item);
    }
    let is_quantity = item.text().is_some() || item.number().is_some() || item.is_sourced_value();
    if !is_quantity {
        return item.refuse(accepted);
    }
    let seconds = item.read_sourced(constant)?;
    match Distribution::constant(seconds) {
        Ok(law) => Some(law),
        Err(error) => {
            item.report(Mistake::new(error.to_string()).accepted(accepted));
            None
        }
    }
}

#[cfg(test)]
mod tests;
