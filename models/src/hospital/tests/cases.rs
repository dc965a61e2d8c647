//! Hospitals to test with: a tiny one of constants, and one of the size of a city hospital. Their numbers are for the
//! tests only.

use crate::account::Account;
use crate::hospital::Hospital;
use crate::hospital::spec::*;
use crate::text::Text;
use crate::watch::{Record, Watcher};
use onetrip_sim::distribution::{Distribution, Spread};
use onetrip_sim::observer::Happening;
use onetrip_sim::station::{WaitingAtClosing, WorkInHand};
use onetrip_sim::stream::RunKey;
use onetrip_sim::time::{SimSpan, SimTime};
use std::collections::BTreeMap;

pub(super) fn seconds(seconds: f64) -> Distribution {
    Distribution::constant(seconds).expect("a finite number")
}

pub(super) fn lognormal(minutes: f64, cv: f64) -> Distribution {
    Distribution::lognormal_with_mean(60.0 * minutes, Spread::Cv(cv)).expect("a mean above 0")
}

pub(super) fn hour(hour: f64) -> SimSpan {
    SimSpan::from_seconds(3600.0 * hour)
}

pub(super) fn class(id: &str, group: PatientGroup, share: f64) -> PatientClass {
    let has_priority = !matches!(group, PatientGroup::Ordinary | PatientGroup::ReturningWithResults);
    PatientClass {
        id: id.to_owned(),
        name: Text::same(id),
        group,
        share,
        uses_priority_windows: has_priority,
        goes_first_at_consultation: has_priority,
        kiosk_able_share: 1.0,
        walking_factor: 1.0,
    }
}

fn tasks(time: &Distribution) -> TaskTimes {
    TaskTimes { collect_number: time.clone(), register: time.clone(), register_first_time: time.clone() }
}

pub(super) fn session(from: f64, to: f64, doctor_count: u32) -> Session {
    Session { from: hour(from), to: hour(to), doctor_count, late_start: SimSpan::ZERO, walk_in_limit: None }
}

pub(super) fn department(id: &str, sessions: Vec<Session>) -> Department {
    Department {
        id: id.to_owned(),
        name: Text::same(id),
        admits: AdmittedPatients::Everyone,
        share: 1.0,
        sessions,
        segments: None,
        first_time: seconds(300.0),
        return_time: seconds(120.0),
        examination_shares: Vec::new(),
        returns_with_results_share: 1.0,
        medicine_share: 0.0,
    }
}

pub(super) fn modality(id: &str, machines: u32, service: Distribution, report: Distribution) -> Modality {
    Modality {
        id: id.to_owned(),
        name: Text::same(id),
        shifts: vec![Shift::hours(8.0, 17.0, machines)],
        service_time: service,
        preparation_time: seconds(0.0),
        report_time: report,
        failures: None,
        counts_as_timed: true,
        timed: None,
        other_day_share: 0.0,
    }
}

