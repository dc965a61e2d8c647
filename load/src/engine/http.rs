//! Requests over real sockets: HTTP/1.1 or 2 on connections that are used again, TLS by rustls.

use super::connections::{Connections, Outgoing};
use super::connector::Connector;
use super::streams::Streams;
use super::target::Target;
use super::transport::{SendFailure, Transport};
use crate::journey::{Incoming, WireRequest};
use bytes::Bytes;
use http::header::{HOST, HeaderName, HeaderValue};
use http::{Request, Version};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use thiserror::Error as ThisError;

/// Where Linux systems keep the certificates they trust.
const TRUSTED: [&str; 3] =
    ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"];

/// Why nothing can be sent.
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum TransportError {
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
    /// A secret header is none.
    #[error("the secret header `{name}` is no header of HTTP")]
    Header {
        /// Its name.
        name: String,
    },
    /// The settings are refused by the library.
    #[error("TLS cannot be set up: {0}")]
    Settings(#[from] rustls::Error),
}

/// Sends requests to a target. Connections are reused and as many as are needed.
#[derive(Clone, Debug)]
pub struct HttpTransport {
    target: Target,
    host: HeaderValue,
    secrets: Vec<(HeaderName, HeaderValue)>,
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
    /// [`TransportError`].
    pub fn new(
        target: Target,
        secrets: Vec<(String, String)>,
        ca: Option<&Path>,
        http2: bool,
    ) -> Result<HttpTransport, TransportError> {
        let secrets = secrets
            .into_iter()
            .map(|(name, value)| match (HeaderName::try_from(&name), HeaderValue::try_from(value)) {
                (Ok(name), Ok(value)) => Ok((name, value)),
                _ => Err(TransportError::Header { name }),
            })
            .collect::<Result<_, _>>()?;
        let tls = target.is_secure().then(|| settings(ca, http2)).transpose()?;
        let connector = Connector::new(target.clone(), tls);
        let wire = if http2 {
            Wire::Http2(Arc::new(Streams::new(connector)))
        } else {
            Wire::Http1(Arc::new(Connections::new(connector)))
        };
        // An authority has no byte that a header cannot have.
        let host = HeaderValue::from_str(target.authority()).expect("an authority is a value");
        Ok(HttpTransport { target, host, secrets, wire })
    }
}

fn settings(ca: Option<&Path>, http2: bool) -> Result<ClientConfig, TransportError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(trusted(ca)?)
        .with_no_client_auth();
    config.alpn_protocols = vec![if http2 { b"h2".to_vec() } else { b"http/1.1".to_vec() }];
    Ok(config)
}

fn trusted(ca: Option<&Path>) -> Result<RootCertStore, TransportError> {
    let known = || TRUSTED.iter().map(Path::new).find(|path| path.exists());
    let path = ca.or_else(known).ok_or(TransportError::NoneTrusted)?;
    let error = |why: String| TransportError::Certificates { path: path.to_owned(), why };
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

/// A request in the form of its wire.
enum Ready<'t> {
    Http1(&'t Connections, Outgoing),
    Http2(&'t Streams, Box<Request<()>>, Bytes),
}

impl HttpTransport {
    /// Puts a request together.
    fn ready(&self, request: WireRequest<'_>) -> Result<Ready<'_>, SendFailure> {
        let no_path = || SendFailure::NotSent(format!("`{}` is no path", request.path));
        let no_value =
            |name: &_| SendFailure::NotSent(format!("the header `{name}` cannot have the value it has"));
        let path = self.target.continued(&request.path).ok_or_else(no_path)?;
        Ok(match &self.wire {
            Wire::Http1(connections) => {
                let mut outgoing =
                    Outgoing::new(request.method.clone(), self.target.base(), path, request.body.len())
                        .ok_or_else(no_path)?;
                outgoing.header(&HOST, self.host.as_bytes());
                let own = request.headers.iter().map(|(name, value)| (&**name, value.as_bytes()));
                let secret = self.secrets.iter().map(|(name, value)| (name, value.as_bytes()));
                for (name, value) in own.chain(secret) {
                    if !outgoing.header(name, value) {
                        return Err(no_value(name));
                    }
                }
                outgoing.end(&request.body);
                Ready::Http1(connections, outgoing)
            }
            Wire::Http2(streams) => {
                let mut begun = Request::new(());
                *begun.method_mut() = request.method.clone();
                *begun.uri_mut() = self.target.uri(path).ok_or_else(no_path)?;
                *begun.version_mut() = Version::HTTP_2;
                for (name, value) in &request.headers {
                    let value = HeaderValue::from_str(value).map_err(|_| no_value(name))?;
                    begun.headers_mut().append(&**name, value);
                }
                for (name, value) in &self.secrets {
                    begun.headers_mut().append(name, value.clone());
                }
                Ready::Http2(streams, Box::new(begun), request.body.into_owned().into())
            }
        })
    }
}

impl Transport for HttpTransport {
    fn send(&self, request: WireRequest<'_>) -> impl Future<Output = Result<Incoming, SendFailure>> + Send {
        let ready = self.ready(request);
        async move {
            match ready? {
                Ready::Http1(connections, outgoing) => connections.send(outgoing).await,
                Ready::Http2(streams, request, body) => streams.send(request, body).await,
            }
        }
    }
}
