//! FHIR search: by the desk's links where there is an index, by looking at the resources otherwise.

use serde_json::{Value, json};

use super::resource::{ResourceType, split_reference};
use super::shapes::{Found, found};
use crate::domain::{Moment, parse_date_range};
use crate::ledger::{Ledger, Row, StoreError};
use crate::refusal::Refusal;

const COUNT_MAX: usize = 1000;
const COUNT_DEFAULT: usize = 50;

/// How a parameter is looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lookup {
    /// The resource's id.
    Id,
    /// A link of the record; indexed in the store unless it is a state that changes.
    Link(&'static str),
    /// The element with an instant.
    Date(&'static str),
}

/// Parameters of a type by name. `CapabilityStatement` and search read the same table.
pub(super) fn parameters(resource_type: ResourceType) -> Vec<(&'static str, &'static str)> {
    table(resource_type)
        .into_iter()
        .map(|(name, lookup)| {
            let search_type = match lookup {
                Lookup::Date(_) => "date",
                Lookup::Link("status" | "identifier") | Lookup::Id => "token",
                Lookup::Link(_) => "reference",
            };
            (name, search_type)
        })
        .collect()
}

fn table(resource_type: ResourceType) -> Vec<(&'static str, Lookup)> {
    use Lookup::{Date, Id, Link};
    let mut table = vec![("_id", Id), ("identifier", Link("identifier"))];
    let patient = [("patient", Link("patient")), ("subject", Link("patient"))];
    match resource_type {
        ResourceType::Patient | ResourceType::Schedule | ResourceType::PaymentReconciliation => {}
        ResourceType::Slot => table.extend([
            ("schedule", Link("schedule")),
            ("start", Date("start")),
            ("status", Link("status")),
        ]),
        ResourceType::Appointment => table.extend([
            ("slot", Link("slot")),
            ("patient", Link("patient")),
            ("actor", Link("patient")),
            ("date", Date("start")),
            ("status", Link("status")),
        ]),
        ResourceType::Encounter => {
            table.push(("appointment", Link("appointment")));
            table.extend(patient);
            table.push(("status", Link("status")));
        }
        ResourceType::ServiceRequest | ResourceType::MedicationRequest => {
            table.push(("encounter", Link("encounter")));
            table.extend(patient);
            table.push(("status", Link("status")));
        }
        ResourceType::ChargeItem => {
            table.push(("context", Link("context")));
            table.extend(patient);
        }
        ResourceType::Invoice => {
            table.extend(patient);
            table.push(("status", Link("status")));
        }
        ResourceType::PaymentNotice => table.push(("request", Link("request"))),
        ResourceType::MedicationDispense => {
            table.push(("prescription", Link("prescription")));
            table.extend(patient);
            table.push(("status", Link("status")));
        }
    }
    table
}

/// What to do with a parameter the desk does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Handling {
    /// Refuse the search.
    Strict,
    /// Search without it; the answer's self link shows what was used.
    Lenient,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Test {
    /// Any of these ids.
    Ids(Vec<String>),
    /// A link with any of these values.
    Links(&'static str, Vec<String>),
    /// An identifier of any of these systems, whatever its value.
    Systems(Vec<String>),
    /// The instant of the element compares so with any of these ranges.
    Dates(&'static str, Vec<(String, Moment, Moment)>),
}

/// A search as understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Query {
    tests: Vec<Test>,
    limit: usize,
    after_serial: i64,
    used: Vec<(String, String)>,
}

/// One page of results.
pub(super) struct Results {
    pub(super) found: Vec<Found>,
    next_after: Option<i64>,
}

impl Query {
    /// Understands the parameters of a URL's query.
    pub(super) fn read(
        resource_type: ResourceType,
        given: &[(String, String)],
        handling: Handling,
    ) -> Result<Self, Refusal> {
        let table = table(resource_type);
        let mut query = Self { tests: Vec::new(), limit: COUNT_DEFAULT, after_serial: 0, used: Vec::new() };
        for (name, value) in given {
            let number = || {
                value.parse::<i64>().ok().filter(|number| *number >= 0).ok_or_else(|| {
                    Refusal::unreadable(format!("{name} = `{value}` is no count"), "a whole number")
                })
            };
            match name.as_str() {
                "_count" => query.limit = usize::try_from(number()?).unwrap_or(COUNT_MAX).clamp(1, COUNT_MAX),
                "_after" => query.after_serial = number()?,
                "_format" | "_pretty" => continue,
                _ => match table.iter().find(|(known, _)| known == name) {
                    Some((_, lookup)) => query.tests.push(read_test(name, *lookup, value)?),
                    None if handling == Handling::Lenient => continue,
                    None => {
                        let names: Vec<&str> = table.iter().map(|(known, _)| *known).collect();
                        let message = format!("{} has no search parameter `{name}`", resource_type.name());
                        return Err(Refusal::unreadable(message, names.join(", ")));
                    }
                },
            }
            query.used.push((name.clone(), value.clone()));
        }
        Ok(query)
    }

    /// The criteria of `If-None-Exist`: never lenient, because a dropped condition would match anything.
    pub(super) fn criteria(resource_type: ResourceType, text: &str) -> Result<Self, Refusal> {
        let text = text.strip_prefix('?').unwrap_or(text);
        let text =
            text.strip_prefix(resource_type.name()).and_then(|rest| rest.strip_prefix('?')).unwrap_or(text);
        let query = Self::read(resource_type, &split_query(text), Handling::Strict)?;
        if query.tests.is_empty() {
            let message = "the condition has no criteria";
            return Err(Refusal::unreadable(message, "search parameters, e.g. slot=Slot/s-1"));
        }
        Ok(query)
    }

    pub(super) fn with_limit(&self, limit: usize) -> Self {
        Self { limit, ..self.clone() }
    }

    fn accepts(&self, found: &Found) -> bool {
        self.tests.iter().all(|test| match test {
            Test::Ids(ids) => ids.contains(&found.id),
            Test::Links(name, values) => {
                found.links.iter().any(|link| link.name == *name && values.contains(&link.value))
            }
            Test::Systems(systems) => {
                let has = |value: &str| {
                    value
                        .split_once('|')
                        .is_some_and(|(system, _)| systems.iter().any(|known| known == system))
                };
                found.links.iter().any(|link| link.name == "identifier" && has(&link.value))
            }
            Test::Dates(element, ranges) => {
                let at = found.resource.get(*element).and_then(Value::as_str).and_then(Moment::parse);
                at.is_some_and(|at| {
                    ranges.iter().any(|(prefix, from, until)| compares(prefix, at, *from, *until))
                })
            }
        })
    }

    /// The store's index that narrows most: a link other than a state.
    fn best_link(&self) -> Option<(&'static str, &str)> {
        let single = |test: &Test| match test {
            Test::Links(name, values) if values.len() == 1 => Some(*name),
            _ => None,
        };
        let named = self.tests.iter().filter_map(|test| single(test).map(|name| (test, name)));
        let (test, name) = named.min_by_key(|(_, name)| *name == "status")?;
        match test {
            Test::Links(_, values) => values.first().map(|value| (name, value.as_str())),
            _ => None,
        }
    }
}

fn read_test(name: &str, lookup: Lookup, value: &str) -> Result<Test, Refusal> {
    let parts = value.split(',').filter(|part| !part.is_empty());
    Ok(match lookup {
        Lookup::Id => Test::Ids(parts.map(str::to_owned).collect()),
        Lookup::Link("identifier") if value.split(',').all(|part| part.len() > 1 && part.ends_with('|')) => {
            Test::Systems(parts.map(|part| part.trim_end_matches('|').to_owned()).collect())
        }
        Lookup::Link("identifier") => {
            Test::Links("identifier", parts.map(|part| part.trim_start_matches('|').to_owned()).collect())
        }
        Lookup::Link("status") => {
            let code = |part: &str| part.rsplit_once('|').map_or(part, |(_, code)| code).to_owned();
            Test::Links("status", parts.map(code).collect())
        }
        Lookup::Link(link) => {
            let id = |part: &str| split_reference(part).map_or(part, |(_, id)| id).to_owned();
            Test::Links(link, parts.map(id).collect())
        }
        Lookup::Date(element) => {
            let range = |part: &str| {
                let (prefix, date) = match part.get(..2) {
                    Some(prefix @ ("eq" | "ne" | "gt" | "lt" | "ge" | "le")) => (prefix, &part[2..]),
                    _ => ("eq", part),
                };
                // A plus sign in a URL arrives as a space.
                let (from, until) = parse_date_range(&date.replace(' ', "+")).ok_or_else(|| {
                    let accepted = "eq, ne, gt, lt, ge or le with 2027-03-01 or 2027-03-01T08:00:00Z";
                    Refusal::unreadable(format!("{name} = `{part}` is no date"), accepted)
                })?;
                Ok((prefix.to_owned(), from, until))
            };
            Test::Dates(element, parts.map(range).collect::<Result<_, Refusal>>()?)
        }
    })
}

fn compares(prefix: &str, at: Moment, from: Moment, until: Moment) -> bool {
    match prefix {
        "ne" => at < from || at >= until,
        "gt" => at >= until,
        "lt" => at < from,
        "ge" => at >= from,
        "le" => at < until,
        _ => at >= from && at < until,
    }
}

/// Runs a search on one page.
pub(super) fn search(
    ledger: &mut dyn Ledger,
    resource_type: ResourceType,
    query: &Query,
) -> Result<Results, StoreError> {
    let kind = resource_type.kind();
    let mut results = Results { found: Vec::new(), next_after: None };
    if let Some(Test::Ids(ids)) = query.tests.iter().find(|test| matches!(test, Test::Ids(_))) {
        for id in ids {
            if let Some(row) = ledger.peek(kind, id)? {
                results.take(row, resource_type, query)?;
            }
        }
        return Ok(results);
    }
    let link = query.best_link().filter(|(name, _)| *name != "status" || resource_type == ResourceType::Slot);
    let chunk = query.limit.max(COUNT_DEFAULT);
    let mut after_serial = query.after_serial;
    loop {
        let rows = match link {
            Some(link) => ledger.find(kind, link, after_serial, chunk)?,
            None => ledger.list(kind, after_serial, chunk)?,
        };
        let exhausted = rows.len() < chunk;
        for row in rows {
            if results.found.len() == query.limit {
                results.next_after = Some(after_serial);
                return Ok(results);
            }
            after_serial = row.serial;
            results.take(row, resource_type, query)?;
        }
        if exhausted {
            return Ok(results);
        }
    }
}

impl Results {
    fn take(&mut self, row: Row, resource_type: ResourceType, query: &Query) -> Result<(), StoreError> {
        let found = found(row)?;
        if found.resource_type == resource_type && query.accepts(&found) {
            self.found.push(found);
        }
        Ok(())
    }

    /// The page as a searchset Bundle. `total` is only known when one page holds everything.
    pub(super) fn bundle(self, resource_type: ResourceType, query: &Query) -> Value {
        let url = |extra: Option<i64>| {
            let kept = query.used.iter().filter(|(name, _)| extra.is_none() || name != "_after");
            let mut parts: Vec<String> =
                kept.map(|(name, value)| format!("{name}={}", encode(value))).collect();
            parts.extend(extra.map(|after| format!("_after={after}")));
            format!("/fhir/{}?{}", resource_type.name(), parts.join("&"))
        };
        let mut links = vec![json!({"relation": "self", "url": url(None)})];
        links.extend(self.next_after.map(|after| json!({"relation": "next", "url": url(Some(after))})));
        let total = (query.after_serial == 0 && self.next_after.is_none()).then_some(self.found.len());
        let entry = |found: Found| {
            let full_url = format!("/fhir/{}/{}", resource_type.name(), found.id);
            json!({"fullUrl": full_url, "resource": found.resource, "search": {"mode": "match"}})
        };
        let mut bundle = json!({"resourceType": "Bundle", "type": "searchset", "link": links});
        if let Some(total) = total {
            bundle["total"] = total.into();
        }
        bundle["entry"] = self.found.into_iter().map(entry).collect();
        bundle
    }
}

/// Splits and decodes `a=b&c=d`.
pub(super) fn split_query(text: &str) -> Vec<(String, String)> {
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}

fn decode(text: &str) -> String {
    let raw = text.as_bytes();
    let hex = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let mut bytes = Vec::with_capacity(raw.len());
    let mut at = 0;
    while let Some(byte) = raw.get(at) {
        let pair = raw.get(at + 1).and_then(hex).zip(raw.get(at + 2).and_then(hex));
        match (byte, pair) {
            (b'%', Some((high, low))) => {
                bytes.push(high * 16 + low);
                at += 2;
            }
            (b'+', _) => bytes.push(b' '),
            _ => bytes.push(*byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn encode(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/:|,".contains(&byte);
    text.bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(text: &str) -> Vec<(String, String)> {
        split_query(text)
    }

    #[test]
    fn a_query_is_decoded() {
        assert_eq!(
            given("start=ge2027-03-01T08%3A00%3A00%2B08:00&a=%zz&b=x+y"),
            [
                ("start".into(), "ge2027-03-01T08:00:00+08:00".into()),
                ("a".into(), "%zz".into()),
                ("b".into(), "x y".into())
            ]
        );
        assert_eq!(encode("urn:a|b+c"), "urn:a|b%2Bc");
    }

    #[test]
    fn unknown_parameters_are_refused_when_strict_and_left_out_of_the_self_link_when_lenient() {
        let unknown = given("status=free&colour=red");
        let strict = Query::read(ResourceType::Slot, &unknown, Handling::Strict).unwrap_err();
        assert_eq!((strict.status, strict.message.contains("`colour`")), (400, true));
        let lenient = Query::read(ResourceType::Slot, &unknown, Handling::Lenient).unwrap();
        assert_eq!(lenient.used, given("status=free"));
        assert!(Query::criteria(ResourceType::Slot, "colour=red").is_err());
        let by_system = Query::criteria(ResourceType::Slot, "identifier=urn:a|").unwrap();
        assert_eq!(by_system.tests, [Test::Systems(vec!["urn:a".to_owned()])]);
        assert!(Query::criteria(ResourceType::Slot, "").is_err());
    }

    #[test]
    fn a_reference_narrows_better_than_a_state() {
        let query = given("status=free&schedule=Schedule/c-1");
        let query = Query::read(ResourceType::Slot, &query, Handling::Strict).unwrap();
        assert_eq!(query.best_link(), Some(("schedule", "c-1")));
    }

    #[test]
    fn dates_compare_by_their_whole_range() {
        let (from, until) = parse_date_range("2027-03-01").unwrap();
        let noon = Moment::parse("2027-03-01T12:00:00Z").unwrap();
        let verdicts = ["eq", "ne", "gt", "lt", "ge", "le"].map(|prefix| compares(prefix, noon, from, until));
        assert_eq!(verdicts, [true, false, false, false, true, true]);
    }
}
