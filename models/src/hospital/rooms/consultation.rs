//! Consulting rooms: sessions, booked segments, walk-ins called in turn, and patients who return with results.

use crate::hospital::books::{Counter, WaitBook};
use crate::hospital::floor_plan::{Builder, Post};
use crate::hospital::measures::{Catalogue, Times, Words};
use crate::hospital::patient::{PaymentPoint, Stage, flag};
use crate::hospital::rooms::examination::ordered_purpose;
use crate::hospital::spec::{Department, HospitalSpec, Lane, Session, Shift};
use crate::hospital::visitor::Visitor;
use onetrip_sim::distribution::{Distribution, Sampler};
use onetrip_sim::model::{Done, Step, Visit};
use onetrip_sim::station::{Discipline, StationPlan};
use onetrip_sim::stream::{EntityKey, Purpose};
use onetrip_sim::time::{SimSpan, SimTime};

const FIRST_TIME: Purpose = Purpose::named("consultation.first.service_time");
const RETURN_TIME: Purpose = Purpose::named("consultation.return.service_time");
const PATIENCE: Purpose = Purpose::named("consultation.patience");
const RETURNS: Purpose = Purpose::named("consultation.returns_with_results");
const MEDICINE: Purpose = Purpose::named("consultation.medicine");

/// A session of a department.
#[derive(Clone, Copy, Debug)]
pub(in crate::hospital) struct SessionTerms {
    pub(in crate::hospital) from: SimTime,
    pub(in crate::hospital) to: SimTime,
    pub(in crate::hospital) doctor_count: u32,
    walk_in_limit: u32,
}

/// A segment that can be booked; a whole session, where a department books no segments.
#[derive(Clone, Copy, Debug)]
pub(in crate::hospital) struct Segment {
    pub(in crate::hospital) from: SimTime,
    pub(in crate::hospital) to: SimTime,
    pub(in crate::hospital) session: u8,
    /// Most bookings; infinite for a whole session.
    pub(in crate::hospital) capacity: f64,
}

/// A department as the model sees it.
#[derive(Debug)]
pub(in crate::hospital) struct DepartmentTerms {
    post: Option<Post>,
    pub(in crate::hospital) sessions: Vec<SessionTerms>,
    pub(in crate::hospital) segments: Vec<Segment>,
    /// Bookings name a segment rather than a session.
    pub(in crate::hospital) books_segments: bool,
    /// Share of visits.
    pub(in crate::hospital) share: f64,
    first_time: Sampler,
    return_time: Sampler,
    orders: Vec<OrderTerms>,
    returns_share: f64,
    medicine_share: f64,
    /// Place of the first session in the row of numbers given out.
    first_number: usize,
}

/// How often an examination is ordered.
#[derive(Clone, Copy, Debug)]
struct OrderTerms {
    modality: u8,
    share: f64,
    purpose: Purpose,
}

/// All departments.
#[derive(Debug)]
pub(in crate::hospital) struct ConsultationRooms {
    pub(in crate::hospital) departments: Vec<DepartmentTerms>,
    /// Sessions of all departments together.
    pub(in crate::hospital) session_count: usize,
    late_after: SimSpan,
    patience: Option<Sampler>,
    /// Waits by [`Lane`], from joining the queue, not before the session begins, to being called.
    pub(in crate::hospital) waits: [WaitBook; 3],
    /// First consultations.
    pub(in crate::hospital) first_consultations: Counter,
    /// Consultations with results of the same day.
    pub(in crate::hospital) return_consultations: Counter,
    /// Booked patients seen who had checked in before their segment began.
    pub(in crate::hospital) on_time: Counter,
    /// Of these, called before the segment was over.
    pub(in crate::hospital) held: Counter,
    /// Booked patients who checked in.
    pub(in crate::hospital) booked_check_ins: Counter,
    /// Of these, who came too late to keep the place.
    pub(in crate::hospital) voided: Counter,
    /// First consultations that did not take place as the doctors had gone.
    pub(in crate::hospital) doctor_gone: Counter,
    /// Patients who gave up waiting for a first consultation.
    pub(in crate::hospital) reneged: Counter,
    /// Patients with results of the same day for whom no doctor was there any more.
    pub(in crate::hospital) results_unseen: Counter,
}

