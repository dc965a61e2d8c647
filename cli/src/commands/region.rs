//! `onetrip run` of a region: one day of all its facilities, patient by patient.

use crate::console::Console;
use crate::failure::{Interrupted, Outcome};
use crate::interrupt::Interrupt;
use crate::settings::SettingsArguments;
use crate::table::{Column, table};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use onetrip_report::figures;
use onetrip_report::region::{FOLDER, RegionDocument, write_folder};
use onetrip_scenarios::region::RegionSpec;
use onetrip_studies::region::{Region, RegionError, RegionProgress, run_region};
use onetrip_studies::statistics::interval::Level;
use std::path::Path;

/// Runs a day of a region and shows what came of it.
///
/// # Errors
/// When a facility's day was given up, or nothing was finished.
pub(crate) fn run(
    spec: &RegionSpec,
    settings: &SettingsArguments,
    command: String,
    out: Option<&Path>,
    console: &mut Console,
) -> anyhow::Result<Outcome> {
    if let Some(folder) = out {
        FOLDER.check(folder)?;
    }
    let region = Region::new(spec)?;
    let progress = Bar::new(&region, spec, console)?;
    let rng_seed = settings.rng_seed();
    let results = settings.on_threads(|| run_region(&region, rng_seed, 0, Level::P95, &progress))?;
    drop(progress);
    let results = match results {
        Err(RegionError::NothingFinished) => return Err(Interrupted.into()),
        results => results?,
    };
    let document = RegionDocument::new(&region, &results, rng_seed, command, env!("CARGO_PKG_VERSION"));
    if console.is_json {
        console.print_json(&document)?;
    } else {
        let text = render(&document, console);
        console.print(&text)?;
    }
    if let Some(folder) = out {
        write_folder(folder, &document, console.language)?;
        let written = console.say("written:", "已写入：");
        console.remark(&format!("{written} {}", folder.join("report.html").display()));
    }
    Ok(Outcome::Done)
}

fn render(document: &RegionDocument, console: &Console) -> String {
    let language = console.language;
    let [classes, shards] = document.tables(language).map(|lines| aligned(&lines));
    let title = document.region.title.in_language(language);
    let (id, facts, ending) = (&document.region.id, document.facts(language), document.ending(language));
    let cut_short =
        if document.is_cut_short { format!("\n{}\n", document.cut_short(language)) } else { String::new() };
    format!("{title}  {id}\n{facts}\n\n{classes}\n\n{shards}\n\n{ending}\n{cut_short}")
}

fn aligned(lines: &[Vec<String>]) -> String {
    let Some((head, rows)) = lines.split_first() else { return String::new() };
    // Headings of numbers are wider than the numbers, so each word has a line.
    let headings: Vec<String> = head.iter().map(|heading| heading.replace(' ', "\n")).collect();
    let kind = |index: usize| if index == 0 { Column::Name } else { Column::Number };
    let columns: Vec<(&str, Column)> = headings
        .iter()
        .enumerate()
        .map(|(index, heading)| (if index == 0 { &head[0] } else { heading }.as_str(), kind(index)))
        .collect();
    table(&columns, rows.to_vec())
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
