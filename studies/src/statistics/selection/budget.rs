//! Optimal computing budget allocation (OCBA): the likeliest best within a fixed number of replications.

use super::{Goal, Guarantee, Observed, Selection, Systems};
use crate::statistics::error::{StatisticsError, at_least, finite};
use crate::statistics::laws::normal_share_below;
use serde::{Deserialize, Serialize};

/// What share of all replications each system should have, given means and standard deviations known so far:
/// N_i/N_j = ((σ_i/δ_bi)/(σ_j/δ_bj))² for the others and N_b = σ_b·√Σ(N_i/σ_i)² for the best b (Chen, Lin, Yücesan
/// and Chick, *Discrete Event Dynamic Systems* 10, 2000). The shares add up to 1.
///
/// Gaps of 0 count as a millionth of the range of means, standard deviations of 0 as a millionth of the largest;
/// if no system has any spread, all share alike.
///
/// # Errors
/// Fewer than 2 systems, different lengths, values not finite, or a negative standard deviation.
pub fn allocation_shares(
    means: &[f64],
    standard_deviations: &[f64],
    goal: Goal,
) -> Result<Vec<f64>, StatisticsError> {
    at_least("systems", means.len(), 2)?;
    if means.len() != standard_deviations.len() {
        let (left, right) = (means.len(), standard_deviations.len());
        return Err(StatisticsError::UnequalLengths { name: "means and standard deviations", left, right });
    }
    finite("means", means)?;
    finite("standard deviations", standard_deviations)?;
    if let Some(&value) = standard_deviations.iter().find(|&&deviation| deviation < 0.0) {
        return Err(StatisticsError::NotPositive { name: "standard deviation", value });
    }
    let count = means.len();
    let largest = standard_deviations.iter().copied().fold(0.0, f64::max);
    if largest == 0.0 {
        return Ok(vec![1.0 / count as f64; count]);
    }
    let sign = goal.sign();
    let best = (1..count).fold(0, |best, b| if sign * means[b] > sign * means[best] { b } else { best });
    let gaps: Vec<f64> = means.iter().map(|mean| (mean - means[best]).abs()).collect();
    let range = gaps.iter().copied().fold(0.0, f64::max);
    let least_gap = if range > 0.0 { 1e-6 * range } else { 1.0 };
    let deviations: Vec<f64> = standard_deviations.iter().map(|s| s.max(1e-6 * largest)).collect();
    let mut shares: Vec<f64> = (0..count)
        .map(|i| if i == best { 0.0 } else { (deviations[i] / gaps[i].max(least_gap)).powi(2) })
        .collect();
    let squares: f64 =
        shares.iter().zip(&deviations).map(|(share, deviation)| (share / deviation).powi(2)).sum();
    shares[best] = deviations[best] * squares.sqrt();
    let whole: f64 = shares.iter().sum();
    Ok(shares.into_iter().map(|share| share / whole).collect())
}

/// How a budget is spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Budget {
    /// Replications of every system at first, at least 2.
    pub first_stage: usize,
    /// Replications added between two looks, over all systems.
    pub step: usize,
    /// Replications in all.
    pub total: usize,
}

/// A selection within a budget.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BudgetSelection {
    /// What was selected. Its guarantee is `LimitReached`: OCBA promises nothing.
    pub selection: Selection,
    /// A lower bound of the probability that the selection is right, for normal results and the means and variances
    /// seen: 1 − Σ Φ(−δ_bi ÷ √(s_b²/N_b + s_i²/N_i)), at least 0 (Bonferroni).
    pub correct_share: f64,
}

