//! A small real booking and payment server to try load tests on: SQLite or PostgreSQL underneath, its own JSON
//! face and FHIR R4 above, and a list of known mistakes that can be switched on.
//!
//! What it guarantees, without faults, also under `kill -9`:
//! * a slot never has more held and sold places than its capacity, whatever the way of booking;
//! * an answered write is on disk, and a write has happened either whole or not at all;
//! * an idempotency key acts once: the same request again gets the same answer, another request is refused;
//! * an invoice is settled at most once, and paying a registration books its place in the same transaction;
//! * every change of state is one of the legal moves of [`domain`].
//!
//! Naive FHIR clients (read a slot, see it free, write it busy, post the appointment) are served as they ask:
//! the slot's state is theirs to write while it has no appointment. What the desk refuses, with 409, is the
//! appointment beyond capacity.
//!
//! # The desk's own face
//! Times are RFC 3339 in UTC, money is whole hundredths. Every POST may carry `Idempotency-Key`; a refusal is
//! remembered under its key like a success.
//!
//! | request | body | answer |
//! | --- | --- | --- |
//! | `POST /api/admin/seed` | `departments`, `first_day`, `day_count`, `sessions: [{from, to}]`, `segment_minutes`, `capacity`, `price_cents`, `utc_offset_minutes`, `patient_count`, all optional | 201 what was made; 409 when not empty |
//! | `GET /api/admin/state` | | counts by state, places, a hash of the contents |
//! | `GET /api/{collection}?after=&limit=&field=value` | | `items`, `next_after` |
//! | `GET /api/{collection}/{id}` | | the thing; collections are patients, schedules, slots, bookings, encounters, orders, charges, invoices, payments, dispenses |
//! | `POST /api/patients` | `name`, `identifier?` | 201; 200 the known holder of the identifier |
//! | `POST /api/slots/{id}/lock` | `patient_id`, `hold_time_ms?` | 201 a pending booking with `expires_at`; 409 `sold-out` |
//! | `POST /api/slots/{id}/unlock` | `booking_id` | 200; 410 expired |
//! | `POST /api/orders` | `kind` (registration, exam, medication), `booking_id`, `code?`, `amount_cents?`, `currency?` | 201 the order with its `invoice` |
//! | `POST /api/payments` | `order_id` or `invoice_id`, `amount_cents`, `currency?`, `transaction_id?` | 201 settled, and a registration booked; 200 the same transaction again; 409 `already-paid`; 410 the hold had expired, nothing settled |
//! | `POST /api/bookings/{id}/confirm` | | 200 booked; 409 `unpaid` when the slot costs; 410 expired |
//! | `POST /api/bookings/{id}/cancel` | `reason?` | 200; a paid registration is refunded |
//! | `POST /api/bookings/{id}/check-in`, `/no-show` | | 200, with the `encounter` begun |
//! | `POST /api/encounters/{id}/start`, `/finish` | | 200; finishing fulfils the booking |
//! | `POST /api/orders/{id}/perform`, `/cancel` | | 200 a paid exam is done, an unpaid order taken back |
//! | `POST /api/dispenses` | `order_id` | 201; 409 `unpaid` |
//! | `GET /healthz`, `/metrics` | | alive; Prometheus text |
//!
//! Refusals are `{"error": {"code", "message", "accepted"}}`, on the FHIR face an OperationOutcome.
//!
//! # The FHIR R4 face
//! `/fhir/metadata` lists it. What other servers leave open: If-None-Exist and transactions are atomic and
//! honour `ifMatch`; `$hold` and `$book` on Appointment take a hold with an expiry
//! (`urn:onetrip:hold-expires-at`); an Appointment created `pending` is a hold too; booking does not wait for
//! money, which is billed later; an order is paid when every ChargeItem that names it (`supportingInformation`)
//! is on a balanced Invoice, and a dispense waits for that; a PaymentNotice with an identifier seen before is
//! the same payment. Capacity above 1 is the extension `urn:onetrip:capacity`.

mod clock;
mod counter;
pub mod domain;
mod faces;
mod fault;
mod ledger;
mod metrics;
mod office;
mod options;
mod refusal;
mod server;
mod store;

pub use fault::{FAULTS, Fault, FaultError, FaultGuide};
pub use ledger::StoreError;
pub use options::{Database, DatabaseError, Options};
pub use refusal::Refusal;
pub use server::{Desk, DeskError, RunningDesk};
