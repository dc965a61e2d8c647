//! The pharmacy: medicine prepared while the patient is on the way, or picked at the window.

use crate::hospital::books::Counter;
use crate::hospital::floor_plan::{Builder, Post};
use crate::hospital::measures::{Catalogue, Times, Words};
use crate::hospital::patient::{PaymentPoint, Stage, flag};
use crate::hospital::spec::{HospitalSpec, Place};
use crate::hospital::visitor::Visitor;
use crate::text::Text;
use onetrip_sim::distribution::Sampler;
use onetrip_sim::model::{Done, Step};
use onetrip_sim::station::StationPlan;
use onetrip_sim::stream::Purpose;

const PRE_DISPENSED: Purpose = Purpose::named("pharmacy.pre_dispensed");
const PREPARATION_TIME: Purpose = Purpose::named("pharmacy.preparation_time");
const HAND_OVER_TIME: Purpose = Purpose::named("pharmacy.hand_over_time");
const PICKING_TIME: Purpose = Purpose::named("pharmacy.picking_time");

/// The outpatient pharmacy.
#[derive(Debug)]
pub(in crate::hospital) struct PharmacyRoom {
    windows: Option<Post>,
    hand_over_time: Sampler,
    picking_time: Sampler,
    pre_dispensing: Option<(f64, Sampler)>,
    /// Patients who reached the open pharmacy.
    pub(in crate::hospital) came: Counter,
    /// Of these, whose medicine lay ready.
    pub(in crate::hospital) ready: Counter,
    /// Patients who found the pharmacy closed, or were sent away.
    pub(in crate::hospital) closed: Counter,
}

impl PharmacyRoom {
    pub(in crate::hospital) fn build(spec: &HospitalSpec, builder: &mut Builder) -> Self {
        let pharmacy = &spec.pharmacy;
        let plan = StationPlan::new("pharmacy.windows", 0);
        PharmacyRoom {
            windows: builder.post(plan, &pharmacy.windows, Text::new("pharmacy windows", "取药窗口")),
            hand_over_time: pharmacy.hand_over_time.sampler(),
            picking_time: pharmacy.picking_time.sampler(),
            pre_dispensing: pharmacy
                .pre_dispensing
                .as_ref()
                .map(|ahead| (ahead.share, ahead.preparation_time.sampler())),
            came: builder.keeper.counter(),
            ready: builder.keeper.counter(),
            closed: builder.keeper.counter(),
        }
    }
}

impl PharmacyRoom {
    pub(in crate::hospital) fn enter_measures(&self, list: &mut Catalogue) {
        list.times(
            "pharmacy.wait_time",
            &Times::Stations(self.windows.iter().map(|windows| windows.station.index()).collect()),
            ("pharmacy, wait", "取药等候"),
            (
                "Patients served at the pharmacy's windows, from joining the queue to the start of service; waiting for \
                 medicine that is still being prepared comes before it.",
                "在取药窗口接受服务的患者，自排队至开始发药；等待预配药的时间在此之前，不计。",
            ),
        );
        list.share(
            "pharmacy.ready_on_arrival_share",
            &[self.ready],
            &[self.came],
            Words {
                title: ("medicine ready on arrival", "药等人占比"),
                definition: (
                    "Patients whose medicine was prepared before they reached the pharmacy ÷ patients who reached it \
                     while it was open.",
                    "到达药房时药品已配好的患者 ÷ 在开放时间到达药房的患者。",
                ),
            },
        );
        list.per_day(
            "pharmacy.found_closed.mean",
            &[self.closed],
            Words {
                title: ("found the pharmacy closed", "药房已关闭人数"),
                definition: (
                    "Patients who could not collect their medicine as the pharmacy was closed, per day. They need \
                     another trip.",
                    "每日因药房关闭未能取药的人数（需再来一趟）。",
                ),
            },
        );
    }
}

impl Visitor<'_> {
    /// The consultations are over: medicine, or home.
    pub(in crate::hospital) fn fetch_medicine(&mut self) -> Step {
        if self.patient.has(flag::MEDICINE) { self.pay(PaymentPoint::BeforePharmacy) } else { self.finish() }
    }

    /// Everything is paid; the prescription goes to the pharmacy, and the patient after it.
    pub(in crate::hospital) fn go_to_pharmacy(&mut self) -> Step {
        if let Some((share, preparation_time)) = &self.plan.pharmacy.pre_dispensing {
            let key = self.key;
            if key.stream(PRE_DISPENSED).unit() < *share {
                self.patient.set(flag::PREPARED);
                let time = preparation_time.draw_once(key.stream(PREPARATION_TIME));
                self.patient.mark(self.now + time);
            }
        }
        self.walk(Place::Pharmacy, Stage::WalkingToPharmacy)
    }

    /// Stands in the pharmacy.
    pub(in crate::hospital) fn reach_pharmacy(&mut self) -> Step {
        let room = &self.plan.pharmacy;
        if !room.windows.is_some_and(|windows| windows.is_usable(self.now, &self.floor)) {
            return self.find_pharmacy_closed();
        }
        self.books.count(room.came);
        if self.patient.has(flag::PREPARED) {
            let ready_at = self.patient.marked_at();
            if ready_at > self.now {
                return self.pause(ready_at - self.now, Stage::AwaitingMedicine);
            }
            self.books.count(room.ready);
        }
        self.queue_for_medicine()
    }

    fn find_pharmacy_closed(&mut self) -> Step {
        self.books.count(self.plan.pharmacy.closed);
        self.patient.set(flag::ANOTHER_TRIP);
        self.finish()
    }

    /// Joins the queue of the windows.
    pub(in crate::hospital) fn queue_for_medicine(&mut self) -> Step {
        let room = &self.plan.pharmacy;
        let Some(windows) = room.windows.filter(|windows| windows.is_usable(self.now, &self.floor)) else {
            return self.find_pharmacy_closed();
        };
        let key = self.key;
        let mut time = room.hand_over_time.draw_once(key.stream(HAND_OVER_TIME));
        if !self.patient.has(flag::PREPARED) {
            time += room.picking_time.draw_once(key.stream(PICKING_TIME));
        }
        self.join(windows, time, Stage::AtPharmacy)
    }

    /// Something ended at the pharmacy.
    pub(in crate::hospital) fn leave_pharmacy(&mut self, done: Done) -> Step {
        if done == Done::Served { self.finish() } else { self.find_pharmacy_closed() }
    }
}
