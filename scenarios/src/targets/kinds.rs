//! The kinds of values a target document and an answers file are made of, beyond those of every format.

use super::date::Date;
use super::standing::Audience;
use super::threshold::{Quantity, Threshold};
use crate::quantity::{parse_seconds, parse_share};
use crate::reader::key::{Kind, Numbers, Required, Shape, TableSpec, required};
use crate::reader::kinds::{Choice, List, Located, Name};
use crate::reader::{At, Item, Mistake, Record};

/// Whom something is asked of.
pub(super) const AUDIENCES: List<Choice<Audience>> =
    List::at_least(1, Choice { what: "group of hospitals", options: Audience::OPTIONS });

const DAY_ACCEPTED: &str = "a day as year-month-day, such as \"2018-06-30\"";

/// A day, as a text or a bare TOML date.
pub(super) struct Day;

impl Kind for Day {
    type Out = Date;

    fn read(&self, item: &Item<'_>) -> Option<Date> {
        if let Some(bare) = item.datetime() {
            return match (bare.date, bare.time) {
                (Some(date), None) => Date::new(date.year, date.month, date.day),
                _ => item.refuse(DAY_ACCEPTED),
            };
        }
        let Some(text) = item.text() else { return item.refuse(DAY_ACCEPTED) };
        match text.parse() {
            Ok(date) => Some(date),
            Err(_) => {
                item.report(Mistake::new(format!("`{text}` is not a day")).accepted(DAY_ACCEPTED));
                None
            }
        }
    }

    fn shape(&self) -> Shape {
        Shape::Text {
            accepted: DAY_ACCEPTED,
            examples: &["2018-06-30"],
            pattern: Some("^\\s*[0-9]{4}-[0-9]{2}-[0-9]{2}\\s*$"),
        }
    }

    fn numbers(&self) -> Numbers {
        Numbers::None
    }
}

const PERIOD_ACCEPTED: &str = "a year, month or day (\"2018\", \"2018-06\", \"2018-06-30\"), or two of them (\"2018-01/2018-10\", \"../2018-10\")";

/// A period as the document gives it, to the year, month or day.
pub(super) struct PeriodText;

fn is_period(text: &str) -> bool {
    let is_point = |text: &str| {
        let padded = match text.len() {
            4 => format!("{text}-01-01"),
            7 => format!("{text}-01"),
            _ => text.to_owned(),
        };
        padded.parse::<Date>().is_ok()
    };
    match text.split_once('/') {
        Some((from, to)) => (from == ".." || is_point(from)) && is_point(to),
        None => is_point(text),
    }
}

impl Kind for PeriodText {
    type Out = String;

    fn read(&self, item: &Item<'_>) -> Option<String> {
        match item.text() {
            Some(text) if is_period(text) => Some(text.to_owned()),
            _ => item.refuse(PERIOD_ACCEPTED),
        }
    }

    fn shape(&self) -> Shape {
        Shape::Text { accepted: PERIOD_ACCEPTED, examples: &["2018-06", "2018-01/2018-10"], pattern: None }
    }

    fn numbers(&self) -> Numbers {
        Numbers::None
    }
}

/// The id of a figure: lower-case words with dots between them.
pub(crate) struct MeasureId {
    accepted: &'static str,
    examples: &'static [&'static str],
}

impl MeasureId {
    /// Of any figure, measured or counted.
    pub(super) const ANY: MeasureId = MeasureId {
        accepted: "the id of a figure: lower-case words with dots, such as \"registration.on_site.wait_time.mean\"",
        examples: &["registration.on_site.wait_time.mean", "booking.channels.count"],
    };

    /// Of a figure that is counted, not measured.
    pub(crate) const COUNTED: MeasureId = MeasureId {
        accepted: "the id of a figure that is counted: lower-case words with dots, such as \
                   \"registration.same_day\"",
        examples: &["registration.same_day", "centres.one_stop.kinds"],
    };
}

impl Kind for MeasureId {
    type Out = String;

    fn read(&self, item: &Item<'_>) -> Option<String> {
        let is_word = |word: &str| {
            word.starts_with(|c: char| c.is_ascii_lowercase())
                && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        };
        match item.text() {
            Some(text) if text.contains('.') && text.split('.').all(is_word) => Some(text.to_owned()),
            _ => item.refuse(self.accepted),
        }
    }

    fn shape(&self) -> Shape {
        Shape::Text {
            accepted: self.accepted,
            examples: self.examples,
            pattern: Some("^[a-z][a-z0-9_]*(\\.[a-z][a-z0-9_]*)+$"),
        }
    }

    fn numbers(&self) -> Numbers {
        Numbers::None
    }
}

const QUANTITY_ACCEPTED: &str = "a number, a share (\"40 %\") or a duration (\"10 min\")";

/// A number, a share or a duration.
pub(super) struct Figure;

impl Kind for Figure {
    type Out = Quantity;

