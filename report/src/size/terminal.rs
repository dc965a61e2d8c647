//! A sizing in words and tables.

use super::{QueueingPart, RulePart, SchedulePart, SizeDocument, numbers};
use crate::compare::terminal::{BOLD, DIM, table};
use crate::document::{Figure, Finding, Unit};
use crate::figures::{clock, count, counted, duration, finding, share, show_with_interval};
use crate::phrases::{capital, percent};
use crate::words::{Language, Words};

/// The sizing in one language.
pub fn render(document: &SizeDocument, language: Language, width: usize) -> String {
    let title = document.title.or_name(&document.scenario, language);
    let mut out = format!("{BOLD}{title}{BOLD:#}  {DIM}{}{DIM:#}\n", document.scenario);
    out.push_str(&format!("{DIM}{}{DIM:#}\n\n", facts(document, language)));
    for (at, finding) in document.findings.iter().enumerate() {
        let text = finding.in_language(language);
        out.push_str(&if at == 0 { format!("{BOLD}{text}{BOLD:#}\n") } else { format!("{text}\n") });
    }
    out.push('\n');
    let (headings, rows) = curve_rows(document, language);
    let headings: Vec<&str> = headings.iter().map(String::as_str).collect();
    out.push_str(&table(&headings, rows, 1, width));
    if let Some((headings, rows)) = boundary_rows(document, language) {
        let headings: Vec<&str> = headings.iter().map(String::as_str).collect();
        out.push_str(&format!("\n{BOLD}{}{BOLD:#}\n", boundary_title(language)));
        out.push_str(&table(&headings, rows, 1, width));
    }
    if let Some(schedule) = &document.schedule {
        let (headings, rows) = schedule_rows(schedule, document.queueing.as_ref(), language);
        let headings: Vec<&str> = headings.iter().map(String::as_str).collect();
        out.push_str(&format!("\n{BOLD}{}{BOLD:#}\n", language.pick("Schedule by hour", "分时段排班建议")));
        out.push_str(&table(&headings, rows, 1, width));
        out.push_str(&format!("{DIM}  --set '{}'{DIM:#}\n", schedule.assignment));
    }
    out
}

/// What was asked, and how much was run for it.
pub(crate) fn facts(document: &SizeDocument, language: Language) -> String {
    let search = &document.search;
    let conditions: Vec<String> = document.target.iter().map(|one| one.asked(language)).collect();
    let (runs, events) = (count(search.replications), count(search.events));
    match language {
        Language::English => format!(
            "asked: {} · {} % sure · {} · {events} events · rng seed {}",
            conditions.join(" and "),
            percent(search.confidence),
            counted(search.replications, "replication", "replications"),
            search.rng_seed
        ),
        Language::Chinese => format!(
            "目标 {} · 置信度{}% · {runs}次重复 · {events}个事件 · 随机种子 {}",
            conditions.join(" 且 "),
            percent(search.confidence),
            search.rng_seed
        ),
    }
}

/// What was found out, in sentences.
pub(super) fn findings(document: &SizeDocument) -> Vec<Words> {
    let mut all = vec![answer(document), promise(document)];
    for condition in &document.target {
        if let Some(step) = &condition.more_is_worse {
            all.push(Words::new(
                format!(
                    "More is not always better: {} gets worse {}{}.",
                    condition.title.en,
                    step.en,
                    if document.search.method == "dominance" {
                        "; leaving out combinations by comparison with smaller ones is then not safe"
                    } else {
                        ", so every number was checked"
                    }
                ),
                format!(
                    "并非越多越好：{}{}时，{}变差{}。",
                    document.knobs.first().map_or("", |knob| knob.title.in_language(Language::Chinese)),
                    step.zh,
                    condition.title.zh,
                    if document.search.method == "dominance" {
                        "，按大小关系排除组合的依据不充分"
                    } else {
                        "，因此逐个数量检验"
                    }
                ),
            ));
        }
    }
    all.extend(ends_of_ranges(document));
    all.extend(quantile_of_days(document));
    if document.search.method == "halving" {
        all.push(Words::new(
            "Along the curve more is never worse by more than the tolerance, so numbers were halved.",
            "沿曲线增加数量不会使指标变差（超出容差），因此采用二分查找。",
        ));
    }
    all.extend(document.queueing.as_ref().map(queueing));
    all.extend(document.rule.as_ref().map(|rule| verdict(rule, document)));
    all.extend(document.schedule.as_ref().map(schedule));
    all
}

