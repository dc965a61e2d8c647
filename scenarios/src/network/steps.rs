//! The steps of a journey as written: each is a table told apart by its first word, or simply the name of a station.

use super::assembly::whole;
use super::station::{LAW_BY_CLASS, LawsByClass};
use super::ways::way_or_none;
use crate::law::TimeLaw;
use crate::quantity::Share;
use crate::reader::key::{
    Declared, Defaulted, Kind, Numbers, Optional, Required, Shape, TableSpec, defaulted, optional, required,
};
use crate::reader::kinds::{Choice, List, Located, Map, Name, Percentage, Text};
use crate::reader::{At, Item, Mistake, Place, Record, Table, nearest_name};
use onetrip_sim::distribution::Distribution;

/// One step before names are resolved.
pub(super) struct RawStep {
    pub(super) what: RawWhat,
    /// The name under which its numbers are drawn.
    pub(super) name: Option<String>,
    pub(super) place: Place,
}

/// One of several ways: its share and its steps.
pub(super) type Branch = (Share, Vec<RawStep>);

pub(super) enum RawWhat {
    /// It could not be read, and that has been reported.
    Broken,
    Visit(RawVisit),
    Again {
        what: At<String>,
        service_time: Option<Distribution>,
        by_class: LawsByClass,
    },
    Pause {
        time: Distribution,
        kind: String,
    },
    Chance {
        share: Share,
        then: Vec<RawStep>,
        otherwise: Vec<RawStep>,
    },
    Choose {
        branches: Vec<Branch>,
    },
    Repeat {
        steps: Vec<RawStep>,
        again_share: Share,
    },
    Follow {
        from: At<String>,
    },
}

pub(super) struct RawVisit {
    pub(super) places: Vec<At<String>>,
    pub(super) choice: RawChoice,
    pub(super) service_time: Option<Distribution>,
    pub(super) by_class: LawsByClass,
}

/// How one of several stations is chosen.
pub(super) enum RawChoice {
    Unsaid,
    By(Rule),
    Shares(Vec<(At<String>, Share)>),
    ByClass(Vec<(At<String>, At<String>)>),
}

/// A rule of choice that needs no figures.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    ShortestQueue,
    LeastWork,
    Random,
}

pub(super) static JOURNEY: Optional<List<StepKind>> =
    optional("journey", List::of(StepKind), "what customers do from arrival to leaving, step by step");

static AS: Optional<Name> = optional(
    "as",
    Name,
    "the name under which the numbers of this step are drawn; made from the places it leads to when absent",
);
static SERVICE_TIME: Optional<TimeLaw> =
    optional("service_time", TimeLaw, "service time of this visit, instead of the station's");
static SERVICE_TIME_BY_CLASS: Optional<Map<TimeLaw>> =
    optional("service_time_by_class", LAW_BY_CLASS, "service time of this visit for single classes");

static VISIT: Required<PlaceNames> =
    required("visit", PlaceNames, "the station, or the stations or group of which one is chosen");
static BY: Optional<Choice<Rule>> = optional(
    "by",
    Choice {
        what: "rule of choice",
        options: &[
            (
                "shortest_queue",
                Rule::ShortestQueue,
                "fewest waiting, then most idle servers; the first listed at ties",
            ),
            (
                "least_work",
                Rule::LeastWork,
                "least work ahead (waiting and in service); the first listed at ties",
            ),
            ("random", Rule::Random, "any of them, with equal chances"),
        ],
    },
    "how one of several stations is chosen",
);
static SHARES: Optional<Map<Percentage>> = optional(
    "shares",
    Map::of("names of the stations", Percentage),
    "one of several stations is chosen at random with these shares; together 100 %",
);
static BY_CLASS: Optional<Map<Located<Text>>> =
    optional("by_class", Map::of("names of classes", Located(Text)), "the station that each class goes to");
static VISIT_TABLE: TableSpec = TableSpec {
    name: "visit",
    doc: "a visit to a station, or to one of several",
    keys: &[&VISIT, &BY, &SHARES, &BY_CLASS, &SERVICE_TIME, &SERVICE_TIME_BY_CLASS, &AS],
};

static AGAIN: Required<Located<Text>> = required(
    "again",
    Located(Text),
    "back to the station that was chosen by the earlier visit of this name (its place or its `as`)",
);
static AGAIN_TABLE: TableSpec = TableSpec {
    name: "again",
    doc: "a visit to the same station as before",
    keys: &[&AGAIN, &SERVICE_TIME, &SERVICE_TIME_BY_CLASS, &AS],
};

