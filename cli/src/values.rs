//! Values of arguments as they are typed, and what is accepted where one is not, in both languages.

use onetrip_report::words::Language;
use onetrip_scenarios::quantity::{
    CLOCK_ACCEPTED, DURATION_ACCEPTED, parse_clock, parse_duration, parse_share,
};
use onetrip_sim::time::{SimSpan, SimTime};
use onetrip_studies::statistics::interval::Level;
use std::error::Error;
use std::fmt;

/// A value that is not taken. The parser knows of which argument it is, and what was typed.
#[derive(Debug)]
pub(crate) struct Unaccepted {
    accepted: (&'static str, &'static str),
}

impl Unaccepted {
    /// What would be accepted.
    pub(crate) fn accepted(&self, language: Language) -> &'static str {
        language.pick(self.accepted.0, self.accepted.1)
    }
}

impl fmt::Display for Unaccepted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "accepted: {}", self.accepted.0)
    }
}

impl Error for Unaccepted {}

/// The value, where there is one.
fn taken<T>(value: Option<T>, english: &'static str, chinese: &'static str) -> Result<T, Unaccepted> {
    value.ok_or(Unaccepted { accepted: (english, chinese) })
}

/// A time that passes, `90 s`.
pub(crate) fn duration(text: &str) -> Result<SimSpan, Unaccepted> {
    taken(parse_duration(text).ok(), DURATION_ACCEPTED, "带单位的时长，如 `30 s`、`15 min`、`5 分钟`")
}

/// A time of day, `07:30`.
pub(crate) fn time_of_day(text: &str) -> Result<SimTime, Unaccepted> {
    taken(parse_clock(text).ok(), CLOCK_ACCEPTED, "00:00 至 24:00 的时刻，如 `07:30`")
}

/// A number above 0.
pub(crate) fn above_zero(text: &str) -> Result<f64, Unaccepted> {
    let number = text.parse().ok().filter(|number: &f64| number.is_finite() && *number > 0.0);
    taken(number, "a number above 0, such as 1.5", "大于 0 的数字，如 1.5")
}

/// A confidence level, `95%`.
pub(crate) fn level(text: &str) -> Result<Level, Unaccepted> {
    let level = parse_share(text).ok().and_then(|share| Level::new(share.part()).ok());
    taken(level, "a share above 0 % and below 100 %, such as `95%`", "大于 0 % 且小于 100 % 的比例，如 `95%`")
}

/// A share of something that is allowed for, `5%`.
pub(crate) fn tolerance(text: &str) -> Result<f64, Unaccepted> {
    let share = parse_share(text).map(|share| share.part()).ok().filter(|share| *share > 0.0);
    taken(share, "a share above 0 %, such as `5%`", "大于 0 % 的比例，如 `5%`")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Debug;

    /// The right ones are taken and the wrong ones not; what is said to be accepted in either language has this example.
    fn assert_takes<T: Debug>(
        read: impl Fn(&str) -> Result<T, Unaccepted>,
        example: &str,
        right: &[&str],
        wrong: &[&str],
    ) {
        assert!(read(example).is_ok(), "{example}");
        for text in right {
            assert!(read(text).is_ok(), "{text}");
        }
        for text in wrong {
            let refusal = read(text).expect_err(text);
            for language in [Language::English, Language::Chinese] {
                let accepted = refusal.accepted(language);
                assert!(accepted.contains(example), "{text}: {accepted}");
                let examples = accepted.split(['`', '"']).skip(1).step_by(2);
                examples.for_each(|example| assert!(read(example).is_ok(), "{example} of: {accepted}"));
            }
        }
    }

    #[test]
    fn values_are_taken_with_their_units_and_within_their_bounds() {
        assert_takes(duration, "30 s", &["1 min", "0 s"], &["", "5", "x", "-1 s", "5 per hour"]);
        assert_takes(time_of_day, "07:30", &["24:00", "07:30:15"], &["26:00", "7", "-1:00", "5 min"]);
        assert_takes(above_zero, "1.5", &["0.5", "1e3"], &["0", "-1", "NaN", "inf", "5%", ""]);
        assert_takes(level, "95%", &["95%", "99 %"], &["95", "0%", "100%", "high"]);
        assert_takes(tolerance, "5%", &["5%", "100%"], &["0%", "5", "-1%"]);
    }

    #[test]
    fn values_are_what_is_written() {
        assert_eq!(duration("1 min 30 s").unwrap().as_micros(), 90_000_000);
        assert_eq!(time_of_day("07:30").unwrap().as_micros(), 27_000_000_000);
        assert_eq!(above_zero("2.5").unwrap(), 2.5);
        assert_eq!((level("95%").unwrap(), level("99 %").unwrap()), (Level::P95, Level::P99));
        assert_eq!(tolerance("5%").unwrap(), 0.05);
    }
}
