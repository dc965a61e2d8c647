//! `onetrip validate`.

use crate::program::{onetrip, says};

#[test]
fn cases_agree_with_theory_and_say_how_far_they_are() {
    let cases = ["clinic-transient", "mt-m3-transient", "erlang-b", "balking-ciw", "strict-order"];
    let arguments: Vec<&str> = ["validate"].into_iter().chain(cases).collect();
    let text = onetrip(&arguments).done();
    says(&text, &["exact", "simulated", "95 % interval", "z", "erlang-b", "loss_share", "0.12166"]);
    says(&text, &["clinic-transient", "overtime.mean", "37.196"]);
    says(&text, &["figures agree with their exact values"]);
    let arguments: Vec<&str> = arguments.into_iter().chain(["--json"]).collect();
    let validation = onetrip(&arguments).json();
    assert_eq!(validation["failed"], 0);
    for figure in validation["figures"].as_array().unwrap() {
        let is_random = figure["replications"].as_u64().unwrap() > 1;
        assert_eq!(is_random, !figure["z"].is_null(), "{figure}");
        assert_eq!(figure["holds"], true, "{figure}");
    }
}

#[test]
fn a_network_without_an_exact_answer_is_refused() {
    onetrip(&["validate", "model-b"]).refused(&["no network with an exact answer is called `model-b`"]);
}