static PAUSE: Required<TimeLaw> = required("pause", TimeLaw, "how long the customer is nowhere");
static PAUSE_KIND: Defaulted<Name> = defaulted(
    "kind",
    Name,
    "\"pause\"",
    "under which name the time is counted: walking, waiting for a result",
);
static PAUSE_TABLE: TableSpec =
    TableSpec { name: "pause", doc: "a time spent nowhere", keys: &[&PAUSE, &PAUSE_KIND, &AS] };

static CHANCE: Required<Percentage> = required("chance", Percentage, "the share of customers who do `then`");
static THEN: Required<List<StepKind>> =
    required("then", List::at_least(1, StepKind), "the steps of those who do");
static OTHERWISE: Optional<List<StepKind>> =
    optional("otherwise", List::of(StepKind), "the steps of the others; none when absent");
static CHANCE_TABLE: TableSpec = TableSpec {
    name: "chance",
    doc: "steps that only a share of customers takes",
    keys: &[&CHANCE, &THEN, &OTHERWISE, &AS],
};

static CHOOSE: Required<Located<List<Record<Branch>>>> = required(
    "choose",
    Located(List::at_least(1, Record { spec: &BRANCH_TABLE, read: read_branch })),
    "the ways, of which each customer takes one",
);
static BRANCH_SHARE: Required<Percentage> = required("share", Percentage, "how many take this way");
static BRANCH_STEPS: Optional<List<StepKind>> =
    optional("steps", List::of(StepKind), "the steps of this way; none when absent");
static BRANCH_TABLE: TableSpec =
    TableSpec { name: "branch", doc: "one of several ways", keys: &[&BRANCH_SHARE, &BRANCH_STEPS] };
static CHOOSE_TABLE: TableSpec =
    TableSpec { name: "choose", doc: "one of several ways, by share", keys: &[&CHOOSE, &AS] };

static REPEAT: Required<List<StepKind>> =
    required("repeat", List::at_least(1, StepKind), "the steps that are repeated");
static AGAIN_SHARE: Required<Percentage> = required(
    "again_share",
    Percentage,
    "after each time round, the chance of one more; \"100 %\" for ever, as in a closed network",
);
static REPEAT_TABLE: TableSpec =
    TableSpec { name: "repeat", doc: "steps taken once or more", keys: &[&REPEAT, &AGAIN_SHARE, &AS] };

static FOLLOW: Required<Located<Text>> = required(
    "follow",
    Located(Text),
    "the station where the customer enters `[routing]`; the journey goes on where that leads out",
);
static FOLLOW_TABLE: TableSpec =
    TableSpec { name: "follow", doc: "from station to station by `[routing]`", keys: &[&FOLLOW] };

/// In the order in which they are tried; each is known by the first of its keys.
const FORMS: [Record<RawStep>; 7] = [
    Record { spec: &VISIT_TABLE, read: read_visit },
    Record { spec: &AGAIN_TABLE, read: read_again },
    Record { spec: &PAUSE_TABLE, read: read_pause },
    Record { spec: &CHANCE_TABLE, read: read_chance },
    Record { spec: &CHOOSE_TABLE, read: read_choose },
    Record { spec: &REPEAT_TABLE, read: read_repeat },
    Record { spec: &FOLLOW_TABLE, read: read_follow },
];

/// A step of a journey.
pub(super) struct StepKind;

fn accepted() -> String {
    let words: Vec<String> = FORMS.iter().map(|form| format!("`{}`", form.spec.name)).collect();
    format!("the name of a station in quotes, or a table with {}", words.join(", "))
}

impl Kind for StepKind {
    type Out = RawStep;

    /// Always gives a step, so that those beside a broken one are still checked.
    fn read(&self, item: &Item<'_>) -> Option<RawStep> {
        let broken = || RawStep { what: RawWhat::Broken, name: None, place: item.place() };
        Some(read_step(item).unwrap_or_else(broken))
    }

    fn shape(&self) -> Shape {
        let records = FORMS.iter().map(|form| form.shape());
        Shape::Any(std::iter::once(Text.shape()).chain(records).collect())
    }

    fn numbers(&self) -> Numbers {
        Numbers::Within
    }
}

fn read_step(item: &Item<'_>) -> Option<RawStep> {
    if item.text().is_some() {
        let name = Located(Text).read(item)?;
        return Some(RawStep {
            what: RawWhat::Visit(RawVisit {
                places: vec![name],
                choice: RawChoice::Unsaid,
                service_time: None,
                by_class: Vec::new(),
            }),
            name: None,
            place: item.place(),
        });
    }
    if !item.is_table() {
        return item.refuse(accepted());
    }
    if let Some(form) = FORMS.iter().find(|form| item.has(form.spec.keys[0].name())) {
        return form.read(item);
    }
    let known: Vec<&str> = FORMS.iter().map(|form| form.spec.keys[0].name()).collect();
    let members = item.members().unwrap_or_default();
    let keys = members.iter().map(|(key, _)| key.value.as_str());
    let meant = keys.filter_map(|key| nearest_name(key, known.iter().copied())).next();
    let mistake = Mistake::new("nothing says what is done in this step").accepted(accepted());
    item.report(mistake.with_nearest(meant.map(str::to_owned)));
    None
}

