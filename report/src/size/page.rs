//! The page of a sizing: one HTML file in both languages.

use super::SizeDocument;
use super::terminal::{boundary_rows, boundary_title, curve_rows, facts, schedule_rows};
use crate::html::{answer, both, escaped, figure, in_both, in_languages, words};
use crate::plots;
use crate::study::StudyPage;
use crate::words::Language;

/// The sizing as a page that opens in this language.
///
/// # Errors
/// None that can happen: the template is compiled in and written into memory.
pub fn render(document: &SizeDocument, opens_in: Language) -> Result<String, askama::Error> {
    StudyPage {
        opens_in,
        plain_title: document.title.or_name(&document.scenario, opens_in),
        title: format!("{}{}", both("How many are enough: ", "需要多少："), words(&document.title)),
        facts: in_both(|language| facts(document, language)),
        body: body(document),
        methods: &document.methods,
        command: &document.search.command,
    }
    .html()
}

fn body(document: &SizeDocument) -> String {
    let mut out = answer(&document.findings);
    let drawn = plots::size::all(document);
    let curve = drawn.iter().filter(|plot| plot.name.starts_with("curve"));
    curve.for_each(|plot| out.push_str(&figure(plot)));
    out.push_str(&in_languages(|language| curve_rows(document, language), 1));
    if document.rule.as_ref().is_some_and(|rule| !rule.boundary.is_empty()) {
        out.push_str(&format!("<h2>{}</h2>", in_both(|language| boundary_title(language).to_owned())));
        let boundary = drawn.iter().filter(|plot| plot.name == "rule");
        boundary.for_each(|plot| out.push_str(&figure(plot)));
        out.push_str(&in_languages(|language| boundary_rows(document, language).unwrap_or_default(), 1));
    }
    if let Some(schedule) = &document.schedule {
        out.push_str(&format!("<h2>{}</h2>", both("Schedule by hour", "分时段排班建议")));
        out.push_str(&in_languages(
            |language| schedule_rows(schedule, document.queueing.as_ref(), language),
            1,
        ));
        out.push_str(&format!("<pre><code>--set '{}'</code></pre>", escaped(&schedule.assignment)));
    }
    out
}
