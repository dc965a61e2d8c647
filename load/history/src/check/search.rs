//! Is there an order of a slot's requests that explains every answer?
//!
//! The search is that of Wing and Gong (*Testing and verifying concurrent objects*, 1993) with Lowe's memory of dead
//! ends (*Testing for linearizability*, 2017), on one slot at a time, which is sound because slots are independent
//! (Horn and Kroening's P-compositionality, 2015). A request may take effect at any instant between sending and
//! answer; one of unknown outcome at any instant after sending, or never. The lapse of a hold is an event of its own
//! between the earliest and the latest instant at which it is due.
//!
//! Dead ends are remembered as a 128-bit sum of (required requests placed, claims made, claims that live), so
//! remembering costs the same for ten requests as for ten thousand. Which requests of unknown outcome were placed
//! need not be remembered: what they can still do follows from the claims. Two different dead ends share a sum with
//! probability below 10⁻²⁵ in a search of a million steps.

use super::events::{Act, ClaimSight, Event};
use crate::history::SlotPlaces;
use rustc_hash::FxHashSet;

/// What the search found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Answer {
    /// There is an order.
    Explained,
    /// There is none.
    Unexplained,
    /// The search was given up.
    OutOfBudget,
}

#[derive(Clone, Copy)]
enum Undo {
    Nothing,
    Pushed,
    Removed { index: u32, claim: u32, booked: bool },
    Promoted { index: u32 },
}

/// What placing an event next would do.
enum Step {
    Illegal,
    /// Legal and without effect, now and at any later point: placing it at once loses nothing.
    Idle,
    /// Legal; other orders must be tried too.
    Open,
}

struct Frame {
    event: u32,
    undo: Undo,
    first_candidate: usize,
    next_candidate: usize,
    first_unplaced: usize,
}

const NO_EVENT: u32 = u32::MAX;

/// The memory of the search, used again from slot to slot.
#[derive(Default)]
pub(crate) struct Searcher {
    required: Vec<u32>,
    optional: Vec<u32>,
    placed: Vec<bool>,
    created: Vec<u32>,
    solo: Vec<bool>,
    live: Vec<(u32, bool)>,
    candidates: Vec<u32>,
    frames: Vec<Frame>,
    dead_ends: FxHashSet<u128>,
    sum: u128,
    free_places: u32,
}

fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

fn code(item: u64) -> u128 {
    let high = mix(item.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(1));
    let low = mix(item.wrapping_mul(0xD605_BBB5_8C8A_BBC5).wrapping_add(7));
    u128::from(high) << 64 | u128::from(low)
}

fn claim_code(claim: u32, booked: bool) -> u128 {
    code(1 << 40 | u64::from(claim) << 1 | u64::from(booked))
}

fn created_code(claim: u32) -> u128 {
    code(1 << 41 | u64::from(claim))
}

impl Searcher {
    /// Searches an order for `events`, whose claims are numbered below `claim_count`, placing at most `step_limit`
    /// events.
    pub(crate) fn explain(
        &mut self,
        events: &[Event],
        claim_count: usize,
        places: SlotPlaces,
        step_limit: u64,
    ) -> Answer {
        self.prepare(events, claim_count, places);
        let mut step_count = 0;
        if self.open(events, NO_EVENT, Undo::Nothing, 0) {
            return Answer::Explained;
        }
        while let Some(frame) = self.frames.last_mut() {
            if frame.next_candidate == self.candidates.len() {
                let Some(frame) = self.frames.pop() else { break };
                self.dead_ends.insert(self.sum);
                self.candidates.truncate(frame.first_candidate);
                if frame.event != NO_EVENT {
                    self.take_back(events, frame.event, frame.undo);
                }
                continue;
            }
            let event = self.candidates[frame.next_candidate];
            frame.next_candidate += 1;
            let first_unplaced = frame.first_unplaced;
            step_count += 1;
            if step_count > step_limit {
                return Answer::OutOfBudget;
            }
            let undo = self.place(events, event);
            if !self.dead_ends.is_empty() && self.dead_ends.contains(&self.sum) {
                self.take_back(events, event, undo);
            } else if self.open(events, event, undo, first_unplaced) {
                return Answer::Explained;
            }
        }
        Answer::Unexplained
    }

