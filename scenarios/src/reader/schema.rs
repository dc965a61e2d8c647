//! What the declarations say, written out: JSON Schema for editors, words for messages, Markdown for the reference.

use super::document::VALUE_KEY;
use super::key::{Declared, Need, Numbers, Shape, TableSpec, UnionSpec};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::fmt::Write;

/// The JSON Schema (2020-12) of a format, from the declaration of its root table.
pub fn json_schema(title: &str, root: &'static TableSpec) -> Value {
    let mut definitions = Definitions::default();
    let mut schema = table_schema(root, None, false, &mut definitions);
    if let Value::Object(members) = &mut schema {
        members.insert("$schema".into(), json!("https://json-schema.org/draft/2020-12/schema"));
        members.insert("title".into(), json!(title));
        let known: Map<String, Value> =
            definitions.0.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect();
        members.insert("$defs".into(), Value::Object(known));
    }
    schema
}

#[derive(Default)]
struct Definitions(BTreeMap<&'static str, Value>);

impl Definitions {
    /// A reference to a named definition, which is made on first use; a name is taken before it is made, so that
    /// tables may hold tables of their own kind.
    fn reference(&mut self, name: &'static str, make: impl FnOnce(&mut Self) -> Value) -> Value {
        if !self.0.contains_key(name) {
            self.0.insert(name, Value::Null);
            let schema = make(self);
            self.0.insert(name, schema);
        }
        json!({ "$ref": format!("#/$defs/{name}") })
    }
}

/// The evidence keys, defined once and referred to from every table.
fn evidence_properties(definitions: &mut Definitions) -> Map<String, Value> {
    let mut refer = |name, schema: Value| definitions.reference(name, |_| schema);
    let source =
        json!({ "type": "string", "description": "the document or study the number was taken from" });
    let n = json!({ "type": "integer", "minimum": 1, "description": "how many observations it rests on" });
    let assumption =
        json!({ "const": true, "description": "the number is an assumption, not an observation" });
    let note =
        json!({ "type": "string", "description": "how the number was derived, or why it was assumed" });
    Map::from_iter([
        ("source".to_owned(), refer("evidence_source", source)),
        ("n".to_owned(), refer("evidence_n", n)),
        ("assumption".to_owned(), refer("evidence_assumption", assumption)),
        ("note".to_owned(), refer("evidence_note", note)),
    ])
}

fn table_schema(
    spec: &'static TableSpec,
    tag: Option<&str>,
    holds_evidence: bool,
    definitions: &mut Definitions,
) -> Value {
    let mut properties = if holds_evidence { evidence_properties(definitions) } else { Map::new() };
    let mut needed = Vec::new();
    if let Some(tag) = tag {
        properties.insert(tag.to_owned(), json!({ "const": spec.name, "description": spec.doc }));
        needed.push(tag);
    }
    for key in spec.keys {
        properties.insert(key.name().to_owned(), key_schema(*key, definitions));
        if key.need() == Need::Required {
            needed.push(key.name());
        }
    }
    let mut schema = json!({
        "type": "object",
        "description": spec.doc,
        "properties": properties,
        "additionalProperties": false,
    });
    if !needed.is_empty() {
        schema["required"] = json!(needed);
    }
    schema
}

fn key_schema(key: &dyn Declared, definitions: &mut Definitions) -> Value {
    let shape = match key.numbers() {
        // A description beside `$ref` is the key's own.
        Numbers::Within => key.shape(),
        Numbers::Itself | Numbers::None => Shape::Sourced(Box::new(key.shape())),
    };
    let mut schema = shape_schema(&shape, definitions);
    schema["description"] = json!(key.doc());
    if let Need::Default(text) = key.need()
        && let Some(default) = default_json(text)
    {
        schema["default"] = default;
    }
    schema
}

fn default_json(text: &str) -> Option<Value> {
    let table: toml::Table = toml::from_str(&format!("{VALUE_KEY} = {text}")).ok()?;
    serde_json::to_value(table.get(VALUE_KEY)?).ok()
}

fn shape_schema(shape: &Shape, definitions: &mut Definitions) -> Value {
    match shape {
        Shape::Text { accepted, examples, pattern } => {
            let mut schema = json!({ "type": "string", "description": accepted });
            if !examples.is_empty() {
                schema["examples"] = json!(examples);
            }
            if let Some(pattern) = pattern {
                schema["pattern"] = json!(pattern);
            }
            schema
        }
        Shape::Integer { min, max } => json!({ "type": "integer", "minimum": min, "maximum": max }),
        Shape::Number { min, max } => {
            let mut schema = json!({ "type": "number" });
            if *min > f64::MIN {
                schema["minimum"] = json!(min);
            }
            if *max < f64::MAX {
                schema["maximum"] = json!(max);
            }
            schema
        }
        Shape::Flag => json!({ "type": "boolean" }),
        // Editors' TOML tools hand bare times to the validator as strings of this format.
        Shape::BareTime => json!({ "type": "string", "format": "time" }),
        Shape::Choice(options) => {
            let words: Vec<Value> =
                options.iter().map(|(word, doc)| json!({ "const": word, "description": doc })).collect();
            json!({ "type": "string", "oneOf": words })
        }
        Shape::List { element, min } => {
            let mut schema = json!({ "type": "array", "items": shape_schema(element, definitions) });
            if *min > 0 {
                schema["minItems"] = json!(min);
            }
            schema
        }
        Shape::Map { keys, value } => json!({
            "type": "object",
            "description": format!("keys are {keys}"),
            "properties": evidence_properties(definitions),
            "additionalProperties": shape_schema(value, definitions),
        }),
        Shape::Sourced(plain) => {
            let plain = shape_schema(plain, definitions);
            let mut properties = evidence_properties(definitions);
            properties.insert(VALUE_KEY.to_owned(), plain.clone());
            let sourced = json!({
                "type": "object",
                "properties": properties,
                "required": [VALUE_KEY],
                "additionalProperties": false,
            });
            json!({ "anyOf": [plain, sourced] })
        }
        Shape::Record(spec) => {
            definitions.reference(spec.name, |definitions| table_schema(spec, None, true, definitions))
        }
        Shape::Union(spec) => definitions.reference(spec.name, |definitions| {
            let variants: Vec<Value> = spec
                .variants
                .iter()
                .map(|variant| table_schema(variant, Some(spec.tag), true, definitions))
                .collect();
            json!({ "description": spec.doc, "oneOf": variants })
        }),
        Shape::Any(shapes) => {
            let any: Vec<Value> = shapes.iter().map(|shape| shape_schema(shape, definitions)).collect();
            json!({ "anyOf": any })
        }
    }
}

/// How a kind of table is named where it is accepted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tables {
    /// By what it describes.
    Described,
    /// By a link to its section of the reference page.
    Linked,
}

