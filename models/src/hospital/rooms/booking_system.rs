//! The booking and payment system: behind every phone and machine, one queue to the limit that a load test has found.
//!
//! A description without a limit has no such queue: the system answers at once, as far as patients notice.

use crate::hospital::floor_plan::{Builder, Post};
use crate::hospital::patient::Stage;
use crate::hospital::rooms::settlement::Mode;
use crate::hospital::spec::HospitalSpec;
use crate::hospital::visitor::Visitor;
use crate::text::Text;
use onetrip_sim::model::Step;
use onetrip_sim::station::StationPlan;
use onetrip_sim::time::SimSpan;

#[derive(Clone, Copy, Debug)]
struct Limit {
    post: Post,
    service_time: SimSpan,
}

/// The system, where it has a limit.
#[derive(Clone, Copy, Debug)]
pub(in crate::hospital) struct BookingSystemRoom(Option<Limit>);

impl BookingSystemRoom {
    pub(in crate::hospital) fn build(spec: &HospitalSpec, builder: &mut Builder) -> Self {
        BookingSystemRoom(spec.booking_system.map(|system| Limit {
            post: builder.post_day_and_night(
                StationPlan::new("booking_system", 0),
                Text::new("booking system", "预约缴费系统"),
            ),
            service_time: SimSpan::from_seconds(3600.0 / system.patients_per_hour),
        }))
    }
}

impl Visitor<'_> {
    /// The phone or the machine asks the system for a number.
    pub(in crate::hospital) fn register_in_system(&mut self, mode: Mode) -> Step {
        let stage = match mode {
            Mode::Kiosk => Stage::RegisteringAtKiosk,
            _ => Stage::RegisteringByPhone,
        };
        match self.plan.booking_system.0 {
            Some(limit) => self.join(limit.post, limit.service_time, stage),
            None => self.registered(mode),
        }
    }

    /// The phone or the machine has the system take a payment.
    pub(in crate::hospital) fn pay_in_system(&mut self, mode: Mode) -> Step {
        let stage = match mode {
            Mode::Kiosk => Stage::PayingAtKiosk,
            _ => Stage::PayingInSystemByPhone,
        };
        match self.plan.booking_system.0 {
            Some(limit) => self.join(limit.post, limit.service_time, stage),
            None => self.paid_by(mode),
        }
    }
}
