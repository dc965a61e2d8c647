//! One long run: where the warm-up ends (MSER-5, Welch), and the mean by batch means.

use super::error::{StatisticsError, at_least, finite};
use super::interval::{Estimate, Level};
use super::laws::normal_share_below;
use super::running::Moments;
use serde::{Deserialize, Serialize};

/// How many observations MSER-5 averages into one.
pub const MSER_BATCH: usize = 5;

/// Where MSER-5 cuts a run.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct WarmUp {
    /// How many observations to drop from the start, a multiple of 5.
    pub observation_count: usize,
    /// Whether the cut may be trusted: `false` if it falls into the second half of the run, which is then too short.
    pub is_trusted: bool,
    /// The mean of what remains.
    pub mean: f64,
}

/// The warm-up by MSER-5 (White, *Simulation* 69, 1997; White, Cobb and Spratt, *WSC* 2000): averages of 5, and of
/// all cuts d that leave at least one average the one with the least Σ(z − mean)²/(n − d)² over the remaining ones.
/// Observations after the last full five are left out. Of equal cuts the earliest is taken.
///
/// The last few cuts leave so little that their statistic is small by chance; a cut beyond n/2 is reported as not
/// trusted, as the method's authors advise. The very last one, a single average without spread, is not considered.
///
/// # Errors
/// Fewer than 10 observations, or one that is not finite.
pub fn mser_5(series: &[f64]) -> Result<WarmUp, StatisticsError> {
    at_least("observations", series.len(), 2 * MSER_BATCH)?;
    finite("observations", series)?;
    let averages: Vec<f64> =
        series.chunks_exact(MSER_BATCH).map(|five| five.iter().sum::<f64>() / MSER_BATCH as f64).collect();
    let count = averages.len();
    let mut remaining = Moments::new();
    let mut best = (f64::INFINITY, 0, 0.0);
    for cut in (0..count).rev() {
        remaining.push(averages[cut]);
        let kept = (count - cut) as f64;
        let Some((variance, mean)) = remaining.variance().zip(remaining.mean()) else { continue };
        let statistic = variance * (kept - 1.0) / (kept * kept);
        if statistic <= best.0 {
            best = (statistic, cut, mean);
        }
    }
    let (_, cut, mean) = best;
    Ok(WarmUp { observation_count: cut * MSER_BATCH, is_trusted: 2 * cut <= count, mean })
}

/// The mean of one long run by non-overlapping batches.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct BatchMeans {
    /// The mean over full batches, with Student's interval of the batch means.
    pub estimate: Estimate,
    /// Observations per batch; those left over are dropped from the start, where the warm-up lingers longest.
    pub batch_size: usize,
    /// Correlation of neighbouring batch means; `None` if they do not differ.
    pub lag_one_correlation: Option<f64>,
    /// One-sided p-value of von Neumann's test that neighbouring batch means are unrelated. Small: the batches are
    /// too short and the interval too narrow.
    pub independence_p_value: Option<f64>,
}

/// Batch means of a run whose warm-up is already cut: `batch_count` batches of equal size, Student's interval with
/// `batch_count` − 1 degrees of freedom (Schmeiser, *Operations Research* 30, 1982, advises 10 to 30 batches), and
/// von Neumann's ratio as a test of the batches' independence (Fishman, *Management Science* 24, 1978).
///
/// # Errors
/// Fewer than 2 batches, fewer observations than batches, or an observation that is not finite.
pub fn batch_means(series: &[f64], batch_count: usize, level: Level) -> Result<BatchMeans, StatisticsError> {
    at_least("batches", batch_count, 2)?;
    at_least("observations", series.len(), batch_count)?;
    finite("observations", series)?;
    let batch_size = series.len() / batch_count;
    let kept = &series[series.len() - batch_size * batch_count..];
    let means: Vec<f64> =
        kept.chunks_exact(batch_size).map(|batch| batch.iter().sum::<f64>() / batch_size as f64).collect();
    let moments: Moments = means.iter().copied().collect();
    let centre = moments.mean().unwrap_or(0.0);
    let estimate = Estimate::student(centre, moments.standard_error().unwrap_or(0.0), batch_count, level);
    let squares: f64 = means.iter().map(|mean| (mean - centre).powi(2)).sum();
    let dependence = (squares > 0.0).then(|| {
        let products: f64 = means.windows(2).map(|pair| (pair[0] - centre) * (pair[1] - centre)).sum();
        let steps: f64 = means.windows(2).map(|pair| (pair[1] - pair[0]).powi(2)).sum();
        // 1 − steps/(2·squares) has mean 0 and variance (n − 2)/(n² − 1) for unrelated normal batch means.
        let count = batch_count as f64;
        let score = (1.0 - steps / (2.0 * squares)) * ((count * count - 1.0) / (count - 2.0).max(1.0)).sqrt();
        (products / squares, normal_share_below(-score))
    });
    Ok(BatchMeans {
        estimate,
        batch_size,
        lag_one_correlation: dependence.map(|(correlation, _)| correlation),
        independence_p_value: dependence.map(|(_, p_value)| p_value),
    })
}

