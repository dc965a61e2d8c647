//! The tables of a run or a sweep as Parquet, for readers that want columns with types.
//!
//! A crate of its own outside the default build, so that nobody waits for the Parquet writer who does not want it. It
//! reads the CSV files that are there anyway: `sweep.csv`, `visits.csv`, `stations.csv` and whatever else a folder holds.

mod column;
mod table;

pub use column::{Column, Values};
pub use table::Table;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Why a table was not written. Tables before it are whole, none is half.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConvertError {
    /// There is no table in the folder.
    #[error("`{}` holds no CSV file; accepted: the folder of `onetrip run --out` or `onetrip sweep --out`", folder.display())]
    NoTable {
        /// The folder.
        folder: PathBuf,
    },
    /// A CSV file is broken.
    #[error("`{}`: {source}", path.display())]
    Csv {
        /// The file.
        path: PathBuf,
        /// Why.
        source: csv::Error,
    },
    /// The Parquet writer refuses.
    #[error("`{}`: {source}", path.display())]
    Parquet {
        /// The file that was to be written.
        path: PathBuf,
        /// Why.
        source: parquet::errors::ParquetError,
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

/// Writes a Parquet file beside every CSV file of a folder, and tells their names with the number of rows.
///
/// # Errors
/// No CSV file, a broken one, or a file that cannot be written.
pub fn convert_folder(folder: &Path) -> Result<Vec<(PathBuf, usize)>, ConvertError> {
    let failed = |source| ConvertError::Io { path: folder.to_owned(), source };
    let mut tables = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_some_and(|extension| extension == "csv") {
            tables.push(path);
        }
    }
    tables.sort();
    if tables.is_empty() {
        return Err(ConvertError::NoTable { folder: folder.to_owned() });
    }
    tables.into_iter().map(|path| convert(&path)).collect()
}

/// Writes the Parquet file beside one CSV file.
fn convert(path: &Path) -> Result<(PathBuf, usize), ConvertError> {
    let read = csv::Reader::from_path(path).and_then(Table::read);
    let table = read.map_err(|source| ConvertError::Csv { path: path.to_owned(), source })?;
    let place = path.with_extension("parquet");
    let begun = path.with_extension("parquet.part");
    let file = fs::File::create(&begun).map_err(|source| ConvertError::Io { path: begun.clone(), source })?;
    if let Err(source) = table.write(file) {
        // What is half written helps nobody; the error that matters is the writer's.
        let _ = fs::remove_file(&begun);
        return Err(ConvertError::Parquet { path: place, source });
    }
    fs::rename(&begun, &place).map_err(|source| ConvertError::Io { path: place.clone(), source })?;
    Ok((place, table.row_count()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_of_a_folder_has_its_parquet_file_and_nothing_else_is_left() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("sweep.csv"), "point,mean\n1,0.5\n2,\n").unwrap();
        fs::write(folder.path().join("visits.csv"), "number,class\n7,adult\n").unwrap();
        fs::write(folder.path().join("sweep.json"), "{}").unwrap();
        let written = convert_folder(folder.path()).unwrap();
        let rows: Vec<usize> = written.iter().map(|(_, rows)| *rows).collect();
        assert_eq!(rows, [2, 1]);
        assert!(written.iter().all(|(path, _)| fs::read(path).unwrap().starts_with(b"PAR1")));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 5);
    }

    #[test]
    fn a_folder_without_tables_and_a_broken_table_are_told() {
        let folder = tempfile::tempdir().unwrap();
        let none = convert_folder(folder.path()).unwrap_err();
        assert!(matches!(none, ConvertError::NoTable { .. }), "{none}");
        fs::write(folder.path().join("a.csv"), "x,y\n1\n").unwrap();
        let broken = convert_folder(folder.path()).unwrap_err();
        assert!(broken.to_string().contains("a.csv"), "{broken}");
    }
}
