//! Making a slot's unexplainable history small: the few requests that already have no explanation.
//!
//! Leaving a request out must never *make* a history unexplainable. Four ways of leaving out are safe, because any
//! explanation of the larger history, with the same requests left out of it, explains the smaller one:
//!
//! * everything sent after an instant, if what was not answered by then counts as unknown (explanations are closed
//!   under prefixes);
//! * any request that only looks (nothing depends on it);
//! * all requests of one claim together, unless a kept answer says "no place left" at a time the claim may have had
//!   one;
//! * the confirmation or the end of a claim, where no kept request can tell.

use super::events::{Act, Event, SlotCase};
use super::search::{Answer, Searcher};

/// A request of a counter-example.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Kept {
    /// Index of the operation.
    pub(crate) entry: u32,
    /// Whether its answer came only after the violation was complete, and does not matter to it.
    pub(crate) open: bool,
}

struct Shrinker<'a> {
    case: &'a SlotCase,
    searcher: &'a mut Searcher,
    step_limit: u64,
}

impl Shrinker<'_> {
    fn fails(&mut self, events: &[Event]) -> bool {
        self.searcher.explain(events, self.case.claims.len(), self.case.places, self.step_limit)
            == Answer::Unexplained
    }

    /// The shortest prefix that fails.
    fn shortest_prefix(&mut self, events: &[Event]) -> Vec<Event> {
        let mut ends: Vec<u64> = events.iter().filter(|e| e.required).map(|e| e.until).collect();
        ends.sort_unstable();
        ends.dedup();
        let (mut low, mut high) = (0, ends.len() - 1);
        while low < high {
            let middle = (low + high) / 2;
            if self.fails(&prefix(events, ends[middle])) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        let short = prefix(events, ends[low]);
        if self.fails(&short) { short } else { events.to_vec() }
    }

    /// Removes as many groups of events as possible, in halves, quarters and so on down to single groups.
    fn thin(
        &mut self,
        events: &mut Vec<Event>,
        groups: Vec<Vec<Event>>,
        may_go: impl Fn(&[Event], &[Event]) -> bool,
    ) -> bool {
        let mut removed_any = false;
        let mut groups: Vec<Vec<Event>> = groups.into_iter().filter(|group| may_go(events, group)).collect();
        let mut size = groups.len().div_ceil(2);
        while size > 0 && !groups.is_empty() {
            let mut kept_groups = Vec::new();
            for chunk in groups.chunks(size) {
                let going: Vec<Event> = chunk.iter().flatten().copied().collect();
                let rest: Vec<Event> =
                    events.iter().filter(|event| !going.contains(event)).copied().collect();
                if may_go(events, &going) && self.fails(&rest) {
                    *events = rest;
                    removed_any = true;
                } else {
                    kept_groups.extend_from_slice(chunk);
                }
            }
            groups = kept_groups;
            size = if size == 1 { 0 } else { size.div_ceil(2) };
        }
        removed_any
    }
}

/// What of the history was known at an instant.
pub(super) fn prefix(events: &[Event], end: u64) -> Vec<Event> {
    let mut known = Vec::new();
    for &event in events.iter().filter(|event| event.from <= end) {
        if event.until <= end {
            known.push(event);
        } else if !event.act.only_looks() {
            known.push(Event { until: u64::MAX, required: false, ..event });
        }
    }
    known
}

/// The claims of a group may go if no kept "no place left" can have met any of them.
pub(super) fn claims_may_go(events: &[Event], going: &[Event]) -> bool {
    let mut claims: Vec<usize> = going.iter().filter_map(|event| event.act.claim()).collect();
    claims.sort_unstable();
    claims.dedup();
    claims.iter().all(|&claim| {
        let of_claim = || events.iter().filter(move |event| event.act.claim() == Some(claim));
        let begins = of_claim()
            .filter(|e| matches!(e.act, Act::Take { .. }))
            .map(|e| e.from)
            .min()
            .unwrap_or(u64::MAX);
        let confirmed = of_claim().any(|e| matches!(e.act, Act::Confirm { .. }));
        let made = of_claim()
            .filter(|e| e.required && matches!(e.act, Act::Take { .. }))
            .map(|e| e.until)
            .min()
            .unwrap_or(u64::MAX);
        let ended = of_claim()
            .filter(|e| e.required)
            .filter(|e| match e.act {
                // Given back before it was made, it would still come.
                Act::Leave { .. } => made < e.from,
                Act::Lapse { .. } => !confirmed,
                _ => false,
            })
            .map(|e| e.until)
            .min()
            .unwrap_or(u64::MAX);
        events
            .iter()
            .filter(|event| event.act.asserts_taken())
            .all(|see| see.until < begins || ended < see.from)
    })
}

/// One event of a claim may go if no kept event can tell the difference.
pub(super) fn step_may_go(events: &[Event], going: &[Event]) -> bool {
    going.iter().all(|gone| {
        let others = || events.iter().filter(move |event| *event != gone);
        match gone.act {
            Act::Confirm { claim } => others().all(|other| match other.act {
                Act::SeeClaim { claim: seen, .. } => seen != claim,
                Act::Confirm { claim: confirmed } => confirmed != claim || !other.required,
                act => !(act.asserts_taken() && other.until >= gone.from),
            }),
            Act::Leave { .. } | Act::Lapse { .. } => others().all(|other| other.until < gone.from),
            _ => false,
        }
    })
}

/// The requests of `events` (a part of the case's events without explanation) that already have none.
pub(crate) fn shrink(
    case: &SlotCase,
    events: &[Event],
    searcher: &mut Searcher,
    step_limit: u64,
) -> Vec<Kept> {
    let mut shrinker = Shrinker { case, searcher, step_limit };
    let mut small = shrinker.shortest_prefix(events);
    loop {
        let looks = small.iter().filter(|e| e.act.only_looks()).map(|&e| vec![e]).collect();
        let mut changed = shrinker.thin(&mut small, looks, |_, _| true);
        let mut claims: Vec<usize> = small.iter().filter_map(|e| e.act.claim()).collect();
        claims.sort_unstable();
        claims.dedup();
        let by_claim = claims
            .iter()
            .map(|&claim| small.iter().filter(|e| e.act.claim() == Some(claim)).copied().collect())
            .collect();
        changed |= shrinker.thin(&mut small, by_claim, claims_may_go);
        let steps = small
            .iter()
            .filter(|e| matches!(e.act, Act::Confirm { .. } | Act::Leave { .. }))
            .map(|&e| vec![e])
            .collect();
        changed |= shrinker.thin(&mut small, steps, step_may_go);
        if !changed {
            break;
        }
    }
    let mut kept: Vec<Kept> = small
        .iter()
        .filter(|event| event.entry != super::events::NO_ENTRY)
        .map(|event| {
            let original = events.iter().find(|e| e.entry == event.entry && e.act == event.act);
            let open = original.is_some_and(|original| original.required && !event.required);
            Kept { entry: event.entry, open }
        })
        .collect();
    kept.sort_unstable();
    kept.dedup();
    kept
}
