//! What a person answers to what no run can measure, and an empty form to answer in.

use super::date::Date;
use super::document::{Check, Deduction, Demand, EvidenceKind, Target, TargetDocument};
use super::kinds::{AnswerKind, AnswerValue, Day, Figure};
use super::standing::HospitalStanding;
use super::threshold::{Comparison, Quantity, Threshold};
use crate::reader::key::{Declared, Optional, Required, TableSpec, optional, required};
use crate::reader::kinds::{Choice, Flag, List, Located, Number, Text};
use crate::reader::{
    At, Diagnostics, Document, EvidenceRule, KeyPath, Mistake, Place, Record, Table, Value, read,
};
use std::collections::BTreeMap;
use std::fmt::Write;

/// The answers to one document. Keys are ids of checks, and of items that may be exempt.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Answers {
    answers: BTreeMap<String, Answer>,
}

/// What a person says about one check or item.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Answer {
    /// The answer itself; without one the check stays open.
    pub value: Option<AnswerValue>,
    /// Points the inspector takes off, where the document leaves the number to the inspector.
    pub lost: Option<f64>,
    /// The hospital's figure of the year before, for checks that ask for no less than it.
    pub last_year: Option<Quantity>,
    /// The item does not arise at this hospital.
    pub exempt: Option<bool>,
    /// Anything else.
    pub note: Option<String>,
    /// Who answers: a role, not a name.
    pub by: Option<String>,
    /// The day it was answered.
    pub on: Option<Date>,
}

impl Answers {
    /// What was said about a check or item.
    pub fn get(&self, id: &str) -> Option<&Answer> {
        self.answers.get(id)
    }

    /// Every answer in the order of ids.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Answer)> {
        self.answers.iter().map(|(id, answer)| (id.as_str(), answer))
    }

    /// Adds an answer, or replaces the one there is.
    pub fn insert(&mut self, id: impl Into<String>, answer: Answer) {
        self.answers.insert(id.into(), answer);
    }
}

static FORMAT: Required<Choice<()>> = required(
    "format",
    Choice { what: "format", options: &[(super::ANSWERS_FORMAT, (), "first version of this format")] },
    "which format the file is in",
);
static DOCUMENT: Required<Located<Text>> =
    required("document", Located(Text), "id of the target document that is answered");
static ID: Required<Located<Text>> = required("id", Located(Text), "id of the check, or of an exempt item");
static ANSWER: Optional<AnswerKind> = optional("answer", AnswerKind, "the answer itself");
static LOST: Optional<Number> = optional(
    "lost",
    Number::NOT_NEGATIVE,
    "points taken off, where the document leaves that to the inspector",
)
.setting();
static LAST_YEAR: Optional<Figure> = optional("last_year", Figure, "the figure of the year before");
static EXEMPT: Optional<Flag> = optional("exempt", Flag, "the item does not arise at this hospital");
static NOTE: Optional<Text> = optional("note", Text, "anything else");
static BY: Optional<Text> = optional("by", Text, "who answers: a role, not a name");
static ON: Optional<Day> = optional("on", Day, "the day it was answered");
static LIST: Optional<List<Record<AnswerWritten>>> = optional(
    "answer",
    List::of(Record {
        spec: &TableSpec {
            name: "answer",
            doc: "what a person says about one check",
            keys: &[&ID, &ANSWER, &LOST, &LAST_YEAR, &EXEMPT, &NOTE, &BY, &ON],
        },
        read: read_answer,
    }),
    "the answers",
);

/// The keys of an answers file, for the JSON Schema and the reference page.
pub static ANSWERS: TableSpec = TableSpec {
    name: "answers",
    doc: "what a person answers to what no run can measure",
    keys: &[&FORMAT, &DOCUMENT, &LIST],
};
static ROOT: Record<Written> = Record { spec: &ANSWERS, read: read_written };

struct Written {
    document: At<String>,
    answers: Vec<AnswerWritten>,
}

struct AnswerWritten {
    id: At<String>,
    answer: Answer,
    value_place: Place,
    lost_place: Place,
    last_year_place: Place,
    exempt_place: Place,
}

fn read_answer(table: &Table<'_>) -> Option<AnswerWritten> {
    let (id, value, lost) = (table.read(&ID), table.read(&ANSWER), table.read(&LOST));
    let (last_year, exempt) = (table.read(&LAST_YEAR), table.read(&EXEMPT));
    let (note, by, on) = (table.read(&NOTE), table.read(&BY), table.read(&ON));
    Some(AnswerWritten {
        id: id?,
        answer: Answer {
            value: value?,
            lost: lost?,
            last_year: last_year?,
            exempt: exempt?,
            note: note?,
            by: by?,
            on: on?,
        },
        value_place: table.place_of(&ANSWER),
        lost_place: table.place_of(&LOST),
        last_year_place: table.place_of(&LAST_YEAR),
        exempt_place: table.place_of(&EXEMPT),
    })
}

