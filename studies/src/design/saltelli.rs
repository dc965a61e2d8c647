//! Variance-based sensitivity: Saltelli's sampling matrix and Sobol' indices.

use super::spread::SobolSequence;
use super::{Bootstrap, Design, DesignError, Outputs, Parameter, check_varied};
use crate::statistics::Estimate;

/// Saltelli's matrix of n·(d + 2) points for d parameters: two independent points A and B per block, and for each
/// parameter the point A with that parameter taken from B.
///
/// Points come block by block (A, then A with parameter 1, 2, … from B, then B), so that a study that was stopped has
/// whole blocks. A and B are the two halves of one scrambled Sobol sequence of 2d dimensions.
#[derive(Debug, Clone, PartialEq)]
pub struct SaltelliDesign {
    design: Design,
}

/// How much of the variance of the output one parameter accounts for.
#[derive(Debug, Clone, PartialEq)]
pub struct SobolIndices {
    /// The parameter.
    pub name: String,
    /// First-order index: the share of the variance that would vanish if this parameter alone were known.
    pub first: Estimate,
    /// Total index: the share that would remain if all others were known.
    pub total: Estimate,
}

impl SaltelliDesign {
    /// The matrix of `block_count` blocks.
    ///
    /// # Errors
    /// No parameter, a name twice, a parameter with one level only, or a number of blocks that is not a power of two
    /// from 2 to 65,536 (only then is the Sobol sequence in balance), or more than 128 parameters.
    pub fn new(parameters: Vec<Parameter>, block_count: usize, rng_seed: u64) -> Result<Self, DesignError> {
        check_varied(&parameters)?;
        if !block_count.is_power_of_two() || block_count < 2 {
            return Err(DesignError::Count {
                name: "number of blocks",
                value: block_count,
                accepted: "a power of two of at least 2".to_owned(),
            });
        }
        let dimensions = parameters.len();
        let sequence = SobolSequence::new(2 * dimensions, block_count, rng_seed)?;
        let mut points = Vec::with_capacity(block_count * (dimensions + 2));
        for index in 0..block_count {
            let half = |offset: usize| -> Vec<f64> {
                let at = |(dimension, parameter): (usize, &Parameter)| {
                    parameter.value_at(sequence.position(index, offset + dimension))
                };
                parameters.iter().enumerate().map(at).collect()
            };
            let (first, second) = (half(0), half(dimensions));
            points.push(first.clone());
            for (dimension, value) in second.iter().enumerate() {
                let mut mixed = first.clone();
                mixed[dimension] = *value;
                points.push(mixed);
            }
            points.push(second);
        }
        Ok(SaltelliDesign { design: Design { parameters, points } })
    }

    /// The points to run.
    pub fn design(&self) -> &Design {
        &self.design
    }

    /// The indices, from the outputs of all points in their order.
    ///
    /// With f centred: first S = mean(f(B)·(f(AB) − f(A)))/V (Saltelli and others, *Computer Physics Communications*
    /// 181, 2010, table 2 b), total T = mean((f(A) − f(AB))²)/2V (Jansen 1999), V the variance over all A and B.
    /// Blocks and replications are resampled for the intervals; since the points are more even than chance, these are on
    /// the wide side.
    /// Estimates are not forced into 0..=1: a first-order index slightly below 0 says "none".
    ///
    /// # Errors
    /// Outputs that are not one finite number per point or are all alike, or a bootstrap of fewer than 2 resamples.
    pub fn indices(&self, outputs: &Outputs, bootstrap: Bootstrap) -> Result<Vec<SobolIndices>, DesignError> {
        let means = outputs.means();
        self.design.check_outputs(&means)?;
        let dimensions = self.design.parameters.len();
        let width = dimensions + 2;
        let block_count = means.len() / width;
        let centre = means.chunks_exact(width).map(|block| block[0] + block[width - 1]).sum::<f64>()
            / (2 * block_count) as f64;
        if means.iter().all(|output| *output == means[0]) {
            return Err(DesignError::ConstantOutput { value: means[0] });
        }
        let figures = |chosen: &[usize], outputs: &[f64]| -> Vec<f64> {
            let mut sums = vec![0.0; 2 + 2 * dimensions];
            for block in chosen {
                let block = &outputs[block * width..(block + 1) * width];
                for (sum, term) in sums.iter_mut().zip(terms(block, centre)) {
                    *sum += term;
                }
            }
            let count = chosen.len() as f64;
            let mean = sums[0] / (2.0 * count);
            let variance = sums[1] / (2.0 * count) - mean * mean;
            // A resample may happen to hold one block only; it then says nothing.
            let share = |sum: f64| if variance > 0.0 { sum / count / variance } else { 0.0 };
            sums[2..].iter().map(|sum| share(*sum)).collect()
        };
        let mut estimates = bootstrap.estimates(block_count, outputs, figures)?.into_iter();
        let first: Vec<Estimate> = estimates.by_ref().take(dimensions).collect();
        Ok(self
            .design
            .parameters
            .iter()
            .zip(first.into_iter().zip(estimates))
            .map(|(parameter, (first, total))| SobolIndices {
                name: parameter.name().to_owned(),
                first,
                total,
            })
            .collect())
    }
}

