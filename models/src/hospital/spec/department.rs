//! Outpatient departments: doctors, sessions, segments, and who is called next.

use super::PatientGroup;
use crate::text::Text;
use onetrip_sim::distribution::Distribution;
use onetrip_sim::station::{WaitingAtClosing, WorkInHand};
use onetrip_sim::time::SimSpan;

/// A lane of those who wait for a consultation.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum Lane {
    /// Booked patients, in the order of their segments.
    Booked = 0,
    /// Walk-ins, and booked patients who came too late.
    WalkIn = 1,
    /// Patients who return with results.
    Returning = 2,
}

/// Rules of calling that hold in all departments.
#[derive(Clone, Debug, PartialEq)]
pub struct ConsultationRules {
    /// Who is called in turn: lanes by a repeating pattern, such as booked, booked, walk-in, returning. A lane with
    /// nobody is passed over.
    pub pattern: Vec<Lane>,
    /// A booked patient who checks in later than this after the end of the segment loses the place and waits with
    /// the walk-ins.
    pub late_after: SimSpan,
    /// What becomes of those who wait when a session ends.
    pub waiting_at_session_end: WaitingAtClosing,
    /// What becomes of a consultation under way when a session ends.
    pub work_in_hand: WorkInHand,
    /// After how long someone who waits for a first consultation leaves; nobody does when absent. In seconds.
    pub patience: Option<Distribution>,
}

/// Who is treated in a department.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AdmittedPatients {
    /// Everyone.
    Everyone,
    /// Only the classes of children.
    Children,
    /// Everyone but children.
    Adults,
}

impl AdmittedPatients {
    /// Whether a group is treated here.
    pub fn admits(self, group: PatientGroup) -> bool {
        match self {
            AdmittedPatients::Everyone => true,
            AdmittedPatients::Children => group == PatientGroup::Child,
            AdmittedPatients::Adults => group != PatientGroup::Child,
        }
    }
}

/// An outpatient department.
#[derive(Clone, Debug, PartialEq)]
pub struct Department {
    /// Word for it, part of station names and measure ids.
    pub id: String,
    /// Shown name.
    pub name: Text,
    /// Whom it treats.
    pub admits: AdmittedPatients,
    /// Weight among visits.
    pub share: f64,
    /// Sessions of the day, in order and apart.
    pub sessions: Vec<Session>,
    /// How bookings are spread over a session; a department without it books to the session as a whole.
    pub segments: Option<SegmentRule>,
    /// Time of a first consultation, in seconds.
    pub first_time: Distribution,
    /// Time of the consultation of someone who returns with results, in seconds.
    pub return_time: Distribution,
    /// Chance of each examination at a first consultation, by the id of the modality; absent ones are 0.
    pub examination_shares: Vec<(String, f64)>,
    /// Of those sent to examinations: who come back to the doctor with the results on the same day, as a share. The
    /// rest leave with their results.
    pub returns_with_results_share: f64,
    /// Patients who get medicine ÷ patients whose consultations are over.
    pub medicine_share: f64,
}

/// A session of a department: all its doctors of that half-day, who share one queue.
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    /// Time of day at which doctors begin.
    pub from: SimSpan,
    /// Time of day at which they stop calling.
    pub to: SimSpan,
    /// How many.
    pub doctor_count: u32,
    /// By how much the doctors begin late.
    pub late_start: SimSpan,
    /// Most walk-ins who get a number for this session; no limit when absent.
    pub walk_in_limit: Option<u32>,
}

/// Bookings by segment of time.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct SegmentRule {
    /// Length of a segment.
    pub length: SimSpan,
    /// Most bookings in one segment for each doctor of the session.
    pub capacity_per_doctor: f64,
}
