//! Sizings: the value against the number, and where the rule of one machine per 50,000 visits breaks.

use super::Plot;
use super::canvas::{self, Anchor, BLUE, GREEN, Ink, ORANGE, Panel, Swatch, VERMILION, legend, tick, write};
use super::scale::{Scale, from_zero};
use crate::figures::{counted, share};
use crate::size::{RulePart, SizeDocument};
use crate::words::{Language, Words};

const WIDTH: i32 = 760;
const HEIGHT: i32 = 300;
const HEAD: i32 = 34;

/// The plots of a sizing, but those for which there is nothing to show.
pub(crate) fn all(document: &SizeDocument) -> Vec<Plot> {
    const NAMES: [&str; 4] = ["curve", "curve-2", "curve-3", "curve-4"];
    let mut plots = Vec::new();
    if document.knobs.len() == 1 && document.curve.len() > 1 {
        for (condition, name) in (0..document.target.len()).zip(NAMES) {
            plots.push(Plot {
                name: name.into(),
                title: document.target[condition].title.clone(),
                caption: Words::new(
                    "Mean over days with its band, all numbers under the same luck. Dashed: the limit across, the answer \
                     upright. Values far above the limit are cut off.",
                    "各日平均值及其区间，各数量共用随机数；虚线：横为限值，竖为结论。远高于限值的部分已截去。",
                ),
                drawings: Language::ALL.map(|language| curve(document, condition, language)),
            });
        }
    }
    if let Some(rule) = document.rule.as_ref().filter(|rule| rule.boundary.len() > 1) {
        plots.push(Plot {
            name: "rule".into(),
            title: Words::new("What the rule does not know", "规则未考虑的因素"),
            caption: Words::new(
                "Below a line the target holds in the busiest hour (Erlang C, steady state), above it does not. The dot is \
                 this hospital. A steady state is stricter than a day, in which the busiest hour ends: a dot just above a \
                 line can still hold, which the simulation says.",
                "曲线下方表示最忙小时满足目标（Erlang C 稳态），上方则不满足；圆点为本院。稳态比实际一天严格（高峰会过去），\
                 圆点略高于曲线时仍可能达标，以模拟结果为准。",
            ),
            drawings: Language::ALL.map(|language| boundary(rule, language)),
        });
    }
    plots
}

fn curve(document: &SizeDocument, condition: usize, language: Language) -> String {
    let asked = &document.target[condition];
    let points: Vec<(f64, f64, f64, f64)> = document
        .curve
        .iter()
        .filter_map(|point| {
            let figure = point.values.get(condition)?;
            let value = figure.value?;
            let (low, high) = (figure.low.unwrap_or(value), figure.high.unwrap_or(value));
            Some((f64::from(point.design[0]), value, low.max(0.0), high))
        })
        .collect();
    let highest = points.iter().map(|point| point.3).fold(asked.limit, f64::max);
    let shown = highest.min(asked.limit * 4.0);
    let scale = Scale::of(asked.unit, shown, language);
    let unit = scale.one;
    let up = from_zero(shown / unit);
    let top = up.0;
    let (from, to) = (points[0].0, points[points.len() - 1].0);
    let every = ((to - from) / 10.0).ceil().max(1.0);
    let across = (0..=((to - from) / every) as i32)
        .map(|at| from + f64::from(at) * every)
        .map(|number| (number, tick(number)))
        .collect();
    let panel =
        Panel { corner: (0, HEAD), size: (WIDTH, HEIGHT), across: (from, to.max(from + 1.0), across), up };
    let number = document.knobs[0].title.in_language(language);
    let of = scale.titled(asked.title.in_language(language), language);
    let title = match language {
        Language::English => format!("{of} against {number}"),
        Language::Chinese => format!("{of}随{number}变化"),
    };
    let theory =
        document.queueing.as_ref().filter(|part| part.condition == condition && part.curve.len() > 1);
    canvas::picture(WIDTH, HEAD + HEIGHT + 4, &title, |area| {
        let mut entries = vec![
            (Swatch::Line(BLUE), language.pick("simulated", "模拟")),
            (Swatch::Surface(BLUE, 0.2), language.pick("interval", "区间")),
            (Swatch::Dashes(VERMILION), language.pick("limit", "限值")),
        ];
        if document.answer.is_some() {
            entries.push((Swatch::Dashes(GREEN), language.pick("answer", "结论")));
        }
        if theory.is_some() {
            entries.push((Swatch::Line(ORANGE), language.pick("queueing theory", "排队论")));
        }
        legend(area, (12, 16), &entries)?;
        panel.frame(area, &title)?;
        let scaled: Vec<(f64, f64)> = points.iter().map(|&(x, value, ..)| (x, value / unit)).collect();
        let band: Vec<(f64, f64, f64)> = points
            .iter()
            .map(|&(x, _, low, high)| (x, (low / unit).min(top), (high / unit).min(top)))
            .collect();
        panel.band(area, &band, &BLUE, 0.2)?;
        if let Some(theory) = theory {
            let path: Vec<(f64, f64)> =
                theory.curve.iter().map(|&(number, value)| (f64::from(number), value / unit)).collect();
            panel.curve(area, &below(&path, top), &ORANGE)?;
        }
        panel.curve(area, &below(&scaled, top), &BLUE)?;
        for &(x, value) in scaled.iter().filter(|point| point.1 <= top) {
            panel.dot(area, x, value, &BLUE)?;
        }
        panel.level(area, (from, to), asked.limit / unit, &VERMILION)?;
        if let Some(answer) = &document.answer {
            let number = f64::from(answer[0]);
            panel.upright(area, number, &GREEN)?;
            let (x, y) = panel.at(number, top);
            write(area, &answer[0].to_string(), (x + 6, y + 8), 12.0, Ink::Text, Anchor::Left)?;
        }
        Ok(())
    })
}

