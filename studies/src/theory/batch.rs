//! Arrivals in batches at one exponential server: M^\[X\]/M/1.

use super::{TheoryError, at_least_one, not_negative, positive, stable};

/// M^\[X\]/M/1: batches at rate λ, sizes X, each customer served for an exponential time of its own.
///
/// L = ρ·(1 + E\[X²\]/E\[X\]) / (2(1 − ρ)) with ρ = λ·E\[X\]/μ (Gross and others, ch. 3; Chaudhry and Templeton 1983).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BatchArrivals {
    customer_rate: f64,
    service_rate: f64,
    /// E\[X²\]/E\[X\].
    size_ratio: f64,
}

impl BatchArrivals {
    /// Batches of `size_probabilities[i]` customers i+1, at `batch_rate` per unit of time.
    ///
    /// # Errors
    /// A rate that is not above zero, no size, probabilities that are negative or do not sum to 1, or as much work as
    /// the server can do.
    pub fn new(batch_rate: f64, size_probabilities: &[f64], service_rate: f64) -> Result<Self, TheoryError> {
        positive("batch rate", batch_rate)?;
        positive("service rate", service_rate)?;
        let (mut total, mut mean, mut square) = (0.0, 0.0, 0.0);
        for (index, &probability) in size_probabilities.iter().enumerate() {
            not_negative("probability of a batch size", probability)?;
            let size = (index + 1) as f64;
            total += probability;
            mean += probability * size;
            square += probability * size * size;
        }
        if (total - 1.0).abs() > 1e-9 {
            return Err(TheoryError::OutOfRange {
                name: "sum of the batch size probabilities",
                value: total,
                accepted: "1",
            });
        }
        let customer_rate = batch_rate * mean;
        stable(customer_rate / service_rate, 1)?;
        Ok(BatchArrivals { customer_rate, service_rate, size_ratio: square / mean })
    }

    /// Batches that are all of one size.
    ///
    /// # Errors
    /// As [`BatchArrivals::new`], and a size of zero.
    pub fn of_size(batch_rate: f64, size: u32, service_rate: f64) -> Result<Self, TheoryError> {
        at_least_one("batch size", size)?;
        let mut probabilities = vec![0.0; size as usize];
        probabilities[size as usize - 1] = 1.0;
        BatchArrivals::new(batch_rate, &probabilities, service_rate)
    }

    /// The share of time that the server is busy.
    pub fn utilisation_share(&self) -> f64 {
        self.customer_rate / self.service_rate
    }

    /// The mean number waiting or in service.
    pub fn mean_occupancy(&self) -> f64 {
        let rho = self.utilisation_share();
        rho * (1.0 + self.size_ratio) / (2.0 * (1.0 - rho))
    }

    /// The mean time from arrival to departure of a customer (Little).
    pub fn mean_sojourn_time(&self) -> f64 {
        self.mean_occupancy() / self.customer_rate
    }

    /// The mean wait of a customer, those of the own batch who go first included.
    pub fn mean_wait_time(&self) -> f64 {
        self.mean_sojourn_time() - self.service_rate.recip()
    }
}

#[cfg(test)]
mod tests {
    use super::super::close::{assert_close, assert_printed};
    use super::super::multi_server::Mmc;
    use super::*;

    #[test]
    fn pairs_have_the_published_values() {
        let pairs = BatchArrivals::of_size(0.4, 2, 1.0).unwrap();
        assert_printed(pairs.mean_occupancy(), "6.00000000000");
        assert_printed(pairs.mean_sojourn_time(), "7.50000000000");
    }

    #[test]
    fn batches_of_one_are_mm1() {
        let single = BatchArrivals::of_size(0.7, 1, 1.0).unwrap();
        assert_close(single.mean_wait_time(), Mmc::new(0.7, 1.0, 1).unwrap().mean_wait_time(), 1e-13);
    }

    #[test]
    fn geometric_batches_have_their_closed_form() {
        // Sizes geometric with ratio a: L = ρ/((1 − ρ)(1 − a)) (Gross and others).
        let (a, rate) = (0.4f64, 0.3);
        let sizes: Vec<f64> = (0..200).map(|index| (1.0 - a) * a.powi(index)).collect();
        let batches = BatchArrivals::new(rate, &sizes, 1.0).unwrap();
        let rho = rate / (1.0 - a);
        assert_close(batches.mean_occupancy(), rho / ((1.0 - rho) * (1.0 - a)), 1e-12);
    }

    #[test]
    fn impossible_batches_are_refused() {
        assert!(BatchArrivals::of_size(0.5, 2, 1.0).is_err());
        assert!(BatchArrivals::of_size(0.1, 0, 1.0).is_err());
        assert!(BatchArrivals::new(0.1, &[0.5, 0.4], 1.0).is_err());
        assert!(BatchArrivals::new(0.1, &[], 1.0).is_err());
    }
}
