//! What all plots are drawn on and with.

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use unicode_width::UnicodeWidthStr;

/// Drawings are made at twice their size, because coordinates are whole numbers.
pub(super) const ZOOM: i32 = 2;
const FONTS: &str = "Noto Sans, Helvetica Neue, Arial, Noto Sans CJK SC, Noto Sans SC, PingFang SC, \
                     Microsoft YaHei, WenQuanYi Micro Hei, sans-serif";
/// The backend writes font sizes divided by this.
const FONT_DIVISOR: f64 = 1.24;

/// The neutral colours, which a page may replace.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ink {
    /// Text.
    Text,
    /// Lesser text and axes.
    Muted,
    /// Grid lines.
    Grid,
    /// Background.
    Paper,
}

impl Ink {
    /// All.
    pub const ALL: [Ink; 4] = [Ink::Text, Ink::Muted, Ink::Grid, Ink::Paper];

    /// The colour in files.
    pub fn hex(self) -> &'static str {
        match self {
            Ink::Text => "#1D2129",
            Ink::Muted => "#5B6472",
            Ink::Grid => "#DFE3E8",
            Ink::Paper => "#FEFEFE",
        }
    }

    /// The CSS custom property in pages.
    pub fn property(self) -> &'static str {
        match self {
            Ink::Text => "--text",
            Ink::Muted => "--muted",
            Ink::Grid => "--grid",
            Ink::Paper => "--paper",
        }
    }

    pub(super) fn colour(self) -> RGBColor {
        match self {
            Ink::Text => RGBColor(0x1D, 0x21, 0x29),
            Ink::Muted => RGBColor(0x5B, 0x64, 0x72),
            Ink::Grid => RGBColor(0xDF, 0xE3, 0xE8),
            Ink::Paper => RGBColor(0xFE, 0xFE, 0xFE),
        }
    }
}

/// Colours that people with any kind of colour vision tell apart (Okabe and Ito), and that stand on light and dark.
pub(super) const BLUE: RGBColor = RGBColor(0x1F, 0x7A, 0xC0);
pub(super) const SKY: RGBColor = RGBColor(0x56, 0xB4, 0xE9);
pub(super) const GREEN: RGBColor = RGBColor(0x00, 0x9E, 0x73);
pub(super) const ORANGE: RGBColor = RGBColor(0xE6, 0x9F, 0x00);
pub(super) const VERMILION: RGBColor = RGBColor(0xD5, 0x5E, 0x00);
pub(super) const PURPLE: RGBColor = RGBColor(0xCC, 0x79, 0xA7);
pub(super) const GREY: RGBColor = RGBColor(0x8A, 0x93, 0xA0);

pub(super) type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
pub(super) type Drawn = Result<(), Box<dyn std::error::Error>>;

/// Draws a picture of so many pixels.
pub(super) fn picture(width: i32, height: i32, title: &str, draw: impl FnOnce(&Area<'_>) -> Drawn) -> String {
    let mut svg = String::new();
    let size = ((width * ZOOM) as u32, (height * ZOOM) as u32);
    {
        let area = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        let drawn = area.fill(&Ink::Paper.colour()).map_err(Into::into).and_then(|()| draw(&area));
        drawn.and_then(|()| area.present().map_err(Into::into)).expect("drawing into memory does not fail");
    }
    let label = title.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
    svg.replacen(
        &format!("<svg width=\"{}\" height=\"{}\"", size.0, size.1),
        &format!("<svg role=\"img\" aria-label=\"{label}\" width=\"{width}\" height=\"{height}\""),
        1,
    )
}

/// Text of a size in pixels.
pub(super) fn font(size: f64, ink: Ink) -> TextStyle<'static> {
    let size = size * f64::from(ZOOM) * FONT_DIVISOR;
    FontDesc::new(FontFamily::Name(FONTS), size, FontStyle::Normal).color(&ink.colour())
}

