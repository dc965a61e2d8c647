//! Priority classes at one station: Cobham's formulas and preemptive-resume.
//!
//! Classes come in the order of their rank, the first before all others; within a class, first come first served.

use super::erlang::erlang_c;
use super::law::Law;
use super::multi_server::Mmc;
use super::{TheoryError, at_least_one, positive, stable};

/// One class of customers at a single server.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PriorityClass {
    /// Arrivals per unit of time.
    pub arrival_rate: f64,
    /// The law of their service.
    pub service: Law,
}

/// What one class experiences in the mean.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClassOutcome {
    /// Wait of this class: until service starts, and under preemption also while set aside.
    pub mean_wait_time: f64,
    /// From arrival to departure.
    pub mean_sojourn_time: f64,
    /// Customers of this class waiting, in the mean.
    pub mean_queue_length: f64,
    /// Customers of this class present, in the mean.
    pub mean_occupancy: f64,
}

impl ClassOutcome {
    fn from_wait(arrival_rate: f64, wait_time: f64, service_time: f64) -> Self {
        let sojourn_time = wait_time + service_time;
        ClassOutcome {
            mean_wait_time: wait_time,
            mean_sojourn_time: sojourn_time,
            mean_queue_length: arrival_rate * wait_time,
            mean_occupancy: arrival_rate * sojourn_time,
        }
    }
}

/// M/G/1 without preemption: Wq(k) = Σλᵢ·E\[Sᵢ²\]/2 ÷ ((1 − s(k−1))(1 − s(k))), s(k) the load of ranks up to k
/// (Cobham 1954).
///
/// # Errors
/// No class, a rate or law without meaning, or as much work as the server can do.
pub fn non_preemptive(classes: &[PriorityClass]) -> Result<Vec<ClassOutcome>, TheoryError> {
    check(classes)?;
    let residual: f64 =
        classes.iter().map(|class| 0.5 * class.arrival_rate * class.service.second_moment()).sum();
    let mut above = 0.0;
    Ok(classes
        .iter()
        .map(|class| {
            let through = above + class.arrival_rate * class.service.mean();
            let wait = residual / ((1.0 - above) * (1.0 - through));
            above = through;
            ClassOutcome::from_wait(class.arrival_rate, wait, class.service.mean())
        })
        .collect())
}

/// M/G/1 with preemption, work resumed where it stopped:
/// W(k) = E\[S(k)\]/(1 − s(k−1)) + Σ_{i≤k} λᵢ·E\[Sᵢ²\]/2 ÷ ((1 − s(k−1))(1 − s(k))) (Conway, Maxwell and Miller 1967;
/// Jaiswal 1968).
///
/// # Errors
/// No class, a rate or law without meaning, or as much work as the server can do.
pub fn preemptive_resume(classes: &[PriorityClass]) -> Result<Vec<ClassOutcome>, TheoryError> {
    check(classes)?;
    let (mut above, mut residual) = (0.0, 0.0);
    Ok(classes
        .iter()
        .map(|class| {
            let service_time = class.service.mean();
            let through = above + class.arrival_rate * service_time;
            residual += 0.5 * class.arrival_rate * class.service.second_moment();
            let sojourn = service_time / (1.0 - above) + residual / ((1.0 - above) * (1.0 - through));
            above = through;
            ClassOutcome::from_wait(class.arrival_rate, sojourn - service_time, service_time)
        })
        .collect())
}

fn check(classes: &[PriorityClass]) -> Result<(), TheoryError> {
    check_count(classes.len())?;
    let mut load = 0.0;
    for class in classes {
        positive("arrival rate", class.arrival_rate)?;
        load += class.arrival_rate * class.service.checked()?.mean();
    }
    stable(load, 1)
}

fn check_count(found: usize) -> Result<(), TheoryError> {
    if found > 0 {
        Ok(())
    } else {
        Err(TheoryError::WrongLength { name: "classes", found, accepted: "at least 1".to_owned() })
    }
}

