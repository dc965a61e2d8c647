//! Screening: Morris's elementary effects over random trajectories.

use super::spread::{design_key, shuffle};
use super::{Bootstrap, Design, DesignError, Outputs, Parameter, check_point_count, check_varied};
use crate::statistics::Estimate;
use onetrip_sim::stream::Purpose;

/// Trajectories of d + 1 points for d parameters, each step moving one parameter by a little more than half of its
/// range (Morris, *Factorial sampling plans for preliminary computational experiments*, 1991).
#[derive(Debug, Clone, PartialEq)]
pub struct MorrisDesign {
    design: Design,
    /// Per trajectory, the parameter that each step moves.
    orders: Vec<Vec<usize>>,
}

/// The elementary effects of one parameter: changes of the output per full range of the parameter.
#[derive(Debug, Clone, PartialEq)]
pub struct ElementaryEffects {
    /// The parameter.
    pub name: String,
    /// Mean effect; opposite effects cancel.
    pub mean: Estimate,
    /// Mean of the absolute effects, μ* (Campolongo, Cariboni and Saltelli 2007): the rank of importance.
    pub mean_absolute: Estimate,
    /// Standard deviation of the effects: interaction with others, or curvature. 0 for a single trajectory.
    pub sd: Estimate,
}

impl MorrisDesign {
    /// `trajectory_count` trajectories on a grid of `level_count` positions per parameter, which moves by
    /// level_count/(2(level_count − 1)) of its range, up or down with equal chance. Each trajectory draws from a stream
    /// of its own, so more of them leave the first ones as they were.
    ///
    /// # Errors
    /// No parameter, a name twice, a parameter with one level only, no trajectory, levels that are not an even number
    /// of at least 2, or more than [`super::POINT_LIMIT`] points.
    pub fn new(
        parameters: Vec<Parameter>,
        trajectory_count: usize,
        level_count: usize,
        rng_seed: u64,
    ) -> Result<Self, DesignError> {
        check_varied(&parameters)?;
        if trajectory_count == 0 {
            return Err(DesignError::Count {
                name: "number of trajectories",
                value: 0,
                accepted: "at least 1, usually 10 to 50".to_owned(),
            });
        }
        if level_count < 2 || !level_count.is_multiple_of(2) || level_count > 1 << 20 {
            return Err(DesignError::Count {
                name: "number of levels",
                value: level_count,
                accepted: "an even number of at least 2, usually 4".to_owned(),
            });
        }
        let dimensions = parameters.len();
        let count = check_point_count(trajectory_count.checked_mul(dimensions + 1))?;
        let mut points = Vec::with_capacity(count);
        let mut orders = Vec::with_capacity(trajectory_count);
        let top = (level_count - 1) as f64;
        for trajectory in 0..trajectory_count {
            let mut stream =
                design_key(rng_seed, "design.morris", trajectory as u64).stream(Purpose::named("trajectory"));
            // Of each pair of positions half a grid apart, one is where the parameter starts.
            let moves: Vec<(f64, f64)> = parameters
                .iter()
                .map(|parameter| {
                    let low = stream.below(level_count as u32 / 2) as usize;
                    let ends =
                        [low, low + level_count / 2].map(|level| parameter.value_at(level as f64 / top));
                    if stream.below(2) == 0 { (ends[0], ends[1]) } else { (ends[1], ends[0]) }
                })
                .collect();
            let mut order: Vec<usize> = (0..dimensions).collect();
            shuffle(&mut order, &mut stream);
            let mut point: Vec<f64> = moves.iter().map(|(from, _)| *from).collect();
            points.push(point.clone());
            for &moved in &order {
                point[moved] = moves[moved].1;
                points.push(point.clone());
            }
            orders.push(order);
        }
        Ok(MorrisDesign { design: Design { parameters, points }, orders })
    }

    /// The points to run.
    pub fn design(&self) -> &Design {
        &self.design
    }

