//! The cursor on a table: reads declared keys, and reports what is left over.

use super::context::Item;
use super::diagnostic::{Mistake, nearest_name};
use super::document::EVIDENCE_KEYS;
use super::key::{Declared, Kind, Numbers, ReadKey, Shape, TableSpec, UnionSpec};
use super::provenance;
use super::source::{At, KeyPath, Place};
use std::cell::RefCell;

/// A table being read. Mistakes are collected, so a reader reads all its keys first and gives up (`?`) afterwards.
pub struct Table<'a> {
    item: Item<'a>,
    spec: &'static TableSpec,
    /// The key that told this form from others.
    tag: Option<&'static str>,
    evidence: EvidenceKeys,
    read: RefCell<Vec<&'static str>>,
}

/// What the keys `source`, `n`, `assumption` and `note` mean in a table that does not declare them.
#[derive(Clone, Copy, PartialEq, Eq)]
enum EvidenceKeys {
    /// They are unknown keys.
    Unknown,
    /// They cover the numbers of the table.
    Cover,
    /// They cover the group that the table is; the group has read them.
    OfGroup,
}

/// A table with known keys as a kind of value.
pub struct Record<T> {
    /// Its keys.
    pub spec: &'static TableSpec,
    /// Reads them; read every key before the first `?`.
    pub read: fn(&Table<'_>) -> Option<T>,
}

impl<T> Kind for Record<T> {
    type Out = T;

    fn read(&self, item: &Item<'_>) -> Option<T> {
        if !item.is_table() {
            return item.refuse(format!("a table that describes {}", self.spec.doc));
        }
        Table::read_whole(item, self.spec, None, EvidenceKeys::Cover, self.read)
    }

    fn shape(&self) -> Shape {
        Shape::Record(self.spec)
    }

    fn numbers(&self) -> Numbers {
        Numbers::Within
    }
}

/// A table of one of several forms, told apart by the word under one key (`law = "gamma"`), as a kind of value.
/// Its numbers are one group for provenance.
pub struct Union<T: 'static> {
    /// The forms.
    pub spec: &'static UnionSpec,
    /// How each form is read, in the order of the specification.
    pub read: &'static [fn(&Table<'_>) -> Option<T>],
}

impl<T> Kind for Union<T> {
    type Out = T;

    fn read(&self, item: &Item<'_>) -> Option<T> {
        let spec = self.spec;
        let names = || spec.variants.iter().map(|variant| variant.name);
        let accepted = || {
            let words: Vec<String> = names().map(|name| format!("\"{name}\"")).collect();
            format!("`{}` = {}", spec.tag, words.join(", "))
        };
        if !item.is_table() {
            return item.refuse(format!("a table with {}", accepted()));
        }
        let Some(entry) = item.node.get(spec.tag) else {
            let mistake = Mistake::missing(format!("`{}` is missing", spec.tag)).accepted(accepted());
            // A misspelt tag is the likely reason.
            let keys = item.node.entries().unwrap_or_default().iter();
            let meant = keys.map(|e| e.key.as_str()).find(|key| nearest_name(key, [spec.tag]).is_some());
            item.report(mistake.with_nearest(meant.map(|_| spec.tag.to_owned())));
            return None;
        };
        let tag = item.with(&entry.node, item.path.key(spec.tag));
        let Some(word) = tag.text() else {
            return tag.refuse(accepted());
        };
        debug_assert_eq!(
            spec.variants.len(),
            self.read.len(),
            "every form of `{}` has its reader",
            spec.name
        );
        let found = spec.variants.iter().zip(self.read).find(|(variant, _)| variant.name == word);
        let Some((variant, read)) = found else {
            let mistake = Mistake::new(format!("`{word}` is not a known {}", spec.tag));
            tag.report(mistake.accepted(accepted()).nearest(word, names()));
            return None;
        };
        read_as_group(item, variant, Some(spec.tag), *read)
    }

    fn shape(&self) -> Shape {
        Shape::Union(self.spec)
    }

    fn numbers(&self) -> Numbers {
        Numbers::Within
    }
}

/// A table with known keys whose numbers are one group for provenance, as those of a law are.
pub struct Group<T> {
    /// Its keys.
    pub spec: &'static TableSpec,
    /// Reads them; read every key before the first `?`.
    pub read: fn(&Table<'_>) -> Option<T>,
}

impl<T> Kind for Group<T> {
    type Out = T;

    fn read(&self, item: &Item<'_>) -> Option<T> {
        if !item.is_table() {
            return item.refuse(format!("a table that describes {}", self.spec.doc));
        }
        read_as_group(item, self.spec, None, self.read)
    }

    fn shape(&self) -> Shape {
        Shape::Record(self.spec)
    }

