//! FHIR transactions, versions, searches, moves.

use serde_json::{Value, json};

use crate::ground::{Ground, Said, TestDesk, appointment, call};

fn transaction(entries: Value) -> Value {
    json!({"resourceType": "Bundle", "type": "transaction", "entry": entries})
}

fn entry(method: &str, url: &str, resource: Value) -> Value {
    json!({"request": {"method": method, "url": url}, "resource": resource})
}

async fn put_status(desk: &TestDesk, path: &str, status: &str) -> Said {
    let mut resource = desk.get(path).await.expect(200).body;
    resource["status"] = status.into();
    desk.put(path, &resource).await
}

pub(crate) async fn transactions_roll_back(ground: &Ground) {
    let (desk, clinic) = ground.clinic(|_| {}, json!({})).await;
    let before = desk.get("/api/admin/state").await.text("/hash");
    let fail = |last: Value| {
        transaction(json!([
            entry("POST", "Patient", json!({"resourceType": "Patient", "name": [{"text": "new"}]})),
            entry("POST", "Appointment", appointment("booked", &clinic.slot_ids[0], &clinic.patient_ids[0])),
            last,
        ]))
    };
    let slot = desk.get(&format!("/fhir/Slot/{}", clinic.slot_ids[1])).await.body;
    let mut stale = entry("PUT", &format!("Slot/{}", clinic.slot_ids[1]), slot.clone());
    stale["request"]["ifMatch"] = "W/\"7\"".into();
    let said = desk.post("/fhir", &fail(stale)).await.expect(412);
    assert_eq!(said.text("/resourceType"), "OperationOutcome");
    let twice =
        entry("POST", "Appointment", appointment("booked", &clinic.slot_ids[0], &clinic.patient_ids[1]));
    desk.post("/fhir", &fail(twice)).await.expect(409);
    let unknown = entry("POST", "Appointment", appointment("booked", "s-0", &clinic.patient_ids[1]));
    desk.post("/fhir", &fail(unknown)).await.expect(422);
    assert_eq!(desk.get("/api/admin/state").await.text("/hash"), before);
}

