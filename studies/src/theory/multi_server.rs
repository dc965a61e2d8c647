//! M/M/c and M/M/c/K: exponential service at one to thousands of servers, with a law of the wait.

use super::birth_death::{mean_above, stationary};
use super::erlang::erlang_c;
use super::{
    TheoryError, at_least_one, in_range, not_negative, positive, quantile_level, quantile_of, stable,
};

/// M/M/c, first come first served; M/M/1 is the case of one server.
///
/// The wait is 0 with probability 1 − C and otherwise exponential with rate cμ − λ (Erlang 1917; Gross and others,
/// *Fundamentals of Queueing Theory*, ch. 2).
#[derive(Debug, Clone, PartialEq)]
pub struct Mmc {
    arrival_rate: f64,
    service_rate: f64,
    server_count: u32,
    wait_probability: f64,
}

impl Mmc {
    /// The station with arrivals at `arrival_rate` and `server_count` servers of `service_rate` each.
    ///
    /// # Errors
    /// A rate that is not above zero, no server, or at least as much work as servers.
    pub fn new(arrival_rate: f64, service_rate: f64, server_count: u32) -> Result<Self, TheoryError> {
        positive("arrival rate", arrival_rate)?;
        positive("service rate", service_rate)?;
        let wait_probability = erlang_c(arrival_rate / service_rate, server_count)?;
        Ok(Mmc { arrival_rate, service_rate, server_count, wait_probability })
    }

    /// Work arriving, in servers: A = λ/μ.
    pub fn offered_load(&self) -> f64 {
        self.arrival_rate / self.service_rate
    }

    /// The share of server time that is busy: A/c.
    pub fn utilisation_share(&self) -> f64 {
        self.offered_load() / f64::from(self.server_count)
    }

    /// The probability that an arrival waits (Erlang C).
    pub fn wait_probability(&self) -> f64 {
        self.wait_probability
    }

    /// The rate at which the queue shrinks when all servers are busy: cμ − λ.
    fn drain_rate(&self) -> f64 {
        f64::from(self.server_count) * self.service_rate - self.arrival_rate
    }

    /// The mean wait before service: C/(cμ − λ).
    pub fn mean_wait_time(&self) -> f64 {
        self.wait_probability / self.drain_rate()
    }

    /// The standard deviation of the wait: sqrt(2C − C²)/(cμ − λ).
    pub fn wait_time_sd(&self) -> f64 {
        (self.wait_probability * (2.0 - self.wait_probability)).sqrt() / self.drain_rate()
    }

    /// The share of arrivals that wait longer than `time`: C·exp(−(cμ − λ)·time).
    ///
    /// # Errors
    /// A negative or infinite time.
    pub fn wait_tail(&self, time: f64) -> Result<f64, TheoryError> {
        not_negative("time", time)?;
        Ok(self.wait_probability * (-self.drain_rate() * time).exp())
    }

    /// The wait that a share `level` of arrivals does not exceed: 0 up to 1 − C, then ln(C/(1 − level))/(cμ − λ).
    ///
    /// # Errors
    /// A level outside 0..1.
    pub fn wait_quantile(&self, level: f64) -> Result<f64, TheoryError> {
        quantile_level(level)?;
        Ok(((self.wait_probability / (1.0 - level)).ln() / self.drain_rate()).max(0.0))
    }

    /// The mean number waiting (Little: λ·Wq).
    pub fn mean_queue_length(&self) -> f64 {
        self.arrival_rate * self.mean_wait_time()
    }

    /// The mean number waiting or in service.
    pub fn mean_occupancy(&self) -> f64 {
        self.mean_queue_length() + self.offered_load()
    }

    /// The mean time from arrival to departure.
    pub fn mean_sojourn_time(&self) -> f64 {
        self.mean_wait_time() + self.service_rate.recip()
    }

    /// The standard deviation of the time from arrival to departure; wait and own service are independent.
    pub fn sojourn_time_sd(&self) -> f64 {
        self.wait_time_sd().hypot(self.service_rate.recip())
    }

    /// The share of customers who stay longer than `time`: the wait's law convolved with one's own service.
    ///
    /// # Errors
    /// A negative or infinite time.
    pub fn sojourn_tail(&self, time: f64) -> Result<f64, TheoryError> {
        not_negative("time", time)?;
        Ok(self.stays_longer_than(time))
    }

    fn stays_longer_than(&self, time: f64) -> f64 {
        let (mu, delta) = (self.service_rate, self.drain_rate());
        // P(X + S > t) for X ~ exp(δ), S ~ exp(μ) is e^(−μt) + μ·(e^(−δt) − e^(−μt))/(μ − δ), taken without
        // cancellation from the slower of the two exponentials.
        let (slow, gap) = (mu.min(delta), (mu - delta).abs());
        let ratio = if gap * time > 0.0 { -(-gap * time).exp_m1() / (gap * time) } else { 1.0 };
        (-mu * time).exp() + self.wait_probability * mu * time * (-slow * time).exp() * ratio
    }