/// One name or a list of names.
struct PlaceNames;

const NAMES: List<Located<Text>> = List::at_least(1, Located(Text));

impl Kind for PlaceNames {
    type Out = Vec<At<String>>;

    fn read(&self, item: &Item<'_>) -> Option<Vec<At<String>>> {
        if item.elements().is_some() {
            NAMES.read(item)
        } else {
            Located(Text).read(item).map(|one| vec![one])
        }
    }

    fn shape(&self) -> Shape {
        Shape::Any(vec![Text.shape(), NAMES.shape()])
    }

    fn numbers(&self) -> Numbers {
        Numbers::None
    }
}

fn step(table: &Table<'_>, what: RawWhat, name: Option<String>) -> RawStep {
    RawStep { what, name, place: table.place() }
}

fn read_visit(table: &Table<'_>) -> Option<RawStep> {
    let places = table.read(&VISIT);
    let ways: [&[&dyn Declared]; 3] = [&[&BY], &[&SHARES], &[&BY_CLASS]];
    let choice = match way_or_none(table, &ways) {
        None => None,
        Some(0) => Some(RawChoice::Unsaid),
        Some(1) => table.read(&BY).flatten().map(RawChoice::By),
        Some(2) => table.read(&SHARES).flatten().and_then(|shares| {
            let place = table.place_of(&SHARES);
            whole(table, &place, shares.iter().map(|(_, share)| share.part()))?;
            Some(RawChoice::Shares(shares))
        }),
        Some(_) => table.read(&BY_CLASS).flatten().map(RawChoice::ByClass),
    };
    let (service_time, by_class) = (table.read(&SERVICE_TIME), table.read(&SERVICE_TIME_BY_CLASS));
    let name = table.read(&AS);
    let visit = RawVisit {
        places: places?,
        choice: choice?,
        service_time: service_time?,
        by_class: by_class?.unwrap_or_default(),
    };
    Some(step(table, RawWhat::Visit(visit), name?))
}

fn read_again(table: &Table<'_>) -> Option<RawStep> {
    let what = table.read(&AGAIN);
    let (service_time, by_class) = (table.read(&SERVICE_TIME), table.read(&SERVICE_TIME_BY_CLASS));
    let name = table.read(&AS);
    let again =
        RawWhat::Again { what: what?, service_time: service_time?, by_class: by_class?.unwrap_or_default() };
    Some(step(table, again, name?))
}

fn read_pause(table: &Table<'_>) -> Option<RawStep> {
    let (time, kind, name) = (table.read(&PAUSE), table.read(&PAUSE_KIND), table.read(&AS));
    Some(step(table, RawWhat::Pause { time: time?, kind: kind? }, name?))
}

fn read_chance(table: &Table<'_>) -> Option<RawStep> {
    let (share, then) = (table.read(&CHANCE), table.read(&THEN));
    let (otherwise, name) = (table.read(&OTHERWISE), table.read(&AS));
    let chance = RawWhat::Chance { share: share?, then: then?, otherwise: otherwise?.unwrap_or_default() };
    Some(step(table, chance, name?))
}

fn read_branch(table: &Table<'_>) -> Option<Branch> {
    let (share, steps) = (table.read(&BRANCH_SHARE), table.read(&BRANCH_STEPS));
    Some((share?, steps?.unwrap_or_default()))
}

fn read_choose(table: &Table<'_>) -> Option<RawStep> {
    let (branches, name) = (table.read(&CHOOSE), table.read(&AS));
    let branches = branches?;
    let parts = branches.value.iter().map(|(share, _)| share.part());
    whole(table, &branches.place, parts)?;
    Some(step(table, RawWhat::Choose { branches: branches.value }, name?))
}

fn read_repeat(table: &Table<'_>) -> Option<RawStep> {
    let (steps, again_share, name) = (table.read(&REPEAT), table.read(&AGAIN_SHARE), table.read(&AS));
    Some(step(table, RawWhat::Repeat { steps: steps?, again_share: again_share? }, name?))
}

fn read_follow(table: &Table<'_>) -> Option<RawStep> {
    let from = table.read(&FOLLOW)?;
    Some(step(table, RawWhat::Follow { from }, None))
}
