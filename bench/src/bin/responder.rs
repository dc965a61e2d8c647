//! Answers every request over HTTP with the same few bytes and counts it: what load generators are measured against.
//!
//! `responder [--http2] [--hold SECONDS]` prints its address and answers until its standard input closes; then it prints how
//! many requests it answered. With `--hold` every answer is kept back for so long.

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use std::error::Error;
use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};

const BODY: &[u8] = br#"{"status":"free","place_count":1}"#;

#[derive(Clone, Copy, Default)]
struct Manner {
    speaks_http2: bool,
    hold_time: Duration,
}

fn manner(mut words: impl Iterator<Item = String>) -> Result<Manner, Box<dyn Error>> {
    let mut manner = Manner::default();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--http2" => manner.speaks_http2 = true,
            "--hold" => {
                let seconds = words.next().ok_or("--hold needs a number of seconds")?;
                manner.hold_time = Duration::from_secs_f64(seconds.parse()?);
            }
            other => return Err(format!("`{other}`; accepted: --http2, --hold SECONDS").into()),
        }
    }
    Ok(manner)
}

fn main() -> Result<(), Box<dyn Error>> {
    let manner = manner(std::env::args().skip(1))?;
    let count = Arc::new(AtomicU64::new(0));
    let counting = Arc::clone(&count);
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("the system gives no reactor").block_on(answer_all(manner, counting))
    });
    std::io::stdin().read_to_end(&mut Vec::new())?;
    println!("{}", count.load(Ordering::Relaxed));
    Ok(())
}

async fn answer_all(manner: Manner, count: Arc<AtomicU64>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("no address on this machine");
    println!("http://{}", listener.local_addr().expect("a listener has an address"));
    loop {
        match listener.accept().await {
            Ok((socket, _)) => {
                tokio::spawn(serve(socket, manner, Arc::clone(&count)));
            }
            // Out of descriptors: the generator may close some.
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}

async fn serve(socket: TcpStream, manner: Manner, count: Arc<AtomicU64>) {
    // A connection that the generator breaks is its own to report.
    let _ = socket.set_nodelay(true);
    let service = service_fn(move |request: Request<Incoming>| answer(request, manner, Arc::clone(&count)));
    let socket = TokioIo::new(socket);
    if manner.speaks_http2 {
        let mut builder = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
        builder.timer(TokioTimer::new()).max_concurrent_streams(None);
        let _ = builder.serve_connection(socket, service).await;
    } else {
        let _ = hyper::server::conn::http1::Builder::new().serve_connection(socket, service).await;
    }
}

async fn answer(
    request: Request<Incoming>,
    manner: Manner,
    count: Arc<AtomicU64>,
) -> Result<Response<Full<Bytes>>, hyper::Error> {
    request.into_body().collect().await?;
    count.fetch_add(1, Ordering::Relaxed);
    if !manner.hold_time.is_zero() {
        tokio::time::sleep(manner.hold_time).await;
    }
    let mut answer = Response::new(Full::new(Bytes::from_static(BODY)));
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(answer)
}
