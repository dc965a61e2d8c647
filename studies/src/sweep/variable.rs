//! What is varied: a path of the scenario, and the values it takes.

use super::writing::{GRID_COUNT, Refusal, VariableError, Written, read};
use crate::design::{Parameter, Scale};
use crate::size::Turns;
use onetrip_models::hospital::spec::HospitalSpec;
use onetrip_scenarios::hospital::ShiftTable;

/// A path of the scenario with the values it takes, `station.kiosk.servers=3..9`.
#[derive(Clone, Debug, PartialEq)]
pub struct Variable {
    text: String,
    path: String,
    unit: String,
    parameter: Parameter,
    /// The values as they were written, where they are a list.
    texts: Vec<String>,
    /// The values are choices, not numbers.
    is_choice: bool,
    grid_count: usize,
    turns: Turns,
}

/// What a variable is set to.
#[derive(Clone, Debug, PartialEq)]
pub enum Setting {
    /// A number in the variable's unit.
    Number(f64),
    /// A choice that is no number.
    Choice(String),
}

impl Variable {
    /// Reads a variable as it is written, `PATH=VALUES`. In a hospital `registration.kiosks.count` means all shifts of the
    /// kiosks together.
    ///
    /// # Errors
    /// What is written is no variable, with what would be accepted.
    pub fn read(text: &str, hospital: Option<&HospitalSpec>) -> Result<Variable, VariableError> {
        Variable::made(text, hospital).map_err(|(found, accepted)| VariableError {
            text: text.to_owned(),
            found,
            accepted,
        })
    }

