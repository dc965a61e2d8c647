//! M_t/M/c over a day: the Kolmogorov equations with rates and staffing constant by stretches.

use super::{TheoryError, not_negative, positive};

/// Room the computation allows itself for customers present.
const STATE_LIMIT: usize = 100_000;

/// What is dropped at the top of the state space per step; over a day it adds up to far below any printed digit.
const DROPPED_MASS: f64 = 1e-18;

/// A stretch of time with one arrival rate and one number of servers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StaffedSegment {
    /// How long it lasts.
    pub span_time: f64,
    /// Arrivals per unit of time during it.
    pub arrival_rate: f64,
    /// Servers on duty; may be 0. When their number falls, work in hand waits for the next free server, which for
    /// exponential service changes nothing but who is served.
    pub server_count: u32,
}

/// What one stretch was like.
#[derive(Debug, Clone, PartialEq)]
pub struct SegmentOutcome {
    /// P(n present) at its end.
    pub occupancy_at_end: Vec<f64>,
    /// The mean number present at its end.
    pub mean_occupancy_at_end: f64,
    /// The mean number present, averaged over it.
    pub mean_occupancy: f64,
    /// The mean number waiting, averaged over it.
    pub mean_queue_length: f64,
    /// The share of its arrivals that find all servers busy (Poisson arrivals see time averages).
    pub wait_probability: f64,
    /// The mean number of busy servers, averaged over it.
    pub mean_busy_servers: f64,
}

/// A station whose arrivals and staffing change by stretches: M_t/M/c_t, with or without impatience.
#[derive(Debug, Clone, PartialEq)]
pub struct TransientStation {
    service_rate: f64,
    abandonment_rate: f64,
    segments: Vec<StaffedSegment>,
}

impl TransientStation {
    /// The station with servers of `service_rate`, where each who waits gives up at `abandonment_rate` (0: never).
    ///
    /// # Errors
    /// No stretch, a span or service rate that is not above zero, or a negative rate.
    pub fn new(
        service_rate: f64,
        abandonment_rate: f64,
        segments: Vec<StaffedSegment>,
    ) -> Result<Self, TheoryError> {
        positive("service rate", service_rate)?;
        not_negative("abandonment rate", abandonment_rate)?;
        if segments.is_empty() {
            return Err(TheoryError::WrongLength {
                name: "segments",
                found: 0,
                accepted: "at least 1".to_owned(),
            });
        }
        for segment in &segments {
            positive("span time", segment.span_time)?;
            not_negative("arrival rate", segment.arrival_rate)?;
        }
        Ok(TransientStation { service_rate, abandonment_rate, segments })
    }

    /// The stretches from an empty start.
    ///
    /// Uniformisation (Jensen 1953; Grassmann 1977): over a short step of length h, p(t+h) = Σₖ Poisson(qh; k)·p(t)Pᵏ,
    /// and its time integral has weights P(Poisson(qh) > k)/q. Only positive terms are added; the state space grows
    /// as far as probability reaches.
    ///
    /// # Errors
    /// [`TheoryError::TooLarge`] when more than 100,000 customers could be present.
    pub fn from_empty(&self) -> Result<Vec<SegmentOutcome>, TheoryError> {
        let mut occupancy = vec![1.0];
        self.segments.iter().map(|segment| self.advance(segment, &mut occupancy)).collect()
    }

    /// The rate at which the number present falls from `n`.
    fn departure_rate(&self, segment: &StaffedSegment, n: usize) -> f64 {
        let busy = n.min(segment.server_count as usize);
        busy as f64 * self.service_rate + (n - busy) as f64 * self.abandonment_rate
    }

    fn advance(
        &self,
        segment: &StaffedSegment,
        occupancy: &mut Vec<f64>,
    ) -> Result<SegmentOutcome, TheoryError> {
        let mut integral = vec![0.0; occupancy.len()];
        let mut remaining = segment.span_time;
        while remaining > 0.0 {
            // A step makes at most about JUMPS transitions in the mean, hence reaches at most as far as `reach`.
            const JUMPS: f64 = 100.0;
            let reach = occupancy.len() + 300;
            let pace = segment.arrival_rate + self.departure_rate(segment, reach);
            if pace == 0.0 {
                extend(&mut integral, occupancy, remaining);
                break;
            }
            let step = if pace * remaining <= JUMPS { remaining } else { JUMPS / pace };
            self.step(segment, pace, step, occupancy, &mut integral);
            if occupancy.len() > STATE_LIMIT {
                return Err(TheoryError::TooLarge { quantity: "the number present", limit: STATE_LIMIT });
            }
            remaining = if step == remaining { 0.0 } else { remaining - step };
        }
        Ok(outcome(segment, occupancy, &integral))
    }

