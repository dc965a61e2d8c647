//! What can be turned: a number of the scenario, or how many serve according to a shift table.

use onetrip_models::hospital::spec::{HospitalSpec, Shift};
use onetrip_scenarios::quantity::write_clock;
use onetrip_sim::time::{SimSpan, SimTime};
use std::ops::RangeInclusive;

/// A number to be found.
#[derive(Clone, PartialEq, Debug)]
pub struct Knob {
    /// As it was written, `registration.kiosks.count`.
    pub path: String,
    /// The numbers tried.
    pub between: RangeInclusive<u32>,
    /// What it turns.
    pub turns: Turns,
}

/// What a knob turns.
#[derive(Clone, PartialEq, Debug)]
pub enum Turns {
    /// The value at the path itself.
    Value,
    /// A shift table: the number is the most on duty at a time, and the other shifts keep their proportion to it.
    Shifts(ShiftTable),
}

/// A shift table of a hospital.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ShiftTable {
    /// Where the table stands in the file, `registration.kiosks.shifts`.
    pub key: String,
    /// The station that works by it, as its measures name it.
    pub station: String,
    /// The shifts there are.
    pub shifts: Vec<Shift>,
}

impl Knob {
    /// The knob that a path means. In a hospital, `registration.kiosks.count` means all shifts of the kiosks together.
    pub fn new(path: &str, between: RangeInclusive<u32>, hospital: Option<&HospitalSpec>) -> Knob {
        let table = hospital.and_then(|hospital| ShiftTable::at(path, hospital));
        let turns = table.map_or(Turns::Value, Turns::Shifts);
        Knob { path: path.to_owned(), between, turns }
    }

    /// The assignments (`PATH=VALUE`) that set the scenario to this number.
    pub fn assignments(&self, number: u32) -> Vec<String> {
        match &self.turns {
            Turns::Value => vec![format!("{}={number}", self.path)],
            Turns::Shifts(table) => vec![table.assignment(&table.scaled(number))],
        }
    }

    /// The station whose servers the knob counts, by the name its measures begin with.
    pub fn station(&self) -> &str {
        match &self.turns {
            Turns::Shifts(table) => &table.station,
            Turns::Value => {
                let path = self.path.strip_prefix("station.").unwrap_or(&self.path);
                path.strip_suffix(".servers").unwrap_or(path)
            }
        }
    }
}

impl ShiftTable {
    /// The shift table that a path means: the key of the table, or the name of its station, with or without `.count`.
    pub fn at(path: &str, hospital: &HospitalSpec) -> Option<ShiftTable> {
        let station = path.strip_suffix(".count").unwrap_or(path);
        tables(hospital).into_iter().find(|table| table.key == path || table.station == station)
    }

    /// The names that [`ShiftTable::at`] knows in this hospital, with `.count`.
    pub fn names(hospital: &HospitalSpec) -> Vec<String> {
        tables(hospital).into_iter().map(|table| format!("{}.count", table.station)).collect()
    }

    /// The assignment as the file has it: `registration.kiosks.count=40` sets the shifts of the kiosks, all else is left
    /// as it is.
    pub fn expanded(assignment: &str, hospital: &HospitalSpec) -> String {
        let expanded = assignment.split_once('=').and_then(|(path, value)| {
            let stem = path.trim().strip_suffix(".count")?;
            let table = tables(hospital).into_iter().find(|table| table.station == stem)?;
            Some(table.assignment(&table.scaled(value.trim().parse().ok()?)))
        });
        expanded.unwrap_or_else(|| assignment.to_owned())
    }

    /// The most on duty at a time.
    pub fn most(&self) -> u32 {
        most_on_duty(&self.shifts)
    }

    /// The shifts with `number` as the most on duty at a time; the others in proportion, rounded up.
    pub fn scaled(&self, number: u32) -> Vec<Shift> {
        let most = u64::from(self.most().max(1));
        let scale = |count: u32| (u64::from(count) * u64::from(number)).div_ceil(most) as u32;
        self.shifts.iter().map(|shift| Shift { count: scale(shift.count), ..*shift }).collect()
    }

