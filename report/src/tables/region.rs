//! Tables of a region's day: one row a kind of facility, a measure of a kind, a part of the region.

use super::{MEASURED, Written, measured, write};
use crate::region::{Account, NamedPart, RegionDocument};
use std::iter;

fn counted(name: &NamedPart, facility_count: u64, account: &Account) -> Vec<String> {
    let Account { arrived, completed, left_without_being_seen, still_inside } = *account;
    let counts = [facility_count, arrived, completed, left_without_being_seen, still_inside];
    let names = [&name.id, &name.title.en, &name.title.zh];
    names.into_iter().cloned().chain(counts.iter().map(u64::to_string)).collect()
}

const COUNTED: [&str; 8] = [
    "id",
    "title_en",
    "title_zh",
    "facility_count",
    "arrived_count",
    "completed_count",
    "left_without_being_seen_count",
    "still_inside_count",
];

/// One row a kind of facility.
///
/// # Errors
/// As [`super::measures`].
pub fn facilities(document: &RegionDocument) -> Written {
    let rows = document.classes.iter();
    write(&COUNTED, rows.map(|class| counted(&class.name, class.facility_count, &class.accounting)))
}

/// One row a part of the region.
///
/// # Errors
/// As [`super::measures`].
pub fn parts(document: &RegionDocument) -> Written {
    let rows = document.shards.iter();
    write(&COUNTED, rows.map(|shard| counted(&shard.name, shard.facility_count, &shard.accounting)))
}

/// One row a measure of a kind of facility.
///
/// # Errors
/// As [`super::measures`].
pub fn measures(document: &RegionDocument) -> Written {
    let header = [&["facility"], &MEASURED[..]].concat();
    let rows = document.classes.iter().flat_map(|class| {
        class.measures.iter().map(|measure| {
            let row = measured(&measure.id, measure.unit, &measure.figure, &measure.title);
            iter::once(class.name.id.clone()).chain(row).collect()
        })
    });
    write(&header, rows)
}
