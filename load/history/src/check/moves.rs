//! What was told of every object and when, and whether its states followed one another legally.

use super::{CheckOptions, evidence, object_name};
use crate::history::{Entry, History, Name};
use crate::operation::Action;
use crate::report::{Finding, Gathering, Property};
use crate::state::{KINDS, Moves, ObjectKind, State, StateSet};
use rustc_hash::FxHashMap;

const NOTHING_TOLD: [&str; 2] = ["no answer told an object's state", "没有应答给出对象状态"];

/// Objects with more tellings than this are not searched for single illegal steps, only for impossible successions.
const STEP_CHECK_LIMIT: usize = 64;

/// Something that happened to an object, or was told of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Telling {
    pub(crate) kind: ObjectKind,
    pub(crate) id: Name,
    /// The state it had at some instant in `from..=until`; unknown for a write that told none.
    pub(crate) state: Option<State>,
    pub(crate) from: u64,
    pub(crate) until: u64,
    pub(crate) is_write: bool,
    /// Index of the operation.
    pub(crate) entry: u32,
}

impl Telling {
    /// Whether it was over before the other began.
    pub(crate) fn precedes(&self, other: &Telling) -> bool {
        self.until < other.from
    }
}

/// What the action itself says of the objects it names, where the answer tells no state.
fn implied(entry: &Entry, kind: ObjectKind) -> Option<State> {
    match (entry.action, kind) {
        (Action::Hold, ObjectKind::Appointment) => Some(State::Pending),
        (Action::Hold, ObjectKind::Hold) => Some(State::Active),
        (Action::Book | Action::Confirm, ObjectKind::Appointment) => Some(State::Booked),
        (Action::Confirm, ObjectKind::Hold) => Some(State::Confirmed),
        (Action::Release, ObjectKind::Hold) => Some(State::Released),
        (Action::Cancel | Action::Release, ObjectKind::Appointment | ObjectKind::Invoice) => {
            Some(State::Cancelled)
        }
        (Action::Cancel, ObjectKind::Order) => Some(State::Revoked),
        (Action::CheckIn, ObjectKind::Appointment) => Some(entry.wants.unwrap_or(State::CheckedIn)),
        (Action::IssueInvoice, ObjectKind::Invoice) => Some(State::Issued),
        (Action::Pay, ObjectKind::Payment) => Some(State::Settled),
        (Action::Order, ObjectKind::Order) => Some(State::Active),
        (Action::Dispense, ObjectKind::Dispense) => Some(State::Completed),
        (Action::Change, _) => entry.wants,
        _ => None,
    }
}

/// The objects a write may change.
fn changed(entry: &Entry) -> impl Iterator<Item = (ObjectKind, Name)> {
    use ObjectKind::*;
    let kinds: &[ObjectKind] = match entry.action {
        Action::Hold | Action::Book | Action::Confirm | Action::Release | Action::CheckIn => {
            &[Hold, Appointment]
        }
        Action::Cancel | Action::Change => &[Hold, Appointment, Invoice, Payment, Order],
        Action::IssueInvoice => &[Invoice],
        Action::Pay | Action::Refund => &[Invoice, Payment],
        Action::Order | Action::Dispense => &[Order],
        Action::ReadSlot | Action::ReadAppointment | Action::Read | Action::Other => &[],
    };
    let named = kinds.iter().map(|&kind| {
        let id = match kind {
            Hold => entry.hold,
            Appointment => entry.appointment,
            Invoice => entry.invoice,
            Payment => entry.payment,
            _ => entry.order,
        };
        (kind, id)
    });
    let object = if entry.action.is_write() { entry.object } else { None };
    named.chain(object).filter(|(_, id)| id.is_some())
}

/// All tellings, by object and end.
pub(crate) fn tellings(history: &History) -> Vec<Telling> {
    let mut first_sent: FxHashMap<(Name, u64), u64> = FxHashMap::default();
    let mut tellings = Vec::new();
    for (entry, index) in history.entries().iter().zip(0_u32..) {
        if !entry.is_ok() && !entry.is_unknown() {
            continue;
        }
        // The answer to a retry may be the stored answer to an earlier attempt.
        let from = match entry.key.is_some() {
            true => *first_sent.entry((entry.key, entry.request_hash)).or_insert(entry.sent_at),
            false => entry.sent_at,
        };
        let is_ok = entry.is_ok();
        let until = if is_ok { entry.done_at } else { u64::MAX };
        let sights = if is_ok { history.sights(entry) } else { &[] };
        let mut tell = |kind, id, state, is_write| {
            if kind != ObjectKind::Slot {
                tellings.push(Telling { kind, id, state, from, until, is_write, entry: index });
            }
        };
        if entry.may_have_written() {
            for (kind, id) in changed(entry) {
                let seen = sights.iter().find(|sight| sight.kind == kind && sight.id == id);
                let state = match seen {
                    Some(sight) => Some(sight.state),
                    None if is_ok => implied(entry, kind),
                    None => None,
                };
                tell(kind, id, state, true);
            }
        }
        for sight in sights {
            let is_target = entry.may_have_written()
                && changed(entry).any(|(kind, id)| kind == sight.kind && id == sight.id);
            if !is_target {
                tell(sight.kind, sight.id, Some(sight.state), false);
            }
        }
    }
    tellings.sort_unstable_by_key(|telling| (telling.kind, telling.id, telling.until, telling.entry));
    tellings
}

