//! A sweep on a terminal.

use super::sentences::{ranked, shown};
use super::{DesignKind, PointPart, SweepDocument};
use crate::compare::terminal::{BOLD, DIM, table};
use crate::document::Figure;
use crate::figures::{count, counted, show_with_interval};
use crate::words::Language;
use std::ops::Range;

/// Points that are all shown.
pub(super) const FEW: usize = 24;
/// Points shown from either end where there are more.
const ENDS: usize = 3;

/// A table: its headings and its rows.
pub(super) type Rows = (Vec<String>, Vec<Vec<String>>);

/// The sweep in one language; `width` columns for tables.
pub fn render(document: &SweepDocument, language: Language, width: usize) -> String {
    let title = document.title.or_name(&document.scenario, language);
    let mut out = format!("{BOLD}{title}{BOLD:#}  {DIM}{}{DIM:#}\n", document.scenario);
    out.push_str(&format!("{DIM}{}{DIM:#}\n", facts(document, language)));
    for variable in &document.variables {
        let title = variable.title.in_language(language);
        let varied = language.pick("varied", "变量");
        out.push_str(&format!("{DIM}{varied} · {title} · {}{DIM:#}\n", variable.text));
    }
    out.push('\n');
    for finding in &document.findings {
        out.push_str(&format!("  • {}\n", finding.in_language(language)));
    }
    let mut add = |title: &str, (headings, rows): Rows, left: usize| {
        if !rows.is_empty() {
            let headings: Vec<&str> = headings.iter().map(String::as_str).collect();
            let title = if title.is_empty() { String::new() } else { format!("{BOLD}{title}{BOLD:#}\n") };
            out.push_str(&format!("\n{title}{}", table(&headings, rows, left, width)));
        }
    };
    if document.run.design.has_sensitivities() {
        add(sensitivity_title(document, language), sensitivity_rows(document, language), 2);
    } else if document.points.len() <= FEW {
        let of = measures_beside(document, width);
        for first in (0..document.measures.len()).step_by(of) {
            let title = if first == 0 { language.pick("All points", "全部设计点") } else { "" };
            let measures = first..document.measures.len().min(first + of);
            add(title, point_rows(document, measures, language), 0);
        }
    } else {
        let left = 1 + document.variables.len();
        add(language.pick("Smallest and largest", "最小与最大"), end_rows(document, language), left);
    }
    out
}

/// How it was run.
pub(super) fn facts(document: &SweepDocument, language: Language) -> String {
    let run = &document.run;
    let (points, runs, events) = (count(document.points.len() as u64), count(run.runs), count(run.events));
    let design = design_name(run.design, language);
    match language {
        Language::English => format!(
            "{design} · {} · {} of each, {} · {} · {events} events · rng seed {}",
            counted(document.points.len() as u64, "point", "points"),
            counted(run.replications.into(), "replication", "replications"),
            if run.common_luck { "under the same luck" } else { "each under luck of its own" },
            counted(run.runs, "run", "runs"),
            run.rng_seed
        ),
        Language::Chinese => format!(
            "{design} · {points}个点 · 每点重复{}次，{} · {runs}次运行 · {events}个事件 · 随机种子 {}",
            run.replications,
            if run.common_luck { "共用随机数" } else { "随机数各自独立" },
            run.rng_seed
        ),
    }
}

fn design_name(design: DesignKind, language: Language) -> &'static str {
    let (en, zh) = match design {
        DesignKind::Grid => ("grid", "网格设计"),
        DesignKind::LatinHypercube => ("Latin hypercube", "拉丁超立方"),
        DesignKind::SobolSequence => ("Sobol sequence", "Sobol序列"),
        DesignKind::SobolIndices => ("Sobol' indices", "Sobol指数"),
        DesignKind::Morris => ("Morris screening", "Morris筛选"),
    };
    language.pick(en, zh)
}

/// How many measures stand beside the variables in one table.
fn measures_beside(document: &SweepDocument, width: usize) -> usize {
    const VARIABLE: usize = 16;
    const MEASURE: usize = 18;
    (width.saturating_sub(VARIABLE * document.variables.len()) / MEASURE).max(1)
}