/// The part of a path below the top, with the point at which it crosses it.
fn below(path: &[(f64, f64)], top: f64) -> Vec<(f64, f64)> {
    let mut kept: Vec<(f64, f64)> = Vec::new();
    for (at, &(x, y)) in path.iter().enumerate() {
        if y <= top {
            if at > 0 && path[at - 1].1 > top {
                let (before_x, before_y) = path[at - 1];
                kept.push((x + (before_x - x) * (top - y) / (before_y - y), top));
            }
            kept.push((x, y));
        } else if at > 0 && path[at - 1].1 <= top {
            let (before_x, before_y) = path[at - 1];
            kept.push((before_x + (x - before_x) * (top - before_y) / (y - before_y), top));
        }
    }
    kept
}

fn boundary(rule: &RulePart, language: Language) -> String {
    let most = rule
        .boundary
        .iter()
        .flat_map(|row| [Some(row.seconds_by_rule), row.seconds_by_need])
        .chain([rule.seconds_per_visit])
        .flatten()
        .fold(0.0, f64::max);
    let up = from_zero(most);
    let first = rule.boundary[0].peak_share.min(rule.peak_share.unwrap_or(1.0));
    let last = rule.boundary[rule.boundary.len() - 1].peak_share.max(rule.peak_share.unwrap_or(0.0));
    let panel = Panel {
        corner: (0, HEAD),
        size: (WIDTH, HEIGHT),
        across: (
            first,
            last,
            [0.1, 0.15, 0.2, 0.25, 0.3]
                .into_iter()
                .filter(|at| (first..=last).contains(at))
                .map(|at| (at, share(at, language)))
                .collect(),
        ),
        up,
    };
    let title = language.pick(
        "Most seconds at the machines per visit, against the share of a day's visits in its busiest hour",
        "人均用机秒数上限，随最忙小时占全天比例变化",
    );
    let machines = |number: u32, what: &str| match language {
        Language::English => format!("{} ({what})", counted(number.into(), "machine", "machines")),
        Language::Chinese => format!("{number}台（{what}）"),
    };
    let by_rule = machines(rule.tried, language.pick("by rule", "按规则"));
    let by_need = rule.needed.map(|needed| machines(needed, language.pick("needed", "所需")));
    canvas::picture(WIDTH, HEAD + HEIGHT + 4, title, |area| {
        let mut entries = vec![(Swatch::Line(VERMILION), by_rule.as_str())];
        if let Some(by_need) = &by_need {
            entries.push((Swatch::Line(GREEN), by_need.as_str()));
        }
        entries.push((Swatch::Dot(BLUE), language.pick("this hospital", "本院")));
        legend(area, (12, 16), &entries)?;
        panel.frame(area, title)?;
        let path: Vec<(f64, f64)> =
            rule.boundary.iter().map(|row| (row.peak_share, row.seconds_by_rule)).collect();
        panel.curve(area, &path, &VERMILION)?;
        let path: Vec<(f64, f64)> =
            rule.boundary.iter().filter_map(|row| Some((row.peak_share, row.seconds_by_need?))).collect();
        if path.len() > 1 {
            panel.curve(area, &path, &GREEN)?;
        }
        if let (Some(peak), Some(seconds)) = (rule.peak_share, rule.seconds_per_visit) {
            panel.dot(area, peak, seconds, &BLUE)?;
        }
        Ok(())
    })
}
