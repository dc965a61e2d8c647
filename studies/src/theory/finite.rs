//! A finite number of sources: machines that break, wards that call, doctors who order.

use super::birth_death::{mean_above, stationary};
use super::{TheoryError, at_least_one, positive};

/// M/M/c//N, the machine repairman: each of N sources asks for service at `request_rate` while it is not served.
///
/// Birth–death with birth rates (N−n)·λ and death rates min(n,c)·μ (Palm 1947; Gross and others, ch. 2).
#[derive(Debug, Clone)]
pub struct FiniteSource {
    request_rate: f64,
    server_count: u32,
    source_count: u32,
    occupancy: Vec<f64>,
}

impl FiniteSource {
    /// `source_count` sources at `server_count` servers of `service_rate` each.
    ///
    /// # Errors
    /// A rate that is not above zero, no source or no server.
    pub fn new(
        source_count: u32,
        request_rate: f64,
        service_rate: f64,
        server_count: u32,
    ) -> Result<Self, TheoryError> {
        at_least_one("source count", source_count)?;
        at_least_one("server count", server_count)?;
        positive("request rate", request_rate)?;
        positive("service rate", service_rate)?;
        let births: Vec<f64> =
            (0..source_count).map(|n| f64::from(source_count - n) * request_rate).collect();
        let deaths: Vec<f64> =
            (1..=source_count).map(|n| f64::from(n.min(server_count)) * service_rate).collect();
        Ok(FiniteSource { request_rate, server_count, source_count, occupancy: stationary(&births, &deaths) })
    }

    /// The mean number of sources waiting or in service.
    pub fn mean_occupancy(&self) -> f64 {
        mean_above(&self.occupancy, 0)
    }

    /// The mean number waiting.
    pub fn mean_queue_length(&self) -> f64 {
        mean_above(&self.occupancy, self.server_count as usize)
    }

    /// Requests per unit of time: λ·(N − L).
    pub fn throughput(&self) -> f64 {
        self.request_rate * (f64::from(self.source_count) - self.mean_occupancy())
    }

    /// The mean wait of a request (Little).
    pub fn mean_wait_time(&self) -> f64 {
        self.mean_queue_length() / self.throughput()
    }

    /// The mean time from request to the end of service (Little).
    pub fn mean_sojourn_time(&self) -> f64 {
        self.mean_occupancy() / self.throughput()
    }

    /// The share of server time that is busy.
    pub fn utilisation_share(&self) -> f64 {
        (self.mean_occupancy() - self.mean_queue_length()) / f64::from(self.server_count)
    }
}

#[cfg(test)]
mod tests {
    use super::super::close::{assert_close, assert_printed};
    use super::*;

    #[test]
    fn repair_shops_have_the_published_occupancy() {
        assert_printed(FiniteSource::new(5, 0.1, 1.0, 1).unwrap().mean_occupancy(), ".6395217686");
        assert_printed(FiniteSource::new(6, 0.25, 1.0, 2).unwrap().mean_occupancy(), "1.388624612");
    }

    #[test]
    fn as_many_servers_as_sources_make_the_sources_independent() {
        let shop = FiniteSource::new(40, 0.25, 1.0, 40).unwrap();
        assert_close(shop.mean_occupancy(), 40.0 * 0.2, 1e-12);
        assert_eq!(shop.mean_wait_time(), 0.0);
        assert_close(shop.throughput(), 40.0 * shop.utilisation_share(), 1e-12);
    }

    #[test]
    fn an_empty_shop_is_refused() {
        assert!(FiniteSource::new(0, 0.1, 1.0, 1).is_err());
        assert!(FiniteSource::new(5, 0.1, 1.0, 0).is_err());
        assert!(FiniteSource::new(5, 0.0, 1.0, 1).is_err());
    }
}
