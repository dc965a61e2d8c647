//! What is wrong with an input, said completely: where, what was read, what would be accepted, and the nearest known
//! name.

use super::source::{Place, SourceText};
use crate::quantity::is_whole;
use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use serde::Serialize;
use std::fmt;
use std::ops::Range;

/// Does the finding stop the run?
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The input cannot be used.
    Error,
    /// The input can be used, but probably does not say what was meant.
    Warning,
}

/// A range of bytes, for JSON.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct ByteSpan {
    /// First byte.
    pub start: usize,
    /// First byte after it.
    pub end: usize,
}

/// One finding about an input file.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Diagnostic {
    /// Error or warning.
    pub severity: Severity,
    /// Name of the file, or of the command line argument.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// The bytes meant.
    pub span: ByteSpan,
    /// Path of the key, such as `station[2].service_time`; empty for the whole file and for most mistakes of syntax.
    pub key: String,
    /// The text that was read, on one line.
    pub read: Option<String>,
    /// What is wrong.
    pub message: String,
    /// What would be accepted.
    pub accepted: Option<String>,
    /// The known name nearest to the one that was read.
    pub nearest: Option<String>,
    #[serde(skip)]
    source: usize,
    #[serde(skip)]
    absence: bool,
}

/// A mistake in the making: the message and what helps to mend it.
#[derive(Clone, Debug)]
pub struct Mistake {
    severity: Severity,
    message: String,
    accepted: Option<String>,
    nearest: Option<String>,
    absence: bool,
    quote: bool,
}

impl Mistake {
    /// An error with this message (lower case, no full stop).
    pub fn new(message: impl Into<String>) -> Self {
        Mistake {
            severity: Severity::Error,
            message: message.into(),
            accepted: None,
            nearest: None,
            absence: false,
            quote: true,
        }
    }

    /// Something is not there: says so without quoting what is there instead.
    pub fn missing(message: impl Into<String>) -> Self {
        Mistake { absence: true, quote: false, ..Mistake::new(message) }
    }

    /// The finding may be but a consequence of a line that could not be read, on which stands what it misses.
    pub fn of_absence(mut self) -> Self {
        self.absence = true;
        self
    }

    /// Shares of one whole that add up to something else than 100 %, to a tenth of a percent: what is missing may stand on
    /// a line that could not be read. `None` where they add up.
    pub(crate) fn of_parts(what: &str, sum: f64) -> Option<Self> {
        let mistake = || Mistake::of_sum(what, sum).of_absence().accepted("shares that add up to 100 %");
        (!is_whole(sum)).then(mistake)
    }

    /// Says what shares add up to.
    pub(crate) fn of_sum(what: &str, sum: f64) -> Self {
        let percent = (sum * 1e4).round() / 100.0;
        Mistake::new(format!("{what} add up to {percent} %"))
    }

    /// A finding that does not stop the run.
    pub fn warning(message: impl Into<String>) -> Self {
        Mistake { severity: Severity::Warning, ..Mistake::new(message) }
    }

    /// Says what would be accepted.
    pub fn accepted(mut self, accepted: impl Into<String>) -> Self {
        self.accepted = Some(accepted.into());
        self
    }

    /// Says which of `known` is nearest to `name`, when one is near enough to have been meant.
    pub fn nearest<'a>(mut self, name: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        self.nearest = nearest_name(name, known).map(str::to_owned);
        self
    }

    pub(crate) fn with_nearest(mut self, nearest: Option<String>) -> Self {
        self.nearest = nearest;
        self
    }

    pub(crate) fn at(self, place: &Place, sources: &[SourceText]) -> Diagnostic {
        let source = &sources[place.source.0];
        let (line, column) = source.line_and_column(place.span.start);
        let text = source.slice(&place.span);
        Diagnostic {
            severity: self.severity,
            file: source.name.clone(),
            line,
            column,
            span: ByteSpan { start: place.span.start, end: place.span.end },
            key: place.path.to_string(),
            read: (self.quote && !text.is_empty()).then(|| one_line(text)),
            message: self.message,
            accepted: self.accepted,
            nearest: self.nearest,
            source: place.source.0,
            absence: self.absence,
        }
    }
}