/// Where text stands relative to its point.
#[derive(Clone, Copy)]
pub(super) enum Anchor {
    Left,
    Middle,
    Right,
}

/// Writes text, its vertical middle at the point.
pub(super) fn write(
    area: &Area<'_>,
    text: &str,
    (x, y): (i32, i32),
    size: f64,
    ink: Ink,
    anchor: Anchor,
) -> Drawn {
    let horizontal = match anchor {
        Anchor::Left => HPos::Left,
        Anchor::Middle => HPos::Center,
        Anchor::Right => HPos::Right,
    };
    let style = font(size, ink).pos(Pos::new(horizontal, VPos::Center));
    area.draw(&Text::new(text.to_owned(), (x * ZOOM, y * ZOOM), style))?;
    Ok(())
}

/// Writes dark text in the middle of a coloured surface, which is the same in every look of a page.
pub(super) fn write_on_colour(area: &Area<'_>, text: &str, (x, y): (i32, i32), size: f64) -> Drawn {
    let style =
        font(size, Ink::Text).color(&RGBColor(0x10, 0x12, 0x16)).pos(Pos::new(HPos::Center, VPos::Center));
    area.draw(&Text::new(text.to_owned(), (x * ZOOM, y * ZOOM), style))?;
    Ok(())
}

/// A filled rectangle.
pub(super) fn fill(
    area: &Area<'_>,
    (left, top): (i32, i32),
    (right, bottom): (i32, i32),
    colour: &impl Color,
) -> Drawn {
    let corners = [(left * ZOOM, top * ZOOM), (right * ZOOM, bottom * ZOOM)];
    area.draw(&Rectangle::new(corners, colour.filled()))?;
    Ok(())
}

/// A dot of a radius in pixels.
pub(super) fn dot(area: &Area<'_>, (x, y): (i32, i32), radius: f64, colour: &impl Color) -> Drawn {
    let radius = (radius * f64::from(ZOOM)).round() as i32;
    area.draw(&Circle::new((x * ZOOM, y * ZOOM), radius, colour.filled()))?;
    Ok(())
}

/// A straight line.
pub(super) fn line(
    area: &Area<'_>,
    from: (i32, i32),
    to: (i32, i32),
    colour: &impl Color,
    width: u32,
) -> Drawn {
    let points = [(from.0 * ZOOM, from.1 * ZOOM), (to.0 * ZOOM, to.1 * ZOOM)];
    area.draw(&PathElement::new(points, colour.stroke_width(width)))?;
    Ok(())
}

/// About how many pixels a text of this size takes.
pub(super) fn text_width(text: &str, size: f64) -> i32 {
    // Half an em a column is right for Chinese, and a little much for Latin letters.
    (text.width() as f64 * size * 0.55).ceil() as i32
}

/// Text cut to a width in pixels.
pub(super) fn shortened(text: &str, size: f64, width: i32) -> String {
    if text_width(text, size) <= width {
        return text.to_owned();
    }
    let mut cut = String::new();
    for c in text.chars() {
        cut.push(c);
        if text_width(&cut, size) > width - text_width("…", size) {
            cut.pop();
            break;
        }
    }
    cut.push('…');
    cut
}

/// The smallest of 1, 2, 2.5, 5 × 10ⁿ that is at least `value`, and a step that divides it.
pub(super) fn nice_limit(value: f64) -> (f64, f64) {
    let value = if value.is_finite() && value > 0.0 { value } else { 1.0 };
    let power = 10_f64.powf(value.log10().floor());
    let steps =
        [(1.0, 0.25), (1.5, 0.5), (2.0, 0.5), (2.5, 0.5), (3.0, 1.0), (4.0, 1.0), (5.0, 1.0), (6.0, 2.0)];
    let more = [(8.0, 2.0), (10.0, 2.5)];
    steps
        .iter()
        .chain(&more)
        .map(|&(limit, step)| (limit * power, step * power))
        .find(|&(limit, _)| limit >= value * (1.0 - 1e-9))
        .unwrap_or((10.0 * power, 2.5 * power))
}

