//! A whole log in memory, in the compact form the checker works on: ids are numbers, bodies are left out.

use crate::operation::{Action, Operation, Outcome};
use crate::reader::{LogError, LogReader, TornLine};
use crate::record::{FinalState, Header, Record};
use crate::state::{KIND_COUNT, ObjectKind, State};
use rustc_hash::FxHashMap;
use std::collections::hash_map;
use std::hash::{Hash, Hasher};
use std::io::BufRead;

/// An id or key of the log, by number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct Name(u32);

impl Name {
    pub(crate) const NONE: Name = Name(u32::MAX);

    pub(crate) fn is_some(self) -> bool {
        self != Name::NONE
    }

    pub(crate) fn at(index: usize) -> Name {
        Name(index as u32)
    }

    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

/// All ids and keys, each once, one after the other.
#[derive(Debug)]
struct Names {
    /// First name of each hash; the rare others are found by trying the next hash.
    by_hash: FxHashMap<u64, u32>,
    text: String,
    starts: Vec<usize>,
}

impl Names {
    fn new() -> Names {
        Names { by_hash: FxHashMap::default(), text: String::new(), starts: vec![0] }
    }

    fn of(&mut self, text: &str) -> Name {
        let mut hasher = rustc_hash::FxHasher::default();
        text.hash(&mut hasher);
        let mut hash = hasher.finish();
        loop {
            match self.by_hash.entry(hash) {
                hash_map::Entry::Vacant(vacant) => {
                    let number = self.starts.len() as u32 - 1;
                    vacant.insert(number);
                    self.text.push_str(text);
                    self.starts.push(self.text.len());
                    return Name(number);
                }
                hash_map::Entry::Occupied(taken) => {
                    let number = *taken.get();
                    let span = self.starts[number as usize]..self.starts[number as usize + 1];
                    if &self.text[span] == text {
                        return Name(number);
                    }
                    hash = hash.wrapping_add(1);
                }
            }
        }
    }

    fn text(&self, name: Name) -> &str {
        &self.text[self.starts[name.index()]..self.starts[name.index() + 1]]
    }

    fn count(&self) -> usize {
        self.starts.len() - 1
    }
}

/// One operation without its request.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) id: u64,
    pub(crate) patient: u64,
    pub(crate) sent_at: u64,
    pub(crate) done_at: u64,
    pub(crate) action: Action,
    pub(crate) outcome: Outcome,
    pub(crate) wants: Option<State>,
    pub(crate) slot: Name,
    pub(crate) hold: Name,
    pub(crate) appointment: Name,
    pub(crate) invoice: Name,
    pub(crate) payment: Name,
    pub(crate) order: Name,
    pub(crate) object: Option<(ObjectKind, Name)>,
    pub(crate) key: Name,
    pub(crate) amount: Option<i64>,
    pub(crate) hold_time_us: Option<u64>,
    pub(crate) place_count: Option<u32>,
    pub(crate) resolves: Option<u64>,
    /// Tells apart requests of the same key that ask for different things.
    pub(crate) request_hash: u64,
    seen: (u32, u32),
}

impl Entry {
    pub(crate) fn is_ok(&self) -> bool {
        matches!(self.outcome, Outcome::Ok(_))
    }

    pub(crate) fn is_unknown(&self) -> bool {
        matches!(self.outcome, Outcome::Unknown(_))
    }

    /// Whether it changed something, or may have.
    pub(crate) fn may_have_written(&self) -> bool {
        self.action.is_write() && (self.is_ok() || self.is_unknown())
    }
}

/// What an answer told of one object.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sight {
    pub(crate) kind: ObjectKind,
    pub(crate) id: Name,
    pub(crate) state: State,
}

/// One object at the end.
#[derive(Clone, Debug)]
pub(crate) struct FinalEntry {
    pub(crate) kind: ObjectKind,
    pub(crate) id: Name,
    pub(crate) state: State,
    pub(crate) slot: Name,
    pub(crate) patient: Option<u64>,
    pub(crate) invoice: Name,
    pub(crate) key: Name,
    pub(crate) amount: Option<i64>,
    pub(crate) refunded_amount: Option<i64>,
}

