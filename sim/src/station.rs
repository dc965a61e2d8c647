//! Stations: what a plan says of one, what a run keeps of one, and what models may see of all.

use crate::distribution::Sampler;
use crate::model::StationId;
use crate::sharing::Sharing;
use crate::stream::Purpose;
use crate::time::{SimSpan, SimTime};

/// How many servers are on duty, and when.
#[derive(Clone, Debug, PartialEq)]
pub enum Duty {
    /// So many, always.
    Always(u32),
    /// As many as there are customers: a delay without a queue.
    Unlimited,
    /// By the clock: from each instant on, so many. Before the first, nobody.
    Shifts {
        /// Instants (since the start of the run, or of each day) in rising order, with the servers on duty from then.
        changes: Vec<(SimSpan, u32)>,
        /// The plan repeats every 24 hours.
        repeats_daily: bool,
    },
}

/// Who is called next.
#[derive(Clone, Debug, PartialEq, Default)]
pub enum Discipline {
    /// By rank, then by order, then first come first served.
    #[default]
    FirstComeFirstServed,
    /// By rank, then last come first served.
    LastComeFirstServed,
    /// By rank, then at random.
    Random,
    /// As first come first served, but a customer of a better rank takes the server from one of the worst rank in
    /// service, who resumes later where it was interrupted.
    PreemptiveResume,
    /// Lanes take turns by a repeating pattern of ranks; a lane with nobody is passed over, and a lane that the pattern
    /// does not name is called when the others are empty.
    Interleaved(Vec<u8>),
    /// Everyone present is served at once at an equal share of the servers' speed.
    ProcessorSharing,
}

/// What happens to a customer who finds the station full.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum WhenFull {
    /// The model is asked ([`crate::model::Done::Refused`]): lost, or sent elsewhere.
    #[default]
    Refuse,
    /// The customer stays where served and holds the server there until there is room; from outside: refused.
    Block,
}

/// What becomes of a service under way when its server goes off duty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum WorkInHand {
    /// It is finished in overtime.
    #[default]
    Finish,
    /// The customer goes back to the head of the queue and resumes with whoever is on duty. Where nobody is and those who
    /// wait are served ([`WaitingAtClosing::Serve`]), it is finished in overtime.
    HandOver,
    /// The customer is sent away; the model is asked ([`crate::model::Done::SentAway`]).
    SendAway,
}

/// What becomes of those who wait when servers go off duty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum WaitingAtClosing {
    /// The servers stay until the queue is empty.
    #[default]
    Serve,
    /// They wait for whoever is on duty, or for the next opening; where none is to come they are sent away.
    Hold,
    /// When nobody is on duty any more they are sent away; the model is asked.
    SendAway,
}

/// What a breakdown does to the service it interrupts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum AfterFailure {
    /// Back to the head of the queue with the work still to be done.
    #[default]
    Resume,
    /// Back to the head of the queue, all over again.
    Restart,
    /// The model is asked ([`crate::model::Done::BrokenDown`]).
    AskModel,
}

/// Breakdowns of a station's servers, each on its own, by calendar time.
#[derive(Clone, Debug)]
pub struct Breakdown {
    /// From repair to the next failure.
    pub time_to_failure: Sampler,
    /// From failure to repair.
    pub repair_time: Sampler,
    /// What becomes of the service under way.
    pub after_failure: AfterFailure,
}

/// A stretch of a run in which servers of a station cannot serve although the schedule has them on duty: machines
/// without power, a system that is down, doctors who do not come. The schedule stays as it is, so the time counts as
/// lost. Servers who are out when their duty ends do not stay on for those who wait.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Outage {
    /// Since the start of the run, when it begins.
    pub from: SimSpan,
    /// Since the start of the run, when it is over.
    pub to: SimSpan,
    /// How many of those on duty cannot serve; [`Outage::ALL`] for all.
    pub server_count: u32,
    /// What becomes of services under way when it begins.
    pub work_in_hand: WorkInHand,
    /// What becomes of those who wait when it leaves nobody to serve.
    pub waiting: WaitingAtOutage,
}

impl Outage {
    /// All servers.
    pub const ALL: u32 = u32::MAX;
}

/// What becomes of those who wait when an outage leaves nobody to serve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum WaitingAtOutage {
    /// They keep their places.
    #[default]
    Hold,
    /// They are sent away; the model is asked ([`crate::model::Done::SentAway`]).
    SendAway,
}

/// Re-ranking of those who wait long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Promotion {
    /// After waiting this long …
    pub after: SimSpan,
    /// … a customer of a worse rank moves to the end of this one.
    pub to_rank: u8,
}

