//! Instants at the desk: whole milliseconds since 1970, written as RFC 3339 in UTC.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An instant, in milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(pub i64);

impl Moment {
    /// The instant `span` later.
    pub fn after(self, span: Duration) -> Self {
        let span_ms = i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
        Self(self.0.saturating_add(span_ms))
    }

    /// Reads RFC 3339 with any offset; fractions below a millisecond are cut off.
    pub fn parse(text: &str) -> Option<Self> {
        text.parse::<Timestamp>().ok().map(|stamp| Self(stamp.as_millisecond()))
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Timestamp::from_millisecond(self.0) {
            Ok(stamp) => write!(f, "{stamp:.3}"),
            Err(_) => write!(f, "{} ms", self.0),
        }
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text)
            .ok_or_else(|| D::Error::custom(format!("`{text}` is no instant such as 2027-03-01T08:00:00Z")))
    }
}

/// Reads a FHIR date of any precision (`2027`, `2027-03`, `2027-03-01`, an instant) as `[from, until)` in UTC.
pub fn parse_date_range(text: &str) -> Option<(Moment, Moment)> {
    let midnight = |date: Date| {
        date.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|zoned| Moment(zoned.timestamp().as_millisecond()))
    };
    let number = |part: &str| part.parse::<i16>().ok();
    let (from, until) = match text.len() {
        4 => {
            let year = number(text)?;
            (Date::new(year, 1, 1).ok()?, Date::new(year.checked_add(1)?, 1, 1).ok()?)
        }
        7 => {
            let (year, month) = text.split_once('-')?;
            let from = Date::new(number(year)?, i8::try_from(number(month)?).ok()?, 1).ok()?;
            (from, from.last_of_month().tomorrow().ok()?)
        }
        10 => {
            let from: Date = text.parse().ok()?;
            (from, from.tomorrow().ok()?)
        }
        _ => {
            let at = Moment::parse(text)?;
            return Some((at, Moment(at.0 + 1)));
        }
    };
    Some((midnight(from)?, midnight(until)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_written_in_utc_with_milliseconds() {
        let at = Moment::parse("2027-03-01T08:30:00+08:00").unwrap();
        assert_eq!(at.to_string(), "2027-03-01T00:30:00.000Z");
        assert_eq!(Moment::parse("2027-03-01T00:30:00Z"), Some(at));
        assert_eq!(Moment::parse("2027-03-01"), None);
    }

    #[test]
    fn a_date_of_any_precision_is_a_range() {
        let at = |text| Moment::parse(text).unwrap();
        assert_eq!(
            parse_date_range("2027-02"),
            Some((at("2027-02-01T00:00:00Z"), at("2027-03-01T00:00:00Z")))
        );
        assert_eq!(parse_date_range("2027"), Some((at("2027-01-01T00:00:00Z"), at("2028-01-01T00:00:00Z"))));
        assert_eq!(
            parse_date_range("2027-12-31"),
            Some((at("2027-12-31T00:00:00Z"), at("2028-01-01T00:00:00Z")))
        );
        assert_eq!(parse_date_range("2027-13"), None);
    }
}
