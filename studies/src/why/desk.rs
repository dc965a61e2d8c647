//! A station as those who wait at it live through it: who was there to serve and when, who was called when, who is first
//! in line.

use super::attribution::{Others, Piece};
use super::cause::Cause;
use crate::film::PatientId;
use onetrip_sim::model::StationId;
use onetrip_sim::observer::Servers;
use onetrip_sim::station::{Discipline, StationPlan};
use onetrip_sim::time::{SimSpan, SimTime};
use std::collections::BTreeMap;

/// What the station as a whole gives everybody in line as the cause.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    /// Nobody is there to serve.
    Unstaffed,
    /// Somebody is there, and no machine is in order.
    AllDown,
    /// Somebody can serve.
    Serving,
}

impl State {
    fn of(servers: Servers) -> State {
        match (servers.present, servers.in_order) {
            (0, _) => State::Unstaffed,
            (_, 0) => State::AllDown,
            _ => State::Serving,
        }
    }
}

/// Somebody was called.
#[derive(Clone, Copy, Debug)]
struct Call {
    at: SimTime,
    /// The number under which the one who was called had joined.
    joined: u64,
}

/// A place in line: rank, and what decides within it.
type Place = (u8, i64);

/// Somebody's wait in line.
#[derive(Clone, Debug)]
pub(super) struct Wait {
    pub(super) since: SimTime,
    /// The number of the joining: smaller came earlier.
    pub(super) joined: u64,
    place: Place,
    /// Calls that had been made when the wait began.
    calls_before: u64,
    /// Stretches at which a machine in order would have been free for this one.
    held_up: Vec<(SimTime, SimTime)>,
    held_up_since: Option<SimTime>,
}

/// One station.
#[derive(Debug)]
pub(super) struct Desk {
    station: StationId,
    /// Somebody who came later may be called first.
    may_overtake: bool,
    is_last_come_first: bool,
    /// Machines break down, so it matters who is first in line.
    has_machines: bool,
    servers: Servers,
    /// From each instant on, in order; before the first nobody is there.
    states: Vec<(SimTime, State)>,
    joined: u64,
    serving: u64,
    waiting: u64,
    call_count: u64,
    /// The latest calls, as far back as anybody in line can remember.
    calls: Vec<Call>,
    line: BTreeMap<Place, PatientId>,
    /// The first in line for whom a machine that is down would be free.
    held_up: Vec<PatientId>,
    returned: i64,
}

impl Desk {
    pub(super) fn new(index: usize, plan: &StationPlan) -> Desk {
        let is_plain = plan.discipline == Discipline::FirstComeFirstServed
            && plan.rank_count <= 1
            && !plan.is_ordered
            && !plan.is_multi_server;
        Desk {
            station: StationId(index as u16),
            may_overtake: !is_plain,
            is_last_come_first: plan.discipline == Discipline::LastComeFirstServed,
            has_machines: plan.breakdown.is_some(),
            servers: Servers::default(),
            states: vec![(SimTime::ZERO, State::Unstaffed)],
            joined: 0,
            serving: 0,
            waiting: 0,
            call_count: 0,
            calls: Vec::new(),
            line: BTreeMap::new(),
            held_up: Vec::new(),
            returned: 0,
        }
    }

    /// As before the first run.
    pub(super) fn clear(&mut self) {
        self.servers = Servers::default();
        self.states.clear();
        self.states.push((SimTime::ZERO, State::Unstaffed));
        (self.joined, self.serving, self.waiting, self.call_count, self.returned) = (0, 0, 0, 0, 0);
        self.calls.clear();
        self.line.clear();
        self.held_up.clear();
    }

    /// Servers come or go, fail or are repaired.
    pub(super) fn change(&mut self, at: SimTime, servers: Servers) {
        self.servers = servers;
        // What lasted no time was not.
        if self.states.last().is_some_and(|(from, _)| *from == at) {
            self.states.pop();
        }
        let state = State::of(servers);
        if self.states.last().is_none_or(|(_, last)| *last != state) {
            self.states.push((at, state));
        }
    }

    /// The number of somebody who joins.
    pub(super) fn number(&mut self) -> u64 {
        self.joined += 1;
        self.joined
    }

    /// Somebody begins to wait; `returns` when a service was broken off, which puts them at the head of their rank.
    pub(super) fn enter(
        &mut self,
        patient: PatientId,
        rank: u8,
        joined: u64,
        returns: bool,
        at: SimTime,
    ) -> Wait {
        self.waiting += 1;
        let within = if returns {
            self.returned -= 1;
            self.returned
        } else if self.is_last_come_first {
            i64::MAX - joined as i64
        } else {
            joined as i64
        };
        let place = (rank, within);
        if self.has_machines {
            self.line.insert(place, patient);
        }
        Wait {
            since: at,
            joined,
            place,
            calls_before: self.call_count,
            held_up: Vec::new(),
            held_up_since: None,
        }
    }

    /// Somebody no longer waits; the calls that nobody is left to remember are forgotten.
    pub(super) fn leave(&mut self, wait: &Wait) {
        self.waiting -= 1;
        if self.has_machines {
            self.line.remove(&wait.place);
        }
        if self.waiting == 0 {
            self.calls.clear();
        }
    }

    /// Somebody is called and takes a server.
    pub(super) fn call(&mut self, joined: u64, at: SimTime) {
        self.serving += 1;
        self.call_count += 1;
        if self.may_overtake && self.waiting > 0 {
            self.calls.push(Call { at, joined });
        }
    }

