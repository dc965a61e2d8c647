//! What one reading shares: the sink of mistakes, the list of provenance, and the cursor on one value.

use super::diagnostic::{Diagnostic, Diagnostics, Mistake, Severity};
use super::document::{Document, Node, VALUE_KEY, Value};
use super::key::{Kind, Numbers};
use super::provenance::{self, Cover, Evidence, EvidenceRule, Origin, Provenance};
use super::source::{At, KeyPath, Place, SourceId, SourceText};
use super::table::{Record, Table};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// Numbers that are written down together: a law, a profile, a mix.
struct Group {
    /// How many numbers within have no evidence of their own.
    uncovered: usize,
    /// The evidence that covers the whole group.
    cover: Option<Rc<Cover>>,
    /// The group was set as a whole on the command line: no number within is written down on its own.
    answers_for_all: bool,
}

pub(crate) struct Context {
    sources: Vec<SourceText>,
    file_count: usize,
    rule: EvidenceRule,
    diagnostics: RefCell<Vec<Diagnostic>>,
    provenance: RefCell<Vec<(usize, usize, Provenance)>>,
    groups: RefCell<Vec<Group>>,
    is_default: Cell<bool>,
}

impl Context {
    pub(crate) fn report(&self, place: &Place, mistake: Mistake) {
        let diagnostic = mistake.at(place, &self.sources);
        let mut all = self.diagnostics.borrow_mut();
        if !all.contains(&diagnostic) {
            all.push(diagnostic);
        }
    }

    pub(crate) fn report_missing_evidence(&self, place: &Place) {
        if self.rule == EvidenceRule::Required {
            let accepted = "`source = \"…\"` with `n = …`, or `assumption = true`, beside the number \
                            (`{ value = …, source = \"…\" }`) or on its table";
            self.report(
                place,
                Mistake::new("the number does not say where it comes from").accepted(accepted),
            );
        }
    }

    /// Whether an open group answers for a number with this cover. It does not for a number that a table within the
    /// group covers.
    pub(crate) fn is_answered_by_group(&self, cover: Option<&Rc<Cover>>) -> bool {
        let groups = self.groups.borrow();
        groups.last().is_some_and(|group| match (cover, &group.cover) {
            (Some(inner), Some(outer)) => Rc::ptr_eq(inner, outer),
            (Some(_), None) => false,
            (None, _) => true,
        })
    }

    fn is_file(&self, source: SourceId) -> bool {
        source.0 < self.file_count
    }

    pub(crate) fn group_answers_for_all(&self) -> bool {
        self.groups.borrow().iter().any(|group| group.answers_for_all)
    }

    pub(crate) fn count_in_group(&self) {
        if let Some(group) = self.groups.borrow_mut().last_mut() {
            group.uncovered += 1;
        }
    }

    pub(crate) fn add_provenance(&self, place: &Place, provenance: Provenance) {
        self.provenance.borrow_mut().push((place.source.0, place.span.start, provenance));
    }

    pub(crate) fn file_and_line(&self, place: &Place) -> (String, usize) {
        let source = &self.sources[place.source.0];
        (source.name.clone(), source.line_and_column(place.span.start).0)
    }
}

/// A cursor on one value of the input: what a [`Kind`] reads from.
#[derive(Clone)]
pub struct Item<'a> {
    pub(crate) context: &'a Context,
    pub(crate) node: &'a Node,
    pub(crate) path: KeyPath,
    pub(crate) cover: Option<Rc<Cover>>,
    /// Numbers of the run (replications, rng seed) are choices and need no evidence.
    pub(crate) setting: bool,
}

impl<'a> Item<'a> {
    /// Where the value stands.
    pub fn place(&self) -> Place {
        Place { path: self.path.clone(), source: self.node.source, span: self.node.span.clone() }
    }

    pub(crate) fn place_within(&self, key: &str, node: &Node) -> Place {
        Place { path: self.path.key(key), source: node.source, span: node.span.clone() }
    }

