//! Selection among many: screening in rounds, then Rinott for those left (the good selection procedure, GSP).

use super::two_stage::{chi_points, rinott_constant, second_stage_size};
use super::{Guarantee, Observed, Problem, Selection, Systems};
use crate::statistics::error::{StatisticsError, at_least, probability};
use crate::statistics::integration::root_of_increasing;
use crate::statistics::laws::normal_share_below;
use serde::{Deserialize, Serialize};
use statrs::function::gamma::gamma_ur;

/// How the screening goes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Screening {
    /// Rounds at most.
    pub round_count: usize,
    /// Average replications per system and round; systems of larger spread get more.
    pub batch_size: usize,
}

impl Default for Screening {
    /// 10 rounds of 10 replications.
    fn default() -> Self {
        Screening { round_count: 10, batch_size: 10 }
    }
}

/// The screening constant η: the solution of E[2Φ(−η√R)] = 1 − (1 − α)^(1/(k−1)), R the smaller of two independent
/// chi-squared variables with n₁ − 1 degrees of freedom.
///
/// # Errors
/// An error outside 0…1, a first stage below 2, or fewer than 2 systems.
pub fn screening_constant(
    system_count: usize,
    first_stage: usize,
    error_share: f64,
) -> Result<f64, StatisticsError> {
    probability("error of screening", error_share)?;
    at_least("replications in the first stage", first_stage, 2)?;
    at_least("systems", system_count, 2)?;
    let freedom = (first_stage - 1) as f64;
    // The density of the smaller of two is 2·f·(1 − F).
    let smaller: Vec<(f64, f64)> = chi_points(freedom)
        .into_iter()
        .map(|(s, weight)| (s, 2.0 * weight * gamma_ur(0.5 * freedom, 0.5 * s * s)))
        .collect();
    let allowed = -f64::exp_m1((-error_share).ln_1p() / (system_count - 1) as f64);
    let error = |eta: f64| -> f64 {
        smaller.iter().map(|&(s, share)| share * 2.0 * normal_share_below(-eta * s)).sum()
    };
    Ok(root_of_increasing(|eta| allowed - error(eta)))
}

/// The good selection procedure (Ni, Ciocan, Henderson and Hunter, *Operations Research* 65, 2017), for tens to many
/// thousands of systems: with the promised probability the selected system is within δ of the best, however many
/// others are close to it.
///
/// 1. n₁ replications of each give its variance S².
/// 2. Rounds: each survivor gets ⌈`batch_size`·S ÷ average S⌉ more; a system is dropped when it trails another by
///    more than η√((n₁−1)·τ) ÷ τ(r), with τ(r) the inverse variance of the difference after r rounds and τ its value
///    after the last. Half of the error allowed goes here.
/// 3. Survivors get replications up to Rinott's ⌈(h·S/δ)²⌉ for the other half; the best mean wins.
///
/// Systems must be independent (no common random numbers) and results normal. Where a design is a single survivor
/// the last step is left out.
///
/// # Errors
/// A bad problem, no rounds or empty batches, or a result that is not finite.
pub fn good_selection(
    systems: &mut impl Systems,
    system_count: usize,
    problem: &Problem,
    screening: &Screening,
) -> Result<Selection, StatisticsError> {
    problem.check(system_count)?;
    at_least("rounds", screening.round_count, 1)?;
    at_least("replications per round", screening.batch_size, 1)?;
    let mut observed = Observed::new(problem.goal, system_count);
    let mut survivors: Vec<usize> = (0..system_count).collect();
    let first = problem.first_stage;
    observed.top_up(systems, &survivors, &vec![first; system_count])?;
    if system_count == 1 {
        return Ok(observed.selection(survivors, Guarantee::Held));
    }
    let half_error = 0.5 * problem.level.error_share();
    let eta = screening_constant(system_count, first, half_error)?;
    let variances: Vec<f64> = survivors.iter().map(|&system| observed.variance(system)).collect();
    let average = variances.iter().map(|variance| variance.sqrt()).sum::<f64>() / system_count as f64;
    let batches: Vec<usize> = variances
        .iter()
        .map(|variance| {
            let share = if average > 0.0 { variance.sqrt() / average } else { 1.0 };
            ((screening.batch_size as f64 * share).ceil() as usize).max(1)
        })
        .collect();
    let planned: Vec<f64> =
        batches.iter().map(|batch| (first + screening.round_count * batch) as f64).collect();

    for round in 0..=screening.round_count {
        if round > 0 {
            let targets: Vec<usize> = batches.iter().map(|batch| first + round * batch).collect();
            if survivors.iter().any(|&system| targets[system] > problem.limit()) {
                return Ok(observed.selection(survivors, Guarantee::LimitReached));
            }
            observed.top_up(systems, &survivors, &targets)?;
        }
        survivors = screened(&observed, &survivors, &variances, &planned, eta * ((first - 1) as f64).sqrt());
        if survivors.len() == 1 {
            return Ok(observed.selection(survivors, Guarantee::Held));
        }
    }

    let h = rinott_constant(system_count, first, 1.0 - half_error)?;
    let mut guarantee = Guarantee::Held;
    let targets: Vec<usize> = variances
        .iter()
        .enumerate()
        .map(|(system, &variance)| {
            let wanted = second_stage_size(h, variance, problem.indifference);
            if wanted > problem.limit() && survivors.contains(&system) {
                guarantee = Guarantee::LimitReached;
            }
            wanted.min(problem.limit())
        })
        .collect();
    observed.top_up(systems, &survivors, &targets)?;
    Ok(observed.selection(survivors, guarantee))
}

