//! Examinations: booked in the room, at a kiosk, at the centre or at each desk; prepared for, waited for, made,
//! reported; and the way back to the doctor with the results.

use crate::hospital::books::Counter;
use crate::hospital::floor_plan::{Builder, Post, breakdown, on_duty_at};
use crate::hospital::measures::{Catalogue, Times, Words};
use crate::hospital::patient::{PaymentPoint, Stage, UNTIMED, flag};
use crate::hospital::spec::{HospitalSpec, Modality, Place, SeveralBooking, SingleBooking};
use crate::hospital::visitor::Visitor;
use crate::text::Text;
use onetrip_sim::distribution::{AliasTable, Sampler};
use onetrip_sim::model::{Done, Step, Visit};
use onetrip_sim::station::{AfterFailure, StationPlan};
use onetrip_sim::stream::{EntityKey, Purpose};
use onetrip_sim::time::{SimSpan, SimTime};

const BOOKING_PLACE: Purpose = Purpose::named("examination_booking.place");
const ROOM_TIME: Purpose = Purpose::named("examination_booking.room.service_time");
const KIOSK_TIME: Purpose = Purpose::named("examination_booking.kiosks.service_time");
const CENTRE_TIME: Purpose = Purpose::named("examination_booking.centre.service_time");
const DESK_TIME: Purpose = Purpose::named("examination_booking.desks.service_time");

/// Places of the day that are given out to a time.
#[derive(Debug)]
struct TimedTerms {
    share: f64,
    segment_length: SimSpan,
    /// Places by segment of the day.
    capacities: Vec<u16>,
    /// Place of the first segment in the diary.
    first_entry: usize,
}

/// A kind of examination as the model sees it.
#[derive(Debug)]
pub(in crate::hospital) struct ModalityTerms {
    post: Option<Post>,
    service_time: Sampler,
    preparation_time: Sampler,
    report_time: Sampler,
    other_day_share: f64,
    counts_as_timed: bool,
    timed: Option<TimedTerms>,
    other_day: Purpose,
    is_timed: Purpose,
    service: Purpose,
    preparation: Purpose,
    report: Purpose,
    /// Orders.
    pub(in crate::hospital) orders: Counter,
    /// Orders that another trip must see to: not possible on the day, no place left, or closed.
    pub(in crate::hospital) postponed: Counter,
}

/// Where examinations are booked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum BookingPlace {
    InRoom,
    Kiosk,
    Centre,
    Desks,
}

impl BookingPlace {
    const ALL: [BookingPlace; 4] =
        [BookingPlace::InRoom, BookingPlace::Kiosk, BookingPlace::Centre, BookingPlace::Desks];
}

/// All examinations.
#[derive(Debug)]
pub(in crate::hospital) struct ExaminationRooms {
    pub(in crate::hospital) modalities: Vec<ModalityTerms>,
    /// Entries of the diary of timed places, all kinds together.
    pub(in crate::hospital) diary_length: usize,
    single: Option<AliasTable>,
    several: Option<AliasTable>,
    centre: Option<Post>,
    centre_time: Sampler,
    desks: Option<Post>,
    desk_time: Sampler,
    kiosk_time: Sampler,
    room_time: Sampler,
    /// Visits with examinations ordered.
    pub(in crate::hospital) visits: Counter,
    /// Of these, booked at one stop.
    pub(in crate::hospital) in_one_go: Counter,
    /// Orders of the kinds that count as timed.
    pub(in crate::hospital) timed_orders: Counter,
    /// Of these, booked to a time.
    pub(in crate::hospital) booked_to_a_time: Counter,
}