    /// One step of uniformisation with rate `pace`; adds the time integral of the probabilities to `integral`.
    fn step(
        &self,
        segment: &StaffedSegment,
        pace: f64,
        step: f64,
        occupancy: &mut Vec<f64>,
        integral: &mut Vec<f64>,
    ) {
        let weights = poisson_weights(pace * step);
        let mut beyond: Vec<f64> = weights.clone();
        for index in (0..beyond.len() - 1).rev() {
            beyond[index] += beyond[index + 1];
        }
        let mut current = std::mem::take(occupancy);
        let mut next = Vec::with_capacity(current.len() + weights.len());
        let rise = segment.arrival_rate / pace;
        for (k, weight) in weights.iter().enumerate() {
            extend(occupancy, &current, *weight);
            extend(integral, &current, beyond.get(k + 1).copied().unwrap_or(0.0) / pace);
            if k + 1 == weights.len() {
                break;
            }
            next.clear();
            next.resize(current.len() + 1, 0.0);
            for (n, probability) in current.iter().enumerate() {
                let fall = self.departure_rate(segment, n) / pace;
                next[n + 1] += probability * rise;
                next[n] += probability * (1.0 - rise - fall);
                if n > 0 {
                    next[n - 1] += probability * fall;
                }
            }
            std::mem::swap(&mut current, &mut next);
        }
        trim(occupancy);
    }
}

/// Adds `factor` times `values` to `target`, which grows to their length.
fn extend(target: &mut Vec<f64>, values: &[f64], factor: f64) {
    if target.len() < values.len() {
        target.resize(values.len(), 0.0);
    }
    for (sum, value) in target.iter_mut().zip(values) {
        *sum += factor * value;
    }
}

/// Drops the highest states that together weigh next to nothing, and makes the rest sum to 1 again.
fn trim(occupancy: &mut Vec<f64>) {
    let mut dropped = 0.0;
    while occupancy.len() > 1 && dropped + occupancy[occupancy.len() - 1] < DROPPED_MASS {
        dropped += occupancy.pop().unwrap_or(0.0);
    }
    let total: f64 = occupancy.iter().sum();
    occupancy.iter_mut().for_each(|probability| *probability /= total);
}

/// Poisson probabilities from 0 until the rest is negligible, for a mean of at most a few hundred.
fn poisson_weights(mean: f64) -> Vec<f64> {
    let mut weights = vec![(-mean).exp()];
    loop {
        let k = weights.len() as f64;
        let weight = weights[weights.len() - 1] * mean / k;
        if k > mean && weight < 1e-19 {
            return weights;
        }
        weights.push(weight);
    }
}

fn outcome(segment: &StaffedSegment, occupancy: &[f64], integral: &[f64]) -> SegmentOutcome {
    let servers = segment.server_count as usize;
    let averaged = |value: &dyn Fn(usize) -> f64| -> f64 {
        integral.iter().enumerate().map(|(n, time)| value(n) * time).sum::<f64>() / segment.span_time
    };
    SegmentOutcome {
        mean_occupancy_at_end: occupancy.iter().enumerate().map(|(n, p)| n as f64 * p).sum(),
        occupancy_at_end: occupancy.to_vec(),
        mean_occupancy: averaged(&|n| n as f64),
        mean_queue_length: averaged(&|n| n.saturating_sub(servers) as f64),
        wait_probability: averaged(&|n| f64::from(u8::from(n >= servers))),
        mean_busy_servers: averaged(&|n| n.min(servers) as f64),
    }
}

#[cfg(test)]
mod tests {
    use super::super::close::{assert_close, assert_printed};
    use super::super::erlang::ErlangA;
    use super::super::infinite::RateProfile;
    use super::super::multi_server::Mmc;
    use super::*;

