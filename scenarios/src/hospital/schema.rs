//! The JSON Schema of hospital files: of whole ones, and of those that say only how they differ from another.

use super::format::HOSPITAL;
use crate::reader::schema::json_schema;
use serde_json::{Map, Value, json};

/// Before the names of the definitions for files that extend another.
const CHANGED: &str = "changed_";

/// The JSON Schema of hospital files, for editors. A file with `extends` need not say everything.
pub fn hospital_schema() -> Value {
    let mut whole = json_schema("onetrip hospital", &HOSPITAL);
    let mut definitions = match whole["$defs"].take() {
        Value::Object(definitions) => definitions,
        _ => Map::new(),
    };
    let (dialect, title) = (whole["$schema"].take(), whole["title"].take());
    if let Value::Object(members) = &mut whole {
        ["$defs", "$schema", "title"].iter().for_each(|key| {
            members.remove(*key);
        });
    }
    definitions.insert("hospital".to_owned(), whole);
    let changed: Vec<(String, Value)> = definitions
        .iter()
        .map(|(name, schema)| (format!("{CHANGED}{name}"), of_change(schema.clone())))
        .collect();
    definitions.extend(changed);
    json!({
        "$schema": dialect,
        "title": title,
        "type": "object",
        "if": { "required": ["extends"] },
        "then": { "$ref": format!("#/$defs/{CHANGED}hospital") },
        "else": { "$ref": "#/$defs/hospital" },
        "$defs": definitions,
    })
}

/// A definition without keys that must be there, but for `id`, by which elements are matched;
/// laws are replaced as a whole and keep theirs.
fn of_change(mut schema: Value) -> Value {
    if let Some(Value::Array(needed)) = schema.get_mut("required") {
        needed.retain(|key| key == "id" || key == "format");
    }
    refer_to_changed(&mut schema);
    schema
}

fn refer_to_changed(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            for (key, value) in members {
                match value {
                    Value::String(reference) if key == "$ref" => {
                        *reference = reference.replace("#/$defs/", &format!("#/$defs/{CHANGED}"));
                    }
                    other => refer_to_changed(other),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(refer_to_changed),
        _ => {}
    }
}