    /// The effects, from the outputs of all points in their order. Whole trajectories and replications are resampled for
    /// the intervals.
    ///
    /// # Errors
    /// Outputs that are not one finite number per point, or a bootstrap of fewer than 2 resamples.
    pub fn effects(
        &self,
        outputs: &Outputs,
        bootstrap: Bootstrap,
    ) -> Result<Vec<ElementaryEffects>, DesignError> {
        self.design.check_outputs(&outputs.means())?;
        let dimensions = self.design.parameters.len();
        let figures = |chosen: &[usize], outputs: &[f64]| -> Vec<f64> {
            let effects = self.single_effects(outputs);
            let count = chosen.len() as f64;
            (0..dimensions)
                .flat_map(|dimension| {
                    let of = |trajectory: &usize| effects[*trajectory][dimension];
                    let mean = chosen.iter().map(of).sum::<f64>() / count;
                    let absolute = chosen.iter().map(|t| of(t).abs()).sum::<f64>() / count;
                    let squares: f64 = chosen.iter().map(|t| (of(t) - mean).powi(2)).sum();
                    [mean, absolute, (squares / (count - 1.0).max(1.0)).sqrt()]
                })
                .collect()
        };
        let estimates = bootstrap.estimates(self.orders.len(), outputs, figures)?;
        Ok(self
            .design
            .parameters
            .iter()
            .zip(estimates.chunks_exact(3))
            .map(|(parameter, estimates)| ElementaryEffects {
                name: parameter.name().to_owned(),
                mean: estimates[0],
                mean_absolute: estimates[1],
                sd: estimates[2],
            })
            .collect())
    }

