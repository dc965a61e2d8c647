//! Stress against answers worked by hand and against Erlang.

use onetrip_models::hospital::Hospital;
use onetrip_models::hospital::spec::{StationOutage, Surge};
use onetrip_models::network::Network;
use onetrip_models::system::System;
use onetrip_scenarios::hospital::{hospital_text, read_hospital};
use onetrip_scenarios::network::read_network;
use onetrip_scenarios::reader::{Document, EvidenceRule};
use onetrip_sim::station::WorkInHand;
use onetrip_sim::time::{SimSpan, SimTime};
use onetrip_studies::condition::WrittenTarget;
use onetrip_studies::replicate::Silent;
use onetrip_studies::size::{Ending, SizeSettings};
use onetrip_studies::statistics::interval::Level;
use onetrip_studies::stress::demand::{DemandProblem, DemandRange, demand_limits};
use onetrip_studies::stress::disturbance::{
    Disturbance, DisturbanceProblem, DisturbanceSettings, disturbance,
};
use onetrip_studies::stress::passage::BesideEachOther;
use onetrip_studies::theory::Mmc;

fn network(text: &str) -> System {
    let reading = read_network(Document::parse("hall.toml", text)).expect("the file is right");
    System::Network(Network::new(reading.value).expect("it compiles"))
}

/// One patient a minute from 0:00 to 6:00, half a minute of service, one kiosk: nobody ever waits.
fn clockwork() -> System {
    network(
        "format = \"network/1\"\ntitle = \"clockwork\"\nrun = { until = \"drained\" }\n\
         [[arrivals]]\nname = \"patients\"\nat = { from = \"0 min\", every = \"1 min\", count = 360 }\n\
         journey = [\"kiosk\"]\n\
         [[station]]\nname = \"kiosk\"\nservice_time = \"30 s\"\nshifts_repeat = false\n\
         shifts = [{ from = \"0 min\", servers = 1 }, { from = \"6 h\", servers = 0 }]\n",
    )
}

fn at(minutes: u64) -> SimTime {
    SimTime::ZERO + SimSpan::from_whole_minutes(minutes)
}

fn out(place: &str, from: u64, to: u64, server_count: Option<u32>) -> StationOutage {
    StationOutage {
        place: place.to_owned(),
        from: SimSpan::from_whole_minutes(from),
        to: SimSpan::from_whole_minutes(to),
        server_count,
        work_in_hand: WorkInHand::Finish,
    }
}

fn disturbed(base: &System, disturbed: &System, times: (u64, Option<u64>), replications: u32) -> Disturbance {
    let problem = DisturbanceProblem { base, disturbed, from: at(times.0), to: times.1.map(at) };
    let settings = DisturbanceSettings { rng_seed: 1, replications, days: 1, level: Level::P95 };
    disturbance(&problem, &settings, &Silent).expect("it runs")
}