/// M/M/c without preemption, all classes served at the same rate:
/// Wq(k) = C/(cμ) ÷ ((1 − s(k−1))(1 − s(k))), s(k) the load per server of ranks up to k (Cobham 1954; Hillier and
/// Lieberman, ch. "Queueing Theory").
///
/// # Errors
/// No class, no server, a rate that is not above zero, or as much work as the servers can do.
pub fn non_preemptive_multi_server(
    arrival_rates: &[f64],
    service_rate: f64,
    server_count: u32,
) -> Result<Vec<ClassOutcome>, TheoryError> {
    let capacity = check_rates(arrival_rates, service_rate, server_count)?;
    let wait_probability = erlang_c(arrival_rates.iter().sum::<f64>() / service_rate, server_count)?;
    let mut above = 0.0;
    Ok(arrival_rates
        .iter()
        .map(|&rate| {
            let through = above + rate / capacity;
            let wait = wait_probability / capacity / ((1.0 - above) * (1.0 - through));
            above = through;
            ClassOutcome::from_wait(rate, wait, service_rate.recip())
        })
        .collect())
}

/// M/M/c with preemption, all classes served at the same rate. Ranks up to k together are an M/M/c of their own,
/// untouched by those below; class k is the difference of two such stations (exact, exponential service being
/// without memory).
///
/// # Errors
/// No class, no server, a rate that is not above zero, or as much work as the servers can do.
pub fn preemptive_multi_server(
    arrival_rates: &[f64],
    service_rate: f64,
    server_count: u32,
) -> Result<Vec<ClassOutcome>, TheoryError> {
    check_rates(arrival_rates, service_rate, server_count)?;
    let (mut rate_through, mut waiting_above) = (0.0, 0.0);
    arrival_rates
        .iter()
        .map(|&rate| {
            rate_through += rate;
            let waiting_through = Mmc::new(rate_through, service_rate, server_count)?.mean_queue_length();
            let wait = (waiting_through - waiting_above) / rate;
            waiting_above = waiting_through;
            Ok(ClassOutcome::from_wait(rate, wait, service_rate.recip()))
        })
        .collect()
}

/// The work that all servers together can do per unit of time, once the parameters mean something.
fn check_rates(arrival_rates: &[f64], service_rate: f64, server_count: u32) -> Result<f64, TheoryError> {
    check_count(arrival_rates.len())?;
    for &rate in arrival_rates {
        positive("arrival rate", rate)?;
    }
    positive("service rate", service_rate)?;
    at_least_one("server count", server_count)?;
    stable(arrival_rates.iter().sum::<f64>() / service_rate, server_count)?;
    Ok(f64::from(server_count) * service_rate)
}

#[cfg(test)]
mod tests {
    use super::super::close::{assert_close, assert_printed};
    use super::super::single_server::Mg1;
    use super::*;

    fn exponential(rates: &[f64], service_rate: f64) -> Vec<PriorityClass> {
        let service = Law::Exponential { mean: service_rate.recip() };
        rates.iter().map(|&arrival_rate| PriorityClass { arrival_rate, service }).collect()
    }

    #[test]
    fn two_classes_have_the_published_sojourns() {
        let classes = exponential(&[0.2, 0.6], 1.0);
        let waiting_their_turn = non_preemptive(&classes).unwrap();
        assert_printed(waiting_their_turn[0].mean_sojourn_time, "2.00000000000");
        assert_printed(waiting_their_turn[1].mean_sojourn_time, "6.00000000000");
        let preempting = preemptive_resume(&classes).unwrap();
        assert_printed(preempting[0].mean_sojourn_time, "1.25000000000");
        assert_printed(preempting[1].mean_sojourn_time, "6.25000000000");
    }

    #[test]
    fn the_county_hospital_has_the_published_waits() {
        let rates = [0.2, 0.6, 1.2];
        let one = non_preemptive(&exponential(&rates, 3.0)).unwrap();
        for (outcome, printed) in one.iter().zip([".2380952", ".3246753", ".9090909"]) {
            assert_printed(outcome.mean_wait_time, printed);
        }
        // Hillier and Lieberman print these to three digits: two doctors without preemption, and preemption.
        let two = non_preemptive_multi_server(&rates, 3.0, 2).unwrap();
        for (outcome, printed) in two.iter().zip(["0.029", "0.033", "0.048"]) {
            assert_printed(outcome.mean_wait_time, printed);
        }
        let preempted = preemptive_resume(&exponential(&rates, 3.0)).unwrap();
        for (outcome, printed) in preempted.iter().zip(["0.024", "0.154", "1.03"]) {
            assert_printed(outcome.mean_wait_time, printed);
        }
    }

