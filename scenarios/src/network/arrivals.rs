//! A source of customers as written.

use super::assembly::whole;
use super::instant::{Instant, Instants};
use super::rate::ArrivalRate;
use super::steps::{JOURNEY, RawStep};
use super::ways::{way_or, way_or_none};
use crate::law::{OffsetLaw, TimeLaw};
use crate::quantity::Share;
use crate::reader::key::{
    Declared, Defaulted, Kind, Numbers, Optional, Required, Shape, TableSpec, UnionSpec, defaulted, optional,
    required,
};
use crate::reader::kinds::{Choice, Count, Located, Map, Name, Number, Percentage, Text, Whole};
use crate::reader::{At, Item, Mistake, Place, Record, Table};
use onetrip_sim::arrival::{
    ArrivalError, ArrivalSource, BatchSize, DayFactor, FirstArrival, PlannedArrivals, RateProfile,
};
use onetrip_sim::distribution::Distribution;
use onetrip_sim::time::SimTime;

/// A source before its classes and stations are known. What is lacking has been reported; the rest is still checked.
pub(super) struct RawSource {
    pub(super) name: Option<At<String>>,
    pub(super) arrivals: Option<ArrivalSource>,
    pub(super) at_most: Option<u64>,
    pub(super) classes: Option<RawClasses>,
    pub(super) journey: Option<RawJourney>,
    pub(super) place: Place,
}

/// Which classes the customers of a source are of.
pub(super) enum RawClasses {
    /// The only one there is.
    Unsaid,
    One(At<String>),
    Shared(Vec<(At<String>, Share)>),
}

/// Where the customers of a source go.
pub(super) enum RawJourney {
    Steps(Vec<RawStep>),
    /// The routing table from this station on.
    Routed(At<String>),
}

static NAME: Required<Located<Name>> = required(
    "name",
    Located(Name),
    "what the source is called; its customers' luck is drawn under this name",
);
static RATE: Optional<ArrivalRate> =
    optional("rate", ArrivalRate, "a Poisson process: customers come independently, at this rate");
static GAP: Optional<Located<TimeLaw>> =
    optional("gap", Located(TimeLaw), "independent gaps between customers, by this law");
static AT: Optional<Located<Instants>> = optional("at", Located(Instants), "exactly at these instants");
static PLANNED: Optional<Instants> =
    optional("planned", Instants, "at these instants, give or take `punctuality`, less the no-shows");
static POPULATION: Optional<Count> = optional(
    "population",
    Count::between(1, 1_000_000),
    "so many customers, all there from the start: with an endless `repeat` a closed network",
);
static FROM: Defaulted<Instant> = defaulted("from", Instant, "\"0 s\"", "with `gap`: when the gaps begin");
static FIRST: Defaulted<Choice<FirstArrival>> = defaulted(
    "first",
    Choice {
        what: "first arrival",
        options: &[
            ("after_gap", FirstArrival::AfterOneGap, "one gap after `from`"),
            ("at_start", FirstArrival::AtStart, "at `from`"),
        ],
    },
    "\"after_gap\"",
    "with `gap`: when the first customer comes",
);
static PUNCTUALITY: Defaulted<OffsetLaw> = defaulted(
    "punctuality",
    OffsetLaw,
    "\"0 s\"",
    "with `planned`: how much later than planned customers come, below zero is early",
);
static NO_SHOW: Defaulted<Percentage> =
    defaulted("no_show", Percentage, "\"0 %\"", "with `planned`: the share of customers who do not come");
static UNTIL: Optional<Instant> = optional("until", Instant, "nobody comes at this instant or later");
static AT_MOST: Optional<Whole> = optional("at_most", Whole, "no more than so many customers");
static BATCH: Optional<Batch> =
    optional("batch", Batch, "how many come at once at each arrival; one when absent");
