//! Where each number comes from.

use super::context::Item;
use super::diagnostic::Mistake;
use super::document::{EVIDENCE_KEYS, Node, Value};
use serde::Serialize;
use std::rc::Rc;

/// What stands behind a number: the keys `source`, `n`, `assumption` and `note` beside it or on its table.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Evidence {
    /// The document or study the number was taken from.
    pub source: Option<String>,
    /// How many observations it rests on.
    pub n: Option<u64>,
    /// The number is an assumption of ours, not an observation.
    pub assumption: bool,
    /// How the number was derived or why it was assumed.
    pub note: Option<String>,
}

impl Evidence {
    /// A note alone is no evidence.
    fn says_where_from(&self) -> bool {
        self.source.is_some() || self.assumption
    }
}

/// Who gave a number its value.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// It is written in the file.
    File,
    /// It is the format's default.
    Default,
    /// It was set on the command line.
    CommandLine,
}

/// One number of a scenario and what stands behind it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Provenance {
    /// Path as `--set` takes it, such as `station.window.servers`.
    pub path: String,
    /// The value as written, on one line.
    pub value: String,
    /// Who gave the value.
    pub origin: Origin,
    /// The value in whose place this one stands: of the file, when set on the command line (the evidence is then of
    /// the value replaced); of the file below, when a file extends it.
    pub replaced: Option<String>,
    /// What stands behind it.
    pub evidence: Evidence,
    /// Path of the table whose evidence covers this number, when it has none of its own.
    pub covered_by: Option<String>,
    /// File or argument the value stands in.
    pub file: String,
    /// Line there, from 1.
    pub line: usize,
}

/// Must every number say where it comes from?
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum EvidenceRule {
    /// Numbers without evidence are accepted.
    #[default]
    Optional,
    /// A number without `source` or `assumption = true`, of its own or on its table, is a mistake.
    Required,
}

/// Evidence that a table lends to the numbers within.
#[derive(Clone, Debug)]
pub(crate) struct Cover {
    pub(crate) evidence: Evidence,
    pub(crate) path: String,
}

/// Reads the evidence keys of a table; `None` when they say nothing.
pub(crate) fn evidence_of(item: &Item<'_>, declared: impl Fn(&str) -> bool) -> Option<Evidence> {
    let mut evidence = Evidence::default();
    for entry in item.node.entries()? {
        let key = entry.key.as_str();
        if !EVIDENCE_KEYS.contains(&key) || declared(key) {
            continue;
        }
        let refuse = |accepted: &str| {
            item.context.report(
                &item.place_within(key, &entry.node),
                Mistake::new(format!("`{key}` cannot be {}", kind_name(&entry.node))).accepted(accepted),
            );
        };
        match (key, &entry.node.value) {
            ("source", Value::Text(text)) if !text.trim().is_empty() => evidence.source = Some(text.clone()),
            ("source", _) => refuse("the name of the document or study, in quotes"),
            ("note", Value::Text(text)) if !text.trim().is_empty() => evidence.note = Some(text.clone()),
            ("note", _) => refuse("a text in quotes"),
            ("n", Value::Integer(count)) if (1..=1_000_000_000_000).contains(count) => {
                evidence.n = u64::try_from(*count).ok();
            }
            ("n", _) => refuse("the number of observations, a whole number from 1"),
            ("assumption", Value::Flag(true)) => evidence.assumption = true,
            _ => refuse("`true`; a number that is no assumption gives its `source` instead"),
        }
    }
    if evidence.n.is_some() && evidence.source.is_none() {
        item.context.report(
            &item.place_of("n"),
            Mistake::new("a number of observations without the source that made them")
                .accepted("`source = \"…\"` beside `n`"),
        );
    }
    evidence.says_where_from().then_some(evidence)
}

pub(crate) fn kind_name(node: &Node) -> String {
    match &node.value {
        Value::Text(text) if text.is_empty() => "an empty text".to_owned(),
        Value::Text(_) => "a text".to_owned(),
        Value::Integer(number) => format!("the number {number}"),
        Value::Float(number) => format!("the number {number:?}"),
        Value::Flag(flag) => format!("`{flag}`"),
        Value::Time(_) => "a date or time".to_owned(),
        Value::List(_) => "a list".to_owned(),
        Value::Table(_) => "a table".to_owned(),
    }
}

/// Writes down where the number at `item` comes from; `own` is the evidence that stands beside it.
///
/// Within a group (a law, a profile, a mix) only numbers with evidence of their own are written down one by one; the
/// group counts the others and answers for them.
pub(crate) fn record(item: &Item<'_>, value: &Node, own: Option<Evidence>, needed: bool) {
    let origin = item.origin(value);
    if item.context.group_answers_for_all() {
        item.context.count_in_group();
        return;
    }
    if own.is_none() && origin != Origin::CommandLine {
        if !needed || item.setting {
            return;
        }
        if item.context.is_answered_by_group(item.cover.as_ref()) {
            if origin == Origin::File {
                item.context.count_in_group();
            }
            return;
        }
    }
    let (evidence, covered_by) = match (own, &item.cover) {
        (Some(evidence), _) => (evidence, None),
        (None, Some(cover)) if origin == Origin::File => (cover.evidence.clone(), Some(cover.path.clone())),
        _ => (Evidence::default(), None),
    };
    if origin == Origin::File && !item.setting && !evidence.says_where_from() {
        item.context.report_missing_evidence(&item.place());
    }
    let (file, line) = item.context.file_and_line(&item.place());
    item.context.add_provenance(
        &item.place(),
        Provenance {
            path: item.path.by_name(),
            value: value.summary(),
            origin,
            replaced: value.replaced.clone(),
            evidence,
            covered_by,
            file,
            line,
        },
    );
}

/// The cover that the numbers within `item` have: its own evidence, else that of the tables around it.
pub(crate) fn cover_within(item: &Item<'_>, own: Option<&Evidence>) -> Option<Rc<Cover>> {
    match own {
        Some(evidence) => Some(Rc::new(Cover { evidence: evidence.clone(), path: item.path.by_name() })),
        None => item.cover.clone(),
    }
}
