//! Orders and what they cost: registration, exams, medication; charges, invoices, dispenses.

use super::{Body, Counter};
use crate::domain::{
    Booking, BookingStatus, Charge, ChargeStatus, Dispense, DispenseStatus, Encounter, EncounterStatus,
    Entity, Invoice, InvoiceStatus, Kind, Order, OrderKind, OrderStatus, Status,
};
use crate::ledger::{CommandError, Record};
use crate::refusal::Refusal;

/// An order on the desk's own face, billed at once.
#[derive(Debug, Clone)]
pub(crate) struct NewOrder {
    pub(crate) kind: OrderKind,
    pub(crate) booking_id: String,
    pub(crate) code: String,
    pub(crate) amount_cents: Option<i64>,
    pub(crate) currency: String,
}

impl Counter<'_> {
    /// Orders, charges and bills in one go.
    pub(crate) fn order(&mut self, new: NewOrder) -> Result<(Record<Order>, Record<Invoice>), CommandError> {
        self.expect_known(Kind::Booking, &new.booking_id)?;
        let (slot, mut booking) = self.load_booking(&new.booking_id)?;
        let amount_cents = match new.kind {
            OrderKind::Registration => {
                let price_cents = slot.map_or(0, |slot| slot.facts.price_cents);
                registration_price(&new, &booking, price_cents)?
            }
            OrderKind::Exam | OrderKind::Medication => visit_price(&new, &booking)?,
        };
        let (patient_id, encounter_id) =
            (booking.facts.patient_id.clone(), booking.facts.encounter_id.clone());
        let order = Order {
            status: OrderStatus::Active,
            kind: new.kind,
            code: new.code,
            booking_id: Some(new.booking_id),
            encounter_id: encounter_id.clone(),
            patient_id: patient_id.clone(),
            invoice_id: None,
            charge_ids: Vec::new(),
            amount_cents,
            paid: false,
            identifiers: Vec::new(),
        };
        let (order_id, order_serial) = self.next_id(Kind::Order)?;
        let (invoice_id, invoice_serial) = self.next_id(Kind::Invoice)?;
        let charge = Charge {
            status: ChargeStatus::Billed,
            order_id: Some(order_id.clone()),
            encounter_id,
            patient_id: patient_id.clone(),
            invoice_id: Some(invoice_id.clone()),
            amount_cents,
            currency: new.currency.clone(),
            identifiers: Vec::new(),
        };
        let charge = self.insert(charge, Body::new(), None)?;
        let invoice = Invoice {
            status: InvoiceStatus::Issued,
            patient_id,
            charge_ids: vec![charge.id.clone()],
            total_cents: amount_cents,
            paid_cents: 0,
            currency: new.currency,
            payment_ids: Vec::new(),
            identifiers: Vec::new(),
        };
        let mut order = Record::new(order_id, order_serial, order, Body::new());
        order.facts.charge_ids.push(charge.id);
        order.facts.invoice_id = Some(invoice_id.clone());
        self.save(&mut order)?;
        let mut invoice = Record::new(invoice_id, invoice_serial, invoice, Body::new());
        self.save(&mut invoice)?;
        if order.facts.kind == OrderKind::Registration {
            booking.facts.order_id = Some(order.id.clone());
            self.save(&mut booking)?;
        }
        Ok((order, invoice))
    }

    /// Takes an unpaid exam or medication order back; its bill is void.
    pub(crate) fn cancel_order(&mut self, order_id: &str) -> Result<Record<Order>, CommandError> {
        let mut order: Record<Order> = self.require(order_id)?;
        let to = match order.facts.kind {
            OrderKind::Registration => {
                let message = format!("order `{order_id}` is the registration of a booking");
                return Err(Refusal::conflict("is-registration", message, "cancel the booking").into());
            }
            OrderKind::Exam => OrderStatus::Revoked,
            OrderKind::Medication => OrderStatus::Stopped,
        };
        if order.facts.status == to {
            return Ok(order);
        }
        if order.facts.paid {
            let message = format!("order `{order_id}` is paid");
            return Err(Refusal::conflict("already-paid", message, "an unpaid order").into());
        }
        self.step(Kind::Order, order_id, &mut order.facts.status, to)?;
        self.save(&mut order)?;
        if let Some(invoice_id) = &order.facts.invoice_id {
            let mut invoice: Record<Invoice> = self.require(invoice_id)?;
            self.step(Kind::Invoice, invoice_id, &mut invoice.facts.status, InvoiceStatus::Cancelled)?;
            self.save(&mut invoice)?;
        }
        Ok(order)
    }

    /// An exam is done.
    pub(crate) fn perform(&mut self, order_id: &str) -> Result<Record<Order>, CommandError> {
        let mut order: Record<Order> = self.require(order_id)?;
        if order.facts.kind != OrderKind::Exam {
            let message = format!("order `{order_id}` is for {}", order.facts.kind.code());
            return Err(Refusal::invalid(message, "an order of kind `exam`").into());
        }
        self.expect_paid(&order)?;
        self.step(Kind::Order, order_id, &mut order.facts.status, OrderStatus::Completed)?;
        self.save(&mut order)?;
        Ok(order)
    }

    /// Medication is handed over, or on its way to be.
    pub(crate) fn dispense(
        &mut self,
        mut facts: Dispense,
        body: Body,
        id: Option<String>,
    ) -> Result<Record<Dispense>, CommandError> {
        let Some(order_id) = facts.order_id.clone() else {
            return Err(Refusal::invalid(
                "a dispense without its order",
                "a reference to a medication order",
            )
            .into());
        };
        self.expect_known(Kind::Order, &order_id)?;
        let mut order: Record<Order> = self.require(&order_id)?;
        if order.facts.kind != OrderKind::Medication {
            let message = format!("order `{order_id}` is for {}", order.facts.kind.code());
            return Err(Refusal::invalid(message, "an order of kind `medication`").into());
        }
        if order.facts.status != OrderStatus::Active && self.rules.moves_checked {
            let message = format!("medication order `{order_id}` is `{}`", order.facts.status.code());
            return Err(Refusal::conflict("order-not-active", message, "an order that is `active`").into());
        }
        self.expect_paid(&order)?;
        facts.patient_id = facts.patient_id.or_else(|| order.facts.patient_id.clone());
        if facts.status == DispenseStatus::Completed {
            order.facts.status = OrderStatus::Completed;
            self.save(&mut order)?;
        }
        self.insert(facts, body, id)
    }

    /// A dispense goes on; when it is complete, so is its order.
    pub(crate) fn move_dispense(
        &mut self,
        dispense: &mut Record<Dispense>,
        to: DispenseStatus,
    ) -> Result<(), CommandError> {
        let before = dispense.facts.status;
        self.step(Kind::Dispense, &dispense.id.clone(), &mut dispense.facts.status, to)?;
        let completed = before != to && to == DispenseStatus::Completed;
        if let (true, Some(order_id)) = (completed, &dispense.facts.order_id) {
            let mut order: Record<Order> = self.require(order_id)?;
            self.step(Kind::Order, order_id, &mut order.facts.status, OrderStatus::Completed)?;
            self.save(&mut order)?;
        }
        self.save(dispense)
    }

    /// A FHIR order: who and where must be known, the visit under way.
    pub(crate) fn fhir_order(
        &mut self,
        facts: Order,
        body: Body,
        id: Option<String>,
    ) -> Result<Record<Order>, CommandError> {
        self.expect_patient(facts.patient_id.as_deref())?;
        if let Some(encounter_id) = &facts.encounter_id {
            self.expect_known(Kind::Encounter, encounter_id)?;
            let encounter = self.peek::<Encounter>(encounter_id)?;
            if encounter.facts.status == EncounterStatus::Cancelled {
                let message = format!("encounter `{encounter_id}` is cancelled");
                return Err(Refusal::conflict("visit-over", message, "an encounter that takes place").into());
            }
        }
        self.insert(facts, body, id)
    }

    /// A FHIR charge; the order it names must be paid before it is done.
    pub(crate) fn charge(
        &mut self,
        facts: Charge,
        body: Body,
        id: Option<String>,
    ) -> Result<Record<Charge>, CommandError> {
        self.expect_patient(facts.patient_id.as_deref())?;
        let order_id = facts.order_id.clone();
        let order = match &order_id {
            Some(order_id) => {
                self.expect_known(Kind::Order, order_id)?;
                Some(self.require::<Order>(order_id)?)
            }
            None => None,
        };
        let charge = self.insert(facts, body, id)?;
        if let Some(mut order) = order {
            order.facts.charge_ids.push(charge.id.clone());
            order.facts.amount_cents += charge.facts.amount_cents;
            order.facts.paid = false;
            self.save(&mut order)?;
        }
        Ok(charge)
    }

    /// A FHIR invoice: an issued one bills its charges, each of which may be billed once.
    pub(crate) fn invoice(
        &mut self,
        facts: Invoice,
        body: Body,
        id: Option<String>,
    ) -> Result<Record<Invoice>, CommandError> {
        self.expect_patient(facts.patient_id.as_deref())?;
        let (next_id, serial) = self.next_id(Kind::Invoice)?;
        let mut invoice = Record::new(id.unwrap_or(next_id), serial, facts, body);
        if invoice.facts.status == InvoiceStatus::Issued {
            self.bill_charges(&invoice)?;
        }
        self.save(&mut invoice)?;
        Ok(invoice)
    }

    /// Puts an issued invoice's charges on it.
    pub(crate) fn bill_charges(&mut self, invoice: &Record<Invoice>) -> Result<(), CommandError> {
        for charge_id in &invoice.facts.charge_ids {
            self.expect_known(Kind::Charge, charge_id)?;
            let mut charge: Record<Charge> = self.require(charge_id)?;
            if let Some(other_id) = charge.facts.invoice_id.as_ref().filter(|other| **other != invoice.id) {
                let message = format!("charge `{charge_id}` is already on invoice `{other_id}`");
                return Err(Refusal::conflict("already-billed", message, "charges not yet billed").into());
            }
            self.step(Kind::Charge, charge_id, &mut charge.facts.status, ChargeStatus::Billed)?;
            charge.facts.invoice_id = Some(invoice.id.clone());
            self.save(&mut charge)?;
        }
        Ok(())
    }

    /// Moves any simple state, or says why not.
    pub(crate) fn step<S: Status>(&self, kind: Kind, id: &str, status: &mut S, to: S) -> Result<(), Refusal> {
        if self.rules.moves_checked && !status.may_become(to) {
            let next = status.next_codes();
            return Err(Refusal::illegal_move(kind.name(), id, status.code(), to.code(), &next));
        }
        *status = to;
        Ok(())
    }

    pub(crate) fn expect_patient(&mut self, patient_id: Option<&str>) -> Result<(), CommandError> {
        patient_id.map_or(Ok(()), |id| self.expect_known(Kind::Patient, id))
    }

    /// Refuses a first state that is none.
    pub(crate) fn expect_first<T: Entity, S: Status>(&self, status: S) -> Result<(), Refusal> {
        if self.rules.moves_checked && !S::FIRST.contains(&status) {
            let message = format!("a {} cannot begin as `{}`", T::KIND.name(), status.code());
            return Err(Refusal::conflict("illegal-move", message, S::codes(S::FIRST)));
        }
        Ok(())
    }

    /// What is charged must be settled before it is done.
    pub(crate) fn expect_paid(&self, order: &Record<Order>) -> Result<(), Refusal> {
        if order.facts.paid || order.facts.charge_ids.is_empty() {
            return Ok(());
        }
        let message = format!("order `{}` is not paid", order.id);
        Err(Refusal::conflict("unpaid", message, "an order whose invoice is `balanced`"))
    }
}

