//! How long people wait: for each station the share of those served who waited at most so long, with the targets.

use super::Sketch;
use super::canvas::{
    self, Anchor, BLUE, Drawn, Ink, Panel, Swatch, VERMILION, legend, nice_limit, text_width, tick, write,
};
use crate::document::{EvidenceKind, Finding, RunDocument, StationPart, Unit};
use crate::figures::{TimeScale, finding, whole_percent};
use crate::words::{Language, Words};

const SHOWN: usize = 6;
const WIDTH: i32 = 760;
const PANEL: (i32, i32) = (380, 210);
const HEAD: i32 = 44;

pub(super) fn sketch() -> Sketch {
    Sketch {
        name: "waits",
        title: Words::new("How long people wait", "等候时间分布"),
        caption: Words::new(
            "Each curve says which share of those served waited at most so long; it starts at the share who did not \
             wait at all. A dashed line is a target of the document; the dot is the mean.",
            "曲线表示等候不超过该时长者所占比例，起点为无需等候者占比；虚线为文件目标，圆点为平均值。",
        ),
        draw,
    }
}

/// A bar that a document sets for waits at a station.
struct Bar {
    seconds: f64,
    label: String,
}

fn draw(document: &RunDocument, language: Language) -> Option<String> {
    let stations = shown(document, language);
    if stations.is_empty() {
        return None;
    }
    let rows = stations.len().div_ceil(2) as i32;
    let title = sketch().title;
    let picture = canvas::picture(WIDTH, HEAD + rows * PANEL.1, title.in_language(language), |area| {
        let mut entries = vec![
            (Swatch::Line(BLUE), language.pick("share who waited at most so long", "等候不超过该时长者占比")),
            (Swatch::Dot(BLUE), language.pick("mean", "平均值")),
        ];
        if stations.iter().any(|station| !bars(document, station, language).is_empty()) {
            entries.push((Swatch::Dashes(VERMILION), language.pick("target", "目标")));
        }
        legend(area, (12, 16), &entries)?;
        for (index, station) in stations.iter().enumerate() {
            let (row, column) = (index as i32 / 2, index as i32 % 2);
            let corner = (column * PANEL.0, HEAD + row * PANEL.1);
            panel(area, document, station, corner, language)?;
        }
        Ok(())
    });
    Some(picture)
}

/// The stations where most time is waited, and among them those for whose waits the document sets a bar.
fn shown(document: &RunDocument, language: Language) -> Vec<&StationPart> {
    let mut stations = document.stations_by_waiting();
    stations.retain(|station| station.wait_time_s.distribution.is_some());
    let has_bar: Vec<bool> =
        stations.iter().map(|station| !bars(document, station, language).is_empty()).collect();
    let with_bars = has_bar.iter().filter(|&&has| has).count().min(SHOWN / 2);
    let (mut barred, mut others) = (with_bars, SHOWN - with_bars);
    let mut keep = has_bar.into_iter().map(|has| {
        let left = if has && barred > 0 { &mut barred } else { &mut others };
        let is_kept = *left > 0;
        *left -= usize::from(is_kept);
        is_kept
    });
    stations.retain(|_| keep.next().unwrap_or(false));
    stations
}

fn panel(
    area: &canvas::Area<'_>,
    document: &RunDocument,
    station: &StationPart,
    corner: (i32, i32),
    language: Language,
) -> Drawn {
    let Some(distribution) = &station.wait_time_s.distribution else { return Ok(()) };
    let bars = bars(document, station, language);
    let last =
        distribution.share.iter().position(|&share| share >= 0.99).unwrap_or(distribution.share.len() - 1);
    let tallest_bar = bars.iter().map(|bar| bar.seconds * 1.08).fold(0.0, f64::max);
    let furthest = distribution.at_most_s[last].max(tallest_bar).max(10.0);
    let scale = TimeScale::of(furthest);
    let unit = scale.seconds();
    let (limit, step) = nice_limit(furthest / unit);
    let ticks: Vec<(f64, String)> = (0..=(limit / step).round() as i32)
        .map(|index| {
            let value = f64::from(index) * step;
            (value, if index == 0 { "0".to_owned() } else { tick(value) })
        })
        .collect();
    let shares = [0.0, 0.25, 0.5, 0.75, 1.0].map(|share| (share, whole_percent(share, language))).to_vec();
    let panel = Panel { corner, size: PANEL, across: (0.0, limit, ticks), up: (1.0, shares) };
    let name = station.title.or_name(&station.id, language);
    let title = match language {
        Language::English => format!("{name} · wait in {}", scale.symbol(language)),
        Language::Chinese => format!("{name} · 等候（{}）", scale.symbol(language)),
    };
    panel.frame(area, &title)?;
    let mut points: Vec<(f64, f64)> = distribution
        .at_most_s
        .iter()
        .zip(&distribution.share)
        .map(|(&wait, &share)| (wait / unit, share))
        .collect();
    // All who did not wait are one step at nought.
    let waited_none = points.iter().rposition(|&(wait, _)| wait <= 0.0).unwrap_or(0);
    points.drain(..waited_none);
    let within = cut_at(&points, limit);
    panel.curve(area, &within, &BLUE)?;
    if let Some(mean) = station.wait_time_s.value.mean.map(|mean| mean / unit)
        && mean <= limit
    {
        panel.dot(area, mean, height_at(&points, mean), &BLUE)?;
    }
    for bar in &bars {
        panel.upright(area, bar.seconds / unit, &VERMILION)?;
        let (column, row) = panel.at(bar.seconds / unit, 0.12);
        let fits_left = column - text_width(&bar.label, 11.0) - 6 > panel.at(0.0, 0.0).0;
        let (x, anchor) = if fits_left { (column - 5, Anchor::Right) } else { (column + 5, Anchor::Left) };
        write(area, &bar.label, (x, row), 11.0, Ink::Text, anchor)?;
    }
    Ok(())
}

