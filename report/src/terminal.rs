//! A run on a terminal: headline, stations, where the time of a visit goes, queues by hour, scorecard.
//!
//! The text carries ANSI colours; whoever prints it goes through `anstream`, which strips them where nobody sees them.

mod bars;
mod scorecard;
mod stations;

pub(crate) use bars::bar;

use crate::document::RunDocument;
use crate::figures::{count, show_with_interval};
use crate::phrases;
use crate::words::Language;
use anstyle::Style;
use comfy_table::{CellAlignment, ContentArrangement, LineStyle, Table, TableStyle};
use unicode_width::UnicodeWidthStr;

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();

/// The narrowest text that is laid out; narrower terminals wrap it themselves.
pub const MINIMUM_WIDTH: usize = 72;

/// The run in one language, in lines no wider than `width` columns (but at least [`MINIMUM_WIDTH`]).
pub fn render(document: &RunDocument, language: Language, width: usize) -> String {
    let width = width.max(MINIMUM_WIDTH);
    let sections = [
        headline(document, language, width),
        stations::render(document, language, width),
        bars::visit_time(document, language, width),
        bars::queues_by_hour(document, language, width),
        scorecard::render(document, language, width),
        wrapped(&phrases::accounting(document, language), width),
    ];
    sections.iter().filter(|section| !section.is_empty()).cloned().collect::<Vec<_>>().join("\n")
}

fn headline(document: &RunDocument, language: Language, width: usize) -> String {
    let mut out = String::new();
    let title = document.scenario.title.or_name(&document.scenario.id, language);
    let run = &document.run;
    let id = if title == document.scenario.id { "" } else { &document.scenario.id };
    out.push_str(&format!("{BOLD}{title}{BOLD:#}  {DIM}{id}{DIM:#}\n"));
    let (replications, level) = (phrases::replications(document, language), phrases::percent(run.level));
    let events = count(run.events);
    let how = match language {
        Language::English => {
            format!("{replications} · {level} % intervals · {events} events · rng seed {}", run.rng_seed)
        }
        Language::Chinese => {
            format!("{replications} · {level}%置信区间 · {events}个事件 · 随机种子{}", run.rng_seed)
        }
    };
    out.push_str(&format!("{DIM}{how}{DIM:#}\n"));
    if run.cut_short {
        let said = phrases::cut_short(language);
        out.push_str(&format!("{}{said}{:#}\n", scorecard::UNSURE, scorecard::UNSURE));
    }
    if let Some(said) = phrases::long_run(document, language) {
        out.push_str(&wrapped(&said, width));
    }
    out.push('\n');
    let figures: Vec<(String, String)> = document
        .headline()
        .map(|measure| {
            let figure = show_with_interval(&measure.figure, measure.unit, language);
            (measure.title.in_language(language).to_owned(), figure)
        })
        .collect();
    let widest = figures.iter().map(|(title, _)| title.width()).max().unwrap_or(0).min(width - 24);
    for ((title, figure), measure) in figures.iter().zip(document.headline()) {
        let title = fitted(title, widest);
        out.push_str(&format!("  {title}  {BOLD}{figure}{BOLD:#}"));
        if run.imprecise.contains(&measure.id) {
            out.push_str(language.pick("  (less precise than asked)", "（未达要求精度）"));
        }
        out.push('\n');
    }
    out
}

pub(crate) fn heading(text: &str, note: &str) -> String {
    if note.is_empty() {
        format!("{BOLD}{text}{BOLD:#}\n")
    } else {
        format!("{BOLD}{text}{BOLD:#}  {DIM}{note}{DIM:#}\n")
    }
}

/// A table without boxes: a rule under the header, nothing else.
pub(crate) fn plain_table(width: usize) -> Table {
    let mut table = Table::new();
    table
        .load_style(TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─')))
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(u16::try_from(width).unwrap_or(u16::MAX))
        .enforce_styling();
    table
}

/// Lines of a table with the first `left` columns flush left, all others flush right, `gap` columns apart.
pub(crate) fn table_text(mut table: Table, left: usize, gap: u16) -> String {
    let last = table.column_count().saturating_sub(1);
    for index in 0..=last {
        if let Some(column) = table.column_mut(index) {
            column.set_padding((u16::from(index == 0) * 2, if index == last { 0 } else { gap }));
            if index >= left {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
    }
    let mut text = String::new();
    for line in table.lines() {
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// Text cut or filled to exactly `width` columns.
pub(crate) fn fitted(text: &str, width: usize) -> String {
    let total = text.width();
    if total <= width {
        return format!("{text}{}", " ".repeat(width - total));
    }
    let mut cut = String::new();
    for c in text.chars() {
        let mut longer = cut.clone();
        longer.push(c);
        if longer.width() + 1 > width {
            break;
        }
        cut = longer;
    }
    cut.push('…');
    let missing = width.saturating_sub(cut.width());
    format!("{cut}{}", " ".repeat(missing))
}

/// Text broken into lines: at spaces, and between Chinese characters anywhere.
pub(crate) fn wrapped(text: &str, width: usize) -> String {
    let mut out = String::new();
    let mut line_width = 0;
    for piece in pieces(text) {
        let piece_width = piece.trim_end().width();
        if line_width > 0 && line_width + piece_width > width {
            out.truncate(out.trim_end().len());
            out.push('\n');
            line_width = 0;
        }
        out.push_str(piece);
        line_width += piece.width();
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

/// A sentence of a list, broken into lines under its mark.
pub(crate) fn bullet(text: &str, width: usize) -> String {
    let lines = wrapped(text, width - 4);
    let mut out = String::new();
    for (index, line) in lines.lines().enumerate() {
        out.push_str(if index == 0 { "  • " } else { "    " });
        out.push_str(line);
        out.push('\n');
    }
    out
}

/// Stretches that are not to be broken.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let is_wide = |c: char| c.is_alphabetic() && !c.is_ascii();
    let mut rest = text;
    std::iter::from_fn(move || {
        let mut chars = rest.char_indices().peekable();
        let (_, first) = chars.next()?;
        let mut previous = first;
        let end = loop {
            match chars.next() {
                None => break rest.len(),
                Some((index, c)) => {
                    if previous == ' ' && c != ' ' || is_wide(c) || (is_wide(previous) && c.is_ascii_digit())
                    {
                        break index;
                    }
                    previous = c;
                }
            }
        };
        let (piece, after) = rest.split_at(end);
        rest = after;
        Some(piece)
    })
}
