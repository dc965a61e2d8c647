//! Examinations: machines, times, and where they are booked.

use super::{MachineFailures, Shift};
use crate::text::Text;
use onetrip_sim::distribution::Distribution;
use onetrip_sim::time::SimSpan;

/// A kind of examination.
#[derive(Clone, Debug, PartialEq)]
pub struct Modality {
    /// Word for it, such as `laboratory`, `ultrasound`, `ct`, `mri`, `gastroscopy`, `colonoscopy`.
    pub id: String,
    /// Shown name.
    pub name: Text,
    /// Machines or places in use when.
    pub shifts: Vec<Shift>,
    /// Time at the machine, in seconds.
    pub service_time: Distribution,
    /// Time to get ready on site before joining the queue, in seconds (dressing, drinking, contrast).
    pub preparation_time: Distribution,
    /// From the end of the examination to the report, in seconds.
    pub report_time: Distribution,
    /// Breakdowns, if any; an interrupted examination is begun again.
    pub failures: Option<MachineFailures>,
    /// It counts in the share of examinations that are booked to a time.
    pub counts_as_timed: bool,
    /// Booking to a time, where this hospital does it; otherwise first come, first served.
    pub timed: Option<TimedBooking>,
    /// Orders that cannot be done on the day of the consultation (fasting, no contrast consent …) and need another
    /// trip, as a share.
    pub other_day_share: f64,
}

/// Places of the day that are given out to a time.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct TimedBooking {
    /// Orders that are booked to a time ÷ all orders of this kind.
    pub share: f64,
    /// Length of a segment.
    pub segment_length: SimSpan,
    /// Places in a segment on the day itself, for each machine on duty; when the rest of the day is full, the
    /// examination needs another trip.
    pub capacity_per_machine: f64,
}

/// Where examinations are booked.
#[derive(Clone, Debug, PartialEq)]
pub struct ExaminationBooking {
    /// For a visit with one examination. Shares are normalised.
    pub single: SingleBooking,
    /// For a visit with several. Shares are normalised.
    pub several: SeveralBooking,
    /// Servers of the booking centre.
    pub centre_shifts: Vec<Shift>,
    /// Time at the booking centre for all examinations of the visit, in seconds.
    pub centre_time: Distribution,
    /// Time at a kiosk, in seconds.
    pub kiosk_time: Distribution,
    /// Extra time in the consulting room, in seconds.
    pub room_time: Distribution,
    /// Servers of the booking desks of the examination rooms, all rooms together.
    pub desk_shifts: Vec<Shift>,
    /// Time at a desk for one examination, in seconds.
    pub desk_time: Distribution,
}

/// Where one examination is booked.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct SingleBooking {
    /// In the consulting room, by the doctor.
    pub in_room_share: f64,
    /// At a kiosk.
    pub kiosk_share: f64,
    /// At the booking centre.
    pub centre_share: f64,
    /// At the desk of the examination room.
    pub desk_share: f64,
}

/// Where several examinations of one visit are booked.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct SeveralBooking {
    /// All in one go in the consulting room.
    pub in_room_share: f64,
    /// All in one go at the booking centre.
    pub centre_share: f64,
    /// Each at the desk of its own room.
    pub desk_share: f64,
}
