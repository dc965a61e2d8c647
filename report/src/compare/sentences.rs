//! Findings in words: which measure falls or rises, and by how much.

use super::DifferencePart;
use super::reasons::because;
use crate::document::{Figure, Unit};
use crate::figures::{TimeScale, in_unit, show};
use crate::words::{Language, Words};
use std::cmp::Ordering;

/// Sentences at most.
const MOST: usize = 10;

/// A time that changes by less than this share of the longest mean time is no finding, however sure it is.
const LEAST_OF_LONGEST: f64 = 1e-4;

/// Headlines first, then what surely differs, then by how much it differs relative to what it was.
pub(super) fn by_importance(parts: &mut [DifferencePart]) {
    parts.sort_by(order);
}

fn order(a: &DifferencePart, b: &DifferencePart) -> Ordering {
    let weight = |part: &DifferencePart| {
        let (base, alternative) = (part.base.value.unwrap_or(0.0), part.alternative.value.unwrap_or(0.0));
        let larger = base.abs().max(alternative.abs());
        if larger > 0.0 { (alternative - base).abs() / larger } else { 0.0 }
    };
    (b.headline, b.different)
        .cmp(&(a.headline, a.different))
        .then(weight(b).total_cmp(&weight(a)))
        .then(a.id.cmp(&b.id))
}

/// A sentence for each sure difference that somebody could notice: headlines, then mean waits of stations; others only when
/// there are few.
pub(super) fn of(parts: &[DifferencePart]) -> Vec<Words> {
    let times = parts.iter().filter(|part| part.unit == Unit::Seconds);
    let means = times.flat_map(|part| [part.base.value, part.alternative.value]).flatten();
    let longest_s = means.map(f64::abs).fold(0.0, f64::max);
    let sure = parts.iter().filter(|part| part.different && is_large_enough(part, longest_s));
    let mut different: Vec<&DifferencePart> = sure.collect();
    different.sort_by(|a, b| order(a, b));
    let is_main = |part: &&&DifferencePart| part.headline || part.id.ends_with(".wait_time.mean");
    let main: Vec<&DifferencePart> = different.iter().filter(is_main).copied().collect();
    let chosen = if main.len() >= 2 { main } else { different };
    without_repeats(chosen).into_iter().take(MOST).map(of_one).collect()
}

/// Whether a difference, at the end of its interval that is farther from 0, is written with a digit other than 0 and, if it is
/// one of times, is more than next to nothing of the longest there is: milliseconds of a visit of an hour.
fn is_large_enough(part: &DifferencePart, longest_s: f64) -> bool {
    let largest = part.difference.largest();
    if part.unit == Unit::Seconds && largest < LEAST_OF_LONGEST * longest_s {
        return false;
    }
    amounts(largest, largest, part.unit, Language::English).contains(|digit| matches!(digit, '1'..='9'))
}

/// The same without those that move as an earlier one does to the bit: a group of one station says what the station says.
pub(crate) fn without_repeats(parts: Vec<&DifferencePart>) -> Vec<&DifferencePart> {
    let mut kept: Vec<&DifferencePart> = Vec::new();
    for part in parts {
        let repeats = |one: &&DifferencePart| {
            (one.unit, one.base, one.alternative) == (part.unit, part.base, part.alternative)
        };
        if !kept.iter().any(repeats) {
            kept.push(part);
        }
    }
    kept
}

/// The sentence of one sure difference.
pub(crate) fn of_one(part: &DifferencePart) -> Words {
    Words::new(sentence_in(part, Language::English), sentence_in(part, Language::Chinese))
}

/// Two amounts in words, `3.1 to 3.7 min`, in a unit that fits both; one where they are written alike.
fn amounts(low: f64, high: f64, unit: Unit, language: Language) -> String {
    let time = TimeScale::of(high.abs().max(low.abs()));
    let (scale, symbol) = in_unit(unit, time, (" percentage points", "个百分点"), language);
    let (low, high) = (low * scale, high * scale);
    let decimals = decimals(low, high);
    let (low, high) = (format!("{low:.decimals$}"), format!("{high:.decimals$}"));
    match (low == high, language) {
        (true, _) => format!("{high}{symbol}"),
        (false, Language::English) => format!("{low} to {high}{symbol}"),
        (false, Language::Chinese) => format!("{low}–{high}{symbol}"),
    }
}

