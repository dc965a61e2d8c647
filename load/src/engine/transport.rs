//! How requests reach a server, or what stands in for one.

use crate::journey::{Incoming, WireRequest};
use std::future::Future;
use thiserror::Error;

/// Why there is no answer.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[non_exhaustive]
pub enum SendFailure {
    /// Not a byte of the request left this machine.
    #[error("not sent: {0}")]
    NotSent(String),
    /// Not a byte of the request left this machine, because it has no socket left for it.
    #[error("not sent: {0}")]
    Exhausted(String),
    /// The connection broke; the request may have arrived.
    #[error("the connection broke: {0}")]
    Broken(String),
}

/// Sends requests.
pub trait Transport: Send + Sync + 'static {
    /// Sends one and waits for its whole answer, for as long as that takes.
    fn send(&self, request: WireRequest<'_>) -> impl Future<Output = Result<Incoming, SendFailure>> + Send;
}