/// What one block adds to the sums: a + b, a² + b², then per parameter b·(ab − a), then per parameter (a − ab)²/2.
fn terms(block: &[f64], centre: f64) -> impl Iterator<Item = f64> {
    let mixed = &block[1..block.len() - 1];
    let (a, b) = (block[0] - centre, block[block.len() - 1] - centre);
    let alone = mixed.iter().map(move |output| b * (output - centre - a));
    let in_all = mixed.iter().map(move |output| 0.5 * (output - centre - a).powi(2));
    [a + b, a * a + b * b].into_iter().chain(alone).chain(in_all)
}

#[cfg(test)]
mod tests {
    use super::super::Scale;
    use super::*;
    use std::f64::consts::PI;

    fn parameters(count: usize, low: f64, high: f64) -> Vec<Parameter> {
        let scale = Scale::Linear { low, high };
        (0..count).map(|i| Parameter::new(format!("x{i}"), scale.clone()).unwrap()).collect()
    }

    fn ishigami(point: &[f64]) -> f64 {
        point[0].sin() + 7.0 * point[1].sin().powi(2) + 0.1 * point[2].powi(4) * point[0].sin()
    }

    const G_WEIGHTS: [f64; 8] = [0.0, 1.0, 4.5, 9.0, 99.0, 99.0, 99.0, 99.0];

    fn g_function(point: &[f64]) -> f64 {
        point.iter().zip(G_WEIGHTS).map(|(x, a)| ((4.0 * x - 2.0).abs() + a) / (1.0 + a)).product()
    }

    fn indices_of(
        design: &SaltelliDesign,
        function: fn(&[f64]) -> f64,
        bootstrap: Bootstrap,
    ) -> Vec<SobolIndices> {
        let outputs: Vec<f64> = design.design().points().iter().map(|point| function(point)).collect();
        design.indices(&Outputs::single(&outputs), bootstrap).unwrap()
    }

    const FEW: Bootstrap =
        Bootstrap { resample_count: 20, level: crate::statistics::Level::P95, rng_seed: 1 };

    #[test]
    fn ishigami_has_its_exact_indices() {
        let exact = [(0.313905, 0.557589), (0.442411, 0.442411), (0.0, 0.243684)];
        for rng_seed in 0..4 {
            let design = SaltelliDesign::new(parameters(3, -PI, PI), 1 << 14, rng_seed).unwrap();
            assert_eq!(design.design().point_count(), 5 << 14);
            for (index, (first, total)) in indices_of(&design, ishigami, FEW).iter().zip(exact) {
                assert!((index.first.value - first).abs() < 0.01, "{rng_seed}: {index:?}");
                assert!((index.total.value - total).abs() < 0.01, "{rng_seed}: {index:?}");
            }
        }
    }

