//! Simulated time: whole microseconds in a 64-bit integer, never a float.
//!
//! The scale is fixed at compile time. A `SimTime` counts from the start of the run (for a hospital day: from
//! midnight); 2⁶³ µs are 292,000 years, so sums of instants and spans do not overflow in a run that ends.

use std::fmt;
use std::ops::{Add, AddAssign, Sub, SubAssign};

const MICROS_PER_SECOND: u64 = 1_000_000;
const MICROS_PER_MINUTE: u64 = 60 * MICROS_PER_SECOND;
const MICROS_PER_HOUR: u64 = 60 * MICROS_PER_MINUTE;

/// An instant of the simulated clock, in microseconds since the run began.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct SimTime(u64);

/// A length of simulated time, in microseconds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct SimSpan(u64);

impl SimTime {
    /// The start of the run.
    pub const ZERO: SimTime = SimTime(0);
    /// An instant no run reaches; stands for "never".
    pub const NEVER: SimTime = SimTime(u64::MAX);

    /// The instant `micros` µs after the start.
    pub const fn from_micros(micros: u64) -> Self {
        SimTime(micros)
    }

    /// Microseconds since the start.
    pub const fn as_micros(self) -> u64 {
        self.0
    }

    /// Seconds since the start, for text and plots.
    pub fn as_seconds(self) -> f64 {
        self.0 as f64 / MICROS_PER_SECOND as f64
    }

    /// The span from `earlier` to `self`; zero when `earlier` is later.
    pub const fn since(self, earlier: SimTime) -> SimSpan {
        SimSpan(self.0.saturating_sub(earlier.0))
    }

    /// Hour of the day, 0 to 23, when the run started at midnight.
    pub const fn hour_of_day(self) -> usize {
        ((self.0 / MICROS_PER_HOUR) % 24) as usize
    }

    /// `self + span`, or [`SimTime::NEVER`] when that is past the range.
    pub const fn saturating_add(self, span: SimSpan) -> SimTime {
        SimTime(self.0.saturating_add(span.0))
    }
}

impl SimSpan {
    /// No time at all.
    pub const ZERO: SimSpan = SimSpan(0);
    /// Longer than any run; stands for "for ever".
    pub const FOREVER: SimSpan = SimSpan(u64::MAX);
    /// One hour.
    pub const HOUR: SimSpan = SimSpan(MICROS_PER_HOUR);
    /// Twenty-four hours.
    pub const DAY: SimSpan = SimSpan(24 * MICROS_PER_HOUR);

    /// A span of whole microseconds.
    pub const fn from_micros(micros: u64) -> Self {
        SimSpan(micros)
    }

    /// A span of whole seconds.
    pub const fn from_whole_seconds(seconds: u64) -> Self {
        SimSpan(seconds * MICROS_PER_SECOND)
    }

    /// A span of whole minutes.
    pub const fn from_whole_minutes(minutes: u64) -> Self {
        SimSpan(minutes * MICROS_PER_MINUTE)
    }

    /// The nearest span to `seconds`; negative values and NaN give zero, values out of range the longest span.
    pub fn from_seconds(seconds: f64) -> Self {
        SimSpan::from_micros_rounded(seconds * MICROS_PER_SECOND as f64)
    }

    /// The nearest span to a fractional number of microseconds; negative values and NaN give zero, values beyond
    /// 292,000 years that many.
    #[inline(always)]
    pub fn from_micros_rounded(micros: f64) -> Self {
        // `max` takes the number where the other is NaN; signed conversion is one instruction and a test.
        SimSpan((micros.max(0.0) + 0.5) as i64 as u64)
    }

    /// Microseconds.
    pub const fn as_micros(self) -> u64 {
        self.0
    }

    /// Seconds.
    pub fn as_seconds(self) -> f64 {
        self.0 as f64 / MICROS_PER_SECOND as f64
    }

    /// Minutes.
    pub fn as_minutes(self) -> f64 {
        self.0 as f64 / MICROS_PER_MINUTE as f64
    }

    /// `self - other`, or zero when `other` is longer.
    pub const fn saturating_sub(self, other: SimSpan) -> SimSpan {
        SimSpan(self.0.saturating_sub(other.0))
    }
}

impl Add<SimSpan> for SimTime {
    type Output = SimTime;
    #[inline(always)]
    fn add(self, span: SimSpan) -> SimTime {
        SimTime(self.0 + span.0)
    }
}

impl AddAssign<SimSpan> for SimTime {
    #[inline(always)]
    fn add_assign(&mut self, span: SimSpan) {
        self.0 += span.0;
    }
}

impl Sub<SimTime> for SimTime {
    type Output = SimSpan;
    /// The span between two instants; the earlier one is on the right (checked in debug builds).
    #[inline(always)]
    fn sub(self, earlier: SimTime) -> SimSpan {
        SimSpan(self.0 - earlier.0)
    }
}

impl Add for SimSpan {
    type Output = SimSpan;
    #[inline(always)]
    fn add(self, other: SimSpan) -> SimSpan {
        SimSpan(self.0 + other.0)
    }
}

impl AddAssign for SimSpan {
    #[inline(always)]
    fn add_assign(&mut self, other: SimSpan) {
        self.0 += other.0;
    }
}

impl Sub for SimSpan {
    type Output = SimSpan;
    #[inline(always)]
    fn sub(self, other: SimSpan) -> SimSpan {
        SimSpan(self.0 - other.0)
    }
}

impl SubAssign for SimSpan {
    #[inline(always)]
    fn sub_assign(&mut self, other: SimSpan) {
        self.0 -= other.0;
    }
}

impl fmt::Debug for SimTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == SimTime::NEVER {
            return f.write_str("never");
        }
        write!(f, "{self}")
    }
}

impl fmt::Display for SimTime {
    /// `08:05:30.000000`, with a day count in front after the first midnight.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (days, rest) = (self.0 / SimSpan::DAY.0, self.0 % SimSpan::DAY.0);
        if days > 0 {
            write!(f, "{days}d ")?;
        }
        let (hours, rest) = (rest / MICROS_PER_HOUR, rest % MICROS_PER_HOUR);
        let (minutes, rest) = (rest / MICROS_PER_MINUTE, rest % MICROS_PER_MINUTE);
        let (seconds, micros) = (rest / MICROS_PER_SECOND, rest % MICROS_PER_SECOND);
        write!(f, "{hours:02}:{minutes:02}:{seconds:02}.{micros:06}")
    }
}

impl fmt::Debug for SimSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == SimSpan::FOREVER {
            return f.write_str("for ever");
        }
        write!(f, "{} s", self.as_seconds())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_print_as_a_clock() {
        let at = SimTime::ZERO + SimSpan::from_seconds(8.0 * 3600.0 + 330.25);
        assert_eq!(at.to_string(), "08:05:30.250000");
        assert_eq!((at + SimSpan::DAY).to_string(), "1d 08:05:30.250000");
    }

    #[test]
    fn spans_from_floats_round_and_saturate() {
        assert_eq!(SimSpan::from_seconds(1.5e-6).as_micros(), 2);
        assert_eq!(SimSpan::from_seconds(-3.0), SimSpan::ZERO);
        assert_eq!(SimSpan::from_seconds(f64::NAN), SimSpan::ZERO);
        assert_eq!(SimSpan::from_seconds(f64::INFINITY).as_micros(), i64::MAX as u64);
    }
}
