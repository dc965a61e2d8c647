//! Sentences that the terminal and the page share.

use crate::document::{
    CheckPart, EvidenceKind, Finding, LongRunPart, RunDocument, ScenarioKind, TargetPart, TargetSummary,
    Unit, Verdict,
};
use crate::figures::{count, counted, finding};
use crate::words::{Language, Words};

/// A share as a percentage without needless zeros, without its sign.
pub(crate) fn percent(share: f64) -> String {
    let text = format!("{:.2}", share * 100.0);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// What is asked of a measure: `on-site registration, wait: mean ≤ 10 min`.
pub(crate) fn asked(title: &Words, relation: &str, limit: f64, unit: Unit, language: Language) -> String {
    let sign = match relation {
        "<=" => "≤",
        ">=" => "≥",
        other => other,
    };
    let limit = finding(&Finding::Number(limit), Some(unit), language);
    match title.in_language(language) {
        title if sign == "≤" && title.ends_with("at most") => format!("{title} {limit}"),
        title => format!("{title} {sign} {limit}"),
    }
}

/// A text that begins with a capital letter, as a sentence does.
pub(crate) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// What one replication is.
fn each_replication(kind: ScenarioKind, run_count: u32, language: Language) -> String {
    let days = count(run_count.into());
    let counted = |one, several| counted(run_count.into(), one, several);
    match (kind, run_count, language) {
        (ScenarioKind::Hospital, _, Language::Chinese) => format!("{days}天"),
        (ScenarioKind::Network, _, Language::Chinese) => format!("{days}轮"),
        (ScenarioKind::Hospital, 1, _) => "one day".to_owned(),
        (ScenarioKind::Hospital, ..) => counted("day", "days"),
        (ScenarioKind::Network, 1, _) => "one run".to_owned(),
        (ScenarioKind::Network, ..) => counted("run", "runs"),
    }
}

/// How many replications, of what.
pub(crate) fn replications(document: &RunDocument, language: Language) -> String {
    let run = &document.run;
    replications_of(document.scenario.kind, (run.replications, run.days), language)
}

/// So many replications, each of so many days or runs.
pub(crate) fn replications_of(
    kind: ScenarioKind,
    (replications, days): (u32, u32),
    language: Language,
) -> String {
    let many = count(replications.into());
    let each = each_replication(kind, days, language);
    match language {
        Language::English => {
            format!("{} of {each}", counted(replications.into(), "replication", "replications"))
        }
        Language::Chinese => format!("{many}次重复，每次{each}"),
    }
}

/// What became of everybody who came.
pub(crate) fn accounting(document: &RunDocument, language: Language) -> String {
    let account = &document.accounting;
    let [runs, arrived, completed, left, inside] = [
        account.runs,
        account.arrived,
        account.completed,
        account.left_without_being_seen,
        account.still_inside,
    ]
    .map(count);
    match language {
        Language::English => format!(
            "{arrived} came in {}: {completed} left with everything done, {left} left without being seen, {}.",
            counted(account.runs, "run", "runs"),
            still_inside(account.still_inside)
        ),
        Language::Chinese => format!(
            "{runs}轮共到达{arrived}人：完成离开{completed}人，未获服务离开{left}人，结束时仍在内{inside}人。"
        ),
    }
}

/// How many the end of a run found inside, in English.
pub(crate) fn still_inside(count: u64) -> String {
    counted(count, "was still inside", "were still inside")
}

/// Said of a run that was stopped.
pub(crate) fn cut_short(language: Language) -> &'static str {
    language
        .pick("Stopped early: these figures are of what was finished.", "提前终止：以下数字仅含已完成部分。")
}

