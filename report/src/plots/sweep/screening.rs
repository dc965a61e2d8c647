//! Morris's plane: how much each variable moves a measure, against how unevenly it does so.

use super::Sketch;
use crate::plots::canvas::{
    self, Anchor, BLUE, GREY, Ink, Panel, Swatch, dot, legend, line, shortened, text_width, write,
};
use crate::plots::scale::{Scale, from_zero};
use crate::sweep::SweepDocument;
use crate::words::{Language, Words};

const WIDTH: i32 = 760;
const HEIGHT: i32 = 340;
const HEAD: i32 = 34;
const FOOT: i32 = 18;

pub(super) fn sketch() -> Sketch {
    Sketch {
        name: "screening",
        caption: Words::new(
            "To the right: variables that move the measure much over their range (μ*, with its interval). Upward: those whose \
             effect depends on where they and the others stand (σ); below the line σ = μ* effects are rather even.",
            "越靠右，变量在其范围内对指标影响越大（μ*及区间）；越靠上，效应越依赖自身及其他变量的取值（σ）；位于σ＝μ*线以下者效应较均匀。",
        ),
        draw,
    }
}

fn draw(document: &SweepDocument, measure: usize, language: Language) -> Option<String> {
    let part = &document.sensitivities[measure];
    let effects: Vec<(&str, f64, (f64, f64), f64)> = part
        .variables
        .iter()
        .filter_map(|variable| {
            let (absolute, sd) = (variable.mean_absolute_effect?, variable.effect_sd?);
            let value = absolute.value?;
            let ends = (absolute.low.unwrap_or(value), absolute.high.unwrap_or(value));
            Some((document.name_of(&variable.path, language), value, ends, sd.value?))
        })
        .collect();
    let furthest = effects.iter().map(|effect| effect.2.1).fold(0.0, f64::max);
    let highest = effects.iter().map(|effect| effect.3).fold(0.0, f64::max);
    if furthest <= 0.0 {
        return None;
    }
    let measured = &document.measures[measure];
    let scale = Scale::of(measured.unit, furthest.max(highest), language);
    let (end, ticks) = from_zero(furthest / scale.one);
    let up = from_zero((highest / scale.one).max(0.25 * end));
    let panel = Panel { corner: (0, HEAD), size: (WIDTH, HEIGHT), across: (0.0, end, ticks), up };
    let title = scale.titled(measured.title.in_language(language), language);
    let title = match language {
        Language::English => format!("{title}: σ of the effects against μ*"),
        Language::Chinese => format!("{title}：效应的σ与μ*"),
    };
    Some(canvas::picture(WIDTH, HEAD + HEIGHT + FOOT, &title, |area| {
        let entries = [
            (Swatch::Dot(BLUE), language.pick("a variable, with the interval of μ*", "变量及μ*区间")),
            (Swatch::Line(GREY), "σ = μ*"),
        ];
        legend(area, (12, 16), &entries)?;
        panel.frame(area, &title)?;
        let corner = end.min(panel.up.0);
        line(area, panel.at(0.0, 0.0), panel.at(corner, corner), &GREY, 2)?;
        let mut labels = Vec::new();
        for &(path, value, (low, high), sd) in &effects {
            let (value, low, high, sd) =
                (value / scale.one, low.max(0.0) / scale.one, high / scale.one, sd / scale.one);
            line(area, panel.at(low, sd), panel.at(high, sd), &BLUE, 3)?;
            dot(area, panel.at(value, sd), 4.5, &BLUE)?;
            labels.push((path, panel.at(value, sd)));
        }
        for (text, (x, y)) in spread(labels) {
            let text = shortened(text, 11.5, 300);
            let is_far = x + 10 + text_width(&text, 11.5) > WIDTH;
            let (x, anchor) = if is_far { (x - 10, Anchor::Right) } else { (x + 10, Anchor::Left) };
            write(area, &text, (x, y), 11.5, Ink::Text, anchor)?;
        }
        let (x, y) = panel.at(end / 2.0, 0.0);
        write(area, "μ*", (x, y + 28), 11.5, Ink::Muted, Anchor::Middle)
    }))
}

/// Labels a little above their dots, moved up where they would lie on each other.
fn spread(mut labels: Vec<(&str, (i32, i32))>) -> Vec<(&str, (i32, i32))> {
    const APART: i32 = 14;
    labels.sort_by_key(|(_, (_, y))| std::cmp::Reverse(*y));
    let mut before = i32::MAX;
    for (_, (_, y)) in &mut labels {
        *y = (*y - 9).min(before - APART);
        before = *y;
    }
    labels
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_do_not_lie_on_each_other() {
        let placed = spread(vec![("a", (5, 100)), ("b", (9, 101)), ("c", (7, 40))]);
        assert_eq!(placed, [("b", (9, 92)), ("a", (5, 78)), ("c", (7, 31))]);
    }
}
