//! Customers who keep their server until the next station has room.

use super::{network, source, trace};
use crate::door;
use crate::watching::film;
use onetrip_sim::engine::RunError;
use onetrip_sim::time::{SimSpan, SimTime};

const ROOM: &str = "servers = 1\ncapacity = 1\nwhen_full = \"block\"\n";

#[test]
fn one_departure_frees_a_whole_chain_at_the_same_instant() {
    let stations = format!(
        "[[station]]\nname = \"a\"\nservers = 1\nservice_time = \"1 min\"\n[[station]]\nname = \"b\"\n{ROOM}\
         service_time = \"1 min\"\n[[station]]\nname = \"c\"\n{ROOM}service_time = \"10 min\"\n"
    );
    let body = format!("{}{stations}", source("p", "0 0 0", "[\"a\", \"b\", \"c\"]"));
    assert_eq!(
        trace(&body),
        [
            "0 p1 starts a",
            "1 p1 ends a",
            "1 p2 starts a",
            "1 p1 starts b",
            "2 p2 ends a",
            "2 p2 blocked by b",
            "2 p1 ends b",
            "2 p2 starts b",
            "2 p3 starts a",
            "2 p1 starts c",
            "3 p2 ends b",
            "3 p2 blocked by c",
            "3 p3 ends a",
            "3 p3 blocked by b",
            "12 p1 ends c",
            "12 p2 starts c",
            "12 p3 starts b",
            "13 p3 ends b",
            "13 p3 blocked by c",
            "22 p2 ends c",
            "22 p3 starts c",
            "32 p3 ends c"
        ]
    );
}

#[test]
fn a_circle_of_blocked_customers_is_found() {
    let stations = format!(
        "[[station]]\nname = \"a\"\n{ROOM}service_time = \"1 min\"\n[[station]]\nname = \"b\"\n{ROOM}service_time = \"1 min\"\n"
    );
    let body =
        format!("{}{}{stations}", source("p", "0", "[\"a\", \"b\"]"), source("q", "0", "[\"b\", \"a\"]"));
    let error = film(&network(&body), door::luck(1, 0)).err();
    assert!(matches!(error, Some(RunError::Deadlock { inside: 2, .. })), "{error:?}");
}

#[test]
fn a_circle_is_found_while_others_go_about_their_business() {
    let stations = format!(
        "[[station]]\nname = \"a\"\n{ROOM}service_time = \"1 min\"\n[[station]]\nname = \"b\"\n{ROOM}service_time = \"1 min\"\n\
         [[station]]\nname = \"elsewhere\"\nservers = \"unlimited\"\nservice_time = \"5 h\"\n"
    );
    let body = format!(
        "{}{}[[arrivals]]\nname = \"others\"\nrate = \"20 per hour\"\nuntil = \"10 days\"\njourney = [\"elsewhere\"]\n{stations}",
        source("p", "0", "[\"a\", \"b\"]"),
        source("q", "0", "[\"b\", \"a\"]")
    );
    let error = film(&network(&body), door::luck(1, 0)).err();
    let first_look = SimTime::ZERO + SimSpan::DAY;
    assert_eq!(error, Some(RunError::Deadlock { at: first_look, inside: 2 }));
}

#[test]
fn blocking_that_time_resolves_is_no_circle() {
    // The end of the chain is slow: blocked for three days, over several looks for circles.
    let stations = format!(
        "[[station]]\nname = \"a\"\nservers = 1\nservice_time = \"1 min\"\n[[station]]\nname = \"b\"\n{ROOM}service_time = \"3 days\"\n"
    );
    let body = format!("{}{stations}", source("p", "0 0", "[\"a\", \"b\"]"));
    assert_eq!(trace(&body).last().map(String::as_str), Some("8641 p2 ends b"));
}

