//! The measures of a network: for every station, group and class, and for the whole.

use super::spec::NetworkSpec;
use crate::measure::{Measure, Statistic, Unit};
use crate::text::Text;
use onetrip_sim::station::Duty;
use onetrip_sim::statistics::{StationAccount, Statistics};
use onetrip_sim::tally::{Cell, Histogram, PooledHistogram};
use onetrip_sim::time::SimSpan;
use std::sync::Arc;

/// How a measure is read off the statistics.
#[derive(Clone, Debug)]
pub(crate) struct Figure {
    what: What,
    /// Stations it speaks of; empty for the whole network.
    stations: Arc<[usize]>,
    classes: Arc<[usize]>,
}

/// Over which customers a mean is formed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MeanOver<'a> {
    /// Those of these classes whose service starts at one of these stations: their waits.
    Waits {
        /// The stations, by their place in the network.
        stations: &'a [usize],
        /// The classes, by their place in the network.
        classes: &'a [usize],
    },
    /// Those of these classes who complete their journey: their times inside.
    Sojourns {
        /// The classes, by their place in the network.
        classes: &'a [usize],
    },
}

#[derive(Clone, Copy, Debug)]
enum What {
    WaitMean,
    WaitQuantile(f64),
    WaitMaximum,
    WaitedShare,
    SojournMean,
    SojournQuantile(f64),
    SojournMaximum,
    QueueLength,
    Occupancy,
    Utilisation,
    Throughput,
    Overtime,
    BalkedShare,
    RenegedShare,
    RefusedShare,
    SentAway,
    LongestQueue,
    Inside,
    Arrived,
    Completed,
    LeftShare,
    StillInside,
}

