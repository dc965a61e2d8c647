//! Each kind of record as its FHIR resource: which elements the desk reads, and which it writes itself.

use serde_json::{Value, json};

use super::resource::{
    CAPACITY, EXPIRES, PRICE, ResourceType, concept, default, extension, frame, identifiers, instant, list,
    money, reference, set_extension, show_identifiers, status, target, text,
};
use crate::counter::Body;
use crate::domain::{
    Booking, BookingStatus, Charge, Dispense, Encounter, Entity, Invoice, Money, Order, OrderKind, Patient,
    Payment, PaymentStatus, Reconciliation, RecordStatus, Schedule, Slot, SlotStatus, Status, parse_money,
};
use crate::ledger::{Record, Row, StoreError};
use crate::refusal::Refusal;

/// A record's FHIR side.
pub(super) trait Shape: Entity {
    /// Reads what the desk has rules about.
    fn read(resource_type: ResourceType, body: &Body) -> Result<Self, Refusal>;

    /// Writes it over the elements the client once sent.
    fn show(&self, body: &mut Body);

    /// Which resource type it is.
    fn resource_type(&self) -> ResourceType;
}

/// A record as a resource.
pub(super) fn resource<T: Shape>(record: &Record<T>) -> Value {
    let mut body = record.body.clone();
    body.insert("status".into(), record.facts.status_code().into());
    record.facts.show(&mut body);
    frame(record.facts.resource_type().name(), &record.id, record.version, record.changed_at, body)
}

/// A row as a resource, with what a search needs to know of it.
pub(super) struct Found {
    pub(super) resource_type: ResourceType,
    pub(super) id: String,
    pub(super) version: i64,
    pub(super) links: Vec<crate::domain::Link>,
    pub(super) resource: Value,
}

pub(super) fn found(row: Row) -> Result<Found, StoreError> {
    fn read<T: Shape>(row: Row) -> Result<Found, StoreError> {
        let record = Record::<T>::from_row(row)?;
        Ok(Found {
            resource_type: record.facts.resource_type(),
            links: record.facts.links(),
            resource: resource(&record),
            version: record.version,
            id: record.id,
        })
    }
    use crate::domain::Kind;
    match row.kind {
        Kind::Patient => read::<Patient>(row),
        Kind::Schedule => read::<Schedule>(row),
        Kind::Slot => read::<Slot>(row),
        Kind::Booking => read::<Booking>(row),
        Kind::Encounter => read::<Encounter>(row),
        Kind::Order => read::<Order>(row),
        Kind::Charge => read::<Charge>(row),
        Kind::Invoice => read::<Invoice>(row),
        Kind::Reconciliation => read::<Reconciliation>(row),
        Kind::Payment => read::<Payment>(row),
        Kind::Dispense => read::<Dispense>(row),
    }
}

fn subject(body: &Body) -> Option<String> {
    target(body.get("subject"), &[ResourceType::Patient])
}

fn show_subject(body: &mut Body, patient_id: Option<&String>) {
    if let Some(patient_id) = patient_id {
        body.insert("subject".into(), reference(ResourceType::Patient, patient_id));
    }
}

fn needed<T>(value: Option<T>, name: &str, accepted: &str) -> Result<T, Refusal> {
    value.ok_or_else(|| Refusal::invalid(format!("the element {name} is missing"), accepted))
}

impl Shape for Patient {
    fn read(_: ResourceType, body: &Body) -> Result<Self, Refusal> {
        let name = list(body, "name").first();
        let part = |key: &str| name.and_then(|name| name.get(key)).and_then(Value::as_str).unwrap_or("");
        let given = name.and_then(|name| name.pointer("/given/0")).and_then(Value::as_str).unwrap_or("");
        let joined = format!("{given} {}", part("family"));
        let name = if part("text").is_empty() { joined.trim() } else { part("text") };
        Ok(Self { status: RecordStatus::Active, name: name.to_owned(), identifiers: identifiers(body) })
    }

