//! An arrival rate that is constant piece by piece.

use super::ArrivalError;
use crate::time::{SimSpan, SimTime};

pub(super) const MICROS_PER_HOUR: f64 = 3.6e9;

/// A stretch of constant rate, up to the start of the next one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RateSegment {
    /// Its first instant (within the period, where the profile repeats).
    pub starts_at: SimTime,
    /// Expected arrivals per hour.
    pub per_hour: f64,
}

/// A rate over time: segments from the start of the run, the last one without end, or repeating with a period.
#[derive(Clone, Debug, PartialEq)]
pub struct RateProfile {
    /// The first starts at 0; starts rise.
    segments: Vec<RateSegment>,
    period: Option<SimSpan>,
}

impl RateProfile {
    /// The same rate for ever.
    ///
    /// # Errors
    /// When the rate is not between 0 and one a microsecond.
    pub fn constant(per_hour: f64) -> Result<Self, ArrivalError> {
        RateProfile::once(&[(SimTime::ZERO, per_hour)])
    }

    /// A rate for each hour of the day, the same every day.
    ///
    /// # Errors
    /// When a rate is not between 0 and one a microsecond.
    pub fn by_hour_of_day(per_hour: &[f64; 24]) -> Result<Self, ArrivalError> {
        let starts = (0..24).map(|hour| SimTime::ZERO + SimSpan::from_whole_minutes(60 * hour));
        let segments: Vec<_> = starts.zip(per_hour.iter().copied()).collect();
        RateProfile::repeating(&segments, SimSpan::DAY)
    }

    /// Segments given by their start and rate per hour. Nobody comes before the first; the last goes on for ever.
    ///
    /// # Errors
    /// When there is no segment, starts do not rise, or a rate is not between 0 and one a microsecond.
    pub fn once(segments: &[(SimTime, f64)]) -> Result<Self, ArrivalError> {
        let Some(&(first_at, _)) = segments.first() else { return Err(ArrivalError::NoSegment) };
        let mut checked: Vec<RateSegment> = Vec::with_capacity(segments.len() + 1);
        if first_at > SimTime::ZERO {
            checked.push(RateSegment { starts_at: SimTime::ZERO, per_hour: 0.0 });
        }
        for &(starts_at, per_hour) in segments {
            if let Some(before) = checked.last().filter(|before| before.starts_at >= starts_at) {
                return Err(ArrivalError::Unordered {
                    what: "segment",
                    at: starts_at,
                    before: before.starts_at,
                });
            }
            if !(0.0..=MICROS_PER_HOUR).contains(&per_hour) {
                return Err(ArrivalError::Rate { starts_at, per_hour });
            }
            checked.push(RateSegment { starts_at, per_hour });
        }
        Ok(RateProfile { segments: checked, period: None })
    }

    /// The same, begun afresh at every multiple of `period`.
    ///
    /// # Errors
    /// As [`RateProfile::once`], and when a segment starts at the end of the period or later.
    pub fn repeating(segments: &[(SimTime, f64)], period: SimSpan) -> Result<Self, ArrivalError> {
        let profile = RateProfile::once(segments)?;
        let last_at = profile.segments[profile.segments.len() - 1].starts_at;
        if last_at.since(SimTime::ZERO) >= period {
            return Err(ArrivalError::BeyondPeriod { at: last_at, period });
        }
        Ok(RateProfile { period: Some(period), ..profile })
    }

    /// The profile with another rate from `from` to `to` (in every period, where it repeats): a peak of two minutes,
    /// a lunch break.
    ///
    /// # Errors
    /// When `to` is not after `from`, or not within the period, or the rate is out of range.
    pub fn with_window(&self, from: SimTime, to: SimTime, per_hour: f64) -> Result<Self, ArrivalError> {
        if to <= from {
            return Err(ArrivalError::Unordered { what: "end of a window", at: to, before: from });
        }
        if let Some(period) = self.period.filter(|&period| to.since(SimTime::ZERO) > period) {
            return Err(ArrivalError::BeyondPeriod { at: to, period });
        }
        let outside =
            self.segments.iter().filter(|segment| segment.starts_at < from || segment.starts_at > to);
        let mut segments: Vec<_> = outside.map(|segment| (segment.starts_at, segment.per_hour)).collect();
        segments.push((from, per_hour));
        if self.period.is_none_or(|period| to.since(SimTime::ZERO) < period) {
            segments.push((to, self.rate_at(to)));
        }
        segments.sort_by_key(|&(starts_at, _)| starts_at);
        match self.period {
            Some(period) => RateProfile::repeating(&segments, period),
            None => RateProfile::once(&segments),
        }
    }

    /// The profile with every rate multiplied by `factor`.
    ///
    /// # Errors
    /// When the factor is negative or not finite, or takes a rate above one a microsecond.
    pub fn scaled(&self, factor: f64) -> Result<Self, ArrivalError> {
        if !(factor >= 0.0 && factor.is_finite()) {
            return Err(ArrivalError::Factor { factor });
        }
        let mut scaled = self.clone();
        for segment in &mut scaled.segments {
            segment.per_hour *= factor;
            if segment.per_hour > MICROS_PER_HOUR {
                let RateSegment { starts_at, per_hour } = *segment;
                return Err(ArrivalError::Rate { starts_at, per_hour });
            }
        }
        Ok(scaled)
    }

    /// Arrivals per hour at an instant.
    pub fn rate_at(&self, at: SimTime) -> f64 {
        let within = match self.period {
            Some(period) => SimTime::from_micros(at.as_micros() % period.as_micros()),
            None => at,
        };
        self.segments[self.segments.partition_point(|segment| segment.starts_at <= within) - 1].per_hour
    }

    /// The integral of the rate: how many come from `from` (included) to `to` (excluded), on average. Up to
    /// [`SimTime::NEVER`] it may be infinite.
    pub fn expected_count(&self, from: SimTime, to: SimTime) -> f64 {
        if to <= from { 0.0 } else { self.expected_before(to) - self.expected_before(from) }
    }

    fn expected_before(&self, to: SimTime) -> f64 {
        let Some(period) = self.period else { return self.expected_in_one(to) };
        let whole = self.expected_in_one(SimTime::ZERO + period);
        if to == SimTime::NEVER {
            return if whole > 0.0 { f64::INFINITY } else { 0.0 };
        }
        let (cycles, rest) = (to.as_micros() / period.as_micros(), to.as_micros() % period.as_micros());
        cycles as f64 * whole + self.expected_in_one(SimTime::from_micros(rest))
    }

    /// As if the profile did not repeat.
    fn expected_in_one(&self, to: SimTime) -> f64 {
        let mut sum = 0.0;
        for (index, segment) in self.segments.iter().enumerate() {
            let end = self.segments.get(index + 1).map_or(to, |next| next.starts_at.min(to));
            if segment.per_hour > 0.0 && end > segment.starts_at {
                if end == SimTime::NEVER {
                    return f64::INFINITY;
                }
                sum += segment.per_hour * (end.since(segment.starts_at).as_micros() as f64 / MICROS_PER_HOUR);
            }
        }
        sum
    }

    /// The segments in order of time; the first starts at 0.
    pub fn segments(&self) -> &[RateSegment] {
        &self.segments
    }

    /// After how long the profile begins afresh, if it does.
    pub fn period(&self) -> Option<SimSpan> {
        self.period
    }
}
