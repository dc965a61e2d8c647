//! Experimental designs: which scenarios to run, and what their outputs say about each parameter.
//!
//! A [`Design`] is a list of points in the values of named [`Parameter`]s. [`grid`], [`latin_hypercube`] and [`sobol`]
//! spread points; [`SaltelliDesign`] and [`MorrisDesign`] also turn the outputs of their points into sensitivities.
//! Nothing here runs a scenario: points go out, outputs come back in the same order. Every random choice comes from
//! a keyed stream of the design's own, so the same call gives the same points on every machine.

mod bootstrap;
mod morris;
mod outputs;
mod parameter;
mod saltelli;
mod spread;

pub use bootstrap::Bootstrap;
pub use morris::{ElementaryEffects, MorrisDesign};
pub use outputs::Outputs;
pub use parameter::{Parameter, Scale};
pub use saltelli::{SaltelliDesign, SobolIndices};
pub use spread::{SOBOL_DIMENSION_LIMIT, SOBOL_POINT_LIMIT, grid, latin_hypercube, sobol};

/// Points a design may have before it is refused as a slip of the pen.
pub const POINT_LIMIT: usize = 10_000_000;

/// Why a design cannot be made or its outputs not be read.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum DesignError {
    /// There is nothing to vary.
    #[error("the design varies no parameter; accepted: at least 1")]
    NoParameter,
    /// Two parameters have one name.
    #[error("parameter {name} is varied twice; accepted: each name once")]
    RepeatedName {
        /// The name.
        name: String,
    },
    /// The range or the levels of a parameter have no meaning.
    #[error("parameter {name}: {found}; accepted: {accepted}")]
    Range {
        /// The parameter.
        name: String,
        /// What was read.
        found: String,
        /// What would be accepted.
        accepted: &'static str,
    },
    /// A count of the design is outside what the method can do.
    #[error("{name} is {value}; accepted: {accepted}")]
    Count {
        /// Which count.
        name: &'static str,
        /// What was given.
        value: usize,
        /// What would be accepted.
        accepted: String,
    },
    /// Outputs do not belong to the points of the design.
    #[error("{found} outputs for {expected} points; accepted: one per point, in their order")]
    OutputCount {
        /// Points of the design.
        expected: usize,
        /// Outputs given.
        found: usize,
    },
    /// An output is infinite or not a number.
    #[error("output {index} is {value}; accepted: finite numbers")]
    NotFinite {
        /// The point, from 0.
        index: usize,
        /// Its output.
        value: f64,
    },
    /// All outputs are alike, so there is no variance to share among parameters.
    #[error("all outputs are {value}; accepted: outputs that vary with at least 1 parameter")]
    ConstantOutput {
        /// The output of every point.
        value: f64,
    },
}

/// Points in the values of some parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct Design {
    parameters: Vec<Parameter>,
    points: Vec<Vec<f64>>,
}

impl Design {
    /// What is varied; the columns of [`Design::points`].
    pub fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    /// The points, in the order in which outputs are expected back; each holds one value per parameter.
    pub fn points(&self) -> &[Vec<f64>] {
        &self.points
    }

    /// How many points there are.
    pub fn point_count(&self) -> usize {
        self.points.len()
    }

    /// An error unless there is one finite output per point.
    fn check_outputs(&self, outputs: &[f64]) -> Result<(), DesignError> {
        if outputs.len() != self.points.len() {
            return Err(DesignError::OutputCount { expected: self.points.len(), found: outputs.len() });
        }
        match outputs.iter().position(|output| !output.is_finite()) {
            Some(index) => Err(DesignError::NotFinite { index, value: outputs[index] }),
            None => Ok(()),
        }
    }
}

/// An error unless there are parameters, each with a name of its own.
fn check_names(parameters: &[Parameter]) -> Result<(), DesignError> {
    if parameters.is_empty() {
        return Err(DesignError::NoParameter);
    }
    for (index, parameter) in parameters.iter().enumerate() {
        if parameters[..index].iter().any(|other| other.name() == parameter.name()) {
            return Err(DesignError::RepeatedName { name: parameter.name().to_owned() });
        }
    }
    Ok(())
}

/// An error unless every parameter can take two values at least, as a sensitivity needs.
fn check_varied(parameters: &[Parameter]) -> Result<(), DesignError> {
    check_names(parameters)?;
    match parameters.iter().find(|parameter| parameter.level_count() == Some(1)) {
        Some(parameter) => Err(DesignError::Range {
            name: parameter.name().to_owned(),
            found: "a single level".to_owned(),
            accepted: "at least 2 levels for a sensitivity",
        }),
        None => Ok(()),
    }
}

/// An error when a design would have more points than [`POINT_LIMIT`].
fn check_point_count(count: Option<usize>) -> Result<usize, DesignError> {
    match count {
        Some(count) if count <= POINT_LIMIT => Ok(count),
        other => Err(DesignError::Count {
            name: "number of points",
            value: other.unwrap_or(usize::MAX),
            accepted: format!("at most {POINT_LIMIT}"),
        }),
    }
}