    fn show(&self, body: &mut Body) {
        body.remove("status");
        default(body, "name", || json!([{"text": self.name}]));
        show_identifiers(body, &self.identifiers);
    }

    fn resource_type(&self) -> ResourceType {
        ResourceType::Patient
    }
}

impl Shape for Schedule {
    fn read(_: ResourceType, body: &Body) -> Result<Self, Refusal> {
        let actor = list(body, "actor").first();
        let name = actor.and_then(|actor| actor.get("display").or_else(|| actor.get("reference")));
        let department = name.and_then(Value::as_str).unwrap_or("").to_owned();
        Ok(Self { status: RecordStatus::Active, department, identifiers: identifiers(body) })
    }

    fn show(&self, body: &mut Body) {
        body.remove("status");
        default(body, "active", || true.into());
        default(body, "actor", || json!([{"display": self.department}]));
        show_identifiers(body, &self.identifiers);
    }

    fn resource_type(&self) -> ResourceType {
        ResourceType::Schedule
    }
}

impl Shape for Slot {
    fn read(_: ResourceType, body: &Body) -> Result<Self, Refusal> {
        let schedule_id = target(body.get("schedule"), &[ResourceType::Schedule]);
        let start_at = needed(instant(body, "start")?, "start", "an instant")?;
        let end_at = needed(instant(body, "end")?, "end", "an instant")?;
        if end_at <= start_at {
            return Err(Refusal::invalid("the slot ends before it begins", "end after start"));
        }
        let capacity = match extension(body, CAPACITY) {
            None => 1,
            Some(extension) => extension
                .get("valuePositiveInt")
                .and_then(Value::as_u64)
                .and_then(|capacity| u32::try_from(capacity).ok())
                .filter(|capacity| *capacity > 0)
                .ok_or_else(|| Refusal::invalid(format!("{CAPACITY} = {extension}"), "valuePositiveInt"))?,
        };
        let price = extension(body, PRICE).and_then(|price| parse_money(price.get("valueMoney")?, "CNY"));
        Ok(Self {
            schedule_id: needed(schedule_id, "schedule", "a reference Schedule/…")?,
            start_at,
            end_at,
            capacity,
            price_cents: price.map_or(0, |price| price.cents),
            status: status::<SlotStatus>(body)?,
            booked_count: 0,
            holds: Vec::new(),
            claim: None,
            identifiers: identifiers(body),
        })
    }

    fn show(&self, body: &mut Body) {
        body.insert("schedule".into(), reference(ResourceType::Schedule, &self.schedule_id));
        body.insert("start".into(), self.start_at.to_string().into());
        body.insert("end".into(), self.end_at.to_string().into());
        let capacity =
            (self.capacity > 1).then(|| json!({"url": CAPACITY, "valuePositiveInt": self.capacity}));
        set_extension(body, CAPACITY, capacity);
        let price = Money { cents: self.price_cents, currency: "CNY".to_owned() };
        let price = (self.price_cents > 0).then(|| json!({"url": PRICE, "valueMoney": price.to_fhir()}));
        set_extension(body, PRICE, price);
        show_identifiers(body, &self.identifiers);
    }

    fn resource_type(&self) -> ResourceType {
        ResourceType::Slot
    }
}

