//! One station: its waits, its servers, its queue by hour.

use super::{Figure, MeasurePart};
use crate::words::Words;
use onetrip_models::system::{StationLabel, System};
use onetrip_sim::statistics::Statistics;
use onetrip_sim::tally::{Cell, PooledHistogram};
use onetrip_studies::replicate::{HourlyQueues, RunResults};
use onetrip_studies::statistics::interval;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A station of the system. Numbers of customers are sums over all runs.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct StationPart {
    /// Dotted name, the stem of its measures.
    pub id: String,
    /// Name shown.
    pub title: Words,
    /// Whether anybody can wait there.
    pub has_queue: bool,
    /// Waits of those served, in seconds.
    pub wait_time_s: WaitTimes,
    /// Busy server time within the schedule ÷ server time on duty; `null` where nobody was on duty.
    pub utilisation_share: Option<f64>,
    /// Lower end of its interval.
    pub utilisation_low: Option<f64>,
    /// Upper end of its interval.
    pub utilisation_high: Option<f64>,
    /// Mean number waiting: of a hospital's station while it is open by its schedule, of a network's over the observed time.
    pub queue_length: Option<f64>,
    /// The longest queue of any run.
    pub longest_queue: LongestQueue,
    /// Came and stayed: began service at once or joined the queue.
    pub joined: u64,
    /// Services completed.
    pub served: u64,
    /// Saw the queue and did not join.
    pub balked: u64,
    /// Left the queue when their patience ran out.
    pub reneged: u64,
    /// Turned away because the station was full.
    pub refused: u64,
    /// Sent away at closing.
    pub sent_away: u64,
    /// Services broken off.
    pub interrupted: u64,
    /// Breakdowns.
    pub failures: u64,
    /// Waiting when the run ended.
    pub waiting_at_end: u64,
    /// In service when the run ended.
    pub in_service_at_end: u64,
    /// Busy server time beyond the schedule, in seconds a run.
    pub overtime_s: Option<f64>,
    /// By hour of the day; `null` where the hours are not told apart.
    pub by_hour: Option<ByHour>,
}

/// Waits at a station, in seconds.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct WaitTimes {
    /// The figures. `max` is the longest wait of a replication, averaged over replications.
    #[serde(flatten)]
    pub value: WaitFigures,
    /// Lower ends of their intervals.
    pub low: WaitFigures,
    /// Upper ends of their intervals.
    pub high: WaitFigures,
    /// The longest wait of all runs.
    pub longest: Option<f64>,
    /// All waits of all runs.
    pub distribution: Option<WaitDistribution>,
}

/// One number for each figure of a wait.
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct WaitFigures {
    /// Mean.
    pub mean: Option<f64>,
    /// Median.
    pub p50: Option<f64>,
    /// Nine in ten wait no longer.
    pub p90: Option<f64>,
    /// Nineteen in twenty wait no longer.
    pub p95: Option<f64>,
    /// The longest.
    pub max: Option<f64>,
}

/// A distribution as quantiles: a share of those served waited at most so long.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct WaitDistribution {
    /// How many waits.
    pub count: u64,
    /// Shares, rising from 0 to 1.
    pub share: Vec<f64>,
    /// The wait that this share does not exceed, in seconds.
    pub at_most_s: Vec<f64>,
}

/// A queue at its longest.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct LongestQueue {
    /// How many waited.
    pub count: u64,
    /// When first so many did, in seconds since the run began; `null` when nobody ever waited.
    pub at_s: Option<f64>,
    /// The longest queue of a replication, averaged over replications.
    pub mean: Option<f64>,
}

