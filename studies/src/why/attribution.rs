//! Follows a run as it happens and puts every instant of every visit down to a cause.

use super::cause::Cause;
use super::desk::{Desk, Wait};
use super::ledger::Ledger;
use super::study::By;
use crate::film::PatientId;
use crate::replicate::Witness;
use onetrip_models::account::Account;
use onetrip_models::system::System;
use onetrip_models::watch::{Record, Watcher};
use onetrip_sim::engine::RunEnd;
use onetrip_sim::model::{Exit, StationId};
use onetrip_sim::observer::{Happening, Servers};
use onetrip_sim::time::{SimSpan, SimTime};
use std::collections::BTreeMap;

/// A stretch of a visit with one cause.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Piece {
    /// When it began.
    pub from: SimTime,
    /// When it was over.
    pub to: SimTime,
    /// Its cause.
    pub cause: Cause,
    /// The station it belongs to: where the patient waits or is served, or where a pause leads to; of someone held up
    /// the station that is full. `None` for a pause that leads to none.
    pub station: Option<StationId>,
    /// Who else was called during the wait that begins with this piece.
    pub others: Option<Others>,
}

impl Piece {
    /// How long it took.
    pub fn time(&self) -> SimSpan {
        self.to.since(self.from)
    }
}

/// Who was called while somebody waited in line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Others {
    /// All.
    pub called: u32,
    /// Of these, who had come later.
    pub came_later: u32,
}

/// A visit that has ended, in short.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ended {
    /// Whose.
    pub patient: PatientId,
    /// Class, by its place in the system's list.
    pub class: u8,
    /// When it began.
    pub arrived_at: SimTime,
    /// When it was over.
    pub left_at: SimTime,
    /// How it ended.
    pub exit: Exit,
    /// Time lost to the patient ([`Cause::is_wait`]).
    pub waited: SimSpan,
}

impl Ended {
    /// From arrival to departure.
    pub fn sojourn(&self) -> SimSpan {
        self.left_at.since(self.arrived_at)
    }
}

/// A visit told whole: its pieces follow each other without a gap from arrival to departure.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Told {
    /// The visit in short.
    pub visit: Ended,
    /// All of it.
    pub pieces: Vec<Piece>,
}

/// Whose pieces do not add up to the time inside: a defect of the program.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Unbalanced {
    pub(super) patient: PatientId,
    pub(super) explained: SimSpan,
    pub(super) spent: SimSpan,
}

/// What is kept of visits beside the sums.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Keeping {
    /// How long each took, run by run.
    Lengths(By),
    /// All of them, told whole.
    Whole,
}

/// How long the visits of one run took, in microseconds.
#[derive(Clone, Default, Debug)]
pub(super) struct Lengths {
    pub(super) completed: Vec<u64>,
    /// Of those who left without having been seen.
    pub(super) others: Vec<u64>,
}

#[derive(Clone, Debug)]
enum Doing {
    /// Takes no time: the model is being asked where to go.
    Deciding,
    Pausing {
        until: SimTime,
    },
    Waiting(StationId, Wait),
    Served {
        at: StationId,
        joined: u64,
        since: SimTime,
    },
    /// Holds a server at one station because another is full.
    Held {
        at: StationId,
        full: StationId,
        since: SimTime,
    },
}

struct Open {
    class: u8,
    arrived_at: SimTime,
    pieces: Vec<Piece>,
    /// The pieces from here on may be pauses whose station is not known yet.
    leads_from: usize,
    doing: Doing,
}

impl Open {
    fn add(&mut self, from: SimTime, to: SimTime, cause: Cause, station: Option<StationId>) {
        if from < to {
            self.pieces.push(Piece { from, to, cause, station, others: None });
        }
    }

    /// The pauses since the last station lead to this one.
    fn reach(&mut self, station: StationId) {
        self.pieces[self.leads_from..].iter_mut().for_each(|piece| {
            if matches!(piece.cause, Cause::Pause(_)) {
                piece.station = Some(station);
            }
        });
        self.leads_from = self.pieces.len();
    }

    fn explained(&self) -> SimSpan {
        SimSpan::from_micros(self.pieces.iter().map(|piece| piece.time().as_micros()).sum())
    }
}

/// Who follows the runs of one replication.
pub(super) struct Attribution {
    desks: Vec<Desk>,
    inside: BTreeMap<PatientId, Open>,
    counts_from: SimTime,
    /// By number of the cause.
    is_wait: Vec<bool>,
    keeping: Keeping,
    pub(super) ledger: Ledger,
    /// One entry a run.
    pub(super) lengths: Vec<Lengths>,
    pub(super) told: Vec<Told>,
    pub(super) unbalanced: Option<Unbalanced>,
}

impl Attribution {
    pub(super) fn new(system: &System, keeping: Keeping) -> Attribution {
        let ledger = Ledger::of(system);
        let plans = system.station_plans();
        Attribution {
            desks: plans.iter().enumerate().map(|(index, plan)| Desk::new(index, plan)).collect(),
            inside: BTreeMap::new(),
            counts_from: SimTime::ZERO + system.warm_up(),
            is_wait: Cause::all(ledger.pause_kind_count()).map(|cause| cause.is_wait(system)).collect(),
            keeping,
            ledger,
            lengths: Vec::new(),
            told: Vec::new(),
            unbalanced: None,
        }
    }

    fn review(&mut self, place: StationId, at: SimTime) {
        let (released, held_up) = self.desks[place.index()].review();
        for (patients, is_held) in [(released, false), (held_up, true)] {
            for patient in patients {
                if let Some(Open { doing: Doing::Waiting(_, wait), .. }) = self.inside.get_mut(&patient) {
                    if is_held { wait.hold_up(at) } else { wait.let_go(at) }
                }
            }
        }
    }

