//! Values set on the command line.

use super::*;

#[test]
fn values_are_set_by_index_and_by_name() {
    let reading = house(
        GOOD,
        &[
            "desk.挂号.servers=9",
            "desk[1].service_time = 30 s",
            "desk.pharmacy.discipline=fifo",
            "desk.0.service_time.mean=3 min",
            "rng_seed=99",
            "mix.elderly=\"31 %\"",
            "factor=1.5",
        ],
    );
    let House { desks, mix, rng_seed, factor } = reading.value;
    assert_eq!((desks[0].server_count, desks[1].order, rng_seed, factor), (9, Order::Fifo, 99, 1.5));
    assert_eq!(desks[1].service_time.mean(), 30.0);
    assert!((desks[0].service_time.mean() - 180.0).abs() < 1e-9);
    assert_eq!(mix[1].1.to_string(), "31 %");
    let set: Vec<(&str, &str, Option<&str>)> = reading
        .provenance
        .iter()
        .filter(|one| one.origin == Origin::CommandLine)
        .map(|one| (one.path.as_str(), one.value.as_str(), one.replaced.as_deref()))
        .collect();
    assert_eq!(
        set,
        [
            ("desk.挂号.servers", "9", Some("4")),
            ("desk.pharmacy.service_time", "30 s", Some("40 s")),
            ("desk.pharmacy.discipline", "fifo", Some("lifo")),
            ("desk.挂号.service_time.mean", "3 min", Some("1.5 min")),
            ("rng_seed", "99", Some("7")),
            ("mix.elderly", "31 %", Some("30 %")),
            ("factor", "1.5", None),
        ]
    );
}

#[test]
fn a_later_assignment_wins_and_the_file_stays_on_record() {
    let reading = house(GOOD, &["desk[0].servers=9", "desk[0].servers=11"]);
    assert_eq!(reading.value.desks[0].server_count, 11);
    let set = reading.provenance.iter().find(|one| one.path == "desk.挂号.servers").unwrap();
    assert_eq!((set.value.as_str(), set.replaced.as_deref()), ("11", Some("4")));
}

#[test]
fn wrong_assignments_are_shown_in_their_own_text() {
    let cases: &[(&str, &str)] = &[
        ("desk.挂号.servrs=4", "--set:1:9: desk[0].servrs: unknown key `servrs`; did you mean `servers`?"),
        ("desk.pharmcy.servers=4", "--set:1:6: `desk` has no element `pharmcy`; did you mean `pharmacy`?"),
        (
            "desk[7].servers=4",
            "--set:1:5: `desk` has no element `7`; accepted: `挂号`, `pharmacy`, an index from 0 to 1",
        ),
        ("dsk.挂号.servers=4", "--set:1:1: dsk: unknown key `dsk`; did you mean `desk`?"),
        ("rng_seed.x=4", "--set:1:10: `rng_seed` is the value `7` and has no key"),
        ("desk[0].servers=many", "--set:1:17: desk[0].servers: a text is not accepted here"),
        ("rng_seed", "--set:1:1: this is not an assignment"),
        ("rng_seed=", "--set:1:1: no value is given"),
        ("=4", "--set:1:1: this is not an assignment"),
        ("desk[x]=4", "--set:1:5: this is not an assignment"),
        ("desk.\"挂号.servers=4", "--set:1:6: this is not an assignment"),
    ];
    for (assignment, expected) in cases {
        let found = mistakes(GOOD, &[assignment]);
        assert_eq!(found.len(), 1, "{assignment}: {found}");
        assert!(found.to_string().starts_with(expected), "{assignment}: {found}");
    }
}

#[test]
fn setting_a_number_that_has_a_source_keeps_the_source_on_record() {
    let reading = house(
        SOURCED,
        &["desk.window.servers=6", "desk.kiosk.service_time={ law = \"exponential\", mean = \"1 min\" }"],
    );
    assert_eq!(reading.value.desks[0].server_count, 6);
    let servers = find(&reading, "desk.window.servers");
    assert_eq!((servers.origin, servers.replaced.as_deref()), (Origin::CommandLine, Some("4")));
    assert_eq!(servers.evidence.source.as_deref(), Some("floor plan"));
    let law = find(&reading, "desk.kiosk.service_time");
    assert_eq!((law.origin, law.value.as_str()), (Origin::CommandLine, "law exponential, mean 1 min"));
    assert_eq!(reading.value.desks[1].service_time, Distribution::exponential(60.0).unwrap());
}
