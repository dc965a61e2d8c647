//! Designs that spread points over all parameters at once: grid, Latin hypercube, Sobol sequence.

use super::{Design, DesignError, Parameter, check_names, check_point_count};
use onetrip_sim::stream::{EntityKey, Purpose, RunKey, Stream};

/// Points a Sobol sequence has.
pub const SOBOL_POINT_LIMIT: usize = 1 << 16;

/// Dimensions a Sobol sequence has.
pub const SOBOL_DIMENSION_LIMIT: usize = sobol_burley::NUM_DIMENSIONS as usize;

/// Every combination of `level_counts[i]` values of parameter i, evenly spread from end to end, the last parameter
/// moving fastest. Lists give all their levels and whole numbers at most as many as there are, whatever is asked.
///
/// # Errors
/// No parameter, a name twice, counts that are not one per parameter or below 2, or more than
/// [`super::POINT_LIMIT`] points.
pub fn grid(parameters: Vec<Parameter>, level_counts: &[usize]) -> Result<Design, DesignError> {
    check_names(&parameters)?;
    if level_counts.len() != parameters.len() {
        return Err(DesignError::Count {
            name: "number of level counts",
            value: level_counts.len(),
            accepted: format!("one per parameter, {}", parameters.len()),
        });
    }
    if let Some(&value) = level_counts.iter().find(|count| **count < 2) {
        let accepted = "at least 2".to_owned();
        return Err(DesignError::Count { name: "number of levels", value, accepted });
    }
    // Counted before any list is made: a slip such as 1e12 levels must not eat the memory.
    let sizes = parameters.iter().zip(level_counts).map(|(parameter, &count)| match parameter.scale() {
        super::Scale::Levels(levels) => levels.len(),
        _ => parameter.level_count().map_or(count, |most| count.min(most)),
    });
    let count = check_point_count(sizes.clone().try_fold(1usize, usize::checked_mul))?;
    let axes: Vec<Vec<f64>> =
        parameters.iter().zip(level_counts).map(|(parameter, &count)| parameter.spread(count)).collect();
    let mut points = Vec::with_capacity(count);
    for index in 0..count {
        let mut rest = index;
        let mut point: Vec<f64> = axes
            .iter()
            .rev()
            .map(|axis| {
                let value = axis[rest % axis.len()];
                rest /= axis.len();
                value
            })
            .collect();
        point.reverse();
        points.push(point);
    }
    Ok(Design { parameters, points })
}

/// `point_count` points of which each parameter has exactly one in each of `point_count` equal parts of its range, at
/// random within the part (McKay, Beckman and Conover 1979). Each parameter draws from a stream of its own name, so
/// adding one moves no other.
///
/// # Errors
/// No parameter, a name twice, no point, or more than [`super::POINT_LIMIT`] points.
pub fn latin_hypercube(
    parameters: Vec<Parameter>,
    point_count: usize,
    rng_seed: u64,
) -> Result<Design, DesignError> {
    check_names(&parameters)?;
    check_some_points(point_count)?;
    check_point_count(Some(point_count))?;
    let mut points = vec![Vec::with_capacity(parameters.len()); point_count];
    let key = design_key(rng_seed, "design.latin_hypercube", 0);
    for parameter in &parameters {
        let mut stream = key.stream(Purpose::named(parameter.name()));
        let mut parts: Vec<usize> = (0..point_count).collect();
        shuffle(&mut parts, &mut stream);
        for (point, part) in points.iter_mut().zip(parts) {
            let position = (part as f64 + stream.unit()) / point_count as f64;
            point.push(parameter.value_at(position));
        }
    }
    Ok(Design { parameters, points })
}

