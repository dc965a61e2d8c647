//! A measure at all points against each variable by itself: what remains of its effect when all others move too.

use super::{Across, Sketch};
use crate::plots::canvas::{self, Anchor, BLUE, Ink, ORANGE, Panel, Swatch, dot, legend, shortened, write};
use crate::plots::scale::{Scale, from_zero};
use crate::sweep::SweepDocument;
use crate::words::{Language, Words};
use plotters::prelude::Color;

const WIDTH: i32 = 810;
const HEIGHT: i32 = 210;
const HEAD: i32 = 58;
/// Below each panel stands the name of its variable.
const FOOT: i32 = 20;
const PANELS_ACROSS: usize = 3;
/// Ranges are cut into so many parts for the mean line.
const PARTS: usize = 8;

pub(super) fn sketch() -> Sketch {
    Sketch {
        name: "effects",
        caption: Words::new(
            "Each dot is a point of the design. The line is the mean of the points along one variable while all others \
             move: where it is flat, the variable alone makes no difference.",
            "每个圆点为一个设计点；折线为其余变量同时变动时沿该变量的平均值，折线平坦说明该变量单独无影响。",
        ),
        draw,
    }
}

fn draw(document: &SweepDocument, measure: usize, language: Language) -> Option<String> {
    let part = &document.measures[measure];
    let values = document.points.iter().filter_map(|point| point.results[measure].value);
    let largest = values.fold(f64::NEG_INFINITY, f64::max);
    if !largest.is_finite() {
        return None;
    }
    let scale = Scale::of(part.unit, largest, language);
    let count = document.variables.len();
    let rows = count.div_ceil(PANELS_ACROSS) as i32;
    let width = WIDTH / PANELS_ACROSS.min(count) as i32;
    let title = scale.titled(part.title.in_language(language), language);
    Some(canvas::picture(WIDTH, HEAD + rows * (HEIGHT + FOOT), &title, |area| {
        write(area, &shortened(&title, 13.0, WIDTH - 8), (4, 12), 13.0, Ink::Text, Anchor::Left)?;
        let entries = [
            (Swatch::Dot(BLUE), language.pick("a point", "设计点")),
            (Swatch::Line(ORANGE), language.pick("mean of the points", "平均")),
        ];
        legend(area, (12, 36), &entries)?;
        for variable in 0..count {
            let across = Across::new(document, variable);
            let (column, row) = ((variable % PANELS_ACROSS) as i32, (variable / PANELS_ACROSS) as i32);
            let panel = Panel {
                corner: (column * width, HEAD - 22 + row * (HEIGHT + FOOT)),
                size: (width, HEIGHT),
                across: across.extent(width - 64),
                up: from_zero(largest / scale.one),
            };
            panel.frame(area, "")?;
            let drawn: Vec<(f64, f64)> = document
                .points
                .iter()
                .filter_map(|point| {
                    let value = point.results[measure].value?;
                    Some((across.position(&point.values[variable]), value / scale.one))
                })
                .collect();
            let opacity = if drawn.len() > 200 { 0.35 } else { 0.6 };
            for &(x, y) in &drawn {
                dot(area, panel.at(x, y), 2.5, &BLUE.mix(opacity))?;
            }
            let line = mean_line(&drawn, across.axis.len());
            if line.len() > 1 {
                panel.curve(area, &line, &ORANGE)?;
            }
            let (x, y) = (panel.corner.0 + width / 2 + 12, panel.corner.1 + HEIGHT + 2);
            let name = shortened(&across.variable.heading(language), 11.0, width - 16);
            write(area, &name, (x, y), 11.0, Ink::Muted, Anchor::Middle)?;
        }
        Ok(())
    }))
}

/// The mean of the points at each of a few values, or in equal parts of a range.
fn mean_line(points: &[(f64, f64)], value_count: usize) -> Vec<(f64, f64)> {
    let low = points.iter().map(|point| point.0).fold(f64::INFINITY, f64::min);
    let high = points.iter().map(|point| point.0).fold(f64::NEG_INFINITY, f64::max);
    let mut sorted: Vec<(f64, f64)> = points.to_vec();
    sorted.sort_by(|left, right| left.0.total_cmp(&right.0));
    let part = |x: f64| ((x - low) / (high - low) * PARTS as f64).min(PARTS as f64 - 1.0) as usize;
    let is_same = |left: &(f64, f64), right: &(f64, f64)| match value_count <= PARTS {
        true => left.0 == right.0,
        false => part(left.0) == part(right.0),
    };
    sorted
        .chunk_by(is_same)
        .map(|group| {
            let mean = |of: fn(&(f64, f64)) -> f64| group.iter().map(of).sum::<f64>() / group.len() as f64;
            (mean(|point| point.0), mean(|point| point.1))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_is_the_mean_of_points_at_a_value_or_in_a_part_of_the_range() {
        assert_eq!(mean_line(&[(1.0, 2.0), (2.0, 8.0), (1.0, 4.0)], 2), [(1.0, 3.0), (2.0, 8.0)]);
        let many: Vec<(f64, f64)> = (0..80).map(|at| (f64::from(at), 2.0 * f64::from(at))).collect();
        let line = mean_line(&many, 80);
        assert_eq!(line.len(), PARTS);
        assert!(line.iter().all(|(x, y)| (y - 2.0 * x).abs() < 1e-9), "{line:?}");
    }
}
