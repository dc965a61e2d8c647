//! The desk's own face from the lock to the dispense, and its refusals.

use serde_json::json;

use crate::ground::{Ground, TestDesk, call};
use crate::money::ordered;

pub(crate) async fn whole_day(ground: &Ground) {
    let (desk, clinic) = ground.clinic(|_| {}, json!({"price_cents": 2500})).await;
    let (booking_id, order_id, _) = ordered(&desk, &clinic.slot_ids[0], &clinic.patient_ids[0]).await;
    let booking = format!("/api/bookings/{booking_id}");
    let unpaid = desk.post(&format!("{booking}/confirm"), &json!({})).await.expect(409);
    assert_eq!(unpaid.text("/error/code"), "unpaid");
    desk.post("/api/payments", &json!({"order_id": order_id, "amount_cents": 2500})).await.expect(201);
    desk.post(&format!("{booking}/confirm"), &json!({})).await.expect(200);
    let exam = json!({"kind": "exam", "booking_id": booking_id, "code": "blood-count", "amount_cents": 3000});
    assert_eq!(desk.post("/api/orders", &exam).await.expect(409).text("/error/code"), "not-arrived");
    let arrived = desk.post(&format!("{booking}/check-in"), &json!({})).await.expect(200);
    let encounter_id = arrived.text("/encounter/id");
    let again = desk.post(&format!("{booking}/check-in"), &json!({})).await.expect(200);
    assert_eq!(again.text("/encounter/id"), encounter_id);
    assert_eq!(desk.get(&format!("/api/orders/{order_id}")).await.text("/status"), "completed");
    desk.post(&format!("/api/encounters/{encounter_id}/start"), &json!({})).await.expect(200);
    let exam_id = desk.post("/api/orders", &exam).await.expect(201).text("/id");
    desk.post(&format!("/api/orders/{exam_id}/perform"), &json!({})).await.expect(409);
    desk.post("/api/payments", &json!({"order_id": exam_id, "amount_cents": 3000})).await.expect(201);
    desk.post(&format!("/api/orders/{exam_id}/perform"), &json!({})).await.expect(200);
    let drug =
        json!({"kind": "medication", "booking_id": booking_id, "code": "amoxicillin", "amount_cents": 999});
    let drug_id = desk.post("/api/orders", &drug).await.expect(201).text("/id");
    let dispense = json!({"order_id": drug_id});
    assert_eq!(desk.post("/api/dispenses", &dispense).await.expect(409).text("/error/code"), "unpaid");
    desk.post("/api/payments", &json!({"order_id": drug_id, "amount_cents": 999})).await.expect(201);
    desk.post("/api/dispenses", &dispense).await.expect(201);
    desk.post("/api/dispenses", &dispense).await.expect(409);
    desk.post(&format!("/api/encounters/{encounter_id}/finish"), &json!({})).await.expect(200);
    assert_eq!(desk.get(&booking).await.text("/status"), "fulfilled");
    desk.post(&format!("{booking}/cancel"), &json!({})).await.expect(409);
    // The other face shows the same day.
    let search =
        desk.get(&format!("/fhir/MedicationDispense?prescription=MedicationRequest/{drug_id}")).await;
    assert_eq!((search.number("/total"), search.text("/entry/0/resource/status")), (1, "completed".into()));
    assert_eq!(desk.get(&format!("/fhir/Appointment/{booking_id}")).await.text("/status"), "fulfilled");
    let services = desk.get(&format!("/fhir/ServiceRequest?encounter=Encounter/{encounter_id}")).await;
    assert_eq!((services.number("/total"), services.text("/entry/0/resource/id")), (1, exam_id));
}

#[tokio::test]
async fn a_patient_goes_from_the_lock_to_the_pharmacy() {
    whole_day(&Ground::Sqlite).await;
}

