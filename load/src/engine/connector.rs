//! Sockets to a target, TLS and all.

use super::target::Target;
use super::transport::SendFailure;
use rustix::io::Errno;
use rustls::pki_types::ServerName;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// A connection to a target.
pub(super) enum Socket {
    Plain(TcpStream),
    Secure(Box<TlsStream<TcpStream>>),
}

/// Makes connections to one target.
pub(super) struct Connector {
    target: Target,
    tls: Option<TlsConnector>,
}

impl std::fmt::Debug for Connector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connector").field("target", &self.target).finish_non_exhaustive()
    }
}

impl Connector {
    /// With settings of TLS where the target wants it.
    pub(super) fn new(target: Target, tls: Option<rustls::ClientConfig>) -> Connector {
        Connector { target, tls: tls.map(|config| TlsConnector::from(Arc::new(config))) }
    }

    /// Not a byte of a request has gone out when it fails.
    pub(super) async fn connect(&self) -> Result<Socket, SendFailure> {
        self.dial().await.map_err(|error| {
            let why = format!("no connection to {}: {error}", self.target.authority());
            if is_exhaustion(&error) { SendFailure::Exhausted(why) } else { SendFailure::NotSent(why) }
        })
    }

    async fn dial(&self) -> io::Result<Socket> {
        let host = self.target.host();
        let socket = TcpStream::connect((host, self.target.port())).await?;
        socket.set_nodelay(true)?;
        let Some(tls) = &self.tls else { return Ok(Socket::Plain(socket)) };
        let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
        Ok(Socket::Secure(Box::new(tls.connect(name, socket).await?)))
    }
}

/// Whether a connection failed for want of something of this machine's: descriptors, local ports or memory.
fn is_exhaustion(error: &io::Error) -> bool {
    let scarce = [Errno::MFILE, Errno::NFILE, Errno::ADDRNOTAVAIL, Errno::NOBUFS, Errno::NOMEM];
    error.raw_os_error().is_some_and(|code| scarce.contains(&Errno::from_raw_os_error(code)))
}

impl AsyncRead for Socket {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        room: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Socket::Plain(socket) => Pin::new(socket).poll_read(context, room),
            Socket::Secure(socket) => Pin::new(socket).poll_read(context, room),
        }
    }
}

impl AsyncWrite for Socket {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Socket::Plain(socket) => Pin::new(socket).poll_write(context, bytes),
            Socket::Secure(socket) => Pin::new(socket).poll_write(context, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Socket::Plain(socket) => Pin::new(socket).poll_flush(context),
            Socket::Secure(socket) => Pin::new(socket).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Socket::Plain(socket) => Pin::new(socket).poll_shutdown(context),
            Socket::Secure(socket) => Pin::new(socket).poll_shutdown(context),
        }
    }
}
