//! Pictures made of characters: the time of a visit as bars, queues by hour as sparklines.

use super::stations::title;
use super::{fitted, heading};
use crate::document::{RunDocument, StationPart, Unit};
use crate::figures::{duration, show_with_interval, whole_percent};
use crate::words::Language;
use anstyle::{AnsiColor, Style};
use unicode_width::UnicodeWidthStr;

const BAR: Style = AnsiColor::Cyan.on_default();
const SPARK: Style = AnsiColor::Cyan.on_default();
const EIGHTHS: [char; 8] = ['▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'];
const LEVELS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// Stations whose queue is drawn.
const SHOWN: usize = 8;

/// A bar of `filled` of `width` columns, in eighths, filled up with spaces.
pub(crate) fn bar(filled: f64, width: usize) -> String {
    let eighths = (filled.clamp(0.0, 1.0) * width as f64 * 8.0).round() as usize;
    let mut out = "█".repeat(eighths / 8);
    if !eighths.is_multiple_of(8) {
        out.push(EIGHTHS[eighths % 8 - 1]);
    }
    let missing = width - out.chars().count();
    out + &" ".repeat(missing)
}

pub(super) fn visit_time(document: &RunDocument, language: Language, width: usize) -> String {
    let Some(visit) = &document.visit_time else { return String::new() };
    let total = duration(visit.total_s, language);
    let mut out = heading(
        language.pick("Where the time of a visit goes", "一次就诊的时间去向"),
        &match language {
            Language::English => format!("{total} in all, the mean over everyone who came"),
            Language::Chinese => format!("合计 {total}，按全部到达者平均"),
        },
    );
    let rows: Vec<(&str, f64, String)> = visit
        .parts
        .iter()
        .map(|part| {
            let figure = show_with_interval(&part.time_s, Unit::Seconds, language);
            (part.title.in_language(language), part.time_s.value.unwrap_or(0.0), figure)
        })
        .collect();
    let name_width = rows.iter().map(|(name, ..)| name.width()).max().unwrap_or(0).min(width * 2 / 5);
    let figure_width = rows.iter().map(|(.., figure)| figure.width()).max().unwrap_or(0);
    let bar_width = width.saturating_sub(name_width + figure_width + 14).clamp(10, 48);
    for (name, seconds, figure) in rows {
        let part = seconds / visit.total_s;
        let (name, bar) = (fitted(name, name_width), bar(part, bar_width));
        let gap = " ".repeat(figure_width - figure.width());
        let part = format!("{:>5}", whole_percent(part, language));
        out.push_str(&format!("  {name}  {BAR}{bar}{BAR:#}  {gap}{figure} {part}\n"));
    }
    out
}

pub(super) fn queues_by_hour(document: &RunDocument, language: Language, width: usize) -> String {
    let stations: Vec<(&StationPart, Vec<f64>)> = document
        .stations_by_waiting()
        .into_iter()
        .filter_map(|station| {
            let queue: Vec<f64> =
                station.by_hour.as_ref()?.queue_length.iter().map(|length| length.unwrap_or(0.0)).collect();
            queue.iter().any(|&length| length > 0.05).then_some((station, queue))
        })
        .take(SHOWN)
        .collect();
    let is_busy = |hour: &usize| stations.iter().any(|(_, queue)| queue[*hour] > 0.05);
    let hours = stations.first().map_or(0, |(_, queue)| queue.len());
    let (Some(first), Some(last)) = ((0..hours).find(is_busy), (0..hours).rev().find(is_busy)) else {
        return String::new();
    };
    let mut out = heading(
        language.pick("Queue by hour", "各时段排队人数"),
        language.pick("mean number waiting; each row to its own peak", "平均等候人数；各行按自身峰值绘制"),
    );
    let name_width =
        stations.iter().map(|(station, _)| title(station, language).width()).max().unwrap_or(0).min(28);
    let hour_count = last - first + 1;
    let step = (width.saturating_sub(name_width + 26) / hour_count).clamp(1, 3);
    let labels: String = (first..=last)
        .map(|hour| {
            let label = if step == 1 && hour % 3 != 0 { String::new() } else { format!("{hour:02}") };
            if step == 1 { label } else { format!("{label:<step$}") }
        })
        .collect();
    // With one column an hour a label reaches over its neighbours' columns.
    let labels = if step > 1 { labels } else { sparse_labels(first, last) };
    out.push_str(&format!("  {}  {}{labels}{:#}\n", " ".repeat(name_width), super::DIM, super::DIM));
    for (station, queue) in &stations {
        let (peak_hour, peak) = queue
            .iter()
            .enumerate()
            .fold((0, 0.0), |best, (hour, &length)| if length > best.1 { (hour, length) } else { best });
        let spark: String =
            queue[first..=last].iter().map(|&length| level(length, peak).to_string().repeat(step)).collect();
        let name = fitted(title(station, language), name_width);
        let peak = if peak < 10.0 { format!("{peak:.1}") } else { format!("{peak:.0}") };
        let said = match language {
            Language::English => format!("{peak} at {peak_hour:02}–{:02}", peak_hour + 1),
            Language::Chinese => format!("{peak_hour:02}–{:02}时 {peak}人", peak_hour + 1),
        };
        out.push_str(&format!("  {name}  {SPARK}{spark}{SPARK:#}  {said}\n"));
    }
    out
}

fn sparse_labels(first: usize, last: usize) -> String {
    let mut out = String::new();
    for hour in first..=last {
        let column = hour - first;
        if hour.is_multiple_of(3) && out.len() <= column {
            out.push_str(&" ".repeat(column - out.len()));
            out.push_str(&format!("{hour:02}"));
        }
    }
    out
}

fn level(length: f64, peak: f64) -> char {
    if length <= 0.0 || peak <= 0.0 {
        return ' ';
    }
    LEVELS[((length / peak * 8.0).ceil() as usize).clamp(1, 8) - 1]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_as_wide_as_they_are_told() {
        for (filled, full) in [(0.0, 0), (0.5, 5), (1.0, 10), (2.0, 10)] {
            let bar = bar(filled, 10);
            assert_eq!(bar.chars().count(), 10);
            assert_eq!(bar.chars().filter(|&c| c == '█').count(), full);
        }
        assert_eq!(bar(0.5625, 2), "█▏");
    }

    #[test]
    fn the_smallest_queue_is_seen_and_none_is_not() {
        assert_eq!((level(0.0, 9.0), level(0.01, 9.0), level(9.0, 9.0)), (' ', '▁', '█'));
    }

    #[test]
    fn labels_of_single_columns_do_not_collide() {
        assert_eq!(sparse_labels(7, 16), "  09 12 15");
    }
}
