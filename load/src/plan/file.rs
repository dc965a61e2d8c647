//! Plans as files: JSON lines, written and read patient by patient.

use super::{PatientPlan, PlanHeader};
use crate::journey::Journey;
use serde::{Deserialize, Serialize};
use std::io::{self, BufRead, Write};
use thiserror::Error;

pub(super) const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
struct FirstLine<H> {
    plan: H,
}

/// Writes a plan.
///
/// # Errors
/// The sink's.
pub fn write_plan<'p>(
    mut sink: impl Write,
    header: &PlanHeader,
    patients: impl IntoIterator<Item = &'p PatientPlan>,
) -> io::Result<()> {
    serde_json::to_writer(&mut sink, &FirstLine { plan: header })?;
    sink.write_all(b"\n")?;
    for patient in patients {
        serde_json::to_writer(&mut sink, patient)?;
        sink.write_all(b"\n")?;
    }
    sink.flush()
}

/// Why a plan cannot be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PlanError {
    /// The file cannot be read.
    #[error("the plan cannot be read at line {line}")]
    Io {
        /// Number of the line.
        line: u64,
        /// What the system said.
        source: io::Error,
    },
    /// A line is no line of a plan.
    #[error("line {line} of the plan: {source}")]
    Line {
        /// Number of the line.
        line: u64,
        /// What was read instead.
        source: serde_json::Error,
    },
    /// The plan is of another version or journey, or contradicts itself.
    #[error("line {line} of the plan: {what}")]
    Disagreement {
        /// Number of the line.
        line: u64,
        /// What does not fit.
        what: String,
    },
}

/// Reads a plan patient by patient.
#[derive(Debug)]
pub struct PlanReader<R> {
    source: R,
    header: PlanHeader,
    line: u64,
    text: String,
    last_at: u64,
    count: u64,
}

impl<R: BufRead> PlanReader<R> {
    /// Reads the header.
    ///
    /// # Errors
    /// [`PlanError`].
    pub fn new(mut source: R) -> Result<Self, PlanError> {
        let mut text = String::new();
        source.read_line(&mut text).map_err(|source| PlanError::Io { line: 1, source })?;
        let first: FirstLine<PlanHeader> =
            serde_json::from_str(&text).map_err(|source| PlanError::Line { line: 1, source })?;
        let header = first.plan;
        if header.version != VERSION {
            let what = format!("version {} of the format; this program reads {VERSION}", header.version);
            return Err(PlanError::Disagreement { line: 1, what });
        }
        Ok(PlanReader { source, header, line: 1, text, last_at: 0, count: 0 })
    }

    /// What the plan was made of.
    pub fn header(&self) -> &PlanHeader {
        &self.header
    }

    /// Makes sure that the plan was made for a journey with these steps.
    ///
    /// # Errors
    /// [`PlanError::Disagreement`].
    pub fn expect_journey(&self, journey: &Journey) -> Result<(), PlanError> {
        let steps = journey.steps.iter().map(|step| &step.name);
        if steps.eq(&self.header.steps) {
            return Ok(());
        }
        let what = format!(
            "it was made for the journey `{}` with the steps {}; the journey `{}` has others",
            self.header.journey,
            self.header.steps.join(", "),
            journey.name
        );
        Err(PlanError::Disagreement { line: 1, what })
    }

    /// The next patient; `None` at the end.
    ///
    /// # Errors
    /// [`PlanError`], also when patients are not in the order of arrival or some are missing.
    pub fn next_patient(&mut self) -> Result<Option<PatientPlan>, PlanError> {
        self.text.clear();
        self.line += 1;
        let line = self.line;
        let read = self.source.read_line(&mut self.text).map_err(|source| PlanError::Io { line, source })?;
        let disagreement = |what: String| Err(PlanError::Disagreement { line, what });
        if read == 0 {
            if self.count != self.header.patient_count {
                let expected = self.header.patient_count;
                return disagreement(format!("{} patients of {expected} are there", self.count));
            }
            return Ok(None);
        }
        let patient: PatientPlan =
            serde_json::from_str(&self.text).map_err(|source| PlanError::Line { line, source })?;
        let first_at = patient.steps.first().map_or(self.last_at, |&(_, at)| at);
        if first_at < self.last_at {
            return disagreement(format!("patient {} comes before the one above", patient.patient));
        }
        let step_count = self.header.steps.len();
        if let Some((number, _)) = patient.steps.iter().find(|(number, _)| *number as usize >= step_count) {
            return disagreement(format!("step {number} of {step_count}"));
        }
        self.last_at = first_at;
        self.count += 1;
        Ok(Some(patient))
    }
}

impl<R: BufRead> Iterator for PlanReader<R> {
    type Item = Result<PatientPlan, PlanError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_patient().transpose()
    }
}
