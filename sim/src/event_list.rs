//! The future: events ordered by instant, then rank, then the order in which they were planned.
//!
//! **Order at ties.** Events of one instant leave by [`EventRank`]: servers are released before anything else happens,
//! opening hours change before anyone arrives, people on their way arrive before people from outside, and patience
//! runs out last, so that whoever is called at that very instant is served. Within a rank the event planned first
//! leaves first.
//!
//! An event is one `u128`: instant (64 bits) | rank (3) | sequence (33) | kind (4) | index (24). Comparing two events is
//! one integer comparison.
//!
//! **Structure.** The near future is a wheel of 8,192 slots of 2ᵏ µs. Occupied slots are always in the order of their
//! events; an event lies in the slot of its instant, or further right when that one is taken. Taking the next is a look
//! for the first bit set in a bitmap; planning is one store, or a short shift where events crowd. What is further ahead
//! lies unsorted on 512 shelves of half a turn of the wheel each; a shelf is poured into the wheel when its time comes.
//! Those who find no place in a crowd (patients who wait for a session all leave at one instant) line up behind one another
//! as long as they come in order. Whatever does not fit either (beyond the shelves, out of order in a crowd, or in the
//! slot that is being emptied) goes to a binary heap; the next event is the earliest of the three heads. The width of a
//! slot follows the density of events ([`EventList::retune`]), so a village and a city both find the next event in the
//! next few slots. Order never depends on the width.
//!
//! **Cancelling** costs nothing here: the owner of an event remembers its sequence and forgets it; an event that
//! leaves with another sequence is stale and is passed over.

#[cfg(test)]
mod tests;

use crate::time::{SimSpan, SimTime};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

/// Who goes first at one instant.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[repr(u8)]
pub(crate) enum EventRank {
    /// A service ends, a machine is repaired: servers become free.
    Release = 0,
    /// Opening hours, breakdowns, the turn of the hour.
    Control = 1,
    /// Someone inside reaches the next place.
    Inside = 2,
    /// Someone arrives from outside.
    Arrival = 3,
    /// Patience runs out.
    Patience = 4,
    /// The run is over.
    End = 5,
}

/// What happens, packed with the index of the customer, station or machine it happens to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum EventKind {
    ServiceEnd = 0,
    PauseEnd = 1,
    PatienceEnd = 2,
    ShiftChange = 3,
    Failure = 4,
    Repair = 5,
    SharingEnd = 6,
    Promotion = 7,
    Tick = 8,
    WarmUpEnd = 9,
    RunEnd = 10,
    OutageBegin = 11,
    OutageEnd = 12,
}

impl EventKind {
    fn from_bits(bits: u64) -> EventKind {
        match bits {
            0 => EventKind::ServiceEnd,
            1 => EventKind::PauseEnd,
            2 => EventKind::PatienceEnd,
            3 => EventKind::ShiftChange,
            4 => EventKind::Failure,
            5 => EventKind::Repair,
            6 => EventKind::SharingEnd,
            7 => EventKind::Promotion,
            8 => EventKind::Tick,
            9 => EventKind::WarmUpEnd,
            11 => EventKind::OutageBegin,
            12 => EventKind::OutageEnd,
            _ => EventKind::RunEnd,
        }
    }
}

const INDEX_BITS: u32 = 24;
const KIND_BITS: u32 = 4;
const SEQUENCE_BITS: u32 = 33;
const SEQUENCE_SHIFT: u32 = INDEX_BITS + KIND_BITS;
const RANK_SHIFT: u32 = SEQUENCE_SHIFT + SEQUENCE_BITS;

/// Largest index of a customer, station or machine that an event can carry.
pub(crate) const MAX_INDEX: usize = (1 << INDEX_BITS) - 1;

/// Events one run can plan before [`EventList::is_worn_out`] says so: 8.6 thousand million.
const MAX_SEQUENCE: u64 = (1 << SEQUENCE_BITS) - 1;

/// Later than all events: the key of none.
const NOTHING: u128 = u128::MAX;

/// One planned event.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Event(u128);

impl Event {
    /// The place of an arrival from outside at `at` among the planned events.
    #[inline(always)]
    pub(crate) fn arrival_at(at: SimTime) -> Event {
        Event((u128::from(at.as_micros()) << 64) | (u128::from(EventRank::Arrival as u8) << RANK_SHIFT))
    }

    #[inline(always)]
    pub(crate) fn at(self) -> SimTime {
        SimTime::from_micros((self.0 >> 64) as u64)
    }