#[tokio::test]
async fn unlocking_frees_the_place_and_only_a_lock_can_be_unlocked() {
    let (desk, clinic) = Ground::Sqlite.clinic(|_| {}, json!({})).await;
    let slot = format!("/api/slots/{}", clinic.slot_ids[0]);
    let booking_id = desk.lock(&clinic.slot_ids[0], &clinic.patient_ids[0]).await;
    let unlock = json!({"booking_id": booking_id});
    desk.post(&format!("/api/slots/{}/unlock", clinic.slot_ids[1]), &unlock).await.expect(422);
    desk.post(&format!("{slot}/unlock"), &unlock).await.expect(200);
    assert_eq!(desk.get(&slot).await.text("/status"), "free");
    let booking_id = desk.lock(&clinic.slot_ids[0], &clinic.patient_ids[0]).await;
    desk.post(&format!("/api/bookings/{booking_id}/confirm"), &json!({})).await.expect(200);
    let refused = desk.post(&format!("{slot}/unlock"), &json!({"booking_id": booking_id})).await.expect(409);
    assert_eq!(refused.text("/error/code"), "not-locked");
    desk.post(&format!("/api/bookings/{booking_id}/no-show"), &json!({})).await.expect(200);
    assert_eq!(desk.get(&slot).await.number("/booked_count"), 1, "a no-show's place stays sold");
}

#[tokio::test]
async fn what_cannot_be_done_is_refused_with_what_would_be_accepted() {
    let (desk, clinic) = Ground::Sqlite.clinic(|options| options.body_bytes_max = 2000, json!({})).await;
    let lock = format!("/api/slots/{}/lock", clinic.slot_ids[0]);
    let refusal = async |method: &str, path: &str, body: &str, status: u16, words: &str| {
        let said = call(&desk.router, method, path, &[], body).await.expect(status);
        let text = format!("{}; {}", said.text("/error/message"), said.text("/error/accepted"));
        assert!(text.contains(words), "{path}: {text}");
    };
    refusal("POST", &lock, "{\n  \"patient_id\": }", 400, "line 2 column 17").await;
    refusal("POST", &lock, "{\"patient\": \"p-1\"}", 422, "unknown field `patient`").await;
    refusal("POST", &lock, "{\"patient_id\": \"p-0\"}", 422, "patient `p-0`").await;
    refusal("POST", &lock, &format!("{{\"patient_id\": \"{}\"}}", "x".repeat(3000)), 413, "2000 bytes").await;
    let forever = json!({"patient_id": clinic.patient_ids[0], "hold_time_ms": 0});
    refusal("POST", &lock, &forever.to_string(), 422, "1 to 86400000 ms").await;
    refusal("POST", "/api/slots/s-0/lock", &json!({"patient_id": "p"}).to_string(), 404, "slot `s-0`").await;
    refusal("POST", "/api/slots/s-1/sell", "", 404, "slots: lock, unlock").await;
    refusal("GET", "/api/rooms", "", 404, "bookings").await;
    refusal("GET", "/api/slots?limit=0", "", 400, "1 to 1000").await;
    refusal("POST", "/api/bookings", "", 405, "/lock").await;
    refusal("DELETE", "/api/slots/s-1", "", 405, "GET a thing").await;
    refusal("GET", "/nowhere", "", 404, "/fhir").await;
    refusal("POST", "/api/admin/seed", "{}", 409, "new database").await;
}

#[tokio::test]
async fn a_bad_set_up_changes_nothing() {
    let desk: TestDesk = Ground::Sqlite.desk(|_| {}).await;
    for plan in [
        json!({"segment_minutes": 31}),
        json!({"capacity": 0}),
        json!({"day_count": 0}),
        json!({"sessions": [{"from": "12:00", "to": "08:00"}]}),
        json!({"day_count": 1_000_000}),
        json!({"first_day": "2027-02-30"}),
    ] {
        desk.post("/api/admin/seed", &plan).await.expect(422);
    }
    assert_eq!(desk.get("/api/admin/state").await.body["counts"], json!({}));
    let plan = json!({
        "departments": ["a", "b"], "first_day": "2027-03-01", "day_count": 2, "segment_minutes": 20,
        "utc_offset_minutes": 480, "capacity": 3, "sessions": [{"from": "08:00", "to": "10:00"}],
    });
    let done = desk.post("/api/admin/seed", &plan).await.expect(201);
    assert_eq!((done.number("/slot_count"), done.number("/place_count")), (24, 72));
    let first = desk.get(&format!("/api/slots/{}", done.text("/first_slot_id"))).await;
    assert_eq!(first.text("/start_at"), "2027-03-01T00:00:00.000Z");
    assert_eq!(first.text("/end_at"), "2027-03-01T00:20:00.000Z");
}

