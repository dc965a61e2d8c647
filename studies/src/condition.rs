//! Conditions on measures as a person writes them: `registration.on_site.wait_time.p90 <= 10 min and …`.

use crate::scorecard::Verdict;
use crate::statistics::interval::Estimate;
use onetrip_models::measure::{Measure, Unit};
use onetrip_scenarios::quantity::{
    DURATION_ACCEPTED, QuantityError, RATE_ACCEPTED, SHARE_ACCEPTED, parse_rate, parse_seconds, parse_share,
};
use onetrip_scenarios::reader::nearest_name;
use std::fmt;
use std::str::FromStr;

/// How a value is held against a limit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Relation {
    /// `<=`
    AtMost,
    /// `<`
    Below,
    /// `>=`
    AtLeast,
    /// `>`
    Above,
}

impl Relation {
    /// The sign, as it is written.
    pub fn sign(self) -> &'static str {
        match self {
            Relation::AtMost => "<=",
            Relation::Below => "<",
            Relation::AtLeast => ">=",
            Relation::Above => ">",
        }
    }

    /// Whether small values are the good ones.
    pub fn wants_small(self) -> bool {
        matches!(self, Relation::AtMost | Relation::Below)
    }

    /// Whether a value keeps the limit.
    pub fn holds(self, value: f64, limit: f64) -> bool {
        match self {
            Relation::AtMost => value <= limit,
            Relation::Below => value < limit,
            Relation::AtLeast => value >= limit,
            Relation::Above => value > limit,
        }
    }
}

/// One condition, with a measure that exists.
#[derive(Clone, PartialEq, Debug)]
pub struct Condition {
    /// The measure.
    pub measure: Measure,
    /// How it is held against the limit.
    pub relation: Relation,
    /// The limit, in the unit of the measure.
    pub limit: f64,
    /// The limit as it was written, `10 min`.
    pub limit_text: String,
}

impl Condition {
    /// Whether a measured value keeps the limit: met or missed only with its whole interval.
    pub fn verdict(&self, estimate: &Estimate) -> Verdict {
        let (low, high) = match estimate.interval {
            Some(interval) => (interval.low, interval.high),
            None if estimate.observation_count >= 3 => (estimate.value, estimate.value),
            None => return Verdict::NotSureYet,
        };
        match (self.relation.holds(low, self.limit), self.relation.holds(high, self.limit)) {
            (true, true) => Verdict::Met,
            (false, false) => Verdict::Missed,
            _ => Verdict::NotSureYet,
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.measure.id, self.relation.sign(), self.limit_text)
    }
}

/// A condition as it was written; whether its measure exists is not known yet.
#[derive(Clone, PartialEq, Debug)]
pub struct WrittenCondition {
    measure: String,
    relation: Relation,
    limit: String,
}

/// Conditions that must hold together, as they were written.
#[derive(Clone, PartialEq, Debug)]
pub struct WrittenTarget(Vec<WrittenCondition>);

/// Why a condition cannot be used.
#[derive(Clone, PartialEq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConditionError {
    /// Not of the form measure, sign, quantity.
    #[error(
        "`{text}` is no condition; accepted: MEASURE <= QUANTITY (or >=, <, >), such as \
         `registration.on_site.wait_time.p90 <= 10 min`; several are joined by `and`"
    )]
    Form {
        /// What was read.
        text: String,
    },
    /// There is no such measure.
    #[error("there is no measure `{id}`{}; `onetrip explain` lists them", meant(near))]
    UnknownMeasure {
        /// What was asked for.
        id: String,
        /// Measures that were perhaps meant, likeliest first.
        near: Vec<String>,
    },
    /// The limit is not a quantity of the measure's unit.
    #[error("`{measure}` {found}; accepted: {accepted}")]
    Quantity {
        /// The measure.
        measure: String,
        /// What is wrong.
        found: String,
        /// What would be accepted.
        accepted: &'static str,
    },
}

fn meant(near: &[String]) -> String {
    match near {
        [] => String::new(),
        near => {
            let names: Vec<String> = near.iter().map(|name| format!("`{name}`")).collect();
            format!("; did you mean {}?", names.join(", "))
        }
    }
}

