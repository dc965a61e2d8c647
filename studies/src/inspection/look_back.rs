//! The follow-up after a rectification: the same inspectors on the same days with the same luck, at the hospital as it is
//! after the change.

use super::plan::PlannedVisit;
use super::question::Question;
use super::study::{HospitalInspection, InspectError, InspectSettings, Inspected, inspect_one};
use crate::film::PatientId;
use crate::replicate::Progress;
use crate::statistics::interval::{Estimate, Level, paired_difference};
use onetrip_scenarios::targets::TargetDocument;

/// A figure before and after.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Place of the question among those of the inspection before.
    pub question: usize,
    /// Mean over the days before; each day counts once.
    pub before: f64,
    /// Mean over the days after.
    pub after: f64,
    /// After − before, day by day under the same luck.
    pub difference: Estimate,
    /// Chance that the inspected visits pass, before.
    pub chance_before: Option<f64>,
    /// Chance that they pass, after.
    pub chance_after: Option<f64>,
}

/// What the follow-up came to.
#[derive(Clone, Debug)]
pub struct LookBack {
    /// The inspection after the change.
    pub after: HospitalInspection,
    /// The measured figures before and after, where both were seen on at least two days.
    pub changes: Vec<Change>,
}

/// Sends the inspectors again, to a hospital after its rectification.
///
/// # Errors
/// As [`super::inspect`].
pub fn look_back(
    before: &HospitalInspection,
    rectified: &Inspected<'_>,
    document: &TargetDocument,
    settings: &InspectSettings,
    progress: &dyn Progress,
) -> Result<LookBack, InspectError> {
    let planned: Vec<PlannedVisit> = before.visits.iter().map(|visit| visit.planned.clone()).collect();
    let wanted: Vec<PatientId> = before.visits.iter().map(|visit| visit.patient).collect();
    let after = inspect_one(rectified, document, settings, &planned, &wanted, progress)?;
    let mut changes = Vec::new();
    for (index, question) in before.questions.iter().enumerate() {
        if let Some(change) = change(before, &after, index, question, settings)? {
            changes.push(change);
        }
    }
    Ok(LookBack { after, changes })
}

fn change(
    before: &HospitalInspection,
    after: &HospitalInspection,
    index: usize,
    question: &Question,
    settings: &InspectSettings,
) -> Result<Option<Change>, InspectError> {
    let Some(other) = after.questions.iter().position(|other| other.id == question.id) else {
        return Ok(None);
    };
    let mean =
        |figures: &[f64]| (!figures.is_empty()).then(|| figures.iter().sum::<f64>() / figures.len() as f64);
    let days = before.population.figures(index).into_iter().zip(after.population.figures(other));
    let (mine, theirs): (Vec<f64>, Vec<f64>) =
        days.filter_map(|(mine, theirs)| Some((mean(&mine)?, mean(&theirs)?))).unzip();
    if mine.len() < 2 {
        return Ok(None);
    }
    let chance = |inspection: &HospitalInspection, index: usize| {
        let InspectSettings { visits, rng_seed, level, .. } = *settings;
        inspection.population.chance(&inspection.questions, &[index], visits, rng_seed, level)
    };
    Ok(Some(Change {
        question: index,
        before: mean(&mine).unwrap_or_default(),
        after: mean(&theirs).unwrap_or_default(),
        difference: difference(&mine, &theirs, settings.level)?,
        chance_before: chance(before, index)?.map(|estimate| estimate.value),
        chance_after: chance(after, other)?.map(|estimate| estimate.value),
    }))
}

fn difference(before: &[f64], after: &[f64], level: Level) -> Result<Estimate, InspectError> {
    Ok(paired_difference(before, after, level)?)
}
