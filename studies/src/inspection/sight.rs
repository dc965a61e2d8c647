//! What an inspector sees of a measured figure on one visit.
//!
//! Waits are read off the clock. What a patient knows but no clock shows (whether an examination was booked to a time,
//! whether medicine lay ready) follows from the patient's keyed luck, drawn again under the purposes of the model; a test
//! holds that all visits of a day together give the run's own figure.

use onetrip_models::hospital::spec::{PatientGroup, SeveralBooking, SingleBooking};
use onetrip_models::hospital::{Hospital, PauseKind};
use onetrip_models::watch::Record;
use onetrip_sim::distribution::AliasTable;
use onetrip_sim::observer::Happening;
use onetrip_sim::stream::{EntityKey, Purpose, RunKey};

const BOOKED: Purpose = Purpose::named("demand.booked");
const WALK_INS: Purpose = Purpose::named("demand.walk_ins");
const BOOKING_PLACE: Purpose = Purpose::named("examination_booking.place");
const PRE_DISPENSED: Purpose = Purpose::named("pharmacy.pre_dispensed");

/// A measured figure as one visit shows it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sight {
    /// The wait for on-site registration, in seconds.
    RegistrationWait,
    /// The same of a visit that joined the queue in a peak hour.
    PeakRegistrationWait,
    /// 1 when the visit's examinations were all booked at one stop, else 0.
    BookedInOneGo,
    /// Of the visit's examinations of the kinds that count: the share booked to a time.
    TimedBooking,
    /// 1 when the medicine lay ready on reaching the pharmacy, else 0.
    MedicineReady,
}

impl Sight {
    /// What a visit shows of a measure; `None` for figures that no single visit shows.
    pub fn of_measure(id: &str) -> Option<Sight> {
        match id {
            "registration.on_site.wait_time.mean" => Some(Sight::RegistrationWait),
            "registration.on_site.peak.wait_time.mean" => Some(Sight::PeakRegistrationWait),
            "examination.booked_in_one_go_share" => Some(Sight::BookedInOneGo),
            "examination.timed_booking_share" => Some(Sight::TimedBooking),
            "pharmacy.ready_on_arrival_share" => Some(Sight::MedicineReady),
            _ => None,
        }
    }
}

/// The examinations a doctor ordered on a visit.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(super) struct Orders {
    /// All.
    pub(super) total: u32,
    /// Of the kinds that count for timed booking.
    pub(super) counted: u32,
    /// Of these, booked to a time.
    pub(super) timed: u32,
    /// All booked at one stop.
    pub(super) in_one_go: bool,
}

struct ExaminationTerms {
    ordered: Purpose,
    is_timed: Purpose,
    timed_share: f64,
    counts: bool,
}

/// The eyes of an inspector at one hospital.
pub struct Eyes {
    registration: Vec<usize>,
    peak_hours: Vec<usize>,
    pharmacy: Option<usize>,
    /// By department: the station, and (examination, share) of its orders.
    departments: Vec<(usize, Vec<(usize, f64)>)>,
    examinations: Vec<ExaminationTerms>,
    single: Option<AliasTable>,
    several: Option<AliasTable>,
    pre_dispensed_share: f64,
    brings_results: Vec<bool>,
}

/// Places where examinations are booked, as the model numbers them: the last are the desks of each room.
const DESKS: usize = 3;

fn table(weights: [f64; 4]) -> Option<AliasTable> {
    let sum: f64 = weights.iter().sum();
    (sum > 0.0).then(|| AliasTable::new(&weights.map(|weight| weight / sum)))
}

impl Eyes {
    /// For visits to a hospital.
    pub fn new(hospital: &Hospital) -> Eyes {
        let spec = hospital.spec();
        let station = |id: &str| hospital.stations().iter().position(|label| label.id == id);
        let registration = ["registration.windows", "registration.priority_windows", "registration.kiosks"];
        let departments = spec.departments.iter().filter_map(|department| {
            let index_of = |id: &String| spec.examinations.iter().position(|modality| modality.id == *id);
            let orders = department.examination_shares.iter();
            let orders = orders.filter_map(|(id, share)| Some((index_of(id)?, *share))).collect();
            Some((station(&format!("consultation.{}", department.id))?, orders))
        });
        let examinations = spec.examinations.iter().map(|modality| ExaminationTerms {
            ordered: Purpose::named(&format!("examination.{}.ordered", modality.id)),
            is_timed: Purpose::named(&format!("examination.{}.timed", modality.id)),
            timed_share: modality.timed.map_or(0.0, |timed| timed.share),
            counts: modality.counts_as_timed,
        });
        let SingleBooking { in_room_share, kiosk_share, centre_share, desk_share } =
            spec.examination_booking.single;
        let single = table([in_room_share, kiosk_share, centre_share, desk_share]);
        let SeveralBooking { in_room_share, centre_share, desk_share } = spec.examination_booking.several;
        Eyes {
            registration: registration.iter().filter_map(|id| station(id)).collect(),
            peak_hours: spec.demand.peak_hours(),
            pharmacy: station("pharmacy.windows"),
            departments: departments.collect(),
            examinations: examinations.collect(),
            single,
            several: table([in_room_share, 0.0, centre_share, desk_share]),
            pre_dispensed_share: spec.pharmacy.pre_dispensing.as_ref().map_or(0.0, |ahead| ahead.share),
            brings_results: spec
                .demand
                .classes
                .iter()
                .map(|class| class.group == PatientGroup::ReturningWithResults)
                .collect(),
        }
    }

