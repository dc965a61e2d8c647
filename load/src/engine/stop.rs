//! Stopping a run: one switch, and the patients who are to hear of it.

use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

#[derive(Debug, Default)]
struct Switch {
    is_thrown: AtomicBool,
    listeners: Mutex<Listeners>,
}

#[derive(Debug, Default)]
struct Listeners {
    wakers: BTreeMap<u64, Waker>,
    count: u64,
}

impl Switch {
    fn listeners(&self) -> MutexGuard<'_, Listeners> {
        self.listeners.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Stops a run.
#[derive(Clone, Debug)]
pub struct StopHandle(Arc<Switch>);

/// Whether a run is to stop.
#[derive(Clone, Debug)]
pub struct Stop(Arc<Switch>);

impl Stop {
    /// Not stopped yet, and the handle that stops it.
    pub fn new() -> (StopHandle, Stop) {
        let switch = Arc::new(Switch::default());
        (StopHandle(Arc::clone(&switch)), Stop(switch))
    }

    /// Stops what this is about.
    pub(super) fn handle(&self) -> StopHandle {
        StopHandle(Arc::clone(&self.0))
    }

    pub(super) fn listener(&self) -> Listener {
        Listener { switch: Arc::clone(&self.0), listed: None }
    }
}

impl StopHandle {
    /// Stops: requests in flight are given up as of unknown outcome, patients go home.
    pub fn stop(&self) {
        self.0.is_thrown.store(true, Ordering::SeqCst);
        let wakers = std::mem::take(&mut self.0.listeners().wakers);
        wakers.into_values().for_each(Waker::wake);
    }

    /// Whether it was stopped.
    pub fn is_stopped(&self) -> bool {
        self.0.is_thrown.load(Ordering::SeqCst)
    }
}

/// Somebody who is woken by the stop. Listed once, however often it is asked, as long as the same task asks.
#[derive(Debug)]
pub(super) struct Listener {
    switch: Arc<Switch>,
    listed: Option<(u64, Waker)>,
}

impl Listener {
    /// Ready when the run is stopped; otherwise the task is woken when it will be.
    pub(super) fn poll(&mut self, context: &Context<'_>) -> Poll<()> {
        if !self.listed.as_ref().is_some_and(|(_, waker)| waker.will_wake(context.waker())) {
            let mut listeners = self.switch.listeners();
            let number = self.listed.take().map_or(listeners.count, |(number, _)| number);
            listeners.count = listeners.count.max(number + 1);
            listeners.wakers.insert(number, context.waker().clone());
            self.listed = Some((number, context.waker().clone()));
        }
        // Looked at last: a stop in between has woken the waker just listed, or is seen here.
        if self.switch.is_thrown.load(Ordering::SeqCst) { Poll::Ready(()) } else { Poll::Pending }
    }

    /// What a future gives, or nothing when the run is stopped before.
    pub(super) async fn unless_stopped<F: Future>(&mut self, future: F) -> Option<F::Output> {
        let mut future = pin!(future);
        poll_fn(|context| match self.poll(context) {
            Poll::Ready(()) => Poll::Ready(None),
            Poll::Pending => future.as_mut().poll(context).map(Some),
        })
        .await
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        if let Some((number, _)) = self.listed {
            self.switch.listeners().wakers.remove(&number);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn whoever_listens_is_woken_and_whoever_left_is_forgotten() {
        let (handle, stop) = Stop::new();
        let mut gone = stop.listener();
        assert!(poll_fn(|context| Poll::Ready(gone.poll(context))).await.is_pending());
        drop(gone);
        let waiting: Vec<_> = (0..3)
            .map(|_| {
                let mut listener = stop.listener();
                tokio::spawn(async move { poll_fn(|context| listener.poll(context)).await })
            })
            .collect();
        tokio::task::yield_now().await;
        assert_eq!(stop.0.listeners().wakers.len(), 3);
        handle.stop();
        for task in waiting {
            task.await.unwrap();
        }
        assert!(handle.is_stopped() && stop.0.listeners().wakers.is_empty());
    }
}
