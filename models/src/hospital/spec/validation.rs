//! What is wrong with a description: all of it at once, each with the dotted path of the value.

use super::{HospitalSpec, IN_ROOM, MachineFailures, ModeShares, PHONE, Shift};
use crate::hospital::patient::MOST_SURGES;
use onetrip_sim::distribution::Distribution;
use onetrip_sim::time::SimSpan;
use std::collections::BTreeSet;
use std::fmt;

/// One thing that is wrong with a description.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SpecProblem {
    /// Where, such as `departments[2].sessions[0].to`.
    pub path: String,
    /// What was given and what would be accepted.
    pub problem: String,
}

impl fmt::Display for SpecProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: {}", self.path, self.problem)
    }
}

/// Most departments, classes and examinations that a hospital may have.
const MOST_DEPARTMENTS: usize = 250;
const MOST_CLASSES: usize = 250;
const MOST_EXAMINATIONS: usize = 16;
/// Most segments of one department in a day.
const MOST_SEGMENTS: u64 = 250;

#[derive(Default)]
struct Inspection {
    problems: Vec<SpecProblem>,
}

impl HospitalSpec {
    /// Everything that keeps this description from being simulated.
    ///
    /// # Errors
    /// All problems, in the order of the description.
    pub fn validate(&self) -> Result<(), Vec<SpecProblem>> {
        let mut inspection = Inspection::default();
        inspection.hospital(self);
        if inspection.problems.is_empty() { Ok(()) } else { Err(inspection.problems) }
    }
}

impl Inspection {
    fn require(&mut self, holds: bool, path: impl Into<String>, problem: impl Into<String>) {
        if !holds {
            self.problems.push(SpecProblem { path: path.into(), problem: problem.into() });
        }
    }

    fn share(&mut self, path: impl Into<String>, share: f64) {
        self.require((0.0..=1.0).contains(&share), path, format!("{share} is not a share from 0 to 1"));
    }

    fn weight(&mut self, path: impl Into<String>, weight: f64) {
        let holds = weight >= 0.0 && weight.is_finite();
        self.require(holds, path, format!("{weight} is not a number of 0 or more"));
    }

    fn weights(&mut self, path: &str, weights: &[(String, f64)]) {
        for (name, weight) in weights {
            self.weight(format!("{path}{name}"), *weight);
        }
        let sum: f64 = weights.iter().map(|(_, weight)| weight).sum();
        self.require(sum > 0.0, path.trim_end_matches('.'), "all shares are 0; at least one must be above");
    }

    fn duration(&mut self, path: impl Into<String>, law: &Distribution) {
        let low = law.support().0;
        self.require(
            low >= 0.0,
            path,
            format!("the law gives values down to {low}, but a time is never negative"),
        );
    }

