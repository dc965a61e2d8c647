//! Rate profiles as plain arithmetic.

use super::minutes;
use crate::arrival::{ArrivalError, RateProfile};
use crate::time::{SimSpan, SimTime};

fn close(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-9 * expected.abs().max(1.0), "{found} instead of {expected}");
}

#[test]
fn nobody_comes_before_the_first_segment_and_the_last_goes_on() {
    let profile = RateProfile::once(&[(minutes(60.0), 30.0), (minutes(120.0), 90.0)]).unwrap();
    close(profile.rate_at(minutes(59.0)), 0.0);
    close(profile.rate_at(minutes(60.0)), 30.0);
    close(profile.rate_at(minutes(1e6)), 90.0);
    close(profile.expected_count(SimTime::ZERO, minutes(150.0)), 75.0);
    close(profile.expected_count(minutes(90.0), minutes(120.0)), 15.0);
    close(profile.expected_count(minutes(120.0), minutes(90.0)), 0.0);
    assert_eq!(profile.expected_count(minutes(90.0), SimTime::NEVER), f64::INFINITY);
    let closing = RateProfile::once(&[(minutes(60.0), 30.0), (minutes(120.0), 0.0)]).unwrap();
    close(closing.expected_count(SimTime::ZERO, SimTime::NEVER), 30.0);
}

#[test]
fn hours_of_the_day_repeat() {
    let mut per_hour = [0.0; 24];
    (per_hour[8], per_hour[14]) = (120.0, 60.0);
    let profile = RateProfile::by_hour_of_day(&per_hour).unwrap();
    close(profile.expected_count(SimTime::ZERO, SimTime::ZERO + SimSpan::DAY), 180.0);
    let third_day = SimTime::from_micros(2 * SimSpan::DAY.as_micros());
    close(profile.rate_at(third_day + SimSpan::from_whole_minutes(8 * 60 + 59)), 120.0);
    close(profile.expected_count(SimTime::ZERO, third_day + SimSpan::from_whole_minutes(8 * 60 + 30)), 420.0);
    assert_eq!(profile.expected_count(SimTime::ZERO, SimTime::NEVER), f64::INFINITY);
}

#[test]
fn a_window_replaces_the_rate_within_it_only() {
    let profile =
        RateProfile::once(&[(SimTime::ZERO, 60.0), (minutes(60.0), 6.0), (minutes(90.0), 12.0)]).unwrap();
    let peaked = profile.with_window(minutes(59.0), minutes(61.0), 600.0).unwrap();
    for (at, rate) in [(58.9, 60.0), (59.0, 600.0), (60.0, 600.0), (60.9, 600.0), (61.0, 6.0), (90.0, 12.0)] {
        close(peaked.rate_at(minutes(at)), rate);
    }
    close(peaked.expected_count(SimTime::ZERO, minutes(120.0)), 59.0 + 20.0 + 2.9 + 6.0);
    let to_midnight = RateProfile::by_hour_of_day(&[60.0; 24]).unwrap();
    let quiet = to_midnight.with_window(minutes(22.0 * 60.0), minutes(24.0 * 60.0), 0.0).unwrap();
    close(quiet.expected_count(SimTime::ZERO, SimTime::ZERO + SimSpan::DAY), 22.0 * 60.0);
}

#[test]
fn scaling_multiplies_every_rate() {
    let profile = RateProfile::by_hour_of_day(&[60.0; 24]).unwrap();
    close(profile.scaled(1.5).unwrap().rate_at(minutes(5.0)), 90.0);
    assert_eq!(profile.scaled(1.0).unwrap(), profile);
}

#[test]
fn impossible_profiles_are_refused() {
    let at = minutes(60.0);
    assert_eq!(RateProfile::once(&[]), Err(ArrivalError::NoSegment));
    let per_hour = -1.0;
    assert_eq!(
        RateProfile::constant(per_hour),
        Err(ArrivalError::Rate { starts_at: SimTime::ZERO, per_hour })
    );
    assert!(matches!(RateProfile::constant(f64::NAN), Err(ArrivalError::Rate { .. })));
    let unordered = RateProfile::once(&[(at, 1.0), (at, 2.0)]).unwrap_err();
    assert_eq!(
        unordered.to_string(),
        "segment at 01:00:00.000000 follows 01:00:00.000000; accepted is a later one"
    );
    let period = SimSpan::HOUR;
    assert_eq!(RateProfile::repeating(&[(at, 1.0)], period), Err(ArrivalError::BeyondPeriod { at, period }));
    let hourly = RateProfile::repeating(&[(SimTime::ZERO, 1.0)], period).unwrap();
    assert!(matches!(hourly.with_window(at, minutes(61.0), 5.0), Err(ArrivalError::BeyondPeriod { .. })));
    assert!(matches!(hourly.with_window(at, at, 5.0), Err(ArrivalError::Unordered { .. })));
    assert!(matches!(hourly.scaled(-1.0), Err(ArrivalError::Factor { .. })));
    assert!(matches!(hourly.scaled(1e12), Err(ArrivalError::Rate { .. })));
}
