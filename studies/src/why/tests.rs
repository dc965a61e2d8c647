//! Causes worked by hand, in minutes, and sums that must be equal to the microsecond.

use super::*;
use crate::film::{Film, PatientId, Visits};
use crate::replicate::{ReplicationCount, RunSettings, Silent};
use crate::statistics::interval::Level;
use onetrip_models::hospital::{Activity, Hospital, PauseKind};
use onetrip_models::network::Network;
use onetrip_models::system::System;
use onetrip_scenarios::hospital::{hospital_text, read_hospital};
use onetrip_scenarios::load::{Scenario, load};
use onetrip_scenarios::reader::{Document, EvidenceRule, Ink};
use onetrip_sim::stream::RunKey;

/// A network that runs until it is drained.
fn network(body: &str) -> System {
    let text =
        format!("format = \"network/1\"\ntitle = \"hand-worked\"\nrun = {{ until = \"drained\" }}\n{body}");
    let reading = load(Document::parse("test.toml", text))
        .unwrap_or_else(|found| panic!("{}", found.render(Ink::Plain)));
    match reading.value {
        Scenario::Network(spec) => System::Network(Network::new(*spec).expect("a sound network")),
        Scenario::Hospital(_) => panic!("a network is needed"),
    }
}

fn source(name: &str, at: &str, journey: &str) -> String {
    let at: Vec<String> = at.split(' ').map(|minute| format!("\"{minute} min\"")).collect();
    format!("[[arrivals]]\nname = \"{name}\"\nat = [{}]\njourney = {journey}\n", at.join(", "))
}

fn asked(system: &System, replications: u32, patient: Option<PatientId>) -> Result<Why, WhyError> {
    let replications = ReplicationCount::Fixed(replications);
    let run = RunSettings { rng_seed: 1, replications, days: 1, level: Level::P95 };
    let patient = patient.map(|patient| (patient, Day::default()));
    find_causes(system, &WhySettings { run, by: By::Sojourn, patient }, &Silent)
}

fn explained(system: &System, replications: u32) -> Why {
    asked(system, replications, None).unwrap_or_else(|error| panic!("{error}"))
}

/// The visit of the n-th customer (from 1) of a source as lines such as `2-10 not_open_yet desk (1 called, 0 later)`.
fn told(system: &System, source: u8, nth: u32) -> Vec<String> {
    let patient = PatientId { source, number: nth - 1 };
    let why = asked(system, 1, Some(patient)).unwrap_or_else(|error| panic!("{error}"));
    let told = &why.visits.iter().find(|visit| visit.teller == Teller::Asked).expect("it was asked for").told;
    let line = |piece: &Piece| {
        let minutes = |at: onetrip_sim::time::SimTime| at.as_seconds() / 60.0;
        let station = piece.station.map_or("", |station| system.stations()[station.index()].id.as_str());
        let others = piece.others.map_or_else(String::new, |others| {
            format!(" ({} called, {} later)", others.called, others.came_later)
        });
        let text =
            format!("{}-{} {} {station}", minutes(piece.from), minutes(piece.to), piece.cause.id(system));
        text.trim_end().to_owned() + &others
    };
    told.pieces.iter().map(line).collect()
}

const DESK: &str = "[[station]]\nname = \"desk\"\n";

#[test]
fn who_comes_before_the_opening_waits_for_it_and_then_for_those_before() {
    let system = network(&format!(
        "{}{DESK}service_time = \"5 min\"\nshifts = [{{ from = \"10 min\", servers = 1 }}]\n",
        source("a", "2 4", "[\"desk\"]")
    ));
    assert_eq!(
        told(&system, 0, 1),
        ["2-10 not_open_yet desk (0 called, 0 later)", "10-15 being_served desk"]
    );
    assert_eq!(
        told(&system, 0, 2),
        ["4-10 not_open_yet desk (1 called, 0 later)", "10-15 behind_others desk", "15-20 being_served desk"]
    );
}