static DAY_FACTOR: Optional<Record<DayFactor>> = optional(
    "day_factor",
    Record { spec: &DAY_FACTOR_TABLE, read: read_day_factor },
    "with `rate` or `gap`: busy days and quiet days, one factor on the rate for a whole run",
);
static CLASS: Optional<Located<Text>> = optional("class", Located(Text), "the class of all its customers");
static CLASSES: Optional<Map<Percentage>> = optional(
    "classes",
    Map::of("names of classes", Percentage),
    "the share of each class among its customers; together 100 %",
);
static ENTER: Optional<Located<Text>> =
    optional("enter", Located(Text), "the station where customers enter `[routing]`, instead of `journey`");

static ARRIVALS: TableSpec = TableSpec {
    name: "arrivals",
    doc: "a source of customers: how they come, of which class, and where they go",
    keys: &[
        &NAME,
        &RATE,
        &GAP,
        &AT,
        &PLANNED,
        &POPULATION,
        &FROM,
        &FIRST,
        &PUNCTUALITY,
        &NO_SHOW,
        &UNTIL,
        &AT_MOST,
        &BATCH,
        &DAY_FACTOR,
        &CLASS,
        &CLASSES,
        &JOURNEY,
        &ENTER,
    ],
};

pub(super) const SOURCE: Record<RawSource> = Record { spec: &ARRIVALS, read: read_source };

/// How customers come, without batches, end and day factor.
enum Pattern {
    Poisson(RateProfile),
    Renewal(At<Distribution>, SimTime, FirstArrival),
    Instants(At<Vec<SimTime>>),
    Planned(PlannedArrivals),
}

fn read_source(table: &Table<'_>) -> Option<RawSource> {
    let name = table.read(&NAME);
    let pattern = read_pattern(table);
    let (until, at_most) = (table.read(&UNTIL), table.read(&AT_MOST));
    let batch = table.read(&BATCH);
    let has_rate = table.has(&RATE) || table.has(&GAP);
    if !has_rate {
        table.refuse_key(&DAY_FACTOR, "it goes with `rate` or `gap`");
    }
    let day_factor = if has_rate { table.read(&DAY_FACTOR) } else { None };
    let classes = read_classes(table);
    let journey = read_journey(table);
    let stem = name.as_ref().map_or("", |name| &name.value);
    let source = pattern.and_then(|pattern| source_of(table, stem, pattern));
    let source = match day_factor {
        Some(Some(factor)) => source.and_then(|source| source.with_day_factor(factor).ok()),
        _ => source,
    };
    let source = match batch {
        Some(Some(size)) => source.map(|source| source.with_batches(size)),
        _ => source,
    };
    // An end that is not understood is not one that is missing.
    let ends = until.filter(|_| at_most.is_some()).map(|until| until.unwrap_or(SimTime::NEVER));
    Some(RawSource {
        name,
        arrivals: source.zip(ends).map(|(source, until)| source.with_until(until)),
        at_most: at_most.flatten(),
        classes,
        journey,
        place: table.place(),
    })
}

fn read_pattern(table: &Table<'_>) -> Option<Pattern> {
    let ways: [&[&dyn Declared]; 5] = [&[&RATE], &[&GAP], &[&AT], &[&PLANNED], &[&POPULATION]];
    let nothing = "nothing says how the customers come";
    let accepted = "`rate`, `gap`, `at`, `planned` or `population`";
    let Some(way) = way_or(table, &ways, nothing, accepted) else {
        // Read for their own mistakes.
        let _ = (table.read(&FROM), table.read(&FIRST), table.read(&PUNCTUALITY), table.read(&NO_SHOW));
        return None;
    };
    if way != 1 {
        table.refuse_key(&FROM, "it goes with `gap`");
        table.refuse_key(&FIRST, "it goes with `gap`");
    }
    if way != 3 {
        table.refuse_key(&PUNCTUALITY, "it goes with `planned`");
        table.refuse_key(&NO_SHOW, "it goes with `planned`");
    }
    match way {
        0 => table.read(&RATE)?.map(Pattern::Poisson),
        1 => {
            let (gap, from, first) = (table.read(&GAP), table.read(&FROM), table.read(&FIRST));
            Some(Pattern::Renewal(gap??, from?, first?))
        }
        2 => table.read(&AT)?.map(Pattern::Instants),
        3 => {
            let (planned_at, punctuality) = (table.read(&PLANNED), table.read(&PUNCTUALITY));
            let no_show = table.read(&NO_SHOW);
            Some(Pattern::Planned(PlannedArrivals {
                planned_at: planned_at??,
                punctuality: punctuality?,
                no_show_share: no_show?.part(),
            }))
        }
        _ => {
            let count = table.read(&POPULATION)??;
            let value = vec![SimTime::ZERO; count as usize];
            Some(Pattern::Instants(At { value, place: table.place_of(&POPULATION) }))
        }
    }
}

