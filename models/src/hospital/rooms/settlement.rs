//! Settlement: at each point where this hospital asks for money, patients pay in the room, at a kiosk, by phone, at a
//! window, or once after care.

use crate::hospital::books::Counter;
use crate::hospital::floor_plan::{Builder, Post};
use crate::hospital::measures::{Catalogue, Figure, Times, Words};
use crate::hospital::patient::{PaymentPoint, Stage, flag};
use crate::hospital::rooms::registration::RegistrationRoom;
use crate::hospital::spec::{HospitalSpec, IN_ROOM, ModeShares, PHONE, Place};
use crate::hospital::visitor::Visitor;
use crate::measure::{Statistic, Unit};
use crate::text::Text;
use onetrip_sim::distribution::{AliasTable, Sampler};
use onetrip_sim::model::{Done, Step};
use onetrip_sim::station::StationPlan;
use onetrip_sim::stream::{EntityKey, Purpose};
use onetrip_sim::time::{SimSpan, SimTime};

const AFTER_CARE: Purpose = Purpose::named("settlement.after_care");
const MODE: Purpose = Purpose::named("settlement.mode");
const RECEIPT: Purpose = Purpose::named("settlement.electronic_receipt");
const IN_ROOM_TIME: Purpose = Purpose::named("settlement.in_room.service_time");
const KIOSK_TIME: Purpose = Purpose::named("settlement.kiosks.service_time");
const PHONE_TIME: Purpose = Purpose::named("settlement.phone.service_time");
const WINDOW_TIME: Purpose = Purpose::named("settlement.windows.service_time");

/// How a bill is paid.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(in crate::hospital) enum Mode {
    InRoom = 0,
    Kiosk = 1,
    Phone = 2,
    Window = 3,
    AfterCare = 4,
}

impl Mode {
    pub(in crate::hospital) const ALL: [Mode; 5] =
        [Mode::InRoom, Mode::Kiosk, Mode::Phone, Mode::Window, Mode::AfterCare];

    pub(in crate::hospital) fn id(self) -> &'static str {
        match self {
            Mode::InRoom => "in_room",
            Mode::Kiosk => "kiosk",
            Mode::Phone => "phone",
            Mode::Window => "window",
            Mode::AfterCare => "after_care",
        }
    }
}

/// Settlement, wherever it happens.
#[derive(Debug)]
pub(in crate::hospital) struct SettlementRoom {
    after_care_share: f64,
    receipt_share: f64,
    /// Modes by [`PaymentPoint`], where money is asked for.
    points: [Option<AliasTable>; 3],
    pays_examinations_together: bool,
    windows: Option<Post>,
    windows_at: Place,
    kiosks: Option<Post>,
    kiosks_at: Place,
    shares_registration_kiosks: bool,
    in_room_time: Sampler,
    kiosk_time: Sampler,
    phone_time: Sampler,
    window_time: Sampler,
    /// When paying in the room does not work.
    in_room_outages: Vec<(SimTime, SimTime)>,
    /// When paying by phone does not work.
    phone_outages: Vec<(SimTime, SimTime)>,
    /// Settlements by mode.
    pub(in crate::hospital) by_mode: [Counter; 5],
    /// Settlements with an electronic receipt.
    pub(in crate::hospital) with_receipt: Counter,
    /// Payments of visits that ended.
    pub(in crate::hospital) payments: Counter,
    /// Visits that ended and paid at least once.
    pub(in crate::hospital) charged_visits: Counter,
}