impl Shape for Booking {
    fn read(_: ResourceType, body: &Body) -> Result<Self, Refusal> {
        let status = status::<BookingStatus>(body)?;
        let slots = list(body, "slot");
        if slots.len() > 1 {
            return Err(Refusal::invalid(format!("{} slots", slots.len()), "one slot per appointment"));
        }
        let slot_id = target(slots.first(), &[ResourceType::Slot]);
        let (start_at, end_at) = (instant(body, "start")?, instant(body, "end")?);
        if start_at.is_some() != end_at.is_some() {
            return Err(Refusal::invalid("one of start and end is missing", "both, or neither"));
        }
        let timeless = matches!(status, BookingStatus::Proposed | BookingStatus::Cancelled);
        if slot_id.is_none() && start_at.is_none() && !timeless {
            let accepted = "a slot, or start and end; only proposed and cancelled may lack them";
            return Err(Refusal::invalid(format!("a {} appointment at no time", status.code()), accepted));
        }
        let patient = |participant: &Value| target(participant.get("actor"), &[ResourceType::Patient]);
        Ok(Self {
            status,
            slot_id,
            patient_id: list(body, "participant").iter().find_map(patient),
            start_at,
            end_at,
            expires_at: None,
            order_id: None,
            encounter_id: None,
            reason: concept(body.get("cancelationReason")),
            identifiers: identifiers(body),
        })
    }

    fn show(&self, body: &mut Body) {
        for (name, at) in [("start", self.start_at), ("end", self.end_at)] {
            if let Some(at) = at {
                body.insert(name.into(), at.to_string().into());
            }
        }
        if let Some(slot_id) = &self.slot_id {
            body.insert("slot".into(), json!([reference(ResourceType::Slot, slot_id)]));
        }
        default(body, "participant", || {
            let actor = self.patient_id.as_ref().map(|id| reference(ResourceType::Patient, id));
            json!([{"actor": actor.unwrap_or_else(|| json!({"display": "unknown"})), "status": "accepted"}])
        });
        if matches!(self.status, BookingStatus::Cancelled | BookingStatus::NoShow) {
            if let Some(reason) = &self.reason {
                default(body, "cancelationReason", || json!({"text": reason}));
            }
        } else {
            body.remove("cancelationReason");
        }
        let expiry = self.expires_at.map(|at| json!({"url": EXPIRES, "valueInstant": at}));
        set_extension(body, EXPIRES, expiry);
        show_identifiers(body, &self.identifiers);
    }

    fn resource_type(&self) -> ResourceType {
        ResourceType::Appointment
    }
}

impl Shape for Encounter {
    fn read(_: ResourceType, body: &Body) -> Result<Self, Refusal> {
        Ok(Self {
            status: status(body)?,
            booking_id: target(list(body, "appointment").first(), &[ResourceType::Appointment]),
            patient_id: subject(body),
            identifiers: identifiers(body),
        })
    }

    fn show(&self, body: &mut Body) {
        default(
            body,
            "class",
            || json!({"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"}),
        );
        show_subject(body, self.patient_id.as_ref());
        if let Some(booking_id) = &self.booking_id {
            body.insert("appointment".into(), json!([reference(ResourceType::Appointment, booking_id)]));
        }
        show_identifiers(body, &self.identifiers);
    }

    fn resource_type(&self) -> ResourceType {
        ResourceType::Encounter
    }
}

const ORDERS: [ResourceType; 2] = [ResourceType::ServiceRequest, ResourceType::MedicationRequest];

impl Shape for Order {
    fn read(resource_type: ResourceType, body: &Body) -> Result<Self, Refusal> {
        let (kind, code) = if resource_type == ResourceType::MedicationRequest {
            (OrderKind::Medication, concept(body.get("medicationCodeableConcept")))
        } else {
            (OrderKind::Exam, concept(body.get("code")))
        };
        Ok(Self {
            status: status(body)?,
            kind,
            code: code.unwrap_or_else(|| kind.code().to_owned()),
            booking_id: None,
            encounter_id: target(body.get("encounter"), &[ResourceType::Encounter]),
            patient_id: subject(body),
            invoice_id: None,
            charge_ids: Vec::new(),
            amount_cents: 0,
            paid: false,
            identifiers: identifiers(body),
        })
    }

