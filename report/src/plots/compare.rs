//! Comparisons: for each measure the base and the alternative side by side, and the difference with its interval.

use super::Plot;
use super::canvas::{
    self, Anchor, BLUE, GREY, Ink, ORANGE, Swatch, VERMILION, dot, legend, line, nice_limit, shortened,
    text_width, tick, write,
};
use super::scale::Scale;
use crate::compare::terminal::difference_text;
use crate::compare::{AlternativePart, CompareDocument, DifferencePart};
use crate::document::Unit;
use crate::words::{Language, Words};

const WIDTH: i32 = 820;
const ROW: i32 = 30;
const HEAD: i32 = 62;
const SHOWN: usize = 14;

/// The plots of one alternative, but those for which there is nothing to show.
pub(crate) fn all(_document: &CompareDocument, one: &AlternativePart) -> Vec<Plot> {
    let waits: Vec<&DifferencePart> = pick(one, |part| {
        part.unit == Unit::Seconds && (part.headline || part.id.ends_with(".wait_time.mean"))
    });
    let shares: Vec<&DifferencePart> = pick(one, |part| part.unit == Unit::Share && part.headline);
    let mut plots = Vec::new();
    if !waits.is_empty() {
        plots.push(Plot {
            name: "times".into(),
            title: Words::new("Times, before and after", "时间对比"),
            caption: Words::new(
                "Left: the mean over days, grey in the base and blue in the alternative. Right: the difference of the \
                 same days with its interval; yellow where nothing is sure.",
                "左：各日平均值，灰为基准，蓝为方案。右：同日差值及区间；黄色表示尚不确定。",
            ),
            drawings: Language::ALL.map(|language| pairs(&waits, Unit::Seconds, language)),
        });
    }
    if !shares.is_empty() {
        plots.push(Plot {
            name: "shares".into(),
            title: Words::new("Shares, before and after", "占比对比"),
            caption: Words::new("As above, in per cent.", "同上，单位为百分比。"),
            drawings: Language::ALL.map(|language| pairs(&shares, Unit::Share, language)),
        });
    }
    plots
}

fn pick(one: &AlternativePart, is_wanted: impl Fn(&DifferencePart) -> bool) -> Vec<&DifferencePart> {
    one.measures.iter().filter(|part| is_wanted(part)).take(SHOWN).collect()
}

fn pairs(parts: &[&DifferencePart], unit: Unit, language: Language) -> String {
    let furthest =
        parts.iter().map(|part| part.base.largest().max(part.alternative.largest())).fold(0.0, f64::max);
    let reach = parts.iter().map(|part| part.difference.largest()).fold(0.0, f64::max);
    let (left, right) = (Scale::of(unit, furthest, language), Scale::of(unit, reach, language));
    let (left_scale, right_scale) = (left.one, right.one);
    let ((most, step), (most_apart, step_apart)) =
        (nice_limit(furthest / left_scale), nice_limit(reach / right_scale));
    // No share is above one.
    let (most, step) = if unit == Unit::Share && most > 100.0 { (100.0, 25.0) } else { (most, step) };
    let names: Vec<String> = parts.iter().map(|part| part.title.in_language(language).to_owned()).collect();
    let name_width = names.iter().map(|name| text_width(name, 12.0)).max().unwrap_or(0).clamp(80, 250);
    let values = (name_width + 20, name_width + 20 + 210);
    let apart = (values.1 + 40, WIDTH - 150);
    let value_at =
        |value: f64| values.0 + (value / left_scale / most * f64::from(values.1 - values.0)).round() as i32;
    let apart_at = |value: f64| {
        let middle = f64::from(apart.0 + apart.1) / 2.0;
        (middle + value / right_scale / most_apart * f64::from(apart.1 - apart.0) / 2.0).round() as i32
    };
    let bottom = HEAD + parts.len() as i32 * ROW;
    canvas::picture(WIDTH, bottom + 30, language.pick("before and after", "对比"), |area| {
        let entries = [
            (Swatch::Dot(GREY), language.pick("base", "基准")),
            (Swatch::Dot(BLUE), language.pick("alternative", "方案")),
            (Swatch::Line(VERMILION), language.pick("difference, sure", "差值（可信）")),
            (Swatch::Line(ORANGE), language.pick("difference, not sure", "差值（不确定）")),
        ];
        legend(area, (12, 16), &entries)?;
        let apart_head = match unit {
            Unit::Share => language.pick("difference (percentage points)", "差值（百分点）").to_owned(),
            _ => right.titled(language.pick("difference", "差值"), language),
        };
        let heads = [
            (values.0, left.titled(language.pick("mean over days", "各日平均"), language)),
            (apart.0, apart_head),
        ];
        for (x, text) in heads {
            write(area, &text, (x, 42), 12.0, Ink::Muted, Anchor::Left)?;
        }
        for index in 0..=(most / step).round() as i32 {
            let value = f64::from(index) * step;
            let x = value_at(value * left_scale);
            line(area, (x, HEAD - 6), (x, bottom), &Ink::Grid.colour(), 1)?;
            write(area, &tick(value), (x, bottom + 12), 11.0, Ink::Muted, Anchor::Middle)?;
        }
        let steps = (most_apart / step_apart).round() as i32;
        for index in -steps..=steps {
            let value = f64::from(index) * step_apart;
            let x = apart_at(value * right_scale);
            let (ink, width) = if index == 0 { (Ink::Muted, 3) } else { (Ink::Grid, 1) };
            line(area, (x, HEAD - 6), (x, bottom), &ink.colour(), width)?;
            if index % 2 == steps % 2 || steps <= 3 {
                let text = tick(value).replace('-', "−");
                write(area, &text, (x, bottom + 12), 11.0, Ink::Muted, Anchor::Middle)?;
            }
        }
        for (index, (part, name)) in parts.iter().zip(&names).enumerate() {
            let y = HEAD + index as i32 * ROW + ROW / 2;
            write(area, &shortened(name, 12.0, name_width), (8, y), 12.0, Ink::Text, Anchor::Left)?;
            if let (Some(base), Some(alternative)) = (part.base.value, part.alternative.value) {
                line(area, (value_at(base), y), (value_at(alternative), y), &GREY, 3)?;
                dot(area, (value_at(base), y), 4.0, &GREY)?;
                dot(area, (value_at(alternative), y), 4.0, &BLUE)?;
            }
            let colour = if part.different { VERMILION } else { ORANGE };
            if let (Some(low), Some(high)) = (part.difference.low, part.difference.high) {
                let (from, to) = (apart_at(low), apart_at(high));
                line(area, (from, y), (to, y), &colour, 5)?;
                for end in [from, to] {
                    line(area, (end, y - 4), (end, y + 4), &colour, 3)?;
                }
            }
            if let Some(value) = part.difference.value {
                dot(area, (apart_at(value), y), 4.0, &colour)?;
            }
            let text = difference_text(&part.difference, part.unit, language);
            let text = match text.split_once(" (").zip(text.split_once(')')) {
                Some(((value, _), (_, unit))) => format!("{value}{unit}"),
                None => text,
            };
            write(area, &text, (apart.1 + 12, y), 11.5, Ink::Text, Anchor::Left)?;
        }
        Ok(())
    })
}