/// A number on an axis, with as many digits as a round step needs and without needless zeros.
pub(super) fn tick(value: f64) -> String {
    let decimals = match value.abs() {
        size if size > 0.0 && size < 0.1 => (2.0 - size.log10().floor()).min(9.0) as usize,
        _ => 2,
    };
    let text = format!("{value:.decimals$}");
    let short = text.trim_end_matches('0').trim_end_matches('.');
    if short.is_empty() || short == "-0" { "0".to_owned() } else { short.to_owned() }
}

/// A chart in a part of a picture: axes in their own units, ticks, a grid, a title above.
pub(super) struct Panel {
    /// Upper left corner of the picture's part, in pixels.
    pub(super) corner: (i32, i32),
    /// Its size.
    pub(super) size: (i32, i32),
    /// Largest value on the horizontal axis, and its ticks.
    pub(super) across: (f64, f64, Vec<(f64, String)>),
    /// Largest value on the vertical axis, and its ticks.
    pub(super) up: (f64, Vec<(f64, String)>),
}

const LEFT: i32 = 44;
const TOP: i32 = 26;
const BOTTOM: i32 = 30;
const RIGHT: i32 = 20;

impl Panel {
    /// Where a value lies, in pixels of the picture.
    pub(super) fn at(&self, x: f64, y: f64) -> (i32, i32) {
        let (column, row) = self.zoomed(x, y);
        (column / ZOOM, row / ZOOM)
    }

    fn zoomed(&self, x: f64, y: f64) -> (i32, i32) {
        let (from, to, _) = &self.across;
        let width = f64::from((self.size.0 - LEFT - RIGHT) * ZOOM);
        let height = f64::from((self.size.1 - TOP - BOTTOM) * ZOOM);
        let column = f64::from((self.corner.0 + LEFT) * ZOOM) + (x - from) / (to - from) * width;
        let row = f64::from((self.corner.1 + self.size.1 - BOTTOM) * ZOOM) - y / self.up.0 * height;
        (column.round() as i32, row.round() as i32)
    }

    /// Title, grid and ticks.
    pub(super) fn frame(&self, area: &Area<'_>, title: &str) -> Drawn {
        let (from, to, ticks) = &self.across;
        let title = shortened(title, 13.0, self.size.0 - RIGHT);
        write(area, &title, (self.corner.0 + 4, self.corner.1 + 10), 13.0, Ink::Text, Anchor::Left)?;
        for (value, text) in &self.up.1 {
            let (left, row) = self.at(*from, *value);
            line(area, (left, row), (self.at(*to, *value).0, row), &Ink::Grid.colour(), 1)?;
            write(area, text, (left - 6, row), 11.0, Ink::Muted, Anchor::Right)?;
        }
        for (value, text) in ticks {
            let (column, row) = self.at(*value, 0.0);
            line(area, (column, row), (column, row + 3), &Ink::Muted.colour(), 1)?;
            write(area, text, (column, row + 12), 11.0, Ink::Muted, Anchor::Middle)?;
        }
        let (left, row) = self.at(*from, 0.0);
        line(area, (left, row), (self.at(*to, 0.0).0, row), &Ink::Muted.colour(), 2)
    }

    /// A curve through the points.
    pub(super) fn curve(&self, area: &Area<'_>, points: &[(f64, f64)], colour: &RGBColor) -> Drawn {
        let path: Vec<(i32, i32)> = points.iter().map(|&(x, y)| self.zoomed(x, y)).collect();
        area.draw(&PathElement::new(path, colour.stroke_width(4)))?;
        Ok(())
    }

