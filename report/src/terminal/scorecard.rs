//! The scorecard.

use super::{BOLD, DIM, heading, plain_table, table_text};
use crate::document::{CheckPart, EvidenceKind, RunDocument, TargetPart, TargetSummary, Verdict};
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
            Cell::new(within(&item.id)).add_attribute(Attribute::Dim),
            Cell::new(item.title.in_language(language)),
            verdict_cell(item.verdict, language),
            Cell::new(why(item, language)),
        ]);
        for check in shown_apart(item) {
            table.add_row(vec![
                Cell::new(within(&check.id)).add_attribute(Attribute::Dim),
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
    out.push_str(&format!("  {BOLD}{}{BOLD:#}\n", summary(&card.summary, language)));
    if let Some(score) = card.score {
        let points = |value: f64| format!("{value:.1}").trim_end_matches(".0").to_owned();
        let (least, most) = (points(score.at_least), points(score.at_most));
        let said = match language {
            Language::English => format!("between {least} and {most} points of {}", points(score.most)),
            Language::Chinese => format!("得分介于{least}与{most}之间，满分{}", points(score.most)),
        };
        out.push_str(&format!("  {DIM}{said}{DIM:#}\n"));
    }
    out
}

fn is_open(item: &TargetPart) -> bool {
    matches!(item.verdict, Verdict::NotAssessed | Verdict::NotSimulatedYet)
}

/// Checks that are decided, or nearly, while their item is not; and every figure of a run.
fn shown_apart(item: &TargetPart) -> impl Iterator<Item = &CheckPart> {
    let has_several = item.checks.len() > 1;
    item.checks.iter().filter(move |check| {
        let is_known = matches!(check.verdict, Verdict::Met | Verdict::Missed | Verdict::NotSureYet);
        has_several && is_known && (is_open(item) || check.kind == EvidenceKind::Measured)
    })
}

/// The reason; where nothing is decided, only what is wanting.
fn why(item: &TargetPart, language: Language) -> String {
    if !is_open(item) {
        return item.reason.in_language(language).to_owned();
    }
    let is_asked = |check: &&CheckPart| !check.optional && check.verdict != Verdict::NotApplicable;
    let asked = item.checks.iter().filter(is_asked).count();
    let open = item.checks.iter().filter(is_asked).filter(|check| check.verdict == item.verdict).count();
    match (asked, item.verdict, item.kind, language) {
        (2.., _, _, Language::English) => format!("{open} of {asked} checks open"),
        (2.., _, _, Language::Chinese) => format!("{asked}项检查中{open}项待定"),
        (_, Verdict::NotSimulatedYet, ..) => String::new(),
        (_, _, EvidenceKind::Attested, _) => language.pick("nobody has answered", "尚无人作答").to_owned(),
        _ => language.pick("not in the description", "描述中未提供").to_owned(),
    }
}

/// The id within its document.
fn within(id: &str) -> &str {
    id.rsplit('/').next().unwrap_or(id)
}

/// A verdict as people read it, with a mark that also stands without colour.
pub(crate) fn verdict_words(verdict: Verdict, language: Language) -> &'static str {
    match verdict {
        Verdict::Met => language.pick("✓ met", "✓ 达标"),
        Verdict::Missed => language.pick("✗ missed", "✗ 未达标"),
        Verdict::NotSureYet => language.pick("? not sure yet", "? 尚难判定"),
        Verdict::NotAssessed => language.pick("· not assessed", "· 未评估"),
        Verdict::NotSimulatedYet => language.pick("· not simulated yet", "· 尚未模拟"),
        Verdict::NotApplicable => language.pick("– not asked", "– 不适用"),
    }
}

fn verdict_cell(verdict: Verdict, language: Language) -> Cell {
    let cell = Cell::new(verdict_words(verdict, language));
    match verdict {
        Verdict::Met => cell.fg(Color::Green),
        Verdict::Missed => cell.fg(Color::Red).add_attribute(Attribute::Bold),
        Verdict::NotSureYet => cell.fg(Color::Yellow),
        _ => cell.add_attribute(Attribute::Dim),
    }
}

/// How many items have each verdict, in words.
pub(crate) fn summary(summary: &TargetSummary, language: Language) -> String {
    let rows = [
        (summary.met, "met", "项达标"),
        (summary.missed, "missed", "项未达标"),
        (summary.not_sure_yet, "not sure yet", "项尚难判定"),
        (summary.not_assessed, "not assessed", "项未评估"),
        (summary.not_simulated_yet, "not simulated yet", "项尚未模拟"),
        (summary.not_applicable, "not asked here", "项不适用"),
    ];
    let said: Vec<String> = rows
        .iter()
        .filter(|(count, ..)| *count > 0)
        .map(|(count, en, zh)| match language {
            Language::English => format!("{count} {en}"),
            Language::Chinese => format!("{count}{zh}"),
        })
        .collect();
    said.join(language.pick(" · ", "，"))
}
