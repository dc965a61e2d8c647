//! The points of a study: variables, the design that spreads their values, and what it says of the outputs.

use super::Variable;
use crate::design::{
    Bootstrap, Design, DesignError, ElementaryEffects, MorrisDesign, Outputs, Parameter, SaltelliDesign,
    SobolIndices, grid, latin_hypercube, sobol,
};
use std::collections::HashMap;

/// Levels per parameter of Morris's trajectories.
const MORRIS_LEVELS: usize = 4;

/// How the values are spread.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DesignChoice {
    /// Every combination.
    Grid,
    /// So many points of a Latin hypercube.
    LatinHypercube(usize),
    /// So many points of a scrambled Sobol sequence.
    SobolSequence(usize),
    /// Saltelli's matrix of so many blocks, for Sobol' indices.
    SobolIndices(usize),
    /// So many of Morris's trajectories, for elementary effects.
    Morris(usize),
}

/// What a design for sensitivities says of each variable.
#[derive(Clone, Debug, PartialEq)]
pub enum Sensitivity {
    /// Shares of the variance.
    SobolIndices(Vec<SobolIndices>),
    /// Elementary effects.
    Morris(Vec<ElementaryEffects>),
}

#[derive(Clone, Debug, PartialEq)]
enum Made {
    Spread,
    Saltelli(SaltelliDesign),
    Morris(MorrisDesign),
}

/// Variables and the points at which they are studied.
#[derive(Clone, Debug, PartialEq)]
pub struct SweepPlan {
    variables: Vec<Variable>,
    choice: DesignChoice,
    made: Made,
    points: Vec<Vec<f64>>,
    /// For each point the first one that has the same values.
    firsts: Vec<usize>,
}

impl SweepPlan {
    /// The plan of a design.
    ///
    /// # Errors
    /// What the design has against it: a path twice, counts that the method cannot do, too many points.
    pub fn new(
        variables: Vec<Variable>,
        choice: DesignChoice,
        rng_seed: u64,
    ) -> Result<SweepPlan, DesignError> {
        let parameters: Vec<Parameter> =
            variables.iter().map(|variable| variable.parameter().clone()).collect();
        let (made, design): (Made, Design) = match choice {
            DesignChoice::Grid => {
                let counts: Vec<usize> = variables.iter().map(Variable::grid_count).collect();
                (Made::Spread, grid(parameters, &counts)?)
            }
            DesignChoice::LatinHypercube(count) => {
                (Made::Spread, latin_hypercube(parameters, count, rng_seed)?)
            }
            DesignChoice::SobolSequence(count) => (Made::Spread, sobol(parameters, count, rng_seed)?),
            DesignChoice::SobolIndices(blocks) => {
                let made = SaltelliDesign::new(parameters, blocks, rng_seed)?;
                (Made::Saltelli(made.clone()), made.design().clone())
            }
            DesignChoice::Morris(trajectories) => {
                let made = MorrisDesign::new(parameters, trajectories, MORRIS_LEVELS, rng_seed)?;
                (Made::Morris(made.clone()), made.design().clone())
            }
        };
        let rounded = |point: &Vec<f64>| -> Vec<f64> {
            variables.iter().zip(point).map(|(variable, value)| variable.rounded(*value)).collect()
        };
        let points: Vec<Vec<f64>> = design.points().iter().map(rounded).collect();
        let mut seen: HashMap<Vec<u64>, usize> = HashMap::new();
        let key = |point: &Vec<f64>| point.iter().map(|value| value.to_bits()).collect();
        let firsts =
            points.iter().enumerate().map(|(at, point)| *seen.entry(key(point)).or_insert(at)).collect();
        Ok(SweepPlan { variables, choice, made, points, firsts })
    }

    /// What is varied.
    pub fn variables(&self) -> &[Variable] {
        &self.variables
    }

    /// How the values are spread.
    pub fn choice(&self) -> DesignChoice {
        self.choice
    }

    /// The points: one value a variable.
    pub fn points(&self) -> &[Vec<f64>] {
        &self.points
    }

    /// The first point that has the same values as this one.
    pub fn first_alike(&self, point: usize) -> usize {
        self.firsts[point]
    }

    /// Points of which no earlier one has the same values.
    pub fn distinct(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.points.len()).filter(|point| self.firsts[*point] == *point)
    }

    /// The assignments that set the scenario to a point.
    pub fn assignments(&self, point: usize) -> Vec<String> {
        let values = self.variables.iter().zip(&self.points[point]);
        values.flat_map(|(variable, value)| variable.assignments(*value)).collect()
    }

    /// A point in words, `station.kiosk.servers=4, arrivals.day.rate=90 per hour`.
    pub fn described(&self, point: usize) -> String {
        let values = self.variables.iter().zip(&self.points[point]);
        let parts =
            values.map(|(variable, value)| format!("{}={}", variable.path(), variable.written(*value)));
        parts.collect::<Vec<_>>().join(", ")
    }

    /// Whether the design is one for sensitivities.
    pub fn has_sensitivities(&self) -> bool {
        self.made != Made::Spread
    }

    /// What the outputs of all points say of each variable; `None` where the design is not one for that.
    ///
    /// # Errors
    /// Outputs that are not one finite number per point, or all alike.
    pub fn sensitivity(
        &self,
        outputs: &Outputs,
        bootstrap: Bootstrap,
    ) -> Option<Result<Sensitivity, DesignError>> {
        match &self.made {
            Made::Spread => None,
            Made::Saltelli(made) => Some(made.indices(outputs, bootstrap).map(Sensitivity::SobolIndices)),
            Made::Morris(made) => Some(made.effects(outputs, bootstrap).map(Sensitivity::Morris)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(texts: &[&str]) -> Vec<Variable> {
        texts.iter().map(|text| Variable::read(text, None).unwrap()).collect()
    }

    #[test]
    fn a_grid_takes_whole_ranges_whole_and_others_in_five() {
        let plan = SweepPlan::new(variables(&["a=1..3", "b=2 min..6 min"]), DesignChoice::Grid, 1).unwrap();
        assert_eq!(plan.points().len(), 15);
        assert_eq!(plan.described(1), "a=1, b=3 min");
        assert_eq!(plan.assignments(14), ["a=3", "b=6 min"]);
        assert!(!plan.has_sensitivities());
    }

    #[test]
    fn points_alike_are_told() {
        let choice = DesignChoice::SobolIndices(16);
        let plan = SweepPlan::new(variables(&["a=1..2", "b=3,5"]), choice, 1).unwrap();
        assert_eq!((plan.points().len(), plan.distinct().count()), (64, 4));
        for (at, point) in plan.points().iter().enumerate() {
            let first = plan.first_alike(at);
            assert!(first <= at && plan.points()[first] == *point);
        }
    }

    #[test]
    fn a_path_that_is_varied_twice_is_refused() {
        let twice = SweepPlan::new(variables(&["a=1..3", "a=5..9"]), DesignChoice::Grid, 1);
        assert!(matches!(twice, Err(DesignError::RepeatedName { .. })));
    }
}
