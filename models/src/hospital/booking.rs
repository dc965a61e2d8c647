//! What the number of a booked patient means: a department, the beginning of a segment, and a place in it.

use super::Hospital;
use super::patient::{MOST_PLACES, PatientNumber};
use super::spec::Department;
use onetrip_sim::time::SimTime;

/// A booking of the day.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Booking<'a> {
    /// Where.
    pub department: &'a Department,
    /// The beginning of the segment, or of the session where segments are not booked.
    pub begins_at: SimTime,
    /// Which of the bookings of the segment, from 1.
    pub place: u32,
}

impl Hospital {
    /// The booking that a number within the source of bookings stands for; `None` for a number that stands for none.
    pub fn booking(&self, number: u32) -> Option<Booking<'_>> {
        let (department, segment, place) = PatientNumber::parts_of_booked(number);
        let terms = self.compiled.plan.consultation.departments.get(department)?;
        let department = self.spec().departments.get(department)?;
        Some(Booking { department, begins_at: terms.segments.get(segment)?.from, place: place + 1 })
    }

    /// The number within the source of bookings of the `place`-th booking, from 1, of the segment of a department that
    /// begins then. Of segments that begin together, the first is meant.
    pub fn number_of_booking(&self, department: &str, begins_at: SimTime, place: u32) -> Option<u32> {
        let department = self.spec().departments.iter().position(|known| known.id == department)?;
        let segments = &self.compiled.plan.consultation.departments.get(department)?.segments;
        let segment = segments.iter().position(|segment| segment.from == begins_at)?;
        let place = place.checked_sub(1).filter(|place| *place < MOST_PLACES)?;
        Some(PatientNumber::booked(department, segment, place).index())
    }
}
