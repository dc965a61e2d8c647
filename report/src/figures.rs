//! Figures as a person writes them: a handful of digits, a unit that fits, an interval as ±.

use crate::document::{Figure, Finding, Unit};
use crate::words::Language;

/// The unit a duration is shown in: the largest that leaves the figure above one or two.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TimeScale {
    /// Milliseconds.
    Milliseconds,
    /// Seconds.
    Seconds,
    /// Minutes.
    Minutes,
    /// Hours.
    Hours,
    /// Days.
    Days,
}

impl TimeScale {
    /// The scale that fits a duration.
    pub fn of(seconds: f64) -> TimeScale {
        match seconds.abs() {
            length if length > 0.0 && length < 0.1 => TimeScale::Milliseconds,
            length if length < 60.0 => TimeScale::Seconds,
            length if length < 120.0 * 60.0 => TimeScale::Minutes,
            length if length < 48.0 * 3600.0 => TimeScale::Hours,
            _ => TimeScale::Days,
        }
    }

    /// Seconds in one of it.
    pub fn seconds(self) -> f64 {
        match self {
            TimeScale::Milliseconds => 1e-3,
            TimeScale::Seconds => 1.0,
            TimeScale::Minutes => 60.0,
            TimeScale::Hours => 3600.0,
            TimeScale::Days => 86_400.0,
        }
    }

    /// Its symbol.
    pub fn symbol(self, language: Language) -> &'static str {
        match self {
            TimeScale::Milliseconds => language.pick("ms", "毫秒"),
            TimeScale::Seconds => language.pick("s", "秒"),
            TimeScale::Minutes => language.pick("min", "分钟"),
            TimeScale::Hours => language.pick("h", "小时"),
            TimeScale::Days => language.pick("days", "天"),
        }
    }
}

/// A figure in parts, so that a table can set the interval apart.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shown {
    /// Value with unit, `6.4 min`; a dash where there is none.
    pub value: String,
    /// Half of the interval in the unit of the value, `±0.2`; empty where there is none.
    pub plus_minus: String,
}

/// Decimals that a half-width of this size leaves meaningful, at most two.
fn decimals_beside(half_width: f64) -> usize {
    if half_width <= 0.0 || !half_width.is_finite() {
        return 2;
    }
    (-half_width.log10().floor()).clamp(0.0, 2.0) as usize
}

/// Decimals for a value of which nothing else is known: two or three digits in all.
fn decimals_alone(value: f64) -> usize {
    if value == 0.0 || value.abs() >= 10.0 { 0 } else { 1 }
}

fn grouped(value: f64, decimals: usize) -> String {
    let text = format!("{:.decimals$}", value.abs());
    let (whole, rest) = text.split_once('.').map_or((text.as_str(), ""), |(whole, rest)| (whole, rest));
    let mut out = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if !rest.is_empty() {
        out.push('.');
        out.push_str(rest);
    }
    let is_zero = out.bytes().all(|byte| matches!(byte, b'0' | b'.' | b','));
    if value < 0.0 && !is_zero { format!("-{out}") } else { out }
}

/// Half of an interval; what would be shown as nothing is less than the last digit.
fn plus_minus(half_width: f64, decimals: usize) -> String {
    let last_digit = 10_f64.powi(-(decimals as i32));
    if half_width > 0.0 && half_width < 0.5 * last_digit {
        return format!("±<{}", grouped(last_digit, decimals));
    }
    format!("±{}", grouped(half_width, decimals))
}

/// A whole number with its thousands apart.
pub fn count(value: u64) -> String {
    grouped(value as f64, 0)
}

/// So many things, in English: `1 station`, `2,000 days`.
pub fn counted(number: u64, one: &str, several: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { several })
}

