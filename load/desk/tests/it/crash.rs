//! `kill -9` in mid-load: what was acknowledged is there, and a retry with the same key settles what is unknown.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper::body::Bytes;
use hyper_util::client::legacy::Client as Pool;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::ground::{Said, pause_ms};

/// Talks to a desk over a socket.
#[derive(Clone)]
pub(crate) struct Client {
    pool: Pool<HttpConnector, Full<Bytes>>,
    url: String,
}

impl Client {
    pub(crate) fn new(url: &str) -> Self {
        Self { pool: Pool::builder(TokioExecutor::new()).build_http(), url: url.to_owned() }
    }

    /// `None`: no answer, so whether the request took effect is unknown.
    pub(crate) async fn call(
        &self,
        method: &str,
        path: &str,
        key: Option<&str>,
        body: &Value,
    ) -> Option<Said> {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.url));
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        let body = if method == "GET" { String::new() } else { body.to_string() };
        let response = self.pool.request(request.body(Full::from(body)).unwrap()).await.ok()?;
        let status = response.status().as_u16();
        let bytes = response.into_body().collect().await.ok()?.to_bytes();
        Some(Said { status, etag: String::new(), body: serde_json::from_slice(&bytes).ok()? })
    }

    pub(crate) async fn get(&self, path: &str) -> Option<Said> {
        self.call("GET", path, None, &Value::Null).await
    }

    pub(crate) async fn post(&self, path: &str, key: Option<&str>, body: &Value) -> Option<Said> {
        self.call("POST", path, key, body).await
    }
}

struct ChildDesk {
    child: Child,
    url: String,
}

impl ChildDesk {
    fn start(database: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_onetrip-desk"))
            .arg("--database")
            .arg(database)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut url = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut url).unwrap();
        Self { child, url: url.trim().to_owned() }
    }

    fn kill(&mut self) {
        // SIGKILL on Unix: the desk gets no chance to tidy up.
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for ChildDesk {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A request as sent and what came back, if anything did.
#[derive(Clone)]
struct Sent {
    path: String,
    key: String,
    body: Value,
    said: Option<Said>,
}

/// Books and pays until the desk dies; everything sent, in order.
async fn hammer(client: Client, name: String, slots: Arc<Vec<String>>, patient_id: String) -> Vec<Sent> {
    let mut sent = Vec::new();
    let mut turn = 0usize;
    loop {
        let slot_id = &slots[(turn * 7 + name.len()) % slots.len()];
        let mut steps: Vec<(String, Value)> =
            vec![(format!("/api/slots/{slot_id}/lock"), json!({"patient_id": patient_id}))];
        let mut index = 0;
        while let Some((path, body)) = steps.get(index).cloned() {
            let key = format!("{name}-{turn}-{index}");
            let said = client.post(&path, Some(&key), &body).await;
            sent.push(Sent { path, key: key.clone(), body, said: said.clone() });
            let Some(said) = said else { return sent };
            if said.status == 201 && index == 0 {
                let order = json!({"kind": "registration", "booking_id": said.text("/id")});
                steps.push(("/api/orders".to_owned(), order));
            } else if said.status == 201 && index == 1 {
                let payment = json!({
                    "order_id": said.text("/id"), "amount_cents": 100, "transaction_id": format!("t-{key}"),
                });
                steps.push(("/api/payments".to_owned(), payment));
            }
            index += 1;
        }
        turn += 1;
    }
}

async fn ids(client: &Client, collection: &str) -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    let mut after = 0;
    loop {
        let page =
            client.get(&format!("/api/{collection}?limit=1000&after={after}")).await.unwrap().expect(200);
        let items = page.body["items"].as_array().unwrap();
        ids.extend(items.iter().map(|item| item["id"].as_str().unwrap().to_owned()));
        match page.body["next_after"].as_i64() {
            Some(next_after) => after = next_after,
            None => return ids,
        }
    }
}

async fn survive(round_count: u64) {
    const WRITER_COUNT: usize = 6;
    let folder = TempDir::new().unwrap();
    let database = folder.path().join("desk.sqlite");
    let mut desk = ChildDesk::start(&database);
    let client = Client::new(&desk.url);
    let plan = json!({
        "departments": ["a", "b"], "day_count": 20, "capacity": 500, "price_cents": 100,
        "patient_count": WRITER_COUNT,
    });
    client.post("/api/admin/seed", None, &plan).await.unwrap().expect(201);
    let slots: Arc<Vec<String>> = Arc::new(ids(&client, "slots").await.into_iter().collect());
    let patients: Vec<String> = ids(&client, "patients").await.into_iter().collect();
    let (mut acknowledged, mut unknown_count, mut settled) = (0, 0, BTreeSet::new());
    let (mut bookings, mut orders) = (BTreeSet::new(), BTreeSet::new());
    for round in 0..round_count {
        let client = Client::new(&desk.url);
        let writers: Vec<_> = patients
            .iter()
            .enumerate()
            .map(|(index, patient_id)| {
                let name = format!("r{round}w{index}");
                tokio::spawn(hammer(client.clone(), name, slots.clone(), patient_id.clone()))
            })
            .collect();
        pause_ms(150 + round * 37 % 200).await;
        desk.kill();
        desk = ChildDesk::start(&database);
        let client = Client::new(&desk.url);
        for writer in writers {
            for sent in tokio::time::timeout(Duration::from_secs(10), writer).await.unwrap().unwrap() {
                // The same request with the same key must resolve to one definite answer, the first one if
                // there was one.
                let retried = client.post(&sent.path, Some(&sent.key), &sent.body).await.unwrap();
                assert!(matches!(retried.status, 201 | 409), "{} {}", retried.status, retried.body);
                match &sent.said {
                    Some(said) => {
                        acknowledged += 1;
                        assert_eq!(
                            (said.status, &said.body),
                            (retried.status, &retried.body),
                            "{}",
                            sent.path
                        );
                    }
                    None => unknown_count += 1,
                }
                if retried.status == 201 {
                    let kept = match sent.path.as_str() {
                        "/api/payments" => &mut settled,
                        "/api/orders" => &mut orders,
                        _ => &mut bookings,
                    };
                    assert!(kept.insert(retried.text("/id")), "two requests share {}", retried.body);
                }
            }
        }
        assert_eq!(ids(&client, "bookings").await, bookings, "round {round}: bookings kept and acknowledged");
        assert_eq!(ids(&client, "orders").await, orders, "round {round}: orders kept and acknowledged");
        assert_eq!(ids(&client, "payments").await, settled, "round {round}: payments kept and acknowledged");
        let state = client.get("/api/admin/state").await.unwrap();
        assert_eq!(state.number("/booked_count"), settled.len() as i64, "{}", state.body);
        assert_eq!(state.number("/held_count"), (bookings.len() - settled.len()) as i64, "{}", state.body);
    }
    println!(
        "{round_count} kills: {acknowledged} acknowledged, 0 lost; {unknown_count} unknown, all resolved"
    );
    assert!(acknowledged > 20 * round_count, "hardly any load: {acknowledged} acknowledged");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_acknowledged_is_lost_when_the_desk_is_killed() {
    survive(3).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "a minute long: run nightly with --ignored"]
async fn nothing_acknowledged_is_lost_in_twenty_kills() {
    survive(20).await;
}
