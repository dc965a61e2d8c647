//! Filling an empty desk: departments, days, sessions, slots and some patients.

use std::time::Duration;

use jiff::civil::{Date, Time};
use jiff::tz::{Offset, TimeZone};
use serde::{Deserialize, Serialize};

use super::{Body, Counter};
use crate::domain::{Kind, Moment, Patient, RecordStatus, Schedule, Slot, SlotStatus};
use crate::ledger::CommandError;
use crate::refusal::Refusal;

const SLOT_COUNT_MAX: u64 = 200_000;
const PATIENT_COUNT_MAX: u32 = 200_000;

/// What an empty desk is filled with. Everything has a default, so `{}` is a small clinic's day.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SetUp {
    /// Names; one schedule each.
    departments: Vec<String>,
    /// First day, `2027-03-01`, on the hospital's own calendar.
    first_day: Date,
    /// How many days in a row.
    day_count: u32,
    /// Clinic sessions of each day.
    sessions: Vec<SessionHours>,
    /// Length of one slot.
    segment_minutes: u32,
    /// Places per slot.
    capacity: u32,
    /// Registration fee in hundredths; 0 needs no payment.
    price_cents: i64,
    /// The hospital's clock against UTC.
    utc_offset_minutes: i32,
    /// Patients registered beforehand.
    patient_count: u32,
}

/// One clinic session.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct SessionHours {
    from: Time,
    to: Time,
}

impl Default for SetUp {
    fn default() -> Self {
        let hours = |from: i8, to: i8| SessionHours {
            from: Time::constant(from, 0, 0, 0),
            to: Time::constant(to, 0, 0, 0),
        };
        Self {
            departments: ["internal medicine", "surgery", "paediatrics", "ophthalmology"]
                .map(str::to_owned)
                .into(),
            first_day: Date::constant(2027, 3, 1),
            day_count: 1,
            sessions: vec![hours(8, 12), hours(14, 17)],
            segment_minutes: 30,
            capacity: 1,
            price_cents: 0,
            utc_offset_minutes: 0,
            patient_count: 0,
        }
    }
}

/// What was set up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct SetUpSummary {
    schedule_ids: Vec<String>,
    schedule_count: usize,
    slot_count: usize,
    first_slot_id: Option<String>,
    last_slot_id: Option<String>,
    place_count: u64,
    patient_count: u32,
    first_patient_id: Option<String>,
    last_patient_id: Option<String>,
}

impl SetUp {
    fn check(&self) -> Result<(), Refusal> {
        let minutes: i64 = self.sessions.iter().map(SessionHours::minutes).sum();
        let per_day = u64::try_from(minutes).unwrap_or(0) / u64::from(self.segment_minutes.max(1));
        let slots =
            per_day.saturating_mul(self.departments.len() as u64).saturating_mul(u64::from(self.day_count));
        let complaint = if !(1..=30).contains(&self.segment_minutes) {
            Some((format!("segment_minutes = {}", self.segment_minutes), "1 to 30 minutes".to_owned()))
        } else if !(1..=10_000).contains(&self.capacity) {
            Some((format!("capacity = {}", self.capacity), "1 to 10000 places".to_owned()))
        } else if !(0..=100_000_000).contains(&self.price_cents) {
            Some((format!("price_cents = {}", self.price_cents), "0 to 100000000".to_owned()))
        } else if self.sessions.iter().any(|session| session.minutes() <= 0) {
            Some(("a session that ends before it begins".to_owned(), "from before to".to_owned()))
        } else if slots == 0 || slots > SLOT_COUNT_MAX {
            Some((format!("{slots} slots"), format!("1 to {SLOT_COUNT_MAX} slots in all")))
        } else if self.patient_count > PATIENT_COUNT_MAX {
            Some((format!("patient_count = {}", self.patient_count), format!("at most {PATIENT_COUNT_MAX}")))
        } else if self.utc_offset_minutes.abs() > 14 * 60 {
            Some((format!("utc_offset_minutes = {}", self.utc_offset_minutes), "-840 to 840".to_owned()))
        } else {
            None
        };
        complaint.map_or(Ok(()), |(message, accepted)| Err(Refusal::invalid(message, accepted)))
    }

