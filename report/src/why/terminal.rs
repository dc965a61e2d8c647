//! Causes of waiting on a terminal: findings, tables by cause, station and hour, and visits as timelines.

use super::sentences::{teller, when};
use super::{CauseTime, HourCauses, StationCauses, ToldPart, WhyDocument};
use crate::compare::terminal::table;
use crate::document::{Figure, Unit};
use crate::figures::{clock, count, counted, duration, show_with_interval, whole_percent};
use crate::phrases::{percent, replications_of};
use crate::terminal::{MINIMUM_WIDTH, bar, bullet, fitted, heading};
use crate::words::{Language, Words};
use anstyle::{AnsiColor, Style};
use unicode_width::UnicodeWidthStr;

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const LOST: Style = AnsiColor::Red.on_default();
const SERVED: Style = AnsiColor::Green.on_default();
const OTHER: Style = AnsiColor::Cyan.on_default();
/// Stations in the table.
const STATIONS: usize = 12;
/// The column of a station's row that the page has and a terminal has no room for.
const ALL_TIME: usize = 2;
/// Columns of a timeline.
const TIMELINE: usize = 36;

/// The causes in one language; `width` columns.
pub fn render(document: &WhyDocument, language: Language, width: usize) -> String {
    let width = width.max(MINIMUM_WIDTH);
    let mut out = headline(document, language);
    for finding in &document.findings {
        out.push_str(&bullet(finding.in_language(language), width));
    }
    if document.visits.ended == 0 {
        return out;
    }
    for section in [
        causes(document, language, width),
        stations(document, language, width),
        hours(document, language, width),
        classes(document, language, width),
    ] {
        out.push('\n');
        out.push_str(&section);
    }
    for told in &document.told {
        out.push('\n');
        out.push_str(&timeline(document, told, language));
    }
    out
}

fn headline(document: &WhyDocument, language: Language) -> String {
    let title = document.title(language);
    let id = if title == document.scenario.id { "" } else { &document.scenario.id };
    let mut out =
        format!("{BOLD}{title}{BOLD:#}  {DIM}{id}{DIM:#}\n{DIM}{}{DIM:#}\n", facts(document, language));
    if document.run.cut_short {
        out.push_str(crate::phrases::cut_short(language));
        out.push('\n');
    }
    out.push('\n');
    out
}

/// How it was run, and whose time it is.
pub(super) fn facts(document: &WhyDocument, language: Language) -> String {
    let (run, visits) = (&document.run, &document.visits);
    let replications = replications_of(document.scenario.kind, (run.replications, run.days), language);
    let percent = percent(run.level);
    let (ended, left_out) = (count(visits.ended), visits.began_in_warm_up + visits.still_inside);
    let mut text = match language {
        Language::English => {
            let visits = counted(visits.ended, "visit", "visits");
            format!("{replications} · {percent} % intervals · {visits} · rng seed {}", run.rng_seed)
        }
        Language::Chinese => {
            format!("{replications} · {percent}%置信区间 · {ended}次就诊 · 随机种子{}", run.rng_seed)
        }
    };
    if left_out > 0 {
        text.push_str(&match language {
            Language::English => {
                format!(" · {} not counted (begun in the warm-up, or not ended)", count(left_out))
            }
            Language::Chinese => format!(" · 另有{}次未计（始于预热期或未结束）", count(left_out)),
        });
    }
    text
}

fn causes(document: &WhyDocument, language: Language, width: usize) -> String {
    let headings = [
        language.pick("cause", "原因"),
        language.pick("a visit", "每次就诊"),
        language.pick("share", "占比"),
        "",
    ];
    let rows = document
        .causes
        .iter()
        .filter(|cause| cause.time_us > 0)
        .map(|cause| {
            let mark = if cause.wait { "• " } else { "  " };
            vec![
                format!("{mark}{}", cause.title.in_language(language)),
                show_with_interval(&cause.time_s, Unit::Seconds, language),
                whole_percent(cause.share, language),
                bar(cause.share, 20).trim_end().to_owned(),
            ]
        })
        .collect();
    let note = language.pick(
        "• lost to the patient; the parts add up to the time inside",
        "• 为患者损失的时间；各项之和即在院时间",
    );
    let mut text = heading(language.pick("Causes", "原因"), note);
    text.push_str(&table_with_bars(&headings, rows, width));
    text
}

