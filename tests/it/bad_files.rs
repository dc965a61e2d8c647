//! Broken files are answered completely: `tests/bad/` holds them, each beside the findings that it must cause, one a
//! line as `file:line:column: key: message; help`; a line that ends in `…` may go on. A warning does not stop the reading, everything else does.

use onetrip_scenarios::library;
use onetrip_scenarios::load::{FormatKind, load};
use onetrip_scenarios::reader::Document;
use std::fs;
use std::path::{Path, PathBuf};

/// The kinds of scenario there are broken files of, and how many at least.
const FOLDERS: [(&str, usize); 2] = [("networks", 15), ("hospitals", 12)];

fn folder(kind: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("bad").join(kind)
}

/// All findings about a text, one a line.
fn findings(document: Document) -> String {
    match load(document) {
        Ok(reading) => {
            assert!(!reading.warnings.has_errors(), "what has errors is not read");
            reading.warnings.to_string()
        }
        Err(mistakes) => mistakes.to_string(),
    }
}

/// Whether the findings are the expected ones, line by line.
fn agrees(found: &str, expected: &str) -> bool {
    let same = |(found, expected): (&str, &str)| match expected.strip_suffix('…') {
        Some(beginning) => found.starts_with(beginning),
        None => found == expected,
    };
    found.lines().count() == expected.lines().count() && found.lines().zip(expected.lines()).all(same)
}

#[test]
fn every_broken_file_is_answered_with_all_its_mistakes() {
    let mut files: Vec<PathBuf> = Vec::new();
    for (kind, at_least) in FOLDERS {
        let entries = fs::read_dir(folder(kind)).expect("the folder is there");
        let mut of_kind: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
        of_kind.retain(|file| file.extension().is_some_and(|ending| ending == "toml"));
        of_kind.sort();
        assert!(of_kind.len() >= at_least, "{} files of {kind}", of_kind.len());
        files.extend(of_kind);
    }
    let mut wrong = Vec::new();
    for file in files {
        let name = file.file_name().and_then(|name| name.to_str()).expect("a name").to_owned();
        let text = fs::read_to_string(&file).expect("readable");
        let found = findings(Document::parse(name.as_str(), text));
        let expected = fs::read_to_string(file.with_extension("txt")).unwrap_or_default();
        if !agrees(&found, &expected) {
            wrong.push(format!("{name} is answered with\n{found}\n\ninstead of\n{}", expected.trim()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn mistakes_on_the_command_line_are_shown_in_the_argument() {
    let mut document = library::find("model-b").expect("shipped").document();
    for setting in [
        "station.window.servers=0",
        "station.windw.servers=3",
        "station.pharmacy.service_time.mean=2",
        "run.replication=3",
        "arrivals.patients.classes.priority=50 %",
    ] {
        document.set(setting);
    }
    let found = findings(document);
    let lines: Vec<&str> = found.lines().collect();
    assert_eq!(lines.len(), 5, "{found}");
    assert!(found.contains("did you mean `window`?"), "{found}");
    assert!(found.contains("did you mean `replications`?"), "{found}");
    assert!(found.contains("the shares add up to 130 %"), "{found}");
    assert!(found.contains("2 has no unit"), "{found}");
}

#[test]
fn nothing_is_reported_about_what_is_shipped() {
    // Regions have a reader of their own.
    for scenario in library::all().iter().filter(|scenario| scenario.kind != FormatKind::Region) {
        let found = findings(scenario.document());
        assert!(found.is_empty(), "{}: {found}", scenario.name);
    }
}
