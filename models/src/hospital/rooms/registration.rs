//! Registration: windows, priority windows, kiosks, and the help counter for those whom a kiosk failed.

use crate::hospital::books::{Counter, WaitBook};
use crate::hospital::floor_plan::{Builder, Post, breakdown, is_shorter};
use crate::hospital::measures::{Catalogue, Figure, Times, Words};
use crate::hospital::patient::{Stage, flag};
use crate::hospital::rooms::settlement::Mode;
use crate::hospital::spec::{HospitalSpec, Place, TaskTimes, Windows};
use crate::hospital::visitor::Visitor;
use crate::measure::{Statistic, Unit};
use crate::text::Text;
use onetrip_sim::distribution::{Distribution, Sampler};
use onetrip_sim::model::{Done, Step, Visit};
use onetrip_sim::station::{AfterFailure, StationPlan};
use onetrip_sim::stream::{EntityKey, Purpose};
use onetrip_sim::time::{SimSpan, SimTime};

const BY_PHONE: Purpose = Purpose::named("registration.by_phone");
const RETURNING: Purpose = Purpose::named("registration.returning");
const FIRST_TIME: Purpose = Purpose::named("registration.first_time");
const KIOSK_ABLE: Purpose = Purpose::named("registration.kiosk_able");
const CHOICE: Purpose = Purpose::named("registration.choice");
const PATIENCE: Purpose = Purpose::named("registration.patience");
const WINDOW_TIME: Purpose = Purpose::named("registration.windows.service_time");
const PRIORITY_WINDOW_TIME: Purpose = Purpose::named("registration.priority_windows.service_time");
const KIOSK_TIME: Purpose = Purpose::named("registration.kiosks.service_time");
const HELP_TIME: Purpose = Purpose::named("registration.help.service_time");
const FAILED_USE: Purpose = Purpose::named("registration.kiosks.failed_use");

/// Laws by task.
#[derive(Debug)]
struct Tasks([Sampler; 3]);

impl Tasks {
    fn new(times: &TaskTimes) -> Self {
        Tasks([times.collect_number.sampler(), times.register.sampler(), times.register_first_time.sampler()])
    }
}

#[derive(Debug)]
struct WindowTerms {
    post: Post,
    tasks: Tasks,
}

#[derive(Debug)]
struct KioskTerms {
    post: Post,
    tasks: Tasks,
}

/// A window with the stream of its times, and a kiosk.
type Places<'a> = (Option<(&'a WindowTerms, Purpose)>, Option<&'a KioskTerms>);

/// The hall of registration.
#[derive(Debug)]
pub(in crate::hospital) struct RegistrationRoom {
    windows: Option<WindowTerms>,
    priority_windows: Option<WindowTerms>,
    kiosks: Option<KioskTerms>,
    help: Option<Post>,
    help_time: Sampler,
    failed_use_share: f64,
    phone_share: f64,
    returning_registers_share: f64,
    first_time_share: f64,
    prefers_kiosk_share: f64,
    prefers_window_share: f64,
    patience: Option<Sampler>,
    asks_fee: bool,
    /// Waits at windows, priority windows and kiosks for registration.
    pub(in crate::hospital) waits: WaitBook,
    /// Uses of a kiosk for registration.
    pub(in crate::hospital) kiosk_uses: Counter,
    /// Of these, uses that ended without a result or by a breakdown.
    pub(in crate::hospital) failed_uses: Counter,
    /// Patients who came when neither window nor kiosk would serve any more, or were sent away at closing.
    pub(in crate::hospital) closed: Counter,
    /// Walk-ins for whom there was no number left.
    pub(in crate::hospital) without_number: Counter,
    /// Patients who gave up the queue.
    pub(in crate::hospital) reneged: Counter,
}

