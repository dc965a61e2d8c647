//! Lines that are no TOML, set aside so that all others are read: the parser loses its way behind some mistakes of syntax,
//! and one broken line would hide what is wrong further down.
//!
//! The text is parsed, the first line at which the parser loses its way is blanked out (a broken `[[header]]` is mended, so
//! that what stands below it stays where it belongs), and the rest is parsed again. Every value keeps its place in the text
//! as it was written.

use super::diagnostic::Diagnostic;
use super::document::{Entry, Node, Value, entries_of};
use super::source::SourceId;
use std::ops::Range;
use toml::de::DeTable;

/// A text as far as it can be read.
pub(super) struct Parsed {
    /// The keys and values of the root.
    pub(super) entries: Vec<Entry>,
    /// What the parser has against the text and where; of a line that was set aside only the first.
    pub(super) errors: Vec<(String, Range<usize>)>,
    /// Where the first of further errors is, and how many there are: a text with so many is none of ours.
    pub(super) further: Option<(Range<usize>, usize)>,
    /// What was not read.
    pub(super) lost: Lost,
}

/// What was not read of a text.
#[derive(Clone, Default, Debug)]
pub(crate) struct Lost {
    /// The lines whose syntax is broken.
    lines: String,
    /// Not only those: what stands below a header that makes no sense, or what another file says.
    pub(crate) more: bool,
}

impl Lost {
    /// One more line was not read.
    pub(crate) fn line(&mut self, line: &str) {
        self.lines.push_str(line);
        self.lines.push('\n');
    }

    /// Whether a finding is but a consequence: what it says is absent, or unknown, may stand there.
    pub(crate) fn explains(&self, finding: &Diagnostic) -> bool {
        let mut names = finding.names().peekable();
        let is_on_them =
            names.peek().is_none() && !self.lines.is_empty() || names.any(|name| self.lines.contains(name));
        finding.is_absence() && (self.more || is_on_them)
    }
}

/// Parses a text whatever is wrong with it.
pub(super) fn parse(text: &str) -> Parsed {
    let mut mending = Mending::of(text);
    let mut errors = Vec::new();
    loop {
        let (table, found) = DeTable::parse_recoverable(&mending.text);
        let mut found: Vec<(String, Range<usize>)> =
            found.iter().map(|error| (error.message().to_owned(), error.span().unwrap_or(0..0))).collect();
        found.sort_by_key(|(_, span)| span.start);
        let breach = found.iter().find_map(|(message, span)| mending.breach(message, span));
        let at_end = mending.rounds * text.len() > MOST_WORK || errors.len() >= MOST_ERRORS;
        mending.lost.more |= at_end && breach.is_some();
        if let Some((message, span, breach)) = breach.filter(|_| !at_end) {
            errors.push((message, mending.written(&span)));
            mending.set_aside(breach);
            continue;
        }
        let mut entries = entries_of(table.get_ref(), SourceId::DOCUMENT);
        if mending.rounds > 0 {
            entries.iter_mut().for_each(|entry| mending.put_back(entry));
        }
        errors.extend(found.into_iter().map(|(message, span)| (message, mending.written(&span))));
        errors.sort_by_key(|(_, span)| span.start);
        let count = errors.len().saturating_sub(MOST_ERRORS);
        let further = errors.get(MOST_ERRORS).map(|(_, span)| (span.clone(), count));
        errors.truncate(MOST_ERRORS);
        mending.lost.more |= further.is_some();
        return Parsed { entries, errors, further, lost: mending.lost };
    }
}

/// No more errors than this are told one by one.
const MOST_ERRORS: usize = 200;

/// No more bytes than this are parsed again.
const MOST_WORK: usize = 32 << 20;

/// How the way is lost at a line.
enum Breach {
    /// These lines make no sense.
    Lines(Range<usize>),
    /// A header, on this line, that was meant to be another.
    Header(Range<usize>, String),
    /// A header that makes no sense, and what stands below it.
    Section(Range<usize>),
}

