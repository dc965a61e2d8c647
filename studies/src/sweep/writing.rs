//! How the values of a variable are written: `3,5,8`, `1..10 step 3`, `2 min..6 min in 5`, `0.5..50 log`.

use onetrip_scenarios::quantity::parse_seconds;

/// Values of a continuous range on a grid, unless it says how many.
pub(super) const GRID_COUNT: usize = 5;

/// Why a variable cannot be used.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("`{text}`: {found}; accepted: {accepted}")]
pub struct VariableError {
    /// As it was written.
    pub text: String,
    /// What is wrong.
    pub found: String,
    /// What would be accepted.
    pub accepted: String,
}

/// What was found wrong, and what would be accepted.
pub(super) type Refusal = (String, String);

/// Values as they were written.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Written {
    /// These and no others.
    List {
        /// The unit, where all are numbers with the same one.
        unit: String,
        /// As numbers, where all are numbers.
        numbers: Option<Vec<f64>>,
        /// As written.
        texts: Vec<String>,
    },
    /// Everything from one end to the other.
    Range {
        /// The unit; empty for plain numbers.
        unit: String,
        /// Smallest.
        low: f64,
        /// Largest.
        high: f64,
        /// Whole numbers only.
        is_whole: bool,
        /// Evenly in the logarithm.
        is_log: bool,
        /// How far apart on the way; everything between where absent.
        step: Option<f64>,
        /// How many on a grid.
        grid_count: Option<usize>,
    },
}

const RANGE_ACCEPTED: &str = "two numbers with their unit, such as `1..10`, `1..10 step 3`, `2 min..6 min`, \
                              `2 min..6 min in 9` or `1 min..60 min log`";
const LIST_ACCEPTED: &str =
    "values between commas, such as `1,2,4` or `fifo,lifo`, or a range, such as `1..10` or `2 min..6 min`";

/// Reads values.
pub(super) fn read(text: &str) -> Result<Written, Refusal> {
    let parts = split(text);
    match parts.iter().position(|part| part.contains("..")) {
        Some(_) if parts.len() == 1 => range(text.trim()),
        Some(at) => Err((
            format!("`{}` is a range within a list", parts[at].trim()),
            "either a list or one range".to_owned(),
        )),
        None => list(&parts),
    }
}

