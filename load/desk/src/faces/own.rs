//! The desk's own face: lock, pay, confirm, in plain JSON under `/api`.

mod requests;
mod state;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, Query, Request, State};
use axum::response::Response;
use axum::routing::{get, post};
use serde_json::{Map, Value, json};

use super::{json_type, parse, read_text, request_key, respond};
use crate::counter::{Counter, Fee, SetUp};
use crate::domain::{
    Booking, BookingStatus, Claims, Dispense, DispenseStatus, EncounterStatus, Entity, Invoice, Kind,
    Patient, RecordStatus,
};
use crate::ledger::{Answer, CommandError, Record, view_row};
use crate::office::{Act, Office};
use crate::refusal::Refusal;
use requests::{
    CancelRequest, DispenseRequest, LockRequest, NoFields, OrderRequest, PatientRequest, PaymentRequest,
    UnlockRequest, new_booking,
};

type Done = Result<Answer, CommandError>;

pub(super) fn router(office: Arc<Office>) -> Router {
    Router::new()
        .route("/api/admin/seed", post(seed))
        .route("/api/admin/state", get(state::summary))
        .route("/api/{collection}", get(list).post(create))
        .route("/api/{collection}/{id}", get(read))
        .route("/api/{collection}/{id}/{act}", post(act))
        .method_not_allowed_fallback(|request: Request| async move {
            let refusal = Refusal::method(
                request.method().as_str(),
                request.uri().path(),
                "GET a thing or a list, POST to create or to act",
            );
            respond(refuse(&refusal), json_type())
        })
        .with_state(office)
}

pub(super) fn refuse(refusal: &Refusal) -> Answer {
    Answer::plain(refusal.status, refusal.to_json())
}

/// A created or changed record as an answer.
fn show<T: Entity>(status: u16, record: &Record<T>) -> Answer {
    Answer {
        status,
        body: record.view(),
        version: Some(record.version),
        location: (status == 201).then(|| format!("/api/{}/{}", T::KIND.collection(), record.id)),
    }
}

/// The same with more fields.
fn show_with<T: Entity>(status: u16, record: &Record<T>, more: Value) -> Answer {
    let mut answer = show(status, record);
    if let (Value::Object(body), Value::Object(more)) = (&mut answer.body, more) {
        body.extend(more);
    }
    answer
}

/// Reads a request that changes something, plans it, and runs it once per key.
async fn write(
    office: &Office,
    request: Request,
    plan: impl FnOnce(&str) -> Result<Act, Refusal>,
) -> Response {
    let (head, body) = request.into_parts();
    let planned = async {
        let text = read_text(body, office.body_bytes_max).await?;
        let act = plan(&text)?;
        let body: Value = parse(&text)?;
        Ok((request_key(&head.headers, head.method.as_str(), head.uri.path(), &body)?, act))
    };
    let answer = match planned.await {
        Ok((key, act)) => office.write(key, act, refuse).await,
        Err(refusal) => refuse(&refusal),
    };
    respond(answer, json_type())
}

async fn seed(State(office): State<Arc<Office>>, request: Request) -> Response {
    write(&office, request, |text| {
        let plan: SetUp = parse(text)?;
        Ok(Arc::new(move |counter: &mut Counter<'_>| {
            let summary = counter.set_up(&plan)?;
            Ok(Answer::plain(201, json!(summary)))
        }))
    })
    .await
}

async fn create(
    State(office): State<Arc<Office>>,
    Path(collection): Path<String>,
    request: Request,
) -> Response {
    write(&office, request, |text| plan_create(&collection, text)).await
}

fn plan_create(collection: &str, text: &str) -> Result<Act, Refusal> {
    Ok(match collection {
        "patients" => {
            let asked: PatientRequest = parse(text)?;
            Arc::new(move |counter: &mut Counter<'_>| register(counter, &asked))
        }
        "orders" => {
            let new = parse::<OrderRequest>(text)?.into_order();
            Arc::new(move |counter: &mut Counter<'_>| {
                let (order, invoice) = counter.order(new.clone())?;
                Ok(show_with(201, &order, json!({"invoice": invoice.view()})))
            })
        }
        "payments" => {
            let asked: PaymentRequest = parse(text)?;
            asked.check()?;
            Arc::new(move |counter: &mut Counter<'_>| pay(counter, &asked))
        }
        "dispenses" => {
            let asked: DispenseRequest = parse(text)?;
            Arc::new(move |counter: &mut Counter<'_>| {
                let facts = Dispense {
                    status: DispenseStatus::Completed,
                    order_id: Some(asked.order_id.clone()),
                    patient_id: None,
                    identifiers: Vec::new(),
                };
                Ok(show(201, &counter.dispense(facts, Map::new(), None)?))
            })
        }
        other => {
            let accepted = "POST /api/patients, orders, payments or dispenses; bookings begin with \
                            POST /api/slots/{id}/lock";
            return Err(Refusal::method("POST", &format!("/api/{other}"), accepted));
        }
    })
}

fn register(counter: &mut Counter<'_>, asked: &PatientRequest) -> Done {
    if let Some(identifier) = &asked.identifier {
        counter.ledger.reserve(&format!("identifier {identifier}"))?;
        let known = counter.ledger.find(Kind::Patient, ("identifier", identifier), 0, 1)?;
        if let Some(row) = known.into_iter().next() {
            return Ok(show(200, &Record::<Patient>::from_row(row)?));
        }
    }
    let patient = Patient {
        status: RecordStatus::Active,
        name: asked.name.clone(),
        identifiers: asked.identifier.iter().cloned().collect(),
    };
    Ok(show(201, &counter.insert(patient, Map::new(), None)?))
}

