//! A comparison on a terminal.

use super::{AlternativePart, CompareDocument, DifferencePart};
use crate::document::{Figure, Unit};
use crate::figures::{POINTS, TimeScale, count, counted, in_unit, show_with_interval};
use crate::phrases::percent;
use crate::terminal::bullet;
use crate::words::{Language, Words};
use anstyle::Style;
use comfy_table::{Cell, CellAlignment, ContentArrangement, LineStyle, Table, TableStyle};
use onetrip_studies::statistics::interval::Estimate;

pub(crate) const BOLD: Style = Style::new().bold();
pub(crate) const DIM: Style = Style::new().dimmed();
/// Rows of a table of measures on a terminal.
const ROWS: usize = 24;

/// The comparison in one language; `width` columns for tables; `all` rows instead of the most important.
pub fn render(document: &CompareDocument, language: Language, width: usize, all: bool) -> String {
    let title = document.base.title.or_name(&document.base.id, language);
    let mut out = format!("{BOLD}{title}{BOLD:#}  {DIM}{}{DIM:#}\n", document.base.id);
    out.push_str(&format!("{DIM}{}{DIM:#}\n", facts(document, language)));
    if document.run.cut_short {
        out.push_str(language.pick(
            "Stopped early: these figures are of what was finished.\n",
            "提前终止：以下数字仅含已完成部分。\n",
        ));
    }
    for one in &document.alternatives {
        out.push('\n');
        out.push_str(&section(one, language, width, all));
    }
    out
}

/// How it was run.
pub(crate) fn facts(document: &CompareDocument, language: Language) -> String {
    let run = &document.run;
    let (replications, percent) = (count(run.replications.into()), percent(run.level));
    match language {
        Language::English => format!(
            "{} of each under the same luck{} · intervals hold together at {percent} % · {} events · rng seed {}",
            counted(run.replications.into(), "replication", "replications"),
            if run.days == 1 { String::new() } else { format!(", {} days in each", run.days) },
            count(run.events),
            run.rng_seed
        ),
        Language::Chinese => format!(
            "各{replications}次重复，共用随机数，每次{}天 · 全部区间同时成立的置信度{percent}% · {}个事件 · 随机种子 {}",
            run.days,
            count(run.events),
            run.rng_seed
        ),
    }
}

fn section(one: &AlternativePart, language: Language, width: usize, all: bool) -> String {
    let title = one.scenario.title.or_name(&one.scenario.id, language);
    let changes = one.scenario.changes.iter().map(|change| change.in_language(language));
    let set = changes.collect::<Vec<_>>().join(language.pick(", ", "，"));
    let mut out = format!("{BOLD}{title}{BOLD:#}");
    if !set.is_empty() {
        out.push_str(&format!("  {DIM}{} {set}{DIM:#}", language.pick("with", "修改：")));
    }
    out.push('\n');
    if one.findings.is_empty() {
        out.push_str(&format!("  {}\n", nothing_text(one, language)));
    }
    for finding in &one.findings {
        out.push_str(&bullet(finding.in_language(language), width));
    }
    out.push_str(&format!("  {}\n\n", patients_text(one, language)));
    out.push_str(&measures(one, language, width, all));
    out.push_str(&time_of_visit(one, language, width));
    if !one.pairing_does_not_help.is_empty() {
        let ids = one.pairing_does_not_help.join(", ");
        out.push_str(&match language {
            Language::English => format!(
                "\nSharing luck does not help (variance ratio 1 or more) for {ids}; more replications, not pairing, \
                 narrow those intervals.\n"
            ),
            Language::Chinese => format!("\n以下指标共用随机数未能缩小方差（方差比≥1）：{ids}；需增加重复次数。\n"),
        });
    }
    out
}

/// The same in every replication, to the bit.
fn is_unmoved(difference: &Figure) -> bool {
    difference.value == Some(0.0) && difference.low.is_none()
}

