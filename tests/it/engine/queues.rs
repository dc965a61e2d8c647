//! Who is called next, who gives up, who is turned away.

use super::{network, source, trace, value};
use crate::door;
use crate::watching::film;
use onetrip_sim::observer::Happening;

/// Instants and names of those who start, in order.
fn starts(body: &str) -> Vec<String> {
    let starts = trace(body).into_iter().filter(|line| line.contains(" starts "));
    starts.map(|line| line.split(' ').take(2).collect::<Vec<_>>().join(" ")).collect()
}

const ONE: &str = "[[station]]\nname = \"desk\"\nservers = 1\n";

#[test]
fn the_last_to_come_is_the_first_to_be_served() {
    let body = format!(
        "{}{ONE}service_time = \"10 min\"\ndiscipline = \"lifo\"\n",
        source("a", "0 1 2 3", "[\"desk\"]")
    );
    assert_eq!(starts(&body), ["0 a1", "10 a4", "20 a3", "30 a2"]);
}

#[test]
fn a_random_queue_calls_everyone_alike() {
    let body = format!(
        "{}{ONE}service_time = \"10 min\"\ndiscipline = \"random\"\n",
        source("a", "0 1 2 3", "[\"desk\"]")
    );
    let system = network(&body);
    let mut called_first = [0_u32; 3];
    let count = 9_000;
    for replication in 0..count {
        let film = film(&system, door::luck(11, replication)).expect("it runs");
        let starts = film.records().iter().filter(|record| matches!(record.happening, Happening::Started(_)));
        let order: Vec<u32> = starts.map(|record| record.customer).collect();
        assert_eq!(order.len(), 4);
        called_first[order[1] as usize - 1] += 1;
    }
    let expected = f64::from(count) / 3.0;
    let chi_square: f64 =
        called_first.iter().map(|&times| (f64::from(times) - expected).powi(2) / expected).sum();
    // Two degrees of freedom: beyond 13.8 once in a thousand times.
    assert!(chi_square < 13.8, "{called_first:?}");
}

#[test]
fn a_better_rank_is_called_first_but_nobody_is_interrupted() {
    let body = format!(
        "classes = [\"h\", \"l\"]\n{}class = \"l\"\n{}class = \"h\"\n{ONE}service_time = \"10 min\"\n\
         ranks = {{ h = 0, l = 1 }}\n",
        source("low", "0 1 2", "[\"desk\"]"),
        source("high", "3 25", "[\"desk\"]")
    );
    assert_eq!(starts(&body), ["0 low1", "10 high1", "20 low2", "30 high2", "40 low3"]);
}

#[test]
fn the_interrupted_resume_where_they_were() {
    let body = format!(
        "classes = [\"h\", \"l\"]\n{}class = \"l\"\n{}class = \"h\"\n{ONE}service_time = \"10 min\"\n\
         service_time_by_class = {{ h = \"4 min\" }}\nranks = {{ h = 0, l = 1 }}\npreemptive = true\n",
        source("low", "0 1", "[\"desk\"]"),
        source("high", "3 5", "[\"desk\"]")
    );
    assert_eq!(
        trace(&body),
        [
            "0 low1 starts desk",
            "3 low1 stops desk",
            "3 high1 starts desk",
            "7 high1 ends desk",
            "7 high2 starts desk",
            "11 high2 ends desk",
            "11 low1 starts desk",
            "18 low1 ends desk",
            "18 low2 starts desk",
            "28 low2 ends desk"
        ]
    );
    // Waits end with the first start: 0, 17 and for the high 0 and 2.
    assert_eq!(value(&body, "desk.l.wait_time.mean"), Some(17.0 / 2.0 * 60.0));
    assert_eq!(value(&body, "desk.h.wait_time.mean"), Some(60.0));
}

#[test]
fn the_latest_begun_of_the_worst_rank_is_interrupted() {
    let body = format!(
        "classes = [\"h\", \"m\", \"l\"]\n{}class = \"l\"\n{}class = \"m\"\n{}class = \"h\"\n\
         [[station]]\nname = \"desk\"\nservers = 3\nservice_time = \"10 min\"\nranks = {{ h = 0, m = 1, l = 2 }}\n\
         preemptive = true\n",
        source("low", "0 1", "[\"desk\"]"),
        source("middle", "2", "[\"desk\"]"),
        source("high", "3", "[\"desk\"]")
    );
    assert_eq!(
        trace(&body)[3..],
        [
            "3 low2 stops desk",
            "3 high1 starts desk",
            "10 low1 ends desk",
            "10 low2 starts desk",
            "12 middle1 ends desk",
            "13 high1 ends desk",
            "18 low2 ends desk"
        ]
    );
}