/// Reads figures; histograms that were added up for one figure serve the next.
pub(crate) struct Reader<'a> {
    statistics: &'a Statistics,
    /// What is added up: stations, or none for the sojourns of the whole network, and classes.
    pooled_for: Option<(&'a [usize], &'a [usize])>,
    pooled: PooledHistogram,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(statistics: &'a Statistics) -> Self {
        Reader { statistics, pooled_for: None, pooled: PooledHistogram::default() }
    }

    pub(crate) fn value(&mut self, figure: &'a Figure) -> Option<f64> {
        let statistics = self.statistics;
        let hours = statistics.observed_micros() as f64 / 3.6e9;
        let per_run =
            |total: u64| (statistics.run_count > 0).then(|| total as f64 / statistics.run_count as f64);
        let accounts = || figure.stations.iter().map(|&station| &statistics.stations[station]);
        let total = |count: fn(&StationAccount) -> u64| accounts().map(count).sum::<u64>();
        let area = |areas: fn(&StationAccount) -> &[u128]| {
            let micros = statistics.observed_micros();
            let sum: u128 = accounts().flat_map(|account| areas(account).iter()).sum();
            (micros > 0).then(|| sum as f64 / micros as f64)
        };
        let share_of_comers = |count: fn(&StationAccount) -> u64| {
            let comers = figure.comers(statistics);
            (comers > 0).then(|| total(count) as f64 / comers as f64)
        };
        match figure.what {
            What::WaitMean => figure.sum_waits(statistics).mean_seconds(),
            What::WaitQuantile(share) | What::SojournQuantile(share) => {
                self.histogram(figure).quantile_seconds(share)
            }
            What::WaitedShare => {
                self.histogram(figure).share_within(SimSpan::ZERO).map(|at_once| 1.0 - at_once)
            }
            What::WaitMaximum => {
                let longest =
                    figure.rows().map(|(station, class)| statistics.longest_wait(station, class)).max()?;
                (figure.sum_waits(statistics).count > 0).then(|| longest.as_seconds())
            }
            What::SojournMean => {
                let mut sum = Cell::default();
                figure.classes.iter().for_each(|&class| sum.merge(&statistics.sojourns(class)));
                sum.mean_seconds()
            }
            What::SojournMaximum => {
                let longest = figure.classes.iter().map(|&class| statistics.longest_sojourn(class)).max()?;
                figure
                    .classes
                    .iter()
                    .any(|&class| statistics.sojourns(class).count > 0)
                    .then(|| longest.as_seconds())
            }
            What::QueueLength => area(|account| &account.queue_area),
            What::Occupancy => {
                Some(area(|account| &account.queue_area)? + area(|account| &account.busy_area)?)
            }
            What::Utilisation => {
                let duty: u128 = accounts().flat_map(|account| account.duty_area.iter()).sum();
                let busy: u128 = accounts().flat_map(|account| account.busy_area.iter()).sum();
                let overtime: u128 = accounts().map(|account| account.overtime_area).sum();
                (duty > 0).then(|| busy.saturating_sub(overtime) as f64 / duty as f64)
            }
            What::Throughput => (hours > 0.0).then(|| total(|account| account.completed) as f64 / hours),
            What::Overtime => {
                let overtime: u128 = accounts().map(|account| account.overtime_area).sum();
                (statistics.run_count > 0).then(|| overtime as f64 / 1e6 / statistics.run_count as f64)
            }
            What::BalkedShare => share_of_comers(|account| account.balked),
            What::RenegedShare => share_of_comers(|account| account.reneged),
            What::RefusedShare => share_of_comers(|account| account.refused),
            What::SentAway => per_run(total(|account| account.sent_away)),
            What::LongestQueue => accounts().map(|account| account.longest_queue as f64).reduce(f64::max),
            What::Inside => {
                let micros = statistics.observed_micros();
                (micros > 0).then(|| statistics.inside_area as f64 / micros as f64)
            }
            What::Arrived => per_run(statistics.accounting_total().arrived),
            What::Completed => per_run(statistics.accounting_total().completed),
            What::StillInside => per_run(statistics.accounting_total().still_inside),
            What::LeftShare => {
                let all = statistics.accounting_total();
                (all.arrived > 0).then(|| all.left_without_being_seen as f64 / all.arrived as f64)
            }
        }
    }

    /// The waits at the figure's stations, or the sojourns where it speaks of the whole network.
    fn histogram(&mut self, figure: &'a Figure) -> Histogram<'_> {
        let (stations, classes) = (&figure.stations[..], &figure.classes[..]);
        match (stations, classes) {
            (&[station], &[class]) => return self.statistics.wait_histogram(station, class),
            (&[], &[class]) => return self.statistics.sojourn_histogram(class),
            _ => {}
        }
        if self.pooled_for != Some((stations, classes)) {
            self.pooled_for = Some((stations, classes));
            self.pooled.clear();
            if stations.is_empty() {
                self.pooled.extend(classes.iter().map(|&class| self.statistics.sojourn_histogram(class)));
            }
            self.pooled
                .extend(figure.rows().map(|(station, class)| self.statistics.wait_histogram(station, class)));
        }
        self.pooled.view()
    }
}

impl Figure {
    /// The stations of which it is the mean wait, over all classes.
    pub(crate) fn stations_of_mean_wait(&self, class_count: usize) -> Option<&[usize]> {
        let is_of_all = matches!(self.what, What::WaitMean) && self.classes.len() == class_count;
        is_of_all.then_some(&*self.stations)
    }

