//! Who comes, when, and how they booked.

use super::Surge;
use crate::text::Text;
use onetrip_sim::distribution::Distribution;
use onetrip_sim::time::SimSpan;

/// The visits of a day.
#[derive(Clone, Debug, PartialEq)]
pub struct Demand {
    /// Visits on a mean day: booked patients who come, and walk-ins.
    pub visits_per_day: f64,
    /// Coefficient of variation of the day factor, by which both bookings and walk-ins of a day are multiplied; 0 for
    /// days that differ by chance alone.
    pub day_factor_cv: f64,
    /// When walk-ins come, and which time of day those who book ask for: shares of a day by stretches of time. The
    /// shares are normalised.
    pub profile: Vec<ProfilePiece>,
    /// An hour of the clock is a peak hour when at least this share of the profile falls into it.
    pub peak_hour_share: f64,
    /// Booked patients who come ÷ all visits.
    pub booked_share: f64,
    /// Booked patients who do not come ÷ booked patients.
    pub no_show_share: f64,
    /// Arrival at the hospital minus the beginning of the booked segment, in seconds; negative when early.
    pub punctuality: Distribution,
    /// Ways to book. Their shares are of bookings and are normalised.
    pub booking_channels: Vec<BookingChannel>,
    /// Classes of patient. Their shares are of visits and are normalised among those a department admits.
    pub classes: Vec<PatientClass>,
    /// Departments that more people come to than usual.
    pub surges: Vec<Surge>,
}

impl Demand {
    /// The hours of the clock that have at least [`Demand::peak_hour_share`] of the profile.
    pub fn peak_hours(&self) -> Vec<usize> {
        let total: f64 = self.profile.iter().map(|piece| piece.weight).sum();
        let share_of_hour = |hour: u64| {
            let (from, to) = (60 * hour, 60 * (hour + 1));
            let (from, to) = (SimSpan::from_whole_minutes(from), SimSpan::from_whole_minutes(to));
            let within = |piece: &ProfilePiece| {
                let overlap = piece.to.min(to).saturating_sub(piece.from.max(from));
                piece.weight * overlap.as_seconds() / piece.to.saturating_sub(piece.from).as_seconds()
            };
            self.profile.iter().map(within).sum::<f64>() / total
        };
        // A share that is stated is reached also when rounding takes the last bit away.
        let is_peak = |&hour: &usize| share_of_hour(hour as u64) >= self.peak_hour_share - 1e-12;
        (0..24).filter(is_peak).collect()
    }
}

/// Part of a day, with the share of it that falls there evenly.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct ProfilePiece {
    /// Time of day at which it begins.
    pub from: SimSpan,
    /// Time of day at which it ends.
    pub to: SimSpan,
    /// Weight, in any unit.
    pub weight: f64,
}

/// One way to book.
#[derive(Clone, Debug, PartialEq)]
pub struct BookingChannel {
    /// Word for it, such as `mobile`, `website`, `phone`, `kiosk`, `consulting_room`.
    pub id: String,
    /// Weight among bookings.
    pub share: f64,
    /// The booking carries a number in hand, so that its holder goes straight to check-in; otherwise the number is
    /// collected at registration.
    pub gives_number_in_hand: bool,
}

/// What kind of people a class is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum PatientGroup {
    /// Nobody in particular.
    Ordinary,
    /// Old people.
    Elderly,
    /// People with a disability.
    Disabled,
    /// Soldiers and veterans.
    Military,
    /// Families of the fallen.
    BereavedFamily,
    /// Children.
    Child,
    /// Patients who bring the results of examinations made on an earlier day.
    ReturningWithResults,
}

/// A class of patient; figures are kept by class.
#[derive(Clone, Debug, PartialEq)]
pub struct PatientClass {
    /// Word for it, also used in tables.
    pub id: String,
    /// Shown name.
    pub name: Text,
    /// What kind of people they are.
    pub group: PatientGroup,
    /// Weight among visits.
    pub share: f64,
    /// May use the priority windows.
    pub uses_priority_windows: bool,
    /// Goes before others of the same lane at the consulting rooms.
    pub goes_first_at_consultation: bool,
    /// Share of this class who come with someone or otherwise use kiosks as everyone does; the rest only use windows.
    pub kiosk_able_share: f64,
    /// Walking time relative to that of other people.
    pub walking_factor: f64,
}
