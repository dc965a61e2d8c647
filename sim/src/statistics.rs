//! The account of one or more runs: waits, sojourns, queues and servers, by station, class of customer and hour.
//!
//! **Definitions.** A *wait* lasts from joining a station's queue to the first start of service there, and is counted
//! at the start, under the hour of joining. A *sojourn* lasts from arrival to completed departure, counted at the
//! departure under the hour of arrival. Customers who left a queue without service and those still waiting at the end
//! are counted apart, with the time they had waited: a mean over served customers alone is biased low exactly when a
//! system is overloaded. Queue lengths and busy servers are integrals over time, exact to the microsecond.
//!
//! All accumulators are whole numbers: [`Statistics::merge`] is associative and commutative, so results do not depend
//! on how runs were spread over threads.

use crate::tally::{Cell, Histogram, bins};
use crate::time::{SimSpan, SimTime};

/// The shape of an account.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Layout {
    /// Stations.
    pub station_count: usize,
    /// Classes of customer.
    pub class_count: usize,
    /// 24 when figures are kept by hour of the day, else 1.
    pub hour_count: usize,
    /// Kinds of pause (walking, waiting for a result …) that models tell apart.
    pub pause_kind_count: usize,
}

/// What one station counted.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct StationAccount {
    /// Time integral of the number waiting, by hour of day, in customer-microseconds.
    pub queue_area: Vec<u128>,
    /// Time integral of busy servers, by hour of day, in server-microseconds; overtime included.
    pub busy_area: Vec<u128>,
    /// Time integral of servers on duty by the schedule, by hour of day.
    pub duty_area: Vec<u128>,
    /// Busy server time beyond the schedule.
    pub overtime_area: u128,
    /// Server time lost to breakdowns.
    pub down_area: u128,
    /// Time servers were held by customers who found the next place full.
    pub blocked_area: u128,
    /// Customers who joined: began service at once or entered the queue.
    pub joined: u64,
    /// Services completed.
    pub completed: u64,
    /// Customers who saw the queue and did not join.
    pub balked: u64,
    /// Customers who left the queue when their patience ran out.
    pub reneged: u64,
    /// Customers turned away because the station was full.
    pub refused: u64,
    /// Customers sent away at closing.
    pub sent_away: u64,
    /// Services broken off (pre-empted, handed over, machine failed), to be resumed or not.
    pub interrupted: u64,
    /// Breakdowns.
    pub failures: u64,
    /// Waiting when the run ended.
    pub waiting_at_end: u64,
    /// In service when the run ended.
    pub in_service_at_end: u64,
    /// Longest queue seen.
    pub longest_queue: u64,
    /// When it was first that long.
    pub longest_queue_at: SimTime,
    /// Latest end of service.
    pub last_service_end_at: SimTime,
}

impl StationAccount {
    fn new(layout: Layout) -> Self {
        StationAccount {
            queue_area: vec![0; layout.hour_count],
            busy_area: vec![0; layout.hour_count],
            duty_area: vec![0; layout.hour_count],
            ..StationAccount::default()
        }
    }

    fn merge(&mut self, other: &StationAccount) {
        let pairs = [
            (&mut self.queue_area, &other.queue_area),
            (&mut self.busy_area, &other.busy_area),
            (&mut self.duty_area, &other.duty_area),
        ];
        for (mine, theirs) in pairs {
            mine.iter_mut().zip(theirs).for_each(|(a, b)| *a += b);
        }
        self.overtime_area += other.overtime_area;
        self.down_area += other.down_area;
        self.blocked_area += other.blocked_area;
        self.joined += other.joined;
        self.completed += other.completed;
        self.balked += other.balked;
        self.reneged += other.reneged;
        self.refused += other.refused;
        self.sent_away += other.sent_away;
        self.interrupted += other.interrupted;
        self.failures += other.failures;
        self.waiting_at_end += other.waiting_at_end;
        self.in_service_at_end += other.in_service_at_end;
        if other.longest_queue > self.longest_queue
            || (other.longest_queue == self.longest_queue && other.longest_queue_at < self.longest_queue_at)
        {
            self.longest_queue = other.longest_queue;
            self.longest_queue_at = other.longest_queue_at;
        }
        self.last_service_end_at = self.last_service_end_at.max(other.last_service_end_at);
    }

    /// Busy server time within the schedule ÷ server time on duty, when anyone was on duty.
    pub fn utilisation_share(&self) -> Option<f64> {
        let duty: u128 = self.duty_area.iter().sum();
        let busy: u128 = self.busy_area.iter().sum();
        (duty > 0).then(|| (busy - self.overtime_area.min(busy)) as f64 / duty as f64)
    }
}

/// Where the customers of one class are accounted for.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Accounting {
    /// Came in.
    pub arrived: u64,
    /// Left with everything done.
    pub completed: u64,
    /// Left without being served: balked, out of patience, refused or sent away, and did not come back.
    pub left_without_being_seen: u64,
    /// Inside when the run ended.
    pub still_inside: u64,
}

