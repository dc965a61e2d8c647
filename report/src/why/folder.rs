//! The folder of an explanation: page, plots, table and the result for machines, all of them or none.

use super::{FORMAT, WhyDocument, page, tables};
use crate::folder::{FolderError, FolderKind};
use crate::plots;
use crate::words::Language;
use std::path::Path;

const PAGE: &str = "why.html";
const RESULT: &str = "why.json";
const TABLE: &str = "why.csv";
const PLOTS: [&str; 5] = ["stations", "hours", "median-visit", "worst-visit", "asked-visit"];

/// The folder of an explanation.
pub const FOLDER: FolderKind = FolderKind {
    written_by: "explanation",
    sign: (RESULT, FORMAT),
    may_hold: |name| {
        let plot = name.strip_suffix(".svg").and_then(|name| name.rsplit_once('.'));
        [PAGE, RESULT, TABLE].contains(&name)
            || plot.is_some_and(|(plot, tag)| {
                PLOTS.contains(&plot) && Language::ALL.iter().any(|language| language.tag() == tag)
            })
    },
};

/// Writes the folder; the page opens in `language`. A folder from an earlier explanation is replaced.
///
/// # Errors
/// When the place is taken by something else, or the system refuses. Nothing is then changed.
pub fn write_folder(path: &Path, document: &WhyDocument, language: Language) -> Result<(), FolderError> {
    let plots = plots::why::all(document);
    let page = page::render(document, &plots, language).map_err(|source| FolderError::file(PAGE, source))?;
    let table = tables::causes(document).map_err(|source| FolderError::file(TABLE, source))?;
    let mut files = vec![
        (PAGE.to_owned(), page.into_bytes()),
        (RESULT.to_owned(), document.to_json().into_bytes()),
        (TABLE.to_owned(), table),
    ];
    for plot in &plots {
        for language in Language::ALL {
            let name = format!("{}.{}.svg", plot.name, language.tag());
            files.push((name, plot.svg(language).as_bytes().to_vec()));
        }
    }
    FOLDER.write(path, &files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_knows_its_files() {
        for name in ["why.html", "why.json", "why.csv", "hours.en.svg", "asked-visit.zh.svg"] {
            assert!((FOLDER.may_hold)(name), "{name}");
        }
        for name in ["result.json", "hours.svg", "hours.fr.svg", "other.en.svg", "why.html.bak"] {
            assert!(!(FOLDER.may_hold)(name), "{name}");
        }
    }
}