/// A figure with its unit.
pub fn show(figure: &Figure, unit: Unit, language: Language) -> Shown {
    let Some(value) = figure.value else {
        return Shown { value: "–".to_owned(), plus_minus: String::new() };
    };
    let (scale, symbol) = in_unit(unit, time_scale(figure, value), (" %", "%"), language);
    shown(figure, value, (scale, &symbol))
}

/// The scale for a figure, were it a time: one that fits its interval too.
fn time_scale(figure: &Figure, value: f64) -> TimeScale {
    TimeScale::of(figure.reach().unwrap_or(0.0).max(value.abs()))
}

/// What a figure in a unit is multiplied by, and the symbol behind it; `share` is that of a share.
pub(crate) fn in_unit(unit: Unit, time: TimeScale, share: (&str, &str), language: Language) -> (f64, String) {
    match unit {
        Unit::Seconds => (1.0 / time.seconds(), format!(" {}", time.symbol(language))),
        Unit::Share => (100.0, language.pick(share.0, share.1).to_owned()),
        Unit::Count => (1.0, String::new()),
        Unit::PerHour => (1.0, language.pick(" /h", " /小时").to_owned()),
    }
}

/// The symbol of a difference of shares.
pub(crate) const POINTS: (&str, &str) = (" pp", "个百分点");

fn shown(figure: &Figure, value: f64, (scale, symbol): (f64, &str)) -> Shown {
    let scaled = value * scale;
    let half_width = figure.reach().map(|half| half * scale);
    // Three digits are enough for anybody.
    let at_most = if scaled.abs() < 10.0 { 2 } else { usize::from(scaled.abs() < 100.0) };
    let decimals = half_width.map_or_else(|| decimals_alone(scaled), decimals_beside).min(at_most);
    Shown {
        value: format!("{}{symbol}", grouped(scaled, decimals)),
        plus_minus: half_width.map_or_else(String::new, |half| plus_minus(half, decimals)),
    }
}

/// A figure with its interval on one line: `6.4 ±0.2 min`.
pub fn show_with_interval(figure: &Figure, unit: Unit, language: Language) -> String {
    with_interval(show(figure, unit, language))
}

/// An effect with its unit and half-width; one on a share is in percentage points.
pub(crate) fn show_effect(figure: &Figure, unit: Unit, language: Language) -> String {
    let Some(value) = figure.value else { return show(figure, unit, language).value };
    let (scale, symbol) = in_unit(unit, time_scale(figure, value), POINTS, language);
    with_interval(shown(figure, value, (scale, &symbol)))
}

fn with_interval(Shown { value, plus_minus }: Shown) -> String {
    if plus_minus.is_empty() {
        return value;
    }
    let is_digit = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | '-');
    let end = value.find(|c| !is_digit(c)).unwrap_or(value.len());
    format!("{} {plus_minus}{}", &value[..end], &value[end..])
}

/// A duration without an interval.
pub fn duration(seconds: f64, language: Language) -> String {
    show(&Figure::bare(Some(seconds)), Unit::Seconds, language).value
}

/// A share without an interval.
pub fn share(value: f64, language: Language) -> String {
    show(&Figure::bare(Some(value)), Unit::Share, language).value
}

/// A share as a whole percentage; less than a half of one is not said to be nothing.
pub fn whole_percent(value: f64, language: Language) -> String {
    let sign = language.pick(" %", "%");
    if value > 0.0 && value < 0.005 { format!("<1{sign}") } else { format!("{:.0}{sign}", value * 100.0) }
}

/// A time of day, `08:41`; with the day in front after the first midnight.
pub fn clock(seconds: f64, language: Language) -> String {
    let minutes = (seconds / 60.0).floor().max(0.0) as u64;
    let (day, hour, minute) = (minutes / 1440, minutes / 60 % 24, minutes % 60);
    match (day, language) {
        (0, _) => format!("{hour:02}:{minute:02}"),
        (_, Language::English) => format!("day {} {hour:02}:{minute:02}", day + 1),
        (_, Language::Chinese) => format!("第{}天 {hour:02}:{minute:02}", day + 1),
    }
}

