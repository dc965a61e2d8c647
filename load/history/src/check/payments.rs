//! Properties of money: settled once, told once, sums that match, nothing handed over unpaid.

use super::{CheckOptions, Groups, cut_off, evidence, object_name};
use crate::history::{Entry, FinalEntry, History, Name};
use crate::operation::Action;
use crate::report::{Finding, Gathering, Property};
use crate::state::{ObjectKind, State};
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, BTreeSet};

const NO_PAYMENT: [&str; 2] = ["no payment has an invoice and a key", "没有同时带账单和幂等键的付款"];
const NO_SUCCESS: [&str; 2] = ["no payment was acknowledged", "没有得到成功应答的付款"];
const NO_FINAL_INVOICE: [&str; 2] =
    ["no invoice was read at the end with its total", "结束时没有读取任何带总额的账单"];
const NO_DISPENSE: [&str; 2] = ["no hand-over of medicines names an invoice", "没有带账单的发药操作"];

/// Settled once, one success reply, sums match, paid before dispense.
pub(crate) fn check(history: &History, options: &CheckOptions) -> Vec<Finding> {
    let totals = totals(history);
    vec![
        settled_once(history, options),
        one_success_reply(history, options, &totals),
        sums_match(history, options),
        paid_before_dispense(history, options),
    ]
}

fn is_settled(payment: &FinalEntry) -> bool {
    payment.kind == ObjectKind::Payment && matches!(payment.state, State::Settled | State::Refunded)
}

fn pair(invoice: Name, key: Name) -> u64 {
    (invoice.index() as u64) << 32 | key.index() as u64
}

fn totals(history: &History) -> FxHashMap<Name, i64> {
    let issued = history
        .entries()
        .iter()
        .filter(|entry| entry.action == Action::IssueInvoice && entry.is_ok())
        .filter_map(|entry| Some((entry.invoice, entry.amount?)));
    let read = history
        .finals()
        .iter()
        .filter(|state| state.kind == ObjectKind::Invoice)
        .filter_map(|state| Some((state.id, state.amount?)));
    issued.chain(read).filter(|(invoice, _)| invoice.is_some()).collect()
}

fn pays(history: &History, invoice: Name, key: Name) -> Vec<u64> {
    history
        .entries()
        .iter()
        .filter(|entry| entry.action == Action::Pay && entry.invoice == invoice && entry.key == key)
        .filter(|entry| entry.may_have_written())
        .map(|entry| entry.id)
        .collect()
}

fn settled_once(history: &History, options: &CheckOptions) -> Finding {
    let mut gathering = Gathering::new(Property::SettledOnce, options.evidence_limit);
    let mut settled: BTreeMap<(Name, Name), BTreeSet<Name>> = BTreeMap::new();
    let has_ledger = history.finals().iter().any(|state| state.kind == ObjectKind::Payment);
    if has_ledger {
        for payment in history.finals().iter().filter(|state| is_settled(state)) {
            if payment.invoice.is_some() && payment.key.is_some() {
                settled.entry((payment.invoice, payment.key)).or_default().insert(payment.id);
            } else {
                gathering.unjudged();
            }
        }
    } else {
        for entry in history.entries().iter().filter(|entry| entry.action == Action::Pay && entry.is_ok()) {
            if entry.invoice.is_some() && entry.key.is_some() && entry.payment.is_some() {
                settled.entry((entry.invoice, entry.key)).or_default().insert(entry.payment);
            }
        }
    }
    for (&(invoice, key), payments) in &settled {
        gathering.checked();
        if payments.len() > 1 {
            gathering.violated(|| {
                let ids: Vec<&str> = payments.iter().map(|&id| history.text(id)).collect();
                let (ids, key_text, count) = (ids.join(", "), history.text(key), payments.len());
                evidence(
                    object_name(history, ObjectKind::Invoice, invoice),
                    format!("settled {count} times under key {key_text} ({ids})"),
                    format!("幂等键 {key_text} 下结算 {count} 次（{ids}）"),
                    pays(history, invoice, key),
                )
            });
        }
    }
    gathering.finish(None, NO_PAYMENT)
}