/// That fewer were not asked about, where the answer stands at the lower end of a range.
fn ends_of_ranges(document: &SizeDocument) -> Option<Words> {
    let answer = document.answer.as_ref()?;
    let at_end: Vec<_> = document
        .knobs
        .iter()
        .zip(answer)
        .filter(|(knob, number)| **number == knob.from && knob.from > 1)
        .collect();
    if at_end.is_empty() {
        return None;
    }
    Some(Words::in_both(|language| {
        let named = at_end.iter().map(|(knob, number)| {
            let title = knob.title.in_language(language);
            match language {
                Language::English => format!("{title} at {number}"),
                Language::Chinese => format!("{title}为{number}"),
            }
        });
        let named = named.collect::<Vec<_>>().join(language.pick(", ", "、"));
        match language {
            Language::English => {
                format!(
                    "The answer stands at the lower end of what was tried ({named}): fewer might do, too."
                )
            }
            Language::Chinese => format!("结论位于所试范围的下限：{named}；更少也可能足够。"),
        }
    }))
}

/// What a limit on a quantile speaks of.
fn quantile_of_days(document: &SizeDocument) -> Option<Words> {
    let quantile =
        |measure: &str| -> Option<u32> { measure.rsplit('.').next()?.strip_prefix('p')?.parse().ok() };
    let percent = document.target.iter().find_map(|condition| quantile(&condition.measure))?;
    Some(Words::new(
        format!(
            "A limit on p{percent} is a limit on the p{percent} of a day's patients, averaged over days."
        ),
        format!("p{percent} 的限值针对每日患者的 p{percent} 在各日间的平均。"),
    ))
}

fn named(document: &SizeDocument, design: &[u32], language: Language) -> String {
    let pairs = document.knobs.iter().zip(design);
    let said = pairs.map(|(knob, number)| {
        let title = knob.title.in_language(language);
        match title.strip_suffix(language.pick("number", "数量")) {
            Some(place) => format!("{place}{number}"),
            None => format!("{title} = {number}"),
        }
    });
    capital(&said.collect::<Vec<_>>().join(language.pick(", ", "，")))
}

fn answer(document: &SizeDocument) -> Words {
    let values = |design: &[u32], language: Language| -> String {
        let texts: Vec<String> = document
            .target
            .iter()
            .enumerate()
            .filter_map(|(at, condition)| {
                let figure = document.value_at(design, at)?;
                Some(format!(
                    "{} {}",
                    condition.title.in_language(language),
                    show_with_interval(figure, condition.unit, language)
                ))
            })
            .collect();
        texts.join(language.pick(", ", "，"))
    };
    match (&document.answer, document.ending.as_str()) {
        (Some(design), ending) => {
            let several = document.knobs.len() > 1;
            let (en, zh) = match (several, ending == "unsure") {
                (false, false) => ("is the smallest number that holds the target", "是满足目标的最小数量"),
                (false, true) => (
                    "is the best guess; replications ran out before it was sure",
                    "为目前最佳估计，重复次数用尽前尚不能确定",
                ),
                (true, false) => {
                    ("is the cheapest combination that holds the target", "是满足目标的最低成本组合")
                }
                (true, true) => (
                    "is the best guess; replications ran out before it was sure",
                    "为目前最佳估计，重复次数用尽前尚不能确定",
                ),
            };
            let cost = document
                .cost
                .filter(|_| several)
                .map(|cost| finding(&Finding::Number(cost), None, Language::English))
                .map(|cost| (format!(" (cost {cost})"), format!("（成本{cost}）")));
            let (cost_en, cost_zh) = cost.unwrap_or_default();
            Words::new(
                format!(
                    "{} {en}{cost_en}: {}.",
                    named(document, design, Language::English),
                    values(design, Language::English)
                ),
                format!(
                    "{}{zh}{cost_zh}：{}。",
                    named(document, design, Language::Chinese),
                    values(design, Language::Chinese)
                ),
            )
        }
        (None, "none_holds") => {
            Words::new("No number in the range holds the target.", "所给范围内没有数量能满足目标。")
        }
        (None, "unsure") => Words::new(
            "No answer: replications ran out before it was sure that nothing in the range holds the target.",
            "没有结论：重复次数用尽前尚不能确定范围内是否有数量满足目标。",
        ),
        (None, _) => Words::new(
            "Stopped before there was an answer; the curve is what was finished.",
            "在得出结论前已停止；曲线为已完成部分。",
        ),
    }
}

