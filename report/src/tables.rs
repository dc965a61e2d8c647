//! Tables as CSV: one row a measure, a station, an item of the scorecard, a visit. Columns carry their units in their
//! names; what does not exist is empty.

pub mod region;

use crate::document::{Figure, Finding, RunDocument, StationPart, Unit};
use crate::visits::Visit;
use crate::words::Words;
use onetrip_sim::time::SimSpan;

pub(crate) type Written = Result<Vec<u8>, csv::Error>;

pub(crate) fn write(header: &[&str], rows: impl Iterator<Item = Vec<String>>) -> Written {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(header)?;
    for row in rows {
        writer.write_record(row)?;
    }
    writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))
}

pub(crate) fn number(value: Option<f64>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}

const MEASURED: [&str; 8] = ["id", "unit", "value", "low", "high", "n", "title_en", "title_zh"];

fn measured(id: &str, unit: Unit, figure: &Figure, title: &Words) -> [String; 8] {
    [
        id.to_owned(),
        unit.symbol().to_owned(),
        number(figure.value),
        number(figure.low),
        number(figure.high),
        figure.n.to_string(),
        title.en.clone(),
        title.zh.clone(),
    ]
}

/// One row a measure.
///
/// # Errors
/// None that can happen: it is written into memory.
pub fn measures(document: &RunDocument) -> Written {
    let header = [&MEASURED[..], &["definition_en", "definition_zh"]].concat();
    let rows = document.measures.iter().map(|measure| {
        let mut row = measured(&measure.id, measure.unit, &measure.figure, &measure.title).to_vec();
        row.extend([measure.definition.en.clone(), measure.definition.zh.clone()]);
        row
    });
    write(&header, rows)
}

/// One row a station. Numbers of customers are sums over all runs.
///
/// # Errors
/// As [`measures`].
pub fn stations(document: &RunDocument) -> Written {
    let mut header: Vec<String> = ["id", "title_en", "title_zh"].map(str::to_owned).to_vec();
    for figure in ["mean", "p50", "p90", "p95", "max"] {
        header.extend(["", "_low", "_high"].map(|end| format!("wait_time_s_{figure}{end}")));
    }
    let rest = [
        "wait_time_s_longest",
        "utilisation_share",
        "utilisation_low",
        "utilisation_high",
        "queue_length_mean",
        "longest_queue_count",
        "longest_queue_at_s",
        "joined_count",
        "served_count",
        "balked_count",
        "reneged_count",
        "refused_count",
        "sent_away_count",
        "interrupted_count",
        "failure_count",
        "waiting_at_end_count",
        "overtime_s",
    ];
    header.extend(rest.map(str::to_owned));
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    write(&header, document.stations.iter().map(station_row))
}

fn station_row(station: &StationPart) -> Vec<String> {
    let waits = &station.wait_time_s;
    let mut row = vec![station.id.clone(), station.title.en.clone(), station.title.zh.clone()];
    for figure in [
        waits.figure(|wait| wait.mean),
        waits.figure(|wait| wait.p50),
        waits.figure(|wait| wait.p90),
        waits.figure(|wait| wait.p95),
        waits.figure(|wait| wait.max),
    ] {
        row.extend([figure.value, figure.low, figure.high].map(number));
    }
    let figures = [
        waits.longest,
        station.utilisation_share,
        station.utilisation_low,
        station.utilisation_high,
        station.queue_length,
    ];
    row.extend(figures.map(number));
    row.push(station.longest_queue.count.to_string());
    row.push(number(station.longest_queue.at_s));
    let counts = [
        station.joined,
        station.served,
        station.balked,
        station.reneged,
        station.refused,
        station.sent_away,
        station.interrupted,
        station.failures,
        station.waiting_at_end,
    ];
    row.extend(counts.map(|count| count.to_string()));
    row.push(number(station.overtime_s));
    row
}

/// One row a check of the scorecard.
///
/// # Errors
/// As [`measures`].
pub fn targets(document: &RunDocument) -> Written {
    let header = [
        "item",
        "check",
        "kind",
        "verdict",
        "measure",
        "value",
        "low",
        "high",
        "comparison",
        "threshold",
        "unit",
        "title_en",
        "title_zh",
        "reason_en",
        "reason_zh",
    ];
    let rows = document.targets.iter().flat_map(|item| {
        item.checks.iter().map(|check| {
            vec![
                item.id.clone(),
                check.id.clone(),
                word(&check.kind),
                word(&check.verdict),
                check.measure.clone().unwrap_or_default(),
                check.value.as_ref().map_or_else(String::new, plain),
                number(check.low),
                number(check.high),
                word(&check.comparison),
                check.threshold.as_ref().map_or_else(String::new, plain),
                check.unit.map_or_else(String::new, |unit| unit.symbol().to_owned()),
                check.title.en.clone(),
                check.title.zh.clone(),
                check.reason.en.clone(),
                check.reason.zh.clone(),
            ]
        })
    });
    write(&header, rows)
}

/// The word under which a choice stands in machine-readable output.
fn word(choice: &impl serde::Serialize) -> String {
    match serde_json::to_value(choice) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

fn plain(finding: &Finding) -> String {
    match finding {
        Finding::Number(number) => number.to_string(),
        Finding::Flag(flag) => flag.to_string(),
        Finding::Words(words) => words.join(" "),
    }
}

/// One row a visit of a watched run. Instants are seconds since the run began.
///
/// # Errors
/// As [`measures`].
pub fn visits(document: &RunDocument, visits: &[Visit]) -> Written {
    let kinds = visits.first().map_or(0, |visit| visit.paused_time.len());
    let mut header: Vec<String> = [
        "source",
        "number",
        "class",
        "arrived_at_s",
        "left_at_s",
        "outcome",
        "sojourn_time_s",
        "queueing_time_s",
        "served_time_s",
        "blocked_time_s",
    ]
    .map(str::to_owned)
    .to_vec();
    header.extend((0..kinds).map(|kind| match document.scenario.pause_kinds.get(kind) {
        Some(named) => format!("{}_time_s", named.id.trim_end_matches("_time")),
        None => format!("pause_{kind}_time_s"),
    }));
    header.push("service_count".to_owned());
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    let seconds = |span: SimSpan| span.as_seconds().to_string();
    let rows = visits.iter().map(|visit| {
        let class = document.accounting.by_class.get(usize::from(visit.class));
        let mut row = vec![
            visit.source.to_string(),
            visit.number.to_string(),
            class.map_or_else(|| visit.class.to_string(), |class| class.class.en.clone()),
            visit.arrived_at.as_seconds().to_string(),
            number(visit.left_at.map(|at| at.as_seconds())),
            visit.outcome.word().to_owned(),
            visit.left_at.map_or_else(String::new, |at| seconds(at - visit.arrived_at)),
            seconds(visit.queueing_time),
            seconds(visit.served_time),
            seconds(visit.blocked_time),
        ];
        row.extend(visit.paused_time.iter().copied().map(seconds));
        row.push(visit.service_count.to_string());
        row
    });
    write(&header, rows)
}
