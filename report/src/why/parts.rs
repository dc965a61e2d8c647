//! From sums to the parts of the document.

use super::wording;
use super::{
    CausePart, CauseTime, ClassCause, ClassCauses, HourCause, HourCauses, StationCauses, StepPart,
    TellerPart, ToldPart,
};
use crate::document::{Figure, ScenarioPart};
use crate::words::Words;
use onetrip_models::system::System;
use onetrip_sim::model::Exit;
use onetrip_studies::why::{Cause, Ledger, Share, Teller, ToldVisit, Why};

const MICROS_PER_HOUR: f64 = 3.6e9;

fn seconds_a_visit(micros: u64, visits: u64) -> f64 {
    if visits == 0 { 0.0 } else { micros as f64 / 1e6 / visits as f64 }
}

pub(super) fn causes(system: &System, why: &Why, scenario: &ScenarioPart) -> Vec<CausePart> {
    let part = |share: &Share| {
        let (title, definition) = wording::cause(share.cause, system, scenario);
        let time_us = why.ledger.of_cause(share.cause);
        CausePart {
            id: share.cause.id(system),
            title,
            definition,
            wait: share.cause.is_wait(system),
            time_s: Figure::of(share.estimate),
            share: time_us as f64 / why.ledger.sojourn_micros.max(1) as f64,
            time_us,
        }
    };
    why.by_cause.iter().map(part).collect()
}

/// What is lost at a place, in microseconds.
fn lost(system: &System, ledger: &Ledger, time: impl Fn(Cause) -> u64) -> u64 {
    ledger.causes().filter(|cause| cause.is_wait(system)).map(time).sum()
}

pub(super) fn stations(system: &System, why: &Why) -> Vec<StationCauses> {
    let ledger = &why.ledger;
    let visits = ledger.visit_count;
    let mut parts: Vec<(u64, StationCauses)> = ledger
        .places()
        .filter_map(|place| {
            let total: u64 = ledger.causes().map(|cause| ledger.of_station(place, cause)).sum();
            let label = place.map(|place| &system.stations()[place]);
            let wait = lost(system, ledger, |cause| ledger.of_station(place, cause));
            let title = label.map_or_else(
                || Words::new("between stations, leading to none", "站点之外"),
                |label| Words::from(&label.title),
            );
            let users = place.map_or(visits, |place| ledger.user_count(place));
            let of = |share: &&Share| share.station == place;
            let causes = why.by_station.iter().filter(of).map(|share| CauseTime {
                cause: share.cause.id(system),
                time_s: Figure::of(share.estimate),
                time_us: ledger.of_station(place, share.cause),
            });
            let part = StationCauses {
                id: label.map(|label| label.id.clone()),
                title,
                users_share: users as f64 / visits.max(1) as f64,
                time_s: seconds_a_visit(total, visits),
                wait_s: seconds_a_visit(wait, visits),
                causes: causes.collect(),
            };
            (total > 0).then_some((wait, part))
        })
        .collect();
    // The sort is stable, so ties stay in the order of the stations.
    parts.sort_by_key(|(wait, part)| (part.id.is_none(), std::cmp::Reverse(*wait)));
    parts.into_iter().map(|(_, part)| part).collect()
}

/// How often the runs saw an hour of the day: at least once each, and more often when they last for days.
fn times_seen(why: &Why, hour: usize) -> f64 {
    let observed = &why.results.account.statistics.observed_time;
    let hours = match observed.get(hour) {
        Some(micros) if observed.len() > 1 => *micros as f64 / MICROS_PER_HOUR,
        _ => observed.iter().sum::<u128>() as f64 / MICROS_PER_HOUR / 24.0,
    };
    hours.max(why.ledger.run_count as f64).max(1.0)
}