fn promise(document: &SizeDocument) -> Words {
    let level = percent(document.search.confidence);
    let tolerance = |language: Language| -> String {
        let texts: Vec<String> = document
            .target
            .iter()
            .map(|condition| {
                let figure = Figure { value: Some(condition.tolerance), ..Figure::default() };
                show_with_interval(&figure, condition.unit, language)
            })
            .collect();
        texts.join(language.pick(", ", "、"))
    };
    let held = document.answer.as_ref().and_then(|design| {
        document.curve.iter().find(|point| &point.design == design).map(|point| point.days_held)
    });
    let days = |language: Language| {
        held.map_or_else(String::new, |held| {
            let text = show_with_interval(&held, Unit::Share, language);
            match language {
                Language::English => format!(" The limit is kept on {text} of single days."),
                Language::Chinese => format!("按单日计，{text}的日子满足限值。"),
            }
        })
    };
    Words::new(
        format!(
            "With probability {level} % every decision on the way is right for numbers that are off the limit by more \
             than {}; the target speaks of the mean over days.{}",
            tolerance(Language::English),
            days(Language::English)
        ),
        format!(
            "与限值相差超过{}的数量，全部判断正确的概率为{level}%；目标指各日平均值。{}",
            tolerance(Language::Chinese),
            days(Language::Chinese)
        ),
    )
}

fn queueing(part: &QueueingPart) -> Words {
    let needed = part.needed.map_or_else(|| "–".to_owned(), |needed| needed.to_string());
    let service = |language| duration(part.service_time_s, language);
    let busiest = part.arrivals_per_hour.iter().copied().fold(0.0, f64::max);
    if part.theory == "steady_state" {
        return Words::new(
            format!(
                "Queueing theory (M/M/c, {busiest:.1} an hour, {} of service) needs {needed}.",
                service(Language::English)
            ),
            format!(
                "排队论（M/M/c，每小时{busiest:.1}人，服务{}）需要{needed}。",
                service(Language::Chinese)
            ),
        );
    }
    let own = part.needed_by_hour.iter().copied().max().unwrap_or(0);
    Words::new(
        format!(
            "Queueing theory for the day (M_t/M/c, {busiest:.0} in the busiest hour, {} of service) needs {needed}; the \
             busiest hour by itself would need {own}. It takes the load of {} as given and lets nobody choose another \
             queue.",
            service(Language::English),
            part.title.en
        ),
        format!(
            "排队论（全天M_t/M/c，最忙小时{busiest:.0}人，服务{}）需要{needed}；仅看最忙小时需要{own}。\
             该结果以{}的到达量为给定，不考虑患者改排他队。",
            service(Language::Chinese),
            part.title.in_language(Language::Chinese)
        ),
    )
}

