//! The consulting rooms: `[consultation]` with what holds in all departments unless they say otherwise, and
//! `[[department]]`.

use super::demand::Listed;
use super::kinds::{SHARE, Word};
use crate::law::TimeLaw;
use crate::quantity::{ClockInterval, Share};
use crate::reader::key::{Declared, Defaulted, Optional, Required, TableSpec, defaulted, optional, required};
use crate::reader::kinds::{
    Choice, Count, DayPart, Duration, Flag, List, Located, Map, Number, Percentage, Shown,
};
use crate::reader::{At, Mistake, Place, Record, Table};
use onetrip_models::hospital::spec::{
    AdmittedPatients, ConsultationRules, Department, Lane, SegmentRule, Session,
};
use onetrip_models::text::Text as Words;
use onetrip_sim::distribution::Distribution;
use onetrip_sim::station::{WaitingAtClosing, WorkInHand};
use onetrip_sim::time::{SimSpan, SimTime};

static PATTERN: Required<List<Choice<Lane>>> = required(
    "pattern",
    List::at_least(
        1,
        Choice {
            what: "lane",
            options: &[
                ("booked", Lane::Booked, "booked patients, in the order of their segments"),
                ("walk_in", Lane::WalkIn, "walk-ins, and booked patients who came too late"),
                ("returning", Lane::Returning, "patients who return with results"),
            ],
        },
    ),
    "who is called in turn, by a repeating pattern of lanes; a lane with nobody is passed over",
);
static LATE_AFTER: Required<Duration> = required(
    "late_after",
    Duration::ANY,
    "a booked patient who checks in later than this after the end of the segment waits with the walk-ins",
);
static AT_SESSION_END: Defaulted<Choice<WaitingAtClosing>> = defaulted(
    "waiting_at_session_end",
    Choice {
        what: "rule",
        options: &[
            ("serve", WaitingAtClosing::Serve, "doctors stay until everyone is seen"),
            (
                "hold",
                WaitingAtClosing::Hold,
                "they wait for the next session; after the last they are sent away",
            ),
            ("send_away", WaitingAtClosing::SendAway, "they are sent away"),
        ],
    },
    "\"serve\"",
    "what becomes of those who wait when a session ends",
);
static WORK_IN_HAND: Defaulted<Choice<WorkInHand>> = defaulted(
    "work_in_hand",
    Choice {
        what: "rule",
        options: &[
            ("finish", WorkInHand::Finish, "it is finished in overtime"),
            (
                "hand_over",
                WorkInHand::HandOver,
                "whoever is on duty goes on with it; where nobody is and everyone is to be seen, it is finished",
            ),
            ("send_away", WorkInHand::SendAway, "the patient is sent away"),
        ],
    },
    "\"finish\"",
    "what becomes of a consultation under way when a session ends",
);
static PATIENCE: Optional<TimeLaw> = optional(
    "patience",
    TimeLaw,
    "after how long someone who waits for a first consultation leaves; nobody does when absent",
);

static SESSION_ID: Required<Located<Word>> =
    required("id", Located(Word), "word by which `doctors` refers to the session");
static HOURS: Required<DayPart> =
    required("hours", DayPart, "when doctors begin, and when they stop calling");
static LATE_START: Defaulted<Duration> =
    defaulted("late_start", Duration::ANY, "\"0 s\"", "by how much the doctors begin late");
static WALK_IN_LIMIT: Optional<Number> = optional(
    "walk_in_limit_per_doctor",
    Number::NOT_NEGATIVE,
    "most walk-ins who get a number for the session, for each doctor of it; no limit when absent",
);
static SESSION: TableSpec = TableSpec {
    name: "session",
    doc: "a session: all doctors of a department in that half-day, who share one queue",
    keys: &[&SESSION_ID, &HOURS, &LATE_START, &WALK_IN_LIMIT],
};

struct SessionWritten {
    id: At<String>,
    hours: ClockInterval,
    late_start: SimSpan,
    walk_in_limit: Option<f64>,
}

