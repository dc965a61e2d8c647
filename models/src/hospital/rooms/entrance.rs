//! The door: who comes to which department, as what, and what a visit came to when it leaves.

use crate::hospital::books::{Activity, Counter};
use crate::hospital::floor_plan::{Builder, FloorPlan};
use crate::hospital::measures::{Catalogue, Figure, Times, Words};
use crate::hospital::patient::{PatientNumber, Stage, flag};
use crate::hospital::rooms::settlement::Mode;
use crate::hospital::spec::{Department, HospitalSpec, PatientClass, PatientGroup, Place};
use crate::hospital::visitor::Visitor;
use crate::measure::{Statistic, Unit};
use crate::text::Text;
use onetrip_sim::distribution::AliasTable;
use onetrip_sim::model::Step;
use onetrip_sim::stream::{EntityKey, Purpose};
use onetrip_sim::time::SimTime;

const CHANNEL: Purpose = Purpose::named("demand.booking_channel");
const CLASS: Purpose = Purpose::named("demand.class");
const DEPARTMENT: Purpose = Purpose::named("demand.department");

/// How a patient comes in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(in crate::hospital) enum WayIn {
    /// To registration.
    Registering,
    /// With a number in hand.
    WithNumber,
    /// Registering by phone at the door.
    ByPhone,
}

/// What the rooms know of a class.
#[derive(Clone, Copy, Debug)]
pub(in crate::hospital) struct ClassTerms {
    pub(in crate::hospital) uses_priority_windows: bool,
    pub(in crate::hospital) goes_first: bool,
    pub(in crate::hospital) kiosk_able_share: f64,
    pub(in crate::hospital) walking_factor: f64,
    brings_results: bool,
}

/// Who comes as what.
#[derive(Debug)]
pub(in crate::hospital) struct Entrance {
    pub(in crate::hospital) classes: Vec<ClassTerms>,
    /// Class by department.
    class_tables: Vec<AliasTable>,
    /// Department of a walk-in who comes before the instant, those that are over left out; in rising order.
    department_tables: Vec<(SimTime, AliasTable)>,
    /// When the last session of each department ends.
    session_ends: Vec<SimTime>,
    channels: Option<AliasTable>,
    gives_number_in_hand: Vec<bool>,
    /// Visits that ended with everything done that could be done today.
    pub(in crate::hospital) finished: Counter,
    /// Of these, visits that another trip must complete.
    pub(in crate::hospital) another_trip: Counter,
    /// Walk-ins who came when no department would open any more.
    pub(in crate::hospital) too_late: Counter,
    /// Bookings asked for that found no place in any segment.
    pub(in crate::hospital) without_slot: Counter,
    /// Bookings made.
    pub(in crate::hospital) bookings: Counter,
    /// Bookings not kept.
    pub(in crate::hospital) no_shows: Counter,
}

impl Entrance {
    pub(in crate::hospital) fn build(spec: &HospitalSpec, builder: &mut Builder) -> Self {
        let classes = &spec.demand.classes;
        let class_tables = spec.departments.iter().map(|department| {
            let weight = |class: &PatientClass| {
                if department.admits.admits(class.group) { class.share } else { 0.0 }
            };
            AliasTable::new(&shares(classes.iter().map(weight)))
        });
        let last_end = |department: &Department| {
            department.sessions.last().map_or(SimTime::ZERO, |session| SimTime::ZERO + session.to)
        };
        let session_ends: Vec<SimTime> = spec.departments.iter().map(last_end).collect();
        let mut ends = session_ends.clone();
        ends.retain(|&end| end > SimTime::ZERO);
        ends.sort_unstable();
        ends.dedup();
        let is_open_at = |session_end: SimTime, until: SimTime| session_end >= until;
        let department_tables = ends.iter().filter_map(|&until| {
            let weights = spec.departments.iter().map(|department| {
                if is_open_at(last_end(department), until) { department.share } else { 0.0 }
            });
            let weights: Vec<f64> = weights.collect();
            (weights.iter().sum::<f64>() > 0.0)
                .then(|| (until, AliasTable::new(&shares(weights.iter().copied()))))
        });
        let channels = &spec.demand.booking_channels;
        let channel_sum: f64 = channels.iter().map(|channel| channel.share).sum();
        let terms = |class: &PatientClass| ClassTerms {
            uses_priority_windows: class.uses_priority_windows,
            goes_first: class.goes_first_at_consultation,
            kiosk_able_share: class.kiosk_able_share,
            walking_factor: class.walking_factor,
            brings_results: class.group == PatientGroup::ReturningWithResults,
        };
        Entrance {
            classes: classes.iter().map(terms).collect(),
            class_tables: class_tables.collect(),
            department_tables: department_tables.collect(),
            session_ends,
            channels: (channel_sum > 0.0)
                .then(|| AliasTable::new(&shares(channels.iter().map(|channel| channel.share)))),
            gives_number_in_hand: channels.iter().map(|channel| channel.gives_number_in_hand).collect(),
            finished: builder.keeper.counter(),
            another_trip: builder.keeper.counter(),
            too_late: builder.keeper.counter(),
            without_slot: builder.keeper.counter(),
            bookings: builder.keeper.counter(),
            no_shows: builder.keeper.counter(),
        }
    }

