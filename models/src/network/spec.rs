//! The description of a network.

use crate::text::Text;
use onetrip_sim::arrival::ArrivalSource;
use onetrip_sim::distribution::Distribution;
use onetrip_sim::engine::{Horizon, PlanError};
use onetrip_sim::model::StationId;
use onetrip_sim::station::StationPlan;
use onetrip_sim::time::SimSpan;

/// A queueing network.
#[derive(Clone, Debug)]
pub struct NetworkSpec {
    /// Short name, as on the command line.
    pub name: String,
    /// Title.
    pub title: Text,
    /// What it is and where it comes from.
    pub description: Text,
    /// Names of the classes of customer; at least one.
    pub classes: Vec<String>,
    /// Names of the kinds of pause.
    pub pause_kinds: Vec<String>,
    /// The stations.
    pub stations: Vec<NetworkStation>,
    /// Stations that are also reported together.
    pub groups: Vec<StationGroup>,
    /// Where customers come from.
    pub sources: Vec<NetworkSource>,
    /// Where customers go after each station, for journeys that hand over to the table ([`Step::Follow`]).
    pub routes: Option<RouteTable>,
    /// How long a run is.
    pub run: NetworkRun,
}

/// A station and what each class asks of it. Lists have one entry a class.
#[derive(Clone, Debug)]
pub struct NetworkStation {
    /// Servers, queue, opening hours.
    pub plan: StationPlan,
    /// Service times in seconds.
    pub service_time: Vec<Distribution>,
    /// Rank in the queue, 0 first.
    pub rank: Vec<u8>,
    /// How long customers wait before they leave the queue, in seconds; `None` for ever.
    pub patience: Vec<Option<Distribution>>,
    /// Who does not join.
    pub balking: Vec<Balking>,
    /// Servers seized together.
    pub server_count: Vec<u16>,
    /// Where those go whom the station refuses or who balk; `None`: they leave.
    pub diverts_to: Option<StationId>,
}

/// Stations that are also reported together.
#[derive(Clone, Debug, PartialEq)]
pub struct StationGroup {
    /// Name, as in its measures.
    pub name: String,
    /// Members.
    pub stations: Vec<StationId>,
}

/// Who sees the queue and does not join. Applies only when no server is free.
#[derive(Clone, Debug, PartialEq)]
pub enum Balking {
    /// Nobody.
    Never,
    /// Everybody, when so many are present (waiting or in service).
    AtPresent(u32),
    /// With 0, 1, 2 … present, this share; the last share holds beyond. Never falls.
    ByPresent(Vec<f64>),
}

/// A source of customers.
#[derive(Clone, Debug)]
pub struct NetworkSource {
    /// Name.
    pub name: String,
    /// How they come.
    pub arrivals: ArrivalSource,
    /// No more than so many.
    pub at_most: Option<u64>,
    /// Classes by index, with their shares.
    pub classes: Vec<(usize, f64)>,
    /// What they do from arrival to leaving.
    pub journey: Vec<Step>,
}

/// A station, or several of which one is chosen.
#[derive(Clone, Debug, PartialEq)]
pub struct Places {
    /// Name of the place or group; the stem of the random streams drawn here.
    pub name: String,
    /// Candidates, in order of preference at ties.
    pub stations: Vec<StationId>,
    /// How one is chosen.
    pub choice: Choice,
}

/// How a customer chooses among parallel stations.
#[derive(Clone, Debug, PartialEq)]
pub enum Choice {
    /// There is one.
    Only,
    /// Fewest waiting, then most idle; the first listed at ties.
    ShortestQueue,
    /// Least work ahead; the first listed at ties.
    LeastWork,
    /// At random by share.
    ByShare(Vec<f64>),
    /// By class: the place of the class's index in the list.
    ByClass(Vec<usize>),
}

/// One step of a journey.
#[derive(Clone, Debug)]
pub enum Step {
    /// To a station, or to one of several.
    Visit {
        /// Where.
        places: Places,
        /// Service times by class that replace the station's own.
        service_time: Option<Vec<Distribution>>,
        /// Keep the station chosen for a later [`Step::Again`].
        remember: bool,
    },
    /// To the station last remembered.
    Again {
        /// Name, the stem of the random streams.
        name: String,
        /// Service times by class that replace the station's own.
        service_time: Option<Vec<Distribution>>,
    },
    /// Nowhere for a while.
    Pause {
        /// Name, the stem of the random stream.
        name: String,
        /// How long, in seconds.
        time: Distribution,
        /// Index into [`NetworkSpec::pause_kinds`].
        kind: u8,
    },
    /// With probability `share` these steps, else those.
    Chance {
        /// Name, the stem of the random stream.
        name: String,
        /// Probability.
        share: f64,
        /// Then.
        then: Vec<Step>,
        /// Else.
        otherwise: Vec<Step>,
    },
    /// One of several branches by share.
    Choose {
        /// Name, the stem of the random stream.
        name: String,
        /// Shares and steps.
        branches: Vec<(f64, Vec<Step>)>,
    },
    /// Steps that are repeated: after each time round, once more with probability `again_share`.
    Repeat {
        /// Name, the stem of the random stream.
        name: String,
        /// Probability of one more round; 1 for ever.
        again_share: f64,
        /// What is repeated.
        steps: Vec<Step>,
    },
    /// To a station, and on from there by the route table until it leads out; then the journey goes on.
    Follow {
        /// The first station.
        from: StationId,
    },
}

/// For each station, where customers go next: (share, station; `None` leaves the table).
#[derive(Clone, Debug, PartialEq)]
pub struct RouteTable {
    /// One row a station.
    pub rows: Vec<Vec<(f64, Option<StationId>)>>,
}

/// How long a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NetworkRun {
    /// When it ends.
    pub horizon: Horizon,
    /// What is thrown away at the start.
    pub warm_up: SimSpan,
    /// Keep figures by hour of the day.
    pub keeps_hours: bool,
    /// Replications that the description asks for.
    pub replications: Option<u32>,
}

/// Why a description cannot be compiled.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum NetworkError {
    /// The engine refuses a station.
    #[error("{0}")]
    Plan(#[from] PlanError),
    /// A list that should have one entry a class has another length.
    #[error(
        "station `{station}`: `{what}` has {found} entries; one for each of the {expected} classes is needed"
    )]
    PerClass {
        /// The station.
        station: String,
        /// Which list.
        what: &'static str,
        /// Its length.
        found: usize,
        /// The number of classes.
        expected: usize,
    },
    /// A law of times that can be negative.
    #[error("{place}: times can be negative; a law whose values are 0 or more is needed")]
    Negative {
        /// Where.
        place: String,
    },
    /// Something is named that does not exist.
    #[error("{place}: no {what} number {index}; there are {count}")]
    Missing {
        /// Where it is named.
        place: String,
        /// What.
        what: &'static str,
        /// Which.
        index: usize,
        /// How many there are.
        count: usize,
    },
    /// Shares that are negative or do not add up to 1.
    #[error("{place}: shares add up to {sum}; 1 is needed, and none below 0")]
    Shares {
        /// Where.
        place: String,
        /// Their sum.
        sum: f64,
    },
    /// A rule that cannot be kept.
    #[error("{place}: {reason}")]
    Rule {
        /// Where.
        place: String,
        /// Why not.
        reason: &'static str,
    },
    /// Journeys longer than can be numbered.
    #[error("journeys have more than {limit} steps in all")]
    TooLong {
        /// The limit.
        limit: usize,
    },
}
