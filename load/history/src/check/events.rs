//! The requests of one slot as events on its places: who took one, made it firm, gave it back, or looked.

use crate::history::{Entry, History, Name, SlotPlaces};
use crate::operation::{Action, Outcome, Refusal};
use crate::state::{ObjectKind, State, takes_place};
use rustc_hash::FxHashMap;

/// What a read told of one claim.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum ClaimSight {
    /// It is firm.
    Booked,
    /// It takes no place.
    Gone,
}

/// What an event does to a slot, or asserts of it. Claims are numbered within the slot.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Act {
    /// Takes a place; nothing if this claim was made before (a retry).
    Take { claim: u32, held: bool },
    /// Makes a held claim firm; nothing if it is.
    Confirm { claim: u32 },
    /// Gives the place back; nothing if the claim has none.
    Leave { claim: u32 },
    /// The hold lapses unless the claim was made firm.
    Lapse { claim: u32 },
    /// There is a place.
    SeeFree,
    /// There is none.
    SeeFull,
    /// There are so many.
    SeePlaces { free_count: u32 },
    /// One claim's state.
    SeeClaim { claim: u32, sight: ClaimSight },
}

impl Act {
    /// The claim it is about.
    pub(crate) fn claim(self) -> Option<usize> {
        match self {
            Act::Take { claim, .. }
            | Act::Confirm { claim }
            | Act::Leave { claim }
            | Act::Lapse { claim }
            | Act::SeeClaim { claim, .. } => Some(claim as usize),
            Act::SeeFree | Act::SeeFull | Act::SeePlaces { .. } => None,
        }
    }

    /// Whether it asserts that places are taken, so that leaving claims out could make it false.
    pub(crate) fn asserts_taken(self) -> bool {
        matches!(self, Act::SeeFull | Act::SeePlaces { .. })
    }

    /// Whether it changes nothing.
    pub(crate) fn only_looks(self) -> bool {
        matches!(self, Act::SeeFree | Act::SeeFull | Act::SeePlaces { .. } | Act::SeeClaim { .. })
    }
}

/// Which property an event's answer belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Tier {
    Write,
    Read,
    Refusal,
}

/// Stands for "no operation" where an event has none (the lapse of a hold).
pub(crate) const NO_ENTRY: u32 = u32::MAX;

/// One event: it takes effect at an instant in `from..=until`, microseconds from the start of the run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Event {
    pub(crate) act: Act,
    pub(crate) from: u64,
    pub(crate) until: u64,
    /// Whether it did take effect; otherwise it may have.
    pub(crate) required: bool,
    pub(crate) tier: Tier,
    /// Index of the operation.
    pub(crate) entry: u32,
}

/// One claim on a slot, over all attempts at it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Claim {
    take_count: u32,
    first_sent_at: u64,
    /// When the first acknowledgement was in, and its operation.
    pub(crate) taken_by: Option<(u64, u32)>,
    last_taken_at: u64,
    firm: bool,
    hold_time_us: Option<u64>,
    confirmed_by: Option<(u64, u32)>,
    /// When the first request that may have ended it was sent.
    leave_sent_at: u64,
    /// When its hold may lapse at the earliest.
    lapse_from: u64,
}

const NO_CLAIM: Claim = Claim {
    take_count: 0,
    first_sent_at: u64::MAX,
    taken_by: None,
    last_taken_at: 0,
    firm: false,
    hold_time_us: None,
    confirmed_by: None,
    leave_sent_at: u64::MAX,
    lapse_from: u64::MAX,
};

impl Claim {
    /// The spans in which it surely took a place: from the acknowledgement until anything may have ended it.
    pub(crate) fn sure_spans(&self) -> impl Iterator<Item = (u64, u64, u32)> {
        let taken = self.taken_by.map(|(at, entry)| {
            let end = if self.firm { self.leave_sent_at } else { self.leave_sent_at.min(self.lapse_from) };
            (at, end, entry)
        });
        let confirmed = self.confirmed_by.map(|(at, entry)| (at, self.leave_sent_at, entry));
        // Two spans of one claim must not be counted twice where they meet.
        let confirmed = confirmed.map(|(at, end, entry)| match taken {
            Some((_, taken_end, _)) => (at.max(taken_end), end, entry),
            None => (at, end, entry),
        });
        taken.into_iter().chain(confirmed).filter(|&(from, until, _)| from < until)
    }
}