    /// The time from arrival to departure that a share `level` of customers does not exceed.
    ///
    /// # Errors
    /// A level outside 0..1.
    pub fn sojourn_quantile(&self, level: f64) -> Result<f64, TheoryError> {
        quantile_level(level)?;
        Ok(quantile_of(|time| self.stays_longer_than(time), level, self.mean_sojourn_time()))
    }

    /// The probability that `occupancy` customers are present.
    pub fn occupancy_probability(&self, occupancy: u32) -> f64 {
        let (load, servers) = (self.offered_load(), self.server_count);
        let rho = self.utilisation_share();
        if occupancy >= servers {
            return self.wait_probability * (1.0 - rho) * rho.powf(f64::from(occupancy - servers));
        }
        // Up to c customers the chain is that of the loss system, scaled.
        let deaths: Vec<f64> = (1..=servers).map(f64::from).collect();
        let no_more_than_servers = 1.0 - self.wait_probability * rho;
        stationary(&vec![load; servers as usize], &deaths)[occupancy as usize] * no_more_than_servers
    }
}

/// M/M/c/K: as M/M/c, but arrivals who find `capacity` customers present are lost.
///
/// A truncated birth–death chain (Gross and others, ch. 2). It has a steady state at any load.
#[derive(Debug, Clone)]
pub struct MmcK {
    arrival_rate: f64,
    server_count: u32,
    occupancy: Vec<f64>,
}

impl MmcK {
    /// The station with room for `capacity` customers, those in service included.
    ///
    /// # Errors
    /// A rate that is not above zero, no server, or room for fewer customers than servers.
    pub fn new(
        arrival_rate: f64,
        service_rate: f64,
        server_count: u32,
        capacity: u32,
    ) -> Result<Self, TheoryError> {
        positive("arrival rate", arrival_rate)?;
        positive("service rate", service_rate)?;
        at_least_one("server count", server_count)?;
        in_range(
            "capacity",
            f64::from(capacity),
            capacity >= server_count,
            "at least the number of servers",
        )?;
        let deaths: Vec<f64> =
            (1..=capacity).map(|n| f64::from(n.min(server_count)) * service_rate).collect();
        let occupancy = stationary(&vec![arrival_rate; capacity as usize], &deaths);
        Ok(MmcK { arrival_rate, server_count, occupancy })
    }

    /// The share of arrivals that find no room: P(N = K).
    pub fn loss_share(&self) -> f64 {
        self.occupancy[self.occupancy.len() - 1]
    }

    /// The rate of those who find room.
    pub fn accepted_rate(&self) -> f64 {
        self.arrival_rate * (1.0 - self.loss_share())
    }

    /// The share of those accepted who must wait.
    pub fn wait_probability(&self) -> f64 {
        let waiting = self.server_count as usize..self.occupancy.len() - 1;
        self.occupancy[waiting].iter().sum::<f64>() / (1.0 - self.loss_share())
    }

    /// The mean number waiting or in service.
    pub fn mean_occupancy(&self) -> f64 {
        mean_above(&self.occupancy, 0)
    }

    /// The mean number waiting.
    pub fn mean_queue_length(&self) -> f64 {
        mean_above(&self.occupancy, self.server_count as usize)
    }

    /// The mean wait of those accepted (Little).
    pub fn mean_wait_time(&self) -> f64 {
        self.mean_queue_length() / self.accepted_rate()
    }

    /// The mean time from arrival to departure of those accepted (Little).
    pub fn mean_sojourn_time(&self) -> f64 {
        self.mean_occupancy() / self.accepted_rate()
    }

    /// The share of server time that is busy.
    pub fn utilisation_share(&self) -> f64 {
        (self.mean_occupancy() - self.mean_queue_length()) / f64::from(self.server_count)
    }
}

/// The fewest servers at which M/M/c has a steady state: ⌊A⌋ + 1.
///
/// # Errors
/// A rate that is not above zero, or a load beyond what a count holds.
pub fn fewest_stable_servers(arrival_rate: f64, service_rate: f64) -> Result<u32, TheoryError> {
    positive("arrival rate", arrival_rate)?;
    positive("service rate", service_rate)?;
    let load = arrival_rate / service_rate;
    in_range("offered load", load, load < 1e9, "less than 1e9 servers' work")?;
    let servers = load.floor() as u32 + 1;
    stable(load, servers)?;
    Ok(servers)
}

#[cfg(test)]
mod tests {
    use super::super::close::{assert_close, assert_printed};
    use super::super::erlang::erlang_b;
    use super::*;

