//! The cheapest change that makes an item safe: a small set of levers for each measured figure, each tried in rising
//! sizes under common random numbers until the smallest size that reaches the wanted chance is found.
//!
//! The answer is the cheapest *of the changes tried*: one lever at a time, in the sizes listed. Costs are yuan a year
//! from a table of assumptions that the person may replace.

use super::question::Question;
use super::study::{InspectError, InspectSettings, survey};
use crate::replicate::Progress;
use crate::statistics::interval::Estimate;
use onetrip_models::hospital::Hospital;
use onetrip_models::hospital::spec::{HospitalSpec, ModeShares, PreDispensing, SettlementPoint, Shift};
use onetrip_models::text::Text;
use onetrip_sim::distribution::Distribution;
use onetrip_sim::time::SimSpan;
use std::collections::BTreeMap;

/// One line of the table of costs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CostLine {
    /// Word for it.
    pub id: &'static str,
    /// Yuan a year for one.
    pub yuan: f64,
    /// One of what, in English.
    pub en: &'static str,
    /// One of what, in Chinese.
    pub zh: &'static str,
}

/// The costs that stand where nobody gives others. All are assumptions: none has a source.
pub const ASSUMED_COSTS: [CostLine; 5] = [
    CostLine {
        id: "staff_hour",
        yuan: 60.0 * 250.0,
        en: "one person on duty for one hour of every working day (60 yuan an hour, 250 days)",
        zh: "每个工作日增加一名人员在岗一小时（每小时60元，250天）",
    },
    CostLine {
        id: "kiosk", yuan: 30_000.0, en: "one more self-service machine", zh: "增加一台自助机"
    },
    CostLine {
        id: "phone_uptake",
        yuan: 40_000.0,
        en: "help and publicity for ten points more of walk-ins registering by phone",
        zh: "引导现场患者手机挂号，占比提高十个百分点",
    },
    CostLine {
        id: "process",
        yuan: 50_000.0,
        en: "one step of a changed process or system (software, training)",
        zh: "一级流程或系统改造（软件与培训）",
    },
    CostLine {
        id: "dispensing_machine",
        yuan: 250_000.0,
        en: "one more dispensing machine, which makes medicine ready sooner",
        zh: "增加一台自动发药机，缩短备药时间",
    },
];

/// Yuan a year by the word of a cost.
#[derive(Clone, Debug, PartialEq)]
pub struct Costs(BTreeMap<&'static str, f64>);

impl Default for Costs {
    fn default() -> Costs {
        Costs(ASSUMED_COSTS.iter().map(|line| (line.id, line.yuan)).collect())
    }
}

impl Costs {
    /// Puts a cost of the person's own in the place of an assumed one; false when nothing is called so.
    pub fn replace(&mut self, id: &str, yuan: f64) -> bool {
        match self.0.iter_mut().find(|(known, _)| **known == id) {
            Some((_, cost)) => {
                *cost = yuan;
                true
            }
            None => false,
        }
    }

    /// Yuan a year for one of these.
    pub fn of(&self, id: &str) -> f64 {
        self.0.get(id).copied().unwrap_or(0.0)
    }
}

/// A change of some size, made.
#[derive(Clone, Debug, PartialEq)]
pub struct Made {
    /// What it is, in words.
    pub title: Text,
    /// How many of which cost.
    pub cost: (&'static str, f64),
    /// The same as assignments for `--set`.
    pub assignments: Vec<String>,
    /// The hospital after it.
    pub hospital: HospitalSpec,
}

/// A way to change a hospital, in steps.
pub struct Lever {
    /// Word for it.
    pub id: &'static str,
    /// Sizes that are tried, rising.
    sizes: &'static [u32],
    make: fn(&HospitalSpec, u32) -> Option<Made>,
}

impl Lever {
    /// The change of the smallest size that applies to a hospital.
    pub fn first(&self, hospital: &HospitalSpec) -> Option<Made> {
        self.sizes.iter().find_map(|&size| (self.make)(hospital, size))
    }
}

/// A change that was tried, and what it came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Tried {
    /// The lever.
    pub lever: &'static str,
    /// Its size.
    pub size: u32,
    /// What it is, in words.
    pub title: Text,
    /// The same as assignments for `--set`.
    pub assignments: Vec<String>,
    /// Yuan a year.
    pub cost_yuan: f64,
    /// The chance of the item over all visits after it.
    pub chance: Estimate,
    /// Whether it reaches the wanted chance.
    pub reach: Reach,
}

/// Whether a change reaches the wanted chance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// With the whole interval.
    Surely,
    /// The estimate does, but the interval reaches below.
    Perhaps,
    /// Not even the estimate does.
    No,
}

