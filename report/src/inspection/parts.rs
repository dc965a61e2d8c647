//! The document of an inspection, made from the study.

use super::document::*;
use super::story;
use super::wording;
use crate::document::{CheckPart, Figure, Finding, InputPart, ScorePart, TargetPart, Unit};
use crate::facts::RunFacts;
use crate::figures::{counted, finding};
use crate::methods::{self, Experiment};
use crate::phrases;
use crate::words::Words;
use onetrip_models::system::System;
use onetrip_scenarios::targets::{self, TargetDocument};
use onetrip_studies::inspection::bulletin::BulletinTable;
use onetrip_studies::inspection::chance::Rest;
use onetrip_studies::inspection::change::{ASSUMED_COSTS, Costs, Reach, Search};
use onetrip_studies::inspection::form::{Field, FieldSource, Mark};
use onetrip_studies::inspection::look_back::LookBack;
use onetrip_studies::inspection::plan::Plan;
use onetrip_studies::inspection::rules::{RuleStanding, Standing};
use onetrip_studies::inspection::story::Doing;
use onetrip_studies::inspection::{HospitalInspection, InspectSettings, LiveVisit};
use onetrip_studies::scorecard::PointsResult;

/// One hospital with all that was found out about it.
#[derive(Clone)]
pub struct HospitalFacts<'a> {
    /// Name of the scenario.
    pub name: &'a str,
    /// The hospital.
    pub system: &'a System,
    /// The hospital in words, and its sources.
    pub run: RunFacts<'a>,
    /// What the inspectors found.
    pub inspection: &'a HospitalInspection,
    /// The search for the cheapest change, with the costs it used.
    pub change: Option<(&'a Search, &'a Costs)>,
    /// The follow-up: the name of the scenario after the change, its system, and what came out.
    pub look_back: Option<(&'a str, &'a System, &'a LookBack)>,
}

/// What a document of an inspection is made from.
pub struct InspectionFacts<'a> {
    /// Version of the program.
    pub version: String,
    /// The command that repeats the inspection.
    pub command: String,
    /// How hospitals were inspected.
    pub settings: &'a InspectSettings,
    /// The document whose form is filled in.
    pub document: &'a TargetDocument,
    /// The plan.
    pub plan: &'a Plan,
    /// The hospitals.
    pub hospitals: Vec<HospitalFacts<'a>>,
    /// The bulletin.
    pub bulletin: &'a [BulletinTable],
}

impl InspectionDocument {
    /// The document of an inspection.
    pub fn new(facts: &InspectionFacts<'_>) -> InspectionDocument {
        let InspectSettings { rng_seed, replications, weeks, visits, level, .. } = *facts.settings;
        InspectionDocument {
            format: FORMAT.to_owned(),
            version: facts.version.clone(),
            command: facts.command.clone(),
            rng_seed,
            replications,
            level: level.share(),
            weeks,
            visits,
            document: facts.document.id.clone(),
            title: (&facts.document.title).into(),
            groups: facts
                .document
                .groups
                .iter()
                .map(|group| GroupPart { id: group.id.clone(), title: (&group.title).into() })
                .collect(),
            rules: facts.plan.rules.iter().map(rule).collect(),
            hospitals: facts.hospitals.iter().map(|one| hospital(one, facts)).collect(),
            bulletin: facts.bulletin.iter().map(|table| bulletin(table, &facts.hospitals)).collect(),
        }
    }
}

fn rule(standing: &RuleStanding) -> RulePart {
    let rule = standing.rule;
    RulePart {
        id: word_of(&rule.kind),
        title: (&rule.title()).into(),
        source: Words::new(rule.source.0, rule.source.1),
        reading: rule.reading.map(|(en, zh)| Words::new(en, zh)),
        standing: match standing.standing {
            Standing::Kept => "kept",
            Standing::NotKept => "not_kept",
            Standing::DoesNotArise => "does_not_arise",
        }
        .to_owned(),
        remark: standing.remark.as_ref().map(Words::from),
    }
}

/// The word a plain enum is written with.
fn word_of<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

fn name_of(system: &System) -> Words {
    match system {
        System::Hospital(hospital) => (&hospital.spec().name).into(),
        System::Network(_) => Words::default(),
    }
}

