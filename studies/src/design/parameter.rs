//! A parameter of a study: its name and the values it may take.

use super::DesignError;

/// The values a parameter may take, and how they are spread between the ends.
#[derive(Debug, Clone, PartialEq)]
pub enum Scale {
    /// Any value from `low` to `high`, evenly.
    Linear {
        /// Smallest value.
        low: f64,
        /// Largest value.
        high: f64,
    },
    /// Any value from `low` to `high`, evenly in the logarithm.
    Log {
        /// Smallest value; above 0.
        low: f64,
        /// Largest value.
        high: f64,
    },
    /// Whole numbers from `low` to `high`, both included.
    Integer {
        /// Smallest value.
        low: i64,
        /// Largest value.
        high: i64,
    },
    /// These values only.
    Levels(Vec<f64>),
}

/// A named parameter with its scale. Choices that are not numbers are varied as the index of the choice.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    name: String,
    scale: Scale,
}

/// Whole numbers beyond this are not exact as `f64`.
const WHOLE_LIMIT: i64 = 1 << 53;

impl Parameter {
    /// The parameter of this name.
    ///
    /// # Errors
    /// [`DesignError::Range`] when an end is not finite, the range is empty or reversed, a logarithmic range starts at 0
    /// or below, whole numbers exceed 2⁵³, or there is no level or one twice.
    pub fn new(name: impl Into<String>, scale: Scale) -> Result<Self, DesignError> {
        let name = name.into();
        let accepted = match &scale {
            Scale::Linear { low, high } if !(low < high && (high - low).is_finite()) => {
                Some("a finite low below a finite high")
            }
            Scale::Log { low, high } if !(*low > 0.0 && low < high && high.is_finite()) => {
                Some("a finite low above 0 and below a finite high")
            }
            Scale::Integer { low, high } if !(low < high && *low >= -WHOLE_LIMIT && *high <= WHOLE_LIMIT) => {
                Some("a low below a high, both within 2^53 of 0")
            }
            Scale::Levels(levels) if !are_distinct_and_finite(levels) => {
                Some("at least 1 level, each finite and listed once")
            }
            _ => None,
        };
        match accepted {
            Some(accepted) => Err(DesignError::Range { name, found: format!("{scale:?}"), accepted }),
            None => Ok(Parameter { name, scale }),
        }
    }

    /// Its name, such as the path of a setting.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The values it may take.
    pub fn scale(&self) -> &Scale {
        &self.scale
    }

    /// How many values it can take; `None` when any value of a range.
    pub fn level_count(&self) -> Option<usize> {
        match &self.scale {
            Scale::Linear { .. } | Scale::Log { .. } => None,
            Scale::Integer { low, high } => Some((high - low) as usize + 1),
            Scale::Levels(levels) => Some(levels.len()),
        }
    }

    /// The value at `position` of the way from the low end (0) to the high end (1). Where only some values are
    /// possible, each owns an equal share of the way.
    pub fn value_at(&self, position: f64) -> f64 {
        let position = position.clamp(0.0, 1.0);
        let index_of = |count: usize| ((position * count as f64) as usize).min(count - 1);
        match &self.scale {
            // The sum of shares of both ends meets either exactly.
            Scale::Linear { low, high } => low * (1.0 - position) + high * position,
            Scale::Log { low, high } if position == 0.0 || position == 1.0 => {
                if position == 0.0 {
                    *low
                } else {
                    *high
                }
            }
            Scale::Log { low, high } => low * (position * (high / low).ln()).exp(),
            Scale::Integer { low, high } => (low + index_of((high - low) as usize + 1) as i64) as f64,
            Scale::Levels(levels) => levels[index_of(levels.len())],
        }
    }

    /// How far `value` lies on the way from the low end (0) to the high end (1): evenly in value, logarithm, or rank
    /// of the level. The inverse of [`Parameter::value_at`] at the ends and where any value is possible.
    pub(super) fn position_of(&self, value: f64) -> f64 {
        match &self.scale {
            Scale::Linear { low, high } => (value - low) / (high - low),
            Scale::Log { low, high } => (value / low).ln() / (high / low).ln(),
            Scale::Integer { low, high } => (value - *low as f64) / (high - low) as f64,
            Scale::Levels(levels) => {
                let rank = levels.iter().position(|level| *level == value).unwrap_or(0);
                rank as f64 / (levels.len().max(2) - 1) as f64
            }
        }
    }