impl Reach {
    fn of(chance: &Estimate, wanted: f64) -> Reach {
        let low = chance.interval.map_or(chance.value, |interval| interval.low);
        match (chance.value >= wanted, low >= wanted) {
            (true, true) => Reach::Surely,
            (true, false) => Reach::Perhaps,
            (false, _) => Reach::No,
        }
    }
}

/// What the search came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Search {
    /// Place of the item in the document.
    pub item: usize,
    /// The chance that is wanted.
    pub wanted: f64,
    /// The chance as it is.
    pub present: f64,
    /// Everything tried, lever by lever, by size.
    pub tried: Vec<Tried>,
    /// The cheapest that is enough or perhaps enough, by its place among those tried.
    pub cheapest: Option<usize>,
    /// The cheapest that is surely enough.
    pub cheapest_sure: Option<usize>,
}

/// The levers that may move a figure.
pub fn levers(measure: &str) -> &'static [Lever] {
    match measure {
        "registration.on_site.wait_time.mean" | "registration.on_site.peak.wait_time.mean" => &REGISTRATION,
        "examination.booked_in_one_go_share" => &ONE_GO,
        "examination.timed_booking_share" => &TIMED,
        "pharmacy.ready_on_arrival_share" => &READY,
        "settlement.smart_share" => &SMART,
        "settlement.electronic_receipt_share" => &RECEIPTS,
        _ => &[],
    }
}

static REGISTRATION: [Lever; 4] = [
    Lever { id: "more_windows", sizes: &[1, 2, 3, 4, 6, 8, 12, 16], make: more_windows },
    Lever { id: "more_kiosks", sizes: &[1, 2, 4, 6, 8, 12, 16, 24], make: more_kiosks },
    Lever { id: "open_earlier", sizes: &[1, 2, 3, 4], make: open_earlier },
    Lever { id: "register_by_phone", sizes: &[1, 2, 3, 4, 5, 6], make: register_by_phone },
];
static ONE_GO: [Lever; 2] = [
    Lever { id: "book_in_room", sizes: &[1, 2, 3, 4], make: book_in_room },
    Lever { id: "book_at_centre", sizes: &[1, 2, 3, 4], make: book_at_centre },
];
static TIMED: [Lever; 1] = [Lever { id: "more_timed", sizes: &[70, 80, 85, 90, 95, 100], make: more_timed }];
static READY: [Lever; 2] = [
    Lever { id: "prepare_ahead", sizes: &[60, 70, 80, 90, 95, 100], make: prepare_ahead },
    Lever { id: "prepare_all_faster", sizes: &[1, 2, 3, 4], make: prepare_all_faster },
];
static SMART: [Lever; 1] = [Lever { id: "leave_windows", sizes: &[1, 2, 3, 4], make: leave_windows }];
static RECEIPTS: [Lever; 1] = [Lever { id: "electronic_receipts", sizes: &[100], make: electronic_receipts }];