    /// A server is taken without a call: somebody who was served holds it on.
    pub(super) fn hold(&mut self) {
        self.serving += 1;
    }

    /// A server is given back.
    pub(super) fn release(&mut self) {
        self.serving -= 1;
    }

    /// Works out anew for whom a machine that is down would be free; whoever no longer is among them, and whoever is now.
    pub(super) fn review(&mut self) -> (Vec<PatientId>, Vec<PatientId>) {
        if !self.has_machines {
            return (Vec::new(), Vec::new());
        }
        let is_serving = State::of(self.servers) == State::Serving;
        let missing = if is_serving && self.servers.in_order < self.servers.present {
            self.servers.present.saturating_sub(self.serving)
        } else {
            0
        };
        if missing == 0 && self.held_up.is_empty() {
            return (Vec::new(), Vec::new());
        }
        let first: Vec<PatientId> = self.line.values().take(missing as usize).copied().collect();
        let released = self.held_up.iter().filter(|patient| !first.contains(patient)).copied().collect();
        let held_up = first.iter().filter(|patient| !self.held_up.contains(patient)).copied().collect();
        self.held_up = first;
        (released, held_up)
    }

    /// Puts a wait that ends now down to its causes, stretch by stretch.
    ///
    /// Nobody there to serve comes first; then no machine in order; then a machine that is down and would have been free
    /// for this one; then that the last one called had come later; and what is left is the queue itself.
    pub(super) fn explain(&self, wait: &Wait, until: SimTime, pieces: &mut Vec<Piece>) {
        let mut own = Vec::new();
        let first = self.states.partition_point(|(from, _)| *from <= wait.since).saturating_sub(1);
        for (index, (from, state)) in self.states.iter().enumerate().skip(first) {
            if *from >= until {
                break;
            }
            let to = self.states.get(index + 1).map_or(until, |(next, _)| (*next).min(until));
            let stretch = ((*from).max(wait.since), to);
            match state {
                State::Unstaffed => self.unstaffed(stretch, (index > 0).then_some(*from), &mut own),
                State::AllDown => self.add(stretch, Cause::MachineDown, &mut own),
                State::Serving => self.in_line(wait, stretch, &mut own),
            }
        }
        if let Some(piece) = own.first_mut() {
            piece.others = Some(self.others(wait));
        }
        pieces.append(&mut own);
    }

    /// Nobody is there; since when, if anybody ever was.
    fn unstaffed(&self, (from, to): (SimTime, SimTime), since: Option<SimTime>, pieces: &mut Vec<Piece>) {
        let mut at = from;
        while at < to {
            let day = at.as_micros() / SimSpan::DAY.as_micros();
            let midnight = SimTime::from_micros(day * SimSpan::DAY.as_micros());
            let next = (midnight + SimSpan::DAY).min(to);
            let was_open_today = since.is_some_and(|since| since > midnight);
            let cause = if was_open_today { Cause::OffDuty } else { Cause::NotOpenYet };
            self.add((at, next), cause, pieces);
            at = next;
        }
    }

    /// Somebody serves, but not this one yet.
    fn in_line(&self, wait: &Wait, (from, to): (SimTime, SimTime), pieces: &mut Vec<Piece>) {
        let calls = self.calls_during(wait);
        let mut cuts: Vec<SimTime> = vec![from, to];
        let held_up = wait.held_up.iter().flat_map(|&(start, end)| [start, end]);
        cuts.extend(held_up.chain(calls.iter().map(|call| call.at)).filter(|at| from < *at && *at < to));
        cuts.sort_unstable();
        cuts.dedup();
        let mut made = 0;
        for pair in cuts.windows(2) {
            let stretch = (pair[0], pair[1]);
            made += calls[made..].partition_point(|call| call.at <= stretch.0);
            let is_held_up = wait.held_up.iter().any(|&(start, end)| start <= stretch.0 && stretch.0 < end);
            let is_overtaken = made > 0 && calls[made - 1].joined > wait.joined;
            let cause = match (is_held_up, is_overtaken) {
                (true, _) => Cause::MachineDown,
                (false, true) => Cause::Overtaken,
                (false, false) => Cause::Behind,
            };
            self.add(stretch, cause, pieces);
        }
    }

    /// The calls made since a wait began, as far as they are kept.
    fn calls_during(&self, wait: &Wait) -> &[Call] {
        let kept = self.calls.len();
        let during = (self.call_count - wait.calls_before) as usize;
        &self.calls[kept - during.min(kept)..]
    }

    fn others(&self, wait: &Wait) -> Others {
        let later = self.calls_during(wait).iter().filter(|call| call.joined > wait.joined).count();
        Others { called: (self.call_count - wait.calls_before) as u32, came_later: later as u32 }
    }

    fn add(&self, (from, to): (SimTime, SimTime), cause: Cause, pieces: &mut Vec<Piece>) {
        if from >= to {
            return;
        }
        match pieces.last_mut() {
            Some(last) if last.to == from && last.cause == cause => last.to = to,
            _ => pieces.push(Piece { from, to, cause, station: Some(self.station), others: None }),
        }
    }
}

impl Wait {
    pub(super) fn hold_up(&mut self, at: SimTime) {
        self.held_up_since = Some(at);
    }

    pub(super) fn let_go(&mut self, at: SimTime) {
        if let Some(since) = self.held_up_since.take()
            && since < at
        {
            self.held_up.push((since, at));
        }
    }
}
