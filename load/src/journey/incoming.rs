//! An answer as it came from the wire, looked into only as far as somebody asks.

use http::header::HeaderName;
use serde_json::Value;
use std::sync::OnceLock;

/// An answer: its status, its head and its body in one piece.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Incoming {
    status: u16,
    /// The lines of the head, the first of them no header, and behind them the body.
    text: Vec<u8>,
    body_at: usize,
    json: OnceLock<Value>,
}

impl Incoming {
    /// An answer of these headers and this body.
    pub fn new<'h>(
        status: u16,
        headers: impl IntoIterator<Item = (&'h HeaderName, &'h [u8])>,
        body: &[u8],
    ) -> Incoming {
        let mut text = b"\r\n".to_vec();
        for (name, value) in headers {
            [name.as_str().as_bytes(), b":", value, b"\r\n"]
                .into_iter()
                .for_each(|part| text.extend_from_slice(part));
        }
        let body_at = text.len();
        text.extend_from_slice(body);
        Incoming::of_text(status, text, body_at)
    }

    /// An answer of HTTP/1.1 as its bytes came, the body from `body_at` on.
    pub(crate) fn of_text(status: u16, text: Vec<u8>, body_at: usize) -> Incoming {
        Incoming { status, text, body_at, json: OnceLock::new() }
    }

    /// HTTP status.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The first value of a header that is text.
    pub fn header(&self, name: &HeaderName) -> Option<&str> {
        self.text[..self.body_at].split(|&byte| byte == b'\n').skip(1).find_map(|line| {
            let colon = line.iter().position(|&byte| byte == b':')?;
            let is_it = line[..colon].eq_ignore_ascii_case(name.as_str().as_bytes());
            let value = if is_it { std::str::from_utf8(line[colon + 1..].trim_ascii()).ok() } else { None };
            value.filter(|value| value.is_ascii())
        })
    }

    /// The bytes of the body.
    pub fn body(&self) -> &[u8] {
        &self.text[self.body_at..]
    }

    /// The body as JSON, read when it is first asked for; null when it is none.
    pub fn json(&self) -> &Value {
        self.json.get_or_init(|| serde_json::from_slice(self.body()).unwrap_or(Value::Null))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::header::{CONTENT_TYPE, ETAG, LOCATION};

    #[test]
    fn headers_and_body_are_told_apart_and_found() {
        let raw = b"HTTP/1.1 201 Created: yes\r\nETag:  W/\"2\" \r\nlocation: \xff\r\nLOCATION:/b\r\n\r\n{\"location\":\"/c\"}";
        let body_at = raw.len() - 17;
        let made: [(HeaderName, &[u8]); 3] = [(ETAG, b"W/\"2\""), (LOCATION, b"\xff"), (LOCATION, b"/b")];
        let made = made.iter().map(|(name, value)| (name, *value));
        for incoming in
            [Incoming::of_text(201, raw.to_vec(), body_at), Incoming::new(201, made, &raw[body_at..])]
        {
            assert_eq!(incoming.header(&ETAG), Some("W/\"2\""));
            assert_eq!(incoming.header(&LOCATION), Some("/b"), "what is no text is passed over");
            assert_eq!(incoming.header(&CONTENT_TYPE), None);
            assert_eq!(incoming.json()["location"], "/c");
        }
        assert_eq!(Incoming::new(200, [], b"no json").json(), &Value::Null);
    }
}
