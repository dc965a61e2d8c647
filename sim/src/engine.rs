//! The engine: one loop that takes the next event and lets it happen.
//!
//! [`Engine::run`] is the main loop. What an event does to a station lives beside it: joining, serving and releasing in
//! `engine/service.rs`, and for stations that ask more in `engine/long_path.rs`; queues in `engine/queue.rs`, patience in
//! `engine/patience.rs`, stations that block in `engine/blocking.rs`, those that share in `engine/sharing.rs`; opening hours
//! in `engine/duty.rs`, breakdowns in `engine/breakdown.rs`, outages in `engine/outage.rs`; the closing of the books in
//! `engine/audit.rs`, durations on their way into them in `engine/notes.rs`, a lone queue that needs no events in
//! `engine/recursion.rs`. Where a customer goes next is the model's ([`crate::model::Model`]).
//!
//! A run cannot go silently wrong: the clock is checked to be monotone at every event, and at the end every customer,
//! queue and server is counted again by another way than during the run ([`RunError::Audit`]).

mod audit;
mod blocking;
mod breakdown;
mod duty;
mod long_path;
mod notes;
mod outage;
mod patience;
mod queue;
mod recursion;
mod service;
mod sharing;

use crate::customer::{Arena, Whereabouts};
use crate::event_list::{Event, EventKind, EventList, EventRank, MAX_INDEX};
use crate::lanes::Lane;
use crate::model::{Done, Exit, Model, StationId, Step, Visit};
use crate::observer::{Happening, Observer};
use crate::station::{Discipline, Duty, Floor, Integral, Station, StationPlan, WhenFull};
use crate::statistics::{Layout, Statistics};
use crate::stream::RunKey;
use crate::time::{SimSpan, SimTime};
use breakdown::Unit;
use notes::Notes;
use std::collections::VecDeque;
use std::fmt;

/// When a run ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Horizon {
    /// At an instant, whoever is inside.
    At(SimTime),
    /// When the last customer has left and nobody comes any more, within limits.
    Drained {
        /// Whoever has left, the run goes on to the first turn of an hour from this instant on (of a day, where no figures
        /// are kept by hour), so that servers on duty until then are counted.
        at_earliest: SimTime,
        /// The latest end.
        at_latest: SimTime,
    },
}

/// All that a run is built from, apart from the model.
#[derive(Clone, Debug)]
pub struct RunPlan {
    /// The stations; a [`StationId`] is a place in this list.
    pub stations: Vec<StationPlan>,
    /// Classes of customer, at most 255.
    pub class_count: usize,
    /// Kinds of pause.
    pub pause_kind_count: usize,
    /// Keep figures by hour of the day (the run starts at midnight).
    pub keeps_hours: bool,
    /// Time at the start that is simulated but not counted.
    pub warm_up: SimSpan,
    /// When the run ends.
    pub horizon: Horizon,
}

/// Why a plan cannot be run.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PlanError {
    /// More stations, classes or ranks than the engine numbers.
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many were asked for.
        asked: usize,
        /// How many there may be.
        limit: usize,
    },
    /// Two features of a station that have no joint meaning.
    Conflict {
        /// The station.
        station: String,
        /// Why not.
        reason: &'static str,
    },
}

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PlanError::TooMany { what, asked, limit } => {
                write!(f, "{asked} {what}: at most {limit} are possible")
            }
            PlanError::Conflict { station, reason } => write!(f, "station `{station}`: {reason}"),
        }
    }
}

impl std::error::Error for PlanError {}

