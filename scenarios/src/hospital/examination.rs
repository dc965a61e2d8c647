//! Examinations: `[[examination]]` and `[examination_booking]`.

use super::kinds::{Mix, Shifts, Word};
use super::registration::FAILURES_TABLE;
use crate::law::TimeLaw;
use crate::reader::key::{Defaulted, Optional, Required, TableSpec, defaulted, optional, required};
use crate::reader::kinds::{Duration, Flag, Located, Number, Percentage, Shown};
use crate::reader::{At, Record, Table};
use onetrip_models::hospital::spec::{
    ExaminationBooking, MachineFailures, Modality, SeveralBooking, SingleBooking, TimedBooking,
};

static ID: Required<Located<Word>> = required("id", Located(Word), "word for the kind of examination");
static NAME: Required<Shown> = required("name", Shown, "name shown");
static SHIFTS: Required<Shifts> = required("shifts", Shifts, "how many machines or places are in use when");
static SERVICE: Required<TimeLaw> = required("service_time", TimeLaw, "time at the machine");
static PREPARATION: Defaulted<TimeLaw> = defaulted(
    "preparation_time",
    TimeLaw,
    "\"0 s\"",
    "time to get ready on site before joining the queue (dressing, drinking, contrast)",
);
static REPORT: Required<TimeLaw> =
    required("report_time", TimeLaw, "from the end of the examination to the report");
static FAILURES: Optional<Record<MachineFailures>> =
    optional("failures", FAILURES_TABLE, "breakdowns; an interrupted examination is begun again");
static COUNTS_AS_TIMED: Defaulted<Flag> = defaulted(
    "counts_as_timed",
    Flag,
    "true",
    "whether it counts in the share of examinations that are booked to a time",
);
static OTHER_DAY: Defaulted<Percentage> = defaulted(
    "other_day_share",
    Percentage,
    "\"0 %\"",
    "orders that cannot be done on the day of the consultation (fasting, consent) and need another trip",
);
static TIMED_SHARE: Required<Percentage> =
    required("share", Percentage, "orders that are booked to a time ÷ all orders of this kind");
static SEGMENT_LENGTH: Required<Duration> =
    required("segment_length", Duration::POSITIVE, "length of a segment");
static CAPACITY: Required<Number> = required(
    "capacity_per_machine",
    Number::NOT_NEGATIVE,
    "places in a segment on the day itself, for each machine on duty when it begins (of all together, rounded down); \
     segments are counted from midnight; when the rest of the day is full, the examination needs another trip",
);
static TIMED_TABLE: TableSpec = TableSpec {
    name: "timed",
    doc: "places of the day that are given out to a time",
    keys: &[&TIMED_SHARE, &SEGMENT_LENGTH, &CAPACITY],
};
static TIMED: Optional<Record<TimedBooking>> = optional(
    "timed",
    Record {
        spec: &TIMED_TABLE,
        read: |table| {
            let (share, length, capacity) =
                (table.read(&TIMED_SHARE), table.read(&SEGMENT_LENGTH), table.read(&CAPACITY));
            Some(TimedBooking {
                share: share?.part(),
                segment_length: length?,
                capacity_per_machine: capacity?,
            })
        },
    },
    "booking to a time; first come, first served when absent",
);
static EXAMINATION: TableSpec = TableSpec {
    name: "examination",
    doc: "a kind of examination; a patient with several goes through them in the order of the file",
    keys: &[
        &ID,
        &NAME,
        &SHIFTS,
        &SERVICE,
        &PREPARATION,
        &REPORT,
        &OTHER_DAY,
        &COUNTS_AS_TIMED,
        &TIMED,
        &FAILURES,
    ],
};

/// `[[examination]]`.
pub(super) const EXAMINATION_TABLE: Record<(At<String>, Modality)> =
    Record { spec: &EXAMINATION, read: read_examination };

