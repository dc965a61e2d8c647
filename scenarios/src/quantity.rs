//! Quantities as a person writes them: a number and its unit, always both ("4.5 min", "30 %", "60 per hour", "07:30").
//!
//! Units are required so that no figure can be read in the wrong one. Every reader has a writer whose text reads back
//! to the same value. Units may be English or Chinese; full-width signs (％, ：) count as their narrow forms.

use onetrip_sim::time::{SimSpan, SimTime};
use serde::{Deserialize, Serialize};
use std::fmt;
use thiserror::Error;

/// What durations look like, for messages and reference pages.
pub const DURATION_ACCEPTED: &str = "a duration with its unit, such as \"4.5 min\", \"30 s\", \"1 h 30 min\", \"2 days\", \"150 ms\", \"5 分钟\"";
/// What shares look like.
pub const SHARE_ACCEPTED: &str = "a share from 0 % to 100 %, such as \"30 %\", \"2.5 %\" or \"1/3\"";
/// What rates look like.
pub const RATE_ACCEPTED: &str =
    "a rate, such as \"60 per hour\", \"1 per 2 min\", \"8000 per day\" or \"60 / 小时\"";
/// What clock times look like.
pub const CLOCK_ACCEPTED: &str =
    "a time of day from \"00:00\" to \"24:00\", such as \"07:30\" or \"07:30:15\"";
/// What clock intervals look like.
pub const CLOCK_INTERVAL_ACCEPTED: &str = "a part of the day, such as \"08:00-11:30\"";

/// Why a text is not the quantity that was asked for. The message names what was found wrong; what would be accepted
/// is in the `*_ACCEPTED` texts.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum QuantityError {
    /// There is no text.
    #[error("nothing is written")]
    Empty,
    /// The text does not begin with a number.
    #[error("`{text}` is not a number")]
    NotANumber {
        /// The part that should have been a number.
        text: String,
    },
    /// There is a comma, which some read as a decimal point and others as a mark of thousands.
    #[error("`{text}` has a comma; a decimal part is set off by a point, and thousands by nothing")]
    Comma {
        /// The text as written.
        text: String,
    },
    /// A number stands alone.
    #[error("`{number}` has no unit")]
    NoUnit {
        /// The number as written.
        number: String,
    },
    /// The unit is none of the known ones.
    #[error("`{unit}` is not a unit of {quantity}")]
    UnknownUnit {
        /// The unit as written.
        unit: String,
        /// What is being measured.
        quantity: &'static str,
    },
    /// The quantity is below zero.
    #[error("`{text}` is negative")]
    Negative {
        /// The text as written.
        text: String,
    },
    /// In "1 h 30 min" each unit must be smaller than the one before.
    #[error("`{unit}` comes after a unit that is not larger")]
    UnitOrder {
        /// The unit that is out of order.
        unit: String,
    },
    /// The quantity is outside the range that can be held.
    #[error("`{text}` is out of range: {range}")]
    OutOfRange {
        /// The text as written.
        text: String,
        /// The range.
        range: &'static str,
    },
    /// The text has not the form of this quantity at all.
    #[error("`{text}` is not {quantity}")]
    Form {
        /// The text as written.
        text: String,
        /// What is being measured, with its article.
        quantity: &'static str,
    },
}

/// How often something happens. Zero is allowed and means never.
#[derive(Clone, Copy, PartialEq, PartialOrd, Debug, Serialize, Deserialize)]
pub struct Rate {
    per_hour: f64,
}

impl Rate {
    /// A rate of `count` happenings an hour; `None` when that is negative or not finite.
    pub fn from_per_hour(count: f64) -> Option<Rate> {
        (count.is_finite() && count >= 0.0).then_some(Rate { per_hour: count })
    }

    /// Happenings an hour.
    pub fn per_hour(self) -> f64 {
        self.per_hour
    }

    /// Happenings a second.
    pub fn per_second(self) -> f64 {
        self.per_hour / 3600.0
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} per hour", self.per_hour)
    }
}

/// A part of a whole, from 0 to 1 inclusive.
#[derive(Clone, Copy, PartialEq, PartialOrd, Debug, Serialize, Deserialize)]
pub struct Share(f64);

impl Share {
    /// Nothing of the whole.
    pub const NONE: Share = Share(0.0);
    /// All of it.
    pub const ALL: Share = Share(1.0);