#[test]
fn a_clockwork_hall_recovers_at_the_minute_worked_out_by_hand() {
    let base = clockwork();
    let with = base.with_outages(&[out("kiosk", 60, 120, None)]).expect("the kiosk can be out");
    let found = disturbed(&base, &with, (60, Some(120)), 3);
    // From 60 to 119 sixty patients join the queue. From 120 on one is served every half minute and one comes every
    // minute. The one who comes at minute m ≥ 60 starts at 120 + (m − 60)/2, so m = 179 is the last to wait: until 179.5.
    let kiosk = &found.stations[0];
    let recovery = kiosk.recovery.expect("the kiosk is affected");
    assert!((recovery.mean_s.value - 59.5 * 60.0).abs() < 1e-6, "{recovery:?}");
    assert!((recovery.median_s.value - recovery.mean_s.value).abs() < 1e-6);
    assert_eq!(recovery.before_closing_share.value, 1.0);
    assert_eq!(found.recovery, kiosk.recovery);
    // It shows in the step from 60 to 70, in which 1, 2, … 10 wait for a minute each: 5.5 on average.
    assert_eq!(kiosk.shows_in, Some(6));
    assert!((kiosk.disturbed[6].value - 5.5).abs() < 1e-9, "{:?}", kiosk.disturbed[6]);
    // Patient m waits 120 + (m − 60)/2 − m minutes: 60 at m = 60, 0.5 at m = 179; 120 patients, all together 3,630 min.
    let costs = found.costs;
    assert!((costs.extra_waiting_s.value - 3630.0 * 60.0).abs() < 1e-6, "{costs:?}");
    // All but the last (half a minute) stay a minute longer or more.
    assert_eq!(costs.patients_affected.value, 119.0);
    assert_eq!((costs.patients.value, costs.extra_left_unseen.value), (360.0, 0.0));
    assert_eq!((costs.extra_overtime_s.value, costs.last_patient_later_s.value), (0.0, 0.0));
    // While it lasts sixty come as ever; none instead of sixty is served, and all are held there at its end.
    let [kiosk] = &found.passages[..] else { panic!("{:?}", found.passages) };
    let beside = |one: &BesideEachOther| (one.base.value, one.disturbed.value, one.is_different);
    assert_eq!(beside(&kiosk.joined), (60.0, 60.0, false));
    assert_eq!(beside(&kiosk.served), (60.0, 0.0, true));
    assert_eq!(beside(&kiosk.left), (0.0, 0.0, false));
    assert_eq!(beside(&kiosk.waiting_at_end), (0.0, 60.0, true));
}

#[test]
fn an_outage_near_the_end_is_not_over_before_closing() {
    let base = clockwork();
    let with = base.with_outages(&[out("kiosk", 240, 330, None)]).expect("the kiosk can be out");
    let found = disturbed(&base, &with, (240, Some(330)), 2);
    // 90 wait at 330; with 30 more to come until 360 the queue lasts until 390.
    let recovery = found.recovery.expect("the kiosk is affected");
    assert_eq!(recovery.before_closing_share.value, 0.0);
    assert!((recovery.mean_s.value - 59.5 * 60.0).abs() < 1e-6, "{recovery:?}");
    assert!((found.costs.extra_overtime_s.value - 30.0 * 60.0).abs() < 1e-6, "{:?}", found.costs);
}

fn county() -> System {
    let text = hospital_text("county-2016").expect("it is shipped");
    let document = Document::parse("county-2016.toml", text);
    let read = read_hospital(document, EvidenceRule::Optional).expect("it is shipped");
    System::Hospital(Hospital::new(read.value.hospital).expect("it compiles"))
}

#[test]
fn a_day_without_disturbance_differs_from_itself_by_exactly_nothing() {
    let base = county();
    // Pharmacy windows that are out at night change nothing.
    let with = base.with_outages(&[out("pharmacy.windows", 60, 120, None)]).expect("they can be out");
    let found = disturbed(&base, &with, (60, Some(120)), 2);
    let costs = found.costs;
    assert_eq!(costs.patients_affected.value, 0.0);
    for difference in [costs.extra_waiting_s, costs.extra_overtime_s, costs.last_patient_later_s] {
        assert_eq!((difference.value, difference.interval), (0.0, None));
    }
    assert_eq!((found.recovery, found.passages.len()), (None, 0));
    for station in &found.stations {
        assert_eq!((station.shows_in, station.most_extra), (None, 0.0));
        assert_eq!(station.base, station.disturbed);
    }
}

#[test]
fn dark_kiosks_send_patients_to_windows_and_the_windows_need_longest() {
    let base = county();
    let with = base.with_outages(&[out("registration.kiosks", 540, 600, None)]).expect("they can be out");
    let found = disturbed(&base, &with, (540, Some(600)), 12);
    let name = |station: usize| base.stations()[station].id.as_str();
    let windows = found.stations.iter().find(|one| name(one.station) == "registration.windows").unwrap();
    assert!(windows.shows_in.is_some(), "those who came for a kiosk queue at the windows");
    // Nobody waits at kiosks that are dark.
    let kiosks = found.stations.iter().find(|one| name(one.station) == "registration.kiosks").unwrap();
    assert!((54..60).all(|step| kiosks.disturbed[step].value < 1e-9), "{:?}", &kiosks.disturbed[54..60]);
    assert!(found.costs.patients_affected.value > 10.0, "{:?}", found.costs);
}