pub(super) fn hours(system: &System, why: &Why) -> Vec<HourCauses> {
    let ledger = &why.ledger;
    let part = |hour: usize| {
        let total: u64 = ledger.causes().map(|cause| ledger.of_hour(hour, cause)).sum();
        let times = times_seen(why, hour);
        let patients = |micros: u64| micros as f64 / MICROS_PER_HOUR / times;
        let causes = ledger.causes().map(|cause| (cause, ledger.of_hour(hour, cause)));
        let causes = causes.filter(|(_, micros)| *micros > 0).map(|(cause, micros)| HourCause {
            cause: cause.id(system),
            patients: patients(micros),
            time_us: micros,
        });
        (total > 0).then(|| HourCauses {
            hour: hour as u8,
            patients: patients(total),
            causes: causes.collect(),
        })
    };
    (0..24).filter_map(part).collect()
}

pub(super) fn classes(system: &System, why: &Why) -> Vec<ClassCauses> {
    let ledger = &why.ledger;
    let part = |(class, title): (usize, &onetrip_models::text::Text)| {
        let visits = ledger.class_visit_count(class);
        let total: u64 = ledger.causes().map(|cause| ledger.of_class(class, cause)).sum();
        let wait = lost(system, ledger, |cause| ledger.of_class(class, cause));
        let causes = ledger.causes().map(|cause| (cause, ledger.of_class(class, cause)));
        let causes = causes.filter(|(_, micros)| *micros > 0).map(|(cause, micros)| ClassCause {
            cause: cause.id(system),
            time_s: seconds_a_visit(micros, visits),
            time_us: micros,
        });
        (visits > 0).then(|| ClassCauses {
            title: title.into(),
            visits,
            sojourn_s: seconds_a_visit(total, visits),
            wait_s: seconds_a_visit(wait, visits),
            causes: causes.collect(),
        })
    };
    system.classes().iter().enumerate().filter_map(part).collect()
}

pub(super) fn told(system: &System, why: &Why, scenario: &ScenarioPart) -> Vec<ToldPart> {
    why.visits.iter().map(|visit| told_one(system, visit, scenario)).collect()
}

fn told_one(
    system: &System,
    ToldVisit { teller, day, told }: &ToldVisit,
    scenario: &ScenarioPart,
) -> ToldPart {
    let visit = &told.visit;
    let source = system.sources().get(usize::from(visit.patient.source)).map_or("", |name| *name);
    let number = visit.patient.number;
    let at = match (day.replication, day.day) {
        (0, 0) => String::new(),
        (replication, 0) => format!("@{}", replication + 1),
        (replication, day) => format!("@{}/{}", replication + 1, day + 1),
    };
    let steps = told.pieces.iter().map(|piece| {
        let (title, _) = wording::cause(piece.cause, system, scenario);
        let station = piece.station.and_then(|station| system.stations().get(station.index()));
        StepPart {
            from_s: piece.from.as_seconds(),
            to_s: piece.to.as_seconds(),
            time_us: piece.time().as_micros(),
            what: wording::step(piece, &title, system.stations()),
            cause: piece.cause.id(system),
            wait: piece.cause.is_wait(system),
            station: station.map(|label| label.id.clone()),
            others_called: piece.others.map(|others| others.called),
            others_later: piece.others.map(|others| others.came_later),
        }
    });
    ToldPart {
        teller: match teller {
            Teller::Median => TellerPart::Median,
            Teller::Worst => TellerPart::Worst,
            Teller::Asked => TellerPart::Asked,
        },
        replication: day.replication + 1,
        day: day.day + 1,
        source: source.to_owned(),
        number,
        patient: wording::patient(system, source, number),
        asked_by: format!("{source}:{number}{at}"),
        class: system.classes().get(usize::from(visit.class)).map_or_else(Words::default, Words::from),
        completed: visit.exit == Exit::Completed,
        arrived_at_s: visit.arrived_at.as_seconds(),
        left_at_s: visit.left_at.as_seconds(),
        sojourn_s: visit.sojourn().as_seconds(),
        sojourn_us: visit.sojourn().as_micros(),
        wait_s: visit.waited.as_seconds(),
        steps: steps.collect(),
    }
}
