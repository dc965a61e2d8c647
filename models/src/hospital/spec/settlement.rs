//! Where money is asked for, and how it is paid.

use super::Shift;
use onetrip_sim::distribution::Distribution;

/// Settlement of outpatients.
#[derive(Clone, Debug, PartialEq)]
pub struct Settlement {
    /// Visits that are charged for nothing during the visit and settled once afterwards by phone (pay after care), as
    /// a share of visits.
    pub after_care_share: f64,
    /// The fee of registration is paid while registering or with the phone: one payment, no further queue. Absent
    /// where no fee is asked for then.
    pub registration_fee: bool,
    /// After the consultation, for whatever was ordered; absent where this hospital does not ask for money then.
    pub after_consultation: Option<SettlementPoint>,
    /// Before examinations; absent where it does not ask then.
    pub before_examination: Option<SettlementPoint>,
    /// Examinations of one visit are paid together before the first of them, rather than each on its own.
    pub pays_examinations_together: bool,
    /// Before medicine is handed out; absent where it does not ask then.
    pub before_pharmacy: Option<SettlementPoint>,
    /// Bills are paid at the windows of registration; `windows` is not used then.
    pub shares_registration_windows: bool,
    /// Cashiers' windows of their own.
    pub windows: Vec<Shift>,
    /// Bills are paid at the kiosks of registration; `kiosks` is not used then.
    pub shares_registration_kiosks: bool,
    /// Machines for payment alone.
    pub kiosks: Vec<Shift>,
    /// How long paying takes.
    pub times: SettlementTimes,
    /// Settlements with an electronic receipt ÷ all settlements.
    pub electronic_receipt_share: f64,
    /// Payment instruments accepted, as words.
    pub instruments: Vec<String>,
    /// Third-party payment platforms accepted, as words.
    pub third_party_platforms: Vec<String>,
    /// Identity documents that payment accepts, as words.
    pub identity_documents: Vec<String>,
    /// Ways for inpatients to settle, windows not counted, as words.
    pub ward_modes: Vec<String>,
}

/// A point of the visit at which money is asked for.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct SettlementPoint {
    /// How it is paid there.
    pub modes: ModeShares,
}

/// Shares of the modes of payment; they are normalised.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct ModeShares {
    /// In the consulting room; only after the consultation.
    pub in_room: f64,
    /// At a kiosk.
    pub kiosk: f64,
    /// By phone.
    pub phone: f64,
    /// At a window.
    pub window: f64,
}

/// How long paying takes, in seconds.
#[derive(Clone, Debug, PartialEq)]
pub struct SettlementTimes {
    /// In the consulting room, where it lengthens the consultation.
    pub in_room: Distribution,
    /// At a kiosk.
    pub kiosk: Distribution,
    /// By phone.
    pub phone: Distribution,
    /// At a window.
    pub window: Distribution,
}
