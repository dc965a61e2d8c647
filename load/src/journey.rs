//! What patients do on the wire, as data: a TOML file with requests, what to take from answers, what answers mean, and
//! what of it the correctness checker is told. One file per kind of system.

mod assembly;
mod format;
mod incoming;
mod kinds;
mod library;
mod pattern;
mod pointer;
mod source;
mod step;
mod values;

pub use format::JOURNEY;
pub use incoming::Incoming;
pub use library::{Shipped, find, shipped};
pub(crate) use pattern::Argument;
pub use pattern::{MissingValue, Pattern};
pub use source::{Answered, Source};
pub(crate) use step::meaning_of;
pub use step::{
    AnswerRule, Asking, Capture, FinalRead, Meaning, Moment, Paging, Pool, PoolChoice, Preparation,
    RequestForm, Rows, Sight, StateSource, StatusSet, Step, Subjects, Then, WireRequest,
};
pub use values::{Names, Values};

use onetrip_scenarios::reader::{Diagnostics, Document, EvidenceRule, Reading, read};
use std::sync::Arc;

/// The word under `format` of these files.
pub const FORMAT: &str = "journey/1";

/// Values that the program gives.
pub(crate) const BUILT_IN: [&str; 7] = ["patient", "run", "key", "now", "index", "index_start", "index_end"];

/// A journey, read and checked.
#[derive(Clone, Debug)]
pub struct Journey {
    /// Its name.
    pub name: String,
    /// One line about it.
    pub about: String,
    /// Mean time a patient waits for a step before going home, in µs.
    pub patience_us: u64,
    /// How long one request may take, in µs.
    pub timeout_us: u64,
    /// How often a patient goes back to a step.
    pub try_count: u32,
    /// How often a request of unknown outcome is sent or asked for again.
    pub retry_count: u32,
    /// Time before each of them, in µs.
    pub retry_pause_us: u64,
    /// How long a hold lasts when the answer does not say, in µs.
    pub hold_time_us: Option<u64>,
    /// How much earlier or later than told a hold may lapse, in µs.
    pub expiry_slack_us: u64,
    /// Places of a slot of which nothing else is told.
    pub slot_capacity: u32,
    /// Shares of a plain crowd's patients who have a moment of a visit; all have those not named.
    pub crowd: Vec<(Moment, f64)>,
    /// The names of its values.
    pub names: Arc<Names>,
    /// Its own values, by the numbers of their names.
    pub values: Vec<(usize, String)>,
    pub(crate) secret_headers: Vec<(String, String)>,
    /// What patients choose from.
    pub pools: Vec<Pool>,
    /// What is done before the run.
    pub preparations: Vec<Preparation>,
    /// Its steps, in their order.
    pub steps: Vec<Step>,
    /// What is read after the run.
    pub finals: Vec<FinalRead>,
}

/// Reads a journey, laid over the one it extends. Values of the command line are set on the document before
/// ([`Document::set`]).
///
/// # Errors
/// All mistakes at once.
pub fn read_journey(document: Document) -> Result<Reading<Journey>, Diagnostics> {
    let names: Vec<&str> = shipped().iter().map(|journey| journey.name).collect();
    let document = document.extended(JOURNEY.spec, &names, &|name| Some(find(name)?.document()));
    read(document, &JOURNEY, EvidenceRule::Optional)
}

impl Journey {
    /// The headers that are sent and never written down, with variables of the environment in their places.
    ///
    /// # Errors
    /// The name of a variable that is not set.
    pub fn secrets(
        &self,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Vec<(String, String)>, UnknownVariable> {
        self.secret_headers
            .iter()
            .map(|(name, pattern)| {
                let mut value = String::new();
                let mut rest = pattern.as_str();
                while let Some((before, after)) = rest.split_once("{env:") {
                    let (wanted, behind) = after.split_once('}').unwrap_or((after, ""));
                    let found = variable(wanted).ok_or_else(|| UnknownVariable {
                        header: name.clone(),
                        variable: wanted.to_owned(),
                    })?;
                    value.push_str(before);
                    value.push_str(&found);
                    rest = behind;
                }
                value.push_str(rest);
                Ok((name.to_ascii_lowercase(), value))
            })
            .collect()
    }

    /// Values of a patient (or of nobody yet), with those of the journey set.
    pub(crate) fn fresh_values(&self) -> Values {
        let mut values = Values::new(Arc::clone(&self.names));
        for (number, text) in &self.values {
            values.set(*number, text.as_str());
        }
        values
    }
}

/// A variable of the environment that a secret header needs and that is not set.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the header `{header}` needs the variable `{variable}` of the environment, which is not set")]
pub struct UnknownVariable {
    /// Name of the header.
    pub header: String,
    /// Name of the variable.
    pub variable: String,
}