    /// `count` values from end to end, evenly spread; fewer where fewer are possible, and all levels of a list.
    pub(super) fn spread(&self, count: usize) -> Vec<f64> {
        match &self.scale {
            Scale::Levels(levels) => levels.clone(),
            Scale::Integer { low, high } => {
                let steps = (high - low) as usize;
                let count = count.min(steps + 1);
                let at = |index: usize| {
                    (index as f64 * steps as f64 / (count.max(2) - 1) as f64).round() + *low as f64
                };
                (0..count).map(at).collect()
            }
            Scale::Linear { .. } | Scale::Log { .. } => {
                (0..count).map(|index| self.value_at(index as f64 / (count.max(2) - 1) as f64)).collect()
            }
        }
    }
}

fn are_distinct_and_finite(levels: &[f64]) -> bool {
    !levels.is_empty()
        && levels
            .iter()
            .enumerate()
            .all(|(index, level)| level.is_finite() && !levels[..index].contains(level))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameter(scale: Scale) -> Parameter {
        Parameter::new("p", scale).unwrap()
    }

    #[test]
    fn both_ends_are_met_exactly_and_the_middle_by_its_scale() {
        for scale in [Scale::Linear { low: 0.1, high: 0.7 }, Scale::Log { low: 0.1, high: 0.7 }] {
            let parameter = parameter(scale);
            assert_eq!((parameter.value_at(0.0), parameter.value_at(1.0)), (0.1, 0.7));
        }
        assert!((parameter(Scale::Log { low: 1.0, high: 100.0 }).value_at(0.5) - 10.0).abs() < 1e-12);
        assert_eq!(parameter(Scale::Linear { low: -1.0, high: 3.0 }).value_at(0.5), 1.0);
    }

    #[test]
    fn each_whole_number_and_each_level_owns_an_equal_share() {
        let kiosks = parameter(Scale::Integer { low: 3, high: 6 });
        let levels = parameter(Scale::Levels(vec![5.0, 1.0, 9.0]));
        let mut seen = [0; 4];
        for index in 0..4_000 {
            seen[kiosks.value_at((f64::from(index) + 0.5) / 4_000.0) as usize - 3] += 1;
        }
        assert_eq!(seen, [1_000; 4]);
        assert_eq!([0.0, 0.4, 1.0].map(|at| levels.value_at(at)), [5.0, 1.0, 9.0]);
    }

    #[test]
    fn a_position_is_the_inverse_of_a_value() {
        let parameters = [
            parameter(Scale::Linear { low: 2.0, high: 8.0 }),
            parameter(Scale::Log { low: 0.5, high: 50.0 }),
        ];
        for parameter in parameters {
            for position in [0.0, 0.2, 0.9, 1.0] {
                assert!((parameter.position_of(parameter.value_at(position)) - position).abs() < 1e-14);
            }
        }
        assert_eq!(parameter(Scale::Integer { low: 2, high: 6 }).position_of(3.0), 0.25);
        assert_eq!(parameter(Scale::Levels(vec![7.0, 1.0])).position_of(1.0), 1.0);
    }

    #[test]
    fn ranges_without_meaning_are_refused_by_name() {
        let refused = [
            Scale::Linear { low: 2.0, high: 2.0 },
            Scale::Linear { low: 0.0, high: f64::INFINITY },
            Scale::Linear { low: f64::NAN, high: 1.0 },
            Scale::Log { low: 0.0, high: 2.0 },
            Scale::Integer { low: 3, high: 2 },
            Scale::Levels(Vec::new()),
            Scale::Levels(vec![1.0, 1.0]),
        ];
        for scale in refused {
            let error = Parameter::new("registration.kiosks", scale).unwrap_err();
            assert!(error.to_string().starts_with("parameter registration.kiosks: "), "{error}");
        }
    }
}
