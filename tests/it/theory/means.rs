//! Steady-state means, by shipped files with long runs.

use super::{FARTHEST, exact, z_score};
use crate::door;
use onetrip_models::system::System;

/// A shipped file and what of a published case it must give.
struct Row {
    scenario: &'static str,
    /// Long enough that what a ratio of two sums is off by (of the order of 1/length) is far below its standard error
    /// (1/√(length · replications)).
    horizon: &'static str,
    case: (u32, &'static str),
    /// Quantity of the case, measure of the run.
    checks: &'static [(&'static str, &'static str)],
}

const REPLICATIONS: u32 = 100;

const ROWS: &[Row] = &[
    Row {
        scenario: "mm1-pharmacy",
        horizon: "200 days",
        case: (1, ""),
        checks: &[
            ("queue_length.mean", "pharmacist.queue_length.mean"),
            ("wait_time.mean", "pharmacist.wait_time.mean"),
            ("sojourn_time.mean", "system.sojourn_time.mean"),
            ("occupancy.mean", "pharmacist.occupancy.mean"),
        ],
    },
    Row {
        scenario: "mm1-simmer",
        horizon: "20 days",
        case: (3, ""),
        checks: &[("occupancy.mean", "system.inside.mean"), ("wait_time.mean", "server.wait_time.mean")],
    },
    Row {
        scenario: "mm1-benchmark",
        horizon: "80 days",
        case: (4, ""),
        checks: &[
            ("sojourn_time.mean", "system.sojourn_time.mean"),
            ("wait_time.p50", "server.wait_time.p50"),
            ("wait_time.p90", "server.wait_time.p90"),
            ("wait_time.p95", "server.wait_time.p95"),
            ("wait_time.p99", "server.wait_time.p99"),
        ],
    },
    Row {
        scenario: "mm3-ciw",
        horizon: "200 days",
        case: (6, ""),
        checks: &[("wait_time.mean", "server.wait_time.mean"), ("wait_probability", "server.waited_share")],
    },
    Row {
        scenario: "mm2-3-loss",
        horizon: "12 days",
        case: (7, ""),
        checks: &[
            ("occupancy.mean", "server.occupancy.mean"),
            ("loss_share", "server.refused_share"),
            ("wait_time.mean", "server.wait_time.mean"),
        ],
    },
    Row {
        scenario: "erlang-b",
        horizon: "5 days",
        case: (9, ""),
        checks: &[("loss_share", "line.refused_share")],
    },
    Row {
        scenario: "erlang-c",
        horizon: "5 days",
        case: (10, ""),
        checks: &[("wait_probability", "server.waited_share"), ("wait_time.mean", "server.wait_time.mean")],
    },
    Row {
        scenario: "kiosks-5",
        horizon: "20 days",
        case: (11, "5 kiosks"),
        checks: &[("wait_time.mean", "kiosk.wait_time.mean")],
    },
    Row {
        scenario: "kiosks-6",
        horizon: "20 days",
        case: (11, "6 kiosks"),
        checks: &[("wait_time.mean", "kiosk.wait_time.mean")],
    },
    Row {
        scenario: "kiosks-7",
        horizon: "20 days",
        case: (11, "7 kiosks"),
        checks: &[("wait_time.mean", "kiosk.wait_time.mean")],
    },
    Row {
        scenario: "erlang-a",
        horizon: "20 days",
        case: (12, ""),
        checks: &[("renege_share", "desk.reneged_share"), ("queue_length.mean", "desk.queue_length.mean")],
    },
    Row {
        scenario: "md1",
        horizon: "50 days",
        case: (15, "constant"),
        checks: &[("wait_time.mean", "server.wait_time.mean")],
    },
    Row {
        scenario: "me2",
        horizon: "50 days",
        case: (15, "Erlang-2"),
        checks: &[("wait_time.mean", "server.wait_time.mean")],
    },
    Row {
        scenario: "mg1-uniform",
        horizon: "50 days",
        case: (15, "uniform on 0..2"),
        checks: &[("wait_time.mean", "server.wait_time.mean")],
    },
    Row {
        scenario: "mg1-lognormal",
        horizon: "50 days",
        case: (15, "lognormal, cv 0.5"),
        checks: &[("wait_time.mean", "server.wait_time.mean")],
    },
    Row {
        scenario: "mh2",
        horizon: "80 days",
        case: (15, "hyperexponential, cv 2"),
        checks: &[("wait_time.mean", "server.wait_time.mean")],
    },
    Row {
        scenario: "dm1-appointments-20",
        horizon: "1000 days",
        case: (17, "exponential 20 min"),
        checks: &[("wait_probability", "doctor.waited_share"), ("wait_time.mean", "doctor.wait_time.mean")],
    },
    Row {
        scenario: "dm1-appointments-25",
        horizon: "1000 days",
        case: (17, "exponential 25 min"),
        checks: &[("wait_probability", "doctor.waited_share"), ("wait_time.mean", "doctor.wait_time.mean")],
    },
    Row {
        scenario: "priority-nonpreemptive",
        horizon: "50 days",
        case: (21, ""),
        checks: &[
            ("sojourn_time.mean[0]", "system.urgent.sojourn_time.mean"),
            ("sojourn_time.mean[1]", "system.ordinary.sojourn_time.mean"),
        ],
    },
    Row {
        scenario: "priority-preemptive",
        horizon: "50 days",
        case: (22, ""),
        checks: &[
            ("sojourn_time.mean[0]", "system.urgent.sojourn_time.mean"),
            ("sojourn_time.mean[1]", "system.ordinary.sojourn_time.mean"),
        ],
    },
    Row {
        scenario: "er-triage",
        horizon: "1200 days",
        case: (23, ""),
        checks: &[
            ("wait_time.mean[0]", "doctor.critical.wait_time.mean"),
            ("wait_time.mean[1]", "doctor.serious.wait_time.mean"),
            ("wait_time.mean[2]", "doctor.stable.wait_time.mean"),
        ],
    },
    Row {
        scenario: "cafe-jackson",
        horizon: "60 days",
        case: (27, ""),
        checks: &[
            ("occupancy.mean[1]", "cold.occupancy.mean"),
            ("occupancy.mean[2]", "hot.occupancy.mean"),
            ("occupancy.mean[3]", "till.occupancy.mean"),
            ("sojourn_time.mean", "system.sojourn_time.mean"),
        ],
    },
    Row {
        scenario: "finite-source",
        horizon: "40 days",
        case: (28, "M/M/1//5"),
        checks: &[("occupancy.mean", "repair.occupancy.mean")],
    },
    Row {
        scenario: "finite-source-two",
        horizon: "30 days",
        case: (28, "M/M/2//6"),
        checks: &[("occupancy.mean", "repair.occupancy.mean")],
    },
    Row {
        scenario: "batches",
        horizon: "50 days",
        case: (34, ""),
        checks: &[
            ("occupancy.mean", "server.occupancy.mean"),
            ("sojourn_time.mean", "system.sojourn_time.mean"),
        ],
    },
];

/// Lines that are wrong, of all comparisons of a run with a case.
fn compare(row: &Row, rng_seed: u64) -> Vec<String> {
    let system = door::shipped(row.scenario, &[&format!("run.horizon={}", row.horizon)]);
    let results = door::run(&system, rng_seed, REPLICATIONS);
    let (id, variant) = row.case;
    let mut wrong = Vec::new();
    for (quantity, measure) in row.checks {
        let result = results.measure(&system, measure).unwrap_or_else(|| panic!("no measure {measure}"));
        let values: Vec<f64> = result.values.iter().copied().flatten().collect();
        let exact = exact(id, variant, quantity);
        let z = z_score(&values, exact);
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let line = format!("case {id} {variant}: {measure} {mean:.6}, exact {exact:.6}, z {z:.2}");
        println!("{line}");
        if z.is_nan() || z.abs() >= FARTHEST {
            wrong.push(line);
        }
    }
    wrong
}

#[test]
fn shipped_networks_have_the_means_of_theory() {
    // A luck of its own for each row: files that name their sources and stations alike would share it.
    let wrong: Vec<String> =
        ROWS.iter().zip(1..).flat_map(|(row, rng_seed)| compare(row, rng_seed)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Two desks without room between, somebody always outside: 2/3 of a desk's rate (Hunt 1956).
#[test]
fn blocking_after_service_costs_a_third_of_the_rate() {
    let system = door::shipped("tandem-blocking", &["run.horizon=60 days"]);
    let results = door::run(&system, 5, REPLICATIONS);
    let values = |measure: &str| -> Vec<f64> {
        results.measure(&system, measure).expect(measure).values.iter().copied().flatten().collect()
    };
    let z = z_score(&values("second.throughput_per_hour"), 40.0);
    assert!(z.abs() < FARTHEST, "throughput: z {z}");
    // The first desk is held or busy always; it works for 1 of every 1.5 minutes.
    let z = z_score(&values("second.utilisation_share"), 2.0 / 3.0);
    assert!(z.abs() < FARTHEST, "utilisation: z {z}");
}

/// Processor sharing does not care how services spread: E[W] = E[S] / (1 − ρ) (Kleinrock II, 4.4).
#[test]
fn processor_sharing_depends_on_the_mean_service_alone() {
    for law in [
        "{ law = \"hyperexponential\", mean = \"1 min\", cv = 2.0 }",
        "\"1 min\"",
        "{ law = \"gamma\", mean = \"1 min\", cv = 0.5 }",
    ] {
        let service_time = format!("station.server.service_time={law}");
        let system = door::shipped("processor-sharing", &["run.horizon=50 days", &service_time]);
        let results = door::run(&system, 6, REPLICATIONS);
        for (measure, exact) in [("system.sojourn_time.mean", 300.0), ("server.occupancy.mean", 4.0)] {
            let values: Vec<f64> =
                results.measure(&system, measure).expect(measure).values.iter().copied().flatten().collect();
            let z = z_score(&values, exact);
            assert!(z.abs() < FARTHEST, "{law}: {measure}: z {z}");
        }
    }
}

/// The stretch right behind the warm-up already has the mean of the steady state: nothing of the empty start is left
/// when counting begins.
#[test]
fn warm_ups_are_long_enough() {
    // Customers inside, by Little's law from the case.
    let little = |rate_per_minute: f64, sojourn_seconds: f64| rate_per_minute * sojourn_seconds / 60.0;
    let triage = [(0, 0.2), (1, 0.6), (2, 1.2)]
        .map(|(rank, rate)| little(rate / 60.0, exact(23, "", &format!("wait_time.mean[{rank}]")) + 1200.0));
    let cafe = [1, 2, 3].map(|station| exact(27, "", &format!("occupancy.mean[{station}]")));
    let rows = [
        ("mm1-pharmacy", exact(1, "", "occupancy.mean")),
        ("mm1-benchmark", little(0.9, exact(4, "", "sojourn_time.mean"))),
        ("mm3-ciw", little(0.2, exact(6, "", "wait_time.mean") + 600.0)),
        ("mh2", little(0.8, exact(15, "hyperexponential, cv 2", "wait_time.mean") + 60.0)),
        ("priority-nonpreemptive", 0.2 * 2.0 + 0.6 * 6.0),
        ("er-triage", triage.iter().sum()),
        ("cafe-jackson", cafe.iter().sum()),
        ("batches", exact(34, "", "occupancy.mean")),
    ];
    for ((scenario, exact), rng_seed) in rows.into_iter().zip(100..) {
        let warm_up = match door::shipped(scenario, &[]) {
            System::Network(network) => network.spec().run.warm_up.as_micros(),
            _ => panic!("a network is needed"),
        };
        let system = door::shipped(scenario, &[&format!("run.horizon={} us", warm_up + warm_up / 5)]);
        let results = door::run(&system, rng_seed, 1_000);
        let inside = results.measure(&system, "system.inside.mean").expect("a measure");
        let values: Vec<f64> = inside.values.iter().copied().flatten().collect();
        let z = z_score(&values, exact);
        println!(
            "{scenario}: {:.4}, exact {exact:.4}, z {z:.2}",
            values.iter().sum::<f64>() / values.len() as f64
        );
        assert!(z.abs() < FARTHEST, "{scenario}: z {z}");
    }
}