/// Spends a budget step by step on the systems that matter for finding the best: after each step the shares of
/// [`allocation_shares`] are renewed and the systems furthest short of theirs get the next replications. Systems
/// should be independent.
///
/// # Errors
/// Fewer than 2 systems, a first stage below 2, a step of 0, a budget below the first stage, or a result that is not
/// finite.
pub fn allocate_optimally(
    systems: &mut impl Systems,
    system_count: usize,
    goal: Goal,
    budget: &Budget,
) -> Result<BudgetSelection, StatisticsError> {
    at_least("systems", system_count, 2)?;
    at_least("replications in the first stage", budget.first_stage, 2)?;
    at_least("replications per step", budget.step, 1)?;
    at_least("replications in the budget", budget.total, system_count * budget.first_stage)?;
    let mut observed = Observed::new(goal, system_count);
    let all: Vec<usize> = (0..system_count).collect();
    observed.top_up(systems, &all, &vec![budget.first_stage; system_count])?;
    let mut spent = system_count * budget.first_stage;
    while spent < budget.total {
        let means: Vec<f64> = all.iter().map(|&system| observed.mean(system)).collect();
        let deviations: Vec<f64> = all.iter().map(|&system| observed.variance(system).sqrt()).collect();
        let shares = allocation_shares(&means, &deviations, Goal::Largest)?;
        let whole = (spent + budget.step).min(budget.total);
        let mut targets: Vec<usize> = all.iter().map(|&system| observed.count(system)).collect();
        for _ in spent..whole {
            let shortage = |system: usize| shares[system] * whole as f64 - targets[system] as f64;
            let neediest = all.iter().copied().reduce(|a, b| if shortage(b) > shortage(a) { b } else { a });
            targets[neediest.unwrap_or(0)] += 1;
        }
        observed.top_up(systems, &all, &targets)?;
        spent = whole;
    }
    let best = observed.best_of(&all);
    let squared_error = |system: usize| observed.variance(system) / observed.count(system) as f64;
    let error: f64 = all
        .iter()
        .filter(|&&system| system != best)
        .map(|&system| {
            let deviation = (squared_error(best) + squared_error(system)).sqrt();
            let gap = observed.mean(best) - observed.mean(system);
            if deviation > 0.0 {
                normal_share_below(-gap / deviation)
            } else if gap > 0.0 {
                0.0
            } else {
                0.5
            }
        })
        .sum();
    let selection = observed.selection(all, Guarantee::LimitReached);
    Ok(BudgetSelection { selection, correct_share: (1.0 - error).max(0.0) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_obey_both_rules() {
        let (means, deviations) = ([1.0, 2.0, 4.0, 4.5], [1.0, 2.0, 1.5, 0.5]);
        let shares = allocation_shares(&means, &deviations, Goal::Smallest).unwrap();
        assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-14);
        let weight = |i: usize| (deviations[i] / (means[i] - means[0])).powi(2);
        assert!((shares[1] / shares[2] - weight(1) / weight(2)).abs() < 1e-12);
        assert!((shares[3] / shares[2] - weight(3) / weight(2)).abs() < 1e-12);
        let squares: f64 = (1..4).map(|i| (shares[i] / deviations[i]).powi(2)).sum();
        assert!((shares[0] - deviations[0] * squares.sqrt()).abs() < 1e-14);
    }

    #[test]
    fn ties_and_missing_spread_leave_finite_shares() {
        let tied = allocation_shares(&[1.0, 1.0, 2.0], &[1.0, 1.0, 0.0], Goal::Largest).unwrap();
        assert!(tied.iter().all(|share| share.is_finite() && *share > 0.0), "{tied:?}");
        assert_eq!(allocation_shares(&[1.0, 2.0], &[0.0, 0.0], Goal::Largest).unwrap(), vec![0.5, 0.5]);
        assert!(allocation_shares(&[1.0], &[1.0], Goal::Largest).is_err());
        assert!(allocation_shares(&[1.0, 2.0], &[1.0, -1.0], Goal::Largest).is_err());
    }

    #[test]
    fn a_budget_is_spent_to_the_last_replication() {
        let mut noisy = |system: usize, replication: usize| {
            system as f64 + (((system * 31 + replication) * 7919) % 1009) as f64 / 300.0
        };
        let budget = Budget { first_stage: 5, step: 7, total: 200 };
        let outcome = allocate_optimally(&mut noisy, 6, Goal::Largest, &budget).unwrap();
        assert_eq!((outcome.selection.best, outcome.selection.replication_count()), (5, 200));
        let counts = &outcome.selection.replication_counts;
        assert!(counts[4] > counts[0] && counts[5] > counts[0], "{counts:?}");
        assert!(allocate_optimally(&mut noisy, 6, Goal::Largest, &Budget { total: 29, ..budget }).is_err());
    }
}
