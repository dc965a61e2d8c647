//! Holds that run out, and payments that come too late.

use std::time::Duration;

use onetrip_desk::Desk;
use serde_json::json;
use tempfile::TempDir;

use crate::crash::Client;
use crate::ground::{Ground, call, pause_ms};
use crate::money::ordered;

pub(crate) async fn late_requests_are_refused(ground: &Ground) {
    let hold_time = Duration::from_millis(250);
    let plan = json!({"price_cents": 2500});
    let (desk, clinic) = ground.clinic(|options| options.hold_time = hold_time, plan).await;
    let (booking_id, order_id, invoice_id) =
        ordered(&desk, &clinic.slot_ids[0], &clinic.patient_ids[0]).await;
    pause_ms(270).await;
    let payment = json!({"order_id": order_id, "amount_cents": 2500});
    assert_eq!(desk.post("/api/payments", &payment).await.expect(410).text("/error/code"), "hold-expired");
    desk.post(&format!("/api/bookings/{booking_id}/confirm"), &json!({})).await.expect(410);
    let unlock = json!({"booking_id": booking_id});
    desk.post(&format!("/api/slots/{}/unlock", clinic.slot_ids[0]), &unlock).await.expect(410);
    // The place is another's at once, without waiting for a sweep.
    desk.lock(&clinic.slot_ids[0], &clinic.patient_ids[1]).await;
    assert_eq!(desk.get(&format!("/api/bookings/{booking_id}")).await.text("/reason"), "expired");
    assert_eq!(desk.get(&format!("/api/invoices/{invoice_id}")).await.text("/status"), "cancelled");
    assert_eq!(desk.get("/api/admin/state").await.number("/counts/payments/settled"), -1);
}

/// Payments sent around the instant of expiry while another patient wants the place: either the payment came in
/// time and the place is the payer's, or it was refused and nothing is settled.
pub(crate) async fn payment_and_expiry_race(ground: &Ground, round_count: u64) {
    let hold_time = Duration::from_millis(120);
    let plan = json!({"price_cents": 2500});
    let (desk, clinic) = ground.clinic(|options| options.hold_time = hold_time, plan).await;
    let slot_id = &clinic.slot_ids[0];
    let (mut paid_count, mut late_count) = (0, 0);
    for round in 0..round_count {
        let (booking_id, order_id, invoice_id) = ordered(&desk, slot_id, &clinic.patient_ids[0]).await;
        let pay = {
            let router = desk.router.clone();
            let body = json!({"order_id": order_id, "amount_cents": 2500}).to_string();
            tokio::spawn(async move {
                pause_ms(98 + round * 11 % 36).await;
                call(&router, "POST", "/api/payments", &[], &body).await
            })
        };
        let rival = {
            let (router, path) = (desk.router.clone(), format!("/api/slots/{slot_id}/lock"));
            let body = json!({"patient_id": clinic.patient_ids[1]}).to_string();
            tokio::spawn(async move {
                for _ in 0..150 {
                    let said = call(&router, "POST", &path, &[], &body).await;
                    if said.status == 201 {
                        return Some(said.text("/id"));
                    }
                    pause_ms(2).await;
                }
                None
            })
        };
        let (paid, rival) = (pay.await.unwrap(), rival.await.unwrap());
        let status = desk.get(&format!("/api/bookings/{booking_id}")).await.text("/status");
        let invoice = desk.get(&format!("/api/invoices/{invoice_id}")).await;
        match paid.status {
            201 => {
                paid_count += 1;
                assert_eq!((status.as_str(), rival), ("booked", None));
                assert_eq!(
                    (invoice.text("/status"), invoice.number("/paid_cents")),
                    ("balanced".into(), 2500)
                );
                let path = format!("/api/bookings/{booking_id}/cancel");
                desk.post(&path, &json!({})).await.expect(200);
            }
            410 => {
                late_count += 1;
                assert_eq!(status, "cancelled");
                assert_eq!((invoice.text("/status"), invoice.number("/paid_cents")), ("cancelled".into(), 0));
                let rival = rival.expect("the place was free after the expiry");
                desk.post(&format!("/api/bookings/{rival}/cancel"), &json!({})).await.expect(200);
            }
            other => panic!("{other} {}", paid.body),
        }
    }
    println!("{paid_count} paid in time, {late_count} too late");
    assert_eq!(desk.get("/api/admin/state").await.number("/booked_count"), 0);
}

#[tokio::test]
async fn confirming_paying_or_unlocking_after_the_hold_is_gone_for_good() {
    late_requests_are_refused(&Ground::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_payment_at_the_instant_of_expiry_is_either_in_time_or_not_settled() {
    payment_and_expiry_race(&Ground::Sqlite, 12).await;
}

#[tokio::test]
async fn a_started_desk_gives_expired_places_back_by_itself() {
    let folder = TempDir::new().unwrap();
    let mut options = Ground::Sqlite.options(&folder).await;
    options.hold_time = Duration::from_millis(300);
    let running = Desk::start(options).await.unwrap();
    let client = Client::new(&format!("http://{}", running.address()));
    client.post("/api/admin/seed", None, &json!({"patient_count": 1})).await.unwrap();
    let page = client.get("/api/slots?status=free&limit=1").await.unwrap();
    let slot_id = page.text("/items/0/id");
    let patient_id = client.get("/api/patients?limit=1").await.unwrap().text("/items/0/id");
    let lock = json!({"patient_id": patient_id});
    let path = format!("/api/slots/{slot_id}/lock");
    let booking_id = client.post(&path, None, &lock).await.unwrap().expect(201).text("/id");
    let slot = async || client.get(&format!("/api/slots/{slot_id}")).await.unwrap().text("/status");
    assert_eq!(slot().await, "busy-tentative");
    // A claim by PUT ends the same way.
    let other_id = client.get("/api/slots?status=free&limit=1").await.unwrap().text("/items/0/id");
    let mut claimed = client.get(&format!("/fhir/Slot/{other_id}")).await.unwrap().body;
    claimed["status"] = "busy".into();
    client.call("PUT", &format!("/fhir/Slot/{other_id}"), None, &claimed).await.unwrap().expect(200);
    for _ in 0..200 {
        let other = client.get(&format!("/api/slots/{other_id}")).await.unwrap().text("/status");
        if slot().await == "free" && other == "free" {
            let booking = client.get(&format!("/api/bookings/{booking_id}")).await.unwrap();
            assert_eq!(
                (booking.text("/status"), booking.text("/reason")),
                ("cancelled".into(), "expired".into())
            );
            running.stop().await.unwrap();
            return;
        }
        pause_ms(10).await;
    }
    panic!("the places were not given back within 2 s");
}