    #[test]
    fn the_g_function_has_its_exact_indices() {
        // V(i) = 1/(3(1+a)²); S(i) = V(i)/V, T(i) = V(i)·Π(others)(1 + V(j))/V with V = Π(1 + V(j)) − 1.
        let partial = G_WEIGHTS.map(|a| 1.0 / (3.0 * (1.0 + a) * (1.0 + a)));
        let product: f64 = partial.iter().map(|v| 1.0 + v).product();
        // The known first-order indices, to four places.
        for (v, printed) in partial.iter().zip([0.7162, 0.1790, 0.0237, 0.0072, 0.0001]) {
            assert!((v / (product - 1.0) - printed).abs() <= 5.1e-5);
        }
        for rng_seed in 0..4 {
            let design = SaltelliDesign::new(parameters(8, 0.0, 1.0), 1 << 14, rng_seed).unwrap();
            for (index, v) in indices_of(&design, g_function, FEW).iter().zip(partial) {
                let (first, total) = (v / (product - 1.0), v * product / (1.0 + v) / (product - 1.0));
                assert!((index.first.value - first).abs() < 0.01, "{rng_seed}: {index:?}");
                assert!((index.total.value - total).abs() < 0.01, "{rng_seed}: {index:?}");
            }
        }
    }

    #[test]
    fn intervals_hold_the_exact_indices_and_narrow_with_more_points() {
        let exact = [(0.313905, 0.557589), (0.442411, 0.442411), (0.0, 0.243684)];
        let bootstrap = Bootstrap { resample_count: 400, ..Bootstrap::default() };
        let (mut held, mut asked) = (0, 0);
        let mut widths = Vec::new();
        for (blocks, seeds) in [(256, 20), (2_048, 20)] {
            let mut width = 0.0;
            for rng_seed in 0..seeds {
                let design = SaltelliDesign::new(parameters(3, -PI, PI), blocks, rng_seed).unwrap();
                for (index, (first, total)) in indices_of(&design, ishigami, bootstrap).iter().zip(exact) {
                    for (estimate, exact) in [(index.first, first), (index.total, total)] {
                        let interval = estimate.interval.unwrap();
                        held += u32::from(interval.contains(exact));
                        asked += 1;
                        width += interval.half_width();
                    }
                }
            }
            widths.push(width);
        }
        assert!(f64::from(held) >= 0.93 * f64::from(asked), "{held} of {asked}");
        assert!(widths[1] < widths[0] / 2.0, "{widths:?}");
    }

    #[test]
    fn an_additive_function_has_indices_that_sum_to_one() {
        let design = SaltelliDesign::new(parameters(4, 0.0, 1.0), 1 << 12, 9).unwrap();
        let weights = [1.0, 2.0, 3.0, 0.0];
        let outputs: Vec<f64> = design
            .design()
            .points()
            .iter()
            .map(|point| 1e6 + point.iter().zip(weights).map(|(x, w)| w * x).sum::<f64>())
            .collect();
        let indices = design.indices(&Outputs::single(&outputs), FEW).unwrap();
        for (index, weight) in indices.iter().zip(weights) {
            let exact = weight * weight / 14.0;
            assert!((index.first.value - exact).abs() < 0.005, "{index:?}");
            assert!((index.total.value - exact).abs() < 0.005, "{index:?}");
        }
        // A parameter the output does not depend on is exactly without effect.
        assert_eq!((indices[3].first.value, indices[3].total.value), (0.0, 0.0));
        assert_eq!(indices[3].total.interval, None);
    }

    #[test]
    fn outputs_that_say_nothing_are_refused() {
        let design = SaltelliDesign::new(parameters(2, 0.0, 1.0), 4, 0).unwrap();
        let constant = design.indices(&Outputs::single(&[3.0; 16]), FEW);
        assert_eq!(constant, Err(DesignError::ConstantOutput { value: 3.0 }));
        assert_eq!(
            design.indices(&Outputs::single(&[3.0; 15]), FEW),
            Err(DesignError::OutputCount { expected: 16, found: 15 })
        );
        let mut outputs = [3.0; 16];
        outputs[5] = f64::INFINITY;
        assert!(matches!(
            design.indices(&Outputs::single(&outputs), FEW),
            Err(DesignError::NotFinite { index: 5, .. })
        ));
        assert!(SaltelliDesign::new(parameters(2, 0.0, 1.0), 100, 0).is_err());
        assert!(SaltelliDesign::new(parameters(129, 0.0, 1.0), 128, 0).is_err());
    }
}