/// As many as tell the two apart, and two digits at least.
fn decimals(low: f64, high: f64) -> usize {
    let gap = (high - low).abs();
    let fine = if gap > 0.0 { gap } else { high.abs() };
    if fine <= 0.0 || !fine.is_finite() {
        return 0;
    }
    let needed = (-fine.log10().floor()).clamp(0.0, 3.0) as usize;
    if high.abs() < 10.0 { needed.max(1) } else { needed }
}

fn sentence_in(part: &DifferencePart, language: Language) -> String {
    let difference = part.difference.value.unwrap_or(0.0);
    let is_rise = difference > 0.0;
    let name = subject(part, language);
    let verb = match (language, part.unit, is_rise) {
        (Language::English, _, false) => {
            if is_plural(&name) {
                "fall by"
            } else {
                "falls by"
            }
        }
        (Language::English, _, true) => {
            if is_plural(&name) {
                "rise by"
            } else {
                "rises by"
            }
        }
        (Language::Chinese, Unit::Seconds, false) => "缩短",
        (Language::Chinese, Unit::Seconds, true) => "延长",
        (Language::Chinese, Unit::Share, false) => "下降",
        (Language::Chinese, Unit::Share, true) => "上升",
        (Language::Chinese, _, false) => "减少",
        (Language::Chinese, _, true) => "增加",
    };
    let values = {
        let ends = [part.base.value, part.alternative.value].map(|value| value.unwrap_or(0.0));
        let [base, alternative] = told_apart(ends, part.unit, language);
        match language {
            _ if base == alternative => base,
            Language::English => format!("from {base} to {alternative}"),
            Language::Chinese => format!("由{base}变为{alternative}"),
        }
    };
    let space = language.pick(" ", "");
    let (low, high) = match (part.difference.low, part.difference.high) {
        (Some(low), Some(high)) => (low.abs().min(high.abs()), low.abs().max(high.abs())),
        _ => (difference.abs(), difference.abs()),
    };
    let because = because(&part.because, language);
    let crosses = part.difference.low.is_some_and(|low| low < 0.0)
        && part.difference.high.is_some_and(|high| high > 0.0);
    if crosses {
        let about = amounts(difference.abs(), difference.abs(), part.unit, language);
        return match language {
            Language::English => {
                format!(
                    "{name} {verb} about {about} ({values}; that it does is sure, by how much is not){because}."
                )
            }
            Language::Chinese => {
                format!("{name}{verb}约{about}（{values}；方向可信，幅度尚不确定）{because}。")
            }
        };
    }
    let by = amounts(low, high, part.unit, language);
    match language {
        Language::English => format!("{name}{space}{verb} {by} ({values}){because}."),
        Language::Chinese => format!("{name}{verb}{by}（{values}）{because}。"),
    }
}

/// Two values with as many digits as tell them apart.
pub(super) fn told_apart(values: [f64; 2], unit: Unit, language: Language) -> [String; 2] {
    let plain = values.map(|value| show(&Figure::bare(Some(value)), unit, language).value);
    if plain[0] != plain[1] || values[0] == values[1] {
        return plain;
    }
    // An interval as wide as the gap makes them so precise.
    let gap = 0.1 * (values[1] - values[0]).abs();
    values.map(|value| {
        let figure = Figure { value: Some(value), low: Some(value - gap), high: Some(value + gap), n: 2 };
        show(&figure, unit, language).value
    })
}

/// Whether an English subject stands in the plural: `Payments of a visit`, not `Payments (mean)`.
fn is_plural(subject: &str) -> bool {
    let first = subject.split([' ', ',']).next().unwrap_or_default();
    !subject.contains('(') && first.ends_with('s') && !first.ends_with("ss") && first.len() > 3
}

