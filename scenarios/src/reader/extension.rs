//! A file on top of another: `extends = "hangzhou-2018-06"`.
//!
//! What the file says replaces what the other says, key by key; what it does not mention stays. Tables of known keys are
//! laid over each other; elements of lists of tables are matched by their `id` or `name`, and new ones come last; any
//! other value (a number, a law, a mix, a plain list) is replaced as a whole. Nothing can be taken away.
//!
//! Evidence on a table covers the numbers that the same file writes there, and no others: a number of one file never
//! borrows the source of the other.

use super::diagnostic::{Mistake, nearest_name};
use super::document::{Document, EVIDENCE_KEYS, Entry, Node, VALUE_KEY, Value};
use super::key::{Numbers, Shape, TableSpec};
use super::source::{KeyPath, Place};

/// The key that names the file below.
pub(crate) const EXTENDS_KEY: &str = "extends";

impl Document {
    /// Lays the document over the one it names under `extends`, which `find` gives by its name; `known` are the names
    /// there are. `root` is the format of both. A document without the key is left as it is. Values set on the command
    /// line are set on the whole. A mistake is kept and reported by the reader.
    #[must_use]
    pub fn extended(
        self,
        root: &'static TableSpec,
        known: &[&str],
        find: &dyn Fn(&str) -> Option<Document>,
    ) -> Document {
        self.extended_from(root, known, find, &mut Vec::new())
    }

    fn extended_from(
        mut self,
        root: &'static TableSpec,
        known: &[&str],
        find: &dyn Fn(&str) -> Option<Document>,
        above: &mut Vec<String>,
    ) -> Document {
        let Some(entry) = self.root.get(EXTENDS_KEY) else { return self };
        // A value that is no text is reported when the key is read.
        let Value::Text(name) = &entry.node.value else { return self };
        let name = name.clone();
        let source = entry.node.source;
        let place =
            Place { path: KeyPath::default().key(EXTENDS_KEY), source, span: entry.node.span.clone() };
        let names = || known.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ");
        let mistake = if above.contains(&name) {
            Some(
                Mistake::new(format!("`{name}` extends itself"))
                    .accepted(format!("a {} that does not extend this one", root.name)),
            )
        } else {
            match find(&name) {
                None => {
                    let nearest = nearest_name(&name, known.iter().copied()).map(str::to_owned);
                    Some(
                        Mistake::new(format!("there is no {} `{name}` to extend", root.name))
                            .accepted(names())
                            .with_nearest(nearest),
                    )
                }
                Some(base) => {
                    above.push(name.clone());
                    let base = base.extended_from(root, known, find, above);
                    if base.mistakes.is_empty() {
                        self.lay_over(base, root);
                        None
                    } else {
                        Some(Mistake::new(format!(
                            "`{name}` has mistakes of its own, so it cannot be extended"
                        )))
                    }
                }
            }
        };
        if let Some(mistake) = mistake {
            self.mistakes.push(mistake.at(&place, &self.sources));
            // What is absent here may be there.
            self.lost.more = true;
        }
        self
    }

    fn lay_over(&mut self, base: Document, root: &'static TableSpec) {
        let shift = self.sources.len();
        let mut below = base.root;
        move_sources(&mut below, shift);
        self.sources.extend(base.sources);
        self.file_count = self.sources.len();
        let above = std::mem::replace(&mut self.root.value, Value::Table(Vec::new()));
        let above = Node { value: above, ..self.root.clone() };
        self.root = entries_over(above, below, root);
    }
}

fn move_sources(node: &mut Node, by: usize) {
    node.source.0 += by;
    match &mut node.value {
        Value::List(items) => items.iter_mut().for_each(|item| move_sources(item, by)),
        Value::Table(entries) => {
            for entry in entries {
                entry.source.0 += by;
                move_sources(&mut entry.node, by);
            }
        }
        _ => {}
    }
}

/// One table over another of the same kind.
fn table_over(mut above: Node, mut below: Node, spec: &'static TableSpec) -> Node {
    hand_down_evidence(&mut above, spec);
    hand_down_evidence(&mut below, spec);
    entries_over(above, below, spec)
}

fn entries_over(above: Node, below: Node, spec: &'static TableSpec) -> Node {
    let (Value::Table(mut upper), Value::Table(lower)) = (above.value, below.value) else {
        unreachable!("both are tables");
    };
    let mut entries: Vec<Entry> = Vec::with_capacity(upper.len() + lower.len());
    for entry in lower {
        let Some(index) = upper.iter().position(|over| over.key == entry.key) else {
            entries.push(entry);
            continue;
        };
        let over = upper.remove(index);
        let shape = spec.keys.iter().find(|key| key.name() == over.key).map(|key| key.shape());
        entries.push(Entry { node: value_over(over.node, entry.node, shape.as_ref()), ..over });
    }
    entries.extend(upper);
    Node { value: Value::Table(entries), source: above.source, span: above.span, replaced: None }
}

