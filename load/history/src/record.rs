//! The lines of a log: a header, what the run declares, its operations, the state found at the end, the end itself.

use crate::operation::Operation;
use crate::state::{ObjectKind, State};
use crate::text::Text;
use serde::{Deserialize, Serialize};

/// The version of the format this crate writes; it reads no other.
pub const FORMAT_VERSION: u32 = 1;

/// First line of every log: which run this is, and what the checker may rely on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// Version of the format.
    pub version: u32,
    /// Scenario the patients came from.
    pub scenario: String,
    /// The run's one random number.
    pub rng_seed: u64,
    /// Journey file by name.
    pub journey: String,
    /// Base address of the system under test; paths of templates continue it.
    pub target: String,
    /// Wall clock at instant 0 (RFC 3339).
    pub started_at: String,
    /// Places of a slot that no line declares.
    #[serde(default = "one_place")]
    pub slot_capacity: u32,
    /// How long a hold lasts when the answer does not say, in microseconds. Without it such a hold may lapse at any
    /// time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold_time_us: Option<u64>,
    /// How much earlier or later than told a hold may lapse without that being a fault, in microseconds; at least
    /// the interval of the system's own sweep.
    #[serde(default = "one_second")]
    pub expiry_slack_us: u64,
    /// In a shrunk history, the property its operations violate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shows: Option<String>,
}

fn one_place() -> u32 {
    1
}

fn one_second() -> u64 {
    1_000_000
}

impl Header {
    /// A header for a run, with slots of one place, no default hold time and a second of slack for expiry.
    pub fn new(
        scenario: impl Into<String>,
        rng_seed: u64,
        journey: impl Into<String>,
        target: impl Into<String>,
        started_at: impl Into<String>,
    ) -> Header {
        Header {
            version: FORMAT_VERSION,
            scenario: scenario.into(),
            rng_seed,
            journey: journey.into(),
            target: target.into(),
            started_at: started_at.into(),
            slot_capacity: one_place(),
            hold_time_us: None,
            expiry_slack_us: one_second(),
            shows: None,
        }
    }
}

/// What a value to be taken from an answer is called, and where it stands.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Capture {
    /// Name of the value, as in [`Operation::captured`].
    pub name: String,
    /// Where it stands, in the notation of the journey file.
    pub from: String,
}

/// The shape of a request. In path, header values and body, `{0}`, `{1}`, … stand for the operation's arguments; `{{`
/// and `}}` are not special: a brace that does not enclose a number alone is itself.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Template {
    /// Index, by which operations name it.
    pub index: u32,
    /// HTTP method.
    pub method: String,
    /// Path with query, continuing the header's target.
    pub path: String,
    /// Headers, secrets left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<(String, String)>,
    /// Body; empty for none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub body: String,
    /// What to take from the answer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub captures: Vec<Capture>,
}

/// A slot that differs from the header's defaults.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SlotDeclaration<'a> {
    /// Its id.
    #[serde(borrow)]
    pub id: Text<'a>,
    /// How many live appointments and holds it may have.
    pub capacity: u32,
    /// How many of its places were taken before the run, by appointments no operation names.
    #[serde(default, skip_serializing_if = "is_none_taken")]
    pub taken_count: u32,
}

fn is_none_taken(count: &u32) -> bool {
    *count == 0
}

/// One object as it was read after the run had come to rest.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FinalState<'a> {
    /// What kind of object.
    pub kind: ObjectKind,
    /// Its id.
    #[serde(borrow)]
    pub id: Text<'a>,
    /// Its state; [`State::Absent`] if the system said there is no such thing.
    pub state: State,
    /// The slot of an appointment or hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slot: Option<Text<'a>>,
    /// The patient of an appointment, by the plan's number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patient: Option<u64>,
    /// The invoice of a payment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invoice: Option<Text<'a>>,
    /// The idempotency key (or the payer's own number) of a payment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<Text<'a>>,
    /// Total of an invoice or amount of a payment, in the smallest unit of the currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<i64>,
    /// How much of a payment was given back, in the same unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refunded_amount: Option<i64>,
}

impl<'a> FinalState<'a> {
    /// The final state of an object about which nothing else was told.
    pub fn new(kind: ObjectKind, id: impl Into<Text<'a>>, state: State) -> Self {
        FinalState {
            kind,
            id: id.into(),
            state,
            slot: None,
            patient: None,
            invoice: None,
            key: None,
            amount: None,
            refunded_amount: None,
        }
    }
}

/// Last line: the run ended in order, and every request it sent is in the log.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct End {
    /// How many operations the log holds.
    pub operation_count: u64,
    /// The kinds of which the final states list every object of the run, so that a missing one is lost.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub listed: Vec<ObjectKind>,
}

/// One line of a log.
#[expect(
    clippy::large_enum_variant,
    reason = "nearly all records are operations; a box would cost each of them"
)]
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Record<'a> {
    /// First line.
    Header(Header),
    /// Shape of requests to come.
    Template(Template),
    /// Capacity of a slot.
    #[serde(borrow)]
    Slot(SlotDeclaration<'a>),
    /// A request and what came of it.
    #[serde(borrow)]
    Operation(Operation<'a>),
    /// An object at the end.
    #[serde(borrow)]
    Final(FinalState<'a>),
    /// Last line.
    End(End),
}