/// The curve up to `limit`, ending on it.
fn cut_at(points: &[(f64, f64)], limit: f64) -> Vec<(f64, f64)> {
    let mut within: Vec<(f64, f64)> = points.iter().copied().take_while(|&(wait, _)| wait <= limit).collect();
    within.push((limit, height_at(points, limit)));
    within
}

/// The share that waited at most `wait`, between the known points.
fn height_at(points: &[(f64, f64)], wait: f64) -> f64 {
    let after = points.partition_point(|&(x, _)| x <= wait);
    match (after.checked_sub(1).map(|before| points[before]), points.get(after)) {
        (Some((x0, y0)), Some(&(x1, y1))) if x1 > x0 => y0 + (y1 - y0) * (wait - x0) / (x1 - x0),
        (Some((_, y)), _) => y,
        (None, _) => 0.0,
    }
}

/// Whether measures of this place count waits at a station: at itself, within it, or in the whole it is a part of.
fn counts_waits_at(place: &str, station: &str) -> bool {
    // On site and at peak are whose waits are counted, not another place; help after a failed kiosk is no registration.
    let whose = place.trim_end_matches(".peak");
    let place = whose.trim_end_matches(".on_site");
    let is_within = |part: &str, whole: &str| {
        part == whole || part.strip_prefix(whole).is_some_and(|rest| rest.starts_with('.'))
    };
    let is_beside = station == "registration.help" && whose.ends_with(".on_site");
    !is_beside && (is_within(station, place) || is_within(place, station))
}

/// The document's bars for waits that people have at this station: those on its own measures, on those of the group
/// its name begins with, and on those of its parts.
fn bars(document: &RunDocument, station: &StationPart, language: Language) -> Vec<Bar> {
    let checks = document.targets.iter().flat_map(|item| &item.checks);
    let mut bars: Vec<Bar> = Vec::new();
    for check in
        checks.filter(|check| check.kind == EvidenceKind::Measured && check.unit == Some(Unit::Seconds))
    {
        let (Some(measure), Some(Finding::Number(seconds))) = (&check.measure, &check.threshold) else {
            continue;
        };
        let Some((place, figure)) = measure.split_once(".wait_time") else { continue };
        if !counts_waits_at(place, &station.id) {
            continue;
        }
        let bar = finding(&Finding::Number(*seconds), check.unit, language);
        let of = match figure.trim_start_matches('.') {
            "" | "mean" => language.pick("mean", "平均").to_owned(),
            quantile => quantile.to_uppercase(),
        };
        let label = match (measure.contains(".peak."), language) {
            (false, _) => format!("{of} ≤ {bar}"),
            (true, Language::English) => format!("{of} at peak ≤ {bar}"),
            (true, Language::Chinese) => format!("高峰{of} ≤ {bar}"),
        };
        if !bars.iter().any(|known| known.label == label) {
            bars.push(Bar { seconds: *seconds, label });
        }
    }
    bars
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_stand_at_the_stations_whose_waits_they_are_about() {
        assert!(counts_waits_at("registration.on_site.peak", "registration.kiosks"));
        assert!(counts_waits_at("registration.help", "registration.help"));
        assert!(counts_waits_at("consultation", "consultation.cardiology"));
        assert!(!counts_waits_at("registration.on_site.peak", "registration.help"));
        assert!(!counts_waits_at("registration.on_site", "registration.help"));
        assert!(!counts_waits_at("pharmacy", "registration.windows"));
    }

    #[test]
    fn curves_are_straight_between_their_points() {
        let points = [(0.0, 0.4), (2.0, 0.8), (4.0, 1.0)];
        assert!((height_at(&points, 1.0) - 0.6).abs() < 1e-12);
        assert_eq!((height_at(&points, 9.0), height_at(&points, -1.0)), (1.0, 0.0));
        assert_eq!(cut_at(&points, 3.0), vec![(0.0, 0.4), (2.0, 0.8), (3.0, 0.9)]);
    }
}