/// Two-sign relations first: `<=` is not `<` with a limit of `= 10 min`.
const SIGNS: [(&str, Relation); 8] = [
    ("<=", Relation::AtMost),
    ("=<", Relation::AtMost),
    ("≤", Relation::AtMost),
    (">=", Relation::AtLeast),
    ("=>", Relation::AtLeast),
    ("≥", Relation::AtLeast),
    ("<", Relation::Below),
    (">", Relation::Above),
];

impl FromStr for WrittenTarget {
    type Err = ConditionError;

    fn from_str(text: &str) -> Result<WrittenTarget, ConditionError> {
        let joined = text.replace(" AND ", " and ").replace("&&", " and ").replace('且', " and ");
        joined.split(" and ").map(one).collect::<Result<Vec<_>, _>>().map(WrittenTarget)
    }
}

fn one(text: &str) -> Result<WrittenCondition, ConditionError> {
    let refused = || ConditionError::Form { text: text.trim().to_owned() };
    let (at, sign, relation) = SIGNS
        .iter()
        .filter_map(|&(sign, relation)| Some((text.find(sign)?, sign, relation)))
        .reduce(|first, next| if next.0 < first.0 { next } else { first })
        .ok_or_else(refused)?;
    let (measure, limit) = (text[..at].trim(), text[at + sign.len()..].trim());
    let is_id = !measure.is_empty() && !measure.contains(char::is_whitespace);
    if !is_id || limit.is_empty() || limit.contains(['<', '>', '=', '≤', '≥']) {
        return Err(refused());
    }
    Ok(WrittenCondition { measure: measure.to_owned(), relation, limit: limit.to_owned() })
}

impl WrittenTarget {
    /// Finds the measures and reads the limits in their units.
    ///
    /// # Errors
    /// The first condition whose measure does not exist or whose limit is no quantity of its unit.
    pub fn resolve(&self, measures: &[Measure]) -> Result<Vec<Condition>, ConditionError> {
        self.0.iter().map(|written| written.resolve(measures)).collect()
    }
}

/// Short stems that people write, and what they mean.
const SHORT_STEMS: [(&str, &str); 1] = [("registration.wait_time.", "registration.on_site.wait_time.")];

/// The id that a short one means.
fn in_full(id: &str) -> Option<String> {
    let long = |(short, long): &(&str, &str)| Some(format!("{long}{}", id.strip_prefix(short)?));
    SHORT_STEMS.iter().find_map(long)
}

impl WrittenCondition {
    fn resolve(&self, measures: &[Measure]) -> Result<Condition, ConditionError> {
        let called = |id: &str| measures.iter().find(|measure| measure.id == id);
        let found = called(&self.measure).or_else(|| called(&in_full(&self.measure)?));
        let measure = found.ok_or_else(|| ConditionError::UnknownMeasure {
            id: self.measure.clone(),
            near: near(&self.measure, measures),
        })?;
        Ok(Condition {
            limit: self.limit_in(measure)?,
            measure: measure.clone(),
            relation: self.relation,
            limit_text: self.limit.clone(),
        })
    }

    fn limit_in(&self, measure: &Measure) -> Result<f64, ConditionError> {
        let refused = |found: String, accepted: &'static str| ConditionError::Quantity {
            measure: measure.id.clone(),
            found,
            accepted,
        };
        let quantity = |read: Result<f64, QuantityError>, is_what: &str, accepted: &'static str| {
            read.map_err(|error| refused(format!("is {is_what}: {error}"), accepted))
        };
        match measure.unit {
            Unit::Seconds => quantity(parse_seconds(&self.limit), "a duration", DURATION_ACCEPTED),
            Unit::Share => {
                quantity(parse_share(&self.limit).map(|share| share.part()), "a share", SHARE_ACCEPTED)
            }
            Unit::PerHour => {
                quantity(parse_rate(&self.limit).map(|rate| rate.per_hour()), "a rate", RATE_ACCEPTED)
            }
            Unit::Count => {
                let number = self.limit.parse::<f64>().ok().filter(|number| number.is_finite());
                number.ok_or_else(|| {
                    refused(format!("is a number: `{}` is none", self.limit), "a number, such as 5 or 2.5")
                })
            }
        }
    }
}

