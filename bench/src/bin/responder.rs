//! Answers every request over HTTP with the same few bytes and counts it: what load generators are measured against.
//!
//! `responder [--http2] [--hold SECONDS] [--stall PERIOD,LENGTH] [--delays FILE [--one-worker]] [--stamps FILE]` prints its
//! address and answers until its standard input closes; then it prints how many requests it answered. With `--hold` every
//! answer is kept back for so long. With `--stall` it stands still for the first LENGTH seconds of every PERIOD of the system's
//! monotonic clock. With `--delays` the answer to `/17` is kept back for as many µs as line 17 of the file says (the first is
//! line 0); with `--one-worker` that is how long it takes of one worker, who serves in the order of arrival. With `--stamps` it
//! writes at the end, for each request, its path and when it came and was answered, in µs of the same clock.

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use onetrip_load::session::ask_for_short_slices;
use rustix::time::{
    ClockId, Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, clock_gettime,
    timerfd_create, timerfd_settime,
};
use std::error::Error;
use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::unix::pipe::Receiver;
use tokio::net::{TcpListener, TcpStream};

const BODY: &[u8] = br#"{"status":"free","place_count":1}"#;

#[derive(Clone, Default)]
struct Manner {
    speaks_http2: bool,
    hold_time: Duration,
    /// How often it stands still, and for how long.
    stall: Option<(Duration, Duration)>,
    /// How long the answer to each path takes.
    delays: Vec<Duration>,
    has_one_worker: bool,
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
    count: AtomicU64,
    /// When the one worker will have served all who came.
    free_at: Mutex<Duration>,
    stamps: Mutex<Vec<Stamps>>,
}

/// The system's monotonic clock.
fn now() -> Duration {
    clock_gettime(ClockId::Monotonic).try_into().expect("that clock counts from a start of the machine")
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
            "--delays" => {
                let lines = std::fs::read_to_string(value()?)?;
                let delays: Result<_, _> =
                    lines.lines().map(|line| line.parse().map(Duration::from_micros)).collect();
                manner.delays = delays?;
            }
            "--one-worker" => manner.has_one_worker = true,
            "--stamps" => manner.stamps = Some(value()?.into()),
            other => {
                let accepted = "--http2, --hold SECONDS, --stall PERIOD,LENGTH, --delays FILE, --one-worker, --stamps FILE";
                return Err(format!("`{other}`; accepted: {accepted}").into());
            }
        }
    }
    Ok(manner)
}

fn main() -> Result<(), Box<dyn Error>> {
    let manner = manner(std::env::args().skip(1))?;
    let (count, free_at, stamps) = (AtomicU64::new(0), Mutex::default(), Mutex::default());
    let desk = Arc::new(Desk { manner, count, free_at, stamps });
    let open = Arc::clone(&desk);
    std::thread::spawn(move || {
        // Or it would be late by the milliseconds that others are in, and be measured for it.
        ask_for_short_slices();
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

/// Until an instant of the monotonic clock, by a timer of the kernel: the runtime's own is a millisecond late, and who spins
/// takes the processor from those who are measured.
async fn stand_still(until: Duration) -> io::Result<()> {
    let timer = timerfd_create(TimerfdClockId::Monotonic, TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC)?;
    let it_interval = Timespec { tv_sec: 0, tv_nsec: 0 };
    let it_value = Timespec { tv_sec: until.as_secs().cast_signed(), tv_nsec: until.subsec_nanos().into() };
    timerfd_settime(&timer, TimerfdTimerFlags::ABSTIME, &Itimerspec { it_interval, it_value })?;
    // A file that is ready as a pipe is.
    Receiver::from_owned_fd_unchecked(timer)?.readable().await
}

impl Desk {
    /// When a request is to be answered that came at an instant; `None` for at once.
    fn answered_at(&self, path: &str, arrived: Duration) -> Option<Duration> {
        if let Some((period, length)) = self.manner.stall {
            let phase = Duration::from_nanos((arrived.as_nanos() % period.as_nanos()) as u64);
            return (phase < length).then(|| arrived - phase + length);
        }
        let number = path.strip_prefix('/').and_then(|number| number.parse::<usize>().ok())?;
        let delay = *self.manner.delays.get(number)?;
        if !self.manner.has_one_worker {
            return Some(arrived + delay);
        }
        let mut free_at = self.free_at.lock().expect("nobody panics with it");
        *free_at = arrived.max(*free_at) + delay;
        Some(*free_at)
    }
}

async fn answer(request: Request<Incoming>, desk: Arc<Desk>) -> Result<Response<Full<Bytes>>, hyper::Error> {
    let arrived = now();
    let answered_at = desk.answered_at(request.uri().path(), arrived);
    let path = desk.manner.stamps.is_some().then(|| request.uri().path().to_owned());
    request.into_body().collect().await?;
    desk.count.fetch_add(1, Ordering::Relaxed);
    if !desk.manner.hold_time.is_zero() {
        tokio::time::sleep(desk.manner.hold_time).await;
    }
    if let Some(answered_at) = answered_at {
        stand_still(answered_at).await.expect("the kernel's timer works");
    }
    if let Some(path) = path {
        desk.stamps.lock().expect("nobody panics with it").push(Stamps { path, arrived, answered: now() });
    }
    let mut answer = Response::new(Full::new(Bytes::from_static(BODY)));
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(answer)
}
