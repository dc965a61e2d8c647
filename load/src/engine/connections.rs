//! HTTP/1.1: connections that carry one request at a time and are used again.
//!
//! A connection has no task of its own. Whoever sends drives it, so that an answer wakes the patient who waits for it and
//! nobody else; a connection that nobody uses costs nothing but its socket.

use super::http::{chain, incoming};
use super::target::Target;
use super::transport::{Incoming, SendFailure};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{Builder, Connection, SendRequest};
use hyper::header::{HOST, HeaderValue};
use hyper::{Request, Uri};
use hyper_rustls::{HttpsConnector, MaybeHttpsStream};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioIo;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use tokio::net::TcpStream;
use tower::{Service, ServiceExt};

/// An answer is read in pieces of this size, so that a hundred thousand that are waited for do not take gigabytes.
const READ_BYTES: usize = 4096;

pub(super) type Socket = MaybeHttpsStream<TokioIo<TcpStream>>;

struct Open {
    sender: SendRequest<Full<Bytes>>,
    connection: Box<Connection<Socket, Full<Bytes>>>,
}

/// The connections to one target.
pub(super) struct Connections {
    root: Uri,
    host: Option<HeaderValue>,
    connector: HttpsConnector<HttpConnector>,
    /// Used last, taken first: as few as the load needs stay in use.
    idle: Mutex<Vec<Open>>,
}

impl std::fmt::Debug for Connections {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connections").field("root", &self.root).finish_non_exhaustive()
    }
}

impl Open {
    /// Does what the connection has to do. True when it is over.
    fn drive(&mut self, context: &mut Context<'_>) -> bool {
        pin!(&mut self.connection).poll(context).is_ready()
    }
}

impl Connections {
    pub(super) fn new(target: &Target, connector: HttpsConnector<HttpConnector>) -> Connections {
        let root = target.root();
        let host = root.authority().and_then(|authority| HeaderValue::from_str(authority.as_str()).ok());
        Connections { root, host, connector, idle: Mutex::default() }
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Open>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A connection that was used before and that the server has not closed since.
    fn used(&self, context: &mut Context<'_>) -> Option<Open> {
        loop {
            let mut open = self.idle().pop()?;
            if !open.drive(context) && open.sender.is_ready() {
                return Some(open);
            }
        }
    }

    async fn open(&self) -> Result<Open, SendFailure> {
        let socket = connect(&self.connector, &self.root).await?;
        let mut builder = Builder::new();
        builder.read_buf_exact_size(Some(READ_BYTES));
        let shaken = builder.handshake(socket).await;
        let (sender, connection) = shaken.map_err(|error| SendFailure::NotSent(chain(&error)))?;
        Ok(Open { sender, connection: Box::new(connection) })
    }

    pub(super) async fn send(&self, mut request: Request<Full<Bytes>>) -> Result<Incoming, SendFailure> {
        if let Some(host) = &self.host {
            request.headers_mut().entry(HOST).or_insert_with(|| host.clone());
        }
        loop {
            let used = poll_fn(|context| Poll::Ready(self.used(context))).await;
            let is_new = used.is_none();
            let mut open = match used {
                Some(open) => open,
                // Kept apart, so that nobody who waits for an answer holds the room that connecting takes.
                None => Box::pin(self.open()).await?,
            };
            match exchange(&mut open, request).await {
                Ok(answer) => {
                    let is_over = poll_fn(|context| Poll::Ready(open.drive(context))).await;
                    if !is_over && open.sender.is_ready() {
                        self.idle().push(open);
                    }
                    return Ok(answer);
                }
                // The server closed it at that very moment, and not a byte of the request had gone out.
                Err(Unanswered::Unsent(unsent, _)) if !is_new => request = *unsent,
                Err(Unanswered::Unsent(_, why)) => return Err(SendFailure::NotSent(why)),
                Err(Unanswered::Broken(why)) => return Err(SendFailure::Broken(why)),
            }
        }
    }
}

/// A socket to where requests go, TLS and all.
pub(super) async fn connect(
    connector: &HttpsConnector<HttpConnector>,
    root: &Uri,
) -> Result<Socket, SendFailure> {
    let mut connector = connector.clone();
    let not_sent = |error: &dyn std::error::Error| SendFailure::NotSent(chain(error));
    let connected = connector.ready().await.map_err(|error| not_sent(&*error))?.call(root.clone());
    connected.await.map_err(|error| not_sent(&*error))
}

enum Unanswered {
    Unsent(Box<Request<Full<Bytes>>>, String),
    Broken(String),
}

/// Sends a request on a connection and reads the whole answer, driving both.
async fn exchange(open: &mut Open, request: Request<Full<Bytes>>) -> Result<Incoming, Unanswered> {
    let sent = open.sender.try_send_request(request);
    let answer = async {
        let answer = sent.await.map_err(|mut error| {
            let unsent = error.take_message();
            let why = chain(error.error());
            match unsent {
                Some(request) => Unanswered::Unsent(Box::new(request), why),
                None => Unanswered::Broken(why),
            }
        })?;
        let (head, body) = answer.into_parts();
        let body = body.collect().await.map_err(|error| Unanswered::Broken(chain(&error)))?;
        Ok(incoming(head, body.to_bytes()))
    };
    let mut answer = pin!(answer);
    let mut is_over = false;
    poll_fn(|context| {
        // A connection that is over has told the answer how it ended.
        is_over = is_over || pin!(&mut open.connection).poll(context).is_ready();
        answer.as_mut().poll(context)
    })
    .await
}
