//! The judge: every property over a whole history.

#[cfg(test)]
mod brute_force;
mod durability;
mod events;
mod idempotency;
mod moves;
mod payments;
mod search;
mod shrink;
mod slots;

use crate::history::{Entry, History, Name};
use crate::report::{Evidence, Report};
use crate::state::ObjectKind;

/// How hard to look and how much to tell.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CheckOptions {
    /// How many requests the search for an order may place on one slot before it gives up and says so.
    pub step_limit: u64,
    /// How many violations of one property are shown (all are counted).
    pub evidence_limit: usize,
}

impl Default for CheckOptions {
    fn default() -> Self {
        CheckOptions { step_limit: 2_000_000, evidence_limit: 20 }
    }
}

/// Judges a history.
pub fn check(history: &History, options: &CheckOptions) -> Report {
    let mut findings = slots::check(history, options);
    let slot_count = findings[0].checked_count;
    findings.extend(payments::check(history, options));
    let tellings = moves::tellings(history);
    findings.push(moves::check(history, &tellings, options));
    findings.push(durability::check(history, &tellings, options));
    findings.push(idempotency::check(history, options));
    Report {
        operation_count: history.operation_count(),
        unknown_count: history.entries().iter().filter(|entry| entry.is_unknown()).count() as u64,
        slot_count,
        ended: history.has_ended(),
        torn: history.torn(),
        findings,
    }
}

/// Why properties that need every request cannot be judged on a log that was cut off.
const CUT_OFF: [&str; 2] =
    ["the log does not end in order, so requests may be missing from it", "日志未正常结束，可能缺少部分请求"];

fn cut_off(history: &History) -> Option<[&'static str; 2]> {
    (!history.has_ended()).then_some(CUT_OFF)
}

fn object_name(history: &History, kind: ObjectKind, id: Name) -> String {
    format!("{} {}", kind.name(), history.text(id))
}

fn evidence(object: String, english: String, chinese: String, mut operations: Vec<u64>) -> Evidence {
    operations.sort_unstable();
    operations.dedup();
    Evidence { object, what: [english, chinese], operations, open_operations: Vec::new() }
}

/// Operations grouped by something they name, groups in order of the names' first appearance, each in order of
/// sending.
struct Groups {
    order: Vec<(u64, u32)>,
}

impl Groups {
    fn by(history: &History, key: impl Fn(&Entry) -> Option<u64>) -> Groups {
        let mut order: Vec<(u64, u32)> = history
            .entries()
            .iter()
            .enumerate()
            .filter_map(|(index, entry)| Some((key(entry)?, index as u32)))
            .collect();
        order.sort_unstable();
        Groups { order }
    }

    fn iter<'g>(&'g self, history: &'g History) -> impl Iterator<Item = (u64, Vec<&'g Entry>)> {
        self.order.chunk_by(|left, right| left.0 == right.0).map(|chunk| {
            let entries = chunk.iter().map(|&(_, index)| &history.entries()[index as usize]).collect();
            (chunk[0].0, entries)
        })
    }
}
