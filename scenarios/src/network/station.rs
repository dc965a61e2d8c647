//! A station as written.

use super::instant::Instant;
use super::ways::way_or;
use crate::law::TimeLaw;
use crate::quantity::{ClockInterval, Share, write_clock};
use crate::reader::key::{
    Declared, Defaulted, Kind, Numbers, Optional, Required, Shape, TableSpec, defaulted, optional, required,
};
use crate::reader::kinds::{
    Choice, Count, DayPart, Duration, Flag, List, Located, Map, Name, Percentage, Text,
};
use crate::reader::{At, Item, Mistake, Place, Record, Table};
use onetrip_sim::distribution::Distribution;
use onetrip_sim::station::{
    AfterFailure, Breakdown, Duty, Promotion, WaitingAtClosing, WhenFull, WorkInHand,
};
use onetrip_sim::time::{SimSpan, SimTime};

/// Laws of single classes.
pub(super) type LawsByClass = Vec<(At<String>, Distribution)>;
pub(super) const LAW_BY_CLASS: Map<TimeLaw> = Map::of("names of classes", TimeLaw);

/// Whole numbers of single classes.
pub(super) type CountsByClass = Vec<(At<String>, u32)>;
/// So many servers from an instant on.
type Shift = (At<SimTime>, u32);

/// A station before classes and other stations are known. What is lacking has been reported; the rest is still checked.
pub(super) struct RawStation {
    pub(super) name: Option<At<String>>,
    pub(super) count: Option<u32>,
    pub(super) body: Option<StationBody>,
    /// Where the table stands.
    pub(super) place: Place,
    /// Where the service time stands.
    pub(super) service_place: Place,
}

/// All that a station has but its name.
pub(super) struct StationBody {
    pub(super) duty: Duty,
    pub(super) service_time: Option<Distribution>,
    pub(super) service_time_by_class: LawsByClass,
    pub(super) order: At<Order>,
    pub(super) ranks: Option<At<CountsByClass>>,
    pub(super) preemptive: At<bool>,
    pub(super) pattern: Vec<At<String>>,
    pub(super) capacity: Option<u32>,
    pub(super) when_full: WhenFull,
    pub(super) divert_to: Option<At<String>>,
    pub(super) balk_at: Option<u32>,
    pub(super) balk_at_by_class: CountsByClass,
    pub(super) balk_shares: Option<At<Vec<Share>>>,
    pub(super) patience: Option<Distribution>,
    pub(super) patience_by_class: LawsByClass,
    pub(super) breakdown: Option<Breakdown>,
    pub(super) promotion: Option<At<Promotion>>,
    pub(super) work_in_hand: WorkInHand,
    pub(super) waiting_at_closing: WaitingAtClosing,
    pub(super) servers_needed: Option<u32>,
    pub(super) servers_needed_by_class: CountsByClass,
}

/// Who is called next among those of one rank.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Fifo,
    Lifo,
    Random,
    ProcessorSharing,
}

static NAME: Required<Located<Name>> = required(
    "name",
    Located(Name),
    "what the station is called, in journeys and measures; the stem of its random numbers",
);
static COUNT: Optional<Count> = optional(
    "count",
    Count::between(1, 10_000),
    "so many stations alike, NAME.1, NAME.2 …, each with a queue of its own and reported together as NAME",
);
static SERVERS: Optional<Servers> =
    optional("servers", Servers, "how many serve; \"unlimited\" for a delay without a queue");
static OPEN: Optional<List<Located<DayPart>>> = optional(
    "open",
    List::at_least(1, Located(DayPart)),
    "with `servers`: when they are on duty, every day; always when absent",
);
static SHIFTS: Optional<Located<List<Record<Shift>>>> = optional(
    "shifts",
    Located(List::at_least(1, Record { spec: &SHIFT, read: read_shift })),
    "instead of `servers`: how many are on duty from each instant on; nobody before the first",
);
static SHIFTS_REPEAT: Defaulted<Flag> = defaulted(
    "shifts_repeat",
    Flag,
    "true",
    "with `shifts`: they begin afresh every midnight; until the first of a day the last of the day before goes on",
);
static SHIFT_FROM: Required<Located<Instant>> = required("from", Located(Instant), "from this instant on …");
static SHIFT_SERVERS: Required<Count> =
    required("servers", Count::between(0, 1_000_000), "… so many are on duty");