#[test]
fn who_is_blocked_is_not_interrupted_by_a_better_rank() {
    let stations = format!(
        "[[station]]\nname = \"a\"\nservers = 1\nservice_time = \"2 min\"\nranks = {{ h = 0, l = 1 }}\npreemptive = true\n\
         [[station]]\nname = \"b\"\n{ROOM}service_time = \"10 min\"\n"
    );
    let body = format!(
        "classes = [\"h\", \"l\"]\n{}class = \"l\"\n{}class = \"l\"\n{}class = \"h\"\n{stations}",
        source("x", "0", "[\"b\"]"),
        source("low", "0 11", "[\"a\", \"b\"]"),
        source("high", "3 12", "[\"a\"]")
    );
    assert_eq!(
        trace(&body),
        [
            "0 x1 starts b",
            "0 low1 starts a",
            "2 low1 ends a",
            "2 low1 blocked by b",
            "10 x1 ends b",
            "10 low1 starts b",
            "10 high1 starts a",
            "12 high1 ends a",
            "12 low2 starts a",
            // The customer who moved on is no longer of this station: it is low2 who makes way.
            "12 low2 stops a",
            "12 high2 starts a",
            "14 high2 ends a",
            "14 low2 starts a",
            "16 low2 ends a",
            "16 low2 blocked by b",
            "20 low1 ends b",
            "20 low2 starts b",
            "30 low2 ends b"
        ]
    );
}

#[test]
fn who_returns_to_the_same_station_keeps_the_place() {
    // p1 is served twice at `b`; p2 waits at `a` for the place and must not take it in between.
    let stations = format!(
        "[[station]]\nname = \"a\"\nservers = 1\nservice_time = \"1 min\"\n[[station]]\nname = \"b\"\n{ROOM}service_time = \"5 min\"\n"
    );
    let body = format!("{}{stations}", source("p", "0 0", "[\"a\", \"b\", \"b\"]"));
    assert_eq!(
        trace(&body),
        [
            "0 p1 starts a",
            "1 p1 ends a",
            "1 p2 starts a",
            "1 p1 starts b",
            "2 p2 ends a",
            "2 p2 blocked by b",
            "6 p1 ends b",
            "6 p1 starts b",
            "11 p1 ends b",
            "11 p2 starts b",
            "16 p2 ends b",
            "16 p2 starts b",
            "21 p2 ends b"
        ]
    );
}

#[test]
fn who_would_balk_does_not_wait_for_a_place_either() {
    let stations = "[[station]]\nname = \"a\"\nservers = 1\nservice_time = \"1 min\"\n[[station]]\nname = \"b\"\n\
                    servers = 1\ncapacity = 3\nwhen_full = \"block\"\nbalk_at = 2\nservice_time = \"10 min\"\n";
    let body = format!("{}{}{stations}", source("x", "0 0 0", "[\"b\"]"), source("p", "0", "[\"a\", \"b\"]"));
    let lines = trace(&body);
    assert!(lines.contains(&"1 p1 balks b".to_owned()), "{lines:?}");
}

#[test]
fn work_ahead_does_not_count_who_is_served_and_held() {
    // Station `one` holds a served customer (blocked until 30); `two` works until 9. A third at 8 has no work ahead at
    // `one` as the file sees it: the work there is done, only the place is taken.
    let stations = "[[station]]\nname = \"one\"\nservers = 1\nservice_time = \"2 min\"\n[[station]]\nname = \"two\"\n\
                    servers = 1\nservice_time = \"9 min\"\n[[station]]\nname = \"end\"\nservers = 1\ncapacity = 1\n\
                    when_full = \"block\"\nservice_time = \"30 min\"\n";
    let body = format!(
        "{}{}{stations}",
        source("x", "0", "[\"end\"]"),
        source("p", "0 1 8", "[{ visit = [\"one\", \"two\"], by = \"least_work\" }, \"end\"]")
    );
    let lines = trace(&body);
    assert!(lines.contains(&"30 p3 starts one".to_owned()), "{lines:#?}");
}