/// Columns by hour of the day, 0 to 23. `null` where an hour was not observed or nobody was on duty.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct ByHour {
    /// The hour.
    pub hour: Vec<u32>,
    /// Mean number waiting: of a hospital's station while it is open by its schedule, of a network's over the observed time.
    pub queue_length: Vec<Option<f64>>,
    /// Lower end of its interval over replications.
    pub queue_length_low: Vec<Option<f64>>,
    /// Upper end of its interval over replications.
    pub queue_length_high: Vec<Option<f64>>,
    /// One replication in ten has a shorter mean queue in that hour.
    pub queue_length_p10: Vec<Option<f64>>,
    /// One replication in ten has a longer mean queue in that hour.
    pub queue_length_p90: Vec<Option<f64>>,
    /// Busy server time ÷ server time on duty; above 1 with overtime.
    pub utilisation_share: Vec<Option<f64>>,
    /// Mean wait of those served who joined in that hour, in seconds.
    pub wait_time_s_mean: Vec<Option<f64>>,
    /// Those served who joined in that hour, in all runs.
    pub served: Vec<u64>,
}

impl StationPart {
    /// Time waited here in all by those served, in seconds over all runs.
    pub fn time_waited_s(&self) -> f64 {
        self.wait_time_s.value.mean.unwrap_or(0.0) * self.joined as f64
    }

    /// Left without having been served here.
    pub fn left_unserved(&self) -> u64 {
        self.balked + self.reneged + self.refused + self.sent_away
    }

    /// Utilisation with its interval.
    pub fn utilisation(&self) -> Figure {
        Figure {
            value: self.utilisation_share,
            low: self.utilisation_low,
            high: self.utilisation_high,
            ..Figure::default()
        }
    }
}

impl WaitTimes {
    /// One of the figures with its interval.
    pub fn figure(&self, pick: fn(&WaitFigures) -> Option<f64>) -> Figure {
        Figure { value: pick(&self.value), low: pick(&self.low), high: pick(&self.high), n: 0 }
    }
}

pub(super) fn parts(system: &System, results: &RunResults, measures: &[MeasurePart]) -> Vec<StationPart> {
    let stations = system.stations().iter().enumerate();
    stations.map(|(index, label)| part(index, label, results, measures)).collect()
}

fn part(index: usize, label: &StationLabel, results: &RunResults, measures: &[MeasurePart]) -> StationPart {
    let statistics = &results.account.statistics;
    let account = &statistics.stations[index];
    let figure = |suffix: &str| {
        let id = format!("{}.{suffix}", label.id);
        measures.iter().find(|measure| measure.id == id).map(|measure| measure.figure)
    };
    let observed = statistics.observed_micros();
    let utilisation =
        figure("utilisation_share").unwrap_or_else(|| Figure::bare(account.utilisation_share()));
    let over_time = || account.queue_area.iter().sum::<u128>() as f64 / observed as f64;
    let queue_length =
        figure("queue_length.mean").unwrap_or_else(|| Figure::bare((observed > 0).then(over_time)));
    let runs = statistics.run_count;
    StationPart {
        id: label.id.clone(),
        title: (&label.title).into(),
        has_queue: label.has_queue,
        wait_time_s: wait_times(index, statistics, figure),
        utilisation_share: utilisation.value.filter(|_| label.has_queue),
        utilisation_low: utilisation.low,
        utilisation_high: utilisation.high,
        queue_length: queue_length.value.filter(|_| label.has_queue),
        longest_queue: LongestQueue {
            count: account.longest_queue,
            at_s: (account.longest_queue > 0).then(|| account.longest_queue_at.as_seconds()),
            mean: figure("queue_length.max").and_then(|figure| figure.value),
        },
        joined: account.joined,
        served: account.completed,
        balked: account.balked,
        reneged: account.reneged,
        refused: account.refused,
        sent_away: account.sent_away,
        interrupted: account.interrupted,
        failures: account.failures,
        waiting_at_end: account.waiting_at_end,
        in_service_at_end: account.in_service_at_end,
        overtime_s: (runs > 0).then(|| account.overtime_area as f64 / 1e6 / runs as f64),
        by_hour: by_hour(index, results),
    }
}

