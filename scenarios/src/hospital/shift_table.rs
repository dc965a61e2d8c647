//! How many serve at a place all day, as one number: `registration.kiosks.count=40`.
//!
//! A hospital's file says how many serve when. `NAME.count` stands for the most on duty at a time; the other shifts keep
//! their proportion to it, rounded up. It may be set wherever values are set, and is turned into the shift table before
//! the file is read, so that no reader and no study needs a rule of its own.

use super::format;
use crate::quantity::write_clock;
use crate::reader::{Document, EvidenceRule, Mistake, Node, Value, read};
use onetrip_models::hospital::spec::{HospitalSpec, Shift};
use onetrip_sim::time::{SimSpan, SimTime};

/// Behind the name of a station.
const COUNT: &str = ".count";

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

impl ShiftTable {
    /// The shift table that a path means: the key of the table, or the name of its station, with or without `.count`.
    pub fn at(path: &str, hospital: &HospitalSpec) -> Option<ShiftTable> {
        let station = path.strip_suffix(COUNT).unwrap_or(path);
        tables(hospital).into_iter().find(|table| table.key == path || table.station == station)
    }

    /// The names that [`ShiftTable::at`] knows in this hospital, with `.count`.
    pub fn names(hospital: &HospitalSpec) -> Vec<String> {
        tables(hospital).into_iter().map(|table| format!("{}{COUNT}", table.station)).collect()
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

/// The document with every `NAME.count` that is set turned into the shift table it means. Where the document has mistakes
/// without them, nothing says what they mean: of them only the mistakes stay, to be reported with all others.
pub(super) fn with_counts(mut document: Document, rule: EvidenceRule) -> Document {
    let is_count = |text: &str| text.split_once('=').is_some_and(|(path, _)| path.trim().ends_with(COUNT));
    if !document.assignments.iter().any(|(_, text)| is_count(text)) {
        return document;
    }
    let mut without = document.clone();
    without.assignments.retain(|(_, text)| !is_count(text));
    let known = match read(without.clone(), &format::ROOT, rule) {
        Ok(reading) => Known::Tables(tables(&reading.value.hospital)),
        Err(_) if without.mistakes.is_empty() => Known::Names(names_written(without)),
        Err(_) => Known::Nothing,
    };
    for (argument, text) in std::mem::take(&mut document.assignments) {
        if !is_count(&text) {
            document.assignments.push((argument, text));
            continue;
        }
        match known.assignment_of(&text) {
            Ok(assignment) => document.assignments.extend(assignment.map(|one| (argument, one))),
            Err(mistake) => document.refuse_assignment(argument, &text, mistake),
        }
    }
    document
}

/// What is known of the shift tables of a document.
enum Known {
    /// All of it.
    Tables(Vec<ShiftTable>),
    /// The stations of those that are written there, in a document that cannot be read.
    Names(Vec<String>),
    /// Nothing, since lines of the document cannot be read.
    Nothing,
}

impl Known {
    /// The assignment that a count means, if that is known.
    fn assignment_of(&self, text: &str) -> Result<Option<String>, Mistake> {
        let (path, value) = text.split_once('=').unwrap_or((text, ""));
        let (path, value) = (path.trim(), value.trim());
        let station = path.strip_suffix(COUNT).unwrap_or(path);
        let unknown = |stations: &mut dyn Iterator<Item = &str>| {
            let names: Vec<String> = stations.map(|station| format!("{station}{COUNT}")).collect();
            Mistake::new(format!("`{path}` counts nothing here"))
                .accepted(names.join(", "))
                .nearest(path, names.iter().map(String::as_str))
        };
        let table = match self {
            Known::Tables(tables) => {
                let table = tables.iter().find(|table| table.station == station);
                let mut stations = tables.iter().map(|table| table.station.as_str());
                Some(table.ok_or_else(|| unknown(&mut stations))?)
            }
            Known::Names(names) if names.iter().all(|known| known != station) => {
                return Err(unknown(&mut names.iter().map(String::as_str)));
            }
            Known::Names(_) | Known::Nothing => None,
        };
        let number = value.parse().map_err(|_| {
            Mistake::new(format!("`{value}` is not how many are on duty"))
                .accepted("a whole number, such as `4`")
        })?;
        Ok(table.map(|table| table.assignment(&table.scaled(number))))
    }
}

/// The stations whose shift tables are written in a document, whatever stands in them.
fn names_written(mut document: Document) -> Vec<String> {
    document.apply_assignments();
    let root = &document.root;
    let is_written =
        |key: &str| key.split('.').try_fold(root, |node, key| Some(&node.get(key)?.node)).is_some();
    let places = PLACES.iter().filter(|(key, _)| is_written(key));
    let places = places.map(|&(_, station)| station.to_owned());
    let modalities = match root.get("examination").map(|entry| &entry.node.value) {
        Some(Value::List(modalities)) => &modalities[..],
        _ => &[],
    };
    let modalities = modalities.iter().filter(|modality| modality.get("shifts").is_some());
    places.chain(modalities.filter_map(Node::name).map(station_of_modality)).collect()
}

/// The most servers that are on duty together at any time of the day.
fn most_on_duty(shifts: &[Shift]) -> u32 {
    let on_duty = |at: SimSpan| {
        shifts.iter().filter(|shift| shift.from <= at && at < shift.to).map(|shift| shift.count).sum::<u32>()
    };
    shifts.iter().map(|shift| on_duty(shift.from)).max().unwrap_or(0)
}

/// The shift tables of places: the key and the station.
const PLACES: [(&str, &str); 11] = [
    ("registration.windows.shifts", "registration.windows"),
    ("registration.priority_windows.shifts", "registration.priority_windows"),
    ("registration.kiosks.shifts", "registration.kiosks"),
    ("registration.kiosks.help_shifts", "registration.help"),
    ("check_in.kiosk_shifts", "check_in.kiosks"),
    ("check_in.desk_shifts", "check_in.desks"),
    ("settlement.windows", "settlement.windows"),
    ("settlement.kiosks", "settlement.kiosks"),
    ("pharmacy.windows", "pharmacy.windows"),
    ("examination_booking.centre_shifts", "examination_booking.centre"),
    ("examination_booking.desk_shifts", "examination_booking.desks"),
];

/// The station of an examination.
fn station_of_modality(id: &str) -> String {
    format!("examination.{id}")
}

fn tables(hospital: &HospitalSpec) -> Vec<ShiftTable> {
    let HospitalSpec { registration, check_in, settlement, pharmacy, examination_booking, .. } = hospital;
    let of_places: [&[Shift]; PLACES.len()] = [
        &registration.windows.shifts,
        &registration.priority_windows.shifts,
        &registration.kiosks.shifts,
        &registration.kiosks.help_shifts,
        &check_in.kiosk_shifts,
        &check_in.desk_shifts,
        &settlement.windows,
        &settlement.kiosks,
        &pharmacy.windows,
        &examination_booking.centre_shifts,
        &examination_booking.desk_shifts,
    ];
    let places = PLACES.iter().map(|&(key, station)| (key.to_owned(), station.to_owned())).zip(of_places);
    let modalities = hospital.examinations.iter().map(|one| {
        let station = station_of_modality(&one.id);
        ((format!("{station}.shifts"), station), &one.shifts[..])
    });
    let tables = places.chain(modalities).filter(|(_, shifts)| !shifts.is_empty());
    tables.map(|((key, station), shifts)| ShiftTable { key, station, shifts: shifts.to_vec() }).collect()
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
    }

    #[test]
    fn a_count_is_set_like_any_value() {
        let shifts = |assignments: &[&str]| {
            let mut document = Document::parse("ours.toml", super::super::starter());
            assignments.iter().for_each(|assignment| document.set(assignment));
            let reading = super::super::read_hospital(document, EvidenceRule::Optional);
            reading.map(|reading| ShiftTable::at("registration.windows", &reading.value.hospital))
        };
        let file = shifts(&[]).unwrap().unwrap();
        let set = shifts(&["registration.windows.count = 7"]).unwrap().unwrap();
        assert_eq!((set.most(), &set.shifts), (7, &file.scaled(7)));
        // What is set later counts.
        let later = shifts(&["registration.windows.count=7", "registration.windows.count=3"]);
        assert_eq!(later.unwrap().unwrap().most(), 3);
    }

    #[test]
    fn a_count_of_nothing_is_answered_with_the_names_there_are() {
        let mut document = Document::parse("ours.toml", super::super::starter());
        document.set("registration.window.count=7");
        document.set("registration.windows.count=many");
        let mistakes = super::super::read_hospital(document, EvidenceRule::Optional).unwrap_err();
        let said = mistakes.to_string();
        assert_eq!(mistakes.len(), 2, "{said}");
        for part in ["counts nothing here", "registration.windows.count", "`many`", "--set"] {
            assert!(said.contains(part), "{part}: {said}");
        }
    }
    #[test]
    fn a_bad_count_does_not_hide_behind_other_mistakes() {
        let mut document = Document::parse("ours.toml", super::super::starter());
        for assignment in
            ["demand.visits_per_day=-3", "registration.window.count=7", "pharmacy.windows.count=many"]
        {
            document.set(assignment);
        }
        document.set("registration.windows.count=7");
        let mistakes = super::super::read_hospital(document, EvidenceRule::Optional).unwrap_err();
        let said = mistakes.to_string();
        assert_eq!(mistakes.len(), 3, "{said}");
        for part in ["-3", "counts nothing here; did you mean `registration.windows.count`", "`many`"] {
            assert!(said.contains(part), "{part}: {said}");
        }
    }

    #[test]
    fn every_table_is_known_by_what_is_written() {
        let text = super::super::hospital_text("hangzhou-2018-06").expect("it is shipped");
        let document = Document::parse("hangzhou-2018-06.toml", text);
        let written = names_written(document.clone());
        let reading = super::super::read_hospital(document, EvidenceRule::Optional).expect("it is sound");
        for table in tables(&reading.value.hospital) {
            assert!(written.contains(&table.station), "{}: {written:?}", table.station);
        }
    }
}