fn verdict(rule: &RulePart, document: &SizeDocument) -> Words {
    let visits = count(rule.annual_visits.round() as u64);
    let value = |language: Language| -> String {
        let pairs = rule.values.iter().zip(&document.target);
        let texts: Vec<String> = pairs
            .map(|(figure, condition)| {
                format!(
                    "{} {}",
                    condition.title.in_language(language),
                    show_with_interval(figure, condition.unit, language)
                )
            })
            .collect();
        texts.join(language.pick(", ", "，"))
    };
    let elsewhere = |language: Language| match (rule.elsewhere, language) {
        (0, _) => String::new(),
        (other, Language::English) => {
            format!(", {other} of them elsewhere in the hospital and {} in the hall", rule.tried)
        }
        (other, Language::Chinese) => format!("，其中{other}台在院内其他位置、大厅{}台", rule.tried),
    };
    let needed = |language: Language| match (rule.needed, language) {
        (Some(needed), Language::English) => format!("; {needed} are needed in the hall"),
        (Some(needed), Language::Chinese) => format!("；大厅需要{needed}台"),
        (None, _) => String::new(),
    };
    Words::new(
        format!(
            "The rule \"1 per 50,000 visits\" gives {} machines for {visits} visits a year{}: that {} the target ({}){}.",
            rule.by_rule,
            elsewhere(Language::English),
            if rule.holds { "holds" } else { "does not hold" },
            value(Language::English),
            needed(Language::English)
        ),
        format!(
            "“每5万人次1台”规则：年{visits}人次应配{}台{}，{}目标（{}）{}。",
            rule.by_rule,
            elsewhere(Language::Chinese),
            if rule.holds { "满足" } else { "不满足" },
            value(Language::Chinese),
            needed(Language::Chinese)
        ),
    )
}

fn schedule(part: &SchedulePart) -> Words {
    let hours = |hours: f64| format!("{hours:.1}");
    let (en, zh) = match part.flat_server_hours {
        Some(flat) => (
            format!(" instead of {} with the shifts there are, scaled to the answer", hours(flat)),
            format!("，现有班次按结论放大则为{}小时", hours(flat)),
        ),
        None => (String::new(), String::new()),
    };
    let (sure_en, sure_zh) = match (part.holds, part.sure) {
        (true, true) => ("holds the target", "满足目标"),
        (true, false) => ("holds the target as far as the replications tell", "就已有重复次数看满足目标"),
        (false, _) => ("does not hold the target yet", "尚未满足目标"),
    };
    Words::new(
        format!(
            "A schedule by hour for {} {sure_en} with {} hours of work a day{en}.",
            part.title.en,
            hours(part.server_hours)
        ),
        format!(
            "{}的分时段排班{sure_zh}，每日{}工时{zh}。",
            part.title.in_language(Language::Chinese),
            hours(part.server_hours)
        ),
    )
}

type Rows = (Vec<String>, Vec<Vec<String>>);

/// The curve as a table.
pub(crate) fn curve_rows(document: &SizeDocument, language: Language) -> Rows {
    let names: Vec<&str> = document.knobs.iter().map(|knob| knob.title.in_language(language)).collect();
    let mut headings = vec![names.join(language.pick(", ", "，"))];
    headings.extend(document.target.iter().map(|one| one.title.in_language(language).to_owned()));
    let theory = document.queueing.as_ref().filter(|part| !part.curve.is_empty());
    if theory.is_some() {
        headings.push(language.pick("by theory", "排队论").to_owned());
    }
    headings.push(language.pick("days held", "达标日占比").to_owned());
    headings.push(String::new());
    let rows = document
        .curve
        .iter()
        .map(|point| {
            let mut row = vec![numbers(&point.design)];
            let values = point.values.iter().zip(&document.target);
            row.extend(values.map(|(figure, one)| show_with_interval(figure, one.unit, language)));
            if let Some(theory) = theory {
                let value = theory.curve.iter().find(|(number, _)| point.design == [*number]);
                let unit = document.target[theory.condition].unit;
                row.push(value.map_or_else(
                    || "–".to_owned(),
                    |(_, value)| {
                        show_with_interval(
                            &Figure { value: Some(*value), ..Figure::default() },
                            unit,
                            language,
                        )
                    },
                ));
            }
            row.push(point.days_held.value.map_or_else(String::new, |held| share(held, language)));
            row.push(mark(document, &point.design, language));
            row
        })
        .collect();
    (headings, rows)
}

