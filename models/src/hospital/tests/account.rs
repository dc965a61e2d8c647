//! Nobody is lost, time adds up, and the luck of one room is nobody else's.

use super::cases::*;
use crate::hospital::spec::*;
use crate::hospital::{Activity, Hospital};
use onetrip_sim::distribution::Distribution;
use onetrip_sim::observer::Happening;
use onetrip_sim::station::{WaitingAtClosing, WorkInHand};
use onetrip_sim::stream::{Purpose, RunKey, Stream};

use std::collections::BTreeMap;

/// A random hospital, small enough to run quickly, drawn from one number.
fn random_hospital(number: u64) -> HospitalSpec {
    let mut stream =
        RunKey::new(number, 0, 0).entity(Purpose::named("spec"), 0).stream(Purpose::named("spec"));
    let mut spec = municipal();
    let share = |stream: &mut Stream| stream.unit();
    let count = |stream: &mut Stream, most: u32| 1 + stream.below(most);
    spec.demand.visits_per_day = f64::from(count(&mut stream, 800));
    spec.demand.booked_share = share(&mut stream);
    spec.demand.day_factor_cv = 0.3;
    spec.registration.windows.shifts =
        vec![Shift::hours(7.5, 8.0 + 9.0 * share(&mut stream), count(&mut stream, 4))];
    spec.registration.priority_windows.shifts = vec![Shift::hours(8.0, 12.0, stream.below(2))];
    spec.registration.kiosks.shifts = vec![Shift::hours(7.0, 16.0, count(&mut stream, 4))];
    spec.registration.kiosks.failed_use_share = 0.3 * share(&mut stream);
    spec.registration.kiosks.help_shifts = vec![Shift::hours(8.0, 15.0, stream.below(2))];
    if let Some(failures) = &mut spec.registration.kiosks.failures {
        failures.time_to_failure = Distribution::exponential(3600.0).expect("a mean above 0");
    }
    spec.check_in.desk_shifts = vec![Shift::hours(7.0, 14.0, count(&mut stream, 2))];
    let rules = [
        WaitingAtClosing::Serve,
        WaitingAtClosing::SendAway,
        WaitingAtClosing::Hold,
        WaitingAtClosing::Serve,
    ];
    spec.consultation.waiting_at_session_end = rules[stream.below(4) as usize];
    spec.consultation.work_in_hand =
        [WorkInHand::Finish, WorkInHand::SendAway, WorkInHand::HandOver][stream.below(3) as usize];
    spec.consultation.patience =
        (stream.below(2) == 0).then(|| Distribution::exponential(5000.0).expect("a mean above 0"));
    for department in &mut spec.departments {
        for session in &mut department.sessions {
            session.doctor_count = stream.below(3);
            session.walk_in_limit = (stream.below(2) == 0).then_some(20);
        }
        department.sessions[0].doctor_count += 1;
        if stream.below(3) == 0 {
            department.segments = None;
        }
    }
    for modality in &mut spec.examinations {
        modality.shifts = vec![Shift::hours(8.0, 11.0 + 6.0 * share(&mut stream), count(&mut stream, 3))];
        modality.failures = Some(MachineFailures {
            time_to_failure: Distribution::exponential(7200.0).expect("a mean above 0"),
            repair_time: Distribution::exponential(900.0).expect("a mean above 0"),
        });
    }
    spec.settlement.pays_examinations_together = stream.below(2) == 0;
    spec.settlement.shares_registration_windows = stream.below(2) == 0;
    spec.settlement.shares_registration_kiosks = stream.below(2) == 0;
    spec.settlement.windows = vec![Shift::hours(8.0, 15.0, 2)];
    spec.settlement.kiosks = vec![Shift::hours(8.0, 16.0, 2)];
    spec.pharmacy.windows = vec![Shift::hours(8.0, 14.0 + 4.0 * share(&mut stream), count(&mut stream, 3))];
    spec
}

