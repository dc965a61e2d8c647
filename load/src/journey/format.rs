//! The keys of a journey file (`format = "journey/1"`).

use super::kinds::{ACTION, MEANING, OBJECT, SourceKind, StateKind, StatusKind, ThenKind};
use super::source::Source;
use super::step::{Meaning, Moment, PoolChoice, StatusSet, Then};
use onetrip_history::{Action, ObjectKind, State};
use onetrip_scenarios::quantity::Share;
use onetrip_scenarios::reader::key::{
    Defaulted, Optional, Required, TableSpec, defaulted, optional, required,
};
use onetrip_scenarios::reader::kinds::{
    Choice, Count, Duration, Flag, List, Located, Map, Name, Percentage, Text,
};
use onetrip_scenarios::reader::{At, Record, Table};
use onetrip_sim::time::SimSpan;

pub(super) type Pairs<T> = Vec<(At<String>, T)>;

/// A request as written.
pub(super) struct RawRequest {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) headers: Pairs<String>,
    pub(super) body: Option<String>,
}

static METHOD: Defaulted<Choice<&'static str>> = defaulted(
    "method",
    Choice {
        what: "HTTP method",
        options: &[
            ("GET", "GET", "reads"),
            ("POST", "POST", "creates or acts"),
            ("PUT", "PUT", "replaces"),
            ("PATCH", "PATCH", "changes"),
            ("DELETE", "DELETE", "removes"),
        ],
    },
    "\"GET\"",
    "HTTP method",
);
static PATH: Required<Text> =
    required("path", Text, "path and query, continuing the target; `{name}` is a value");
static HEADERS: Optional<Map<Text>> =
    optional("headers", Map::of("names of headers", Text), "headers beside those of the journey");
static BODY: Optional<Text> =
    optional("body", Text, "body; `{name}` is a value, `{name:json}` the same escaped");

fn read_request(table: &Table<'_>) -> Option<RawRequest> {
    let (method, path, headers, body) =
        (table.read(&METHOD), table.read(&PATH), table.read(&HEADERS), table.read(&BODY));
    Some(RawRequest {
        method: method?.to_owned(),
        path: path?,
        headers: headers?.unwrap_or_default(),
        body: body?,
    })
}

static CAPTURE: Optional<Map<SourceKind>> =
    optional("capture", Map::of("names of values", SourceKind), "values to take from the answer");

/// A rule for answers as written.
pub(super) struct RawRule {
    pub(super) status: StatusSet,
    pub(super) at: Option<Source>,
    pub(super) is: Vec<String>,
    pub(super) meaning: Meaning,
    pub(super) then: Option<At<Then<String>>>,
}

static STATUS: Required<StatusKind> = required("status", StatusKind, "the statuses it is about");
static AT: Optional<SourceKind> = optional("at", SourceKind, "a place that the answer must have");
static IS: Optional<List<Text>> = optional("is", List::of(Text), "what must stand there; any of these");
static OUTCOME: Required<Choice<Meaning>> = required("outcome", MEANING, "what the answer means");
static THEN: Optional<Located<ThenKind>> =
    optional("then", Located(ThenKind), "where the patient goes; `next` after ok, else `leave`");
static RULE: Record<RawRule> = Record {
    spec: &TableSpec {
        name: "answer",
        doc: "what some answers mean",
        keys: &[&STATUS, &AT, &IS, &OUTCOME, &THEN],
    },
    read: |table| {
        let (status, at, is) = (table.read(&STATUS), table.read(&AT), table.read(&IS));
        let (meaning, then) = (table.read(&OUTCOME), table.read(&THEN));
        Some(RawRule {
            status: status?,
            at: at?,
            is: is?.unwrap_or_default(),
            meaning: meaning?,
            then: then?,
        })
    },
};

/// A sight as written.
pub(super) struct RawSight {
    pub(super) kind: ObjectKind,
    pub(super) id: String,
    pub(super) state: Option<Source>,
    pub(super) is: Option<State>,
}

static KIND: Required<Choice<ObjectKind>> = required("kind", OBJECT, "what kind of object");
static SIGHT_ID: Required<Text> = required("id", Text, "its id, such as \"{booking}\"");
static SIGHT_STATE: Optional<SourceKind> =
    optional("state", SourceKind, "where its state stands in the answer");
