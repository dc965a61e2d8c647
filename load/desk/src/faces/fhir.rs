//! The FHIR R4 face under `/fhir`: the same slots, bookings and payments as the desk's own face.
//!
//! A state written with `PUT` passes the same legal moves. A Slot may be written busy while it has no
//! appointment; that claim names nobody, lapses after the hold time, and is used up by the Appointment that
//! follows. An Appointment beyond capacity is refused with 409 whatever was written before.

mod bundle;
mod capability;
mod keep;
mod operations;
mod resource;
mod search;
mod shapes;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, RawQuery, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::response::Response;
use axum::routing::{get, post};
use serde_json::{Value, json};

use super::{ContentType, parse, read_text, request_key, respond};
use crate::counter::Counter;
use crate::ledger::Answer;
use crate::office::{Act, Office};
use crate::refusal::Refusal;
use operations::Subject;
use resource::ResourceType;
use search::{Handling, Query, search, split_query};

pub(super) fn router(office: Arc<Office>) -> Router {
    Router::new()
        .route("/fhir/metadata", get(|| async { answered(Answer::plain(200, capability::statement())) }))
        .route("/fhir", post(take_bundle))
        .route("/fhir/", post(take_bundle))
        .route("/fhir/{type}", get(find).post(create))
        .route("/fhir/{type}/{id}", get(read).put(update).post(operate))
        .method_not_allowed_fallback(|request: Request| async move {
            let accepted = "GET, POST and PUT on resources; things end by their state, not by DELETE";
            answered(refuse(&Refusal::method(request.method().as_str(), request.uri().path(), accepted)))
        })
        .with_state(office)
}

fn refuse(refusal: &Refusal) -> Answer {
    Answer::plain(refusal.status, refusal.to_outcome())
}

fn answered(answer: Answer) -> Response {
    let content_type: ContentType = [(header::CONTENT_TYPE, "application/fhir+json; charset=utf-8")];
    respond(answer, content_type)
}

/// `W/"3"`, `"3"` or `3`.
fn parse_version(text: &str) -> Result<i64, Refusal> {
    let digits = text.trim().trim_start_matches("W/").trim_matches('"');
    digits
        .parse()
        .map_err(|_| Refusal::unreadable(format!("the version `{text}` is none of this desk"), "W/\"1\""))
}

fn header_text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Reads a request that changes something, plans it, and runs it once per key.
async fn write(
    office: &Office,
    request: Request,
    plan: impl FnOnce(&Parts, Value) -> Result<Act, Refusal>,
) -> Response {
    let (head, body) = request.into_parts();
    let planned = async {
        let text = read_text(body, office.body_bytes_max).await?;
        let body: Value = parse(&text)?;
        let key = request_key(&head.headers, head.method.as_str(), head.uri.path(), &body)?;
        Ok((key, plan(&head, body)?))
    };
    answered(match planned.await {
        Ok((key, act)) => office.write(key, act, refuse).await,
        Err(refusal) => refuse(&refusal),
    })
}

async fn create(State(office): State<Arc<Office>>, Path(name): Path<String>, request: Request) -> Response {
    write(&office, request, |head, body| {
        let resource_type = ResourceType::from_name(&name)?;
        let criteria = header_text(&head.headers, "if-none-exist")
            .map(|text| Query::criteria(resource_type, text))
            .transpose()?;
        Ok(Arc::new(move |counter: &mut Counter<'_>| {
            let kept = match &criteria {
                Some(criteria) => keep::create_if_none(counter, resource_type, body.clone(), None, criteria)?,
                None => keep::create(counter, resource_type, body.clone(), None)?,
            };
            Ok(kept.answer())
        }))
    })
    .await
}

async fn update(
    State(office): State<Arc<Office>>,
    Path((name, id)): Path<(String, String)>,
    request: Request,
) -> Response {
    write(&office, request, |head, body| {
        let resource_type = ResourceType::from_name(&name)?;
        let if_match = header_text(&head.headers, "if-match").map(parse_version).transpose()?;
        Ok(Arc::new(move |counter: &mut Counter<'_>| {
            Ok(keep::update(counter, resource_type, &id, body.clone(), if_match)?.answer())
        }))
    })
    .await
}

async fn operate(
    State(office): State<Arc<Office>>,
    Path((name, operation)): Path<(String, String)>,
    request: Request,
) -> Response {
    write(&office, request, |_, body| {
        let perform = match (name.as_str(), operation.as_str()) {
            ("Appointment", "$hold") => operations::hold,
            ("Appointment", "$book") => operations::book,
            _ => {
                let accepted = "Appointment/$hold and Appointment/$book";
                return Err(Refusal::method("POST", &format!("/fhir/{name}/{operation}"), accepted));
            }
        };
        let subject = Subject::read(body)?;
        Ok(Arc::new(move |counter: &mut Counter<'_>| perform(counter, &subject)))
    })
    .await
}

async fn read(State(office): State<Arc<Office>>, Path((name, id)): Path<(String, String)>) -> Response {
    answered(match ResourceType::from_name(&name) {
        Ok(resource_type) => {
            let what = format!("/fhir/{name}/{id}");
            let act: Act = Arc::new(move |counter: &mut Counter<'_>| {
                Ok(keep::read(counter, resource_type, &id)?.answer())
            });
            office.read(what, act, refuse).await
        }
        Err(refusal) => refuse(&refusal),
    })
}

async fn find(
    State(office): State<Arc<Office>>,
    Path(name): Path<String>,
    RawQuery(given): RawQuery,
    headers: HeaderMap,
) -> Response {
    let strict = header_text(&headers, "prefer").is_some_and(|prefer| prefer.contains("handling=strict"));
    let handling = if strict { Handling::Strict } else { Handling::Lenient };
    let given = given.unwrap_or_default();
    let planned = ResourceType::from_name(&name).and_then(|resource_type| {
        Ok((resource_type, Query::read(resource_type, &split_query(&given), handling)?))
    });
    answered(match planned {
        Ok((resource_type, query)) => {
            let act: Act = Arc::new(move |counter: &mut Counter<'_>| {
                let results = search(counter.ledger, resource_type, &query)?;
                Ok(Answer::plain(200, results.bundle(resource_type, &query)))
            });
            office.read(format!("/fhir/{name}?{given}"), act, refuse).await
        }
        Err(refusal) => refuse(&refusal),
    })
}

async fn take_bundle(State(office): State<Arc<Office>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let planned = async {
        let text = read_text(body, office.body_bytes_max).await?;
        let body: Value = parse(&text)?;
        let key = request_key(&head.headers, head.method.as_str(), head.uri.path(), &body)?;
        Ok((key, bundle::read_bundle(&body)?))
    };
    answered(match planned.await {
        Ok((key, (true, entries))) => {
            let act: Act = Arc::new(move |counter: &mut Counter<'_>| bundle::transact(counter, &entries));
            office.write(key, act, refuse).await
        }
        Ok((_, (false, entries))) => {
            let mut done = Vec::new();
            for entry in entries {
                let act: Act = Arc::new(move |counter: &mut Counter<'_>| entry.act_alone(counter));
                let answer = office.write(None, act, refuse).await;
                done.push(match answer.status {
                    200 => answer.body,
                    status => bundle::refused(status, answer.body),
                });
            }
            let body = json!({"resourceType": "Bundle", "type": "batch-response", "entry": done});
            Answer::plain(200, body)
        }
        Err(refusal) => refuse(&refusal),
    })
}