#[test]
fn nobody_is_interrupted_for_one_who_cannot_start() {
    // From minute 10 on one server is on duty; the other only finishes.
    let body = format!(
        "classes = [\"h\", \"l\"]\n{}class = \"l\"\n{}class = \"h\"\n\
         [[station]]\nname = \"desk\"\nservice_time = \"20 min\"\nranks = {{ h = 0, l = 1 }}\npreemptive = true\n\
         shifts = [{{ from = \"0 min\", servers = 2 }}, {{ from = \"10 min\", servers = 1 }}]\n",
        source("low", "0 2", "[\"desk\"]"),
        source("high", "12 13", "[\"desk\"]")
    );
    assert_eq!(
        trace(&body),
        [
            "0 low1 starts desk",
            "2 low2 starts desk",
            // The first of the better rank takes the server who is on duty; the second finds only the other.
            "12 low2 stops desk",
            "12 high1 starts desk",
            "20 low1 ends desk",
            "32 high1 ends desk",
            "32 high2 starts desk",
            "52 high2 ends desk",
            "52 low2 starts desk",
            "62 low2 ends desk"
        ]
    );
}

#[test]
fn lanes_take_turns_by_the_pattern() {
    let body = format!(
        "classes = [\"booked\", \"walk_in\"]\n{}class = \"booked\"\n{}class = \"walk_in\"\n{ONE}\
         service_time = \"1 min\"\npattern = [\"booked\", \"booked\", \"walk_in\"]\n",
        source("b", "0 0 0 0 0", "[\"desk\"]"),
        source("w", "0 0 0", "[\"desk\"]")
    );
    // The first is served at once and takes no turn.
    assert_eq!(starts(&body), ["0 b1", "1 b2", "2 b3", "3 w1", "4 b4", "5 b5", "6 w2", "7 w3"]);
}

#[test]
fn who_has_waited_long_moves_to_the_end_of_a_better_rank() {
    let body = format!(
        "classes = [\"h\", \"l\"]\n{}class = \"l\"\n{}class = \"h\"\n{ONE}service_time = \"20 min\"\n\
         ranks = {{ h = 0, l = 1 }}\npromotion = {{ after = \"10 min\", to_rank = 0 }}\n",
        source("low", "0 1", "[\"desk\"]"),
        source("high", "2 12", "[\"desk\"]")
    );
    assert_eq!(starts(&body), ["0 low1", "20 high1", "40 low2", "60 high2"]);
}

#[test]
fn patience_outlasts_a_promotion() {
    let body = format!(
        "classes = [\"h\", \"l\"]\n{}class = \"l\"\n{}class = \"h\"\n{ONE}service_time = \"20 min\"\n\
         ranks = {{ h = 0, l = 1 }}\npromotion = {{ after = \"10 min\", to_rank = 0 }}\npatience_by_class = {{ l = \"25 min\" }}\n",
        source("low", "0 1", "[\"desk\"]"),
        source("high", "2 12", "[\"desk\"]")
    );
    assert_eq!(
        trace(&body)[1..],
        [
            "20 low1 ends desk",
            "20 high1 starts desk",
            "26 low2 reneges desk",
            "26 low2 leaves unserved",
            "40 high1 ends desk",
            "40 high2 starts desk",
            "60 high2 ends desk"
        ]
    );
}

#[test]
fn who_is_called_at_the_instant_patience_ends_is_served() {
    let body = format!(
        "{}{ONE}service_time = \"5 min\"\npatience = \"4 min\"\n",
        source("a", "0 1 2", "[\"desk\"]")
    );
    assert_eq!(
        trace(&body),
        [
            "0 a1 starts desk",
            "5 a1 ends desk",
            "5 a2 starts desk",
            "6 a3 reneges desk",
            "6 a3 leaves unserved",
            "10 a2 ends desk"
        ]
    );
    assert_eq!(value(&body, "desk.reneged_share"), Some(1.0 / 3.0));
}

#[test]
fn the_refused_and_those_who_balk_are_diverted() {
    let stations = "[[station]]\nname = \"main\"\nservers = 1\ncapacity = 2\nservice_time = \"10 min\"\n\
                    divert_to = \"side\"\n[[station]]\nname = \"side\"\nservers = 1\nservice_time = \"3 min\"\n\
                    balk_at = 2\ndivert_to = \"yard\"\n[[station]]\nname = \"yard\"\nservers = \"unlimited\"\n\
                    service_time = \"1 min\"\n";
    let body =
        format!("{}{}{stations}", source("a", "0 1 2", "[\"main\"]"), source("b", "2 2", "[\"side\"]"));
    assert_eq!(
        trace(&body),
        [
            "0 a1 starts main",
            "2 a3 refused main",
            "2 a3 starts side",
            "2 b2 balks side",
            "2 b2 starts yard",
            "3 b2 ends yard",
            "5 a3 ends side",
            "5 b1 starts side",
            "8 b1 ends side",
            "10 a1 ends main",
            "10 a2 starts main",
            "20 a2 ends main"
        ]
    );
}

