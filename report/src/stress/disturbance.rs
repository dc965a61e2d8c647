//! What a disturbance does, as a part of the document.

use super::name_of;
use super::passage::{self, PassagePart};
use crate::compare::sentences;
use crate::compare::terminal::{difference_of_sums, difference_text};
use crate::compare::{AlternativePart, Compared, ComparedPart, DifferencePart, Listed, alternative};
use crate::document::{Figure, Unit};
use crate::figures::{clock, duration, share, show, show_with_interval, whole_percent};
use crate::phrases::asked;
use crate::words::{Language, Words};
use onetrip_models::system::System;
use onetrip_sim::time::SimTime;
use onetrip_studies::compare::Comparison;
use onetrip_studies::condition::Condition;
use onetrip_studies::replicate::RunResults;
use onetrip_studies::scorecard::Verdict;
use onetrip_studies::stress::disturbance::{
    Disturbance, DisturbanceSettings, RecoveryTime, StationCourse, hour_of_step, shown_steps,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Waits that get shorter, in sentences.
const RELIEVED: usize = 8;
/// Stations whose course is given where nothing is affected.
const UNAFFECTED: usize = 4;

/// What a disturbance does.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct DisturbancePart {
    /// When it begins.
    pub from_s: f64,
    /// When it is over; `null` when it lasts all day.
    pub to_s: Option<f64>,
    /// What it costs, a replication.
    pub costs: CostsPart,
    /// Until all affected stations are back to usual, from the end of the disturbance.
    pub recovery: Option<RecoveryPart>,
    /// The stations that are affected, in the order in which it shows; the busiest where none is.
    pub stations: Vec<StationPart>,
    /// What passes through the stations while it lasts, where that surely differs, the largest difference first; nothing
    /// where it lasts all day.
    pub passages: Vec<PassagePart>,
    /// Sentences on the mean waits that surely get shorter all the same, and by what; they are not among the findings of the
    /// comparison.
    pub relieved: Vec<Words>,
    /// The targets, without and with.
    pub targets: Vec<VerdictPart>,
    /// All measures that differ or are headlines.
    pub comparison: AlternativePart,
}

/// What it costs, a replication.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct CostsPart {
    /// Patients whose stay is longer by a minute or more, or who are not seen because of it.
    pub patients_affected: Figure,
    /// Patients who came without it.
    pub patients: Figure,
    /// Patients who come on top of these.
    pub extra_patients: Figure,
    /// More waiting in queues, all patients together.
    pub extra_waiting_s: Figure,
    /// More patients who leave without being seen.
    pub extra_left_unseen: Figure,
    /// More work beyond the schedule, all servers together.
    pub extra_overtime_s: Figure,
    /// How much later the last patient leaves, a day.
    pub last_patient_later_s: Figure,
}

/// How long a queue takes to be back to usual, over days.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct RecoveryPart {
    /// Mean.
    pub mean_s: Figure,
    /// Median.
    pub median_s: Figure,
    /// Nine days of ten are done by then.
    pub p90_s: Figure,
    /// Share of days on which it happens before closing.
    pub before_closing_share: Figure,
}

/// One station.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct StationPart {
    /// Dotted name.
    pub id: String,
    /// Name shown.
    pub title: Words,
    /// Whether its queue surely grows by a patient or more.
    pub affected: bool,
    /// Since when it shows.
    pub shows_at_s: Option<f64>,
    /// The largest mean difference of a step, in patients.
    pub most_extra: f64,
    /// When it closes for the day; `null` when it never does.
    pub closes_at_s: Option<f64>,
    /// Until its queue is back to usual, from the end of the disturbance.
    pub recovery: Option<RecoveryPart>,
    /// The number waiting, step by step.
    pub course: Vec<CoursePart>,
}

/// The number waiting in a step of ten minutes.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct CoursePart {
    /// When the step begins.
    pub at_s: f64,
    /// Mean without the disturbance.
    pub base: Figure,
    /// Mean with it.
    pub disturbed: Figure,
    /// Up to so many is usual: the longest queue of the step on 19 of 20 undisturbed days.
    pub band: u32,
}

/// A target without and with.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct VerdictPart {
    /// As it was written.
    pub text: String,
    /// Title of the measure.
    pub title: Words,
    /// Its unit.
    pub unit: Unit,
    /// The relation, `<=`.
    pub relation: String,
    /// The limit in that unit.
    pub limit: f64,
    /// Without the disturbance.
    pub base: Figure,
    /// `met`, `missed` or `not_sure_yet`.
    pub base_verdict: String,
    /// With it.
    pub disturbed: Figure,
    /// `met`, `missed` or `not_sure_yet`.
    pub disturbed_verdict: String,
}

