//! The folder of an inspection: page, forms and the result for machines, all of them or none.

use super::document::{FORMAT, InspectionDocument};
use super::{page, sheet, writing};
use crate::folder::{FolderError, FolderKind};
use crate::words::Language;
use std::collections::BTreeSet;
use std::path::Path;

const PAGE: &str = "inspection.html";
const RESULT: &str = "inspection.json";

/// The folder of an inspection.
pub const FOLDER: FolderKind = FolderKind {
    written_by: "inspection",
    sign: (RESULT, FORMAT),
    may_hold: |name| {
        let is_form =
            || Path::new(name).extension().is_some_and(|ending| ending == "docx" || ending == "xlsx");
        name == PAGE || name == RESULT || is_form()
    },
};

/// Writes the folder; the page opens in `language`. A folder from an earlier inspection is replaced.
///
/// # Errors
/// When the place is taken by something that is not from an inspection, or the system refuses. Nothing is then changed.
pub fn write_folder(
    path: &Path,
    document: &InspectionDocument,
    language: Language,
) -> Result<(), FolderError> {
    FOLDER.write(path, &files(document, language)?)
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
    let page = page::render(document, language).map_err(|source| FolderError::file(PAGE, source))?;
    let mut files =
        vec![(PAGE.to_owned(), page.into_bytes()), (RESULT.to_owned(), document.to_json().into_bytes())];
    let mut taken = BTreeSet::new();
    for hospital in &document.hospitals {
        let stem = stem(&hospital.name, &mut taken);
        let (text, table) = (format!("{stem}.docx"), format!("{stem}.xlsx"));
        let form = writing::docx(document, hospital).map_err(|source| FolderError::file(&text, source))?;
        let sheet = sheet::xlsx(document, hospital).map_err(|source| FolderError::file(&table, source))?;
        files.extend([(text, form), (table, sheet)]);
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
