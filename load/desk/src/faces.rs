//! The two faces of the desk over HTTP: its own (`/api`) and FHIR R4 (`/fhir`).

mod fhir;
mod own;

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::ledger::Answer;
use crate::office::{Office, RequestKey};
use crate::refusal::Refusal;

pub(crate) fn router(office: Arc<Office>) -> Router {
    let metrics = office.clone();
    Router::new()
        .route("/healthz", get(|| async { (json_type(), r#"{"status":"ok"}"#) }))
        .route(
            "/metrics",
            get(move || async move {
                let content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
                ([(header::CONTENT_TYPE, content_type)], metrics.metrics_text())
            }),
        )
        .merge(own::router(office.clone()))
        .merge(fhir::router(office))
        .fallback(|uri: axum::http::Uri| async move {
            let refusal = Refusal::missing("path", uri.path());
            let accepted = "/api/…, /fhir/…, /healthz or /metrics".to_owned();
            respond(own::refuse(&Refusal { accepted, ..refusal }), json_type())
        })
}

type ContentType = [(header::HeaderName, &'static str); 1];

fn json_type() -> ContentType {
    [(header::CONTENT_TYPE, "application/json")]
}

fn respond(answer: Answer, content_type: ContentType) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, content_type, answer.body.to_string()).into_response();
    let headers = response.headers_mut();
    if let Some(etag) =
        answer.version.and_then(|version| HeaderValue::from_str(&format!("W/\"{version}\"")).ok())
    {
        headers.insert(header::ETAG, etag);
    }
    if let Some(location) = answer.location.and_then(|location| HeaderValue::from_str(&location).ok()) {
        headers.insert(header::LOCATION, location);
    }
    response
}

/// Reads a body as JSON text; an empty one counts as `{}`.
async fn read_text(body: Body, bytes_max: usize) -> Result<String, Refusal> {
    let bytes = to_bytes(body, bytes_max).await.map_err(|_| Refusal::too_large(bytes_max))?;
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Ok("{}".to_owned());
    }
    String::from_utf8(bytes.into()).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        Refusal::unreadable(format!("the body is not UTF-8 at byte {at}"), "JSON in UTF-8")
    })
}

/// Reads JSON of a known shape: 400 with the position when it is no JSON, 422 when it is another shape.
fn parse<T: DeserializeOwned>(text: &str) -> Result<T, Refusal> {
    serde_json::from_str(text).map_err(|error| {
        if error.is_data() {
            Refusal::invalid(error.to_string(), "the fields of this request, each with its type")
        } else {
            let message =
                format!("the body is no JSON at line {} column {}: {error}", error.line(), error.column());
            Refusal::unreadable(message, "one JSON object")
        }
    })
}

/// The request's idempotency key, with what must be the same when it comes again.
fn request_key(
    headers: &HeaderMap,
    method: &str,
    path: &str,
    body: &Value,
) -> Result<Option<RequestKey>, Refusal> {
    let Some(key) = headers.get("idempotency-key") else { return Ok(None) };
    let accepted = "1 to 200 visible ASCII characters";
    let key = key
        .to_str()
        .ok()
        .filter(|key| (1..=200).contains(&key.len()))
        .ok_or_else(|| Refusal::unreadable("the Idempotency-Key header is not usable", accepted))?;
    Ok(Some(RequestKey { key: key.to_owned(), request: format!("{method} {path} {body}") }))
}