/// The plan of one station.
#[derive(Clone, Debug)]
pub struct StationPlan {
    /// Its name, also the stem of its random streams.
    pub name: String,
    /// Servers on duty.
    pub duty: Duty,
    /// Who is called next.
    pub discipline: Discipline,
    /// Ranks in use, at least 1; ranks of visits are below it.
    pub rank_count: u8,
    /// Visits carry an order within their rank.
    pub is_ordered: bool,
    /// Most customers present (waiting and in service).
    pub capacity: Option<u32>,
    /// What happens to a customer who finds it full.
    pub when_full: WhenFull,
    /// Services under way at closing.
    pub work_in_hand: WorkInHand,
    /// Those waiting at closing.
    pub waiting_at_closing: WaitingAtClosing,
    /// Breakdowns, if any.
    pub breakdown: Option<Breakdown>,
    /// Outages, if any; those that overlap add up.
    pub outages: Vec<Outage>,
    /// Re-ranking, if any.
    pub promotion: Option<Promotion>,
    /// Visits may seize several servers.
    pub is_multi_server: bool,
    /// Keep the work waiting, for routing by least work.
    pub tracks_work: bool,
}

impl StationPlan {
    /// A plain first come first served station with `server_count` servers always on duty.
    pub fn new(name: impl Into<String>, server_count: u32) -> Self {
        StationPlan {
            name: name.into(),
            duty: Duty::Always(server_count),
            discipline: Discipline::default(),
            rank_count: 1,
            is_ordered: false,
            capacity: None,
            when_full: WhenFull::default(),
            work_in_hand: WorkInHand::default(),
            waiting_at_closing: WaitingAtClosing::default(),
            breakdown: None,
            outages: Vec::new(),
            promotion: None,
            is_multi_server: false,
            tracks_work: false,
        }
    }

    pub(crate) fn largest_server_count(&self) -> u32 {
        match &self.duty {
            Duty::Always(count) => *count,
            Duty::Unlimited => u32::MAX,
            Duty::Shifts { changes, .. } => changes.iter().map(|&(_, count)| count).max().unwrap_or(0),
        }
    }
}

/// The time integral of a whole number, kept by the instants at which it moves: ∫n dt = Σ falls·t − Σ rises·t + n·end.
/// Sums wrap; the integral itself fits, since it is collected at least once a day.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Integral {
    /// Of half the width of the sum, or the compiler moves both in one vector: six instructions, where two do.
    level: u32,
    moments: u64,
}

impl Integral {
    #[inline(always)]
    pub(crate) fn level(&self) -> u64 {
        u64::from(self.level)
    }

    #[inline(always)]
    pub(crate) fn rise(&mut self, now: SimTime) {
        self.level += 1;
        self.moments = self.moments.wrapping_sub(now.as_micros());
    }

    #[inline(always)]
    pub(crate) fn fall(&mut self, now: SimTime) {
        self.level -= 1;
        self.moments = self.moments.wrapping_add(now.as_micros());
    }

    /// To a number of customers, or of servers, both of which are below 2³².
    pub(crate) fn set(&mut self, level: u64, now: SimTime) {
        let moment = |count: u64| count.wrapping_mul(now.as_micros());
        self.moments = self.moments.wrapping_add(moment(self.level())).wrapping_sub(moment(level));
        self.level = level as u32;
    }

    /// Adds the integral since the last collection to `area`; nothing happens where nobody was.
    #[inline(always)]
    pub(crate) fn collect(&mut self, now: SimTime, area: &mut u128) {
        if self.level() | self.moments == 0 {
            return;
        }
        let moment = self.level().wrapping_mul(now.as_micros());
        *area += u128::from(self.moments.wrapping_add(moment));
        self.moments = moment.wrapping_neg();
    }
}

/// Bits of [`Station::special`]: what a plain station does not know.
pub(crate) mod special {
    /// Customers in service are listed (pre-emption, handing over, breakdowns).
    pub(crate) const LISTS_SERVICE: u16 = 1;
    /// Work is kept.
    pub(crate) const WORK: u16 = 1 << 1;
    /// Within a rank those of a smaller order stand first.
    pub(crate) const SORTED: u16 = 1 << 2;
    /// Within a rank the last come is first.
    pub(crate) const LAST_FIRST: u16 = 1 << 3;
    /// Ranks take turns by a pattern.
    pub(crate) const INTERLEAVED: u16 = 1 << 4;
    /// Within a rank the next is drawn.
    pub(crate) const RANDOM: u16 = 1 << 5;
    /// Better ranks interrupt services.
    pub(crate) const PRE_EMPTS: u16 = 1 << 6;
    /// Bounded number present.
    pub(crate) const BOUNDED: u16 = 1 << 7;
    /// Visits seize several servers.
    pub(crate) const MULTI: u16 = 1 << 8;
    /// Processor sharing.
    pub(crate) const SHARING: u16 = 1 << 9;
    /// Those who wait are re-ranked.
    pub(crate) const PROMOTES: u16 = 1 << 10;
    /// Servers work beyond the schedule just now.
    pub(crate) const OVERTIME: u16 = 1 << 11;
    /// Customers of this plan may be held by a full station after their service.
    pub(crate) const HOLDS: u16 = 1 << 12;
    /// What asks for the long path: everything but a list, a sum, and rules that say who is first.
    pub(crate) const LONG_PATH: u16 =
        RANDOM | PRE_EMPTS | BOUNDED | MULTI | SHARING | PROMOTES | OVERTIME | HOLDS;
}

