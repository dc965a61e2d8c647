//! Running mean and variance in one pass.

use super::interval::{Estimate, Level};
use serde::{Deserialize, Serialize};

/// Count, mean and sum of squared deviations, updated one observation at a time (Welford, *Technometrics* 4, 1962)
/// and merged pairwise (Chan, Golub, LeVeque, *The American Statistician* 37, 1983). Merging in index order gives
/// the same bits for any number of threads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Moments {
    count: u64,
    mean: f64,
    squares: f64,
}

impl Moments {
    /// No observations yet.
    pub fn new() -> Self {
        Moments::default()
    }

    /// Adds an observation.
    #[inline]
    pub fn push(&mut self, value: f64) {
        self.count += 1;
        let before = value - self.mean;
        self.mean += before / self.count as f64;
        self.squares += before * (value - self.mean);
    }

    /// Adds all observations of another.
    pub fn merge(&mut self, other: &Moments) {
        if other.count == 0 {
            return;
        }
        if self.count == 0 {
            *self = *other;
            return;
        }
        let (mine, theirs) = (self.count as f64, other.count as f64);
        let whole = mine + theirs;
        let gap = other.mean - self.mean;
        self.mean += gap * theirs / whole;
        self.squares += other.squares + gap * gap * mine * theirs / whole;
        self.count += other.count;
    }

    /// How many observations.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The mean, or `None` without observations.
    pub fn mean(&self) -> Option<f64> {
        (self.count > 0).then_some(self.mean)
    }

    /// The unbiased variance (divisor n − 1), or `None` for fewer than two observations.
    pub fn variance(&self) -> Option<f64> {
        (self.count > 1).then(|| (self.squares / (self.count - 1) as f64).max(0.0))
    }

    /// The standard deviation, or `None` for fewer than two observations.
    pub fn standard_deviation(&self) -> Option<f64> {
        self.variance().map(f64::sqrt)
    }

    /// The standard error of the mean, or `None` for fewer than two observations.
    pub fn standard_error(&self) -> Option<f64> {
        self.variance().map(|variance| (variance / self.count as f64).sqrt())
    }

    /// The mean with Student's interval, or `None` without observations.
    pub fn estimate(&self, level: Level) -> Option<Estimate> {
        let standard_error = self.standard_error().unwrap_or(0.0);
        self.mean().map(|mean| Estimate::student(mean, standard_error, self.count as usize, level))
    }
}

impl FromIterator<f64> for Moments {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Self {
        let mut moments = Moments::new();
        values.into_iter().for_each(|value| moments.push(value));
        moments
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_offset_does_not_spoil_the_variance() {
        let moments: Moments = [4.0, 7.0, 13.0, 16.0].map(|x| x + 1e9).into_iter().collect();
        assert_eq!((moments.mean(), moments.variance()), (Some(1e9 + 10.0), Some(30.0)));
    }

    #[test]
    fn merged_parts_equal_the_whole() {
        let values: Vec<f64> = (0..100).map(|i| f64::from(i * i % 37) * 0.5).collect();
        let whole: Moments = values.iter().copied().collect();
        for cut in [0, 1, 37, 99, 100] {
            let mut parts: Moments = values[..cut].iter().copied().collect();
            parts.merge(&values[cut..].iter().copied().collect());
            assert_eq!(parts.count(), 100);
            assert!((parts.mean().unwrap() - whole.mean().unwrap()).abs() < 1e-12);
            assert!((parts.variance().unwrap() - whole.variance().unwrap()).abs() < 1e-10);
        }
    }

    #[test]
    fn too_few_observations_have_no_spread() {
        assert_eq!((Moments::new().mean(), Moments::new().variance()), (None, None));
        let one: Moments = [3.0].into_iter().collect();
        assert_eq!((one.mean(), one.variance(), one.standard_error()), (Some(3.0), None, None));
    }
}
