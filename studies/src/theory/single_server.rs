//! One server with a general law on one side: M/G/1, G/M/1 and the wait in M/D/1.

use super::law::Law;
use super::{TheoryError, in_range, not_negative, positive, quantile_level, quantile_of, stable};

/// M/G/1, first come first served: the Pollaczek–Khinchine mean, Wq = λ·E\[S²\]/(2(1 − ρ)).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mg1 {
    arrival_rate: f64,
    service: Law,
}

impl Mg1 {
    /// The station with arrivals at `arrival_rate` and services of the given law.
    ///
    /// # Errors
    /// A rate that is not above zero, a law without meaning, or as much work as the server can do.
    pub fn new(arrival_rate: f64, service: Law) -> Result<Self, TheoryError> {
        positive("arrival rate", arrival_rate)?;
        let service = service.checked()?;
        stable(arrival_rate * service.mean(), 1)?;
        Ok(Mg1 { arrival_rate, service })
    }

    /// The share of time that the server is busy.
    pub fn utilisation_share(&self) -> f64 {
        self.arrival_rate * self.service.mean()
    }

    /// The mean wait before service.
    pub fn mean_wait_time(&self) -> f64 {
        self.arrival_rate * self.service.second_moment() / (2.0 * (1.0 - self.utilisation_share()))
    }

    /// The mean time from arrival to departure.
    pub fn mean_sojourn_time(&self) -> f64 {
        self.mean_wait_time() + self.service.mean()
    }

    /// The mean number waiting.
    pub fn mean_queue_length(&self) -> f64 {
        self.arrival_rate * self.mean_wait_time()
    }

    /// The mean number waiting or in service.
    pub fn mean_occupancy(&self) -> f64 {
        self.arrival_rate * self.mean_sojourn_time()
    }
}

/// G/M/1 in steady state: an arrival finds n customers with probability (1 − σ)σⁿ, where σ is the root below 1 of
/// σ = A*(μ(1 − σ)) and A* the transform of the interarrival law (Kendall 1953; Gross and others, ch. 5).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gm1 {
    arrival_rate: f64,
    service_rate: f64,
    sigma: f64,
}

impl Gm1 {
    /// The station with the given law between arrivals and exponential service. [`Law::Constant`] makes it D/M/1.
    ///
    /// # Errors
    /// A rate that is not above zero, a law without meaning, or as much work as the server can do.
    pub fn new(interarrival: Law, service_rate: f64) -> Result<Self, TheoryError> {
        let interarrival = interarrival.checked()?;
        positive("service rate", service_rate)?;
        let arrival_rate = interarrival.mean().recip();
        stable(arrival_rate / service_rate, 1)?;
        // The convex A*(μ(1−σ)) − σ is positive at 0, negative between the root and 1, and 0 again at 1.
        let excess = |sigma: f64| interarrival.transform(service_rate * (1.0 - sigma)) - sigma;
        let mut high = 0.5;
        while excess(high) >= 0.0 && high < 1.0 - 1e-12 {
            high = 0.5 * (1.0 + high);
        }
        let mut low = 0.0;
        loop {
            let middle = 0.5 * (low + high);
            if middle <= low || middle >= high {
                break;
            }
            if excess(middle) > 0.0 { low = middle } else { high = middle }
        }
        Ok(Gm1 { arrival_rate, service_rate, sigma: 0.5 * (low + high) })
    }

    /// The probability that an arrival waits: σ.
    pub fn wait_probability(&self) -> f64 {
        self.sigma
    }

    fn drain_rate(&self) -> f64 {
        self.service_rate * (1.0 - self.sigma)
    }

    /// The mean wait before service: σ/(μ(1 − σ)).
    pub fn mean_wait_time(&self) -> f64 {
        self.sigma / self.drain_rate()
    }

    /// The mean time from arrival to departure: 1/(μ(1 − σ)).
    pub fn mean_sojourn_time(&self) -> f64 {
        self.drain_rate().recip()
    }

    /// The mean number waiting (Little).
    pub fn mean_queue_length(&self) -> f64 {
        self.arrival_rate * self.mean_wait_time()
    }

    /// The share of arrivals that wait longer than `time`: σ·exp(−μ(1 − σ)·time).
    ///
    /// # Errors
    /// A negative or infinite time.
    pub fn wait_tail(&self, time: f64) -> Result<f64, TheoryError> {
        not_negative("time", time)?;
        Ok(self.sigma * (-self.drain_rate() * time).exp())
    }

