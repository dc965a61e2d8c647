//! Sweeps: lines and heat maps over grids, clouds of points over spread designs, bars of Sobol' indices, Morris's plane.

mod cloud;
mod heat_map;
mod indices;
mod lines;
mod screening;

use super::Plot;
use super::canvas::{BLUE, GREEN, ORANGE, PURPLE, SKY, VERMILION, text_width, tick};
use crate::sweep::{DesignKind, SweepDocument, Value, VariablePart};
use crate::words::{Language, Words};
use plotters::prelude::RGBColor;

/// Measures that are drawn.
const MOST: usize = 8;
/// Values of a second variable that are told apart by colour.
const COLOURS: [RGBColor; 6] = [BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY];

/// How a measure is drawn.
struct Sketch {
    name: &'static str,
    caption: Words,
    draw: fn(&SweepDocument, usize, Language) -> Option<String>,
}

/// The plots of a sweep, measure by measure, but those for which there is nothing to show.
pub(crate) fn all(document: &SweepDocument) -> Vec<Plot> {
    let sketches: Vec<Sketch> = match (document.run.design, document.variables.len()) {
        (DesignKind::Grid, 1) => vec![lines::sketch()],
        (DesignKind::Grid, 2) => vec![heat_map::sketch(), lines::sketch()],
        (DesignKind::Grid | DesignKind::LatinHypercube | DesignKind::SobolSequence, _) => {
            vec![cloud::sketch()]
        }
        (DesignKind::SobolIndices, _) => vec![indices::sketch()],
        (DesignKind::Morris, _) => vec![screening::sketch()],
    };
    let mut plots = Vec::new();
    for (at, measure) in document.measures.iter().enumerate().take(MOST) {
        for sketch in &sketches {
            let drawings = Language::ALL.map(|language| (sketch.draw)(document, at, language));
            let [Some(english), Some(chinese)] = drawings else { continue };
            plots.push(Plot {
                name: format!("{}-{}", sketch.name, measure.id).into(),
                title: measure.title.clone(),
                caption: sketch.caption.clone(),
                drawings: [english, chinese],
            });
        }
    }
    plots
}

/// A variable as a horizontal axis: where its values lie, and its ticks.
struct Across<'a> {
    variable: &'a VariablePart,
    axis: Vec<Value>,
}

impl<'a> Across<'a> {
    fn new(document: &'a SweepDocument, variable: usize) -> Across<'a> {
        Across { variable: &document.variables[variable], axis: document.axis(variable) }
    }

    /// Where a value lies. Choices lie side by side, numbers by their size or its logarithm.
    fn position(&self, value: &Value) -> f64 {
        match value {
            Value::Choice(_) => self.axis.iter().position(|one| one == value).map_or(0.0, |at| at as f64),
            Value::Number(number) if self.variable.log => number.ln(),
            Value::Number(number) => *number,
        }
    }

    /// Both ends, and ticks that do not run into each other on so many pixels.
    fn extent(&self, width: i32) -> (f64, f64, Vec<(f64, String)>) {
        let positions: Vec<f64> = self.axis.iter().map(|value| self.position(value)).collect();
        let from = positions.iter().copied().fold(f64::INFINITY, f64::min);
        let to = positions.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let to = if to > from { to } else { from + 1.0 };
        let labels: Vec<(f64, String)> =
            self.axis.iter().zip(&positions).map(|(value, at)| (*at, label(value))).collect();
        let widest = labels.iter().map(|(_, text)| text_width(text, 11.0)).max().unwrap_or(0) + 8;
        let fits = |labels: &[(f64, String)]| {
            let pixels = |at: f64| (at - from) / (to - from) * f64::from(width);
            let mut sorted: Vec<f64> = labels.iter().map(|(at, _)| pixels(*at)).collect();
            sorted.sort_by(f64::total_cmp);
            sorted.windows(2).all(|pair| pair[1] - pair[0] >= f64::from(widest))
        };
        let most = (1..=labels.len()).find_map(|every| {
            let some: Vec<(f64, String)> = labels.iter().step_by(every).cloned().collect();
            (fits(&some) && some.len() <= 12).then_some(some)
        });
        // Of hundreds of values of a range only round numbers are worth a tick.
        let is_spread = self.axis.len() > 12 && !self.variable.log && self.axis[0].number().is_some();
        let ticks = if is_spread { round_ticks(from, to) } else { most.unwrap_or_default() };
        (from, to, ticks)
    }
}

fn label(value: &Value) -> String {
    match value {
        Value::Number(number) => tick(*number),
        Value::Choice(text) => super::canvas::shortened(text, 11.0, 90),
    }
}

/// Round numbers between two ends, four to eight of them.
fn round_ticks(from: f64, to: f64) -> Vec<(f64, String)> {
    let rough = (to - from) / 5.0;
    let power = 10_f64.powf(rough.log10().floor());
    let step =
        [1.0, 2.0, 5.0, 10.0].into_iter().map(|m| m * power).find(|step| *step >= rough).unwrap_or(rough);
    let first = (from / step).ceil() as i64;
    let last = (to / step).floor() as i64;
    (first..=last).map(|at| at as f64 * step).map(|value| (value, tick(value))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_lie_between_the_ends() {
        for (from, to) in [(2.1, 5.9), (0.0, 0.013), (-3.0, 250.0), (100.0, 101.0)] {
            let ticks = round_ticks(from, to);
            assert!((3..=9).contains(&ticks.len()), "{from} {to}: {ticks:?}");
            assert!(ticks.iter().all(|(at, _)| (from..=to).contains(at)));
        }
    }
}
