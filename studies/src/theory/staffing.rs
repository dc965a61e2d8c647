//! How many servers hold a wait: exact for M/M/c, approximate when demand changes over the day.

use super::infinite::{RateProfile, SegmentLoad};
use super::multi_server::{Mmc, fewest_stable_servers};
use super::{TheoryError, in_range, not_negative, positive, quantile_of};
use statrs::function::erf::erfc;

/// A condition on the waits at a station.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum WaitCriterion {
    /// The mean wait is at most this.
    MeanWaitTime {
        /// Longest mean wait accepted; above 0.
        at_most: f64,
    },
    /// At most a share of arrivals waits longer than a time. "p90 at most 10 min" is: longer than 10 min, at most 0.1.
    WaitTail {
        /// The time.
        longer_than: f64,
        /// Largest share accepted; above 0.
        at_most_share: f64,
    },
    /// At most a share of arrivals waits at all.
    WaitProbability {
        /// Largest share accepted; above 0.
        at_most_share: f64,
    },
}

impl WaitCriterion {
    fn checked(self) -> Result<Self, TheoryError> {
        let above_zero = "a share above 0 and at most 1";
        match self {
            WaitCriterion::MeanWaitTime { at_most } => {
                positive("mean wait accepted", at_most)?;
            }
            WaitCriterion::WaitTail { longer_than, at_most_share } => {
                not_negative("wait time of the criterion", longer_than)?;
                let holds = at_most_share > 0.0 && at_most_share <= 1.0;
                in_range("share accepted", at_most_share, holds, above_zero)?;
            }
            WaitCriterion::WaitProbability { at_most_share } => {
                let holds = at_most_share > 0.0 && at_most_share <= 1.0;
                in_range("share accepted", at_most_share, holds, above_zero)?;
            }
        }
        Ok(self)
    }

    /// Whether the station meets the condition.
    ///
    /// # Errors
    /// A negative time in the condition.
    pub fn holds_for(&self, station: &Mmc) -> Result<bool, TheoryError> {
        Ok(match *self {
            WaitCriterion::MeanWaitTime { at_most } => station.mean_wait_time() <= at_most,
            WaitCriterion::WaitTail { longer_than, at_most_share } => {
                station.wait_tail(longer_than)? <= at_most_share
            }
            WaitCriterion::WaitProbability { at_most_share } => station.wait_probability() <= at_most_share,
        })
    }
}

/// The fewest servers at which M/M/c meets the condition; 0 when nobody arrives. Exact: every measure of the wait
/// falls with each server added.
///
/// # Errors
/// A negative arrival rate, a service rate that is not above zero, or a condition no number of servers can meet.
pub fn smallest_server_count(
    arrival_rate: f64,
    service_rate: f64,
    criterion: WaitCriterion,
) -> Result<u32, TheoryError> {
    let criterion = criterion.checked()?;
    not_negative("arrival rate", arrival_rate)?;
    positive("service rate", service_rate)?;
    if arrival_rate == 0.0 {
        return Ok(0);
    }
    let fewest = fewest_stable_servers(arrival_rate, service_rate)?;
    let holds = |servers: u32| criterion.holds_for(&Mmc::new(arrival_rate, service_rate, servers)?);
    if holds(fewest)? {
        return Ok(fewest);
    }
    let (mut too_few, mut spread) = (fewest, 1);
    while !holds(fewest + spread)? {
        too_few = fewest + spread;
        spread *= 2;
    }
    let mut enough = fewest + spread;
    while enough - too_few > 1 {
        let middle = too_few + (enough - too_few) / 2;
        if holds(middle)? { enough = middle } else { too_few = middle }
    }
    Ok(enough)
}

/// The probability of waiting in a large M/M/c with c = A + β√A servers, approximately: 1/(1 + βΦ(β)/φ(β)) (Halfin and
/// Whitt 1981).
///
/// # Errors
/// A margin that is not above zero.
pub fn halfin_whitt_wait_probability(margin: f64) -> Result<f64, TheoryError> {
    positive("margin", margin)?;
    Ok(halfin_whitt(margin))
}

