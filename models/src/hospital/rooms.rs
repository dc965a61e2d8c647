//! The rooms of the hospital: each owns its stations, its terms, what it does with a patient, what it counts, and what
//! can be measured there.

pub(super) mod booking_system;
pub(super) mod check_in;
pub(super) mod consultation;
pub(super) mod entrance;
pub(super) mod examination;
pub(super) mod pharmacy;
pub(super) mod registration;
pub(super) mod settlement;
pub(super) mod walking;
