//! The folder of a run: page, plots, tables and the result for machines, all of them or none.

use super::{FolderError, FolderKind};
use crate::document::{FORMAT, RunDocument};
use crate::page;
use crate::plots;
use crate::tables;
use crate::visits::Visit;
use crate::words::Language;
use std::path::Path;

/// What goes into the folder.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// The result.
    pub document: &'a RunDocument,
    /// The visits of one watched run; empty to leave `visits.csv` out.
    pub visits: &'a [Visit],
    /// The language in which the page opens.
    pub language: Language,
}

/// The files that a run may write; anything else in a folder is not ours.
const NAMES: [&str; 14] = [
    "report.html",
    "result.json",
    "measures.csv",
    "stations.csv",
    "targets.csv",
    "visits.csv",
    "waits.en.svg",
    "waits.zh.svg",
    "queues.en.svg",
    "queues.zh.svg",
    "utilisation.en.svg",
    "utilisation.zh.svg",
    "visit-time.en.svg",
    "visit-time.zh.svg",
];

/// The folder of a run. Its tables may stand there as Parquet too.
pub const FOLDER: FolderKind = FolderKind {
    written_by: "run",
    sign: ("result.json", FORMAT),
    may_hold: |name| {
        let is_table = |stem: &str| NAMES.contains(&format!("{stem}.csv").as_str());
        NAMES.contains(&name) || name.strip_suffix(".parquet").is_some_and(is_table)
    },
};

/// Writes the folder. A folder from an earlier run is replaced.
///
/// # Errors
/// When the place is taken by something that is not from a run, or the system refuses. Nothing is then changed.
pub fn write_folder(path: &Path, report: &Report<'_>) -> Result<(), FolderError> {
    FOLDER.write(path, &files(report)?)
}

fn files(report: &Report<'_>) -> Result<Vec<(String, Vec<u8>)>, FolderError> {
    let document = report.document;
    let table = |name: &'static str, written: Result<Vec<u8>, csv::Error>| {
        written.map(|bytes| (name.to_owned(), bytes)).map_err(|source| FolderError::file(name, source))
    };
    let plots = plots::all(document);
    let page = page::render(document, &plots, report.language)
        .map_err(|source| FolderError::file("report.html", source))?;
    let mut files = vec![
        ("report.html".to_owned(), page.into_bytes()),
        ("result.json".to_owned(), document.to_json().into_bytes()),
        table("measures.csv", tables::measures(document))?,
        table("stations.csv", tables::stations(document))?,
    ];
    if document.scorecard.is_some() {
        files.push(table("targets.csv", tables::targets(document))?);
    }
    if !report.visits.is_empty() {
        files.push(table("visits.csv", tables::visits(document, report.visits))?);
    }
    for plot in &plots {
        for language in Language::ALL {
            let name = format!("{}.{}.svg", plot.name, language.tag());
            files.push((name, plot.svg(language).as_bytes().to_vec()));
        }
    }
    Ok(files)
}
