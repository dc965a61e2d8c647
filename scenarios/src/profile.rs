//! Rates over the day in files: a plain rate is constant, a table gives them by the hour or by stretches of the day.
//!
//! ```toml
//! arrivals = "60 per hour"
//! arrivals = { by_hour = { "07:00" = "600 per hour", "08:00" = "900 per hour" } }
//! arrivals = { per_day = 8000, share_by_hour = { "07:00" = "40 %", "08:00" = "60 %" } }
//! arrivals = { segments = [{ from = "07:58", to = "08:00", rate = "30 per min" }] }
//! arrivals = { per_day = 300, segments = [{ from = "08:00", to = "11:30", share = "100 %" }] }
//! ```
//!
//! Hours and stretches that are not mentioned have the rate zero. The profile begins afresh every midnight.

use crate::quantity::{Rate, Share, parse_clock, write_clock};
use crate::reader::key::{Declared, Kind, Numbers, Optional, Required, Shape, TableSpec, optional, required};
use crate::reader::kinds::{Frequency, List, Located, Map, Number, Percentage, TimeOfDay};
use crate::reader::{At, Group, Item, Mistake, Place, Record, Table};
use onetrip_sim::arrival::{ArrivalError, RateProfile};
use onetrip_sim::time::{SimSpan, SimTime};

/// A rate over the day.
pub struct DailyRate;

/// The keys of the table form of a [`DailyRate`].
pub static PROFILE: TableSpec = TableSpec {
    name: "profile",
    doc: "how a rate changes over the day, in one of four ways: by hour, by segments, or a number a day with its \
          shares by hour or by segments",
    keys: &[&BY_HOUR, &SEGMENTS, &PER_DAY, &SHARE_BY_HOUR],
};

const HOURS: &str = "full hours from \"00:00\" to \"23:00\"";

static BY_HOUR: Optional<Map<Frequency>> = optional(
    "by_hour",
    Map::of(HOURS, Frequency).with_keys(|key| full_hour(key).is_some()),
    "the rate in each hour of the day",
);
static PER_DAY: Optional<Number> =
    optional("per_day", Number::NOT_NEGATIVE, "how many come in a day, on average");
static SHARE_BY_HOUR: Optional<Map<Percentage>> = optional(
    "share_by_hour",
    Map::of(HOURS, Percentage).with_keys(|key| full_hour(key).is_some()),
    "the share of the day that comes in each hour; together 100 %",
);
static SEGMENTS: Optional<List<Record<Segment>>> = optional(
    "segments",
    List::at_least(1, Record { spec: &SEGMENT, read: read_segment }),
    "stretches of the day, each with its rate, or with its share of `per_day`",
);

static SEGMENT: TableSpec = TableSpec {
    name: "segment",
    doc: "a stretch of the day with a constant rate",
    keys: &[&FROM, &TO, &RATE, &SHARE],
};
static FROM: Required<TimeOfDay> = required("from", TimeOfDay, "when it begins");
static TO: Required<Located<TimeOfDay>> = required("to", Located(TimeOfDay), "when it ends, the same day");
static RATE: Optional<Frequency> = optional("rate", Frequency, "the rate, unless `per_day` is given");
static SHARE: Optional<Percentage> = optional("share", Percentage, "the share of `per_day` that comes in it");

const ACCEPTED: &str =
    "a rate such as \"60 per hour\", or a table such as `{ by_hour = { \"07:00\" = \"600 per hour\" } }`";

static TABLE: Group<RateProfile> = Group { spec: &PROFILE, read: read_profile };

impl Kind for DailyRate {
    type Out = RateProfile;

    fn read(&self, item: &Item<'_>) -> Option<RateProfile> {
        if item.is_table() && !item.is_sourced_value() {
            return TABLE.read(item);
        }
        if item.text().is_none() && item.number().is_none() && !item.is_sourced_value() {
            return item.refuse(ACCEPTED);
        }
        let rate = item.read_sourced(&Frequency)?;
        match RateProfile::constant(rate.per_hour()) {
            Ok(profile) => Some(profile),
            Err(error) => {
                item.report(Mistake::new(error.to_string()).accepted(ACCEPTED));
                None
            }
        }
    }

    fn shape(&self) -> Shape {
        Shape::Any(vec![Shape::Sourced(Box::new(Frequency.shape())), Shape::Record(&PROFILE)])
    }

    fn numbers(&self) -> Numbers {
        Numbers::Within
    }
}

enum Amount {
    Rate(Rate),
    Share(Share),
}

struct Segment {
    from: SimTime,
    to: SimTime,
    amount: Amount,
    place: Place,
}

fn read_segment(table: &Table<'_>) -> Option<Segment> {
    let (from, to) = (table.read(&FROM), table.read(&TO));
    let amount = match table.way(&[&[&RATE], &[&SHARE]])? {
        0 => Amount::Rate(table.read(&RATE)??),
        _ => Amount::Share(table.read(&SHARE)??),
    };
    let (from, to) = (from?, to?);
    if to.value <= from {
        let mistake =
            Mistake::new(format!("the segment ends at {}, not after it begins", write_clock(to.value)));
        table.report(&to.place, mistake.accepted(format!("a time of day after {}", write_clock(from))));
        return None;
    }
    Some(Segment { from, to: to.value, amount, place: table.place() })
}