#[test]
fn a_break_is_told_from_the_queue_before_it() {
    // The server finishes the work in hand in overtime; whoever waits then waits for the end of the break.
    let system = network(&format!(
        "{}{DESK}service_time = \"8 min\"\nwaiting_at_closing = \"hold\"\nshifts = [{{ from = \"0 min\", servers = 1 }}, \
         {{ from = \"10 min\", servers = 0 }}, {{ from = \"20 min\", servers = 1 }}]\n",
        source("a", "0 5 6", "[\"desk\"]")
    ));
    assert_eq!(
        told(&system, 0, 3),
        ["6-10 behind_others desk (1 called, 0 later)", "10-20 off_duty desk", "20-28 being_served desk"]
    );
}

#[test]
fn a_night_without_staff_is_off_duty_until_midnight_and_not_open_after() {
    let system = network(&format!(
        "{}{DESK}service_time = \"8 min\"\nwaiting_at_closing = \"hold\"\nshifts = [{{ from = \"60 min\", servers = 1 }}, \
         {{ from = \"70 min\", servers = 0 }}]\n",
        source("a", "80", "[\"desk\"]")
    ));
    assert_eq!(
        told(&system, 0, 1),
        [
            "80-1440 off_duty desk (0 called, 0 later)",
            "1440-1500 not_open_yet desk",
            "1500-1508 being_served desk"
        ]
    );
}

#[test]
fn a_breakdown_of_the_only_machine_is_everybodys() {
    // From 5 to 7 and from 12 to 14 the machine is down, and work begins all over.
    let system = network(&format!(
        "{}{DESK}servers = 1\nservice_time = \"4 min\"\nbreakdown = {{ time_to_failure = \"5 min\", \
         repair_time = \"2 min\", interrupted = \"restart\" }}\n",
        source("a", "2 3", "[\"desk\"]")
    ));
    assert_eq!(
        told(&system, 0, 1),
        ["2-5 served_in_vain desk", "5-7 machine_down desk (0 called, 0 later)", "7-11 being_served desk"]
    );
    assert_eq!(
        told(&system, 0, 2),
        [
            "3-5 behind_others desk (1 called, 0 later)",
            "5-7 machine_down desk",
            "7-11 behind_others desk",
            "11-12 served_in_vain desk",
            "12-14 machine_down desk (0 called, 0 later)",
            "14-18 being_served desk"
        ]
    );
}

#[test]
fn a_better_rank_that_comes_later_overtakes() {
    let system = network(&format!(
        "classes = [\"h\", \"l\"]\n{}class = \"l\"\n{}class = \"h\"\n{DESK}servers = 1\nservice_time = \"20 min\"\n\
         ranks = {{ h = 0, l = 1 }}\n",
        source("low", "0 1", "[\"desk\"]"),
        source("high", "2", "[\"desk\"]")
    ));
    assert_eq!(
        told(&system, 0, 2),
        ["1-20 behind_others desk (1 called, 1 later)", "20-40 overtaken desk", "40-60 being_served desk"]
    );
    assert_eq!(
        told(&system, 1, 1),
        ["2-20 behind_others desk (0 called, 0 later)", "20-40 being_served desk"]
    );
}

#[test]
fn who_is_pre_empted_is_overtaken_and_resumes() {
    let system = network(&format!(
        "classes = [\"h\", \"l\"]\n{}class = \"l\"\n{}class = \"h\"\n{DESK}servers = 1\nservice_time = \"20 min\"\n\
         ranks = {{ h = 0, l = 1 }}\npreemptive = true\n",
        source("low", "0", "[\"desk\"]"),
        source("high", "2", "[\"desk\"]")
    ));
    assert_eq!(
        told(&system, 0, 1),
        ["0-2 being_served desk", "2-22 overtaken desk (1 called, 1 later)", "22-40 being_served desk"]
    );
}