const SESSION_TABLE: Record<SessionWritten> = Record {
    spec: &SESSION,
    read: |table| {
        let id = table.read(&SESSION_ID);
        let hours = table.read(&HOURS);
        let late_start = table.read(&LATE_START);
        let walk_in_limit = table.read(&WALK_IN_LIMIT);
        Some(SessionWritten {
            id: id?,
            hours: hours?,
            late_start: late_start?,
            walk_in_limit: walk_in_limit?,
        })
    },
};

static LENGTH: Required<Duration> = required("length", Duration::POSITIVE, "length of a segment");
static CAPACITY: Required<Number> = required(
    "capacity_per_doctor",
    Number::NOT_NEGATIVE,
    "most bookings in one segment for each doctor of the session",
);
static SEGMENTS: TableSpec = TableSpec {
    name: "segments",
    doc: "how bookings are spread over a session",
    keys: &[&LENGTH, &CAPACITY],
};
const SEGMENTS_TABLE: Record<SegmentRule> = Record {
    spec: &SEGMENTS,
    read: |table| {
        let (length, capacity) = (table.read(&LENGTH), table.read(&CAPACITY));
        Some(SegmentRule { length: length?, capacity_per_doctor: capacity? })
    },
};

// What a department may say for itself, and `[consultation]` for all.
static SESSIONS: Optional<List<Record<SessionWritten>>> =
    optional("session", List::at_least(1, SESSION_TABLE), "the sessions of the day, in order and apart");
static SEGMENT_RULE: Optional<Record<SegmentRule>> = optional(
    "segments",
    SEGMENTS_TABLE,
    "booking by segments of time; a department without it books to the session as a whole",
);
static FIRST_TIME: Optional<TimeLaw> = optional("first_time", TimeLaw, "time of a first consultation");
static RETURN_TIME: Optional<TimeLaw> =
    optional("return_time", TimeLaw, "time of the consultation of someone who returns with results");
static EXAMINATIONS: Optional<Map<Percentage>> = optional(
    "examinations",
    Map::of("ids of examinations", Percentage),
    "chance of each examination at a first consultation; none of those left out",
);
static RETURNS: Optional<Percentage> = optional(
    "returns_with_results_share",
    Percentage,
    "of those sent to examinations: who come back to the doctor with the results on the same day",
);
static MEDICINE: Optional<Percentage> = optional(
    "medicine_share",
    Percentage,
    "patients who get medicine ÷ patients whose consultations are over",
);

/// What `[consultation]` or a department says of departments.
pub(super) struct Terms {
    sessions: Option<Vec<SessionWritten>>,
    segments: Option<SegmentRule>,
    first_time: Option<Distribution>,
    return_time: Option<Distribution>,
    examinations: Option<Vec<(At<String>, Share)>>,
    returns: Option<Share>,
    medicine: Option<Share>,
}

fn read_terms(table: &Table<'_>) -> Option<Terms> {
    let sessions = table.read(&SESSIONS);
    let segments = table.read(&SEGMENT_RULE);
    let first_time = table.read(&FIRST_TIME);
    let return_time = table.read(&RETURN_TIME);
    let examinations = table.read(&EXAMINATIONS);
    let returns = table.read(&RETURNS);
    let medicine = table.read(&MEDICINE);
    if let Some(Some(sessions)) = &sessions {
        let ids: Vec<At<String>> = sessions.iter().map(|session| session.id.clone()).collect();
        table.distinct(&ids, "session");
    }
    Some(Terms {
        sessions: sessions?,
        segments: segments?,
        first_time: first_time?,
        return_time: return_time?,
        examinations: examinations?,
        returns: returns?,
        medicine: medicine?,
    })
}

static CONSULTATION: TableSpec = TableSpec {
    name: "consultation",
    doc: "the rules of calling in all departments, and what holds in each department that does not say otherwise",
    keys: &[
        &PATTERN,
        &LATE_AFTER,
        &AT_SESSION_END,
        &WORK_IN_HAND,
        &PATIENCE,
        &SESSIONS,
        &SEGMENT_RULE,
        &FIRST_TIME,
        &RETURN_TIME,
        &EXAMINATIONS,
        &RETURNS,
        &MEDICINE,
    ],
};

