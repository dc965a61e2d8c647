//! How much demand a system bears, as a part of the document.

use super::name_of;
use crate::document::{Figure, Unit};
use crate::figures::{TimeScale, count, share};
use crate::phrases::{asked, percent};
use crate::words::{Language, Words};
use onetrip_models::system::System;
use onetrip_studies::condition::Condition;
use onetrip_studies::size::{Ending, SizeSettings};
use onetrip_studies::stress::demand::{Bottleneck, DemandLimits, DemandRange};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Stations that are listed.
const LISTED: usize = 8;

/// How much demand it bears.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct DemandPart {
    /// How far neighbouring demands lie apart, as a share of today's.
    pub step: f64,
    /// How far from a limit either answer was accepted, as a share of the limit.
    pub tolerance: f64,
    /// The probability with which all answers are right together.
    pub confidence: f64,
    /// The targets, in the order in which they break.
    pub targets: Vec<DemandTarget>,
    /// The values along the range, smallest demand first; one value a target, in the order of `targets`.
    pub curve: Vec<DemandPointPart>,
    /// The demands at which stations were looked at: the smallest, the largest that holds the first target to break, and
    /// the next. Empty where nothing breaks.
    pub looked_at: Vec<f64>,
    /// The stations whose waiting grows most between them, the worst first.
    pub stations: Vec<LoadedStation>,
}

/// One target.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct DemandTarget {
    /// As it was written.
    pub text: String,
    /// The measure.
    pub measure: String,
    /// Its title.
    pub title: Words,
    /// Its unit.
    pub unit: Unit,
    /// The relation, `<=`.
    pub relation: String,
    /// The limit in that unit.
    pub limit: f64,
    /// `found`, `none_holds`, `unsure` or `stopped`.
    pub ending: String,
    /// The largest demand that holds it, 1 is today's; `null` where none of the range does.
    pub largest_demand: Option<f64>,
    /// The next demand of the range; `null` where all of the range holds it.
    pub breaks_at: Option<f64>,
}

/// The values at one demand.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct DemandPointPart {
    /// The demand, 1 is today's.
    pub demand: f64,
    /// For each target the mean over days with its interval.
    pub values: Vec<Figure>,
}

/// A station that waiting grows at.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct LoadedStation {
    /// Dotted name.
    pub id: String,
    /// Name shown.
    pub title: Words,
    /// One entry a demand of `looked_at`.
    pub loads: Vec<LoadPart>,
}

/// What a station bears at a demand.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct LoadPart {
    /// Hours of waiting in a run, all patients together.
    pub waiting_hours: f64,
    /// Busy ÷ on duty in its busiest hour.
    pub busiest_share: Option<f64>,
}

/// What the part is made of.
pub struct DemandFacts<'a> {
    /// The system at today's demand.
    pub system: &'a System,
    /// The demands that were looked at.
    pub range: DemandRange,
    /// The target.
    pub target: &'a [Condition],
    /// How it was searched.
    pub settings: &'a SizeSettings,
    /// What it came to.
    pub limits: &'a DemandLimits,
}

impl DemandPart {
    pub(super) fn new(facts: &DemandFacts<'_>) -> DemandPart {
        let limits = facts.limits;
        let mut order: Vec<usize> = (0..facts.target.len()).collect();
        let breaks_at = |at: &usize| match &limits.targets[*at] {
            // What holds nowhere comes last.
            one if one.largest.is_none() => f64::INFINITY,
            one => one.breaks_at.unwrap_or(f64::MAX),
        };
        order.sort_by(|a, b| breaks_at(a).total_cmp(&breaks_at(b)));
        DemandPart {
            step: facts.range.step(),
            tolerance: facts.settings.tolerance_share,
            confidence: facts.settings.level.share(),
            targets: order.iter().map(|&at| target(facts, at)).collect(),
            curve: limits
                .curve
                .iter()
                .map(|point| DemandPointPart {
                    demand: point.factor,
                    values: order.iter().map(|&at| Figure::of(Some(point.point.values[at]))).collect(),
                })
                .collect(),
            looked_at: limits.bottleneck.as_ref().map_or_else(Vec::new, |found| found.factors.clone()),
            stations: limits.bottleneck.as_ref().map_or_else(Vec::new, |found| stations(facts.system, found)),
        }
    }
}

