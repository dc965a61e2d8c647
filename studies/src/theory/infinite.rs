//! M_t/M/∞: how many would be present if nobody ever waited, when arrivals follow the hours.

use super::{TheoryError, not_negative, positive};

/// A stretch of time with one arrival rate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RateSegment {
    /// How long it lasts.
    pub span_time: f64,
    /// Arrivals per unit of time during it.
    pub arrival_rate: f64,
}

/// Arrival rates that are constant by stretches: an hourly profile.
#[derive(Debug, Clone, PartialEq)]
pub struct RateProfile {
    segments: Vec<RateSegment>,
}

/// The mean number in service over one stretch of a profile.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SegmentLoad {
    /// When the stretch begins.
    pub mean_at_start: f64,
    /// When it ends.
    pub mean_at_end: f64,
    /// Averaged over it.
    pub time_average: f64,
}

impl SegmentLoad {
    /// The largest mean of the stretch; within a stretch the mean only rises or only falls.
    pub fn largest(&self) -> f64 {
        self.mean_at_start.max(self.mean_at_end)
    }
}

impl RateProfile {
    /// The profile made of these stretches, one after another.
    ///
    /// # Errors
    /// No stretch, a span that is not above zero, or a negative rate.
    pub fn new(segments: Vec<RateSegment>) -> Result<Self, TheoryError> {
        if segments.is_empty() {
            return Err(TheoryError::WrongLength {
                name: "rate profile",
                found: 0,
                accepted: "at least 1 segment".to_owned(),
            });
        }
        for segment in &segments {
            positive("span time", segment.span_time)?;
            not_negative("arrival rate", segment.arrival_rate)?;
        }
        Ok(RateProfile { segments })
    }

    /// Equal stretches of `span_time` with these rates.
    ///
    /// # Errors
    /// As [`RateProfile::new`].
    pub fn equal_spans(span_time: f64, arrival_rates: &[f64]) -> Result<Self, TheoryError> {
        RateProfile::new(
            arrival_rates.iter().map(|&arrival_rate| RateSegment { span_time, arrival_rate }).collect(),
        )
    }

    /// The stretches, in order.
    pub fn segments(&self) -> &[RateSegment] {
        &self.segments
    }

    /// The mean number in service over each stretch, from `mean_at_start` present at first:
    /// m(t) = λ/μ + (m(0) − λ/μ)·e^(−μt) within a stretch (the solution of m' = λ(t) − μm; Eick, Massey and Whitt,
    /// *The physics of the M_t/G/∞ queue*, 1993). The number present is Poisson when it is so at the start.
    ///
    /// # Errors
    /// A service rate that is not above zero or a negative start.
    pub fn loads_from(&self, mean_at_start: f64, service_rate: f64) -> Result<Vec<SegmentLoad>, TheoryError> {
        positive("service rate", service_rate)?;
        let mut mean = not_negative("mean at start", mean_at_start)?;
        Ok(self
            .segments
            .iter()
            .map(|segment| {
                let settled = segment.arrival_rate / service_rate;
                let decayed = -(-service_rate * segment.span_time).exp_m1();
                let end = mean + (settled - mean) * decayed;
                let load = SegmentLoad {
                    mean_at_start: mean,
                    mean_at_end: end,
                    time_average: settled + (mean - settled) * decayed / (service_rate * segment.span_time),
                };
                mean = end;
                load
            })
            .collect())
    }

    /// The mean number in service over each stretch when the profile repeats for ever.
    ///
    /// # Errors
    /// A service rate that is not above zero.
    pub fn cyclic_loads(&self, service_rate: f64) -> Result<Vec<SegmentLoad>, TheoryError> {
        // One turn maps the start m to a + b·m with b = e^(−μ·period).
        let from_empty = self.loads_from(0.0, service_rate)?;
        let after_a_turn = from_empty.last().map_or(0.0, |load| load.mean_at_end);
        let period: f64 = self.segments.iter().map(|segment| segment.span_time).sum();
        let start = after_a_turn / -(-service_rate * period).exp_m1();
        self.loads_from(start, service_rate)
    }
}

/// M_t/M/∞ with λ(t) = mean + amplitude·sin(2πt/period), long after its start (Eick, Massey and Whitt, *M_t/G/∞
/// queues with sinusoidal arrival rates*, 1993).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SinusoidalLoad {
    mean_rate: f64,
    amplitude: f64,
    frequency: f64,
    service_rate: f64,
}