#[test]
fn a_pause_belongs_to_the_station_it_leads_to() {
    let journey = "[{ pause = \"2 min\", kind = \"walk\" }, \"desk\", { pause = \"30 min\", kind = \"result\" }, \
                   { pause = \"1 min\", kind = \"walk\" }, \"desk\", { pause = \"2 min\", kind = \"walk\" }]";
    let system =
        network(&format!("{}{DESK}servers = 1\nservice_time = \"5 min\"\n", source("a", "0", journey)));
    assert_eq!(
        told(&system, 0, 1),
        [
            "0-2 walk desk",
            "2-7 being_served desk",
            "7-37 result desk",
            "37-38 walk desk",
            "38-43 being_served desk",
            "43-45 walk"
        ]
    );
    let why = explained(&system, 1);
    let walk = why.ledger.causes().nth(8).expect("the first kind of pause");
    assert_eq!(
        (why.ledger.of_station(Some(0), walk), why.ledger.of_station(None, walk)),
        (180_000_000, 120_000_000)
    );
    assert_eq!((why.ledger.sojourn_micros, why.ledger.waited_micros), (45 * 60_000_000, 0));
}

#[test]
fn who_is_held_waits_for_the_station_that_is_full() {
    let system = network(&format!(
        "{}{DESK}servers = 1\nservice_time = \"1 min\"\n[[station]]\nname = \"room\"\nservers = 1\n\
         service_time = \"10 min\"\ncapacity = 1\nwhen_full = \"block\"\n",
        source("a", "0 0 5", "[\"desk\", \"room\"]")
    ));
    assert_eq!(
        told(&system, 0, 2),
        [
            "0-1 behind_others desk (0 called, 0 later)",
            "1-2 being_served desk",
            "2-11 blocked room",
            "11-21 being_served room"
        ]
    );
    // The desk is held until minute 11, so the third waits for it.
    assert_eq!(told(&system, 0, 3)[0], "5-11 behind_others desk (0 called, 0 later)");
}

#[test]
fn waiting_in_vain_has_causes_too_and_hours_are_split_at_the_hour() {
    let system = network(&format!(
        "{}{DESK}servers = 1\nservice_time = \"40 min\"\npatience = \"20 min\"\n",
        source("a", "30 45", "[\"desk\"]")
    ));
    assert_eq!(told(&system, 0, 2), ["45-65 behind_others desk (0 called, 0 later)"]);
    let ledger = explained(&system, 1).ledger;
    let minutes = |hour, cause| ledger.at(Some(0), hour, cause) / 60_000_000;
    assert_eq!((minutes(0, Cause::Behind), minutes(1, Cause::Behind)), (15, 5));
    assert_eq!((minutes(0, Cause::Served), minutes(1, Cause::Served)), (30, 10));
    assert_eq!((ledger.visit_count, ledger.completed_count), (2, 1));
}

#[test]
fn the_median_and_the_worst_of_a_clockwork_are_known_and_others_are_refused() {
    let system = network(&format!(
        "{}{DESK}servers = 1\nservice_time = \"10 min\"\n",
        source("a", "0 0 0", "[\"desk\"]")
    ));
    let why = explained(&system, 2);
    let tellers: Vec<(Teller, u32)> =
        why.visits.iter().map(|visit| (visit.teller, visit.told.visit.patient.number)).collect();
    assert_eq!(tellers, [(Teller::Median, 1), (Teller::Worst, 2)]);
    let nobody = PatientId { source: 0, number: 17 };
    match asked(&system, 1, Some(nobody)) {
        Err(WhyError::UnknownPatient { patient, day, near, count }) => {
            assert_eq!((patient, day, near.len(), count), (nobody, Day::default(), 3, 3));
        }
        other => panic!("{:?}", other.map(|why| why.visits)),
    }
}

