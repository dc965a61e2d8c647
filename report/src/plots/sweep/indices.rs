//! Sobol' indices as bars: how much of the variance each variable makes alone, and in all.

use super::Sketch;
use crate::document::Figure;
use crate::plots::canvas::{
    self, Anchor, Area, BLUE, Drawn, Ink, Swatch, fill, legend, line, shortened, text_width, write,
};
use crate::sweep::{SweepDocument, VariableSensitivity};
use crate::words::{Language, Words};
use plotters::prelude::RGBColor;

const WIDTH: i32 = 760;
const HEAD: i32 = 54;
const ROW: i32 = 40;
const FOOT: i32 = 26;
const RIGHT: i32 = 24;
const PALE: RGBColor = RGBColor(0x9A, 0xD2, 0xF2);

pub(super) fn sketch() -> Sketch {
    Sketch {
        name: "indices",
        caption: Words::new(
            "Share of the variance over the points. Alone: what would vanish if this variable were known. In all: what would \
             remain if all others were known; the difference is what it does together with others. Whiskers: bootstrap \
             intervals.",
            "各变量对方差的贡献。单独：若已知该变量可消除的比例；总计：若已知其余变量仍剩余的比例，两者之差为交互作用。须线为自助法区间。",
        ),
        draw,
    }
}

fn draw(document: &SweepDocument, measure: usize, language: Language) -> Option<String> {
    let part = &document.sensitivities[measure];
    if part.variables.is_empty() {
        return None;
    }
    let names: Vec<String> = part
        .variables
        .iter()
        .map(|variable| shortened(document.name_of(&variable.path, language), 11.5, 280))
        .collect();
    let left = names.iter().map(|name| text_width(name, 11.5)).max().unwrap_or(0) + 16;
    let ends = part.variables.iter().flat_map(|variable| [variable.first, variable.total]).flatten();
    let largest = ends.clone().filter_map(|figure| figure.high.or(figure.value)).fold(1.0, f64::max);
    let smallest = ends.filter_map(|figure| figure.low.or(figure.value)).fold(0.0, f64::min);
    let at = |share: f64| {
        let way = (share - smallest) / (largest - smallest);
        left + (way * f64::from(WIDTH - left - RIGHT)).round() as i32
    };
    let title = document.measures[measure].title.in_language(language);
    let title = match language {
        Language::English => format!("{title}: shares of the variance"),
        Language::Chinese => format!("{title}：方差占比"),
    };
    let bottom = HEAD + ROW * part.variables.len() as i32;
    Some(canvas::picture(WIDTH, bottom + FOOT, &title, |area| {
        write(area, &shortened(&title, 13.0, WIDTH - 8), (4, 12), 13.0, Ink::Text, Anchor::Left)?;
        let entries = [
            (Swatch::Surface(BLUE, 1.0), language.pick("alone", "单独")),
            (Swatch::Surface(PALE, 1.0), language.pick("in all", "总计")),
        ];
        legend(area, (12, 34), &entries)?;
        for tenth in (0..=10).step_by(2) {
            let x = at(f64::from(tenth) / 10.0);
            line(area, (x, HEAD), (x, bottom), &Ink::Grid.colour(), 1)?;
            let text = format!("{}{}", tenth * 10, language.pick(" %", "%"));
            write(area, &text, (x, bottom + 12), 11.0, Ink::Muted, Anchor::Middle)?;
        }
        for ((row, variable), name) in part.variables.iter().enumerate().zip(&names) {
            let middle = HEAD + ROW * row as i32 + ROW / 2;
            write(area, name, (left - 8, middle), 11.5, Ink::Text, Anchor::Right)?;
            bars(area, variable, middle, &at)?;
        }
        line(area, (at(0.0), HEAD), (at(0.0), bottom), &Ink::Muted.colour(), 2)
    }))
}

fn bars(area: &Area<'_>, variable: &VariableSensitivity, middle: i32, at: &impl Fn(f64) -> i32) -> Drawn {
    for (figure, row, colour) in [(&variable.first, middle - 8, BLUE), (&variable.total, middle + 8, PALE)] {
        let Some(Figure { value: Some(value), low, high, .. }) = figure else { continue };
        let (from, to) = (at(0.0).min(at(*value)), at(0.0).max(at(*value)));
        fill(area, (from, row - 6), (to, row + 6), &colour)?;
        if let (Some(low), Some(high)) = (low, high) {
            let ink = Ink::Text.colour();
            line(area, (at(*low), row), (at(*high), row), &ink, 3)?;
            for end in [at(*low), at(*high)] {
                line(area, (end, row - 3), (end, row + 3), &ink, 3)?;
            }
        }
    }
    Ok(())
}