fn read_written(table: &Table<'_>) -> Option<Written> {
    let (format, document, answers) = (table.read(&FORMAT), table.read(&DOCUMENT), table.read(&LIST));
    format?;
    Some(Written { document: document?, answers: answers?.unwrap_or_default() })
}

/// Reads the answers to a document.
///
/// # Errors
/// All mistakes of form at once, and all answers that do not fit the document: another document, unknown or repeated ids,
/// answers of another kind than the check asks for, answers to what a run measures.
pub fn read_answers(text: Document, document: &TargetDocument) -> Result<Answers, Diagnostics> {
    let reduced = text.clone();
    match read(text, &ROOT, EvidenceRule::Optional) {
        Ok(reading) => fitting(reading.value, &reduced, document),
        Err(mistakes) => {
            // Of answers whose form is wrong only the id is looked at, of all others whether they fit.
            let reduced = to_ids(reduced, &mistakes);
            let misfits = match read(reduced.clone(), &ROOT, EvidenceRule::Optional) {
                Ok(reading) => fitting(reading.value, &reduced, document).err(),
                Err(_) => None,
            };
            Err(Diagnostics::together([Some(mistakes), misfits].into_iter().flatten()))
        }
    }
}

/// What is wrong with answers to a document that there is none of: that, and all mistakes of form.
pub fn answers_to_nothing(text: Document) -> Diagnostics {
    let sources = text.sources.clone();
    let of = text.root.get(DOCUMENT.name()).map(|entry| entry.node.clone());
    let form = read(text, &ROOT, EvidenceRule::Optional).err();
    let unknown = of.filter(|of| matches!(of.value, Value::Text(_))).map(|of| {
        let known: Vec<&str> = super::documents().iter().map(|document| document.id.as_str()).collect();
        let written = of.summary();
        let mistake = Mistake::new(format!("there is no target document `{written}`"))
            .accepted(format!("{}; a document of your own goes behind `--targets`", known.join(", ")))
            .nearest(&written, known.iter().copied());
        let path = KeyPath::default().key(DOCUMENT.name());
        let place = Place { path, source: of.source, span: of.span };
        Diagnostics::new(sources.clone(), vec![mistake.at(&place, &sources)])
    });
    Diagnostics::together([unknown, form].into_iter().flatten())
}

/// The answers of which something is said, reduced to their ids.
fn to_ids(mut text: Document, mistakes: &Diagnostics) -> Document {
    text.mistakes.clear();
    let list = text.root.get_mut(LIST.name()).map(|entry| &mut entry.node.value);
    if let Some(Value::List(answers)) = list {
        for (index, answer) in answers.iter_mut().enumerate() {
            let stem = format!("{}[{index}]", LIST.name());
            let is_meant = |key: &str| key.strip_prefix(&stem).is_some_and(|rest| !rest.starts_with('['));
            if let (true, Value::Table(entries)) =
                (mistakes.iter().any(|one| is_meant(&one.key)), &mut answer.value)
            {
                entries.retain(|entry| entry.key == ID.name());
            }
        }
    }
    text
}

/// The answers, when all of them fit the document.
fn fitting(written: Written, text: &Document, document: &TargetDocument) -> Result<Answers, Diagnostics> {
    let sources = text.sources.clone();
    let mut mistakes: Vec<(Place, Mistake)> = Vec::new();
    let Written { document: of, answers: written } = written;
    if of.value != document.id {
        let mistake = Mistake::new(format!("the answers are to `{}`", of.value));
        mistakes.push((of.place, mistake.accepted(format!("answers to `{}`", document.id))));
    }
    let mut answers = Answers::default();
    for one in written {
        mistakes.extend(misfits(&one, document));
        if answers.get(&one.id.value).is_some() {
            let mistake = Mistake::new(format!("`{}` is answered already", one.id.value));
            mistakes.push((one.id.place, mistake.accepted("one answer to each id")));
        } else {
            answers.insert(one.id.value, one.answer);
        }
    }
    if mistakes.is_empty() {
        return Ok(answers);
    }
    let list = mistakes.into_iter().map(|(place, mistake)| mistake.at(&place, &sources)).collect();
    Err(Diagnostics::new(sources, list))
}