fn mark(document: &SizeDocument, design: &[u32], language: Language) -> String {
    let mut marks = Vec::new();
    if document.answer.as_deref() == Some(design) {
        marks.push(language.pick("← answer", "← 结论"));
    }
    if document.knobs.iter().map(|knob| knob.present).eq(design.iter().map(|&number| Some(number))) {
        marks.push(language.pick("today", "现有"));
    }
    if document.rule.as_ref().is_some_and(|rule| design == [rule.tried]) {
        marks.push(language.pick("rule", "规则"));
    }
    marks.join(language.pick(", ", "、"))
}

/// Heading of the boundary of the rule.
pub(crate) fn boundary_title(language: Language) -> &'static str {
    language.pick(
        "Where the rule breaks: most seconds at the machines per visit, by the share of a day in its busiest hour",
        "规则失效边界：最忙小时占比与人均用机秒数上限",
    )
}

/// The boundary as a table, where there is one.
pub(crate) fn boundary_rows(document: &SizeDocument, language: Language) -> Option<Rows> {
    let rule = document.rule.as_ref().filter(|rule| !rule.boundary.is_empty())?;
    let machines = |number: u32| match language {
        Language::English => counted(number.into(), "machine", "machines"),
        Language::Chinese => format!("{number}台"),
    };
    let mut headings = vec![language.pick("busiest hour", "最忙小时占比").to_owned(), machines(rule.tried)];
    if let Some(needed) = rule.needed {
        headings.push(machines(needed));
    }
    let seconds = |value: f64| match language {
        Language::English => format!("{value:.0} s"),
        Language::Chinese => format!("{value:.0} 秒"),
    };
    let mut rows: Vec<Vec<String>> = rule
        .boundary
        .iter()
        .map(|row| {
            let mut cells = vec![share(row.peak_share, language), seconds(row.seconds_by_rule)];
            if rule.needed.is_some() {
                cells.push(row.seconds_by_need.map_or_else(|| "–".to_owned(), seconds));
            }
            cells
        })
        .collect();
    if let (Some(peak), Some(here)) = (rule.peak_share, rule.seconds_per_visit) {
        let mut cells = vec![match language {
            Language::English => format!("here: {}", share(peak, language)),
            Language::Chinese => format!("本院：{}", share(peak, language)),
        }];
        cells.push(match language {
            Language::English => format!("uses {}", seconds(here)),
            Language::Chinese => format!("实际{}", seconds(here)),
        });
        if rule.needed.is_some() {
            cells.push(String::new());
        }
        rows.push(cells);
    }
    Some((headings, rows))
}

/// The schedule as a table.
pub(crate) fn schedule_rows(
    schedule: &SchedulePart,
    queueing: Option<&QueueingPart>,
    language: Language,
) -> Rows {
    let headings = [("hours", "时段"), ("on duty", "在岗"), ("arrivals an hour", "每小时到达")]
        .map(|(en, zh)| language.pick(en, zh).to_owned())
        .to_vec();
    let rows = schedule
        .shifts
        .iter()
        .map(|&(from, to, number)| {
            let hour = (from / 3600.0) as usize;
            let arrivals = queueing.and_then(|part| part.arrivals_per_hour.get(hour));
            vec![
                format!("{}–{}", clock(from, language), clock(to, language)),
                number.to_string(),
                arrivals.map_or_else(|| "–".to_owned(), |rate| format!("{rate:.0}")),
            ]
        })
        .collect();
    (headings, rows)
}