/// Why a run was given up. The statistics of that run are not to be used.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RunError {
    /// More customers inside at once than can be numbered: demand runs away from the servers.
    TooManyInside {
        /// When.
        at: SimTime,
    },
    /// More events than can be numbered.
    TooManyEvents {
        /// When.
        at: SimTime,
    },
    /// Customers hold servers and wait for each other's places in a circle.
    Deadlock {
        /// Since when nothing can happen.
        at: SimTime,
        /// How many wait for one another.
        inside: u64,
    },
    /// A customer was sent from station to station without time passing.
    NoWay {
        /// When.
        at: SimTime,
        /// The last station that did not take the customer.
        station: String,
    },
    /// Something happened before what had happened already: a defect of the engine or of the model.
    TimeWentBack {
        /// When the run ended.
        at: SimTime,
    },
    /// The books do not balance: a defect of the engine or of the model.
    Audit {
        /// What was counted twice.
        what: String,
        /// As counted during the run.
        counted: u64,
        /// As found at the end.
        found: u64,
    },
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RunError::TooManyInside { at } => {
                write!(f, "more than {MAX_INDEX} customers inside at {at}: demand runs away from the servers")
            }
            RunError::TooManyEvents { at } => write!(f, "event numbers are used up at {at}: shorten the run"),
            RunError::Deadlock { at, inside } => {
                write!(
                    f,
                    "{inside} customers block each other's way since {at}: stations that block form a circle"
                )
            }
            RunError::NoWay { at, station } => {
                write!(
                    f,
                    "a customer refused by station `{station}` at {at} is sent round without time passing"
                )
            }
            RunError::TimeWentBack { at } => {
                write!(f, "the clock was set back in a run that ended at {at}")
            }
            RunError::Audit { what, counted, found } => {
                write!(f, "the books do not balance: {what}: {counted} counted, {found} found")
            }
        }
    }
}

impl std::error::Error for RunError {}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunEnd {
    /// The last instant observed.
    pub at: SimTime,
    /// Arrivals and completed services.
    pub events: u64,
}

/// A machine for running one plan again and again; memory is kept between runs.
pub struct Engine<S> {
    plans: Vec<StationPlan>,
    layout: Layout,
    warm_up: SimSpan,
    horizon: Horizon,
    has_blocking: bool,

    clock: SimTime,
    /// Whether the clock has ever been set back; asked once, at the end of the run.
    has_gone_back: bool,
    hour: usize,
    period_began_at: SimTime,
    finished: bool,
    error: Option<RunError>,
    run: RunKey,

    events: EventList,
    arena: Arena<S>,
    stations: Vec<Station>,
    lanes: Vec<Lane>,
    /// For each station, who waits for a place there while holding a server elsewhere.
    blocked: Vec<VecDeque<(u32, Visit)>>,
    units: Vec<Unit>,
    /// When patience runs out, for stations that also re-rank; indexed by customer.
    deadlines: Vec<SimTime>,
    inside: Integral,
    /// Events of the warm-up.
    earlier_events: u64,
    /// False during the warm-up.
    is_counting: bool,
    /// The books being written; the caller's, or those of the warm-up.
    statistics: Statistics,
    /// What is to be put into them.
    notes: Notes,
}

impl<S: Copy + Default> Engine<S> {
    /// Checks the plan and sets up its stations.
    pub fn new(plan: RunPlan) -> Result<Self, PlanError> {
        let limits = [
            ("stations", plan.stations.len(), usize::from(u16::MAX)),
            ("classes", plan.class_count, 255),
            ("ranks", plan.stations.iter().map(|s| usize::from(s.rank_count)).max().unwrap_or(0), 32),
        ];
        for (what, asked, limit) in limits {
            if asked > limit {
                return Err(PlanError::TooMany { what, asked, limit });
            }
        }
        for station in &plan.stations {
            check_features(station)?;
        }
        let layout = Layout {
            station_count: plan.stations.len(),
            class_count: plan.class_count,
            hour_count: if plan.keeps_hours { 24 } else { 1 },
            pause_kind_count: plan.pause_kind_count,
        };
        let has_blocking =
            plan.stations.iter().any(|s| s.when_full == WhenFull::Block && s.capacity.is_some());
        let shared = plan.stations.iter().find(|s| s.discipline == Discipline::ProcessorSharing);
        if let Some(station) = shared.filter(|_| has_blocking) {
            let reason = "with processor sharing there is no server that a full station elsewhere could hold";
            return Err(PlanError::Conflict { station: station.name.clone(), reason });
        }
        let mut lane_count = 0;
        let mut stations = Vec::with_capacity(plan.stations.len());
        for station in &plan.stations {
            stations.push(Station::new(station, lane_count, has_blocking));
            lane_count += u32::from(station.rank_count.max(1));
        }
        let units = breakdown::units(&plan.stations);
        Ok(Engine {
            layout,
            warm_up: plan.warm_up,
            horizon: plan.horizon,
            has_blocking,
            clock: SimTime::ZERO,
            has_gone_back: false,
            hour: 0,
            period_began_at: SimTime::ZERO,
            finished: false,
            error: None,
            run: RunKey::new(0, 0, 0),
            events: EventList::new(),
            arena: Arena::new(),
            lanes: vec![Lane::EMPTY; lane_count as usize],
            blocked: vec![VecDeque::new(); plan.stations.len()],
            units,
            deadlines: Vec::new(),
            inside: Integral::default(),
            earlier_events: 0,
            is_counting: true,
            statistics: Statistics::new(layout),
            notes: Notes::new(),
            stations,
            plans: plan.stations,
        })
    }