/// What a run keeps of one station; what the short path touches comes first, in two cache lines.
#[repr(C, align(64))]
pub(crate) struct Station {
    /// Servers able to serve and not serving; below zero while servers finish after their duty.
    pub(crate) idle: i64,
    pub(crate) special: u16,
    /// Lanes with anyone in them, as bits.
    pub(crate) occupied_lanes: u32,
    pub(crate) lane_base: u32,
    pub(crate) queue: Integral,
    pub(crate) busy: Integral,
    pub(crate) joined: u64,
    pub(crate) completed: u64,
    pub(crate) longest_queue: u64,
    pub(crate) longest_queue_at: SimTime,
    pub(crate) last_service_end_at: SimTime,
    /// Ranks in the order of their turns, where they take turns.
    pub(crate) pattern: Box<[u8]>,
    pub(crate) pattern_position: usize,
    /// Customers in service, where they are listed; each keeps its place here in the link that a queue would use.
    pub(crate) in_service: Vec<u32>,
    // What follows is for the long path.
    pub(crate) on_duty: Integral,
    pub(crate) overtime: Integral,
    pub(crate) down: Integral,
    pub(crate) blocked: Integral,
    /// Servers who stay after their duty until the queue is empty.
    pub(crate) staying: u64,
    pub(crate) failed_units: u64,
    /// Servers of the schedule who cannot serve just now.
    pub(crate) out: u64,
    /// Machines there are; as many as anybody wants where none breaks down.
    pub(crate) unit_count: u64,
    /// Servers busy beyond one for each customer in service.
    pub(crate) extra_servers: u64,
    pub(crate) next_change: usize,
    pub(crate) draw_count: u64,
    pub(crate) sharing: Sharing,
    pub(crate) sharing_ticket: u32,
    pub(crate) waiting_work: u64,
    pub(crate) ends_sum: u64,
    pub(crate) purpose: Purpose,
    pub(crate) capacity: u64,
}

impl Station {
    pub(crate) fn new(plan: &StationPlan, lane_base: u32, holds: bool) -> Self {
        let mut bits = 0;
        let mut set = |condition: bool, bit: u16| bits |= if condition { bit } else { 0 };
        let lists = plan.discipline == Discipline::PreemptiveResume
            || plan.breakdown.is_some()
            || plan.outages.iter().any(|outage| outage.work_in_hand != WorkInHand::Finish)
            || (matches!(plan.duty, Duty::Shifts { .. }) && plan.work_in_hand != WorkInHand::Finish);
        set(lists, special::LISTS_SERVICE);
        set(plan.capacity.is_some(), special::BOUNDED);
        set(plan.is_multi_server, special::MULTI);
        set(plan.tracks_work, special::WORK);
        set(plan.is_ordered, special::SORTED);
        let (rule, pattern): (u16, &[u8]) = match &plan.discipline {
            Discipline::FirstComeFirstServed => (0, &[]),
            Discipline::LastComeFirstServed => (special::LAST_FIRST, &[]),
            Discipline::Random => (special::RANDOM, &[]),
            Discipline::PreemptiveResume => (special::PRE_EMPTS, &[]),
            Discipline::Interleaved(pattern) => (special::INTERLEAVED, pattern),
            Discipline::ProcessorSharing => (special::SHARING, &[]),
        };
        set(rule != 0, rule);
        set(plan.promotion.is_some(), special::PROMOTES);
        set(holds, special::HOLDS);
        Station {
            idle: 0,
            special: bits,
            occupied_lanes: 0,
            lane_base,
            queue: Integral::default(),
            busy: Integral::default(),
            joined: 0,
            completed: 0,
            longest_queue: 0,
            longest_queue_at: SimTime::ZERO,
            last_service_end_at: SimTime::ZERO,
            pattern: pattern.into(),
            pattern_position: 0,
            in_service: Vec::new(),
            on_duty: Integral::default(),
            overtime: Integral::default(),
            down: Integral::default(),
            blocked: Integral::default(),
            staying: 0,
            failed_units: 0,
            out: 0,
            unit_count: if plan.breakdown.is_some() {
                u64::from(plan.largest_server_count())
            } else {
                u64::MAX
            },
            extra_servers: 0,
            next_change: 0,
            draw_count: 0,
            sharing: Sharing::default(),
            sharing_ticket: 0,
            waiting_work: 0,
            ends_sum: 0,
            purpose: Purpose::named(&plan.name),
            capacity: plan.capacity.map_or(u64::MAX, u64::from),
        }
    }

