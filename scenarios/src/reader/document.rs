//! A parsed input: the tree of values with the place of each, and the mistakes of syntax found on the way.

use super::diagnostic::{Diagnostic, Mistake};
use super::set_aside::{self, Lost, Parsed};
use super::source::{KeyPath, Place, SourceId, SourceText};
use std::ops::Range;
use toml::de::{DeTable, DeValue};
use toml::value::Datetime;

/// A value of the tree.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Text(String),
    /// Whole numbers beyond the range are held at its ends, where every range check refuses them.
    Integer(i128),
    Float(f64),
    Flag(bool),
    Time(Datetime),
    List(Vec<Node>),
    Table(Vec<Entry>),
}

/// A value with its place.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) value: Value,
    pub(crate) source: SourceId,
    pub(crate) span: Range<usize>,
    /// The text this value stands in for, when it was set on the command line or is of a file that extends another.
    pub(crate) replaced: Option<String>,
}

/// A key and its value; the entries of a table keep the order of the text.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) source: SourceId,
    pub(crate) span: Range<usize>,
    pub(crate) node: Node,
}

/// The keys that say where a number comes from; they may stand in every table that holds numbers.
pub(crate) const EVIDENCE_KEYS: [&str; 4] = ["source", "n", "assumption", "note"];
/// The key of the number itself in `{ value = …, source = … }`.
pub(crate) const VALUE_KEY: &str = "value";
/// The keys by which an element of a list of tables is named, first match first.
const NAME_KEYS: [&str; 2] = ["id", "name"];

impl Node {
    pub(crate) fn entries(&self) -> Option<&[Entry]> {
        match &self.value {
            Value::Table(entries) => Some(entries),
            _ => None,
        }
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Entry> {
        self.entries()?.iter().find(|entry| entry.key == key)
    }

    pub(crate) fn get_mut(&mut self, key: &str) -> Option<&mut Entry> {
        match &mut self.value {
            Value::Table(entries) => entries.iter_mut().find(|entry| entry.key == key),
            _ => None,
        }
    }

    /// The name of an element of a list of tables.
    pub(crate) fn name(&self) -> Option<&str> {
        match &self.get(self.name_key()?)?.node.value {
            Value::Text(name) => Some(name.as_str()),
            _ => None,
        }
    }

    /// The key under which the name of an element of a list of tables stands.
    pub(crate) fn name_key(&self) -> Option<&'static str> {
        let is_text =
            |key: &str| self.get(key).is_some_and(|entry| matches!(entry.node.value, Value::Text(_)));
        NAME_KEYS.into_iter().find(|key| is_text(key))
    }

    /// A number with its source: a table of `value` and evidence keys only.
    pub(crate) fn is_sourced_value(&self) -> bool {
        self.entries().is_some_and(|entries| {
            entries.iter().any(|entry| entry.key == VALUE_KEY)
                && entries.iter().all(|e| e.key == VALUE_KEY || EVIDENCE_KEYS.contains(&e.key.as_str()))
        })
    }

    /// The value on one line, without the keys that say where it comes from.
    pub(crate) fn summary(&self) -> String {
        match &self.value {
            Value::Text(text) => text.clone(),
            Value::Integer(number) => number.to_string(),
            Value::Float(number) => format!("{number:?}"),
            Value::Flag(flag) => flag.to_string(),
            Value::Time(time) => time.to_string(),
            Value::List(items) => {
                format!("[{}]", items.iter().map(Node::summary).collect::<Vec<_>>().join(", "))
            }
            Value::Table(_) if self.is_sourced_value() => {
                self.get(VALUE_KEY).map_or_else(String::new, |entry| entry.node.summary())
            }
            Value::Table(entries) => entries
                .iter()
                .filter(|entry| !EVIDENCE_KEYS.contains(&entry.key.as_str()))
                .map(|entry| format!("{} {}", entry.key, entry.node.nested_summary()))
                .collect::<Vec<_>>()
                .join(", "),
        }
    }

