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
    }

    /// The stationary law of the chain with these moves (from, to, rate), by Gauss–Seidel.
    fn balance(state_count: usize, moves: &[(usize, usize, f64)]) -> Vec<f64> {
        let mut inward = vec![Vec::new(); state_count];
        let mut out_rates = vec![0.0; state_count];
        for &(from, to, rate) in moves {
            inward[to].push((from, rate));
            out_rates[from] += rate;
        }
        let mut law = vec![1.0; state_count];
        for _ in 0..1_500 {
            for state in 0..state_count {
                let inflow: f64 = inward[state].iter().map(|&(from, rate)| rate * law[from]).sum();
                law[state] = inflow / out_rates[state];
            }
            let total: f64 = law.iter().sum();
            law.iter_mut().for_each(|probability| *probability /= total);
        }
        law
    }

    /// Most of either rank that the chains below hold; more are practically never there.
    const MOST: [usize; 2] = [30, 90];

    /// The index of a pair of numbers, both within [`MOST`].
    fn pair(first: usize, second: usize) -> usize {
        first * (MOST[1] + 1) + second
    }

    /// The moves by arrival between pairs of numbers.
    fn arrivals(rates: [f64; 2]) -> Vec<(usize, usize, f64)> {
        let mut moves = Vec::new();
        for first in 0..=MOST[0] {
            for second in 0..=MOST[1] {
                if first < MOST[0] {
                    moves.push((pair(first, second), pair(first + 1, second), rates[0]));
                }
                if second < MOST[1] {
                    moves.push((pair(first, second), pair(first, second + 1), rates[1]));
                }
            }
        }
        moves
    }

    /// The mean of either number of the pair.
    fn means(law: &[f64]) -> [f64; 2] {
        let mut means = [0.0; 2];
        for first in 0..=MOST[0] {
            for second in 0..=MOST[1] {
                means[0] += first as f64 * law[pair(first, second)];
                means[1] += second as f64 * law[pair(first, second)];
            }
        }
        means
    }

    #[test]
    fn preemption_at_two_servers_agrees_with_the_balance_equations() {
        // States: how many of either rank are present.
        let rates = [0.6, 0.8];
        let mut moves = arrivals(rates);
        for first in 0..=MOST[0] {
            for second in 0..=MOST[1] {
                let busy = first.min(2);
                if busy > 0 {
                    moves.push((pair(first, second), pair(first - 1, second), busy as f64));
                }
                let left_over = second.min(2 - busy);
                if left_over > 0 {
                    moves.push((pair(first, second), pair(first, second - 1), left_over as f64));
                }
            }
        }
        let law = balance(pair(MOST[0], MOST[1]) + 1, &moves);
        let outcomes = preemptive_multi_server(&rates, 1.0, 2).unwrap();
        for (outcome, occupancy) in outcomes.iter().zip(means(&law)) {
            assert_close(outcome.mean_occupancy, occupancy, 1e-8);
        }
    }

    #[test]
    fn taking_turns_at_two_servers_agrees_with_the_balance_equations() {
        // States: how many of either rank wait while both servers are busy; then nobody present, one present.
        let rates = [0.6, 0.8];
        let (empty, one_busy) = (pair(MOST[0], MOST[1]) + 1, pair(MOST[0], MOST[1]) + 2);
        let mut moves = arrivals(rates);
        for first in 0..=MOST[0] {
            for second in 0..=MOST[1] {
                let next = match (first, second) {
                    (0, 0) => one_busy,
                    (0, _) => pair(0, second - 1),
                    _ => pair(first - 1, second),
                };
                moves.push((pair(first, second), next, 2.0));
            }
        }
        let arrival_rate = rates[0] + rates[1];
        moves.extend([(empty, one_busy, arrival_rate), (one_busy, empty, 1.0)]);
        moves.push((one_busy, pair(0, 0), arrival_rate));
        let mut law = balance(one_busy + 1, &moves);
        law.truncate(empty);
        let outcomes = non_preemptive_multi_server(&rates, 1.0, 2).unwrap();
        for (outcome, queue_length) in outcomes.iter().zip(means(&law)) {
            assert_close(outcome.mean_queue_length, queue_length, 1e-8);
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
