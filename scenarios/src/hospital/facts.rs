//! What an inspector would count: `[[fact]]`.

use crate::quantity::{parse_duration, parse_share};
use crate::reader::key::{Kind, Numbers, Required, Shape, TableSpec, required};
use crate::reader::kinds::{Duration, List, Located, Name, Number, Percentage};
use crate::reader::{At, Item, Mistake, Record, Table, nearest_name};
use crate::targets::{self, EvidenceKind, MeasureId};
use onetrip_models::hospital::spec::Fact;

/// Yes or no, a number, a share, a duration, or words.
struct FactValue;

const FACT_ACCEPTED: &str =
    "`true` or `false`, a number, a share (\"40 %\"), a duration (\"30 min\"), or a list of words";

impl Kind for FactValue {
    type Out = Fact;

    fn read(&self, item: &Item<'_>) -> Option<Fact> {
        if let Some(flag) = item.flag() {
            return Some(Fact::YesNo(flag));
        }
        if let Some(number) = item.number() {
            return Some(Fact::Number(number));
        }
        if item.elements().is_some() {
            return List::of(Name).read(item).map(Fact::List);
        }
        let Some(text) = item.text() else { return item.refuse(FACT_ACCEPTED) };
        let read = if text.contains(['%', '％', '/', '／']) {
            parse_share(text).map(|share| Fact::Number(share.part()))
        } else {
            parse_duration(text).map(Fact::Time)
        };
        match read {
            Ok(fact) => Some(fact),
            Err(error) => {
                item.report(Mistake::new(error.to_string()).accepted(FACT_ACCEPTED));
                None
            }
        }
    }

    fn shape(&self) -> Shape {
        Shape::Any(vec![
            Shape::Flag,
            Number::ANY.shape(),
            Percentage.shape(),
            Duration::ANY.shape(),
            List::of(Name).shape(),
        ])
    }

    /// Also yes and no say where they come from.
    fn numbers(&self) -> Numbers {
        Numbers::Itself
    }
}

static ID: Required<Located<MeasureId>> = required(
    "id",
    Located(MeasureId::COUNTED),
    "id of the figure, as the target documents name it; a list under `x.kinds` also answers `x.count`",
);
static VALUE: Required<FactValue> = required("value", FactValue, "what is the case here");
static FACT: TableSpec = TableSpec {
    name: "fact",
    doc: "what an inspector would count, where it does not follow from the rest of the file",
    keys: &[&ID, &VALUE],
};

/// `[[fact]]`.
pub(super) const FACT_TABLE: Record<(At<String>, Fact)> = Record { spec: &FACT, read: read_fact };

fn read_fact(table: &Table<'_>) -> Option<(At<String>, Fact)> {
    let (id, value) = (table.read(&ID), table.read(&VALUE));
    if let Some(id) = &id {
        warn_of_unknown(table, id);
    }
    Some((id?, value?))
}

/// A fact that no target asks for is of no use, and probably misspelt.
fn warn_of_unknown(table: &Table<'_>, id: &At<String>) {
    let checks =
        targets::documents().iter().flat_map(|document| &document.targets).flat_map(|target| &target.checks);
    let mut known: Vec<&str> = checks
        .filter(|check| check.kind == EvidenceKind::Counted)
        .filter_map(|check| check.measure.as_deref())
        .collect();
    known.sort_unstable();
    known.dedup();
    let answers = |asked: &&str| {
        let of_kinds = id.value.strip_suffix(".kinds").zip(asked.strip_suffix(".count"));
        *asked == id.value || of_kinds.is_some_and(|(given, asked)| given == asked)
    };
    if known.iter().any(answers) {
        return;
    }
    let nearest = nearest_name(&id.value, known.iter().copied()).map(str::to_owned);
    let mistake = Mistake::warning(format!("no target document asks for `{}`", id.value));
    table.report(&id.place, mistake.with_nearest(nearest));
}