fn one_success_reply(history: &History, options: &CheckOptions, totals: &FxHashMap<Name, i64>) -> Finding {
    let mut gathering = Gathering::new(Property::OneSuccessReply, options.evidence_limit);
    let groups = Groups::by(history, |entry| {
        let money = matches!(entry.action, Action::Pay | Action::Refund) && entry.may_have_written();
        (money && entry.invoice.is_some()).then(|| entry.invoice.index() as u64)
    });
    for (invoice, entries) in groups.iter(history) {
        let invoice = Name::at(invoice as usize);
        // One success for each request, however often it was tried.
        let mut told: BTreeMap<Result<Name, u64>, &Entry> = BTreeMap::new();
        for entry in entries.iter().filter(|entry| entry.action == Action::Pay && entry.is_ok()) {
            let request = if entry.key.is_some() { Ok(entry.key) } else { Err(entry.id) };
            told.entry(request).or_insert(entry);
        }
        if told.is_empty() {
            continue;
        }
        gathering.checked();
        let mut by_payment: BTreeMap<Name, Vec<u64>> = BTreeMap::new();
        for entry in told.values().filter(|entry| entry.payment.is_some()) {
            by_payment.entry(entry.payment).or_default().push(entry.id);
        }
        if let Some((&payment, ids)) = by_payment.iter().find(|(_, ids)| ids.len() > 1) {
            gathering.violated(|| {
                let count = ids.len();
                evidence(
                    object_name(history, ObjectKind::Payment, payment),
                    format!("{count} different requests were told that they made it"),
                    format!("{count} 个不同请求都被告知成功支付了它"),
                    ids.clone(),
                )
            });
            continue;
        }
        let refunds: Vec<_> = entries.iter().filter(|entry| entry.action == Action::Refund).collect();
        let amounts: Option<i64> = told.values().map(|entry| entry.amount).sum();
        let refunded: Option<i64> = refunds.iter().map(|entry| entry.amount).sum();
        if let (Some(&total), Some(paid), Some(back)) = (totals.get(&invoice), amounts, refunded)
            && paid - back > total
        {
            gathering.violated(|| {
                evidence(
                    object_name(history, ObjectKind::Invoice, invoice),
                    format!("patients were told that they paid {paid} of {total}, {back} given back"),
                    format!("账单总额 {total}，却被告知共支付成功 {paid}，退款 {back}"),
                    told.values().map(|entry| entry.id).collect(),
                )
            });
        }
    }
    gathering.finish(None, NO_SUCCESS)
}

fn refunded_of(payment: &FinalEntry) -> i64 {
    match (payment.refunded_amount, payment.state) {
        (Some(amount), _) => amount,
        (None, State::Refunded) => payment.amount.unwrap_or(0),
        (None, _) => 0,
    }
}

fn sums_match(history: &History, options: &CheckOptions) -> Finding {
    let mut gathering = Gathering::new(Property::SumsMatch, options.evidence_limit);
    let mut payments: BTreeMap<Name, Vec<&FinalEntry>> = BTreeMap::new();
    for payment in history.finals().iter().filter(|state| is_settled(state)) {
        payments.entry(payment.invoice).or_default().push(payment);
    }
    let all_listed = history.lists(ObjectKind::Payment);
    for invoice in history.finals().iter().filter(|state| state.kind == ObjectKind::Invoice) {
        let Some(total) = invoice.amount else { continue };
        let none = Vec::new();
        let settled = payments.get(&invoice.id).unwrap_or(&none);
        if settled.iter().any(|payment| payment.amount.is_none()) {
            gathering.unjudged();
            continue;
        }
        gathering.checked();
        let gross: i64 = settled.iter().filter_map(|payment| payment.amount).sum();
        let net = gross - settled.iter().map(|payment| refunded_of(payment)).sum::<i64>();
        let right = match invoice.state {
            State::Balanced if all_listed => gross >= total && net <= total,
            State::Cancelled | State::EnteredInError => net == 0,
            _ => net <= total,
        };
        if !right {
            gathering.violated(|| {
                let code = invoice.state.code();
                let ids: Vec<u64> = history
                    .entries()
                    .iter()
                    .filter(|entry| entry.invoice == invoice.id && entry.may_have_written())
                    .filter(|entry| {
                        matches!(entry.action, Action::IssueInvoice | Action::Pay | Action::Refund)
                    })
                    .map(|entry| entry.id)
                    .collect();
                let count = settled.len();
                evidence(
                    object_name(history, ObjectKind::Invoice, invoice.id),
                    format!(
                        "is {code}, total {total}; {count} settled payments are {gross}, less refunds {net}"
                    ),
                    format!("状态 {code}，总额 {total}；{count} 笔已结算付款共 {gross}，减退款后 {net}"),
                    ids,
                )
            });
        }
    }
    check_refunds(history, &mut gathering);
    gathering.finish(None, NO_FINAL_INVOICE)
}

