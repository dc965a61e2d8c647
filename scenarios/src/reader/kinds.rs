//! The kinds of values a format is made of.

use super::context::Item;
use super::diagnostic::Mistake;
use super::key::{Kind, Numbers, Required, Shape, TableSpec, required};
use super::provenance::evidence_of;
use super::source::At;
use super::table::Record;
use crate::quantity::{
    CLOCK_ACCEPTED, CLOCK_INTERVAL_ACCEPTED, ClockInterval, DURATION_ACCEPTED, QuantityError, RATE_ACCEPTED,
    Rate, SHARE_ACCEPTED, Share, parse_clock, parse_clock_interval, parse_duration, parse_offset_seconds,
    parse_rate, parse_seconds, parse_share,
};
use onetrip_models::text::Text as Words;
use onetrip_sim::time::{SimSpan, SimTime};

/// A text of at least one letter.
pub struct Text;

impl Kind for Text {
    type Out = String;

    fn read(&self, item: &Item<'_>) -> Option<String> {
        match item.text().map(str::trim) {
            Some(text) if !text.is_empty() => Some(text.to_owned()),
            _ => item.refuse("a text in quotes"),
        }
    }

    fn shape(&self) -> Shape {
        Shape::Text { accepted: "a text in quotes", examples: &[], pattern: Some("\\S") }
    }

    fn numbers(&self) -> Numbers {
        Numbers::None
    }
}

static EN: Required<Text> = required("en", Text, "in English");
static ZH: Required<Text> = required("zh", Text, "in Chinese");

/// A text for people in English and Chinese: `{ en = "…", zh = "…" }`.
pub const IN_BOTH_LANGUAGES: Record<Words> = Record {
    spec: &TableSpec { name: "words", doc: "a text in English and Chinese", keys: &[&EN, &ZH] },
    read: |table| {
        let (en, zh) = (table.read(&EN), table.read(&ZH));
        Some(Words::new(en?, zh?))
    },
};

/// A text for people: in English and Chinese, or one that serves for both languages.
pub struct Shown;

const SHOWN_ACCEPTED: &str =
    "`{ en = \"…\", zh = \"…\" }`, or a text in quotes that serves for both languages";

impl Kind for Shown {
    type Out = Words;

    fn read(&self, item: &Item<'_>) -> Option<Words> {
        if item.is_table() {
            return IN_BOTH_LANGUAGES.read(item);
        }
        match item.text().map(str::trim) {
            Some(text) if !text.is_empty() => Some(Words::same(text)),
            _ => item.refuse(SHOWN_ACCEPTED),
        }
    }

    fn shape(&self) -> Shape {
        Shape::Any(vec![Text.shape(), IN_BOTH_LANGUAGES.shape()])
    }

    fn numbers(&self) -> Numbers {
        Numbers::Within
    }
}

/// A name by which other parts of the file, `--set` and the results refer to something: letters of any script, digits,
/// `_` and `-`.
pub struct Name;

const NAME_ACCEPTED: &str = "a name of letters, digits, `_` and `-`, such as \"window\" or \"挂号\"";

impl Kind for Name {
    type Out = String;

    fn read(&self, item: &Item<'_>) -> Option<String> {
        let is_name = |text: &&str| {
            text.starts_with(char::is_alphanumeric)
                && text.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-')
        };
        match item.text() {
            Some(text) if is_name(&text) => Some(text.to_owned()),
            Some(text) => {
                item.report(Mistake::new(format!("`{text}` cannot be a name")).accepted(NAME_ACCEPTED));
                None
            }
            None => item.refuse(NAME_ACCEPTED),
        }
    }

    fn shape(&self) -> Shape {
        Shape::Text { accepted: NAME_ACCEPTED, examples: &[], pattern: Some("^[^\\s.\\[\\]=\"]+$") }
    }

    fn numbers(&self) -> Numbers {
        Numbers::None
    }
}

/// `true` or `false`.
pub struct Flag;

impl Kind for Flag {
    type Out = bool;

    fn read(&self, item: &Item<'_>) -> Option<bool> {
        item.flag().or_else(|| item.refuse("`true` or `false`, without quotes"))
    }

    fn shape(&self) -> Shape {
        Shape::Flag
    }

    fn numbers(&self) -> Numbers {
        Numbers::None
    }
}

/// How many of something: a whole number.
pub struct Count {
    min: u32,
    max: u32,
}

impl Count {
    /// Any count, zero included.
    pub const ANY: Count = Count::between(0, u32::MAX);
    /// One or more.
    pub const POSITIVE: Count = Count::between(1, u32::MAX);

    /// From `min` to `max`, both included.
    pub const fn between(min: u32, max: u32) -> Count {
        Count { min, max }
    }
}

