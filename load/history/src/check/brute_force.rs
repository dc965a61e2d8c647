//! The search against trying every order, on all small histories of small alphabets and on many larger ones.

use super::events::{Act, ClaimSight, Event, NO_ENTRY, SlotCase, Tier};
use super::search::{Answer, Searcher};
use super::shrink::{claims_may_go, prefix, shrink, step_may_go};
use crate::history::{Name, SlotPlaces};
use onetrip_sim::stream::{Purpose, RunKey, Stream};
use std::collections::BTreeMap;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Claimed {
    Held,
    Booked,
    Gone,
}

/// Every claim that was ever made, and what it is now.
type Slot = BTreeMap<u32, Claimed>;

/// The slot after an act, or nothing if it cannot have happened.
fn after(slot: &Slot, act: Act, capacity: usize) -> Option<Slot> {
    let live = slot.values().filter(|&&claimed| claimed != Claimed::Gone).count();
    let mut next = slot.clone();
    let possible = match act {
        Act::Take { claim, held } => {
            let is_new = !slot.contains_key(&claim);
            if is_new {
                next.insert(claim, if held { Claimed::Held } else { Claimed::Booked });
            }
            !is_new || live < capacity
        }
        Act::Confirm { claim } => {
            let lives = matches!(slot.get(&claim), Some(Claimed::Held | Claimed::Booked));
            next.insert(claim, Claimed::Booked);
            lives
        }
        Act::Leave { claim } => {
            if slot.contains_key(&claim) {
                next.insert(claim, Claimed::Gone);
            }
            true
        }
        Act::Lapse { claim } => {
            if slot.get(&claim) == Some(&Claimed::Held) {
                next.insert(claim, Claimed::Gone);
            }
            slot.contains_key(&claim)
        }
        Act::SeeFree => live < capacity,
        Act::SeeFull => live >= capacity,
        Act::SeePlaces { free_count } => capacity.saturating_sub(live) == free_count as usize,
        Act::SeeClaim { claim, sight: ClaimSight::Booked } => slot.get(&claim) == Some(&Claimed::Booked),
        Act::SeeClaim { claim, sight: ClaimSight::Gone } => {
            matches!(slot.get(&claim), None | Some(Claimed::Gone))
        }
    };
    possible.then_some(next)
}

/// Whether some order of the events, optional ones left out at will, explains them all.
fn some_order_explains(events: &[Event], placed: u32, slot: &Slot, capacity: usize) -> bool {
    let open = |index: usize| placed >> index & 1 == 0;
    if events.iter().enumerate().all(|(index, event)| !open(index) || !event.required) {
        return true;
    }
    (0..events.len()).filter(|&index| open(index)).any(|index| {
        let too_early = (0..events.len())
            .any(|other| open(other) && events[other].required && events[other].until < events[index].from);
        !too_early
            && after(slot, events[index].act, capacity)
                .is_some_and(|next| some_order_explains(events, placed | 1 << index, &next, capacity))
    })
}

fn places(capacity: u32) -> SlotPlaces {
    SlotPlaces { capacity, taken_count: 0 }
}

fn agree(searcher: &mut Searcher, events: &[Event], capacity: u32) -> Answer {
    let found = searcher.explain(events, 4, places(capacity), u64::MAX);
    let expected = match some_order_explains(events, 0, &Slot::new(), capacity as usize) {
        true => Answer::Explained,
        false => Answer::Unexplained,
    };
    assert_eq!(found, expected, "capacity {capacity}: {events:#?}");
    found
}

fn event(act: Act, from: u64, until: u64, required: bool) -> Event {
    let until = if required { until } else { u64::MAX };
    Event { act, from, until, required, tier: Tier::Write, entry: from as u32 }
}

/// Every way `count` intervals, numbered by their beginnings, can overlap: (2·count − 1)!! of them.
fn overlaps(count: usize) -> Vec<Vec<(u64, u64)>> {
    fn extend(
        now: u64,
        begun: usize,
        open: &[usize],
        spans: &mut Vec<(u64, u64)>,
        count: usize,
        all: &mut Vec<Vec<(u64, u64)>>,
    ) {
        if begun == count && open.is_empty() {
            return all.push(spans.clone());
        }
        if begun < count {
            spans.push((now, 0));
            let open: Vec<usize> = open.iter().copied().chain([begun]).collect();
            extend(now + 1, begun + 1, &open, spans, count, all);
            spans.pop();
        }
        for &ending in open {
            let rest: Vec<usize> = open.iter().copied().filter(|&other| other != ending).collect();
            spans[ending].1 = now;
            extend(now + 1, begun, &rest, spans, count, all);
        }
    }
    let mut all = Vec::new();
    extend(0, 0, &[], &mut Vec::new(), count, &mut all);
    all
}

