//! `onetrip scenarios`, `show`, `targets` and `explain`.

use crate::program::{onetrip, says};

#[test]
fn every_scenario_that_is_listed_can_be_shown() {
    let listed = onetrip(&["scenarios", "--json"]).json();
    let listed = listed.as_array().unwrap();
    assert!(listed.len() >= 12, "{}", listed.len());
    for scenario in listed {
        let id = scenario["id"].as_str().unwrap();
        let shown = onetrip(&["show", id, "--json"]).json();
        assert_eq!(shown["title"], scenario["title"], "{id}");
        assert!(!shown["numbers"].as_array().unwrap().is_empty(), "{id}");
    }
    says(&onetrip(&["scenarios"]).done(), &["mm1-pharmacy", "network", "Drive-through pharmacy"]);
}

#[test]
fn shown_numbers_carry_their_source_and_what_was_set() {
    let text = onetrip(&["show", "mm1-pharmacy", "--set", "station.pharmacist.servers=3"]).done();
    says(&text, &["arrivals.cars.rate", "1 per 6 min", "Rossetti"]);
    says(&text, &["station.pharmacist.servers", "3", "--set (in the file: 1)"]);
    says(&text, &["by default of the format, 1 set on the command line"]);
}

#[test]
fn a_shown_file_reads_back_as_the_same_scenario() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("erlang-a.toml");
    std::fs::write(&path, onetrip(&["show", "erlang-a", "--toml"]).done()).unwrap();
    let run = |scenario: &str| {
        onetrip(&["run", scenario, "--replications", "2", "--json"]).json()["measures"].clone()
    };
    assert_eq!(run(path.to_str().unwrap()), run("erlang-a"));
}

#[test]
fn target_documents_are_listed_and_shown_item_by_item() {
    let listed = onetrip(&["targets", "--json"]).json();
    let items = |id: &str| {
        let document = listed.as_array().unwrap().iter().find(|document| document["id"] == id).unwrap();
        document["items"].as_u64().unwrap()
    };
    assert_eq!((items("shaoxing-2018"), items("shaoxing-tcm-2022"), items("ningbo-2016")), (31, 23, 8));
    let text = onetrip(&["targets", "shaoxing-2018"]).done();
    says(&text, &["Shorter queues", "shaoxing-2018/1", "shaoxing-2018/3a", "≤ 10 min", "shaoxing-2018/31"]);
    says(&onetrip(&["targets", "shaoxing-tcm-2022"]).done(), &["points", "shaoxing-tcm-2022/23"]);
    onetrip(&["targets", "shaoxing-2019"]).refused(&["did you mean `shaoxing-2018`"]);
}

#[test]
fn the_form_asks_a_class_only_what_is_asked_of_it() {
    let everything = onetrip(&["targets", "shaoxing-2018", "--form"]).done();
    let township = onetrip(&["targets", "shaoxing-2018", "--form", "--class", "township"]).done();
    let questions = |form: &str| form.matches("[[answer]]").count();
    assert!(questions(&township) < questions(&everything));
    onetrip(&["targets", "--form"]).refused(&["<DOC>"]);
    onetrip(&["targets", "shaoxing-2018", "--form", "--json"]).refused(&["TOML"]);
}

#[test]
fn a_measure_is_explained_with_those_who_are_counted() {
    let text = onetrip(&["explain", "pharmacist.wait_time.p90"]).done();
    says(&text, &["90 % wait at most", "Customers whose service starts here", "seconds", "mm1-pharmacy"]);
    says(&text, &["Each replication gives one such value", "Days count alike"]);
    let explained = onetrip(&["explain", "system.sojourn_time.mean", "--json"]).json();
    assert_eq!((&explained["unit"], &explained["statistic"]), (&"s".into(), &"mean".into()));
    says(&onetrip(&["explain", "booking.channels.count"]).done(), &["Counted", "shaoxing-2018/1"]);
    says(&onetrip(&["explain", "--scenario", "erlang-a"]).done(), &["desk.reneged_share", "share"]);
}

#[test]
fn figures_of_the_year_before_and_of_exemptions_are_explained_too() {
    says(&onetrip(&["explain", "parking.shortage"]).done(), &["Counted", "shaoxing-tcm-2022/19"]);
    says(
        &onetrip(&["explain", "settlement.smart_share.last_year"]).done(),
        &["Counted", "shaoxing-tcm-2022/17a"],
    );
}

#[test]
fn an_unknown_measure_is_answered_with_the_nearest() {
    onetrip(&["explain", "pharmacist.wait_tme.mean"])
        .refused(&["did you mean", "`pharmacist.wait_time.mean`"]);
    onetrip(&["explain", "qqq", "--scenario", "erlang-a"]).refused(&["no measure is called `qqq`"]);
}