/// A text that is mended step by step.
struct Mending {
    text: String,
    /// The place in the text as it was written, byte by byte, once it is not the same.
    places: Vec<usize>,
    /// Beginnings of headers that were mended.
    mended: Vec<usize>,
    rounds: usize,
    lost: Lost,
}

impl Mending {
    fn of(text: &str) -> Mending {
        Mending {
            text: text.to_owned(),
            places: Vec::new(),
            mended: Vec::new(),
            rounds: 0,
            lost: Lost::default(),
        }
    }

    /// What to set aside for an error here, with what is said of it and where; nothing where the parser finds its way behind
    /// it.
    fn breach(&self, message: &str, span: &Range<usize>) -> Option<(String, Range<usize>, Breach)> {
        let line = self.line_at(span.start);
        if let Some((said, sign)) =
            self.unclosed_text(message, span.start).or_else(|| self.unclosed(message, &line))
        {
            let first = self.line_at(sign.start);
            let lines = if said.contains("multi-line") {
                first
            } else {
                first.start..self.next_line(first.end, |line| is_key(line) || is_header(line))
            };
            return Some((said, sign, Breach::Lines(lines)));
        }
        let written = self.text[line.clone()].trim();
        let breach = match meant_header(written, message) {
            Some(Some(header)) if !self.mended.contains(&line.start) => Breach::Header(line, header),
            Some(_) => Breach::Section(line.start..self.next_line(line.end, is_header)),
            None => {
                let is_lost =
                    ["key with no value", "invalid unquoted key"].iter().any(|one| message.starts_with(one));
                (is_lost && !written.is_empty()).then_some(Breach::Lines(line))?
            }
        };
        Some((message.to_owned(), span.clone(), breach))
    }

    /// Where a long text begins whose end is missing, so that the rest of the file is taken for it.
    fn unclosed_text(&self, message: &str, at: usize) -> Option<(String, Range<usize>)> {
        let signs = ["\"\"\"", "'''"].iter().filter(|_| message.contains("multi-line"));
        let start = signs.filter_map(|sign| self.text[..at].rfind(sign)).max()?;
        Some((message.to_owned(), start..start + 3))
    }

    /// Where a value begins whose bracket is not closed before the next header, when the error is in or behind it.
    fn unclosed(&self, message: &str, line: &Range<usize>) -> Option<(String, Range<usize>)> {
        let is_within =
            ["array", "inline table", "key-value pairs"].iter().any(|word| message.contains(word));
        if !is_within || message.contains("array table") {
            return None;
        }
        let mut first = line.clone();
        while !(opens(&self.text[first.clone()]) > 0 && is_key(&self.text[first.clone()])) {
            first = self.line_at(first.start.checked_sub(1)?);
        }
        let mut open = 0;
        for line in self.text[first.start..].split_inclusive('\n').take_while(|line| !is_header(line)) {
            open += opens(line);
            if open <= 0 {
                return None;
            }
        }
        let sign = first.start + self.text[first].find(['[', '{'])?;
        let is_array = self.text[sign..].starts_with('[');
        let said =
            if is_array { "unclosed array, expected `]`" } else { "unclosed inline table, expected `}`" };
        Some((said.to_owned(), sign..sign + 1))
    }

    /// The line of a byte, without what ends it.
    fn line_at(&self, at: usize) -> Range<usize> {
        let at =
            (0..=at.min(self.text.len())).rev().find(|&byte| self.text.is_char_boundary(byte)).unwrap_or(0);
        let start = self.text[..at].rfind('\n').map_or(0, |end| end + 1);
        let end = self.text[at..].find('\n').map_or(self.text.len(), |length| at + length);
        start..end
    }

