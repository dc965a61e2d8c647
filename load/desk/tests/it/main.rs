//! The desk seen from outside: every way of booking, money, time, faults, crashes.

/// Many operations at full speed.
mod bulk;
/// `kill -9` in mid-load.
mod crash;
/// Holds that run out, and payments that come too late.
mod expiry;
/// Each fault does its harm, and without it there is none.
mod faults;
/// FHIR transactions, versions, searches, moves.
mod fhir;
/// A desk in this process, and talking to it.
mod ground;
/// The desk's own face from the lock to the dispense, and its refusals.
mod journey;
/// Idempotency keys, payments, bills.
mod money;
/// The same on PostgreSQL, where there is one.
mod postgres;
/// 36 bookers for 6 places, by every way of booking.
mod races;
