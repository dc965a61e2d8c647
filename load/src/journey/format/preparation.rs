//! The keys of pools and of the requests that fill them.

use super::request::{BODY, CAPTURE, HEADERS, METHOD, PATH, Pairs, RawRequest, read_request};
use super::steps::STEP_NAME;
use crate::journey::kinds::{SourceKind, StatusKind};
use crate::journey::source::Source;
use crate::journey::step::{PoolChoice, StatusSet};
use onetrip_scenarios::reader::key::{
    Defaulted, Optional, Required, TableSpec, defaulted, optional, required,
};
use onetrip_scenarios::reader::kinds::{Choice, Count, List, Located, Map, Name, Text};
use onetrip_scenarios::reader::{At, Record};

/// A pool as written.
pub(in crate::journey) struct RawPool {
    pub(in crate::journey) name: At<String>,
    pub(in crate::journey) choice: PoolChoice,
}

pub(super) static POOL_NAME: Required<Located<Name>> =
    required("name", Located(Name), "what the pool is called");
pub(super) static POOL_CHOICE: Defaulted<Choice<PoolChoice>> = defaulted(
    "choice",
    Choice {
        what: "way to choose",
        options: &[
            ("uniform", PoolChoice::Uniform, "all rows alike"),
            ("popular", PoolChoice::Popular, "the first quarter of the rows gets half of the patients"),
        ],
    },
    "\"uniform\"",
    "how patients choose a row",
);

/// A preparation as written.
pub(in crate::journey) struct RawPreparation {
    pub(in crate::journey) name: At<String>,
    pub(in crate::journey) request: RawRequest,
    pub(in crate::journey) repeat_count: u32,
    pub(in crate::journey) accept: StatusSet,
    pub(in crate::journey) captures: Pairs<Source>,
    pub(in crate::journey) pool: Option<At<String>>,
    pub(in crate::journey) list: Option<String>,
    pub(in crate::journey) next: Option<RawNext>,
    pub(in crate::journey) follow: Option<Source>,
    pub(in crate::journey) columns: Pairs<Source>,
    pub(in crate::journey) capacity: Option<Source>,
    pub(in crate::journey) taken: Option<Source>,
}

/// How pages follow each other, as written.
pub(in crate::journey) struct RawNext {
    pub(in crate::journey) from: Source,
    pub(in crate::journey) value: String,
}

pub(super) static REPEAT: Defaulted<Count> =
    defaulted("repeat", Count::between(1, 1_000_000), "1", "how often it is made; `{index}` counts from 0");
pub(super) static ACCEPT: Defaulted<StatusKind> =
    defaulted("accept", StatusKind, "\"2xx\"", "statuses with which the preparation goes on");
pub(super) static INTO: Optional<Located<Name>> =
    optional("into", Located(Name), "the pool that gets rows of the answer");
pub(super) static LIST: Optional<Text> =
    optional("list", Text, "JSON pointer of a list whose elements are the rows");
pub(super) static NEXT_FROM: Required<SourceKind> =
    required("from", SourceKind, "where the answer tells how to go on");
pub(super) static NEXT_VALUE: Required<Name> =
    required("value", Name, "the value that takes it; empty on the first page");
pub(super) static NEXT: Optional<Record<RawNext>> = optional(
    "next",
    Record {
        spec: &TableSpec {
            name: "next",
            doc: "how pages follow each other",
            keys: &[&NEXT_FROM, &NEXT_VALUE],
        },
        read: |table| {
            let (from, value) = (table.read(&NEXT_FROM), table.read(&NEXT_VALUE));
            Some(RawNext { from: from?, value: value? })
        },
    },
    "how pages follow each other",
);
pub(super) static FOLLOW: Optional<SourceKind> =
    optional("follow", SourceKind, "where the answer has the address of the next page");
pub(super) static COLUMNS: Optional<Map<SourceKind>> =
    optional("columns", Map::of("names of values", SourceKind), "values of a row");
pub(super) static CAPACITY: Optional<SourceKind> =
    optional("capacity", SourceKind, "places of a slot, where a row tells them");
pub(super) static TAKEN: Optional<SourceKind> = optional("taken", SourceKind, "places taken before the run");

pub(super) static POOLS: Optional<List<Record<RawPool>>> = optional(
    "pool",
    List::of(Record {
        spec: &TableSpec {
            name: "pool",
            doc: "rows that patients choose from",
            keys: &[&POOL_NAME, &POOL_CHOICE],
        },
        read: |table| {
            let (name, choice) = (table.read(&POOL_NAME), table.read(&POOL_CHOICE));
            Some(RawPool { name: name?, choice: choice? })
        },
    }),
    "rows that patients choose from, such as slots",
);
pub(super) static PREPARATIONS: Optional<List<Record<RawPreparation>>> = optional(
    "prepare",
    List::of(Record {
        spec: &TableSpec {
            name: "preparation",
            doc: "a request made before the run",
            keys: &[
                &STEP_NAME, &METHOD, &PATH, &HEADERS, &BODY, &REPEAT, &ACCEPT, &CAPTURE, &INTO, &LIST, &NEXT,
                &FOLLOW, &COLUMNS, &CAPACITY, &TAKEN,
            ],
        },
        read: |table| {
            let (name, request) = (table.read(&STEP_NAME), read_request(table));
            let (repeat_count, accept) = (table.read(&REPEAT), table.read(&ACCEPT));
            let (captures, pool, list) = (table.read(&CAPTURE), table.read(&INTO), table.read(&LIST));
            let (next, follow, columns) = (table.read(&NEXT), table.read(&FOLLOW), table.read(&COLUMNS));
            let (capacity, taken) = (table.read(&CAPACITY), table.read(&TAKEN));
            Some(RawPreparation {
                name: name?,
                request: request?,
                repeat_count: repeat_count?,
                accept: accept?,
                captures: captures?.unwrap_or_default(),
                pool: pool?,
                list: list?,
                next: next?,
                follow: follow?,
                columns: columns?.unwrap_or_default(),
                capacity: capacity?,
                taken: taken?,
            })
        },
    }),
    "requests made before the run",
);
