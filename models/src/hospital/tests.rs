//! Tests of the hospital.

mod account;
mod cases;
mod demand;
mod journeys;
mod rooms;
mod validation;
