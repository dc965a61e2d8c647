//! A stress test on a terminal.

use super::demand::{demand_text, hours};
use super::disturbance::cost_rows;
use super::passage::passage_rows;
use super::{DemandPart, DisturbancePart, StressDocument};
use crate::compare::terminal::{BOLD, DIM, table};
use crate::document::Unit;
use crate::figures::{clock, count, counted, share, show_with_interval};
use crate::phrases::percent;
use crate::terminal::bullet;
use crate::words::{Language, Words};

/// The headings and rows of a table.
pub(super) type Rows = (Vec<String>, Vec<Vec<String>>);

/// The stress test in one language; `width` columns for tables.
pub fn render(document: &StressDocument, language: Language, width: usize) -> String {
    let title = document.title.or_name(&document.scenario, language);
    let mut out = format!("{BOLD}{title}{BOLD:#}  {DIM}{}{DIM:#}\n", document.scenario);
    for stress in &document.stress {
        out.push_str(&format!("{}\n", stress.in_language(language)));
    }
    out.push_str(&format!("{DIM}{}{DIM:#}\n", facts(document, language)));
    if document.run.cut_short {
        out.push_str(language.pick(
            "Stopped early: these figures are of what was finished.\n",
            "提前终止：以下数字仅含已完成部分。\n",
        ));
    }
    out.push('\n');
    for (at, finding) in document.findings.iter().enumerate() {
        let text = finding.in_language(language);
        out.push_str(&if at == 0 { format!("{BOLD}{text}{BOLD:#}\n") } else { format!("{text}\n") });
    }
    let mut add = |(headings, rows): Rows, left: usize| {
        if !rows.is_empty() {
            let headings: Vec<&str> = headings.iter().map(String::as_str).collect();
            out.push('\n');
            out.push_str(&table(&headings, rows, left, width));
        }
    };
    if let Some(part) = &document.demand {
        add(limit_rows(part, language), 1);
        add(load_rows(part, language), 1);
        add(curve_rows(part, language), 1);
    }
    if let Some(part) = &document.disturbance {
        add((cost_heading(document.run.days, language), cost_rows(part, language)), 1);
        add(station_rows(part, language), 1);
        add(passage_rows(&part.passages, language), 1);
        add(verdict_rows(part, language), 1);
        for (heading, sentences) in differences(part, language) {
            out.push_str(&format!("\n{BOLD}{heading}{BOLD:#}\n"));
            sentences.iter().for_each(|one| out.push_str(&bullet(one.in_language(language), width)));
        }
    }
    out
}

/// What was run.
pub(super) fn facts(document: &StressDocument, language: Language) -> String {
    let run = &document.run;
    let (replications, events, level) = (count(run.replications), count(run.events), percent(run.level));
    match (language, &document.demand) {
        (Language::English, Some(_)) => format!(
            "{} under the same luck · {level} % sure · {events} events · rng seed {}",
            counted(run.replications, "replication", "replications"),
            run.rng_seed
        ),
        (Language::English, None) => format!(
            "{}{}, each with and without under the same luck · {level} % intervals · {events} events · rng seed {}",
            counted(run.replications, "replication", "replications"),
            if run.days == 1 { String::new() } else { format!(" of {} days", run.days) },
            run.rng_seed
        ),
        (Language::Chinese, Some(_)) => {
            format!(
                "{replications}次重复，共用随机数 · 置信度{level}% · {events}个事件 · 随机种子 {}",
                run.rng_seed
            )
        }
        (Language::Chinese, None) => format!(
            "{replications}次重复，每次{}天，有无扰动各一次并共用随机数 · {level}%置信区间 · {events}个事件 · 随机种子 {}",
            run.days, run.rng_seed
        ),
    }
}

/// What the costs are of.
pub(super) fn cost_heading(days: u32, language: Language) -> Vec<String> {
    let of = match (language, days) {
        (Language::English, 1) => "what it costs".to_owned(),
        (Language::English, _) => format!("what it costs in {days} days"),
        (Language::Chinese, 1) => "代价".to_owned(),
        (Language::Chinese, _) => format!("{days}天的代价"),
    };
    let change = match days {
        1 => language.pick("with less without, a day", "有扰动减无扰动（每日）"),
        _ => language.pick("with less without", "有扰动减无扰动"),
    };
    vec![of, change.to_owned()]
}

fn headed(language: Language, pairs: &[(&str, &str)]) -> Vec<String> {
    pairs.iter().map(|(en, zh)| language.pick(en, zh).to_owned()).collect()
}

