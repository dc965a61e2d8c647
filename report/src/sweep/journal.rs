//! The folder of a sweep while it is at work: what is studied (the manifest), and every finished run (the journal).
//!
//! A line of the journal is one run with a checksum at its end, written in one piece the moment the run is finished. A
//! line counts when it is whole and its checksum is right; so whatever a crash leaves at the end is harmless, and the run
//! is done again. The manifest says which command the runs belong to: another one is refused.

use super::folder::FOLDER;
use crate::folder::FolderError;
use onetrip_studies::sweep::{FinishedRun, Ledger};
use serde::{Deserialize, Serialize};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// The file that says what is studied.
pub const MANIFEST: &str = "manifest.json";
/// The file of finished runs.
pub const JOURNAL: &str = "journal.txt";

/// The word under the key `format` of a manifest.
pub const MANIFEST_FORMAT: &str = "onetrip-sweep-manifest/1";

/// Everything that the values of a run depend on, and which runs there are to be.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// `onetrip-sweep-manifest/1`.
    pub format: String,
    /// Version of the program.
    pub version: String,
    /// Name of the scenario, as on the command line.
    pub scenario: String,
    /// Its text.
    pub scenario_text: String,
    /// What is set at every point.
    pub set: Vec<String>,
    /// What is varied, as written.
    pub vary: Vec<String>,
    /// How values are spread, in words.
    pub design: String,
    /// Replications of each point.
    pub replications: u32,
    /// Independent days in each.
    pub days: u32,
    /// The one number from which all randomness follows.
    pub rng_seed: u64,
    /// Whether all points share their luck.
    pub common_luck: bool,
    /// What is measured, by id, in the order of the values.
    pub measures: Vec<String>,
}

