//! Creating and updating resources under the desk's rules.

use serde_json::Value;

use super::resource::{ResourceType, elements, text};
use super::search::{Query, search};
use super::shapes::{Shape, found, resource};
use crate::counter::{Body, Counter, Fee, NewBooking, NewPayment};
use crate::domain::{
    Booking, BookingStatus, Charge, Claims, Dispense, Encounter, Entity, Invoice, InvoiceStatus, Money,
    Order, OrderStatus, Patient, Payment, Reconciliation, Schedule, Slot,
};
use crate::ledger::{Answer, CommandError, Record};
use crate::refusal::Refusal;

/// A resource as it now stands in the store.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    pub(super) status: u16,
    pub(super) resource_type: ResourceType,
    pub(super) id: String,
    pub(super) version: i64,
    pub(super) resource: Value,
}

impl Kept {
    pub(super) fn of<T: Shape>(status: u16, record: &Record<T>) -> Self {
        Self {
            status,
            resource_type: record.facts.resource_type(),
            id: record.id.clone(),
            version: record.version,
            resource: resource(record),
        }
    }

    pub(super) fn location(&self) -> String {
        format!("/fhir/{}/{}/_history/{}", self.resource_type.name(), self.id, self.version)
    }

    pub(super) fn answer(self) -> Answer {
        Answer {
            status: self.status,
            location: (self.status == 201).then(|| self.location()),
            version: Some(self.version),
            body: self.resource,
        }
    }
}

/// Reads a resource or answers 404.
pub(super) fn read(
    counter: &mut Counter<'_>,
    resource_type: ResourceType,
    id: &str,
) -> Result<Kept, CommandError> {
    let missing = || Refusal::missing(resource_type.name(), id);
    let row = counter.ledger.peek(resource_type.kind(), id)?.ok_or_else(missing)?;
    let found = found(row)?;
    if found.resource_type != resource_type {
        return Err(missing().into());
    }
    let (version, resource) = (found.version, found.resource);
    Ok(Kept { status: 200, resource_type, id: found.id, version, resource })
}

/// Creates unless something matches already: one match is answered with 200, more with 412. The type is
/// reserved, so that of all racers one creates.
pub(super) fn create_if_none(
    counter: &mut Counter<'_>,
    resource_type: ResourceType,
    value: Value,
    id: Option<String>,
    criteria: &Query,
) -> Result<Kept, CommandError> {
    counter.ledger.reserve(&format!("conditional {}", resource_type.name()))?;
    let mut matches = search(counter.ledger, resource_type, &criteria.with_limit(2))?.found;
    match (matches.pop(), matches.is_empty()) {
        (None, _) => create(counter, resource_type, value, id),
        (Some(only), true) => read(counter, resource_type, &only.id),
        (Some(_), false) => {
            let message = format!("If-None-Exist matches more than one {}", resource_type.name());
            Err(Refusal::precondition(message, "criteria that match at most one").into())
        }
    }
}

/// Creates a resource, under the client's id or the desk's.
pub(super) fn create(
    counter: &mut Counter<'_>,
    resource_type: ResourceType,
    value: Value,
    id: Option<String>,
) -> Result<Kept, CommandError> {
    let body = elements(value, resource_type)?;
    match resource_type {
        ResourceType::Patient => plain::<Patient>(counter, resource_type, body, id),
        ResourceType::Schedule => plain::<Schedule>(counter, resource_type, body, id),
        ResourceType::PaymentReconciliation => plain::<Reconciliation>(counter, resource_type, body, id),
        ResourceType::Slot => {
            let facts = Slot::read(resource_type, &body)?;
            counter.expect_first::<Slot, _>(facts.status)?;
            counter.expect_known(crate::domain::Kind::Schedule, &facts.schedule_id)?;
            Ok(Kept::of(201, &counter.insert(facts, stored(body), id)?))
        }
        ResourceType::Appointment => {
            let facts = Booking::read(resource_type, &body)?;
            counter.expect_first::<Booking, _>(facts.status)?;
            let new = NewBooking { facts, body: stored(body), id, claims: Claims::Consumed, hold_time: None };
            Ok(Kept::of(201, &counter.new_booking(new)?))
        }
        ResourceType::Encounter => {
            let facts = Encounter::read(resource_type, &body)?;
            counter.expect_first::<Encounter, _>(facts.status)?;
            Ok(Kept::of(201, &counter.encounter(facts, stored(body), id)?))
        }
        ResourceType::ServiceRequest | ResourceType::MedicationRequest => {
            let facts = Order::read(resource_type, &body)?;
            counter.expect_first::<Order, _>(facts.status)?;
            Ok(Kept::of(201, &counter.fhir_order(facts, stored(body), id)?))
        }
        ResourceType::ChargeItem => {
            let facts = Charge::read(resource_type, &body)?;
            counter.expect_first::<Charge, _>(facts.status)?;
            Ok(Kept::of(201, &counter.charge(facts, stored(body), id)?))
        }
        ResourceType::Invoice => {
            let facts = Invoice::read(resource_type, &body)?;
            counter.expect_first::<Invoice, _>(facts.status)?;
            Ok(Kept::of(201, &counter.invoice(facts, stored(body), id)?))
        }
        ResourceType::PaymentNotice => {
            let facts = Payment::read(resource_type, &body)?;
            let new = NewPayment {
                invoice_id: facts.invoice_id,
                amount: Money { cents: facts.amount_cents, currency: facts.currency },
                transaction_id: facts.transaction_id,
                identifiers: facts.identifiers,
                body: stored(body),
                id,
            };
            let (payment, new) = counter.settle(new)?;
            Ok(Kept::of(if new { 201 } else { 200 }, &payment))
        }
        ResourceType::MedicationDispense => {
            let facts = Dispense::read(resource_type, &body)?;
            counter.expect_first::<Dispense, _>(facts.status)?;
            Ok(Kept::of(201, &counter.dispense(facts, stored(body), id)?))
        }
    }
}