impl Accounting {
    /// Every customer ends somewhere.
    pub fn is_balanced(&self) -> bool {
        self.arrived == self.completed + self.left_without_being_seen + self.still_inside
    }

    /// Adds another account.
    pub fn merge(&mut self, other: &Accounting) {
        self.arrived += other.arrived;
        self.completed += other.completed;
        self.left_without_being_seen += other.left_without_being_seen;
        self.still_inside += other.still_inside;
    }
}

/// The observations of one duration: by hour, by length, and the longest. Of fixed size, so that recording one is a
/// step into one row; what is touched by those of the same hour lies on one cache line.
#[derive(Clone, PartialEq, Eq, Debug)]
#[repr(C, align(64))]
struct Row {
    longest: SimSpan,
    by_hour: [Cell; HOURS],
    counts: [u64; bins::COUNT],
}

impl Row {
    const EMPTY: Row = Row {
        longest: SimSpan::ZERO,
        by_hour: [Cell { count: 0, sum_micros: 0 }; HOURS],
        counts: [0; bins::COUNT],
    };

    #[inline(always)]
    fn record(&mut self, hour: usize, span: SimSpan) {
        // The bin between the count and the sum, or the compiler moves both in one vector: six instructions, where two do.
        self.by_hour[hour % HOURS].count += 1;
        self.counts[bins::index(span)] += 1;
        self.by_hour[hour % HOURS].sum_micros += span.as_micros();
        if span > self.longest {
            self.longest = span;
        }
    }

    /// The bins in use: none lies beyond that of the longest.
    fn used(&self) -> std::ops::RangeInclusive<usize> {
        0..=bins::index(self.longest)
    }

    fn histogram(&self) -> Histogram<'_> {
        let total = self.by_hour.iter().map(|cell| cell.count).sum();
        Histogram::of_total(&self.counts[self.used()], total)
    }

    fn clear(&mut self) {
        let used = self.used();
        self.counts[used].fill(0);
        self.by_hour.fill(Cell::default());
        self.longest = SimSpan::ZERO;
    }

    fn merge(&mut self, other: &Row) {
        let used = other.used();
        self.counts[used.clone()].iter_mut().zip(&other.counts[used]).for_each(|(a, b)| *a += b);
        self.by_hour.iter_mut().zip(&other.by_hour).for_each(|(a, b)| a.merge(b));
        self.longest = self.longest.max(other.longest);
    }
}

/// The hours of a day, and as many more as make it a power of two: finding one needs no test.
const HOURS: usize = 32;

/// The account of one run, or of several added up.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Statistics {
    layout: Layout,
    /// Runs added up here.
    pub run_count: u64,
    /// Arrivals from outside and completed services: the field's usual unit of work.
    pub events: u64,
    /// Observed time by hour of day.
    pub observed_time: Vec<u128>,
    /// One account a station.
    pub stations: Vec<StationAccount>,
    /// One account a class.
    pub accounting: Vec<Accounting>,
    /// Time spent in pauses by kind.
    pub pauses: Vec<Cell>,
    /// Time integral of the number inside.
    pub inside_area: u128,
    /// (station, class): waits of those served. Then (class): sojourns of those completed.
    rows: Vec<Row>,
    /// Where sojourns begin among the rows.
    first_sojourns: usize,
    /// (station, class): waits broken off by leaving the queue.
    given_up: Vec<Cell>,
    /// (station, class): waits under way at the end.
    unfinished: Vec<Cell>,
}

impl Statistics {
    /// An empty account.
    pub fn new(layout: Layout) -> Self {
        let waits = layout.station_count * layout.class_count;
        let rows = waits + layout.class_count;
        Statistics {
            layout,
            run_count: 0,
            events: 0,
            observed_time: vec![0; layout.hour_count],
            stations: vec![StationAccount::new(layout); layout.station_count],
            accounting: vec![Accounting::default(); layout.class_count],
            pauses: vec![Cell::default(); layout.pause_kind_count],
            inside_area: 0,
            rows: vec![Row::EMPTY; rows],
            first_sojourns: waits,
            given_up: vec![Cell::default(); waits],
            unfinished: vec![Cell::default(); waits],
        }
    }

    /// The shape.
    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// Forgets everything, keeping the memory.
    pub fn clear(&mut self) {
        self.run_count = 0;
        self.events = 0;
        self.observed_time.fill(0);
        for station in &mut self.stations {
            let mut areas = std::mem::take(station);
            for area in [&mut areas.queue_area, &mut areas.busy_area, &mut areas.duty_area] {
                area.fill(0);
            }
            station.queue_area = areas.queue_area;
            station.busy_area = areas.busy_area;
            station.duty_area = areas.duty_area;
        }
        self.accounting.fill(Accounting::default());
        self.pauses.fill(Cell::default());
        self.inside_area = 0;
        self.rows.iter_mut().for_each(Row::clear);
        self.given_up.fill(Cell::default());
        self.unfinished.fill(Cell::default());
    }