/// How far each target holds.
pub(super) fn limit_rows(part: &DemandPart, language: Language) -> Rows {
    let headings = headed(
        language,
        &[("target", "目标"), ("holds up to", "可承受需求"), ("breaks at", "失守于"), ("sure", "把握")],
    );
    let demand = |factor: Option<f64>, none: (&str, &str)| {
        factor
            .map_or_else(|| language.pick(none.0, none.1).to_owned(), |factor| demand_text(factor, language))
    };
    let rows = part.targets.iter().map(|one| {
        let sure = match one.ending.as_str() {
            "unsure" => language.pick("best guess", "最佳估计"),
            "stopped" => language.pick("stopped", "已中止"),
            _ => language.pick("yes", "是"),
        };
        vec![
            one.asked(language),
            demand(one.largest_demand, ("none of the range", "范围内均不满足")),
            demand(one.breaks_at, ("not in the range", "范围内未失守")),
            sure.to_owned(),
        ]
    });
    (headings, rows.collect())
}

/// Where waiting grows.
pub(super) fn load_rows(part: &DemandPart, language: Language) -> Rows {
    let mut headings = headed(language, &[("station", "处所")]);
    headings.extend(part.looked_at.iter().flat_map(|&factor| {
        let demand = demand_text(factor, language);
        let waiting = match language {
            Language::English => format!("waiting at {demand}"),
            Language::Chinese => format!("需求{demand}时等候"),
        };
        [waiting, language.pick("busiest hour", "最忙小时利用率").to_owned()]
    }));
    let rows = part.stations.iter().map(|one| {
        let mut row = vec![one.title.in_language(language).to_owned()];
        row.extend(one.loads.iter().flat_map(|load| {
            let busy = load.busiest_share.map_or_else(|| "–".to_owned(), |busiest| share(busiest, language));
            [hours(load.waiting_hours, language), busy]
        }));
        row
    });
    (headings, rows.collect())
}

/// The curve.
pub(super) fn curve_rows(part: &DemandPart, language: Language) -> Rows {
    let mut headings = headed(language, &[("demand", "需求")]);
    headings.extend(part.targets.iter().map(|one| one.title.in_language(language).to_owned()));
    let rows = part.curve.iter().map(|point| {
        let mut row = vec![demand_text(point.demand, language)];
        let values = point.values.iter().zip(&part.targets);
        row.extend(values.map(|(figure, target)| show_with_interval(figure, target.unit, language)));
        row
    });
    (headings, rows.collect())
}

/// The stations that are affected, and how long each needs where there is an end.
pub(super) fn station_rows(part: &DisturbancePart, language: Language) -> Rows {
    let mut headings = headed(
        language,
        &[("queue", "排队"), ("shows from", "显现时间"), ("more waiting, at worst", "最多增加人数")],
    );
    let has_end = part.to_s.is_some();
    if has_end {
        headings.extend(headed(
            language,
            &[("back to usual after", "恢复用时"), ("before closing", "关门前恢复")],
        ));
    }
    let rows = part.stations.iter().filter(|one| one.affected).map(|one| {
        let mut row = vec![
            one.title.in_language(language).to_owned(),
            one.shows_at_s.map_or_else(|| "–".to_owned(), |at| clock(at, language)),
            format!("{:.1}", one.most_extra),
        ];
        if let Some(recovery) = one.recovery.as_ref().filter(|_| has_end) {
            row.push(show_with_interval(&recovery.mean_s, Unit::Seconds, language));
            row.push(share(recovery.before_closing_share.value.unwrap_or(0.0), language));
        }
        row
    });
    (headings, rows.collect())
}

/// A verdict in words.
pub(super) fn verdict_text(verdict: &str, language: Language) -> &'static str {
    match verdict {
        "met" => language.pick("met", "达标"),
        "missed" => language.pick("missed", "未达标"),
        _ => language.pick("not sure yet", "尚不确定"),
    }
}

/// What else differs, and the waits that get shorter all the same, under their headings.
pub(super) fn differences(part: &DisturbancePart, language: Language) -> Vec<(&'static str, &[Words])> {
    let sections = [
        (language.pick("What else differs", "其他差异"), &part.comparison.findings[..]),
        (
            language.pick("Waits that get shorter all the same, and by what", "反而缩短的等候及其原因"),
            &part.relieved[..],
        ),
    ];
    sections.into_iter().filter(|(_, sentences)| !sentences.is_empty()).collect()
}

/// Targets without and with.
pub(super) fn verdict_rows(part: &DisturbancePart, language: Language) -> Rows {
    let headings =
        headed(language, &[("target", "目标"), ("without", "无扰动"), ("with", "有扰动"), ("", "")]);
    let rows = part.targets.iter().map(|one| {
        let value = |figure| show_with_interval(figure, one.unit, language);
        let (before, after) =
            (verdict_text(&one.base_verdict, language), verdict_text(&one.disturbed_verdict, language));
        let change = if before == after { before.to_owned() } else { format!("{before} → {after}") };
        vec![one.asked(language), value(&one.base), value(&one.disturbed), change]
    });
    (headings, rows.collect())
}
