//! Approximations for stations without an exact formula. Nothing here may be called exact in a report.

use super::erlang::erlang_c;
use super::multi_server::Mmc;
use super::{TheoryError, not_negative, positive, stable};

/// Mean wait in G/G/1, approximately: Wq ≈ ρ/(1 − ρ)·(ca² + cs²)/2·E\[S\].
///
/// Kingman's heavy-traffic formula (1961), exact for M/G/1 and as ρ approaches 1; at low load with ca² below 1 it is
/// too high.
///
/// # Errors
/// A rate or mean that is not above zero, a negative squared coefficient of variation, or as much work as the server
/// can do.
pub fn kingman_mean_wait_time(
    arrival_rate: f64,
    mean_service_time: f64,
    arrival_squared_cv: f64,
    service_squared_cv: f64,
) -> Result<f64, TheoryError> {
    allen_cunneen_mean_wait_time(arrival_rate, mean_service_time, 1, arrival_squared_cv, service_squared_cv)
}

/// Mean wait in G/G/c, approximately: that of M/M/c times (ca² + cs²)/2.
///
/// Allen and Cunneen (Allen, *Probability, Statistics and Queueing Theory*, 1990), exact for M/M/c and M/G/1. Errors
/// of several per cent are usual for c > 1, more when cs² is far from 1 at low load.
///
/// # Errors
/// A rate or mean that is not above zero, no server, a negative squared coefficient of variation, or as much work as
/// servers.
pub fn allen_cunneen_mean_wait_time(
    arrival_rate: f64,
    mean_service_time: f64,
    server_count: u32,
    arrival_squared_cv: f64,
    service_squared_cv: f64,
) -> Result<f64, TheoryError> {
    positive("mean service time", mean_service_time)?;
    not_negative("squared coefficient of variation of arrivals", arrival_squared_cv)?;
    not_negative("squared coefficient of variation of services", service_squared_cv)?;
    let exponential = Mmc::new(arrival_rate, mean_service_time.recip(), server_count)?;
    Ok(exponential.mean_wait_time() * 0.5 * (arrival_squared_cv + service_squared_cv))
}

/// The share that waits longer than `time` in G/G/c, approximately: C·exp(−C·time/Wq) with Wq of
/// [`allen_cunneen_mean_wait_time`], as if those who wait did so for an exponential time.
///
/// Exact for M/M/c. The tail of M/G/c is exponential only for large `time`, with another factor.
///
/// # Errors
/// As [`allen_cunneen_mean_wait_time`], and a negative time.
pub fn allen_cunneen_wait_tail(
    arrival_rate: f64,
    mean_service_time: f64,
    server_count: u32,
    arrival_squared_cv: f64,
    service_squared_cv: f64,
    time: f64,
) -> Result<f64, TheoryError> {
    not_negative("time", time)?;
    let mean_wait_time = allen_cunneen_mean_wait_time(
        arrival_rate,
        mean_service_time,
        server_count,
        arrival_squared_cv,
        service_squared_cv,
    )?;
    let load = arrival_rate * mean_service_time;
    stable(load, server_count)?;
    let wait_probability = erlang_c(load, server_count)?;
    if mean_wait_time == 0.0 {
        return Ok(0.0);
    }
    Ok(wait_probability * (-wait_probability * time / mean_wait_time).exp())
}

#[cfg(test)]
mod tests {
    use super::super::close::assert_close;
    use super::super::law::Law;
    use super::super::single_server::{Gm1, Mg1};
    use super::*;

    #[test]
    fn both_are_exact_where_they_claim_to_be() {
        let service = Law::Lognormal { mean: 1.5, cv: 0.7 };
        let exact = Mg1::new(0.5, service).unwrap().mean_wait_time();
        assert_close(kingman_mean_wait_time(0.5, 1.5, 1.0, 0.49).unwrap(), exact, 1e-13);
        let station = Mmc::new(7.0, 1.0, 9).unwrap();
        let mean = allen_cunneen_mean_wait_time(7.0, 1.0, 9, 1.0, 1.0).unwrap();
        assert_close(mean, station.mean_wait_time(), 1e-13);
        let tail = allen_cunneen_wait_tail(7.0, 1.0, 9, 1.0, 1.0, 0.8).unwrap();
        assert_close(tail, station.wait_tail(0.8).unwrap(), 1e-13);
    }

    #[test]
    fn kingman_meets_planned_arrivals_in_heavy_traffic() {
        let exact = Gm1::new(Law::Constant { mean: 1.0 }, 1.0 / 0.999).unwrap().mean_wait_time();
        assert_close(kingman_mean_wait_time(1.0, 0.999, 0.0, 1.0).unwrap(), exact, 2e-3);
    }

    #[test]
    fn nothing_varies_and_nobody_waits() {
        assert_eq!(allen_cunneen_wait_tail(3.0, 0.2, 1, 0.0, 0.0, 1.0), Ok(0.0));
        assert!(allen_cunneen_mean_wait_time(3.0, 1.0, 3, 1.0, 1.0).is_err());
        assert!(kingman_mean_wait_time(0.5, 1.0, -1.0, 1.0).is_err());
    }
}