#[test]
fn the_median_and_the_worst_are_of_all_replications_and_days() {
    let system = network(&format!(
        "{}{DESK}servers = 1\nservice_time = {{ law = \"exponential\", mean = \"10 min\" }}\n",
        source("a", "0 5 9 12 20 31 40", "[\"desk\"]")
    ));
    let run =
        RunSettings { rng_seed: 4, replications: ReplicationCount::Fixed(5), days: 2, level: Level::P95 };
    let why = find_causes(&system, &WhySettings { run, by: By::Sojourn, patient: None }, &Silent)
        .unwrap_or_else(|error| panic!("{error}"));
    // The same visits, watched one by one.
    let mut lengths = Vec::new();
    for (replication, day) in (0..5).flat_map(|replication| [(replication, 0), (replication, 1)]) {
        let (mut film, mut account) = (Film::default(), system.account());
        let key = onetrip_sim::stream::RunKey::new(4, replication, day);
        system.runner().run_watched(key, &mut account, &mut film).expect("it runs");
        for (patient, records) in film.into_visits().iter() {
            let (first, last) = (records.first().expect("an arrival"), records.last().expect("a departure"));
            lengths.push((last.at.since(first.at), Day { replication, day }, patient));
        }
    }
    lengths.sort_unstable();
    let told = |teller: Teller| {
        let visit = why.visits.iter().find(|visit| visit.teller == teller).expect("it is told");
        (visit.told.visit.sojourn(), visit.day, visit.told.visit.patient)
    };
    assert_eq!(lengths.len(), 70);
    assert_eq!(told(Teller::Median), lengths[34]);
    assert_eq!(told(Teller::Worst), lengths[69]);
    assert!(lengths.iter().any(|visit| visit.1 != lengths[69].1), "there are several days");
}

fn hospital(name: &str, assignments: &[&str]) -> Hospital {
    let mut document = Document::parse(format!("{name}.toml"), hospital_text(name).expect("it is shipped"));
    assignments.iter().for_each(|assignment| document.set(assignment));
    match read_hospital(document, EvidenceRule::Optional) {
        Ok(reading) => Hospital::new(reading.value.hospital).expect("a sound hospital"),
        Err(found) => panic!("{found}"),
    }
}

/// The model keeps books of its own on what patients do; both come to the same microseconds.
#[test]
fn causes_of_a_hospital_add_up_to_the_activities_that_the_model_counts() {
    for (name, visits) in [
        ("county-2016", "demand.visits_per_day=700"),
        ("hangzhou-2018-06", "demand.visits_per_day=1500"),
        ("hangzhou-2018-12", "demand.visits_per_day=1500"),
        ("township", "demand.visits_per_day=250"),
    ] {
        let hospital = hospital(name, &[visits]);
        let system = System::Hospital(hospital.clone());
        let why = explained(&system, 3);
        let ledger = &why.ledger;
        assert!(ledger.is_balanced() && ledger.visit_count > 500, "{name}");
        assert_eq!(ledger.inside_count, 0, "{name}");
        let spent = |wanted: &[Activity]| -> u64 {
            let classes = 0..hospital.classes().len();
            let of = |activity: &Activity| -> u64 {
                classes
                    .clone()
                    .map(|class| hospital.time_spent_micros(&why.results.account, class, *activity))
                    .sum()
            };
            wanted.iter().map(of).sum()
        };
        let put_down = |is_wanted: &dyn Fn(Cause) -> bool| -> u64 {
            ledger.causes().filter(|&cause| is_wanted(cause)).map(|cause| ledger.of_cause(cause)).sum()
        };
        let pause = |activity: Activity| {
            move |cause: Cause| match cause {
                Cause::Pause(kind) => PauseKind::ALL[usize::from(kind)].activity() == activity,
                _ => false,
            }
        };
        for activity in [Activity::Walking, Activity::AwaitingResults, Activity::Early, Activity::Preparing] {
            assert_eq!(put_down(&pause(activity)), spent(&[activity]), "{name}: {activity:?}");
        }
        // A service that was interrupted counts as queueing in the model's books until it is resumed.
        let at_stations = |cause: Cause| !matches!(cause, Cause::Pause(_)) || pause(Activity::Served)(cause);
        assert_eq!(put_down(&at_stations), spent(&[Activity::Queueing, Activity::Served]), "{name}");
    }
}

