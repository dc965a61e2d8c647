//! How long it takes from place to place.

use onetrip_sim::distribution::Distribution;
use onetrip_sim::time::SimSpan;

/// A part of the hospital.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum Place {
    /// The door.
    Entrance = 0,
    /// The hall of registration.
    Registration = 1,
    /// Check-in and the waiting areas of the departments.
    Departments = 2,
    /// The centre where examinations are booked.
    BookingCentre = 3,
    /// Examination rooms and their desks.
    Examinations = 4,
    /// Cashiers and payment machines.
    Settlement = 5,
    /// The pharmacy.
    Pharmacy = 6,
}

impl Place {
    /// How many places there are.
    pub const COUNT: usize = 7;

    /// All places, in the order of their numbers.
    pub const ALL: [Place; Place::COUNT] = [
        Place::Entrance,
        Place::Registration,
        Place::Departments,
        Place::BookingCentre,
        Place::Examinations,
        Place::Settlement,
        Place::Pharmacy,
    ];

    /// Word for it.
    pub fn id(self) -> &'static str {
        match self {
            Place::Entrance => "entrance",
            Place::Registration => "registration",
            Place::Departments => "departments",
            Place::BookingCentre => "booking_centre",
            Place::Examinations => "examinations",
            Place::Settlement => "settlement",
            Place::Pharmacy => "pharmacy",
        }
    }
}

/// Walking inside the hospital.
#[derive(Clone, Debug, PartialEq)]
pub struct Walking {
    /// Mean time between two places, where `between` says nothing else.
    pub default_time: SimSpan,
    /// Mean times between pairs of places, the same in both directions. A pair of a place with itself is the way from
    /// one room to another there.
    pub between: Vec<WalkingTime>,
    /// A patient's own pace: the factor on all walking times of that visit. Its mean should be 1.
    pub pace: Distribution,
}

/// Mean time between two places.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct WalkingTime {
    /// One end.
    pub from: Place,
    /// The other.
    pub to: Place,
    /// Mean walking time.
    pub time: SimSpan,
}
