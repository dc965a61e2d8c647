//! The file as a whole: its keys, and the hospital put together from its sections.

use super::HospitalScenario;
use super::consultation::{
    CONSULTATION_TABLE, Consultation, DEPARTMENT_TABLE, DepartmentWritten, departments,
    report_unknown_examinations,
};
use super::demand::{CHANNEL_TABLE, CLASS_TABLE, DEMAND_TABLE, Listed};
use super::examination::{BOOKING_TABLE, EXAMINATION_TABLE};
use super::facts::FACT_TABLE;
use super::kinds::elements_add_up;
use super::places::report_problems;
use super::registration::{CHECK_IN_TABLE, REGISTRATION_TABLE};
use super::settlement::{PHARMACY_TABLE, SETTLEMENT_TABLE, SYSTEM_TABLE, WALKING_TABLE};
use super::stress::{OUTAGE_TABLE, SURGE_TABLE, SurgeRecord};
use crate::quantity::Share;
use crate::reader::key::{Declared, Defaulted, Optional, Required, TableSpec, defaulted, optional, required};
use crate::reader::kinds::{Choice, List, Number, Shown, Text};
use crate::reader::{At, Document, EvidenceRule, Mistake, Record, Table, read};
use onetrip_models::hospital::spec::{
    BookingChannel, BookingSystem, CheckIn, Demand, Department, ExaminationBooking, Fact, HospitalGrade,
    HospitalRank, HospitalSpec, Modality, PatientClass, Pharmacy, Registration, Settlement, SeveralBooking,
    SingleBooking, StationOutage, Walking,
};
use onetrip_models::text::Text as Words;
use onetrip_sim::distribution::Distribution;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// A value with the id under which the list has it.
type Named<T> = (At<String>, T);

static FORMAT: Required<Choice<()>> = required(
    "format",
    Choice { what: "format", options: &[("hospital/1", (), "first version of this format")] },
    "which format the file is in",
);
static EXTENDS: Optional<Text> = optional(
    "extends",
    Text,
    "name of a hospital that comes with the program: what this file does not say is as there",
);
static NAME: Required<Shown> = required("name", Shown, "name of the hospital");
static TITLE: Optional<Shown> = optional("title", Shown, "the scenario in one line; its name when absent");
static RANK: Required<Choice<HospitalRank>> = required(
    "rank",
    Choice {
        what: "rank",
        options: &[
            ("municipal", HospitalRank::Municipal, "a general or special hospital of the city"),
            ("county", HospitalRank::County, "a hospital of a county or district"),
            ("township", HospitalRank::Township, "a health centre of a township or a community"),
            ("maternal_child", HospitalRank::MaternalChild, "a hospital for mothers and children"),
        ],
    },
    "rank in the health system; policy targets apply by it",
);
static GRADE: Optional<Choice<HospitalGrade>> = optional(
    "grade",
    Choice {
        what: "grade",
        options: &[
            ("tertiary_general", HospitalGrade::TertiaryGeneral, "third grade, general"),
            ("tertiary_special", HospitalGrade::TertiarySpecial, "third grade, special"),
            ("secondary_general", HospitalGrade::SecondaryGeneral, "second grade, general"),
            ("secondary_special", HospitalGrade::SecondarySpecial, "second grade, special"),
        ],
    },
    "level and kind by the national grading, where it has one",
);
static ANNUAL_VISITS: Required<Number> = required(
    "annual_visits",
    Number::POSITIVE,
    "outpatient visits in a year, for figures \"per 50,000 visits\"",
);
static DEMAND: Required<Record<Demand>> = required("demand", DEMAND_TABLE, "who comes, and when");
static CHANNELS: Defaulted<List<Record<Listed<BookingChannel>>>> =
    defaulted("booking_channel", List::of(CHANNEL_TABLE), "[]", "the ways to book");
