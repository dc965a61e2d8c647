//! What is asked of a run: `p99 <= 1 s and violations = 0`, `p95(lock) < 300 ms`, `settled-once = 0`, `errors <= 1 %`.

use crate::report::{RunReport, time};
use onetrip_history::{Language, Property, Verdict};
use onetrip_scenarios::quantity::{parse_duration, parse_share};
use schemars::JsonSchema;
use serde::Serialize;
use thiserror::Error;

/// A figure that can be asked about.
#[derive(Clone, PartialEq, Debug)]
enum Figure {
    /// A quantile of the response in µs, of all steps or one.
    Quantile { quantile: f64, step: Option<String> },
    /// The longest response.
    Longest { step: Option<String> },
    /// The mean response.
    Mean { step: Option<String> },
    /// Share of requests without a useful answer.
    Errors,
    /// Requests a second.
    Rate,
    /// Violations of all properties.
    Violations,
    /// Violations of one property.
    Of(Property),
    /// Unknown outcomes that nothing resolved.
    Unknown,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Comparison {
    Less,
    AtMost,
    Equal,
    AtLeast,
    Greater,
}

/// One condition on a figure.
#[derive(Clone, PartialEq, Debug)]
struct Condition {
    text: String,
    figure: Figure,
    comparison: Comparison,
    bound: f64,
}

/// Conditions that must all hold.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Threshold {
    conditions: Vec<Condition>,
}

/// Why a text is no threshold.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("`{read}` is no condition; accepted: {accepted}")]
pub struct ThresholdError {
    /// What was read.
    pub read: String,
    /// What would be accepted.
    pub accepted: String,
}

/// A condition with what was found.
#[derive(Clone, PartialEq, Debug, Serialize, JsonSchema)]
pub struct Judgement {
    /// The condition as it was written.
    pub condition: String,
    /// The figure; times in µs, shares as parts of 1. `None` where the history does not tell.
    pub found: Option<f64>,
    /// The same as a person reads it.
    pub found_text: Option<String>,
    /// Whether it holds; what is not told does not.
    pub holds: bool,
    /// Whether violations that were found break it: no lateness of the generator explains those away.
    pub is_disproved: bool,
}

impl Judgement {
    /// What was found, in words.
    pub fn found_in(&self, language: Language) -> &str {
        let not_told = match language {
            Language::English => "not told",
            Language::Chinese => "无法判定",
        };
        self.found_text.as_deref().unwrap_or(not_told)
    }
}

const FIGURES: &str = "p50, p90, p95, p99, p99.9, max or mean (of one step: `p99(lock)`) with a time; errors with a \
                       share; rate, violations, unknown or a property such as `settled-once` with a number; joined by \
                       `and`";

impl Threshold {
    /// Reads conditions joined by `and`.
    ///
    /// # Errors
    /// [`ThresholdError`] of the first that is none.
    pub fn parse(text: &str) -> Result<Threshold, ThresholdError> {
        let conditions = text.split(" and ").map(Condition::parse).collect::<Result<_, _>>()?;
        Ok(Threshold { conditions })
    }

    /// The conditions of both.
    pub fn with(mut self, other: Threshold) -> Threshold {
        self.conditions.extend(other.conditions);
        self
    }

    /// Judges a run.
    pub fn judge(&self, report: &RunReport) -> Vec<Judgement> {
        self.conditions.iter().map(|condition| condition.judge(report)).collect()
    }
}

impl Condition {
    fn parse(text: &str) -> Result<Condition, ThresholdError> {
        let text = text.trim();
        let error = |accepted: &str| ThresholdError { read: text.to_owned(), accepted: accepted.to_owned() };
        let words = [
            ("<=", Comparison::AtMost),
            (">=", Comparison::AtLeast),
            ("<", Comparison::Less),
            (">", Comparison::Greater),
            ("=", Comparison::Equal),
        ];
        let (word, comparison) =
            words.into_iter().find(|(word, _)| text.contains(word)).ok_or_else(|| error(FIGURES))?;
        let (name, bound) = text.split_once(word).ok_or_else(|| error(FIGURES))?;
        let (name, bound) = (name.trim(), bound.trim());
        let figure = Figure::parse(name).ok_or_else(|| error(FIGURES))?;
        let bound = match figure {
            Figure::Quantile { .. } | Figure::Longest { .. } | Figure::Mean { .. } => parse_duration(bound)
                .map(|span| span.as_micros() as f64)
                .map_err(|_| error("a time with its unit, such as `1 s` or `300 ms`"))?,
            Figure::Errors => parse_share(bound).map(|share| share.part()).or_else(|_| {
                bound.parse().ok().filter(|count| *count == 0.0).ok_or_else(|| error("a share such as `1 %`"))
            })?,
            _ => bound.parse().map_err(|_| error("a number"))?,
        };
        Ok(Condition { text: text.to_owned(), figure, comparison, bound })
    }

