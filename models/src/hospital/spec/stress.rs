//! What goes wrong on a day: places that cannot serve for a while, and departments that more people come to.

use super::{HospitalSpec, Shift};
use crate::text::Text;
use onetrip_sim::station::WorkInHand;
use onetrip_sim::time::SimSpan;

/// A station, or a way to pay, that cannot serve for part of the day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StationOutage {
    /// Which: one of [`HospitalSpec::places_of_outage`].
    pub place: String,
    /// Time of day at which it begins.
    pub from: SimSpan,
    /// Time of day at which it is over.
    pub to: SimSpan,
    /// How many of those on duty cannot serve; all when absent.
    pub server_count: Option<u32>,
    /// What becomes of services under way when it begins.
    pub work_in_hand: WorkInHand,
}

/// More visits of a department than usual: walk-ins on top of those who come anyway.
#[derive(Clone, Debug, PartialEq)]
pub struct Surge {
    /// The department, by its id.
    pub department: String,
    /// Visits ÷ usual visits of the department; at least 1.
    pub factor: f64,
}

/// Paying in the consulting room, as an outage names it.
pub(in crate::hospital) const IN_ROOM: &str = "settlement.in_room";
/// Paying by phone, as an outage names it.
pub(in crate::hospital) const PHONE: &str = "settlement.phone";

/// What people call a way to pay that needs no station.
pub(crate) fn title_of_way_to_pay(place: &str) -> Option<Text> {
    match place {
        IN_ROOM => Some(Text::new("paying in the consulting room", "诊间结算")),
        PHONE => Some(Text::new("paying by phone", "手机支付")),
        _ => None,
    }
}

impl HospitalSpec {
    /// What can be out: the stations that anybody serves at, by the names their measures begin with, and the ways to
    /// pay that need no station.
    pub fn places_of_outage(&self) -> Vec<String> {
        let mut places = Vec::new();
        let mut add = |name: &str, shifts: &[Shift]| {
            if shifts.iter().any(|shift| shift.count > 0) {
                places.push(name.to_owned());
            }
        };
        let (registration, settlement) = (&self.registration, &self.settlement);
        add("registration.windows", &registration.windows.shifts);
        add("registration.priority_windows", &registration.priority_windows.shifts);
        add("registration.kiosks", &registration.kiosks.shifts);
        add("registration.help", &registration.kiosks.help_shifts);
        add("check_in.kiosks", &self.check_in.kiosk_shifts);
        add("check_in.desks", &self.check_in.desk_shifts);
        if !settlement.shares_registration_windows {
            add("settlement.windows", &settlement.windows);
        }
        if !settlement.shares_registration_kiosks {
            add("settlement.kiosks", &settlement.kiosks);
        }
        add("examination_booking.centre", &self.examination_booking.centre_shifts);
        add("examination_booking.desks", &self.examination_booking.desk_shifts);
        add("pharmacy.windows", &self.pharmacy.windows);
        for modality in &self.examinations {
            add(&format!("examination.{}", modality.id), &modality.shifts);
        }
        let held = |department: &&super::Department| {
            department.sessions.iter().any(|session| session.doctor_count > 0)
        };
        places.extend(self.departments.iter().filter(held).map(|one| format!("consultation.{}", one.id)));
        places.extend([IN_ROOM, PHONE].map(str::to_owned));
        places
    }

    /// Whether people serve themselves at a place, so that who waits there looks elsewhere when it goes dark.
    pub(in crate::hospital) fn is_self_service(place: &str) -> bool {
        place.ends_with(".kiosks")
    }
}
