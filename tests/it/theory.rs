//! Exact answers. One run proves nothing: means are held to their exact value by |z| < 3.5 over many replications,
//! intervals by how often they cover it over at least a thousand macro-replications, waits by their whole law.
//! `docs/theory-cases.md` says which case is held where, and which cannot be stated in a file.

mod coverage;
mod laws;
mod listed;
mod means;
mod moments;
mod reference;
mod worked;

use onetrip_studies::theory::{Case, cases};

/// The published case with this number; `variant` is empty where there is one only.
fn case(id: u32, variant: &str) -> Case {
    let all = cases();
    let found = all.into_iter().find(|case| case.id == id && case.variant == variant);
    found.unwrap_or_else(|| panic!("no case {id} `{variant}`"))
}

/// The exact value of a quantity, times in seconds.
fn exact(id: u32, variant: &str, quantity: &str) -> f64 {
    let case = case(id, variant);
    let value = case.exact(quantity).unwrap_or_else(|| panic!("case {id} has no {quantity}"));
    let is_time = ["wait_time.mean", "wait_time.p", "sojourn_time", "overtime", "occupancy.lag_time"]
        .iter()
        .any(|stem| quantity.starts_with(stem));
    let unit = match case.time_unit {
        "s" => 1.0,
        "h" => 3600.0,
        // What has no unit of its own is in minutes in the files.
        _ => 60.0,
    };
    if is_time { value * unit } else { value }
}

/// How far the mean of independent values is from the exact one, in standard errors.
fn z_score(values: &[f64], exact: f64) -> f64 {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (count - 1.0);
    (mean - exact) / (variance / count).sqrt()
}

/// Beyond this many standard errors a mean is wrong.
const FARTHEST: f64 = 3.5;
