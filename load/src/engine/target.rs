//! Where requests go: an address on this machine, or one that was confirmed by name.

use http::Uri;
use http::uri::{Authority, Parts, Scheme};
use std::net::IpAddr;
use thiserror::Error;

/// The base of the system under test, such as `http://127.0.0.1:8090/fhir`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Target {
    scheme: Scheme,
    authority: Authority,
    base: String,
}

/// Why an address is no target.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[non_exhaustive]
pub enum TargetError {
    /// It is no address.
    #[error("`{text}` is no target; accepted: http://HOST:PORT/BASE or https://…")]
    NotAnAddress {
        /// What was read.
        text: String,
    },
    /// It is another machine, and nobody confirmed that it may be put under load.
    #[error(
        "`{host}` is not this machine; a load test can hurt a system in use: confirm that you may test it with \
         --allow-host {host}"
    )]
    NotConfirmed {
        /// Its host.
        host: String,
    },
}

impl Target {
    /// Reads an address. Hosts other than this machine must be among `allowed_hosts`.
    ///
    /// # Errors
    /// [`TargetError`].
    pub fn parse(text: &str, allowed_hosts: &[String]) -> Result<Target, TargetError> {
        let error = || TargetError::NotAnAddress { text: text.to_owned() };
        let parts = text.parse::<Uri>().map_err(|_| error())?.into_parts();
        let scheme = parts.scheme.filter(|scheme| *scheme == Scheme::HTTP || *scheme == Scheme::HTTPS);
        let (scheme, authority) = (scheme.ok_or_else(error)?, parts.authority.ok_or_else(error)?);
        let base =
            parts.path_and_query.map_or(String::new(), |path| path.path().trim_end_matches('/').to_owned());
        let target = Target { scheme, base, authority };
        let host = target.host().to_owned();
        if !is_this_machine(&host) && !allowed_hosts.contains(&host) {
            return Err(TargetError::NotConfirmed { host });
        }
        Ok(target)
    }

    /// The host, without brackets around an IPv6 address.
    pub fn host(&self) -> &str {
        self.authority.host().trim_start_matches('[').trim_end_matches(']')
    }

    /// Whether requests go over TLS.
    pub fn is_secure(&self) -> bool {
        self.scheme == Scheme::HTTPS
    }

    /// Host and port as requests name them.
    pub(crate) fn authority(&self) -> &str {
        self.authority.as_str()
    }

    /// Where connections are made to on the host.
    pub(crate) fn port(&self) -> u16 {
        self.authority.port_u16().unwrap_or(if self.is_secure() { 443 } else { 80 })
    }

    /// What comes before the path of every request.
    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    /// What follows the base where a request asks for a path; `None` when that is none.
    pub(crate) fn continued<'p>(&self, path: &'p str) -> Option<&'p str> {
        match path {
            "/" if !self.base.is_empty() => Some(""),
            path => Some(path).filter(|path| !self.base.is_empty() || path.starts_with('/')),
        }
    }

    /// The whole address of what a request asks for behind the base.
    pub(crate) fn uri(&self, continued: &str) -> Option<Uri> {
        let mut parts = Parts::default();
        parts.scheme = Some(self.scheme.clone());
        parts.authority = Some(self.authority.clone());
        parts.path_and_query = Some([&self.base, continued].concat().try_into().ok()?);
        Uri::from_parts(parts).ok()
    }

    /// The path behind the base of an address that an answer gave for the next page; `None` when it leads elsewhere.
    pub(crate) fn path_of(&self, address: &str) -> Option<String> {
        let uri: Uri = address.parse().ok()?;
        let path = uri.path_and_query()?.as_str();
        path.strip_prefix(self.base.as_str()).map(str::to_owned)
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}://{}{}", self.scheme, self.authority, self.base)
    }
}

fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_a_target_unless_another_is_confirmed() {
        for text in ["http://127.0.0.1:8080", "http://localhost/fhir/", "https://[::1]:8443/x"] {
            assert!(Target::parse(text, &[]).is_ok(), "{text}");
        }
        let error = Target::parse("http://his.example.org/fhir", &[]).unwrap_err();
        assert!(error.to_string().contains("--allow-host his.example.org"));
        assert!(Target::parse("http://his.example.org/fhir", &["his.example.org".to_owned()]).is_ok());
        for text in ["ftp://127.0.0.1", "127.0.0.1:80", "http://", "desk"] {
            assert!(matches!(Target::parse(text, &[]), Err(TargetError::NotAnAddress { .. })), "{text}");
        }
    }

    #[test]
    fn paths_continue_the_base() {
        let target = Target::parse("http://127.0.0.1:8090/fhir/", &[]).unwrap();
        let uri = |path: &str| target.uri(target.continued(path).unwrap()).unwrap().to_string();
        assert_eq!(uri("/Slot?x=1"), "http://127.0.0.1:8090/fhir/Slot?x=1");
        assert_eq!(uri("/"), "http://127.0.0.1:8090/fhir");
        assert_eq!(target.path_of("http://127.0.0.1:8090/fhir/Slot?page=2").as_deref(), Some("/Slot?page=2"));
        assert_eq!(target.path_of("http://127.0.0.1:8090/other"), None);
    }
}
