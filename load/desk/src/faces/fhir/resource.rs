//! The resource types the desk speaks, and how elements of a resource are read.

use serde_json::{Map, Value, json};

use crate::counter::Body;
use crate::domain::{Kind, Moment, Money, Status, parse_money};
use crate::refusal::Refusal;

/// Extension on a pending Appointment: when its hold ends.
pub(super) const EXPIRES: &str = "urn:onetrip:hold-expires-at";
/// Extension on a Slot: how many patients it takes.
pub(super) const CAPACITY: &str = "urn:onetrip:capacity";
/// Extension on a Slot: its registration fee.
pub(super) const PRICE: &str = "urn:onetrip:price";

macro_rules! resource_types {
    ($($name:ident => $kind:ident,)*) => {
        /// A FHIR R4 resource type the desk keeps.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum ResourceType {
            $($name,)*
        }

        impl ResourceType {
            pub(super) const ALL: &'static [Self] = &[$(Self::$name),*];

            pub(super) fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)* }
            }

            pub(super) fn kind(self) -> Kind {
                match self { $(Self::$name => Kind::$kind,)* }
            }
        }
    };
}

resource_types! {
    Patient => Patient,
    Schedule => Schedule,
    Slot => Slot,
    Appointment => Booking,
    Encounter => Encounter,
    ServiceRequest => Order,
    MedicationRequest => Order,
    ChargeItem => Charge,
    Invoice => Invoice,
    PaymentReconciliation => Reconciliation,
    PaymentNotice => Payment,
    MedicationDispense => Dispense,
}

impl ResourceType {
    pub(super) fn from_name(name: &str) -> Result<Self, Refusal> {
        Self::ALL.iter().copied().find(|known| known.name() == name).ok_or_else(|| {
            let names: Vec<&str> = Self::ALL.iter().map(|known| known.name()).collect();
            Refusal { accepted: names.join(", "), ..Refusal::missing("resource type", name) }
        })
    }
}

/// A resource's elements, checked to be of the type its URL says.
pub(super) fn elements(value: Value, resource_type: ResourceType) -> Result<Body, Refusal> {
    let Value::Object(body) = value else {
        return Err(Refusal::invalid("the body is no JSON object", format!("a {}", resource_type.name())));
    };
    match text(&body, "resourceType") {
        Some(found) if found == resource_type.name() => Ok(body),
        found => {
            let message = format!("resourceType is `{}`", found.unwrap_or("missing"));
            Err(Refusal::invalid(message, resource_type.name()))
        }
    }
}

pub(super) fn text<'a>(body: &'a Body, name: &str) -> Option<&'a str> {
    body.get(name).and_then(Value::as_str)
}

/// The `status` element as one of the desk's states.
pub(super) fn status<S: Status>(body: &Body) -> Result<S, Refusal> {
    let code = text(body, "status")
        .ok_or_else(|| Refusal::invalid("the element status is missing", S::codes(S::ALL)))?;
    S::from_code(code).ok_or_else(|| Refusal::invalid(format!("status = `{code}`"), S::codes(S::ALL)))
}

pub(super) fn instant(body: &Body, name: &str) -> Result<Option<Moment>, Refusal> {
    body.get(name)
        .map(|value| {
            value.as_str().and_then(Moment::parse).ok_or_else(|| {
                Refusal::invalid(format!("{name} = {value}"), "an instant such as 2027-03-01T08:00:00+08:00")
            })
        })
        .transpose()
}

pub(super) fn money(body: &Body, name: &str) -> Result<Option<Money>, Refusal> {
    body.get(name)
        .map(|value| {
            parse_money(value, "CNY").ok_or_else(|| {
                let accepted = r#"an amount of whole hundredths such as {"value": 30.0, "currency": "CNY"}"#;
                Refusal::invalid(format!("{name} = {value}"), accepted)
            })
        })
        .transpose()
}

/// The id behind a reference to one of `types`; other references are none of the desk's business.
pub(super) fn target(value: Option<&Value>, types: &[ResourceType]) -> Option<String> {
    let reference = value?.get("reference")?.as_str()?;
    let (type_name, id) = split_reference(reference)?;
    types.iter().any(|known| known.name() == type_name).then(|| id.to_owned())
}