fn check_refunds(history: &History, gathering: &mut Gathering) {
    let groups = Groups::by(history, |entry| {
        let refund = entry.action == Action::Refund && entry.may_have_written();
        (refund && entry.payment.is_some()).then(|| entry.payment.index() as u64)
    });
    let asked: BTreeMap<Name, Vec<&Entry>> =
        groups.iter(history).map(|(payment, entries)| (Name::at(payment as usize), entries)).collect();
    let none = Vec::new();
    for payment in history.finals().iter().filter(|state| is_settled(state)) {
        let refunded = refunded_of(payment);
        let entries = asked.get(&payment.id).unwrap_or(&none);
        let mut sure: BTreeMap<Result<Name, u64>, (i64, bool)> = BTreeMap::new();
        let mut all_told = true;
        for entry in entries {
            let request = if entry.key.is_some() { Ok(entry.key) } else { Err(entry.id) };
            all_told &= entry.amount.is_some();
            let known = sure.entry(request).or_insert((entry.amount.unwrap_or(0), false));
            known.1 |= entry.is_ok();
        }
        if !entries.is_empty() || refunded != 0 {
            gathering.checked();
        }
        let least: i64 = sure.values().filter(|(_, ok)| *ok).map(|(amount, _)| amount).sum();
        let most: i64 = sure.values().map(|(amount, _)| amount).sum();
        let too_much = payment.amount.is_some_and(|amount| refunded > amount);
        if too_much || all_told && (refunded < least || refunded > most) {
            gathering.violated(|| {
                evidence(
                    object_name(history, ObjectKind::Payment, payment.id),
                    format!(
                        "gave back {refunded}; acknowledged refunds are {least}, with unknown ones {most}, the \
                         payment was {}",
                        payment.amount.unwrap_or(0)
                    ),
                    format!(
                        "已退 {refunded}；成功应答的退款合计 {least}，连同结果未知的 {most}，付款额 {}",
                        payment.amount.unwrap_or(0)
                    ),
                    entries.iter().map(|entry| entry.id).collect(),
                )
            });
        }
    }
}

fn paid_before_dispense(history: &History, options: &CheckOptions) -> Finding {
    let mut gathering = Gathering::new(Property::PaidBeforeDispense, options.evidence_limit);
    let mut first_paid: FxHashMap<Name, u64> = FxHashMap::default();
    for entry in history.entries() {
        if entry.action == Action::Pay && entry.may_have_written() && entry.invoice.is_some() {
            first_paid.entry(entry.invoice).or_insert(entry.sent_at);
        }
    }
    for entry in history.entries() {
        if entry.action != Action::Dispense || !entry.is_ok() || !entry.invoice.is_some() {
            continue;
        }
        gathering.checked();
        if first_paid.get(&entry.invoice).is_none_or(|&sent_at| sent_at > entry.done_at) {
            gathering.violated(|| {
                evidence(
                    object_name(history, ObjectKind::Invoice, entry.invoice),
                    "medicines were handed over before anybody paid".to_owned(),
                    "付款之前已发药".to_owned(),
                    vec![entry.id],
                )
            });
        }
    }
    match cut_off(history) {
        Some(reason) => gathering.withdrawn().finish(Some(reason), NO_DISPENSE),
        None => gathering.finish(None, NO_DISPENSE),
    }
}

/// Whether the ledger has a settled payment of an invoice under a key.
pub(crate) fn settled_pairs(history: &History) -> BTreeSet<u64> {
    history
        .finals()
        .iter()
        .filter(|state| is_settled(state) && state.invoice.is_some() && state.key.is_some())
        .map(|state| pair(state.invoice, state.key))
        .collect()
}

/// The pair under which [`settled_pairs`] finds a payment without an id of its own.
pub(crate) fn pair_of(entry: &Entry) -> Option<u64> {
    let known = entry.invoice.is_some() && entry.key.is_some();
    known.then(|| pair(entry.invoice, entry.key))
}
