//! The inspection itself: people who come unannounced as patients, see what a patient sees, and fill in a form.
//!
//! The rules ([`rules`]) are those of the Shaoxing document of 2018. A [`plan`] says in which week which hospital is
//! visited. Each visit is a patient of a simulated day, chosen by keyed luck ([`sight`], [`story`]); what that patient
//! met is held against the targets ([`form`]), and what all patients whom the inspectors might have been met gives the
//! chance to pass ([`chance`]). [`change`] looks for the smallest change that makes the weakest item safe, [`look_back`]
//! sends the same inspectors again, [`bulletin`] ranks several hospitals week by week.

pub mod bulletin;
pub mod chance;
pub mod change;
pub mod form;
pub mod look_back;
pub mod plan;
pub mod question;
pub mod rules;
pub mod sight;
pub mod story;
mod study;

pub use study::{HospitalInspection, InspectError, InspectSettings, Inspected, LiveVisit, inspect, survey};

#[cfg(test)]
mod tests;