    /// The beginning of the next line of a kind, or the end of the text.
    fn next_line(&self, from: usize, is_meant: impl Fn(&str) -> bool) -> usize {
        let mut start = from;
        for line in self.text[from..].split_inclusive('\n') {
            if start > from && is_meant(line) {
                return start;
            }
            start += line.len();
        }
        self.text.len()
    }

    fn set_aside(&mut self, breach: Breach) {
        self.rounds += 1;
        let lines = match breach {
            Breach::Header(line, header) => {
                self.replace(line.clone(), &header);
                self.mended.push(line.start);
                return;
            }
            Breach::Section(lines) => {
                self.lost.more = true;
                lines
            }
            Breach::Lines(lines) => lines,
        };
        self.lost.line(&self.text[lines.clone()]);
        let blank: String =
            self.text[lines.clone()].bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }).collect();
        self.text.replace_range(lines, &blank);
    }

    fn replace(&mut self, old: Range<usize>, new: &str) {
        if self.places.is_empty() {
            self.places = (0..=self.text.len()).collect();
        }
        let first = self.places[old.start];
        let most = old.len();
        let places: Vec<usize> = (0..new.len()).map(|byte| first + byte.min(most)).collect();
        self.text.replace_range(old.clone(), new);
        self.places.splice(old, places);
    }

    /// The place in the text as it was written.
    fn written(&self, span: &Range<usize>) -> Range<usize> {
        let place = |at: usize| self.places.get(at).copied().unwrap_or(at);
        place(span.start)..place(span.end)
    }

    fn put_back(&self, entry: &mut Entry) {
        entry.span = self.written(&entry.span);
        self.put_back_node(&mut entry.node);
    }

    fn put_back_node(&self, node: &mut Node) {
        node.span = self.written(&node.span);
        match &mut node.value {
            Value::List(items) => items.iter_mut().for_each(|item| self.put_back_node(item)),
            Value::Table(entries) => entries.iter_mut().for_each(|entry| self.put_back(entry)),
            _ => {}
        }
    }
}

/// How many more brackets a line opens than it closes, outside of texts and remarks.
fn opens(line: &str) -> i32 {
    let (mut open, mut quote) = (0, None);
    for letter in line.chars() {
        match (quote, letter) {
            (Some(begun), _) if begun == letter => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(letter),
            (None, '#') => break,
            (None, '[' | '{') => open += 1,
            (None, ']' | '}') => open -= 1,
            _ => {}
        }
    }
    open
}

fn is_key(line: &str) -> bool {
    let bare = |letter: char| letter.is_ascii_alphanumeric() || "_-.\"' ".contains(letter);
    line.split_once('=').is_some_and(|(key, _)| {
        let key = key.trim();
        !key.is_empty() && key.chars().all(bare)
    })
}

fn is_header(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with('[')
        && line.trim_start_matches('[').starts_with(|letter: char| letter.is_ascii_alphabetic())
}

/// When a line that the parser does not take was meant for a header: the header, where it can be told.
fn meant_header(line: &str, message: &str) -> Option<Option<String>> {
    let narrow = line.replace(['［', '【'], "[").replace(['］', '】'], "]");
    let narrow = narrow.split('#').next().unwrap_or_default().trim();
    let is_meant = narrow.starts_with('[') || narrow.ends_with(']') && !narrow.contains(['=', '"']);
    if !is_meant {
        return None;
    }
    let within = narrow.trim_start_matches('[');
    let name = within.split(']').next().unwrap_or_default().trim();
    let bare = |letter: char| letter.is_ascii_alphanumeric() || "_-.".contains(letter);
    // A header of a table where there is a list of tables of this name already.
    let is_list = narrow.starts_with("[[") || narrow.ends_with("]]") || message == "duplicate key";
    let header = if is_list { format!("[[{name}]]") } else { format!("[{name}]") };
    let is_sound = !name.is_empty() && name.chars().all(bare) && header != line;
    Some(is_sound.then_some(header))
}