/// Welch's moving average, to see by eye where the warm-up ends (Welch, in *The Computer Performance Modeling
/// Handbook*, 1983): the runs are averaged observation by observation, then smoothed over `window` neighbours on
/// either side, fewer near the start. Series of different lengths are cut to the shortest; the last `window` points
/// have no full window and are left out. A window above a quarter of the length is reduced to it.
///
/// # Errors
/// No runs, a run without observations, or one that is not finite.
pub fn welch_moving_average<R: AsRef<[f64]>>(runs: &[R], window: usize) -> Result<Vec<f64>, StatisticsError> {
    at_least("runs", runs.len(), 1)?;
    let length = runs.iter().map(|run| run.as_ref().len()).min().unwrap_or(0);
    at_least("observations per run", length, 1)?;
    for run in runs {
        finite("observations", &run.as_ref()[..length])?;
    }
    let averages: Vec<f64> = (0..length)
        .map(|index| runs.iter().map(|run| run.as_ref()[index]).sum::<f64>() / runs.len() as f64)
        .collect();
    let window = window.min(length / 4);
    Ok((0..length - window)
        .map(|index| {
            let reach = window.min(index);
            let around = &averages[index - reach..=index + reach];
            around.iter().sum::<f64>() / around.len() as f64
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fives(averages: &[f64]) -> Vec<f64> {
        averages
            .iter()
            .flat_map(|&average| [average - 2.0, average - 1.0, average, average + 1.0, average + 2.0])
            .collect()
    }

    #[test]
    fn mser_5_cuts_a_hand_worked_series() {
        // Averages 10, 4, 1, 2, 1, 2, 1, 2. Worked by hand, Σ(z−z̄)²/(n−d)²:
        // d=0: mean 23/8, Σz² = 131, 131 − 529/8 = 64.875, /64 = 1.0137
        // d=1: mean 13/7, Σz² = 31, 31 − 169/7 = 6.857, /49 = 0.1399
        // d=2: mean 9/6, 15 − 13.5 = 1.5, /36 = 0.041667   d=3: mean 8/5, 14 − 12.8 = 1.2, /25 = 0.048
        // d=4: 10 − 9 = 1, /16 = 0.0625   d=5: 9 − 25/3 = 0.6667, /9 = 0.0741   d=6: 0.5, /4 = 0.125
        let cut = mser_5(&fives(&[10.0, 4.0, 1.0, 2.0, 1.0, 2.0, 1.0, 2.0])).unwrap();
        assert_eq!((cut.observation_count, cut.is_trusted), (10, true));
        assert!((cut.mean - 1.5).abs() < 1e-14);
    }

    #[test]
    fn mser_5_does_not_trust_a_cut_in_the_second_half() {
        // A run still climbing: the least statistic is at the end.
        let cut = mser_5(&fives(&[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 33.0, 33.0])).unwrap();
        assert_eq!((cut.observation_count, cut.is_trusted), (30, false));
    }

    #[test]
    fn mser_5_leaves_a_steady_run_whole_and_drops_the_incomplete_five() {
        let mut series = fives(&[3.0, 4.0, 3.0, 4.0, 3.0, 4.0]);
        series.extend([100.0, 100.0]);
        let cut = mser_5(&series).unwrap();
        assert_eq!((cut.observation_count, cut.mean), (0, 3.5));
        assert!(mser_5(&series[..9]).is_err());
    }

    #[test]
    fn batch_means_of_a_hand_worked_series() {
        // Left over: the first one. Batches (1,3) (5,7) (2,2): means 2, 6, 2; mean 10/3, variance 16/3.
        let batches = batch_means(&[99.0, 1.0, 3.0, 5.0, 7.0, 2.0, 2.0], 3, Level::P95).unwrap();
        assert_eq!(batches.batch_size, 2);
        assert!((batches.estimate.value - 10.0 / 3.0).abs() < 1e-14);
        let half = 4.302_652_729_911 * (16.0_f64 / 9.0).sqrt();
        assert!((batches.estimate.interval.unwrap().half_width() - half).abs() < 1e-9);
        // Deviations −4/3, 8/3, −4/3: Σ² = 96/9, products −64/9.
        assert!((batches.lag_one_correlation.unwrap() + 2.0 / 3.0).abs() < 1e-14);
    }

    #[test]
    fn batches_that_drift_fail_the_test_of_independence() {
        let drifting: Vec<f64> = (0..200).map(f64::from).collect();
        let steady: Vec<f64> = (0..200).map(|i| f64::from(i * 37 % 101)).collect();
        assert!(batch_means(&drifting, 20, Level::P95).unwrap().independence_p_value.unwrap() < 0.001);
        assert!(batch_means(&steady, 20, Level::P95).unwrap().independence_p_value.unwrap() > 0.05);
        assert_eq!(batch_means(&[1.0; 40], 20, Level::P95).unwrap().independence_p_value, None);
    }

    #[test]
    fn welch_averages_runs_then_neighbours() {
        let runs =
            [vec![0.0, 2.0, 4.0, 6.0, 8.0, 9.0, 7.0, 5.0], vec![2.0, 4.0, 6.0, 8.0, 10.0, 11.0, 9.0, 7.0]];
        // Run averages 1 3 5 7 9 10 8 6; window 9 reduced to 2: 1; (1+3+5)/3; then five at a time.
        let smooth = welch_moving_average(&runs, 9).unwrap();
        assert_eq!(smooth, vec![1.0, 3.0, 5.0, 34.0 / 5.0, 39.0 / 5.0, 8.0]);
        assert!(welch_moving_average::<Vec<f64>>(&[], 2).is_err());
    }
}
