//! Turning a log back into requests: templates filled in, and values the target hands out put in place of old ones.

use crate::operation::Operation;
use crate::reader::{LogError, LogReader};
use crate::record::{Capture, Header, Record, Template};
use std::collections::BTreeMap;
use std::io::BufRead;
use thiserror::Error;

/// Why a request cannot be made from its template.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[non_exhaustive]
pub enum TemplateError {
    /// The template has a place that no argument fills.
    #[error("template {template}: place {{{place}}} has no argument; the operation gives {argument_count}")]
    NoArgument {
        /// Index of the template.
        template: u32,
        /// Number in the braces.
        place: usize,
        /// How many arguments there are.
        argument_count: usize,
    },
}

/// A request ready to be sent, but for the target's address and the secrets.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Request {
    /// HTTP method.
    pub method: String,
    /// Path with query.
    pub path: String,
    /// Headers.
    pub headers: Vec<(String, String)>,
    /// Body, perhaps empty.
    pub body: String,
}

impl Template {
    /// The request that these arguments make of the template.
    ///
    /// # Errors
    /// [`TemplateError::NoArgument`].
    pub fn fill(&self, arguments: &[impl AsRef<str>]) -> Result<Request, TemplateError> {
        let fill = |text: &str| self.fill_text(text, arguments);
        Ok(Request {
            method: self.method.clone(),
            path: fill(&self.path)?,
            headers: self
                .headers
                .iter()
                .map(|(name, value)| Ok((name.clone(), fill(value)?)))
                .collect::<Result<_, _>>()?,
            body: fill(&self.body)?,
        })
    }

    fn fill_text(&self, text: &str, arguments: &[impl AsRef<str>]) -> Result<String, TemplateError> {
        let mut filled = String::with_capacity(text.len() + 32);
        let mut rest = text;
        while let Some(open) = rest.find('{') {
            let (before, from_brace) = rest.split_at(open);
            filled.push_str(before);
            let place = from_brace[1..].find('}').map(|length| &from_brace[1..=length]);
            match place.filter(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())) {
                Some(digits) => {
                    let place = digits.parse().unwrap_or(usize::MAX);
                    let argument = arguments.get(place).ok_or(TemplateError::NoArgument {
                        template: self.index,
                        place,
                        argument_count: arguments.len(),
                    })?;
                    filled.push_str(argument.as_ref());
                    rest = &from_brace[digits.len() + 2..];
                }
                None => {
                    filled.push('{');
                    rest = &from_brace[1..];
                }
            }
        }
        filled.push_str(rest);
        Ok(filled)
    }
}

impl AsRef<str> for crate::text::Text<'_> {
    fn as_ref(&self) -> &str {
        self
    }
}

/// One step of a replay.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReplayStep {
    /// The operation as recorded, its answer with it for comparison.
    pub operation: Operation<'static>,
    /// What to take from the answer.
    pub captures: Vec<Capture>,
    template: Template,
}

/// What a log says to send, in the order it was sent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Replay {
    /// The header of the log.
    pub header: Header,
    /// The steps by instant of sending; wait between them as recorded (`operation.at.sent_at`), so that requests that
    /// overlapped overlap again.
    pub steps: Vec<ReplayStep>,
    /// How many operations have no template or never left, and are left out.
    pub left_out_count: u64,
}

impl Replay {
    /// Reads a whole log for replay.
    ///
    /// # Errors
    /// Those of reading; an operation that names an undeclared template.
    pub fn read(source: impl BufRead) -> Result<Replay, LogError> {
        let mut log = LogReader::new(source)?;
        let header = log.header().clone();
        let mut templates = BTreeMap::new();
        let mut steps = Vec::new();
        let mut left_out_count = 0;
        loop {
            let line = log.line() + 1;
            let Some(record) = log.next_record()? else { break };
            match record {
                Record::Template(template) => {
                    templates.insert(template.index, template);
                }
                Record::Operation(operation) => match operation.template {
                    Some(index) if operation.outcome != crate::operation::Outcome::NotSent => {
                        let template: &Template = templates.get(&index).ok_or(LogError::Disagreement {
                            line,
                            what: format!("template {index} is not declared before its first use"),
                        })?;
                        steps.push(ReplayStep {
                            operation: operation.into_owned(),
                            captures: template.captures.clone(),
                            template: template.clone(),
                        });
                    }
                    _ => left_out_count += 1,
                },
                _ => {}
            }
        }
        steps.sort_by_key(|step| (step.operation.at.sent_at, step.operation.id));
        Ok(Replay { header, steps, left_out_count })
    }
}

/// Old values of a log and what the target of the replay gave instead.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Rebinding {
    new_by_old: BTreeMap<String, String>,
}

impl Rebinding {
    /// Nothing learnt yet.
    pub fn new() -> Rebinding {
        Rebinding::default()
    }

    /// Has a new value in place of an old one.
    pub fn bind(&mut self, old: impl Into<String>, new: impl Into<String>) {
        self.new_by_old.insert(old.into(), new.into());
    }

    /// Learns from an answer: `captured` are the values the replay took, by name. Values the recorded operation never
    /// had (its outcome was unknown) teach nothing.
    pub fn learn(&mut self, step: &ReplayStep, captured: &[(String, String)]) {
        for (name, new) in captured {
            for (_, old) in step.operation.captured.iter().filter(|(known, _)| **known == **name) {
                self.new_by_old.insert(old.to_string(), new.clone());
            }
        }
    }

    /// The request of a step, with new values in place of the old ones. An argument is replaced when it is such a
    /// value, or when it ends in one after a `/` (a reference such as `Slot/17`).
    ///
    /// # Errors
    /// [`TemplateError`].
    pub fn request(&self, step: &ReplayStep) -> Result<Request, TemplateError> {
        let arguments: Vec<String> = step
            .operation
            .arguments
            .iter()
            .map(|argument| {
                if let Some(new) = self.new_by_old.get(&**argument) {
                    return new.clone();
                }
                match argument.rsplit_once('/') {
                    Some((kind, id)) => match self.new_by_old.get(id) {
                        Some(new) => format!("{kind}/{new}"),
                        None => argument.to_string(),
                    },
                    None => argument.to_string(),
                }
            })
            .collect();
        step.template.fill(&arguments)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template(path: &str, body: &str) -> Template {
        Template {
            index: 4,
            method: "POST".to_owned(),
            path: path.to_owned(),
            headers: vec![("If-Match".to_owned(), "{1}".to_owned())],
            body: body.to_owned(),
            captures: Vec::new(),
        }
    }

    #[test]
    fn places_are_filled_and_braces_of_json_stay() {
        let request = template("/slots/{0}/lock", r#"{"slot":"{0}","deep":{"a":{}}}"#)
            .fill(&["s1", "W/\"3\""])
            .unwrap();
        assert_eq!(request.path, "/slots/s1/lock");
        assert_eq!(request.body, r#"{"slot":"s1","deep":{"a":{}}}"#);
        assert_eq!(request.headers[0].1, "W/\"3\"");
    }

    #[test]
    fn a_place_without_argument_is_told() {
        let error = template("/slots/{2}", "").fill(&["s1", "x"]).unwrap_err();
        assert_eq!(error.to_string(), "template 4: place {2} has no argument; the operation gives 2");
    }
}