/// All points as a table, with some of the measures.
pub(super) fn point_rows(document: &SweepDocument, measures: Range<usize>, language: Language) -> Rows {
    let chosen = &document.measures[measures.clone()];
    let mut headings: Vec<String> =
        document.variables.iter().map(|variable| variable.heading(language)).collect();
    headings.extend(chosen.iter().map(|measure| measure.title.in_language(language).to_owned()));
    let rows = document
        .points
        .iter()
        .map(|point| {
            let mut row: Vec<String> = point.values.iter().map(super::Value::text).collect();
            let results = point.results[measures.clone()].iter().zip(chosen);
            row.extend(results.map(|(figure, measure)| show_with_interval(figure, measure.unit, language)));
            row
        })
        .collect();
    (headings, rows)
}

/// The points at which each measure is smallest and largest, as a table; without those that are the same everywhere.
pub(super) fn end_rows(document: &SweepDocument, language: Language) -> Rows {
    let mut headings = vec![language.pick("measure", "指标").to_owned()];
    headings.extend(document.variables.iter().map(|variable| variable.heading(language)));
    headings.push(language.pick("value", "数值").to_owned());
    let mut rows = Vec::new();
    for (at, measure) in document.measures.iter().enumerate() {
        let mut ordered: Vec<&PointPart> =
            document.points.iter().filter(|point| point.results[at].value.is_some()).collect();
        ordered.sort_by(|left, right| {
            let value = |point: &PointPart| point.results[at].value.unwrap_or_default();
            value(left).total_cmp(&value(right))
        });
        let end = |point: Option<&&PointPart>| point.and_then(|point| point.results[at].value);
        if ordered.len() > 1 && end(ordered.first()) == end(ordered.last()) {
            continue;
        }
        let last = ordered.len().saturating_sub(ENDS).max(ENDS.min(ordered.len()));
        let shown = ordered[..ENDS.min(ordered.len())].iter().chain(&ordered[last..]);
        for (index, point) in shown.enumerate() {
            let title = if index == 0 { measure.title.in_language(language) } else { "" };
            let mut row = vec![title.to_owned()];
            row.extend(point.values.iter().map(super::Value::text));
            row.push(show_with_interval(&point.results[at], measure.unit, language));
            rows.push(row);
        }
    }
    (headings, rows)
}

/// Heading of the table of sensitivities.
pub(super) fn sensitivity_title(document: &SweepDocument, language: Language) -> &'static str {
    match document.run.design {
        DesignKind::Morris => language.pick("Elementary effects (Morris)", "基本效应（Morris）"),
        _ => language.pick("Shares of the variance (Sobol' indices)", "方差占比（Sobol指数）"),
    }
}

/// What the design says of each variable, as a table.
pub(super) fn sensitivity_rows(document: &SweepDocument, language: Language) -> Rows {
    let pairs: &[(&str, &str)] = match document.run.design {
        DesignKind::Morris => {
            &[("μ*: mean absolute effect", "μ*：平均绝对效应"), ("mean effect", "平均效应"), ("σ", "σ")]
        }
        _ => &[("alone (S₁)", "单独（S₁）"), ("in all (Sₜ)", "总计（Sₜ）")],
    };
    let mut headings =
        vec![language.pick("measure", "指标").to_owned(), language.pick("variable", "变量").to_owned()];
    headings.extend(pairs.iter().map(|(en, zh)| language.pick(en, zh).to_owned()));
    let mut rows = Vec::new();
    for (part, measure) in document.sensitivities.iter().zip(&document.measures) {
        let title = measure.title.in_language(language);
        let text = |figure: &Option<Figure>| {
            let shown = |figure: &Figure| shown(figure, document.run.design, measure, language);
            figure.as_ref().map_or_else(String::new, shown)
        };
        for (index, variable) in ranked(part).into_iter().enumerate() {
            let mut row = vec![
                if index == 0 { title.to_owned() } else { String::new() },
                document.name_of(&variable.path, language).to_owned(),
            ];
            row.extend(
                match document.run.design {
                    DesignKind::Morris => {
                        vec![&variable.mean_absolute_effect, &variable.mean_effect, &variable.effect_sd]
                    }
                    _ => vec![&variable.first, &variable.total],
                }
                .into_iter()
                .map(text),
            );
            rows.push(row);
        }
    }
    (headings, rows)
}
