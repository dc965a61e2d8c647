//! The future: events ordered by instant, then rank, then the order in which they were planned.
//!
//! **Order at ties.** Events of one instant leave by [`EventRank`]: servers are released before anything else happens,
//! opening hours change before anyone arrives, people on their way arrive before people from outside, and patience
//! runs out last, so that whoever is called at that very instant is served. Within a rank the event planned first
//! leaves first.
//!
//! An event is one `u128`: instant (64 bits) | rank (3) | sequence (33) | kind (4) | index (24). Comparing two events is
//! one integer comparison. The heap is 4-ary and implicit. A popped root is left open until the next call: a push,
//! which mostly follows, then needs one pass down instead of a pass down and a pass up.
//!
//! **Cancelling** costs nothing here: the owner of an event remembers its sequence and forgets it; an event that
//! leaves with another sequence is stale and is passed over.

use crate::time::SimTime;

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
}

impl EventKind {
    #[inline(always)]
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
            _ => EventKind::WarmUpEnd,
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

/// One planned event.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Event(u128);

impl Event {
    const NONE: Event = Event(u128::MAX);

    /// The place of an arrival from outside at `at` among the planned events.
    #[inline(always)]
    pub(crate) fn arrival_at(at: SimTime) -> Event {
        Event((u128::from(at.as_micros()) << 64) | (u128::from(EventRank::Arrival as u8) << RANK_SHIFT))
    }

    #[inline(always)]
    pub(crate) fn at(self) -> SimTime {
        SimTime::from_micros((self.0 >> 64) as u64)
    }

    #[inline(always)]
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

/// The events to come.
pub(crate) struct EventList {
    heap: Vec<u128>,
    /// The root has been popped and not yet been filled.
    open: bool,
    sequence: u64,
}

impl EventList {
    pub(crate) fn new() -> Self {
        EventList { heap: Vec::with_capacity(1024), open: false, sequence: 0 }
    }

    pub(crate) fn clear(&mut self) {
        self.heap.clear();
        self.open = false;
        self.sequence = 0;
    }

    /// Plans an event and returns its ticket. O(log₄ n).
    #[inline(always)]
    pub(crate) fn plan(&mut self, at: SimTime, rank: EventRank, kind: EventKind, index: usize) -> u32 {
        self.sequence += 1;
        let low = (u64::from(rank as u8) << RANK_SHIFT)
            | (self.sequence << SEQUENCE_SHIFT)
            | ((kind as u64) << INDEX_BITS)
            | index as u64;
        let key = (u128::from(at.as_micros()) << 64) | u128::from(low);
        if self.open {
            self.open = false;
            self.sift_down(key);
        } else {
            self.sift_up(key);
        }
        self.sequence as u32
    }

    /// True when the sequence numbers are used up and order at ties could no longer be kept.
    pub(crate) fn is_worn_out(&self) -> bool {
        self.sequence >= MAX_SEQUENCE
    }

    /// Events planned and not yet left, stale ones included.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.heap.len() - usize::from(self.open)
    }

    /// The next event without taking it; [`Event::NONE`], later than all, when there is none.
    #[inline(always)]
    pub(crate) fn peek(&mut self) -> Event {
        if self.open {
            self.close();
        }
        match self.heap.first() {
            Some(&key) => Event(key),
            None => Event::NONE,
        }
    }

    /// Takes the event last seen by [`EventList::peek`]. O(1); the next call pays.
    #[inline(always)]
    pub(crate) fn take(&mut self) {
        debug_assert!(!self.open && !self.heap.is_empty());
        self.open = true;
    }

    /// Fills the open root with the last leaf.
    #[inline]
    fn close(&mut self) {
        self.open = false;
        if let Some(last) = self.heap.pop()
            && !self.heap.is_empty()
        {
            self.sift_down(last);
        }
    }

