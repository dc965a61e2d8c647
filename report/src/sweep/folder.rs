//! The folder of a sweep: what is studied and which runs are finished, and when all are, everything made of them.

use super::journal::{JOURNAL, MANIFEST, MANIFEST_FORMAT};
use super::{SweepDocument, page, table};
use crate::folder::{FolderError, FolderKind};
use crate::plots;
use crate::words::Language;
use std::path::Path;

const PAGE: &str = "sweep.html";
const TABLE: &str = "sweep.csv";
const SENSITIVITIES: &str = "sensitivities.csv";

/// The files that a sweep may write beside its plots, and their tables as Parquet.
const NAMES: [&str; 8] =
    [MANIFEST, JOURNAL, PAGE, "sweep.json", TABLE, SENSITIVITIES, "sweep.parquet", "sensitivities.parquet"];

/// The folder of a sweep.
pub const FOLDER: FolderKind = FolderKind {
    written_by: "sweep",
    sign: (MANIFEST, MANIFEST_FORMAT),
    // Parts are what a crash leaves of a file.
    may_hold: |name| NAMES.contains(&name) || name.ends_with(".svg") || name.ends_with(".part"),
};

/// Puts everything that is made of a finished sweep into its folder; the page opens in `language`.
///
/// # Errors
/// When the system refuses.
pub fn write_results(path: &Path, document: &SweepDocument, language: Language) -> Result<(), FolderError> {
    FOLDER.add(path, &files(document, language)?)
}

fn files(document: &SweepDocument, language: Language) -> Result<Vec<(String, Vec<u8>)>, FolderError> {
    let made = |name: &'static str, written: Result<Vec<u8>, csv::Error>| {
        written.map(|bytes| (name.to_owned(), bytes)).map_err(|source| FolderError::file(name, source))
    };
    let mut files = vec![made(TABLE, table::csv(document))?];
    if document.run.design.has_sensitivities() {
        files.push(made(SENSITIVITIES, table::sensitivities_csv(document))?);
    }
    let plots = plots::sweep::all(document);
    for plot in &plots {
        for language in Language::ALL {
            let name = format!("{}.{}.svg", plot.name, language.tag());
            files.push((name, plot.svg(language).as_bytes().to_vec()));
        }
    }
    let page = page::render(document, &plots, language).map_err(|source| FolderError::file(PAGE, source))?;
    files.push((PAGE.to_owned(), page.into_bytes()));
    files.push(("sweep.json".to_owned(), document.to_json().into_bytes()));
    Ok(files)
}