static SIGHT_IS: Optional<StateKind> = optional("is", StateKind, "its state, where the answer implies it");
static SIGHT: Record<RawSight> = Record {
    spec: &TableSpec {
        name: "sight",
        doc: "a state that the answer tells",
        keys: &[&KIND, &SIGHT_ID, &SIGHT_STATE, &SIGHT_IS],
    },
    read: |table| {
        let (kind, id) = (table.read(&KIND), table.read(&SIGHT_ID));
        let ways = table.way(&[&[&SIGHT_STATE], &[&SIGHT_IS]]);
        let (state, is) = (table.read(&SIGHT_STATE), table.read(&SIGHT_IS));
        ways?;
        Some(RawSight { kind: kind?, id: id?, state: state?, is: is? })
    },
};

/// An asking as written.
pub(super) struct RawAsking {
    pub(super) request: RawRequest,
    pub(super) found: Source,
    pub(super) captures: Pairs<Source>,
    pub(super) action: Action,
    pub(super) sights: Vec<RawSight>,
}

static FOUND: Required<SourceKind> =
    required("found", SourceKind, "a value stands here exactly if the request took effect");
static ASK_ACTION: Defaulted<Choice<Action>> =
    defaulted("action", ACTION, "\"read-appointment\"", "what the question means");
static SIGHTS: Optional<List<Record<RawSight>>> =
    optional("sees", List::of(SIGHT_ELEMENT), "states that the answer tells");
const SIGHT_ELEMENT: Record<RawSight> = Record { spec: SIGHT.spec, read: SIGHT.read };
static ASKING: Record<RawAsking> = Record {
    spec: &TableSpec {
        name: "ask",
        doc: "how an unknown outcome is asked for",
        keys: &[&METHOD, &PATH, &HEADERS, &BODY, &FOUND, &CAPTURE, &ASK_ACTION, &SIGHTS],
    },
    read: |table| {
        let request = read_request(table);
        let (found, captures) = (table.read(&FOUND), table.read(&CAPTURE));
        let (action, sights) = (table.read(&ASK_ACTION), table.read(&SIGHTS));
        Some(RawAsking {
            request: request?,
            found: found?,
            captures: captures?.unwrap_or_default(),
            action: action?,
            sights: sights?.unwrap_or_default(),
        })
    },
};

/// Slow patients as written.
pub(super) struct RawDawdle {
    pub(super) share: Share,
    pub(super) time: SimSpan,
}

static DAWDLE_SHARE: Required<Percentage> = required("share", Percentage, "share of patients");
static DAWDLE_TIME: Required<Duration> = required("time", Duration::POSITIVE, "how long they take more");

/// The objects of a step as written.
pub(super) struct RawSubjects {
    pub(super) slot: Option<String>,
    pub(super) hold: Option<String>,
    pub(super) appointment: Option<String>,
    pub(super) invoice: Option<String>,
    pub(super) payment: Option<String>,
    pub(super) order: Option<String>,
    pub(super) object: Option<(ObjectKind, String)>,
    pub(super) amount: Option<String>,
    pub(super) wants: Option<State>,
    pub(super) hold_time: Option<SimSpan>,
    pub(super) places: Option<Source>,
}

static OBJECT_KIND: Required<Choice<ObjectKind>> = required("kind", OBJECT, "what kind of object");
static OBJECT_ID: Required<Text> = required("id", Text, "its id");
static SLOT: Optional<Text> = optional("slot", Text, "the slot it is about, such as \"{slot}\"");
static HOLD: Optional<Text> = optional("hold", Text, "the hold it makes, uses or gives back");
static APPOINTMENT: Optional<Text> = optional("appointment", Text, "the appointment it makes, uses or ends");
static INVOICE: Optional<Text> = optional("invoice", Text, "the bill it writes, pays or needs paid");
static PAYMENT: Optional<Text> = optional("payment", Text, "the payment it makes or gives back");
static ORDER: Optional<Text> = optional("order", Text, "the order it places or serves");
static AMOUNT: Optional<Text> = optional("amount", Text, "money, in the smallest unit of the currency");
static WANTS: Optional<StateKind> = optional("wants", StateKind, "the state that a change asks for");
static HOLD_TIME: Optional<Duration> =
    optional("hold_time", Duration::POSITIVE, "how long a hold lasts when the answer does not say");
