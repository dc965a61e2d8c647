//! `onetrip schema`: the JSON Schemas of what goes in and what comes out.

use crate::arguments::both;
use crate::console::Console;
use crate::failure::Outcome;
use crate::help::{Examples, plain};
use clap::ValueEnum;
use onetrip_load::journey;
use onetrip_load::report::RunReport;
use onetrip_report::compare::CompareDocument;
use onetrip_report::document::RunDocument;
use onetrip_report::inspection::document::InspectionDocument;
use onetrip_report::region::RegionDocument;
use onetrip_report::size::SizeDocument;
use onetrip_report::stress::StressDocument;
use onetrip_report::sweep::SweepDocument;
use onetrip_report::why::WhyDocument;
use onetrip_scenarios::hospital::HOSPITAL;
use onetrip_scenarios::network::network_schema;
use onetrip_scenarios::reader::extensible_json_schema;
use onetrip_scenarios::reader::schema::json_schema;
use onetrip_scenarios::region::REGION;
use onetrip_scenarios::targets;
use serde_json::Value;

#[derive(clap::Args, Debug)]
#[command(
    about = both(
        "Print the JSON Schema of a file format, for editors and checkers",
        "输出文件格式的 JSON Schema，供编辑器补全与校验"
    ),
    after_help = EXAMPLES.in_both()
)]
pub(crate) struct Schema {
    #[arg(value_enum, default_value_t = Format::Hospital, help = both("The format", "格式"))]
    format: Format,
}

const EXAMPLES: Examples = Examples {
    calls: &[
        plain("onetrip schema hospital > hospital.schema.json"),
        plain("onetrip schema result > result.schema.json"),
    ],
    note: Some((
        "In a scenario file, the first line `#:schema ./hospital.schema.json` gives completion in editors that know \
         TOML.\n\
         \n\
         hospital, network, region, targets, answers and journey are files that people write. The others are what \
         --json prints: result and region-result of `run`, comparison of `compare`, sizing of `size`, inspection of \
         `inspect`, and why, sweep and stress of the commands of these names.",
        "在情景文件首行写 `#:schema ./hospital.schema.json`，支持 TOML 的编辑器即可自动补全。\n\
         \n\
         hospital、network、region、targets、answers、journey 是由人编写的文件；其余为 --json 的输出：result 与 \
         region-result 来自 `run`，comparison 来自 `compare`，sizing 来自 `size`，inspection 来自 `inspect`，why、\
         sweep、stress 来自同名命令。",
    )),
};

/// A format with a schema.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Format {
    /// Hospitals.
    Hospital,
    /// Plain queueing networks.
    Network,
    /// Regions of many facilities.
    Region,
    /// Target documents.
    Targets,
    /// Answers to a target document.
    Answers,
    /// What patients do on the wire, for load tests.
    Journey,
    /// The results of a run, as `run --json` prints them.
    Result,
    /// The same of a region.
    RegionResult,
    /// What `compare --json` prints.
    Comparison,
    /// What `size --json` prints.
    Sizing,
    /// What `inspect --json` prints.
    Inspection,
    /// What `why --json` prints.
    Why,
    /// The results of a sweep, as `sweep --json` prints them.
    Sweep,
    /// Stress tests, as `stress --json` prints them.
    Stress,
    /// What `load run --json` prints.
    Load,
}

impl Format {
    fn schema(self) -> Value {
        match self {
            Format::Hospital => extensible_json_schema("onetrip hospital", &HOSPITAL),
            Format::Network => network_schema(),
            Format::Region => json_schema("onetrip region", &REGION),
            Format::Targets => json_schema("onetrip targets", &targets::DOCUMENT),
            Format::Answers => json_schema("onetrip answers", &targets::ANSWERS),
            Format::Journey => extensible_json_schema("onetrip journey", journey::JOURNEY.spec),
            Format::Result => RunDocument::json_schema(),
            Format::RegionResult => RegionDocument::json_schema(),
            Format::Comparison => CompareDocument::json_schema(),
            Format::Sizing => SizeDocument::json_schema(),
            Format::Inspection => InspectionDocument::json_schema(),
            Format::Why => WhyDocument::json_schema(),
            Format::Sweep => SweepDocument::json_schema(),
            Format::Stress => StressDocument::json_schema(),
            Format::Load => RunReport::json_schema(),
        }
    }
}

impl Schema {
    pub(crate) fn execute(self, console: &mut Console) -> anyhow::Result<Outcome> {
        console.print_json(&self.format.schema())?;
        Ok(Outcome::Done)
    }
}