    fn numbers(&self) -> Numbers {
        Numbers::Within
    }
}

fn read_as_group<T>(
    item: &Item<'_>,
    spec: &'static TableSpec,
    tag: Option<&'static str>,
    read: fn(&Table<'_>) -> Option<T>,
) -> Option<T> {
    let own = provenance::evidence_of(item, |key| spec.declares(key));
    item.read_group(own, |item| Table::read_whole(item, spec, tag, EvidenceKeys::OfGroup, read))
}

fn in_words(keys: &[&str]) -> String {
    let quoted: Vec<String> = keys.iter().map(|key| format!("`{key}`")).collect();
    match quoted.split_last() {
        Some((last, before)) if !before.is_empty() => format!("{} and {last}", before.join(", ")),
        _ => quoted.join(""),
    }
}

impl TableSpec {
    fn declares(&self, key: &str) -> bool {
        self.keys.iter().any(|declared| declared.name() == key)
    }
}

impl<'a> Table<'a> {
    pub(crate) fn root<T>(item: &Item<'a>, format: &Record<T>) -> Option<T> {
        Table::read_whole(item, format.spec, None, EvidenceKeys::Unknown, format.read)
    }

    fn read_whole<T>(
        item: &Item<'_>,
        spec: &'static TableSpec,
        tag: Option<&'static str>,
        evidence: EvidenceKeys,
        read: fn(&Table<'_>) -> Option<T>,
    ) -> Option<T> {
        let mut item = item.clone();
        if evidence == EvidenceKeys::Cover {
            let own = provenance::evidence_of(&item, |key| spec.declares(key));
            item.cover = provenance::cover_within(&item, own.as_ref());
        }
        let table = Table { item, spec, tag, evidence, read: RefCell::default() };
        let out = read(&table);
        table.finish();
        out
    }

    /// Reads a key. `None` means that a mistake was reported.
    pub fn read<K: ReadKey>(&self, key: &K) -> Option<K::Out> {
        debug_assert!(
            self.spec.declares(key.name()),
            "`{}` is read but not declared among the keys of `{}`",
            key.name(),
            self.spec.name
        );
        self.read.borrow_mut().push(key.name());
        key.read_from(self)
    }

    /// Whether a key is there.
    pub fn has(&self, key: &dyn Declared) -> bool {
        self.item.has(key.name())
    }

    /// Where the table stands.
    pub fn place(&self) -> Place {
        self.item.place()
    }

    /// Where the value of a key stands; the table itself when the key is absent.
    pub fn place_of(&self, key: &dyn Declared) -> Place {
        self.item.place_of(key.name())
    }

    /// The keys and indices that lead to the table.
    pub fn path(&self) -> &KeyPath {
        &self.item.path
    }

    /// Reports a mistake at a place kept from this reading.
    pub fn report(&self, place: &Place, mistake: Mistake) {
        self.item.context.report(place, mistake);
    }

    /// Reports that a key, if it is there, has no effect beside the others, and why.
    pub fn refuse_key(&self, key: &dyn Declared, why: &str) {
        self.read.borrow_mut().push(key.name());
        if self.has(key) {
            let mistake = Mistake::new(format!("`{}` has no effect here: {why}", key.name()));
            self.report(&self.place_of(key), mistake);
        }
    }

    /// Finds which of several sets of keys is written: exactly one set must be there in full, and no key of another.
    /// Reports a mistake otherwise. The keys themselves are declared optional.
    pub fn way(&self, ways: &[&[&dyn Declared]]) -> Option<usize> {
        let present = |key: &&&dyn Declared| self.item.has(key.name());
        let mut written: Vec<&str> = Vec::new();
        for key in ways.iter().flat_map(|way| way.iter()) {
            self.read.borrow_mut().push(key.name());
            if present(&key) && !written.contains(&key.name()) {
                written.push(key.name());
            }
        }
        let complete = |way: &[&dyn Declared]| {
            way.len() == written.len() && way.iter().all(|key| written.contains(&key.name()))
        };
        let found = ways.iter().position(|way| complete(way));
        if found.is_none() {
            let accepted: Vec<String> = ways
                .iter()
                .map(|way| in_words(&way.iter().map(|key| key.name()).collect::<Vec<_>>()))
                .collect();
            let part_of_one =
                ways.iter().any(|way| written.iter().all(|name| way.iter().any(|key| key.name() == *name)));
            if part_of_one && ways.iter().flat_map(|way| way.iter()).any(|key| self.is_misspelt(key.name())) {
                return None;
            }
            let message = match (written.as_slice(), part_of_one) {
                ([], _) => format!("nothing says which {}", self.spec.name.replace('_', " ")),
                ([one], true) => format!("`{one}` alone is not enough"),
                (some, true) => format!("{} alone are not enough", in_words(some)),
                (some, false) => format!("{} do not go together", in_words(some)),
            };
            self.report(&self.place(), Mistake::missing(message).accepted(accepted.join(", or ")));
        }
        found
    }

    /// The keys of every table that these keys lead to from here, through all elements of lists: names that refer to
    /// something, whether or not what stands beside them is understood.
    pub fn names_below(&self, keys: &[&str]) -> Vec<At<String>> {
        let mut items = vec![self.item.clone()];
        for key in keys {
            let below = |item: &Item<'a>| {
                let entry = item.node.get(key)?;
                let found = item.with(&entry.node, item.path.key(key));
                Some(found.elements().unwrap_or_else(|| vec![found]))
            };
            items = items.iter().filter_map(below).flatten().collect();
        }
        let names = items.iter().filter_map(Item::members).flatten().map(|(name, _)| name);
        names.filter(|name| !EVIDENCE_KEYS.contains(&name.value.as_str())).collect()
    }

    /// The index among `known` of a name that refers to something declared elsewhere; reports an unknown one.
    /// `what` is the kind of thing, such as "station".
    pub fn reference(&self, name: &At<String>, what: &str, known: &[&str]) -> Option<usize> {
        let found = known.iter().position(|one| *one == name.value);
        if found.is_none() {
            let accepted = if known.is_empty() {
                format!("the name of a {what}, but none is described")
            } else {
                known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
            };
            let mistake = Mistake::new(format!("there is no {what} `{}`", name.value)).of_absence();
            self.report(&name.place, mistake.accepted(accepted).nearest(&name.value, known.iter().copied()));
        }
        found
    }

    /// Reports names that occur twice among the elements of a list.
    pub fn distinct(&self, names: &[At<String>], what: &str) {
        for (index, name) in names.iter().enumerate() {
            if names[..index].iter().any(|earlier| earlier.value == name.value) {
                let mistake = Mistake::new(format!("there already is a {what} `{}`", name.value));
                self.report(&name.place, mistake.accepted("a name of its own"));
            }
        }
    }

    /// Reports names and ids that occur twice among the elements of a list of tables, whatever else is wrong with them.
    pub fn distinct_elements(&self, key: &str, what: &str) {
        let elements =
            self.item.node.get(key).map(|entry| self.item.with(&entry.node, self.item.path.key(key)));
        let elements = elements.and_then(|list| list.elements()).unwrap_or_default();
        let names: Vec<At<String>> = elements
            .iter()
            .filter_map(|element| {
                let key = element.node.name_key()?;
                let value = element.node.name()?.to_owned();
                Some(At { value, place: element.place_of(key) })
            })
            .collect();
        self.distinct(&names, what);
    }

    pub(crate) fn item(&self, setting: bool) -> Item<'a> {
        Item { setting: setting || self.item.setting, ..self.item.clone() }
    }

    pub(crate) fn item_of(&self, key: &'static str, setting: bool) -> Option<Item<'a>> {
        let entry = self.item.node.get(key)?;
        let item = self.item.with(&entry.node, self.item.path.key(key));
        Some(Item { setting: setting || item.setting, ..item })
    }

    /// Whether a key stands there misspelt. It is reported for that, so nothing else need be said of its absence.
    pub fn is_misspelt(&self, key: &str) -> bool {
        let names = self.names();
        let is_meant =
            |found: &str| !names.contains(&found) && nearest_name(found, names.iter().copied()) == Some(key);
        self.item.node.entries().unwrap_or_default().iter().any(|entry| is_meant(&entry.key))
    }

    /// Reports that a key is absent.
    pub(crate) fn report_absent(&self, key: &str, shape: &Shape) {
        if self.is_misspelt(key) {
            return;
        }
        let mistake = Mistake::missing(format!("`{key}` is missing"));
        self.report(&self.place(), mistake.accepted(format!("`{key}` = {}", shape.accepted())));
    }

    /// The keys of its own.
    fn keys(&self) -> impl Iterator<Item = &'static str> {
        self.tag.into_iter().chain(self.spec.keys.iter().map(|key| key.name()))
    }

    /// All keys that it may have.
    fn names(&self) -> Vec<&'static str> {
        let evidence = EVIDENCE_KEYS.iter().filter(|_| self.evidence != EvidenceKeys::Unknown);
        self.keys().chain(evidence.copied()).collect()
    }

    /// Reports the keys the format does not know, and those it knows but did not use.
    fn finish(&self) {
        let read = self.read.borrow();
        for entry in self.item.node.entries().unwrap_or_default() {
            let key = entry.key.as_str();
            let is_evidence = self.evidence != EvidenceKeys::Unknown && EVIDENCE_KEYS.contains(&key);
            if read.contains(&key) || is_evidence || self.tag == Some(key) {
                continue;
            }
            let place =
                Place { path: self.item.path.key(key), source: entry.source, span: entry.span.clone() };
            if self.spec.declares(key) {
                let mistake = Mistake::new(format!("`{key}` has no effect beside the other keys here"));
                self.report(&place, mistake);
                continue;
            }
            let keys = self.keys().map(|key| format!("`{key}`")).collect::<Vec<_>>();
            let mistake = Mistake::new(format!("unknown key `{key}`"));
            self.report(&place, mistake.accepted(keys.join(", ")).nearest(key, self.names()));
        }
    }
}
