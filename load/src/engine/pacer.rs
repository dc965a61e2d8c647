//! Pacing by one thread of the operating system: tokio's timer wheel is a millisecond late at the median, which a load
//! test would report as the server's latency.

use super::clock::Clock;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// Before this time to an instant the thread sleeps, within it it spins.
const SPIN_TIME: Duration = Duration::from_micros(100);

struct Waiting {
    at: Instant,
    number: u64,
    wake: oneshot::Sender<()>,
}

impl PartialEq for Waiting {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

impl Eq for Waiting {}

impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Waiting {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, self.number).cmp(&(other.at, other.number))
    }
}

/// A clock whose waits end within microseconds. Its thread ends with its last clone.
#[derive(Clone, Debug)]
pub struct PacedClock {
    origin: Instant,
    requests: Sender<(Instant, oneshot::Sender<()>)>,
}

impl PacedClock {
    /// A run that starts after `lead_time`, so that the first requests can be made ready.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(lead_time: Duration) -> std::io::Result<PacedClock> {
        let (requests, received) = mpsc::channel();
        std::thread::Builder::new().name("pacer".to_owned()).spawn(move || pace(&received))?;
        Ok(PacedClock { origin: Instant::now() + lead_time, requests })
    }
}

impl Clock for PacedClock {
    fn now_us(&self) -> u64 {
        Instant::now().saturating_duration_since(self.origin).as_micros() as u64
    }

    async fn wait_until(&self, at_us: u64) {
        let at = self.origin + Duration::from_micros(at_us);
        if at <= Instant::now() {
            return;
        }
        let (wake, woken) = oneshot::channel();
        if self.requests.send((at, wake)).is_ok() {
            // The thread drops no waker before it fires; a closed channel means that the process ends.
            let _ = woken.await;
        }
    }
}

fn pace(requests: &mpsc::Receiver<(Instant, oneshot::Sender<()>)>) {
    let mut agenda: BinaryHeap<Reverse<Waiting>> = BinaryHeap::new();
    let mut number = 0;
    loop {
        let now = Instant::now();
        while agenda.peek().is_some_and(|Reverse(next)| next.at <= now) {
            if let Some(Reverse(due)) = agenda.pop() {
                // Whoever waited may have been stopped.
                let _ = due.wake.send(());
            }
        }
        let next_at = agenda.peek().map(|Reverse(next)| next.at);
        let received = match next_at.map(|at| at.saturating_duration_since(Instant::now())) {
            None => requests.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(left) if left > SPIN_TIME => requests.recv_timeout(left - SPIN_TIME),
            Some(_) => match requests.try_recv() {
                Ok(request) => Ok(request),
                Err(mpsc::TryRecvError::Empty) => {
                    std::hint::spin_loop();
                    continue;
                }
                Err(mpsc::TryRecvError::Disconnected) => Err(RecvTimeoutError::Timeout),
            },
        };
        match received {
            Ok((at, wake)) => {
                agenda.push(Reverse(Waiting { at, number, wake }));
                number += 1;
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) if agenda.is_empty() => return,
            // Nobody can ask any more, but some still wait.
            Err(RecvTimeoutError::Disconnected) => std::thread::sleep(Duration::from_micros(50)),
        }
    }
}
