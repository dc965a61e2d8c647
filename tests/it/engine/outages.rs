//! Servers who are on duty and cannot serve: work in hand, those who wait, those who would have stayed on.

use super::{source, trace, value};

/// One server, services of 4 minutes, and an outage from 5 to 10 by these rules.
fn desk(at: &str, rules: &str) -> String {
    format!(
        "{}[[station]]\nname = \"desk\"\nservers = 1\nservice_time = \"4 min\"\n\
         [[outage]]\nstation = \"desk\"\nfrom = \"5 min\"\nto = \"10 min\"\n{rules}",
        source("a", at, "[\"desk\"]")
    )
}

#[test]
fn work_in_hand_is_finished_and_nobody_is_called_until_it_is_over() {
    assert_eq!(
        trace(&desk("2 3 7", "")),
        [
            "2 a1 starts desk",
            "6 a1 ends desk",
            "10 a2 starts desk",
            "14 a2 ends desk",
            "14 a3 starts desk",
            "18 a3 ends desk"
        ]
    );
}

#[test]
fn or_broken_off_and_taken_up_again() {
    assert_eq!(
        trace(&desk("2 3", "work_in_hand = \"hand_over\"\n")),
        [
            "2 a1 starts desk",
            "5 a1 stops desk",
            "10 a1 starts desk",
            "11 a1 ends desk",
            "11 a2 starts desk",
            "15 a2 ends desk"
        ]
    );
}

#[test]
fn those_who_wait_can_be_sent_away_and_those_who_come_later_wait() {
    assert_eq!(
        trace(&desk("2 3 7", "waiting = \"send_away\"\n")),
        [
            "2 a1 starts desk",
            "5 a2 sent away desk",
            "5 a2 leaves unserved",
            "6 a1 ends desk",
            "10 a3 starts desk",
            "14 a3 ends desk"
        ]
    );
}

/// Two of three servers are out from 0 to 10, one more from 4 to 6: outages that overlap add up.
fn three(at: &str) -> String {
    format!(
        "{}[[station]]\nname = \"desk\"\nservers = 3\nservice_time = \"3 min\"\n\
         [[outage]]\nstation = \"desk\"\nfrom = \"0 min\"\nto = \"10 min\"\nservers = 2\n\
         [[outage]]\nstation = \"desk\"\nfrom = \"4 min\"\nto = \"6 min\"\nservers = 1\n",
        source("a", at, "[\"desk\"]")
    )
}

#[test]
fn servers_who_are_left_go_on_and_outages_add_up() {
    assert_eq!(
        trace(&three("0 1 2")),
        [
            "0 a1 starts desk",
            "3 a1 ends desk",
            "3 a2 starts desk",
            "6 a2 ends desk",
            // The second outage ends at this very instant, before the service.
            "6 a3 starts desk",
            "9 a3 ends desk"
        ]
    );
}

#[test]
fn time_lost_counts_as_on_duty_and_not_as_overtime() {
    let body = three("0 1 2");
    // Nine minutes of work in three times the nine minutes of the run.
    let utilisation = value(&body, "desk.utilisation_share").expect("servers are on duty");
    assert!((utilisation - 1.0 / 3.0).abs() < 1e-9, "{utilisation}");
}

#[test]
fn whoever_is_out_at_closing_does_not_stay_on() {
    // Two servers until 10, one of them out from 5 on: the other one stays until the queue is empty.
    let body = |servers: &str| {
        format!(
            "{}[[station]]\nname = \"desk\"\nservice_time = \"8 min\"\nshifts_repeat = false\n\
             shifts = [{{ from = \"0 min\", servers = 2 }}, {{ from = \"10 min\", servers = 0 }}]\n\
             [[outage]]\nstation = \"desk\"\nfrom = \"5 min\"\nto = \"60 min\"\n{servers}",
            source("a", "0 0 6 7", "[\"desk\"]")
        )
    };
    assert_eq!(
        trace(&body("servers = 1\n")),
        [
            "0 a1 starts desk",
            "0 a2 starts desk",
            "8 a1 ends desk",
            "8 a2 ends desk",
            "8 a3 starts desk",
            "16 a3 ends desk",
            "16 a4 starts desk",
            "24 a4 ends desk"
        ]
    );
    // Where both are out, nobody will ever come: those who wait are sent away at closing.
    assert_eq!(
        trace(&body("")),
        [
            "0 a1 starts desk",
            "0 a2 starts desk",
            "8 a1 ends desk",
            "8 a2 ends desk",
            "10 a3 sent away desk",
            "10 a3 leaves unserved",
            "10 a4 sent away desk",
            "10 a4 leaves unserved"
        ]
    );
}
