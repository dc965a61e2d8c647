//! Where money is asked for and medicine handed out, the system behind both, and the ways between: `[settlement]`,
//! `[pharmacy]`, `[booking_system]`, `[walking]`.

use super::kinds::{Mix, Shifts};
use crate::law::TimeLaw;
use crate::reader::key::{Defaulted, Optional, Required, TableSpec, defaulted, optional, required};
use crate::reader::kinds::{Choice, Duration, Flag, List, Name, Number, Percentage};
use crate::reader::{Record, Table};
use onetrip_models::hospital::spec::{
    BookingSystem, ModeShares, Pharmacy, Place, PreDispensing, Settlement, SettlementPoint, SettlementTimes,
    Walking, WalkingTime,
};
use onetrip_sim::distribution::{Distribution, Spread};

const MODES: [&str; 4] = ["in_room", "kiosk", "phone", "window"];
const MODES_DESCRIBED: &str = "`in_room` (only after the consultation), `kiosk`, `phone` and `window`";

const POINT: Mix<4> = Mix::of(&MODES, MODES_DESCRIBED, |word| MODES.contains(&word));

static AFTER_CARE: Defaulted<Percentage> = defaulted(
    "after_care_share",
    Percentage,
    "\"0 %\"",
    "visits that are charged for nothing during the visit and settled once afterwards by phone (pay after care)",
);
static REGISTRATION_FEE: Required<Flag> = required(
    "registration_fee",
    Flag,
    "whether a fee is paid while registering or with the phone: one payment, no further queue",
);
static AFTER_CONSULTATION: Optional<Mix<4>> = optional(
    "after_consultation",
    POINT,
    "how bills are paid after the consultation, for whatever was ordered; absent where no money is asked for then",
);
static BEFORE_EXAMINATION: Optional<Mix<4>> = optional(
    "before_examination",
    POINT,
    "how bills are paid before examinations; absent where no money is asked for then",
);
static TOGETHER: Defaulted<Flag> = defaulted(
    "pays_examinations_together",
    Flag,
    "true",
    "whether examinations of one visit are paid together before the first of them, rather than each on its own",
);
static BEFORE_PHARMACY: Optional<Mix<4>> = optional(
    "before_pharmacy",
    POINT,
    "how bills are paid before medicine is handed out; absent where no money is asked for then",
);
static SHARES_WINDOWS: Required<Flag> =
    required("shares_registration_windows", Flag, "whether bills are paid at the windows of registration");
static WINDOWS: Defaulted<Shifts> =
    defaulted("windows", Shifts, "{}", "cashiers' windows of their own, and how many are open when");
static SHARES_KIOSKS: Required<Flag> =
    required("shares_registration_kiosks", Flag, "whether bills are paid at the kiosks of registration");
static KIOSKS: Defaulted<Shifts> = defaulted("kiosks", Shifts, "{}", "machines for payment alone");
static ELECTRONIC_RECEIPT: Required<Percentage> = required(
    "electronic_receipt_share",
    Percentage,
    "settlements with an electronic receipt ÷ all settlements",
);
static INSTRUMENTS: Required<List<Name>> =
    required("instruments", List::at_least(1, Name), "payment instruments accepted");
static PLATFORMS: Required<List<Name>> =
    required("third_party_platforms", List::of(Name), "third-party payment platforms accepted");
static IDENTITY: Required<List<Name>> =
    required("identity_documents", List::of(Name), "identity documents that payment accepts");
static WARD_MODES: Required<List<Name>> =
    required("ward_modes", List::of(Name), "ways for inpatients to settle, windows not counted");
static IN_ROOM_TIME: Required<TimeLaw> =
    required("in_room", TimeLaw, "in the consulting room, where it lengthens the consultation");
static KIOSK_TIME: Required<TimeLaw> = required("kiosk", TimeLaw, "at a kiosk");
static PHONE_TIME: Required<TimeLaw> = required("phone", TimeLaw, "by phone");
static WINDOW_TIME: Required<TimeLaw> = required("window", TimeLaw, "at a window");
static TIMES_TABLE: TableSpec = TableSpec {
    name: "settlement_times",
    doc: "how long paying takes",
    keys: &[&IN_ROOM_TIME, &KIOSK_TIME, &PHONE_TIME, &WINDOW_TIME],
};
static TIMES: Required<Record<SettlementTimes>> = required(
    "times",
    Record {
        spec: &TIMES_TABLE,
        read: |table| {
            let in_room = table.read(&IN_ROOM_TIME);
            let kiosk = table.read(&KIOSK_TIME);
            let phone = table.read(&PHONE_TIME);
            let window = table.read(&WINDOW_TIME);
            Some(SettlementTimes { in_room: in_room?, kiosk: kiosk?, phone: phone?, window: window? })
        },
    },
    "how long paying takes",
);

