//! A small clinic as a network, run for a few days: what the tests of this crate look at.

use onetrip_models::network::{
    Balking, Choice, Network, NetworkRun, NetworkSource, NetworkSpec, NetworkStation, Places, Step,
};
use onetrip_models::system::System;
use onetrip_models::text::Text;
use onetrip_report::document::{PauseKind, RunDocument, ScenarioPart};
use onetrip_report::facts::RunFacts;
use onetrip_report::words::Words;
use onetrip_scenarios::targets::{self, Answers, HospitalClass};
use onetrip_sim::arrival::{ArrivalSource, RateProfile};
use onetrip_sim::distribution::{Distribution, Spread};
use onetrip_sim::engine::Horizon;
use onetrip_sim::model::StationId;
use onetrip_sim::station::{Duty, StationPlan};
use onetrip_sim::time::{SimSpan, SimTime};
use onetrip_studies::replicate::{ReplicationCount, RunResults, RunSettings, Silent, replicate};
use onetrip_studies::scorecard::{Counted, Findings, MeasuredValue, evaluate};
use onetrip_studies::statistics::interval::Level;

const HOUR: u64 = 3600;

fn station(name: &str, shifts: &[(f64, u32)], mean: f64, patience: Option<f64>) -> NetworkStation {
    let mut plan = StationPlan::new(name, 1);
    let changes = shifts.iter().map(|&(hour, count)| (SimSpan::from_seconds(hour * 3600.0), count)).collect();
    plan.duty = Duty::Shifts { changes, repeats_daily: false };
    plan.rank_count = 2;
    let service_time = Distribution::lognormal_with_mean(mean, Spread::Cv(0.6)).unwrap();
    let patience = patience.map(|mean| Distribution::exponential(mean).unwrap());
    NetworkStation {
        plan,
        service_time: vec![service_time.clone(), service_time],
        rank: vec![1, 0],
        patience: vec![patience.clone(), patience],
        balking: vec![Balking::Never, Balking::Never],
        server_count: vec![1, 1],
        diverts_to: None,
    }
}

fn visit(index: u16, name: &str) -> Step {
    let places = Places { name: name.to_owned(), stations: vec![StationId(index)], choice: Choice::Only };
    Step::Visit { places, service_time: None, remember: false }
}

fn pause(name: &str, mean: f64, kind: u8) -> Step {
    Step::Pause { name: name.to_owned(), time: Distribution::exponential(mean).unwrap(), kind }
}

/// The clinic: registration, consultation, laboratory with results to wait for, pharmacy; mornings and afternoons.
pub(crate) fn system() -> System {
    let at = |hour: f64| SimTime::ZERO + SimSpan::from_seconds(hour * 3600.0);
    let rates =
        [(7.5, 90.0), (8.0, 160.0), (9.5, 110.0), (11.0, 30.0), (13.5, 90.0), (15.0, 60.0), (16.5, 0.0)];
    let rates: Vec<(SimTime, f64)> = rates.iter().map(|&(hour, rate)| (at(hour), rate)).collect();
    let profile = RateProfile::once(&rates).unwrap();
    let laboratory = vec![
        pause("walk.laboratory", 90.0, 0),
        visit(2, "检验科"),
        pause("results", 1500.0, 1),
        pause("walk.back", 90.0, 0),
        visit(1, "consultation"),
    ];
    let journey = vec![
        visit(0, "registration"),
        pause("walk.consultation", 120.0, 0),
        visit(1, "consultation"),
        Step::Chance { name: "tested".into(), share: 0.35, then: laboratory, otherwise: vec![] },
        pause("walk.pharmacy", 120.0, 0),
        visit(3, "pharmacy"),
    ];
    let spec = NetworkSpec {
        name: "clinic".into(),
        title: Text::new("A small clinic", "小型门诊"),
        description: Text::new(
            "Registration, consultation, laboratory and pharmacy on one morning and afternoon.",
            "挂号、就诊、检验、取药，上下午各一段。",
        ),
        classes: vec!["ordinary".into(), "elderly".into()],
        pause_kinds: vec!["walking".into(), "waiting_for_results".into()],
        stations: vec![
            station(
                "registration",
                &[(7.5, 3), (9.0, 4), (12.0, 1), (13.5, 3), (17.0, 0)],
                75.0,
                Some(3600.0),
            ),
            station("consultation", &[(8.0, 16), (12.0, 0), (13.5, 14), (17.0, 0)], 330.0, None),
            station("检验科", &[(8.0, 2), (12.0, 1), (13.5, 2), (17.0, 0)], 100.0, None),
            station("pharmacy", &[(8.0, 3), (12.0, 1), (13.5, 3), (17.5, 0)], 60.0, None),
        ],
        groups: vec![],
        sources: vec![NetworkSource {
            name: "patients".into(),
            arrivals: ArrivalSource::poisson("patients", profile),
            at_most: None,
            classes: vec![(0, 0.8), (1, 0.2)],
            journey,
        }],
        routes: None,
        run: NetworkRun {
            horizon: Horizon::At(SimTime::ZERO + SimSpan::from_whole_seconds(20 * HOUR)),
            warm_up: SimSpan::ZERO,
            keeps_hours: true,
            replications: None,
        },
    };
    System::Network(Network::new(spec).unwrap())
}

/// Twelve days of it.
pub(crate) fn results(system: &System) -> RunResults {
    let settings =
        RunSettings { rng_seed: 7, replications: ReplicationCount::Fixed(12), days: 1, level: Level::P95 };
    replicate(system, &settings, &Silent).unwrap()
}

/// The document of those days, held against a target document as if the clinic were a municipal hospital.
pub(crate) fn document(system: &System, results: &RunResults, targets: &str) -> RunDocument {
    let form = targets::document(targets).unwrap();
    let measured = |id: &str| {
        let own = id.replace("registration.on_site.", "registration.").replace("peak.", "");
        let estimate = results.measure(system, &own)?.estimate?;
        let interval = estimate.interval?;
        Some(MeasuredValue { value: estimate.value, low: interval.low, high: interval.high, n: 12 })
    };
    let counted = |id: &str| match id {
        "registration.priority_windows.count" => Some(Counted::Number(2.0)),
        "registration.priority_windows.groups" => Some(Counted::Words(vec!["elderly".into()])),
        "booking.channels.count" | "payment.instruments.count" => Some(Counted::Number(4.0)),
        "identity.health_card.accepted" => Some(Counted::Flag(true)),
        _ => None,
    };
    let findings = Findings { measured: &measured, counted: &counted, answers: &Answers::default() };
    let card = evaluate(form, HospitalClass::Municipal.into(), None, &findings);
    let System::Network(network) = system else { unreachable!("the clinic is a network") };
    let mut scenario = ScenarioPart::of_network(network.spec());
    scenario.pause_kinds = vec![
        PauseKind { id: "walking".into(), title: Words::new("walking", "步行") },
        PauseKind {
            id: "waiting_for_results".into(), title: Words::new("waiting for results", "等候结果")
        },
    ];
    let facts = RunFacts {
        scenario,
        command: "onetrip run clinic.toml --rng-seed 7 --replications 12".into(),
        version: "0.1.0".into(),
        inputs: &[],
        targets: Some((form, &card)),
        visit_measures: vec![],
    };
    RunDocument::new(system, results, &facts)
}