/// Legal moves only.
pub(crate) fn check(history: &History, tellings: &[Telling], options: &CheckOptions) -> Finding {
    let mut gathering = Gathering::new(Property::LegalMoves, options.evidence_limit);
    let moves = KINDS.map(Moves::new);
    let mut by_from = Vec::new();
    for object in tellings.chunk_by(|left, right| (left.kind, left.id) == (right.kind, right.id)) {
        if object.iter().all(|telling| telling.state.is_none()) {
            continue;
        }
        gathering.checked();
        let moves = &moves[object[0].kind as usize];
        let wrong =
            impossible_succession(object, moves, &mut by_from).or_else(|| illegal_step(object, moves));
        if let Some((before, after)) = wrong {
            gathering.violated(|| {
                let code = |telling: &Telling| telling.state.map_or("?", State::code);
                let ids = [before, after].map(|telling| history.entries()[telling.entry as usize].id);
                evidence(
                    object_name(history, before.kind, before.id),
                    format!("went from {} to {}", code(before), code(after)),
                    format!("由 {} 变为 {}", code(before), code(after)),
                    ids.to_vec(),
                )
            });
        }
    }
    gathering.finish(None, NOTHING_TOLD)
}

/// Two tellings, the first surely before the second, whose states no legal moves connect. `object` is in order of
/// ends; `by_from` is memory to sort in.
fn impossible_succession<'t>(
    object: &'t [Telling],
    moves: &Moves,
    by_from: &mut Vec<&'t Telling>,
) -> Option<(&'t Telling, &'t Telling)> {
    if object.len() < 2 {
        return None;
    }
    by_from.clear();
    by_from.extend(object.iter().filter(|telling| telling.state.is_some()));
    by_from.sort_by_key(|telling| (telling.from, telling.entry));
    let mut possible = StateSet::EVERY;
    let mut ended = object.iter().peekable();
    for &after in by_from.iter() {
        while let Some(before) = ended.next_if(|before| before.precedes(after)) {
            if let Some(state) = before.state {
                possible = possible.and(reachable(moves, state));
            }
        }
        let state = after.state?;
        if !possible.has(state) {
            let before = object.iter().find(|before| {
                before.precedes(after) && before.state.is_some_and(|from| !reachable(moves, from).has(state))
            })?;
            return Some((before, after));
        }
    }
    None
}

/// Absence is no state of the machine: it may be told of any object before it is made or after it is deleted, and is
/// judged by what was acknowledged, not here.
fn reachable(moves: &Moves, from: State) -> StateSet {
    match from {
        State::Absent => StateSet::EVERY,
        from => moves.reachable(from).or(StateSet::of(&[State::Absent])),
    }
}

/// A write and the state surely just before it, where one request may not lead from the one to the other.
fn illegal_step<'t>(object: &'t [Telling], moves: &Moves) -> Option<(&'t Telling, &'t Telling)> {
    if object.len() < 2 || object.len() > STEP_CHECK_LIMIT {
        return None;
    }
    object.iter().filter(|after| after.is_write).find_map(|after| {
        let to = after.state?;
        let is_other = |other: &&Telling| other.entry != after.entry;
        let before = || object.iter().filter(is_other).filter(|other| other.precedes(after));
        let concurrent_write = object
            .iter()
            .filter(is_other)
            .any(|other| other.is_write && !other.precedes(after) && !after.precedes(other));
        if concurrent_write {
            return None;
        }
        let last = before().max_by_key(|telling| telling.from)?;
        let certain = before().filter(|t| t.is_write).all(|t| t.entry == last.entry || t.precedes(last));
        let from = last.state?;
        let judged = certain && from != State::Absent && to != State::Absent;
        (judged && !moves.one_request(from, to)).then_some((last, after))
    })
}