fn source_of(table: &Table<'_>, name: &str, pattern: Pattern) -> Option<ArrivalSource> {
    let (made, place): (Result<ArrivalSource, ArrivalError>, Place) = match pattern {
        Pattern::Poisson(profile) => (Ok(ArrivalSource::poisson(name, profile)), table.place()),
        Pattern::Renewal(gap, from, first) => {
            (ArrivalSource::renewal(name, gap.value, from, first), gap.place)
        }
        Pattern::Instants(instants) => (ArrivalSource::at_instants(name, &instants.value), instants.place),
        Pattern::Planned(planned) => (ArrivalSource::planned(name, planned), table.place()),
    };
    made.map_err(|error| {
        // The errors of the engine say in the same breath what is accepted.
        let text = error.to_string();
        let (message, accepted) = text.split_once("; accepted ").unwrap_or((&text, ""));
        let mut mistake = Mistake::new(message);
        if !accepted.is_empty() {
            mistake =
                mistake.accepted(accepted.trim_start_matches("is ").trim_start_matches("are ").to_owned());
        }
        table.report(&place, mistake);
    })
    .ok()
}

fn read_classes(table: &Table<'_>) -> Option<RawClasses> {
    match way_or_none(table, &[&[&CLASS], &[&CLASSES]])? {
        0 => Some(RawClasses::Unsaid),
        1 => table.read(&CLASS)?.map(RawClasses::One),
        _ => {
            let shares = table.read(&CLASSES)??;
            whole(table, &table.place_of(&CLASSES), shares.iter().map(|(_, share)| share.part()))?;
            Some(RawClasses::Shared(shares))
        }
    }
}

fn read_journey(table: &Table<'_>) -> Option<RawJourney> {
    let accepted = "`journey` = a list of steps, or `enter` = a station of `[routing]`";
    match way_or(table, &[&[&JOURNEY], &[&ENTER]], "nothing says where the customers go", accepted)? {
        0 => table.read(&JOURNEY)?.map(RawJourney::Steps),
        _ => table.read(&ENTER)?.map(RawJourney::Routed),
    }
}

static FACTOR_LAW: Defaulted<Choice<FactorLaw>> = defaulted(
    "law",
    Choice {
        what: "law of a day factor",
        options: &[
            ("gamma", FactorLaw::Gamma, "gamma; daily counts are negative binomial"),
            ("lognormal", FactorLaw::Lognormal, "lognormal"),
        ],
    },
    "\"gamma\"",
    "the law of the factor, whose mean is 1",
);
static FACTOR_CV: Required<Located<Number>> =
    required("cv", Located(Number::NOT_NEGATIVE), "standard deviation of the factor");
static FACTOR_SHARED: Optional<Name> =
    optional("shared_as", Name, "sources that name the same have their busy days together");
static DAY_FACTOR_TABLE: TableSpec = TableSpec {
    name: "day_factor",
    doc: "busy days and quiet days: a factor of mean 1, drawn once a run",
    keys: &[&FACTOR_CV, &FACTOR_LAW, &FACTOR_SHARED],
};

#[derive(Clone, Copy)]
enum FactorLaw {
    Gamma,
    Lognormal,
}