/// The name among `known` that was probably meant by `name`: the nearest by Jaro-Winkler similarity, when at least 0.8.
pub fn nearest_name<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = name.to_lowercase();
    let mut best: Option<(f64, &str)> = None;
    for candidate in known {
        let score = strsim::jaro_winkler(&wanted, &candidate.to_lowercase());
        if score >= 0.8 && candidate != name && best.is_none_or(|(most, _)| score > most) {
            best = Some((score, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

fn one_line(text: &str) -> String {
    const LONGEST: usize = 60;
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if flat.chars().count() <= LONGEST {
        return flat;
    }
    let mut short: String = flat.chars().take(LONGEST - 1).collect();
    short.push('…');
    short
}

impl Diagnostic {
    /// Says that something is absent, or not known (and so may be a mere consequence of broken syntax).
    pub(crate) fn is_absence(&self) -> bool {
        self.absence
    }

    /// The names that stand in backticks in the message, or else in what would be accepted.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        let accepted = self.accepted.as_ref().filter(|_| !self.message.contains('`'));
        accepted.unwrap_or(&self.message).split('`').skip(1).step_by(2)
    }

    pub(crate) fn order(&self) -> (usize, usize, usize, usize) {
        (self.source, self.line, self.column, self.span.end)
    }

    /// What helps: accepted forms and the nearest name, as short sentences.
    fn help(&self) -> Vec<String> {
        let nearest = self.nearest.iter().map(|name| format!("did you mean `{name}`?"));
        nearest.chain(self.accepted.iter().map(|accepted| format!("accepted: {accepted}"))).collect()
    }
}

impl fmt::Display for Diagnostic {
    /// One line: `file:line:column: key: message; help`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: ", self.file, self.line, self.column)?;
        if self.severity == Severity::Warning {
            f.write_str("warning: ")?;
        }
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        f.write_str(&self.message)?;
        for help in self.help() {
            write!(f, "; {help}")?;
        }
        Ok(())
    }
}

/// Colours or none.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ink {
    /// Letters only, for files and pipes.
    Plain,
    /// With ANSI colours, for a terminal.
    Coloured,
}

/// Everything found about an input, in the order of the text, with the text itself so that it can be shown.
#[derive(Clone, Debug)]
pub struct Diagnostics {
    sources: Vec<SourceText>,
    list: Vec<Diagnostic>,
}

impl Diagnostics {
    pub(crate) fn new(sources: Vec<SourceText>, mut list: Vec<Diagnostic>) -> Self {
        list.sort_by_key(Diagnostic::order);
        Diagnostics { sources, list }
    }

    /// The findings about several inputs, or about one that was read several times, each of them once.
    pub fn together(all: impl IntoIterator<Item = Diagnostics>) -> Self {
        let mut together = Diagnostics { sources: Vec::new(), list: Vec::new() };
        for Diagnostics { sources, list } in all {
            let is_new = |one: &Diagnostic| {
                let known =
                    |other: &Diagnostic| other.read == one.read && other.to_string() == one.to_string();
                !together.list.iter().any(known)
            };
            let first = together.sources.len();
            let new: Vec<Diagnostic> = list.into_iter().filter(is_new).collect();
            if !new.is_empty() {
                together
                    .list
                    .extend(new.into_iter().map(|one| Diagnostic { source: first + one.source, ..one }));
                together.sources.extend(sources);
            }
        }
        together
    }

    /// The findings in the order of the text.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.list.iter()
    }

    /// How many findings there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Nothing was found.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Whether one of them is an error.
    pub fn has_errors(&self) -> bool {
        self.list.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// The findings as a compiler shows them: the line of the text with the place marked below.
    pub fn render(&self, ink: Ink) -> String {
        let renderer = match ink {
            Ink::Plain => Renderer::plain(),
            Ink::Coloured => Renderer::styled(),
        };
        let shown: Vec<String> = self.list.iter().map(|one| self.render_one(one, &renderer)).collect();
        shown.join("\n\n")
    }

    fn render_one(&self, diagnostic: &Diagnostic, renderer: &Renderer) -> String {
        let source = &self.sources[diagnostic.source];
        let level = match diagnostic.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let title = if diagnostic.key.is_empty() {
            diagnostic.message.clone()
        } else {
            format!("{}: {}", diagnostic.key, diagnostic.message)
        };
        let span = first_line(&source.text, diagnostic.span.start..diagnostic.span.end);
        let snippet = Snippet::source(source.text.as_str())
            .path(source.name.as_str())
            .annotation(AnnotationKind::Primary.span(span));
        let mut group = level.primary_title(title).element(snippet);
        for help in diagnostic.help() {
            group = group.element(Level::HELP.message(help));
        }
        renderer.render(&[group])
    }
}

/// The part of a span that lies on its first line: a table marked over twenty lines hides more than it shows.
fn first_line(text: &str, span: Range<usize>) -> Range<usize> {
    let end = text[span.clone()].find('\n').map_or(span.end, |newline| span.start + newline);
    span.start..end
}

impl fmt::Display for Diagnostics {
    /// One line for each finding.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, diagnostic) in self.list.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{diagnostic}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Diagnostics {}

impl Serialize for Diagnostics {
    /// As the list of findings.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.list.serialize(serializer)
    }
}
