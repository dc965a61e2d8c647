//! One key, one answer, one effect.

use super::{CheckOptions, Groups, evidence, object_name};
use crate::history::{Entry, History, Name};
use crate::operation::{Action, Outcome, Refusal};
use crate::report::{Finding, Gathering, Property};
use crate::state::{ObjectKind, State, takes_place};
use std::collections::{BTreeMap, BTreeSet};

const NO_RETRY: [&str; 2] = ["no key was used twice", "没有重复使用的幂等键"];

/// Same key, same answer.
pub(crate) fn check(history: &History, options: &CheckOptions) -> Finding {
    let mut gathering = Gathering::new(Property::SameKeySameAnswer, options.evidence_limit);
    let groups = Groups::by(history, |entry| {
        let counts = entry.action.is_write() && entry.outcome != Outcome::NotSent;
        (counts && entry.key.is_some()).then(|| entry.key.index() as u64)
    });
    for (key, mut entries) in groups.iter(history) {
        if entries.len() < 2 {
            continue;
        }
        gathering.checked();
        entries.sort_by_key(|entry| (entry.action, entry.request_hash, entry.sent_at, entry.id));
        let different = entries
            .chunk_by(|left, right| (left.action, left.request_hash) == (right.action, right.request_hash))
            .find_map(different_answers);
        if let Some((first, second)) = different {
            gathering.violated(|| {
                let key = history.text(Name::at(key as usize));
                evidence(
                    format!("key {key}"),
                    "two requests with this key were answered differently".to_owned(),
                    "同一幂等键的两个请求得到不同应答".to_owned(),
                    vec![first.id, second.id],
                )
            });
        }
    }
    check_effects(history, &mut gathering);
    gathering.finish(None, NO_RETRY)
}

fn different_answers<'e>(entries: &[&'e Entry]) -> Option<(&'e Entry, &'e Entry)> {
    let mut ok = entries.iter().filter(|entry| entry.is_ok());
    let &first = ok.next()?;
    let differ = |left: Name, right: Name| left.is_some() && right.is_some() && left != right;
    let other = ok.find(|entry| {
        [
            (first.hold, entry.hold),
            (first.appointment, entry.appointment),
            (first.payment, entry.payment),
            (first.order, entry.order),
            (first.invoice, entry.invoice),
        ]
        .into_iter()
        .any(|(left, right)| differ(left, right))
    });
    let refused = || {
        entries.iter().find(|entry| {
            let refused = match entry.outcome {
                Outcome::Refused(_, reason) => !matches!(reason, Refusal::Repeated | Refusal::Overloaded),
                _ => false,
            };
            refused && entry.sent_at > first.done_at
        })
    };
    other.or_else(refused).map(|&entry| (first, entry))
}

/// What one patient asked of one slot.
#[derive(Default)]
struct Requests {
    /// Different requests: by key, or by operation where there is none.
    different: BTreeSet<Result<Name, u64>>,
    operations: Vec<u64>,
}

/// A patient's live appointments on a slot against the different requests made for them.
fn check_effects(history: &History, gathering: &mut Gathering) {
    let mut live: BTreeMap<(Name, u64), Vec<Name>> = BTreeMap::new();
    for state in history.finals().iter().filter(|state| state.kind == ObjectKind::Appointment) {
        let counts = takes_place(state.state) || state.state == State::Pending;
        if let (true, true, Some(patient)) = (counts, state.slot.is_some(), state.patient) {
            live.entry((state.slot, patient)).or_default().push(state.id);
        }
    }
    live.retain(|_, appointments| appointments.len() > 1);
    if live.is_empty() {
        return;
    }
    let mut requests: BTreeMap<(Name, u64), Requests> = BTreeMap::new();
    for entry in history.entries().iter().filter(|entry| entry.may_have_written()) {
        let asks = matches!(entry.action, Action::Hold | Action::Book);
        if asks && live.contains_key(&(entry.slot, entry.patient)) {
            let known = requests.entry((entry.slot, entry.patient)).or_default();
            known.different.insert(if entry.key.is_some() { Ok(entry.key) } else { Err(entry.id) });
            known.operations.push(entry.id);
        }
    }
    for (place, appointments) in &live {
        let Some(known) = requests.get(place) else { continue };
        gathering.checked();
        if appointments.len() > known.different.len() {
            gathering.violated(|| {
                let (count, keys) = (appointments.len(), known.different.len());
                let names: Vec<&str> = appointments.iter().map(|&id| history.text(id)).collect();
                let (slot, patient, names) = (place.0, place.1, names.join(", "));
                evidence(
                    object_name(history, ObjectKind::Slot, slot),
                    format!("patient {patient} has {count} live appointments ({names}) from {keys} requests"),
                    format!("患者 {patient} 只发出 {keys} 个不同请求，却有 {count} 个有效预约（{names}）"),
                    known.operations.clone(),
                )
            });
        }
    }
}