impl SettlementRoom {
    pub(in crate::hospital) fn build(
        spec: &HospitalSpec,
        registration: &RegistrationRoom,
        builder: &mut Builder,
    ) -> Self {
        let settlement = &spec.settlement;
        let mut own = |id: &str, shifts, en: &str, zh: &str| {
            builder.post(StationPlan::new(id, 0), shifts, Text::new(en, zh))
        };
        let (windows, windows_at) = if settlement.shares_registration_windows {
            (registration.window_post(), Place::Registration)
        } else {
            let post = own("settlement.windows", &settlement.windows, "cashiers' windows", "收费窗口");
            (post, Place::Settlement)
        };
        let (kiosks, kiosks_at) = if settlement.shares_registration_kiosks {
            (registration.kiosk_post(), Place::Registration)
        } else {
            let post = own("settlement.kiosks", &settlement.kiosks, "payment kiosks", "自助缴费机");
            (post, Place::Settlement)
        };
        let points =
            [settlement.after_consultation, settlement.before_examination, settlement.before_pharmacy];
        SettlementRoom {
            after_care_share: settlement.after_care_share,
            receipt_share: settlement.electronic_receipt_share,
            points: points.map(|point| point.map(|point| mode_table(point.modes))),
            pays_examinations_together: settlement.pays_examinations_together,
            windows,
            windows_at,
            kiosks,
            kiosks_at,
            shares_registration_kiosks: settlement.shares_registration_kiosks,
            in_room_time: settlement.times.in_room.sampler(),
            kiosk_time: settlement.times.kiosk.sampler(),
            phone_time: settlement.times.phone.sampler(),
            window_time: settlement.times.window.sampler(),
            in_room_outages: outages_of(spec, IN_ROOM),
            phone_outages: outages_of(spec, PHONE),
            by_mode: Mode::ALL.map(|_| builder.keeper.counter()),
            with_receipt: builder.keeper.counter(),
            payments: builder.keeper.counter(),
            charged_visits: builder.keeper.counter(),
        }
    }
}

impl SettlementRoom {
    /// Whether a visit is settled after care.
    pub(in crate::hospital) fn is_after_care(&self, key: EntityKey) -> bool {
        let share = self.after_care_share;
        share > 0.0 && key.stream(AFTER_CARE).unit() < share
    }

    pub(in crate::hospital) fn enter_measures(&self, list: &mut Catalogue) {
        let posts = self.windows.into_iter().chain(self.kiosks);
        list.times(
            "settlement.wait_time",
            &Times::Stations(posts.map(|post| post.station.index()).collect()),
            ("where bills are paid, wait", "缴费处等候"),
            (
                "Everyone who is served at the windows and kiosks where bills are paid, from joining the queue to the \
                 start of service. Where these also register, registrations are among them.",
                "在缴费窗口和自助机接受服务者，自排队至开始办理；与挂号共用时含挂号。",
            ),
        );
        let all = self.by_mode;
        let [in_room, kiosk, phone, _, after_care] = all;
        list.share(
            "settlement.smart_share",
            &[in_room, kiosk, phone, after_care],
            &all,
            Words {
                title: ("smart settlement", "智慧结算率"),
                definition: (
                    "Outpatient settlements in the consulting room, at kiosks, by phone or after care ÷ all outpatient \
                     settlements.",
                    "诊间、自助机、手机、诊后付的门诊结算 ÷ 全部门诊结算。",
                ),
            },
        );
        list.share(
            "settlement.self_service_and_in_room_share",
            &[in_room, kiosk],
            &all,
            Words {
                title: ("settled at kiosks and in the room", "自助与诊间结算占比"),
                definition: (
                    "Settlements at kiosks and in the consulting room ÷ all settlements.",
                    "自助机与诊间结算 ÷ 全部结算。",
                ),
            },
        );
        for mode in Mode::ALL {
            let titles = match mode {
                Mode::InRoom => ("settled in the consulting room", "诊间结算占比"),
                Mode::Kiosk => ("settled at kiosks", "自助机结算占比"),
                Mode::Phone => ("settled by phone", "手机结算占比"),
                Mode::Window => ("settled at windows", "窗口结算占比"),
                Mode::AfterCare => ("settled after care", "诊后付占比"),
            };
            let definition =
                ("Settlements of this mode ÷ all outpatient settlements.", "该方式结算 ÷ 全部门诊结算。");
            let id = format!("settlement.modes.{}_share", mode.id());
            list.share(&id, &[all[mode as usize]], &all, Words { title: titles, definition });
        }
        list.share(
            "settlement.electronic_receipt_share",
            &[self.with_receipt],
            &all,
            Words {
                title: ("settled with an electronic receipt", "电子票据占比"),
                definition: (
                    "Settlements with an electronic receipt ÷ all settlements.",
                    "开具电子票据的结算 ÷ 全部结算。",
                ),
            },
        );
        let words = Words {
            title: ("payments of a visit", "每次就诊付费次数"),
            definition: (
                "Payments ÷ visits that paid at least once; one settled after care is one payment.",
                "付费次数 ÷ 至少付费一次的就诊；诊后付计一次。",
            ),
        };
        list.add(
            "settlement.payments_per_visit.mean",
            Unit::Count,
            Statistic::Mean,
            Figure::Ratio(vec![self.payments], vec![self.charged_visits]),
            words.texts(),
        );
    }
}

