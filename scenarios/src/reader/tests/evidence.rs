//! Where numbers come from: beside them, on their table, or missing.

use super::*;

#[test]
fn every_number_says_where_it_comes_from() {
    let reading = read_text(SOURCED, &[], EvidenceRule::Required).unwrap_or_else(|wrong| panic!("{wrong}"));
    let paths: Vec<&str> = reading
        .provenance
        .iter()
        .filter(|one| one.origin == Origin::File)
        .map(|one| one.path.as_str())
        .collect();
    assert_eq!(
        paths,
        [
            "mix",
            "desk.window.servers",
            "desk.window.service_time",
            "desk.window.service_time.cv",
            "desk.window.patience",
            "desk.kiosk.service_time",
        ]
    );
    let mix = find(&reading, "mix");
    assert_eq!((mix.value.as_str(), mix.line), ("ordinary 70 %, elderly 30 %", 2));
    assert_eq!((mix.evidence.source.as_deref(), mix.evidence.n), (Some("annual report"), Some(12000)));
    let servers = find(&reading, "desk.window.servers");
    assert_eq!((servers.value.as_str(), servers.evidence.source.as_deref()), ("4", Some("floor plan")));
    let law = find(&reading, "desk.window.service_time");
    assert_eq!(law.value, "law lognormal, mean 1.5 min, cv 0.8");
    assert_eq!(law.evidence.source.as_deref(), Some("time study"));
    assert_eq!(law.covered_by.as_deref(), Some("desk.window"));
    let cv = find(&reading, "desk.window.service_time.cv");
    assert_eq!((cv.evidence.assumption, cv.evidence.note.as_deref()), (true, Some("usual")));
    assert_eq!(find(&reading, "desk.kiosk.servers").origin, Origin::Default);
    assert!(find(&reading, "desk.kiosk.service_time").evidence.assumption);
}

#[test]
fn numbers_without_evidence_are_mistakes_where_it_is_required() {
    let found = read_text(GOOD, &[], EvidenceRule::Required).unwrap_err();
    let keys: Vec<&str> = found.iter().map(|one| one.key.as_str()).collect();
    // Not the rng seed, which is a choice; not names and words.
    assert_eq!(
        keys,
        [
            "mix",
            "desk[0].servers",
            "desk[0].service_time",
            "desk[0].opens_at",
            "desk[1].service_time",
            "desk[1].patience",
            "desk[1].capacity"
        ]
    );
}

#[test]
fn evidence_on_a_part_of_a_law_covers_that_part() {
    let text = r#"
[[desk]]
name = "window"
servers = { value = 1, assumption = true }
[desk.service_time]
law = "mixture"
[[desk.service_time.components]]
share = "70 %"
of = "2 min"
source = "time study"
[[desk.service_time.components]]
share = "30 %"
of = { law = "gamma", mean = "5 min", cv = 0.5, assumption = true }
"#;
    let found = read_text(text, &[], EvidenceRule::Required).unwrap_err();
    assert_eq!(short(&found), ["5:1 desk[0].service_time: the number does not say where it comes from"]);
    let text = text.replace("share = \"30 %\"", "share = { value = \"30 %\", source = \"count\", n = 60 }");
    let reading = read_text(&text, &[], EvidenceRule::Required).unwrap_or_else(|wrong| panic!("{wrong}"));
    let listed: Vec<(&str, &str)> = reading
        .provenance
        .iter()
        .filter(|one| one.origin == Origin::File)
        .map(|one| (one.path.as_str(), one.value.as_str()))
        .collect();
    assert_eq!(
        listed,
        [
            ("desk.window.servers", "1"),
            ("desk.window.service_time.components.0.share", "70 %"),
            ("desk.window.service_time.components.0.of", "2 min"),
            ("desk.window.service_time.components.1.share", "30 %"),
            ("desk.window.service_time.components.1.of", "law gamma, mean 5 min, cv 0.5"),
        ]
    );
}

#[test]
fn evidence_itself_is_checked() {
    let text = "[[desk]]\nname = \"a\"\nn = 4\nservice_time = { value = \"1 min\", assumption = false, source = 3 }\n\
                servers = { value = 1, sorce = \"x\" }\n";
    assert_eq!(
        short(&mistakes(text, &[])),
        [
            "3:5 desk[0].n: a number of observations without the source that made them",
            "4:48 desk[0].service_time.assumption: `assumption` cannot be `false`",
            "4:64 desk[0].service_time.source: `source` cannot be the number 3",
            "5:11 desk[0].servers: a table is not accepted here",
        ]
    );
}