static SETTLEMENT: TableSpec = TableSpec {
    name: "settlement",
    doc: "where money is asked for, and how it is paid; how many payments a visit needs follows from it",
    keys: &[
        &REGISTRATION_FEE,
        &AFTER_CONSULTATION,
        &BEFORE_EXAMINATION,
        &TOGETHER,
        &BEFORE_PHARMACY,
        &AFTER_CARE,
        &SHARES_WINDOWS,
        &WINDOWS,
        &SHARES_KIOSKS,
        &KIOSKS,
        &TIMES,
        &ELECTRONIC_RECEIPT,
        &INSTRUMENTS,
        &PLATFORMS,
        &IDENTITY,
        &WARD_MODES,
    ],
};

/// `[settlement]`.
pub(super) const SETTLEMENT_TABLE: Record<Settlement> = Record { spec: &SETTLEMENT, read: read_settlement };

fn point(shares: Option<[f64; 4]>) -> Option<SettlementPoint> {
    let [in_room, kiosk, phone, window] = shares?;
    Some(SettlementPoint { modes: ModeShares { in_room, kiosk, phone, window } })
}

fn read_settlement(table: &Table<'_>) -> Option<Settlement> {
    let registration_fee = table.read(&REGISTRATION_FEE);
    let after_consultation = table.read(&AFTER_CONSULTATION);
    let before_examination = table.read(&BEFORE_EXAMINATION);
    let pays_examinations_together = table.read(&TOGETHER);
    let before_pharmacy = table.read(&BEFORE_PHARMACY);
    let after_care_share = table.read(&AFTER_CARE);
    let shares_windows = table.read(&SHARES_WINDOWS);
    let windows = match shares_windows {
        Some(true) => {
            table.refuse_key(&WINDOWS, "bills are paid at the windows of registration");
            Some(Vec::new())
        }
        _ => table.read(&WINDOWS),
    };
    let shares_kiosks = table.read(&SHARES_KIOSKS);
    let kiosks = match shares_kiosks {
        Some(true) => {
            table.refuse_key(&KIOSKS, "bills are paid at the kiosks of registration");
            Some(Vec::new())
        }
        _ => table.read(&KIOSKS),
    };
    let times = table.read(&TIMES);
    let electronic_receipt_share = table.read(&ELECTRONIC_RECEIPT);
    let instruments = table.read(&INSTRUMENTS);
    let third_party_platforms = table.read(&PLATFORMS);
    let identity_documents = table.read(&IDENTITY);
    let ward_modes = table.read(&WARD_MODES);
    Some(Settlement {
        after_care_share: after_care_share?.part(),
        registration_fee: registration_fee?,
        after_consultation: point(after_consultation?),
        before_examination: point(before_examination?),
        pays_examinations_together: pays_examinations_together?,
        before_pharmacy: point(before_pharmacy?),
        shares_registration_windows: shares_windows?,
        windows: windows?,
        shares_registration_kiosks: shares_kiosks?,
        kiosks: kiosks?,
        times: times?,
        electronic_receipt_share: electronic_receipt_share?.part(),
        instruments: instruments?,
        third_party_platforms: third_party_platforms?,
        identity_documents: identity_documents?,
        ward_modes: ward_modes?,
    })
}

static PHARMACY_WINDOWS: Required<Shifts> = required("windows", Shifts, "how many windows are open when");
static HAND_OVER: Required<TimeLaw> =
    required("hand_over_time", TimeLaw, "time to hand medicine over and explain it");
static PICKING: Required<TimeLaw> =
    required("picking_time", TimeLaw, "time to pick what was not prepared; the window is busy with it");
static PREPARED_SHARE: Required<Percentage> =
    required("share", Percentage, "prescriptions prepared ahead ÷ all prescriptions");
static PREPARING: Required<TimeLaw> = required(
    "preparation_time",
    TimeLaw,
    "from the last step before the pharmacy (the consultation, or the payment where one is asked for) to medicine on \
     the shelf",
);
static PRE_DISPENSING_TABLE: TableSpec = TableSpec {
    name: "pre_dispensing",
    doc: "medicine made ready while the patient is on the way",
    keys: &[&PREPARED_SHARE, &PREPARING],
};
static PRE_DISPENSING: Optional<Record<PreDispensing>> = optional(
    "pre_dispensing",
    Record {
        spec: &PRE_DISPENSING_TABLE,
        read: |table| {
            let (share, time) = (table.read(&PREPARED_SHARE), table.read(&PREPARING));
            Some(PreDispensing { share: share?.part(), preparation_time: time? })
        },
    },
    "preparing ahead of the patient's coming; it is not done when absent",
);
static PHARMACY: TableSpec = TableSpec {
    name: "pharmacy",
    doc: "the outpatient pharmacy",
    keys: &[&PHARMACY_WINDOWS, &HAND_OVER, &PICKING, &PRE_DISPENSING],
};