impl ExaminationRooms {
    pub(in crate::hospital) fn build(spec: &HospitalSpec, builder: &mut Builder) -> Self {
        let booking = &spec.examination_booking;
        let centre = builder.post(
            StationPlan::new("examination_booking.centre", 0),
            &booking.centre_shifts,
            Text::new("examination booking centre", "检查预约中心"),
        );
        let desks = builder.post(
            StationPlan::new("examination_booking.desks", 0),
            &booking.desk_shifts,
            Text::new("booking desks of examination rooms", "检查科室预约台"),
        );
        let mut diary_length = 0;
        let modalities = spec
            .examinations
            .iter()
            .map(|modality| ModalityTerms::build(modality, &mut diary_length, builder))
            .collect();
        let SingleBooking { in_room_share, kiosk_share, centre_share, desk_share } = booking.single;
        let single = table([in_room_share, kiosk_share, centre_share, desk_share]);
        let SeveralBooking { in_room_share, centre_share, desk_share } = booking.several;
        let several = table([in_room_share, 0.0, centre_share, desk_share]);
        ExaminationRooms {
            modalities,
            diary_length,
            single,
            several,
            centre,
            centre_time: booking.centre_time.sampler(),
            desks,
            desk_time: booking.desk_time.sampler(),
            kiosk_time: booking.kiosk_time.sampler(),
            room_time: booking.room_time.sampler(),
            visits: builder.keeper.counter(),
            in_one_go: builder.keeper.counter(),
            timed_orders: builder.keeper.counter(),
            booked_to_a_time: builder.keeper.counter(),
        }
    }

    fn booking_place(&self, examinations: u16, key: EntityKey) -> BookingPlace {
        let table = if examinations.count_ones() > 1 { &self.several } else { &self.single };
        match table {
            Some(table) => BookingPlace::ALL[table.draw(&mut key.stream(BOOKING_PLACE))],
            None => BookingPlace::InRoom,
        }
    }
}

fn table(weights: [f64; 4]) -> Option<AliasTable> {
    let sum: f64 = weights.iter().sum();
    (sum > 0.0).then(|| AliasTable::new(&weights.map(|weight| weight / sum)))
}

/// What a number is drawn for at one kind of examination.
fn purpose(id: &str, what: &str) -> Purpose {
    Purpose::named(&format!("examination.{id}.{what}"))
}

/// Whether a doctor orders it.
pub(in crate::hospital) fn ordered_purpose(id: &str) -> Purpose {
    purpose(id, "ordered")
}

impl ModalityTerms {
    fn build(modality: &Modality, diary_length: &mut usize, builder: &mut Builder) -> Self {
        let id = &modality.id;
        let purpose = |what: &str| purpose(id, what);
        let plan = StationPlan {
            breakdown: breakdown(&modality.failures, AfterFailure::Restart),
            rank_count: 2,
            ..StationPlan::new(format!("examination.{id}"), 0)
        };
        let timed = modality.timed.map(|timed| {
            let length = timed.segment_length;
            let count = SimSpan::DAY.as_micros().div_ceil(length.as_micros()).min(u64::from(UNTIMED));
            let capacity = |segment: u64| {
                let at = SimSpan::from_micros(length.as_micros() * segment);
                let machines = f64::from(on_duty_at(&modality.shifts, at));
                (timed.capacity_per_machine * machines).min(f64::from(u16::MAX)) as u16
            };
            let first_entry = *diary_length;
            *diary_length += count as usize;
            let capacities = (0..count).map(capacity).collect();
            TimedTerms { share: timed.share, segment_length: length, capacities, first_entry }
        });
        ModalityTerms {
            post: builder.post(plan, &modality.shifts, modality.name.clone()),
            service_time: modality.service_time.sampler(),
            preparation_time: modality.preparation_time.sampler(),
            report_time: modality.report_time.sampler(),
            other_day_share: modality.other_day_share,
            counts_as_timed: modality.counts_as_timed,
            timed,
            other_day: purpose("other_day"),
            is_timed: purpose("timed"),
            service: purpose("service_time"),
            preparation: purpose("preparation_time"),
            report: purpose("report_time"),
            orders: builder.keeper.counter(),
            postponed: builder.keeper.counter(),
        }
    }

