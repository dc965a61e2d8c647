//! The JSON Schema of files that may extend another: of whole ones, and of those that say only how they differ.

use super::key::TableSpec;
use super::schema::json_schema;
use serde_json::{Map, Value, json};

/// Before the names of the definitions for files that extend another.
const CHANGED: &str = "changed_";

/// The JSON Schema of a format whose files may extend another, for editors. A file with `extends` need not say everything.
pub fn extensible_json_schema(title: &str, root: &'static TableSpec) -> Value {
    let mut whole = json_schema(title, root);
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
    definitions.insert(root.name.to_owned(), whole);
    let changed: Vec<(String, Value)> = definitions
        .iter()
        .map(|(name, schema)| (format!("{CHANGED}{name}"), of_change(schema.clone(), name == root.name)))
        .collect();
    definitions.extend(changed);
    json!({
        "$schema": dialect,
        "title": title,
        "type": "object",
        "if": { "required": ["extends"] },
        "then": { "$ref": format!("#/$defs/{CHANGED}{}", root.name) },
        "else": { "$ref": format!("#/$defs/{}", root.name) },
        "$defs": definitions,
    })
}

/// A definition without keys that must be there, but for `format`, and `id` or `name`, by which elements are matched;
/// laws are replaced as a whole and keep theirs.
fn of_change(mut schema: Value, is_root: bool) -> Value {
    if let Some(Value::Array(needed)) = schema.get_mut("required") {
        let has_id = needed.iter().any(|key| key == "id");
        needed.retain(|key| key == "id" || key == "format" || key == "name" && !has_id && !is_root);
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