/// One slot with its events.
#[derive(Debug)]
pub(crate) struct SlotCase {
    pub(crate) slot: Name,
    pub(crate) places: SlotPlaces,
    pub(crate) events: Vec<Event>,
    pub(crate) claims: Vec<Claim>,
}

/// Which slot every operation belongs to, directly or through its appointment or hold; operations by slot, each in
/// order of sending.
pub(crate) struct BySlot {
    order: Vec<u32>,
    starts: Vec<u32>,
}

fn concerns_slot(action: Action) -> bool {
    use Action::*;
    matches!(action, Hold | Book | Confirm | Release | Cancel | ReadSlot | ReadAppointment)
}

impl BySlot {
    pub(crate) fn new(history: &History) -> BySlot {
        let name_count = history.name_count();
        let mut of_appointment = vec![Name::NONE; name_count];
        let mut of_hold = vec![Name::NONE; name_count];
        let set = |table: &mut [Name], id: Name, slot: Name| {
            if id.is_some() && slot.is_some() && !table[id.index()].is_some() {
                table[id.index()] = slot;
            }
        };
        for entry in history.entries() {
            set(&mut of_appointment, entry.appointment, entry.slot);
            set(&mut of_hold, entry.hold, entry.slot);
        }
        for entry in history.entries().iter().filter(|entry| !entry.slot.is_some() && entry.hold.is_some()) {
            let slot = of_hold[entry.hold.index()];
            set(&mut of_appointment, entry.appointment, slot);
        }
        for state in history.finals() {
            match state.kind {
                ObjectKind::Appointment => set(&mut of_appointment, state.id, state.slot),
                ObjectKind::Hold => set(&mut of_hold, state.id, state.slot),
                _ => {}
            }
        }
        let slot_of = |entry: &Entry| -> Option<usize> {
            if !concerns_slot(entry.action) || entry.outcome == Outcome::NotSent {
                return None;
            }
            let through =
                |table: &[Name], id: Name| if id.is_some() { table[id.index()] } else { Name::NONE };
            [entry.slot, through(&of_appointment, entry.appointment), through(&of_hold, entry.hold)]
                .into_iter()
                .find(|slot| slot.is_some())
                .map(Name::index)
        };
        let mut starts = vec![0_u32; name_count + 1];
        for slot in history.entries().iter().filter_map(slot_of) {
            starts[slot + 1] += 1;
        }
        for index in 1..starts.len() {
            starts[index] += starts[index - 1];
        }
        let mut order = vec![0_u32; starts[name_count] as usize];
        let mut next = starts.clone();
        for (index, entry) in history.entries().iter().enumerate() {
            if let Some(slot) = slot_of(entry) {
                order[next[slot] as usize] = index as u32;
                next[slot] += 1;
            }
        }
        BySlot { order, starts }
    }

    /// Every slot that has operations, with their indices.
    pub(crate) fn slots(&self) -> impl Iterator<Item = (Name, &[u32])> {
        self.starts
            .windows(2)
            .enumerate()
            .filter(|(_, ends)| ends[0] < ends[1])
            .map(|(slot, ends)| (Name::at(slot), &self.order[ends[0] as usize..ends[1] as usize]))
    }
}

/// What can name a claim, together with the patient it belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Token {
    Appointment(Name),
    Hold(Name),
    Key(Name),
    Patient,
    Entry(u32),
}

/// Turns the operations of a slot into its events; the memory is used again from slot to slot.
#[derive(Default)]
pub(crate) struct CaseBuilder {
    class_of: FxHashMap<(Token, u64), u32>,
    owner_of: FxHashMap<Token, u64>,
    parents: Vec<u32>,
    numbers: Vec<u32>,
}

impl CaseBuilder {
    fn root(&mut self, mut class: u32) -> u32 {
        while self.parents[class as usize] != class {
            let grandparent = self.parents[self.parents[class as usize] as usize];
            self.parents[class as usize] = grandparent;
            class = grandparent;
        }
        class
    }

    fn join(&mut self, tokens: &[Option<Token>], patient: u64) {
        let mut joined = None;
        for &token in tokens.iter().flatten() {
            let fresh = self.parents.len() as u32;
            let class = *self.class_of.entry((token, patient)).or_insert(fresh);
            if class == fresh {
                self.parents.push(fresh);
            }
            let root = self.root(class);
            match joined {
                None => joined = Some(root),
                Some(other) => self.parents[root as usize] = other,
            }
            joined = joined.map(|class| self.root(class));
        }
    }

