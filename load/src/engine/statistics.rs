//! Figures of a run: both clocks of every step, second by second, the stalls of the server, and what patients saw.

use hdrhistogram::Histogram;
use onetrip_history::Refusal;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// A histogram of times in µs with three significant digits, so that a quantile is off by 0.1 % at most.
pub fn latency_histogram() -> Histogram<u64> {
    // Both bounds are constants that the library accepts.
    let mut histogram = Histogram::new_with_bounds(1, 60_000_000, 3).expect("the bounds are in order");
    histogram.auto(true);
    histogram
}

/// Quantiles of a histogram of times, in µs.
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize, JsonSchema)]
pub struct Latency {
    /// How many.
    pub count: u64,
    /// Mean.
    pub mean_us: f64,
    /// Median.
    pub p50_us: u64,
    /// 90th percentile.
    pub p90_us: u64,
    /// 95th percentile.
    pub p95_us: u64,
    /// 99th percentile.
    pub p99_us: u64,
    /// 99.9th percentile.
    pub p999_us: u64,
    /// Longest.
    pub max_us: u64,
}

impl Latency {
    /// Of a histogram.
    pub fn of(histogram: &Histogram<u64>) -> Latency {
        let at = |quantile| histogram.value_at_quantile(quantile);
        Latency {
            count: histogram.len(),
            mean_us: histogram.mean(),
            p50_us: at(0.5),
            p90_us: at(0.9),
            p95_us: at(0.95),
            p99_us: at(0.99),
            p999_us: at(0.999),
            max_us: if histogram.is_empty() { 0 } else { histogram.max() },
        }
    }
}

/// Figures of one step.
#[derive(Clone, Debug)]
pub struct StepStatistics {
    /// Its name.
    pub name: String,
    /// Requests sent, attempts and second taps included.
    pub sent_count: u64,
    /// Acknowledged.
    pub ok_count: u64,
    /// Refused, by reason.
    pub refused: BTreeMap<&'static str, u64>,
    /// Of unknown outcome, by cause.
    pub unknown: BTreeMap<&'static str, u64>,
    /// Never left this machine.
    pub not_sent_count: u64,
    /// Patients who went home waiting for it.
    pub gave_up_count: u64,
    /// From the intended instant to the last answer, retries included, or to giving up: what the patient lives through.
    pub response: Histogram<u64>,
    /// From sending to the answer of each request: what the server does.
    pub service: Histogram<u64>,
}

impl StepStatistics {
    pub(super) fn new(name: &str) -> StepStatistics {
        StepStatistics {
            name: name.to_owned(),
            sent_count: 0,
            ok_count: 0,
            refused: BTreeMap::new(),
            unknown: BTreeMap::new(),
            not_sent_count: 0,
            gave_up_count: 0,
            response: latency_histogram(),
            service: latency_histogram(),
        }
    }

    /// Requests without an answer, or with one that is the server's failure.
    pub fn error_count(&self) -> u64 {
        self.not_sent_count + self.unknown.values().sum::<u64>() + self.overloaded_count()
    }

    /// Requests that the server refused for a reason of the hospital's, such as that the slot is taken.
    pub fn refused_count(&self) -> u64 {
        self.refused.values().sum::<u64>() - self.overloaded_count()
    }

    fn overloaded_count(&self) -> u64 {
        self.refused.get(Refusal::Overloaded.name()).copied().unwrap_or(0)
    }
}

/// Figures of one second of a run.
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize, JsonSchema)]
pub struct Second {
    /// Steps that the plan wanted sent.
    pub asked_count: u64,
    /// Requests sent.
    pub sent_count: u64,
    /// Requests answered.
    pub answered_count: u64,
    /// Requests without a useful answer.
    pub error_count: u64,
    /// Most requests in flight.
    pub in_flight_most: u64,
    /// Median response of the steps that ended, in µs.
    pub p50_us: u64,
    /// Their 99th percentile, in µs.
    pub p99_us: u64,
    /// Their longest, in µs.
    pub max_us: u64,
}

/// A time in which requests were in flight and none was answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Stall {
    /// Its beginning, in µs from the start of the run.
    pub from_us: u64,
    /// Its end.
    pub until_us: u64,
}

/// What patients waited for a slot: from the instant at which they first asked for one until they had it.
#[derive(Clone, Debug)]
pub struct Wait {
    /// Patients who came.
    pub patient_count: u64,
    /// Patients who got a slot.
    pub got_count: u64,
    /// Patients who went home because they waited too long for an answer.
    pub gave_up_count: u64,
    /// Patients who went home because they were refused too often, or for good.
    pub turned_away_count: u64,
    /// Patients whose journey was over when the run was stopped.
    pub stopped_count: u64,
    /// Waits of those who got one.
    pub waits: Histogram<u64>,
}

impl Wait {
    pub(super) fn new() -> Wait {
        Wait {
            patient_count: 0,
            got_count: 0,
            gave_up_count: 0,
            turned_away_count: 0,
            stopped_count: 0,
            waits: latency_histogram(),
        }
    }

    /// Patients who got a slot after more than so long.
    pub fn longer_than(&self, limit_us: u64) -> u64 {
        self.waits.len() - self.waits.count_between(0, limit_us)
    }
}

/// All figures of a run.
#[derive(Clone, Debug)]
pub struct Statistics {
    /// By step, in the order of the journey.
    pub steps: Vec<StepStatistics>,
    /// By second.
    pub seconds: Vec<Second>,
    /// Times without answers, the longest first.
    pub stalls: Vec<Stall>,
    /// What patients waited for a slot.
    pub wait: Wait,
    /// How late requests were sent, in µs.
    pub lag: Histogram<u64>,
    /// Most requests in flight.
    pub in_flight_most: u64,
    /// Patients whose journey broke off because an answer lacked a value, by what was missing.
    pub broken_off: BTreeMap<String, u64>,
    /// Slots of which more claims were acknowledged than they have places; the checker judges exactly.
    pub oversold_count: u64,
    /// When the last answer came, in µs.
    pub end_us: u64,
}

impl Statistics {
    /// Responses of all steps together.
    pub fn response(&self) -> Histogram<u64> {
        merged(self.steps.iter().map(|step| &step.response))
    }

    /// Services of all steps together.
    pub fn service(&self) -> Histogram<u64> {
        merged(self.steps.iter().map(|step| &step.service))
    }

    /// Requests sent.
    pub fn sent_count(&self) -> u64 {
        self.steps.iter().map(|step| step.sent_count).sum()
    }

    /// Requests without a useful answer.
    pub fn error_count(&self) -> u64 {
        self.steps.iter().map(StepStatistics::error_count).sum()
    }

    /// Mean requests a second while there was work.
    pub fn rate(&self) -> f64 {
        if self.end_us == 0 { 0.0 } else { self.sent_count() as f64 * 1e6 / self.end_us as f64 }
    }
}

fn merged<'h>(histograms: impl Iterator<Item = &'h Histogram<u64>>) -> Histogram<u64> {
    let mut sum = latency_histogram();
    for histogram in histograms {
        // A histogram that resizes itself takes any other.
        sum.add(histogram).expect("the sum resizes itself");
    }
    sum
}
