//! Days of the calendar, for deadlines and for the day a hospital is judged on.

use serde::{Serialize, Serializer};
use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// A day of the Gregorian calendar. Days compare by time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

/// The text is not a day; the message says what was read and what would be accepted.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("`{text}` is not a day; accepted: year-month-day such as 2018-06-30")]
pub struct DateError {
    /// The text as written.
    pub text: String,
}

impl Date {
    /// The day with these numbers; `None` when the calendar has no such day.
    pub fn new(year: u16, month: u8, day: u8) -> Option<Date> {
        let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let days_in_month = match month {
            4 | 6 | 9 | 11 => 30,
            2 if is_leap => 29,
            2 => 28,
            1..=12 => 31,
            _ => return None,
        };
        (1..=days_in_month).contains(&day).then_some(Date { year, month, day })
    }

    /// The day in Chinese, "2018年6月30日".
    pub fn in_chinese(self) -> String {
        format!("{}年{}月{}日", self.year, self.month, self.day)
    }
}

impl FromStr for Date {
    type Err = DateError;

    fn from_str(text: &str) -> Result<Date, DateError> {
        let error = || DateError { text: text.to_owned() };
        let fields: Vec<&str> = text.trim().split('-').collect();
        let [year, month, day] = fields[..] else { return Err(error()) };
        let of_digits = |field: &str, length: usize| {
            field.len() == length && field.bytes().all(|byte| byte.is_ascii_digit())
        };
        if !(of_digits(year, 4) && of_digits(month, 2) && of_digits(day, 2)) {
            return Err(error());
        }
        let (Ok(year), Ok(month), Ok(day)) = (year.parse(), month.parse(), day.parse()) else {
            return Err(error());
        };
        Date::new(year, month, day).ok_or_else(error)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_written_and_ordered() {
        let june: Date = "2018-06-30".parse().unwrap();
        assert_eq!(june.to_string(), "2018-06-30");
        assert_eq!(june.in_chinese(), "2018年6月30日");
        assert!(june < "2018-12-31".parse().unwrap());
        assert!("2017-12-31".parse::<Date>().unwrap() < june);
    }

    #[test]
    fn days_the_calendar_lacks_are_refused() {
        for text in
            ["2018-06-31", "2019-02-29", "1900-02-29", "2018-13-01", "2018-00-10", "2018-6-30", "June", ""]
        {
            assert!(text.parse::<Date>().is_err(), "{text}");
        }
        assert!("2000-02-29".parse::<Date>().is_ok());
        assert!("2020-02-29".parse::<Date>().is_ok());
    }
}
