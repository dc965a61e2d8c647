//! The file format of target documents.

use super::document::{
    Addition, Basis, Check, Deadline, Deduction, EvidenceKind, Exemption, Group, Observed, Points, Target,
    TargetDocument,
};
use super::fit;
use super::kinds::{AUDIENCES, Bar, BarKind, Day, Figure, MeasureId, PeriodText};
use super::standing::Audience;
use super::threshold::{Comparison, Threshold};
use crate::quantity::Share;
use crate::reader::key::{Declared, Optional, Required, TableSpec, optional, required};
use crate::reader::kinds::{
    Choice, Flag, IN_BOTH_LANGUAGES, List, Located, Map, Name, Number, Percentage, Text,
};
use crate::reader::{At, Mistake, Place, Record, Table};
use onetrip_models::text::Text as Words;

type Audiences = List<Choice<Audience>>;

static FORMAT: Required<Choice<()>> = required(
    "format",
    Choice { what: "format", options: &[(super::FORMAT, (), "first version of this format")] },
    "which format the file is in",
);
static ID: Required<Located<Text>> =
    required("id", Located(Text), "short name; ids of items and checks begin with that of the document");
static NAME: Required<Located<Name>> = required("id", Located(Name), "short name");
static TITLE: Required<Record<Words>> = required("title", IN_BOTH_LANGUAGES, "what it is called, or asks");
static OWN_TITLE: Optional<Record<Words>> =
    optional("title", IN_BOTH_LANGUAGES, "what it asks; needed when an item has several checks");
static PLACE: Required<Record<Words>> = required("place", IN_BOTH_LANGUAGES, "where the document holds");
static ISSUED: Required<PeriodText> = required("issued", PeriodText, "when the document was issued");
static NOTE: Optional<Record<Words>> = optional("note", IN_BOTH_LANGUAGES, "what else a reader must know");
static APPLIES_TO: Required<Audiences> = required("applies_to", AUDIENCES, "whom it is asked of");
static OWN_APPLIES_TO: Optional<Audiences> =
    optional("applies_to", AUDIENCES, "whom it is asked of, when not whom the item is asked of");
static FOR: Optional<Audiences> = optional("for", AUDIENCES, "for whom; else for everyone it is asked of");
static BY: Required<Day> = required("by", Day, "the last day");
static STAGE_THRESHOLD: Optional<BarKind> = optional("threshold", BarKind, "the bar of this stage");
static SHARE_OF_HOSPITALS: Optional<Percentage> =
    optional("share_of_hospitals", Percentage, "share of the area's hospitals that must be there by then")
        .setting();
static DEADLINES: Optional<List<Record<Stage>>> = optional(
    "deadline",
    List::of(Record {
        spec: &TableSpec {
            name: "deadline",
            doc: "a stage by which something is asked for",
            keys: &[&FOR, &BY, &STAGE_THRESHOLD, &SHARE_OF_HOSPITALS],
        },
        read: read_stage,
    }),
    "by when, in stages",
);
static VALUE: Required<Figure> = required("value", Figure, "the figure");
static OR_MORE: Optional<Flag> = optional("or_more", Flag, "the document says \"more than\"");
static PERIOD: Required<PeriodText> = required("period", PeriodText, "when it was observed");
static WHAT: Required<Record<Words>> = required("what", IN_BOTH_LANGUAGES, "what was counted, and of whom");
static SOURCE: Required<Text> = required("source", Text, "place in the document");
static OWN_SOURCE: Optional<Text> =
    optional("source", Text, "place in the document, when not that of the item");
static OBSERVED: Optional<List<Record<Observed>>> = optional(
    "observed",
    List::of(Record {
        spec: &TableSpec {
            name: "observed",
            doc: "a figure the document reports",
            keys: &[&VALUE, &OR_MORE, &PERIOD, &WHAT, &OWN_SOURCE],
        },
        read: read_observed,
    }),
    "figures the document reports",
);
static POINTS: Optional<Number> =
    optional("points", Number::POSITIVE, "points there are to be lost").setting();
static BONUS_POINTS: Optional<Number> =
    optional("bonus_points", Number::POSITIVE, "points there are to be gained on top").setting();
static ONCE: Optional<Number> = optional("once", Number::POSITIVE, "so many points").setting();
static EACH: Optional<Number> = optional("each", Number::POSITIVE, "so many points for every one").setting();
static FROM: Optional<Number> =
    optional("from", Number::NOT_NEGATIVE, "fewest points, at the inspector's choice").setting();
