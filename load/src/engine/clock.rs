//! The engine's clock: instants in µs from the start of the run.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;
use tokio::time::Instant;

/// Tells the time of a run and waits for instants of it.
pub trait Clock: Clone + Send + Sync + 'static {
    /// µs since the start of the run; 0 before it.
    fn now_us(&self) -> u64;

    /// Waits until an instant; at once when it is past.
    fn wait_until(&self, at_us: u64) -> impl Future<Output = ()> + Send;

    /// What a future gives, or nothing when that takes longer than `time_us`.
    fn within<F>(&self, time_us: u64, future: F) -> impl Future<Output = Option<F::Output>> + Send
    where
        F: Future<Output: Send> + Send,
    {
        async move {
            let mut over = pin!(self.wait_until(self.now_us().saturating_add(time_us)));
            let mut future = pin!(future);
            poll_fn(|context| match future.as_mut().poll(context) {
                Poll::Ready(output) => Poll::Ready(Some(output)),
                Poll::Pending => over.as_mut().poll(context).map(|()| None),
            })
            .await
        }
    }
}

/// A clock on tokio's timer: up to a millisecond late, so good for paused time only.
#[derive(Clone, Copy, Debug)]
pub struct TimerClock {
    origin: Instant,
}

impl TimerClock {
    /// A run that starts now.
    pub fn start() -> TimerClock {
        TimerClock { origin: Instant::now() }
    }
}

impl Clock for TimerClock {
    fn now_us(&self) -> u64 {
        self.origin.elapsed().as_micros() as u64
    }

    async fn wait_until(&self, at_us: u64) {
        if at_us > self.now_us() {
            tokio::time::sleep_until(self.origin + Duration::from_micros(at_us)).await;
        }
    }
}