    /// Where the value of a key stands; the table itself when the key is absent.
    pub(crate) fn place_of(&self, key: &str) -> Place {
        match self.node.get(key) {
            Some(entry) => self.place_within(key, &entry.node),
            None => self.place(),
        }
    }

    /// The text, when the value is one.
    pub fn text(&self) -> Option<&'a str> {
        match &self.node.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The whole number, when the value is one.
    pub fn integer(&self) -> Option<i128> {
        match self.node.value {
            Value::Integer(number) => Some(number),
            _ => None,
        }
    }

    /// The number, whole or not, when the value is one and finite.
    pub fn number(&self) -> Option<f64> {
        match self.node.value {
            Value::Integer(number) => Some(number as f64),
            Value::Float(number) => number.is_finite().then_some(number),
            _ => None,
        }
    }

    /// `true` or `false`, when the value is one.
    pub fn flag(&self) -> Option<bool> {
        match self.node.value {
            Value::Flag(flag) => Some(flag),
            _ => None,
        }
    }

    /// The bare date or time, when the value is one.
    pub fn datetime(&self) -> Option<&'a toml::value::Datetime> {
        match &self.node.value {
            Value::Time(time) => Some(time),
            _ => None,
        }
    }

    /// Whether the value is a table.
    pub fn is_table(&self) -> bool {
        self.node.entries().is_some()
    }

    /// Whether the value is a number with its source, `{ value = …, source = … }`.
    pub fn is_sourced_value(&self) -> bool {
        self.node.is_sourced_value()
    }

    /// Whether the value is a table that has this key.
    pub fn has(&self, key: &str) -> bool {
        self.node.get(key).is_some()
    }

    /// The elements, when the value is a list.
    pub fn elements(&self) -> Option<Vec<Item<'a>>> {
        match &self.node.value {
            Value::List(items) => Some(
                items
                    .iter()
                    .enumerate()
                    .map(|(index, node)| self.with(node, self.path.element(index, node.name())))
                    .collect(),
            ),
            _ => None,
        }
    }

    /// The keys and values in the order of the text, when the value is a table. Each key comes with its own place.
    pub fn members(&self) -> Option<Vec<(At<String>, Item<'a>)>> {
        let members = self.node.entries()?.iter().map(|entry| {
            let path = self.path.key(&entry.key);
            let place = Place { path: path.clone(), source: entry.source, span: entry.span.clone() };
            (At { value: entry.key.clone(), place }, self.with(&entry.node, path))
        });
        Some(members.collect())
    }

    pub(crate) fn with<'b>(&self, node: &'b Node, path: KeyPath) -> Item<'b>
    where
        'a: 'b,
    {
        Item { context: self.context, node, path, cover: self.cover.clone(), setting: self.setting }
    }

    /// Reports a mistake at this value.
    pub fn report(&self, mistake: Mistake) {
        self.context.report(&self.place(), mistake);
    }

    /// Reports a mistake at another place.
    pub fn report_at(&self, place: &Place, mistake: Mistake) {
        self.context.report(place, mistake);
    }

    /// Reports that this value is of the wrong kind, and gives `None` for the reader to return.
    pub fn refuse<T>(&self, accepted: impl Into<String>) -> Option<T> {
        let read = provenance::kind_name(self.node);
        self.report(Mistake::new(format!("{read} is not accepted here")).accepted(accepted));
        None
    }

    pub(crate) fn origin(&self, value: &Node) -> Origin {
        if self.context.is_default.get() {
            Origin::Default
        } else if self.context.is_file(value.source) {
            Origin::File
        } else {
            Origin::CommandLine
        }
    }

    /// Reads a value that stands under a key, with its evidence.
    pub fn read_sourced<K: Kind>(&self, kind: &K) -> Option<K::Out> {
        let numbers = kind.numbers();
        if numbers == Numbers::Within {
            return kind.read(self);
        }
        if !self.node.is_sourced_value() {
            let out = kind.read(self)?;
            provenance::record(self, self.node, None, numbers == Numbers::Itself);
            return Some(out);
        }
        let own = provenance::evidence_of(self, |_| false);
        let entry = self.node.get(VALUE_KEY)?;
        let out = kind.read(&self.with(&entry.node, self.path.clone()))?;
        provenance::record(self, &entry.node, own, numbers == Numbers::Itself);
        Some(out)
    }

    /// Reads the numbers of this value as one group: `read` reads them, and what of them has no evidence of its own is
    /// covered by the evidence of the group, written down as one entry.
    pub fn read_group<T>(
        &self,
        own: Option<Evidence>,
        read: impl FnOnce(&Item<'a>) -> Option<T>,
    ) -> Option<T> {
        let covered = Item { cover: provenance::cover_within(self, own.as_ref()), ..self.clone() };
        let answers_for_all = !self.context.is_file(self.node.source);
        self.context.groups.borrow_mut().push(Group {
            uncovered: 0,
            cover: covered.cover.clone(),
            answers_for_all,
        });
        let out = read(&covered);
        let uncovered = self.context.groups.borrow_mut().pop().map_or(0, |group| group.uncovered);
        if out.is_some() && uncovered > 0 {
            provenance::record(self, self.node, own, true);
        }
        out
    }

    /// Reads a default in the place of a key that is absent: `text` is TOML.
    pub(crate) fn read_default<K: Kind>(&self, key: &str, kind: &K, text: &str) -> Option<K::Out> {
        let value = match toml::de::DeValue::parse(text) {
            Ok(value) => Node::from_toml(value.get_ref(), value.span(), self.node.source),
            Err(_) => return self.refuse(format!("the default `{text}` of `{key}` is not TOML")),
        };
        let node = value.moved_to(&self.place());
        let before = self.context.is_default.replace(true);
        let out = self.with(&node, self.path.key(key)).read_sourced(kind);
        self.context.is_default.set(before);
        out
    }
}