/// Up to three measures that were perhaps meant: those that have the first and the last word of what was written, else
/// those that look like it.
fn near(wanted: &str, measures: &[Measure]) -> Vec<String> {
    let ids: Vec<&str> = measures.iter().map(|measure| measure.id.as_str()).collect();
    let (first, last) =
        (wanted.split('.').next().unwrap_or_default(), wanted.rsplit('.').next().unwrap_or_default());
    let mut near: Vec<&str> = Vec::new();
    let alike = |id: &&&str| id.split('.').next() == Some(first) && id.rsplit('.').next() == Some(last);
    near.extend(ids.iter().filter(alike).take(3));
    while near.len() < 3
        && let Some(next) = nearest_name(wanted, ids.iter().copied().filter(|id| !near.contains(id)))
    {
        near.push(next);
    }
    near.into_iter().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use onetrip_models::measure::Statistic;
    use onetrip_models::text::Text;

    fn measures() -> Vec<Measure> {
        [
            ("registration.on_site.wait_time.p90", Unit::Seconds),
            ("registration.on_site.wait_time.mean", Unit::Seconds),
            ("settlement.smart_share", Unit::Share),
            ("kiosk.throughput", Unit::PerHour),
            ("visits.arrived.mean", Unit::Count),
        ]
        .map(|(id, unit)| Measure {
            id: id.to_owned(),
            unit,
            statistic: Statistic::Mean,
            title: Text::same(id),
            definition: Text::same(id),
            is_headline: false,
        })
        .to_vec()
    }

    fn read(text: &str) -> Result<Vec<Condition>, ConditionError> {
        text.parse::<WrittenTarget>()?.resolve(&measures())
    }

    #[test]
    fn limits_are_read_in_the_unit_of_their_measure() {
        let target = read(
            "registration.on_site.wait_time.p90 <= 10 min and settlement.smart_share>=90 % and kiosk.throughput > \
             1 per 2 min and visits.arrived.mean < 8000",
        )
        .unwrap();
        let read: Vec<(Relation, f64)> = target.iter().map(|one| (one.relation, one.limit)).collect();
        assert_eq!(
            read,
            [
                (Relation::AtMost, 600.0),
                (Relation::AtLeast, 0.9),
                (Relation::Above, 30.0),
                (Relation::Below, 8000.0)
            ]
        );
        assert_eq!(target[0].to_string(), "registration.on_site.wait_time.p90 <= 10 min");
        assert!(target[0].relation.holds(600.0, 600.0) && !target[3].relation.holds(8000.0, 8000.0));
    }

    #[test]
    fn chinese_signs_and_units_are_read() {
        let target =
            read("registration.on_site.wait_time.p90 ≤ 10 分钟 且 settlement.smart_share ≥ 90%").unwrap();
        assert_eq!((target[0].limit, target[1].limit), (600.0, 0.9));
    }

    #[test]
    fn an_unknown_measure_is_answered_with_those_near_to_it() {
        let error = read("registration.hall.wait_time.p90 <= 10 min").unwrap_err();
        assert!(error.to_string().contains("did you mean `registration.on_site.wait_time.p90`"), "{error}");
    }

    #[test]
    fn the_wait_for_registration_is_that_on_site() {
        let short = read("registration.wait_time.p90 <= 10 min").unwrap();
        assert_eq!(short[0].measure.id, "registration.on_site.wait_time.p90");
    }

    #[test]
    fn what_is_no_condition_is_refused_with_what_would_be() {
        for wrong in ["", "wait", "a <= ", "<= 10 min", "a b <= 3", "a <= 3 <= 4", "a <= 3 and "] {
            assert!(matches!(wrong.parse::<WrittenTarget>(), Err(ConditionError::Form { .. })), "{wrong}");
        }
        let unit = read("registration.on_site.wait_time.p90 <= 10").unwrap_err().to_string();
        assert!(unit.contains("`10` has no unit") && unit.contains("4.5 min"), "{unit}");
        let share = read("settlement.smart_share >= 120 %").unwrap_err().to_string();
        assert!(share.contains("0 % to 100 %"), "{share}");
        assert!(read("visits.arrived.mean < many").is_err());
    }
}