    /// The shape of the statistics that [`Engine::run`] adds to.
    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// Runs the plan once and adds its account to `statistics` (made with [`Engine::layout`]).
    ///
    /// `run` names the luck of breakdowns and random disciplines; the customers' own luck is the model's. On an error
    /// `statistics` holds part of the failed run and is not to be used.
    pub fn run<M: Model<State = S>, O: Observer<S>>(
        &mut self,
        model: &mut M,
        observer: &mut O,
        run: RunKey,
        statistics: &mut Statistics,
    ) -> Result<RunEnd, RunError> {
        let (Horizon::At(end_at) | Horizon::Drained { at_latest: end_at, .. }) = self.horizon;
        self.begin(observer, run, statistics);
        if self.needs_no_events::<M, O>(model, end_at) {
            self.serve_in_turn(model, end_at, statistics);
            return self.close_books(model, end_at, statistics);
        }
        self.events.plan(end_at, EventRank::End, EventKind::RunEnd, 0);
        loop {
            let arrival_at = model.next_arrival_at();
            let event = self.events.take_before(arrival_at);
            // The commonest first: what is no event is none of these.
            let done = if event.is(EventKind::ServiceEnd) {
                self.advance(event.at());
                if !self.end_service(model, observer, event) {
                    continue;
                }
                Done::Served
            } else if event.is(EventKind::PauseEnd) {
                self.advance(event.at());
                Done::Paused
            } else if event.at() == SimTime::NEVER {
                if arrival_at == SimTime::NEVER {
                    break;
                }
                self.advance(arrival_at);
                self.admit(model, observer);
                continue;
            } else {
                self.advance(event.at());
                if event.is(EventKind::RunEnd) {
                    break;
                }
                self.happen(model, observer, event, statistics);
                continue;
            };
            self.proceed(model, observer, event.index(), done);
        }
        self.close_books(model, end_at, statistics)
    }

    #[inline(always)]
    fn advance(&mut self, to: SimTime) {
        if to < self.clock {
            self.note_going_back();
        }
        self.clock = to;
    }

    #[cold]
    fn note_going_back(&mut self) {
        self.has_gone_back = true;
    }

    /// An event other than the end of a service or of a pause.
    #[inline(never)]
    fn happen<M: Model<State = S>, O: Observer<S>>(
        &mut self,
        model: &mut M,
        observer: &mut O,
        event: Event,
        statistics: &mut Statistics,
    ) {
        match event.kind() {
            EventKind::ServiceEnd | EventKind::PauseEnd | EventKind::RunEnd => {}
            EventKind::PatienceEnd => self.end_patience(model, observer, event),
            EventKind::SharingEnd => self.end_shared_service(model, observer, event),
            EventKind::ShiftChange => self.change_shift(model, observer, event.index()),
            EventKind::Failure => self.fail(model, observer, event.index()),
            EventKind::Repair => self.repair(observer, event.index()),
            EventKind::OutageBegin => self.begin_outage(model, observer, event.index()),
            EventKind::OutageEnd => self.end_outage(observer, event.index()),
            EventKind::Promotion => self.promote(event),
            EventKind::Tick => self.turn_hour(model),
            EventKind::WarmUpEnd => self.end_warm_up(statistics),
        }
    }