static SHIFT: TableSpec =
    TableSpec { name: "shift", doc: "a change of the number on duty", keys: &[&SHIFT_FROM, &SHIFT_SERVERS] };
static SERVICE_TIME: Optional<TimeLaw> =
    optional("service_time", TimeLaw, "how long a service takes; needed unless every class has its own");
static SERVICE_TIME_BY_CLASS: Optional<Map<TimeLaw>> =
    optional("service_time_by_class", LAW_BY_CLASS, "service times of single classes");
static DISCIPLINE: Defaulted<Located<Choice<Order>>> = defaulted(
    "discipline",
    Located(Choice {
        what: "discipline",
        options: &[
            ("fifo", Order::Fifo, "first come first served"),
            ("lifo", Order::Lifo, "last come first served"),
            ("random", Order::Random, "at random"),
            (
                "processor_sharing",
                Order::ProcessorSharing,
                "everyone is served at once, at an equal share of the speed",
            ),
        ],
    }),
    "\"fifo\"",
    "who of those of one rank is called next",
);
static RANKS: Optional<Located<Map<Count>>> = optional(
    "ranks",
    Located(Map::of("names of classes", Count::between(0, 31))),
    "the rank of each class; the waiting of a smaller rank are called first. All alike when absent",
);
static PREEMPTIVE: Defaulted<Located<Flag>> = defaulted(
    "preemptive",
    Located(Flag),
    "false",
    "with `ranks`: a better rank takes the server from the worst in service, who resumes later",
);
static PATTERN: Optional<List<Located<Text>>> = optional(
    "pattern",
    List::at_least(1, Located(Text)),
    "classes in the order in which they are called by turns, over and over; a class with nobody waiting is passed \
     over. Without `ranks` each class has a lane of its own",
);
static CAPACITY: Optional<Count> =
    optional("capacity", Count::POSITIVE, "most customers present, waiting and in service");
static WHEN_FULL: Defaulted<Choice<WhenFull>> = defaulted(
    "when_full",
    Choice {
        what: "rule for a full station",
        options: &[
            ("refuse", WhenFull::Refuse, "who comes is refused: goes to `divert_to`, or leaves"),
            (
                "block",
                WhenFull::Block,
                "who comes from another station keeps the server there until there is room; others are refused",
            ),
        ],
    },
    "\"refuse\"",
    "with `capacity`: what happens to who finds the station full",
);
static DIVERT_TO: Optional<Located<Text>> = optional(
    "divert_to",
    Located(Text),
    "the station where the refused and those who balk go; they leave when absent",
);
static BALK_AT: Optional<Count> = optional(
    "balk_at",
    Count::ANY,
    "who finds so many present (waiting and in service) and no server free does not join",
);
static BALK_AT_BY_CLASS: Optional<Map<Count>> =
    optional("balk_at_by_class", Map::of("names of classes", Count::ANY), "the same for single classes");
static BALK_SHARES: Optional<Located<List<Percentage>>> = optional(
    "balk_shares",
    Located(List::at_least(1, Percentage)),
    "the share who do not join with 0, 1, 2 … present and no server free; the last holds beyond",
);
static PATIENCE: Optional<TimeLaw> = optional(
    "patience",
    TimeLaw,
    "how long customers wait before they leave the queue; for ever when absent",
);
static PATIENCE_BY_CLASS: Optional<Map<TimeLaw>> =
    optional("patience_by_class", LAW_BY_CLASS, "the patience of single classes");
static BREAKDOWN: Optional<Record<Breakdown>> = optional(
    "breakdown",
    Record { spec: &BREAKDOWN_TABLE, read: read_breakdown },
    "every server fails and is repaired on its own, by calendar time",
);
static TIME_TO_FAILURE: Required<Located<TimeLaw>> =
    required("time_to_failure", Located(TimeLaw), "from repair to the next failure");
