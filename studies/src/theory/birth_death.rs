//! The stationary law of a birth–death chain, the common root of the Markovian stations.

use super::TheoryError;

/// States a truncated chain may have before the computation gives up (a gigabyte of work at most).
pub(super) const STATE_LIMIT: usize = 20_000_000;

/// The stationary probabilities of the chain on 0..=births.len() with `births[n]` from n to n+1 and `deaths[n]` from
/// n+1 back to n: p(n+1) = p(n)·births\[n\]/deaths\[n\]. The products start at the mode and go outward, so nothing
/// overflows and every probability that is not negligible is right to a few bits per state walked.
pub(super) fn stationary(births: &[f64], deaths: &[f64]) -> Vec<f64> {
    assert_eq!(births.len(), deaths.len(), "one death rate per birth rate");
    let (mut mode, mut highest, mut log_weight) = (0, 0.0, 0.0);
    for (index, (birth, death)) in births.iter().zip(deaths).enumerate() {
        log_weight += (birth / death).ln();
        if log_weight > highest {
            (mode, highest) = (index + 1, log_weight);
        }
    }
    let mut probabilities = vec![0.0; births.len() + 1];
    probabilities[mode] = 1.0;
    for index in mode..births.len() {
        probabilities[index + 1] = probabilities[index] * births[index] / deaths[index];
    }
    for index in (0..mode).rev() {
        probabilities[index] = probabilities[index + 1] * deaths[index] / births[index];
    }
    let total: f64 = probabilities.iter().sum();
    probabilities.iter_mut().for_each(|probability| *probability /= total);
    probabilities
}

/// The stationary law of an infinite chain with constant birth rate and death rates that do not fall, cut where what
/// is beyond weighs less than 1e-18 of the mode.
///
/// # Errors
/// [`TheoryError::TooLarge`] when that takes more than [`STATE_LIMIT`] states.
pub(super) fn stationary_unbounded(
    quantity: &'static str,
    birth: f64,
    death: impl Fn(usize) -> f64,
) -> Result<Vec<f64>, TheoryError> {
    let mut deaths = Vec::new();
    let (mut log_weight, mut highest) = (0.0f64, 0.0f64);
    loop {
        let state = deaths.len() + 1;
        if state > STATE_LIMIT {
            return Err(TheoryError::TooLarge { quantity, limit: STATE_LIMIT });
        }
        let rate = death(state);
        deaths.push(rate);
        let ratio = birth / rate;
        log_weight += ratio.ln();
        highest = highest.max(log_weight);
        // The rest is below a geometric series with this ratio.
        if ratio < 1.0 && log_weight - (1.0 - ratio).ln() < highest - 41.5 {
            break;
        }
    }
    Ok(stationary(&vec![birth; deaths.len()], &deaths))
}

/// Σ n·p(n) over the states above `floor`, counted from there: the mean of max(n − floor, 0).
pub(super) fn mean_above(probabilities: &[f64], floor: usize) -> f64 {
    probabilities.iter().enumerate().skip(floor).map(|(n, p)| (n - floor) as f64 * p).sum()
}

#[cfg(test)]
mod tests {
    use super::super::close::assert_close;
    use super::*;

    #[test]
    fn a_chain_far_from_its_mode_neither_overflows_nor_vanishes() {
        // M/M/∞ with load 2,000: Poisson, e^-2000 would underflow.
        let deaths: Vec<f64> = (1..=4_000).map(f64::from).collect();
        let law = stationary(&vec![2_000.0; 4_000], &deaths);
        assert_close(mean_above(&law, 0), 2_000.0, 1e-12);
        let variance: f64 = law.iter().enumerate().map(|(n, p)| (n as f64 - 2_000.0).powi(2) * p).sum();
        assert_close(variance, 2_000.0, 1e-10);
    }

    #[test]
    fn an_unbounded_chain_that_never_settles_is_refused() {
        let result = stationary_unbounded("test chain", 1.0, |_| 1.0);
        assert_eq!(result, Err(TheoryError::TooLarge { quantity: "test chain", limit: STATE_LIMIT }));
    }
}
