//! What a sweep found out, in sentences.

use super::{DesignKind, MeasurePart, PointPart, SensitivityPart, SweepDocument, VariableSensitivity};
use crate::document::{Figure, Unit};
use crate::figures::{show_effect, show_with_interval};
use crate::phrases::capital;
use crate::words::{Language, Words};
use onetrip_studies::design::DesignError;
use onetrip_studies::sweep::SensitivityError;

/// Measures that get a sentence.
const MOST: usize = 8;

/// A sentence for each of the first measures.
pub(super) fn findings(document: &SweepDocument) -> Vec<Words> {
    let measures = document.measures.iter().enumerate().take(MOST);
    match document.run.design.has_sensitivities() {
        true => document
            .sensitivities
            .iter()
            .zip(measures)
            .map(|(part, (_, measure))| acts(document, part, measure))
            .collect(),
        false => measures.filter_map(|(at, measure)| reach(document, at, measure)).collect(),
    }
}

/// The points at which a measure is smallest and largest.
pub(super) fn extremes(document: &SweepDocument, measure: usize) -> Option<(&PointPart, &PointPart)> {
    let value = |point: &&PointPart| point.results[measure].value;
    let order = |left: &&PointPart, right: &&PointPart| {
        value(left).unwrap_or(f64::NAN).total_cmp(&value(right).unwrap_or(f64::NAN))
    };
    let with_value = || document.points.iter().filter(|point| value(point).is_some());
    Some((with_value().min_by(order)?, with_value().max_by(order)?))
}

/// Where a point lies, `kiosks: number = 4, …`.
fn place(document: &SweepDocument, point: &PointPart, language: Language) -> String {
    let pairs = document.variables.iter().zip(&point.values);
    let said = pairs.map(|(variable, value)| {
        format!("{} = {}", variable.title.in_language(language), variable.shown(value, language))
    });
    said.collect::<Vec<_>>().join(language.pick(", ", "，"))
}

fn reach(document: &SweepDocument, at: usize, measure: &MeasurePart) -> Option<Words> {
    let (least, most) = extremes(document, at)?;
    let shown = |point: &PointPart, language| show_with_interval(&point.results[at], measure.unit, language);
    if least.results[at].value == most.results[at].value {
        let value = |language| shown(least, language);
        return Some(Words::new(
            format!("{}: {} at every point.", capital(&measure.title.en), value(Language::English)),
            format!(
                "{}在各点均为{}。",
                measure.title.in_language(Language::Chinese),
                value(Language::Chinese)
            ),
        ));
    }
    Some(Words::in_both(|language| {
        let (low, high) = (place(document, least, language), place(document, most, language));
        let (from, to) = (shown(least, language), shown(most, language));
        let title = capital(measure.title.in_language(language));
        match language {
            Language::English => format!("{title}: from {from} ({low}) to {to} ({high})."),
            Language::Chinese => format!("{title}介于{from}（{low}）与{to}（{high}）之间。"),
        }
    }))
}

/// What ranks a variable: the total index, or the mean absolute effect.
pub(super) fn weight(variable: &VariableSensitivity) -> &Figure {
    const NONE: &Figure = &Figure { value: None, low: None, high: None, n: 0 };
    variable.total.as_ref().or(variable.mean_absolute_effect.as_ref()).unwrap_or(NONE)
}

/// An index as a share of the variance, an effect in the measure's unit; one on a share is in percentage points.
pub(super) fn shown(
    figure: &Figure,
    design: DesignKind,
    measure: &MeasurePart,
    language: Language,
) -> String {
    if design == DesignKind::SobolIndices {
        return show_with_interval(figure, Unit::Share, language);
    }
    show_effect(figure, measure.unit, language)
}

/// The variables, the one that acts most first.
pub(super) fn ranked(part: &SensitivityPart) -> Vec<&VariableSensitivity> {
    let mut ranked: Vec<&VariableSensitivity> = part.variables.iter().collect();
    let of = |variable: &VariableSensitivity| weight(variable).value.unwrap_or(0.0);
    ranked.sort_by(|left, right| of(right).total_cmp(&of(left)));
    ranked
}

fn acts(document: &SweepDocument, part: &SensitivityPart, measure: &MeasurePart) -> Words {
    let title = |language| capital(measure.title.in_language(language));
    if let Some(remark) = &part.remark {
        return Words::new(
            format!("{}: {}.", title(Language::English), remark.en),
            format!("{}：{}。", title(Language::Chinese), remark.zh),
        );
    }
    let most = ranked(part).first().map_or(Figure::default(), |variable| *weight(variable));
    if most.value == Some(0.0) {
        let none = no_sensitivity(&SensitivityError::Design(DesignError::ConstantOutput { value: 0.0 }));
        return Words::new(
            format!("{}: {}.", title(Language::English), none.en),
            format!("{}：{}。", title(Language::Chinese), none.zh),
        );
    }
    let is_unsure = most.low.is_some_and(|low| low <= 0.0);
    let design = document.run.design;
    let is_variance = design == DesignKind::SobolIndices;
    let listed = |language: Language| -> String {
        let named = |(place, variable): (usize, &&VariableSensitivity)| {
            let text = shown(weight(variable), design, measure, language);
            let name = document.name_of(&variable.path, language);
            match language {
                Language::English => format!("{}{name} ({text})", ["", ", then ", ", then "][place]),
                Language::Chinese => format!("{}“{name}”（{text}）", ["", "，其次为", "，再次为"][place]),
            }
        };
        let that_act = ranked(part).into_iter().filter(|variable| weight(variable).value != Some(0.0));
        that_act.collect::<Vec<_>>().iter().take(3).enumerate().map(named).collect()
    };
    let alone: f64 = part.variables.iter().filter_map(|variable| variable.first?.value).sum();
    let together = is_variance.then(|| 100.0 * (1.0 - alone).clamp(0.0, 1.0)).filter(|share| *share >= 0.5);
    let (together_en, together_zh) = together.map_or_else(Default::default, |share| {
        (
            format!("; {share:.0} % of the variance comes from variables acting together"),
            format!("；方差的{share:.0}%来自变量间的交互作用"),
        )
    });
    let (en, zh) = if is_variance {
        ("share of the variance", "占方差比例")
    } else {
        ("mean absolute effect over the range", "全程平均绝对效应")
    };
    let (leads_en, leads_zh) = if is_unsure {
        ("nothing surely matters; most, by the estimate, ", "尚无可信影响因素；按估计主要为")
    } else {
        ("what matters most is ", "主要取决于")
    };
    let colon = if is_unsure { "：" } else { "" };
    Words::new(
        format!("{}: {leads_en}{} — {en}{together_en}.", title(Language::English), listed(Language::English)),
        format!(
            "“{}”{colon}{leads_zh}{}——{zh}{together_zh}。",
            title(Language::Chinese),
            listed(Language::Chinese)
        ),
    )
}

/// Why a measure has no sensitivities.
pub(super) fn no_sensitivity(error: &SensitivityError) -> Words {
    match error {
        SensitivityError::NoValue { point_count } => Words::new(
            format!("no sensitivity, since nobody was there to be counted at {point_count} points"),
            format!("有{point_count}个点无人可计，无法计算敏感度"),
        ),
        SensitivityError::Design(DesignError::ConstantOutput { .. }) => {
            Words::new("the same at every point; no variable acts on it", "各点相同，不受任何变量影响")
        }
        other => Words::new(other.to_string(), format!("无法计算敏感度（{other}）")),
    }
}
