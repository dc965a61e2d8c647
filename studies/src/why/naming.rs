//! What a patient is called behind `--patient`: `walk_ins:17`, and a booked one by the booking,
//! `bookings:thoracic_surgery/08:00/6`.

use crate::film::PatientId;
use onetrip_models::hospital::Booking;
use onetrip_models::system::System;
use onetrip_scenarios::quantity::{parse_clock, write_clock};

/// Between the parts of a booking's name.
const SLASH: char = '/';

/// The booking of a patient, where it has a name that [`find_patient`] understands.
pub fn booking(system: &System, patient: PatientId) -> Option<Booking<'_>> {
    let System::Hospital(hospital) = system else { return None };
    let booking = hospital.booking(patient.number).filter(|_| patient.is_booked())?;
    let begins_at = parse_clock(&write_clock(booking.begins_at)).ok()?;
    let number = hospital.number_of_booking(&booking.department.id, begins_at, booking.place);
    (number == Some(patient.number)).then_some(booking)
}

/// The name of a patient, as [`find_patient`] understands it.
pub fn name_of_patient(system: &System, patient: PatientId) -> String {
    let source = system.sources().get(usize::from(patient.source)).map_or("?", |source| *source);
    match booking(system, patient) {
        Some(Booking { department, begins_at, place }) => {
            format!("{source}:{}{SLASH}{}{SLASH}{place}", department.id, write_clock(begins_at))
        }
        None => format!("{source}:{}", patient.number),
    }
}

/// Who is meant by `walk_ins:17`, `bookings:cardiology/08:00/6`, the number of a source and within it as in the table of
/// visits, `0:109051909`, or, where all come from one source, `17`.
pub fn find_patient(system: &System, name: &str) -> Option<PatientId> {
    let sources = system.sources();
    let (source, who) = match name.split_once(':') {
        // The name of a source of a network may hold colons, the number behind it does not.
        Some(_) if matches!(system, System::Network(_)) => name.rsplit_once(':')?,
        Some(parts) => parts,
        None if sources.len() == 1 => (sources[0], name),
        None => return None,
    };
    let (source, who) = (source.trim(), who.trim());
    let by_index = || source.parse().ok().filter(|index| *index < sources.len());
    let index = sources.iter().position(|known| *known == source).or_else(by_index)?;
    let patient = |number| PatientId { source: index as u8, number };
    if let Ok(number) = who.parse() {
        return Some(patient(number));
    }
    let System::Hospital(hospital) = system else { return None };
    let [department, begins_at, place] =
        who.split(SLASH).map(str::trim).collect::<Vec<_>>().try_into().ok()?;
    let number = hospital.number_of_booking(department, parse_clock(begins_at).ok()?, place.parse().ok()?)?;
    Some(patient(number)).filter(|patient| patient.is_booked())
}
