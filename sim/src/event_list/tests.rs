//! The event list against sorted lists and its own promises.

use super::*;
use crate::stream::{Purpose, RunKey};

fn pop(list: &mut EventList) -> Option<Event> {
    taken(list, SimTime::NEVER)
}

fn taken(list: &mut EventList, arrival_at: SimTime) -> Option<Event> {
    Some(list.take_before(arrival_at)).filter(|event| event.at() != SimTime::NEVER)
}

#[test]
fn events_leave_by_instant_then_rank_then_order_of_planning() {
    let mut list = EventList::new();
    let at = SimTime::from_micros;
    list.plan(at(5), EventRank::Patience, EventKind::PatienceEnd, 1);
    list.plan(at(5), EventRank::Release, EventKind::ServiceEnd, 2);
    list.plan(at(4), EventRank::Patience, EventKind::PatienceEnd, 3);
    list.plan(at(5), EventRank::Release, EventKind::ServiceEnd, 4);
    list.plan(at(5), EventRank::Control, EventKind::Tick, 5);
    let order: Vec<usize> = std::iter::from_fn(|| pop(&mut list)).map(Event::index).collect();
    assert_eq!(order, [3, 2, 4, 5, 1]);
    assert_eq!(list.len(), 0);
}

#[test]
fn an_arrival_stands_between_people_inside_and_patience() {
    let mut list = EventList::new();
    let at = SimTime::from_micros(9);
    list.plan(at, EventRank::Patience, EventKind::PatienceEnd, 1);
    assert!(taken(&mut list, at).is_none(), "the arrival is first");
    list.plan(at, EventRank::Inside, EventKind::PauseEnd, 2);
    assert_eq!(taken(&mut list, at).map(Event::index), Some(2));
    assert_eq!(taken(&mut list, SimTime::from_micros(10)).map(Event::index), Some(1));
    assert!(pop(&mut list).is_none());
}

/// Plans events so far apart, a hundred ahead of the one that leaves.
fn keep_a_hundred(list: &mut EventList, count: u64, apart_micros: u64) {
    for number in 0..count {
        let at = SimTime::from_micros((number + 100) * apart_micros);
        list.plan(at, EventRank::Release, EventKind::ServiceEnd, 0);
        if number >= 100 {
            assert!(pop(list).is_some());
        }
    }
}

#[test]
fn slots_fit_themselves_to_the_density_of_events_and_keep_it_for_the_next_run() {
    for (count, apart_micros) in [(20_000, 1000), (300, 60_000_000)] {
        let mut list = EventList::new();
        keep_a_hundred(&mut list, count, apart_micros);
        list.clear();
        let wanted = suitable_width_bits(apart_micros, 1);
        assert!(list.width_bits.abs_diff(wanted) < 2, "{} bits, {wanted} wanted", list.width_bits);
    }
}

/// Histories of pushes and pops at several densities, with crowds, against a sorted set.
#[test]
fn a_long_random_history_leaves_as_a_sorted_list_would() {
    for (rng_seed, spread) in [(3, 50_u32), (4, 40_000_000), (5, 2_000_000_000), (6, 1)] {
        let key = RunKey::new(rng_seed, 0, 0).entity(Purpose::named("list"), 0);
        let mut stream = key.stream(Purpose::named("times"));
        let mut list = EventList::new();
        let mut reference = std::collections::BTreeSet::new();
        let mut now = 0;
        for step in 0..100_000_u64 {
            if stream.below(1000) < 505 || reference.is_empty() {
                let on_the_minute = stream.below(4) == 0;
                let ahead = u64::from(stream.below(spread));
                let at = if on_the_minute { (now + ahead).next_multiple_of(60_000_000) } else { now + ahead };
                let rank = [EventRank::Release, EventRank::Inside][stream.below(2) as usize];
                list.plan(SimTime::from_micros(at), rank, EventKind::ServiceEnd, (step % 1000) as usize);
                reference.insert((at, rank as u8, list.sequence, (step % 1000) as usize));
            } else {
                let event = pop(&mut list).expect("the reference has one");
                let first = reference.pop_first().expect("not empty");
                now = first.0;
                assert_eq!((event.at().as_micros(), event.index()), (first.0, first.3));
                assert_eq!(event.ticket(), first.2 as u32);
            }
            if step % 5000 == 4999 {
                list.retune(SimTime::from_micros(now));
            }
            assert_eq!(list.len(), reference.len());
        }
    }
}
