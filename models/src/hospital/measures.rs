//! How figures are read off an account, and the list in which the rooms enter theirs.

use super::books::{Activity, Counter, WaitBook, time_spent};
use super::floor_plan::FloorPlan;
use super::spec::HospitalSpec;
use crate::account::Account;
use crate::measure::{Measure, Statistic, Unit};
use crate::system::StationLabel;
use crate::text::Text;
use onetrip_sim::tally::{Cell, Histogram, PooledHistogram};
use onetrip_sim::time::SimSpan;

/// Waits or sojourns of some group.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Times {
    /// Waits at stations, of all classes.
    Stations(Vec<usize>),
    /// Waits in books of the model.
    Books(Vec<WaitBook>),
    /// Sojourns of classes.
    Sojourns(Vec<usize>),
}

/// How the value of a measure is read.
#[derive(Clone, Debug)]
pub(super) enum Figure {
    Mean(Times),
    Quantile(Times, f64),
    Maximum(Times),
    /// Mean of those who joined in certain hours.
    MeanOfHours(WaitBook, Vec<usize>),
    Ratio(Vec<Counter>, Vec<Counter>),
    /// A mean per day.
    PerDay(Vec<Counter>),
    Utilisation(usize),
    /// Patient time in the queue ÷ opening time.
    QueueMean(usize, SimSpan),
    QueueMaximum(usize),
    Served(usize),
    Overtime(usize),
    /// Mean time of a visit spent in an activity.
    TimeOfVisit(Activity),
    Arrived,
    Completed,
    LeftShare,
    StillInside,
}

impl Figure {
    /// How many it is a part of, where it is a part of something counted.
    pub(super) fn trials(&self, account: &Account) -> Option<u64> {
        match self {
            Figure::Ratio(_, whole) => {
                Some(whole.iter().map(|counter| counter.value(&account.counters)).sum())
            }
            Figure::LeftShare => Some(account.statistics.accounting_total().arrived),
            _ => None,
        }
    }

    /// The stations of which it is the mean wait.
    pub(super) fn stations_of_mean_wait(&self) -> Option<&[usize]> {
        match self {
            Figure::Mean(Times::Stations(stations)) => Some(stations),
            _ => None,
        }
    }
}

/// Reads figures; histograms that were added up for one figure serve the next.
pub(super) struct Reader<'a> {
    account: &'a Account,
    times: Option<&'a Times>,
    pooled: PooledHistogram,
}

impl<'a> Reader<'a> {
    pub(super) fn new(account: &'a Account) -> Self {
        Reader { account, times: None, pooled: PooledHistogram::default() }
    }

    pub(super) fn value(&mut self, figure: &'a Figure) -> Option<f64> {
        let Account { statistics, counters } = self.account;
        let runs = statistics.run_count;
        let per_day = |total: f64| (runs > 0).then(|| total / runs as f64);
        let share = |part: u64, whole: u64| (whole > 0).then(|| part as f64 / whole as f64);
        let total = |list: &[Counter]| list.iter().map(|counter| counter.value(counters)).sum::<u64>();
        match figure {
            Figure::Mean(times) => self.sum(times).mean_seconds(),
            Figure::Quantile(times, quantile) => self.histogram(times).quantile_seconds(*quantile),
            Figure::Maximum(times) => self.maximum(times),
            Figure::MeanOfHours(book, hours) => {
                let mut cell = Cell::default();
                for &hour in hours {
                    cell.merge(&book.hour(counters, hour));
                }
                cell.mean_seconds()
            }
            Figure::Ratio(part, whole) => share(total(part), total(whole)),
            Figure::PerDay(list) => per_day(total(list) as f64),
            Figure::Utilisation(station) => statistics.stations[*station].utilisation_share(),
            Figure::QueueMean(station, open_time) => {
                let area: u128 = statistics.stations[*station].queue_area.iter().sum();
                per_day(area as f64 / open_time.as_micros().max(1) as f64)
            }
            Figure::QueueMaximum(station) => {
                (runs > 0).then(|| statistics.stations[*station].longest_queue as f64)
            }
            Figure::Served(station) => per_day(statistics.stations[*station].completed as f64),
            Figure::Overtime(station) => per_day(statistics.stations[*station].overtime_area as f64 / 1e6),
            Figure::TimeOfVisit(activity) => {
                let classes = 0..statistics.layout().class_count;
                let micros: u64 = classes.map(|class| time_spent(counters, class, *activity)).sum();
                share(micros, statistics.accounting_total().arrived).map(|micros| micros / 1e6)
            }
            Figure::Arrived => per_day(statistics.accounting_total().arrived as f64),
            Figure::Completed => per_day(statistics.accounting_total().completed as f64),
            Figure::StillInside => per_day(statistics.accounting_total().still_inside as f64),
            Figure::LeftShare => {
                let all = statistics.accounting_total();
                share(all.left_without_being_seen, all.arrived)
            }
        }
    }

