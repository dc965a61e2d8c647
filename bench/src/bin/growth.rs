//! How cost grows: processor time an event by events pending, servers, stations, visits, days and threads, as tables on
//! standard output (those of `docs/performance.md`) and as plots in a folder.
//!
//! `growth FOLDER`

use bench::clock::processor_time;
use bench::systems;
use onetrip_models::system::System;
use plotters::prelude::*;
use std::error::Error;
use std::path::Path;
use std::time::{Duration, Instant};

const EVENTS: u64 = 1_000_000;
/// The least of so many runs counts: what disturbs a run only makes it longer.
const TRIES: usize = 5;
/// The hospital by which growth with visits, days and threads is measured.
const HOSPITAL: &str = "hangzhou-2018-12";
/// Visits of a mean day of it.
const VISITS_A_DAY: u64 = 8000;

/// What grows, and what an event then costs in ns.
struct Growth {
    file: &'static str,
    label: &'static str,
    points: Vec<(u64, f64)>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("usage: growth FOLDER")?;
    std::fs::create_dir_all(&folder)?;
    let counts = [1, 3, 10, 30, 100, 300, 1000, 3000, 10_000];
    let each = |counts: &[u64], cost: &dyn Fn(u64) -> f64| -> Vec<(u64, f64)> {
        counts.iter().map(|&count| (count, cost(count))).collect()
    };
    let pending = counts.map(|count| count * 10);
    let hospital = |visits: u64| {
        let setting = format!("demand.visits_per_day={visits}");
        systems::shipped(HOSPITAL, &[&setting]).expect("it is shipped")
    };
    let usual = hospital(VISITS_A_DAY);
    let reference = systems::shipped("model-b", &[])?;
    let all = [
        Growth {
            file: "pending",
            label: "events pending, of one delay",
            points: each(&pending, &|count| cost(&systems::delay(count, EVENTS), 1)),
        },
        Growth {
            file: "servers",
            label: "servers of each of two queues",
            points: each(&counts, &|count| cost(&systems::tandem(count as u32, EVENTS), 1)),
        },
        Growth {
            file: "stations",
            label: "stations of four servers",
            points: each(&counts, &|count| cost(&systems::floor(count as u16, 4, EVENTS), 1)),
        },
        Growth {
            file: "visits",
            label: "visits a day of the hospital",
            points: each(&[250, 500, 1000, 2000, 4000, 8000, 16_000], &|visits| {
                cost(&hospital(visits), (20 * VISITS_A_DAY / visits) as u32)
            }),
        },
        Growth {
            file: "days",
            label: "days of the hospital",
            points: each(&[1, 3, 10, 30, 100], &|days| cost(&usual, days as u32)),
        },
        Growth {
            file: "threads-hospital",
            label: "threads, days of the hospital",
            points: each(&[1, 2, 4], &|count| cost_on_threads(&usual, count)),
        },
        Growth {
            file: "threads",
            label: "threads, days of model B",
            points: each(&[1, 2, 4], &|count| cost_on_threads(&reference, count)),
        },
    ];
    for Growth { file, label, points } in all {
        let line = |what: &str, cell: &dyn Fn(&(u64, f64)) -> String| {
            let cells: Vec<String> = points.iter().map(cell).collect();
            println!("| {what} | {} |", cells.join(" | "));
        };
        line(label, &|(count, _)| count.to_string());
        println!("|---|{}", "---:|".repeat(points.len()));
        line("ns an event", &|(_, nanos)| format!("{nanos:.0}"));
        println!();
        plot(&Path::new(&folder).join(format!("{file}.svg")), label, &points)?;
    }
    Ok(())
}

/// Processor time of this thread since `began`; time on the wall where the system does not tell it.
fn spent_since(began: (Option<Duration>, Instant)) -> Duration {
    let spent = processor_time().zip(began.0).map(|(now, began)| now - began);
    spent.unwrap_or_else(|| began.1.elapsed())
}

/// Nanoseconds an event.
fn cost(system: &System, replications: u32) -> f64 {
    let least = (0..TRIES).map(|_| {
        let began = (processor_time(), Instant::now());
        let work = systems::run(system, replications);
        spent_since(began).as_secs_f64() * 1e9 / work.events as f64
    });
    least.fold(f64::INFINITY, f64::min)
}

/// The same on several threads, days shared out evenly; the time of all threads together.
fn cost_on_threads(system: &System, count: u64) -> f64 {
    const DAYS: u32 = 24;
    let least = (0..TRIES).map(|_| {
        std::thread::scope(|scope| {
            let share = || {
                let began = (processor_time(), Instant::now());
                let work = systems::run(system, DAYS / count as u32);
                (work.events, spent_since(began))
            };
            let workers: Vec<_> = (0..count).map(|_| scope.spawn(share)).collect();
            let shares = workers.into_iter().map(|worker| worker.join().expect("a worker ends"));
            let (events, time) = shares.fold((0, Duration::ZERO), |sum, own| (sum.0 + own.0, sum.1 + own.1));
            time.as_secs_f64() * 1e9 / events as f64
        })
    });
    least.fold(f64::INFINITY, f64::min)
}

fn plot(path: &Path, label: &str, points: &[(u64, f64)]) -> Result<(), Box<dyn Error>> {
    let area = SVGBackend::new(path, (560, 320)).into_drawing_area();
    area.fill(&WHITE)?;
    let first = points.first().map_or(1, |point| point.0) as f64;
    let last = points.last().map_or(1, |point| point.0) as f64;
    let highest = points.iter().map(|point| point.1).fold(0.0, f64::max);
    let measured_at = points.iter().map(|&(count, _)| count as f64).collect();
    let mut chart =
        ChartBuilder::on(&area).margin(12).x_label_area_size(36).y_label_area_size(52).build_cartesian_2d(
            (first / 1.1..last * 1.1).log_scale().with_key_points(measured_at),
            0.0..highest * 1.15,
        )?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .light_line_style(TRANSPARENT)
        .x_labels(points.len())
        .x_label_formatter(&|count| format!("{count:.0}"))
        .x_desc(label)
        .y_label_formatter(&|nanos| format!("{nanos:.0}"))
        .y_desc("ns CPU per event")
        .draw()?;
    let line = points.iter().map(|&(count, nanos)| (count as f64, nanos));
    chart.draw_series(LineSeries::new(line.clone(), &BLUE))?;
    chart.draw_series(line.map(|point| Circle::new(point, 3, BLUE.filled())))?;
    area.present()?;
    Ok(())
}
