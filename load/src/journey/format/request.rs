//! The keys of a request.

use crate::journey::kinds::SourceKind;
use http::Method;
use http::header::HeaderName;
use onetrip_scenarios::reader::key::{Defaulted, Optional, Required, defaulted, optional, required};
use onetrip_scenarios::reader::kinds::{Choice, Map, Text};
use onetrip_scenarios::reader::{At, Table};

pub(in crate::journey) type Pairs<T> = Vec<(At<String>, T)>;

/// A request as written.
pub(in crate::journey) struct RawRequest {
    pub(in crate::journey) method: Method,
    pub(in crate::journey) path: String,
    pub(in crate::journey) headers: Pairs<String>,
    pub(in crate::journey) body: Option<String>,
}

pub(super) static METHOD: Defaulted<Choice<&'static Method>> = defaulted(
    "method",
    Choice {
        what: "HTTP method",
        options: &[
            ("GET", &Method::GET, "reads"),
            ("POST", &Method::POST, "creates or acts"),
            ("PUT", &Method::PUT, "replaces"),
            ("PATCH", &Method::PATCH, "changes"),
            ("DELETE", &Method::DELETE, "removes"),
        ],
    },
    "\"GET\"",
    "HTTP method",
);
pub(super) static PATH: Required<Text> =
    required("path", Text, "path and query, continuing the target; `{name}` is a value");
pub(super) static HEADERS: Optional<Map<Text>> =
    optional("headers", HEADER_MAP, "headers beside those of the journey");
pub(super) const HEADER_MAP: Map<Text> =
    Map::of("names of headers", Text).with_keys(|key| HeaderName::from_bytes(key.as_bytes()).is_ok());
pub(super) static BODY: Optional<Text> =
    optional("body", Text, "body; `{name}` is a value, `{name:json}` the same escaped");

pub(super) fn read_request(table: &Table<'_>) -> Option<RawRequest> {
    let (method, path, headers, body) =
        (table.read(&METHOD), table.read(&PATH), table.read(&HEADERS), table.read(&BODY));
    Some(RawRequest {
        method: method?.clone(),
        path: path?,
        headers: headers?.unwrap_or_default(),
        body: body?,
    })
}

pub(super) static CAPTURE: Optional<Map<SourceKind>> =
    optional("capture", Map::of("names of values", SourceKind), "values to take from the answer");