    /// A customer comes in from outside.
    #[inline(always)]
    fn admit<M: Model<State = S>, O: Observer<S>>(&mut self, model: &mut M, observer: &mut O) {
        let now = self.clock;
        let index = self.arena.admit();
        if index > MAX_INDEX - 1 {
            return self.fail_run(RunError::TooManyInside { at: now });
        }
        self.inside.rise(now);
        let floor = Floor { stations: &self.stations, now: &self.clock };
        let record = &mut self.arena.records[index];
        record.arrived_at = now;
        record.station = u16::MAX;
        record.state = S::default();
        let (class, step) = model.arrive(now, &mut record.state, floor);
        record.class = class;
        self.statistics.accounting[usize::from(class)].arrived += 1;
        observer.observe(now, Happening::Arrived, index, &self.arena.records[index]);
        self.direct(model, observer, index, step);
    }

    /// Asks the model where a customer goes, and sends the customer there.
    #[inline(always)]
    fn proceed<M: Model<State = S>, O: Observer<S>>(
        &mut self,
        model: &mut M,
        observer: &mut O,
        index: usize,
        done: Done,
    ) {
        let step = self.ask(model, index, done);
        self.direct(model, observer, index, step);
    }

    #[inline(always)]
    fn ask<M: Model<State = S>>(&mut self, model: &mut M, index: usize, done: Done) -> Step {
        let floor = Floor { stations: &self.stations, now: &self.clock };
        let record = &mut self.arena.records[index];
        let station = StationId(record.station);
        model.proceed(self.clock, record, station, done, floor)
    }

    /// Sends a customer who is free to go.
    #[inline(always)]
    fn direct<M: Model<State = S>, O: Observer<S>>(
        &mut self,
        model: &mut M,
        observer: &mut O,
        index: usize,
        step: Step,
    ) {
        match step {
            Step::Visit(visit) => {
                if let Some(done) = self.join(observer, index, visit) {
                    self.redirect(model, observer, index, done);
                }
            }
            Step::Pause { time, kind } => self.pause(observer, index, time, kind),
            Step::Leave(exit) => self.leave(model, observer, index, exit),
        }
    }

    /// Asks again for someone whom a station did not take, until there is a way.
    #[cold]
    #[inline(never)]
    fn redirect<M: Model<State = S>, O: Observer<S>>(
        &mut self,
        model: &mut M,
        observer: &mut O,
        index: usize,
        mut done: Done,
    ) {
        for _ in 0..1000 {
            let step = self.ask(model, index, done);
            let Step::Visit(visit) = step else { return self.direct(model, observer, index, step) };
            match self.join(observer, index, visit) {
                Some(turned_away) => done = turned_away,
                None => return,
            }
        }
        let place = usize::from(self.arena.records[index].station);
        self.fail_run(RunError::NoWay { at: self.clock, station: self.plans[place].name.clone() });
    }

    #[inline(always)]
    fn pause<O: Observer<S>>(&mut self, observer: &mut O, index: usize, time: SimSpan, kind: u8) {
        let now = self.clock;
        self.statistics.pauses[usize::from(kind)].record(time);
        let ends_at = now.saturating_add(time);
        let ticket = self.events.plan(ends_at, EventRank::Inside, EventKind::PauseEnd, index);
        let record = &mut self.arena.records[index];
        record.since_at = now;
        record.whereabouts = Whereabouts::Pausing;
        record.ticket = ticket;
        observer.observe(now, Happening::Paused { time, kind }, index, record);
    }