    fn is_booked_to_a_time(&self, key: EntityKey) -> bool {
        self.timed
            .as_ref()
            .is_some_and(|timed| timed.share >= 1.0 || key.stream(self.is_timed).unit() < timed.share)
    }
}

impl TimedTerms {
    /// Takes the first place in a segment that is not over at `from`; gives the segment.
    fn take_place(&self, from: SimTime, diary: &mut [u16]) -> Option<u8> {
        let first = (from.as_micros() / self.segment_length.as_micros()) as usize;
        for segment in first..self.capacities.len() {
            let taken = &mut diary[self.first_entry + segment];
            if *taken < self.capacities[segment] {
                *taken += 1;
                return Some(segment as u8);
            }
        }
        None
    }

    fn begins_at(&self, segment: u8) -> SimTime {
        SimTime::from_micros(self.segment_length.as_micros() * u64::from(segment))
    }
}

impl ExaminationRooms {
    pub(in crate::hospital) fn enter_measures(&self, list: &mut Catalogue) {
        let posts = self.modalities.iter().filter_map(|modality| modality.post);
        list.times(
            "examination.wait_time",
            &Times::Stations(posts.map(|post| post.station.index()).collect()),
            ("examinations, wait", "检查等候"),
            (
                "Examinations of all kinds, from joining the queue, ready and not before a booked time, to the start.",
                "各类检查，自准备完毕（不早于预约时间）排队至开始检查。",
            ),
        );
        let postponed: Vec<Counter> = self.modalities.iter().map(|modality| modality.postponed).collect();
        let orders: Vec<Counter> = self.modalities.iter().map(|modality| modality.orders).collect();
        list.share(
            "examination.booked_in_one_go_share",
            &[self.in_one_go],
            &[self.visits],
            Words {
                title: ("examinations booked in one go", "检查一次预约完成占比"),
                definition: (
                    "Visits whose examinations were all booked at one stop (in the consulting room, at a kiosk, at the \
                     centre, or the one examination at its desk) ÷ visits with examinations.",
                    "全部检查在一处一次预约完成的就诊（诊间、自助机、预约中心，或单项在检查科室）÷ 有检查的就诊。",
                ),
            },
        );
        list.share(
            "examination.timed_booking_share",
            &[self.booked_to_a_time],
            &[self.timed_orders],
            Words {
                title: ("examinations booked to a time", "检查分时段预约占比"),
                definition: (
                    "Orders booked to a time ÷ all orders, of the kinds of examination that the description counts here \
                     (gastroscopy, colonoscopy, ultrasound, CT, MRI).",
                    "预约到具体时段的检查 ÷ 计入此项的全部检查（胃镜、肠镜、B 超、CT、磁共振）。",
                ),
            },
        );
        list.share(
            "examination.postponed_share",
            &postponed,
            &orders,
            Words {
                title: ("examinations that need another trip", "需再来检查占比"),
                definition: (
                    "Orders not carried out on the day (not possible on the day, no place left, or closed) ÷ all orders.",
                    "当日未能完成的检查（当日不宜、约满或已关闭）÷ 全部检查。",
                ),
            },
        );
    }
}

