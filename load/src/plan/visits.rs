//! The visits of a described system: a simulated day watched, patient by patient.

use super::{PlanOptions, Visit};
use crate::journey::Moment;
use onetrip_models::hospital::PauseKind;
use onetrip_models::system::{StationLabel, System};
use onetrip_models::watch::{Record, Watcher};
use onetrip_sim::engine::RunError;
use onetrip_sim::observer::Happening;
use onetrip_sim::stream::{Purpose, RunKey};
use std::collections::BTreeMap;

const THINNING: Purpose = Purpose::named("load.demand");

/// A part of a hospital, by the stem of its stations' names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Room {
    Registration,
    CheckIn,
    Consultation,
    Settlement,
    Examination,
    Pharmacy,
    Other,
}

fn room_of(station: &StationLabel) -> Room {
    match station.id.split('.').next().unwrap_or_default() {
        "registration" => Room::Registration,
        "check_in" => Room::CheckIn,
        "consultation" => Room::Consultation,
        "settlement" => Room::Settlement,
        "examination" => Room::Examination,
        "pharmacy" => Room::Pharmacy,
        _ => Room::Other,
    }
}

struct Watching {
    rooms: Vec<Room>,
    /// By source and number, so that two sources may use the same numbers.
    visits: BTreeMap<(u8, u32), Visit>,
    /// Whether stations mean anything: only those of hospitals do.
    is_hospital: bool,
}

impl Watching {
    fn note(&mut self, record: Record, moment: Moment) {
        if let Some(visit) = self.visits.get_mut(&(record.source, record.customer))
            && let Some(moments) = &mut visit.moments
            && moments.iter().all(|(known, _)| *known != moment)
        {
            moments.push((moment, record.at.as_micros()));
        }
    }

    fn has(&self, record: Record, moment: Moment) -> bool {
        let visit = self.visits.get(&(record.source, record.customer));
        let moments = visit.and_then(|visit| visit.moments.as_ref());
        moments.is_some_and(|moments| moments.iter().any(|(known, _)| *known == moment))
    }
}

impl Watcher for Watching {
    fn watch(&mut self, record: Record) {
        let at = record.at.as_micros();
        match record.happening {
            Happening::Arrived => {
                let moments = self.is_hospital.then(|| vec![(Moment::Arrive, at)]);
                let visit = Visit { number: 0, class: record.class, arrive_at: at, moments };
                self.visits.insert((record.source, record.customer), visit);
            }
            Happening::Started(station) if self.is_hospital => {
                match self.rooms[usize::from(station.0)] {
                    // Where cashiers share the windows, a second time at one is for paying.
                    Room::Registration if self.has(record, Moment::Consult) => self.note(record, Moment::Pay),
                    Room::Registration => self.note(record, Moment::Register),
                    Room::CheckIn => self.note(record, Moment::CheckIn),
                    Room::Consultation => self.note(record, Moment::Consult),
                    Room::Settlement => self.note(record, Moment::Pay),
                    Room::Examination => self.note(record, Moment::Examine),
                    Room::Pharmacy => self.note(record, Moment::Dispense),
                    Room::Other => {}
                }
            }
            Happening::Served(station)
                if self.is_hospital && self.rooms[usize::from(station.0)] == Room::Consultation =>
            {
                self.note(record, Moment::Order);
            }
            Happening::Paused { kind, .. } if self.is_hospital && kind == PauseKind::PayingByPhone as u8 => {
                self.note(record, Moment::Pay);
            }
            Happening::Left(_) => self.note(record, Moment::Leave),
            _ => {}
        }
    }
}

/// Simulates the days that the options ask for and gives their visits, in µs after midnight. With a demand above 1,
/// further replications of the day are laid over the first; the last one is thinned at random.
///
/// # Errors
/// When the simulation was given up.
pub fn visits_of(system: &System, options: &PlanOptions) -> Result<Vec<Visit>, RunError> {
    let is_hospital = matches!(system, System::Hospital(_));
    let rooms: Vec<Room> = system.stations().iter().map(room_of).collect();
    let mut runner = system.runner();
    let mut all = Vec::new();
    let mut demand = options.demand;
    let mut replication = 0;
    while demand > 0.0 {
        let run = RunKey::new(options.rng_seed, replication, options.day);
        let mut watching = Watching { rooms: rooms.clone(), visits: BTreeMap::new(), is_hospital };
        let mut account = system.account();
        runner.run_watched(run, &mut account, &mut watching)?;
        for (index, visit) in watching.visits.into_values().enumerate() {
            let keeps = demand >= 1.0 || run.entity(THINNING, index as u64).stream(THINNING).unit() < demand;
            if keeps {
                all.push(Visit { number: (u64::from(replication) << 32) | index as u64, ..visit });
            }
        }
        demand -= 1.0;
        replication += 1;
    }
    Ok(all)
}