static PLACES: Optional<SourceKind> = optional("places", SourceKind, "where a read tells the free places");
static OBJECT_KEY: Optional<Record<(ObjectKind, String)>> = optional(
    "object",
    Record {
        spec: &TableSpec {
            name: "object",
            doc: "an object that has no key of its own",
            keys: &[&OBJECT_KIND, &OBJECT_ID],
        },
        read: |table| {
            let (kind, id) = (table.read(&OBJECT_KIND), table.read(&OBJECT_ID));
            Some((kind?, id?))
        },
    },
    "another object that it changes, calls off or reads",
);

fn read_subjects(table: &Table<'_>) -> Option<RawSubjects> {
    let (slot, hold, appointment) = (table.read(&SLOT), table.read(&HOLD), table.read(&APPOINTMENT));
    let (invoice, payment, order) = (table.read(&INVOICE), table.read(&PAYMENT), table.read(&ORDER));
    let (object, amount, wants) = (table.read(&OBJECT_KEY), table.read(&AMOUNT), table.read(&WANTS));
    let (hold_time, places) = (table.read(&HOLD_TIME), table.read(&PLACES));
    Some(RawSubjects {
        slot: slot?,
        hold: hold?,
        appointment: appointment?,
        invoice: invoice?,
        payment: payment?,
        order: order?,
        object: object?,
        amount: amount?,
        wants: wants?,
        hold_time: hold_time?,
        places: places?,
    })
}

/// A step as written.
pub(super) struct RawStep {
    pub(super) name: At<String>,
    pub(super) moment: Option<Moment>,
    pub(super) share: Share,
    pub(super) own_time: SimSpan,
    pub(super) dawdle: Option<RawDawdle>,
    pub(super) expected: SimSpan,
    pub(super) pick: Option<At<String>>,
    pub(super) action: Action,
    pub(super) also: Option<Action>,
    pub(super) request: RawRequest,
    pub(super) double_tap: Share,
    pub(super) again: Share,
    pub(super) captures: Pairs<Source>,
    pub(super) rules: Vec<RawRule>,
    pub(super) subjects: RawSubjects,
    pub(super) sights: Vec<RawSight>,
    pub(super) asking: Option<RawAsking>,
}

static STEP_NAME: Required<Located<Name>> = required("name", Located(Name), "what the step is called");
static MOMENT: Optional<Choice<Moment>> = optional(
    "moment",
    Choice {
        what: "moment of a visit",
        options: &[
            ("arrive", Moment::Arrive, "the patient comes in"),
            ("register", Moment::Register, "registration begins"),
            ("check-in", Moment::CheckIn, "the patient reports to the department"),
            ("consult", Moment::Consult, "the doctor calls the patient in"),
            ("order", Moment::Order, "the first consultation is over"),
            ("pay", Moment::Pay, "payment begins"),
            ("examine", Moment::Examine, "the first examination begins"),
            ("dispense", Moment::Dispense, "medicines are handed over"),
            ("leave", Moment::Leave, "the patient goes home"),
        ],
    },
    "moment of the simulated visit it goes with; patients without it leave the step out",
);
static SHARE: Defaulted<Percentage> =
    defaulted("share", Percentage, "\"100 %\"", "share of patients who do it");
static OWN_TIME: Defaulted<Duration> =
    defaulted("own_time", Duration::ANY, "\"0 s\"", "the patient's own time before it, ± one half");
static DAWDLE: Optional<Record<RawDawdle>> = optional(
    "dawdle",
    Record {
        spec: &TableSpec {
            name: "dawdle",
            doc: "patients who take longer",
            keys: &[&DAWDLE_SHARE, &DAWDLE_TIME],
        },
        read: |table| {
            let (share, time) = (table.read(&DAWDLE_SHARE), table.read(&DAWDLE_TIME));
            Some(RawDawdle { share: share?, time: time? })
        },
    },
    "patients who take longer before it",
);
static EXPECTED: Defaulted<Duration> =
    defaulted("expected", Duration::ANY, "\"50 ms\"", "the response it is planned with");
