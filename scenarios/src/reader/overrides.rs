//! Values set from outside the file: `--set registration.kiosks.count=12`.
//!
//! An override changes the parsed tree before it is read, so what is set passes the same checks as what is written,
//! and a mistake in it is shown in the text of the argument itself.

use super::diagnostic::Mistake;
use super::document::{Document, Entry, Node, VALUE_KEY, Value};
use super::source::{KeyPath, Place, SourceId, SourceText};
use std::ops::Range;
use toml::de::DeValue;

/// The argument that overrides are of, unless another is named.
const ARGUMENT: &str = "--set";

struct Step {
    name: String,
    span: Range<usize>,
}

impl Document {
    /// Adds one override, written `PATH=VALUE`, to be applied when the document is read.
    ///
    /// The path names keys with dots between; elements of a list by their index from 0 or by their `id` or `name`
    /// (`station.window.servers`, `station[0].servers`); a part with a dot in it stands in double quotes. The value is
    /// read as TOML where it is TOML and as a text otherwise (`4`, `30 %`, `fifo`). Setting a number that has a source
    /// keeps the source on record but marks the number as set on the command line. A mistake is kept and reported by
    /// the reader.
    pub fn set(&mut self, assignment: &str) {
        self.set_by(ARGUMENT, assignment);
    }

    /// Adds an override that was written behind another argument than `--set`, which mistakes in it are shown with.
    pub fn set_by(&mut self, argument: &'static str, assignment: &str) {
        self.assignments.push((argument, assignment.to_owned()));
    }

    /// Applies the overrides, in the order given; after this no file can be laid under the document.
    pub(crate) fn apply_assignments(&mut self) {
        for (argument, assignment) in std::mem::take(&mut self.assignments) {
            let source = self.add_argument(argument, &assignment);
            if let Err((span, mistake)) = self.apply(&assignment, source) {
                let place = Place { path: KeyPath::default(), source, span };
                self.mistakes.push(mistake.at(&place, &self.sources));
            }
        }
    }

    /// Keeps a mistake in an override that is not applied.
    pub(crate) fn refuse_assignment(&mut self, argument: &str, assignment: &str, mistake: Mistake) {
        let source = self.add_argument(argument, assignment);
        let place = Place { path: KeyPath::default(), source, span: 0..assignment.len() };
        self.mistakes.push(mistake.at(&place, &self.sources));
    }

    fn add_argument(&mut self, argument: &str, assignment: &str) -> SourceId {
        self.sources.push(SourceText { name: argument.to_owned(), text: assignment.to_owned() });
        SourceId(self.sources.len() - 1)
    }

    fn apply(&mut self, assignment: &str, source: SourceId) -> Result<(), (Range<usize>, Mistake)> {
        let (steps, equals) = steps_of(assignment).map_err(|span| {
            (
                span,
                Mistake::new("this is not an assignment").accepted("PATH=VALUE, such as `window.servers=4`"),
            )
        })?;
        let value_text = &assignment[equals + 1..];
        let trimmed = value_text.trim();
        let value_start = equals + 1 + (value_text.len() - value_text.trim_start().len());
        if trimmed.is_empty() {
            let accepted = "PATH=VALUE; an empty text is written `\"\"`";
            return Err((0..assignment.len(), Mistake::new("no value is given").accepted(accepted)));
        }
        let value_span = value_start..value_start + trimmed.len();
        let value = value_of(trimmed, &value_span, source);
        set_in(&mut self.root, &steps, value, self.file_count, &mut Vec::new())
    }
}

fn value_of(text: &str, span: &Range<usize>, source: SourceId) -> Node {
    match DeValue::parse(text) {
        Ok(value) => {
            let mut node = Node::from_toml(value.get_ref(), value.span(), source);
            shift(&mut node, span.start);
            node
        }
        Err(_) => Node { value: Value::Text(text.to_owned()), source, span: span.clone(), replaced: None },
    }
}

fn shift(node: &mut Node, by: usize) {
    node.span = node.span.start + by..node.span.end + by;
    match &mut node.value {
        Value::List(items) => items.iter_mut().for_each(|item| shift(item, by)),
        Value::Table(entries) => {
            for entry in entries {
                entry.span = entry.span.start + by..entry.span.end + by;
                shift(&mut entry.node, by);
            }
        }
        _ => {}
    }
}

