//! The reference models for comparing engines.

use super::{FARTHEST, z_score};
use crate::door;
use onetrip_studies::theory::Mmc;

/// Mean waits in minutes of a hand-written program over 2,000 days, with half of the 95 % interval; the figure for the
/// priority class and the others separate.
const MODEL_B: &[(&str, f64, f64)] = &[
    ("department.wait_time.mean", 0.6465, 0.0045),
    ("department.priority.wait_time.mean", 0.2239, 0.0010),
    ("department.normal.wait_time.mean", 0.7523, 0.0054),
    ("exam_1.wait_time.mean", 231.4, 1.3),
    ("exam_2.wait_time.mean", 232.6, 1.4),
    ("exam_3.wait_time.mean", 235.3, 2.4),
    ("exam_4.wait_time.mean", 230.5, 0.9),
    ("exam_5.wait_time.mean", 230.0, 0.7),
    ("pharmacy.wait_time.mean", 21.86, 0.15),
    ("system.sojourn_time.mean", 108.70, 0.22),
];

#[test]
fn model_b_agrees_with_the_hand_written_program() {
    const DAYS: u32 = 400;
    let system = door::shipped("model-b", &[]);
    let results = door::run(&system, 1, DAYS);
    for &(measure, other, half_width) in MODEL_B {
        let values: Vec<f64> = results
            .measure(&system, measure)
            .expect(measure)
            .values
            .iter()
            .map(|value| value.unwrap_or(0.0) / 60.0)
            .collect();
        let mean = values.iter().sum::<f64>() / f64::from(DAYS);
        let own_error = (mean - other) / z_score(&values, other);
        // Half of the last printed digit is not known either.
        let z = (mean - other) / own_error.hypot(half_width / 1.96);
        println!("{measure}: {mean:.4}, elsewhere {other}, z {z:.2}");
        assert!(z.abs() < FARTHEST, "{measure}: {mean}, elsewhere {other}, z {z}");
    }
    let events = results.event_count as f64 / f64::from(DAYS);
    assert!((events / 32_600.0 - 1.0).abs() < 0.002, "{events} events a day, 32,600 expected");
    for measure in ["window.wait_time.mean", "kiosk.wait_time.mean"] {
        let estimate = results.measure(&system, measure).expect(measure).estimate.expect("somebody");
        assert!(estimate.value < 0.001 * 60.0, "{measure}: {} s", estimate.value);
    }
}

#[test]
fn model_a_agrees_with_erlang_c() {
    // Ten million customers; the empty start moves the mean of a million by 1e-4 of it.
    let system = door::shipped("model-a", &[]);
    let results = door::run(&system, 1, 20);
    let waits = results.measure(&system, "server.wait_time.mean").expect("a measure");
    let values: Vec<f64> = waits.values.iter().map(|value| value.expect("somebody") / 60.0).collect();
    let exact = Mmc::new(9.0, 1.0, 10).expect("stable").mean_wait_time();
    let z = z_score(&values, exact);
    assert!(z.abs() < FARTHEST, "z {z}");
    assert_eq!(results.account.statistics.accounting_total().completed, 20_000_000);
}
