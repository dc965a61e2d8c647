//! A plain crowd: patients who arrive at a constant rate, for networks of no hospital and for finding the edge.

use super::Visit;
use onetrip_sim::stream::{Purpose, RunKey};

const GAPS: Purpose = Purpose::named("load.crowd.gaps");

/// How patients of a crowd follow each other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Arrivals {
    /// At equal distances.
    Uniform,
    /// Independently of each other (exponential gaps).
    Poisson,
}

/// A crowd at a constant rate.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Crowd {
    /// Patients per hour.
    pub per_hour: f64,
    /// For how long, in µs.
    pub length_us: u64,
    /// How they follow each other.
    pub arrivals: Arrivals,
}

impl Crowd {
    /// The visits, from instant 0 on.
    pub fn visits(&self, rng_seed: u64) -> Vec<Visit> {
        let gap_us = 3.6e9 / self.per_hour;
        let mut stream = RunKey::new(rng_seed, 0, 0).entity(GAPS, 0).stream(GAPS);
        let mut at = match self.arrivals {
            Arrivals::Uniform => 0.0,
            Arrivals::Poisson => -stream.unit().ln() * gap_us,
        };
        let mut visits = Vec::new();
        while at < self.length_us as f64 {
            let number = visits.len() as u64;
            visits.push(Visit { number, class: 0, arrive_at: at.round() as u64, moments: None });
            at += match self.arrivals {
                Arrivals::Uniform => gap_us,
                Arrivals::Poisson => -stream.unit().ln() * gap_us,
            };
        }
        visits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn poisson_gaps_pass_the_kolmogorov_smirnov_test_and_uniform_ones_are_equal() {
        let crowd = Crowd { per_hour: 3_600_000.0, length_us: 20_000_000, arrivals: Arrivals::Poisson };
        let visits = crowd.visits(11);
        let mut gaps: Vec<f64> =
            visits.windows(2).map(|pair| (pair[1].arrive_at - pair[0].arrive_at) as f64).collect();
        gaps.sort_by(f64::total_cmp);
        let count = gaps.len() as f64;
        assert!((count - 20_000.0).abs() < 4.0 * 20_000f64.sqrt(), "{count}");
        let distance = gaps
            .iter()
            .enumerate()
            .map(|(rank, gap)| {
                let law = 1.0 - (-(gap + 0.5) / 1000.0).exp();
                (law - rank as f64 / count).abs().max((law - (rank + 1) as f64 / count).abs())
            })
            .fold(0.0, f64::max);
        assert!(distance < 1.36 / count.sqrt(), "{distance}");
        let even = Crowd { arrivals: Arrivals::Uniform, ..crowd }.visits(11);
        assert!(even.windows(2).all(|pair| pair[1].arrive_at - pair[0].arrive_at == 1000));
    }
}
