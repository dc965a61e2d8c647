//! Which designs hold a limit, and the smallest that does: the feasibility check of Andradóttir and Kim.
//!
//! A limit on a mean is checked on the replications' results. A limit on a quantile is a limit on a share (p90 of
//! the wait at most 10 min: at least 0.9 of patients wait at most 10 min) and is checked on each replication's
//! [`excess_over_share`], whose mean is on the right side of 0 exactly when the share over all patients is.

use super::indifference::Region;
use super::{Guarantee, Request, Systems};
use crate::statistics::error::{StatisticsError, at_least, finite, positive};
use crate::statistics::interval::Level;
use crate::statistics::laws::student_quantile;
use crate::statistics::running::Moments;
use crate::statistics::share::Tally;
use serde::{Deserialize, Serialize};

/// Which side of the limit is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The mean must be at most the limit.
    AtMost,
    /// The mean must be at least the limit.
    AtLeast,
}

/// A limit on a mean, and how surely it is checked.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Constraint {
    /// Which side is allowed.
    pub side: Side,
    /// The limit, in the unit of the measure.
    pub limit: f64,
    /// How far from the limit either answer is accepted (ε), in the unit of the measure, above 0.
    pub tolerance: f64,
    /// The probability with which all answers together must be right.
    pub level: Level,
    /// Replications before a design is decided upon (n₀), at least 2; 10 to 20 are usual.
    pub first_stage: usize,
    /// Replications between two looks, at least 1. One wastes none; more give a parallel simulation something to do.
    pub look_every: usize,
    /// No design is replicated more often than this; `None` for as often as the promise needs.
    pub replications_max: Option<usize>,
}

impl Constraint {
    /// A constraint with n₀ = 20, 95 %, a look at every replication and no limit on them.
    pub fn new(side: Side, limit: f64, tolerance: f64) -> Constraint {
        Constraint {
            side,
            limit,
            tolerance,
            level: Level::P95,
            first_stage: 20,
            look_every: 1,
            replications_max: None,
        }
    }

    fn check(&self, system_count: usize) -> Result<(), StatisticsError> {
        finite("limit", &[self.limit])?;
        positive("tolerance", self.tolerance)?;
        at_least("systems", system_count, 1)?;
        at_least("replications between two looks", self.look_every, 1)?;
        at_least("replications in the first stage", self.first_stage, 2)
    }
}

/// By how much a replication's patients exceed a share: within − share·total, divided by `usual_total` (patients of
/// a usual replication) so that limit 0 and the tolerance are in shares. Its mean is at least 0 exactly when the
/// share over all patients of all replications is at least `share`, whereas the mean of the replications' shares
/// would count a quiet day as much as a busy one.
pub fn excess_over_share(tally: Tally, share: f64, usual_total: f64) -> f64 {
    (tally.within as f64 - share * tally.total as f64) / usual_total
}

/// The answer for one design.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Check {
    /// Which design, from 0.
    pub system: usize,
    /// Whether it is declared to hold the limit.
    pub is_feasible: bool,
    /// The mean over its replications.
    pub mean: f64,
    /// Replications used.
    pub replication_count: usize,
    /// Whether the answer is as sure as promised.
    pub guarantee: Guarantee,
}

/// The feasibility check F_B (Andradóttir and Kim, *Naval Research Logistics* 57, 2010, c = 1) of every design:
/// n₀ replications give S², then one at a time until the sum of (result − limit) leaves ± max(0, h²S²/(2ε) − εr/2).
/// With the promised probability every design on the right side by ε is declared feasible and every one on the wrong
/// side by ε is not, for normal results, with or without common random numbers (an error of α/k each).
///
/// F_B knows the variance from n₀ replications alone and goes on however clear the case has become, or however
/// indifferent. So half of each error goes to looks at n₀, 2n₀, 4n₀ … replications, and at the last one allowed, the
/// `j`-th with ¼, ⅛, … of it: where Student's bound says that the mean is not above the limit by ε, it may be declared
/// feasible, and where it is not below by ε, not. Both are said of a design that lies within ε, where either answer is
/// right; the mean decides.
///
/// # Errors
/// A bad constraint, no designs, or a result that is not finite.
pub fn check_all(
    systems: &mut impl Systems,
    system_count: usize,
    constraint: &Constraint,
) -> Result<Vec<Check>, StatisticsError> {
    constraint.check(system_count)?;
    let error = constraint.level.error_share() / system_count as f64;
    (0..system_count).map(|system| check_one(systems, system, constraint, error, 0)).collect()
}