    fn read(&self, item: &Item<'_>) -> Option<Quantity> {
        if let Some(number) = item.number() {
            return Some(Quantity::count(number));
        }
        let Some(text) = item.text() else { return item.refuse(QUANTITY_ACCEPTED) };
        let read = if text.contains(['%', '％', '‰', '/']) || text.contains("percent") {
            parse_share(text).map(|share| Quantity::share(share.part()))
        } else {
            parse_seconds(text).map(Quantity::seconds)
        };
        match read {
            Ok(quantity) => Some(quantity),
            Err(error) => {
                item.report(Mistake::new(error.to_string()).accepted(QUANTITY_ACCEPTED));
                None
            }
        }
    }

    fn shape(&self) -> Shape {
        let text = Shape::Text {
            accepted: "a share or a duration",
            examples: &["40 %", "10 min"],
            pattern: Some("^\\s*[0-9０-９]"),
        };
        Shape::Any(vec![Shape::Number { min: f64::MIN, max: f64::MAX }, text])
    }

    fn numbers(&self) -> Numbers {
        Numbers::None
    }
}

static LAST_YEAR: Required<MeasureId> =
    required("last_year", MeasureId::ANY, "id of the hospital's own figure of the year before");

const LAST_YEAR_TABLE: Record<String> = Record {
    spec: &TableSpec {
        name: "last_year",
        doc: "the hospital's own figure of the year before",
        keys: &[&LAST_YEAR],
    },
    read: |table| table.read(&LAST_YEAR),
};

const WORDS: List<Located<Name>> = List::at_least(1, Located(Name));

/// A bar as written, with the place of each word so that unknown ones can be pointed at.
pub(super) struct Bar {
    pub(super) threshold: Threshold,
    pub(super) words: Vec<At<String>>,
}

/// What a figure is held against.
pub(super) struct BarKind;

impl Kind for BarKind {
    type Out = Bar;

    fn read(&self, item: &Item<'_>) -> Option<Bar> {
        let mut words = Vec::new();
        let threshold = if let Some(flag) = item.flag() {
            Threshold::Flag(flag)
        } else if item.elements().is_some() {
            words = WORDS.read(item)?;
            Threshold::Words(words.iter().map(|word| word.value.clone()).collect())
        } else if item.is_table() {
            Threshold::LastYear { last_year: LAST_YEAR_TABLE.read(item)? }
        } else {
            Threshold::Quantity(Figure.read(item)?)
        };
        Some(Bar { threshold, words })
    }

    fn shape(&self) -> Shape {
        Shape::Any(vec![Figure.shape(), Shape::Flag, WORDS.shape(), LAST_YEAR_TABLE.shape()])
    }

    fn numbers(&self) -> Numbers {
        Numbers::None
    }
}

/// What a person answers: yes or no, a number with its unit, or a list of words.
#[derive(Clone, PartialEq, Debug)]
pub enum AnswerValue {
    /// Yes or no.
    Flag(bool),
    /// A number, a share or a duration.
    Quantity(Quantity),
    /// Which of the things on a list there are.
    Words(Vec<String>),
}

/// An answer as written.
pub(super) struct AnswerKind;

const ANSWER_ACCEPTED: &str = "`true` or `false` (or \"yes\", \"no\", \"是\", \"否\"), a number, a share (\"40 %\"), \
     a duration (\"10 min\"), or a list of words";

impl Kind for AnswerKind {
    type Out = AnswerValue;

    fn read(&self, item: &Item<'_>) -> Option<AnswerValue> {
        if let Some(flag) = item.flag() {
            return Some(AnswerValue::Flag(flag));
        }
        if item.elements().is_some() {
            return List::of(Name).read(item).map(AnswerValue::Words);
        }
        match item.text().map(|text| text.trim().to_lowercase()).as_deref() {
            Some("yes" | "是" | "有") => Some(AnswerValue::Flag(true)),
            Some("no" | "否" | "无" | "没有") => Some(AnswerValue::Flag(false)),
            Some(text) if !text.starts_with(|c: char| c.is_numeric()) => {
                item.report(Mistake::new(format!("`{text}` is no answer")).accepted(ANSWER_ACCEPTED));
                None
            }
            None if item.number().is_none() => item.refuse(ANSWER_ACCEPTED),
            _ => Figure.read(item).map(AnswerValue::Quantity),
        }
    }

    fn shape(&self) -> Shape {
        let word = Shape::Text {
            accepted: "yes or no",
            examples: &["yes", "no", "是", "否"],
            pattern: Some("^\\s*([Yy][Ee][Ss]|[Nn][Oo]|是|否|有|无|没有)\\s*$"),
        };
        Shape::Any(vec![Shape::Flag, word, Figure.shape(), List::of(Name).shape()])
    }

    fn numbers(&self) -> Numbers {
        Numbers::None
    }
}

#[cfg(test)]
mod tests {
    use super::is_period;

    #[test]
    fn periods_reach_from_years_to_days() {
        for text in ["2018", "2018-06", "2018-06-30", "2018-01/2018-10", "../2018-10", "2017-12/2018-11-30"] {
            assert!(is_period(text), "{text}");
        }
        for text in ["", "June", "2018-13", "2018-06-31", "2018-01/", "2018-01/..", "18", "2018/6"] {
            assert!(!is_period(text), "{text}");
        }
    }
}
