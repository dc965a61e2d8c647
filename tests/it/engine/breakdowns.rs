//! Machines that fail at known instants.

use super::{source, trace};
use crate::door;

/// One machine that fails 5 minutes after each repair, which takes 2: from 5 to 7, from 12 to 14 …
fn machine(at: &str, rules: &str) -> String {
    format!(
        "{}[[station]]\nname = \"machine\"\nservers = 1\nservice_time = \"4 min\"\n{rules}",
        source("a", at, "[\"machine\"]")
    )
}

fn failing(interrupted: &str) -> String {
    format!(
        "breakdown = {{ time_to_failure = \"5 min\", repair_time = \"2 min\", interrupted = \"{interrupted}\" }}\n"
    )
}

#[test]
fn the_rest_of_the_work_is_done_after_the_repair() {
    assert_eq!(
        trace(&machine("2 3", &failing("resume"))),
        [
            "2 a1 starts machine",
            "5 a1 stops machine",
            "7 a1 starts machine",
            "8 a1 ends machine",
            "8 a2 starts machine",
            // Four minutes are done at 12, when the machine fails: the end comes first.
            "12 a2 ends machine"
        ]
    );
}

#[test]
fn or_all_of_it_once_more() {
    assert_eq!(
        trace(&machine("2", &failing("restart"))),
        ["2 a1 starts machine", "5 a1 stops machine", "7 a1 starts machine", "11 a1 ends machine"]
    );
}

#[test]
fn or_the_customer_leaves() {
    assert_eq!(
        trace(&machine("2 3", &failing("leave"))),
        [
            "2 a1 starts machine",
            "5 a1 broken down machine",
            "5 a1 leaves unserved",
            "7 a2 starts machine",
            "11 a2 ends machine"
        ]
    );
}

#[test]
fn an_idle_machine_fails_too_and_whoever_comes_waits_for_the_repair() {
    assert_eq!(trace(&machine("6", &failing("resume"))), ["7 a1 starts machine", "11 a1 ends machine"]);
}

/// The share of machine time on duty that is lost, in each of many runs of four machines that fail.
fn down_shares(duty: &str) -> Vec<f64> {
    let station = format!(
        "[[station]]\nname = \"machine\"\n{duty}service_time = \"1 min\"\n\
         breakdown = {{ time_to_failure = {{ law = \"gamma\", mean = \"50 min\", cv = 0.7 }}, \
         repair_time = {{ law = \"exponential\", mean = \"10 min\" }} }}\n"
    );
    let system = door::written(&format!(
        "format = \"network/1\"\ntitle = \"failing\"\nrun = {{ horizon = \"20 days\", warm_up = \"1 day\" }}\n{}{station}",
        source("a", "0", "[\"machine\"]")
    ));
    let share = |replication| {
        let mut account = system.account();
        system.runner().run(door::luck(3, replication), &mut account).expect("it runs");
        let station = &account.statistics.stations[0];
        station.down_area as f64 / station.duty_area.iter().sum::<u128>() as f64
    };
    (0..100).map(share).collect()
}

fn assert_mean(values: &[f64], exact: f64) {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (count - 1.0);
    let z = (mean - exact) / (variance / count).sqrt();
    assert!(z.abs() < 3.5, "{mean}, exact {exact}, z {z}");
}

/// Alternating renewal: a machine is out of order MTTR / (MTTF + MTTR) of the time.
#[test]
fn availability_is_that_of_an_alternating_renewal_process() {
    assert_mean(&down_shares("servers = 4\n"), 10.0 / 60.0);
}

/// With one of four machines on duty the others stand in: nobody works only while all four are out of order.
#[test]
fn machines_off_duty_stand_in_for_failed_ones() {
    let duty = "shifts = [{ from = \"0 min\", servers = 4 }, { from = \"1 min\", servers = 1 }]\nshifts_repeat = false\n";
    assert_mean(&down_shares(duty), (10.0_f64 / 60.0).powi(4));
}

#[test]
fn a_machine_that_holds_a_blocked_customer_fails_without_touching_the_customer() {
    // a1 is served at 2 but the next station is taken until 10; the machine is down from 5 to 7.
    let body = format!(
        "{}{}[[station]]\nname = \"machine\"\nservers = 1\nservice_time = \"2 min\"\n{}[[station]]\nname = \"next\"\n\
         servers = 1\ncapacity = 1\nwhen_full = \"block\"\nservice_time = \"10 min\"\n",
        source("x", "0", "[\"next\"]"),
        source("a", "0 1", "[\"machine\", \"next\"]"),
        failing("resume")
    );
    assert_eq!(
        trace(&body),
        [
            "0 x1 starts next",
            "0 a1 starts machine",
            "2 a1 ends machine",
            "2 a1 blocked by next",
            "10 x1 ends next",
            "10 a1 starts next",
            "10 a2 starts machine",
            // Down again at 12; the end of the service comes first.
            "12 a2 ends machine",
            "12 a2 blocked by next",
            "20 a1 ends next",
            "20 a2 starts next",
            "30 a2 ends next"
        ]
    );
}
