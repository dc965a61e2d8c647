//! The keys of a journey file (`format = "journey/1"`).

mod answer;
mod final_read;
mod preparation;
mod request;
mod steps;

pub(super) use answer::{RawAsking, RawRule, RawSight};
pub(super) use final_read::RawFinal;
pub(super) use preparation::{RawNext, RawPreparation};
pub(super) use request::{Pairs, RawRequest};
pub(super) use steps::{RawStep, RawSubjects};

use super::step::Moment;
use final_read::FINALS;
use onetrip_scenarios::quantity::Share;
use onetrip_scenarios::reader::key::{
    Defaulted, Optional, Required, TableSpec, defaulted, optional, required,
};
use onetrip_scenarios::reader::kinds::{Choice, Count, Duration, Map, Name, Percentage, Text};
use onetrip_scenarios::reader::{Record, Table};
use onetrip_sim::time::SimSpan;
use preparation::{POOLS, PREPARATIONS, RawPool};
use request::{HEADER_MAP, HEADERS};
use steps::{HOLD_TIME, STEPS};

/// A journey as written.
pub(super) struct RawJourney {
    pub(super) name: String,
    pub(super) about: Option<String>,
    pub(super) patience: SimSpan,
    pub(super) timeout: SimSpan,
    pub(super) try_count: u32,
    pub(super) retry_count: u32,
    pub(super) retry_pause: SimSpan,
    pub(super) hold_time: Option<SimSpan>,
    pub(super) expiry_slack: SimSpan,
    pub(super) slot_capacity: u32,
    pub(super) crowd: Pairs<Share>,
    pub(super) values: Pairs<String>,
    pub(super) headers: Pairs<String>,
    pub(super) secret_headers: Pairs<String>,
    pub(super) pools: Vec<RawPool>,
    pub(super) preparations: Vec<RawPreparation>,
    pub(super) steps: Vec<RawStep>,
    pub(super) finals: Vec<RawFinal>,
}

static FORMAT_KEY: Required<Choice<()>> = required(
    "format",
    Choice { what: "format", options: &[(super::FORMAT, (), "a journey, first version")] },
    "says that the file is a journey",
);
static JOURNEY_NAME: Required<Name> = required("name", Name, "what the journey is called");
static ABOUT: Optional<Text> = optional("about", Text, "one line about it");
static EXTENDS: Optional<Text> = optional(
    "extends",
    Text,
    "name of a journey that comes with the program: what this file does not say is as there",
);
static PATIENCE: Defaulted<Duration> = defaulted(
    "patience",
    Duration::POSITIVE,
    "\"60 s\"",
    "how long a patient waits for a step before going home, on average (exponential)",
);
static TIMEOUT: Defaulted<Duration> =
    defaulted("timeout", Duration::POSITIVE, "\"10 s\"", "how long one request may take");
static TRIES: Defaulted<Count> =
    defaulted("tries", Count::POSITIVE, "4", "how often a patient goes back to a step before going home");
static RETRIES: Defaulted<Count> = defaulted(
    "retries",
    Count::ANY,
    "3",
    "how often a request of unknown outcome is sent or asked for again",
);
static RETRY_PAUSE: Defaulted<Duration> =
    defaulted("retry_pause", Duration::ANY, "\"500 ms\"", "time before each of them");
static EXPIRY_SLACK: Defaulted<Duration> = defaulted(
    "expiry_slack",
    Duration::ANY,
    "\"1 s\"",
    "how much earlier or later than told a hold may lapse",
);
static SLOT_CAPACITY: Defaulted<Count> =
    defaulted("slot_capacity", Count::POSITIVE, "1", "places of a slot of which nothing else is told");
static CROWD: Optional<Map<Percentage>> = optional(
    "crowd",
    Map::of(
        "moments of a visit: arrive, register, check-in, consult, order, pay, examine, dispense, leave",
        Percentage,
    )
    .with_keys(|key| Moment::from_word(key).is_some()),
    "shares of a plain crowd's patients who have a moment; those not named all have. Patients of a scenario bring their own",
);
static VALUES: Optional<Map<Text>> = optional(
    "values",
    Map::of("names of values", Text),
    "values of the journey, to be changed by `--journey-set`",
);
static SECRET_HEADERS: Optional<Map<Text>> = optional(
    "secret_headers",
    HEADER_MAP,
    "headers that are sent and never written down; `{env:NAME}` is a variable of the environment",
);
/// The format: every key of a journey file, and how it is read and put together.
pub static JOURNEY: Record<super::Journey> = Record {
    spec: &TableSpec {
        name: "journey",
        doc: "what patients do on the wire",
        keys: &[
            &FORMAT_KEY,
            &EXTENDS,
            &JOURNEY_NAME,
            &ABOUT,
            &PATIENCE,
            &TIMEOUT,
            &TRIES,
            &RETRIES,
            &RETRY_PAUSE,
            &HOLD_TIME,
            &EXPIRY_SLACK,
            &SLOT_CAPACITY,
            &CROWD,
            &VALUES,
            &HEADERS,
            &SECRET_HEADERS,
            &POOLS,
            &PREPARATIONS,
            &STEPS,
            &FINALS,
        ],
    },
    read: |table| {
        let raw = read_journey(table);
        super::assembly::assemble(raw?, table)
    },
};

fn read_journey(table: &Table<'_>) -> Option<RawJourney> {
    let (format, extends) = (table.read(&FORMAT_KEY), table.read(&EXTENDS));
    let (name, about) = (table.read(&JOURNEY_NAME), table.read(&ABOUT));
    let (patience, timeout, try_count) = (table.read(&PATIENCE), table.read(&TIMEOUT), table.read(&TRIES));
    let (retry_count, retry_pause) = (table.read(&RETRIES), table.read(&RETRY_PAUSE));
    let (hold_time, expiry_slack) = (table.read(&HOLD_TIME), table.read(&EXPIRY_SLACK));
    let (slot_capacity, crowd, values) =
        (table.read(&SLOT_CAPACITY), table.read(&CROWD), table.read(&VALUES));
    let (headers, secret_headers) = (table.read(&HEADERS), table.read(&SECRET_HEADERS));
    let (pools, preparations) = (table.read(&POOLS), table.read(&PREPARATIONS));
    let (steps, finals) = (table.read(&STEPS), table.read(&FINALS));
    format?;
    extends?;
    Some(RawJourney {
        name: name?,
        about: about?,
        patience: patience?,
        timeout: timeout?,
        try_count: try_count?,
        retry_count: retry_count?,
        retry_pause: retry_pause?,
        hold_time: hold_time?,
        expiry_slack: expiry_slack?,
        slot_capacity: slot_capacity?,
        crowd: crowd?.unwrap_or_default(),
        values: values?.unwrap_or_default(),
        headers: headers?.unwrap_or_default(),
        secret_headers: secret_headers?.unwrap_or_default(),
        pools: pools?.unwrap_or_default(),
        preparations: preparations?.unwrap_or_default(),
        steps: steps?,
        finals: finals?.unwrap_or_default(),
    })
}
