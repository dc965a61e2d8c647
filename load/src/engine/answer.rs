//! An answer of HTTP/1.1 as it comes in, piece by piece: RFC 9112, sections 4 to 7.

use crate::journey::Incoming;
use http::header::{CONNECTION, CONTENT_LENGTH, HeaderName, TRANSFER_ENCODING};
use http::{Method, StatusCode};
use httparse::{Header, ParserConfig, Response, Status};
use std::mem::MaybeUninit;
use thiserror::Error;

/// Headers that most answers have room with, and most headers of an answer.
const HEADERS_USUAL: usize = 24;
const HEADERS_MAX: usize = 128;
/// Most bytes of a head, or of what follows the last chunk.
const HEAD_BYTES_MAX: usize = 256 * 1024;

/// Why bytes are no answer.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub(super) enum NoAnswer {
    #[error("the answer is no HTTP/1.1: {0}")]
    Malformed(#[from] httparse::Error),
    #[error("a chunk of the answer is malformed")]
    Chunk,
    #[error("the answer's length is told as `{0}`")]
    Length(String),
    #[error("the head of the answer is longer than {HEAD_BYTES_MAX} bytes")]
    LongHead,
    #[error("the connection was closed before the answer was complete")]
    CutOff,
}

/// Where the body ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Body {
    /// After so many bytes in all.
    Length(u64),
    Chunked(Chunks),
    /// With the connection.
    UntilClosed,
}

/// How far a chunked body is understood: its bytes stand together before `kept_until`, what follows `read_until` is still
/// as it came.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Chunks {
    next: Chunk,
    kept_until: usize,
    read_until: usize,
}

/// What comes next of a chunked body.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum Chunk {
    #[default]
    Size,
    Left(u64),
    LineEnd,
    Trailers,
}

/// A head that was read.
struct Head {
    status: u16,
    length: usize,
    body: Body,
    /// The connection carries another request afterwards.
    persists: bool,
}

/// The answer to one request.
pub(super) struct Answer {
    /// What came: the head, and the body as far as it came.
    text: Vec<u8>,
    head: Option<Head>,
    /// The answer to `HEAD` has no body, whatever it says.
    is_to_head: bool,
}

impl Answer {
    pub(super) fn to(method: &Method) -> Answer {
        Answer { text: Vec::new(), head: None, is_to_head: method == Method::HEAD }
    }

    /// Takes what has come, nothing at the end of the connection. Gives the answer when it is complete, and whether the
    /// connection can be used again.
    pub(super) fn take(&mut self, came: &[u8]) -> Result<Option<(Incoming, bool)>, NoAnswer> {
        self.text.extend_from_slice(came);
        while self.head.is_none() {
            if !self.take_head()? {
                return if came.is_empty() { Err(NoAnswer::CutOff) } else { Ok(None) };
            }
        }
        let Some(head) = &mut self.head else { return Ok(None) };
        let end = match &mut head.body {
            Body::Length(length) => {
                let whole = usize::try_from(*length).ok().and_then(|length| head.length.checked_add(length));
                whole.filter(|whole| *whole <= self.text.len())
            }
            Body::Chunked(chunks) => chunks.take(&mut self.text)?,
            Body::UntilClosed => came.is_empty().then_some(self.text.len()),
        };
        let Some(end) = end else { return if came.is_empty() { Err(NoAnswer::CutOff) } else { Ok(None) } };
        // What follows an answer that nobody asked for is nobody's: the connection is not used again.
        let persists = head.persists && end == self.text.len();
        self.text.truncate(end);
        Ok(Some((Incoming::of_text(head.status, std::mem::take(&mut self.text), head.length), persists)))
    }

    /// True when a head was read, be it one that announces another.
    fn take_head(&mut self) -> Result<bool, NoAnswer> {
        let usual = read_head::<HEADERS_USUAL>(&self.text, self.is_to_head);
        let head = match usual {
            Err(NoAnswer::Malformed(httparse::Error::TooManyHeaders)) => {
                read_head::<HEADERS_MAX>(&self.text, self.is_to_head)
            }
            usual => usual,
        };
        let Some(head) = head? else {
            return if self.text.len() > HEAD_BYTES_MAX { Err(NoAnswer::LongHead) } else { Ok(false) };
        };
        let is_interim =
            (100..200).contains(&head.status) && head.status != StatusCode::SWITCHING_PROTOCOLS.as_u16();
        if is_interim {
            self.text.drain(..head.length);
        } else {
            self.head = Some(head);
        }
        Ok(true)
    }
}

