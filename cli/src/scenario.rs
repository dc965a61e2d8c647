//! The scenario a command works on: found by name or path, changed by `--set`, read and compiled.

use crate::arguments::both;
use crate::console::Console;
use crate::inputs::{Accepted, is_path, read_file, unknown};
use anyhow::Context;
use onetrip_models::hospital::Hospital;
use onetrip_models::hospital::spec::HospitalSpec;
use onetrip_models::network::Network;
use onetrip_models::system::System;
use onetrip_models::text::Text;
use onetrip_report::document::ScenarioPart;
use onetrip_report::facts::{RunFacts, VisitMeasure};
use onetrip_scenarios::library;
use onetrip_scenarios::load::{self, FormatKind, Scenario};
use onetrip_scenarios::reader::{Document, EvidenceRule, Provenance, Reading};
use onetrip_scenarios::region::{RegionSpec, read_region};

/// The scenario that is meant when none is named.
pub(crate) const DEFAULT: &str = "hangzhou-2018-12";

/// Which scenario, and what is changed of it.
#[derive(clap::Args, Debug)]
pub(crate) struct ScenarioArguments {
    #[arg(
        default_value = DEFAULT,
        help = both(
            "A scenario by its name (see `onetrip scenarios`), or a file of your own",
            "情景名称（见 `onetrip scenarios`），或自备文件的路径"
        )
    )]
    pub(crate) scenario: String,

    #[arg(
        long = "set",
        value_name = "PATH=VALUE",
        help = both(
            "Change a value of the scenario, such as `--set station.window.servers=4`; NAME.count (`--set \
             registration.kiosks.count=40`) scales all shifts of a hospital's windows, kiosks or machines; may be repeated",
            "修改情景中的数值，如 `--set station.window.servers=4`；医院的窗口、自助机、设备可用“名称.count”\
             （如 `--set registration.kiosks.count=40`）按比例调整全部班次；可多次使用"
        )
    )]
    pub(crate) set: Vec<String>,
}

/// A scenario that is ready to run.
pub(crate) struct Chosen {
    /// As it was asked for.
    pub(crate) wanted: String,
    /// What it describes.
    pub(crate) scenario: Scenario,
    /// Every number with what stands behind it.
    pub(crate) provenance: Vec<Provenance>,
    /// The description, compiled.
    pub(crate) system: System,
}

impl ScenarioArguments {
    /// A scenario as it is, or the default one.
    pub(crate) fn of(scenario: Option<&str>) -> ScenarioArguments {
        ScenarioArguments { scenario: scenario.unwrap_or(DEFAULT).to_owned(), set: Vec::new() }
    }

    /// The text of the scenario, as its file has it.
    ///
    /// # Errors
    /// When nothing is called so, or the file is not to be read.
    pub(crate) fn document(&self, console: &Console) -> anyhow::Result<Document> {
        if let Some(embedded) = library::find(&self.scenario) {
            return Ok(embedded.document());
        }
        if !is_path(&self.scenario) {
            let known: Vec<&str> = library::all().iter().map(|scenario| scenario.name).collect();
            return Err(unknown(("scenario", "情景"), Accepted::NameOrFile, &self.scenario, &known, console));
        }
        read_file(&self.scenario, console)
    }

    /// Reads the scenario, with what is set, when it is a region of many facilities.
    ///
    /// # Errors
    /// When nothing is called so, the file is not to be read, or has mistakes.
    pub(crate) fn region(&self, console: &Console) -> anyhow::Result<Option<Reading<RegionSpec>>> {
        let mut document = self.document(console)?;
        if load::kind_of(&document) != Some(FormatKind::Region) {
            return Ok(None);
        }
        self.set.iter().for_each(|assignment| document.set(assignment));
        let reading = read_region(document, EvidenceRule::Optional)?;
        console.remark_findings(&reading.warnings);
        Ok(Some(reading))
    }

    /// Reads and compiles the scenario, with what is set.
    ///
    /// # Errors
    /// All mistakes of the file and of what is set.
    pub(crate) fn choose(&self, console: &Console) -> anyhow::Result<Chosen> {
        let mut document = self.document(console)?;
        self.set.iter().for_each(|assignment| document.set(assignment));
        let Reading { value: scenario, provenance, warnings } = load::load(document)?;
        console.remark_findings(&warnings);
        let system = compile(&scenario).with_context(|| format!("`{}`", self.scenario))?;
        Ok(Chosen { wanted: self.scenario.clone(), scenario, provenance, system })
    }
}

/// Compiles what a file describes.
///
/// # Errors
/// What the model has against it that no reader can see.
pub(crate) fn compile(scenario: &Scenario) -> anyhow::Result<System> {
    match scenario {
        Scenario::Network(spec) => Ok(System::Network(Network::new(spec.as_ref().clone())?)),
        Scenario::Hospital(described) => Ok(System::Hospital(Hospital::new(described.hospital.clone())?)),
    }
}

impl Chosen {
    /// Title of the scenario.
    pub(crate) fn title(&self) -> &Text {
        match &self.scenario {
            Scenario::Network(spec) => &spec.title,
            Scenario::Hospital(described) => &described.title,
        }
    }

    /// What it is and where it comes from.
    pub(crate) fn description(&self) -> &Text {
        match &self.scenario {
            Scenario::Network(spec) => &spec.description,
            Scenario::Hospital(described) => &described.hospital.name,
        }
    }

    /// The hospital, when it describes one.
    pub(crate) fn hospital(&self) -> Option<&HospitalSpec> {
        match &self.scenario {
            Scenario::Network(_) => None,
            Scenario::Hospital(described) => Some(&described.hospital),
        }
    }

    /// What a report must know of it.
    pub(crate) fn facts(&self) -> RunFacts<'_> {
        let (scenario, visit_measures) = match &self.scenario {
            Scenario::Network(spec) => (ScenarioPart::of_network(spec), Vec::new()),
            Scenario::Hospital(described) => {
                (ScenarioPart::of_hospital(described), VisitMeasure::of_hospital())
            }
        };
        RunFacts {
            scenario,
            command: String::new(),
            version: String::new(),
            inputs: &self.provenance,
            targets: None,
            visit_measures,
        }
    }
}