#[test]
fn a_surge_adds_patients_and_leaves_everybody_else_who_they_are() {
    let base = county();
    let surge = Surge { department: "paediatrics".to_owned(), factor: 1.5 };
    let with = base.with_surges(&[surge]).expect("there is such a department");
    let count = |system: &System| {
        let mut account = system.account();
        let key = onetrip_sim::stream::RunKey::new(1, 0, 0);
        system.runner().run(key, &mut account).expect("it runs");
        account.statistics.accounting_total().arrived
    };
    let (before, after) = (count(&base), count(&with));
    assert!(after > before, "{after} after {before}");
    // Everybody who comes anyway is paired: as many as came before.
    let found = disturbed(&base, &with, (0, None), 2);
    assert!(found.costs.patients_affected.value <= found.costs.patients.value);
    assert_eq!(found.recovery, None);
}

#[test]
fn the_demand_that_a_kiosk_hall_bears_is_that_of_erlang() {
    // Five kiosks, two minutes, 100 an hour: the mean wait of M/M/5 reaches a minute at a demand that Erlang's formula
    // gives.
    let hall = network(
        "format = \"network/1\"\ntitle = \"hall\"\nrun = { horizon = \"20 h\", warm_up = \"2 h\" }\n\
         [[arrivals]]\nname = \"patients\"\nrate = \"100 per hour\"\njourney = [\"kiosk\"]\n\
         [[station]]\nname = \"kiosk\"\nservers = 5\nservice_time = { law = \"exponential\", mean = \"2 min\" }\n",
    );
    let wait = |factor: f64| {
        let station = Mmc::new(100.0 * factor / 3600.0, 1.0 / 120.0, 5);
        station.map(|station| station.mean_wait_time()).unwrap_or(f64::INFINITY)
    };
    let exact =
        (0..100).map(|step| 0.8 + 0.01 * f64::from(step)).take_while(|&factor| wait(factor) <= 60.0).last();
    let exact = exact.expect("the smallest demand holds");
    let target = "kiosk.wait_time.mean <= 60 s and kiosk.wait_time.mean <= 1 h";
    let target = target.parse::<WrittenTarget>().unwrap().resolve(hall.measures()).unwrap();
    let range = DemandRange::new(0.8, 1.4, 0.05).unwrap();
    let settings = SizeSettings {
        rng_seed: 3,
        days: 1,
        level: Level::P95,
        tolerance_share: 0.1,
        at_most: 400,
        time_limit: None,
    };
    let problem = DemandProblem { system: &hall, range, target };
    let limits = demand_limits(&problem, &settings, &Silent).expect("it runs");
    let first = &limits.targets[0];
    let largest = first.largest.expect("some demand holds");
    assert!((largest - exact).abs() <= 0.0501, "{largest} found, {exact} exact");
    assert_eq!(first.breaks_at.map(|at| (at * 1000.0).round()), Some(((largest + 0.05) * 1000.0).round()));
    assert_eq!(limits.breaks_first, Some(0));
    // An hour of wait is beyond the whole range.
    assert_eq!((limits.targets[1].ending, limits.targets[1].largest), (Ending::Found, Some(1.4)));
    assert_eq!(limits.targets[1].breaks_at, None);
    // It breaks at the kiosks, which are all there is, and almost always busy by then.
    let bottleneck = limits.bottleneck.expect("a target breaks");
    assert_eq!(bottleneck.worst, 0);
    let busiest = bottleneck.loads[0].last().and_then(|load| load.busiest_share).expect("kiosks are on duty");
    assert!(busiest > 0.7 && busiest < 1.0, "{busiest}");
}
