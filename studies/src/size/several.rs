//! Several knobs: the cheapest combination that holds the target.
//!
//! More of anything is taken to be never worse (shown along the diagonal of the ranges, and said so): a design that fails
//! settles all designs below it, one that holds settles all that cost as much or more. What is left is halved by the
//! check that settles most. Each check is on fresh replications; the i-th may err with α/(i(i+1)), so that all together
//! err with at most α however many there are.

use super::bench::Bench;
use super::curve::{draw, evenly, monotonicity};
use super::{DesignCheck, Ending, Method, SizeError, SizeResults};
use crate::statistics::interval::Level;
use crate::statistics::selection::indifference::{Luck, kim_nelson_updated};
use crate::statistics::selection::screening::{Screening, good_selection};
use crate::statistics::selection::{Goal, Guarantee, Problem, Selection};

/// Most combinations.
const LIMIT: u64 = 20_000;
/// Designs of the open ones that are considered for the next check.
const CONSIDERED: usize = 128;
/// From so many equals on, selection goes by screening.
const MANY: usize = 20;

/// What is known of a design.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    Open,
    Fails,
    Holds,
    /// Costs as much as, or more than, one that holds.
    TooDear,
}

struct Field {
    designs: Vec<Vec<u32>>,
    costs: Vec<f64>,
    standing: Vec<Standing>,
}

pub(super) fn search(bench: &mut Bench<'_>) -> Result<SizeResults, SizeError> {
    let mut field = Field::new(bench)?;
    let diagonal = diagonal(bench);
    let mut results = SizeResults {
        ending: Ending::Stopped,
        answer: None,
        method: Method::Dominance,
        cost: None,
        as_cheap: Vec::new(),
        checks: Vec::new(),
        curve: draw(bench, &diagonal)?,
        monotonicity: (0..bench.problem.target.len())
            .map(|condition| monotonicity(bench, &diagonal, condition))
            .collect::<Result<_, _>>()?,
        tolerances: (0..bench.problem.target.len()).map(|one| bench.tolerance(one)).collect(),
        replication_count: 0,
        event_count: 0,
        queueing: None,
        schedule: None,
    };
    let mut purse = Purse::new(bench.settings.level);
    let searched = cheapest(bench, &mut field, &mut purse, &mut results.checks);
    let Some(found) = bench.or_stopped(searched)? else { return Ok(results) };
    let is_sure = |checks: &[DesignCheck]| checks.iter().all(|check| check.guarantee == Guarantee::Held);
    let Some(found) = found else {
        results.ending = if is_sure(&results.checks) { Ending::NoneHolds } else { Ending::Unsure };
        return Ok(results);
    };
    let equals = equals(bench, &mut field, found, &mut purse, &mut results.checks);
    let Some(equals) = bench.or_stopped(equals)? else { return Ok(results) };
    let best = best_of(bench, &equals)?;
    results.ending =
        if is_sure(&results.checks) && best.1 == Guarantee::Held { Ending::Found } else { Ending::Unsure };
    results.cost = Some(field.costs[found]);
    results.as_cheap =
        equals.iter().enumerate().filter(|(at, _)| *at != best.0).map(|(_, one)| one.clone()).collect();
    let answer = equals[best.0].clone();
    let around = neighbours(bench, &answer);
    let drawn = draw(bench, &around);
    if let Some(curve) = bench.or_stopped(drawn)? {
        results.curve = curve;
    }
    results.answer = Some(answer);
    Ok(results)
}

/// How much error the checks may still make, and which replications are fresh.
pub(super) struct Purse {
    error: f64,
    checks: u32,
    first: u32,
}

impl Purse {
    /// A purse with half of the error that a level leaves; the other half is for choosing.
    pub(super) fn new(level: Level) -> Purse {
        Purse { error: level.error_share() * 0.5, checks: 0, first: 0 }
    }

