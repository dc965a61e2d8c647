//! What no statistics keep, read off a film: who was inside at an instant, when something happened.

use super::Event;
use crate::film::Film;
use onetrip_sim::observer::Happening;
use onetrip_sim::time::SimTime;

/// How many came at or before an instant and left after it.
pub(super) fn inside_at(film: &Film, at: SimTime) -> u64 {
    let until = film.records().iter().take_while(|record| record.at <= at);
    until.fold(0, |inside, record| match record.happening {
        Happening::Arrived => inside + 1,
        Happening::Left(_) => inside - 1,
        _ => inside,
    })
}

/// Seconds from the arrival of a customer to the first start of a service.
pub(super) fn wait_of(film: &Film, customer: u32) -> Option<f64> {
    let own = || film.records().iter().filter(|record| record.customer == customer);
    let arrived = own().find(|record| record.happening == Happening::Arrived)?;
    let started = own().find(|record| matches!(record.happening, Happening::Started(_)))?;
    Some(started.at.as_seconds() - arrived.at.as_seconds())
}

/// The instants at which something happened, in seconds from the start of the run.
pub(super) fn instants(film: &Film, event: Event) -> impl Iterator<Item = f64> + '_ {
    let is_event = move |happening: Happening| match event {
        Event::Started => matches!(happening, Happening::Started(_)),
        Event::Served => matches!(happening, Happening::Served(_)),
        Event::Balked => matches!(happening, Happening::Balked(_)),
        Event::Refused => matches!(happening, Happening::Refused(_)),
        Event::Left => matches!(happening, Happening::Left(_)),
    };
    film.records()
        .iter()
        .filter(move |record| is_event(record.happening))
        .map(|record| record.at.as_seconds())
}
