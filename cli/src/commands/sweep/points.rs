//! The points of a sweep as scenarios: what is varied is checked like what is set, all mistakes at once, before any run.

use crate::console::Console;
use crate::scenario::{Chosen, ScenarioArguments, compile};
use anyhow::{Context, anyhow};
use onetrip_models::system::System;
use onetrip_report::words::Language;
use onetrip_scenarios::load;
use onetrip_scenarios::reader::{Diagnostics, Document, Reading};
use onetrip_studies::replicate::Progress;
use onetrip_studies::sweep::{BuildError, SweepPlan, Variable, check};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// The argument that mistakes are shown with.
const ARGUMENT: &str = "--vary";
/// Mistakes that only a compiled scenario has are shown up to so many.
const MOST: usize = 10;

/// Makes points of a scenario.
pub(super) struct Points<'a> {
    /// The file, with what is set.
    document: Document,
    name: &'a str,
    variables: Vec<Variable>,
    /// What a reader found doubtful, by the assignments of the point.
    doubts: Mutex<BTreeMap<Vec<String>, Diagnostics>>,
}

impl<'a> Points<'a> {
    /// Reads what is to be varied, and tries every value of a list and both ends of a range.
    ///
    /// # Errors
    /// Everything that is wrong with what is varied.
    pub(super) fn new(
        arguments: &'a ScenarioArguments,
        chosen: &Chosen,
        vary: &[String],
        console: &Console,
    ) -> anyhow::Result<Points<'a>> {
        let mut document = arguments.document(console)?;
        arguments.set.iter().for_each(|assignment| document.set(assignment));
        let read: Vec<_> = vary.iter().map(|text| Variable::read(text, chosen.hospital())).collect();
        let mistakes: Vec<String> =
            read.iter().filter_map(|one| Some(format!("{ARGUMENT} {}", one.as_ref().err()?))).collect();
        if !mistakes.is_empty() {
            return Err(anyhow!(mistakes.join("\n")));
        }
        let variables: Vec<Variable> = read.into_iter().flatten().collect();
        let doubts = Mutex::default();
        let points = Points { document, name: &arguments.scenario, variables, doubts };
        points.try_extremes()?;
        Ok(points)
    }

    pub(super) fn variables(&self) -> &[Variable] {
        &self.variables
    }

    /// The text of the scenario's file.
    pub(super) fn text(&self) -> &str {
        self.document.text()
    }

    /// The scenario at a point.
    pub(super) fn build(&self, assignments: &[String]) -> Result<System, BuildError> {
        self.made(assignments).map_err(|error| format!("{error:#}").into())
    }

    /// Makes every point once. `None` when the person has stopped the work.
    ///
    /// # Errors
    /// All mistakes.
    pub(super) fn check(&self, plan: &SweepPlan, progress: &dyn Progress) -> anyhow::Result<Option<()>> {
        let Some(mistakes) = check(plan, |assignments| self.made(assignments), progress) else {
            return Ok(None);
        };
        let named = mistakes.into_iter().map(|(point, error)| {
            let described = format!("point {} ({})", point + 1, plan.described(point));
            (described, error)
        });
        told(named.collect())?;
        Ok(Some(()))
    }

    /// Says at how many points there is something doubtful, such as a queue that grows without end, and what at the first.
    pub(super) fn remark_doubts(&self, plan: &SweepPlan, console: &Console) {
        let doubts = self.doubts.lock().unwrap_or_else(PoisonError::into_inner);
        let mut doubtful =
            plan.distinct().filter_map(|point| Some((point, doubts.get(&plan.assignments(point))?)));
        let Some((first, findings)) = doubtful.next() else { return };
        let (count, of, at) = (1 + doubtful.count(), plan.distinct().count(), plan.described(first));
        console.remark(&match console.language {
            Language::Chinese => format!("警告：{of}个设计点中有{count}个可能存在问题；首个为 {at}："),
            Language::English if count == 1 => format!("warning: 1 of {of} points is doubtful, {at}:"),
            Language::English => format!("warning: {count} of {of} points are doubtful; the first is {at}:"),
        });
        console.remark_findings(findings);
    }

    fn made(&self, assignments: &[String]) -> anyhow::Result<System> {
        let mut document = self.document.clone();
        assignments.iter().for_each(|assignment| document.set_by(ARGUMENT, assignment));
        let Reading { value, warnings, .. } = load::load(document)?;
        if !warnings.is_empty() {
            let mut doubts = self.doubts.lock().unwrap_or_else(PoisonError::into_inner);
            doubts.insert(assignments.to_vec(), warnings);
        }
        compile(&value).with_context(|| format!("`{}`", self.name))
    }

    /// Each value of a list and both ends of a range, while all other variables have their first value.
    fn try_extremes(&self) -> anyhow::Result<()> {
        let first: Vec<f64> = self.variables.iter().map(|variable| variable.extremes()[0]).collect();
        let mut mistakes = Vec::new();
        for (at, variable) in self.variables.iter().enumerate() {
            for value in variable.extremes() {
                let assignments: Vec<String> = self
                    .variables
                    .iter()
                    .enumerate()
                    .flat_map(|(other, one)| one.assignments(if other == at { value } else { first[other] }))
                    .collect();
                if let Err(error) = self.made(&assignments) {
                    mistakes.push((format!("{}={}", variable.path(), variable.written(value)), error));
                }
            }
        }
        told(mistakes)
    }
}

/// Everything that is wrong: what readers found as one list, else what compiling found.
fn told(mistakes: Vec<(String, anyhow::Error)>) -> anyhow::Result<()> {
    let (mut found, mut others) = (Vec::new(), Vec::new());
    for (at, error) in mistakes {
        match error.downcast::<Diagnostics>() {
            Ok(diagnostics) => found.push(diagnostics),
            Err(error) => others.push(format!("{at}: {error:#}")),
        }
    }
    if !found.is_empty() {
        return Err(Diagnostics::together(found).into());
    }
    let count = others.len();
    if count > MOST {
        others.truncate(MOST);
        others.push(format!("… and {} more", count - MOST));
    }
    if others.is_empty() { Ok(()) } else { Err(anyhow!(others.join("\n"))) }
}
