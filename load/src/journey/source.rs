//! Where in an answer a value stands: `/entry/0/resource/id`, `/link[relation=next]/url`, `header:etag`, `status`; with
//! `|id` the id in a reference, with `|hundredths` an amount of money.

use super::incoming::Incoming;
use super::pointer::Pointer;
use http::header::HeaderName;
use serde_json::Value;

/// An answer as a journey looks at it.
#[derive(Clone, Debug)]
pub struct Answered<'a> {
    /// The answer.
    pub incoming: &'a Incoming,
    /// The element of it that is looked at in place of the whole body.
    pub element: Option<&'a Value>,
}

impl<'a> Answered<'a> {
    fn body(&self) -> &'a Value {
        self.element.unwrap_or_else(|| self.incoming.json())
    }
}

impl<'a> From<&'a Incoming> for Answered<'a> {
    fn from(incoming: &'a Incoming) -> Self {
        Answered { incoming, element: None }
    }
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Part {
    Pointer(Pointer),
    /// Within the element of a list whose member `key` is `value`.
    Element {
        list: Pointer,
        key: String,
        value: String,
        rest: Pointer,
    },
    Header(HeaderName),
    Status,
}

/// What is made of the text that stands there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Form {
    Plain,
    /// The id in a reference.
    Id,
    /// A number of units of money, in hundredths.
    Hundredths,
}

const FORMS: [(&str, Form); 2] = [("|id", Form::Id), ("|hundredths", Form::Hundredths)];

/// A place in an answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Source {
    part: Part,
    form: Form,
}

pub(super) const ACCEPTED: &str = "`/…` (a JSON pointer, with `/LIST[KEY=VALUE]/…` for the element of a list), \
                                   `header:NAME` or `status`; at its end perhaps `|id` (17 of `Slot/17`) or \
                                   `|hundredths` (25.5 is 2550)";

/// `/link[relation=next]/url` in its parts.
fn element_of(text: &str) -> Option<Part> {
    let (list, rest) = text.split_once('[')?;
    let (choice, rest) = rest.split_once(']')?;
    let (key, value) = choice.split_once('=')?;
    let fits = !list.is_empty() && !key.is_empty() && !list.contains(']') && !rest.contains(['[', ']']);
    let (list, rest) = (Pointer::parse(list)?, Pointer::parse(rest)?);
    fits.then(|| Part::Element { list, key: key.to_owned(), value: value.to_owned(), rest })
}

impl Source {
    /// Reads the notation of journey files; `None` when it is none.
    pub fn parse(text: &str) -> Option<Source> {
        let found = FORMS.iter().find_map(|&(end, form)| Some((text.strip_suffix(end)?, form)));
        let (text, form) = found.unwrap_or((text, Form::Plain));
        let part = if text == "status" {
            Part::Status
        } else if let Some(name) = text.strip_prefix("header:") {
            Part::Header(name.parse().ok()?)
        } else if text.contains('[') {
            element_of(text)?
        } else {
            Part::Pointer(Pointer::parse(text).filter(|_| !text.is_empty())?)
        };
        Some(Source { part, form })
    }

    /// The notation it was read from.
    pub fn notation(&self) -> String {
        let text = match &self.part {
            Part::Pointer(pointer) => pointer.notation().to_owned(),
            Part::Element { list, key, value, rest } => {
                format!("{}[{key}={value}]{}", list.notation(), rest.notation())
            }
            Part::Header(name) => format!("header:{name}"),
            Part::Status => "status".to_owned(),
        };
        let end = FORMS.iter().find(|(_, form)| *form == self.form).map_or("", |(end, _)| end);
        text + end
    }

    /// The value there, as text; `None` when there is none, or none of the form asked for. Of objects and lists, their
    /// JSON.
    pub fn read(&self, answer: &Answered<'_>) -> Option<String> {
        let text = match &self.part {
            Part::Status => answer.incoming.status().to_string(),
            Part::Header(name) => answer.incoming.header(name)?.to_owned(),
            Part::Pointer(pointer) => text_of(pointer.find(answer.body())?)?,
            Part::Element { list, key, value, rest } => {
                let elements = list.find(answer.body())?.as_array()?;
                let fits =
                    |element: &&Value| element.get(key).and_then(text_of).is_some_and(|text| text == *value);
                text_of(rest.find(elements.iter().find(fits)?)?)?
            }
        };
        match self.form {
            Form::Plain => Some(text),
            Form::Id => Some(id_of(&text).to_owned()),
            Form::Hundredths => {
                let units: f64 = text.parse().ok()?;
                Some(((units * 100.0).round() as i64).to_string())
            }
        }
    }
}

/// The id in a reference such as `Slot/17` or `http://his/fhir/Slot/17/_history/2`.
fn id_of(reference: &str) -> &str {
    let current = reference.split_once("/_history/").map_or(reference, |(current, _)| current);
    current.rsplit_once('/').map_or(current, |(_, id)| id)
}

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::header::ETAG;
    use serde_json::json;

    #[test]
    fn values_are_found_in_body_header_and_status() {
        let body = json!({
            "slot": [{"reference": "Slot/17"}], "count": 3, "total": "25.50", "amount": {"value": 30},
            "location": "http://his/fhir/Slot/18/_history/2", "link": [{"relation": "self", "url": "a"}, {"relation": "next", "url": "b"}],
        });
        let etag: (_, &[u8]) = (&ETAG, b"W/\"2\"");
        let incoming = Incoming::new(201, [etag], body.to_string().as_bytes());
        let answer = Answered::from(&incoming);
        let found = [
            ("/slot/0/reference|id", Some("17")),
            ("/location|id", Some("18")),
            ("/count", Some("3")),
            ("header:etag", Some("W/\"2\"")),
            ("status", Some("201")),
            ("/nothing", None),
            ("/link[relation=next]/url", Some("b")),
            ("/link[relation=last]/url", None),
            ("/total|hundredths", Some("2550")),
            ("/amount/value|hundredths", Some("3000")),
            ("/slot/0/reference|hundredths", None),
        ];
        for (text, value) in found {
            let source = Source::parse(text).unwrap();
            assert_eq!(source.read(&answer).as_deref(), value, "{text}");
            assert_eq!(source.notation(), text);
        }
        let pointers = ["link[relation=next]/url", "/link[relation]/url", "/link[a=b]url", "/a[b=c]/d[e=f]"];
        for text in ["slot", "", "header:", "header:no name"].iter().chain(&pointers) {
            assert_eq!(Source::parse(text), None, "{text}");
        }
    }
}