fn read_whole(item: &Item<'_>, min: i64, max: i64, accepted: String) -> Option<i64> {
    match item.integer() {
        Some(number) if (i128::from(min)..=i128::from(max)).contains(&number) => i64::try_from(number).ok(),
        _ => item.refuse(accepted),
    }
}

impl Kind for Count {
    type Out = u32;

    fn read(&self, item: &Item<'_>) -> Option<u32> {
        let (min, max) = (i64::from(self.min), i64::from(self.max));
        read_whole(item, min, max, self.shape().accepted()).and_then(|number| u32::try_from(number).ok())
    }

    fn shape(&self) -> Shape {
        Shape::Integer { min: self.min.into(), max: self.max.into() }
    }
}

/// A whole number that is no count, such as an rng seed: from 0 to 2⁶³ − 1, the range of TOML.
pub struct Whole;

impl Kind for Whole {
    type Out = u64;

    fn read(&self, item: &Item<'_>) -> Option<u64> {
        read_whole(item, 0, i64::MAX, self.shape().accepted()).and_then(|number| u64::try_from(number).ok())
    }

    fn shape(&self) -> Shape {
        Shape::Integer { min: 0, max: i64::MAX }
    }
}

/// A number without a unit, such as a coefficient of variation or a factor.
pub struct Number {
    min: f64,
    max: f64,
    open: bool,
}

impl Number {
    /// Zero or more.
    pub const NOT_NEGATIVE: Number = Number::between(0.0, f64::MAX);
    /// More than zero.
    pub const POSITIVE: Number = Number { min: 0.0, max: f64::MAX, open: true };
    /// Any finite number.
    pub const ANY: Number = Number::between(f64::MIN, f64::MAX);

    /// From `min` to `max`, both included.
    pub const fn between(min: f64, max: f64) -> Number {
        Number { min, max, open: false }
    }
}

impl Kind for Number {
    type Out = f64;

    fn read(&self, item: &Item<'_>) -> Option<f64> {
        let in_range =
            |number: &f64| (self.min..=self.max).contains(number) && !(self.open && *number == self.min);
        match item.number().filter(in_range) {
            Some(number) => Some(number),
            None if self.open => item.refuse("a number above 0 without a unit, such as `0.8`"),
            None => item.refuse(self.shape().accepted()),
        }
    }

    fn shape(&self) -> Shape {
        Shape::Number { min: self.min, max: self.max }
    }
}

fn read_quantity<T>(
    item: &Item<'_>,
    accepted: &str,
    parse: impl FnOnce(&str) -> Result<T, QuantityError>,
) -> Option<T> {
    let Some(text) = item.text() else {
        if item.number().is_some() {
            item.report(Mistake::new(format!("{} has no unit", item.node.summary())).accepted(accepted));
            return None;
        }
        return item.refuse(accepted);
    };
    match parse(text) {
        Ok(quantity) => Some(quantity),
        Err(error) => {
            item.report(Mistake::new(error.to_string()).accepted(accepted));
            None
        }
    }
}

/// A length of time, to the microsecond.
pub struct Duration {
    positive: bool,
}

impl Duration {
    /// Any length, zero included.
    pub const ANY: Duration = Duration { positive: false };
    /// At least one microsecond.
    pub const POSITIVE: Duration = Duration { positive: true };
}

const DURATION_EXAMPLES: &[&str] = &["4.5 min", "30 s", "1 h 30 min", "2 days"];

impl Kind for Duration {
    type Out = SimSpan;

    fn read(&self, item: &Item<'_>) -> Option<SimSpan> {
        let span = read_quantity(item, DURATION_ACCEPTED, parse_duration)?;
        if self.positive && span == SimSpan::ZERO {
            item.report(Mistake::new("the duration must be longer than zero").accepted(DURATION_ACCEPTED));
            return None;
        }
        Some(span)
    }

    fn shape(&self) -> Shape {
        Shape::Text {
            accepted: DURATION_ACCEPTED,
            examples: DURATION_EXAMPLES,
            pattern: Some("^\\s*[0-9０-９]"),
        }
    }
}

/// A length of time in seconds, not rounded to microseconds: for the parameters of laws.
pub struct Seconds {
    positive: bool,
}

impl Seconds {
    /// Any length, zero included.
    pub const ANY: Seconds = Seconds { positive: false };
    /// More than zero.
    pub const POSITIVE: Seconds = Seconds { positive: true };
}

impl Kind for Seconds {
    type Out = f64;