static PICK: Optional<Located<Name>> =
    optional("pick", Located(Name), "the pool of which the patient takes a row");
static ACTION_KEY: Required<Choice<Action>> = required("action", ACTION, "what the request means");
static ALSO: Optional<Choice<Action>> = optional("also", ACTION, "what the same request means besides");
static DOUBLE_TAP: Defaulted<Percentage> =
    defaulted("double_tap", Percentage, "\"0 %\"", "share sent twice at once, with the same key");
static AGAIN: Defaulted<Percentage> = defaulted(
    "again",
    Percentage,
    "\"0 %\"",
    "share of patients who do it once more afterwards, with another key",
);
static ANSWERS: Optional<List<Record<RawRule>>> = optional(
    "answer",
    List::of(Record { spec: RULE.spec, read: RULE.read }),
    "what answers mean; the first that fits",
);
static ASK: Optional<Record<RawAsking>> =
    optional("ask", Record { spec: ASKING.spec, read: ASKING.read }, "how an unknown outcome is asked for");

static STEP: TableSpec = TableSpec {
    name: "step",
    doc: "a step of the journey",
    keys: &[
        &STEP_NAME,
        &MOMENT,
        &SHARE,
        &OWN_TIME,
        &DAWDLE,
        &EXPECTED,
        &PICK,
        &METHOD,
        &PATH,
        &HEADERS,
        &BODY,
        &ACTION_KEY,
        &ALSO,
        &DOUBLE_TAP,
        &AGAIN,
        &CAPTURE,
        &ANSWERS,
        &SLOT,
        &HOLD,
        &APPOINTMENT,
        &INVOICE,
        &PAYMENT,
        &ORDER,
        &OBJECT_KEY,
        &AMOUNT,
        &WANTS,
        &HOLD_TIME,
        &PLACES,
        &SIGHTS,
        &ASK,
    ],
};

fn read_step(table: &Table<'_>) -> Option<RawStep> {
    let (name, moment, share) = (table.read(&STEP_NAME), table.read(&MOMENT), table.read(&SHARE));
    let (own_time, dawdle, expected) = (table.read(&OWN_TIME), table.read(&DAWDLE), table.read(&EXPECTED));
    let (pick, action, also) = (table.read(&PICK), table.read(&ACTION_KEY), table.read(&ALSO));
    let request = read_request(table);
    let (double_tap, again) = (table.read(&DOUBLE_TAP), table.read(&AGAIN));
    let (captures, rules) = (table.read(&CAPTURE), table.read(&ANSWERS));
    let subjects = read_subjects(table);
    let (sights, asking) = (table.read(&SIGHTS), table.read(&ASK));
    Some(RawStep {
        name: name?,
        moment: moment?,
        share: share?,
        own_time: own_time?,
        dawdle: dawdle?,
        expected: expected?,
        pick: pick?,
        action: action?,
        also: also?,
        request: request?,
        double_tap: double_tap?,
        again: again?,
        captures: captures?.unwrap_or_default(),
        rules: rules?.unwrap_or_default(),
        subjects: subjects?,
        sights: sights?.unwrap_or_default(),
        asking: asking?,
    })
}

/// A pool as written.
pub(super) struct RawPool {
    pub(super) name: At<String>,
    pub(super) choice: PoolChoice,
}

