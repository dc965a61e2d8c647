//! Opening hours: work in hand and those who wait when servers go off duty.

use super::{source, trace, value};

/// One server until minute 10, every day; three customers of 8 minutes each.
fn desk(rules: &str) -> String {
    let arrivals = source("a", "0 5 6", "[\"desk\"]");
    format!(
        "{arrivals}[[station]]\nname = \"desk\"\nservice_time = \"8 min\"\n\
         shifts = [{{ from = \"0 min\", servers = 1 }}, {{ from = \"10 min\", servers = 0 }}]\n{rules}"
    )
}

#[test]
fn servers_stay_until_the_queue_is_empty() {
    let desk = desk("");
    assert_eq!(
        trace(&desk),
        [
            "0 a1 starts desk",
            "8 a1 ends desk",
            "8 a2 starts desk",
            "16 a2 ends desk",
            "16 a3 starts desk",
            "24 a3 ends desk"
        ]
    );
    assert_eq!(value(&desk, "desk.overtime.mean"), Some(14.0 * 60.0));
    // Of the ten minutes on duty all ten were busy.
    assert_eq!(value(&desk, "desk.utilisation_share"), Some(1.0));
}

#[test]
fn those_who_wait_can_be_held_for_the_next_opening() {
    let desk = desk("waiting_at_closing = \"hold\"\n");
    assert_eq!(
        trace(&desk),
        [
            "0 a1 starts desk",
            "8 a1 ends desk",
            "8 a2 starts desk",
            "16 a2 ends desk",
            "1440 a3 starts desk",
            "1448 a3 ends desk"
        ]
    );
    assert_eq!(value(&desk, "desk.overtime.mean"), Some(6.0 * 60.0));
}

#[test]
fn those_who_wait_can_be_sent_away() {
    assert_eq!(
        trace(&desk("waiting_at_closing = \"send_away\"\n")),
        [
            "0 a1 starts desk",
            "8 a1 ends desk",
            "8 a2 starts desk",
            "10 a3 sent away desk",
            "10 a3 leaves unserved",
            "16 a2 ends desk"
        ]
    );
}

#[test]
fn work_in_hand_can_be_sent_away_with_the_queue() {
    assert_eq!(
        trace(&desk("work_in_hand = \"send_away\"\nwaiting_at_closing = \"send_away\"\n")),
        [
            "0 a1 starts desk",
            "8 a1 ends desk",
            "8 a2 starts desk",
            "10 a2 sent away desk",
            "10 a2 leaves unserved",
            "10 a3 sent away desk",
            "10 a3 leaves unserved"
        ]
    );
}

#[test]
fn work_in_hand_is_resumed_at_the_next_opening() {
    assert_eq!(
        trace(&desk("work_in_hand = \"hand_over\"\nwaiting_at_closing = \"hold\"\n")),
        [
            "0 a1 starts desk",
            "8 a1 ends desk",
            "8 a2 starts desk",
            "10 a2 stops desk",
            "1440 a2 starts desk",
            "1446 a2 ends desk",
            "1446 a3 starts desk",
            // Closed again at 1450 with four of eight minutes done.
            "1450 a3 stops desk",
            "2880 a3 starts desk",
            "2884 a3 ends desk"
        ]
    );
}

#[test]
fn the_latest_begun_is_handed_over_to_who_stays() {
    let arrivals = source("a", "0 5", "[\"desk\"]");
    let two_then_one = "[[station]]\nname = \"desk\"\nservice_time = \"15 min\"\nwork_in_hand = \"hand_over\"\n\
                        shifts = [{ from = \"0 min\", servers = 2 }, { from = \"10 min\", servers = 1 }]\n";
    assert_eq!(
        trace(&format!("{arrivals}{two_then_one}")),
        [
            "0 a1 starts desk",
            "5 a2 starts desk",
            "10 a2 stops desk",
            "15 a1 ends desk",
            "15 a2 starts desk",
            "25 a2 ends desk"
        ]
    );
}

#[test]
fn who_has_work_stays_where_nobody_is_left_to_hand_it_over_to() {
    let one_customer = format!(
        "{}[[station]]\nname = \"desk\"\nservice_time = \"8 min\"\nwork_in_hand = \"hand_over\"\n\
         shifts = [{{ from = \"0 min\", servers = 1 }}, {{ from = \"10 min\", servers = 0 }}]\n",
        source("a", "5", "[\"desk\"]")
    );
    assert_eq!(trace(&one_customer), ["5 a1 starts desk", "13 a1 ends desk"]);
    assert_eq!(value(&one_customer, "desk.overtime.mean"), Some(3.0 * 60.0));
    assert_eq!(value(&one_customer, "desk.utilisation_share"), Some(0.5));
}

#[test]
fn those_who_are_held_are_sent_away_where_no_opening_is_to_come() {
    assert_eq!(
        trace(&desk("waiting_at_closing = \"hold\"\nshifts_repeat = false\n")),
        [
            "0 a1 starts desk",
            "8 a1 ends desk",
            "8 a2 starts desk",
            "10 a3 sent away desk",
            "10 a3 leaves unserved",
            "16 a2 ends desk"
        ]
    );
}

#[test]
fn who_comes_before_the_opening_waits_for_it() {
    let arrivals = source("a", "0 31 90", "[\"desk\"]");
    let open = "[[station]]\nname = \"desk\"\nservers = 1\nopen = [\"00:30-00:40\", \"01:40-02:00\"]\n\
                waiting_at_closing = \"hold\"\nservice_time = \"21 min\"\n";
    assert_eq!(
        trace(&format!("{arrivals}{open}")),
        [
            "30 a1 starts desk",
            "51 a1 ends desk",
            "100 a2 starts desk",
            "121 a2 ends desk",
            "1470 a3 starts desk",
            "1491 a3 ends desk"
        ]
    );
}