    fn judge(&self, report: &RunReport) -> Judgement {
        let found = self.figure.read(report);
        let holds = found.is_some_and(|found| match self.comparison {
            Comparison::Less => found < self.bound,
            Comparison::AtMost => found <= self.bound,
            Comparison::Equal => found == self.bound,
            Comparison::AtLeast => found >= self.bound,
            Comparison::Greater => found > self.bound,
        });
        let counts_violations = matches!(self.figure, Figure::Violations | Figure::Of(_));
        let is_disproved = !holds && counts_violations && found.is_some_and(|found| found > 0.0);
        let found_text = found.map(|found| self.figure.text(found));
        Judgement { condition: self.text.clone(), found, found_text, holds, is_disproved }
    }
}

impl Figure {
    fn parse(name: &str) -> Option<Figure> {
        let (figure, step) = match name.strip_suffix(')').and_then(|name| name.split_once('(')) {
            Some((figure, step)) => (figure, Some(step.to_owned())),
            None => (name, None),
        };
        if let Some(percent) = figure.strip_prefix('p').and_then(|percent| percent.parse::<f64>().ok()) {
            let percent = if percent == 999.0 { 99.9 } else { percent };
            let quantile = (percent * 1e6).round() / 1e8;
            return (0.0..=1.0).contains(&quantile).then_some(Figure::Quantile { quantile, step });
        }
        match (figure, step) {
            ("max", step) => Some(Figure::Longest { step }),
            ("mean", step) => Some(Figure::Mean { step }),
            ("errors", None) => Some(Figure::Errors),
            ("rate", None) => Some(Figure::Rate),
            ("violations", None) => Some(Figure::Violations),
            ("unknown", None) => Some(Figure::Unknown),
            (name, None) => {
                Property::ALL.into_iter().find(|property| property.name() == name).map(Figure::Of)
            }
            _ => None,
        }
    }

    /// A value of it with its unit.
    fn text(&self, value: f64) -> String {
        match self {
            Figure::Quantile { .. } | Figure::Longest { .. } | Figure::Mean { .. } => {
                time(value.round() as u64)
            }
            Figure::Errors => format!("{:.2} %", 100.0 * value),
            Figure::Rate => format!("{value:.1}"),
            Figure::Violations | Figure::Of(_) | Figure::Unknown => format!("{value:.0}"),
        }
    }

    fn read(&self, report: &RunReport) -> Option<f64> {
        let response = |step: &Option<String>| match step {
            None => Some(report.statistics.response()),
            Some(name) => {
                let step = report.statistics.steps.iter().find(|step| step.name == *name)?;
                Some(step.response.clone())
            }
        };
        let findings = &report.verdict.findings;
        match self {
            Figure::Quantile { quantile, step } => Some(response(step)?.value_at_quantile(*quantile) as f64),
            Figure::Longest { step } => Some(response(step)?.max() as f64),
            Figure::Mean { step } => Some(response(step)?.mean()),
            Figure::Errors => {
                let sent = report.statistics.sent_count().max(1);
                Some(report.statistics.error_count() as f64 / sent as f64)
            }
            Figure::Rate => Some(report.statistics.rate()),
            Figure::Violations => Some(report.verdict.violation_count() as f64),
            Figure::Unknown => Some(report.verdict.unknown_count as f64),
            Figure::Of(property) => {
                let finding = findings.iter().find(|finding| finding.property == *property)?;
                match finding.verdict {
                    Verdict::NotCheckable { .. } => None,
                    _ => Some(finding.violation_count as f64),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_read_and_mistakes_named() {
        let threshold =
            Threshold::parse("p99 <= 1 s and violations = 0 and p99.9(lock) < 300 ms and errors <= 1 %")
                .unwrap();
        let bounds: Vec<f64> = threshold.conditions.iter().map(|condition| condition.bound).collect();
        assert_eq!(bounds, [1e6, 0.0, 300_000.0, 0.01]);
        assert_eq!(
            threshold.conditions[2].figure,
            Figure::Quantile { quantile: 0.999, step: Some("lock".into()) }
        );
        let texts: Vec<String> =
            threshold.conditions.iter().map(|condition| condition.figure.text(0.5e6)).collect();
        assert_eq!(texts[..3], ["500.0 ms", "500000", "500.0 ms"]);
        assert_eq!(threshold.conditions[3].figure.text(0.0125), "1.25 %");
        assert_eq!(
            Threshold::parse("settled-once = 0").unwrap().conditions[0].figure,
            Figure::Of(Property::SettledOnce)
        );
        for (text, part) in
            [("p99", "p50"), ("p99 <= 3", "unit"), ("speed > 3", "rate"), ("violations = few", "number")]
        {
            let error = Threshold::parse(text).unwrap_err();
            assert!(error.to_string().contains(part), "{error}");
        }
    }
}
