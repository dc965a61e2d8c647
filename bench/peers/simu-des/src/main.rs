//! The reference models in simu-des: an async process a customer, a resource a station.
//!
//! `peer-simu-des a CUSTOMERS`, `peer-simu-des b REPLICATIONS`.

use rand::rngs::SmallRng;
use rand::{RngExt as _, SeedableRng as _};
use rand_distr::{Distribution as _, Exp, Gamma, LogNormal};
use simu::{EnvHandle, PriorityResource, Resource, SimEnv};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

const SHARE_BY_HOUR: [f64; 10] = [0.08, 0.17, 0.17, 0.12, 0.06, 0.03, 0.09, 0.15, 0.09, 0.04];
/// Windows, kiosks, five examinations, pharmacy.
const SERVERS: [usize; 8] = [12, 20, 4, 3, 2, 6, 8, 10];
const MEAN_MINUTES: [f64; 8] = [1.5, 1.0, 12.0, 10.0, 20.0, 8.0, 6.0, 1.2];
const CV: [f64; 8] = [0.8, 0.5, 0.4, 0.4, 0.4, 0.4, 0.4, 0.6];
const DEPARTMENTS: usize = 30;
const PHARMACY: usize = 7;
const HALF_MINUTE_BINS: usize = 2048;

/// Count, sum and histogram of waits.
struct Tally {
    counts: Vec<[u32; HALF_MINUTE_BINS]>,
    sums: Vec<(u64, f64)>,
}

/// Eight stations, then departments by rank, then the whole.
const ROWS: usize = 8 + 2 * DEPARTMENTS + 1;

impl Tally {
    fn new() -> Self {
        Tally { counts: vec![[0; HALF_MINUTE_BINS]; ROWS], sums: vec![(0, 0.0); ROWS] }
    }

    fn record(&mut self, row: usize, wait: f64) {
        self.counts[row][((wait * 2.0) as usize).min(HALF_MINUTE_BINS - 1)] += 1;
        self.sums[row].0 += 1;
        self.sums[row].1 += wait;
    }

    fn mean(&self, row: usize) -> f64 {
        self.sums[row].1 / self.sums[row].0.max(1) as f64
    }
}

fn model_a(customers: u64) -> (u64, u64, BTreeMap<&'static str, f64>) {
    let mut environment = SimEnv::new();
    let handle = environment.handle();
    let server = Resource::new(10);
    let rng = Rc::new(RefCell::new(SmallRng::seed_from_u64(1)));
    let tally = Rc::new(RefCell::new(Tally::new()));
    let kept = Rc::clone(&tally);
    handle.clone().spawn(async move {
        let (between, service) = (Exp::new(9.0).expect("a rate"), Exp::new(1.0).expect("a rate"));
        for _ in 0..customers {
            let gap = between.sample(&mut *rng.borrow_mut());
            handle.timeout(gap).await;
            let (inner, server) = (handle.clone(), server.clone());
            let (rng, tally) = (Rc::clone(&rng), Rc::clone(&tally));
            handle.spawn(async move {
                let came = inner.now();
                let _turn = server.request().await;
                tally.borrow_mut().record(0, inner.now() - came);
                let time = service.sample(&mut *rng.borrow_mut());
                inner.timeout(time).await;
            });
        }
    });
    environment.run();
    let mean = kept.borrow().mean(0);
    (2 * customers, customers, BTreeMap::from([("wait", mean)]))
}

#[derive(Clone, Copy)]
enum Step {
    Cashier,
    Department,
    InRoom,
    Station(usize),
}

struct Clinic {
    handle: EnvHandle,
    stations: Vec<Resource>,
    departments: Vec<PriorityResource>,
    laws: Vec<LogNormal<f64>>,
    consultation: Gamma<f64>,
    rng: RefCell<SmallRng>,
    tally: RefCell<Tally>,
    served: Cell<u64>,
}

impl Clinic {
    async fn visit(&self, place: usize) {
        let joined = self.handle.now();
        let _turn = self.stations[place].request().await;
        self.tally.borrow_mut().record(place, self.handle.now() - joined);
        let time = self.laws[place].sample(&mut *self.rng.borrow_mut());
        self.serve(time).await;
    }

    async fn consult(&self, department: usize, rank: u32) {
        let joined = self.handle.now();
        let _turn = self.departments[department].request(rank).await;
        let row = 8 + department + DEPARTMENTS * rank as usize;
        self.tally.borrow_mut().record(row, self.handle.now() - joined);
        let time = self.consultation.sample(&mut *self.rng.borrow_mut());
        self.serve(time).await;
    }

    async fn serve(&self, time: f64) {
        self.handle.timeout(time).await;
        self.served.set(self.served.get() + 1);
    }