/// Searches for the smallest size of each lever that brings an item to the wanted chance.
///
/// A larger size is taken to help at least as much as a smaller one, so the largest is tried first and the smallest that
/// is enough is found by halving. Levers that cannot be applied to this hospital are left out.
///
/// # Errors
/// As [`super::survey`], or when the statistics have too little to go on.
pub fn search(
    hospital: &Hospital,
    questions: &[Question],
    item: usize,
    (present, wanted): (f64, f64),
    costs: &Costs,
    settings: &InspectSettings,
    progress: &dyn Progress,
) -> Result<Search, InspectError> {
    let own: Vec<usize> = (0..questions.len()).filter(|&index| questions[index].item == item).collect();
    let mut tried: Vec<Tried> = Vec::new();
    let mut seen: Vec<&'static str> = Vec::new();
    for lever in own.iter().flat_map(|&index| levers(&questions[index].measure)) {
        if seen.contains(&lever.id) {
            continue;
        }
        seen.push(lever.id);
        let attempt = |size: u32| -> Result<Option<Tried>, InspectError> {
            let Some(made) = (lever.make)(hospital.spec(), size) else { return Ok(None) };
            let Ok(changed) = Hospital::new(made.hospital) else { return Ok(None) };
            let (population, _) = survey(&changed, questions, settings, progress)?;
            let InspectSettings { visits, rng_seed, level, .. } = *settings;
            let chance = population.chance(questions, &own, visits, rng_seed, level)?;
            Ok(chance.map(|chance| Tried {
                lever: lever.id,
                size,
                title: made.title,
                assignments: made.assignments,
                cost_yuan: costs.of(made.cost.0) * made.cost.1,
                reach: Reach::of(&chance, wanted),
                chance,
            }))
        };
        tried.extend(smallest(lever.sizes, attempt)?);
    }
    let cheapest = |is_enough: &dyn Fn(Reach) -> bool| {
        (0..tried.len())
            .filter(|&index| is_enough(tried[index].reach))
            .min_by(|&a, &b| tried[a].cost_yuan.total_cmp(&tried[b].cost_yuan))
    };
    let (perhaps, sure) = (cheapest(&|reach| reach != Reach::No), cheapest(&|reach| reach == Reach::Surely));
    Ok(Search { item, wanted, present, cheapest: perhaps, cheapest_sure: sure, tried })
}

/// Tries the largest size, then halves between what is not enough and what is. Everything tried, by size.
fn smallest(
    sizes: &[u32],
    attempt: impl Fn(u32) -> Result<Option<Tried>, InspectError>,
) -> Result<Vec<Tried>, InspectError> {
    let mut tried: Vec<Tried> = Vec::new();
    let (mut low, mut high) = (0, sizes.len());
    let mut next = sizes.len().saturating_sub(1);
    while low < high {
        let Some(one) = attempt(sizes[next])? else {
            // A size that cannot be applied: smaller ones may.
            high = next;
            next = low + (high - low) / 2;
            continue;
        };
        if one.reach != Reach::No {
            high = next;
        } else {
            low = next + 1;
        }
        tried.push(one);
        next = low + (high - low) / 2;
    }
    tried.sort_by_key(|one| one.size);
    Ok(tried)
}

// ---- how shifts are written ----