/// The systems that trail no other by more than the boundary. Each is compared with those of larger mean only, best
/// first, so that most are dropped by their first rival.
fn screened(
    observed: &Observed,
    survivors: &[usize],
    variances: &[f64],
    planned: &[f64],
    scale: f64,
) -> Vec<usize> {
    let mut rivals = survivors.to_vec();
    rivals.sort_by(|&a, &b| observed.mean(b).total_cmp(&observed.mean(a)).then(a.cmp(&b)));
    let is_beaten = |system: usize| {
        rivals.iter().take_while(|&&rival| observed.mean(rival) > observed.mean(system)).any(|&rival| {
            let now = variances[system] / observed.count(system) as f64
                + variances[rival] / observed.count(rival) as f64;
            let last = variances[system] / planned[system] + variances[rival] / planned[rival];
            // τ(r)·gap > η√((n₁−1)τ); two systems without spread are told apart at once.
            now == 0.0 || (observed.mean(rival) - observed.mean(system)) / now > scale / last.sqrt()
        })
    };
    survivors.iter().copied().filter(|&system| !is_beaten(system)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::selection::Goal;

    #[test]
    fn screening_constant_solves_its_equation_in_closed_form() {
        // Two degrees of freedom (n₁ = 3): the smaller of two is exponential of mean 1, and
        // E[2Φ(−η√R)] = 1 − η/√(η² + 2).
        let error = 0.05;
        let eta = screening_constant(2, 3, error).unwrap();
        assert!((1.0 - eta / (eta * eta + 2.0).sqrt() - error).abs() < 1e-9, "{eta}");
        assert!(screening_constant(1000, 30, 0.025).unwrap() > screening_constant(10, 30, 0.025).unwrap());
    }

    #[test]
    fn clear_losers_go_in_the_first_round() {
        let mut far =
            |system: usize, replication: usize| system as f64 * 100.0 + (replication * 7919 % 11) as f64;
        let problem = Problem { first_stage: 20, ..Problem::new(Goal::Smallest, 1.0) };
        let selection = good_selection(&mut far, 50, &problem, &Screening::default()).unwrap();
        assert_eq!((selection.best, selection.replication_count()), (0, 50 * 20));
    }

    #[test]
    fn systems_without_spread_are_told_apart_at_once() {
        let mut constant = |system: usize, _: usize| [3.0, 1.0, 1.0][system];
        let problem = Problem::new(Goal::Smallest, 1.0);
        let selection = good_selection(&mut constant, 3, &problem, &Screening::default()).unwrap();
        assert_eq!((selection.best, selection.survivors), (1, vec![1, 2]));
    }

    #[test]
    fn a_limit_ends_without_promise() {
        let mut noisy =
            |system: usize, replication: usize| (((system * 31 + replication) * 7919) % 1009) as f64;
        let problem = Problem { replications_max: Some(60), ..Problem::new(Goal::Largest, 0.1) };
        let selection = good_selection(&mut noisy, 5, &problem, &Screening::default()).unwrap();
        assert_eq!(selection.guarantee, Guarantee::LimitReached);
        assert!(selection.replication_counts.iter().all(|&count| count <= 60));
    }
}