/// Places of a slot.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct SlotPlaces {
    pub(crate) capacity: u32,
    pub(crate) taken_count: u32,
}

/// A log in memory.
#[derive(Debug)]
pub struct History {
    header: Header,
    names: Names,
    entries: Vec<Entry>,
    sights: Vec<Sight>,
    places: FxHashMap<Name, SlotPlaces>,
    finals: Vec<FinalEntry>,
    listed: [bool; KIND_COUNT],
    ended: bool,
    torn: Option<TornLine>,
}

impl History {
    /// Reads a whole log. About 130 bytes are kept per operation, and each id once.
    ///
    /// # Errors
    /// [`LogError`] with the number of the line, among them operations with the same id, answers before their
    /// request, and an end that counts other operations than there are. A torn last line is no error: see
    /// [`Self::torn`].
    pub fn read(source: impl BufRead) -> Result<History, LogError> {
        let mut log = LogReader::new(source)?;
        let mut history = History {
            header: log.header().clone(),
            names: Names::new(),
            entries: Vec::new(),
            sights: Vec::new(),
            places: FxHashMap::default(),
            finals: Vec::new(),
            listed: [false; KIND_COUNT],
            ended: false,
            torn: None,
        };
        loop {
            let line = log.line() + 1;
            let Some(record) = log.next_record()? else { break };
            match record {
                Record::Header(_) | Record::Template(_) => {}
                Record::Slot(slot) => {
                    let places = SlotPlaces { capacity: slot.capacity, taken_count: slot.taken_count };
                    let name = history.names.of(&slot.id);
                    history.places.insert(name, places);
                }
                Record::Operation(operation) => history.add(&operation, line)?,
                Record::Final(state) => history.add_final(&state),
                Record::End(end) => {
                    history.ended = true;
                    for kind in end.listed {
                        history.listed[kind as usize] = true;
                    }
                    let count = history.entries.len() as u64;
                    if end.operation_count != count {
                        let what =
                            format!("the end counts {} operations, the log has {count}", end.operation_count);
                        return Err(LogError::Disagreement { line, what });
                    }
                }
            }
        }
        history.torn = log.torn();
        history.entries.sort_by_key(|entry| (entry.sent_at, entry.id));
        history.resolve().map_err(|what| LogError::Disagreement { line: log.line(), what })?;
        Ok(history)
    }

