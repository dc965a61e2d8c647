//! What was run, and how.

use crate::facts::RunFacts;
use crate::words::Words;
use onetrip_models::system::System;
use onetrip_scenarios::reader::{Origin, Provenance};
use onetrip_studies::long_run::LongRunMean;
use onetrip_studies::replicate::{ReplicationCount, RunResults};
use onetrip_studies::statistics::replications::Precision;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What kind of system a scenario describes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ScenarioKind {
    /// A hospital day.
    Hospital,
    /// A plain queueing network.
    Network,
}

/// A scenario, in words.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ScenarioPart {
    /// Name, as on the command line.
    pub id: String,
    /// Title.
    pub title: Words,
    /// What it is and where it comes from.
    pub description: Words,
    /// What kind of system.
    pub kind: ScenarioKind,
    /// Time at the start that is simulated but not counted, in seconds.
    pub warm_up_s: f64,
    /// The latest end of a run, in seconds since it began.
    pub ends_at_s: f64,
    /// A run ends when the last customer has left, if that is before `ends_at_s`.
    pub ends_when_empty: bool,
    /// Where customers come from.
    pub sources: Vec<Words>,
    /// Kinds of pause (walking, waiting for a result …) by the number the model gives them.
    pub pause_kinds: Vec<PauseKind>,
}

/// A kind of pause.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct PauseKind {
    /// Word for it, part of ids.
    pub id: String,
    /// Name shown.
    pub title: Words,
}

/// How a scenario was run.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct RunPart {
    /// The one number from which all randomness follows.
    pub rng_seed: u64,
    /// Replications that count.
    pub replications: u32,
    /// Independent days (or runs) in each.
    pub days: u32,
    /// Confidence level of the intervals, as a share.
    pub level: f64,
    /// Version of the program.
    pub version: String,
    /// The command that repeats the run.
    pub command: String,
    /// Arrivals and completed services simulated.
    pub events: u64,
    /// Stopped before the end that was asked for.
    pub cut_short: bool,
    /// The relative half-width of intervals that was asked for, as a share.
    pub precision_share: Option<f64>,
    /// The absolute half-width of intervals that was asked for, in the unit of each measure.
    pub precision_half_width: Option<f64>,
    /// Headline measures whose precision was not met within the limit.
    pub imprecise: Vec<String>,
    /// Where there is one long run of a network: its means over customers, whose intervals are by batch means.
    pub long_run: Vec<LongRunPart>,
}

/// A mean over the customers of one long run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LongRunPart {
    /// The measure.
    pub id: String,
    /// Customers counted.
    pub customers: u64,
    /// Of them, those that MSER-5 cuts as the warm-up.
    pub warm_up_customers: u64,
    /// Batches of the rest; 0 where there is no interval: the cut takes half of the run, or batches are related.
    pub batches: u64,
    /// Customers of a batch.
    pub batch_customers: u64,
    /// Correlation of neighbouring batch means.
    pub lag_one_correlation: Option<f64>,
}

impl LongRunPart {
    fn new(id: String, mean: &LongRunMean) -> LongRunPart {
        LongRunPart {
            id,
            customers: mean.customer_count as u64,
            warm_up_customers: mean.warm_up.observation_count as u64,
            batches: mean.batches.map_or(0, |batches| batches.estimate.observation_count as u64),
            batch_customers: mean.batches.map_or(0, |batches| batches.batch_size as u64),
            lag_one_correlation: mean.batches.and_then(|batches| batches.lag_one_correlation),
        }
    }
}

impl RunPart {
    pub(super) fn new(system: &System, results: &RunResults, facts: &RunFacts<'_>) -> RunPart {
        let settings = &results.settings;
        let precision = match settings.replications {
            ReplicationCount::Fixed(_) => None,
            ReplicationCount::Enough { precision, .. } => Some(precision),
        };
        let id_of = |&index: &usize| system.measures().get(index).map(|measure| measure.id.clone());
        RunPart {
            rng_seed: settings.rng_seed,
            replications: results.replication_count,
            days: settings.days,
            level: settings.level.share(),
            version: facts.version.clone(),
            command: facts.command.clone(),
            events: results.event_count,
            cut_short: results.is_cut_short,
            precision_share: match precision {
                Some(Precision::Relative(relative) | Precision::Either { relative, .. }) => Some(relative),
                _ => None,
            },
            precision_half_width: match precision {
                Some(Precision::Absolute(absolute) | Precision::Either { absolute, .. }) => Some(absolute),
                _ => None,
            },
            imprecise: results.imprecise.iter().filter_map(id_of).collect(),
            long_run: results
                .long_run
                .iter()
                .filter_map(|mean| Some(LongRunPart::new(id_of(&mean.measure)?, mean)))
                .collect(),
        }
    }
}

/// Who gave an input its value.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum InputOrigin {
    /// It is written in the file.
    File,
    /// It is the format's default.
    Default,
    /// It was set on the command line.
    CommandLine,
}

/// One number of the scenario and what stands behind it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct InputPart {
    /// Path as `--set` takes it.
    pub path: String,
    /// The value as written.
    pub value: String,
    /// Who gave the value.
    pub origin: InputOrigin,
    /// The value of the file that was replaced on the command line.
    pub replaced: Option<String>,
    /// The document or study the number was taken from.
    pub source: Option<String>,
    /// How many observations it rests on.
    pub n: Option<u64>,
    /// The number is an assumption of ours, not an observation.
    pub assumption: bool,
    /// How the number was derived or why it was assumed.
    pub note: Option<String>,
    /// File or argument the value stands in.
    pub file: String,
    /// Line there, from 1.
    pub line: usize,
}

impl From<&Provenance> for InputPart {
    fn from(provenance: &Provenance) -> InputPart {
        let evidence = &provenance.evidence;
        InputPart {
            path: provenance.path.clone(),
            value: provenance.value.clone(),
            origin: match provenance.origin {
                Origin::File => InputOrigin::File,
                Origin::Default => InputOrigin::Default,
                Origin::CommandLine => InputOrigin::CommandLine,
            },
            replaced: provenance.replaced.clone(),
            source: evidence.source.clone(),
            n: evidence.n,
            assumption: evidence.assumption,
            note: evidence.note.clone(),
            file: provenance.file.clone(),
            line: provenance.line,
        }
    }
}