/// What the part is made of.
pub struct DisturbanceFacts<'a> {
    /// Without the disturbance, and with it.
    pub systems: (&'a System, &'a System),
    /// When it begins, and when it is over.
    pub times: (SimTime, Option<SimTime>),
    /// The measures of the two, compared.
    pub comparison: &'a Comparison,
    /// How it was run.
    pub settings: &'a DisturbanceSettings,
    /// What it came to.
    pub disturbance: &'a Disturbance,
    /// The targets.
    pub target: &'a [Condition],
}

impl DisturbancePart {
    pub(super) fn new(facts: &DisturbanceFacts<'_>) -> DisturbancePart {
        let found = facts.disturbance;
        let affected: Vec<&StationCourse> =
            found.stations.iter().filter(|one| one.shows_in.is_some()).collect();
        let shown = if affected.is_empty() { busiest(&found.stations) } else { affected };
        let steps = shown_steps(&shown).unwrap_or(0..0);
        let mut comparison = comparison(facts);
        let passages: Vec<PassagePart> =
            found.passages.iter().map(|one| PassagePart::new(facts.systems.0, one)).collect();
        let relieved = relieved(facts.systems.0, &comparison, &passages);
        let is_told = |finding: &Words| relieved.iter().any(|told| told.en.starts_with(&finding.en));
        comparison.findings.retain(|finding| !is_told(finding));
        DisturbancePart {
            passages,
            relieved,
            from_s: facts.times.0.as_seconds(),
            to_s: facts.times.1.map(|to| to.as_seconds()),
            costs: CostsPart {
                patients_affected: Figure::of(Some(found.costs.patients_affected)),
                patients: Figure::of(Some(found.costs.patients)),
                extra_patients: Figure::of(Some(found.costs.extra_patients)),
                extra_waiting_s: Figure::of(Some(found.costs.extra_waiting_s)),
                extra_left_unseen: Figure::of(Some(found.costs.extra_left_unseen)),
                extra_overtime_s: Figure::of(Some(found.costs.extra_overtime_s)),
                last_patient_later_s: Figure::of(Some(found.costs.last_patient_later_s)),
            },
            recovery: found.recovery.as_ref().map(recovery_part),
            stations: shown.iter().map(|one| station(facts.systems.0, one, steps.clone())).collect(),
            targets: facts.target.iter().filter_map(|condition| verdict(facts, condition)).collect(),
            comparison,
        }
    }
}

/// The stations with the longest queues of an undisturbed day.
fn busiest(stations: &[StationCourse]) -> Vec<&StationCourse> {
    let peak = |one: &StationCourse| one.base.iter().map(|step| step.value).fold(0.0, f64::max);
    let mut all: Vec<&StationCourse> = stations.iter().filter(|one| peak(one) > 0.0).collect();
    all.sort_by(|a, b| peak(b).total_cmp(&peak(a)));
    all.truncate(UNAFFECTED);
    all
}

fn recovery_part(recovery: &RecoveryTime) -> RecoveryPart {
    RecoveryPart {
        mean_s: Figure::of(Some(recovery.mean_s)),
        median_s: Figure::of(Some(recovery.median_s)),
        p90_s: Figure::of(Some(recovery.p90_s)),
        before_closing_share: Figure::of(Some(recovery.before_closing_share)),
    }
}

fn station(system: &System, one: &StationCourse, steps: std::ops::Range<usize>) -> StationPart {
    let label = &system.stations()[one.station];
    let closes_at = system.hours_of(one.station).last().map(|hours| hours.1);
    let at = |step: usize| hour_of_step(step) * 3600.0;
    StationPart {
        id: label.id.clone(),
        title: name_of(&label.title, &label.id),
        affected: one.shows_in.is_some(),
        shows_at_s: one.shows_in.map(at),
        most_extra: one.most_extra,
        closes_at_s: closes_at.filter(|at| *at != SimTime::NEVER).map(SimTime::as_seconds),
        recovery: one.recovery.as_ref().map(recovery_part),
        course: steps
            .map(|step| CoursePart {
                at_s: at(step),
                base: Figure::of(Some(one.base[step])),
                disturbed: Figure::of(Some(one.disturbed[step])),
                band: one.band[step],
            })
            .collect(),
    }
}

