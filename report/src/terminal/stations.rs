//! The table of stations.

use super::{fitted, heading, plain_table, table_text};
use crate::document::{Figure, RunDocument, StationPart, Unit, WaitFigures};
use crate::figures::{clock, count, show};
use crate::words::Language;
use comfy_table::{Attribute, Cell, Color};
use unicode_width::UnicodeWidthStr;

/// Stations shown; the folder of `--out` has all.
const SHOWN: usize = 14;

const FIGURES: [fn(&WaitFigures) -> Option<f64>; 5] =
    [|wait| wait.mean, |wait| wait.p50, |wait| wait.p90, |wait| wait.p95, |wait| wait.max];

pub(super) fn render(document: &RunDocument, language: Language, width: usize) -> String {
    let stations = document.stations_by_waiting();
    if stations.is_empty() {
        return String::new();
    }
    let mut out = heading(
        language.pick("Stations", "站点"),
        language.pick(
            "where most time is waited first; waits of those served",
            "按总等候时间排序；等候以已服务者计",
        ),
    );
    let shown = &stations[..stations.len().min(SHOWN)];
    let widest = shown.iter().map(|station| title(station, language).width()).max().unwrap_or(0);
    // Five waits of up to nine columns, utilisation, the longest queue, and what is between them.
    let gap = if width < 92 { 1 } else { 2 };
    let name_width = widest.clamp(8, (width - 61 - 7 * usize::from(gap)).max(8));
    let mut table = plain_table(width);
    let header = [
        language.pick("station", "站点"),
        language.pick("mean", "平均"),
        language.pick("p50", "P50"),
        language.pick("p90", "P90"),
        language.pick("p95", "P95"),
        language.pick("max", "最长"),
        language.pick("busy", "利用率"),
        language.pick("max queue", "最长队"),
    ];
    table.set_header(header.map(|name| Cell::new(name).add_attribute(Attribute::Dim)));
    for station in shown {
        let waits = FIGURES.map(|pick| show(&station.wait_time_s.figure(pick), Unit::Seconds, language));
        let busy = show(&station.utilisation(), Unit::Share, language);
        let mut values = vec![Cell::new(fitted(title(station, language), name_width))];
        let mut intervals = vec![Cell::new("")];
        for (index, wait) in waits.iter().enumerate() {
            let cell = Cell::new(&wait.value);
            values.push(if index == 0 { cell.add_attribute(Attribute::Bold) } else { cell });
            intervals.push(dim(&wait.plus_minus));
        }
        values.push(busy_cell(&busy.value, &station.utilisation()));
        intervals.push(dim(&busy.plus_minus));
        values.push(Cell::new(count(station.longest_queue.count)));
        intervals.push(dim(&longest_at(station, language)));
        let has_intervals = !waits[0].plus_minus.is_empty() || station.longest_queue.at_s.is_some();
        table.add_row(values);
        if has_intervals {
            table.add_row(intervals);
        }
    }
    out.push_str(&table_text(table, 1, gap));
    if stations.len() > shown.len() {
        let more = stations.len() - shown.len();
        let said = match language {
            Language::English => format!("  and {more} more where less is waited (--out writes all)\n"),
            Language::Chinese => format!("  另有{more}个等候较少的站点（--out 输出全部）\n"),
        };
        out.push_str(&said);
    }
    out
}

fn longest_at(station: &StationPart, language: Language) -> String {
    let at = station.longest_queue.at_s.map(|at| clock(at, language));
    at.map_or_else(String::new, |at| match language {
        Language::English => format!("at {at}"),
        Language::Chinese => at,
    })
}

pub(super) fn title(station: &StationPart, language: Language) -> &str {
    station.title.or_name(&station.id, language)
}

fn dim(text: &str) -> Cell {
    Cell::new(text).add_attribute(Attribute::Dim)
}

fn busy_cell(text: &str, figure: &Figure) -> Cell {
    match figure.value {
        Some(share) if share >= 0.95 => Cell::new(text).fg(Color::Red),
        Some(share) if share >= 0.85 => Cell::new(text).fg(Color::Yellow),
        _ => Cell::new(text),
    }
}
