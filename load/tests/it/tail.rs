//! Tail truth: what is reported of servers whose delays are known, under paused time, against closed forms and the very
//! delays that were dealt out. Time passes in whole milliseconds here (that of tokio's timer).

use crate::ground::{crowd, read, send_paused};
use onetrip_load::engine::{SendFailure, Settings, Transport, VoidReason, latency_histogram};
use onetrip_load::journey::{Incoming, Journey, WireRequest};
use onetrip_load::plan::{Arrivals, Plan};
use onetrip_scenarios::reader::Document;
use onetrip_sim::stream::{Purpose, RunKey};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::Instant;

const QUANTILES: [f64; 5] = [0.5, 0.9, 0.95, 0.99, 0.999];

const ONE_REQUEST: &str = "format = \"journey/1\"\nname = \"one\"\npatience = \"300 days\"\ntimeout = \"1 h\"\n\
                           [[step]]\nname = \"ask\"\naction = \"other\"\npath = \"/?{patient}\"\n";

fn one_request() -> Arc<Journey> {
    read(Document::parse("one.toml", ONE_REQUEST), &[])
}

/// A server that answers a request that comes at `at_us`, the number `index`, at the instant this gives.
trait Law: Send + Sync + 'static {
    fn answered_at(&self, index: u64, at_us: u64) -> u64;
}

struct KnownServer<L> {
    law: L,
    origin: Instant,
}

impl<L: Law> KnownServer<L> {
    fn new(law: L) -> Self {
        KnownServer { law, origin: Instant::now() }
    }
}

impl<L: Law> Transport for KnownServer<L> {
    async fn send(&self, request: WireRequest<'_>) -> Result<Incoming, SendFailure> {
        let index = request.path.trim_start_matches("/?").parse().unwrap();
        let at_us = self.origin.elapsed().as_micros() as u64;
        let answered_at = self.law.answered_at(index, at_us);
        tokio::time::sleep_until(self.origin + Duration::from_micros(answered_at)).await;
        Ok(Incoming::new(200, [], b""))
    }
}

/// Stands still for the first `length` of every `period`.
struct Stalls {
    period_us: u64,
    length_us: u64,
}

impl Law for Stalls {
    fn answered_at(&self, _: u64, at_us: u64) -> u64 {
        let phase = at_us % self.period_us;
        if phase < self.length_us { at_us - phase + self.length_us } else { at_us }
    }
}

impl Stalls {
    /// P(L > x) = (S − x)/P for arrivals uniform in phase.
    fn truth(&self, quantile: f64) -> f64 {
        (self.length_us as f64 - (1.0 - quantile) * self.period_us as f64).max(0.0)
    }
}

/// One worker that takes requests in order; before some it is frozen.
struct Worker {
    services_us: Vec<u64>,
    freeze: Option<(u64, u64)>,
    free_at: Mutex<u64>,
}

impl Worker {
    fn new(services_us: Vec<u64>, freeze: Option<(u64, u64)>) -> Worker {
        Worker { services_us, freeze, free_at: Mutex::new(0) }
    }

    fn begin(&self, at_us: u64) -> u64 {
        match self.freeze {
            Some((period_us, length_us)) if at_us % period_us < length_us => {
                at_us - at_us % period_us + length_us
            }
            _ => at_us,
        }
    }

    fn serve(&self, free_at: u64, index: u64, at_us: u64) -> u64 {
        self.begin(free_at.max(at_us)) + self.services_us[index as usize]
    }

    /// Lindley's recursion over the planned arrivals.
    fn latencies(&self, plan: &Plan) -> Vec<f64> {
        let mut free_at = 0;
        let arrivals = plan.patients.iter().map(|patient| (patient.patient, patient.steps[0].1));
        arrivals
            .map(|(index, at_us)| {
                free_at = self.serve(free_at, index, at_us);
                (free_at - at_us) as f64
            })
            .collect()
    }
}

impl Law for Worker {
    fn answered_at(&self, index: u64, at_us: u64) -> u64 {
        let mut free_at = self.free_at.lock().unwrap();
        *free_at = self.serve(*free_at, index, at_us);
        *free_at
    }
}

/// Each request has its own delay.
struct Delays(Vec<u64>);

impl Law for Delays {
    fn answered_at(&self, index: u64, at_us: u64) -> u64 {
        at_us + self.0[index as usize]
    }
}

