//! 36 bookers for 6 places: whatever the way of booking, exactly 6 are sold.

use std::sync::Arc;

use axum::Router;
use serde_json::{Value, json};
use tokio::sync::Barrier;

use crate::ground::{Ground, Said, appointment, call};

const BOOKER_COUNT: usize = 36;
const PLACE_COUNT: usize = 6;

/// A way to book.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    LockConfirm,
    LockPay,
    IfMatch,
    Transaction,
    TransactionWithoutVersions,
    ConditionalCreate,
    HoldBook,
    BookAtOnce,
    PlainCreate,
    Naive,
}

pub(crate) const WAYS: [Way; 10] = [
    Way::LockConfirm,
    Way::LockPay,
    Way::IfMatch,
    Way::Transaction,
    Way::TransactionWithoutVersions,
    Way::ConditionalCreate,
    Way::HoldBook,
    Way::BookAtOnce,
    Way::PlainCreate,
    Way::Naive,
];

struct Booker {
    router: Router,
    slot_id: String,
    patient_id: String,
    start: Arc<Barrier>,
}

impl Booker {
    async fn post(&self, path: &str, headers: &[(&str, &str)], body: &Value) -> Said {
        call(&self.router, "POST", path, headers, &body.to_string()).await
    }

    async fn read_slot(&self) -> Said {
        let slot = call(&self.router, "GET", &format!("/fhir/Slot/{}", self.slot_id), &[], "").await;
        assert_eq!(slot.text("/status"), "free");
        self.start.wait().await;
        slot
    }

    async fn put_busy(&self, slot: &Said, headers: &[(&str, &str)]) -> Said {
        let mut body = slot.body.clone();
        body["status"] = "busy".into();
        call(&self.router, "PUT", &format!("/fhir/Slot/{}", self.slot_id), headers, &body.to_string()).await
    }

    async fn transaction(&self, slot: &Said, if_match: Option<&str>) -> u16 {
        let mut busy = slot.body.clone();
        busy["status"] = "busy".into();
        let mut put = json!({"method": "PUT", "url": format!("Slot/{}", self.slot_id)});
        if let Some(version) = if_match {
            put["ifMatch"] = version.into();
        }
        let bundle = json!({"resourceType": "Bundle", "type": "transaction", "entry": [
            {"request": put, "resource": busy},
            {
                "fullUrl": "urn:uuid:a",
                "request": {"method": "POST", "url": "Appointment"},
                "resource": appointment("booked", &self.slot_id, &self.patient_id),
            },
        ]});
        self.post("/fhir", &[], &bundle).await.status
    }

