//! A measure along one variable of a grid, with a line for each value of a second one.

use super::{Across, COLOURS, Sketch};
use crate::plots::canvas::{self, Panel, Swatch, legend};
use crate::plots::scale::{Scale, from_zero, upper};
use crate::sweep::{PointPart, SweepDocument, Value};
use crate::words::{Language, Words};

const WIDTH: i32 = 760;
const HEIGHT: i32 = 300;
const HEAD: i32 = 34;
/// Where the key stands.
const KEY: (i32, i32) = (12, 16);
/// Lines that lie no more pixels apart hide each other.
const NEAR: i32 = 2;

pub(super) fn sketch() -> Sketch {
    Sketch {
        name: "lines",
        caption: Words::new(
            "Mean over replications with its interval at each point that was run. Where lines lie on each other, their \
             colours take turns and their dots lie within each other.",
            "各设计点的重复平均值及区间。多条线重合处各色交替，圆点由大到小套叠。",
        ),
        draw,
    }
}

/// Horizontal variable, and the one told by colour: the one with more values lies across.
fn roles(document: &SweepDocument) -> Option<(usize, Option<usize>)> {
    if document.variables.len() == 1 {
        return Some((0, None));
    }
    let counts = [0, 1].map(|variable| document.axis(variable).len());
    let (across, by_colour) = if counts[1] > counts[0] { (1, 0) } else { (0, 1) };
    (counts[by_colour] <= COLOURS.len()).then_some((across, Some(by_colour)))
}

fn draw(document: &SweepDocument, measure: usize, language: Language) -> Option<String> {
    let (horizontal, by_colour) = roles(document)?;
    let across = Across::new(document, horizontal);
    if across.axis.len() < 2 {
        return None;
    }
    let part = &document.measures[measure];
    let figures = document.points.iter().map(|point| &point.results[measure]);
    let largest = figures.filter_map(|figure| upper(figure, part.unit)).fold(0.0, f64::max);
    let scale = Scale::of(part.unit, largest, language);
    let groups: Vec<(String, Vec<&PointPart>)> = match by_colour {
        None => vec![(language.pick("mean", "均值").to_owned(), document.points.iter().collect())],
        Some(variable) => {
            let part = &document.variables[variable];
            // The name stands once, before the first value.
            let name = |at: usize, value: &Value| match at {
                0 => format!("{} = {}", part.title.in_language(language), part.shown(value, language)),
                _ => part.shown(value, language),
            };
            let with = |value: &Value| -> Vec<&PointPart> {
                document.points.iter().filter(|point| point.values[variable] == *value).collect()
            };
            let values = document.axis(variable);
            values.iter().enumerate().map(|(at, value)| (name(at, value), with(value))).collect()
        }
    };
    let mut entries: Vec<(Swatch, &str)> =
        groups.iter().zip(COLOURS).map(|((name, _), colour)| (Swatch::Line(colour), name.as_str())).collect();
    entries.push((Swatch::Surface(canvas::GREY, 0.3), language.pick("interval", "区间")));
    let head = HEAD + canvas::further_rows(KEY, WIDTH, &entries);
    let panel = Panel {
        corner: (0, head),
        size: (WIDTH, HEIGHT),
        across: across.extent(WIDTH - 64),
        up: from_zero(largest / scale.one),
    };
    let of = scale.titled(part.title.in_language(language), language);
    let title = match language {
        Language::English => format!("{of} against {}", across.variable.heading(language)),
        Language::Chinese => format!("{of}随{}变化", across.variable.heading(language)),
    };
    Some(canvas::picture(WIDTH, head + HEIGHT + 4, &title, |area| {
        legend(area, KEY, &entries)?;
        panel.frame(area, &title)?;
        let mut before: Vec<Vec<(f64, f64)>> = Vec::new();
        for ((_, points), colour) in groups.iter().zip(COLOURS) {
            let mut drawn: Vec<(f64, f64, f64, f64)> = points
                .iter()
                .filter_map(|point| {
                    let figure = point.results[measure];
                    let value = figure.value?;
                    let (low, high) = (figure.low.unwrap_or(value), upper(&figure, part.unit)?);
                    let x = across.position(&point.values[horizontal]);
                    Some((x, value / scale.one, low.max(0.0) / scale.one, high / scale.one))
                })
                .collect();
            drawn.sort_by(|left, right| left.0.total_cmp(&right.0));
            let band: Vec<(f64, f64, f64)> = drawn.iter().map(|&(x, _, low, high)| (x, low, high)).collect();
            panel.band(area, &band, &colour, if groups.len() > 1 { 0.1 } else { 0.2 })?;
            let line: Vec<(f64, f64)> = drawn.iter().map(|&(x, value, ..)| (x, value)).collect();
            let covered = |x: f64, value: f64| {
                let at = panel.at(x, value);
                let is_near = |other: &&(f64, f64)| {
                    let (column, row) = panel.at(other.0, other.1);
                    column == at.0 && (row - at.1).abs() <= NEAR
                };
                before.iter().filter(|line| line.iter().any(|other| is_near(&other))).count()
            };
            for pair in line.windows(2) {
                let under = covered(pair[0].0, pair[0].1).min(covered(pair[1].0, pair[1].1));
                match under {
                    0 => panel.curve(area, pair, &colour)?,
                    _ => panel.stripes(area, (pair[0], pair[1]), &colour, under)?,
                }
            }
            if line.len() <= 40 {
                line.iter().try_for_each(|&(x, value)| {
                    let radius = (4.0 - 1.5 * covered(x, value) as f64).max(1.0);
                    canvas::dot(area, panel.at(x, value), radius, &colour)
                })?;
            }
            before.push(line);
        }
        Ok(())
    }))
}
