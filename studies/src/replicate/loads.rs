//! What every station had to do in every replication: what decides how long people wait there.

use onetrip_sim::statistics::Statistics;

/// What one station had to do in one replication.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StationLoad {
    /// Customers who joined.
    pub joined: u64,
    /// Services completed.
    pub completed: u64,
    /// Busy server time, in microseconds.
    pub busy_micros: u64,
    /// Server time on duty by the schedule, in microseconds.
    pub duty_micros: u64,
    /// Waits that ended in service.
    pub wait_count: u64,
    /// How long these lasted, in microseconds.
    pub waited_micros: u64,
    /// How many of them joined in the busiest hour of the day; 0 where the system does not tell the hours apart.
    pub in_busiest_hour: u64,
}

impl StationLoad {
    fn of(statistics: &Statistics, station: usize) -> StationLoad {
        let layout = statistics.layout();
        let account = &statistics.stations[station];
        let whole = |areas: &[u128]| u64::try_from(areas.iter().sum::<u128>()).unwrap_or(u64::MAX);
        let (mut by_hour, mut waited_micros) = ([0_u64; 24], 0);
        for class in 0..layout.class_count {
            for (count, cell) in by_hour.iter_mut().zip(statistics.waits_by_hour(station, class)) {
                *count += cell.count;
                waited_micros += cell.sum_micros;
            }
        }
        let busiest = by_hour.iter().copied().max().unwrap_or(0);
        StationLoad {
            joined: account.joined,
            completed: account.completed,
            busy_micros: whole(&account.busy_area),
            duty_micros: whole(&account.duty_area),
            wait_count: by_hour.iter().sum(),
            waited_micros,
            in_busiest_hour: if layout.hour_count > 1 { busiest } else { 0 },
        }
    }
}

/// The loads of all stations in every replication.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StationLoads {
    station_count: usize,
    /// (replication, station)
    loads: Vec<StationLoad>,
}

impl StationLoads {
    /// Those of one replication.
    pub(super) fn of(statistics: &Statistics) -> StationLoads {
        let station_count = statistics.layout().station_count;
        let loads = (0..station_count).map(|station| StationLoad::of(statistics, station)).collect();
        StationLoads { station_count, loads }
    }

    /// The replications of another list, behind one's own.
    pub(super) fn append(&mut self, other: &StationLoads) {
        self.station_count = other.station_count;
        self.loads.extend_from_slice(&other.loads);
    }

    /// The load of a station in each replication.
    pub fn of_station(&self, station: usize) -> impl Iterator<Item = &StationLoad> {
        self.loads.iter().skip(station).step_by(self.station_count.max(1))
    }
}
