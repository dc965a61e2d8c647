//! An answer of HTTP/1.1 as it comes in, piece by piece: RFC 9112, sections 4 to 7.

use super::transport::Incoming;
use http::header::{CONNECTION, CONTENT_LENGTH, HeaderMap, HeaderName, HeaderValue, TRANSFER_ENCODING};
use http::{Method, StatusCode};
use thiserror::Error;

/// Most headers of an answer.
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
    /// After so many bytes more.
    Left(u64),
    Chunked(Chunk),
    /// With the connection.
    UntilClosed,
}

/// What comes next of a chunked body.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Chunk {
    Size,
    Left(u64),
    LineEnd,
    Trailers,
}

/// The answer to one request.
pub(super) struct Answer {
    /// What came and is not understood yet.
    raw: Vec<u8>,
    head: Option<(Incoming, Body)>,
    body: Vec<u8>,
    /// The answer to `HEAD` has no body, whatever it says.
    is_to_head: bool,
    /// The connection carries another request afterwards.
    persists: bool,
}

impl Answer {
    pub(super) fn to(method: &Method) -> Answer {
        let is_to_head = method == Method::HEAD;
        Answer { raw: Vec::new(), head: None, body: Vec::new(), is_to_head, persists: false }
    }

    /// Takes what has come, nothing at the end of the connection. Gives the answer when it is complete, and whether the
    /// connection can be used again.
    pub(super) fn take(&mut self, came: &[u8]) -> Result<Option<(Incoming, bool)>, NoAnswer> {
        self.raw.extend_from_slice(came);
        while self.head.is_none() {
            if !self.take_head()? {
                return if came.is_empty() { Err(NoAnswer::CutOff) } else { Ok(None) };
            }
        }
        let is_complete = self.take_body()?;
        let is_complete = match &self.head {
            Some((_, Body::UntilClosed)) => came.is_empty(),
            _ if !is_complete && came.is_empty() => return Err(NoAnswer::CutOff),
            _ => is_complete,
        };
        // What follows an answer that nobody asked for is nobody's: the connection is not used again.
        let persists = self.persists && self.raw.is_empty();
        Ok(self.head.take_if(|_| is_complete).map(|(mut incoming, _)| {
            incoming.body = std::mem::take(&mut self.body).into();
            (incoming, persists)
        }))
    }