/// `station: mean` becomes `Station (mean)`.
fn subject(part: &DifferencePart, language: Language) -> String {
    let title = part.title.in_language(language);
    let named = match title.rsplit_once(language.pick(": ", "：")) {
        Some((what, how)) => match language {
            Language::English => format!("{what} ({how})"),
            Language::Chinese => format!("{what}（{how}）"),
        },
        None => title.to_owned(),
    };
    let mut chars = named.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(low: f64, high: f64, unit: Unit) -> DifferencePart {
        let figure = |value| Figure { value: Some(value), low: None, high: None, n: 10 };
        DifferencePart {
            id: "registration.wait_time.mean".into(),
            unit,
            title: Words::new("registration, wait: mean", "挂号等候：平均"),
            definition: Words::default(),
            headline: true,
            base: figure(384.0),
            alternative: figure(384.0 + 0.5 * (low + high)),
            difference: Figure { value: Some(0.5 * (low + high)), low: Some(low), high: Some(high), n: 10 },
            relative_difference: None,
            family_p_value: 0.0,
            different: true,
            variance_ratio: None,
            correlation: None,
            because: Vec::new(),
        }
    }

    #[test]
    fn a_finding_says_what_falls_and_between_what() {
        let words = of_one(&part(-222.0, -186.0, Unit::Seconds));
        assert_eq!(words.en, "Registration, wait (mean) falls by 3.1 to 3.7 min (from 6.4 min to 3.0 min).");
        assert_eq!(words.zh, "挂号等候（平均）缩短3.1–3.7 分钟（由6.4 分钟变为3.0 分钟）。");
        let words = of_one(&part(0.02, 0.034, Unit::Share));
        assert!(words.en.contains("rises by 2.0 to 3.4 percentage points"), "{}", words.en);
        assert!(words.zh.contains("上升2.0–3.4个百分点"), "{}", words.zh);
    }

    #[test]
    fn a_difference_too_small_to_be_written_or_noticed_is_no_finding() {
        let parts = [part(1e-6, 3e-6, Unit::Seconds), part(1e-7, 2e-7, Unit::Share)];
        assert_eq!(of(&parts), []);
        // Of the 6.4 minutes that are the longest here, a ten-thousandth is 0.04 s.
        let told = of(&[part(0.02, 0.05, Unit::Seconds), part(0.02, 0.03, Unit::Seconds)]);
        assert_eq!(told.len(), 1);
        assert!(told[0].en.contains("rises by 20 to 50 ms"), "{}", told[0].en);
        // Where everything takes milliseconds, milliseconds are told.
        let short = |low, high| {
            let figure = Figure::bare(Some(0.004));
            DifferencePart { base: figure, alternative: figure, ..part(low, high, Unit::Seconds) }
        };
        assert_eq!(of(&[short(2e-3, 4e-3)]).len(), 1);
    }

    #[test]
    fn an_amount_that_is_not_sure_is_not_given_as_a_range() {
        let words = of_one(&part(-100.0, 4.0, Unit::Seconds));
        assert!(words.en.contains("falls by about 48 s") && words.en.contains("is not"), "{}", words.en);
    }

    #[test]
    fn subjects_in_the_plural_have_their_verb_and_values_their_digits() {
        let visits = DifferencePart {
            title: Words::new("visits that need another trip", "需再跑一趟占比"),
            base: Figure::bare(Some(0.0352)),
            alternative: Figure::bare(Some(0.0354)),
            ..part(0.0001, 0.0003, Unit::Share)
        };
        let said = of_one(&visits).en;
        assert!(said.starts_with("Visits that need another trip rise by"), "{said}");
        assert!(said.contains("from 3.52 % to 3.54 %"), "{said}");
    }

    #[test]
    fn amounts_have_digits_that_tell_them_apart() {
        let en = |low, high, unit| amounts(low, high, unit, Language::English);
        assert_eq!(en(5.0, 6.0, Unit::Seconds), "5.0 to 6.0 s");
        assert_eq!(en(1234.0, 1301.0, Unit::Count), "1234 to 1301");
        assert_eq!(en(30.0, 30.0, Unit::Count), "30");
        assert_eq!(en(0.0001, 0.0004, Unit::Share), "0.01 to 0.04 percentage points");
    }
}
