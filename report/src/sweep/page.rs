//! The page of a sweep: one HTML file in both languages.

use super::SweepDocument;
use super::terminal::{FEW, Rows, end_rows, facts, point_rows, sensitivity_rows, sensitivity_title};
use crate::html::{both, escaped, figure_without_title, in_both, in_languages, list, table, words};
use crate::plots::Plot;
use crate::study::StudyPage;
use crate::words::Language;

/// Points whose table stands on the page; the whole one is in `sweep.csv`.
const MOST_POINTS: usize = 200;

/// The sweep as a page that opens in this language.
///
/// # Errors
/// None that can happen: the template is compiled in and written into memory.
pub fn render(document: &SweepDocument, plots: &[Plot], opens_in: Language) -> Result<String, askama::Error> {
    StudyPage {
        opens_in,
        plain_title: document.title.or_name(&document.scenario, opens_in),
        title: format!("{}{}", both("What acts, and how much: ", "因素与影响："), words(&document.title)),
        facts: in_both(|language| facts(document, language)),
        body: body(document, plots),
        methods: &document.methods,
        command: &document.run.command,
    }
    .html()
}

fn body(document: &SweepDocument, plots: &[Plot]) -> String {
    let mut out = list(&document.findings) + "\n";
    plots.iter().for_each(|plot| out.push_str(&figure_without_title(plot)));
    if document.run.design.has_sensitivities() {
        let title = in_both(|language| sensitivity_title(document, language).to_owned());
        let rows = |language: Language| -> Rows { sensitivity_rows(document, language) };
        out.push_str(&format!("<h2>{title}</h2>{}", in_languages(rows, 2)));
    }
    if document.points.len() > FEW {
        let end = |language: Language| -> Rows { end_rows(document, language) };
        let title = both("Smallest and largest", "最小与最大");
        out.push_str(&format!("<h2>{title}</h2>{}", in_languages(end, 1 + document.variables.len())));
    }
    if document.points.len() <= MOST_POINTS {
        let all = |language: Language| -> Rows { point_rows(document, 0..document.measures.len(), language) };
        out.push_str(&format!("<h2>{}</h2>{}", both("All points", "全部设计点"), in_languages(all, 0)));
    }
    let varied: Vec<Vec<String>> = document
        .variables
        .iter()
        .map(|variable| vec![words(&variable.title), format!("<code>{}</code>", escaped(&variable.text))])
        .collect();
    out.push_str(&format!("<h2>{}</h2>", both("What was varied", "变量")));
    out.push_str(&table(&[both("value", "数值"), both("as it is set", "设定写法")], &varied, 2));
    out.push_str(&format!("<h2>{}</h2>", both("What was measured", "指标定义")));
    let headings = [both("measure", "指标"), both("definition", "定义")];
    let rows: Vec<Vec<String>> = document
        .measures
        .iter()
        .map(|measure| {
            let id = format!("<small><code>{}</code></small>", escaped(&measure.id));
            vec![format!("{}{id}", words(&measure.title)), words(&measure.definition)]
        })
        .collect();
    out.push_str(&table(&headings, &rows, 2));
    out
}
