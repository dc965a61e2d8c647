//! What the desk's own face reads.

use std::time::Duration;

use serde::Deserialize;

use crate::counter::{Body, Counter, NewBooking, NewOrder, NewPayment};
use crate::domain::{Booking, BookingStatus, Claims, Money, Order, OrderKind};
use crate::ledger::CommandError;
use crate::refusal::Refusal;

fn yuan() -> String {
    "CNY".to_owned()
}

fn by_request() -> String {
    "cancelled".to_owned()
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NoFields {}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PatientRequest {
    pub(super) name: String,
    #[serde(default)]
    pub(super) identifier: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LockRequest {
    pub(super) patient_id: String,
    #[serde(default)]
    pub(super) hold_time_ms: Option<u64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct UnlockRequest {
    pub(super) booking_id: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CancelRequest {
    #[serde(default = "by_request")]
    pub(super) reason: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DispenseRequest {
    pub(super) order_id: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OrderRequest {
    kind: OrderKind,
    booking_id: String,
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    amount_cents: Option<i64>,
    #[serde(default = "yuan")]
    currency: String,
}

impl OrderRequest {
    pub(super) fn into_order(self) -> NewOrder {
        NewOrder {
            kind: self.kind,
            booking_id: self.booking_id,
            code: self.code.unwrap_or_else(|| self.kind.code().to_owned()),
            amount_cents: self.amount_cents,
            currency: self.currency,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PaymentRequest {
    #[serde(default)]
    invoice_id: Option<String>,
    #[serde(default)]
    order_id: Option<String>,
    amount_cents: i64,
    #[serde(default = "yuan")]
    currency: String,
    #[serde(default)]
    transaction_id: Option<String>,
}

impl PaymentRequest {
    pub(super) fn check(&self) -> Result<(), Refusal> {
        if self.invoice_id.is_some() == self.order_id.is_some() {
            let message = "a payment is for one invoice or for one order";
            return Err(Refusal::invalid(message, "either invoice_id or order_id"));
        }
        Ok(())
    }

    pub(super) fn invoice_id(&self, counter: &mut Counter<'_>) -> Result<String, CommandError> {
        if let Some(invoice_id) = &self.invoice_id {
            return Ok(invoice_id.clone());
        }
        let order_id = self.order_id.as_deref().unwrap_or_default();
        counter.expect_known(crate::domain::Kind::Order, order_id)?;
        counter.peek::<Order>(order_id)?.facts.invoice_id.ok_or_else(|| {
            let message = format!("order `{order_id}` has no invoice");
            Refusal::invalid(message, "an order made with POST /api/orders, or an invoice_id").into()
        })
    }

    pub(super) fn payment(&self, invoice_id: String) -> NewPayment {
        NewPayment {
            invoice_id,
            amount: Money { cents: self.amount_cents, currency: self.currency.clone() },
            transaction_id: self.transaction_id.clone(),
            identifiers: Vec::new(),
            body: Body::new(),
            id: None,
        }
    }
}

/// A lock: a pending booking that holds its place.
pub(super) fn new_booking(slot_id: &str, patient_id: &str, hold_time: Option<Duration>) -> NewBooking {
    NewBooking {
        facts: Booking {
            status: BookingStatus::Pending,
            slot_id: Some(slot_id.to_owned()),
            patient_id: Some(patient_id.to_owned()),
            start_at: None,
            end_at: None,
            expires_at: None,
            order_id: None,
            encounter_id: None,
            reason: None,
            identifiers: Vec::new(),
        },
        body: Body::new(),
        id: None,
        claims: Claims::Respected,
        hold_time,
    }
}
