//! Locking, booking, cancelling, expiring.

use std::time::Duration;

use super::{Body, Counter};
use crate::domain::{
    Booking, BookingStatus, Claims, EXPIRED, Hold, Invoice, InvoiceStatus, Kind, Moment, Order, OrderKind,
    OrderStatus, Payment, PaymentStatus, Slot, Status,
};
use crate::ledger::{CommandError, Record};
use crate::refusal::Refusal;

/// Whether a registration fee must be paid before the booking counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fee {
    /// Lock, pay, confirm: the desk's own face.
    PaidFirst,
    /// Being paid right now, or billed later: FHIR.
    Later,
}

/// A booking to be made.
#[derive(Debug, Clone)]
pub(crate) struct NewBooking {
    pub(crate) facts: Booking,
    pub(crate) body: Body,
    pub(crate) id: Option<String>,
    pub(crate) claims: Claims,
    pub(crate) hold_time: Option<Duration>,
}

impl Counter<'_> {
    /// Makes a booking in its first state; pending holds a place, booked takes one.
    pub(crate) fn new_booking(&mut self, new: NewBooking) -> Result<Record<Booking>, CommandError> {
        let NewBooking { mut facts, body, id, claims, hold_time } = new;
        if let Some(patient_id) = &facts.patient_id {
            self.expect_known(Kind::Patient, patient_id)?;
        }
        let Some(slot_id) = facts.slot_id.clone() else {
            if facts.status == BookingStatus::Pending {
                let refusal =
                    Refusal::invalid("a pending booking without a slot holds nothing", "one slot reference");
                return Err(refusal.into());
            }
            return self.insert(facts, body, id);
        };
        self.expect_known(Kind::Slot, &slot_id)?;
        let mut slot = self.load_slot(&slot_id)?;
        take_times(&mut facts, &slot)?;
        let (next_id, serial) = self.next_id(Kind::Booking)?;
        let id = id.unwrap_or(next_id);
        let capacity_checked = self.rules.capacity_checked;
        match facts.status {
            BookingStatus::Pending => {
                let expires_at = self.hold_end(hold_time)?;
                facts.expires_at = Some(expires_at);
                let hold = Hold { booking_id: id.clone(), expires_at };
                slot.facts.hold(&slot_id, hold, claims, capacity_checked)?;
                self.save(&mut slot)?;
            }
            BookingStatus::Booked => {
                slot.facts.book(&slot_id, &id, claims, capacity_checked)?;
                self.save(&mut slot)?;
            }
            _ => {}
        }
        let mut booking = Record::new(id, serial, facts, body);
        self.save(&mut booking)?;
        Ok(booking)
    }

    /// Turns a hold (or a place on the waiting list) into a booking. Already booked is no mistake.
    pub(crate) fn book(
        &mut self,
        booking_id: &str,
        claims: Claims,
        fee: Fee,
    ) -> Result<Record<Booking>, CommandError> {
        let (slot, mut booking) = self.load_booking(booking_id)?;
        if booking.facts.status == BookingStatus::Booked {
            return Ok(booking);
        }
        let revived = booking.facts.has_expired() && !self.rules.expiry_final;
        booking.facts.go(booking_id, BookingStatus::Booked, self.rules.moves_checked && !revived)?;
        if revived {
            booking.facts.reason = None;
        }
        if let Some(mut slot) = slot {
            if fee == Fee::PaidFirst && slot.facts.price_cents > 0 && !self.is_paid(&booking)? {
                let message = format!("the registration fee of booking `{booking_id}` is not paid");
                let accepted =
                    "POST /api/orders with kind `registration`, then POST /api/payments, which books";
                return Err(Refusal::conflict("unpaid", message, accepted).into());
            }
            let checked = self.rules.capacity_checked && !revived;
            slot.facts.book(&slot.id.clone(), booking_id, claims, checked)?;
            self.save(&mut slot)?;
        }
        self.save(&mut booking)?;
        Ok(booking)
    }

    /// Gives a booking back: the place is free, an unpaid bill is void, a paid one refunded.
    pub(crate) fn cancel(&mut self, booking_id: &str, reason: &str) -> Result<Record<Booking>, CommandError> {
        let (slot, mut booking) = self.load_booking(booking_id)?;
        if booking.facts.status == BookingStatus::Cancelled {
            return Ok(booking);
        }
        self.leave_place(slot, &booking)?;
        booking.facts.go(booking_id, BookingStatus::Cancelled, self.rules.moves_checked)?;
        booking.facts.reason = Some(reason.to_owned());
        self.drop_registration(&booking)?;
        self.save(&mut booking)?;
        Ok(booking)
    }

    /// Gives a locked place back before its time.
    pub(crate) fn unlock(
        &mut self,
        slot_id: &str,
        booking_id: &str,
    ) -> Result<Record<Booking>, CommandError> {
        let (_, booking) = self.load_booking(booking_id)?;
        if booking.facts.slot_id.as_deref() != Some(slot_id) {
            let message = format!("booking `{booking_id}` is not for slot `{slot_id}`");
            return Err(Refusal::invalid(message, "the booking_id that the lock answered").into());
        }
        if booking.facts.has_expired() {
            return Err(Refusal::expired(booking_id).into());
        }
        match booking.facts.status {
            BookingStatus::Pending | BookingStatus::Cancelled => self.cancel(booking_id, "released"),
            status => {
                let message = format!("booking `{booking_id}` is `{}`, not locked", status.code());
                let accepted = format!("POST /api/bookings/{booking_id}/cancel");
                Err(Refusal::conflict("not-locked", message, accepted).into())
            }
        }
    }

    /// The moves after booking that change nothing in the slot, and `entered-in-error`, which frees its place.
    pub(crate) fn move_booking(
        &mut self,
        booking_id: &str,
        to: BookingStatus,
    ) -> Result<Record<Booking>, CommandError> {
        let (slot, mut booking) = self.load_booking(booking_id)?;
        if booking.facts.status == to {
            return Ok(booking);
        }
        if to == BookingStatus::EnteredInError {
            self.leave_place(slot, &booking)?;
        }
        booking.facts.go(booking_id, to, self.rules.moves_checked)?;
        self.save(&mut booking)?;
        Ok(booking)
    }

    /// A proposed booking begins to hold a place.
    pub(crate) fn hold_proposed(
        &mut self,
        booking_id: &str,
        claims: Claims,
    ) -> Result<Record<Booking>, CommandError> {
        let (slot, mut booking) = self.load_booking(booking_id)?;
        if booking.facts.status == BookingStatus::Pending {
            return Ok(booking);
        }
        booking.facts.go(booking_id, BookingStatus::Pending, self.rules.moves_checked)?;
        let Some(mut slot) = slot else {
            let message = format!("booking `{booking_id}` names no slot to hold");
            return Err(Refusal::invalid(message, "a booking with a slot").into());
        };
        let expires_at = self.hold_end(None)?;
        booking.facts.expires_at = Some(expires_at);
        let hold = Hold { booking_id: booking_id.to_owned(), expires_at };
        slot.facts.hold(&slot.id.clone(), hold, claims, self.rules.capacity_checked)?;
        self.save(&mut slot)?;
        self.save(&mut booking)?;
        Ok(booking)
    }

    /// Stores the expiry of what is due; answers how many records were looked at.
    pub(crate) fn expire_due(&mut self, limit: usize) -> Result<usize, CommandError> {
        let now = self.ledger.now();
        let due = self.ledger.due(now, limit)?;
        for (kind, id) in &due {
            if *kind == Kind::Slot {
                self.load_slot(id)?;
            } else {
                self.load_booking(id)?;
            }
        }
        Ok(due.len())
    }

    /// A slot to change, after what has run out by now was given back.
    pub(crate) fn load_slot(&mut self, slot_id: &str) -> Result<Record<Slot>, CommandError> {
        let mut slot: Record<Slot> = self.require(slot_id)?;
        let (expired, changed) = slot.facts.expire(self.ledger.now());
        for booking_id in expired {
            let mut booking: Record<Booking> = self.require(&booking_id)?;
            if booking.facts.status == BookingStatus::Pending {
                booking.facts.go(&booking_id, BookingStatus::Cancelled, true)?;
                booking.facts.reason = Some(EXPIRED.to_owned());
                self.drop_registration(&booking)?;
                self.save(&mut booking)?;
            }
        }
        if changed {
            self.save(&mut slot)?;
        }
        Ok(slot)
    }

    /// A booking to change with its slot, locked slot first.
    pub(crate) fn load_booking(
        &mut self,
        booking_id: &str,
    ) -> Result<(Option<Record<Slot>>, Record<Booking>), CommandError> {
        let slot_id = self.peek::<Booking>(booking_id)?.facts.slot_id;
        let slot = match slot_id {
            Some(slot_id) => Some(self.load_slot(&slot_id)?),
            None => None,
        };
        Ok((slot, self.require(booking_id)?))
    }

    fn hold_end(&mut self, asked_time: Option<Duration>) -> Result<Moment, CommandError> {
        let hold_time = asked_time.unwrap_or(self.rules.hold_time);
        if hold_time.is_zero() || hold_time > self.rules.hold_time_max {
            let message = format!("a hold of {} ms is not offered", hold_time.as_millis());
            let accepted = format!("1 to {} ms", self.rules.hold_time_max.as_millis());
            return Err(Refusal::invalid(message, accepted).into());
        }
        Ok(self.ledger.now().after(hold_time))
    }

    fn leave_place(
        &mut self,
        slot: Option<Record<Slot>>,
        booking: &Record<Booking>,
    ) -> Result<(), CommandError> {
        let Some(mut slot) = slot else { return Ok(()) };
        if booking.facts.is_sold() {
            slot.facts.unbook();
            self.save(&mut slot)?;
        } else if slot.facts.release(&booking.id) {
            self.save(&mut slot)?;
        }
        Ok(())
    }

    fn is_paid(&mut self, booking: &Record<Booking>) -> Result<bool, CommandError> {
        match &booking.facts.order_id {
            Some(order_id) => Ok(self.peek::<Order>(order_id)?.facts.paid),
            None => Ok(false),
        }
    }

    /// The registration order of a booking that is no more: revoked, its bill void or refunded.
    fn drop_registration(&mut self, booking: &Record<Booking>) -> Result<(), CommandError> {
        let Some(order_id) = &booking.facts.order_id else { return Ok(()) };
        let mut order: Record<Order> = self.require(order_id)?;
        if order.facts.kind != OrderKind::Registration || order.facts.status != OrderStatus::Active {
            return Ok(());
        }
        order.facts.status = OrderStatus::Revoked;
        self.save(&mut order)?;
        if let Some(invoice_id) = &order.facts.invoice_id {
            let mut invoice: Record<Invoice> = self.require(invoice_id)?;
            if invoice.facts.status == InvoiceStatus::Issued {
                invoice.facts.status = InvoiceStatus::Cancelled;
                self.save(&mut invoice)?;
            }
            for payment_id in invoice.facts.payment_ids.clone() {
                let mut payment: Record<Payment> = self.require(&payment_id)?;
                if payment.facts.status == PaymentStatus::Settled {
                    payment.facts.status = PaymentStatus::Refunded;
                    self.save(&mut payment)?;
                }
            }
        }
        Ok(())
    }
}

/// A booking that takes a place has the slot's times: its own may only repeat them.
fn take_times(facts: &mut Booking, slot: &Record<Slot>) -> Result<(), Refusal> {
    let fits = facts.start_at.is_none_or(|at| at == slot.facts.start_at)
        && facts.end_at.is_none_or(|at| at == slot.facts.end_at);
    if !fits {
        let accepted = format!("{} to {}, or no times at all", slot.facts.start_at, slot.facts.end_at);
        return Err(Refusal::invalid("the booking's times are not its slot's", accepted));
    }
    facts.start_at = Some(slot.facts.start_at);
    facts.end_at = Some(slot.facts.end_at);
    Ok(())
}
