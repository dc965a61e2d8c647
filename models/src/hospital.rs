//! A hospital: one day of outpatient care, patient by patient.

pub mod spec;
