//! The texts a scenario is read from, and where in them something stands.

use std::fmt;
use std::ops::Range;

/// Which text: 0 is the document, then come the files it extends, then `--set` arguments in the order given.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct SourceId(pub(crate) usize);

impl SourceId {
    pub(crate) const DOCUMENT: SourceId = SourceId(0);
}

/// One text with its name.
#[derive(Clone, Debug)]
pub(crate) struct SourceText {
    pub(crate) name: String,
    pub(crate) text: String,
}

impl SourceText {
    /// Line and column of a byte, both from 1; columns count characters, not bytes.
    pub(crate) fn line_and_column(&self, byte: usize) -> (usize, usize) {
        let before = &self.text[..self.floor(byte)];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
    }

    /// The text of a range of bytes.
    pub(crate) fn slice(&self, span: &Range<usize>) -> &str {
        &self.text[self.floor(span.start)..self.floor(span.end)]
    }

    /// The whole line on which a range of bytes begins.
    pub(crate) fn line_of(&self, span: &Range<usize>) -> &str {
        let at = self.floor(span.start);
        let start = self.text[..at].rfind('\n').map_or(0, |end| end + 1);
        let end = self.text[at..].find('\n').map_or(self.text.len(), |length| at + length);
        &self.text[start..end]
    }

    fn floor(&self, byte: usize) -> usize {
        (0..=byte.min(self.text.len())).rev().find(|&index| self.text.is_char_boundary(index)).unwrap_or(0)
    }
}

/// One step of a path.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Segment {
    /// A key of a table.
    Key(String),
    /// An element of a list: its index from 0, and its name when it has one.
    Element(usize, Option<String>),
}

/// The keys and indices that lead to a value.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct KeyPath(pub(crate) Vec<Segment>);

impl KeyPath {
    pub(crate) fn key(&self, key: &str) -> KeyPath {
        let mut longer = self.clone();
        longer.0.push(Segment::Key(key.to_owned()));
        longer
    }

    pub(crate) fn element(&self, index: usize, name: Option<&str>) -> KeyPath {
        let mut longer = self.clone();
        longer.0.push(Segment::Element(index, name.map(str::to_owned)));
        longer
    }

    /// The path as `--set` takes it: elements of lists by their name where they have one,
    /// `station.window.servers`.
    pub fn by_name(&self) -> String {
        let mut text = String::new();
        for segment in &self.0 {
            if !text.is_empty() {
                text.push('.');
            }
            match segment {
                Segment::Key(name) | Segment::Element(_, Some(name)) => text.push_str(&quoted(name)),
                Segment::Element(index, None) => text.push_str(&index.to_string()),
            }
        }
        text
    }
}

fn quoted(name: &str) -> String {
    if name.is_empty() || name.contains(['.', '[', ']', '=', '"']) {
        format!("\"{}\"", name.replace('"', "\\\""))
    } else {
        name.to_owned()
    }
}

impl fmt::Display for KeyPath {
    /// The path as messages write it: elements of lists by their index from 0, `station[2].servers`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Key(name) if position == 0 => f.write_str(&quoted(name))?,
                Segment::Key(name) => write!(f, ".{}", quoted(name))?,
                Segment::Element(index, _) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

/// Where a value stands: kept beside a value so that a check made later can still point at it.
#[derive(Clone, Debug)]
pub struct Place {
    pub(crate) path: KeyPath,
    pub(crate) source: SourceId,
    pub(crate) span: Range<usize>,
}

impl Place {
    /// The keys and indices that lead here.
    pub fn path(&self) -> &KeyPath {
        &self.path
    }
}

/// A value and where it was read.
#[derive(Clone, Debug)]
pub struct At<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub place: Place,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_not_bytes() {
        let source = SourceText { name: "a".into(), text: "名 = \"挂号\"\n窗口 = 4\n".into() };
        let byte = source.text.find('4').unwrap();
        assert_eq!(source.line_and_column(byte), (2, 6));
        assert_eq!(source.line_and_column(byte + 100), (3, 1));
    }

    #[test]
    fn paths_are_written_by_index_and_by_name() {
        let path = KeyPath::default().key("station").element(2, Some("window")).key("service_time");
        assert_eq!(path.to_string(), "station[2].service_time");
        assert_eq!(path.by_name(), "station.window.service_time");
        assert_eq!(KeyPath::default().key("a").element(0, Some("x.y")).by_name(), "a.\"x.y\"");
    }
}