    /// Per trajectory and parameter, the change of the output per full range.
    fn single_effects(&self, outputs: &[f64]) -> Vec<Vec<f64>> {
        let dimensions = self.design.parameters.len();
        let points = self.design.points.chunks_exact(dimensions + 1);
        points
            .zip(outputs.chunks_exact(dimensions + 1))
            .zip(&self.orders)
            .map(|((points, outputs), order)| {
                let mut effects = vec![0.0; dimensions];
                for (step, &moved) in order.iter().enumerate() {
                    let parameter = &self.design.parameters[moved];
                    let position = |point: &[f64]| parameter.position_of(point[moved]);
                    // Never zero: half a grid apart, any two levels or whole numbers differ.
                    let way = position(&points[step + 1]) - position(&points[step]);
                    effects[moved] = (outputs[step + 1] - outputs[step]) / way;
                }
                effects
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::Scale;
    use super::*;

    fn mixed() -> Vec<Parameter> {
        let scales = [
            Scale::Linear { low: -2.0, high: 3.0 },
            Scale::Integer { low: 1, high: 12 },
            Scale::Log { low: 0.1, high: 10.0 },
            Scale::Levels(vec![10.0, 20.0]),
            Scale::Linear { low: 0.0, high: 1.0 },
        ];
        let named = |(index, scale)| Parameter::new(format!("p{index}"), scale).unwrap();
        scales.into_iter().enumerate().map(named).collect()
    }

    fn outputs(design: &MorrisDesign, function: impl Fn(&[f64]) -> f64) -> Outputs {
        let values: Vec<f64> = design.design().points().iter().map(|point| function(point)).collect();
        Outputs::single(&values)
    }

    #[test]
    fn each_step_of_a_trajectory_moves_one_parameter_and_each_moves_once() {
        let design = MorrisDesign::new(mixed(), 30, 4, 8).unwrap();
        assert_eq!(design.design().point_count(), 30 * 6);
        for trajectory in design.design().points().chunks_exact(6) {
            let mut moved: Vec<usize> = trajectory
                .windows(2)
                .map(|pair| {
                    let changed: Vec<usize> = (0..5).filter(|&i| pair[0][i] != pair[1][i]).collect();
                    assert_eq!(changed.len(), 1);
                    changed[0]
                })
                .collect();
            moved.sort_unstable();
            assert_eq!(moved, [0, 1, 2, 3, 4]);
        }
    }

    #[test]
    fn a_linear_function_has_its_slopes_exactly_on_every_scale() {
        for level_count in [2, 4, 10] {
            let design = MorrisDesign::new(mixed(), 12, level_count, 3).unwrap();
            let linear = |x: &[f64]| 4.0 + 2.0 * x[0] - 3.0 * x[1] + 5.0 * x[2].ln() + 0.7 * x[3];
            let effects = design.effects(&outputs(&design, linear), Bootstrap::default()).unwrap();
            let slopes = [2.0 * 5.0, -3.0 * 11.0, 5.0 * 100f64.ln(), 0.7 * 10.0, 0.0];
            for (effect, slope) in effects.iter().zip(slopes) {
                assert!((effect.mean.value - slope).abs() < 1e-12 * 100.0, "{effect:?}");
                assert!((effect.mean_absolute.value - slope.abs()).abs() < 1e-12 * 100.0, "{effect:?}");
                assert!(effect.sd.value < 1e-12 * 100.0, "{effect:?}");
            }
            assert_eq!(effects[4].mean_absolute.interval, None);
        }
    }

    #[test]
    fn an_interaction_shows_in_the_spread_and_cancels_in_the_mean() {
        let pair: Vec<Parameter> = ["a", "b"]
            .map(|name| Parameter::new(name, Scale::Linear { low: -1.0, high: 1.0 }).unwrap())
            .to_vec();
        let design = MorrisDesign::new(pair, 4_000, 4, 1).unwrap();
        let effects = design.effects(
            &outputs(&design, |x| x[0] * x[1]),
            Bootstrap { resample_count: 200, ..Bootstrap::default() },
        );
        // The effect of a is 2b, and b is -1, -1/3, 1/3 or 1 with equal chance: mean 0, |mean| 4/3, variance 20/9.
        for effect in effects.unwrap() {
            assert!(effect.mean.interval.unwrap().half_width() < 0.06);
            assert!(effect.mean.value.abs() < 0.1, "{effect:?}");
            assert!((effect.mean_absolute.value - 4.0 / 3.0).abs() < 0.04, "{effect:?}");
            assert!((effect.sd.value - (20.0f64 / 9.0).sqrt()).abs() < 0.04, "{effect:?}");
        }
    }

    #[test]
    fn intervals_hold_the_mean_absolute_effect() {
        // Morris's own kind of curvature: x² on 0..1, effect of a step from u to v is u + v.
        let one = || vec![Parameter::new("x", Scale::Linear { low: 0.0, high: 1.0 }).unwrap()];
        let exact = (2.0 / 3.0 + 4.0 / 3.0) / 2.0;
        let bootstrap = Bootstrap { resample_count: 200, ..Bootstrap::default() };
        let held = (0..400)
            .filter(|&rng_seed| {
                let design = MorrisDesign::new(one(), 60, 4, rng_seed).unwrap();
                let effects = design.effects(&outputs(&design, |x| x[0] * x[0]), bootstrap).unwrap();
                effects[0].mean_absolute.interval.is_some_and(|interval| interval.contains(exact))
            })
            .count();
        // Percentile intervals of 60 trajectories; 95 % of 400 is 380, with a standard deviation of 4.4.
        assert!((362..=397).contains(&held), "{held} of 400");
    }

    #[test]
    fn more_trajectories_leave_the_first_as_they_were() {
        let (few, more) =
            (MorrisDesign::new(mixed(), 3, 4, 5).unwrap(), MorrisDesign::new(mixed(), 9, 4, 5).unwrap());
        assert_eq!(few.design().points(), &more.design().points()[..18]);
    }

    #[test]
    fn impossible_trajectories_are_refused() {
        assert!(MorrisDesign::new(mixed(), 0, 4, 0).is_err());
        assert!(MorrisDesign::new(mixed(), 3, 5, 0).is_err());
        let single = Parameter::new("one", Scale::Levels(vec![1.0])).unwrap();
        assert!(MorrisDesign::new(vec![single], 3, 4, 0).is_err());
        let design = MorrisDesign::new(mixed(), 3, 4, 0).unwrap();
        assert!(design.effects(&Outputs::single(&[0.0; 3]), Bootstrap::default()).is_err());
    }
}
