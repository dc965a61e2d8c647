//! The scorecard.

use super::{BOLD, DIM, heading, plain_table, table_text};
use crate::document::{CheckPart, EvidenceKind, RunDocument, TargetPart, Verdict};
use crate::phrases;
use crate::words::Language;
use anstyle::{AnsiColor, Style};
use comfy_table::{Attribute, Cell, Color, ColumnConstraint, Width};

pub(super) const UNSURE: Style = AnsiColor::Yellow.on_default();

pub(super) fn render(document: &RunDocument, language: Language, width: usize) -> String {
    let Some(card) = &document.scorecard else { return String::new() };
    let mut out = heading(
        &format!("{} · {}", language.pick("Scorecard", "达标情况"), card.title.in_language(language)),
        &card.document,
    );
    let mut table = plain_table(width);
    table.set_header(
        [
            language.pick("item", "项"),
            language.pick("what is asked", "要求"),
            language.pick("verdict", "结论"),
            language.pick("why", "依据"),
        ]
        .map(|name| Cell::new(name).add_attribute(Attribute::Dim)),
    );
    for item in document.targets.iter().filter(|item| item.verdict != Verdict::NotApplicable) {
        table.add_row(vec![
            Cell::new(phrases::within_document(&item.id)).add_attribute(Attribute::Dim),
            Cell::new(item.title.in_language(language)),
            verdict_cell(item.verdict, language),
            Cell::new(phrases::why(item, language)),
        ]);
        for check in shown_apart(item) {
            table.add_row(vec![
                Cell::new(phrases::within_document(&check.id)).add_attribute(Attribute::Dim),
                Cell::new(format!("  {}", check.title.in_language(language))),
                verdict_cell(check.verdict, language),
                Cell::new(check.reason.in_language(language)),
            ]);
        }
    }
    if table.row_count() > 0 {
        let widest = u16::try_from(width * 2 / 5).unwrap_or(u16::MAX);
        if let Some(column) = table.column_mut(1) {
            column.set_constraint(ColumnConstraint::UpperBoundary(Width::Fixed(widest)));
        }
        if let Some(column) = table.column_mut(2) {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
        out.push_str(&table_text(table, 4, 2));
    }
    out.push_str(&format!("  {BOLD}{}{BOLD:#}\n", phrases::summary(&card.summary, language)));
    if let Some(score) = phrases::score(document, language) {
        out.push_str(&format!("  {DIM}{score}{DIM:#}\n"));
    }
    out
}

/// Checks that are decided, or nearly, while their item is not; and every figure of a run.
fn shown_apart(item: &TargetPart) -> impl Iterator<Item = &CheckPart> {
    let has_several = item.checks.len() > 1;
    let is_open = !phrases::is_known(item.verdict);
    item.checks.iter().filter(move |check| {
        has_several && phrases::is_known(check.verdict) && (is_open || check.kind == EvidenceKind::Measured)
    })
}

fn verdict_cell(verdict: Verdict, language: Language) -> Cell {
    let cell = Cell::new(phrases::verdict(verdict, language));
    match verdict {
        Verdict::Met => cell.fg(Color::Green),
        Verdict::Missed => cell.fg(Color::Red).add_attribute(Attribute::Bold),
        Verdict::NotSureYet => cell.fg(Color::Yellow),
        _ => cell.add_attribute(Attribute::Dim),
    }
}