    /// Every so many-th piece of a straight stretch, so that the lines that lie `under` it stay in sight.
    pub(super) fn stripes(
        &self,
        area: &Area<'_>,
        (from, to): ((f64, f64), (f64, f64)),
        colour: &RGBColor,
        under: usize,
    ) -> Drawn {
        const PIECE: f64 = 14.0;
        let (from, to) = (self.zoomed(from.0, from.1), self.zoomed(to.0, to.1));
        let (across, up) = (f64::from(to.0 - from.0), f64::from(to.1 - from.1));
        let length = across.hypot(up).max(1.0);
        let at = |way: f64| {
            let share = (way / length).min(1.0);
            (from.0 + (share * across).round() as i32, from.1 + (share * up).round() as i32)
        };
        let pieces = 0..(length / PIECE).ceil() as usize;
        for piece in pieces.filter(|piece| piece % (under + 1) == under) {
            let ends = [at(piece as f64 * PIECE), at((piece + 1) as f64 * PIECE)];
            area.draw(&PathElement::new(ends, colour.stroke_width(4)))?;
        }
        Ok(())
    }

    /// The surface between two curves over the same abscissae: (x, low, high).
    pub(super) fn band(
        &self,
        area: &Area<'_>,
        points: &[(f64, f64, f64)],
        colour: &RGBColor,
        opacity: f64,
    ) -> Drawn {
        let there = points.iter().map(|&(x, _, high)| self.zoomed(x, high));
        let back = points.iter().rev().map(|&(x, low, _)| self.zoomed(x, low));
        let outline: Vec<(i32, i32)> = there.chain(back).collect();
        area.draw(&Polygon::new(outline, colour.mix(opacity).filled()))?;
        Ok(())
    }

    /// A dot on a curve.
    pub(super) fn dot(&self, area: &Area<'_>, x: f64, y: f64, colour: &RGBColor) -> Drawn {
        area.draw(&Circle::new(self.zoomed(x, y), 4 * ZOOM, colour.filled()))?;
        Ok(())
    }

    /// A dashed line at the height of a limit, from one place across to another.
    pub(super) fn level(&self, area: &Area<'_>, (from, to): (f64, f64), y: f64, colour: &RGBColor) -> Drawn {
        let (mut x, row) = self.at(from, y);
        let right = self.at(to, 0.0).0;
        while x < right {
            line(area, (x, row), ((x + 5).min(right), row), colour, 3)?;
            x += 8;
        }
        Ok(())
    }

    /// A dashed upright line.
    pub(super) fn upright(&self, area: &Area<'_>, x: f64, colour: &RGBColor) -> Drawn {
        let (column, bottom) = self.zoomed(x, 0.0);
        let top = self.zoomed(x, self.up.0).1;
        let mut row = top;
        while row < bottom {
            let end = (row + 10).min(bottom);
            area.draw(&PathElement::new([(column, row), (column, end)], colour.stroke_width(3)))?;
            row += 16;
        }
        Ok(())
    }
}

/// Pixels from one row of a key to the next.
const LEGEND_ROW: i32 = 18;

/// Where the entries of a key stand that is so wide, from a corner on: in as many rows as they need.
fn legend_places(corner: (i32, i32), width: i32, entries: &[(Swatch, &str)]) -> Vec<(i32, i32)> {
    let (mut x, mut y) = corner;
    let place = |(_, text): &(Swatch, &str)| {
        let needed = 24 + text_width(text, 11.5);
        if x > corner.0 && x + needed > width {
            (x, y) = (corner.0, y + LEGEND_ROW);
        }
        let at = (x, y);
        x += needed + 18;
        at
    };
    entries.iter().map(place).collect()
}

/// How many pixels the rows of a key after its first take.
pub(super) fn further_rows(corner: (i32, i32), width: i32, entries: &[(Swatch, &str)]) -> i32 {
    legend_places(corner, width, entries).last().map_or(0, |last| last.1 - corner.1)
}