/// Why a folder cannot be used. Nothing in it has been changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// The folder belongs to another command.
    #[error(
        "`{}` holds another sweep:\n{}\naccepted: the command that began it (see `{MANIFEST}`), or a new folder",
        path.display(), differences.iter().map(|one| format!("  {one}")).collect::<Vec<_>>().join("\n")
    )]
    Other {
        /// The folder.
        path: PathBuf,
        /// What differs, one sentence each.
        differences: Vec<String>,
    },
    /// The folder holds something else, or cannot be made.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// Another process is at work in the folder.
    #[error("another sweep is at work in `{}`; accepted: waiting for its end, or another folder", path.display())]
    Busy {
        /// The folder.
        path: PathBuf,
    },
    /// The manifest cannot be read.
    #[error("`{}` is not the manifest of a sweep: {source}", path.display())]
    Manifest {
        /// The file.
        path: PathBuf,
        /// Why.
        source: serde_json::Error,
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

/// The journal of a sweep at work, held so that no other process writes it.
pub struct Journal {
    file: Mutex<File>,
}

impl Manifest {
    /// What is otherwise in another manifest, one sentence each.
    fn differences(&self, wanted: &Manifest) -> Vec<String> {
        let mut all = Vec::new();
        let mut differ = |what: &str, here: String, there: String| {
            if here != there {
                all.push(format!("{what}: {here} there, {there} here"));
            }
        };
        differ("version of the program", self.version.clone(), wanted.version.clone());
        differ("scenario", self.scenario.clone(), wanted.scenario.clone());
        let listed = |all: &[String]| if all.is_empty() { "nothing".to_owned() } else { all.join(", ") };
        differ("--set", listed(&self.set), listed(&wanted.set));
        differ("--vary", listed(&self.vary), listed(&wanted.vary));
        differ("design", self.design.clone(), wanted.design.clone());
        differ("--replications", self.replications.to_string(), wanted.replications.to_string());
        differ("--days", self.days.to_string(), wanted.days.to_string());
        differ("--rng-seed", self.rng_seed.to_string(), wanted.rng_seed.to_string());
        let luck = |is_common| if is_common { "common" } else { "own" }.to_owned();
        differ("luck", luck(self.common_luck), luck(wanted.common_luck));
        differ("--measures", self.measures.join(","), wanted.measures.join(","));
        if self.scenario_text != wanted.scenario_text {
            all.push("the text of the scenario has changed".to_owned());
        }
        all
    }
}

impl Journal {
    /// Opens the journal of a sweep in a folder, which is made where there is none, with the runs that it holds.
    ///
    /// # Errors
    /// When the folder is of another sweep or of none, another process is at work in it, or the system refuses.
    pub fn open(folder: &Path, manifest: &Manifest) -> Result<(Journal, Vec<FinishedRun>), JournalError> {
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |source| JournalError::Io { path, source }
        };
        let place = folder.join(MANIFEST);
        FOLDER.check(folder)?;
        match fs::read_to_string(&place) {
            Ok(text) => {
                let held: Manifest = serde_json::from_str(&text)
                    .map_err(|source| JournalError::Manifest { path: place.clone(), source })?;
                let differences = held.differences(manifest);
                if !differences.is_empty() {
                    return Err(JournalError::Other { path: folder.to_owned(), differences });
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let text = serde_json::to_string_pretty(manifest).expect("plain values can be written");
                let manifest = (MANIFEST.to_owned(), format!("{text}\n").into_bytes());
                FOLDER.write(folder, &[manifest, (JOURNAL.to_owned(), Vec::new())])?;
            }
            Err(error) => return Err(failed(&place)(error)),
        }
        let place = folder.join(JOURNAL);
        let mut options = OpenOptions::new();
        let mut file = options.read(true).append(true).create(true).open(&place).map_err(failed(&place))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(JournalError::Busy { path: folder.to_owned() }),
            Err(TryLockError::Error(error)) => return Err(failed(&place)(error)),
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(failed(&place))?;
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        if whole < bytes.len() {
            // The beginning of a line that a crash cut off.
            file.set_len(whole as u64).map_err(failed(&place))?;
        }
        let lines = bytes[..whole].split(|byte| *byte == b'\n');
        let runs = lines.filter_map(|line| read_line(line, manifest.measures.len())).collect();
        Ok((Journal { file: Mutex::new(file) }, runs))
    }
}

impl Ledger for Journal {
    fn keep(&self, run: &FinishedRun) -> io::Result<()> {
        let line = line_of(run);
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.write_all(line.as_bytes())
    }
}

/// Point, replication, events, values, checksum of all before it.
fn line_of(run: &FinishedRun) -> String {
    let mut line = format!("{} {} {}", run.point, run.replication, run.event_count);
    for value in &run.values {
        match value {
            // The shortest text that reads back to the same bits.
            Some(value) => line.push_str(&format!(" {value:?}")),
            None => line.push_str(" -"),
        }
    }
    let checksum = crc32fast::hash(line.as_bytes());
    line.push_str(&format!(" #{checksum:08x}\n"));
    line
}

fn read_line(line: &[u8], measure_count: usize) -> Option<FinishedRun> {
    let (body, checksum) = std::str::from_utf8(line).ok()?.rsplit_once(" #")?;
    if u32::from_str_radix(checksum, 16).ok()? != crc32fast::hash(body.as_bytes()) {
        return None;
    }
    let mut parts = body.split(' ');
    let (point, replication) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    let event_count = parts.next()?.parse().ok()?;
    let value = |part: &str| if part == "-" { Some(None) } else { part.parse().ok().map(Some) };
    let values: Vec<Option<f64>> = parts.map(value).collect::<Option<_>>()?;
    (values.len() == measure_count).then_some(FinishedRun { point, replication, event_count, values })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest() -> Manifest {
        Manifest {
            format: MANIFEST_FORMAT.to_owned(),
            version: "0".to_owned(),
            scenario: "mm1".to_owned(),
            scenario_text: "format".to_owned(),
            set: Vec::new(),
            vary: vec!["a=1..3".to_owned()],
            design: "grid".to_owned(),
            replications: 2,
            days: 1,
            rng_seed: 7,
            common_luck: true,
            measures: vec!["a.mean".to_owned(), "b.mean".to_owned()],
        }
    }

    fn run(point: usize, value: f64) -> FinishedRun {
        FinishedRun { point, replication: 1, event_count: 99, values: vec![Some(value), None] }
    }

    fn opened(folder: &Path) -> (Journal, Vec<FinishedRun>) {
        Journal::open(folder, &manifest()).unwrap()
    }

    #[test]
    fn what_is_kept_reads_back_to_the_same_bits() {
        let folder = tempfile::tempdir().unwrap();
        let runs = [run(0, 0.1 + 0.2), run(1, f64::MIN_POSITIVE), run(2, -1e300), run(3, 4.0)];
        {
            let (journal, known) = opened(folder.path());
            assert!(known.is_empty());
            runs.iter().for_each(|run| journal.keep(run).unwrap());
        }
        assert_eq!(opened(folder.path()).1, runs);
    }

    #[test]
    fn a_line_cut_off_anywhere_costs_that_run_only_and_the_next_one_is_whole() {
        let whole = line_of(&run(0, 0.3));
        let second = line_of(&run(1, 0.7));
        for cut in 0..second.len() {
            let folder = tempfile::tempdir().unwrap();
            drop(opened(folder.path()));
            fs::write(folder.path().join(JOURNAL), format!("{whole}{}", &second[..cut])).unwrap();
            let (journal, known) = opened(folder.path());
            assert_eq!(known, [run(0, 0.3)], "cut at {cut}");
            journal.keep(&run(2, 0.9)).unwrap();
            drop(journal);
            assert_eq!(opened(folder.path()).1, [run(0, 0.3), run(2, 0.9)]);
        }
    }

    #[test]
    fn a_line_that_was_changed_does_not_count() {
        let folder = tempfile::tempdir().unwrap();
        drop(opened(folder.path()));
        let text =
            line_of(&run(0, 0.3)) + &line_of(&run(1, 0.7)).replace("0.7", "0.8") + &line_of(&run(2, 0.9));
        fs::write(folder.path().join(JOURNAL), text).unwrap();
        assert_eq!(opened(folder.path()).1, [run(0, 0.3), run(2, 0.9)]);
    }

    #[test]
    fn another_command_is_refused_with_all_that_differs() {
        let folder = tempfile::tempdir().unwrap();
        drop(opened(folder.path()));
        let other = Manifest { rng_seed: 8, days: 3, scenario_text: "other".to_owned(), ..manifest() };
        let Err(error) = Journal::open(folder.path(), &other) else { panic!("it was accepted") };
        let text = error.to_string();
        for part in
            ["--rng-seed: 7 there, 8 here", "--days: 1 there, 3 here", "the text of the scenario has changed"]
        {
            assert!(text.contains(part), "{text}");
        }
        assert!(!text.contains("--vary"), "{text}");
    }

    #[test]
    fn a_folder_of_something_else_and_one_at_work_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("thesis.txt"), "my only copy").unwrap();
        assert!(matches!(Journal::open(folder.path(), &manifest()), Err(JournalError::Folder(_))));
        let folder = tempfile::tempdir().unwrap();
        let (_at_work, _) = opened(folder.path());
        assert!(matches!(Journal::open(folder.path(), &manifest()), Err(JournalError::Busy { .. })));
    }
}