impl SinusoidalLoad {
    /// The system with this arrival rate and service rate.
    ///
    /// # Errors
    /// A number that is not above zero, or an amplitude above the mean rate (rates cannot be negative).
    pub fn new(mean_rate: f64, amplitude: f64, period: f64, service_rate: f64) -> Result<Self, TheoryError> {
        positive("mean rate", mean_rate)?;
        not_negative("amplitude", amplitude)?;
        if amplitude > mean_rate {
            return Err(TheoryError::OutOfRange {
                name: "amplitude",
                value: amplitude,
                accepted: "at most the mean rate",
            });
        }
        positive("period", period)?;
        positive("service rate", service_rate)?;
        Ok(SinusoidalLoad { mean_rate, amplitude, frequency: std::f64::consts::TAU / period, service_rate })
    }

    /// The mean number present at `time`: λ̄/μ + amplitude·(μ·sin ωt − ω·cos ωt)/(μ² + ω²).
    pub fn mean_at(&self, time: f64) -> f64 {
        let (mu, omega) = (self.service_rate, self.frequency);
        let (sine, cosine) = (omega * time).sin_cos();
        self.mean_rate / mu + self.amplitude * (mu * sine - omega * cosine) / (mu * mu + omega * omega)
    }

    /// How long the peak of the number present comes after the peak of the arrival rate: atan(ω/μ)/ω.
    pub fn lag_time(&self) -> f64 {
        (self.frequency / self.service_rate).atan() / self.frequency
    }
}

#[cfg(test)]
mod tests {
    use super::super::close::{assert_close, assert_printed};
    use super::*;

    #[test]
    fn a_daily_wave_has_the_published_means_and_lag() {
        let wave = SinusoidalLoad::new(10.0, 5.0, 24.0, 0.5).unwrap();
        for (hour, printed) in
            [(6.0, "27.84833453"), (12.0, "24.10937835"), (18.0, "12.15166547"), (24.0, "15.89062165")]
        {
            assert_printed(wave.mean_at(hour), printed);
        }
        assert_printed(wave.lag_time(), "1.842433");
    }

    #[test]
    fn fine_steps_approach_the_wave() {
        let wave = SinusoidalLoad::new(10.0, 5.0, 24.0, 0.5).unwrap();
        let steps = 24_000;
        let span = 24.0 / f64::from(steps);
        let rates: Vec<f64> = (0..steps)
            .map(|index| 10.0 + 5.0 * ((f64::from(index) + 0.5) * span * std::f64::consts::TAU / 24.0).sin())
            .collect();
        let loads = RateProfile::equal_spans(span, &rates).unwrap().cyclic_loads(0.5).unwrap();
        for hour in [3, 6, 17] {
            assert_close(loads[hour * 1_000].mean_at_start, wave.mean_at(hour as f64), 1e-7);
        }
        assert_close(loads[steps as usize - 1].mean_at_end, loads[0].mean_at_start, 1e-12);
    }

    #[test]
    fn what_enters_less_what_is_served_is_what_is_present() {
        let profile = RateProfile::new(vec![
            RateSegment { span_time: 2.0, arrival_rate: 3.0 },
            RateSegment { span_time: 0.5, arrival_rate: 0.0 },
            RateSegment { span_time: 4.0, arrival_rate: 7.0 },
        ])
        .unwrap();
        let loads = profile.loads_from(1.0, 0.8).unwrap();
        let (mut entered, mut served) = (1.0, 0.0);
        for (segment, load) in profile.segments().iter().zip(&loads) {
            entered += segment.span_time * segment.arrival_rate;
            served += 0.8 * segment.span_time * load.time_average;
            assert!(load.largest() >= load.time_average);
        }
        assert_close(loads[2].mean_at_end, entered - served, 1e-12);
    }

    #[test]
    fn profiles_without_meaning_are_refused() {
        assert!(RateProfile::new(Vec::new()).is_err());
        assert!(RateProfile::equal_spans(0.0, &[1.0]).is_err());
        assert!(RateProfile::equal_spans(1.0, &[-1.0]).is_err());
        assert!(SinusoidalLoad::new(1.0, 2.0, 24.0, 1.0).is_err());
    }
}