    fn sum(&self, times: &Times) -> Cell {
        let Account { statistics, counters } = self.account;
        let mut sum = Cell::default();
        match times {
            Times::Stations(stations) => {
                for &station in stations {
                    for class in 0..statistics.layout().class_count {
                        sum.merge(&statistics.waits(station, class));
                    }
                }
            }
            Times::Books(books) => {
                for book in books {
                    (0..24).for_each(|hour| sum.merge(&book.hour(counters, hour)));
                }
            }
            Times::Sojourns(classes) => {
                classes.iter().for_each(|&class| sum.merge(&statistics.sojourns(class)));
            }
        }
        sum
    }

    fn histogram(&mut self, times: &'a Times) -> Histogram<'_> {
        if self.times != Some(times) {
            let Account { statistics, counters } = self.account;
            self.times = Some(times);
            self.pooled.clear();
            match times {
                Times::Stations(stations) => {
                    let classes = statistics.layout().class_count;
                    let rows = stations.iter().flat_map(|&s| (0..classes).map(move |class| (s, class)));
                    self.pooled
                        .extend(rows.map(|(station, class)| statistics.wait_histogram(station, class)));
                }
                Times::Books(books) => {
                    self.pooled.extend(books.iter().map(|book| Histogram::new(book.bin_counts(counters))));
                }
                Times::Sojourns(classes) => {
                    self.pooled.extend(classes.iter().map(|&class| statistics.sojourn_histogram(class)));
                }
            }
        }
        self.pooled.view()
    }

    fn maximum(&mut self, times: &'a Times) -> Option<f64> {
        let statistics = &self.account.statistics;
        let classes = statistics.layout().class_count;
        let longest = match times {
            Times::Stations(stations) => stations
                .iter()
                .flat_map(|&station| (0..classes).map(move |class| (station, class)))
                .map(|(station, class)| statistics.longest_wait(station, class))
                .max(),
            Times::Sojourns(list) => list.iter().map(|&class| statistics.longest_sojourn(class)).max(),
            // A counter that is added up cannot keep a maximum: the upper end of the last bin in use.
            Times::Books(_) => return self.histogram(times).quantile_seconds(1.0),
        };
        (self.sum(times).count > 0).then(|| longest.map(SimSpan::as_seconds)).flatten()
    }
}

/// The measures of a hospital as the rooms enter them.
pub(super) struct Catalogue {
    pub(super) measures: Vec<Measure>,
    pub(super) figures: Vec<Figure>,
}

/// Title and definition, in English and Chinese.
pub(super) struct Words {
    pub(super) title: (&'static str, &'static str),
    pub(super) definition: (&'static str, &'static str),
}

impl Catalogue {
    /// One measure.
    pub(super) fn add(
        &mut self,
        id: impl Into<String>,
        unit: Unit,
        statistic: Statistic,
        figure: Figure,
        (title, definition): (Text, Text),
    ) {
        self.measures.push(Measure { id: id.into(), unit, statistic, title, definition, is_headline: false });
        self.figures.push(figure);
    }

    /// A share of two sums of counters.
    pub(super) fn share(&mut self, id: &str, part: &[Counter], whole: &[Counter], words: Words) {
        let figure = Figure::Ratio(part.to_vec(), whole.to_vec());
        self.add(id, Unit::Share, Statistic::Share, figure, words.texts());
    }

    /// A mean number of a day.
    pub(super) fn per_day(&mut self, id: &str, counters: &[Counter], words: Words) {
        let figure = Figure::PerDay(counters.to_vec());
        self.add(id, Unit::Count, Statistic::Total, figure, words.texts());
    }

    /// Mean, quantiles and maximum of waits or sojourns: `<stem>.mean`, `.p50` …
    pub(super) fn times(&mut self, stem: &str, times: &Times, title: (&str, &str), definition: (&str, &str)) {
        let rows = [
            ("mean", Statistic::Mean, "mean", "平均"),
            ("p50", Statistic::Quantile(0.5), "median", "中位数"),
            ("p90", Statistic::Quantile(0.9), "90 % at most", "P90"),
            ("p95", Statistic::Quantile(0.95), "95 % at most", "P95"),
            ("max", Statistic::Maximum, "longest", "最长"),
        ];
        for (suffix, statistic, en, zh) in rows {
            let figure = match statistic {
                Statistic::Quantile(quantile) => Figure::Quantile(times.clone(), quantile),
                Statistic::Maximum => Figure::Maximum(times.clone()),
                _ => Figure::Mean(times.clone()),
            };
            let title = Text::new(format!("{}: {en}", title.0), format!("{}：{zh}", title.1));
            let definition = Text::new(definition.0, definition.1);
            self.add(format!("{stem}.{suffix}"), Unit::Seconds, statistic, figure, (title, definition));
        }
    }

