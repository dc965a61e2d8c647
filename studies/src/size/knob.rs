//! What can be turned: a number of the scenario, or how many serve according to a shift table.

use onetrip_models::hospital::spec::HospitalSpec;
use onetrip_scenarios::hospital::ShiftTable;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_number_is_set_as_it_is_and_names_its_station() {
        let knob = Knob { path: "station.kiosk.servers".into(), between: 1..=9, turns: Turns::Value };
        assert_eq!(
            (knob.assignments(4), knob.station()),
            (vec!["station.kiosk.servers=4".to_owned()], "kiosk")
        );
    }
}
