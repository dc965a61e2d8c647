//! Stress tests: values against demand, and queues through the day with and without a disturbance.

use super::Plot;
use super::canvas::{
    self, Anchor, BLUE, Drawn, GREEN, GREY, Ink, Panel, Swatch, VERMILION, legend, nice_limit, tick, write,
};
use super::scale::Scale;
use crate::figures::share;
use crate::stress::{CoursePart, DemandPart, DisturbancePart, StationPart, StressDocument};
use crate::words::{Language, Words};

const WIDTH: i32 = 760;
const HEAD: i32 = 44;
const PANEL: (i32, i32) = (380, 210);
/// Panels of one picture.
const SHOWN: usize = 6;

/// The plots of a stress test, but those for which there is nothing to show.
pub(crate) fn all(document: &StressDocument) -> Vec<Plot> {
    let mut plots = Vec::new();
    if let Some(part) = document.demand.as_ref().filter(|part| part.curve.len() > 1) {
        plots.push(Plot {
            name: "demand".into(),
            title: Words::new("Targets as demand grows", "目标随需求增长的变化"),
            caption: Words::new(
                "Mean over days with its band, all demands under the same luck. Across: the limit. Upright: the largest \
                 demand that holds. Values far above a limit are cut off.",
                "各日平均值及其区间，各需求水平共用随机数。横虚线为限值，竖虚线为可承受的最大需求；远高于限值的部分已截去。",
            ),
            drawings: Language::ALL.map(|language| demand(part, language)),
        });
    }
    if let Some(part) = document.disturbance.as_ref().filter(|part| !part.stations.is_empty()) {
        plots.push(Plot {
            name: "queues".into(),
            title: Words::new("Queues with and without", "有无扰动的排队变化"),
            caption: Words::new(
                "Number waiting in steps of ten minutes: mean with its interval, undisturbed and disturbed. Grey: up to \
                 here is usual (the longest queue of the step on 19 of 20 undisturbed days). Upright: beginning and end \
                 of the disturbance.",
                "每十分钟等候人数：无扰动与有扰动的平均值及区间。灰色：正常范围（20个平日中19日的最长排队）。竖虚线：扰动起止。",
            ),
            drawings: Language::ALL.map(|language| queues(part, language)),
        });
    }
    plots
}

/// Evenly spaced marks up to a limit.
fn marks(limit: f64, step: f64) -> Vec<(f64, String)> {
    (0..=(limit / step).round() as i32)
        .map(|at| f64::from(at) * step)
        .map(|value| (value, tick(value)))
        .collect()
}

/// The corner of the `index`-th panel, two a row.
fn corner(index: usize) -> (i32, i32) {
    ((index as i32 % 2) * PANEL.0, HEAD + (index as i32 / 2) * PANEL.1)
}

fn demand(part: &DemandPart, language: Language) -> String {
    let shown = part.targets.len().min(SHOWN);
    let rows = shown.div_ceil(2) as i32;
    let title = language.pick("Targets as demand grows", "目标随需求增长的变化");
    canvas::picture(WIDTH, HEAD + rows * PANEL.1, title, |area| {
        let entries = [
            (Swatch::Line(BLUE), language.pick("simulated", "模拟")),
            (Swatch::Surface(BLUE, 0.2), language.pick("interval", "区间")),
            (Swatch::Dashes(VERMILION), language.pick("limit", "限值")),
            (Swatch::Dashes(GREEN), language.pick("largest demand that holds", "可承受的最大需求")),
        ];
        legend(area, (12, 16), &entries)?;
        (0..shown).try_for_each(|at| demand_panel(area, part, at, language))
    })
}

fn demand_panel(area: &canvas::Area<'_>, part: &DemandPart, at: usize, language: Language) -> Drawn {
    let target = &part.targets[at];
    let points: Vec<(f64, f64, f64, f64)> = part
        .curve
        .iter()
        .filter_map(|point| {
            let figure = point.values.get(at)?;
            let value = figure.value?;
            Some((point.demand, value, figure.low.unwrap_or(value).max(0.0), figure.high.unwrap_or(value)))
        })
        .collect();
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return Ok(()) };
    let highest = points.iter().map(|point| point.3).fold(target.limit, f64::max);
    let shown = highest.min(target.limit * 4.0);
    let axis = Scale::of(target.unit, shown, language);
    let scale = axis.one;
    let (top, step) = nice_limit(shown / scale);
    let (from, to) = (first.0, last.0);
    let (_, every) = nice_limit(to - from);
    let ticks = (0..=((to - from) / every + 1e-9) as i32)
        .map(|index| from + f64::from(index) * every)
        .map(|factor| (factor, share(factor, language)))
        .collect();
    let panel =
        Panel { corner: corner(at), size: PANEL, across: (from, to, ticks), up: (top, marks(top, step)) };
    panel.frame(area, &axis.titled(target.title.in_language(language), language))?;
    let within = |value: f64| (value / scale).min(top);
    let band: Vec<(f64, f64, f64)> =
        points.iter().map(|&(x, _, low, high)| (x, within(low), within(high))).collect();
    panel.band(area, &band, &BLUE, 0.2)?;
    let curve: Vec<(f64, f64)> = points.iter().map(|&(x, value, ..)| (x, within(value))).collect();
    panel.curve(area, &curve, &BLUE)?;
    panel.level(area, (from, to), within(target.limit), &VERMILION)?;
    if let Some(largest) = target.largest_demand {
        panel.upright(area, largest, &GREEN)?;
        let (x, y) = panel.at(largest, top);
        let (x, anchor) =
            if largest > 0.5 * (from + to) { (x - 6, Anchor::Right) } else { (x + 6, Anchor::Left) };
        write(area, &share(largest, language), (x, y + 8), 12.0, Ink::Text, anchor)?;
    }
    Ok(())
}

