//! How cost grows: nanoseconds an event by events pending, servers, stations and threads, as a table on standard output and
//! as plots in a folder.
//!
//! `growth FOLDER`

use bench::systems;
use onetrip_models::network::Network;
use plotters::prelude::*;
use std::error::Error;
use std::path::Path;
use std::time::Instant;

const EVENTS: u64 = 1_000_000;
/// The least of so many runs counts: what disturbs a run only makes it longer.
const TRIES: usize = 5;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("usage: growth FOLDER")?;
    std::fs::create_dir_all(&folder)?;
    let counts = [1, 3, 10, 30, 100, 300, 1000, 3000, 10_000];
    let pending = counts.map(|count| (count * 10, cost(&systems::delay(count * 10, EVENTS))));
    let servers = counts.map(|count| (count, cost(&systems::tandem(count as u32, EVENTS))));
    let stations = counts.map(|count| (count, cost(&systems::floor(count as u16, 4, EVENTS))));
    let threads = [1, 2, 4].map(|count| (count, cost_on_threads(count)));
    for (name, label, points) in [
        ("pending", "events pending", &pending[..]),
        ("servers", "servers of each of two queues", &servers),
        ("stations", "stations", &stations),
        ("threads", "threads", &threads),
    ] {
        println!("{label:24} ns/event");
        points.iter().for_each(|(count, nanos)| println!("{count:24} {nanos:8.1}"));
        plot(&Path::new(&folder).join(format!("{name}.svg")), label, points)?;
    }
    Ok(())
}

/// Nanoseconds an event, in a machine that is warm.
fn cost(network: &Network) -> f64 {
    let least = (0..TRIES).map(|_| {
        let began = Instant::now();
        let (events, _) = systems::run(network, 1);
        began.elapsed().as_secs_f64() * 1e9 / events as f64
    });
    least.fold(f64::INFINITY, f64::min)
}

/// The same of model B on several threads, days shared out evenly.
fn cost_on_threads(count: u64) -> f64 {
    const DAYS: u32 = 24;
    let network = systems::shipped("model-b", &[]).expect("it is shipped");
    let least = (0..TRIES).map(|_| {
        let began = Instant::now();
        let events: u64 = std::thread::scope(|scope| {
            let share = || systems::run(&network, DAYS / count as u32).0;
            let workers: Vec<_> = (0..count).map(|_| scope.spawn(share)).collect();
            workers.into_iter().map(|worker| worker.join().expect("a worker ends")).sum()
        });
        began.elapsed().as_secs_f64() * 1e9 / events as f64
    });
    least.fold(f64::INFINITY, f64::min)
}

fn plot(path: &Path, label: &str, points: &[(u64, f64)]) -> Result<(), Box<dyn Error>> {
    let area = SVGBackend::new(path, (560, 320)).into_drawing_area();
    area.fill(&WHITE)?;
    let first = points.first().map_or(1, |point| point.0) as f64;
    let last = points.last().map_or(1, |point| point.0) as f64;
    let highest = points.iter().map(|point| point.1).fold(0.0, f64::max);
    let mut chart = ChartBuilder::on(&area)
        .margin(12)
        .x_label_area_size(32)
        .y_label_area_size(44)
        .build_cartesian_2d((first..last).log_scale(), 0.0..highest * 1.1)?;
    chart.configure_mesh().x_desc(label).y_desc("ns per event").draw()?;
    let line = points.iter().map(|&(count, nanos)| (count as f64, nanos));
    chart.draw_series(LineSeries::new(line.clone(), &BLUE))?;
    chart.draw_series(line.map(|point| Circle::new(point, 3, BLUE.filled())))?;
    area.present()?;
    Ok(())
}
