//! Names near to one that nobody knows.

use onetrip_scenarios::reader::nearest_name;

/// How many are offered at most.
const MOST: usize = 5;

/// The known names that were probably meant: those that hold the text, shortest first, else those that look like it,
/// nearest first.
pub(crate) fn names_near<'a>(wanted: &str, known: &[&'a str]) -> Vec<&'a str> {
    let lower = wanted.to_lowercase();
    let mut holding: Vec<&str> =
        known.iter().copied().filter(|name| name.to_lowercase().contains(&lower)).collect();
    if !lower.is_empty() && !holding.is_empty() {
        holding.sort_by_key(|name| name.len());
        holding.truncate(MOST);
        return holding;
    }
    let mut near: Vec<&str> = Vec::new();
    while near.len() < MOST
        && let Some(next) = nearest_name(wanted, known.iter().copied().filter(|name| !near.contains(name)))
    {
        near.push(next);
    }
    near
}

/// `a`, `b` or `c`, each between backticks.
pub(crate) fn listed(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: &[&str] = &["mm1", "mmc-kiosks", "tandem-blocking", "township", "hangzhou-2018-06"];

    #[test]
    fn a_part_of_a_name_finds_it() {
        assert_eq!(names_near("kiosk", KNOWN), ["mmc-kiosks"]);
        assert_eq!(names_near("HANGZHOU", KNOWN), ["hangzhou-2018-06"]);
    }

    #[test]
    fn a_slip_of_the_finger_finds_the_name_meant_first() {
        assert_eq!(names_near("townshp", KNOWN)[0], "township");
        assert!(names_near("qqqq", KNOWN).is_empty());
        assert!(names_near("", KNOWN).is_empty());
    }
}
