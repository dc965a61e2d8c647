//! Idempotency keys, payments, bills.

use serde_json::{Value, json};

use crate::ground::{Clinic, Ground, TestDesk, call};

/// A desk whose slots cost 25.00.
async fn paying_clinic(ground: &Ground) -> (TestDesk, Clinic) {
    ground.clinic(|_| {}, json!({"price_cents": 2500, "capacity": 3})).await
}

/// Locks and orders; answers booking, order and invoice ids.
pub(crate) async fn ordered(desk: &TestDesk, slot_id: &str, patient_id: &str) -> (String, String, String) {
    let booking_id = desk.lock(slot_id, patient_id).await;
    let order = json!({"kind": "registration", "booking_id": booking_id});
    let order = desk.post("/api/orders", &order).await.expect(201);
    (booking_id, order.text("/id"), order.text("/invoice/id"))
}

pub(crate) async fn keys_act_once(ground: &Ground) {
    let (desk, clinic) = paying_clinic(ground).await;
    let path = format!("/api/slots/{}/lock", clinic.slot_ids[0]);
    let body = json!({"patient_id": clinic.patient_ids[0]});
    let first = desk.post_keyed(&path, "key-1", &body).await.expect(201);
    let again = desk.post_keyed(&path, "key-1", &body).await.expect(201);
    assert_eq!(first.body, again.body);
    assert_eq!(first.etag, again.etag);
    let other = json!({"patient_id": clinic.patient_ids[1]});
    let reused = desk.post_keyed(&path, "key-1", &other).await.expect(422);
    assert_eq!(reused.text("/error/code"), "key-reused");
    let state = desk.get("/api/admin/state").await;
    assert_eq!(state.number("/held_count"), 1);
    // A refusal is an answer too.
    let closed = json!({"patient_id": "nobody"});
    let refused = desk.post_keyed(&path, "key-2", &closed).await.expect(422);
    assert_eq!(desk.post_keyed(&path, "key-2", &closed).await.expect(422).body, refused.body);
}

pub(crate) async fn concurrent_repeats_settle_once(ground: &Ground) {
    let (desk, clinic) = paying_clinic(ground).await;
    let (booking_id, order_id, invoice_id) =
        ordered(&desk, &clinic.slot_ids[0], &clinic.patient_ids[0]).await;
    let body = json!({"order_id": order_id, "amount_cents": 2500, "transaction_id": "wx-1"}).to_string();
    let repeats = (0..12).map(|index| {
        let (router, body) = (desk.router.clone(), body.clone());
        tokio::spawn(async move {
            // Half repeat the key, half come as new requests of the same payment provider's transaction.
            let key = if index % 2 == 0 { "pay-1".to_owned() } else { format!("pay-other-{index}") };
            call(&router, "POST", "/api/payments", &[("idempotency-key", &key)], &body).await
        })
    });
    let mut payment_ids = Vec::new();
    for repeat in repeats.collect::<Vec<_>>() {
        let said = repeat.await.unwrap();
        assert!(matches!(said.status, 200 | 201), "{} {}", said.status, said.body);
        payment_ids.push(said.text("/id"));
    }
    payment_ids.dedup();
    assert_eq!(payment_ids.len(), 1, "{payment_ids:?}");
    let invoice = desk.get(&format!("/api/invoices/{invoice_id}")).await;
    assert_eq!((invoice.text("/status"), invoice.number("/paid_cents")), ("balanced".into(), 2500));
    assert_eq!(desk.get(&format!("/api/bookings/{booking_id}")).await.text("/status"), "booked");
    assert_eq!(desk.get("/api/admin/state").await.number("/counts/payments/settled"), 1);
}

