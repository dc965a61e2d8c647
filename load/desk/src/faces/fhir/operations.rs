//! `$hold` and `$book` on Appointment, in the shapes of Argonaut Scheduling and IHE ITI Scheduling.

use serde_json::{Value, json};

use super::keep::Kept;
use super::resource::{ResourceType, elements, split_reference};
use super::shapes::Shape;
use crate::counter::{Body, Counter, Fee, NewBooking};
use crate::domain::{Booking, BookingStatus, Claims};
use crate::ledger::{Answer, CommandError};
use crate::refusal::Refusal;

/// What is to be held or booked.
#[derive(Debug, Clone)]
pub(super) enum Subject {
    /// An appointment the desk has.
    Known(String),
    /// One described in full.
    Described(Box<Booking>, Body),
}

impl Subject {
    /// Reads an Appointment, or Parameters with `appt-id`, `appointment-reference`, `appt-resource`, or
    /// `slot-reference` and `patient-reference`.
    pub(super) fn read(value: Value) -> Result<Self, Refusal> {
        if value.get("resourceType").and_then(Value::as_str) != Some("Parameters") {
            return Self::described(value);
        }
        let parameters = value.get("parameter").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let named = |name: &str| {
            parameters.iter().find(|parameter| parameter.get("name").and_then(Value::as_str) == Some(name))
        };
        let reference = |name: &str| named(name)?.pointer("/valueReference/reference")?.as_str();
        if let Some(parameter) = named("appt-id") {
            let values = ["valueId", "valueUri", "valueString"];
            let id = values.iter().find_map(|name| parameter.get(*name)).and_then(Value::as_str);
            let id = id.ok_or_else(|| Refusal::invalid("appt-id has no value", values.join(", ")))?;
            return Ok(Self::Known(split_reference(id).map_or(id, |(_, id)| id).to_owned()));
        }
        if let Some(reference) = reference("appointment-reference") {
            let (_, id) = split_reference(reference).ok_or_else(|| {
                Refusal::invalid(format!("appointment-reference = `{reference}`"), "Appointment/id")
            })?;
            return Ok(Self::Known(id.to_owned()));
        }
        if let Some(resource) = named("appt-resource").and_then(|parameter| parameter.get("resource")) {
            return match resource.get("id").and_then(Value::as_str) {
                Some(id) => Ok(Self::Known(id.to_owned())),
                None => Self::described(resource.clone()),
            };
        }
        if let Some(slot) = reference("slot-reference") {
            let patient = reference("patient-reference").map(|patient| json!({"reference": patient}));
            return Self::described(json!({
                "resourceType": "Appointment",
                "status": "proposed",
                "slot": [{"reference": slot}],
                "participant": [{"actor": patient, "status": "accepted"}],
            }));
        }
        let accepted =
            "appt-id, appointment-reference, appt-resource, or slot-reference with patient-reference";
        Err(Refusal::invalid("no parameter names an appointment or a slot", accepted))
    }

    fn described(value: Value) -> Result<Self, Refusal> {
        let mut body = elements(value, ResourceType::Appointment)?;
        // The operation says what becomes of it, whatever state was sent.
        body.insert("status".into(), "proposed".into());
        let facts = Booking::read(ResourceType::Appointment, &body)?;
        if facts.slot_id.is_none() {
            return Err(Refusal::invalid("the appointment names no slot", "slot: [{reference: Slot/…}]"));
        }
        body.remove("resourceType");
        body.remove("id");
        Ok(Self::Described(Box::new(facts), body))
    }

    fn into_new(facts: Booking, body: Body, status: BookingStatus) -> NewBooking {
        let facts = Booking { status, ..facts };
        NewBooking { facts, body, id: None, claims: Claims::Respected, hold_time: None }
    }
}

/// Holds a place until the hold's time is over.
pub(super) fn hold(counter: &mut Counter<'_>, subject: &Subject) -> Result<Answer, CommandError> {
    let booking = match subject.clone() {
        Subject::Known(id) => counter.hold_proposed(&id, Claims::Respected)?,
        Subject::Described(facts, body) => {
            counter.new_booking(Subject::into_new(*facts, body, BookingStatus::Pending))?
        }
    };
    Ok(answer(Kept::of(200, &booking)))
}

/// Books what is held, or books at once what is described.
pub(super) fn book(counter: &mut Counter<'_>, subject: &Subject) -> Result<Answer, CommandError> {
    let booking = match subject.clone() {
        Subject::Known(id) => counter.book(&id, Claims::Respected, Fee::Later)?,
        Subject::Described(facts, body) => {
            counter.new_booking(Subject::into_new(*facts, body, BookingStatus::Booked))?
        }
    };
    Ok(answer(Kept::of(200, &booking)))
}

fn answer(kept: Kept) -> Answer {
    let full_url = format!("/fhir/Appointment/{}", kept.id);
    Answer::plain(
        200,
        json!({
            "resourceType": "Bundle",
            "type": "searchset",
            "total": 1,
            "entry": [{"fullUrl": full_url, "resource": kept.resource, "search": {"mode": "match"}}],
        }),
    )
}