    /// The wait that a share `level` of arrivals does not exceed.
    ///
    /// # Errors
    /// A level outside 0..1.
    pub fn wait_quantile(&self, level: f64) -> Result<f64, TheoryError> {
        quantile_level(level)?;
        Ok(((self.sigma / (1.0 - level)).ln() / self.drain_rate()).max(0.0))
    }
}

/// The law of the wait in M/D/1.
///
/// Erlang's alternating series loses all digits within a few services. The sum of Franx (*A simple solution for the
/// M/D/c waiting time distribution*, Operations Research Letters 29, 2001) has positive terms only: for
/// (k−1)D ≤ t < kD and u = λ(kD − t), P(Wq ≤ t) = Σ_{j<k} Q(k−1−j)·e^(−u)u^j/j!, with Q(n) the probability of at
/// most n waiting. The occupancy is Ramaswami's recursion for the M/G/1 chain (1988), positive as well.
#[derive(Debug, Clone)]
pub struct Md1Wait {
    arrival_rate: f64,
    service_time: f64,
    /// P(at most n waiting), n = 0, 1, … until it is 1.
    queue_distribution: Vec<f64>,
}

impl Md1Wait {
    /// The station with arrivals at `arrival_rate`, each served for exactly `service_time`.
    ///
    /// # Errors
    /// A number that is not above zero, or a load of 0.995 or more, where the chain becomes too long for the
    /// quadratic recursion.
    pub fn new(arrival_rate: f64, service_time: f64) -> Result<Self, TheoryError> {
        positive("arrival rate", arrival_rate)?;
        positive("service time", service_time)?;
        let load = arrival_rate * service_time;
        stable(load, 1)?;
        in_range("offered load", load, load < 0.995, "less than 0.995 for the law of the wait in M/D/1")?;
        let occupancy = md1_occupancy(load);
        let mut sum = occupancy[0];
        let queue_distribution = occupancy[1..]
            .iter()
            .map(|probability| {
                sum += probability;
                sum.min(1.0)
            })
            .collect();
        Ok(Md1Wait { arrival_rate, service_time, queue_distribution })
    }

    /// The share of arrivals that wait at most `time`.
    ///
    /// # Errors
    /// A negative or infinite time.
    pub fn wait_distribution(&self, time: f64) -> Result<f64, TheoryError> {
        not_negative("time", time)?;
        Ok(self.waits_at_most(time))
    }

    fn waits_at_most(&self, time: f64) -> f64 {
        let whole = (time / self.service_time).floor();
        if whole >= self.queue_distribution.len() as f64 {
            return 1.0;
        }
        let whole = whole as usize;
        let arriving = self.arrival_rate * ((whole as f64 + 1.0) * self.service_time - time);
        let mut weight = (-arriving).exp();
        let mut total = 0.0;
        for later in 0..=whole {
            total += weight * self.queue_distribution[whole - later];
            weight *= arriving / (later as f64 + 1.0);
        }
        total.min(1.0)
    }

    /// The share of arrivals that wait longer than `time`; absolute error about 1e-14.
    ///
    /// # Errors
    /// A negative or infinite time.
    pub fn wait_tail(&self, time: f64) -> Result<f64, TheoryError> {
        self.wait_distribution(time).map(|at_most| 1.0 - at_most)
    }

    /// The wait that a share `level` of arrivals does not exceed.
    ///
    /// # Errors
    /// A level outside 0..1.
    pub fn wait_quantile(&self, level: f64) -> Result<f64, TheoryError> {
        quantile_level(level)?;
        Ok(quantile_of(|time| 1.0 - self.waits_at_most(time), level, self.service_time))
    }
}

/// P(N = n) of M/D/1 until the rest weighs less than 1e-17.
fn md1_occupancy(load: f64) -> Vec<f64> {
    // at_least[k] = P(at least k arrivals during a service).
    let mut at_least = Vec::new();
    let mut weights = vec![(-load).exp()];
    while weights[weights.len() - 1] > 1e-22 {
        let k = weights.len();
        weights.push(weights[k - 1] * load / k as f64);
    }
    let mut tail = 0.0;
    for weight in weights.iter().rev() {
        tail += weight;
        at_least.push(tail);
    }
    at_least.reverse();
    let none_again = weights[0];
    let reach = |k: usize| at_least.get(k).copied().unwrap_or(0.0);
    let mut occupancy: Vec<f64> = vec![1.0 - load];
    let mut rest = load;
    while rest > 1e-17 && occupancy[occupancy.len() - 1] > 1e-18 {
        let n = occupancy.len();
        let first = n.saturating_sub(at_least.len()).max(1);
        let from_busy: f64 = (first..n).map(|j| occupancy[j] * reach(n + 1 - j)).sum();
        let probability = (occupancy[0] * reach(n) + from_busy) / none_again;
        occupancy.push(probability);
        rest -= probability;
    }
    occupancy
}