pub(crate) async fn whole_day_by_fhir(ground: &Ground) {
    let (desk, clinic) = ground.clinic(|_| {}, json!({})).await;
    let (slot_id, patient_id) = (&clinic.slot_ids[0], &clinic.patient_ids[0]);
    let mut slot = desk.get(&format!("/fhir/Slot/{slot_id}")).await.expect(200).body;
    slot["status"] = "busy".into();
    let mut put = entry("PUT", &format!("Slot/{slot_id}"), slot);
    put["request"]["ifMatch"] = "W/\"1\"".into();
    let mut post = entry("POST", "Appointment", appointment("booked", slot_id, patient_id));
    post["fullUrl"] = "urn:uuid:a".into();
    let booked = desk.post("/fhir", &transaction(json!([post, put]))).await.expect(200);
    assert_eq!(booked.text("/entry/0/response/status"), "201 Created");
    assert_eq!(booked.text("/entry/1/resource/status"), "busy");
    let appointment_id = booked.text("/entry/0/resource/id");
    let appointment = format!("/fhir/Appointment/{appointment_id}");
    put_status(&desk, &appointment, "arrived").await.expect(200);
    let subject = json!({"reference": format!("Patient/{patient_id}")});
    let create = async |resource: Value| {
        let path = format!("/fhir/{}", resource["resourceType"].as_str().unwrap());
        desk.post(&path, &resource).await.expect(201).text("/id")
    };
    let encounter_id = create(json!({
        "resourceType": "Encounter", "status": "in-progress", "class": {"code": "AMB"}, "subject": subject,
        "appointment": [{"reference": format!("Appointment/{appointment_id}")}],
    }))
    .await;
    let encounter = json!({"reference": format!("Encounter/{encounter_id}")});
    let request_id = create(json!({
        "resourceType": "MedicationRequest", "status": "active", "intent": "order", "subject": subject,
        "medicationCodeableConcept": {"text": "amoxicillin"}, "encounter": encounter,
    }))
    .await;
    let charge_id = create(json!({
        "resourceType": "ChargeItem", "status": "billable", "code": {"text": "drug"}, "subject": subject,
        "context": encounter, "priceOverride": {"value": 30.0, "currency": "CNY"},
        "supportingInformation": [{"reference": format!("MedicationRequest/{request_id}")}],
    }))
    .await;
    let line = json!({
        "chargeItemReference": {"reference": format!("ChargeItem/{charge_id}")},
        "priceComponent": [{"type": "base", "amount": {"value": 30.0, "currency": "CNY"}}],
    });
    let total = json!({"value": 30.0, "currency": "CNY"});
    let invoice = json!({
        "resourceType": "Invoice", "status": "issued", "subject": subject, "lineItem": [line],
        "totalNet": total, "totalGross": total,
    });
    let invoice_id = create(invoice.clone()).await;
    assert_eq!(desk.get(&format!("/fhir/ChargeItem/{charge_id}")).await.text("/status"), "billed");
    let again = desk.post("/fhir/Invoice", &invoice).await.expect(409);
    assert_eq!(again.text("/issue/0/details/coding/0/code"), "already-billed");
    let dispense = json!({
        "resourceType": "MedicationDispense", "status": "completed", "subject": subject,
        "medicationCodeableConcept": {"text": "amoxicillin"},
        "authorizingPrescription": [{"reference": format!("MedicationRequest/{request_id}")}],
    });
    desk.post("/fhir/MedicationDispense", &dispense).await.expect(409);
    let invoice_path = format!("/fhir/Invoice/{invoice_id}");
    put_status(&desk, &invoice_path, "balanced").await.expect(409);
    let reconciliation_id = create(json!({
        "resourceType": "PaymentReconciliation", "status": "active", "created": "2027-03-01",
        "paymentDate": "2027-03-01", "paymentAmount": total,
        "paymentIdentifier": {"system": "urn:wechat", "value": "tx-1"},
    }))
    .await;
    let notice = json!({
        "resourceType": "PaymentNotice", "status": "active", "created": "2027-03-01", "amount": total,
        "request": {"reference": format!("Invoice/{invoice_id}")},
        "payment": {"reference": format!("PaymentReconciliation/{reconciliation_id}")},
        "recipient": {"display": "hospital"}, "paymentStatus": {"coding": [{"code": "paid"}]},
    });
    desk.post("/fhir/PaymentNotice", &notice).await.expect(201);
    desk.post("/fhir/PaymentNotice", &notice).await.expect(409);
    put_status(&desk, &invoice_path, "balanced").await.expect(200);
    desk.post("/fhir/MedicationDispense", &dispense).await.expect(201);
    put_status(&desk, &appointment, "fulfilled").await.expect(200);
    put_status(&desk, &appointment, "proposed").await.expect(409);
    put_status(&desk, &format!("/fhir/Encounter/{encounter_id}"), "finished").await.expect(200);
    let invoices = desk.get(&format!("/fhir/Invoice?subject=Patient/{patient_id}&status=balanced")).await;
    assert_eq!(invoices.number("/total"), 1);
}

#[tokio::test]
async fn a_failed_transaction_leaves_nothing_behind() {
    transactions_roll_back(&Ground::Sqlite).await;
}

#[tokio::test]
async fn the_journey_of_other_fhir_servers_runs_unchanged() {
    whole_day_by_fhir(&Ground::Sqlite).await;
}

#[tokio::test]
async fn updates_are_guarded_by_their_version() {
    let (desk, clinic) = Ground::Sqlite.clinic(|_| {}, json!({})).await;
    let path = format!("/fhir/Patient/{}", clinic.patient_ids[0]);
    let read = desk.get(&path).await.expect(200);
    assert_eq!(read.etag, "W/\"1\"");
    let put = async |etag: &str| {
        call(&desk.router, "PUT", &path, &[("if-match", etag)], &read.body.to_string()).await
    };
    assert_eq!(put("W/\"1\"").await.expect(200).etag, "W/\"2\"");
    let stale = put("W/\"1\"").await.expect(412);
    assert_eq!(stale.text("/resourceType"), "OperationOutcome");
    put("tomorrow").await.expect(400);
    let absent = call(&desk.router, "PUT", "/fhir/Patient/new", &[("if-match", "W/\"1\"")], "{}").await;
    absent.expect(412);
    let named = json!({"resourceType": "Patient", "id": "card.77", "name": [{"family": "Li"}]});
    desk.put("/fhir/Patient/card.77", &named).await.expect(201);
    desk.put("/fhir/Patient/p-999", &json!({"resourceType": "Patient"})).await.expect(422);
    desk.put("/fhir/Patient/card.78", &named).await.expect(422);
}