/// A key to what is drawn: a swatch and a word for each.
pub(super) fn legend(area: &Area<'_>, corner: (i32, i32), entries: &[(Swatch, &str)]) -> Drawn {
    let width = area.dim_in_pixel().0 as i32 / ZOOM;
    for ((swatch, text), (x, y)) in entries.iter().zip(legend_places(corner, width, entries)) {
        match swatch {
            Swatch::Line(colour) => line(area, (x, y), (x + 18, y), colour, 4)?,
            Swatch::Dot(colour) => {
                area.draw(&Circle::new(((x + 9) * ZOOM, y * ZOOM), 4 * ZOOM, colour.filled()))?;
            }
            Swatch::Dashes(colour) => {
                for start in [0, 7, 14] {
                    line(area, (x + start, y), (x + start + 4, y), colour, 3)?;
                }
            }
            Swatch::Surface(colour, opacity) => {
                fill(area, (x, y - 5), (x + 18, y + 5), &colour.mix(*opacity))?;
            }
        }
        write(area, text, (x + 24, y), 11.5, Ink::Muted, Anchor::Left)?;
    }
    Ok(())
}

/// What stands before a word of the legend.
pub(super) enum Swatch {
    Line(RGBColor),
    Dot(RGBColor),
    Dashes(RGBColor),
    Surface(RGBColor, f64),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_of_a_small_range_differ() {
        let ticks = |step: f64| [1.0, 2.0, 3.0].map(|at| tick(at * step));
        assert_eq!(ticks(0.0025), ["0.0025", "0.005", "0.0075"]);
        assert_eq!(ticks(0.025), ["0.025", "0.05", "0.075"]);
        assert_eq!(ticks(-0.5), ["-0.5", "-1", "-1.5"]);
        assert_eq!([tick(0.0), tick(-0.0), tick(1e-12)], ["0", "0", "0"]);
    }

    #[test]
    fn limits_are_round_and_reach_the_value() {
        for value in [0.003, 0.7, 1.0, 1.2, 9.9, 43.0, 88.7, 1234.0] {
            let (limit, step) = nice_limit(value);
            assert!(limit >= value && limit <= 2.0 * value, "{value}: {limit}");
            let steps = limit / step;
            assert!(
                (steps - steps.round()).abs() < 1e-9 && (2.0..=5.0).contains(&steps),
                "{limit} by {step}"
            );
        }
        assert_eq!(nice_limit(0.0).0, 1.0);
    }

    #[test]
    fn chinese_is_taken_for_twice_as_wide_as_latin() {
        assert_eq!(text_width("挂号", 20.0), text_width("abcd", 20.0));
        assert_eq!(shortened("挂号收费处", 10.0, 30), "挂号…");
    }

    #[test]
    fn a_key_goes_on_in_a_row_of_its_own_before_it_leaves_the_picture() {
        let entries: Vec<_> = (0..7).map(|_| (Swatch::Dot(BLUE), "so many minutes")).collect();
        let places = legend_places((12, 16), 300, &entries);
        assert!(
            places.iter().all(|(x, _)| x + 24 + text_width("so many minutes", 11.5) <= 300),
            "{places:?}"
        );
        assert_eq!((places[0], places[2].0), ((12, 16), 12));
        assert_eq!(further_rows((12, 16), 300, &entries), 3 * LEGEND_ROW);
        assert_eq!(further_rows((12, 16), 2000, &entries), 0);
    }

    #[test]
    fn titles_cannot_break_out_of_their_attribute() {
        let svg = picture(10, 10, "a\" <b> & c", |_| Ok(()));
        assert!(
            svg.starts_with("<svg role=\"img\" aria-label=\"a&quot; &lt;b> &amp; c\" width=\"10\""),
            "{svg}"
        );
        assert!(svg.contains("viewBox=\"0 0 20 20\"") && svg.trim_end().ends_with("</svg>"));
    }
}