impl ConsultationRooms {
    pub(in crate::hospital) fn build(spec: &HospitalSpec, builder: &mut Builder) -> Self {
        let mut session_count = 0;
        let share_sum: f64 = spec.departments.iter().map(|department| department.share).sum();
        let departments = spec.departments.iter().map(|department| {
            let first_number = session_count;
            session_count += department.sessions.len();
            let post = builder.post(station(spec, department), &shifts(department), department.name.clone());
            DepartmentTerms {
                post,
                sessions: department.sessions.iter().map(session_terms).collect(),
                segments: segments(department),
                books_segments: department.segments.is_some(),
                share: department.share / share_sum,
                first_time: department.first_time.sampler(),
                return_time: department.return_time.sampler(),
                orders: orders(spec, department),
                returns_share: department.returns_with_results_share,
                medicine_share: department.medicine_share,
                first_number,
            }
        });
        let departments: Vec<_> = departments.collect();
        ConsultationRooms {
            departments,
            session_count,
            late_after: spec.consultation.late_after,
            patience: spec.consultation.patience.as_ref().map(Distribution::sampler),
            waits: [Lane::Booked, Lane::WalkIn, Lane::Returning].map(|_| builder.keeper.wait_book()),
            first_consultations: builder.keeper.counter(),
            return_consultations: builder.keeper.counter(),
            on_time: builder.keeper.counter(),
            held: builder.keeper.counter(),
            booked_check_ins: builder.keeper.counter(),
            voided: builder.keeper.counter(),
            doctor_gone: builder.keeper.counter(),
            reneged: builder.keeper.counter(),
            results_unseen: builder.keeper.counter(),
        }
    }
}

fn station(spec: &HospitalSpec, department: &Department) -> StationPlan {
    let rules = &spec.consultation;
    StationPlan {
        discipline: Discipline::Interleaved(rules.pattern.iter().map(|&lane| lane as u8).collect()),
        rank_count: 3,
        is_ordered: true,
        waiting_at_closing: rules.waiting_at_session_end,
        work_in_hand: rules.work_in_hand,
        ..StationPlan::new(format!("consultation.{}", department.id), 0)
    }
}

fn shifts(department: &Department) -> Vec<Shift> {
    let sessions = department.sessions.iter();
    sessions
        .map(|session| Shift {
            from: session.from + session.late_start,
            to: session.to,
            count: session.doctor_count,
        })
        .collect()
}

fn session_terms(session: &Session) -> SessionTerms {
    SessionTerms {
        from: SimTime::ZERO + session.from,
        to: SimTime::ZERO + session.to,
        doctor_count: session.doctor_count,
        walk_in_limit: session.walk_in_limit.unwrap_or(u32::MAX),
    }
}

fn segments(department: &Department) -> Vec<Segment> {
    let mut segments = Vec::new();
    for (index, session) in department.sessions.iter().enumerate() {
        let (mut from, end) = (SimTime::ZERO + session.from, SimTime::ZERO + session.to);
        let Some(rule) = department.segments else {
            let capacity = if session.doctor_count > 0 { f64::INFINITY } else { 0.0 };
            segments.push(Segment { from, to: end, session: index as u8, capacity });
            continue;
        };
        while from < end {
            let to = (from + rule.length).min(end);
            // A last segment that is cut short holds fewer.
            let part = (to - from).as_micros() as f64 / rule.length.as_micros() as f64;
            let capacity = rule.capacity_per_doctor * f64::from(session.doctor_count) * part;
            segments.push(Segment { from, to, session: index as u8, capacity });
            from = to;
        }
    }
    segments
}

