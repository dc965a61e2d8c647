//! The number of replications against the recorded rows of a published implementation.

use onetrip_studies::statistics::replications::{Precision, Replications, Rule};
use std::collections::BTreeMap;
use std::path::Path;

struct Row {
    count: u64,
    value: f64,
    mean: f64,
    /// Standard deviation, ends of the interval, half-width as a share of the mean; absent before replication 3.
    spread: Option<[f64; 4]>,
}

/// The recorded rows by measure, or `None` (with a message) where the file is absent.
fn recorded() -> Option<BTreeMap<String, Vec<Row>>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/replications.csv");
    let Ok(mut reader) = csv::Reader::from_path(&path) else {
        eprintln!("skipped: the recorded rows are not beside the workspace (../shared/replications.csv)");
        return None;
    };
    let mut measures: BTreeMap<String, Vec<Row>> = BTreeMap::new();
    for record in reader.records().map(Result::unwrap) {
        let number = |index: usize| record[index].parse::<f64>().ok();
        let spread = number(3)
            .map(|deviation| [deviation, number(4).unwrap(), number(5).unwrap(), number(6).unwrap()]);
        let row = Row {
            count: record[0].parse().unwrap(),
            value: number(1).unwrap(),
            mean: number(2).unwrap(),
            spread,
        };
        measures.entry(record[7].to_string()).or_default().push(row);
    }
    Some(measures)
}

#[test]
fn every_recorded_row_is_met_to_1e_9() {
    let Some(measures) = recorded() else { return };
    assert_eq!(measures.values().map(Vec::len).collect::<Vec<_>>(), [40, 40, 40]);
    for (measure, rows) in measures {
        let mut replications = Replications::new(Rule::with_precision(Precision::Relative(0.05))).unwrap();
        for row in rows {
            replications.push(row.value).unwrap();
            let moments = replications.moments();
            assert_eq!(moments.count(), row.count);
            let close = |name: &str, computed: f64, recorded: f64| {
                assert!(
                    (computed - recorded).abs() < 1e-9,
                    "{measure} {}: {name} {computed} {recorded}",
                    row.count
                );
            };
            close("mean", moments.mean().unwrap(), row.mean);
            if let Some([deviation, low, high, share]) = row.spread {
                let interval = replications.interval().unwrap();
                close("standard deviation", moments.standard_deviation().unwrap(), deviation);
                close("low", interval.low, low);
                close("high", interval.high, high);
                close("deviation", replications.deviation_share().unwrap(), share);
            }
        }
    }
}

/// The recorded deviations first stay at 5 % from replication 31 (waits) and 3 (the other two) on: read off the rows.
#[test]
fn the_replications_needed_are_those_the_rows_show() {
    let Some(measures) = recorded() else { return };
    for (measure, needed) in
        [("mean_time_with_nurse", 3), ("mean_q_time_nurse", 31), ("mean_nurse_utilisation", 3)]
    {
        let mut replications = Replications::new(Rule::with_precision(Precision::Relative(0.05))).unwrap();
        for row in &measures[measure] {
            replications.push(row.value).unwrap();
        }
        assert_eq!(replications.needed(), Some(needed), "{measure}");
    }
}