/// The parts between commas that stand in no quotes or brackets.
fn split(text: &str) -> Vec<&str> {
    let (mut parts, mut start, mut depth, mut is_quoted) = (Vec::new(), 0, 0_i32, false);
    for (at, c) in text.char_indices() {
        match c {
            '"' => is_quoted = !is_quoted,
            '{' | '[' | '(' if !is_quoted => depth += 1,
            '}' | ']' | ')' if !is_quoted => depth -= 1,
            ',' if !is_quoted && depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

fn list(parts: &[&str]) -> Result<Written, Refusal> {
    let texts: Vec<String> = parts.iter().map(|part| part.trim().to_owned()).collect();
    let accepted = || LIST_ACCEPTED.to_owned();
    if texts.iter().all(String::is_empty) {
        return Err(("no value is given".to_owned(), accepted()));
    }
    if texts.iter().any(String::is_empty) {
        return Err(("a value is missing between two commas".to_owned(), accepted()));
    }
    if let [only] = texts.as_slice() {
        let use_set = "at least two values; `--set` sets a single one".to_owned();
        return Err((format!("`{only}` is a single value"), use_set));
    }
    if let Some(twice) = texts.iter().enumerate().find(|(at, text)| texts[..*at].contains(text)) {
        return Err((format!("`{}` is listed twice", twice.1), "each value once".to_owned()));
    }
    let numbers = same_unit(&texts);
    let (unit, numbers) = numbers.map_or((String::new(), None), |(unit, numbers)| (unit, Some(numbers)));
    if let Some(numbers) = &numbers
        && let Some(at) = (1..numbers.len()).find(|&at| numbers[..at].contains(&numbers[at]))
    {
        return Err((format!("`{}` is listed twice", texts[at]), "each value once".to_owned()));
    }
    Ok(Written::List { unit, numbers, texts })
}

/// The numbers of some texts in one unit: the one they share, or seconds where all are durations.
fn same_unit(texts: &[String]) -> Option<(String, Vec<f64>)> {
    let read: Option<Vec<(f64, &str)>> = texts.iter().map(|text| number_and_unit(text)).collect();
    if let Some(read) = read
        && read.iter().all(|(_, unit)| *unit == read[0].1)
    {
        return Some((read[0].1.to_owned(), read.iter().map(|(number, _)| *number).collect()));
    }
    let seconds: Option<Vec<f64>> = texts.iter().map(|text| parse_seconds(text).ok()).collect();
    Some(("s".to_owned(), seconds?))
}

/// `4.5 min` as 4.5 and `min`. The unit has no digits but in a rate, `1 per 6 min`.
fn number_and_unit(text: &str) -> Option<(f64, &str)> {
    let is_number = |c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | '+');
    let end = text.find(|c| !is_number(c)).unwrap_or(text.len());
    let number = text[..end].parse::<f64>().ok().filter(|number| number.is_finite())?;
    let unit = text[end..].trim();
    let is_rate = ["per ", "/ "].iter().any(|start| unit.starts_with(start));
    (is_rate || !unit.contains(|c: char| c.is_ascii_digit() || "\"{}[]=,".contains(c)))
        .then_some((number, unit))
}

fn range(text: &str) -> Result<Written, Refusal> {
    let refused = |found: String| (found, RANGE_ACCEPTED.to_owned());
    let (text, is_log) = match text.strip_suffix(" log") {
        Some(rest) => (rest.trim_end(), true),
        None => (text, false),
    };
    let (text, grid_count) = match text.rsplit_once(" in ") {
        Some((rest, count)) => {
            let count = count.trim();
            let read = count.parse::<usize>().ok().filter(|count| *count >= 2);
            (
                rest,
                Some(read.ok_or_else(|| refused(format!("`in {count}` is no number of values from 2 on")))?),
            )
        }
        None => (text, None),
    };
    let (text, step_text) = match text.rsplit_once(" step ") {
        Some((rest, step)) => (rest, Some(step.trim())),
        None => (text, None),
    };
    let (from, to) = text.split_once("..").unwrap_or((text, ""));
    let (from, to) = (from.trim(), to.trim_start_matches('=').trim());
    let ends = with_unit_of_last(from, to);
    let (unit, numbers) =
        same_unit(&ends).ok_or_else(|| refused(format!("`{from}` to `{to}` is no range of numbers")))?;
    let (low, high) = (numbers[0], numbers[1]);
    if low >= high {
        return Err(refused(format!("`{from}` is not below `{to}`")));
    }
    if is_log && low <= 0.0 {
        return Err((format!("`{from}` has no logarithm"), "a low end above 0 before `log`".to_owned()));
    }
    let is_whole_text = |text: &str| text.parse::<i64>().is_ok();
    let step = step_text.map(|step| step_in(step, &unit, high - low)).transpose()?;
    if step.is_some() && (is_log || grid_count.is_some()) {
        return Err(refused("`step` stands beside `in` or `log`".to_owned()));
    }
    let is_whole = !is_log
        && unit.is_empty()
        && ends.iter().all(|end| is_whole_text(end))
        && step_text.is_none_or(is_whole_text);
    Ok(Written::Range { unit, low, high, is_whole, is_log, step, grid_count })
}

/// `2..6 min` means `2 min..6 min`.
fn with_unit_of_last(from: &str, to: &str) -> [String; 2] {
    let is_bare = from.parse::<f64>().is_ok();
    match number_and_unit(to) {
        Some((_, unit)) if is_bare && !unit.is_empty() => [format!("{from} {unit}"), to.to_owned()],
        _ => [from.to_owned(), to.to_owned()],
    }
}

fn step_in(text: &str, unit: &str, width: f64) -> Result<f64, Refusal> {
    let seconds_in_unit = || parse_seconds(&format!("1 {unit}")).ok();
    let step = match number_and_unit(text) {
        Some((number, of)) if of.is_empty() || of == unit => Some(number),
        _ => parse_seconds(text).ok().zip(seconds_in_unit()).map(|(seconds, one)| seconds / one),
    };
    step.filter(|step| *step > 0.0 && *step <= width).ok_or_else(|| {
        (
            format!("`step {text}` does not lead from end to end"),
            format!("a step above 0 and at most {width} {unit}"),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(text: &str) -> (String, Vec<f64>) {
        match read(text) {
            Ok(Written::List { unit, numbers: Some(numbers), .. }) => (unit, numbers),
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn a_list_of_numbers_has_one_unit() {
        assert_eq!(numbers("1, 2,4"), (String::new(), vec![1.0, 2.0, 4.0]));
        assert_eq!(numbers("2 min,3.5 min"), ("min".to_owned(), vec![2.0, 3.5]));
        assert_eq!(numbers("30 s,1 min"), ("s".to_owned(), vec![30.0, 60.0]));
        assert_eq!(numbers("60 per hour,90 per hour"), ("per hour".to_owned(), vec![60.0, 90.0]));
        assert_eq!(numbers("10 %,20 %"), ("%".to_owned(), vec![10.0, 20.0]));
        assert_eq!(numbers("1 h 30 min,2 h"), ("s".to_owned(), vec![5_400.0, 7_200.0]));
    }

    #[test]
    fn what_is_no_number_is_a_choice_and_commas_in_brackets_part_nothing() {
        let texts = |text| match read(text) {
            Ok(Written::List { numbers: None, texts, .. }) => texts,
            other => panic!("{other:?}"),
        };
        assert_eq!(texts("fifo,lifo"), ["fifo", "lifo"]);
        assert_eq!(
            texts("{ law = \"constant\", value = \"2 min\" },{ law = \"exponential\", mean = \"2 min\" }")
                .len(),
            2
        );
    }

    #[test]
    fn ranges_are_whole_where_both_ends_are_written_so() {
        let of = |text| match read(text) {
            Ok(Written::Range { unit, low, high, is_whole, is_log, step, grid_count }) => {
                (unit, low, high, is_whole, is_log, step, grid_count)
            }
            other => panic!("{text}: {other:?}"),
        };
        assert_eq!(of("1..10"), (String::new(), 1.0, 10.0, true, false, None, None));
        assert_eq!(of("1..10 step 3"), (String::new(), 1.0, 10.0, true, false, Some(3.0), None));
        assert_eq!(of("0.5..2"), (String::new(), 0.5, 2.0, false, false, None, None));
        assert_eq!(of("2 min..6 min in 9"), ("min".to_owned(), 2.0, 6.0, false, false, None, Some(9)));
        assert_eq!(of("2..6 min"), ("min".to_owned(), 2.0, 6.0, false, false, None, None));
        assert_eq!(
            of("30 s..2 min step 15 s"),
            ("s".to_owned(), 30.0, 120.0, false, false, Some(15.0), None)
        );
        assert_eq!(of("1 min..100 min log"), ("min".to_owned(), 1.0, 100.0, false, true, None, None));
        assert_eq!(of("2 min..6 min step 30 s").5, Some(0.5));
    }

    #[test]
    fn what_cannot_be_read_is_said_with_what_would_be_accepted() {
        for (text, found) in [
            ("", "no value"),
            ("3", "single value"),
            ("1,,2", "missing"),
            ("1,1", "twice"),
            ("1,1.0", "twice"),
            ("1..3,8", "range within a list"),
            ("9..3", "not below"),
            ("a..b", "no range of numbers"),
            ("1 min..5 %", "no range of numbers"),
            ("0 min..5 min log", "no logarithm"),
            ("1..5 in 1", "number of values"),
            ("1..5 step 9", "does not lead"),
            ("1..5 step 1 in 3", "beside"),
            ("1..", "no range of numbers"),
        ] {
            let (said, accepted) = read(text).unwrap_err();
            assert!(said.contains(found), "{text}: {said}");
            assert!(!accepted.is_empty());
        }
    }
}