impl RegistrationRoom {
    pub(in crate::hospital) fn build(spec: &HospitalSpec, builder: &mut Builder) -> Self {
        let registration = &spec.registration;
        let mut windows = |id: &str, en: &str, zh: &str, windows: &Windows| {
            let plan = StationPlan::new(id, 0);
            let post = builder.post(plan, &windows.shifts, Text::new(en, zh))?;
            Some(WindowTerms { post, tasks: Tasks::new(&windows.task_times) })
        };
        let ordinary =
            windows("registration.windows", "registration windows", "挂号窗口", &registration.windows);
        let priority = windows(
            "registration.priority_windows",
            "priority windows",
            "优先窗口",
            &registration.priority_windows,
        );
        let kiosks = &registration.kiosks;
        let plan = StationPlan {
            breakdown: breakdown(&kiosks.failures, AfterFailure::AskModel),
            ..StationPlan::new("registration.kiosks", 0)
        };
        let kiosk_post = builder.post(plan, &kiosks.shifts, Text::new("self-service kiosks", "自助机"));
        let plan = StationPlan::new("registration.help", 0);
        let help = builder.post(plan, &kiosks.help_shifts, Text::new("help counter", "自助机导办台"));
        RegistrationRoom {
            windows: ordinary,
            priority_windows: priority,
            kiosks: kiosk_post.map(|post| KioskTerms { post, tasks: Tasks::new(&kiosks.task_times) }),
            help,
            help_time: kiosks.help_time.sampler(),
            failed_use_share: kiosks.failed_use_share,
            phone_share: registration.phone_share_of_walk_ins,
            returning_registers_share: registration.returning_registers_share,
            first_time_share: registration.first_time_share,
            prefers_kiosk_share: registration.prefers_kiosk_share,
            prefers_window_share: registration.prefers_window_share,
            patience: registration.patience.as_ref().map(Distribution::sampler),
            asks_fee: spec.settlement.registration_fee,
            waits: builder.keeper.wait_book(),
            kiosk_uses: builder.keeper.counter(),
            failed_uses: builder.keeper.counter(),
            closed: builder.keeper.counter(),
            without_number: builder.keeper.counter(),
            reneged: builder.keeper.counter(),
        }
    }

    /// Whether somebody who brings results registers on site.
    pub(in crate::hospital) fn returning_patient_registers(&self, key: EntityKey) -> bool {
        key.stream(RETURNING).unit() < self.returning_registers_share
    }

    /// Whether a walk-in registers by phone.
    pub(in crate::hospital) fn is_by_phone(&self, key: EntityKey) -> bool {
        key.stream(BY_PHONE).unit() < self.phone_share
    }

    pub(in crate::hospital) fn window_post(&self) -> Option<Post> {
        self.windows.as_ref().map(|windows| windows.post)
    }

    pub(in crate::hospital) fn kiosk_post(&self) -> Option<Post> {
        self.kiosks.as_ref().map(|kiosks| kiosks.post)
    }
}

impl RegistrationRoom {
    pub(in crate::hospital) fn enter_measures(&self, spec: &HospitalSpec, list: &mut Catalogue) {
        let waits = Times::Books(vec![self.waits]);
        list.times(
            "registration.on_site.wait_time",
            &waits,
            ("on-site registration, wait", "现场挂号等候"),
            (
                "Everyone who registers at a window, a priority window or a kiosk, from joining the queue to the \
                 start of service; queueing before the windows open is part of it, help after a failed kiosk is \
                 not, and who queues at a window after one counts again. All day. The longest is known to 3 %.",
                "在窗口、优先窗口或自助机现场挂号者，自排队至开始办理；开窗前的排队计入，自助机失败后的导办不计，转窗口重新排队者再计一次。\
                 全天。最长值精度 3 %。",
            ),
        );
        let hours = spec.demand.peak_hours();
        let named = hours.iter().map(|hour| format!("{hour}:00–{}:00", hour + 1)).collect::<Vec<_>>();
        let percent = 100.0 * spec.demand.peak_hour_share;
        let definition = Text::new(
            format!(
                "As registration.on_site.wait_time.mean, of those who join the queue in a peak hour: an hour of the \
                 clock that has at least {percent} % of the day's arrival profile ({}).",
                named.join(", ")
            ),
            format!(
                "同现场挂号平均等候，仅计高峰时段排队者；高峰时段指占全天到达分布 {percent} % 及以上的整点小时（{}）。",
                named.join("、")
            ),
        );
        list.add(
            "registration.on_site.peak.wait_time.mean",
            Unit::Seconds,
            Statistic::Mean,
            Figure::MeanOfHours(self.waits, hours),
            (Text::new("on-site registration at peak, wait: mean", "高峰现场挂号等候：平均"), definition),
        );
        list.share(
            "registration.kiosks.failed_use_share",
            &[self.failed_uses],
            &[self.kiosk_uses],
            Words {
                title: ("kiosk uses that fail", "自助机使用失败占比"),
                definition: (
                    "Registrations begun at a kiosk that ended without a number, or by its breakdown ÷ all begun at \
                     a kiosk.",
                    "在自助机开始挂号而未成功（含机器故障）的次数 ÷ 在自助机开始挂号的次数。",
                ),
            },
        );
        for (id, counter, title, definition) in [
            (
                "registration.gave_up.mean",
                self.reneged,
                ("gave up the queue for a number", "放弃排队挂号人数"),
                (
                    "Patients whose patience ran out in the queue of registration, per day.",
                    "每日因等候过久放弃挂号的人数。",
                ),
            ),
            (
                "registration.found_closed.mean",
                self.closed,
                ("found registration closed", "挂号已关闭人数"),
                (
                    "Patients who came when neither window nor kiosk would serve them any more, per day.",
                    "每日到达时窗口与自助机均已停止服务的人数。",
                ),
            ),
            (
                "registration.without_number.mean",
                self.without_number,
                ("no number left", "无号可挂人数"),
                (
                    "Walk-ins for whom the department had no number left, per day.",
                    "每日科室已无号源的现场患者人数。",
                ),
            ),
        ] {
            list.per_day(id, &[counter], Words { title, definition });
        }
    }
}

