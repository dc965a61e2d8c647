//! A desk in this process, and talking to it without sockets.

use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::Request;
use onetrip_desk::{Database, Desk, Options};
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt;

/// Which database a test stands on.
#[derive(Debug, Clone)]
pub(crate) enum Ground {
    Sqlite,
    /// A URL of a server where a schema may be created for each desk.
    Postgres(String),
}

/// A desk of its own for one test.
pub(crate) struct TestDesk {
    pub(crate) router: Router,
    _desk: Desk,
    _folder: TempDir,
}

/// An answer.
#[derive(Debug, Clone)]
pub(crate) struct Said {
    pub(crate) status: u16,
    pub(crate) etag: String,
    pub(crate) body: Value,
}

impl Said {
    pub(crate) fn text(&self, pointer: &str) -> String {
        self.body.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    pub(crate) fn number(&self, pointer: &str) -> i64 {
        self.body.pointer(pointer).and_then(Value::as_i64).unwrap_or(-1)
    }

    /// The answer, provided it came with this status.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.body);
        self
    }
}

impl Ground {
    pub(crate) async fn options(&self, folder: &TempDir) -> Options {
        match self {
            Self::Sqlite => Options::new(Database::Sqlite(folder.path().join("desk.sqlite"))),
            Self::Postgres(url) => Options::new(Database::Postgres(new_schema(url).await)),
        }
    }

    pub(crate) async fn desk(&self, change: impl FnOnce(&mut Options)) -> TestDesk {
        let folder = TempDir::new().unwrap();
        let mut options = self.options(&folder).await;
        change(&mut options);
        let desk = Desk::open(&options).await.unwrap();
        TestDesk { router: desk.router(), _desk: desk, _folder: folder }
    }

    /// A desk with one department, `slot_count` slots and `patient_count` patients.
    pub(crate) async fn clinic(&self, change: impl FnOnce(&mut Options), more: Value) -> (TestDesk, Clinic) {
        let desk = self.desk(change).await;
        let clinic = desk.set_up(more).await;
        (desk, clinic)
    }
}

async fn new_schema(url: &str) -> String {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let name = format!("desk_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
    let connection = tokio::spawn(connection);
    client.batch_execute(&format!("CREATE SCHEMA {name}")).await.unwrap();
    drop(client);
    connection.await.unwrap().unwrap();
    let separator = if url.contains('?') { '&' } else { '?' };
    format!("{url}{separator}options=-c%20search_path%3D{name}")
}

/// What a test's desk was filled with.
#[derive(Debug, Clone)]
pub(crate) struct Clinic {
    pub(crate) slot_ids: Vec<String>,
    pub(crate) patient_ids: Vec<String>,
}

impl TestDesk {
    pub(crate) async fn set_up(&self, more: Value) -> Clinic {
        let mut plan = json!({
            "departments": ["internal medicine"],
            "sessions": [{"from": "08:00", "to": "11:00"}],
            "patient_count": 40,
        });
        for (name, value) in more.as_object().unwrap() {
            plan[name] = value.clone();
        }
        self.post("/api/admin/seed", &plan).await.expect(201);
        let ids = async |collection: &str| {
            let page = self.get(&format!("/api/{collection}?limit=1000")).await.expect(200);
            let items = page.body["items"].as_array().unwrap().clone();
            items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        Clinic { slot_ids: ids("slots").await, patient_ids: ids("patients").await }
    }

    pub(crate) async fn get(&self, path: &str) -> Said {
        call(&self.router, "GET", path, &[], "").await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Said {
        call(&self.router, "POST", path, &[], &body.to_string()).await
    }

    pub(crate) async fn post_keyed(&self, path: &str, key: &str, body: &Value) -> Said {
        call(&self.router, "POST", path, &[("idempotency-key", key)], &body.to_string()).await
    }

    pub(crate) async fn put(&self, path: &str, body: &Value) -> Said {
        call(&self.router, "PUT", path, &[], &body.to_string()).await
    }

    /// Locks a place and answers the booking's id.
    #[track_caller]
    pub(crate) fn lock(&self, slot_id: &str, patient_id: &str) -> impl Future<Output = String> {
        let path = format!("/api/slots/{slot_id}/lock");
        let body = json!({"patient_id": patient_id});
        async move { self.post(&path, &body).await.expect(201).text("/id") }
    }
}

/// One request to a desk in this process.
pub(crate) async fn call(
    router: &Router,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Said {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::from(body.to_owned())).unwrap();
    let response = router.clone().oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let etag = response.headers().get("etag").map_or("", |etag| etag.to_str().unwrap()).to_owned();
    let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    let body = serde_json::from_slice(&bytes)
        .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&bytes).into_owned()));
    Said { status, etag, body }
}

/// An Appointment resource.
pub(crate) fn appointment(status: &str, slot_id: &str, patient_id: &str) -> Value {
    json!({
        "resourceType": "Appointment",
        "status": status,
        "slot": [{"reference": format!("Slot/{slot_id}")}],
        "participant": [{"actor": {"reference": format!("Patient/{patient_id}")}, "status": "accepted"}],
    })
}

pub(crate) async fn pause_ms(time_ms: u64) {
    tokio::time::sleep(Duration::from_millis(time_ms)).await;
}