    /// `self.kind() == kind`, in one test.
    #[inline(always)]
    pub(crate) fn is(self, kind: EventKind) -> bool {
        self.0 as u64 & (((1 << KIND_BITS) - 1) << INDEX_BITS) == (kind as u64) << INDEX_BITS
    }

    pub(crate) fn kind(self) -> EventKind {
        EventKind::from_bits((self.0 as u64 >> INDEX_BITS) & ((1 << KIND_BITS) - 1))
    }

    #[inline(always)]
    pub(crate) fn index(self) -> usize {
        self.0 as usize & MAX_INDEX
    }

    /// The low 32 bits of the sequence, by which an owner knows its live event.
    #[inline(always)]
    pub(crate) fn ticket(self) -> u32 {
        (self.0 as u64 >> SEQUENCE_SHIFT) as u32
    }
}

const SLOT_COUNT: usize = 1 << 13;
const SLOT_MASK: u64 = SLOT_COUNT as u64 - 1;
const WORD_MASK: usize = SLOT_COUNT / 64 - 1;
/// Slots an event may be shifted right.
const CROWD: u64 = 48;
/// Slots ahead that the wheel takes, so that neither a shift nor the word it ends in meets the word of the slot just
/// emptied.
const REACH: u64 = SLOT_COUNT as u64 - CROWD - 64;
/// A shelf holds the events of so many slots, as a power of two; less than the reach.
const SHELF_BITS: u32 = 12;
/// Shelves, one a bit of so many words.
const SHELF_COUNT: u64 = 64 * SHELF_WORDS as u64;
const SHELF_WORDS: usize = 8;
/// A slot of 0.26 s, until the density of events is known.
const FIRST_WIDTH_BITS: u32 = 18;
/// So many events of a period tell how dense they are; what is planned at the start of a run does not.
const SHORT_PERIOD: u64 = 256;
/// So many events of a whole run do.
const LEAST_COUNT: u64 = 16;
/// After so many the width is looked at again, where it costs anything; a crowd of a thousand hardly counts among them.
const LONG_PERIOD: u64 = 4096;

/// The width of a slot, in bits, that gives about four slots an event.
fn suitable_width_bits(span_micros: u64, event_count: u64) -> u32 {
    (span_micros / event_count / 4).max(1).ilog2()
}

/// The events to come.
pub(crate) struct EventList {
    slots: Box<[u128; SLOT_COUNT]>,
    occupied: [u64; SLOT_COUNT / 64],
    width_bits: u32,
    /// Every slot up to this one is empty.
    emptied: u64,
    near_count: usize,
    /// What lies ahead of the wheel; those of shelf n at n modulo their number.
    shelves: Vec<Vec<u128>>,
    /// Shelves with anything on them, as bits.
    filled: [u64; SHELF_WORDS],
    /// The memory of shelves that were poured; the last one is warm.
    spare: Vec<Vec<u128>>,
    /// When the first shelf with anything on it begins; `u64::MAX` when there is none.
    shelf_at: u64,
    /// Those who met a crowd, in order.
    line: VecDeque<u128>,
    /// What fits nowhere else.
    far: BinaryHeap<Reverse<u128>>,
    /// The earliest of `shelf_at` and the instants of the heads of `far` and `line`.
    far_at: u64,
    sequence: u64,
    tuned_at: SimTime,
    tuned_at_sequence: u64,
    /// Events planned since then for which the wheel did not reach far enough.
    beyond_count: u64,
    /// Events of this run whose density is known, and the sum of the widths that suited them, in bits.
    suited: (u64, u64),
}

impl EventList {
    pub(crate) fn new() -> Self {
        EventList {
            slots: Box::new([0; SLOT_COUNT]),
            occupied: [0; SLOT_COUNT / 64],
            width_bits: FIRST_WIDTH_BITS,
            emptied: 0,
            near_count: 0,
            shelves: vec![Vec::new(); SHELF_COUNT as usize],
            filled: [0; SHELF_WORDS],
            spare: Vec::new(),
            shelf_at: u64::MAX,
            line: VecDeque::new(),
            far: BinaryHeap::new(),
            far_at: u64::MAX,
            sequence: 0,
            tuned_at: SimTime::ZERO,
            tuned_at_sequence: 0,
            beyond_count: 0,
            suited: (0, 0),
        }
    }

    /// Begins another run without events; a slot is as wide as suited most of those of the run before.
    pub(crate) fn clear(&mut self) {
        let (count, width_sum) = std::mem::take(&mut self.suited);
        match width_sum.checked_div(count) {
            Some(mean_bits) => self.width_bits = mean_bits as u32,
            // Too few events at any time: what suits them over the whole run.
            None if self.sequence >= LEAST_COUNT => {
                self.width_bits = suitable_width_bits(self.emptied << self.width_bits, self.sequence);
            }
            None => {}
        }
        self.forget();
        self.emptied = 0;
        self.sequence = 0;
        self.tuned_at = SimTime::ZERO;
        self.tuned_at_sequence = 0;
        self.beyond_count = 0;
    }