/// What is said of all consulting rooms.
pub(super) struct Consultation {
    pub(super) rules: ConsultationRules,
    pub(super) terms: Terms,
}

/// `[consultation]`.
pub(super) const CONSULTATION_TABLE: Record<Consultation> =
    Record { spec: &CONSULTATION, read: read_consultation };

fn read_consultation(table: &Table<'_>) -> Option<Consultation> {
    let pattern = table.read(&PATTERN);
    let late_after = table.read(&LATE_AFTER);
    let waiting_at_session_end = table.read(&AT_SESSION_END);
    let work_in_hand = table.read(&WORK_IN_HAND);
    let patience = table.read(&PATIENCE);
    let terms = read_terms(table);
    Some(Consultation {
        rules: ConsultationRules {
            pattern: pattern?,
            late_after: late_after?,
            waiting_at_session_end: waiting_at_session_end?,
            work_in_hand: work_in_hand?,
            patience: patience?,
        },
        terms: terms?,
    })
}

static DEPARTMENT_ID: Required<Located<Word>> =
    required("id", Located(Word), "word for the department, part of names of stations and measures");
static DEPARTMENT_NAME: Required<Shown> = required("name", Shown, "name shown");
static ADMITS: Defaulted<Choice<AdmittedPatients>> = defaulted(
    "admits",
    Choice {
        what: "group of patients",
        options: &[
            ("everyone", AdmittedPatients::Everyone, "everyone"),
            ("children", AdmittedPatients::Children, "only classes of children"),
            ("adults", AdmittedPatients::Adults, "everyone but children"),
        ],
    },
    "\"everyone\"",
    "whom it treats",
);
static DEPARTMENT_SHARE: Required<Located<Percentage>> =
    required("share", SHARE, "visits to this department ÷ all visits; together 100 %");
static DOCTORS: Required<Map<Count>> = required(
    "doctors",
    Map::of("ids of sessions", Count::between(0, 10_000)),
    "how many doctors in each session; a session left out is not held",
);
static BY_SEGMENT: Defaulted<Flag> = defaulted(
    "by_segment",
    Flag,
    "true",
    "whether bookings are spread over segments, where `segments` says how; otherwise they are for a session as a whole",
);
static DEPARTMENT: TableSpec = TableSpec {
    name: "department",
    doc: "an outpatient department; what it leaves out is as `[consultation]` says",
    keys: &[
        &DEPARTMENT_ID,
        &DEPARTMENT_NAME,
        &ADMITS,
        &DEPARTMENT_SHARE,
        &DOCTORS,
        &BY_SEGMENT,
        &SESSIONS,
        &SEGMENT_RULE,
        &FIRST_TIME,
        &RETURN_TIME,
        &EXAMINATIONS,
        &RETURNS,
        &MEDICINE,
    ],
};

/// A department as written.
pub(super) struct DepartmentWritten {
    pub(super) name: Words,
    admits: AdmittedPatients,
    doctors: Vec<(At<String>, u32)>,
    by_segment: bool,
    terms: Terms,
    place: Place,
}

/// `[[department]]`.
pub(super) const DEPARTMENT_TABLE: Record<Listed<DepartmentWritten>> =
    Record { spec: &DEPARTMENT, read: read_department };

fn read_department(table: &Table<'_>) -> Option<Listed<DepartmentWritten>> {
    let id = table.read(&DEPARTMENT_ID);
    let name = table.read(&DEPARTMENT_NAME);
    let admits = table.read(&ADMITS);
    let share = table.read(&DEPARTMENT_SHARE);
    let doctors = table.read(&DOCTORS);
    let by_segment = table.read(&BY_SEGMENT);
    let terms = read_terms(table);
    let value = DepartmentWritten {
        name: name?,
        admits: admits?,
        doctors: doctors?,
        by_segment: by_segment?,
        terms: terms?,
        place: table.place(),
    };
    Some(Listed { value, id: id?, share: share? })
}

