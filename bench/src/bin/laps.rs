//! Runs a network or hospital that comes with the program and says what it took, on one line of JSON: the figures of the side-by-side
//! table, and the fixed binary that instructions are counted on.
//!
//! `laps model-b 30`, `laps model-b 30 run.keeps_hours=true`.

use bench::clock::processor_time;
use bench::systems::{Work, run, shipped};
use std::time::Instant;

fn main() -> Result<(), String> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [name, replications, settings @ ..] = &arguments[..] else {
        return Err("usage: laps SCENARIO REPLICATIONS [KEY=VALUE]…".to_owned());
    };
    let replications: u32 =
        replications.parse().map_err(|_| format!("`{replications}` is not a number of replications"))?;
    let settings: Vec<&str> = settings.iter().map(String::as_str).collect();
    let system = shipped(name, &settings)?;
    let (wall, began) = (Instant::now(), processor_time());
    let Work { events, delays, pauses, customers } = run(&system, replications);
    let wall = wall.elapsed();
    let cpu = processor_time().zip(began).map_or(wall, |(end, began)| end - began);
    println!(
        r#"{{"engine":"onetrip","model":"{name}","events":{events},"delays":{delays},"pauses":{pauses},"patients":{customers},"wall_s":{:.6},"cpu_s":{:.6}}}"#,
        wall.as_secs_f64(),
        cpu.as_secs_f64()
    );
    Ok(())
}