pub(crate) async fn different_payments_for_one_invoice_settle_once(ground: &Ground) {
    let (desk, clinic) = paying_clinic(ground).await;
    let (_, _, invoice_id) = ordered(&desk, &clinic.slot_ids[0], &clinic.patient_ids[0]).await;
    let payers = (0..12).map(|index| {
        let router = desk.router.clone();
        let own =
            json!({"invoice_id": invoice_id, "amount_cents": 2500, "transaction_id": format!("t-{index}")});
        let notice = json!({
            "resourceType": "PaymentNotice",
            "status": "active",
            "identifier": [{"system": "urn:wechat", "value": format!("n-{index}")}],
            "request": {"reference": format!("Invoice/{invoice_id}")},
            "amount": {"value": 25.0, "currency": "CNY"},
        });
        let (path, body) =
            if index % 2 == 0 { ("/api/payments", own) } else { ("/fhir/PaymentNotice", notice) };
        tokio::spawn(async move { call(&router, "POST", path, &[], &body.to_string()).await.status })
    });
    let mut statuses = Vec::new();
    for payer in payers.collect::<Vec<_>>() {
        statuses.push(payer.await.unwrap());
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [&[201][..], &[409; 11]].concat());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_same_key_with_the_same_request_gets_the_same_answer_and_with_another_a_422() {
    keys_act_once(&Ground::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_payment_reported_many_times_is_settled_once() {
    concurrent_repeats_settle_once(&Ground::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_payments_for_one_invoice_leave_one_settled() {
    different_payments_for_one_invoice_settle_once(&Ground::Sqlite).await;
}

#[tokio::test]
async fn a_payment_must_be_of_the_whole_amount_in_the_invoices_currency() {
    let (desk, clinic) = paying_clinic(&Ground::Sqlite).await;
    let (_, order_id, invoice_id) = ordered(&desk, &clinic.slot_ids[0], &clinic.patient_ids[0]).await;
    let pay = async |body: Value| desk.post("/api/payments", &body).await;
    pay(json!({"order_id": order_id, "amount_cents": 2400})).await.expect(422);
    pay(json!({"order_id": order_id, "amount_cents": 2500, "currency": "EUR"})).await.expect(422);
    pay(json!({"order_id": order_id, "invoice_id": invoice_id, "amount_cents": 2500})).await.expect(422);
    pay(json!({"invoice_id": "i-0", "amount_cents": 2500})).await.expect(422);
    pay(json!({"invoice_id": invoice_id, "amount_cents": 2500})).await.expect(201);
}

#[tokio::test]
async fn a_transaction_id_pays_one_invoice_only() {
    let (desk, clinic) = paying_clinic(&Ground::Sqlite).await;
    let (_, first, _) = ordered(&desk, &clinic.slot_ids[0], &clinic.patient_ids[0]).await;
    let (_, second, _) = ordered(&desk, &clinic.slot_ids[1], &clinic.patient_ids[1]).await;
    let pay = |order_id: &str| json!({"order_id": order_id, "amount_cents": 2500, "transaction_id": "wx-9"});
    desk.post("/api/payments", &pay(&first)).await.expect(201);
    let reused = desk.post("/api/payments", &pay(&second)).await.expect(409);
    assert_eq!(reused.text("/error/code"), "transaction-reused");
}

#[tokio::test]
async fn cancelling_a_paid_booking_refunds_it_and_frees_the_place() {
    let (desk, clinic) = paying_clinic(&Ground::Sqlite).await;
    let (booking_id, order_id, _) = ordered(&desk, &clinic.slot_ids[0], &clinic.patient_ids[0]).await;
    let payment = json!({"order_id": order_id, "amount_cents": 2500});
    let payment_id = desk.post("/api/payments", &payment).await.expect(201).text("/id");
    desk.post(&format!("/api/bookings/{booking_id}/cancel"), &json!({"reason": "ill"})).await.expect(200);
    assert_eq!(desk.get(&format!("/api/payments/{payment_id}")).await.text("/status"), "refunded");
    let slot = desk.get(&format!("/api/slots/{}", clinic.slot_ids[0])).await;
    assert_eq!((slot.number("/booked_count"), slot.text("/status")), (0, "free".into()));
    let notice = desk.get(&format!("/fhir/PaymentNotice/{payment_id}")).await.expect(200);
    assert_eq!(notice.text("/paymentStatus/coding/0/code"), "refunded");
}
