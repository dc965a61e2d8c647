//! One check against what is known about it.

use super::{Attestation, Counted, Findings, MeasuredValue, Verdict, reason};
use onetrip_models::text::Text;
use onetrip_scenarios::targets::{
    Answer, AnswerValue, Check, Comparison, Deduction, Demand, EvidenceKind, Quantity, TargetDocument,
    Threshold, Unit,
};

/// The verdict of a check with everything it rests on.
pub(super) struct Judgement {
    pub(super) verdict: Verdict,
    pub(super) reason: Text,
    pub(super) value: Option<Counted>,
    pub(super) measured: Option<MeasuredValue>,
    pub(super) threshold: Option<Counted>,
    pub(super) unit: Option<Unit>,
    pub(super) attestation: Option<Attestation>,
    /// The bar and the figure, when both are numbers: how far over or short it is decides points.
    pub(super) distance: Option<Distance>,
    /// The check will be asked, but not yet: its points are open.
    pub(super) is_not_yet: bool,
}

#[derive(Clone, Copy)]
pub(super) struct Distance {
    pub(super) value: f64,
    pub(super) bar: f64,
}

/// Counted and attested numbers may come from a division; this relative difference is none.
const ROUNDING: f64 = 1e-9;

/// Exceptions rarer than this do not stand against "all" and "none".
const EXCEPTIONS: f64 = 0.01;

impl Judgement {
    fn new(verdict: Verdict, reason: Text) -> Self {
        Judgement {
            verdict,
            reason,
            value: None,
            measured: None,
            threshold: None,
            unit: None,
            attestation: None,
            distance: None,
            is_not_yet: false,
        }
    }

    pub(super) fn not_applicable(reason: Text) -> Self {
        Judgement::new(Verdict::NotApplicable, reason)
    }

    fn with_bar(self, bar: &Bar) -> Self {
        match bar {
            Bar::Number(quantity) => Judgement {
                threshold: Some(Counted::Number(quantity.value)),
                unit: Some(quantity.unit),
                ..self
            },
            Bar::Flag(flag) => Judgement { threshold: Some(Counted::Flag(*flag)), ..self },
            Bar::Words(words) => Judgement { threshold: Some(Counted::Words(words.to_vec())), ..self },
        }
    }
}

enum Bar<'a> {
    Number(Quantity),
    Flag(bool),
    Words(&'a [String]),
}

pub(super) fn judge(
    document: &TargetDocument,
    check: &Check,
    demand: Demand<'_>,
    findings: &Findings<'_>,
) -> Judgement {
    let threshold = match demand {
        Demand::NotAsked => return Judgement::not_applicable(reason::not_asked()),
        Demand::NotYet(by) => {
            return Judgement { is_not_yet: true, ..Judgement::not_applicable(reason::not_yet(by)) };
        }
        Demand::Now { threshold, .. } => threshold,
    };
    let answer = findings.answers.get(&check.id);
    let bar = match threshold {
        Threshold::Quantity(quantity) => Bar::Number(*quantity),
        Threshold::Flag(flag) => Bar::Flag(*flag),
        Threshold::Words(words) => Bar::Words(words),
        Threshold::LastYear { last_year } => {
            let unit = if last_year.contains("share") { Unit::Share } else { Unit::Count };
            let said = answer.and_then(|answer| answer.last_year);
            let described = || match (findings.counted)(last_year) {
                Some(Counted::Number(value)) => Some(Quantity { value, unit }),
                _ => None,
            };
            match said.or_else(described) {
                Some(quantity) => Bar::Number(quantity),
                None => return without_last_year(check, findings),
            }
        }
    };
    let judgement = match check.kind {
        EvidenceKind::Measured => judge_measured(check, &bar, findings),
        EvidenceKind::Counted => judge_counted(document, check, &bar, answer, findings),
        EvidenceKind::Attested => judge_answer(document, check, &bar, answer),
    };
    judgement.with_bar(&bar)
}

/// The bar is missing, but the figure may be known.
fn without_last_year(check: &Check, findings: &Findings<'_>) -> Judgement {
    let measured = check.measure.as_deref().and_then(findings.measured);
    match measured {
        Some(measured) => Judgement {
            value: Some(Counted::Number(measured.value)),
            measured: Some(measured),
            ..Judgement::new(Verdict::NotAssessed, reason::no_last_year())
        },
        None => Judgement::new(Verdict::NotSimulatedYet, reason::not_simulated()),
    }
}

fn judge_measured(check: &Check, bar: &Bar<'_>, findings: &Findings<'_>) -> Judgement {
    let measured = check.measure.as_deref().and_then(findings.measured);
    let (Some(measured), Bar::Number(bar)) = (measured, bar) else {
        return Judgement::new(Verdict::NotSimulatedYet, reason::not_simulated());
    };
    if measured.n == 0 || !measured.value.is_finite() {
        return Judgement {
            measured: Some(MeasuredValue { low: f64::NAN, high: f64::NAN, ..measured }),
            ..Judgement::new(Verdict::NotAssessed, reason::nobody_counted())
        };
    }
    let verdict = match at_the_end(bar, check.comparison) {
        true => verdict_of_all(&measured, bar.value),
        false => verdict_of_interval(measured.low, measured.high, check.comparison, bar.value),
    };
    Judgement {
        value: Some(Counted::Number(measured.value)),
        measured: Some(measured),
        distance: Some(Distance { value: measured.value, bar: bar.value }),
        ..Judgement::new(verdict, reason::of_interval(verdict, &measured, check.comparison, *bar))
    }
}

