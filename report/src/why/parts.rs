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
use onetrip_studies::why::{Cause, Ledger, Teller, ToldVisit, Why, name_of_patient};

pub(super) fn causes(system: &System, why: &Why, scenario: &ScenarioPart) -> Vec<CausePart> {
    let part = |cause: Cause| {
        let (title, definition) = wording::cause(cause, system, scenario);
        let time_us = why.ledger.of_cause(cause);
        CausePart {
            id: cause.id(system),
            title,
            definition,
            wait: cause.is_wait(system),
            time_s: Figure::of(why.times.of_all(&|one| one == cause)),
            share: time_us as f64 / why.ledger.sojourn_micros.max(1) as f64,
            time_us,
        }
    };
    why.ledger.causes().map(part).collect()
}

/// What is lost at a place, in microseconds.
fn lost(system: &System, ledger: &Ledger, time: impl Fn(Cause) -> u64) -> u64 {
    ledger.causes().filter(|cause| cause.is_wait(system)).map(time).sum()
}

/// The causes that took time at a place, and how much, in microseconds.
fn spent(ledger: &Ledger, time: impl Fn(Cause) -> u64) -> impl Iterator<Item = (Cause, u64)> {
    ledger.causes().map(move |cause| (cause, time(cause))).filter(|(_, micros)| *micros > 0)
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
            let figure = |is_meant: &dyn Fn(Cause) -> bool| Figure::of(why.times.of_station(place, is_meant));
            let spent = spent(ledger, |cause| ledger.of_station(place, cause));
            let causes = spent.map(|(cause, micros)| CauseTime {
                cause: cause.id(system),
                time_s: figure(&|one| one == cause),
                time_us: micros,
            });
            let part = StationCauses {
                id: label.map(|label| label.id.clone()),
                title,
                users_share: users as f64 / visits.max(1) as f64,
                time_s: figure(&|_| true),
                wait_s: figure(&|cause| cause.is_wait(system)),
                causes: causes.collect(),
            };
            (total > 0).then_some((wait, part))
        })
        .collect();
    // The sort is stable, so ties stay in the order of the stations.
    parts.sort_by_key(|(wait, part)| (part.id.is_none(), std::cmp::Reverse(*wait)));
    parts.into_iter().map(|(_, part)| part).collect()
}

pub(super) fn hours(system: &System, why: &Why) -> Vec<HourCauses> {
    let ledger = &why.ledger;
    let part = |hour: usize| {
        let total: u64 = ledger.causes().map(|cause| ledger.of_hour(hour, cause)).sum();
        let figure = |is_meant: &dyn Fn(Cause) -> bool| Figure::of(why.times.of_hour(hour, is_meant));
        let spent = spent(ledger, |cause| ledger.of_hour(hour, cause));
        let causes = spent.map(|(cause, micros)| HourCause {
            cause: cause.id(system),
            patients: figure(&|one| one == cause),
            time_us: micros,
        });
        (total > 0).then(|| HourCauses {
            hour: hour as u8,
            patients: figure(&|_| true),
            waiting: figure(&|cause| cause.is_wait(system)),
            causes: causes.collect(),
        })
    };
    (0..24).filter_map(part).collect()
}

pub(super) fn classes(system: &System, why: &Why) -> Vec<ClassCauses> {
    let ledger = &why.ledger;
    let part = |(class, title): (usize, &onetrip_models::text::Text)| {
        let visits = ledger.class_visit_count(class);
        let figure = |is_meant: &dyn Fn(Cause) -> bool| Figure::of(why.times.of_class(class, is_meant));
        let spent = spent(ledger, |cause| ledger.of_class(class, cause));
        let causes = spent.map(|(cause, micros)| ClassCause {
            cause: cause.id(system),
            time_s: figure(&|one| one == cause),
            time_us: micros,
        });
        (visits > 0).then(|| ClassCauses {
            title: title.into(),
            visits,
            sojourn_s: figure(&|_| true),
            wait_s: figure(&|cause| cause.is_wait(system)),
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
        number: visit.patient.number,
        patient: wording::patient(system, visit.patient),
        asked_by: format!("{}{at}", name_of_patient(system, visit.patient)),
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