/// `[pharmacy]`.
pub(super) const PHARMACY_TABLE: Record<Pharmacy> = Record {
    spec: &PHARMACY,
    read: |table| {
        let windows = table.read(&PHARMACY_WINDOWS);
        let hand_over_time = table.read(&HAND_OVER);
        let picking_time = table.read(&PICKING);
        let pre_dispensing = table.read(&PRE_DISPENSING);
        Some(Pharmacy {
            windows: windows?,
            hand_over_time: hand_over_time?,
            picking_time: picking_time?,
            pre_dispensing: pre_dispensing?,
        })
    },
};

const PLACE: Choice<Place> = Choice {
    what: "place",
    options: &[
        ("entrance", Place::Entrance, "the door"),
        ("registration", Place::Registration, "the hall of registration"),
        ("departments", Place::Departments, "check-in and the waiting areas of the departments"),
        ("booking_centre", Place::BookingCentre, "the centre where examinations are booked"),
        ("examinations", Place::Examinations, "examination rooms and their desks"),
        ("settlement", Place::Settlement, "cashiers and payment machines"),
        ("pharmacy", Place::Pharmacy, "the pharmacy"),
    ],
};
static PATIENTS_PER_HOUR: Required<Number> = required(
    "patients_per_hour",
    Number::POSITIVE,
    "how many an hour it serves, one after the other, such as the edge that a load test found; every registration and every \
     payment by phone or machine counts as one",
);
static SYSTEM: TableSpec = TableSpec {
    name: "booking_system",
    doc: "the booking and payment system behind phones and machines",
    keys: &[&PATIENTS_PER_HOUR],
};

/// `[booking_system]`.
pub(super) const SYSTEM_TABLE: Record<BookingSystem> = Record {
    spec: &SYSTEM,
    read: |table: &Table<'_>| Some(BookingSystem { patients_per_hour: table.read(&PATIENTS_PER_HOUR)? }),
};

static FROM: Required<Choice<Place>> = required("from", PLACE, "one end");
static TO: Required<Choice<Place>> = required("to", PLACE, "the other end");
static TIME: Required<Duration> =
    required("time", Duration::ANY, "mean walking time, the same in both directions");
static WAY: TableSpec = TableSpec {
    name: "way",
    doc: "the way between two places; a place with itself is the way from one room to another there",
    keys: &[&FROM, &TO, &TIME],
};
static BETWEEN: Defaulted<List<Record<WalkingTime>>> = defaulted(
    "between",
    List::of(Record {
        spec: &WAY,
        read: |table| {
            let (from, to, time) = (table.read(&FROM), table.read(&TO), table.read(&TIME));
            Some(WalkingTime { from: from?, to: to?, time: time? })
        },
    }),
    "[]",
    "mean times between pairs of places, where they differ from `default_time`",
);
static DEFAULT_TIME: Required<Duration> =
    required("default_time", Duration::ANY, "mean time between any two places");
static PACE_CV: Defaulted<Number> = defaulted(
    "pace_cv",
    Number::between(0.0, 2.0),
    "0.0",
    "how patients' paces differ: coefficient of variation of the factor (lognormal, with mean 1) on all walking times of \
     a visit",
);
static WALKING: TableSpec = TableSpec {
    name: "walking",
    doc: "how long it takes from place to place",
    keys: &[&DEFAULT_TIME, &PACE_CV, &BETWEEN],
};

fn pace_law(cv: f64) -> Option<Distribution> {
    let law = if cv == 0.0 {
        Distribution::constant(1.0)
    } else {
        Distribution::lognormal_with_mean(1.0, Spread::Cv(cv))
    };
    law.ok()
}

/// `[walking]`.
pub(super) const WALKING_TABLE: Record<Walking> = Record {
    spec: &WALKING,
    read: |table: &Table<'_>| {
        let default_time = table.read(&DEFAULT_TIME);
        let pace = table.read(&PACE_CV).and_then(pace_law);
        let between = table.read(&BETWEEN);
        Some(Walking { default_time: default_time?, pace: pace?, between: between? })
    },
};