    fn prepare(&mut self, events: &[Event], claim_count: usize, places: SlotPlaces) {
        self.required.clear();
        self.optional.clear();
        for (index, event) in events.iter().enumerate() {
            if event.required { &mut self.required } else { &mut self.optional }.push(index as u32);
        }
        let by_sent = |&index: &u32| (events[index as usize].from, index);
        self.required.sort_by_key(by_sent);
        self.optional.sort_by_key(by_sent);
        self.placed.clear();
        self.placed.resize(events.len(), false);
        self.created.clear();
        self.created.resize(claim_count, 0);
        self.live.clear();
        self.candidates.clear();
        self.frames.clear();
        self.dead_ends.clear();
        self.sum = 0;
        self.free_places = places.capacity.saturating_sub(places.taken_count);
        self.solo.clear();
        if !self.optional.is_empty() {
            self.solo.resize(claim_count, true);
            for event in events {
                let Some(claim) = event.act.claim() else { continue };
                let lone = matches!(event.act, Act::Lapse { .. })
                    || matches!(event.act, Act::Take { .. }) && !event.required && self.created[claim] == 0;
                self.solo[claim] &= lone;
                self.created[claim] += u32::from(matches!(event.act, Act::Take { .. }));
            }
            self.created.fill(0);
        }
    }

    /// Opens a node: true if everything required is placed. Otherwise its candidates are the events no unplaced one
    /// surely precedes, by instant of answer, those of unknown outcome last.
    fn open(&mut self, events: &[Event], event: u32, undo: Undo, mut first_unplaced: usize) -> bool {
        while first_unplaced < self.required.len() && self.placed[self.required[first_unplaced] as usize] {
            first_unplaced += 1;
        }
        if first_unplaced == self.required.len() {
            return true;
        }
        let first_candidate = self.candidates.len();
        let mut bound = u64::MAX;
        for &index in &self.required[first_unplaced..] {
            let event = &events[index as usize];
            if event.from > bound {
                break;
            }
            if !self.placed[index as usize] {
                bound = bound.min(event.until);
                self.candidates.push(index);
            }
        }
        let mut kept = first_candidate;
        let mut idle = None;
        for position in first_candidate..self.candidates.len() {
            let index = self.candidates[position];
            if events[index as usize].from > bound {
                continue;
            }
            match self.step(events, index) {
                Step::Illegal => {}
                Step::Idle => {
                    idle = Some(index);
                    break;
                }
                Step::Open => {
                    self.candidates[kept] = index;
                    kept += 1;
                }
            }
        }
        if let Some(index) = idle {
            self.candidates.truncate(first_candidate);
            self.candidates.push(index);
        } else {
            self.candidates.truncate(kept);
            self.candidates[first_candidate..].sort_by_key(|&index| (events[index as usize].until, index));
            self.offer_optional(events, bound);
        }
        self.frames.push(Frame {
            event,
            undo,
            first_candidate,
            next_candidate: first_candidate,
            first_unplaced,
        });
        false
    }

    /// Adds the events of unknown outcome that would change the state. Of bookings that nothing ever mentions again
    /// only the first is tried: the others could do no more.
    fn offer_optional(&mut self, events: &[Event], bound: u64) {
        let mut solo_tried = [false; 2];
        for position in 0..self.optional.len() {
            let index = self.optional[position];
            let event = &events[index as usize];
            if event.from > bound {
                break;
            }
            if self.placed[index as usize] || !matches!(self.step(events, index), Step::Open) {
                continue;
            }
            if let Act::Take { claim, held } = event.act
                && self.solo[claim as usize]
                && std::mem::replace(&mut solo_tried[usize::from(held)], true)
            {
                continue;
            }
            if let Act::Leave { claim } = event.act
                && self.created[claim as usize] == 0
            {
                continue;
            }
            self.candidates.push(index);
        }
    }

    fn live_index(&self, claim: u32) -> Option<usize> {
        self.live.iter().position(|&(live, _)| live == claim)
    }

