//! Money as whole hundredths, so that sums are exact.

use serde::{Deserialize, Serialize};
use serde_json::{Number, Value, json};

/// An amount in hundredths of a currency's unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Money {
    /// Hundredths of the unit: 1250 is 12.50.
    pub cents: i64,
    /// ISO 4217 code.
    pub currency: String,
}

impl Money {
    /// The FHIR Money element.
    pub fn to_fhir(&self) -> Value {
        // Below 2^53 hundredths a double prints the same two decimals back.
        let value = Number::from_f64(self.cents as f64 / 100.0).map_or(Value::Null, Value::Number);
        json!({"value": value, "currency": self.currency})
    }
}

/// Reads a FHIR Money element; `None` when it is no amount of whole, non-negative hundredths.
pub fn parse_money(value: &Value, default_currency: &str) -> Option<Money> {
    let units = value.get("value")?.as_f64()?;
    let cents = (units * 100.0).round();
    let exact = (cents - units * 100.0).abs() < 1e-6 && (0.0..=1e13).contains(&cents);
    let currency = value.get("currency").and_then(Value::as_str).unwrap_or(default_currency);
    exact.then(|| Money { cents: cents as i64, currency: currency.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimal_amounts_survive_the_way_in_and_out() {
        for cents in [0, 1, 10, 29, 1999, 3000, 123_456_789] {
            let money = Money { cents, currency: "CNY".into() };
            assert_eq!(parse_money(&money.to_fhir(), "EUR"), Some(money));
        }
    }

    #[test]
    fn a_fraction_of_a_hundredth_or_a_negative_amount_is_refused() {
        assert_eq!(parse_money(&json!({"value": 1.005}), "CNY"), None);
        assert_eq!(parse_money(&json!({"value": -1}), "CNY"), None);
        assert_eq!(parse_money(&json!({"value": "1"}), "CNY"), None);
    }
}
