//! Why a verdict is what it is, in one sentence of each language.

use super::{CheckResult, MeasuredValue, Verdict};
use onetrip_models::text::Text;
use onetrip_scenarios::targets::{Comparison, Date, Quantity, TargetDocument};

pub(super) fn not_asked() -> Text {
    Text::new("not asked of this hospital", "不适用于本院")
}

pub(super) fn not_yet(by: Date) -> Text {
    Text::new(format!("not asked before {by}"), format!("{}前不要求", by.in_chinese()))
}

pub(super) fn exempt() -> Text {
    Text::new("does not arise at this hospital", "本院不存在此情况")
}

pub(super) fn not_simulated() -> Text {
    Text::new("no run computes this figure yet", "尚无法模拟此指标")
}

pub(super) fn not_described() -> Text {
    Text::new("the hospital's description does not say", "医院描述未说明")
}

pub(super) fn not_answered() -> Text {
    Text::new("nobody has answered", "尚无人作答")
}

pub(super) fn no_last_year() -> Text {
    Text::new("the figure of the year before is not known", "缺少上一年数据")
}

pub(super) fn nobody_counted() -> Text {
    Text::new("the run had nobody to count", "模拟中无可计对象")
}

pub(super) fn wrong_kind() -> Text {
    Text::new("what is said is of another kind than what is asked", "所填内容与要求类型不符")
}

pub(super) fn of_flag(flag: bool) -> Text {
    if flag { Text::new("yes", "有") } else { Text::new("no", "无") }
}

pub(super) fn of_words(document: &TargetDocument, missing: &[&String]) -> Text {
    if missing.is_empty() {
        return Text::new("all are there", "齐全");
    }
    let words: Vec<Text> = missing.iter().map(|word| document.word(word)).collect();
    let english: Vec<&str> = words.iter().map(|word| word.en.as_str()).collect();
    let chinese: Vec<&str> = words.iter().map(|word| word.zh.as_str()).collect();
    Text::new(format!("missing: {}", english.join(", ")), format!("缺：{}", chinese.join("、")))
}

/// A figure with as many decimals as it takes to tell it from the bar: 9.999 % is not 10 %.
fn apart(figure: Quantity, bar: Quantity) -> Text {
    let is_apart = |decimals: &usize| figure.wording_to(*decimals) != bar.wording();
    let decimals = if figure.value == bar.value { 2 } else { (2..6).find(is_apart).unwrap_or(6) };
    figure.wording_to(decimals)
}

/// How the figure stands to its bar, as words before the bar.
fn relation(is_met: bool, comparison: Comparison) -> (&'static str, &'static str) {
    match (comparison, is_met) {
        (Comparison::AtMost, true) => ("at most", "不超过"),
        (Comparison::AtMost, false) => ("more than", "超过"),
        (Comparison::AtLeast, true) => ("at least", "不低于"),
        (Comparison::AtLeast, false) => ("less than", "低于"),
        (Comparison::Equals | Comparison::All, true) => ("equal to", "等于"),
        (Comparison::Equals | Comparison::All, false) => ("not", "不等于"),
    }
}

pub(super) fn of_number(is_met: bool, figure: Quantity, comparison: Comparison, bar: Quantity) -> Text {
    let (figure, bar) = (apart(figure, bar), bar.wording());
    let (english, chinese) = relation(is_met, comparison);
    Text::new(format!("{} is {english} {}", figure.en, bar.en), format!("{}，{chinese}{}", figure.zh, bar.zh))
}

pub(super) fn of_interval(
    verdict: Verdict,
    measured: &MeasuredValue,
    comparison: Comparison,
    asked: Quantity,
) -> Text {
    let wording = |value: f64| apart(Quantity { value, ..asked }, asked);
    let (value, low, high) = (wording(measured.value), wording(measured.low), wording(measured.high));
    let bar = asked.wording();
    if !(measured.low.is_finite() && measured.high.is_finite()) {
        return Text::new(
            format!("{} has no interval: one replication cannot tell", value.en),
            format!("{}，无置信区间，需更多次模拟", value.zh),
        );
    }
    // Where all replications agree the interval says nothing more.
    let (english, chinese) = if measured.low == measured.high {
        (value.en, value.zh)
    } else {
        (
            format!("{} ({} to {})", value.en, low.en, high.en),
            format!("{}（{}至{}）", value.zh, low.zh, high.zh),
        )
    };
    match verdict {
        Verdict::Met | Verdict::Missed => {
            let (relation_en, relation_zh) = relation(verdict == Verdict::Met, comparison);
            Text::new(
                format!("{english} is {relation_en} {}", bar.en),
                format!("{chinese}，{relation_zh}{}", bar.zh),
            )
        }
        _ if measured.value == asked.value => Text::new(
            format!("{english}: nothing else was seen, and too little to be sure of {}", bar.en),
            format!("{chinese}，未见例外，但样本太少，尚不能确认{}", bar.zh),
        ),
        _ => Text::new(
            format!("{english}: the interval reaches both sides of {}", bar.en),
            format!("{chinese}，区间跨越{}", bar.zh),
        ),
    }
}

/// The reason of an item: that of its only check, else which of its checks decide.
pub(super) fn of_item(verdict: Verdict, checks: &[CheckResult]) -> Text {
    if let [only] = checks {
        return only.reason.clone();
    }
    let asked: Vec<&CheckResult> =
        checks.iter().filter(|check| !check.optional && check.verdict != Verdict::NotApplicable).collect();
    if asked.is_empty() {
        let first = checks.iter().find(|check| !check.optional).or(checks.first());
        return first.map(|check| check.reason.clone()).unwrap_or_default();
    }
    if verdict == Verdict::Met {
        return Text::new(format!("all {} checks met", asked.len()), format!("{}项均达标", asked.len()));
    }
    let deciding: Vec<&&CheckResult> = asked.iter().filter(|check| check.verdict == verdict).collect();
    let english: Vec<String> = deciding.iter().map(|c| format!("{}: {}", c.title.en, c.reason.en)).collect();
    let chinese: Vec<String> = deciding.iter().map(|c| format!("{}：{}", c.title.zh, c.reason.zh)).collect();
    Text::new(english.join("; "), chinese.join("；"))
}
