//! The keys that say what an answer means, shows, and how it is asked for.

use super::request::{BODY, CAPTURE, HEADERS, METHOD, PATH, Pairs, RawRequest, read_request};
use crate::journey::kinds::{ACTION, MEANING, OBJECT, SourceKind, StateKind, StatusKind, ThenKind};
use crate::journey::source::Source;
use crate::journey::step::{Meaning, StatusSet, Then};
use onetrip_history::{Action, ObjectKind, State};
use onetrip_scenarios::reader::key::{
    Defaulted, Optional, Required, TableSpec, defaulted, optional, required,
};
use onetrip_scenarios::reader::kinds::{Choice, List, Located, Text};
use onetrip_scenarios::reader::{At, Record};

/// A rule for answers as written.
pub(in crate::journey) struct RawRule {
    pub(in crate::journey) status: StatusSet,
    pub(in crate::journey) at: Option<Source>,
    pub(in crate::journey) is: Vec<String>,
    pub(in crate::journey) meaning: Meaning,
    pub(in crate::journey) then: Option<At<Then<String>>>,
}

pub(super) static STATUS: Required<StatusKind> = required("status", StatusKind, "the statuses it is about");
pub(super) static AT: Optional<SourceKind> = optional("at", SourceKind, "a place that the answer must have");
pub(super) static IS: Optional<List<Text>> =
    optional("is", List::of(Text), "what must stand there; any of these");
pub(super) static OUTCOME: Required<Choice<Meaning>> = required("outcome", MEANING, "what the answer means");
pub(super) static THEN: Optional<Located<ThenKind>> =
    optional("then", Located(ThenKind), "where the patient goes; `next` after ok, else `leave`");
pub(super) static RULE: Record<RawRule> = Record {
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
pub(in crate::journey) struct RawSight {
    pub(in crate::journey) kind: ObjectKind,
    pub(in crate::journey) id: String,
    pub(in crate::journey) state: Option<Source>,
    pub(in crate::journey) is: Option<State>,
}

pub(super) static KIND: Required<Choice<ObjectKind>> = required("kind", OBJECT, "what kind of object");
pub(super) static SIGHT_ID: Required<Text> = required("id", Text, "its id, such as \"{booking}\"");
pub(super) static SIGHT_STATE: Optional<SourceKind> =
    optional("state", SourceKind, "where its state stands in the answer");
pub(super) static SIGHT_IS: Optional<StateKind> =
    optional("is", StateKind, "its state, where the answer implies it");
pub(super) static SIGHT: Record<RawSight> = Record {
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
pub(in crate::journey) struct RawAsking {
    pub(in crate::journey) request: RawRequest,
    pub(in crate::journey) found: Source,
    pub(in crate::journey) captures: Pairs<Source>,
    pub(in crate::journey) action: Action,
    pub(in crate::journey) sights: Vec<RawSight>,
}

pub(super) static FOUND: Required<SourceKind> =
    required("found", SourceKind, "a value stands here exactly if the request took effect");
pub(super) static ASK_ACTION: Defaulted<Choice<Action>> =
    defaulted("action", ACTION, "\"read-appointment\"", "what the question means");
pub(super) static SIGHTS: Optional<List<Record<RawSight>>> =
    optional("sees", List::of(SIGHT_ELEMENT), "states that the answer tells");
pub(super) const SIGHT_ELEMENT: Record<RawSight> = Record { spec: SIGHT.spec, read: SIGHT.read };
pub(super) static ASKING: Record<RawAsking> = Record {
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
