//! The page: rules, chances, forms, stories, bulletin in one HTML file, both languages in it.

use super::document::{
    BulletinPart, CheckAsked, FieldPart, HospitalPart, InspectionDocument, ItemPart, RowPart, RulePart,
    StepPart, VisitPart,
};
use super::wording;
use super::writing::points;
use crate::document::{Figure, Unit, Verdict};
use crate::figures::{clock, count, counted, duration, show_with_interval};
use crate::html::{self, both, escaped, in_both};
use crate::words::{Language, Words};
use askama::Template;
use std::borrow::Borrow;

/// The inspection as a page that opens in this language.
///
/// # Errors
/// None that can happen: the template is compiled in and written into memory.
pub(super) fn render(document: &InspectionDocument, opens_in: Language) -> Result<String, askama::Error> {
    Page { document, opens_in }.render()
}

#[derive(Template)]
#[template(path = "inspection.html")]
struct Page<'a> {
    document: &'a InspectionDocument,
    opens_in: Language,
}

/// What the template asks for. Everything ends as HTML that is safe to insert.
impl Page<'_> {
    fn say(&self, en: &str, zh: &str) -> String {
        both(en, zh)
    }

    fn words(&self, words: &Words) -> String {
        html::words(words)
    }

    /// Chinese with English under it, whatever the page's language: forms are so.
    fn form_words(&self, words: &Words) -> String {
        if words.is_empty() {
            return String::new();
        }
        let (zh, en) = (escaped(words.in_language(Language::Chinese)), escaped(&words.en));
        if zh == en { zh } else { format!("{zh}<i>{en}</i>") }
    }

    fn plain_title(&self) -> String {
        self.opens_in.pick("Inspection", "体验检查").to_owned()
    }

    fn facts(&self) -> String {
        let document = self.document;
        in_both(|language| match language {
            Language::English => format!(
                "{} · {}, {} to each hospital · {} · rng seed {} · onetrip {}",
                document.title.en,
                counted(document.weeks.into(), "week", "weeks"),
                counted(document.visits.into(), "visit", "visits"),
                counted(document.replications.into(), "simulated day", "simulated days"),
                document.rng_seed,
                document.version
            ),
            Language::Chinese => format!(
                "{} · {}周，每院{}次 · 模拟{}天 · 随机种子{} · onetrip {}",
                document.title.zh,
                document.weeks,
                document.visits,
                document.replications,
                document.rng_seed,
                document.version
            ),
        })
    }

    fn standing(&self, rule: &RulePart) -> String {
        match rule.standing.as_str() {
            "kept" => format!("<span class=\"met\">{}</span>", both("kept", "遵守")),
            "not_kept" => format!("<span class=\"missed\">{}</span>", both("not kept", "未遵守")),
            _ => format!("<span class=\"open\">{}</span>", both("does not arise", "不适用")),
        }
    }

    fn chance(&self, figure: &Figure) -> String {
        in_both(|language| wording::chance(figure, language))
    }

    fn share(&self, share: impl Borrow<f64>) -> String {
        in_both(|language| wording::percent(*share.borrow(), language))
    }

    fn passes(&self, hospital: &HospitalPart) -> String {
        match hospital.passes {
            None => "–".to_owned(),
            Some(_) if !hospital.missed_for_certain.is_empty() => self.share(0.0),
            Some(_) => self.chance(&hospital.measured_in_all),
        }
    }

    fn ids(&self, ids: &[String]) -> String {
        let short: Vec<&str> = ids.iter().map(|id| id.rsplit('/').next().unwrap_or(id)).collect();
        in_both(|language| short.join(language.pick(", ", "、")))
    }

    fn number(&self, id: &str) -> String {
        escaped(id.rsplit('/').next().unwrap_or(id))
    }

    fn item<'b>(&self, hospital: &'b HospitalPart, id: &str) -> Option<&'b ItemPart> {
        hospital.items.iter().find(|item| item.id == id)
    }

    fn items_of<'b>(&self, hospital: &'b HospitalPart, group: &str) -> Vec<&'b ItemPart> {
        hospital.items.iter().filter(|item| item.group == group).collect()
    }

    fn measured<'b>(&self, hospital: &'b HospitalPart) -> Vec<&'b ItemPart> {
        hospital.items.iter().filter(|item| item.measured).collect()
    }

    fn rest(&self, item: &ItemPart) -> String {
        match item.rest.as_str() {
            "met" => format!("<span class=\"met\">{}</span>", both("met", "达标")),
            "missed" => format!("<span class=\"missed\">{}</span>", both("missed for certain", "必不达标")),
            "open" => format!("<span class=\"unsure\">{}</span>", both("open", "待定")),
            _ => format!("<span class=\"open\">{}</span>", both("not asked", "不适用")),
        }
    }

    fn check<'b>(&self, item: &'b ItemPart, id: &str) -> Option<&'b CheckAsked> {
        item.checks.iter().find(|check| check.id == id)
    }

    fn mark_class(&self, mark: &str) -> &'static str {
        match mark {
            "passes" => "met",
            "fails" => "missed",
            "by_hand" => "unsure",
            _ => "open",
        }
    }

    /// The bar and what was found, Chinese in one line and English under it.
    fn found(&self, field: &FieldPart, check: &CheckAsked) -> String {
        if field.mark == "not_asked" {
            return self.form_words(&field.value_words);
        }
        // The words of a list stand in the field itself, ticked or not.
        let is_list = field.value_words.zh.contains(['☑', '☐']);
        let line = |language: Language| {
            let bar = if is_list { "" } else { check.bar.in_language(language) };
            let value = match field.value_words.in_language(language) {
                "" => "<span class=\"line\"></span>".to_owned(),
                value => format!("<b>{}</b>", escaped(value)),
            };
            if bar.is_empty() { value } else { format!("{} · {value}", escaped(bar)) }
        };
        let (zh, en) = (line(Language::Chinese), line(Language::English));
        if zh == en { zh } else { format!("{zh}<i>{en}</i>") }
    }

    fn how_it_was_made(&self, hospital: &HospitalPart) -> String {
        let whose = match self.document.hospitals.len() {
            1 => String::new(),
            _ => format!("<p class=\"muted\">{}</p>\n", html::words(&hospital.title)),
        };
        format!("{}{whose}", html::methods(&hospital.methods, &self.document.command))
    }

    /// Where the fields of a row come from, each once.
    fn sources<'b>(&self, row: &'b RowPart) -> Vec<&'b Words> {
        let mut sources: Vec<&Words> = Vec::new();
        for field in row.fields.iter().filter(|field| !field.source_words.is_empty()) {
            if !sources.contains(&&field.source_words) {
                sources.push(&field.source_words);
            }
        }
        sources
    }

    fn thousands(&self, number: impl Borrow<u64>) -> String {
        count(*number.borrow())
    }

    fn due(&self, item: &ItemPart) -> String {
        escaped(item.due_by.as_deref().unwrap_or("–"))
    }

    fn points(&self, value: impl Borrow<f64>) -> String {
        points(*value.borrow())
    }

    fn verdict(&self, verdict: &Verdict) -> String {
        let (class, en, zh) = match verdict {
            Verdict::Met => ("met", "met", "达标"),
            Verdict::Missed => ("missed", "missed", "未达标"),
            Verdict::NotSureYet => ("unsure", "not sure yet", "尚难判定"),
            Verdict::NotAssessed => ("open", "not assessed", "未评"),
            Verdict::NotSimulatedYet => ("open", "not simulated yet", "尚未模拟"),
            Verdict::NotApplicable => ("open", "not asked", "不适用"),
        };
        format!("<span class=\"{class}\">{}</span>", both(en, zh))
    }

    fn visit_line(&self, visit: &VisitPart) -> String {
        let stay = visit.left_at_s - visit.arrived_at_s;
        in_both(|language| {
            let (arrived, left) = (clock(visit.arrived_at_s, language), clock(visit.left_at_s, language));
            let (stay, waited) = (duration(stay, language), duration(visit.waited_s, language));
            match language {
                Language::English => format!(
                    "{} patient, {}{} · day {} · {arrived} to {left}: {stay} in the hospital, {waited} of it waiting",
                    visit.class.en,
                    if visit.booked { "booked" } else { "walking in" },
                    if visit.off_hours { ", at off hours" } else { "" },
                    visit.day + 1,
                ),
                Language::Chinese => format!(
                    "{}，{}{} · 第{}天 · {arrived}至{left}：在院{stay}，其中等候{waited}",
                    visit.class.zh,
                    if visit.booked { "预约就诊" } else { "现场就诊" },
                    if visit.off_hours { "，非工作时间" } else { "" },
                    visit.day + 1,
                ),
            }
        })
    }

    fn groups(&self, visit: &VisitPart) -> String {
        let titles = |language: Language| {
            let of = |id: &String| self.document.groups.iter().find(|group| group.id == *id);
            let all: Vec<&str> =
                visit.groups.iter().filter_map(of).map(|group| group.title.in_language(language)).collect();
            all.join(language.pick(", ", "、"))
        };
        in_both(titles)
    }

    fn from(&self, step: &StepPart) -> String {
        in_both(|language| clock(step.from_s, language))
    }

    fn length(&self, step: &StepPart) -> String {
        let seconds = step.to_s - step.from_s;
        if seconds <= 0.0 { String::new() } else { in_both(|language| duration(seconds, language)) }
    }

    fn figure(&self, value: impl Borrow<f64>, unit: &Unit) -> String {
        self.words(&wording::figure(*value.borrow(), *unit))
    }

    fn mean(&self, value: &Option<f64>, unit: &Unit) -> String {
        value.map_or_else(|| "–".to_owned(), |value| self.figure(value, unit))
    }

    fn difference(&self, figure: &Figure, unit: &Unit) -> String {
        in_both(|language| show_with_interval(figure, *unit, language))
    }

    fn optional_share(&self, share: &Option<f64>) -> String {
        share.map_or_else(|| "–".to_owned(), |share| self.share(share))
    }

    fn yuan(&self, yuan: impl Borrow<f64>) -> String {
        count(yuan.borrow().round().max(0.0) as u64)
    }

    fn week(&self, table: &BulletinPart) -> String {
        match table.week {
            Some(week) => both(&format!("Week {week}"), &format!("第{week}周")),
            None => both("The whole period", "整个周期"),
        }
    }

    fn set(&self, assignments: &[String]) -> String {
        assignments.iter().map(|one| format!("--set '{}'", escaped(one))).collect::<Vec<_>>().join(" ")
    }
}