fn plain<T: Shape>(
    counter: &mut Counter<'_>,
    resource_type: ResourceType,
    body: Body,
    id: Option<String>,
) -> Result<Kept, CommandError> {
    let facts = T::read(resource_type, &body)?;
    Ok(Kept::of(201, &counter.insert(facts, stored(body), id)?))
}

/// Without what the frame writes anyway.
fn stored(mut body: Body) -> Body {
    body.remove("resourceType");
    body.remove("id");
    body
}

/// Updates a resource, or creates it under the client's id where there is none.
pub(super) fn update(
    counter: &mut Counter<'_>,
    resource_type: ResourceType,
    id: &str,
    value: Value,
    if_match: Option<i64>,
) -> Result<Kept, CommandError> {
    if let Some(found) = value.get("id").and_then(Value::as_str).filter(|found| *found != id) {
        return Err(Refusal::invalid(format!("id `{found}` in the body of {id}"), "the id of the URL").into());
    }
    let Some(row) = counter.ledger.peek(resource_type.kind(), id)? else {
        if if_match.is_some() {
            let message = format!("If-Match on {}/{id}, which does not exist", resource_type.name());
            return Err(Refusal::precondition(message, "the ETag of a read").into());
        }
        check_client_id(id)?;
        return create(counter, resource_type, value, Some(id.to_owned()));
    };
    if found(row)?.resource_type != resource_type {
        return Err(Refusal::missing(resource_type.name(), id).into());
    }
    let body = elements(value, resource_type)?;
    match resource_type {
        ResourceType::Patient => replace::<Patient>(counter, resource_type, id, body, if_match),
        ResourceType::Schedule => replace::<Schedule>(counter, resource_type, id, body, if_match),
        ResourceType::PaymentReconciliation => {
            replace::<Reconciliation>(counter, resource_type, id, body, if_match)
        }
        ResourceType::Slot => update_slot(counter, id, body, if_match),
        ResourceType::Appointment => update_appointment(counter, id, body, if_match),
        ResourceType::Encounter => {
            let new = Encounter::read(resource_type, &body)?;
            if let Some(booking_id) = counter.peek::<Encounter>(id)?.facts.booking_id {
                // A booking is locked before its visit.
                counter.load_booking(&booking_id)?;
            }
            let old = counter.require::<Encounter>(id)?;
            expect_version(counter, &old, if_match)?;
            expect_same(&old.facts, Encounter { status: old.facts.status, ..new.clone() }, |facts| {
                facts.identifiers.clear();
            })?;
            let mut record = counter.move_encounter(id, new.status)?;
            record.facts.identifiers = new.identifiers;
            keep(counter, record, body)
        }
        ResourceType::ServiceRequest | ResourceType::MedicationRequest => {
            update_order(counter, resource_type, id, body, if_match)
        }
        ResourceType::ChargeItem => {
            let new = Charge::read(resource_type, &body)?;
            let mut record = counter.require::<Charge>(id)?;
            expect_version(counter, &record, if_match)?;
            let desk_owned = Charge {
                status: record.facts.status,
                invoice_id: record.facts.invoice_id.clone(),
                ..new.clone()
            };
            expect_same(&record.facts, desk_owned, |facts| facts.identifiers.clear())?;
            counter.step(Charge::KIND, id, &mut record.facts.status, new.status)?;
            record.facts.identifiers = new.identifiers;
            keep(counter, record, body)
        }
        ResourceType::Invoice => update_invoice(counter, id, body, if_match),
        ResourceType::PaymentNotice => {
            let new = Payment::read(resource_type, &body)?;
            let record = counter.peek::<Payment>(id)?;
            let asked = Payment { status: record.facts.status, paid_at: record.facts.paid_at, ..new };
            if record.facts == asked {
                return Ok(Kept::of(200, &record));
            }
            let message = format!("PaymentNotice/{id} is settled");
            Err(Refusal::conflict(
                "already-paid",
                message,
                "the same notice again, or a new one; a settled one is final",
            )
            .into())
        }
        ResourceType::MedicationDispense => {
            let new = Dispense::read(resource_type, &body)?;
            let mut record = counter.require::<Dispense>(id)?;
            expect_version(counter, &record, if_match)?;
            let desk_owned = Dispense { status: record.facts.status, ..new.clone() };
            expect_same(&record.facts, desk_owned, |facts| facts.identifiers.clear())?;
            record.facts.identifiers = new.identifiers;
            record.body = stored(body);
            counter.move_dispense(&mut record, new.status)?;
            Ok(Kept::of(200, &record))
        }
    }
}

