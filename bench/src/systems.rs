//! Systems to time: those that come with the program, and small ones with one thing turned up.

use onetrip_models::hospital::{Hospital, PauseKind};
use onetrip_models::network::{
    Balking, Choice, Network, NetworkRun, NetworkSource, NetworkSpec, NetworkStation, Places, Step,
};
use onetrip_models::system::System;
use onetrip_models::text::Text;
use onetrip_scenarios::library;
use onetrip_scenarios::load::{Scenario, load};
use onetrip_sim::arrival::{ArrivalSource, RateProfile};
use onetrip_sim::distribution::Distribution;
use onetrip_sim::engine::Horizon;
use onetrip_sim::model::StationId;
use onetrip_sim::station::{Duty, StationPlan};
use onetrip_sim::stream::RunKey;
use onetrip_sim::time::{SimSpan, SimTime};

/// A network or hospital that comes with the program, with values set as on the command line (`run.keeps_hours=true`).
///
/// # Errors
/// A sentence when there is no such scenario, or it cannot be read.
pub fn shipped(name: &str, settings: &[&str]) -> Result<System, String> {
    let embedded =
        library::find(name).ok_or_else(|| format!("no scenario `{name}` comes with the program"))?;
    let mut document = embedded.document();
    settings.iter().for_each(|setting| document.set(setting));
    let reading = load(document).map_err(|diagnostics| format!("{diagnostics:?}"))?;
    Ok(match reading.value {
        Scenario::Network(spec) => System::Network(Network::new(*spec).map_err(|error| error.to_string())?),
        Scenario::Hospital(scenario) => {
            System::Hospital(Hospital::new(scenario.hospital).map_err(|error| error.to_string())?)
        }
    })
}

/// What runs did.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Work {
    /// Arrivals from outside and ends of services at stations: what is counted as events.
    pub events: u64,
    /// Those of the pauses that take a time of the customer's own (walks, getting ready, paying by phone): what a model without
    /// pauses would write as a station of unlimited servers, whose ends of service count as events.
    pub delays: u64,
    /// Pauses between stations (walks, waiting for results), which the engine's list holds too.
    pub pauses: u64,
    /// Customers who came.
    pub customers: u64,
}

/// Runs a system so many times.
///
/// # Panics
/// When a run is given up, which no system here should be.
pub fn run(system: &System, replications: u32) -> Work {
    let mut runner = system.runner();
    let mut account = system.account();
    for replication in 0..replications {
        runner.run(RunKey::new(1, replication, 0), &mut account).expect("the run ends");
    }
    let statistics = &account.statistics;
    let is_wait = |kind: usize| match system {
        System::Hospital(_) => PauseKind::ALL[kind].is_wait(),
        System::Network(_) => false,
    };
    let own_times = statistics.pauses.iter().enumerate().filter(|(kind, _)| !is_wait(*kind));
    Work {
        events: statistics.events,
        delays: own_times.map(|(_, pause)| pause.count).sum(),
        pauses: statistics.pauses.iter().map(|kind| kind.count).sum(),
        customers: statistics.accounting_total().arrived,
    }
}

/// A station of plain servers that take exponential times of this mean.
pub fn station(name: &str, duty: Duty, mean_seconds: f64) -> NetworkStation {
    let mut plan = StationPlan::new(name, 1);
    plan.duty = duty;
    let service_time = Distribution::exponential(mean_seconds).expect("a positive mean");
    NetworkStation {
        plan,
        service_time: vec![service_time],
        rank: vec![0],
        patience: vec![None],
        balking: vec![Balking::Never],
        server_count: vec![1],
        diverts_to: None,
    }
}

/// A visit to one of these stations, each as likely.
pub fn visit(stations: std::ops::Range<u16>) -> Step {
    let stations: Vec<StationId> = stations.map(StationId).collect();
    let choice = match stations.len() {
        1 => Choice::Only,
        count => Choice::ByShare(vec![1.0 / count as f64; count]),
    };
    let places = Places { name: "visit".to_owned(), stations, choice };
    Step::Visit { places, service_time: None, remember: false }
}

/// A network of one Poisson source until an instant.
///
/// # Panics
/// When the description breaks a rule.
pub fn network(stations: Vec<NetworkStation>, per_hour: f64, journey: Vec<Step>, hours: u64) -> System {
    let profile = RateProfile::constant(per_hour).expect("a rate");
    let spec = NetworkSpec {
        name: "bench".to_owned(),
        title: Text::same("bench"),
        description: Text::same("made to measure"),
        classes: vec!["customer".to_owned()],
        pause_kinds: Vec::new(),
        stations,
        groups: Vec::new(),
        sources: vec![NetworkSource {
            name: "customers".to_owned(),
            arrivals: ArrivalSource::poisson("customers", profile),
            at_most: None,
            classes: vec![(0, 1.0)],
            journey,
        }],
        routes: None,
        run: NetworkRun {
            horizon: Horizon::At(SimTime::ZERO + SimSpan::from_whole_minutes(60 * hours)),
            warm_up: SimSpan::ZERO,
            keeps_hours: false,
            replications: None,
        },
    };
    System::Network(Network::new(spec).expect("a sound network"))
}

/// M/M/c at a load of 0.9 (service of one minute on average) for about `events` events: a lone queue, which the engine runs
/// without an event list up to 64 servers.
pub fn lone_queue(server_count: u32, events: u64) -> System {
    queues(1, server_count, events)
}

/// Two such queues in a row.
pub fn tandem(server_count: u32, events: u64) -> System {
    queues(2, server_count, events)
}

fn queues(count: u16, server_count: u32, events: u64) -> System {
    let per_hour = 54.0 * f64::from(server_count);
    let hours = (events as f64 / f64::from(count + 1) / per_hour).ceil() as u64;
    let stations = (0..count)
        .map(|place| station(&format!("station.{place}"), Duty::Always(server_count), 60.0))
        .collect();
    network(stations, per_hour, (0..count).map(|place| visit(place..place + 1)).collect(), hours.max(1))
}

/// `pending` services under way at any time, nobody waiting, for about `events` events after filling up.
pub fn delay(pending: u64, events: u64) -> System {
    let per_hour = pending as f64;
    let hours = (events as f64 / 2.0 / per_hour).ceil() as u64;
    network(vec![station("delay", Duty::Unlimited, 3600.0)], per_hour, vec![visit(0..1)], hours.max(1) + 5)
}

/// Three visits each to random ones of `station_count` stations with `server_count` servers at a load of 0.8.
pub fn floor(station_count: u16, server_count: u32, events: u64) -> System {
    let stations = (0..station_count)
        .map(|place| station(&format!("station.{place}"), Duty::Always(server_count), 60.0))
        .collect();
    let per_hour = 48.0 * f64::from(server_count) * f64::from(station_count) / 3.0;
    let hours = (events as f64 / 4.0 / per_hour).ceil() as u64;
    network(stations, per_hour, (0..3).map(|_| visit(0..station_count)).collect(), hours.max(1))
}