#[test]
fn threads_do_not_change_a_bit_of_it() {
    let system = System::Hospital(hospital("county-2016", &["demand.visits_per_day=400"]));
    let with_threads = |count: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(count).build().expect("threads");
        pool.install(|| explained(&system, 5))
    };
    let (one, two) = (with_threads(1), with_threads(2));
    assert_eq!(one.ledger, two.ledger);
    assert_eq!(one.visits, two.visits);
    assert_eq!(one.times, two.times);
}

#[test]
fn times_by_station_hour_and_class_are_those_of_the_sums_and_have_intervals() {
    let system = System::Hospital(hospital("county-2016", &["demand.visits_per_day=400"]));
    let why = explained(&system, 5);
    let (ledger, times) = (&why.ledger, &why.times);
    let close =
        |found: f64, expected: f64| assert!((found / expected - 1.0).abs() < 1e-9, "{found} {expected}");
    let all: u64 = ledger.causes().map(|cause| ledger.of_cause(cause)).sum();
    let by_place = ledger.places().filter_map(|place| times.of_station(place, &|_| true));
    close(by_place.map(|one| one.value).sum(), times.of_all(&|_| true).expect("somebody came").value);
    let patients = (0..24).filter_map(|hour| times.of_hour(hour, &|_| true)).map(|one| one.value);
    // Each hour of each of the five days was seen once.
    close(patients.sum::<f64>() * 5.0, all as f64 / 3.6e9);
    for class in 0..system.classes().len() {
        let visits = ledger.class_visit_count(class);
        let Some(of_class) = times.of_class(class, &|_| true) else {
            assert_eq!(visits, 0);
            continue;
        };
        let spent: u64 = ledger.causes().map(|cause| ledger.of_class(class, cause)).sum();
        close(of_class.value, spent as f64 / 1e6 / visits as f64);
        let interval = of_class.interval.expect("days differ");
        assert!(interval.contains(of_class.value) && interval.half_width() > 0.0);
    }
    let morning = times.of_hour(9, &|cause| cause.is_wait(&system)).expect("five days");
    assert!(morning.interval.expect("days differ").half_width() < morning.value);
    assert_eq!(explained(&system, 1).times.of_hour(9, &|_| true).expect("one day").interval, None);
}

#[test]
fn every_patient_of_a_day_is_found_by_the_name_that_is_printed() {
    let text = hospital_text("hangzhou-2018-12").expect("it is shipped");
    let reading = read_hospital(Document::parse("hangzhou-2018-12.toml", text), EvidenceRule::Required);
    let hospital = Hospital::new(reading.expect("it is sound").value.hospital).expect("it is sound");
    let (visits, _) = Visits::of_day(&hospital, RunKey::new(1, 0, 0)).expect("a day");
    let system = System::Hospital(hospital);
    let mut booked = 0;
    for (patient, _) in visits.iter() {
        let name = name_of_patient(&system, patient);
        assert_eq!(find_patient(&system, &name), Some(patient), "{name}");
        let by_number = format!("{}:{}", patient.source, patient.number);
        assert_eq!(find_patient(&system, &by_number), Some(patient), "{name}");
        assert_eq!(name.contains('/'), patient.is_booked(), "{name}");
        booked += usize::from(patient.is_booked());
    }
    assert!(booked > 1000, "{booked}");
    for nobody in [
        "bookings:cardiology/08:00/0",
        "bookings:cardiology/08:01/1",
        "bookings:cardiolgy/08:00/1",
        "bookings:cardiology/08:00",
        "walk_ins:cardiology/08:00/1",
        "17",
        "2:17",
    ] {
        assert_eq!(find_patient(&system, nobody), None, "{nobody}");
    }
}