/// Ids like `b-17` are given out by the desk itself.
fn check_client_id(id: &str) -> Result<(), Refusal> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
    let desk_form = id.split_once('-').is_some_and(|(prefix, number)| {
        prefix.len() == 1 && !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
    });
    if id.is_empty() || id.len() > 64 || !id.chars().all(allowed) || desk_form {
        let accepted = "1 to 64 letters, digits, - and ., but not a letter, a hyphen and a number";
        return Err(Refusal::invalid(format!("the id `{id}` cannot be given by a client"), accepted));
    }
    Ok(())
}

fn expect_version<T: Entity>(
    counter: &Counter<'_>,
    record: &Record<T>,
    if_match: Option<i64>,
) -> Result<(), Refusal> {
    match if_match {
        Some(version) if version != record.version && counter.rules.versions_checked => {
            let message = format!("If-Match is version {version}, {} is at {}", record.id, record.version);
            Err(Refusal::precondition(message, "read it again and decide again"))
        }
        _ => Ok(()),
    }
}

/// What was written once and may not change with a PUT.
fn expect_same<T: Entity + PartialEq>(old: &T, new: T, free: impl Fn(&mut T)) -> Result<(), Refusal> {
    let (mut old, mut new) = (old.clone(), new);
    free(&mut old);
    free(&mut new);
    if old == new {
        return Ok(());
    }
    let value = |facts: &T| serde_json::to_value(facts).unwrap_or(Value::Null);
    let (old, new) = (value(&old), value(&new));
    let changed: Vec<&str> = old
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(name, value)| new.get(name.as_str()) != Some(value))
        .map(|(name, _)| name.as_str())
        .collect();
    let message = format!("an update may not change {}", changed.join(", "));
    Err(Refusal::invalid(message, "the values the resource was created with"))
}

fn keep<T: Shape>(
    counter: &mut Counter<'_>,
    mut record: Record<T>,
    body: Body,
) -> Result<Kept, CommandError> {
    record.body = stored(body);
    counter.save(&mut record)?;
    Ok(Kept::of(200, &record))
}

fn replace<T: Shape>(
    counter: &mut Counter<'_>,
    resource_type: ResourceType,
    id: &str,
    body: Body,
    if_match: Option<i64>,
) -> Result<Kept, CommandError> {
    let facts = T::read(resource_type, &body)?;
    let mut record = counter.require::<T>(id)?;
    expect_version(counter, &record, if_match)?;
    record.facts = facts;
    keep(counter, record, body)
}

fn update_slot(
    counter: &mut Counter<'_>,
    id: &str,
    body: Body,
    if_match: Option<i64>,
) -> Result<Kept, CommandError> {
    let new = Slot::read(ResourceType::Slot, &body)?;
    let mut record = counter.load_slot(id)?;
    expect_version(counter, &record, if_match)?;
    let facts = &mut record.facts;
    let planned =
        |slot: &Slot| (slot.schedule_id.clone(), slot.start_at, slot.end_at, slot.capacity, slot.price_cents);
    if planned(facts) != planned(&new) {
        if facts.booked_count > 0 || !facts.holds.is_empty() {
            let message = format!("Slot `{id}` has appointments");
            let accepted = "the same schedule, start, end, capacity and price";
            return Err(Refusal::conflict("slot-has-appointments", message, accepted).into());
        }
        counter.expect_known(crate::domain::Kind::Schedule, &new.schedule_id)?;
        facts.schedule_id = new.schedule_id;
        (facts.start_at, facts.end_at) = (new.start_at, new.end_at);
        (facts.capacity, facts.price_cents) = (new.capacity, new.price_cents);
    }
    facts.identifiers = new.identifiers;
    let now = counter.ledger.now();
    match facts.write_status(id, new.status, now, counter.rules.hold_time) {
        Err(refusal) if counter.rules.moves_checked => return Err(refusal.into()),
        Err(_) => facts.status = new.status,
        Ok(()) => {}
    }
    keep(counter, record, body)
}