fn halfin_whitt(margin: f64) -> f64 {
    let below = 0.5 * erfc(-margin / std::f64::consts::SQRT_2);
    let density = (-0.5 * margin * margin).exp() / std::f64::consts::TAU.sqrt();
    density / (density + margin * below)
}

/// Square-root staffing, approximately the fewest servers at which at most a share waits: ⌈A + β√A⌉ with β from
/// [`halfin_whitt_wait_probability`]. Within one server of exact even for small loads.
///
/// # Errors
/// A negative load or a share outside 0..1, both ends excluded.
pub fn square_root_staffing(offered_load: f64, wait_probability: f64) -> Result<u32, TheoryError> {
    not_negative("offered load", offered_load)?;
    in_range("offered load", offered_load, offered_load < 1e9, "less than 1e9 servers' work")?;
    let inside = wait_probability > 0.0 && wait_probability < 1.0;
    in_range("share accepted", wait_probability, inside, "a share above 0 and below 1")?;
    let margin = quantile_of(halfin_whitt, 1.0 - wait_probability, 1.0);
    Ok((offered_load + margin * offered_load.sqrt()).ceil() as u32)
}

/// Servers for each stretch of a profile as if each were in steady state (pointwise stationary approximation; Green
/// and Kolesar 1991). Good when services are short against the stretches; after a peak it staffs too little, before
/// one too much.
///
/// # Errors
/// As [`smallest_server_count`].
pub fn pointwise_stationary(
    profile: &RateProfile,
    service_rate: f64,
    criterion: WaitCriterion,
) -> Result<Vec<u32>, TheoryError> {
    profile
        .segments()
        .iter()
        .map(|segment| smallest_server_count(segment.arrival_rate, service_rate, criterion))
        .collect()
}

/// How the day of a profile begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayStart {
    /// With nobody present.
    Empty,
    /// As the profile ended: it repeats for ever.
    Repeating,
}

