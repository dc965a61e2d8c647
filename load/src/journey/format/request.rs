//! The keys of a request.

use crate::journey::kinds::SourceKind;
use onetrip_scenarios::reader::key::{Defaulted, Optional, Required, defaulted, optional, required};
use onetrip_scenarios::reader::kinds::{Choice, Map, Text};
use onetrip_scenarios::reader::{At, Table};

pub(in crate::journey) type Pairs<T> = Vec<(At<String>, T)>;

/// A request as written.
pub(in crate::journey) struct RawRequest {
    pub(in crate::journey) method: String,
    pub(in crate::journey) path: String,
    pub(in crate::journey) headers: Pairs<String>,
    pub(in crate::journey) body: Option<String>,
}

pub(super) static METHOD: Defaulted<Choice<&'static str>> = defaulted(
    "method",
    Choice {
        what: "HTTP method",
        options: &[
            ("GET", "GET", "reads"),
            ("POST", "POST", "creates or acts"),
            ("PUT", "PUT", "replaces"),
            ("PATCH", "PATCH", "changes"),
            ("DELETE", "DELETE", "removes"),
        ],
    },
    "\"GET\"",
    "HTTP method",
);
pub(super) static PATH: Required<Text> =
    required("path", Text, "path and query, continuing the target; `{name}` is a value");
pub(super) static HEADERS: Optional<Map<Text>> =
    optional("headers", Map::of("names of headers", Text), "headers beside those of the journey");
pub(super) static BODY: Optional<Text> =
    optional("body", Text, "body; `{name}` is a value, `{name:json}` the same escaped");

pub(super) fn read_request(table: &Table<'_>) -> Option<RawRequest> {
    let (method, path, headers, body) =
        (table.read(&METHOD), table.read(&PATH), table.read(&HEADERS), table.read(&BODY));
    Some(RawRequest {
        method: method?.to_owned(),
        path: path?,
        headers: headers?.unwrap_or_default(),
        body: body?,
    })
}

pub(super) static CAPTURE: Optional<Map<SourceKind>> =
    optional("capture", Map::of("names of values", SourceKind), "values to take from the answer");