/// The verdict of an interval, both ends included, against a bar that is itself allowed.
pub(super) fn verdict_of_interval(low: f64, high: f64, comparison: Comparison, bar: f64) -> Verdict {
    if !(low.is_finite() && high.is_finite() && low <= high) {
        return Verdict::NotSureYet;
    }
    let (is_met, is_missed) = match comparison {
        Comparison::AtMost => (high <= bar, low > bar),
        Comparison::AtLeast => (low >= bar, high < bar),
        Comparison::Equals => (low == bar && high == bar, high < bar || low > bar),
        Comparison::All => (false, false),
    };
    match (is_met, is_missed) {
        (true, _) => Verdict::Met,
        (_, true) => Verdict::Missed,
        _ => Verdict::NotSureYet,
    }
}

/// Whether a bar leaves no exception: all (at least 100 %) or none (at most 0 %).
fn at_the_end(bar: &Quantity, comparison: Comparison) -> bool {
    bar.unit == Unit::Share
        && match comparison {
            Comparison::AtLeast => bar.value == 1.0,
            Comparison::AtMost => bar.value == 0.0,
            Comparison::Equals | Comparison::All => false,
        }
}

/// The verdict where all, or none, is asked for. One exception shows that it is not so. That there is none no run can show:
/// it is met when none was seen among so many that exceptions are surely rarer than [`EXCEPTIONS`].
fn verdict_of_all(measured: &MeasuredValue, bar: f64) -> Verdict {
    if !(measured.low.is_finite() && measured.high.is_finite()) {
        return Verdict::NotSureYet;
    }
    let rarely = (measured.low - bar).abs().max((measured.high - bar).abs()) <= EXCEPTIONS;
    match (measured.value == bar, rarely) {
        (false, _) => Verdict::Missed,
        (true, true) => Verdict::Met,
        (true, false) => Verdict::NotSureYet,
    }
}

fn judge_counted(
    document: &TargetDocument,
    check: &Check,
    bar: &Bar<'_>,
    answer: Option<&Answer>,
    findings: &Findings<'_>,
) -> Judgement {
    let described = check.measure.as_deref().and_then(findings.counted);
    match described {
        Some(value) => judge_value(document, check, bar, value),
        None if answer.is_some_and(|answer| answer.value.is_some()) => {
            judge_answer(document, check, bar, answer)
        }
        None => Judgement::new(Verdict::NotAssessed, reason::not_described()),
    }
}

fn judge_answer(
    document: &TargetDocument,
    check: &Check,
    bar: &Bar<'_>,
    answer: Option<&Answer>,
) -> Judgement {
    let Some(answer) = answer else {
        return Judgement::new(Verdict::NotAssessed, reason::not_answered());
    };
    // Points taken off answer the question too: some means no, none means yes.
    let judged = matches!(check.deduction, Some(Deduction::Judged { .. }));
    let implied = answer.lost.filter(|_| judged).map(|lost| Counted::Flag(lost == 0.0));
    let said = answer.value.as_ref().map(|value| match value {
        AnswerValue::Flag(flag) => Counted::Flag(*flag),
        AnswerValue::Quantity(quantity) => Counted::Number(quantity.value),
        AnswerValue::Words(words) => Counted::Words(words.clone()),
    });
    let attestation = Attestation { by: answer.by.clone(), on: answer.on, note: answer.note.clone() };
    let judgement = match said.or(implied) {
        Some(value) => judge_value(document, check, bar, value),
        None => Judgement::new(Verdict::NotAssessed, reason::not_answered()),
    };
    Judgement { attestation: Some(attestation), ..judgement }
}

fn judge_value(document: &TargetDocument, check: &Check, bar: &Bar<'_>, value: Counted) -> Judgement {
    let number = match (&value, bar) {
        (Counted::Words(words), Bar::Number(_)) => Some(words.len() as f64),
        (Counted::Number(number), Bar::Number(_)) if number.is_finite() => Some(*number),
        _ => None,
    };
    let (is_met, reason, distance) = match (bar, &value, number) {
        (Bar::Number(bar), _, Some(number)) => {
            let slack = ROUNDING * bar.value.abs().max(number.abs());
            let is_met = match check.comparison {
                Comparison::AtMost => number <= bar.value + slack,
                Comparison::AtLeast => number >= bar.value - slack,
                Comparison::Equals | Comparison::All => (number - bar.value).abs() <= slack,
            };
            let reason =
                reason::of_number(is_met, Quantity { value: number, ..*bar }, check.comparison, *bar);
            (is_met, reason, Some(Distance { value: number, bar: bar.value }))
        }
        (Bar::Flag(bar), Counted::Flag(flag), _) => (flag == bar, reason::of_flag(*flag), None),
        (Bar::Words(wanted), Counted::Words(words), _) => {
            let missing: Vec<&String> = wanted.iter().filter(|word| !words.contains(word)).collect();
            (missing.is_empty(), reason::of_words(document, &missing), None)
        }
        _ => {
            let reason = reason::wrong_kind();
            return Judgement { value: Some(value), ..Judgement::new(Verdict::NotAssessed, reason) };
        }
    };
    let verdict = if is_met { Verdict::Met } else { Verdict::Missed };
    let value = number.map_or(value, Counted::Number);
    Judgement { value: Some(value), distance, ..Judgement::new(verdict, reason) }
}