impl Visitor<'_> {
    /// Stands in the hall.
    pub(in crate::hospital) fn reach_registration(&mut self) -> Step {
        self.choose_queue_for_number(self.now)
    }

    /// The window and the kiosk that this patient would take, of those that are usable.
    fn places_for_number(&self, usable: impl Fn(&Post) -> bool) -> Places<'_> {
        let room = &self.plan.registration;
        let key = self.key;
        let terms = &self.plan.entrance.classes[self.class];
        let window = [(&room.windows, WINDOW_TIME), (&room.priority_windows, PRIORITY_WINDOW_TIME)]
            .into_iter()
            .filter(|&(_, purpose)| purpose == WINDOW_TIME || terms.uses_priority_windows)
            .filter_map(|(windows, purpose)| Some((windows.as_ref()?, purpose)))
            .filter(|(windows, _)| usable(&windows.post))
            .reduce(
                |first, second| {
                    if is_shorter(&first.0.post, &second.0.post, &self.floor) { first } else { second }
                },
            );
        let kiosk = room.kiosks.as_ref().filter(|kiosks| usable(&kiosks.post)).filter(|_| {
            terms.kiosk_able_share >= 1.0 || key.stream(KIOSK_ABLE).unit() < terms.kiosk_able_share
        });
        (window, kiosk)
    }

    /// Kiosk or window? The wait is counted from `joined_at`: who is sent away from dark kiosks has waited already. Where
    /// an outage leaves nothing that works, patients queue for what will work again.
    fn choose_queue_for_number(&mut self, joined_at: SimTime) -> Step {
        let room = &self.plan.registration;
        let key = self.key;
        let task = self.registration_task(key);
        let (window, kiosk) = match self.places_for_number(|post| post.is_working(self.now, &self.floor)) {
            (None, None) => self.places_for_number(|post| post.is_usable(self.now, &self.floor)),
            places => places,
        };
        let takes_kiosk = match (&window, kiosk) {
            (None, None) => {
                self.books.count(room.closed);
                return self.give_up();
            }
            (None, Some(_)) => true,
            (Some(_), None) => false,
            (Some((windows, _)), Some(kiosks)) => {
                let preference = key.stream(CHOICE).unit();
                if preference < room.prefers_kiosk_share {
                    true
                } else if preference < room.prefers_kiosk_share + room.prefers_window_share {
                    false
                } else {
                    is_shorter(&kiosks.post, &windows.post, &self.floor)
                }
            }
        };
        if let Some(kiosks) = kiosk.filter(|_| takes_kiosk) {
            let time = kiosks.tasks.0[task].draw_once(key.stream(KIOSK_TIME));
            return self.queue_for_number(kiosks.post, time, joined_at, Stage::AtRegistrationKiosk);
        }
        match window {
            Some((windows, purpose)) => {
                let time = windows.tasks.0[task].draw_once(key.stream(purpose));
                self.queue_for_number(windows.post, time, joined_at, Stage::AtRegistrationWindow)
            }
            None => self.give_up(),
        }
    }

    /// Index into [`Tasks`].
    fn registration_task(&self, key: EntityKey) -> usize {
        if self.patient.number.is_booked() {
            0
        } else if key.stream(FIRST_TIME).unit() < self.plan.registration.first_time_share {
            2
        } else {
            1
        }
    }

    fn queue_for_number(&mut self, post: Post, time: SimSpan, joined_at: SimTime, stage: Stage) -> Step {
        self.patient.mark_joining(joined_at);
        let patience = match &self.plan.registration.patience {
            Some(patience) => {
                patience.draw_once(self.key.stream(PATIENCE)).saturating_sub(self.now - joined_at)
            }
            None => SimSpan::FOREVER,
        };
        self.join_with(Visit { patience, ..Visit::new(post.station, time) }, stage)
    }

    fn record_registration_wait(&mut self) {
        let joined_at = self.patient.marked_at();
        self.books.record_wait(self.plan.registration.waits, joined_at, self.since_at);
    }

    /// Something ended at a window.
    pub(in crate::hospital) fn leave_registration_window(&mut self, done: Done) -> Step {
        match done {
            Done::Served => {
                self.record_registration_wait();
                self.registered(Mode::Window)
            }
            _ => self.leave_registration_queue(done),
        }
    }

    fn leave_registration_queue(&mut self, done: Done) -> Step {
        let room = &self.plan.registration;
        let reason = if done == Done::Reneged { room.reneged } else { room.closed };
        self.books.count(reason);
        self.give_up()
    }

    /// Something ended at a kiosk.
    pub(in crate::hospital) fn leave_registration_kiosk(&mut self, done: Done) -> Step {
        let room = &self.plan.registration;
        match done {
            Done::Served | Done::BrokenDown => {
                self.record_registration_wait();
                self.books.count(room.kiosk_uses);
                if done == Done::BrokenDown || self.use_fails(0) {
                    self.books.count(room.failed_uses);
                    self.seek_help()
                } else {
                    self.register_in_system(Mode::Kiosk)
                }
            }
            // The kiosks have gone dark.
            Done::SentAway => self.choose_queue_for_number(self.patient.marked_at()),
            _ => self.leave_registration_queue(done),
        }
    }

    /// Whether the `round`-th use of a kiosk on this visit ends without a result.
    pub(in crate::hospital) fn use_fails(&self, round: u32) -> bool {
        let share = self.plan.registration.failed_use_share;
        share > 0.0 && self.key.stream_of_round(FAILED_USE, round).unit() < share
    }

    /// A kiosk failed: to the help counter, or to a window where there is none.
    fn seek_help(&mut self) -> Step {
        let room = &self.plan.registration;
        let key = self.key;
        if let Some(help) = room.help.filter(|help| help.is_working(self.now, &self.floor)) {
            let time = room.help_time.draw_once(key.stream(HELP_TIME));
            return self.join(help, time, Stage::AtHelp);
        }
        let windows = room.windows.as_ref().filter(|windows| windows.post.is_usable(self.now, &self.floor));
        match windows {
            Some(windows) => {
                let task = self.registration_task(key);
                let time = windows.tasks.0[task].draw_once(key.stream(WINDOW_TIME));
                self.queue_for_number(windows.post, time, self.now, Stage::AtRegistrationWindow)
            }
            None => {
                self.books.count(room.closed);
                self.give_up()
            }
        }
    }

    /// Something ended at the help counter.
    pub(in crate::hospital) fn leave_help(&mut self, done: Done) -> Step {
        match done {
            Done::Served => self.registered(Mode::Window),
            _ => self.leave_registration_queue(done),
        }
    }

    /// Has a number, if there is one left.
    pub(in crate::hospital) fn registered(&mut self, mode: Mode) -> Step {
        let needs_number = !self.patient.number.is_booked() && !self.patient.has(flag::HAS_RESULTS);
        if needs_number && !self.take_number() {
            self.books.count(self.plan.registration.without_number);
            return self.give_up();
        }
        if self.plan.registration.asks_fee && !self.patient.has(flag::AFTER_CARE) {
            self.settled(mode);
        }
        self.walk(Place::Departments, Stage::WalkingToCheckIn)
    }
}
