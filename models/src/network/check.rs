//! What a network needs to be run: the last line of defence, behind the readers of files.

use super::spec::{Balking, Choice, NetworkError, NetworkSpec, Places, Step};
use onetrip_sim::distribution::Distribution;
use onetrip_sim::engine::Horizon;
use onetrip_sim::model::StationId;
use onetrip_sim::time::{SimSpan, SimTime};

/// Refuses what cannot be run.
pub(super) fn check(spec: &NetworkSpec) -> Result<(), NetworkError> {
    let rule = |place: &str, reason| Err(NetworkError::Rule { place: place.to_owned(), reason });
    let class_count = spec.classes.len();
    if class_count == 0 || class_count > 250 {
        return rule("classes", "from 1 to 250 classes are possible");
    }
    if spec.stations.is_empty() || spec.sources.is_empty() || spec.sources.len() > 250 {
        return rule("network", "at least one station and from 1 to 250 sources are needed");
    }
    if let Horizon::Drained { at_latest: SimTime::NEVER, .. } | Horizon::At(SimTime::NEVER) = spec.run.horizon
    {
        return rule("run", "a run needs an end");
    }
    if let Horizon::At(end) | Horizon::Drained { at_latest: end, .. } = spec.run.horizon
        && spec.run.warm_up >= end.since(SimTime::ZERO)
        && spec.run.warm_up > SimSpan::ZERO
    {
        return rule("run", "the warm-up is as long as the run");
    }
    for station in &spec.stations {
        let lists = [
            ("service_time", station.service_time.len()),
            ("rank", station.rank.len()),
            ("patience", station.patience.len()),
            ("balking", station.balking.len()),
            ("server_count", station.server_count.len()),
        ];
        let name = &station.plan.name;
        for (what, found) in lists {
            if found != class_count {
                return Err(NetworkError::PerClass {
                    station: name.clone(),
                    what,
                    found,
                    expected: class_count,
                });
            }
        }
        let laws = station.service_time.iter().chain(station.patience.iter().flatten());
        check_times(&format!("station `{name}`"), laws)?;
        if station.rank.iter().any(|&rank| rank >= station.plan.rank_count) {
            return rule(&format!("station `{name}`"), "a class has a rank that the station does not use");
        }
        for balking in &station.balking {
            if let Balking::ByPresent(shares) = balking
                && (shares.is_empty()
                    || !shares.is_sorted()
                    || shares.iter().any(|share| !(0.0..=1.0).contains(share)))
            {
                let reason = "shares that balk are between 0 and 1 and never fall as more are present";
                return rule(&format!("station `{name}`"), reason);
            }
        }
        if let Some(other) = station.diverts_to {
            check_station(spec, &format!("station `{name}`"), other)?;
        }
    }
    for source in &spec.sources {
        let place = format!("source `{}`", source.name);
        for &(class, _) in &source.classes {
            if class >= class_count {
                return Err(NetworkError::Missing { place, what: "class", index: class, count: class_count });
            }
        }
        check_shares(&place, source.classes.iter().map(|&(_, share)| share))?;
        check_steps(spec, &place, &source.journey)?;
    }
    if let Some(routes) = &spec.routes {
        if routes.rows.len() != spec.stations.len() {
            return rule("routes", "one row for each station is needed");
        }
        for (row, station) in routes.rows.iter().zip(&spec.stations) {
            let place = format!("routes of `{}`", station.plan.name);
            check_shares(&place, row.iter().map(|&(share, _)| share))?;
            row.iter()
                .filter_map(|&(_, next)| next)
                .try_for_each(|next| check_station(spec, &place, next))?;
        }
    }
    Ok(())
}

fn check_station(spec: &NetworkSpec, place: &str, station: StationId) -> Result<(), NetworkError> {
    let count = spec.stations.len();
    if station.index() < count {
        return Ok(());
    }
    Err(NetworkError::Missing { place: place.to_owned(), what: "station", index: station.index(), count })
}