static REPAIR_TIME: Required<TimeLaw> = required("repair_time", TimeLaw, "from failure to repair");
static INTERRUPTED: Defaulted<Choice<AfterFailure>> = defaulted(
    "interrupted",
    Choice {
        what: "rule for an interrupted service",
        options: &[
            (
                "resume",
                AfterFailure::Resume,
                "the customer goes to the head of the queue with the work still to be done",
            ),
            ("restart", AfterFailure::Restart, "the customer goes to the head of the queue, all over again"),
            ("leave", AfterFailure::AskModel, "the customer leaves"),
        ],
    },
    "\"resume\"",
    "what becomes of the service under way",
);
static BREAKDOWN_TABLE: TableSpec = TableSpec {
    name: "breakdown",
    doc: "failures of servers",
    keys: &[&TIME_TO_FAILURE, &REPAIR_TIME, &INTERRUPTED],
};
static PROMOTION: Optional<Located<Record<Promotion>>> = optional(
    "promotion",
    Located(Record { spec: &PROMOTION_TABLE, read: read_promotion }),
    "who has waited long moves to a better rank",
);
static PROMOTION_AFTER: Required<Duration> = required("after", Duration::ANY, "after waiting so long …");
static PROMOTION_RANK: Required<Count> = required(
    "to_rank",
    Count::between(0, 31),
    "… a customer of a worse rank joins the end of this one; nobody in service is interrupted for it",
);
static PROMOTION_TABLE: TableSpec = TableSpec {
    name: "promotion",
    doc: "re-ranking of those who wait",
    keys: &[&PROMOTION_AFTER, &PROMOTION_RANK],
};
static WORK_IN_HAND: Defaulted<Choice<WorkInHand>> = defaulted(
    "work_in_hand",
    Choice {
        what: "rule for work in hand",
        options: &[
            ("finish", WorkInHand::Finish, "it is finished in overtime"),
            (
                "hand_over",
                WorkInHand::HandOver,
                "the customer goes to the head of the queue and resumes with whoever is on duty; where nobody is and those \
                 who wait are served, it is finished",
            ),
            ("send_away", WorkInHand::SendAway, "the customer leaves"),
        ],
    },
    "\"finish\"",
    "what becomes of a service under way when its server goes off duty",
);
static WAITING_AT_CLOSING: Defaulted<Choice<WaitingAtClosing>> = defaulted(
    "waiting_at_closing",
    Choice {
        what: "rule for those who wait at closing",
        options: &[
            ("serve", WaitingAtClosing::Serve, "the servers stay until the queue is empty"),
            (
                "hold",
                WaitingAtClosing::Hold,
                "they wait for whoever is on duty, or for the next opening; where none is to come they leave",
            ),
            ("send_away", WaitingAtClosing::SendAway, "when nobody is on duty any more they leave"),
        ],
    },
    "\"serve\"",
    "what becomes of those who wait when servers go off duty",
);
static SERVERS_NEEDED: Optional<Count> = optional(
    "servers_needed",
    Count::between(1, 65_535),
    "servers a customer seizes together; one when absent. Nobody overtakes who waits for several",
);
static SERVERS_NEEDED_BY_CLASS: Optional<Map<Count>> = optional(
    "servers_needed_by_class",
    Map::of("names of classes", Count::between(1, 65_535)),
    "the same for single classes",
);

static STATION: TableSpec = TableSpec {
    name: "station",
    doc: "a place with one queue and its servers",
    keys: &[
        &NAME,
        &COUNT,
        &SERVERS,
        &OPEN,
        &SHIFTS,
        &SHIFTS_REPEAT,
        &SERVICE_TIME,
        &SERVICE_TIME_BY_CLASS,
        &DISCIPLINE,
        &RANKS,
        &PREEMPTIVE,
        &PATTERN,
        &CAPACITY,
        &WHEN_FULL,
        &DIVERT_TO,
        &BALK_AT,
        &BALK_AT_BY_CLASS,
        &BALK_SHARES,
        &PATIENCE,
        &PATIENCE_BY_CLASS,
        &BREAKDOWN,
        &PROMOTION,
        &WORK_IN_HAND,
        &WAITING_AT_CLOSING,
        &SERVERS_NEEDED,
        &SERVERS_NEEDED_BY_CLASS,
    ],
};

pub(super) const STATION_RECORD: Record<RawStation> = Record { spec: &STATION, read: read_station };

fn read_station(table: &Table<'_>) -> Option<RawStation> {
    let (name, count) = (table.read(&NAME), table.read(&COUNT));
    Some(RawStation {
        name,
        count: count.flatten(),
        body: read_body(table),
        place: table.place(),
        service_place: table.place_of(&SERVICE_TIME),
    })
}

