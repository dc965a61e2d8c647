//! The keys of a list read after the run.

use super::answer::KIND;
use super::preparation::{FOLLOW, LIST, NEXT, RawNext};
use super::request::{BODY, HEADERS, METHOD, PATH, Pairs, RawRequest, read_request};
use crate::journey::kinds::{SourceKind, StateKind};
use crate::journey::source::Source;
use onetrip_history::{ObjectKind, State};
use onetrip_scenarios::reader::key::{
    Defaulted, Optional, Required, TableSpec, defaulted, optional, required,
};
use onetrip_scenarios::reader::kinds::{Flag, List, Located, Map, Name, Text};
use onetrip_scenarios::reader::{At, Record};

/// A final read as written.
pub(in crate::journey) struct RawFinal {
    pub(in crate::journey) kind: ObjectKind,
    pub(in crate::journey) request: RawRequest,
    pub(in crate::journey) per: Option<At<String>>,
    pub(in crate::journey) list: Option<String>,
    pub(in crate::journey) only: Option<(Source, String)>,
    pub(in crate::journey) next: Option<RawNext>,
    pub(in crate::journey) follow: Option<Source>,
    pub(in crate::journey) is_complete: bool,
    pub(in crate::journey) id: Source,
    pub(in crate::journey) state: Option<Source>,
    pub(in crate::journey) state_is: Option<State>,
    pub(in crate::journey) states: Pairs<String>,
    pub(in crate::journey) slot: Option<Source>,
    pub(in crate::journey) patient: Option<(Source, String)>,
    pub(in crate::journey) invoice: Option<Source>,
    pub(in crate::journey) key: Option<Source>,
    pub(in crate::journey) amount: Option<Source>,
    pub(in crate::journey) refunded: Option<Source>,
}

pub(super) static PER: Optional<Located<Name>> =
    optional("per", Located(Name), "the pool for each of whose rows it is made");
pub(super) static WHERE_AT: Required<SourceKind> = required("at", SourceKind, "a place within an element");
pub(super) static WHERE_IS: Required<Text> =
    required("is", Text, "what must stand there, such as \"urn:onetrip:{run}\"");
pub(super) static WHERE: Optional<Record<(Source, String)>> = optional(
    "where",
    Record {
        spec: &TableSpec { name: "where", doc: "which elements are read", keys: &[&WHERE_AT, &WHERE_IS] },
        read: |table| {
            let (at, is) = (table.read(&WHERE_AT), table.read(&WHERE_IS));
            Some((at?, is?))
        },
    },
    "only elements in which this stands are read",
);
pub(super) static COMPLETE: Defaulted<Flag> = defaulted(
    "complete",
    Flag,
    "true",
    "whether every object of the run is in it, so that a missing one is lost",
);
pub(super) static FINAL_ID: Required<SourceKind> = required("id", SourceKind, "its id within an element");
pub(super) static FINAL_STATE: Optional<SourceKind> =
    optional("state", SourceKind, "its state within an element");
pub(super) static FINAL_STATE_IS: Optional<StateKind> =
    optional("state_is", StateKind, "its state, where it is implied");
pub(super) static STATES: Optional<Map<Text>> = optional(
    "states",
    Map::of("states", Text).with_keys(|key| State::from_code(key).is_some()),
    "the words of the system for a state, with spaces between, such as `booked = \"n p\"`",
);
pub(super) static FINAL_SLOT: Optional<SourceKind> =
    optional("slot", SourceKind, "the slot of an appointment");
pub(super) static PATIENT_AT: Required<SourceKind> = required("at", SourceKind, "where the patient stands");
pub(super) static PATIENT_OF: Required<Name> =
    required("of", Name, "the value by which patients know themselves");
pub(super) static FINAL_PATIENT: Optional<Record<(Source, String)>> = optional(
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
pub(super) static FINAL_INVOICE: Optional<SourceKind> =
    optional("invoice", SourceKind, "the bill of a payment");
pub(super) static FINAL_KEY: Optional<SourceKind> =
    optional("key", SourceKind, "the key (or the payer's number) of a payment");
pub(super) static FINAL_AMOUNT: Optional<SourceKind> =
    optional("amount", SourceKind, "money in hundredths; `|hundredths` makes them of units");
pub(super) static FINAL_REFUNDED: Optional<SourceKind> = optional("refunded", SourceKind, "money given back");

pub(super) static FINALS: Optional<List<Record<RawFinal>>> = optional(
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
                &WHERE,
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
            let (per, list, only) = (table.read(&PER), table.read(&LIST), table.read(&WHERE));
            let next = table.read(&NEXT);
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
                only: only?,
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
