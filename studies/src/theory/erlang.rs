//! Erlang's loss formula, his delay formula, and Erlang A (Palm) where those who wait give up.

use super::birth_death::{mean_above, stationary_unbounded};
use super::{TheoryError, at_least_one, not_negative, positive, stable};

/// Erlang B: the share of arrivals lost at `server_count` servers without a queue.
///
/// B(0) = 1, B(n) = A·B(n−1) / (n + A·B(n−1)) (Erlang 1917; the recursion, e.g. in Cooper, *Introduction to Queueing
/// Theory*, 1981), which only adds positive terms and is stable for any number of servers. Holds for every service
/// law of the same mean.
///
/// # Errors
/// A negative or infinite load.
pub fn erlang_b(offered_load: f64, server_count: u32) -> Result<f64, TheoryError> {
    not_negative("offered load", offered_load)?;
    Ok(loss_share(offered_load, server_count))
}

fn loss_share(offered_load: f64, server_count: u32) -> f64 {
    (1..=server_count).fold(1.0, |lost, n| {
        let reached = offered_load * lost;
        reached / (f64::from(n) + reached)
    })
}

/// Erlang C: the probability that an arrival waits in M/M/c.
///
/// C = c·B / (c − A·(1 − B)) (Erlang 1917).
///
/// # Errors
/// No server, a negative load, or a load that is not below the number of servers.
pub fn erlang_c(offered_load: f64, server_count: u32) -> Result<f64, TheoryError> {
    not_negative("offered load", offered_load)?;
    at_least_one("server count", server_count)?;
    stable(offered_load, server_count)?;
    let lost = loss_share(offered_load, server_count);
    let servers = f64::from(server_count);
    Ok(servers * lost / (servers - offered_load * (1.0 - lost)))
}

/// M/M/c with impatient customers (Erlang A, M/M/c+M): each waits at most an exponential time of its own.
///
/// Birth–death with death rates min(n,c)·μ + max(n−c,0)·θ (Palm 1943; Mandelbaum and Zeltyn, *Service engineering in
/// action: the Palm/Erlang-A queue*, 2007). It has a steady state at any load.
#[derive(Debug, Clone)]
pub struct ErlangA {
    arrival_rate: f64,
    service_rate: f64,
    server_count: u32,
    abandonment_rate: f64,
    occupancy: Vec<f64>,
}

impl ErlangA {
    /// The station with `server_count` servers, where one who waits gives up at `abandonment_rate` (1 / mean
    /// patience).
    ///
    /// # Errors
    /// A rate that is not above zero, no server, or a chain too long to be summed.
    pub fn new(
        arrival_rate: f64,
        service_rate: f64,
        server_count: u32,
        abandonment_rate: f64,
    ) -> Result<Self, TheoryError> {
        positive("arrival rate", arrival_rate)?;
        positive("service rate", service_rate)?;
        positive("abandonment rate", abandonment_rate)?;
        at_least_one("server count", server_count)?;
        let servers = server_count as usize;
        let occupancy = stationary_unbounded("the occupancy of Erlang A", arrival_rate, |n| {
            n.min(servers) as f64 * service_rate + n.saturating_sub(servers) as f64 * abandonment_rate
        })?;
        Ok(ErlangA { arrival_rate, service_rate, server_count, abandonment_rate, occupancy })
    }

    /// The share of arrivals that must wait: P(N ≥ c).
    pub fn wait_probability(&self) -> f64 {
        self.occupancy.iter().skip(self.server_count as usize).sum()
    }

    /// The mean number waiting.
    pub fn mean_queue_length(&self) -> f64 {
        mean_above(&self.occupancy, self.server_count as usize)
    }

    /// The mean number waiting or in service.
    pub fn mean_occupancy(&self) -> f64 {
        mean_above(&self.occupancy, 0)
    }

    /// The mean time in the queue over all arrivals, those who give up included (Lq/λ).
    pub fn mean_wait_time(&self) -> f64 {
        self.mean_queue_length() / self.arrival_rate
    }

    /// The share of arrivals that give up: θ·Lq/λ.
    pub fn abandonment_share(&self) -> f64 {
        self.abandonment_rate * self.mean_wait_time()
    }

    /// The share of server time that is busy.
    pub fn utilisation_share(&self) -> f64 {
        (self.mean_occupancy() - self.mean_queue_length()) / f64::from(self.server_count)
    }

    /// The share of arrivals whose time in the queue, ended by service or by giving up, exceeds `time`.
    ///
    /// The wait offered to one of endless patience has density λ·p(c−1)·exp(λ(1−e^(−θx))/θ − cμx) (Baccelli and
    /// Hebuterne 1981); one's own patience lasts beyond `time` with probability e^(−θ·time). The
    /// integral is numerical, with a relative error near 1e-10.
    ///
    /// # Errors
    /// A negative or infinite time.
    pub fn wait_tail(&self, time: f64) -> Result<f64, TheoryError> {
        not_negative("time", time)?;
        let offered = OfferedWait {
            lambda: self.arrival_rate,
            capacity: f64::from(self.server_count) * self.service_rate,
            theta: self.abandonment_rate,
        };
        let waits = self.wait_probability() * offered.integral_from(time) / offered.integral_from(0.0);
        Ok(waits * (-self.abandonment_rate * time).exp())
    }
}

