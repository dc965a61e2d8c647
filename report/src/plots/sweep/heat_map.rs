//! A measure over a grid of two variables.

use super::Sketch;
use crate::plots::canvas::{
    self, Anchor, Area, Drawn, Ink, fill, shortened, text_width, tick, write, write_on_colour,
};
use crate::plots::scale::Scale;
use crate::sweep::{SweepDocument, Value};
use crate::words::{Language, Words};
use plotters::prelude::RGBColor;

const WIDTH: i32 = 760;
const HEAD: i32 = 30;
const FOOT: i32 = 44;
const RIGHT: i32 = 96;
/// Rows are as high as this where there is room.
const ROW: i32 = 34;
const MOST_HEIGHT: i32 = 420;

/// From little to much; dark letters stand on all of them.
const COLOURS: [(u8, u8, u8); 4] =
    [(0xF4, 0xF9, 0xFD), (0xC6, 0xDE, 0xF1), (0x8F, 0xC1, 0xE3), (0x4E, 0x9B, 0xD1)];

pub(super) fn sketch() -> Sketch {
    Sketch {
        name: "heat-map",
        caption: Words::new(
            "Mean over replications at every combination; the darker, the larger. Grey cells have no value.",
            "各组合的重复平均值，颜色越深数值越大；灰色格无数值。",
        ),
        draw,
    }
}

fn colour(share: f64) -> RGBColor {
    let at = share.clamp(0.0, 1.0) * (COLOURS.len() - 1) as f64;
    let below = (at.floor() as usize).min(COLOURS.len() - 2);
    let part = at - below as f64;
    let (from, to) = (COLOURS[below], COLOURS[below + 1]);
    let mix = |from: u8, to: u8| (f64::from(from) * (1.0 - part) + f64::from(to) * part).round() as u8;
    RGBColor(mix(from.0, to.0), mix(from.1, to.1), mix(from.2, to.2))
}

/// A number with the digits that a range of values needs.
fn short(value: f64, range: f64) -> String {
    let decimals = if range >= 20.0 { 0 } else { usize::from(range < 2.0) + 1 };
    format!("{value:.decimals$}")
}

fn draw(document: &SweepDocument, measure: usize, language: Language) -> Option<String> {
    let (columns, rows) = (document.axis(0), document.axis(1));
    if columns.len() < 2 || rows.len() < 2 {
        return None;
    }
    let part = &document.measures[measure];
    let values = || document.points.iter().filter_map(|point| point.results[measure].value);
    let (least, most) = (values().fold(f64::INFINITY, f64::min), values().fold(f64::NEG_INFINITY, f64::max));
    if !least.is_finite() {
        return None;
    }
    let scale = Scale::of(part.unit, most, language);
    let labels: Vec<String> = rows.iter().map(|value| shortened(&label(value), 11.5, 120)).collect();
    let left = labels.iter().map(|text| text_width(text, 11.5)).max().unwrap_or(0) + 16;
    let height = (ROW * rows.len() as i32).min(MOST_HEIGHT);
    let place = Place {
        corner: (left, HEAD + 22),
        size: (WIDTH - left - RIGHT, height),
        counts: (columns.len() as i32, rows.len() as i32),
    };
    let title = scale.titled(part.title.in_language(language), language);
    Some(canvas::picture(WIDTH, HEAD + 22 + height + FOOT, &title, |area| {
        write(area, &shortened(&title, 13.0, WIDTH - 8), (4, 12), 13.0, Ink::Text, Anchor::Left)?;
        write(area, &document.variables[1].heading(language), (4, HEAD + 8), 11.5, Ink::Muted, Anchor::Left)?;
        for point in &document.points {
            let column = columns.iter().position(|value| *value == point.values[0]);
            let row = rows.iter().position(|value| *value == point.values[1]);
            let (Some(column), Some(row)) = (column, row) else { continue };
            let (from, to) = place.cell(column as i32, row as i32);
            let Some(value) = point.results[measure].value else {
                fill(area, from, to, &canvas::GREY)?;
                continue;
            };
            let share = if most > least { (value - least) / (most - least) } else { 0.5 };
            fill(area, from, to, &colour(share))?;
            let text = short(value / scale.one, (most - least) / scale.one);
            if text_width(&text, 11.0) + 4 <= to.0 - from.0 && to.1 - from.1 >= 15 {
                write_on_colour(area, &text, ((from.0 + to.0) / 2, (from.1 + to.1) / 2), 11.0)?;
            }
        }
        for (row, text) in labels.iter().enumerate() {
            let (from, to) = place.cell(0, row as i32);
            write(area, text, (left - 8, (from.1 + to.1) / 2), 11.5, Ink::Muted, Anchor::Right)?;
        }
        column_labels(area, &place, &columns)?;
        let bottom = place.corner.1 + height;
        let middle = left + place.size.0 / 2;
        write(
            area,
            &document.variables[0].heading(language),
            (middle, bottom + 32),
            11.5,
            Ink::Muted,
            Anchor::Middle,
        )?;
        key(area, &place, (least / scale.one, most / scale.one))
    }))
}

fn label(value: &Value) -> String {
    match value {
        Value::Number(number) => tick(*number),
        Value::Choice(text) => text.clone(),
    }
}

/// Where the cells lie.
struct Place {
    corner: (i32, i32),
    size: (i32, i32),
    counts: (i32, i32),
}

impl Place {
    /// The corners of a cell; the first row lies at the bottom.
    fn cell(&self, column: i32, row: i32) -> ((i32, i32), (i32, i32)) {
        let x = |at: i32| self.corner.0 + at * self.size.0 / self.counts.0;
        let y = |at: i32| self.corner.1 + self.size.1 - at * self.size.1 / self.counts.1;
        ((x(column), y(row + 1)), (x(column + 1), y(row)))
    }
}

fn column_labels(area: &Area<'_>, place: &Place, columns: &[Value]) -> Drawn {
    let room = place.size.0 / place.counts.0;
    let texts: Vec<String> = columns.iter().map(label).collect();
    let widest = texts.iter().map(|text| text_width(text, 11.5)).max().unwrap_or(0) + 6;
    let is_choice = columns.iter().any(|value| value.number().is_none());
    let every = if is_choice { 1 } else { (widest as usize).div_ceil(room.max(1) as usize).max(1) };
    for (at, text) in texts.iter().enumerate().step_by(every) {
        let (from, to) = place.cell(at as i32, 0);
        let text = if is_choice { shortened(text, 11.5, room - 4) } else { text.clone() };
        write(area, &text, ((from.0 + to.0) / 2, to.1 + 13), 11.5, Ink::Muted, Anchor::Middle)?;
    }
    Ok(())
}

/// What the colours mean.
fn key(area: &Area<'_>, place: &Place, (least, most): (f64, f64)) -> Drawn {
    const STEPS: i32 = 40;
    let (left, top) = (place.corner.0 + place.size.0 + 18, place.corner.1);
    let y = |at: i32| top + place.size.1 - at * place.size.1 / STEPS;
    for at in 0..STEPS {
        let share = (f64::from(at) + 0.5) / f64::from(STEPS);
        fill(area, (left, y(at + 1)), (left + 14, y(at)), &colour(share))?;
    }
    for (value, row) in [(least, y(0) - 5), (0.5 * (least + most), y(STEPS / 2)), (most, y(STEPS) + 5)] {
        write(area, &short(value, most - least), (left + 20, row), 11.0, Ink::Muted, Anchor::Left)?;
    }
    Ok(())
}