#[test]
fn who_is_diverted_twice_has_a_luck_of_its_own_each_time() {
    let body = format!(
        "{}{}[[station]]\nname = \"room\"\nservers = 1\nservice_time = \"60 min\"\ncapacity = 1\ndivert_to = \"aside\"\n\
         [[station]]\nname = \"aside\"\nservers = 1\nservice_time = {{ law = \"exponential\", mean = \"5 min\" }}\n",
        source("first", "0", "[\"room\"]"),
        source("other", "1", "[\"room\", \"room\"]")
    );
    let system = network(&body);
    let film = film(&system, door::luck(1, 0)).expect("the books balance");
    let at = |wanted: fn(&Happening) -> bool| {
        let records = film.records().iter().filter(|record| record.source == 1 && wanted(&record.happening));
        records.map(|record| record.at).collect::<Vec<_>>()
    };
    let (starts, ends) =
        (at(|one| matches!(one, Happening::Started(_))), at(|one| matches!(one, Happening::Served(_))));
    let times: Vec<_> = ends.iter().zip(&starts).map(|(&end, &start)| end - start).collect();
    assert_eq!(times.len(), 2);
    assert_ne!(times[0], times[1]);
}

#[test]
fn nobody_of_the_same_rank_overtakes_who_waits_for_several_but_a_better_rank_does() {
    let body = format!(
        "classes = [\"h\", \"big\", \"small\"]\n{}class = \"small\"\n{}class = \"big\"\n{}class = \"h\"\n\
         [[station]]\nname = \"crew\"\nservers = 3\nservice_time = \"10 min\"\nranks = {{ h = 0, big = 1, small = 1 }}\n\
         servers_needed_by_class = {{ big = 3 }}\n",
        source("small", "0 2", "[\"crew\"]"),
        source("big", "1", "[\"crew\"]"),
        source("high", "3", "[\"crew\"]")
    );
    assert_eq!(starts(&body), ["0 small1", "3 high1", "13 big1", "23 small2"]);
}

#[test]
fn who_waits_for_several_makes_way_when_giving_up() {
    let body = format!(
        "classes = [\"big\", \"small\"]\n{}class = \"small\"\n{}class = \"big\"\n\
         [[station]]\nname = \"crew\"\nservers = 2\nservice_time = \"10 min\"\n\
         servers_needed_by_class = {{ big = 2 }}\npatience_by_class = {{ big = \"4 min\" }}\n",
        source("small", "0 2", "[\"crew\"]"),
        source("big", "1", "[\"crew\"]")
    );
    assert_eq!(starts(&body), ["0 small1", "5 small2"]);
}

#[test]
fn capacity_counts_customers_not_servers() {
    let body = format!(
        "{}[[station]]\nname = \"crew\"\nservers = 4\ncapacity = 2\nservice_time = \"10 min\"\nservers_needed = 2\n",
        source("a", "0 1 2", "[\"crew\"]")
    );
    assert_eq!(
        trace(&body),
        [
            "0 a1 starts crew",
            "1 a2 starts crew",
            "2 a3 refused crew",
            "2 a3 leaves unserved",
            "10 a1 ends crew",
            "11 a2 ends crew"
        ]
    );
}

#[test]
fn the_shortest_queue_is_joined_and_the_first_listed_at_ties() {
    let stations = "[[station]]\nname = \"one\"\nservers = 1\nservice_time = \"10 min\"\n\
                    [[station]]\nname = \"two\"\nservers = 2\nservice_time = \"3 min\"\n";
    let body = format!(
        "{}{stations}",
        source("a", "0 0 0 0 1", "[{ visit = [\"one\", \"two\"], by = \"shortest_queue\" }]")
    );
    // Idle: 1 and 2, then 1 and 1 (a tie), 0 and 1, 0 and 0 (a tie), one waits at `one`.
    assert_eq!(trace(&body)[..3], ["0 a1 starts two", "0 a2 starts one", "0 a3 starts two"],);
    assert_eq!(starts(&body), ["0 a1", "0 a2", "0 a3", "3 a5", "10 a4"]);
}

#[test]
fn the_least_work_is_joined_counting_what_is_left_of_services() {
    let stations = "[[station]]\nname = \"one\"\nservers = 1\nservice_time = \"10 min\"\n\
                    [[station]]\nname = \"two\"\nservers = 1\nservice_time = \"7 min\"\n";
    let body = format!(
        "{}{stations}",
        source("a", "0 0 6", "[{ visit = [\"one\", \"two\"], by = \"least_work\" }]")
    );
    // At 6 the first has 4 min left, the second 1 min.
    assert_eq!(starts(&body), ["0 a1", "0 a2", "7 a3"]);
}

#[test]
fn one_who_returns_finds_the_station_chosen_before() {
    let stations = "[[station]]\nname = \"room\"\ncount = 3\nservers = 1\nservice_time = \"10 min\"\n";
    let journey = "[{ visit = \"room\", by = \"shortest_queue\" }, { pause = \"5 min\" }, { again = \"room\", \
                   service_time = \"2 min\" }]";
    let body = format!("{}{stations}", source("a", "0 1", journey));
    assert_eq!(
        trace(&body),
        [
            "0 a1 starts room.1",
            "1 a2 starts room.2",
            "10 a1 ends room.1",
            "10 a1 pauses 5",
            "11 a2 ends room.2",
            "11 a2 pauses 5",
            "15 a1 starts room.1",
            "16 a2 starts room.2",
            "17 a1 ends room.1",
            "18 a2 ends room.2"
        ]
    );
}