#[cfg(test)]
mod tests {
    use super::super::close::{assert_close, assert_printed};
    use super::*;

    #[test]
    fn pollaczek_khinchine_has_the_published_values() {
        for (law, printed) in [
            (Law::Constant { mean: 1.0 }, "2.00000000000"),
            (Law::Erlang { mean: 1.0, stage_count: 2 }, "3.00000000000"),
            (Law::Uniform { low: 0.0, high: 2.0 }, "2.666667"),
            (Law::Lognormal { mean: 1.0, cv: 0.5 }, "2.50000000000"),
            (Law::Hyperexponential { mean: 1.0, cv: 2.0 }, "10.0000000000"),
        ] {
            let station = Mg1::new(0.8, law).unwrap();
            assert_printed(station.mean_wait_time(), printed);
            assert_close(station.mean_occupancy() - station.mean_queue_length(), 0.8, 1e-14);
        }
    }

    #[test]
    fn planned_arrivals_have_the_published_sigma_and_wait() {
        for (mean, sigma, wait) in [(20.0, ".4171883561", "14.31640"), (25.0, ".6863016690", "54.69440")] {
            let clinic = Gm1::new(Law::Constant { mean: 30.0 }, 1.0 / mean).unwrap();
            assert_printed(clinic.wait_probability(), sigma);
            assert_printed(clinic.mean_wait_time(), wait);
        }
    }

    #[test]
    fn exponential_interarrivals_make_sigma_the_load() {
        for load in [0.05, 0.5, 0.9, 0.999] {
            let station = Gm1::new(Law::Exponential { mean: 1.0 / load }, 1.0).unwrap();
            assert_close(station.wait_probability(), load, 1e-11);
        }
        let station = Gm1::new(Law::Exponential { mean: 1.0 / 0.9 }, 1.0).unwrap();
        assert_printed(station.wait_quantile(0.95).unwrap(), "28.90372");
    }

    /// P(Wq ≤ t) of M/D/1 by Erlang's alternating series (1909), good for a few services.
    fn erlang_series(load: f64, time: f64) -> f64 {
        let mut total = 0.0;
        for k in 0..=(time.floor() as i32) {
            let x = load * (time - f64::from(k));
            let factorial: f64 = (1..=k).map(f64::from).product();
            total += x.exp() * (-x).powi(k) / factorial;
        }
        (1.0 - load) * total
    }

    #[test]
    fn the_wait_in_md1_is_erlangs_series_where_that_holds_its_digits() {
        for load in [0.3, 0.8, 0.95] {
            let wait = Md1Wait::new(load, 1.0).unwrap();
            for time in [0.0, 0.4, 1.0, 1.7, 3.2, 6.9] {
                assert_close(wait.wait_distribution(time).unwrap(), erlang_series(load, time), 1e-10);
            }
        }
    }

    #[test]
    fn the_wait_in_md1_integrates_to_pollaczek_khinchine() {
        let (wait, mean) = (
            Md1Wait::new(0.4, 2.0).unwrap(),
            Mg1::new(0.4, Law::Constant { mean: 2.0 }).unwrap().mean_wait_time(),
        );
        let step = 0.005;
        let area: f64 =
            (0..60_000).map(|i| wait.wait_tail((f64::from(i) + 0.5) * step).unwrap() * step).sum();
        assert_close(area, mean, 1e-5);
        let p95 = wait.wait_quantile(0.95).unwrap();
        assert_close(wait.wait_distribution(p95).unwrap(), 0.95, 1e-12);
        assert_eq!(wait.wait_quantile(0.1).unwrap(), 0.0);
    }

    #[test]
    fn overloaded_servers_are_refused() {
        assert!(matches!(Mg1::new(1.0, Law::Exponential { mean: 1.0 }), Err(TheoryError::Unstable { .. })));
        assert!(Gm1::new(Law::Constant { mean: 1.0 }, 1.0).is_err());
        assert!(Md1Wait::new(0.999, 1.0).is_err());
    }
}
