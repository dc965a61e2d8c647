//! HTTP/1.1: connections that carry one request at a time and are used again.
//!
//! A connection has neither a task nor a buffer of its own. Whoever sends reads too, so that an answer wakes the patient who
//! waits for it and nobody else; a connection that waits costs its socket, and so does one that nobody uses.

use super::answer::Answer;
use super::connector::{Connector, Socket};
use super::transport::SendFailure;
use crate::journey::Incoming;
use http::Method;
use http::header::{CONTENT_LENGTH, HeaderName, TRANSFER_ENCODING};
use std::future::poll_fn;
use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Most bytes taken from a socket at once.
const READ_BYTES: usize = 16 * 1024;

/// The connections to one target.
pub(super) struct Connections {
    connector: Connector,
    /// Used last, taken first: as few as the load needs stay in use.
    idle: Mutex<Vec<Socket>>,
}

impl std::fmt::Debug for Connections {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connections").field("connector", &self.connector).finish_non_exhaustive()
    }
}

/// A request as it goes out, put together line by line.
pub(super) struct Outgoing {
    method: Method,
    bytes: Vec<u8>,
}

impl Outgoing {
    /// The first line; `None` where the path has what ends one.
    pub(super) fn new(method: Method, base: &str, path: &str, body_length: usize) -> Option<Outgoing> {
        let mut outgoing = Outgoing { bytes: Vec::with_capacity(512 + body_length), method };
        // What follows a `#` is for the reader of an answer, not for the server.
        let path = path.split('#').next().unwrap_or_default();
        let is_path = |byte: u8| byte > b' ' && byte != 0x7f;
        if !base.bytes().chain(path.bytes()).all(is_path) {
            return None;
        }
        let line = [outgoing.method.as_str(), " ", base, path, " HTTP/1.1\r\n"].map(str::as_bytes);
        line.into_iter().for_each(|part| outgoing.bytes.extend_from_slice(part));
        Some(outgoing)
    }

    /// False where the value has what ends a line. How the body's end is told is not for others to say.
    pub(super) fn header(&mut self, name: &HeaderName, value: &[u8]) -> bool {
        let is_value = |byte: &u8| *byte >= b' ' && *byte != 0x7f || *byte == b'\t';
        if !value.iter().all(is_value) {
            return false;
        }
        if *name != CONTENT_LENGTH && *name != TRANSFER_ENCODING {
            self.header_line(name, value);
        }
        true
    }

    pub(super) fn end(&mut self, body: &str) {
        let is_sender = matches!(self.method, Method::POST | Method::PUT | Method::PATCH);
        if is_sender || !body.is_empty() {
            self.header_line(&CONTENT_LENGTH, itoa::Buffer::new().format(body.len()).as_bytes());
        }
        self.bytes.extend_from_slice(b"\r\n");
        self.bytes.extend_from_slice(body.as_bytes());
    }

    fn header_line(&mut self, name: &HeaderName, value: &[u8]) {
        let line = [name.as_str().as_bytes(), b": ", value, b"\r\n"];
        line.into_iter().for_each(|part| self.bytes.extend_from_slice(part));
    }
}

impl Connections {
    pub(super) fn new(connector: Connector) -> Connections {
        Connections { connector, idle: Mutex::default() }
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Socket>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A connection that was used before and that the server has not closed since.
    fn used(&self, context: &mut Context<'_>) -> Option<Socket> {
        loop {
            let mut socket = self.idle().pop()?;
            // Anything to be read is the end of the connection, or an answer to nothing.
            if Pin::new(&mut socket).poll_read(context, &mut ReadBuf::new(&mut [0])).is_pending() {
                return Some(socket);
            }
        }
    }

    pub(super) async fn send(&self, mut request: Outgoing) -> Result<Incoming, SendFailure> {
        loop {
            let used = poll_fn(|context| Poll::Ready(self.used(context))).await;
            let is_new = used.is_none();
            let mut socket = match used {
                Some(socket) => socket,
                // Kept apart, so that nobody who waits for an answer holds the room that connecting takes.
                None => Box::pin(self.connector.connect()).await?,
            };
            match exchange(&mut socket, request).await {
                Ok((answer, persists)) => {
                    if persists {
                        self.idle().push(socket);
                    }
                    return Ok(answer);
                }
                // The server closed it at that very moment, and not a byte of the request had gone out.
                Err(Unanswered::Unsent(unsent, _)) if !is_new => request = unsent,
                Err(Unanswered::Unsent(_, why)) => return Err(SendFailure::NotSent(why)),
                Err(Unanswered::Broken(why)) => return Err(SendFailure::Broken(why)),
            }
        }
    }
}

enum Unanswered {
    Unsent(Outgoing, String),
    Broken(String),
}

/// Sends a request and reads the whole answer; true beside it when the connection carries another.
async fn exchange(socket: &mut Socket, request: Outgoing) -> Result<(Incoming, bool), Unanswered> {
    let method = request.method.clone();
    write(socket, request).await?;
    let mut begun: Option<Box<Answer>> = None;
    poll_fn(|context| {
        loop {
            let mut room = [MaybeUninit::uninit(); READ_BYTES];
            let mut room = ReadBuf::uninit(&mut room);
            if let Err(error) = ready!(Pin::new(&mut *socket).poll_read(context, &mut room)) {
                return Poll::Ready(Err(Unanswered::Broken(error.to_string())));
            }
            // Nearly every answer comes in one piece.
            let mut fresh = Answer::to(&method);
            match begun.as_deref_mut().unwrap_or(&mut fresh).take(room.filled()) {
                Ok(None) => {
                    begun.get_or_insert_with(|| Box::new(fresh));
                }
                Ok(Some(complete)) => return Poll::Ready(Ok(complete)),
                Err(error) => return Poll::Ready(Err(Unanswered::Broken(error.to_string()))),
            }
        }
    })
    .await
}

async fn write(socket: &mut Socket, request: Outgoing) -> Result<(), Unanswered> {
    let mut sent_count = 0;
    let written = poll_fn(|context| {
        while sent_count < request.bytes.len() {
            match ready!(Pin::new(&mut *socket).poll_write(context, &request.bytes[sent_count..]))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                count => sent_count += count,
            }
        }
        Pin::new(&mut *socket).poll_flush(context)
    })
    .await;
    written.map_err(|error| match sent_count {
        0 => Unanswered::Unsent(request, error.to_string()),
        _ => Unanswered::Broken(error.to_string()),
    })
}
