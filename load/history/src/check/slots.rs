//! Properties of slots: never oversold, state and appointments agree, and an order that explains every answer.

use super::events::{BySlot, CaseBuilder, Claim, Event, SlotCase, Tier};
use super::search::{Answer, Searcher};
use super::{CheckOptions, cut_off, evidence, object_name};
use crate::history::{FinalEntry, History, Name, SlotPlaces};
use crate::report::{Finding, Gathering, Property};
use crate::state::{ObjectKind, State, takes_place};
use std::collections::{BTreeMap, BTreeSet};

const NO_SLOT: [&str; 2] = ["no operation is about a slot", "没有涉及号源的操作"];
const NO_FINAL_APPOINTMENT: [&str; 2] =
    ["no appointment was read at the end with its slot", "结束时没有读取任何带号源的预约"];
const NO_FINAL_SLOT: [&str; 2] = ["no slot was read at the end", "结束时没有读取任何号源"];
const NO_READ: [&str; 2] = ["no slot or appointment was read during the run", "运行中没有查询号源或预约"];
const NO_REFUSAL: [&str; 2] =
    ["no request was refused as taken or expired", "没有因号满或过期而被拒绝的请求"];
const GIVEN_UP: [&str; 2] =
    ["the search for an order was given up on some slots", "部分号源的次序搜索超出步数上限，未得出结论"];

/// Slot capacity, final capacity, final slot state, slot order, current reads, just refusals.
pub(crate) fn check(history: &History, options: &CheckOptions) -> Vec<Finding> {
    let gathering = |property| Gathering::new(property, options.evidence_limit);
    let mut capacity = gathering(Property::SlotCapacity);
    let mut order = OrderCheck {
        options,
        searcher: Searcher::default(),
        writes: gathering(Property::SlotOrder),
        reads: gathering(Property::CurrentReads),
        refusals: gathering(Property::JustRefusals),
        chosen: Vec::new(),
        given_up: false,
    };
    let by_slot = BySlot::new(history);
    let mut builder = CaseBuilder::default();
    for (slot, indices) in by_slot.slots() {
        let case = builder.build(history, indices, slot);
        check_capacity(history, &case, &mut capacity);
        order.check(history, &case);
    }
    let cut = cut_off(history);
    let given_up = order.given_up.then_some(GIVEN_UP);
    let [final_capacity, final_state] = check_final(history, options);
    // A cut-off log may lack the request that would explain a contradiction, so nothing is said of it.
    let judge = |gathering: Gathering, given_up, nothing| match cut {
        Some(reason) => gathering.withdrawn().finish(Some(reason), nothing),
        None => gathering.finish(given_up, nothing),
    };
    vec![
        judge(capacity, None, NO_SLOT),
        final_capacity,
        final_state,
        judge(order.writes, given_up, NO_SLOT),
        judge(order.reads, given_up, NO_READ),
        judge(order.refusals, given_up, NO_REFUSAL),
    ]
}

/// Sweeps over the spans in which claims surely exist.
fn places(count: u32) -> String {
    if count == 1 { "1 place".to_owned() } else { format!("{count} places") }
}

fn check_capacity(history: &History, case: &SlotCase, capacity: &mut Gathering) {
    capacity.checked();
    let free = case.places.capacity.saturating_sub(case.places.taken_count) as usize;
    if case.claims.len() <= free {
        return;
    }
    let mut spans: Vec<(u64, u64, u32, &Claim)> = Vec::new();
    for claim in &case.claims {
        spans.extend(claim.sure_spans().map(|(from, until, entry)| (from, until, entry, claim)));
    }
    spans.sort_unstable_by_key(|&(from, until, entry, _)| (from, until, entry));
    let mut open: Vec<(u64, u64, u32, &Claim)> = Vec::new();
    for span in spans {
        open.retain(|&(_, until, ..)| until > span.0);
        open.push(span);
        if open.len() > free {
            capacity.violated(|| {
                let ids = open
                    .iter()
                    .flat_map(|&(_, _, entry, claim)| [Some(entry), claim.taken_by.map(|(_, taken)| taken)])
                    .flatten()
                    .map(|entry| history.entries()[entry as usize].id)
                    .collect();
                let (count, capacity, taken) = (open.len(), case.places.capacity, case.places.taken_count);
                let at_s = span.0 as f64 / 1e6;
                evidence(
                    object_name(history, ObjectKind::Slot, case.slot),
                    format!(
                        "{count} claims surely exist at {at_s:.6} s; the slot has {}, {taken} taken before the run",
                        places(capacity)
                    ),
                    format!("第 {at_s:.6} 秒确定存在 {count} 个占用；容量 {capacity}，运行前已占 {taken}"),
                    ids,
                )
            });
            return;
        }
    }
}

