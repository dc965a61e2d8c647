//! The keys of a step.

use super::answer::{ASKING, RULE, RawAsking, RawRule, RawSight, SIGHTS};
use super::request::{BODY, CAPTURE, HEADERS, METHOD, PATH, Pairs, RawRequest, read_request};
use crate::journey::kinds::{ACTION, MOMENT as MOMENT_CHOICE, OBJECT, SourceKind, StateKind};
use crate::journey::source::Source;
use crate::journey::step::Moment;
use onetrip_history::{Action, ObjectKind, State};
use onetrip_scenarios::quantity::Share;
use onetrip_scenarios::reader::key::{
    Defaulted, Optional, Required, TableSpec, defaulted, optional, required,
};
use onetrip_scenarios::reader::kinds::{Choice, Duration, List, Located, Name, Percentage, Text};
use onetrip_scenarios::reader::{At, Record, Table};
use onetrip_sim::time::SimSpan;

/// Slow patients as written.
pub(in crate::journey) struct RawDawdle {
    pub(in crate::journey) share: Share,
    pub(in crate::journey) time: SimSpan,
}

pub(super) static DAWDLE_SHARE: Required<Percentage> = required("share", Percentage, "share of patients");
pub(super) static DAWDLE_TIME: Required<Duration> =
    required("time", Duration::POSITIVE, "how long they take more");

/// The objects of a step as written.
pub(in crate::journey) struct RawSubjects {
    pub(in crate::journey) slot: Option<String>,
    pub(in crate::journey) hold: Option<String>,
    pub(in crate::journey) appointment: Option<String>,
    pub(in crate::journey) invoice: Option<String>,
    pub(in crate::journey) payment: Option<String>,
    pub(in crate::journey) order: Option<String>,
    pub(in crate::journey) object: Option<(ObjectKind, String)>,
    pub(in crate::journey) amount: Option<String>,
    pub(in crate::journey) wants: Option<State>,
    pub(in crate::journey) hold_time: Option<SimSpan>,
    pub(in crate::journey) places: Option<Source>,
}

pub(super) static OBJECT_KIND: Required<Choice<ObjectKind>> = required("kind", OBJECT, "what kind of object");
pub(super) static OBJECT_ID: Required<Text> = required("id", Text, "its id");
pub(super) static SLOT: Optional<Text> = optional("slot", Text, "the slot it is about, such as \"{slot}\"");
pub(super) static HOLD: Optional<Text> = optional("hold", Text, "the hold it makes, uses or gives back");
pub(super) static APPOINTMENT: Optional<Text> =
    optional("appointment", Text, "the appointment it makes, uses or ends");
pub(super) static INVOICE: Optional<Text> =
    optional("invoice", Text, "the bill it writes, pays or needs paid");
pub(super) static PAYMENT: Optional<Text> = optional("payment", Text, "the payment it makes or gives back");
pub(super) static ORDER: Optional<Text> = optional("order", Text, "the order it places or serves");
pub(super) static AMOUNT: Optional<Text> =
    optional("amount", Text, "money, in the smallest unit of the currency");
pub(super) static WANTS: Optional<StateKind> =
    optional("wants", StateKind, "the state that a change asks for");
pub(super) static HOLD_TIME: Optional<Duration> =
    optional("hold_time", Duration::POSITIVE, "how long a hold lasts when the answer does not say");
pub(super) static PLACES: Optional<SourceKind> =
    optional("places", SourceKind, "where a read tells the free places");