fn agree_on_all(alphabet: &[(Act, bool)], count: usize, capacity: u32) -> [u64; 2] {
    let mut searcher = Searcher::default();
    let mut tally = [0; 2];
    for spans in overlaps(count) {
        for word in 0..alphabet.len().pow(count as u32) {
            let mut letters = word;
            let events: Vec<Event> = spans
                .iter()
                .map(|&(from, until)| {
                    let (act, required) = alphabet[letters % alphabet.len()];
                    letters /= alphabet.len();
                    event(act, from, until, required)
                })
                .collect();
            tally[usize::from(agree(&mut searcher, &events, capacity) == Answer::Explained)] += 1;
        }
    }
    tally
}

const TAKE_0: Act = Act::Take { claim: 0, held: false };
const TAKE_1: Act = Act::Take { claim: 1, held: false };
const LEAVE_0: Act = Act::Leave { claim: 0 };

#[test]
fn overlaps_are_as_many_as_matchings() {
    assert_eq!([1, 2, 3, 4, 5].map(|count| overlaps(count).len()), [1, 3, 15, 105, 945]);
}

#[test]
fn agrees_on_every_history_of_up_to_four_events() {
    let alphabet = [
        (TAKE_0, true),
        (TAKE_1, true),
        (TAKE_1, false),
        (Act::Take { claim: 0, held: true }, true),
        (Act::Confirm { claim: 0 }, true),
        (LEAVE_0, true),
        (LEAVE_0, false),
        (Act::Lapse { claim: 0 }, true),
        (Act::SeeFull, true),
        (Act::SeeClaim { claim: 0, sight: ClaimSight::Booked }, true),
    ];
    for count in 1..=4 {
        let [unexplained, explained] = agree_on_all(&alphabet, count, 1);
        assert!(unexplained > 0 && explained > 0);
    }
}

#[test]
fn agrees_on_every_history_of_five_bookings_cancellations_and_refusals() {
    let alphabet = [(TAKE_0, true), (TAKE_1, true), (LEAVE_0, true), (Act::SeeFull, true)];
    let [unexplained, explained] = agree_on_all(&alphabet, 5, 1);
    assert!(unexplained > 100_000 && explained > 100_000, "{unexplained} {explained}");
}

/// A random history as a slot could have it, of up to `most` events on three claims.
fn random_events(luck: &mut Stream, most: u32) -> Vec<Event> {
    const HOLD_TIME: u64 = 6;
    let count = 2 + luck.below(most - 1) as usize;
    let mut events: Vec<Event> = Vec::new();
    while events.len() < count {
        let claim = luck.below(3);
        let held = claim == 1;
        let act = match luck.below(12) {
            0..=4 => Act::Take { claim, held },
            5 => Act::Confirm { claim },
            6 | 7 => Act::Leave { claim },
            8 => Act::SeeFree,
            9 => Act::SeeFull,
            10 => Act::SeePlaces { free_count: luck.below(3) },
            _ => {
                let sight = if luck.below(2) == 0 { ClaimSight::Booked } else { ClaimSight::Gone };
                Act::SeeClaim { claim, sight }
            }
        };
        let from = u64::from(luck.below(16));
        let until = from + u64::from(luck.below(8));
        events.push(event(act, from, until, act.only_looks() || luck.below(5) > 0));
    }
    // Holds lapse a hold time after they were made.
    for claim in 0..3 {
        let takes = || {
            events
                .iter()
                .filter(move |e| matches!(e.act, Act::Take { claim: taken, held: true } if taken == claim))
        };
        let Some(first) = takes().map(|take| take.from).min() else { continue };
        let last = takes().filter(|take| take.required).map(|take| take.until).max();
        let until = last.map_or(u64::MAX, |at| at + HOLD_TIME);
        let lapse = event(Act::Lapse { claim }, first + HOLD_TIME, until, last.is_some());
        events.push(Event { entry: NO_ENTRY, ..lapse });
    }
    // Entries tell events apart.
    for (index, event) in events.iter_mut().enumerate() {
        if event.entry != NO_ENTRY {
            event.entry = index as u32;
        }
    }
    events.sort_by_key(|event| event.from);
    events
}