    /// True when a head was read, be it one that announces another.
    fn take_head(&mut self) -> Result<bool, NoAnswer> {
        let mut room = [httparse::EMPTY_HEADER; HEADERS_MAX];
        let mut head = httparse::Response::new(&mut room);
        let httparse::Status::Complete(length) = head.parse(&self.raw)? else {
            return if self.raw.len() > HEAD_BYTES_MAX { Err(NoAnswer::LongHead) } else { Ok(false) };
        };
        // A head that is complete has both.
        let (status, version) = (head.code.unwrap_or(0), head.version.unwrap_or(0));
        let mut headers = HeaderMap::with_capacity(head.headers.len());
        for header in head.headers.iter() {
            let name = HeaderName::from_bytes(header.name.as_bytes());
            if let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(header.value)) {
                headers.append(name, value);
            }
        }
        self.raw.drain(..length);
        let is_interim = (100..200).contains(&status) && status != StatusCode::SWITCHING_PROTOCOLS.as_u16();
        if !is_interim {
            let body = if self.is_to_head { Body::Left(0) } else { body_of(status, &headers)? };
            let says = |word: &str| {
                let values = headers.get_all(CONNECTION).iter().filter_map(|value| value.to_str().ok());
                values.flat_map(|value| value.split(',')).any(|one| one.trim().eq_ignore_ascii_case(word))
            };
            self.persists = body != Body::UntilClosed
                && !says("close")
                && (version == 1 || says("keep-alive"))
                && status != StatusCode::SWITCHING_PROTOCOLS.as_u16();
            self.head = Some((Incoming { status, headers, ..Incoming::default() }, body));
        }
        Ok(true)
    }

    /// True when the end of the body was read.
    fn take_body(&mut self) -> Result<bool, NoAnswer> {
        let mut used = 0;
        let raw = &self.raw;
        let Some((_, place)) = &mut self.head else { return Ok(false) };
        let is_complete = loop {
            let rest = &raw[used..];
            match place {
                Body::UntilClosed => {
                    self.body.extend_from_slice(rest);
                    used = raw.len();
                    break false;
                }
                Body::Left(left) | Body::Chunked(Chunk::Left(left)) => {
                    let count = rest.len().min(usize::try_from(*left).unwrap_or(usize::MAX));
                    self.body.extend_from_slice(&rest[..count]);
                    used += count;
                    *left -= count as u64;
                    match place {
                        Body::Left(left) => break *left == 0,
                        Body::Chunked(Chunk::Left(0)) => *place = Body::Chunked(Chunk::LineEnd),
                        _ => break false,
                    }
                }
                Body::Chunked(Chunk::LineEnd) => match rest {
                    [b'\r', b'\n', ..] => {
                        used += 2;
                        *place = Body::Chunked(Chunk::Size);
                    }
                    [] | [b'\r'] => break false,
                    _ => return Err(NoAnswer::Chunk),
                },
                Body::Chunked(Chunk::Size) => {
                    let size = httparse::parse_chunk_size(rest).map_err(|_| NoAnswer::Chunk)?;
                    let httparse::Status::Complete((length, size)) = size else { break false };
                    used += length;
                    *place = Body::Chunked(if size == 0 { Chunk::Trailers } else { Chunk::Left(size) });
                }
                Body::Chunked(Chunk::Trailers) => {
                    let mut room = [httparse::EMPTY_HEADER; HEADERS_MAX];
                    match httparse::parse_headers(rest, &mut room)? {
                        httparse::Status::Complete((length, _)) => used += length,
                        httparse::Status::Partial if rest.len() > HEAD_BYTES_MAX => {
                            return Err(NoAnswer::LongHead);
                        }
                        httparse::Status::Partial => break false,
                    }
                    break true;
                }
            }
        };
        self.raw.drain(..used);
        Ok(is_complete)
    }
}

/// Where the body of an answer to anything but `HEAD` ends.
fn body_of(status: u16, headers: &HeaderMap) -> Result<Body, NoAnswer> {
    if status < 200 || status == 204 || status == 304 {
        return Ok(Body::Left(0));
    }
    if let Some(coding) = headers.get_all(TRANSFER_ENCODING).iter().next_back() {
        let last = coding.to_str().unwrap_or_default().rsplit(',').next().unwrap_or_default();
        let is_chunked = last.trim().eq_ignore_ascii_case("chunked");
        return Ok(if is_chunked { Body::Chunked(Chunk::Size) } else { Body::UntilClosed });
    }
    let mut length = None;
    for value in headers.get_all(CONTENT_LENGTH) {
        let text = value.to_str().unwrap_or_default();
        for one in text.split(',').map(str::trim) {
            let wrong = || NoAnswer::Length(text.to_owned());
            let told: u64 = one.parse().ok().filter(|_| !one.starts_with('+')).ok_or_else(wrong)?;
            if length.is_some_and(|other| other != told) {
                return Err(wrong());
            }
            length = Some(told);
        }
    }
    Ok(length.map_or(Body::UntilClosed, Body::Left))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is read of some bytes that come in pieces of a size, with the end of the connection behind them.
    fn read(bytes: &[u8], size: usize, method: &Method) -> Result<(u16, String, bool), NoAnswer> {
        let mut answer = Answer::to(method);
        for piece in bytes.chunks(size).chain([&[][..]]) {
            if let Some((incoming, persists)) = answer.take(piece)? {
                return Ok((incoming.status, String::from_utf8(incoming.body.to_vec()).unwrap(), persists));
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