    /// Over whom it is a mean, where it is one over customers.
    pub(crate) fn mean_over(&self) -> Option<MeanOver<'_>> {
        match self.what {
            What::WaitMean => Some(MeanOver::Waits { stations: &self.stations, classes: &self.classes }),
            What::SojournMean => Some(MeanOver::Sojourns { classes: &self.classes }),
            _ => None,
        }
    }

    /// How many it is a part of, where it is a part of something counted.
    pub(crate) fn trials(&self, statistics: &Statistics) -> Option<u64> {
        match self.what {
            What::WaitedShare => Some(self.sum_waits(statistics).count),
            What::BalkedShare | What::RenegedShare | What::RefusedShare => Some(self.comers(statistics)),
            What::LeftShare => Some(statistics.accounting_total().arrived),
            _ => None,
        }
    }

    /// All who came to its stations: joined, balked or were refused.
    fn comers(&self, statistics: &Statistics) -> u64 {
        let of_one = |account: &StationAccount| account.joined + account.balked + account.refused;
        self.stations.iter().map(|&station| of_one(&statistics.stations[station])).sum()
    }

    fn rows(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        self.stations.iter().flat_map(|&station| self.classes.iter().map(move |&class| (station, class)))
    }

    fn sum_waits(&self, statistics: &Statistics) -> Cell {
        let mut sum = Cell::default();
        self.rows().for_each(|(station, class)| sum.merge(&statistics.waits(station, class)));
        sum
    }
}

/// All measures of a network, and how to read them.
pub(crate) fn catalogue(spec: &NetworkSpec) -> (Vec<Measure>, Vec<Figure>) {
    let mut list = Catalogue { measures: Vec::new(), figures: Vec::new() };
    let every_class: Arc<[usize]> = (0..spec.classes.len()).collect();
    let mut places: Vec<(&str, Arc<[usize]>, bool)> = Vec::new();
    for (place, station) in spec.stations.iter().enumerate() {
        let queues = station.plan.duty != Duty::Unlimited;
        places.push((&station.plan.name, Arc::new([place]), queues));
    }
    for group in &spec.groups {
        places.push((&group.name, group.stations.iter().map(|station| station.index()).collect(), true));
    }
    for (name, stations, queues) in &places {
        let scope = Scope { subject: name, subject_zh: name, stations, classes: &every_class };
        if *queues {
            list.waits(
                &scope,
                spec.stations.len() == 1 || spec.groups.iter().any(|group| group.name == *name),
            );
        }
        list.station(&scope, *queues);
        if spec.classes.len() > 1 && *queues {
            for (class, class_name) in spec.classes.iter().enumerate() {
                let subject = format!("{name}.{class_name}");
                list.waits(
                    &Scope { subject: &subject, subject_zh: &subject, stations, classes: &one(class) },
                    false,
                );
            }
        }
    }
    let nowhere: Arc<[usize]> = Arc::new([]);
    list.system(&Scope {
        subject: "system", subject_zh: "全网", stations: &nowhere, classes: &every_class
    });
    if spec.classes.len() > 1 {
        for (class, class_name) in spec.classes.iter().enumerate() {
            let subject = format!("system.{class_name}");
            let scope =
                Scope { subject: &subject, subject_zh: &subject, stations: &nowhere, classes: &one(class) };
            list.sojourns(&scope, false);
        }
    }
    (list.measures, list.figures)
}

struct Scope<'a> {
    subject: &'a str,
    subject_zh: &'a str,
    stations: &'a Arc<[usize]>,
    classes: &'a Arc<[usize]>,
}

struct Catalogue {
    measures: Vec<Measure>,
    figures: Vec<Figure>,
}

