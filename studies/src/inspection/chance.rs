//! The chance that a hospital passes: item by item and in all, for one visit and for several.
//!
//! An inspection of n visits judges each measured figure by its mean over the visits that touched it (an item no visit
//! touched has nothing against it). A visit is drawn as the plan draws it, first a day and then a patient of that day, so
//! a busy day counts as much as a quiet one; visits of one day share its luck, so days are the clusters of every interval.

use super::plan::drawing_stream;
use super::question::Question;
use crate::scorecard::{Scorecard, Verdict};
use crate::statistics::StatisticsError;
use crate::statistics::interval::{Estimate, Level};
use crate::statistics::passing::together::{Visit, passing_together};
use crate::statistics::passing::{Criterion, passing};
use crate::statistics::share::{Tally, share_of_replications};

/// The visits that inspectors might make, by day; each visit has one figure a question.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Population {
    /// By replication, which is a day.
    pub replications: Vec<Vec<Visit>>,
}

/// How the figure of a question is spread over visits, each as likely as inspectors make it: days weigh alike, and within a
/// day the visits of that day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// Visits that touched it.
    pub count: usize,
    /// The chance that a visit touches it.
    pub touched_share: f64,
    /// Their mean.
    pub mean: f64,
    /// Half of them have at most this.
    pub median: f64,
    /// 90 % of them have at most this.
    pub p90: f64,
    /// The largest.
    pub maximum: f64,
    /// The chance that one of them is good enough alone.
    pub good_share: f64,
}

/// What decides an item beside the figures of a visit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rest {
    /// Nothing: everything else it asks is met, or it asks nothing else.
    Met,
    /// Something that was counted or answered is missed: no visit can save it.
    Missed,
    /// Something nobody has said, or that no run computes.
    Open,
    /// The item is not asked of this hospital.
    NotAsked,
}

/// The chance of one item.
#[derive(Clone, Debug, PartialEq)]
pub struct ItemChance {
    /// Place in the document.
    pub item: usize,
    /// What decides it beside the visits' figures.
    pub rest: Rest,
    /// Some figure of it comes from visits.
    pub is_measured: bool,
    /// The chance that its measured figures pass in one visit; `None` where it has none.
    pub one_visit: Option<Estimate>,
    /// The same for all visits of the period.
    pub all_visits: Option<Estimate>,
    /// Of inspections that fail on measured figures: the share in which this item fails.
    pub blame_share: f64,
}

/// The chances of a hospital.
#[derive(Clone, Debug, PartialEq)]
pub struct Chances {
    /// How many visits "all visits" are.
    pub visit_count: u32,
    /// By item of the document.
    pub items: Vec<ItemChance>,
    /// All measured items together in one visit.
    pub measured_in_one: Option<Estimate>,
    /// All measured items together over all visits.
    pub measured_in_all: Option<Estimate>,
    /// Items that are missed whatever the visits show.
    pub missed: Vec<usize>,
    /// Items with something that nobody has said, or that no run computes.
    pub open: Vec<usize>,
    /// The measured item with the smallest chance over all visits.
    pub weakest: Option<usize>,
}

impl Chances {
    /// The chance that the whole form passes over all visits, as far as it is known: none when an item is missed whatever
    /// the visits show, else that of the measured items. Open items are taken as met.
    pub fn in_all(&self) -> Option<f64> {
        if !self.missed.is_empty() {
            return Some(0.0);
        }
        self.measured_in_all.map(|estimate| estimate.value)
    }
}

impl Population {
    /// How many visits there are.
    pub fn visit_count(&self) -> usize {
        self.replications.iter().map(Vec::len).sum()
    }

    /// The figures of one question, by replication, of the visits that touched it.
    pub fn figures(&self, question: usize) -> Vec<Vec<f64>> {
        let of_one = |visits: &Vec<Visit>| visits.iter().filter_map(|visit| visit[question]).collect();
        self.replications.iter().map(of_one).collect()
    }

    /// How the figure of a question is spread; `None` where no visit touched it.
    pub fn spread(&self, index: usize, question: &Question) -> Option<Spread> {
        let days = || self.replications.iter().filter(|visits| !visits.is_empty());
        let weight_of_day = 1.0 / days().count() as f64;
        let mut figures: Vec<(f64, f64)> = days()
            .flat_map(|visits| {
                let weight = weight_of_day / visits.len() as f64;
                visits.iter().filter_map(move |visit| Some((visit[index]?, weight)))
            })
            .collect();
        if figures.is_empty() {
            return None;
        }
        figures.sort_by(|a, b| a.0.total_cmp(&b.0));
        let touched_share = figures.iter().map(|(_, weight)| weight).sum::<f64>();
        let mean_of = |value: &dyn Fn(f64) -> f64| {
            figures.iter().map(|&(figure, weight)| value(figure) * weight).sum::<f64>() / touched_share
        };
        let count = figures.len();
        // The smallest figure that a share of the weight has at most; sums of weights are a little off.
        let at = |share: f64| {
            let mut reached = 0.0;
            let place = figures.iter().position(|(_, weight)| {
                reached += weight;
                reached >= share * touched_share - 1e-9
            });
            figures[place.unwrap_or(count - 1)].0
        };
        Some(Spread {
            count,
            touched_share,
            mean: mean_of(&|figure| figure),
            median: at(0.5),
            p90: at(0.9),
            maximum: figures[count - 1].0,
            good_share: mean_of(&|figure| f64::from(question.is_met_by(figure))),
        })
    }

