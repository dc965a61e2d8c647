//! Requests over real sockets: hyper with reused connections, HTTP/1.1 or 2, TLS by rustls.

use super::connections::Connections;
use super::streams::Streams;
use super::target::Target;
use super::transport::{Incoming, SendFailure, Transport};
use crate::journey::WireRequest;
use bytes::Bytes;
use http_body_util::Full;
use hyper::Request;
use hyper::http::response::Parts;
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::client::legacy::connect::HttpConnector;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use thiserror::Error as ThisError;

/// Where Linux systems keep the certificates they trust.
const TRUSTED: [&str; 3] =
    ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"];

/// Why no secure connection can be made.
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum TlsError {
    /// The file of certificates cannot be read.
    #[error("the certificates in `{}` cannot be read: {why}", path.display())]
    Certificates {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// There is no list of trusted certificates.
    #[error("no trusted certificates are found on this machine; name a file of them with --ca")]
    NoneTrusted,
    /// The settings are refused by the library.
    #[error("TLS cannot be set up: {0}")]
    Settings(#[from] rustls::Error),
}

/// Sends requests to a target. Connections are reused and as many as are needed.
#[derive(Clone, Debug)]
pub struct HttpTransport {
    target: Target,
    secrets: Vec<(String, String)>,
    wire: Wire,
}

#[derive(Clone, Debug)]
enum Wire {
    /// One request at a time on a connection.
    Http1(Arc<Connections>),
    /// Many requests on one connection.
    Http2(Arc<Streams>),
}

impl HttpTransport {
    /// Makes ready to send. `secrets` are headers added to every request; `ca` is a file of certificates to trust in
    /// place of the machine's own. With `http2`, HTTP/2 is spoken from the first byte (or agreed on under TLS).
    ///
    /// # Errors
    /// [`TlsError`], for targets with TLS only.
    pub fn new(
        target: Target,
        secrets: Vec<(String, String)>,
        ca: Option<&Path>,
        http2: bool,
    ) -> Result<HttpTransport, TlsError> {
        let roots = if target.is_secure() { trusted(ca)? } else { RootCertStore::empty() };
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.enforce_http(false);
        let builder = HttpsConnectorBuilder::new().with_tls_config(config).https_or_http();
        let wire = if http2 {
            let connector = builder.enable_http2().wrap_connector(connector);
            Wire::Http2(Arc::new(Streams::new(&target, connector)))
        } else {
            let connector = builder.enable_http1().wrap_connector(connector);
            Wire::Http1(Arc::new(Connections::new(&target, connector)))
        };
        Ok(HttpTransport { target, secrets, wire })
    }
}

fn trusted(ca: Option<&Path>) -> Result<RootCertStore, TlsError> {
    let known = || TRUSTED.iter().map(Path::new).find(|path| path.exists());
    let path = ca.or_else(known).ok_or(TlsError::NoneTrusted)?;
    let error = |why: String| TlsError::Certificates { path: path.to_owned(), why };
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(path).map_err(|why| error(why.to_string()))? {
        let certificate = certificate.map_err(|why| error(why.to_string()))?;
        // A bundle may hold certificates of kinds that are not understood.
        let added = roots.add(certificate);
        if ca.is_some() {
            added.map_err(|why| error(why.to_string()))?;
        }
    }
    Ok(roots)
}

impl Transport for HttpTransport {
    async fn send(&self, request: WireRequest) -> Result<Incoming, SendFailure> {
        let not_sent = |why: &dyn std::fmt::Display| SendFailure::NotSent(why.to_string());
        let uri = match &self.wire {
            Wire::Http1(_) => self.target.path(&request.path),
            Wire::Http2(_) => self.target.uri(&request.path),
        };
        let uri = uri.ok_or_else(|| SendFailure::NotSent(format!("`{}` is no path", request.path)))?;
        let mut builder = Request::builder().method(request.method.as_str()).uri(uri);
        for (name, value) in request.headers.iter().chain(&self.secrets) {
            builder = builder.header(name, value);
        }
        let request = builder.body(Full::from(request.body)).map_err(|error| not_sent(&error))?;
        match &self.wire {
            Wire::Http1(connections) => connections.send(request).await,
            Wire::Http2(streams) => streams.send(request).await,
        }
    }
}

pub(super) fn incoming(head: Parts, body: Bytes) -> Incoming {
    Incoming { status: head.status.as_u16(), headers: head.headers, body }
}

/// An error with all its causes.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}