fn read_body(table: &Table<'_>) -> Option<StationBody> {
    let duty = read_duty(table);
    let service_time = table.read(&SERVICE_TIME);
    let service_time_by_class = table.read(&SERVICE_TIME_BY_CLASS);
    let order = table.read(&DISCIPLINE);
    let ranks = table.read(&RANKS);
    let preemptive = table.read(&PREEMPTIVE);
    let pattern = table.read(&PATTERN);
    let capacity = table.read(&CAPACITY);
    if !table.has(&CAPACITY) {
        table.refuse_key(&WHEN_FULL, "without `capacity` the station is never full");
    }
    let when_full = table.read(&WHEN_FULL);
    let divert_to = table.read(&DIVERT_TO);
    let balk_at = table.read(&BALK_AT);
    let balk_at_by_class = table.read(&BALK_AT_BY_CLASS);
    let balk_shares = read_balk_shares(table);
    let patience = table.read(&PATIENCE);
    let patience_by_class = table.read(&PATIENCE_BY_CLASS);
    let breakdown = table.read(&BREAKDOWN);
    let promotion = table.read(&PROMOTION);
    let work_in_hand = table.read(&WORK_IN_HAND);
    let waiting_at_closing = table.read(&WAITING_AT_CLOSING);
    let servers_needed = table.read(&SERVERS_NEEDED);
    let servers_needed_by_class = table.read(&SERVERS_NEEDED_BY_CLASS);
    Some(StationBody {
        duty: duty?,
        service_time: service_time?,
        service_time_by_class: service_time_by_class?.unwrap_or_default(),
        order: order?,
        ranks: ranks?,
        preemptive: preemptive?,
        pattern: pattern?.unwrap_or_default(),
        capacity: capacity?,
        when_full: when_full?,
        divert_to: divert_to?,
        balk_at: balk_at?,
        balk_at_by_class: balk_at_by_class?.unwrap_or_default(),
        balk_shares: balk_shares?,
        patience: patience?,
        patience_by_class: patience_by_class?.unwrap_or_default(),
        breakdown: breakdown?,
        promotion: promotion?,
        work_in_hand: work_in_hand?,
        waiting_at_closing: waiting_at_closing?,
        servers_needed: servers_needed?,
        servers_needed_by_class: servers_needed_by_class?.unwrap_or_default(),
    })
}

fn read_duty(table: &Table<'_>) -> Option<Duty> {
    let ways: [&[&dyn Declared]; 3] = [&[&SERVERS], &[&SERVERS, &OPEN], &[&SHIFTS]];
    let accepted = "`servers` = a number or \"unlimited\", or `shifts`";
    let way = way_or(table, &ways, "nothing says how many serve", accepted);
    if way != Some(2) {
        table.refuse_key(&SHIFTS_REPEAT, "it goes with `shifts`");
    }
    match way? {
        0 => table.read(&SERVERS)?,
        1 => {
            let (servers, open) = (table.read(&SERVERS), table.read(&OPEN));
            let Duty::Always(count) = servers?? else {
                let mistake = Mistake::new("unlimited servers have no opening hours");
                table.report(&table.place_of(&OPEN), mistake.accepted("a number of servers beside `open`"));
                return None;
            };
            let changes = opening_hours(table, open??, count)?;
            Some(Duty::Shifts { changes, repeats_daily: true })
        }
        _ => {
            let (shifts, repeats) = (table.read(&SHIFTS), table.read(&SHIFTS_REPEAT));
            let (shifts, repeats_daily) = (shifts??.value, repeats?);
            let changes = shift_changes(table, shifts, repeats_daily)?;
            Some(Duty::Shifts { changes, repeats_daily })
        }
    }
}

fn opening_hours(
    table: &Table<'_>,
    mut parts: Vec<At<ClockInterval>>,
    count: u32,
) -> Option<Vec<(SimSpan, u32)>> {
    parts.sort_by_key(|part| part.value.from);
    let mut changes: Vec<(SimSpan, u32)> = Vec::new();
    let mut open_until = SimTime::ZERO;
    for (index, part) in parts.iter().enumerate() {
        if index > 0 && part.value.from < open_until {
            let mistake =
                Mistake::new(format!("these hours overlap with those until {}", write_clock(open_until)));
            table.report(&part.place, mistake.accepted("parts of the day without overlap"));
            return None;
        }
        if index > 0 && part.value.from == open_until {
            changes.pop();
        } else {
            changes.push((part.value.from.since(SimTime::ZERO), count));
        }
        open_until = part.value.to;
        if open_until < SimTime::ZERO + SimSpan::DAY {
            changes.push((open_until.since(SimTime::ZERO), 0));
        } else if changes[0].0 > SimSpan::ZERO {
            // Open until midnight: closed again from the start of the next day.
            changes.insert(0, (SimSpan::ZERO, 0));
        }
    }
    Some(changes)
}

