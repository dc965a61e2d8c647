//! Answers every request over HTTP with the same few bytes and counts it: what load generators are measured against.
//!
//! `responder [--http2] [--hold SECONDS] [--stall PERIOD,LENGTH] [--stamps FILE]` prints its address and answers until its
//! standard input closes; then it prints how many requests it answered. With `--hold` every answer is kept back for so long.
//! With `--stall` it stands still for the first LENGTH seconds of every PERIOD. With `--stamps` it writes at the end, for
//! each request, its path and when it came and was answered, in µs from its start.

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::net::{TcpListener, TcpStream};

const BODY: &[u8] = br#"{"status":"free","place_count":1}"#;

#[derive(Clone, Default)]
struct Manner {
    speaks_http2: bool,
    hold_time: Duration,
    /// How often it stands still, and for how long.
    stall: Option<(Duration, Duration)>,
    stamps: Option<PathBuf>,
}

/// One request: its path, when it came and when it was answered.
struct Stamps {
    path: String,
    arrived: Duration,
    answered: Duration,
}

/// What all connections share.
struct Desk {
    manner: Manner,
    opened_at: Instant,
    count: AtomicU64,
    stamps: Mutex<Vec<Stamps>>,
}

fn seconds(text: &str) -> Result<Duration, Box<dyn Error>> {
    Ok(Duration::try_from_secs_f64(text.parse()?)?)
}

fn manner(mut words: impl Iterator<Item = String>) -> Result<Manner, Box<dyn Error>> {
    let mut manner = Manner::default();
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or(format!("{word} needs a value"));
        match word.as_str() {
            "--http2" => manner.speaks_http2 = true,
            "--hold" => manner.hold_time = seconds(&value()?)?,
            "--stall" => {
                let value = value()?;
                let (period, length) = value.split_once(',').ok_or("--stall needs PERIOD,LENGTH")?;
                manner.stall = Some((seconds(period)?, seconds(length)?));
            }
            "--stamps" => manner.stamps = Some(value()?.into()),
            other => {
                let accepted = "--http2, --hold SECONDS, --stall PERIOD,LENGTH, --stamps FILE";
                return Err(format!("`{other}`; accepted: {accepted}").into());
            }
        }
    }
    Ok(manner)
}

fn main() -> Result<(), Box<dyn Error>> {
    let manner = manner(std::env::args().skip(1))?;
    let (opened_at, count, stamps) = (Instant::now(), AtomicU64::new(0), Mutex::default());
    let desk = Arc::new(Desk { manner, opened_at, count, stamps });
    let open = Arc::clone(&desk);
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("the system gives no reactor").block_on(answer_all(open))
    });
    std::io::stdin().read_to_end(&mut Vec::new())?;
    println!("{}", desk.count.load(Ordering::Relaxed));
    if let Some(path) = &desk.manner.stamps {
        let mut file = BufWriter::new(File::create(path)?);
        for one in desk.stamps.lock().expect("nobody panics with it").iter() {
            writeln!(file, "{} {} {}", one.path, one.arrived.as_micros(), one.answered.as_micros())?;
        }
        file.flush()?;
    }
    Ok(())
}

async fn answer_all(desk: Arc<Desk>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("no address on this machine");
    println!("http://{}", listener.local_addr().expect("a listener has an address"));
    loop {
        match listener.accept().await {
            Ok((socket, _)) => {
                tokio::spawn(serve(socket, Arc::clone(&desk)));
            }
            // Out of descriptors: the generator may close some.
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}

async fn serve(socket: TcpStream, desk: Arc<Desk>) {
    // A connection that the generator breaks is its own to report.
    let _ = socket.set_nodelay(true);
    let speaks_http2 = desk.manner.speaks_http2;
    let service = service_fn(move |request: Request<Incoming>| answer(request, Arc::clone(&desk)));
    let socket = TokioIo::new(socket);
    if speaks_http2 {
        let mut builder = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
        builder.timer(TokioTimer::new()).max_concurrent_streams(None);
        let _ = builder.serve_connection(socket, service).await;
    } else {
        let _ = hyper::server::conn::http1::Builder::new().serve_connection(socket, service).await;
    }
}

/// Until an instant, not a millisecond later as a timer would have it.
async fn stand_still(until: Instant) {
    tokio::time::sleep_until((until - Duration::from_millis(2)).into()).await;
    while Instant::now() < until {
        tokio::task::yield_now().await;
    }
}

async fn answer(request: Request<Incoming>, desk: Arc<Desk>) -> Result<Response<Full<Bytes>>, hyper::Error> {
    let arrived = desk.opened_at.elapsed();
    let path = desk.manner.stamps.is_some().then(|| request.uri().path().to_owned());
    request.into_body().collect().await?;
    desk.count.fetch_add(1, Ordering::Relaxed);
    if !desk.manner.hold_time.is_zero() {
        tokio::time::sleep(desk.manner.hold_time).await;
    }
    if let Some((period, length)) = desk.manner.stall {
        let phase = Duration::from_nanos((arrived.as_nanos() % period.as_nanos()) as u64);
        if phase < length {
            stand_still(desk.opened_at + arrived - phase + length).await;
        }
    }
    if let Some(path) = path {
        let answered = desk.opened_at.elapsed();
        desk.stamps.lock().expect("nobody panics with it").push(Stamps { path, arrived, answered });
    }
    let mut answer = Response::new(Full::new(Bytes::from_static(BODY)));
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(answer)
}