    async fn patient(self: Rc<Self>, steps: Vec<Step>, department: usize, rank: u32) {
        let came = self.handle.now();
        for step in steps {
            match step {
                Step::Cashier => {
                    let shortage = |place: usize| {
                        let station = &self.stations[place];
                        (station.queue_len() + station.in_use()) as i64 - station.capacity() as i64
                    };
                    self.visit(if shortage(0) < shortage(1) { 0 } else { 1 }).await;
                }
                Step::Department => self.consult(department, rank).await,
                Step::InRoom => self.serve(0.3).await,
                Step::Station(place) => self.visit(place).await,
            }
        }
        self.tally.borrow_mut().record(ROWS - 1, self.handle.now() - came);
    }
}

fn steps(rng: &mut SmallRng) -> Vec<Step> {
    let mut steps = Vec::with_capacity(6);
    if rng.random_bool(0.4) {
        steps.push(Step::Cashier);
    }
    steps.push(Step::Department);
    if rng.random_bool(0.45) {
        steps.push(if rng.random_bool(0.3) { Step::InRoom } else { Step::Cashier });
    }
    if rng.random_bool(0.35) {
        let mut left = rng.random_range(0..169);
        let place = [20, 18, 6, 45, 80].iter().position(|&share| {
            left -= share;
            left < 0
        });
        steps.push(Step::Station(2 + place.unwrap_or(4)));
        if rng.random_bool(0.5) {
            steps.push(Step::Department);
        }
    }
    if rng.random_bool(0.7) {
        steps.push(Step::Station(PHARMACY));
    }
    steps
}

fn model_b(replication: u64) -> (u64, u64, BTreeMap<&'static str, f64>) {
    let mut environment = SimEnv::new();
    let lognormal =
        |place: usize| LogNormal::from_mean_cv(MEAN_MINUTES[place], CV[place]).expect("a mean and a spread");
    let clinic = Rc::new(Clinic {
        handle: environment.handle(),
        stations: SERVERS.map(Resource::new).to_vec(),
        departments: (0..DEPARTMENTS).map(|_| PriorityResource::new(6)).collect(),
        laws: (0..8).map(lognormal).collect(),
        consultation: Gamma::new(1.0 / 0.36, 6.0 * 0.36).expect("a shape and a scale"),
        rng: RefCell::new(SmallRng::seed_from_u64(1000 + replication)),
        tally: RefCell::new(Tally::new()),
        served: Cell::new(0),
    });
    let patients = Rc::new(Cell::new(0));
    let (house, count) = (Rc::clone(&clinic), Rc::clone(&patients));
    clinic.handle.spawn(async move {
        for (hour, share) in SHARE_BY_HOUR.iter().enumerate() {
            let gap = Exp::new(share * 8000.0 / 60.0).expect("a rate");
            let mut at = 60.0 * hour as f64;
            loop {
                at += gap.sample(&mut *house.rng.borrow_mut());
                if at >= 60.0 * (hour + 1) as f64 {
                    break;
                }
                house.handle.timeout((at - house.handle.now()).max(0.0)).await;
                let mut rng = house.rng.borrow_mut();
                let (steps, department) = (steps(&mut rng), rng.random_range(0..DEPARTMENTS));
                let rank = if rng.random_bool(0.2) { 0 } else { 1 };
                drop(rng);
                count.set(count.get() + 1);
                house.handle.spawn(Rc::clone(&house).patient(steps, department, rank));
            }
        }
    });
    environment.run();
    let tally = clinic.tally.borrow();
    let means = BTreeMap::from([("pharmacy", tally.mean(PHARMACY)), ("system", tally.mean(ROWS - 1))]);
    (clinic.served.get() + patients.get(), patients.get(), means)
}

/// Processor time of this thread so far, in seconds.
fn processor_seconds() -> f64 {
    let line = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    let nanos: f64 = line.split_whitespace().next().and_then(|word| word.parse().ok()).unwrap_or(f64::NAN);
    nanos / 1e9
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let (Some(model), Some(size)) = (arguments.get(1), arguments.get(2).and_then(|size| size.parse().ok()))
    else {
        eprintln!("usage: peer-simu-des a CUSTOMERS | b REPLICATIONS");
        std::process::exit(2);
    };
    let began = processor_seconds();
    let (events, patients, means) = if model == "a" {
        model_a(size)
    } else {
        let mut total = (0, 0, BTreeMap::new());
        for (events, patients, means) in (0..size).map(model_b) {
            total.0 += events;
            total.1 += patients;
            for (name, mean) in means {
                *total.2.entry(name).or_insert(0.0) += mean / size as f64;
            }
        }
        total
    };
    let spent = processor_seconds() - began;
    println!(
        r#"{{"engine":"simu-des","model":"model-{model}","events":{events},"patients":{patients},"cpu_s":{spent:.6},"means":{means:?}}}"#
    );
}