    fn show(&self, body: &mut Body) {
        default(body, "intent", || "order".into());
        let element = if self.kind == OrderKind::Medication { "medicationCodeableConcept" } else { "code" };
        default(body, element, || json!({"coding": [{"system": "urn:onetrip:order", "code": self.code}]}));
        show_subject(body, self.patient_id.as_ref());
        if let Some(encounter_id) = &self.encounter_id {
            body.insert("encounter".into(), reference(ResourceType::Encounter, encounter_id));
        }
        show_identifiers(body, &self.identifiers);
    }

    fn resource_type(&self) -> ResourceType {
        ORDERS[usize::from(self.kind == OrderKind::Medication)]
    }
}

impl Shape for Charge {
    fn read(_: ResourceType, body: &Body) -> Result<Self, Refusal> {
        let price = money(body, "priceOverride")?;
        let named = ["supportingInformation", "service"].into_iter().flat_map(|name| list(body, name));
        Ok(Self {
            status: status(body)?,
            order_id: named.into_iter().find_map(|value| target(Some(value), &ORDERS)),
            encounter_id: target(body.get("context"), &[ResourceType::Encounter]),
            patient_id: subject(body),
            invoice_id: None,
            amount_cents: price.as_ref().map_or(0, |price| price.cents),
            currency: price.map_or_else(|| "CNY".to_owned(), |price| price.currency),
            identifiers: identifiers(body),
        })
    }

    fn show(&self, body: &mut Body) {
        default(body, "code", || json!({"text": "charge"}));
        let price = Money { cents: self.amount_cents, currency: self.currency.clone() };
        default(body, "priceOverride", || price.to_fhir());
        show_subject(body, self.patient_id.as_ref());
        if let Some(encounter_id) = &self.encounter_id {
            body.insert("context".into(), reference(ResourceType::Encounter, encounter_id));
        }
        show_identifiers(body, &self.identifiers);
    }

    fn resource_type(&self) -> ResourceType {
        ResourceType::ChargeItem
    }
}

impl Shape for Invoice {
    fn read(_: ResourceType, body: &Body) -> Result<Self, Refusal> {
        let lines = list(body, "lineItem");
        let charge_ids = lines
            .iter()
            .filter_map(|line| target(line.get("chargeItemReference"), &[ResourceType::ChargeItem]))
            .collect();
        let sum_cents = line_sum(lines);
        let total = money(body, "totalGross")?.or(money(body, "totalNet")?);
        let total = match (total, sum_cents) {
            (Some(total), Some(cents)) if total.cents != cents => {
                let message = format!("totalGross is {} hundredths, its lines sum to {cents}", total.cents);
                return Err(Refusal::invalid(message, "the sum of all price components"));
            }
            (Some(total), _) => total,
            (None, Some(cents)) => Money { cents, currency: "CNY".to_owned() },
            (None, None) => return needed(None, "totalGross", "totalGross, or lines with price components"),
        };
        Ok(Self {
            status: status(body)?,
            patient_id: subject(body),
            charge_ids,
            total_cents: total.cents,
            paid_cents: 0,
            currency: total.currency,
            payment_ids: Vec::new(),
            identifiers: identifiers(body),
        })
    }

    fn show(&self, body: &mut Body) {
        show_subject(body, self.patient_id.as_ref());
        let total = Money { cents: self.total_cents, currency: self.currency.clone() }.to_fhir();
        default(body, "totalGross", || total);
        default(body, "lineItem", || {
            let line = |id: &String| json!({"chargeItemReference": reference(ResourceType::ChargeItem, id)});
            self.charge_ids.iter().map(line).collect()
        });
        show_identifiers(body, &self.identifiers);
    }

    fn resource_type(&self) -> ResourceType {
        ResourceType::Invoice
    }
}

