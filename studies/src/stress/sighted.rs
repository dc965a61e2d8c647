//! One day, watched: how long the queues were at every instant, and how each patient fared.

use super::passage::{Passage, Span};
use super::recovery::QueueCourse;
use crate::film::PatientId;
use onetrip_models::watch::{Record, Watcher};
use onetrip_sim::model::{Exit, StationId};
use onetrip_sim::observer::Happening;
use onetrip_sim::time::{SimSpan, SimTime};
use std::collections::BTreeMap;

/// How a visit went.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Visit {
    pub(super) arrived_at: SimTime,
    /// In queues, all together.
    pub(super) waited: SimSpan,
    /// When and how it ended; `None` for who was still inside.
    pub(super) left: Option<(SimTime, Exit)>,
    /// In which queue, and since when.
    waits: Option<(StationId, SimTime)>,
}

/// A day.
#[derive(Debug, Default)]
pub(super) struct SightedDay {
    /// By station.
    pub(super) courses: Vec<QueueCourse>,
    pub(super) visits: BTreeMap<PatientId, Visit>,
    pub(super) last_left_at: SimTime,
    /// While passages are counted.
    span: Option<Span>,
    /// By station; what is waiting at the end is for [`SightedDay::passages`] to say.
    passages: Vec<Passage>,
}

impl SightedDay {
    /// A day that begins; passages are counted in `span`.
    pub(super) fn new(station_count: usize, span: Option<Span>) -> SightedDay {
        SightedDay {
            courses: vec![Vec::new(); station_count],
            span,
            passages: vec![Passage::default(); station_count],
            ..SightedDay::default()
        }
    }

    /// What passed through each station in the span, with the queues at its end; nothing without a span.
    pub(super) fn passages(&self) -> Vec<Passage> {
        let Some(span) = self.span else { return Vec::new() };
        let waiting = |course: &QueueCourse| {
            let after = course.partition_point(|(at, _)| *at < span.to);
            after.checked_sub(1).map_or(0, |last| u64::from(course[last].1))
        };
        let pairs = self.passages.iter().zip(&self.courses);
        pairs.map(|(passage, course)| Passage { waiting_at_end: waiting(course), ..*passage }).collect()
    }

    /// Counts what passes a station, at an instant that is counted.
    fn count(&mut self, station: StationId, at: SimTime, add: impl FnOnce(&mut Passage)) {
        if self.span.is_some_and(|span| span.holds(at)) {
            add(&mut self.passages[station.index()]);
        }
    }

    /// Changes the number waiting.
    fn note(&mut self, station: StationId, at: SimTime, joins: bool) {
        let course = &mut self.courses[station.index()];
        let before = course.last().map_or(0, |last| last.1);
        let after = if joins { before + 1 } else { before.saturating_sub(1) };
        match course.last_mut() {
            Some(last) if last.0 == at => last.1 = after,
            _ => course.push((at, after)),
        }
    }

    fn begin_wait(&mut self, patient: PatientId, station: StationId, at: SimTime) {
        if let Some(visit) = self.visits.get_mut(&patient) {
            visit.waits = Some((station, at));
            self.note(station, at, true);
        }
    }

    fn end_wait(&mut self, patient: PatientId, at: SimTime) {
        let Some(visit) = self.visits.get_mut(&patient) else { return };
        if let Some((station, since_at)) = visit.waits.take() {
            visit.waited += at - since_at;
            self.note(station, at, false);
        }
    }
}

impl Watcher for SightedDay {
    fn watch(&mut self, record: Record) {
        let (patient, at) = (PatientId::of(&record), record.at);
        match record.happening {
            Happening::Arrived => {
                let visit = Visit { arrived_at: at, waited: SimSpan::ZERO, left: None, waits: None };
                self.visits.insert(patient, visit);
            }
            Happening::Joined(station) => {
                self.count(station, at, |passage| passage.joined += 1);
                self.begin_wait(patient, station, at);
            }
            Happening::Interrupted(station) | Happening::Undone(station) => {
                self.begin_wait(patient, station, at);
            }
            Happening::Started(_) => self.end_wait(patient, at),
            Happening::Served(station) => self.count(station, at, |passage| passage.served += 1),
            Happening::Balked(station) | Happening::Refused(station) => {
                self.count(station, at, |passage| passage.left += 1);
            }
            Happening::Reneged(station) | Happening::SentAway(station) => {
                self.count(station, at, |passage| passage.left += 1);
                self.end_wait(patient, at);
            }
            Happening::Left(exit) => {
                self.end_wait(patient, at);
                if let Some(visit) = self.visits.get_mut(&patient) {
                    visit.left = Some((at, exit));
                }
                self.last_left_at = at;
            }
            Happening::BrokenDown(_) | Happening::Blocked(_) | Happening::Paused { .. } => {}
        }
    }
}