/// Servers for each stretch of a profile from the load of M_t/M/∞ instead of the arrival rate of the moment
/// (modified offered load approximation; Jennings, Mandelbaum, Massey and Whitt 1996), at the largest load of the
/// stretch. It lags the arrivals as the real load does, and keeps its quality for long services.
///
/// # Errors
/// As [`smallest_server_count`].
pub fn modified_offered_load(
    profile: &RateProfile,
    service_rate: f64,
    criterion: WaitCriterion,
    start: DayStart,
) -> Result<Vec<u32>, TheoryError> {
    let loads: Vec<SegmentLoad> = match start {
        DayStart::Empty => profile.loads_from(0.0, service_rate)?,
        DayStart::Repeating => profile.cyclic_loads(service_rate)?,
    };
    loads
        .iter()
        .map(|load| smallest_server_count(load.largest() * service_rate, service_rate, criterion))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::close::{assert_close, assert_printed};
    use super::super::transient::{SegmentOutcome, StaffedSegment, TransientStation};
    use super::*;

    #[test]
    fn the_smallest_count_is_enough_and_one_fewer_is_not() {
        let criteria = [
            WaitCriterion::MeanWaitTime { at_most: 0.05 },
            WaitCriterion::WaitTail { longer_than: 0.5, at_most_share: 0.1 },
            WaitCriterion::WaitProbability { at_most_share: 0.2 },
        ];
        for criterion in criteria {
            for load in [0.05, 0.9, 3.0, 17.4, 250.0, 2_400.0] {
                let servers = smallest_server_count(load, 1.0, criterion).unwrap();
                assert!(criterion.holds_for(&Mmc::new(load, 1.0, servers).unwrap()).unwrap());
                if f64::from(servers - 1) > load {
                    let fewer = Mmc::new(load, 1.0, servers - 1).unwrap();
                    assert!(!criterion.holds_for(&fewer).unwrap(), "{criterion:?} at {load}: {servers}");
                }
            }
        }
        // Case of the kiosks: 120 per hour, 2 minutes, at most 1 % waits over 5 minutes.
        let criterion = WaitCriterion::WaitTail { longer_than: 5.0, at_most_share: 0.01 };
        assert_eq!(smallest_server_count(2.0, 0.5, criterion), Ok(6));
        assert_eq!(smallest_server_count(0.0, 0.5, criterion), Ok(0));
    }

    #[test]
    fn square_root_staffing_is_within_a_server_of_exact() {
        // Halfin and Whitt's example of half the arrivals waiting: β = 0.506.
        assert_printed(quantile_of(halfin_whitt, 0.5, 1.0), "0.506");
        for share in [0.05, 0.2, 0.5, 0.8] {
            for load in [2.0, 8.0, 40.0, 300.0] {
                let criterion = WaitCriterion::WaitProbability { at_most_share: share };
                let exact = smallest_server_count(load, 1.0, criterion).unwrap();
                assert!(square_root_staffing(load, share).unwrap().abs_diff(exact) <= 1, "{share} {load}");
            }
        }
        let large = Mmc::new(10_000.0, 1.0, 10_100).unwrap().wait_probability();
        // The error is of the order of 1/√A.
        assert_close(halfin_whitt_wait_probability(1.0).unwrap(), large, 1e-2);
    }

    /// The day with this staffing, exactly.
    fn lived(profile: &RateProfile, servers: &[u32], service_rate: f64) -> Vec<SegmentOutcome> {
        let day = profile.segments().iter().zip(servers).map(|(segment, &server_count)| StaffedSegment {
            span_time: segment.span_time,
            arrival_rate: segment.arrival_rate,
            server_count,
        });
        TransientStation::new(service_rate, 0.0, day.collect()).unwrap().from_empty().unwrap()
    }

    #[test]
    fn modified_offered_load_holds_its_share_after_a_peak_and_pointwise_does_not() {
        // Half-hour stretches, services of an hour: the load lags far behind the arrivals.
        let rates: Vec<f64> = (0..24).map(|i| 60.0 - 50.0 * (f64::from(i) * 0.4).cos()).collect();
        let profile = RateProfile::equal_spans(0.5, &rates).unwrap();
        let criterion = WaitCriterion::WaitProbability { at_most_share: 0.2 };
        let modified = modified_offered_load(&profile, 1.0, criterion, DayStart::Empty).unwrap();
        let worst = |outcomes: Vec<SegmentOutcome>| {
            outcomes.iter().skip(2).map(|outcome| outcome.wait_probability).fold(0.0, f64::max)
        };
        let held = worst(lived(&profile, &modified, 1.0));
        assert!(held < 0.26, "modified offered load: {held}");
        let pointwise = pointwise_stationary(&profile, 1.0, criterion).unwrap();
        let broken = worst(lived(&profile, &pointwise, 1.0));
        assert!(broken > 0.6, "pointwise: {broken}");
    }

    #[test]
    fn a_flat_profile_that_repeats_needs_what_a_steady_station_needs() {
        let profile = RateProfile::equal_spans(1.0, &[30.0; 6]).unwrap();
        let criterion = WaitCriterion::MeanWaitTime { at_most: 0.01 };
        let steady = smallest_server_count(30.0, 4.0, criterion).unwrap();
        let repeating = modified_offered_load(&profile, 4.0, criterion, DayStart::Repeating).unwrap();
        assert_eq!(repeating, [steady; 6]);
        assert_eq!(pointwise_stationary(&profile, 4.0, criterion).unwrap(), [steady; 6]);
    }

    #[test]
    fn conditions_nobody_can_meet_are_refused() {
        let never = WaitCriterion::WaitProbability { at_most_share: 0.0 };
        assert!(smallest_server_count(1.0, 1.0, never).is_err());
        assert!(smallest_server_count(1.0, 1.0, WaitCriterion::MeanWaitTime { at_most: 0.0 }).is_err());
        assert!(square_root_staffing(5.0, 1.0).is_err());
    }
}
