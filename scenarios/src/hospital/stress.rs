//! What goes wrong on the day: `[[outage]]`, `[[surge]]`.

use crate::reader::key::{Defaulted, Optional, Required, TableSpec, defaulted, optional, required};
use crate::reader::kinds::{Choice, Count, Located, Number, Text, TimeOfDay};
use crate::reader::{At, Record, Table};
use onetrip_models::hospital::spec::{StationOutage, Surge};
use onetrip_sim::station::WorkInHand;
use onetrip_sim::time::SimTime;

static PLACE: Required<Text> = required(
    "place",
    Text,
    "what is out: a station by the name its measures begin with (registration.kiosks, examination.ct, \
     consultation.surgery), settlement.in_room or settlement.phone",
);
static FROM: Required<TimeOfDay> = required("from", TimeOfDay, "time of day at which it begins");
static TO: Required<TimeOfDay> = required("to", TimeOfDay, "time of day at which it is over");
static SERVERS: Optional<Count> =
    optional("servers", Count::POSITIVE, "how many of those on duty cannot serve; all when absent");
static WORK_IN_HAND: Defaulted<Choice<WorkInHand>> = defaulted(
    "work_in_hand",
    Choice {
        what: "rule for work in hand",
        options: &[
            ("finish", WorkInHand::Finish, "services under way are finished"),
            (
                "hand_over",
                WorkInHand::HandOver,
                "they are broken off; the patients go to the head of the queue and resume later",
            ),
        ],
    },
    "\"finish\"",
    "what becomes of services under way when it begins",
);

static OUTAGE: TableSpec = TableSpec {
    name: "outage",
    doc: "a place that cannot serve for part of the day; outages that overlap add up. Patients leave machines that go \
          dark for another place; before windows, rooms and doctors they keep their places",
    keys: &[&PLACE, &FROM, &TO, &SERVERS, &WORK_IN_HAND],
};

/// `[[outage]]`.
pub(super) const OUTAGE_TABLE: Record<StationOutage> = Record { spec: &OUTAGE, read: read_outage };

fn read_outage(table: &Table<'_>) -> Option<StationOutage> {
    let (place, from, to) = (table.read(&PLACE), table.read(&FROM), table.read(&TO));
    let (servers, work_in_hand) = (table.read(&SERVERS), table.read(&WORK_IN_HAND));
    Some(StationOutage {
        place: place?,
        from: from?.since(SimTime::ZERO),
        to: to?.since(SimTime::ZERO),
        server_count: servers?,
        work_in_hand: work_in_hand?,
    })
}

static DEPARTMENT: Required<Located<Text>> =
    required("department", Located(Text), "the department, by its id");
static FACTOR: Required<Number> = required(
    "factor",
    Number::between(1.0, 100.0),
    "visits ÷ usual visits of the department; those on top come without a booking, by the profile of the day",
);

static SURGE: TableSpec = TableSpec {
    name: "surge",
    doc: "a department that more people come to than usual; everybody else stays who they are",
    keys: &[&DEPARTMENT, &FACTOR],
};

/// A surge, with the place of the department's id.
pub(crate) type SurgeRecord = Record<(At<String>, Surge)>;

/// `[[surge]]`.
pub(crate) const SURGE_TABLE: SurgeRecord = Record { spec: &SURGE, read: read_surge };

fn read_surge(table: &Table<'_>) -> Option<(At<String>, Surge)> {
    let (department, factor) = (table.read(&DEPARTMENT), table.read(&FACTOR));
    let department = department?;
    let surge = Surge { department: department.value.clone(), factor: factor? };
    Some((department, surge))
}
