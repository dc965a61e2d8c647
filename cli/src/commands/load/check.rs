//! `onetrip load check`, and which journey is meant.

use crate::arguments::both;
use crate::console::Console;
use crate::failure::Outcome;
use crate::inputs::{Accepted, is_path, read_file, unknown};
use onetrip_load::journey::{self, Journey};
use onetrip_scenarios::reader::Document;
use serde_json::json;
use std::sync::Arc;

#[derive(clap::Args, Debug)]
pub(super) struct JourneyArguments {
    #[arg(
        long,
        value_name = "JOURNEY",
        help = both(
            "What patients do on the wire: desk, fhir-if-match, fhir-transaction, fhir-conditional-create, \
             fhir-hold-book, fhir-naive, pretix, or a file of your own",
            "患者的请求流程：desk、fhir-if-match、fhir-transaction、fhir-conditional-create、fhir-hold-book、fhir-naive、\
             pretix，或自备文件"
        )
    )]
    pub(super) journey: String,

    #[arg(
        long = "journey-set",
        value_name = "PATH=VALUE",
        help = both("Change a value of the journey; may be repeated", "修改旅程文件中的值；可多次使用")
    )]
    journey_set: Vec<String>,
}

impl JourneyArguments {
    pub(super) fn read(&self, console: &Console) -> anyhow::Result<Arc<Journey>> {
        let mut document = journey_document(&self.journey, console)?;
        self.journey_set.iter().for_each(|assignment| document.set(assignment));
        let reading = journey::read_journey(document)?;
        console.remark_findings(&reading.warnings);
        Ok(Arc::new(reading.value))
    }
}

pub(super) fn journey_document(wanted: &str, console: &Console) -> anyhow::Result<Document> {
    if let Some(shipped) = journey::find(wanted) {
        return Ok(shipped.document());
    }
    if !is_path(wanted) {
        let known: Vec<&str> = journey::shipped().iter().map(|journey| journey.name).collect();
        return Err(unknown(("journey", "旅程"), Accepted::NameOrFile, wanted, &known, console));
    }
    read_file(wanted, console)
}

#[derive(clap::Args, Debug)]
pub(super) struct CheckArguments {
    #[arg(help = both("The file, or a journey that comes with the program", "文件或随程序附带的旅程"))]
    journey: String,
}

impl CheckArguments {
    pub(super) fn execute(self, console: &mut Console) -> anyhow::Result<Outcome> {
        let reading = journey::read_journey(journey_document(&self.journey, console)?)?;
        console.remark_findings(&reading.warnings);
        let journey = reading.value;
        let steps: Vec<&str> = journey.steps.iter().map(|step| step.name.as_str()).collect();
        if console.is_json {
            console.print_json(&json!({ "usable": true, "name": journey.name, "steps": steps }))?;
        } else {
            let text = format!("{}: {}\n{}\n", journey.name, steps.join(" → "), journey.about);
            console.print(&text)?;
        }
        Ok(Outcome::Done)
    }
}