/// The smallest design that holds a limit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sizing {
    /// The smallest design declared feasible; `None` if not even the last one is.
    pub smallest: Option<usize>,
    /// The designs checked, in the order of checking.
    pub checks: Vec<Check>,
    /// Whether all checks were as sure as promised.
    pub guarantee: Guarantee,
}

impl Sizing {
    /// Replications used in all.
    pub fn replication_count(&self) -> usize {
        self.checks.iter().map(|check| check.replication_count).sum()
    }
}

/// The smallest of designs ordered by size, of which each holds the limit if a smaller one does (kiosks added one by
/// one), found by halving: at most ⌈log₂(k+1)⌉ checks share the error allowed, each on fresh replications, so that
/// the path of earlier answers is no matter. With the promised probability the design found is not on the wrong side
/// by ε and the one before it is not on the right side by ε.
///
/// # Errors
/// As [`check_all`].
pub fn smallest_feasible(
    systems: &mut impl Systems,
    system_count: usize,
    constraint: &Constraint,
) -> Result<Sizing, StatisticsError> {
    constraint.check(system_count)?;
    let checks_max = usize::BITS - system_count.leading_zeros();
    // Fresh replications make the checks independent: 1 − (1 − α)^(1/m) each.
    let error = -f64::exp_m1((-constraint.level.error_share()).ln_1p() / f64::from(checks_max));
    let (mut low, mut high) = (0, system_count);
    let mut checks: Vec<Check> = Vec::new();
    let mut used = 0;
    while low < high {
        let middle = low + (high - low) / 2;
        let check = check_one(systems, middle, constraint, error, used)?;
        used += check.replication_count;
        if check.is_feasible {
            high = middle;
        } else {
            low = middle + 1;
        }
        checks.push(check);
    }
    let is_held = checks.iter().all(|check| check.guarantee == Guarantee::Held);
    Ok(Sizing {
        smallest: (high < system_count).then_some(high),
        checks,
        guarantee: if is_held { Guarantee::Held } else { Guarantee::LimitReached },
    })
}

/// F_B on one design with error β, from replication `first` on.
fn check_one(
    systems: &mut impl Systems,
    system: usize,
    constraint: &Constraint,
    error: f64,
    first: usize,
) -> Result<Check, StatisticsError> {
    let region = Region::new(0.5 * error, constraint.first_stage);
    let limit = constraint.replications_max.unwrap_or(usize::MAX).max(constraint.first_stage);
    let mut looks = Looks { next: constraint.first_stage, last: limit, error: 0.5 * error };
    let sign = match constraint.side {
        Side::AtMost => 1.0,
        Side::AtLeast => -1.0,
    };
    let mut excess = Moments::new();
    let mut wanted = constraint.first_stage;
    let mut variance = None;
    loop {
        let requests: Vec<Request> = (excess.count() as usize..wanted)
            .map(|replication| Request { system, replication: first + replication })
            .collect();
        let values = systems.sample(&requests);
        finite("results of a design", &values)?;
        values.into_iter().for_each(|value| excess.push(sign * (value - constraint.limit)));
        let variance = *variance.get_or_insert(excess.variance().unwrap_or(0.0));
        let count = excess.count() as usize;
        let mean = excess.mean().unwrap_or(0.0);
        let reach = region.reach(variance, constraint.tolerance, count as f64);
        let has_left_region = count as f64 * mean.abs() >= reach;
        let is_decided = has_left_region || looks.decide(&excess, constraint.tolerance);
        if is_decided || count >= limit {
            return Ok(Check {
                system,
                is_feasible: mean <= 0.0,
                mean: constraint.limit + sign * mean,
                replication_count: count,
                guarantee: if is_decided { Guarantee::Held } else { Guarantee::LimitReached },
            });
        }
        wanted = (count + constraint.look_every).min(limit);
    }
}

/// The looks at which a bound may end a check before its sum leaves the region.
struct Looks {
    /// Replications at the next look.
    next: usize,
    /// Replications at the last.
    last: usize,
    /// Error that is left for the looks to come.
    error: f64,
}