    fn nested_summary(&self) -> String {
        match &self.value {
            Value::Table(_) if !self.is_sourced_value() => format!("({})", self.summary()),
            _ => self.summary(),
        }
    }

    pub(crate) fn from_toml(value: &DeValue<'_>, span: Range<usize>, source: SourceId) -> Node {
        let value = match value {
            DeValue::String(text) => Value::Text(text.to_string()),
            DeValue::Integer(number) => {
                let out_of_range = if number.as_str().starts_with('-') { i128::MIN } else { i128::MAX };
                Value::Integer(i128::from_str_radix(number.as_str(), number.radix()).unwrap_or(out_of_range))
            }
            DeValue::Float(number) => Value::Float(number.as_str().parse().unwrap_or(f64::NAN)),
            DeValue::Boolean(flag) => Value::Flag(*flag),
            DeValue::Datetime(time) => Value::Time(*time),
            DeValue::Array(items) => Value::List(
                items.iter().map(|item| Node::from_toml(item.get_ref(), item.span(), source)).collect(),
            ),
            DeValue::Table(table) => Value::Table(entries_of(table, source)),
        };
        Node { value, source, span, replaced: None }
    }

    /// The same tree with every place replaced by one: for values that stand in no text of the user's.
    pub(crate) fn moved_to(mut self, place: &Place) -> Node {
        self.source = place.source;
        self.span = place.span.clone();
        self.value = match self.value {
            Value::List(items) => Value::List(items.into_iter().map(|node| node.moved_to(place)).collect()),
            Value::Table(entries) => Value::Table(
                entries
                    .into_iter()
                    .map(|entry| Entry {
                        source: place.source,
                        span: place.span.clone(),
                        node: entry.node.moved_to(place),
                        ..entry
                    })
                    .collect(),
            ),
            plain => plain,
        };
        self
    }
}

pub(super) fn entries_of(table: &DeTable<'_>, source: SourceId) -> Vec<Entry> {
    let mut entries: Vec<Entry> = table
        .iter()
        .map(|(key, value)| Entry {
            key: key.get_ref().to_string(),
            source,
            span: key.span(),
            node: Node::from_toml(value.get_ref(), value.span(), source),
        })
        .collect();
    entries.sort_by_key(|entry| entry.span.start);
    entries
}

/// A TOML text, parsed, with everything that was wrong with its syntax. Reading it with a format says the rest.
#[derive(Clone, Debug)]
pub struct Document {
    /// The document, the files it extends, then the texts set on the command line.
    pub(crate) sources: Vec<SourceText>,
    /// How many of the texts are files.
    pub(crate) file_count: usize,
    pub(crate) root: Node,
    /// What is set on the command line, in the order given: by which argument, and as written.
    pub(crate) assignments: Vec<(&'static str, String)>,
    pub(crate) mistakes: Vec<Diagnostic>,
    /// What was not read, so that what seems absent may be there.
    pub(crate) lost: Lost,
}

impl Document {
    /// Parses a text. `name` is what messages call the file. Mistakes of syntax are kept and reported by the reader
    /// together with all others.
    pub fn parse(name: impl Into<String>, text: impl Into<String>) -> Document {
        let sources = vec![SourceText { name: name.into(), text: text.into() }];
        let source = &sources[0];
        let Parsed { entries, errors, further, mut lost } = set_aside::parse(&source.text);
        let root =
            Node { value: Value::Table(entries), source: SourceId::DOCUMENT, span: 0..0, replaced: None };
        let mut mistakes: Vec<Diagnostic> = Vec::new();
        for (message, span) in errors {
            // After these the parser goes on behind the value, and the key is there.
            if !is_unquoted(&message) && message != "duplicate key" {
                lost.line(source.line_of(&span));
            }
            let one = syntax_mistake(&message, source.slice(&span), source.line_of(&span))
                .at(&Place { path: KeyPath::default(), source: SourceId::DOCUMENT, span }, &sources);
            // One cause often shows as several errors at the same byte; the first says it best.
            if mistakes.iter().all(|known| known.span != one.span) {
                mistakes.push(one);
            }
        }
        if let Some((span, count)) = further {
            let place = Place { path: KeyPath::default(), source: SourceId::DOCUMENT, span };
            let mistake = Mistake::missing(format!("{count} more places from here on are no TOML"))
                .accepted("a file in a format of this program; is this the right one?");
            mistakes.push(mistake.at(&place, &sources));
        }
        Document { sources, file_count: 1, root, assignments: Vec::new(), mistakes, lost }
    }