static POOL_NAME: Required<Located<Name>> = required("name", Located(Name), "what the pool is called");
static POOL_CHOICE: Defaulted<Choice<PoolChoice>> = defaulted(
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
pub(super) struct RawPreparation {
    pub(super) name: At<String>,
    pub(super) request: RawRequest,
    pub(super) repeat_count: u32,
    pub(super) accept: StatusSet,
    pub(super) captures: Pairs<Source>,
    pub(super) pool: Option<At<String>>,
    pub(super) list: Option<String>,
    pub(super) next: Option<RawNext>,
    pub(super) follow: Option<Source>,
    pub(super) columns: Pairs<Source>,
    pub(super) capacity: Option<Source>,
    pub(super) taken: Option<Source>,
}

/// How pages follow each other, as written.
pub(super) struct RawNext {
    pub(super) from: Source,
    pub(super) value: String,
}

static REPEAT: Defaulted<Count> =
    defaulted("repeat", Count::between(1, 1_000_000), "1", "how often it is made; `{index}` counts from 0");
static ACCEPT: Defaulted<StatusKind> =
    defaulted("accept", StatusKind, "\"2xx\"", "statuses with which the preparation goes on");
static INTO: Optional<Located<Name>> =
    optional("into", Located(Name), "the pool that gets rows of the answer");
static LIST: Optional<Text> = optional("list", Text, "JSON pointer of a list whose elements are the rows");
static NEXT_FROM: Required<SourceKind> = required("from", SourceKind, "where the answer tells how to go on");
static NEXT_VALUE: Required<Name> =
    required("value", Name, "the value that takes it; empty on the first page");
static NEXT: Optional<Record<RawNext>> = optional(
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
static FOLLOW: Optional<SourceKind> =
    optional("follow", SourceKind, "where the answer has the address of the next page");
static COLUMNS: Optional<Map<SourceKind>> =
    optional("columns", Map::of("names of values", SourceKind), "values of a row");
static CAPACITY: Optional<SourceKind> =
    optional("capacity", SourceKind, "places of a slot, where a row tells them");
static TAKEN: Optional<SourceKind> = optional("taken", SourceKind, "places taken before the run");

/// A final read as written.
pub(super) struct RawFinal {
    pub(super) kind: ObjectKind,
    pub(super) request: RawRequest,
    pub(super) per: Option<At<String>>,
    pub(super) list: Option<String>,
    pub(super) next: Option<RawNext>,
    pub(super) follow: Option<Source>,
    pub(super) is_complete: bool,
    pub(super) id: Source,
    pub(super) state: Option<Source>,
    pub(super) state_is: Option<State>,
    pub(super) states: Pairs<String>,
    pub(super) slot: Option<Source>,
    pub(super) patient: Option<(Source, String)>,
    pub(super) invoice: Option<Source>,
    pub(super) key: Option<Source>,
    pub(super) amount: Option<Source>,
    pub(super) refunded: Option<Source>,
}

static PER: Optional<Located<Name>> =
    optional("per", Located(Name), "the pool for each of whose rows it is made");
static COMPLETE: Defaulted<Flag> = defaulted(
    "complete",
    Flag,
    "true",
    "whether every object of the run is in it, so that a missing one is lost",
);
static FINAL_ID: Required<SourceKind> = required("id", SourceKind, "its id within an element");
static FINAL_STATE: Optional<SourceKind> = optional("state", SourceKind, "its state within an element");
static FINAL_STATE_IS: Optional<StateKind> =
    optional("state_is", StateKind, "its state, where it is implied");
static STATES: Optional<Map<Text>> = optional(
    "states",
    Map::of("states", Text).with_keys(|key| State::from_code(key).is_some()),
    "the words of the system for a state, with spaces between, such as `booked = \"n p\"`",
);
static FINAL_SLOT: Optional<SourceKind> = optional("slot", SourceKind, "the slot of an appointment");
static PATIENT_AT: Required<SourceKind> = required("at", SourceKind, "where the patient stands");
static PATIENT_OF: Required<Name> = required("of", Name, "the value by which patients know themselves");
static FINAL_PATIENT: Optional<Record<(Source, String)>> = optional(
    "patient",
    Record {
        spec: &TableSpec { name: "patient", doc: "whose it is", keys: &[&PATIENT_AT, &PATIENT_OF] },
        read: |table| {
            let (at, of) = (table.read(&PATIENT_AT), table.read(&PATIENT_OF));
            Some((at?, of?))
        },
    },
    "the patient of an appointment",
);
static FINAL_INVOICE: Optional<SourceKind> = optional("invoice", SourceKind, "the bill of a payment");
static FINAL_KEY: Optional<SourceKind> =
    optional("key", SourceKind, "the key (or the payer's number) of a payment");
static FINAL_AMOUNT: Optional<SourceKind> =
    optional("amount", SourceKind, "money; whole numbers are hundredths, decimals units");
static FINAL_REFUNDED: Optional<SourceKind> = optional("refunded", SourceKind, "money given back");

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
static VALUES: Optional<Map<Text>> =
    optional("values", Map::of("names of values", Text), "values of the journey, to be changed by `--set`");
static SECRET_HEADERS: Optional<Map<Text>> = optional(
    "secret_headers",
    Map::of("names of headers", Text),
    "headers that are sent and never written down; `{env:NAME}` is a variable of the environment",
);
static POOLS: Optional<List<Record<RawPool>>> = optional(
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
static PREPARATIONS: Optional<List<Record<RawPreparation>>> = optional(
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
static STEPS: Required<List<Record<RawStep>>> =
    required("step", List::at_least(1, Record { spec: &STEP, read: read_step }), "the steps, in their order");
static FINALS: Optional<List<Record<RawFinal>>> = optional(
    "final",
    List::of(Record {
        spec: &TableSpec {
            name: "final_read",
            doc: "a list of objects read after the run",
            keys: &[
                &KIND,
                &METHOD,
                &PATH,
                &HEADERS,
                &BODY,
                &PER,
                &LIST,
                &NEXT,
                &FOLLOW,
                &COMPLETE,
                &FINAL_ID,
                &FINAL_STATE,
                &FINAL_STATE_IS,
                &STATES,
                &FINAL_SLOT,
                &FINAL_PATIENT,
                &FINAL_INVOICE,
                &FINAL_KEY,
                &FINAL_AMOUNT,
                &FINAL_REFUNDED,
            ],
        },
        read: |table| {
            let (kind, request) = (table.read(&KIND), read_request(table));
            let (per, list, next) = (table.read(&PER), table.read(&LIST), table.read(&NEXT));
            let (is_complete, id, follow) =
                (table.read(&COMPLETE), table.read(&FINAL_ID), table.read(&FOLLOW));
            let way = table.way(&[&[&FINAL_STATE], &[&FINAL_STATE_IS]]);
            let (state, state_is) = (table.read(&FINAL_STATE), table.read(&FINAL_STATE_IS));
            let (states, slot, patient) =
                (table.read(&STATES), table.read(&FINAL_SLOT), table.read(&FINAL_PATIENT));
            let (invoice, key) = (table.read(&FINAL_INVOICE), table.read(&FINAL_KEY));
            let (amount, refunded) = (table.read(&FINAL_AMOUNT), table.read(&FINAL_REFUNDED));
            way?;
            Some(RawFinal {
                kind: kind?,
                request: request?,
                per: per?,
                list: list?,
                next: next?,
                follow: follow?,
                is_complete: is_complete?,
                id: id?,
                state: state?,
                state_is: state_is?,
                states: states?.unwrap_or_default(),
                slot: slot?,
                patient: patient?,
                invoice: invoice?,
                key: key?,
                amount: amount?,
                refunded: refunded?,
            })
        },
    }),
    "lists of objects read after the run",
);

/// The format: every key of a journey file, and how it is read and put together.
pub static JOURNEY: Record<super::Journey> = Record {
    spec: &TableSpec {
        name: "journey",
        doc: "what patients do on the wire",
        keys: &[
            &FORMAT_KEY,
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
    let format = table.read(&FORMAT_KEY);
    let (name, about) = (table.read(&JOURNEY_NAME), table.read(&ABOUT));
    let (patience, timeout, try_count) = (table.read(&PATIENCE), table.read(&TIMEOUT), table.read(&TRIES));
    let (retry_count, retry_pause) = (table.read(&RETRIES), table.read(&RETRY_PAUSE));
    let (hold_time, expiry_slack) = (table.read(&HOLD_TIME), table.read(&EXPIRY_SLACK));
    let (slot_capacity, values) = (table.read(&SLOT_CAPACITY), table.read(&VALUES));
    let (headers, secret_headers) = (table.read(&HEADERS), table.read(&SECRET_HEADERS));
    let (pools, preparations) = (table.read(&POOLS), table.read(&PREPARATIONS));
    let (steps, finals) = (table.read(&STEPS), table.read(&FINALS));
    format?;
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
        values: values?.unwrap_or_default(),
        headers: headers?.unwrap_or_default(),
        secret_headers: secret_headers?.unwrap_or_default(),
        pools: pools?.unwrap_or_default(),
        preparations: preparations?.unwrap_or_default(),
        steps: steps?,
        finals: finals?.unwrap_or_default(),
    })
}