    /// The level of the next check.
    fn next(&mut self) -> Result<Level, SizeError> {
        self.checks += 1;
        let turn = f64::from(self.checks);
        Ok(Level::new(1.0 - self.error / (turn * (turn + 1.0)))?)
    }
}

impl Field {
    fn new(bench: &Bench<'_>) -> Result<Field, SizeError> {
        let spans =
            bench.problem.knobs.iter().map(|knob| u64::from(knob.between.end() - knob.between.start()) + 1);
        let count = spans.fold(1_u64, u64::saturating_mul);
        if count > LIMIT {
            return Err(SizeError::TooMany { count, limit: LIMIT });
        }
        let mut designs: Vec<Vec<u32>> = vec![Vec::new()];
        for knob in &bench.problem.knobs {
            designs = designs
                .iter()
                .flat_map(|design| {
                    knob.between.clone().map(|number| design.iter().copied().chain([number]).collect())
                })
                .collect();
        }
        designs.sort_by(|a, b| bench.problem.cost(a).total_cmp(&bench.problem.cost(b)).then(a.cmp(b)));
        Ok(Field {
            costs: designs.iter().map(|design| bench.problem.cost(design)).collect(),
            standing: vec![Standing::Open; designs.len()],
            designs,
        })
    }

    /// The open design whose check settles most at its worse end.
    fn next(&self) -> Option<usize> {
        let open: Vec<usize> =
            (0..self.designs.len()).filter(|&at| self.standing[at] == Standing::Open).collect();
        let step = open.len().div_ceil(CONSIDERED).max(1);
        let settles = |rank: usize| {
            let design = &self.designs[open[rank]];
            let below = open.iter().filter(|&&at| is_below(&self.designs[at], design)).count();
            below.min(open.len() - rank)
        };
        let mut best: Option<(usize, usize)> = None;
        for rank in (0..open.len()).step_by(step) {
            let settled = settles(rank);
            if best.is_none_or(|(most, _)| settled > most) {
                best = Some((settled, open[rank]));
            }
        }
        best.map(|(_, at)| at)
    }

    fn fails(&mut self, at: usize) {
        let design = self.designs[at].clone();
        for (other, standing) in self.designs.iter().zip(&mut self.standing) {
            if is_below(other, &design) {
                *standing = Standing::Fails;
            }
        }
    }

    fn holds(&mut self, at: usize) {
        for (index, standing) in self.standing.iter_mut().enumerate() {
            if *standing == Standing::Open && self.costs[index] >= self.costs[at] {
                *standing = Standing::TooDear;
            }
        }
        self.standing[at] = Standing::Holds;
    }
}

fn is_below(design: &[u32], other: &[u32]) -> bool {
    design.iter().zip(other).all(|(mine, theirs)| mine <= theirs)
}

fn cheapest(
    bench: &mut Bench<'_>,
    field: &mut Field,
    purse: &mut Purse,
    checks: &mut Vec<DesignCheck>,
) -> Result<Option<usize>, SizeError> {
    let mut cheapest = None;
    while let Some(at) = field.next() {
        if holds_all(bench, &field.designs[at], purse, checks)? {
            field.holds(at);
            cheapest = Some(at);
        } else {
            field.fails(at);
        }
    }
    Ok(cheapest)
}

/// Checks one design condition by condition, until one does not hold.
pub(super) fn holds_all(
    bench: &mut Bench<'_>,
    design: &[u32],
    purse: &mut Purse,
    checks: &mut Vec<DesignCheck>,
) -> Result<bool, SizeError> {
    let level = purse.next()?.shared_by(bench.problem.target.len());
    let mut used = 0;
    let mut is_feasible = true;
    for condition in 0..bench.problem.target.len() {
        let done = bench.check(&[design.to_vec()], condition, level, purse.first)?;
        used = done.iter().map(|check| check.replication_count).fold(used, u32::max);
        is_feasible = done.iter().all(|check| check.is_feasible);
        checks.extend(done);
        if !is_feasible {
            break;
        }
    }
    purse.first += used;
    Ok(is_feasible)
}

