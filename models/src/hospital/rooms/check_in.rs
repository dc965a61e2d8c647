//! Check-in: the patient says at the department "I am here", by phone, at a machine or at the desk.

use crate::hospital::floor_plan::{Builder, Post};
use crate::hospital::patient::Stage;
use crate::hospital::spec::HospitalSpec;
use crate::hospital::visitor::Visitor;
use crate::text::Text;
use onetrip_sim::distribution::Sampler;
use onetrip_sim::model::{Done, Step};
use onetrip_sim::station::StationPlan;
use onetrip_sim::stream::Purpose;

const MODE: Purpose = Purpose::named("check_in.mode");
const KIOSK_TIME: Purpose = Purpose::named("check_in.kiosks.service_time");
const DESK_TIME: Purpose = Purpose::named("check_in.desks.service_time");

/// Check-in, for all departments together.
#[derive(Debug)]
pub(in crate::hospital) struct CheckInRoom {
    phone_share: f64,
    kiosk_share: f64,
    kiosks: Option<Post>,
    kiosk_time: Sampler,
    desks: Option<Post>,
    desk_time: Sampler,
}

impl CheckInRoom {
    pub(in crate::hospital) fn build(spec: &HospitalSpec, builder: &mut Builder) -> Self {
        let check_in = &spec.check_in;
        let mut post = |id: &str, shifts, en: &str, zh: &str| {
            builder.post(StationPlan::new(id, 0), shifts, Text::new(en, zh))
        };
        CheckInRoom {
            phone_share: check_in.phone_share,
            kiosk_share: check_in.kiosk_share,
            kiosks: post("check_in.kiosks", &check_in.kiosk_shifts, "check-in machines", "报到机"),
            kiosk_time: check_in.kiosk_time.sampler(),
            desks: post("check_in.desks", &check_in.desk_shifts, "check-in desks", "分诊报到台"),
            desk_time: check_in.desk_time.sampler(),
        }
    }
}

impl Visitor<'_> {
    /// Stands before the department. Where nobody is there to check in with, patients sit down all the same.
    pub(in crate::hospital) fn reach_check_in(&mut self) -> Step {
        let room = &self.plan.check_in;
        let key = self.key;
        let choice = key.stream(MODE).unit();
        let usable = |post: &Post| post.is_usable(self.now, &self.floor);
        if choice < room.phone_share {
            return self.enter_department();
        }
        let takes_kiosk = choice < room.phone_share + room.kiosk_share;
        let kiosks = room.kiosks.filter(usable).filter(|_| takes_kiosk);
        if let Some(kiosks) = kiosks.filter(|kiosks| !kiosks.is_out(&self.floor)) {
            let time = room.kiosk_time.draw_once(key.stream(KIOSK_TIME));
            return self.join(kiosks, time, Stage::CheckingIn);
        }
        // Where machines are dark, the desk helps.
        if (!takes_kiosk || kiosks.is_some())
            && let Some(desks) = room.desks.filter(usable)
        {
            let time = room.desk_time.draw_once(key.stream(DESK_TIME));
            return self.join(desks, time, Stage::CheckingIn);
        }
        self.enter_department()
    }

    /// Something ended at the machine or the desk; who is sent away from dark machines tries again.
    pub(in crate::hospital) fn leave_check_in(&mut self, done: Done) -> Step {
        if done == Done::SentAway { self.reach_check_in() } else { self.enter_department() }
    }
}