fn misfits(one: &AnswerWritten, document: &TargetDocument) -> Vec<(Place, Mistake)> {
    let id = one.id.value.as_str();
    let at_id = |mistake: Mistake| vec![(one.id.place.clone(), mistake)];
    let mut found = Vec::new();
    let target = document.target(id);
    if one.answer.exempt.is_some() && target.is_none_or(|target| target.exemption.is_none()) {
        let mistake = Mistake::new(format!("`{id}` cannot be exempt"));
        let exempt: Vec<String> = document
            .targets
            .iter()
            .filter(|target| target.exemption.is_some())
            .map(|target| format!("`{}`", target.id))
            .collect();
        let accepted = if exempt.is_empty() {
            "no `exempt`, because no item of this document can be".to_owned()
        } else {
            format!("`exempt` for {}", exempt.join(", "))
        };
        found.push((one.exempt_place.clone(), mistake.accepted(accepted)));
    }
    match (document.check(id), target) {
        (Some((_, check)), _) => found.extend(misfits_of_check(one, check, document)),
        (None, Some(target)) => {
            let Answer { value, lost, last_year, .. } = &one.answer;
            if value.is_some() || lost.is_some() || last_year.is_some() {
                let checks: Vec<String> =
                    target.checks.iter().map(|check| format!("`{}`", check.id)).collect();
                let mistake = Mistake::new(format!("`{id}` has several checks"));
                found.extend(at_id(mistake.accepted(format!("one of {}", checks.join(", ")))));
            }
        }
        (None, None) => {
            let known = document.checks().map(|(_, check)| check.id.as_str());
            let mistake = Mistake::new(format!("`{id}` is not in `{}`", document.id));
            let accepted = "the id of an item or check of the document";
            found.extend(at_id(mistake.accepted(accepted).nearest(id, known)));
        }
    }
    found
}

fn misfits_of_check(one: &AnswerWritten, check: &Check, document: &TargetDocument) -> Vec<(Place, Mistake)> {
    let mut found = Vec::new();
    let Answer { value, lost, last_year, .. } = &one.answer;
    let bar = check.threshold.as_ref().or_else(|| check.deadlines.iter().find_map(|d| d.threshold.as_ref()));
    let asks_last_year = matches!(bar, Some(Threshold::LastYear { .. }));
    if last_year.is_some() && !asks_last_year {
        let mistake = Mistake::new(format!("`{}` does not ask for the year before", check.id));
        found.push((one.last_year_place.clone(), mistake.accepted("no `last_year` here")));
    }
    if let Some(value) = value {
        let mistake = if check.kind == EvidenceKind::Measured {
            let mistake =
                Mistake::new(format!("`{}` is measured by a run, so an answer has no effect", check.id));
            Some(mistake.accepted(if asks_last_year { "`last_year` only" } else { "no `answer` here" }))
        } else {
            bar.and_then(|bar| wrong_answer(value, bar, document))
        };
        found.extend(mistake.map(|mistake| (one.value_place.clone(), mistake)));
    }
    if let Some(lost) = *lost {
        let mistake = match check.deduction {
            Some(Deduction::Judged { .. }) if *value == Some(AnswerValue::Flag(true)) && lost > 0.0 => Some(
                Mistake::new("what is answered with yes loses nothing")
                    .accepted("`answer = false`, or no `lost`"),
            ),
            Some(Deduction::Judged { from, to }) if lost != 0.0 && !(from..=to).contains(&lost) => {
                let mistake = Mistake::new(format!("{lost} points cannot be taken off here"));
                Some(mistake.accepted(format!("{from} to {to}")))
            }
            Some(Deduction::Judged { from, .. })
                if lost == 0.0 && from > 0.0 && *value == Some(AnswerValue::Flag(false)) =>
            {
                let mistake = Mistake::new("what is answered with no loses something");
                Some(mistake.accepted(format!("{from} or more, or `answer = true`")))
            }
            Some(Deduction::Judged { .. }) => None,
            _ => {
                let mistake = Mistake::new(format!("the document says itself what `{}` loses", check.id));
                Some(mistake.accepted("no `lost` here"))
            }
        };
        found.extend(mistake.map(|mistake| (one.lost_place.clone(), mistake)));
    }
    found
}

