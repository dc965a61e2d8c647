//! What the desk says when it will not do what was asked: status, code, reason and what it would accept.

use serde_json::{Value, json};
use thiserror::Error;

/// A request the desk understood and refused. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{message}; {accepted}")]
pub struct Refusal {
    /// HTTP status of the answer.
    pub status: u16,
    /// Stable word for programs, e.g. `sold-out`.
    pub code: &'static str,
    /// What was wrong, naming the thing and what was read.
    pub message: String,
    /// What would have been accepted, or what to do next.
    pub accepted: String,
}

impl Refusal {
    fn new(status: u16, code: &'static str, message: impl Into<String>, accepted: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), accepted: accepted.into() }
    }

    /// 400: the request could not be read.
    pub fn unreadable(message: impl Into<String>, accepted: impl Into<String>) -> Self {
        Self::new(400, "unreadable", message, accepted)
    }

    /// 404: no such thing.
    pub fn missing(kind: &str, id: &str) -> Self {
        Self::new(
            404,
            "not-found",
            format!("no {kind} `{id}`"),
            format!("the id of a {kind} the desk has listed"),
        )
    }

    /// 409 with its own code: the state of the data forbids it.
    pub fn conflict(code: &'static str, message: impl Into<String>, accepted: impl Into<String>) -> Self {
        Self::new(409, code, message, accepted)
    }

    /// 409 `illegal-move`: the state machine has no such step.
    pub fn illegal_move(kind: &str, id: &str, from: &str, to: &str, next: &[&str]) -> Self {
        let accepted = if next.is_empty() {
            format!("`{from}` is final")
        } else {
            format!("from `{from}` the next state is one of: {}", next.join(", "))
        };
        Self::new(409, "illegal-move", format!("{kind} `{id}` cannot go from `{from}` to `{to}`"), accepted)
    }

    /// 410: the hold ran out before it was used.
    pub fn expired(booking_id: &str) -> Self {
        let message = format!("the hold of booking `{booking_id}` has expired and its place was given back");
        Self::new(410, "hold-expired", message, "lock a slot again")
    }

    /// 412: a version or a condition named by the client does not hold.
    pub fn precondition(message: impl Into<String>, accepted: impl Into<String>) -> Self {
        Self::new(412, "precondition-failed", message, accepted)
    }

    /// 413: the body is longer than the desk reads.
    pub fn too_large(limit_bytes: usize) -> Self {
        Self::new(413, "too-large", "the body is too long", format!("at most {limit_bytes} bytes"))
    }

    /// 422: readable, but its content makes no sense here.
    pub fn invalid(message: impl Into<String>, accepted: impl Into<String>) -> Self {
        Self::new(422, "invalid", message, accepted)
    }

    /// 422 `key-reused`: an idempotency key that came with another request before.
    pub fn key_reused(key: &str) -> Self {
        let message = format!("idempotency key `{key}` was used before with another request");
        Self::new(422, "key-reused", message, "the same request again, or a new key")
    }

    /// 405: the path exists, the method does not.
    pub fn method(method: &str, path: &str, accepted: impl Into<String>) -> Self {
        Self::new(405, "method-not-allowed", format!("{method} is not offered on {path}"), accepted)
    }

    /// 500 or 503: the desk itself failed; whether the request took effect is unknown to the client.
    pub fn failure(status: u16, message: impl Into<String>) -> Self {
        Self::new(status, "desk-failure", message, "the same request again with the same idempotency key")
    }

    /// The body of the answer on the desk's own face.
    pub fn to_json(&self) -> Value {
        json!({"error": {"code": self.code, "message": self.message, "accepted": self.accepted}})
    }

    /// The body of the answer on the FHIR face: an OperationOutcome.
    pub fn to_outcome(&self) -> Value {
        let issue_type = match self.code {
            "not-found" => "not-found",
            "unreadable" => "structure",
            "invalid" => "invalid",
            "too-large" => "too-long",
            "method-not-allowed" => "not-supported",
            "desk-failure" => "exception",
            "illegal-move" => "business-rule",
            "hold-expired" => "expired",
            _ => "conflict",
        };
        json!({"resourceType": "OperationOutcome", "issue": [{
            "severity": "error",
            "code": issue_type,
            "details": {"coding": [{"system": "urn:onetrip:desk", "code": self.code}], "text": self.message},
            "diagnostics": self.accepted,
        }]})
    }
}
