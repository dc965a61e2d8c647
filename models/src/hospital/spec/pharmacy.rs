//! Where medicine is handed out.

use super::Shift;
use onetrip_sim::distribution::Distribution;

/// The outpatient pharmacy.
#[derive(Clone, Debug, PartialEq)]
pub struct Pharmacy {
    /// Windows open when.
    pub windows: Vec<Shift>,
    /// Time to hand medicine over and explain it, in seconds.
    pub hand_over_time: Distribution,
    /// Time to pick what was not prepared, in seconds; the window is busy with it.
    pub picking_time: Distribution,
    /// Preparing ahead of the patient's coming, where this hospital does it.
    pub pre_dispensing: Option<PreDispensing>,
}

/// Medicine is made ready while the patient is on the way.
#[derive(Clone, Debug, PartialEq)]
pub struct PreDispensing {
    /// Prescriptions prepared so ÷ all prescriptions.
    pub share: f64,
    /// From the last step before the pharmacy (the consultation, or the payment where one is asked for) to medicine on
    /// the shelf, in seconds.
    pub preparation_time: Distribution,
}