fn clock(at: SimSpan) -> String {
    let minutes = at.as_micros() / 60_000_000;
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

fn assign_shift(path: &str, shift: &Shift) -> String {
    format!("{path}.\"{}-{}\"={}", clock(shift.from), clock(shift.to), shift.count)
}

fn percent(share: f64) -> String {
    format!("{} %", (share * 1e6).round() / 1e4)
}

fn hours(shifts: &[Shift]) -> f64 {
    shifts.iter().map(|shift| shift.to.saturating_sub(shift.from).as_seconds() / 3600.0).sum()
}

// ---- registration ----

fn more_windows(spec: &HospitalSpec, size: u32) -> Option<Made> {
    let mut hospital = spec.clone();
    let shifts = &mut hospital.registration.windows.shifts;
    let staffed = hours(shifts);
    shifts.iter_mut().for_each(|shift| shift.count += size);
    let assignments = shifts.iter().map(|shift| assign_shift("registration.windows.shifts", shift)).collect();
    (staffed > 0.0).then(|| Made {
        title: Text::new(
            format!("{size} more registration window{} in every shift", if size == 1 { "" } else { "s" }),
            format!("每班增开{size}个挂号窗口"),
        ),
        cost: ("staff_hour", staffed * f64::from(size)),
        assignments,
        hospital,
    })
}

fn more_kiosks(spec: &HospitalSpec, size: u32) -> Option<Made> {
    let mut hospital = spec.clone();
    let shifts = &mut hospital.registration.kiosks.shifts;
    if shifts.is_empty() {
        let sessions = spec.departments.iter().flat_map(|department| &department.sessions);
        let (from, to) = sessions.fold((SimSpan::DAY, SimSpan::ZERO), |(from, to), session| {
            (from.min(session.from), to.max(session.to))
        });
        shifts.push(Shift { from: from.saturating_sub(SimSpan::HOUR), to, count: 0 });
    }
    shifts.iter_mut().for_each(|shift| shift.count += size);
    let assignments = shifts.iter().map(|shift| assign_shift("registration.kiosks.shifts", shift)).collect();
    Some(Made {
        title: Text::new(
            format!("{size} more self-service machine{}", if size == 1 { "" } else { "s" }),
            format!("增加{size}台自助机"),
        ),
        cost: ("kiosk", f64::from(size)),
        assignments,
        hospital,
    })
}

/// The first shift of windows and machines begins a quarter of an hour earlier for each step.
fn open_earlier(spec: &HospitalSpec, size: u32) -> Option<Made> {
    let mut hospital = spec.clone();
    let earlier = SimSpan::from_whole_minutes(15 * u64::from(size));
    let mut assignments = Vec::new();
    let mut staff = 0;
    let rooms = [
        ("registration.windows.shifts", &mut hospital.registration.windows.shifts, true),
        ("registration.kiosks.shifts", &mut hospital.registration.kiosks.shifts, false),
    ];
    for (path, shifts, is_staffed) in rooms {
        let Some(first) = shifts.iter().map(|shift| shift.from).min() else { continue };
        let count = shifts.iter().filter(|shift| shift.from == first).map(|shift| shift.count).sum();
        let added = Shift { from: first.saturating_sub(earlier), to: first, count };
        assignments.push(assign_shift(path, &added));
        shifts.push(added);
        staff += if is_staffed { count } else { 0 };
    }
    let minutes = 15 * size;
    (!assignments.is_empty()).then(|| Made {
        title: Text::new(
            format!("registration opens {minutes} min earlier, as fully staffed as then"),
            format!("挂号提前{minutes}分钟开放，人员设备同原首班"),
        ),
        cost: ("staff_hour", f64::from(staff) * f64::from(size) / 4.0),
        assignments,
        hospital,
    })
}

fn register_by_phone(spec: &HospitalSpec, size: u32) -> Option<Made> {
    let mut hospital = spec.clone();
    let share = spec.registration.phone_share_of_walk_ins + 0.1 * f64::from(size);
    hospital.registration.phone_share_of_walk_ins = share;
    (share <= 0.9).then(|| Made {
        title: Text::new(
            format!("{} of walk-ins register by phone on the spot", percent(share)),
            format!("{}的现场患者改用手机挂号", percent(share)),
        ),
        cost: ("phone_uptake", f64::from(size)),
        assignments: vec![format!("registration.phone_share_of_walk_ins={}", percent(share))],
        hospital,
    })
}

// ---- examinations ----

/// Several examinations are no longer booked at each desk but in one go; a step is a quarter of those at desks.
fn move_from_desks(spec: &HospitalSpec, size: u32, to_room: bool) -> Option<Made> {
    let mut hospital = spec.clone();
    let several = &mut hospital.examination_booking.several;
    let moved = several.desk_share * f64::from(size) / 4.0;
    several.desk_share -= moved;
    *(if to_room { &mut several.in_room_share } else { &mut several.centre_share }) += moved;
    let base = "examination_booking.several";
    let total = several.in_room_share + several.centre_share + several.desk_share;
    let parts =
        [("in_room", several.in_room_share), ("centre", several.centre_share), ("desk", several.desk_share)];
    let assignments =
        parts.iter().map(|(key, share)| format!("{base}.{key}={}", percent(share / total))).collect();
    let moved = percent(f64::from(size) / 4.0);
    let title = if to_room {
        Text::new(
            format!("{moved} of what several desks book today is booked in one go by the doctor"),
            format!("原由各检查科室分别预约者，{moved}改由诊间一次约好"),
        )
    } else {
        Text::new(
            format!("{moved} of what several desks book today is booked in one go at the centre"),
            format!("原由各检查科室分别预约者，{moved}改由预约中心一次约好"),
        )
    };
    (spec.examination_booking.several.desk_share > 0.0).then_some(Made {
        title,
        cost: ("process", f64::from(size)),
        assignments,
        hospital,
    })
}

fn book_in_room(spec: &HospitalSpec, size: u32) -> Option<Made> {
    move_from_desks(spec, size, true)
}

fn book_at_centre(spec: &HospitalSpec, size: u32) -> Option<Made> {
    if spec.examination_booking.centre_shifts.is_empty() { None } else { move_from_desks(spec, size, false) }
}

fn more_timed(spec: &HospitalSpec, size: u32) -> Option<Made> {
    let mut hospital = spec.clone();
    let share = f64::from(size) / 100.0;
    let mut assignments = Vec::new();
    for modality in hospital.examinations.iter_mut().filter(|modality| modality.counts_as_timed) {
        if let Some(timed) = modality.timed.as_mut().filter(|timed| timed.share < share) {
            timed.share = share;
            assignments.push(format!("examination.{}.timed.share={}", modality.id, percent(share)));
        }
    }
    (!assignments.is_empty()).then(|| Made {
        title: Text::new(
            format!("every kind of examination books at least {} to a time", percent(share)),
            format!("各类检查分时段预约不低于{}", percent(share)),
        ),
        cost: ("process", assignments.len() as f64),
        assignments,
        hospital,
    })
}

// ---- pharmacy ----

fn prepare_ahead(spec: &HospitalSpec, size: u32) -> Option<Made> {
    let mut hospital = spec.clone();
    let share = f64::from(size) / 100.0;
    let ahead = hospital.pharmacy.pre_dispensing.as_mut().filter(|ahead| ahead.share < share)?;
    let steps = ((share - ahead.share) * 10.0).ceil();
    ahead.share = share;
    Some(Made {
        title: Text::new(
            format!("{} of prescriptions are prepared while the patient is on the way", percent(share)),
            format!("{}的处方在患者前往途中预配", percent(share)),
        ),
        cost: ("process", steps),
        assignments: vec![format!("pharmacy.pre_dispensing.share={}", percent(share))],
        hospital,
    })
}

/// Everything is prepared ahead, in at most four minutes, two, one, or half a minute.
fn prepare_all_faster(spec: &HospitalSpec, size: u32) -> Option<Made> {
    let seconds = 480.0 / f64::from(1 << size);
    let mut hospital = spec.clone();
    let preparation_time = Distribution::constant(seconds).ok()?;
    hospital.pharmacy.pre_dispensing = Some(PreDispensing { share: 1.0, preparation_time });
    Some(Made {
        title: Text::new(
            format!("machines prepare all prescriptions, each in {seconds} s"),
            format!("全部处方由发药机预配，每张{seconds}秒"),
        ),
        cost: ("dispensing_machine", f64::from(size)),
        assignments: vec![format!(
            "pharmacy.pre_dispensing={{ share = \"100 %\", preparation_time = \"{seconds} s\" }}"
        )],
        hospital,
    })
}

// ---- settlement ----

/// A quarter of the bills paid at windows is paid by phone, for each step.
fn leave_windows(spec: &HospitalSpec, size: u32) -> Option<Made> {
    let mut hospital = spec.clone();
    let settlement = &mut hospital.settlement;
    let points: [(&str, &mut Option<SettlementPoint>); 3] = [
        ("after_consultation", &mut settlement.after_consultation),
        ("before_examination", &mut settlement.before_examination),
        ("before_pharmacy", &mut settlement.before_pharmacy),
    ];
    let mut assignments = Vec::new();
    for (key, point) in points {
        let Some(SettlementPoint { modes }) = point.as_mut().filter(|point| point.modes.window > 0.0) else {
            continue;
        };
        let moved = modes.window * f64::from(size) / 4.0;
        *modes = ModeShares { window: modes.window - moved, phone: modes.phone + moved, ..*modes };
        for (mode, share) in [("window", modes.window), ("phone", modes.phone)] {
            assignments.push(format!("settlement.{key}.{mode}={}", percent(share)));
        }
    }
    let moved = percent(f64::from(size) / 4.0);
    (!assignments.is_empty()).then(|| Made {
        title: Text::new(
            format!("{moved} of what is paid at windows is paid by phone"),
            format!("窗口缴费的{moved}改为手机缴费"),
        ),
        cost: ("process", f64::from(size)),
        assignments,
        hospital,
    })
}

fn electronic_receipts(spec: &HospitalSpec, _: u32) -> Option<Made> {
    let mut hospital = spec.clone();
    hospital.settlement.electronic_receipt_share = 1.0;
    (spec.settlement.electronic_receipt_share < 1.0).then(|| Made {
        title: Text::new("every receipt is electronic", "票据全部电子化"),
        cost: ("process", 1.0),
        assignments: vec!["settlement.electronic_receipt_share=100 %".to_owned()],
        hospital,
    })
}