    /// What the patient did up to now is over.
    fn close(&mut self, open: &mut Open, record: &Record) {
        let at = record.at;
        match std::mem::replace(&mut open.doing, Doing::Deciding) {
            Doing::Deciding => {}
            Doing::Pausing { until } => debug_assert_eq!(until, at, "a pause is not cut short"),
            Doing::Waiting(place, mut wait) => {
                wait.let_go(at);
                let desk = &mut self.desks[place.index()];
                desk.explain(&wait, at, &mut open.pieces);
                desk.leave(&wait);
                if record.happening == Happening::Started(place) {
                    desk.call(wait.joined, at);
                    open.doing = Doing::Served { at: place, joined: wait.joined, since: at };
                }
            }
            Doing::Served { at: place, joined, since } => {
                let is_in_vain = matches!(
                    record.happening,
                    Happening::Undone(_) | Happening::BrokenDown(_) | Happening::SentAway(_)
                );
                let cause = if is_in_vain { Cause::ServedInVain } else { Cause::Served };
                open.add(since, at, cause, Some(place));
                let desk = &mut self.desks[place.index()];
                desk.release();
                if matches!(record.happening, Happening::Interrupted(_) | Happening::Undone(_)) {
                    let patient = PatientId::of(record);
                    open.doing = Doing::Waiting(place, desk.enter(patient, record.rank, joined, true, at));
                } else if record.happening == Happening::Served(place) {
                    // Whether the server is given back shows in what comes next.
                    open.doing = Doing::Held { at: place, full: place, since: at };
                    desk.hold();
                }
            }
            Doing::Held { at: place, full, since } => {
                if let Happening::Blocked(full) = record.happening {
                    open.doing = Doing::Held { at: place, full, since };
                    return;
                }
                open.add(since, at, Cause::Blocked, Some(full));
                self.desks[place.index()].release();
                self.review(place, at);
            }
        }
    }

    fn leave(&mut self, patient: PatientId, open: Open, exit: Exit, at: SimTime) {
        let spent = at.since(open.arrived_at);
        if open.explained() != spent && self.unbalanced.is_none() {
            self.unbalanced = Some(Unbalanced { patient, explained: open.explained(), spent });
        }
        let waits = open.pieces.iter().filter(|piece| self.is_wait[piece.cause.index()]);
        let waited = SimSpan::from_micros(waits.map(|piece| piece.time().as_micros()).sum());
        let (class, arrived_at) = (open.class, open.arrived_at);
        let visit = Ended { patient, class, arrived_at, left_at: at, exit, waited };
        if open.arrived_at >= self.counts_from {
            self.ledger.enter(&visit, &open.pieces);
        } else {
            self.ledger.early_count += 1;
        }
        match (self.keeping, self.lengths.last_mut()) {
            (Keeping::Whole, _) => self.told.push(Told { visit, pieces: open.pieces }),
            (Keeping::Lengths(by), Some(lengths)) if exit == Exit::Completed => {
                lengths.completed.push(by.value(&visit));
            }
            (Keeping::Lengths(by), Some(lengths)) => lengths.others.push(by.value(&visit)),
            (Keeping::Lengths(_), None) => {}
        }
    }
}

impl Watcher for Attribution {
    fn watch(&mut self, record: Record) {
        let (patient, at) = (PatientId::of(&record), record.at);
        if record.happening == Happening::Arrived {
            let (class, doing) = (record.class, Doing::Deciding);
            let open = Open { class, arrived_at: at, pieces: Vec::new(), leads_from: 0, doing };
            self.inside.insert(patient, open);
            return;
        }
        // Whoever is not inside here was inside before the watching began, which is never.
        let Some(mut open) = self.inside.remove(&patient) else { return };
        self.close(&mut open, &record);
        let mut touched = None;
        match record.happening {
            Happening::Joined(place) => {
                open.reach(place);
                let desk = &mut self.desks[place.index()];
                let joined = desk.number();
                open.doing = Doing::Waiting(place, desk.enter(patient, record.rank, joined, false, at));
                touched = Some(place);
            }
            Happening::Balked(place) | Happening::Refused(place) => open.reach(place),
            Happening::Paused { time, kind } => {
                open.add(at, at + time, Cause::Pause(kind), None);
                open.doing = Doing::Pausing { until: at + time };
            }
            Happening::Left(exit) => return self.leave(patient, open, exit, at),
            Happening::Started(place)
            | Happening::Interrupted(place)
            | Happening::Undone(place)
            | Happening::Served(place)
            | Happening::Reneged(place)
            | Happening::SentAway(place)
            | Happening::BrokenDown(place) => touched = Some(place),
            Happening::Arrived | Happening::Blocked(_) => {}
        }
        self.inside.insert(patient, open);
        if let Some(place) = touched {
            self.review(place, at);
        }
    }

    fn watch_servers(&mut self, at: SimTime, station: StationId, servers: Servers) {
        self.desks[station.index()].change(at, servers);
        self.review(station, at);
    }
}

impl Witness for Attribution {
    fn begin_run(&mut self) {
        self.lengths.push(Lengths::default());
        self.inside.clear();
        self.desks.iter_mut().for_each(Desk::clear);
    }

    fn end_run(&mut self, _: RunEnd, _: &Account) {
        self.ledger.run_count += 1;
        self.ledger.inside_count += self.inside.len() as u64;
    }
}