fn registration_price(new: &NewOrder, booking: &Record<Booking>, price_cents: i64) -> Result<i64, Refusal> {
    if booking.facts.has_expired() {
        return Err(Refusal::expired(&booking.id));
    }
    if !matches!(booking.facts.status, BookingStatus::Pending | BookingStatus::Booked) {
        let message = format!("booking `{}` is `{}`", booking.id, booking.facts.status.code());
        return Err(Refusal::conflict("booking-over", message, "a booking that is `pending` or `booked`"));
    }
    if let Some(order_id) = &booking.facts.order_id {
        let message = format!("booking `{}` already has registration order `{order_id}`", booking.id);
        return Err(Refusal::conflict("already-ordered", message, "that order's invoice"));
    }
    if price_cents == 0 {
        let message = format!("booking `{}` costs nothing", booking.id);
        let accepted = format!("POST /api/bookings/{}/confirm", booking.id);
        return Err(Refusal::conflict("nothing-to-pay", message, accepted));
    }
    if new.amount_cents.is_some_and(|cents| cents != price_cents) {
        let accepted = format!("{price_cents}, or no amount");
        return Err(Refusal::invalid("amount_cents is not the slot's price", accepted));
    }
    Ok(price_cents)
}

fn visit_price(new: &NewOrder, booking: &Record<Booking>) -> Result<i64, Refusal> {
    if booking.facts.status != BookingStatus::Arrived {
        let message = format!(
            "booking `{}` is `{}`: the patient is not with a doctor",
            booking.id,
            booking.facts.status.code()
        );
        return Err(Refusal::conflict("not-arrived", message, "a booking that is `arrived` (check-in)"));
    }
    new.amount_cents.filter(|cents| *cents > 0).ok_or_else(|| {
        Refusal::invalid(format!("a {} order without a price", new.kind.code()), "amount_cents of at least 1")
    })
}