fn wrong_answer(value: &AnswerValue, bar: &Threshold, document: &TargetDocument) -> Option<Mistake> {
    let accepted = match (bar, value) {
        (Threshold::Flag(_), AnswerValue::Flag(_)) | (Threshold::LastYear { .. }, _) => return None,
        (Threshold::Quantity(bar), AnswerValue::Quantity(value)) if bar.unit == value.unit => return None,
        (Threshold::Words(bar), AnswerValue::Words(words)) => {
            let unknown = words.iter().find(|word| !document.words.contains_key(*word))?;
            let mistake = Mistake::new(format!("`{unknown}` is not a word of `{}`", document.id));
            let accepted = format!("words such as {}", quoted(bar));
            return Some(
                mistake.accepted(accepted).nearest(unknown, document.words.keys().map(String::as_str)),
            );
        }
        (Threshold::Flag(_), _) => "`true` or `false`".to_owned(),
        (Threshold::Quantity(bar), _) => format!("a figure such as {}", written(*bar)),
        (Threshold::Words(bar), _) => format!("a list of those there are: [{}]", quoted(bar)),
    };
    Some(Mistake::new("the answer is of another kind than the check asks for").accepted(accepted))
}

fn quoted(words: &[String]) -> String {
    words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(", ")
}

/// A quantity as a file has it.
fn written(quantity: Quantity) -> String {
    let text = quantity.wording().en;
    if text.ends_with(|c: char| c.is_ascii_digit()) { text } else { format!("\"{text}\"") }
}

/// An answers file for a document with every question and no answer: for one hospital what is asked of it, else
/// everything. It reads back without mistakes and answers nothing until somebody takes the `#` away.
pub fn answers_template(document: &TargetDocument, hospital: Option<HospitalStanding>) -> String {
    let mut text = format!(
        "# {}\n# {}\n\
         # Take the # from a line to answer, and write the answer after the =. What is counted need only be answered where the description of the\n\
         # hospital does not say it; what is measured comes from the run.\n\
         # 去掉行首的 #，在 = 后填写即可作答。计数项仅在医院描述未说明时填写，测量项由模拟得出。\n\
         format = \"onetrip-answers-1\"\n\
         document = \"{}\"\n",
        document.title.en, document.title.zh, document.id
    );
    for target in &document.targets {
        let questions: Vec<(&Check, String)> = target
            .checks
            .iter()
            .filter_map(|check| question(target, check, hospital).map(|question| (check, question)))
            .collect();
        if questions.is_empty() {
            continue;
        }
        let _ = writeln!(text, "\n# {}  {} / {}", target.id, target.title.en, target.title.zh);
        for (check, question) in questions {
            let _ = writeln!(text, "\n[[answer]]\nid = \"{}\"", check.id);
            if check.title != target.title {
                let _ = writeln!(text, "# {} / {}", check.title.en, check.title.zh);
            }
            text.push_str(&question);
            text.push_str("# note = \"\"\n# by = \"\"\n# on = \"\"\n");
        }
        if target.exemption.is_some() {
            if target.checks.len() > 1 {
                let _ = writeln!(text, "\n[[answer]]\nid = \"{}\"", target.id);
            }
            text.push_str("# exempt = true\n");
        }
    }
    text
}

/// The lines that invite an answer to a check; `None` when the check needs none.
fn question(target: &Target, check: &Check, hospital: Option<HospitalStanding>) -> Option<String> {
    let stage = check.deadlines.iter().find_map(|deadline| deadline.threshold.as_ref());
    let bar = match hospital {
        Some(hospital) => match target.demand(check, hospital, None) {
            Demand::Now { threshold, .. } => threshold,
            Demand::NotAsked | Demand::NotYet(_) => return None,
        },
        None => check.threshold.as_ref().or(stage)?,
    };
    let mut lines = String::new();
    match (check.kind, bar) {
        (EvidenceKind::Measured, Threshold::LastYear { .. }) => lines.push_str("# last_year =  # \"… %\"\n"),
        (EvidenceKind::Measured, _) | (_, Threshold::LastYear { .. }) => return None,
        (_, Threshold::Flag(_)) => lines.push_str("# answer =  # true or false / 是或否\n"),
        (_, Threshold::Quantity(bar)) => {
            let asked = match check.comparison {
                Comparison::AtMost => ("at most", "不超过"),
                Comparison::AtLeast => ("at least", "不低于"),
                Comparison::Equals | Comparison::All => ("exactly", "等于"),
            };
            let bar = written(*bar);
            let _ = writeln!(lines, "# answer =  # asked: {} {bar} / 要求{}{bar}", asked.0, asked.1);
        }
        (_, Threshold::Words(words)) => {
            let _ = writeln!(
                lines,
                "# answer = [{}]  # strike out what there is not / 删去没有的",
                quoted(words)
            );
        }
    }
    if let Some(Deduction::Judged { from, to }) = check.deduction {
        let _ = writeln!(lines, "# lost =  # points taken off, {from} to {to} / 扣{from}至{to}分");
    }
    Some(lines)
}