    fn read(&self, item: &Item<'_>) -> Option<f64> {
        let seconds = read_quantity(item, DURATION_ACCEPTED, parse_seconds)?;
        if self.positive && seconds == 0.0 {
            item.report(Mistake::new("the duration must be longer than zero").accepted(DURATION_ACCEPTED));
            return None;
        }
        Some(seconds)
    }

    fn shape(&self) -> Shape {
        Duration::ANY.shape()
    }
}

/// A signed length of time in seconds, relative to an instant that was planned: "-5 min" is early.
pub struct Offset;

const OFFSET_ACCEPTED: &str =
    "a duration with its unit, such as \"10 min\", with a minus when early, \"-5 min\"";

impl Kind for Offset {
    type Out = f64;

    fn read(&self, item: &Item<'_>) -> Option<f64> {
        read_quantity(item, OFFSET_ACCEPTED, parse_offset_seconds)
    }

    fn shape(&self) -> Shape {
        Shape::Text { accepted: OFFSET_ACCEPTED, examples: &["-5 min", "10 min"], pattern: None }
    }
}

/// A part of a whole.
pub struct Percentage;

impl Kind for Percentage {
    type Out = Share;

    fn read(&self, item: &Item<'_>) -> Option<Share> {
        if let Some(part) = item.number().and_then(Share::from_part) {
            let mistake = Mistake::new(format!("{} is a share without a sign", item.node.summary()));
            item.report(mistake.accepted(format!("\"{part}\" if a part of 1 was meant; {SHARE_ACCEPTED}")));
            return None;
        }
        read_quantity(item, SHARE_ACCEPTED, parse_share)
    }

    fn shape(&self) -> Shape {
        Shape::Text {
            accepted: SHARE_ACCEPTED,
            examples: &["30 %", "1/3"],
            pattern: Some("^\\s*[0-9０-９].*[%％‰/／t]"),
        }
    }
}

/// How often something happens.
pub struct Frequency;

impl Kind for Frequency {
    type Out = Rate;

    fn read(&self, item: &Item<'_>) -> Option<Rate> {
        read_quantity(item, RATE_ACCEPTED, parse_rate)
    }

    fn shape(&self) -> Shape {
        Shape::Text {
            accepted: RATE_ACCEPTED,
            examples: &["60 per hour", "1 per 2 min", "8000 per day"],
            pattern: Some("^\\s*[0-9０-９].*(per|/|／|每|an? )"),
        }
    }
}

/// A time of day, as a text or a bare TOML time, as the instant that long after midnight.
pub struct TimeOfDay;

impl Kind for TimeOfDay {
    type Out = SimTime;

    fn read(&self, item: &Item<'_>) -> Option<SimTime> {
        if let Some(bare) = item.datetime() {
            return match (bare.date, bare.time, bare.offset) {
                (None, Some(time), None) if time.nanosecond.unwrap_or(0) == 0 => {
                    let seconds = u64::from(time.hour) * 3600
                        + u64::from(time.minute) * 60
                        + u64::from(time.second.unwrap_or(0));
                    Some(SimTime::ZERO + SimSpan::from_whole_seconds(seconds))
                }
                _ => item.refuse(CLOCK_ACCEPTED),
            };
        }
        read_quantity(item, CLOCK_ACCEPTED, parse_clock)
    }

    fn shape(&self) -> Shape {
        let text = Shape::Text {
            accepted: CLOCK_ACCEPTED,
            examples: &["07:30", "16:00"],
            pattern: Some("^\\s*[0-9０-９]{1,2}[:：][0-9０-９]{2}([:：][0-9０-９]{2})?\\s*$"),
        };
        Shape::Any(vec![text, Shape::BareTime])
    }
}

/// A part of the day, "08:00-11:30".
pub struct DayPart;

impl Kind for DayPart {
    type Out = ClockInterval;

    fn read(&self, item: &Item<'_>) -> Option<ClockInterval> {
        read_quantity(item, CLOCK_INTERVAL_ACCEPTED, parse_clock_interval)
    }

    fn shape(&self) -> Shape {
        Shape::Text {
            accepted: CLOCK_INTERVAL_ACCEPTED,
            examples: &["08:00-11:30", "13:30-17:00"],
            pattern: None,
        }
    }
}

/// One of some words.
pub struct Choice<T: 'static> {
    /// What is chosen, such as "discipline".
    pub what: &'static str,
    /// Each word, what it stands for, and what it means to the reader of the reference page.
    pub options: &'static [(&'static str, T, &'static str)],
}

impl<T: Copy + Sync> Kind for Choice<T> {
    type Out = T;