    fn made(text: &str, hospital: Option<&HospitalSpec>) -> Result<Variable, Refusal> {
        let form = || "PATH=VALUES, such as `station.kiosk.servers=3..9`".to_owned();
        let (path, values) = text.split_once('=').ok_or_else(|| ("there is no `=`".to_owned(), form()))?;
        let path = path.trim();
        if path.is_empty() {
            return Err(("there is no path before the `=`".to_owned(), form()));
        }
        let table = hospital.and_then(|hospital| ShiftTable::at(path, hospital));
        let written = read(values)?;
        let grid_count = match &written {
            Written::Range { grid_count: Some(count), .. } => *count,
            Written::Range { is_whole: true, low, high, .. } => (high - low) as usize + 1,
            _ => GRID_COUNT,
        };
        let (unit, scale, texts, is_choice) = scale_of(written);
        let is_whole = match &scale {
            Scale::Integer { low, .. } => *low >= 0,
            Scale::Levels(levels) => {
                !is_choice && levels.iter().all(|level| level.fract() == 0.0 && *level >= 0.0)
            }
            _ => false,
        };
        if table.is_some() && !(is_whole && unit.is_empty()) {
            let accepted = "whole numbers, such as `1..10` or `4,8,12`".to_owned();
            return Err((format!("`{path}` is how many are on duty"), accepted));
        }
        let parameter = Parameter::new(path, scale)
            .map_err(|error| (error.to_string(), "whole numbers within 2^53 of 0".to_owned()))?;
        let turns = table.map_or(Turns::Value, Turns::Shifts);
        Ok(Variable {
            text: text.to_owned(),
            path: path.to_owned(),
            unit,
            parameter,
            texts,
            is_choice,
            grid_count,
            turns,
        })
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The path that is set.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The unit of its numbers, as it was written; empty for plain numbers and choices.
    pub fn unit(&self) -> &str {
        &self.unit
    }

    /// The parameter of the design.
    pub fn parameter(&self) -> &Parameter {
        &self.parameter
    }

    /// Whether its values are choices and not numbers.
    pub fn is_choice(&self) -> bool {
        self.is_choice
    }

    /// How many values a grid takes of it.
    pub fn grid_count(&self) -> usize {
        self.grid_count
    }

    /// The values that show whether the scenario takes it at all: the values of a list, the ends of a range.
    pub fn extremes(&self) -> Vec<f64> {
        match self.parameter.scale() {
            Scale::Levels(levels) => levels.clone(),
            Scale::Integer { low, high } => vec![*low as f64, *high as f64],
            Scale::Linear { low, high } | Scale::Log { low, high } => vec![*low, *high],
        }
    }

    /// What a value of the design means.
    pub fn setting(&self, value: f64) -> Setting {
        match self.is_choice {
            true => Setting::Choice(self.written(value)),
            false => Setting::Number(value),
        }
    }

    /// A value as the scenario has it, with its unit.
    pub fn written(&self, value: f64) -> String {
        if let Scale::Levels(levels) = self.parameter.scale()
            && let Some(text) =
                levels.iter().position(|level| *level == value).and_then(|at| self.texts.get(at))
        {
            return text.clone();
        }
        format!("{value} {}", self.unit).trim_end().to_owned()
    }

    /// The assignments (`PATH=VALUE`) that set the scenario to a value.
    pub fn assignments(&self, value: f64) -> Vec<String> {
        match &self.turns {
            Turns::Value => vec![format!("{}={}", self.path, self.written(value))],
            Turns::Shifts(table) => vec![table.assignment(&table.scaled(value as u32))],
        }
    }

    /// A value to a ten-thousandth of the range or finer: what is printed is what is run.
    pub(super) fn rounded(&self, value: f64) -> f64 {
        match self.parameter.scale() {
            Scale::Linear { low, high } => {
                let decimals = (4.0 - (high - low).log10().floor()).max(0.0) as usize;
                // Ends are kept as they were written.
                format!("{value:.decimals$}").parse().unwrap_or(value).clamp(*low, *high)
            }
            Scale::Log { low, high } => format!("{value:.4e}").parse().unwrap_or(value).clamp(*low, *high),
            Scale::Integer { .. } | Scale::Levels(_) => value,
        }
    }
}

/// Unit, scale, the texts of a list, and whether it is one of choices.
fn scale_of(written: Written) -> (String, Scale, Vec<String>, bool) {
    match written {
        Written::List { unit, numbers: Some(numbers), texts } => (unit, Scale::Levels(numbers), texts, false),
        Written::List { numbers: None, texts, .. } => {
            let levels = (0..texts.len()).map(|at| at as f64).collect();
            (String::new(), Scale::Levels(levels), texts, true)
        }
        Written::Range { unit, low, high, step: Some(step), .. } => {
            let count = ((high - low) / step + 1e-9).floor() as usize + 1;
            let level = |at: usize| format!("{:.8e}", low + at as f64 * step).parse().unwrap_or(low);
            (unit, Scale::Levels((0..count).map(level).collect()), Vec::new(), false)
        }
        Written::Range { unit, low, high, is_whole: true, .. } => {
            (unit, Scale::Integer { low: low as i64, high: high as i64 }, Vec::new(), false)
        }
        Written::Range { unit, low, high, is_log: true, .. } => {
            (unit, Scale::Log { low, high }, Vec::new(), false)
        }
        Written::Range { unit, low, high, .. } => (unit, Scale::Linear { low, high }, Vec::new(), false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variable(text: &str) -> Variable {
        Variable::read(text, None).unwrap()
    }

    #[test]
    fn values_are_set_as_the_file_has_them() {
        assert_eq!(variable("station.a.servers=3..9").assignments(4.0), ["station.a.servers=4"]);
        assert_eq!(variable("a.mean=2 min..6 min").assignments(2.5), ["a.mean=2.5 min"]);
        assert_eq!(variable("a.rate=6 per hour..9 per hour").assignments(7.25), ["a.rate=7.25 per hour"]);
        assert_eq!(variable("a.mean=30 s,1 min").assignments(60.0), ["a.mean=1 min"]);
        let discipline = variable("a.discipline=fifo,lifo");
        assert_eq!(discipline.assignments(1.0), ["a.discipline=lifo"]);
        assert_eq!(discipline.setting(0.0), Setting::Choice("fifo".to_owned()));
        assert_eq!(variable("a=1..10 step 3").extremes(), [1.0, 4.0, 7.0, 10.0]);
        assert_eq!(variable("a=0..1 step 0.1").extremes().len(), 11);
        assert_eq!(variable("a=0..1 step 0.1").extremes()[3], 0.3);
    }

    #[test]
    fn what_is_no_variable_is_refused_with_what_was_written() {
        for (text, found) in [("servers", "no `=`"), ("=1..3", "no path"), ("a=3", "single value")] {
            let error = Variable::read(text, None).unwrap_err();
            assert!(error.to_string().starts_with(&format!("`{text}`: ")), "{error}");
            assert!(error.found.contains(found), "{error}");
        }
    }

    #[test]
    fn what_is_printed_is_what_is_run() {
        let wait = variable("a=1.0..3.0");
        assert_eq!(wait.rounded(2.123_456_789_123), 2.1235);
        assert_eq!(wait.written(wait.rounded(1.0 / 3.0 + 1.0)), "1.3333");
        assert_eq!(variable("a=0.1..0.100001").rounded(0.100_000_123_4), 0.100_000_123_4);
        assert_eq!(variable("a=1.0..1.00000123").rounded(1.000_001_229), 1.000_001_229);
        assert_eq!(variable("a=1 min..60 min log").rounded(7.745_966_7), 7.746);
        assert_eq!(variable("a=1..3").rounded(2.0), 2.0);
    }
}