#[tokio::test]
async fn pages_together_hold_everything_once_and_filters_select() {
    let (desk, clinic) = Ground::Sqlite.clinic(|_| {}, json!({"patient_count": 25})).await;
    let mut seen = Vec::new();
    let mut after = "0".to_owned();
    loop {
        let page = desk.get(&format!("/api/patients?limit=10&after={after}")).await.expect(200);
        seen.extend(page.body["items"].as_array().unwrap().iter().map(|item| item["id"].clone()));
        match page.body["next_after"].as_i64() {
            Some(next_after) => after = next_after.to_string(),
            None => break,
        }
    }
    assert_eq!(seen, clinic.patient_ids.iter().map(|id| json!(id)).collect::<Vec<_>>());
    let booking_id = desk.lock(&clinic.slot_ids[2], &clinic.patient_ids[3]).await;
    for filter in [
        format!("slot_id={}", clinic.slot_ids[2]),
        format!("patient_id={}&status=pending", clinic.patient_ids[3]),
        "status=pending".to_owned(),
    ] {
        let page = desk.get(&format!("/api/bookings?{filter}")).await.expect(200);
        assert_eq!(page.text("/items/0/id"), booking_id, "{filter}");
    }
    let none = desk.get("/api/bookings?status=booked").await.expect(200);
    assert_eq!(none.body["items"], json!([]));
}

#[tokio::test]
async fn registering_a_known_card_finds_the_patient() {
    let desk = Ground::Sqlite.desk(|_| {}).await;
    let card = json!({"name": "Li Na", "identifier": "urn:card|77"});
    let patient_id = desk.post("/api/patients", &card).await.expect(201).text("/id");
    assert_eq!(desk.post("/api/patients", &card).await.expect(200).text("/id"), patient_id);
    let found = desk.get("/fhir/Patient?identifier=urn:card|77").await.expect(200);
    assert_eq!(found.text("/entry/0/resource/name/0/text"), "Li Na");
}

#[tokio::test]
async fn health_and_metrics_answer() {
    let (desk, _) = Ground::Sqlite.clinic(|_| {}, json!({})).await;
    assert_eq!(desk.get("/healthz").await.expect(200).text("/status"), "ok");
    let metrics = desk.get("/metrics").await.expect(200).body.as_str().unwrap().to_owned();
    assert!(
        metrics.contains("desk_requests_total{face=\"api\",method=\"POST\",status=\"201\"} 1"),
        "{metrics}"
    );
    assert!(metrics.contains("desk_commits 1"), "{metrics}");
}

#[tokio::test]
async fn the_hash_of_the_state_tells_contents_apart() {
    let (desk, clinic) = Ground::Sqlite.clinic(|_| {}, json!({})).await;
    let hash = async || desk.get("/api/admin/state").await.expect(200).text("/hash");
    let before = hash().await;
    assert_eq!(hash().await, before);
    desk.lock(&clinic.slot_ids[0], &clinic.patient_ids[0]).await;
    assert_ne!(hash().await, before);
}

#[tokio::test]
async fn a_second_desk_on_the_same_file_is_turned_away_and_a_later_one_finds_everything() {
    let folder = tempfile::TempDir::new().unwrap();
    let options = Ground::Sqlite.options(&folder).await;
    let first = onetrip_desk::Desk::start(options.clone()).await.unwrap();
    let second = onetrip_desk::Desk::start(options.clone()).await;
    assert!(second.err().unwrap().to_string().contains("in use by another desk"));
    let client = crate::crash::Client::new(&format!("http://{}", first.address()));
    client.post("/api/admin/seed", None, &json!({})).await.unwrap().expect(201);
    let hash = client.get("/api/admin/state").await.unwrap().text("/hash");
    first.stop().await.unwrap();
    let later = onetrip_desk::Desk::start(options).await.unwrap();
    let client = crate::crash::Client::new(&format!("http://{}", later.address()));
    assert_eq!(client.get("/api/admin/state").await.unwrap().text("/hash"), hash);
    later.stop().await.unwrap();
}
