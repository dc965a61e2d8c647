//! Putting a folder in its place: whole, or not at all.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Why a folder could not be put in place: where, and what the system said.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) path: PathBuf,
    pub(crate) source: io::Error,
}

fn refused(place: &Path, source: io::Error) -> Refused {
    Refused { path: place.to_owned(), source }
}

/// Writes files into a fresh folder beside `path` and moves it there. `is_taken` says that a folder is there already,
/// which is replaced.
pub(crate) fn put_whole(path: &Path, is_taken: bool, files: &[(String, Vec<u8>)]) -> Result<(), Refused> {
    let beside = |ending: &str| {
        let mut name = OsString::from(".");
        name.push(path.file_name().unwrap_or(path.as_os_str()));
        name.push(format!(".{ending}-{}", std::process::id()));
        path.with_file_name(name)
    };
    let (fresh, old) = (beside("new"), beside("old"));
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        fs::create_dir_all(parent).map_err(|error| refused(parent, error))?;
    }
    let moved = write_all(&fresh, files).and_then(|()| {
        if is_taken {
            fs::rename(path, &old).map_err(|error| refused(path, error))?;
        }
        fs::rename(&fresh, path).map_err(|error| {
            // Put the old one back; the error that matters is the first.
            let _ = is_taken.then(|| fs::rename(&old, path));
            refused(path, error)
        })
    });
    if moved.is_err() {
        // What is half written helps nobody, and may not be there at all.
        let _ = fs::remove_dir_all(&fresh);
    } else if is_taken {
        fs::remove_dir_all(&old).map_err(|error| refused(&old, error))?;
    }
    moved
}

fn write_all(folder: &Path, files: &[(String, Vec<u8>)]) -> Result<(), Refused> {
    fs::create_dir(folder).map_err(|error| refused(folder, error))?;
    for (name, bytes) in files {
        let place = folder.join(name);
        fs::write(&place, bytes).map_err(|error| refused(&place, error))?;
    }
    Ok(())
}