/// A bar or an answer: `10 min`, `yes`, `4`, or how many words.
pub fn finding(finding: &Finding, unit: Option<Unit>, language: Language) -> String {
    match finding {
        Finding::Number(value) => {
            let scaled = match unit {
                Some(Unit::Seconds) => value / TimeScale::of(*value).seconds(),
                Some(Unit::Share) => value * 100.0,
                _ => *value,
            };
            let text = grouped(scaled, 2);
            let short =
                if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
            match unit {
                Some(Unit::Seconds) => format!("{short} {}", TimeScale::of(*value).symbol(language)),
                Some(Unit::Share) => format!("{short}{}", language.pick(" %", "%")),
                Some(Unit::PerHour) => format!("{short}{}", language.pick(" /h", " /小时")),
                _ => short.to_owned(),
            }
        }
        Finding::Flag(true) => language.pick("yes", "有").to_owned(),
        Finding::Flag(false) => language.pick("no", "无").to_owned(),
        Finding::Words(words) => match language {
            Language::English if words.len() == 1 => "1 thing".to_owned(),
            Language::English => format!("{} things", words.len()),
            Language::Chinese => format!("{}项", words.len()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(value: f64, half: f64) -> Figure {
        Figure { value: Some(value), low: Some(value - half), high: Some(value + half), n: 10 }
    }

    #[test]
    fn durations_have_a_unit_that_fits_and_digits_that_the_interval_allows() {
        let shown = |value, half| show_with_interval(&figure(value, half), Unit::Seconds, Language::English);
        assert_eq!(shown(386.0, 12.6), "6.4 ±0.2 min");
        assert_eq!(shown(381.0, 1.2), "6.35 ±0.02 min");
        assert_eq!(shown(38.2, 2.4), "38 ±2 s");
        assert_eq!(shown(9.0, 0.001), "9.00 ±<0.01 s");
        assert_eq!(shown(8_000.0, 400.0), "2.2 ±0.1 h");
        assert_eq!(shown(0.004, 0.0002), "4.0 ±0.2 ms");
        assert_eq!(shown(0.004, 3.0), "0 ±3 s");
        assert_eq!(duration(3.84, Language::Chinese), "3.8 秒");
        assert_eq!(duration(5_400.0, Language::Chinese), "90 分钟");
        assert_eq!(duration(0.0, Language::English), "0 s");
    }

    #[test]
    fn shares_counts_and_missing_figures_are_plain() {
        assert_eq!(show_with_interval(&figure(0.824, 0.011), Unit::Share, Language::Chinese), "82 ±1%");
        assert_eq!(show(&Figure::bare(Some(8213.0)), Unit::Count, Language::English).value, "8,213");
        assert_eq!(show(&Figure::default(), Unit::Count, Language::English).value, "–");
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(grouped(-0.001, 1), "0.0");
        assert_eq!(
            [0.0, 0.004, 0.32].map(|share| whole_percent(share, Language::English)),
            ["0 %", "<1 %", "32 %"]
        );
    }

    #[test]
    fn instants_are_times_of_day() {
        assert_eq!(clock(31_290.0, Language::English), "08:41");
        assert_eq!(clock(31_290.0 + 86_400.0, Language::Chinese), "第2天 08:41");
    }

    #[test]
    fn bars_are_written_without_needless_zeros() {
        let bar = |value, unit| finding(&Finding::Number(value), Some(unit), Language::English);
        assert_eq!(bar(600.0, Unit::Seconds), "10 min");
        assert_eq!(bar(165.6, Unit::Seconds), "2.76 min");
        assert_eq!(bar(0.9825, Unit::Share), "98.25 %");
        assert_eq!(bar(5.0, Unit::Count), "5");
        assert_eq!(finding(&Finding::Flag(false), None, Language::Chinese), "无");
    }
}