static TO: Optional<Number> =
    optional("to", Number::NOT_NEGATIVE, "most points, at the inspector's choice").setting();
static DEDUCTION: Optional<Record<Deduction>> = optional(
    "deduction",
    Record {
        spec: &TableSpec {
            name: "deduction",
            doc: "what a missed check loses",
            keys: &[&ONCE, &EACH, &FROM, &TO],
        },
        read: read_deduction,
    },
    "what is lost when it is missed",
);
static ADDITION: Optional<Record<Addition>> = optional(
    "addition",
    Record {
        spec: &TableSpec { name: "addition", doc: "what a met check gains", keys: &[&ONCE, &EACH] },
        read: read_addition,
    },
    "what is gained when it is met",
);
static KIND: Required<Choice<EvidenceKind>> =
    required("kind", Choice { what: "kind of evidence", options: EvidenceKind::OPTIONS }, "how it is known");
static MEASURE: Optional<MeasureId> = optional("measure", MeasureId::ANY, "id of the figure");
static COMPARISON: Required<Choice<Comparison>> = required(
    "comparison",
    Choice { what: "comparison", options: Comparison::OPTIONS },
    "how the figure is held against the threshold",
);
static THRESHOLD: Optional<BarKind> =
    optional("threshold", BarKind, "the bar, when it is the same at every stage and for everyone");
static BASIS: Optional<Choice<Basis>> =
    optional("basis", Choice { what: "basis", options: Basis::OPTIONS }, "where the bar comes from");
static OPTIONAL: Optional<Flag> =
    optional("optional", Flag, "counts for points only, not for the verdict of the item");
static CHECKS: Required<List<Record<CheckWritten>>> = required(
    "check",
    List::at_least(
        1,
        Record {
            spec: &TableSpec {
                name: "check",
                doc: "one thing that is true or false about an item",
                keys: &[
                    &ID,
                    &OWN_TITLE,
                    &KIND,
                    &MEASURE,
                    &COMPARISON,
                    &THRESHOLD,
                    &BASIS,
                    &OWN_APPLIES_TO,
                    &DEADLINES,
                    &DEDUCTION,
                    &ADDITION,
                    &OPTIONAL,
                    &OBSERVED,
                    &NOTE,
                ],
            },
            read: read_check,
        },
    ),
    "what can be true or false about it",
);
static EXEMPT_MEASURE: Required<MeasureId> = required("measure", MeasureId::ANY, "id of a yes-or-no figure");
static EXEMPT_IS: Required<Flag> = required("is", Flag, "the value with which the item does not arise");
static EXEMPTION: Optional<Record<Exemption>> = optional(
    "exempt_when",
    Record {
        spec: &TableSpec {
            name: "exempt_when",
            doc: "when an item does not arise at a hospital",
            keys: &[&EXEMPT_MEASURE, &EXEMPT_IS],
        },
        read: read_exemption,
    },
    "when the item does not arise",
);
static GROUP: Required<Located<Name>> = required("group", Located(Name), "id of the heading it stands under");
static GROUPS: Required<List<Record<GroupWritten>>> = required(
    "group",
    List::at_least(
        1,
        Record {
            spec: &TableSpec { name: "group", doc: "a heading of the document", keys: &[&NAME, &TITLE] },
            read: read_group,
        },
    ),
    "the document's headings, in its order",
);
static WORDS: Optional<Map<Record<Words>>> =
    optional("words", Map::of("words that lists use", IN_BOTH_LANGUAGES), "the words that lists use");
static TARGETS: Required<List<Record<TargetWritten>>> = required(
    "item",
    List::at_least(
        1,
        Record {
            spec: &TableSpec {
                name: "item",
                doc: "one row of the document",
                keys: &[
                    &ID,
                    &GROUP,
                    &TITLE,
                    &SOURCE,
                    &APPLIES_TO,
                    &DEADLINES,
                    &POINTS,
                    &BONUS_POINTS,
                    &EXEMPTION,
                    &CHECKS,
                    &OBSERVED,
                    &NOTE,
                ],
            },
            read: read_target,
        },
    ),
    "the document's rows, in its order",
);

/// The keys of a target document, for the JSON Schema and the reference page.
pub static DOCUMENT: TableSpec = TableSpec {
    name: "target_document",
    doc: "a policy document as a list of targets",
    keys: &[
        &FORMAT,
        &ID,
        &TITLE,
        &PLACE,
        &ISSUED,
        &POINTS,
        &BONUS_POINTS,
        &GROUPS,
        &WORDS,
        &OBSERVED,
        &TARGETS,
    ],
};
pub(super) static ROOT: Record<TargetDocument> = Record { spec: &DOCUMENT, read: read_document };