impl Looks {
    /// Whether the answer that the mean of the excess gives is right by Student's bound, where a look is due.
    fn decide(&mut self, excess: &Moments, tolerance: f64) -> bool {
        let count = excess.count() as usize;
        if count < self.next && count < self.last {
            return false;
        }
        self.next = self.next.saturating_mul(2);
        self.error *= 0.5;
        let (mean, standard_error) = (excess.mean().unwrap_or(0.0), excess.standard_error().unwrap_or(0.0));
        let reach = student_quantile((count - 1) as f64, 1.0 - self.error) * standard_error;
        reach - mean.abs() <= tolerance
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(system: usize, replication: usize) -> f64 {
        (((system * 31 + replication) * 7919) % 1009) as f64 / 1009.0 - 0.5
    }

    #[test]
    fn halving_finds_every_border_and_none() {
        for border in 0..=9 {
            let mut wait = |system: usize, replication: usize| {
                noise(system, replication) + if system >= border { 8.0 } else { 12.0 }
            };
            let sizing = smallest_feasible(&mut wait, 9, &Constraint::new(Side::AtMost, 10.0, 0.5)).unwrap();
            assert_eq!(sizing.smallest, (border < 9).then_some(border));
            assert!(sizing.checks.len() <= 4);
            let mut share = |system: usize, replication: usize| -wait(system, replication);
            let sizing =
                smallest_feasible(&mut share, 9, &Constraint::new(Side::AtLeast, -10.0, 0.5)).unwrap();
            assert_eq!(sizing.smallest, (border < 9).then_some(border));
        }
    }

    #[test]
    fn checks_never_reuse_a_replication() {
        let mut seen = std::collections::BTreeSet::new();
        let mut wait = |system: usize, replication: usize| {
            assert!(seen.insert(replication));
            noise(system, replication) + 20.0 - system as f64
        };
        let sizing = smallest_feasible(&mut wait, 30, &Constraint::new(Side::AtMost, 10.2, 0.4)).unwrap();
        assert_eq!(sizing.smallest, Some(10));
        assert_eq!(seen.len(), sizing.replication_count());
    }

    #[test]
    fn a_mean_on_the_limit_without_spread_holds_it() {
        let checks = check_all(&mut |_, _| 10.0, 2, &Constraint::new(Side::AtMost, 10.0, 1.0)).unwrap();
        assert!(checks.iter().all(|check| check.is_feasible && check.replication_count == 20));
    }

    #[test]
    fn a_limit_on_replications_ends_without_promise() {
        let constraint =
            Constraint { replications_max: Some(30), ..Constraint::new(Side::AtMost, 0.0, 1e-6) };
        let checks = check_all(&mut |system, r| noise(system, r), 1, &constraint).unwrap();
        assert_eq!((checks[0].guarantee, checks[0].replication_count), (Guarantee::LimitReached, 30));
        assert!(check_all(&mut |_, _| f64::NAN, 1, &constraint).is_err());
        assert!(check_all(&mut |_, _| 0.0, 1, &Constraint { tolerance: 0.0, ..constraint }).is_err());
    }

    #[test]
    fn clear_cases_end_early_and_indifferent_ones_end_at_all() {
        let cap =
            |most| Constraint { replications_max: Some(most), ..Constraint::new(Side::AtMost, 0.0, 0.01) };
        // Far from the limit beside a tolerance that is small against the spread: twenty replications say so.
        let checks = check_all(&mut |s, r| 400.0 + 100.0 * noise(s, r), 1, &cap(1000)).unwrap();
        assert_eq!(
            (checks[0].is_feasible, checks[0].guarantee, checks[0].replication_count),
            (false, Guarantee::Held, 20)
        );
        let region = Region::new(0.025, 20).reach(833.0, 0.01, 20.0);
        assert!(region > 20.0 * 400.0, "the region alone would have gone on: {region}");
        // On the limit itself, with a tolerance that the mean of a thousand replications is well within.
        let wide = Constraint { tolerance: 0.05, ..cap(1000) };
        let checks = check_all(&mut |s, r| noise(s, r), 1, &wide).unwrap();
        assert_eq!(checks[0].guarantee, Guarantee::Held);
    }

    #[test]
    fn excess_over_share_weighs_patients_not_days() {
        // 10 of 10 on a quiet day, 80 of 100 on a busy one: 90 of 110 in all, short of 0.9 by 9 patients.
        let quiet = excess_over_share(Tally { within: 10, total: 10 }, 0.9, 55.0);
        let busy = excess_over_share(Tally { within: 80, total: 100 }, 0.9, 55.0);
        assert!((0.5 * (quiet + busy) - (90.0 / 110.0 - 0.9)).abs() < 1e-12);
    }
}