    fn ids<'a>(&mut self, path: &str, ids: impl Iterator<Item = &'a String>) {
        let mut seen = BTreeSet::new();
        for (index, id) in ids.enumerate() {
            let is_word = id.starts_with(|c: char| c.is_ascii_lowercase())
                && id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
            let place = format!("{path}[{index}].id");
            self.require(
                is_word,
                place.clone(),
                format!("`{id}` is not a word of small letters, digits and _, beginning with a letter"),
            );
            self.require(seen.insert(id), place, format!("`{id}` is used twice"));
        }
    }

    fn shifts(&mut self, path: &str, shifts: &[Shift]) {
        for (index, shift) in shifts.iter().enumerate() {
            self.interval(&format!("{path}[{index}]"), shift.from, shift.to);
        }
    }

    fn interval(&mut self, path: &str, from: SimSpan, to: SimSpan) {
        self.require(from < to, format!("{path}.to"), format!("{to:?} is not after {from:?} (from)"));
        self.require(
            to <= SimSpan::DAY,
            format!("{path}.to"),
            format!("{to:?} is later than midnight (24:00)"),
        );
    }

    fn somebody(&mut self, path: &str, shifts: &[Shift], why: &str) {
        let any = shifts.iter().any(|shift| shift.count > 0 && shift.from < shift.to);
        self.require(any, path, format!("nobody is on duty all day, but {why}"));
    }

    fn failures(&mut self, path: &str, failures: &Option<MachineFailures>) {
        let Some(failures) = failures else { return };
        for (name, law) in
            [("time_to_failure", &failures.time_to_failure), ("repair_time", &failures.repair_time)]
        {
            self.duration(format!("{path}.{name}"), law);
            self.require(
                law.mean() > 0.0,
                format!("{path}.{name}"),
                "the mean is 0; it must be above, or a machine fails without end",
            );
        }
    }

    fn hospital(&mut self, spec: &HospitalSpec) {
        let holds = spec.annual_visits > 0.0 && spec.annual_visits.is_finite();
        self.require(holds, "annual_visits", format!("{} is not a number above 0", spec.annual_visits));
        self.demand(spec);
        self.registration(spec);
        self.consultation(spec);
        self.examinations(spec);
        self.settlement(spec);
        self.pharmacy(spec);
        if let Some(system) = spec.booking_system {
            let rate = system.patients_per_hour;
            // Up to one patient a microsecond, the unit of time.
            let holds = (0.001..=3.6e9).contains(&rate);
            let problem = format!("{rate} is not a number from 0.001 to 3,600,000,000");
            self.require(holds, "booking_system.patients_per_hour", problem);
        }
        self.outages(spec);
        self.surges(spec);
        self.duration("walking.pace", &spec.walking.pace);
        let holds = spec.walking.pace.mean() > 0.0;
        self.require(holds, "walking.pace", "the mean is 0; it must be above");
    }

    fn demand(&mut self, spec: &HospitalSpec) {
        let demand = &spec.demand;
        let visits = demand.visits_per_day;
        self.require(
            (0.0..=1e6).contains(&visits),
            "demand.visits_per_day",
            format!("{visits} is not a number from 0 to 1,000,000"),
        );
        let cv = demand.day_factor_cv;
        self.require(
            cv == 0.0 || (0.001..=10.0).contains(&cv),
            "demand.day_factor_cv",
            format!("{cv} is neither 0 nor a number from 0.001 to 10"),
        );
        for (index, piece) in demand.profile.iter().enumerate() {
            self.interval(&format!("demand.profile[{index}]"), piece.from, piece.to);
            if index > 0 {
                let before = demand.profile[index - 1].to;
                self.require(
                    piece.from >= before,
                    format!("demand.profile[{index}].from"),
                    format!("{:?} is before the end of the piece before, {before:?}", piece.from),
                );
            }
        }
        let profile: Vec<_> = demand
            .profile
            .iter()
            .enumerate()
            .map(|(index, piece)| (format!("[{index}].weight"), piece.weight))
            .collect();
        self.weights("demand.profile", &profile);
        self.share("demand.peak_hour_share", demand.peak_hour_share);
        self.share("demand.booked_share", demand.booked_share);
        self.require(
            (0.0..1.0).contains(&demand.no_show_share),
            "demand.no_show_share",
            format!("{} is not a share from 0 to below 1", demand.no_show_share),
        );
        if demand.booked_share > 0.0 {
            let channels: Vec<_> = demand
                .booking_channels
                .iter()
                .enumerate()
                .map(|(index, channel)| (format!("[{index}].share"), channel.share))
                .collect();
            self.weights("demand.booking_channels", &channels);
        }
        self.ids("demand.booking_channels", demand.booking_channels.iter().map(|channel| &channel.id));
        self.classes(spec);
    }

    fn outages(&mut self, spec: &HospitalSpec) {
        let places = spec.places_of_outage();
        for (index, outage) in spec.outages.iter().enumerate() {
            let path = format!("outages[{index}]");
            self.require(
                places.contains(&outage.place),
                format!("{path}.place"),
                format!("nothing here is called `{}`; accepted: {}", outage.place, places.join(", ")),
            );
            self.interval(&path, outage.from, outage.to);
            self.require(
                outage.server_count != Some(0),
                format!("{path}.servers"),
                "0 servers are out; at least 1 must be",
            );
            self.require(
                outage.server_count.is_none() || ![IN_ROOM, PHONE].contains(&outage.place.as_str()),
                format!("{path}.servers"),
                format!("`{}` has no servers to count; it works or it does not", outage.place),
            );
        }
    }

    fn surges(&mut self, spec: &HospitalSpec) {
        let surges = &spec.demand.surges;
        self.require(
            surges.len() <= MOST_SURGES,
            "demand.surges",
            format!("{} surges; at most {MOST_SURGES} are possible", surges.len()),
        );
        for (index, surge) in surges.iter().enumerate() {
            let known: Vec<&str> = spec.departments.iter().map(|one| one.id.as_str()).collect();
            self.require(
                known.contains(&surge.department.as_str()),
                format!("demand.surges[{index}].department"),
                format!("there is no department `{}`; accepted: {}", surge.department, known.join(", ")),
            );
            self.require(
                (1.0..=100.0).contains(&surge.factor),
                format!("demand.surges[{index}].factor"),
                format!("{} is not a number from 1 to 100", surge.factor),
            );
        }
    }

    fn classes(&mut self, spec: &HospitalSpec) {
        let classes = &spec.demand.classes;
        self.require(
            classes.len() <= MOST_CLASSES,
            "demand.classes",
            format!("{} classes; at most {MOST_CLASSES} are possible", classes.len()),
        );
        self.ids("demand.classes", classes.iter().map(|class| &class.id));
        let shares: Vec<_> = classes
            .iter()
            .enumerate()
            .map(|(index, class)| (format!("[{index}].share"), class.share))
            .collect();
        self.weights("demand.classes", &shares);
        for (index, class) in classes.iter().enumerate() {
            self.share(format!("demand.classes[{index}].kiosk_able_share"), class.kiosk_able_share);
            self.require(
                (0.1..=10.0).contains(&class.walking_factor),
                format!("demand.classes[{index}].walking_factor"),
                format!("{} is not a number from 0.1 to 10", class.walking_factor),
            );
        }
    }

    fn registration(&mut self, spec: &HospitalSpec) {
        let registration = &spec.registration;
        for (path, windows) in [
            ("registration.windows", &registration.windows),
            ("registration.priority_windows", &registration.priority_windows),
        ] {
            self.shifts(&format!("{path}.shifts"), &windows.shifts);
            self.task_times(path, &windows.task_times);
        }
        self.somebody("registration.windows.shifts", &registration.windows.shifts, "a hospital registers");
        let kiosks = &registration.kiosks;
        self.shifts("registration.kiosks.shifts", &kiosks.shifts);
        self.task_times("registration.kiosks", &kiosks.task_times);
        self.share("registration.kiosks.failed_use_share", kiosks.failed_use_share);
        self.failures("registration.kiosks.failures", &kiosks.failures);
        self.shifts("registration.kiosks.help_shifts", &kiosks.help_shifts);
        self.duration("registration.kiosks.help_time", &kiosks.help_time);
        self.share("registration.phone_share_of_walk_ins", registration.phone_share_of_walk_ins);
        self.share("registration.returning_registers_share", registration.returning_registers_share);
        self.share("registration.first_time_share", registration.first_time_share);
        self.share("registration.prefers_kiosk_share", registration.prefers_kiosk_share);
        self.share("registration.prefers_window_share", registration.prefers_window_share);
        let both = registration.prefers_kiosk_share + registration.prefers_window_share;
        self.require(
            both <= 1.0 + 1e-9,
            "registration.prefers_window_share",
            format!("together with prefers_kiosk_share it is {both}; at most 1 is possible"),
        );
        if let Some(patience) = &registration.patience {
            self.duration("registration.patience", patience);
        }
        let check_in = &spec.check_in;
        self.share("check_in.phone_share", check_in.phone_share);
        self.share("check_in.kiosk_share", check_in.kiosk_share);
        let both = check_in.phone_share + check_in.kiosk_share;
        self.require(
            both <= 1.0 + 1e-9,
            "check_in.kiosk_share",
            format!("together with phone_share it is {both}; at most 1 is possible"),
        );
        self.shifts("check_in.kiosk_shifts", &check_in.kiosk_shifts);
        self.shifts("check_in.desk_shifts", &check_in.desk_shifts);
        self.duration("check_in.kiosk_time", &check_in.kiosk_time);
        self.duration("check_in.desk_time", &check_in.desk_time);
        if check_in.kiosk_share > 0.0 {
            self.somebody("check_in.kiosk_shifts", &check_in.kiosk_shifts, "patients check in at machines");
        }
        if both < 1.0 - 1e-9 {
            self.somebody("check_in.desk_shifts", &check_in.desk_shifts, "patients check in at the desk");
        }
    }

    fn task_times(&mut self, path: &str, times: &super::TaskTimes) {
        for (name, law) in [
            ("collect_number", &times.collect_number),
            ("register", &times.register),
            ("register_first_time", &times.register_first_time),
        ] {
            self.duration(format!("{path}.task_times.{name}"), law);
        }
    }

    fn consultation(&mut self, spec: &HospitalSpec) {
        let rules = &spec.consultation;
        self.require(
            !rules.pattern.is_empty(),
            "consultation.pattern",
            "the pattern is empty; it names at least one of booked, walk_in and returning",
        );
        if let Some(patience) = &rules.patience {
            self.duration("consultation.patience", patience);
        }
        let departments = &spec.departments;
        self.require(
            (1..=MOST_DEPARTMENTS).contains(&departments.len()),
            "departments",
            format!("{} departments; 1 to {MOST_DEPARTMENTS} are possible", departments.len()),
        );
        self.ids("departments", departments.iter().map(|department| &department.id));
        let shares: Vec<_> = departments
            .iter()
            .enumerate()
            .map(|(index, department)| (format!("[{index}].share"), department.share))
            .collect();
        self.weights("departments", &shares);
        for (index, department) in departments.iter().enumerate() {
            self.department(spec, &format!("departments[{index}]"), department);
        }
    }

    fn department(&mut self, spec: &HospitalSpec, path: &str, department: &super::Department) {
        self.require(
            !["booked", "walk_in", "returning"].contains(&department.id.as_str()),
            format!("{path}.id"),
            format!(
                "`{}` names a lane of patients in the measures; any other word is accepted",
                department.id
            ),
        );
        self.require(
            department.sessions.iter().any(|session| session.doctor_count > 0),
            format!("{path}.sessions"),
            "no session has a doctor",
        );
        let mut segment_count = 0;
        for (index, session) in department.sessions.iter().enumerate() {
            let at = format!("{path}.sessions[{index}]");
            self.interval(&at, session.from, session.to);
            let length = session.to.saturating_sub(session.from);
            self.require(
                session.late_start < length || length == SimSpan::ZERO,
                format!("{at}.late_start"),
                format!("{:?} is not shorter than the session", session.late_start),
            );
            if index > 0 {
                let before = department.sessions[index - 1].to;
                self.require(
                    session.from > before,
                    format!("{at}.from"),
                    format!(
                        "{:?} is not after the end of the session before, {before:?}; one session does for both",
                        session.from
                    ),
                );
            }
            if let Some(rule) = department.segments.filter(|rule| rule.length > SimSpan::ZERO) {
                segment_count += length.as_micros().div_ceil(rule.length.as_micros());
            }
        }
        if let Some(rule) = department.segments {
            self.require(
                rule.length > SimSpan::ZERO && segment_count <= MOST_SEGMENTS,
                format!("{path}.segments.length"),
                format!(
                    "{:?} is not a length above 0 with at most {MOST_SEGMENTS} segments a day",
                    rule.length
                ),
            );
            self.weight(format!("{path}.segments.capacity_per_doctor"), rule.capacity_per_doctor);
        }
        self.duration(format!("{path}.first_time"), &department.first_time);
        self.duration(format!("{path}.return_time"), &department.return_time);
        for (index, (id, share)) in department.examination_shares.iter().enumerate() {
            self.share(format!("{path}.examination_shares[{index}]"), *share);
            let is_known = spec.examinations.iter().any(|modality| modality.id == *id);
            self.require(
                is_known,
                format!("{path}.examination_shares[{index}]"),
                format!("`{id}` is not the id of an examination of this hospital"),
            );
        }
        self.share(format!("{path}.returns_with_results_share"), department.returns_with_results_share);
        self.share(format!("{path}.medicine_share"), department.medicine_share);
        let weights: f64 = spec
            .demand
            .classes
            .iter()
            .filter(|class| department.admits.admits(class.group))
            .map(|class| class.share)
            .sum();
        self.require(
            weights > 0.0,
            format!("{path}.admits"),
            "no class of patient with a share above 0 is admitted here",
        );
    }

    fn examinations(&mut self, spec: &HospitalSpec) {
        let count = spec.examinations.len();
        self.require(
            count <= MOST_EXAMINATIONS,
            "examinations",
            format!("{count} kinds of examination; at most {MOST_EXAMINATIONS} are possible"),
        );
        self.ids("examinations", spec.examinations.iter().map(|modality| &modality.id));
        for (index, modality) in spec.examinations.iter().enumerate() {
            let path = format!("examinations[{index}]");
            self.shifts(&format!("{path}.shifts"), &modality.shifts);
            self.somebody(&format!("{path}.shifts"), &modality.shifts, "the examination is offered");
            self.duration(format!("{path}.service_time"), &modality.service_time);
            self.duration(format!("{path}.preparation_time"), &modality.preparation_time);
            self.duration(format!("{path}.report_time"), &modality.report_time);
            self.failures(&format!("{path}.failures"), &modality.failures);
            self.share(format!("{path}.other_day_share"), modality.other_day_share);
            if let Some(timed) = modality.timed {
                self.share(format!("{path}.timed.share"), timed.share);
                self.require(
                    timed.segment_length >= SimSpan::from_whole_minutes(1),
                    format!("{path}.timed.segment_length"),
                    format!("{:?} is shorter than a minute", timed.segment_length),
                );
                self.weight(format!("{path}.timed.capacity_per_machine"), timed.capacity_per_machine);
            }
        }
        if count > 0 {
            self.examination_booking(spec);
        }
    }

    fn examination_booking(&mut self, spec: &HospitalSpec) {
        let booking = &spec.examination_booking;
        let (single, several) = (booking.single, booking.several);
        let named = |pairs: &[(&str, f64)]| -> Vec<(String, f64)> {
            pairs.iter().map(|&(name, share)| (name.to_owned(), share)).collect()
        };
        self.weights(
            "examination_booking.single.",
            &named(&[
                ("in_room_share", single.in_room_share),
                ("kiosk_share", single.kiosk_share),
                ("centre_share", single.centre_share),
                ("desk_share", single.desk_share),
            ]),
        );
        self.weights(
            "examination_booking.several.",
            &named(&[
                ("in_room_share", several.in_room_share),
                ("centre_share", several.centre_share),
                ("desk_share", several.desk_share),
            ]),
        );
        self.shifts("examination_booking.centre_shifts", &booking.centre_shifts);
        self.shifts("examination_booking.desk_shifts", &booking.desk_shifts);
        for (name, law) in [
            ("centre_time", &booking.centre_time),
            ("kiosk_time", &booking.kiosk_time),
            ("room_time", &booking.room_time),
            ("desk_time", &booking.desk_time),
        ] {
            self.duration(format!("examination_booking.{name}"), law);
        }
        if single.centre_share + several.centre_share > 0.0 {
            self.somebody(
                "examination_booking.centre_shifts",
                &booking.centre_shifts,
                "examinations are booked at the centre",
            );
        }
        if single.desk_share + several.desk_share > 0.0 {
            self.somebody(
                "examination_booking.desk_shifts",
                &booking.desk_shifts,
                "examinations are booked at the desks",
            );
        }
        if single.kiosk_share > 0.0 {
            self.somebody(
                "registration.kiosks.shifts",
                &spec.registration.kiosks.shifts,
                "examinations are booked at kiosks",
            );
        }
    }

    fn settlement(&mut self, spec: &HospitalSpec) {
        let settlement = &spec.settlement;
        self.share("settlement.after_care_share", settlement.after_care_share);
        self.share("settlement.electronic_receipt_share", settlement.electronic_receipt_share);
        self.shifts("settlement.windows", &settlement.windows);
        self.shifts("settlement.kiosks", &settlement.kiosks);
        for (name, law) in [
            ("in_room", &settlement.times.in_room),
            ("kiosk", &settlement.times.kiosk),
            ("phone", &settlement.times.phone),
            ("window", &settlement.times.window),
        ] {
            self.duration(format!("settlement.times.{name}"), law);
        }
        let points = [
            ("after_consultation", settlement.after_consultation),
            ("before_examination", settlement.before_examination),
            ("before_pharmacy", settlement.before_pharmacy),
        ];
        for (name, point) in points {
            let Some(point) = point else { continue };
            let path = format!("settlement.{name}.modes");
            let ModeShares { in_room, kiosk, phone, window } = point.modes;
            let modes = [("in_room", in_room), ("kiosk", kiosk), ("phone", phone), ("window", window)];
            self.weights(&format!("{path}."), &modes.map(|(mode, share)| (mode.to_owned(), share)));
            self.require(
                in_room == 0.0 || name == "after_consultation",
                format!("{path}.in_room"),
                "bills are paid in the consulting room only after the consultation; 0 is accepted here",
            );
            if window > 0.0 && !settlement.shares_registration_windows {
                self.somebody("settlement.windows", &settlement.windows, "bills are paid at windows");
            }
            if kiosk > 0.0 {
                let (path, shifts) = if settlement.shares_registration_kiosks {
                    ("registration.kiosks.shifts", &spec.registration.kiosks.shifts)
                } else {
                    ("settlement.kiosks", &settlement.kiosks)
                };
                self.somebody(path, shifts, "bills are paid at kiosks");
            }
        }
    }

    fn pharmacy(&mut self, spec: &HospitalSpec) {
        let pharmacy = &spec.pharmacy;
        self.shifts("pharmacy.windows", &pharmacy.windows);
        if spec.departments.iter().any(|department| department.medicine_share > 0.0) {
            self.somebody("pharmacy.windows", &pharmacy.windows, "patients collect medicine");
        }
        self.duration("pharmacy.hand_over_time", &pharmacy.hand_over_time);
        self.duration("pharmacy.picking_time", &pharmacy.picking_time);
        if let Some(ahead) = &pharmacy.pre_dispensing {
            self.share("pharmacy.pre_dispensing.share", ahead.share);
            self.duration("pharmacy.pre_dispensing.preparation_time", &ahead.preparation_time);
        }
    }
}