/// The parts of the path and the byte of the `=`; otherwise the bytes that make no sense.
fn steps_of(assignment: &str) -> Result<(Vec<Step>, usize), Range<usize>> {
    let bytes = assignment.as_bytes();
    let mut steps = Vec::new();
    let mut at = 0;
    loop {
        while bytes.get(at) == Some(&b' ') {
            at += 1;
        }
        let start = at;
        if bytes.get(at) == Some(&b'"') {
            let close = assignment[at + 1..].find('"').ok_or(start..assignment.len())? + at + 1;
            steps.push(Step { name: assignment[at + 1..close].to_owned(), span: start..close + 1 });
            at = close + 1;
        } else {
            let length = assignment[at..].find(['.', '[', '=', '"']).ok_or(0..assignment.len())?;
            at += length;
            let name = assignment[start..at].trim_end();
            if name.is_empty() {
                let character = assignment[start..].chars().next().map_or(0, char::len_utf8);
                return Err(start..start + character);
            }
            steps.push(Step { name: name.to_owned(), span: start..start + name.len() });
        }
        loop {
            match bytes.get(at) {
                Some(b' ') => at += 1,
                Some(b'[') => {
                    let close = assignment[at..].find(']').ok_or(at..assignment.len())? + at;
                    let index = assignment[at + 1..close].trim();
                    if index.is_empty() || !index.bytes().all(|b| b.is_ascii_digit()) {
                        return Err(at..close + 1);
                    }
                    steps.push(Step { name: index.to_owned(), span: at..close + 1 });
                    at = close + 1;
                }
                Some(b'=') => return Ok((steps, at)),
                Some(b'.') => {
                    at += 1;
                    break;
                }
                _ => return Err(at..assignment.len().max(at)),
            }
        }
    }
}

fn set_in(
    node: &mut Node,
    steps: &[Step],
    mut value: Node,
    file_count: usize,
    walked: &mut Vec<String>,
) -> Result<(), (Range<usize>, Mistake)> {
    let source = value.source;
    let Some((step, rest)) = steps.split_first() else {
        if node.is_sourced_value() && value.entries().is_none() {
            let entries = match &mut node.value {
                Value::Table(entries) => entries,
                _ => return Ok(()),
            };
            if let Some(entry) = entries.iter_mut().find(|entry| entry.key == VALUE_KEY) {
                value.replaced = Some(replaced_text(&entry.node, file_count));
                entry.node = value;
            }
        } else {
            value.replaced = Some(replaced_text(node, file_count));
            *node = value;
        }
        return Ok(());
    };
    let here = if walked.is_empty() { "the file".to_owned() } else { format!("`{}`", walked.join(".")) };
    walked.push(step.name.clone());
    match &mut node.value {
        Value::Table(entries) => {
            if let Some(entry) = entries.iter_mut().find(|entry| entry.key == step.name) {
                return set_in(&mut entry.node, rest, value, file_count, walked);
            }
            // The reader knows every key the format has: it accepts the new one or names the nearest.
            let node = rest.iter().rev().fold(value, |inner, step| Node {
                value: Value::Table(vec![entry_for(step, inner, source)]),
                source,
                span: step.span.clone(),
                replaced: None,
            });
            entries.push(entry_for(step, node, source));
            Ok(())
        }
        Value::List(items) => {
            let names: Vec<String> = items.iter().filter_map(|item| item.name().map(str::to_owned)).collect();
            let by_name = items.iter().position(|item| item.name() == Some(step.name.as_str()));
            let by_index = step.name.parse::<usize>().ok().filter(|&index| index < items.len());
            let Some(index) = by_name.or(by_index) else {
                let mut accepted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
                match items.len() {
                    0 => accepted.push("nothing, the list is empty".to_owned()),
                    1 => accepted.push("the index 0".to_owned()),
                    count => accepted.push(format!("an index from 0 to {}", count - 1)),
                }
                let mistake = Mistake::new(format!("{here} has no element `{}`", step.name))
                    .accepted(accepted.join(", "))
                    .nearest(&step.name, names.iter().map(String::as_str));
                return Err((step.span.clone(), mistake));
            };
            set_in(&mut items[index], rest, value, file_count, walked)
        }
        _ => {
            let mistake = Mistake::new(format!("{here} is the value `{}` and has no key", node.summary()))
                .accepted("the path of a value");
            Err((step.span.clone(), mistake))
        }
    }
}

/// Of several assignments to one value, the text of the file is what they all replaced.
fn replaced_text(node: &Node, file_count: usize) -> String {
    let earlier = node.replaced.clone().filter(|_| node.source.0 >= file_count);
    earlier.unwrap_or_else(|| node.summary())
}

fn entry_for(step: &Step, node: Node, source: SourceId) -> Entry {
    Entry { key: step.name.clone(), source, span: step.span.clone(), node }
}