static CLASSES: Required<List<Record<Listed<PatientClass>>>> =
    required("class", List::at_least(1, CLASS_TABLE), "the classes of patient");
static REGISTRATION: Required<Record<Registration>> =
    required("registration", REGISTRATION_TABLE, "windows and kiosks where a visit is registered");
static CHECK_IN: Required<Record<CheckIn>> =
    required("check_in", CHECK_IN_TABLE, "where patients say that they are here");
static CONSULTATION: Required<Record<Consultation>> = required(
    "consultation",
    CONSULTATION_TABLE,
    "how patients are called, and what departments have in common",
);
static DEPARTMENTS: Required<List<Record<Listed<DepartmentWritten>>>> =
    required("department", List::at_least(1, DEPARTMENT_TABLE), "the outpatient departments");
static BOOKING: Optional<Record<ExaminationBooking>> = optional(
    "examination_booking",
    BOOKING_TABLE,
    "where examinations are booked; needed where there are examinations",
);
static EXAMINATIONS: Defaulted<List<Record<Named<Modality>>>> =
    defaulted("examination", List::of(EXAMINATION_TABLE), "[]", "the kinds of examination; at most 16");
static SETTLEMENT: Required<Record<Settlement>> =
    required("settlement", SETTLEMENT_TABLE, "where money is asked for");
static PHARMACY: Required<Record<Pharmacy>> =
    required("pharmacy", PHARMACY_TABLE, "where medicine is handed out");
static SYSTEM: Optional<Record<BookingSystem>> = optional(
    "booking_system",
    SYSTEM_TABLE,
    "the system behind phones and machines; it answers at once when absent",
);
static WALKING: Required<Record<Walking>> =
    required("walking", WALKING_TABLE, "how long it takes from place to place");
static OUTAGES: Defaulted<List<Record<StationOutage>>> =
    defaulted("outage", List::of(OUTAGE_TABLE), "[]", "what cannot serve for part of the day");
static SURGES: Defaulted<List<SurgeRecord>> =
    defaulted("surge", List::of(SURGE_TABLE), "[]", "departments that more people come to than usual");
static FACTS: Defaulted<List<Record<Named<Fact>>>> =
    defaulted("fact", List::of(FACT_TABLE), "[]", "what an inspector would count");

/// The keys of a hospital file.
pub static HOSPITAL: TableSpec = TableSpec {
    name: "hospital",
    doc: "one hospital on one kind of day",
    keys: &[
        &FORMAT,
        &EXTENDS,
        &NAME,
        &TITLE,
        &RANK,
        &GRADE,
        &ANNUAL_VISITS,
        &DEMAND,
        &CHANNELS,
        &CLASSES,
        &REGISTRATION,
        &CHECK_IN,
        &CONSULTATION,
        &DEPARTMENTS,
        &BOOKING,
        &EXAMINATIONS,
        &SETTLEMENT,
        &PHARMACY,
        &SYSTEM,
        &WALKING,
        &OUTAGES,
        &SURGES,
        &FACTS,
    ],
};

/// The format of a hospital file.
pub(super) static ROOT: Record<HospitalScenario> = Record { spec: &HOSPITAL, read: read_root };

/// The sections by themselves; those with mistakes are `None`.
struct Sections {
    annual_visits: Option<f64>,
    demand: Option<Demand>,
    registration: Option<Registration>,
    check_in: Option<CheckIn>,
    consultation: Option<Consultation>,
    departments: Option<Vec<Department>>,
    booking: Option<ExaminationBooking>,
    examinations: Option<Vec<Modality>>,
    settlement: Option<Settlement>,
    pharmacy: Option<Pharmacy>,
    booking_system: Option<Option<BookingSystem>>,
    walking: Option<Walking>,
    outages: Option<Vec<StationOutage>>,
}