    /// The assignment that puts these shifts into the file.
    pub fn assignment(&self, shifts: &[Shift]) -> String {
        let clock = |span: SimSpan| write_clock(SimTime::ZERO + span);
        let parts: Vec<String> = shifts
            .iter()
            .map(|shift| format!("\"{}-{}\" = {}", clock(shift.from), clock(shift.to), shift.count))
            .collect();
        format!("{}={{ {} }}", self.key, parts.join(", "))
    }
}

/// The most servers that are on duty together at any time of the day.
pub(super) fn most_on_duty(shifts: &[Shift]) -> u32 {
    let on_duty = |at: SimSpan| {
        shifts.iter().filter(|shift| shift.from <= at && at < shift.to).map(|shift| shift.count).sum::<u32>()
    };
    shifts.iter().map(|shift| on_duty(shift.from)).max().unwrap_or(0)
}

fn tables(hospital: &HospitalSpec) -> Vec<ShiftTable> {
    let HospitalSpec { registration, check_in, settlement, pharmacy, examination_booking, .. } = hospital;
    let mut tables = Vec::new();
    let mut add = |key: &str, station: &str, shifts: &[Shift]| {
        if !shifts.is_empty() {
            tables.push(ShiftTable {
                key: key.to_owned(),
                station: station.to_owned(),
                shifts: shifts.to_vec(),
            });
        }
    };
    add("registration.windows.shifts", "registration.windows", &registration.windows.shifts);
    add(
        "registration.priority_windows.shifts",
        "registration.priority_windows",
        &registration.priority_windows.shifts,
    );
    add("registration.kiosks.shifts", "registration.kiosks", &registration.kiosks.shifts);
    add("registration.kiosks.help_shifts", "registration.help", &registration.kiosks.help_shifts);
    add("check_in.kiosk_shifts", "check_in.kiosks", &check_in.kiosk_shifts);
    add("check_in.desk_shifts", "check_in.desks", &check_in.desk_shifts);
    add("settlement.windows", "settlement.windows", &settlement.windows);
    add("settlement.kiosks", "settlement.kiosks", &settlement.kiosks);
    add("pharmacy.windows", "pharmacy.windows", &pharmacy.windows);
    add(
        "examination_booking.centre_shifts",
        "examination_booking.centre",
        &examination_booking.centre_shifts,
    );
    add("examination_booking.desk_shifts", "examination_booking.desks", &examination_booking.desk_shifts);
    for modality in &hospital.examinations {
        let station = format!("examination.{}", modality.id);
        add(&format!("{station}.shifts"), &station, &modality.shifts);
    }
    tables
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> ShiftTable {
        ShiftTable {
            key: "registration.windows.shifts".into(),
            station: "registration.windows".into(),
            shifts: vec![
                Shift::hours(7.0, 12.0, 14),
                Shift::hours(12.0, 13.0, 4),
                Shift::hours(13.0, 17.5, 10),
            ],
        }
    }

    #[test]
    fn shifts_keep_their_proportion_rounded_up() {
        let counts = |number| table().scaled(number).iter().map(|shift| shift.count).collect::<Vec<_>>();
        assert_eq!(counts(14), [14, 4, 10]);
        assert_eq!(counts(7), [7, 2, 5]);
        assert_eq!(counts(1), [1, 1, 1]);
        assert_eq!(counts(20), [20, 6, 15]);
    }

    #[test]
    fn overlapping_shifts_count_together() {
        let shifts = [Shift::hours(8.0, 12.0, 3), Shift::hours(10.0, 11.0, 2), Shift::hours(12.0, 14.0, 4)];
        assert_eq!(most_on_duty(&shifts), 5);
        assert_eq!(most_on_duty(&[]), 0);
    }

    #[test]
    fn a_table_is_set_as_the_file_would_have_it() {
        let table = table();
        assert_eq!(
            table.assignment(&table.scaled(7)),
            "registration.windows.shifts={ \"07:00-12:00\" = 7, \"12:00-13:00\" = 2, \"13:00-17:30\" = 5 }"
        );
        let knob = Knob { path: "station.kiosk.servers".into(), between: 1..=9, turns: Turns::Value };
        assert_eq!(
            (knob.assignments(4), knob.station()),
            (vec!["station.kiosk.servers=4".to_owned()], "kiosk")
        );
    }
}