    /// The department somebody comes for at an instant; `None` for walk-ins when it is over, or all are.
    pub(in crate::hospital) fn department(
        &self,
        number: PatientNumber,
        at: SimTime,
        key: EntityKey,
    ) -> Option<usize> {
        if number.is_booked() {
            return Some(number.department());
        }
        if number.is_in_surge() {
            return Some(number.department()).filter(|&department| at < self.session_ends[department]);
        }
        let (_, table) = self.department_tables.iter().find(|&&(until, _)| at < until)?;
        Some(table.draw(&mut key.stream(DEPARTMENT)))
    }

    /// The class of a patient of a department.
    pub(in crate::hospital) fn class(&self, department: usize, key: EntityKey) -> usize {
        self.class_tables[department].draw(&mut key.stream(CLASS))
    }

    fn has_number_in_hand(&self, key: EntityKey) -> bool {
        let Some(channels) = &self.channels else { return true };
        self.gives_number_in_hand[channels.draw(&mut key.stream(CHANNEL))]
    }
}

impl Entrance {
    pub(in crate::hospital) fn enter_measures(&self, spec: &HospitalSpec, list: &mut Catalogue) {
        let all: Vec<usize> = (0..spec.demand.classes.len()).collect();
        let definition = (
            "Visits that ended with everything done that could be done on the day, from the door to leaving.",
            "当日能办的均已办完的就诊，自进院至离院。",
        );
        list.times(
            "visits.sojourn_time",
            &Times::Sojourns(all),
            ("completed visits, time in hospital", "完成就诊者在院时间"),
            definition,
        );
        for (index, class) in spec.demand.classes.iter().enumerate() {
            let title = (
                format!("completed visits, {}, time in hospital", class.name.en),
                format!("完成就诊者在院时间（{}）", class.name.zh),
            );
            list.times(
                &format!("visits.{}.sojourn_time", class.id),
                &Times::Sojourns(vec![index]),
                (&title.0, &title.1),
                definition,
            );
        }
        for activity in Activity::ALL {
            let (en, zh) = match activity {
                Activity::Queueing => ("queueing", "排队"),
                Activity::Served => ("being served", "接受服务"),
                Activity::Walking => ("walking", "步行"),
                Activity::AwaitingResults => ("waiting for results or medicine", "等待结果或配药"),
                Activity::Early => ("waiting for a session or a booked time", "等待出诊或预约时间"),
                Activity::Preparing => ("getting ready for examinations", "检查前准备"),
            };
            list.add(
                format!("visits.time.{}.mean", activity.id()),
                Unit::Seconds,
                Statistic::Mean,
                Figure::TimeOfVisit(activity),
                (
                    Text::new(format!("time of a visit: {en}"), format!("就诊时间构成：{zh}")),
                    Text::new(
                        format!("Time that patients spent {en}, summed over all, ÷ visits that came in. The parts add \
                                 up to all time spent inside."),
                        format!("全部患者{zh}的时间之和 ÷ 到达人次；各部分之和为全部在院时间。"),
                    ),
                ),
            );
        }
        self.enter_accounting(list);
    }

