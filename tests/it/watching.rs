//! Watching runs: every happening kept, and a readable trace of it.

use onetrip_models::network::NetworkSpec;
use onetrip_models::system::System;
use onetrip_models::watch::Record;
use onetrip_sim::engine::RunError;
use onetrip_sim::model::{Exit, StationId};
use onetrip_sim::observer::Happening;
use onetrip_sim::stream::RunKey;
use onetrip_sim::time::SimTime;
use onetrip_studies::film::Film;

/// When a service of this customer of the first source starts for the first time.
pub(crate) fn first_start(film: &Film, customer: u32) -> Option<SimTime> {
    of_first_source(film, customer, |happening| matches!(happening, Happening::Started(_)))
}

/// When this customer of the first source arrives.
pub(crate) fn arrival(film: &Film, customer: u32) -> Option<SimTime> {
    of_first_source(film, customer, |happening| happening == Happening::Arrived)
}

fn of_first_source(film: &Film, customer: u32, is_it: impl Fn(Happening) -> bool) -> Option<SimTime> {
    let mut own = film.records().iter().filter(|record| record.customer == customer && record.source == 0);
    own.find(|record| is_it(record.happening)).map(|record| record.at)
}

/// One run, watched.
pub(crate) fn film(system: &System, luck: RunKey) -> Result<Film, RunError> {
    let mut film = Film::default();
    let mut account = system.account();
    system.runner().run_watched(luck, &mut account, &mut film)?;
    Ok(film)
}

/// The happenings as lines such as `12.5 a1 starts desk`: minutes, source and number of the customer (from 1), what and
/// where. Arrivals and plain joining are left out: whoever joins starts, waits in line or is turned away.
pub(crate) fn lines(system: &System, film: &Film) -> Vec<String> {
    let System::Network(network) = system else { panic!("a network is needed") };
    let spec = network.spec();
    let shown = film
        .records()
        .iter()
        .filter(|record| !matches!(record.happening, Happening::Arrived | Happening::Left(Exit::Completed)));
    shown.map(|record| line(spec, record)).collect()
}

fn line(spec: &NetworkSpec, record: &Record) -> String {
    let station = |id: StationId| &spec.stations[id.index()].plan.name;
    let what = match record.happening {
        Happening::Arrived => "arrives".to_owned(),
        Happening::Joined(at) => format!("joins {}", station(at)),
        Happening::Started(at) => format!("starts {}", station(at)),
        Happening::Interrupted(at) | Happening::Undone(at) => format!("stops {}", station(at)),
        Happening::Served(at) => format!("ends {}", station(at)),
        Happening::Balked(at) => format!("balks {}", station(at)),
        Happening::Reneged(at) => format!("reneges {}", station(at)),
        Happening::Refused(at) => format!("refused {}", station(at)),
        Happening::SentAway(at) => format!("sent away {}", station(at)),
        Happening::BrokenDown(at) => format!("broken down {}", station(at)),
        Happening::Blocked(at) => format!("blocked by {}", station(at)),
        Happening::Paused { time, .. } => format!("pauses {}", time.as_minutes()),
        Happening::Left(Exit::Completed) => "leaves".to_owned(),
        Happening::Left(Exit::WithoutBeingSeen) => "leaves unserved".to_owned(),
    };
    let minutes = record.at.as_seconds() / 60.0;
    format!("{minutes} {}{} {what}", spec.sources[usize::from(record.source)].name, record.customer + 1)
}
