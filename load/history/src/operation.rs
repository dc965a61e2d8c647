//! One request and what came of it, as the engine saw them.

use crate::state::{ObjectKind, State};
use crate::text::Text;
use serde::de::Deserializer;
use serde::{Deserialize, Serialize};

/// What a request meant for the hospital, whatever its method and path. The journey file says it of each step.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Takes a place of a slot for a while.
    Hold,
    /// Takes a place of a slot for good, in one request.
    Book,
    /// Makes a hold a booking.
    Confirm,
    /// Gives a hold back.
    Release,
    /// Calls an appointment (or another object) off.
    Cancel,
    /// Reports the patient's arrival for an appointment.
    CheckIn,
    /// Sets an object to the state `wants`.
    Change,
    /// Writes a bill.
    IssueInvoice,
    /// Pays a bill or part of it.
    Pay,
    /// Gives money back.
    Refund,
    /// Orders an examination or medicines.
    Order,
    /// Hands medicines over.
    Dispense,
    /// Asks for one slot's state or free places.
    ReadSlot,
    /// Asks for one appointment.
    ReadAppointment,
    /// Asks for any other object.
    Read,
    /// Anything no property is about: lists, log-ins, pages.
    Other,
}

impl Action {
    /// Whether the request can change what the system keeps.
    pub fn is_write(self) -> bool {
        !matches!(self, Action::ReadSlot | Action::ReadAppointment | Action::Read | Action::Other)
    }

    /// The word of the log format, such as `check-in`.
    pub fn name(self) -> &'static str {
        match self {
            Action::Hold => "hold",
            Action::Book => "book",
            Action::Confirm => "confirm",
            Action::Release => "release",
            Action::Cancel => "cancel",
            Action::CheckIn => "check-in",
            Action::Change => "change",
            Action::IssueInvoice => "issue-invoice",
            Action::Pay => "pay",
            Action::Refund => "refund",
            Action::Order => "order",
            Action::Dispense => "dispense",
            Action::ReadSlot => "read-slot",
            Action::ReadAppointment => "read-appointment",
            Action::Read => "read",
            Action::Other => "other",
        }
    }
}

/// Why a request was refused, as the journey's adapter understood the answer.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Refusal {
    /// No place left.
    Taken,
    /// The version asked for is no longer the current one (412, or a busy-lock conflict).
    Stale,
    /// The hold has lapsed.
    Expired,
    /// No such thing (404, 410).
    NotFound,
    /// A request with this key is under way or was answered before.
    Repeated,
    /// Told to come back later (429, 503).
    Overloaded,
    /// The request itself was at fault (400, 401, 403, 422).
    Invalid,
    /// Anything else.
    Other,
}

impl Refusal {
    /// The word of the log format, such as `not-found`.
    pub fn name(self) -> &'static str {
        match self {
            Refusal::Taken => "taken",
            Refusal::Stale => "stale",
            Refusal::Expired => "expired",
            Refusal::NotFound => "not-found",
            Refusal::Repeated => "repeated",
            Refusal::Overloaded => "overloaded",
            Refusal::Invalid => "invalid",
            Refusal::Other => "other",
        }
    }
}

/// Why nobody knows what came of a request.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lost {
    /// No answer in time.
    Timeout,
    /// The connection broke after the request was sent.
    Broken,
    /// The server failed with an answer that promises nothing (500, 502, 504).
    ServerError,
    /// The run was stopped while the request was in flight.
    Stopped,
    /// In a shrunk history: not yet answered at the instant the violation was complete.
    StillOpen,
}

impl Lost {
    /// The word of the log format, such as `server-error`.
    pub fn name(self) -> &'static str {
        match self {
            Lost::Timeout => "timeout",
            Lost::Broken => "broken",
            Lost::ServerError => "server-error",
            Lost::Stopped => "stopped",
            Lost::StillOpen => "still-open",
        }
    }
}

/// What came of a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The server acknowledged it, with this HTTP status.
    Ok(u16),
    /// The server refused it and did nothing.
    Refused(u16, Refusal),
    /// It may have been done, may yet be done, or may never be.
    Unknown(Lost),
    /// It never left this machine.
    NotSent,
}

/// The state of one object as an answer told it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Seen<'a> {
    /// What kind of object.
    pub kind: ObjectKind,
    /// Its id.
    pub id: Text<'a>,
    /// Its state after the request.
    pub state: State,
}

impl<'de: 'a, 'a> Deserialize<'de> for Seen<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (kind, id, state) = <(ObjectKind, Text<'a>, State)>::deserialize(deserializer)?;
        Ok(Seen { kind, id, state })
    }
}

/// The three instants of a request, in microseconds from the start of the run.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Instants {
    /// When the plan wanted it sent.
    pub intended_at: u64,
    /// Just before its first byte was given to the socket.
    pub sent_at: u64,
    /// Just after its answer was read, or when it was given up.
    pub done_at: u64,
}

impl<'de> Deserialize<'de> for Instants {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let [intended_at, sent_at, done_at] = Deserialize::deserialize(deserializer)?;
        Ok(Instants { intended_at, sent_at, done_at })
    }
}