fn shift_changes(table: &Table<'_>, shifts: Vec<Shift>, repeats_daily: bool) -> Option<Vec<(SimSpan, u32)>> {
    for (index, (from, _)) in shifts.iter().enumerate() {
        if index > 0 && from.value <= shifts[index - 1].0.value {
            let mistake = Mistake::new("the shift does not begin after the one before");
            table.report(&from.place, mistake.accepted("instants in rising order"));
            return None;
        }
        if repeats_daily && from.value.since(SimTime::ZERO) >= SimSpan::DAY {
            let mistake = Mistake::new("the shifts begin afresh every midnight, and this one is later");
            table.report(
                &from.place,
                mistake.accepted("an instant before \"24:00\", or `shifts_repeat = false`"),
            );
            return None;
        }
    }
    Some(shifts.into_iter().map(|(from, servers)| (from.value.since(SimTime::ZERO), servers)).collect())
}

fn read_shift(table: &Table<'_>) -> Option<Shift> {
    let (from, servers) = (table.read(&SHIFT_FROM), table.read(&SHIFT_SERVERS));
    Some((from?, servers?))
}

fn read_balk_shares(table: &Table<'_>) -> Option<Option<At<Vec<Share>>>> {
    let shares = table.read(&BALK_SHARES)?;
    if table.has(&BALK_SHARES) {
        table.refuse_key(&BALK_AT, "`balk_shares` says it all");
        table.refuse_key(&BALK_AT_BY_CLASS, "`balk_shares` says it all");
    }
    if let Some(shares) = &shares
        && !shares.value.is_sorted_by(|a, b| a.part() <= b.part())
    {
        let mistake = Mistake::new("fewer balk where more are present");
        table.report(&shares.place, mistake.accepted("shares that never fall"));
        return None;
    }
    Some(shares)
}

fn read_breakdown(table: &Table<'_>) -> Option<Breakdown> {
    let (time_to_failure, repair_time) = (table.read(&TIME_TO_FAILURE), table.read(&REPAIR_TIME));
    let after_failure = table.read(&INTERRUPTED);
    let time_to_failure = time_to_failure?;
    if time_to_failure.value.mean() < 1e-3 {
        let mistake = Mistake::new("the servers fail at every instant");
        table.report(&time_to_failure.place, mistake.accepted("a mean of at least 1 ms"));
        return None;
    }
    Some(Breakdown {
        time_to_failure: time_to_failure.value.sampler(),
        repair_time: repair_time?.sampler(),
        after_failure: after_failure?,
    })
}

fn read_promotion(table: &Table<'_>) -> Option<Promotion> {
    let (after, to_rank) = (table.read(&PROMOTION_AFTER), table.read(&PROMOTION_RANK));
    Some(Promotion { after: after?, to_rank: to_rank? as u8 })
}

/// A number of servers, or "unlimited".
struct Servers;

const SERVER_COUNT: Count = Count::between(1, 1_000_000);
const UNLIMITED: &str = "unlimited";

impl Kind for Servers {
    type Out = Duty;

    fn read(&self, item: &Item<'_>) -> Option<Duty> {
        match item.text() {
            Some(UNLIMITED) => Some(Duty::Unlimited),
            Some(_) => item.refuse(format!("{}, or \"unlimited\"", SERVER_COUNT.shape().accepted())),
            None => SERVER_COUNT.read(item).map(Duty::Always),
        }
    }

    fn shape(&self) -> Shape {
        let unlimited =
            Shape::Choice(vec![(UNLIMITED, "as many as there are customers: a delay without a queue")]);
        Shape::Any(vec![SERVER_COUNT.shape(), unlimited])
    }

    fn numbers(&self) -> Numbers {
        Numbers::Itself
    }
}