/// Everything constant, one of everything, nobody comes: tests add what they are about.
pub(super) fn tiny() -> HospitalSpec {
    let no_windows = Windows { shifts: Vec::new(), task_times: tasks(&seconds(60.0)) };
    HospitalSpec {
        id: "tiny".to_owned(),
        name: Text::new("tiny", "小"),
        rank: HospitalRank::Township,
        grade: None,
        annual_visits: 1000.0,
        demand: Demand {
            visits_per_day: 0.0,
            day_factor_cv: 0.0,
            profile: vec![ProfilePiece { from: hour(8.0), to: hour(9.0), weight: 1.0 }],
            peak_hour_share: 0.5,
            booked_share: 0.0,
            no_show_share: 0.0,
            punctuality: seconds(0.0),
            booking_channels: vec![BookingChannel {
                id: "phone".to_owned(),
                share: 1.0,
                gives_number_in_hand: true,
            }],
            surges: Vec::new(),
            classes: vec![class("ordinary", PatientGroup::Ordinary, 1.0)],
        },
        registration: Registration {
            windows: Windows { shifts: vec![Shift::hours(7.5, 17.0, 1)], task_times: tasks(&seconds(60.0)) },
            priority_windows: no_windows,
            kiosks: Kiosks {
                shifts: Vec::new(),
                task_times: tasks(&seconds(30.0)),
                failed_use_share: 0.0,
                failures: None,
                help_shifts: Vec::new(),
                help_time: seconds(90.0),
            },
            phone_share_of_walk_ins: 0.0,
            returning_registers_share: 0.0,
            first_time_share: 0.0,
            prefers_kiosk_share: 0.0,
            prefers_window_share: 0.0,
            patience: None,
            identity_documents: Vec::new(),
            priority_groups: Vec::new(),
        },
        check_in: CheckIn {
            phone_share: 0.0,
            kiosk_share: 0.0,
            kiosk_shifts: Vec::new(),
            kiosk_time: seconds(10.0),
            desk_shifts: vec![Shift::hours(7.5, 17.0, 1)],
            desk_time: seconds(20.0),
        },
        consultation: ConsultationRules {
            pattern: vec![Lane::Booked, Lane::Booked, Lane::WalkIn, Lane::Returning],
            late_after: SimSpan::from_whole_minutes(30),
            waiting_at_session_end: WaitingAtClosing::Serve,
            work_in_hand: WorkInHand::Finish,
            patience: None,
        },
        departments: vec![department("general", vec![session(8.0, 12.0, 1)])],
        examinations: Vec::new(),
        examination_booking: ExaminationBooking {
            single: SingleBooking {
                in_room_share: 1.0,
                kiosk_share: 0.0,
                centre_share: 0.0,
                desk_share: 0.0,
            },
            several: SeveralBooking { in_room_share: 1.0, centre_share: 0.0, desk_share: 0.0 },
            centre_shifts: vec![Shift::hours(8.0, 17.0, 1)],
            centre_time: seconds(120.0),
            kiosk_time: seconds(60.0),
            room_time: seconds(0.0),
            desk_shifts: vec![Shift::hours(8.0, 17.0, 1)],
            desk_time: seconds(100.0),
        },
        settlement: Settlement {
            after_care_share: 0.0,
            registration_fee: false,
            after_consultation: None,
            before_examination: None,
            pays_examinations_together: false,
            before_pharmacy: None,
            shares_registration_windows: false,
            windows: vec![Shift::hours(8.0, 17.0, 1)],
            shares_registration_kiosks: false,
            kiosks: Vec::new(),
            times: SettlementTimes {
                in_room: seconds(15.0),
                kiosk: seconds(30.0),
                phone: seconds(20.0),
                window: seconds(45.0),
            },
            electronic_receipt_share: 1.0,
            instruments: Vec::new(),
            third_party_platforms: Vec::new(),
            identity_documents: Vec::new(),
            ward_modes: Vec::new(),
        },
        booking_system: None,
        pharmacy: Pharmacy {
            windows: vec![Shift::hours(8.0, 17.0, 1)],
            hand_over_time: seconds(40.0),
            picking_time: seconds(80.0),
            pre_dispensing: None,
        },
        walking: Walking {
            default_time: SimSpan::from_whole_minutes(1),
            between: Vec::new(),
            pace: seconds(1.0),
        },
        outages: Vec::new(),
        facts: BTreeMap::new(),
    }
}

/// All bookings at eight o'clock of the only segment, so many of them.
pub(super) fn book(spec: &mut HospitalSpec, count: f64) {
    spec.demand.visits_per_day = count;
    spec.demand.booked_share = 1.0;
}