    /// What a visit on the day of a run shows; `None` when it did not touch the matter.
    pub fn look(&self, sight: Sight, run: RunKey, visit: &[Record]) -> Option<f64> {
        match sight {
            Sight::RegistrationWait => self.registration_wait(visit, |_| true),
            Sight::PeakRegistrationWait => {
                self.registration_wait(visit, |joined_hour| self.peak_hours.contains(&joined_hour))
            }
            Sight::BookedInOneGo => {
                self.orders(run, visit).map(|orders| f64::from(u8::from(orders.in_one_go)))
            }
            Sight::TimedBooking => {
                let orders = self.orders(run, visit).filter(|orders| orders.counted > 0)?;
                Some(f64::from(orders.timed) / f64::from(orders.counted))
            }
            Sight::MedicineReady => self.medicine_ready(run, visit),
        }
    }

    /// From joining the first queue for a number to the start of service there; who gives up has no such wait.
    fn registration_wait(&self, visit: &[Record], is_asked: impl Fn(usize) -> bool) -> Option<f64> {
        let (joined_index, joined) =
            visit.iter().enumerate().find(|(_, record)| matches!(record.happening, Happening::Joined(_)))?;
        let Happening::Joined(station) = joined.happening else { return None };
        if !self.registration.contains(&station.index()) || !is_asked(joined.at.hour_of_day()) {
            return None;
        }
        let started =
            visit[joined_index..].iter().find(|record| record.happening == Happening::Started(station))?;
        Some(started.at.since(joined.at).as_seconds())
    }

    fn key(run: RunKey, visit: &[Record]) -> Option<EntityKey> {
        let first = visit.first()?;
        let source = if first.source == 0 { BOOKED } else { WALK_INS };
        Some(run.entity(source, u64::from(first.customer)))
    }

    /// The examinations of a visit that saw a doctor; `None` when there were none.
    pub(super) fn orders(&self, run: RunKey, visit: &[Record]) -> Option<Orders> {
        let class = usize::from(visit.first()?.class);
        if self.brings_results.get(class).copied().unwrap_or(false) {
            return None;
        }
        let (_, shares) = visit.iter().find_map(|record| {
            let Happening::Served(station) = record.happening else { return None };
            self.departments.iter().find(|(department, _)| *department == station.index())
        })?;
        let key = Eyes::key(run, visit)?;
        let mut orders = Orders::default();
        for &(index, share) in shares {
            let terms = &self.examinations[index];
            if key.stream(terms.ordered).unit() >= share {
                continue;
            }
            orders.total += 1;
            if terms.counts {
                orders.counted += 1;
                let is_timed =
                    terms.timed_share >= 1.0 || key.stream(terms.is_timed).unit() < terms.timed_share;
                orders.timed += u32::from(is_timed);
            }
        }
        if orders.total == 0 {
            return None;
        }
        let places = if orders.total > 1 { &self.several } else { &self.single };
        let is_at_desks =
            places.as_ref().is_some_and(|places| places.draw(&mut key.stream(BOOKING_PLACE)) == DESKS);
        orders.in_one_go = orders.total == 1 || !is_at_desks;
        Some(orders)
    }

    fn medicine_ready(&self, run: RunKey, visit: &[Record]) -> Option<f64> {
        let pharmacy = self.pharmacy?;
        let awaited = visit.iter().any(|record| {
            matches!(record.happening, Happening::Paused { kind, .. } if kind == PauseKind::AwaitingMedicine as u8)
        });
        let joined = visit.iter().any(
            |record| matches!(record.happening, Happening::Joined(station) if station.index() == pharmacy),
        );
        if !joined && !awaited {
            return None;
        }
        let is_prepared = Eyes::key(run, visit)?.stream(PRE_DISPENSED).unit() < self.pre_dispensed_share;
        Some(f64::from(u8::from(is_prepared && !awaited)))
    }
}