/// What a reading gives: the value, where its numbers come from, and what looked odd.
#[derive(Clone, Debug)]
pub struct Reading<T> {
    /// The value read.
    pub value: T,
    /// Every number with what stands behind it, in the order of the text; those set on the command line come last.
    pub provenance: Vec<Provenance>,
    /// Findings that do not stop the run.
    pub warnings: Diagnostics,
}

/// Reads a document with the format of its root table.
///
/// # Errors
/// All mistakes of syntax, of the overrides and of meaning at once, in the order of the text. Where the syntax of a
/// line is broken, mistakes of meaning on that line are not reported, nor keys and names that seem absent and may stand on
/// it: they would be consequences.
pub fn read<T>(
    document: Document,
    format: &Record<T>,
    rule: EvidenceRule,
) -> Result<Reading<T>, Diagnostics> {
    let mut document = document;
    document.apply_assignments();
    let broken_lines = document.broken_lines();
    let name = document.name().to_owned();
    let Document { sources, file_count, root, mistakes, lost, .. } = document;
    let context = Context {
        sources,
        file_count,
        rule,
        diagnostics: RefCell::default(),
        provenance: RefCell::default(),
        groups: RefCell::default(),
        is_default: Cell::new(false),
    };
    let item = Item { context: &context, node: &root, path: KeyPath::default(), cover: None, setting: false };
    let value = Table::root(&item, format);
    let Context { sources, diagnostics, provenance, .. } = context;
    let mut all = mistakes;
    all.extend(diagnostics.into_inner().into_iter().filter(|one| {
        let is_on_broken_line = one.file == name && broken_lines.contains(&one.line);
        !lost.explains(one) && !is_on_broken_line
    }));
    let failed = all.iter().any(|one| one.severity == Severity::Error);
    let diagnostics = Diagnostics::new(sources, all);
    match value {
        Some(value) if !failed => {
            let mut placed = provenance.into_inner();
            placed.sort_by_key(|(source, start, _)| (*source, *start));
            let provenance = placed.into_iter().map(|(.., one)| one).collect();
            Ok(Reading { value, provenance, warnings: diagnostics })
        }
        _ => Err(diagnostics),
    }
}
