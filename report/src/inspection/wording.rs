//! Figures, bars and marks of an inspection as a person writes them, in both languages.

use crate::document::{Figure, Finding, Unit};
use crate::figures::{count, counted, finding};
use crate::words::{Language, Words};
use onetrip_scenarios::targets::{Comparison, TargetDocument};
use onetrip_studies::inspection::form::{FieldSource, Mark};

/// What stands above the columns of a score sheet.
pub(super) const SCORE_TITLES: [(&str, &str); 6] = [
    ("No.", "序号"),
    ("Task", "任务"),
    ("Points", "分值"),
    ("Held", "已得"),
    ("Lost", "已扣"),
    ("Open", "待定"),
];

/// A share as whole percent, but never rounded to 0 or 100 when it is neither.
pub(super) fn percent(share: f64, language: Language) -> String {
    let unit = language.pick(" %", "%");
    let whole = (share * 100.0).round();
    if (whole == 100.0 && share < 1.0) || (whole == 0.0 && share > 0.0) {
        let bound = if share > 0.5 {
            99.9_f64.min((share * 1000.0).floor() / 10.0)
        } else {
            0.1_f64.max((share * 1000.0).ceil() / 10.0)
        };
        let sign = if share > 0.999 {
            ">"
        } else if share < 0.001 {
            "<"
        } else {
            ""
        };
        return format!("{sign}{bound}{unit}");
    }
    format!("{whole}{unit}")
}

/// A chance with its interval: `86 % (79–91)`.
pub(super) fn chance(figure: &Figure, language: Language) -> String {
    let Some(value) = figure.value else { return "–".to_owned() };
    let bound = |share: f64| percent(share, language).trim_end_matches('%').trim_end().to_owned();
    match (figure.low, figure.high) {
        (Some(low), Some(high)) => format!("{} ({}–{})", percent(value, language), bound(low), bound(high)),
        _ => percent(value, language),
    }
}

/// A figure of a visit.
pub(super) fn figure(value: f64, unit: Unit) -> Words {
    let scaled = match unit {
        Unit::Seconds if value < 60.0 => value.round(),
        Unit::Seconds => (value / 6.0).round() * 6.0,
        _ => value,
    };
    Words::in_both(|language| finding(&Finding::Number(scaled), Some(unit), language))
}

/// Words of a list with a box before each that the document asks for, ticked where it is there; others after it.
pub(super) fn boxes(asked: &[String], there: &[String], document: &TargetDocument) -> Words {
    let word = |word: &str| Words::from(&document.word(word));
    let others = there.iter().filter(|word| !asked.contains(word));
    let listed = asked.iter().map(|one| (one, there.contains(one))).chain(others.map(|one| (one, true)));
    let (en, zh): (Vec<String>, Vec<String>) = listed
        .map(|(one, is_there)| {
            let (tick, name) = (if is_there { "☑" } else { "☐" }, word(one));
            (format!("{tick} {}", name.en), format!("{tick}{}", name.zh))
        })
        .unzip();
    Words::new(en.join("  "), zh.join("　"))
}

/// What a check asks: the bar in words.
pub(super) fn bar(
    comparison: Comparison,
    threshold: Option<&Finding>,
    unit: Option<Unit>,
    document: &TargetDocument,
) -> Words {
    match threshold {
        None | Some(Finding::Flag(true)) => Words::default(),
        Some(Finding::Flag(false)) => Words::new("no", "无"),
        Some(Finding::Words(words)) => boxes(words, &[], document),
        Some(number) => {
            let sign = match comparison {
                Comparison::AtMost => "≤",
                Comparison::AtLeast => "≥",
                Comparison::Equals | Comparison::All => "=",
            };
            Words::in_both(|language| format!("{sign} {}", finding(number, unit, language)))
        }
    }
}

/// How a row or field looks.
pub(super) fn mark(mark: Mark) -> Words {
    match mark {
        Mark::Passes => Words::new("✓ good", "✓ 合格"),
        Mark::Fails => Words::new("✗ not good", "✗ 不合格"),
        Mark::NotTouched => Words::new("not met with", "未涉及"),
        Mark::ByHand => Words::new("by hand", "待填"),
        Mark::NotAsked => Words::new("not asked", "不适用"),
    }
}

/// Where a field comes from.
pub(super) fn source(source: FieldSource) -> Words {
    match source {
        FieldSource::Visit => Words::new("this visit", "本次体验"),
        FieldSource::Records => Words::new("the day's records", "当日报表"),
        FieldSource::Description => Words::new("the hospital's description", "医院资料"),
        FieldSource::Answer => Words::new("answered", "问答"),
        FieldSource::Hand => Words::new("to be filled in by hand", "待手工填写"),
    }
}

/// How a figure is spread over visits.
pub(super) fn spread(spread: &super::document::SpreadPart, unit: Unit) -> Words {
    let (visits, visits_en) = (count(spread.visits), counted(spread.visits, "visit", "visits"));
    let good = |language| percent(spread.good_share, language);
    if unit != Unit::Seconds {
        let mean = figure((spread.mean * 1000.0).round() / 1000.0, unit);
        return Words::new(
            format!("mean {}; good in {} of {visits_en}", mean.en, good(Language::English)),
            format!("平均{}；{visits}次就诊中{}合格", mean.zh, good(Language::Chinese)),
        );
    }
    let (mean, median, p90) =
        (figure(spread.mean, unit), figure(spread.median, unit), figure(spread.p90, unit));
    let longest = figure(spread.maximum, unit);
    Words::new(
        format!(
            "mean {}, half at most {}, 90 % at most {}, longest {}; good in {} of {visits_en}",
            mean.en,
            median.en,
            p90.en,
            longest.en,
            good(Language::English)
        ),
        format!(
            "平均{}，中位{}，P90 {}，最长{}；{visits}次就诊中{}合格",
            mean.zh,
            median.zh,
            p90.zh,
            longest.zh,
            good(Language::Chinese)
        ),
    )
}
