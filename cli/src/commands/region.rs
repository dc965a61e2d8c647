//! `onetrip run` of a region: one day of all its facilities, patient by patient.

use crate::console::Console;
use crate::failure::{Interrupted, Outcome};
use crate::interrupt::Interrupt;
use crate::settings::SettingsArguments;
use crate::table::{Column, table};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use onetrip_report::figures;
use onetrip_report::region::RegionDocument;
use onetrip_scenarios::region::RegionSpec;
use onetrip_studies::region::{Region, RegionError, RegionProgress, run_region};
use onetrip_studies::statistics::interval::Level;

/// Runs a day of a region and shows what came of it.
///
/// # Errors
/// When a facility's day was given up, or nothing was finished.
pub(crate) fn run(
    spec: &RegionSpec,
    settings: &SettingsArguments,
    command: String,
    console: &mut Console,
) -> anyhow::Result<Outcome> {
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
    Ok(Outcome::Done)
}

fn render(document: &RegionDocument, console: &Console) -> String {
    let [classes, shards] = document.tables(console.language).map(|lines| aligned(&lines));
    let account = &document.accounting;
    let count = figures::count;
    let title = document.region.title.in_language(console.language);
    let head = match console.say("en", "zh") {
        "zh" => format!(
            "{title}  {}\n{}家机构 · {}诊疗人次 · {}个事件 · 95% 置信区间按地区间差异 · 随机种子 {}",
            document.region.id,
            count(document.facility_count),
            count(account.arrived),
            count(document.event_count),
            document.rng_seed
        ),
        _ => format!(
            "{title}  {}\n{} facilities · {} visits · {} events · 95 % intervals by the spread between parts · rng seed {}",
            document.region.id,
            count(document.facility_count),
            count(account.arrived),
            count(document.event_count),
            document.rng_seed
        ),
    };
    let tail = match console.say("en", "zh") {
        "zh" => format!(
            "{}人到达：{}人完成，{}人未就诊离开，{}人仍在院。",
            count(account.arrived),
            count(account.completed),
            count(account.left_without_being_seen),
            count(account.still_inside)
        ),
        _ => format!(
            "{} came: {} left with everything done, {} left without being seen, {} were still inside.",
            count(account.arrived),
            count(account.completed),
            count(account.left_without_being_seen),
            count(account.still_inside)
        ),
    };
    let cut = if document.is_cut_short {
        console.say(
            "\nStopped: only the parts listed were run, each of them whole.\n",
            "\n已中断：仅含所列地区，各地区均完整。\n",
        )
    } else {
        ""
    };
    format!("{head}\n\n{classes}\n\n{shards}\n\n{tail}\n{cut}")
}

fn aligned(lines: &[Vec<String>]) -> String {
    let Some((head, rows)) = lines.split_first() else { return String::new() };
    let columns: Vec<(&str, Column)> = head
        .iter()
        .enumerate()
        .map(|(index, heading)| (heading.as_str(), if index == 0 { Column::Name } else { Column::Number }))
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