    /// Forgets all events, and nothing else.
    pub(crate) fn forget(&mut self) {
        self.occupied.fill(0);
        self.near_count = 0;
        self.clear_shelves(Vec::clear);
        self.line.clear();
        self.far.clear();
        self.far_at = u64::MAX;
    }

    /// Plans an event and returns its ticket.
    #[inline(always)]
    pub(crate) fn plan(&mut self, at: SimTime, rank: EventRank, kind: EventKind, index: usize) -> u32 {
        self.sequence += 1;
        let low = (u64::from(rank as u8) << RANK_SHIFT)
            | (self.sequence << SEQUENCE_SHIFT)
            | ((kind as u64) << INDEX_BITS)
            | index as u64;
        self.insert((u128::from(at.as_micros()) << 64) | u128::from(low));
        self.sequence as u32
    }

    #[inline(always)]
    fn insert(&mut self, key: u128) {
        let slot = (key >> 64) as u64 >> self.width_bits;
        if !self.reaches(slot) || !self.is_put(key, slot) {
            self.insert_elsewhere(key, slot);
        }
    }

    /// Whether a slot is one of those that the wheel now has.
    #[inline(always)]
    fn reaches(&self, slot: u64) -> bool {
        slot.wrapping_sub(self.emptied + 1) < REACH
    }

    /// In a crowd, beyond the wheel, or in the slot being emptied: where slots are too wide or too narrow, the usual case.
    #[inline(never)]
    fn insert_elsewhere(&mut self, key: u128, slot: u64) {
        if self.sequence - self.tuned_at_sequence >= LONG_PERIOD {
            // It is not later than any event to come, and hardly earlier.
            let now = self.next_at().min((key >> 64) as u64);
            self.retune(SimTime::from_micros(now));
            return self.find_place(key);
        }
        self.find_other_place(key, slot);
    }

    fn find_place(&mut self, key: u128) {
        let slot = (key >> 64) as u64 >> self.width_bits;
        if !self.reaches(slot) || !self.is_put(key, slot) {
            self.find_other_place(key, slot);
        }
    }

    /// Where the slot is taken, or not one of those that the wheel has.
    #[inline(always)]
    fn find_other_place(&mut self, key: u128, slot: u64) {
        if !self.reaches(slot) {
            self.insert_far(key, slot);
        } else if !self.is_fitted_in(key, slot) {
            self.line_up(key);
        }
    }

    /// There is no place in the crowd.
    fn line_up(&mut self, key: u128) {
        if self.line.back().is_some_and(|&last| last > key) {
            return self.insert_aside(key);
        }
        self.line.push_back(key);
        self.far_at = self.far_at.min((key >> 64) as u64);
    }

    /// Puts an event into its own slot, if that is free.
    #[inline(always)]
    fn is_put(&mut self, key: u128, slot: u64) -> bool {
        let word = &mut self.occupied[(slot >> 6) as usize & WORD_MASK];
        let (before, after) = (*word, *word | 1 << (slot & 63));
        if before == after {
            return false;
        }
        *word = after;
        self.slots[(slot & SLOT_MASK) as usize] = key;
        self.near_count += 1;
        true
    }

    /// Beyond the wheel, or in the slot being emptied.
    #[inline(always)]
    fn insert_far(&mut self, key: u128, slot: u64) {
        self.beyond_count += 1;
        let shelf = slot >> SHELF_BITS;
        let ahead = shelf.wrapping_sub(self.emptied >> SHELF_BITS);
        if ahead == 0 || ahead >= SHELF_COUNT {
            return self.insert_aside(key);
        }
        let place = (shelf % SHELF_COUNT) as usize;
        let keys = &mut self.shelves[place];
        if keys.capacity() == 0 {
            *keys = self.spare.pop().unwrap_or_default();
        }
        keys.push(key);
        self.filled[place / 64] |= 1 << (place % 64);
        self.shelf_at = self.shelf_at.min(shelf << SHELF_BITS << self.width_bits);
        self.far_at = self.far_at.min(self.shelf_at);
    }