    /// What names the claim of an operation that takes, confirms, leaves or reads one.
    fn tokens(entry: &Entry, index: u32) -> [Option<Token>; 4] {
        let some = |name: Name, token: fn(Name) -> Token| name.is_some().then(|| token(name));
        let appointment = some(entry.appointment, Token::Appointment);
        let hold = some(entry.hold, Token::Hold);
        let takes = matches!(entry.action, Action::Hold | Action::Book);
        let key = if takes { some(entry.key, Token::Key) } else { None };
        let named = appointment.is_some() || hold.is_some();
        let other = match () {
            () if named => None,
            () if takes && entry.is_unknown() => key.is_none().then_some(Token::Entry(index)),
            () => Some(Token::Patient),
        };
        [appointment, hold, key, other]
    }

    /// The events of one slot. `indices` are those of its operations in order of sending.
    pub(crate) fn build(&mut self, history: &History, indices: &[u32], slot: Name) -> SlotCase {
        self.class_of.clear();
        self.owner_of.clear();
        self.parents.clear();
        let entry_of = |index: u32| &history.entries()[index as usize];
        let takes_part = |entry: &Entry| {
            matches!(entry.action, Action::Hold | Action::Book | Action::Confirm)
                && (entry.is_ok() || entry.is_unknown())
        };
        for &index in indices {
            let entry = entry_of(index);
            if takes_part(entry) {
                let tokens = Self::tokens(entry, index);
                self.join(&tokens, entry.patient);
                for token in tokens.into_iter().flatten() {
                    self.owner_of.entry(token).or_insert(entry.patient);
                }
            }
        }
        // Number the classes in order of their first token.
        let mut claims = Vec::new();
        self.numbers.clear();
        self.numbers.resize(self.parents.len(), u32::MAX);
        for class in 0..self.parents.len() as u32 {
            let root = self.root(class) as usize;
            if self.numbers[root] == u32::MAX {
                self.numbers[root] = claims.len() as u32;
                claims.push(NO_CLAIM);
            }
        }
        let mut case = SlotCase { slot, places: history.places(slot), events: Vec::new(), claims };
        case.events.reserve(indices.len());
        for &index in indices {
            let entry = entry_of(index);
            let claim = self.claim_of(entry, index, takes_part(entry));
            case.add(history, entry, index, claim);
        }
        case.settle_confirms();
        case.add_lapses(history);
        case
    }

    fn claim_of(&mut self, entry: &Entry, index: u32, takes_part: bool) -> Option<u32> {
        let token = Self::tokens(entry, index).into_iter().flatten().find(|&token| {
            let owner = if takes_part { Some(&entry.patient) } else { self.owner_of.get(&token) };
            owner.is_some_and(|&owner| self.class_of.contains_key(&(token, owner)))
        })?;
        let owner = if takes_part { entry.patient } else { self.owner_of[&token] };
        let root = self.root(self.class_of[&(token, owner)]);
        Some(self.numbers[root as usize])
    }
}

impl SlotCase {
    /// A case of these events alone.
    #[cfg(test)]
    pub(crate) fn for_test(
        slot: Name,
        places: SlotPlaces,
        events: Vec<Event>,
        claim_count: usize,
    ) -> SlotCase {
        SlotCase { slot, places, events, claims: vec![NO_CLAIM; claim_count] }
    }

    fn push(&mut self, act: Act, entry: &Entry, index: u32, tier: Tier) {
        let required = !entry.is_unknown();
        let until = if required { entry.done_at } else { u64::MAX };
        self.events.push(Event { act, from: entry.sent_at, until, required, tier, entry: index });
    }