/// The first `point_count` points of a Sobol sequence (Joe and Kuo's direction numbers) with Owen's scrambling
/// (Burley, *Practical hash-based Owen scrambling*, 2020). A power of two keeps its balance best.
///
/// # Errors
/// No parameter, a name twice, no point, more than [`SOBOL_POINT_LIMIT`] points or more than
/// [`SOBOL_DIMENSION_LIMIT`] parameters.
pub fn sobol(parameters: Vec<Parameter>, point_count: usize, rng_seed: u64) -> Result<Design, DesignError> {
    check_names(&parameters)?;
    let sequence = SobolSequence::new(parameters.len(), point_count, rng_seed)?;
    let points = (0..point_count)
        .map(|index| {
            let at = |(dimension, parameter): (usize, &Parameter)| {
                parameter.value_at(sequence.position(index, dimension))
            };
            parameters.iter().enumerate().map(at).collect()
        })
        .collect();
    Ok(Design { parameters, points })
}

/// A scrambled Sobol sequence of known size.
pub(super) struct SobolSequence {
    scramble: u32,
}

impl SobolSequence {
    pub(super) fn new(dimensions: usize, points: usize, rng_seed: u64) -> Result<Self, DesignError> {
        check_some_points(points)?;
        for (name, value, most) in [
            ("number of Sobol points", points, SOBOL_POINT_LIMIT),
            ("number of Sobol dimensions", dimensions, SOBOL_DIMENSION_LIMIT),
        ] {
            if value > most {
                return Err(DesignError::Count { name, value, accepted: format!("at most {most}") });
            }
        }
        let mut stream = design_key(rng_seed, "design.sobol", 0).stream(Purpose::named("scramble"));
        Ok(SobolSequence { scramble: (stream.bits() >> 32) as u32 })
    }

    /// The position of a point in one dimension, in \[0, 1). Indices are within what [`SobolSequence::new`] accepted.
    pub(super) fn position(&self, index: usize, dimension: usize) -> f64 {
        f64::from(sobol_burley::sample(index as u32, dimension as u32, self.scramble))
    }
}

/// The luck of the `index`-th part of a design.
pub(super) fn design_key(rng_seed: u64, design: &str, index: u64) -> EntityKey {
    RunKey::new(rng_seed, 0, 0).entity(Purpose::named(design), index)
}

/// Puts the entries in an order of which each is equally likely (Fisher and Yates).
pub(super) fn shuffle(entries: &mut [usize], stream: &mut Stream) {
    for last in (1..entries.len()).rev() {
        entries.swap(last, stream.below(last as u32 + 1) as usize);
    }
}

fn check_some_points(count: usize) -> Result<(), DesignError> {
    if count > 0 {
        Ok(())
    } else {
        let accepted = "at least 1".to_owned();
        Err(DesignError::Count { name: "number of points", value: 0, accepted })
    }
}

#[cfg(test)]
mod tests {
    use super::super::Scale;
    use super::*;

    fn unit(name: &str) -> Parameter {
        Parameter::new(name, Scale::Linear { low: 0.0, high: 1.0 }).unwrap()
    }

    fn units(count: usize) -> Vec<Parameter> {
        (0..count).map(|index| unit(&format!("p{index}"))).collect()
    }

    #[test]
    fn a_grid_is_every_combination_once_the_last_moving_fastest() {
        let parameters = vec![
            Parameter::new("kiosks", Scale::Integer { low: 1, high: 3 }).unwrap(),
            Parameter::new("rate", Scale::Log { low: 1.0, high: 100.0 }).unwrap(),
            Parameter::new("mode", Scale::Levels(vec![0.0, 7.0])).unwrap(),
        ];
        let design = grid(parameters, &[9, 3, 2]).unwrap();
        assert_eq!(design.point_count(), 18);
        assert_eq!(
            design.points()[..3],
            [vec![1.0, 1.0, 0.0], vec![1.0, 1.0, 7.0], design.points()[2].clone()]
        );
        assert!((design.points()[2][1] - 10.0).abs() < 1e-12);
        assert_eq!(design.points()[17], [3.0, 100.0, 7.0]);
        let mut sorted = design.points().to_vec();
        sorted.sort_by(|left, right| left.partial_cmp(right).unwrap());
        sorted.dedup();
        assert_eq!(sorted.len(), 18);
    }