    /// The first shelf with anything on it. None of those up to the one of the slot just emptied has.
    fn first_shelf(&self) -> Option<u64> {
        let base = self.emptied >> SHELF_BITS;
        let first = (base % SHELF_COUNT) as usize;
        let (number, since) = (first / 64, u64::MAX << (first % 64));
        // The word of the base from there on, the others, and what comes before the base in its own word.
        (0..=SHELF_WORDS).find_map(|step| {
            let number = (number + step) % SHELF_WORDS;
            let word = match step {
                0 => self.filled[number] & since,
                SHELF_WORDS => self.filled[number] & !since,
                _ => self.filled[number],
            };
            let place = 64 * number as u64 + u64::from(word.trailing_zeros());
            (word != 0).then(|| base + (place + SHELF_COUNT - first as u64) % SHELF_COUNT)
        })
    }

    /// Everything before the first shelf in use is over: what lies on it goes to the wheel.
    #[inline(never)]
    fn pour(&mut self) {
        let shelf = self.shelf_at >> self.width_bits >> SHELF_BITS;
        self.emptied = self.emptied.max((shelf << SHELF_BITS) - 1);
        let place = (shelf % SHELF_COUNT) as usize;
        self.filled[place / 64] &= !(1 << (place % 64));
        self.shelf_at = self.first_shelf().map_or(u64::MAX, |shelf| shelf << SHELF_BITS << self.width_bits);
        let mut keys = std::mem::take(&mut self.shelves[place]);
        keys.drain(..).for_each(|key| self.find_place(key));
        self.spare.push(keys);
        self.note_far();
    }

    /// Empties the shelves in use.
    fn clear_shelves(&mut self, mut clear: impl FnMut(&mut Vec<u128>)) {
        for (number, word) in self.filled.iter_mut().enumerate() {
            while *word != 0 {
                clear(&mut self.shelves[64 * number + word.trailing_zeros() as usize]);
                *word &= *word - 1;
            }
        }
        self.shelf_at = u64::MAX;
    }

    /// The earliest event outside the wheel and the shelves.
    fn far_head(&self) -> u128 {
        let of_line = self.line.front().map_or(NOTHING, |&key| key);
        self.far.peek().map_or(of_line, |&Reverse(key)| key.min(of_line))
    }

    fn note_far(&mut self) {
        self.far_at = self.shelf_at.min((self.far_head() >> 64) as u64);
    }

    #[inline(never)]
    fn insert_aside(&mut self, key: u128) {
        self.far.push(Reverse(key));
        self.far_at = self.far_at.min((key >> 64) as u64);
    }

    /// The slot is taken: the larger of the two moves on, up to the next free slot, if that is near.
    #[inline(never)]
    fn is_fitted_in(&mut self, key: u128, slot: u64) -> bool {
        let Some(free) = self.free_after(slot) else { return false };
        let mut here = free;
        while here > slot && self.slots[((here - 1) & SLOT_MASK) as usize] > key {
            self.slots[(here & SLOT_MASK) as usize] = self.slots[((here - 1) & SLOT_MASK) as usize];
            here -= 1;
        }
        self.slots[(here & SLOT_MASK) as usize] = key;
        self.occupied[(free >> 6) as usize & WORD_MASK] |= 1 << (free & 63);
        self.near_count += 1;
        true
    }

    /// The first free slot after this one, within a crowd.
    #[inline(always)]
    fn free_after(&self, slot: u64) -> Option<u64> {
        let first = slot + 1;
        let word = |number: u64| self.occupied[number as usize & WORD_MASK];
        let (number, bit) = (first >> 6, first & 63);
        // The 64 slots from `first` on, across the words they lie in.
        let taken = word(number) >> bit | word(number + 1) << 1 << (63 - bit);
        let free = first + u64::from(taken.trailing_ones());
        (free < slot + CROWD).then_some(free)
    }

    /// Takes the next event, unless a customer from outside who comes at `arrival_at` is first: then, and when there is
    /// nothing to come before [`SimTime::NEVER`], what is returned is at [`SimTime::NEVER`] and is no event.
    #[inline(always)]
    pub(crate) fn take_before(&mut self, arrival_at: SimTime) -> Event {
        // In the word of the slot just emptied, nothing before that slot is in use: see `REACH`.
        let mut first = self.emptied & !63;
        let mut number = (first >> 6) as usize & WORD_MASK;
        let mut word = self.occupied[number];
        if word == 0 {
            if self.near_count == 0 {
                return self.take_rarer(0, NOTHING, arrival_at);
            }
            (first, number, word) = self.next_word(first);
        }
        let slot = first | u64::from(word.trailing_zeros());
        let key = self.slots[(slot & SLOT_MASK) as usize];
        let at = (key >> 64) as u64;
        let limit = arrival_at.as_micros();
        // Which of the two is first nobody can foretell; that nothing far is, nearly always.
        if at < limit {
            if at < self.far_at {
                self.occupied[number] = word & (word - 1);
                self.near_count -= 1;
                self.emptied = slot;
                return Event(key);
            }
        } else if limit < at && limit < self.far_at {
            return Event(NOTHING);
        }
        self.take_rarer(slot, key, arrival_at)
    }