/// The head at the beginning of some bytes, if it is complete; with room for so many headers.
fn read_head<const ROOM: usize>(text: &[u8], is_to_head: bool) -> Result<Option<Head>, NoAnswer> {
    let mut room = [const { MaybeUninit::<Header<'_>>::uninit() }; ROOM];
    let mut head = Response::new(&mut []);
    let parsed = ParserConfig::default().parse_response_with_uninit_headers(&mut head, text, &mut room)?;
    let Status::Complete(length) = parsed else { return Ok(None) };
    // A head that is complete has both.
    let (status, version) = (head.code.unwrap_or(0), head.version.unwrap_or(0));
    let framing = Framing::of(head.headers);
    let stays = !framing.closes && (version == 1 || framing.stays);
    let body = if is_to_head { Body::Length(0) } else { framing.body(status, length)? };
    let persists = stays && body != Body::UntilClosed && status != StatusCode::SWITCHING_PROTOCOLS.as_u16();
    Ok(Some(Head { status, length, body, persists }))
}

/// What the headers of an answer say of its end and of its connection.
struct Framing<'h> {
    /// The last transfer coding.
    coding: Option<&'h str>,
    length: Result<Option<u64>, NoAnswer>,
    closes: bool,
    stays: bool,
}

impl<'h> Framing<'h> {
    /// A value that is no text counts as an empty one.
    fn of(headers: &[Header<'h>]) -> Framing<'h> {
        let mut framing = Framing { coding: None, length: Ok(None), closes: false, stays: false };
        let [coding, length, connection] = [TRANSFER_ENCODING, CONTENT_LENGTH, CONNECTION];
        for header in headers {
            let is = |name: &HeaderName| header.name.eq_ignore_ascii_case(name.as_str());
            let text = || std::str::from_utf8(header.value).unwrap_or_default();
            if is(&length) {
                framing.length = framing.length.and_then(|known| length_of(known, text()));
            } else if is(&coding) {
                framing.coding = text().rsplit(',').next().map(str::trim);
            } else if is(&connection) {
                for word in text().split(',').map(str::trim) {
                    framing.closes |= word.eq_ignore_ascii_case("close");
                    framing.stays |= word.eq_ignore_ascii_case("keep-alive");
                }
            }
        }
        framing
    }

    /// Where the body of an answer to anything but `HEAD` ends.
    fn body(self, status: u16, head_length: usize) -> Result<Body, NoAnswer> {
        if status < 200 || status == 204 || status == 304 {
            return Ok(Body::Length(0));
        }
        if let Some(coding) = self.coding {
            let chunks = Chunks { kept_until: head_length, read_until: head_length, ..Chunks::default() };
            let is_chunked = coding.eq_ignore_ascii_case("chunked");
            return Ok(if is_chunked { Body::Chunked(chunks) } else { Body::UntilClosed });
        }
        Ok(self.length?.map_or(Body::UntilClosed, Body::Length))
    }
}

/// The length that a header tells, which is the one already known if there is one.
fn length_of(known: Option<u64>, text: &str) -> Result<Option<u64>, NoAnswer> {
    text.split(',').map(str::trim).try_fold(known, |known, one| {
        let told =
            one.parse().ok().filter(|told| !one.starts_with('+') && known.is_none_or(|other| other == *told));
        told.map(Some).ok_or_else(|| NoAnswer::Length(text.to_owned()))
    })
}

impl Chunks {
    /// Puts together what has come; gives where the body ends when that was read, with what follows it right behind.
    fn take(&mut self, text: &mut Vec<u8>) -> Result<Option<usize>, NoAnswer> {
        let is_complete = self.take_chunks(text)?;
        text.drain(self.kept_until..self.read_until);
        self.read_until = self.kept_until;
        Ok(is_complete.then_some(self.kept_until))
    }

    fn take_chunks(&mut self, text: &mut [u8]) -> Result<bool, NoAnswer> {
        loop {
            let rest = &text[self.read_until..];
            match self.next {
                Chunk::Left(left) => {
                    let count = rest.len().min(usize::try_from(left).unwrap_or(usize::MAX));
                    text.copy_within(self.read_until..self.read_until + count, self.kept_until);
                    self.read_until += count;
                    self.kept_until += count;
                    match left - count as u64 {
                        0 => self.next = Chunk::LineEnd,
                        left => {
                            self.next = Chunk::Left(left);
                            return Ok(false);
                        }
                    }
                }
                Chunk::LineEnd => match rest {
                    [b'\r', b'\n', ..] => {
                        self.read_until += 2;
                        self.next = Chunk::Size;
                    }
                    [] | [b'\r'] => return Ok(false),
                    _ => return Err(NoAnswer::Chunk),
                },
                Chunk::Size => {
                    let size = httparse::parse_chunk_size(rest).map_err(|_| NoAnswer::Chunk)?;
                    let Status::Complete((length, size)) = size else { return Ok(false) };
                    self.read_until += length;
                    self.next = if size == 0 { Chunk::Trailers } else { Chunk::Left(size) };
                }
                Chunk::Trailers => {
                    let mut room = [httparse::EMPTY_HEADER; HEADERS_MAX];
                    match httparse::parse_headers(rest, &mut room)? {
                        Status::Complete((length, _)) => self.read_until += length,
                        Status::Partial if rest.len() > HEAD_BYTES_MAX => return Err(NoAnswer::LongHead),
                        Status::Partial => return Ok(false),
                    }
                    return Ok(true);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is read of some bytes that come in pieces of a size, with the end of the connection behind them.
    fn read(bytes: &[u8], size: usize, method: &Method) -> Result<(u16, String, bool), NoAnswer> {
        let mut answer = Answer::to(method);
        for piece in bytes.chunks(size).chain([&[][..]]) {
            if let Some((incoming, persists)) = answer.take(piece)? {
                return Ok((
                    incoming.status(),
                    String::from_utf8(incoming.body().to_vec()).unwrap(),
                    persists,
                ));
            }
        }
        panic!("neither an answer nor a failure: {:?}", String::from_utf8_lossy(bytes));
    }

    #[test]
    fn answers_are_the_same_in_whatever_pieces_they_come() {
        let told = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello";
        let closing = "HTTP/1.1 200 OK\r\nConnection: Close\r\nContent-Length: 2\r\n\r\nhi";
        let chunked = "HTTP/1.1 201 Created\r\ntransfer-encoding: gzip, Chunked\r\n\r\n\
                       4;note=x\r\nwiki\r\nA\r\npedia in\r\n\r\n0\r\nchecked: yes\r\n\r\n";
        let interim = "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n";
        let old = "HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nhi";
        let old_kept = "HTTP/1.0 200 OK\r\ncontent-length: 2\r\nconnection: keep-alive\r\n\r\nhi";
        let unsaid = "HTTP/1.1 500 Oh\r\n\r\nall of it";
        let both = "HTTP/1.1 200 OK\r\ncontent-length: 90\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n";
        let expected = [
            (told, (200, "hello", true)),
            (closing, (200, "hi", false)),
            (chunked, (201, "wikipedia in\r\n", true)),
            (interim, (204, "", true)),
            (old, (200, "hi", false)),
            (old_kept, (200, "hi", true)),
            (unsaid, (500, "all of it", false)),
            (both, (200, "", true)),
        ];
        for (bytes, (status, body, persists)) in expected {
            for size in 1..=bytes.len() {
                let read = read(bytes.as_bytes(), size, &Method::GET).unwrap();
                assert_eq!(read, (status, body.to_owned(), persists), "pieces of {size}: {bytes}");
            }
        }
        assert_eq!(read(told.as_bytes(), 99, &Method::HEAD).unwrap(), (200, String::new(), false));
        let head = &told.as_bytes()[..told.len() - 5];
        assert_eq!(read(head, 7, &Method::HEAD).unwrap(), (200, String::new(), true));
    }

    #[test]
    fn what_is_no_whole_answer_is_told_apart() {
        let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
        let cases = [
            ("", NoAnswer::CutOff),
            ("HTTP/1.1 200 OK\r\ncontent-", NoAnswer::CutOff),
            ("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhell", NoAnswer::CutOff),
            (&format!("{chunked}5\r\nhell"), NoAnswer::CutOff),
            (&format!("{chunked}5\r\nhello\r\n"), NoAnswer::CutOff),
            (&format!("{chunked}4\r\nhello\r\n"), NoAnswer::Chunk),
            (&format!("{chunked}four\r\n"), NoAnswer::Chunk),
            ("SSH-2.0-OpenSSH\r\n", NoAnswer::Malformed(httparse::Error::Version)),
            ("HTTP/1.1 200 OK\r\ncontent-length: +5\r\n\r\nhello", NoAnswer::Length("+5".to_owned())),
            ("HTTP/1.1 200 OK\r\ncontent-length: 4, 5\r\n\r\nhello", NoAnswer::Length("4, 5".to_owned())),
        ];
        for (bytes, failure) in cases {
            assert_eq!(read(bytes.as_bytes(), 11, &Method::GET).unwrap_err(), failure, "{bytes}");
        }
        let endless = format!("HTTP/1.1 200 OK\r\nx: {}", "y".repeat(HEAD_BYTES_MAX));
        assert_eq!(read(endless.as_bytes(), 4096, &Method::GET).unwrap_err(), NoAnswer::LongHead);
    }
}