/// One request, with what the checker needs (who, what, on which objects, when, what came of it) and what a replay
/// needs (template and arguments). Fields that do not apply stay at their default and are not written.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operation<'a> {
    /// Number of the request, unique within the log.
    pub id: u64,
    /// Number of the patient on whose behalf it was sent.
    pub patient: u64,
    /// Name of the journey's step.
    #[serde(borrow)]
    pub step: Text<'a>,
    /// What it meant.
    pub action: Action,
    /// 1 for the first attempt, 2 for its first retry, and so on.
    #[serde(default = "first")]
    pub attempt: u32,
    /// Intended, sent and done.
    #[serde(rename = "at_us")]
    pub at: Instants,
    /// The slot it was about.
    #[serde(default)]
    pub slot: Option<Text<'a>>,
    /// The hold it made, used or gave back.
    #[serde(default)]
    pub hold: Option<Text<'a>>,
    /// The appointment it made, used or ended.
    #[serde(default)]
    pub appointment: Option<Text<'a>>,
    /// The invoice it wrote, paid or needed paid.
    #[serde(default)]
    pub invoice: Option<Text<'a>>,
    /// The payment it made or gave back.
    #[serde(default)]
    pub payment: Option<Text<'a>>,
    /// The order it placed or served.
    #[serde(default)]
    pub order: Option<Text<'a>>,
    /// What a change, cancellation or read was about that has no field of its own (encounter, charge, dispense).
    #[serde(default)]
    pub object: Option<(ObjectKind, Text<'a>)>,
    /// Idempotency key; all attempts at one thing carry the same.
    #[serde(default)]
    pub key: Option<Text<'a>>,
    /// Money, in the smallest unit of the currency.
    #[serde(default)]
    pub amount: Option<i64>,
    /// How long the hold was granted for, in microseconds.
    #[serde(default)]
    pub hold_time_us: Option<u64>,
    /// Free places of the slot, as a read told them.
    #[serde(default)]
    pub place_count: Option<u32>,
    /// The state a change asked for.
    #[serde(default)]
    pub wants: Option<State>,
    /// The operation of unknown outcome whose effect this one found: it did happen, before this answer came.
    #[serde(default)]
    pub resolves: Option<u64>,
    /// What came of it.
    pub outcome: Outcome,
    /// States the answer told. A write lists at least the objects it changed, unless the action says it all
    /// (a booking is `booked`, a cancelled appointment `cancelled`).
    #[serde(default)]
    pub seen: Vec<Seen<'a>>,
    /// Values taken from the answer for later requests, by name; a replay takes its own and puts them in their place.
    #[serde(default)]
    pub captured: Vec<(Text<'a>, Text<'a>)>,
    /// Index of the request's template.
    #[serde(default)]
    pub template: Option<u32>,
    /// What fills the template's places `{0}`, `{1}`, …
    #[serde(default)]
    pub arguments: Vec<Text<'a>>,
}

fn first() -> u32 {
    1
}

impl<'a> Operation<'a> {
    /// An operation with everything left out that need not be there.
    pub fn new(
        id: u64,
        patient: u64,
        step: impl Into<Text<'a>>,
        action: Action,
        at: Instants,
        outcome: Outcome,
    ) -> Self {
        Operation {
            id,
            patient,
            step: step.into(),
            action,
            attempt: 1,
            at,
            slot: None,
            hold: None,
            appointment: None,
            invoice: None,
            payment: None,
            order: None,
            object: None,
            key: None,
            amount: None,
            hold_time_us: None,
            place_count: None,
            wants: None,
            resolves: None,
            outcome,
            seen: Vec::new(),
            captured: Vec::new(),
            template: None,
            arguments: Vec::new(),
        }
    }
}

impl Operation<'_> {
    /// The same operation, owning its text.
    pub fn into_owned(self) -> Operation<'static> {
        let own = |text: Option<Text<'_>>| text.map(Text::into_owned);
        Operation {
            id: self.id,
            patient: self.patient,
            step: self.step.into_owned(),
            action: self.action,
            attempt: self.attempt,
            at: self.at,
            slot: own(self.slot),
            hold: own(self.hold),
            appointment: own(self.appointment),
            invoice: own(self.invoice),
            payment: own(self.payment),
            order: own(self.order),
            object: self.object.map(|(kind, id)| (kind, id.into_owned())),
            key: own(self.key),
            amount: self.amount,
            hold_time_us: self.hold_time_us,
            place_count: self.place_count,
            wants: self.wants,
            resolves: self.resolves,
            outcome: self.outcome,
            seen: self
                .seen
                .into_iter()
                .map(|seen| Seen { kind: seen.kind, id: seen.id.into_owned(), state: seen.state })
                .collect(),
            captured: self
                .captured
                .into_iter()
                .map(|(name, value)| (name.into_owned(), value.into_owned()))
                .collect(),
            template: self.template,
            arguments: self.arguments.into_iter().map(Text::into_owned).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_written_are_the_words_read() {
        let written = |name: &str| format!("\"{name}\"");
        for refusal in [
            Refusal::Taken,
            Refusal::Stale,
            Refusal::Expired,
            Refusal::NotFound,
            Refusal::Repeated,
            Refusal::Overloaded,
            Refusal::Invalid,
            Refusal::Other,
        ] {
            assert_eq!(serde_json::from_str::<Refusal>(&written(refusal.name())).unwrap(), refusal);
        }
        for lost in [Lost::Timeout, Lost::Broken, Lost::ServerError, Lost::Stopped, Lost::StillOpen] {
            assert_eq!(serde_json::from_str::<Lost>(&written(lost.name())).unwrap(), lost);
        }
    }
}
