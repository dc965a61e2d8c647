//! Over real sockets: TLS, HTTP/2, a server that is away, a run that is stopped; and plans as files.

use crate::desk::SPEED;
use crate::ground::{crowd, crowd_in_haste, read, send_to, shipped};
use bytes::Bytes;
use http_body_util::Full;
use hyper_util::rt::{TokioExecutor, TokioIo};
use onetrip_desk::{Database, Desk, Options};
use onetrip_history::{History, Lost, Outcome};
use onetrip_load::engine::{
    Asker, HttpTransport, PacedClock, Run, SendFailure, Settings, Stop, Target, Transport, execute, prepare,
};
use onetrip_load::journey::WireRequest;
use onetrip_load::plan::{Arrivals, PlanReader, write_plan};
use onetrip_load::report::RunReport;
use onetrip_load::threshold::Threshold;
use onetrip_scenarios::reader::Document;
use std::io::{Read, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;

fn get(path: &str) -> WireRequest<'_> {
    WireRequest { method: http::Method::GET, path: path.into(), ..WireRequest::default() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_listening_is_told_apart_from_a_broken_connection() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let transport = |http2| {
        let target = Target::parse(&format!("http://{address}"), &[]).unwrap();
        HttpTransport::new(target, Vec::new(), None, http2).unwrap()
    };
    let breaking = std::thread::spawn(move || {
        let (mut socket, _) = listener.accept().unwrap();
        assert!(socket.read(&mut [0; 1024]).unwrap() > 0);
    });
    let broken = transport(false).send(get("/")).await.unwrap_err();
    assert!(matches!(broken, SendFailure::Broken(_)), "{broken}");
    breaking.join().unwrap();
    for http2 in [false, true] {
        let nobody = transport(http2).send(get("/")).await.unwrap_err();
        assert!(matches!(nobody, SendFailure::NotSent(_)), "{nobody}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stopped_run_closes_its_log_with_what_was_in_flight() {
    // A server that takes connections and never answers.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let text = "format = \"journey/1\"\nname = \"one\"\n[[step]]\nname = \"ask\"\naction = \"other\"\npath = \"/\"\n";
    let journey = read(Document::parse("one.toml", text), &[]);
    let plan = crowd(&journey, 50, 50_000_000, Arrivals::Uniform, 1);
    let target = Target::parse(&url, &[]).unwrap();
    let transport = Arc::new(HttpTransport::new(target.clone(), Vec::new(), None, false).unwrap());
    let clock = PacedClock::start(Duration::ZERO).unwrap();
    let asker = Asker { clock: &clock, transport: &transport, target: None };
    let prepared = prepare(asker, &journey, "s").await.unwrap();
    let (handle, stop) = Stop::new();
    let settings = Settings { lag_bound_us: Some(10_000_000), ..Settings::new("s") };
    let clock = PacedClock::start(Duration::ZERO).unwrap();
    let run = Run {
        clock,
        transport,
        target: Some(target),
        journey,
        prepared,
        settings,
        stop,
        progress: Arc::default(),
    };
    let stopping = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(2_500)).await;
        handle.stop();
    });
    let record = execute(run, plan.header, plan.patients.into_iter().map(Ok), Vec::new()).await.unwrap();
    stopping.await.unwrap();
    assert!(record.stopped);
    assert_eq!(record.soundness.void, []);
    let text = String::from_utf8(record.log.clone()).unwrap();
    let stopped = serde_json::to_string(&Outcome::Unknown(Lost::Stopped)).unwrap();
    assert_eq!(text.matches(&stopped).count(), 3, "the requests of 0, 1 and 2 s: {text}");
    assert!(History::read(&record.log[..]).unwrap().has_ended());
}