    #[inline(always)]
    fn sift_up(&mut self, key: u128) {
        let mut hole = self.heap.len();
        self.heap.push(key);
        let heap = &mut self.heap[..];
        while hole > 0 {
            let parent = (hole - 1) / 4;
            if heap[parent] <= key {
                break;
            }
            heap[hole] = heap[parent];
            hole = parent;
        }
        heap[hole] = key;
    }

    #[inline(always)]
    fn sift_down(&mut self, key: u128) {
        let heap = &mut self.heap[..];
        let mut hole = 0;
        loop {
            let first = 4 * hole + 1;
            let (least, least_key) = if let Some(&[a, b, c, d]) = heap.get(first..first + 4) {
                let (left, left_key) = if b < a { (first + 1, b) } else { (first, a) };
                let (right, right_key) = if d < c { (first + 3, d) } else { (first + 2, c) };
                if right_key < left_key { (right, right_key) } else { (left, left_key) }
            } else {
                let mut least = hole;
                let mut least_key = key;
                for (child, &child_key) in heap.iter().enumerate().skip(first) {
                    if child_key < least_key {
                        (least, least_key) = (child, child_key);
                    }
                }
                (least, least_key)
            };
            if key <= least_key {
                break;
            }
            heap[hole] = least_key;
            hole = least;
        }
        heap[hole] = key;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::{Purpose, RunKey};

    fn pop(list: &mut EventList) -> Option<Event> {
        let event = list.peek();
        if event == Event::NONE {
            return None;
        }
        list.take();
        Some(event)
    }

    #[test]
    fn events_leave_by_instant_then_rank_then_order_of_planning() {
        let mut list = EventList::new();
        let at = SimTime::from_micros;
        list.plan(at(5), EventRank::Patience, EventKind::PatienceEnd, 1);
        list.plan(at(5), EventRank::Release, EventKind::ServiceEnd, 2);
        list.plan(at(4), EventRank::Patience, EventKind::PatienceEnd, 3);
        list.plan(at(5), EventRank::Release, EventKind::ServiceEnd, 4);
        list.plan(at(5), EventRank::Control, EventKind::Tick, 5);
        let order: Vec<usize> = std::iter::from_fn(|| pop(&mut list)).map(Event::index).collect();
        assert_eq!(order, [3, 2, 4, 5, 1]);
        assert_eq!(list.len(), 0);
    }

    #[test]
    fn an_arrival_stands_between_people_inside_and_patience() {
        let mut list = EventList::new();
        let at = SimTime::from_micros(9);
        list.plan(at, EventRank::Patience, EventKind::PatienceEnd, 0);
        assert!(Event::arrival_at(at) < list.peek());
        list.plan(at, EventRank::Inside, EventKind::PauseEnd, 0);
        assert!(list.peek() < Event::arrival_at(at));
    }

    #[test]
    fn a_long_random_history_leaves_as_a_sorted_list_would() {
        let mut stream =
            RunKey::new(3, 0, 0).entity(Purpose::named("list"), 0).stream(Purpose::named("times"));
        let mut list = EventList::new();
        let mut reference = std::collections::BTreeSet::new();
        let mut now = 0;
        for step in 0..200_000_u64 {
            if stream.below(100) < 51 || reference.is_empty() {
                let at = now + u64::from(stream.below(50));
                let rank = [EventRank::Release, EventRank::Inside][stream.below(2) as usize];
                list.plan(SimTime::from_micros(at), rank, EventKind::ServiceEnd, (step % 1000) as usize);
                reference.insert((at, rank as u8, list.sequence, (step % 1000) as usize));
            } else {
                let event = pop(&mut list).expect("the reference has one");
                let first = reference.pop_first().expect("not empty");
                now = first.0;
                assert_eq!((event.at().as_micros(), event.index()), (first.0, first.3));
                assert_eq!(event.ticket(), first.2 as u32);
            }
            assert_eq!(list.len(), reference.len());
        }
    }
}
