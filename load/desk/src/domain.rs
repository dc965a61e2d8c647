//! The desk's rules without any IO: what there is, which states follow which, and when a slot has a place.

mod booking;
mod moment;
mod money;
mod slot;
mod status;
mod things;

pub use booking::{Booking, EXPIRED};
pub use moment::{Moment, parse_date_range};
pub use money::{Money, parse_money};
pub use slot::{Claim, Claims, Hold, Slot};
pub use status::{
    BookingStatus, ChargeStatus, DispenseStatus, EncounterStatus, InvoiceStatus, OrderStatus, PaymentStatus,
    RecordStatus, SlotStatus, Status,
};
pub use things::{
    Charge, Dispense, Encounter, Entity, Invoice, Kind, Link, Order, OrderKind, Patient, Payment,
    Reconciliation, Schedule,
};
