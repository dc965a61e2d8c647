//! Folders of results: each appears whole or not at all, replaces one of its own kind, and leaves everything else alone.

pub mod run;

use std::error::Error;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A kind of folder that this program writes, and how one is told from anybody else's.
#[derive(Clone, Copy, Debug)]
pub struct FolderKind {
    /// The word for what wrote it: `run`, `inspection`.
    pub written_by: &'static str,
    /// The file of the folder that says what it is, and what stands in it.
    pub sign: (&'static str, &'static str),
    /// Whether a file of this name may be in it.
    pub may_hold: fn(&str) -> bool,
}

/// Why a folder was not written. Whatever was in its place is untouched.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FolderError {
    /// Something else is there.
    #[error("`{}` exists and is not a folder; accepted: a new folder, an empty one, or one from an earlier {written_by}", path.display())]
    NotAFolder {
        /// The place asked for.
        path: PathBuf,
        /// What would have written there.
        written_by: &'static str,
    },
    /// The program was started in it, or in a folder of it: whoever did stands there.
    #[error(
        "`{}` is where you are, and a folder is replaced as a whole; accepted: a new folder, an empty one, or one from \
         an earlier {written_by}",
        path.display()
    )]
    Here {
        /// The folder asked for.
        path: PathBuf,
        /// What would have written there.
        written_by: &'static str,
    },
    /// A folder with files of somebody else.
    #[error(
        "`{}` holds `{}`, which no {written_by} wrote; accepted: a new folder, an empty one, or one from an earlier \
         {written_by}",
        path.display(), stranger.to_string_lossy()
    )]
    NotOurs {
        /// The folder asked for.
        path: PathBuf,
        /// A file in it.
        stranger: OsString,
        /// What would have written there.
        written_by: &'static str,
    },
    /// A file of the folder could not be made.
    #[error("`{name}`: {source}")]
    File {
        /// Its name.
        name: String,
        /// Why.
        source: Box<dyn Error + Send + Sync>,
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

impl FolderError {
    /// The error of a file that could not be made.
    pub(crate) fn file(name: &str, source: impl Into<Box<dyn Error + Send + Sync>>) -> FolderError {
        FolderError::File { name: name.to_owned(), source: source.into() }
    }
}

fn refused(place: &Path, source: io::Error) -> FolderError {
    FolderError::Io { path: place.to_owned(), source }
}

impl FolderKind {
    /// Whether a folder is there already that may be replaced; asked before long work, so that its results find their
    /// place.
    ///
    /// # Errors
    /// When the place is taken by something of another kind, no folder can be made there, or the system does not tell.
    pub fn check(&self, path: &Path) -> Result<bool, FolderError> {
        let found = match fs::metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return can_be_made(path).map(|()| false).map_err(|error| refused(path, error));
            }
            found => found.map_err(|error| refused(path, error))?,
        };
        let written_by = self.written_by;
        if !found.is_dir() {
            return Err(FolderError::NotAFolder { path: path.to_owned(), written_by });
        }
        let mut names = Vec::new();
        for entry in fs::read_dir(path).map_err(|error| refused(path, error))? {
            names.push(entry.map_err(|error| refused(path, error))?.file_name());
        }
        names.sort();
        let is_ours = |name: &&OsString| name.to_str().is_some_and(self.may_hold);
        let stranger = names.iter().find(|name| !is_ours(name)).or_else(|| {
            // All names could be ours by chance; the sign says whether they are.
            let (name, word) = self.sign;
            let says_so = fs::read_to_string(path.join(name)).is_ok_and(|text| text.contains(word));
            names.first().filter(|_| !says_so)
        });
        match stranger {
            Some(stranger) => {
                Err(FolderError::NotOurs { path: path.to_owned(), stranger: stranger.clone(), written_by })
            }
            None if is_around_here(path) => Err(FolderError::Here { path: path.to_owned(), written_by }),
            // It is replaced by one that is made beside it.
            None => can_be_made(path).map(|()| true).map_err(|error| refused(path, error)),
        }
    }

    /// Writes a folder of this kind: whole, or not at all. One of the same kind that is there is replaced.
    ///
    /// # Errors
    /// When the place is taken by something of another kind, or the system refuses. Nothing is then changed.
    pub fn write(&self, path: &Path, files: &[(String, Vec<u8>)]) -> Result<(), FolderError> {
        let is_taken = self.check(path)?;
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

    /// Puts files into a folder of this kind that is there, each of them whole; what else it holds is left alone.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn add(&self, folder: &Path, files: &[(String, Vec<u8>)]) -> Result<(), FolderError> {
        let begun = |name: &str| folder.join(format!(".{name}.part"));
        for (name, bytes) in files {
            fs::write(begun(name), bytes).map_err(|error| refused(&begun(name), error))?;
        }
        // Whole on disk before any of them takes its place.
        for (name, _) in files {
            let place = folder.join(name);
            fs::rename(begun(name), &place).map_err(|error| refused(&place, error))?;
        }
        Ok(())
    }
}

/// Makes a folder as near to this place as there are folders, and takes it away again: permissions alone do not tell.
fn can_be_made(path: &Path) -> io::Result<()> {
    let nearest = path.ancestors().skip(1).find(|folder| folder.exists());
    // A name of its own: others may try the same place at the same time.
    tempfile::Builder::new().prefix(".onetrip-trial-").tempdir_in(nearest.unwrap_or(Path::new(".")))?.close()
}

/// Whether the program was started in this folder, or in one within it.
fn is_around_here(folder: &Path) -> bool {
    let places = folder.canonicalize().ok().zip(std::env::current_dir().ok());
    places.is_some_and(|(folder, here)| here.starts_with(folder))
}

fn write_all(folder: &Path, files: &[(String, Vec<u8>)]) -> Result<(), FolderError> {
    fs::create_dir(folder).map_err(|error| refused(folder, error))?;
    for (name, bytes) in files {
        let place = folder.join(name);
        fs::write(&place, bytes).map_err(|error| refused(&place, error))?;
    }
    Ok(())
}