impl Shape {
    /// What is accepted, in words, for messages.
    pub fn accepted(&self) -> String {
        self.worded(Tables::Described)
    }

    fn worded(&self, tables: Tables) -> String {
        match self {
            Shape::Text { accepted, .. } => (*accepted).to_owned(),
            Shape::Integer { min, max } if *max >= i64::from(u32::MAX) => {
                format!("a whole number of at least {min}, without quotes")
            }
            Shape::Integer { min, max } => format!("a whole number from {min} to {max}, without quotes"),
            Shape::Number { min, max } => match (*min > f64::MIN, *max < f64::MAX) {
                (true, true) => format!("a number from {min} to {max} without a unit"),
                (true, false) => format!("a number of at least {min} without a unit"),
                (false, true) => format!("a number of at most {max} without a unit"),
                (false, false) => "a number without a unit".to_owned(),
            },
            Shape::Flag => "`true` or `false`, without quotes".to_owned(),
            Shape::BareTime => "a bare time such as `07:30`".to_owned(),
            Shape::Choice(options) => {
                options.iter().map(|(word, _)| format!("\"{word}\"")).collect::<Vec<_>>().join(", ")
            }
            Shape::List { element, .. } if matches!(**element, Shape::Record(_)) => {
                format!("tables under a header in double brackets, `[[…]]`, each {}", element.worded(tables))
            }
            Shape::List { element, min: 0 } => format!("a list, each element {}", element.worded(tables)),
            Shape::List { element, min } => {
                format!("a list of at least {min}, each element {}", element.worded(tables))
            }
            Shape::Map { keys, value } => {
                format!("a table whose keys are {keys}, each value {}", value.worded(tables))
            }
            Shape::Record(spec) if tables == Tables::Linked => {
                format!("a table [{0}](#{1})", title(spec.name), anchor(spec.name))
            }
            Shape::Union(spec) if tables == Tables::Linked => {
                format!("a table [{0}](#{1})", title(spec.name), anchor(spec.name))
            }
            Shape::Record(spec) => format!("a table that describes {}", spec.doc),
            Shape::Union(spec) => {
                let words: Vec<String> =
                    spec.variants.iter().map(|variant| format!("\"{}\"", variant.name)).collect();
                format!("a table with `{}` = {}", spec.tag, words.join(", "))
            }
            Shape::Sourced(plain) => plain.worded(tables),
            Shape::Any(shapes) => {
                shapes.iter().map(|shape| shape.worded(tables)).collect::<Vec<_>>().join(", or ")
            }
        }
    }

