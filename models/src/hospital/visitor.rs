//! A patient on the move: what the rooms are given when a patient stands before them, and the steps they answer with.

use super::books::{Books, PauseKind};
use super::day::Day;
use super::floor_plan::{FloorPlan, Post};
use super::patient::{Patient, Stage, flag};
use super::spec::Place;
use onetrip_sim::model::{Exit, Step, Visit};
use onetrip_sim::station::Floor;
use onetrip_sim::stream::EntityKey;
use onetrip_sim::time::{SimSpan, SimTime};

/// A patient who is free to go, and everything a room needs to decide where to.
pub(super) struct Visitor<'a> {
    pub(super) now: SimTime,
    /// When the service that has just ended began.
    pub(super) since_at: SimTime,
    pub(super) patient: &'a mut Patient,
    pub(super) class: usize,
    pub(super) floor: Floor<'a>,
    pub(super) plan: &'a FloorPlan,
    pub(super) day: &'a mut Day,
    pub(super) books: &'a mut Books,
    /// The patient's luck.
    pub(super) key: EntityKey,
}

impl Visitor<'_> {
    #[inline(always)]
    pub(super) fn department(&self) -> usize {
        self.patient.number.department()
    }

    /// Joins a station as the first rank.
    #[inline(always)]
    pub(super) fn join(&mut self, post: Post, service_time: SimSpan, stage: Stage) -> Step {
        self.join_with(Visit::new(post.station, service_time), stage)
    }

    #[inline(always)]
    pub(super) fn join_with(&mut self, visit: Visit, stage: Stage) -> Step {
        self.patient.stage = stage;
        Step::Visit(visit)
    }

    #[inline(always)]
    pub(super) fn pause(&mut self, time: SimSpan, stage: Stage) -> Step {
        let kind = PauseKind::of(stage);
        self.patient.stage = stage;
        Step::Pause { time, kind: kind as u8 }
    }

    #[inline(always)]
    pub(super) fn walk(&mut self, to: Place, stage: Stage) -> Step {
        let time = self.plan.ways.time(self.patient, to);
        self.patient.be_at(to);
        self.pause(time, stage)
    }

    /// Goes home with the visit behind them, done as far as it could be today.
    pub(super) fn finish(&mut self) -> Step {
        let entrance = &self.plan.entrance;
        self.books.count(entrance.finished);
        if self.patient.has(flag::ANOTHER_TRIP) {
            self.books.count(entrance.another_trip);
        }
        if self.patient.has(flag::AFTER_CARE) {
            self.settle_after_care();
        }
        self.leave(Exit::Completed)
    }

    /// Goes home without having seen a doctor.
    #[cold]
    pub(super) fn give_up(&mut self) -> Step {
        self.leave(Exit::WithoutBeingSeen)
    }

    fn leave(&mut self, exit: Exit) -> Step {
        self.close_account();
        self.books.leave(self.class, self.now);
        Step::Leave(exit)
    }
}