struct Stage {
    deadline: Deadline,
    words: Vec<At<String>>,
    threshold_place: Place,
}

struct GroupWritten {
    id: At<String>,
    group: Group,
}

struct CheckWritten {
    id: At<String>,
    has_title: bool,
    check: Check,
    words: Vec<At<String>>,
    threshold_place: Place,
}

struct TargetWritten {
    id: At<String>,
    group: At<String>,
    target: Target,
    check_ids: Vec<At<String>>,
    words: Vec<At<String>>,
}

fn read_stage(table: &Table<'_>) -> Option<Stage> {
    let (audiences, by) = (table.read(&FOR), table.read(&BY));
    let (bar, share) = (table.read(&STAGE_THRESHOLD), table.read(&SHARE_OF_HOSPITALS));
    let (threshold, words) = split(bar?);
    let deadline = Deadline {
        audiences: audiences?.unwrap_or_default(),
        by: by?,
        threshold,
        share_of_hospitals: share?.map(Share::part),
    };
    Some(Stage { deadline, words, threshold_place: table.place_of(&STAGE_THRESHOLD) })
}

fn split(bar: Option<Bar>) -> (Option<Threshold>, Vec<At<String>>) {
    bar.map_or_else(|| (None, Vec::new()), |bar| (Some(bar.threshold), bar.words))
}

fn read_observed(table: &Table<'_>) -> Option<Observed> {
    let (value, or_more, period) = (table.read(&VALUE), table.read(&OR_MORE), table.read(&PERIOD));
    let (what, source) = (table.read(&WHAT), table.read(&OWN_SOURCE));
    Some(Observed {
        measure: None,
        value: value?,
        or_more: or_more?.unwrap_or(false),
        period: period?,
        what: what?,
        source: source?,
    })
}

fn read_deduction(table: &Table<'_>) -> Option<Deduction> {
    let way = table.way(&[&[&ONCE], &[&EACH], &[&FROM, &TO]]);
    let (once, each) = (table.read(&ONCE), table.read(&EACH));
    let (from, to) = (table.read(&FROM), table.read(&TO));
    match way? {
        0 => once?.map(Deduction::Once),
        1 => each?.map(Deduction::Each),
        _ => {
            let (from, to) = (from??, to??);
            if from > to {
                let mistake =
                    Mistake::new(format!("the fewest points ({from}) are more than the most ({to})"));
                table.report(&table.place_of(&FROM), mistake.accepted("`from` no greater than `to`"));
                return None;
            }
            Some(Deduction::Judged { from, to })
        }
    }
}

fn read_addition(table: &Table<'_>) -> Option<Addition> {
    let way = table.way(&[&[&ONCE], &[&EACH]]);
    let (once, each) = (table.read(&ONCE), table.read(&EACH));
    match way? {
        0 => once?.map(Addition::Once),
        _ => each?.map(Addition::Each),
    }
}

fn read_exemption(table: &Table<'_>) -> Option<Exemption> {
    let (measure, is) = (table.read(&EXEMPT_MEASURE), table.read(&EXEMPT_IS));
    Some(Exemption { measure: measure?, is: is? })
}

fn read_group(table: &Table<'_>) -> Option<GroupWritten> {
    let (id, title) = (table.read(&NAME), table.read(&TITLE));
    let (id, title) = (id?, title?);
    Some(GroupWritten { group: Group { id: id.value.clone(), title }, id })
}