    /// Adds the account of other runs of the same shape.
    pub fn merge(&mut self, other: &Statistics) {
        assert_eq!(self.layout, other.layout, "only accounts of one shape add up");
        self.run_count += other.run_count;
        self.events += other.events;
        self.observed_time.iter_mut().zip(&other.observed_time).for_each(|(a, b)| *a += b);
        self.stations.iter_mut().zip(&other.stations).for_each(|(a, b)| a.merge(b));
        self.accounting.iter_mut().zip(&other.accounting).for_each(|(a, b)| a.merge(b));
        self.inside_area += other.inside_area;
        for (mine, theirs) in [
            (&mut self.pauses, &other.pauses),
            (&mut self.given_up, &other.given_up),
            (&mut self.unfinished, &other.unfinished),
        ] {
            mine.iter_mut().zip(theirs).for_each(|(a, b)| a.merge(b));
        }
        self.rows.iter_mut().zip(&other.rows).for_each(|(mine, theirs)| mine.merge(theirs));
    }

    fn wait_row(&self, station: usize, class: usize) -> usize {
        assert!(
            station < self.layout.station_count && class < self.layout.class_count,
            "no such station or class"
        );
        self.row_of_waits(station, class)
    }

    fn sojourn_row(&self, class: usize) -> usize {
        assert!(class < self.layout.class_count, "no such class");
        self.row_of_sojourns(class)
    }

    /// Waits of the served at a station, of one class, by hour of joining.
    pub fn waits_by_hour(&self, station: usize, class: usize) -> &[Cell] {
        &self.rows[self.wait_row(station, class)].by_hour[..self.layout.hour_count]
    }

    /// Waits of the served at a station, of one class.
    pub fn waits(&self, station: usize, class: usize) -> Cell {
        sum_cells(self.waits_by_hour(station, class))
    }

    /// The distribution of waits of the served at a station, of one class.
    pub fn wait_histogram(&self, station: usize, class: usize) -> Histogram<'_> {
        self.rows[self.wait_row(station, class)].histogram()
    }

    /// The longest wait of the served.
    pub fn longest_wait(&self, station: usize, class: usize) -> SimSpan {
        self.rows[self.wait_row(station, class)].longest
    }

    /// Waits that ended by leaving the queue without service.
    pub fn given_up(&self, station: usize, class: usize) -> Cell {
        self.given_up[self.wait_row(station, class)]
    }

    /// Waits under way when the run ended, up to that instant.
    pub fn unfinished(&self, station: usize, class: usize) -> Cell {
        self.unfinished[self.wait_row(station, class)]
    }

    /// Sojourns of the completed of one class, by hour of arrival.
    pub fn sojourns_by_hour(&self, class: usize) -> &[Cell] {
        &self.rows[self.sojourn_row(class)].by_hour[..self.layout.hour_count]
    }

    /// Sojourns of the completed of one class.
    pub fn sojourns(&self, class: usize) -> Cell {
        sum_cells(self.sojourns_by_hour(class))
    }

    /// The distribution of sojourns of the completed of one class.
    pub fn sojourn_histogram(&self, class: usize) -> Histogram<'_> {
        self.rows[self.sojourn_row(class)].histogram()
    }

    /// The longest sojourn of the completed.
    pub fn longest_sojourn(&self, class: usize) -> SimSpan {
        self.rows[self.sojourn_row(class)].longest
    }

    /// All classes together.
    pub fn accounting_total(&self) -> Accounting {
        let mut total = Accounting::default();
        self.accounting.iter().for_each(|class| total.merge(class));
        total
    }

    /// Observed time over all hours, in microseconds.
    pub fn observed_micros(&self) -> u128 {
        self.observed_time.iter().sum()
    }

    /// The row of waits at a station, of one class.
    #[inline(always)]
    pub(crate) fn row_of_waits(&self, station: usize, class: usize) -> usize {
        station * self.layout.class_count + class
    }

    /// The row of sojourns of one class.
    #[inline(always)]
    pub(crate) fn row_of_sojourns(&self, class: usize) -> usize {
        self.first_sojourns + class
    }

    /// Counts a duration in a row.
    #[inline(always)]
    pub(crate) fn record(&mut self, row: usize, hour: usize, span: SimSpan) {
        self.rows[row].record(hour, span);
    }

    pub(crate) fn record_given_up(&mut self, station: usize, class: usize, wait: SimSpan) {
        let row = self.row_of_waits(station, class);
        self.given_up[row].record(wait);
    }

    pub(crate) fn record_unfinished(&mut self, station: usize, class: usize, wait: SimSpan) {
        let row = self.row_of_waits(station, class);
        self.unfinished[row].record(wait);
    }
}

fn sum_cells(cells: &[Cell]) -> Cell {
    let mut total = Cell::default();
    cells.iter().for_each(|cell| total.merge(cell));
    total
}
