//! Bundles: a transaction happens whole or not at all, a batch entry by entry.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::keep::{Kept, create, create_if_none, read, update};
use super::parse_version;
use super::resource::{ResourceType, split_reference};
use super::search::Query;
use crate::counter::Counter;
use crate::domain::Kind;
use crate::ledger::{Answer, CommandError};
use crate::refusal::Refusal;

/// What an entry asks for.
#[derive(Debug, Clone)]
enum Ask {
    Create { if_none_exist: Option<Query> },
    Update { id: String, if_match: Option<i64> },
    Read { id: String },
}

/// One entry of a Bundle.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    resource_type: ResourceType,
    full_url: Option<String>,
    ask: Ask,
    resource: Value,
}

impl Entry {
    fn read(value: &Value, index: usize) -> Result<Self, Refusal> {
        let field = |name: &str| value.pointer(&format!("/request/{name}")).and_then(Value::as_str);
        let wrong = |message: &str, accepted: &str| {
            Refusal::invalid(format!("entry[{index}]: {message}"), accepted.to_owned())
        };
        let method = field("method").ok_or_else(|| wrong("no request.method", "POST, PUT or GET"))?;
        let url = field("url").ok_or_else(|| wrong("no request.url", "Type or Type/id"))?;
        let resource = value.get("resource").cloned().unwrap_or(Value::Null);
        let full_url = value.get("fullUrl").and_then(Value::as_str).map(str::to_owned);
        let with_id = || split_reference(url).ok_or_else(|| wrong("request.url has no id", "Type/id"));
        let (type_name, id) = if method == "POST" { (url, "") } else { with_id()? };
        let resource_type = ResourceType::from_name(type_name)?;
        let ask = match method {
            "POST" => Ask::Create {
                if_none_exist: field("ifNoneExist")
                    .map(|text| Query::criteria(resource_type, text))
                    .transpose()?,
            },
            "PUT" => {
                Ask::Update { id: id.to_owned(), if_match: field("ifMatch").map(parse_version).transpose()? }
            }
            "GET" => Ask::Read { id: id.to_owned() },
            other => return Err(wrong(&format!("request.method = `{other}`"), "POST, PUT or GET")),
        };
        Ok(Self { resource_type, full_url, ask, resource })
    }

    /// Creations in the order of kinds, so that references point backwards; then updates, slots last, because
    /// a slot's state follows its appointments; then reads, which see the result.
    fn rank(&self) -> (u8, Kind) {
        let kind = self.resource_type.kind();
        match self.ask {
            Ask::Create { .. } => (0, kind),
            Ask::Update { .. } => (1 + u8::from(kind == Kind::Slot), kind),
            Ask::Read { .. } => (3, kind),
        }
    }

    /// Does what the entry asks; in a transaction versions were checked before anything was written.
    fn act(
        &self,
        counter: &mut Counter<'_>,
        resource: Value,
        id: Option<String>,
        version_checked: bool,
    ) -> Result<Kept, CommandError> {
        match &self.ask {
            Ask::Create { if_none_exist: Some(criteria) } => {
                create_if_none(counter, self.resource_type, resource, id, criteria)
            }
            Ask::Create { if_none_exist: None } => create(counter, self.resource_type, resource, id),
            Ask::Update { id, if_match } => {
                let if_match = if_match.filter(|_| !version_checked);
                update(counter, self.resource_type, id, resource, if_match)
            }
            Ask::Read { id } => read(counter, self.resource_type, id),
        }
    }

    /// A batch entry on its own.
    pub(super) fn act_alone(&self, counter: &mut Counter<'_>) -> Result<Answer, CommandError> {
        let kept = self.act(counter, self.resource.clone(), None, false)?;
        Ok(Answer::plain(200, response(&kept)))
    }
}

/// Reads the entries of a Bundle: whether it is a transaction (else a batch), and what it asks.
pub(super) fn read_bundle(value: &Value) -> Result<(bool, Vec<Entry>), Refusal> {
    let field = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or("");
    if field("resourceType") != "Bundle" {
        let message = format!("resourceType is `{}`", field("resourceType"));
        return Err(Refusal::invalid(message, "a Bundle, or POST to /fhir/{type}"));
    }
    let transaction = match field("type") {
        "transaction" => true,
        "batch" => false,
        other => return Err(Refusal::invalid(format!("type = `{other}`"), "transaction or batch")),
    };
    let entries = value.get("entry").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let entries = entries.iter().enumerate().map(|(index, entry)| Entry::read(entry, index));
    Ok((transaction, entries.collect::<Result<_, _>>()?))
}