    /// The share `part` (0 to 1); `None` outside that range.
    pub fn from_part(part: f64) -> Option<Share> {
        (0.0..=1.0).contains(&part).then_some(Share(part))
    }

    /// The share as a number from 0 to 1.
    pub fn part(self) -> f64 {
        self.0
    }
}

/// Whether shares that add up to this are those of one whole: to a tenth of a percent, a matter of rounding.
pub(crate) fn is_whole(sum: f64) -> bool {
    (sum - 1.0).abs() <= 0.001 + 1e-9
}

impl fmt::Display for Share {
    /// In percent, or as a bare part of 1 written "…/1" where a percentage would not read back to the same number.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = self.0 * 100.0;
        if percent / 100.0 == self.0 { write!(f, "{percent} %") } else { write!(f, "{}/1", self.0) }
    }
}

/// A part of one day, from a time of day to a later one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct ClockInterval {
    /// When it begins, from midnight.
    pub from: SimTime,
    /// When it ends (exclusive), after `from`, at most 24:00.
    pub to: SimTime,
}

struct Unit {
    names: &'static [&'static str],
    micros: f64,
}

/// Largest first: a compound duration goes down this list.
const UNITS: &[Unit] = &[
    Unit { names: &["week", "weeks", "wk", "周", "星期"], micros: 604_800e6 },
    Unit { names: &["day", "days", "d", "天", "日"], micros: 86_400e6 },
    Unit { names: &["h", "hour", "hours", "hr", "hrs", "小时", "个小时", "时"], micros: 3_600e6 },
    Unit { names: &["min", "minute", "minutes", "mins", "分钟", "分"], micros: 60e6 },
    Unit { names: &["s", "second", "seconds", "sec", "secs", "秒", "秒钟"], micros: 1e6 },
    Unit { names: &["ms", "millisecond", "milliseconds", "毫秒"], micros: 1e3 },
    Unit { names: &["us", "µs", "μs", "microsecond", "microseconds", "微秒"], micros: 1.0 },
];

/// Below this many microseconds (285 years) a float still holds every whole one.
const LONGEST_MICROS: f64 = 9_007_199_254_740_992.0;

fn unit_index(name: &str) -> Option<usize> {
    let lower = name.to_lowercase();
    UNITS.iter().position(|unit| unit.names.contains(&lower.as_str()))
}

/// The text with narrow signs, unless it is no non-negative quantity on the first look.
fn quantity_text(text: &str) -> Result<String, QuantityError> {
    let whole = normalised(text);
    match whole.chars().next() {
        None => Err(QuantityError::Empty),
        Some('-') => Err(QuantityError::Negative { text: whole }),
        _ if whole.contains([',', '，']) => Err(QuantityError::Comma { text: whole }),
        _ => Ok(whole),
    }
}

fn normalised(text: &str) -> String {
    text.trim()
        .chars()
        .map(|c| match c {
            '％' => '%',
            '：' => ':',
            '／' => '/',
            '－' | '–' | '—' | '−' | '～' => '-',
            '\u{3000}' | '\u{a0}' => ' ',
            '０'..='９' => char::from(b'0' + (u32::from(c) - u32::from('０')) as u8),
            '．' => '.',
            other => other,
        })
        .collect()
}

/// Splits a leading decimal or fraction off `text`: its value, its own text, and the rest.
fn leading_number(text: &str) -> Option<(f64, &str, &str)> {
    let (first, first_text, rest) = leading_decimal(text)?;
    if let Some(below) = rest.strip_prefix('/')
        && let Some((second, _, after)) = leading_decimal(below)
        && second > 0.0
    {
        return Some((first / second, text[..text.len() - after.len()].trim(), after));
    }
    Some((first, first_text, rest))
}

fn leading_decimal(text: &str) -> Option<(f64, &str, &str)> {
    let bytes = text.as_bytes();
    let digits_from = |start: usize| {
        bytes[start..].iter().take_while(|b| b.is_ascii_digit() || **b == b'_').count() + start
    };
    let mut end = digits_from(0);
    if end == 0 || bytes[0] == b'_' {
        return None;
    }
    if bytes.get(end) == Some(&b'.') && bytes.get(end + 1).is_some_and(u8::is_ascii_digit) {
        end = digits_from(end + 1);
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        if bytes.get(end + 1 + sign).is_some_and(u8::is_ascii_digit) {
            end = digits_from(end + 1 + sign);
        }
    }
    let value: f64 = text[..end].replace('_', "").parse().ok()?;
    value.is_finite().then(|| (value, &text[..end], &text[end..]))
}

