//! The folder of an inspection: page, forms and the result for machines, all of them or none.

use super::document::{FORMAT, InspectionDocument};
use super::{page, sheet, writing};
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
    let beside = |ending: &str| {
        let mut name = OsString::from(".");
        name.push(path.file_name().unwrap_or(path.as_os_str()));
        name.push(format!(".{ending}-{}", std::process::id()));
        path.with_file_name(name)
    };
    let (fresh, old) = (beside("new"), beside("old"));
    let failed = |place: &Path, source| FolderError::Io { path: place.to_owned(), source };
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        fs::create_dir_all(parent).map_err(|error| failed(parent, error))?;
    }
    let moved = write_all(&fresh, &files).and_then(|()| {
        if is_taken {
            fs::rename(path, &old).map_err(|error| failed(path, error))?;
        }
        fs::rename(&fresh, path).map_err(|error| {
            // Put the old one back; the error that matters is the first.
            let _ = is_taken.then(|| fs::rename(&old, path));
            failed(path, error)
        })
    });
    if moved.is_err() {
        // What is half written helps nobody, and may not be there at all.
        let _ = fs::remove_dir_all(&fresh);
    } else if is_taken {
        fs::remove_dir_all(&old).map_err(|error| failed(&old, error))?;
    }
    moved
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

fn write_all(folder: &Path, files: &[(String, Vec<u8>)]) -> Result<(), FolderError> {
    let failed = |place: &Path, source| FolderError::Io { path: place.to_owned(), source };
    fs::create_dir(folder).map_err(|error| failed(folder, error))?;
    for (name, bytes) in files {
        let place = folder.join(name);
        fs::write(&place, bytes).map_err(|error| failed(&place, error))?;
    }
    Ok(())
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