struct OrderCheck<'a> {
    options: &'a CheckOptions,
    searcher: Searcher,
    writes: Gathering,
    reads: Gathering,
    refusals: Gathering,
    chosen: Vec<Event>,
    given_up: bool,
}

impl OrderCheck<'_> {
    fn explain(&mut self, case: &SlotCase, tiers: &[Tier]) -> Answer {
        self.chosen.clear();
        self.chosen.extend(case.events.iter().filter(|event| tiers.contains(&event.tier)));
        let answer =
            self.searcher.explain(&self.chosen, case.claims.len(), case.places, self.options.step_limit);
        if answer == Answer::OutOfBudget {
            self.given_up = true;
        }
        answer
    }

    fn check(&mut self, history: &History, case: &SlotCase) {
        let has = |tier| case.events.iter().any(|event| event.tier == tier && event.required);
        let (has_reads, has_refusals) = (has(Tier::Read), has(Tier::Refusal));
        self.writes.checked();
        if has_reads {
            self.reads.checked();
        }
        if has_refusals {
            self.refusals.checked();
        }
        if self.explain(case, &[Tier::Write, Tier::Read, Tier::Refusal]) == Answer::Explained {
            return;
        }
        // Something does not fit: find out what by leaving answers out of account.
        match self.explain(case, &[Tier::Write]) {
            Answer::Unexplained => {
                let what = (
                    "no order of the acknowledged requests explains all their answers",
                    "得到成功应答的请求排不出任何能解释全部应答的次序",
                );
                return self.report(history, case, Tier::Write, what);
            }
            Answer::OutOfBudget => return self.writes.unjudged(),
            Answer::Explained => {}
        }
        let mut blamed = false;
        if has_reads {
            match self.explain(case, &[Tier::Write, Tier::Read]) {
                Answer::Unexplained => {
                    blamed = true;
                    let what = (
                        "a read told a state the slot cannot have had",
                        "有查询得到了号源当时不可能有的状态",
                    );
                    self.report(history, case, Tier::Read, what);
                }
                Answer::OutOfBudget => self.reads.unjudged(),
                Answer::Explained => {}
            }
        }
        if has_refusals {
            match self.explain(case, &[Tier::Write, Tier::Refusal]) {
                Answer::Unexplained => {
                    blamed = true;
                    let what = ("a request was refused although it was possible", "有请求在本可成功时被拒绝");
                    self.report(history, case, Tier::Refusal, what);
                }
                Answer::OutOfBudget => self.refusals.unjudged(),
                Answer::Explained => {}
            }
        }
        if !blamed
            && has_reads
            && has_refusals
            && self.explain(case, &[Tier::Write, Tier::Read, Tier::Refusal]) == Answer::Unexplained
        {
            let what =
                ("reads and refusals each fit, but not together", "查询与拒绝各自说得通，合在一起却互相矛盾");
            self.report(history, case, Tier::Read, what);
        }
    }

    /// Reports the events explained last, shrunk.
    fn report(&mut self, history: &History, case: &SlotCase, tier: Tier, what: (&str, &str)) {
        let gathering = match tier {
            Tier::Write => &mut self.writes,
            Tier::Read => &mut self.reads,
            Tier::Refusal => &mut self.refusals,
        };
        if !gathering.wants_evidence() {
            return gathering.count_violation();
        }
        let kept = super::shrink::shrink(case, &self.chosen, &mut self.searcher, self.options.step_limit);
        gathering.violated(|| {
            let id = |entry: u32| history.entries()[entry as usize].id;
            let mut evidence = evidence(
                object_name(history, ObjectKind::Slot, case.slot),
                what.0.to_owned(),
                what.1.to_owned(),
                kept.iter().map(|kept| id(kept.entry)).collect(),
            );
            evidence.open_operations =
                kept.iter().filter(|kept| kept.open).map(|kept| id(kept.entry)).collect();
            evidence
        });
    }
}