/// Reads a length of time of at least zero, to the nearest microsecond.
///
/// Several numbers with falling units add up ("1 h 30 min"). A number may be a fraction ("1/3 min").
///
/// # Errors
/// When a number or unit is missing or unknown, the length is negative, or longer than 285 years.
pub fn parse_duration(text: &str) -> Result<SimSpan, QuantityError> {
    let micros = parse_micros(text)?;
    Ok(SimSpan::from_micros(micros.round() as u64))
}

/// Reads a length of time as seconds, without rounding to microseconds; see [`parse_duration`].
///
/// # Errors
/// As [`parse_duration`].
pub fn parse_seconds(text: &str) -> Result<f64, QuantityError> {
    Ok(parse_micros(text)? / 1e6)
}

fn parse_micros(text: &str) -> Result<f64, QuantityError> {
    let whole = quantity_text(text)?;
    let mut rest = whole.as_str();
    let (mut micros, mut last_unit) = (0.0, None);
    while !rest.is_empty() {
        let (number, number_text, after) =
            leading_number(rest).ok_or_else(|| QuantityError::NotANumber { text: rest.to_owned() })?;
        let after = after.trim_start();
        let unit_len = after.find(|c: char| c.is_whitespace() || c.is_ascii_digit()).unwrap_or(after.len());
        let name = &after[..unit_len];
        if name.is_empty() {
            return Err(QuantityError::NoUnit { number: number_text.to_owned() });
        }
        let unit = unit_index(name)
            .ok_or_else(|| QuantityError::UnknownUnit { unit: name.to_owned(), quantity: "time" })?;
        if last_unit.is_some_and(|last| unit <= last) {
            return Err(QuantityError::UnitOrder { unit: name.to_owned() });
        }
        last_unit = Some(unit);
        micros += number * UNITS[unit].micros;
        rest = after[unit_len..].trim_start();
    }
    if micros > LONGEST_MICROS {
        return Err(QuantityError::OutOfRange { text: whole, range: "at most 285 years" });
    }
    Ok(micros)
}

/// Reads a signed length of time in seconds: "-5 min" is five minutes early, "5 min" late.
///
/// # Errors
/// As [`parse_duration`], except that a leading minus is allowed.
pub fn parse_offset_seconds(text: &str) -> Result<f64, QuantityError> {
    let whole = normalised(text);
    match whole.strip_prefix('-') {
        Some(rest) => parse_seconds(rest).map(|seconds| -seconds),
        None => parse_seconds(whole.strip_prefix('+').unwrap_or(&whole)),
    }
}

/// Writes a duration so that [`parse_duration`] reads the same span back: falling units, no fractions.
pub fn write_duration(span: SimSpan) -> String {
    let names = ["days", "h", "min", "s", "ms", "us"];
    let mut rest = span.as_micros();
    let mut parts = Vec::new();
    for (unit, name) in UNITS[1..].iter().zip(names) {
        let size = unit.micros as u64;
        if rest >= size {
            let count = rest / size;
            rest %= size;
            parts.push(if name == "days" && count == 1 { "1 day".into() } else { format!("{count} {name}") });
        }
    }
    if parts.is_empty() { "0 s".to_owned() } else { parts.join(" ") }
}

/// Reads a share: a percentage ("30 %"), a permillage ("3 ‰") or a fraction ("1/3").
///
/// # Errors
/// When the sign is missing, or the share lies outside 0 to 100 %.
pub fn parse_share(text: &str) -> Result<Share, QuantityError> {
    let whole = quantity_text(text)?;
    let (number, number_text, rest) =
        leading_number(&whole).ok_or_else(|| QuantityError::NotANumber { text: whole.clone() })?;
    let part = match rest.trim() {
        "%" | "percent" => number / 100.0,
        "‰" => number / 1000.0,
        "" if number_text.contains('/') => number,
        "" => return Err(QuantityError::NoUnit { number: number_text.to_owned() }),
        other => return Err(QuantityError::UnknownUnit { unit: other.to_owned(), quantity: "share" }),
    };
    Share::from_part(part)
        .ok_or_else(|| QuantityError::OutOfRange { text: whole.clone(), range: "0 % to 100 %" })
}