/// Said where no measure surely differs.
pub(crate) fn nothing_text(one: &AlternativePart, language: Language) -> &'static str {
    if one.measures.iter().all(|part| is_unmoved(&part.difference)) {
        return language
            .pick("Nothing differs: every difference shown is exactly 0.", "毫无差异：所列差值均恰为0。");
    }
    if one.measures.iter().any(|part| part.different) {
        return language.pick("What differs does so by next to nothing.", "虽有差异，但均微不足道。");
    }
    language.pick("No measure surely differs.", "没有指标存在可信差异。")
}

fn measures(one: &AlternativePart, language: Language, width: usize, all: bool) -> String {
    let headings = [
        language.pick("measure", "指标"),
        language.pick("base", "基准"),
        language.pick("alternative", "方案"),
        language.pick("difference", "差值"),
        language.pick("pairing", "方差比"),
    ];
    let shown = if all { one.measures.len() } else { one.measures.len().min(ROWS) };
    let rows = one.measures[..shown]
        .iter()
        .map(|part| {
            let difference = difference_text(&part.difference, part.unit, language);
            let is_sure = part.different || is_unmoved(&part.difference);
            let mark = if is_sure { "" } else { language.pick(" (not sure)", "（不确定）") };
            vec![
                part.title.in_language(language).to_owned(),
                value_text(&part.base, part.unit, language),
                value_text(&part.alternative, part.unit, language),
                format!("{difference}{mark}"),
                pairing_text(part),
            ]
        })
        .collect();
    let mut out = table(&headings, rows, 1, width);
    let more = one.measures.len() - shown;
    let unchanged = one.unchanged;
    out.push_str(&match (language, more) {
        (Language::English, 0) => format!("{DIM}  {unchanged} other measures do not differ{DIM:#}\n"),
        (Language::English, _) => {
            format!("{DIM}  {more} more differ (--all shows them); {unchanged} do not{DIM:#}\n")
        }
        (Language::Chinese, 0) => format!("{DIM}  另有{unchanged}项指标无差异{DIM:#}\n"),
        (Language::Chinese, _) => {
            format!("{DIM}  另有{more}项存在差异（--all 全部显示），{unchanged}项无差异{DIM:#}\n")
        }
    });
    out
}

fn time_of_visit(one: &AlternativePart, language: Language, width: usize) -> String {
    if one.time_of_visit.is_empty() {
        return String::new();
    }
    let headings = [
        language.pick("where the time of a visit goes", "就诊时间去向"),
        language.pick("base", "基准"),
        language.pick("alternative", "方案"),
        language.pick("difference", "差值"),
    ];
    let rows = one
        .time_of_visit
        .iter()
        .map(|part| {
            let bare = |seconds: f64| {
                value_text(&Figure { value: Some(seconds), ..Figure::default() }, Unit::Seconds, language)
            };
            vec![
                part.title.in_language(language).to_owned(),
                bare(part.base_s),
                bare(part.alternative_s),
                difference_text(&part.difference_s, Unit::Seconds, language),
            ]
        })
        .collect();
    format!("\n{}", table(&headings, rows, 1, width))
}

/// How single patients fared.
pub(crate) fn patients_text(one: &AlternativePart, language: Language) -> String {
    let p = &one.patients;
    let median = match p.median_difference_s {
        0.0 => language.pick("0", "0").to_owned(),
        seconds => {
            let figure = Figure { value: Some(seconds), ..Figure::default() };
            signed(&figure, Unit::Seconds, language)
        }
    };
    let (paired, shorter, equal, longer) =
        (count(p.paired), count(p.shorter), count(p.equal), count(p.longer));
    match language {
        Language::English => format!(
            "Of {paired} patients who complete their visit in both on the first day, {shorter} leave earlier, {longer} \
             later and {equal} at the same instant; the median difference is {median}."
        ),
        Language::Chinese => format!(
            "首日两方案均完成就诊的{paired}名患者中：{shorter}人在院时间缩短，{longer}人延长，{equal}人不变；差值中位数{median}。"
        ),
    }
}

/// A value with its interval.
pub(crate) fn value_text(figure: &Figure, unit: Unit, language: Language) -> String {
    show_with_interval(figure, unit, language)
}