    #[inline(always)]
    fn leave<M: Model<State = S>, O: Observer<S>>(
        &mut self,
        model: &mut M,
        observer: &mut O,
        index: usize,
        exit: Exit,
    ) {
        let now = self.clock;
        let record = &self.arena.records[index];
        let class = record.class();
        observer.observe(now, Happening::Left(exit), index, record);
        match exit {
            Exit::Completed => {
                let hour = if self.layout.hour_count == 1 { 0 } else { record.arrived_at.hour_of_day() };
                let row = self.statistics.row_of_sojourns(class);
                self.statistics.record(row, hour, now - record.arrived_at);
                self.statistics.accounting[class].completed += 1;
            }
            Exit::WithoutBeingSeen => self.statistics.accounting[class].left_without_being_seen += 1,
        }
        self.inside.fall(now);
        self.arena.dismiss(index);
        if self.arena.inside_count == 0 {
            self.finish_if_drained(model);
        }
    }

    /// A run that ends with its last customer is over when nobody is inside and nobody comes any more.
    #[cold]
    #[inline(never)]
    fn finish_if_drained<M: Model<State = S>>(&mut self, model: &M) {
        let may_end =
            matches!(self.horizon, Horizon::Drained { at_earliest, .. } if self.clock >= at_earliest);
        if may_end && model.next_arrival_at() == SimTime::NEVER {
            self.finish();
        }
    }

    /// The run ends here and now, whatever else was planned.
    #[cold]
    fn finish(&mut self) {
        self.finished = true;
        self.events.forget();
        self.events.plan(self.clock, EventRank::Release, EventKind::RunEnd, 0);
    }

    #[cold]
    fn fail_run(&mut self, error: RunError) {
        self.finish();
        self.error.get_or_insert(error);
    }
}

fn check_features(station: &StationPlan) -> Result<(), PlanError> {
    let conflict = |reason| Err(PlanError::Conflict { station: station.name.clone(), reason });
    let is_unlimited = station.duty == Duty::Unlimited;
    if station.rank_count == 0 {
        return conflict("it has no rank; at least one is needed");
    }
    if is_unlimited && (station.breakdown.is_some() || station.capacity.is_some()) {
        return conflict("unlimited servers can neither break down nor be full");
    }
    if station.is_multi_server && station.discipline != Discipline::FirstComeFirstServed {
        return conflict("seizing several servers is possible only first come first served");
    }
    if station.is_multi_server && (station.breakdown.is_some() || station.tracks_work) {
        return conflict("seizing several servers does not go with breakdowns or routing by least work");
    }
    if !station.outages.is_empty() && (is_unlimited || station.discipline == Discipline::ProcessorSharing) {
        return conflict("an outage needs servers that serve one customer at a time");
    }
    if station.outages.iter().any(|outage| outage.to <= outage.from || outage.server_count == 0) {
        return conflict("an outage ends after it begins, and concerns at least one server");
    }
    if station.discipline == Discipline::ProcessorSharing {
        if is_unlimited {
            return conflict("unlimited servers need not be shared");
        }
        if station.breakdown.is_some() || station.promotion.is_some() || station.tracks_work {
            return conflict(
                "processor sharing does not go with breakdowns, re-ranking or routing by least work",
            );
        }
        if matches!(station.duty, Duty::Shifts { .. }) {
            return conflict("processor sharing needs servers that are always on duty");
        }
    }
    if let Discipline::Interleaved(pattern) = &station.discipline
        && (pattern.is_empty() || pattern.iter().any(|&rank| rank >= station.rank_count))
    {
        return conflict(
            "the pattern of an interleaved queue names at least one rank, and only ranks in use",
        );
    }
    if let Some(promotion) = station.promotion
        && promotion.to_rank >= station.rank_count
    {
        return conflict("re-ranking leads to a rank that is not in use");
    }
    if let Duty::Shifts { changes, repeats_daily } = &station.duty {
        if !changes.is_sorted_by(|a, b| a.0 < b.0) {
            return conflict("changes of shift are not in rising order");
        }
        if *repeats_daily && changes.last().is_some_and(|&(at, _)| at >= SimSpan::DAY) {
            return conflict("a plan that repeats daily has a change of shift after 24 hours");
        }
    }
    Ok(())
}