/// A city hospital of about 8,000 visits, with everything switched on.
pub(super) fn municipal() -> HospitalSpec {
    let mut spec = tiny();
    let exponential = |minutes: f64| Distribution::exponential(60.0 * minutes).expect("a mean above 0");
    spec.id = "municipal".to_owned();
    spec.rank = HospitalRank::Municipal;
    spec.annual_visits = 2.4e6;
    let piece = |from: f64, to: f64, weight: f64| ProfilePiece { from: hour(from), to: hour(to), weight };
    spec.demand = Demand {
        surges: Vec::new(),
        visits_per_day: 8000.0,
        day_factor_cv: 0.08,
        profile: vec![
            piece(7.0, 8.0, 14.0),
            piece(8.0, 9.0, 18.0),
            piece(9.0, 10.0, 15.0),
            piece(10.0, 11.5, 12.0),
            piece(11.5, 13.0, 5.0),
            piece(13.0, 14.5, 20.0),
            piece(14.5, 16.5, 16.0),
        ],
        peak_hour_share: 0.13,
        booked_share: 0.6,
        no_show_share: 0.12,
        punctuality: Distribution::normal(-900.0, 1200.0).expect("an sd above 0"),
        booking_channels: vec![
            BookingChannel { id: "mobile".to_owned(), share: 0.6, gives_number_in_hand: true },
            BookingChannel { id: "website".to_owned(), share: 0.2, gives_number_in_hand: true },
            BookingChannel { id: "phone".to_owned(), share: 0.2, gives_number_in_hand: false },
        ],
        classes: vec![
            class("ordinary", PatientGroup::Ordinary, 0.62),
            class("elderly", PatientGroup::Elderly, 0.18),
            class("disabled", PatientGroup::Disabled, 0.01),
            class("military", PatientGroup::Military, 0.01),
            class("bereaved_family", PatientGroup::BereavedFamily, 0.01),
            class("child", PatientGroup::Child, 0.09),
            class("returning_with_results", PatientGroup::ReturningWithResults, 0.08),
        ],
    };
    for class in &mut spec.demand.classes {
        if class.group == PatientGroup::Elderly {
            class.kiosk_able_share = 0.5;
            class.walking_factor = 1.3;
        }
    }
    let times = |collect: f64, register: f64, first: f64| TaskTimes {
        collect_number: lognormal(collect, 0.6),
        register: lognormal(register, 0.6),
        register_first_time: lognormal(first, 0.5),
    };
    spec.registration = Registration {
        windows: Windows {
            shifts: vec![Shift::hours(7.5, 17.0, 8), Shift::hours(7.5, 10.5, 8)],
            task_times: times(1.0, 1.5, 3.0),
        },
        priority_windows: Windows {
            shifts: vec![Shift::hours(7.5, 17.0, 3)],
            task_times: times(1.0, 1.5, 3.0),
        },
        kiosks: Kiosks {
            shifts: vec![Shift::hours(7.0, 18.0, 40)],
            task_times: times(0.8, 1.5, 2.5),
            failed_use_share: 0.03,
            failures: Some(MachineFailures {
                time_to_failure: exponential(3000.0),
                repair_time: lognormal(30.0, 0.8),
            }),
            help_shifts: vec![Shift::hours(7.0, 18.0, 3)],
            help_time: lognormal(1.5, 0.5),
        },
        phone_share_of_walk_ins: 0.2,
        returning_registers_share: 0.1,
        first_time_share: 0.15,
        prefers_kiosk_share: 0.4,
        prefers_window_share: 0.3,
        patience: Some(exponential(240.0)),
        identity_documents: vec!["identity_card".to_owned()],
        priority_groups: Vec::new(),
    };
    spec.check_in = CheckIn {
        phone_share: 0.2,
        kiosk_share: 0.5,
        kiosk_shifts: vec![Shift::hours(7.0, 18.0, 20)],
        kiosk_time: lognormal(0.3, 0.5),
        desk_shifts: vec![Shift::hours(7.0, 18.0, 20)],
        desk_time: lognormal(0.7, 0.5),
    };
    spec.consultation.patience = Some(exponential(600.0));
    spec.departments = (0..20)
        .map(|index| {
            let doctors = 22;
            let mut department = department(
                &format!("department_{index}"),
                vec![session(8.0, 12.0, doctors), session(13.5, 17.0, doctors)],
            );
            department.segments =
                Some(SegmentRule { length: SimSpan::from_whole_minutes(30), capacity_per_doctor: 3.0 });
            department.first_time = lognormal(6.0, 0.6);
            department.return_time = lognormal(3.0, 0.6);
            department.examination_shares = [
                ("laboratory", 0.30),
                ("ultrasound", 0.10),
                ("ct", 0.06),
                ("mri", 0.015),
                ("gastroscopy", 0.015),
                ("colonoscopy", 0.01),
            ]
            .map(|(id, share)| (id.to_owned(), share))
            .to_vec();
            department.returns_with_results_share = 0.7;
            department.medicine_share = 0.6;
            department
        })
        .collect();
    spec.departments[19].admits = AdmittedPatients::Children;
    spec.departments[18].admits = AdmittedPatients::Adults;
    spec.examinations = vec![
        modality("laboratory", 16, lognormal(2.0, 0.5), lognormal(35.0, 0.4)),
        modality("ultrasound", 22, lognormal(9.0, 0.5), lognormal(2.0, 0.3)),
        modality("ct", 6, lognormal(8.0, 0.4), lognormal(60.0, 0.4)),
        modality("mri", 4, lognormal(24.0, 0.3), lognormal(120.0, 0.4)),
        modality("gastroscopy", 6, lognormal(12.0, 0.4), lognormal(10.0, 0.3)),
        modality("colonoscopy", 5, lognormal(25.0, 0.4), lognormal(10.0, 0.3)),
    ];
    spec.examinations[0].counts_as_timed = false;
    for modality in &mut spec.examinations[1..] {
        modality.preparation_time = exponential(4.0);
        modality.timed = Some(TimedBooking {
            share: 0.8,
            segment_length: SimSpan::from_whole_minutes(30),
            capacity_per_machine: 3.0,
        });
        modality.other_day_share = 0.2;
    }
    spec.examinations[2].failures =
        Some(MachineFailures { time_to_failure: exponential(4000.0), repair_time: lognormal(60.0, 0.5) });
    spec.examination_booking.single =
        SingleBooking { in_room_share: 0.6, kiosk_share: 0.1, centre_share: 0.2, desk_share: 0.1 };
    spec.examination_booking.several =
        SeveralBooking { in_room_share: 0.6, centre_share: 0.3, desk_share: 0.1 };
    spec.examination_booking.centre_shifts = vec![Shift::hours(8.0, 17.0, 8)];
    spec.examination_booking.desk_shifts = vec![Shift::hours(8.0, 17.0, 8)];
    let modes = ModeShares { in_room: 0.0, kiosk: 0.4, phone: 0.4, window: 0.2 };
    spec.settlement.after_care_share = 0.2;
    spec.settlement.registration_fee = true;
    spec.settlement.after_consultation =
        Some(SettlementPoint { modes: ModeShares { in_room: 0.4, ..modes } });
    spec.settlement.before_examination = Some(SettlementPoint { modes });
    spec.settlement.before_pharmacy = Some(SettlementPoint { modes });
    spec.settlement.shares_registration_windows = true;
    spec.settlement.shares_registration_kiosks = true;
    spec.settlement.times = SettlementTimes {
        in_room: lognormal(0.3, 0.4),
        kiosk: lognormal(0.7, 0.5),
        phone: lognormal(0.5, 0.5),
        window: lognormal(1.0, 0.5),
    };
    spec.settlement.electronic_receipt_share = 0.5;
    spec.pharmacy = Pharmacy {
        windows: vec![Shift::hours(8.0, 18.0, 16)],
        hand_over_time: lognormal(0.8, 0.5),
        picking_time: lognormal(1.2, 0.5),
        pre_dispensing: Some(PreDispensing { share: 0.7, preparation_time: lognormal(4.0, 0.5) }),
    };
    spec.walking.pace = Distribution::lognormal_with_mean(1.0, Spread::Cv(0.2)).expect("a mean above 0");
    spec
}

