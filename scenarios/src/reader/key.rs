//! Declarations: the keys of a table, said once, from which files are read, the JSON Schema and the reference pages
//! are made, and unknown keys are told apart.

use super::context::Item;
use super::table::Table;

/// What a kind of value means for the list of provenance.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Numbers {
    /// The value is a number that must say where it comes from: `4` or `{ value = 4, source = "…" }`.
    Itself,
    /// The value is no number (a name, a choice); it may say where it comes from in the same way.
    None,
    /// The value is a table or list that sees to its numbers itself.
    Within,
}

/// A kind of value: how it is read and what it looks like.
pub trait Kind: Sync {
    /// What reading gives.
    type Out;

    /// Reads the value; a mistake is reported and gives `None`.
    fn read(&self, item: &Item<'_>) -> Option<Self::Out>;

    /// What is accepted, for the JSON Schema and the reference pages.
    fn shape(&self) -> Shape;

    /// What the value means for the list of provenance.
    fn numbers(&self) -> Numbers {
        Numbers::Itself
    }
}

/// What a kind of value looks like, as data.
#[derive(Clone)]
pub enum Shape {
    /// A text of a certain form.
    Text {
        /// What is accepted, in words.
        accepted: &'static str,
        /// Texts that are accepted, for editors.
        examples: &'static [&'static str],
        /// A regular expression every accepted text matches (ECMA 262), when there is one.
        pattern: Option<&'static str>,
    },
    /// A whole number.
    Integer {
        /// Smallest accepted.
        min: i64,
        /// Largest accepted.
        max: i64,
    },
    /// A number without a unit.
    Number {
        /// Smallest accepted.
        min: f64,
        /// Largest accepted.
        max: f64,
    },
    /// `true` or `false`.
    Flag,
    /// A bare TOML time such as `07:30`.
    BareTime,
    /// One of some words, each with what it means.
    Choice(Vec<(&'static str, &'static str)>),
    /// A list.
    List {
        /// Each element.
        element: Box<Shape>,
        /// Fewest elements.
        min: usize,
    },
    /// A table whose keys are names of the user's.
    Map {
        /// What the keys are, in words.
        keys: &'static str,
        /// Each value.
        value: Box<Shape>,
    },
    /// A table with known keys.
    Record(&'static TableSpec),
    /// A table of one of several forms, told apart by the word under one key.
    Union(&'static UnionSpec),
    /// A value, or a table of it and its evidence: `{ value = …, source = "…" }`.
    Sourced(Box<Shape>),
    /// Any of these.
    Any(Vec<Shape>),
}

/// The keys of one kind of table.
pub struct TableSpec {
    /// Name of the kind of table, a noun in snake case; unique in a format.
    pub name: &'static str,
    /// What the table describes.
    pub doc: &'static str,
    /// Its keys, in the order of the reference page.
    pub keys: &'static [&'static dyn Declared],
}

/// A kind of table of several forms.
pub struct UnionSpec {
    /// Name of the kind of table, a noun in snake case; unique in a format.
    pub name: &'static str,
    /// What the table describes.
    pub doc: &'static str,
    /// The key that tells the forms apart.
    pub tag: &'static str,
    /// The forms; the name of each is the word under the tag.
    pub variants: &'static [&'static TableSpec],
}

/// Must a key be there?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Need {
    /// It must.
    Required,
    /// It may be absent, which means something of its own.
    Optional,
    /// When it is absent, this TOML value is read instead.
    Default(&'static str),
}

/// The declaration of a key, whatever its kind.
pub trait Declared: Sync {
    /// The key.
    fn name(&self) -> &'static str;
    /// What it means.
    fn doc(&self) -> &'static str;
    /// Must it be there?
    fn need(&self) -> Need;
    /// What is accepted.
    fn shape(&self) -> Shape;
    /// What it means for provenance; [`Numbers::None`] for settings of the run.
    fn numbers(&self) -> Numbers;
}

/// A declared key that can be read from a table.
pub trait ReadKey: Declared {
    /// What reading gives.
    type Out;

    /// Reads it; a mistake is reported and gives `None`.
    fn read_from(&self, table: &Table<'_>) -> Option<Self::Out>;
}

macro_rules! key_type {
    ($(#[$doc:meta])* $name:ident, $constructor:ident, $need:expr, $out:ty, $absent:expr $(, $extra:ident)?) => {
        $(#[$doc])*
        pub struct $name<K> {
            name: &'static str,
            kind: K,
            doc: &'static str,
            setting: bool,
            $($extra: &'static str,)?
        }

        #[doc = concat!("Declares a key; see [`", stringify!($name), "`].")]
        pub const fn $constructor<K>(
            name: &'static str,
            kind: K,
            $($extra: &'static str,)?
            doc: &'static str,
        ) -> $name<K> {
            $name { name, kind, doc, setting: false $(, $extra)? }
        }

        impl<K> $name<K> {
            /// The key is a choice of who runs the scenario (replications, rng seed), so its numbers need no evidence.
            pub const fn setting(mut self) -> Self {
                self.setting = true;
                self
            }
        }

        impl<K: Kind> Declared for $name<K> {
            fn name(&self) -> &'static str {
                self.name
            }

            fn doc(&self) -> &'static str {
                self.doc
            }

            fn need(&self) -> Need {
                let need: fn(&Self) -> Need = $need;
                need(self)
            }

            fn shape(&self) -> Shape {
                self.kind.shape()
            }

            fn numbers(&self) -> Numbers {
                match self.kind.numbers() {
                    Numbers::Itself if self.setting => Numbers::None,
                    numbers => numbers,
                }
            }
        }

        impl<K: Kind> ReadKey for $name<K> {
            type Out = $out;

            fn read_from(&self, table: &Table<'_>) -> Option<Self::Out> {
                let absent: fn(&Self, &Table<'_>) -> Option<Self::Out> = $absent;
                match table.item_of(self.name, self.setting) {
                    Some(item) => item.read_sourced(&self.kind).map(Self::Out::from),
                    None => absent(self, table),
                }
            }
        }
    };
}

key_type!(
    /// A key that must be there.
    Required,
    required,
    |_| Need::Required,
    K::Out,
    |key, table| {
        table.report_absent(key.name, &key.kind.shape());
        None
    }
);

key_type!(
    /// A key that may be absent; reading gives `Some(None)` then, and `None` for a mistake.
    Optional,
    optional,
    |_| Need::Optional,
    Option<K::Out>,
    |_, _| Some(None)
);

key_type!(
    /// A key with a default, given as TOML and read like a value of the file.
    Defaulted,
    defaulted,
    |key| Need::Default(key.default),
    K::Out,
    |key, table| table.item(key.setting).read_default(key.name, &key.kind, key.default),
    default
);