#[test]
fn the_same_plan_has_the_same_bytes_and_reads_back() {
    let journey = shipped("desk", &[]);
    let plan = crowd(&journey, 500, 60_000_000, Arrivals::Poisson, 42);
    let bytes = |plan: &onetrip_load::plan::Plan| {
        let mut bytes = Vec::new();
        write_plan(&mut bytes, &plan.header, &plan.patients).unwrap();
        bytes
    };
    let first = bytes(&plan);
    assert_eq!(first, bytes(&crowd(&journey, 500, 60_000_000, Arrivals::Poisson, 42)));
    assert_ne!(first, bytes(&crowd(&journey, 500, 60_000_000, Arrivals::Poisson, 43)));
    let reader = PlanReader::new(&first[..]).unwrap();
    reader.expect_journey(&journey).unwrap();
    assert!(reader.expect_journey(&shipped("fhir-naive", &[])).is_err());
    assert_eq!(*reader.header(), plan.header);
    let patients: Vec<_> = reader.collect::<Result<_, _>>().unwrap();
    assert_eq!(patients, plan.patients);
    let cut = &first[..first.len() / 2];
    let torn: Result<Vec<_>, _> = PlanReader::new(cut).unwrap().collect();
    assert!(torn.is_err());
    // No step before its predecessor's response was expected.
    for patient in &plan.patients {
        for pair in patient.steps.windows(2) {
            let expected_us = journey.steps[pair[0].0 as usize].expected_us;
            assert!(pair[1].1 >= pair[0].1 + expected_us);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_desk_sells_nothing_twice_even_to_the_careless() {
    let folder = TempDir::new().unwrap();
    let desk = Desk::start(Options::new(Database::Sqlite(folder.path().join("desk.sqlite")))).await.unwrap();
    let journey = shipped("fhir-naive", &["prepare.slots.repeat=5", "step.look.own_time=\"500 ms\""]);
    let plan = crowd_in_haste(&journey, 30, 50_000, (Arrivals::Poisson, 3), SPEED);
    let url = format!("http://{}/fhir", desk.address());
    let judged = send_to(&url, &journey, plan).await;
    desk.stop().await.unwrap();

    let statistics = &judged.record.statistics;
    let book = statistics.steps.iter().find(|step| step.name == "book").unwrap();
    assert!(
        book.refused.get("taken").is_some_and(|&count| count > 0),
        "nobody met anybody: {:?}",
        book.refused
    );
    assert_eq!(statistics.oversold_count, 0);

    let asked = Threshold::parse("p99 <= 1 min and violations = 0").unwrap();
    let (report, _) = RunReport::new(judged.record, url, judged.report, &asked);
    let validator = jsonschema::validator_for(&RunReport::json_schema()).unwrap();
    let document = report.to_json();
    let mistakes: Vec<String> = validator.iter_errors(&document).map(|error| error.to_string()).collect();
    assert!(mistakes.is_empty(), "the report is not as its schema says: {mistakes:?}");
    assert_eq!(document["outcome"], "holds", "{document}");
}

/// A server that answers one TLS connection with the number of each request.
fn secure_server(folder: &std::path::Path) -> (std::net::SocketAddr, std::path::PathBuf) {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let ca = folder.join("ca.pem");
    std::fs::write(&ca, made.cert.pem()).unwrap();
    let key = rustls::pki_types::PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key.into())
        .unwrap();
    let config = Arc::new(config);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for socket in listener.incoming() {
            let connection = rustls::ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = rustls::StreamOwned::new(connection, socket.unwrap());
            // A thread each: the first connection stays open while others come.
            std::thread::spawn(move || {
                let mut number = 0;
                let mut bytes = [0; 4096];
                while let Ok(count) = stream.read(&mut bytes)
                    && count > 0
                {
                    number += 1;
                    let body = format!("{number}");
                    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
                    if stream.write_all(head.as_bytes()).is_err() {
                        break;
                    }
                }
            });
        }
    });
    (address, ca)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tls_is_spoken_to_whom_is_trusted_and_connections_are_used_again() {
    let folder = TempDir::new().unwrap();
    let (address, ca) = secure_server(folder.path());
    let target = Target::parse(&format!("https://localhost:{}", address.port()), &[]).unwrap();
    let transport = HttpTransport::new(target.clone(), Vec::new(), Some(&ca), false).unwrap();
    for number in ["1", "2", "3"] {
        let answer = transport.send(get("/")).await.unwrap();
        assert_eq!((answer.status(), answer.body()), (200, number.as_bytes()));
    }
    let other = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let wrong = folder.path().join("other.pem");
    std::fs::write(&wrong, other.cert.pem()).unwrap();
    let transport = HttpTransport::new(target.clone(), Vec::new(), Some(&wrong), false).unwrap();
    assert!(matches!(transport.send(get("/")).await, Err(SendFailure::NotSent(_))));
    let absent = folder.path().join("absent.pem");
    let error = HttpTransport::new(target, Vec::new(), Some(&absent), false).unwrap_err();
    assert!(error.to_string().contains("absent.pem"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_takes_few_requests_on_a_connection_gets_more_connections() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let connection_count = Arc::new(AtomicUsize::new(0));
    let counting = Arc::clone(&connection_count);
    // Nobody is answered before all are there: a client that kept one back would wait for ever.
    let all_there = Arc::new(tokio::sync::Barrier::new(7));
    tokio::spawn(async move {
        loop {
            let (socket, _) = listener.accept().await.unwrap();
            counting.fetch_add(1, Ordering::Relaxed);
            let all_there = Arc::clone(&all_there);
            let answer = hyper::service::service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
                let all_there = Arc::clone(&all_there);
                async move {
                    if request.uri().path() != "/first" {
                        all_there.wait().await;
                    }
                    Ok::<_, std::io::Error>(hyper::Response::new(Full::new(Bytes::from("well"))))
                }
            });
            let mut builder = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
            builder.max_concurrent_streams(2);
            tokio::spawn(builder.serve_connection(TokioIo::new(socket), answer));
        }
    });
    let transport = HttpTransport::new(Target::parse(&url, &[]).unwrap(), Vec::new(), None, true).unwrap();
    transport.send(get("/first")).await.unwrap();
    let all: Vec<_> = (0..7)
        .map(|_| {
            let transport = transport.clone();
            tokio::spawn(async move { transport.send(get("/")).await })
        })
        .collect();
    for one in all {
        let answer =
            tokio::time::timeout(Duration::from_secs(10), one).await.expect("a request was kept back");
        assert_eq!(answer.unwrap().unwrap().body(), b"well");
    }
    assert_eq!(connection_count.load(Ordering::Relaxed), 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn http_2_carries_many_requests_on_one_connection() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let connections = Arc::new(Mutex::new(Vec::new()));
    let made = Arc::clone(&connections);
    tokio::spawn(async move {
        loop {
            let (socket, _) = listener.accept().await.unwrap();
            let answer =
                hyper::service::service_fn(|request: hyper::Request<hyper::body::Incoming>| async move {
                    tokio::time::sleep(Duration::from_millis(30)).await;
                    if request.uri().path() == "/broken" {
                        return Err(std::io::Error::other("broken off"));
                    }
                    let body = format!("{:?} {}", request.version(), request.uri().path());
                    Ok(hyper::Response::new(Full::new(Bytes::from(body))))
                });
            let serving = hyper::server::conn::http2::Builder::new(TokioExecutor::new())
                .serve_connection(TokioIo::new(socket), answer);
            made.lock().unwrap().push(tokio::spawn(serving));
        }
    });
    let transport = HttpTransport::new(Target::parse(&url, &[]).unwrap(), Vec::new(), None, true).unwrap();
    let many: Vec<_> = (0..50)
        .map(|number| {
            let transport = transport.clone();
            tokio::spawn(async move { transport.send(get(&format!("/{number}"))).await.unwrap() })
        })
        .collect();
    for (number, answer) in many.into_iter().enumerate() {
        assert_eq!(answer.await.unwrap().body(), format!("HTTP/2.0 /{number}").as_bytes());
    }
    let broken = transport.send(get("/broken")).await.unwrap_err();
    assert!(matches!(broken, SendFailure::Broken(_)), "{broken}");
    assert_eq!(connections.lock().unwrap().len(), 1);
    connections.lock().unwrap()[0].abort();
    // Whoever meets the connection at its end is told so; whoever comes then has a new one.
    let again = loop {
        match transport.send(get("/again")).await {
            Err(SendFailure::Broken(_)) => {}
            other => break other.unwrap(),
        }
    };
    assert_eq!(again.body(), b"HTTP/2.0 /again");
    assert_eq!(connections.lock().unwrap().len(), 2);
}
