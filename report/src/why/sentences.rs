//! What stands out, in sentences.

use super::{CauseTime, StationCauses, ToldPart, WhyDocument};
use crate::document::ScenarioKind;
use crate::figures::{clock, duration, whole_percent};
use crate::phrases::capital;
use crate::words::{Language, Words};

/// Stations that are given a sentence at most.
const STATIONS: usize = 5;
/// A station or a cause with less than this share of what is lost is not worth a word.
const WORTH_SAYING: f64 = 0.02;
/// Causes of waiting in line; the others have sentences of their own.
const IN_LINE: [&str; 5] = ["behind_others", "overtaken", "not_open_yet", "off_duty", "machine_down"];

pub(super) fn of(document: &WhyDocument) -> Vec<Words> {
    if document.visits.ended == 0 {
        let nobody =
            Words::new("No visit ended, so there is nothing to explain.", "没有已结束的就诊，无可分析。");
        return vec![nobody];
    }
    let mut findings = vec![Words::in_both(|language| overall(document, language))];
    let lost = document.visits.wait_s.value.unwrap_or(0.0);
    let queues = document.stations.iter().filter(|station| {
        station.id.is_some() && in_line_s(station) > 0.0 && in_line_s(station) >= WORTH_SAYING * lost
    });
    let mut queues: Vec<&StationCauses> = queues.collect();
    queues.sort_by(|a, b| in_line_s(b).total_cmp(&in_line_s(a)));
    findings.extend(
        queues
            .iter()
            .take(STATIONS)
            .map(|station| Words::in_both(|language| queue(document, station, language))),
    );
    findings.extend(other_waits(document, lost));
    findings.extend(worst_hour(document));
    findings
        .extend(document.told.iter().map(|told| Words::in_both(|language| visit(document, told, language))));
    findings
}

fn is_in_line(time: &CauseTime) -> bool {
    IN_LINE.contains(&time.cause.as_str())
}

/// Mean time in line at a station, in seconds of a visit.
fn in_line_s(station: &StationCauses) -> f64 {
    station.causes.iter().filter(|time| is_in_line(time)).map(|time| time.time_s.value.unwrap_or(0.0)).sum()
}

fn overall(document: &WhyDocument, language: Language) -> String {
    let (inside, lost) =
        (document.visits.sojourn_s.value.unwrap_or(0.0), document.visits.wait_s.value.unwrap_or(0.0));
    let share = whole_percent(if inside > 0.0 { lost / inside } else { 0.0 }, language);
    let (inside, lost) = (duration(inside, language), duration(lost, language));
    let parts = named(
        document
            .causes
            .iter()
            .filter(|cause| cause.wait)
            .map(|cause| (cause.id.as_str(), cause.time_s.value)),
        document,
        language,
    );
    let parts =
        if parts.is_empty() { String::new() } else { format!("{}{parts}", language.pick(": ", "：")) };
    match language {
        Language::English => format!("Of {inside} inside, a mean visit loses {lost} ({share}){parts}."),
        Language::Chinese => format!("每次就诊平均在院{inside}，其中{lost}（{share}）为等候{parts}。"),
    }
}

/// Causes with their times, the largest first, those worth a word.
fn named<'a>(
    times: impl Iterator<Item = (&'a str, Option<f64>)>,
    document: &WhyDocument,
    language: Language,
) -> String {
    let mut times: Vec<(&str, f64)> = times.filter_map(|(id, time)| Some((id, time?))).collect();
    let total: f64 = times.iter().map(|(_, time)| time).sum();
    times.retain(|(_, time)| *time > 0.0 && *time >= WORTH_SAYING * total);
    times.sort_by(|a, b| b.1.total_cmp(&a.1));
    let said = times.iter().map(|(id, time)| {
        let title = document.cause(id).map_or(*id, |cause| cause.title.in_language(language));
        let because = because(id, language).unwrap_or(title);
        match language {
            Language::English => format!("{} {because}", duration(*time, language)),
            Language::Chinese => format!("{because}{}", duration(*time, language)),
        }
    });
    said.collect::<Vec<_>>().join(language.pick(", ", "，"))
}

/// A cause as part of a sentence.
fn because(id: &str, language: Language) -> Option<&'static str> {
    Some(match id {
        "behind_others" => language.pick("behind others", "排在他人之后"),
        "overtaken" => language.pick("while others who came later were called first", "被后来者先叫"),
        "not_open_yet" => language.pick("because nobody had come on duty yet", "因尚无人上岗"),
        "off_duty" => language.pick("because staff was on a break or gone", "因午休或停办"),
        "machine_down" => language.pick("because a machine was down", "因设备故障"),
        "blocked" => language.pick("held because the next place was full", "因下一处已满滞留"),
        "served_in_vain" => language.pick("of service in vain", "服务作废"),
        _ => return None,
    })
}

fn queue(document: &WhyDocument, station: &StationCauses, language: Language) -> String {
    let all = in_line_s(station);
    let each = if station.users_share > 0.0 { all / station.users_share } else { 0.0 };
    let times: Vec<(&str, Option<f64>)> = station
        .causes
        .iter()
        .filter(|time| is_in_line(time))
        .map(|time| {
            let each = time.time_s.value.map(|time| time / station.users_share.max(f64::MIN_POSITIVE));
            (time.cause.as_str(), each)
        })
        .collect();
    let parts = named(times.iter().copied(), document, language);
    let users = whole_percent(station.users_share, language);
    let (title, each) = (station.title.in_language(language), duration(each, language));
    match language {
        Language::English => {
            format!(
                "{}: {each} in line for each of the {users} of visits that come here: {parts}.",
                capital(title)
            )
        }
        Language::Chinese => format!("{title}：到此的{users}就诊者人均排队{each}，其中{parts}。"),
    }
}