/// Reads a rate: "60 per hour", "1 per 2 min", "60/h", "8000 / 天".
///
/// # Errors
/// When the number, the word "per" (or "/", "每"), or the unit of time is missing or unknown.
pub fn parse_rate(text: &str) -> Result<Rate, QuantityError> {
    let whole = quantity_text(text)?;
    let (number, number_text, rest) =
        leading_number(&whole).ok_or_else(|| QuantityError::NotANumber { text: whole.clone() })?;
    let rest = rest.trim_start();
    if rest.is_empty() {
        return Err(QuantityError::NoUnit { number: number_text.to_owned() });
    }
    let per = ["per ", "/", "每", "a ", "an "].iter().find_map(|word| rest.strip_prefix(word));
    let Some(per) = per.map(str::trim) else {
        return Err(QuantityError::UnknownUnit { unit: rest.to_owned(), quantity: "rate" });
    };
    let micros = if per.starts_with(|c: char| c.is_ascii_digit()) {
        parse_micros(per)?
    } else {
        let unit = unit_index(per)
            .ok_or_else(|| QuantityError::UnknownUnit { unit: per.to_owned(), quantity: "time" })?;
        UNITS[unit].micros
    };
    Rate::from_per_hour(number * (3_600e6 / micros))
        .ok_or(QuantityError::OutOfRange { text: whole, range: "per a time longer than zero" })
}

/// Reads a time of day, "07:30" or "07:30:15", up to "24:00", as the instant that long after midnight.
///
/// # Errors
/// When the text is not two or three numbers of two digits with colons, or past 24:00.
pub fn parse_clock(text: &str) -> Result<SimTime, QuantityError> {
    let whole = normalised(text);
    let form = || QuantityError::Form { text: whole.clone(), quantity: "a time of day" };
    let fields: Vec<&str> = whole.split(':').collect();
    if !(2..=3).contains(&fields.len()) {
        return Err(form());
    }
    let mut numbers = [0_u64; 3];
    for (index, (number, field)) in numbers.iter_mut().zip(&fields).enumerate() {
        let digits = if index == 0 { 1..=2 } else { 2..=2 };
        if !digits.contains(&field.len()) || !field.bytes().all(|b| b.is_ascii_digit()) {
            return Err(form());
        }
        *number = field.parse().map_err(|_| form())?;
    }
    let [hours, minutes, seconds] = numbers;
    let total = hours * 3600 + minutes * 60 + seconds;
    if minutes > 59 || seconds > 59 || total > 24 * 3600 {
        return Err(QuantityError::OutOfRange { text: whole, range: "00:00 to 24:00" });
    }
    Ok(SimTime::ZERO + SimSpan::from_whole_seconds(total))
}

/// Writes a time of day as [`parse_clock`] reads it; parts of a second are dropped.
pub fn write_clock(at: SimTime) -> String {
    let seconds = at.as_micros() / 1_000_000;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if seconds == 0 {
        format!("{hours:02}:{minutes:02}")
    } else {
        format!("{hours:02}:{minutes:02}:{seconds:02}")
    }
}

/// Reads a part of the day, "08:00-11:30".
///
/// # Errors
/// When an end is missing or wrong, or the interval does not end after it begins.
pub fn parse_clock_interval(text: &str) -> Result<ClockInterval, QuantityError> {
    let whole = normalised(text);
    let (from, to) = whole
        .split_once('-')
        .or_else(|| whole.split_once(" to "))
        .or_else(|| whole.split_once('至'))
        .ok_or_else(|| QuantityError::Form { text: whole.clone(), quantity: "a part of the day" })?;
    let interval = ClockInterval { from: parse_clock(from)?, to: parse_clock(to)? };
    if interval.to <= interval.from {
        return Err(QuantityError::OutOfRange { text: whole, range: "its end must be later than its start" });
    }
    Ok(interval)
}

impl fmt::Display for ClockInterval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", write_clock(self.from), write_clock(self.to))
    }
}

#[cfg(test)]
mod tests;
