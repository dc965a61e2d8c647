//! Files that appear whole: written beside their place, and moved there when they are finished.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// A file that is being written. Until it is finished, what was at its place stays there; when it is dropped before,
/// nothing is left of it.
#[derive(Debug)]
pub struct WholeFile {
    place: PathBuf,
    /// Where it is written; the place itself is written to when it is a device or a pipe, which cannot be replaced.
    beside: Option<PathBuf>,
}

impl WholeFile {
    /// Begins a file, and says what to write to. A link stays a link: what it points at is replaced.
    ///
    /// # Errors
    /// When the place is a folder, or the system refuses.
    pub fn begin(place: &Path) -> io::Result<(WholeFile, File)> {
        let place = match fs::metadata(place) {
            Err(error) if error.kind() == ErrorKind::NotFound => place.to_owned(),
            Err(error) => return Err(error),
            Ok(found) if found.is_dir() => {
                return Err(io::Error::new(
                    ErrorKind::IsADirectory,
                    "is a folder; accepted: the name of a file",
                ));
            }
            Ok(found) if found.is_file() => place.canonicalize()?,
            Ok(_) => {
                let whole = WholeFile { place: place.to_owned(), beside: None };
                return File::create(place).map(|file| (whole, file));
            }
        };
        let mut beside = place.as_os_str().to_owned();
        beside.push(".partial");
        let beside = PathBuf::from(beside);
        let file = File::create(&beside)?;
        Ok((WholeFile { place, beside: Some(beside) }, file))
    }

    /// Moves the file to its place. All of it must be written.
    ///
    /// # Errors
    /// When the system refuses. What was at the place is still there, and nothing is left beside it.
    pub fn finish(mut self) -> io::Result<()> {
        if let Some(beside) = &self.beside {
            fs::rename(beside, &self.place)?;
            self.beside = None;
        }
        Ok(())
    }
}

impl Drop for WholeFile {
    fn drop(&mut self) {
        if let Some(beside) = &self.beside {
            // It is of no use to anybody; that it may be gone already is no news.
            let _ = fs::remove_file(beside);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn what_was_there_stays_until_the_new_one_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("log.csv");
        fs::write(&place, "old").unwrap();
        let (whole, mut file) = WholeFile::begin(&place).unwrap();
        file.write_all(b"new").unwrap();
        assert_eq!(fs::read_to_string(&place).unwrap(), "old");
        whole.finish().unwrap();
        assert_eq!(fs::read_to_string(&place).unwrap(), "new");
        drop(WholeFile::begin(&place).unwrap());
        assert_eq!(fs::read_to_string(&place).unwrap(), "new");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
    }

    #[test]
    fn a_folder_is_refused_before_anything_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let refusal = WholeFile::begin(folder.path()).unwrap_err().to_string();
        assert_eq!(refusal, "is a folder; accepted: the name of a file");
    }

    #[cfg(unix)]
    #[test]
    fn links_and_devices_are_written_through_and_not_replaced() {
        use std::os::unix::fs::{FileTypeExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let (place, link) = (folder.path().join("log.csv"), folder.path().join("latest.csv"));
        fs::write(&place, "old").unwrap();
        symlink(&place, &link).unwrap();
        let (whole, mut file) = WholeFile::begin(&link).unwrap();
        file.write_all(b"new").unwrap();
        whole.finish().unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&place).unwrap(), "new");
        let (whole, _file) = WholeFile::begin(Path::new("/dev/null")).unwrap();
        whole.finish().unwrap();
        assert!(fs::metadata("/dev/null").unwrap().file_type().is_char_device());
    }
}