/// Departments with what `[consultation]` says put in where they are silent. Reports names of sessions that do not
/// exist and what nobody says.
pub(super) fn departments(
    root: &Table<'_>,
    written: &[Listed<DepartmentWritten>],
    common: &Terms,
) -> Option<Vec<Department>> {
    let made: Vec<Option<Department>> =
        written.iter().map(|department| assemble(root, department, common)).collect();
    made.into_iter().collect()
}

/// Reports names of examinations that do not exist, also where a share beside them is not understood.
pub(super) fn report_unknown_examinations(root: &Table<'_>, known: &[&str]) {
    let common = root.names_below(&["consultation", EXAMINATIONS.name()]);
    let own = root.names_below(&["department", EXAMINATIONS.name()]);
    for id in common.iter().chain(&own) {
        root.reference(id, "examination", known);
    }
}

fn assemble(root: &Table<'_>, listed: &Listed<DepartmentWritten>, common: &Terms) -> Option<Department> {
    let written = &listed.value;
    let own = &written.terms;
    let report_absent = |key: &dyn Declared| {
        let mistake = Mistake::missing(format!("`{}` is missing, here and in `consultation`", key.name()));
        root.report(
            &written.place,
            mistake.accepted(format!("`{}` = {}", key.name(), key.shape().accepted())),
        );
    };
    let sessions = own.sessions.as_ref().or(common.sessions.as_ref());
    let first_time = own.first_time.as_ref().or(common.first_time.as_ref());
    let return_time = own.return_time.as_ref().or(common.return_time.as_ref());
    let medicine = own.medicine.or(common.medicine);
    let examination_shares = own.examinations.as_ref().or(common.examinations.as_ref());
    let examination_shares: Vec<(String, f64)> = examination_shares
        .into_iter()
        .flatten()
        .map(|(id, share)| (id.value.clone(), share.part()))
        .collect();
    // Nobody comes back where nobody is sent.
    let returns = own.returns.or(common.returns).or(examination_shares.is_empty().then_some(Share::NONE));
    let absent: [(bool, &dyn Declared); 5] = [
        (sessions.is_none(), &SESSIONS),
        (first_time.is_none(), &FIRST_TIME),
        (return_time.is_none(), &RETURN_TIME),
        (returns.is_none(), &RETURNS),
        (medicine.is_none(), &MEDICINE),
    ];
    absent.iter().filter(|(is_absent, _)| *is_absent).for_each(|(_, key)| report_absent(*key));
    let sessions = sessions?;
    let known: Vec<&str> = sessions.iter().map(|session| session.id.value.as_str()).collect();
    let are_known: Vec<bool> =
        written.doctors.iter().map(|(id, _)| root.reference(id, "session", &known).is_some()).collect();
    if are_known.contains(&false) {
        return None;
    }
    let held = sessions.iter().filter_map(|session| {
        let (_, count) = written.doctors.iter().find(|(id, _)| id.value == session.id.value)?;
        (*count > 0).then(|| session_of(session, *count))
    });
    Some(Department {
        id: listed.id.value.clone(),
        name: written.name.clone(),
        admits: written.admits,
        share: listed.share.value.part(),
        sessions: held.collect(),
        segments: own.segments.or(common.segments).filter(|_| written.by_segment),
        first_time: first_time?.clone(),
        return_time: return_time?.clone(),
        examination_shares,
        returns_with_results_share: returns?.part(),
        medicine_share: medicine?.part(),
    })
}

fn session_of(written: &SessionWritten, doctor_count: u32) -> Session {
    let limit = written.walk_in_limit.map(|limit| (limit * f64::from(doctor_count)).round() as u32);
    Session {
        from: written.hours.from.since(SimTime::ZERO),
        to: written.hours.to.since(SimTime::ZERO),
        doctor_count,
        late_start: written.late_start,
        walk_in_limit: limit,
    }
}
