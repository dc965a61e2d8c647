//! What a person sees of an inspection on a terminal.

use super::document::{
    BulletinPart, ChangePart, HospitalPart, InspectionDocument, LookBackPart, TriedPart, VisitPart,
};
use super::wording::{chance, figure, percent};
use super::writing::{number, points};
use crate::figures::{clock, count, counted, duration, show_with_interval};
use crate::words::Language;
use std::fmt::Write;

/// The inspection in a page or two of text.
pub fn render(document: &InspectionDocument, language: Language) -> String {
    let mut text = String::new();
    let say = |en: &'static str, zh: &'static str| language.pick(en, zh);
    line(&mut text, document.title.in_language(language));
    let period = match language {
        Language::English => format!(
            "{}, {} to each hospital, {}, rng seed {}",
            counted(document.weeks.into(), "week", "weeks"),
            counted(document.visits.into(), "visit", "visits"),
            counted(document.replications.into(), "simulated day", "simulated days"),
            document.rng_seed
        ),
        Language::Chinese => format!(
            "{}周，每院{}次体验，模拟{}天，随机种子{}",
            document.weeks, document.visits, document.replications, document.rng_seed
        ),
    };
    line(&mut text, &period);
    for rule in document.rules.iter().filter(|rule| rule.standing == "not_kept") {
        let remark = rule.remark.as_ref().map_or("", |remark| remark.in_language(language));
        let title = rule.title.in_language(language);
        line(&mut text, &format!("! {}: {title}: {remark}", say("rule not kept", "未遵守规则")));
    }
    for hospital in &document.hospitals {
        text.push('\n');
        one_hospital(&mut text, document, hospital, language);
    }
    if let Some(period) = document.bulletin.last() {
        text.push('\n');
        line(&mut text, say("Bulletin, the whole period", "通报（整个周期）"));
        bulletin(&mut text, period, language);
    }
    text
}

fn line(text: &mut String, words: &str) {
    let _ = writeln!(text, "{words}");
}

fn one_hospital(
    text: &mut String,
    document: &InspectionDocument,
    hospital: &HospitalPart,
    language: Language,
) {
    let say = |en: &'static str, zh: &'static str| language.pick(en, zh);
    let ids = |ids: &[String]| ids.iter().map(|id| number(id)).collect::<Vec<_>>().join(", ");
    line(text, &format!("{} ({})", hospital.title.in_language(language), hospital.name));
    for visit in &hospital.inspections {
        visit_lines(text, hospital, visit, language);
    }
    let label = say("chance to pass, one visit / all", "通过概率：一次 / 全部");
    line(text, &format!("  {label} {}", document.visits));
    for item in hospital.items.iter().filter(|item| item.measured) {
        let title = item.title.in_language(language);
        let (one, all) = (chance(&item.one_visit, language), chance(&item.all_visits, language));
        line(text, &format!("    {:>3}  {one} / {all}  {title}", number(&item.id)));
    }
    let (one, all) =
        (chance(&hospital.measured_in_one, language), chance(&hospital.measured_in_all, language));
    line(text, &format!("    {}  {one} / {all}", say("all measured items", "全部测量项")));
    if !hospital.missed_for_certain.is_empty() {
        let missed = ids(&hospital.missed_for_certain);
        line(
            text,
            &format!(
                "  {}{missed}",
                say(
                    "the form cannot pass; missed whatever a visit shows: ",
                    "整表不能通过；无论体验如何必不达标："
                )
            ),
        );
    }
    if !hospital.open.is_empty() {
        line(text, &format!("  {}{}", say("open, to be answered: ", "待定，需作答："), ids(&hospital.open)));
    }
    if let Some(score) = &hospital.score {
        let (low, high) = (points(score.at_least), points(score.at_most));
        let lost = points(score.lost);
        line(text, &format!("  {} {low} – {high} ({} {lost})", say("points", "得分"), say("lost", "已扣")));
    }
    if let Some(change) = &hospital.change {
        change_lines(text, change, language);
    }
    if let Some(back) = &hospital.look_back {
        look_back_lines(text, back, language);
    }
}

fn visit_lines(text: &mut String, hospital: &HospitalPart, visit: &VisitPart, language: Language) {
    let (arrived, left) = (clock(visit.arrived_at_s, language), clock(visit.left_at_s, language));
    let waited = duration(visit.waited_s, language);
    let start = match language {
        Language::English => {
            format!("  visit {}, week {}: {arrived}–{left}, {waited} waiting;", visit.number, visit.week)
        }
        Language::Chinese => {
            format!("  第{}次，第{}周：{arrived}–{left}，等候{waited}；", visit.number, visit.week)
        }
    };
    let mut seen = Vec::new();
    for row in &visit.rows {
        let measured = hospital.items.iter().find(|item| item.id == row.item && item.measured);
        let Some(item) = measured else { continue };
        for (field, check) in row.fields.iter().zip(&item.checks) {
            if check.spread.is_some() && field.value.is_some() {
                let mark = if field.mark == "passes" { "✓" } else { "✗" };
                seen.push(format!(
                    "{} {} {mark}",
                    number(&check.id),
                    field.value_words.in_language(language)
                ));
            }
        }
    }
    line(text, &format!("{start} {}", seen.join(language.pick(", ", "，"))));
}

