//! Sets of keys of which one must be written.

use crate::reader::key::Declared;
use crate::reader::{Mistake, Table};

/// As [`Table::way`]; where nothing of any set is written, says in these words what is lacking and what is accepted.
pub(super) fn way_or(
    table: &Table<'_>,
    ways: &[&[&dyn Declared]],
    nothing: &str,
    accepted: &str,
) -> Option<usize> {
    let stands = |key: &dyn Declared| table.has(key) || table.is_misspelt(key.name());
    if ways.iter().any(|way| way.iter().any(|key| stands(*key))) {
        return table.way(ways);
    }
    table.report(&table.place(), Mistake::missing(nothing).accepted(accepted));
    None
}

/// As [`Table::way`], counted from 1; 0 where nothing is written, which is accepted.
pub(super) fn way_or_none(table: &Table<'_>, ways: &[&[&dyn Declared]]) -> Option<usize> {
    let is_written = ways.iter().any(|way| way.iter().any(|key| table.has(*key)));
    if is_written { table.way(ways).map(|way| way + 1) } else { Some(0) }
}