/// When a way to pay that needs no station does not work.
fn outages_of(spec: &HospitalSpec, place: &str) -> Vec<(SimTime, SimTime)> {
    let outages = spec.outages.iter().filter(|outage| outage.place == place);
    outages.map(|outage| (SimTime::ZERO + outage.from, SimTime::ZERO + outage.to)).collect()
}

/// When the outage that is going on now ends.
fn outage_ends_at(outages: &[(SimTime, SimTime)], now: SimTime) -> Option<SimTime> {
    outages.iter().filter(|(from, to)| *from <= now && now < *to).map(|&(_, to)| to).max()
}

fn mode_table(modes: ModeShares) -> AliasTable {
    let ModeShares { in_room, kiosk, phone, window } = modes;
    let weights = [in_room, kiosk, phone, window];
    let sum: f64 = weights.iter().sum();
    AliasTable::new(&weights.map(|weight| weight / sum))
}

impl<'a> Visitor<'a> {
    /// How often the next bill is paid in which way; `None` when no money is asked for.
    #[inline(always)]
    fn modes(&self, point: PaymentPoint) -> Option<&'a AliasTable> {
        let modes = self.plan.settlement.points[point as usize].as_ref();
        modes.filter(|_| !self.patient.has(flag::AFTER_CARE))
    }

    /// How the patient would pay the next bill.
    fn draw_mode(&self, modes: &AliasTable) -> Mode {
        let round = self.patient.payment_count();
        Mode::ALL[modes.draw(&mut self.key.stream_of_round(MODE, round))]
    }

    /// Decides whether the consultation would be paid for in the room; gives the time that this will add to it.
    pub(in crate::hospital) fn plan_in_room_settlement(&mut self) -> SimSpan {
        let modes = self.modes(PaymentPoint::AfterConsultation);
        if modes.is_none_or(|modes| self.draw_mode(modes) != Mode::InRoom) {
            return SimSpan::ZERO;
        }
        self.patient.set(flag::PAYS_IN_ROOM);
        let room = &self.plan.settlement;
        if outage_ends_at(&room.in_room_outages, self.now).is_some() {
            return SimSpan::ZERO;
        }
        room.in_room_time.draw_once(self.key.stream_of_round(IN_ROOM_TIME, self.patient.payment_count()))
    }

    /// Pays, if money is asked for here, and goes on.
    #[inline(always)]
    pub(in crate::hospital) fn pay(&mut self, point: PaymentPoint) -> Step {
        let Some(modes) = self.modes(point) else { return self.go_on(point) };
        self.patient.pay_at(point);
        let is_planned = point == PaymentPoint::AfterConsultation && self.patient.has(flag::PAYS_IN_ROOM);
        let usual = if is_planned { Mode::InRoom } else { self.draw_mode(modes) };
        self.pay_as(usual)
    }

    /// Who cannot pay as usual goes to a machine, else to a window.
    fn pay_as(&mut self, usual: Mode) -> Step {
        let room = &self.plan.settlement;
        let is_down = |outages| outage_ends_at(outages, self.now).is_some();
        let mode = match usual {
            Mode::InRoom if is_down(&room.in_room_outages) => Mode::Kiosk,
            Mode::Phone if is_down(&room.phone_outages) => Mode::Kiosk,
            mode => mode,
        };
        match mode {
            Mode::InRoom => {
                self.settled(Mode::InRoom);
                self.paid()
            }
            Mode::Kiosk if room.kiosks.is_some_and(|post| post.is_working(self.now, &self.floor)) => {
                self.patient.set(flag::PAYS_AT_KIOSK);
                self.walk(room.kiosks_at, Stage::WalkingToSettlement)
            }
            Mode::Window | Mode::Kiosk
                if room.windows.is_some_and(|post| post.is_usable(self.now, &self.floor)) =>
            {
                self.patient.clear(flag::PAYS_AT_KIOSK);
                self.walk(room.windows_at, Stage::WalkingToSettlement)
            }
            _ => self.pay_by_phone(),
        }
    }

    /// By phone; also where kiosks and windows are closed. Where that does not work either, once it does again.
    fn pay_by_phone(&mut self) -> Step {
        let room = &self.plan.settlement;
        let round = self.patient.payment_count();
        let time = room.phone_time.draw_once(self.key.stream_of_round(PHONE_TIME, round));
        let works_again_at = outage_ends_at(&room.phone_outages, self.now).unwrap_or(self.now);
        self.pause(works_again_at - self.now + time, Stage::PayingByPhone)
    }

    /// Stands before the payment machine or the window.
    pub(in crate::hospital) fn reach_settlement(&mut self) -> Step {
        let room = &self.plan.settlement;
        let key = self.key;
        let round = self.patient.payment_count();
        let usable = |post: &Post| post.is_usable(self.now, &self.floor);
        if self.patient.has(flag::PAYS_AT_KIOSK)
            && let Some(kiosks) = room.kiosks.filter(|post| post.is_working(self.now, &self.floor))
        {
            let time = room.kiosk_time.draw_once(key.stream_of_round(KIOSK_TIME, round));
            return self.join(kiosks, time, Stage::AtSettlementKiosk);
        }
        if let Some(windows) = room.windows.filter(usable) {
            let time = room.window_time.draw_once(key.stream_of_round(WINDOW_TIME, round));
            return self.join(windows, time, Stage::AtSettlementWindow);
        }
        self.pay_by_phone()
    }

    /// Something ended at a payment machine. Where it failed, the patient pays at a window.
    pub(in crate::hospital) fn leave_settlement_kiosk(&mut self, done: Done) -> Step {
        let may_fail = self.plan.settlement.shares_registration_kiosks;
        // The first use of a kiosk on a visit is for registration.
        let fails = may_fail && done == Done::Served && self.use_fails(1 + self.patient.payment_count());
        if done == Done::Served && !fails {
            return self.pay_in_system(Mode::Kiosk);
        }
        self.patient.clear(flag::PAYS_AT_KIOSK);
        let room = &self.plan.settlement;
        if room.windows.is_some_and(|post| post.is_usable(self.now, &self.floor)) {
            return self.walk(room.windows_at, Stage::WalkingToSettlement);
        }
        self.pay_by_phone()
    }

    /// Something ended at a cashier's window. Who is sent away pays by phone.
    pub(in crate::hospital) fn leave_settlement_window(&mut self, done: Done) -> Step {
        if done == Done::Served {
            self.settled(Mode::Window);
            return self.paid();
        }
        self.pay_by_phone()
    }

    /// The phone or the machine says thank you.
    pub(in crate::hospital) fn paid_by(&mut self, mode: Mode) -> Step {
        self.settled(mode);
        self.paid()
    }

    /// Counts a settlement.
    pub(in crate::hospital) fn settled(&mut self, mode: Mode) {
        let room = &self.plan.settlement;
        self.books.count(room.by_mode[mode as usize]);
        let round = self.patient.payment_count();
        let share = room.receipt_share;
        if share >= 1.0 || share > 0.0 && self.key.stream_of_round(RECEIPT, round).unit() < share {
            self.books.count(room.with_receipt);
        }
        self.patient.count_payment();
    }

    /// The one bill of those who pay after care.
    pub(in crate::hospital) fn settle_after_care(&mut self) {
        if self.patient.has(flag::CONSULTED) {
            self.settled(Mode::AfterCare);
        }
    }

    /// The visit ends; what it paid is added up.
    pub(in crate::hospital) fn close_account(&mut self) {
        let room = &self.plan.settlement;
        let count = self.patient.payment_count();
        if count > 0 {
            self.books.count(room.charged_visits);
            self.books.add(room.payments, u64::from(count));
        }
    }

    /// Goes on to what was paid for.
    fn paid(&mut self) -> Step {
        self.go_on(self.patient.payment_point())
    }

    #[inline(always)]
    fn go_on(&mut self, point: PaymentPoint) -> Step {
        match point {
            PaymentPoint::AfterConsultation => self.follow_orders(),
            PaymentPoint::BeforeExamination => {
                if self.plan.settlement.pays_examinations_together {
                    self.patient.set(flag::EXAMINATIONS_PAID);
                }
                self.go_to_examination()
            }
            PaymentPoint::BeforePharmacy => self.go_to_pharmacy(),
        }
    }
}