pub(super) static OBJECT_KEY: Optional<Record<(ObjectKind, String)>> = optional(
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

pub(super) fn read_subjects(table: &Table<'_>) -> Option<RawSubjects> {
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
pub(in crate::journey) struct RawStep {
    pub(in crate::journey) name: At<String>,
    pub(in crate::journey) after: Option<At<String>>,
    pub(in crate::journey) moment: Option<Moment>,
    pub(in crate::journey) only_if: Option<Moment>,
    pub(in crate::journey) share: Share,
    pub(in crate::journey) own_time: SimSpan,
    pub(in crate::journey) dawdle: Option<RawDawdle>,
    pub(in crate::journey) expected: SimSpan,
    pub(in crate::journey) pick: Option<At<String>>,
    pub(in crate::journey) action: Action,
    pub(in crate::journey) also: Option<Action>,
    pub(in crate::journey) request: RawRequest,
    pub(in crate::journey) double_tap: Share,
    pub(in crate::journey) again: Share,
    pub(in crate::journey) captures: Pairs<Source>,
    pub(in crate::journey) rules: Vec<RawRule>,
    pub(in crate::journey) subjects: RawSubjects,
    pub(in crate::journey) sights: Vec<RawSight>,
    pub(in crate::journey) asking: Option<RawAsking>,
}

pub(super) static STEP_NAME: Required<Located<Name>> =
    required("name", Located(Name), "what the step is called");
pub(super) static AFTER: Optional<Located<Name>> = optional(
    "after",
    Located(Name),
    "the step it comes behind, for a file that extends another; without it, steps keep the order of the files",
);
pub(super) static MOMENT: Optional<Choice<Moment>> = optional(
    "moment",
    MOMENT_CHOICE,
    "moment of the visit it goes with; patients without it leave the step out, and those that follow it",
);
pub(super) static ONLY_IF: Optional<Choice<Moment>> = optional(
    "only_if",
    MOMENT_CHOICE,
    "only patients whose visit has this moment do the step and those that follow it; `moment` then only says when",
);
pub(super) static SHARE: Defaulted<Percentage> =
    defaulted("share", Percentage, "\"100 %\"", "share of patients who do it");
pub(super) static OWN_TIME: Defaulted<Duration> =
    defaulted("own_time", Duration::ANY, "\"0 s\"", "the patient's own time before it, ± one half");
pub(super) static DAWDLE: Optional<Record<RawDawdle>> = optional(
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
pub(super) static EXPECTED: Defaulted<Duration> =
    defaulted("expected", Duration::ANY, "\"50 ms\"", "the response it is planned with");
pub(super) static PICK: Optional<Located<Name>> =
    optional("pick", Located(Name), "the pool of which the patient takes a row");
pub(super) static ACTION_KEY: Required<Choice<Action>> = required("action", ACTION, "what the request means");
pub(super) static ALSO: Optional<Choice<Action>> =
    optional("also", ACTION, "what the same request means besides");
pub(super) static DOUBLE_TAP: Defaulted<Percentage> =
    defaulted("double_tap", Percentage, "\"0 %\"", "share sent twice at once, with the same key");
pub(super) static AGAIN: Defaulted<Percentage> = defaulted(
    "again",
    Percentage,
    "\"0 %\"",
    "share of patients who do it once more afterwards, with another key",
);
pub(super) static ANSWERS: Optional<List<Record<RawRule>>> = optional(
    "answer",
    List::of(Record { spec: RULE.spec, read: RULE.read }),
    "what answers mean; the first that fits",
);
pub(super) static ASK: Optional<Record<RawAsking>> =
    optional("ask", Record { spec: ASKING.spec, read: ASKING.read }, "how an unknown outcome is asked for");

pub(super) static STEP: TableSpec = TableSpec {
    name: "step",
    doc: "a step of the journey",
    keys: &[
        &STEP_NAME,
        &AFTER,
        &MOMENT,
        &ONLY_IF,
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

pub(super) fn read_step(table: &Table<'_>) -> Option<RawStep> {
    let (name, after) = (table.read(&STEP_NAME), table.read(&AFTER));
    let (moment, only_if, share) = (table.read(&MOMENT), table.read(&ONLY_IF), table.read(&SHARE));
    let (own_time, dawdle, expected) = (table.read(&OWN_TIME), table.read(&DAWDLE), table.read(&EXPECTED));
    let (pick, action, also) = (table.read(&PICK), table.read(&ACTION_KEY), table.read(&ALSO));
    let request = read_request(table);
    let (double_tap, again) = (table.read(&DOUBLE_TAP), table.read(&AGAIN));
    let (captures, rules) = (table.read(&CAPTURE), table.read(&ANSWERS));
    let subjects = read_subjects(table);
    let (sights, asking) = (table.read(&SIGHTS), table.read(&ASK));
    Some(RawStep {
        name: name?,
        after: after?,
        moment: moment?,
        only_if: only_if?,
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

pub(super) static STEPS: Required<List<Record<RawStep>>> =
    required("step", List::at_least(1, Record { spec: &STEP, read: read_step }), "the steps, in their order");