fn target(facts: &DemandFacts<'_>, at: usize) -> DemandTarget {
    let (condition, limit) = (&facts.target[at], &facts.limits.targets[at]);
    DemandTarget {
        text: condition.to_string(),
        measure: condition.measure.id.clone(),
        title: (&condition.measure.title).into(),
        unit: condition.measure.unit.into(),
        relation: condition.relation.sign().to_owned(),
        limit: condition.limit,
        ending: match limit.ending {
            Ending::Found => "found",
            Ending::NoneHolds => "none_holds",
            Ending::Unsure => "unsure",
            Ending::Stopped => "stopped",
        }
        .to_owned(),
        largest_demand: limit.largest,
        breaks_at: limit.breaks_at,
    }
}

fn stations(system: &System, found: &Bottleneck) -> Vec<LoadedStation> {
    let growth = |station: &usize| {
        let loads = &found.loads[*station];
        let (first, last) = (loads.first(), loads.last());
        last.map_or(0.0, |last| last.waiting_hours)
            - if loads.len() > 1 { first.map_or(0.0, |first| first.waiting_hours) } else { 0.0 }
    };
    let mut order: Vec<usize> = (0..found.loads.len()).filter(|station| growth(station) > 0.0).collect();
    order.sort_by(|a, b| growth(b).total_cmp(&growth(a)));
    order.truncate(LISTED);
    order
        .into_iter()
        .map(|station| {
            let label = &system.stations()[station];
            LoadedStation {
                id: label.id.clone(),
                title: name_of(&label.title, &label.id),
                loads: found.loads[station]
                    .iter()
                    .map(|load| LoadPart {
                        waiting_hours: load.waiting_hours,
                        busiest_share: load.busiest_share,
                    })
                    .collect(),
            }
        })
        .collect()
}

/// A demand as a person says it: `120 %`.
pub(super) fn demand_text(factor: f64, language: Language) -> String {
    format!("{}{}", percent(factor), language.pick(" %", "%"))
}

/// Hours of waiting of all patients together.
pub(super) fn hours(hours: f64, language: Language) -> String {
    format!("{} {}", count(hours.round() as u64), TimeScale::Hours.symbol(language))
}

impl DemandTarget {
    /// The target as people read it.
    pub(super) fn asked(&self, language: Language) -> String {
        asked(&self.title, &self.relation, self.limit, self.unit, language)
    }
}

/// What was found out, the answer first.
pub(super) fn findings(part: &DemandPart) -> Vec<Words> {
    let mut all = vec![answer(part)];
    all.extend(place(part));
    all.extend(missed_throughout(part));
    all.push(promise(part));
    all
}

fn answer(part: &DemandPart) -> Words {
    let said = |factor: f64| {
        Words::new(demand_text(factor, Language::English), demand_text(factor, Language::Chinese))
    };
    let top = part.curve.last().map_or(1.0, |point| point.demand);
    let Some(first) = part.targets.first() else { return Words::default() };
    match (first.breaks_at, first.largest_demand) {
        _ if first.ending == "stopped" => Words::new(
            "Stopped before the search was over; the curve shows what is known.",
            "搜索中止；曲线为已有结果。",
        ),
        (None, _) => {
            let top = said(top);
            Words::new(
                format!(
                    "Every target that holds at first still does at {} of today's demand, the most that was asked.",
                    top.en
                ),
                format!("在所考察的最大需求（现状的{}）下，起初满足的目标全部仍满足。", top.zh),
            )
        }
        (Some(breaks_at), None) => {
            let at = said(breaks_at);
            Words::new(
                format!("No target holds even at {} of today's demand.", at.en),
                format!("需求为现状的{}时，已没有目标满足。", at.zh),
            )
        }
        (Some(breaks_at), Some(largest)) => {
            let (largest, breaks_at) = (said(largest), said(breaks_at));
            Words::new(
                format!(
                    "At {} of today's demand every target that holds at first still does; at {} the first breaks: {}.",
                    largest.en,
                    breaks_at.en,
                    first.asked(Language::English)
                ),
                format!(
                    "需求增至现状的{}时，起初满足的目标全部仍满足；到{}时最先失守的是“{}”。",
                    largest.zh,
                    breaks_at.zh,
                    first.asked(Language::Chinese)
                ),
            )
        }
    }
}