/// The designs that cost as much as the one found and hold too.
fn equals(
    bench: &mut Bench<'_>,
    field: &mut Field,
    found: usize,
    purse: &mut Purse,
    checks: &mut Vec<DesignCheck>,
) -> Result<Vec<Vec<u32>>, SizeError> {
    let mut equals = vec![field.designs[found].clone()];
    for at in 0..field.designs.len() {
        let is_equal = at != found && field.costs[at] == field.costs[found];
        if is_equal && matches!(field.standing[at], Standing::TooDear | Standing::Open) {
            let design = field.designs[at].clone();
            if holds_all(bench, &design, purse, checks)? {
                equals.push(design);
            }
        }
    }
    Ok(equals)
}

/// Of designs of one cost the one with the best value of the first condition: KN++ under common luck for a few, screening
/// on luck of their own for many. Half of the error allowed goes here.
fn best_of(bench: &mut Bench<'_>, equals: &[Vec<u32>]) -> Result<(usize, Guarantee), SizeError> {
    if equals.len() == 1 {
        return Ok((0, Guarantee::Held));
    }
    let wants_small = bench.problem.target[0].relation.wants_small();
    let problem = Problem {
        level: Level::new(1.0 - bench.settings.level.error_share() * 0.5)?,
        first_stage: 20,
        look_every: 8,
        replications_max: Some(bench.settings.at_most as usize),
        ..Problem::new(if wants_small { Goal::Smallest } else { Goal::Largest }, bench.tolerance(0))
    };
    let selected = if equals.len() < MANY {
        let mut asked = bench.asked(equals, 0);
        let selection = kim_nelson_updated(&mut asked, equals.len(), &problem, Luck::Common);
        asked.settled(selection)
    } else {
        let mut asked = bench.asked(equals, 0);
        asked.with_luck_of_their_own();
        let selection = good_selection(&mut asked, equals.len(), &problem, &Screening::default());
        asked.settled(selection)
    };
    let selected: Option<Selection> = bench.or_stopped(selected)?;
    Ok(selected.map_or((0, Guarantee::LimitReached), |selection| (selection.best, selection.guarantee)))
}

/// From the least of everything to the most of everything.
fn diagonal(bench: &Bench<'_>) -> Vec<Vec<u32>> {
    let knobs = &bench.problem.knobs;
    let longest = knobs.iter().map(|knob| knob.between.end() - knob.between.start()).max().unwrap_or(0);
    let steps = evenly(0, longest);
    let mut designs: Vec<Vec<u32>> = steps
        .iter()
        .map(|&step| {
            let along = |from: u32, to: u32| {
                from + (u64::from(to - from) * u64::from(step) / u64::from(longest.max(1))) as u32
            };
            knobs.iter().map(|knob| along(*knob.between.start(), *knob.between.end())).collect()
        })
        .collect();
    designs.dedup();
    designs
}

/// The answer, and one less and one more of each knob.
fn neighbours(bench: &Bench<'_>, answer: &[u32]) -> Vec<Vec<u32>> {
    let mut designs = vec![answer.to_vec()];
    for (at, knob) in bench.problem.knobs.iter().enumerate() {
        for number in [answer[at].wrapping_sub(1), answer[at] + 1] {
            if knob.between.contains(&number) {
                let mut design = answer.to_vec();
                design[at] = number;
                designs.push(design);
            }
        }
    }
    designs.sort();
    designs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_shares_of_all_checks_stay_within_the_whole() {
        let mut purse = Purse { error: 0.05, checks: 0, first: 0 };
        let spent: f64 = (0..10_000).map(|_| purse.next().unwrap().error_share()).sum();
        assert!(spent < 0.05 && spent > 0.0499, "{spent}");
    }

    #[test]
    fn dominance_is_in_every_part() {
        assert!(is_below(&[1, 2], &[1, 3]) && is_below(&[1, 2], &[1, 2]));
        assert!(!is_below(&[2, 1], &[1, 3]));
    }
}
