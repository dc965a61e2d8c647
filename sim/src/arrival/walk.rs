//! The exact time-varying Poisson process by time transformation.
//!
//! Unit exponentials are laid end to end along the integral of the rate (Çinlar, *Introduction to stochastic
//! processes*, 1975); where the integral reaches their sum, someone arrives. The walk goes through every segment,
//! so a peak of two minutes gets exactly its share, however low the rate before it.

use super::RateProfile;
use super::rate_profile::MICROS_PER_HOUR;
use crate::time::SimTime;
use std::sync::Arc;

/// A segment in microseconds as floats, which are exact up to 2⁵³ µs (285 years).
#[derive(Clone, Copy, Debug)]
struct Leg {
    ends_at: f64,
    per_micro: f64,
    /// 1 / rate; infinite where nobody comes (also at a rate of -0.0).
    micros_per_arrival: f64,
}

#[derive(Clone, Debug)]
pub(super) struct RateWalk {
    legs: Arc<[Leg]>,
    /// Infinite when the profile does not repeat.
    period: f64,
    expected_per_period: f64,
    until: f64,
    at: f64,
    /// Of the leg the walk is in, on the clock of the run.
    leg_ends_at: f64,
    leg: Leg,
    leg_index: usize,
    cycle_starts_at: f64,
}

impl RateWalk {
    pub(super) fn new(profile: &RateProfile, until: SimTime) -> Self {
        let period = profile.period().map_or(f64::INFINITY, |period| period.as_micros() as f64);
        let segments = profile.segments();
        let legs: Arc<[Leg]> = segments
            .iter()
            .enumerate()
            .map(|(index, segment)| Leg {
                ends_at: segments.get(index + 1).map_or(period, |next| next.starts_at.as_micros() as f64),
                per_micro: segment.per_hour / MICROS_PER_HOUR,
                micros_per_arrival: MICROS_PER_HOUR / segment.per_hour.abs(),
            })
            .collect();
        let expected_per_period = profile
            .period()
            .map_or(f64::INFINITY, |period| profile.expected_count(SimTime::ZERO, SimTime::ZERO + period));
        RateWalk {
            leg: legs[0],
            leg_ends_at: legs[0].ends_at,
            legs,
            period,
            expected_per_period,
            until: until.as_micros() as f64,
            at: 0.0,
            leg_index: 0,
            cycle_starts_at: 0.0,
        }
    }

    /// Back to the start of the run.
    pub(super) fn restart(&mut self) {
        self.at = 0.0;
        self.cycle_starts_at = 0.0;
        self.enter(0);
    }

    /// The instant at which `need` more arrivals are expected since the last; [`SimTime::NEVER`] when that is at the
    /// limit or past it. Rounded down to the microsecond, so that nobody is moved into the next segment.
    #[inline]
    pub(super) fn advance(&mut self, need: f64) -> SimTime {
        let at = self.at + need * self.leg.micros_per_arrival;
        if at < self.leg_ends_at {
            self.at = at;
        } else {
            self.cross(need);
        }
        // Signed conversion is one instruction and a test.
        if self.at < self.until { SimTime::from_micros(self.at as i64 as u64) } else { SimTime::NEVER }
    }

    /// Walks on to the leg in which the rest of `need` is met.
    #[inline(never)]
    fn cross(&mut self, mut need: f64) {
        let silent = self.expected_per_period == 0.0 || !need.is_finite();
        loop {
            if silent || self.leg_ends_at >= self.until {
                self.at = f64::INFINITY;
                return;
            }
            need = (need - (self.leg_ends_at - self.at) * self.leg.per_micro).max(0.0);
            self.at = self.leg_ends_at;
            if self.leg_index + 1 < self.legs.len() {
                self.enter(self.leg_index + 1);
            } else {
                let skipped = (need / self.expected_per_period).floor();
                need = (need - skipped * self.expected_per_period).max(0.0);
                self.cycle_starts_at += (1.0 + skipped) * self.period;
                self.at = self.cycle_starts_at;
                self.enter(0);
            }
            let at = self.at + need * self.leg.micros_per_arrival;
            if at < self.leg_ends_at {
                self.at = at;
                return;
            }
        }
    }

    fn enter(&mut self, leg_index: usize) {
        self.leg_index = leg_index;
        self.leg = self.legs[leg_index];
        self.leg_ends_at = self.cycle_starts_at + self.leg.ends_at;
    }
}
