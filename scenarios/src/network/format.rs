//! The root table of a network file.

use super::arrivals::{RawSource, SOURCE};
use super::assembly::assemble;
use super::instant::Instant;
use super::outage::{OUTAGE_RECORD, RawOutage};
use super::station::{RawStation, STATION_RECORD};
use super::ways::way_or;
use crate::quantity::Share;
use crate::reader::key::{Declared, Defaulted, Optional, Required, TableSpec, defaulted, optional, required};
use crate::reader::kinds::{
    Choice, Count, Duration, Flag, List, Located, Map, Name, Percentage, Shown, Text,
};
use crate::reader::{At, Mistake, Record, Table};
use onetrip_models::network::{NetworkRun, NetworkSpec};
use onetrip_models::text::Text as Words;
use onetrip_sim::engine::Horizon;
use onetrip_sim::time::{SimSpan, SimTime};

/// What stands in a file, table by table.
pub(super) struct RawNetwork {
    pub(super) title: Option<Words>,
    pub(super) description: Option<Words>,
    pub(super) run: Option<NetworkRun>,
    pub(super) classes: Vec<At<String>>,
    pub(super) sources: Vec<RawSource>,
    pub(super) stations: Vec<RawStation>,
    pub(super) groups: Vec<RawGroup>,
    pub(super) outages: Option<Vec<RawOutage>>,
    /// Rows of the routing table: from, and to where with which share.
    pub(super) routing: Option<Vec<(At<String>, Row)>>,
}

/// Where customers go from one station, each way with its share.
pub(super) type Row = Vec<(At<String>, Share)>;

pub(super) struct RawGroup {
    pub(super) name: At<String>,
    pub(super) stations: Vec<At<String>>,
}

/// The class of customers in files that name none.
pub(super) const ONLY_CLASS: &str = "customer";

static FORMAT: Required<Choice<()>> = required(
    "format",
    Choice { what: "format", options: &[(super::FORMAT, (), "a plain queueing network")] },
    "what kind of file this is",
);
static TITLE: Required<Shown> = required("title", Shown, "what the network is, in a few words");
static DESCRIPTION: Optional<Shown> = optional("description", Shown, "what it shows and where it comes from");
static CLASSES: Optional<List<Located<Name>>> = optional(
    "classes",
    List::at_least(1, Located(Name)),
    "names of the classes of customer; one, `customer`, when absent",
);
static RUN: Required<Record<NetworkRun>> =
    required("run", Record { spec: &RUN_TABLE, read: read_run }, "how long a run is");
static ARRIVALS: Required<List<Record<RawSource>>> =
    required("arrivals", List::at_least(1, SOURCE), "the sources of customers");
static STATIONS: Required<List<Record<RawStation>>> =
    required("station", List::at_least(1, STATION_RECORD), "the stations");
static GROUPS: Optional<List<Record<RawGroup>>> = optional(
    "group",
    List::of(Record { spec: &GROUP_TABLE, read: read_group }),
    "stations that are also reported together, and that a visit can name together",
);
static OUTAGES: Optional<List<Record<RawOutage>>> =
    optional("outage", List::of(OUTAGE_RECORD), "stations that cannot serve for a while");
static ROUTING: Optional<Map<Map<Percentage>>> = optional(
    "routing",
    Map::of("names of stations", Map::of("names of stations", Percentage)),
    "for each station, where customers go next; the rest of 100 % leaves",
);

/// The keys of a network file.
pub static NETWORK: TableSpec = TableSpec {
    name: "network",
    doc: "a queueing network: where customers come from, the stations, and the way between",
    keys: &[&FORMAT, &TITLE, &DESCRIPTION, &CLASSES, &RUN, &ARRIVALS, &STATIONS, &GROUPS, &OUTAGES, &ROUTING],
};

pub(super) static ROOT: Record<NetworkSpec> = Record { spec: &NETWORK, read: read_root };

