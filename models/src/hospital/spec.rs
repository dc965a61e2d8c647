//! The complete description of a hospital, as a planner would give it. Plain data; compiled to stations by the model.
//!
//! Laws of durations are in seconds. Times of day are spans since midnight. Shares are from 0 to 1.

mod booking_system;
mod counted;
mod demand;
mod department;
mod examination;
mod pharmacy;
mod registration;
mod settlement;
mod stress;
mod validation;
mod walking;

pub use booking_system::BookingSystem;
pub use counted::Fact;
pub use demand::{BookingChannel, Demand, PatientClass, PatientGroup, ProfilePiece};
pub use department::{AdmittedPatients, ConsultationRules, Department, Lane, SegmentRule, Session};
pub use examination::{ExaminationBooking, Modality, SeveralBooking, SingleBooking, TimedBooking};
pub use pharmacy::{Pharmacy, PreDispensing};
pub use registration::{CheckIn, Kiosks, MachineFailures, Registration, TaskTimes, Windows};
pub use settlement::{ModeShares, Settlement, SettlementPoint, SettlementTimes};
pub(crate) use stress::title_of_way_to_pay;
pub(in crate::hospital) use stress::{IN_ROOM, PHONE};
pub use stress::{StationOutage, Surge};
pub use validation::SpecProblem;
pub use walking::{Place, Walking, WalkingTime};

use crate::text::Text;
use onetrip_sim::time::SimSpan;
use std::collections::BTreeMap;

/// One hospital on one kind of day.
#[derive(Clone, Debug, PartialEq)]
pub struct HospitalSpec {
    /// Name of the scenario, such as `hangzhou-2018-12`.
    pub id: String,
    /// Name of the hospital.
    pub name: Text,
    /// Rank in the health system; policy targets apply by it.
    pub rank: HospitalRank,
    /// Level and kind by the national grading, where it has one.
    pub grade: Option<HospitalGrade>,
    /// Outpatient visits in a year, for figures "per 50,000 visits".
    pub annual_visits: f64,
    /// Who comes, when, and how they booked.
    pub demand: Demand,
    /// Windows and kiosks where a visit is registered.
    pub registration: Registration,
    /// Where patients say that they are here.
    pub check_in: CheckIn,
    /// How patients are called to the consulting rooms, in all departments.
    pub consultation: ConsultationRules,
    /// The outpatient departments.
    pub departments: Vec<Department>,
    /// The kinds of examination, in the order in which a patient with several goes through them; at most 16.
    pub examinations: Vec<Modality>,
    /// Where and how examinations are booked.
    pub examination_booking: ExaminationBooking,
    /// Where money is asked for, and how it is paid.
    pub settlement: Settlement,
    /// The system behind phones and machines, where it has a limit; without one it answers at once.
    pub booking_system: Option<BookingSystem>,
    /// Where medicine is handed out.
    pub pharmacy: Pharmacy,
    /// How long it takes from place to place.
    pub walking: Walking,
    /// What cannot serve for part of the day.
    pub outages: Vec<StationOutage>,
    /// What an inspector would count: facts by measure id that do not follow from the rest of the description. A list
    /// under `x.kinds` also answers `x.count`.
    pub facts: BTreeMap<String, Fact>,
}

/// Rank of a hospital in the health system.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HospitalRank {
    /// A general or special hospital of the city.
    Municipal,
    /// A hospital of a county or district.
    County,
    /// A health centre of a township or a community.
    Township,
    /// A hospital for mothers and children.
    MaternalChild,
}

/// Grade of a hospital by the national scheme.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HospitalGrade {
    /// Third grade, general.
    TertiaryGeneral,
    /// Third grade, special.
    TertiarySpecial,
    /// Second grade, general.
    SecondaryGeneral,
    /// Second grade, special.
    SecondarySpecial,
}

/// Servers on duty for part of the day. Overlapping shifts add up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Shift {
    /// Time of day at which they begin.
    pub from: SimSpan,
    /// Time of day at which they go off duty.
    pub to: SimSpan,
    /// How many.
    pub count: u32,
}

impl Shift {
    /// `count` servers from `from` to `to`, in hours of the day (8.5 is half past eight).
    pub fn hours(from: f64, to: f64, count: u32) -> Self {
        Shift { from: SimSpan::from_seconds(from * 3600.0), to: SimSpan::from_seconds(to * 3600.0), count }
    }
}