fn read_root(table: &Table<'_>) -> Option<HospitalScenario> {
    let format = table.read(&FORMAT);
    let extends = table.read(&EXTENDS);
    let name: Option<Words> = table.read(&NAME);
    let title = table.read(&TITLE);
    let rank = table.read(&RANK);
    let grade = table.read(&GRADE);
    let sections = read_sections(table);
    let facts = read_facts(table);
    let broken = sections.broken();
    let title = title.map(|title| title.or_else(|| name.clone()).unwrap_or_default());
    let whole = sections.put_together();
    let problems = report_problems(table, &whole, &broken);
    let is_sound = broken.is_empty() && problems == 0;
    let hospital = HospitalSpec { name: name?, rank: rank?, grade: grade?, facts: facts?, ..whole };
    (is_sound && format.is_some() && extends.is_some())
        .then_some(())
        .and(title)
        .map(|title| HospitalScenario { title, hospital })
}

fn read_sections(table: &Table<'_>) -> Sections {
    let lists: [(&dyn Declared, &str); 5] = [
        (&CHANNELS, "booking channel"),
        (&CLASSES, "class"),
        (&DEPARTMENTS, "department"),
        (&EXAMINATIONS, "examination"),
        (&FACTS, "fact"),
    ];
    lists.iter().for_each(|(key, what)| table.distinct_elements(key.name(), what));
    let annual_visits = table.read(&ANNUAL_VISITS);
    let demand = table.read(&DEMAND);
    let channels = table.read(&CHANNELS).map(|channels| listed(table, channels, "bookings"));
    let classes = table.read(&CLASSES).map(|classes| listed(table, classes, "classes"));
    let registration = table.read(&REGISTRATION);
    let check_in = table.read(&CHECK_IN);
    let consultation = table.read(&CONSULTATION);
    let written = table.read(&DEPARTMENTS);
    let booking = table.read(&BOOKING);
    let examinations = table.read(&EXAMINATIONS);
    let known: Option<Vec<&str>> =
        examinations.as_ref().map(|all| all.iter().map(|(id, _)| id.value.as_str()).collect());
    if let Some(known) = &known {
        report_unknown_examinations(table, known);
    }
    let departments = written.as_ref().and_then(|written| {
        check_shares(table, written, "departments");
        departments(table, written, &consultation.as_ref()?.terms)
    });
    let booking = match booking {
        Some(None) if known.as_ref().is_some_and(|known| !known.is_empty()) => {
            let mistake = Mistake::missing("`examination_booking` is missing");
            table.report(
                &table.place(),
                mistake.accepted("where the examinations of this hospital are booked"),
            );
            None
        }
        Some(None) => no_booking(),
        written => written.flatten(),
    };
    let settlement = table.read(&SETTLEMENT);
    let pharmacy = table.read(&PHARMACY);
    let booking_system = table.read(&SYSTEM);
    let walking = table.read(&WALKING);
    let outages = table.read(&OUTAGES);
    let surges = table.read(&SURGES);
    if let Some(surges) = &surges {
        let ids: Vec<At<String>> = surges.iter().map(|(id, _)| id.clone()).collect();
        table.distinct(&ids, "department in a surge");
    }
    let surges = surges.map(|surges| surges.into_iter().map(|(_, surge)| surge).collect());
    let demand = match (demand, channels, classes, surges) {
        (Some(demand), Some(booking_channels), Some(classes), Some(surges)) => {
            Some(Demand { booking_channels, classes, surges, ..demand })
        }
        _ => None,
    };
    Sections {
        annual_visits,
        demand,
        registration,
        check_in,
        consultation,
        departments,
        booking,
        examinations: examinations.map(|all| all.into_iter().map(|(_, modality)| modality).collect()),
        settlement,
        pharmacy,
        booking_system,
        walking,
        outages,
    }
}

/// Shares add up.
fn check_shares<T>(table: &Table<'_>, all: &[Listed<T>], of: &str) {
    let shares: Vec<At<Share>> = all.iter().map(|one| one.share.clone()).collect();
    elements_add_up(table, &shares, of);
}

