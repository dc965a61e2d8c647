//! Each fault does its harm where a checker can see it, and without it there is none.

use std::sync::Arc;
use std::time::{Duration, Instant};

use onetrip_desk::{FAULTS, Fault};
use serde_json::json;
use tokio::sync::Barrier;

use crate::ground::{Clinic, Ground, TestDesk, appointment, call, pause_ms};
use crate::money::ordered;

const HOLD_TIME: Duration = Duration::from_millis(300);

async fn clinic(fault: Option<&str>, price_cents: i64) -> (TestDesk, Clinic) {
    let fault: Option<Fault> = fault.map(|text| text.parse().unwrap());
    let change = |options: &mut onetrip_desk::Options| {
        options.hold_time = HOLD_TIME;
        options.faults.extend(fault);
    };
    Ground::Sqlite.clinic(change, json!({"price_cents": price_cents})).await
}

/// More places sold than there are.
async fn oversells(fault: Option<&str>) -> bool {
    let (desk, clinic) = clinic(fault, 0).await;
    let start = Arc::new(Barrier::new(8));
    let bookers = (0..8).map(|index| {
        let (router, start) = (desk.router.clone(), start.clone());
        let body = appointment("booked", &clinic.slot_ids[0], &clinic.patient_ids[index]).to_string();
        tokio::spawn(async move {
            start.wait().await;
            call(&router, "POST", "/fhir/Appointment", &[], &body).await.status
        })
    });
    for booker in bookers.collect::<Vec<_>>() {
        assert!(matches!(booker.await.unwrap(), 201 | 409));
    }
    desk.get(&format!("/api/slots/{}", clinic.slot_ids[0])).await.number("/booked_count") > 1
}

/// A repeated key acts again.
async fn repeats(fault: Option<&str>) -> bool {
    let (desk, _) = clinic(fault, 0).await;
    let first = desk.post_keyed("/api/patients", "k", &json!({"name": "a"})).await.expect(201);
    desk.post_keyed("/api/patients", "k", &json!({"name": "a"})).await.expect(201).text("/id")
        != first.text("/id")
}

/// Something acknowledged is not there.
async fn loses(fault: Option<&str>) -> bool {
    let (desk, _) = clinic(fault, 0).await;
    let mut lost = false;
    for name in ["a", "b", "c", "d", "e"] {
        let id = desk.post("/api/patients", &json!({"name": name})).await.expect(201).text("/id");
        lost |= desk.get(&format!("/api/patients/{id}")).await.body["name"] != name;
    }
    lost
}

/// An answer waits for the end of the stall.
async fn stalls(fault: Option<&str>) -> bool {
    let (desk, _) = clinic(fault, 0).await;
    let mut longest = Duration::ZERO;
    let begun_at = Instant::now();
    while begun_at.elapsed() < Duration::from_millis(1200) {
        let sent_at = Instant::now();
        desk.get("/api/schedules").await.expect(200);
        longest = longest.max(sent_at.elapsed());
        pause_ms(5).await;
    }
    longest > Duration::from_millis(350)
}

/// Writes are slow and reads are not.
async fn is_slow_on_disk(fault: Option<&str>) -> bool {
    let (desk, _) = clinic(fault, 0).await;
    let mut shortest = [Duration::MAX; 2];
    for _ in 0..3 {
        let sent_at = Instant::now();
        desk.post("/api/patients", &json!({"name": "a"})).await.expect(201);
        shortest[0] = shortest[0].min(sent_at.elapsed());
        let sent_at = Instant::now();
        desk.get("/api/schedules").await.expect(200);
        shortest[1] = shortest[1].min(sent_at.elapsed());
    }
    shortest[0] >= Duration::from_millis(150) && shortest[1] < Duration::from_millis(150)
}

/// A payment after the expiry takes a place that was sold to another.
async fn takes_late_payments(fault: Option<&str>) -> bool {
    let (desk, clinic) = clinic(fault, 2500).await;
    let (_, order_id, _) = ordered(&desk, &clinic.slot_ids[0], &clinic.patient_ids[0]).await;
    tokio::time::sleep(HOLD_TIME + Duration::from_millis(20)).await;
    let other = appointment("booked", &clinic.slot_ids[0], &clinic.patient_ids[1]);
    desk.post("/fhir/Appointment", &other).await.expect(201);
    let late = desk.post("/api/payments", &json!({"order_id": order_id, "amount_cents": 2500})).await;
    let slot = desk.get(&format!("/api/slots/{}", clinic.slot_ids[0])).await;
    assert_eq!(late.status == 201, slot.number("/booked_count") == 2, "{}", late.body);
    late.status == 201
}