/// Waits that are no queue: results, medicine, sessions, booked times.
fn other_waits(document: &WhyDocument, lost: f64) -> Option<Words> {
    let others: Vec<(&str, Option<f64>)> = document
        .causes
        .iter()
        .filter(|cause| cause.wait && !IN_LINE.contains(&cause.id.as_str()))
        .map(|cause| (cause.id.as_str(), cause.time_s.value))
        .collect();
    let total: f64 = others.iter().filter_map(|(_, time)| *time).sum();
    if total <= 0.0 || total < WORTH_SAYING * lost {
        return None;
    }
    Some(Words::in_both(|language| {
        let parts = named(others.iter().copied(), document, language);
        let total = duration(total, language);
        match language {
            Language::English => format!("{total} of a mean visit are lost outside queues: {parts}."),
            Language::Chinese => format!("每次就诊在队列之外平均另耗{total}：{parts}。"),
        }
    }))
}

fn worst_hour(document: &WhyDocument) -> Option<Words> {
    let waiting = |hour: &super::HourCauses| hour.waiting.value.unwrap_or(0.0);
    let worst = document.hours.iter().max_by(|a, b| waiting(a).total_cmp(&waiting(b)))?;
    if waiting(worst) < 0.05 {
        return None;
    }
    let main = document.main_wait(worst)?;
    Some(Words::in_both(|language| {
        let title = document.cause(&main.cause).map_or("", |cause| cause.title.in_language(language));
        let (all, most) = (people(waiting(worst)), people(main.patients.value.unwrap_or(0.0)));
        let (from, to) = (worst.hour, worst.hour + 1);
        match language {
            Language::English => format!(
                "Most wait from {from:02}:00 to {to:02}:00: {all} patients at a time, {most} of them for the reason “{title}”."
            ),
            Language::Chinese => {
                format!("{from:02}:00–{to:02}:00等候者最多：同时平均{all}人，其中{most}人原因为“{title}”。")
            }
        }
    }))
}

pub(super) fn people(count: f64) -> String {
    if count < 10.0 { format!("{count:.1}") } else { format!("{count:.0}") }
}

/// When a told visit was.
pub(super) fn when(document: &WhyDocument, told: &ToldPart, language: Language) -> String {
    let (replication, day) = (told.replication, told.day);
    let is_hospital = document.scenario.kind == ScenarioKind::Hospital;
    match (document.run.days, language) {
        (1, Language::English) => format!("replication {replication}"),
        (_, Language::English) => {
            format!("{} {day} of replication {replication}", if is_hospital { "day" } else { "run" })
        }
        (1, Language::Chinese) => format!("第{replication}次重复"),
        (_, Language::Chinese) => {
            format!("第{replication}次重复第{day}{}", if is_hospital { "天" } else { "轮" })
        }
    }
}

/// Which visit it is.
pub(super) fn teller(document: &WhyDocument, told: &ToldPart, language: Language) -> String {
    use super::{ByPart, TellerPart};
    match (told.teller, document.run.by) {
        (TellerPart::Median, ByPart::Sojourn) => {
            language.pick("The median visit of all", "全部就诊中在院时间居中的就诊")
        }
        (TellerPart::Median, ByPart::Wait) => {
            language.pick("The visit with the median wait of all", "全部就诊中等候居中的就诊")
        }
        (TellerPart::Worst, ByPart::Sojourn) => {
            language.pick("The longest visit of all", "全部就诊中在院时间最长的就诊")
        }
        (TellerPart::Worst, ByPart::Wait) => {
            language.pick("The visit with the longest wait of all", "全部就诊中等候最长的就诊")
        }
        (TellerPart::Asked, _) => language.pick("The visit asked for", "所查询的就诊"),
    }
    .to_owned()
}

fn visit(document: &WhyDocument, told: &ToldPart, language: Language) -> String {
    let which = teller(document, told, language);
    let (from, to) = (clock(told.arrived_at_s, language), clock(told.left_at_s, language));
    let (inside, lost) = (duration(told.sojourn_s, language), duration(told.wait_s, language));
    let longest = told.steps.iter().filter(|step| step.wait).max_by_key(|step| step.time_us);
    let longest = longest.map(|step| {
        let time = duration(step.time_us as f64 / 1e6, language);
        let what = step.what.in_language(language);
        match language {
            Language::English => format!("; its longest wait is {time} (“{what}”)"),
            Language::Chinese => format!("；最长一段等候{time}（{what}）"),
        }
    });
    let longest = longest.unwrap_or_default();
    let (patient, when) = (told.patient.in_language(language), when(document, told, language));
    match language {
        Language::English => format!(
            "{which} ({patient}; {when}, {from} to {to}): {inside} inside, {lost} of it lost{longest}."
        ),
        Language::Chinese => {
            format!("{which}（{when}，{patient}，{from}至{to}）：在院{inside}，其中等候{lost}{longest}。")
        }
    }
}