fn update_appointment(
    counter: &mut Counter<'_>,
    id: &str,
    body: Body,
    if_match: Option<i64>,
) -> Result<Kept, CommandError> {
    let new = Booking::read(ResourceType::Appointment, &body)?;
    let (_, old) = counter.load_booking(id)?;
    expect_version(counter, &old, if_match)?;
    let named = |facts: &Booking| (facts.slot_id.clone(), facts.patient_id.clone());
    if named(&old.facts) != named(&new) {
        let message = format!("an update may not change the slot or patient of Appointment `{id}`");
        return Err(Refusal::invalid(message, "cancel it and make another").into());
    }
    if old.facts.slot_id.is_some() && new.start_at.is_some() && new.start_at != old.facts.start_at {
        let message = format!("Appointment `{id}` has its slot's times");
        return Err(Refusal::invalid(message, "cancel it and book another slot").into());
    }
    let mut record = match new.status {
        BookingStatus::Booked => counter.book(id, Claims::Consumed, Fee::Later)?,
        BookingStatus::Pending => counter.hold_proposed(id, Claims::Consumed)?,
        BookingStatus::Cancelled => counter.cancel(id, new.reason.as_deref().unwrap_or("cancelled"))?,
        to => counter.move_booking(id, to)?,
    };
    record.facts.identifiers = new.identifiers;
    keep(counter, record, body)
}

fn update_order(
    counter: &mut Counter<'_>,
    resource_type: ResourceType,
    id: &str,
    body: Body,
    if_match: Option<i64>,
) -> Result<Kept, CommandError> {
    let new = Order::read(resource_type, &body)?;
    let mut record = counter.require::<Order>(id)?;
    expect_version(counter, &record, if_match)?;
    let old = &record.facts;
    if (&new.patient_id, &new.encounter_id) != (&old.patient_id, &old.encounter_id) {
        let message = format!("an update may not change the subject or encounter of order `{id}`");
        return Err(Refusal::invalid(message, "revoke it and order again").into());
    }
    let foreign = match resource_type {
        ResourceType::MedicationRequest => OrderStatus::Revoked,
        _ => OrderStatus::Stopped,
    };
    if new.status == foreign {
        let message =
            format!("a {} is never `{}`", resource_type.name(), text(&body, "status").unwrap_or(""));
        return Err(Refusal::invalid(message, "completed; revoked (services) or stopped (medication)").into());
    }
    if new.status == OrderStatus::Completed && old.status != OrderStatus::Completed {
        counter.expect_paid(&record)?;
    }
    counter.step(Order::KIND, id, &mut record.facts.status, new.status)?;
    record.facts.identifiers = new.identifiers;
    keep(counter, record, body)
}

fn update_invoice(
    counter: &mut Counter<'_>,
    id: &str,
    body: Body,
    if_match: Option<i64>,
) -> Result<Kept, CommandError> {
    let new = Invoice::read(ResourceType::Invoice, &body)?;
    for charge_id in &counter.peek::<Invoice>(id)?.facts.charge_ids {
        // Charges are locked before their invoice.
        counter.require::<Charge>(charge_id)?;
    }
    let mut record = counter.require::<Invoice>(id)?;
    expect_version(counter, &record, if_match)?;
    let from = record.facts.status;
    let desk_owned = Invoice {
        status: from,
        paid_cents: record.facts.paid_cents,
        payment_ids: record.facts.payment_ids.clone(),
        ..new.clone()
    };
    expect_same(&record.facts, desk_owned, |facts| facts.identifiers.clear())?;
    if new.status == InvoiceStatus::Balanced && from == InvoiceStatus::Issued && counter.rules.moves_checked {
        let message = format!("Invoice `{id}` is not paid");
        return Err(
            Refusal::conflict("unpaid", message, "a PaymentNotice, which balances the invoice").into()
        );
    }
    counter.step(Invoice::KIND, id, &mut record.facts.status, new.status)?;
    if from == InvoiceStatus::Draft && new.status == InvoiceStatus::Issued {
        counter.bill_charges(&record)?;
    }
    record.facts.identifiers = new.identifiers;
    keep(counter, record, body)
}
