//! The folder of a run: page, plots, tables and the result for machines, all of them or none.

use crate::document::{FORMAT, RunDocument};
use crate::page;
use crate::placing::{Refused, put_whole};
use crate::plots;
use crate::tables;
use crate::visits::Visit;
use crate::words::Language;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

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

/// Why a folder was not written. Whatever was in its place is untouched.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FolderError {
    /// Something else is there.
    #[error("`{}` exists and is not a folder; accepted: a new folder, an empty one, or one from an earlier run", path.display())]
    NotAFolder {
        /// The place asked for.
        path: PathBuf,
    },
    /// A folder with files that no run wrote.
    #[error(
        "`{}` holds `{}`, which does not come from a run; accepted: a new folder, an empty one, or one from an earlier run",
        path.display(), stranger.to_string_lossy()
    )]
    NotOurs {
        /// The folder asked for.
        path: PathBuf,
        /// A file in it.
        stranger: OsString,
    },
    /// A table could not be written.
    #[error("table `{name}`: {source}")]
    Table {
        /// Its file.
        name: &'static str,
        /// Why.
        source: csv::Error,
    },
    /// The page could not be written.
    #[error("page `report.html`: {0}")]
    Page(#[from] askama::Error),
    /// The system refuses.
    #[error("`{}`: {source}", path.display())]
    Io {
        /// Where.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl From<Refused> for FolderError {
    fn from(refused: Refused) -> FolderError {
        FolderError::Io { path: refused.path, source: refused.source }
    }
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

/// Writes the folder. A folder from an earlier run is replaced.
///
/// # Errors
/// When the place is taken by something that is not from a run, or the system refuses. Nothing is then changed.
pub fn write_folder(path: &Path, report: &Report<'_>) -> Result<(), FolderError> {
    let is_taken = check_place(path)?;
    let files = files(report)?;
    Ok(put_whole(path, is_taken, &files)?)
}

/// Whether a folder is there already that may be replaced; asked before a long run, so that its report finds its place.
///
/// # Errors
/// When the place is taken by something that is not from a run, or the system does not tell.
pub fn check_place(path: &Path) -> Result<bool, FolderError> {
    let failed = |source| FolderError::Io { path: path.to_owned(), source };
    let found = match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        found => found.map_err(failed)?,
    };
    if !found.is_dir() {
        return Err(FolderError::NotAFolder { path: path.to_owned() });
    }
    let mut names = Vec::new();
    for entry in fs::read_dir(path).map_err(failed)? {
        names.push(entry.map_err(failed)?.file_name());
    }
    names.sort();
    let is_ours = |name: &OsString| NAMES.iter().any(|ours| name == ours);
    let stranger = names.iter().find(|name| !is_ours(name)).or_else(|| {
        // All names could be ours by chance; the result says whether they are.
        let says_so = fs::read_to_string(path.join("result.json")).is_ok_and(|text| text.contains(FORMAT));
        names.first().filter(|_| !says_so)
    });
    match stranger {
        Some(stranger) => Err(FolderError::NotOurs { path: path.to_owned(), stranger: stranger.clone() }),
        None => Ok(true),
    }
}

fn files(report: &Report<'_>) -> Result<Vec<(String, Vec<u8>)>, FolderError> {
    let document = report.document;
    let table = |name: &'static str, written: Result<Vec<u8>, csv::Error>| {
        written.map(|bytes| (name.to_owned(), bytes)).map_err(|source| FolderError::Table { name, source })
    };
    let plots = plots::all(document);
    let page = page::render(document, &plots, report.language)?;
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