    /// Mean numbers of two ranks in M/M/2 under preemption, by Gauss–Seidel on the chain of both numbers, each cut at
    /// a number that is practically never reached.
    fn two_ranks_at_two_servers(rates: [f64; 2], service_rate: f64) -> [f64; 2] {
        const MOST: [usize; 2] = [30, 90];
        let falls = |first: usize, second: usize| {
            let served = first.min(2);
            (served as f64 * service_rate, second.min(2 - served) as f64 * service_rate)
        };
        let mut law = vec![[1.0; MOST[1] + 1]; MOST[0] + 1];
        for _ in 0..1_500 {
            let mut total = 0.0;
            for first in 0..=MOST[0] {
                for second in 0..=MOST[1] {
                    let (fall_first, fall_second) = falls(first, second);
                    let mut out = fall_first + fall_second;
                    let mut inflow = 0.0;
                    if first < MOST[0] {
                        out += rates[0];
                        inflow += law[first + 1][second] * falls(first + 1, second).0;
                    }
                    if second < MOST[1] {
                        out += rates[1];
                        inflow += law[first][second + 1] * falls(first, second + 1).1;
                    }
                    if first > 0 {
                        inflow += law[first - 1][second] * rates[0];
                    }
                    if second > 0 {
                        inflow += law[first][second - 1] * rates[1];
                    }
                    law[first][second] = inflow / out;
                    total += law[first][second];
                }
            }
            law.iter_mut().flatten().for_each(|probability| *probability /= total);
        }
        let mut means = [0.0; 2];
        for (first, row) in law.iter().enumerate() {
            for (second, probability) in row.iter().enumerate() {
                means[0] += first as f64 * probability;
                means[1] += second as f64 * probability;
            }
        }
        means
    }

    #[test]
    fn preemption_at_two_servers_agrees_with_the_balance_equations() {
        let rates = [0.6, 0.8];
        let outcomes = preemptive_multi_server(&rates, 1.0, 2).unwrap();
        for (outcome, occupancy) in outcomes.iter().zip(two_ranks_at_two_servers(rates, 1.0)) {
            assert_close(outcome.mean_occupancy, occupancy, 1e-8);
        }
    }

    #[test]
    fn one_server_is_the_multi_server_case_of_one() {
        let rates = [0.2, 0.3, 0.4];
        let classes = exponential(&rates, 1.0);
        let pairs = [
            (non_preemptive(&classes).unwrap(), non_preemptive_multi_server(&rates, 1.0, 1).unwrap()),
            (preemptive_resume(&classes).unwrap(), preemptive_multi_server(&rates, 1.0, 1).unwrap()),
        ];
        for (single, multi) in pairs {
            for (left, right) in single.iter().zip(&multi) {
                assert_close(left.mean_sojourn_time, right.mean_sojourn_time, 1e-12);
            }
        }
    }

    #[test]
    fn ranks_share_the_waiting_without_changing_it() {
        // Conservation (Kleinrock 1965): Σ ρₖ·Wq(k) does not depend on the order.
        let service = Law::Lognormal { mean: 1.0, cv: 1.4 };
        let classes = [0.1, 0.3, 0.45].map(|arrival_rate| PriorityClass { arrival_rate, service });
        let waiting: f64 =
            non_preemptive(&classes).unwrap().iter().map(|class| class.mean_queue_length).sum();
        assert_close(waiting, Mg1::new(0.85, service).unwrap().mean_queue_length(), 1e-13);
    }

    #[test]
    fn classes_that_cannot_be_served_are_refused() {
        assert!(non_preemptive(&[]).is_err());
        assert!(matches!(
            preemptive_resume(&exponential(&[0.5, 0.5], 1.0)),
            Err(TheoryError::Unstable { .. })
        ));
        assert!(non_preemptive_multi_server(&[1.0, -1.0], 1.0, 2).is_err());
        assert!(preemptive_multi_server(&[1.0, 1.0], 1.0, 2).is_err());
    }
}