/// The bars stand in the last column and lean left.
fn table_with_bars(headings: &[&str], mut rows: Vec<Vec<String>>, width: usize) -> String {
    let bars: Vec<String> = rows.iter_mut().map(|row| row.pop().unwrap_or_default()).collect();
    let text = table(&headings[..headings.len() - 1], rows, 1, width);
    let lines: Vec<&str> = text.lines().collect();
    let widest = lines.iter().map(|line| line.width()).max().unwrap_or(0);
    let mut out = String::new();
    for (index, line) in lines.iter().enumerate() {
        out.push_str(line);
        let bar = index.checked_sub(2).and_then(|row| bars.get(row)).filter(|bar| !bar.is_empty());
        if let Some(bar) = bar {
            let gap = widest - line.width() + 2;
            out.push_str(&format!("{}{LOST}{bar}{LOST:#}", " ".repeat(gap)));
        }
        out.push('\n');
    }
    out
}

/// Time put down to any of these causes.
fn sum(causes: &[CauseTime], wanted: &[&str]) -> f64 {
    let wanted = causes.iter().filter(|time| wanted.contains(&time.cause.as_str()));
    wanted.map(|time| time.time_s.value.unwrap_or(0.0)).sum()
}

fn or_dot(seconds: f64, language: Language) -> String {
    if seconds > 0.0 { duration(seconds, language) } else { "·".to_owned() }
}

/// A time with its interval.
fn or_dot_with_interval(figure: &Figure, language: Language) -> String {
    if figure.value.is_some_and(|seconds| seconds > 0.0) {
        show_with_interval(figure, Unit::Seconds, language)
    } else {
        "·".to_owned()
    }
}