/// What was done with a hospital.
fn experiment(facts: &HospitalFacts<'_>, all: &InspectionFacts<'_>) -> Experiment {
    let InspectSettings { rng_seed, replications, weeks, visits, level, .. } = *all.settings;
    let title = Words::from(&all.document.title);
    let inputs: Vec<InputPart> = facts.run.inputs.iter().map(InputPart::from).collect();
    let percent = phrases::percent(level.share());
    Experiment {
        aims: Words::new(
            format!("To find how likely the hospital is to pass the inspection of “{}”.", title.en),
            format!("求该医院通过《{}》检查的概率。", title.zh),
        ),
        scenarios: methods::scenarios(&inputs),
        estimation: Words::new(
            format!(
                "{}. {} in {} are drawn from them by \
                 the rules of inspections; a measured figure is judged by its mean over the visits that met with it. \
                 Chances are shares over all sets of visits that might have been drawn, with {percent} % intervals \
                 whose clusters are the days. Changes are tried one at a time under the same luck.",
                counted(replications.into(), "independent simulated day", "independent simulated days"),
                counted(visits.into(), "visit", "visits"),
                counted(weeks.into(), "week", "weeks"),
            ),
            format!(
                "独立模拟{replications}天，按检查规则从中抽取{weeks}周{visits}次体验；测量项按涉及该项的各次体验的均值判定。\
                 概率为所有可能抽取结果中的占比，{percent}%置信区间以天为群。各项改动在共用随机数下逐一尝试。"
            ),
        ),
        rng_seed,
        version: all.version.clone(),
        command: all.command.clone(),
        events: None,
        result: "inspection.json",
    }
}

fn hospital(facts: &HospitalFacts<'_>, all: &InspectionFacts<'_>) -> HospitalPart {
    let document = all.document;
    let inspection = facts.inspection;
    let card = &inspection.card;
    let chances = &inspection.chances;
    let ids = |items: &[usize]| items.iter().map(|&item| card.items[item].id.clone()).collect();
    HospitalPart {
        name: facts.name.to_owned(),
        title: name_of(facts.system),
        class: card.hospital.class.word().to_owned(),
        possible_visits: inspection.population.visit_count() as u64,
        off_hours_only: inspection.is_off_hours,
        items: (0..card.items.len()).map(|item| self::item(inspection, item, document)).collect(),
        inspections: visits(inspection, facts.system, document),
        measured_in_one: Figure::of(chances.measured_in_one),
        measured_in_all: Figure::of(chances.measured_in_all),
        passes: chances.in_all(),
        missed_for_certain: ids(&chances.missed),
        open: ids(&chances.open),
        weakest: chances.weakest.map(|item| card.items[item].id.clone()),
        change: facts.change.map(|(search, costs)| change(search, costs, inspection)),
        look_back: facts
            .look_back
            .map(|(name, system, back)| look_back(name, system, back, inspection, document)),
        score: card.score.map(|score| ScorePart {
            at_least: score.at_least,
            at_most: score.at_most,
            ..ScorePart::from(score.points)
        }),
        methods: methods::of_study(facts.system, &facts.run, &experiment(facts, all)),
        bonus: card.score.and_then(|score| score.bonus).map(ScorePart::from),
    }
}