/// Sum of all price components in hundredths; `None` when a line has none.
fn line_sum(lines: &[Value]) -> Option<i64> {
    let mut sum_cents = 0;
    for line in lines {
        let components = line.get("priceComponent")?.as_array()?;
        for component in components {
            let cents = parse_money(component.get("amount")?, "CNY")?.cents;
            sum_cents += match component.get("type").and_then(Value::as_str) {
                Some("deduction" | "discount") => -cents,
                Some("informational") => 0,
                _ => cents,
            };
        }
    }
    (!lines.is_empty()).then_some(sum_cents)
}

impl Shape for Payment {
    fn read(_: ResourceType, body: &Body) -> Result<Self, Refusal> {
        if let Some(status) = text(body, "status").filter(|status| *status != "active") {
            return Err(Refusal::invalid(format!("status = `{status}`"), "active"));
        }
        let payment_status = concept(body.get("paymentStatus"));
        if let Some(code) = payment_status.filter(|code| code != "paid" && code != "cleared") {
            return Err(Refusal::invalid(format!("paymentStatus = `{code}`"), "paid or cleared"));
        }
        let invoice_id = target(body.get("request"), &[ResourceType::Invoice]);
        let amount = needed(money(body, "amount")?, "amount", "the invoice's total")?;
        let identifiers = identifiers(body);
        Ok(Self {
            status: PaymentStatus::Settled,
            invoice_id: needed(invoice_id, "request", "a reference Invoice/…")?,
            amount_cents: amount.cents,
            currency: amount.currency,
            transaction_id: identifiers.first().cloned(),
            paid_at: crate::domain::Moment(0),
            identifiers,
        })
    }

    fn show(&self, body: &mut Body) {
        body.insert("status".into(), "active".into());
        body.insert("request".into(), reference(ResourceType::Invoice, &self.invoice_id));
        let amount = Money { cents: self.amount_cents, currency: self.currency.clone() };
        body.insert("amount".into(), amount.to_fhir());
        default(body, "created", || self.paid_at.to_string().into());
        default(body, "payment", || json!({"display": self.transaction_id}));
        default(body, "recipient", || json!({"display": "the hospital"}));
        let code = if self.status == PaymentStatus::Refunded { "refunded" } else { "paid" };
        if self.status == PaymentStatus::Refunded {
            body.remove("paymentStatus");
        }
        default(body, "paymentStatus", || json!({"coding": [{"code": code}]}));
        show_identifiers(body, &self.identifiers);
    }

    fn resource_type(&self) -> ResourceType {
        ResourceType::PaymentNotice
    }
}

impl Shape for Reconciliation {
    fn read(_: ResourceType, body: &Body) -> Result<Self, Refusal> {
        let mut identifiers = identifiers(body);
        if let Some(Value::Object(payment)) = body.get("paymentIdentifier").cloned() {
            let wrapped = Body::from_iter([("identifier".to_owned(), Value::Object(payment))]);
            identifiers.extend(self::identifiers(&wrapped));
        }
        Ok(Self { status: status::<RecordStatus>(body)?, identifiers })
    }

    fn show(&self, _: &mut Body) {}

    fn resource_type(&self) -> ResourceType {
        ResourceType::PaymentReconciliation
    }
}

impl Shape for Dispense {
    fn read(_: ResourceType, body: &Body) -> Result<Self, Refusal> {
        let order = list(body, "authorizingPrescription").first();
        Ok(Self {
            status: status(body)?,
            order_id: target(order, &[ResourceType::MedicationRequest]),
            patient_id: subject(body),
            identifiers: identifiers(body),
        })
    }

    fn show(&self, body: &mut Body) {
        default(body, "medicationCodeableConcept", || json!({"text": "as prescribed"}));
        show_subject(body, self.patient_id.as_ref());
        if let Some(order_id) = &self.order_id {
            let prescription = reference(ResourceType::MedicationRequest, order_id);
            body.insert("authorizingPrescription".into(), json!([prescription]));
        }
        show_identifiers(body, &self.identifiers);
    }

    fn resource_type(&self) -> ResourceType {
        ResourceType::MedicationDispense
    }
}