/// Runs a whole transaction; any refusal refuses all of it.
pub(super) fn transact(counter: &mut Counter<'_>, entries: &[Entry]) -> Result<Answer, CommandError> {
    check_versions(counter, entries)?;
    let mut order: Vec<usize> = (0..entries.len()).collect();
    order.sort_by_key(|index| entries[*index].rank());
    let ids = new_ids(counter, entries)?;
    let mut places = BTreeMap::new();
    for (entry, id) in entries.iter().zip(&ids) {
        if let (Some(full_url), Some(id)) = (&entry.full_url, id) {
            places.insert(full_url.clone(), format!("{}/{id}", entry.resource_type.name()));
        }
    }
    let mut kept: Vec<Option<Kept>> = vec![None; entries.len()];
    for index in order {
        let entry = &entries[index];
        let mut resource = entry.resource.clone();
        point(&mut resource, &places);
        let done = entry.act(counter, resource, ids[index].clone(), true)?;
        if let Some(full_url) = &entry.full_url {
            // A conditional creation may have found another.
            places.insert(full_url.clone(), format!("{}/{}", done.resource_type.name(), done.id));
        }
        kept[index] = Some(done);
    }
    let entries: Vec<Value> = kept.iter().flatten().map(response).collect();
    Ok(Answer::plain(
        200,
        json!({"resourceType": "Bundle", "type": "transaction-response", "entry": entries}),
    ))
}

/// Every `ifMatch` against the state before the transaction, in lock order.
fn check_versions(counter: &mut Counter<'_>, entries: &[Entry]) -> Result<(), CommandError> {
    let mut asked: Vec<(Kind, &str, i64)> = entries
        .iter()
        .filter_map(|entry| match &entry.ask {
            Ask::Update { id, if_match: Some(version) } => {
                Some((entry.resource_type.kind(), id.as_str(), *version))
            }
            _ => None,
        })
        .collect();
    asked.sort_unstable();
    for (kind, id, version) in asked {
        let found = counter.ledger.get(kind, id)?.map(|row| row.version);
        if found != Some(version) && counter.rules.versions_checked {
            let at = found.map_or_else(|| "absent".to_owned(), |found| format!("at {found}"));
            let message = format!("ifMatch is version {version}, {} {id} is {at}", kind.name());
            return Err(Refusal::precondition(message, "read it again and decide again").into());
        }
    }
    Ok(())
}

fn new_ids(counter: &mut Counter<'_>, entries: &[Entry]) -> Result<Vec<Option<String>>, CommandError> {
    entries
        .iter()
        .map(|entry| match entry.ask {
            Ask::Create { .. } => Ok(Some(counter.next_id(entry.resource_type.kind())?.0)),
            _ => Ok(None),
        })
        .collect()
}

/// Replaces references to entries of the Bundle by what they became.
fn point(value: &mut Value, places: &BTreeMap<String, String>) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(reference)) = fields.get_mut("reference")
                && let Some(place) = places.get(reference)
            {
                reference.clone_from(place);
            }
            fields.values_mut().for_each(|value| point(value, places));
        }
        Value::Array(items) => items.iter_mut().for_each(|value| point(value, places)),
        _ => {}
    }
}

fn response(kept: &Kept) -> Value {
    let status = match kept.status {
        201 => "201 Created",
        _ => "200 OK",
    };
    json!({
        "fullUrl": format!("/fhir/{}/{}", kept.resource_type.name(), kept.id),
        "resource": kept.resource,
        "response": {
            "status": status,
            "location": kept.location(),
            "etag": format!("W/\"{}\"", kept.version),
            "lastModified": kept.resource.pointer("/meta/lastUpdated"),
        },
    })
}

/// A refused batch entry.
pub(super) fn refused(status: u16, outcome: Value) -> Value {
    json!({"response": {"status": status.to_string(), "outcome": outcome}})
}