fn draws(count: usize, rng_seed: u64, law: impl Fn(f64) -> f64) -> Vec<u64> {
    let mut stream =
        RunKey::new(rng_seed, 0, 0).entity(Purpose::named("delays"), 0).stream(Purpose::named("law"));
    (0..count).map(|_| law(stream.unit()).round() as u64).collect()
}

fn quantile_of(sorted: &[f64], quantile: f64) -> f64 {
    sorted[((quantile * sorted.len() as f64).ceil() as usize).clamp(1, sorted.len()) - 1]
}

/// Within 1 % or 2 ms, and a request's worth of rank.
fn disagreements(reported: impl Fn(f64) -> f64, truth: impl Fn(f64) -> f64) -> Vec<String> {
    QUANTILES
        .into_iter()
        .filter_map(|quantile| {
            let (reported, truth) = (reported(quantile), truth(quantile));
            let allowed = (0.01 * truth).max(2_000.0);
            let differs = (reported - truth).abs() > allowed;
            differs.then(|| format!("p{}: reported {reported} µs, truth {truth} µs", 100.0 * quantile))
        })
        .collect()
}

async fn reported<L: Law>(law: L, plan: Plan) -> impl Fn(f64) -> f64 {
    let journey = one_request();
    let patient_count = plan.header.patient_count;
    let settings = Settings { lag_bound_us: Some(1_500), ..Settings::new("tail") };
    let record = send_paused(KnownServer::new(law), &journey, plan, settings).await;
    assert_eq!(record.soundness.void, []);
    assert_eq!(record.statistics.steps[0].ok_count, patient_count);
    let response = record.statistics.response();
    move |quantile| response.value_at_quantile(quantile) as f64
}