fn check_time_adds_up(hospital: &Hospital, run: RunKey) {
    let (account, records) = watch_day(hospital, run);
    let statistics = &account.statistics;
    assert!(statistics.accounting.iter().all(|class| class.is_balanced()));
    // Time inside by class from what was watched, to the end of the day for those still there.
    let mut inside: BTreeMap<(u8, u32), (u8, u64)> = BTreeMap::new();
    let mut times = vec![0_u64; statistics.layout().class_count];
    for record in &records {
        let patient = (record.source, record.customer);
        match record.happening {
            Happening::Arrived => {
                inside.insert(patient, (record.class, record.at.as_micros()));
            }
            Happening::Left(_) => {
                let (class, arrived_at) = inside.remove(&patient).expect("who leaves has come");
                times[usize::from(class)] += record.at.as_micros() - arrived_at;
            }
            _ => {}
        }
    }
    let still_inside = statistics.accounting_total().still_inside;
    assert_eq!(inside.len() as u64, still_inside);
    let end = statistics.observed_micros() as u64;
    for (class, arrived_at) in inside.into_values() {
        times[usize::from(class)] += end - arrived_at;
    }
    for (class, &time) in times.iter().enumerate() {
        let parts: u64 =
            Activity::ALL.iter().map(|&activity| hospital.time_spent_micros(&account, class, activity)).sum();
        assert_eq!(parts, time, "class {class}");
    }
    assert_eq!(u128::from(times.iter().sum::<u64>()), statistics.inside_area);
}

#[test]
fn nobody_is_lost_and_time_adds_up_in_random_hospitals() {
    for number in 0..60 {
        let hospital = open(random_hospital(number));
        println!("hospital {number}");
        check_time_adds_up(&hospital, RunKey::new(number, 0, 0));
    }
}

#[test]
fn an_empty_day_has_no_figures_but_balances() {
    let hospital = open(tiny());
    let account = run_day(&hospital, DAY);
    assert_eq!(value(&hospital, &account, "visits.arrived.mean"), Some(0.0));
    assert_eq!(value(&hospital, &account, "visits.sojourn_time.mean"), None);
    assert_eq!(value(&hospital, &account, "registration.on_site.peak.wait_time.mean"), None);
}

#[test]
fn a_runner_repeats_a_day_to_the_bit_whatever_it_ran_before() {
    let hospital = open(random_hospital(7));
    let mut runner = hospital.runner();
    let mut first = hospital.account();
    runner.run(RunKey::new(3, 1, 0), &mut first).expect("the books balance");
    let mut other = hospital.account();
    runner.run(RunKey::new(3, 2, 0), &mut other).expect("the books balance");
    let mut again = hospital.account();
    runner.run(RunKey::new(3, 1, 0), &mut again).expect("the books balance");
    assert!(first == again);
    assert!(first != other);
    let mut both = hospital.account();
    runner.run(RunKey::new(3, 1, 0), &mut both).expect("the books balance");
    runner.run(RunKey::new(3, 2, 0), &mut both).expect("the books balance");
    first.merge(&other);
    assert_eq!(first.counters, both.counters);
    assert_eq!(
        hospital.evaluate(&first),
        hospital.evaluate(&both),
        "accounts add up to the account of both days"
    );
}

/// Service times by patient and station name, in order of being served there.
fn services(hospital: &Hospital, run: RunKey) -> BTreeMap<(u8, u32, String), Vec<u64>> {
    let (_, records) = watch_day(hospital, run);
    let mut started = BTreeMap::new();
    let mut services: BTreeMap<_, Vec<u64>> = BTreeMap::new();
    for record in records {
        let patient = (record.source, record.customer);
        match record.happening {
            Happening::Started(_) => {
                started.insert(patient, record.at);
            }
            Happening::Served(station) => {
                let id = hospital.stations()[station.index()].id.clone();
                let time = record.at - started[&patient];
                services.entry((patient.0, patient.1, id)).or_default().push(time.as_micros());
            }
            _ => {}
        }
    }
    services
}

#[test]
fn other_kiosks_leave_the_draws_of_every_other_station_alone() {
    let mut spec = municipal();
    spec.demand.visits_per_day = 600.0;
    spec.examinations[2].failures = None;
    let base = services(&open(spec.clone()), DAY);
    spec.registration.kiosks.shifts = vec![Shift::hours(7.0, 18.0, 2)];
    spec.registration.kiosks.task_times.register = lognormal(5.0, 0.9);
    spec.registration.kiosks.failures = None;
    let changed = services(&open(spec), DAY);
    let mut compared = 0;
    for ((source, number, id), times) in &base {
        let elsewhere = !id.starts_with("registration.");
        let Some(others) = changed.get(&(*source, *number, id.clone())).filter(|_| elsewhere) else {
            continue;
        };
        // A patient may reach a room in one hospital only, but who reaches it in both is served as long.
        let both = times.len().min(others.len());
        assert_eq!(times[..both], others[..both], "patient {source}/{number} at {id}");
        compared += both;
    }
    assert!(compared > 1500, "{compared}");
}