/// How the intervals of one long run were found, and which means have none; `None` where it is none.
pub(crate) fn long_run(document: &RunDocument, language: Language) -> Option<String> {
    let means = &document.run.long_run;
    let judged: Vec<&LongRunPart> = means.iter().filter(|mean| mean.batches > 0).collect();
    let titles: Vec<&str> = means
        .iter()
        .filter(|mean| mean.batches == 0)
        .filter_map(|mean| document.measures.iter().find(|measure| measure.id == mean.id))
        .map(|measure| measure.title.in_language(language))
        .collect();
    let most = judged.iter().map(|mean| mean.warm_up_customers).max().map(count);
    let batches = judged.first().map_or(0, |mean| mean.batches);
    let of_batches = most.map(|most| match language {
        Language::English => format!(
            "One long run: means over customers have intervals by {batches} batch means, after the warm-up that MSER-5 cuts (at \
             most {most} customers); other figures have none."
        ),
        Language::Chinese => format!(
            "单次长运行：按顾客取平均的指标以{batches}个批均值给出区间，预热期由MSER-5截去（至多{most}名顾客）；其余指标无区间。"
        ),
    });
    let of_none = (!titles.is_empty()).then(|| match language {
        Language::English => format!(
            "No interval for {}: the batches are related or the warm-up takes half of the run; a longer run or more \
             replications help.",
            titles.join(", ")
        ),
        Language::Chinese => format!(
            "以下指标无区间：{}（各批仍相关，或预热占去一半）；请延长运行或增加重复次数。",
            titles.join("、")
        ),
    });
    let said: Vec<String> = of_batches.into_iter().chain(of_none).collect();
    (!said.is_empty()).then(|| said.join(language.pick(" ", "")))
}

/// A verdict as people read it, with a mark that also stands without colour.
pub(crate) fn verdict(verdict: Verdict, language: Language) -> &'static str {
    match verdict {
        Verdict::Met => language.pick("✓ met", "✓ 达标"),
        Verdict::Missed => language.pick("✗ missed", "✗ 未达标"),
        Verdict::NotSureYet => language.pick("? not sure yet", "? 尚难判定"),
        Verdict::NotAssessed => language.pick("· not assessed", "· 未评估"),
        Verdict::NotSimulatedYet => language.pick("· not simulated yet", "· 尚未模拟"),
        Verdict::NotApplicable => language.pick("– not asked", "– 不适用"),
    }
}

/// Met, missed or nearly so: there is a figure to be shown.
pub(crate) fn is_known(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Met | Verdict::Missed | Verdict::NotSureYet)
}

/// How many items have each verdict.
pub(crate) fn summary(summary: &TargetSummary, language: Language) -> String {
    let rows = [
        (summary.met, "met", "项达标"),
        (summary.missed, "missed", "项未达标"),
        (summary.not_sure_yet, "not sure yet", "项尚难判定"),
        (summary.not_assessed, "not assessed", "项未评估"),
        (summary.not_simulated_yet, "not simulated yet", "项尚未模拟"),
        (summary.not_applicable, "not asked here", "项不适用"),
    ];
    let said: Vec<String> = rows
        .iter()
        .filter(|(count, ..)| *count > 0)
        .map(|(count, en, zh)| match language {
            Language::English => format!("{count} {en}"),
            Language::Chinese => format!("{count}{zh}"),
        })
        .collect();
    said.join(language.pick(" · ", "，"))
}

/// The total of a document that scores, as far as it is known.
pub(crate) fn score(document: &RunDocument, language: Language) -> Option<String> {
    let score = document.scorecard.as_ref()?.score?;
    let points = |value: f64| {
        let text = format!("{value:.1}");
        text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
    };
    let (least, most, all) = (points(score.at_least), points(score.at_most), points(score.most));
    Some(match language {
        Language::English => format!("between {least} and {most} points of {all}"),
        Language::Chinese => format!("得分介于{least}与{most}之间，满分{all}"),
    })
}

/// Why an item has its verdict; where nothing is decided, only what is wanting.
pub(crate) fn why(item: &TargetPart, language: Language) -> String {
    if !matches!(item.verdict, Verdict::NotAssessed | Verdict::NotSimulatedYet) {
        return item.reason.in_language(language).to_owned();
    }
    let is_asked = |check: &&CheckPart| !check.optional && check.verdict != Verdict::NotApplicable;
    let asked = item.checks.iter().filter(is_asked).count();
    let open = item.checks.iter().filter(is_asked).filter(|check| !is_known(check.verdict)).count();
    match (asked, item.verdict, item.kind, language) {
        (2.., _, _, Language::English) => format!("{open} of {asked} checks open"),
        (2.., _, _, Language::Chinese) => format!("{asked}项检查中{open}项待定"),
        (_, Verdict::NotSimulatedYet, ..) => String::new(),
        (_, _, EvidenceKind::Attested, _) => language.pick("nobody has answered", "尚无人作答").to_owned(),
        _ => language.pick("not in the description", "描述中未提供").to_owned(),
    }
}

/// The id of an item or check within its document.
pub(crate) fn within_document(id: &str) -> &str {
    id.rsplit('/').next().unwrap_or(id)
}