/// Measures of the station where it has them, with their intervals; else the account alone.
fn wait_times(station: usize, statistics: &Statistics, figure: impl Fn(&str) -> Option<Figure>) -> WaitTimes {
    let classes = statistics.layout().class_count;
    let rows = || (0..classes).map(|class| (station, class));
    let mut cell = Cell::default();
    rows().for_each(|(station, class)| cell.merge(&statistics.waits(station, class)));
    if cell.count == 0 {
        return WaitTimes::default();
    }
    let mut pooled = PooledHistogram::default();
    pooled.extend(rows().map(|(station, class)| statistics.wait_histogram(station, class)));
    let histogram = pooled.view();
    let longest =
        rows().map(|(station, class)| statistics.longest_wait(station, class)).max().unwrap_or_default();
    let of = |suffix: &str, otherwise: Option<f64>| {
        figure(&format!("wait_time.{suffix}"))
            .filter(|figure| figure.value.is_some())
            .unwrap_or_else(|| Figure::bare(otherwise))
    };
    let mean = of("mean", cell.mean_seconds());
    let p50 = of("p50", histogram.quantile_seconds(0.5));
    let p90 = of("p90", histogram.quantile_seconds(0.9));
    let p95 = of("p95", histogram.quantile_seconds(0.95));
    let max = of("max", Some(longest.as_seconds()));
    let each = |pick: fn(&Figure) -> Option<f64>| WaitFigures {
        mean: pick(&mean),
        p50: pick(&p50),
        p90: pick(&p90),
        p95: pick(&p95),
        max: pick(&max),
    };
    let share: Vec<f64> =
        (0..=49).map(|step| f64::from(step) / 50.0).chain([0.99, 0.995, 0.999, 1.0]).collect();
    let longest_s = longest.as_seconds();
    let at_most_s =
        share.iter().map(|&share| histogram.quantile_seconds(share).unwrap_or(0.0).min(longest_s)).collect();
    WaitTimes {
        value: each(|figure| figure.value),
        low: each(|figure| figure.low),
        high: each(|figure| figure.high),
        longest: Some(longest_s),
        distribution: Some(WaitDistribution { count: cell.count, share, at_most_s }),
    }
}

fn by_hour(station: usize, results: &RunResults) -> Option<ByHour> {
    let statistics = &results.account.statistics;
    let layout = statistics.layout();
    if layout.hour_count < 2 {
        return None;
    }
    let account = &statistics.stations[station];
    let mut columns = ByHour::default();
    for hour in 0..layout.hour_count {
        let ratio = |part: u128, whole: u128| (whole > 0).then(|| part as f64 / whole as f64);
        let mut waits = Cell::default();
        (0..layout.class_count)
            .for_each(|class| waits.merge(&statistics.waits_by_hour(station, class)[hour]));
        columns.hour.push(hour as u32);
        columns.queue_length.push(ratio(account.queue_area[hour], statistics.observed_time[hour]));
        columns.utilisation_share.push(ratio(account.busy_area[hour], account.duty_area[hour]));
        columns.wait_time_s_mean.push(waits.mean_seconds());
        columns.served.push(waits.count);
        let band = Band::of(&results.queues_by_hour, station, hour, results.settings.level);
        columns.queue_length_low.push(band.low);
        columns.queue_length_high.push(band.high);
        columns.queue_length_p10.push(band.p10);
        columns.queue_length_p90.push(band.p90);
    }
    Some(columns)
}

/// How an hour's queue differs between replications.
#[derive(Default)]
struct Band {
    low: Option<f64>,
    high: Option<f64>,
    p10: Option<f64>,
    p90: Option<f64>,
}

impl Band {
    fn of(queues: &HourlyQueues, station: usize, hour: usize, level: interval::Level) -> Band {
        if hour >= queues.hour_count() {
            return Band::default();
        }
        let mut lengths: Vec<f64> = queues.queue_lengths(station, hour).collect();
        lengths.sort_by(f64::total_cmp);
        let interval = interval::mean(&lengths, level).ok().and_then(|estimate| estimate.interval);
        // Fewer than five replications have no tenth.
        let quantile = |share: f64| {
            let rank = (share * lengths.len() as f64).ceil().max(1.0) as usize;
            (lengths.len() >= 5).then(|| lengths[rank - 1])
        };
        Band {
            low: interval.map(|interval| interval.low.max(0.0)),
            high: interval.map(|interval| interval.high),
            p10: quantile(0.1),
            p90: quantile(0.9),
        }
    }
}