fn queues(part: &DisturbancePart, language: Language) -> String {
    let shown: Vec<&StationPart> = part.stations.iter().take(SHOWN).collect();
    let rows = shown.len().div_ceil(2) as i32;
    let title = language.pick("Queues with and without", "有无扰动的排队变化");
    canvas::picture(WIDTH, HEAD + rows * PANEL.1, title, |area| {
        let mut entries = vec![
            (Swatch::Line(BLUE), language.pick("undisturbed", "无扰动")),
            (Swatch::Line(VERMILION), language.pick("disturbed", "有扰动")),
            (Swatch::Surface(GREY, 0.22), language.pick("usual", "正常范围")),
        ];
        if part.to_s.is_some() {
            entries.push((Swatch::Dashes(GREEN), language.pick("begins, ends", "起止")));
        }
        legend(area, (12, 16), &entries)?;
        for (index, station) in shown.iter().enumerate() {
            queue_panel(area, part, station, corner(index), language)?;
        }
        Ok(())
    })
}

fn queue_panel(
    area: &canvas::Area<'_>,
    part: &DisturbancePart,
    station: &StationPart,
    corner: (i32, i32),
    language: Language,
) -> Drawn {
    let (Some(first), Some(last)) = (station.course.first(), station.course.last()) else { return Ok(()) };
    let hour = |at_s: f64| at_s / 3600.0;
    let (from, to) = (hour(first.at_s).floor(), (hour(last.at_s) + 1.0 / 6.0).ceil());
    let ends = |one: &CoursePart| {
        [
            one.base.high.or(one.base.value),
            one.disturbed.high.or(one.disturbed.value),
            Some(f64::from(one.band)),
        ]
    };
    let peak = station.course.iter().flat_map(ends).flatten().fold(0.5, f64::max);
    let (top, step) = nice_limit(peak);
    let every = if to - from > 14.0 { 3.0 } else { 2.0 };
    let ticks = (0..=((to - from) / every) as i32)
        .map(|index| from + f64::from(index) * every)
        .map(|hour| (hour, format!("{:02}:00", hour as u32 % 24)))
        .collect();
    let panel = Panel { corner, size: PANEL, across: (from, to, ticks), up: (top, marks(top, step)) };
    panel.frame(area, station.title.in_language(language))?;
    // A figure of a step stands in its middle.
    let middle = |one: &CoursePart| hour(one.at_s) + 1.0 / 12.0;
    let usual: Vec<(f64, f64, f64)> =
        station.course.iter().map(|one| (middle(one), 0.0, f64::from(one.band))).collect();
    if usual.len() > 1 {
        panel.band(area, &usual, &GREY, 0.22)?;
    }
    for (colour, figure) in [
        (BLUE, (|one: &CoursePart| one.base) as fn(&CoursePart) -> crate::document::Figure),
        (VERMILION, |one: &CoursePart| one.disturbed),
    ] {
        let band: Vec<(f64, f64, f64)> = station
            .course
            .iter()
            .filter_map(|one| {
                let figure = figure(one);
                let value = figure.value?;
                let (low, high) = (figure.low.unwrap_or(value), figure.high.unwrap_or(value));
                Some((middle(one), low.clamp(0.0, top), high.clamp(0.0, top)))
            })
            .collect();
        if band.len() > 1 {
            panel.band(area, &band, &colour, 0.3)?;
        }
        let curve: Vec<(f64, f64)> = station
            .course
            .iter()
            .filter_map(|one| Some((middle(one), figure(one).value?.min(top))))
            .collect();
        panel.curve(area, &curve, &colour)?;
    }
    for at in part.to_s.map(|to| [part.from_s, to]).into_iter().flatten() {
        let at = hour(at);
        if (from..=to).contains(&at) {
            panel.upright(area, at, &GREEN)?;
        }
    }
    Ok(())
}