fn value_over(above: Node, below: Node, shape: Option<&Shape>) -> Node {
    match shape {
        Some(Shape::Record(spec)) if is_plain_table(&above) && is_plain_table(&below) => {
            table_over(above, below, spec)
        }
        Some(Shape::List { element, .. }) => match &**element {
            Shape::Record(spec) if is_list_of_named(&above) && is_list_of_named(&below) => {
                list_over(above, below, spec)
            }
            _ => in_place_of(above, &below),
        },
        _ => in_place_of(above, &below),
    }
}

fn is_plain_table(node: &Node) -> bool {
    node.entries().is_some() && !node.is_sourced_value()
}

fn is_list_of_named(node: &Node) -> bool {
    matches!(&node.value, Value::List(items) if items.iter().all(|item| item.name().is_some()))
}

fn list_over(above: Node, below: Node, spec: &'static TableSpec) -> Node {
    let (Value::List(mut upper), Value::List(lower)) = (above.value, below.value) else {
        unreachable!("both are lists");
    };
    let mut items: Vec<Node> = Vec::with_capacity(upper.len() + lower.len());
    for item in lower {
        match upper.iter().position(|over| over.name() == item.name()) {
            Some(index) => items.push(table_over(upper.remove(index), item, spec)),
            None => items.push(item),
        }
    }
    items.extend(upper);
    Node { value: Value::List(items), source: above.source, span: above.span, replaced: None }
}

/// The value above, which remembers what it stands in place of.
fn in_place_of(mut above: Node, below: &Node) -> Node {
    let replaced = Some(below.summary());
    if above.is_sourced_value()
        && let Value::Table(entries) = &mut above.value
        && let Some(entry) = entries.iter_mut().find(|entry| entry.key == VALUE_KEY)
    {
        entry.node.replaced = replaced;
    } else {
        above.replaced = replaced;
    }
    above
}

/// Moves the evidence of a table to the values it covers, so that it covers no value of another file.
fn hand_down_evidence(table: &mut Node, spec: &'static TableSpec) {
    let Value::Table(entries) = &mut table.value else { return };
    let is_evidence = |entry: &Entry| {
        EVIDENCE_KEYS.contains(&entry.key.as_str()) && spec.keys.iter().all(|key| key.name() != entry.key)
    };
    let (evidence, others): (Vec<Entry>, Vec<Entry>) =
        std::mem::take(entries).into_iter().partition(is_evidence);
    *entries = others;
    if evidence.is_empty() {
        return;
    }
    for entry in entries {
        let Some(key) = spec.keys.iter().find(|key| key.name() == entry.key) else { continue };
        match key.numbers() {
            Numbers::None => {}
            Numbers::Itself => cover_value(&mut entry.node, &evidence),
            Numbers::Within => cover_within(&mut entry.node, &evidence),
        }
    }
}

fn cover_within(node: &mut Node, evidence: &[Entry]) {
    match &mut node.value {
        Value::Table(_) => cover_table(node, evidence),
        Value::List(items) => items.iter_mut().for_each(|item| cover_within(item, evidence)),
        _ => cover_value(node, evidence),
    }
}

fn cover_value(node: &mut Node, evidence: &[Entry]) {
    if node.is_sourced_value() {
        return cover_table(node, evidence);
    }
    let (source, span) = (node.source, node.span.clone());
    let bare = std::mem::replace(&mut node.value, Value::Flag(false));
    let value = Node { value: bare, source, span: span.clone(), replaced: node.replaced.take() };
    let mut entries = vec![Entry { key: VALUE_KEY.to_owned(), source, span, node: value }];
    entries.extend_from_slice(evidence);
    node.value = Value::Table(entries);
}

/// Evidence of its own goes before that of the table around it.
fn cover_table(node: &mut Node, evidence: &[Entry]) {
    let Value::Table(entries) = &mut node.value else { return };
    let says_where_from = entries.iter().any(|entry| entry.key == "source" || entry.key == "assumption");
    if !says_where_from {
        let new = evidence.iter().filter(|new| entries.iter().all(|own| own.key != new.key)).cloned();
        let new: Vec<Entry> = new.collect();
        entries.extend(new);
    }
}