fn verdict(facts: &DisturbanceFacts<'_>, condition: &Condition) -> Option<VerdictPart> {
    let estimate = |system: &System, results: &RunResults| {
        results.measure(system, &condition.measure.id).and_then(|result| result.estimate)
    };
    let found = facts.disturbance;
    let (base, disturbed) =
        (estimate(facts.systems.0, &found.undisturbed)?, estimate(facts.systems.1, &found.disturbed)?);
    let word = |verdict: Verdict| match verdict {
        Verdict::Met => "met",
        Verdict::Missed => "missed",
        _ => "not_sure_yet",
    };
    Some(VerdictPart {
        text: condition.to_string(),
        title: (&condition.measure.title).into(),
        unit: condition.measure.unit.into(),
        relation: condition.relation.sign().to_owned(),
        limit: condition.limit,
        base: Figure::of(Some(base)),
        base_verdict: word(condition.verdict(&base)).to_owned(),
        disturbed: Figure::of(Some(disturbed)),
        disturbed_verdict: word(condition.verdict(&disturbed)).to_owned(),
    })
}

/// The stations whose mean wait surely gets shorter, in sentences that say by what, and how many fewer come while it lasts.
fn relieved(system: &System, comparison: &AlternativePart, passages: &[PassagePart]) -> Vec<Words> {
    let is_shorter = |part: &&DifferencePart| {
        let is_wait = part.id.ends_with(".wait_time.mean");
        is_wait && part.different && part.difference.value.is_some_and(|by| by < 0.0)
    };
    let parts = comparison.measures.iter().filter(is_shorter).collect();
    let sentence = |part: &DifferencePart| {
        let said = sentences::of_one(part);
        let fewer = passage::of_measure(passages, system, &part.id).and_then(PassagePart::fewer_come);
        match fewer {
            Some(fewer) => {
                Words::new(format!("{} {}", said.en, fewer.en), format!("{}{}", said.zh, fewer.zh))
            }
            None => said,
        }
    };
    sentences::without_repeats(parts).into_iter().take(RELIEVED).map(sentence).collect()
}

/// The measures of the two, as `onetrip compare` has them.
fn comparison(facts: &DisturbanceFacts<'_>) -> AlternativePart {
    let disturbed = Compared {
        scenario: ComparedPart::new("disturbed", Words::default(), &[], facts.systems.1),
        system: facts.systems.1,
        results: &facts.disturbance.disturbed,
        comparison: facts.comparison,
    };
    alternative((facts.systems.0, &facts.disturbance.undisturbed), &disturbed, &Listed::Usual)
}

impl VerdictPart {
    /// The target as people read it.
    pub(super) fn asked(&self, language: Language) -> String {
        asked(&self.title, &self.relation, self.limit, self.unit, language)
    }
}

/// What was found out, the answer first.
pub(super) fn findings(part: &DisturbancePart, days: u32) -> Vec<Words> {
    let is_affected = part.stations.iter().any(|one| one.affected);
    let mut all = Vec::new();
    match (&part.recovery, part.to_s) {
        _ if !is_affected => all.push(Words::new(
            "No queue surely grows by as much as one patient.",
            "没有任何排队明显变长（平均至少一人且可信）。",
        )),
        (Some(recovery), Some(_)) => all.push(recovered(recovery)),
        _ => {}
    }
    all.extend(affected(part, days));
    all.extend(first(part));
    all.extend(passage::finding(&part.passages));
    all.extend(less_waiting(&part.costs, days));
    if is_affected && part.to_s.is_none() {
        all.push(Words::new(
            "It lasts all day, so no time to recover can be told: the next day begins with empty queues.",
            "该情形持续全天，当日无从恢复；次日从空队开始。",
        ));
    }
    let lost: Vec<&VerdictPart> = part
        .targets
        .iter()
        .filter(|one| one.base_verdict == "met" && one.disturbed_verdict == "missed")
        .collect();
    if !lost.is_empty() {
        let list = |language: Language| -> String {
            let texts = lost.iter().map(|one| one.asked(language));
            texts.collect::<Vec<_>>().join(language.pick("; ", "；"))
        };
        all.push(Words::new(
            format!("Targets met on an undisturbed day and missed on this one: {}.", list(Language::English)),
            format!("平日达标而此日未达标的目标：{}。", list(Language::Chinese)),
        ));
    }
    all
}

/// How long the queues need.
fn recovered(recovery: &RecoveryPart) -> Words {
    let in_time = recovery.before_closing_share.value.unwrap_or(0.0);
    Words::in_both(|language| {
        let mean = show_with_interval(&recovery.mean_s, Unit::Seconds, language);
        let late = duration(recovery.p90_s.value.unwrap_or(0.0), language);
        let chance = share(in_time, language);
        match language {
            Language::English if in_time == 0.0 => {
                "The queues are not back to usual before closing.".to_owned()
            }
            Language::English if in_time < 1.0 => format!(
                "All queues are back to usual {mean} after the end, on nine days of ten within {late}; but only on \
                 {chance} of days before closing."
            ),
            Language::English => format!(
                "All queues are back to usual {mean} after the end, on nine days of ten within {late}."
            ),
            Language::Chinese if in_time == 0.0 => "直到关门，排队仍未恢复正常。".to_owned(),
            Language::Chinese if in_time < 1.0 => format!(
                "结束后平均{mean}全部排队恢复正常，十日中有九日在{late}内；但仅{chance}的日子在关门前恢复。"
            ),
            Language::Chinese => {
                format!("结束后平均{mean}全部排队恢复正常，十日中有九日在{late}内。")
            }
        }
    })
}