fn read_examination(table: &Table<'_>) -> Option<(At<String>, Modality)> {
    let id = table.read(&ID);
    let name = table.read(&NAME);
    let shifts = table.read(&SHIFTS);
    let service_time = table.read(&SERVICE);
    let preparation_time = table.read(&PREPARATION);
    let report_time = table.read(&REPORT);
    let other_day_share = table.read(&OTHER_DAY);
    let counts_as_timed = table.read(&COUNTS_AS_TIMED);
    let timed = table.read(&TIMED);
    let failures = table.read(&FAILURES);
    let id = id?;
    let modality = Modality {
        id: id.value.clone(),
        name: name?,
        shifts: shifts?,
        service_time: service_time?,
        preparation_time: preparation_time?,
        report_time: report_time?,
        failures: failures?,
        counts_as_timed: counts_as_timed?,
        timed: timed?,
        other_day_share: other_day_share?.part(),
    };
    Some((id, modality))
}

const SINGLE_WORDS: [&str; 4] = ["in_room", "kiosk", "centre", "desk"];
const SEVERAL_WORDS: [&str; 3] = ["in_room", "centre", "desk"];

static SINGLE: Required<Mix<4>> = required(
    "single",
    Mix::of(
        &SINGLE_WORDS,
        "`in_room` (by the doctor), `kiosk`, `centre` (the booking centre) and `desk` (of the examination room)",
        |word| SINGLE_WORDS.contains(&word),
    ),
    "where a visit with one examination books it; together 100 %",
);
static SEVERAL: Required<Mix<3>> = required(
    "several",
    Mix::of(
        &SEVERAL_WORDS,
        "`in_room` (all in one go by the doctor), `centre` (all in one go) and `desk` (each at its own room)",
        |word| SEVERAL_WORDS.contains(&word),
    ),
    "where a visit with several examinations books them; together 100 %",
);
static CENTRE_SHIFTS: Defaulted<Shifts> =
    defaulted("centre_shifts", Shifts, "{}", "how many serve at the booking centre when");
static CENTRE_TIME: Defaulted<TimeLaw> = defaulted(
    "centre_time",
    TimeLaw,
    "\"2 min\"",
    "time at the booking centre for all examinations of the visit",
);
static KIOSK_TIME: Defaulted<TimeLaw> = defaulted("kiosk_time", TimeLaw, "\"1 min\"", "time at a kiosk");
static ROOM_TIME: Defaulted<TimeLaw> =
    defaulted("room_time", TimeLaw, "\"30 s\"", "extra time in the consulting room");
static DESK_SHIFTS: Defaulted<Shifts> = defaulted(
    "desk_shifts",
    Shifts,
    "{}",
    "how many serve at the desks of the examination rooms when, all rooms together",
);
static DESK_TIME: Defaulted<TimeLaw> =
    defaulted("desk_time", TimeLaw, "\"1.5 min\"", "time at a desk for one examination");
static BOOKING: TableSpec = TableSpec {
    name: "examination_booking",
    doc: "where examinations are booked",
    keys: &[
        &SINGLE,
        &SEVERAL,
        &CENTRE_SHIFTS,
        &CENTRE_TIME,
        &KIOSK_TIME,
        &ROOM_TIME,
        &DESK_SHIFTS,
        &DESK_TIME,
    ],
};

/// `[examination_booking]`.
pub(super) const BOOKING_TABLE: Record<ExaminationBooking> = Record { spec: &BOOKING, read: read_booking };

fn read_booking(table: &Table<'_>) -> Option<ExaminationBooking> {
    let single = table.read(&SINGLE);
    let several = table.read(&SEVERAL);
    let centre_shifts = table.read(&CENTRE_SHIFTS);
    let centre_time = table.read(&CENTRE_TIME);
    let kiosk_time = table.read(&KIOSK_TIME);
    let room_time = table.read(&ROOM_TIME);
    let desk_shifts = table.read(&DESK_SHIFTS);
    let desk_time = table.read(&DESK_TIME);
    let [in_room_share, kiosk_share, centre_share, desk_share] = single?;
    let single = SingleBooking { in_room_share, kiosk_share, centre_share, desk_share };
    let [in_room_share, centre_share, desk_share] = several?;
    Some(ExaminationBooking {
        single,
        several: SeveralBooking { in_room_share, centre_share, desk_share },
        centre_shifts: centre_shifts?,
        centre_time: centre_time?,
        kiosk_time: kiosk_time?,
        room_time: room_time?,
        desk_shifts: desk_shifts?,
        desk_time: desk_time?,
    })
}
