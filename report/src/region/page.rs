//! The page of a region's day: one HTML file in both languages.

use super::{MeasureValue, RegionDocument};
use crate::html::{both, in_both, table, words};
use crate::study::StudyPage;
use crate::words::Language;

/// The region's day as a page that opens in this language.
///
/// # Errors
/// None that can happen: the template is compiled in and written into memory.
pub(super) fn render(document: &RegionDocument, opens_in: Language) -> Result<String, askama::Error> {
    let [classes, shards] = tables(document);
    let cut_short = if document.is_cut_short {
        format!("<p class=\"answer\">{}</p>", in_both(|language| document.cut_short(language).to_owned()))
    } else {
        String::new()
    };
    StudyPage {
        opens_in,
        plain_title: document.region.title.in_language(opens_in),
        title: words(&document.region.title),
        facts: in_both(|language| document.facts(language)),
        body: format!(
            "{cut_short}<p>{}</p>\n<h2>{}</h2>\n{classes}\n<h2>{}</h2>\n{shards}\n<h2>{}</h2>\n<dl>{}</dl>",
            in_both(|language| document.ending(language)),
            both("Kinds of facility", "机构类别"),
            both("Parts", "地区"),
            both("What the figures mean", "指标定义"),
            definitions(document),
        ),
        methods: &document.methods,
        command: &document.command,
    }
    .html()
}

/// The measures of the first table, in their own words.
fn definitions(document: &RegionDocument) -> String {
    let item = |measure: &MeasureValue| {
        format!("<dt>{}</dt><dd>{}</dd>\n", words(&measure.title), words(&measure.definition))
    };
    document.shown().map(item).collect()
}

/// Both tables, each cell in both languages.
fn tables(document: &RegionDocument) -> [String; 2] {
    let [english, chinese] = Language::ALL.map(|language| document.tables(language));
    let mut shown = english.into_iter().zip(chinese).map(|(english, chinese)| {
        let row = |(en, zh): (Vec<String>, Vec<String>)| -> Vec<String> {
            en.iter().zip(&zh).map(|(en, zh)| both(en, zh)).collect()
        };
        let mut rows: Vec<Vec<String>> = english.into_iter().zip(chinese).map(row).collect();
        let headings = rows.remove(0);
        table(&headings, &rows, 1)
    });
    [(); 2].map(|()| shown.next().unwrap_or_default())
}
