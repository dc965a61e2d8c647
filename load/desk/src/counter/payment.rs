//! Settling an invoice exactly once, and booking the place it pays for in the same transaction.

use super::{Body, Counter};
use crate::domain::{
    Booking, BookingStatus, Charge, Claims, Invoice, InvoiceStatus, Kind, Money, Order, OrderKind, Payment,
    PaymentStatus, Status,
};
use crate::ledger::{CommandError, Record};
use crate::refusal::Refusal;

/// Money that arrived.
#[derive(Debug, Clone)]
pub(crate) struct NewPayment {
    pub(crate) invoice_id: String,
    pub(crate) amount: Money,
    pub(crate) transaction_id: Option<String>,
    pub(crate) identifiers: Vec<String>,
    pub(crate) body: Body,
    pub(crate) id: Option<String>,
}

impl Counter<'_> {
    /// Settles an invoice. The payment and whether it is new: the same transaction id again answers the first
    /// payment. A payment for an expired hold is refused with 410 and nothing is settled: the provider must
    /// send the money back.
    pub(crate) fn settle(&mut self, new: NewPayment) -> Result<(Record<Payment>, bool), CommandError> {
        if let Some(transaction_id) = new.transaction_id.as_ref().filter(|_| self.rules.keys_kept) {
            self.ledger.reserve(&format!("transaction {transaction_id}"))?;
            if let Some(row) =
                self.ledger.find(Kind::Payment, ("transaction", transaction_id), 0, 1)?.into_iter().next()
            {
                return same_payment(Record::from_row(row)?, &new).map_err(Into::into);
            }
        }
        self.expect_known(Kind::Invoice, &new.invoice_id)?;
        let mut order_ids = Vec::new();
        let mut booking_id = None;
        for charge_id in self.peek::<Invoice>(&new.invoice_id)?.facts.charge_ids {
            let Some(order_id) = self.peek::<Charge>(&charge_id)?.facts.order_id else { continue };
            let order = self.peek::<Order>(&order_id)?.facts;
            if order.kind == OrderKind::Registration {
                booking_id = order.booking_id;
            }
            order_ids.push(order_id);
        }
        order_ids.sort();
        order_ids.dedup();
        if let Some(booking_id) = &booking_id {
            self.expect_place(booking_id)?;
        }
        let mut orders = Vec::new();
        for order_id in order_ids {
            orders.push(self.require::<Order>(&order_id)?);
        }
        let mut invoice: Record<Invoice> = self.require(&new.invoice_id)?;
        self.expect_payable(&invoice, &new.amount)?;
        let payment = Payment {
            status: PaymentStatus::Settled,
            invoice_id: new.invoice_id.clone(),
            amount_cents: new.amount.cents,
            currency: new.amount.currency,
            transaction_id: new.transaction_id,
            paid_at: self.ledger.now(),
            identifiers: new.identifiers,
        };
        let payment = self.insert(payment, new.body, new.id)?;
        invoice.facts.status = InvoiceStatus::Balanced;
        invoice.facts.paid_cents += payment.facts.amount_cents;
        invoice.facts.payment_ids.push(payment.id.clone());
        self.save(&mut invoice)?;
        for order in &mut orders {
            order.facts.paid = self.all_charges_settled(&order.facts)?;
            self.save(order)?;
        }
        if let Some(booking_id) = booking_id {
            let status = self.peek::<Booking>(&booking_id)?.facts.status;
            if matches!(status, BookingStatus::Pending | BookingStatus::Cancelled) {
                self.book(&booking_id, Claims::Respected, super::Fee::Later)?;
            }
        }
        Ok((payment, true))
    }

    /// The place a registration pays for must still be there.
    fn expect_place(&mut self, booking_id: &str) -> Result<(), CommandError> {
        let (_, booking) = self.load_booking(booking_id)?;
        if booking.facts.has_expired() && self.rules.expiry_final {
            return Err(Refusal::expired(booking_id).into());
        }
        let cancelled =
            matches!(booking.facts.status, BookingStatus::Cancelled | BookingStatus::EnteredInError);
        if cancelled && !booking.facts.has_expired() {
            let message = format!("booking `{booking_id}` is `{}`", booking.facts.status.code());
            return Err(Refusal::conflict("booking-over", message, "a payment for a living booking").into());
        }
        Ok(())
    }

    fn expect_payable(&self, invoice: &Record<Invoice>, amount: &Money) -> Result<(), Refusal> {
        let facts = &invoice.facts;
        match facts.status {
            InvoiceStatus::Issued => {}
            InvoiceStatus::Balanced if !self.rules.settled_once => {}
            InvoiceStatus::Cancelled if !self.rules.expiry_final => {}
            InvoiceStatus::Balanced => {
                let message =
                    format!("invoice `{}` is already paid by {}", invoice.id, facts.payment_ids.join(", "));
                return Err(Refusal::conflict("already-paid", message, "an invoice that is `issued`"));
            }
            InvoiceStatus::Draft | InvoiceStatus::Cancelled => {
                let message = format!("invoice `{}` is `{}`", invoice.id, facts.status.code());
                return Err(Refusal::conflict("not-payable", message, "an invoice that is `issued`"));
            }
        }
        if amount.cents != facts.total_cents || amount.currency != facts.currency {
            let message =
                format!("{} {} does not settle invoice `{}`", amount.cents, amount.currency, invoice.id);
            let accepted = format!("exactly {} hundredths of {}", facts.total_cents, facts.currency);
            return Err(Refusal::invalid(message, accepted));
        }
        Ok(())
    }

    fn all_charges_settled(&mut self, order: &Order) -> Result<bool, CommandError> {
        for charge_id in &order.charge_ids {
            let charge = self.peek::<Charge>(charge_id)?;
            let Some(invoice_id) = charge.facts.invoice_id else { return Ok(false) };
            if self.peek::<Invoice>(&invoice_id)?.facts.status != InvoiceStatus::Balanced {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

fn same_payment(known: Record<Payment>, new: &NewPayment) -> Result<(Record<Payment>, bool), Refusal> {
    let same = known.facts.invoice_id == new.invoice_id
        && known.facts.amount_cents == new.amount.cents
        && known.facts.currency == new.amount.currency;
    if same {
        return Ok((known, false));
    }
    let transaction_id = new.transaction_id.as_deref().unwrap_or("");
    let message = format!(
        "transaction `{transaction_id}` already paid {} hundredths for invoice `{}`",
        known.facts.amount_cents, known.facts.invoice_id
    );
    Err(Refusal::conflict("transaction-reused", message, "a new transaction id for a new payment"))
}
