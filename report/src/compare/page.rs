//! The page of a comparison: one HTML file in both languages.

use super::terminal::{difference_text, facts, nothing_text, pairing_text, patients_text, value_text};
use super::{AlternativePart, CompareDocument, reasons};
use crate::html::{answer, both, escaped, figure, in_both, list, table, words};
use crate::plots;
use crate::study::StudyPage;
use crate::words::{Language, Words};

/// The comparison as a page that opens in this language.
///
/// # Errors
/// None that can happen: the template is compiled in and written into memory.
pub fn render(document: &CompareDocument, opens_in: Language) -> Result<String, askama::Error> {
    render_behind(Origin::default(), document, opens_in)
}

/// What a comparison follows from.
#[derive(Clone, Copy, Default, Debug)]
pub struct Origin<'w> {
    /// What was found, the answer first.
    pub findings: &'w [Words],
    /// The trials by which it was found.
    pub trials: &'w [Words],
}

/// The same behind what it follows from.
///
/// # Errors
/// None that can happen: the template is compiled in and written into memory.
pub fn render_behind(
    origin: Origin<'_>,
    document: &CompareDocument,
    opens_in: Language,
) -> Result<String, askama::Error> {
    let title = |language: Language| document.base.title.or_name(&document.base.id, language);
    let sections = document.alternatives.iter().map(|one| section(document, one));
    let trials = match origin.trials {
        [] => String::new(),
        trials => format!("<p>{}</p>{}", both("Tried:", "试过："), list(trials)),
    };
    let body: String = [answer(origin.findings), trials].into_iter().chain(sections).collect();
    StudyPage {
        opens_in,
        plain_title: title(opens_in),
        title: format!("{}{}", both("What if: ", "对比："), in_both(|language| title(language).to_owned())),
        facts: in_both(|language| facts(document, language)),
        body,
        methods: &document.methods,
        command: &document.run.command,
    }
    .html()
}

fn section(document: &CompareDocument, one: &AlternativePart) -> String {
    let mut out = format!("<h2>{}</h2>\n", words(&one.scenario.title));
    if !one.scenario.set.is_empty() {
        let pairs = one.scenario.changes.iter().zip(&one.scenario.set);
        let set: Vec<String> = pairs
            .map(|(change, set)| format!("{} <small><code>{}</code></small>", words(change), escaped(set)))
            .collect();
        out.push_str(&format!("<p>{} {}</p>", both("with", "修改："), set.join(", ")));
    }
    if one.findings.is_empty() {
        let nothing = in_both(|language| nothing_text(one, language).to_owned());
        out.push_str(&format!("<p class=\"answer\">{nothing}</p>"));
    } else {
        out.push_str(&list(&one.findings));
        out.push_str(&reasons::note(&one.measures));
    }
    out.push_str(&format!("<p>{}</p>", in_both(|language| patients_text(one, language))));
    for plot in plots::compare::all(document, one) {
        out.push_str(&figure(&plot));
    }
    let headings = [
        both("measure", "指标"),
        both("base", "基准"),
        both("alternative", "方案"),
        both("difference", "差值"),
        both("pairing", "配对方差比"),
    ];
    let rows: Vec<Vec<String>> = one
        .measures
        .iter()
        .map(|part| {
            let difference = in_both(|language| difference_text(&part.difference, part.unit, language));
            vec![
                format!("{}<small><code>{}</code></small>", words(&part.title), escaped(&part.id)),
                in_both(|language| value_text(&part.base, part.unit, language)),
                in_both(|language| value_text(&part.alternative, part.unit, language)),
                if part.different { format!("<b>{difference}</b>") } else { difference },
                pairing_text(part),
            ]
        })
        .collect();
    out.push_str(&table(&headings, &rows, 1));
    let percent = crate::phrases::percent(document.run.level);
    out.push_str(&format!(
        "<p class=\"muted\">{}</p>",
        both(
            &format!(
                "Differences are alternative − base; all intervals of all alternatives hold together at {percent} %. \
                 Bold: it surely differs (Holm). Pairing: variance of the difference ÷ sum of the variances, so 0.1 \
                 means that shared luck saves nine replications of ten. {} more measures do not differ.",
                one.unchanged
            ),
            &format!(
                "差值为方案减基准；全部方案的全部区间以{percent}%的置信度同时成立。粗体表示差异可信（Holm）。配对方差比＝差值方差÷方差之和，\
                 0.1表示共同随机数节省九成重复次数。另有{}项指标无差异。",
                one.unchanged
            ),
        )
    ));
    out
}
