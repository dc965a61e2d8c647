//! Where in an answer a value stands: `/entry/0/resource/id`, `header:etag`, `status`, with `|id` for the id in a
//! reference.

use serde_json::Value;

/// An answer as a journey looks at it.
#[derive(Clone, Debug)]
pub struct Answered<'a> {
    /// HTTP status.
    pub status: u16,
    /// Headers, names in lower case.
    pub headers: &'a [(String, String)],
    /// Body; null when it is no JSON.
    pub body: &'a Value,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Part {
    Pointer(String),
    Header(String),
    Status,
}

/// A place in an answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Source {
    part: Part,
    is_reference: bool,
}

pub(super) const ACCEPTED: &str =
    "`/…` (a JSON pointer), `header:NAME` or `status`; with `|id` at its end, what follows the last `/`";

impl Source {
    /// Reads the notation of journey files; `None` when it is none.
    pub fn parse(text: &str) -> Option<Source> {
        let (text, is_reference) = match text.strip_suffix("|id") {
            Some(text) => (text, true),
            None => (text, false),
        };
        let part = if text == "status" {
            Part::Status
        } else if let Some(name) = text.strip_prefix("header:").filter(|name| !name.is_empty()) {
            Part::Header(name.to_ascii_lowercase())
        } else if text.starts_with('/') {
            Part::Pointer(text.to_owned())
        } else {
            return None;
        };
        Some(Source { part, is_reference })
    }

    /// The notation it was read from.
    pub fn notation(&self) -> String {
        let text = match &self.part {
            Part::Pointer(pointer) => pointer.clone(),
            Part::Header(name) => format!("header:{name}"),
            Part::Status => "status".to_owned(),
        };
        if self.is_reference { text + "|id" } else { text }
    }

    /// The value there, as text; `None` when there is none. Of objects and lists, their JSON.
    pub fn read(&self, answer: &Answered<'_>) -> Option<String> {
        let text = match &self.part {
            Part::Status => answer.status.to_string(),
            Part::Header(name) => {
                answer.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())?
            }
            Part::Pointer(pointer) => match answer.body.pointer(pointer)? {
                Value::Null => return None,
                Value::String(text) => text.clone(),
                other => other.to_string(),
            },
        };
        if !self.is_reference {
            return Some(text);
        }
        Some(text.rsplit_once('/').map_or(text.clone(), |(_, id)| id.to_owned()))
    }

    /// The amount there in hundredths: a whole number is taken as it is, a decimal one (`25.00`, also in quotes) as
    /// units.
    pub(crate) fn read_amount(&self, answer: &Answered<'_>) -> Option<i64> {
        let text = self.read(answer)?;
        match text.parse::<i64>() {
            Ok(whole) => Some(whole),
            Err(_) => text.parse::<f64>().ok().map(|units| (units * 100.0).round() as i64),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_are_found_in_body_header_and_status() {
        let body = json!({"slot": [{"reference": "Slot/17"}], "count": 3, "total": "25.50"});
        let headers = [("etag".to_owned(), "W/\"2\"".to_owned())];
        let answer = Answered { status: 201, headers: &headers, body: &body };
        let read = |text: &str| Source::parse(text).unwrap().read(&answer);
        assert_eq!(read("/slot/0/reference|id").as_deref(), Some("17"));
        assert_eq!(read("/count").as_deref(), Some("3"));
        assert_eq!(read("header:ETag").as_deref(), Some("W/\"2\""));
        assert_eq!(read("status").as_deref(), Some("201"));
        assert_eq!(read("/nothing"), None);
        assert_eq!(Source::parse("/total").unwrap().read_amount(&answer), Some(2550));
        assert_eq!(Source::parse("slot"), None);
    }
}