#[tokio::test(start_paused = true)]
async fn periodic_stalls_are_reported_as_their_closed_form_says() {
    for (arrivals, rng_seed) in [(Arrivals::Uniform, 1), (Arrivals::Poisson, 2)] {
        let law = Stalls { period_us: 10_000_000, length_us: 1_000_000 };
        let truth = Stalls { ..law };
        let plan = crowd(&one_request(), 20_000, 100_000_000, arrivals, rng_seed);
        // A Poisson stream of finite length is not exactly uniform in phase: its truth is that of the very stream.
        let mut exact: Vec<f64> = plan
            .patients
            .iter()
            .map(|patient| (truth.answered_at(0, patient.steps[0].1) - patient.steps[0].1) as f64)
            .collect();
        exact.sort_by(f64::total_cmp);
        let reported = reported(law, plan).await;
        assert_eq!(
            disagreements(&reported, |q| quantile_of(&exact, q)),
            Vec::<String>::new(),
            "{arrivals:?}"
        );
        if arrivals == Arrivals::Uniform {
            assert_eq!(disagreements(&reported, |q| truth.truth(q)), Vec::<String>::new());
        } else {
            // 95 % interval of the order statistics: ranks N·q ± 1.96·√(N·q·(1 − q)).
            for quantile in QUANTILES {
                let spread = 1.96 * (quantile * (1.0 - quantile) / exact.len() as f64).sqrt();
                let (low, high) = (truth.truth(quantile - spread), truth.truth((quantile + spread).min(1.0)));
                let value = reported(quantile);
                assert!(
                    value >= low - 2_000.0 && value <= high + 2_000.0,
                    "{quantile}: {value} {low} {high}"
                );
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_frozen_process_is_reported_with_its_backlog() {
    // 100/s on a worker of 500/s: ρ = 0.2; frozen for 1 s of every 10 s.
    let (rho, period_us, length_us) = (0.2, 10_000_000.0, 1_000_000.0);
    for arrivals in [Arrivals::Uniform, Arrivals::Poisson] {
        let plan = crowd(&one_request(), 10_000, 100_000_000, arrivals, 3);
        let worker = Worker::new(vec![2_000; plan.patients.len()], Some((10_000_000, 1_000_000)));
        let mut exact = worker.latencies(&plan);
        exact.sort_by(f64::total_cmp);
        let worker = Worker::new(worker.services_us, worker.freeze);
        let reported = reported(worker, plan).await;
        assert_eq!(
            disagreements(&reported, |q| quantile_of(&exact, q)),
            Vec::<String>::new(),
            "{arrivals:?}"
        );
        // The fluid form leaves out the service of a request itself, and the accidents of ten freezes.
        let fluid = |quantile: f64| (length_us - (1.0 - quantile) * (1.0 - rho) * period_us).max(0.0);
        if arrivals == Arrivals::Uniform {
            assert_eq!(disagreements(&reported, |q| fluid(q) + 2_000.0), Vec::<String>::new());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn seeded_delays_are_reported_as_their_order_statistics() {
    type Quantile = fn(f64) -> f64;
    let laws: [(&str, Quantile); 3] = [
        ("bimodal", |u| if u < 0.99 { 5_000.0 } else { 400_000.0 }),
        ("pareto", |u| (10_000.0 * (1.0 - u).powf(-1.0 / 1.5)).min(5_000_000.0)),
        ("exponential", |u| -50_000.0 * (1.0 - u).ln()),
    ];
    let arrivals = [Arrivals::Uniform, Arrivals::Poisson];
    for ((name, law), arrivals) in laws.into_iter().flat_map(|law| arrivals.map(|arrivals| (law, arrivals))) {
        let plan = crowd(&one_request(), 20_000, 40_000_000, arrivals, 5);
        let delays = draws(plan.patients.len(), 9, law);
        let mut exact: Vec<f64> = delays.iter().map(|&delay| delay as f64).collect();
        exact.sort_by(f64::total_cmp);
        let reported = reported(Delays(delays), plan).await;
        assert_eq!(
            disagreements(&reported, |q| quantile_of(&exact, q)),
            Vec::<String>::new(),
            "{name}, {arrivals:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn one_worker_is_reported_as_queueing_theory_says() {
    // Mean service 20 ms; arrivals at ρ = 0.5 and 0.8, whose gaps are exponential (M) or all alike (D).
    let (poisson, uniform) = (Arrivals::Poisson, Arrivals::Uniform);
    let cases = [
        (0.5, true, poisson),
        (0.8, true, poisson),
        (0.5, false, poisson),
        (0.8, false, poisson),
        (0.5, true, uniform),
        (0.8, true, uniform),
        (0.8, false, uniform),
    ];
    for (rho, is_exponential, arrivals) in cases {
        let count = 30_000;
        let plan = crowd(&one_request(), count, (count as f64 * 20_000.0 / rho) as u64, arrivals, 17);
        let services = if is_exponential {
            draws(plan.patients.len(), 23, |u| (-20_000.0 * u.ln()).max(1.0))
        } else {
            vec![20_000; plan.patients.len()]
        };
        let worker = Worker::new(services, None);
        let exact = worker.latencies(&plan);
        let mean_us = exact.iter().sum::<f64>() / exact.len() as f64;
        // M/M/1: 1/(μ − λ); M/D/1 (Pollaczek and Khinchine): 1/μ + ρ/(2μ(1 − ρ)); D/M/1: 1/(μ(1 − σ)), where
        // σ = exp(−(1 − σ)/ρ) find the worker busy; D/D/1: nobody does.
        let busy = (0..1_000).fold(rho, |busy: f64, _| (-(1.0 - busy) / rho).exp());
        let theory_us = match (is_exponential, arrivals) {
            (true, Arrivals::Poisson) => 20_000.0 / (1.0 - rho),
            (true, Arrivals::Uniform) => 20_000.0 / (1.0 - busy),
            (false, Arrivals::Poisson) => 20_000.0 * (1.0 + rho / (2.0 * (1.0 - rho))),
            (false, Arrivals::Uniform) => 20_000.0,
        };
        // Standard error by twenty batches, for neighbours wait alike.
        let batches: Vec<f64> = exact
            .chunks(exact.len() / 20)
            .take(20)
            .map(|batch| batch.iter().sum::<f64>() / batch.len() as f64)
            .collect();
        let spread = batches.iter().map(|batch| (batch - mean_us).powi(2)).sum::<f64>() / 19.0;
        let error_us = (spread / 20.0).sqrt();
        let allowed_us = (4.0 * error_us).max(1.0);
        assert!((mean_us - theory_us).abs() < allowed_us, "{mean_us} {theory_us} ± {error_us}");
        let mut exact = exact;
        exact.sort_by(f64::total_cmp);
        let reported = reported(Worker::new(worker.services_us, None), plan).await;
        // Waiting adds up the half milliseconds by which paused time is coarse, so the tolerance is on the busy period.
        assert_eq!(
            disagreements(&reported, |q| quantile_of(&exact, q)),
            Vec::<String>::new(),
            "{rho} {is_exponential} {arrivals:?}"
        );
    }
}

/// What a closed loop of `user_count` users would report of the same stalls: each sends, waits, and sends again.
fn closed_loop(law: &Stalls, user_count: u64, gap_us: u64, end_us: u64) -> impl Fn(f64) -> f64 + use<> {
    let mut histogram = latency_histogram();
    for user in 0..user_count {
        let mut at_us = user * gap_us / user_count;
        while at_us < end_us {
            let done_at = law.answered_at(0, at_us);
            histogram.record((done_at - at_us).max(1)).unwrap();
            at_us = done_at.max(at_us + gap_us);
        }
    }
    move |quantile| histogram.value_at_quantile(quantile) as f64
}

#[tokio::test(start_paused = true)]
async fn the_harness_catches_a_closed_loop_a_small_pool_and_dropped_arrivals() {
    let law = Stalls { period_us: 10_000_000, length_us: 1_000_000 };
    let truth = Stalls { ..law };
    let closed = closed_loop(&truth, 20, 100_000, 100_000_000);
    assert!(!disagreements(closed, |q| truth.truth(q)).is_empty(), "a closed loop must not pass");
    // A small pool: the load was not open, and the run says so.
    let journey = one_request();
    let plan = crowd(&journey, 20_000, 100_000_000, Arrivals::Uniform, 1);
    let settings =
        Settings { in_flight_max: Some(20), lag_bound_us: Some(u64::MAX), ..Settings::new("pool") };
    let record = send_paused(KnownServer::new(law), &journey, plan.clone(), settings).await;
    assert!(
        matches!(record.soundness.void[..], [VoidReason::InFlightBound { .. }]),
        "{:?}",
        record.soundness
    );
    // Requests kept back: void.
    let law = Stalls { period_us: 10_000_000, length_us: 1_000_000 };
    let settings =
        Settings { rate_limit: Some(150.0), lag_bound_us: Some(u64::MAX), ..Settings::new("held") };
    let record = send_paused(KnownServer::new(law), &journey, plan.clone(), settings).await;
    assert!(matches!(record.soundness.void[..], [VoidReason::HeldBack { .. }]), "{:?}", record.soundness);
    // And by default such lateness is void for its own sake.
    let law = Stalls { period_us: 10_000_000, length_us: 1_000_000 };
    let settings = Settings { rate_limit: Some(150.0), ..Settings::new("late") };
    let record = send_paused(KnownServer::new(law), &journey, plan.clone(), settings).await;
    assert!(record.soundness.void.iter().any(|reason| matches!(reason, VoidReason::SentLate { .. })));
    // Arrivals left out of the middle of the plan: void, and the stall is missing from the tail.
    let law = Stalls { period_us: 10_000_000, length_us: 1_000_000 };
    let mut thinned = plan;
    thinned.patients.retain(|patient| patient.steps[0].1 % 10_000_000 >= 1_000_000);
    let settings = Settings { lag_bound_us: Some(u64::MAX), ..Settings::new("dropped") };
    let record = send_paused(KnownServer::new(law), &journey, thinned, settings).await;
    assert!(matches!(record.soundness.void[..], [VoidReason::NotStarted { patient_count: 2_000 }]));
    let response = record.statistics.response();
    let reported = |quantile: f64| response.value_at_quantile(quantile) as f64;
    assert!(!disagreements(reported, |q| truth.truth(q)).is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_impatient_patient_goes_home_and_a_slow_server_never_thins_the_load() {
    let text = format!(
        "{ONE_REQUEST}[[step]]\nname = \"then\"\naction = \"other\"\npath = \"/?{{patient}}\"\nown_time = \"1 s\"\n"
    );
    let journey = read(Document::parse("two.toml", text), &["patience=\"2 s\""]);
    let plan = crowd(&journey, 2_000, 20_000_000, Arrivals::Uniform, 4);
    let record =
        send_paused(KnownServer::new(Delays(vec![2_000_000; 2_000])), &journey, plan, Settings::new("p"))
            .await;
    let wait = &record.statistics.wait;
    // Patience is exponential with a mean of 2 s: exp(−1) of the patients sit the first 2 s out.
    let gave_up = record.statistics.steps[0].gave_up_count as f64 / 2_000.0;
    assert!((gave_up - (1.0 - (-1.0f64).exp())).abs() < 0.05, "{gave_up}");
    assert!(wait.gave_up_count >= record.statistics.steps[0].gave_up_count);
    assert_eq!(record.statistics.steps[0].sent_count, 2_000, "every patient of the plan came");
}