/// What lives on a slot at the end.
#[derive(Default)]
struct FinalClaims<'a> {
    firm: Vec<&'a FinalEntry>,
    pending_count: u32,
}

fn check_final(history: &History, options: &CheckOptions) -> [Finding; 2] {
    let mut capacity = Gathering::new(Property::FinalCapacity, options.evidence_limit);
    let mut states = Gathering::new(Property::FinalSlotState, options.evidence_limit);
    let mut by_slot: BTreeMap<Name, FinalClaims<'_>> = BTreeMap::new();
    for state in history.finals().iter().filter(|state| state.slot.is_some()) {
        let claims = by_slot.entry(state.slot).or_default();
        match (state.kind, state.state) {
            (ObjectKind::Appointment, state_now) if takes_place(state_now) => claims.firm.push(state),
            (ObjectKind::Appointment, State::Pending) | (ObjectKind::Hold, State::Active) => {
                claims.pending_count += 1;
            }
            _ => {}
        }
    }
    // A list of all appointments tells of those of earlier runs too.
    let told = history.finals().iter().filter(|state| state.kind == ObjectKind::Slot).map(|state| state.id);
    let own: BTreeSet<Name> = history.entries().iter().map(|entry| entry.slot).chain(told).collect();
    by_slot.retain(|slot, _| own.contains(slot));
    let makers = |claims: &FinalClaims<'_>| -> Vec<u64> {
        history
            .entries()
            .iter()
            .filter(|entry| entry.may_have_written() && entry.appointment.is_some())
            .filter(|entry| claims.firm.iter().any(|state| state.id == entry.appointment))
            .map(|entry| entry.id)
            .collect()
    };
    let ids = |claims: &FinalClaims<'_>| -> String {
        let ids: Vec<&str> = claims.firm.iter().map(|state| history.text(state.id)).collect();
        ids.join(", ")
    };
    for (&slot, claims) in &by_slot {
        capacity.checked();
        let SlotPlaces { capacity: capacity_of, taken_count } = history.places(slot);
        let count = claims.firm.len() as u32 + taken_count;
        if count > capacity_of {
            capacity.violated(|| {
                evidence(
                    object_name(history, ObjectKind::Slot, slot),
                    format!("{count} live appointments ({}), {}", ids(claims), places(capacity_of)),
                    format!("有效预约 {count} 个（{}），容量 {capacity_of}", ids(claims)),
                    makers(claims),
                )
            });
        }
    }
    let none = FinalClaims::default();
    let all_listed = history.lists(ObjectKind::Appointment);
    for state in history.finals().iter().filter(|state| state.kind == ObjectKind::Slot) {
        let claims = by_slot.get(&state.id).unwrap_or(&none);
        let slot_places = history.places(state.id);
        let firm_count = claims.firm.len() as u32 + slot_places.taken_count;
        let wrong = match state.state {
            State::Free => firm_count >= slot_places.capacity,
            State::Busy if all_listed => firm_count + claims.pending_count < slot_places.capacity,
            State::Busy => {
                states.unjudged();
                continue;
            }
            _ => continue,
        };
        states.checked();
        if wrong {
            states.violated(|| {
                let code = state.state.code();
                evidence(
                    object_name(history, ObjectKind::Slot, state.id),
                    format!(
                        "is {code} with {firm_count} of {} booked ({})",
                        places(slot_places.capacity),
                        ids(claims)
                    ),
                    format!(
                        "状态为 {code}，容量 {}，已预约 {firm_count}（{}）",
                        slot_places.capacity,
                        ids(claims)
                    ),
                    makers(claims),
                )
            });
        }
    }
    [capacity.finish(None, NO_FINAL_APPOINTMENT), states.finish(None, NO_FINAL_SLOT)]
}