/// `…/Type/id` or `…/Type/id/_history/n` as type and id.
pub(super) fn split_reference(reference: &str) -> Option<(&str, &str)> {
    let path = reference.split_once("/_history/").map_or(reference, |(path, _)| path);
    let (rest, id) = path.rsplit_once('/')?;
    Some((rest.rsplit_once('/').map_or(rest, |(_, name)| name), id))
}

pub(super) fn list<'a>(body: &'a Body, name: &str) -> &'a [Value] {
    body.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// `identifier` as `system|value`, or `value` where there is no system.
pub(super) fn identifiers(body: &Body) -> Vec<String> {
    let read = |identifier: &Value| {
        let value = identifier.get("value")?.as_str()?;
        let system = identifier.get("system").and_then(Value::as_str);
        Some(system.map_or_else(|| value.to_owned(), |system| format!("{system}|{value}")))
    };
    let listed = list(body, "identifier");
    if listed.is_empty() {
        return body.get("identifier").and_then(read).into_iter().collect();
    }
    listed.iter().filter_map(read).collect()
}

/// The first code, or the text, of a CodeableConcept.
pub(super) fn concept(value: Option<&Value>) -> Option<String> {
    let value = value?;
    let code = value.pointer("/coding/0/code").or_else(|| value.get("text"));
    Some(code?.as_str()?.to_owned())
}

pub(super) fn extension<'a>(body: &'a Body, url: &str) -> Option<&'a Value> {
    list(body, "extension").iter().find(|extension| extension.get("url").and_then(Value::as_str) == Some(url))
}

/// Replaces (or drops) the desk's own extension.
pub(super) fn set_extension(body: &mut Body, url: &str, extension: Option<Value>) {
    let mut extensions: Vec<Value> = list(body, "extension")
        .iter()
        .filter(|known| known.get("url").and_then(Value::as_str) != Some(url))
        .cloned()
        .collect();
    extensions.extend(extension);
    if extensions.is_empty() {
        body.remove("extension");
    } else {
        body.insert("extension".into(), Value::Array(extensions));
    }
}

pub(super) fn reference(resource_type: ResourceType, id: &str) -> Value {
    json!({"reference": format!("{}/{id}", resource_type.name())})
}

/// Sets an element the client did not send.
pub(super) fn default(body: &mut Body, name: &str, value: impl FnOnce() -> Value) {
    if !body.contains_key(name) {
        body.insert(name.to_owned(), value());
    }
}

pub(super) fn show_identifiers(body: &mut Body, identifiers: &[String]) {
    if identifiers.is_empty() || body.contains_key("identifier") {
        return;
    }
    let shown = identifiers.iter().map(|identifier| match identifier.split_once('|') {
        Some((system, value)) => json!({"system": system, "value": value}),
        None => json!({"value": identifier}),
    });
    body.insert("identifier".into(), shown.collect());
}

/// Frames elements as a whole resource.
pub(super) fn frame(type_name: &str, id: &str, version: i64, changed_at: Moment, mut body: Body) -> Value {
    let mut meta = match body.remove("meta") {
        Some(Value::Object(meta)) => meta,
        _ => Map::new(),
    };
    meta.insert("versionId".into(), version.to_string().into());
    meta.insert("lastUpdated".into(), changed_at.to_string().into());
    let mut resource = Map::new();
    resource.insert("resourceType".into(), type_name.into());
    resource.insert("id".into(), id.into());
    resource.insert("meta".into(), Value::Object(meta));
    resource.extend(body);
    Value::Object(resource)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_read_relative_absolute_and_with_a_version() {
        for reference in ["Slot/s-1", "http://desk/fhir/Slot/s-1", "Slot/s-1/_history/3"] {
            assert_eq!(split_reference(reference), Some(("Slot", "s-1")), "{reference}");
        }
        assert_eq!(split_reference("s-1"), None);
        let value = json!({"reference": "Practitioner/x"});
        assert_eq!(target(Some(&value), &[ResourceType::Patient]), None);
    }

    #[test]
    fn the_desks_extension_is_replaced_and_others_are_kept() {
        let Value::Object(mut body) = json!({"extension": [{"url": "u"}, {"url": CAPACITY, "v": 1}]}) else {
            panic!("an object literal")
        };
        set_extension(&mut body, CAPACITY, Some(json!({"url": CAPACITY, "v": 2})));
        assert_eq!(body["extension"], json!([{"url": "u"}, {"url": CAPACITY, "v": 2}]));
        set_extension(&mut body, "u", None);
        set_extension(&mut body, CAPACITY, None);
        assert!(body.is_empty());
    }
}
