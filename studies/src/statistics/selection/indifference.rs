//! Fully sequential selection with an indifference zone: Kim and Nelson's KN and KN++.

use super::{Guarantee, Observed, Problem, Request, Selection, Systems};
use crate::statistics::error::StatisticsError;
use crate::statistics::running::Moments;
use serde::{Deserialize, Serialize};

/// Whether the systems share their luck.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Luck {
    /// Each system has its own random numbers.
    Independent,
    /// Common random numbers: equal replication indices mean equal luck.
    Common,
}

/// The constants of the continuation region.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Region {
    /// η.
    pub eta: f64,
    /// h² = 2η(n − 1).
    pub h_squared: f64,
}

impl Region {
    /// η = ½((2β)^(−2/(n−1)) − 1) and h² = 2η(n − 1) for an error of β in each comparison and a variance known from
    /// n replications: the solution of Fabian's equation for c = 1. An error of ½ or more needs no region (η = 0).
    pub fn new(pair_error: f64, replication_count: usize) -> Region {
        let freedom = (replication_count - 1) as f64;
        let eta = (0.5 * ((2.0 * pair_error).powf(-2.0 / freedom) - 1.0)).max(0.0);
        Region { eta, h_squared: 2.0 * eta * freedom }
    }

    /// KN's constants for `system_count` systems, first stage `first_stage`, error α: β = α/(k − 1).
    pub fn kim_nelson(system_count: usize, first_stage: usize, error_share: f64) -> Region {
        Region::new(pair_error(system_count, error_share, Luck::Common), first_stage)
    }

    /// KN++'s constants after `replication_count` replications: β = 1 − (1 − α)^(1/(k−1)) for independent systems,
    /// α/(k − 1) with common random numbers.
    pub fn kim_nelson_updated(
        system_count: usize,
        replication_count: usize,
        error_share: f64,
        luck: Luck,
    ) -> Region {
        Region::new(pair_error(system_count, error_share, luck), replication_count)
    }

    /// How far sums of differences may drift apart without a decision, W·r = max(0, h²S²/(2δ) − δr/2), after
    /// `replication_count` replications.
    pub fn reach(&self, variance: f64, indifference: f64, replication_count: f64) -> f64 {
        (0.5 * (self.h_squared * variance / indifference - indifference * replication_count)).max(0.0)
    }
}

fn pair_error(system_count: usize, error_share: f64, luck: Luck) -> f64 {
    let pairs = system_count.saturating_sub(1).max(1) as f64;
    match luck {
        Luck::Independent => -f64::exp_m1((-error_share).ln_1p() / pairs),
        Luck::Common => error_share / pairs,
    }
}

/// KN (Kim and Nelson, *ACM TOMACS* 11, 2001, c = 1): after n₀ replications the variances of all **differences** are
/// fixed; then one replication of each survivor at a time, and a system is dropped as soon as its mean falls behind
/// another's by more than W = max(0, δ/(2r)·(h²S²/δ² − r)). Selects the best with the promised probability if it
/// leads by δ, for normal results, independent or with common random numbers (which make S² small). Selects in
/// finite time also where systems are equal: once all W are 0 the largest mean wins, of equals the first.
///
/// # Errors
/// A bad problem, or a result that is not finite.
pub fn kim_nelson(
    systems: &mut impl Systems,
    system_count: usize,
    problem: &Problem,
) -> Result<Selection, StatisticsError> {
    problem.check(system_count)?;
    let region = Region::kim_nelson(system_count, problem.first_stage, problem.level.error_share());
    fully_sequential(systems, system_count, problem, Variances::Fixed, |_| region)
}

/// KN++ (Kim and Nelson, *Operations Research* 54, 2006): as KN, but the variances of differences and the constants
/// are renewed with every replication, which saves much where n₀ is small. The promise holds in the limit of small
/// δ; n₀ of 10 or more keeps it in practice.
///
/// # Errors
/// As [`kim_nelson`].
pub fn kim_nelson_updated(
    systems: &mut impl Systems,
    system_count: usize,
    problem: &Problem,
    luck: Luck,
) -> Result<Selection, StatisticsError> {
    problem.check(system_count)?;
    let error_share = problem.level.error_share();
    fully_sequential(systems, system_count, problem, Variances::Renewed, |replications| {
        Region::kim_nelson_updated(system_count, replications, error_share, luck)
    })
}

#[derive(PartialEq)]
enum Variances {
    Fixed,
    Renewed,
}

/// Variances of the differences of all pairs still compared.
struct Pairs {
    system_count: usize,
    moments: Vec<Moments>,
}

impl Pairs {
    fn new(system_count: usize) -> Self {
        Pairs { system_count, moments: vec![Moments::new(); system_count * (system_count - 1) / 2] }
    }

    fn index(&self, a: usize, b: usize) -> usize {
        let (low, high) = (a.min(b), a.max(b));
        low * (2 * self.system_count - low - 1) / 2 + (high - low - 1)
    }

    fn push(&mut self, survivors: &[usize], values: &[f64]) {
        for (position, &a) in survivors.iter().enumerate() {
            for (offset, &b) in survivors[position + 1..].iter().enumerate() {
                let index = self.index(a, b);
                self.moments[index].push(values[position] - values[position + 1 + offset]);
            }
        }
    }

    fn variance(&self, a: usize, b: usize) -> f64 {
        self.moments[self.index(a, b)].variance().unwrap_or(0.0)
    }
}