fn pay(counter: &mut Counter<'_>, asked: &PaymentRequest) -> Done {
    let invoice_id = asked.invoice_id(counter)?;
    let (payment, new) = counter.settle(asked.payment(invoice_id.clone()))?;
    let invoice = counter.peek::<Invoice>(&invoice_id)?;
    let status = if new { 201 } else { 200 };
    Ok(show_with(status, &payment, json!({"invoice_status": invoice.facts.status})))
}

async fn act(
    State(office): State<Arc<Office>>,
    Path((collection, id, act)): Path<(String, String, String)>,
    request: Request,
) -> Response {
    write(&office, request, |text| plan_act(&collection, id, &act, text)).await
}

fn plan_act(collection: &str, id: String, act: &str, text: &str) -> Result<Act, Refusal> {
    Ok(match (collection, act) {
        ("slots", "lock") => {
            let asked: LockRequest = parse(text)?;
            Arc::new(move |counter: &mut Counter<'_>| {
                // A slot named by the path is missing, not a wrong reference.
                counter.peek::<crate::domain::Slot>(&id)?;
                let hold_time = asked.hold_time_ms.map(Duration::from_millis);
                Ok(show(201, &counter.new_booking(new_booking(&id, &asked.patient_id, hold_time))?))
            })
        }
        ("slots", "unlock") => {
            let asked: UnlockRequest = parse(text)?;
            Arc::new(move |counter: &mut Counter<'_>| Ok(show(200, &counter.unlock(&id, &asked.booking_id)?)))
        }
        ("bookings", "confirm") => {
            parse::<NoFields>(text)?;
            Arc::new(move |counter: &mut Counter<'_>| {
                Ok(show(200, &counter.book(&id, Claims::Respected, Fee::PaidFirst)?))
            })
        }
        ("bookings", "cancel") => {
            let asked: CancelRequest = parse(text)?;
            Arc::new(move |counter: &mut Counter<'_>| Ok(show(200, &counter.cancel(&id, &asked.reason)?)))
        }
        ("bookings", "check-in") => {
            parse::<NoFields>(text)?;
            Arc::new(move |counter: &mut Counter<'_>| {
                let (booking, encounter) = counter.check_in(&id)?;
                Ok(show_with(200, &booking, json!({"encounter": encounter.view()})))
            })
        }
        ("bookings", "no-show") => move_booking(id, BookingStatus::NoShow, text)?,
        ("encounters", "start") => move_encounter(id, EncounterStatus::InProgress, text)?,
        ("encounters", "finish") => move_encounter(id, EncounterStatus::Finished, text)?,
        ("orders", "perform") => {
            parse::<NoFields>(text)?;
            Arc::new(move |counter: &mut Counter<'_>| Ok(show(200, &counter.perform(&id)?)))
        }
        ("orders", "cancel") => {
            parse::<NoFields>(text)?;
            Arc::new(move |counter: &mut Counter<'_>| Ok(show(200, &counter.cancel_order(&id)?)))
        }
        _ => {
            let accepted = "slots: lock, unlock; bookings: confirm, cancel, check-in, no-show; \
                            encounters: start, finish; orders: perform, cancel";
            let refusal = Refusal::missing("act", &format!("{collection}/{act}"));
            return Err(Refusal { accepted: accepted.to_owned(), ..refusal });
        }
    })
}

fn move_booking(id: String, to: BookingStatus, text: &str) -> Result<Act, Refusal> {
    parse::<NoFields>(text)?;
    Ok(Arc::new(move |counter: &mut Counter<'_>| {
        let record: Record<Booking> = counter.move_booking(&id, to)?;
        Ok(show(200, &record))
    }))
}

fn move_encounter(id: String, to: EncounterStatus, text: &str) -> Result<Act, Refusal> {
    parse::<NoFields>(text)?;
    Ok(Arc::new(move |counter: &mut Counter<'_>| Ok(show(200, &counter.move_encounter(&id, to)?))))
}

fn kind_of(collection: &str) -> Result<Kind, Refusal> {
    Kind::ALL.into_iter().find(|kind| kind.collection() == collection).ok_or_else(|| {
        let refusal = Refusal::missing("collection", collection);
        Refusal { accepted: Kind::ALL.map(Kind::collection).join(", "), ..refusal }
    })
}

async fn read(State(office): State<Arc<Office>>, Path((collection, id)): Path<(String, String)>) -> Response {
    let answer = match kind_of(&collection) {
        Ok(kind) => {
            let what = format!("/api/{collection}/{id}");
            let act: Act = Arc::new(move |counter: &mut Counter<'_>| {
                let row =
                    counter.ledger.peek(kind, &id)?.ok_or_else(|| Refusal::missing(kind.name(), &id))?;
                let mut answer = Answer::plain(200, view_row(&row)?);
                answer.version = Some(row.version);
                Ok(answer)
            });
            office.read(what, act, refuse).await
        }
        Err(refusal) => refuse(&refusal),
    };
    respond(answer, json_type())
}

async fn list(
    State(office): State<Arc<Office>>,
    Path(collection): Path<String>,
    Query(query): Query<Vec<(String, String)>>,
) -> Response {
    let planned = kind_of(&collection).and_then(|kind| Ok((kind, state::Page::read(&query)?)));
    let answer = match planned {
        Ok((kind, page)) => {
            let what = format!("/api/{collection}?{query:?}");
            let act: Act = Arc::new(move |counter: &mut Counter<'_>| page.fetch(counter, kind));
            office.read(what, act, refuse).await
        }
        Err(refusal) => refuse(&refusal),
    };
    respond(answer, json_type())
}