fn read_day_factor(table: &Table<'_>) -> Option<DayFactor> {
    let (cv, law, shared) = (table.read(&FACTOR_CV), table.read(&FACTOR_LAW), table.read(&FACTOR_SHARED));
    let cv = cv?;
    let made = match law? {
        FactorLaw::Gamma => DayFactor::gamma(cv.value),
        FactorLaw::Lognormal => DayFactor::lognormal(cv.value),
    };
    let factor = made
        .map_err(|error| {
            let mistake = Mistake::new(format!("{}: cv is {}", error.law, error.value));
            table.report(&cv.place, mistake.accepted(error.accepted));
        })
        .ok()?;
    Some(match shared? {
        Some(path) => factor.shared_as(&path),
        None => factor,
    })
}

/// How many come at once: `2`, `{ law = "geometric", mean = 2.5 }`, `{ law = "shares", sizes = { "1" = "70 %", … } }`.
struct Batch;

static BATCH_MEAN: Required<Located<Number>> =
    required("mean", Located(Number::between(1.0, 1e6)), "the mean size, at least 1");
static GEOMETRIC: TableSpec =
    TableSpec { name: "geometric", doc: "sizes 1, 2, 3 … with falling chances", keys: &[&BATCH_MEAN] };
static BATCH_SIZES: Required<Map<Percentage>> = required(
    "sizes",
    Map::of("sizes such as \"2\"", Percentage),
    "the share of batches of each size; together 100 %",
);
static SHARED_SIZES: TableSpec =
    TableSpec { name: "shares", doc: "sizes with the share of each", keys: &[&BATCH_SIZES] };
static BATCH_TABLE: UnionSpec = UnionSpec {
    name: "batch",
    doc: "the law of the number who come at once",
    tag: "law",
    variants: &[&GEOMETRIC, &SHARED_SIZES],
};
const BATCH_LAW: crate::reader::Union<BatchSize> =
    crate::reader::Union { spec: &BATCH_TABLE, read: &[read_geometric, read_sizes] };
const FIXED: Count = Count::between(1, 1_000_000);

fn read_geometric(table: &Table<'_>) -> Option<BatchSize> {
    BatchSize::geometric(table.read(&BATCH_MEAN)?.value).ok()
}

fn read_sizes(table: &Table<'_>) -> Option<BatchSize> {
    let sizes = table.read(&BATCH_SIZES)?;
    let place = table.place_of(&BATCH_SIZES);
    let parsed: Vec<Option<(u32, f64)>> = sizes
        .iter()
        .map(|(size, share)| {
            let count = size.value.parse::<u32>().ok().filter(|count| (1..=1_000_000).contains(count));
            if count.is_none() {
                let mistake = Mistake::new(format!("`{}` is not a size of a batch", size.value));
                table.report(&size.place, mistake.accepted("a whole number from 1 to 1000000 as the key"));
            }
            count.map(|count| (count, share.part()))
        })
        .collect();
    let weights = whole(table, &place, sizes.iter().map(|(_, share)| share.part()))?;
    let sizes: Option<Vec<(u32, f64)>> = parsed.into_iter().collect();
    let weighted: Vec<(u32, f64)> =
        sizes?.iter().zip(weights).map(|(&(size, _), share)| (size, share)).collect();
    BatchSize::weighted(&weighted).ok()
}

impl Kind for Batch {
    type Out = BatchSize;

    fn read(&self, item: &Item<'_>) -> Option<BatchSize> {
        if item.is_table() && !item.is_sourced_value() {
            return BATCH_LAW.read(item);
        }
        BatchSize::fixed(item.read_sourced(&FIXED)?).ok()
    }

    fn shape(&self) -> Shape {
        Shape::Any(vec![Shape::Sourced(Box::new(FIXED.shape())), BATCH_LAW.shape()])
    }

    fn numbers(&self) -> Numbers {
        Numbers::Within
    }
}