    fn segment(span_time: f64, arrival_rate: f64, server_count: u32) -> StaffedSegment {
        StaffedSegment { span_time, arrival_rate, server_count }
    }

    #[test]
    fn a_peak_of_an_hour_has_the_published_means() {
        let day = [1.0, 2.0, 0.5].map(|rate| segment(60.0, rate, 3)).to_vec();
        let outcomes = TransientStation::new(0.5, 0.0, day).unwrap().from_empty().unwrap();
        for (outcome, printed) in outcomes.iter().zip(["2.881348", "35.01316", "1.599114"]) {
            assert_printed(outcome.mean_occupancy_at_end, printed);
        }
        let average = outcomes.iter().map(|outcome| outcome.mean_occupancy).sum::<f64>() / 3.0;
        assert_printed(average, "11.67511");
    }

    #[test]
    fn flow_is_conserved_in_every_stretch() {
        let day = vec![segment(3.0, 40.0, 6), segment(2.0, 90.0, 0), segment(5.0, 20.0, 15)];
        let outcomes = TransientStation::new(6.0, 0.7, day.clone()).unwrap().from_empty().unwrap();
        let mut present = 0.0;
        for (segment, outcome) in day.iter().zip(&outcomes) {
            let out_rate = 6.0 * outcome.mean_busy_servers + 0.7 * outcome.mean_queue_length;
            present += segment.span_time * (segment.arrival_rate - out_rate);
            assert_close(outcome.mean_occupancy_at_end, present, 1e-10);
            assert_close(
                outcome.mean_occupancy,
                outcome.mean_busy_servers + outcome.mean_queue_length,
                1e-12,
            );
            assert_close(outcome.occupancy_at_end.iter().sum(), 1.0, 1e-12);
        }
        assert_close(outcomes[1].wait_probability, 1.0, 1e-12);
    }

    #[test]
    fn many_servers_are_as_good_as_infinitely_many() {
        let rates = [8.0, 25.0, 3.0];
        let loads = RateProfile::equal_spans(2.0, &rates).unwrap().loads_from(0.0, 1.5).unwrap();
        let day = rates.map(|rate| segment(2.0, rate, 200)).to_vec();
        let outcomes = TransientStation::new(1.5, 0.0, day).unwrap().from_empty().unwrap();
        for (load, outcome) in loads.iter().zip(&outcomes) {
            assert_close(load.mean_at_end, outcome.mean_occupancy_at_end, 1e-11);
            assert_close(load.time_average, outcome.mean_occupancy, 1e-11);
            // Poisson from an empty start.
            assert_close(outcome.occupancy_at_end[0], (-load.mean_at_end).exp(), 1e-9);
        }
    }

    #[test]
    fn after_long_it_is_the_steady_state() {
        let long = |arrival_rate, abandonment_rate| {
            let day = vec![segment(600.0, arrival_rate, 4), segment(10.0, arrival_rate, 4)];
            TransientStation::new(1.0, abandonment_rate, day).unwrap().from_empty().unwrap().remove(1)
        };
        let (patient, theory) = (long(3.0, 0.0), Mmc::new(3.0, 1.0, 4).unwrap());
        assert_close(patient.mean_occupancy, theory.mean_occupancy(), 1e-10);
        assert_close(patient.wait_probability, theory.wait_probability(), 1e-10);
        let (impatient, theory) = (long(6.0, 0.5), ErlangA::new(6.0, 1.0, 4, 0.5).unwrap());
        assert_close(impatient.mean_queue_length, theory.mean_queue_length(), 1e-11);
        assert_close(impatient.wait_probability, theory.wait_probability(), 1e-11);
    }

    #[test]
    fn a_closed_and_empty_station_stays_so() {
        let outcomes =
            TransientStation::new(1.0, 0.0, vec![segment(5.0, 0.0, 0)]).unwrap().from_empty().unwrap();
        assert_eq!(outcomes[0].mean_occupancy, 0.0);
        assert_eq!(outcomes[0].mean_occupancy_at_end, 0.0);
        assert!(TransientStation::new(1.0, 0.0, Vec::new()).is_err());
        assert!(TransientStation::new(0.0, 0.0, vec![segment(5.0, 1.0, 1)]).is_err());
    }
}
