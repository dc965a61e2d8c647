//! Who comes, when, and how they booked: `[demand]`, `[[booking_channel]]`, `[[class]]`.

use super::kinds::{Profile, SHARE, Word};
use crate::law::OffsetLaw;
use crate::quantity::Share;
use crate::reader::key::{Defaulted, Required, TableSpec, defaulted, required};
use crate::reader::kinds::{Choice, Flag, Located, Number, Percentage, Shown};
use crate::reader::{At, Record, Table};
use onetrip_models::hospital::spec::{BookingChannel, Demand, PatientClass, PatientGroup};
use onetrip_models::text::Text as Words;

static VISITS: Required<Number> = required(
    "visits_per_day",
    Number::between(0.0, 1e6),
    "visits on a mean day: booked patients who come, and walk-ins",
);
static DAY_FACTOR_CV: Defaulted<Number> = defaulted(
    "day_factor_cv",
    Number::between(0.0, 10.0),
    "0.0",
    "how far days differ beyond chance: coefficient of variation of the factor on all visits of a day; 0, or from \
     0.001",
);
static PROFILE: Required<Profile> = required(
    "profile",
    Profile,
    "when walk-ins come, and which time of day those who book ask for: shares of the day; together 100 %",
);
static PEAK_HOUR_SHARE: Required<Percentage> = required(
    "peak_hour_share",
    Percentage,
    "an hour of the clock is a peak hour when at least this share of the profile falls into it",
);
static BOOKED_SHARE: Required<Percentage> =
    required("booked_share", Percentage, "booked patients who come ÷ all visits");
static NO_SHOW_SHARE: Required<Percentage> =
    required("no_show_share", Percentage, "booked patients who do not come ÷ booked patients");
static PUNCTUALITY: Required<OffsetLaw> = required(
    "punctuality",
    OffsetLaw,
    "arrival at the hospital minus the beginning of the booked segment; below zero is early",
);

static DEMAND: TableSpec = TableSpec {
    name: "demand",
    doc: "the visits of a day",
    keys: &[&VISITS, &DAY_FACTOR_CV, &PROFILE, &PEAK_HOUR_SHARE, &BOOKED_SHARE, &NO_SHOW_SHARE, &PUNCTUALITY],
};

/// `[demand]`, still without channels and classes.
pub(super) const DEMAND_TABLE: Record<Demand> = Record { spec: &DEMAND, read: read_demand };

fn read_demand(table: &Table<'_>) -> Option<Demand> {
    let visits_per_day = table.read(&VISITS);
    let day_factor_cv = table.read(&DAY_FACTOR_CV);
    let profile = table.read(&PROFILE);
    let peak_hour_share = table.read(&PEAK_HOUR_SHARE);
    let booked_share = table.read(&BOOKED_SHARE);
    let no_show_share = table.read(&NO_SHOW_SHARE);
    let punctuality = table.read(&PUNCTUALITY);
    Some(Demand {
        visits_per_day: visits_per_day?,
        day_factor_cv: day_factor_cv?,
        profile: profile?,
        peak_hour_share: peak_hour_share?.part(),
        booked_share: booked_share?.part(),
        no_show_share: no_show_share?.part(),
        punctuality: punctuality?,
        booking_channels: Vec::new(),
        classes: Vec::new(),
        surges: Vec::new(),
    })
}

/// An element of a list, with what the list as a whole is checked for.
pub(super) struct Listed<T> {
    pub(super) value: T,
    pub(super) id: At<String>,
    pub(super) share: At<Share>,
}

static CHANNEL_ID: Required<Located<Word>> = required(
    "id",
    Located(Word),
    "word for the channel; policy targets know mobile, website, phone, kiosk, consulting_room, primary_care",
);
static CHANNEL_SHARE: Required<Located<Percentage>> =
    required("share", SHARE, "bookings made this way ÷ all bookings; together 100 %");
static NUMBER_IN_HAND: Required<Flag> = required(
    "number_in_hand",
    Flag,
    "whether the booking carries a number, so that its holder goes straight to check-in; otherwise the number is \
     collected at registration",
);

static CHANNEL: TableSpec = TableSpec {
    name: "booking_channel",
    doc: "one way to book",
    keys: &[&CHANNEL_ID, &CHANNEL_SHARE, &NUMBER_IN_HAND],
};