    /// The first slot, the place and the bits of the next word in use after the one that begins at `first`.
    #[inline(always)]
    fn next_word(&self, mut first: u64) -> (u64, usize, u64) {
        loop {
            first += 64;
            let number = (first >> 6) as usize & WORD_MASK;
            let word = self.occupied[number];
            if word != 0 {
                return (first, number, word);
            }
        }
    }

    /// When the next event comes, or the first shelf in use begins, if that is earlier.
    fn next_at(&self) -> u64 {
        if self.near_count == 0 {
            return self.far_at;
        }
        let mut first = self.emptied & !63;
        let mut word = self.occupied[(first >> 6) as usize & WORD_MASK];
        if word == 0 {
            (first, _, word) = self.next_word(first);
        }
        let slot = first | u64::from(word.trailing_zeros());
        self.far_at.min((self.slots[(slot & SLOT_MASK) as usize] >> 64) as u64)
    }

    /// The next event may be far, or is at the very instant of an arrival, or there is none near.
    #[inline(never)]
    fn take_rarer(&mut self, slot: u64, near_head: u128, arrival_at: SimTime) -> Event {
        let far_head = self.far_head();
        let next = Event(near_head.min(far_head));
        if self.shelf_at < u64::MAX && self.shelf_at <= next.at().as_micros().min(arrival_at.as_micros()) {
            self.pour();
            return self.take_before(arrival_at);
        }
        if next > Event::arrival_at(arrival_at) || next.at() == SimTime::NEVER {
            return Event(NOTHING);
        }
        if next.0 == far_head {
            self.take_far(far_head);
        } else {
            self.occupied[(slot >> 6) as usize & WORD_MASK] &= !(1 << (slot & 63));
            self.near_count -= 1;
            self.emptied = slot;
        }
        next
    }

    #[inline(never)]
    fn take_far(&mut self, head: u128) {
        if self.line.front() == Some(&head) {
            self.line.pop_front();
        } else {
            self.far.pop();
        }
        // Nothing earlier is left, so the slots before this instant are empty.
        let slot = (head >> 64) as u64 >> self.width_bits;
        self.emptied = self.emptied.max(slot.saturating_sub(1));
        self.note_far();
    }

    /// Fits the width of a slot to the events planned since the last call; no wider than it is unless many lie beyond the
    /// wheel.
    pub(crate) fn retune(&mut self, now: SimTime) {
        let (planned, span) = (self.sequence - self.tuned_at_sequence, now.since(self.tuned_at));
        if span == SimSpan::ZERO {
            return;
        }
        self.tuned_at_sequence = self.sequence;
        self.tuned_at = now;
        let is_short = std::mem::take(&mut self.beyond_count) > planned / 8;
        if planned < SHORT_PERIOD {
            return;
        }
        let width_bits = suitable_width_bits(span.as_micros(), planned);
        self.suited.0 += planned;
        self.suited.1 += planned * u64::from(width_bits);
        let is_fit = width_bits.abs_diff(self.width_bits) < 2;
        if is_fit || width_bits > self.width_bits && !is_short {
            return;
        }
        let mut keys = Vec::with_capacity(self.near_count);
        for (word, slots) in self.occupied.iter_mut().zip(self.slots.chunks_exact(64)) {
            while *word != 0 {
                keys.push(slots[word.trailing_zeros() as usize]);
                *word &= *word - 1;
            }
        }
        self.clear_shelves(|shelf| keys.append(shelf));
        keys.extend(self.line.drain(..));
        keys.extend(std::mem::take(&mut self.far).into_iter().map(|Reverse(key)| key));
        self.near_count = 0;
        self.far_at = u64::MAX;
        self.width_bits = width_bits;
        self.emptied = (now.as_micros() >> width_bits).saturating_sub(1);
        keys.into_iter().for_each(|key| self.insert(key));
    }

    /// True when the sequence numbers are used up and order at ties could no longer be kept.
    pub(crate) fn is_worn_out(&self) -> bool {
        self.sequence >= MAX_SEQUENCE
    }

    /// Events planned and not yet left, stale ones included.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.near_count + self.line.len() + self.far.len() + self.shelves.iter().map(Vec::len).sum::<usize>()
    }
}