/// Variance ratio of a pair.
pub(crate) fn pairing_text(part: &DifferencePart) -> String {
    part.variance_ratio.map_or_else(|| "–".to_owned(), |ratio| format!("{ratio:.2}"))
}

/// A difference with its sign and interval, `-3.4 (-3.7 … -3.1) min`.
pub(crate) fn difference_text(figure: &Figure, unit: Unit, language: Language) -> String {
    if is_unmoved(figure) {
        return "0".to_owned();
    }
    signed(figure, unit, language)
}

/// A difference of sums of time over many people, in hours: a sum is no span of the calendar.
pub(crate) fn difference_of_sums(figure: &Figure, language: Language) -> String {
    if is_unmoved(figure) {
        return "0".to_owned();
    }
    signed_in(figure, in_unit(Unit::Seconds, TimeScale::Hours, POINTS, language))
}

fn signed(figure: &Figure, unit: Unit, language: Language) -> String {
    signed_in(figure, in_unit(unit, TimeScale::of(figure.largest()), POINTS, language))
}

fn signed_in(figure: &Figure, (scale, symbol): (f64, String)) -> String {
    let Some(value) = figure.value else { return "–".to_owned() };
    let fine = match (figure.low, figure.high) {
        (Some(low), Some(high)) if high > low => 0.5 * (high - low) * scale,
        _ => value.abs() * scale / 10.0,
    };
    let decimals = if fine > 0.0 { (-fine.log10().floor()).clamp(0.0, 3.0) as usize } else { 0 };
    let decimals = if figure.largest() * scale >= 100.0 { 0 } else { decimals };
    let written = |value: f64| {
        let text = format!("{:+.decimals$}", value * scale);
        let is_zero = text.bytes().all(|byte| matches!(byte, b'0' | b'.' | b'+' | b'-'));
        if is_zero { text.trim_start_matches(['+', '-']).to_owned() } else { text.replace('-', "−") }
    };
    match (figure.low, figure.high) {
        (Some(low), Some(high)) => {
            format!("{} ({} … {}){symbol}", written(value), written(low), written(high))
        }
        _ => format!("{}{symbol}", written(value)),
    }
}

/// A first interval, while the comparison is still running.
pub fn first_look(
    title: &Words,
    unit: Unit,
    difference: Estimate,
    replications: u32,
    language: Language,
) -> String {
    let text = difference_text(&Figure::of(Some(difference)), unit, language);
    match language {
        Language::English => format!("after {replications} replications: {}, difference {text} …", title.en),
        Language::Chinese => format!("{replications}次重复后：{}，差值{text}……", title.zh),
    }
}

/// A table without boxes: a rule under the headings; the first `left` columns lean left.
pub(crate) fn table(headings: &[&str], rows: Vec<Vec<String>>, left: usize, width: usize) -> String {
    let mut table = Table::new();
    table
        .load_style(TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─')))
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(u16::try_from(width.max(72)).unwrap_or(u16::MAX));
    table.set_header(headings.iter().map(Cell::new));
    table.add_rows(rows);
    let last = table.column_count().saturating_sub(1);
    for (at, column) in table.column_iter_mut().enumerate() {
        column.set_padding((u16::from(at == 0) * 2, if at == last { 0 } else { 3 }));
        if at >= left {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let mut text = String::new();
    for line in table.lines() {
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_have_a_sign_and_digits_that_the_interval_allows() {
        let figure = |value, low, high| Figure { value: Some(value), low: Some(low), high: Some(high), n: 9 };
        let text = |figure, unit| difference_text(&figure, unit, Language::English);
        assert_eq!(text(figure(-204.0, -222.0, -186.0), Unit::Seconds), "−3.4 (−3.7 … −3.1) min");
        assert_eq!(text(figure(0.027, 0.02, 0.034), Unit::Share), "+2.7 (+2.0 … +3.4) pp");
        assert_eq!(text(Figure { value: Some(0.0), ..Figure::default() }, Unit::Count), "0");
    }
}