    /// Tries to book; the status of the step that decided, 201 or 200 for a booking of one's own.
    async fn book(self, way: Way) -> u16 {
        let lock = format!("/api/slots/{}/lock", self.slot_id);
        let patient = json!({"patient_id": self.patient_id});
        let booked = appointment("booked", &self.slot_id, &self.patient_id);
        match way {
            Way::LockConfirm | Way::LockPay => {
                self.start.wait().await;
                let locked = self.post(&lock, &[], &patient).await;
                if locked.status != 201 {
                    return locked.status;
                }
                let booking_id = locked.text("/id");
                if way == Way::LockConfirm {
                    let path = format!("/api/bookings/{booking_id}/confirm");
                    return self.post(&path, &[], &json!({})).await.status;
                }
                let order = json!({"kind": "registration", "booking_id": booking_id});
                let order = self.post("/api/orders", &[], &order).await.expect(201);
                let payment = json!({"order_id": order.text("/id"), "amount_cents": 2500});
                self.post("/api/payments", &[], &payment).await.status
            }
            Way::IfMatch => {
                let slot = self.read_slot().await;
                let claimed = self.put_busy(&slot, &[("if-match", &slot.etag)]).await;
                if claimed.status != 200 {
                    return claimed.status;
                }
                self.post("/fhir/Appointment", &[], &booked).await.status
            }
            Way::Transaction => {
                let slot = self.read_slot().await;
                self.transaction(&slot, Some(&slot.etag)).await
            }
            Way::TransactionWithoutVersions => {
                let slot = self.read_slot().await;
                self.transaction(&slot, None).await
            }
            Way::ConditionalCreate => {
                self.start.wait().await;
                let criteria = format!("slot=Slot/{}", self.slot_id);
                let said = self.post("/fhir/Appointment", &[("if-none-exist", &criteria)], &booked).await;
                // 200 is the appointment of whoever came first.
                if said.status == 200 { 409 } else { said.status }
            }
            Way::HoldBook => {
                self.start.wait().await;
                let resource = appointment("proposed", &self.slot_id, &self.patient_id);
                let hold = json!({"resourceType": "Parameters", "parameter": [
                    {"name": "appt-resource", "resource": resource},
                ]});
                let held = self.post("/fhir/Appointment/$hold", &[], &hold).await;
                if held.status != 200 {
                    return held.status;
                }
                assert_eq!(held.text("/entry/0/resource/status"), "pending");
                let book = json!({"resourceType": "Parameters", "parameter": [
                    {"name": "appt-id", "valueUri": held.text("/entry/0/resource/id")},
                ]});
                self.post("/fhir/Appointment/$book", &[], &book).await.status
            }
            Way::BookAtOnce => {
                self.start.wait().await;
                self.post("/fhir/Appointment/$book", &[], &booked).await.status
            }
            Way::PlainCreate => {
                self.start.wait().await;
                self.post("/fhir/Appointment", &[], &booked).await.status
            }
            Way::Naive => {
                let slot = self.read_slot().await;
                self.put_busy(&slot, &[]).await.expect(200);
                self.post("/fhir/Appointment", &[], &booked).await.status
            }
        }
    }
}

/// Races for 6 slots of one place, or one slot of 6 places, and checks what was sold.
pub(crate) async fn race(ground: &Ground, way: Way, capacity: usize) {
    let price_cents = if way == Way::LockPay { 2500 } else { 0 };
    let plan = json!({"capacity": capacity, "price_cents": price_cents});
    let (desk, clinic) = ground.clinic(|_| {}, plan).await;
    let slot_count = PLACE_COUNT / capacity;
    let start = Arc::new(Barrier::new(BOOKER_COUNT));
    let bookers = (0..BOOKER_COUNT).map(|index| {
        let booker = Booker {
            router: desk.router.clone(),
            slot_id: clinic.slot_ids[index % slot_count].clone(),
            patient_id: clinic.patient_ids[index].clone(),
            start: start.clone(),
        };
        tokio::spawn(booker.book(way))
    });
    let mut statuses = Vec::new();
    for booker in bookers.collect::<Vec<_>>() {
        statuses.push(booker.await.unwrap());
    }
    let sold_count = statuses.iter().filter(|status| matches!(status, 200 | 201)).count();
    assert_eq!(sold_count, PLACE_COUNT, "{way:?}: {statuses:?}");
    assert!(statuses.iter().all(|status| matches!(status, 200 | 201 | 409 | 412)), "{way:?}: {statuses:?}");
    let state = desk.get("/api/admin/state").await;
    assert_eq!(state.number("/booked_count"), PLACE_COUNT as i64, "{way:?}: {}", state.body);
    assert_eq!(state.number("/held_count"), 0, "{way:?}: {}", state.body);
    assert_eq!(state.number("/counts/bookings/booked"), PLACE_COUNT as i64, "{way:?}: {}", state.body);
    assert_eq!(state.number("/counts/slots/busy"), slot_count as i64, "{way:?}: {}", state.body);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn six_single_places_sell_six_times_by_every_way_of_booking() {
    for way in WAYS {
        race(&Ground::Sqlite, way, 1).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_slot_of_six_places_sells_six_times() {
    for way in [Way::LockConfirm, Way::LockPay, Way::HoldBook, Way::PlainCreate] {
        race(&Ground::Sqlite, way, 6).await;
    }
}