    /// Starts of one day's slots.
    fn starts(&self, day: Date) -> Result<Vec<Moment>, Refusal> {
        let unreadable =
            || Refusal::invalid(format!("{day} with this offset is no instant"), "a day of this century");
        let offset = Offset::from_seconds(self.utc_offset_minutes * 60).map_err(|_| unreadable())?;
        let mut starts = Vec::new();
        for session in &self.sessions {
            let zoned =
                day.to_datetime(session.from).to_zoned(TimeZone::fixed(offset)).map_err(|_| unreadable())?;
            let first = Moment(zoned.timestamp().as_millisecond());
            let count = session.minutes() / i64::from(self.segment_minutes);
            starts.extend((0..count).map(|k| Moment(first.0 + k * i64::from(self.segment_minutes) * 60_000)));
        }
        Ok(starts)
    }
}

impl SessionHours {
    fn minutes(&self) -> i64 {
        let minute_of = |time: Time| i64::from(time.hour()) * 60 + i64::from(time.minute());
        minute_of(self.to) - minute_of(self.from)
    }
}

impl Counter<'_> {
    /// Fills an empty desk; 409 when it is not.
    pub(crate) fn set_up(&mut self, plan: &SetUp) -> Result<SetUpSummary, CommandError> {
        plan.check()?;
        self.ledger.reserve("set-up")?;
        for kind in [Kind::Schedule, Kind::Slot] {
            if let Some(row) = self.ledger.list(kind, 0, 1)?.first() {
                let message = format!("the desk already has {} `{}`", kind.name(), row.id);
                return Err(Refusal::conflict("not-empty", message, "a desk on a new database").into());
            }
        }
        let segment_time = Duration::from_secs(u64::from(plan.segment_minutes) * 60);
        let mut schedule_ids = Vec::new();
        let mut slot_ids = Vec::new();
        for department in &plan.departments {
            let schedule = Schedule {
                status: RecordStatus::Active,
                department: department.clone(),
                identifiers: Vec::new(),
            };
            let schedule = self.insert(schedule, Body::new(), None)?;
            let mut day = plan.first_day;
            for _ in 0..plan.day_count {
                for start_at in plan.starts(day)? {
                    let slot = Slot {
                        schedule_id: schedule.id.clone(),
                        start_at,
                        end_at: start_at.after(segment_time),
                        capacity: plan.capacity,
                        price_cents: plan.price_cents,
                        status: SlotStatus::Free,
                        booked_count: 0,
                        holds: Vec::new(),
                        claim: None,
                        identifiers: Vec::new(),
                    };
                    slot_ids.push(self.insert(slot, Body::new(), None)?.id);
                }
                day =
                    day.tomorrow().map_err(|_| Refusal::invalid("too many days", "days of this century"))?;
            }
            schedule_ids.push(schedule.id);
        }
        let mut patient_ids = Vec::new();
        for number in 1..=plan.patient_count {
            let patient = Patient {
                status: RecordStatus::Active,
                name: format!("patient {number}"),
                identifiers: Vec::new(),
            };
            patient_ids.push(self.insert(patient, Body::new(), None)?.id);
        }
        Ok(SetUpSummary {
            schedule_count: schedule_ids.len(),
            schedule_ids,
            slot_count: slot_ids.len(),
            place_count: slot_ids.len() as u64 * u64::from(plan.capacity),
            first_slot_id: slot_ids.first().cloned(),
            last_slot_id: slot_ids.last().cloned(),
            patient_count: plan.patient_count,
            first_patient_id: patient_ids.first().cloned(),
            last_patient_id: patient_ids.last().cloned(),
        })
    }
}
