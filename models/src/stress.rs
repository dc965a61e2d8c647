//! The same system under stress: with more demand, with places that cannot serve for a while, with departments that more
//! people come to. Everybody who comes anyway stays who they are.

use crate::hospital::spec::{StationOutage, Surge, title_of_way_to_pay};
use crate::hospital::{Hospital, HospitalError};
use crate::network::{Network, NetworkError};
use crate::system::System;
use crate::text::Text;
use onetrip_sim::arrival::ArrivalError;
use onetrip_sim::station::{Duty, Outage, StationPlan, WaitingAtOutage};
use onetrip_sim::time::{SimSpan, SimTime};

/// Why a system cannot be put under this stress.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StressError {
    /// A factor that is not a number above 0.
    #[error("demand cannot be multiplied by {factor}; accepted: a number above 0")]
    Factor {
        /// The factor.
        factor: f64,
    },
    /// Customers come at listed instants.
    #[error("the customers of `{source_name}` cannot be multiplied: {error}")]
    Source {
        /// The source.
        source_name: String,
        /// Why.
        error: ArrivalError,
    },
    /// There is nothing of this name.
    #[error("nothing here is called `{place}`")]
    UnknownPlace {
        /// What was named.
        place: String,
    },
    /// A network has no departments.
    #[error("a plain network has no departments")]
    NoDepartments,
    /// The hospital refuses.
    #[error(transparent)]
    Hospital(#[from] HospitalError),
    /// The network refuses.
    #[error(transparent)]
    Network(#[from] NetworkError),
}

impl System {
    /// The same system with its demand multiplied.
    ///
    /// # Errors
    /// A factor that makes no sense, or customers who come at listed instants.
    pub fn with_demand(&self, factor: f64) -> Result<System, StressError> {
        if !(factor.is_finite() && factor > 0.0) {
            return Err(StressError::Factor { factor });
        }
        match self {
            System::Hospital(hospital) => {
                let mut spec = hospital.spec().clone();
                spec.demand.visits_per_day *= factor;
                Ok(System::Hospital(Hospital::new(spec)?))
            }
            System::Network(network) => {
                let mut spec = network.spec().clone();
                for source in &mut spec.sources {
                    let scaled = source.arrivals.scaled(factor);
                    source.arrivals = scaled
                        .map_err(|error| StressError::Source { source_name: source.name.clone(), error })?;
                }
                Ok(System::Network(Network::new(spec)?))
            }
        }
    }

    /// The same system with these outages on top of those it has. In a network, a group stands for its stations.
    ///
    /// # Errors
    /// A place that does not exist, or whatever the system has against them.
    pub fn with_outages(&self, outages: &[StationOutage]) -> Result<System, StressError> {
        match self {
            System::Hospital(hospital) => {
                let mut spec = hospital.spec().clone();
                spec.outages.extend_from_slice(outages);
                Ok(System::Hospital(Hospital::new(spec)?))
            }
            System::Network(network) => {
                let mut spec = network.spec().clone();
                for outage in outages {
                    let places = self.stations_of(&outage.place);
                    if places.is_empty() {
                        return Err(StressError::UnknownPlace { place: outage.place.clone() });
                    }
                    for place in places {
                        spec.stations[place].plan.outages.push(Outage {
                            from: outage.from,
                            to: outage.to,
                            server_count: outage.server_count.unwrap_or(Outage::ALL),
                            work_in_hand: outage.work_in_hand,
                            waiting: WaitingAtOutage::Hold,
                        });
                    }
                }
                Ok(System::Network(Network::new(spec)?))
            }
        }
    }

    /// The same hospital with more people coming to some departments.
    ///
    /// # Errors
    /// A department that does not exist, or a network.
    pub fn with_surges(&self, surges: &[Surge]) -> Result<System, StressError> {
        let System::Hospital(hospital) = self else { return Err(StressError::NoDepartments) };
        let mut spec = hospital.spec().clone();
        spec.demand.surges.extend_from_slice(surges);
        Ok(System::Hospital(Hospital::new(spec)?))
    }

    /// What can be out, by the names that [`System::with_outages`] knows.
    pub fn places_of_outage(&self) -> Vec<String> {
        match self {
            System::Hospital(hospital) => hospital.spec().places_of_outage(),
            System::Network(network) => {
                let spec = network.spec();
                let stations = spec.stations.iter().filter(|station| can_be_out(&station.plan));
                let groups = spec.groups.iter().map(|group| group.name.clone());
                stations.map(|station| station.plan.name.clone()).chain(groups).collect()
            }
        }
    }

    /// What people call a place that can be out.
    pub fn title_of_place(&self, place: &str) -> Text {
        let of_way_to_pay = match self {
            System::Hospital(_) => title_of_way_to_pay(place),
            System::Network(_) => None,
        };
        of_way_to_pay.unwrap_or_else(|| {
            let label = self.stations().iter().find(|label| label.id == place);
            label.map_or_else(|| Text::same(place), |label| label.title.clone())
        })
    }

    /// The stations that a place stands for: itself, or the members of a group; none for ways to pay without one.
    pub fn stations_of(&self, place: &str) -> Vec<usize> {
        let group = match self {
            System::Network(network) => network.spec().groups.iter().find(|group| group.name == place),
            System::Hospital(_) => None,
        };
        match group {
            Some(group) => group.stations.iter().map(|station| station.index()).collect(),
            None => self.stations().iter().position(|station| station.id == place).into_iter().collect(),
        }
    }

    /// When a station has servers on duty: stretches of time since the start of the run. A station that is always on
    /// duty has one without an end; a plan that repeats is given for its first day.
    pub fn hours_of(&self, station: usize) -> Vec<(SimTime, SimTime)> {
        match &self.station_plans()[station].duty {
            Duty::Always(_) | Duty::Unlimited => vec![(SimTime::ZERO, SimTime::NEVER)],
            Duty::Shifts { changes, .. } => hours_of(changes),
        }
    }
}

fn can_be_out(plan: &StationPlan) -> bool {
    plan.duty != Duty::Unlimited && plan.discipline != onetrip_sim::station::Discipline::ProcessorSharing
}

/// Stretches with somebody on duty.
fn hours_of(changes: &[(SimSpan, u32)]) -> Vec<(SimTime, SimTime)> {
    let mut hours: Vec<(SimTime, SimTime)> = Vec::new();
    for (index, &(from, count)) in changes.iter().enumerate() {
        let from = SimTime::ZERO + from;
        let to = changes.get(index + 1).map_or(SimTime::NEVER, |&(to, _)| SimTime::ZERO + to);
        if count == 0 {
            continue;
        }
        match hours.last_mut() {
            Some(last) if last.1 == from => last.1 = to,
            _ => hours.push((from, to)),
        }
    }
    hours
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_run_together_where_somebody_stays() {
        let at = SimSpan::from_whole_minutes;
        let changes = [(at(480), 2), (at(600), 5), (at(720), 0), (at(780), 1), (at(1020), 0)];
        let time = |minutes: u64| SimTime::ZERO + at(minutes);
        assert_eq!(hours_of(&changes), [(time(480), time(720)), (time(780), time(1020))]);
        assert_eq!(hours_of(&[(at(60), 1)]), [(time(60), SimTime::NEVER)]);
    }
}