    fn unions(&self, found: &mut Vec<&'static UnionSpec>) {
        match self {
            Shape::Union(spec) => found.push(spec),
            Shape::List { element, .. } => element.unions(found),
            Shape::Sourced(plain) => plain.unions(found),
            Shape::Map { value, .. } => value.unions(found),
            Shape::Any(shapes) => shapes.iter().for_each(|shape| shape.unions(found)),
            _ => {}
        }
    }

    fn tables(&self, found: &mut Vec<&'static TableSpec>) {
        match self {
            Shape::Record(spec) => found.push(spec),
            Shape::Union(spec) => found.extend(spec.variants),
            Shape::List { element, .. } => element.tables(found),
            Shape::Sourced(plain) => plain.tables(found),
            Shape::Map { value, .. } => value.tables(found),
            Shape::Any(shapes) => shapes.iter().for_each(|shape| shape.tables(found)),
            _ => {}
        }
    }
}

/// Every kind of table that a format uses, the root first, then in order of first use.
pub fn tables_of(root: &'static TableSpec) -> Vec<&'static TableSpec> {
    let mut all = vec![root];
    let mut next = 0;
    while let Some(spec) = all.get(next).copied() {
        next += 1;
        let mut found = Vec::new();
        spec.keys.iter().for_each(|key| key.shape().tables(&mut found));
        for table in found {
            if all.iter().all(|known| !std::ptr::eq(*known, table)) {
                all.push(table);
            }
        }
    }
    all
}

/// The reference of a format as Markdown: a section for each kind of table, a row for each key, and a section for each
/// kind of table of several forms.
pub fn reference_markdown(root: &'static TableSpec) -> String {
    let mut page = String::new();
    let mut unions: Vec<&'static UnionSpec> = Vec::new();
    for spec in tables_of(root) {
        heading(&mut page, spec.name, spec.doc);
        if spec.keys.is_empty() {
            continue;
        }
        page.push_str("| key | needed | accepted | meaning |\n| --- | --- | --- | --- |\n");
        for key in spec.keys {
            let need = match key.need() {
                Need::Required => "yes".to_owned(),
                Need::Optional => "no".to_owned(),
                Need::Default(text) => format!("default `{text}`"),
            };
            let accepted = key.shape().worded(Tables::Linked).replace('|', "\\|");
            // Writing to a String cannot fail.
            let _ = writeln!(page, "| `{}` | {need} | {accepted} | {} |", key.name(), key.doc());
            key.shape().unions(&mut unions);
        }
        page.push('\n');
    }
    let mut shown: Vec<&str> = Vec::new();
    for union in unions {
        if shown.contains(&union.name) {
            continue;
        }
        shown.push(union.name);
        heading(&mut page, union.name, union.doc);
        let _ = writeln!(page, "| `{}` | table |\n| --- | --- |", union.tag);
        for form in union.variants {
            let _ = writeln!(page, "| \"{}\" | [{}](#{}) |", form.name, title(form.name), anchor(form.name));
        }
        page.push('\n');
    }
    page
}

fn heading(page: &mut String, name: &str, doc: &str) {
    let mut first = doc.chars();
    let doc: String = first.next().map(|c| c.to_uppercase().chain(first).collect()).unwrap_or_default();
    let _ = writeln!(page, "## {}\n\n{doc}.\n", title(name));
}

fn title(name: &str) -> String {
    name.replace('_', " ")
}

fn anchor(name: &str) -> String {
    name.replace('_', "-")
}