fn item(inspection: &HospitalInspection, index: usize, document: &TargetDocument) -> ItemPart {
    let item = &inspection.card.items[index];
    let chance = &inspection.chances.items[index];
    let part = TargetPart::from(item);
    let checks = part.checks.iter().enumerate().map(|(check, part)| {
        let question = inspection.questions.iter().position(|q| q.item == index && q.check == check);
        let spread = question.and_then(|question| {
            let spread = inspection.population.spread(question, &inspection.questions[question])?;
            Some(SpreadPart {
                visits: spread.count as u64,
                touched_share: spread.touched_share,
                mean: spread.mean,
                median: spread.median,
                p90: spread.p90,
                maximum: spread.maximum,
                good_share: spread.good_share,
            })
        });
        let unit = part.unit.unwrap_or(Unit::Count);
        CheckAsked {
            id: part.id.clone(),
            title: part.title.clone(),
            bar: wording::bar(item.checks[check].comparison, part.threshold.as_ref(), part.unit, document),
            threshold: part.threshold.clone(),
            unit: part.unit,
            measure: part.measure.clone(),
            verdict: part.verdict,
            spread,
            spread_words: spread.map(|spread| wording::spread(&spread, unit)).unwrap_or_default(),
        }
    });
    ItemPart {
        id: item.id.clone(),
        group: item.group.clone(),
        title: part.title.clone(),
        source: item.source.clone(),
        due_by: part.checks.iter().find_map(|check| check.due_by.clone()),
        verdict: part.verdict,
        checks: checks.collect(),
        measured: chance.is_measured,
        rest: match chance.rest {
            Rest::Met => "met",
            Rest::Missed => "missed",
            Rest::Open => "open",
            Rest::NotAsked => "not_asked",
        }
        .to_owned(),
        one_visit: Figure::of(chance.one_visit),
        all_visits: Figure::of(chance.all_visits),
        blame_share: chance.blame_share,
        points: item.points.map(ScorePart::from),
        is_bonus: item.points.is_some_and(|points: PointsResult| points.is_bonus),
    }
}

fn visits(inspection: &HospitalInspection, system: &System, document: &TargetDocument) -> Vec<VisitPart> {
    inspection.visits.iter().map(|visit| self::visit(visit, inspection, system, document)).collect()
}

fn visit(
    visit: &LiveVisit,
    inspection: &HospitalInspection,
    system: &System,
    document: &TargetDocument,
) -> VisitPart {
    let of_group = |group: &usize| document.groups.get(*group).map(|group| group.id.clone());
    // Steps of no length say something only where something came to an end.
    let is_told = |doing: Doing, length: f64| {
        length > 0.0
            || matches!(doing, Doing::Arriving | Doing::Leaving | Doing::LeavingUnseen | Doing::TurnedAway(_))
    };
    let story: Vec<StepPart> = visit
        .story
        .iter()
        .filter(|step| is_told(step.doing, step.time().as_seconds()))
        .map(|step| StepPart {
            from_s: step.from.as_seconds(),
            to_s: step.to.as_seconds(),
            wait: step.doing.is_wait(),
            what: story::words(step.doing, system.stations()),
        })
        .collect();
    VisitPart {
        number: visit.planned.number,
        week: visit.planned.week,
        day: visit.planned.replication,
        booked: visit.patient.is_booked(),
        patient: visit.patient.number,
        class: system.classes().get(visit.class).map(Words::from).unwrap_or_default(),
        off_hours: visit.came_off_hours,
        groups: visit.planned.groups.iter().filter_map(of_group).collect(),
        arrived_at_s: story.first().map_or(0.0, |step| step.from_s),
        left_at_s: story.last().map_or(0.0, |step| step.to_s),
        waited_s: story.iter().filter(|step| step.wait).map(|step| step.to_s - step.from_s).sum(),
        story,
        rows: visit
            .form
            .rows
            .iter()
            .map(|row| {
                let item = &inspection.card.items[row.item];
                RowPart {
                    item: item.id.clone(),
                    mark: word_of(&row.mark),
                    mark_words: wording::mark(row.mark),
                    fields: row
                        .fields
                        .iter()
                        .map(|field| {
                            self::field(field, &CheckPart::from(&item.checks[field.check]), document)
                        })
                        .collect(),
                }
            })
            .collect(),
    }
}

fn field(field: &Field, check: &CheckPart, document: &TargetDocument) -> FieldPart {
    let unit = check.unit.unwrap_or(Unit::Count);
    let value = match (field.question, field.source) {
        (Some(_), _) => field.figure.map(Finding::Number),
        (None, FieldSource::Description | FieldSource::Answer) => check.value.clone(),
        (None, _) => None,
    };
    let value_words = match (&value, field.mark) {
        (None, Mark::NotTouched) => Words::new("this visit had nothing to do with it", "本次未涉及"),
        (None, Mark::NotAsked) => check.reason.clone(),
        (None, _) => Words::default(),
        (Some(Finding::Words(there)), _) => match &check.threshold {
            Some(Finding::Words(asked)) => wording::boxes(asked, there, document),
            _ => wording::boxes(&[], there, document),
        },
        (Some(Finding::Number(number)), _) => wording::figure(*number, unit),
        (Some(flag), _) => Words::in_both(|language| finding(flag, check.unit, language)),
    };
    FieldPart {
        check: check.id.clone(),
        mark: word_of(&field.mark),
        mark_words: wording::mark(field.mark),
        source: word_of(&field.source),
        source_words: match field.mark {
            Mark::NotAsked => Words::default(),
            _ => wording::source(field.source),
        },
        value,
        value_words,
    }
}