#[tokio::test]
async fn illegal_moves_are_refused_on_both_faces() {
    let (desk, clinic) = Ground::Sqlite.clinic(|_| {}, json!({})).await;
    let booked = appointment("booked", &clinic.slot_ids[0], &clinic.patient_ids[0]);
    let id = desk.post("/fhir/Appointment", &booked).await.expect(201).text("/id");
    let path = format!("/fhir/Appointment/{id}");
    for status in ["proposed", "pending", "waitlist", "fulfilled"] {
        let said = put_status(&desk, &path, status).await.expect(409);
        assert_eq!(said.text("/issue/0/details/coding/0/code"), "illegal-move", "{status}");
    }
    put_status(&desk, &path, "sold").await.expect(422);
    put_status(&desk, &format!("/fhir/Slot/{}", clinic.slot_ids[0]), "free").await.expect(409);
    put_status(&desk, &path, "cancelled").await.expect(200);
    assert_eq!(desk.get(&format!("/fhir/Slot/{}", clinic.slot_ids[0])).await.text("/status"), "free");
    desk.post(&format!("/api/bookings/{id}/check-in"), &json!({})).await.expect(409);
    let arrived = appointment("arrived", &clinic.slot_ids[1], &clinic.patient_ids[0]);
    desk.post("/fhir/Appointment", &arrived).await.expect(409);
    let mut moved = desk.get(&path).await.body;
    moved["slot"][0]["reference"] = format!("Slot/{}", clinic.slot_ids[2]).into();
    desk.put(&path, &moved).await.expect(422);
}

#[tokio::test]
async fn a_hold_made_on_one_face_is_used_on_the_other() {
    let (desk, clinic) = Ground::Sqlite.clinic(|_| {}, json!({})).await;
    let parameters = |name: &str, value: Value| json!({"resourceType": "Parameters", "parameter": [{"name": name, "valueReference": value}]});
    let mut hold = parameters("slot-reference", json!({"reference": format!("Slot/{}", clinic.slot_ids[0])}));
    let patient = json!({"reference": format!("Patient/{}", clinic.patient_ids[0])});
    hold["parameter"]
        .as_array_mut()
        .unwrap()
        .push(json!({"name": "patient-reference", "valueReference": patient}));
    let held = desk.post("/fhir/Appointment/$hold", &hold).await.expect(200);
    let id = held.text("/entry/0/resource/id");
    assert_eq!(held.text("/entry/0/resource/extension/0/url"), "urn:onetrip:hold-expires-at");
    assert_eq!(
        desk.get(&format!("/fhir/Slot/{}", clinic.slot_ids[0])).await.text("/status"),
        "busy-tentative"
    );
    desk.post(&format!("/api/bookings/{id}/confirm"), &json!({})).await.expect(200);
    let locked_id = desk.lock(&clinic.slot_ids[1], &clinic.patient_ids[1]).await;
    let book = parameters("appointment-reference", json!({"reference": format!("Appointment/{locked_id}")}));
    let booked = desk.post("/fhir/Appointment/$book", &book).await.expect(200);
    assert_eq!(booked.text("/entry/0/resource/status"), "booked");
    desk.post("/fhir/Appointment/$find", &json!({})).await.expect(405);
}