    /// Marks the measures that are shown first.
    fn mark_headlines(&mut self, ids: &[&str]) {
        for measure in &mut self.measures {
            measure.is_headline = ids.contains(&measure.id.as_str());
        }
    }
}

impl Words {
    pub(super) fn texts(self) -> (Text, Text) {
        (Text::new(self.title.0, self.title.1), Text::new(self.definition.0, self.definition.1))
    }
}

const HEADLINES: [&str; 8] = [
    "registration.on_site.peak.wait_time.mean",
    "consultation.wait_time.mean",
    "consultation.segment_held_share",
    "settlement.smart_share",
    "settlement.payments_per_visit.mean",
    "pharmacy.ready_on_arrival_share",
    "visits.sojourn_time.mean",
    "visits.another_trip_share",
];

/// All measures of a hospital, and how to read them.
pub(super) fn catalogue(
    spec: &HospitalSpec,
    plan: &FloorPlan,
    stations: &[StationLabel],
    open_times: &[SimSpan],
) -> (Vec<Measure>, Vec<Figure>) {
    let mut list = Catalogue { measures: Vec::new(), figures: Vec::new() };
    plan.registration.enter_measures(spec, &mut list);
    plan.consultation.enter_measures(&mut list);
    plan.examination.enter_measures(&mut list);
    plan.settlement.enter_measures(&mut list);
    plan.pharmacy.enter_measures(&mut list);
    plan.entrance.enter_measures(spec, &mut list);
    for (station, (label, open_time)) in stations.iter().zip(open_times).enumerate() {
        list.station(station, label, *open_time);
    }
    list.mark_headlines(&HEADLINES);
    (list.measures, list.figures)
}

impl Catalogue {
    fn station(&mut self, station: usize, label: &StationLabel, open_time: SimSpan) {
        let Text { en, zh } = &label.title;
        let id = &label.id;
        self.times(
            &format!("{id}.wait_time"),
            &Times::Stations(vec![station]),
            (&format!("{en}, wait"), &format!("{zh}等候")),
            (
                "Everyone who is served here, from joining the queue to the first start of service. Those who leave \
                 the queue are not counted.",
                "在此接受服务的全部患者，自排队至首次开始服务；离队者不计。",
            ),
        );
        let rows = [
            (
                "utilisation_share",
                Unit::Share,
                Statistic::TimeAverage,
                Figure::Utilisation(station),
                ("utilisation", "利用率"),
                (
                    "Busy server time within the schedule ÷ server time on duty.",
                    "排班内忙碌时间 ÷ 在岗时间。",
                ),
            ),
            (
                "queue_length.mean",
                Unit::Count,
                Statistic::TimeAverage,
                Figure::QueueMean(station, open_time),
                ("mean queue", "平均排队人数"),
                (
                    "Time patients spent in the queue, summed over all of them, ÷ the time the station is open by \
                     its schedule.",
                    "全部患者排队时间之和 ÷ 排班开放时间。",
                ),
            ),
            (
                "queue_length.max",
                Unit::Count,
                Statistic::Maximum,
                Figure::QueueMaximum(station),
                ("longest queue", "最长队伍"),
                ("Largest number waiting at one instant.", "同一时刻等候的最多人数。"),
            ),
            (
                "served.mean",
                Unit::Count,
                Statistic::Total,
                Figure::Served(station),
                ("served in a day", "日服务人次"),
                ("Services completed, per day.", "每日完成的服务次数。"),
            ),
            (
                "overtime.mean",
                Unit::Seconds,
                Statistic::Mean,
                Figure::Overtime(station),
                ("overtime in a day", "日加班时间"),
                ("Busy server time beyond the schedule, per day.", "每日超出排班的忙碌时间。"),
            ),
        ];
        for (suffix, unit, statistic, figure, title, definition) in rows {
            let title = Text::new(format!("{en}: {}", title.0), format!("{zh}：{}", title.1));
            let definition = Text::new(definition.0, definition.1);
            self.add(format!("{id}.{suffix}"), unit, statistic, figure, (title, definition));
        }
    }
}