fn read_root(table: &Table<'_>) -> Option<NetworkSpec> {
    let format = table.read(&FORMAT);
    let (title, description) = (table.read(&TITLE), table.read(&DESCRIPTION));
    let (run, classes) = (table.read(&RUN), table.read(&CLASSES));
    let (sources, stations) = (table.read(&ARRIVALS), table.read(&STATIONS));
    let (groups, routing) = (table.read(&GROUPS), table.read(&ROUTING));
    let outages = table.read(&OUTAGES);
    format?;
    let raw = RawNetwork {
        title,
        description: description.map(Option::unwrap_or_default),
        run,
        classes: classes?.unwrap_or_default(),
        sources: sources.unwrap_or_default(),
        stations: stations?,
        groups: groups?.unwrap_or_default(),
        outages: outages.map(Option::unwrap_or_default),
        routing: routing?,
    };
    assemble(table, raw)
}

static HORIZON: Optional<Located<Instant>> =
    optional("horizon", Located(Instant), "when the run ends, whoever is inside").setting();
static UNTIL: Optional<Choice<()>> = optional(
    "until",
    Choice {
        what: "end of a run",
        options: &[(
            "drained",
            (),
            "when the last customer has left and nobody comes any more; at the latest at `horizon`, or after 365 days",
        )],
    },
    "what the run waits for",
);
static WARM_UP: Defaulted<Located<Duration>> = defaulted(
    "warm_up",
    Located(Duration::ANY),
    "\"0 s\"",
    "time at the start that is simulated but not counted",
)
.setting();
static REPLICATIONS: Optional<Count> =
    optional("replications", Count::POSITIVE, "how many independent runs, unless the command line says")
        .setting();
static BY_HOUR: Defaulted<Flag> = defaulted("by_hour", Flag, "false", "keep figures by hour of the day");
static RUN_TABLE: TableSpec = TableSpec {
    name: "run",
    doc: "how long a run is, and how many there are",
    keys: &[&HORIZON, &UNTIL, &WARM_UP, &REPLICATIONS, &BY_HOUR],
};

const LATEST_END: SimSpan = SimSpan::from_whole_minutes(365 * 24 * 60);

fn read_run(table: &Table<'_>) -> Option<NetworkRun> {
    let ways: [&[&dyn Declared]; 3] = [&[&HORIZON], &[&UNTIL], &[&UNTIL, &HORIZON]];
    let accepted = "`horizon` = an instant, or `until` = \"drained\"";
    let way = way_or(table, &ways, "nothing says when the run ends", accepted);
    let (horizon, until) = (table.read(&HORIZON), table.read(&UNTIL));
    let (warm_up, replications) = (table.read(&WARM_UP), table.read(&REPLICATIONS));
    let keeps_hours = table.read(&BY_HOUR);
    let (horizon, warm_up) = (horizon?, warm_up?);
    let end_at = horizon.as_ref().map_or(SimTime::ZERO + LATEST_END, |horizon| horizon.value);
    if let Some(horizon) = &horizon
        && horizon.value == SimTime::ZERO
    {
        let mistake = Mistake::new("the run ends before it begins");
        table.report(&horizon.place, mistake.accepted("a horizon after the start"));
        return None;
    }
    if warm_up.value >= end_at.since(SimTime::ZERO) {
        let mistake = Mistake::new("nothing is left to count after the warm-up");
        table.report(&warm_up.place, mistake.accepted("a warm-up shorter than the horizon"));
        return None;
    }
    until?;
    let drained = Horizon::Drained { at_earliest: SimTime::ZERO, at_latest: end_at };
    let horizon = if way? == 0 { Horizon::At(end_at) } else { drained };
    Some(NetworkRun {
        horizon,
        warm_up: warm_up.value,
        keeps_hours: keeps_hours?,
        replications: replications?,
    })
}

static GROUP_NAME: Required<Located<Name>> = required("name", Located(Name), "what the group is called");
static GROUP_STATIONS: Required<List<Located<Text>>> =
    required("stations", List::at_least(1, Located(Text)), "its stations, in order of preference at ties");
static GROUP_TABLE: TableSpec =
    TableSpec { name: "group", doc: "stations reported together", keys: &[&GROUP_NAME, &GROUP_STATIONS] };

fn read_group(table: &Table<'_>) -> Option<RawGroup> {
    let (name, stations) = (table.read(&GROUP_NAME), table.read(&GROUP_STATIONS));
    Some(RawGroup { name: name?, stations: stations? })
}