fn read_check(table: &Table<'_>) -> Option<CheckWritten> {
    let (id, title, kind) = (table.read(&ID), table.read(&OWN_TITLE), table.read(&KIND));
    let (measure, comparison) = (table.read(&MEASURE), table.read(&COMPARISON));
    let (bar, basis) = (table.read(&THRESHOLD), table.read(&BASIS));
    let (applies_to, stages) = (table.read(&OWN_APPLIES_TO), table.read(&DEADLINES));
    let (deduction, addition) = (table.read(&DEDUCTION), table.read(&ADDITION));
    let (optional, observed, note) = (table.read(&OPTIONAL), table.read(&OBSERVED), table.read(&NOTE));

    let (id, title, kind, measure, comparison) = (id?, title?, kind?, measure?, comparison?);
    let (threshold, mut words) = split(bar?);
    let stages = stages?.unwrap_or_default();
    fit::check_measure(table, &table.place_of(&MEASURE), kind, measure.is_some());
    if let Some(threshold) = &threshold {
        fit::check_threshold(
            table,
            &table.place_of(&THRESHOLD),
            comparison,
            threshold,
            kind,
            measure.as_deref(),
        );
    }
    for stage in &stages {
        if let Some(threshold) = &stage.deadline.threshold {
            fit::check_threshold(
                table,
                &stage.threshold_place,
                comparison,
                threshold,
                kind,
                measure.as_deref(),
            );
        }
    }
    let has_every_threshold =
        !stages.is_empty() && stages.iter().all(|stage| stage.deadline.threshold.is_some());
    if threshold.is_none() && !has_every_threshold {
        let mistake = Mistake::missing("the check has no threshold");
        table.report(
            &table.place(),
            mistake.accepted("`threshold` on the check, or on every one of its deadlines"),
        );
    }
    let (deduction, addition) = (deduction?, addition?);
    let counts = stages
        .iter()
        .filter_map(|stage| stage.deadline.threshold.as_ref())
        .chain(&threshold)
        .all(|threshold| matches!(threshold, Threshold::Quantity(_)));
    if !counts {
        let mistake = || Mistake::new("only a number can be over or short of its threshold by so many");
        if matches!(deduction, Some(Deduction::Each(_))) {
            table.report(&table.place_of(&DEDUCTION), mistake().accepted("`once`, or `from` and `to`"));
        }
        if matches!(addition, Some(Addition::Each(_))) {
            table.report(&table.place_of(&ADDITION), mistake().accepted("`once`"));
        }
    }
    let mut deadlines = Vec::new();
    for stage in stages {
        words.extend(stage.words);
        deadlines.push(stage.deadline);
    }
    let mut observed = observed?.unwrap_or_default();
    for one in &mut observed {
        one.measure.clone_from(&measure);
    }
    let check = Check {
        id: id.value.clone(),
        title: title.clone().unwrap_or_default(),
        kind,
        measure,
        comparison,
        threshold,
        basis: basis?.unwrap_or(Basis::Demanded),
        applies_to: applies_to?.unwrap_or_default(),
        deadlines,
        deduction,
        addition,
        optional: optional?.unwrap_or(false),
        observed,
        note: note?,
    };
    let threshold_place = table.place_of(&THRESHOLD);
    Some(CheckWritten { id, has_title: title.is_some(), check, words, threshold_place })
}

fn read_target(table: &Table<'_>) -> Option<TargetWritten> {
    let (id, group, title) = (table.read(&ID), table.read(&GROUP), table.read(&TITLE));
    let (source, applies_to, stages) = (table.read(&SOURCE), table.read(&APPLIES_TO), table.read(&DEADLINES));
    let (points, bonus_points) = (table.read(&POINTS), table.read(&BONUS_POINTS));
    let (exemption, checks) = (table.read(&EXEMPTION), table.read(&CHECKS));
    let (observed, note) = (table.read(&OBSERVED), table.read(&NOTE));

    let (id, title) = (id?, title?);
    let points = match (points?, bonus_points?) {
        (Some(_), Some(_)) => {
            table.refuse_key(&BONUS_POINTS, "an item has points to lose or points to gain, not both");
            None
        }
        (Some(most), None) => Some(Points::Ordinary(most)),
        (None, Some(most)) => Some(Points::Bonus(most)),
        (None, None) => None,
    };
    let mut deadlines = Vec::new();
    for stage in stages?.unwrap_or_default() {
        if stage.deadline.threshold.is_some() {
            let mistake = Mistake::new("a stage of an item has no threshold of its own");
            table.report(&stage.threshold_place, mistake.accepted("`threshold` on a deadline of the check"));
        }
        deadlines.push(stage.deadline);
    }
    let written = checks?;
    let (mut checks, mut check_ids, mut words) = (Vec::new(), Vec::new(), Vec::new());
    let is_only_one = written.len() == 1;
    for mut one in written {
        check_id(table, &one, &id.value, is_only_one);
        if !one.has_title {
            if is_only_one {
                one.check.title = title.clone();
            } else {
                let mistake = Mistake::missing("`title` is missing");
                table.report(
                    &one.id.place,
                    mistake.accepted("a title of its own, because the item has several checks"),
                );
            }
        }
        if points.is_none() && (one.check.deduction.is_some() || one.check.addition.is_some()) {
            let mistake = Mistake::new("a check of an item without points cannot lose or gain any");
            table.report(&one.threshold_place, mistake.accepted("`points` or `bonus_points` on the item"));
        }
        checks.push(one.check);
        check_ids.push(one.id);
        words.extend(one.words);
    }
    let (group, observed) = (group?, observed?.unwrap_or_default());
    let target = Target {
        id: id.value.clone(),
        group: group.value.clone(),
        title,
        source: source?,
        applies_to: applies_to?,
        deadlines,
        points,
        exemption: exemption?,
        checks,
        observed,
        note: note?,
    };
    Some(TargetWritten { id, group, target, check_ids, words })
}