fn check_shares(place: &str, shares: impl Iterator<Item = f64> + Clone) -> Result<(), NetworkError> {
    let sum: f64 = shares.clone().sum();
    if (sum - 1.0).abs() < 1e-9 && shares.clone().all(|share| share >= 0.0) {
        return Ok(());
    }
    Err(NetworkError::Shares { place: place.to_owned(), sum })
}

fn check_times<'a>(place: &str, laws: impl Iterator<Item = &'a Distribution>) -> Result<(), NetworkError> {
    for law in laws {
        if !law.is_never_negative() {
            return Err(NetworkError::Negative { place: place.to_owned() });
        }
    }
    Ok(())
}

fn check_steps(spec: &NetworkSpec, place: &str, steps: &[Step]) -> Result<(), NetworkError> {
    let rule = |reason| Err(NetworkError::Rule { place: place.to_owned(), reason });
    let per_class = |laws: &Option<Vec<Distribution>>| match laws {
        Some(laws) if laws.len() != spec.classes.len() => {
            rule("service times of a step need one law for each class")
        }
        Some(laws) => check_times(place, laws.iter()),
        None => Ok(()),
    };
    for step in steps {
        match step {
            Step::Visit { places, service_time, .. } => {
                check_places(spec, place, places)?;
                per_class(service_time)?;
            }
            Step::Again { service_time, .. } => per_class(service_time)?,
            Step::Pause { time, kind, .. } => {
                check_times(place, std::iter::once(time))?;
                if usize::from(*kind) >= spec.pause_kinds.len() {
                    return rule("a pause is of a kind that is not listed");
                }
            }
            Step::Chance { share, then, otherwise, .. } => {
                check_shares(place, [*share, 1.0 - share].into_iter())?;
                check_steps(spec, place, then)?;
                check_steps(spec, place, otherwise)?;
            }
            Step::Choose { branches, .. } => {
                check_shares(place, branches.iter().map(|branch| branch.0))?;
                branches.iter().try_for_each(|branch| check_steps(spec, place, &branch.1))?;
            }
            Step::Repeat { again_share, steps, .. } => {
                check_shares(place, [*again_share, 1.0 - again_share].into_iter())?;
                if !steps.iter().any(takes_time) {
                    return rule("a repeated part of a journey needs a visit or a pause in it");
                }
                check_steps(spec, place, steps)?;
            }
            Step::Follow { from } => check_station(spec, place, *from)?,
        }
    }
    Ok(())
}

/// Whether every way through a step visits a station or pauses.
fn takes_time(step: &Step) -> bool {
    match step {
        Step::Visit { .. } | Step::Again { .. } | Step::Pause { .. } => true,
        Step::Follow { .. } => true,
        Step::Chance { then, otherwise, .. } => {
            then.iter().any(takes_time) && otherwise.iter().any(takes_time)
        }
        Step::Choose { branches, .. } => branches.iter().all(|branch| branch.1.iter().any(takes_time)),
        Step::Repeat { steps, .. } => steps.iter().any(takes_time),
    }
}

fn check_places(spec: &NetworkSpec, place: &str, places: &Places) -> Result<(), NetworkError> {
    let rule = |reason| Err(NetworkError::Rule { place: format!("{place}, `{}`", places.name), reason });
    places.stations.iter().try_for_each(|&station| check_station(spec, place, station))?;
    let count = places.stations.len();
    if count == 0 {
        return rule("no station to visit");
    }
    match &places.choice {
        Choice::Only if count > 1 => rule("several stations, but no rule of choice"),
        Choice::ByShare(shares) if shares.len() != count => rule("one share for each station is needed"),
        Choice::ByShare(shares) => check_shares(&places.name, shares.iter().copied()),
        Choice::ByClass(positions) if positions.len() != spec.classes.len() => {
            rule("one station for each class is needed")
        }
        Choice::ByClass(positions) if positions.iter().any(|&position| position >= count) => {
            rule("a class is sent to a station that is not listed")
        }
        Choice::LeastWork if places.stations.iter().any(|s| !spec.stations[s.index()].plan.tracks_work) => {
            rule("choice by least work needs stations that keep their work")
        }
        _ => Ok(()),
    }
}
