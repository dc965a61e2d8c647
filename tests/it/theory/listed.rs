//! `docs/theory-cases.md` says of every published case which file states it and what holds it.

use super::coverage;
use onetrip_scenarios::library;
use onetrip_studies::theory::cases;
use std::collections::BTreeSet;

/// The identities that hold in every run (Little's law and its like) have no system of their own.
const IDENTITIES: u32 = 48;

struct Listed {
    id: u32,
    files: Vec<String>,
    held_by: String,
}

fn listed() -> Vec<Listed> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/theory-cases.md");
    let text = std::fs::read_to_string(path).expect("the document is there");
    let row = |line: &str| {
        let cells: Vec<&str> = line.strip_prefix("| ")?.split(" | ").collect();
        let id = cells.first()?.parse().ok()?;
        let files = cells.get(1)?.split('`').skip(1).step_by(2).map(str::to_owned).collect();
        Some(Listed { id, files, held_by: (*cells.get(3)?).to_owned() })
    };
    text.lines().filter_map(row).collect()
}

#[test]
fn every_published_case_is_listed_with_files_that_are_shipped() {
    let listed = listed();
    let ids: BTreeSet<u32> = listed.iter().map(|row| row.id).collect();
    let mut published: BTreeSet<u32> = cases().iter().map(|case| case.id).collect();
    published.insert(IDENTITIES);
    assert_eq!(ids, published);
    for row in listed.iter().filter(|row| row.id != IDENTITIES) {
        assert!(!row.files.is_empty(), "case {} names no file", row.id);
        for file in &row.files {
            assert!(library::find(file).is_some(), "case {}: there is no scenario `{file}`", row.id);
        }
    }
}

#[test]
fn coverage_is_claimed_for_the_cases_that_have_it() {
    let claimed: BTreeSet<u32> =
        listed().iter().filter(|row| row.held_by.contains("coverage")).map(|row| row.id).collect();
    assert_eq!(claimed, coverage::covered_cases());
    assert!(claimed.len() >= 12, "a dozen at least");
}
