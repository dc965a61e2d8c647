//! The kinds of values that only journey files have.

use super::source::{self, Source};
use super::step::{Meaning, Moment, StatusSet, Then};
use onetrip_history::{Action, ObjectKind, Refusal, State};
use onetrip_scenarios::reader::key::{Kind, Numbers, Shape};
use onetrip_scenarios::reader::kinds::Choice;
use onetrip_scenarios::reader::{Item, Mistake};

/// Reports a text that is none of what is accepted.
fn refuse_text<T>(item: &Item<'_>, what: &str, accepted: &str) -> Option<T> {
    let Some(text) = item.text() else { return item.refuse(accepted) };
    item.report(Mistake::new(format!("`{text}` is no {what}")).accepted(accepted));
    None
}

/// A place in an answer.
pub(super) struct SourceKind;

impl Kind for SourceKind {
    type Out = Source;

    fn read(&self, item: &Item<'_>) -> Option<Source> {
        let place = item.text().and_then(Source::parse);
        place.or_else(|| refuse_text(item, "place in an answer", source::ACCEPTED))
    }

    fn shape(&self) -> Shape {
        Shape::Text {
            accepted: source::ACCEPTED,
            examples: &["/id", "/slot/0/reference|id", "header:etag"],
            pattern: None,
        }
    }

    fn numbers(&self) -> Numbers {
        Numbers::None
    }
}

/// HTTP statuses: `201`, `"2xx"`, `"409 412"`.
pub(super) struct StatusKind;

const STATUS_ACCEPTED: &str = "a status such as `201`, or a text of some, such as \"2xx\" or \"409 412\"";

impl Kind for StatusKind {
    type Out = StatusSet;

    fn read(&self, item: &Item<'_>) -> Option<StatusSet> {
        let text = match item.integer() {
            Some(number) => number.to_string(),
            None => item.text().unwrap_or_default().to_owned(),
        };
        StatusSet::parse(&text).or_else(|| refuse_text(item, "HTTP status", STATUS_ACCEPTED))
    }

    fn shape(&self) -> Shape {
        let text = Shape::Text { accepted: STATUS_ACCEPTED, examples: &["2xx", "409 412"], pattern: None };
        Shape::Any(vec![text, Shape::Integer { min: 100, max: 599 }])
    }

    fn numbers(&self) -> Numbers {
        Numbers::None
    }
}

/// Where a patient goes after an answer; the name of a step is looked up later.
pub(super) struct ThenKind;

const THEN_ACCEPTED: &str = "\"next\", \"leave\", \"retry\" or the name of a step";

impl Kind for ThenKind {
    type Out = Then<String>;

    fn read(&self, item: &Item<'_>) -> Option<Then<String>> {
        match item.text() {
            Some("next") => Some(Then::Next),
            Some("leave") => Some(Then::Leave),
            Some("retry") => Some(Then::Retry),
            Some(name) if !name.is_empty() => Some(Then::Step(name.to_owned())),
            _ => item.refuse(THEN_ACCEPTED),
        }
    }

    fn shape(&self) -> Shape {
        Shape::Text { accepted: THEN_ACCEPTED, examples: &["next", "leave"], pattern: None }
    }

    fn numbers(&self) -> Numbers {
        Numbers::None
    }
}

/// The state of an object, in the codes of the history.
pub(super) struct StateKind;

impl Kind for StateKind {
    type Out = State;

    fn read(&self, item: &Item<'_>) -> Option<State> {
        let codes = || State::ALL.iter().map(|state| state.code());
        let accepted = || format!("one of the states {}", codes().collect::<Vec<_>>().join(", "));
        let Some(text) = item.text() else { return item.refuse(accepted()) };
        let state = State::from_code(text);
        if state.is_none() {
            let mistake = Mistake::new(format!("`{text}` is no state")).accepted(accepted());
            item.report(mistake.nearest(text, codes()));
        }
        state
    }

    fn shape(&self) -> Shape {
        Shape::Text { accepted: "a state, in the codes of FHIR R4", examples: &["booked"], pattern: None }
    }

    fn numbers(&self) -> Numbers {
        Numbers::None
    }
}

pub(super) const MEANING: Choice<Meaning> = Choice {
    what: "meaning of an answer",
    options: &[
        ("ok", Meaning::Ok, "done, and acknowledged"),
        ("taken", Meaning::Refused(Refusal::Taken), "refused: no place left"),
        ("stale", Meaning::Refused(Refusal::Stale), "refused: the version asked for is not the current one"),
        ("expired", Meaning::Refused(Refusal::Expired), "refused: the hold has lapsed"),
        ("not-found", Meaning::Refused(Refusal::NotFound), "refused: no such thing"),
        ("repeated", Meaning::Refused(Refusal::Repeated), "refused: was done or asked for before"),
        ("overloaded", Meaning::Refused(Refusal::Overloaded), "refused: come back later"),
        ("invalid", Meaning::Refused(Refusal::Invalid), "refused: the request is at fault"),
        ("refused", Meaning::Refused(Refusal::Other), "refused for another reason"),
        ("unknown", Meaning::Unknown, "the answer promises nothing: done or not"),
    ],
};

pub(super) const ACTION: Choice<Action> = Choice {
    what: "action",
    options: &[
        ("hold", Action::Hold, "takes a place of a slot for a while"),
        ("book", Action::Book, "takes a place of a slot for good, in one request"),
        ("confirm", Action::Confirm, "makes a hold a booking"),
        ("release", Action::Release, "gives a hold back"),
        ("cancel", Action::Cancel, "calls an appointment or another object off"),
        ("check-in", Action::CheckIn, "reports the patient's arrival for an appointment"),
        ("change", Action::Change, "sets an object to the state of `wants`"),
        ("issue-invoice", Action::IssueInvoice, "writes a bill"),
        ("pay", Action::Pay, "pays a bill or part of it"),
        ("refund", Action::Refund, "gives money back"),
        ("order", Action::Order, "orders an examination or medicines"),
        ("dispense", Action::Dispense, "hands medicines over"),
        ("read-slot", Action::ReadSlot, "asks for one slot's state"),
        ("read-appointment", Action::ReadAppointment, "asks for one appointment"),
        ("read", Action::Read, "asks for any other object"),
        ("other", Action::Other, "anything no property is about"),
    ],
};

pub(super) const OBJECT: Choice<ObjectKind> = Choice {
    what: "kind of object",
    options: &[
        ("slot", ObjectKind::Slot, "a bookable time"),
        ("hold", ObjectKind::Hold, "a temporary claim on a slot"),
        ("appointment", ObjectKind::Appointment, "a patient's claim on a slot"),
        ("encounter", ObjectKind::Encounter, "a visit"),
        ("charge", ObjectKind::Charge, "one line of a bill"),
        ("invoice", ObjectKind::Invoice, "a bill"),
        ("payment", ObjectKind::Payment, "money moved for a bill"),
        ("order", ObjectKind::Order, "a request for an examination or for medicines"),
        ("dispense", ObjectKind::Dispense, "medicines handed over"),
    ],
};

pub(super) const MOMENT: Choice<Moment> = Choice {
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
};
