//! Pacing by a timer of the kernel: tokio's timer wheel is a millisecond late at the median, which a load test would report
//! as the server's latency, and a thread that spins costs more than the load.
//!
//! The timer is a file among the sockets of the same reactor, so that a due patient is woken where it runs: no other thread,
//! no hand-over, no processor time while nothing is due.

use super::clock::Clock;
use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create, timerfd_settime,
};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::future::Future;
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};
use tokio::net::unix::pipe::Receiver;
use tokio::task::AbortHandle;

struct Waiting {
    at: Instant,
    number: u64,
    waker: Waker,
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

/// Who waits for what, and when the timer is to go off.
#[derive(Default)]
struct Agenda {
    waiting: BinaryHeap<Reverse<Waiting>>,
    number: u64,
    armed_for: Option<Instant>,
}

struct Pacer {
    agenda: Mutex<Agenda>,
    /// A file that is ready as a pipe is.
    timer: Receiver,
}

impl std::fmt::Debug for Pacer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pacer").finish_non_exhaustive()
    }
}

impl Pacer {
    fn agenda(&self) -> MutexGuard<'_, Agenda> {
        self.agenda.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets the timer to the first instant on the agenda, if that is not what it is set to.
    fn arm(&self, agenda: &mut Agenda) -> io::Result<()> {
        let first_at = agenda.waiting.peek().map(|Reverse(first)| first.at);
        let Some(at) = first_at.filter(|at| agenda.armed_for.is_none_or(|armed_for| *at < armed_for)) else {
            return Ok(());
        };
        agenda.armed_for = Some(at);
        // Nothing at all would disarm it.
        let left = at.saturating_duration_since(Instant::now()).max(Duration::from_nanos(1));
        let it_interval = Timespec { tv_sec: 0, tv_nsec: 0 };
        let it_value = Timespec { tv_sec: left.as_secs().cast_signed(), tv_nsec: left.subsec_nanos().into() };
        let setting = Itimerspec { it_interval, it_value };
        timerfd_settime(&self.timer, TimerfdTimerFlags::empty(), &setting)?;
        Ok(())
    }

    /// Wakes whoever is due, again and again.
    async fn pace(&self) -> io::Result<()> {
        loop {
            self.timer.readable().await?;
            // Nobody reads how often it went off: setting it anew makes it forget. To be told of the next time it is
            // enough that this one was seen.
            let _: io::Result<()> = self.timer.try_io(|| Err(ErrorKind::WouldBlock.into()));
            let mut due = Vec::new();
            {
                let mut agenda = self.agenda();
                agenda.armed_for = None;
                let now = Instant::now();
                while agenda.waiting.peek().is_some_and(|Reverse(first)| first.at <= now) {
                    due.extend(agenda.waiting.pop().map(|Reverse(waiting)| waiting.waker));
                }
                self.arm(&mut agenda)?;
            }
            due.into_iter().for_each(Waker::wake);
        }
    }
}

/// A clock whose waits end within microseconds of an idle processor. What drives it ends with its last clone.
#[derive(Clone, Debug)]
pub struct PacedClock {
    origin: Instant,
    pacer: Arc<Pacer>,
    _driver: Arc<Driver>,
}

#[derive(Debug)]
struct Driver(AbortHandle);

impl Drop for Driver {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl PacedClock {
    /// A run that starts after `lead_time`, so that the first requests can be made ready. To be called within the runtime
    /// that sends.
    ///
    /// # Errors
    /// When the system gives no timer.
    pub fn start(lead_time: Duration) -> io::Result<PacedClock> {
        let timer =
            timerfd_create(TimerfdClockId::Monotonic, TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC)?;
        let pacer =
            Arc::new(Pacer { agenda: Mutex::default(), timer: Receiver::from_owned_fd_unchecked(timer)? });
        let driving = Arc::clone(&pacer);
        // A timer that cannot be read or set is a broken system: nobody would ever be woken.
        let driver = tokio::spawn(async move { driving.pace().await.expect("the kernel's timer works") });
        let driver = Arc::new(Driver(driver.abort_handle()));
        Ok(PacedClock { origin: Instant::now() + lead_time, pacer, _driver: driver })
    }
}

impl Clock for PacedClock {
    fn now_us(&self) -> u64 {
        Instant::now().saturating_duration_since(self.origin).as_micros() as u64
    }

    async fn wait_until(&self, at_us: u64) {
        Wait { at: self.origin + Duration::from_micros(at_us), pacer: &self.pacer, listed: None }.await;
    }
}

/// A wait for an instant. One that is dropped before stays on the agenda and wakes nobody.
struct Wait<'p> {
    at: Instant,
    pacer: &'p Pacer,
    listed: Option<Waker>,
}

impl Future for Wait<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.at <= Instant::now() {
            return Poll::Ready(());
        }
        if !self.listed.as_ref().is_some_and(|waker| waker.will_wake(context.waker())) {
            self.listed = Some(context.waker().clone());
            let mut agenda = self.pacer.agenda();
            let number = agenda.number;
            agenda.number += 1;
            agenda.waiting.push(Reverse(Waiting { at: self.at, number, waker: context.waker().clone() }));
            self.pacer.arm(&mut agenda).expect("the kernel's timer works");
        }
        Poll::Pending
    }
}
