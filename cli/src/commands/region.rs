//! `onetrip run` of a region: one day of all its facilities, patient by patient.

use crate::console::Console;
use crate::failure::{Interrupted, Outcome};
use crate::interrupt::Interrupt;
use crate::settings::SettingsArguments;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use onetrip_report::figures;
use onetrip_report::region::{FOLDER, RegionDocument, RegionFacts, terminal, write_folder};
use onetrip_scenarios::reader::Reading;
use onetrip_scenarios::region::RegionSpec;
use onetrip_studies::region::{Region, RegionError, RegionProgress, run_region};
use onetrip_studies::statistics::interval::Level;
use std::path::Path;

/// Runs a day of a region and shows what came of it.
///
/// # Errors
/// When a facility's day was given up, or nothing was finished.
pub(crate) fn run(
    reading: &Reading<RegionSpec>,
    settings: &SettingsArguments,
    command: String,
    out: Option<&Path>,
    console: &mut Console,
) -> anyhow::Result<Outcome> {
    if let Some(folder) = out {
        FOLDER.check(folder)?;
    }
    let spec = &reading.value;
    let region = Region::new(spec)?;
    let progress = Bar::new(&region, spec, console)?;
    let rng_seed = settings.rng_seed();
    let results = settings.on_threads(|| run_region(&region, rng_seed, 0, Level::P95, &progress))?;
    drop(progress);
    let results = match results {
        Err(RegionError::NothingFinished) => return Err(Interrupted.into()),
        results => results?,
    };
    let facts = RegionFacts {
        spec,
        inputs: &reading.provenance,
        rng_seed,
        command,
        version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    let document = RegionDocument::new(&region, &results, &facts);
    if console.is_json {
        console.print_json(&document)?;
    } else {
        let text = terminal::render(&document, console.language, console.width());
        console.print(&text)?;
    }
    if let Some(folder) = out {
        write_folder(folder, &document, console.language)?;
        let written = console.say("written:", "已写入：");
        console.remark(&format!("{written} {}", folder.join("report.html").display()));
    }
    Ok(Outcome::Done)
}

/// Patients done, on a terminal, and Ctrl-C.
struct Bar {
    interrupt: Interrupt,
    bar: ProgressBar,
}

impl Bar {
    fn new(region: &Region, spec: &RegionSpec, console: &Console) -> anyhow::Result<Bar> {
        let visits: f64 =
            spec.facilities.iter().map(|kind| kind.count as f64 * kind.hospital.demand.visits_per_day).sum();
        let what = console.say("visits", "诊疗人次");
        let bar = ProgressBar::with_draw_target(Some(visits as u64), ProgressDrawTarget::stderr());
        bar.set_style(ProgressStyle::with_template(&format!(
            "{what} {{bar:40}} {{human_pos}}/{{human_len}}  {{msg}}  {{elapsed}} (+{{eta}})"
        ))?);
        bar.set_message(format!(
            "{} {}",
            figures::count(region.facility_count()),
            console.say("facilities", "家机构")
        ));
        Ok(Bar { interrupt: Interrupt::listen(console)?, bar })
    }
}

impl RegionProgress for Bar {
    fn advance(&self, patients: u64, _facilities: u64) {
        self.bar.set_position(patients);
    }

    fn is_stopped(&self) -> bool {
        self.interrupt.is_asked()
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