    fn step(&self, events: &[Event], index: u32) -> Step {
        let free = self.free_places.saturating_sub(self.live.len() as u32);
        let legal_sight = |fits: bool| if fits { Step::Idle } else { Step::Illegal };
        match events[index as usize].act {
            Act::Take { claim, .. } if self.created[claim as usize] > 0 => Step::Idle,
            Act::Take { .. } if free > 0 => Step::Open,
            Act::Take { .. } => Step::Illegal,
            Act::Confirm { claim } => match self.live_index(claim) {
                Some(at) if self.live[at].1 => Step::Idle,
                Some(_) => Step::Open,
                None => Step::Illegal,
            },
            Act::Leave { claim } => {
                let gone = self.created[claim as usize] > 0 && self.live_index(claim).is_none();
                if gone { Step::Idle } else { Step::Open }
            }
            Act::Lapse { claim } if self.created[claim as usize] == 0 => Step::Illegal,
            Act::Lapse { claim } => match self.live_index(claim) {
                Some(at) if !self.live[at].1 => Step::Open,
                _ => Step::Idle,
            },
            Act::SeeFree => legal_sight(free > 0),
            Act::SeeFull => legal_sight(free == 0),
            Act::SeePlaces { free_count } => legal_sight(free == free_count),
            Act::SeeClaim { claim, sight } => {
                let booked = self.live_index(claim).map(|at| self.live[at].1);
                legal_sight(match sight {
                    ClaimSight::Booked => booked == Some(true),
                    ClaimSight::Gone => booked.is_none(),
                })
            }
        }
    }

    /// Makes an event placed, or unplaced again.
    fn turn(&mut self, events: &[Event], index: u32) {
        let placed = &mut self.placed[index as usize];
        *placed = !*placed;
        if events[index as usize].required {
            self.sum ^= code(u64::from(index));
        }
    }

    fn place(&mut self, events: &[Event], index: u32) -> Undo {
        self.turn(events, index);
        match events[index as usize].act {
            Act::Take { claim, held } => {
                self.created[claim as usize] += 1;
                if self.created[claim as usize] > 1 {
                    return Undo::Nothing;
                }
                self.sum ^= created_code(claim);
                self.live.push((claim, !held));
                self.sum ^= claim_code(claim, !held);
                Undo::Pushed
            }
            Act::Confirm { claim } => match self.live_index(claim) {
                Some(at) if !self.live[at].1 => {
                    self.live[at].1 = true;
                    self.sum ^= claim_code(claim, false) ^ claim_code(claim, true);
                    Undo::Promoted { index: at as u32 }
                }
                _ => Undo::Nothing,
            },
            Act::Leave { claim } | Act::Lapse { claim } => {
                let lapse = matches!(events[index as usize].act, Act::Lapse { .. });
                match self.live_index(claim) {
                    Some(at) if !(lapse && self.live[at].1) => {
                        let (claim, booked) = self.live.swap_remove(at);
                        self.sum ^= claim_code(claim, booked);
                        Undo::Removed { index: at as u32, claim, booked }
                    }
                    _ => Undo::Nothing,
                }
            }
            Act::SeeFree | Act::SeeFull | Act::SeePlaces { .. } | Act::SeeClaim { .. } => Undo::Nothing,
        }
    }

    fn take_back(&mut self, events: &[Event], index: u32, undo: Undo) {
        self.turn(events, index);
        if let Act::Take { claim, .. } = events[index as usize].act {
            self.created[claim as usize] -= 1;
            if self.created[claim as usize] == 0 {
                self.sum ^= created_code(claim);
            }
        }
        match undo {
            Undo::Nothing => {}
            Undo::Pushed => {
                if let Some((claim, booked)) = self.live.pop() {
                    self.sum ^= claim_code(claim, booked);
                }
            }
            Undo::Removed { index, claim, booked } => {
                self.live.push((claim, booked));
                let last = self.live.len() - 1;
                self.live.swap(index as usize, last);
                self.sum ^= claim_code(claim, booked);
            }
            Undo::Promoted { index } => {
                let (claim, booked) = &mut self.live[index as usize];
                *booked = false;
                self.sum ^= claim_code(*claim, false) ^ claim_code(*claim, true);
            }
        }
    }
}