    /// The chance that several questions pass together in `visit_count` visits; `None` without questions or visits.
    ///
    /// # Errors
    /// As [`passing`] and [`passing_together`].
    pub fn chance(
        &self,
        questions: &[Question],
        wanted: &[usize],
        visit_count: u32,
        rng_seed: u64,
        level: Level,
    ) -> Result<Option<Estimate>, StatisticsError> {
        if wanted.is_empty() || self.visit_count() == 0 {
            return Ok(None);
        }
        let meets = |visit: &Visit| {
            wanted.iter().all(|&index| visit[index].is_none_or(|figure| questions[index].is_met_by(figure)))
        };
        if visit_count <= 1 {
            let tally = |visits: &Vec<Visit>| Tally {
                within: visits.iter().filter(|visit| meets(visit)).count() as u64,
                total: visits.len() as u64,
            };
            let tallies: Vec<Tally> = self.replications.iter().map(tally).collect();
            return Ok(Some(share_of_replications(&tallies, level)?));
        }
        if let [index] = *wanted {
            let figures = self.figures(index);
            if figures.iter().map(Vec::len).sum::<usize>() == self.visit_count() {
                return Ok(Some(passing(&figures, questions[index].criterion, visit_count as usize, level)?));
            }
        }
        Ok(self.together(questions, wanted, visit_count, rng_seed, level)?.map(|drawn| drawn.0))
    }

    /// Drawn inspections: the chance of all wanted questions together, and the blame of each.
    fn together(
        &self,
        questions: &[Question],
        wanted: &[usize],
        visit_count: u32,
        rng_seed: u64,
        level: Level,
    ) -> Result<Option<(Estimate, Vec<f64>)>, StatisticsError> {
        if wanted.is_empty() || self.visit_count() == 0 {
            return Ok(None);
        }
        let narrow = |visit: &Visit| wanted.iter().map(|&index| visit[index]).collect::<Visit>();
        let rows: Vec<Vec<Visit>> =
            self.replications.iter().map(|visits| visits.iter().map(narrow).collect()).collect();
        let criteria: Vec<Criterion> = wanted.iter().map(|&index| questions[index].criterion).collect();
        let inspections = (1000 * visit_count as usize).clamp(4000, 50_000);
        let mut stream = drawing_stream(rng_seed);
        let together =
            passing_together(&rows, &criteria, visit_count as usize, inspections, level, &mut stream)?;
        Ok(Some((together.all, together.blame_shares)))
    }
}

/// What decides an item beside the questions.
fn rest_of(card: &Scorecard, item: usize, questions: &[Question]) -> Rest {
    let mut rest = Rest::NotAsked;
    for (index, check) in card.items[item].checks.iter().enumerate() {
        if check.optional {
            continue;
        }
        let is_question = questions.iter().any(|question| question.item == item && question.check == index);
        let this = match check.verdict {
            Verdict::NotApplicable => continue,
            _ if is_question => Rest::Met,
            Verdict::Met => Rest::Met,
            Verdict::Missed => Rest::Missed,
            Verdict::NotSureYet | Verdict::NotAssessed | Verdict::NotSimulatedYet => Rest::Open,
        };
        rest = match (rest, this) {
            (Rest::Missed, _) | (_, Rest::Missed) => Rest::Missed,
            (Rest::Open, _) | (_, Rest::Open) => Rest::Open,
            _ => this,
        };
    }
    rest
}

/// The chances of a hospital.
///
/// # Errors
/// As [`Population::chance`].
pub fn chances(
    card: &Scorecard,
    questions: &[Question],
    population: &Population,
    visit_count: u32,
    rng_seed: u64,
    level: Level,
) -> Result<Chances, StatisticsError> {
    let deciding: Vec<usize> = (0..questions.len()).filter(|&index| !questions[index].is_optional).collect();
    let blame = population.together(questions, &deciding, visit_count, rng_seed, level)?;
    let mut items = Vec::with_capacity(card.items.len());
    for item in 0..card.items.len() {
        let own: Vec<usize> =
            deciding.iter().copied().filter(|&index| questions[index].item == item).collect();
        let blame_of = |index: &usize| {
            let place = deciding.iter().position(|deciding| deciding == index);
            place.zip(blame.as_ref()).map_or(0.0, |(place, (_, blame))| blame[place])
        };
        items.push(ItemChance {
            item,
            rest: rest_of(card, item, questions),
            is_measured: !own.is_empty(),
            one_visit: population.chance(questions, &own, 1, rng_seed, level)?,
            all_visits: population.chance(questions, &own, visit_count, rng_seed, level)?,
            blame_share: own.iter().map(blame_of).fold(0.0, f64::max),
        });
    }
    let weakest = items
        .iter()
        .filter_map(|chance| Some((chance.item, chance.all_visits?.value, chance.one_visit?.value)))
        .min_by(|a, b| a.1.total_cmp(&b.1).then(a.2.total_cmp(&b.2)))
        .map(|(item, ..)| item);
    let with =
        |rest: Rest| items.iter().filter(|chance| chance.rest == rest).map(|chance| chance.item).collect();
    Ok(Chances {
        visit_count,
        measured_in_one: population.chance(questions, &deciding, 1, rng_seed, level)?,
        measured_in_all: population.chance(questions, &deciding, visit_count, rng_seed, level)?,
        missed: with(Rest::Missed),
        open: with(Rest::Open),
        weakest,
        items,
    })
}
