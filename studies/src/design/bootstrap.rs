//! Bootstrap intervals of figures that are computed from blocks of outputs.

use super::spread::design_key;
use super::{DesignError, Outputs};
use crate::statistics::{Estimate, Interval, Level};
use onetrip_sim::stream::{Purpose, Stream};

/// How intervals are found: blocks and, independently of them, replications are drawn with replacement and the figure
/// computed again (Efron 1979; percentile intervals, for sensitivities as in Archer, Saltelli and Sobol' 1997; rows and
/// columns together as in Owen 2007). So the intervals hold the choice of points and the luck of the runs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bootstrap {
    /// Times the figures are computed again; at least 2, usually 1,000.
    pub resample_count: usize,
    /// The confidence level of the intervals.
    pub level: Level,
    /// What the draws derive from.
    pub rng_seed: u64,
}

impl Default for Bootstrap {
    /// 1,000 resamples at 95 %.
    fn default() -> Self {
        Bootstrap { resample_count: 1_000, level: Level::P95, rng_seed: 0 }
    }
}

impl Bootstrap {
    /// An estimate with its interval for each figure that `figures` makes of the blocks it is given, by index, and of one
    /// output a point. There is no interval where resampling changes nothing.
    pub(super) fn estimates(
        &self,
        block_count: usize,
        outputs: &Outputs,
        figures: impl Fn(&[usize], &[f64]) -> Vec<f64>,
    ) -> Result<Vec<Estimate>, DesignError> {
        if self.resample_count < 2 {
            return Err(DesignError::Count {
                name: "number of resamples",
                value: self.resample_count,
                accepted: "at least 2".to_owned(),
            });
        }
        let mut blocks: Vec<usize> = (0..block_count).collect();
        let means = outputs.means();
        let values = figures(&blocks, &means);
        let mut resampled = vec![Vec::with_capacity(self.resample_count); values.len()];
        for resample in 0..self.resample_count {
            let key = design_key(self.rng_seed, "design.bootstrap", resample as u64);
            let mut stream: Stream = key.stream(Purpose::named("blocks"));
            blocks.iter_mut().for_each(|block| *block = stream.below(block_count as u32) as usize);
            let drawn = match outputs.are_replicated() {
                true => &outputs.redrawn(&mut key.stream(Purpose::named("replications"))),
                false => &means,
            };
            for (column, figure) in resampled.iter_mut().zip(figures(&blocks, drawn)) {
                column.push(figure);
            }
        }
        let tail = 0.5 * self.level.error_share();
        Ok(values
            .into_iter()
            .zip(resampled)
            .map(|(value, mut column)| {
                column.sort_by(f64::total_cmp);
                let (low, high) = (percentile(&column, tail), percentile(&column, 1.0 - tail));
                let interval = (low < high).then(|| Interval { low, high, level: self.level.share() });
                Estimate { value, interval, observation_count: block_count }
            })
            .collect())
    }
}

/// The share-quantile of sorted values, between neighbours in proportion.
fn percentile(sorted: &[f64], share: f64) -> f64 {
    let at = share * (sorted.len() - 1) as f64;
    let below = at.floor() as usize;
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + (at - below as f64) * (sorted[above] - sorted[below])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_of_a_mean_is_that_of_the_normal_law() {
        // 400 values of variance 1: half-width 1.96/20.
        let values: Vec<f64> = (0..400).map(|i| if i % 2 == 0 { 4.0 } else { 6.0 }).collect();
        let mean = |blocks: &[usize], outputs: &[f64]| {
            vec![blocks.iter().map(|block| outputs[*block]).sum::<f64>() / blocks.len() as f64, 1.0]
        };
        let bootstrap = Bootstrap { resample_count: 4_000, ..Bootstrap::default() };
        let estimates = bootstrap.estimates(400, &Outputs::single(&values), mean).unwrap();
        let interval = estimates[0].interval.unwrap();
        assert_eq!(estimates[0].value, 5.0);
        assert!((interval.half_width() - 0.098).abs() < 0.006, "{interval:?}");
        assert_eq!(estimates[1].interval, None);
    }

    #[test]
    fn percentiles_lie_between_their_neighbours() {
        assert_eq!(percentile(&[1.0, 2.0, 4.0], 0.5), 2.0);
        assert_eq!(percentile(&[1.0, 2.0, 4.0], 0.75), 3.0);
        assert_eq!(percentile(&[1.0, 2.0, 4.0], 1.0), 4.0);
    }

    #[test]
    fn a_single_resample_is_refused() {
        let bootstrap = Bootstrap { resample_count: 1, ..Bootstrap::default() };
        assert!(bootstrap.estimates(4, &Outputs::single(&[0.0; 4]), |_, _| vec![0.0]).is_err());
    }

    /// How often 95 % intervals hold the true mean of points of value 0 ± 1 whose replications are off by a luck of
    /// variance 1, common or their own: drawing both again covers, drawing points alone does not.
    #[test]
    fn intervals_hold_the_luck_of_replications_as_well() {
        let (block_count, replications, studies) = (64, 5, 300);
        let mean = |blocks: &[usize], outputs: &[f64]| {
            vec![blocks.iter().map(|block| outputs[*block]).sum::<f64>() / blocks.len() as f64]
        };
        let covered = |is_common: bool, is_redrawn: bool| {
            let holds = |study: u64| {
                let normal = |which: u64| -> f64 {
                    let key = design_key(7, "test.luck", study * 100_000 + which);
                    let mut stream: Stream = key.stream(Purpose::named("luck"));
                    (0..12).map(|_| stream.unit()).sum::<f64>() - 6.0
                };
                let of = |point: u64, replication: u64| {
                    let luck = if is_common { replication } else { 100 + point * 8 + replication };
                    normal(10_000 + point) + normal(luck)
                };
                let rows: Vec<Vec<f64>> = (0..block_count as u64)
                    .map(|point| (0..replications).map(|replication| of(point, replication)).collect())
                    .collect();
                let outputs = match (is_common, is_redrawn) {
                    (_, false) => Outputs::single(&Outputs::under_own_luck(rows).means()),
                    (true, true) => Outputs::under_common_luck(rows),
                    (false, true) => Outputs::under_own_luck(rows),
                };
                let bootstrap = Bootstrap { resample_count: 200, rng_seed: study, ..Bootstrap::default() };
                let interval = bootstrap.estimates(block_count, &outputs, mean).unwrap()[0].interval.unwrap();
                interval.low <= 0.0 && 0.0 <= interval.high
            };
            (0..studies).filter(|&study| holds(study)).count() as f64 / studies as f64
        };
        assert!(covered(true, false) < 0.6, "points alone cannot know the luck that all share");
        for is_common in [true, false] {
            let share = covered(is_common, true);
            assert!(share > 0.86, "{share}");
        }
    }
}