    /// Back to the start of a run: empty, nobody on duty.
    pub(crate) fn clear(&mut self) {
        self.idle = 0;
        self.special &= !special::OVERTIME;
        self.occupied_lanes = 0;
        for integral in [
            &mut self.queue,
            &mut self.busy,
            &mut self.on_duty,
            &mut self.overtime,
            &mut self.down,
            &mut self.blocked,
        ] {
            *integral = Integral::default();
        }
        self.forget_counts();
        self.staying = 0;
        self.failed_units = 0;
        self.out = 0;
        self.extra_servers = 0;
        self.next_change = 0;
        self.pattern_position = 0;
        self.draw_count = 0;
        self.in_service.clear();
        self.sharing.clear();
        self.sharing_ticket = 0;
        self.waiting_work = 0;
        self.ends_sum = 0;
    }

    pub(crate) fn forget_counts(&mut self) {
        self.joined = 0;
        self.completed = 0;
        self.longest_queue = self.queue.level();
        self.longest_queue_at = SimTime::ZERO;
        self.last_service_end_at = SimTime::ZERO;
    }

    /// Customers waiting and servers busy: all who are present where each has one server.
    #[inline(always)]
    pub(crate) fn present(&self) -> u64 {
        self.queue.level() + self.busy.level()
    }

    /// Customers present, also where one seizes several servers.
    pub(crate) fn customers(&self) -> u64 {
        self.present() - self.extra_servers
    }

    #[inline(always)]
    pub(crate) fn is(&self, bit: u16) -> bool {
        self.special & bit != 0
    }

    /// Servers able to serve: on duty and not out, or staying on, as far as there are machines in order for them.
    pub(crate) fn serving_capacity(&self) -> u64 {
        (self.present_of(self.on_duty.level()) + self.staying).min(self.units_in_order())
    }

    /// Of so many on duty by the schedule, those who are not out.
    pub(crate) fn present_of(&self, on_duty: u64) -> u64 {
        on_duty.saturating_sub(self.out)
    }

    pub(crate) fn units_in_order(&self) -> u64 {
        self.unit_count - self.failed_units
    }
}

/// Where everyone stands, for routing. What it refers to is read only by those who look.
#[derive(Clone, Copy)]
pub struct Floor<'a> {
    pub(crate) stations: &'a Vec<Station>,
    pub(crate) now: &'a SimTime,
}

impl Floor<'_> {
    /// Customers waiting at a station.
    #[inline(always)]
    pub fn waiting(&self, station: StationId) -> u64 {
        self.stations[station.index()].queue.level()
    }

    /// Servers busy at a station.
    #[inline(always)]
    pub fn busy(&self, station: StationId) -> u64 {
        self.stations[station.index()].busy.level()
    }

    /// Waiting minus idle servers: what a customer compares who looks for the shortest queue.
    #[inline(always)]
    pub fn shortage(&self, station: StationId) -> i64 {
        let station = &self.stations[station.index()];
        station.queue.level() as i64 - station.idle
    }

    /// Servers on duty by the schedule.
    #[inline(always)]
    pub fn on_duty(&self, station: StationId) -> u64 {
        self.stations[station.index()].on_duty.level()
    }

    /// True when somebody serves here now: on duty and in order, or staying until the queue is empty.
    #[inline(always)]
    pub fn is_staffed(&self, station: StationId) -> bool {
        let station = &self.stations[station.index()];
        station.serving_capacity() > 0
    }

    /// True when an outage leaves nobody to serve here now.
    #[inline(always)]
    pub fn is_out(&self, station: StationId) -> bool {
        let station = &self.stations[station.index()];
        station.out > 0 && station.serving_capacity() == 0
    }

    /// Work ahead of a newcomer: service times of all waiting plus what remains of those in service. Only for stations
    /// whose plan says [`StationPlan::tracks_work`]; 0 elsewhere.
    pub fn work_ahead(&self, station: StationId) -> SimSpan {
        let station = &self.stations[station.index()];
        if !station.is(special::WORK) {
            return SimSpan::ZERO;
        }
        let serving = station.busy.level() - station.blocked.level();
        let in_service = station.ends_sum.wrapping_sub(serving.wrapping_mul(self.now.as_micros()));
        SimSpan::from_micros(station.waiting_work.wrapping_add(in_service))
    }
}