/// (suffix, what, unit, statistic, title en, title zh)
type Row = (&'static str, What, Unit, Statistic, &'static str, &'static str);

impl Catalogue {
    fn add(&mut self, scope: &Scope<'_>, row: Row, definition: (&str, &str), is_headline: bool) {
        let (suffix, what, unit, statistic, en, zh) = row;
        self.measures.push(Measure {
            id: format!("{}.{suffix}", scope.subject),
            unit,
            statistic,
            title: Text::new(format!("{}: {en}", scope.subject), format!("{}：{zh}", scope.subject_zh)),
            definition: Text::new(definition.0, definition.1),
            is_headline,
        });
        self.figures.push(Figure {
            what,
            stations: Arc::clone(scope.stations),
            classes: Arc::clone(scope.classes),
        });
    }

    fn waits(&mut self, scope: &Scope<'_>, is_headline: bool) {
        let definition = (
            "Customers whose service starts here after the warm-up, from joining the queue to the first start of \
             service. Those who leave the queue are counted apart.",
            "预热期后在此开始服务的顾客，自排队至首次开始服务；中途离队者另计。",
        );
        let rows: [Row; 7] = [
            ("wait_time.mean", What::WaitMean, Unit::Seconds, Statistic::Mean, "mean wait", "平均等候"),
            (
                "wait_time.p50",
                What::WaitQuantile(0.5),
                Unit::Seconds,
                Statistic::Quantile(0.5),
                "median wait",
                "等候中位数",
            ),
            (
                "wait_time.p90",
                What::WaitQuantile(0.9),
                Unit::Seconds,
                Statistic::Quantile(0.9),
                "90 % wait at most",
                "等候 P90",
            ),
            (
                "wait_time.p95",
                What::WaitQuantile(0.95),
                Unit::Seconds,
                Statistic::Quantile(0.95),
                "95 % wait at most",
                "等候 P95",
            ),
            (
                "wait_time.p99",
                What::WaitQuantile(0.99),
                Unit::Seconds,
                Statistic::Quantile(0.99),
                "99 % wait at most",
                "等候 P99",
            ),
            (
                "wait_time.max",
                What::WaitMaximum,
                Unit::Seconds,
                Statistic::Maximum,
                "longest wait",
                "最长等候",
            ),
            (
                "waited_share",
                What::WaitedShare,
                Unit::Share,
                Statistic::Share,
                "share who wait at all",
                "需等候者占比",
            ),
        ];
        for row in rows {
            self.add(scope, row, definition, is_headline && row.0 == "wait_time.mean");
        }
    }

    fn station(&mut self, scope: &Scope<'_>, queues: bool) {
        let over_time = ("Average over the observed time.", "按观察时间平均。");
        let comers = (
            "Of all who come to the station: joined, balked or refused.",
            "占到达该站的全部顾客（入列、止步、被拒）。",
        );
        let per_run = ("Per run, after the warm-up.", "每次运行（预热期后）。");
        self.add(
            scope,
            (
                "occupancy.mean",
                What::Occupancy,
                Unit::Count,
                Statistic::TimeAverage,
                "mean number present",
                "平均在站人数",
            ),
            over_time,
            false,
        );
        let throughput = (
            "throughput_per_hour",
            What::Throughput,
            Unit::PerHour,
            Statistic::TimeAverage,
            "services per hour",
            "每小时服务数",
        );
        self.add(
            scope,
            throughput,
            ("Services completed per observed hour.", "每观察小时完成的服务数。"),
            false,
        );
        if !queues {
            return;
        }
        let rows: [(Row, (&str, &str)); 8] = [
            (
                (
                    "queue_length.mean",
                    What::QueueLength,
                    Unit::Count,
                    Statistic::TimeAverage,
                    "mean number waiting",
                    "平均排队人数",
                ),
                over_time,
            ),
            (
                (
                    "queue_length.max",
                    What::LongestQueue,
                    Unit::Count,
                    Statistic::Maximum,
                    "longest queue",
                    "最长队伍",
                ),
                (
                    "Largest number waiting at one instant, at one station where several are reported together.",
                    "同一时刻等候的最多人数；多站合报时取单站最多。",
                ),
            ),
            (
                (
                    "utilisation_share",
                    What::Utilisation,
                    Unit::Share,
                    Statistic::TimeAverage,
                    "utilisation",
                    "利用率",
                ),
                (
                    "Busy server time within the schedule ÷ server time on duty.",
                    "排班内忙碌时间 ÷ 在岗时间。",
                ),
            ),
            (
                ("overtime.mean", What::Overtime, Unit::Seconds, Statistic::Mean, "overtime", "加班时间"),
                ("Busy server time beyond the schedule, per run.", "每次运行中超出排班的忙碌时间。"),
            ),
            (
                (
                    "balked_share",
                    What::BalkedShare,
                    Unit::Share,
                    Statistic::Share,
                    "share who do not join",
                    "止步占比",
                ),
                comers,
            ),
            (
                (
                    "reneged_share",
                    What::RenegedShare,
                    Unit::Share,
                    Statistic::Share,
                    "share who leave the queue",
                    "离队占比",
                ),
                comers,
            ),
            (
                (
                    "refused_share",
                    What::RefusedShare,
                    Unit::Share,
                    Statistic::Share,
                    "share refused",
                    "被拒占比",
                ),
                comers,
            ),
            (
                (
                    "sent_away.mean",
                    What::SentAway,
                    Unit::Count,
                    Statistic::Total,
                    "sent away at closing",
                    "关门遣返人数",
                ),
                per_run,
            ),
        ];
        for (row, definition) in rows {
            self.add(scope, row, definition, false);
        }
    }

    fn sojourns(&mut self, scope: &Scope<'_>, is_headline: bool) {
        let definition = (
            "Customers who leave with everything done after the warm-up, from arrival to departure.",
            "预热期后完成全部服务离开的顾客，自到达至离开。",
        );
        let rows: [Row; 5] = [
            (
                "sojourn_time.mean",
                What::SojournMean,
                Unit::Seconds,
                Statistic::Mean,
                "mean time inside",
                "平均停留",
            ),
            (
                "sojourn_time.p50",
                What::SojournQuantile(0.5),
                Unit::Seconds,
                Statistic::Quantile(0.5),
                "median time inside",
                "停留中位数",
            ),
            (
                "sojourn_time.p90",
                What::SojournQuantile(0.9),
                Unit::Seconds,
                Statistic::Quantile(0.9),
                "90 % stay at most",
                "停留 P90",
            ),
            (
                "sojourn_time.p95",
                What::SojournQuantile(0.95),
                Unit::Seconds,
                Statistic::Quantile(0.95),
                "95 % stay at most",
                "停留 P95",
            ),
            (
                "sojourn_time.max",
                What::SojournMaximum,
                Unit::Seconds,
                Statistic::Maximum,
                "longest time inside",
                "最长停留",
            ),
        ];
        for row in rows {
            self.add(scope, row, definition, is_headline && row.0 == "sojourn_time.mean");
        }
    }

    fn system(&mut self, scope: &Scope<'_>) {
        self.sojourns(scope, true);
        let per_run = (
            "Per run, after the warm-up; those inside when it ended count as arrived.",
            "每次运行（预热期后；预热结束时在内者计入到达）。",
        );
        let rows: [(Row, (&str, &str)); 5] = [
            (
                (
                    "inside.mean",
                    What::Inside,
                    Unit::Count,
                    Statistic::TimeAverage,
                    "mean number inside",
                    "平均在内人数",
                ),
                ("Average over the observed time.", "按观察时间平均。"),
            ),
            (("arrived.mean", What::Arrived, Unit::Count, Statistic::Total, "arrivals", "到达人数"), per_run),
            (
                ("completed.mean", What::Completed, Unit::Count, Statistic::Total, "completed", "完成人数"),
                per_run,
            ),
            (
                (
                    "left_without_being_seen_share",
                    What::LeftShare,
                    Unit::Share,
                    Statistic::Share,
                    "left without being served",
                    "未获服务离开占比",
                ),
                (
                    "Of all arrivals: who balked, was refused or sent away, or ran out of patience, and was sent nowhere \
                     else; also after services elsewhere.",
                    "占全部到达者：止步、被拒、遣返或失去耐心且未转他站者，含此前已在他站获服务者。",
                ),
            ),
            (
                (
                    "still_inside.mean",
                    What::StillInside,
                    Unit::Count,
                    Statistic::Total,
                    "inside at the end",
                    "结束时在内人数",
                ),
                per_run,
            ),
        ];
        for (row, definition) in rows {
            self.add(scope, row, definition, false);
        }
    }
}

fn one(index: usize) -> Arc<[usize]> {
    Arc::from([index])
}