#[tokio::test]
async fn searches_select_page_and_refuse_what_they_do_not_know_when_strict() {
    let (desk, clinic) = Ground::Sqlite.clinic(|_| {}, json!({"day_count": 2})).await;
    let schedule_id = desk.get("/api/schedules").await.text("/items/0/id");
    desk.lock(&clinic.slot_ids[0], &clinic.patient_ids[0]).await;
    let query = format!("/fhir/Slot?schedule=Schedule/{schedule_id}&status=free&start=ge2027-03-02&_count=4");
    let page = desk.get(&query).await.expect(200);
    assert_eq!(page.body["entry"].as_array().unwrap().len(), 4);
    assert_eq!(page.text("/entry/0/resource/start"), "2027-03-02T08:00:00.000Z");
    let next = page.text("/link/1/url");
    let rest = desk.get(&next).await.expect(200);
    assert_eq!(rest.body["entry"].as_array().unwrap().len(), 2, "{next}");
    assert_eq!(rest.body.pointer("/link/1"), None);
    let tentative = desk.get("/fhir/Slot?status=busy-tentative").await.expect(200);
    assert_eq!(
        (tentative.number("/total"), tentative.text("/entry/0/resource/id")),
        (1, clinic.slot_ids[0].clone())
    );
    let by_slot = desk.get(&format!("/fhir/Appointment?slot={}", clinic.slot_ids[0])).await.expect(200);
    assert_eq!(by_slot.number("/total"), 1);
    desk.get("/fhir/Appointment?colour=red").await.expect(200);
    let strict = [("prefer", "handling=strict")];
    call(&desk.router, "GET", "/fhir/Appointment?colour=red", &strict, "").await.expect(400);
    call(&desk.router, "GET", "/fhir/Appointment?date=never", &strict, "").await.expect(400);
    let statement = desk.get("/fhir/metadata").await.expect(200);
    assert_eq!(statement.text("/fhirVersion"), "4.0.1");
    desk.get("/fhir/Observation").await.expect(404);
    desk.get("/fhir/Slot/s-0").await.expect(404);
}

#[tokio::test]
async fn a_conditional_creation_answers_the_match_and_refuses_an_ambiguous_one() {
    let desk = Ground::Sqlite.desk(|_| {}).await;
    let patient = json!({"resourceType": "Patient", "identifier": [{"system": "urn:card", "value": "7"}]});
    let create = async |criteria: &str| {
        call(&desk.router, "POST", "/fhir/Patient", &[("if-none-exist", criteria)], &patient.to_string())
            .await
    };
    let id = create("identifier=urn:card|7").await.expect(201).text("/id");
    assert_eq!(create("identifier=urn:card|7").await.expect(200).text("/id"), id);
    desk.post("/fhir/Patient", &patient).await.expect(201);
    create("identifier=urn:card|7").await.expect(412);
    create("colour=red").await.expect(400);
}

#[tokio::test]
async fn a_batch_does_what_it_can() {
    let (desk, clinic) = Ground::Sqlite.clinic(|_| {}, json!({})).await;
    let book = |index: usize| {
        entry("POST", "Appointment", appointment("booked", &clinic.slot_ids[0], &clinic.patient_ids[index]))
    };
    let get = entry("GET", &format!("Slot/{}", clinic.slot_ids[0]), Value::Null);
    let batch = json!({"resourceType": "Bundle", "type": "batch", "entry": [book(0), book(1), get]});
    let said = desk.post("/fhir", &batch).await.expect(200);
    assert_eq!(said.text("/entry/0/response/status"), "201 Created");
    assert_eq!(said.text("/entry/1/response/status"), "409");
    assert_eq!(said.text("/entry/2/resource/status"), "busy");
}

#[tokio::test]
async fn an_invoice_must_add_up_and_stay_as_it_was_issued() {
    let desk = Ground::Sqlite.desk(|_| {}).await;
    let invoice = |total: f64| {
        json!({"resourceType": "Invoice", "status": "issued", "totalGross": {"value": total, "currency": "CNY"},
        "lineItem": [
            {"priceComponent": [{"type": "base", "amount": {"value": 30.0}}]},
            {"priceComponent": [
                {"type": "base", "amount": {"value": 10.5}}, {"type": "discount", "amount": {"value": 0.5}},
            ]},
        ]})
    };
    desk.post("/fhir/Invoice", &invoice(41.0)).await.expect(422);
    let id = desk.post("/fhir/Invoice", &invoice(40.0)).await.expect(201).text("/id");
    let mut cheaper = desk.get(&format!("/fhir/Invoice/{id}")).await.body;
    cheaper["totalGross"]["value"] = 1.0.into();
    cheaper["lineItem"] = json!([]);
    let refused = desk.put(&format!("/fhir/Invoice/{id}"), &cheaper).await.expect(422);
    assert!(refused.text("/issue/0/details/text").contains("total_cents"), "{}", refused.body);
}
