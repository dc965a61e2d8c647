//! HTTP/2: one connection that carries all requests at once, and another when it is over.
//!
//! A request that waits holds its stream and little else; a client with a pool would hold seven kilobytes for each.

use super::connections::connect;
use super::http::{chain, incoming};
use super::target::Target;
use super::transport::{Incoming, SendFailure};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http2::{SendRequest, handshake};
use hyper::{Request, Uri};
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::sync::Mutex;

/// The connection to one target.
pub(super) struct Streams {
    root: Uri,
    connector: HttpsConnector<HttpConnector>,
    /// Locked while a connection is made, so that a crowd makes one and not one each.
    open: Mutex<Option<SendRequest<Full<Bytes>>>>,
}

impl std::fmt::Debug for Streams {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Streams").field("root", &self.root).finish_non_exhaustive()
    }
}

impl Streams {
    pub(super) fn new(target: &Target, connector: HttpsConnector<HttpConnector>) -> Streams {
        Streams { root: target.root(), connector, open: Mutex::default() }
    }

    /// The connection, and whether it was made just now.
    async fn open(&self) -> Result<(SendRequest<Full<Bytes>>, bool), SendFailure> {
        let mut open = self.open.lock().await;
        if let Some(sender) = open.as_ref().filter(|sender| !sender.is_closed()) {
            return Ok((sender.clone(), false));
        }
        let socket = connect(&self.connector, &self.root).await?;
        let shaken = handshake(TokioExecutor::new(), socket).await;
        let (sender, connection) = shaken.map_err(|error| SendFailure::NotSent(chain(&error)))?;
        tokio::spawn(async move {
            // How it ended is told to every request that was on it.
            let _ = connection.await;
        });
        *open = Some(sender.clone());
        Ok((sender, true))
    }

    pub(super) async fn send(&self, mut request: Request<Full<Bytes>>) -> Result<Incoming, SendFailure> {
        loop {
            // Kept apart, so that nobody who waits for an answer holds the room that connecting takes.
            let (mut sender, is_new) = Box::pin(self.open()).await?;
            match sender.try_send_request(request).await {
                Ok(answer) => {
                    let (head, body) = answer.into_parts();
                    let body = body.collect().await.map_err(|error| SendFailure::Broken(chain(&error)))?;
                    return Ok(incoming(head, body.to_bytes()));
                }
                Err(mut error) => match error.take_message() {
                    // The connection ended at that very moment, and not a byte of the request had gone out.
                    Some(unsent) if !is_new => request = unsent,
                    Some(_) => return Err(SendFailure::NotSent(chain(error.error()))),
                    None => return Err(SendFailure::Broken(chain(error.error()))),
                },
            }
        }
    }
}