fn change(search: &Search, costs: &Costs, inspection: &HospitalInspection) -> ChangePart {
    ChangePart {
        item: inspection.card.items[search.item].id.clone(),
        wanted: search.wanted,
        present: search.present,
        tried: search
            .tried
            .iter()
            .map(|tried| TriedPart {
                lever: tried.lever.to_owned(),
                size: tried.size,
                title: (&tried.title).into(),
                set: tried.assignments.clone(),
                cost_yuan: tried.cost_yuan,
                chance: Figure::of(Some(tried.chance)),
                enough: match tried.reach {
                    Reach::Surely => "surely",
                    Reach::Perhaps => "perhaps",
                    Reach::No => "no",
                }
                .to_owned(),
            })
            .collect(),
        cheapest: search.cheapest,
        cheapest_sure: search.cheapest_sure,
        costs: ASSUMED_COSTS
            .iter()
            .map(|line| CostPart {
                id: line.id.to_owned(),
                yuan: costs.of(line.id),
                what: Words::new(line.en, line.zh),
                assumed: costs.of(line.id) == line.yuan,
            })
            .collect(),
    }
}

fn look_back(
    name: &str,
    system: &System,
    back: &LookBack,
    before: &HospitalInspection,
    document: &TargetDocument,
) -> LookBackPart {
    let figures = back.changes.iter().map(|change| {
        let question = &before.questions[change.question];
        BeforeAfter {
            check: question.id.clone(),
            title: (&before.card.items[question.item].checks[question.check].title).into(),
            unit: unit_of(question.bar.unit),
            before: change.before,
            after: change.after,
            difference: Figure::of(Some(change.difference)),
            chance_before: change.chance_before,
            chance_after: change.chance_after,
        }
    });
    let items = before.card.items.iter().zip(&back.after.card.items).filter(|(a, b)| a.verdict != b.verdict);
    LookBackPart {
        name: name.to_owned(),
        figures: figures.collect(),
        items: items
            .map(|(a, b)| ItemBeforeAfter {
                item: a.id.clone(),
                title: (&a.title).into(),
                before: a.verdict.into(),
                after: b.verdict.into(),
            })
            .collect(),
        same_patients: back.after.visits.iter().filter(|visit| visit.is_same_patient).count() as u32,
        inspections: visits(&back.after, system, document),
        measured_before: Figure::of(before.chances.measured_in_all),
        measured_after: Figure::of(back.after.chances.measured_in_all),
    }
}

fn unit_of(unit: targets::Unit) -> Unit {
    match unit {
        targets::Unit::Seconds => Unit::Seconds,
        targets::Unit::Share => Unit::Share,
        targets::Unit::Count => Unit::Count,
    }
}

fn bulletin(table: &BulletinTable, hospitals: &[HospitalFacts<'_>]) -> BulletinPart {
    let rows = table.rows.iter().map(|row| {
        let facts = &hospitals[row.hospital];
        let figures =
            facts.inspection.questions.iter().zip(&row.figures).map(|(question, mean)| BulletinFigure {
                check: question.id.clone(),
                title: (&facts.inspection.card.items[question.item].checks[question.check].title).into(),
                unit: unit_of(question.bar.unit),
                mean: *mean,
            });
        BulletinRowPart {
            rank: row.rank,
            hospital: facts.name.to_owned(),
            title: name_of(facts.system),
            visits: row.visits,
            passed: row.passed,
            failed: row.failed,
            by_hand: row.by_hand,
            passed_share: row.passed_share,
            points: row.points,
            figures: figures.collect(),
        }
    });
    BulletinPart { week: table.week, rows: rows.collect() }
}
