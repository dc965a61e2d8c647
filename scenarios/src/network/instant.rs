//! Instants of a run in files: a time of day, or how long after the start; the run starts at midnight.

use crate::quantity::{parse_clock, parse_duration};
use crate::reader::key::{Defaulted, Kind, Numbers, Required, Shape, TableSpec, defaulted, required};
use crate::reader::kinds::{Count, Duration, List, TimeOfDay};
use crate::reader::{Item, Mistake, Record, Table};
use onetrip_sim::time::{SimSpan, SimTime};

/// One instant.
pub(super) struct Instant;

const INSTANT_ACCEPTED: &str =
    "a time of day such as \"07:30\", or the time since the start such as \"90 min\" or \"2 days\"";

impl Kind for Instant {
    type Out = SimTime;

    fn read(&self, item: &Item<'_>) -> Option<SimTime> {
        if item.datetime().is_some() {
            return TimeOfDay.read(item);
        }
        let Some(text) = item.text() else {
            if let Some(number) = item.number() {
                item.report(Mistake::new(format!("{number} has no unit")).accepted(INSTANT_ACCEPTED));
                return None;
            }
            return item.refuse(INSTANT_ACCEPTED);
        };
        let is_clock = text.contains([':', '：']);
        let parsed =
            if is_clock { parse_clock(text) } else { parse_duration(text).map(|span| SimTime::ZERO + span) };
        parsed.map_err(|error| item.report(Mistake::new(error.to_string()).accepted(INSTANT_ACCEPTED))).ok()
    }

    fn shape(&self) -> Shape {
        let text = Shape::Text {
            accepted: INSTANT_ACCEPTED,
            examples: &["07:30", "90 min"],
            pattern: Some("^\\s*[0-9０-９]"),
        };
        Shape::Any(vec![text, Shape::BareTime])
    }
}

/// A list of instants, or evenly spaced ones: `{ from = "08:00", every = "30 min", count = 16 }`.
pub(super) struct Instants;

static EVERY: Required<Duration> = required("every", Duration::ANY, "time from each instant to the next");
static COUNT: Required<Count> = required("count", Count::between(1, 10_000_000), "how many instants");
static FROM: Defaulted<Instant> = defaulted("from", Instant, "\"0 s\"", "the first instant");
static SPACED: TableSpec =
    TableSpec { name: "instants", doc: "evenly spaced instants", keys: &[&FROM, &EVERY, &COUNT] };

const LISTED: List<Instant> = List::at_least(1, Instant);
const EVENLY: Record<Vec<SimTime>> = Record { spec: &SPACED, read: read_spaced };

fn read_spaced(table: &Table<'_>) -> Option<Vec<SimTime>> {
    let (from, every, count) = (table.read(&FROM), table.read(&EVERY), table.read(&COUNT));
    let (from, every): (SimTime, SimSpan) = (from?, every?);
    let at = |index: u32| {
        SimTime::from_micros(
            from.as_micros().saturating_add(every.as_micros().saturating_mul(u64::from(index))),
        )
    };
    Some((0..count?).map(at).collect())
}

impl Kind for Instants {
    type Out = Vec<SimTime>;

    fn read(&self, item: &Item<'_>) -> Option<Vec<SimTime>> {
        if item.is_table() && !item.is_sourced_value() {
            return EVENLY.read(item);
        }
        if item.is_sourced_value() || item.elements().is_some() {
            return item.read_sourced(&LISTED);
        }
        item.refuse(format!("a list of instants, or {}", EVENLY.shape().accepted()))
    }

    fn shape(&self) -> Shape {
        Shape::Any(vec![Shape::Sourced(Box::new(LISTED.shape())), EVENLY.shape()])
    }

    fn numbers(&self) -> Numbers {
        Numbers::Within
    }
}
