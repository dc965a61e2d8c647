//! What passes through the stations while a disturbance lasts: where people are held, where fewer get through, and who
//! leaves.

use crate::statistics::StatisticsError;
use crate::statistics::interval::{Estimate, Level, mean};
use crate::statistics::multiple::compare_family;
use onetrip_sim::time::SimTime;

/// One station from the beginning to the end of the disturbance, on one or more days.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Passage {
    /// Joined its queue, or a free server.
    pub(super) joined: u64,
    /// Were served.
    pub(super) served: u64,
    /// Did not join, or left the queue without service.
    pub(super) left: u64,
    /// Wait at the end.
    pub(super) waiting_at_end: u64,
}

impl Passage {
    pub(super) fn add(&mut self, other: &Passage) {
        self.joined += other.joined;
        self.served += other.served;
        self.left += other.left;
        self.waiting_at_end += other.waiting_at_end;
    }

    fn figures(&self) -> [u64; 4] {
        [self.joined, self.served, self.left, self.waiting_at_end]
    }
}

/// From when to when passages are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) from: SimTime,
    pub(super) to: SimTime,
}

impl Span {
    pub(super) fn holds(&self, at: SimTime) -> bool {
        self.from <= at && at < self.to
    }
}

/// A figure without the disturbance and with it, a day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BesideEachOther {
    /// Without.
    pub base: Estimate,
    /// With.
    pub disturbed: Estimate,
    /// Whether they surely differ (Holm over all stations and figures).
    pub is_different: bool,
}

/// What passes through one station while the disturbance lasts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StationPassage {
    /// The station, by its place in the system.
    pub station: usize,
    /// Who join its queue, or a free server.
    pub joined: BesideEachOther,
    /// Who are served.
    pub served: BesideEachOther,
    /// Who do not join, or leave the queue without service.
    pub left: BesideEachOther,
    /// Who wait at the end.
    pub waiting_at_end: BesideEachOther,
}

impl StationPassage {
    fn figures(&self) -> [&BesideEachOther; 4] {
        [&self.joined, &self.served, &self.left, &self.waiting_at_end]
    }

    fn largest_difference(&self) -> f64 {
        let differences = self.figures().map(|one| (one.disturbed.value - one.base.value).abs());
        differences.into_iter().fold(0.0, f64::max)
    }
}

/// The stations at which some figure surely differs, the largest difference first: `twins` holds, for each replication,
/// the passages of all stations without and with the disturbance.
pub(super) fn compare_passages(
    twins: &[[&[Passage]; 2]],
    days: u32,
    level: Level,
) -> Result<Vec<StationPassage>, StatisticsError> {
    let station_count = twins.first().map_or(0, |twin| twin[0].len());
    let series = |station: usize, figure: usize, which: usize| -> Vec<f64> {
        let of = |twin: &[&[Passage]; 2]| twin[which][station].figures()[figure] as f64 / f64::from(days);
        twins.iter().map(of).collect()
    };
    let cells: Vec<(usize, usize)> =
        (0..station_count).flat_map(|station| (0..4).map(move |figure| (station, figure))).collect();
    let values: Vec<[Vec<f64>; 2]> =
        cells.iter().map(|&(station, figure)| [0, 1].map(|which| series(station, figure, which))).collect();
    if values.is_empty() {
        return Ok(Vec::new());
    }
    let pairs: Vec<(&[f64], &[f64])> = values.iter().map(|[base, with]| (&base[..], &with[..])).collect();
    let beside = values
        .iter()
        .zip(compare_family(&pairs, level)?)
        .map(|([base, with], found)| {
            Ok(BesideEachOther {
                base: mean(base, level)?,
                disturbed: mean(with, level)?,
                is_different: found.is_different,
            })
        })
        .collect::<Result<Vec<_>, StatisticsError>>()?;
    let mut stations: Vec<StationPassage> = beside
        .chunks_exact(4)
        .enumerate()
        .map(|(station, of)| StationPassage {
            station,
            joined: of[0],
            served: of[1],
            left: of[2],
            waiting_at_end: of[3],
        })
        .filter(|one| one.figures().iter().any(|figure| figure.is_different))
        .collect();
    stations.sort_by(|a, b| b.largest_difference().total_cmp(&a.largest_difference()));
    Ok(stations)
}
