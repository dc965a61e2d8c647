//! What the desk counts about itself, as Prometheus text.

use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    face: &'static str,
    method: String,
    status: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct FaultLabels {
    fault: String,
}

/// The desk's counters.
pub(crate) struct Metrics {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    seconds: Histogram,
    in_flight: Gauge,
    faults: Family<FaultLabels, Counter>,
    expired: Counter,
    commits: Gauge,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let mut registry = Registry::with_prefix("desk");
        let requests = Family::default();
        let seconds = Histogram::new(exponential_buckets(0.000_25, 2.0, 16));
        let (in_flight, faults, expired, commits) =
            (Gauge::default(), Family::default(), Counter::default(), Gauge::default());
        registry.register("requests", "Requests answered", requests.clone());
        registry.register("request_seconds", "Time from request to answer", seconds.clone());
        registry.register("requests_in_flight", "Requests not yet answered", in_flight.clone());
        registry.register("faults_fired", "Times a switched-on fault did its harm", faults.clone());
        registry.register("expiries_swept", "Holds and claims the sweep looked at", expired.clone());
        registry.register("commits", "Transactions on disk since the start", commits.clone());
        Self { registry, requests, seconds, in_flight, faults, expired, commits }
    }

    pub(crate) fn begin(&self) {
        self.in_flight.inc();
    }

    pub(crate) fn end(&self, face: &'static str, method: &str, status: u16, time: Duration) {
        self.in_flight.dec();
        self.requests
            .get_or_create(&RequestLabels { face, method: method.to_owned(), status: status.into() })
            .inc();
        self.seconds.observe(time.as_secs_f64());
    }

    pub(crate) fn fault_fired(&self, fault: &str) {
        self.faults.get_or_create(&FaultLabels { fault: fault.to_owned() }).inc();
    }

    pub(crate) fn swept(&self, count: usize) {
        self.expired.inc_by(count as u64);
    }

    pub(crate) fn text(&self, commit_count: u64) -> String {
        self.commits.set(i64::try_from(commit_count).unwrap_or(i64::MAX));
        let mut text = String::new();
        // Writing into a String cannot fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}
