//! The page of a stress test: one HTML file in both languages.

use super::disturbance::cost_rows;
use super::passage::passage_rows;
use super::terminal::{
    Rows, cost_heading, curve_rows, differences, facts, limit_rows, load_rows, station_rows, verdict_rows,
};
use super::{DisturbancePart, StressDocument};
use crate::compare::reasons;
use crate::html::{answer, both, figure, in_both, in_languages, list, words};
use crate::plots::{Plot, stress};
use crate::study::StudyPage;
use crate::words::Language;

/// The stress test as a page that opens in this language.
///
/// # Errors
/// None that can happen: the template is compiled in and written into memory.
pub fn render(document: &StressDocument, opens_in: Language) -> Result<String, askama::Error> {
    StudyPage {
        opens_in,
        plain_title: document.title.or_name(&document.scenario, opens_in),
        title: format!("{}{}", both("Under stress: ", "压力测试："), words(&document.title)),
        facts: in_both(|language| facts(document, language)),
        body: body(document),
        methods: &document.methods,
        command: &document.run.command,
    }
    .html()
}

/// The plots of a stress test, for files of their own.
pub(super) fn plots(document: &StressDocument) -> Vec<Plot> {
    stress::all(document)
}

fn body(document: &StressDocument) -> String {
    let mut out: String =
        document.stress.iter().map(|stress| format!("<p class=\"muted\">{}</p>\n", words(stress))).collect();
    out.push_str(&answer(&document.findings));
    let plots: String = plots(document).iter().map(figure).collect();
    if let Some(part) = &document.demand {
        out.push_str(&plots);
        out.push_str(&section(("How far targets hold", "目标可承受的需求"), |language| {
            limit_rows(part, language)
        }));
        out.push_str(&section(("Where waiting grows", "等候增长之处"), |language| {
            load_rows(part, language)
        }));
        out.push_str(&section(("The curve", "曲线数据"), |language| curve_rows(part, language)));
    }
    if let Some(part) = &document.disturbance {
        out.push_str(&disturbance(part, document.run.days, &plots));
    }
    out
}

/// Tables first: a picture as tall as half a page then follows where printed pages have room for it.
fn disturbance(part: &DisturbancePart, days: u32, plots: &str) -> String {
    let mut out = section(("What it costs", "代价"), |language| {
        (cost_heading(days, language), cost_rows(part, language))
    });
    out.push_str(&section(("Queues", "排队"), |language| station_rows(part, language)));
    out.push_str(&format!(
        "<p class=\"muted\">{}</p>",
        both(
            "A queue is affected when, in some ten minutes, it is longer by at least one patient on average and surely so \
             (paired, 99.9 %). It is back to usual at the first instant after the end from which, for ten minutes, no more \
             wait than the longest queue of those ten minutes on 19 of 20 undisturbed days.",
            "某个十分钟内平均至少多一人等候且可信（配对比较，99.9%），即为受影响。结束后首个时刻，若此后十分钟内等候人数不超过20个平日中19日同一\
             十分钟的最长排队，即为恢复。"
        )
    ));
    out.push_str(plots);
    out.push_str(&section(("While it lasts", "扰动期间"), |language| {
        passage_rows(&part.passages, language)
    }));
    out.push_str(&section(("Targets", "目标"), |language| verdict_rows(part, language)));
    let sections = differences(part, Language::English).into_iter().zip(differences(part, Language::Chinese));
    for ((en, sentences), (zh, _)) in sections {
        out.push_str(&format!("<h2>{}</h2>{}", both(en, zh), list(sentences)));
    }
    out.push_str(&reasons::note(&part.comparison.measures));
    out
}

/// A heading and a table; nothing where there are no rows.
fn section((en, zh): (&str, &str), rows: impl Fn(Language) -> Rows) -> String {
    if rows(Language::English).1.is_empty() {
        return String::new();
    }
    format!("<h2>{}</h2>\n{}", both(en, zh), in_languages(rows, 1))
}