#[test]
fn the_same_patients_come_whatever_the_stations_are() {
    let arrivals = |spec: HospitalSpec| {
        let (_, records) = watch_day(&open(spec), DAY);
        let comes = records.into_iter().filter(|record| record.happening == Happening::Arrived);
        comes.map(|record| (record.at, record.source, record.customer, record.class)).collect::<Vec<_>>()
    };
    let mut spec = municipal();
    spec.demand.visits_per_day = 500.0;
    let base = arrivals(spec.clone());
    spec.registration.windows.shifts = vec![Shift::hours(8.0, 12.0, 1)];
    spec.examinations.pop();
    spec.departments.iter_mut().for_each(|department| {
        department.examination_shares.pop();
    });
    assert_eq!(base, arrivals(spec));
}

#[test]
fn a_day_of_a_city_hospital_is_within_reason() {
    let hospital = open(municipal());
    let account = run_day(&hospital, DAY);
    let value = |id: &str| value(&hospital, &account, id).unwrap_or_else(|| panic!("nobody in {id}"));
    assert!((6000.0..10_000.0).contains(&value("visits.arrived.mean")));
    assert_eq!(value("visits.still_inside.mean"), 0.0);
    assert!(value("visits.left_without_being_seen_share") < 0.3);
    for measure in hospital.measures().iter().zip(hospital.evaluate(&account)) {
        let (measure, value) = measure;
        if let Some(value) = value {
            let highest = if measure.unit == crate::measure::Unit::Share { 1.0 } else { f64::INFINITY };
            assert!((0.0..=highest).contains(&value), "{} = {value}", measure.id);
        }
    }
}

#[test]
fn every_measure_has_one_id_and_words_in_both_languages() {
    let hospital = open(municipal());
    let mut ids = std::collections::BTreeSet::new();
    for measure in hospital.measures() {
        assert!(ids.insert(&measure.id), "{} is there twice", measure.id);
        for text in [&measure.title, &measure.definition] {
            assert!(!text.en.is_empty() && !text.zh.is_empty(), "{}", measure.id);
        }
    }
    let headlines = hospital.measures().iter().filter(|measure| measure.is_headline).count();
    assert_eq!(headlines, 8);
}

/// Run by hand in a release build: what a day costs.
#[test]
#[ignore = "a measurement, not a test"]
fn cost_of_a_day() {
    let hospital = open(municipal());
    let mut runner = hospital.runner();
    let mut account = hospital.account();
    runner.run(DAY, &mut account).expect("the books balance");
    account.clear();
    let began = std::time::Instant::now();
    let days = 40;
    for day in 0..days {
        runner.run(RunKey::new(1, 0, day), &mut account).expect("the books balance");
    }
    let nanos = began.elapsed().as_nanos() as f64;
    let statistics = &account.statistics;
    println!("{:.1} ns per event", nanos / statistics.events as f64);
    println!("{:.2} ms per day", nanos / 1e6 / f64::from(days));
    println!("{:.1} events a visit", statistics.events as f64 / statistics.accounting_total().arrived as f64);
    let began = std::time::Instant::now();
    let values = hospital.evaluate(&account);
    println!("{:.2} ms to evaluate", began.elapsed().as_secs_f64() * 1e3);
    for (measure, value) in hospital.measures().iter().zip(values) {
        println!("{} = {value:?}", measure.id);
    }
}

#[test]
fn servers_are_on_duty_to_their_closing_time_whoever_has_left() {
    let mut spec = tiny();
    book(&mut spec, 10.0);
    spec.demand.booking_channels[0].gives_number_in_hand = false;
    let hospital = open(spec);
    let account = run_day(&hospital, DAY);
    // Ten collect a number of a minute each; the window is open for nine hours and a half, to five in the afternoon.
    let busy = 10.0 * 60.0 / (9.5 * 3600.0);
    assert_eq!(value(&hospital, &account, "registration.windows.utilisation_share"), Some(busy));
    // Ten consultations of five minutes in a session of four hours.
    assert_eq!(value(&hospital, &account, "consultation.general.utilisation_share"), Some(3000.0 / 14_400.0));
}