    /// Name of the document as messages give it.
    pub fn name(&self) -> &str {
        &self.sources[0].name
    }

    /// The last part of the document's name without its ending: `desk.toml` describes `desk`.
    pub fn stem(&self) -> &str {
        let file = self.name().rsplit(['/', '\\']).next().unwrap_or_default();
        file.strip_suffix(".toml").unwrap_or(file)
    }

    /// The text of the document, without what was set on the command line.
    pub fn text(&self) -> &str {
        &self.sources[0].text
    }

    /// The lines whose syntax is broken: what is read from them is a guess. What was read below a header stands.
    pub(crate) fn broken_lines(&self) -> Vec<usize> {
        let in_file = self.mistakes.iter().filter(|one| one.file == self.name());
        let is_header = |line: &usize| {
            let text = self.text().lines().nth(line - 1).unwrap_or_default();
            text.trim_start().starts_with(['[', '【', '［'])
        };
        in_file.map(|one| one.line).filter(|line| !is_header(line)).collect()
    }
}

fn is_unquoted(message: &str) -> bool {
    message.starts_with("string values must be quoted")
}

/// Signs that Chinese input methods and word processors write, with those that TOML knows.
const WIDE_SIGNS: [(char, char); 12] = [
    ('＝', '='),
    ('，', ','),
    ('：', ':'),
    ('．', '.'),
    ('［', '['),
    ('］', ']'),
    ('【', '['),
    ('】', ']'),
    ('｛', '{'),
    ('｝', '}'),
    ('＃', '#'),
    ('＂', '"'),
];
const CURLY_QUOTES: [char; 8] = ['“', '”', '„', '‟', '「', '」', '‘', '’'];

fn syntax_mistake(message: &str, read: &str, line: &str) -> Mistake {
    let unquoted = is_unquoted(message);
    if unquoted && read.contains(CURLY_QUOTES) {
        let text = read.trim().trim_matches(CURLY_QUOTES);
        return Mistake::new("these quotes are not those of TOML").accepted(format!("`\"{text}\"`"));
    }
    let wide = WIDE_SIGNS.iter().find(|(wide, _)| line.contains(*wide));
    if let Some((wide, narrow)) = wide.filter(|_| !unquoted) {
        let wrong = message.split_once(", expected ").map_or(message, |(wrong, _)| wrong);
        return Mistake::new(format!("{wrong}; this line has the wide sign `{wide}`"))
            .accepted(format!("the narrow `{narrow}`"));
    }
    if read.is_empty() && (unquoted || message.starts_with("invalid literal string")) {
        return Mistake::new("a value is missing after `=`")
            .accepted("a value, such as `4`, `\"4.5 min\"`, `true`, or a list or table");
    }
    if unquoted {
        let quoted = format!("`\"{}\"`", read.trim().replace('"', ""));
        return Mistake::new("text and quantities with a unit must stand in quotes").accepted(quoted);
    }
    match message.split_once(", expected ") {
        Some((wrong, expected)) => Mistake::new(wrong).accepted(expected),
        None if message == "duplicate key" && line.trim_start().starts_with('[') => {
            let name = line.trim().trim_matches(['[', ']', ' ']);
            Mistake::new(message).accepted(format!("`[{name}]` once, or `[[{name}]]` above each of several"))
        }
        None if message == "duplicate key" => Mistake::new(message).accepted("a key once in its table"),
        None => Mistake::new(message),
    }
}
