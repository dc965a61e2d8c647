//! A network ready to run, and the model that the engine asks.

use super::check::check;
use super::measures::{Figure, MeanOver, Reader, catalogue};
use super::program::{self, Impatience, NetworkState, Op, Program, Site, Target};
use super::spec::{Balking, NetworkError, NetworkSource, NetworkSpec, NetworkStation, Step as JourneyStep};
use crate::account::Account;
use crate::measure::Measure;
use crate::system::StationLabel;
use crate::text::Text;
use crate::watch::{Record, Unwatched, Watcher};
use onetrip_sim::Customer;
use onetrip_sim::arrival::ArrivalStream;
use onetrip_sim::distribution::AliasTable;
use onetrip_sim::engine::{Engine, RunEnd, RunError, RunPlan};
use onetrip_sim::model::{Done, Exit, Model, StationId, Step, Visit};
use onetrip_sim::observer::{Happening, Observer, Servers};
use onetrip_sim::station::{Duty, Floor};
use onetrip_sim::statistics::Layout;
use onetrip_sim::stream::{EntityKey, Purpose, RunKey};
use onetrip_sim::time::{SimSpan, SimTime};
use std::sync::Arc;

const CLASS: Purpose = Purpose::named("class");
const PATIENCE: Purpose = Purpose::named("patience");
const BALKING: Purpose = Purpose::named("balking");
const DIVERTED: Purpose = Purpose::named("diverted");

/// A description, checked and compiled.
#[derive(Clone, Debug)]
pub struct Network {
    spec: Arc<NetworkSpec>,
    journeys: Arc<Journeys>,
    measures: Arc<[Measure]>,
    figures: Arc<[Figure]>,
    stations: Arc<[StationLabel]>,
    classes: Arc<[Text]>,
    layout: Layout,
}

/// What every runner of a network shares.
#[derive(Debug)]
struct Journeys {
    program: Program,
    diversions: Vec<Option<StationId>>,
    /// Class by source: the only one, or a table.
    classes: Vec<ClassChoice>,
    at_most: Vec<u64>,
    is_single_visit: bool,
}

#[derive(Debug)]
enum ClassChoice {
    Only(u8),
    ByShare(Vec<u8>, AliasTable),
}

impl Network {
    /// Checks and compiles a description.
    ///
    /// # Errors
    /// The first rule that the description breaks. File formats check more gently, with all mistakes at once; this is
    /// the last line of defence.
    pub fn new(spec: NetworkSpec) -> Result<Self, NetworkError> {
        check(&spec)?;
        let program = program::compile(&spec)?;
        let classes = spec.sources.iter().map(|source| match &source.classes[..] {
            [(only, _)] => ClassChoice::Only(*only as u8),
            several => {
                let shares: Vec<f64> = several.iter().map(|&(_, share)| share).collect();
                let indices = several.iter().map(|&(class, _)| class as u8).collect();
                ClassChoice::ByShare(indices, AliasTable::new(&shares))
            }
        });
        let journeys = Journeys {
            classes: classes.collect(),
            at_most: spec.sources.iter().map(|source| source.at_most.unwrap_or(u64::MAX)).collect(),
            is_single_visit: is_single_visit(&spec),
            diversions: spec.stations.iter().map(|station| station.diverts_to).collect(),
            program,
        };
        let layout = Engine::<NetworkState>::new(plan(&spec))?.layout();
        let (measures, figures) = catalogue(&spec);
        let label = |station: &NetworkStation| StationLabel {
            id: station.plan.name.clone(),
            title: Text::same(&station.plan.name),
            has_queue: station.plan.duty != Duty::Unlimited,
        };
        Ok(Network {
            journeys: Arc::new(journeys),
            measures: measures.into(),
            figures: figures.into(),
            stations: spec.stations.iter().map(label).collect(),
            classes: spec.classes.iter().map(Text::same).collect(),
            layout,
            spec: Arc::new(spec),
        })
    }

    /// The description.
    pub fn spec(&self) -> &NetworkSpec {
        &self.spec
    }

    /// What can be measured.
    pub fn measures(&self) -> &[Measure] {
        &self.measures
    }

