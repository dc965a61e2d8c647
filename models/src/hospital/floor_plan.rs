//! A description compiled: the stations of the engine, and the rooms with their terms.

use super::books::BookKeeper;
use super::rooms::booking_system::BookingSystemRoom;
use super::rooms::check_in::CheckInRoom;
use super::rooms::consultation::ConsultationRooms;
use super::rooms::entrance::Entrance;
use super::rooms::examination::ExaminationRooms;
use super::rooms::pharmacy::PharmacyRoom;
use super::rooms::registration::RegistrationRoom;
use super::rooms::settlement::SettlementRoom;
use super::rooms::walking::Ways;
use super::spec::{HospitalSpec, MachineFailures, Shift, StationOutage};
use crate::system::StationLabel;
use crate::text::Text;
use onetrip_sim::model::StationId;
use onetrip_sim::station::{AfterFailure, Breakdown, Duty, Floor, Outage, StationPlan, WaitingAtOutage};
use onetrip_sim::time::{SimSpan, SimTime};

/// A station as a room sees it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Post {
    pub(super) station: StationId,
    /// From when on nobody is on duty any more that day.
    closes_at: SimTime,
    /// Most servers on duty at a time.
    most_on_duty: u64,
}

impl Post {
    /// Whether someone who joins now will be served today: somebody serves, or comes on duty later.
    #[inline(always)]
    pub(super) fn is_usable(&self, now: SimTime, floor: &Floor<'_>) -> bool {
        now < self.closes_at || floor.is_staffed(self.station)
    }

    /// Whether an outage leaves nobody to serve here now.
    #[inline(always)]
    pub(super) fn is_out(&self, floor: &Floor<'_>) -> bool {
        floor.is_out(self.station)
    }

    /// Whether someone who joins now will be served today, and no outage is in the way just now.
    #[inline(always)]
    pub(super) fn is_working(&self, now: SimTime, floor: &Floor<'_>) -> bool {
        self.is_usable(now, floor) && !self.is_out(floor)
    }

    /// Patients present, and servers to divide them by.
    #[inline(always)]
    pub(super) fn load(&self, floor: &Floor<'_>) -> (u64, u64) {
        let present = floor.waiting(self.station) + floor.busy(self.station);
        let servers = match floor.on_duty(self.station) {
            0 => self.most_on_duty,
            on_duty => on_duty,
        };
        (present, servers.max(1))
    }
}

/// Whether the first post has fewer patients per server than the second.
pub(super) fn is_shorter(first: &Post, second: &Post, floor: &Floor<'_>) -> bool {
    let ((first_present, first_servers), (second_present, second_servers)) =
        (first.load(floor), second.load(floor));
    first_present * second_servers < second_present * first_servers
}

/// All rooms.
#[derive(Debug)]
pub(super) struct FloorPlan {
    pub(super) entrance: Entrance,
    pub(super) ways: Ways,
    pub(super) registration: RegistrationRoom,
    pub(super) check_in: CheckInRoom,
    pub(super) consultation: ConsultationRooms,
    pub(super) examination: ExaminationRooms,
    pub(super) settlement: SettlementRoom,
    pub(super) pharmacy: PharmacyRoom,
    pub(super) booking_system: BookingSystemRoom,
}

/// Collects stations and counters while the rooms are set up.
#[derive(Debug)]
pub(super) struct Builder {
    pub(super) stations: Vec<StationPlan>,
    pub(super) labels: Vec<StationLabel>,
    /// How long each station is open by its schedule.
    pub(super) open_times: Vec<SimSpan>,
    pub(super) keeper: BookKeeper,
    /// Of all stations.
    outages: Vec<StationOutage>,
}

impl Builder {
    /// A station with shifts; `None` where nobody is ever on duty.
    pub(super) fn post(&mut self, plan: StationPlan, shifts: &[Shift], name: Text) -> Option<Post> {
        let changes = duty_changes(shifts);
        let most_on_duty = changes.iter().map(|&(_, count)| count).max().unwrap_or(0);
        if most_on_duty == 0 {
            return None;
        }
        let closes_at = changes.last().map_or(SimTime::ZERO, |&(at, _)| SimTime::ZERO + at);
        let open_time = open_time(&changes);
        let plan = StationPlan { duty: Duty::Shifts { changes, repeats_daily: false }, ..plan };
        let station = self.station(plan, name, open_time);
        Some(Post { station, closes_at, most_on_duty: u64::from(most_on_duty) })
    }

