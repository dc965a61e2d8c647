//! What an inspector would count: figures that follow from the description without a run.

use super::{HospitalSpec, ModeShares, Shift};
use onetrip_sim::time::SimSpan;
use std::collections::BTreeMap;

/// A fact about a hospital.
#[derive(Clone, PartialEq, Debug)]
pub enum Fact {
    /// Yes or no.
    YesNo(bool),
    /// A number, or a share from 0 to 1.
    Number(f64),
    /// A duration.
    Time(SimSpan),
    /// Words.
    List(Vec<String>),
}

impl HospitalSpec {
    /// All facts by measure id: those that follow from the description, and those stated in [`HospitalSpec::facts`].
    /// A stated fact wins over a derived one; a list under `x.kinds` answers `x.count`.
    pub fn counted_facts(&self) -> BTreeMap<String, Fact> {
        let mut facts = self.derived_facts();
        facts.extend(self.facts.clone());
        let counts: Vec<(String, Fact)> = facts
            .iter()
            .filter_map(|(id, fact)| match fact {
                Fact::List(words) => {
                    let stem = id.strip_suffix(".kinds")?;
                    Some((format!("{stem}.count"), Fact::Number(words.len() as f64)))
                }
                _ => None,
            })
            .collect();
        for (id, count) in counts {
            facts.entry(id).or_insert(count);
        }
        facts
    }

    fn derived_facts(&self) -> BTreeMap<String, Fact> {
        let registration = &self.registration;
        let settlement = &self.settlement;
        let number = |count: usize| Fact::Number(count as f64);
        let mut facts = BTreeMap::new();
        let mut state = |id: &str, fact: Fact| {
            facts.insert(id.to_owned(), fact);
        };

        let channels = self.demand.booking_channels.iter().map(|channel| channel.id.clone()).collect();
        state("booking.channels.kinds", Fact::List(channels));
        state("identity.documents.count", number(registration.identity_documents.len()));
        state("registration.priority_windows.groups", Fact::List(registration.priority_groups.clone()));
        let priority_windows = most_on_duty(&registration.priority_windows.shifts);
        state("registration.priority_windows.count", Fact::Number(f64::from(priority_windows)));
        if self.annual_visits > 0.0 {
            let kiosks = most_on_duty(&registration.kiosks.shifts) + most_on_duty(&settlement.kiosks);
            let per_50000 = f64::from(kiosks) * 50_000.0 / self.annual_visits;
            state("kiosks.per_50000_visits", Fact::Number(per_50000));
        }

        let lengths: Vec<SimSpan> =
            self.departments.iter().filter_map(|d| Some(d.segments?.length)).collect();
        if !self.departments.is_empty() {
            let share = lengths.len() as f64 / self.departments.len() as f64;
            state("slots.departments_with_segments.share", Fact::Number(share));
        }
        if let Some(&longest) = lengths.iter().max() {
            state("slots.segment_length.max", Fact::Time(longest));
        }
        let has_rule = self.consultation.pattern.contains(&super::Lane::Returning);
        state("consultation.returning_patients_rule", Fact::YesNo(has_rule));

        let booking = &self.examination_booking;
        state(
            "examination.single_booked_in_room_or_kiosk",
            Fact::YesNo(booking.single.in_room_share + booking.single.kiosk_share > 0.0),
        );
        state(
            "examination.several_booked_in_room_or_centre",
            Fact::YesNo(booking.several.in_room_share + booking.several.centre_share > 0.0),
        );
        state("centres.examination_booking", Fact::YesNo(most_on_duty(&booking.centre_shifts) > 0));

        let points =
            [settlement.after_consultation, settlement.before_examination, settlement.before_pharmacy];
        let uses =
            |share: fn(&ModeShares) -> f64| points.iter().flatten().any(|point| share(&point.modes) > 0.0);
        let modes = [
            uses(|modes| modes.in_room),
            uses(|modes| modes.kiosk),
            uses(|modes| modes.phone),
            settlement.after_care_share > 0.0,
        ];
        let mode_count = modes.iter().filter(|&&used| used).count();
        state("settlement.outpatient_modes.count", number(mode_count));
        state("settlement.ward_modes.count", number(settlement.ward_modes.len()));
        state("settlement.identity_documents.count", number(settlement.identity_documents.len()));
        state("payment.instruments.count", number(settlement.instruments.len()));
        state("payment.third_party_platforms.count", number(settlement.third_party_platforms.len()));
        facts
    }
}

/// The most servers that are on duty together at any time of the day.
pub(in crate::hospital) fn most_on_duty(shifts: &[Shift]) -> u32 {
    shifts
        .iter()
        .map(|shift| {
            let at = shift.from;
            shifts.iter().filter(|other| other.from <= at && at < other.to).map(|other| other.count).sum()
        })
        .max()
        .unwrap_or(0)
}