fn listed<T>(table: &Table<'_>, all: Vec<Listed<T>>, of: &str) -> Vec<T> {
    check_shares(table, &all, of);
    all.into_iter().map(|one| one.value).collect()
}

/// Nothing is booked where nothing is examined.
fn no_booking() -> Option<ExaminationBooking> {
    let no_time = Distribution::constant(0.0).ok()?;
    Some(ExaminationBooking {
        single: SingleBooking { in_room_share: 1.0, kiosk_share: 0.0, centre_share: 0.0, desk_share: 0.0 },
        several: SeveralBooking { in_room_share: 1.0, centre_share: 0.0, desk_share: 0.0 },
        centre_shifts: Vec::new(),
        centre_time: no_time.clone(),
        kiosk_time: no_time.clone(),
        room_time: no_time.clone(),
        desk_shifts: Vec::new(),
        desk_time: no_time,
    })
}

fn read_facts(table: &Table<'_>) -> Option<BTreeMap<String, Fact>> {
    let facts = table.read(&FACTS)?;
    Some(facts.into_iter().map(|(id, fact)| (id.value, fact)).collect())
}

/// A hospital without mistakes, whose sections stand in for broken ones, so that the others can still be checked.
static STAND_IN: LazyLock<HospitalSpec> = LazyLock::new(|| {
    let document = Document::parse("starter.toml", super::starter());
    match read(document, &ROOT, EvidenceRule::Optional) {
        Ok(reading) => reading.value.hospital,
        Err(mistakes) => panic!("the file that comes with the program is broken:\n{mistakes}"),
    }
});

impl Sections {
    /// The broken sections, as the model names them.
    fn broken(&self) -> Vec<&'static str> {
        let sections = [
            ("annual_visits", self.annual_visits.is_none()),
            ("demand", self.demand.is_none()),
            ("registration", self.registration.is_none()),
            ("check_in", self.check_in.is_none()),
            ("consultation", self.consultation.is_none()),
            ("departments", self.departments.is_none()),
            ("examination_booking", self.booking.is_none()),
            ("examinations", self.examinations.is_none()),
            ("settlement", self.settlement.is_none()),
            ("pharmacy", self.pharmacy.is_none()),
            ("booking_system", self.booking_system.is_none()),
            ("walking", self.walking.is_none()),
            ("outages", self.outages.is_none()),
        ];
        sections.into_iter().filter(|(_, is_broken)| *is_broken).map(|(name, _)| name).collect()
    }

    fn put_together(self) -> HospitalSpec {
        let stand_in = || LazyLock::force(&STAND_IN);
        HospitalSpec {
            id: String::new(),
            name: Words::default(),
            rank: HospitalRank::County,
            grade: None,
            annual_visits: self.annual_visits.unwrap_or_else(|| stand_in().annual_visits),
            demand: self.demand.unwrap_or_else(|| stand_in().demand.clone()),
            registration: self.registration.unwrap_or_else(|| stand_in().registration.clone()),
            check_in: self.check_in.unwrap_or_else(|| stand_in().check_in.clone()),
            consultation: self
                .consultation
                .map_or_else(|| stand_in().consultation.clone(), |consultation| consultation.rules),
            departments: self.departments.unwrap_or_else(|| stand_in().departments.clone()),
            examinations: self.examinations.unwrap_or_else(|| stand_in().examinations.clone()),
            examination_booking: self.booking.unwrap_or_else(|| stand_in().examination_booking.clone()),
            settlement: self.settlement.unwrap_or_else(|| stand_in().settlement.clone()),
            pharmacy: self.pharmacy.unwrap_or_else(|| stand_in().pharmacy.clone()),
            booking_system: self.booking_system.flatten(),
            walking: self.walking.unwrap_or_else(|| stand_in().walking.clone()),
            outages: self.outages.unwrap_or_default(),
            facts: BTreeMap::new(),
        }
    }
}