fn fully_sequential(
    systems: &mut impl Systems,
    system_count: usize,
    problem: &Problem,
    variances: Variances,
    region_after: impl Fn(usize) -> Region,
) -> Result<Selection, StatisticsError> {
    let mut observed = Observed::new(problem.goal, system_count);
    let mut pairs = Pairs::new(system_count);
    let mut survivors: Vec<usize> = (0..system_count).collect();
    let mut replications = 0;
    loop {
        // The first stage is one batch, so that it can run in parallel.
        let upto = if replications == 0 {
            problem.first_stage
        } else {
            (replications + problem.look_every).min(problem.limit())
        };
        let requests: Vec<Request> = (replications..upto)
            .flat_map(|replication| survivors.iter().map(move |&system| Request { system, replication }))
            .collect();
        let values = observed.run(systems, &requests)?;
        if replications == 0 || variances == Variances::Renewed {
            values.chunks_exact(survivors.len()).for_each(|row| pairs.push(&survivors, row));
        }
        replications = upto;

        let region = region_after(replications);
        let count = replications as f64;
        let reach = |a, b| region.reach(pairs.variance(a, b), problem.indifference, count);
        let is_beaten = |system: usize, rival: usize| {
            count * (observed.mean(rival) - observed.mean(system)) > reach(system, rival)
        };
        let kept: Vec<usize> = survivors
            .iter()
            .copied()
            .filter(|&system| !survivors.iter().any(|&rival| rival != system && is_beaten(system, rival)))
            .collect();
        survivors = kept;
        let is_decided = survivors.len() == 1
            || survivors.iter().all(|&a| survivors.iter().all(|&b| a == b || reach(a, b) == 0.0));
        if is_decided {
            return Ok(observed.selection(survivors, Guarantee::Held));
        }
        if replications >= problem.limit() {
            return Ok(observed.selection(survivors, Guarantee::LimitReached));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::selection::Goal;

    #[test]
    fn constants_are_those_published() {
        for (k, n0, eta, h_squared) in [
            (2, 10, 0.3341, 6.0129),
            (10, 10, 0.8591, 15.4635),
            (10, 20, 0.3029, 11.5115),
            (100, 10, 1.8156, 32.681),
        ] {
            let region = Region::kim_nelson(k, n0, 0.05);
            assert!(
                (region.eta - eta).abs() < 1e-3 && (region.h_squared - h_squared).abs() < 1e-3,
                "{region:?}"
            );
        }
        for (n, eta, h_squared) in [(5, 4.1899, 33.519), (10, 0.8522, 15.341)] {
            let region = Region::kim_nelson_updated(10, n, 0.05, Luck::Independent);
            assert!(
                (region.eta - eta).abs() < 1e-3 && (region.h_squared - h_squared).abs() < 1e-3,
                "{region:?}"
            );
        }
    }

    #[test]
    fn equal_systems_end_with_the_first() {
        for goal in [Goal::Largest, Goal::Smallest] {
            let mut same = |_: usize, replication: usize| (replication * 7919 % 101) as f64;
            let selection = kim_nelson(&mut same, 4, &Problem::new(goal, 1.0)).unwrap();
            assert_eq!(
                (selection.best, selection.survivors.len(), selection.replication_count()),
                (0, 4, 40)
            );
        }
    }

    #[test]
    fn a_limit_ends_without_promise() {
        let mut noisy =
            |system: usize, replication: usize| (((system * 31 + replication) * 7919) % 1009) as f64;
        let problem = Problem { replications_max: Some(15), ..Problem::new(Goal::Largest, 0.1) };
        let selection = kim_nelson(&mut noisy, 3, &problem).unwrap();
        assert_eq!(selection.guarantee, Guarantee::LimitReached);
        assert!(selection.replication_counts.iter().all(|&count| count <= 15));
    }

    #[test]
    fn looking_less_often_ends_on_a_look() {
        let mut noisy = |system: usize, replication: usize| {
            system as f64 * 0.2 + (((system * 31 + replication) * 7919) % 1009) as f64 / 1009.0
        };
        let problem = Problem { look_every: 8, ..Problem::new(Goal::Largest, 0.1) };
        let selection = kim_nelson(&mut noisy, 3, &problem).unwrap();
        assert_eq!(selection.best, 2);
        assert!(selection.replication_counts.iter().all(|count| (count - 10) % 8 == 0));
        let never = Problem { look_every: 0, ..problem };
        assert!(kim_nelson(&mut noisy, 3, &never).is_err());
    }

    #[test]
    fn a_single_system_needs_only_the_first_stage() {
        let selection = kim_nelson(&mut |_, r| r as f64, 1, &Problem::new(Goal::Smallest, 1.0)).unwrap();
        assert_eq!((selection.best, selection.replication_count()), (0, 10));
    }

    #[test]
    fn bad_problems_and_results_are_refused() {
        let mut constant = |_: usize, _: usize| 1.0;
        assert!(kim_nelson(&mut constant, 0, &Problem::new(Goal::Largest, 1.0)).is_err());
        assert!(kim_nelson(&mut constant, 2, &Problem::new(Goal::Largest, 0.0)).is_err());
        let thin = Problem { first_stage: 1, ..Problem::new(Goal::Largest, 1.0) };
        assert!(kim_nelson(&mut constant, 2, &thin).is_err());
        assert!(kim_nelson(&mut |_, _| f64::NAN, 2, &Problem::new(Goal::Largest, 1.0)).is_err());
    }
}
