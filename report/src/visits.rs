//! Visits one by one: what each customer's time went on, gathered while a run is watched.

use onetrip_models::system::System;
use onetrip_models::watch::{Record, Watcher};
use onetrip_sim::model::Exit;
use onetrip_sim::observer::Happening;
use onetrip_sim::time::{SimSpan, SimTime};
use std::collections::BTreeMap;

/// How a visit ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// With everything done.
    Completed,
    /// Without having been served.
    LeftWithoutBeingSeen,
    /// Not at all: the run ended first.
    StillInside,
}

impl Outcome {
    /// The word in tables.
    pub fn word(self) -> &'static str {
        match self {
            Outcome::Completed => "completed",
            Outcome::LeftWithoutBeingSeen => "left_without_being_seen",
            Outcome::StillInside => "still_inside",
        }
    }
}

/// One visit. Its spans add up to the time from arrival to departure.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Visit {
    /// Arrival source, from 0.
    pub source: u8,
    /// Number within the source, in the order of arrival.
    pub number: u32,
    /// Class, by its place in the system's list.
    pub class: u8,
    /// Came in.
    pub arrived_at: SimTime,
    /// Left; `None` for those still inside when the run ended.
    pub left_at: Option<SimTime>,
    /// How it ended.
    pub outcome: Outcome,
    /// In queues, or waiting for an interrupted service to be resumed.
    pub queueing_time: SimSpan,
    /// Being served.
    pub served_time: SimSpan,
    /// Served, but held up because the next place was full.
    pub blocked_time: SimSpan,
    /// In pauses, by kind.
    pub paused_time: Vec<SimSpan>,
    /// Services completed.
    pub service_count: u32,
}

/// What a customer is doing.
#[derive(Clone, Copy)]
enum Doing {
    Queueing,
    Served,
    Blocked,
    Nothing,
}

struct Open {
    index: usize,
    doing: Doing,
    since: SimTime,
}

/// Gathers the visits of one run, in the order of arrival.
pub struct VisitTable {
    visits: Vec<Visit>,
    inside: BTreeMap<(u8, u32), Open>,
    pause_kind_count: usize,
}

impl VisitTable {
    /// An empty table for runs of a system.
    pub fn new(system: &System) -> VisitTable {
        let pause_kind_count = system.account().statistics.layout().pause_kind_count;
        VisitTable { visits: Vec::new(), inside: BTreeMap::new(), pause_kind_count }
    }

    /// The visits, in the order of arrival.
    pub fn into_visits(self) -> Vec<Visit> {
        self.visits
    }

    fn arrive(&mut self, record: Record) {
        let open = Open { index: self.visits.len(), doing: Doing::Nothing, since: record.at };
        self.inside.insert((record.source, record.customer), open);
        self.visits.push(Visit {
            source: record.source,
            number: record.customer,
            class: record.class,
            arrived_at: record.at,
            left_at: None,
            outcome: Outcome::StillInside,
            queueing_time: SimSpan::ZERO,
            served_time: SimSpan::ZERO,
            blocked_time: SimSpan::ZERO,
            paused_time: vec![SimSpan::ZERO; self.pause_kind_count],
            service_count: 0,
        });
    }
}

impl Watcher for VisitTable {
    fn watch(&mut self, record: Record) {
        let key = (record.source, record.customer);
        if record.happening == Happening::Arrived {
            return self.arrive(record);
        }
        let Some(open) = self.inside.get_mut(&key) else { return };
        let visit = &mut self.visits[open.index];
        let spent = record.at.since(open.since);
        match open.doing {
            Doing::Queueing => visit.queueing_time += spent,
            Doing::Served => visit.served_time += spent,
            Doing::Blocked => visit.blocked_time += spent,
            Doing::Nothing => {}
        }
        open.since = record.at;
        open.doing = match record.happening {
            Happening::Joined(_) | Happening::Interrupted(_) | Happening::Undone(_) => Doing::Queueing,
            Happening::Started(_) => Doing::Served,
            Happening::Blocked(_) => Doing::Blocked,
            _ => Doing::Nothing,
        };
        match record.happening {
            Happening::Served(_) => visit.service_count += 1,
            Happening::Paused { time, kind } => visit.paused_time[usize::from(kind)] += time,
            Happening::Left(exit) => {
                visit.left_at = Some(record.at);
                visit.outcome = match exit {
                    Exit::Completed => Outcome::Completed,
                    Exit::WithoutBeingSeen => Outcome::LeftWithoutBeingSeen,
                };
                self.inside.remove(&key);
            }
            _ => {}
        }
    }
}