    /// The stations, in the order of the statistics.
    pub fn stations(&self) -> &[StationLabel] {
        &self.stations
    }

    /// The classes of customer, in the order of the statistics.
    pub fn classes(&self) -> &[Text] {
        &self.classes
    }

    /// The value of each measure; `None` where nobody was there to be counted.
    pub fn evaluate(&self, account: &Account) -> Vec<Option<f64>> {
        let mut reader = Reader::new(&account.statistics);
        self.figures.iter().map(|figure| reader.value(figure)).collect()
    }

    /// Of how many each share is.
    pub(crate) fn trials(&self, account: &Account) -> Vec<Option<u64>> {
        self.figures.iter().map(|figure| figure.trials(&account.statistics)).collect()
    }

    /// The stations of which a measure is the mean wait of all who are served there.
    pub fn stations_of_mean_wait(&self, measure: usize) -> Option<&[usize]> {
        self.figures.get(measure)?.stations_of_mean_wait(self.layout.class_count)
    }

    /// Over which customers a measure is a mean; `None` where it is none.
    pub fn mean_over(&self, measure: usize) -> Option<MeanOver<'_>> {
        self.figures.get(measure)?.mean_over()
    }

    /// An empty account of the right shape.
    pub fn account(&self) -> Account {
        Account::new(self.layout, 0)
    }

    /// A machine that runs this network again and again.
    pub fn runner(&self) -> NetworkRunner {
        let engine = Engine::new(plan(&self.spec)).expect("the same plan was accepted before");
        let run = RunKey::new(0, 0, 0);
        let begin =
            |source: &NetworkSource| Source { stream: ArrivalStream::begin(&source.arrivals, run), left: 0 };
        let model = NetworkModel {
            journeys: Arc::clone(&self.journeys),
            sources: self.spec.sources.iter().map(begin).collect(),
            next_at: SimTime::NEVER,
            next_source: 0,
        };
        NetworkRunner { engine, model }
    }
}

impl Impatience {
    /// How long this customer waits, and how many present keep it from joining.
    #[inline(never)]
    fn draw(&self, key: EntityKey, place: Purpose) -> (SimSpan, u32) {
        let patience = match &self.patience {
            Some(patience) => patience.draw(&mut key.stream(Purpose::combined(place, PATIENCE))),
            None => SimSpan::FOREVER,
        };
        let balk_at = match &self.balking {
            Balking::Never => u32::MAX,
            Balking::AtPresent(count) => *count,
            Balking::ByPresent(shares) => {
                let unit = key.stream(Purpose::combined(place, BALKING)).unit();
                shares.iter().position(|&share| unit < share).map_or(u32::MAX, |present| present as u32)
            }
        };
        (patience, balk_at)
    }
}

/// Whether everybody visits the only station once, and neither balks, nor gives up, nor needs several servers.
fn is_single_visit(spec: &NetworkSpec) -> bool {
    let [station] = &spec.stations[..] else { return false };
    station.patience.iter().all(Option::is_none)
        && station.balking.iter().all(|balking| *balking == Balking::Never)
        && station.server_count.iter().all(|&count| count <= 1)
        && spec.sources.iter().all(|source| matches!(source.journey[..], [JourneyStep::Visit { .. }]))
}

fn plan(spec: &NetworkSpec) -> RunPlan {
    RunPlan {
        stations: spec.stations.iter().map(|station| station.plan.clone()).collect(),
        class_count: spec.classes.len(),
        pause_kind_count: spec.pause_kinds.len(),
        keeps_hours: spec.run.keeps_hours,
        warm_up: spec.run.warm_up,
        horizon: spec.run.horizon,
    }
}

/// An engine and the network's customers.
pub struct NetworkRunner {
    engine: Engine<NetworkState>,
    model: NetworkModel,
}

impl NetworkRunner {
    /// Runs once and adds to the account.
    ///
    /// # Errors
    /// As [`Engine::run`].
    pub fn run(&mut self, run: RunKey, account: &mut Account) -> Result<RunEnd, RunError> {
        self.run_watched(run, account, &mut Unwatched)
    }