    fn read(&self, item: &Item<'_>) -> Option<T> {
        let Some(word) = item.text() else {
            return item.refuse(self.shape().accepted());
        };
        let found = self.options.iter().find(|option| option.0 == word);
        if found.is_none() {
            let mistake = Mistake::new(format!("`{word}` is not a known {}", self.what));
            let names = self.options.iter().map(|option| option.0);
            item.report(mistake.accepted(self.shape().accepted()).nearest(word, names));
        }
        found.map(|option| option.1)
    }

    fn shape(&self) -> Shape {
        Shape::Choice(self.options.iter().map(|option| (option.0, option.2)).collect())
    }

    fn numbers(&self) -> Numbers {
        Numbers::None
    }
}

/// A list of values of one kind; `[[…]]` tables are a list of records.
pub struct List<K> {
    element: K,
    min: usize,
}

impl<K> List<K> {
    /// Any number of elements.
    pub const fn of(element: K) -> List<K> {
        List { element, min: 0 }
    }

    /// At least `min` elements.
    pub const fn at_least(min: usize, element: K) -> List<K> {
        List { element, min }
    }
}

impl<K: Kind> Kind for List<K> {
    type Out = Vec<K::Out>;

    fn read(&self, item: &Item<'_>) -> Option<Vec<K::Out>> {
        let Some(elements) = item.elements() else {
            return item.refuse(self.shape().accepted());
        };
        if elements.len() < self.min {
            let found = match elements.len() {
                0 => "the list is empty".to_owned(),
                1 => "the list has 1 element".to_owned(),
                more => format!("the list has {more} elements"),
            };
            let mistake = Mistake::new(found);
            item.report(mistake.accepted(self.shape().accepted()));
            return None;
        }
        // All elements are read before the first mistake decides.
        let read: Vec<Option<K::Out>> = elements.iter().map(|element| self.element.read(element)).collect();
        read.into_iter().collect()
    }

    fn shape(&self) -> Shape {
        Shape::List { element: Box::new(self.element.shape()), min: self.min }
    }

    /// A list of numbers is one entry of the list of provenance.
    fn numbers(&self) -> Numbers {
        self.element.numbers()
    }
}

/// A table whose keys are names of the user's, in the order of the text: `{ ordinary = "70 %", elderly = "30 %" }`.
/// The evidence keys `source`, `n`, `assumption`, `note` may stand among them, so they are no names.
pub struct Map<K> {
    keys: &'static str,
    is_key: fn(&str) -> bool,
    value: K,
}

impl<K> Map<K> {
    /// Values of one kind under keys that are described by `keys`, such as "names of classes".
    pub const fn of(keys: &'static str, value: K) -> Map<K> {
        Map { keys, is_key: |_| true, value }
    }

    /// Accepts only keys for which this holds; others are reported with the description of the keys.
    pub const fn with_keys(mut self, is_key: fn(&str) -> bool) -> Map<K> {
        self.is_key = is_key;
        self
    }
}

impl<K: Kind> Kind for Map<K> {
    type Out = Vec<(At<String>, K::Out)>;

    fn read(&self, item: &Item<'_>) -> Option<Self::Out> {
        if !item.is_table() {
            return item.refuse(self.shape().accepted());
        }
        item.read_group(evidence_of(item, |_| false), |item| {
            let members = item.members().unwrap_or_default().into_iter();
            let read: Vec<Option<(At<String>, K::Out)>> = members
                .filter(|(key, _)| !super::document::EVIDENCE_KEYS.contains(&key.value.as_str()))
                .map(|(key, member)| {
                    let is_key = (self.is_key)(&key.value);
                    if !is_key {
                        let mistake = Mistake::new(format!("`{}` is not accepted as a key here", key.value));
                        item.report_at(&key.place, mistake.accepted(format!("as keys {}", self.keys)));
                    }
                    member.read_sourced(&self.value).filter(|_| is_key).map(|value| (key, value))
                })
                .collect();
            read.into_iter().collect()
        })
    }

    fn shape(&self) -> Shape {
        let value = match self.value.numbers() {
            Numbers::Within => self.value.shape(),
            Numbers::Itself | Numbers::None => Shape::Sourced(Box::new(self.value.shape())),
        };
        Shape::Map { keys: self.keys, value: Box::new(value) }
    }

    fn numbers(&self) -> Numbers {
        Numbers::Within
    }
}

/// Any kind, with the place where the value stands, for checks that need more than the value.
pub struct Located<K>(
    /// The kind.
    pub K,
);

impl<K: Kind> Kind for Located<K> {
    type Out = At<K::Out>;

    fn read(&self, item: &Item<'_>) -> Option<At<K::Out>> {
        self.0.read(item).map(|value| At { value, place: item.place() })
    }

    fn shape(&self) -> Shape {
        self.0.shape()
    }

    fn numbers(&self) -> Numbers {
        self.0.numbers()
    }
}