fn check_id(table: &Table<'_>, check: &CheckWritten, target: &str, is_only_one: bool) {
    let letter = check.id.value.strip_prefix(target);
    let is_right = match letter {
        Some("") => is_only_one,
        Some(letter) => letter.len() == 1 && letter.starts_with(|c: char| c.is_ascii_lowercase()),
        None => false,
    };
    if !is_right {
        let accepted = if is_only_one {
            format!("\"{target}\"")
        } else {
            format!("\"{target}\" and one letter from a to z")
        };
        let mistake = Mistake::new(format!("`{}` is not an id of a check of `{target}`", check.id.value));
        table.report(&check.id.place, mistake.accepted(accepted));
    }
}

fn read_document(table: &Table<'_>) -> Option<TargetDocument> {
    let format = table.read(&FORMAT);
    let (id, title, place, issued) =
        (table.read(&ID), table.read(&TITLE), table.read(&PLACE), table.read(&ISSUED));
    let (points, bonus_points) = (table.read(&POINTS), table.read(&BONUS_POINTS));
    let (groups, words) = (table.read(&GROUPS), table.read(&WORDS));
    let (observed, written) = (table.read(&OBSERVED), table.read(&TARGETS));

    format?;
    let (id, groups, written) = (id?, groups?, written?);
    let words = words?.unwrap_or_default();
    let group_ids: Vec<At<String>> = groups.iter().map(|group| group.id.clone()).collect();
    table.distinct(&group_ids, "group");
    let known_groups: Vec<&str> = groups.iter().map(|group| group.group.id.as_str()).collect();
    let known_words: Vec<&str> = words.iter().map(|(word, _)| word.value.as_str()).collect();
    let mut ids = Vec::new();
    for one in &written {
        table.reference(&one.group, "group", &known_groups);
        for word in &one.words {
            table.reference(word, "word under `words`", &known_words);
        }
        let row = one.id.value.strip_prefix(id.value.as_str()).and_then(|rest| rest.strip_prefix('/'));
        if row.is_none_or(str::is_empty) {
            let mistake = Mistake::new(format!("`{}` does not begin with `{}/`", one.id.value, id.value));
            table.report(
                &one.id.place,
                mistake.accepted(format!("\"{}/\" and the number of the row", id.value)),
            );
        }
        ids.push(one.id.clone());
        ids.extend(one.check_ids.iter().filter(|check| check.value != one.id.value).cloned());
    }
    table.distinct(&ids, "item or check");
    let (points, bonus_points) = (points?, bonus_points?);
    let ordinary = written.iter().filter_map(|one| match one.target.points {
        Some(Points::Ordinary(most)) => Some(most),
        _ => None,
    });
    check_sum(table, &POINTS, points, ordinary.sum());
    let bonus = written.iter().filter_map(|one| match one.target.points {
        Some(Points::Bonus(most)) => Some(most),
        _ => None,
    });
    check_sum(table, &BONUS_POINTS, bonus_points, bonus.sum());
    Some(TargetDocument {
        id: id.value,
        title: title?,
        place: place?,
        issued: issued?,
        points,
        bonus_points,
        groups: groups.into_iter().map(|group| group.group).collect(),
        words: words.into_iter().map(|(word, text)| (word.value, text)).collect(),
        observed: observed?.unwrap_or_default(),
        targets: written.into_iter().map(|one| one.target).collect(),
    })
}

fn check_sum(table: &Table<'_>, key: &dyn Declared, stated: Option<f64>, sum: f64) {
    let Some(stated) = stated else { return };
    if (stated - sum).abs() > 1e-9 {
        let mistake = Mistake::new(format!("the items' `{}` add up to {sum}", key.name())).of_absence();
        let place =
            if key.name() == POINTS.name() { table.place_of(&POINTS) } else { table.place_of(&BONUS_POINTS) };
        table.report(&place, mistake.accepted(format!("{sum}")));
    }
}
