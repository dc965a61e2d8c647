//! Where the time of a visit goes: one bar, cut into its parts.

use super::Sketch;
use super::canvas::{
    self, Anchor, BLUE, GREEN, GREY, Ink, ORANGE, PURPLE, SKY, VERMILION, fill, text_width, write,
};
use crate::document::{PartOfVisit, RunDocument, Unit};
use crate::figures::{duration, show_with_interval, whole_percent};
use crate::words::{Language, Words};
use plotters::style::RGBColor;

const WIDTH: i32 = 760;
const BAR: (i32, i32) = (12, 50);
const ROW: i32 = 22;

pub(super) fn sketch() -> Sketch {
    Sketch {
        name: "visit-time",
        title: Words::new("Where the time of a visit goes", "一次就诊的时间去向"),
        caption: Words::new(
            "The mean time inside of everyone who came, those too who left unseen, by what it is spent on.",
            "全部到达者（含未获服务离开者）的平均停留时间，按用途划分。",
        ),
        draw,
    }
}

/// What is lost in warm colours, what is of use in cool ones.
fn colour(id: &str, index: usize) -> RGBColor {
    match id {
        "queueing" => VERMILION,
        "being_served" => GREEN,
        "walking" => SKY,
        "waiting_for_results" | "awaiting_results" => ORANGE,
        "early" => PURPLE,
        "preparing" => BLUE,
        "blocked" => GREY,
        _ => [BLUE, PURPLE, SKY, GREY, ORANGE][index % 5],
    }
}

fn draw(document: &RunDocument, language: Language) -> Option<String> {
    let visit = document.visit_time.as_ref()?;
    let parts: Vec<(&PartOfVisit, f64)> = visit
        .parts
        .iter()
        .filter_map(|part| Some((part, part.time_s.value?)))
        .filter(|(_, seconds)| *seconds > 0.0)
        .collect();
    let label = |part: &PartOfVisit, seconds: f64| {
        let figure = show_with_interval(&part.time_s, Unit::Seconds, language);
        let of_all = whole_percent(seconds / visit.total_s, language);
        format!("{} · {figure} · {of_all}", part.title.in_language(language))
    };
    // Two labels a row where the longest fits into half of it.
    let widest =
        parts.iter().map(|(part, seconds)| text_width(&label(part, *seconds), 12.0)).max().unwrap_or(0);
    let columns = if widest + 30 <= (WIDTH - 24) / 2 { 2 } else { 1 };
    let rows = (parts.len() as i32 + columns - 1) / columns;
    let height = BAR.1 + 22 + rows * ROW + 8;
    let picture = canvas::picture(WIDTH, height, sketch().title.in_language(language), |area| {
        let width = f64::from(WIDTH - 24);
        let mut before = 0.0;
        for (index, (part, seconds)) in parts.iter().enumerate() {
            let from = 12 + (before / visit.total_s * width).round() as i32;
            before += seconds;
            let to = 12 + (before / visit.total_s * width).round() as i32;
            let colour = colour(&part.id, index);
            fill(area, (from, BAR.0), ((to - 1).max(from + 1), BAR.1), &colour)?;
            let text = duration(*seconds, language);
            if to - from > text_width(&text, 12.0) + 8 {
                let middle = ((from + to) / 2, (BAR.0 + BAR.1) / 2);
                // The same ink in every look: the bar's colours do not change.
                canvas::write_on_colour(area, &text, middle, 12.0)?;
            }
            let (column, row) = (index as i32 % columns, index as i32 / columns);
            let x = 12 + column * (WIDTH - 24) / columns;
            let y = BAR.1 + 22 + row * ROW;
            fill(area, (x, y - 6), (x + 12, y + 6), &colour)?;
            write(area, &label(part, *seconds), (x + 18, y), 12.0, Ink::Text, Anchor::Left)?;
        }
        Ok(())
    });
    Some(picture)
}