    /// Runs once, watched.
    ///
    /// # Errors
    /// As [`Engine::run`].
    pub fn run_watched<W: Watcher>(
        &mut self,
        run: RunKey,
        account: &mut Account,
        watcher: &mut W,
    ) -> Result<RunEnd, RunError> {
        self.model.restart(run);
        let mut window = NetworkWindow { watcher, starts: &Arc::clone(&self.model.journeys).program.starts };
        self.engine.run(&mut self.model, &mut window, run, &mut account.statistics)
    }
}

/// Tells a watcher which source a customer came from, which the state does not keep: journeys do not overlap.
struct NetworkWindow<'a, W> {
    watcher: &'a mut W,
    starts: &'a [u16],
}

impl<W: Watcher> Observer<NetworkState> for NetworkWindow<'_, W> {
    const WATCHES: bool = W::WATCHES;

    #[inline(always)]
    fn observe(
        &mut self,
        at: SimTime,
        happening: Happening,
        _slot: usize,
        customer: &Customer<NetworkState>,
    ) {
        if !W::WATCHES {
            return;
        }
        let position = customer.state.position;
        let source = self.starts.partition_point(|&start| start <= position).saturating_sub(1);
        let customer_number = customer.state.number;
        self.watcher.watch(Record {
            at,
            customer: customer_number,
            source: source as u8,
            class: customer.class() as u8,
            rank: customer.rank(),
            happening,
        });
    }

    #[inline(always)]
    fn observe_servers(&mut self, at: SimTime, station: StationId, servers: Servers) {
        self.watcher.watch_servers(at, station, servers);
    }
}

/// One source in a run.
struct Source {
    stream: ArrivalStream,
    /// Customers it may still send.
    left: u64,
}

struct NetworkModel {
    journeys: Arc<Journeys>,
    sources: Vec<Source>,
    next_at: SimTime,
    next_source: usize,
}

impl NetworkModel {
    fn restart(&mut self, run: RunKey) {
        for (source, &at_most) in self.sources.iter_mut().zip(&self.journeys.at_most) {
            source.stream.restart(run);
            source.left = at_most;
        }
        self.next_source = 0;
        self.find_next();
    }

    #[inline(always)]
    fn find_next(&mut self) {
        if let [only] = &self.sources[..] {
            self.next_at = if only.left > 0 { only.stream.peek() } else { SimTime::NEVER };
            return;
        }
        self.next_at = SimTime::NEVER;
        for (place, source) in self.sources.iter().enumerate() {
            let at = source.stream.peek();
            if at < self.next_at && source.left > 0 {
                self.next_at = at;
                self.next_source = place;
            }
        }
    }

    /// Follows the journey to its next visit, pause or end.
    #[inline(always)]
    fn advance(&self, state: &mut NetworkState, class: usize, floor: Floor<'_>) -> Step {
        let program = &self.journeys.program;
        let mut position = usize::from(state.position);
        loop {
            let op = program.ops[position];
            position += 1;
            match op {
                Op::Visit(site) => {
                    state.position = position as u16;
                    return Step::Visit(self.visit(&program.sites[usize::from(site)], state, class, floor));
                }
                Op::Chance(chance) => {
                    let chance = &program.chances[usize::from(chance)];
                    if !chance.happens(state.key.chances()) {
                        position = usize::from(chance.otherwise);
                    }
                }
                Op::Jump(to) => position = usize::from(to),
                Op::Choose(switch) => {
                    let switch = &program.switches[usize::from(switch)];
                    let branch = switch.table.draw(&mut state.key.stream(switch.purpose));
                    position = usize::from(switch.targets[branch]);
                }
                Op::NextRound(to) => {
                    state.key = state.key.next_round();
                    position = usize::from(to);
                }
                Op::Pause(delay) => {
                    state.position = position as u16;
                    let delay = &program.delays[usize::from(delay)];
                    let time = delay.time.draw(&mut state.key.stream(delay.purpose));
                    return Step::Pause { time, kind: delay.kind };
                }
                Op::Leave => {
                    state.position = (position - 1) as u16;
                    return Step::Leave(Exit::Completed);
                }
            }
        }
    }