fn orders(spec: &HospitalSpec, department: &Department) -> Vec<OrderTerms> {
    let index_of = |id: &String| spec.examinations.iter().position(|modality| modality.id == *id);
    let known = department.examination_shares.iter();
    let terms = |(id, share): &(String, f64)| {
        let modality = index_of(id)? as u8;
        Some(OrderTerms { modality, share: *share, purpose: ordered_purpose(id) })
    };
    known.filter_map(terms).collect()
}

impl ConsultationRooms {
    pub(in crate::hospital) fn enter_measures(&self, list: &mut Catalogue) {
        let [booked, walk_in, returning] = self.waits;
        for (stem, books, title, who) in [
            (
                "consultation.wait_time",
                vec![booked, walk_in],
                ("first consultation, wait", "首诊等候"),
                (
                    "Booked patients and walk-ins called to a first consultation",
                    "被叫到首次就诊的预约和现场患者",
                ),
            ),
            (
                "consultation.booked.wait_time",
                vec![booked],
                ("booked patients' consultation, wait", "预约患者候诊"),
                (
                    "Booked patients called to a first consultation who kept their place",
                    "按时到达、保留号序的预约患者",
                ),
            ),
            (
                "consultation.walk_in.wait_time",
                vec![walk_in],
                ("walk-ins' consultation, wait", "现场患者候诊"),
                (
                    "Walk-ins, and booked patients who lost their place, called to a first consultation",
                    "现场患者及过号的预约患者",
                ),
            ),
            (
                "consultation.returning.wait_time",
                vec![returning],
                ("consultation with results, wait", "复看结果等候"),
                (
                    "Patients called to the doctor with results of the same or an earlier day",
                    "携当日或既往检查结果复看的患者",
                ),
            ),
        ] {
            let en = format!(
                "{}, from joining the queue of the department after check-in, but not before the session begins, to \
                 being called. The longest is known to 3 %.",
                who.0
            );
            let zh = format!("{}，自报到进入科室队列（不早于出诊开始）至被叫号。最长值精度 3 %。", who.1);
            list.times(stem, &Times::Books(books), title, (&en, &zh));
        }
        list.share(
            "consultation.segment_held_share",
            &[self.held],
            &[self.on_time],
            Words {
                title: ("called within the booked segment", "预约时段内就诊占比"),
                definition: (
                    "Booked patients called before the end of their booked segment ÷ booked patients seen who had \
                     checked in by its beginning. Who is called early counts as held.",
                    "在预约时段结束前被叫号的患者 ÷ 时段开始前已报到并就诊的预约患者；提前叫号计为守时。",
                ),
            },
        );
        list.share(
            "consultation.late_share",
            &[self.voided],
            &[self.booked_check_ins],
            Words {
                title: ("booked patients who lost their place", "预约过号占比"),
                definition: (
                    "Booked patients who checked in so late that they wait with the walk-ins ÷ booked patients who \
                     checked in.",
                    "因迟到转入现场队列的预约患者 ÷ 已报到的预约患者。",
                ),
            },
        );
        for (id, counter, title, definition) in [
            (
                "consultation.first.mean",
                self.first_consultations,
                ("first consultations", "首诊人次"),
                ("First consultations of a visit, per day.", "每日首次就诊人次。"),
            ),
            (
                "consultation.with_results_same_day.mean",
                self.return_consultations,
                ("consultations with results of the day", "当日复看人次"),
                ("Second consultations with results of the same day, per day.", "每日携当日结果复看的人次。"),
            ),
            (
                "consultation.gave_up.mean",
                self.reneged,
                ("gave up waiting for the doctor", "放弃候诊人数"),
                (
                    "Patients whose patience ran out before the first consultation, per day.",
                    "每日放弃候诊的人数。",
                ),
            ),
            (
                "consultation.found_doctors_gone.mean",
                self.doctor_gone,
                ("not seen as the doctors had gone", "医生已停诊人数"),
                (
                    "Patients who had not been seen when the doctors of their department went for good, per day.",
                    "每日因科室停诊未能就诊的人数。",
                ),
            ),
            (
                "consultation.results_unseen.mean",
                self.results_unseen,
                ("results that no doctor saw on the day", "当日未复看结果人数"),
                (
                    "Patients who were to return with results but whose results, or who themselves, came too late for \
                     the doctors, per day. They need another trip.",
                    "结果或本人过晚、当日未能复看的患者人数（需再来一趟），每日。",
                ),
            ),
        ] {
            list.per_day(id, &[counter], Words { title, definition });
        }
    }
}