/// `[[booking_channel]]`.
pub(super) const CHANNEL_TABLE: Record<Listed<BookingChannel>> =
    Record { spec: &CHANNEL, read: read_channel };

fn read_channel(table: &Table<'_>) -> Option<Listed<BookingChannel>> {
    let (id, share, in_hand) =
        (table.read(&CHANNEL_ID), table.read(&CHANNEL_SHARE), table.read(&NUMBER_IN_HAND));
    let (id, share) = (id?, share?);
    let value =
        BookingChannel { id: id.value.clone(), share: share.value.part(), gives_number_in_hand: in_hand? };
    Some(Listed { value, id, share })
}

static CLASS_ID: Required<Located<Word>> =
    required("id", Located(Word), "word for the class, also used in tables");
static CLASS_NAME: Required<Shown> = required("name", Shown, "name shown");
static GROUP: Required<Choice<PatientGroup>> = required(
    "group",
    Choice {
        what: "group of people",
        options: &[
            ("ordinary", PatientGroup::Ordinary, "nobody in particular"),
            ("elderly", PatientGroup::Elderly, "old people"),
            ("disabled", PatientGroup::Disabled, "people with a disability"),
            ("military", PatientGroup::Military, "soldiers and veterans"),
            (
                "bereaved_family",
                PatientGroup::BereavedFamily,
                "families who lost their only child, or one in service",
            ),
            ("child", PatientGroup::Child, "children"),
            (
                "returning_with_results",
                PatientGroup::ReturningWithResults,
                "patients who bring the results of examinations made on an earlier day",
            ),
        ],
    },
    "what kind of people they are",
);
static CLASS_SHARE: Required<Located<Percentage>> = required(
    "share",
    SHARE,
    "visits of this class ÷ all visits, at departments that treat everyone; where only some are treated, the shares \
         of those keep their proportion; together 100 %",
);
static PRIORITY_WINDOWS: Defaulted<Flag> =
    defaulted("uses_priority_windows", Flag, "false", "whether they may use the priority windows");
static GOES_FIRST: Defaulted<Flag> = defaulted(
    "goes_first_at_consultation",
    Flag,
    "false",
    "whether they go before others of the same lane at the consulting rooms",
);
static KIOSK_ABLE: Defaulted<Percentage> = defaulted(
    "kiosk_able_share",
    Percentage,
    "\"100 %\"",
    "those who can use a kiosk, by themselves or with who comes along; the rest only use windows",
);
static WALKING_FACTOR: Defaulted<Number> = defaulted(
    "walking_factor",
    Number::between(0.1, 10.0),
    "1.0",
    "walking time relative to that of other people",
);

static CLASS: TableSpec = TableSpec {
    name: "class",
    doc: "a class of patient; figures are kept by class",
    keys: &[
        &CLASS_ID,
        &CLASS_NAME,
        &GROUP,
        &CLASS_SHARE,
        &PRIORITY_WINDOWS,
        &GOES_FIRST,
        &KIOSK_ABLE,
        &WALKING_FACTOR,
    ],
};

/// `[[class]]`.
pub(super) const CLASS_TABLE: Record<Listed<PatientClass>> = Record { spec: &CLASS, read: read_class };

fn read_class(table: &Table<'_>) -> Option<Listed<PatientClass>> {
    let id = table.read(&CLASS_ID);
    let name: Option<Words> = table.read(&CLASS_NAME);
    let group = table.read(&GROUP);
    let share = table.read(&CLASS_SHARE);
    let uses_priority_windows = table.read(&PRIORITY_WINDOWS);
    let goes_first = table.read(&GOES_FIRST);
    let kiosk_able_share = table.read(&KIOSK_ABLE);
    let walking_factor = table.read(&WALKING_FACTOR);
    let (id, share) = (id?, share?);
    let value = PatientClass {
        id: id.value.clone(),
        name: name?,
        group: group?,
        share: share.value.part(),
        uses_priority_windows: uses_priority_windows?,
        goes_first_at_consultation: goes_first?,
        kiosk_able_share: kiosk_able_share?.part(),
        walking_factor: walking_factor?,
    };
    Some(Listed { value, id, share })
}
