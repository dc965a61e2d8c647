//! What the model finds wrong with a hospital, shown at the place in the file that says it.

use crate::reader::{Item, Mistake, Place, Table};
use onetrip_models::hospital::spec::HospitalSpec;

/// One step of a path of the model, such as `departments[2].sessions`.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Step {
    Key(String),
    Index(usize),
}

/// Reports what keeps the hospital from being simulated; gives how much that is. Of the `broken` sections, for which
/// others stand in, nothing is said.
pub(super) fn report_problems(table: &Table<'_>, hospital: &HospitalSpec, broken: &[&str]) -> usize {
    let Err(problems) = hospital.validate() else { return 0 };
    let mut count = 0;
    for problem in problems {
        let about_broken = sections_of(&problem.path).iter().any(|section| broken.contains(section));
        if about_broken || is_reported_by_reader(&problem.path) {
            continue;
        }
        count += 1;
        table.report(&place_of(table, &problem.path), Mistake::new(problem.problem));
    }
    count
}

/// The section a path begins with, and the others its rule depends on.
fn sections_of(path: &str) -> Vec<&str> {
    let mut sections = vec![path.split(['.', '[']).next().unwrap_or_default()];
    if path == "registration.kiosks.shifts" {
        sections.extend(["examination_booking", "settlement"]);
    } else if path == "pharmacy.windows" {
        sections.push("departments");
    } else if path.starts_with("outages[") {
        sections.extend([
            "registration",
            "check_in",
            "departments",
            "examination_booking",
            "examinations",
            "settlement",
            "pharmacy",
        ]);
    } else if path.starts_with("demand.surges[") {
        sections.push("departments");
    } else if path.starts_with("departments[") && path.ends_with(".admits") {
        sections.push("demand");
    }
    sections
}

/// Ids and references are checked while reading, where the nearest known name can be given.
fn is_reported_by_reader(path: &str) -> bool {
    path.ends_with(".id") || path.contains(".examination_shares[")
}

/// Where in the file a value of the model comes from: the deepest place that can be found.
fn place_of(table: &Table<'_>, path: &str) -> Place {
    let root = table.item(false);
    let mut best: Option<(usize, Place)> = None;
    for candidate in in_file(&steps_of(path)) {
        let (depth, place) = walk(&root, &candidate);
        if depth == candidate.len() {
            return place;
        }
        if best.as_ref().is_none_or(|(known, _)| depth > *known) {
            best = Some((depth, place));
        }
    }
    best.map_or_else(|| table.place(), |(_, place)| place)
}

fn steps_of(path: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    for part in path.split(['.', '[']) {
        match part.strip_suffix(']') {
            Some(index) => steps.extend(index.parse().ok().map(Step::Index)),
            None => steps.push(Step::Key(part.to_owned())),
        }
    }
    steps
}

/// The paths under which the file may say what the model has at a path, likeliest first.
fn in_file(steps: &[Step]) -> Vec<Vec<Step>> {
    let key = |name: &str| Step::Key(name.to_owned());
    let is_key = |index: usize, name: &str| steps.get(index) == Some(&key(name));
    if is_key(0, "demand") && (is_key(1, "booking_channels") || is_key(1, "classes")) {
        let list = if is_key(1, "classes") { "class" } else { "booking_channel" };
        let in_list = [&[key(list)], &steps[2..]].concat();
        return vec![in_list, vec![key("demand")]];
    }
    if is_key(0, "demand") && is_key(1, "profile") {
        return vec![steps[..steps.len().min(3)].to_vec()];
    }
    if is_key(0, "outages") {
        return vec![[&[key("outage")], &steps[1..]].concat()];
    }
    if is_key(0, "demand") && is_key(1, "surges") {
        return vec![[&[key("surge")], &steps[2..]].concat()];
    }
    if is_key(0, "departments") {
        if steps.len() == 3 && is_key(2, "sessions") {
            return vec![vec![key("department"), steps[1].clone(), key("doctors")]];
        }
        let renamed: Vec<Step> = steps[1..]
            .iter()
            .map(|step| match step {
                Step::Key(name) if name == "sessions" => key("session"),
                Step::Key(name) if is_key(2, "sessions") && (name == "from" || name == "to") => key("hours"),
                other => other.clone(),
            })
            .collect();
        let own = [&[key("department")], renamed.as_slice()].concat();
        let common = [&[key("consultation")], renamed.get(1..).unwrap_or_default()].concat();
        return vec![own, common];
    }
    if is_key(0, "examinations") {
        return vec![[&[key("examination")], &steps[1..]].concat()];
    }
    if is_key(0, "walking") {
        return vec![vec![key("walking"), key("pace_cv")]];
    }
    let renamed = steps.iter().filter(|step| **step != key("modes")).map(|step| match step {
        Step::Key(name) if is_key(0, "examination_booking") => {
            key(name.strip_suffix("_share").unwrap_or(name))
        }
        other => other.clone(),
    });
    vec![renamed.collect()]
}

/// Follows the steps as far as they lead: how far, and where that is.
fn walk(item: &Item<'_>, steps: &[Step]) -> (usize, Place) {
    let below = steps.first().and_then(|step| match step {
        Step::Key(name) => {
            let member = item.members()?.into_iter().find(|(key, _)| key.value == *name);
            member.map(|(_, below)| below)
        }
        Step::Index(index) => match item.elements() {
            Some(elements) => elements.into_iter().nth(*index),
            None => item.members()?.into_iter().nth(*index).map(|(_, below)| below),
        },
    });
    match below {
        Some(below) => {
            let (depth, place) = walk(&below, &steps[1..]);
            (depth + 1, place)
        }
        None => (0, item.place()),
    }
}