    fn enter_accounting(&self, list: &mut Catalogue) {
        for (id, unit, statistic, figure, title, definition) in [
            (
                "visits.arrived.mean",
                Unit::Count,
                Statistic::Total,
                Figure::Arrived,
                ("visits", "到达人次"),
                ("Patients who came in, per day.", "每日到达人次。"),
            ),
            (
                "visits.completed.mean",
                Unit::Count,
                Statistic::Total,
                Figure::Completed,
                ("visits completed", "完成人次"),
                ("Visits that saw a doctor and left, per day.", "每日就诊后离院人次。"),
            ),
            (
                "visits.left_without_being_seen_share",
                Unit::Share,
                Statistic::Share,
                Figure::LeftShare,
                ("left without being seen", "未就诊离开占比"),
                (
                    "Patients who left without having seen a doctor ÷ patients who came in.",
                    "未就诊离开者 ÷ 到达人次。",
                ),
            ),
            (
                "visits.still_inside.mean",
                Unit::Count,
                Statistic::Total,
                Figure::StillInside,
                ("inside at the end", "结束时在院人数"),
                (
                    "Patients inside when the day was given up, at noon of the next day, per day.",
                    "次日中午结束时仍在院的人数，每日。",
                ),
            ),
        ] {
            list.add(id, unit, statistic, figure, Words { title, definition }.texts());
        }
        list.share(
            "visits.another_trip_share",
            &[self.another_trip],
            &[self.finished],
            Words {
                title: ("visits that need another trip", "需再跑一趟占比"),
                definition: (
                    "Completed visits that another trip must finish (an examination on another day, results too late \
                     for the doctor, medicine not collected) ÷ completed visits.",
                    "需再来一趟才能办完的就诊（改日检查、结果过晚、未取药）÷ 完成的就诊。",
                ),
            },
        );
        list.share(
            "booking.no_show_share",
            &[self.no_shows],
            &[self.bookings],
            Words {
                title: ("bookings not kept", "爽约率"),
                definition: ("Bookings whose patient did not come ÷ bookings.", "未到的预约 ÷ 全部预约。"),
            },
        );
        list.per_day(
            "booking.without_slot.mean",
            &[self.without_slot],
            Words {
                title: ("bookings that found no slot", "约不上号人次"),
                definition: (
                    "Bookings asked for that found every segment of their department full, per day.",
                    "每日因科室各时段约满而未约上的人次。",
                ),
            },
        );
        list.per_day(
            "visits.came_too_late.mean",
            &[self.too_late],
            Words {
                title: ("came when everything was over", "停诊后到达人数"),
                definition: (
                    "Walk-ins who came after the last session of every department, per day.",
                    "每日在全部科室停诊后到达的现场患者人数。",
                ),
            },
        );
    }
}

impl FloorPlan {
    /// With what a patient of a class comes in.
    pub(in crate::hospital) fn way_in(&self, number: PatientNumber, class: usize, key: EntityKey) -> WayIn {
        let (entrance, registration) = (&self.entrance, &self.registration);
        let brings_results = entrance.classes[class].brings_results;
        let has_number = if number.is_booked() {
            entrance.has_number_in_hand(key)
        } else {
            brings_results && !registration.returning_patient_registers(key)
        };
        let may_register = !number.is_booked() && !brings_results;
        if has_number {
            WayIn::WithNumber
        } else if may_register && registration.is_by_phone(key) {
            WayIn::ByPhone
        } else {
            WayIn::Registering
        }
    }
}

impl Visitor<'_> {
    /// A patient comes in through the door.
    pub(in crate::hospital) fn come_in(&mut self, way_in: WayIn) -> Step {
        if self.plan.entrance.classes[self.class].brings_results {
            self.patient.set(flag::HAS_RESULTS);
        }
        match way_in {
            WayIn::WithNumber => self.registered(Mode::Phone),
            WayIn::ByPhone => self.register_in_system(Mode::Phone),
            WayIn::Registering => self.walk(Place::Registration, Stage::WalkingToRegistration),
        }
    }
}

fn shares(weights: impl Iterator<Item = f64>) -> Vec<f64> {
    let weights: Vec<f64> = weights.collect();
    let sum: f64 = weights.iter().sum();
    weights.iter().map(|weight| weight / sum).collect()
}