    /// Makes sure ids are unique, and turns unknown outcomes that a later answer resolved into successes that were
    /// acknowledged when that answer came.
    fn resolve(&mut self) -> Result<(), String> {
        let mut ids: Vec<(u64, u32)> =
            self.entries.iter().zip(0..).map(|(entry, index)| (entry.id, index)).collect();
        ids.sort_unstable();
        if let Some(pair) = ids.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            return Err(format!("operation {} is there twice; ids are unique within a log", pair[0].0));
        }
        let mut finals: Vec<(ObjectKind, Name)> =
            self.finals.iter().map(|state| (state.kind, state.id)).collect();
        finals.sort_unstable();
        if let Some(pair) = finals.windows(2).find(|pair| pair[0] == pair[1]) {
            let (kind, id) = pair[0];
            return Err(format!("the final state of {} {} is there twice", kind.name(), self.text(id)));
        }
        for index in 0..self.entries.len() {
            let answer = &self.entries[index];
            let (Some(id), Outcome::Ok(status)) = (answer.resolves, answer.outcome) else { continue };
            let Ok(at) = ids.binary_search_by_key(&id, |&(id, _)| id) else {
                return Err(format!(
                    "operation {} resolves operation {id}, which the log does not have",
                    answer.id
                ));
            };
            let answer = answer.clone();
            let resolved = &mut self.entries[ids[at].1 as usize];
            if !resolved.is_unknown() {
                continue;
            }
            resolved.outcome = Outcome::Ok(status);
            resolved.done_at = resolved.done_at.max(answer.done_at);
            for (own, found) in [
                (&mut resolved.slot, answer.slot),
                (&mut resolved.hold, answer.hold),
                (&mut resolved.appointment, answer.appointment),
                (&mut resolved.invoice, answer.invoice),
                (&mut resolved.payment, answer.payment),
                (&mut resolved.order, answer.order),
            ] {
                if !own.is_some() {
                    *own = found;
                }
            }
        }
        Ok(())
    }

    fn add(&mut self, operation: &Operation<'_>, line: u64) -> Result<(), LogError> {
        if operation.at.done_at < operation.at.sent_at {
            let what = format!(
                "operation {}: done at {} µs, before it was sent at {} µs",
                operation.id, operation.at.done_at, operation.at.sent_at
            );
            return Err(LogError::Disagreement { line, what });
        }
        let names = &mut self.names;
        let mut name = |text: &Option<crate::text::Text<'_>>| match text {
            Some(text) => names.of(text),
            None => Name::NONE,
        };
        let mut hasher = rustc_hash::FxHasher::default();
        (operation.template, operation.amount, operation.arguments.len()).hash(&mut hasher);
        for argument in &operation.arguments {
            argument.hash(&mut hasher);
        }
        let [slot, hold, appointment, invoice, payment, order, key] = [
            &operation.slot,
            &operation.hold,
            &operation.appointment,
            &operation.invoice,
            &operation.payment,
            &operation.order,
            &operation.key,
        ]
        .map(&mut name);
        let first_sight = self.sights.len() as u32;
        let entry = Entry {
            id: operation.id,
            patient: operation.patient,
            sent_at: operation.at.sent_at,
            done_at: operation.at.done_at,
            action: operation.action,
            outcome: operation.outcome,
            wants: operation.wants,
            slot,
            hold,
            appointment,
            invoice,
            payment,
            order,
            object: operation.object.as_ref().map(|(kind, id)| (*kind, names.of(id))),
            key,
            amount: operation.amount,
            hold_time_us: operation.hold_time_us,
            place_count: operation.place_count,
            resolves: operation.resolves,
            request_hash: hasher.finish(),
            seen: (first_sight, first_sight + operation.seen.len() as u32),
        };
        for seen in &operation.seen {
            let id = self.names.of(&seen.id);
            self.sights.push(Sight { kind: seen.kind, id, state: seen.state });
        }
        self.entries.push(entry);
        Ok(())
    }

    fn add_final(&mut self, state: &FinalState<'_>) {
        let names = &mut self.names;
        let mut name = |text: &Option<crate::text::Text<'_>>| match text {
            Some(text) => names.of(text),
            None => Name::NONE,
        };
        let entry = FinalEntry {
            kind: state.kind,
            slot: name(&state.slot),
            patient: state.patient,
            invoice: name(&state.invoice),
            key: name(&state.key),
            id: self.names.of(&state.id),
            state: state.state,
            amount: state.amount,
            refunded_amount: state.refunded_amount,
        };
        self.finals.push(entry);
    }

    /// The header.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// How many operations the log holds.
    pub fn operation_count(&self) -> u64 {
        self.entries.len() as u64
    }

    /// Whether the run ended in order, so that every request it sent is in the log.
    pub fn has_ended(&self) -> bool {
        self.ended
    }

    /// The torn last line, if there is one.
    pub fn torn(&self) -> Option<TornLine> {
        self.torn
    }

    /// Operations in order of sending.
    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    pub(crate) fn sights(&self, entry: &Entry) -> &[Sight] {
        &self.sights[entry.seen.0 as usize..entry.seen.1 as usize]
    }

    pub(crate) fn finals(&self) -> &[FinalEntry] {
        &self.finals
    }

    /// Whether the final states list every object of this kind.
    pub(crate) fn lists(&self, kind: ObjectKind) -> bool {
        self.ended && self.listed[kind as usize]
    }

    pub(crate) fn places(&self, slot: Name) -> SlotPlaces {
        let default = SlotPlaces { capacity: self.header.slot_capacity, taken_count: 0 };
        self.places.get(&slot).copied().unwrap_or(default)
    }

    pub(crate) fn text(&self, name: Name) -> &str {
        if name.is_some() { self.names.text(name) } else { "" }
    }

    pub(crate) fn name_count(&self) -> usize {
        self.names.count()
    }
}
