//! HTTP/2: connections that carry many requests at once, no more than the server takes on each.
//!
//! A request that would have to wait for the end of another goes out on a further connection: it is the server that must be
//! seen to keep patients waiting, not the client. A request that waits holds its stream and little else.

use super::connector::Connector;
use super::transport::SendFailure;
use crate::journey::Incoming;
use bytes::Bytes;
use h2::client::{Builder, SendRequest};
use http::Request;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use tokio::sync::Mutex;

/// Requests on the first connection, as long as the server has not said how many it takes.
const AT_FIRST: usize = 100;
/// How much of an answer, and of all answers of a connection, may be on its way unread.
const WINDOW_BYTES: u32 = 1 << 20;
const CONNECTION_WINDOW_BYTES: u32 = 1 << 22;

/// The connections to one target.
pub(super) struct Streams {
    connector: Connector,
    /// Locked while a connection is made, so that a crowd makes one and not one each.
    open: Mutex<Vec<Carrier>>,
}

#[derive(Clone)]
struct Carrier {
    sender: SendRequest<Bytes>,
    state: Arc<CarrierState>,
}

#[derive(Default)]
struct CarrierState {
    under_way_count: AtomicUsize,
    is_over: AtomicBool,
}

/// A request's place on a connection.
struct Place(Arc<CarrierState>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.under_way_count.fetch_sub(1, Ordering::Relaxed);
    }
}

impl std::fmt::Debug for Streams {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Streams").field("connector", &self.connector).finish_non_exhaustive()
    }
}

impl Carrier {
    fn place(&self) -> Option<Place> {
        let count = &self.state.under_way_count;
        (count.load(Ordering::Relaxed) < self.sender.current_max_send_streams()).then(|| {
            count.fetch_add(1, Ordering::Relaxed);
            Place(Arc::clone(&self.state))
        })
    }
}

impl Streams {
    pub(super) fn new(connector: Connector) -> Streams {
        Streams { connector, open: Mutex::default() }
    }

    /// A connection with a place on it, and whether it was made just now.
    async fn open(&self) -> Result<(SendRequest<Bytes>, Place, bool), SendFailure> {
        let mut open = self.open.lock().await;
        open.retain(|carrier| !carrier.state.is_over.load(Ordering::Relaxed));
        let found = open.iter().find_map(|carrier| Some((carrier.sender.clone(), carrier.place()?)));
        if let Some((sender, place)) = found {
            return Ok((sender, place, false));
        }
        // A further connection is taken to bear what the last one was said to, until it is told otherwise.
        let most = open.last().map_or(AT_FIRST, |carrier| carrier.sender.current_max_send_streams());
        let socket = self.connector.connect().await?;
        let mut builder = Builder::new();
        builder.enable_push(false).initial_max_send_streams(most);
        builder.initial_window_size(WINDOW_BYTES).initial_connection_window_size(CONNECTION_WINDOW_BYTES);
        let shaken = builder.handshake(socket).await;
        let (sender, connection) = shaken.map_err(|error| SendFailure::NotSent(error.to_string()))?;
        let carrier = Carrier { sender: sender.clone(), state: Arc::default() };
        let state = Arc::clone(&carrier.state);
        tokio::spawn(async move {
            // How it ended is told to every request that was on it.
            let _ = connection.await;
            state.is_over.store(true, Ordering::Relaxed);
        });
        let refused = || SendFailure::NotSent("the server takes no request on a connection".to_owned());
        let place = carrier.place().ok_or_else(refused)?;
        open.push(carrier);
        Ok((sender, place, true))
    }

    /// A connection that takes a request, and the request's place on it. Not a byte has gone out when there is none.
    async fn ready(&self) -> Result<(SendRequest<Bytes>, Place), SendFailure> {
        loop {
            let (sender, place, is_new) = self.open().await?;
            match sender.ready().await {
                Ok(sender) => return Ok((sender, place)),
                Err(error) if is_new => return Err(SendFailure::NotSent(error.to_string())),
                // It ended at that very moment.
                Err(_) => place.0.is_over.store(true, Ordering::Relaxed),
            }
        }
    }

    pub(super) async fn send(&self, request: Box<Request<()>>, body: Bytes) -> Result<Incoming, SendFailure> {
        // Kept apart, so that nobody who waits for an answer holds the room that connecting takes.
        let (mut sender, place) = Box::pin(self.ready()).await?;
        let sent = sender.send_request(*request, body.is_empty());
        drop(sender);
        let (answer, mut stream) = sent.map_err(|error| {
            // It has no number left for another stream.
            place.0.is_over.store(true, Ordering::Relaxed);
            SendFailure::NotSent(error.to_string())
        })?;
        let broken = |error: h2::Error| SendFailure::Broken(error.to_string());
        if !body.is_empty() {
            stream.send_data(body, true).map_err(broken)?;
        }
        drop(stream);
        let (head, mut pieces) = answer.await.map_err(broken)?.into_parts();
        let mut body = Vec::new();
        while let Some(piece) = pieces.data().await {
            let piece = piece.map_err(broken)?;
            pieces.flow_control().release_capacity(piece.len()).map_err(broken)?;
            body.extend_from_slice(&piece);
        }
        let headers = head.headers.iter().map(|(name, value)| (name, value.as_bytes()));
        Ok(Incoming::new(head.status.as_u16(), headers, &body))
    }
}