    fn add(&mut self, history: &History, entry: &Entry, index: u32, claim: Option<u32>) {
        match (entry.action, entry.outcome) {
            (Action::Hold | Action::Book, Outcome::Ok(_) | Outcome::Unknown(_)) => {
                let Some(claim) = claim else { return };
                let held = entry.action == Action::Hold || entry.hold_time_us.is_some();
                self.push(Act::Take { claim, held }, entry, index, Tier::Write);
                let claim = &mut self.claims[claim as usize];
                claim.take_count += 1;
                claim.first_sent_at = claim.first_sent_at.min(entry.sent_at);
                claim.firm |= !held;
                claim.hold_time_us = claim.hold_time_us.or(entry.hold_time_us);
                if entry.is_ok() {
                    claim.last_taken_at = claim.last_taken_at.max(entry.done_at);
                    if claim.taken_by.is_none_or(|(at, _)| entry.done_at < at) {
                        claim.taken_by = Some((entry.done_at, index));
                    }
                }
            }
            (Action::Hold | Action::Book, Outcome::Refused(_, Refusal::Taken)) => {
                self.push(Act::SeeFull, entry, index, Tier::Refusal);
            }
            (Action::Confirm, Outcome::Ok(_) | Outcome::Unknown(_)) => {
                let Some(claim) = claim else { return };
                self.push(Act::Confirm { claim }, entry, index, Tier::Write);
                let claim = &mut self.claims[claim as usize];
                if entry.is_ok() && claim.confirmed_by.is_none_or(|(at, _)| entry.done_at < at) {
                    claim.confirmed_by = Some((entry.done_at, index));
                }
            }
            (Action::Confirm, Outcome::Refused(_, Refusal::Expired)) => {
                let Some(claim) = claim else { return };
                let act = Act::SeeClaim { claim, sight: ClaimSight::Gone };
                self.push(act, entry, index, Tier::Refusal);
            }
            (Action::Release | Action::Cancel, Outcome::Ok(_) | Outcome::Unknown(_)) => {
                let Some(claim) = claim else { return };
                self.push(Act::Leave { claim }, entry, index, Tier::Write);
                let claim = &mut self.claims[claim as usize];
                claim.leave_sent_at = claim.leave_sent_at.min(entry.sent_at);
            }
            (Action::ReadSlot, Outcome::Ok(_)) => {
                if let Some(free_count) = entry.place_count {
                    self.push(Act::SeePlaces { free_count }, entry, index, Tier::Read);
                    return;
                }
                let sight = history.sights(entry).iter().find(|sight| sight.kind == ObjectKind::Slot);
                match sight.map(|sight| sight.state) {
                    Some(State::Free) => self.push(Act::SeeFree, entry, index, Tier::Read),
                    Some(State::Busy | State::BusyTentative) => {
                        self.push(Act::SeeFull, entry, index, Tier::Read);
                    }
                    _ => {}
                }
            }
            (Action::ReadAppointment, outcome) => {
                let Some(claim) = claim else { return };
                let sight = match outcome {
                    Outcome::Ok(_) => history
                        .sights(entry)
                        .iter()
                        .find(|sight| sight.kind == ObjectKind::Appointment)
                        .and_then(|sight| match sight.state {
                            State::Cancelled | State::Absent => Some(ClaimSight::Gone),
                            state => takes_place(state).then_some(ClaimSight::Booked),
                        }),
                    Outcome::Refused(_, Refusal::NotFound) => Some(ClaimSight::Gone),
                    _ => None,
                };
                if let Some(sight) = sight {
                    self.push(Act::SeeClaim { claim, sight }, entry, index, Tier::Read);
                }
            }
            _ => {}
        }
    }

    /// A claim whose taking is not in the log (it was made before the run) begins with its confirmation.
    fn settle_confirms(&mut self) {
        for event in &mut self.events {
            if let Act::Confirm { claim } = event.act
                && self.claims[claim as usize].take_count == 0
            {
                event.act = Act::Take { claim, held: false };
            }
        }
    }

    /// Adds the lapse of every hold: at the earliest from sending plus hold time less slack; at the latest, if all is
    /// known, the last acknowledgement plus hold time plus slack.
    fn add_lapses(&mut self, history: &History) {
        let header = history.header();
        let last_done_at =
            self.events.iter().filter(|event| event.required).map(|event| event.until).max().unwrap_or(0);
        for (number, claim) in self.claims.iter_mut().enumerate() {
            if claim.take_count == 0 || claim.firm {
                continue;
            }
            let hold_time = claim.hold_time_us.or(header.hold_time_us);
            let slack = header.expiry_slack_us;
            claim.lapse_from = match hold_time {
                Some(hold_time) => (claim.first_sent_at.saturating_add(hold_time))
                    .saturating_sub(slack)
                    .max(claim.first_sent_at),
                None => claim.first_sent_at,
            };
            if claim.lapse_from > last_done_at {
                continue;
            }
            let until = match (hold_time, claim.taken_by) {
                (Some(hold_time), Some(_)) => {
                    claim.last_taken_at.saturating_add(hold_time).saturating_add(slack)
                }
                _ => u64::MAX,
            };
            self.events.push(Event {
                act: Act::Lapse { claim: number as u32 },
                from: claim.lapse_from,
                until,
                required: until != u64::MAX,
                tier: Tier::Write,
                entry: NO_ENTRY,
            });
        }
    }
}
