//! The folder of an inspection: page, forms and the result for machines, all of them or none.

use super::document::{FORMAT, InspectionDocument};
use super::{page, sheet, writing};
use crate::placing::{Refused, put_whole};
use crate::words::Language;
use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

const PAGE: &str = "inspection.html";
const RESULT: &str = "inspection.json";

/// Why a folder was not written. Whatever was in its place is untouched.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FolderError {
    /// Something else is there.
    #[error("`{}` exists and is not a folder; accepted: a new folder, an empty one, or one from an earlier inspection", path.display())]
    NotAFolder {
        /// The place asked for.
        path: PathBuf,
    },
    /// A folder with files that no inspection wrote.
    #[error(
        "`{}` holds `{}`, which does not come from an inspection; accepted: a new folder, an empty one, or one from an \
         earlier inspection",
        path.display(), stranger.to_string_lossy()
    )]
    NotOurs {
        /// The folder asked for.
        path: PathBuf,
        /// A file in it.
        stranger: OsString,
    },
    /// The page could not be written.
    #[error("page `inspection.html`: {0}")]
    Page(#[from] askama::Error),
    /// A sheet could not be written.
    #[error("sheet `{name}`: {source}")]
    Sheet {
        /// Its file.
        name: String,
        /// Why.
        source: rust_xlsxwriter::XlsxError,
    },
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

/// Writes the folder; the page opens in `language`. A folder from an earlier inspection is replaced.
///
/// # Errors
/// When the place is taken by something that is not from an inspection, or the system refuses. Nothing is then changed.
pub fn write_folder(
    path: &Path,
    document: &InspectionDocument,
    language: Language,
) -> Result<(), FolderError> {
    let is_taken = check_place(path)?;
    let files = files(document, language)?;
    Ok(put_whole(path, is_taken, &files)?)
}

/// Whether a folder is there already that may be replaced.
fn check_place(path: &Path) -> Result<bool, FolderError> {
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
    let is_form =
        |name: &OsStr| Path::new(name).extension().is_some_and(|ending| ending == "docx" || ending == "xlsx");
    let is_ours = |name: &OsString| name == PAGE || name == RESULT || is_form(name);
    let stranger = names.iter().find(|name| !is_ours(name)).or_else(|| {
        // Forms could be anybody's; the result says whether they are ours.
        let says_so = fs::read_to_string(path.join(RESULT)).is_ok_and(|text| text.contains(FORMAT));
        names.first().filter(|_| !says_so)
    });
    match stranger {
        Some(stranger) => Err(FolderError::NotOurs { path: path.to_owned(), stranger: stranger.clone() }),
        None => Ok(true),
    }
}

/// The stem of a hospital's files: the last part of its name, as letters, digits, `-` and `_`.
fn stem(name: &str, taken: &mut BTreeSet<String>) -> String {
    let last = Path::new(name)
        .file_stem()
        .map_or_else(|| name.to_owned(), |stem| stem.to_string_lossy().into_owned());
    let plain: String =
        last.chars().map(|c| if c.is_alphanumeric() || c == '-' || c == '_' { c } else { '-' }).collect();
    let mut stem = plain.clone();
    let mut count = 1;
    while !taken.insert(stem.clone()) {
        count += 1;
        stem = format!("{plain}-{count}");
    }
    stem
}

fn files(document: &InspectionDocument, language: Language) -> Result<Vec<(String, Vec<u8>)>, FolderError> {
    let mut files = vec![
        (PAGE.to_owned(), page::render(document, language)?.into_bytes()),
        (RESULT.to_owned(), document.to_json().into_bytes()),
    ];
    let mut taken = BTreeSet::new();
    for hospital in &document.hospitals {
        let stem = stem(&hospital.name, &mut taken);
        let (text, table) = (format!("{stem}.docx"), format!("{stem}.xlsx"));
        let failed = |source| FolderError::Io { path: text.clone().into(), source };
        files.push((text.clone(), writing::docx(document, hospital).map_err(failed)?));
        let sheet = sheet::xlsx(document, hospital);
        files.push((table.clone(), sheet.map_err(|source| FolderError::Sheet { name: table, source })?));
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_two_hospitals_never_have_one_name() {
        let mut taken = BTreeSet::new();
        let names = ["a/county.toml", "county", "x y", "杭州.toml"].map(|name| stem(name, &mut taken));
        assert_eq!(names, ["county", "county-2", "x-y", "杭州"]);
    }
}
