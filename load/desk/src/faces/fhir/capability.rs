//! The CapabilityStatement: what this face can do, from the same tables that do it.

use serde_json::{Value, json};

use super::resource::ResourceType;
use super::search::parameters;

pub(super) fn statement() -> Value {
    let codes = |codes: &[&str]| codes.iter().map(|code| json!({"code": code})).collect::<Value>();
    let resources: Vec<Value> = ResourceType::ALL
        .iter()
        .map(|resource_type| {
            let parameters: Vec<Value> = parameters(*resource_type)
                .into_iter()
                .map(|(name, search_type)| json!({"name": name, "type": search_type}))
                .collect();
            let mut resource = json!({
                "type": resource_type.name(),
                "interaction": codes(&["read", "create", "update", "search-type"]),
                "versioning": "versioned-update",
                "readHistory": false,
                "updateCreate": true,
                "conditionalCreate": true,
                "conditionalUpdate": false,
                "searchParam": parameters,
            });
            if *resource_type == ResourceType::Appointment {
                let operation =
                    |name: &str| json!({"name": name, "definition": format!("urn:onetrip:{name}")});
                resource["operation"] = json!([operation("hold"), operation("book")]);
            }
            resource
        })
        .collect();
    json!({
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": "2026-11-21",
        "kind": "instance",
        "software": {"name": "onetrip desk", "version": env!("CARGO_PKG_VERSION")},
        "implementation": {"description": "reference booking desk for load tests"},
        "fhirVersion": "4.0.1",
        "format": ["json"],
        "rest": [{
            "mode": "server",
            "resource": resources,
            "interaction": codes(&["transaction", "batch"]),
        }],
    })
}