/// The density of the wait that Erlang A offers to one of endless patience, up to a factor.
struct OfferedWait {
    lambda: f64,
    capacity: f64,
    theta: f64,
}

impl OfferedWait {
    /// The logarithm of the density: λ(1 − e^(−θx))/θ − cμx.
    fn log_density(&self, x: f64) -> f64 {
        -self.lambda * (-self.theta * x).exp_m1() / self.theta - self.capacity * x
    }

    /// The integral of the density, measured against its peak, from `from` to infinity. Panels of Simpson's rule over
    /// which the logarithm changes by about 0.02 keep the relative error near 1e-10.
    fn integral_from(&self, from: f64) -> f64 {
        // The density peaks where λe^(−θx) = cμ; what is e^-45 of the peak does not count.
        let peak_at = ((self.lambda / self.capacity).ln() / self.theta).max(0.0);
        let highest = self.log_density(peak_at);
        let density = |x: f64| (self.log_density(x) - highest).exp();
        let (mut low, mut high) = (from, from.max(peak_at));
        if density(low) < 1e-20 && low < peak_at {
            for _ in 0..60 {
                let middle = 0.5 * (low + high);
                if density(middle) < 1e-20 { low = middle } else { high = middle }
            }
        }
        let (mut at, mut left, mut total) = (low, density(low), 0.0);
        loop {
            let arriving = self.lambda * (-self.theta * at).exp();
            let pace = (arriving - self.capacity).abs() + (self.theta * arriving).sqrt() + self.theta;
            let width = 0.02 / pace;
            let right = density(at + width);
            let panel = width / 6.0 * (left + 4.0 * density(at + 0.5 * width) + right);
            total += panel;
            (at, left) = (at + width, right);
            if at > peak_at && (right == 0.0 || panel <= 1e-18 * total) {
                return total;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::close::{assert_close, assert_printed};
    use super::*;

    #[test]
    fn erlang_b_and_c_have_the_published_values() {
        assert_printed(erlang_b(8.0, 10).unwrap(), ".121661064253");
        assert_printed(erlang_c(8.0, 10).unwrap(), ".4091801508");
    }

    #[test]
    fn erlang_b_is_stable_for_thousands_of_servers() {
        // Load equal to servers: B ~ sqrt(2/(π c)) (Jagerman 1974: 1/B = sqrt(πc/2) + 2/3 + sqrt(2π/c)/24 + …).
        for servers in [1_000u32, 5_000] {
            let c = f64::from(servers);
            let pi = std::f64::consts::PI;
            let expansion = (pi * c / 2.0).sqrt() + 2.0 / 3.0 + (2.0 * pi / c).sqrt() / 24.0;
            assert_close(erlang_b(c, servers).unwrap().recip(), expansion, 1e-6);
        }
        assert_eq!(erlang_b(1.0, 5_000).unwrap(), 0.0);
        assert_eq!(erlang_b(0.0, 5).unwrap(), 0.0);
        assert_eq!(erlang_b(3.0, 0).unwrap(), 1.0);
    }

    #[test]
    fn erlang_c_refuses_what_never_settles() {
        assert!(matches!(erlang_c(5.0, 5), Err(TheoryError::Unstable { .. })));
        assert!(erlang_c(-1.0, 5).is_err());
        assert!(erlang_c(0.5, 0).is_err());
    }

    #[test]
    fn erlang_a_has_the_published_values() {
        let station = ErlangA::new(100.0, 20.0, 5, 30.0).unwrap();
        assert_printed(station.abandonment_share(), ".1923703015");
        assert_printed(station.mean_queue_length(), ".6412343");
        assert_printed(station.wait_probability(), ".5170736");
    }

    #[test]
    fn erlang_a_conserves_customers_also_when_overloaded() {
        for (arrival_rate, servers) in [(100.0, 5), (400.0, 5), (3_000.0, 100), (20.0, 40)] {
            let station = ErlangA::new(arrival_rate, 20.0, servers, 3.0).unwrap();
            let served_rate = station.utilisation_share() * f64::from(servers) * 20.0;
            assert_close(served_rate / arrival_rate + station.abandonment_share(), 1.0, 1e-12);
        }
    }

    #[test]
    fn the_wait_tail_of_erlang_a_integrates_to_its_mean_wait() {
        for arrival_rate in [60.0, 100.0, 250.0] {
            let station = ErlangA::new(arrival_rate, 20.0, 5, 30.0).unwrap();
            assert_close(station.wait_tail(0.0).unwrap(), station.wait_probability(), 1e-12);
            let step = 0.001;
            let tail = |index: u32| station.wait_tail(f64::from(index) * step).unwrap();
            let area: f64 = (0..500)
                .map(|panel| step / 3.0 * (tail(2 * panel) + 4.0 * tail(2 * panel + 1) + tail(2 * panel + 2)))
                .sum();
            assert_close(area, station.mean_wait_time(), 1e-6);
        }
    }

    #[test]
    fn great_patience_turns_erlang_a_into_erlang_c() {
        let station = ErlangA::new(8.0, 1.0, 10, 1e-7).unwrap();
        assert_close(station.wait_probability(), erlang_c(8.0, 10).unwrap(), 1e-5);
    }
}