impl Visitor<'_> {
    /// Time that booking in the room will add to the consultation.
    pub(in crate::hospital) fn in_room_booking_time(&self, key: EntityKey) -> SimSpan {
        let rooms = &self.plan.examination;
        if rooms.booking_place(self.patient.examinations, key) != BookingPlace::InRoom {
            return SimSpan::ZERO;
        }
        rooms.room_time.draw_once(key.stream(ROOM_TIME))
    }

    /// The consultation is paid for: examinations, medicine, or home.
    pub(in crate::hospital) fn follow_orders(&mut self) -> Step {
        if self.patient.has(flag::ORDERED) { self.book_examinations() } else { self.fetch_medicine() }
    }

    fn book_examinations(&mut self) -> Step {
        let rooms = &self.plan.examination;
        let key = self.key;
        let place = rooms.booking_place(self.patient.examinations, key);
        self.books.count(rooms.visits);
        if place != BookingPlace::Desks || self.patient.examinations.count_ones() == 1 {
            self.books.count(rooms.in_one_go);
        }
        self.sort_orders(key);
        self.patient.clear(flag::ORDERED | flag::EXAMINATIONS_PAID | flag::BOOKS_AT_DESKS);
        self.patient.mark(SimTime::ZERO);
        match place {
            BookingPlace::InRoom => self.next_examination(),
            BookingPlace::Kiosk => self.walk(Place::Registration, Stage::WalkingToBooking),
            BookingPlace::Centre => self.walk(Place::BookingCentre, Stage::WalkingToBooking),
            BookingPlace::Desks => {
                self.patient.set(flag::BOOKS_AT_DESKS);
                self.next_examination()
            }
        }
    }

    /// Counts the orders and puts those aside that cannot be done today.
    fn sort_orders(&mut self, key: EntityKey) {
        let rooms = &self.plan.examination;
        let mut orders = self.patient.examinations;
        while orders != 0 {
            let index = orders.trailing_zeros();
            orders &= orders - 1;
            let modality = &rooms.modalities[index as usize];
            self.books.count(modality.orders);
            if modality.counts_as_timed {
                self.books.count(rooms.timed_orders);
                if modality.is_booked_to_a_time(key) {
                    self.books.count(rooms.booked_to_a_time);
                }
            }
            if modality.other_day_share > 0.0
                && key.stream(modality.other_day).unit() < modality.other_day_share
            {
                self.books.count(modality.postponed);
                self.patient.examinations &= !(1 << index);
                self.patient.set(flag::ANOTHER_TRIP);
            }
        }
    }

    /// Stands at the centre or a kiosk to book. Where it is closed, the booking is made by phone in no time.
    pub(in crate::hospital) fn reach_booking(&mut self) -> Step {
        let rooms = &self.plan.examination;
        let key = self.key;
        let (post, law, purpose) = if self.patient.place() == Place::BookingCentre as usize {
            (rooms.centre, &rooms.centre_time, CENTRE_TIME)
        } else {
            (self.plan.registration.kiosk_post(), &rooms.kiosk_time, KIOSK_TIME)
        };
        match post.filter(|post| post.is_usable(self.now, &self.floor)) {
            Some(post) => {
                let time = law.draw_once(key.stream(purpose));
                self.join(post, time, Stage::Booking)
            }
            None => self.next_examination(),
        }
    }

    #[inline(always)]
    fn examination_index(&self) -> usize {
        self.patient.examinations.trailing_zeros() as usize
    }

    /// The next examination of the day, if any is left.
    pub(in crate::hospital) fn next_examination(&mut self) -> Step {
        if self.patient.examinations == 0 {
            return self.collect_results();
        }
        if self.patient.has(flag::BOOKS_AT_DESKS) {
            return self.walk(Place::Examinations, Stage::WalkingToDesk);
        }
        self.take_examination_place()
    }

    /// Stands at the desk of the examination.
    pub(in crate::hospital) fn reach_desk(&mut self) -> Step {
        let rooms = &self.plan.examination;
        match rooms.desks.filter(|desks| desks.is_usable(self.now, &self.floor)) {
            Some(desks) => {
                let round = self.examination_index() as u32;
                let time = rooms.desk_time.draw_once(self.key.stream_of_round(DESK_TIME, round));
                self.join(desks, time, Stage::AtDesk)
            }
            None => self.take_examination_place(),
        }
    }

    /// Is given a time, where this kind is booked to one, and pays where money is asked for first.
    pub(in crate::hospital) fn take_examination_place(&mut self) -> Step {
        let modality = &self.plan.examination.modalities[self.examination_index()];
        self.patient.segment = UNTIMED;
        if let Some(timed) = &modality.timed
            && modality.is_booked_to_a_time(self.key)
        {
            let from = self.now + self.plan.ways.time(self.patient, Place::Examinations);
            match timed.take_place(from, &mut self.day.diary) {
                Some(segment) => self.patient.segment = segment,
                None => return self.postpone_examination(),
            }
        }
        if self.patient.has(flag::EXAMINATIONS_PAID) {
            return self.go_to_examination();
        }
        self.pay(PaymentPoint::BeforeExamination)
    }

    /// The examination needs another trip.
    fn postpone_examination(&mut self) -> Step {
        let index = self.examination_index();
        self.books.count(self.plan.examination.modalities[index].postponed);
        self.patient.examinations &= !(1 << index);
        self.patient.set(flag::ANOTHER_TRIP);
        self.next_examination()
    }

    pub(in crate::hospital) fn go_to_examination(&mut self) -> Step {
        self.walk(Place::Examinations, Stage::WalkingToExamination)
    }

    /// Stands before the examination room.
    pub(in crate::hospital) fn reach_examination(&mut self) -> Step {
        let modality = &self.plan.examination.modalities[self.examination_index()];
        let time = modality.preparation_time.draw_once(self.key.stream(modality.preparation));
        if time > SimSpan::ZERO {
            return self.pause(time, Stage::Preparing);
        }
        self.await_slot()
    }

    /// Is ready; waits for the booked time.
    pub(in crate::hospital) fn await_slot(&mut self) -> Step {
        let modality = &self.plan.examination.modalities[self.examination_index()];
        if let Some(timed) = modality.timed.as_ref().filter(|_| self.patient.segment != UNTIMED) {
            let begins_at = timed.begins_at(self.patient.segment);
            if begins_at > self.now {
                return self.pause(begins_at - self.now, Stage::AwaitingSlot);
            }
        }
        self.queue_for_examination()
    }

    /// Joins the queue; those booked to a time are called first.
    pub(in crate::hospital) fn queue_for_examination(&mut self) -> Step {
        let modality = &self.plan.examination.modalities[self.examination_index()];
        let Some(post) = modality.post.filter(|post| post.is_usable(self.now, &self.floor)) else {
            return self.postpone_examination();
        };
        let time = modality.service_time.draw_once(self.key.stream(modality.service));
        let rank = u8::from(self.patient.segment == UNTIMED);
        self.join_with(Visit { rank, ..Visit::new(post.station, time) }, Stage::AtExamination)
    }

    /// Something ended at an examination.
    pub(in crate::hospital) fn leave_examination(&mut self, done: Done) -> Step {
        if done != Done::Served {
            return self.postpone_examination();
        }
        let index = self.examination_index();
        let modality = &self.plan.examination.modalities[index];
        let report_time = modality.report_time.draw_once(self.key.stream(modality.report));
        let ready_at = self.patient.marked_at().max(self.now.saturating_add(report_time));
        self.patient.mark(ready_at);
        self.patient.examinations &= !(1 << index);
        self.next_examination()
    }

    /// All examinations of the day are made: back to the doctor with the results, or on.
    fn collect_results(&mut self) -> Step {
        if !self.patient.has(flag::RETURNS) {
            return self.fetch_medicine();
        }
        let ready_at = self.patient.marked_at();
        if ready_at == SimTime::ZERO {
            // Nothing was made today: the doctor is for another trip.
            return self.finish();
        }
        if ready_at > self.now {
            if ready_at > self.last_session_ends_at() {
                self.books.count(self.plan.consultation.results_unseen);
                self.patient.set(flag::ANOTHER_TRIP);
                return self.finish();
            }
            return self.pause(ready_at - self.now, Stage::AwaitingResults);
        }
        self.walk_back()
    }

    /// Has the results.
    pub(in crate::hospital) fn walk_back(&mut self) -> Step {
        self.walk(Place::Departments, Stage::WalkingBack)
    }
}