impl Visitor<'_> {
    #[inline(always)]
    fn department_terms(&self) -> &'_ DepartmentTerms {
        &self.plan.consultation.departments[self.department()]
    }

    /// Gives a walk-in a number of the present session or of the next that has one left.
    pub(in crate::hospital) fn take_number(&mut self) -> bool {
        let terms = &self.plan.consultation.departments[self.department()];
        for (index, session) in terms.sessions.iter().enumerate() {
            let given = &mut self.day.numbers_given[terms.first_number + index];
            if session.doctor_count > 0 && self.now < session.to && *given < session.walk_in_limit {
                *given += 1;
                self.patient.segment = index as u8;
                return true;
            }
        }
        false
    }

    /// Has checked in.
    pub(in crate::hospital) fn enter_department(&mut self) -> Step {
        let rooms = &self.plan.consultation;
        if self.patient.number.is_booked() {
            let terms = &rooms.departments[self.department()];
            let segment = terms.segments[self.patient.number.segment()];
            self.books.count(rooms.booked_check_ins);
            if self.now > segment.to.saturating_add(rooms.late_after) {
                self.books.count(rooms.voided);
                self.patient.set(flag::LATE);
            } else if self.now <= segment.from {
                self.patient.set(flag::ON_TIME);
            }
            self.patient.segment = segment.session;
        }
        self.wait_for_doctor()
    }

    /// The first consultation of this visit is still to come.
    fn awaits_first_consultation(&self) -> bool {
        !self.patient.has(flag::CONSULTED)
    }

    /// Sits down before the consulting rooms: until the session begins, then in the queue.
    pub(in crate::hospital) fn wait_for_doctor(&mut self) -> Step {
        let terms = self.department_terms();
        let is_staffed = terms.post.is_some_and(|post| self.floor.is_staffed(post.station));
        let earliest = if self.awaits_first_consultation() { usize::from(self.patient.segment) } else { 0 };
        let session = terms
            .sessions
            .iter()
            .enumerate()
            .skip(earliest)
            .find(|(_, session)| session.doctor_count > 0 && (self.now < session.to || is_staffed));
        match (terms.post, session) {
            (Some(post), Some((_, session))) => {
                if self.now < session.from {
                    return self.pause(session.from - self.now, Stage::AwaitingSession);
                }
                self.join_doctors(post)
            }
            _ => self.find_doctors_gone(),
        }
    }

    fn find_doctors_gone(&mut self) -> Step {
        let rooms = &self.plan.consultation;
        if self.awaits_first_consultation() {
            self.books.count(rooms.doctor_gone);
            return self.give_up();
        }
        self.books.count(rooms.results_unseen);
        self.patient.set(flag::ANOTHER_TRIP);
        self.finish()
    }

    fn lane(&self) -> Lane {
        if !self.awaits_first_consultation() {
            Lane::Returning
        } else if self.patient.number.is_booked() {
            if self.patient.has(flag::LATE) { Lane::WalkIn } else { Lane::Booked }
        } else if self.patient.has(flag::HAS_RESULTS) {
            Lane::Returning
        } else {
            Lane::WalkIn
        }
    }

    /// Joins the queue, with what the doctor will do already known to luck.
    fn join_doctors(&mut self, post: Post) -> Step {
        let key = self.key;
        let lane = self.lane();
        let time = self.plan_consultation(key);
        let follows = !self.plan.entrance.classes[self.class].goes_first;
        let order = match lane {
            Lane::Booked => 2 * self.patient.number.segment() as u32 + u32::from(follows),
            Lane::WalkIn | Lane::Returning => u32::from(follows),
        };
        let patience = match &self.plan.consultation.patience {
            Some(patience) if self.awaits_first_consultation() => patience.draw_once(key.stream(PATIENCE)),
            _ => SimSpan::FOREVER,
        };
        self.patient.mark_joining(self.now);
        let visit = Visit { rank: lane as u8, order, patience, ..Visit::new(post.station, time) };
        self.join_with(visit, Stage::AtConsultation)
    }

    /// Draws what the doctor will order, and how long it will take. Drawn again with the same outcome by someone who
    /// has to queue again.
    fn plan_consultation(&mut self, key: EntityKey) -> SimSpan {
        let terms = &self.plan.consultation.departments[self.department()];
        let is_first = self.awaits_first_consultation();
        let brings_results = !is_first || self.patient.has(flag::HAS_RESULTS);
        let (law, purpose) =
            if brings_results { (&terms.return_time, RETURN_TIME) } else { (&terms.first_time, FIRST_TIME) };
        let mut time = law.draw_once(key.stream(purpose));
        self.patient.clear(flag::ORDERED | flag::RETURNS | flag::MEDICINE | flag::PAYS_IN_ROOM);
        self.patient.examinations = 0;
        if !brings_results {
            // Nobody foretells what is ordered: shifts cost less than branches.
            self.patient.examinations = terms.orders.iter().fold(0, |ordered, order| {
                let is_ordered = key.stream(order.purpose).unit() < order.share;
                ordered | u16::from(is_ordered) << order.modality
            });
        }
        if self.patient.examinations != 0 {
            self.patient.set(flag::ORDERED);
            if key.stream(RETURNS).unit() < terms.returns_share {
                self.patient.set(flag::RETURNS);
            }
            time += self.in_room_booking_time(key);
        }
        if !self.patient.has(flag::RETURNS) && key.stream(MEDICINE).unit() < terms.medicine_share {
            self.patient.set(flag::MEDICINE);
        }
        if self.patient.has(flag::ORDERED | flag::MEDICINE) {
            time += self.plan_in_room_settlement();
        }
        time
    }

    /// Something ended in the queue or with the doctor.
    pub(in crate::hospital) fn leave_consultation(&mut self, done: Done) -> Step {
        let rooms = &self.plan.consultation;
        match done {
            Done::Served => {}
            Done::Reneged => {
                self.books.count(rooms.reneged);
                return self.give_up();
            }
            _ => return self.find_doctors_gone(),
        }
        let lane = self.lane();
        self.books.record_wait(rooms.waits[lane as usize], self.patient.marked_at(), self.since_at);
        if self.awaits_first_consultation() {
            self.books.count(rooms.first_consultations);
            self.check_segment();
            self.patient.set(flag::CONSULTED);
        } else {
            self.books.count(rooms.return_consultations);
        }
        if self.patient.has(flag::ORDERED | flag::MEDICINE) {
            return self.pay(PaymentPoint::AfterConsultation);
        }
        self.finish()
    }

    fn check_segment(&mut self) {
        if self.patient.has(flag::ON_TIME) {
            let rooms = &self.plan.consultation;
            let segment = rooms.departments[self.department()].segments[self.patient.number.segment()];
            self.books.count(rooms.on_time);
            if self.since_at < segment.to {
                self.books.count(rooms.held);
            }
        }
    }

    /// The last instant at which a session of the patient's department is to end.
    pub(in crate::hospital) fn last_session_ends_at(&self) -> SimTime {
        let mut sessions = self.department_terms().sessions.iter();
        sessions.rfind(|session| session.doctor_count > 0).map_or(SimTime::ZERO, |last| last.to)
    }
}