/// One invoice, two settlements.
async fn settles_twice(fault: Option<&str>) -> bool {
    let (desk, clinic) = clinic(fault, 2500).await;
    let (_, order_id, invoice_id) = ordered(&desk, &clinic.slot_ids[0], &clinic.patient_ids[0]).await;
    let payment = json!({"order_id": order_id, "amount_cents": 2500});
    desk.post("/api/payments", &payment).await.expect(201);
    let second = desk.post("/api/payments", &payment).await;
    assert!(matches!(second.status, 201 | 409), "{}", second.body);
    desk.get(&format!("/api/invoices/{invoice_id}")).await.number("/paid_cents") == 5000
}

/// A fulfilled appointment is proposed again.
async fn moves_illegally(fault: Option<&str>) -> bool {
    let (desk, clinic) = clinic(fault, 0).await;
    let booked = appointment("booked", &clinic.slot_ids[0], &clinic.patient_ids[0]);
    let mut resource = desk.post("/fhir/Appointment", &booked).await.expect(201).body;
    let path = format!("/fhir/Appointment/{}", resource["id"].as_str().unwrap());
    for status in ["arrived", "fulfilled"] {
        resource["status"] = status.into();
        desk.put(&path, &resource).await.expect(200);
    }
    resource["status"] = "proposed".into();
    desk.put(&path, &resource).await.status == 200
}

/// A read after an acknowledged write shows what was before it.
async fn reads_stale(fault: Option<&str>) -> bool {
    let (desk, clinic) = clinic(fault, 0).await;
    let path = format!("/api/slots/{}", clinic.slot_ids[0]);
    assert_eq!(desk.get(&path).await.text("/status"), "free");
    desk.lock(&clinic.slot_ids[0], &clinic.patient_ids[0]).await;
    desk.get(&path).await.text("/status") == "free"
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_fault_is_seen_from_outside_and_an_honest_desk_shows_none() {
    let mut seen = Vec::new();
    macro_rules! check {
        ($fault:literal, $probe:ident) => {
            assert!($probe(Some($fault)).await, "{} does no harm", $fault);
            assert!(!$probe(None).await, "an honest desk {}", stringify!($probe));
            seen.push($fault.split(':').next().unwrap());
        };
    }
    check!("check-then-act:window=50ms", oversells);
    check!("no-idempotency", repeats);
    check!("lost-acknowledgement:every=3", loses);
    check!("stall:period=1s,length=500ms", stalls);
    check!("slow-disk:time=150ms", is_slow_on_disk);
    check!("late-expiry", takes_late_payments);
    check!("double-settlement", settles_twice);
    check!("illegal-move", moves_illegally);
    check!("stale-read:age=10s", reads_stale);
    assert_eq!(seen, FAULTS.map(|guide| guide.name), "a probe for every fault");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_overselling_desk_oversells_by_every_guarded_way() {
    let fault: Fault = "check-then-act:window=50ms".parse().unwrap();
    let (desk, clinic) = Ground::Sqlite.clinic(|options| options.faults.push(fault), json!({})).await;
    let slot = desk.get(&format!("/fhir/Slot/{}", clinic.slot_ids[0])).await;
    let mut busy = slot.body.clone();
    busy["status"] = "busy".into();
    let claims = (0..4).map(|_| {
        let (router, etag, body) = (desk.router.clone(), slot.etag.clone(), busy.to_string());
        let path = format!("/fhir/Slot/{}", clinic.slot_ids[0]);
        tokio::spawn(async move { call(&router, "PUT", &path, &[("if-match", &etag)], &body).await.status })
    });
    let mut accepted = 0;
    for claim in claims.collect::<Vec<_>>() {
        accepted += usize::from(claim.await.unwrap() == 200);
    }
    assert!(accepted > 1, "If-Match held although the desk checks too early");
}
