//! The model that the engine asks: what ended decides which room the patient turns to.

use super::books::{Activity, Books};
use super::day::{Arrival, Day};
use super::floor_plan::FloorPlan;
use super::patient::{Patient, Stage, flag};
use super::rooms::settlement::Mode;
use super::visitor::Visitor;
use onetrip_sim::Customer;
use onetrip_sim::model::{Done, Exit, Model, StationId, Step};
use onetrip_sim::station::Floor;
use onetrip_sim::time::{SimSpan, SimTime};

/// One day of a hospital, for the time of a run.
pub(super) struct DayModel<'a> {
    pub(super) plan: &'a FloorPlan,
    pub(super) day: &'a mut Day,
    pub(super) books: &'a mut Books,
}

impl Model for DayModel<'_> {
    type State = Patient;

    #[inline(always)]
    fn next_arrival_at(&self) -> SimTime {
        self.day.next_arrival_at()
    }

    fn arrive(&mut self, now: SimTime, state: &mut Patient, floor: Floor<'_>) -> (u8, Step) {
        let Arrival { number, class, pace, way_in, settles_after_care, .. } = self.day.take_arrival();
        *state = Patient::new(number, 0, pace);
        if settles_after_care {
            state.set(flag::AFTER_CARE);
        }
        let Some(way_in) = way_in else {
            self.books.count(self.plan.entrance.too_late);
            return (class, Step::Leave(Exit::WithoutBeingSeen));
        };
        self.books.come_in(usize::from(class), now);
        let mut visitor = Visitor {
            now,
            since_at: now,
            patient: state,
            class: usize::from(class),
            floor,
            plan: self.plan,
            key: number.key(&self.day.luck),
            day: self.day,
            books: self.books,
        };
        (class, visitor.come_in(way_in))
    }

    #[inline(always)]
    fn proceed(
        &mut self,
        now: SimTime,
        customer: &mut Customer<Patient>,
        _station: StationId,
        done: Done,
        floor: Floor<'_>,
    ) -> Step {
        let (class, since_at) = (customer.class(), customer.since_at());
        let (stage, key) = (customer.state.stage, customer.state.number.key(&self.day.luck));
        match done {
            Done::Paused => self.books.add_time(class, Activity::during(stage), now.since(since_at)),
            Done::Served | Done::BrokenDown => {
                self.books.add_time(class, Activity::Served, now.since(since_at));
            }
            Done::Balked | Done::Reneged | Done::Refused | Done::SentAway => {}
        }
        let mut visitor = Visitor {
            now,
            since_at,
            patient: &mut customer.state,
            class,
            floor,
            plan: self.plan,
            day: self.day,
            books: self.books,
            key,
        };
        match stage {
            Stage::WalkingToRegistration => visitor.reach_registration(),
            Stage::AtRegistrationWindow => visitor.leave_registration_window(done),
            Stage::AtRegistrationKiosk => visitor.leave_registration_kiosk(done),
            Stage::RegisteringByPhone => visitor.registered(Mode::Phone),
            Stage::RegisteringAtKiosk => visitor.registered(Mode::Kiosk),
            Stage::AtHelp => visitor.leave_help(done),
            Stage::WalkingToCheckIn => visitor.reach_check_in(),
            Stage::CheckingIn => visitor.leave_check_in(done),
            Stage::AwaitingSession | Stage::WalkingBack => visitor.wait_for_doctor(),
            Stage::AtConsultation => visitor.leave_consultation(done),
            Stage::WalkingToSettlement => visitor.reach_settlement(),
            Stage::AtSettlementWindow => visitor.leave_settlement_window(done),
            Stage::AtSettlementKiosk => visitor.leave_settlement_kiosk(done),
            Stage::PayingByPhone => visitor.pay_in_system(Mode::Phone),
            Stage::PayingInSystemByPhone => visitor.paid_by(Mode::Phone),
            Stage::PayingAtKiosk => visitor.paid_by(Mode::Kiosk),
            Stage::WalkingToBooking => visitor.reach_booking(),
            Stage::Booking => visitor.next_examination(),
            Stage::WalkingToDesk => visitor.reach_desk(),
            Stage::AtDesk => visitor.take_examination_place(),
            Stage::WalkingToExamination => visitor.reach_examination(),
            Stage::Preparing => visitor.await_slot(),
            Stage::AwaitingSlot => visitor.queue_for_examination(),
            Stage::AtExamination => visitor.leave_examination(done),
            Stage::AwaitingResults => visitor.walk_back(),
            Stage::WalkingToPharmacy => visitor.reach_pharmacy(),
            Stage::AwaitingMedicine => visitor.queue_for_medicine(),
            Stage::AtPharmacy => visitor.leave_pharmacy(done),
        }
    }

    fn stay(&mut self, now: SimTime, customer: &Customer<Patient>) {
        let class = customer.class();
        if customer.is_pausing() {
            let time = now.since(customer.since_at());
            self.books.add_time(class, Activity::during(customer.state.stage), time);
        }
        self.books.leave(class, now);
    }
}

/// A day ends when its last patient has left and its last station has closed, and no later than noon of the next day.
pub const LATEST_END: SimSpan = SimSpan::from_whole_minutes(36 * 60);
