//! Points: what is held, what is lost, and what is still open.

use super::judge::Judgement;
use super::{ItemResult, Verdict};
use onetrip_scenarios::targets::{Addition, Answers, Check, Comparison, Deduction, Points};
use serde::Serialize;

/// The points of an item, a group or a document. For points that are there to be lost,
/// `held + lost + not_sure + not_assessed = most`. Bonus points are gained, never lost: `held` is what was gained,
/// `not_assessed` what could still be.
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize)]
pub struct PointsResult {
    /// What there is.
    pub most: f64,
    /// What is kept (or gained) whatever else turns out.
    pub held: f64,
    /// What is lost for certain.
    pub lost: f64,
    /// What could be lost where a run is not sure yet.
    pub not_sure: f64,
    /// What could be lost (or gained) where nobody has said or no run computes.
    pub not_assessed: f64,
    /// Points to be gained on top.
    pub is_bonus: bool,
}

/// The points of a document.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct Score {
    /// The points that are there to be lost.
    pub points: PointsResult,
    /// The bonus, when the document has one.
    pub bonus: Option<PointsResult>,
    /// The least the total can turn out to be.
    pub at_least: f64,
    /// The most the total can turn out to be.
    pub at_most: f64,
}

impl PointsResult {
    fn plus(self, other: PointsResult) -> PointsResult {
        PointsResult {
            most: self.most + other.most,
            held: self.held + other.held,
            lost: self.lost + other.lost,
            not_sure: self.not_sure + other.not_sure,
            not_assessed: self.not_assessed + other.not_assessed,
            is_bonus: other.is_bonus,
        }
    }
}

fn sum<'a>(items: impl Iterator<Item = &'a ItemResult>, is_bonus: bool) -> Option<PointsResult> {
    items
        .filter_map(|item| item.points)
        .filter(|points| points.is_bonus == is_bonus)
        .reduce(PointsResult::plus)
}

/// The points of some items, bonus apart; `None` when none of them has any.
pub(super) fn sum_of_ordinary<'a>(items: impl Iterator<Item = &'a ItemResult>) -> Option<PointsResult> {
    sum(items, false)
}

impl Score {
    pub(super) fn of(items: &[ItemResult]) -> Option<Score> {
        let ordinary = sum(items.iter(), false);
        let bonus = sum(items.iter(), true);
        if ordinary.is_none() && bonus.is_none() {
            return None;
        }
        let points = ordinary.unwrap_or_default();
        let gained = bonus.map_or(0.0, |bonus| bonus.held);
        let still_open = bonus.map_or(0.0, |bonus| bonus.not_sure + bonus.not_assessed);
        Some(Score {
            points,
            bonus,
            at_least: points.held + gained,
            at_most: points.held + points.not_sure + points.not_assessed + gained + still_open,
        })
    }
}

/// What the checks of an item lose and gain, before the item's points bound it.
#[derive(Default)]
struct Ledger {
    lost: f64,
    gained: f64,
    may_lose_not_sure: f64,
    may_lose_not_assessed: f64,
    may_gain: f64,
}

pub(super) fn points_of<'a>(
    points: Points,
    checks: impl Iterator<Item = (&'a Check, &'a Judgement)>,
    answers: &Answers,
) -> PointsResult {
    let mut ledger = Ledger::default();
    for (check, judgement) in checks {
        if let Some(deduction) = check.deduction {
            ledger.deduct(check, deduction, judgement, answers);
        }
        if let Some(addition) = check.addition {
            ledger.add(addition, judgement);
        }
    }
    match points {
        Points::Ordinary(most) => ledger.ordinary(most),
        Points::Bonus(most) => ledger.bonus(most),
    }
}

impl Ledger {
    fn deduct(&mut self, check: &Check, deduction: Deduction, judgement: &Judgement, answers: &Answers) {
        let worst = match deduction {
            Deduction::Once(points) => points,
            Deduction::Each(_) => f64::INFINITY,
            Deduction::Judged { to, .. } => to,
        };
        match judgement.verdict {
            Verdict::Met => {}
            Verdict::Missed => match deduction {
                Deduction::Once(points) => self.lost += points,
                Deduction::Each(points) => self.lost += points * missing(check, judgement),
                Deduction::Judged { from, to } => {
                    match answers.get(&check.id).and_then(|answer| answer.lost) {
                        Some(lost) => self.lost += lost,
                        None => {
                            self.lost += from;
                            self.may_lose_not_assessed += to - from;
                        }
                    }
                }
            },
            Verdict::NotSureYet => self.may_lose_not_sure += worst,
            Verdict::NotAssessed | Verdict::NotSimulatedYet => self.may_lose_not_assessed += worst,
            Verdict::NotApplicable if judgement.is_not_yet => self.may_lose_not_assessed += worst,
            Verdict::NotApplicable => {}
        }
    }

    fn add(&mut self, addition: Addition, judgement: &Judgement) {
        match (judgement.verdict, addition) {
            (Verdict::Met, Addition::Once(points)) => self.gained += points,
            (Verdict::Met, Addition::Each(points)) => {
                self.gained += points * judgement.distance.map_or(1.0, |distance| distance.value.floor());
            }
            (Verdict::Missed, _) => {}
            (Verdict::NotApplicable, _) if !judgement.is_not_yet => {}
            (_, Addition::Once(points)) => self.may_gain += points,
            (_, Addition::Each(_)) => self.may_gain = f64::INFINITY,
        }
    }

    /// The worst and the best the item can turn out to be bound what is held and what is lost.
    fn ordinary(&self, most: f64) -> PointsResult {
        let now = most - self.lost + self.gained;
        let worst = (now - self.may_lose_not_sure - self.may_lose_not_assessed).clamp(0.0, most);
        let best = (now + self.may_gain).clamp(0.0, most);
        let not_sure = (best - worst).min(self.may_lose_not_sure);
        PointsResult {
            most,
            held: worst,
            lost: most - best,
            not_sure,
            not_assessed: best - worst - not_sure,
            is_bonus: false,
        }
    }

    fn bonus(&self, most: f64) -> PointsResult {
        let held = self.gained.min(most);
        PointsResult {
            most,
            held,
            not_assessed: (most - held).min(self.may_gain),
            is_bonus: true,
            ..PointsResult::default()
        }
    }
}

/// How many a figure is over or short of its bar, in whole ones begun.
fn missing(check: &Check, judgement: &Judgement) -> f64 {
    let Some(distance) = judgement.distance else { return 1.0 };
    let gap = match check.comparison {
        Comparison::AtMost => distance.value - distance.bar,
        Comparison::AtLeast => distance.bar - distance.value,
        Comparison::Equals | Comparison::All => (distance.value - distance.bar).abs(),
    };
    (gap - 1e-9).ceil().max(1.0)
}