fn change_lines(text: &mut String, change: &ChangePart, language: Language) {
    let (item, wanted) = (number(&change.item), percent(change.wanted, language));
    let Some(best) = change.cheapest.map(|index| &change.tried[index]) else {
        let words = match language {
            Language::English => {
                format!("  item {item} is most likely to fail; no change tried reaches {wanted}")
            }
            Language::Chinese => format!("  第{item}项最易不过；已尝试的改动均未达{wanted}"),
        };
        line(text, &words);
        return;
    };
    let (title, yuan) = (best.title.in_language(language), count(best.cost_yuan.round().max(0.0) as u64));
    let reached = chance(&best.chance, language);
    let words = match language {
        Language::English => format!(
            "  item {item} is most likely to fail; of the changes tried the cheapest that reaches {wanted}: {title} \
             ({reached}, {yuan} yuan a year by the stated costs)"
        ),
        Language::Chinese => {
            format!(
                "  第{item}项最易不过；已尝试改动中达到{wanted}的最省者：{title}（{reached}，按所列成本{yuan}元/年）"
            )
        }
    };
    line(text, &words);
    let settings = |tried: &TriedPart| {
        let all = tried.set.iter().map(|set| format!("--set '{set}'"));
        format!("    {}", all.collect::<Vec<_>>().join(" "))
    };
    line(text, &settings(best));
    if change.cheapest == change.cheapest_sure {
        return;
    }
    match change.cheapest_sure.map(|index| &change.tried[index]) {
        Some(sure) => {
            let (title, yuan) =
                (sure.title.in_language(language), count(sure.cost_yuan.round().max(0.0) as u64));
            let reached = chance(&sure.chance, language);
            let words = match language {
                Language::English => format!(
                    "    that is not sure, as the interval reaches lower; surely enough: {title} ({reached}, {yuan} yuan a year)"
                ),
                Language::Chinese => {
                    format!("    该结论尚不确定（区间下限未达）；确定足够者：{title}（{reached}，{yuan}元/年）")
                }
            };
            line(text, &words);
            line(text, &settings(sure));
        }
        None => line(
            text,
            language.pick(
                "    that is not sure, as the interval reaches lower; more simulated days (--replications) would tell",
                "    该结论尚不确定（区间下限未达）；增加模拟天数（--replications）可进一步判断",
            ),
        ),
    }
}

fn look_back_lines(text: &mut String, back: &LookBackPart, language: Language) {
    line(text, &format!("  {} {}", language.pick("follow-up at", "回头看："), back.name));
    for one in &back.figures {
        let title = one.title.in_language(language);
        let (before, after) = (figure(one.before, one.unit), figure(one.after, one.unit));
        let difference = show_with_interval(&one.difference, one.unit, language);
        let chances = [one.chance_before, one.chance_after]
            .map(|share| share.map_or_else(|| "–".to_owned(), |share| percent(share, language)));
        let (before, after) = (before.in_language(language), after.in_language(language));
        line(
            text,
            &format!(
                "    {:>3}  {before} → {after} ({difference}); {} {} → {}  {title}",
                number(&one.check),
                language.pick("chance", "通过概率"),
                chances[0],
                chances[1]
            ),
        );
    }
    let all = (chance(&back.measured_before, language), chance(&back.measured_after, language));
    line(text, &format!("    {}  {} → {}", language.pick("all measured items", "全部测量项"), all.0, all.1));
}

fn bulletin(text: &mut String, table: &BulletinPart, language: Language) {
    for row in &table.rows {
        let share = row.passed_share.map_or_else(|| "–".to_owned(), |share| percent(share, language));
        let name = row.title.in_language(language);
        let words = match language {
            Language::English => {
                format!(
                    "  {}. {name} ({}): {} good, {} not good, {share}",
                    row.rank, row.hospital, row.passed, row.failed
                )
            }
            Language::Chinese => {
                format!(
                    "  {}. {name}（{}）：合格{}项，不合格{}项，{share}",
                    row.rank, row.hospital, row.passed, row.failed
                )
            }
        };
        let score = row
            .points
            .map_or_else(String::new, |held| format!(", {} {}", points(held), language.pick("points", "分")));
        line(text, &format!("{words}{score}"));
    }
}