    /// A station with one server that never goes off duty.
    pub(super) fn post_day_and_night(&mut self, plan: StationPlan, name: Text) -> Post {
        let station = self.station(StationPlan { duty: Duty::Always(1), ..plan }, name, SimSpan::DAY);
        Post { station, closes_at: SimTime::NEVER, most_on_duty: 1 }
    }

    fn station(&mut self, plan: StationPlan, name: Text, open_time: SimSpan) -> StationId {
        self.labels.push(StationLabel { id: plan.name.clone(), title: name, has_queue: true });
        self.open_times.push(open_time);
        let outages = self.outages_of(&plan.name);
        self.stations.push(StationPlan { outages, ..plan });
        StationId((self.stations.len() - 1) as u16)
    }

    /// Where people serve themselves, those who wait leave machines that go dark; elsewhere they keep their places.
    fn outages_of(&self, station: &str) -> Vec<Outage> {
        let waiting = match HospitalSpec::is_self_service(station) {
            true => WaitingAtOutage::SendAway,
            false => WaitingAtOutage::Hold,
        };
        let outages = self.outages.iter().filter(|outage| outage.place == station);
        outages
            .map(|outage| Outage {
                from: outage.from,
                to: outage.to,
                server_count: outage.server_count.unwrap_or(Outage::ALL),
                work_in_hand: outage.work_in_hand,
                waiting,
            })
            .collect()
    }
}

/// Compiles a description that was found to be valid.
pub(super) fn build(spec: &HospitalSpec) -> (FloorPlan, Builder) {
    let keeper = BookKeeper::new(spec.demand.classes.len());
    let mut builder = Builder {
        stations: Vec::new(),
        labels: Vec::new(),
        open_times: Vec::new(),
        keeper,
        outages: spec.outages.clone(),
    };
    let registration = RegistrationRoom::build(spec, &mut builder);
    let plan = FloorPlan {
        entrance: Entrance::build(spec, &mut builder),
        ways: Ways::build(&spec.walking),
        check_in: CheckInRoom::build(spec, &mut builder),
        consultation: ConsultationRooms::build(spec, &mut builder),
        examination: ExaminationRooms::build(spec, &mut builder),
        settlement: SettlementRoom::build(spec, &registration, &mut builder),
        pharmacy: PharmacyRoom::build(spec, &mut builder),
        booking_system: BookingSystemRoom::build(spec, &mut builder),
        registration,
    };
    (plan, builder)
}

/// Breakdowns in the engine's form.
pub(super) fn breakdown(
    failures: &Option<MachineFailures>,
    after_failure: AfterFailure,
) -> Option<Breakdown> {
    failures.as_ref().map(|failures| Breakdown {
        time_to_failure: failures.time_to_failure.sampler(),
        repair_time: failures.repair_time.sampler(),
        after_failure,
    })
}

/// Overlapping shifts as the instants at which the number on duty changes.
fn duty_changes(shifts: &[Shift]) -> Vec<(SimSpan, u32)> {
    let mut instants: Vec<SimSpan> = shifts.iter().flat_map(|shift| [shift.from, shift.to]).collect();
    instants.sort_unstable();
    instants.dedup();
    let mut changes: Vec<(SimSpan, u32)> = Vec::new();
    for at in instants {
        let count =
            shifts.iter().filter(|shift| shift.from <= at && at < shift.to).map(|shift| shift.count).sum();
        if changes.last().map_or(0, |&(_, before)| before) != count {
            changes.push((at, count));
        }
    }
    changes
}

fn open_time(changes: &[(SimSpan, u32)]) -> SimSpan {
    let mut time = SimSpan::ZERO;
    for pair in changes.windows(2) {
        if pair[0].1 > 0 {
            time += pair[1].0 - pair[0].0;
        }
    }
    time
}

/// Servers on duty at a time of day.
pub(super) fn on_duty_at(shifts: &[Shift], at: SimSpan) -> u32 {
    shifts.iter().filter(|shift| shift.from <= at && at < shift.to).map(|shift| shift.count).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlapping_shifts_add_up() {
        let shifts = [Shift::hours(8.0, 12.0, 3), Shift::hours(8.0, 10.0, 2), Shift::hours(13.0, 17.0, 3)];
        let hours = |hour: u64| SimSpan::from_whole_minutes(60 * hour);
        let expected = [(hours(8), 5), (hours(10), 3), (hours(12), 0), (hours(13), 3), (hours(17), 0)];
        assert_eq!(duty_changes(&shifts), expected);
        let seamless = [Shift::hours(8.0, 12.0, 1), Shift::hours(12.0, 17.0, 1)];
        assert_eq!(duty_changes(&seamless), [(hours(8), 1), (hours(17), 0)]);
    }
}
