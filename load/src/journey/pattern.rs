//! Texts with places for values: `/api/slots/{slot}/lock`.

use crate::journey::values::{Names, Values};
use std::borrow::Cow;

/// A piece of a pattern.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Piece {
    Text(String),
    Value { name: usize, as_json: bool },
}

/// A text with places: `{name}` is the value of that name, `{name:json}` the same, escaped to stand within a JSON
/// string. A brace that does not enclose a name alone is itself, so that JSON needs no doubling.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Pattern {
    pieces: Vec<Piece>,
}

/// A value that a request needs and the patient does not have.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the value `{name}` is not known yet; an earlier step must capture it")]
pub struct MissingValue {
    /// Its name.
    pub name: String,
}

/// Whether a text can be the name of a value.
pub(super) fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

impl Pattern {
    /// Reads a pattern, numbering the names it uses.
    pub(super) fn parse(text: &str, names: &mut Names) -> Pattern {
        let mut pieces = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(open) = rest.find('{') {
            plain.push_str(&rest[..open]);
            let from_brace = &rest[open..];
            let inside = from_brace[1..].find('}').map(|length| &from_brace[1..=length]);
            let place = inside.and_then(|inside| {
                let (name, as_json) = match inside.split_once(':') {
                    Some((name, "json")) => (name, true),
                    Some(_) => return None,
                    None => (inside, false),
                };
                is_name(name).then_some((name, as_json, inside.len() + 2))
            });
            match place {
                Some((name, as_json, length)) => {
                    if !plain.is_empty() {
                        pieces.push(Piece::Text(std::mem::take(&mut plain)));
                    }
                    pieces.push(Piece::Value { name: names.number(name), as_json });
                    rest = &from_brace[length..];
                }
                None => {
                    plain.push('{');
                    rest = &from_brace[1..];
                }
            }
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            pieces.push(Piece::Text(plain));
        }
        Pattern { pieces }
    }

    /// The numbers of the values it needs.
    pub(super) fn needs(&self) -> impl Iterator<Item = usize> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Value { name, .. } => Some(*name),
            Piece::Text(_) => None,
        })
    }

    /// Whether it is the empty text.
    pub fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// The text with the values in their places.
    ///
    /// # Errors
    /// [`MissingValue`].
    pub fn fill(&self, values: &Values) -> Result<String, MissingValue> {
        let mut filled = String::with_capacity(64);
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => filled.push_str(text),
                Piece::Value { name, as_json } => push(&mut filled, values, *name, *as_json)?,
            }
        }
        Ok(filled)
    }

    /// The same, borrowed where it is one plain value or holds none.
    ///
    /// # Errors
    /// [`MissingValue`].
    pub fn text<'v>(&'v self, values: &'v Values) -> Result<Cow<'v, str>, MissingValue> {
        match self.pieces.as_slice() {
            [] => Ok(Cow::Borrowed("")),
            [Piece::Text(text)] => Ok(Cow::Borrowed(text)),
            [Piece::Value { name, as_json: false }] => known(values, *name).map(Cow::Borrowed),
            _ => self.fill(values).map(Cow::Owned),
        }
    }

    /// The pattern in the notation of the history's templates. Its values are added to `arguments`, each once, and
    /// named there by their places.
    pub(super) fn numbered(&self, arguments: &mut Vec<Argument>) -> String {
        let mut text = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(plain) => text.push_str(plain),
                Piece::Value { name, as_json } => {
                    let argument = Argument { name: *name, as_json: *as_json };
                    let place = arguments.iter().position(|known| *known == argument).unwrap_or_else(|| {
                        arguments.push(argument);
                        arguments.len() - 1
                    });
                    text.push_str(&format!("{{{place}}}"));
                }
            }
        }
        text
    }
}

/// One argument of a request's template.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Argument {
    name: usize,
    as_json: bool,
}

impl Argument {
    pub(crate) fn read(self, values: &Values) -> Result<Cow<'_, str>, MissingValue> {
        let value = known(values, self.name)?;
        Ok(if self.as_json { Cow::Owned(escaped(value)) } else { Cow::Borrowed(value) })
    }
}

fn known(values: &Values, name: usize) -> Result<&str, MissingValue> {
    values.get(name).ok_or_else(|| MissingValue { name: values.name(name).to_owned() })
}

/// A value as it stands within a JSON string.
fn escaped(value: &str) -> String {
    let quoted = serde_json::Value::from(value).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

fn push(text: &mut String, values: &Values, name: usize, as_json: bool) -> Result<(), MissingValue> {
    let value = known(values, name)?;
    if as_json {
        text.push_str(&escaped(value));
    } else {
        text.push_str(value);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    fn filled(text: &str, pairs: &[(&str, &str)]) -> Result<String, MissingValue> {
        let mut names = Names::default();
        let pattern = Pattern::parse(text, &mut names);
        let numbers: Vec<usize> = pairs.iter().map(|(name, _)| names.number(name)).collect();
        let mut values = Values::new(Arc::new(names));
        for (number, (_, value)) in numbers.into_iter().zip(pairs) {
            values.set(number, (*value).to_owned());
        }
        pattern.fill(&values)
    }

    #[test]
    fn places_are_filled_and_json_stays_json() {
        let text = r#"{"ifMatch":"{etag:json}","deep":{"a":{}},"slot":"{slot}"}"#;
        let body = filled(text, &[("etag", "W/\"3\""), ("slot", "s-1")]).unwrap();
        assert_eq!(body, r#"{"ifMatch":"W/\"3\"","deep":{"a":{}},"slot":"s-1"}"#);
    }

    #[test]
    fn a_missing_value_is_named() {
        let error = filled("/slots/{slot}", &[]).unwrap_err();
        assert!(error.to_string().contains("`slot`"));
    }

    #[test]
    fn arguments_are_numbered_by_first_use() {
        let mut names = Names::default();
        let mut arguments = Vec::new();
        let path = Pattern::parse("/{slot}/{patient}", &mut names).numbered(&mut arguments);
        let body = Pattern::parse("{\"p\":\"{patient}\"}", &mut names).numbered(&mut arguments);
        assert_eq!((path.as_str(), body.as_str()), ("/{0}/{1}", "{\"p\":\"{1}\"}"));
    }
}