/// Columns of the stations' table: heading and causes.
pub(super) fn columns(language: Language) -> [(&'static str, &'static [&'static str]); 5] {
    [
        (language.pick("behind", "排队"), &["behind_others"]),
        (language.pick("overtaken", "被先叫"), &["overtaken"]),
        (language.pick("no staff", "无人"), &["not_open_yet", "off_duty"]),
        (language.pick("down", "故障"), &["machine_down"]),
        (language.pick("served", "服务"), &["being_served", "served_in_vain", "paying_by_phone"]),
    ]
}

/// A row of the stations' table: visits that come here, time lost and all time, then the columns.
pub(super) fn station_row(station: &StationCauses, language: Language) -> Vec<String> {
    let mut row = vec![
        station.title.in_language(language).to_owned(),
        whole_percent(station.users_share, language),
        or_dot_with_interval(&station.time_s, language),
        or_dot_with_interval(&station.wait_s, language),
    ];
    row.extend(columns(language).iter().map(|(_, causes)| or_dot(sum(&station.causes, causes), language)));
    row
}

/// Headings of [`station_row`].
pub(super) fn station_headings(language: Language) -> Vec<&'static str> {
    let mut headings = vec![
        language.pick("station", "站点"),
        language.pick("visits", "就诊占比"),
        language.pick("in all", "合计"),
        language.pick("lost", "等候"),
    ];
    headings.extend(columns(language).iter().map(|(heading, _)| *heading));
    headings
}

fn stations(document: &WhyDocument, language: Language, width: usize) -> String {
    let mut headings = station_headings(language);
    let shown = document.stations.iter().filter(|station| station.id.is_some()).take(STATIONS);
    let mut rows: Vec<Vec<String>> = shown.map(|station| station_row(station, language)).collect();
    // The page has all columns; here those go that say nothing, and the one that there is no room for.
    let is_empty = |column: usize| column > ALL_TIME && rows.iter().all(|row| row[column] == "·");
    let kept: Vec<usize> =
        (0..headings.len()).filter(|&column| column != ALL_TIME && !is_empty(column)).collect();
    rows = rows.iter().map(|row| kept.iter().map(|&column| row[column].clone()).collect()).collect();
    headings = kept.iter().map(|&column| headings[column]).collect();
    let cell_width = |column: usize| rows.iter().map(|row| row[column].width()).max().unwrap_or(0);
    let others: usize =
        (1..headings.len()).map(|column| cell_width(column).max(headings[column].width()) + 3).sum();
    // A name is cut before it makes the table wrap.
    let widest = cell_width(0).min(width.saturating_sub(others + 3).max(12));
    rows.iter_mut().for_each(|row| row[0] = fitted(&row[0], widest));
    let note = language.pick(
        "mean of a visit, over all visits; the way to a station counts there",
        "对全部就诊平均；前往途中计入该站点",
    );
    let mut text = heading(language.pick("By station", "按站点"), note);
    text.push_str(&table(&headings, rows, 1, width));
    text
}

/// Headings of [`hour_row`].
pub(super) fn hour_headings() -> [(&'static str, &'static str); 4] {
    [("hour", "时段"), ("inside", "在院"), ("waiting", "等候中"), ("mostly", "主因")]
}

/// A row of the table of hours: the hour, who is inside, who of them waits, and for what most.
pub(super) fn hour_row(document: &WhyDocument, hour: &HourCauses, language: Language) -> Vec<String> {
    let main = document.main_wait(hour).and_then(|one| document.cause(&one.cause));
    vec![
        format!("{:02}–{:02}", hour.hour, hour.hour + 1),
        show_with_interval(&hour.patients, Unit::Count, language),
        show_with_interval(&hour.waiting, Unit::Count, language),
        main.map_or("·", |cause| cause.title.in_language(language)).to_owned(),
    ]
}

fn hours(document: &WhyDocument, language: Language, width: usize) -> String {
    let most = document.hours.iter().filter_map(|hour| hour.patients.value).fold(0.0, f64::max);
    let headings = hour_headings();
    let mut headings: Vec<&str> = headings.iter().map(|(en, zh)| language.pick(en, zh)).collect();
    headings.push("");
    let rows = document
        .hours
        .iter()
        .map(|hour| {
            let waiting = hour.waiting.value.unwrap_or(0.0);
            let mut row = hour_row(document, hour, language);
            row.push(bar(if most > 0.0 { waiting / most } else { 0.0 }, 24).trim_end().to_owned());
            row
        })
        .collect();
    let note = language.pick("patients at a time; bars: those waiting", "同时人数；条形为等候者");
    let mut text = heading(language.pick("By hour", "按时段"), note);
    text.push_str(&table_with_bars(&headings, rows, width));
    text
}

fn classes(document: &WhyDocument, language: Language, width: usize) -> String {
    if document.classes.len() < 2 {
        return String::new();
    }
    let headings = [
        language.pick("class of patient", "患者类别"),
        language.pick("visits", "就诊"),
        language.pick("inside", "在院"),
        language.pick("lost", "等候"),
        language.pick("behind others", "排在后面"),
        language.pick("overtaken", "被后来者先叫"),
    ];
    let rows = document
        .classes
        .iter()
        .map(|class| {
            let of = |id: &str| {
                let time = class.causes.iter().find(|one| one.cause == id);
                time.and_then(|one| one.time_s.value).unwrap_or(0.0)
            };
            vec![
                class.title.in_language(language).to_owned(),
                count(class.visits),
                show_with_interval(&class.sojourn_s, Unit::Seconds, language),
                show_with_interval(&class.wait_s, Unit::Seconds, language),
                or_dot(of("behind_others"), language),
                or_dot(of("overtaken"), language),
            ]
        })
        .collect();
    let mut text = heading(language.pick("By class of patient", "按患者类别"), "");
    text.push_str(&table(&headings, rows, 1, width));
    text
}

/// Which visit a timeline is of, in a line.
pub(crate) fn visit_title(document: &WhyDocument, told: &ToldPart) -> Words {
    Words::in_both(|language| {
        let which = teller(document, told, language);
        let inside = duration(told.sojourn_s, language);
        let lost = duration(told.wait_s, language);
        match language {
            Language::English => format!("{which}: {inside} inside, {lost} lost"),
            Language::Chinese => format!("{which}：在院{inside}，等候{lost}"),
        }
    })
}

/// Whose visit it was, when, and how it is asked for.
pub(super) fn who(document: &WhyDocument, told: &ToldPart, language: Language) -> String {
    let (patient, class) = (told.patient.in_language(language), told.class.in_language(language));
    format!("{patient} · {class} · {} · --patient {}", when(document, told, language), told.asked_by)
}

/// What a step was, with who else was called.
pub(super) fn step_text(step: &super::StepPart, language: Language) -> String {
    let what = step.what.in_language(language);
    match (step.others_called, step.others_later, language) {
        (None | Some(0), ..) => what.to_owned(),
        (Some(1), later, Language::English) => {
            format!("{what} (1 other called{})", if later == Some(1) { ", who came later" } else { "" })
        }
        (Some(called), None | Some(0), Language::English) => format!("{what} ({called} others called)"),
        (Some(called), Some(later), Language::English) => {
            format!("{what} ({called} others called, {later} of them came later)")
        }
        (Some(called), None | Some(0), Language::Chinese) => format!("{what}（其间叫号{called}人）"),
        (Some(called), Some(later), Language::Chinese) => {
            format!("{what}（其间叫号{called}人，{later}人后到）")
        }
    }
}

fn timeline(document: &WhyDocument, told: &ToldPart, language: Language) -> String {
    let title = visit_title(document, told);
    let mut out = heading(title.in_language(language), &who(document, told, language));
    let key = match language {
        Language::English => ["lost", "served", "walking, preparing, pausing"],
        Language::Chinese => ["等候", "服务", "步行、准备等"],
    };
    out.push_str(&format!(
        "  {LOST}█{LOST:#} {}  {SERVED}▓{SERVED:#} {}  {OTHER}░{OTHER:#} {}\n",
        key[0], key[1], key[2]
    ));
    let length = (told.left_at_s - told.arrived_at_s).max(1e-6);
    let column = |seconds: f64| (seconds - told.arrived_at_s) / length * TIMELINE as f64;
    for step in &told.steps {
        let from = (column(step.from_s).floor() as usize).min(TIMELINE - 1);
        let to = (column(step.to_s).ceil() as usize).clamp(from + 1, TIMELINE);
        let (style, glyph) = match (step.wait, step.cause.as_str()) {
            (true, _) => (LOST, "█"),
            (false, "being_served" | "paying_by_phone") => (SERVED, "▓"),
            _ => (OTHER, "░"),
        };
        let bar = format!(
            "{}{style}{}{style:#}{}",
            " ".repeat(from),
            glyph.repeat(to - from),
            " ".repeat(TIMELINE - to)
        );
        let time = duration(step.time_us as f64 / 1e6, language);
        let gap = " ".repeat(8_usize.saturating_sub(time.width()));
        let begins = clock(step.from_s, language);
        out.push_str(&format!(
            "  {begins} {DIM}│{DIM:#}{bar}{DIM:#}{DIM}│{DIM:#} {gap}{time}  {}\n",
            step_text(step, language)
        ));
    }
    let leaves = if told.completed {
        language.pick("leaves", "离院")
    } else {
        language.pick("leaves without having been seen", "未就诊离院")
    };
    out.push_str(&format!("  {} {leaves}\n", clock(told.left_at_s, language)));
    out
}