/// Who fares worse, of how many.
fn affected(part: &DisturbancePart, days: u32) -> Option<Words> {
    let costs = &part.costs;
    let (affected, patients) = (costs.patients_affected.value?, costs.patients.value?);
    if affected <= 0.0 || patients <= 0.0 {
        return None;
    }
    Some(Words::in_both(|language| {
        let number = show_with_interval(&costs.patients_affected, Unit::Count, language);
        let of = show(&Figure::bare(Some(patients)), Unit::Count, language).value;
        let part = whole_percent(affected / patients, language);
        match (language, days) {
            (Language::English, 1) => format!(
                "Of {of} patients a day {number} ({part}) stay a minute longer or more, or are not seen because of it."
            ),
            (Language::English, _) => format!(
                "Of {of} patients in {days} days {number} ({part}) stay a minute longer or more, or are not seen because \
                 of it."
            ),
            (Language::Chinese, 1) => {
                format!("每日{of}名患者中，{number}名（{part}）因此多停留1分钟以上或未能就诊。")
            }
            (Language::Chinese, _) => {
                format!("{days}天{of}名患者中，{number}名（{part}）因此多停留1分钟以上或未能就诊。")
            }
        }
    }))
}

/// That waiting falls all the same, where it surely does.
fn less_waiting(costs: &CostsPart, days: u32) -> Option<Words> {
    costs.extra_waiting_s.high.filter(|high| *high < 0.0)?;
    Some(Words::in_both(|language| {
        let less = difference_of_sums(&costs.extra_waiting_s, language);
        match (language, days) {
            (Language::English, 1) => {
                format!(
                    "All patients together wait less for it: {less} a day. Where and by what stands below."
                )
            }
            (Language::English, _) => format!(
                "All patients together wait less for it: {less} in {days} days. Where and by what stands below."
            ),
            (Language::Chinese, _) => {
                format!("全部患者等候总时长反而减少：{less}（{days}天）。所在与原因见下文。")
            }
        }
    }))
}

/// Rows of what else it costs, in words.
pub(super) fn cost_rows(part: &DisturbancePart, language: Language) -> Vec<Vec<String>> {
    let costs = &part.costs;
    let signed = |figure: &Figure, unit: Unit| difference_text(figure, unit, language);
    let hours = |figure: &Figure| difference_of_sums(figure, language);
    let row = |en: &str, zh: &str, value: String| vec![language.pick(en, zh).to_owned(), value];
    let mut rows = vec![
        row("waiting in queues, all patients together", "全部患者等候总时长", hours(&costs.extra_waiting_s)),
        row(
            "patients who leave without being seen",
            "未就诊离开人数",
            signed(&costs.extra_left_unseen, Unit::Count),
        ),
        row(
            "work beyond the schedule, all staff and machines together",
            "全部人员与设备加班总时长",
            hours(&costs.extra_overtime_s),
        ),
        row(
            "when the last patient leaves",
            "末位患者离院时间",
            signed(&costs.last_patient_later_s, Unit::Seconds),
        ),
    ];
    if costs.extra_patients.value.is_some_and(|more| more != 0.0) {
        rows.insert(0, row("patients who come", "到达患者", signed(&costs.extra_patients, Unit::Count)));
    }
    rows
}

/// Where it shows first.
fn first(part: &DisturbancePart) -> Option<Words> {
    let first = part.stations.iter().find(|one| one.affected)?;
    let at = first.shows_at_s?;
    let others = part.stations.iter().filter(|one| one.affected).count() - 1;
    let extra = |language| show_with_interval(&Figure::bare(Some(first.most_extra)), Unit::Count, language);
    Some(Words::new(
        format!(
            "It shows first at: {}, from {} on; at worst {} patients more wait there on average.{}",
            first.title.en,
            clock(at, Language::English),
            extra(Language::English),
            match others {
                0 => String::new(),
                1 => " One other queue grows too.".to_owned(),
                _ => format!(" {others} other queues grow too."),
            }
        ),
        format!(
            "最先显现于{}：自{}起，最多时平均多{}人等候{}。",
            first.title.zh,
            clock(at, Language::Chinese),
            extra(Language::Chinese),
            if others == 0 { String::new() } else { format!("；另有{others}处排队变长") }
        ),
    ))
}