/// Compiles a description that is meant to be right.
pub(super) fn open(spec: HospitalSpec) -> Hospital {
    match Hospital::new(spec) {
        Ok(hospital) => hospital,
        Err(error) => panic!("{error}"),
    }
}

/// One day of a hospital.
pub(super) fn run_day(hospital: &Hospital, run: RunKey) -> Account {
    let mut account = hospital.account();
    hospital.runner().run(run, &mut account).expect("the books balance");
    account
}

/// The value of a measure.
pub(super) fn value(hospital: &Hospital, account: &Account, id: &str) -> Option<f64> {
    let index = hospital.measures().iter().position(|measure| measure.id == id);
    hospital.evaluate(account)[index.unwrap_or_else(|| panic!("no measure `{id}`"))]
}

/// Writes down what happens.
#[derive(Default)]
pub(super) struct Diary(pub(super) Vec<Record>);

impl Watcher for Diary {
    fn watch(&mut self, record: Record) {
        self.0.push(record);
    }
}

/// A day with everything that happens.
pub(super) fn watch_day(hospital: &Hospital, run: RunKey) -> (Account, Vec<Record>) {
    let mut account = hospital.account();
    let mut diary = Diary::default();
    hospital.runner().run_watched(run, &mut account, &mut diary).expect("the books balance");
    (account, diary.0)
}

/// The place of a station.
pub(super) fn station(hospital: &Hospital, id: &str) -> usize {
    let place = hospital.stations().iter().position(|label| label.id == id);
    place.unwrap_or_else(|| panic!("no station `{id}`"))
}

/// Who was called at a station, in order: (clock in seconds, customer).
pub(super) fn calls(hospital: &Hospital, records: &[Record], id: &str) -> Vec<(f64, u32)> {
    let place = station(hospital, id);
    let is_call = |record: &&Record| matches!(record.happening, Happening::Started(station) if station.index() == place);
    records.iter().filter(is_call).map(|record| (clock(record.at), record.customer)).collect()
}

/// Seconds after eight o'clock.
pub(super) fn clock(at: SimTime) -> f64 {
    at.as_seconds() - 8.0 * 3600.0
}

pub(super) const DAY: RunKey = RunKey::new(1, 0, 0);