    #[inline(always)]
    fn visit(&self, site: &Site, state: &mut NetworkState, class: usize, floor: Floor<'_>) -> Visit {
        let station = match &site.target {
            Target::Only(station) => *station,
            Target::Shortest(stations) => least(stations, |station| floor.shortage(station)),
            Target::LeastWork(stations) => least(stations, |station| floor.work_ahead(station)),
            Target::ByShare(stations, table) => {
                stations[table.draw(&mut state.key.stream(site.choice_purpose))]
            }
            Target::ByClass(stations) => stations[class],
            Target::Remembered => StationId(state.remembered),
        };
        if site.remember {
            state.remembered = station.0;
        }
        let terms = self.journeys.program.terms(site.first_terms, station, class);
        let service_time = terms.service_time.draw(&mut state.key.stream(site.service_purpose));
        // Built in one go, so that it stays in registers.
        let (patience, balk_at) = match &terms.impatience {
            None => (SimSpan::FOREVER, u32::MAX),
            Some(impatience) => impatience.draw(state.key, site.service_purpose),
        };
        let (rank, server_count) = (terms.rank, terms.server_count);
        Visit { station, service_time, rank, order: 0, patience, balk_at, server_count }
    }

    /// What a customer does whom a station did not serve.
    #[cold]
    fn turn_away(&self, state: &mut NetworkState, class: usize, station: StationId) -> Step {
        let Some(other) = self.journeys.diversions[station.index()] else {
            return Step::Leave(Exit::WithoutBeingSeen);
        };
        let program = &self.journeys.program;
        let terms = program.terms(0, other, class);
        // Drawn for the visit that came to nothing: another one of the journey may be diverted to the same station.
        let visit = program.ops[usize::from(state.position).saturating_sub(1)];
        let purpose = match visit {
            Op::Visit(site) => Purpose::combined(program.sites[usize::from(site)].service_purpose, DIVERTED),
            _ => DIVERTED,
        };
        let mut stream = state.key.stream_of_round(purpose, u32::from(other.0));
        let mut visit = Visit::new(other, terms.service_time.draw(&mut stream));
        visit.rank = terms.rank;
        visit.server_count = terms.server_count;
        if let Some(patience) = terms.impatience.as_ref().and_then(|impatience| impatience.patience.as_ref())
        {
            visit.patience = patience.draw(&mut stream);
        }
        Step::Visit(visit)
    }
}

/// The station with the least value, the first listed at ties.
#[inline(always)]
fn least<V: Ord>(stations: &[StationId], value: impl Fn(StationId) -> V) -> StationId {
    let mut best = stations[0];
    let mut best_value = value(best);
    for &station in &stations[1..] {
        let candidate = value(station);
        if candidate < best_value {
            (best, best_value) = (station, candidate);
        }
    }
    best
}

impl Model for NetworkModel {
    type State = NetworkState;

    #[inline(always)]
    fn next_arrival_at(&self) -> SimTime {
        self.next_at
    }

    fn is_single_visit(&self) -> bool {
        self.journeys.is_single_visit
    }

    #[inline(always)]
    fn arrive(&mut self, _now: SimTime, state: &mut NetworkState, floor: Floor<'_>) -> (u8, Step) {
        let source = self.next_source;
        let Source { stream, left } = &mut self.sources[source];
        let arrival = stream.take_next();
        *left -= 1;
        self.find_next();
        state.key = arrival.key;
        state.number = arrival.index as u32;
        state.position = self.journeys.program.entries[source].start(state.key);
        let class = match &self.journeys.classes[source] {
            ClassChoice::Only(class) => *class,
            ClassChoice::ByShare(classes, table) => classes[table.draw(&mut state.key.stream(CLASS))],
        };
        (class, self.advance(state, usize::from(class), floor))
    }

    #[inline(always)]
    fn proceed(
        &mut self,
        _now: SimTime,
        customer: &mut Customer<NetworkState>,
        station: StationId,
        done: Done,
        floor: Floor<'_>,
    ) -> Step {
        let class = customer.class();
        match done {
            Done::Served | Done::Paused => self.advance(&mut customer.state, class, floor),
            Done::Balked | Done::Refused => self.turn_away(&mut customer.state, class, station),
            Done::Reneged | Done::SentAway | Done::BrokenDown => Step::Leave(Exit::WithoutBeingSeen),
        }
    }
}