fn read_profile(table: &Table<'_>) -> Option<RateProfile> {
    let ways: [&[&dyn Declared]; 4] =
        [&[&BY_HOUR], &[&SEGMENTS], &[&PER_DAY, &SHARE_BY_HOUR], &[&PER_DAY, &SEGMENTS]];
    let way = table.way(&ways)?;
    let per_day = if way >= 2 { table.read(&PER_DAY) } else { Some(None) };
    let mut segments = match way {
        0 => hours(table.read(&BY_HOUR)??, Amount::Rate)?,
        2 => hours(table.read(&SHARE_BY_HOUR)??, Amount::Share)?,
        _ => table.read(&SEGMENTS)??,
    };
    segments.sort_by_key(|segment| segment.from);
    let per_day = per_day?;
    let overlaps = report_overlaps(table, &segments);
    let rates = segments
        .iter()
        .map(|segment| per_hour(table, segment, per_day))
        .collect::<Vec<_>>()
        .into_iter()
        .collect::<Option<Vec<f64>>>()?;
    if per_day.is_some() {
        check_whole(table, if way == 2 { &SHARE_BY_HOUR } else { &SEGMENTS }, &segments)?;
    }
    if overlaps {
        return None;
    }
    build(&segments, &rates)
        .map_err(|error| table.report(&table.place(), Mistake::new(error.to_string()).accepted(ACCEPTED)))
        .ok()
}

fn full_hour(text: &str) -> Option<SimTime> {
    parse_clock(text).ok().filter(|at| {
        let since_midnight = at.since(SimTime::ZERO);
        since_midnight.as_micros() % SimSpan::HOUR.as_micros() == 0 && since_midnight < SimSpan::DAY
    })
}

fn hours<T>(members: Vec<(At<String>, T)>, amount: fn(T) -> Amount) -> Option<Vec<Segment>> {
    let members = members.into_iter().map(|(hour, value)| {
        let from = full_hour(&hour.value)?;
        Some(Segment { from, to: from + SimSpan::HOUR, amount: amount(value), place: hour.place })
    });
    members.collect()
}

fn report_overlaps(table: &Table<'_>, segments: &[Segment]) -> bool {
    let mut found = false;
    for pair in segments.windows(2) {
        if pair[1].from < pair[0].to {
            found = true;
            let (from, to) = (write_clock(pair[0].from), write_clock(pair[0].to));
            let mistake = Mistake::new(format!("this overlaps with {from}-{to}"));
            table.report(&pair[1].place, mistake.accepted(format!("a start from {to} on")));
        }
    }
    found
}

fn per_hour(table: &Table<'_>, segment: &Segment, per_day: Option<f64>) -> Option<f64> {
    match (&segment.amount, per_day) {
        (Amount::Rate(rate), None) => Some(rate.per_hour()),
        (Amount::Share(share), Some(per_day)) => {
            let hours = (segment.to - segment.from).as_seconds() / 3600.0;
            Some(share.part() * per_day / hours)
        }
        (Amount::Rate(_), Some(_)) => {
            let mistake = Mistake::new("a rate stands beside `per_day`");
            table.report(&segment.place, mistake.accepted("`share` = a share of `per_day`"));
            None
        }
        (Amount::Share(_), None) => {
            let mistake = Mistake::new("a share of what is not said");
            table.report(
                &segment.place,
                mistake.accepted("`per_day` beside `segments`, or `rate` instead of `share`"),
            );
            None
        }
    }
}

/// Shares must add up to 100 %, to a tenth of a percent.
fn check_whole(table: &Table<'_>, key: &dyn Declared, segments: &[Segment]) -> Option<()> {
    let sum: f64 = segments
        .iter()
        .map(|segment| match &segment.amount {
            Amount::Share(share) => share.part(),
            Amount::Rate(_) => 0.0,
        })
        .sum();
    let Some(mistake) = Mistake::of_parts("the shares", sum) else { return Some(()) };
    table.report(&table.place_of(key), mistake);
    None
}

fn build(segments: &[Segment], rates: &[f64]) -> Result<RateProfile, ArrivalError> {
    let midnight = SimTime::ZERO + SimSpan::DAY;
    let mut starts: Vec<(SimTime, f64)> = Vec::with_capacity(segments.len() + 1);
    for (index, (segment, rate)) in segments.iter().zip(rates).enumerate() {
        starts.push((segment.from, *rate));
        let next_from = segments.get(index + 1).map_or(midnight, |next| next.from);
        if segment.to < next_from {
            starts.push((segment.to, 0.0));
        }
    }
    RateProfile::repeating(&starts, SimSpan::DAY)
}