    #[test]
    fn a_coarse_grid_of_whole_numbers_keeps_both_ends() {
        let kiosks = Parameter::new("kiosks", Scale::Integer { low: 1, high: 60 }).unwrap();
        let values: Vec<f64> = grid(vec![kiosks], &[4]).unwrap().points().iter().map(|p| p[0]).collect();
        assert_eq!(values, [1.0, 21.0, 40.0, 60.0]);
    }

    #[test]
    fn a_latin_hypercube_has_one_point_in_each_part_of_each_range() {
        let design = latin_hypercube(units(5), 97, 11).unwrap();
        for dimension in 0..5 {
            let mut parts: Vec<usize> =
                design.points().iter().map(|point| (point[dimension] * 97.0) as usize).collect();
            parts.sort_unstable();
            assert_eq!(parts, (0..97).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_parameter_more_moves_no_other() {
        let (few, more) =
            (latin_hypercube(units(2), 40, 3).unwrap(), latin_hypercube(units(4), 40, 3).unwrap());
        for (few, more) in few.points().iter().zip(more.points()) {
            assert_eq!(few[..], more[..2]);
        }
        let other = latin_hypercube(units(2), 40, 4).unwrap();
        assert_ne!(few, other);
    }

    #[test]
    fn latin_hypercube_columns_are_unrelated() {
        // Correlation of two random permutations of n: sd 1/sqrt(n − 1); 4.5 of them for each of 45 pairs.
        let design = latin_hypercube(units(10), 2_000, 1).unwrap();
        for left in 0..10 {
            for right in 0..left {
                let covariance: f64 =
                    design.points().iter().map(|point| (point[left] - 0.5) * (point[right] - 0.5)).sum();
                assert!((covariance / 2_000.0 * 12.0).abs() < 4.5 / 1_999f64.sqrt());
            }
        }
    }

    #[test]
    fn sobol_points_fill_every_elementary_box_of_two_dimensions() {
        // 2^8 points of a scrambled (0, 8, 2)-net: one in each box of 2^-k by 2^-(8-k).
        let design = sobol(units(2), 256, 5).unwrap();
        for k in 0..=8 {
            let mut seen = [0; 256];
            for point in design.points() {
                let column = (point[0] * f64::from(1 << k)) as usize;
                let row = (point[1] * f64::from(1 << (8 - k))) as usize;
                seen[column * (1 << (8 - k)) + row] += 1;
            }
            assert_eq!(seen, [1; 256]);
        }
    }

    #[test]
    fn sobol_integrates_far_better_than_chance() {
        let design = sobol(units(8), 4_096, 2).unwrap();
        let product = |point: &Vec<f64>| point.iter().map(|x| 1.0 + 0.4 * (x - 0.5)).product::<f64>();
        let mean: f64 = design.points().iter().map(product).sum::<f64>() / 4_096.0;
        // Independent points would have a standard error of about 0.0053.
        assert!((mean - 1.0).abs() < 5e-4, "{mean}");
    }

    #[test]
    fn impossible_designs_are_refused() {
        assert_eq!(grid(Vec::new(), &[]), Err(DesignError::NoParameter));
        let twice = vec![unit("a"), unit("a")];
        assert_eq!(sobol(twice, 8, 0), Err(DesignError::RepeatedName { name: "a".to_owned() }));
        assert!(grid(units(2), &[3]).is_err());
        assert!(grid(units(1), &[1]).is_err());
        assert!(grid(units(2), &[usize::MAX, usize::MAX]).is_err());
        assert!(latin_hypercube(units(1), 0, 0).is_err());
        assert!(sobol(units(1), SOBOL_POINT_LIMIT + 1, 0).is_err());
        assert!(sobol(units(257), 8, 0).is_err());
    }
}