fn luck(purpose: &str) -> Stream {
    RunKey::new(2026, 0, 0).entity(Purpose::named("brute_force"), 0).stream(Purpose::named(purpose))
}

#[test]
fn agrees_on_many_histories_of_up_to_eight_events() {
    let (mut luck, mut searcher) = (luck("agreement"), Searcher::default());
    let mut tally = [0; 2];
    for _ in 0..60_000 {
        let events = random_events(&mut luck, 7);
        let capacity = 1 + luck.below(2);
        tally[usize::from(agree(&mut searcher, &events, capacity) == Answer::Explained)] += 1;
    }
    assert!(tally.iter().all(|&count| count > 5_000), "{tally:?}");
}

#[test]
fn leaving_out_never_makes_a_history_unexplainable() {
    let (mut luck, mut searcher) = (luck("leaving_out"), Searcher::default());
    let mut left_out = [0_u32; 4];
    for _ in 0..40_000 {
        let events = random_events(&mut luck, 8);
        let places = places(1 + luck.below(2));
        if searcher.explain(&events, 4, places, u64::MAX) != Answer::Explained {
            continue;
        }
        let mut still = |kind: usize, rest: &[Event], gone: &dyn std::fmt::Debug| {
            left_out[kind] += 1;
            let answer = searcher.explain(rest, 4, places, u64::MAX);
            assert_eq!(answer, Answer::Explained, "{places:?}: {events:#?} without {gone:#?}");
        };
        for end in events.iter().filter(|e| e.required).map(|e| e.until) {
            still(0, &prefix(&events, end), &end);
        }
        for &gone in &events {
            let rest: Vec<Event> = events.iter().filter(|&&e| e != gone).copied().collect();
            if gone.act.only_looks() {
                still(1, &rest, &gone);
            } else if matches!(gone.act, Act::Confirm { .. } | Act::Leave { .. })
                && step_may_go(&events, &[gone])
            {
                still(2, &rest, &gone);
            }
        }
        for claim in 0..3 {
            let (going, rest): (Vec<Event>, Vec<Event>) =
                events.iter().partition(|event| event.act.claim() == Some(claim));
            if !going.is_empty() && claims_may_go(&events, &going) {
                still(3, &rest, &going);
            }
        }
    }
    assert!(left_out.iter().all(|&count| count > 1_000), "{left_out:?}");
}

#[test]
fn a_shrunk_history_is_unexplainable_by_brute_force_and_cannot_lose_a_look() {
    let (mut luck, mut searcher) = (luck("shrinking"), Searcher::default());
    let mut shrunk_count = 0;
    for _ in 0..20_000 {
        let events = random_events(&mut luck, 8);
        let places = places(1);
        if searcher.explain(&events, 4, places, u64::MAX) != Answer::Unexplained {
            continue;
        }
        let case = SlotCase::for_test(Name::NONE, places, events.clone(), 4);
        let kept = shrink(&case, &events, &mut searcher, u64::MAX);
        let mut small: Vec<Event> = events
            .iter()
            .filter(|event| event.entry == NO_ENTRY || kept.iter().any(|kept| kept.entry == event.entry))
            .copied()
            .collect();
        for event in &mut small {
            if kept.iter().any(|kept| kept.entry == event.entry && kept.open) {
                (event.required, event.until) = (false, u64::MAX);
            }
        }
        // The lapse of a claim that is gone is gone too.
        let taken: Vec<_> = small
            .iter()
            .filter(|event| matches!(event.act, Act::Take { .. }))
            .map(|event| event.act.claim())
            .collect();
        small.retain(|event| !matches!(event.act, Act::Lapse { .. }) || taken.contains(&event.act.claim()));
        if small.len() <= 8 {
            shrunk_count += 1;
            assert!(!some_order_explains(&small, 0, &Slot::new(), 1), "{events:#?}\nshrunk to\n{small:#?}");
        }
    }
    assert!(shrunk_count > 1_000, "{shrunk_count}");
}