    #[test]
    fn a_single_server_has_the_published_values() {
        let pharmacy = Mmc::new(1.0 / 6.0, 1.0 / 3.0, 1).unwrap();
        assert_printed(pharmacy.mean_queue_length(), "0.5");
        assert_printed(pharmacy.mean_wait_time(), "3.00000000000");
        assert_printed(pharmacy.mean_sojourn_time(), "6.00000000000");
        assert_printed(pharmacy.mean_occupancy(), "1.00000000000");
        let benchmark = Mmc::new(0.9, 1.0, 1).unwrap();
        assert_printed(benchmark.sojourn_time_sd(), "10.0000000000");
        for (level, printed) in [(0.5, "5.877867"), (0.9, "21.97225"), (0.95, "28.90372"), (0.99, "44.99810")]
        {
            assert_printed(benchmark.wait_quantile(level).unwrap(), printed);
        }
    }

    #[test]
    fn the_sojourn_in_mm1_is_exponential() {
        let station = Mmc::new(0.9, 1.0, 1).unwrap();
        for time in [0.0, 0.5, 3.0, 40.0, 200.0] {
            assert_close(station.sojourn_tail(time).unwrap(), (-0.1 * time).exp(), 1e-12);
        }
        assert_close(station.sojourn_quantile(0.95).unwrap(), 20f64.ln() / 0.1, 1e-12);
    }

    #[test]
    fn the_sojourn_tail_integrates_to_its_moments_also_where_rates_coincide() {
        // With c = 2 and λ = μ the drain rate equals the service rate.
        for station in [Mmc::new(1.0, 1.0, 2).unwrap(), Mmc::new(7.3, 1.0, 8).unwrap()] {
            let step = 0.005;
            let (mut mean, mut second) = (0.0, 0.0);
            for index in 0..40_000 {
                let time = (f64::from(index) + 0.5) * step;
                let tail = station.sojourn_tail(time).unwrap();
                mean += tail * step;
                second += 2.0 * time * tail * step;
            }
            assert_close(mean, station.mean_sojourn_time(), 1e-5);
            assert_close((second - mean * mean).sqrt(), station.sojourn_time_sd(), 1e-5);
        }
    }

    #[test]
    fn kiosks_have_the_published_waits() {
        for (kiosks, seconds, late) in
            [(5, "66.4935", ".04548433"), (6, "17.0857", ".001918703"), (7, "5.40441", "7.4727e-5")]
        {
            let station = Mmc::new(120.0 / 3600.0, 1.0 / 120.0, kiosks).unwrap();
            assert_printed(station.mean_wait_time(), seconds);
            assert_printed(station.wait_tail(300.0).unwrap(), late);
        }
    }

    #[test]
    fn the_occupancy_law_sums_to_one_and_to_the_mean() {
        for station in [Mmc::new(0.2, 0.1, 3).unwrap(), Mmc::new(1_950.0, 1.0, 2_000).unwrap()] {
            let law: Vec<f64> = if station.server_count > 100 {
                let deaths: Vec<f64> = (1..=9_000).map(|n: u32| f64::from(n.min(2_000))).collect();
                stationary(&vec![1_950.0; 9_000], &deaths)
            } else {
                (0..400).map(|n| station.occupancy_probability(n)).collect()
            };
            assert_close(law.iter().sum(), 1.0, 1e-12);
            assert_close(mean_above(&law, 0), station.mean_occupancy(), 1e-9);
            assert_close(law[3], station.occupancy_probability(3), 1e-9);
        }
        assert_close(Mmc::new(0.2, 0.1, 3).unwrap().occupancy_probability(0), 1.0 / 9.0, 1e-14);
    }

    #[test]
    fn limited_room_has_the_published_values() {
        let station = MmcK::new(3.0, 4.0, 2, 3).unwrap();
        assert_printed(station.mean_occupancy(), ".7623400");
        assert_printed(station.loss_share(), ".04936015");
        assert_printed(station.mean_wait_time(), ".01730769");
        let gate = MmcK::new(8.0, 1.0, 10, 10).unwrap();
        assert_close(gate.loss_share(), erlang_b(8.0, 10).unwrap(), 1e-13);
        assert_eq!(gate.mean_wait_time(), 0.0);
    }

    #[test]
    fn ample_room_is_no_limit() {
        let (limited, free) = (MmcK::new(1.9, 1.0, 2, 2_000).unwrap(), Mmc::new(1.9, 1.0, 2).unwrap());
        assert_close(limited.mean_wait_time(), free.mean_wait_time(), 1e-11);
        assert_close(limited.wait_probability(), free.wait_probability(), 1e-12);
    }

    #[test]
    fn impossible_stations_are_refused() {
        assert!(matches!(Mmc::new(2.0, 1.0, 2), Err(TheoryError::Unstable { .. })));
        assert!(Mmc::new(0.0, 1.0, 2).is_err());
        assert!(MmcK::new(1.0, 1.0, 3, 2).is_err());
        assert!(Mmc::new(1.0, 2.0, 1).unwrap().wait_quantile(1.0).is_err());
        assert_eq!(fewest_stable_servers(4.0, 1.0), Ok(5));
        assert_eq!(fewest_stable_servers(4.2, 1.0), Ok(5));
    }
}