/// Targets that hold at no demand of the range.
fn missed_throughout(part: &DemandPart) -> Option<Words> {
    let lowest = part.curve.first()?.demand;
    let missed: Vec<&DemandTarget> =
        part.targets.iter().filter(|one| one.largest_demand.is_none() && one.ending != "stopped").collect();
    if missed.is_empty() || missed.len() == part.targets.len() {
        return None;
    }
    let list = |language: Language| -> String {
        let texts = missed.iter().map(|one| one.asked(language));
        texts.collect::<Vec<_>>().join(language.pick("; ", "；"))
    };
    Some(Words::new(
        format!("Missed already at {}: {}.", demand_text(lowest, Language::English), list(Language::English)),
        format!("需求为{}时已未达标：{}。", demand_text(lowest, Language::Chinese), list(Language::Chinese)),
    ))
}

/// Where waiting grows.
fn place(part: &DemandPart) -> Option<Words> {
    let worst = part.stations.first()?;
    let (before, after) = (worst.loads.first()?, worst.loads.last()?);
    let (from, to) = (part.looked_at.first()?, part.looked_at.last()?);
    Some(Words::in_both(|language| {
        let (from, to) = (demand_text(*from, language), demand_text(*to, language));
        let (before_h, after_h) =
            (hours(before.waiting_hours, language), hours(after.waiting_hours, language));
        let busy = busy_text(before, after, language);
        let title = worst.title.in_language(language);
        match language {
            Language::English if part.looked_at.len() > 1 => format!(
                "It breaks at: {title}. From {from} to {to} of demand, the waiting of all patients there grows from \
                 {before_h} to {after_h} a run{busy}."
            ),
            Language::English => format!("Most waiting at {to} of demand is at: {title} ({after_h} a run)."),
            Language::Chinese if part.looked_at.len() > 1 => format!(
                "瓶颈在{title}：需求由{from}增至{to}时，该处全部患者每次运行的等候总时长由{before_h}增至{after_h}{busy}。"
            ),
            Language::Chinese => format!("需求为{to}时等候最多的是{title}（每次运行共{after_h}）。"),
        }
    }))
}

/// How busy a station is in its busiest hour, before and after.
fn busy_text(before: &LoadPart, after: &LoadPart, language: Language) -> String {
    let (Some(before), Some(after)) = (before.busiest_share, after.busiest_share) else {
        return String::new();
    };
    let (before, after) = (share(before, language), share(after, language));
    match language {
        Language::English if before == after => {
            format!("; in its busiest hour it is busy {after} of the time on duty in both")
        }
        Language::English => {
            format!("; in its busiest hour it is busy {before}, then {after} of the time on duty")
        }
        Language::Chinese if before == after => format!("；最忙小时的利用率均为{after}"),
        Language::Chinese => format!("；最忙小时的利用率由{before}升至{after}"),
    }
}

fn promise(part: &DemandPart) -> Words {
    let (confidence, tolerance, step) =
        (percent(part.confidence), percent(part.tolerance), percent(part.step));
    let unsure = |language: Language| -> Vec<String> {
        let unsure = part.targets.iter().filter(|one| one.ending == "unsure");
        unsure.map(|one| one.asked(language)).collect()
    };
    let mut words = Words::new(
        format!(
            "With {confidence} % probability all these answers are right for demands whose value is off the limit by \
             more than {tolerance} % of it; demands lie {step} % apart."
        ),
        format!(
            "对数值与限值相差超过{tolerance}%的需求水平，以上判断同时正确的概率为{confidence}%；需求步长为{step}%。"
        ),
    );
    let (en, zh) = (unsure(Language::English), unsure(Language::Chinese));
    if !en.is_empty() {
        words.en.push_str(&format!(" Replications ran out for: {}; that is a best guess.", en.join("; ")));
        words.zh.push_str(&format!("以下目标的重复次数已用尽，仅为最佳估计：{}。", zh.join("；")));
    }
    words
}
