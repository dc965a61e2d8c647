//! Nothing acknowledged and then lost.

use super::moves::Telling;
use super::payments::{pair_of, settled_pairs};
use super::{CheckOptions, cut_off, evidence, object_name};
use crate::history::History;
use crate::operation::Action;
use crate::report::{Finding, Gathering, Property};
use crate::state::{KINDS, Moves, ObjectKind, State, StateSet};
use rustc_hash::FxHashMap;

const NOTHING_READ: [&str; 2] =
    ["nothing that was acknowledged was read at the end", "结束时没有读取任何曾得到成功应答的对象"];

/// States in which an object has been taken back; somebody must have asked for it.
fn is_withdrawn(state: State) -> bool {
    use State::*;
    matches!(
        state,
        Cancelled | NoShow | EnteredInError | Revoked | Stopped | Refunded | Failed | Aborted | Absent
    )
}

/// Every acknowledged write is readable at the end. `tellings` are by object and end.
pub(crate) fn check(history: &History, tellings: &[Telling], options: &CheckOptions) -> Finding {
    let mut gathering = Gathering::new(Property::AcknowledgedKept, options.evidence_limit);
    let finals: FxHashMap<_, State> =
        history.finals().iter().map(|state| ((state.kind, state.id), state.state)).collect();
    let moves = KINDS.map(Moves::new);
    let last_done_at = history.entries().iter().map(|entry| entry.done_at).max().unwrap_or(0);
    for object in tellings.chunk_by(|left, right| (left.kind, left.id) == (right.kind, right.id)) {
        let (kind, id) = (object[0].kind, object[0].id);
        let acknowledged = |telling: &&Telling| telling.is_write && telling.until != u64::MAX;
        // Holds lapse; whether they were honoured is a question of order.
        if kind == ObjectKind::Hold || !object.iter().any(|telling| acknowledged(&telling)) {
            continue;
        }
        let found = match finals.get(&(kind, id)) {
            Some(&state) => state,
            None if history.lists(kind) => State::Absent,
            None => {
                gathering.unjudged();
                continue;
            }
        };
        gathering.checked();
        if let Some((telling, why)) = lost(history, object, found, &moves[kind as usize], last_done_at) {
            gathering.violated(|| {
                let (told, told_chinese) = match telling.state {
                    Some(state) => {
                        (format!("acknowledged as {}", state.code()), format!("应答为 {}", state.code()))
                    }
                    None => ("changed with an acknowledgement".to_owned(), "成功变更".to_owned()),
                };
                let (english, chinese) = match why {
                    Loss::Undone => ("which is not later", "而该状态并非在其之后"),
                    Loss::Unasked => ("which nobody asked for", "而无人请求"),
                };
                let found = found.code();
                evidence(
                    object_name(history, kind, id),
                    format!("was {told} and is {found} at the end, {english}"),
                    format!("曾{told_chinese}，结束时为 {found}，{chinese}"),
                    vec![history.entries()[telling.entry as usize].id],
                )
            });
        }
    }
    check_unnamed_payments(history, &mut gathering);
    // A request that explains the loss may be missing from a log that was cut off.
    match cut_off(history) {
        Some(reason) => gathering.withdrawn().finish(Some(reason), NOTHING_READ),
        None => gathering.finish(None, NOTHING_READ),
    }
}

enum Loss {
    /// The final state cannot come after the acknowledged one.
    Undone,
    /// It could, but nothing led there.
    Unasked,
}

/// Whether this made nothing but a hold whose time may have been over by the last answer of the run: a system need not
/// keep what has lapsed.
fn may_have_lapsed(history: &History, telling: &Telling, last_done_at: u64) -> bool {
    let header = history.header();
    let hold_time = history.entries()[telling.entry as usize].hold_time_us.or(header.hold_time_us);
    let lapses_at = hold_time.map_or(telling.from, |hold_time| telling.from.saturating_add(hold_time));
    telling.state == Some(State::Pending) && lapses_at.saturating_sub(header.expiry_slack_us) <= last_done_at
}

fn lost<'t>(
    history: &History,
    object: &'t [Telling],
    found: State,
    moves: &Moves,
    last_done_at: u64,
) -> Option<(&'t Telling, Loss)> {
    let acknowledged = || object.iter().filter(|telling| telling.is_write && telling.until != u64::MAX);
    let may_withdraw = |telling: &Telling| {
        let entry = &history.entries()[telling.entry as usize];
        let withdraws =
            matches!(entry.action, Action::Cancel | Action::Release | Action::Refund | Action::Change);
        telling.is_write && withdraws && (entry.is_unknown() || telling.state.is_none_or(is_withdrawn))
    };
    let asked = || object.iter().any(may_withdraw);
    let last = || acknowledged().filter(|telling| !acknowledged().any(|later| telling.precedes(later)));
    if found == State::Absent {
        let kept = last().find(|telling| !may_have_lapsed(history, telling, last_done_at));
        return if asked() { None } else { kept.map(|telling| (telling, Loss::Undone)) };
    }
    let possible = |state: State| {
        if state == State::Absent { StateSet::EVERY } else { moves.reachable(state) }
    };
    if let Some(telling) = acknowledged().rev().find(|t| t.state.is_some_and(|s| !possible(s).has(found))) {
        return Some((telling, Loss::Undone));
    }
    if !is_withdrawn(found) || asked() {
        return None;
    }
    let led_there = last().any(|telling| telling.state.is_none_or(|state| moves.by_itself(state).has(found)));
    if led_there { None } else { last().next().map(|telling| (telling, Loss::Unasked)) }
}

/// Payments acknowledged without an id of their own must be in the ledger under their invoice and key.
fn check_unnamed_payments(history: &History, gathering: &mut Gathering) {
    let has_ledger = history.lists(ObjectKind::Payment);
    let settled = settled_pairs(history);
    for entry in history.entries() {
        if entry.action != Action::Pay || !entry.is_ok() || entry.payment.is_some() {
            continue;
        }
        let Some(pair) = pair_of(entry).filter(|_| has_ledger) else {
            gathering.unjudged();
            continue;
        };
        gathering.checked();
        if !settled.contains(&pair) {
            gathering.violated(|| {
                evidence(
                    object_name(history, ObjectKind::Invoice, entry.invoice),
                    format!(
                        "its payment under key {} was acknowledged and is not there",
                        history.text(entry.key)
                    ),
                    format!("幂等键 {} 的付款曾得到成功应答，账目中却没有", history.text(entry.key)),
                    vec![entry.id],
                )
            });
        }
    }
}
