//! Reading everything: pages of a collection, and a summary of the whole desk.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use serde_json::{Value, json};

use super::super::{json_type, respond};
use super::refuse;
use crate::counter::Counter;
use crate::domain::{Kind, Slot};
use crate::ledger::{Answer, CommandError, Record, Row, view_row};
use crate::office::{Act, Office};
use crate::refusal::Refusal;

const PAGE_ROWS_MAX: usize = 1000;

/// One page of a collection: `after`, `limit`, and any fields that must be equal (`status=free`).
///
/// Pages go by order of creation. Read while others write, a page shows each record as it then is, and records
/// created meanwhile come at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Page {
    after_serial: i64,
    limit: usize,
    fields: Vec<(String, String)>,
}

impl Page {
    pub(super) fn read(query: &[(String, String)]) -> Result<Self, Refusal> {
        let mut page = Self { after_serial: 0, limit: 100, fields: Vec::new() };
        for (name, value) in query {
            match name.as_str() {
                "after" => {
                    page.after_serial = value.parse().map_err(|_| {
                        Refusal::unreadable(format!("after = `{value}` is no number"), "next_after of a page")
                    })?;
                }
                "limit" => {
                    let limit = value.parse().ok().filter(|limit| (1..=PAGE_ROWS_MAX).contains(limit));
                    page.limit = limit.ok_or_else(|| {
                        let accepted = format!("1 to {PAGE_ROWS_MAX}");
                        Refusal::unreadable(format!("limit = `{value}` is not offered"), accepted)
                    })?;
                }
                _ => page.fields.push((name.clone(), value.clone())),
            }
        }
        Ok(page)
    }

    pub(super) fn fetch(&self, counter: &mut Counter<'_>, kind: Kind) -> Result<Answer, CommandError> {
        let link =
            self.fields.iter().find_map(|(field, value)| Some((link_of(kind, field)?, value.as_str())));
        let mut items = Vec::new();
        let mut after_serial = self.after_serial;
        loop {
            let rows = match link {
                Some(link) => counter.ledger.find(kind, link, after_serial, self.limit)?,
                None => counter.ledger.list(kind, after_serial, self.limit)?,
            };
            let exhausted = rows.len() < self.limit;
            for row in &rows {
                after_serial = row.serial;
                let item = view_row(row)?;
                if self.fields.iter().all(|(field, value)| shows(&item, field, value)) {
                    items.push(item);
                }
                if items.len() == self.limit {
                    break;
                }
            }
            if exhausted || items.len() == self.limit {
                let next_after =
                    if exhausted && items.len() < self.limit { Value::Null } else { after_serial.into() };
                return Ok(Answer::plain(200, json!({"items": items, "next_after": next_after})));
            }
        }
    }
}

fn shows(item: &Value, field: &str, value: &str) -> bool {
    match item.get(field) {
        Some(Value::String(text)) => text == value,
        Some(other) => serde_json::from_str::<Value>(value).is_ok_and(|asked| asked == *other),
        None => false,
    }
}

/// The index behind a field, where there is one.
fn link_of(kind: Kind, field: &str) -> Option<&'static str> {
    match (kind, field) {
        (Kind::Slot, "schedule_id") => Some("schedule"),
        (Kind::Slot, "status") => Some("status"),
        (Kind::Booking, "slot_id") => Some("slot"),
        (Kind::Payment, "invoice_id") => Some("request"),
        (Kind::Payment, "transaction_id") => Some("transaction"),
        (Kind::Dispense, "order_id") => Some("prescription"),
        (Kind::Order | Kind::Encounter, "booking_id") => Some("appointment"),
        (Kind::Order, "encounter_id") => Some("encounter"),
        (Kind::Order, "invoice_id") => Some("invoice"),
        (Kind::Charge, "order_id") => Some("order"),
        (Kind::Patient | Kind::Schedule | Kind::Slot | Kind::Payment | Kind::Reconciliation, _) => None,
        (_, "patient_id") => Some("patient"),
        _ => None,
    }
}

/// `GET /api/admin/state`: how many things in which state, places held and sold, and one number that is equal
/// for equal contents.
pub(super) async fn summary(State(office): State<Arc<Office>>) -> Response {
    let act: Act = Arc::new(summarise);
    respond(office.read("/api/admin/state".to_owned(), act, refuse).await, json_type())
}

fn summarise(counter: &mut Counter<'_>) -> Result<Answer, CommandError> {
    let mut counts: BTreeMap<&str, BTreeMap<String, u64>> = BTreeMap::new();
    let mut places = [0u64; 3];
    let mut hash = Fnv(0xcbf2_9ce4_8422_2325);
    for kind in Kind::ALL {
        let mut after_serial = 0;
        loop {
            let rows = counter.ledger.list(kind, after_serial, PAGE_ROWS_MAX)?;
            let Some(last) = rows.last() else { break };
            after_serial = last.serial;
            for row in rows {
                hash.add_row(&row);
                let view = view_row(&row)?;
                let status = view.get("status").and_then(Value::as_str).unwrap_or("").to_owned();
                *counts.entry(kind.collection()).or_default().entry(status).or_default() += 1;
                if kind == Kind::Slot {
                    let slot = Record::<Slot>::from_row(row)?.facts;
                    let numbers =
                        [u64::from(slot.capacity), slot.holds.len() as u64, u64::from(slot.booked_count)];
                    places.iter_mut().zip(numbers).for_each(|(sum, number)| *sum += number);
                }
            }
        }
    }
    let [place_count, held_count, booked_count] = places;
    Ok(Answer::plain(
        200,
        json!({
            "counts": counts,
            "place_count": place_count,
            "held_count": held_count,
            "booked_count": booked_count,
            "hash": format!("{:016x}", hash.0),
        }),
    ))
}

/// FNV-1a, 64 bits: enough to tell two states apart by eye, not meant against forgery.
struct Fnv(u64);

impl Fnv {
    fn add(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    fn add_row(&mut self, row: &Row) {
        self.add(&row.kind.number().to_le_bytes());
        self.add(row.id.as_bytes());
        self.add(&row.version.to_le_bytes());
        self.add(row.text.as_bytes());
    }
}
