//! What statistics cannot answer, and why.

/// A question the numbers given cannot answer. Nothing was computed; the caller's data are untouched.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum StatisticsError {
    /// A probability lies on or outside the ends of its range.
    #[error("{name} is {value}; a number between 0 and 1, both excluded, is accepted")]
    NotAProbability {
        /// Which setting.
        name: &'static str,
        /// What it was.
        value: f64,
    },
    /// A size that must be positive is zero, negative or not a number.
    #[error("{name} is {value}; a number above 0 is accepted")]
    NotPositive {
        /// Which setting.
        name: &'static str,
        /// What it was.
        value: f64,
    },
    /// There are fewer observations (or systems, or replications) than the method needs.
    #[error("{given} {name} given; at least {needed} needed")]
    TooFew {
        /// What there is too little of.
        name: &'static str,
        /// How many there are.
        given: usize,
        /// How many the method needs.
        needed: usize,
    },
    /// An observation is infinite or not a number.
    #[error("observation {index} of {name} is {value}; a finite number is accepted")]
    NotFinite {
        /// Which series.
        name: &'static str,
        /// Its position in the series, from 0.
        index: usize,
        /// What it was.
        value: f64,
    },
    /// An observation is below 0 where only times and counts make sense.
    #[error("observation {index} of {name} is {value}; 0 or more is accepted")]
    Negative {
        /// Which series.
        name: &'static str,
        /// Its position in the series, from 0.
        index: usize,
        /// What it was.
        value: f64,
    },
    /// Two series that belong together have different lengths: the pairing is broken.
    #[error("{name} have {left} and {right} observations; pairs need as many of each")]
    UnequalLengths {
        /// Which series.
        name: &'static str,
        /// Length of the first.
        left: usize,
        /// Length of the second.
        right: usize,
    },
    /// A count exceeds the whole it is a part of.
    #[error("{part} of {whole} {name}; a part is not larger than the whole")]
    PartExceedsWhole {
        /// What is counted.
        name: &'static str,
        /// The part.
        part: f64,
        /// The whole.
        whole: f64,
    },
}

/// Refuses the first value that is infinite or not a number.
pub(crate) fn finite(name: &'static str, values: &[f64]) -> Result<(), StatisticsError> {
    match values.iter().position(|value| !value.is_finite()) {
        Some(index) => Err(StatisticsError::NotFinite { name, index, value: values[index] }),
        None => Ok(()),
    }
}

/// Refuses fewer than `needed`.
pub(crate) fn at_least(name: &'static str, given: usize, needed: usize) -> Result<(), StatisticsError> {
    if given < needed { Err(StatisticsError::TooFew { name, given, needed }) } else { Ok(()) }
}

/// Refuses what is not above 0 (NaN included).
pub(crate) fn positive(name: &'static str, value: f64) -> Result<(), StatisticsError> {
    if value > 0.0 && value.is_finite() { Ok(()) } else { Err(StatisticsError::NotPositive { name, value }) }
}

/// Refuses what does not lie strictly between 0 and 1 (NaN included).
pub(crate) fn probability(name: &'static str, value: f64) -> Result<(), StatisticsError> {
    if value > 0.0 && value < 1.0 { Ok(()) } else { Err(StatisticsError::NotAProbability { name, value }) }
}
